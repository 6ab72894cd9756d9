"""Values of expressions as balls that are certain to hold them, by python-flint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import flint
from flint import arb, ctx
from sympy import (
    Abs,
    Add,
    ComplexRootOf,
    E,
    Expr,
    Float,
    Indexed,
    Integer,
    Mul,
    Pow,
    Rational,
    Symbol,
    acos,
    asin,
    atan,
    cos,
    cosh,
    erf,
    exp,
    log,
    pi,
    sin,
    sinh,
    tan,
    tanh,
)

from symdl.language import as_fmpq
from symdl.language.functions import by_head

PRECISIONS = (64, 160, 512, 2048)
"""The working precisions, in bits, that are tried one after another."""

_HEADS: dict[Any, Callable[[arb], arb]] = {
    exp: lambda x: x.exp(),
    log: lambda x: x.log(),
    sin: lambda x: x.sin(),
    cos: lambda x: x.cos(),
    tan: lambda x: x.tan(),
    sinh: lambda x: x.sinh(),
    cosh: lambda x: x.cosh(),
    tanh: lambda x: x.tanh(),
    atan: lambda x: x.atan(),
    asin: lambda x: x.asin(),
    acos: lambda x: x.acos(),
    erf: lambda x: x.erf(),
    Abs: lambda x: abs(x),
}


class NoBallError(Exception):
    """An expression that has no value in balls."""


def ball(expr: Expr, at: Mapping[Expr, arb]) -> arb:
    """The value of `expr` at the balls `at`, at the working precision.

    Raises  `NoBallError` where a letter has no value or a function is not known; NaN outside a domain.
    """
    if isinstance(expr, (Symbol, Indexed)):
        if expr not in at:
            raise NoBallError(expr)
        return at[expr]
    if isinstance(expr, Integer):
        return arb(int(expr))
    if isinstance(expr, Rational):
        return arb(as_fmpq(expr))
    if isinstance(expr, Float):
        raise NoBallError(expr)
    if expr == pi:
        return arb.pi()
    if expr == E:
        return arb(1).exp()
    if isinstance(expr, Add):
        total = arb(0)
        for a in expr.args:
            total += ball(a, at)
        return total
    if isinstance(expr, Mul):
        product = arb(1)
        for a in expr.args:
            product *= ball(a, at)
        return product
    if isinstance(expr, Pow):
        return _power(expr, at)
    if isinstance(expr, ComplexRootOf):
        return _root(expr)
    head = _HEADS.get(type(expr))
    if head is not None:
        return head(ball(expr.args[0], at))
    record = by_head().get(type(expr))
    if record is not None and record.definition is not None and not record.kinks:
        return ball(record.definition(*expr.args), at)
    raise NoBallError(expr)


def _power(expr: Expr, at: Mapping[Expr, arb]) -> arb:
    base = ball(expr.base, at)
    if expr.exp.is_Integer:
        k = int(expr.exp)
        if k < 0 and base.contains(0):
            return arb("nan")
        return base**k if k >= 0 else 1 / base ** (-k)
    if expr.exp.is_Rational and expr.exp.q == 2:
        root = base.sqrt()
        k = int(expr.exp.p)
        return root**k if k >= 0 else 1 / root ** (-k)
    if expr.exp.is_Rational and base > 0:
        return (base.log() * as_fmpq(expr.exp)).exp()
    if expr.exp.is_Rational and expr.exp > 0 and base >= 0:
        top = base.upper()
        return ((top.log() * as_fmpq(expr.exp)).exp()).union(arb(0)) if top > 0 else arb(0)
    if base > 0:
        return (base.log() * ball(expr.exp, at)).exp()
    return arb("nan")


def _root(expr: ComplexRootOf) -> arb:
    polynomial = expr.poly.all_coeffs()
    whole = flint.fmpz_poly([int(c) for c in reversed(polynomial)])
    return real_roots(whole)[expr.index]


def real_roots(polynomial: flint.fmpz_poly) -> list[arb]:
    """The real roots of a squarefree integer polynomial, in order, as disjoint balls."""
    found = [root.real for root, _ in polynomial.complex_roots() if root.imag == 0]
    return sorted(found, key=lambda r: float(r.mid()))


def sign_of_ball(value: arb) -> int | None:
    """1 or -1 where the ball lies on one side of zero; None where it does not."""
    return 1 if value > 0 else -1 if value < 0 else None


class precision:  # noqa: N801
    """The working precision inside a `with`."""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        self.before = ctx.prec
        ctx.prec = self.bits

    def __exit__(self, *_: object) -> None:
        ctx.prec = self.before


def sign_by_balls(
    expr: Expr, at: Callable[[], Mapping[Expr, arb]] = dict, precisions: Sequence[int] = PRECISIONS
) -> int | None:
    """The sign of a number that is not zero, or None where no precision separates it from zero."""
    for bits in precisions:
        with precision(bits):
            try:
                found = sign_of_ball(ball(expr, at()))
            except (NoBallError, ValueError, ZeroDivisionError):
                return None
        if found is not None:
            return found
    return None
