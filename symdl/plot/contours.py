"""The level lines of a function of two variables, with critical points and paths of gradient descent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from sympy import diff

from symdl.engine.curvature.pieces import kinks_of
from symdl.engine.curvature.subject import Subject
from symdl.plot.scene import Numbers, Spot, inside, located, reach, window
from symdl.plot.style import MARKS, STROKES, legend, marked, math, number
from symdl.plot.values import Array, NoPictureError, value
from symdl.problem import CriticalPoint

PARTS = (0.15, 0.7, 1.9)
"""The rates of gradient descent, times the largest curvature on its way: slow, fast, and just below diverging."""

STEPS = 40


def contours(subject: Subject, points: Sequence[CriticalPoint], chosen: Numbers) -> Figure:
    """The picture for one choice of numbers for the parameters.

    Raises  `NoPictureError` where the function is constant or not defined.
    """
    x, y = subject.variables
    spots, tracks = located(points, subject, chosen)
    ends = list(zip(*reach(subject, chosen), strict=True))
    span_x, span_y = (window([*(s.at[n] for s in spots), *(e[n] for e in ends)]) for n in range(2))
    spots = [s for s in spots if span_x[0] <= s.at[0] <= span_x[1] and span_y[0] <= s.at[1] <= span_y[1]]
    gx, gy = np.meshgrid(np.linspace(*span_x, 161), np.linspace(*span_y, 161))
    at = {**chosen, x: gx, y: gy}
    z = np.where(inside(subject, at), value(subject.f, at) + 0 * gx, np.nan)
    figure = Figure(figsize=(5.2, 4.6), layout="constrained")
    axes = figure.subplots()
    drawn: Any = axes.contour(gx, gy, z, levels=_levels(z), colors="0.62", linewidths=0.7, linestyles="solid")
    axes.clabel(drawn, levels=drawn.levels[1::4], fontsize=7, fmt=lambda v: number(v), colors="0.35")
    _outside(axes, subject, at)
    for g in subject.constraints:
        line = np.where(inside(subject, at), value(g, at) + 0 * gx, np.nan)
        axes.contour(gx, gy, line, levels=[0.0], colors="black", linewidths=1.6, linestyles="dashed")
        axes.plot([], [], "--", color="black", linewidth=1.6, label="constraint")
    for kind, group in _by_kind(tracks).items():
        for n, track in enumerate(group):
            across = span_x if track.letter == x else span_y
            px, py = track.points(across, chosen)
            label = f"every point a {MARKS[kind][2]}" if n == 0 else None
            axes.plot(px, py, {"minimum": "-", "maximum": "--"}.get(kind, ":"), color="black", linewidth=2.4,
                      zorder=3, label=label)  # fmt: skip
    if not subject.constraints and not subject.closed:
        for n, (rate, path) in enumerate(_paths(subject, spots, chosen, span_x, span_y)):
            dash, _ = STROKES[n]
            mark = (".", "s", "o")[n]
            axes.plot(path[:, 0], path[:, 1], dash, marker=mark, markersize=(5.0, 3.2, 3.2)[n], color="black",
                      markerfacecolor=("black", "0.5", "white")[n], markeredgewidth=0.6, linewidth=0.9, zorder=4,
                      label=f"descent, rate {number(rate)}")  # fmt: skip
    for spot in spots:
        marked(axes, spot.at, spot.kind, 8.0)
    axes.set_xlim(*span_x)
    axes.set_ylim(*span_y)
    axes.set_xlabel(math(x))
    axes.set_ylabel(math(y))
    legend(axes, [s.kind for s in spots])
    return figure


def _outside(axes: Any, subject: Subject, at: Numbers) -> None:
    """Shade what a closed domain leaves out, and draw its edge."""
    if not subject.closed:
        return
    x, y = (at[v] for v in subject.variables)
    gaps = [value(subject.gap(r), at) + 0 * x for r in subject.closed]
    least = np.minimum.reduce(gaps)
    axes.contourf(x, y, least, levels=[-np.inf, 0.0], colors=["0.92"], zorder=0)
    axes.contour(x, y, least, levels=[0.0], colors="black", linewidths=1.6)
    axes.plot([], [], "-", color="black", linewidth=1.6, label="edge of the domain")


def _by_kind(tracks: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for track in tracks:
        found.setdefault(track.kind, []).append(track)
    return found


def _levels(z: Array) -> Array:
    """Heights that part the picture evenly, in two digits each."""
    finite = z[np.isfinite(z)]
    raw = np.quantile(finite, np.linspace(0.02, 0.97, 15)) if len(finite) else np.array([])
    found = np.unique([float(f"{v:.2g}") for v in raw])
    found = found[np.abs(found) > 1e-9 * np.max(np.abs(found), initial=1e-300)]
    if len(found) < 2:
        raise NoPictureError("the function is constant where it would be drawn")
    return found


def _paths(
    subject: Subject,
    spots: Sequence[Spot],
    chosen: Numbers,
    span_x: tuple[float, float],
    span_y: tuple[float, float],
) -> list[tuple[float, Array]]:
    """Gradient descent towards a minimum from one start, with several rates."""
    minima = [np.array(s.at) for s in spots if s.kind == "minimum"]
    if not minima or kinks_of(subject.f):
        return []
    end = minima[-1]
    gradient = [diff(subject.f, v) for v in subject.variables]
    there = {**chosen, **dict(zip(subject.variables, end, strict=True))}
    if any(abs(float(value(g, there))) > 1e-6 for g in gradient):
        # A minimum under a constraint is none of the function alone.
        return []
    hessian = [[diff(g, v) for v in subject.variables] for g in gradient]
    others = [np.linalg.norm(np.array(s.at) - end) for s in spots if not np.allclose(s.at, end)]
    sizes = np.array([span_x[1] - span_x[0], span_y[1] - span_y[0]])
    middle = np.array([sum(span_x) / 2, sum(span_y) / 2])
    side = np.where(end > middle + 1e-9, -1.0, 1.0)
    away = side * np.array([0.42, 0.3]) * sizes
    if others:
        away *= min(1.0, 0.75 * min(others) / float(np.linalg.norm(away)))
    start = end + away

    def at(point: Array) -> dict[Any, Any]:
        return {**chosen, **dict(zip(subject.variables, point, strict=True))}

    curvature = 0.0
    for part in np.linspace(0.0, 1.0, 9):
        here = at(end + part * away)
        H = np.array([[float(value(e, here)) for e in row] for row in hessian])
        if not np.all(np.isfinite(H)):
            return []
        curvature = max(curvature, float(np.max(np.abs(np.linalg.eigvalsh(H)))))
    if curvature <= 1e-9:
        return []
    found = []
    for part in PARTS:
        rate = float(f"{part / curvature:.2g}")
        path = [start]
        for _ in range(STEPS):
            new = path[-1] - rate * np.array([float(value(g, at(path[-1]))) for g in gradient])
            if not np.all(np.isfinite(new)):
                break
            path.append(new)
            if np.any(np.abs(new - middle) > 0.6 * sizes) or np.linalg.norm(new - path[-2]) < 2e-3 * sizes.min():
                break
        found.append((rate, np.array(path)))
    return found
