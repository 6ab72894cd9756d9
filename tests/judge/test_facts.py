"""Facts that tie quantities to each other in ways that are not linear: squares, lengths, inverses, known outputs."""

from dataclasses import replace

import pytest
from judge.notation import (
    HERE,
    IN_K,
    IN_N,
    PLAIN,
    S0,
    K,
    L,
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
    total,
    u,
    v,
    w,
    x,
    xs,
    y,
    z,
)
from judge.problems import mat
from sympy import Abs, Expr, Integer, Rational, exp, log, sqrt

from symdl.judge import decide, decide_relation
from symdl.language import Applied, At, Cases, D, Maximum, Step, family, scalar
from symdl.language.functions.sigmoid import Sigmoid
from symdl.problem import Givens, Range, Ranges, Relation, Value

Line = tuple[Expr, Expr, Givens, Ranges]

ZERO, ONE, TWO, FOUR = Integer(0), Integer(1), Integer(2), Integer(4)
SIGNS = Givens(facts=(fact(y(k) ** 2, "=", ONE, {k: IN_N}),), families=families({"y": (IN_N,), "x": (IN_N,)}))
ONE_HOT = Givens(
    facts=(fact(y(k) ** 2, "=", y(k), {k: IN_K}), fact(total(k, 1, IN_K.hi, y(k)), "=", ONE)),
    families=families({"y": (IN_K,)}),
)
UNIT = Givens(facts=(fact(sqrt(total(i, 1, n, xs(i) ** 2)), "=", ONE),), families=families({"x": (IN_N,)}))
PRECISIONS = Givens(
    facts=(fact(1 / y(k), "=", 1 / xs(k) + a, {k: IN_N}), fact(a, ">", ZERO), fact(xs(k), ">", ZERO, {k: IN_N})),
    families=families({"x": (IN_N,), "y": (IN_N,)}),
)
PARALLEL = Givens(facts=(fact(1 / b, "=", 1 / c + 1 / v),))
ACTIVE = Givens(
    definitions=(define("h", [], Maximum(ZERO, w * x)), define(L, [], u * scalar("h"))),
    facts=(fact(w * x, ">", ZERO),),
)
SLOPED = Givens(facts=(fact(Applied(scalar("f"), 1, w), "=", Integer(2)),))
ABOVE = Givens(facts=(fact(Applied(scalar("f"), 0, x), ">", ZERO),))
FIXED_POINT = Givens(facts=(fact(v, "=", u**2 * v + w**2), fact(u, ">", -ONE), fact(u, "<", ONE)))
LIKELIHOOD = Givens(
    definitions=(define(L, [], total(k, 1, n, log(xs(k) / a) - xs(k) ** 2 / (2 * a))),),
    facts=(
        fact(a, ">", ZERO),
        fact(xs(k), ">", ZERO, {k: IN_N}),
        fact(At(D(L, a), a, b), "=", ZERO),
        fact(b, ">", ZERO),
    ),
    families=families({"x": (IN_N,)}),
)
LAGRANGIAN = Givens(
    definitions=(
        define(
            L,
            [],
            total(k, 1, IN_K.hi, (y(k) + a) * log(family("s", k))) + u * (1 - total(k, 1, IN_K.hi, family("s", k))),
        ),
    ),
    facts=(
        fact(family("s", k), ">", ZERO, {k: IN_K}),
        fact(a, ">", ONE),
        fact(D(L, family("s", k)), "=", ZERO, {k: IN_K}),
    ),
    families=families({"y": (IN_K,), "s": (IN_K,)}),
)
ODDS = Givens(facts=(fact(log(a / (1 - a)), "=", b + c * x),), values=(Value(b, -TWO, HERE), Value(c, ONE, HERE)))
BUDGET = Givens(
    facts=(
        fact(1 / a - c, "=", ZERO),
        fact(2 / b - c, "=", ZERO),
        fact(a + b, "=", Integer(3)),
        fact(a, ">", ZERO),
        fact(b, ">", ZERO),
    )
)
HUBER = Givens(
    definitions=(
        define(L, [], Cases(v**2 / 2, Step(1 - Abs(v), 1), Abs(v) - Rational(1, 2))),
        define("v", [], w * x - u),
    ),
    facts=(fact(v, ">", ONE),),
)
IN_4 = Range(ONE, FOUR)


def s(at: Expr) -> Expr:
    return family("s", at)


def f(order: int, at: Expr) -> Expr:
    return Applied(scalar("f"), order, at)


def softmax(at: Expr) -> Expr:
    return exp(s(at)) / total(j, 1, FOUR, exp(s(j)))


OUTPUTS = Givens(
    definitions=(
        define("p", [i], softmax(i), {i: IN_4}),
        define(L, [], -total(k, 1, FOUR, y(k) * log(family("p", k)))),
    ),
    facts=tuple(fact(softmax(Integer(m)), "=", Rational(m, 10)) for m in range(1, 5)),
    values=tuple(Value(y(Integer(m)), Integer(m == 1), HERE) for m in range(1, 5)),
    families=families({"s": (IN_4,), "p": (IN_4,), "y": (IN_4,)}),
)
UNIT_OUTPUT = Givens(
    definitions=(define("A", [], Sigmoid(x)), define(L, [], -log(scalar("A")))),
    facts=(fact(Sigmoid(x), "=", Rational(4, 5)),),
)
SYMMETRIC = Givens(
    definitions=(define(L, [], total(i, 1, n, total(j, 1, n, xs(i) * mat(i, j) * xs(j)))),),
    facts=(fact(mat(i, j), "=", mat(j, i), {i: IN_N, j: IN_N}),),
    families=families({"x": (IN_N,), "W": (IN_N, IN_N), "Q": (IN_N, IN_N)}),
)


def q(*at: Expr) -> Expr:
    return family("Q", *at)


def quadratic(one: Expr, other: Expr) -> Expr:
    return total(i, 1, n, total(j, 1, n, q(i, one) * mat(i, j) * q(j, other)))


TRUE: dict[str, Line] = {
    "the square of a sign": (y(k) ** 2 * x, x, SIGNS, {k: IN_N}),
    "the cube of a sign": (y(k) ** 3, y(k), SIGNS, {k: IN_N}),
    "squares of a one-hot vector": (total(k, 1, IN_K.hi, y(k) ** 2), ONE, ONE_HOT, {}),
    "the square of a length": (total(i, 1, n, xs(i) ** 2), ONE, UNIT, {}),
    "resistors side by side": (b, c * v / (c + v), PARALLEL, {}),
    "a precision for every member": (y(k) * (1 + a * xs(k)), xs(k), PRECISIONS, {k: IN_N}),
    "a product that is positive": (D(L, w), u * x, ACTIVE, {}),
    "the slope at known outputs": (D(L, s(Integer(2))), Rational(1, 5), OUTPUTS, {}),
    "the slope at the class": (D(L, s(ONE)), Rational(-9, 10), OUTPUTS, {}),
    "the slope at a known output": (D(L, x), Rational(-1, 5), UNIT_OUTPUT, {}),
    "a slope that is given of any function": (D(f(0, w) ** 2, w), 4 * f(0, w), SLOPED, {}),
    "the logarithm of any positive function": (D(log(f(0, x)), x), f(1, x) / f(0, x), ABOVE, {}),
    "a fixed point": (v * (1 - u**2), w**2, FIXED_POINT, {}),
    "a fixed point, solved": (v, w**2 / (1 - u**2), FIXED_POINT, {}),
    "an estimate of a scale": (b, total(k, 1, n, xs(k) ** 2) / (2 * n), LIKELIHOOD, {}),
    "a share by its odds": (a * (1 + exp(2 - x)), ONE, ODDS, {}),
    "shares of a budget": (b, 2 * a, BUDGET, {}),
    "a share of a budget": (a, ONE, BUDGET, {}),
    "beyond the corner": (D(L, v), ONE, HUBER, {}),
    "beyond the corner, further down": (D(L, w), x, HUBER, {}),
    "a symmetric form read from both ends": (quadratic(k, Integer(1)), quadratic(Integer(1), k), SYMMETRIC, {k: IN_N}),
}

FALSE: dict[str, Line] = {
    "a sign is not its square": (y(k) ** 3, ONE, SIGNS, {k: IN_N}),
    "another square": (total(k, 1, IN_K.hi, y(k) ** 2), Integer(2), ONE_HOT, {}),
    "another length": (total(i, 1, n, xs(i) ** 2), Integer(2), UNIT, {}),
    "resistors in a row": (b, c + v, PARALLEL, {}),
    "a precision turned over": (y(k), xs(k) + 1 / a, PRECISIONS, {k: IN_N}),
    "a unit that is off": (D(L, w), ZERO, ACTIVE, {}),
    "the slope of another class": (D(L, s(Integer(2))), Rational(1, 10), OUTPUTS, {}),
    "another slope of any function": (D(f(0, w) ** 2, w), 3 * f(0, w), SLOPED, {}),
    "a logarithm without its inner value": (D(log(f(0, x)), x), f(1, x), ABOVE, {}),
    "a fixed point of another map": (v, w**2 / (1 + u**2), FIXED_POINT, {}),
    "an estimate without its factor": (b, total(k, 1, n, xs(k) ** 2) / n, LIKELIHOOD, {}),
    "shares without their sum": (family("s", j), y(j) + a, LAGRANGIAN, {j: IN_K}),
    "a share by other odds": (a * (1 + exp(x - 2)), ONE, ODDS, {}),
    "shares of a budget turned over": (a, 2 * b, BUDGET, {}),
    "before the corner": (D(L, v), v, HUBER, {}),
    "the sign of the slope": (D(L, x), Rational(1, 5), UNIT_OUTPUT, {}),
}


TURNED = {">=": "<=", "<=": ">="}


def rows(lines: dict[str, Line]) -> list[object]:
    return [pytest.param(*line, id=name) for name, line in lines.items()]


@pytest.mark.parametrize(("lhs", "rhs", "givens", "ranges"), rows(TRUE))
def test_what_follows_from_facts_is_proved(lhs, rhs, givens, ranges):
    assert decide(lhs, rhs, givens, ranges).answer == "proved"


@pytest.mark.parametrize(("lhs", "rhs", "givens", "ranges"), rows(FALSE))
def test_what_facts_exclude_is_refuted(lhs, rhs, givens, ranges):
    assert decide(lhs, rhs, givens, ranges).answer == "refuted"


def test_a_form_that_is_not_symmetric_has_two_ends():
    givens = Givens(families=SYMMETRIC.families)
    assert decide(quadratic(k, ONE), quadratic(ONE, k), givens, {k: IN_N}).answer == "refuted"


def test_what_facts_have_no_part_in_is_proved_where_no_instance_of_them_is_found():
    odd = fact(x**5 * y(k) ** 4 + a**7, ">=", exp(exp(x)) + sqrt(b) ** 3, {k: IN_N})
    known = Givens(facts=(odd, *SIGNS.facts, fact(a, "<", Integer(-3))), families=SIGNS.families)
    assert decide(y(k) ** 2 * x, x, known, {k: IN_N}).answer == "proved"


def test_facts_that_contradict_each_other_about_one_quantity_prove_nothing():
    givens = Givens(facts=(fact(x, ">", ONE), fact(x, "<", ZERO), fact(x, "=", exp(a + b))))
    assert decide(x, x, givens, {}).answer == "unknown"


@pytest.mark.parametrize(("sign", "answer"), [("=", "proved"), (">=", "proved"), ("~", "agrees"), ("<=", "refuted")])
@pytest.mark.parametrize("is_turned", [False, True])
def test_no_entry_is_more_than_the_sum_of_what_is_positive_and_a_sum_that_is_nearly_known_bounds_none(
    sign, answer, is_turned
):
    whole = total(k, 1, IN_K.hi, y(k))
    told = fact(whole, TURNED.get(sign, sign), ONE) if is_turned else fact(ONE, sign, whole)
    givens = Givens(facts=(fact(y(k), ">", ZERO, {k: IN_K}), told), families=families({"y": (IN_K,)}))
    assert decide_relation(Relation(y(i), "<=", ONE), givens, {i: IN_K}).answer == answer


def test_what_is_said_of_a_sum_is_enough_where_no_instance_of_all_facts_is_found():
    pairs = total(k, 1, n, xs(k) * y(k))
    givens = Givens(
        definitions=(define("S", [], pairs - 5 * w),),
        facts=tuple(
            fact(total(k, 1, n, pair), "=", Integer(number))
            for pair, number in ((xs(k) ** 2, 220), (y(k) ** 2, 30225), (xs(k) * y(k), 2440))
        ),
        families=families({"x": (IN_N,), "y": (IN_N,)}),
    )
    assert decide(S0, 2440 - 5 * w, givens, {}).answer == "proved"
    assert decide(S0, 2440 - 6 * w, givens, {}).answer == "unknown"
    contrary = replace(givens, facts=(*givens.facts, fact(pairs, "=", Integer(1)), fact(pairs, "=", Integer(2))))
    assert decide(S0, Integer(7), contrary, {}).answer == "unknown"


def test_one_over_a_root_of_a_sum_says_what_the_root_is():
    length = sqrt(total(k, 1, K, z(k) ** 2))
    known = Givens(facts=(fact(1 / length, "=", Rational(3, 2)),), families=PLAIN.families)
    assert decide(length, Rational(2, 3), known, {}).answer == "proved"
    assert decide(length**2, Rational(4, 9), known, {}).answer == "proved"
    assert decide(length, Rational(3, 2), known, {}).answer == "refuted"


@pytest.mark.parametrize("under", [Integer(1), 1 + total(k, 1, K, z(k) ** 2)])
def test_a_root_that_may_be_zero_is_not_told_by_its_square(under):
    length = sqrt(total(k, 1, K, z(k) ** 2))
    known = Givens(facts=(fact(length / under, "=", 3 * length**2 / (2 * under)),), families=PLAIN.families)
    assert decide(length, Rational(2, 3), known, {}).answer != "proved"
