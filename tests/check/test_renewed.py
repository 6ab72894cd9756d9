"""A name that has a number may have another one later: in the next row, after a step, or worked out anew."""

import pytest
from check.checking import checked, under, verdicts

NOTHING = "$$u = 1$$"


@pytest.mark.parametrize(
    ("given", "proof"),
    [
        (NOTHING, "Start with $w = 0$.\n\nUpdate: $w = 0.9 \\cdot 0 + 0.5 = 0.5$."),
        (NOTHING, "Let $w = 1$. Then $w = 1 - 0.5 = 0.5$. Then $w = 0.5 - 0.25 = 0.25$."),
        (NOTHING, "Start with $w = (0, 0)$.\n\nHence $w = 0.9 (0, 0) + 0.5 (2, 1) = (1, 0.5)$."),
        (NOTHING, "First layer: n = 28\n\nSecond layer: n = 14"),
        (NOTHING, "$$Round 1: w = (1, 0)$$\n\n$$Round 2: w = (0, 1)$$"),
        ("$$x = 4$$", "$$x = 4 - 0.1 \\cdot 8 = 3.2$$\n\n$$x = 3.2 - 0.1 \\cdot 6.4 = 2.56$$"),
        ("$$w = 1, b = 2$$", "In the second epoch $w = 0.5$ and $b = 0$."),
        ("$$w = 1$$", "Then $w = 0.5$."),
        ("$$w = (0.5, 0.5), b = 0$$", "New weights: w = (0.4, 0.6), b = -0.1"),
        ("$$u_{k+1} = 0.5 u_k + 1, u_0 = 0$$", "In the limit u = \\frac{1}{1 - 0.5} = 2."),
    ],
)
def test_another_number_for_a_name_is_no_error_where_it_may_be_the_next_one(given: str, proof: str) -> None:
    assert checked(under(given), proof).verdict == "undecided"


@pytest.mark.parametrize(
    ("given", "proof", "last"),
    [
        (NOTHING, "Start with $w = 0$.\n\nUpdate: $w = 0.9 \\cdot 0 + 0.5 = 0.6$.", "wrong"),
        (NOTHING, "$$n = 28$$\n\n$$n = 14$$", "wrong"),
        ("$$w = 1, x = 2, y = w x$$", "Then $y = 3$.", "wrong"),
        ("$$w = 2$$", "$$w = 3$$", "wrong"),
    ],
)
def test_what_a_name_is_by_a_formula_or_without_a_word_is_what_it_was(given: str, proof: str, last: str) -> None:
    assert verdicts(under(given), proof)[-1] == last


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (r"$$p = 0.2, \quad H = -p \ln p - (1 - p) \ln(1 - p)$$", "H = 0.322 + 0.179 = 0.500", "rounded"),
        (r"$$p = 0.2, \quad H = -p \ln p - (1 - p) \ln(1 - p)$$", "H = 0.322 + 0.179 = 0.511", "wrong"),
        (NOTHING, "0.322 + 0.179 = 0.500", "undecided"),
    ],
)
def test_digits_are_those_of_the_first_side_or_of_the_sum_shown(given: str, line: str, expected: str) -> None:
    assert verdicts(under(given), f"$${line}$$")[-1] == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"\frac{e}{e + e^2} = 0.269", "rounded"),
        (r"\frac{e}{e + e^2} = 0.731", "wrong"),
    ],
)
def test_beside_numbers_alone_e_is_eulers_number(line: str, expected: str) -> None:
    assert verdicts(under(NOTHING), f"$${line}$$") == [expected]


def test_an_e_of_which_a_proof_says_what_it_is_is_no_constant() -> None:
    assert "wrong" not in verdicts(under(NOTHING), "The error is $e = 0.5$.\n\n$$\\frac{1}{2} e^2 = 0.125$$")


LAGRANGE = r"$$L = \frac{1}{2} \sum_{i=1}^n s_i w_i^2 - \lambda (\sum_{i=1}^n w_i - 1)$$"


def test_where_a_slope_is_zero_the_constraint_of_its_multiplier_holds() -> None:
    proof = (
        r"$$\frac{\partial L}{\partial w_i} = s_i w_i - \lambda = 0$$"
        "\n\nso $w_i = \\lambda / s_i$, and the constraint gives\n\n"
        r"$$\lambda = \frac{1}{\sum_{j=1}^n 1/s_j}$$"
    )
    assert verdicts(under(LAGRANGE), proof)[-1] == "proved"


BUDGET = (
    r"$$L = \sum_{i=1}^n \frac{\sigma_i^2}{n_i} + \kappa (\sum_{i=1}^n n_i - B)$$"
    "\n\n"
    r"$$\sigma_i > 0, n_i > 0, \kappa > 0$$"
)


def test_a_multiplier_may_be_eliminated_by_its_constraint() -> None:
    proof = (
        r"$$\frac{\partial L}{\partial n_i} = -\frac{\sigma_i^2}{n_i^2} + \kappa = 0$$"
        "\n\nthat is,\n\n"
        r"$$n_i = \frac{\sigma_i}{\sqrt{\kappa}}$$"
        "\n\nso that finally\n\n"
        r"$$n_i = B \frac{\sigma_i}{\sum_{j=1}^n \sigma_j}$$"
    )
    assert verdicts(under(BUDGET), proof)[-1] == "proved"


def test_a_factor_with_one_sign_weighs_a_penalty_and_constrains_nothing() -> None:
    given = r"$$J = (y - w x)^2 + \lambda (w - m)^2$$"
    slope = r"$$\frac{\partial J}{\partial w} = -2x (y - w x) + 2 \lambda (w - m) = 0$$"
    assert verdicts(under(given), f"{slope}\n\n$$w = m$$")[-1] == "wrong"
