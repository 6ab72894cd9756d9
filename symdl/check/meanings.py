"""Whether a line that seems to be wrong is: meant in another way, or open because of what words may say."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from flint import fmpq
from sympy import Expr, Indexed, Integer, Rational, Symbol

from symdl.check.basis import is_mean, letters_in
from symdl.check.context import Context
from symdl.check.demands import derivable
from symdl.check.dependence import is_at_node
from symdl.check.doubts import (
    ELSEWHERE,
    FIXED,
    LATER,
    MIXED,
    PREMISE,
    QUALIFIED,
    SETTLED,
    SHAPES,
    UNITS,
    WHOLE,
    are_shapes,
    holds_fixed,
    is_elsewhere,
    is_later,
    mixes_units,
    names_plainly,
    speaks_of_moments,
    speaks_of_whole,
)
from symdl.check.enclosures import enclosed
from symdl.check.meant import Meant, bare, has_value
from symdl.check.question import NEITHER, Question
from symdl.check.running import SECOND, Line, Run, judged
from symdl.check.sides import Sides
from symdl.check.words import (
    equates,
    inline_formulas,
    is_spoken_of,
    is_telling,
    letters_of,
)
from symdl.language import (
    D,
    DPlus,
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
_OPERATION = re.compile(r"\d[\s)}]*(?:\\cdot|\\times|[-+*/])|\\frac")
_FRACTION = re.compile(r"^\s*-?\s*(?:\\[dt]?frac\s*\{\s*-?[\d.]+\s*\}\s*\{\s*[\d.]+\s*\}|[\d.]+\s*/\s*[\d.]+)\s*$")
"""A single fraction of numbers, which is how a number is written."""

_SUMMAND = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[-+]")
MAX_CASES = 12
"""In how many cases a line without words is tried that seems to be wrong."""

LIMIT = "whether a name without its index is that of the limit is not said"
IMMEDIATE = "it is the derivative at this node alone: the variable acts through other quantities as well"


class Meanings(Meant):
    """Takes a line for what its author meant, or says why it is open whether it fails."""

    def spared(self, run: Run, question: Question, asked: Sides, n: int, line: Line) -> Line:
        """A line that seems to be wrong, in what else its author can have meant; undecided where that is open."""
        line = self._stationary(run, question, asked, n) or self._at_points(run, question, asked) or line
        if line.verdict == "undecided":
            told = self._under_asides(run, question, asked) or self._in_the_case(run, question, asked)
            return told if told is not None and told.verdict == "proved" else line
        for found in (
            self._with_held,
            self._of_constants,
            self._in_the_case,
            self._in_a_branch,
            self._under_asides,
            self._after_updates,
            self._with_roots,
            self._in_some_case,
        ):
            line = found(run, question, asked) or line if line.verdict == "wrong" else line
        if line.verdict == "wrong" and n == 0:
            line = self._of_one_case(run, question, asked) or line
        reason = self._doubt(run, question, asked, n, line) if line.verdict == "wrong" else ""
        return Line("undecided", Decision("unknown", reason)) if reason else line

    def _doubt(self, run: Run, question: Question, asked: Sides, n: int, line: Line) -> str:
        """Why it is open whether a line fails; nothing where it is not."""
        givens = question.context.givens
        claim, left, right = run.claim, asked.left, asked.right
        symbols = free_symbols(left) | free_symbols(right)
        names = question.context.names(left, right)
        if n == 0 and is_quantity(left) and self.beside is not None and is_elsewhere(self.beside):
            return ELSEWHERE
        if n == 0 and line.decision.instance and run.before is not None and equates(run.before):
            return NEITHER
        if isinstance(left, D) and self._is_told_of(question, left):
            return "on what it rests is said in words that are not read here"
        is_held = isinstance(left, D) and self.beside is not None and holds_fixed(self.beside)
        if is_held and self.beside is not None and not inline_formulas(self.beside.text):
            return FIXED
        if n == 0 and asked.sign == "=" and question.settles(left, right):
            return SETTLED
        if question.is_running and n == 0 and self._is_own(left, givens):
            return f"{left} was said to be something else before"
        if n == 0 and not run.conditions and self.beside is not None and names_plainly(self.beside):
            return "at which values is not said in a way that is read here"
        if n == 0 and self._is_renewed(question, asked):
            return SECOND
        if n == 0 and self._is_limit(question, asked):
            return LIMIT
        is_demanded = n == 0 or run.lines[-1].decision.reason == NEITHER
        if is_demanded and asked.sign == "=" and self._equates_slopes(run, question, asked):
            return NEITHER
        if n == 0 and self._counts(left, givens):
            return "whether this is a power or the number of a layer is not clear"
        if n == 0 and run.goes_on is not None:
            if run.before is not None and is_telling(run.before):
                return "whether it goes on from the line before is not clear"
            if not letters_in(right) <= letters_in(left):
                return "whether its letters are those of the line before is not clear"
        if _NAMED.search(_between(run, n)):
            return "what stands left of it is in words"
        if claim.is_limited:
            return "what stands beside it could not be read"
        is_slope = any(map(holds_derivative, (left, right)))
        # Numbers that are worked with are put in for letters, also where a derivative was taken before.
        is_put_in = not quantities(right) and bool(_WORKED.search(asked.right_source))
        is_value = asked.sign == "=" and (not is_slope or is_put_in) and not claim.concludes
        is_told = self.is_told_in_words or (is_value and bool(line.decision.instance))
        if (
            is_told
            and not _is_self_contained(run, question, asked)
            and question.samples.is_unplaced(left, right, self._placed())
        ):
            return "at which values is not said in a way that is read here"
        if asked.sign == "=" and question.samples.leaves_a_position(left, right):
            return "at which index is not said in a way that is read here"
        if self._holds_apart(question, asked):
            return "whether the member with a letter of its own is one of those summed over is not said"
        immediate = self._immediate(question, asked) if n == 0 and r"\partial" in asked.left_source else None
        if immediate is not None and immediate.answer == "proved" and not self._is_through_time(question, left):
            return IMMEDIATE
        if isinstance(left, D) and self._is_slope_said(question, left, right):
            return "it is the derivative of what the line before says, which may hold for other values"
        is_bound = asked.sign not in ("=", "~")
        if is_bound and (claim.concludes or claim.leads_on) and any(s.is_integer for s in symbols):
            return PREMISE
        gives_value = n == 0 and asked.sign == "=" and right.is_number
        goes_on = self.in_steps or self._starts_with(givens, left, asked.right_source)
        goes_on = goes_on or left in self.starts or _is_worked(asked.right_source)
        if gives_value and has_value(givens, left) and goes_on:
            return SECOND
        if gives_value and any(r.lhs == left and r.sign == "=" and r.rhs.is_number for r in question.told):
            return NEITHER
        if left in self.said and names & {label_of(q) for q in self.starts}:
            return MIXED
        if are_shapes(asked.left_source, asked.right_source):
            return SHAPES
        if self._is_rounded(run, question, asked):
            return WHOLE
        where = self._where_centred(run, question, asked)
        if where:
            return f"it holds where {where}: whether that is meant is in words"
        if (n == 0 and mixes_units((run.block.text,))) or (mixes_units(self.texts) and is_quantity(left)):
            return UNITS
        matrices = {s for s in names if len(givens.families.get(s, ())) > 1}
        if line.decision.instance and any(is_spoken_of(s.name, self.qualified) for s in matrices):
            return QUALIFIED
        has_values = any(label_of(v.quantity) in names for v in givens.values)
        is_stepped = bool(indices_of(left)) and question.context.recurs(label_of(left)) if is_quantity(left) else False
        is_after = (self.is_later or is_later(run.block)) and not self.updates.count and not is_stepped
        if is_after and has_values and right.is_number:
            return LATER
        return ""

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
        """The decision on a line about a node alone; None where its definition does not name the variable itself."""
        left = asked.left
        if type(left) is not D or not is_quantity(left.of) or not is_quantity(left.wrt):
            return None
        body = question.context.givens.body_of(left.of, question.ranges)
        if body is None or left.wrt not in quantities(body):
            return None
        return question.ask(DPlus(left.of, left.wrt), asked.sign, asked.right)

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

    def _holds_apart(self, question: Question, asked: Sides) -> bool:
        """Whether the line is proved where a member such as u_o, whose o is nowhere declared, is none of the u_k."""
        givens = question.context.givens
        names = question.context.names(asked.left, asked.right)
        bodies = [d.body for d in givens.definitions if d.label in names]
        for letter in sorted(givens.positions, key=str):
            name = re.escape(letter.name)
            single = re.compile(rf"\$\s*{name}\s*(?:\$(?!\s*(?:is|does)\s+not\b)|\\in\b|=)")
            members = [t for b in bodies for t in subterms(b) if isinstance(t, Indexed) and letter in indices_of(t)[:1]]
            labels = {label_of(t) for t in members if len(givens.families.get(label_of(t), ())) > 1}
            if not labels or any(map(single.search, self.texts)):
                continue
            named = replace(question, context=Context(_set_apart(givens, labels, letter)))
            sides = [_apart(side, labels, letter) for side in (asked.left, asked.right)]
            if named.ask(sides[0], asked.sign, sides[1]).answer == "proved":
                return True
        return False

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

    def _is_renewed(self, question: Question, asked: Sides) -> bool:
        """Whether a name to which the proof itself gave a number is worked out anew, or said in another row."""
        givens, name = question.context.givens, asked.left
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


def _set_apart(givens: Givens, labels: set[Symbol], letter: Symbol) -> Givens:
    definitions = tuple(replace(d, body=_apart(d.body, labels, letter)) for d in givens.definitions)
    own = {scalar(rf"{s.name}^{{{letter.name}}}"): givens.families[s][1:] for s in labels}
    return replace(givens, definitions=definitions, families={**givens.families, **own})


def _between(run: Run, n: int) -> str:
    """What stands between two sides of a chain."""
    left, right = run.claim.chain.sides[n], run.claim.chain.sides[n + 1]
    start = left.place.offset_in(run.block.text, run.block.place) + len(left.source)
    return run.block.text[start : right.place.offset_in(run.block.text, run.block.place)]
