"""Names that get new values: by words that say so, or by what they are made of."""

import pytest
from check.checking import under, verdicts

CENTRES = under("Points $1, 2, 9, 10$, initial centers $m_1 = 1$, $m_2 = 2$.") + "The new centers are\n\n"
STEP = under(r"$w = 2$, $\eta = 0.1$, $g = 5$")


@pytest.mark.parametrize(
    ("head", "proof", "expected"),
    [
        pytest.param(CENTRES, r"$$m_2 = \frac{2 + 9 + 10}{3} = 7$$", ["given", "proved"], id="a new centre"),
        pytest.param(CENTRES, r"$$m_2 = \frac{2 + 9 + 10}{3} = 8$$", ["given", "wrong"], id="a new centre, wrong"),
        pytest.param(
            CENTRES,
            "$$m_2 = \\frac{2 + 9 + 10}{3} = 7$$\n\nThe next centers are\n\n$$m_2 = \\frac{9 + 10}{2} = 9.5$$",
            ["given", "proved", "given", "proved"],
            id="and once more",
        ),
        pytest.param(
            STEP, r"$$w = w - \eta g = 2 - 0.1 \cdot 5 = 1.5$$", ["given", "proved", "proved"], id="by its former value"
        ),
        pytest.param(
            STEP, r"$$w = w - \eta g = 2 - 0.1 \cdot 5 = 1.4$$", ["given", "proved", "wrong"], id="another number"
        ),
        pytest.param(
            STEP, r"$$w = w - \eta g = 2 - 0.1 \cdot 6 = 1.4$$", ["given", "wrong", "proved"], id="other numbers"
        ),
        pytest.param(STEP, r"$$g = 4$$", ["undecided"], id="no words and no former value"),
    ],
)
def test_a_name_gets_a_new_value_where_words_or_its_former_value_say_so(
    head: str, proof: str, expected: list[str]
) -> None:
    assert verdicts(head, proof) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"w = w - \frac{\partial J}{\partial w} = 0 - (-5) = 5", ["given", "proved", "proved"]),
        (r"w = w - \frac{\partial J}{\partial w} = 0", ["given", "wrong"]),
        (r"w = w + \frac{\partial J}{\partial w} = -5", ["given", "proved"]),
        (r"0 = \frac{\partial J}{\partial w}", ["wrong"]),
    ],
)
def test_a_slope_through_another_quantity_moves_what_is_updated(line: str, expected: list[str]) -> None:
    given = r"$$h = w x$$" "\n\n" r"$$J = \frac{1}{2} (h - y)^2$$" "\n\n$x = 1$, $y = 5$, $w = 0$."
    assert verdicts(under(given), f"$${line}$$") == expected
