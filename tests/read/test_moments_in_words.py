"""What words say of means and variances: of lists of families, of "their" mean in the next sentence, in a display."""

import pytest
from check.checking import verdicts

HEAD = "# A\n\n## Given\n\n$$s = \\sum_{i=1}^{d} q_i k_i$$\n\n%s\n\n## Proof\n\n"
UPRIGHT = "# A\n\n## Given\n\n$$\\mathrm{E}(x) = \\mu, \\quad \\mathrm{Var}(x) = v, \\quad y = cx$$\n\n## Proof\n\n"


@pytest.mark.parametrize(
    "words",
    [
        r"The variables $q_1, \dots, q_d, k_1, \dots, k_d$ are independent, each with mean $0$ and variance $1$.",
        r"Each $q_i$ and $k_i$ is independent. Their mean is 0. Their variance is 1.",
        "* Each $q_i$ and $k_i$ is independent.\n\n* Their mean is 0.\n\n* Their variance is 1.",
        r"The entries $q_i, k_i$ are independent with mean 0 and variance 1.",
    ],
)
def test_the_moments_that_words_state_are_those_of_all_names_they_are_said_of(words: str) -> None:
    lines = [r"\mathrm{Var}(s) = d", r"\mathrm{Var}(s) = d^2", r"\mathbb{E}[q_i k_i] = 0", r"\mathbb{E}[q_i k_i] = 1"]
    assert [verdicts(HEAD % words, f"$${line}$$")[0] for line in lines] == ["proved", "wrong", "proved", "wrong"]


def test_what_is_not_said_to_be_independent_is_not() -> None:
    words = r"The $q_i$ and $k_i$ have mean 0 and variance 1."
    assert verdicts(HEAD % words, r"$$\mathrm{Var}(s) = d$$") != ["proved"]


def test_words_in_a_display_say_that_what_is_in_it_is_independent() -> None:
    given = (
        "# A\n\n## Given\n\n$$S = \\sum_{i=1}^n X_i$$\n\n$$X_1, \\dots, X_n \\text{ are independent with } "
        "\\mathbb{E}[X_i] = m \\text{ and } \\mathrm{Var}(X_i) = v$$\n\n## Proof\n\n"
    )
    assert verdicts(given, r"$$\mathrm{Var}(S) = n v$$") == ["proved"]
    assert verdicts(given, r"$$\mathrm{Var}(S) = n^2 v$$") == ["wrong"]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\mathrm{E}(y) - \mu = (c - 1) \mu", "proved"),
        (r"\mathrm{E}(y) - \mu = c \mu", "wrong"),
        (r"\mathrm{Var}(y) = c^2 v", "proved"),
    ],
)
def test_an_upright_letter_before_round_brackets_is_an_expectation(line: str, verdict: str) -> None:
    assert verdicts(UPRIGHT, f"$${line}$$") == [verdict]


def test_an_upright_letter_that_is_given_by_a_formula_is_none() -> None:
    given = "# A\n\n## Given\n\n$$\\mathrm{E}(w) = (w - 1)^2$$\n\n## Proof\n\n"
    assert verdicts(given, r"$$\mathrm{E}(2) = 1, \quad \mathrm{E}(2) = 2$$") == ["proved", "wrong"]
