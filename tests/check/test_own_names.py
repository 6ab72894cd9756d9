"""Names that a proof gives itself: a function by its formula, that is called without its arguments afterwards."""

import pytest
from check.checking import under, verdicts

LINE = under(r"$$x_i \in \mathbb{R}, \quad i = 1, \dots, n$$")
AREA = under(r"$$f(x, y) = x y, \qquad x + y = 1$$")
NORMAL = under(
    r"$$p(x_i | \mu, \sigma) = \frac{1}{\sqrt{2 \pi} \sigma} \exp\left( -\frac{(x_i - \mu)^2}{2 \sigma^2} \right), "
    r"\quad i = 1, \dots, n$$"
)
LIKELIHOOD = r"$$\ell(\mu, \sigma) = \sum_{i=1}^n \log p(x_i | \mu, \sigma)$$" "\n\n"
LAGRANGIAN = r"$$\mathcal{L}(x, y, \lambda) = x y - \lambda (x + y - 1)$$" "\n\n"
SUM = r"$$q(a) = a \sum_{i=1}^n x_i - n a^2$$" "\n\n"


@pytest.mark.parametrize(
    ("head", "proof", "last"),
    [
        pytest.param(LINE, SUM + r"$$\frac{d q}{d a} = \sum_{i=1}^n x_i - 2 n a$$", "proved", id="one argument"),
        pytest.param(LINE, SUM + r"$$\frac{d q}{d a} = \sum_{i=1}^n x_i - n a$$", "wrong", id="another slope"),
        pytest.param(
            NORMAL,
            LIKELIHOOD + r"$$\frac{\partial \ell}{\partial \mu} = \frac{1}{\sigma^2} \sum_{i=1}^n (x_i - \mu)$$",
            "proved",
            id="a likelihood",
        ),
        pytest.param(
            NORMAL,
            LIKELIHOOD + r"$$\frac{\partial \ell}{\partial \mu} = \frac{1}{\sigma} \sum_{i=1}^n (x_i - \mu)$$",
            "wrong",
            id="a likelihood with another power",
        ),
        pytest.param(
            AREA,
            LAGRANGIAN + r"$$\frac{\partial \mathcal{L}}{\partial x} = y - \lambda$$",
            "proved",
            id="a Lagrangian",
        ),
        pytest.param(
            AREA,
            LAGRANGIAN + r"$$\frac{\partial \mathcal{L}}{\partial x} = y + \lambda$$",
            "wrong",
            id="a Lagrangian with another sign",
        ),
        pytest.param(LINE, SUM + "$$q = 3$$", "given", id="the same letter for something else"),
        pytest.param(
            LINE, SUM + "$$q = c^2$$\n\n$$\\frac{d q}{d c} = 2 c$$", "proved", id="what it is said to be last"
        ),
    ],
)
def test_a_function_that_a_proof_defines_is_meant_by_its_bare_name(head: str, proof: str, last: str) -> None:
    assert verdicts(head, proof)[-1] == last


@pytest.mark.parametrize(
    ("proof", "last"),
    [
        (["\\text{RHS} = (x + 1)^2 - 1", "\\Rightarrow \\text{RHS} = x^2 + 2 x"], "proved"),
        (["\\text{RHS} = (x + 1)^2 - 1", "\\Rightarrow \\text{RHS} = x^2 + 3 x"], "wrong"),
        (["\\text{LHS} = x (x + 2)", "\\text{RHS} = x^2 + 2 x", "\\therefore \\text{LHS} = \\text{RHS}"], "proved"),
        (["\\text{LHS} = x (x + 3)", "\\text{RHS} = x^2 + 2 x", "\\therefore \\text{LHS} = \\text{RHS}"], "wrong"),
        (["LHS = x (x + 3)", "RHS = x^2 + 2 x", "LHS = RHS"], "wrong"),
        (["\\text{LHS} = x (x + 3)", "\\text{LHS} = x^2 + 2 x"], "undecided"),
        (["\\text{Total} = 3 + 4", "\\Rightarrow \\text{Total} = 8"], "wrong"),
        (["\\text{Total} = 3 + 4", "\\text{Total} = 5 + 4"], "given"),
    ],
)
def test_what_a_name_in_words_is_said_to_be_again_is_a_claim(proof: list[str], last: str) -> None:
    assert verdicts(under("$x$ is a real number."), "\n\n".join(f"$${line}$$" for line in proof))[-1] == last


BELLMAN = "$$U = 1 + 0.9 V(B)$$\n\n"


@pytest.mark.parametrize(
    ("proof", "verdict"),
    [
        pytest.param(r"$$M = B^2 + V = \frac{s^2}{n}$$", "undecided", id="made of names that nothing gives"),
        pytest.param(r"$$M = B^2 + V = V - B^2$$", "wrong", id="a slip between these names"),
        pytest.param(BELLMAN + "$$V(B) = 0.9 (0.5 V(B) + 0.5 U)$$", "undecided", id="an equation for its left side"),
        pytest.param(BELLMAN + "$$0.55 V(B) = 0.45 U$$", "undecided", id="an equation of a system"),
        pytest.param(BELLMAN + "$$U - 1 = -0.9 V(B)$$", "wrong", id="a slip in what the proof has said"),
    ],
)
def test_an_equation_of_unknowns_is_one_more_of_their_system(proof: str, verdict: str) -> None:
    assert verdicts(under("$$y = s^2 / n$$"), proof)[-1] == verdict


@pytest.mark.parametrize(
    ("proof", "expected"),
    [
        (r"$$U(x) = \nabla f(x) = 2x$$", ["given", "proved"]),
        (r"$$U(x) = \nabla f(x) = 3x$$", ["given", "wrong"]),
        ("$$U(x) = 2x$$\n\n$$U(x) = 3x$$", ["given", "wrong"]),
        (r"$$U(x) = x^\top x$$", ["given"]),
        ("Let $U(x) = \\nabla f(x)$.\n\n$$U(x) = 2x$$", ["proved"]),
    ],
)
def test_a_new_function_may_be_a_vector(proof: str, expected: list[str]) -> None:
    assert verdicts(under(r"$$f(x) = x^\top x, \quad x \in \mathbb{R}^d$$"), proof) == expected


@pytest.mark.parametrize(
    "words",
    ["Denote the normaliser by $Z = {}$.", "Denote by $Z = {}$ the normaliser.", "Introduce $Z = {}$."],
)
def test_words_that_denote_something_by_a_name_define_it(words: str) -> None:
    given = under(r"$$y_i = \frac{e^{a_i}}{\sum_{j=1}^n e^{a_j}}, \quad i = 1, \dots, n$$")
    said = words.format(r"\sum_{j=1}^{n} e^{a_j}")
    lines = (r"\log y_i = a_i - \log Z", r"\log y_i = a_i - Z")
    assert [verdicts(given, f"{said} Then\n\n$${line}$$")[-1] for line in lines] == ["proved", "wrong"]


@pytest.mark.parametrize(("right", "expected"), [(r"\pi_i (1 - \pi_i)", "proved"), (r"\pi_i", "wrong")])
def test_the_information_is_no_identity(right: str, expected: str) -> None:
    given = (
        r"$\ell(\beta) = \sum_{i=1}^n (y_i x_i^\top \beta - \log(1 + e^{x_i^\top\beta}))$ with"
        r" $x_i, \beta \in \mathbb{R}^p$, $\pi_i = \frac{1}{1+e^{-x_i^\top\beta}}$."
    )
    proof = rf"$$I(\beta) = -\nabla^2\ell(\beta) = \sum_{{i=1}}^n {right} x_i x_i^\top$$"
    assert verdicts(under(given), proof) == ["given", expected]


@pytest.mark.parametrize(("right", "expected"), [(r"\alpha", "proved"), (r"\beta", "undecided")])
def test_the_information_at_two_points_is_not_one_quantity(right: str, expected: str) -> None:
    given = under(r"$\alpha > 0$, $\beta > 0$.")
    assert verdicts(given, rf"$$I(\alpha) - I({right}) = 0$$") == [expected]


TABLE = "$$p(0, 0) = 0.5, p(0, 1) = 0.25, p(1, 0) = 0, p(1, 1) = 0.25$$"
NORMALS = r"$$p(x) = \frac{e^{-x^2 / 2}}{\sqrt{2 \pi}}, \quad q(x) = \frac{e^{-(x - b)^2 / 2}}{\sqrt{2 \pi}}$$"


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        (TABLE, "P(Y = 0) = 0.25", "undecided"),
        (TABLE, "H(X) = 0.9", "undecided"),
        (TABLE, "I(X; Y) = -0.3", "undecided"),
        (NORMALS, r"KL(p \| q) = b^2", "undecided"),
        (NORMALS, r"D_{KL}(p \| q) = \int p(x) \log \frac{p(x)}{q(x)} dx", "given"),
        ("A coin shows heads with probability $p$.", r"H(p) = -p \log p - (1 - p) \log (1 - p)", "given"),
        ("Of 10 mails 4 are spam.", "P(S) = 0.4", "given"),
    ],
)
def test_a_measure_of_given_distributions_is_no_new_name(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), f"$${line}$$\n\n$$1 + 1 = 2$$") == [verdict, "proved"]


@pytest.mark.parametrize(("middle", "verdict"), [("W ", "undecided"), ("", "wrong")])
def test_an_unknown_of_the_equation_from_which_it_is_said_to_follow_is_no_new_name(middle: str, verdict: str) -> None:
    given = (
        r"$X\in\mathbb{R}^{m\times n}$, $W\in\mathbb{R}^{m\times m}$ is symmetric and positive definite, "
        r"$\theta\in\mathbb{R}^n$, $y\in\mathbb{R}^m$, $X^TWX$ is invertible"
    )
    proof = rf"$$X^T W X \theta = X^T W y \Rightarrow \theta = (X^T {middle}X)^{{-1}} X^T W y$$"
    assert verdicts(under(given), proof) == ["given", verdict]
