"""Lines that are concluded from an equation: multiplied by a number, solved for a quantity, or solved wrongly."""

import pytest
from check.checking import lines, under, verdicts


@pytest.mark.parametrize(
    ("given", "proof", "verdict"),
    [
        pytest.param(
            "$$x_i > 0, \\qquad i = 1, \\dots, n$$",
            r"$$\frac{n}{\lambda} - \sum_{i=1}^{n} x_i = 0 \Rightarrow \lambda = \frac{n}{\sum_{i=1}^{n} x_i}$$",
            "proved",
            id="solved for a letter",
        ),
        pytest.param(
            "$$x_i > 0, \\qquad i = 1, \\dots, n$$",
            r"$$\frac{n}{\lambda} - \sum_{i=1}^{n} x_i = 0 \Rightarrow \lambda = \frac{\sum_{i=1}^{n} x_i}{n}$$",
            "wrong",
            id="turned upside down",
        ),
        pytest.param(
            "$$p_i > 0, \\qquad i = 1, \\dots, n$$",
            r"$$-\log p_i - 1 + \lambda = 0 \Rightarrow p_i = e^{\lambda - 1}$$",
            "proved",
            id="solved through a logarithm",
        ),
        pytest.param(
            "$$p_i > 0, \\qquad i = 1, \\dots, n$$",
            r"$$-\log p_1 - 1 + \lambda = 0 \Rightarrow p_1 = e^{1 - \lambda}$$",
            "wrong",
            id="an exponent with the wrong sign",
        ),
        pytest.param(
            "$$\\sigma_w > 0, \\qquad \\sigma_x > 0$$",
            r"$$4 \sigma_w^2 \sigma_x^2 = \sigma_x^2 \Rightarrow \sigma_w^2 = \frac{1}{2}$$",
            "wrong",
            id="solved for a square, without squaring",
        ),
        pytest.param(
            "$$a > 0, \\qquad b > 0$$",
            r"$$2 a x - 2 b = 0 \Rightarrow a x = b$$",
            "proved",
            id="divided by two",
        ),
    ],
)
def test_a_line_follows_from_the_equation_before_it(given: str, proof: str, verdict: str) -> None:
    assert lines(given, proof)[-1].verdict == verdict


def test_an_equation_between_vectors_holds_for_every_entry() -> None:
    given = r"$$J = \sum_{i=1}^{n} (w_i^2 - 2 y_i w_i)$$"
    [condition, solved] = lines(given, r"$$\frac{\partial J}{\partial w_i} = 0 \Rightarrow w_i - y_i = 0$$")
    assert condition.verdict == "given"
    assert solved.verdict == "proved"


def test_a_starred_solution_is_compared_with_the_equation_it_solves() -> None:
    given = r"$$g(D) = a \log D + b \log(1 - D), \qquad a, b > 0, \qquad 0 < D < 1$$"
    wrong = lines(given, r"$$g'(D) = 0 \Rightarrow D^* = \frac{b}{a + b}$$")
    right = lines(given, r"$$g'(D) = 0 \Rightarrow D^* = \frac{a}{a + b}$$")
    assert wrong[-1].verdict == "wrong"
    assert right[-1].verdict in ("proved", "agrees")


SQUARES = r"\sum_{i=1}^n (x_i - \mu)^2"
SLOPE = r"-\frac{n}{\sigma} + \frac{1}{\sigma^3}"
LOCATION = r"\frac{\partial \ell}{\partial \mu} = \frac{1}{V} \sum_{i=1}^n (x_i - \mu) = 0 \Rightarrow \hat\mu = \bar x"


@pytest.mark.parametrize(("factor", "verdict"), [(r"\frac{1}{n}", "proved"), (r"\frac{1}{n - 1}", "wrong")])
@pytest.mark.parametrize(
    ("variance", "slope", "name"),
    [
        ("v", r"\frac{\partial \ell}{\partial v} = -\frac{n}{2v} + \frac{1}{2v^2}", r"\hat v"),
        (r"\sigma^2", rf"\frac{{\partial \ell}}{{\partial \sigma}} = {SLOPE}", r"\hat\sigma^2"),
    ],
)
def test_a_solution_may_name_that_of_another_equation(
    variance: str, slope: str, name: str, factor: str, verdict: str
) -> None:
    given = rf"$$\ell = -\frac{{n}}{{2}} \ln V - \frac{{1}}{{2 V}} {SQUARES}, \quad V > 0$$".replace("V", variance)
    mean = LOCATION.replace("V", variance).replace(r"\bar x", r"\frac{1}{n} \sum_{i=1}^n x_i")
    estimate = rf"{name} = {factor} {SQUARES}".replace(r"\mu", r"\hat\mu")
    last = lines(given, f"$${mean}$$\n\n$${slope} {SQUARES} = 0 \\Rightarrow {estimate}$$")[-1]
    assert last.verdict == verdict
    assert (last.expected is not None) == (verdict == "wrong")


MATRIX = under(r"$$S = \begin{pmatrix} 2 & 1 \\ 1 & 2 \end{pmatrix}$$")
CHARACTERISTIC = r"$$\det(S - \lambda I) = (2 - \lambda)^2 - 1 = \lambda^2 - 4 \lambda + 3 = 0$$" "\n\n"
PARABOLA = under("$$f(x) = x^2 - 4 x + 3$$")


@pytest.mark.parametrize(
    ("head", "proof", "expected"),
    [
        pytest.param(
            MATRIX,
            CHARACTERISTIC + r"so $\lambda_1 = 3$ and $\lambda_2 = 1$.",
            ["proved", "proved", "given", "proved", "proved"],
            id="eigenvalues",
        ),
        pytest.param(
            MATRIX,
            CHARACTERISTIC + r"so $\lambda_1 = 4$ and $\lambda_2 = 1$.",
            ["proved", "proved", "given", "wrong", "proved"],
            id="a wrong eigenvalue",
        ),
        pytest.param(
            MATRIX,
            r"$$(2 - \lambda)^2 - 1 = 0$$" "\n\n" r"$$(\lambda - 1)(\lambda - 3) = 0$$",
            ["given", "proved"],
            id="an equation for a new letter",
        ),
        pytest.param(
            PARABOLA, "$$f(x) = (x - 1)(x - 3) = 0$$\n\nso $x = 1$.", ["proved", "given", "undecided"], id="solved next"
        ),
        pytest.param(
            PARABOLA,
            "$$f(x) = (x - 1)(x - 3) = 0$$\n\nso $x = 1$ or $x = 3$.",
            ["proved", "given", "proved"],
            id="one or the other",
        ),
        pytest.param(
            PARABOLA,
            "$$f(x) = (x - 1)(x - 3) = 0$$\n\nso $x = 1$ or $x = 4$.",
            ["proved", "given", "undecided"],
            id="one or a wrong other",
        ),
        pytest.param(PARABOLA, "$$f(x) = (x - 1)(x - 3) = 0$$", ["proved", "wrong"], id="a claim that it is 0"),
    ],
)
def test_an_equation_for_one_unknown_that_is_new_or_solved_for_is_no_claim(
    head: str, proof: str, expected: list[str]
) -> None:
    assert verdicts(head, proof) == expected


REGRESSION = under(r"$$J(w) = \sum_{i=1}^n (y_i - w x_i)^2$$")
AT_REST = r"$$J'(w) = -2 \sum_{i=1}^n (y_i - w x_i) x_i = 0 \Rightarrow "
FORM = under(r"$$f(x) = \frac{1}{2} x^\top A x - b^\top x, \qquad A = A^\top$$")


@pytest.mark.parametrize(
    ("head", "line", "last"),
    [
        pytest.param(REGRESSION, AT_REST + r"w^* \sum_{i=1}^n x_i^2 = \sum_{i=1}^n x_i y_i$$", "proved", id="a star"),
        pytest.param(
            REGRESSION, AT_REST + r"\hat{w} \sum_{i=1}^n x_i^2 = \sum_{i=1}^n x_i$$", "wrong", id="a hat, wrong"
        ),
        pytest.param(FORM, r"$$\nabla f(x) = A x - b = 0 \Rightarrow A x^* = b$$", "proved", id="a vector"),
        pytest.param(FORM, r"$$\nabla f(x) = A x - b = 0 \Rightarrow A x^* = 2 b$$", "wrong", id="a vector, wrong"),
    ],
)
def test_the_name_of_a_solution_within_an_equation_stands_for_the_unknown(head: str, line: str, last: str) -> None:
    assert verdicts(head, line)[-1] == last


@pytest.mark.parametrize(("end", "verdict"), [("3", "undecided"), ("5", "undecided")])
def test_a_system_is_not_solved_by_one_of_its_equations(end: str, verdict: str) -> None:
    system = r"$$\begin{cases} \mu - 3 - m = 0 \\ m \mu = 0 \\ m \geq 0 \\ \mu \geq 0 \end{cases}$$"
    assert verdicts("# A\n\n## Proof\n\n", f"{system}\n\nTherefore\n\n$$\\mu^* = {end}$$")[-1] == verdict


@pytest.mark.parametrize(("value", "verdict"), [(r"\frac{1}{3}", "proved"), ("1", "wrong")])
def test_a_number_is_not_assumed_to_be_another_one(value: str, verdict: str) -> None:
    assert verdicts("# A\n\n## Proof\n\n", rf"$$\left[\frac{{x^3}}{{3}}\right]_0^1 = {value}$$") == [verdict]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("2 a x = 6", "a x = 3", r"x = \frac{3}{a}"), ["given", "proved", "proved"]),
        (("2 a x = 6", "a x = 6", r"x = \frac{6}{a}"), ["given", "wrong", "proved"]),
    ],
)
@pytest.mark.parametrize("words", ["Solve $2 a x = 6$ for $x$:", "Set $2 a x = 6$:"])
def test_rows_below_what_words_set_follow_from_it(words: str, rows: tuple[str, ...], expected: list[str]) -> None:
    proof = "$$\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$$"
    assert verdicts(under("$a > 0$, $x > 0$"), f"{words}\n\n{proof}") == expected


@pytest.mark.parametrize(
    ("name", "rows", "expected"),
    [
        (r"$\lambda$", (r"0 = \frac{n}{\lambda} - 1", r"\lambda = n"), ["given", "proved"]),
        (r"$\lambda$", (r"0 = \frac{n}{\lambda} - 1", r"\lambda = n^2"), ["given", "wrong"]),
        (
            r"$\lambda$",
            (r"0 = \frac{n}{\lambda} - 1", r"n^2 = \lambda", r"\lambda = n^2"),
            ["given", "wrong", "proved"],
        ),
        # The rows may be conditions by different quantities.
        (r"$a$ and $b$", ("0 = 2a + b - 3", r"b = \frac{4 - a}{2}"), ["given", "given"]),
        ("each of them", ("0 = 2a + b - 3", r"b = \frac{4 - a}{2}"), ["given", "given"]),
        # The second one may be got with something else that is known.
        ("$a$", ("0 = a - b", "a = c"), ["given", "given"]),
        ("$a$", ("0 = 3 a - b - 4", "a = 4"), ["given", "given"]),
    ],
)
def test_rows_below_the_one_derivative_that_words_set_to_zero_solve_it(
    name: str, rows: tuple[str, ...], expected: list[str]
) -> None:
    words = f"Take the partial derivative with respect to {name} and set it equal to zero to get"
    proof = "$$\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$$"
    assert verdicts(under(r"$n > 0$, $\lambda > 0$, $a > 0$, $b > 0$, $c > 0$"), f"{words}\n\n{proof}") == expected


@pytest.mark.parametrize(("sign", "verdict"), [("", "proved"), ("-", "wrong")])
def test_a_derivative_that_words_set_to_zero_says_no_more_than_that(sign: str, verdict: str) -> None:
    given = (
        r"$L(\mathbf{w}, b) = \frac{1}{2} |\mathbf{w}|^2 - \sum_i \lambda_i \{ t_i (\mathbf{w}^T \xi_i + b) - 1 \}$ "
        r"with $\mathbf{w},\xi_i\in\mathbb{R}^2$"
    )
    words = r"From $\frac{\partial L}{\partial \mathbf{w}} = 0$ we get"
    assert verdicts(under(given), rf"{words}" "\n\n" rf"$$\mathbf{{w}} = {sign}\sum_i \lambda_i t_i \xi_i$$") == [
        verdict
    ]
