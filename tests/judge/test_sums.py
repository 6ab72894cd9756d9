"""Sums whose index is moved, whose terms are powers, that have no end, and that a fact knows in part."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judge.notation import IN_N, K, a, b, c, define, fact, families, i, j, k, n, product, t, total, w, x, xs, y
from sympy import Expr, Integer, S

from symdl.judge import decide, decide_relation
from symdl.judge.decision import proved_alone
from symdl.language import family, put, scalar, size
from symdl.problem import Givens, Range, Relation

OO, ONE, ZERO = S.Infinity, Integer(1), Integer(0)
LONG = Range(Integer(-9), n + 9)
FAR = Range(-n - 9, 2 * n + 9)
SEQUENCES = Givens(families=families({"x": (LONG,), "y": (LONG,)}))
small = st.integers(-3, 3)


def test_a_sum_over_a_moved_index_is_the_same_and_one_with_another_end_is_not():
    moved = total(k, 0, n - 1, w**k * xs(k + 1) * y(k))
    assert decide(moved, total(k, 1, n, w ** (k - 1) * xs(k) * y(k - 1)), SEQUENCES, {}).answer == "proved"
    assert decide(moved, total(k, 1, n - 1, w ** (k - 1) * xs(k) * y(k - 1)), SEQUENCES, {}).answer == "refuted"
    assert decide(moved, total(k, 1, n, w**k * xs(k) * y(k - 1)), SEQUENCES, {}).answer == "refuted"


def test_a_sum_that_counts_down_is_that_which_counts_up():
    down = total(k, 0, n - 1, w**k * xs(n - k))
    assert decide(down, total(k, 1, n, w ** (n - k) * xs(k)), SEQUENCES, {}).answer == "proved"
    assert decide(down, total(k, 1, n, w**k * xs(k)), SEQUENCES, {}).answer == "refuted"
    assert decide(down, total(k, 0, n - 1, w ** (n - k) * xs(k)), SEQUENCES, {}).answer == "refuted"


LETTERS = {i: IN_N, j: IN_N}
FROM_I = total(k, 0, n - i, w**k * xs(i + k))


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (FROM_I, total(k, i, n, w ** (k - i) * xs(k))),
        (total(k, 0, n - i, y(k) * xs(i + k)), total(k, i, n, y(k - i) * xs(k))),
        (total(k, 1, i, y(k) * xs(i - k)), total(k, 0, i - 1, y(i - k) * xs(k))),
        (total(k, 0, n - i, xs(i + k) * xs(i + k + 1)), total(k, i + 1, n + 1, xs(k - 1) * xs(k))),
        (product(k, 0, n - i, xs(i + k)), product(k, i, n, xs(k))),
    ],
)
def test_an_index_is_moved_by_a_letter_too(here, there):
    givens = replace(SEQUENCES, families=families({"x": (FAR,), "y": (FAR,)}))
    assert decide(here, there, givens, LETTERS).answer == "proved"
    for wrong in (put(there, {i: i + 1}), there * w, there + xs(i)):
        assert not proved_alone(Relation(here, "=", wrong), givens, LETTERS)


def test_a_size_that_a_condition_fixes_is_that_number():
    givens = replace(SEQUENCES, definitions=(define("m", [], total(k, 1, n, a) + n),))
    told = (Relation(n, "=", Integer(3)),)
    assert decide(scalar("m"), 3 * a + 3, givens, {}, told).answer == "proved"
    assert decide(scalar("m"), 4 * a + 3, givens, {}, told).answer == "refuted"
    assert decide(total(k, 1, n, y(k)), y(ONE) + y(Integer(2)) + y(Integer(3)), givens, {}, told).answer == "proved"


def test_what_telescopes_leaves_its_ends():
    inside = total(k, 1, n, xs(k + 1) - xs(k))
    assert decide(inside, xs(n + 1) - xs(ONE), SEQUENCES, {}).answer == "proved"
    assert decide(inside, xs(n) - xs(ONE), SEQUENCES, {}).answer == "refuted"


@settings(max_examples=30, deadline=None, derandomize=True)
@given(small, small, small, st.sampled_from((0, 0, 1, -1)))
def test_however_the_index_is_moved_only_the_same_members_add_up_to_the_same(first, moved, apart, off):
    def summed(by: int, end: int) -> Expr:
        at = k - by
        return total(k, Integer(1 + by), n + by + end, at * xs(at + first) * y(at + first + apart))

    same = Relation(summed(0, 0), "=", summed(moved, off))
    assert proved_alone(same, SEQUENCES, {}) == (off == 0)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 2), st.integers(1, 2), st.integers(0, 2), st.sampled_from((0, 0, 1, -1)))
def test_a_sum_of_powers_times_the_gap_of_its_ratio_is_the_gap_of_its_ends(lo, slope, shift, off):
    q = 1 - a * b
    powers = total(k, lo, n, q ** (slope * k + shift))
    ends = q ** (slope * n + slope + shift + off) - q ** (slope * lo + shift)
    assert proved_alone(Relation((q**slope - 1) * powers, "=", ends), Givens(), {}) == (off == 0)


def _moving(first: Expr) -> Givens:
    """A mean that moves towards the same number at each step."""
    return Givens(
        definitions=(
            define("m", (0,), first),
            define("m", (t,), c * family("m", t - 1) + (1 - c) * x, {t: Range(ONE, n)}),
        ),
        families=families({"m": (Range(ZERO, n),)}),
    )


def test_a_linear_recurrence_is_a_sum_of_powers():
    ranges, shares = {t: Range(ONE, n)}, total(k, 0, t - 1, c**k)
    state = family("m", t)
    assert decide(state, (1 - c) * x * shares, _moving(ZERO), ranges).answer == "proved"
    assert decide(state, c**t * y() + (1 - c) * x * shares, _moving(y()), ranges).answer == "proved"
    assert decide(state, (1 - c) * x * total(k, 0, t, c**k), _moving(ZERO), ranges).answer == "refuted"
    assert decide(state, x * shares, _moving(ZERO), ranges).answer == "refuted"


N_R, N_G = size("n_r"), size("n_G")
GAMMA = scalar(r"\gamma")
WITHIN = {t: Range(ONE, N_G - 2)}
UNIT = (fact(GAMMA, ">", ZERO), fact(GAMMA, "<", ONE))


def r(at: Expr) -> Expr:
    return family("r", at)


def g(at: Expr) -> Expr:
    return family("G", at)


RETURN = Givens(
    definitions=(define("G", (t,), total(k, ZERO, OO, GAMMA**k * r(t + k + 1)), {t: Range(ONE, N_G)}),),
    facts=UNIT,
    families=families({"r": (Range(ONE, N_R),), "G": (Range(ONE, N_G),)}),
)


@pytest.mark.parametrize(
    ("rhs", "answer"),
    [
        (r(t + 1) + total(k, ONE, OO, GAMMA**k * r(t + k + 1)), "proved"),
        (r(t + 1) + GAMMA * total(k, ZERO, OO, GAMMA**k * r(t + k + 2)), "proved"),
        (r(t + 1) + GAMMA * g(t + 1), "proved"),
        (r(t + 1) + GAMMA * r(t + 2) + GAMMA**2 * g(t + 2), "proved"),
        (r(t + 1) + GAMMA * g(t), "refuted"),
        (r(t + 1) + g(t + 1), "refuted"),
        (total(k, ONE, OO, GAMMA**k * r(t + k + 1)), "refuted"),
        (r(t) + GAMMA * g(t + 1), "refuted"),
    ],
)
def test_a_sum_without_end_over_a_sequence_goes_on_after_its_first_terms(rhs, answer):
    decision = decide_relation(Relation(g(t), "=", rhs), RETURN, WITHIN)
    assert decision.answer == answer
    assert answer != "proved" or "the sums without end have a value" in decision.assumes


def test_where_a_sequence_is_defined_what_is_cut_refutes_nothing():
    errors = Givens(
        definitions=(define("d", (t,), GAMMA * y(t + 1) - y(t), {t: Range(ONE, n)}),),
        facts=UNIT,
        families=families({"d": (IN_N,), "y": (Range(ONE, n + 1),)}),
    )
    rest = total(k, ZERO, OO, GAMMA**k * family("d", t + k))
    assert decide_relation(Relation(rest, "=", -y(t)), errors, {t: Range(ONE, K)}).answer == "unknown"


def test_what_speaks_of_the_length_of_a_sequence_is_no_sum_without_end():
    endless = total(k, ONE, OO, xs(k + 1) - xs(k))
    givens = Givens(families=families({"x": (Range(ONE, n),)}))
    assert decide_relation(Relation(endless, "=", xs(n) - xs(ONE)), givens, {}).answer == "unknown"
    mean = replace(givens, definitions=(define("m", (), total(k, 1, n, xs(k)) / n),))
    line = Relation(endless + family("m"), "=", family("m") + xs(n) - xs(ONE))
    assert decide_relation(line, mean, {}).answer == "unknown"


def test_a_fact_about_a_symmetric_matrix_is_used_in_a_sum_over_both_indices():
    row = total(j, 1, n, family("S", i, j) * family("v", j))
    givens = Givens(
        facts=(
            fact(row, "=", c * family("v", i), {i: IN_N}),
            fact(family("S", i, j), "=", family("S", j, i), {i: IN_N, j: IN_N}),
        ),
        families=families({"S": (IN_N, IN_N), "v": (IN_N,), "u": (IN_N,)}),
    )
    form = total(i, 1, n, family("v", i) * total(j, 1, n, family("S", i, j) * family("u", j)))
    length = total(i, 1, n, family("v", i) * family("u", i))
    assert decide(form, c * length, givens, {}).answer == "proved"
    assert not proved_alone(Relation(form, "=", length), givens, {})
