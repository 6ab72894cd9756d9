"""Polynomials that have the sign of another one everywhere, in simpler generators: what a rising function is made of.

log u has the sign of u - 1, e^u - e^v that of u - v, and atan u and erf u that of u.
"""

from __future__ import annotations

from typing import Any

from sympy import Mul, atan, erf, exp, log

from symdl.judge.derivative import NotProvableError
from symdl.judge.field import terms_of
from symdl.judge.normal import Normal

RISING = (atan, erf)
"""Functions that rise everywhere and are zero at zero alone."""


def of_like_sign(normal: Normal, p: Any) -> Any | None:
    """A polynomial that is positive, zero and negative exactly where this one is; None where none is known."""
    try:
        gap = normal.product_of_logarithms(p)
        if gap is not None:
            return gap.num * gap.den
        return _of_exponents(normal, p) or _of_argument(normal, p)
    except NotProvableError:
        return None


def _of_exponents(normal: Normal, p: Any) -> Any | None:
    """That of u - v for e^u - e^v, both with numbers before them."""
    if len(p) != 2:
        return None
    (above, over), (below, under) = sorted(terms_of(p), key=lambda t: -t[1])
    if not over > 0 > under or not all(_is_exponential(normal, m) for m in (above, below)):
        return None
    high, low = (normal.context.from_dict({tuple(m): abs(c)}) for m, c in ((above, over), (below, under)))
    gap = normal.form(log(normal.poly_expr(high)) - log(normal.poly_expr(low)))
    return gap.num * gap.den


def _is_exponential(normal: Normal, powers: Any) -> bool:
    """Whether a monomial is a product of exponentials, or of nothing."""
    return all(isinstance(normal.generators[g], exp) for g, e in enumerate(powers) if e)


def _of_argument(normal: Normal, p: Any) -> Any | None:
    """That of c u for c atan u, and of c (u - v) for c (atan u - atan v)."""
    made = [normal.generators[g] for g, e in enumerate(p.degrees()) if e]
    numbers = [p.derivative(g) for g, e in enumerate(p.degrees()) if e]
    if p.total_degree() != 1 or len(p) != len(made) or len({type(g) for g in made}) != 1:
        return None
    if not isinstance(made[0], RISING) or len(made) > 2 or sum(numbers, normal.zero) * (len(made) - 1) != 0:
        return None
    gap = normal.total([normal.form(Mul(normal.poly_expr(c), g.args[0])) for c, g in zip(numbers, made, strict=True)])
    return gap.num * gap.den
