r"""Functions of which the givens say what they are at a member of a family: F(p_t) = -\log p_t."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import TypeGuard

from symdl.read.arguments import PROBABILITIES, at_member
from symdl.read.items import Item
from symdl.read.nodes import Derivative, Group, Name, Node, Number, Product, Scripted
from symdl.read.own import of_own_letter, own_letter
from symdl.read.scripts import (
    before_brackets,
    head_text,
    inside_of,
    names_in,
    spell,
    with_children,
)

_PAIR = ("head", "bracket")


def labelled_heads(items: Iterable[Item]) -> set[str]:
    """The heads p_t of rules that hold no t, of which no range is said: t is a label in them, and no index."""
    items = list(items)
    ranged = {spell(n) for i in items if i.kind == "range" for n in i.names}
    found: set[str] = set()
    for item in (i for i in items if i.kind == "relation" and i.signs[:1] == ("=",)):
        head = item.sides[0]
        sub = head.subs[0] if isinstance(head, Scripted) and len(head.subs) == 1 else None
        is_inside = isinstance(sub, Name) and any(sub.text in names_in(s) for s in item.sides[1:])
        if isinstance(sub, Name) and sub.text not in ranged and not is_inside:
            found.add(spell(head))
    return found


def of_member(sides: tuple[Node, ...], labelled: Set[str] = frozenset()) -> tuple[Node, ...] | str:
    r"""The sides of f(x_i) = x_i^2 with a letter of its own for the member: it is said of every one, and of no index.

    Where the index stands elsewhere too, p(y_i) = p_i^{y_i}, the name p(y) of a family; no other sides change, nor do
    those of a function of `labelled` names, which are no members.
    """
    group = next(_applications_of(sides[0]), None)
    if group is None or not isinstance(sides[0], Product):
        return sides
    if any(_is_sample(i) for i in group.items):
        found = at_member(sides[0].parts[0][1], group)
        return sides if found is None or not isinstance(found[1], Name) else found[0]
    members: list[Scripted] = [i for i in group.items if _is_member(i) and spell(i) not in labelled]
    changed = sides
    for item in members if not group.bars else members[:1]:
        own = Name(item.at, item.end, own_letter(head_text(item.core) or ""))
        changed = tuple(_with_name(s, spell(item), own) for s in changed)
    said = {text for i in members for text in (*names_in(i.subs[0]), head_text(i.core))}
    if any(isinstance(n, Name) and n.text in said for s in changed for n in inside_of(s)):
        found = at_member(sides[0].parts[0][1], group)
        return sides if found is None else found[0]
    return changed


def _is_member(item: Node) -> TypeGuard[Scripted]:
    """Whether an argument is a name with one letter below and nothing above, x_i."""
    if not isinstance(item, Scripted) or len(item.subs) != 1 or item.sups:
        return False
    return isinstance(item.subs[0], Name) and isinstance(item.core, Name)


def open_members(sides: Iterable[Node], is_known: Callable[[str], bool]) -> set[str]:
    r"""The names f(x, \theta) of families of which the members f(x_i; \theta) are spoken, and no formula.

    Every time that such a function is written it is at a member: alone it would be another name.
    """
    found: dict[str, set[str]] = {}
    for head, group in (pair for side in sides for n in inside_of(side) for pair in before_brackets(n)):
        text = head.text if isinstance(head, Name) else ""
        if text and group.bracket == "(" and text not in PROBABILITIES and not is_known(text):
            member = at_member(head, group) if len(group.items) > 1 else None
            is_open = member is not None and isinstance(member[1], (Name, Number))
            found.setdefault(text, set()).add(member[0] if member is not None and is_open else "")
    return {name for names in found.values() if "" not in names for name in names}


def _is_sample(item: Node) -> bool:
    """Whether an argument is a name with one letter in brackets above it and nothing below, x^{(i)}."""
    sup = item.sups[0] if isinstance(item, Scripted) and len(item.sups) == 1 and not item.subs else None
    return isinstance(sup, Group) and sup.bracket == "(" and len(sup.items) == 1 and isinstance(sup.items[0], Name)


def at_members(node: Node) -> tuple[str, str] | None:
    """The name of a function and the letter below its arguments: F and i in F(p_i); None of any other left side."""
    group = next(_applications_of(node), None)
    letters = {spell(i.subs[0]) for i in group.items if _is_member(i)} if group is not None else set()
    head = head_text(node.parts[0][1]) if isinstance(node, Product) else None
    return (head, letters.pop()) if head is not None and len(letters) == 1 else None


def with_members(
    nodes: Sequence[Node], letters: Mapping[str, str], formal: Callable[[str], Sequence[str]]
) -> Sequence[Node]:
    r"""The sides of a chain with F(p_t) for the F of dF/dp_t and of F = p_t^2, of these functions.

    `letters` are those below the members in the givens, `formal` the names that stand for members alone in what a
    function is.  A chain may speak of the member with another letter.
    """
    for head, letter in letters.items():
        cores = [of_own_letter(name) for name in formal(head)]
        members = [x for n in nodes for x in inside_of(n) if _is_member(x) and head_text(x.core) in cores]
        below = {spell(x.subs[0]) for x in members}
        at = Name(0, 0, below.pop() if len(below) == 1 else letter)
        items = [
            Name(0, 0, name) if core is None else Scripted(0, 0, Name(0, 0, core), (at,), (), 0)
            for name, core in zip(formal(head), cores, strict=True)
        ]
        nodes = [_applied(n, head, tuple(items)) for n in nodes] if items else nodes
    return nodes


def _applied(node: Node, head: str, items: tuple[Node, ...]) -> Node:
    """The node with brackets that hold these arguments after a name that has none."""
    if isinstance(node, Name) and node.text == head:
        group = Group(node.at, node.end, "(", tuple(replace(i, at=node.at, end=node.end) for i in items))
        return Product(node.at, node.end, (("", node), ("", group)))
    if isinstance(node, Scripted) and head_text(node.core) == head and (node.primes or node.subs):
        return node
    if isinstance(node, Derivative) and any(isinstance(x, Name) for x, _ in node.wrt):
        own = {head_text(i.core) for i in items if isinstance(i, Scripted)}
        if any(head_text(x) in own for x, _ in node.wrt):
            # dF/dp is the derivative by what stands for all members.
            return node
    if isinstance(node, Product):
        following = [bracket for _, bracket in node.parts[1:]]
        kept = [isinstance(x, Group) and x.bracket == "(" for x in following]
        parts = zip(node.parts, [*kept, False], strict=True)
        return replace(node, parts=tuple((s, n if k else _applied(n, head, items)) for (s, n), k in parts))
    return with_children(node, lambda inner: _applied(inner, head, items))


def _applications_of(node: Node) -> Iterator[Group]:
    for inner in (node.parts[1][1],) if isinstance(node, Product) and len(node.parts) == len(_PAIR) else ():
        if isinstance(inner, Group) and inner.bracket == "(" and isinstance(node, Product) and not node.parts[1][0]:
            yield inner


def _with_name(node: Node, text: str, own: Name) -> Node:
    if isinstance(node, Scripted) and isinstance(node.core, Name) and node.subs:
        bare = replace(node, sups=(), primes=0)
        if spell(bare) == text and not node.primes:
            return own if not node.sups else Scripted(node.at, node.end, own, (), node.sups, 0)
    return with_children(node, lambda inner: _with_name(inner, text, own))
