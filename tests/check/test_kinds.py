"""What proofs say in words of the kind of a function or point: judged by second derivatives, or left open."""

import pytest
from check.checking import checked, under, verdicts

from symdl.check.kinds import KIND

PARABOLA = "$$f(x) = x^2 - 2 x$$"
SADDLE = "$$f(x, y) = x^2 - y^2$$"
CUBIC = "$$f(x, y) = x^3 - 3 x + y^2$$"
SOFTPLUS = r"$$\ell(z) = \ln(1 + e^z)$$"
CUBE = "$$f(x) = x^3$$"
SPIKE = "$$f(x) = x^3 - 3 x$$"
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
        (MATRIX, "So $K$ is positive definite.", "So $K$ is indefinite."),
        (MATRIX, "So $K$ is positive definite.", "So $K$ is negative definite."),
        (SOFTPLUS, r"The function $\ell$ is convex.", r"The function $\ell$ is concave."),
        (PARABOLA, "So $x = 1$ is the minimizer of $f$.", "So $x = 1$ is the maximizer of $f$."),
        (SPIKE, "So $f$ has a local minimizer at $x = 1$.", "So $f$ has a local maximizer at $x = 1$."),
    ],
)
def test_a_kind_is_judged_by_the_second_derivatives(given: str, right: str, wrong: str) -> None:
    assert (said(given, right), said(given, wrong)) == ("proved", "wrong")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (r"$$K = \begin{pmatrix} 2 & 1 \\ 0 & 2 \end{pmatrix}$$", "So $K$ is indefinite."),
        (r"$$L(p) = -7 \ln p - 3 \ln(1 - p), \quad 0 < p < 1$$", "Therefore the likelihood is largest at $p = 0.7$."),
        ("$$f(x) = x^4$$", "So $x = 0$ is a local maximum."),
        (SPIKE, "So $f$ has its minimizer at $x = 1$."),
        (SPIKE, "So $f$ is least at $x = 1$."),
        (PARABOLA, "So $f$ has its global minimum at $x = 1$."),
        (PARABOLA, "So $f$ is not convex."),
        (PARABOLA, "So $f$ is increasing for $x < 1$."),
        (PARABOLA, "One can see that $f$ is concave."),
        (PARABOLA, "At $x = 1$ the function $-f$ has a minimum."),
        (PARABOLA, "At $x = 1$ the value $-f$ has a maximum."),
        (PARABOLA, "At $x = 1$ the negative loss is greatest."),
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


@pytest.mark.parametrize(("given", "is_wrong"), [("p^7 (1 - p)^3", True), ("p^{-7} (1 - p)^{-3}", False)])
def test_a_likelihood_is_nowhere_least_where_it_is_greatest(given: str, is_wrong: bool) -> None:
    found = said(rf"$$L(p) = {given}, \quad 0 < p < 1$$", "Therefore the likelihood is smallest at $p = 0.7$.")
    assert (found == "wrong") == is_wrong


@pytest.mark.parametrize(
    ("before", "word", "verdict"),
    [
        pytest.param("Setting the derivative to zero gives $x = 1$.", "minimum", "proved", id="the point found"),
        pytest.param("Setting the derivative to zero gives $x = 1$.", "maximum", "wrong", id="it is no such point"),
        pytest.param("Either $x = 1$ or $x = 2$.", "minimum", "", id="one of two points"),
    ],
)
def test_this_is_the_point_found_last(before: str, word: str, verdict: str) -> None:
    proof = f"{before}\n\nSince $f''(x) = 2 > 0$, this is the {word}."
    found = verdicts(under(PARABOLA), proof)
    assert found[-1] == verdict if verdict else "wrong" not in found


@pytest.mark.parametrize(("word", "verdict"), [("convex", "proved"), ("concave", "wrong")])
def test_another_claim_behind_a_kind_restricts_it_by_nothing(word: str, verdict: str) -> None:
    assert verdicts(under(PARABOLA), f"$f$ is {word} and $f'(1) = 0$ exactly there.") == [verdict, "proved"]


@pytest.mark.parametrize(
    ("words", "is_wrong"),
    [
        ("Since $g''(u) = -4 < 0$, this is a minimum.", True),
        ("Since $g''(u) = -4 < 0$, this is a maximum.", False),
        ("$g''(u) = -4 < 0$, so $u = 0$ is a local minimum; $g''(v) = 8 > 0$, so $u = 1$ is a local minimum.", True),
        ("$g''(u) = -4 < 0$, so $u = 0$ is a local maximum; $g''(v) = 8 > 0$, so $u = 1$ is a local minimum.", False),
        ("The second derivative is negative everywhere, so the stationary point is a minimum.", True),
        ("The second derivative is negative everywhere, so the stationary point is no minimum.", False),
        ("The second derivative is not negative, so the stationary point is a minimum.", False),
        ("Since $g''(u) < 0$, this is a minimum of $-g$.", False),
        ("As the second derivative of $-g$ is negative, this is a minimum.", False),
        ("Since $-g''(u) < 0$, this is a minimum.", False),
        ("Since $g''(u) < 0$, the cost is at a minimum.", False),
        ("If $g''(u) < 0$, it would be a minimum.", False),
        ("The Hessian is positive definite, so this is a maximum.", True),
        ("The Hessian is positive definite, so this is the minimum.", False),
        ("Since $g'(u) < 0$, this is a minimum.", False),
    ],
)
def test_a_sentence_that_concludes_the_opposite_of_its_second_derivative_is_wrong(words: str, is_wrong: bool) -> None:
    found = verdicts(under("$g(u)$ is a function of $u$ and $v$."), f"$$1 + 1 = 2$$\n\n{words}")
    assert ("wrong" in found) == is_wrong
