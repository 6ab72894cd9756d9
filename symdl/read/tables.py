"""Tables of text: what their rows say under a head of formulas, or the matrix that they are without one.

Cells stand between tabs, as scanned pages have them, or between bars, as in Markdown.

    t | x_t | x_{t+1}
    0 | 4   | 2           For t = 0: x_t = 4, x_{t+1} = 2
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from symdl.problem import Block
from symdl.read.commands import COMPARED

_CELL = re.compile(r"\$([^$]+)\$|([-+−]?\d+(?:\.\d+)?)")
_SIGN = r"(?:=|\\approx|\\Rightarrow)"
_OPEN = re.compile(rf"{_SIGN}\s*$")
"""What a display ends in whose right side is the table below it."""
_GOES_ON = re.compile(rf"\s*{_SIGN}")
_RELATION = re.compile(rf"[=<>]|\\(?:approx|{COMPARED}|Rightarrow)(?![a-zA-Z])")


_PIPED = re.compile(r"(?:\$[^$]*\$|[^|$])+")
_RULE = re.compile(r"[\s|:+-]+")
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}")
_LETTER = re.compile(r"(?P<stem>\\[A-Za-z]+|[A-Za-z])(?:_(?:\w|\{\w+\}))?")
_NUMBER = re.compile(r"[-+−]?[\d.]+(?:/\d+)?")


def under_heads(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks with what every row of a table under a head says, in a sentence that sets a case and a display.

    The first column sets the case, with all others of its letter: x_1 and x_2.
    """
    table: list[Block] = []
    goes_on = False
    for block in (*blocks, None):
        rows = None if block is None else _rows(block)
        is_row = rows is not None and len(rows) < MANY
        if block is not None and rows is not None and is_row and goes_on and _fits(rows, table):
            table.append(block)
            continue
        yield from _under_head(table)
        table, goes_on = [block] if block is not None and rows else [], is_row
        if block is not None and not rows:
            yield block


def _fits(rows: list[Block], table: list[Block]) -> bool:
    """Whether rows have as many cells as those of the table, which begins with a row."""
    return bool(table) and (not rows or len(_row(rows[0])) == len(_row(table[0])))


MANY = 2
"""From this many rows a paragraph is a table by itself; single ones are rows of one."""


def _rows(block: Block) -> list[Block] | None:
    """The lines of a paragraph where every one is a row of as many cells, without the rule below a head; else None."""
    lines = block.text.split("\n") if block.kind == "words" else []
    is_piped = all(line.strip().startswith("|") for line in lines)
    if not lines or not (is_piped or all("\t" in line.strip() for line in lines)):
        return None
    rows = [
        Block("words", line, replace(block.place, line=block.place.line + n))
        for n, line in enumerate(lines)
        if not _RULE.fullmatch(line)
    ]
    return rows if len({len(_row(r)) for r in rows}) <= 1 else None


def _row(block: Block) -> list[str]:
    line = block.text.strip()
    return [c.strip() for c in (_PIPED.findall(line) if line.startswith("|") else line.split("\t"))]


def _under_head(table: list[Block]) -> Iterator[Block]:
    """What the rows of a table say; the table as it is where its first row is no head, or another one no values."""
    rows = [row for block in table for row in _rows(block) or ()]
    head = [_formula(cell) for cell in _row(rows[0])] if len(rows) > 1 else []
    stems = [m["stem"] if (m := _LETTER.fullmatch(h)) else None for h in head]
    is_set = [stem is not None and stem == stems[0] for stem in stems]
    values = [[_value(cell) for cell in _row(row)] for row in rows[1:]]
    if not any(is_set) or all(is_set) or not all(head) or any(None in row or not row[0] for row in values):
        yield from table
        return
    for row, cells in zip(rows[1:], values, strict=True):
        said = [(f"{h} = {cell}", is_case) for h, cell, is_case in zip(head, cells, is_set, strict=True) if cell]
        case = " and ".join(f"${text}$" for text, is_case in said if is_case)
        yield Block("words", f"For {case}:", row.place)
        yield Block("display", r", \quad ".join(text for text, is_case in said if not is_case), row.place)


def _formula(cell: str) -> str:
    """The formula at the head of a column; nothing where it is a number, holds words, or states a relation."""
    text = _value(cell) or ""
    return "" if _NUMBER.fullmatch(text) else text


def _value(cell: str) -> str | None:
    """The number or formula in a cell, "" where it is empty; None where it holds words, or states a relation."""
    text = cell[1:-1].strip() if cell.startswith("$") else cell.replace("−", "-")
    is_plain = not ("$" in text or _WORD.search(text) or _RELATION.search(text))
    return text if is_plain else None


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
