"""Whatever is worked out or proved of random functions agrees with their values."""

import flint
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from judge.notation import IN_K, PLAIN, K, a, b, fact, i, k, p, total, x, z
from sympy import Abs, Expr, Integer, Rational, S, exp, log, sin, sqrt, tanh

from symdl.judge.balls import Evaluation, NoValueError
from symdl.judge.decision import decide_relation, proved_alone
from symdl.judge.derivative import NotProvableError
from symdl.judge.extremes import Extremes
from symdl.judge.limits import INFINITE, Limits
from symdl.judge.whole import Setting
from symdl.judge.world import Instance
from symdl.language import Extreme, Limit, Maximum
from symdl.language.functions.sigmoid import Sigmoid
from symdl.language.functions.softplus import Softplus
from symdl.problem import Givens, Relation

ONE = Integer(1)
SIMPLEX = Givens(
    facts=(fact(p(k), ">", Integer(0), {k: IN_K}), fact(total(k, 1, K, p(k)), "=", ONE)), families=PLAIN.families
)
PAIR = Givens(facts=(fact(a, ">", Integer(0)), fact(b, ">", Integer(0))))
small = st.integers(-3, 3).map(Integer)
leaves = st.one_of(st.just(x), small, st.just(x), st.just(exp(x)))
UNARY = (exp, Sigmoid, tanh, Softplus, sin, lambda u: u**2, lambda u: 1 / (1 + u**2), lambda u: log(1 + u**2), Abs)
functions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda t: t[0] + t[1]),
        st.tuples(inner, inner).map(lambda t: t[0] * t[1]),
        st.tuples(st.sampled_from(UNARY), inner).map(lambda t: t[0](t[1])),
    ),
    max_leaves=5,
)
positive = st.sampled_from((a, b, a + b, a * b, a**2, sqrt(a), sqrt(a * b), sqrt(a**2 + b**2), 1 + a, 2 * a, ONE))
BOUNDS = st.sampled_from(
    (*(f(u) for u in (a, a / b, a + b) for f in (log, exp, lambda v: v * log(v), sqrt)), a, b, a - b)
)
terms = st.sampled_from(
    (p(i), z(i), z(i) ** 2, p(i) * z(i), p(i) * z(i) ** 2, log(p(i)), p(i) * log(p(i)), exp(z(i)), p(i) ** 2, ONE)
)


def value(expr: Expr, at: Rational) -> arb | None:
    instance = Instance(Givens(), {}, 0, "signed")
    instance.chosen[x, ()] = fmpq(int(at.p), int(at.q))
    with flint.ctx.workprec(400):
        try:
            found = arb(Evaluation(instance).term(expr))
        except NoValueError:
            return None
    return found if found.is_finite() else None


@settings(max_examples=35, deadline=None)
@given(functions, st.sampled_from((S.Infinity, S.NegativeInfinity, Integer(0), ONE)))
def test_a_function_is_near_its_limit(f, at):
    try:
        limit = Limits(Setting(Givens(), {}), {}).of(Limit(f, x, at, 1 if at not in INFINITE else 0))
    except (NotProvableError, ArithmeticError):
        return
    places = [Rational(10**n) * (1 if at is S.Infinity else -1) for n in (2, 3)]
    if at not in INFINITE:
        places = [at + Rational(1, 10**n) for n in (6, 9)]
    near, nearer = (value(f, place) for place in places)
    if near is None or nearer is None or x in getattr(limit, "free_symbols", ()):
        return
    if limit in INFINITE:
        assert (nearer > 0) == (limit is S.Infinity)
        return
    end = value(limit, ONE)
    assert abs(nearer - end) <= abs(near - end) + arb("1e-12")
    assert abs(nearer - end) < arb("0.1") * (1 + abs(end))


@settings(max_examples=35, deadline=None)
@given(functions, st.lists(st.fractions(-6, 6, max_denominator=7), min_size=4, max_size=4), st.sampled_from((1, -1)))
def test_no_value_is_beyond_an_extreme_one(f, places, side):
    def decides(relation, givens, told):
        return decide_relation(relation, givens, {}, told)

    try:
        found = Extremes(Givens(), {}, (), decides).of(Extreme(f, 1, side, 0, x))
    except (NotProvableError, ArithmeticError):
        return
    if found in INFINITE:
        return
    end = value(found, ONE)
    for place in places:
        at = value(f, Rational(place.numerator, place.denominator))
        assert at is None or end is None or not (at - end) * side > 0


@settings(max_examples=50, deadline=None)
@given(positive, positive, BOUNDS, BOUNDS, st.sampled_from((">=", "<=", ">", "<")))
def test_no_inequality_between_two_quantities_is_proved_that_fails(one, other, left, right, sign):
    relation = Relation(left + one, sign, right + other)
    if proved_alone(relation, PAIR, {}):
        assert decide_relation(relation, PAIR, {}).answer != "refuted"


@settings(max_examples=35, deadline=None)
@given(terms, terms, terms, st.sampled_from((">=", "<=")), st.integers(0, 2))
def test_no_inequality_between_sums_is_proved_that_fails(one, other, third, sign, shape):
    sums = [total(i, 1, K, term) for term in (one, other, third)]
    shapes = ((sums[0] * sums[1], sums[2] ** 2), (sums[0], sums[1]), (sums[0] ** 2, sums[1]))
    relation = Relation(shapes[shape][0], sign, shapes[shape][1])
    if proved_alone(relation, SIMPLEX, {}):
        assert decide_relation(relation, SIMPLEX, {}).answer != "refuted"


def test_the_larger_of_two_has_the_limit_of_the_larger():
    assert Limits(Setting(Givens(), {}), {}).of(Limit(Maximum(x, -x) / x, x, S.NegativeInfinity)) == -1
