"""Values of terms that the givens determine, enclosed in balls, and of formulas whose decimals were rounded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeAlias

import flint
from flint import arb, fmpq
from sympy import Expr, Rational, Symbol

from symdl.errors import SymdlError
from symdl.judge.balls import Evaluation, Jet, Key, NoValueError
from symdl.language import indices_of, label_of, scalar
from symdl.problem import Givens
from symdl.read import read_expression

Value: TypeAlias = arb | fmpq
"""A number: exact, or in a ball."""

BITS = 128
"""Precision of the balls."""

_DECIMAL = re.compile(r"(?<![\d.,{])\d*\.\d+(?![\d.])")


class _World:
    """What the givens say of each quantity, and nothing else."""

    def __init__(self, givens: Givens, balls: Mapping[Symbol, arb]) -> None:
        self.givens = givens
        self.integers: Mapping[Symbol, int] = {}
        self.balls = balls
        self.values: dict[Key, Expr] = {}
        for v in givens.values:
            indices = indices_of(v.quantity)
            if all(i.is_Integer for i in indices):
                self.values[label_of(v.quantity), tuple(int(i) for i in indices)] = v.number

    def draw(self, key: Key) -> Any:
        if not key[1] and key[0] in self.balls:
            return self.balls[key[0]]
        number = self.values.get(key)
        if number is None:
            raise NoValueError(f"nothing determines {key[0].name}")
        return Evaluation(self).term(number)

    def coefficient(self, name: str) -> Any:
        raise NoValueError(f"nothing determines {name}")


def enclosed(expr: Expr, givens: Givens, balls: Mapping[Symbol, arb] | None = None) -> Value | None:
    """The value of a term, exact or in a ball; None where the givens do not determine it.

    `balls` are the values of further scalars.
    """
    with flint.ctx.workprec(BITS):
        try:
            found = Evaluation(_World(givens, balls or {})).term(expr)
        except (NoValueError, RecursionError, KeyError, TypeError, AttributeError, ValueError, ZeroDivisionError):
            return None
        found = found.base if isinstance(found, Jet) else found
        return found if isinstance(found, fmpq) or found.is_finite() else None


def within(value: Value, lo: Rational, hi: Rational) -> bool | None:
    """Whether a value lies between two numbers; None where its ball crosses an end."""
    low, high = fmpq(int(lo.p), int(lo.q)), fmpq(int(hi.p), int(hi.q))
    if isinstance(value, fmpq):
        return bool(low <= value <= high)
    with flint.ctx.workprec(BITS):
        if value >= low and value <= high:
            return True
        return False if value < low or value > high else None


def apart(one: Value, other: Value) -> bool:
    """Whether two values cannot be the same."""
    with flint.ctx.workprec(BITS):
        return bool(arb(one) < arb(other) or arb(one) > arb(other))


def midpoint(value: Value) -> fmpq:
    """An exact number in the middle of the ball."""
    if isinstance(value, fmpq):
        return value
    mantissa, exponent = value.mid().man_exp()
    power = fmpq(2) ** abs(int(exponent))
    return fmpq(mantissa) * power if exponent >= 0 else fmpq(mantissa) / power


def decimal(value: Value, places: int) -> str:
    """The number rounded to so many places, without the zeros at its end; whole numbers in full."""
    exact = midpoint(value)
    scaled = exact * 10**places
    whole = int((2 * scaled + 1).p // (2 * (2 * scaled + 1).q)) if scaled.q != 1 else int(scaled.p)
    text = str(abs(whole)).rjust(places + 1, "0")
    sign = "-" if whole < 0 else ""
    if not places:
        return sign + text
    return (sign + text[:-places] + "." + text[-places:]).rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Loosened:
    """A formula in which a scalar stands for each decimal that may have been rounded, with the balls of these."""

    source: str
    balls: Mapping[Symbol, arb]


def loosened(source: str, exact: frozenset[Rational]) -> Loosened | None:
    """The formula with its decimals taken for rounded or cut off; None where it holds none but those in `exact`."""
    balls: dict[Symbol, arb] = {}
    parts: list[str] = []
    end = 0
    for found in _DECIMAL.finditer(source):
        text = found[0]
        value = Rational(text)
        digits = text.replace(".", "").lstrip("0")
        if value in exact or len(digits) < 1:
            continue
        name = rf"\mathfrak{{{chr(ord('a') + len(balls))}}}"
        if len(balls) == 20:
            return None
        balls[scalar(name)] = _ball(value, len(text.split(".")[1]))
        parts += [source[end : found.start()], f"{{{name}}}"]
        end = found.end()
    if not balls:
        return None
    return Loosened("".join([*parts, source[end:]]), balls)


@lru_cache(maxsize=4096)
def _ball(value: Rational, places: int) -> arb:
    """All numbers of which these are the digits, rounded or cut off."""
    unit = Rational(1, 10**places)
    lo, hi = value - unit / 2, value + unit
    with flint.ctx.workprec(BITS):
        middle, radius = (lo + hi) / 2, (hi - lo) / 2
        return arb(fmpq(int(middle.p), int(middle.q)), arb(fmpq(int(radius.p), int(radius.q))))


def read_loosened(formula: Loosened, givens: Givens) -> Expr | None:
    """The expression that a loosened formula is, or None."""
    vectors = {**givens.vectors, **dict.fromkeys(formula.balls, 0)}
    try:
        return read_expression(formula.source, replace(givens, vectors=vectors))
    except SymdlError:
        return None
