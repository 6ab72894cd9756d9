"""Functions at points and other arguments: letters of their own, rules at points, several values, vectors as values."""

import pytest
from check.checking import under, verdicts

THROUGH = r"$$u = 2 a, \quad f(a) = a + u^2$$"
DATA = r"$$h(r) = r^2, \quad r = (1, -2)$$"
KERNEL = r"$$f(x) = \sum_{i=1}^2 a_i (x_i x + 1)^2, \quad a = (0.5, 0.5), \quad x_1 = 2, \quad x_2 = 0$$"
MIXTURE = r"$$p(x) = 0.3 N_1(x) + 0.7 N_2(x), \quad N_1(0) = 0.4, \quad N_2(0) = 0.1$$"
LISTED = r"$$D^*(x) = \frac{p(x)}{p(x) + q(x)}, \quad p = (0.5, 0.3, 0.2), \quad q = (0.25, 0.3, 0.45)$$"
DISCRIMINATOR = r"$$L_D = -\ln D(x) - \ln(1 - D(g)), \quad D(x) = 0.8, \quad D(g) = 0.3$$"
CLASSES = r"$$p(x \mid A) = e^{-(x-5)^2}, \quad p(x \mid B) = e^{-(x-8)^2}, \quad x = 7$$"
VITERBI = r"$$d_1(A) = 0.2, \quad d_1(B) = 0.05, \quad d_2(A) = 4 d_1(A), \quad d_2(B) = \max(d_1(A), 7 d_1(B))$$"
STATES = r"$$V(s) = R(s) + c V(s'), \quad c = 0.9, \quad V(C) = 10, \quad R(A) = -1, \quad R(B) = 2$$"
TEMPERATURE = r"$$q_i(T) = \frac{e^{z_i / T}}{e^{z_1 / T} + e^{z_2 / T}}, \quad z_1 = 4, \quad z_2 = 0$$"
COMPONENTS = (
    r"$$g_k(x) = \frac{w_k p_k(x)}{w_1 p_1(x) + w_2 p_2(x)}, \quad p_k(x) = e^{-(x - m_k)^2}, \quad"
    r" w = (0.4, 0.6), \quad m = (0, 1)$$"
)
FEATURES = r"$$\phi(u) = (u_1^2, u_2^2, 1), \quad x = (1, 2), \quad z = (3, -1)$$"
MAP = r"$$\phi(x) = \left( x_1^2,\ x_2^2,\ \sqrt{2} x_1 x_2 \right)$$"
RATES = r"$p_k(t) = e^{t b_k}$ for $k = 1, \dots, n$."
NUMBERED = r"$$f_1(x) = x^2, \quad f_2(x) = x^3 a$$"
LINEAR = r"$$f(x) = W x, \quad W \in \mathbb{R}^{m \times n}, \quad x \in \mathbb{R}^n, \quad y \in \mathbb{R}^n$$"


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (THROUGH, "f(t) = t + 4 t^2", "proved"),
        (THROUGH, "f(t) = t + 2 t^2", "wrong"),
        (DATA, "h(3) = 9", "proved"),
        (DATA, "h(3) = 6", "wrong"),
        (DATA, r"\sum_i h(r_i) = 5", "proved"),
        (DATA + "\n\n$$h(3) = 9$$", r"\|r\|^2 = 5", "proved"),
        (KERNEL, "f(1) = 5", "proved"),
        (KERNEL, "f(1) = 4", "wrong"),
        (MIXTURE, r"p(0) = 0.3 \cdot 0.4 + 0.7 \cdot 0.1", "proved"),
        (MIXTURE, r"p(0) = 0.7 \cdot 0.4 + 0.3 \cdot 0.1", "wrong"),
        (LISTED, r"D^*(1) = \frac{2}{3}", "proved"),
        (LISTED, r"D^*(1) = \frac{1}{3}", "wrong"),
        (DISCRIMINATOR, r"L_D = -\ln 0.8 - \ln 0.7", "proved"),
        (DISCRIMINATOR, r"L_D = -\ln 0.8 - \ln 0.3", "wrong"),
        (CLASSES, r"p(x \mid B) = e^{-1}", "proved"),
        (CLASSES, r"p(x \mid A) = e^{-1}", "wrong"),
        (VITERBI, r"d_2(B) = 0.35", "proved"),
        (VITERBI, r"d_2(A) = 0.2", "wrong"),
        (STATES, r"V(B) = 2 + 0.9 \cdot 10", "undecided"),
        (TEMPERATURE, "q_1(2) = 0.881", "rounded"),
        (TEMPERATURE, "q_1(2) = 0.981", "wrong"),
        (COMPONENTS, r"g_1(0) = \frac{0.4}{0.4 + 0.6 e^{-1}}", "proved"),
        (FEATURES, r"\phi(x)^\top \phi(z) = 9 + 4 + 1", "proved"),
        (FEATURES, r"\phi(x) = (1, 2, 1)", "wrong"),
        (MAP, r"\phi(x)^\top \phi(z) = (x^\top z)^2", "proved"),
        (MAP, r"\phi(x)^\top \phi(z) = x_1^2 z_1^2 + x_2^2 z_2^2 + x_1 x_2 z_1 z_2", "wrong"),
        (LINEAR, "f(x) - f(y) = W (x - y)", "proved"),
        (RATES, "p_k'(t) = b_k p_k(t)", "proved"),
        (RATES, "p_k''(t) = b_k^2 p_k(t)", "proved"),
        (RATES, "p_k'(t) = p_k(t)", "wrong"),
        (RATES, "p_k'(0) = b_k", "proved"),
        (RATES, "p_k'(0) = 1", "wrong"),
        (RATES, "p_2'(t) = b_2 e^{t b_2}", "proved"),
        (NUMBERED, "f_2'(3) = 27 a", "proved"),
        (NUMBERED, "f_2'(3) = 9 a", "wrong"),
    ],
)
def test_a_function_at_a_point_is_what_its_rule_says_there(given: str, line: str, expected: str) -> None:
    assert verdicts(under(given), f"$${line}$$")[-1] == expected
