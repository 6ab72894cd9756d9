"""Square roots of sums of squares, whose squares may overflow or underflow where the root does not."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from sympy import Expr, Mul, S

from symdl.language import Sigma
from symdl.numeric import reduce
from symdl.numeric.monomials import Monomial, root_of
from symdl.numeric.program import Node
from symdl.numeric.ranges import Env

if TYPE_CHECKING:
    from symdl.numeric.lower import Lowering


def root(low: Lowering, expr: Expr, env: Env) -> Node | None:
    """The square root of a sum of squares; None for any other term."""
    if not expr.is_Add:
        return _length(low, expr, env)
    parts = [_side(low, t, env) for t in expr.args]
    sides = [p for p in parts if p is not None]
    if len(sides) < len(parts):
        return None
    return functools.reduce(lambda a, b: low.build.join("call", (a, b), ("hypot", "np.hypot")), sides)


def _side(low: Lowering, term: Expr, env: Env) -> Node | None:
    """The square root of a square, of either sign, or of a sum of squares."""
    side = root_of(Monomial.of(term)) if term.as_coeff_Mul()[0].is_positive else None
    return _length(low, term, env) if side is None else low.lower(side, env)


def _length(low: Lowering, expr: Expr, env: Env) -> Node | None:
    r"""The square root of c \sum_j v_j^2: a unit near the largest v_j comes before the root."""
    factors = Mul.make_args(expr)
    sigma = next((f for f in factors if isinstance(f, Sigma)), None)
    if sigma is None:
        return None
    j, body, _, inner, mask = reduce.opened(low, sigma, env, expr)
    square = Monomial.of(body)
    side = root_of(square) if square.coefficient.is_positive else None
    if side is None or mask is not None:
        return None
    v = low.lower(side, inner)
    if j not in v.axes:
        return None
    unit = low.build.join("call", (reduce.reduced(low, "size", v, j),), ("unit_of", ""))
    squares = low.apply("pow", low.apply("div", v, unit), low.number(S(2)))
    total = reduce.reduced(low, "sum", squares, j)
    rest = Mul(*(f for f in factors if f is not sigma))
    inside = total if rest == 1 else low.apply("mul", low.lower(rest, env), total)
    return low.apply("mul", unit, low.build.join("call", (inside,), ("sqrt", "np.sqrt")))
