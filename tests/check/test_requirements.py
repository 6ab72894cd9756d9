"""What a sentence requires and gets, where words set values entry by entry, and moments of what has few values."""

import pytest
from check.checking import under, verdicts

SCORE = (
    r"$$\ell(\theta) = \sum_{i=1}^{n} \left\{ x_i \log\theta + (1 - x_i)\log(1 - \theta) \right\}$$"
    "\n\n$0 < \\theta < 1$\n\n"
    r"$$s = \sum_{i=1}^{n} x_i, \quad 0 < s < n$$" "\n\n" r"The score function is $U(\theta) = \ell'(\theta)$."
)  # fmt: skip
LAYER = (
    r"$$z = \sum_{i=1}^{n} w_i a_i$$" "\n\nThe weights $w_i$ and the activations $a_i$ are independent random; "
    r"$\mathbb{E}[w_i] = 0$, $\operatorname{Var}(w_i) = s$ and $\mathbb{E}[a_i^2] = q$."
)  # fmt: skip
SCALED = LAYER.replace("(w_i) = s", "(w_i) = s^2").replace("a_i^2] = q", "a_i^2] = q > 0")
UNITS = r"$$h_1 = \max(0, x_1 + x_2), \quad h_2 = \max(0, x_1 + x_2 - 1), \quad y = h_1 - 2 h_2$$"
FACTORS = r"$$L = (r - p^\top q)^2, \quad p, q \in \mathbb{R}^2$$"
DIE = r"$$P(X = 1) = \frac{1}{2}, \quad P(X = 2) = \frac{1}{3}, \quad P(X = 3) = \frac{1}{6}$$"
MASK = (
    r"$$b = \frac{m}{p} h$$"
    "\n\nThe mask $m$ is 1 with probability $p$ and 0 with probability $1 - p$; $h$ is a constant."
)
FAIR = r"$P(X = k) = \frac{1}{6}$ for $k = 1, 2, 3, 4, 5, 6$."
UNIFORM = "$X$ is uniformly distributed on $[0, a]$."
ODD = r"$X$ is uniformly distributed on $\{1, 3, \dots, 9\}$."
RISK = r"$\bar{X}$ has mean $\mu$ and variance $v > 0$." "\n\n" r"$$R(c) = \mathbb{E}[(c \bar{X} - \mu)^2]$$"
ESTIMATE = (
    r"$$t = \frac{1}{n} \sum_{i=1}^{n} (a + \epsilon^{(i)})$$" "\n\n"
    r"The noise terms $\epsilon^{(i)}$ are independent with mean 0 and variance $\sigma^2$."
)  # fmt: skip
SPEED = r"$$\lambda > 0$$"


@pytest.mark.parametrize(("value", "found"), [("s/n", ["given", "proved"]), ("2 s/n", ["undecided"])])
def test_what_a_sentence_sets_to_zero_is_given_and_its_solution_proved(value: str, found: list[str]) -> None:
    proof = r"Setting $U(\hat\theta) = 0$ gives $\hat\theta = " + value + "$."
    assert verdicts(under(SCORE), proof) == found


@pytest.mark.parametrize(("value", "verdict"), [("s/n", "proved"), ("2 s/n", "undecided")])
def test_an_equation_in_words_has_a_root(value: str, verdict: str) -> None:
    proof = r"The score equation $U(\theta) = 0$ has the only root $\hat\theta = " + value + "$."
    assert verdicts(under(SCORE), proof)[-1] == verdict


@pytest.mark.parametrize(("top", "holds"), [("2", True), ("3", False)])
def test_what_is_chosen_for_an_equation_may_be_enough_for_it(top: str, holds: bool) -> None:
    proof = r"To get $\operatorname{Var}(z) = 2 q$ one chooses $s = \frac{" + top + "}{n}$."
    assert (set(verdicts(under(LAYER), proof)) <= {"given", "proved"}) == holds


@pytest.mark.parametrize(("top", "verdict"), [("1", "proved"), ("2", "undecided")])
def test_a_conclusion_may_go_through_an_equation_that_is_given(top: str, verdict: str) -> None:
    proof = r"$$\operatorname{Var}(z) = q \implies s^2 = \frac{" + top + "}{n}$$"
    assert verdicts(under(SCALED), proof) == ["given", verdict]


@pytest.mark.parametrize(("end", "found"), [("2", ["proved"] * 2), ("3", ["undecided", "proved"])])
def test_both_ends_of_an_interval_are_equivalent_to_a_bound(end: str, found: list[str]) -> None:
    proof = r"$$|1 - \eta\lambda| < 1 \iff 0 < \eta < \frac{" + end + r"}{\lambda}$$"
    assert verdicts(under(SPEED), proof)[1:] == found


@pytest.mark.parametrize(
    ("given", "proof", "last"),
    [
        pytest.param(UNITS, "For $(x_1, x_2) = (1, 0)$ we have $h_1 = 1$.", "proved", id="a pair"),
        pytest.param(UNITS, "For $(x_1, x_2) = (1, 0)$ we have $h_1 = 2$.", "wrong", id="another value at a pair"),
        pytest.param(
            FACTORS, r"For $p = (1, 2)$, $q = (0.5, 1)$ and $r = 4$ the gradient is $\nabla_p L = -3 \cdot (0.5, 1)$.",
            "proved", id="vectors",
        ),
        pytest.param(
            FACTORS, r"For $p = (1, 2)$, $q = (0.5, 1)$ and $r = 4$ the gradient is $\nabla_p L = -2 \cdot (0.5, 1)$.",
            "wrong", id="another gradient at vectors",
        ),
    ],
)  # fmt: skip
def test_words_set_the_entries_of_a_list(given: str, proof: str, last: str) -> None:
    assert verdicts(under(given), proof)[-1] == last


@pytest.mark.parametrize(("value", "verdict"), [("0.9", "proved"), ("0.8", "wrong")])
def test_a_value_that_words_name_takes_the_place_of_the_given_one(value: str, verdict: str) -> None:
    given = under(r"$w_{t+1} = w_t - \eta w_t$, $w_0 = 1$, $\eta = 0.5$")
    assert verdicts(given, rf"For $\eta = 0.1$ we have $w_1 = {value}$.") == [verdict]


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        pytest.param(DIE, r"$$E[X] = \frac{5}{3}$$", "proved", id="a mean"),
        pytest.param(DIE, r"$$E[X] = \frac{4}{3}$$", "wrong", id="another mean"),
        pytest.param(DIE, r"$$\operatorname{Var}(2 X + 1) = \frac{20}{9}$$", "proved", id="a variance"),
        pytest.param(DIE, r"$$\operatorname{Var}(2 X + 1) = \frac{10}{9}$$", "wrong", id="another variance"),
        pytest.param(
            DIE.replace(r"\frac{1}{6}", r"\frac{1}{7}"), r"$$E[X] = \frac{5}{3}$$", "undecided", id="not all values"
        ),
        pytest.param(MASK, r"$$\mathbb{E}[b] = h$$", "proved", id="a mask"),
        pytest.param(MASK, r"$$\mathbb{E}[m^2] = p$$", "proved", id="its square"),
        pytest.param(MASK, r"$$\operatorname{Var}(b) = \frac{1 - p}{p} h^2$$", "proved", id="its variance"),
        pytest.param(MASK, r"$$\operatorname{Var}(b) = \frac{1 - p}{p^2} h^2$$", "wrong", id="another one"),
        pytest.param(
            "The random variable $X$ has a finite variance.", r"$$\mathbb{E}[X \mathbb{E}[X]] = \mathbb{E}[X]^2$$",
            "proved", id="a mean is a constant",
        ),
        pytest.param(
            "The random variable $X$ has a finite variance.", r"$$\mathbb{E}[\mathbb{E}[X^2]] = \mathbb{E}[X]^2$$",
            "wrong", id="and that of a square another one",
        ),
    ],
)  # fmt: skip
def test_moments_of_what_has_few_values(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), line) == [verdict]


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        pytest.param(
            r"$$p_k = (1 - q)^{k-1} q, \quad k = 1, 2, \dots, \quad 0 < q < 1$$",
            "1 - (1 - q)^n",
            "proved",
            id="without end",
        ),
        pytest.param(
            r"$$p_k = (1 - q)^{k-1} q, \quad k = 1, 2, \dots, \quad 0 < q < 1$$", "1 - q^n", "wrong", id="its twin"
        ),
    ],
)
def test_an_index_may_run_without_end(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), rf"$$\sum_{{k=1}}^{{n}} p_k = {line}$$") == [verdict]


@pytest.mark.parametrize(("value", "verdict"), [("8", "proved"), ("9", "wrong")])
def test_a_word_above_a_number_is_an_exponent(value: str, verdict: str) -> None:
    assert verdicts(under(r"$$\text{NLL} = 3, \quad Q = 2^{\text{NLL}}$$"), f"$$Q = {value}$$") == [verdict]


@pytest.mark.parametrize(("weight", "verdict"), [(r"2 N \lambda", "proved"), (r"\lambda", "undecided")])
def test_the_gradient_that_words_set_to_zero_is_that_of_the_one_thing_varied(weight: str, verdict: str) -> None:
    given = (
        r"$$L(w) = \frac{1}{2N} \|y - X w\|^2 + \lambda \|w\|^2$$" "\n\n"
        r"$$X \in \mathbb{R}^{N \times D},\ y \in \mathbb{R}^N, w \in \mathbb{R}^D,\ \lambda > 0$$"
    )  # fmt: skip
    proof = rf"Setting the gradient to zero gives $w^\star = \left(X^\top X + {weight} I\right)^{{-1}} X^\top y$."
    assert verdicts(under(given), proof) == [verdict]


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        pytest.param(FAIR, r"$$E[X] = \frac{7}{2}$$", "proved", id="a die"),
        pytest.param(FAIR, "$$E[X] = 3$$", "wrong", id="not its mean"),
        pytest.param(UNIFORM, r"$$E[X^2] = \frac{a^2}{3}$$", "proved", id="an interval"),
        pytest.param(UNIFORM, r"$$E[X^2] = \frac{a^2}{2}$$", "wrong", id="its twin"),
        pytest.param(ODD, r"$$\mathrm{Var}(X) = 8$$", "undecided", id="numbers in other steps"),
    ],
)  # fmt: skip
def test_moments_of_what_is_uniform(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), line) == [verdict]


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        pytest.param(RISK, r"$$R(c) = c^2 v + (1 - c)^2 \mu^2$$", "proved", id="an accent"),
        pytest.param(RISK, r"$$R(c) = c^2 v + (1 - c) \mu^2$$", "wrong", id="its twin"),
        pytest.param(ESTIMATE, r"$$\mathrm{Var}(t) = \frac{\sigma^2}{n}$$", "proved", id="an index in brackets"),
        pytest.param(ESTIMATE, r"$$\mathrm{Var}(t) = \sigma^2$$", "wrong", id="and its twin"),
    ],
)
def test_words_say_the_moments_of_a_name_with_an_accent_or_a_high_index(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), line) == [verdict]
