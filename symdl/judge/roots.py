"""A root of an equation in one quantity, exact or in a ball that is proved to hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import flint
from flint import arb, fmpq

from symdl.judge.jets import NoValueError, Value

Curve = Callable[[Value], Value]
"""The value of a function, or of its derivative, at a number."""

GRID = tuple(
    fmpq(p, q)
    for p, q in (
        *((1, 1000), (1, 100), (1, 32), (1, 10), (1, 6), (1, 4), (3, 8), (1, 2), (5, 8), (3, 4), (5, 6), (9, 10)),
        *(
            (99, 100),
            (1, 1),
            (6, 5),
            (3, 2),
            (2, 1),
            (5, 2),
            (3, 1),
            (4, 1),
            (6, 1),
            (9, 1),
            (16, 1),
            (40, 1),
            (120, 1),
            (400, 1),
            (1500, 1),
        ),
    )
)
"""Where changes of sign are looked for, and at the same numbers with a minus."""

BITS = 480
"""How exact a root is worked out."""

HALVINGS, STEPS = 10, 24
"""How often a bracket is halved, and how many steps of Newton's method are taken."""


def root(function: Curve, slope: Curve, lo: fmpq | None, hi: fmpq | None) -> Value | None:
    """A root between the bounds, a positive one where there is one; None where none is found.

    Fails   never: where the function has no value nothing is looked for.
    """
    with flint.ctx.workprec(BITS):
        for grid in (GRID, tuple(-x for x in GRID)):
            inside = [x for x in grid if (lo is None or x >= lo) and (hi is None or x <= hi)]
            for a, b, is_rising in _changes(function, inside):
                found = a if a == b else _enclosed(function, slope, a, b, is_rising)
                if found is not None:
                    return found
    return None


def _value(function: Curve, x: Value) -> Value | None:
    try:
        return function(x)
    except NoValueError:
        return None


def _changes(function: Curve, grid: Sequence[fmpq]) -> Iterator[tuple[fmpq, fmpq, bool]]:
    """Where the function is zero, or between which points it changes its sign and whether it rises there."""
    before: tuple[fmpq, int] | None = None
    for x in grid:
        value = _value(function, x)
        if value is None:
            before = None
            continue
        sign = _sign(value)
        if isinstance(value, fmpq) and value == 0:
            yield x, x, True
        if before is not None and sign * before[1] < 0:
            yield before[0], x, sign > 0
        if sign:
            before = (x, sign)


def _sign(value: Value) -> int:
    """1, -1, or 0 where the value is zero or may be."""
    return int(value > 0) - int(value < 0)


def _enclosed(function: Curve, slope: Curve, a: fmpq, b: fmpq, is_rising: bool) -> Value | None:
    """The root in a bracket, if Newton's method on intervals proves that there is one."""
    for _ in range(HALVINGS):
        # Off the middle, where a root that reads easily is not met again.
        middle = a + (b - a) * fmpq(5, 11)
        value = _value(function, middle)
        if value is None:
            return None
        sign = _sign(value)
        if sign == 0:
            break
        a, b = (a, middle) if (sign > 0) == is_rising else (middle, b)
    run = arb(arb((a + b) / 2), arb(abs(b - a) / 2))
    is_proved = False
    for _ in range(STEPS):
        middle = run.mid().fmpq()
        try:
            rise, value = arb(slope(run)), arb(function(middle))
        except NoValueError:
            return None
        step = arb(middle) - value / rise
        is_proved = is_proved or run.contains_interior(step)
        if rise.contains(0) or not is_proved:
            return None
        narrower = step.intersection(run)
        if narrower.rad() >= run.rad():
            break
        run = narrower
    short = _short(run, function)
    return short if short is not None else run


def _short(run: arb, function: Curve) -> fmpq | None:
    """A short fraction in the ball at which the function is exactly zero."""
    short = Fraction(float(run.mid())).limit_denominator(1000)
    found = fmpq(short.numerator, short.denominator)
    return found if run.contains(found) and _value(function, found) == 0 else None
