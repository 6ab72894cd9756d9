"""Which words of a proof bear on the display after them."""

import pytest
from sympy import Integer

from symdl.check.words import formulas, range_in, sole_formula
from symdl.errors import Place
from symdl.language import index, size
from symdl.problem import Block, Range
from symdl.read import read_text


def words(text: str) -> Block:
    return Block("words", text, Place("a.md", 4, 3))


@pytest.mark.parametrize("text", ["$a = b$", "$a = b$.", r"\(a = b\),", "**$a = b$**"])
def test_a_paragraph_of_one_formula_is_that_formula(text: str) -> None:
    found = sole_formula(words(text))
    assert found is not None
    assert (found.kind, found.text) == ("display", "a = b")


@pytest.mark.parametrize("text", ["so $a = b$", "$a$ $b$", "words", "", r"\$a = b\$"])
def test_other_paragraphs_are_not(text: str) -> None:
    assert sole_formula(words(text)) is None


def test_inline_formulas_keep_their_places() -> None:
    found = [(f.text, f.place.line, f.place.column) for f, _ in formulas(words("if $a$ and\nthen 𝕃 $b$"))]
    assert found == [("a", 4, 7), ("b", 5, 9)]


def test_the_words_before_a_formula_are_those_of_its_sentence() -> None:
    found = [before.split() for _, before in formulas(words("Let it be. For all $i$ and $k$"))]
    assert found == [["For", "all"], ["For", "all", "and"]]


@pytest.mark.parametrize(("offset", "line", "column"), [(0, 4, 3), (2, 4, 5), (4, 5, 1), (6, 5, 3)])
def test_an_offset_has_a_place_and_back(offset: int, line: int, column: int) -> None:
    start = Place("a.md", 4, 3)
    place = start.behind("abc\ndef"[:offset])
    assert (place.line, place.column) == (line, column)
    assert place.offset_in("abc\ndef", start) == offset


def test_a_range_in_words_ends_at_the_size_of_what_is_declared() -> None:
    (problem,) = read_text("# P\n\n## Given\n\n$z \\in \\mathbb{R}^n$\n\n## Proof\n\n$$z = z$$\n", "p.md")
    assert range_in(r"j = 1, \dots, n", problem.givens) == {index("j"): Range(Integer(1), size("n"))}
