"""Hand proofs with inverses of matrices of any size, and with integrals: what follows, and a wrong twin of each."""

import pytest
from check.checking import under, verdicts

QUADRATIC = under(
    r"$$f(x) = \frac{1}{2} x^\top A x - b^\top x$$"
    "\n\n"
    r"$A \in \mathbb{R}^{n \times n}$ is symmetric, $x, b \in \mathbb{R}^n$."
)
RIDGE = under(
    r"$$J(w) = \|X w - y\|^2 + \lambda \|w\|^2, \quad \lambda > 0$$"
    "\n\n"
    r"$$X \in \mathbb{R}^{n \times d},\ y \in \mathbb{R}^n,\ w \in \mathbb{R}^d$$"
    "\n\n"
    r"$$\hat{w} = (X^\top X + \lambda I)^{-1} X^\top y, \quad H = X (X^\top X + \lambda I)^{-1} X^\top$$"
)
BELL = under(
    r"$$\ln p(x) = -\frac{d}{2} \ln(2\pi) - \frac12 \ln\det\Sigma - \frac12 (x - m)^\top \Sigma^{-1} (x - m)$$"
    "\n\n"
    r"$x, m \in \mathbb{R}^d$, and $\Sigma \in \mathbb{R}^{d \times d}$ is symmetric and positive definite."
)
POSTERIOR = under(
    r"$$S_N^{-1} = S_0^{-1} + \beta \Phi^T\Phi$$"
    "\n\n"
    r"$S_0, S_N \in \mathbb{R}^{M \times M}$ are symmetric, $\Phi \in \mathbb{R}^{N \times M}$, $w \in \mathbb{R}^M$."
)
RATE = under(r"$$f(x) = \lambda e^{-\lambda x}, \quad \lambda > 0, \quad F(t) = \int_0^t f(x) \, dx$$")


@pytest.mark.parametrize(
    ("given", "right", "wrong"),
    [
        (QUADRATIC, r"\nabla f(x) = 0 \Rightarrow x = A^{-1} b", r"\nabla f(x) = 0 \Rightarrow x = A b"),
        (QUADRATIC, r"A x = b \Rightarrow x = A^{-1} b", r"A x = b \Rightarrow x = A^{-1} b + b"),
        (
            QUADRATIC,
            r"f(A^{-1} b) = -\frac{1}{2} b^\top A^{-1} b",
            r"f(A^{-1} b) = \frac{1}{2} b^\top A^{-1} b",
        ),
        (RIDGE, r"(X^\top X + \lambda I) \hat{w} = X^\top y", r"(X^\top X - \lambda I) \hat{w} = X^\top y"),
        (RIDGE, r"\hat{w} = X^\top (X X^\top + \lambda I)^{-1} y", r"\hat{w} = X^\top (X X^\top - \lambda I)^{-1} y"),
        (RIDGE, r"X \hat{w} = H y", r"X \hat{w} = H^\top H y"),
        (BELL, r"\nabla_x \ln p(x) = -\Sigma^{-1} (x - m)", r"\nabla_x \ln p(x) = \Sigma^{-1} (x - m)"),
        (
            POSTERIOR,
            r"w^T (S_0^{-1} + \beta \Phi^T\Phi) w = w^T S_N^{-1} w",
            r"w^T (S_0^{-1} - \beta \Phi^T\Phi) w = w^T S_N^{-1} w",
        ),
        (
            POSTERIOR,
            r"S_N = (S_0^{-1} + \beta \Phi^T \Phi)^{-1}",
            r"S_N = (S_0^{-1} - \beta \Phi^T \Phi)^{-1}",
        ),
        (RATE, r"F(t) = 1 - e^{-\lambda t}", r"F(t) = 1 + e^{-\lambda t}"),
        (RATE, r"\int_0^\infty x f(x) \, dx = \frac{1}{\lambda}", r"\int_0^\infty x f(x) \, dx = \lambda"),
    ],
)
def test_what_follows_is_proved_and_its_wrong_twin_is_not(given: str, right: str, wrong: str) -> None:
    assert verdicts(given, f"$${right}$$")[-1] == "proved"
    assert verdicts(given, f"$${wrong}$$")[-1] == "wrong"


def test_a_solution_with_an_inverse_is_none_of_a_single_equation() -> None:
    assert verdicts(BELL, r"$$\nabla_x \ln p(x) = 0 \Rightarrow x = m$$")[-1] == "proved"


@pytest.mark.parametrize(
    ("line", "expected"),
    [(r"m = \beta S v", "proved"), (r"m = 2 \beta S v", "undecided"), (r"m = \beta v", "undecided")],
)
def test_an_equation_that_is_given_with_an_inverse_is_taken_times_the_matrix(line: str, expected: str) -> None:
    given = (
        r"$S \in \mathbb{R}^{n \times n}$ is invertible, $v \in \mathbb{R}^n$, $m \in \mathbb{R}^n$"
        "\n\n"
        r"$$S^{-1} m = \beta v$$"
    )
    assert verdicts(under(given), f"$${line}$$") == [expected]
