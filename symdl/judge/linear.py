"""Linear forms with whole coefficients: what index expressions are."""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Integer, Symbol

Form = tuple[tuple[tuple[Symbol, int], ...], int]
"""A linear form with whole coefficients: the coefficient of each symbol, and the constant."""

ZERO: Form = ((), 0)


@lru_cache(maxsize=65536)
def linear(expr: Expr) -> Form | None:
    """The linear form that an index expression is, or None."""
    found = _linear(expr)
    if found is None:
        return None
    coefficients, constant = found
    return tuple(sorted(((s, c) for s, c in coefficients.items() if c), key=lambda p: p[0].name)), constant


def _linear(expr: Expr) -> tuple[dict[Symbol, int], int] | None:
    if isinstance(expr, Integer):
        return {}, int(expr)
    if isinstance(expr, Symbol):
        return ({expr: 1}, 0) if expr.is_integer else None
    if expr.is_Add:
        coefficients: dict[Symbol, int] = {}
        constant = 0
        for a in expr.args:
            part = _linear(a)
            if part is None:
                return None
            constant += part[1]
            for s, c in part[0].items():
                coefficients[s] = coefficients.get(s, 0) + c
        return coefficients, constant
    if expr.is_Mul and len(expr.args) == 2 and isinstance(expr.args[0], Integer):
        part = _linear(expr.args[1])
        factor = int(expr.args[0])
        return None if part is None else ({s: c * factor for s, c in part[0].items()}, part[1] * factor)
    return None


@lru_cache(maxsize=65536)
def as_expr(form: Form) -> Expr:
    """The index expression of a linear form."""
    total: Expr = Integer(form[1])
    for s, c in form[0]:
        total = total + c * s
    return total


def combined(form: Form, other: Form, factor: int) -> Form:
    """form + factor · other."""
    if not other[0]:
        return form[0], form[1] + factor * other[1]
    if not form[0]:
        return tuple([(s, factor * c) for s, c in other[0]]), form[1] + factor * other[1]
    coefficients = dict(form[0])
    for s, c in other[0]:
        coefficients[s] = coefficients.get(s, 0) + factor * c
    kept = sorted(((s, c) for s, c in coefficients.items() if c), key=lambda p: p[0].name)
    return tuple(kept), form[1] + factor * other[1]


@lru_cache(maxsize=65536)
def gap_of(a: Expr, b: Expr) -> Form | None:
    """The linear form of a - b, or None."""
    one, other = linear(a), linear(b)
    return None if one is None or other is None else combined(one, other, -1)


def solved(form: Form, letter: Symbol) -> Form:
    """What the letter, whose coefficient is 1 or -1, is where the form is zero."""
    side = -next(c for s, c in form[0] if s == letter)
    return tuple((s, c * side) for s, c in form[0] if s != letter), form[1] * side


@lru_cache(maxsize=65536)
def split_offset(expr: Expr) -> tuple[Expr, int]:
    """An index expression without its whole constant, and the constant."""
    form = linear(expr)
    if form is None:
        return expr, 0
    return as_expr((form[0], 0)), form[1]
