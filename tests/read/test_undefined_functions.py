"""Functions of which nothing is known, members at which a function is given, and left sides in other clothes."""

import pytest
from check.checking import under, verdicts
from hypothesis import given
from hypothesis import strategies as st

from symdl.judge import decide
from symdl.language import Applied, D, scalar
from symdl.problem import Givens

UNIT = r"$$a = \phi(z), \quad z = w x + b$$"
ANY = "The function $f$ is any positive differentiable function."
LAYER = (
    r"$$z = W x + b, \quad a = \phi(z), \quad u = v^\top a, \quad L = \frac{1}{2} (u - y)^2$$"
    "\n\n"
    r"$$W \in \mathbb{R}^{n \times d}, \quad x \in \mathbb{R}^d$$"
)
PENALTY = r"$$L(w) = L_0(w) + \frac{\lambda}{2} w^2$$"
LIKELIHOOD = r"$$p(x_i \mid \lambda) = \lambda e^{-\lambda x_i}, \quad \ell = \sum_{i=1}^n \ln p(x_i \mid \lambda)$$"
BERNOULLI = r"$$p(y_i) = q_i^{y_i} (1 - q_i)^{1 - y_i}, \quad \ell = \sum_{i=1}^n \ln p(y_i)$$"
LOGARITHM = r"$$\ln q(x) = -\frac{(x - m)^2}{2 s}$$"
NORMAL = r"$$N(x \mid \mu, \sigma^2) = \frac{1}{\sqrt{2 \pi \sigma^2}} e^{-\frac{(x - \mu)^2}{2 \sigma^2}}$$"
CHAIN = r"$$P = y = \sigma(a), \quad a = w x$$"
OUTPUT = r"$$y(x) = \sigma(a), \quad a = w x$$"
HINGE = r"$$h(z) = [1 - z]_+$$"
LOSSES = (
    r"$$s_1 = (3.2, 5.1, -1.7), \quad s_2 = (1.3, 4.9, 2.0), \quad y_1 = 1, \quad y_2 = 2$$"
    "\n\n"
    r"$$L_i = \sum_{j \neq y_i} \max(0, s_{ij} - s_{i y_i} + 1)$$"
)
MOMENTUM = (
    r"$$v_{t+1} = \beta v_t - \eta g_t, \quad w_{t+1} = w_t + v_{t+1}, \quad g_t = 2 w_t$$"
    "\n\n"
    r"$$\beta = 0.5, \quad \eta = 0.2, \quad w_0 = 5, \quad v_0 = 0$$"
)
GATED = r"$$v_t = a_t v_{t-1} + 1 - a_t, \quad v_0 = 0$$" "\n\n" r"$$b_t = \prod_{s=1}^t a_s$$"
WEIGHT = r"$$v = \pi a^2 + (1 - \pi) b^2$$"
SURFACE = r"$$f(x, y) = x^2 y + y^3$$"
PARABOLA = r"$$y = x^2 + 1$$"


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (UNIT, r"\frac{\partial a}{\partial w} = \phi'(z) x", "proved"),
        (UNIT, r"\frac{\partial a}{\partial w} = \phi'(z)", "wrong"),
        (UNIT, r"\frac{\partial a}{\partial w} = a (1 - a) x", "undecided"),
        (ANY, r"\frac{d f(x)}{dx} = f'(x)", "proved"),
        (ANY, r"\frac{d}{dx} \ln f(x) = \frac{f'(x)}{f(x)}", "proved"),
        (ANY, r"\frac{d f(x)}{dx} = \frac{f'(x)}{f(x)}", "wrong"),
        ("", r"\frac{d f(x)}{dx} = \frac{f'(x)}{f(x)}", "undecided"),
        (LAYER, r"\frac{\partial L}{\partial W} = ((u - y) v \odot \phi'(z)) x^\top", "proved"),
        (LAYER, r"\frac{\partial L}{\partial z_i} = (u - y) v_i \phi'(z_i)", "proved"),
        (LAYER, r"\frac{\partial L}{\partial z_i} = (u - y) \phi'(z_i)", "wrong"),
        (PENALTY, r"L'(w) = L_0'(w) + \lambda w", "proved"),
        (PENALTY, r"L'(w) = L_0'(w) + \frac{\lambda}{2} w", "wrong"),
        (LIKELIHOOD, r"\ell = n \ln \lambda - \lambda \sum_{i=1}^n x_i", "proved"),
        (LIKELIHOOD, r"\ell = n \ln \lambda - \lambda n", "wrong"),
        (BERNOULLI, r"\ell = \sum_{i=1}^n (y_i \ln q_i + (1 - y_i) \ln(1 - q_i))", "proved"),
        (BERNOULLI, r"\ell = \sum_{i=1}^n (y_i \ln q_i + (1 + y_i) \ln(1 - q_i))", "wrong"),
        (LOGARITHM, r"\frac{\partial \ln q(x)}{\partial x} = -\frac{x - m}{s}", "proved"),
        (LOGARITHM, r"\frac{\partial \ln q(x)}{\partial x} = \frac{x - m}{s}", "wrong"),
        (NORMAL, r"N(x \mid 0, 4) = \frac{1}{\sqrt{8 \pi}} e^{-x^2/8}", "proved"),
        (NORMAL, r"N(x \mid 0, 4) = \frac{1}{\sqrt{32 \pi}} e^{-x^2/32}", "wrong"),
        (CHAIN, r"\frac{dP}{da} = y (1 - y)", "proved"),
        (CHAIN, r"\frac{dP}{da} = y (1 + y)", "wrong"),
        (OUTPUT, r"\frac{\partial y}{\partial a} = y (1 - y)", "proved"),
        (OUTPUT, r"\frac{\partial y}{\partial a} = y (2 - y)", "wrong"),
        (HINGE, "h(0) = 1", "proved"),
        (HINGE, "h(2) = -1", "wrong"),
        (LOSSES, r"L_1 = \max(0, 5.1 - 3.2 + 1) + \max(0, -1.7 - 3.2 + 1)", "proved"),
        (LOSSES, "L_2 = 0", "proved"),
        (LOSSES, "L_1 = 3.9", "wrong"),
        (LOSSES, "s_{12} = 5.1", "proved"),
        (LOSSES, "s_{12} = 1.3", "wrong"),
        (MOMENTUM, "w_2 = 0.8", "proved"),
        (MOMENTUM, "w_2 = 0.9", "wrong"),
        (GATED, "v_t = 1 - b_t", "proved"),
        (GATED, "v_t = 1 + b_t", "wrong"),
        (WEIGHT, r"\frac{dv}{d\pi} = a^2 - b^2", "proved"),
        (WEIGHT, r"\frac{dv}{d\pi} = a^2 + b^2", "wrong"),
        (SURFACE, r"\partial_x \partial_y f = 2 x", "proved"),
        (SURFACE, r"\partial_x f = 2 x", "wrong"),
        (PARABOLA, r"\frac{dy}{dx}\Big|_{3} = 6", "proved"),
        (PARABOLA, r"\frac{dy}{dx}_{x=3} = 5", "wrong"),
        (PARABOLA, "y'(3) = 6", "proved"),
        (PARABOLA, "y' = x", "wrong"),
    ],
)
def test_a_line_about_functions_is_judged_for_what_it_says(given: str, line: str, expected: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [expected]


@pytest.mark.parametrize(
    "lines",
    [
        r"$$\frac{da}{dw} = \phi'(z) x = a (1 - a) x$$",
        "With sigmoid units:\n\n" r"$$\frac{da}{dw} = \phi'(z) x$$" "\n\n" r"$$\frac{da}{dw} = a (1 - a) x$$",
        r"$$\phi'(z) = \phi(z) + 1$$",
    ],
)
def test_a_function_of_which_a_proof_says_more_is_not_any(lines: str) -> None:
    assert "wrong" not in verdicts(under(UNIT), lines)


@given(st.integers(0, 3), st.integers(-3, 3), st.integers(1, 3))
def test_the_derivative_of_an_undefined_function_obeys_the_chain_rule(order: int, a: int, b: int) -> None:
    f, x = scalar("f"), scalar("x")
    inner = b * x**2 + a
    left, right = D(Applied(f, order, inner), x), 2 * b * x * Applied(f, order + 1, inner)
    assert decide(left, right, Givens(), {}).answer == "proved"
    assert decide(left, right + 1, Givens(), {}).answer == "refuted"


@pytest.mark.parametrize("name", ["f", r"\Gamma"])
@pytest.mark.parametrize("line", ["@(a + 1) / @(a) = a", "@(a + 1) = @(a)"])
def test_what_is_given_of_a_function_by_itself_is_given_at_no_other_place(name: str, line: str) -> None:
    given = under(f"$${name}(x + 1) = x {name}(x)$$\n\n$a > 0$")
    assert verdicts(given, f"$${line.replace('@', name)}$$") == ["undecided"]
