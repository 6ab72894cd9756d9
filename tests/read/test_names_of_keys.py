"""Names, ranges and words as keys write them: labels in scripts, first members, inverses, scalars, rows of a table."""

import pytest
from check.checking import under, verdicts

CLIPPED = r"$$g = (3, -4), \quad c = 2, \quad g_{clip} = \frac{c}{\|g\|} g$$"
SMOOTH = r"$$y_k^{LS} = (1 - s) y_k + \frac{s}{K}, \quad s = 0.1, \quad K = 5, \quad y = (0, 1, 0, 0, 0)$$"
LABELLED = r"$$L = s_p + \sum_{k=1}^2 s_k, \quad s_p = 2, \quad s_1 = -1, \quad s_2 = 0.5$$"
TENSOR = r"$$T_{ijk} = a_i b_j c_k, \quad a = (1, 2), \quad b = (3, 4), \quad c = (5, 6)$$"
NOISE = (
    r"$$x_t = \sqrt{\bar{a}_t} x_0 + \sqrt{1 - \bar{a}_t} e, \quad \bar{a}_t = \prod_{s=1}^t a_s$$"
    "\n\n"
    r"$$a_1 = 0.9, \quad a_2 = 0.8$$"
)
ONE_STEP = r"$$x_t = 0.8 x_0 + 0.6 e, \quad x_0 = 1, \quad e = 0.5$$"
SCHEDULE = r"$$\eta_t = 0.1 (1 + \cos \frac{\pi t}{T}), \quad T = 100$$"
GAME = r"$$d_{k+1} = d_k + c g_k, \quad g_{k+1} = g_k - c d_k$$" "\n\n" r"$$R_k = d_k^2 + g_k^2$$"
RETURN = r"$$G_t = \sum_{k=t}^{T} c^{k-t} r_k$$"
AHEAD = r"$$G_t = \sum_{k=0}^{T-t} c^{k} r_{t+k}$$"
SOLVED = (
    r"$$w = S^{-1} b, \quad S = \begin{pmatrix} 2 & 0 \\ 0 & 4 \end{pmatrix}, \quad"
    r" b = \begin{pmatrix} 3 \\ 5 \end{pmatrix}$$"
)
REGRESSION = (
    r"$$w = (X^T X)^{-1} X^T y$$"
    "\n\n"
    r"$$X \in \mathbb{R}^{n \times d}, \quad w \in \mathbb{R}^d, \quad y \in \mathbb{R}^n$$"
)
SQUARES = r"$$A = \frac{1}{s^2} X, \quad X = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}, \quad s^2 = 0.5$$"
SHARED = (
    r"$$y = g \hat{x} + b, \quad L = \sum_{i=1}^3 v_i y_i, \quad \hat{x} = (-1, 0, 1), \quad v = (2, 1, -1)$$"
    "\n\nThe scalars $g$ and $b$ are shared by all entries."
)
FORM = "$$J(u) = u^T S u$$\n\n"
FIT = r"$$E = \frac{1}{2} \sum_{n=1}^{N} (t_n - w^T x_n)^2, \quad w \in \mathbb{R}^d, \quad x_n \in \mathbb{R}^d$$"
QUADRATIC = (
    r"$$f = x^T A x + b^T x, \quad x \in \mathbb{R}^d, \quad b \in \mathbb{R}^d, \quad A \in \mathbb{R}^{d \times d}$$"
)
WORDS = "z = (0, 1, 2), the correct class is the third one.\n\n" r"$$p = \text{softmax}(z)$$"
SOME = r"$$g(x) = 0 \quad \forall x \in X \setminus \{y\}$$" "\n\n" r"$$H = - \sum_{x \in X} g(x) \log P(x)$$"


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (CLIPPED, "g_{clip} = (1.2, -1.6)", "proved"),
        (CLIPPED, "g_{clip} = (1.2, 1.6)", "wrong"),
        (SMOOTH, "y_2^{LS} = 0.92", "proved"),
        (LABELLED, "L = 2 - 1 + 0.5", "proved"),
        (LABELLED, r"\frac{\partial L}{\partial s_p} = 1", "proved"),
        (TENSOR, "T_{121} = 20", "proved"),
        (NOISE, r"\bar{a}_2 = 0.72", "proved"),
        (NOISE, r"\bar{a}_2 = 1.7", "wrong"),
        (NOISE, r"\frac{\partial x_t}{\partial x_0} = \sqrt{\bar{a}_t}", "proved"),
        (ONE_STEP, "x_t = 1.1", "proved"),
        (ONE_STEP, "x_t = 1.2", "wrong"),
        (SCHEDULE, r"\eta_0 = 0.2", "proved"),
        (SCHEDULE, r"\eta_{100} = 0", "proved"),
        (GAME, "R_k = (1 + c^2)^k R_0", "proved"),
        (RETURN, "G_t = r_t + c G_{t+1}", "proved"),
        (RETURN, "G_t = r_t + G_{t+1}", "wrong"),
        (AHEAD, "G_T = r_T", "proved"),
        (SOLVED, r"w = \begin{pmatrix} 1.5 \\ 1.25 \end{pmatrix}", "proved"),
        (SOLVED, r"w = \begin{pmatrix} 1.5 \\ 20 \end{pmatrix}", "wrong"),
        (REGRESSION, "X^T (y - X w) = 0", "proved"),
        (SQUARES, r"A = \begin{pmatrix} 2 & 4 \\ 6 & 8 \end{pmatrix}", "proved"),
        (SHARED, r"\frac{\partial L}{\partial b} = 2", "proved"),
        (SHARED, r"\frac{\partial L}{\partial b} = 4", "wrong"),
        (FORM + "S is symmetric.", r"\nabla_u J = 2 S u", "proved"),
        (FORM + "with a symmetric matrix S", r"\nabla_u J = 2 S u", "proved"),
        (FORM, r"\nabla_u J = 2 S u", "wrong"),
        (FIT, r"\nabla E = -\sum_{n=1}^{N} (t_n - w^T x_n) x_n", "proved"),
        (FIT, r"\nabla E = \sum_{n=1}^{N} (t_n - w^T x_n) x_n", "wrong"),
        (QUADRATIC, r"\nabla f = 2 A x", "unreadable"),
        (WORDS, "p_3 = 0.665", "rounded"),
        (SOME, "H = 0", "undecided"),
        ("$$q = 1$$", "conv2: 16(6*25 + 1) = 2416", "proved"),
        ("$$q = 1$$", "conv2: 16(6*25 + 1) = 2461", "wrong"),
        ("$$q = 1$$", "(224 + 6 - 7)/2 + 1 = 112.5 -> 112", "proved"),
    ],
)
def test_a_line_of_a_key_means_what_its_author_wrote(given: str, line: str, expected: str) -> None:
    assert verdicts(under(given), f"$${line}$$")[-1] == expected


def test_a_row_of_a_table_begins_with_the_index_it_is_about() -> None:
    given = "$$w_{t+1} = w_t - 0.1 g_t, \\quad g_t = 2 w_t - 6, \\quad w_0 = 0$$"
    proof = "$$t = 0: g_0 = -6, w_1 = 0.6$$\n\n$$t = 1: g_1 = -4.8, w_2 = 1.2$$"
    assert verdicts(under(given), proof) == ["proved", "proved", "proved", "wrong"]


@pytest.mark.parametrize(("line", "expected"), [("w = A^{-1} b", "proved"), ("w = A^{-1} 2 b", "wrong")])
def test_what_an_inverse_solves_is_an_equation(line: str, expected: str) -> None:
    given = r"$$b = A w, \quad A \in \mathbb{R}^{d \times d}, w \in \mathbb{R}^d$$"
    assert verdicts(under(given), f"$${line}$$") == [expected]


FIXED = r"$$v = a^2 v + s^2, \quad |a| < 1$$"
STATES = r"$$V_A = -1 + 0.5 V_B, \quad V_B = 2 + 0.5 V_A$$"


@pytest.mark.parametrize(
    ("given", "proof", "expected"),
    [
        (FIXED, r"v = \frac{s^2}{1 - a^2}", ["proved"]),
        (STATES, r"0.75 V_B = 1.5 \Rightarrow V_B = 2", ["proved", "proved"]),
        (STATES, r"0.75 V_B = 1.5 \Rightarrow V_B = 3", ["proved", "wrong"]),
        (STATES, "V_A = -1", ["undecided"]),
        ("$$w = w - c g, \\quad g = 2, \\quad c = 0.1$$", "w = 1 - 0.2", ["undecided"]),
        (FIXED + "\n\nWe start with $v = 0$ and update it.", r"v = \frac{s^2}{1 - a^2}", ["undecided"]),
    ],
)
def test_what_is_given_by_itself_is_an_equation_unless_it_is_an_update(
    given: str, proof: str, expected: list[str]
) -> None:
    assert verdicts(under(given), f"$${proof}$$") == expected


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (r"$$P(A) = 0.5, P(B) = 0.4, P(A \cap B) = 0.2$$", r"P(A \mid B) = \frac{0.2}{0.4}", "proved"),
        (
            r"$$I(X; Y) = H(X) + H(Y) - H(X, Y), \quad H(X, Y) = H(X) + H(Y \mid X)$$",
            r"I(X; Y) = H(Y) - H(Y \mid X)",
            "proved",
        ),
        (r"$$p(x, y) = p(x) p(y \mid x), \quad \sum_y p(y \mid x) = 1$$", r"\sum_y p(x, y) = p(x)", "proved"),
        (r"$$v^{k+1} = 0.9 v^k + g^k, \quad v^0 = 0, \quad g^0 = 2, \quad g^1 = -1$$", "v^2 = 0.8", "proved"),
        (r"$$y^{n+1} = y^n \cdot y$$", r"y^3 = y \cdot y \cdot y", "proved"),
        ("$$lr(k) = 0.1 * 0.5^k$$", "lr(3) = 0.0125", "proved"),
        ("$$q = 1$$", r"w(1) = 0.4, \quad w(2) = 1.6", "given"),
        ("$$y = 4 x + 1$$", "Hence y = 4x + 2.", "wrong"),
        ("$$q = 1$$", r"1 + \frac{3}{4} = \frac{7}{4} bits", "proved"),
    ],
)
def test_what_stands_around_a_name_tells_what_it_is(given: str, line: str, expected: str) -> None:
    assert verdicts(under(given), f"$${line}$$")[-1] == expected
