"""What else a line can have meant that seems to be wrong: at a point, in a case, after an update; or nothing told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain, islice

from sympy import Expr, Indexed, Integer, Rational, Symbol, sqrt

from symdl.check.basis import is_name, letters_in
from symdl.check.branches import cases, kinks
from symdl.check.context import Context
from symdl.check.conventions import CONVENTION
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
    are_shapes,
    climbs,
    goes_in_steps,
    holds_fixed,
    is_elsewhere,
    is_later,
    mixes_units,
    names_a_case,
    names_plainly,
    qualified,
)
from symdl.check.enclosures import enclosed
from symdl.check.question import NEITHER, Question
from symdl.check.running import ASSIGNED, SECOND, Line, Run, judged
from symdl.check.sides import Sides
from symdl.check.stationary import STATIONARY
from symdl.check.updates import Updates
from symdl.check.words import (
    Spoken,
    asides,
    equates,
    has_data,
    inline_formulas,
    is_heading,
    is_spoken_of,
    is_telling,
    leading,
    letters_of,
    points,
    squeezed,
    statements_in,
)
from symdl.language import (
    At,
    Cases,
    D,
    DPlus,
    as_fmpq,
    family,
    free_symbols,
    index,
    indices_of,
    is_index,
    label_of,
    quantities,
    scalar,
    subterms,
    walk,
)
from symdl.problem import Block, Decision, Givens, Problem, Relation, Symbolic
from symdl.write import latex_of

_NAMED = re.compile(r"[,;](?:\s|\\q?quad|\\[,;: ])*\\(?:text|textbf|mbox|textrm)\{[^{}]*[A-Za-z]")
_SLOPE = re.compile(r"\\nabla|\\partial|'|\\frac\s*\{\s*d(?![A-Za-z])|\\mathrm\{d\}|\bgrad\b")
_WORKED = re.compile(r"\d\.\d|\d\s*(?:\\cdot|\\times|[-+*/])|\\frac")
_SUMMAND = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[-+]")

_SIDES: tuple[Symbolic, Symbolic] = (">", "<")

MAX_CASES = 12
"""In how many cases a line without words is tried that seems to be wrong."""

MAX_KINKS = 3
"""How many cases of kinked functions are tried for a line that seems to be wrong."""

LIMIT = "whether a name without its index is that of the limit is not said"

IMMEDIATE = "it is the derivative at this node alone: the variable acts through other quantities as well"


class Meanings:
    """What the words and assignments of a proof have said so far of where its lines hold."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.blocks = (*problem.intro, *problem.given_blocks, *(problem.proof or ()))
        self.texts = tuple(block.text for block in self.blocks)
        self.given_texts = tuple(block.text for block in (*problem.intro, *problem.given_blocks))
        self.is_all = len(problem.proof or ()) == 1
        self.branches: tuple[Relation, ...] = ()
        self.points: dict[Expr, Relation] = {}
        self.leading: frozenset[Expr] = frozenset()
        self.is_told_in_words = self.has_data = any(map(has_data, problem.given_blocks))
        self.beside: Block | None = None
        self.case: tuple[Relation, ...] = ()
        self.updates = Updates({})
        self.said: dict[Expr, Expr] = {}
        self.is_later = False
        self.is_row = False

    @cached_property
    def given(self) -> frozenset[str]:
        """The statements of what is given, as they are written."""
        return frozenset(map(squeezed, statements_in(self.given_texts)))

    @cached_property
    def qualified(self) -> Spoken:
        """The names of which words say a property of matrices that is not read."""
        return qualified(self.blocks)

    @cached_property
    def climbs(self) -> bool:
        """Whether the document speaks of what is to become larger."""
        return any(map(climbs, self.texts))

    @cached_property
    def in_steps(self) -> bool:
        """Whether the document updates values."""
        return goes_in_steps(self.texts)

    def __copy__(self) -> Meanings:
        """The same, to be tried without keeping what comes of it."""
        other = object.__new__(Meanings)
        other.__dict__.update(self.__dict__)
        other.points = dict(self.points)
        return other

    def hear(self, block: Block, givens: Givens) -> None:
        """Take what a paragraph says; a heading begins anew."""
        if is_heading(block):
            self.branches = self.case = ()
            self.points, self.is_told_in_words = {}, self.has_data
        self.beside = block
        self.is_later = self.is_later or (self.in_steps and is_later(block))
        if is_telling(block):
            self.leading = frozenset()
        if not block.text.rstrip().endswith("."):
            self.leading |= {r.lhs for r in points(leading(block), givens)}
        self.points.update((r.lhs, r) for r in points(block, givens))
        self.is_told_in_words = self.is_told_in_words or (is_telling(block) and not is_heading(block))

    def update(self, run: Run, givens: Givens) -> None:
        """Keep the number that a chain assigns to its first side."""
        name, value = run.sides[0], run.sides[-1]
        if name is not None and value is not None and is_name(name) and run.holds:
            self.said[name] = value
        if name is None or value is None or not run.lines or not is_name(name):
            return
        if run.lines[0].decision.reason in (ASSIGNED, SECOND) and not set(run.ranges) & free_symbols(name):
            self.updates = self.updates.after(name, value, givens)

    def spared(self, run: Run, question: Question, asked: Sides, n: int, line: Line) -> Line:
        """A line that seems to be wrong, in what else its author can have meant; undecided where that is open."""
        line = self._stationary(run, question, asked, n) or self._at_points(run, question, asked) or line
        if line.verdict == "undecided":
            told = self._under_asides(run, question, asked) or self._in_the_case(run, question, asked)
            return told if told is not None and told.verdict == "proved" else line
        for found in (
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

    def at_kink(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line of a number between the slopes on both sides of a kink, said where it is; None for any other."""
        slopes = [t for t in subterms(asked.left) if type(t) is D]
        if asked.sign != "=" or len(slopes) != 1 or not asked.right.is_number:
            return None
        [slope], left = slopes, asked.left
        settings = left.settings if isinstance(left, At) else ()
        here = tuple(Relation(x, "=", v) for x, v in settings)
        left = slope if isinstance(left, At) else left
        there = _bare(question, (*run.conditions, *self.points.values(), *here))
        free = Context(replace(question.context.givens, values=()))
        for u in kinks(question.basis, question.ranges, slope)[:MAX_KINKS]:
            if there.ask(u, "=", Integer(0)).answer != "proved":
                continue
            above, below = (replace(_bare(question, (Relation(u, s, Integer(0)),)), context=free) for s in _SIDES)
            for one, other in ((above, below), (below, above)):
                is_between = one.ask(left, ">=", asked.right).answer == "proved"
                if is_between and other.ask(left, "<=", asked.right).answer == "proved":
                    return Line("undecided", Decision("unknown", f"{CONVENTION}: the derivative at a kink"))
        return None

    def _doubt(self, run: Run, question: Question, asked: Sides, n: int, line: Line) -> str:
        """Why it is open whether a line fails; nothing where it is not."""
        givens = question.context.givens
        claim, left, right = run.claim, asked.left, asked.right
        symbols = free_symbols(left) | free_symbols(right)
        names = question.context.names(left, right)
        if n == 0 and is_name(left) and self.beside is not None and is_elsewhere(self.beside):
            return ELSEWHERE
        if n == 0 and line.decision.instance and run.before is not None and equates(run.before):
            return NEITHER
        if isinstance(left, D) and self._is_told_of(question, left):
            return "on what it rests is said in words that are not read here"
        if isinstance(left, D) and self.beside is not None and self._is_held(self.beside, left, question.context):
            at_node = self._immediate(question, asked)
            if at_node is None or at_node.answer != "refuted":
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
        is_slope = any(isinstance(t, D) for side in (left, right) for t in subterms(side))
        # Numbers that are worked with are put in for letters, also where a derivative was taken before.
        is_put_in = not quantities(right) and bool(_WORKED.search(asked.right_source))
        is_value = asked.sign == "=" and (not is_slope or is_put_in) and not claim.concludes
        is_told = self.is_told_in_words or (is_value and bool(line.decision.instance))
        if (
            is_told
            and not _is_self_contained(run, question, asked)
            and question.is_unplaced(left, right, self._placed())
        ):
            return "at which values is not said in a way that is read here"
        if asked.sign == "=" and question.leaves_a_position(left, right):
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
        if gives_value and goes_on and _has_value(givens, left):
            return SECOND
        if gives_value and any(r.lhs == left and r.sign == "=" and r.rhs.is_number for r in question.told):
            return NEITHER
        if are_shapes(asked.left_source, asked.right_source):
            return SHAPES
        if (n == 0 and mixes_units((run.block.text,))) or (mixes_units(self.texts) and is_name(left)):
            return UNITS
        matrices = {s for s in names if len(givens.families.get(s, ())) > 1}
        if line.decision.instance and any(is_spoken_of(s.name, self.qualified) for s in matrices):
            return QUALIFIED
        has_values = any(label_of(v.quantity) in names for v in givens.values)
        is_stepped = bool(indices_of(left)) and question.context.recurs(label_of(left)) if is_name(left) else False
        is_after = (self.is_later or is_later(run.block)) and not self.updates.count and not is_stepped
        if is_after and has_values and right.is_number:
            return LATER
        return ""

    def _is_held(self, block: Block, slope: D, context: Context) -> bool:
        """Whether words hold something fixed that changes with what a derivative is taken by, as far as they tell."""
        if not holds_fixed(block):
            return False
        moving = [letters_of(s.name) for q in quantities(slope.wrt) for s in context.below(label_of(q))]
        spoken = [letters_of(formula) for formula in inline_formulas(block.text)]
        return not spoken or any(name <= formula for name in moving for formula in spoken)

    def _under_asides(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line under the relations that the words before it hold; None where they bear on nothing here."""
        givens = question.context.givens
        said = asides(self.beside, givens, run.ranges) if self.beside is not None else ()
        names, letters = question.context.names(asked.left, asked.right), set(run.ranges)
        said = tuple(r for r in said if r not in (*run.conditions, Relation(asked.left, asked.sign, asked.right)))
        said = tuple(r for r in said if (names | letters) & (free_symbols(r.lhs) | free_symbols(r.rhs)))
        said = tuple(r for r in said if r.sign != "=" or r.lhs not in (asked.left, asked.right) or is_index(r.lhs))
        if not said:
            return None
        line, _ = judged(_bare(question, (*run.conditions, *said)), asked)
        if line.verdict in ("proved", "rounded"):
            where = ", ".join(f"${latex_of(r, givens, run.ranges)}$" for r in said)
            return replace(line, decision=replace(line.decision, reason=f"where {where}"))
        is_case = all(r.sign != "=" or is_index(r.lhs) for r in said)
        return line if is_case else None

    def _after_updates(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line as it holds with the values that names were assigned before it."""
        givens = question.context.givens
        bearing = self.updates.bearing(question.context.names(asked.left, asked.right))
        if not bearing.last:
            return None
        bare = replace(_bare(question, run.conditions), lemmas=(), told=(), seen=())
        line, _ = judged(replace(bare, context=Context(bearing.put_in(givens))), asked)
        if line.verdict in ("proved", "rounded"):
            names = ", ".join(f"${latex_of(q, givens, {})}$" for q in bearing.last)
            return replace(line, decision=replace(line.decision, reason=f"with the new value of {names}"))
        return Line("undecided", Decision("unknown", MIXED)) if bearing.count > 1 else None

    def _stationary(self, run: Run, question: Question, asked: Sides, n: int) -> Line | None:
        """The line of a derivative that is set to 0: what is required at a point is no claim about all of them."""
        is_last = n == len(run.claim.chain.signs) - 1
        is_first = n == 0 and asked.left == 0 and isinstance(asked.right, D)
        if asked.sign != "=" or not (is_first or (is_last and asked.right == 0 and _is_slope(run))):
            return None
        if question.conditions or question.is_constant(asked.right if is_first else asked.left):
            return None
        if is_first or n > 0:
            return Line("given", Decision("unknown", STATIONARY))
        is_whole = not isinstance(asked.left, D) or not indices_of(asked.left.wrt) or self.is_told_in_words
        return Line("undecided", Decision("unknown", NEITHER)) if is_whole else None

    def _placed(self) -> frozenset[Symbol]:
        return frozenset(label_of(q) for q in self.points)

    def _at_points(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line as it holds at the values that a sentence before it names; None where it does not."""
        givens = question.context.givens
        # At the value that words give a name, what a line says of the name itself is not told.
        said = {q: r for q, r in self.points.items() if q not in (asked.left, asked.right)}
        if not said:
            return None
        valued = {q: r.rhs for q, r in said.items() if _has_value(givens, q) and isinstance(r.rhs, Rational)}
        conditions = (*run.conditions, *(r for q, r in said.items() if q not in valued))
        bare = _bare(question, conditions)
        if valued:
            values = tuple(replace(v, number=valued.get(v.quantity, v.number)) for v in givens.values)
            bare = replace(bare, context=Context(replace(givens, values=values)), lemmas=(), seen=())
        line, _ = judged(bare, asked)
        if line.verdict not in ("proved", "rounded"):
            line, _ = judged(replace(bare, premises=question.premises, concludes=question.concludes), asked)
        if line.verdict not in ("proved", "rounded"):
            return None
        at = ", ".join(f"${latex_of(r.lhs, givens, {})} = {latex_of(r.rhs, givens, {})}$" for r in said.values())
        # What a sentence says of a point is over with it, unless a number shows that a value is meant.
        if quantities(asked.right) and not said.keys() & question.context.names(asked.left, asked.right) <= (
            self.leading
        ):
            return Line("undecided", Decision("unknown", f"it holds at {at}: whether that is meant is in words"))
        return replace(line, decision=replace(line.decision, reason=f"at {at}"))

    def _in_the_case(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line in the case that was stated last; open where words stand between."""
        givens = question.context.givens
        if not self.case or set(self.case) <= set(run.conditions):
            return None
        line, _ = judged(_bare(question, (*run.conditions, *self.case)), asked)
        if line.verdict not in ("proved", "rounded", "agrees"):
            return None
        where = ", ".join(f"${latex_of(r, givens, run.ranges)}$" for r in self.case)
        if run.before is not None or line.verdict == "agrees":
            return Line("undecided", Decision("unknown", f"it holds where {where}: whether that is meant is in words"))
        return replace(line, decision=replace(line.decision, reason=f"where {where}"))

    def _in_a_branch(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line as it holds in one of the cases that the proof has split into; None where it does in neither."""
        if any(isinstance(t, Cases) for side in (asked.left, asked.right) for t in subterms(side)):
            return None
        for case in self.branches:
            line, _ = judged(_bare(question, (*run.conditions, case)), asked)
            if line.verdict in ("proved", "rounded"):
                return replace(line, decision=replace(line.decision, reason="in one of the cases above"))
        return None

    def _with_roots(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line where what only the square of is given is positive, as a standard deviation is."""
        names = question.context.names(asked.left, asked.right)
        facts = [f.relation for f in question.context.facts if f.relation.sign == "=" and not f.ranges]
        squares = {a.base: b for r in facts for a, b in ((r.lhs, r.rhs), (r.rhs, r.lhs)) if _is_square(a)}
        roots = sorted((q for q in squares if label_of(q) in names), key=str)
        if not roots:
            return None
        signs = (Relation(q, ">", Integer(0)) for q in roots if not squares[q].is_number)
        values = (Relation(q, "=", sqrt(squares[q])) for q in roots if squares[q].is_number)
        conditions = (*run.conditions, *values, *signs)
        line, _ = judged(_bare(question, conditions), asked)
        if line.verdict not in ("proved", "rounded", "agrees"):
            return None
        assumed = tuple(f"${latex_of(q, question.context.givens, {})} > 0$" for q in roots)
        return replace(line, decision=replace(line.decision, assumes=(*line.decision.assumes, *assumed)))

    def _in_some_case(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line where words before it may name the case of a kinked function in which it holds."""
        words = run.before or self.beside
        if words is None or not is_telling(words) or asked.sign != "=":
            return None
        if asides(words, question.context.givens, run.ranges) or question.numbers.value_of(asked.left) is not None:
            # Given numbers say which case it is.
            return None
        found = kinks(question.basis, question.ranges, asked.left, asked.right)[:MAX_KINKS]
        told: Iterator[tuple[Relation, ...]] = ((Relation(u, s, Integer(0)),) for u in found for s in _SIDES)
        if names_a_case(words):
            told = chain(told, cases(question.basis, asked.left, asked.right, question.ranges))
        where = _where(run, question, asked, told)
        if where is None:
            return None
        return Line("undecided", Decision("unknown", f"it holds where {where}: whether that is meant is in words"))

    def _of_one_case(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line of a relation that holds in one case of what is given, where its right side shows no other one.

        Only where no words could have named the case: after words a formula is meant as they say.
        """
        is_bare = not run.conditions and not self.case and (self.beside is None or not is_telling(self.beside))
        if not is_bare or asked.sign != "=" or run.goes_on is not None:
            return None
        if question.numbers.value_of(asked.left) is not None:
            return None
        # The letters of a vector or matrix written without any are the reader's: no case can be meant of them.
        written = letters_of(f"{asked.left_source} {asked.right_source}")
        ranges = {i: run for i, run in question.ranges.items() if i.name in written}
        where = _where(run, question, asked, cases(question.basis, asked.left, asked.right, ranges, is_all=self.is_all))
        if where is None:
            return None
        return Line("undecided", Decision("unknown", f"it holds for {where} only: the line does not say so"))

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
        if type(left) is not D or not is_name(left.of) or not is_name(left.wrt):
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

    def _is_own(self, quantity: Expr, givens: Givens) -> bool:
        """Whether it is a name that the proof itself defined."""
        return is_name(quantity) and not self.problem.givens.is_defined(quantity) and givens.is_defined(quantity)

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
        if not term.is_Pow or not is_name(term.base):
            return False
        sources = [d.source for d in givens.definitions_of(label_of(term.base))]
        return any(re.search(r"\^\{?1\}?\s*=", source) for source in sources)


def _where(run: Run, question: Question, asked: Sides, told: Iterator[tuple[Relation, ...]]) -> str | None:
    """The first of the cases in which a relation holds, as formulas; None where it holds in none."""
    for case in islice(told, MAX_CASES):
        there = _bare(question, (*run.conditions, *case))
        line, _ = judged(there, asked)
        if line.verdict in ("proved", "rounded", "agrees") and not _is_idle(there, asked):
            return ", ".join(f"${latex_of(r, question.context.givens, run.ranges)}$" for r in case)
    return None


def _is_self_contained(run: Run, question: Question, asked: Sides) -> bool:
    """Whether a line is concluded from what stands beside it, which speaks of all that it speaks of."""
    beside = question.context.names(*(side for r in run.told for side in (r.lhs, r.rhs)))
    return run.claim.concludes and question.context.names(asked.left, asked.right) <= beside


def _shows(source: str, question: Question, name: Expr) -> bool:
    """Whether a sum of numbers begins with the value that a name has, as the next value of it does."""
    found = _SUMMAND.match(source)
    if found is None:
        return False
    value, first = enclosed(name, question.context.givens), Rational(found[1])
    return value is not None and bool(value == as_fmpq(first))


def _is_idle(question: Question, asked: Sides) -> bool:
    """Whether both sides are 0 in a case, though the right one is written out: who means the case writes 0."""
    if asked.right == 0 or any(isinstance(t, D) for t in subterms(asked.right)):
        return False
    free = Context(replace(question.context.givens, values=()))
    return replace(question, context=free).ask(asked.right, "=", Integer(0)).answer == "proved"


def _bare(question: Question, conditions: tuple[Relation, ...]) -> Question:
    """The question without what it is concluded from, under these conditions."""
    return replace(question, conditions=conditions, premises=(), concludes=False)


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


def _is_square(term: Expr) -> bool:
    return bool(term.is_Pow and term.exp == 2 and is_name(term.base))


def _is_slope(run: Run) -> bool:
    """Whether a chain begins with a derivative, whether this could be read or not."""
    return isinstance(run.first, D) or bool(_SLOPE.search(run.claim.chain.sides[0].source))


def _between(run: Run, n: int) -> str:
    """What stands between two sides of a chain."""
    left, right = run.claim.chain.sides[n], run.claim.chain.sides[n + 1]
    start = left.place.offset_in(run.block.text, run.block.place) + len(left.source)
    return run.block.text[start : right.place.offset_in(run.block.text, run.block.place)]


def _has_value(givens: Givens, quantity: Expr) -> bool:
    return any(v.quantity == quantity for v in givens.values)
