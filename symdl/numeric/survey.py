"""Where in a box of arguments a function errs most: a measurement, no promise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

from symdl.errors import NoFunctionError
from symdl.judge.balls import NoValueError
from symdl.language import free_symbols, label_of
from symdl.numeric.accuracy import (
    Arguments,
    Errs,
    Subject,
    TooVagueError,
    errors,
    positions_of,
    satisfies,
    sensitivity,
    shape_of,
    subject_of,
)
from symdl.problem import Derivation

BOX = (-30.0, 30.0)
"""Where arguments lie for which nothing is said."""

SIZE = 3
"""The sizes for which nothing is said."""

MOST_NUMBERS = 4096
"""The most numbers that an argument may hold."""

FEW = 4.0
"""Errors of so few units need no explanation."""

MOST_EXPLAINED = 200
"""Of how many values it is asked whether the rounding of their arguments explains how far off they are."""


@dataclass(frozen=True)
class Survey:
    """The worst of the values at some points of a box, and how many points were left out because nothing is defined.

    `moved` is how many units one unit in an argument moves the exact value at the worst point.  `explained` are the
    values, the worst first, that are further off, but by no more than one unit in an argument moves them.
    """

    worst: Errs | None
    moved: float
    explained: tuple[Errs, ...]
    values: int
    points: int
    outside: int


def survey(
    derivation: Derivation,
    box: Mapping[str, tuple[float, float]],
    sizes: Mapping[str, int],
    count: int,
    form: str = "float64",
    target: str = "numpy",
) -> Survey:
    """The worst error of the function of a derivation at `count` points of a box; the same points every time.

    Points at which a fact does not hold or the result is not defined count as outside.

    Fails   raises NoFunctionError where the result has no numeric form, or an argument would be too large.
    """
    subject = subject_of(derivation)
    lengths = {str(s.name): sizes.get(str(s.name), SIZE) for s in subject.sizes}
    function = derivation.function(target)
    errs: list[Errs] = []
    points = outside = 0
    for arguments in _points(subject, box, lengths, count):
        if not satisfies(subject, arguments, lengths):
            outside += 1
            continue
        try:
            found = errors(subject, function, arguments, lengths, form)
        except (NoValueError, TooVagueError):
            outside += 1
            continue
        points += 1
        errs += found
    ranked = sorted(errs, key=lambda e: -e.ulps)
    for n, e in enumerate(ranked):
        moved = sensitivity(subject, e, lengths, form)
        if e.ulps <= FEW or e.ulps > moved or n == MOST_EXPLAINED:
            return Survey(e, moved, tuple(ranked[:n]), len(errs), points, outside)
    return Survey(None, 0.0, tuple(ranked), len(errs), points, outside)


def _points(
    subject: Subject, box: Mapping[str, tuple[float, float]], sizes: Mapping[str, int], count: int
) -> Iterator[Arguments]:
    shapes = {name: shape_of(subject, i, sizes) for name, i in subject.inputs.items()}
    if any(math.prod(s) > MOST_NUMBERS for s in shapes.values()):
        raise NoFunctionError(f"an argument would hold more than {MOST_NUMBERS} numbers: choose smaller sizes")
    summed = _summed(subject)
    for n in range(count):
        found: dict[str, Any] = {}
        for name, i in subject.inputs.items():
            rng = Random(f"{n} {name}")
            lo, hi = box.get(name, BOX)
            if i.kind == "label":
                length = positions_of(subject, name, sizes)
                found[name] = _nested(shapes[name], lambda rng=rng, length=length: rng.randrange(length))
            elif name in summed and shapes[name]:
                found[name] = _nested(shapes[name][:-1], lambda rng=rng, k=shapes[name][-1], n=n: _parts(rng, k, n))
            else:
                draw = _WAYS[n % len(_WAYS)]
                base = draw(rng, lo, hi)
                found[name] = _nested(shapes[name], lambda rng=rng, lo=lo, hi=hi, b=base, d=draw: d(rng, lo, hi, b))
        if not satisfies(subject, found, sizes):
            # Facts such as a positive deviation leave out half of a box around 0.
            found = {a: v if subject.inputs[a].kind == "label" else _magnitudes(v) for a, v in found.items()}
        yield found


def _summed(subject: Subject) -> frozenset[str]:
    """The arguments of which an equation is a fact, such as labels that sum to 1."""
    named: set[Any] = set()
    for fact in subject.givens.facts:
        if fact.relation.sign == "=":
            named |= free_symbols(fact.relation.lhs) | free_symbols(fact.relation.rhs)
    return frozenset(name for name, i in subject.inputs.items() if label_of(i.label) in named)


def _nested(shape: tuple[int, ...], draw: Any) -> Any:
    return draw() if not shape else [_nested(shape[1:], draw) for _ in range(shape[0])]


def _magnitudes(value: Any) -> Any:
    return [_magnitudes(v) for v in value] if isinstance(value, list) else abs(value)


def _parts(rng: Random, count: int, n: int) -> list[float]:
    """Numbers that sum to 1 exactly: one-hot, or multiples of 1/1024."""
    if n % 2 == 0:
        at = rng.randrange(count)
        return [float(k == at) for k in range(count)]
    cuts = sorted(rng.randrange(1025) for _ in range(count - 1))
    ends = [0, *cuts, 1024]
    return [(b - a) / 1024 for a, b in pairwise(ends)]


def _anywhere(rng: Random, lo: float, hi: float, base: float | None = None) -> float:
    return rng.uniform(lo, hi)


def _corner(rng: Random, lo: float, hi: float, base: float | None = None) -> float:
    """An end of the box, a round number in it, or one next to these."""
    round_numbers = [x for x in (0.0, 1.0, -1.0, 0.5, -0.5, 2.0, (lo + hi) / 2) if lo <= x <= hi]
    found = rng.choice([lo, hi, *round_numbers])
    moved = rng.choice((found, math.nextafter(found, hi), math.nextafter(found, lo)))
    return moved if lo <= moved <= hi else found


def _any_scale(rng: Random, lo: float, hi: float, base: float | None = None) -> float:
    """A number of any order of magnitude, above and below 0 where the box has both."""
    largest = max(abs(lo), abs(hi))
    found = largest * 10.0 ** -rng.uniform(0, 20) * rng.choice((1, -1))
    return min(max(found, lo), hi)


def _near(rng: Random, lo: float, hi: float, base: float | None = None) -> float:
    """A number next to the one that all entries of an argument share: ties, and differences that cancel."""
    if base is None:
        return rng.uniform(lo, hi)
    found = base + rng.choice((0.0, 1.0, -1.0)) * (abs(base) + 1e-3) * 10.0 ** -rng.uniform(0, 17)
    return min(max(found, lo), hi)


_WAYS = (_corner, _anywhere, _any_scale, _near)
