r"""Quantities of which only the dependence is known, where they stand within another formula: the \ell_t(h_t) of a sum.

A name with letters below it is one where it stands nowhere but before a member with the same letters in brackets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from symdl.read.nodes import Group, Name, Node, Product, Scripted
from symdl.read.scripts import brackets_in, inside_of, spell, with_pairs


def dependent(sides: Iterable[Node]) -> dict[str, Product]:
    r"""What these names stand for, by the name with its letters: \ell_t(h_t) of \ell_t.

    A name that is applied to different members, or stands without brackets anywhere, is none.
    """
    found: dict[str, Product] = {}
    applied: Counter[str] = Counter()
    used: Counter[str] = Counter()
    refused: set[str] = set()
    for side in sides:
        used.update(n.text for n in (side, *inside_of(side)) if isinstance(n, Name))
        for head, group in brackets_in(side):
            if isinstance(head, Scripted) and isinstance(head.core, Name) and _is_own(head, group):
                whole = Product(head.at, group.end, (("", head), ("", group)))
                refused |= {spell(head)} if spell(found.setdefault(spell(head), whole)) != spell(whole) else set()
                applied[head.core.text] += 1
    names = {key: key.partition("_")[0] for key in found.keys() - refused}
    return {key: found[key] for key, name in names.items() if used[name] == applied[name]}


def without_brackets(node: Node, names: Collection[str]) -> Node:
    r"""The node with \ell_t for \ell_t(h_t) for each of these names."""
    return with_pairs(node, lambda head, group: (head,) if spell(head) in names and isinstance(group, Group) else None)


def _is_own(head: Scripted, group: Group) -> bool:
    """Whether a name with letters stands before one member with the same letters in brackets."""
    inside = group.items[0] if len(group.items) == 1 else None
    if group.bracket != "(" or group.bars or head.sups or head.primes or not head.subs:
        return False
    if not isinstance(inside, Scripted) or inside.sups or inside.primes or not isinstance(inside.core, Name):
        return False
    return all(isinstance(n, Name) for n in head.subs) and list(map(spell, inside.subs)) == list(map(spell, head.subs))
