"""What was shown or classified is checked at an instance, as a result is."""

from __future__ import annotations

import pytest

from symdl.problem import catalogue
from symdl.read import read_all
from symdl.solve import solve


def words(name: str) -> list[str]:
    found = [d for problem in read_all(catalogue() / f"{name}.md") for d in solve(problem)]
    return ["".join(map(str, check)) for d in found for check in d.checks]


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("sigmoid-symmetry", "both sides of the claim"),
        ("convex-ridge", "both sides of the equation for"),
        ("critical-absolute", "both sides of the equation for"),
        ("sigmoid", "the definitions and the formula both"),
    ],
)
def test_an_answer_ends_in_a_check_at_an_instance(name: str, held: str) -> None:
    assert any(held in check for check in words(name))


def test_a_matrix_of_the_instance_is_written_out() -> None:
    assert any(r"\begin{pmatrix}" in check for check in words("convex-ridge"))


def test_a_check_without_letters_names_no_instance() -> None:
    page = "## Given\n\n$f = x^2$\n\n## Show\n\n$$\\left.\\frac{df}{dx}\\right|_{x = 1} = 2$$\n"
    ((derivation,),) = (solve(problem) for problem in read_all(page))
    assert [check[0] for check in derivation.checks] == ["In numbers, "]


def test_a_very_small_value_is_written_with_a_power_of_ten() -> None:
    assert all("e-" not in check for check in words("rnn-gradient-bound"))
