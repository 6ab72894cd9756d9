"""What keys write in other ways: functions named as others, dots, last layers, ends of integrals, laws as densities."""

from __future__ import annotations

import pytest
from check.checking import checked, under, verdicts

from symdl.language import scalar
from symdl.problem import Givens
from symdl.read.own import own_letter
from symdl.write import latex_of

ACTIVATED = r"$$f = \sigma, \qquad a = f(z), \qquad z = w x$$"
TANH = r"$$\phi = \tanh, \qquad h = \phi(w x)$$"
RATES = r"$$\dot{y} = \frac{dy}{dt}, \quad \dot x = v, \quad y = a x$$"
LAYERS = (
    r"$$z^{(l+1)} = W^{(l)} a^{(l)} + b^{(l)}, \qquad a^{(l)} = f(z^{(l)}), \qquad J = \frac12 \|y - a^{(n_l)}\|^2$$"
)
RANGED = "A network with $n_l$ layers: for $l = 1, \\dots, n_l - 1$\n\n" + LAYERS
STATES = r"$$h_{t+1} = w h_t + u_t, \qquad u_t = x_t^2, \qquad t = 1, \dots, T-1, \qquad L = h_T + u_T$$"
SOFTMAX = r"$$s_i = \frac{e^{z_i}}{\sum_{m=1}^K e^{z_m}}$$"
SAMPLES = r"$$p(y^{(i)} | x^{(i)}, \theta) = \exp(-(y^{(i)} - f(x^{(i)}; \theta))^2), \quad i = 1, \dots, m$$"
ENTRIES = (
    r"$$\mathbf{z} = W \mathbf{h},\ \hat{\mathbf{y}} = \text{softmax}(\mathbf{z})$$"
    "\n\n"
    r"$$L = -\sum_{k=1}^{K} y_k \log \hat{y}_k$$"
    "\n\n"
    r"$\mathbf{h} \in \mathbb{R}^H$, $\mathbf{y} \in \mathbb{R}^K$ is one-hot."
)
JACOBIAN = (
    r"\frac{\partial s_i}{\partial z_j} = s_i (\delta_{ij} - s_j)",
    r"\frac{\partial s_i}{\partial z_j} = s_i (\delta_{ij} + s_j)",
)
CASES = r"$$\delta_{ij} = \begin{cases} 1 & i = j \\ 0 & i \neq j \end{cases}$$"
LEAST_SQUARES = (
    r"$$f(x) = \frac12 \|Ax - b\|^2, \quad A \in \mathbb{R}^{m \times n}, x \in \mathbb{R}^n, b \in \mathbb{R}^m$$"
)
WORDS = (
    r"$$P(x_1=1\mid y=1) = \frac23, \quad P(x_2=1\mid y=1) = \frac13, \quad P(y=1) = \frac12$$"
)  # fmt: skip
BAYES = r"P(x_1 = 1 \mid y = 1) P(x_2 = 1\mid y=1) P(y=1)"
BOTH_WAYS = (
    r"$$D(P\|Q) = \sum_{i=1}^{2} P_i\ln\frac{P_i}{Q_i}, \qquad D(Q\|P) = \sum_{i=1}^{2} Q_i\ln\frac{Q_i}{P_i}$$"
    "\n\n$$P_i > 0, Q_i > 0$$"
)
LAWS = r"$$q(z) = \mathcal{N}(z; \mu, \sigma^2),\ p(z) = \mathcal{N}(z; 0, 1), \quad \sigma > 0$$"
LIKELIHOOD = r"$$L(\mu) = \log \prod_{i=1}^n \mathcal{N}(x_i \mid \mu, \sigma^2), \qquad \sigma > 0$$"
POSITIVE = r"$$\lambda > 0$$"
LSE = r"$$F = \log \sum_{i=1}^{n} e^{z_i}$$"
SHIFTED = LSE + "\n\n" + r"$$m = \max_i z_i$$"
BATCH = r"$$L = \frac{1}{|B|} \sum_{?} (w x_i - y_i)^2$$"
FIRST_LAYER = r"$$f = \sum_{j=1}^{m} u_j \max(0, z_j), \quad z_j \neq 0$$"
DUAL = r"$$D(a_1, a_2) = \sum_{i=1}^{2} a_i c_i, \quad g(t) = D(t, t)$$"
LABELLED = r"$$L_{nll}(g, y) = -y \log g, \quad J = \frac1n \sum_{i=1}^n L_{nll}(g^{(i)}, y^{(i)}), \quad g^{(i)} > 0$$"
COUPLED = r"$$f(z) = \sum_{i=1}^{n} \sum_{j=i+1}^{n} d_{ij} z_i z_j, \quad d_{ij} = d_{ji}$$"
TABLE = r"$$r_{nk} \in \{0, 1\}$$"
BIASED = r"$$f_n = w^\top x_n + w_0, \qquad E = \sum_{n=1}^{N} f_n$$"
CUBE = r"$$f(x) = x^3, \qquad g = x^2 y$$"


@pytest.mark.parametrize(
    ("given", "right", "wrong"),
    [
        pytest.param(ACTIVATED, "f'(z) = a (1 - a)", "f'(z) = 1 - a^2", id="a function named as another by its letter"),
        pytest.param(
            BIASED, r"\frac{\partial E}{\partial w_0} = N", r"\frac{\partial E}{\partial w_0} = 1", id="a bias w_0"
        ),
        pytest.param(TANH, r"\phi'(w x) = 1 - h^2", r"\phi'(w x) = h (1 - h)", id="and by its word"),
        pytest.param(RATES, r"\dot y = a v", r"\dot y = 2 a v", id="a dot that is said to be a derivative"),
        pytest.param(RATES, r"\dot y^2 = a^2 v^2", r"\dot y^2 = a v^2", id="its square"),
        pytest.param(
            LAYERS,
            r"\frac{\partial J}{\partial z^{(n_l)}} = -(y - a^{(n_l)}) \odot f'(z^{(n_l)})",
            r"\frac{\partial J}{\partial z^{(n_l)}} = (y - a^{(n_l)}) \odot f'(z^{(n_l)})",
            id="the last of n_l layers",
        ),
        pytest.param(
            RANGED,
            r"\frac{\partial J}{\partial z^{(n_l)}_i} = -(y_i - a^{(n_l)}_i) f'(z^{(n_l)}_i)",
            r"\frac{\partial J}{\partial z^{(n_l)}_i} = -2 (y_i - a^{(n_l)}_i) f'(z^{(n_l)}_i)",
            id="where the range is that of the rule that leads on",
        ),
        pytest.param(
            STATES,
            r"\frac{\partial L}{\partial x_T} = 2 x_T",
            r"\frac{\partial L}{\partial x_T} = x_T",
            id="an input at the last time",
        ),
        pytest.param(
            "Let $\\mathbf{z} = (z_1, \\ldots, z_K) \\in \\mathbb{R}^K$ and\n\n" + SOFTMAX,
            *JACOBIAN,
            id="a vector that is written out and said to be one",
        ),
        pytest.param(
            r"$$z = W x \in \mathbb{R}^m, \quad x = (x_1, \dots, x_n)^\top \in \mathbb{R}^n$$" "\n\n" + SOFTMAX,
            *JACOBIAN,
            id="a product that is said to be one",
        ),
        pytest.param(SOFTMAX + "\n\n" + CASES, *JACOBIAN, id="Kronecker's delta as cases"),
        pytest.param(SOFTMAX + "\n\nThe index $j$ is one of $1, \\dots, K$.", *JACOBIAN, id="what is called an index"),
        pytest.param(
            LEAST_SQUARES,
            r"\nabla\left(\tfrac12 \|Ax - b\|^2\right) = A^\top (A x - b)",
            r"\nabla\left(\tfrac12 \|Ax - b\|^2\right) = A^\top (A x + b)",
            id="the gradient of a formula by what functions are of",
        ),
        pytest.param(WORDS, BAYES + r" = \frac19", BAYES + r" = \frac29", id="events of several words"),
        pytest.param(
            BOTH_WAYS,
            r"D(P\|Q) + D(Q\|P) = \sum_{i=1}^{2} (P_i - Q_i) \ln\frac{P_i}{Q_i}",
            r"D(P\|Q) = D(Q\|P)",
            id="a divergence both ways",
        ),
        pytest.param(
            LAWS,
            r"\log \frac{q(z)}{p(z)} = -\log \sigma - \frac{(z - \mu)^2}{2\sigma^2} + \frac{z^2}{2}",
            r"\log \frac{q(z)}{p(z)} = -\log \sigma - \frac{(z - \mu)^2}{2\sigma} + \frac{z^2}{2}",
            id="the normal density by its name",
        ),
        pytest.param(
            LIKELIHOOD,
            r"\frac{d L}{d \mu} = \frac{1}{\sigma^2} \sum_{i=1}^n (x_i - \mu)",
            r"\frac{d L}{d \mu} = -\frac{1}{\sigma^2} \sum_{i=1}^n (x_i - \mu)",
            id="and of a sample",
        ),
        pytest.param(
            POSITIVE,
            r"\int_0^\infty \lambda e^{-\lambda x} dx = \left[ -e^{-\lambda x} \right]_0^\infty",
            r"\int_0^\infty \lambda e^{-\lambda x} dx = \left[ -2 e^{-\lambda x} \right]_0^\infty",
            id="an antiderivative between two ends",
        ),
        pytest.param(
            POSITIVE,
            r"\int_0^2 x^2 dx = \left. \frac{x^3}{3} \right|_{x=0}^{x=2}",
            r"\int_0^2 x^2 dx = \left. \frac{x^3}{2} \right|_0^2",
            id="and before a bar",
        ),
        pytest.param(
            CUBE, r"\frac{d^2 f(x)}{{dx}^2} = 6x", r"\frac{d^2 f(x)}{{dx}^2} = 3x", id="a differential in braces"
        ),
        pytest.param(
            CUBE,
            r"\frac{\partial^2 g}{{\partial x} {\partial y}} = 2 x",
            r"\frac{\partial^2 g}{{\partial x}^2} = 2 x",
            id="and several",
        ),
        pytest.param(
            BATCH.replace("?", r"i \in B"),
            r"\frac{dL}{dw} = \frac{2}{|B|} \sum_{i \in B} (w x_i - y_i) x_i",
            r"\frac{dL}{dw} = \frac{1}{|B|} \sum_{i \in B} (w x_i - y_i) x_i",
            id="a sum over a batch",
        ),
        pytest.param(
            BATCH.replace("?", r"(x, y) \in B").replace("_i", ""),
            r"\frac{dL}{dw} = \frac{2}{|B|} \sum_{(x, y) \in B} (w x - y) x",
            r"\frac{dL}{dw} = \frac{2}{|B|} \sum_{(x, y) \in B} (w x - y)",
            id="and over its pairs",
        ),
        pytest.param(
            r"Of a batch $\mathcal{B}$, $|\mathcal{B}| = m$, $\mu = \frac{1}{m} \sum_{i \in \mathcal{B}} x_i$.",
            r"\sum_{i \in \mathcal{B}} (x_i - \mu) = \sum_{i=1}^m (x_i - \mu) = 0",
            r"\sum_{i \in \mathcal{B}} (x_i - \mu) = 1",
            id="of which the size has a letter",
        ),
        pytest.param(
            "$$x = 1$$", r"log₂(8) + log_2(4) = 5", r"log₂(8) + log_2(4) = 6", id="a base in plain characters"
        ),
        pytest.param(
            LSE, r"F \leq \max_i z_i + \log n", r"F \leq \max_i z_i", id="the greatest of any number of entries"
        ),
        pytest.param(SHIFTED, r"m \leq F \leq m + \log n", r"F \geq m + \log n", id="which has a name"),
        pytest.param(
            SHIFTED.replace(r"\max_i", r"\max_{1 \leq i \leq n}"),
            r"z_i - m \leq 0",
            r"z_i - m \geq 0",
            id="and a range",
        ),
        pytest.param(SHIFTED.replace("max", "min"), r"m + \log n \leq F", r"F \leq m", id="and the least"),
        pytest.param(
            POSITIVE,
            r"\sum_{k \not= i} y_k = \sum_k y_k - y_i",
            r"\sum_{k \not= i} y_k = \sum_k y_k + y_i",
            id="a sign with a stroke",
        ),
        pytest.param(
            FIRST_LAYER,
            r"\frac{\partial f}{\partial z_j} = u_j [z_j > 0]",
            r"\frac{\partial f}{\partial z_j} = u_j [z_j < 0]",
            id="Iverson's brackets behind a letter",
        ),
        pytest.param(
            LABELLED,
            r"\frac{\partial J}{\partial g^{(i)}} = -\frac{y^{(i)}}{n g^{(i)}}",
            r"\frac{\partial J}{\partial g^{(i)}} = \frac{y^{(i)}}{n g^{(i)}}",
            id="a word below the name of a function",
        ),
        pytest.param(
            r"$$L_i = (y_i - 1)^2,\ L = \frac{1}{2} (L_1 + L_2)$$" "\n\n$$y_1 = 2, y_2 = 4$$",
            "L = 5",
            "L = 10",
            id="a total with the letter of its terms",
        ),
        pytest.param(
            SAMPLES,
            r"\sum_{i=1}^m \log p(y^{(i)} | x^{(i)}, \theta) = -\sum_{i=1}^m (y^{(i)} - f(x^{(i)}; \theta))^2",
            r"\sum_{i=1}^m \log p(y^{(i)} | x^{(i)}, \theta) = \sum_{i=1}^m (y^{(i)} - f(x^{(i)}; \theta))^2",
            id="a density and an unknown function at samples",
        ),
        pytest.param(
            r"$$L = \sum_{i=1}^m f(x_i; \theta)$$",
            r"2 L = \sum_{i=1}^m 2 f(x_i; \theta)",
            r"L = m f(x_1; \theta)",
            id="a function with a parameter at every sample",
        ),
        pytest.param(
            r"$$E = \frac{1}{n^2} \sum_{i,j=1}^{n} (o_{i,j} - y_{i,j})^2$$",
            r"\frac{\partial E}{\partial o_{s,t}} = \frac{2}{n^2} (o_{s,t} - y_{s,t})",
            r"\frac{\partial E}{\partial o_{s,t}} = \frac{2}{n} (o_{s,t} - y_{s,t})",
            id="two letters that begin with one number",
        ),
        pytest.param(
            ENTRIES,
            r"\frac{\partial L}{\partial \mathbf{z}} = \hat{\mathbf{y}} - \mathbf{y}",
            r"\frac{\partial L}{\partial \mathbf{z}} = \hat{\mathbf{y}} + \mathbf{y}",
            id="entries of a bold letter with an accent",
        ),
        pytest.param(
            ENTRIES.replace(r"\hat{\mathbf{y}}", r"\mathbf{\hat{y}}"),
            r"\frac{\partial L}{\partial z_k} = \hat{y}_k - y_k",
            r"\frac{\partial L}{\partial z_k} = \hat{y}_k + y_k",
            id="or with the accent inside",
        ),
        pytest.param(
            "$$S = a^2$$",
            r"\frac{\partial{}S}{\partial{a}} = 2a \space.",
            r"\frac{\partial{}S}{\partial{a}} = 3a \space.",
            id="braces that only space",
        ),
        pytest.param(
            r"$A \in \mathbb{R}^{n \times n}$ is symmetric, $w, x \in \mathbb{R}^n$.",
            r"\nabla_w (w - x)^T A (w - x) = 2 A (w - x)",
            r"\nabla_w (w - x)^T A (w - x) = A (w - x)",
            id="a gradient of a product that begins with a row",
        ),
        pytest.param(
            r"$$L = \sum_{i=1}^{m} \ell_i(y_i)$$",
            r"\frac{\partial L}{\partial y_i} = \ell_i'(y_i)",
            r"\frac{\partial L}{\partial y_i} = -\ell_i'(y_i)",
            id="the slope of one of several unknown functions",
        ),
        pytest.param(DUAL, "D(3, 4) = 3 c_1 + 4 c_2", "D(3, 4) = 4 c_1 + 3 c_2", id="all members as arguments"),
        pytest.param(DUAL, "g(t) = t (c_1 + c_2)", "g(t) = t (c_1 - c_2)", id="within another formula"),
        pytest.param("$$f(x_1, x_2) = x_1^2 + x_2$$", "f(3, 4) = 13", "f(3, 4) = 19", id="or each alone"),
        pytest.param(
            COUPLED,
            r"\frac{\partial f}{\partial z_i} = \sum_{j \neq i} d_{ij} z_j",
            r"\frac{\partial f}{\partial z_i} = 2 \sum_{j \neq i} d_{ij} z_j",
            id="a matrix that is its own transpose is square",
        ),
        pytest.param("$$x = 2$$", r"x = 2 \rArr 3 x = 6", r"3 x = 6 \rArr 3 x = 7", id="a short arrow"),
    ],
)
def test_it_means_what_it_is_usually_written_for(given: str, right: str, wrong: str) -> None:
    assert set(verdicts(under(given), f"$${right}$$")) == {"proved"}
    assert verdicts(under(given), f"$${wrong}$$")[-1] == "wrong"


@pytest.mark.parametrize(("percentage", "verdict"), [("66.7", "proved"), ("67.7", "wrong")])
def test_a_percentage_in_brackets_is_one_more_value(percentage: str, verdict: str) -> None:
    for space in (r" \quad ", " "):
        line = rf"$$\frac{{2}}{{3}} = 0.667{space}({percentage}\%)$$"
        assert verdicts(under("$a = 1$"), line) == ["rounded", verdict]


@pytest.mark.parametrize(
    ("given", "definition", "right", "wrong"),
    [
        pytest.param(
            TABLE,
            r"D = \sum_n \sum_k \sum_i r_{nk} (x_{ni} - \mu_{ki})^2",
            r"\frac{\partial D}{\partial \mu_{ki}} = \sum_n -2 r_{nk} (x_{ni} - \mu_{ki})",
            r"\frac{\partial D}{\partial \mu_{ki}} = \sum_n 2 r_{nk} (x_{ni} - \mu_{ki})",
            id="names that share letters",
        ),
        pytest.param(
            "$$w > 0$$",
            r"D = \sum_i (y_i - w x_i)^2",
            r"\frac{dD}{dw} = -2 \sum_{i=1}^n x_i (y_i - w x_i)",
            r"\frac{dD}{dw} = 2 \sum_{i=1}^n x_i (y_i - w x_i)",
            id="whose end is written later",
        ),
    ],
)
def test_sums_without_ends_in_a_definition_of_the_proof_run_alike(
    given: str, definition: str, right: str, wrong: str
) -> None:
    assert verdicts(under(given), f"$${definition}$$\n\n$${right}$$") == ["given", "proved"]
    assert verdicts(under(given), f"$${definition}$$\n\n$${wrong}$$") == ["given", "wrong"]


def test_the_letters_of_pairs_of_indices_are_no_members() -> None:
    given = under(r"$$f = \frac12 \sum_{(i, j) \in R} (u_i v_j - y_{ij})^2$$")
    line = r"$$\frac{\partial f}{\partial u_i} = \sum_{j : (i, j) \in R} (u_i v_j - y_{ij}) v_j$$"
    assert verdicts(given, line) == ["unreadable"]


def test_a_letter_that_is_a_quantity_names_no_function() -> None:
    given = under(r"$$f = \sigma, \qquad y = f + 1, \qquad \sigma = 2$$")
    assert verdicts(given, "$$y = 3$$") == ["proved"]
    assert verdicts(given, "$$y = 4$$") == ["wrong"]


def test_no_name_of_its_own_is_shown_as_one() -> None:
    given = under(r"$$P(y=1 \mid x) = \sigma(w x)$$")
    [line] = checked(given, r"$$P(y=0 \mid x) = 2 - \sigma(w x)$$").relations
    assert line.verdict == "undecided" and line.reason.startswith("P(y=0)(x) is not given")
    written = latex_of(scalar(own_letter("P(y=1)")) + scalar(own_letter(r"\hat{p}")), Givens())
    assert written == r"P(y=1) + \hat{p}"


def test_a_function_of_what_changes_in_time_is_not_taken_at_a_time() -> None:
    given = under(r"$$E(w) = k w^2, \quad \dot w = -2 k w$$")
    flow = r"$$\frac{dE}{dt} = -4 k E$$" "\n\n" r"$$E(t) = E(0) e^{-4 k t}$$"
    assert verdicts(given, flow)[-1] == "unreadable"
    assert verdicts(under("$$E(w) = k w^2$$"), r"$$E(t) = k t^2$$" "\n\n" r"$$E(t) = 2 k t^2$$") == ["proved", "wrong"]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        pytest.param(
            r"$$S = \sum_{i=1}^n z_i, \quad m = \max_{1 \le i \le k} z_i, \quad k < n$$",
            r"m \ge z_n",
            id="the greatest of fewer",
        ),
        pytest.param(
            r"$$s = \sum_{i \in N} a_i x_i$$",
            r"\frac{\partial s}{\partial x_1} = a_1",
            id="a member that may lie outside",
        ),
        pytest.param("$$0 < x < 1$$", "[1 - x]_0^1 = 1 - x", id="a value cut off at two ends"),
        pytest.param(r"$$\dot L = \frac{dL}{dz}, \quad L = z^2, \quad z = w x$$", r"\dot z = x", id="a dot by no time"),
    ],
)
def test_what_may_be_meant_otherwise_is_neither_proved_nor_wrong(given: str, line: str) -> None:
    assert not {"proved", "wrong"} & {*verdicts(under(given), f"$${line}$$")}


@pytest.mark.parametrize(("below", "verdict"), [("2", "proved"), ("3", "wrong")])
def test_what_stands_in_an_integral_is_no_antiderivative_by_its_variable(below: str, verdict: str) -> None:
    given = r"$$I = \int_0^1 \int_0^1 x y \, dx dy$$"
    line = rf"$$I = \int_0^1 \left[\frac{{x^2 y}}{{{below}}}\right]_0^1 dy$$"
    assert verdicts(under(given), line) == [verdict]


def test_shapes_that_clash_at_every_side_are_no_fault() -> None:
    given = under(
        r"$A \in \mathbb{R}^{n \times n}$, $u_1, u_2 \in \mathbb{R}^n$."
        "\n\n$$A u_1 = l u_1$$\n\n$$u = a u_1 + b u_2$$"
    )
    found = verdicts(given, r"$$A u = A (a u_1 + b u_2) = a A u_1 + b A u_2$$")
    assert found and "wrong" not in found


@pytest.mark.parametrize("said", [r"\ (3 \ s.f.)", r" (2 d.p.)", r"\quad (to 2 decimal places)"])
def test_a_remark_on_digits_is_no_factor(said: str) -> None:
    given = under("$$x = 1$$")
    assert verdicts(given, rf"$$\frac{{10}}{{7}} \approx 1.43 {said}$$") == ["rounded"]
    assert verdicts(given, rf"$$\frac{{10}}{{7}} \approx 1.44 {said}$$") == ["wrong"]
