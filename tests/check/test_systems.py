"""Equations that are given and together say what quantities are."""

import pytest
from check.checking import lines, under, verdicts
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Integer, S, cancel

from symdl.check.systems import linear, solved
from symdl.language import Sigma, family, index, put, scalar, size

a, b, x, y, z = map(scalar, "abxyz")
UNKNOWNS = (x, y, z)
small = st.integers(-3, 3)


def equations(forms: list[Expr]) -> list[dict[Expr, Expr]]:
    rows = [linear(form, UNKNOWNS) for form in forms]
    return [row for row in rows if row is not None]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(small, min_size=3, max_size=3), min_size=1, max_size=4), st.lists(small, min_size=3, max_size=3)
)
def test_the_solution_of_a_system_is_the_point_by_which_it_was_made(matrix: list[list[int]], point: list[int]) -> None:
    forms = [sum(c * (u - p) for c, u, p in zip(row, UNKNOWNS, point, strict=True)) + S.Zero for row in matrix]
    found = solved(equations(forms), UNKNOWNS)
    assert found is not None
    assert found.nonzero == ()
    at: dict[Expr, Expr] = {u: Integer(p) for u, p in zip(UNKNOWNS, point, strict=True)}
    assert all(put(value, at) == at[u] for u, value in found.values.items())


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.lists(st.sampled_from([0, 1, a, b, a - 1, a * b, 1 / b]), min_size=4, max_size=4), min_size=1, max_size=3
    )
)
def test_what_is_solved_satisfies_the_equations_where_no_condition_fails(rows: list[list[Expr]]) -> None:
    forms = [sum(c * u for c, u in zip(row, (*UNKNOWNS, S.One), strict=True)) + S.Zero for row in rows]
    found = solved(equations(forms), UNKNOWNS)
    for form in forms if found is not None else ():
        assert cancel(put(form, found.values)) == 0


def test_what_an_unknown_is_multiplied_by_is_a_condition_even_where_it_cancels() -> None:
    found = solved(equations([a * x - a]), UNKNOWNS)
    assert found is not None
    assert (found.values[x], found.nonzero) == (1, (a,))


def test_equations_that_contradict_one_another_have_no_solution() -> None:
    assert solved(equations([x - 2, x - 3]), UNKNOWNS) is None


@pytest.mark.parametrize(
    "term", [x * y, x**2, 1 / x, Sigma.over(index("i"), Integer(1), size("n"), x * family("c", index("i")) * y)]
)
def test_a_product_of_unknowns_is_not_linear(term: Expr) -> None:
    assert linear(term, UNKNOWNS) is None


def test_an_unknown_below_a_sum_is_taken_out_of_it() -> None:
    i, n = index("i"), size("n")
    total = Sigma.over(i, Integer(1), n, family("c", i))
    assert linear(Sigma.over(i, Integer(1), n, x * family("c", i) + y), UNKNOWNS) == {x: total, y: n}


BELLMAN = r"$V_A = -1 + \gamma V_B$ and $V_B = 4 + \gamma V_A$"
CHAIN = r"$\pi_1 = (1 - a) \pi_1 + b \pi_2$, $\pi_1 + \pi_2 = 1$, $a > 0$ and $b > 0$"
ABSORBING = r"$t_1 = 1 + \frac{t_2}{2}$, $t_2 = 1 + \frac{t_1}{2} + \frac{t_3}{2}$ and $t_3 = 1 + \frac{t_2}{2}$"
NORMAL = (
    r"$X = \begin{bmatrix} 1 & 1 \\ 1 & 2 \\ 1 & 3 \end{bmatrix}$, $y = \begin{bmatrix} 1 \\ 2 \\ 2 \end{bmatrix}$"
    r" and $X^\top X w = X^\top y$"
)
RETURNS = (
    r"$r = \begin{bmatrix} 1 \\ 0 \end{bmatrix}$, $P = \begin{bmatrix} 0.5 & 0.5 \\ 0 & 1 \end{bmatrix}$,"
    r" $\gamma = 0.5$ and $v = r + \gamma P v$"
)
FIT = (
    r"$w \sum_{i=1}^{n} x_i^2 + b \sum_{i=1}^{n} x_i = \sum_{i=1}^{n} x_i y_i$"
    r" and $w \sum_{i=1}^{n} x_i + n b = \sum_{i=1}^{n} y_i$"
)


def said(given_: str, line: str) -> str:
    return lines(given_.replace(" and ", ".\n\n").replace(", $", ".\n\n$"), f"$${line}$$")[-1].verdict


@pytest.mark.parametrize(
    ("given_", "line"),
    [
        (BELLMAN + r" and $\gamma = 0.5$", r"V_A = \frac{4}{3}"),
        (BELLMAN + r" and $0 < \gamma < 1$", r"V_B = \frac{4 - \gamma}{1 - \gamma^2}"),
        (CHAIN, r"\pi_1 = \frac{b}{a + b}"),
        (CHAIN, r"a \pi_1 = b \pi_2"),
        (ABSORBING, "t_2 = 4"),
        (ABSORBING, "t_1 = t_3"),
        (NORMAL, r"w = \begin{bmatrix} \frac{2}{3} \\ \frac{1}{2} \end{bmatrix}"),
        (RETURNS, r"v = \begin{bmatrix} 4/3 \\ 0 \end{bmatrix}"),
        (r"$x = \mu + \sigma z$, $\mu = 1$, $\sigma = 2$ and $x = 3$", "z = 1"),
    ],
)
def test_a_solution_of_the_equations_that_are_given_is_proved(given_: str, line: str) -> None:
    assert said(given_, line) == "proved"


@pytest.mark.parametrize(
    ("given_", "line"),
    [
        (BELLMAN + r" and $\gamma = 0.5$", r"V_A = \frac{3}{4}"),
        (BELLMAN + r" and $0 < \gamma < 1$", r"V_B = \frac{4 + \gamma}{1 - \gamma^2}"),
        (CHAIN, r"\pi_1 = \frac{a}{a + b}"),
        (ABSORBING, "t_2 = 3"),
        (NORMAL, r"w = \begin{bmatrix} \frac{2}{3} \\ \frac{1}{3} \end{bmatrix}"),
        (RETURNS, "v_1 = 1.5"),
        (FIT, r"w = \frac{n \sum_{i=1}^{n} x_i y_i + \sum_{i=1}^{n} x_i \sum_{i=1}^{n} y_i}{n \sum_{i=1}^{n} x_i^2}"),
        (r"$x = \mu + \sigma z$, $\mu = 1$, $\sigma = 2$ and $x = 3$", "z = 2"),
    ],
)
def test_what_is_no_solution_of_them_is_refuted_with_what_would_be_right(given_: str, line: str) -> None:
    found = lines(given_.replace(" and ", ".\n\n").replace(", $", ".\n\n$"), f"$${line}$$")[-1]
    assert found.verdict == "wrong"
    assert found.expected is not None


@pytest.mark.parametrize(
    ("given_", "line"),
    [
        (r"$m = \beta m + (1 - \beta) g$, $\beta = 0.9$ and $g = 2$", r"m = 0.9 \cdot 0 + 0.1 \cdot 2"),
        (r"$V_A = V_A + \alpha (1 - V_A)$ and $\alpha = 0.5$", "V_A = 0.5"),
        (r"$m = \frac{x}{3} + 1$ and $m = 2.33$", "x = 4"),
        (r"$x + y = 3$ and $f = x^2 + 2 y^2$", "x = 2 y"),
        (r"$x + y + z = 6$ and $x - y = 1$", "x = 2 z"),
    ],
)
def test_an_update_and_a_condition_beside_others_determine_nothing(given_: str, line: str) -> None:
    assert said(given_, line) == "undecided"


def test_a_condition_of_the_solution_is_said() -> None:
    given_ = "$x = 1 + \\gamma y$.\n\n$y = 2 + \\gamma x$."
    (line,) = lines(given_, r"$$x = \frac{1 + 2 \gamma}{1 - \gamma^2}$$")
    assert line.verdict == "proved"
    assert line.assumes != ()


def test_what_a_system_is_divided_by_is_said_as_a_formula() -> None:
    [line] = lines("$$u = a + b v, \\quad v = c + d u$$", r"$$u = \frac{a + b c}{1 - b d}$$")
    assert line.verdict == "proved"
    assert line.assumes == (r"$b d - 1 \neq 0$",)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [(r"a \approx 1.714", "rounded"), (r"b \approx -0.143", "rounded"), (r"a \approx 1.741", "wrong")],
)
def test_digits_of_a_solution_are_compared_with_it(line: str, verdict: str) -> None:
    assert verdicts(under(r"$$3 a + b = 5, \qquad a - 2 b = 2$$"), f"$${line}$$") == [verdict]
