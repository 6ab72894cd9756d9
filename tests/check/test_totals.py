"""A total in words is the sum of what the lines before it count."""

import pytest
from check.checking import checked, lines, under

COUNTS = "Conv1 weights: $9 \\cdot 16 = 144$\n\nConv2 weights: $144 \\cdot 32 = 4608$\n\n"
OPEN = "$$n = 3$$"


@pytest.mark.parametrize(
    ("proof", "verdict", "right"),
    [
        (COUNTS + "Total weights = 4752", "proved", None),
        (COUNTS + "So, total # of weights = 4,725", "wrong", "4752"),
        (COUNTS + "Total = 4752", "proved", None),
        ("Loss 1: 0.35\n\nLoss 2: 1.24\n\nTotal loss = 1.6", "rounded", None),
        ("Loss 1: 0.35\n\nLoss 2: 1.24\n\nTotal loss = 1.49", "wrong", "1.59"),
        ("$$\\text{Weights} = 3 \\times 5 = 15$$\n\n$$\\text{Biases} = 5$$\n\n$$\\text{Total} = 20$$", "proved", None),
    ],
)
def test_a_total_is_the_sum_of_the_lines_that_count_the_same(proof: str, verdict: str, right: str | None) -> None:
    last = lines(OPEN, proof)[-1]
    assert (last.verdict, last.expected) == (verdict, right)


@pytest.mark.parametrize(
    "last",
    ["Total weights = 4896", "Total weights = 4608", "Total biases = 50", "Total = 17", "Weights = 17"],
)
def test_what_may_count_a_line_twice_or_leave_one_out_is_no_wrong_total(last: str) -> None:
    assert checked(under(OPEN), COUNTS + last).verdict != "refuted"


def test_a_total_adds_up_what_comes_after_the_total_before_it() -> None:
    found = lines(OPEN, COUNTS + "Total weights = 4752\n\nBias of 1: 16\n\nBias of 2: 32\n\nTotal biases = 48")
    assert [r.verdict for r in found if "otal" in r.lhs] == ["proved", "proved"]


def test_a_number_for_what_may_be_given_as_another_one_does_not_pass_in_silence() -> None:
    given = "The layer has $\\text{LSTM weights} = 4 (n + m) m$ with $n = 10$ and $m = 20$."
    right, wrong = (
        checked(under(given), f"Weights of the LSTM layer = ${x} = {y}$").verdict
        for x, y in (("4 (20 + 10) 20", 2400), ("8 (20 + 10) 20", 4800))
    )
    assert (right, wrong) == ("holds", "undecided")


@pytest.mark.parametrize(("second", "verdict"), [("128 * 64 + 64 = 8,256", "holds"), ("128 * 64 = 8,192", "undecided")])
def test_a_total_of_another_number_than_a_line_counts_does_not_pass(second: str, verdict: str) -> None:
    layers = f"Layer 1: $784 * 128 + 128 = 100,480$\n\nLayer 2: ${second}$\n\nLayer 3: $64 * 10 + 10 = 650$\n\n"
    assert checked(under(OPEN), layers + "$$Total = 100,480 + 8,256 + 650 = 109,386$$").verdict == verdict


@pytest.mark.parametrize(
    ("total", "verdict"),
    [("200 + 96 + 22 = 318", "holds"), ("200 + 96 = 296", "undecided"), ("200 + 22 = 222", "undecided")],
)
def test_a_total_that_leaves_out_a_line_that_counts_does_not_pass(total: str, verdict: str) -> None:
    rows = (("Layer 1", "20 * 10", 200), ("Layer 2", "8 * 12", 96), ("Output layer", "2 * 11", 22))
    layers = "".join(rf"$$\text{{{name}}} = {product} = {number}$$" "\n\n" for name, product, number in rows)
    assert checked(under(OPEN), layers + rf"$$\text{{Total}} = {total}$$").verdict == verdict
