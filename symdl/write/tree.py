r"""The layout tree: what stands where in a formula, before any output format.

It is built once, from an expression (`layout`) or from a formula as the author wrote it (`source`), and each format
prints it with one small function.  Text in it comes from closed tables or is a `Words`, which every printer escapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Role = Literal["binary", "prefix", "relation", "punctuation", "times", "apply", "ordinary", "open", "close"]
"""How a sign is spaced; `times` and `apply` are the invisible signs between factors and before an argument."""

Style = Literal["bold", "bolditalic", "calligraphic", "fraktur", "blackboard", "upright", "sans", "typewriter"]


@dataclass(frozen=True)
class Letter:
    r"""One letter: `x`, or a command of `glyphs.LETTERS` such as `\alpha`."""

    latex: str


@dataclass(frozen=True)
class Digits:
    """A number without a sign."""

    text: str


@dataclass(frozen=True)
class Upright:
    """Several letters that are one name or one function, set upright."""

    text: str


@dataclass(frozen=True)
class Styled:
    """A letter in another alphabet."""

    style: Style
    body: Node


@dataclass(frozen=True)
class Accent:
    r"""A letter under an accent; `kind` is a key of `glyphs.ACCENTS`."""

    kind: str
    body: Node


@dataclass(frozen=True)
class Name:
    """The name of a symbol: its canonical LaTeX, and how that looks."""

    latex: str
    shape: Node


@dataclass(frozen=True)
class Sign:
    """An operator, relation or punctuation mark of `glyphs.SIGNS`."""

    latex: str
    role: Role = "binary"


@dataclass(frozen=True)
class Function:
    r"""A named function before its argument: `\tanh`, `\sigma`, `\operatorname{ReLU}`."""

    latex: str
    shape: Node


@dataclass(frozen=True)
class Row:
    """Parts next to each other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Frac:
    """A fraction with a bar."""

    top: Node
    bottom: Node


@dataclass(frozen=True)
class Script:
    """A base with a subscript, a superscript, or both."""

    base: Node
    sub: Node | None = None
    sup: Node | None = None


@dataclass(frozen=True)
class Root:
    """A root; square where there is no degree."""

    body: Node
    degree: Node | None = None


@dataclass(frozen=True)
class Big:
    """A large operator with its limits; what it applies to follows it."""

    latex: str
    low: Node | None = None
    high: Node | None = None


@dataclass(frozen=True)
class Fence:
    """Brackets that grow with what they hold; an empty string is no bracket."""

    left: str
    body: Node
    right: str


@dataclass(frozen=True)
class Branches:
    """A case split: rows of value and condition after one brace."""

    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True)
class Grid:
    """A matrix between brackets, or rows aligned at their columns."""

    left: str
    rows: tuple[tuple[Node, ...], ...]
    right: str


@dataclass(frozen=True)
class Words:
    """Plain text inside a formula."""

    text: str


@dataclass(frozen=True)
class Space:
    """Room, in em."""

    width: float


@dataclass(frozen=True)
class Boxed:
    """A formula in a frame."""

    body: Node


Node: TypeAlias = (
    Letter
    | Digits
    | Upright
    | Styled
    | Accent
    | Name
    | Sign
    | Function
    | Row
    | Frac
    | Script
    | Root
    | Big
    | Fence
    | Branches
    | Grid
    | Words
    | Space
    | Boxed
)

TIMES = Sign("", "times")
APPLY = Sign("", "apply")
EMPTY = Row(())


def row(*parts: Node) -> Node:
    """The parts side by side, rows within rows flattened; a single part stands for itself."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Row) else (part,))
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def children(node: Node) -> Iterator[Node]:
    """The nodes directly inside a node."""
    match node:
        case Row(parts):
            yield from parts
        case Frac(top, bottom):
            yield from (top, bottom)
        case Script(base, sub, sup):
            yield from (n for n in (base, sub, sup) if n is not None)
        case Root(body, degree):
            yield from (n for n in (body, degree) if n is not None)
        case Big(_, low, high):
            yield from (n for n in (low, high) if n is not None)
        case Styled(_, body) | Accent(_, body) | Fence(_, body, _) | Boxed(body):
            yield body
        case Name(_, shape) | Function(_, shape):
            yield shape
        case Branches(rows) | Grid(_, rows, _):
            for cells in rows:
                yield from cells
        case _:
            pass


def merged(script: Script) -> Script:
    """The scripts of a name and those set on it as one, so that both stand level: the square of σ₁."""
    shape = script.base.shape if isinstance(script.base, Name) else None
    if not isinstance(shape, Script):
        return script
    if (shape.sub is not None and script.sub is not None) or (shape.sup is not None and script.sup is not None):
        return script
    return Script(shape.base, shape.sub or script.sub, shape.sup or script.sup)


def has_fraction(node: Node) -> bool:
    """Whether a fraction stands at the line's own size, where inline setting would make it tiny."""
    if isinstance(node, Frac):
        return True
    return isinstance(node, Row | Fence) and any(has_fraction(child) for child in children(node))


def is_tall(node: Node) -> bool:
    """Whether a node is higher than a line of letters, so that brackets around it have to grow."""
    if isinstance(node, Frac | Big | Root | Branches | Grid):
        return True
    if isinstance(node, Script):
        return is_tall(node.base)
    return any(is_tall(child) for child in children(node))
