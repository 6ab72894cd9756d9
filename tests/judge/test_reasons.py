"""General reasons for which lines hold, each beside what resembles it and does not."""

import flint
import pytest
from flint import arb, fmpq
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from judge.notation import (
    IN_K,
    IN_N,
    IN_T,
    K,
    T,
    a,
    b,
    define,
    fact,
    families,
    i,
    j,
    k,
    n,
    product,
    t,
    total,
    w,
    x,
    xs,
    y,
    z,
)
from sympy import Abs, E, Expr, Integer, Rational, cos, exp, log, pi, sin, tan, tanh

from symdl.judge import decide, decide_relation
from symdl.judge.decision import proved_alone
from symdl.judge.instances import instances, separation
from symdl.judge.jets import NoValueError
from symdl.judge.roots import root
from symdl.judge.world import Question
from symdl.language import D, Delta, Maximum, Step, family, scalar
from symdl.language.functions.relu import ReLU
from symdl.language.functions.sigmoid import Sigmoid
from symdl.problem import Givens, Range, Relation

one, two, three, half = Integer(1), Integer(2), Integer(3), Rational(1, 2)
free = Givens()


def c(at: Expr | int) -> Expr:
    return family("c", Integer(at) if isinstance(at, int) else at)


def f(at: Expr | int) -> Expr:
    return family("f", Integer(at) if isinstance(at, int) else at)


def mat(row: Expr, column: Expr) -> Expr:
    return family("W", row, column)


STATES = Givens(
    definitions=(define("c", [t], f(t) * c(t - 1) + xs(t), {t: IN_T}),),
    families=families({"c": (Range(Integer(0), T),), "f": (IN_T,), "x": (IN_T,)}),
)
SQUARE = families({"W": (IN_N, IN_N), "x": (IN_N,)})
SYMMETRIC = Givens(facts=(fact(mat(i, j), "=", mat(j, i), {i: IN_N, j: IN_N}),), families=SQUARE)
INNER = Range(two, n)
INSIDE = Givens(facts=(fact(mat(i, j), "=", mat(j, i), {i: INNER, j: INNER}),), families=SQUARE)
PAIR = Givens(
    facts=(fact(x * Delta(i, 1) + y() * Delta(i, 2), "=", 2 * Delta(i, 1) + 5 * Delta(i, 2), {i: Range(one, two)}),)
)
PLAIN = Givens(families=families({"z": (IN_K,), "x": (IN_T,)}))
gate = product(i, 1, K, Sigmoid(w * z(i)))
row, column = total(j, 1, n, mat(k, j) * xs(j)), total(j, 1, n, mat(j, k) * xs(j))

TRUE = {
    "a member that is named exists": (c(2), f(2) * (f(1) * c(0) + xs(one)) + xs(two), STATES, {}),
    "a state by one two steps before": (D(c(3), c(1)), f(3) * f(2), STATES, {}),
    "a symmetric matrix": (row + column, 2 * row, SYMMETRIC, {k: IN_N}),
    "a vector that is given": (x + y(), Integer(7), PAIR, {}),
    "the logarithm of a product by what is in it": (
        D(log(gate), w),
        total(i, 1, K, (1 - Sigmoid(w * z(i))) * z(i)),
        PLAIN,
        {},
    ),
    "a sum in reverse": (total(t, 1, T, w ** (T - t)), total(t, 1, T, w ** (t - 1)), free, {}),
    "double angle": (cos(2 * x), 2 * cos(x) ** 2 - 1, free, {}),
    "triple angle": (sin(3 * x), 3 * sin(x) - 4 * sin(x) ** 3, free, {}),
    "a difference of angles": (cos(a - b), cos(a) * cos(b) + sin(a) * sin(b), free, {}),
    "half an angle": (sin(x), 2 * sin(x / 2) * cos(x / 2), free, {}),
    "a part of a turn": (cos(w * pi / 4), cos(-w * pi / 4), free, {}),
    "an angle that is known": (cos(x + pi / 4), (cos(x) - sin(x)) / 2 ** Rational(1, 2), free, {}),
    "tangent": (tan(a + b) * (1 - tan(a) * tan(b)), tan(a) + tan(b), free, {}),
    "the base of the exponential": (log(2 * pi * E * exp(x)), log(2 * pi) + x + 1, free, {}),
    "an exponent of many digits": (exp(Rational(637, 2000)) / (2 * exp(Rational(637, 2000))), Rational(1, 2), free, {}),
}
FALSE = {
    "another state": (D(c(3), c(1)), f(3) * f(1), STATES, {}),
    "no symmetry is given": (row + column, 2 * row, Givens(families=SQUARE), {k: IN_N}),
    "symmetry in a part": (row, column, INSIDE, {k: IN_N}),
    "the other entry": (x + 2 * y(), Integer(9), PAIR, {}),
    "the product left out": (D(gate, w), total(i, 1, K, (1 - Sigmoid(w * z(i))) * z(i)), PLAIN, {}),
    "a sum in reverse with its terms": (
        total(t, 1, T, w ** (T - t) * xs(t)),
        total(t, 1, T, w ** (t - 1) * xs(t)),
        PLAIN,
        {},
    ),
    "a factor out of an angle": (cos(2 * x), 2 * cos(x), free, {}),
    "a sum of angles": (cos(a + b), cos(a) * cos(b) + sin(a) * sin(b), free, {}),
    "the sign of a sine": (sin(-x), sin(x), free, {}),
    "the base for 1": (log(E * x), log(x), free, {}),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_line_with_a_general_reason_is_proved(name):
    decision = decide(*TRUE[name])
    assert decision.answer == "proved", decision


@pytest.mark.parametrize("name", FALSE)
def test_a_line_that_resembles_one_is_not(name):
    lhs, rhs, givens, ranges = FALSE[name]
    assert not proved_alone(Relation(lhs, "=", rhs), givens, ranges)
    assert decide(lhs, rhs, givens, ranges).answer == "refuted"


@pytest.mark.parametrize(
    ("lhs", "rhs", "answer"),
    [
        (scalar("v") ** half, Abs(x), "proved"),
        (a / (scalar("v") ** half + 1), a / (Abs(x) + 1), "proved"),
        ((scalar("v") * a**2) ** half, Abs(a * x), "proved"),
        (scalar("v") ** half, x, "refuted"),
        (scalar("v") ** half, Abs(x) ** 2, "refuted"),
    ],
)
def test_the_root_of_what_is_a_square_by_definition_is_never_negative(lhs, rhs, answer):
    squared = Givens(definitions=(define("v", [], x**2),))
    assert decide(lhs, rhs, squared, {}).answer == answer
    assert proved_alone(Relation(lhs, "=", rhs), squared, {}) == (answer == "proved")


@pytest.mark.parametrize(
    ("lhs", "rhs", "assumes"),
    [
        (log(x**2), 2 * log(Abs(x)), (r"$x \neq 0$",)),
        (log(1 / (2 * pi * x**2) ** half), -log(2 * pi * x**2) / 2, (r"$x \neq 0$",)),
        (log(x**2 * (x + 1) ** 4), log(x**2) + 4 * log(Abs(x + 1)), (r"$x + 1 \neq 0$", r"$x \neq 0$")),
        (log(x**2), 2 * log(x), ("$x > 0$",)),
        (log((x - 1) ** 2), 2 * log(1 - x), ("$1 - x > 0$",)),
        (log(a**2 * x**2) / 2, log(Abs(a)) + log(x), (r"$a \neq 0$", "$x > 0$")),
    ],
)
def test_the_logarithm_of_a_square_takes_a_sign_only_where_another_one_does(lhs, rhs, assumes):
    decision = decide(lhs, rhs, free, {})
    assert (decision.answer, decision.assumes) == ("proved", assumes)


@pytest.mark.parametrize(
    ("lhs", "rhs"),
    [
        (log(x**2), log(Abs(x))),
        (log(x**3), 3 * log(Abs(x + 1))),
        (log(x**2) + log(a**2), 2 * log(Abs(a + x))),
        (log(x**2), 2 * log(1 - x)),
        (exp(log(x**2) / 2), x),
    ],
)
def test_the_logarithm_of_a_square_is_no_other_one(lhs, rhs):
    assert not proved_alone(Relation(lhs, "=", rhs), free, {})
    assert decide(lhs, rhs, free, {}).answer == "refuted"


@pytest.mark.parametrize(
    ("told", "lhs", "rhs", "answer"),
    [
        (Relation(a / x, "=", b / (1 - x)), a * (1 - x), b * x, "proved"),
        (Relation(30 / x, "=", 30 / (1 - 3 * x)), 1 - 3 * x, x, "proved"),
        (Relation(a * b, "=", Integer(0)), a * b * x, Integer(0), "proved"),
        (Relation(x**2, "=", w**2), x**4, w**4, "proved"),
        (Relation(log(1 - x) / log(2), "=", log(x) / log(2)), (1 - x) / x, one, "proved"),
        (Relation(log(x) + 1 - w, "=", Integer(0)), x, exp(w - 1), "proved"),
        (Relation(2 * log(x) / 3 + w, "=", Integer(0)), x**2, exp(-3 * w), "proved"),
        (Relation(log(x) + 1 - w, "=", Integer(0)), x, exp(w + 1), "refuted"),
        (Relation(x**2, "=", w**2), x, 2 * w, "refuted"),
        (Relation(x**3 + x, "=", one), x**3 + 2 * x, one, "refuted"),
    ],
)
def test_what_an_equation_that_is_given_says_of_a_multiple(told, lhs, rhs, answer):
    assert decide(lhs, rhs, free, {}, (told,)).answer == answer


@pytest.mark.parametrize(
    ("told", "lhs", "rhs"),
    [
        (Relation(a * b, "=", Integer(0)), a, Integer(0)),
        (Relation(x**2, "=", w**2), x, w),
        (Relation(a * x, "=", b * x), a, b),
    ],
)
def test_a_factor_of_an_equation_is_not_taken_for_all_of_it(told, lhs, rhs):
    assert not proved_alone(Relation(lhs, "=", rhs), free, {}, (told,))


def test_an_implicit_function_has_no_slope_of_a_free_letter():
    circle = Givens(facts=(fact(x**2 + w**2, "=", Integer(25)),))
    assert decide(D(w, x), -x / w, circle, {}).answer != "refuted"


@pytest.mark.parametrize(("bound", "answer"), [(Rational(1, 2), "proved"), (Rational(1, 3), "refuted")])
def test_an_absolute_value_that_is_bounded_bounds_what_is_inside(bound, answer):
    told = (Relation(Abs(4 * x - 1), "<", one),)
    decision = decide_relation(Relation(x, "<", bound), free, {}, told)
    assert decision.answer == answer, decision


# -- laws -------------------------------------------------------------------------------------------------------------

SHARES = st.fractions(min_value=-3, max_value=3, max_denominator=60)
QUICKLY = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@given(SHARES, SHARES)
@QUICKLY
def test_exponents_add_up_however_they_are_divided(p, q):
    p, q = Rational(p.numerator, p.denominator), Rational(q.numerator, q.denominator)
    assert proved_alone(Relation(exp(p * x) * exp(q * x), "=", exp((p + q) * x)), free, {})
    assert not proved_alone(Relation(exp(p * x) * exp(q * x), "=", exp((p + q + 1) * x)), free, {})


@given(st.integers(-2, 2), st.integers(-2, 2), st.integers(-2, 2), st.integers(-2, 2))
@QUICKLY
def test_a_cosine_of_a_sum_is_that_of_its_parts(m, p, q, r):
    one_angle, other = m * a + p * b, q * a + r * b
    whole = cos(one_angle + other)
    apart = cos(one_angle) * cos(other) - sin(one_angle) * sin(other)
    assert proved_alone(Relation(whole, "=", apart), free, {})
    if (m, p) != (0, 0) and (q, r) != (0, 0):
        assert not proved_alone(Relation(whole, "=", apart + sin(one_angle) * sin(other)), free, {})


LEAVES = st.sampled_from([x, a, z(i), z(k), Integer(2), Rational(1, 2), Delta(i, k), total(j, 1, K, z(j))])


def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Terms over smaller terms, with every kind of node that has a rule of its own."""
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda p: p[0] + p[1]),
        pairs.map(lambda p: p[0] * p[1]),
        pairs.map(lambda p: Maximum(p[0], p[1])),
        inner.map(lambda u: total(i, 1, K, u)),
        inner.map(lambda u: 1 / (1 + u**2)),
        *(inner.map(head) for head in (exp, tanh, ReLU, Sigmoid, Abs, cos, Step)),
        inner.map(lambda u: D(u, x)),
        inner.map(lambda u: D(u, z(k))),
    )


TERMS = st.recursive(LEAVES, grown, max_leaves=5)


@given(TERMS, TERMS, st.integers(0, 4))
@settings(QUICKLY, max_examples=60)
def test_what_is_proved_without_an_instance_holds_at_all_of_them(u, v, n):
    pairs = [(u + v, v + u), (u * v, v), (u * (1 + v), u + u * v), (u**2 - v**2, (u - v) * (u + v)), (u, u + v)]
    lhs, rhs = pairs[n]
    ranges = {i: IN_K, k: IN_K}
    if proved_alone(Relation(lhs, "=", rhs), PLAIN, ranges):
        held = instances(Question((lhs, rhs), PLAIN, ranges), 5)
        assert not any(separation(lhs, rhs, at) for at in held)


@given(st.fractions(min_value=-8, max_value=8, max_denominator=12), st.integers(1, 3))
@QUICKLY
def test_a_root_is_exact_or_enclosed(p, power):
    at = fmpq(p.numerator, p.denominator)
    assume(at != 0)

    def slope(v):
        return (v * v + power) + 2 * v * (v - at)

    found = root(lambda v: (v - at) * (v * v + power), slope, None, None)
    assert found is not None
    assert found == at if isinstance(found, fmpq) else found.contains(at)


def test_where_there_is_no_root_none_is_found():
    assert root(lambda v: v * v + 1, lambda v: 2 * v, None, None) is None
    assert root(lambda v: 1 / v, lambda v: -1 / v**2, None, None) is None
    assert root(lambda v: v - 5, lambda v: fmpq(1), fmpq(6), None) is None

    def nowhere(v):
        raise NoValueError("outside")

    assert root(nowhere, nowhere, None, None) is None


def test_a_root_is_known_to_all_digits_that_are_asked_for():
    with flint.ctx.workprec(400):
        found = root(lambda v: v * v - 2, lambda v: 2 * v, None, None)
        assert isinstance(found, arb)
        assert (found - arb(2).sqrt()).contains(0)
        assert found.rad() < arb(2) ** -390
