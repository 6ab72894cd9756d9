r"""Labels that are classes: the y_n of p_{n,y_n} and [k = y_n], of which every example n has its own.

Such a label is written by the members of a family of zeros and ones, of which one is 1 for each n: what holds y_n is
the sum over all classes of what it is at each of them, times the member for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeGuard

from symdl.read.nodes import Big, Fraction, Group, Name, Node, Number, Product, Relation, Scripted, Sum
from symdl.read.scripts import (
    bound_in,
    children,
    conditions_in,
    inside_of,
    names_in,
    noted,
    script_items,
    spell,
    with_children,
)

LETTERS = (r"\kappa", r"\nu", r"\tau")
"""The letters of the classes that a label may be."""


def own_classes(nodes: Iterable[Node], declared: Mapping[str, str]) -> dict[str, str]:
    """The names whose members, each with the letter of a sum, stand as indices or beside one and nowhere else.

    Each comes with a letter that counts its members; `declared` are the names, with that letter, that are said to be
    one of several numbers.
    """
    nodes = list(nodes)
    named = {core for node in nodes for core, _, _ in _places(node)}
    if not named:
        return {}
    bound = frozenset[str]().union(*map(bound_in, nodes))
    found: dict[str, str] = {}
    refused: set[str] = set()
    for node in nodes:
        for core, at, is_below in _places(node):
            if core in declared or (is_below and at in bound):
                found.setdefault(core, declared.get(core, at))
        refused |= set(_elsewhere(node, named))
    return {core: at for core, at in found.items() if core not in refused}


def _is_label(node: Node) -> TypeGuard[Scripted]:
    """Whether a node is a small letter with one letter below, or with one above in brackets: y_n, y^{(n)}."""
    if not isinstance(node, Scripted) or node.primes:
        return False
    core, at = node.core, index_of(node)
    return isinstance(core, Name) and len(core.text) == 1 and core.text.islower() and isinstance(at, (Name, Sum))


def index_of(label: Scripted) -> Node | None:
    """The one index of a label; None of what has more scripts."""
    if len(label.subs) == 1 and not label.sups:
        return label.subs[0]
    above = label.sups[0] if len(label.sups) == 1 and not label.subs else None
    return above.items[0] if isinstance(above, Group) and above.bracket == "(" and len(above.items) == 1 else None


@noted
def _places(node: Node) -> tuple[tuple[str, str, bool], ...]:
    """The labels below names, and those that a condition compares with a letter: their names and indices."""
    return tuple((spell(s.core), spell(at), is_below) for s, is_below in _placed(node) if (at := index_of(s)))


def _placed(node: Node) -> Iterator[tuple[Scripted, bool]]:
    for inner in inside_of(node):
        if isinstance(inner, Scripted):
            yield from ((s, True) for s in script_items(inner.subs) if _is_label(s))
        for relation in (*conditions_in(inner), *(inner.below if isinstance(inner, Big) else ())):
            for side in relation.sides if isinstance(relation, Relation) and _compares(relation) else ():
                if _is_label(side):
                    yield side, False


def _compares(relation: Relation) -> bool:
    """Whether a relation says of a letter or number that it is a label, or that it is not."""
    is_equation = relation.signs in (("=",), ("!=",))
    return is_equation and all(isinstance(s, (Name, Number)) or _is_label(s) for s in relation.sides)


def _elsewhere(node: Node, named: set[str]) -> Iterator[str]:
    """The names of these that stand anywhere else."""
    if isinstance(node, Name):
        yield from {node.text} & named
        return
    parts: Iterable[Node] = children(node)
    if isinstance(node, Scripted):
        if isinstance(node.core, Name):
            yield from {node.core.text} & named
        parts = (*(s for s in script_items(node.subs) if not _is_label(s)), *node.sups)
        parts = parts if isinstance(node.core, Name) else (node.core, *parts)
    conditions = [r for r in conditions_in(node) if isinstance(r, Relation) and _compares(r)]
    if isinstance(node, Big):
        conditions += [r for r in node.below if isinstance(r, Relation) and _compares(r)]
    if isinstance(node, Relation) and _compares(node) and node.signs == ("in",):
        return
    if conditions:
        kept = {id(r) for r in conditions}
        parts = [p for p in parts if id(p) not in kept]
    for part in parts:
        yield from _elsewhere(part, named)


def member_of_class(core: str, index: Node, letter: Name) -> Scripted:
    """The member of the family of zeros and ones that tells whether the label with this index is this class."""
    return Scripted(index.at, index.end, Name(index.at, index.end, rf"\mathsf{{{core}}}"), (index, letter), (), 0)


def with_classes(node: Node, classes: Mapping[str, str]) -> Node:
    """The node with sums over the classes for what holds labels of these names, each with the letter for its class."""
    labels = _labels_in(node, classes) if classes else []
    if not labels:
        return node
    if isinstance(node, Sum):
        return replace(node, terms=tuple((s, with_classes(n, classes)) for s, n in node.terms))
    if isinstance(node, Group) and len(node.items) == 1 and not conditions_in(node):
        return replace(node, items=(with_classes(node.items[0], classes),))
    if isinstance(node, Fraction) and not _labels_in(node.below, classes):
        return replace(node, top=with_classes(node.top, classes))
    if isinstance(node, Product):
        holding = [n for n, (_, part) in enumerate(node.parts) if _labels_in(part, classes)]
        at = holding[0]
        if len(holding) == 1 and node.parts[at][0] != "/":
            parts = [(s, with_classes(p, classes) if n == at else p) for n, (s, p) in enumerate(node.parts)]
            return replace(node, parts=tuple(parts))
    if isinstance(node, Big):
        outside = [*node.below, *([node.above] if node.above is not None else [])]
        if not any(_labels_in(part, classes) for part in outside):
            return replace(node, body=with_classes(node.body, classes))
    if any(bound_in(node).intersection(names_in(label)) for label in labels):
        # What is bound inside has its labels there.
        return with_children(node, lambda inner: with_classes(inner, classes))
    for n, label in enumerate(labels):
        core = spell(label.core)
        text = classes[core] + "'" * n
        letter = Name(label.at, label.end, text)
        body = _with_letter(node, spell(label), letter)
        index = index_of(label)
        assert index is not None
        member = member_of_class(core, index, letter)
        product = Product(node.at, node.end, (("", member), ("", Group(node.at, node.end, "(", (body,)))))
        node = Big(node.at, node.end, "sum", (letter,), None, product)
    return node


def _labels_in(node: Node, classes: Mapping[str, str]) -> list[Scripted]:
    """The labels in a node, each once."""
    found = {
        spell(n): n for n in inside_of(node) if isinstance(n, Scripted) and _is_label(n) and spell(n.core) in classes
    }
    return list(found.values())


def _with_letter(node: Node, label: str, letter: Name) -> Node:
    if isinstance(node, Scripted) and _is_label(node) and spell(node) == label:
        return letter
    return with_children(node, lambda inner: _with_letter(inner, label, letter))


def said_of_classes(
    core: str, counter: str, letter: str, lo: Node | None, hi: Node | None, at: int
) -> Iterator[tuple[Node, Node]]:
    """The equations that hold of such a family: for each index its members sum to 1, and each is 0 or 1."""
    index, own = Name(at, at, counter), Name(at, at, letter)
    member = member_of_class(core, index, own)
    below: Node = own if lo is None else Relation(at, at, (own, lo), ("=",))
    yield Big(at, at, "sum", (below,), hi, member), Number(at, at, "1")
    yield replace(member, sups=(Number(at, at, "2"),)), member
