"""A function of one variable and its derivative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from sympy import Expr, Symbol

from symdl.engine.curvature.subject import Subject
from symdl.plot.scene import Numbers, inside, located, on_edge, slope, span_of, window
from symdl.plot.style import MARKS, STROKES, called, legend, marked, math
from symdl.plot.values import value
from symdl.problem import CriticalPoint


def curve(subject: Subject, points: Sequence[CriticalPoint], chosen: Sequence[Numbers]) -> Figure:
    """The function above its derivative, once for each choice of numbers, with the critical points on both."""
    (x,) = subject.variables
    found = [located(points, subject, numbers) for numbers in chosen]
    low, high = window([s.at[0] for spots, _ in found for s in spots])
    low, high = _in_domain(subject, x, low, high)
    t = np.linspace(low, high, 1201)
    figure = Figure(figsize=(4.6, 4.4), layout="constrained")
    top, below = figure.subplots(2, 1, sharex=True)
    kinds: list[str] = []
    heights: list[float] = []
    drawn: list[Any] = []
    for n, (numbers, (spots, tracks)) in enumerate(zip(chosen, found, strict=True)):
        dash, grey = STROKES[n % len(STROKES)]
        defined = inside(subject, {**numbers, x: t})
        y = np.where(defined, value(subject.f, {**numbers, x: t}) + 0 * t, np.nan)
        label = said(numbers, chosen) if len(chosen) > 1 else None
        top.plot(t, y, dash, color=grey, label=label)
        rise = np.where(defined, slope(subject.f, x, t, numbers), np.nan)
        below.plot(t, rise, dash, color=grey)
        drawn += [y, rise]
        for spot in spots:
            if not low <= spot.at[0] <= high:
                continue
            height = float(value(subject.f, {**numbers, x: np.float64(spot.at[0])}))
            heights.append(height)
            kinds.append(spot.kind)
            marked(top, (spot.at[0], height), spot.kind)
            if not on_edge(subject, spot, numbers):
                marked(below, (spot.at[0], 0.0), spot.kind, 5.5)
        for track in tracks:
            (along,) = track.points((low, high), numbers)
            top.plot(along, value(subject.f, {**numbers, x: along}) + 0 * along, color="0.6", linewidth=4, zorder=0,
                     label=f"every point a {MARKS[track.kind][2]}")  # fmt: skip
    _limited(top, drawn[::2], heights)
    _limited(below, drawn[1::2], [0.0])
    top.set_ylabel(called(subject.goal))
    below.axhline(0.0, color="0.6", linewidth=0.6, zorder=0)
    below.set_ylabel("derivative")
    below.set_xlabel(math(x))
    legend(top, kinds)
    return figure


def _in_domain(subject: Subject, x: Symbol, low: float, high: float) -> tuple[float, float]:
    """The part of an interval that lies in the domain, as far as that says `x > a` or `x < b`."""
    for d in subject.domain:
        slope_, rest = d.coeff(x, 1), d - d.coeff(x, 1) * x
        if not (slope_.is_Rational and rest.is_Rational and slope_ != 0):
            continue
        bound = float(-rest / slope_)
        if slope_ > 0:
            low = max(low, bound)
        else:
            high = min(high, bound)
    return low, high


def _limited(axes: Any, curves: Sequence[Any], heights: Sequence[float]) -> None:
    limits = span_of(np.concatenate(curves), heights)
    if limits is not None:
        axes.set_ylim(*limits)


def said(numbers: Numbers, all_of: Sequence[Numbers]) -> str:
    """The numbers of one choice, those left out that are the same in all."""
    own = [p for p in sorted(numbers, key=str) if len({c[p] for c in all_of}) > 1]
    return ", ".join(f"{math(p)} = {shown(numbers[p])}" for p in own)


def shown(number: Expr) -> str:
    return str(number).replace("-", "−")
