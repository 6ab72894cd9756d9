"""Moments of what is made of random quantities, of what goes on in time, and of laws that have a name."""

import pytest
from check.checking import under, verdicts

AVERAGE = r"""$$m = \frac{1}{n} \sum_{t=1}^n w_t$$

$$w_t = a + e_t$$

$$\mathbb{E}[e_t] = 0, \quad \operatorname{Var}(e_t) = s^2$$

The errors $e_t$ are independent."""

DESCENT = r"""$$x_{k+1} = x_k - \eta (a x_k + \xi_k)$$

$$\mathbb{E}[\xi_k] = 0, \quad \mathbb{E}[\xi_k^2] = \sigma^2$$

$\xi_k$ is independent of $x_k$."""

LATE = r"""$$x_t = a x_{t-1} + e_t + b e_{t-1}$$

$$\mathbb{E}[e_t] = 0, \quad \operatorname{Var}(e_t) = 1$$

The $e_t$ are independent."""

SPREAD = r"""$$s = \sum_{i=1}^{n} (x_i - \bar{x})^2$$

$$\bar{x} = \frac{1}{n} \sum_{i=1}^{n} x_i$$

$$\mathbb{E}[x_i] = \mu, \quad \operatorname{Var}(x_i) = v$$

The $x_i$ are independent."""

SQUARE = r"""$$q = \sum_{i=1}^{n} x_i \sum_{j=1}^{n} x_j$$

$$\mathbb{E}[x_i] = \mu, \quad \operatorname{Var}(x_i) = v$$

The $x_i$ are independent."""

DIFFUSION = r"""$$x_t = \sqrt{\alpha_t} x_{t-1} + \sqrt{1 - \alpha_t} \epsilon_t$$

$$\mathbb{E}[\epsilon_t] = 0, \quad \operatorname{Var}(\epsilon_t) = 1$$

The $\epsilon_t$ are independent, and $x_0$ is a constant."""


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        (AVERAGE, r"\operatorname{Var}(m) = \frac{s^2}{n}", "proved"),
        (AVERAGE, r"\operatorname{Var}(m) = s^2", "wrong"),
        (DESCENT, r"\mathbb{E}[x_{k+1}^2] = (1 - \eta a)^2 \mathbb{E}[x_k^2] + \eta^2 \sigma^2", "proved"),
        (DESCENT, r"\mathbb{E}[x_{k+1}^2] = (1 - \eta a)^2 \mathbb{E}[x_k^2] + \eta \sigma^2", "wrong"),
        (LATE, r"\operatorname{Var}(x_t) = a^2 \operatorname{Var}(x_{t-1}) + 1 + b^2", "undecided"),
        (SQUARE, r"\mathbb{E}[q] = n v + n^2 \mu^2", "proved"),
        (SQUARE, r"\mathbb{E}[q] = n^2 v + n^2 \mu^2", "wrong"),
        (SPREAD, r"\mathbb{E}[s] = (n - 1) v", "proved"),
        (SPREAD, r"\mathbb{E}[s] = n v", "wrong"),
        (DIFFUSION, r"\operatorname{Var}(x_1) = 1 - \alpha_1", "proved"),
        # A variance is never negative.
        ("$y$ is a random variable.", r"\mathbb{E}[y^2] \geq \mathbb{E}[y]^2", "proved"),
        ("$y$ is a random variable.", r"\mathbb{E}[y^2] \leq \mathbb{E}[y]^2", "wrong"),
        ("$y$ is a random variable.", r"\operatorname{Var}(2 y + 3) \geq \operatorname{Var}(y)", "proved"),
    ],
)
def test_what_is_made_of_independent_quantities_has_the_moments_of_its_making(
    given: str, line: str, verdict: str
) -> None:
    assert verdicts(under(given), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(
    ("law", "line", "verdict"),
    [
        (r"\text{Bernoulli}(p)", r"\operatorname{Var}(y) = 4 p (1 - p)", "proved"),
        (r"\text{Bernoulli}(p)", r"\operatorname{Var}(y) = 4 p", "wrong"),
        (r"\mathrm{Poisson}(\lambda)", r"\mathbb{E}[y] = 2 \lambda + 1", "proved"),
        (r"\mathcal{U}(-a, a)", r"\operatorname{Var}(y) = \frac{4 a^2}{3}", "proved"),
        ("U[0, 1]", r"\mathbb{E}[y] = 2", "proved"),
        (r"\mathcal{N}(\mu, \sigma^2)", r"\operatorname{Var}(y) = 4 \sigma^2", "proved"),
        (r"\operatorname{Bin}(n, q)", r"\operatorname{Var}(y) = 4 n q (1 - q)", "proved"),
    ],
)
def test_a_law_that_has_a_name_says_what_mean_and_variance_are(law: str, line: str, verdict: str) -> None:
    assert verdicts(under(rf"$$x \sim {law}$$" + "\n\n$$y = 2 x + 1$$"), f"$${line}$$") == [verdict]


def test_a_new_value_may_be_random_where_the_old_one_is_not() -> None:
    given = r"$$w' = w - \eta g$$" "\n\n" r"$$\mathbb{E}[g] = \mu, \quad \operatorname{Var}(g) = v$$"
    assert verdicts(under(given), r"$$\operatorname{Var}(w') = \eta^2 v$$") == ["proved"]
