"""Integrals in another variable: u = a + b x for powers of a + b x, and u = x^m for exponentials of x^m."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr, Integer, Rational, S, Symbol, exp

from symdl.judge.limits import INFINITE
from symdl.language import free_symbols, put, subterms


@dataclass(frozen=True)
class Substituted:
    """An integral in a new variable, which has the name of the old one.

    It is the old one where `start` and `end`, before they are changed, are not negative, if `is_above`.
    """

    inside: Expr
    start: Expr
    end: Expr
    is_above: bool = False


def substituted(f: Expr, x: Symbol, start: Expr, end: Expr) -> Iterator[Substituted]:
    """The integral of a term between two ends in other variables, the likelier ones first."""
    for u in _lines(f, x):
        a, b = put(u, {x: S.Zero}), u.coeff(x)
        yield Substituted(put(f, {x: (x - a) / b}) / b, _moved(u, x, start), _moved(u, x, end))
    for m in sorted(_powers(f, x)):
        root = x ** Rational(1, m)
        low, high = (e if e in INFINITE else e**m for e in (start, end))
        yield Substituted(put(f, {x: root}) * x ** (Rational(1, m) - 1) / m, low, high, is_above=True)


def _lines(f: Expr, x: Symbol) -> Iterator[Expr]:
    """The bases a + b x, with a number b, of powers whose exponents are no whole numbers that are known."""
    seen: set[Expr] = set()
    for t in subterms(f):
        if not t.is_Pow or isinstance(t.exp, Integer) or x in free_symbols(t.exp) or t.base == x:
            continue
        u = t.base
        is_line = u.is_Add and u.coeff(x).is_Rational and u.coeff(x) != 0 and x not in free_symbols(u - u.coeff(x) * x)
        if is_line and u not in seen:
            seen.add(u)
            yield u


def _powers(f: Expr, x: Symbol) -> set[int]:
    """The numbers m above 1 of exponentials of x^m."""
    inside = (s for t in subterms(f) if isinstance(t, exp) for s in subterms(t.args[0]))
    return {int(s.exp) for s in inside if s.is_Pow and s.base == x and isinstance(s.exp, Integer) and s.exp > 1}


def _moved(u: Expr, x: Symbol, end: Expr) -> Expr:
    if end not in INFINITE:
        return put(u, {x: end})
    return end if u.coeff(x) > 0 else -end
