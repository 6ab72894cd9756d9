"""A difference that vanishes because one of its factors does, or term by term."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer

from symdl.judge.goals import MAX_INDUCTIONS, Goal, Prove, Record
from symdl.judge.normal import Normal
from symdl.judge.residues import Residue
from symdl.language import Sigma, free_symbols, fresh_index, holds_derivative
from symdl.problem import Range


def by_factors(prove: Prove, goal: Goal, normal: Normal, num: Any, record: Record, depth: int) -> bool:
    """One factor of what is left, if it concerns a state, is zero by an induction of its own."""
    if depth >= MAX_INDUCTIONS or len(num) > 200:
        return False
    for factor, _ in normal.factored(num)[1]:
        expr = normal.poly_expr(factor)
        if holds_derivative(expr) and prove(Goal(expr, Integer(0), goal.setting), record, depth + 1):
            return True
    return False


def by_one_factor(prove: Prove, goal: Goal, residue: Residue, record: Record, depth: int) -> bool:
    """Whether a proper factor of what is left is zero."""
    num = residue.gap.num
    if depth >= MAX_INDUCTIONS or len(num) > 60 or len(residue.normal.factored(num)[1]) < 2:
        return False
    if not by_factors(prove, goal, residue.normal, num, record, depth - 1):
        return False
    record.grant(residue.normal.assumes)
    return True


def term_by_term(prove: Prove, goal: Goal, residue: Residue, record: Record, depth: int) -> bool:
    """Whether what is left is a sum of sums over one range whose summands add up to zero."""
    normal, num = residue.normal, residue.gap.num
    if depth >= MAX_INDUCTIONS or len(num) > 60:
        return False
    sums = [g for g, e in enumerate(num.degrees()) if e and isinstance(normal.generators[g], Sigma)]
    runs = {(normal.generators[g].lo, normal.generators[g].hi) for g in sums}
    if len(sums) < 2 or len(runs) != 1:
        return False
    (lo, hi) = runs.pop()
    taken = free_symbols(goal.lhs) | free_symbols(goal.rhs) | free_symbols(residue.plain) | set(goal.setting.ranges)
    letter = fresh_index("lrvxy", frozenset(taken | set(goal.setting.lowest)))
    total: Expr = Integer(0)
    rest = num
    for g in sums:
        part = normal.by_degree(rest, g)
        if set(part) - {0, 1} or any(part[1].degrees()[o] for o in sums):
            return False
        total += normal.poly_expr(part[1]) * normal.generators[g].open(letter)
        rest = part.get(0, normal.zero)
    if rest != 0:
        return False
    setting = goal.setting.with_ranges({letter: Range(lo, hi)})
    if not prove(Goal(total, Integer(0), setting), record, depth):
        return False
    record.grant(normal.assumes)
    return True
