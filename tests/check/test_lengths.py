"""Long lengths that are given as numbers: what holds for every length holds for these, and nothing else is proved."""

import pytest
from check.checking import lines, under, verdicts

LAYER = r"$x \in \mathbb{R}^{784}$, $W \in \mathbb{R}^{300 \times 784}$, $z = W x$, $L = \frac{1}{2}\|z\|^2$."


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r"\frac{\partial L}{\partial W} = z x^\top", r"\frac{\partial L}{\partial W} = x z^\top"),
        (r"\frac{\partial L}{\partial W} = z x^\top", r"\frac{\partial L}{\partial W} = 2 z x^\top"),
        (r"\frac{\partial L}{\partial x} = W^\top z", r"\frac{\partial L}{\partial x} = W^\top x"),
        (r"\sum_{i=1}^{784} x_i = x^\top \mathbf{1}", r"\sum_{i=1}^{784} x_i = 784"),
        (r"\sum_{j=1}^{784} j x_j = \sum_{k=1}^{784} k x_k", r"\sum_{j=1}^{784} x_j = \sum_{k=1}^{783} x_k"),
    ],
)
def test_a_line_is_proved_for_a_long_length_and_its_twin_is_not(right: str, wrong: str) -> None:
    assert verdicts(under(LAYER), f"$${right}$$") == ["proved"]
    assert verdicts(under(LAYER), f"$${wrong}$$")[0] not in ("proved", "rounded", "agrees", "given")


def test_a_size_that_is_given_as_a_number_is_any_size() -> None:
    given = (
        r"$x \in \mathbb{R}^{d}$ with $d = 784$, $W \in \mathbb{R}^{10 \times d}$, $z = W x$, $L = \frac{1}{2}\|z\|^2$."
    )
    shown = (r"\frac{\partial L}{\partial W} = z x^\top", r"\frac{\partial L}{\partial W} = 2 z x^\top")
    proved, refuted = (line for formula in shown for line in lines(given, f"$${formula}$$"))
    assert (proved.verdict, refuted.verdict) == ("proved", "wrong")
    # Nobody reads through thousands of numbers.
    assert refuted.counterexample["W"] == "7840 numbers"


def test_what_holds_at_the_given_length_alone_is_no_less_decided() -> None:
    given = r"$x \in \mathbb{R}^{100}$ with $x_i = i$ for all $i$."
    assert verdicts(under(given), r"$$\sum_{i=1}^{100} x_i = 5050$$") == ["proved"]
    assert verdicts(under(given), r"$$\sum_{i=1}^{100} x_i = 5051$$") == ["wrong"]
