"""Rules for a letter that others take the place of: p_w = n_w / N, where n_a and n_b are given, says what p_a is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symdl.read.nodes import Big, Name, Node, Number, Scripted, Word
from symdl.read.scripts import bound_by, children, head_text, inside_of, names_in, spell, with_children

MAX_INSTANCES = 60


def instances(equations: Sequence[tuple[Node, ...]], shown: Sequence[Node]) -> list[tuple[int, tuple[Node, ...]]]:
    """What rules say for the labels at which all that they need is given, each with its rule's place.

    A rule has one letter below its left side, which stands nowhere but below names: none of them is given for this
    letter, and none has a number there.
    """
    heads = {(core, spell(sub)): sub for sides in equations for core, sub in _member(sides[0])}
    if not any(isinstance(sub, Name) and len(sub.text) == 1 for sub in heads.values()):
        return []
    members = [(core, sub) for node in shown for n in inside_of(node) for core, sub in _member(n)]
    numbered = {core for core, sub in members if isinstance(sub, Number)}
    rules = [(n, *rule) for n, sides in enumerate(equations) for rule in _rule(sides, heads, numbered)]
    found: list[tuple[int, tuple[Node, ...]]] = []
    known = set(heads)
    changed = True
    while changed and len(found) < MAX_INSTANCES:
        changed = False
        for n, core, letter, needed in rules:
            for label in sorted({x for c, x in known if c in needed} - {letter}):
                if (core, label) in known or not all((c, label) in known for c in needed):
                    continue
                node = next(s for (_, x), s in heads.items() if x == label)
                found.append((n, tuple(_at(side, letter, node) for side in equations[n])))
                known.add((core, label))
                changed = True
    return found[:MAX_INSTANCES]


def _rule(
    sides: tuple[Node, ...], heads: dict[tuple[str, str], Node], numbered: set[str]
) -> Iterator[tuple[str, str, set[str]]]:
    """The name, the letter and the names on the right side with this letter, if the equation is a rule."""
    for core, sub in _member(sides[0]) if len(sides) > 1 else ():
        letter = sub.text if isinstance(sub, Name) else ""
        inside = [n for s in sides[1:] for n in inside_of(s)]
        needed = {c for n in inside for c, x in _member(n) if spell(x) == letter}
        bound = {x for n in inside if isinstance(n, Big) for b in bound_by(n) for x in names_in(b)}
        elsewhere = bound.union(*(_alone(s) for s in sides[1:]))
        is_given = any((c, letter) in heads for c in needed) or core in needed
        if len(letter) == 1 and needed and letter not in elsewhere and not is_given and not numbered & {core, *needed}:
            yield core, letter, needed


def _member(node: Node) -> Iterator[tuple[str, Node]]:
    """The name and the index of a name with one sign below it."""
    if isinstance(node, Scripted) and len(node.subs) == 1 and not node.primes and (core := head_text(node.core)):
        sub = node.subs[0]
        if isinstance(sub, (Name, Number, Word)):
            yield core, sub


def _alone(node: Node) -> set[str]:
    """The names that stand anywhere but as the whole index of a name."""
    if isinstance(node, Name):
        return {node.text}
    is_member = any(True for _ in _member(node))
    parts = node.sups if isinstance(node, Scripted) and is_member else children(node)
    return {x for part in parts for x in _alone(part)}


def _at(node: Node, letter: str, label: Node) -> Node:
    """The node with a label for the letter."""
    if isinstance(node, Scripted) and any(spell(sub) == letter for _, sub in _member(node)):
        return replace(node, subs=(label,), sups=tuple(_at(s, letter, label) for s in node.sups))
    return with_children(node, lambda inner: _at(inner, letter, label))
