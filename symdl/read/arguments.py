"""Brackets after a name that hold its index, as in a sum of p(x), or that are part of it, H(p) beside H(p, q)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Set
from dataclasses import fields, replace
from typing import Any

from symdl.read.nodes import Big, Group, Name, Node, Number, Product, Relation, Scripted
from symdl.read.scripts import inside_of, spell


def arguments_as_indices(nodes: Iterable[Node]) -> frozenset[str]:
    r"""The names that stand with the letter of a sum in brackets: p in \sum_x p(x) \log p(x) is a family."""
    found: set[str] = set()
    for node in nodes:
        for inner in inside_of(node):
            if not isinstance(inner, Big):
                continue
            firsts = [b.sides[0] if isinstance(b, Relation) else b for b in inner.below]
            bound = {f.text for f in firsts if isinstance(f, Name)}
            for product in inside_of(inner.body):
                for head, group in _applications(product):
                    if any(isinstance(i, Name) and i.text in bound for i in group.items):
                        found.add(spell(head))
    return frozenset(found)


def _applications(node: Node) -> Iterator[tuple[Node, Group]]:
    """The names in a product before brackets that hold nothing but names and numbers."""
    if not isinstance(node, Product):
        return
    for (_, head), (sign, bracket) in itertools.pairwise(node.parts):
        core = bracket.core if isinstance(bracket, Scripted) else bracket
        is_name = isinstance(head, Name) or (isinstance(head, Scripted) and isinstance(head.core, Name))
        if sign or not is_name or not isinstance(core, Group) or core.bracket != "(" or core.bars:
            continue
        if core.items and all(isinstance(i, (Name, Number)) for i in core.items):
            yield head, core


def with_indices(node: Node, heads: Set[str], whole: Set[str]) -> Node:
    """The node with p(x) as p_x for these heads, and with H(p, q) as one name where that is one of `whole`."""
    if not heads and not whole:
        return node
    changes: dict[str, Any] = {}
    for f in fields(node):
        if f.name not in ("at", "end"):
            old = getattr(node, f.name)
            new = _with_indices(old, heads, whole)
            if new is not old:
                changes[f.name] = new
    node = replace(node, **changes) if changes else node
    if not isinstance(node, Product):
        return node
    parts: list[tuple[str, Node]] = []
    for sign, part in node.parts:
        before = parts[-1][1] if parts and not sign else None
        joined = None if before is None else _joined(before, part, heads, whole)
        if joined is None:
            parts.append((sign, part))
        else:
            parts[-1] = (parts[-1][0], joined)
    return (
        node if len(parts) == len(node.parts) else parts[0][1] if len(parts) == 1 else replace(node, parts=tuple(parts))
    )


def _joined(head: Node, bracket: Node, heads: Set[str], whole: Set[str]) -> Node | None:
    core = bracket.core if isinstance(bracket, Scripted) else bracket
    if not isinstance(core, Group) or core.bracket != "(" or not isinstance(head, (Name, Scripted)):
        return None
    text = spell(head)
    named = applied_text(head, core)
    if named in whole:
        found: Node = Name(head.at, core.end, named)
    elif text in heads and not core.bars and all(isinstance(i, (Name, Number)) for i in core.items):
        name, subs = (head.core, head.subs) if isinstance(head, Scripted) else (head, ())
        if isinstance(head, Scripted) and (head.sups or head.primes):
            return None
        # The label of p_g(x) stays part of the name.
        label = Name(head.at, head.end, text) if subs else name
        found = Scripted(head.at, core.end, label, core.items, (), 0)
    else:
        return None
    if not isinstance(bracket, Scripted):
        return found
    if isinstance(found, Scripted):
        return replace(found, sups=bracket.sups, primes=bracket.primes, end=bracket.end) if not bracket.subs else None
    return replace(bracket, core=found, at=head.at)


def applied_text(head: Node, group: Group) -> str:
    """A name with what stands in the brackets after it, as one name."""
    bar = r"\|" if group.bars else ","
    return f"{spell(head)}({bar.join(map(spell, group.items))})"


def overloaded(sides: Iterable[Node]) -> frozenset[str]:
    """The left sides H(p) and H(p, q), where one name has several numbers of arguments, each as one name."""
    found: dict[str, dict[int, set[str]]] = {}
    for side in sides:
        for head, group in _applications(side) if isinstance(side, Product) and len(side.parts) == 2 else ():
            found.setdefault(spell(head), {}).setdefault(len(group.items), set()).add(applied_text(head, group))
    return frozenset(t for sizes in found.values() if len(sizes) > 1 for texts in sizes.values() for t in texts)


def _with_indices(value: Any, heads: Set[str], whole: Set[str]) -> Any:
    if isinstance(value, Node):
        return with_indices(value, heads, whole)
    if isinstance(value, tuple):
        new = tuple(_with_indices(v, heads, whole) for v in value)
        return value if all(a is b for a, b in zip(new, value, strict=True)) else new
    return value
