"""Among equal ways to write an expression the engine knows the one that a reader wants."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Add, Expr, Integer, Mul, Pow, Rational, exp

from symdl.engine.algebra import equal, expanded
from symdl.engine.cost import cost, shared_factors
from symdl.engine.forms import lowest
from symdl.language import Delta, Sigma, family, index, scalar, size

a, b, c, d, p, t, u, x = (scalar(letter) for letter in "abcdptux")
i, j = index("i"), index("j")
TOTAL = Sigma.over(i, Integer(1), size("n"), family("x", i))


def shortest(expr: Expr) -> Expr:
    return min((expr, *lowest(expr)), key=cost)


SHORTEST = {
    "the terms of a layer are grouped by its factors": (
        expanded(Delta(i, j) * (1 - t) + t * u * (1 - t) * (b - x) + t * a * (1 - b**2)),
        (1 - t) * (t * u * (b - x) + Delta(i, j)) + t * a * (1 - b**2),
    ),
    "the coefficient of a gated recurrence is grouped": (
        expanded(a * p * (1 - p) * (c - d) + u * (1 - p) * (1 - d**2) + p),
        a * p * (1 - p) * (c - d) + u * (1 - p) * (1 - d**2) + p,
    ),
    "a difference of squares stays one": (expanded(u * (1 - d**2) + u * b * (1 - d**2)), u * (1 + b) * (1 - d**2)),
    "a difference takes the minus before a product": (-a * (b - c), a * (c - b)),
    "half a difference takes the minus": (
        Mul(Rational(-1, 2), 1 - a**2, evaluate=False),
        Mul(Rational(1, 2), a**2 - 1, evaluate=False),
    ),
    "a number stays the first term of a difference": (a**2 - a, -a * (1 - a)),
    "the minus is not multiplied out of a sum of three": (-(a + b - 1), 1 - a - b),
    "exponentials are joined": (exp(a) * exp(b) / (c * exp(u)), exp(a + b - u) / c),
    "a sum over the data keeps one denominator": (
        TOTAL / p - (size("n") - TOTAL) / (1 - p),
        (TOTAL - size("n") * p) / (p * (1 - p)),
    ),
}


@pytest.mark.parametrize("name", SHORTEST)
def test_the_shortest_form_is_chosen(name: str) -> None:
    expr, expected = SHORTEST[name]
    assert shortest(expr) == expected


QUANTITIES = st.sampled_from([a, b, c, exp(a), exp(b - a), family("x", i), Integer(2), Integer(-1)])


def _inverse(e: Expr) -> Expr:
    return Pow(1 + e**2, -1)


EXPRESSIONS = st.recursive(
    QUANTITIES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda es: Add(*es)),
        st.lists(inner, min_size=2, max_size=3).map(lambda es: Mul(*es)),
        inner.map(_inverse),
    ),
    max_leaves=7,
)


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS)
def test_every_way_to_write_an_expression_is_equal_to_it(expr: Expr) -> None:
    assert all(equal(way, expr) for way in lowest(expr))


@settings(max_examples=100, deadline=None)
@given(EXPRESSIONS)
def test_the_shortest_form_stays_as_it_is(expr: Expr) -> None:
    form = shortest(expr)
    assert cost(shortest(form)) <= cost(form)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (a * (b + c), a * b + a * c),
        (1 - a, Mul(-1, a - 1, evaluate=False)),
        ((a - b * c) / (b * p), (a / b - c) / p),
        (family("p", i), exp(family("z", i)) / TOTAL),
    ],
    ids=["factored", "no minus before a bracket", "no fraction in a fraction", "a name"],
)
def test_a_reader_prefers(better: Expr, worse: Expr) -> None:
    assert cost(better) < cost(worse)


def test_shared_factors_are_those_of_every_term() -> None:
    assert shared_factors(a**2 * b / c + a * x / c**2) == {a: 1, c: -1}


def test_the_number_e_is_the_exponential_of_one() -> None:
    total = exp(2) + exp(1) + exp(Rational(1, 10))
    assert equal(exp(1) * exp(Rational(-1, 10)), exp(Rational(9, 10)))
    assert not equal(exp(1), exp(Rational(1, 10)))
    assert all(abs(float(way - exp(Rational(1, 10)) / total)) < 1e-12 for way in lowest(exp(Rational(1, 10)) / total))
