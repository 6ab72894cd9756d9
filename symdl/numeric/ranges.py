"""Arithmetic of index ranges: where an index expression lies while its letters run."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Integer, S, Symbol

from symdl.language import Maximum, free_symbols, put
from symdl.problem import Range

Env = Mapping[Symbol, Range]
"""Where axis letters and loop counters run."""


def slope(expr: Expr, letter: Symbol) -> Expr | None:
    """The coefficient of `letter` in an expression that is affine in it; None where it is not."""
    if letter not in free_symbols(expr):
        return S.Zero
    found = put(expr, {letter: letter + 1}) - expr
    found = found.expand()
    return found if found.is_Integer and letter not in free_symbols((expr - found * letter).expand()) else None


def extreme(expr: Expr, env: Env, largest: bool) -> Expr | None:
    """The smallest or largest value of an affine index expression while all its letters of `env` run."""
    for _ in range(len(env) + 1):
        found = next((s for s in sorted(free_symbols(expr), key=str) if s in env), None)
        if found is None:
            return expr
        change = slope(expr, found)
        if change is None:
            return None
        run = env[found]
        expr = put(expr, {found: run.hi if (change > 0) == largest else run.lo}).expand()
    return None


def is_at_least(expr: Expr, bound: Expr, env: Env) -> bool:
    """Whether an index expression is known never to fall below `bound`, which holds no letter."""
    low = extreme(expr - bound, env, largest=False)
    return low is not None and bool(low.is_nonnegative)


def is_within(expr: Expr, run: Range, env: Env) -> bool:
    """Whether an index expression is known to lie in a range while its letters run."""
    return is_at_least(expr, run.lo, env) and is_at_least(-expr, -run.hi, env)


def at_least(expr: Expr, bound: Expr) -> Expr:
    """The larger of two index expressions, left out where it is known."""
    gap = (expr - bound).expand()
    if gap.is_nonnegative:
        return expr
    return bound if gap.is_nonpositive else Maximum(expr, bound)


def shift(expr: Expr, letter: Symbol) -> Expr | None:
    """What is added to `letter` in an expression `letter + c`; None for any other form."""
    found = (expr - letter).expand()
    return None if letter in free_symbols(found) else found


ONE = Integer(1)
