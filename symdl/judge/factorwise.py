"""Bounds of products factor by factor: a product of factors that are not negative is at most that of greater ones."""

from __future__ import annotations

from dataclasses import replace

from sympy import Abs, Expr, Integer

from symdl.judge.goals import Goal, Holds
from symdl.judge.linear import ZERO, gap_of
from symdl.judge.whole import Setting, open_bound
from symdl.language import Prod


def by_each_factor(goal: Goal, holds: Holds) -> bool:
    """Whether an inequality holds between a product, or its size, and a power or product with as many factors."""
    if goal.sign not in ("<=", ">="):
        return False
    less, more = (goal.lhs, goal.rhs) if goal.sign == "<=" else (goal.rhs, goal.lhs)
    is_size = isinstance(less, Abs)
    made = less.args[0] if is_size else less
    if not isinstance(made, Prod):
        return False
    (letter,), factor, inner = open_bound(made, goal.setting)
    bound = _factor(more, made, letter, goal.setting)
    if bound is None:
        return False
    factor = Abs(factor) if is_size else factor
    each = Goal(factor, bound, inner, "<=")
    return (is_size or holds(replace(each, rhs=Integer(0), sign=">="))) and holds(each)


def _factor(more: Expr, made: Prod, letter: Expr, setting: Setting) -> Expr | None:
    """What a factor is to be at most, where a term is a product of as many of these."""
    if isinstance(more, Prod) and (more.lo, more.hi) == (made.lo, made.hi):
        return more.open(letter)
    if more == 1:
        return more
    # A product over fewer than no indices is 1, and a power with a negative exponent is not.
    is_counted = more.is_Pow and gap_of(more.exp, made.hi - made.lo + 1) == ZERO
    return more.base if is_counted and setting.is_nonnegative(more.exp) else None
