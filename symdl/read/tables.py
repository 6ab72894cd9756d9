"""Tables of text as matrices: rows of cells between tabs, as scanned pages have them.

$$
M =
$$

2 <tab> 4
-1 <tab> $a_0$
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from symdl.problem import Block

_CELL = re.compile(r"\$([^$]+)\$|([-+−]?\d+(?:\.\d+)?)")
_SIGN = r"(?:=|\\approx|\\Rightarrow)"
_OPEN = re.compile(rf"{_SIGN}\s*$")
"""What a display ends in whose right side is the table below it."""
_GOES_ON = re.compile(rf"\s*{_SIGN}")
_RELATION = re.compile(r"[=<>]|\\(?:approx|leq?|geq?|Rightarrow)(?![a-zA-Z])")


def tabulated(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks with each table of numbers as one matrix, in the display that it belongs to."""
    last: Block | None = None
    rows: list[Block] = []
    for block in (*blocks, None):
        cells = _cells(block)
        if block is not None and cells and (not rows or len(cells) == len(_cells(rows[-1]))):
            rows.append(block)
            continue
        is_table = len(rows) > 1
        for part in [_matrix(rows)] if is_table else rows:
            last, done = _joined(last, part, is_table and last is not None and bool(_OPEN.search(last.text)))
            yield from done
        rows = [block] if cells and block is not None else []
        if block is not None and not rows:
            last, done = _joined(last, block, is_table and bool(_GOES_ON.match(block.text)))
            yield from done
    if last is not None:
        yield last


def _joined(last: Block | None, block: Block, is_one: bool) -> tuple[Block, list[Block]]:
    """The block that may go on yet, and those before it."""
    if last is None:
        return block, []
    if not is_one or "words" in (last.kind, block.kind):
        return block, [last]
    below = block.place.line - last.place.line - last.text.count("\n")
    return Block("display", last.text + "\n" * max(below, 1) + block.text, last.place), []


def _matrix(rows: list[Block]) -> Block:
    """Each row stands at its own line."""
    text, line = r"\begin{bmatrix} ", rows[0].place.line
    for row in rows:
        if row is not rows[0]:
            text += r" \\" + "\n" * (row.place.line - line)
        text += " & ".join(_cells(row))
        line = row.place.line
    return Block("display", text + r" \end{bmatrix}", rows[0].place)


def _cells(block: Block | None) -> list[str]:
    """The entries of a row, if a paragraph is one: numbers or formulas that state no relation."""
    if block is None or block.kind != "words" or "\t" not in block.text or "\n" in block.text:
        return []
    matches = [_CELL.fullmatch(cell.strip()) for cell in block.text.split("\t")]
    cells = [(m[1] or m[2].replace("−", "-")).strip() for m in matches if m]
    return cells if len(cells) == len(matches) and not any(map(_RELATION.search, cells)) else []
