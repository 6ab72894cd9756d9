"""Index letters of more than one sign, y' in z_{y'}, k^* in z_{k^*}, y_i in s_{y_i}, and those that have a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace

from symdl.read.nodes import Big, Group, Indicator, Mark, Name, Node, Number, Relation, Scripted
from symdl.read.scripts import (
    bound_by,
    children,
    head_text,
    inside_of,
    kinds_in,
    layer_of,
    names_in,
    script_items,
    spell,
    with_children,
)


def long_letters(nodes: Iterable[Node]) -> frozenset[str]:
    """The letters with primes, a star or a subscript that stand in the subscripts of names and are bound by no sum."""
    found: set[str] = set()
    bound: set[str] = set()
    for node in nodes:
        for inner in inside_of(node):
            if isinstance(inner, Big):
                bound |= {f.text for f in bound_by(inner) if isinstance(f, Name)}
            for sub in script_items(inner.subs) if isinstance(inner, Scripted) and head_text(inner.core) else ():
                if isinstance(sub, Name) and sub.text.endswith("'"):
                    found.add(sub.text)
                elif _is_member(sub) or _is_starred(sub):
                    found.add(spell(sub))
    return frozenset(x for x in found if x not in bound and not (x[-2:-1] == "_" and x[-1] in bound))


def last_layers(nodes: Iterable[Node]) -> frozenset[str]:
    """The names n_l of a last layer, a^{(n_l)}, beside a layer a^{(l)} in general."""
    layers = [at for node in nodes for n in inside_of(node) if (at := layer_of(n)) is not None]
    letters = {at.text for at in layers if isinstance(at, Name)}
    counts = [n for at in layers for n in inside_of(at) if _is_member(n)]
    return frozenset(spell(n) for n in counts if isinstance(n, Scripted) and spell(n.subs[0]).lower() in letters)


def _is_starred(node: Node) -> bool:
    """Whether a node is a small letter with a star, k^*."""
    if not isinstance(node, Scripted) or node.subs or node.primes or len(node.sups) != 1:
        return False
    star = node.sups[0]
    is_letter = isinstance(node.core, Name) and len(node.core.text) == 1 and node.core.text.islower()
    return is_letter and isinstance(star, Mark) and star.text == "*"


def pointers(relations: Iterable[tuple[Node, ...]], nodes: Iterable[Node]) -> dict[str, dict[str, int]]:
    """The names of which members are indices, the label y_i in s_{i y_i}, and are given as whole numbers, by index."""
    used = {
        head_text(sub.core) or ""
        for node in nodes
        for inner in inside_of(node)
        for sub in (script_items(inner.subs) if isinstance(inner, Scripted) and head_text(inner.core) else ())
        if isinstance(sub, Scripted) and len(sub.subs) == 1 and not sub.sups and not sub.primes
    }
    found: dict[str, dict[str, int]] = {}
    for head, value in (sides for sides in relations if len(sides) == len(_PAIR)):
        core, sub = (head.core, head.subs) if isinstance(head, Scripted) else (head, ())
        key = head_text(core) or ""
        if key not in used or len(sub) > 1 or (isinstance(head, Scripted) and (head.sups or head.primes)):
            continue
        cells = value.items if isinstance(value, Group) and value.bracket in ("(", "[") and not sub else (value,)
        texts = [c.text for c in cells if isinstance(c, Number) and c.text.isdigit()]
        at = [spell(sub[0])] if sub else [str(n) for n in range(1, len(cells) + 1)]
        if len(texts) == len(cells) and (sub or len(cells) > 1):
            found.setdefault(key, {}).update(zip(at, map(int, texts), strict=True))
    return found


_PAIR = ("name", "value")


def _is_member(node: Node) -> bool:
    """Whether a node is a small letter with one letter below, y_i."""
    if not isinstance(node, Scripted) or node.sups or node.primes or len(node.subs) != 1:
        return False
    core, sub = node.core, node.subs[0]
    return isinstance(core, Name) and len(core.text) == 1 and core.text.islower() and isinstance(sub, Name)


def numbered(relations: Iterable[tuple[Node, ...]], nodes: Iterable[Node]) -> dict[str, str]:
    """The letters that are given a whole number and stand nowhere but in subscripts and comparisons."""
    given = {
        spell(sides[0]): sides[1].text
        for sides in relations
        if len(sides) == 2 and isinstance(sides[0], Name) and isinstance(sides[1], Number) and sides[1].text.isdigit()
    }
    if not given:
        return {}
    alone: set[str] = set()
    below: set[str] = set()
    for node in nodes:
        _sort(node, alone, below)
    return {k: v for k, v in given.items() if k in below - alone and k[0].islower()}


def _sort(node: Node, alone: set[str], below: set[str]) -> None:
    """Notes which names stand in subscripts or comparisons, and which elsewhere."""
    if isinstance(node, Name):
        alone.add(node.text)
    elif isinstance(node, Scripted) and head_text(node.core) is not None:
        subs = script_items(node.subs)
        below |= {s.text for s in subs if isinstance(s, Name)}
        for sup in (*node.sups, *(s for s in subs if not isinstance(s, Name))):
            _sort(sup, alone, below)
    elif isinstance(node, Big):
        for item in node.below:
            first = item.sides[0] if isinstance(item, Relation) else item
            alone |= {first.text} if isinstance(first, Name) else set()
            if isinstance(item, Relation) and item.signs == ("=",):
                _sort(item.sides[1], alone, below)
        for part in (node.above, node.body):
            if part is not None:
                _sort(part, alone, below)
    elif isinstance(node, Indicator):
        return
    else:
        for child in children(node):
            _sort(child, alone, below)


def with_sums(node: Node, vectors: Set[str]) -> Node:
    r"""The node with \sum x y, of vectors and without an index, as \sum_i x_i y_i."""
    if isinstance(node, Big) and not node.below and node.above is None:
        letter = Name(node.at, node.at, next(x for x in "ijklmn" if x not in set(names_in(node.body))))
        body = _indexed(node.body, vectors, letter)
        return replace(node, below=(letter,), body=body) if body is not node.body else node
    return with_children(node, lambda inner: with_sums(inner, vectors)) if Big in kinds_in(node) else node


def _indexed(node: Node, vectors: Set[str], letter: Name) -> Node:
    if isinstance(node, Name) and node.text in vectors:
        return Scripted(node.at, node.end, node, (letter,), (), 0)
    if isinstance(node, Scripted) and isinstance(node.core, Name):
        is_vector = node.core.text in vectors and not node.subs
        return replace(node, subs=(letter,)) if is_vector else node
    return with_children(node, lambda inner: _indexed(inner, vectors, letter))


def renamed(node: Node, letters: Set[str], numbers: Mapping[str, str]) -> Node:
    """The node with each of these letters as one name, and each that is given a number as that number."""
    if not letters and not numbers:
        return node
    if isinstance(node, (Name, Scripted)):
        text = node.text if isinstance(node, Name) else spell(node)
        if text in numbers:
            return Number(node.at, node.end, numbers[text])
        if text in letters and isinstance(node, Scripted):
            return Name(node.at, node.end, text)
    return with_children(node, lambda inner: renamed(inner, letters, numbers))
