"""Proofs in which the names of layers and states stay, and what stands in the way of no proof."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judge.notation import (
    FROM_0,
    IN_N,
    IN_T,
    L,
    T,
    a,
    b,
    c,
    define,
    fact,
    families,
    i,
    j,
    k,
    n,
    product,
    s,
    t,
    total,
    u,
    v,
    w,
    x,
    xs,
    y,
)
from judge.problems import mat
from sympy import Expr, Integer, Rational, exp, log, sqrt, tanh

from symdl.judge import decide, decide_relation
from symdl.language import D, family, scalar
from symdl.language.functions.sigmoid import Sigmoid
from symdl.language.functions.softplus import Softplus
from symdl.problem import Givens, Range, Relation

ONE, ZERO = Integer(1), Integer(0)


def one(at: Expr) -> Expr:
    return family("a", at)


def two(at: Expr) -> Expr:
    return family("c", at)


def upper(*at: Expr) -> Expr:
    return family("U", *at)


def error(at: Expr) -> Expr:
    return (two(at) - y(at)) * (1 - two(at) ** 2)


LAYERS = Givens(
    definitions=(
        define("a", [i], tanh(total(j, 1, n, mat(i, j) * xs(j))), {i: IN_N}),
        define("c", [i], tanh(total(j, 1, n, upper(i, j) * one(j))), {i: IN_N}),
        define(L, [], total(i, 1, n, (two(i) - y(i)) ** 2) / 2),
    ),
    families=families({"a": (IN_N,), "c": (IN_N,), "x": (IN_N,), "y": (IN_N,), "W": (IN_N, IN_N), "U": (IN_N, IN_N)}),
)
DOWN = total(j, 1, n, mat(j, i) * (1 - one(j) ** 2) * total(k, 1, n, upper(k, j) * error(k)))


@pytest.mark.parametrize(
    ("rhs", "answer"),
    [
        (DOWN, "proved"),
        (total(j, 1, n, mat(j, i) * (1 - one(j)) * total(k, 1, n, upper(k, j) * error(k))), "refuted"),
        (total(j, 1, n, mat(i, j) * (1 - one(j) ** 2) * total(k, 1, n, upper(k, j) * error(k))), "refuted"),
    ],
)
def test_a_derivative_through_two_layers_is_written_by_their_names(rhs, answer):
    assert decide(D(L, xs(i)), rhs, LAYERS, {i: IN_N}).answer == answer


LINEAR = Givens(
    definitions=(
        define("h", [0, i], ZERO, {i: IN_N}),
        define(
            "h",
            [t, i],
            total(j, 1, n, mat(i, j) * family("h", t - 1, j)) + family("b", i) * xs(t),
            {t: Range(ONE, Integer(3)), i: IN_N},
        ),
        define(L, [], total(i, 1, n, family("u", i) * family("h", 3, i))),
    ),
    families=families(
        {
            "h": (Range(ZERO, Integer(3)), IN_N),
            "x": (Range(ONE, Integer(3)),),
            "W": (IN_N, IN_N),
            "b": (IN_N,),
            "u": (IN_N,),
        }
    ),
)
TWICE = total(j, 1, n, mat(i, j) * total(k, 1, n, mat(j, k) * family("b", k)))
UNROLLED = TWICE * xs(1) + total(j, 1, n, mat(i, j) * family("b", j)) * xs(2) + family("b", i) * xs(3)
BACK = total(j, 1, n, mat(j, i) * total(k, 1, n, mat(k, j) * family("u", k)))


@pytest.mark.parametrize(
    ("lhs", "rhs", "answer"),
    [
        (family("h", 3, i), UNROLLED, "proved"),
        (family("h", 3, i), UNROLLED + family("b", i) * xs(3), "refuted"),
        (D(L, family("h", 1, i)), BACK, "proved"),
        (
            D(L, family("h", 1, i)),
            total(j, 1, n, mat(i, j) * total(k, 1, n, mat(j, k) * family("u", k))),
            "refuted",
        ),
    ],
)
def test_a_state_at_a_known_time_is_written_out_whatever_its_unit(lhs, rhs, answer):
    assert decide(lhs, rhs, LINEAR, {i: IN_N}).answer == answer


RECURRENT = Givens(
    definitions=(
        define("h", [t], Sigmoid(w * family("h", t - 1) + u * xs(t)), {t: IN_T}),
        define("v", [t], a * family("v", t - 1) - b * family("q", t - 1), {t: IN_T}),
        define("q", [t], family("q", t - 1) + family("v", t), {t: IN_T}),
        define("m", [t], a * family("m", t - 1) + (1 - a) * b, {t: IN_T}),
        define("m", [0], ZERO),
        define("r", [t], family("m", t) / (1 - a**t), {t: FROM_0}),
    ),
    families=families({"h": (FROM_0,), "x": (IN_T,), "v": (FROM_0,), "q": (FROM_0,), "m": (FROM_0,), "r": (FROM_0,)}),
)
INSIDE = {t: Range(ONE, T - 1)}


def state(name: str, at: Expr) -> Expr:
    return family(name, at)


def jacobian(first: Expr) -> Expr:
    return product(s, first, t, w * state("h", s) * (1 - state("h", s)))


@pytest.mark.parametrize(
    ("lhs", "rhs", "ranges", "answer"),
    [
        (D(state("h", t), state("h", k)), jacobian(k + 1), {t: FROM_0, k: FROM_0}, "proved"),
        (D(state("h", t), state("h", k)), jacobian(k), {t: FROM_0, k: FROM_0}, "refuted"),
        (
            state("q", t + 1),
            (1 + a - b) * state("q", t) - a * state("q", t - 1),
            INSIDE,
            "proved",
        ),
        (state("q", t + 1), (1 + a - b) * state("q", t) + a * state("q", t - 1), INSIDE, "refuted"),
        (state("m", t + 1), a**2 * state("m", t - 1) + (1 - a**2) * b, INSIDE, "proved"),
        (state("m", t + 1), a**2 * state("m", t - 1) + (1 - a) * b, INSIDE, "refuted"),
        (state("r", t), b, {t: FROM_0}, "proved"),
        (state("r", t), b * a, {t: FROM_0}, "refuted"),
    ],
)
def test_states_are_written_by_the_earliest_ones_that_are_named(lhs, rhs, ranges, answer):
    orders = (Relation(t, ">=", k),) if k in ranges else ()
    assert decide(lhs, rhs, RECURRENT, ranges, orders).answer == answer


@pytest.mark.parametrize(
    ("lhs", "rhs", "answer"),
    [
        (w ** (2 * t), exp(2 * t * log(w)), "proved"),
        (exp(-t * log(w)), 1 / w**t, "proved"),
        (exp(t * log(Integer(3))), Integer(3) ** t, "proved"),
        (w ** (2 * t), exp(t * log(w)), "refuted"),
        (exp(t * log(w) / 2), w**t, "refuted"),
    ],
)
def test_a_power_with_a_whole_exponent_is_an_exponential_of_a_logarithm(lhs, rhs, answer):
    givens = Givens(facts=(fact(w, ">", ZERO),))
    assert decide(lhs, rhs, givens, {t: Range(ONE, n)}).answer == answer


DEEP = Givens(definitions=(define("h", [], tanh(w * x + b)), define(L, [], (u * scalar("h") - y()) ** 2 / 2)))


@pytest.mark.parametrize(("factor", "answer"), [(ONE, "proved"), (Rational(1, 2), "refuted")])
def test_a_lemma_about_a_quantity_of_which_nothing_is_known_here_hides_no_proof(factor, answer):
    h = scalar("h")
    lemma = (D(L, w), scalar(r"\delta") * x, {})
    slope = (u * h - y()) * u * (1 - h**2) * x
    assert decide(D(L, w), slope * factor, DEEP, {}, (), (lemma,)).answer == answer


OWN_SLOPES = {tanh: lambda q: 1 - q**2, Sigmoid: lambda q: q * (1 - q), exp: lambda q: q}
inner = st.sampled_from((w * x + b, w * x**2, x - w, sqrt(1 + x**2), Softplus(x), x * w))
heads = st.sampled_from(tuple(OWN_SLOPES))
off = st.sampled_from((ONE, ONE, Integer(-1), Rational(1, 2), v, 1 + c))


@settings(max_examples=40, deadline=None)
@given(heads, heads, inner, off, st.booleans())
def test_a_slope_by_the_names_of_two_layers_is_proved_where_it_is_right_and_nowhere_else(
    first, second, argument, factor, is_by_names
):
    p, q = scalar("p"), scalar("q")
    givens = Givens(
        definitions=(define("p", [], first(argument)), define("q", [], second(v * p)), define(L, [], q**2 - a * q))
    )
    rest = D(argument, x) if is_by_names else D(p, x) / OWN_SLOPES[first](p)
    slope = (2 * q - a) * OWN_SLOPES[second](q) * v * OWN_SLOPES[first](p) * rest
    decision = decide(D(L, x), slope * factor, givens, {})
    assert decision.answer == ("proved" if factor == 1 else "refuted"), decision


ATTENTION = Givens(
    definitions=(
        define("e", [i], v * tanh(w * xs(i) + u), {i: IN_N}),
        define("p", [i], exp(family("e", i)) / total(j, 1, n, exp(family("e", j))), {i: IN_N}),
        define("c", [], total(i, 1, n, family("p", i) * xs(i))),
    ),
    families=families({"e": (IN_N,), "p": (IN_N,), "x": (IN_N,)}),
)


@pytest.mark.parametrize(("off", "answer"), [(ZERO, "proved"), (ONE, "refuted")])
def test_the_values_of_functions_stay_in_sums_of_exponentials(off, answer):
    weights = family("p", i) * (xs(i) - c) * tanh(w * xs(i) + u)
    assert decide(D(c, v), total(i, 1, n, weights * (1 + off)), ATTENTION, {}).answer == answer


BIG = Givens(
    definitions=(define("z", [i], 999 + i, {i: Range(ONE, Integer(3))}),),
    families=families({"z": (Range(ONE, Integer(3)),)}),
)


@pytest.mark.parametrize(("most", "answer"), [(1002, "proved"), (1001, "refuted")])
def test_the_logarithm_of_a_sum_of_large_exponentials_is_shifted(most, answer):
    whole = log(total(j, 1, Integer(3), exp(family("z", j))))
    shifted = most + log(1 + exp(Integer(-1)) + exp(Integer(-2)))
    assert decide(whole, shifted, BIG, {}).answer == answer


@pytest.mark.parametrize(
    ("lhs", "sign", "answer"),
    [
        (-4 / w**2, "<", "proved"),
        (-4 / w**3, "<", "refuted"),
        (-((w - 1) ** 2) / w**2, "<", "unknown"),
        (-((w - 1) ** 2) / w**2, "<=", "proved"),
        ((w**2 + 1) / (w - u) ** 2, ">", "proved"),
    ],
)
def test_a_denominator_is_never_zero_where_there_is_a_value(lhs, sign, answer):
    found = decide_relation(Relation(lhs, sign, ZERO), Givens(), {}).answer
    assert found == answer or (answer == "unknown" and found in ("agrees", "refuted"))
