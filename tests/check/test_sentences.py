"""Which relations within sentences are listed: what a sentence claims, and what may be claimed and does not hold."""

import pytest
from check.checking import checked, under, verdicts

ERROR = r"$$z = w x, \quad a = \max(0, z), \quad C = (a - t)^2, \quad w = 2, x = 1, t = 1$$"
CUBE = "$$f(x) = x^3 - 2x - 5$$"
UNIT = r"$$z = w x, \quad h = \max(0, z)$$"
HEIGHT = r"$$o = s (i - 1) + 4$$"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (ERROR, r"For the gradient we start at the end: $\frac{\partial C}{\partial a} = (a - t) = 1$."),
        (CUBE, "If the unit is kept, its output is $\\frac{0.8}{0.75} = 1.167$."),
        (CUBE, "There $f(2.1) = 9.261 - 4.2 - 5 = 0.161$, which is already close to zero,"),
        (HEIGHT, r"With $i = 4$, $s = 2$ we obtain $o = 2 \cdot 3 + 4 = 12$."),
        (CUBE, "If so, then $2 + 2 = 5$."),
        (CUBE, "With another start we would get $2 + 2 = 5$."),
        (UNIT, "If $x > 0$: $h = 2z + w$."),
        (HEIGHT, r"a) $i = 4, s = 2$: $o = 2 \cdot 3 + 4 = 12$"),
        (ERROR, r"When the unit is on, we get $a = 2 \cdot 1 = 3$:"),
        (UNIT, r"The number of steps is $n = k^2 c = 156$ in words."),
    ],
)
def test_what_a_sentence_may_claim_and_does_not_hold_leaves_the_document_open(given: str, sentence: str) -> None:
    report = checked(under(given), f"{sentence}\n\n$$1 + 1 = 2$$")
    assert report.verdict != "holds"
    assert {r.verdict for r in report.relations} & {"undecided", "wrong"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (UNIT, "For $z > 0$ we have $h = z$."),
        (UNIT, "When $z = w x = 0$, the unit is at its kink."),
        (UNIT, "Setting $h = w x = 0$ gives nothing new."),
        (UNIT, "If $x = w = 1$, then the unit is on."),
        (ERROR, "With another weight $w = 5$, say, the unit is on as well."),
        (ERROR, "It would be wrong to write $a = w t = 3$ here."),
        (ERROR, "Why is it not $a = w t = 3$?"),
        (ERROR, "Let $q = a - t = 1$ be the error at the output."),
        (HEIGHT, r"a) $i = 4, s = 2$: $o = 2 \cdot 3 + 4 = 10$"),
        (ERROR, "If $w = 1.1$ instead: $1.1^2 = 1.21$"),
        (UNIT, "For $z > 0$: $h = z$, and for $z < 0$: $h = 0$"),
        (CUBE, "At $x = 2$ we get $f(x) = 8 - 4 - 5 = -1$."),
        (HEIGHT, r"With $i = 4$, $s = 2$ we obtain $o = 2 \cdot 3 + 4 = 10$."),
    ],
)
def test_conditions_settings_denials_and_what_holds_cost_a_right_proof_nothing(given: str, sentence: str) -> None:
    assert checked(under(given), f"{sentence}\n\n$$1 + 1 = 2$$").verdict == "holds"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (r"For the uniform distribution $H = \log_2 4 = 2.5$.", ["wrong"]),
        (r"For the uniform distribution $H = \log_2 4 = 2$.", ["proved"]),
        (r"For the sample $x = y = 3 \cdot 4 = 13$.", ["wrong"]),
        ("For the uniform distribution $H = 2$.", []),
        ("For the sample $x = 1, y = 2$.", []),
        (r"It would be wrong for the sample $y = 3 \cdot 4 = 13$.", []),
    ],
)
def test_no_condition_changes_what_numbers_alone_are(sentence: str, expected: list[str]) -> None:
    assert verdicts(under("$$u = 1$$"), f"{sentence}\n\n$$1 + 1 = 2$$")[:-1] == expected


def test_the_place_of_an_index_in_words_is_no_claim() -> None:
    given = under(r"$$h_t = w h_{t-1}, \quad t = 1, \dots, T, \quad h_0 = 1$$")
    assert checked(given, "Base of the induction, $t = 1$.\n\n$$h_1 = w$$").verdict == "holds"


LENGTH = r"$$\rho = \frac{2}{\|w\|},\ w = \begin{bmatrix} 3 \\ 4 \end{bmatrix}$$"
SHARE = r"$$r = \frac{a}{a + b}, \quad a = e^x, \quad b = e^{-x}$$"
STEPS = r"$$\theta_{t+1} = \theta_t (2 - \theta_t)$$"
LOSS = r"$$L = -\log p, \quad p = \sigma(z)$$"
PENALTY = r"$$J = (w - a)^2 + \lambda w^2$$"
SCORES = r"$$z_1 = a x + c, \quad z_2 = b x + d$$"
SPREAD = r"$$s^2 = \frac{1}{n} \sum_{i=1}^n (x_i - m)^2$$"
BOUNDED = r"$$x \ge 2$$"
PARABOLA = "$$f(x) = x^2 - 2x$$"


@pytest.mark.parametrize(
    ("given", "sentence", "expected"),
    [
        pytest.param(LENGTH, r"The margin is $\rho = \frac{1}{5}$ wide.", "wrong", id="values that are given"),
        pytest.param(LENGTH, r"The margin is $\rho = \frac{2}{5}$ wide.", "proved", id="values that are given, right"),
        pytest.param(
            SHARE, r"In general $r = \frac{1}{1 + e^{-x}}$, a logistic function.", "wrong", id="a lost square"
        ),
        pytest.param(
            SHARE, r"In general $r = \frac{1}{1 + e^{-2x}}$, a logistic function.", "proved", id="no lost square"
        ),
        pytest.param(STEPS, r"The error satisfies $1 - \theta_{t+1} = (1 - \theta_t)^3$.", "wrong", id="a power"),
        pytest.param(STEPS, r"The error satisfies $1 - \theta_{t+1} = (1 - \theta_t)^2$.", "proved", id="the power"),
        pytest.param(LOSS, r"The gradient is $\frac{dL}{dz} = p + 1$.", "wrong", id="a derivative"),
        pytest.param(LOSS, r"The gradient is $\frac{dL}{dz} = p - 1$.", "proved", id="the derivative"),
        pytest.param(
            STEPS, r"A fixed point satisfies $\theta_{t+1} = \theta_t$.", "undecided", id="a place of its own"
        ),
        pytest.param(SCORES, r"The decision boundary is $z_1 = z_2 + 1$.", "undecided", id="two quantities"),
        pytest.param(PENALTY, r"Least squares has $J = (w - a)^2$.", "undecided", id="a term less is another quantity"),
        pytest.param(
            SPREAD,
            r"The unbiased one is $s^2 = \frac{1}{n - 1} \sum_{i=1}^n (x_i - m)^2$.",
            "undecided",
            id="a term more",
        ),
        pytest.param(BOUNDED, r"We see that $x^2 \le 3$.", "wrong", id="a bound that fails everywhere"),
        pytest.param(BOUNDED, r"We see that $x^2 \ge 3$.", "proved", id="a bound that holds"),
        pytest.param(PARABOLA, "The slope grows because $f''(x) > 3$.", "wrong", id="a bound as a reason"),
    ],
)
def test_what_a_sentence_says_plainly_is_claimed_where_it_is_known_how_it_fails(
    given: str, sentence: str, expected: str
) -> None:
    assert verdicts(under(given), f"{sentence}\n\n$$1 + 1 = 2$$") == [expected, "proved"]


@pytest.mark.parametrize(
    ("sentence", "listed"),
    [("Growth means that $f'(x) > 0$ there, where it is.", ["undecided"]), ("So we need $2x - 2 < 0$.", [])],
)
def test_a_bound_that_holds_somewhere_may_be_a_condition(sentence: str, listed: list[str]) -> None:
    assert verdicts(under(PARABOLA), f"{sentence}\n\n$$1 + 1 = 2$$") == [*listed, "proved"]


RAMP = r"$$q(x) = \max(0, x)$$"


@pytest.mark.parametrize(
    ("words", "line", "expected"),
    [
        pytest.param("If $x < 0$, then $q(x) = 0$.", r"q(x) = -\max(0, x)", "undecided", id="a whole sentence"),
        pytest.param("If $x < 0$, then $q(x) = 0$.", r"q(x) = \max(x, 0)", "proved", id="what holds anyway"),
        pytest.param("For $x < 0$ we have $q(x) = 0$.", r"q(x) = -\max(0, x)", "undecided", id="for and we have"),
        pytest.param("If $x < 0$:", "q(x) = 0", "proved", id="a case that goes on"),
        pytest.param("Case 1: $x < 0$.", "q(x) = 0", "proved", id="a case with a number"),
        pytest.param("Suppose $x < 0$. Then $q(x) = 0$.", "q(x)^2 = 0", "proved", id="what is supposed goes on"),
        pytest.param("If $x < 0$, then $q(x) = 0$, and", "q(x)^2 = 0", "proved", id="a sentence that goes on"),
        pytest.param(
            "If $x < 0$, then $q(x) = 0$. If $x > 0$, then $q(x) = x$. Altogether", "q(x) = x", "wrong", id="all cases"
        ),
        pytest.param(
            "If $x < 0$, then $q(x) = 0$. If $x > 0$, then $q(x) = x$. Altogether", r"q(x) = \max(x, 0)", "proved",
            id="all cases, right",
        ),
    ],
)  # fmt: skip
def test_a_condition_ends_with_the_sentence_that_says_what_holds_under_it(words: str, line: str, expected: str) -> None:
    assert verdicts(under(RAMP), f"{words}\n\n$${line}$$")[-1] == expected


@pytest.mark.parametrize(
    ("sentence", "wrong", "verdict"),
    [
        ("It vanishes for $x = a$.", "It vanishes for $x = 3 a$.", "refuted"),
        ("The derivative is zero when $x = a$.", "The derivative is zero when $x = 2 a$.", "refuted"),
        ("We may write $f(x) = x (x - 2 a)$.", "We may write $f(x) = x (x - a)$.", "refuted"),
        ("This equals $2 (x - a)$.", "This equals $2 (x + a)$.", "undecided"),
        ("which simplifies to $2 (x - a)$.", "which simplifies to $x - a$.", "undecided"),
    ],
)
def test_a_formula_of_any_frame_is_listed_where_it_fails(sentence: str, wrong: str, verdict: str) -> None:
    reports = [checked(under("$$f(x) = x^2 - 2 a x$$"), f"$$f'(x) = 2 x - 2 a$$\n\n{s}") for s in (sentence, wrong)]
    assert [r.verdict for r in reports] == ["holds", verdict]


def test_what_is_found_from_a_zero_is_listed_where_it_does_not_follow() -> None:
    given = r"$$\ell(p) = n \ln p + (S - n) \ln(1 - p), \quad 0 < p < 1$$"
    proof = (
        r"Its derivative is $\frac{n - p S}{p (1 - p)}$." + "\n\nSetting it to zero we find $\\hat{p} = \\frac{S}{n}$."
    )
    assert checked(under(given), f"$$1 + 1 = 2$$\n\n{proof}").verdict == "undecided"


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("Hence the derivative is $2 (x - a)$.", "holds"),
        ("Hence the derivative is $x - a$.", "undecided"),
        ("$f$ has the derivative $x - a$.", "undecided"),
        ("The usual choice is $-2 a^2$.", "holds"),
        ("Here $a$ is $k$-dimensional and the unknown is $x$.", "holds"),
        ("Let us note $f(x) = x (x - a)$.", "refuted"),
    ],
)
def test_a_formula_that_words_say_something_is_is_never_passed_over(words: str, verdict: str) -> None:
    report = checked(under("$$f(x) = x^2 - 2 a x$$"), f"$$f'(x) = 2 x - 2 a$$\n\n{words}")
    assert report.verdict == verdict


@pytest.mark.parametrize(("slope", "expected"), [(r"2 \cdot 2", ["proved"] * 2), (r"3 \cdot 2", ["wrong"] * 2)])
def test_a_line_that_a_formula_ends_is_a_statement_of_its_own(slope: str, expected: list[str]) -> None:
    proof = (
        rf"$\frac{{dL}}{{dw}} = {slope} = 4$" + "\nUpdate with $\\eta = 0.1$: $w \\leftarrow 2 - 0.1 \\cdot 4 = 1.6$"
    )
    assert verdicts(under("$$L = w^2, w = 2$$"), proof)[:2] == expected


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        pytest.param("dL/df = -y if y f < 1", "proved", id="plain"),
        pytest.param("dL/df = y if y f < 1", "wrong", id="a sign"),
        pytest.param("- $dL/df = 0$, if $y f > 1$.", "proved", id="an item"),
        pytest.param("$dL/df = -y$ for $y f > 1$.", "wrong", id="the other case"),
        pytest.param("$L \\ge 0$ for every $f$. [1]", "proved", id="of all numbers"),
        pytest.param("$L < 0$ for all $f$.", "wrong", id="of no number"),
    ],
)
def test_an_equation_with_a_condition_behind_it_is_a_claim(line: str, verdict: str) -> None:
    assert verdicts(under(r"$L = \max(0, 1 - y f)$"), line) == [verdict]


MEAN = r"$$m = \frac{1}{n} \sum_{j=1}^{n} x_j, \quad h_j = \frac{x_j - m}{s}, \quad s > 0, \quad d > 0$$"
GAIN = r"$$V(D) = p \log D + q \log(1 - D), \quad 0 < D < 1, \quad p > 0, \quad q > 0$$"


@pytest.mark.parametrize(
    ("given", "sentence", "expected"),
    [
        pytest.param(
            MEAN, r"Then their mean vanishes, $\sum_{j=1}^n h_j = 0$, so that we are done.", ["proved"], id="again"
        ),
        pytest.param(
            MEAN, r"Then their mean vanishes, $\sum_{j=1}^n h_j = 1$, so that we are done.", ["undecided"], id="not"
        ),
        pytest.param(MEAN, r"At the joint both agree: $\frac{d^2}{2} = d d - \frac{d^2}{2}$.", ["proved"], id="agree"),
        pytest.param(MEAN, r"At the joint both agree: $\frac{d^2}{2} = d d - d^2$.", ["undecided"], id="do not agree"),
        pytest.param(CUBE, "For the second we have instead $f(2) = -1$.", ["proved"], id="instead"),
        pytest.param(CUBE, "For the second we have instead $f(2) = 7$.", ["wrong"], id="instead, wrong"),
        pytest.param(
            GAIN, r"Hence the maximum is attained at $D^* = \frac{p}{p + q}$.", ["given"], id="a stationary point"
        ),
        pytest.param(GAIN, r"Hence the maximum is attained at $D^* = \frac{q}{p + q}$.", ["undecided"], id="no such"),
        pytest.param(
            CUBE, r"If it doubles, it drops by $10 \log_{10} 2 \approx 6.93$ dB.", ["unreadable"], id="a unit"
        ),
        pytest.param(CUBE, r"P(not spam) = $\frac{1}{4} = 0.25$", ["proved"], id="a name that denies"),
        pytest.param(CUBE, r"P(not spam) = $\frac{1}{4} = 0.5$", ["wrong"], id="a name that denies, wrong"),
        pytest.param(
            CUBE, r"For mails that are not spam we get $\frac{1}{4} = 0.5$.", ["wrong"], id="what things are not"
        ),
        pytest.param(CUBE, r"The value is not $\frac{1}{4} = 0.5$.", [], id="denied"),
        pytest.param(CUBE, r"It costs $4 \cdot 5 = 20$, i.e. about $2 \times 10^1$.", ["proved"] * 2, id="about"),
        pytest.param(
            CUBE, r"It costs $4 \cdot 5 = 20$, i.e. about $2 \times 10^2$.", ["proved", "undecided"], id="far"
        ),
    ],
)
def test_what_words_lead_to_in_other_ways_is_listed(given: str, sentence: str, expected: list[str]) -> None:
    assert verdicts(under(given), f"{sentence}\n\n$$1 + 1 = 2$$") == [*expected, "proved"]


GAP = r"$$L = (a - b)^2, \quad a = 3, \quad b = 1$$"


@pytest.mark.parametrize(
    "sentence",
    [
        "A common mistake gives $L = 6$.",
        "A student says $L = 6$.",
        "A careless reader obtains $a + b = 5$.",
        "Pretend $a = b$.",
        "Someone who forgets the square finds $L = 2$.",
        "One is tempted to conclude $L = 16$.",
        "Common mistake: $L = 8$.",
        "Half the marks: $L = 8$.",
        "Dropping the square yields $L = 2$.",
        "Replacing $b$ by zero, $L = 9$.",
        "Using the sum in place of the difference, $L = 16$.",
        "Using a bias of two, $L = 16$.",
        "Had we used the sum, $L = 16$.",
        "At the joint of both: $a - b = 0$.",
    ],
)
def test_what_others_get_or_is_got_from_something_else_is_not_claimed(sentence: str) -> None:
    assert "wrong" not in verdicts(under(GAP), f"{sentence}\n\n$$L = 4$$")


@pytest.mark.parametrize(
    ("words", "verdict"), [("A common mistake gives", "undecided"), ("A short computation gives", "wrong")]
)
def test_what_others_get_at_a_place_is_not_claimed(words: str, verdict: str) -> None:
    assert verdicts(under("$f(x) = (x + 1)^2$"), f"{words} $f(2) = 5$.") == [verdict]


@pytest.mark.parametrize(
    "sentence",
    [
        "A short computation gives ${}$.",
        "Using the values, ${}$.",
        "Using the definition twice, ${}$.",
        "The reader sees that ${}$.",
        "Final answer: ${}$.",
    ],
)
def test_what_is_claimed_by_whatever_leads_to_it_is_judged(sentence: str) -> None:
    assert [verdicts(under(GAP), sentence.format(line)) for line in ("L = 4", "L = 6")] == [["proved"], ["wrong"]]


@pytest.mark.parametrize(
    ("given", "right", "wrong", "expected"),
    [
        pytest.param(
            r"$$\sigma(x) = \frac{e^x}{1 + e^x}$$",
            r"As $\sigma(x)(1 - \sigma(x)) \leq \frac{1}{4}$ for all $x$, the slope is bounded.",
            r"As $\sigma(x)(1 - \sigma(x)) \leq \frac{1}{5}$ for all $x$, the slope is bounded.",
            "refuted", id="behind as, for all",
        ),
        pytest.param(
            "$$F = b - D$$\n\n$D \\geq 0$ is a divergence.",
            r"Since the divergence is non-negative, $F \leq b$.", r"Since the divergence is non-negative, $F \geq b$.",
            "undecided", id="behind a reason in words",
        ),
        pytest.param(
            "$a = 2$", r"- mails (1 spam, 4 not-spam) $\to$ $2 + 2 = 4$",
            r"- mails (1 spam, 4 not-spam) $\to$ $2 + 2 = 5$", "refuted", id="a word with not- denies nothing",
        ),
        pytest.param(
            "$a = 2$", r"Sum of terms: $4.096 + 2.034 + 2.034 \approx 8.164$",
            r"Sum of terms: $4.096 + 2.034 + 2.034 \approx 6.130$", "refuted", id="an approximation behind a label",
        ),
    ],
)  # fmt: skip
def test_a_formula_that_a_sentence_asserts_is_not_passed_over(
    given: str, right: str, wrong: str, expected: str
) -> None:
    assert [checked(under(given), s).verdict for s in (right, wrong)] == ["holds", expected]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\frac{\partial y_k}{\partial a_j} = y_k (\delta_{kj} - y_j)", "proved"),
        (r"\frac{\partial y_k}{\partial a_j} = y_k (\delta_{kj} + y_j)", "wrong"),
        (r"\frac{\partial y_k}{\partial a_j} = -y_k y_j", "wrong"),
    ],
)
def test_cases_that_leave_none_out_together_set_none(line: str, verdict: str) -> None:
    given = r"$$y_k = \frac{\exp(a_k)}{\sum_{l=1}^{K} \exp(a_l)}$$"
    words = "We have, for $k = j$ and for $k \\neq j$ together,\n\n"
    assert verdicts(under(given), f"{words}$${line}$$") == [verdict]


@pytest.mark.parametrize(("bound", "verdict"), [("0", "proved"), ("-3", "wrong")])
def test_a_number_worked_out_in_a_sentence_is_no_condition_of_what_comes_after(bound: str, verdict: str) -> None:
    given = r"$$F(p) = -(1 - p)^2 \ln p, \quad 0 < p < 1$$"
    words = "For $p = \\frac12$ the value is $-\\frac14 \\ln \\frac12 \\approx 0.1733$.\n\n"
    assert verdicts(under(given), f"{words}$$F'(p) < {bound}$$") == ["rounded", verdict]


@pytest.mark.parametrize(
    ("words", "rows", "expected"),
    [
        ("Suppose that $x = 3$.", ["y = 6"], ["proved"]),
        ("Suppose that $x = 3$.", ["y = 7"], ["wrong"]),
        ("Assume the first ones have $R = 1 + n$.", ["S_n = S_{n-1} + 2 n = n^2"], ["given", *["undecided"] * 2]),
        # What stands below a sentence that is not ended is supposed with it.
        ("Suppose that $x = 3$ and that", ["b = 7", "b x = 21"], ["given", "proved"]),
    ],
)
def test_what_a_whole_sentence_supposes_is_no_assumption_of_what_stands_below(
    words: str, rows: list[str], expected: list[str]
) -> None:
    proof = "\n\n".join((words, *(f"$${row}$$" for row in rows)))
    assert verdicts(under("$y = 2 x$, $S_n = n^2$ for every positive integer $n$"), proof) == expected


def test_a_limit_of_a_derivative_in_a_sentence_is_no_demand() -> None:
    head = under(r"$$s(x) = x \sigma(x), \quad \sigma(x) = \frac{1}{1 + e^{-x}}$$")
    said = r"For large arguments we have $\lim_{x \to \infty} s'(x) = "
    assert verdicts(head, f"{said}1$.") == ["proved"]
    assert verdicts(head, f"{said}0$.") == ["undecided"]
