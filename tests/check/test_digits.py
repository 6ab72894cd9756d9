"""How exact a number is that a proof shows."""

import pytest
from check.checking import under, verdicts
from sympy import Rational

from symdl.check.digits import coarsest_unit, digits_of


@pytest.mark.parametrize(
    ("latex", "value", "unit"),
    [
        ("0.62", "31/50", "1/100"),
        ("-1.50", "-3/2", "1/100"),
        (".5", "1/2", "1/10"),
        ("37", "37", "1"),
        ("1,234.5", "2469/2", "1/10"),
        (r"2.5 \times 10^{-3}", "1/400", "1/10000"),
        (r"2.5\cdot 10^7 .", "25000000", "1000000"),
        (r"3.0\,", "3", "1/10"),
        (r"\mathbf{-0.50}", "-1/2", "1/100"),
    ],
)
def test_a_number_is_read_with_the_unit_of_its_last_digit(latex: str, value: str, unit: str) -> None:
    found = digits_of(latex)
    assert found is not None
    assert (found.value, found.unit) == (Rational(value), Rational(unit))


@pytest.mark.parametrize("latex", ["x", "0.5 + 0.1", r"\frac{1}{2}", "", ".", "-", "1,23,4", "0.5x", "2^3"])
def test_anything_else_is_no_number(latex: str) -> None:
    assert digits_of(latex) is None


def test_truncated_digits_count_away_from_zero() -> None:
    shown = digits_of("-0.66")
    assert shown is not None
    assert shown.truncation == (Rational(-67, 100), Rational(-66, 100))
    assert shown.rounding == (Rational(-133, 200), Rational(-131, 200))


@pytest.mark.parametrize(("latex", "unit"), [("0.268 + 1.2", "1/10"), ("x + 1", None), ("0.25x", "1/100")])
def test_the_coarsest_decimal_sets_the_doubt_of_a_formula(latex: str, unit: str | None) -> None:
    assert coarsest_unit(latex) == (None if unit is None else Rational(unit))


NEWTON = under(r"$$f(x) = x^3 - 2x - 5$$" "\n\n" r"$$x_{k+1} = x_k - \frac{f(x_k)}{f'(x_k)}, \quad x_0 = 2$$")
SCALED = under(r"$$y = 2 \frac{x}{\sqrt{s}} + 1, \quad x = 3, \quad s = 5$$")


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        (NEWTON, r"x_2 = 2.1 - \frac{0.061}{11.23}", "proved"),
        (NEWTON, r"x_2 = 2.1 + \frac{0.061}{11.23}", "wrong"),
        (SCALED, "y = 3.683", "rounded"),
        (SCALED, "y = 3.684", "undecided"),
        (SCALED, "y = 3.685", "wrong"),
        (SCALED, "y = 3.8", "wrong"),
    ],
)
def test_exact_values_have_no_rounding_and_what_was_rounded_twice_is_open(given: str, line: str, verdict: str) -> None:
    assert verdicts(given, f"$${line}$$") == [verdict]


@pytest.mark.parametrize(
    "line",
    [
        "1.5 + 2.5 = 3.9", "10.4 - 2.5 = 7.8", "12.9 = 12.8", "0.65 + 0.30 = 0.94", r"2.5 \cdot 1.5 = 3.74",
        r"5.2 \cdot 3 = 15.7", "6.3 + 6.6 = 12.7", r"0.92 + 4 \cdot 0.02 = 0.98",
        "1 - 0.01 = 0.9", r"0.3 \cdot 0.3 = 0.0", "0.5 + 0.49 = 0.9",
    ],
)  # fmt: skip
def test_arithmetic_with_exact_decimals_is_not_rounded(line: str) -> None:
    assert verdicts(under("$$u = 2 v$$"), f"$${line}$$")[0] in ("wrong", "undecided")


@pytest.mark.parametrize(
    "line",
    [
        "12.94 = 12.9",
        r"75\% \text{ of } 200 = 150",
        "1/3 = 33.3 %",
        "1.29 + 1.298 = 2.58",
        r"p (1 - p) = 0.62 \cdot 0.38",
        r"0.622 + 0.378 = 1.000",
    ],
)
def test_digits_that_were_cut_off_or_rounded_before_are_right(line: str) -> None:
    assert set(verdicts(under(r"$$p = \sigma(0.5)$$"), f"$${line}$$")) <= {"rounded", "proved"}


def test_a_number_of_a_number_is_neither_a_product_nor_a_share() -> None:
    assert verdicts(under("$$u = 2 v$$"), r"$$3 \text{ of } 4 = 0.75$$") == ["unreadable"]


TABLE = r"$$\ln 2 = 0.693, \quad \ln 3 = 1.099$$"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"\ln 4 = 2 \cdot 0.693 = 1.386", ["rounded", "proved"]),
        (r"\ln 6 = 0.693 + 1.099 = 1.792", ["rounded", "proved"]),
        (r"\ln 8 = 2 \cdot 0.693", ["wrong"]),
        (r"\ln \frac{3}{4} = 1.099 - 0.693", ["wrong"]),
        (r"x + 1 = x + 2", ["wrong"]),
        (r"\ln (2x) = 0.693 + \ln x", ["proved"]),
    ],
)
def test_a_number_in_a_given_table_is_a_rounded_one(line: str, expected: list[str]) -> None:
    assert verdicts(under(TABLE), f"$${line}$$") == expected


PERPLEXITY = r"$p_1 = 0.20,\ p_2 = 0.10,\ p_3 = 0.25$, $Q = e^{-\frac{1}{3}(\log p_1 + \log p_2 + \log p_3)}$"
LOGARITHMS = "$$\\log p_1 = -1.609$$\n\n$$\\log p_2 = -2.302$$\n\n$$\\log p_3 = -1.386$$\n\n"
STEP = r"$y = 0.438$, $a = 0.657$, $w = 0.5$, $\frac{\partial L}{\partial w} = (y - 1) a$"
MATRIX_STEP = r"$e = [-0.562, 0.562]$, $a = [0.657, 0.5]$, $\frac{\partial L}{\partial W} = e a^T$"


@pytest.mark.parametrize(
    ("given", "before", "right", "wrong"),
    [
        (PERPLEXITY, LOGARITHMS, "Q = e^{1.7657}", "Q = e^{1.8657}"),
        (STEP, "", r"w - 0.5 \frac{\partial L}{\partial w} = 0.685", r"w - 0.5 \frac{\partial L}{\partial w} = 0.695"),
        (
            MATRIX_STEP,
            "",
            r"\frac{\partial L}{\partial W} = \begin{bmatrix} -0.369 & -0.281 \\ 0.369 & 0.281 \end{bmatrix}",
            r"\frac{\partial L}{\partial W} = \begin{bmatrix} -0.369 & -0.281 \\ 0.369 & 0.291 \end{bmatrix}",
        ),
    ],
)
def test_rounded_terms_and_given_slopes_are_put_in(given: str, before: str, right: str, wrong: str) -> None:
    said = [verdicts(under(given), f"{before}$${line}$$")[-1] for line in (right, wrong)]
    assert said == ["rounded", "wrong"]


@pytest.mark.parametrize(("line", "expected"), [("0.75(0.25)", "rounded"), ("0.75(0.35)", "wrong")])
def test_the_digits_of_a_chain_are_those_of_all_its_sides(line: str, expected: str) -> None:
    given = r"$z = 1.1$, $p = \sigma(z)$, $\sigma(z) = \frac{1}{1 + e^{-z}}$"
    before = r"$$p = \sigma(z) = \frac{1}{1 + e^{-1.1}} = 0.75$$"
    after = rf"$$\frac{{dp}}{{dz}} = \sigma(z)(1 - \sigma(z)) = {line}$$"
    assert verdicts(under(given), f"{before}\n\n{after}")[-1] == expected


@pytest.mark.parametrize(("factor", "verdict"), [("3", "proved"), ("2.9", "wrong"), ("3.1", "wrong")])
def test_a_decimal_a_whole_unit_off_is_no_rounded_one(factor: str, verdict: str) -> None:
    given = r"$$x = 3,\ \eta = 0.1$$" "\n\n" r"$$y = 2 - \eta x$$"
    assert verdicts(under(given), rf"$$y = 2 - 0.1 \cdot {factor}$$") == [verdict]


@pytest.mark.parametrize(
    ("frame", "right", "wrong", "said"),
    [
        ("For $x = 1$:\n\n$${}$$", r"f(x) \approx 0.3679", r"f(x) \approx 0.3779", "wrong"),
        ("For $x = 1$:\n\n$${}$$", r"e^{-x} \approx 0.3679", r"e^{-x} \approx 0.3579", "wrong"),
        ("At $x = 2$ we get ${}$.", r"f(x) \approx 0.5413", r"f(x) \approx 0.5513", "undecided"),
        ("Now for all $x$: $${}$$", r"f(x) = x^2 e^{-x}", r"f(x) \approx 0.3679", "undecided"),
    ],
)
def test_an_approximation_holds_at_the_place_of_which_words_speak(
    frame: str, right: str, wrong: str, said: str
) -> None:
    given = under(r"$f(x) = x^2 e^{-x}$")
    assert verdicts(given, frame.format(right))[-1] in ("rounded", "proved")
    assert verdicts(given, frame.format(wrong))[-1] == said


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"e^{1.6} + e^{0.6} + e^{-0.4} \approx 4.953 + 1.822 + 0.670", "rounded"),
        (r"e^{1.6} + e^{0.6} + e^{0.4} \approx 4.953 + 1.822 + 0.670", "wrong"),
        (r"e^5 + e^{-1} \approx 148.4 + 0.4", "rounded"),
        (r"e^2 + e + 1 \approx 7.389 + 2.718 + 0", "wrong"),
        (r"e^{0.325} \approx 1 + 0.325", "undecided"),
        (r"\ln 1.3 \approx 0.3 - 0.045", "undecided"),
    ],
)
def test_a_formula_of_rounded_numbers_may_be_off_by_their_rounding(line: str, verdict: str) -> None:
    assert verdicts(under("$a = 1$"), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(("exponent", "verdict"), [("-30", "rounded"), ("-29", "undecided"), ("-28", "wrong")])
def test_a_power_of_ten_tells_the_order_of_magnitude(exponent: str, verdict: str) -> None:
    assert verdicts(under("Let $x > 0$."), rf"$$(0.25)^{{49}} \approx 10^{{{exponent}}}$$") == [verdict]


@pytest.mark.parametrize(("number", "verdict"), [("14.4", "rounded"), ("14.2", "wrong"), ("14.7", "wrong")])
def test_digits_that_the_first_side_has_may_follow_a_formula_with_a_rounded_number(number: str, verdict: str) -> None:
    given = "$n = 97$, $p = 1/n$, $q = 1400 p$"
    assert verdicts(under(given), rf"$$q = 0.010 \cdot 1400 = {number}$$") == ["rounded", verdict]


@pytest.mark.parametrize("number", [r"\hat{y} = 0.6", r"\hat{y} \approx 0.6"])
def test_what_a_calculation_comes_by_is_no_number_below_a_derivative(number: str) -> None:
    given = under(
        r"$L = (\hat{y} - y)^2$, $\hat{y} = w x$, $\delta = \frac{\partial L}{\partial w}$, $x = 2$, $y = 1$, "
        f"${number}$"
    )
    assert "wrong" not in verdicts(given, r"$$\delta = 2(0.6 - 1) \cdot 2$$")
    assert verdicts(given, r"$$\delta = 2 (\hat{y} - y) x$$") == ["proved"]
    assert verdicts(given, r"$$\delta = 2 (\hat{y} - y)$$") == ["wrong"]
