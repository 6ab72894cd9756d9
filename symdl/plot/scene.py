"""What is to be drawn of a function: numbers for its parameters, its window, and its critical points as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from sympy import Expr, Integer, Rational, S, Symbol

from symdl.engine.curvature.knowledge import letters_of
from symdl.engine.curvature.pieces import kinks_of
from symdl.engine.curvature.subject import Subject
from symdl.plot.values import Array, NoPictureError, value
from symdl.problem import CriticalPoint, Relation

Numbers = Mapping[Expr, Expr]
"""The numbers chosen for the parameters."""

PERIODS = range(-2, 3)
"""Points that repeat are drawn for these multiples of their period."""


@dataclass(frozen=True)
class Spot:
    """A critical point as numbers, in the order of the variables."""

    at: tuple[float, ...]
    kind: str


@dataclass(frozen=True)
class Track:
    """A family of critical points: the coordinates as functions of one letter, and where the family is."""

    at: tuple[Expr, ...]
    letter: Symbol
    kind: str
    conditions: tuple[Relation, ...]

    def points(self, span: tuple[float, float], chosen: Numbers) -> list[Array]:
        """The coordinates along the family while its letter runs through the span, with NaN outside it."""
        t = np.linspace(*span, 801)
        inside = self._is_inside(t, chosen)
        edges = [self._edge(a, b, chosen) for a, b, m, n in zip(t, t[1:], inside, inside[1:], strict=False) if m != n]
        # Close to an end a family may turn so sharply that even steps would leave a gap.
        near = [e + side * (t[1] - t[0]) * 10.0**-k for e in edges for k in range(13) for side in (1, -1)]
        t = np.sort(np.concatenate([t, near, edges])) if edges else t
        here = {**chosen, self.letter: t}
        return [np.where(self._is_inside(t, chosen), value(e, here) + 0 * t, np.nan) for e in self.at]

    def _is_inside(self, t: Array, chosen: Numbers) -> Array:
        inside = np.ones_like(t, dtype=bool)
        for c in self.conditions:
            inside &= holds(c, {**chosen, self.letter: t})
        return inside

    def _edge(self, a: float, b: float, chosen: Numbers) -> float:
        """Where between two numbers the conditions cease to hold: the last one at which they do."""
        good, bad = (a, b) if bool(self._is_inside(np.float64(a), chosen)) else (b, a)
        for _ in range(60):
            middle = (good + bad) / 2
            good, bad = (middle, bad) if bool(self._is_inside(np.float64(middle), chosen)) else (good, middle)
        return good


def choices(subject: Subject, points: Sequence[CriticalPoint]) -> list[dict[Expr, Expr]]:
    """The numbers for which the function is drawn: several for one parameter, so that its cases are seen."""
    parameters = sorted(subject.parameters, key=str)
    if not parameters:
        return [{}]
    chosen: dict[Expr, Expr] = {}
    for p in parameters:
        chosen[p] = next((c for c in _candidates(p, points) if _allowed(subject, {p: c})), S.One)
    split = [p for p in parameters if any(p in letters_of(c.lhs - c.rhs) for x in points for c in x.conditions)]
    varied = (split or parameters)[0]
    found: list[dict[Expr, Expr]] = []
    for c in sorted(_candidates(varied, points, chosen)):
        here = {**chosen, varied: c}
        if _allowed(subject, here) and here not in found:
            found.append(here)
    return found[:4] or [chosen]


def _candidates(p: Expr, points: Sequence[CriticalPoint], others: Numbers | None = None) -> list[Expr]:
    """Numbers on every side of the values at which the cases change; else 1/2, 1 and 2."""
    bounds: list[Expr] = []
    for c in (c for x in points for c in x.conditions):
        gap = (c.lhs - c.rhs).xreplace({q: v for q, v in (others or {}).items() if q != p})
        slope = gap.coeff(p, 1)
        rest = gap - slope * p
        if slope.is_Rational and slope != 0 and rest.is_Rational and -rest / slope not in bounds:
            bounds.append(-rest / slope)
    if not bounds:
        return [S.One, Rational(1, 2), Integer(2)]
    bounds = sorted(bounds)[:2]
    between = [(a + b) / 2 for a, b in pairwise(bounds)]
    return list(dict.fromkeys([bounds[-1] + 1, bounds[0] - 1, *between, *([] if between else bounds)]))


def _allowed(subject: Subject, chosen: Numbers) -> bool:
    for known, may in subject.known.signs:
        gap = known.xreplace(dict(chosen))
        if gap.is_Rational and int(bool(gap > 0)) - int(bool(gap < 0)) not in may:
            return False
    return True


def located(points: Sequence[CriticalPoint], subject: Subject, chosen: Numbers) -> tuple[list[Spot], list[Track]]:
    """The points and the families of points that there are for these numbers."""
    spots: list[Spot] = []
    tracks: list[Track] = []
    for point in points:
        at = tuple(point.at[str(x)] for x in subject.variables)
        free = [x for x in subject.variables if point.at[str(x)] == x]
        own = tuple(c for c in point.conditions if set(free) & letters_of(c.lhs - c.rhs))
        try:
            if not all(bool(np.all(holds(c, chosen))) for c in point.conditions if c not in own):
                continue
            if len(free) == 1:
                own += tuple(_inside(r, dict(zip(subject.variables, at, strict=True))) for r in subject.closed)
                tracks.append(Track(at, free[0], point.kind, own))
            elif not free:
                spots += [Spot(p, point.kind) for p in _repeated(at, chosen)]
        except (NoPictureError, TypeError):
            continue
    return spots, tracks


def _inside(relation: Relation, at: Mapping[Symbol, Expr]) -> Relation:
    """An inequality of the domain at a member of a family, the edge included."""
    return Relation(relation.lhs.xreplace(dict(at)), relation.sign, relation.rhs.xreplace(dict(at)))


def on_edge(subject: Subject, spot: Spot, chosen: Numbers) -> bool:
    """Whether a point lies on the edge of a closed domain, where the derivative need not vanish."""
    at = {**chosen, **dict(zip(subject.variables, map(np.float64, spot.at), strict=True))}
    return any(abs(float(value(subject.gap(r), at))) < 1e-9 for r in subject.closed)


def reach(subject: Subject, chosen: Numbers) -> list[tuple[float, float]]:
    """The extent of a closed domain in each of two variables, where it is bounded and not small; else nothing."""
    if not subject.closed:
        return []
    t = np.linspace(-12, 12, 241)
    gx, gy = np.meshgrid(t, t)
    at = {**chosen, **dict(zip(subject.variables, (gx, gy), strict=True))}
    least = np.minimum.reduce([value(subject.gap(r), at) + 0 * gx for r in subject.closed])
    rows, columns = np.nonzero(least >= -1e-12)
    if not len(rows) or min(rows.min(), columns.min()) == 0 or max(rows.max(), columns.max()) == len(t) - 1:
        return []
    return [(t[columns.min()], t[columns.max()]), (t[rows.min()], t[rows.max()])]


def _repeated(at: Sequence[Expr], chosen: Numbers) -> Iterator[tuple[float, ...]]:
    """The point, or several of those that repeat with a whole number."""
    counters = sorted({s for e in at for s in letters_of(e) if s.is_integer}, key=str)
    for values in product(PERIODS, repeat=len(counters)):
        here = {**chosen, **dict(zip(counters, map(Integer, values), strict=True))}
        yield tuple(float(value(e, here)) for e in at)


def holds(relation: Relation, at: Mapping[Expr, Array]) -> Array:
    """Whether a relation holds, at each of the numbers."""
    gap = np.asarray(value(relation.lhs - relation.rhs, at), dtype=float)
    signs = {">": gap > 0, ">=": gap >= 0, "<": gap < 0, "<=": gap <= 0, "=": gap == 0, "!=": gap != 0}
    return signs.get(relation.sign, np.zeros_like(gap, dtype=bool))


def window(numbers: Sequence[float]) -> tuple[float, float]:
    """An interval with room around the points; of points that spread far, around those next to zero."""
    near = sorted(numbers, key=abs)[:5] if len(numbers) > 9 else list(numbers)
    near = [x for x in near if np.isfinite(x)]
    if not near:
        return -3.0, 3.0
    low, high = min(near), max(near)
    room = max(0.35 * (high - low), 0.5 * max(abs(low), abs(high)), 1.5 if low == high else 0.0)
    return low - room, high + room


def inside(subject: Subject, at: Mapping[Expr, Array]) -> Array:
    """Whether the function is defined, at each of the numbers."""
    found: Array = True
    for d in subject.domain:
        found = found & (np.asarray(value(d, at), dtype=float) > 0)
    return found


def slope(f: Expr, x: Symbol, t: Array, chosen: Mapping[Expr, Array]) -> Array:
    """The derivative by `x` along an array of numbers, with a gap at every kink."""
    step = float(t[1] - t[0]) * 1e-3
    ahead, behind = (np.asarray(value(f, {**chosen, x: t + s * step}) + 0 * t, dtype=float) for s in (1, -1))
    found = (ahead - behind) / (2 * step)
    for u in kinks_of(f):
        side = np.sign(value(u, {**chosen, x: t}) + 0 * t)
        broken = np.zeros_like(t, dtype=bool)
        broken[1:] |= side[1:] != side[:-1]
        found = np.where(broken, np.nan, found)
    return found


def span_of(y: Array, heights: Sequence[float]) -> tuple[float, float] | None:
    """The heights to show where a curve runs off to infinity: most of it, and all points; None to show all."""
    finite = y[np.isfinite(y)]
    if not len(finite):
        return None
    low, high = np.quantile(finite, [0.12, 0.88])
    low, high = min([low, *heights]), max([high, *heights])
    room = 0.35 * (high - low)
    if finite.min() > low - 3 * room and finite.max() < high + 3 * room:
        return None
    return float(low - room), float(high + room)
