"""Whether a line that seems to be wrong is: meant in another way, or open because of what words may say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from flint import fmpq
from sympy import Add, Expr, Indexed, Integer, Rational, Symbol

from symdl.check.basis import is_mean, letters_in
from symdl.check.context import Context
from symdl.check.demands import derivable
from symdl.check.dependence import is_at_node
from symdl.check.doubting import NEITHER
from symdl.check.doubts import (
    ELSEWHERE,
    FIXED,
    LATER,
    MIXED,
    PREMISE,
    QUALIFIED,
    ROUGH,
    SETTLED,
    SHAPES,
    SUPPOSED,
    UNITS,
    WHOLE,
    are_shapes,
    holds_fixed,
    is_elsewhere,
    is_later,
    is_rough,
    mixes_units,
    names_a_distribution,
    names_plainly,
    speaks_of_moments,
    speaks_of_whole,
    supposes,
)
from symdl.check.enclosures import enclosed
from symdl.check.fair import CHANCE
from symdl.check.introducing import (
    announces_step,
    demands_a_zero,
    ends_with_place,
    equates,
    is_telling,
    leading,
    says_that_vanishes,
)
from symdl.check.letters import is_spoken_of, letters_of
from symdl.check.meant import WHETHER, Meant, bare, has_value, within_step
from symdl.check.question import Question
from symdl.check.running import SECOND, Line, Run, judged
from symdl.check.settings import holds_in_every_case
from symdl.check.sides import Sides
from symdl.check.slips import slip_in
from symdl.check.solving import ANOTHER
from symdl.check.witnesses import as_said
from symdl.check.words import inline_formulas
from symdl.judge.decision import ONE_SIDED
from symdl.language import (
    D,
    DPlus,
    Sigma,
    as_fmpq,
    family,
    free_symbols,
    holds_derivative,
    index,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    quantities,
    scalar,
    subterms,
    walk,
)
from symdl.problem import Decision, Givens, Relation

_NAMED = re.compile(r"[,;](?:\s|\\q?quad|\\[,;: ])*\\(?:text|textbf|mbox|textrm)\{[^{}]*[A-Za-z]")
_WORKED = re.compile(r"\d\.\d|\d\s*(?:\\cdot|\\times|[-+*/])|\\frac")
_GIVES = re.compile(r"\b(?:figure|fig\.|table|values?|numbers? (?:are|is)|example|data set|dataset)\b", re.IGNORECASE)
"""What may lead to numbers that stand elsewhere."""
_SINGLE = re.compile(
    r"\b(?:one|single|per|each|stochastic|online)\s+(?:[\w-]+\s+)?(?:samples?|examples?|patterns?|(?:data )?points?"
    r"|inputs?|observations?|update|gradient|step)\b|\$\s*[A-Za-z]\w*\s*=\s*1\s*\$",
    re.IGNORECASE,
)
"""What may say that there is one member of a family."""
_TOTAL = re.compile(r"\\[dt]?frac\s*\{\s*(?:\\mathrm\s*\{\s*d\s*\}|d(?![_^]))")
"""Begins a derivative that is written as one through all quantities."""
_IF = re.compile(r"\b(?:if|when|whenever|suppose|assume|assuming|provided)\b", re.IGNORECASE)
_OPERATION = re.compile(r"\d[\s)}]*(?:\\cdot|\\times|[-+*/])|\\frac")
_FRACTION = re.compile(r"^\s*-?\s*(?:\\[dt]?frac\s*\{\s*-?[\d.]+\s*\}\s*\{\s*[\d.]+\s*\}|[\d.]+\s*/\s*[\d.]+)\s*$")
"""A single fraction of numbers, which is how a number is written."""

_APART = (
    r"\$\s*{0}\s*(?:\\not\s*\\in\b|\\notin\b|∉)"
    r"|\$\s*{0}\s*\$\s+(?:is\s+(?:none|not\s+(?:one|any|among|in))|does\s+not\s+(?:occur|appear|belong)|differs)\b"
    r"|\b(?:different|distinct|other)\s+(?:from|than)\s+(?:the\s+\w+\s+)?\$\s*{0}\s*\$"
)
"""That the letter in a place of the pattern is none of those over which a sum runs."""
_SUMMAND = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[-+]")
MAX_CASES = 12
"""In how many cases a line without words is tried that seems to be wrong."""

LIMIT = "whether a name without its index is that of the limit is not said"
IMMEDIATE = "it is the derivative at this node alone: the variable acts through other quantities as well"
DISTRIBUTED = "how what is random is distributed is said in words that are not read here"
ONE_STEP = "whether it is the share of one step, and of which, is not said in a way that is read here"
IN_WORDS = "what stands left of it is in words"
ALONG = "whether it is taken along its argument, which moves, is not said in a way that is read here"
VALUES = "at which values is not said in a way that is read here"


class _Refuted(NamedTuple):
    """A relation of a line that is refuted, with its place in the line and what was said of it."""

    run: Run
    question: Question
    asked: Sides
    n: int
    line: Line


class Meanings(Meant):
    """Takes a line for what its author meant, or says why it is open whether it fails."""

    def spared(self, run: Run, question: Question, asked: Sides, n: int, line: Line) -> Line:
        """A line that seems to be wrong, in what else its author can have meant; undecided where that is open."""
        line = self._stationary(run, question, asked, n) or self._at_points(run, question, asked) or line
        says_all = self.beside is not None and holds_in_every_case(self.beside)
        if line.verdict == "undecided" and not says_all:
            return self.at_its_place(run, question, asked, line)
        meanings = (self._with_held, self._as_one_number, self._of_constants, self._after_updates, self._with_roots)
        cases = (self._in_the_case, self._in_a_branch, self._under_asides, self._in_some_case)
        for found in meanings if says_all else (*meanings, *cases):
            line = found(run, question, asked) or line if line.verdict == "wrong" else line
        # What has no value at all has none in any case.
        if line.verdict == "wrong" and n == 0 and not line.decision.reason.endswith(ONE_SIDED):
            line = self._of_one_case(run, question, asked) or line
        reason = self._doubt(_Refuted(run, question, asked, n, line)) if line.verdict == "wrong" else ""
        return Line("undecided", Decision("unknown", reason)) if reason else line

    def at_its_place(self, run: Run, question: Question, asked: Sides, line: Line) -> Line:
        """A line that is open, where it holds in the case, or at the place, of which the words before it speak."""
        told = self._under_asides(run, question, asked) or self._in_the_case(run, question, asked)
        return told if told is not None and told.verdict in ("proved", "rounded") else line

    def _doubt(self, refuted: _Refuted) -> str:
        """Why it is open whether a line fails; nothing where it is not."""
        reasons = (
            self._by_what_is_beside, self._by_what_was_said, self._by_what_goes_before, self._by_what_is_open,
            self._by_slopes, self._by_values, self._by_words,
        )  # fmt: skip
        return next(filter(None, (reason(refuted) for reason in reasons)), "")

    def _by_what_is_beside(self, refuted: _Refuted) -> str:
        """Whether the words beside a line, or what stands before it, leave open of what it speaks."""
        run, question, asked = refuted.run, refuted.question, refuted.asked
        left = asked.left
        is_first, beside = refuted.n == 0, self.beside
        if is_first and is_quantity(left) and beside is not None and is_elsewhere(beside):
            return ELSEWHERE
        if beside is not None and is_rough(beside):
            slip = slip_in(question, asked)
            # Who leaves something out leaves no sign out.
            return "" if slip is not None and slip.is_sign else ROUGH
        if run.before is not None and not run.conditions and supposes(run.before) and not _is_law(run):
            return SUPPOSED
        is_under = run.before is not None and not run.conditions and _IF.search(leading(run.before).text)
        if is_under and asked.sign in ("<=", ">=") and not question.is_excluded(asked):
            # Where its sides can be equal, a bound may be what the condition makes it.
            return NEITHER
        is_equated = run.before is not None and equates(run.before) and not says_that_vanishes(run.before)
        # What a name is, is said of it, whatever else the words before it equate.
        is_defined = question.context.givens.is_defined
        is_said = is_quantity(left) and is_defined(left) and not any(map(is_defined, quantities(asked.right)))
        is_said = is_said and bool(quantities(asked.right))
        is_equated = is_equated and not (is_said and run.before is not None and not ends_with_place(run.before))
        # What is solved there is the equation before, which the line does not follow from.
        is_equated = is_equated and not (question.concludes and ANOTHER in refuted.line.decision.reason)
        is_alone = run.before is None and not (run.claim.concludes or question.premises)
        is_alone = is_alone and question.basis.is_condition(left, asked.right)
        if is_first and refuted.line.decision.instance and (is_equated or is_alone):
            return NEITHER
        if not isinstance(left, D):
            return ""
        if self._is_told_of(question, left):
            return "on what it rests is said in words that are not read here"
        is_held = beside is not None and holds_fixed(beside) and not inline_formulas(beside.text)
        return FIXED if is_held else ""

    def _by_what_was_said(self, refuted: _Refuted) -> str:
        """Whether the first relation of a line may say anew what something is."""
        question, asked = refuted.question, refuted.asked
        if refuted.n:
            return ""
        if asked.sign == "=" and question.settles(asked.left, asked.right):
            return SETTLED
        if question.is_running and self._is_own(asked.left, question.context.givens):
            return f"{asked.left} was said to be something else before"
        if not refuted.run.conditions and self.beside is not None and names_plainly(self.beside):
            return VALUES
        if self._is_along(question, asked):
            return ALONG
        if self._is_renewed(question, asked):
            return SECOND
        return LIMIT if self._is_limit(question, asked) else ""

    def _by_what_goes_before(self, refuted: _Refuted) -> str:
        """Whether it is open what stands left of a relation, or to what it is equated."""
        run, question, asked, n = refuted.run, refuted.question, refuted.asked, refuted.n
        is_demanded = n == 0 or run.lines[-1].decision.reason == NEITHER
        if is_demanded and asked.sign == "=" and self._equates_slopes(run, question, asked):
            return NEITHER
        if n == 0 and self._counts(asked.left, question.context.givens):
            return "whether this is a power or the number of a layer is not clear"
        if n == 0 and run.goes_on is not None:
            if run.before is not None and is_telling(run.before) and not announces_step(run.before):
                return "whether it goes on from the line before is not clear"
            if not letters_in(asked.right) <= letters_in(asked.left):
                return "whether its letters are those of the line before is not clear"
        if _NAMED.search(_between(run, n)):
            return IN_WORDS
        return "what stands beside it could not be read" if run.claim.is_limited else ""

    def _by_what_is_open(self, refuted: _Refuted) -> str:
        """Whether it is open at which values, at which index or for which member a line is to hold."""
        run, question, asked = refuted.run, refuted.question, refuted.asked
        left, right = asked.left, asked.right
        is_slope = any(map(holds_derivative, (left, right)))
        # Numbers that are worked with are put in for letters, also where a derivative was taken before.
        is_put_in = not quantities(right) and bool(_WORKED.search(asked.right_source))
        is_value = asked.sign == "=" and (not is_slope or is_put_in) and not run.claim.concludes
        # Where no numbers are given at all, none can be put in to get 0 in the middle of a chain.
        is_value = is_value and not (asked.right == 0 and refuted.n and not question.context.givens.values)
        is_bare = self._is_without_numbers(refuted)
        is_value = is_value and not is_bare
        is_told = self.is_told_in_words and not (is_bare and ANOTHER in refuted.line.decision.reason)
        written = letters_of(asked.left_source) & letters_of(asked.right_source)
        if (
            (is_told or (is_value and bool(refuted.line.decision.instance)))
            and not (_is_self_contained(run, question, asked) or question.is_said_for_all(asked))
            and question.samples.is_unplaced(left, right, self._placed(), written)
            and not question.is_excluded(asked)
            and not self._is_of_sizes(question, asked)
        ):
            return VALUES
        if asked.sign == "=" and question.samples.leaves_a_position(left, right):
            return "at which index is not said in a way that is read here"
        is_apart = self._holds_apart(question, asked)
        return "whether the member with a letter of its own is one of those summed over is not said" if is_apart else ""

    def _is_of_sizes(self, question: Question, asked: Sides) -> bool:
        """Whether a derivative rests on nothing but sizes, and no words may say that one of them is 1."""
        if not isinstance(asked.left, D) or any(map(_SINGLE.search, self.texts)):
            return False
        found = question.derived(asked.left)
        return found is not None and not quantities(found) and all(s.is_integer for s in free_symbols(found))

    def _is_without_numbers(self, refuted: _Refuted) -> bool:
        """Whether a formula is equated to one not worked out from numbers, where no quantity is given as a number.

        What has a name is more than that where it is an unknown for which an equation before was solved.
        """
        asked, is_solved = refuted.asked, ANOTHER in refuted.line.decision.reason
        is_shown = (is_quantity(asked.left) and not is_solved) or bool(
            _WORKED.search(f"{asked.left_source} {asked.right_source}")
        )
        # Of f(x) - 3 = 0 one asks where it holds.
        defined = map(self.problem.givens.is_defined, quantities(asked.left))
        is_shown = is_shown or (isinstance(asked.left, Add) and asked.right == 0 and any(defined))
        return not (is_shown or self.problem.givens.values or self.points or any(map(_GIVES.search, self.texts)))

    def _by_slopes(self, refuted: _Refuted) -> str:
        """Whether a derivative is that of one node alone, or of what the proof says for other values."""
        question, asked = refuted.question, refuted.asked
        is_partial = refuted.n == 0 and r"\partial" in asked.left_source
        immediate = self._immediate(question, asked) if is_partial else None
        is_immediate = immediate is not None and immediate.answer == "proved"
        # What was shown through all other quantities, and is written alike, has no value at this node alone.
        is_total = any(left == asked.left for left, _, _ in question.lemmas)
        is_total = is_total and not any(_TOTAL.search(block.text) for block in self.problem.proof or ())
        if is_immediate and not is_total and not self._is_through_time(question, asked.left):
            return IMMEDIATE
        if isinstance(asked.left, D) and self._is_slope_said(question, asked.left, asked.right):
            return "it is the derivative of what the line before says, which may hold for other values"
        return ONE_STEP if self._is_of_one_step(question, asked) else ""

    def _by_values(self, refuted: _Refuted) -> str:
        """Whether a bound, a value or a shape is one for which other values are meant than those that are given."""
        question, asked, claim = refuted.question, refuted.asked, refuted.run.claim
        givens, left, right = question.context.givens, asked.left, asked.right
        is_bound = asked.sign not in ("=", "~") and (claim.concludes or claim.leads_on)
        if is_bound and any(s.is_integer for s in free_symbols(left) | free_symbols(right)):
            return PREMISE
        gives_value = refuted.n == 0 and asked.sign == "=" and right.is_number
        goes_on = self.wording.in_steps or self._starts_with(givens, left, asked.right_source)
        # What is given as a formula of numbers is worked out, and not set anew.
        stated = givens.values if left in givens.stated else ()
        is_formula = any(v.quantity == left and _is_worked(v.source.partition("=")[2]) for v in stated)
        goes_on = goes_on or left in self.wording.starts or (not is_formula and _is_worked(asked.right_source))
        # An event gets another probability only where what was found is carried on in steps.
        is_chance = is_quantity(left) and CHANCE.match(label_of(left).name) is not None
        goes_on = self.wording.in_steps if is_chance else goes_on
        if gives_value and has_value(givens, left) and goes_on:
            return SECOND
        if gives_value and any(r.lhs == left and r.sign == "=" and r.rhs.is_number for r in question.told):
            return NEITHER
        if left in self.said and question.context.names(left, right) & {label_of(q) for q in self.wording.starts}:
            return MIXED
        if are_shapes(asked.left_source, asked.right_source):
            return SHAPES
        where = self._where_positive(refuted.run, question, asked)
        if where:
            return f"it holds where {where}, which nothing says"
        return WHOLE if self._is_rounded(refuted.run, question, asked) else ""

    def _by_words(self, refuted: _Refuted) -> str:
        """Whether words say of what is in a line what is not taken from them: a place, a unit, a kind, a time."""
        run, question, asked = refuted.run, refuted.question, refuted.asked
        givens, left = question.context.givens, asked.left
        if where := self._where_centred(run, question, asked):
            return f"it holds where {where}: {WHETHER}"
        moments = question.basis.moments(left)
        if moments and not question.basis.moments(asked.right) and any(map(names_a_distribution, self.texts)):
            return DISTRIBUTED
        mixes = refuted.n == 0 and mixes_units((run.block.text,))
        if mixes or (mixes_units(self.texts) and is_quantity(left)):
            return UNITS
        names = question.context.names(left, asked.right)
        matrices = {s for s in names if len(givens.families.get(s, ())) > 1}
        told = frozenset(s for s in matrices if is_spoken_of(s.name, self.wording.qualified))
        if refuted.line.decision.instance and told and not self.fails_as_said(question, asked, told):
            return QUALIFIED
        has_values = not names.isdisjoint(givens.valued)
        is_stepped = is_quantity(left) and bool(indices_of(left)) and question.context.recurs(label_of(left))
        is_after = self.is_later or is_later(run.block) or (self.beside is not None and is_later(self.beside))
        is_after = is_after and not self.updates.count and not is_stepped
        return LATER if is_after and has_values and asked.right.is_number else ""

    def fails_as_said(self, question: Question, asked: Sides, labels: frozenset[Symbol]) -> bool:
        """Whether a line fails for matrices of these names that have every property of which words speak."""
        there = as_said(question, sorted(labels, key=str), self.texts)
        return there is not None and judged(there, asked)[0].verdict == "wrong"

    def _is_of_one_step(self, question: Question, asked: Sides) -> bool:
        """Whether the derivative of something undefined is said by a state at a letter that its own side lacks."""
        left = asked.left
        if not isinstance(left, D) or question.context.givens.is_defined(left.of):
            return False
        own = letters_in(asked.right) - letters_in(left)
        states = (q for q in quantities(asked.right) if question.context.recurs(label_of(q)))
        return any(own & free_symbols(q) for q in states)

    def _is_told_of(self, question: Question, slope: D) -> bool:
        """Whether a derivative is 0 by what is given, but the quantity rests on a letter that words explain."""
        names = question.context.names(slope.of)
        if any(label_of(q) in names for q in quantities(slope.wrt)):
            return False
        free = [
            s.name for s in names if not self.problem.givens.is_defined(s) and s not in self.problem.givens.families
        ]
        said = (re.compile(rf"\$\s*{re.escape(name)}\s*\$\s+(?:is|are|denotes?|stands)\b") for name in sorted(free))
        return any(words.search(text) for words in said for text in self.given_texts)

    def _immediate(self, question: Question, asked: Sides) -> Decision | None:
        """The decision on a line about a node alone, or about one step of a recurrence; None where it is neither."""
        left = asked.left
        if type(left) is not D or not is_quantity(left.of) or not is_quantity(left.wrt):
            return None
        body = question.context.givens.body_of(left.of, question.ranges)
        if body is not None and any(_is_same_state(q, left.wrt) for q in quantities(body)):
            return question.ask(DPlus(left.of, left.wrt), asked.sign, asked.right)
        step = within_step(question, left, asked.right)
        return None if step is None else step[0].ask(left, asked.sign, step[1])

    def _is_through_time(self, question: Question, slope: Expr) -> bool:
        """Whether a derivative of a member of a recurrence is a number, and nothing speaks of single nodes."""
        if not isinstance(slope, D) or not question.context.recurs(label_of(slope.of)) or letters_in(slope):
            return False
        return question.numbers.value_of(slope) is not None and not is_at_node(slope, self.texts)

    def _is_slope_said(self, question: Question, slope: D, right: Expr) -> bool:
        """Whether a value is that of the derivative of what the proof has said the quantity is."""
        said = self.said.get(slope.of)
        if said is None or not quantities(slope.wrt) & quantities(said):
            return False
        return question.ask(D(said, slope.wrt), "=", right).answer == "proved"

    def apart(self, question: Question, asked: Sides) -> tuple[Question, Sides]:
        """The question and its sides where words say of the o of a member u_o that it is none of the k of a sum."""
        for letter in self._own_letters(question):
            words = re.compile(_APART.format(re.escape(letter.name)))
            found = self._apart_at(question, asked, letter) if any(map(words.search, self.texts)) else None
            question, asked = found or (question, asked)
        return question, asked

    def _holds_apart(self, question: Question, asked: Sides) -> bool:
        """Whether the line is proved where a member such as u_o, whose o is nowhere declared, is none of the u_k."""
        for letter in self._own_letters(question):
            name = re.escape(letter.name)
            single = re.compile(rf"\$\s*{name}\s*(?:\$(?!\s*(?:is|does)\s+not\b)|\\in\b|=)")
            found = None if any(map(single.search, self.texts)) else self._apart_at(question, asked, letter)
            if found is not None and judged(*found)[0].verdict == "proved":
                return True
        return False

    def _own_letters(self, question: Question) -> list[Symbol]:
        """The letters that are positions in what is given."""
        return sorted(question.context.givens.positions, key=str)

    def _apart_at(self, question: Question, asked: Sides, letter: Symbol) -> tuple[Question, Sides] | None:
        """The question where the member at a letter is a quantity of its own; None where no sum stands beside it."""
        givens = question.context.givens
        names = question.context.names(asked.left, asked.right)
        bodies = [d.body for d in givens.definitions if d.label in names]
        labels = {label for b in bodies for label in _beside_its_sum(b, letter, givens)}
        if not labels:
            return None
        named = replace(question, context=Context(_set_apart(givens, labels, letter)))
        left, right = (_apart(side, labels, letter) for side in (asked.left, asked.right))
        return named, replace(asked, left=left, right=right)

    def _is_limit(self, question: Question, asked: Sides) -> bool:
        """Whether a name of iterates stands without its index as that of their limit: for itself, or for a number."""
        left, written = asked.left, {*map(index, letters_of(f"{asked.left_source} {asked.right_source}"))}
        letters = indices_of(left) if isinstance(left, Indexed) else ()
        if not letters or not all(is_index(i) and i not in written for i in letters):
            return False
        is_one = left in quantities(asked.right) or asked.right.is_number
        return is_one and question.context.recurs(label_of(left))

    def _equates_slopes(self, run: Run, question: Question, asked: Sides) -> bool:
        """Whether both sides are derivatives of one thing given, which nothing says is the same in all directions."""
        context = question.context
        if any(map(context.givens.is_defined, quantities(asked.left) | quantities(asked.right))):
            return False
        claim = Relation(asked.left, "=", asked.right)
        slopes = [s.slope for s in islice(derivable(claim, context, run.ranges), MAX_CASES)]
        of = {s.of for s in slopes if question.ask(s, "=", asked.left).answer == "proved"}
        return any(t.of in of and question.ask(t, "=", asked.right).answer == "proved" for t in slopes)

    def _is_rounded(self, run: Run, question: Question, asked: Sides) -> bool:
        """Whether the right side is the left one rounded to a whole number, of which words beside it speak."""
        if not asked.right.is_Integer or asked.sign not in ("=", "~"):
            return False
        beside = "" if self.beside is None else self.beside.text
        value = enclosed(asked.left, question.context.givens) if speaks_of_whole(run.block.text + beside) else None
        return isinstance(value, fmpq) and abs(value - as_fmpq(asked.right)) < 1

    def _where_centred(self, run: Run, question: Question, asked: Sides) -> str:
        """That moments of which words may speak are those of something centred, where the line holds then."""
        moments = sorted(question.basis.moments(asked.left, asked.right), key=str)
        if not moments or not any(map(speaks_of_moments, self.given_texts)):
            return ""
        values = {s: Integer(0 if is_mean(s) else 1) for s in moments}
        there = question.context.where(values)
        line, _ = judged(replace(bare(question, run.conditions), context=there), asked)
        if line.verdict not in ("proved", "rounded", "agrees"):
            return ""
        return ", ".join(f"${s.name} = {value}$" for s, value in values.items())

    def _where_positive(self, run: Run, question: Question, asked: Sides) -> str:
        """That free numbers are positive of whose sign nothing is said, where a bound does not fail then."""
        givens, context = question.context.givens, question.context
        if asked.sign in ("=", "~", "!="):
            return ""
        spoken = (*(f.relation for f in context.facts), *run.conditions, *question.told)
        bounded = {s for r in spoken for side in r.sides for s in free_symbols(side)}
        bounded |= {label_of(a) for at in givens.arguments.values() for a in at if is_quantity(a)}
        names = context.names(asked.left, asked.right) - bounded - givens.families.keys()
        free = sorted((s for s in names if question.basis.is_open(s) and s.name not in self.wording.declared), key=str)
        conditions = tuple(Relation(s, ">", Integer(0)) for s in free)
        there = bare(question, (*run.conditions, *conditions))
        if not free or there.ask(asked.left, asked.sign, asked.right).answer == "refuted":
            return ""
        return ", ".join(f"${s.name} > 0$" for s in free)

    def _starts_with(self, givens: Givens, quantity: Expr, source: str) -> bool:
        """Whether a sum begins with the number that is given for a quantity, as in `0.5 + 0.4` for the next one."""
        number = _SUMMAND.match(source)
        if number is not None and self.updates.last.get(quantity) == Rational(number[1]):
            return True
        if number is None or not any(v.quantity == quantity and v.number == Rational(number[1]) for v in givens.values):
            return False
        # What follows from a formula of numbers is no value to begin with.
        written = re.compile(rf"(?<![\d.]){re.escape(number[1])}(?!\.?\d)")
        return any(map(written.search, self.given_texts))

    def _is_along(self, question: Question, asked: Sides) -> bool:
        """Whether a function is written at a letter at which its argument is, too: E(t) may be E(w(t))."""
        for name, formal in question.context.givens.arguments.items():
            taken = re.compile(rf"(?<![A-Za-z\\]){re.escape(name.name)}\s*\(\s*(?P<at>\\?[A-Za-z]+)\s*\)")
            for at in {found["at"] for found in taken.finditer(asked.left_source)} - {str(a) for a in formal}:
                moved = "|".join(re.escape(str(a)) for a in formal)
                place = rf"\s*\(\s*{re.escape(at)}\s*\)"
                along = re.compile(rf"(?<![A-Za-z\\])(?:{moved}){place}|\\dot\s*\{{?\s*(?:{moved})")
                if any(map(along.search, self.texts)):
                    return True
        return False

    def _is_renewed(self, question: Question, asked: Sides) -> bool:
        """Whether a name is worked out anew, by itself, or said in another row after the proof gave it a number."""
        givens, name = question.context.givens, asked.left
        if asked.sign == "=" and has_value(givens, name) and name in quantities(asked.right):
            # Nobody says of a number what it is by itself, but by how it changes: w = w - 0.1 g.
            return True
        if asked.sign != "=" or not self._is_own(name, givens):
            return False
        bodies = [d.body for d in givens.definitions_of(label_of(name))]
        reasons = (bool(_WORKED.search(asked.right_source)), self.is_row, not any(map(quantities, bodies)))
        return (not quantities(asked.right) and sum(reasons) > 1) or _shows(asked.right_source, question, name)

    def _counts(self, term: Expr, givens: Givens) -> bool:
        """Whether a power is one of a name that was itself defined with an exponent, as in `h^1 = 2`, `h^2 = 3`."""
        if not term.is_Pow or not is_quantity(term.base):
            return False
        sources = [d.source for d in givens.definitions_of(label_of(term.base))]
        return any(re.search(r"\^\{?1\}?\s*=", source) for source in sources)


def _is_law(run: Run) -> bool:
    """Whether a chain works out a derivative behind words for where it is 0: what it is, it is everywhere."""
    return isinstance(run.first, D) and run.before is not None and demands_a_zero(run.before)


def _is_same_state(one: Expr, other: Expr) -> bool:
    """Whether two quantities are the same one, or units of one state at the same time."""
    if one == other or label_of(one) != label_of(other):
        return one == other
    return len(indices_of(one)) > 1 and indices_of(one)[:-1] == indices_of(other)[:-1]


def _is_worked(source: str) -> bool:
    """Whether a number is worked out in several steps: nobody says so again what is given as a number."""
    return len(_OPERATION.findall(_FRACTION.sub("1", source))) > 0


def _is_self_contained(run: Run, question: Question, asked: Sides) -> bool:
    """Whether a line is concluded from what stands beside it, which speaks of all that it speaks of."""
    beside = question.context.names(*(side for r in run.told for side in r.sides))
    return run.claim.concludes and question.context.names(asked.left, asked.right) <= beside


def _shows(source: str, question: Question, name: Expr) -> bool:
    """Whether a sum of numbers begins with the value that a name has, as the next value of it does."""
    found = _SUMMAND.match(source)
    if found is None:
        return False
    value, first = enclosed(name, question.context.givens), Rational(found[1])
    return value is not None and bool(value == as_fmpq(first))


def _apart(term: Expr, labels: set[Symbol], letter: Symbol) -> Expr:
    """The term with names of their own for the members of the families at this letter."""

    def visit(t: Expr) -> Expr | None:
        if isinstance(t, Indexed) and label_of(t) in labels and indices_of(t)[0] == letter:
            return family(rf"{label_of(t).name}^{{{letter.name}}}", *indices_of(t)[1:])
        return None

    return walk(term, visit)


def _beside_its_sum(body: Expr, letter: Symbol, givens: Givens) -> Iterator[Symbol]:
    """The families of which a term holds the member at a letter; those of numbers only beside a sum over them."""
    summed = {label_of(q) for t in subterms(body) if isinstance(t, Sigma) for q in quantities(t.body)}
    for t in subterms(body):
        is_member = isinstance(t, Indexed) and letter in indices_of(t)[:1]
        if is_member and (len(givens.families.get(label_of(t), ())) > 1 or label_of(t) in summed):
            yield label_of(t)


def _set_apart(givens: Givens, labels: set[Symbol], letter: Symbol) -> Givens:
    definitions = tuple(replace(d, body=_apart(d.body, labels, letter)) for d in givens.definitions)
    own = {scalar(rf"{s.name}^{{{letter.name}}}"): givens.families[s][1:] for s in labels}
    return replace(givens, definitions=definitions, families={**givens.families, **own})


def _between(run: Run, n: int) -> str:
    """What stands between two sides of a chain."""
    left, right = run.claim.chain.sides[n], run.claim.chain.sides[n + 1]
    start = left.place.offset_in(run.block.text, run.block.place) + len(left.source)
    return run.block.text[start : right.place.offset_in(run.block.text, run.block.place)]
