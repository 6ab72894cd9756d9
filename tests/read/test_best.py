"""What words say of where a function is least or greatest."""

import pytest
from check.checking import under, verdicts

from symdl.read.best import spoken_places

PARABOLA = "$$f(c) = v - 2 c k + c^2 s$$\n\n$s > 0$.\n\n"


@pytest.mark.parametrize(
    ("words", "formula"),
    [
        ("$c^*$ minimises $f$.", r"c^* = \arg\min_{c} f"),
        ("The minimum of $f(c)$ is attained at $c^*$.", r"c^* = \arg\min_{c} f(c)"),
        (
            r"$\hat{\lambda}$ is the value of $\lambda$ that maximises $\ell$.",
            r"\hat{\lambda} = \arg\max_{\lambda} \ell",
        ),
        ("Let $w^{*}$ be the minimizer of $J$.", r"w^{*} = \arg\min_{w} J"),
    ],
)
def test_a_sentence_that_says_where_a_function_is_least_is_an_equation(words: str, formula: str) -> None:
    assert [said for _, said in spoken_places(words)] == [formula]


@pytest.mark.parametrize(
    "words",
    [
        "$c^*$ minimises $f$ subject to $g = 0$.",
        "$c^*$ does not minimise $f$.",
        "$c$ minimises $f$.",
        "$c^*$ and $d^*$ minimise $f$.",
        "The minimal value of $f$ is $m$.",
        "Does $c^*$ minimise $f$ or maximise it?",
    ],
)
def test_what_says_more_or_less_than_that_is_none(words: str) -> None:
    assert list(spoken_places(words)) == []


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"c^* = \frac{k}{s}", "proved"),
        (r"c^* = -\frac{k}{s}", "wrong"),
        (r"f(c^*) = v - \frac{k^2}{s}", "proved"),
        (r"f(c^*) = v + \frac{k^2}{s}", "wrong"),
    ],
)
def test_what_is_said_to_be_the_best_is_judged_by_that(line: str, verdict: str) -> None:
    assert verdicts(under(PARABOLA + "$c^*$ minimises $f$."), f"$${line}$$") == [verdict]
