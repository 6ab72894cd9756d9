"""What follows where something is said to be 0: in one case, by the word "this", from givens, under constraints."""

import pytest
from check.checking import under, verdicts

LASSO = "$$f(x) = \\frac{1}{2} (x - v)^2 + c |x|$$\n\n$c > 0$."
SCORES = "$$g_k = a_k x + c_k, \\quad k = 1, 2$$"
RIDGE = "$$J = \\sum_{i=1}^{n} (y_i - w x_i)^2 + c w^2$$\n\n$c > 0$.\n\n"
ENTROPY = (
    r"$$F = -\sum_{i=1}^{n} p_i \ln p_i - \alpha \left( \sum_{i=1}^{n} p_i - 1 \right)"
    r" - \beta \left( \sum_{i=1}^{n} p_i E_i - U \right)$$"
)


@pytest.mark.parametrize(("sign", "verdict"), [("-", "proved"), ("+", "wrong")])
def test_in_a_case_the_derivative_of_that_case_is_meant(sign: str, verdict: str) -> None:
    proof = f"For $x > 0$:\n\n$$f'(x) = x - v + c$$\n\nSetting this to zero,\n\n$$x = v {sign} c$$"
    assert verdicts(under(LASSO), proof)[-1] == verdict


def test_of_two_cases_either_may_be_meant() -> None:
    proof = (
        "For $x > 0$:\n\n$$f'(x) = x - v + c$$\n\nFor $x < 0$:\n\n$$f'(x) = x - v - c$$\n\nSetting this to zero,\n\n"
    )
    assert "wrong" not in verdicts(under(LASSO), proof + "$$x = v - c$$")


@pytest.mark.parametrize(("top", "verdict"), [("c_2 - c_1", "proved"), ("c_1 - c_2", "wrong")])
def test_this_vanishes_says_that_what_was_shown_is_zero(top: str, verdict: str) -> None:
    proof = r"$$g_1 - g_2 = (a_1 - a_2) x + c_1 - c_2$$" "\n\nThe boundary is where this vanishes, so\n\n"
    assert verdicts(under(SCORES), proof + rf"$$x = \frac{{{top}}}{{a_1 - a_2}}$$")[-1] == verdict


@pytest.mark.parametrize(("below", "verdict"), [("c", "proved"), ("2 c", "wrong")])
def test_a_derivative_that_is_given_to_be_zero_is_a_demand(below: str, verdict: str) -> None:
    given = RIDGE + r"$$\frac{\partial J}{\partial w} = 0$$"
    line = rf"$$w = \frac{{\sum_{{i=1}}^{{n}} x_i y_i}}{{\sum_{{i=1}}^{{n}} x_i^2 + {below}}}$$"
    assert verdicts(under(given), line) == [verdict]


def test_the_constraint_of_a_multiplier_holds_where_words_set_the_derivative_to_zero() -> None:
    proof = (
        r"$$\frac{\partial F}{\partial p_i} = -\ln p_i - 1 - \alpha - \beta E_i$$" "\n\nSetting this to zero gives\n\n"
        r"$$p_i = e^{-1 - \alpha - \beta E_i}$$" "\n\nand using the normalisation\n\n"
        r"$$p_i = \frac{e^{-\beta E_i}}{\sum_{j=1}^{n} e^{-\beta E_j}}$$"
    )  # fmt: skip
    assert verdicts(under(ENTROPY), proof) == ["proved", "proved", "proved"]


@pytest.mark.parametrize(("value", "verdict"), [("p", "proved"), ("q", "wrong")])
def test_what_a_sentence_gets_from_a_demand_is_a_claim(value: str, verdict: str) -> None:
    proof = (
        r"$$\frac{\partial V}{\partial D} = \frac{p}{D} - \frac{q}{1 - D}$$"
        "\n\n"
        rf"Setting it to zero, we find $D = \frac{{{value}}}{{p + q}}$."
    )
    given = "$$V = p \\ln D + q \\ln(1 - D)$$\n\n$p > 0$ and $q > 0$."
    assert verdicts(under(given), proof)[-1] == verdict


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"w = -\frac{\sum_{i=1}^{n} x_i y_i}{\sum_{i=1}^{n} x_i^2 + c}", "wrong"),
        (r"w = \frac{\sum_{i=1}^{n} x_i^2 + c}{\sum_{i=1}^{n} x_i y_i}", "wrong"),
        (r"w = \frac{\sum_{i=1}^{n} x_i y_i}{\sum_{i=1}^{n} x_i^2}", "undecided"),
        (r"w = c + n", "undecided"),
        ("w = 1", "undecided"),
    ],
)
def test_a_solution_with_a_slip_is_wrong_though_no_word_asks_for_it(line: str, verdict: str) -> None:
    assert verdicts(under(RIDGE), f"$${line}$$") == [verdict]


SHRUNK = "$$J(w) = (w - 4)^2 + c w^2$$"


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        ("$c = 1$", "given"),
        ("$c = 1$ and $w = 2$", "proved"),
        ("$c = 1$ and $w = 3$", "wrong"),
    ],
)
def test_that_a_derivative_is_zero_is_demanded_but_where_a_case_names_the_place(case: str, verdict: str) -> None:
    proof = f"For {case}:\n\n$$J'(w) = 2(w - 4) + 2 c w = 0$$"
    assert verdicts(under(SHRUNK), proof)[-1] == verdict


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("We obtain the characteristic equation", "undecided"),
        ("Inserting the equation of motion,", "wrong"),
    ],
)
def test_an_equation_that_words_announce_is_to_be_solved(words: str, verdict: str) -> None:
    given = r"$$x_{k+1} = x_k - \eta x_k + \beta (x_k - x_{k-1})$$"
    assert verdicts(under(given), words + "\n\n" + r"$$r^2 = (1 - \eta + \beta) r - \beta$$") == [verdict]


@pytest.mark.parametrize(
    ("bound", "verdict"),
    [
        (r"N \ge \frac{1}{2 c^2} \ln \frac{2}{q}", "proved"),
        (r"N \ge \frac{1}{2 c^2} \ln \frac{1}{q}", "proved"),
        (r"N \ge \frac{1}{c^2} \ln \frac{2}{q}", "undecided"),
        (r"N \le \frac{1}{2 c^2} \ln \frac{2}{q}", "undecided"),
    ],
)
@pytest.mark.parametrize("words", ["Solving for $N$:", "so"])
def test_a_bound_that_is_needed_is_a_premise_and_what_it_is_solved_for_a_claim(
    words: str, bound: str, verdict: str
) -> None:
    proof = f"We need\n\n$$2 e^{{-2 c^2 N}} \\le q$$\n\n{words}\n\n$${bound}$$"
    assert verdicts(under("$$q > 0, \\quad c > 0$$"), proof) == ["given", verdict]


def test_what_is_needed_to_be_shown_is_no_premise() -> None:
    head = under("$$f(x) = x^2$$")
    assert verdicts(head, "We need to show that\n\n$$f(x + 1) = x^2 + x + 1$$") == ["wrong"]


LIKELIHOOD = under(
    r"$$\ell = -\frac{n}{2} \ln(2 \pi \sigma^2) - \frac{1}{2 \sigma^2} \sum_{i=1}^{n} (x_i - \mu)^2$$" "\n\n"
    r"$$\bar{x} = \frac{1}{n} \sum_{i=1}^n x_i, \quad \sigma > 0$$"
) + (
    r"$$\frac{\partial \ell}{\partial \mu} = \frac{1}{\sigma^2} \sum_{i=1}^{n} (x_i - \mu) = 0 \Rightarrow"
    r" \hat\mu = \bar{x}$$" "\n\n"
    r"$$\frac{\partial \ell}{\partial (\sigma^2)} = -\frac{n}{2 \sigma^2}"
    r" + \frac{1}{2 \sigma^4} \sum_{i=1}^{n} (x_i - \mu)^2$$" "\n\n"
)  # fmt: skip


@pytest.mark.parametrize(
    ("share", "size", "last"),
    [
        (r"\frac{1}{2 \sigma^4}", "n", ["given", "proved"]),
        (r"\frac{1}{2 \sigma^4}", "n - 1", ["given", "wrong"]),
        (r"\frac{1}{\sigma^4}", "n", ["undecided", "undecided"]),
    ],
)
def test_a_derivative_by_a_square_is_demanded_to_be_zero_with_what_was_found_before(
    share: str, size: str, last: list[str]
) -> None:
    total = r"\sum_{i=1}^{n} (x_i - \bar{x})^2"
    proof = (
        rf"$$-\frac{{n}}{{2 \sigma^2}} + {share} {total} = 0 \Rightarrow \hat\sigma^2 = \frac{{1}}{{{size}}} {total}$$"
    )
    assert verdicts(LIKELIHOOD, proof)[-2:] == last


SIDES_OF_THE_KINK = "For $x > 0$:\n\n$$f'(x) = x - v + c$$\n\nFor $x < 0$:\n\n$$f'(x) = x - v - c$$\n\n"


@pytest.mark.parametrize(
    ("rows", "verdicts_"),
    [
        pytest.param(
            r"v - c & v > c \\ 0 & |v| \le c \\ v + c & v < -c", ["proved"] * 3, id="each in its own case, and the kink"
        ),
        pytest.param(
            r"v + c & v > c \\ 0 & |v| \le c \\ v - c & v < -c",
            ["wrong", "proved", "wrong"],
            id="cases exchanged",
        ),
        pytest.param(
            r"v - c & v > c \\ 1 & |v| \le c \\ v + c & v < -c", ["proved", "undecided", "proved"], id="not the kink"
        ),
        pytest.param(
            r"v - c & v > 2 c \\ 0 & |v| \le 2 c \\ v + c & v < -2 c",
            ["proved", "undecided", "proved"],
            id="the kink in too many cases",
        ),
    ],
)
def test_a_value_belongs_to_the_case_in_which_its_derivative_was_shown(rows: str, verdicts_: list[str]) -> None:
    proof = SIDES_OF_THE_KINK + rf"Setting these to zero, $$x^* = \begin{{cases}} {rows} \end{{cases}}$$"
    assert verdicts(under(LASSO), proof)[-3:] == verdicts_


@pytest.mark.parametrize(
    ("value", "weight", "last"),
    [
        pytest.param(r"\bar t - w\bar x", r"(x_n - \bar x)", ["proved", "proved"], id="two conditions"),
        pytest.param(r"\bar t + w\bar x", r"(x_n - \bar x)", ["wrong", "proved"], id="a sign in the first solution"),
        pytest.param(r"\bar t - w\bar x", "x_n", ["proved", "wrong"], id="the second does not follow"),
    ],
)
def test_conditions_in_sentences_hold_together(value: str, weight: str, last: list[str]) -> None:
    given = r"$L(w,b) = \frac{1}{N}\sum_{n=1}^N (w x_n + b - t_n)^2$"
    proof = (
        rf"$\partial L/\partial b = \frac2N\sum_n (w x_n + b - t_n) = 0$ yields $b = {value}$ where"
        r" $\bar t = \frac1N\sum_n t_n$ and $\bar x = \frac1N\sum_n x_n$. Substituting into"
        r" $\partial L/\partial w = \frac2N\sum_n x_n(w x_n + b - t_n) = 0$ yields"
        rf"$$w = \frac{{\sum_n {weight}(t_n - \bar t)}}{{\sum_n {weight}^2}}$$"
    )
    found = verdicts(under(given), proof)
    assert [found[2], found[-1]] == last


@pytest.mark.parametrize(("sign", "verdict"), [("-", "proved"), ("+", "undecided")])
def test_a_function_is_least_in_the_letter_in_which_it_is_written(sign: str, verdict: str) -> None:
    given = r"$$f(\alpha) = s^2 \alpha^2 + t^2 (1 - \alpha)^2$$"
    proof = f"Take the first derivative to find critical points:\n\n$$0 = 2 s^2 \\alpha {sign} 2 t^2 (1 - \\alpha)$$"
    assert verdicts(under(given), proof) == [verdict]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (r"$m_j = 0$ and $s_j = 1$", ["proved", "proved"]),
        (r"$m_j = 0$ and $s_j = 2$", ["proved", "undecided"]),
        (r"$m_j = 0$, $s_j = 2$", ["proved", "undecided"]),
        (r"$m_j = 1$ and $s_j = 1$", ["wrong", "proved"]),
    ],
)
def test_what_is_joined_to_a_claim_is_claimed_too(found: str, expected: list[str]) -> None:
    given = r"$D = \frac{1}{2}\sum_{j=1}^d (m_j^2 + s_j^2 - \log s_j^2 - 1)$, $s_j > 0$."
    slopes = r"$$\frac{\partial D}{\partial m_j} = m_j, \qquad \frac{\partial D}{\partial s_j} = s_j - \frac{1}{s_j}$$"
    assert verdicts(under(given), f"{slopes}\n\nSetting these to zero gives {found}.")[2:] == expected


def test_the_derivative_that_is_set_to_zero_is_not_what_was_shown() -> None:
    given = r"$$p(x|\lambda) = \lambda\exp(-\lambda x), \quad \lambda > 0$$"
    proof = (
        r"$$\sum_{n=1}^{N}\ln p(x_n|\lambda) = N\ln\lambda - \lambda\sum_{n=1}^{N} x_n$$"
        "\n\n"
        r"Taking the derivative with respect to $\lambda$ and equating it to zero we get"
        "\n\n"
        r"$$\frac{N}{\lambda} - \sum_{n=1}^{N} x_n = 0$$"
        "\n\n"
        r"$$\hat{\lambda} = \frac{N}{\sum_{n=1}^{N} x_n}$$"
    )
    assert "wrong" not in verdicts(under(given), proof)


@pytest.mark.parametrize(("line", "expected"), [(r"\theta = s/n", "proved"), (r"\theta = n/s", "wrong")])
def test_what_leads_on_is_supposed_though_it_was_said_of_another_name(line: str, expected: str) -> None:
    given = r"$$U(\theta) = \frac{s}{\theta} - \frac{n - s}{1 - \theta}, \quad 0 < \theta < 1, \quad 0 < s < n$$"
    before = r"$$U(\hat\theta) = 0 \implies \hat\theta = s/n$$"
    assert verdicts(under(given), f"{before}\n\n$$U(\\theta) = 0 \\implies {line}$$")[-1] == expected


@pytest.mark.parametrize(
    ("end", "verdict"),
    [("0", "given"), ("2 x - 2 v + 2 c", "proved"), ("x - x", "wrong"), ("2 x - 2 v - 2 c", "wrong")],
)
def test_what_is_required_of_a_derivative_is_written_as_zero(end: str, verdict: str) -> None:
    given = "$$f(x) = (x - v)^2 + 2 c x$$"
    assert verdicts(under(given), f"$$f'(x) = 2 (x - v) + 2 c = {end}$$") == ["proved", verdict]


@pytest.mark.parametrize(("point", "found"), [("v", ["proved"]), ("2 v", ["proved", "wrong"])])
def test_where_a_derivative_vanishes_is_a_claim(point: str, found: list[str]) -> None:
    proof = f"$$f'(x) = 2 x - 2 v$$\n\nSetting this to zero, $x = {point}$."
    assert verdicts(under("$$f(x) = (x - v)^2$$"), proof) == found


def test_a_derivative_that_is_another_number_everywhere_is_no_premise() -> None:
    proof = r"$$\begin{aligned} \frac{dj}{dx} &= 1 \\ \Rightarrow \frac{dj}{dx} &= -1 \end{aligned}$$"
    assert verdicts(under("$$j = 1 - x$$"), proof) == ["wrong", "proved"]


def test_what_words_ask_of_a_derivative_may_hold_nowhere() -> None:
    proof = "Stationary points are the solutions of\n\n$$j'(x) = 0$$\n\nThere are none:\n\n$$j'(x) = -1$$"
    assert verdicts(under("$$j = 1 - x$$"), proof) == ["given", "proved"]
