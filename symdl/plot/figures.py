"""The figures that a derivation has: curves, contours, gradients through time, and the computational graph."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from sympy import Expr, Symbol, diff

from symdl.engine.curvature.pieces import kinks_of
from symdl.engine.curvature.subject import Subject, is_concrete, subject_of
from symdl.engine.derive import session_for, unfolded
from symdl.errors import SymdlError
from symdl.laws import laws
from symdl.plot.graph import Graph, graph_of, shown
from symdl.plot.values import NoPictureError, value
from symdl.problem import CriticalPoint, Derivation, Relation

MARKS: Mapping[str, tuple[str, str, str]] = {
    "minimum": ("v", "black", "local minimum"),
    "maximum": ("^", "white", "local maximum"),
    "saddle": ("X", "0.5", "saddle"),
    "undecided": ("o", "white", "undecided"),
}
"""Mark, filling and name of each kind of point."""

DASHES = ("-", "--", ":", "-.")

STYLE: Any = {
    "font.size": 9.0,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "svg.hashsalt": "symdl",
    "mathtext.fontset": "cm",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "svg.fonttype": "path",
}


def figures(derivation: Derivation) -> dict[str, Figure]:
    """All figures that the derivation has, by name.

    Raises  `NoPictureError` where there is none, saying why.
    """
    task, problem = derivation.task, derivation.problem
    session = session_for(problem, task, laws())
    with matplotlib.rc_context(STYLE):
        if task.kind == "classify":
            if not is_concrete(unfolded(task.goal, session)):
                raise NoPictureError("a function of a symbolic number of variables has no picture")
            return _of_function(subject_of(session), derivation.result)
        values = {v.quantity: v.number for v in problem.givens.values}
        if values:
            body = unfolded(task.goal, session)
            try:
                return {"graph": graph_figure(graph_of(body, values))}
            except SymdlError as reason:
                raise NoPictureError(str(reason)) from None
        raise NoPictureError("there is a picture of a function to classify, and of a value worked out with numbers")


def save(figure: Figure, form: str = "pdf") -> bytes:
    """The figure as the bytes of a file, the same for the same figure: pdf, svg or png."""
    buffer = io.BytesIO()
    metadata: dict[str, Any] = {"pdf": {"CreationDate": None, "ModDate": None}, "svg": {"Date": None}}.get(form, {})
    with matplotlib.rc_context(STYLE):
        figure.savefig(buffer, format=form, metadata=metadata, dpi=150)
    return buffer.getvalue()


def _of_function(subject: Subject, points: Sequence[CriticalPoint]) -> dict[str, Figure]:
    free = sorted(subject.parameters, key=str)
    if free:
        chosen: dict[Expr, float] = dict.fromkeys(free, 1.0)
    else:
        chosen = {}
    known = [_located(p, subject, chosen) for p in points]
    spots = [(at, kind) for found in known if found is not None for at, kind in [found]]
    if len(subject.variables) == 1:
        return {"curve": curve(subject, spots, chosen)}
    if len(subject.variables) == 2:
        return {"contours": contours(subject, spots, chosen)}
    raise NoPictureError(f"a function of {len(subject.variables)} variables has no picture")


def _located(point: CriticalPoint, subject: Subject, chosen: Mapping[Expr, float]) -> tuple[list[float], str] | None:
    """A point as numbers, where its conditions hold for the values chosen for the parameters."""
    try:
        if not all(_holds(c, chosen) for c in point.conditions):
            return None
        return [float(value(point.at[str(x)], chosen)) for x in subject.variables], point.kind
    except (NoPictureError, TypeError, KeyError):
        return None


def _holds(relation: Relation, chosen: Mapping[Expr, float]) -> bool:
    gap = float(value(relation.lhs - relation.rhs, chosen))
    holds = {">": gap > 0, ">=": gap >= 0, "<": gap < 0, "<=": gap <= 0, "=": gap == 0, "!=": gap != 0}
    return holds.get(relation.sign, False)


def _window(numbers: Sequence[float]) -> tuple[float, float]:
    """An interval with room around the points."""
    if not numbers:
        return -3.0, 3.0
    low, high = min(numbers), max(numbers)
    room = max(0.6 * (high - low), 1.5)
    return low - room, high + room


def curve(subject: Subject, spots: Sequence[tuple[list[float], str]], chosen: Mapping[Expr, float]) -> Figure:
    """A function of one variable above its derivative, with the critical points on both."""
    (x,) = subject.variables
    low, high = _window([at[0] for at, _ in spots])
    for d in subject.domain:
        if d == x:
            low = max(low, 1e-3)
    t = np.linspace(low, high, 1201)
    figure = Figure(figsize=(4.6, 4.2), layout="constrained")
    top, below = figure.subplots(2, 1, sharex=True)
    at = {**chosen, x: t}
    y = value(subject.f, at) + 0 * t
    top.plot(t, y, color="black")
    top.set_ylabel(_label(subject.goal))
    slope = _numeric_slope(subject, x, at, t)
    below.plot(t, slope, color="black", linestyle="--")
    below.axhline(0.0, color="0.6", linewidth=0.6)
    below.set_ylabel(f"derivative by {_math(x)}")
    below.set_xlabel(_math(x))
    for spot, kind in spots:
        mark, fill, _ = MARKS[kind]
        height = float(value(subject.f, {**chosen, x: np.float64(spot[0])}))
        top.plot(spot, [height], mark, markersize=7, markerfacecolor=fill, markeredgecolor="black", zorder=3)
        below.plot(spot, [0.0], mark, markersize=5, markerfacecolor=fill, markeredgecolor="black", zorder=3)
    _legend(top, [kind for _, kind in spots])
    if chosen:
        top.set_title("drawn for " + ", ".join(f"{_math(a)} = 1" for a in sorted(chosen, key=str)), fontsize=8)
    return figure


def _numeric_slope(subject: Subject, x: Symbol, at: Mapping[Expr, Any], t: Any) -> Any:
    """The derivative, with a gap at every kink."""
    if not kinks_of(subject.f):
        return value(diff(subject.f, x), at) + 0 * t
    y = value(subject.f, at) + 0 * t
    slope = np.gradient(y, t)
    jump = np.abs(np.diff(slope, prepend=slope[0])) > 0.2 * (np.nanmax(np.abs(slope)) + 1e-9)
    slope[jump] = np.nan
    return slope


def contours(subject: Subject, spots: Sequence[tuple[list[float], str]], chosen: Mapping[Expr, float]) -> Figure:
    """The level lines of a function of two variables, its critical points by kind, and paths of gradient descent."""
    x, y = subject.variables
    span_x, span_y = _window([at[0] for at, _ in spots]), _window([at[1] for at, _ in spots])
    gx, gy = np.meshgrid(np.linspace(*span_x, 241), np.linspace(*span_y, 241))
    z = value(subject.f, {**chosen, x: gx, y: gy}) + 0 * gx
    figure = Figure(figsize=(5.2, 4.4), layout="constrained")
    axes = figure.subplots()
    finite = z[np.isfinite(z)]
    levels = np.unique(np.quantile(finite, np.linspace(0.01, 0.97, 16)))
    if len(levels) < 2:
        raise NoPictureError("the function is constant where it would be drawn")
    drawn: Any = axes.contour(gx, gy, z, levels=levels, colors="0.55", linewidths=0.7, linestyles="solid")
    axes.clabel(drawn, levels=drawn.levels[::4], fontsize=6, fmt="%.3g")
    for spot, kind in spots:
        mark, fill, _ = MARKS[kind]
        axes.plot([spot[0]], [spot[1]], mark, markersize=7, markerfacecolor=fill, markeredgecolor="black", zorder=4)
    lines = _paths(subject, spots, chosen, span_x, span_y)
    for n, (rate, path) in enumerate(lines):
        axes.plot(
            path[:, 0],
            path[:, 1],
            DASHES[n % 4],
            marker=".",
            markersize=3,
            color="black",
            linewidth=0.9,
            label=f"descent, rate {rate:.3g}",
        )
    axes.set_xlim(*span_x)
    axes.set_ylim(*span_y)
    axes.set_xlabel(_math(x))
    axes.set_ylabel(_math(y))
    _legend(axes, [kind for _, kind in spots], outside=True)
    return figure


def _paths(
    subject: Subject,
    spots: Sequence[tuple[list[float], str]],
    chosen: Mapping[Expr, float],
    span_x: tuple[float, float],
    span_y: tuple[float, float],
) -> list[tuple[float, Any]]:
    """Gradient descent from a corner of the picture with three rates, scaled to the curvature at a minimum."""
    minima = [at for at, kind in spots if kind == "minimum"]
    if not minima or kinks_of(subject.f):
        return []
    x, y = subject.variables
    there = {**chosen, x: minima[0][0], y: minima[0][1]}
    H = [[float(value(diff(subject.f, a, b), there)) for a in (x, y)] for b in (x, y)]
    largest = float(np.max(np.linalg.eigvalsh(np.array(H))))
    if largest <= 1e-9:
        return []
    gradient = [diff(subject.f, v) for v in (x, y)]
    start = np.array(minima[0]) + np.array([0.42 * (span_x[1] - span_x[0]), 0.3 * (span_y[1] - span_y[0])]) * np.array(
        [1 if minima[0][0] <= sum(span_x) / 2 else -1, 1 if minima[0][1] <= sum(span_y) / 2 else -1]
    )
    found = []
    for part in (0.1, 0.5, 1.8):
        rate = part / largest
        path = [start]
        for _ in range(40):
            at = {**chosen, x: path[-1][0], y: path[-1][1]}
            step = np.array([float(value(g, at)) for g in gradient])
            new = path[-1] - rate * step
            if not np.all(np.isfinite(new)) or np.max(np.abs(new)) > 1e3:
                break
            path.append(new)
        found.append((rate, np.array(path)))
    return found


def _legend(axes: Any, kinds: Sequence[str], outside: bool = False) -> None:
    for kind in MARKS:
        if kind in kinds:
            mark, fill, name = MARKS[kind]
            axes.plot([], [], mark, markerfacecolor=fill, markeredgecolor="black", linestyle="none", label=name)
    handles, labels = axes.get_legend_handles_labels()
    if not handles:
        return
    if outside:
        axes.figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=7)
    else:
        axes.legend(handles, labels, fontsize=7, loc="best")


def _math(x: Expr) -> str:
    return f"${x}$"


def _label(goal: Expr) -> str:
    return _math(goal) if isinstance(goal, Symbol) else "value"


def family_figure(kind: str) -> Figure:
    """The sigmoid for several slopes, or a softmax output for several temperatures."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.6, 2.9), layout="constrained")
        axes = figure.subplots()
        t = np.linspace(-6, 6, 601)
        if kind == "sigmoid":
            for dash, k in zip(DASHES, (0.5, 1, 2, 5), strict=True):
                axes.plot(t, 1 / (1 + np.exp(-k * t)), dash, color="black", label=rf"$\sigma({k:g}z)$")
            axes.set_xlabel("$z$")
        elif kind == "softmax":
            for dash, temperature in zip(DASHES, (0.5, 1, 2, 5), strict=True):
                e = np.exp(np.stack([t, 0 * t, 0 * t + 1]) / temperature)
                axes.plot(t, e[0] / e.sum(axis=0), dash, color="black", label=f"temperature {temperature:g}")
            axes.set_xlabel("$z_1$, with $z_2 = 0$ and $z_3 = 1$")
            axes.set_ylabel("$p_1$")
        else:
            raise NoPictureError(f"there is no family {kind!r}; there are sigmoid and softmax")
        axes.legend(fontsize=7)
        return figure


def through_time(weights: Sequence[float], steps: int = 40, activation: str = "tanh") -> Figure:
    """The size of the derivative of the last state by an earlier one, for several recurrent weights.

    The state is h_t = φ(w h_{t-1} + 1/10), so the derivative is the product of w φ' over the steps between.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.6, 3.0), layout="constrained")
        axes = figure.subplots()
        for n, w in enumerate(weights):
            h, factors = 0.0, []
            for _ in range(steps):
                u = w * h + 0.1
                h = float(np.tanh(u)) if activation == "tanh" else u
                factors.append(abs(w * ((1 - h * h) if activation == "tanh" else 1.0)))
            size = np.cumprod(np.array(factors[::-1]))
            axes.semilogy(np.arange(1, steps + 1), size, DASHES[n % 4], color="black", label=f"$w = {w:g}$")
        axes.axhline(1.0, color="0.6", linewidth=0.6)
        axes.set_xlabel("distance in time")
        axes.set_ylabel("size of the derivative")
        axes.legend(fontsize=7)
        return figure


def graph_figure(graph: Graph) -> Figure:
    """The computational graph, values above each edge and derivatives of the result below it."""
    with matplotlib.rc_context(STYLE):
        depth = _depths(graph)
        last = len(graph.gates) - 1
        # An edge over several columns gets a stop in each column between, so that it crosses no node.
        stops: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
        columns: dict[int, list[tuple[int, ...]]] = {}
        ahead: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
        for n in range(last + 1):
            columns.setdefault(depth[n], []).append((n,))
        for n, gate in enumerate(graph.gates):
            for k in dict.fromkeys(gate.inputs):
                between = [(k, n, d) for d in range(depth[k] + 1, depth[n])]
                stops[k, n] = between
                chain: list[tuple[int, ...]] = [(k,), *between, (n,)]
                for one, two in pairwise(chain):
                    ahead.setdefault(one, []).append(two)
                for stop in between:
                    columns.setdefault(stop[2], []).append(stop)
        height = _heights(columns, ahead)
        width, tall = max(columns) + 2, max(len(c) for c in columns.values())
        figure = Figure(figsize=(1.35 * width + 0.4, 0.9 * tall + 0.6), layout="constrained")
        axes = figure.subplots()
        axes.axis("off")
        for n, gate in enumerate(graph.gates):
            for k in dict.fromkeys(gate.inputs):
                places = [(depth[k], height[k,]), *((s[2], height[s]) for s in stops[k, n]), (depth[n], height[n,])]
                _edge(axes, places, graph.gates[k].forward, _through(graph, n, k), len(gate.sign))
        _edge(
            axes,
            [(depth[last], height[last,]), (depth[last] + 1, height[last,])],
            graph.gates[last].forward,
            graph.gates[last].backward,
        )
        for n, gate in enumerate(graph.gates):
            is_input = not gate.inputs
            label = f"${gate.sign}$" if is_input and not gate.sign.lstrip("-")[0].isdigit() else gate.sign
            shape, fill = ("square,pad=0.25", "0.92") if is_input else ("round,pad=0.3", "white")
            box = {"boxstyle": shape, "fc": fill, "ec": "black", "lw": 0.8}
            axes.text(depth[n], height[n,], label, ha="center", va="center", bbox=box, fontsize=9, zorder=3)
        axes.set_xlim(-0.5, width - 0.4)
        edge = max(abs(h) for h in height.values()) + 0.7
        axes.set_ylim(-edge, edge)
        return figure


Item = tuple[int, ...]
"""A node, or a stop of a long edge."""


def _heights(columns: Mapping[int, Sequence[Item]], ahead: Mapping[Item, Sequence[Item]]) -> dict[Item, float]:
    """The height of every item: each column in the order of the means of its neighbours, with the fewest crossings."""
    behind: dict[Item, list[Item]] = {}
    for one, others in ahead.items():
        for two in others:
            behind.setdefault(two, []).append(one)
    height: dict[Item, float] = {}
    best: tuple[int, dict[Item, float]] | None = None
    for sweep in range(8):
        order = sorted(columns, reverse=sweep % 2 == 0)
        near = ahead if sweep % 2 == 0 else behind
        for d in order:
            means = {item: _mean([height.get(o, 0.0) for o in near.get(item, [])]) for item in columns[d]}
            wanted = sorted(columns[d], key=lambda item: (-means[item], item))
            for row, item in enumerate(wanted):
                height[item] = ((len(wanted) - 1) / 2 - row) * 1.3
        count = _crossings(columns, ahead, height)
        if best is None or count < best[0]:
            best = (count, dict(height))
    assert best is not None
    return best[1]


def _crossings(
    columns: Mapping[int, Sequence[Item]], ahead: Mapping[Item, Sequence[Item]], height: Mapping[Item, float]
) -> int:
    total = 0
    for items in columns.values():
        edges = [(height[a], height[b]) for a in items for b in ahead.get(a, [])]
        total += sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for n, a in enumerate(edges) for b in edges[:n])
    return total


def _depths(graph: Graph) -> list[int]:
    """The column of every node; what is only used late stands directly before its first use."""
    depth: list[int] = []
    for gate in graph.gates:
        depth.append(1 + max((depth[k] for k in gate.inputs), default=-1))
    for n in range(len(depth) - 2, -1, -1):
        uses = [depth[m] for m, g in enumerate(graph.gates) if n in g.inputs]
        if not graph.gates[n].inputs and uses:
            depth[n] = min(uses) - 1
    return depth


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


def _through(graph: Graph, n: int, k: int) -> Expr:
    """What flows back from one node to one of its inputs."""
    gate = graph.gates[n]
    total = sum(s for i, s in zip(gate.inputs, gate.slopes, strict=True) if i == k)
    return gate.backward * total


def _edge(axes: Any, places: Sequence[tuple[float, float]], forward: Expr, backward: Expr, wide: int = 1) -> None:
    for a, b in pairwise(places[:-1]):
        axes.plot([a[0], b[0]], [a[1], b[1]], color="black", linewidth=0.8, zorder=1)
    arrow = {
        "arrowstyle": "-|>",
        "lw": 0.8,
        "shrinkA": 12 if len(places) == 2 else 0,
        "shrinkB": 9 + 3.4 * wide,
        "color": "black",
    }
    axes.annotate("", xy=places[-1], xytext=places[-2], arrowprops=arrow, zorder=1)
    a, b = places[0], places[1]
    at = (a[0] + 0.42 * (b[0] - a[0]), a[1] + 0.42 * (b[1] - a[1]))
    box = {"boxstyle": "square,pad=0.05", "fc": "white", "ec": "none"}
    axes.text(at[0], at[1] + 0.16, shown(forward), ha="center", va="center", fontsize=7, bbox=box, zorder=2)
    axes.text(
        at[0],
        at[1] - 0.16,
        shown(backward),
        ha="center",
        va="center",
        fontsize=7,
        style="italic",
        color="0.35",
        bbox=box,
        zorder=2,
    )
