r"""Dots over names, \dot{x}, as derivatives by time, where a given says so of one name: \dot{y} = dy/dt."""

from __future__ import annotations

import re
from dataclasses import replace

from symdl.read.nodes import Derivative, Group, Name, Node, Scripted
from symdl.read.scripts import spell, with_children

_DOTTED = re.compile(r"\\dot\{(.+)\}")


def time_of_dots(sides: tuple[Node, ...]) -> str:
    r"""The t of an equation \dot{y} = dy/dt, which says no more than what a dot is; none of any other equation."""
    if len(sides) != len(("left", "right")):
        return ""
    for left, right in (sides, sides[::-1]):
        by = right.wrt[0][0] if isinstance(right, Derivative) and right.order == 1 else None
        own = _undotted(left)
        if isinstance(right, Derivative) and isinstance(by, Name) and own is not None and spell(own) == spell(right.of):
            return by.text
    return ""


def with_rates(node: Node, time: str) -> Node:
    r"""The node with dx/dt for \dot{x}, where t is this letter of time."""
    of = _undotted(node) if time else None
    if of is None:
        return with_children(node, lambda inner: with_rates(inner, time)) if time else node
    slope = Derivative(node.at, node.end, "d", 1, of, ((Name(node.at, node.end, time), 1),))
    powers = node.sups if isinstance(node, Scripted) else ()
    return Scripted(node.at, node.end, Group(node.at, node.end, "(", (slope,)), (), powers, 0) if powers else slope


def _undotted(node: Node) -> Node | None:
    """A name, with its subscripts, without the dot over it and without powers; None of anything else."""
    core = node.core if isinstance(node, Scripted) else node
    found = _DOTTED.fullmatch(core.text) if isinstance(core, Name) else None
    if found is None:
        return None
    own = Name(core.at, core.end, found[1])
    return replace(node, core=own, sups=()) if isinstance(node, Scripted) and (node.subs or node.primes) else own
