"""Functions under one letter: the densities that a statistician calls p."""

import pytest
from check.checking import under, verdicts

POISSON = (
    r"$$p(x_i \mid \lambda) = \frac{\lambda^{x_i} e^{-\lambda}}{x_i!}$$"
    "\n\n"
    r"$$p(\lambda) = \beta e^{-\beta \lambda}, \lambda > 0, \beta > 0$$"
    "\n\n"
    r"$$\ell(\lambda) = \ln p(\lambda) + \sum_{i=1}^n \ln p(x_i \mid \lambda)$$"
)
BELLS = r"$$p(x \mid \mu) = e^{-(x - \mu)^2/2}$$" + "\n\n" + r"$$p(\mu) = e^{-\mu^2/2}$$"


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        (POISSON, r"\ell'(\lambda) = \frac{1}{\lambda} \sum_{i=1}^n x_i - n - \beta", "proved"),
        (POISSON, r"\ell'(\lambda) = \frac{1}{\lambda} \sum_{i=1}^n x_i + n - \beta", "wrong"),
        (BELLS, r"p(x \mid \mu) p(\mu) = e^{-(x - \mu)^2/2 - \mu^2/2}", "proved"),
        (BELLS, r"p(x \mid \mu) p(\mu) = e^{-(x - \mu)^2/2 + \mu^2/2}", "wrong"),
        (BELLS, r"\frac{\partial}{\partial \mu} \log p(\mu) = -\mu", "proved"),
        (BELLS, r"\frac{\partial}{\partial \mu} \log p(x \mid \mu) = -\mu", "wrong"),
        (BELLS, r"p(\mu \mid x) = \frac{p(x \mid \mu) p(\mu)}{p(x)}", "given"),
    ],
)
def test_a_prior_and_a_likelihood_under_one_letter_are_two_functions(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [verdict]


CLASSES = (
    r"$p(x \mid y = c) = \frac{1}{\sqrt{2\pi}\sigma} \exp\left(-\frac{(x - \mu_c)^2}{2\sigma^2}\right)$ and "
    r"$P(y = c) = \pi_c$, $c = 1, \dots, C$."
    "\n\n"
    r"$$p(y = c \mid x) = \frac{\pi_c p(x \mid y = c)}{\sum_{c'=1}^C \pi_{c'} p(x \mid y = c')}$$"
)
TWO = (
    r"$$p(x \mid k) = e^{-(x - \mu_k)^2},\ k \in \{0, 1\}$$"
    + "\n\n"
    + r"$$a(x) = \ln \frac{p(x \mid 1)}{p(x \mid 0)}$$"
)
RATIO = r"\log \frac{p(y = 1 \mid x)}{p(y = 2 \mid x)} = \log \frac{\pi_1}{\pi_2}"


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        (CLASSES, RATIO + r"+ \frac{(x - \mu_2)^2 - (x - \mu_1)^2}{2\sigma^2}", "proved"),
        (CLASSES, RATIO + r"- \frac{(x - \mu_2)^2 - (x - \mu_1)^2}{2\sigma^2}", "wrong"),
        (CLASSES, r"P(y = 1) = \pi_1", "proved"),
        (CLASSES, r"P(y = 1) = \pi_2", "wrong"),
        (TWO, r"a(x) = (x - \mu_0)^2 - (x - \mu_1)^2", "proved"),
        (TWO, r"a(x) = (x - \mu_1)^2 - (x - \mu_0)^2", "wrong"),
    ],
)
def test_a_density_that_is_given_for_every_class_is_one_of_a_family(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [verdict]


LOGISTIC = (
    r"The data are $(x_i, y_i)$, $i = 1, \dots, n$ with $x_i \in \mathbb{R}^d$ and $y_i \in \{0, 1\}$; the model is "
    r"$P(y = 1 \mid x) = \sigma(\theta^\top x)$, and "
    r"$\ell = \sum_{i=1}^n (y_i \log \sigma(\theta^\top x_i) + (1 - y_i) \log(1 - \sigma(\theta^\top x_i)))$."
)
RULE = r"$P(y = 1 | x) = \frac{1}{1 + e^{-w^\top x}}$ with $w, x \in \mathbb{R}^d$."


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        (LOGISTIC, r"\nabla_\theta \ell = \sum_{i=1}^n (y_i - P(y = 1 \mid x_i)) x_i", "proved"),
        (LOGISTIC, r"\nabla_\theta \ell = \sum_{i=1}^n (P(y = 1 \mid x_i) - y_i) x_i", "wrong"),
        (RULE, r"\frac{\partial}{\partial w} \log P(y = 1 | x) = (1 - P(y = 1 | x)) x", "proved"),
        (RULE, r"\frac{\partial}{\partial w} \log P(y = 1 | x) = P(y = 1 | x) x", "wrong"),
        (RULE, r"1 - P(y = 1 | x) = \frac{e^{-w^\top x}}{1 + e^{-w^\top x}}", "proved"),
        (RULE, r"P(y = 0 | x) = P(y = 1 | x)", "undecided"),
        ("$P(X = 1) = 0.3$, $P(X = 0) = 0.7$", r"P(X = 0) - P(X = 1) = 0.4", "proved"),
        ("$P(X = 1) = 0.3$, $P(X = 0) = 0.7$", r"P(X = 1) - P(X = 0) = 0.4", "wrong"),
    ],
)
def test_the_probability_of_an_event_is_a_function_of_what_stands_behind_the_bar(
    given: str, line: str, verdict: str
) -> None:
    assert verdicts(under(given), f"$${line}$$") == [verdict]
