"""Integrals are worked out where an antiderivative is known, and nothing is said of those without a value."""

import pytest
from judge.notation import a, b, fact, x
from sympy import Abs, Expr, Integer, Rational, S, cos, erf, exp, log, pi, sin, sqrt

from symdl.judge import decide_relation
from symdl.language import Cases, D, Integral, Limit, Maximum, Step, scalar
from symdl.language.functions.relu import ReLU
from symdl.problem import Givens, Relation

OO, ZERO, ONE, TWO = S.Infinity, Integer(0), Integer(1), Integer(2)
s, mu = scalar(r"\sigma"), scalar(r"\mu")
u, v = scalar("u∫"), scalar("v∫∫")
POSITIVE = Givens(facts=tuple(fact(q, ">", ZERO) for q in (a, b, s)))
BELL = exp(-((u - mu) ** 2) / (2 * s**2)) / sqrt(2 * pi * s**2)
RATE = a * exp(-a * u)
OTHER = b * exp(-b * u)


def over(f: Expr, lo: Expr, hi: Expr) -> Expr:
    return Integral(f, u, lo, hi)


WHOLE = {
    "the mass of an exponential": (over(RATE, ZERO, OO), ONE),
    "its mean": (over(u * RATE, ZERO, OO), 1 / a),
    "its second moment": (over(u**2 * RATE, ZERO, OO), 2 / a**2),
    "the divergence of two": (over(RATE * log(RATE / OTHER), ZERO, OO), log(a / b) + b / a - 1),
    "how likely it is to be late": (over(RATE, x, OO), exp(-a * x)),
    "the mass of a bell": (over(BELL, -OO, OO), ONE),
    "its mean, a letter": (over(u * BELL, -OO, OO), mu),
    "its variance": (over((u - mu) ** 2 * BELL, -OO, OO), s**2),
    "its fourth moment": (over((u - mu) ** 4 * BELL, -OO, OO), 3 * s**4),
    "its moments together": (over(exp(x * u) * BELL, -OO, OO), exp(mu * x + x**2 * s**2 / 2)),
    "its entropy": (-over(BELL * log(BELL), -OO, OO), log(2 * pi * s**2) / 2 + Rational(1, 2)),
    "half of it": (over(BELL, mu, OO), Rational(1, 2)),
    "a part of it": (over(exp(-(u**2) / 2), ZERO, x), sqrt(pi / 2) * erf(x / sqrt(2))),
    "its slope by its end": (D(over(exp(-(u**2) / 2), -OO, x), x), exp(-(x**2) / 2)),
    "a positive part": (over(Maximum(ZERO, u) ** 2 / 2, -ONE, ONE), Rational(1, 6)),
    "a function with a kink": (over(ReLU(2 * u - 1), ZERO, ONE), Rational(1, 4)),
    "a distance": (over(Abs(u), -a, a), a**2),
    "a case split": (over(Cases(u, Step(u - 1), 1 - u), ZERO, TWO), TWO),
    "a logarithm": (over(log(u), ZERO, ONE), -ONE),
    "a power that is open": (over(a * u ** (a - 1), ZERO, ONE), ONE),
    "a root": (over(sqrt(u), ZERO, Integer(4)), Rational(16, 3)),
    "the root of a square": (over(sqrt(u**2), -ONE, ONE), ONE),
    "a tail": (over(u ** (-2), ONE, OO), ONE),
    "a whole turn": (over(cos(u) ** 2, ZERO, 2 * pi), pi),
    "two waves": (over(sin(u) * cos(2 * u), ZERO, pi), -Rational(2, 3)),
    "by parts": (over(u**2 * cos(u), ZERO, pi), -2 * pi),
    "turned ends": (over(u**2, ONE, ZERO), -Rational(1, 3)),
    "a pole outside": (over(1 / u, -TWO, -ONE), -log(2)),
    "between ends on one side of a pole": (over(u ** (-2), x, 3 * x), 2 / (3 * x)),
    "one within another": (over(Integral(v, v, ZERO, u), ZERO, ONE), Rational(1, 6)),
    "a beta integral": (over(u * (1 - u) ** (a - 1), ZERO, ONE), 1 / (a * (a + 1))),
    "another one": (over(u**2 * (1 - u) ** b, ZERO, ONE), 2 / ((b + 1) * (b + 2) * (b + 3))),
    "a root of a line": (over(u * sqrt(1 + u), ZERO, Integer(3)), Rational(116, 15)),
    "a power in an exponential": (over(u**7 * exp(-(u**4) / a), ZERO, OO), a**2 / 4),
    "one over ever more": (Limit(over(exp(-u), ZERO, x), x, OO), ONE),
}
"""Integrals with their values."""

OPEN = {
    "across a pole": (over(u ** (-2), -ONE, ONE), -TWO),
    "towards a pole": (over(1 / u, ZERO, ONE), ZERO),
    "without end": (over(u, ZERO, OO), ZERO),
    "a logarithm of what is negative": (over(log(u), -ONE, ONE), -TWO),
    "a wave without end": (over(sin(u), ZERO, OO), ONE),
    "a variable to its own power": (over(u**u, ZERO, ONE), ONE),
    "a bell upside down": (over(exp(u**2), ZERO, ONE), ONE),
    "a kink that may lie outside": (over(Abs(u - 1), ZERO, a), a**2 / 2),
    "turned ends from a kink on": (over(Abs(u), ZERO, -ONE), Rational(1, 2)),
}


def answer(lhs: Expr, rhs: Expr) -> str:
    return decide_relation(Relation(lhs, "=", rhs), POSITIVE, {}).answer


@pytest.mark.parametrize(("integral", "value"), WHOLE.values(), ids=WHOLE)
def test_the_value_of_an_integral_is_proved_and_no_other_one(integral, value):
    assert answer(integral, value) == "proved"
    assert {answer(integral, value + 1), answer(integral, 2 * value + 3)} == {"refuted"}


@pytest.mark.parametrize(("integral", "value"), OPEN.values(), ids=OPEN)
def test_an_integral_without_a_value_that_is_known_decides_nothing(integral, value):
    assert answer(integral, value) == "unknown"


WITHIN = {
    "a tail by its mean": (over(exp(-(u**2)), a, OO), over(u * exp(-(u**2)), a, OO) / a),
    "a power of what is below one": (over(exp(-(u**3)), ZERO, ONE), over(exp(-(u**4)), ZERO, ONE)),
    "a power of what is above one": (over(exp(-(u**4)), ONE, TWO), over(exp(-(u**3)), ONE, TWO)),
}
"""Integrals that are at most others, as what is integrated is."""


@pytest.mark.parametrize(("less", "more"), WITHIN.values(), ids=list(WITHIN))
def test_integrals_are_compared_within_their_range(less, more):
    assert decide_relation(Relation(less, "<=", more), POSITIVE, {}).answer == "proved"
    assert decide_relation(Relation(less, ">=", more), POSITIVE, {}).answer != "proved"


def test_integrals_with_turned_ends_are_not_compared_within():
    less, more = over(exp(-(u**3)), x, ONE), over(exp(-(u**4)), x, ONE)
    assert decide_relation(Relation(less, "<=", more), Givens(facts=(fact(x, ">", ZERO),)), {}).answer != "proved"


def test_an_equation_holds_inside_only_where_the_ends_are_in_order():
    size, plain = over(Abs(u - b) * exp(-(u**4)), b, x), over((u - b) * exp(-(u**4)), b, x)
    ordered, turned = Givens(facts=(fact(x, ">", b),)), Givens(facts=(fact(x, "<", b),))
    assert decide_relation(Relation(size, "=", plain), ordered, {}).answer == "proved"
    for givens in (turned, Givens()):
        assert decide_relation(Relation(size, "=", plain), givens, {}).answer != "proved"


def test_an_equation_that_holds_everywhere_holds_between_any_ends():
    one, other = over((u + 1) ** 2 * exp(-(u**4)), x, b), over((u**2 + 2 * u + 1) * exp(-(u**4)), x, b)
    assert decide_relation(Relation(one, "=", other), Givens(), {}).answer == "proved"


def test_the_integral_of_a_quantity_without_its_variable_is_a_multiple_of_it():
    assert answer(over(scalar("p"), ZERO, TWO), 2 * scalar("p")) == "proved"


def test_an_integral_says_under_which_condition_it_has_a_value():
    decision = decide_relation(Relation(over(exp(-x * u), ZERO, OO), "=", 1 / x), Givens(), {})
    assert decision.answer == "proved"
    assert "$x > 0$" in decision.assumes


def test_what_holds_on_one_side_of_a_pole_alone_is_refuted_on_the_other():
    value = over(u ** (-2), x, 3 * x)
    assert decide_relation(Relation(value, "=", 2 / (3 * Abs(x))), Givens(), {}).answer == "refuted"


def test_what_is_given_of_an_integral_is_known():
    mean = fact(b, "=", over(u * RATE, ZERO, OO))
    givens = Givens(facts=(fact(a, ">", ZERO), mean))
    assert decide_relation(Relation(a * b, "=", ONE), givens, {}).answer == "proved"
    assert decide_relation(Relation(a * b, "=", a), givens, {}).answer == "refuted"
