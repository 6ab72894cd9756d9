"""What answer keys write: moments, limits, greatest values, sets below sums, labels, rows, words between lines."""

import pytest
from check.checking import under, verdicts
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer

from symdl.judge import decide
from symdl.language import Sigma, family, index, scalar
from symdl.problem import Givens, Range
from symdl.read.moments import Moments

SAMPLE = (
    r"$$\mathbb{E}[x_i] = \mu, \quad \mathrm{Var}(x_i) = s, \quad m = \frac{1}{n} \sum_{i=1}^n x_i$$"
    "\n\nThe $x_i$ are independent."
)
LINKED = r"$$\mathbb{E}[x_i] = \mu, \quad \mathrm{Var}(x_i) = s, \quad m = \frac{1}{n} \sum_{i=1}^n x_i$$"
AVERAGE = r"$$m_t = \beta m_{t-1} + (1 - \beta) g_t, \quad m_0 = 0, \quad \mathbb{E}[g_t] = g$$"
DRAWN = r"$$x = \mu + \sigma \epsilon, \quad \epsilon \sim \mathcal{N}(0, 1)$$"
PAIR = "$$E[X] = 2, E[Y] = 3$$"
ENERGY = r"$$E[w] = \frac{1}{2} (w x - t)^2$$"
QUADRATIC = r"$$f(x) = x^2 - 4 x + 7$$"
FACTOR = r"$$0 < g < 1$$"
CUBE = r"$$f(x) = (1 + x)^3, \quad N \in \mathbb{N}$$"
DENSITY = r"$$p(x) = \frac{1}{\sqrt{2 \pi \sigma^2}} e^{-x^2 / (2 \sigma^2)}, \quad \sigma > 0$$"
CHANCES = r"$$p = (0.5, 0.25, 0.25)$$"
LISTED = r"$$S = \{1, 3\}, \quad x = (2, 5, 7), \quad y = (1, 0, 1)$$"
OUTPUT = r"$$W = \begin{bmatrix} 1 & -1 \end{bmatrix}, \quad h = \begin{bmatrix} 3 \\ 3 \end{bmatrix}, \quad s = W h$$"
CONVOLUTION = r"$$O_{ij} = \sum_{a=1}^2 A_{i+a-1,j}, \quad A = \begin{bmatrix} 1 & 2 \\ 3 & 4 \\ 0 & 1 \end{bmatrix}$$"
DIFFUSION = (
    r"$$\bar{a}_t = \prod_{s=1}^t a_s, \quad b_t = 1 - a_t$$"
    "\n\n"
    r"$$g_t = \frac{a_t}{b_t} + \frac{1}{1 - \bar{a}_{t-1}}$$"
)
RETURN = r"$$G_t^{(n)} = \sum_{k=0}^{n-1} c^k r_{t+k} + c^n V_{t+n}, \quad d_t = r_t + c V_{t+1} - V_t$$"
TREND = r"$$b = \frac{1}{k} \sum_{i=1}^{k} f_i, \quad f_i = f + c i$$"
KERNEL = (
    r"$$f(x) = \sum_{n=1}^N a_n k(x, x_n), \quad k(x, z) = \exp(-\frac{1}{2} \|x - z\|^2)$$"
    "\n\n"
    r"$$x, x_n \in \mathbb{R}^d$$"
)
PENALTY = r"$$J(W) = \frac{1}{4} \| W^\top W - I \|_F^2, \quad W \in \mathbb{R}^{n \times k}$$"
BOLD = (
    r"$$\mathbf{p} = \operatorname{softmax}(\mathbf{z}), \quad L = -\sum_k y_k \log p_k$$"
    "\n\n"
    r"The label $\mathbf{y}$ satisfies $\sum_{k=1}^{K} y_k = 1$."
)


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (SAMPLE, r"\mathbb{E}[m] = \mu", "proved"),
        (SAMPLE, r"\mathbb{E}[m] = n \mu", "wrong"),
        (SAMPLE, r"\mathrm{Var}(m) = \frac{s}{n}", "proved"),
        (SAMPLE, r"\mathrm{Var}(m) = \frac{s}{n^2} + \mu", "wrong"),
        (LINKED, r"\mathrm{Var}(m) = \frac{s}{n}", "undecided"),
        (AVERAGE, r"\mathbb{E}[m_t] = \beta \mathbb{E}[m_{t-1}] + (1 - \beta) g", "proved"),
        (AVERAGE, r"\mathbb{E}[m_1] = \beta g", "wrong"),
        (DRAWN, r"\mathrm{Var}(x) = \sigma^2", "proved"),
        (DRAWN, r"\mathrm{Var}(x) = \sigma", "wrong"),
        (PAIR, "E[X + Y] = 5", "proved"),
        (PAIR, "E[X Y] = 6", "undecided"),
        (ENERGY, r"\frac{\partial E}{\partial w} = (w x - t) x", "proved"),
        (QUADRATIC, r"\min_x f(x) = 3", "proved"),
        (QUADRATIC, r"\min_x x^2 - 4 x + 7 = 4", "wrong"),
        (QUADRATIC, r"\arg\min_x f(x) = 2", "proved"),
        (QUADRATIC, r"\underset{x \geq 3}{\min} f(x) = 4", "proved"),
        ("", r"\lim_{x \to 0^+} \ln x = -\infty", "proved"),
        ("", r"\infty - \infty = 0", "unreadable"),
        (DENSITY, r"\int_{-\infty}^{\infty} x^2 p(x) \, dx = \sigma^2", "proved"),
        (DENSITY, r"\int_{\mathbb{R}} x^2 p(x) \, \mathrm{d}x = \sigma", "wrong"),
        (DENSITY, r"\int_0^1 \int_0^x y \, dy \, dx = \frac{1}{6}", "proved"),
        (DENSITY, r"\int_0^1 2 x + 1 dx = 3", "wrong"),
        (DENSITY, r"\int_0^1 q(x) \, dx = 3", "undecided"),
        (DENSITY, r"\int p(x) \, dx = 1", "proved"),
        (DENSITY, r"\int q(x) \, dx = 1", "unreadable"),
        ("", r"0 \cdot \infty = 0", "unreadable"),
        ("", r"0 \log 0 = 0", "proved"),
        (CUBE, r"f(x) = \sum_{k=0}^{3} \binom{3}{k} x^k", "proved"),
        (CUBE, r"f(x) = \sum_{k=0}^{3} \binom{4}{k} x^k", "wrong"),
        (
            CUBE,
            r"\sum_{k=0}^{N} \frac{N - k}{N} \binom{N}{k} = \sum_{k=0}^{N} \frac{N - k}{N} \frac{N!}{k! (N - k)!}",
            "proved",
        ),
        (FACTOR, r"\sum_{k=0}^{\infty} g^k = \frac{1}{1 - g}", "proved"),
        (CHANCES, r"-\sum_{x \in X} p(x) \log_2 p(x) = 1.5", "proved"),
        (LISTED, r"\sum_{i \in S} x_i = 9", "proved"),
        (LISTED, r"\sum_{i \in S} x_i = 7", "wrong"),
        (LISTED, r"\sum_{i : y_i = 1} x_i = 9", "proved"),
        (LISTED, r"\sum_{i : y_i = 0} x_i = 9", "wrong"),
        (OUTPUT, "s = 0", "proved"),
        (OUTPUT, "s = 6", "wrong"),
        (CONVOLUTION, r"O = \begin{bmatrix} 4 & 6 \\ 3 & 5 \end{bmatrix}", "proved"),
        (CONVOLUTION, r"O = \begin{bmatrix} 4 & 6 \\ 3 & 6 \end{bmatrix}", "wrong"),
        (DIFFUSION, r"g_t = \frac{1 - \bar{a}_t}{b_t (1 - \bar{a}_{t-1})}", "proved"),
        (DIFFUSION, r"g_t = \frac{1 + \bar{a}_t}{b_t (1 - \bar{a}_{t-1})}", "wrong"),
        (RETURN, r"G_t^{(2)} - V_t = d_t + c d_{t+1}", "proved"),
        (RETURN, r"G_t^{(2)} - V_t = d_t + d_{t+1}", "wrong"),
        (TREND, r"b = f + \frac{c (k + 1)}{2}", "proved"),
        (TREND, r"b = f + \frac{c k}{2}", "wrong"),
        (KERNEL, r"\nabla f(x) = \sum_n a_n (x_n - x) k(x, x_n)", "proved"),
        (PENALTY, r"\frac{\partial J}{\partial W} = W (W^\top W - I)", "proved"),
        (BOLD, r"\frac{\partial L}{\partial \mathbf{z}} = \mathbf{p} - \mathbf{y}", "proved"),
        (BOLD, r"\frac{\partial L}{\partial \mathbf{z}} = \mathbf{p} + \mathbf{y}", "wrong"),
        (r"$$CE(p) = -\ln p$$", "CE(0.1) = 2.303", "rounded"),
        ("", "ln 2 = 0.693, ln 3 = 1.099", "rounded rounded"),
        ("", "sqrt(2) = 1.5", "wrong"),
        ("", r"\frac{1}{2} + \frac{1}{2} = 1 bit.", "proved"),
        ("", "Total 78500 + 5050 + 510 = 84050", "wrong"),
        ("", r"( 5 \cdot 5 \cdot 3 + 1 ) \cdot 1 6 = 1 2 1 6", "proved"),
        ("", r"\begin{aligned} 1 + 1 &= 2 \intertext{and then} 2 + 2 &= 5 \end{aligned}", "proved wrong"),
    ],
)
def test_a_line_of_a_key_is_judged_for_what_it_says(given: str, line: str, expected: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == expected.split()


def test_two_settings_in_a_row_are_lines_and_no_cases() -> None:
    assert len(verdicts(under("$$v = a b$$"), "$$a = 0.8$$\n\n$$a = 1.25$$")) == 2


def test_a_moment_is_stated_and_not_defined() -> None:
    assert "given" not in verdicts(under(PAIR), r"$$E[X^2] = 7$$")


@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(1, 4))
@settings(deadline=None)
def test_the_variance_of_a_sum_of_independent_members_takes_the_square_of_the_factor(a: int, b: int, n: int) -> None:
    i, moments = index("i"), Moments(frozenset({"x"}), apart=True)
    total = Sigma.over(i, Integer(1), Integer(n), a * family("x", i)) + b
    expected = Sigma.over(i, Integer(1), Integer(n), a**2 * family(r"\mathrm{Var}(x)", i))
    found = moments.covariance(total, total)
    families = {scalar(name): (Range(Integer(1), Integer(n)),) for name in (r"\mathrm{Var}(x)", r"\mathbb{E}[x]")}
    assert decide(found, expected, Givens(families=families), {}).answer == "proved"


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (QUADRATIC, "f'(x) = 2x - 4 = 0 at x = 2", "proved proved"),
        (QUADRATIC, "f'(x) = 2x - 4 = 1 at x = 2", "proved wrong"),
        (QUADRATIC, "f'(x) = 0 for x = 2", "proved"),
        (QUADRATIC, "f'(x) = 0 if x = 3", "wrong"),
        (QUADRATIC, "f(x) = 3 so f(x) - 3 = 0", "undecided undecided"),
        ("$$n = 7$$", "7 \\cdot 64 = 448 für das LSTM", "proved"),
        ("$$x^2 - 3 x + 2 = 0$$", "x = 1 or x = 2", "proved"),
        ("$$y = 1, o = 0.6$$", "delta_o = o - y = -0.4", "given proved"),
        ("$$v = u + a t, u = 1, a = 2, t = 3$$", "v = u + at", "proved"),
    ],
)
def test_plain_words_between_formulas_are_words(given: str, line: str, expected: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == expected.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"$$3 f(x) \propto x^2 - 4 x + 7$$", ["undecided"]),
        (r"$$3 f(x) \propto f(x) = x^2 - 4 x + 7$$", ["undecided", "proved"]),
        (r"So $f(x) \propto x^2$ holds.", ["undecided"]),
        (r"$$f(x) = x^2 - 4 x + 7 \propto x^2$$", ["proved", "undecided"]),
        (r"Hence $f(x) \leqslant 2$ holds.", ["wrong"]),
        (r"Hence $f(x) \geqslant 3$ holds.", ["proved"]),
        (r"Hence f(2) \geqslant 4 holds.", ["wrong"]),
    ],
)
def test_no_sign_of_a_relation_is_passed_over(line: str, expected: list[str]) -> None:
    assert verdicts(under(QUADRATIC), line) == expected


SCALED = r"$s > 0$; $\epsilon$ is a random variable with variance 1; $k$ is a constant."


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"\log \frac{1}{\sqrt{s}} \exp\left(-\frac{z^2}{s}\right) = -\frac{1}{2}\log s - \frac{z^2}{s}", "proved"),
        (r"\log \frac{1}{\sqrt{s}} \exp\left(-\frac{z^2}{s}\right) = -\frac{1}{2}\log s + \frac{z^2}{s}", "wrong"),
        (r"\frac{d}{ds} \log s \exp(-s) = \frac{1}{s} \exp(-s) - \log s \exp(-s)", "proved"),
        (r"\mathbb{V}ar[k \epsilon] = k^2 \mathbb{V}ar[\epsilon]", "proved"),
        (r"\mathbb{V}\mathrm{ar}[k \epsilon] = k", "wrong"),
        (r"2^2 = \mathbf{4.0}", "proved"),
        (r"-2^2 = \boldsymbol{-4.1}", "wrong"),
        (r"\mathbf{x_1} + \mathbf{x}_1 = 2 \mathbf{x_1}", "proved"),
        (r"\Pr(A) - \mathrm{Pr}(A) = 0", "proved"),
    ],
)  # fmt: skip
def test_what_printed_keys_write_is_read(line: str, expected: str) -> None:
    assert verdicts(under(SCALED), f"$${line}$$") == [expected]


def test_a_bar_over_a_name_of_a_layer_is_over_the_name() -> None:
    given = r"$$y = W^{(2)} h, E = \frac{1}{2}\|y - t\|^2, \overline{W^{(2)}} = \frac{\partial E}{\partial W^{(2)}}$$"
    assert verdicts(under(given), r"$$\overline{W^{(2)}} = (y - t) h^\top$$") == ["proved"]
    assert verdicts(under(given), r"$$\overline{W^{(2)}} = (t - y) h^\top$$") == ["wrong"]


STEPPED = "$R(h) = (h - 3)^2$, $h_2 = 1$, $h_3 = h_2 - s R'(h_2)$"
FITTED = r"$$J(w) = \frac{1}{2} \|X w - y\|^2, w_{t+1} = w_t - s \frac{\partial J(w_t)}{\partial w}$$"


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (STEPPED, r"\frac{dR(h_2)}{dh} = -4", "proved"),
        (STEPPED, r"\frac{dR(h_2)}{dh} = -2", "wrong"),
        (STEPPED, r"\frac{dR}{dh}(h_2) = -4", "proved"),
        (STEPPED, r"\frac{dR}{dh}(h_2) = 4", "wrong"),
        (r"$f(x, y) = x^2 y$, $x_0 = 1$, $y_0 = 2$", r"\frac{\partial f(x_0, y_0)}{\partial x} = 4", "proved"),
        (r"$f(x, y) = x^2 y$, $x_0 = 1$, $y_0 = 2$", r"\frac{\partial f(x_0, y_0)}{\partial y} = 2", "wrong"),
        (FITTED, r"w_{t+1} = w_t - s X^\top (X w_t - y)", "proved"),
        (FITTED, r"w_{t+1} = w_t + s X^\top (X w_t - y)", "wrong"),
    ],
)
def test_a_derivative_of_what_is_taken_at_a_member_is_its_value_there(given: str, line: str, expected: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [expected]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"d_+ - d_- = 1", "proved"),
        (r"d_{+} - d_- = 2", "wrong"),
        (r"\frac{4}{{8 \choose 2}} = \frac{1}{7}", "proved"),
        (r"\frac{4}{{8 \choose 2}} = \frac{1}{14}", "wrong"),
    ],
)
def test_a_sign_below_a_name_is_a_label_and_choose_a_binomial(line: str, expected: str) -> None:
    assert verdicts(under("$$d_+ = 3$$\n\n$$d_- = 2$$"), f"$${line}$$") == [expected]
