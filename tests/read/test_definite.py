"""Matrices that a sign says to be definite."""

import pytest
from check.checking import under, verdicts

QUADRATIC = r"$f(x) = \frac{1}{2} x^\top A x - b^\top x$, $x, b \in \mathbb{R}^n$, "


@pytest.mark.parametrize("said", [r"$A \succ 0$", r"$A = A^\top \succ 0$", r"$A \succeq 0$"])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"\nabla f(x) = A x - b", ["proved"]),
        (r"x^\top A x \geq 0", ["proved"]),
        (r"x^\top A x \leq 0", ["undecided"]),
        (r"x^\top A b \geq 0", ["undecided"]),
    ],
)
def test_a_definite_matrix_is_symmetric_and_its_form_has_a_sign(said: str, line: str, expected: list[str]) -> None:
    assert verdicts(under(QUADRATIC + said), f"$${line}$$") == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [(r"$A \succ 0$", "proved"), (r"$A = A^\top \succ 0$", "proved"), (r"$A \succeq 0$", "undecided")],
)
def test_a_matrix_is_as_definite_as_it_is_said_to_be(said: str, expected: str) -> None:
    assert verdicts(under(QUADRATIC + said), r"$$\nabla^2 f(x) = A \succ 0$$") == ["proved", expected]
