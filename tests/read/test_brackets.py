r"""A bracket that touches a name: what the name is applied to, never a factor by mistake."""

from __future__ import annotations

import pytest
from check.checking import under, verdicts
from hypothesis import given
from hypothesis import strategies as st
from sympy import Expr, Integer, Rational, log

from symdl.errors import Place
from symdl.language import At, D, Delta, Sigma, family, index, scalar
from symdl.problem import Block
from symdl.read import Chain, Side, read_chains, read_text
from symdl.read.arguments import head_of

w, x, y = map(scalar, "wxy")
i, j = map(index, "ij")


def chains(given_: str, latex: str) -> list[Chain]:
    (problem,) = read_text(f"# P\n\n## Given\n\n{given_}\n\n## Proof\n\n$${latex}$$\n", "p.md")
    return read_chains(Block("display", latex, Place("p.md", 1, 1)), problem.givens)


def sides(given_: str, latex: str) -> tuple[Side, ...]:
    (chain,) = chains(given_, latex)
    return chain.sides


def read(given_: str, latex: str) -> Expr:
    side = sides(given_, f"{latex} = 0")[0]
    assert side.expr is not None, side.error
    return side.expr


NOTHING = "$$a = 2$$"
LOSS = r"$$L = (y - w x)^2$$"
CURVE = "$$J = w^2 - 4 w$$"
SIGMOID = r"$$\sigma(x) = \frac{1}{1 + e^{-x}}$$"
FUNCTIONS = "$$f(x) = x^2, g(x) = 3x$$"
PLANE = "$$f(x, y) = x^2 y$$"
POINTS = r"$$J(\theta) = (\theta_1 - 3)^2 + 2 (\theta_2 + 1)^2$$"
CHANCES = r"$$P(A) = 0.3, P(B \mid A) = 0.2, P(X = 1) = 0.4$$"
SQUARE = r"$$A = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}$$"
VECTORS = r"$$k(x, z) = (x^\top z + 1)^2$$" "\n\n" r"$$x = (1, 2)^\top, z = (3, -1)^\top$$"


@pytest.mark.parametrize(
    ("given_", "latex", "expected"),
    [
        pytest.param(LOSS, "L(w)", scalar("L"), id="a loss at what it rests on"),
        pytest.param(LOSS, "L(w, x)", scalar("L"), id="a loss at two of them"),
        pytest.param(CURVE, "J(2)", At(scalar("J"), w, Integer(2)), id="a formula of one input at a number"),
        pytest.param(NOTHING, r"P(A \mid B)", scalar(r"P(A\mid B)"), id="a chance under a condition"),
        pytest.param(NOTHING, "P(A, B | C)", scalar(r"P(A,B\mid C)"), id="a joint chance under a condition"),
        pytest.param(NOTHING, "P(A | B, C)", scalar(r"P(A\mid B,C)"), id="a chance under two conditions"),
        pytest.param(NOTHING, "P(X = 2)", scalar("P(X=2)"), id="the chance of a value"),
        pytest.param(NOTHING, "H(X)", scalar("H(X)"), id="an entropy"),
        pytest.param(NOTHING, r"\mathbb{E}[X]", scalar(r"\mathbb{E}[X]"), id="an expectation"),
        pytest.param(NOTHING, "count(a, b)", scalar(r"\mathrm{count}(a,b)"), id="letters side by side before a list"),
        pytest.param(CHANCES, "P(B)", scalar("P(B)"), id="another chance"),
        pytest.param(CHANCES, "P(A) P(B)", scalar("P(A)") * scalar("P(B)"), id="a product of chances"),
        pytest.param("$$w(0) = 2$$", "3 w(1)", 3 * scalar("w(1)"), id="a state at a time"),
        pytest.param(r"$$\alpha_1(H) = 0.3$$", r"\alpha_2(H)", scalar(r"\alpha_2(H)"), id="a forward probability"),
        pytest.param(FUNCTIONS, r"(f \circ g)(x)", scalar("g") ** 2, id="a composition"),
        pytest.param(FUNCTIONS, r"f \circ g(x)", scalar("g") ** 2, id="a composition without brackets"),
        pytest.param(FUNCTIONS, "(f + 2 g)(1)", Integer(7), id="a sum of functions"),
        pytest.param(FUNCTIONS, r"(f \cdot g)(2)", Integer(24), id="a product of functions"),
        pytest.param(POINTS, "J(0, 0)", Integer(11), id="a function of a vector at its entries"),
        pytest.param(r"$$\eta = 0.1$$", r"\eta (2)", 2 * scalar(r"\eta"), id="a number times a number in brackets"),
        pytest.param(NOTHING, "a (1 - a)", scalar("a") * (1 - scalar("a")), id="a factor before a sum"),
        pytest.param(NOTHING, r"w + \Delta w", w + scalar(r"\Delta w"), id="a change is one name"),
        pytest.param(NOTHING, r"\binom{5}{2}", Integer(10), id="a binomial coefficient"),
    ],
)
def test_what_a_name_is_applied_to_is_no_factor(given_: str, latex: str, expected: Expr) -> None:
    assert read(given_, latex) == expected


@pytest.mark.parametrize(
    ("given_", "latex"),
    [
        pytest.param("$$w = 0.5, x = 2, y = 3$$\n\n" + LOSS, "L(0.9) = 0.7", id="a loss of several inputs at a number"),
        pytest.param(LOSS, "L(w_1) = 0.7", id="a loss at another name"),
        pytest.param(FUNCTIONS, r"f^{-1}(5) = 1", id="an inverse function"),
        pytest.param(
            r"$$\sigma(x) = \frac{1}{1 + e^{-x}}$$", r"\sigma^{-1}(p) = 1", id="an inverse of a known function"
        ),
        pytest.param("$$x = (1, 2, 3)$$", "x[0] = 1", id="an entry that is counted from 0"),
        pytest.param(SQUARE, "A[0][1] = 2", id="an entry of a matrix that is counted from 0"),
        pytest.param(NOTHING, "d(x^2) = 2x", id="a differential of an expression"),
        pytest.param(NOTHING, "O(n) + O(n^2) = O(n^2)", id="signs of growth"),
        pytest.param(NOTHING, "[7/2] = 3", id="a number rounded down"),
        pytest.param(NOTHING, "2^10 = 1024", id="several digits above without braces"),
        pytest.param(NOTHING, r"\frac13 = 0.\dot{3}", id="a repeating decimal with a dot"),
        pytest.param(NOTHING, r"7/3 = 2.\overline{3}", id="a repeating decimal with a line"),
        pytest.param(NOTHING, r"\lg 2 = 1", id="a logarithm of which the base is a convention"),
        pytest.param("$$y = w z, z = 2 x - 1$$", r"\frac{dy}{dx}(0.5) = 0.5", id="a derivative before a number"),
        pytest.param(NOTHING, "c = a . b = 6", id="a full stop that may end a statement"),
        pytest.param(POINTS + r" $$\theta = (0, 0)$$", r"J(\theta^{(2)}) = 0.5", id="a function at a member"),
    ],
)
def test_what_may_be_an_application_is_not_read_as_a_product(given_: str, latex: str) -> None:
    assert any(side.error is not None for chain in chains(given_, latex) for side in chain.sides)


@pytest.mark.parametrize(
    ("given_", "latex"),
    [
        pytest.param(SQUARE, r"\det A = \det(A) = |A| = -2", id="a determinant"),
        pytest.param(SQUARE, r"\begin{vmatrix} 1 & 2 \\ 3 & 4 \end{vmatrix} = -2", id="a determinant written out"),
        pytest.param(r"$$x = (1, -3, 2)$$", r"\|x\|_\infty = \max(1, 3, 2)", id="the greatest entry"),
        pytest.param(
            "$$n = 5$$\n\n" r"$$s = \sum_{i=1}^n x_i$$", r"\frac{1}{n} = \frac{1}{5}", id="a size with a number"
        ),
        pytest.param(NOTHING, r"c = 2 . b", id="a full stop between factors"),
        pytest.param(NOTHING, r"a . b . a = 12", id="full stops on the left"),
        pytest.param(NOTHING, r"\frac{a}{b} . \frac{b}{c} = \frac{a}{c} . 1", id="full stops between fractions"),
    ],
)
def test_a_line_is_read_whole(given_: str, latex: str) -> None:
    assert all(side.error is None for side in sides(given_, latex))


def test_a_power_of_a_square_matrix_is_a_product_of_matrices() -> None:
    left, right = sides(SQUARE, "A^2 = A A")
    assert left.expr is not None and left.expr == right.expr


def test_the_vectors_of_a_function_may_change_places() -> None:
    first, second, third = (read(VECTORS, f"k({a})") for a in ("x, z", "z, x", "x, x"))
    assert second != third and first == scalar("k")


def test_a_gradient_without_a_variable_is_by_all_arguments() -> None:
    f = scalar("f")
    for latex in (r"\nabla f", r"\nabla f(x, y)"):
        found = read(PLANE, latex)
        assert set(found.atoms(D)) == {D(f, x), D(f, y)}
    assert {t.args[0] for t in read(PLANE, r"\nabla f(1, 2)").atoms(At)} == {D(f, x), D(f, y)}


def test_a_letter_of_which_members_are_known_is_not_the_number_pi() -> None:
    assert read(r"$$\pi_1 = 0.3, \pi_2 = 0.7$$", r"\pi") == scalar(r"\pi")
    assert read(NOTHING, r"\pi").is_number


def test_capitals_that_are_defined_are_one_name_where_their_letters_stand_nowhere_else() -> None:
    assert read(r"$$CE = -\log q$$", "CE") == scalar(r"\mathrm{CE}")
    (problem,) = read_text("## Given\n\n$$A = B$$\n\n$$AB = C$$\n\n## Proof\n\n$$A = B$$\n", "p.md")
    assert not any("mathrm" in s.name for s in problem.givens.vectors)


def test_a_recurrence_that_runs_backward_goes_down_to_what_the_proof_names() -> None:
    given_ = "$$G_5 = 0, R_4 = 1, R_5 = 2$$\n\n$$G_t = R_{t+1} + \\gamma G_{t+1}$$"
    (problem,) = read_text(f"## Given\n\n{given_}\n\n## Proof\n\n$$G_3 = R_4$$\n", "p.md")
    (run,) = problem.givens.families[scalar("G")]
    assert (run.lo, run.hi) == (3, 5)


def test_two_recurrences_written_one_step_ahead_take_their_first_states() -> None:
    given_ = "$$v_{t+1} = v_t + x_t$$\n\n$$x_{t+1} = x_t - v_{t+1}$$\n\n$$x_0 = 1, v_0 = 0$$"
    (problem,) = read_text(f"## Given\n\n{given_}\n\n## Proof\n\n$$v_2 = 1$$\n", "p.md")
    runs = [run for d in problem.givens.definitions for run in d.ranges.values()]
    assert [(r.lo, r.hi) for r in runs] == [(1, 2), (1, 2)]


@pytest.mark.parametrize(
    ("given_", "latex", "expected"),
    [
        pytest.param(NOTHING, r"66.7\%", Rational(667, 1000), id="a percentage"),
        pytest.param(NOTHING, r"75\,\%", Rational(3, 4), id="a percentage after a thin space"),
        pytest.param(NOTHING, r"\mathbb{E}_{x \sim p}[f(x)]", scalar(r"\mathbb{E}_{x\sim p}[f(x)]"), id="under a law"),
        pytest.param(NOTHING, r"P(+ \mid \neg D)", scalar(r"P(+\mid \neg D)"), id="signs and negations as events"),
        pytest.param("$$f(x) = 20 x^2$$", "20 x (x + 1)", 20 * x * (x + 1), id="the letter x before a bracket"),
        pytest.param(
            r"$x, w_2 \in \mathbb{R}^3$", "x_1 [w_2]_3", family("x", 1) * family("w_2", 3), id="an entry after a member"
        ),
        pytest.param("$$h = (1, 2, 3)$$", r"\sum h", Sigma.over(i, 1, 3, family("h", i)), id="a sum of entries"),
        pytest.param("$$h = (1, 2, 3)$$", r"\sum h_i^2", Sigma.over(i, 1, 3, family("h", i) ** 2), id="its letter"),
        pytest.param(r"$$a_k = 3^k$$", "a_2", family("a", 2), id="a member of a family given by a formula"),
    ],
)
def test_a_formula_is_read_as_its_author_means_it(given_: str, latex: str, expected: Expr) -> None:
    assert read(given_, latex) == expected


def test_a_matrix_that_equals_itself_with_other_indices_is_a_fact() -> None:
    given_ = r"$$s = \sum_{i=1}^n \sum_{j=1}^n w_{ij} x_i x_j$$" "\n\n$$w_{ij} = w_{ji}$$"
    (problem,) = read_text(f"## Given\n\n{given_}\n\n## Proof\n\n$$s = s$$\n", "p.md")
    assert len(problem.givens.facts) == 1 and not problem.givens.is_defined(family("w", 1, 2))


def test_a_rule_for_members_that_cannot_be_read_is_said_to_be_unread() -> None:
    given_ = r"$$K_{ij} = c$$" "\n\n$$W = K_{11} + 1$$"
    (problem,) = read_text(f"## Given\n\n{given_}\n\n## Proof\n\n$$W = 3$$\n", "p.md")
    assert any("K" in block.text for block, _ in problem.unread)


def test_letters_that_cross_in_a_derivative_are_indices() -> None:
    left, right = sides(r"$$y_i = \tanh(x_i)$$", r"\frac{\partial y_i}{\partial x_j} = \delta_{ij} (1 - y_i^2)")
    assert left.expr == D(family("y", i), family("x", j))
    assert right.expr == Delta(i, j) * (1 - family("y", i) ** 2)


@given(st.integers(1, 40))
def test_a_size_that_has_a_number_is_that_number(n: int) -> None:
    found = read(f"$$n = {n}$$\n\n" r"$$s = \frac{1}{n} \sum_{i=1}^n x_i$$", r"\frac{1}{n}")
    assert found == Rational(1, n)


@given(st.sampled_from("PHQV"), st.lists(st.sampled_from("abX"), min_size=1, max_size=3))
def test_a_name_with_brackets_shows_its_head(head: str, items: list[str]) -> None:
    assert head_of(f"{head}({','.join(items)})") == head
    assert head_of(f"{head}^{{(1)}}") == ""


def test_a_logarithm_of_a_name_with_brackets_is_read() -> None:
    assert read(NOTHING, r"\log p(x)") == log(scalar("p(x)"))


def test_a_member_of_a_family_is_not_a_name_with_brackets() -> None:
    assert read(r"$$z = \sum_{i=1}^n w_i$$", "w_1") == family("w", 1)


@pytest.mark.parametrize("latex", ["(-|w|)", r"(-\left|w\right|)", r"\left(-\left|w\right|\right)"])
def test_a_minus_before_an_absolute_value_is_no_sign_of_an_event(latex: str) -> None:
    assert read("$a = w$", latex) == -abs(w)


def test_brackets_with_a_bar_that_only_the_proof_holds_cost_no_reading() -> None:
    value = r"V^\pi(s) = \sum_a \pi(a \mid s) Q^\pi(s, a)"
    assert len(chains(rf"$$Q^\pi(s, a) = r + c V^\pi(t)$$" f"\n\n$${value}$$", value)) == 1


WALK = under(r"$h_t = W h_{t-1}$ for $t = 1, \dots, T$, $W \in \mathbb{R}^{n \times n}$.")


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"W W^t = W^{t+1}", "proved"),
        (r"W W^t = W^t", "wrong"),
        (r"\frac{\partial h_t}{\partial h_0} = W^t", "proved"),
        (r"h_t = W^t h_0", "agrees"),
        (r"h_t = W^{t-1} h_0", "wrong"),
    ],
)
def test_a_matrix_to_the_power_of_a_time_is_the_product_of_so_many(line: str, verdict: str) -> None:
    assert verdicts(WALK, f"$${line}$$") == [verdict]
