r"""The own argument of a function beside samples of the same letter, and numbers of which only the proof speaks."""

import pytest
from check.checking import under, verdicts

LOGISTIC = (
    r"$J(\theta) = -\frac{1}{m}\sum_{i=1}^m \left[y^{(i)}\log h_\theta(x^{(i)})"
    r" + (1-y^{(i)})\log(1-h_\theta(x^{(i)}))\right]$, $h_\theta(x) = \frac{1}{1+e^{-\theta^Tx}}$"
)
SHAPED = LOGISTIC + r", $x^{(i)} \in \mathbb{R}^n$."
DESCENT = r"$g(w) = w^2 - 3w$, $w^{(k+1)} = w^{(k)} - g'(w^{(k)})$, $w^{(0)} = 2$."
DENSITY = r"$p(x|\lambda) = \lambda\exp(-\lambda x)$"
NORMAL = r"$p(x \mid \mu) = \frac{1}{\sqrt{2\pi}} e^{-(x-\mu)^2/2}$ for $x \in \mathbb{R}$."
DRAWN = r"The observations are $x_1, \dots, x_n$, with density $f(x) = \lambda e^{-\lambda x}$, $x > 0$."


@pytest.mark.parametrize(
    ("given", "line", "wrong"),
    [
        (
            SHAPED,
            r"\frac{\partial J}{\partial\theta_j} = \frac1m\sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)})x^{(i)}_j",
            r"\frac{\partial J}{\partial\theta_j} = \frac1m\sum_{i=1}^m (y^{(i)} - h_\theta(x^{(i)}))x^{(i)}_j",
        ),
        (
            SHAPED,
            r"\nabla_\theta J = \frac1m\sum_i (h_\theta(x^{(i)}) - y^{(i)}) x^{(i)}",
            r"\nabla_\theta J = \sum_i (h_\theta(x^{(i)}) - y^{(i)}) x^{(i)}",
        ),
        (
            SHAPED,
            r"\frac{\partial h_\theta(x)}{\partial \theta_j} = h_\theta(x) (1 - h_\theta(x)) x_j",
            r"\frac{\partial h_\theta(x)}{\partial \theta_j} = h_\theta(x) x_j",
        ),
        (DESCENT, "g'(w) = 2w - 3", "g'(w) = 2w"),
        (DESCENT, "w^{(1)} = 1", "w^{(1)} = 3"),
        (
            DENSITY,
            r"\sum_{n=1}^{N}\ln p(x_n|\lambda) = N\ln\lambda - \lambda\sum_{n=1}^{N} x_n",
            r"\sum_{n=1}^{N}\ln p(x_n|\lambda) = N\ln\lambda - \sum_{n=1}^{N} x_n",
        ),
    ],
)
def test_beside_samples_the_argument_of_a_function_is_any_of_them(given: str, line: str, wrong: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == ["proved"]
    assert verdicts(under(given), f"$${wrong}$$") == ["wrong"]


@pytest.mark.parametrize(
    ("given", "first", "slope", "wrong"),
    [
        (
            NORMAL,
            r"\ell(\mu) = \sum_{n=1}^N \log p(x_n \mid \mu)",
            r"\ell'(\mu) = \sum_n (x_n - \mu)",
            r"\ell'(\mu) = \sum_n x_n",
        ),
        (
            DRAWN,
            r"\ell(\lambda) = n\log\lambda - \lambda \sum_{i=1}^n x_i",
            r"\ell'(\lambda) = \frac{n}{\lambda} - \sum_i x_i",
            r"\ell'(\lambda) = \frac{1}{\lambda} - \sum_i x_i",
        ),
    ],
)
def test_a_sum_without_bounds_runs_as_far_as_the_other_sums_of_the_proof(
    given: str, first: str, slope: str, wrong: str
) -> None:
    assert verdicts(under(given), f"$${first}$$\n\n$${slope}$$") == ["given", "proved"]
    assert verdicts(under(given), f"$${first}$$\n\n$${wrong}$$") == ["given", "wrong"]


KRONECKER = r"$$o = \sum_{i=1}^{n} a_i v_i$$"
BESIDE_DELTA = r"\sum_{i=1}^n (\delta_{ij} - a_j) a_i v_i = "


@pytest.mark.parametrize(
    ("right", "expected"), [("a_j (v_j - o)", "proved"), ("a_j (v_j + o)", "wrong"), ("v_j - o", "wrong")]
)
def test_a_name_with_two_indices_is_no_list_of_numbers(right: str, expected: str) -> None:
    assert verdicts(under(KRONECKER), f"$${BESIDE_DELTA}{right}$$") == [expected]


TREE = r"$V(y) = a \ln y + b \ln(1 - y)$, $0 < y < 1$, $a > 0$, $b > 0$, and "


@pytest.mark.parametrize("name", [r"$y_0 := \frac{a}{a + b}$.", r"$y_{MAP} := \frac{a}{a + b}$."])
def test_a_name_with_a_number_or_a_label_is_no_sample_of_an_argument(name: str) -> None:
    assert verdicts(under(TREE + name), r"$V'_y = \frac ay - \frac b{1 - y}$") == ["proved"]
    assert verdicts(under(TREE + name), r"$V'_y = \frac ay + \frac b{1 - y}$") == ["wrong"]


SUM_OF_RULE = r"$$S = \sum_{k=1}^n R_k$$"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (r"$$R_k = 7, \quad k = 2, \dots, n$$", ["proved", "wrong", "proved"]),
        (r"$$R_k = 7, \quad k \ge 2$$", ["proved", "wrong", "proved"]),
        ("$R_k = 7$ for every $k$.", ["undecided", "undecided", "undecided"]),
        (r"$$R_k = 7, \quad k = m, \dots, n$$", ["undecided", "undecided", "undecided"]),
    ],
)
def test_a_number_said_of_later_members_is_not_said_of_the_first(rule: str, expected: list[str]) -> None:
    given = f"$$R_1 = 2$$\n\n{rule}\n\n{SUM_OF_RULE}"
    assert verdicts(under(given), "$$R_1 + R_2 = 9$$\n\n$$R_1 = 7$$\n\n$$R_3 = 7$$") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("w p + b = 0", "proved"),
        ("w p + b = 1", "wrong"),
        ("f(2) = 2 w + b", "proved"),
        ("w p + b + r w = r w", "proved"),
        ("w p + b + r w = r", "wrong"),
    ],
)
def test_a_value_of_a_function_that_is_defined_is_a_fact(line: str, expected: str) -> None:
    assert verdicts(under("$$f(x) = w x + b$$\n\n$$f(p) = 0$$"), f"$${line}$$") == [expected]


OF_SAMPLES = r"$h(x) = \sigma(\theta^\top x)$, $x_i \in \mathbb{R}^d$, $i = 1, \dots, n$"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\frac{\partial h(x_i)}{\partial \theta} = h(x_i) (1 - h(x_i)) x_i", "proved"),
        (r"\frac{\partial h(x_i)}{\partial \theta} = h(x_i) (1 + h(x_i)) x_i", "wrong"),
        (r"\frac{\partial h(x)}{\partial \theta} = h(x) (1 - h(x)) x", "proved"),
    ],
)
def test_an_argument_has_the_shape_of_its_samples(line: str, verdict: str) -> None:
    assert verdicts(under(OF_SAMPLES), f"$${line}$$") == [verdict]
