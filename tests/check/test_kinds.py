"""What proofs say in words of the kind of a function or point: judged by second derivatives, or left open."""

import pytest
from check.checking import checked, under, verdicts

from symdl.check.kinds import KIND

PARABOLA = "$$f(x) = x^2 - 2 x$$"
SADDLE = "$$f(x, y) = x^2 - y^2$$"
CUBIC = "$$f(x, y) = x^3 - 3 x + y^2$$"
SOFTPLUS = r"$$\ell(z) = \ln(1 + e^z)$$"
CUBE = "$$f(x) = x^3$$"
MATRIX = r"$$K = \begin{pmatrix} 2 & 1 \\ 1 & 2 \end{pmatrix}$$"


def said(given: str, words: str) -> str:
    """The verdict on the last line of a proof that ends with these words."""
    return verdicts(under(given), f"$$1 + 1 = 2$$\n\n{words}")[-1]


@pytest.mark.parametrize(
    ("given", "right", "wrong"),
    [
        (PARABOLA, "So $f$ has a local minimum at $x = 1$.", "So $f$ has a local maximum at $x = 1$."),
        (PARABOLA, "Therefore $f$ is convex.", "Therefore $f$ is concave."),
        (SADDLE, "Hence $(0, 0)$ is a saddle point of $f$.", "Hence $(0, 0)$ is a local minimum of $f$."),
        (CUBIC, "The point $(1, 0)$ is a local minimum.", "The point $(-1, 0)$ is a local maximum."),
        (SOFTPLUS, r"The function $\ell$ is convex.", r"The function $\ell$ is concave."),
    ],
)
def test_a_kind_is_judged_by_the_second_derivatives(given: str, right: str, wrong: str) -> None:
    assert (said(given, right), said(given, wrong)) == ("proved", "wrong")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (MATRIX, "So $K$ is indefinite."),
        (r"$$L(p) = p^7 (1 - p)^3, \quad 0 < p < 1$$", "Therefore the likelihood is smallest at $p = 0.7$."),
        ("$$f(x) = x^4$$", "So $x = 0$ is a local maximum."),
        (PARABOLA, "So $f$ has its global minimum at $x = 1$."),
        (PARABOLA, "So $f$ is not convex."),
        (PARABOLA, "So $f$ is increasing for $x < 1$."),
        (PARABOLA, "One can see that $f$ is concave."),
        (PARABOLA, "So $f$ is minimal when $x = 2$."),
        (CUBE, "For $x < 0$, the function $f$ is concave."),
        (CUBE, "On the left half line $f$ is concave."),
        (CUBE, "Case 1: $x > 0$.\n\nSo $f$ is convex."),
    ],
)
def test_a_kind_that_is_not_judged_is_named_as_passed_over(given: str, words: str) -> None:
    found = checked(under(given), f"$$1 + 1 = 2$$\n\n{words}")
    assert found.relations[0].verdict == "proved" and "wrong" not in [r.verdict for r in found.relations]
    assert any(KIND in note for note in found.notes)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("$A$ is a positive definite matrix.", "Since $A$ is positive definite, it is invertible."),
        (PARABOLA, "If $f$ is concave, then there is nothing to do."),
        (PARABOLA, "We want to see whether $f$ is concave."),
        (PARABOLA, "One more step reaches the minimum."),
    ],
)
def test_what_is_given_or_only_supposed_is_no_claim(given: str, words: str) -> None:
    assert verdicts(under(given), f"$$1 + 1 = 2$$\n\n{words}") == ["proved"]
