"""A question as a goal: its conditions between whole numbers put in, or kept for what is compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Expr, Integer, Symbol

from symdl.judge.goals import Goal
from symdl.judge.instances import least_sizes
from symdl.judge.inverses import with_inverses
from symdl.judge.linear import linear
from symdl.judge.whole import Rule, Setting, universal
from symdl.judge.world import Question
from symdl.language import free_symbols, is_index, put
from symdl.problem import Fact, Givens, Range, Ranges, Relation

Lemma = tuple[Expr, Expr, Ranges]
"""An equation that is known to hold for all values of its letters in their ranges."""


def posed(
    lhs: Expr,
    rhs: Expr,
    givens: Givens,
    ranges: Ranges,
    conditions: Sequence[Relation],
    lemmas: Sequence[Lemma],
) -> Goal:
    """What is to be proved, in the setting of all that is given and said."""
    # What says nothing of a quantity does not tie it.
    telling = tuple(f for f in givens.facts if f.relation.lhs != f.relation.rhs)
    givens = givens if len(telling) == len(givens.facts) else replace(givens, facts=telling)
    said = [*conditions, *(f.relation for f in givens.facts)]
    givens = with_inverses(givens, [lhs, rhs, *(e for r in said for e in r.sides)])
    fixed = _inputs(givens) if lemmas else frozenset()
    rules: tuple[Rule, ...] = tuple(
        universal((a, b, {i: run for i, run in r.items() if i not in fixed})) for a, b, r in lemmas
    )
    # A letter that the equation speaks of has a value, so its range is not empty.
    named = free_symbols(lhs) | free_symbols(rhs)
    runs = [run for i, run in sorted(ranges.items(), key=lambda p: p[0].name) if i in named]
    lengths = tuple(r.hi - r.lo for r in runs if any(is_index(s) for s in free_symbols(r.lo)))
    least = least_sizes(Question((lhs, rhs), givens, ranges, tuple(conditions)), is_defined=True)
    for r in runs:
        gap = linear(r.hi - r.lo)
        if gap is not None and len(gap[0]) == 1 and gap[0][0][1] == 1 and gap[0][0][0].is_positive:
            ((size, _),) = gap[0]
            least[size] = max(least.get(size, 1), -gap[1])
    lowest = {size: n for size, n in least.items() if n > 1}
    givens = _with_own_letters(givens, named.union(ranges, *(free_symbols(e) for c in conditions for e in c.sides)))
    setting = Setting(givens, {**givens.positions, **ranges}, lowest, nonnegative=lengths, rules=rules)
    whole = [f.relation for f in givens.facts if not f.ranges and is_whole(f.relation)]
    return _under(Goal(lhs, rhs, setting), [c for c in (*conditions, *whole) if c.lhs != c.rhs])


def _under(goal: Goal, pending: Sequence[Relation]) -> Goal:
    """The goal where conditions hold: those on whole numbers are solved, or kept as bounds, and the others told."""
    for c in sorted(pending, key=lambda c: c.sign != "="):
        if not is_whole(c):
            goal = goal.under(told=(c,))
            continue
        gap = c.lhs - c.rhs
        if c.sign == "=":
            solved = _solved(gap)
            if solved is not None:
                letter, value = solved
                run = goal.setting.ranges.get(letter)
                goal = goal.put({letter: value})
                if not is_index(letter):
                    goal = _with_size(goal, letter, value)
                if run is not None:
                    goal = goal.under(nonnegative=(value - run.lo, run.hi - value))
            else:
                goal = goal.under(nonnegative=(gap, -gap))
        elif c.sign == "!=":
            goal = goal.under(nonzero=(gap,))
        elif c.sign in (">", ">="):
            goal = _at_least_zero(goal, gap - 1 if c.sign == ">" else gap)
        elif c.sign in ("<", "<="):
            goal = _at_least_zero(goal, -gap - 1 if c.sign == "<" else -gap)
    return goal


def _with_own_letters(givens: Givens, taken: frozenset[Symbol]) -> Givens:
    """The givens with other letters in the facts that hold for all values of letters of which the question speaks.

    So do those that hold for all values of a letter in different ranges: a letter always has the same range, which the
    name of the new one tells.
    """
    runs: dict[Symbol, set[Range]] = {}
    for i, run in (p for f in givens.facts for p in f.ranges.items()):
        runs.setdefault(i, set()).add(run)
    taken |= {i for i, found in runs.items() if len(found) > 1}
    facts: list[Fact] = []
    for f in givens.facts:
        if not taken.isdisjoint(f.ranges):
            own: dict[Expr, Expr] = {}
            for i, run in f.ranges.items():
                run = run.at(own)
                own[i] = Symbol(f"¤{i.name}∈{run.lo}…{run.hi}", integer=True)
            ranges = {own[i]: run.at(own) for i, run in f.ranges.items()}
            lhs, rhs = (put(side, own) for side in f.relation.sides)
            f = replace(f, relation=replace(f.relation, lhs=lhs, rhs=rhs), ranges=ranges)
        facts.append(f)
    return replace(givens, facts=tuple(facts)) if facts != list(givens.facts) else givens


def _with_size(goal: Goal, size: Symbol, value: Expr) -> Goal:
    """The goal where a size that definitions speak of is a number."""
    givens = goal.setting.givens
    bodies = tuple(replace(d, body=put(d.body, {size: value})) for d in givens.definitions)
    return replace(goal, setting=replace(goal.setting, givens=replace(givens, definitions=bodies)))


def _at_least_zero(goal: Goal, gap: Expr) -> Goal:
    """The goal where a difference of whole numbers is not negative: the range of a letter begins there, if it can.

    From there an induction over the letter begins, too.
    """
    setting = goal.setting
    if setting.is_nonnegative(gap):
        return goal
    form = linear(gap)
    for letter, c in form[0] if form is not None else ():
        run = setting.ranges.get(letter)
        if c != 1 or run is None:
            continue
        lo = letter - gap
        ends = (setting.ranges[i] for i in free_symbols(lo) if i in setting.ranges)
        is_earlier = any(letter in free_symbols(r.lo) | free_symbols(r.hi) for r in ends)
        if not is_earlier and setting.exceeds(lo, run.lo):
            ranges = {**setting.ranges, letter: Range(lo, run.hi)}
            known = replace(goal, setting=replace(setting, ranges=ranges))
            return known if setting.exceeds(run.hi, lo) else known.under(nonnegative=(run.hi - lo,))
    return goal.under(nonnegative=(gap,))


def _inputs(givens: Givens) -> frozenset[Symbol]:
    """The index letters that are inputs: a definition or fact speaks of them without ranging over them."""
    found: set[Symbol] = set(givens.positions)
    for d in givens.definitions:
        found |= free_symbols(d.body) - {p for p in d.pattern if is_index(p)}
    for f in givens.facts:
        found |= (free_symbols(f.relation.lhs) | free_symbols(f.relation.rhs)) - set(f.ranges)
    return frozenset(s for s in found if is_index(s))


def is_whole(relation: Relation) -> bool:
    """Whether both sides of a relation are linear forms of whole symbols."""
    return linear(relation.lhs) is not None and linear(relation.rhs) is not None


def _solved(gap: Expr) -> tuple[Symbol, Expr] | None:
    """The index letter for which an equation between whole numbers can be solved, or a size, and its value."""
    form = linear(gap)
    if form is None:
        return None
    for s, c in form[0]:
        if abs(c) == 1 and is_index(s):
            return s, s - c * gap
    if len(form[0]) == 1 and form[0][0][1] in (1, -1):
        ((size, c),) = form[0]
        value = -c * form[1]
        return (size, Integer(value)) if value > 0 else None
    return None
