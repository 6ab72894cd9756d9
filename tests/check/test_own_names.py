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
