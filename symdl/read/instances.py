r"""Rules for letters that others take the place of: p_w = n_w / N says what p_a is, where n_a is given.

So q_{ij} = d_{ij}^2 says what q_{12} is, where d_{12} is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from symdl.read.nodes import Group, Name, Node, Number, Product, Scripted, Word
from symdl.read.scripts import bound_in, children, head_text, noted, scripted_in, spell, with_children

MAX_INSTANCES = 60


class Member(NamedTuple):
    """A name, and what stands below it, part by part, with commas or side by side."""

    core: str
    below: tuple[str, ...]
    commas: bool

    @property
    def family(self) -> tuple[str, int, bool]:
        """What the members of which one may stand for the other have in common."""
        return self.core, len(self.below), self.commas


@dataclass(frozen=True)
class _Rule:
    """What the equation at a place says of a member, for all that the letters below it may stand for."""

    place: int
    head: Member
    needed: tuple[Member, ...]


def instances(
    equations: Sequence[tuple[Node, ...]], shown: Sequence[Node], indices: AbstractSet[str]
) -> list[tuple[int, tuple[Node, ...]]]:
    """What rules say for the labels at which all that they need is given, each with its rule's place.

    A rule has letters below its left side, which stand nowhere but below names, and none of these is given for the
    letters themselves but by a rule.  A letter for a number is an index and no such letter; but several that are no
    `indices` may stand for its digits.
    """
    heads = {member: parts for sides in equations for member, parts in _members(sides[0])}
    if not any(map(_is_letters, heads.values())):
        return []
    members = [m for node in shown for m in _members_in(node)]
    numbered = {member.family for member, parts in members if all(isinstance(p, Number) for p in parts)}
    rules = [r for n, sides in enumerate(equations) for r in _rule(n, sides, numbered, indices)]
    while stuck := [r for r in rules if (heads.keys() - {other.head for other in rules}).intersection(r.needed)]:
        rules = [r for r in rules if r not in stuck]
    labels = {spell(part): part for parts in reversed(heads.values()) for part in parts}
    found: list[tuple[int, tuple[Node, ...]]] = []
    known = set(heads)
    changed = True
    while changed and len(found) < MAX_INSTANCES:
        changed = False
        for rule in rules:
            for member in _fits(rule, known):
                if member not in known:
                    at = {x: labels[text] for x, text in zip(rule.head.below, member.below, strict=True)}
                    found.append((rule.place, tuple(_at(side, at) for side in equations[rule.place])))
                    known.add(member)
                    changed = True
    return found[:MAX_INSTANCES]


def _rule(
    place: int,
    sides: tuple[Node, ...],
    numbered: AbstractSet[tuple[str, int, bool]],
    indices: AbstractSet[str],
) -> Iterator[_Rule]:
    """The equation as a rule, if it is one."""
    for head, parts in _members(sides[0]) if len(sides) > 1 else ():
        letters = set(head.below)
        needed = {m for s in sides[1:] for m, _ in _members_in(s) if letters.issuperset(m.below)}
        is_free = all(letters.isdisjoint(bound_in(s) | _elsewhere(s, letters)) for s in sides[1:])
        is_needed = letters == {x for m in needed for x in m.below} and head.core not in {m.core for m in needed}
        of_numbers = any(m.family in numbered for m in (head, *needed))
        is_index = of_numbers if len(letters) == 1 else not letters.isdisjoint(indices)
        if _is_letters(parts) and is_free and is_needed and not is_index:
            yield _Rule(place, head, tuple(sorted(needed)))


def _fits(rule: _Rule, known: AbstractSet[Member]) -> list[Member]:
    """The members of which a rule speaks, as far as all that it needs is known."""
    found: list[dict[str, str]] = [{}]
    for needed in rule.needed:
        alike = (m.below for m in sorted(known) if m.family == needed.family)
        pairs = [tuple(zip(needed.below, b, strict=True)) for b in alike if not {*b} & {*rule.head.below}]
        grown = ((at, {**at, **dict(pair)}, pair) for at in found for pair in pairs)
        fits = (new for at, new, pair in grown if all(at.get(x, y) == y == new[x] for x, y in pair))
        found = list(islice(fits, MAX_INSTANCES))
    return sorted({rule.head._replace(below=tuple(at[x] for x in rule.head.below)) for at in found})


@noted
def _members_in(node: Node) -> tuple[tuple[Member, tuple[Node, ...]], ...]:
    """The names in a node, each with what stands below it."""
    return tuple(member for n in scripted_in(node) for member in _members(n))


def _members(node: Node) -> Iterator[tuple[Member, tuple[Node, ...]]]:
    """The name and what stands below it; a number does so as one, and as its digits."""
    if not isinstance(node, Scripted) or not node.subs or node.primes or not (core := head_text(node.core)):
        return
    # A number above a name is a power, one in brackets is part of the name.
    core += "".join(spell(s) for s in node.sups if isinstance(s, Group))
    sub = node.subs[0]
    if all(isinstance(s, (Name, Number, Word)) for s in node.subs):
        yield Member(core, tuple(map(spell, node.subs)), len(node.subs) > 1), node.subs
    if len(node.subs) > 1:
        return
    if isinstance(sub, Number) and sub.text.isdigit() and len(sub.text) > 1:
        yield Member(core, tuple(sub.text), False), tuple(replace(sub, text=digit) for digit in sub.text)
    if isinstance(sub, Product) and all(not sign and isinstance(x, Name) and len(x.text) == 1 for sign, x in sub.parts):
        letters = tuple(x for _, x in sub.parts)
        yield Member(core, tuple(map(spell, letters)), False), letters


def _is_letters(parts: tuple[Node, ...]) -> bool:
    """Whether what stands below a name is letters, each of them once."""
    texts = {part.text for part in parts if isinstance(part, Name) and len(part.text) == 1}
    return len(texts) == len(parts)


def _elsewhere(node: Node, letters: AbstractSet[str]) -> set[str]:
    """The names that stand anywhere but below a name which has nothing but these letters below it."""
    if isinstance(node, Name):
        return {node.text}
    is_member = any(letters >= set(member.below) for member, _ in _members(node))
    parts = node.sups if isinstance(node, Scripted) and is_member else children(node)
    return {x for part in parts for x in _elsewhere(part, letters)}


def _at(node: Node, at: Mapping[str, Node]) -> Node:
    """The node with labels for letters."""
    for member, _ in _members(node) if isinstance(node, Scripted) else ():
        if at.keys() >= set(member.below):
            assert isinstance(node, Scripted)
            subs = tuple(at[x] for x in member.below)
            subs = subs if member.commas else (_side_by_side(node.subs[0], subs),)
            return replace(node, subs=subs, sups=tuple(_at(s, at) for s in node.sups))
    return with_children(node, lambda inner: _at(inner, at))


def _side_by_side(place: Node, labels: Sequence[Node]) -> Node:
    """Labels as one script at a place: digits as a number."""
    if len(labels) == 1:
        return labels[0]
    if all(isinstance(x, Number) for x in labels):
        return Number(place.at, place.end, "".join(map(spell, labels)))
    return Product(place.at, place.end, tuple(("", x) for x in labels))
