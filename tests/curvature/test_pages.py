"""What a page says beside the points: why there are no others, checks, convexity, and learning rates."""

from __future__ import annotations

import pytest
from curvature.documents import derivations

from symdl.language import D
from symdl.problem import Derivation
from symdl.solve import tally
from symdl.write.story import Result, proof


def said(derivation: Derivation) -> str:
    """The text of a page on one line."""
    return " ".join(derivation.text().split())


@pytest.mark.parametrize(
    ("given_", "asked", "words"),
    [
        (r"f(x) = 3 x^4 - 4 x^3", "f(x)", "exact counting of the roots of a polynomial of degree 3"),
        (r"f(x) = e^x - 2 x", "f(x)", "strictly monotone"),
        (r"f(x) = x e^{-x}", "f(x)", "a linear equation"),
        (r"f(x) = \sin x", "f(x)", "tangent of half the angle"),
        (r"f(x, y) = (x y - 1)^2", "f(x, y)", "Case"),
        (r"f(x, y) = x^4 - 32 x^2 + y^4 - 18 y^2", "f(x, y)", "The same numbers come out at"),
    ],
)
def test_a_page_says_why_there_are_no_other_points(given_: str, asked: str, words: str) -> None:
    (found,) = derivations(given_, asked)
    assert words in said(found)
    assert tally(found).proved == tally(found).total


@pytest.mark.parametrize(
    ("given_", "asked", "words"),
    [
        (r"f(x) = 25 x^2 + 16 x", "f(x)", "the best rate 1/50"),
        (r"f(x, y, z) = x^2 + y^2 + z^2 - x y + x - 2 z", "f(x, y, z)", "eigenvalues of the Hessian are 1, 2 and 3"),
        (r"f(x, y) = x^4 - 32 x^2 + y^4 - 18 y^2", "f(x, y)", "close to each minimum"),
        (r"f(x) = x^2 + x^4", "f(x)", "not quadratic"),
    ],
)
def test_a_page_says_which_learning_rates_converge(given_: str, asked: str, words: str) -> None:
    (found,) = derivations(given_, asked)
    assert words in said(found)


def test_a_negative_curvature_shows_that_a_function_is_not_convex() -> None:
    (found,) = derivations(r"f(w) = (\sigma(w) - \frac{1}{4})^2", "f(w)")
    assert "not convex" in said(found)
    assert tally(found).proved == tally(found).total


def test_a_root_without_a_formula_is_shown_as_a_decimal_with_its_polynomial() -> None:
    (found,) = derivations(r"f(x) = x^6 - x^2 - x", "f(x)")
    assert "≈" in said(found) and "the root next to it of" in said(found)
    assert "ComplexRootOf" not in said(found)


def test_close_values_agree_with_the_kind_of_a_point() -> None:
    (found,) = derivations(r"f(x) = x^2 - 2 x", "f(x)")
    assert "Check. Close to the point at x = 1 with the value −1" in said(found)


def test_the_slope_of_a_piece_starts_from_the_function_without_its_kink() -> None:
    (found,) = derivations(r"f(x) = |x| + x^2", "f(x)")
    slopes = [d for d in found.displays if d.conditions and d.lhs.has(D)]
    assert len(slopes) == 2
    assert all(len(d.lines) == 2 and "the function has no kink here" in d.lines[0].reason for d in slopes)


@pytest.mark.parametrize(
    ("given_", "asked", "framed"),
    [
        (r"f(x) = 24 x^2 + 16 x + 12", "f(x)", 1),
        (r"f(x) = x^4 + a x^2", "f(x)", 4),
        (r"f(x, y) = x^4 - 32 x^2 + y^4 - 18 y^2", "f(x, y)", 4),
        (r"f(x) = \log(1 + e^{-x})", "f(x)", 1),
    ],
)
def test_values_are_framed_once_for_points_of_one_kind_and_value_under_their_own_conditions(
    given_: str, asked: str, framed: int
) -> None:
    (found,) = derivations(given_, asked)
    assert sum(isinstance(part, Result) for part in proof(found)) == framed
