r"""Relations that speak of limits, of infinity, of integrals and of greatest and least values.

All these are worked out first (`limits`, `integrals`, `extremes`); what is left is decided like any other relation.
Infinity is compared with infinity, or with what has a value; nothing that is undefined is ever compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import flint
from flint import arb
from sympy import Expr, Integer, S, Symbol, latex

from symdl.judge.balls import Evaluation, NoValueError, base_of
from symdl.judge.derivative import NotProvableError
from symdl.judge.extremes import Extremes, has_extremes
from symdl.judge.horizons import CONVERGES, Horizon, far_enough
from symdl.judge.instances import PRECISIONS, instances
from symdl.judge.integrals import Integrals, has_integrals
from symdl.judge.integrands import Asked, by_integrands
from symdl.judge.limits import INFINITE, Limits, is_unbounded
from symdl.judge.whole import Setting
from symdl.judge.world import Instance, Question
from symdl.language import Extreme, free_symbols
from symdl.problem import Decision, Givens, Ranges, Relation, Symbolic

Decides = Callable[[Relation, Givens, Ranges, Sequence[Relation]], Decision]
"""Decides a relation without any of these."""

INTEGRANDS = "integrand by integrand"
"""How a relation between two integrals is proved that are not worked out."""

TRIED = 3
"""At how many instances a value is looked for where the other side is infinite."""


def is_beyond(terms: Sequence[Expr], givens: Givens, conditions: Sequence[Relation] = ()) -> bool:
    """Whether a limit, infinity, an integral or an extreme stands in terms or definitions, or an integral in facts."""
    if any(map(_is_beyond, terms)) or any(_is_beyond(d.body) for d in givens.definitions):
        return True
    return any(map(_speaks_of_integrals, (*conditions, *(f.relation for f in givens.facts))))


@dataclass(frozen=True)
class Worked:
    """A relation, givens and what is `told`, with all limits and the like worked out, as far as `conditions` hold.

    `horizons` are where sums over sequences were cut.  What `is_whole` does not leave out a fact that may matter.
    """

    relation: Relation
    givens: Givens
    told: tuple[Relation, ...]
    conditions: tuple[Relation, ...]
    assumes: tuple[str, ...]
    horizons: tuple[Horizon, ...] = ()
    is_whole: bool = True

    @property
    def is_finite(self) -> bool:
        """Whether neither side is infinite."""
        return not any(side in INFINITE for side in self.relation.sides)

    def granted(self, decision: Decision) -> Decision:
        """A decision on the relation that is left, with what was assumed before."""
        if decision.answer == "refuted" and not self.is_whole:
            return Decision("unknown", "what is given of an integral could not be worked out")
        if decision.answer == "refuted" and not all(h.is_free for h in self.horizons):
            return Decision("unknown", "sums without end whose first terms differ")
        if decision.answer != "proved":
            return decision
        assumes = {*decision.assumes, *self.assumes, *map(_as_text, self.conditions)}
        return replace(decision, assumes=tuple(sorted(assumes)))


def decided(
    relation: Relation, givens: Givens, ranges: Ranges, conditions: Sequence[Relation], decides: Decides
) -> Decision:
    """What is known of a relation in which there is something to work out."""
    found = _decided(relation, givens, ranges, conditions, decides)
    is_open = found.answer in ("unknown", "agrees")
    is_within = is_open and _holds_within(relation, givens, ranges, conditions, decides)
    return Decision("proved", INTEGRANDS) if is_within else found


def _holds_within(
    relation: Relation, givens: Givens, ranges: Ranges, conditions: Sequence[Relation], decides: Decides
) -> bool:
    """Whether a relation between two integrals over one range is proved to hold between what is integrated."""

    def is_proved(asked: Asked) -> bool:
        inside, told = asked
        decision = decides(inside, givens, ranges, (*conditions, *told))
        return decision.answer == "proved" and not decision.assumes

    return any(all(map(is_proved, way)) for way in by_integrands(relation))


def _decided(
    relation: Relation, givens: Givens, ranges: Ranges, conditions: Sequence[Relation], decides: Decides
) -> Decision:
    try:
        worked = _worked_out(relation, givens, ranges, conditions, decides)
    except (NotProvableError, RecursionError, ArithmeticError) as failure:
        known = replace(givens, definitions=tuple(d for d in givens.definitions if not _is_beyond(d.body)))
        extremes = Extremes(known, ranges, conditions, partial(_under, decides, ranges))
        return _beaten(relation, extremes) or Decision("unknown", f"not worked out: {failure}")
    told = (*worked.told, *worked.conditions)
    if worked.horizons:
        try:
            bodies = (d.body for d in givens.definitions)
            told = (*told, *far_enough(worked.horizons, worked.relation, (*relation.sides, *bodies)))
        except NotProvableError as failure:
            return Decision("unknown", f"not worked out: {failure}")
    judged = decides if worked.is_finite else _compared
    return worked.granted(judged(worked.relation, worked.givens, ranges, told))


def worked_out(
    relation: Relation, givens: Givens, ranges: Ranges, conditions: Sequence[Relation], decides: Decides
) -> Worked | None:
    """The relation that is left where all of these are worked out; None where one is not known, or cut.

    None too of an inequality that holds between what is integrated, which the values need not show.
    """
    if relation.sign != "=" and _holds_within(relation, givens, ranges, conditions, decides):
        return None
    try:
        worked = _worked_out(relation, givens, ranges, conditions, decides)
    except (NotProvableError, RecursionError, ArithmeticError):
        return None
    return None if worked.horizons else worked


def _under(decides: Decides, ranges: Ranges, r: Relation, givens: Givens, told: Sequence[Relation]) -> Decision:
    return decides(r, givens, ranges, told)


def _speaks_of_integrals(relation: Relation) -> bool:
    return any(map(has_integrals, relation.sides))


def _is_beyond(term: Expr) -> bool:
    return is_unbounded(term) or has_extremes(term) or has_integrals(term)


class _Work:
    """Works out limits, integrals and extremes by what is known by then, and keeps what their values rest on.

    What speaks of integrals itself is no fact and no condition until it is worked out.
    """

    def __init__(self, givens: Givens, ranges: Ranges, told: Sequence[Relation], decides: Decides) -> None:
        self.givens, self.ranges, self.told, self.decides = givens, ranges, told, decides
        self.facts = tuple(f for f in givens.facts if not _speaks_of_integrals(f.relation))
        self.conditions = [r for r in told if not _speaks_of_integrals(r)]
        self.pending = [d for d in givens.definitions if _is_beyond(d.body)]
        plain = tuple(d for d in givens.definitions if d not in self.pending)
        self.known = replace(givens, definitions=plain, facts=self.facts)
        self.needed: dict[Relation, None] = {}
        self.assumes: dict[str, None] = {}
        self.horizons: dict[Horizon, None] = {}

    def of(self, term: Expr, inside: Ranges) -> Expr:
        """A term without limits, integrals and extremes."""
        setting = Setting(self.known, {**self.known.positions, **inside}, told=tuple(self.conditions))
        made = Integrals(setting, self.needed).of(term)
        extremes = Extremes(self.known, inside, self.conditions, partial(_under, self.decides, inside))
        made = extremes.of(made)
        self.needed.update(extremes.needed)
        self.assumes.update(extremes.assumes)
        return Limits(setting, self.needed, self.horizons).of(made)

    def plain(self, r: Relation, inside: Ranges) -> Relation:
        """A relation without them."""
        return Relation(self.of(r.lhs, inside), r.sign, self.of(r.rhs, inside))

    def define(self, names: frozenset[Symbol], whole: Setting) -> None:
        """Work out what definitions hold, each after those that it rests on.

        Raises  NotProvableError where one of those that lead to the names has no value that is known.
        """
        pending = self.pending
        while pending:
            labels = {d.label for d in pending}
            rests = [d for d in pending if not any(whole.reaches(s, o) for s in free_symbols(d.body) for o in labels)]
            if not rests:
                raise NotProvableError("limits that rest on each other")
            for d in rests:
                pending.remove(d)
                try:
                    worked = replace(d, body=self.of(d.body, {**self.ranges, **d.ranges}))
                except NotProvableError:
                    if any(whole.reaches(s, d.label) for s in names):
                        raise
                else:
                    self.known = replace(self.known, definitions=(*self.known.definitions, worked))

    def suppose(self) -> list[Relation]:
        """Work out the facts and conditions that speak of integrals; those of them that could not be."""
        left_out: list[Relation] = []
        for fact in (f for f in self.givens.facts if _speaks_of_integrals(f.relation)):
            try:
                self.facts += (replace(fact, relation=self.plain(fact.relation, fact.ranges)),)
            except NotProvableError:
                left_out.append(fact.relation)
        for r in filter(_speaks_of_integrals, self.told):
            try:
                self.conditions.append(self.plain(r, self.ranges))
            except NotProvableError:
                left_out.append(r)
        self.known = replace(self.known, facts=self.facts)
        return left_out


def _worked_out(
    relation: Relation, givens: Givens, ranges: Ranges, told: Sequence[Relation], decides: Decides
) -> Worked:
    whole, work = Setting(givens, {}), _Work(givens, ranges, told, decides)
    work.define(free_symbols(relation.lhs) | free_symbols(relation.rhs), whole)
    left_out = work.suppose()
    made = work.plain(relation, ranges)
    if work.horizons:
        work.assumes[CONVERGES] = None
    conditions = tuple(work.conditions)
    said = [*conditions, *(f.relation for f in work.facts)]
    is_whole = not any(_are_tied(relation, r, said, whole) for r in left_out)
    needed, assumes, horizons = tuple(work.needed), tuple(work.assumes), tuple(work.horizons)
    return Worked(made, work.known, conditions, needed, assumes, horizons, is_whole)


def _are_tied(one: Relation, other: Relation, said: Sequence[Relation], whole: Setting) -> bool:
    """Whether what is said, or definitions, may tie what one relation speaks of to what another one does."""

    def names(r: Relation) -> frozenset[Symbol]:
        return frozenset().union(*(whole.closure(s) for side in r.sides for s in free_symbols(side)))

    reached, pending = names(one), [names(r) for r in said]
    while near := [held for held in pending if held & reached]:
        reached = reached.union(*near)
        pending = [held for held in pending if held not in near]
    return bool(reached & names(other))


def _beaten(relation: Relation, extremes: Extremes) -> Decision | None:
    """The refutation of an extreme value by a value beyond it, where it could not be worked out."""
    sides = ((relation.lhs, relation.rhs), (relation.rhs, relation.lhs))
    for one, other in sides if relation.sign == "=" else ():
        if isinstance(one, Extreme) and not has_extremes(other) and not is_unbounded(other):
            try:
                return extremes.refuted(one, other)
            except NotProvableError:
                continue
    return None


def _compared(relation: Relation, givens: Givens, ranges: Ranges, conditions: Sequence[Relation]) -> Decision:
    """The decision where at least one side is infinite."""
    sides = [relation.lhs, relation.rhs]
    if all(side in INFINITE for side in sides):
        signs = [1 if side is S.Infinity else -1 for side in sides]
        return _answered(relation.sign, signs[0] - signs[1], "one side is ∞ and the other -∞")
    finite, at = (sides[0], 0) if sides[1] in INFINITE else (sides[1], 1)
    above = (1 if sides[1 - at] is S.Infinity else -1) * (1 if at else -1)
    question = Question((finite,), givens, ranges, tuple(conditions))
    for instance in instances(question, TRIED):
        value, assumes = _value_beyond(finite, instance)
        if value is None:
            continue
        if value in INFINITE:
            signs = [1 if s is S.Infinity else -1 for s in ((value, sides[1]) if at == 0 else (sides[0], value))]
            found = _answered(relation.sign, signs[0] - signs[1], "one side is ∞ and the other -∞")
            if found.answer == "proved" and not instance.rests_on_given():
                continue
        else:
            found = _answered(relation.sign, above, "one side is infinite and the other has a value")
        return replace(found, assumes=assumes, instance=instance.text() if found.answer == "refuted" else {})
    return Decision("unknown", "no instance at which the other side has a value")


def _value_beyond(expr: Expr, instance: Instance) -> tuple[Expr | None, tuple[str, ...]]:
    """∞, -∞ or, for any number, 0, and what was assumed; None where the term is undefined or no ball tells."""
    with flint.ctx.workprec(PRECISIONS[1]):
        instance.looked.clear()
        evaluation = Evaluation(instance, extended=True)
        try:
            found = base_of(evaluation.term(expr))
        except (NoValueError, RecursionError):
            return None, ()
        assumes = tuple(sorted(evaluation.met))
        if not isinstance(found, arb) or found.is_finite():
            return Integer(0), assumes
        return (S.Infinity if found > 0 else S.NegativeInfinity if found < 0 else None), assumes


def _answered(sign: Symbolic, gap: int, reason: str) -> Decision:
    """The decision on a relation of which the left side is so much more than the right one."""
    holds = {"=": gap == 0, "~": gap == 0, "!=": gap != 0, ">": gap > 0, "<": gap < 0, ">=": gap >= 0, "<=": gap <= 0}
    return Decision("proved", "values that may be infinite") if holds[sign] else Decision("refuted", reason)


def _as_text(r: Relation) -> str:
    signs = {"!=": r"\neq", ">=": r"\geq", "<=": r"\leq"}
    return f"${latex(r.lhs)} {signs.get(r.sign, r.sign)} {latex(r.rhs)}$"
