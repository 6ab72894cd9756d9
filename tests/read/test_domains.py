"""Where the argument of a function runs, beside its definition: a right line holds there, and its twin does not."""

import pytest
from check.checking import under, verdicts

CUBE = r"$f(x) = x^3$"
INVERSE = r"$f(x) = \frac{1}{x}$"
POSITIVE = ("f(x) > 0", "f(x) > x")
AT_LEAST_0 = (r"f(x) \ge 0", r"f(x) \ge x")


@pytest.mark.parametrize(
    "given, right, wrong",
    [
        (rf"{INVERSE} for $x > 0$.", *POSITIVE),
        (rf"{INVERSE}, defined for $x > 0$.", *POSITIVE),
        (rf"For $x > 0$, {INVERSE}.", *POSITIVE),
        (r"$$f(x) = \frac{1}{x} \quad \text{for } x > 0$$", *POSITIVE),
        (rf"{CUBE} on $[0, \infty)$.", *AT_LEAST_0),
        (rf"{CUBE} on the interval $[0, 1]$.", "f(x) \\le x", "f(x) \\ge x"),
        (rf"$f : (0, \infty) \to \mathbb{{R}}$, {CUBE}", *POSITIVE),
        (rf"$f : \mathbb{{R}}_+ \to \mathbb{{R}}$ is {CUBE}.", *POSITIVE),
        (rf"{CUBE}, $x \in \mathbb{{R}}_{{+}}$", *AT_LEAST_0),
        (rf"{CUBE}, $x \in \mathbb{{R}}_{{++}}$", *POSITIVE),
        (rf"{CUBE}, $x \in (0, 1]$", "f(x) > 0", "f(x) < x"),
        (rf"{CUBE}, $x \in \left[0, \infty\right)$", *AT_LEAST_0),
        (r"$x, y \in [0, \infty)$ and $s = x + y$.", r"s \ge y", r"s \ge 2 y"),
        (r"$$\alpha \in [0, 1), \quad y = \frac{1}{1 - \alpha}$$", r"y \ge 1", "y > 1"),
    ],
)
def test_a_function_is_taken_where_it_is_defined(given: str, right: str, wrong: str) -> None:
    assert verdicts(under(given), f"$${right}$$") == ["proved"]
    assert verdicts(under(given), f"$${wrong}$$") == ["wrong"]


@pytest.mark.parametrize(
    "given, line",
    [
        (rf"{CUBE} on $(0, \infty)$ and $g(x) = x^2$.", "g(x) = x |x|"),
        (rf"{CUBE} on $(0, \infty)$ and $g(x) = x^2$.", "f(x) > 0"),
        (r"$f(x) = x$ for $x > 0$, and zero otherwise.", "f(x) = |x|"),
        (rf"{CUBE}, $x \in [0, +\infty[$", r"f(x) \ge 0"),
    ],
)
def test_a_domain_that_may_be_of_more_decides_nothing(given: str, line: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == ["undecided"]


@pytest.mark.parametrize("fraction", [r"\frac n2", r"\frac n 2", r"\dfrac n2", r"\frac{n}2"])
def test_a_fraction_takes_one_sign_each(fraction: str) -> None:
    given = rf"$f(x) = {fraction} x^2$"
    assert verdicts(under(given), "$$f'(x) = n x$$") == ["proved"]
    assert verdicts(under(given), "$$f'(x) = 2 n x$$") == ["wrong"]
