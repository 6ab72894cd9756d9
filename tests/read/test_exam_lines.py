"""Lines as answer keys write them: what their labels, lists, gaps, conditions and brackets mean."""

import pytest
from check.checking import under, verdicts

UNIT = r"$$L = \max(y, 0), \quad y = w x + b$$"
LOGISTIC = r"$$p = \sigma(z), \quad z = w x + b, \quad L = -y \log p - (1 - y) \log (1 - p)$$"
SOFTMAX = "$$z = (1, 2, 3)$$\n\n" r"$$p_k = \frac{e^{z_k}}{\sum_{j=1}^3 e^{z_j}}$$"
KERNEL = r"$$x_1 = (1, 1),\ x_2 = (-1, 0),\ K_{ij} = x_i \cdot x_j$$" "\n\n$$W = 3 + K_{11} + K_{22} - 2 K_{12}$$"
CLIPPED = r"$$L = \min(r A, \text{clip}(r, 1 - \epsilon, 1 + \epsilon) A), r = 1.5, A = 2, \epsilon = 0.2$$"
BOTH_WAYS = r"$$u = \frac{x}{\|x\|}, \quad r = \|x\|, \quad u_i = \frac{x_i}{r}$$"
HUBER = (
    r"$$\rho(r) = \frac{1}{2} r^2 \text{ for } |r| \leq d,"
    r"\quad \rho(r) = d |r| - \frac{1}{2} d^2 \text{ for } |r| > d$$"
    "\n\n$$d = 1$$"
)
ELSE = r"$$\rho(r) = r \text{ for } r > 0, \quad \rho(r) = 0 \text{ otherwise}$$"
GREEDY = r"$$v = r + g \max_a q_a, q_1 = 2, q_2 = 5, r = 1, g = 0.5$$"
CONSTANT = r"$$v_t = \beta v_{t-1} + (1 - \beta) g_t, v_0 = 0$$" "\n\n$$g_t = g, \\beta = 0.9$$"
NUMBERS = "$$a = 3, L = 2.5, y_i = 3 x_i$$"


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (NUMBERS, "(ii) L = 2.5", "proved"),
        (NUMBERS, "(ii) L = 3", "wrong"),
        (NUMBERS, "(b) L = 2.5", "proved"),
        (NUMBERS, "(a)(2) = 6", "proved"),
        (NUMBERS, "(3)(1) + (4)(2) = 11", "proved"),
        (NUMBERS, "(3)(1) + (4)(2) = 7", "wrong"),
        (NUMBERS, r"\frac { 7 . 3 8 9 } { 1 1 . 1 0 7 } = 0 . 6 6 5", "rounded"),
        (NUMBERS, r"\frac { 7 . 3 8 9 } { 1 1 . 1 0 7 } = 0 . 7 6 5", "wrong"),
        (SOFTMAX, r"p = 0.090 \quad 0.245 \quad 0.665", "rounded"),
        (SOFTMAX, r"p = 0.090 \quad 0.245 \quad {0.565}", "wrong"),
        (KERNEL, "W = 8", "proved"),
        (KERNEL, "K_{12} = 1", "wrong"),
        (CLIPPED, "L = 2.4", "proved"),
        (CLIPPED, "L = 3", "wrong"),
        (BOTH_WAYS, r"\frac{\partial u_i}{\partial x_j} = \frac{\delta_{ij}}{r} - \frac{x_i x_j}{r^3}", "proved"),
        (BOTH_WAYS, r"\frac{\partial u_i}{\partial x_j} = \frac{\delta_{ij}}{r} - \frac{x_i x_j}{r^2}", "wrong"),
        (HUBER, r"\rho(3) = 2.5", "proved"),
        (HUBER, r"\rho(3) = 4.5", "wrong"),
        (ELSE, r"\rho(-2) = 0", "proved"),
        (GREEDY, "v = 3.5", "proved"),
        (GREEDY, "v = 2", "wrong"),
        (CONSTANT, "v_2 = 0.19 g", "proved"),
        (CONSTANT, "v_2 = 0.18 g", "wrong"),
    ],
)
def test_a_line_is_judged_for_what_it_says(given: str, line: str, expected: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [expected]


@pytest.mark.parametrize(
    ("given", "equation", "expected"),
    [
        (UNIT, r"\frac{dL}{dw} = x", "proved"),
        (UNIT, r"\frac{dL}{dw} = 0", "wrong"),
    ],
)
@pytest.mark.parametrize(
    "condition",
    [
        r"\text{ for } y > 0",
        r"\text{ if } 0 < y < 1",
        r"\quad (y > 0)",
        r", \quad y > 0",
        r"\text{ for } y \in (0, 1]",
        r"\text{ for } y \in (0, \infty)",
    ],
)
def test_an_inequality_after_an_equation_says_where_it_holds(
    given: str, equation: str, expected: str, condition: str
) -> None:
    assert verdicts(under(given), f"$${equation} {condition}$$") == [expected]


@pytest.mark.parametrize("condition", [r"\quad (y = 1)", r", \quad y = 1", r"\text{ for } y = 1"])
@pytest.mark.parametrize(("right", "expected"), [("p - 1", "proved"), ("p", "wrong")])
def test_a_value_of_a_free_name_after_an_equation_says_where_it_holds(
    right: str, expected: str, condition: str
) -> None:
    assert verdicts(under(LOGISTIC), rf"$$\frac{{\partial L}}{{\partial z}} = {right} {condition}$$") == [expected]


def test_an_inequality_that_stands_alone_is_a_claim() -> None:
    assert verdicts(under(LOGISTIC), "$$p > 0$$\n\n$$p < 0$$") == ["proved", "wrong"]


def test_the_solution_of_two_equations_is_no_condition() -> None:
    given = "$$w + b = 3, w - b = 1$$"
    assert verdicts(under(given), r"$$w = 2, \quad b = 2$$")[1] == "wrong"
