"""Labels that are classes, members apart from all others, and families whose brackets hold an index."""

import pytest
from check.checking import under, verdicts

from symdl.errors import Place
from symdl.problem import Block
from symdl.read.averages import spoken_averages
from symdl.read.chosen import rest_vanishes, with_exceptions
from symdl.read.nodes import Big, Node
from symdl.read.scopes import rescoped
from symdl.read.scripts import inside_of, spell
from symdl.read.source import Source
from symdl.read.syntax import parse_display

ENTROPY = r"$$L = -\sum_{k=1}^{K} t_k \ln p_k, \quad p_k = \frac{e^{z_k}}{\sum_{j=1}^{K} e^{z_j}}$$"
BATCH = (
    r"$$L = -\frac{1}{N} \sum_{n=1}^{N} \ln p_{n,y_n}, \quad"
    r" p_{n,k} = \frac{e^{s_{n,k}}}{\sum_{j=1}^{K} e^{s_{n,j}}}$$"
    "\n\n"
    r"$$y_n \in \{1, \dots, K\}$$"
)
SEQUENCE = r"$$L = -\sum_{t=1}^{T} \ln p_t(y_t), \quad p_t(k) = \frac{e^{z_{tk}}}{\sum_{j=1}^{K} e^{z_{tj}}}$$"
BASIS = r"$$y_n = \sum_m w_m \phi_m(x_n), \quad E = \frac{1}{2} \sum_n (y_n - t_n)^2$$"
FORWARD = r"$$\alpha_t(k) = b_k(o_t) \sum_{j=1}^{K} \alpha_{t-1}(j) A_{jk}, \quad P = \sum_{k=1}^{K} \alpha_T(k)$$"
LOSSES = r"$$y_i = 2 x_i, \quad L = \sum_{i=1}^{B} \ell_i(y_i)$$"
POSTERIOR = r"$$p(k \mid x) = \frac{a_k}{S}, \quad S = \sum_{k=1}^K a_k$$"
ADVANTAGE = r"$$A(s, a) = Q(s, a) - V(s), \quad V(s) = \sum_a \pi(a \mid s) Q(s, a), \quad \sum_a \pi(a \mid s) = 1$$"
JOINT = r"$$r_k = \frac{p(x, k)}{\sum_{j=1}^{K} p(x, j)}, \quad \ln p(x) = \ln \sum_{k=1}^{K} p(x, k)$$"
SOFTMAX = r"$$S(\mathbf{x})_i = \frac{e^{x_i}}{\sum_{j=1}^{n} e^{x_j}}$$"
FIT = r"$$r_i(a) = y_i - f_i(a), \quad S(a) = \frac{1}{2} \sum_{i=1}^{N} r_i(a)^2, \quad f_i(a) = a_1 e^{-a_2 t_i}$$"
SCORES = r"$$s_i = w x_i, \quad C = s_i - s_j$$"
DISTANCES = r"$$D_{ij} = (x_i - x_j)^2, \quad G_{ij} = x_i x_j$$"
DECAY = "$$J(w) = L(w) + \\frac{\\lambda}{2} \\|w\\|^2$$\n\n" r"$$w \in \mathbb{R}^n$$"
LAYER = r"$$y_i = a x_i, \quad L = L(y_1, \dots, y_d), \quad g_i = \frac{\partial L}{\partial y_i}$$"
MEANS = r"$$m = \frac{1}{n} \sum_i x_i, \quad v = \frac{1}{n} \sum_i (x_i - m)^2$$"
DEEP = r"$$y = \prod_{l=1}^{L} w_l x$$"
CENTRED = "$$z = y - \\frac{1}{m} 1 1^T y$$\n\n$$y \\in \\mathbb{R}^m$$"
AFFINE = (
    r"$$Y = X W + 1 b^\top, \quad L = \frac{1}{2} \sum_{i=1}^{n} \sum_{j=1}^{k} (Y_{ij} - T_{ij})^2$$"
    "\n\n"
    r"$$X \in \mathbb{R}^{n \times d}, \quad W \in \mathbb{R}^{d \times k}, \quad"
    r" b \in \mathbb{R}^k, \quad T \in \mathbb{R}^{n \times k}$$"
    "\n\n"
    r"Here $1$ in $1 b^\top$ is the column of $n$ ones."
)
MATRICES = (
    r"$$u = A x, \quad v = B u, \quad E = \frac{1}{2} \| v - t \|^2, \quad e = v - t$$"
    "\n\n"
    r"$$A \in \mathbb{R}^{n \times m}, \quad B \in \mathbb{R}^{k \times n}, \quad"
    r" x \in \mathbb{R}^m, \quad t \in \mathbb{R}^k$$"
)
NETWORK = (
    r"$$y = W^{(2)} h, \quad h = \tanh(a), \quad L = \frac{1}{2} \|y - t\|^2$$"
    "\n\n"
    r"$$W^{(2)} \in \mathbb{R}^{k \times m}, \quad a \in \mathbb{R}^m, \quad t \in \mathbb{R}^k$$"
)
OPTIMUM = (
    r"$$J(w) = c - 2 w^\top p + w^\top R w, \quad R^\top = R, \quad R w_0 = p$$"
    "\n\n"
    r"$$w \in \mathbb{R}^n, \quad p \in \mathbb{R}^n, \quad R \in \mathbb{R}^{n \times n}$$"
)
ENERGIES = (
    r"$$e_j = q \cdot k_j/2, \quad a_j = \frac{e^{e_j}}{e^{e_1} + e^{e_2}}$$"
    "\n\n"
    r"$$q = (1, 1), \quad k_1 = (1, 1), \quad k_2 = (1, -1)$$"
)
RISK = r"$$J(a) = \mathbb{E}_{x \sim p}[(x - a)^2], \quad \mathbb{E}[x] = \mu, \quad \operatorname{Var}(x) = v$$"
MEASURE = r"$$P = 0.8, \quad R = 0.5, \quad F_\beta = \frac{(1 + \beta^2) P R}{\beta^2 P + R}$$"
GATE = r"$$h' = (1 - z) h + z n, \quad h = 2, \quad n = -1$$"
PRODUCTS = (
    r"$$z_i = \langle \mathbf{w}, \mathbf{x}_i \rangle, \quad L = \sum_{i=1}^n z_i^2$$"
    "\n\n"
    r"$$\mathbf{w} \in \mathbb{R}^d, \quad \mathbf{x}_i \in \mathbb{R}^d$$"
)
STEPS = r"$$h_t = x_t h_{t-1}, \quad t = 1, \dots, n$$"
BAND = r"$$y_i = \sum_{k=1}^{K} w_k x_{i+k-1}$$" "\n\n" r"$$A_{ij} = w_{j-i+1} \text{ for } 1 \leq j - i + 1 \leq K$$"


@pytest.mark.parametrize(
    "said",
    [
        "The vector $t$ is one-hot with $t_c = 1$.",
        "Here $t_c = 1$ and $t_k = 0$ for $k \\neq c$.",
        "$$t_c = 1$$\n\n$$t_k = 0 \\text{ for } k \\neq c$$",
        "The targets are one-hot encoded: $t_c = 1$.",
        "We have $t_c = 1$ and all other entries are zero.",
        r"$$t_k = \begin{cases} 1 & k = c \\ 0 & k \neq c \end{cases}$$",
        r"$$t_k = 1 \text{ if } k = c, \text{ else } 0$$",
        "$$t_k = [k = c]$$",
    ],
)
def test_one_class_is_the_right_one_and_all_others_are_not(said: str) -> None:
    lines = r"$$\frac{\partial L}{\partial z_k} = p_k - t_k$$" "\n\n" r"$$L = -\ln p_c$$"
    assert verdicts(under(f"{ENTROPY}\n\n{said}"), lines) == ["proved", "proved"]


@pytest.mark.parametrize(
    ("given", "proof", "expected"),
    [
        (BATCH, r"\frac{\partial L}{\partial s_{n,k}} = \frac{1}{N} (p_{n,k} - \mathbb{1}[k = y_n])", "proved"),
        (BATCH, r"\frac{\partial L}{\partial s_{n,k}} = \frac{1}{N} p_{n,k} - \mathbb{1}[k = y_n]", "wrong"),
        (BATCH, r"L = \frac{1}{N} \sum_{n=1}^{N} ( \ln \sum_{j=1}^{K} e^{s_{n,j}} - s_{n,y_n} )", "proved"),
        (SEQUENCE, r"\frac{\partial L}{\partial z_{tk}} = p_t(k) - [k = y_t]", "proved"),
        (SEQUENCE, r"\frac{\partial L}{\partial z_{tk}} = p_t(k) - 1", "undecided"),
        (SEQUENCE, r"\frac{\partial L}{\partial z_{tk}} = 1 - p_t(k)", "wrong"),
        (BASIS, r"\frac{\partial E}{\partial w_m} = \sum_n (y_n - t_n) \phi_m(x_n)", "proved"),
        (BASIS, r"\frac{\partial E}{\partial w_m} = \sum_n (y_n - t_n) \phi_n(x_m)", "wrong"),
        (BASIS, r"\frac{\partial E}{\partial x_n} = 0", "wrong"),
        (FORWARD, r"P = \sum_{k=1}^{K} b_k(o_T) \sum_{j=1}^{K} \alpha_{T-1}(j) A_{jk}", "proved"),
        (FORWARD, r"P = \sum_{k=1}^{K} b_k(o_T) \sum_{j=1}^{K} \alpha_{T-1}(j) A_{kj}", "wrong"),
        (LOSSES, r"\frac{\partial L}{\partial x_k} = 2 \frac{\partial L}{\partial y_k}", "proved"),
        (LOSSES, r"\frac{\partial L}{\partial x_k} = 0", "wrong"),
        (POSTERIOR, r"\sum_{k=1}^K p(k \mid x) = 1", "proved"),
        (POSTERIOR, r"p(2 \mid x) = \frac{a_1}{S}", "wrong"),
        (ADVANTAGE, r"\sum_a \pi(a \mid s) A(s, a) = 0", "proved"),
        (r"$$q(k) = a_k, \quad S = \sum_{k=1}^K a_k$$", r"\sum_{k=1}^K \frac{q(k)}{S} = 1", "proved"),
        (
            r"$$y = a x + e, \quad \mathbb{E}[e] = 0$$" "\n\n$a$ and $x$ are constants.",
            r"\mathbb{E}[y] = a x",
            "proved",
        ),
        (JOINT, r"\ln p(x) = \ln \sum_{j=1}^{K} p(x, j)", "proved"),
        (
            SOFTMAX,
            r"\frac{\partial S(\mathbf{x})_i}{\partial x_j} = S(\mathbf{x})_i (1_{i=j} - S(\mathbf{x})_j)",
            "proved",
        ),
        (SOFTMAX, r"S(2 \mathbf{x})_i = S(\mathbf{x})_i", "wrong"),
        (FIT, r"\frac{\partial S}{\partial a_1} = -\sum_{i=1}^{N} r_i(a) e^{-a_2 t_i}", "proved"),
        (FIT, r"\frac{\partial S}{\partial a_1} = \sum_{i=1}^{N} r_i(a) e^{-a_2 t_i}", "wrong"),
        (SCORES, r"\frac{dC}{dw} = x_i - x_j", "proved"),
        (SCORES, r"\frac{dC}{dw} = x_i", "wrong"),
        (DISTANCES, "D_{ij} = G_{ii} + G_{jj} - 2 G_{ij}", "proved"),
        (DISTANCES, "D_{ij} = G_{ii} + G_{jj} - G_{ij}", "wrong"),
        (DECAY, r"\nabla J(w) = \nabla L(w) + \lambda w", "proved"),
        (DECAY, r"\nabla J(w) = \nabla L(w) + 2 \lambda w", "wrong"),
        (LAYER, r"\frac{\partial L}{\partial x_j} = a g_j", "proved"),
        (LAYER, r"\frac{\partial L}{\partial x_j} = g_j", "wrong"),
        (MEANS, r"v = \frac{1}{n} \sum_i x_i^2 - m^2", "proved"),
        (MEANS + "\n\n$$x = (1, 2, 6)$$", "m = 9/3", "proved"),
        (DEEP, r"\frac{\partial y}{\partial x} = \prod_{l=1}^L w_l", "proved"),
        (CENTRED, r"\frac{\partial z_i}{\partial y_k} = \delta_{ik} - \frac{1}{m}", "proved"),
        (AFFINE, r"\frac{\partial L}{\partial b_j} = \sum_{i=1}^{n} (Y_{ij} - T_{ij})", "proved"),
        (AFFINE, r"\frac{\partial L}{\partial W} = (Y - T)^\top X", "wrong"),
        (MATRICES, r"\frac{\partial E}{\partial A} = B^\top e x^\top", "proved"),
        (MATRICES, r"\frac{\partial E}{\partial B} = u e^\top", "wrong"),
        (NETWORK, r"\frac{\partial L}{\partial h} = W^{(2)\top} (y - t)", "proved"),
        (OPTIMUM, "J(w) - J(w_0) = (w - w_0)^\\top R (w - w_0)", "proved"),
        (OPTIMUM, "2 R w - p = 2 R (w - w_0)", "wrong"),
        (ENERGIES, r"a_1 = \frac{e}{e + 1}", "proved"),
        (RISK, r"J(a) = v + (\mu - a)^2", "proved"),
        (MEASURE, "F_2 = 0.541", "rounded"),
        (MEASURE, "F_2 = 0.641", "wrong"),
        (PRODUCTS, r"\frac{\partial L}{\partial \mathbf{w}} = \sum_{i=1}^n 2 z_i \mathbf{x}_i", "proved"),
        (BAND, r"\frac{\partial y_i}{\partial w_k} = x_{i+k-1}", "proved"),
        (STEPS, r"\frac{\partial h_n}{\partial x_t} = \frac{h_n}{x_t}", "proved"),
        (STEPS, r"\frac{\partial h_n}{\partial x_t} = \frac{h_t}{x_t}", "wrong"),
        (STEPS, r"h_n = h_0 \prod_{t=1}^{n} x_t", "proved"),
        (STEPS, r"h_n = h_0 \sum_{t=1}^{n} x_t", "wrong"),
    ],
)
def test_a_line_is_judged_for_what_its_author_means(given: str, proof: str, expected: str) -> None:
    assert verdicts(under(given), f"$${proof}$$") == [expected]


@pytest.mark.parametrize(
    ("given", "proof", "expected"),
    [
        (GATE, "z = 0: $h' = 2$; z = 1: $h' = -1$", ["proved", "proved"]),
        (GATE, "z = 0: $h' = 3$; z = 1: $h' = -1$", ["wrong", "proved"]),
        (
            "$$V = (-4, 2), \\quad U = 2 V$$",
            r"U = \begin{bmatrix} -8 \\ 5 \end{bmatrix} (the value doubled)",
            ["wrong"],
        ),
        ("$$x = 3$$", "$$Q1 (a) z_1 = 2 - 4 = -2$$", ["given", "proved"]),
        ("$$x = 3$$", "ii) $y = 2 x = 7$", ["given", "wrong"]),
        ("$$n = 9$$", "conv1\t64 x 64 x 32\t(9 * 3 + 1) * 32 = 896", ["proved"]),
    ],
)
def test_what_stands_around_a_formula_is_no_part_of_it(given: str, proof: str, expected: list[str]) -> None:
    assert verdicts(under(given), proof) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("$\\mu$ and $v$ are the mean and the (biased) variance of the batch.", ["\\mu", "v"]),
        ("$\\mu$ is the mean and $\\sigma$ the standard deviation of the batch $x$.", ["\\mu", "\\sigma"]),
        ("$\\mu$ is the mean and $v$ the variance of $x$.", ["\\mu"]),
        ("$\\mu$ is the running mean of the batch.", []),
        ("$\\mu$ is the mean of $y$.", []),
        ("$v$ is the unbiased variance of the batch.", []),
    ],
)
def test_words_say_what_the_mean_and_the_variance_of_a_list_are(words: str, expected: list[str]) -> None:
    assert [said.partition(" =")[0] for _, said in spoken_averages(words, {"x": 4})] == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (" and all other entries are zero.", True),
        (", the others vanish", True),
        (" and all other entries are positive", False),
        (" for the class $c$", False),
    ],
)
def test_words_say_that_all_other_members_are_zero(words: str, expected: bool) -> None:
    assert rest_vanishes(words) is expected


def test_a_condition_that_excludes_one_index_belongs_to_the_formula_before_it() -> None:
    place = Place("p.md", 1, 1)
    texts = [("t_k = 0", "", " for "), (r"k \neq c", " for ", " and "), ("a > 0", " and ", ".")]
    listed = [(Block("display", text, place), before, after) for text, before, after in texts]
    assert [block.text for block, _, _ in with_exceptions(listed)] == [r"t_k = 0 \text{ for } k \neq c", "a > 0"]


@pytest.mark.parametrize(
    ("formula", "above"),
    [
        (r"\frac{1}{n} \sum_i x_i", "n"),
        (r"\frac{1}{2 m} \sum_i x_i", "m"),
        (r"\frac{\sum_t x_t}{T}", "T"),
        (r"\frac{1}{Z} \sum_i x_i", ""),
        (r"\frac{1}{T} \sum_i x_i", ""),
        (r"\frac{1}{n} \sum_{i \neq j} x_i", ""),
    ],
)
def test_a_mean_says_where_its_sum_runs(formula: str, above: str) -> None:
    (statement,) = parse_display(Source(formula), lenient=True)
    side = statement.sides[0]
    assert isinstance(side, Node)
    (found,) = rescoped((side,), by_hand=True)
    (big,) = (n for n in inside_of(found) if isinstance(n, Big))
    assert ("" if big.above is None else spell(big.above)) == above
