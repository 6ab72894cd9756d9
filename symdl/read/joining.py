"""The statements of a display joined to chains of relations, before their sides are read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from symdl.errors import ReadError
from symdl.read.arguments import PROBABILITIES, spelled_head
from symdl.read.nodes import (
    CaseRows,
    Derivative,
    Evaluated,
    Group,
    Mark,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Scripted,
    Statement,
    Sum,
)
from symdl.read.remarks import rounded_sides
from symdl.read.source import Source


@dataclass
class Raw:
    """A chain whose sides are not understood yet: `signs[n]` stands before `sides[n + 1]`.

    `ats` and `ends` are the offsets between which each side stands in the source.
    """

    sides: list[Node | ReadError]
    signs: list[str]
    ats: list[int]
    ends: list[int]

    def add(self, sign: str, side: Node | ReadError, at: int, end: int) -> None:
        """Takes one more relation."""
        self.signs.append(sign)
        self.sides.append(side)
        self.ats.append(at)
        self.ends.append(end)


def joined(statements: list[Statement], source: Source) -> list[Raw]:
    """Joins statements that begin with a sign to the one before, and splits at implications."""
    found: list[Raw] = []
    words = ""
    for s in _with_rows(statements, source):
        if found and _AT.search(words) and (point := _setting(s)) is not None:
            found[-1:] = _evaluated(found[-1], point)
            continue
        words = s.words
        signs = s.signs if len(s.signs) == len(s.sides) else ("=>", *s.signs)
        if signs[0] != "=>" and not found:
            found.append(Raw([source.error("a relation without a left side", s.ats[0])], [], [s.ats[0]], [s.ats[0]]))
        for sign, side, at, end in zip(signs, s.sides, s.ats, s.ends, strict=True):
            if sign == "=>":
                found.append(Raw([side], [], [at], [end]))
            else:
                found[-1].add(sign, side, at, end)
        if words:
            found[-1].sides = rounded_sides(found[-1].sides, words, source)
    kept = [c for c in found if not (len(c.sides) == 1 and isinstance(c.sides[0], Mark))]
    return [part for c in kept for whole in _without_slope(c) for part in _without_remark(whole)]


_AT = re.compile(r"\b(?:at|for|when|if|where|with)$", re.IGNORECASE)


def _setting(statement: Statement) -> Relation | None:
    """x = 3, where a statement says no more than this."""
    if statement.signs != ("=",) or len(statement.sides) != len(("name", "value")):
        return None
    name, value = statement.sides
    is_name = isinstance(name, Name) or (isinstance(name, Scripted) and not name.sups and not name.primes)
    if not isinstance(name, Node) or not isinstance(value, Node) or not is_name or not is_number(value):
        return None
    return Relation(statement.ats[0], statement.ends[-1], (name, value), statement.signs)


_REMARK = ("relation", "condition")
"""What brackets hold at most that stand apart from a formula: d(e^{z_i})/dz_y = 0 \\text{ if } i \\neq y."""


def _evaluated(raw: Raw, point: Relation) -> list[Raw]:
    r"""A chain y' = 2x = 6 \text{ at } x = 3 as y' = 2x and its last relation, at that point."""
    if not raw.signs:
        return [raw]
    last: list[Node | ReadError] = []
    for side in raw.sides[-2:]:
        if isinstance(side, Evaluated):
            last.append(replace(side, settings=(*side.settings, point)))
        else:
            last.append(Evaluated(side.at, side.end, side, (point,)) if isinstance(side, Node) else side)
    end = Raw(last, raw.signs[-1:], raw.ats[-2:], raw.ends[-2:])
    if len(raw.signs) == 1:
        return [end]
    return [Raw(raw.sides[:-1], raw.signs[:-1], raw.ats[:-1], raw.ends[:-1]), end]


def _without_slope(raw: Raw) -> list[Raw]:
    r"""A chain p = a x \frac{\partial p}{\partial a} = x, two equations that nothing parts, as these two."""
    head = raw.sides[0]
    for n, side in enumerate(raw.sides[1:-1], 1):
        kept, slope = _split(side) if isinstance(side, Node) else (None, None)
        if kept is None or not isinstance(slope, Derivative) or not isinstance(head, Name):
            continue
        if isinstance(slope.of, Name) and slope.of.text == head.text:
            first = Raw([*raw.sides[:n], kept], raw.signs[:n], raw.ats[: n + 1], [*raw.ends[:n], kept.end])
            ats, ends = [slope.at, *raw.ats[n + 1 :]], [slope.end, *raw.ends[n + 1 :]]
            return [first, Raw([slope, *raw.sides[n + 1 :]], raw.signs[n:], ats, ends)]
    return [raw]


def _with_rows(statements: list[Statement], source: Source) -> list[Statement]:
    r"""Numbers side by side at the end of a chain, = 0 \quad -1 \quad 1, as one row."""
    found: list[Statement] = []
    for s in statements:
        last = found[-1] if found else None
        if last is not None and last.signs and len(s.sides) == 1 and not s.signs and _is_spaced(last, s, source):
            before, cell = last.sides[-1], s.sides[0]
            assert isinstance(before, Node) and isinstance(cell, Node)
            cells = before.items if isinstance(before, Group) else (before,)
            row = Group(before.at, cell.end, "(", (*cells, cell))
            found[-1] = replace(last, sides=(*last.sides[:-1], row), ends=(*last.ends[:-1], s.ends[-1]))
        else:
            found.append(s)
    return found


def _is_spaced(first: Statement, second: Statement, source: Source) -> bool:
    """Whether numbers end the first and are the second statement, with nothing but a wide space between them."""
    before, cell = first.sides[-1], second.sides[0]
    row = before.items if isinstance(before, Group) and before.bracket == "(" else (before,)
    gap = source.text[first.ends[-1] : second.ats[0]]
    return "quad" in gap and not re.sub(r"\\q?quad|\\[,; ]|\s", "", gap) and all(map(is_number, (*row, cell)))


def is_number(side: object) -> bool:
    if isinstance(side, Sum):
        return len(side.terms) == 1 and is_number(side.terms[0][1])
    if isinstance(side, Group):
        return len(side.items) == 1 and is_number(side.items[0])
    if isinstance(side, Scripted):
        return is_number(side.core) and not side.subs and all(map(is_number, side.sups))
    if isinstance(side, Product):
        return all(is_number(n) for _, n in side.parts)
    return isinstance(side, Number)


def _without_remark(raw: Raw) -> list[Raw]:
    r"""A chain without the condition in brackets after it, -p_i p_k (i \neq k), which is a chain of its own."""
    last = raw.sides[-1]
    kept: Node | None = None
    remark: Node | None = None
    if len(raw.sides) == 1 and isinstance(last, Group):
        remark = last
    elif isinstance(last, Node):
        kept, remark = _split(last)
    else:
        return [raw]
    if not (isinstance(remark, Group) and remark.bracket == "(" and 0 < len(remark.items) <= len(_REMARK)):
        return [raw]
    said: list[Raw] = []
    for relation in remark.items:
        if not isinstance(relation, Relation):
            return [raw]
        ats, ends = [s.at for s in relation.sides], [s.end for s in relation.sides]
        said.append(Raw(list(relation.sides), list(relation.signs), ats, ends))
    if kept is None:
        return said
    raw.sides[-1], raw.ends[-1] = kept, kept.end
    return [raw, *said]


def _split(node: Node) -> tuple[Node, Node | None]:
    """A side without the last factor of its last term, and that factor.

    A probability keeps the brackets that touch it.
    """
    if isinstance(node, Sum):
        *first, (sign, term) = node.terms
        kept, remark = _split(term)
        return (node, None) if remark is None else (replace(node, terms=(*first, (sign, kept)), end=kept.end), remark)
    if not isinstance(node, Product) or node.parts[-1][0]:
        return node, None
    *parts, (_, remark) = node.parts
    head = parts[-1][1]
    if remark.at == head.end and spelled_head(head) in PROBABILITIES:
        return node, None
    kept = parts[0][1] if len(parts) == 1 else replace(node, parts=tuple(parts), end=head.end)
    return kept, remark


def by_cases(raw: Raw) -> list[Raw]:
    """A chain that ends with cases which leave a gap, as one chain for each case with its condition after it."""
    split = raw.sides[-1]
    if not isinstance(split, CaseRows) or len(raw.sides) < 2:
        return []
    found: list[Raw] = []
    for n, (value, conditions) in enumerate(split.rows):
        if conditions is None or not all(isinstance(c, Relation) for c in conditions):
            return []
        kept = slice(0, -1) if n == 0 else slice(-2, -1)
        signs = raw.signs if n == 0 else raw.signs[-1:]
        found.append(
            Raw([*raw.sides[kept], value], list(signs), [*raw.ats[kept], value.at], [*raw.ends[kept], value.end])
        )
        relations = [c for c in conditions if isinstance(c, Relation)]
        found += [
            Raw(list(c.sides), list(c.signs), [s.at for s in c.sides], [s.end for s in c.sides]) for c in relations
        ]
    return found
