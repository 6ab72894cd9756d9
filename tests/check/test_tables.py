"""Tables in a proof: what their rows say under a head of formulas."""

import pytest
from check.checking import under, verdicts

STEPS = "$$f(x) = x^2 - 4x + 5, x_{t+1} = x_t - 0.25 f'(x_t), x_0 = 0$$"
UNIT = r"$$h = \max(0, x_1 + x_2 - 1)$$"

TABBED = "t\tx_t\tf'(x_t)\tx_{t+1}\n0\t0\t-4\t1\n1\t1\t-2\t{}"
PIPED = "| $t$ | $x_t$ | $f'(x_t)$ | $x_{t+1}$ |\n|---|:-:|--:|---|\n| 0 | 0 | -4 | 1 |\n| 1 | 1 | -2 | {} |"
TRUTH = "| $x_1$ | $x_2$ | $h$ |\n|---|---|---|\n| 0 | 1 | 0 |\n| 1 | 1 | {} |\n| 1 | 0 | |"


@pytest.mark.parametrize(
    ("given", "table", "right", "wrong", "before"),
    [
        pytest.param(STEPS, TABBED, "1.5", "1.25", 5, id="between tabs"),
        pytest.param(STEPS, TABBED.replace("\n", "\n\n"), "1.5", "1.25", 5, id="a paragraph for each row"),
        pytest.param(STEPS, PIPED, "1.5", "1.25", 5, id="between bars"),
        pytest.param(STEPS, PIPED.replace("\n", "\n\n"), "3/2", "-3/2", 5, id="bars, a paragraph for each row"),
        pytest.param(UNIT, TRUTH, "1", "0", 1, id="two letters that set the case, and an empty cell"),
    ],
)
def test_each_row_is_judged_in_the_case_that_its_first_column_sets(
    given: str, table: str, right: str, wrong: str, before: int
) -> None:
    assert verdicts(under(given), table.replace("{}", right)) == ["proved"] * (before + 1)
    assert verdicts(under(given), table.replace("{}", wrong)) == ["proved"] * before + ["wrong"]


@pytest.mark.parametrize(
    "table",
    [
        "| class | count |\n|---|---|\n| 1 | 3 |",
        "| 1 | 2 |\n|---|---|\n| 3 | 4 |",
        "| $t$ | $x_t$ |\n|---|---|\n| all | 3 |",
    ],
)
def test_a_table_without_a_head_of_formulas_says_nothing(table: str) -> None:
    assert verdicts(under(STEPS), table + "\n\n$$f'(x) = 2x - 4$$") == ["proved"]


POINTS = r"$p(1)=0.1$, $p(2)=0.9$, $q(1)=0.5$, $q(2)=0.5$"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"\sum_{s=1}^2 p(s)^2 = 0.82", "proved"),
        (r"\sum_{s=1}^2 p(s)^2 = 0.83", "wrong"),
        (r"\sum_{s=1}^2 s\, p(s) = 1.9", "proved"),
        (r"\prod_{s=1}^2 p(s) = 0.09", "proved"),
        (r"\sum_{s=1}^2 p(s) \ln \frac{p(s)}{q(s)} \approx 0.368", "rounded"),
        (r"\sum_{s=1}^2 p(s) \ln \frac{p(s)}{q(s)} \approx 0.468", "wrong"),
        (r"\sum_{s=1}^3 p(s) = 1", "undecided"),
    ],
)
def test_a_sum_goes_over_what_is_told_point_by_point(line: str, expected: str) -> None:
    assert verdicts(under(POINTS), f"$${line}$$") == [expected]
