r"""The greatest and the least of a family of open length, \max_i z_i: the member z_{i^*} that no other one exceeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from typing import NamedTuple

from symdl.read.items import Item
from symdl.read.nodes import Big, Call, Group, Name, Node, Relation, Scripted
from symdl.read.scripts import inside_of, spell, with_children

_SIGNS = {"max": "<=", "min": ">="}


class Greatest(NamedTuple):
    """The function, "max" or "min", the name of the family, how far its index runs if that is said, and its letter."""

    function: str
    core: str
    size: str
    letter: str

    @property
    def key(self) -> str:
        """The name of the value."""
        return rf"\{self.function}_{self.letter} {self.core}_{self.letter}"

    @property
    def place(self) -> str:
        """The letter of where it is."""
        return rf"{self.letter}^*" if self.function == "max" else rf"{self.letter}_*"


def open_greatest(nodes: Iterable[Node], numbered: Set[str]) -> frozenset[Greatest]:
    """The greatest and least members of which nodes speak, of families that are summed up to a letter.

    What is `numbered` has a number, and is no such letter.
    """
    inside = [n for node in nodes for n in inside_of(node)]
    sizes: dict[str, set[str]] = {}
    for big in inside:
        if isinstance(big, Big) and isinstance(big.above, Name) and big.above.text not in numbered:
            for n in inside_of(big.body):
                if isinstance(n, Scripted) and len(n.subs) == 1:
                    sizes.setdefault(spell(n.core), set()).add(big.above.text)
    only = {core: ends.pop() for core, ends in sizes.items() if len(ends) == 1}
    found = sorted({g for n in inside if (g := _greatest(n)) is not None})
    whole = [g._replace(size=only[g.core]) for g in found if g.size in ("", only.get(g.core)) and g.core in only]
    return frozenset({(g.function, g.core): g for g in reversed(whole)}.values())


def with_greatest(node: Node, known: Mapping[tuple[str, str], tuple[str, str]]) -> Node:
    """The node with the names of these values."""
    if not known:
        return node
    found = _greatest(node)
    size, name = known.get((found.function, found.core), ("", "")) if found is not None else ("", "")
    if found is not None and name and found.size in ("", size):
        return Name(node.at, node.end, name)
    return with_children(node, lambda inner: with_greatest(inner, known))


def greatest_noted(spelling: Mapping[str, str]) -> dict[tuple[str, str], tuple[str, str]]:
    """How far the families run and the names of the values that are noted, by the function and the family."""
    noted = {k.removeprefix("greatest "): name for k, name in spelling.items() if k.startswith("greatest ")}
    parts = ((*key.split(":"), name) for key, name in noted.items())
    return {(function, core): (size, name) for function, core, size, name in parts}


def said_of(found: Greatest, item: Item) -> Iterable[Item]:
    """What is said of such a value: it is a member, and no member is greater, or less."""
    at = item.at
    letter, place, core = (Name(at, at, x) for x in (found.letter, found.place, found.core))
    here, there = (Scripted(at, at, core, (x,), (), 0) for x in (letter, place))
    sides = ((Name(at, at, found.key), there), (here, there))
    for pair, sign in zip(sides, ("=", _SIGNS[found.function]), strict=True):
        yield replace(item, kind="relation", sides=pair, signs=(sign,), names=(), lo=None, hi=None)


def _greatest(node: Node) -> Greatest | None:
    r"""What \max_i z_i and \max_{1 \le i \le n} z_i are; None of anything else."""
    if not isinstance(node, Call) or node.function not in _SIGNS or len(node.arguments) != 1 or node.power is not None:
        return None
    base, inside = node.base, node.arguments[0]
    items = base.items if isinstance(base, Group) else (base,)
    below, size = items[0] if len(items) == 1 else None, ""
    if isinstance(below, Relation) and len(below.sides) == len(("low", "letter", "high")):
        # 1 <= i <= n
        low, letter, high = below.sides
        is_run = below.signs == ("<=", "<=") and spell(low) == "1" and isinstance(high, Name)
        below, size = (letter, spell(high)) if is_run else (None, "")
    if not isinstance(below, Name) or not isinstance(inside, Scripted) or inside.sups or inside.primes:
        return None
    is_member = isinstance(inside.core, Name) and [spell(x) for x in inside.subs] == [below.text]
    return Greatest(node.function, spell(inside.core), size, below.text) if is_member else None
