"""Wrong lines that have to be caught, each with one slip, and right lines beside them that must not be."""

import pytest
from check.checking import lines

from symdl.check import check

LOGISTIC = r"$$a = \frac{1}{1 + e^{-z}}, \quad z = w x + b, \quad L = -y \log a - (1 - y) \log(1 - a)$$"
PROBABILITIES = r"$$p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}$$"
SOFTMAX = PROBABILITIES + "\n\n" + r"$$L = -\sum_{k=1}^{K} y_k \log p_k, \qquad \sum_{k=1}^{K} y_k = 1$$"
LINEAR = r"$$z_i = \sum_{j=1}^{K} W_{ij} x_j, \qquad L = \frac{1}{2} \sum_{i=1}^{K} (z_i - t_i)^2$$"
TANH = r"$$h = \tanh(w x), \qquad L = \frac{1}{2}(h - y)^2$$"
MEAN = r"$$J = \frac{1}{2 N} \sum_{n=1}^{N} (w x_n - y_n)^2$$"


SLIPS = {
    "a sign": (LOGISTIC, r"\frac{\partial L}{\partial z}", "a - y", "y - a"),
    "a factor 2": (LINEAR, r"\frac{\partial L}{\partial z_i}", "z_i - t_i", "2 (z_i - t_i)"),
    "an index i for j": (LINEAR, r"\frac{\partial z_i}{\partial W_{ij}}", "x_j", "x_i"),
    "a lost chain factor": (LOGISTIC, r"\frac{\partial L}{\partial w}", "(a - y) x", "a - y"),
    "the derivative of the sigmoid is not the sigmoid": (LOGISTIC, r"\frac{\partial a}{\partial z}", "a (1 - a)", "a"),
    "tanh' is not 1 - tanh": (TANH, r"\frac{\partial h}{\partial w}", "(1 - h^2) x", "(1 - h) x"),
    "a transposed matrix": (
        LINEAR, r"\frac{\partial L}{\partial x_j}",
        r"\sum_{i=1}^{K} W_{ij} (z_i - t_i)", r"\sum_{i=1}^{K} W_{ji} (z_i - t_i)",
    ),
    "a sum that was not split": (
        SOFTMAX, r"\frac{\partial L}{\partial z_i}", "p_i - y_i", r"p_i \sum_{k=1}^{K} y_k p_k - y_i"
    ),
    "the wrong case": (
        SOFTMAX, r"\frac{\partial p_i}{\partial z_k}",
        r"\begin{cases} p_i (1 - p_i) & \text{if } i = k \\ -p_i p_k & \text{otherwise} \end{cases}",
        r"\begin{cases} p_i (1 - p_i) & \text{if } i \neq k \\ -p_i p_k & \text{otherwise} \end{cases}",
    ),
    "a lost mean": (
        MEAN, r"\frac{\partial J}{\partial w}",
        r"\frac{1}{N} \sum_{n=1}^{N} (w x_n - y_n) x_n", r"\sum_{n=1}^{N} (w x_n - y_n) x_n",
    ),
    "a dropped term": (
        LOGISTIC, r"\frac{\partial L}{\partial a}", r"-\frac{y}{a} + \frac{1 - y}{1 - a}", r"-\frac{y}{a}"
    ),
    "arithmetic": ("$$x > 0$$", r"3.8 + 0.7 + 2.4 + 3.4 + 1.2", "11.5", "11.8"),
    "a digit that no rounding explains": ("$$x > 0$$", "0.8 - 0.34", "0.46", "0.56"),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_the_right_line_is_confirmed_and_the_slip_caught(name: str) -> None:
    given, left, right, wrong = SLIPS[name]
    assert lines(given, f"$${left} = {right}$$")[-1].verdict in ("proved", "rounded")
    assert lines(given, f"$${left} = {wrong}$$")[-1].verdict == "wrong"


@pytest.mark.parametrize("name", [n for n in SLIPS if "digit" not in n and n != "arithmetic"])
def test_another_right_side_is_not_confirmed(name: str) -> None:
    given, left, _, _ = SLIPS[name]
    for other in (r"\frac{7}{13} + \sqrt{3}", "q + 5"):
        assert lines(given, f"$${left} = {other}$$")[-1].verdict not in ("proved", "rounded", "agrees")


def test_nothing_follows_from_a_derivative_whose_definition_could_not_be_read() -> None:
    given = "$$z = F(u) + 1$$\n\n$$u = \\foo{w}$$"
    product = r"\frac{\partial z}{\partial u} \frac{\partial u}{\partial w}"
    for factor in ("", "2 ", "-"):
        [line] = lines(given, rf"$$\frac{{\partial z}}{{\partial w}} = {factor}{product}$$")
        assert line.verdict not in ("proved", "wrong")


def test_a_name_for_an_arbitrary_derivative_proves_nothing_by_being_zero() -> None:
    given = r"$$z = w x, \qquad a = z^2, \qquad \delta = \frac{\partial C}{\partial a}$$"
    [line] = lines(given, r"$$\delta = 3 x \delta$$")
    assert line.verdict not in ("proved", "agrees")


def test_a_multiplier_is_a_constant_and_said_to_be_one() -> None:
    [line] = lines(r"$$f = x y$$", r"$$\frac{\partial}{\partial x}[f - \lambda (x^2 + y^2 - 2)] = y - 2 x \lambda$$")
    assert line.verdict == "proved"
    assert line.assumes == (r"$\lambda$ is constant",)


def test_a_side_without_a_value_equals_no_number() -> None:
    [line] = lines(
        "$$E = 4 r + 5, \\qquad \\eta = 1 / \\frac{\\partial^2 E}{\\partial r^2}$$", r"$$\eta = \frac{1}{4}$$"
    )
    assert line.verdict == "wrong"
    assert "no value" in line.reason


def test_what_no_value_solves_is_wrong_and_no_equation() -> None:
    [line] = lines("$$r > 0$$", "$$1 + r = r$$")
    assert line.verdict == "wrong"


def test_a_wrong_derivative_is_carried_on_through_the_chain_rule() -> None:
    found = lines(
        LOGISTIC, "$$\\frac{\\partial L}{\\partial z} = a + y$$\n\n$$\\frac{\\partial L}{\\partial w} = (a + y) x$$"
    )
    assert [r.verdict for r in found] == ["wrong", "proved"]
    assert found[1].claim is False
    assert found[1].follows == found[0].line


RECURRENCE = "$h_0 = 0$, $h_t = 0.5 h_{t-1} + x_t$, $x_1 = 1$, $x_2 = 2$, $x_3 = 3$"
DESCENT = r"$f(w) = w^2$, $w_0 = 1$, $\eta = 0.1$, $w_{t+1} = w_t - \eta f'(w_t)$"


@pytest.mark.parametrize(
    ("given", "proof", "verdicts"),
    [
        pytest.param(
            RECURRENCE,
            r"h_1 = 0.5 \cdot 0 + 1 = 1.5 | h_2 = 0.5 \cdot 1.5 + 2 = 2.75 | h_3 = 0.5 \cdot 2.75 + 3 = 4.375",
            ["proved", "wrong", *["proved"] * 4],
            id="states",
        ),
        pytest.param(
            RECURRENCE,
            r"h_1 = 0.5 \cdot 0 + 1 = 1.5 | h_2 = 0.5 \cdot 1.5 + 3 = 3.75",
            ["proved", "wrong", "wrong", "proved"],
            id="an error of its own",
        ),
        pytest.param(
            DESCENT,
            r"w_1 = 1 - 0.1 \cdot 2 = 0.9 | w_2 = 0.9 - 0.1 \cdot 1.8 = 0.72",
            ["proved", "wrong", "proved", "proved"],
            id="steps of descent",
        ),
    ],
)
def test_a_wrong_member_of_a_recurrence_is_carried_on(given: str, proof: str, verdicts: list[str]) -> None:
    found = lines(given, "\n\n".join(f"$${line.strip()}$$" for line in proof.split("|")))
    assert [r.verdict for r in found] == verdicts
    carried = [r for r in found[2:] if r.verdict == "proved"]
    assert all(r.follows == found[1].line and r.claim is False for r in carried)


def test_the_values_that_differ_are_told() -> None:
    [line] = lines(LOGISTIC, r"$$\frac{\partial L}{\partial z} = y - a$$")
    assert " and " in line.reason


def test_a_gate_of_a_recurrence_may_be_differentiated_at_its_own_step() -> None:
    given = r"""$$f_t = \sigma(w x_t + u h_{t-1} + b), \qquad h_t = f_t \tanh(x_t)$$"""
    [line] = lines(given, r"$$\frac{\partial f_t}{\partial b} = f_t (1 - f_t)$$")
    assert line.verdict == "proved"
    assert "immediate" in line.reason


def test_what_is_right_of_a_gate_is_its_immediate_derivative() -> None:
    given = r"""$$f_t = \sigma(w x_t + u h_{t-1} + b), \qquad h_t = f_t \tanh(x_t)$$"""
    [line] = lines(given, r"$$\frac{\partial f_t}{\partial b} = f_t (1 + f_t)$$")
    assert line.verdict == "wrong"
    assert "the slip" in line.reason
    assert line.expected == r"f_t(1 - f_t)"


def test_a_case_may_open_with_any_word() -> None:
    given = r"$$p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}$$"
    for opening in ("Let $i \\neq k$:", "Now let $i \\neq k$.", "$i \\neq k$:", "Case $i \\neq k$:"):
        found = lines(given, f"{opening}\n\n$$\\frac{{\\partial p_i}}{{\\partial z_k}} = -p_i p_k$$")
        assert found[-1].verdict == "proved", opening


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"\frac{0.1 + 0.3}{5} = \frac{0.3}{5}", "0.08"),
        (r"\frac{1 + 3}{5} = \frac{3}{5}", r"\frac{4}{5}"),
        (r"s = 2 \cdot 1.5 - 1", "2.5"),
        (r"s = 2 \cdot 5", r"\frac{5}{2}"),
        ("s = 2", "2.5"),
        ("e^{s} = 12", "12.2"),
        ("e^{s} = 11.9374", "12.1825"),
        (r"2^{0.5} + 1 = \frac{1}{2} + 1", "2.41421"),
        (r"A v = \begin{bmatrix} 1 \\ 2 \end{bmatrix}", r"\begin{bmatrix} 2 \\ 3 \end{bmatrix}"),
        (r"A A = \begin{bmatrix} 4 & 0 \\ 1 & 9 \end{bmatrix}", r"\begin{bmatrix} 4 & 0 \\ 5 & 9 \end{bmatrix}"),
    ],
)
def test_what_numbers_would_be_right_is_shown(line: str, expected: str) -> None:
    matrix = r"A = \begin{bmatrix} 2 & 0 \\ 1 & 3 \end{bmatrix}, v = \begin{bmatrix} 1 \\ \frac{2}{3} \end{bmatrix}"
    given = rf"$${matrix}, s = \frac{{a}}{{2}}, a = 5$$"
    [found] = check(f"## Given\n\n{given}\n\n## Proof\n\n$${line}$$\n").documents[0].relations
    assert (found.verdict, found.expected) == ("wrong", expected)


@pytest.mark.parametrize(
    ("left", "verdict"),
    [
        (r"\begin{bmatrix} 1 \\ -1 \end{bmatrix}", "wrong"),
        (r"\begin{bmatrix} 1 & -1 \end{bmatrix}", "proved"),
        (r"\begin{bmatrix} 1 \\ -1 \end{bmatrix}^T", "proved"),
        (r"\begin{bmatrix} 1 \\ -1 \end{bmatrix} \cdot", "proved"),
    ],
)
def test_two_columns_written_side_by_side_have_no_product(left: str, verdict: str) -> None:
    [line] = lines("$$a = 1$$", rf"$${left} \begin{{bmatrix}} 3 \\ 3 \end{{bmatrix}} = 0$$")
    assert line.verdict == verdict
