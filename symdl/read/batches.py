r"""Sums over a set of which nothing but its size counts, \frac{1}{|B|} \sum_{i \in B} \ell_i, as sums up to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace

from symdl.read.nodes import Bars, Big, Group, Name, Node, Number, Relation, Scripted
from symdl.read.scripts import bound_by, head_text, inside_of, names_in, script_items, spell, with_children

_LETTERS = "ijkn"


def batches(nodes: Iterable[Node], sizes: Set[str]) -> frozenset[str]:
    """The names of sets over which alone their members are summed: nothing else says how far these run.

    A member with a number, x_1, may lie outside of them.  `sizes` are said to be how much sets hold: a sum up to one
    of these is over a set as well.
    """
    found: dict[str, set[str]] = {}
    inside = [n for node in nodes for n in inside_of(node)]
    scripted = (n for n in inside if isinstance(n, Scripted))
    elsewhere = {head_text(n.core) or "" for n in scripted if any(isinstance(sub, Number) for sub in n.subs)}
    for big in (n for n in inside if isinstance(n, Big)):
        item = big.below[0] if len(big.below) == 1 and big.above is None else None
        if item is not None and (of := _set_of(item)) and (members := _members(item, big.body)):
            found.setdefault(of, set()).update(members)
        elif big.above is None or spell(big.above) not in sizes:
            letters = {f.text for f in bound_by(big) if isinstance(f, Name)}
            elsewhere |= {core for letter in letters for core in _indexed_by(letter, big.body)}
    return frozenset(of for of, cores in found.items() if not cores & elsewhere and not _shared(of, cores, found))


def with_batches(node: Node, sizes: Mapping[str, Node]) -> Node:
    """The node with sums up to these sizes for those over the sets, and with them for |B|."""
    if not sizes:
        return node
    node = with_children(node, lambda inner: with_batches(inner, sizes))
    if isinstance(node, Bars) and node.kind == "|" and (size := sizes.get(spell(node.body))) is not None:
        return size
    item = node.below[0] if isinstance(node, Big) and len(node.below) == 1 and node.above is None else None
    if not isinstance(node, Big) or not isinstance(item, Relation) or (of := _set_of(item)) not in sizes:
        return node
    if not _members(item, node.body):
        return node
    first, body = item.sides[0], node.body
    if isinstance(first, Group):
        letter = Name(first.at, first.end, next(x for x in _LETTERS if x not in set(names_in(body))))
        body, first = _with_index(body, {spell(x) for x in first.items}, letter), letter
    one = Number(item.at, item.end, "1")
    return replace(node, below=(replace(item, sides=(first, one), signs=("=",)),), above=sizes[of], body=body)


def batch_sizes(spelling: Mapping[str, str]) -> dict[str, Node]:
    """The sets that are noted as such, each with how much it holds."""
    said = {k.removeprefix("batch "): size for k, size in spelling.items() if k.startswith("batch ")}
    return {of: (Number if size.isdigit() else Name)(0, 0, size) for of, size in said.items()}


def size_said(sides: tuple[Node, ...]) -> Iterator[tuple[str, str]]:
    """The set B and the m of |B| = m."""
    for one, other in (sides, sides[::-1]) if len(sides) == len(("set", "size")) else ():
        if isinstance(one, Bars) and isinstance(one.body, Name) and isinstance(other, (Name, Number)):
            yield one.body.text, other.text


def _set_of(item: Node) -> str:
    """The name of the set B of i \\in B and (x, y) \\in B."""
    is_member = isinstance(item, Relation) and item.signs == ("in",)
    of = item.sides[1] if isinstance(item, Relation) and is_member else None
    return of.text if isinstance(of, Name) and not of.text.startswith(r"\mathbb") else ""


def _members(item: Node, body: Node) -> set[str]:
    """The names of what a sum over a set runs over: x of x_i, or x and y of pairs (x, y)."""
    first = item.sides[0] if isinstance(item, Relation) else None
    if isinstance(first, Name):
        return _indexed_by(first.text, body)
    items = first.items if isinstance(first, Group) and first.bracket == "(" and len(first.items) > 1 else ()
    names = {i.text for i in items if isinstance(i, Name)}
    # The letters of pairs of indices, u_i v_j, are no members.
    is_pair = len(names) == len(items) and not any(_indexed_by(x, body) for x in names)
    return names if is_pair else set()


def _indexed_by(letter: str, body: Node) -> set[str]:
    scripted = (n for n in inside_of(body) if isinstance(n, Scripted))
    below = ((n, (*script_items(n.subs), *n.sups)) for n in scripted)
    return {head_text(n.core) or "" for n, at in below if letter in {x for sub in at for x in names_in(sub)}}


def _shared(of: str, cores: set[str], found: Mapping[str, set[str]]) -> bool:
    """Whether another set holds the same members."""
    return any(cores & others for name, others in found.items() if name != of)


def _with_index(node: Node, names: set[str], letter: Name) -> Node:
    if isinstance(node, Name):
        return Scripted(node.at, node.end, node, (letter,), (), 0) if node.text in names else node
    if isinstance(node, Scripted) and isinstance(node.core, Name) and node.core.text in names and not node.subs:
        return replace(node, subs=(letter,), sups=tuple(_with_index(s, names, letter) for s in node.sups))
    return with_children(node, lambda inner: _with_index(inner, names, letter))
