"""Expectations of derivatives, which are worked out before the expectation is taken."""

import pytest
from check.checking import under, verdicts

SCORE = r"""$$U(\mu) = \frac{1}{v} \sum_{i=1}^{n} (X_i - \mu)$$

The $X_i$ are i.i.d. with mean $\mu$ and variance $v$, $v > 0$."""

DENSITY = r"""$$\ln p(x) = x \ln\theta + (1 - x) \ln(1 - \theta)$$

$\mathbb{E}[x] = \theta$ and $0 < \theta < 1$."""

NOISE = r"""$$f(z) = a z^2 + b z, \quad z = \mu + \sigma \varepsilon, \quad \varepsilon \sim \mathcal{N}(0, 1)$$"""

HIDDEN = r"""$$U = h X, \quad h = \theta^2, \quad \mathbb{E}[X] = 1$$"""


@pytest.mark.parametrize(
    ("given", "line", "right", "wrong"),
    [
        (SCORE, r"-\mathbb{E}[U'(\mu)] = @", r"\frac{n}{v}", r"\frac{1}{v}"),
        (DENSITY, r"-\mathbb{E}[\partial_\theta^2 \ln p(x)] \theta (1 - \theta) = @", "1", r"\theta"),
        (DENSITY, r"\mathbb{E}[\partial_\theta \ln p(x)] = \theta @", r"- \theta", r"+ \theta"),
        (NOISE, r"\mathbb{E}[f'(z)] = 2 a \mu + @", "b", "a"),
        (NOISE, r"\mathbb{E}[f'(z) \varepsilon] = @", r"2 a \sigma", r"a \sigma"),
    ],
)  # fmt: skip
def test_a_derivative_in_an_expectation_is_taken_first(given: str, line: str, right: str, wrong: str) -> None:
    found = [verdicts(under(given), f"$${line.replace('@', value)}$$") for value in (right, wrong)]
    assert found == [["proved"], ["wrong"]]


def test_a_derivative_by_what_is_hidden_in_a_name_is_not_zero() -> None:
    line = r"$$\mathbb{E}\left[\frac{\partial U}{\partial \theta}\right] = @$$"
    assert verdicts(under(HIDDEN), line.replace("@", "0"))[0] not in ("proved", "agrees")
    assert verdicts(under(HIDDEN), line.replace("@", r"2 \theta"))[0] != "wrong"
