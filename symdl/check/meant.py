"""What else a line that seems to be wrong can have meant: at a point, in a case, after an update, of constants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice

from sympy import Expr, Integer, Rational, Symbol, sqrt

from symdl.check.branches import SIDES, cases, kinks
from symdl.check.context import Context
from symdl.check.conventions import CONVENTION
from symdl.check.dependence import one_step
from symdl.check.doubting import NEITHER
from symdl.check.doubts import (
    FIXED,
    MIXED,
    holds_fixed,
    holds_named,
    names_a_case,
    splits_indices,
)
from symdl.check.entailment import contradictory
from symdl.check.introducing import is_telling
from symdl.check.letters import letters_of
from symdl.check.question import Question
from symdl.check.running import Line, Run, judged
from symdl.check.sentences import speaks_of_slopes
from symdl.check.settings import asides, closed, lies_in, setting, settles
from symdl.check.sides import Sides
from symdl.check.stationary import STATIONARY
from symdl.check.told import Told
from symdl.check.words import inline_formulas, said_for_all
from symdl.language import (
    At,
    Cases,
    D,
    Sigma,
    family,
    free_symbols,
    holds_derivative,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    put,
    quantities,
    scalar,
    subterms,
)
from symdl.problem import Decision, Givens, Ranges, Relation
from symdl.read.moments import is_moment
from symdl.write import latex_of

NOWHERE = "no instance satisfies"
"""In the reason of what is open because several cases, each said of something else, were put together."""

MAX_CASES = 24
"""In how many cases a line without words is tried that seems to be wrong."""

MAX_KINKS = 3
"""How many cases of kinked functions are tried for a line that seems to be wrong."""

_COMPOUND = re.compile(r"[-+(]")
_DIFFERENCE = re.compile(r"[\w})\]|]\s*[-−]\s*[\w\\({\[]")


MAX_UNFOLDED = 3
"""How many steps a moment is followed down to those that are known."""

WHETHER = "whether that is meant is in words"
CONDITIONAL = "whether the expectation is taken with the state before it known is not said"


class Meant(Told):
    """Reads a line that seems to be wrong in what else its author can have meant."""

    def at_kink(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line of a number between the slopes on both sides of a kink, said where it is; None for any other."""
        slopes = [t for t in subterms(asked.left) if type(t) is D]
        if asked.sign != "=" or len(slopes) != 1 or not asked.right.is_number:
            return None
        [slope], left = slopes, asked.left
        settings = left.settings if isinstance(left, At) else ()
        here = tuple(Relation(x, "=", v) for x, v in settings)
        left = slope if isinstance(left, At) else left
        there = bare(question, (*run.conditions, *self.points.values(), *here))
        free = Context(replace(question.context.givens, values=()))
        for u in kinks(question.basis, question.ranges, slope)[:MAX_KINKS]:
            if there.ask(u, "=", Integer(0)).answer != "proved":
                continue
            above, below = (replace(bare(question, (Relation(u, s, Integer(0)),)), context=free) for s in SIDES)
            for one, other in ((above, below), (below, above)):
                is_between = one.ask(left, ">=", asked.right).answer == "proved"
                if is_between and other.ask(left, "<=", asked.right).answer == "proved":
                    return Line("undecided", Decision("unknown", f"{CONVENTION}: the derivative at a kink"))
        return None

    def _with_held(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line of a derivative where what words hold fixed is a constant; None where they hold nothing of it."""
        slope, context = asked.left, question.context
        if not isinstance(slope, D):
            return None
        moving = frozenset[Symbol]().union(*(context.below(label_of(q)) for q in quantities(slope.wrt)))
        held = moving & {label_of(q) for q in context.givens.constants if not _is_start(q, context.givens)}
        is_whole = True
        if self.beside is not None and holds_named(self.beside):
            spoken = inline_formulas(self.beside.text)
            held |= {s for s in moving if any(letters_of(s.name) <= letters_of(formula) for formula in spoken)}
            # Of a term such as r + γV(s') only what stands there is held, and not every V.
            is_whole = not any(_COMPOUND.search(formula) for formula in spoken)
        step = within_step(question, slope, asked.right) if label_of(slope.of) in held else None
        held -= {label_of(slope.of)}
        if step is not None and step[0].ask(slope, asked.sign, step[1]).answer == "proved":
            return Line("proved", Decision("proved", "with the states before held fixed, as words say"))
        if not held:
            return self._with_one_held(question, asked, moving)
        there = replace(question, context=context.without(held))
        found = there.ask(slope, asked.sign, asked.right)
        if found.answer == "refuted" and is_whole:
            return None
        names = ", ".join(f"${s.name}$" for s in sorted(held, key=str))
        if found.answer == "proved" and not there.basis.is_vacuous(slope, asked.right):
            return Line("proved", replace(found, reason=f"with {names} held fixed, as words say"))
        return Line("undecided", Decision("unknown", FIXED))

    def _with_one_held(self, question: Question, asked: Sides, moving: frozenset[Symbol]) -> Line | None:
        """The line of a derivative that holds with one quantity held, where the givens hold one by a noun alone."""
        if not any(b.kind == "words" and holds_fixed(b) for b in self.problem.given_blocks):
            return None
        held = (s for s in sorted(moving - {label_of(q) for q in quantities(asked.left)}, key=str))
        there = (replace(question, context=question.context.without({s})) for s in held)
        if any(q.ask(asked.left, asked.sign, asked.right).answer == "proved" for q in there):
            return Line("undecided", Decision("unknown", FIXED))
        return None

    def _as_one_number(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line of a derivative by a vector, written as if this were one number that is added to every entry."""
        slope = asked.left
        if type(slope) is not D or not is_quantity(slope.wrt) or asked.sign not in ("=", "~"):
            return None
        written = letters_of(f"{asked.left_source} {asked.right_source}")
        letters = [i for i in indices_of(slope.wrt) if is_index(i) and i.name not in written and i in run.ranges]
        if len(letters) != 1 or letters[0] in free_symbols(slope.of) | free_symbols(asked.right):
            return None
        at = run.ranges[letters[0]]
        spread = replace(asked, left=Sigma.over(letters[0], at.lo, at.hi, slope), left_source="")
        line, _ = judged(bare(question, run.conditions), spread)
        if line.verdict not in ("proved", "rounded"):
            return None
        reason = f"with ${label_of(slope.wrt)}$ as one number that stands in every entry"
        return replace(line, decision=replace(line.decision, reason=reason))

    def _under_asides(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line under the relations that the words before it hold; None where they bear on nothing here."""
        givens = question.context.givens
        said = asides(self.beside, givens, run.ranges) if self.beside is not None else ()
        names, letters = question.context.names(asked.left, asked.right), set(run.ranges)
        said = tuple(r for r in said if r not in (*run.conditions, Relation(asked.left, asked.sign, asked.right)))
        said = tuple(r for r in said if (names | letters) & (free_symbols(r.lhs) | free_symbols(r.rhs)))
        said = tuple(r for r in said if r.sign != "=" or r.lhs not in (asked.left, asked.right) or is_index(r.lhs))
        said = tuple(r for r in said if not any(settles(r, side) for side in (asked.left, asked.right)))
        if not said:
            return None
        # Words about the other case do not hold beside the case that is under way.
        is_other = contradictory([*run.conditions, *said], givens) and not contradictory(said, givens)
        if is_other and run.before is not None and setting(run.before, givens).conditions(givens, run.ranges):
            # The words right before the line name its case.
            return None
        line, _ = judged(bare(question, said if is_other else (*run.conditions, *said)), asked)
        if line.verdict in ("proved", "rounded"):
            where = _listed(said, givens, run.ranges)
            over = closed(self.beside, givens) if self.beside is not None else []
            if is_other or any(not lies_in(run.block.place, sentence) for sentence in over):
                return Line("undecided", Decision("unknown", f"it holds where {where}: {WHETHER}"))
            return replace(line, decision=replace(line.decision, reason=f"where {where}"))
        is_case = all(r.sign != "=" or is_index(r.lhs) for r in said) and not is_other
        return line if is_case and NOWHERE not in line.decision.reason else None

    def _after_updates(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line as it holds with the values that names were assigned before it."""
        givens = question.context.givens
        bearing = self.updates.bearing(question.context.names(asked.left, asked.right))
        if not bearing.last:
            return None
        alone = replace(bare(question, run.conditions), lemmas=(), told=(), seen=())
        line, _ = judged(replace(alone, context=Context(bearing.put_in(givens))), asked)
        if line.verdict in ("proved", "rounded"):
            reason = f"with the new value of {_listed(bearing.last, givens)}"
            return replace(line, decision=replace(line.decision, reason=reason))
        return Line("undecided", Decision("unknown", MIXED)) if bearing.count > 1 else None

    def _stationary(self, run: Run, question: Question, asked: Sides, n: int) -> Line | None:
        """The line of a derivative that is set to 0: what is required at a point is no claim about all of them."""
        is_last = n == len(run.claim.chain.signs) - 1
        is_first = n == 0 and asked.left == 0 and isinstance(asked.right, D)
        if asked.sign != "=" or not (is_first or (is_last and asked.right == 0 and _is_slope(run))):
            return None
        if n == 0 and question.basis.is_value(asked.left_source):
            # What a derivative is at a place that is worked out is a claim.
            return None
        if _DIFFERENCE.search(asked.left_source if is_first else asked.right_source):
            # What comes to 0 is a claim; required is what is written as 0.
            return None
        if _is_placed(run, question, n) or question.samples.is_constant(asked.right if is_first else asked.left):
            return None
        if is_first or n > 0:
            return Line("given", Decision("unknown", STATIONARY))
        is_whole = not isinstance(asked.left, D) or not indices_of(asked.left.wrt) or self.is_told_in_words
        return Line("undecided", Decision("unknown", NEITHER)) if is_whole else None

    def _at_points(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line as it holds at the values that a sentence before it names; None where it does not."""
        givens = question.context.givens
        # At the value that words give a name, what a line says of the name itself is not told.
        own = [side for side in (asked.left, asked.right) if is_quantity(side)]
        # What a line says for all values of a name it says of more than one of them.
        of_all = said_for_all(run.block.text, run.before.text if run.before is not None else "")
        free = {q: r for q, r in self.points.items() if str(q) not in of_all}
        said = {q: r for q, r in free.items() if not any(_is_of(q, side) for side in own)}
        valued = {q: r.rhs for q, r in said.items() if has_value(givens, q) and isinstance(r.rhs, Rational)}
        # A value that words name takes the place of the given one.
        rest = replace(givens, values=tuple(v for v in givens.values if v.quantity not in valued))
        if not said or contradictory([*run.conditions, *said.values()], rest):
            return None
        conditions = (*run.conditions, *(r for q, r in said.items() if q not in valued))
        there = bare(question, conditions)
        if valued:
            values = tuple(replace(v, number=valued.get(v.quantity, v.number)) for v in givens.values)
            there = replace(there, context=Context(replace(givens, values=values)), lemmas=(), seen=())
        line, _ = judged(there, asked)
        if line.verdict not in ("proved", "rounded"):
            line, _ = judged(replace(there, premises=question.premises, concludes=question.concludes), asked)
        if line.verdict not in ("proved", "rounded"):
            return None
        at = _listed(said.values(), givens)
        # What a sentence says of a point is over with it, unless a number shows that a value is meant.
        is_wider = asked.sign not in ("=", "~") or quantities(asked.right)
        if is_wider and not said.keys() & question.context.names(asked.left, asked.right) <= (self.leading):
            return Line("undecided", Decision("unknown", f"it holds at {at}: {WHETHER}"))
        return replace(line, decision=replace(line.decision, reason=f"at {at}"))

    def _in_the_case(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line in the case that was stated last; open where words stand between."""
        givens = question.context.givens
        case = tuple(c for c in self.case if not any(settles(c, side) for side in (asked.left, asked.right)))
        if set(case) <= set(run.conditions):
            return None
        line, _ = judged(bare(question, (*run.conditions, *case)), asked)
        if line.verdict not in ("proved", "rounded", "agrees"):
            return None
        where = _listed(case, givens, run.ranges)
        if run.before is not None or line.verdict == "agrees":
            return Line("undecided", Decision("unknown", f"it holds where {where}: {WHETHER}"))
        return replace(line, decision=replace(line.decision, reason=f"where {where}"))

    def _of_constants(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line where what stands in it outside the moments that are taken of its family is no random quantity."""
        givens = question.context.givens
        found: dict[Expr, Expr] = {}
        named = question.context.names(asked.left, asked.right)
        for q in sorted(quantities(asked.left) | quantities(asked.right), key=str):
            name = label_of(q).name
            mean, variance = scalar(rf"\mathbb{{E}}[{name}]"), scalar(rf"\mathrm{{Var}}({name})")
            for label, number in ((mean, q), (variance, Integer(0))):
                member = family(label, *indices_of(q))
                if label in named:
                    found[member] = number
        for start in _starts(question.context, named):
            name = label_of(start).name
            found.setdefault(family(scalar(rf"\mathbb{{E}}[{name}]"), *indices_of(start)), start)
            found.setdefault(family(scalar(rf"\mathrm{{Var}}({name})"), *indices_of(start)), Integer(0))
        if not found:
            return None
        # What a rule makes random is a constant only at the time of which words say so.
        own = {q for q in found if label_of(q) in question.context.uses and any(map(free_symbols, indices_of(q)))}
        is_said = all(found[q] in givens.constants for q in own if found[q] != 0)
        settings = tuple(Relation(member, "=", number) for member, number in found.items())
        there, meant = bare(question, (*run.conditions, *settings)), asked
        if own:
            sides = (_down_to(side, found, givens) for side in (asked.left, asked.right))
            there, meant = bare(question, run.conditions), replace(asked, left=next(sides), right=next(sides))
        line, _ = judged(there, meant)
        if line.verdict not in ("proved", "rounded", "agrees"):
            return None
        if own and not is_said:
            return Line("undecided", Decision("unknown", CONDITIONAL))
        assumed = tuple(f"${latex_of(r, givens, {})}$" for r in settings)
        return replace(line, decision=replace(line.decision, assumes=(*line.decision.assumes, *assumed)))

    def _in_a_branch(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line as it holds in one of the cases that the proof has split into; None where it does in neither."""
        if any(isinstance(t, Cases) for side in (asked.left, asked.right) for t in subterms(side)):
            return None
        for case in self.branches:
            line, _ = judged(bare(question, (*run.conditions, case)), asked)
            if line.verdict in ("proved", "rounded"):
                return replace(line, decision=replace(line.decision, reason="in one of the cases above"))
        return None

    def _with_roots(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line where what only the square of is given is positive, as a standard deviation is."""
        names = question.context.names(asked.left, asked.right)
        facts = [f.relation for f in question.context.facts if f.relation.sign == "=" and not f.ranges]
        squares = {a.base: b for r in facts for a, b in ((r.lhs, r.rhs), (r.rhs, r.lhs)) if _is_square(a)}
        # What is given to be one of two numbers by its square, the label y with y^2 = y or 1, has no sign of its own.
        labels = {q for q, square in squares.items() if square == 1 or label_of(q) in question.context.names(square)}
        roots = sorted((q for q in squares.keys() - labels if label_of(q) in names), key=str)
        if not roots:
            return None
        signs = (Relation(q, ">", Integer(0)) for q in roots if not squares[q].is_number)
        values = (Relation(q, "=", sqrt(squares[q])) for q in roots if squares[q].is_number)
        conditions = (*run.conditions, *values, *signs)
        line, _ = judged(bare(question, conditions), asked)
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
        found = kinks(question.basis, question.ranges, asked.left, asked.right)
        if r"\begin{cases}" in asked.right_source:
            # A side that is written case by case speaks of all of these.
            own = kinks(question.basis, question.ranges, asked.right)
            found = [u for u in found if u not in own and -u not in own]
        found = found[:MAX_KINKS]
        told: Iterator[tuple[Relation, ...]] = ((Relation(u, s, Integer(0)),) for u in found for s in SIDES)
        if names_a_case(words):
            told = chain(told, cases(question.basis, asked.left, asked.right, question.ranges, is_told=True))
        where = _where(run, question, asked, told)
        if where is None:
            return None
        return Line("undecided", Decision("unknown", f"it holds where {where}: {WHETHER}"))

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
        if not self.is_all and not any(map(splits_indices, self.texts)):
            # A proof that nowhere tells equal indices from others means all of them.
            ranges = {i: run for i, run in ranges.items() if not is_index(i)}
        where = _where(run, question, asked, cases(question.basis, asked.left, asked.right, ranges, is_all=self.is_all))
        if where is None:
            return None
        return Line("undecided", Decision("unknown", f"it holds for {where} only: the line does not say so"))


def _is_of(member: Expr, whole: Expr) -> bool:
    """Whether a quantity is another one, or a member of the family that this is at its letters."""
    return member == whole or (
        label_of(member) == label_of(whole)
        and all(a == b or is_index(b) for a, b in zip(indices_of(member), indices_of(whole), strict=False))
    )


def _starts(context: Context, names: frozenset[Symbol]) -> Iterator[Expr]:
    """The first members of families that go on from one to the next, and of whose moments some names are."""
    for name in sorted(context.uses, key=lambda s: s.name):
        runs = context.givens.families.get(name, ())
        moments = {scalar(rf"\mathbb{{E}}[{name.name}]"), scalar(rf"\mathrm{{Var}}({name.name})")}
        if len(runs) == 1 and moments & names and context.recurs(name):
            yield family(name, runs[0].lo)


def _down_to(term: Expr, known: Mapping[Expr, Expr], givens: Givens) -> Expr:
    """A term with the moments in it by those that are known, and these as what they are known to be.

    A rule is put for every time but the start, of which it does not speak.
    """
    for _ in range(MAX_UNFOLDED):
        bodies: dict[Expr, Expr] = {}
        for q in quantities(term) - known.keys():
            for d in givens.definitions_of(label_of(q)) if is_moment(label_of(q).name) else ():
                if len(d.pattern) == len(indices_of(q)) and all(map(is_index, d.pattern)):
                    bodies[q] = put(d.body, dict(zip(d.pattern, indices_of(q), strict=True)))
        term = put(term, bodies)
    return put(term, known)


def _where(run: Run, question: Question, asked: Sides, told: Iterator[tuple[Relation, ...]]) -> str | None:
    """The first of the cases in which a relation holds, as formulas; None where it holds in none."""
    given = [f.relation for f in question.context.facts if not f.ranges]
    for case in islice(told, MAX_CASES):
        # What is given may exclude a case.
        if contradictory([*given, *run.conditions, *case], question.context.givens):
            continue
        if any(r.sign == "=" and question.ask(r.lhs, "!=", r.rhs).answer == "proved" for r in case):
            continue
        there = bare(question, (*run.conditions, *case))
        line, _ = judged(there, asked)
        if line.verdict in ("proved", "rounded", "agrees") and not _is_idle(there, asked):
            return _listed(case, question.context.givens, run.ranges)
    return None


def _listed(formulas: Iterable[Expr | Relation], givens: Givens, ranges: Ranges | None = None) -> str:
    return ", ".join(f"${latex_of(f, givens, ranges)}$" for f in formulas)


def _is_idle(question: Question, asked: Sides) -> bool:
    """Whether both sides are 0 in a case, though the right one is written out: who means the case writes 0."""
    if asked.right == 0 or holds_derivative(asked.right):
        return False
    free = Context(replace(question.context.givens, values=()))
    return replace(question, context=free).ask(asked.right, "=", Integer(0)).answer == "proved"


def within_step(question: Question, slope: D, right: Expr) -> tuple[Question, Expr] | None:
    """The question, and what a derivative is said to be, with the states of a recurrence before one step held."""
    step = one_step(question.context, slope.of, right)
    if step is None:
        return None
    context, (there,) = step
    known = question.known | {label_of(q) for q in quantities(there)}
    return replace(question, context=context, known=known), there


def bare(question: Question, conditions: tuple[Relation, ...]) -> Question:
    """The question without what it is concluded from, under these conditions."""
    return replace(question, conditions=conditions, premises=(), concludes=False)


def _is_square(term: Expr) -> bool:
    return bool(term.is_Pow and term.exp == 2 and is_quantity(term.base))


def _is_slope(run: Run) -> bool:
    """Whether a chain begins with a derivative, whether this could be read or not."""
    return isinstance(run.first, D) or speaks_of_slopes(run.claim.chain.sides[0].source)


def _is_placed(run: Run, question: Question, n: int) -> bool:
    """Whether conditions say at which place a chain that begins with a derivative is meant, or may say so.

    A case that is no place leaves the end of a longer chain a demand, and says what a derivative alone is.
    """
    if not isinstance(run.first, D):
        return bool(question.conditions)
    varied = label_of(run.first.wrt)
    bearing = [c for c in question.conditions if varied in question.context.names(*c.sides)]
    return any(c.sign == "=" or n == 0 for c in bearing)


def has_value(givens: Givens, quantity: Expr) -> bool:
    return quantity in givens.stated


def _is_start(quantity: Expr, givens: Givens) -> bool:
    """Whether a quantity is a member before those that a recurrence defines: with h_0 held, no h_t changes."""
    indices = indices_of(quantity)
    rules = [d for d in givens.definitions if d.label == label_of(quantity) and any(map(is_index, d.pattern))]
    return bool(indices) and any(
        any(is_index(p) and (i - d.ranges[p].lo).is_negative for p, i in zip(d.pattern, indices, strict=False))
        for d in rules
        if set(d.ranges) >= {p for p in d.pattern if is_index(p)}
    )
