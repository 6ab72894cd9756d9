"""Words of the givens that are not read: what an instance shows of their names refutes nothing."""

import pytest
from check.checking import checked, under, verdicts

TOTAL = "$$s = \\sum_{k=1}^n u_k, \\quad v = 2 c$$"


@pytest.mark.parametrize(
    ("words", "line", "verdict"),
    [
        pytest.param("", "s = n u_1", "wrong", id="nothing is said"),
        pytest.param("All $u_k$ are identical.", "s = n u_1", "undecided", id="what may make it right"),
        pytest.param("All $u_k$ are identical.", r"s = -\sum_{k=1}^n u_k", "wrong", id="a slip beside it"),
        pytest.param("The $c$ are identical.", "s = n u_1", "wrong", id="said of another name"),
        pytest.param("The $u_k$ are not all identical.", "s = n u_1", "wrong", id="denied"),
        pytest.param("The $u_k$ sum to one.", "s = 1", "proved", id="what is read"),
        pytest.param("The $u_k$ sum to one.", "s = 2", "wrong", id="what is read is held against a line"),
    ],
)
def test_an_instance_that_may_break_what_words_say_refutes_nothing(words: str, line: str, verdict: str) -> None:
    assert verdicts(under(f"{TOTAL}\n\n{words}"), f"$${line}$$") == [verdict]


def test_the_report_says_which_word_is_not_read() -> None:
    [line] = checked(under(f"{TOTAL}\n\nAll $u_k$ are identical."), "$$s = n u_1$$").relations
    assert "“identical”" in line.reason


@pytest.mark.parametrize(
    ("words", "verdict"), [("$r(v)$ is the minimizer of $s$.", "undecided"), ("$r(v)$ is a number.", "given")]
)
def test_a_name_that_words_explain_is_not_defined_by_the_proof(words: str, verdict: str) -> None:
    assert verdicts(under(f"{TOTAL}\n\n{words}"), "$$r(v) = v - 1$$\n\n$$r(v) + 1 = v$$") == [verdict, "proved"]


@pytest.mark.parametrize(
    ("words", "line", "verdict"),
    [
        ("$λ$ lies between 0 and 1, ends included.", r"λ u + (1 - λ) v \ge λ b + (1 - λ) b", "undecided"),
        ("The weight λ lies between 0 and 1.", r"λ u + (1 - λ) v \ge λ b + (1 - λ) b", "undecided"),
        ("λ is in [0, 1].", r"λ u + (1 - λ) v \ge λ b + (1 - λ) b", "proved"),
        ("$λ \\in [0, 1]$.", r"λ u + (1 - λ) v \ge λ b + (1 - λ) b", "proved"),
        ("The rate $η$ lies between 0 and 1.", r"2 λ u = b + λ u", "wrong"),
    ],
)
def test_greek_letters_are_names_however_they_are_written(words: str, line: str, verdict: str) -> None:
    assert verdicts(under(f"{words}\n\n$$u ≥ b$$\n\n$$v ≥ b$$"), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("(A B)^{-1} = B^{-1} A^{-1}", "proved"),
        ("(A B)^{-1} = A^{-1} B^{-1}", "wrong"),
        ("A x = b", "proved"),
        ("x = A b", "undecided"),
    ],
)
def test_an_instance_with_an_inverse_is_invertible(line: str, verdict: str) -> None:
    given = r"$A, B \in \mathbb{R}^{n \times n}$ invertible, $b \in \mathbb{R}^n$, $x = A^{-1} b$."
    assert verdicts(under(given), f"$${line}$$") == [verdict]


SQUARES = r"$$c = \|a - u\|^2 - \|a - v\|^2, \quad a, u, v \in \mathbb{R}^d$$"


@pytest.mark.parametrize(
    ("words", "line", "verdict"),
    [
        pytest.param("Here $u$ is positive.", r"\nabla_a c = 2 (v - u)", "proved", id="right"),
        pytest.param("Here $u$ is positive.", r"\nabla_a c = 4 a - 2 u - 2 v", "wrong", id="smooth sides"),
        pytest.param("Here $u$ and $v$ are equal.", r"\nabla_a c = 0", "undecided", id="no bound"),
        pytest.param("Here $u$ is much larger than $v$.", r"\nabla_a c = - 2 u", "undecided", id="an approximation"),
    ],
)
def test_what_words_bound_saves_no_equation_of_smooth_sides(words: str, line: str, verdict: str) -> None:
    assert verdicts(under(f"{SQUARES}\n\n{words}"), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(
    ("right", "verdict"),
    [
        (r"\frac{a}{a + b}", "proved"),
        (r"\frac{a}{a + b + 1}", "wrong"),
        (r"\frac{b}{a + b}", "wrong"),
    ],
)
def test_what_solves_an_equation_is_this_whatever_words_say_of_it(right: str, verdict: str) -> None:
    given = r"$f(t) = a \log t + b \log(1 - t)$ with $a, b > 0$, and $\hat{t}$ is its maximiser."
    proof = rf"$$f'(\hat{{t}}) = 0 \Rightarrow a (1 - \hat{{t}}) = b \hat{{t}}$$ $$\hat{{t}} = {right}$$"
    assert verdicts(under(given), proof)[-1] == verdict


@pytest.mark.parametrize(("factor", "verdict"), [("9", "proved"), ("3", "wrong")])
def test_a_factor_of_a_moment_is_wrong_however_what_is_random_is_distributed(factor: str, verdict: str) -> None:
    given = r"$X$ takes the values $-1, 2$ with some probabilities that depend on the weather."
    assert verdicts(under(given), rf"$$\mathrm{{Var}}[3 X + 1] = {factor} \mathrm{{Var}}[X]$$") == [verdict]


@pytest.mark.parametrize(("power", "verdict"), [("3", "proved"), ("2", "wrong")])
def test_what_fails_whatever_could_not_be_read_of_a_name_fails(power: str, verdict: str) -> None:
    given = r"$$E = \frac{1}{2 s^2} \sum_{n=1}^N (y_n - f_n)^2 + N \log s$$ $$f_n \unknowncommand s$$ $s > 0$."
    slope = rf"\frac{{N}}{{s}} - \frac{{1}}{{s^{power}}} \sum_{{n=1}}^N (y_n - f_n)^2"
    assert verdicts(under(given), rf"$$\frac{{\partial E}}{{\partial s}} = {slope}$$") == [verdict]


@pytest.mark.parametrize(("right", "verdict"), [("-", "proved"), ("+", "wrong")])
def test_that_not_all_are_equal_saves_nothing(right: str, verdict: str) -> None:
    given = (
        r"$$S(a, b) = \sum_{i=1}^{n} (y_i - a - b x_i)^2, \quad \bar{x} = \frac{1}{n} \sum_{i=1}^{n} x_i,"
        "\\quad \\bar{y} = \\frac{1}{n} \\sum_{i=1}^{n} y_i$$\n\nNot all $x_i$ are equal."
    )
    line = rf"$$\frac{{\partial S}}{{\partial a}} = 0 \Rightarrow a = \bar{{y}} {right} b \bar{{x}}$$"
    assert verdicts(under(given), line) == ["given", verdict]


@pytest.mark.parametrize(("factor", "verdict"), [("2", "undecided"), ("3", "wrong")])
def test_that_a_matrix_is_symmetric_may_be_meant_of_what_its_entries_are_called(factor: str, verdict: str) -> None:
    given = r"$A$ is a symmetric $n$-by-$n$ matrix with entries $a_{jk}$, $x \in \mathbb{R}^n$"
    left = r"\sum_{k=1}^n a_{ik} x_k + \sum_{k=1}^n a_{%s} x_k" % ("ki" if factor == "2" else "ik")
    assert verdicts(under(given), rf"$${left} = {factor} \sum_{{k=1}}^n a_{{ik}} x_k$$") == [verdict]
