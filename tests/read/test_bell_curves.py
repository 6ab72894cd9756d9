"""Expectations and integrals under densities that are given as bell curves."""

import pytest
from check.checking import under, verdicts

NAMED = r"""$$q(z) = \mathcal{N}(\mu, \sigma^2), \quad p(z) = \mathcal{N}(0, 1)$$

$\sigma > 0$"""

WRITTEN = r"""$$p(x) = \frac{1}{\sqrt{2\pi} s} e^{-\frac{(x - a)^2}{2 s^2}}, \quad
q(x) = \frac{1}{\sqrt{2\pi} s} e^{-\frac{(x - b)^2}{2 s^2}}$$

$s > 0$"""

INTEGRAL = r"""$$D = \int q(z) \log \frac{q(z)}{p(z)} dz$$

$$q(z) = \mathcal{N}(z; \mu, \sigma^2),\ p(z) = \mathcal{N}(z; 0, 1)$$

$\sigma > 0$"""

ENTROPY = r"""$$H = -\mathbb{E}[\log p(X)]$$

$$p(x) = \frac{1}{\sqrt{2\pi v}} \exp\left(-\frac{(x - m)^2}{2 v}\right)$$

$X \sim \mathcal{N}(m, v)$ with $v > 0$."""


@pytest.mark.parametrize(
    ("given", "line", "right", "wrong"),
    [
        (NAMED, r"\mathbb{E}_q[z] = @", r"\mu", r"\mu + \sigma"),
        (NAMED, r"\mathbb{E}_q[z^2] = @", r"\mu^2 + \sigma^2", r"\sigma^2"),
        (NAMED, r"\mathbb{E}_q[z^2] - \mathbb{E}_p[z^2] = \mu^2 + \sigma^2 @", "- 1", ""),
        (NAMED, r"\mathbb{E}_{z \sim q}[(z - \mu)^4] = @", r"3 \sigma^4", r"\sigma^4"),
        (NAMED, r"\operatorname{Var}_q(z) = @", r"\sigma^2", r"\sigma"),
        (NAMED, r"\mathbb{E}_{q(z)}[\log \sigma] = @", r"\log \sigma", r"\sigma"),
        (NAMED, r"\mathbb{E}_q[\log p(z)] = -\frac{1}{2} \log(2\pi) - \frac{1}{2} @", r"(\mu^2 + \sigma^2)", r"\mu^2"),
        (
            NAMED,
            r"\mathbb{E}_q\left[\log \frac{q(z)}{p(z)}\right] = \frac{1}{2} (\mu^2 + \sigma^2 - @)",
            r"\log \sigma^2 - 1",
            r"\log \sigma - 1",
        ),
        (WRITTEN, r"\mathbb{E}_p[(x - b)^2] = s^2 + @", "(a - b)^2", "a^2 - b^2"),
        (WRITTEN, r"\mathbb{E}_{x \sim p}\left[\log \frac{p(x)}{q(x)}\right] = \frac{(a - b)^2}{@}", "2 s^2", "s^2"),
        (WRITTEN, r"\int x^2 p(x) \, dx = a^2 @ s^2", "+", "-"),
        (INTEGRAL, r"D = \frac{\mu^2 + \sigma^2}{2} - @", r"\log \sigma - \frac{1}{2}", r"\log \sigma"),
        (ENTROPY, r"H = \frac{1}{2} \log(2 \pi v) + @", r"\frac{1}{2}", "1"),
    ],
)
def test_a_moment_under_a_bell_curve_is_that_of_the_curve(given, line, right, wrong):
    assert verdicts(under(given), f"$${line.replace('@', right)}$$")[-1] == "proved"
    assert verdicts(under(given), f"$${line.replace('@', wrong)}$$")[-1] == "wrong"


@pytest.mark.parametrize(
    ("given", "line"),
    [
        # An antiderivative, and a density of which nothing is known.
        (NAMED, r"\int z \, dz = z^2"),
        ("$a > 0$", r"\int p(x) \, dx = 1"),
        # A matrix is no variance of a number.
        (r"$$q(z) = \mathcal{N}(\mu, \Sigma)$$", r"\mathbb{E}_q[z^2] = \mu^2 + \Sigma"),
        # What grows at both ends is the density of nothing.
        (r"$$q(z) = e^{\frac{(z - \mu)^2}{2}}$$", r"\mathbb{E}_q[z] = \mu"),
    ],
)
def test_nothing_is_taken_for_a_bell_curve_that_is_none(given, line):
    assert verdicts(under(given), f"$${line}$$")[-1] in ("unreadable", "undecided")
