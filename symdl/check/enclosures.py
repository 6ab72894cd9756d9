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

from symdl.check.digits import Digits, with_points
from symdl.errors import Place
from symdl.judge.balls import Evaluation, Jet, Key, NoValueError
from symdl.language import as_fmpq, free_symbols, is_index, scalar
from symdl.problem import Block, Givens, Ranges
from symdl.read import read_chains

Value: TypeAlias = arb | fmpq
"""A number: exact, or in a ball."""

BITS = 128
"""Precision of the balls."""

MUCH = fmpq(1, 50)
"""The part of a value that a last digit is if it says much."""

MAX_LOOSENED = 20
"""How many decimals are taken for rounded in one relation."""

_DECIMAL = re.compile(r"(?<![\d.,])\d*\.\d+(?![\d.])")


class Stated:
    """What the givens say of each quantity, and nothing else."""

    def __init__(self, givens: Givens, balls: Mapping[Symbol, arb]) -> None:
        self.givens = givens
        self.integers: Mapping[Symbol, int] = {}
        self.patterns: dict[Symbol, list[Any]] = {}
        self.balls = balls

    def draw(self, key: Key) -> Any:
        if not key[1] and key[0] in self.balls:
            return self.balls[key[0]]
        number = self.givens.numbers.get(key)
        if number is None:
            raise NoValueError(f"nothing determines {key[0].name}")
        return Evaluation(self).term(number)

    def coefficient(self, name: str) -> Any:
        raise NoValueError(f"nothing determines {name}")

    def is_stated(self) -> bool:
        return True


def enclosed(expr: Expr, givens: Givens, balls: Mapping[Symbol, arb] | None = None) -> Value | None:
    """The value of a term, exact or in a ball; None where the givens do not determine it.

    `balls` are the values of further scalars.
    """
    with flint.ctx.workprec(BITS):
        try:
            found = Evaluation(Stated(givens, balls or {})).term(expr)
        except (NoValueError, RecursionError, KeyError, TypeError, AttributeError, ValueError, ZeroDivisionError):
            return None
        found = found.base if isinstance(found, Jet) else found
        return found if isinstance(found, fmpq) or found.is_finite() else None


def within(value: Value, lo: Rational, hi: Rational) -> bool | None:
    """Whether a value lies between two numbers; None where its ball crosses an end."""
    low, high = as_fmpq(lo), as_fmpq(hi)
    if isinstance(value, fmpq):
        return bool(low <= value <= high)
    with flint.ctx.workprec(BITS):
        if value >= low and value <= high:
            return True
        return False if value < low or value > high else None


def is_cut(value: Value, shown: Digits) -> bool | None:
    """Whether the digits of a value begin with those shown; None where its ball crosses an end.

    Nobody cuts off a last digit that says much.
    """
    lo, hi = shown.truncation
    tenth = as_fmpq(shown.unit) / 10
    if isinstance(value, fmpq) and (value / tenth).q == 1:
        rest = abs(value - as_fmpq(shown.value))
        if rest > abs(value) * MUCH:
            return False
    # What is exactly one unit further begins with other digits.
    far = hi if shown.value >= 0 else lo
    return False if value == as_fmpq(far) else within(value, lo, hi)


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
    """Formulas in which a scalar stands for each decimal that may have been rounded; equal decimals share theirs."""

    sources: tuple[str, ...]
    values: Mapping[Symbol, Rational]
    units: Mapping[Symbol, Rational]

    def is_loose(self, source: str) -> bool:
        """Whether one of these formulas holds such a decimal."""
        return any(name.name in source for name in self.values)

    @property
    def middles(self) -> dict[Symbol, arb]:
        """The decimals as they are shown."""
        return {name: _exactly(value) for name, value in self.values.items()}

    def moved(self, name: Symbol) -> dict[Symbol, arb]:
        """The decimals as they are shown, but one that is larger by a unit of its last digit."""
        return {**self.middles, name: _exactly(self.values[name] + self.units[name])}


def loosened(sources: tuple[str, ...], exact: frozenset[Rational]) -> Loosened | None:
    """The formulas with their decimals taken for rounded or cut off; None where they hold none but those in `exact`.

    A decimal with one digit only is taken for exact, too.
    """
    names: dict[str, Symbol] = {}

    def named(found: re.Match[str]) -> str:
        text = found[0]
        if Rational(text) in exact or len(text.replace(".", "").lstrip("0")) < 2:
            return text
        name = rf"\mathfrak{{{chr(ord('a') + len(names))}}}" if text not in names else names[text].name
        names.setdefault(text, scalar(name))
        return f"{{{name}}}"

    made = tuple(_DECIMAL.sub(named, with_points(source)) for source in sources)
    if not names or len(names) > MAX_LOOSENED:
        return None
    values = {name: Rational(text) for text, name in names.items()}
    units = {name: Rational(1, 10 ** len(text.split(".")[1])) for text, name in names.items()}
    return Loosened(made, values, units)


@lru_cache(maxsize=4096)
def _exactly(value: Rational) -> arb:
    with flint.ctx.workprec(BITS):
        return arb(as_fmpq(value))


def read_loosened(source: str, formula: Loosened, givens: Givens, ranges: Ranges) -> Expr | None:
    """The expression that one of the loosened formulas is, an array at the letters of the ranges; else None."""
    vectors = {**givens.vectors, **dict.fromkeys(formula.values, 0)}
    block = Block("display", source, Place("", 1, 1))
    chains = read_chains(block, replace(givens, vectors=vectors), ranges)
    if len(chains) != 1 or len(chains[0].sides) != 1:
        return None
    side = chains[0].sides[0].expr
    letters = {s for s in free_symbols(side) if is_index(s)} if side is not None else set()
    return side if all(chains[0].ranges.get(i) == ranges.get(i) for i in letters) else None
