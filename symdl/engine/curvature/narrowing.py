"""One zero of a function of one variable: an interval narrowed around it, and the name of the number inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flint import arb
from sympy import E, Expr, Rational, S, Symbol, log, pi

from symdl.engine.curvature.balls import ball, precision, sign_of_ball
from symdl.engine.curvature.knowledge import is_zero_number, sign_of_number

WIDTH = Rational(1, 2**70)
"""Enclosures are narrowed to this."""


@dataclass(frozen=True)
class Root:
    """One zero: exactly, or by an interval in which it is the only one."""

    value: Expr | None
    lo: Rational = S.Zero
    hi: Rational = S.Zero


def in_order(roots: Sequence[Root]) -> list[Root]:
    """The zeros from left to right, an exact one once."""

    def key(root: Root) -> float:
        return float(root.value.evalf(25)) if root.value is not None else float((root.lo + root.hi) / 2)

    kept: list[Root] = []
    for root in sorted(roots, key=key):
        if not any(k.value == root.value and root.value is not None for k in kept):
            kept.append(root)
    return kept


def sign_of(h: Expr, x: Symbol, at: Rational) -> int:
    """The sign at a rational number."""
    return sign_of_number(h.xreplace({x: at}))


def bisected(h: Expr, x: Symbol, lo: Rational, hi: Rational, start: int, width: Rational = WIDTH) -> Root:
    """The one zero between two points with different signs, exact where it is a familiar number."""
    with precision(256):
        for _ in range(400):
            if hi - lo <= width:
                break
            mid = Rational((lo + hi) / 2)
            sign = sign_of_ball(ball(h, {x: ball(mid, {})}))
            if sign is None:
                if is_zero_number(h.xreplace({x: mid})):
                    return Root(mid)
                mid = lo + (hi - lo) * Rational(3, 7)
                sign = sign_of_ball(ball(h, {x: ball(mid, {})}))
            if sign is None:
                break
            lo, hi = (mid, hi) if sign == start else (lo, mid)
    value = familiar(h, x, lo, hi)
    return Root(value, lo, hi)


def familiar(h: Expr, x: Symbol, lo: Rational, hi: Rational) -> Expr | None:
    """A number with a name between two near points at which the function vanishes exactly."""
    for candidate in _candidates((lo + hi) / 2):
        with precision(256):
            near = ball(candidate, {}) - ball((lo + hi) / 2, {})
        if not abs(near) < arb(2) ** -30:
            continue
        if vanishes(h, x, candidate):
            return candidate
    return None


def vanishes(h: Expr, x: Symbol, at: Expr) -> bool:
    """Whether the function is exactly 0 there, as far as that can be decided."""
    try:
        return is_zero_number(h.xreplace({x: at}))
    except (TypeError, ValueError):
        return False


def _candidates(near: Rational) -> Iterator[Expr]:
    yield Rational(round(near * 60), 60)
    value = float(near)
    yield pi * Rational(round(value / 3.141592653589793 * 12), 12)
    if abs(value) < 40:
        power = (
            Rational(2.718281828459045**value).limit_denominator(60)
            if value < 5
            else Rational(round(2.718281828459045**value))
        )
        if power > 0:
            yield log(power)
    for k in (1, -1, 2, -2, S.Half, -S.Half):
        yield E**k
        yield -(E**k)
