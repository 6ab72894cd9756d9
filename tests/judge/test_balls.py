"""The enclosures contain the true value, and the normal form keeps it."""

import flint
import mpmath
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from judge.notation import a, b, x
from sympy import Abs, Expr, Integer, Rational, atan, cos, cosh, erf, exp, log, pi, sin, sinh, sqrt, tanh

from symdl.judge import decide
from symdl.judge.balls import Evaluation, Jet
from symdl.judge.derivative import Derivatives, NotProvableError
from symdl.judge.elementary import Peels
from symdl.judge.field import RestartError
from symdl.judge.jets import whole_power
from symdl.judge.normal import Normal
from symdl.judge.whole import Setting
from symdl.judge.world import Instance
from symdl.language import At, D, Maximum
from symdl.language.functions.relu import ReLU
from symdl.language.functions.sigmoid import Sigmoid
from symdl.language.functions.softplus import Softplus
from symdl.problem import Givens

UNARY = {
    exp: mpmath.exp,
    sin: mpmath.sin,
    cos: mpmath.cos,
    atan: mpmath.atan,
    erf: mpmath.erf,
    sinh: mpmath.sinh,
    cosh: mpmath.cosh,
    tanh: mpmath.tanh,
    Sigmoid: lambda q: 1 / (1 + mpmath.exp(-q)),
    Softplus: lambda q: mpmath.log(1 + mpmath.exp(q)),
    ReLU: lambda q: max(q, mpmath.mpf(0)),
    Abs: abs,
}
VALUES = {x: Rational(2, 7), a: Rational(-3, 5), b: Rational(4, 3)}

leaves = st.sampled_from([x, a, b, Integer(1), Integer(2), Rational(1, 2)])


def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    return st.one_of(
        st.tuples(inner, inner).map(lambda q: q[0] + q[1]),
        st.tuples(inner, inner).map(lambda q: q[0] * q[1]),
        st.tuples(st.sampled_from([tanh, sin, cos, atan, Sigmoid, Softplus, ReLU, erf]), inner).map(
            lambda q: q[0](q[1])
        ),
        inner.map(lambda q: exp(-(q**2) / 4)),
        inner.map(lambda q: 1 / (1 + q**2)),
        inner.map(lambda q: sqrt(1 + q**2)),
        inner.map(lambda q: log(1 + q**2)),
        st.tuples(inner, inner).map(lambda q: Maximum(*q) if q[0] != q[1] else q[0]),
    )


terms = st.recursive(leaves, grown, max_leaves=6)


def reference(expr: Expr, values: dict[Expr, mpmath.mpf]) -> mpmath.mpf:
    """The value by mpmath, which shares no code with the judge."""
    if expr in values:
        return values[expr]
    if expr is pi:
        return +mpmath.pi
    if expr.is_Rational:
        return mpmath.mpf(int(expr.p)) / int(expr.q)
    args = [reference(q, values) for q in expr.args]
    if expr.is_Add:
        return mpmath.fsum(args)
    if expr.is_Mul:
        return mpmath.fprod(args)
    if expr.is_Pow:
        return mpmath.power(*args)
    if isinstance(expr, Maximum):
        return max(args)
    if expr.func is log:
        return mpmath.log(args[0])
    return UNARY[expr.func](*args)


def at_values(setting: Givens = Givens()) -> Instance:  # noqa: B008
    instance = Instance(setting, {}, 0, "signed")
    for symbol, value in VALUES.items():
        instance.chosen[symbol, ()] = fmpq(int(value.p), int(value.q))
    return instance


def encloses(value: object, true: mpmath.mpf) -> bool:
    base = value.base if isinstance(value, Jet) else value
    ball = arb(base)
    return abs(mpmath.mpf(str(ball.mid().str(40, radius=False))) - true) <= mpmath.mpf(10) ** -30 * (1 + abs(true))


@settings(max_examples=120)
@given(terms)
def test_the_ball_of_a_term_lies_about_its_value(expr: Expr):
    with flint.ctx.workprec(200), mpmath.workdps(50):
        value = Evaluation(at_values()).term(expr)
        true = reference(expr, {s: mpmath.mpf(int(q.p)) / int(q.q) for s, q in VALUES.items()})
        assert encloses(value, true)


@settings(max_examples=60)
@given(terms)
def test_the_derivative_is_the_limit_of_differences(expr: Expr):
    with flint.ctx.workprec(300), mpmath.workdps(70):
        value = Evaluation(at_values()).term(D(expr, x))
        step = mpmath.mpf(10) ** -30
        point = {s: mpmath.mpf(int(q.p)) / int(q.q) for s, q in VALUES.items()}
        above = reference(expr, {**point, x: point[x] + step})
        below = reference(expr, {**point, x: point[x] - step})
        slope = (above - below) / (2 * step)
        mid = mpmath.mpf(str(arb(value).mid().str(50, radius=False)))
        assert abs(mid - slope) < mpmath.mpf(10) ** -20 * (1 + abs(slope))


@settings(max_examples=80)
@given(terms)
def test_the_normal_form_has_the_same_value(expr: Expr):
    for capacity in (64, 256):
        finest: dict[Expr, int] = {}
        for _ in range(6):
            inner = Derivatives(Setting(Givens(), {}), {}, [20_000])
            normal = Normal(Setting(Givens(), {}), capacity, finest, Peels(), inner, [20_000])
            try:
                plain = normal.expr(normal.form(expr))
            except RestartError:
                continue
            except NotProvableError:
                return
            with flint.ctx.workprec(200):
                evaluation = Evaluation(at_values())
                gap = evaluation.term(plain) - evaluation.term(expr)
                assert arb(gap).contains(0)
            return


@settings(max_examples=60)
@given(terms, terms)
def test_a_term_is_equal_to_itself_written_otherwise_and_to_no_neighbour(one: Expr, other: Expr):
    written = one * (1 + other**2) - one * other**2
    assert decide(written, one, Givens(), {}).answer in ("proved", "agrees")
    assert decide(written, one + 1, Givens(), {}).answer == "refuted"


@settings(max_examples=40)
@given(terms)
def test_the_proved_derivative_has_the_value_of_the_ball(expr: Expr):
    kinks: dict[Expr, None] = {}
    plain = Derivatives(Setting(Givens(), {}), kinks, [20_000]).plain(D(expr, x))
    with flint.ctx.workprec(200):
        evaluation = Evaluation(at_values())
        assert arb(evaluation.term(plain) - evaluation.term(D(expr, x))).contains(0)


@given(st.integers(1, 9))
@settings(max_examples=9, deadline=None)
def test_a_power_of_a_ball_with_zero_in_it_has_a_value(power):
    at = {x: sqrt(2), a: -sqrt(2)}
    decision = decide(At((x + a) ** power, *[e for pair in at.items() for e in pair]), Integer(0), Givens(), {})
    assert decision.answer == "proved"
    with flint.ctx.workprec(64):
        near = whole_power(arb(2).sqrt() - arb(2).sqrt(), power)
        assert near.is_finite()
        assert near.contains(0)
