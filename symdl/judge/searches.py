"""The search for a proof of a goal: what is kept, written out, unrolled or multiplied, one way after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Abs, Integer, Symbol

from symdl.judge.adjoints import through_time
from symdl.judge.definite import is_by_squares
from symdl.judge.derivative import NotProvableError, OutOfFuelError
from symdl.judge.generalised import without_directions
from symdl.judge.goals import FUEL, Goal, Record, members
from symdl.judge.instances import MAX_MEMBERS
from symdl.judge.inverses import multiplied_out, with_multiplied_facts
from symdl.judge.normal import has_own_slope
from symdl.judge.posed import posed
from symdl.judge.proof import prove
from symdl.judge.residues import Residue, difference
from symdl.judge.unrolled import unrolled
from symdl.judge.whole import is_function_value, runs_in
from symdl.language import Delta, Inverse, free_symbols, kinds, subterms
from symdl.problem import Givens, Ranges, Relation

LENGTHS = (3, 16)
"""The longest ranges of known length that are written out, by attempt: most proofs hold for any length."""


def plainly_proved(goal: Goal, record: Record) -> tuple[bool, Residue | None]:
    """Whether both sides have the same normal form, without cases and inductions; else what is left of the goal."""
    left: Residue | None = None
    for known in _known(goal):
        try:
            found = difference(known, record)
        except (NotProvableError, RecursionError, ArithmeticError):
            continue
        if found is None:
            return True, None
        left = found if known is goal else left
    return False, left


def _known(goal: Goal) -> Iterator[Goal]:
    """The goal, the same with the values of functions as they stand, and each without equations proved before.

    What was proved of a derivative may speak of quantities of which too little is known here.  Last the names of which
    equations that are given speak stand for themselves: σ = u'Wv says nothing where Wv = σu is given.
    """
    yield goal
    setting = goal.setting
    definitions = setting.givens.definitions
    inside = kinds(goal.lhs).union(kinds(goal.rhs), *(kinds(d.body) for d in definitions))
    names = any(map(has_own_slope, inside)) or any(
        is_function_value(d.body) and not setting.recurs(d) for d in definitions
    )
    for rules in (setting.rules, ()) if setting.rules else ((),):
        for keeps in (False, True) if names else (False,):
            if keeps or rules != setting.rules:
                yield replace(goal, setting=replace(setting, rules=rules, keeps_names=keeps))
    spoken = spoken_of(setting.givens, equations=True)
    if spoken:
        yield replace(goal, setting=replace(setting, kept=spoken))


def spoken_of(givens: Givens, *, equations: bool = False) -> frozenset[Symbol]:
    """The defined quantities without indices that stand in the bounds, or in the equations, among the facts."""
    said = [f.relation for f in givens.facts if (f.relation.sign == "=") is equations]
    names = frozenset().union(*(free_symbols(e) for r in said for e in r.sides))
    return frozenset(d.label for d in givens.definitions if not d.pattern and d.label in names)


def named_in(relation: Relation, givens: Givens) -> frozenset[Symbol]:
    """The quantities that a relation names and that are defined, but for matrices that are written by squares."""
    names = free_symbols(relation.lhs) | free_symbols(relation.rhs)
    return frozenset(d.label for d in givens.definitions if d.label in names and not is_by_squares(d))


def attempt(goal: Goal, first: Record | None = None, residue: Residue | None = None) -> tuple[Record, bool, str]:
    """The first proof that goes through, or the last failure, for all values of the index letters or for each one.

    Each one comes first where entries with numbers for indices stand in the goal, which no general proof knows.
    `residue` is what is left of the goal, if that was worked out under `first`, whose fuel is then filled up.
    """
    failure = ""
    first = first or Record()
    fuel = first.fuel
    fuel[0] = FUEL
    each = members(goal, MAX_MEMBERS)
    ways = [[goal]] if each is None else [each] if _names_members(goal) else [[goal], each]
    for goals in ways:
        record, proved, failure = _proof(goals, fuel, residue if goals[0] is goal else None, first.could_divide)
        if proved:
            record.cases += len(goals) > 1
            return record, True, ""
        if fuel[0] < 0:
            break
    return Record(), False, failure


def _proof(goals: list[Goal], fuel: list[int], residue: Residue | None, could_divide: bool) -> tuple[Record, bool, str]:
    """The first proof of all goals that goes through; states are kept or unfolded, powers split or not."""
    failure = ""
    goal = goals[0]
    states = any(goal.setting.is_state(d.label) for d in goal.setting.givens.definitions)
    bars = any(Abs in kinds(side) for side in (goal.lhs, goal.rhs))
    kept = (False, True) if states else (False,)
    lengths = LENGTHS if _has_lengths(goal) else LENGTHS[:1]
    ways = [(n, splits, unfolds) for n in lengths for splits in (False, True)[: 1 + bars] for unfolds in kept]
    for length, splits, unfolds in ways:
        for divides in (False, True):
            # The first way is the one in which it was worked out what is left.
            record, left, residue = Record(fuel=fuel), residue, None
            record.could_divide = left is not None and could_divide
            way = {"unfolds_states": unfolds, "divides": divides, "splits_bars": splits, "written_out": length}
            try:
                posed_so = [replace(g, setting=replace(g.setting, **way)) for g in goals]  # type: ignore[arg-type]
                if all(prove(g, record, residue=left) for g in posed_so):
                    return record, True, ""
            except OutOfFuelError as reason:
                return Record(), False, str(reason)
            except NotProvableError as reason:
                failure = str(reason)
            except (RecursionError, ArithmeticError):
                failure = "terms nest too deep or grow too large"
            failure = failure or record.trouble
            if not record.could_divide:
                break
    return Record(), False, failure


def by_vectors(
    relation: Relation, givens: Givens, ranges: Ranges, conditions: Sequence[Relation]
) -> tuple[Record, bool]:
    """A proof of the relation with free vectors for directional derivatives."""
    found = without_directions((relation.lhs, relation.rhs), conditions, givens)
    if found is None:
        return Record(), False
    (lhs, rhs), told, known = found
    goal = replace(posed(lhs, rhs, known, ranges, told, ()), sign=relation.sign)
    record, proved, _ = attempt(goal)
    return record, proved


def by_inverses(
    relation: Relation, givens: Givens, ranges: Ranges, conditions: Sequence[Relation]
) -> tuple[Record, bool]:
    """A proof of the relation times a matrix of which it holds the inverse, for letters that are not spoken of.

    First a proof of it as it is by the equations that are given, these times the matrices whose inverses they hold.
    """
    known = with_multiplied_facts(givens)
    if known is not givens:
        record, proved, _ = attempt(posed(relation.lhs, relation.rhs, known, ranges, conditions, ()))
        if proved:
            return record, True
    bodies = [d.body for d in givens.definitions if Inverse in kinds(d.body)]
    if not bodies and not any(Inverse in kinds(side) for side in relation.sides):
        return Record(), False
    free = free_ranges(givens, ranges, conditions)
    fixed = {i: run for i, run in ranges.items() if i not in free}
    for made in multiplied_out(relation.lhs, relation.rhs, free, bodies):
        goal = posed(made.lhs, made.rhs, givens, {**fixed, **made.ranges}, conditions, ())
        record, proved, _ = attempt(goal)
        if proved:
            return record, True
    return Record(), False


def free_ranges(givens: Givens, ranges: Ranges, conditions: Sequence[Relation]) -> Ranges:
    """The ranges of the letters that stand for every index: neither an input nor what a condition speaks of is one."""
    said = frozenset().union(*(free_symbols(side) for c in conditions for side in c.sides))
    return {i: run for i, run in ranges.items() if i not in said and i not in givens.positions}


def by_adjoints(goal: Goal) -> tuple[Record, bool]:
    """A proof of the goal with total derivatives through a recurrence written by those that come after them."""
    found = through_time(goal, Record())
    if found is None:
        return Record(), False
    record, proved, _ = attempt(found.goal)
    if not proved:
        record, proved = by_unrolling(found.goal)
    record.grant((), found.kinks)
    # A condition on what only stands for a derivative would tell a reader nothing.
    return record, proved and all(found.named.keys().isdisjoint(free_symbols(e)) for e, _ in record.assumes)


def by_unrolling(goal: Goal) -> tuple[Record, bool]:
    """A proof of the goal with the states of linear recurrences written out."""
    for written in unrolled(goal, Record()):
        record, proved, _ = attempt(written)
        if proved:
            return record, True
    return Record(), False


def _names_members(goal: Goal) -> bool:
    """Whether an index is compared with a number in what the goal rests on: entries are given one by one."""
    terms = [goal.lhs, goal.rhs, *(d.body for d in goal.setting.givens.definitions)]
    deltas = (t for term in terms if Delta in kinds(term) for t in subterms(term) if isinstance(t, Delta))
    return any(isinstance(a, Integer) for t in deltas for a in t.args)


def _has_lengths(goal: Goal) -> bool:
    """Whether a range of known length that is not short occurs."""
    givens = goal.setting.givens
    terms = [goal.lhs, goal.rhs, *(d.body for d in givens.definitions)]
    terms += [e for f in givens.facts for e in f.relation.sides]
    runs = [run for term in terms for run in runs_in(term)]
    runs += [(r.lo, r.hi) for d in givens.definitions for r in d.ranges.values()]
    return any(isinstance(hi - lo, Integer) and hi - lo >= LENGTHS[0] for lo, hi in runs)
