"""What a refutation rests on is an instance that a reader would accept, and what words demand of a line."""

import pytest
from check.checking import lines

MEAN = r"$$S = \sum_{i=1}^{n} (x_i - m)^2$$"
STEP = r"$$x_{k+1} = x_k - \eta g_k$$" "\n\n" r"$$g_k = a x_k + \xi_k$$" "\n\n" r"$$\mathbb{E}[\xi_k] = 0$$"
CELL = r"$$c_t = f_t c_{t-1} + z, \quad f_t = \sigma(u x_t)$$"
FLOW = r"$$y = x_2 e^{s(x_1)} + t(x_1)$$"
MOTION = r"$$u = -g v - k, \quad E = v u + k v$$"
DESCENT = r"$$f(x, y) = x^2 + 2y^2 - 2x, \quad x_0 = 3, y_0 = 1, \eta = 0.25$$"
PAIR = r"$$s_i = w x_i, \quad o = s_i - s_j, \quad P = \frac{1}{1 + e^{-o}}$$"
SHARES = r"$$B > 0, \quad g > 0, \quad \sum_{a=1}^{A} \pi_a(\theta) = 1$$"
SHIFTED = (
    r"$$z = \rho y + u$$"
    "\n\n"
    r"$u$ has mean $0$ and variance $s^2$ and is independent of $y$."
    "\n\n## Proof\n\n"
    r"$$\operatorname{Var}(z) = \operatorname{Var}(y) = V$$"
)
ONE_STEP = r"$$c_t = f c_{t-1} + a, \quad h_t = o \tanh(c_t)$$" "\n\n" r"$$\delta = \frac{\partial L}{\partial h_t}$$"
WIDTH = r"$$y = w^\top x, \quad L = y^2/2, \quad w \in \mathbb{R}^d, x \in \mathbb{R}^d$$"


@pytest.mark.parametrize(
    ("given", "proof", "last"),
    [
        pytest.param(
            r"$$\ln \sigma^2 = -1.386, \quad z = \mu + \sigma \epsilon, \quad \mu = 1, \quad \epsilon = 2$$",
            "$$z = 2$$", {"undecided"}, id="within the rounding of what is given",
        ),
        pytest.param(
            r"$$g(x) = x \Phi(x), \quad \Phi'(x) = \phi(x), \quad \phi(x) = e^{-x^2}$$",
            r"$$g'(x) = \Phi(x) + x \phi(x)$$", {"undecided", "proved"}, id="a function with a given derivative",
        ),
        pytest.param(
            SHARES, r"$$g - B \frac{\partial}{\partial \theta} \sum_{a=1}^{A} \pi_a(\theta) = g$$",
            {"undecided", "proved"}, id="a function of which something is given everywhere",
        ),
        pytest.param(
            SHIFTED, r"$$V = \rho^2 V + s^2$$", {"undecided", "proved"}, id="what an open equation says of moments",
        ),
        pytest.param(
            ONE_STEP, r"$$\frac{\partial L}{\partial a} = \delta o (1 - \tanh^2(c_t))$$", {"undecided", "proved"},
            id="one step of a state",
        ),
        pytest.param(PAIR, r"$$\frac{\partial o}{\partial s_i} = 1$$", {"undecided", "proved"}, id="two members"),
        pytest.param(PAIR, r"$$\frac{\partial o}{\partial s_i} = -1$$", {"wrong"}, id="wrong of any two members"),
        pytest.param(STEP, r"$$\mathbb{E}[g_k] = a x_k$$", {"undecided"}, id="the state before is known"),
        pytest.param(STEP + "\n\n$x_k$ is a constant.", r"$$\mathbb{E}[g_k] = a x_k$$", {"proved"}, id="as is said"),
        pytest.param(STEP, r"$$\mathbb{E}[g_k] = x_k$$", {"wrong"}, id="no moment of what is known"),
        pytest.param(
            CELL, r"$$\frac{\partial c_t}{\partial u} = c_{t-1} f_t (1 - f_t) x_t$$", {"undecided"}, id="one step",
        ),
        pytest.param(CELL, r"$$\frac{\partial c_t}{\partial u} = c_{t-1} f_t x_t$$", {"wrong"}, id="wrong in a step"),
        pytest.param(
            r"$$o_t = \sum_{s=1}^{t} a_{ts} v_s$$", r"$$\frac{\partial o_t}{\partial v_s} = a_{ts}$$", {"proved"},
            id="a member within the sum",
        ),
        pytest.param(
            r"$$P_k = \sigma(\theta_k - s), \quad p_k = P_k - P_{k-1}$$",
            r"$$\frac{\partial P_k}{\partial s} = -P_k (1 - P_k)$$", {"proved"}, id="where its rule holds",
        ),
        pytest.param(FLOW, r"$$\frac{\partial y}{\partial x_1} = x_2 e^{s(x_1)} + t'(x_1)$$", {"wrong"}, id="lost s'"),
        pytest.param(
            "$$z = a z + x, \\quad 0 < a < 1$$", r"$$\frac{dz}{dx} = a \frac{dz}{dx}$$", {"undecided"},
            id="nothing follows from an implicit quantity",
        ),
        pytest.param(MOTION, "Using the equation,\n\n$$E = g v^2$$", {"wrong"}, id="a noun demands nothing"),
        pytest.param(MOTION, "Using the equation,\n\n$$E = -g v^2$$", {"proved"}, id="and proves as well"),
        pytest.param(DESCENT, r"$$x_1 = 3 + 0.25 \cdot 4$$", {"undecided"}, id="a step by no rule that is known"),
        pytest.param(DESCENT, r"$$x_1 = 3 - 0.25 \cdot 4$$", {"proved"}, id="a step downhill"),
        pytest.param(WIDTH, r"$$\nabla_w L = y$$", {"wrong"}, id="a number for a vector"),
        pytest.param(
            r"$$\hat{y} = w x + b, \quad L = \frac13 \sum_i (\hat{y}_i - y_i)^2, \quad x = (1, 2, 3), y = (2, 3, 5)$$",
            r"$$\frac{\partial L}{\partial b} = \frac23 \sum_i (\hat{y}_i - y_i)$$", {"unreadable", "proved"},
            id="a shape that is only guessed",
        ),
    ],
)  # fmt: skip
def test_a_line_is_refuted_at_what_the_document_may_mean(given: str, proof: str, last: set[str]) -> None:
    assert lines(given, proof)[-1].verdict in last


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(r"\frac{2 x + 1}{2}", "proved"), ("2 x + 1", "wrong")],
    ids=["where it is least", "elsewhere"],
)
def test_what_words_call_the_best_is_where_the_line_before_is_extreme(value: str, verdict: str) -> None:
    shown = "$$f(x - t) = f(x) - t (2 x + 1) + t^2$$"
    proof = f"{shown}\n\nand the best $t$ is\n\n$$t = {value}$$"
    assert lines("$$f(x) = x^2 + x$$", proof)[-1].verdict == verdict


def test_where_a_sentence_says_that_the_minimum_lies_is_a_claim() -> None:
    right, wrong = (
        lines("$$f(x) = x^2 - 4 x$$", f"$$f'(x) = 2 x - 4$$\n\nThe minimum is at $x^* = {place}$.") for place in (2, 3)
    )
    assert {line.verdict for line in right} <= {"proved", "given"}
    assert wrong[-1].verdict in ("undecided", "wrong")


NUMBERS = r"$$x = 0.5, \quad w = 0.8, \quad b = 0.25, \quad z = w x + b, \quad a = \tanh(z)$$"


@pytest.mark.parametrize(
    ("line", "slip"),
    [
        (r"z = 0.8 \cdot 0.5 - 0.25", "the sign of $0.25$"),
        (r"z = 0.8 \cdot 0.5", "the term $b$, left out"),
        (r"\frac{\partial (z^2)}{\partial x} = 2 \cdot 0.65", "the factor $w$, left out"),
        (r"\frac{\partial a}{\partial z} = 1 - 0.5717", "a square of $0.5717$ that was lost"),
    ],
)
def test_the_slip_in_a_formula_of_numbers_is_named(line: str, slip: str) -> None:
    [found] = lines(NUMBERS, f"$${line}$$")
    assert found.verdict == "wrong"
    assert found.reason.endswith(slip)


NORMAL = r"$$\ell(\mu, v) = -\frac{n}{2} \log v - \frac{1}{2 v} \sum_{i=1}^{n} (x_i - \mu)^2, \quad v > 0$$"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\frac{\partial \ell}{\partial \mu} = \frac{1}{v} \sum_{i=1}^{n} (x_i - \mu)", "proved"),
        (r"\frac{\partial \ell}{\partial \mu} = -\frac{1}{v} \sum_{i=1}^{n} (x_i - \mu)", "wrong"),
        (r"\frac{\partial \ell}{\partial \mu} = \frac{1}{n} \sum_{i=1}^{n} (x_i - \mu)", "wrong"),
    ],
)
def test_what_divides_a_sum_of_which_the_end_is_written_is_no_number_of_members(line: str, verdict: str) -> None:
    assert [found.verdict for found in lines(NORMAL, f"$${line}$$")] == [verdict]


@pytest.mark.parametrize(
    ("given", "right", "wrong"),
    [
        (r"$$p(x_i) = \frac{q^{x_i} e^{-q}}{x_i!}, \quad S = \sum_{i=1}^n x_i$$", r"S \ge 0", r"S < -1"),
        (r"$$L = \binom{n}{k} q^k (1 - q)^{n - k}$$", "k + 1 > 0", "k + 1 < 0"),
    ],
)  # fmt: skip
def test_what_is_counted_is_not_negative(given: str, right: str, wrong: str) -> None:
    assert [lines(given, f"$${line}$$")[0].verdict for line in (right, wrong)] == ["proved", "wrong"]


def test_a_distribution_without_its_density_refutes_nothing() -> None:
    given = r"$q(z) = \mathcal{N}(\mu, \sigma^2)$, $p(z) = \mathcal{D}(0, 1)$"
    assert lines(given, r"$$\log p(z) = -\frac{1}{2}\log(2\pi) - \frac{z^2}{2}$$")[0].verdict == "undecided"


@pytest.mark.parametrize(("half", "verdict"), [("2", "proved"), ("3", "wrong")])
def test_a_normal_distribution_has_a_density(half: str, verdict: str) -> None:
    given = r"$q(z) = \mathcal{N}(\mu, \sigma^2)$, $p(z) = \mathcal{N}(0, 1)$"
    assert lines(given, rf"$$\log p(z) = -\frac{{1}}{{2}}\log(2\pi) - \frac{{z^2}}{{{half}}}$$")[0].verdict == verdict


def test_a_functional_says_nothing_of_another_random_quantity() -> None:
    given = r"$$H(X) = -\sum_x p_X(x) \log_2 p_X(x), \quad p_X(0) = \frac34, \quad p_X(1) = \frac14$$"
    assert [lines(given, f"$${line}$$")[0].verdict for line in ("H(Y) = 1", "H(X) = 0.8113", "H(X) = 1")] == [
        "undecided",
        "rounded",
        "wrong",
    ]


def test_a_t_above_a_matrix_may_be_the_end_of_time() -> None:
    given = r"$h_t = W h_{t-1}$ for $t = 1, \dots, T$, $W \in \mathbb{R}^{n \times n}$, $L = \frac12 \|V h_T - y\|^2$."
    steps = (r"\frac{\partial h_T}{\partial h_0} = W^T", r"\frac{\partial L}{\partial h_T} = V^T (V h_T - y)")
    assert [lines(given, f"$${line}$$")[0].verdict for line in steps] == ["undecided", "proved"]
    wrong = lines(given, r"$$\frac{\partial L}{\partial h_T} = V^T (V h_T + y)$$")
    assert wrong[0].verdict == "wrong"


@pytest.mark.parametrize(
    ("given", "expected"),
    [("", "undecided"), (r"$$\delta_n = y_n - t_n$$", "proved"), (r"$$\delta_n = t_n$$", "wrong")],
)
def test_a_family_that_only_the_proof_names_refutes_nothing(given: str, expected: str) -> None:
    sums = r"$$y_n = h x_n, \quad E = \frac12 \sum_{n=1}^N (y_n - t_n)^2$$"
    line = r"$$\frac{\partial E}{\partial h} = \sum_{n=1}^N \delta_n x_n$$"
    assert lines(f"{sums}\n\n{given}", line)[0].verdict == expected


INDEXED = r"$$p_k = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j}}, \quad L = -\log p_{\hat{k}}$$"
ELL = r"$$q_\ell = \frac{\exp(a_\ell)}{\sum_{i=1}^k \exp(a_i)}, \quad L = -\log q_\ell$$"
PAIRS = r"$$L = \sum_{i < j} (x_i - x_j)^2$$"
THREE = r"$$L = \sum_{i} x_i^2$$" "\n\nThere are three numbers $x_1, x_2, x_3$."


@pytest.mark.parametrize(
    ("given", "line", "wrong"),
    [
        (INDEXED, r"\frac{\partial L}{\partial z_k} = p_k", "undecided"),
        (ELL, r"\frac{\partial L}{\partial a_\ell} = q_\ell - 1", "undecided"),
        (PAIRS, "L = (x_1 - x_2)^2 + (x_1 - x_3)^2 + (x_2 - x_3)^2", "undecided"),
        (THREE, "L = x_1^2 + x_2^2 + x_3^2", "undecided"),
        (THREE, "L = x_1^2 + x_2^2 - x_3^2", "wrong"),
    ],
)
def test_what_may_be_a_member_or_its_last_one_refutes_nothing(given: str, line: str, wrong: str) -> None:
    assert lines(given, f"$${line}$$")[0].verdict in {wrong, "proved" if wrong == "undecided" else wrong}
