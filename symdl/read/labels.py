r"""Scripts that are part of a name and look like indices or powers: g_{clip}, y_k^{LS}, s_p = 2 beside s_1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from symdl.read.items import Item
from symdl.read.nodes import Big, Name, Node, Number, Product, Relation, Scripted, Sum
from symdl.read.scripts import children, head_text, inside_of, is_list, script_items, spell

_SHORTEST = 3
"""How many small letters side by side below a name make a word: two may be the indices of a matrix."""
_PAIR = ("name", "value")


def words_in_scripts(nodes: Iterable[Node], usual: Iterable[str]) -> frozenset[str]:
    """Letters side by side in subscripts of which one is no index anywhere, and capitals above a name of no other use.

    `usual` are the letters that count as indices in any case.
    """
    nodes = list(nodes)
    scripted = [n for node in nodes for n in inside_of(node) if isinstance(n, Scripted) and head_text(n.core)]
    below = {w for n in scripted for s in n.subs if len(w := _word(s)) >= _SHORTEST and w.islower()}
    above = {w for n in scripted for s in n.sups if len(w := _word(s)) >= len(_PAIR) and w.isupper() and "T" not in w}
    if not below and not above:
        return frozenset()
    indices = set(usual).union(*(_bound(node) for node in nodes))
    for n in scripted:
        whole = "".join(_word(s) for s in n.subs)
        indices |= {x for s in script_items(n.subs) for x in _letters(s)} if whole not in below else set()
    plain = {x for node in nodes for x in _plain(node)}
    return frozenset(w for w in below if not set(w) <= indices) | {w for w in above if not set(w) & (plain | indices)}


def labelled_members(items: Iterable[Item], nodes: Iterable[Node]) -> frozenset[str]:
    """The names s_p that are given a number, where p stands nowhere else: what is numbered beside them is another."""
    given: set[tuple[str, str]] = set()
    rules: set[str] = set()
    for item in items:
        head = item.sides[0] if item.kind == "relation" and item.signs[:1] == ("=",) else None
        sub = head.subs[0] if isinstance(head, Scripted) and len(head.subs) == 1 and not head.sups else None
        core = head_text(head.core) if isinstance(head, Scripted) else None
        if core is None or not isinstance(sub, Name):
            continue
        is_number = len(item.sides) == len(_PAIR) and _is_number(item.sides[1])
        if is_number and len(sub.text) == 1 and sub.text.islower():
            given.add((core, sub.text))
        else:
            rules.add(core)
    cores = {core for core, _ in given}
    spots = [(x, c) for node in nodes for x, c in _places(node)] if given else []
    elsewhere = {x for x, core in spots if core not in cores}
    return frozenset(f"{core}_{x}" for core, x in given if core not in rules and x not in elsewhere)


def squared_names(nodes: Iterable[Node]) -> frozenset[str]:
    """The names, each with its subscript, that stand nowhere but squared: of what sign they are makes no difference."""
    squared: set[str] = set()
    others: set[str] = set()
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if isinstance(node, Scripted) and head_text(node.core) and not node.primes:
            is_square = len(node.sups) == 1 and isinstance(node.sups[0], Number) and node.sups[0].text == "2"
            (squared if is_square else others).add(spell(replace(node, sups=())) if node.subs else spell(node.core))
            pending += node.sups
        elif isinstance(node, Name):
            others.add(node.text)
        else:
            pending += children(node)
    return frozenset(squared - others)


def _word(node: Node) -> str:
    """Letters side by side in a script."""
    names = (
        [n.text for _, n in node.parts if isinstance(n, Name)] if isinstance(node, Product) and is_list(node) else []
    )
    is_plain = isinstance(node, Product) and len(names) == len(node.parts) and all(len(x) == 1 for x in names)
    return "".join(names) if is_plain else ""


def _letters(node: Node) -> Iterator[str]:
    return (n.text for n in inside_of(node) if isinstance(n, Name))


def _bound(node: Node) -> set[str]:
    found: set[str] = set()
    for inner in inside_of(node):
        for item in inner.below if isinstance(inner, Big) else ():
            first = item.sides[0] if isinstance(item, Relation) else item
            found |= set(_letters(first))
    return found


def _plain(node: Node) -> Iterator[str]:
    """The names outside scripts."""
    if isinstance(node, Name):
        yield node.text
    inner = (node.core,) if isinstance(node, Scripted) else children(node)
    for child in inner:
        yield from _plain(child)


def _places(node: Node) -> Iterator[tuple[str, str]]:
    """The letters, each with the name in whose subscript it stands alone; without a name where it stands elsewhere."""
    if isinstance(node, Name):
        yield node.text, ""
        return
    core = head_text(node.core) if isinstance(node, Scripted) else None
    if isinstance(node, Scripted) and core is not None:
        is_alone = len(node.subs) == 1 and isinstance(node.subs[0], Name)
        for x in (x for s in node.subs for x in _letters(s)):
            yield x, core if is_alone else ""
        for sup in node.sups:
            yield from _places(sup)
        return
    for child in children(node):
        yield from _places(child)


def _is_number(node: Node) -> bool:
    return isinstance(node, Number) or (isinstance(node, Sum) and len(node.terms) == 1 and _is_number(node.terms[0][1]))
