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


MEAN = "# A\n\n## Given\n\n%s\n\n$$m = \\frac{1}{n} \\sum_{i=1}^n x_i$$\n\n## Proof\n\n"


@pytest.mark.parametrize(
    "given",
    [
        r"$x_1, \dots, x_n \sim N(\mu, \sigma^2)$ are independent.",
        r"$$x_1, x_2, \dots, x_n \sim N(\mu, \sigma^2)\ \text{independent}$$",
        r"$$x_1, \dots, x_n \overset{iid}{\sim} \mathcal{N}(\mu, \sigma^2)$$",
        r"$$x_i \stackrel{\text{i.i.d.}}{\sim} N(\mu, \sigma^2)$$",
        r"Let $x_1, x_2, \ldots, x_n$ be i.i.d. samples from $\mathcal{N}(\mu, \sigma^2)$.",
        r"$x_1, \dots, x_n$ are independent and $N(\mu, \sigma^2)$ distributed.",
        r"The $x_i$ are drawn independently from a normal distribution $N(\mu, \sigma^2)$.",
    ],
)
def test_what_is_listed_up_to_the_last_is_distributed_alike(given: str) -> None:
    lines = [r"\mathrm{E}[m] = \mu", r"\mathrm{Var}(m) = \frac{\sigma^2}{n}", r"\mathrm{Var}(m) = \sigma^2"]
    assert [verdicts(MEAN % given, f"$${line}$$")[0] for line in lines] == ["proved", "proved", "wrong"]


@pytest.mark.parametrize(
    "given",
    [
        r"The posterior of $w$ given $x_i$ follows $N(\mu, \sigma^2)$.",
        r"The $x_i$ are independent, and $N(\mu, \sigma^2)$ is a law.",
        r"$x_1, \dots, y_n \sim N(\mu, \sigma^2)$ are independent.",
    ],
)
def test_a_law_of_something_else_is_not_that_of_the_last_name(given: str) -> None:
    assert verdicts(MEAN % given, r"$$\mathrm{E}[m] = \mu$$")[0] not in ("proved", "wrong")


@pytest.mark.parametrize(
    ("given", "line", "right", "wrong"),
    [
        ("$$p(y = 1) = q,\\ p(y = -1) = 1 - q$$", r"\mathbb{E}[y] = @", "2 q - 1", "1 - 2 q"),
        # Of two values the other one has what is left.
        (r"The $m_i \in \{0, 1\}$ have $P(m_i = 1) = 0.25$.", r"\mathbb{E}[m_i] = @", "0.25", "0.75"),
        (r"The $m_i \in \{-1, +1\}$ have $P(m_i = 1) = 0.25$.", r"\mathbb{E}[m_i] = @", "-0.5", "0.25"),
        (
            r"$X$ takes the values $-2, 0, 1$ with the probabilities $\frac{1}{2}, \frac{1}{4}, \frac{1}{4}$.",
            r"\mathbb{E}[X] = @", r"-\frac{3}{4}", r"\frac{3}{4}",
        ),
    ],
)  # fmt: skip
def test_the_mean_of_what_has_few_values_follows_from_their_probabilities(
    given: str, line: str, right: str, wrong: str
) -> None:
    head = f"# A\n\n## Given\n\n{given}\n\n## Proof\n\n"
    found = [verdicts(head, f"$${line.replace('@', value)}$$") for value in (right, wrong)]
    assert found == [["proved"], ["wrong"]]


@pytest.mark.parametrize(
    "given",
    [
        # Probabilities that do not add up, lists of different lengths, and one of three values.
        r"$X$ takes the values $-2, 0, 1$ with the probabilities $\frac{1}{2}, \frac{1}{4}, \frac{1}{8}$.",
        r"$X$ takes the values $-2, 0, 1$ with the probabilities $\frac{1}{2}, \frac{1}{2}$.",
        r"$X \in \{-2, 0, 1\}$ with $P(X = 1) = \frac{1}{4}$.",
    ],
)
def test_values_without_all_probabilities_have_no_mean(given: str) -> None:
    head = f"# A\n\n## Given\n\n{given}\n\n## Proof\n\n"
    assert verdicts(head, r"$$\mathbb{E}[X] = -\frac{3}{4}$$")[0] not in ("proved", "wrong")
