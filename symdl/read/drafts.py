"""Statements that are understood but for their ranges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sympy import Expr, Integer, Symbol

from symdl.errors import Place
from symdl.language import family, index, indices_of, is_index, label_of, put
from symdl.language.binders import free_symbols
from symdl.problem import Definition
from symdl.read.axes import Axis, Letter
from symdl.read.items import Item
from symdl.read.nodes import Node
from symdl.read.scripts import children
from symdl.read.values import Array
from symdl.read.values import Value as Meaning
from symdl.read.vocabulary import Vocabulary

LETTERS = "ijklmnabcpqrs"


@dataclass
class Draft:
    """A definition, fact, value or goal whose ranges are not settled yet."""

    kind: str
    item: Item
    place: Place
    label: str = ""
    pattern: tuple[Expr, ...] = ()
    body: Expr | None = None
    axes: tuple[Axis, ...] = ()
    letters: dict[str, Letter] = field(default_factory=dict)
    extra: tuple[Symbol, ...] = ()
    sign: str = "="
    other: Expr | None = None
    shifts: dict[Expr, int] = field(default_factory=dict)


def cells_of(rows: list[list[Node]]) -> list[Node]:
    return [cell for row in rows for cell in row]


def literal_rank(rows: list[list[Node]]) -> int:
    """The rank of a value written out: one row or one column is a vector."""
    return 1 if len(rows) == 1 or len(rows[0]) == 1 else 2


def names_in(node: Node, names: Vocabulary) -> Iterable[str]:
    """The keys of all names in a formula."""
    o = names.occurrence(node)
    if o is not None:
        yield o.key
    for child in children(node):
        yield from names_in(child, names)


def label_or_scalar(value: Meaning) -> Expr:
    if isinstance(value, Array):
        probe = value.entry(*[index(f"?{n}") for n in range(value.rank)])
        return label_of(probe)
    return value


def whole_or_scalar(value: Meaning) -> Expr:
    """What a function is taken at: of a vector its name with the indices that are written, h_t without its own i."""
    if not isinstance(value, Array):
        return value
    probe = value.entry(*[index(f"?{n}") for n in range(value.rank)])
    at = indices_of(probe)[: -value.rank]
    return family(label_of(probe), *at) if at else label_of(probe)


def unshifted(pattern: tuple[Expr, ...]) -> tuple[tuple[Expr, ...], dict[Expr, int]]:
    """The pattern with h_{t+1} as h_t, and by how much each letter was shifted."""
    found: list[Expr] = []
    shifts: dict[Expr, int] = {}
    for p in pattern:
        letters = [s for s in free_symbols(p) if is_index(s)]
        if len(letters) == 1 and isinstance(p - letters[0], Integer) and p != letters[0]:
            shifts[letters[0]] = int(p - letters[0])
            found.append(letters[0])
        else:
            found.append(p)
    return tuple(found), shifts


def overlap(a: tuple[Expr, ...], b: tuple[Expr, ...]) -> bool:
    return len(a) == len(b) and all(
        is_index(x) == is_index(y) and (is_index(x) or x == y) for x, y in zip(a, b, strict=True)
    )


def renamed(d: Definition) -> Expr:
    """The body with standard letters in place of the pattern's."""
    return put(d.body, {p: index(f"?{n}") for n, p in enumerate(d.pattern) if is_index(p)})
