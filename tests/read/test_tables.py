"""Rows of numbers between tabs are a matrix, and belong to the display that they stand beside."""

import pytest
from check.checking import under, verdicts

from symdl.read import read_text
from symdl.read.document import parse_document

ROWS = "0\t$-2 \\times 5$\n\n$a_0$\t−3"
MATRIX = r"\begin{bmatrix} 0 & -2 \times 5 \\ a_0 & -3 \end{bmatrix}"


def blocks(text: str) -> list[tuple[str, str, int]]:
    """The blocks below a heading, each with its line."""
    (section,) = parse_document("## Proof\n\n" + text, "t.md").papers[0].sections
    return [(b.kind, " ".join(b.text.split()), b.place.line) for b in section.blocks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ROWS, [("display", MATRIX, 3)]),
        (f"$$M =$$\n\n{ROWS}", [("display", f"M = {MATRIX}", 3)]),
        (f"$$M =$$\n\n{ROWS}\n\n$$=$$\n\n{ROWS}", [("display", f"M = {MATRIX} = {MATRIX}", 3)]),
        (f"{ROWS}\n\n$$= M$$\n\nwords", [("display", f"{MATRIX} = M", 3), ("words", "words", 9)]),
        (f"$$ReLU →$$\n\n{ROWS}", [("display", "ReLU →", 3), ("display", MATRIX, 5)]),
        (f"words =\n\n{ROWS}", [("words", "words =", 3), ("display", MATRIX, 5)]),
        ("1\t2", [("words", "1 2", 3)]),
        ("1\t2\n\n3", [("words", "1 2", 3), ("words", "3", 5)]),
        ("a\tb\n\n1\t2", [("words", "For $a = 1$:", 5), ("display", "b = 2", 5)]),
        ("a\tof\n\n1\tall", [("words", "a of", 3), ("words", "1 all", 5)]),
        ("$x = 1$\t2\n\n1\t2", [("words", "$x = 1$ 2", 3), ("words", "1 2", 5)]),
        (f"1\t2\t3\n\n{ROWS}", [("words", "1 2 3", 3), ("display", MATRIX, 5)]),
    ],
)  # fmt: skip
def test_rows_make_one_matrix(text: str, expected: list[tuple[str, str, int]]) -> None:
    assert blocks(text) == expected


def test_a_line_below_a_table_keeps_its_number() -> None:
    (problem,) = read_text(f"## Given\n\n$$M =$$\n\n{ROWS}\n\n## Find\n\n$$M_{12}$$", "t.md")
    assert problem.tasks[0].place.line == 11


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"w^T x = -0.5", "proved"),
        (r"w^T x = 0.5", "wrong"),
        (r"[0.5 + 0.15\;\; {-0.5} + 0.3]^T = [0.65\;\; {-0.2}]^T", "proved"),
        (r"[0.5 + 0.15\;\; {-0.5} + 0.3]^T = [0.65\;\; {-0.3}]^T", "wrong"),
        (r"2\,[3 \, x_1] = 6 \, x_1", "proved"),
    ],
)
def test_wide_spaces_in_square_brackets_part_the_entries_of_a_row(line: str, verdict: str) -> None:
    assert verdicts(under(r"$$x = [1\;\; 2]^T, \quad w = [0.5\;\; {-0.5}]^T$$"), f"$${line}$$") == [verdict]
