"""What givens say in words and in passing: moments, formulas without dollars, one step, labels, names for numbers."""

import pytest
from check.checking import under, verdicts

from symdl.read.spoken import spoken_moments

PLAIN = "X and Y are independent, E[X] = 2, E[Y] = -1, Var(X) = 4, Var(Y) = 9."
SAMPLE = (
    r"$x_1, \dots, x_n$ are i.i.d. with mean $\mu$ and variance $\sigma^2$."
    "\n\n"
    r"$$m = \frac{1}{n} \sum_{i=1}^n x_i$$"
)
LAYER = (
    r"$$z = \sum_{i=1}^n w_i x_i$$"
    "\n\n"
    r"The weights and the inputs are independent with mean 0; $\text{Var}(w_i) = v$ and $\text{Var}(x_i) = s$."
)
ENTROPY = (
    r"$$p(x) = \frac{1}{\sqrt{2 \pi \sigma^2}} e^{-\frac{(x - \mu)^2}{2 \sigma^2}}$$"
    "\n\n"
    r"$$\mathbb{E}[(x - \mu)^2] = \sigma^2, \quad \sigma > 0, \quad H = -\mathbb{E}[\ln p(x)]$$"
)
CELL = r"$$c_t = f_t c_{t-1} + i_t, \quad f_t = 0.9, \quad i_t = 0.2, \quad c_{t-1} = 1$$"
VELOCITY = r"$$v_{t+1} = \beta v_t - \eta g_t, \quad v_0 = 0, \quad g_t = g$$"
SMOOTHED = r"$$p_w = \frac{n_w + 1}{N}, \quad N = 8, \quad n_a = 3, \quad n_b = 0$$"
BANDIT = r"$$UCB_a = Q_a + c, \quad c = 2, \quad Q_1 = 0.6, \quad Q_2 = 0.4$$"
LAYERS = (
    r"$$z_i^{(l)} = \sum_{j=1}^{n} W_{ij}^{(l)} a_j^{(l-1)}, \quad l = 1, \dots, L$$"
    "\n\n"
    r"$$a_i^{(l)} = \sigma(z_i^{(l)}), \quad \sigma(u) = \frac{1}{1 + e^{-u}}, \quad"
    r" J = \frac{1}{2} \sum_{i=1}^{n} (a_i^{(L)} - y_i)^2$$"
    "\n\n"
    r"$$\delta_i^{(l)} = \frac{\partial J}{\partial z_i^{(l)}}$$"
)
CONVOLVED = r"$$Y_r = \sum_{i=0}^1 W_i X_{r+i}, \quad W = (2, 3), \quad X = (1, 2, 3, 5)$$"
MIXTURE = (
    r"$$L = -\ln \sum_{k=1}^{K} \pi_k \phi_k, \quad"
    r" \phi_k = \frac{1}{\sqrt{2 \pi} s_k} e^{-\frac{(y - m_k)^2}{2 s_k^2}}$$"
)
POLICY = r"$$\pi(a) = \frac{1}{\sqrt{2 \pi} s} e^{-\frac{(a - m)^2}{2 s^2}}$$"
SHARES = r"$$s(z)_k = \frac{e^{z_k}}{\sum_{j=1}^3 e^{z_j}}, \quad z = (2, 1, 0)$$"
GAUSSIAN = r"$$\mu_{a|b} = \mu_a + s (b - \mu_b), \quad \mu_a = 1, \quad \mu_b = 2, \quad s = 2, \quad b = 6$$"
DIVERGENCE = r"$$P = (0.5, 0.5), \quad Q = (0.2, 0.8), \quad D = \sum P \log(P/Q)$$"
SPREAD = "\\Sigma is positive definite.\n\n" r"$$f(x) = x^T \Sigma x$$"
LINE = r"$$y = 2x + 1$$"
TRUTH = r"\text{loss}(p) = -\ln p for the positive class"
JACOBIAN = r"$$p_i = \frac{e^{z_i}}{\sum_{j=1}^K e^{z_j}}$$"
STEP = r"$$w = (1, -1), \quad \nabla L(w) = (4, 0.5), \quad \eta = 0.1$$"
START = r"$$f(w) = 4 w_1^2 + w_2^2, \quad w^{(0)} = (1, 2)$$"
FROM_ZERO = (
    r"$$y_i = \sum_{j=0}^{2} w_j x_{i+j}, \quad i = 0, 1, 2$$"
    "\n\nx = (1, 2, 0, -1, 3) and $w = (2, 0, 1)$ are numbered from 0."
)
SHARE = r"$$V = \pi a + (1 - \pi) b + 2 \pi (1 - \pi) m$$"
EXPONENTIAL = r"$$p(x) = h(x) e^{\eta T(x) - A(\eta)}, \quad \ell(\eta) = \sum_{i=1}^{n} \ln p(x_i)$$"
ERRORS = r"$$e_n = t_n - y_n, \quad y_n = \frac{1}{1 + e^{-a_n}}$$"
PAIRS = r"$$r_{ij} = q_{ij} + 1, \quad q_{ij} = d_{ij}^2 / 4, \quad d_{12} = 1, \quad d_{13} = 3$$"
SPIN = r"$$Z = \sum_{s \in \{-1, 1\}} e^{h s}$$"
FLOW = r"$$y_2 = x_2 e^{s(x_1)} + t(x_1)$$"
PRODUCT = r"$$(f * g)(n) = \sum_k f(k) g(n - k)$$"
FORWARD = r"$$a_1(i) = \pi_i b_i(o_1), \quad a_{t+1}(j) = b_j(o_{t+1}) \sum_{i=1}^2 a_t(i) q_{ij}$$"


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (PLAIN, r"E[X + Y] = 1", "proved"),
        (PLAIN, r"\text{Var}(2X + 1) = 16", "proved"),
        (PLAIN, r"\text{Var}(2X + 1) = 9", "wrong"),
        (SAMPLE, r"\text{Var}(m) = \frac{\sigma^2}{n}", "proved"),
        (SAMPLE, r"\text{Var}(m) = \frac{\sigma^2}{n^2}", "wrong"),
        (LAYER, r"\text{Var}(z) = n v s", "proved"),
        (ENTROPY, r"H = \frac{1}{2} \ln(2 \pi \sigma^2) + \frac{1}{2}", "proved"),
        (CELL, r"c_t = 1.1", "proved"),
        (CELL, r"c_t = 1.2", "wrong"),
        (CELL, r"\frac{\partial c_t}{\partial c_{t-1}} = f_t", "proved"),
        (VELOCITY, r"v_2 = -\eta g (1 + \beta)", "proved"),
        (VELOCITY, r"v_2 = -\eta g (1 - \beta)", "wrong"),
        (SMOOTHED, r"p_a = \frac{4}{8}", "proved"),
        (SMOOTHED, r"p_a = \frac{3}{8}", "wrong"),
        (BANDIT, r"UCB_2 = 2.4", "proved"),
        (BANDIT, r"UCB_2 = 1.4", "wrong"),
        (LAYERS, r"\delta_i^{(L)} = (a_i^{(L)} - y_i) a_i^{(L)} (1 - a_i^{(L)})", "proved"),
        (LAYERS, r"\delta_i^{(L)} = (a_i^{(L)} - y_i) (1 - a_i^{(L)})", "wrong"),
        (CONVOLVED, r"Y_0 = 8", "proved"),
        (CONVOLVED, r"Y_0 = 13", "wrong"),
        (MIXTURE, r"\frac{\partial \phi_k}{\partial m_k} = \phi_k \frac{y - m_k}{s_k^2}", "proved"),
        (MIXTURE, r"\frac{\partial \phi_k}{\partial m_k} = \phi_k \frac{y - m_k}{s_k}", "wrong"),
        (POLICY, r"\frac{\partial \ln \pi(a)}{\partial s} = \frac{(a - m)^2}{s^3} - \frac{1}{s}", "proved"),
        (SHARES, r"s(z)_1 = 0.665", "rounded"),
        (SHARES, r"s(z)_2 = 0.665", "wrong"),
        (GAUSSIAN, r"\mu_{a|b} = 9", "proved"),
        (GAUSSIAN, r"\mu_{a|b} = 8", "wrong"),
        (r"$$y_* = 3 x_* + 1, \quad x_* = 2$$", r"y_* = 7", "proved"),
        (DIVERGENCE, r"D = 0.223", "rounded"),
        (SPREAD, r"\nabla f = 2 \Sigma x", "proved"),
        (SPREAD, r"\nabla f = \Sigma x", "wrong"),
        (TRUTH, r"\text{loss}(0.5) = 0.693", "rounded"),
        (TRUTH, r"\text{loss}(0.01) = 2", "wrong"),
        (JACOBIAN, r"\frac{\partial p_i}{\partial z_j} = p_i [i = j] - p_i p_j", "proved"),
        (JACOBIAN, r"\frac{\partial p_i}{\partial z_j} = p_i [i = j] + p_i p_j", "wrong"),
        ("$$H(p, q) = 0.3$$", "H(p, q)^2 = 0.09", "proved"),
        ("$$H(p, q) = 0.3$$", "H(p, q)^2 = 0.3", "wrong"),
        (PRODUCT, r"(f * g)(0) = 3", "unreadable"),
        (FORWARD, r"a_1(2) = 0.04", "undecided"),
        (STEP, r"w - \eta \nabla L(w) = (0.6, -1.05)", "proved"),
        (STEP, r"w - \eta \nabla L(w) = (0.6, -1.15)", "wrong"),
        (START, r"\nabla f(w^{(0)}) = (8, 4)", "proved"),
        (START, r"\nabla f(w^{(0)}) = (8, 2)", "wrong"),
        (FROM_ZERO, r"y_1 = 4 + 0 - 1", "proved"),
        (SHARE, r"V = \pi a + (1 - \pi) b + 2 \pi m - 2 \pi^2 m", "proved"),
        (EXPONENTIAL, r"\ell'(\eta) = \sum_{i=1}^n T(x_i) - n A'(\eta)", "proved"),
        (EXPONENTIAL, r"\ell'(\eta) = \sum_{i=1}^n T(x_i) + n A'(\eta)", "wrong"),
        (EXPONENTIAL, r"\ell(\eta) = \eta \sum_{i=1}^n T(x_i) - n A(\eta) + \sum_{i=1}^n \ln h(x_i)", "proved"),
        (ERRORS, r"\frac{\partial y_n}{\partial a_n} = y_n (1 - y_n)", "proved"),
        (ERRORS, r"\frac{\partial y_n}{\partial a_n} = y_n (1 + y_n)", "wrong"),
        (PAIRS, r"q_{13} = 9/4", "proved"),
        (PAIRS, r"r_{13} = 13/4", "proved"),
        (PAIRS, r"r_{13} = 9/4", "wrong"),
        (PAIRS, r"r_{14} = 9/4", "given"),
        (SPIN, r"Z = e^h + e^{-h}", "proved"),
        (SPIN, r"Z = e^h - e^{-h}", "wrong"),
        (FLOW, r"\frac{\partial y_2}{\partial x_2} = e^{s(x_1)}", "proved"),
        ("$$q = 1$$", r"2^-3 = \frac{1}{8}", "proved"),
        ("$$q = 1$$", r"2^-3 = \frac{1}{6}", "wrong"),
        ("$$q = 1$$", r"(224 + 6 - 7)/2 + 1 = 112 (floor)", "proved"),
        ("$$q = 1$$", r"(224 + 6 - 7)/2 + 1 = 114 (rounded down)", "wrong"),
        ("$$q = 1$$", r"2 \cdot 3 = 6 [2 marks]", "proved"),
        ("$$q = 1$$", r"2 \cdot 3 = 7 (2 marks)", "wrong"),
    ],
)
def test_a_line_under_givens_in_words_is_judged_for_what_they_say(given: str, line: str, expected: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [expected]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("$$out 2 = 5 - 8 = -3$$", ["given", "proved"]),
        ("$$node 4 = 6 + 2 = 9$$", ["given", "wrong"]),
        ("time for epoch 2 to 5 = 4 * 30 = 120", ["proved"]),
    ],
)
def test_a_number_behind_a_word_belongs_to_the_word(line: str, expected: list[str]) -> None:
    assert verdicts(under("$$q = 1$$"), line) == expected


@pytest.mark.parametrize(("value", "expected"), [("1", "proved"), ("2", "wrong")])
def test_what_a_setting_gives_is_claimed_beside_it(value: str, expected: str) -> None:
    assert verdicts(under(LINE), f"$$x = 0 gives y = {value}$$")[-1] == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"$x$ has mean 2 and variance $s^2$.", [r"\mathbb{E}[x] = 2", r"\mathrm{Var}(x) = s^2"]),
        (r"The $x_i$ and $y_i$ have zero mean.", [r"\mathbb{E}[x_i] = 0", r"\mathbb{E}[y_i] = 0"]),
        (r"We add zero-mean noise $\epsilon$ to $y$.", [r"\mathbb{E}[\epsilon] = 0"]),
        (r"$w_i$ have mean zero and $x_i$ have mean $m$.", [r"\mathbb{E}[w_i] = 0", r"\mathbb{E}[x_i] = m"]),
        (r"$x_1, \dots, x_n$ have unit variance.", [r"\mathrm{Var}(x_i) = 1"]),
        (r"$x$ does not have zero mean.", []),
        (r"The sample mean $\bar{x}$ is the mean of $x_1, \dots, x_n$.", []),
    ],
)
def test_words_state_the_moments_of_the_names_before_them(text: str, said: list[str]) -> None:
    assert sorted(equation for _, equation in spoken_moments(text)) == sorted(said)
