"""A derivation as plain text for a terminal, with formulas in two dimensions and reasons in a column on the right."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from symdl.problem import Derivation
from symdl.write.story import Chain, Equation, Inline, Numbered, Part, Prose, Result, Shown, Split, proof
from symdl.write.tree import Node, row
from symdl.write.unicode import Box, columns, framed, line, stacked

_WIDTH = 100
_REASONS = 34


def text(derivation: Derivation) -> str:
    """The proof of one task."""
    lines = [x.rstrip() for part in _parts(proof(derivation)) for x in (*part, "")]
    return "\n".join(lines).strip("\n") + "\n"


def _parts(parts: Sequence[Part]) -> Iterator[list[str]]:
    for part in parts:
        match part:
            case Prose(said, lead):
                yield _wrapped(" ".join(x for x in (_words(lead), _words(said)) if x), _WIDTH)
            case Chain(rows):
                yield _chain(rows)
            case Result(node):
                yield _indented(framed(stacked(node)).lines)
            case Shown(node):
                yield _indented(stacked(node).lines)
            case Split():
                yield _indented(stacked(part.formula).lines)
            case Numbered(number, title, blocks):
                yield [f"Lemma {number}" + (f" ({_words(title)})" if title else "") + "."]
                for inside in _parts(blocks):
                    yield [f"  {x}" for x in inside]


def _words(said: Inline) -> str:
    return "".join(_printable(p) if isinstance(p, str) else line(p) for p in said)


def _printable(words: str) -> str:
    return "".join(c if c.isprintable() else " " for c in words)


def _wrapped(words: str, width: int) -> list[str]:
    return textwrap.wrap(words, width, break_long_words=False, break_on_hyphens=False) or [""]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {x}" for x in lines]


def _chain(rows: Sequence[Equation]) -> list[str]:
    heads = [_box(r.lhs) for r in rows]
    left = max(h.width for h in heads)
    boxes = [_equation(head, left, r) for head, r in zip(heads, rows, strict=True)]
    usual = [b.width for b in boxes if b.width <= _WIDTH - _REASONS]
    column = max(usual, default=0) + 4
    found: list[str] = []
    for box, equation in zip(boxes, rows, strict=True):
        reason = _wrapped(_words(equation.reason), max(20, _WIDTH - column - 4)) if equation.reason else []
        found += _with_reason(box, reason, column)
        if len(box.lines) > 1:
            found.append("")
    while found and not found[-1].strip():
        found.pop()
    return _indented(found)


def _box(node: Node | None) -> Box:
    return Box(("",), 0) if node is None else stacked(node)


def _equation(head: Box, left: int, equation: Equation) -> Box:
    body = stacked(row(equation.sign, equation.rhs))
    above, below = max(head.axis, body.axis), max(head.below, body.below)
    lines = []
    for n in range(-above, below + 1):
        first = head.lines[n + head.axis] if 0 <= n + head.axis < len(head.lines) else " " * head.width
        second = body.lines[n + body.axis] if 0 <= n + body.axis < len(body.lines) else ""
        lines.append(" " * (left - head.width) + first + second)
    width = max(columns(x) for x in lines)
    return Box(tuple(x + " " * (width - columns(x)) for x in lines), above)


def _with_reason(box: Box, reason: list[str], column: int) -> list[str]:
    """The lines of a box with the reason beside its axis, or below it where the box is too wide."""
    if not reason:
        return list(box.lines)
    if box.width >= column:
        return [*box.lines, *(" " * column + x for x in reason)]
    lines = [x + " " * (column - columns(x)) for x in box.lines]
    for n, words in enumerate(reason):
        if box.axis + n < len(lines):
            lines[box.axis + n] += words
        else:
            lines.append(" " * column + words)
    return lines
