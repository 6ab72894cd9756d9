"""The computational graph as a figure: values above each edge, derivatives of the result below it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from sympy import Expr

from symdl.plot.graph import Graph, shown
from symdl.plot.values import NoPictureError

NODES = 32
"""No larger graph is drawn."""

WIDE, TALL = 1.35, 0.78
"""Inches from one column to the next, and for each unit of height."""

Item = tuple[int, ...]
"""A node, or a stop of a long edge."""


def network(graph: Graph) -> Figure:
    """The figure.

    Raises  `NoPictureError` where the graph is too large to be read.
    """
    if len(graph.gates) > NODES:
        raise NoPictureError(f"a graph of {len(graph.gates)} nodes is too large for a picture")
    depth = _depths(graph)
    last = len(graph.gates) - 1
    columns: dict[int, list[Item]] = {}
    for n, d in enumerate(depth):
        columns.setdefault(d, []).append((n,))
    # A long edge passes through each column between its ends at a place of its own.
    ahead: dict[Item, list[Item]] = {}
    stops: dict[tuple[int, int], list[Item]] = {}
    for n, gate in enumerate(graph.gates):
        for k in dict.fromkeys(gate.inputs):
            between = [(k, n, d) for d in range(depth[k] + 1, depth[n])]
            stops[k, n] = list(between)
            chain: list[Item] = [(k,), *between, (n,)]
            for one, two in pairwise(chain):
                ahead.setdefault(one, []).append(two)
            for stop in between:
                columns.setdefault(stop[2], []).append(stop)
    height = _heights(columns, ahead)
    edge = max(abs(h) for h in height.values()) + 0.6
    figure = Figure(figsize=(WIDE * (max(columns) + 2), TALL * 2 * edge))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.axis("off")
    axes.set_xlim(-0.5, max(columns) + 1.5)
    axes.set_ylim(-edge, edge)
    for n, gate in enumerate(graph.gates):
        for k in dict.fromkeys(gate.inputs):
            places = [(depth[k], height[k,]), *((s[2], height[s]) for s in stops[k, n]), (depth[n], height[n,])]
            ends = (_half(graph.gates[k].label), _half(gate.label))
            _edge(axes, places, graph.gates[k].forward, _through(graph, n, k), ends)
    out = [(depth[last], height[last,]), (depth[last] + 1, height[last,])]
    _edge(axes, out, graph.gates[last].forward, graph.gates[last].backward, (_half(graph.gates[last].label), 0.0))
    for n, gate in enumerate(graph.gates):
        shape, fill = ("round,pad=0.3", "white") if gate.inputs else ("square,pad=0.3", "0.9")
        box = {"boxstyle": shape, "fc": fill, "ec": "black", "lw": 0.8}
        axes.text(depth[n], height[n,], gate.label, ha="center", va="center", bbox=box, fontsize=10, zorder=3)
    return figure


def _half(label: str) -> float:
    """Half the width of a node, in points."""
    seen = re.sub(r"\\[a-zA-Z]+|[${}^_\\]", "", label)
    return 8.0 + (2.4 if "$" not in label else 3.2) * len(seen)


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


def _edge(
    axes: Any, places: Sequence[tuple[float, float]], forward: Expr, backward: Expr, ends: tuple[float, float]
) -> None:
    """A line from node to node with its two numbers on both sides of its first stretch."""
    points = [np.array([x * WIDE, y * TALL]) * 72 for x, y in places]
    points[0] = _leaving(points[0], points[1], ends[0])
    points[-1] = _leaving(points[-1], points[-2], ends[1])
    on = [(p[0] / 72 / WIDE, p[1] / 72 / TALL) for p in points]
    for a, b in pairwise(on[:-1]):
        axes.plot([a[0], b[0]], [a[1], b[1]], color="black", linewidth=0.8, zorder=1)
    arrow = {"arrowstyle": "-|>", "lw": 0.8, "shrinkA": 0, "shrinkB": 0, "color": "black"}
    axes.annotate("", xy=on[-1], xytext=on[-2], arrowprops=arrow, zorder=1)
    along = points[1] - points[0]
    across = np.array([-along[1], along[0]]) / float(np.hypot(*along))
    if across[1] < 0:
        across = -across
    middle = ((on[0][0] + on[1][0]) / 2, (on[0][1] + on[1][1]) / 2)
    for value, side, look in ((forward, 1, {}), (backward, -1, {"style": "italic", "color": "0.35"})):
        text = shown(value)
        offset = side * across * (6.5 + abs(across[0]) * 2.1 * len(text))
        axes.annotate(
            text, xy=middle, xytext=tuple(offset), textcoords="offset points", ha="center", va="center", fontsize=8.5,
            zorder=2, **look,
        )  # fmt: skip


def _leaving(a: Any, b: Any, half: float) -> Any:
    """Where the line from a to b leaves the box around a."""
    along = b - a
    part = min(half / abs(along[0]) if along[0] else 1.0, 11.0 / abs(along[1]) if along[1] else 1.0, 0.45)
    return a + part * along
