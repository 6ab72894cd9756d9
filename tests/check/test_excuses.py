"""Wrong lines that no case, rounding or local reading excuses, and right lines that a setting of all members places."""

import pytest
from check.checking import under, verdicts

TRIANGLE = r"$$A = \begin{pmatrix} 3 & 0 \\ 4 & 5 \end{pmatrix}$$"
SHARES = r"$$p_i = \frac{e^{z_i}}{\sum_{j=1}^3 e^{z_j}}$$"
NUMBERS = SHARES + "\n\n$$z = (0, \\ln 2, \\ln 5)$$"
JACOBIAN = (
    r"\text{diag}(p) - p p^T = \frac{1}{64} \begin{bmatrix} 7 & -2 & -5 \\ -2 & %s & -10 \\ -5 & -10 & 15 \end{bmatrix}"
)
STATES = "$$h_t = w h_{t-1} + x_t,\\quad h_0 = 0$$\n\n$$w = 0.5,\\ x_1 = 2,\\ x_2 = 3,\\ x_3 = 1$$"
SUM_OF_PATHS = (
    r"$$\frac{\partial L}{\partial w} = \frac{\partial L}{\partial h_3} \frac{\partial h_3}{\partial w}"
    r" + \frac{\partial L}{\partial h_2} \frac{\partial h_2}{\partial w}$$"
)
GRAPH = "$$h = w x,\\quad o = w h$$\n\n$$w = 0.5,\\ x = 4$$"
CUBIC = "$$f(x) = x^3 - 2x$$"
DECAY = "$$\\eta_t = \\eta_0 \\cdot \\gamma^{\\lfloor t / 10 \\rfloor}$$\n\n$$\\eta_0 = 0.1,\\ \\gamma = 0.5$$"
ENTROPY = "$$H = -\\sum_{i=1}^n p_i \\ln p_i$$\n\n$$\\sum_i p_i = 1$$"
LEAKY = (
    "$$f(x) = \\begin{cases} x & x \\geq 0 \\\\ 0.1 x & x < 0 \\end{cases}$$\n\n"
    "$$L = \\frac{1}{2}(f(w x) - t)^2$$\n\n$$x = 2,\\ t = 1$$"
)


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        pytest.param(TRIANGLE, r"A^T A = \begin{pmatrix} 25 & 20 \\ 20 & 41 \end{pmatrix}", "wrong", id="numbers"),
        pytest.param(TRIANGLE, r"A^T A = \begin{pmatrix} 25 & 20 \\ 20 & 25 \end{pmatrix}", "proved", id="right ones"),
        pytest.param(NUMBERS, JACOBIAN % 16, "wrong", id="entries of a family with values"),
        pytest.param(NUMBERS, JACOBIAN % 12, "proved", id="right entries"),
        pytest.param(SHARES, r"\frac{\partial p}{\partial z} = -p p^T", "wrong", id="a matrix without letters"),
        pytest.param(SHARES, r"\frac{\partial p_i}{\partial z_j} = -p_i p_j", "undecided", id="letters as written"),
    ],
)
def test_a_case_of_two_indices_is_meant_only_of_letters_that_are_written(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(
    ("given", "proof", "verdict"),
    [
        pytest.param(STATES, r"$$\frac{\partial h_3}{\partial w} = h_2$$", "wrong", id="terms left out"),
        pytest.param(STATES, r"$$\frac{\partial h_3}{\partial w} = h_2 + w h_1 + w^2 h_0$$", "proved", id="all terms"),
        pytest.param(STATES, r"$$\frac{\partial h_t}{\partial w} = h_{t-1}$$", "undecided", id="of a step in general"),
        pytest.param(
            STATES, f"{SUM_OF_PATHS}\n\n" r"$$\frac{\partial h_3}{\partial w} = h_2$$", "undecided", id="a sum of paths"
        ),
        pytest.param(GRAPH, r"$$\frac{\partial o}{\partial w} = h$$", "undecided", id="a node of a graph"),
    ],
)
def test_a_number_for_a_derivative_through_time_is_that_of_all_paths(given: str, proof: str, verdict: str) -> None:
    assert verdicts(under(given), proof)[-1] == verdict


@pytest.mark.parametrize(
    ("numerator", "verdict"), [("5.061 - 3.059", "proved"), ("5.06 - 3.06", "rounded"), ("5.061 - 2.059", "wrong")]
)
def test_the_points_at_which_a_function_is_taken_are_not_rounded(numerator: str, verdict: str) -> None:
    line = rf"\frac{{f(2.1) - f(1.9)}}{{0.2}} = \frac{{{numerator}}}{{0.2}}"
    assert verdicts(under(CUBIC), f"$${line}$$") == [verdict]


@pytest.mark.parametrize("value", [r"0.1 \cdot 0.5^4", "0.7 + 0.2"])
def test_a_value_at_another_place_than_the_one_stated_confirms_nothing(value: str) -> None:
    assert verdicts(under(DECAY), rf"$$t = 25: \eta = {value}$$")[-1] in ("undecided", "wrong")


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(r"\ln n", "proved"), (r"-n \cdot \frac{1}{n} \ln \frac{1}{n}", "proved"), (r"2 \ln n", "wrong")],
)
def test_what_is_said_of_a_member_with_an_open_index_is_said_of_all(value: str, verdict: str) -> None:
    words = "For the uniform distribution $p_i = 1/n$:"
    assert verdicts(under(ENTROPY), f"{words}\n\n$$H = {value}$$") == [verdict]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [("f = 2", "proved"), ("f = -0.2", "undecided"), ("f(x) = -0.2", "wrong"), ("f(-2) = -0.2", "proved")],
)
def test_a_function_without_its_argument_may_be_meant_at_what_the_givens_take_it_at(line: str, verdict: str) -> None:
    assert verdicts(under(LEAKY), f"$${line}$$") == [verdict]


ENERGY = r"$$F(v) = -b v - \ln(1 + e^{c + w v})$$"


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        pytest.param(ENERGY, r"F(0) = -\ln(1 + e^c)", "proved", id="right"),
        pytest.param(ENERGY, r"F(0) = -\ln 2", "wrong", id="a value where there are none"),
        pytest.param(ENERGY, r"F(0) = -\ln(1 + 0.5)", "undecided", id="worked out from numbers"),
        pytest.param(ENERGY + "\n\n$$b = 2$$", r"F(0) = -\ln 2", "undecided", id="a number is given"),
        pytest.param(ENERGY + "\n\nThe values are in Table 1.", r"F(0) = -\ln 2", "undecided", id="numbers elsewhere"),
    ],
)
def test_numbers_may_be_put_in_only_where_there_are_any(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\text{For } \gamma = 0.9: \quad \frac{1}{1 - \gamma} = 10", "proved"),
        (r"\text{For } \gamma = 0.9: \quad \frac{1}{1 - \gamma} = 9", "wrong"),
        (r"\frac{1}{1 - \gamma} = 9", "undecided"),
    ],
)
def test_what_a_condition_gives_a_number_is_not_to_be_solved_for(line: str, verdict: str) -> None:
    given = under(r"$$S_n = \sum_{t=0}^{n-1} \gamma^t, \quad 0 < \gamma < 1$$")
    assert verdicts(given, f"$${line}$$") == [verdict]
