"""What proofs say in words of the kind of a function or point: judged by second derivatives, or left open."""

import pytest
from check.checking import checked, under, verdicts

from symdl.check.curvature import UNTOLD
from symdl.check.kinds import KIND
from symdl.check.report import Report

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
        (CUBE, "Case 1: $x > 0$.\n\nSo $f$ is convex."),
    ],
)
def test_a_kind_that_is_not_told_leaves_the_document_open(given: str, words: str) -> None:
    found = checked(under(given), f"$$1 + 1 = 2$$\n\n{words}")
    assert [r.verdict for r in found.relations][:: len(found.relations) - 1] == ["proved", "undecided"]
    assert found.relations[-1].reason == UNTOLD


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (r"$$L(p) = -7 \ln p - 3 \ln(1 - p), \quad 0 < p < 1$$", "Therefore the likelihood is largest at $p = 0.7$."),
        ("$$f(x) = x^4$$", "So $x = 0$ is a local maximum."),
        (SPIKE, "So $f$ has its minimizer at $x = 1$."),
        (SPIKE, "So $f$ is least at $x = 1$."),
        (SPIKE, "So $f$ has its global minimum at $x = 1$."),
        (PARABOLA, "So $f$ is not convex."),
        (PARABOLA, "So $f$ is increasing for $x < 1$."),
        (PARABOLA, "At $x = 1$ the function $-f$ has a minimum."),
        (PARABOLA, "At $x = 1$ the value $-f$ has a maximum."),
        (PARABOLA, "At $x = 1$ the negative loss is greatest."),
        (PARABOLA, "One can see that $f$ is concave."),
        (PARABOLA, "So the whole network is convex."),
        (CUBE, "On the left half line $f$ is concave."),
        (PARABOLA, "The derivative of $f$ is concave."),
        (PARABOLA, "The reciprocal of $f$ is convex."),
        (PARABOLA, "The product of $x$ and $f$ is convex."),
        (SPIKE, "$f$ has its minimum at $x = 1$."),
    ],
)
def test_a_kind_of_what_is_not_understood_is_named_as_passed_over(given: str, words: str) -> None:
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


LOGISTIC = r"""$$J(w) = -\sum_{i=1}^n [y_i \log p_i + (1 - y_i) \log(1 - p_i)] + \frac{\lambda}{2} \|w\|^2, \quad
p_i = \sigma(w^\top x_i)$$

$w, x_i \in \mathbb{R}^d$, $y_i \in \{0, 1\}$."""
LIKELIHOOD = r"""$$\ell(\lambda) = n \log \lambda - \lambda \sum_{i=1}^n x_i$$

$\lambda > 0$, $n \ge 1$."""
SOLVED = r"""$$\ell'(\lambda) = \frac{n}{\lambda} - \sum_{i=1}^n x_i = 0$$

$$\ell''(\lambda) = -\frac{n}{\lambda^2} < 0$$
"""
LOGSUMEXP = r"$$g(z) = \log \sum_{k=1}^K e^{z_k}$$"
LINEAR = "$$h(u) = 2 u$$"
THREE = r"$$M = \begin{pmatrix} 2 & 1 & 0 \\ 1 & 2 & 1 \\ 0 & 1 & 2 \end{pmatrix}$$"


@pytest.mark.parametrize(
    ("given", "right", "open_"),
    [
        pytest.param(LOGSUMEXP, "So $g$ is convex.", "So $g$ is strictly convex.", id="K numbers, not strictly"),
        pytest.param(CUBE, "For $x < 0$, the function $f$ is concave.", "For $x < 1$, $f$ is concave.", id="bounded"),
        pytest.param(LINEAR, "So $h$ is concave.", "So $h$ is strictly concave.", id="both ways"),
        pytest.param(LOGISTIC, r"$J$ is strictly convex for $\lambda > 0$.", "$J$ is strictly convex.", id="condition"),
        pytest.param(LOGISTIC, r"For $\lambda \ge 0$ the loss $J$ is convex in $w$.", "$J$ is convex.", id="vector"),
        pytest.param(THREE, "So $M$ is positive definite.", "So $M$ is indefinite.", id="rows"),
    ],
)
def test_a_function_of_any_size_is_judged_by_the_form_of_its_hessian(given: str, right: str, open_: str) -> None:
    assert (said(given, right), said(given, open_)) == ("proved", "undecided")


@pytest.mark.parametrize(
    ("given", "words"),
    [(LOGSUMEXP, "So $g$ is concave."), (THREE, "So $M$ is negative definite."), (LIKELIHOOD, r"$\ell$ is convex.")],
)
def test_what_bends_the_other_way_is_wrong(given: str, words: str) -> None:
    assert said(given, words) == "wrong"


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("So this is a maximum.", "proved"),
        ("The stationary point is a maximum.", "proved"),
        (r"So $\hat{\lambda}$ is the unique maximizer.", "proved"),
        ("The log likelihood is strictly concave.", "proved"),
        ("So this is a minimum.", "undecided"),
        (r"Therefore the maximum is attained at $\hat{\lambda} = \frac{n}{\sum_{i=1}^n x_i}$.", "proved"),
        (r"Therefore the minimum is attained at $\hat{\lambda} = \frac{n}{\sum_{i=1}^n x_i}$.", "undecided"),
        ("The likelihood is concave.", ""),
        ("The negative log likelihood is concave.", ""),
        ("So this is a saddle point.", ""),
    ],
)
def test_where_the_slope_is_zero_the_second_derivative_tells_the_kind(words: str, verdict: str) -> None:
    found = checked(under(LIKELIHOOD), f"{SOLVED}\n{words}")
    assert [r.verdict for r in found.relations if r.relation == "is"] == [verdict] * bool(verdict)
    assert bool(verdict) != any(KIND in note for note in found.notes)


@pytest.mark.parametrize(
    ("given", "words", "expected"),
    [
        (LIKELIHOOD, r"$\ell$ is convex.", "concave"),
        (PARABOLA, "So $f$ has a local maximum at $x = 1$.", "minimum"),
        (SADDLE, "Hence $(0, 0)$ is a local minimum of $f$.", "saddle"),
    ],
)
def test_what_would_be_right_is_told(given: str, words: str, expected: str) -> None:
    found = checked(under(given), words).relations[-1]
    assert (found.verdict, found.expected) == ("wrong", rf"\text{{{expected}}}")


def test_a_function_that_bends_both_ways_is_refuted_at_an_instance() -> None:
    found = checked(under(SPIKE), "So $f$ is convex.").relations[-1]
    assert found.verdict == "wrong" and found.counterexample.keys() == {"x"} and found.expected is None


@pytest.mark.parametrize(
    "given", [r"$$f(x) = \frac{1}{x^2}, \quad x \ne 0$$", r"$$f(x) = -\sqrt{x^2 - 1}, \quad x^2 > 1$$"]
)
def test_on_a_domain_with_a_gap_no_second_derivative_tells_that_a_function_bends(given: str) -> None:
    found = checked(under(given), "$$1 + 1 = 2$$\n\nSo $f$ is convex.")
    assert len(found.relations) == 1 and any(KIND in note for note in found.notes)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("$$f(x) = -|x|$$", "$f$ is convex."),
        (r"$$f(x) = \min(x, 0)$$", "$f$ is convex."),
        (r"$$f(x) = \max(0, 1 - x)$$", "$f$ is concave."),
        (r"$$f(x) = \begin{cases} x & x < 0 \\ x/2 & x \ge 0 \end{cases}$$", "$f$ is convex."),
        (r"$$f(x) = \begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}$$", "$f$ is convex."),
        (r"$$f(x) = \sqrt{|x|}$$", "$f$ is concave."),
        (r"$$f(x) = \frac{1}{x^2}$$", "$f$ is convex."),
        (r"$$f(x) = \operatorname{clip}(x, 0, 1)$$", "$f$ is concave."),
    ],
)
def test_beside_a_kink_or_a_pole_the_second_derivative_tells_nothing(given: str, words: str) -> None:
    assert said(given, words) == "undecided"


@pytest.mark.parametrize(
    ("given", "words", "verdict"),
    [
        ("$$f(u, v) = (u v - 1)^2$$", "$f$ is convex in $u$.", "proved"),
        ("$$f(u, v) = (u v - 1)^2$$", "$f$ is convex in $u$ and $v$.", "wrong"),
        ("$$f(u, v) = (u v - 1)^2$$", "$f$ is convex in $(u, v)$.", "wrong"),
        ("$f(x) = x^3$ on the interval $[0, 1]$.", "$f$ is convex.", "proved"),
        ("$$f(x) = x^3$$", "$f$ is convex.", "wrong"),
        ("$$f(x) = x^3, x > 0$$", "$f$ is convex.", "proved"),
        (r"$$f(x) = x \log x, x > 0$$", "The function $f$ is strictly convex.", "proved"),
        (r"$$f(x) = \sqrt{1 + x^2}$$", "It follows that $f$ is convex.", "proved"),
    ],
)
def test_a_kind_is_of_all_arguments_and_where_the_function_is_defined(given: str, words: str, verdict: str) -> None:
    assert said(given, words) == verdict


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("$$f(x, y) = x^2$$", "The origin is a strict local minimum of $f$."),
        (r"$$f(x) = x^2, x \ge 1$$", "$f$ has its minimum at $x = 0$."),
        ("$$f(x, y) = -|x| + y^2$$", "The Hessian of $f$ is positive semidefinite."),
    ],
)
def test_what_is_said_beyond_what_is_known_is_not_proved(given: str, words: str) -> None:
    found = checked(under(given), f"$$1 + 1 = 2$$\n\n{words}")
    assert [r.verdict for r in found.relations if r.relation != "="] in ([], ["undecided"])


@pytest.mark.parametrize(
    "words",
    [
        r"Since $\ell''(\lambda) < 0$, the loss is convex, and the point is a minimum.",
        r"The loss has the opposite curvature; since $\ell''(\lambda) < 0$, this is a minimum.",
    ],
)
def test_the_sign_of_one_function_refutes_nothing_of_another(words: str) -> None:
    assert "wrong" not in verdicts(under(LIKELIHOOD), f"{SOLVED}\n{words}")


def test_a_bound_in_the_sentence_is_told_as_an_assumption() -> None:
    found = checked(under(LOGISTIC), r"$J$ is strictly convex for $\lambda > 0$.").relations[-1]
    assert (found.lhs, found.relation, found.rhs) == ("J", "is", r"\text{strictly convex}")
    assert found.assumes == (r"$\lambda > 0$",)


def test_the_name_of_a_point_with_a_kind_is_no_claim_of_its_own() -> None:
    proof = """$$f'(x) = 3 x^2 - 3 = 0$$

$$x = 1 \\text{ or } x = -1$$

$$f''(1) = 6 > 0$$

so $x = 1$ is a local minimum, and $x = -1$ is a local maximum."""
    assert set(verdicts(under(SPIKE), proof)) <= {"proved", "given"}
    assert "wrong" in verdicts(under(SPIKE), proof.replace("local minimum", "local maximum"))


def test_a_claim_in_words_is_shown_on_the_page() -> None:
    page = Report((checked(under(PARABOLA), "Therefore $f$ is convex."),)).html()
    assert "<mtext>" in page and "convex" in page and "proved" in page


def test_two_claims_of_one_sentence_are_judged_each_in_its_clause() -> None:
    proof = r"""$$\nabla^2 J(w) = \sum_{i=1}^n p_i (1 - p_i) x_i x_i^\top + \lambda I,$$

which is positive definite for $\lambda > 0$, so $J$ is strictly convex."""
    assert verdicts(under(LOGISTIC), proof) == ["proved", "proved", "proved"]
    assert verdicts(under(LOGISTIC), proof.replace("strictly convex", "concave"))[-1] != "proved"
