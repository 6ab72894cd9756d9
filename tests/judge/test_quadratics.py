"""Polynomials whose sign is worked out exactly."""

from flint import fmpq, fmpq_mpoly_ctx
from hypothesis import given
from hypothesis import strategies as st

from symdl.judge.bounds import Interval
from symdl.judge.quadratics import keeps_its_sign, least_value

RING = fmpq_mpoly_ctx.get(["x", "y", "z"], "lex")
X, Y, Z = RING.gens()
small = st.integers(-4, 4)
forms = st.tuples(small, small, small, small)
rationals = st.builds(fmpq, st.integers(-9, 9), st.integers(1, 4))


def linear(form):
    return form[0] * X + form[1] * Y + form[2] * Z + form[3]


@given(st.lists(forms, min_size=1, max_size=4), small)
def test_a_sum_of_squares_and_a_number_is_at_least_the_number(squares, number):
    p = sum(linear(f) ** 2 for f in squares) + number
    if p.total_degree() == 2:
        assert least_value(p) >= number


@given(st.lists(st.tuples(small, forms), min_size=1, max_size=4), st.tuples(rationals, rationals, rationals))
def test_no_value_is_below_the_least_one(squares, at):
    p = sum((c * linear(f) ** 2 for c, f in squares), RING.constant(0)) + X - 2 * Y
    least = least_value(p) if p.total_degree() == 2 else None
    assert least is None or p(*at) >= least


@given(st.lists(small, min_size=2, max_size=6), rationals, rationals, st.booleans(), rationals)
def test_a_polynomial_that_keeps_its_sign_has_no_value_below_zero(coefficients, one, other, strict, share):
    lo, hi = min(one, other), max(one, other)
    if coefficients[-1] and lo < hi and keeps_its_sign([fmpq(c) for c in coefficients], Interval(lo, hi), strict):
        at = lo + (hi - lo) * abs(share) / (1 + abs(share))
        value = sum(c * at**n for n, c in enumerate(coefficients))
        assert value > 0 if strict else value >= 0
