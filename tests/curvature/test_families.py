"""Functions of a symbolic number of variables: convexity, multipliers and thresholds."""

from __future__ import annotations

import pytest
from curvature.documents import derivations
from sympy import Integer, Symbol

from symdl.errors import UnsolvedError
from symdl.language import family, size
from symdl.solve import tally

SOFTMAX = [
    r"p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}",
    r"L = -\sum_{k=1}^{K} y_k \log p_k, \qquad \sum_{k=1}^{K} y_k = 1",
]
LOGISTIC = [
    r"z_n = \sum_{j=1}^{d} x_{n,j} w_j, \qquad a_n = \sigma(z_n)",
    r"L = -\sum_{n=1}^{N} (y_n \log a_n + (1 - y_n) \log(1 - a_n))",
]


def test_the_most_uncertain_distribution_is_uniform() -> None:
    (found,) = derivations([r"H = -\sum_{i=1}^{K} p_i \log p_i", r"\sum_{i=1}^{K} p_i = 1"], "H(p)")
    (point,) = found.result
    assert (point.at, point.kind) == ({"p_i": 1 / size("K")}, "maximum")
    assert tally(found).proved == tally(found).total


def test_the_closest_distribution_is_the_other_one() -> None:
    givens = [
        r"J = \sum_{i=1}^{K} p_i \log \frac{p_i}{q_i}",
        r"\sum_{i=1}^{K} p_i = 1, \sum_{i=1}^{K} q_i = 1",
        "p_i > 0",
    ]
    (found,) = derivations(givens, "J(q)")
    (point,) = found.result
    assert (point.at["q_i"], point.kind, point.value) == (family("p", Symbol("i", integer=True)), "minimum", Integer(0))


def test_softmax_cross_entropy_is_convex_and_flat_along_the_ones() -> None:
    (found,) = derivations(SOFTMAX, "L(z)")
    (point,) = found.result
    assert point.kind == "minimum" and str(point.at["z_i"]) == "c + log(y[i])"
    assert "vector of ones" in " ".join(found.text().split())
    assert tally(found).proved == tally(found).total


def test_logistic_regression_has_a_gram_form_with_weights_of_at_most_a_quarter() -> None:
    (found,) = derivations(LOGISTIC, "L(w)")
    assert "1/4" in found.text() and "convex" in found.text()
    assert tally(found).proved == tally(found).total


def test_the_threshold_for_all_of_them_is_the_greatest_of_the_slopes() -> None:
    givens = [r"f = \sum_{i=1}^{n} (H_i (\theta_i - c_i)^2 + \alpha |\theta_i|)", r"H_i > 0, \alpha > 0"]
    (found,) = derivations(givens, r"f(\theta)")
    assert len(found.result) == 3
    assert "greatest of the values" in found.text()


CONVEX = {
    "the mean binary cross-entropy": (
        [r"a_n = \sigma(z_n)", r"L = -\frac{1}{N} \sum_{n=1}^{N} (y_n \log a_n + (1 - y_n) \log(1 - a_n))"],
        "L(z)", ("strictly convex", "not strongly convex", "1/(4 N)"),
    ),
    "softmax regression in its weights": (
        [
            r"z_{n,k} = \sum_{j=1}^{d} W_{k,j} x_{n,j}",
            r"p_{n,k} = \frac{e^{z_{n,k}}}{\sum_{l=1}^{K} e^{z_{n,l}}}",
            r"L = -\sum_{n=1}^{N} \sum_{k=1}^{K} y_{n,k} \log p_{n,k}, \qquad \sum_{k=1}^{K} y_{n,k} = 1",
        ],
        "L(W)", ("adding one vector to all rows", "Λ/2"),
    ),
    "the mean squared error": (
        [r"L = \frac{1}{N} \sum_{n=1}^{N} (y_n - u_n)^2"], "L(u)", ("strongly convex", "2/N"),
    ),
    "a normal distribution in its mean": (
        [r"L = \frac{1}{2 v} \sum_{n=1}^{N} (x_n - \mu)^2", "v > 0"], r"L(\mu)", ("strongly convex", "N/v"),
    ),
    "ridge regression": (
        [
            r"z_n = \sum_{j=1}^{d} x_{n,j} w_j",
            r"L = \frac{1}{2} \sum_{n=1}^{N} (z_n - y_n)^2 + \frac{\lambda}{2} \sum_{j=1}^{d} w_j^2",
            r"\lambda > 0",
        ],
        "L(w)", ("strongly convex", "λ + Λ"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("givens", "asked", "words"), CONVEX.values(), ids=CONVEX)
def test_the_hessian_is_positive_semidefinite(givens: list[str], asked: str, words: tuple[str, ...]) -> None:
    (found,) = derivations(givens, asked)
    text = " ".join(found.text().split())
    assert all(w in text for w in words)
    assert tally(found).proved == tally(found).total


CONCAVE = {
    "a normal distribution": (
        [r"\ell = -\frac{1}{2 v} \sum_{n=1}^{N} (x_n - \mu)^2", "v > 0"],
        r"\ell(\mu)", "(Sigma(1, N, x[#0]))/N", ("strongly concave with the constant N/v", "gradient ascent"),
    ),
    "waiting times": (
        [r"\ell = n \log \lambda - \lambda \sum_{i=1}^{n} x_i", r"\lambda > 0, x_i > 0"],
        r"\ell(\lambda)", "n/(Sigma(1, n, x[#0]))", ("negative definite", "strictly concave"),
    ),
    "logistic regression with a penalty": (
        [r"\ell = \sum_{n=1}^{N} (y_n w x_n - \log(1 + e^{w x_n})) - \frac{c}{2} w^2", "c > 0"],
        r"\ell(w)", None, ("strongly concave with the constant c", "global maximum"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("givens", "asked", "at", "words"), CONCAVE.values(), ids=CONCAVE)
def test_a_likelihood_is_concave(givens: list[str], asked: str, at: str | None, words: tuple[str, ...]) -> None:
    (found,) = derivations(givens, asked)
    text = " ".join(found.text().split())
    assert all(w in text for w in words)
    assert [(p.kind, *map(str, p.at.values())) for p in found.result] == ([("maximum", at)] if at else [])
    assert tally(found).proved == tally(found).total


def test_a_hessian_of_either_sign_is_neither_convex_nor_concave() -> None:
    with pytest.raises(UnsolvedError, match="not visibly of one sign"):
        derivations([r"f = \sum_{i=1}^{n} a_i w^2, \qquad a_i \in \mathbb{R}"], "f(w)")


def test_least_squares_in_one_weight_has_its_solution() -> None:
    givens = [r"L = \sum_{i=1}^{n} (y_i - w x_i)^2 + \lambda w^2", r"\lambda > 0"]
    (found,) = derivations(givens, "L(w)")
    (point,) = found.result
    assert point.kind == "minimum" and "Sigma(1, n, x[#0]*y[#0])" in str(point.at["w"])
