r"""Numbers under one root or power, as people write them: 1/\sqrt{2 \pi} where SymPy has \sqrt 2/(2 \sqrt \pi)."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

from sympy import Expr, Integer, Mul, Pow, Rational, S, pi


def joined(factors: Sequence[Expr]) -> list[Expr]:
    r"""Factors of the same value, in which a power of \pi takes in the integers with the same exponent."""
    found = list(factors)
    for circle in [f for f in factors if isinstance(f, Pow) and f.base == pi]:
        found = _with_roots(found, circle) if abs(circle.exp) == S.Half else _with_powers(found, circle)
    return found


def _with_powers(factors: list[Expr], circle: Expr) -> list[Expr]:
    r"""2^e \pi^e as (2 \pi)^e."""
    same = [f for f in factors if isinstance(f, Pow) and f.base.is_Integer and f.exp == circle.exp]
    if len(same) != 1:
        return factors
    rest = [f for f in factors if f not in (same[0], circle)]
    return [*rest, _power(Integer(same[0].base), circle.exp)]


def _with_roots(factors: list[Expr], circle: Expr) -> list[Expr]:
    r"""\sqrt 2 \sqrt \pi as \sqrt{2 \pi}, and a number with a root over \sqrt \pi as an integer over one root."""
    roots = [f for f in factors if isinstance(f, Pow) and f.base.is_Integer and f.exp == S.Half]
    if len(roots) != 1:
        return factors
    (root,) = roots
    rest = [f for f in factors if f not in (root, circle)]
    if circle.exp == S.Half:
        return [*rest, _power(root.base, circle.exp)]
    numbers = [f for f in rest if f.is_Rational]
    number = Rational(Mul(*numbers))
    square = number**2 * root.base
    if isqrt(square.p) ** 2 != square.p:
        return factors
    outside = Integer(isqrt(square.p) * (-1 if number.is_negative else 1))
    return [outside, *(f for f in rest if f not in numbers), _power(Integer(square.q), circle.exp)]


def _power(number: Integer, exponent: Expr) -> Expr:
    return Pow(pi if number == 1 else Mul(number, pi, evaluate=False), exponent, evaluate=False)
