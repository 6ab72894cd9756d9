r"""Sums over the places at which values are told one by one: \sum_{s=1}^{2} p(s)^2 beside p(1) = 0.1 and p(2) = 0.9."""

from __future__ import annotations

import re
from collections.abc import Set

from symdl.read.nodes import Big, Group, Name, Node, Number, Product, Relation, Scripted, Sum
from symdl.read.scripts import inside_of, names_in, with_children

MAX_POINTS = 16
"""How many places a sum is written out over."""

_POINT = re.compile(r"(?P<head>[^(\[]+)[(\[](?P<inside>.*)[)\]]")


def over_points(node: Big, known: Set[str]) -> Node | None:
    r"""A sum or product between two numbers, written out, if its letter stands in names as what they are taken at.

    The names are one each, p(s) and P(X=s): so are those at the places, p(1) and P(X=1), of which at least one with
    the same head is `known`.  None for any other sum.
    """
    run = _run(node)
    if run is None:
        return None
    letter, places = run
    inside = inside_of(node.body)
    points = [n.text for n in inside if isinstance(n, Name) and _at_place(n.text, letter, "0") != n.text]
    indices = {x for n in inside if isinstance(n, Scripted) for sub in n.subs for x in names_in(sub)}
    heads = {m["head"] for name in known if (m := _POINT.fullmatch(name)) is not None}
    if not points or letter in indices or not all(p.split("(")[0].split("[")[0] in heads for p in points):
        return None
    terms = [Group(node.at, node.end, "(", (_put_in(node.body, letter, place),)) for place in places]
    if node.kind == "sum":
        return Sum(node.at, node.end, tuple((1, t) for t in terms))
    return Product(node.at, node.end, tuple(("*" if n else "", t) for n, t in enumerate(terms)))


def _run(node: Big) -> tuple[str, list[Number]] | None:
    """The letter of a sum between two numbers, and the numbers that it runs over."""
    item = node.below[0] if len(node.below) == 1 else None
    if not isinstance(item, Relation) or item.signs != ("=",) or not isinstance(node.above, Number):
        return None
    letter, first = item.sides
    if not isinstance(letter, Name) or not isinstance(first, Number) or not first.text.isdigit():
        return None
    lo, hi = int(first.text), int(node.above.text) if node.above.text.isdigit() else -1
    if not lo <= hi < lo + MAX_POINTS:
        return None
    return letter.text, [Number(first.at, first.end, str(n)) for n in range(lo, hi + 1)]


def _at_place(name: str, letter: str, place: str) -> str:
    """The name with a place for a letter that stands alone in its brackets, or behind a sign of equality."""
    found = _POINT.fullmatch(name)
    if found is None:
        return name
    alone = rf"(?<![\w\\{{}}_^]){re.escape(letter)}(?![\w{{}}_^'=(]|\s*=)"
    return name[: found.start("inside")] + re.sub(alone, place, found["inside"]) + name[found.end("inside") :]


def _put_in(node: Node, letter: str, place: Number) -> Node:
    if isinstance(node, Name):
        if node.text == letter:
            return Number(node.at, node.end, place.text)
        return Name(node.at, node.end, _at_place(node.text, letter, place.text))
    return with_children(node, lambda inner: _put_in(inner, letter, place))
