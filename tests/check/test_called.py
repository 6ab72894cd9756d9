"""What prose says of a quantity by its name in words is judged as the formula that it is."""

import pytest
from check.checking import under, verdicts

PADDING = r"$$n + 2 \cdot \text{padding} - 5 + 1 = n$$"
SIZE = r"$$H = 7, \quad W = 7, \quad C = 32, \quad \text{Output Size} = H \times W \times C$$"
VARIANCE = r"$$n = 2500, \quad Var = 1/n$$"
SCORES = r"$$h = 8, \quad \text{hit rate} = \frac{h}{10}, \quad \text{recall} = \frac{h}{16}$$"
RECALL = ["undecided", "proved"]


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (PADDING, "The padding size should be 2 (on all sides).", ["proved"]),
        (PADDING, "The padding is 2.", ["proved"]),
        (PADDING, "padding = 2", ["proved"]),
        (PADDING, "padding = 3", ["wrong"]),
        (PADDING, "The padding is 3 on both sides.", ["undecided"]),
        (PADDING, "If the padding is 3, the output is larger.", []),
        (PADDING, "The padding is not 3.", []),
        (SIZE, r"Output Size (same padding): $7 \times 7 \times 32$ in both cases.", ["proved"]),
        (SIZE, "Output size: 7x7x32", ["proved"]),
        (SIZE, "Output size: 7x7x33", ["wrong"]),
        (VARIANCE, "Var = 1/2500 (1 point)", ["proved"]),
        (VARIANCE, "Var = 1/2400 (1p)", ["wrong"]),
        (VARIANCE, "ReLU: multiplied by 2, i.e. Var = 1/1250", ["undecided"]),
        (VARIANCE, "Var is 2 times larger.", []),
        (SCORES, "The hit rate is $8 / 10 = 0.8$ and the recall is $8 / 16 = 0.5$.", ["proved"] * 4),
        (SCORES, "The hit rate is $8 / 10 = 0.8$ and the recall is $8 / 10 = 0.8$.", ["proved"] * 2 + RECALL),
    ],
)
def test_a_name_in_words_is_the_quantity_that_is_given(given: str, line: str, expected: list[str]) -> None:
    assert verdicts(under(given), line) == expected


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("FPR", "given"),
        ("The mean", "given"),
        ("which is", "wrong"),
        ("and hence", "wrong"),
        ("by adding", "wrong"),
    ],
)
def test_a_few_words_before_a_sign_name_what_stands_left_of_it(words: str, verdict: str) -> None:
    assert verdicts(under("$$q = 1$$"), f"$$q + 1 = 2$$\n\n{words} $= 2 + 1 = 3$") == ["proved", verdict, "proved"]


def test_each_name_in_words_within_a_line_has_its_own_value() -> None:
    proof = r"mean $= \frac{2 + 4}{2} = 3$, variance $= \frac{1 + 1}{2} = 1$"
    assert verdicts(under("$$q = 1$$"), proof) == ["given", "proved", "given", "proved"]
