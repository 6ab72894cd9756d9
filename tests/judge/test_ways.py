"""Ways to a verdict beside the general normal form: exact arithmetic, index by index, equations that hold together."""

from fractions import Fraction

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from judge.notation import HERE, T, a, b, define, fact, families, h, i, j, k, n, product, t, total, w, x, xs, y, z
from sympy import Integer, Rational, exp, tanh

from symdl.judge import decide
from symdl.judge.instances import instances
from symdl.judge.world import Question
from symdl.language import D, Delta, family, scalar
from symdl.problem import Givens, Range, Value

TO_3, TO_4 = Range(Integer(1), Integer(3)), Range(Integer(1), Integer(4))
TINY = Rational(1, 10**30)
AT_2 = Givens(values=(Value(x, Integer(2), HERE),))


# -- exact arithmetic -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lhs", "rhs", "answer"),
    [
        (3 * x + 1, Integer(7), "proved"),
        (3 * x + 1, 7 + TINY, "refuted"),
        (D(x**3, x), Integer(12), "proved"),
        (D(x**3, x), Integer(8), "refuted"),
        (x**-1, Rational(1, 2), "proved"),
    ],
)
def test_where_every_value_is_given_exact_arithmetic_decides(lhs, rhs, answer):
    decision = decide(lhs, rhs, AT_2, {})
    assert decision.answer == answer
    assert (decision.reason == "exact arithmetic") == (answer == "proved")


CORNERS = {(1, 1): 1, (1, 2): 0, (2, 1): 1, (2, 2): 1, (3, 1): 1, (3, 2): 2}
TO_2 = Range(Integer(1), Integer(2))
GRAM = total(k, 1, Integer(3), family("X", k, i) * family("X", k, j))
NORMAL_EQUATIONS = Givens(
    values=(
        *(Value(family("X", Integer(r), Integer(s)), Integer(v), HERE) for (r, s), v in CORNERS.items()),
        *(Value(y(Integer(r)), Integer(v), HERE) for r, v in ((1, 1), (2, 3), (3, 4))),
    ),
    facts=(
        fact(
            total(j, 1, Integer(2), GRAM * family("w", j)),
            "=",
            total(k, 1, Integer(3), family("X", k, i) * y(k)),
            {i: TO_2},
        ),
    ),
    families=families({"X": (TO_3, TO_2), "y": (TO_3,), "w": (TO_2,)}),
)


@pytest.mark.parametrize(
    ("lhs", "rhs", "answer"),
    [
        (family("w", Integer(2)), Rational(3, 2), "proved"),
        (family("w", Integer(1)), Rational(7, 6), "proved"),
        (family("w", Integer(1)), Rational(3, 2), "refuted"),
    ],
)
def test_a_system_of_equations_that_is_given_is_solved(lhs, rhs, answer):
    assert decide(lhs, rhs, NORMAL_EQUATIONS, {}).answer == answer


@pytest.mark.parametrize(("corner", "answer"), [(5, "proved"), (6, "refuted")])
def test_a_fact_about_others_is_no_obstacle_to_exact_arithmetic(corner, answer):
    entry = 3 + (corner - 3) * Delta(i, 2) * Delta(j, 2)
    assert decide(GRAM, entry, NORMAL_EQUATIONS, {i: TO_2, j: TO_2}).answer == answer


def test_a_free_quantity_that_cancels_is_not_left_to_exact_arithmetic():
    assert decide((w + 1) * x - w * x, Integer(2), AT_2, {}).reason != "exact arithmetic"


def test_equal_at_the_numbers_of_one_instance_is_not_proved():
    assert decide(w**2, w, AT_2, {}).answer == "refuted"


# -- each index by itself ---------------------------------------------------------------------------------------------

BY_ENTRY = Givens(
    definitions=(define("z", [i], 3 * Delta(i, 1) + 3 * Delta(i, 2) + 3 * Delta(i, 3) + 3 * Delta(i, 4), {i: TO_4}),),
    families=families({"z": (TO_4,)}),
)


@pytest.mark.parametrize(("off", "answer"), [(0, "proved"), (Rational(1, 100), "refuted")])
def test_entries_given_one_by_one_are_judged_at_each_index(off, answer):
    shares = exp(z(i)) / total(j, 1, Integer(4), exp(z(j)))
    assert decide(shares, Rational(1, 4) + off * Delta(i, 3), BY_ENTRY, {i: TO_4}).answer == answer


def test_a_difference_at_the_last_of_many_indices_is_found():
    run = Range(Integer(1), Integer(40))
    givens = Givens(definitions=(define("z", [i], 2 * i, {i: run}),), families=families({"z": (run,)}))
    assert decide(z(i), 2 * i, givens, {i: run}).answer == "proved"
    assert decide(z(i), 2 * i + Delta(i, 40), givens, {i: run}).answer != "proved"


# -- equations that hold together -------------------------------------------------------------------------------------

SYSTEM = Givens(facts=(fact(a + b, "=", Integer(3)), fact(a - b, "=", Integer(1))))


@pytest.mark.parametrize(
    ("lhs", "rhs", "answer"),
    [
        (a, Integer(2), "proved"),
        (a**2 * b, Integer(4), "proved"),
        (a**2 * b, Integer(5), "refuted"),
        (exp(a - 2 * b), Integer(1), "proved"),
    ],
)
def test_equations_that_are_given_are_used_together(lhs, rhs, answer):
    assert decide(lhs, rhs, SYSTEM, {}).answer == answer


def test_equations_that_contradict_each_other_prove_nothing():
    givens = Givens(facts=(*SYSTEM.facts, fact(a * b, "=", Integer(7))))
    assert decide(a, Integer(2), givens, {}).answer == "unknown"


def test_what_a_few_equations_settle_makes_the_others_linear():
    c, d = scalar("c"), scalar("d")
    facts = (
        fact(a * c + b * d, "=", Integer(8)),
        fact(c - d, "=", Integer(1)),
        fact(a + b, "=", Integer(3)),
        fact(a - b, "=", Integer(1)),
    )
    assert decide(c * d, Integer(6), Givens(facts=facts), {}).answer == "proved"
    assert decide(c * d, Integer(5), Givens(facts=facts), {}).answer == "refuted"


numbers = st.integers(-4, 4)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(numbers, min_size=3, max_size=3), st.lists(st.tuples(numbers, numbers, numbers), min_size=3, max_size=3)
)
def test_the_solution_of_a_linear_system_is_never_refuted(solution, rows):
    names = [scalar(f"q_{m}") for m in "abc"]
    facts = tuple(
        fact(sum((Integer(c) * q for c, q in zip(row, names, strict=True)), Integer(0)), "=", Integer(value))
        for row in rows
        if any(row)
        for value in [sum(c * s for c, s in zip(row, solution, strict=True))]
    )
    for q, s in zip(names, solution, strict=True):
        decision = decide(q, Integer(s), Givens(facts=facts), {})
        # Where the rows leave the unknown open, another solution refutes it.
        if _rank(rows) == len(names):
            assert decision.answer != "refuted", decision
        else:
            assert decision.answer != "unknown" or "no instance" not in decision.reason


def _rank(rows):
    rows = [[Fraction(c) for c in row] for row in rows]
    rank = 0
    for column in range(3):
        pivot = next((r for r in rows[rank:] if r[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows.insert(rank, pivot)
        for at, row in enumerate(rows):
            if at != rank and row[column]:
                factor = row[column] / pivot[column]
                rows[at] = [c - factor * p for c, p in zip(row, pivot, strict=True)]
        rank += 1
    return rank


# -- orthonormal entries ----------------------------------------------------------------------------------------------

IN_N, IN_T = Range(Integer(1), n), Range(Integer(1), T)


def weight(*at):
    return family("W", *at)


def worlds(*facts, sides):
    givens = Givens(facts=facts, families=families({"W": sides}))
    return list(instances(Question((weight(*(i, j)[: len(sides)]),), givens, {}), 4))


def entries(world):
    world.draw((scalar("W"), (1,) * len(world.givens.families[scalar("W")])))
    return {at: value for (label, at), value in world.chosen.items() if label.name == "W"}


COLUMNS = fact(total(i, 1, n, weight(i, j) * weight(i, k)), "=", Delta(j, k), {j: IN_N, k: IN_N})
ROWS = fact(total(j, 1, n, weight(i, j) * weight(k, j)), "=", Delta(i, k), {i: IN_N, k: IN_N})
TALL = fact(total(i, 1, n, weight(i, j) * weight(i, k)), "=", Delta(j, k), {j: IN_T, k: IN_T})


@pytest.mark.parametrize(
    ("facts", "sides"),
    [
        pytest.param((COLUMNS,), (IN_N, IN_N), id="columns"),
        pytest.param((ROWS,), (IN_N, IN_N), id="rows"),
        pytest.param((COLUMNS, ROWS), (IN_N, IN_N), id="both"),
        pytest.param((TALL,), (IN_N, IN_T), id="more rows than columns"),
    ],
)
def test_a_matrix_with_orthonormal_columns_or_rows_is_exact_and_found(facts, sides):
    found = worlds(*facts, sides=sides)
    assert found
    for world in found:
        values, size = entries(world), world.integers[n]
        columns = world.integers.get(T, size)
        for p in range(1, columns + 1):
            for q in range(1, columns + 1):
                products = [values[m, p] * values[m, q] for m in range(1, size + 1)]
                assert sum(products, fmpq(0)) == (p == q)


def test_a_unit_vector_is_found():
    found = worlds(fact(total(i, 1, n, weight(i) ** 2), "=", Integer(1)), sides=(IN_N,))
    assert found
    assert all(sum((v * v for v in entries(world).values()), fmpq(0)) == 1 for world in found)


def test_an_orthonormal_matrix_keeps_lengths():
    givens = Givens(facts=(COLUMNS,), families=families({"W": (IN_N, IN_N), "x": (IN_N,)}))
    image = total(i, 1, n, total(j, 1, n, weight(i, j) * xs(j)) ** 2)
    length = total(j, 1, n, xs(j) ** 2)
    assert decide(image, length, givens, {}).answer in ("proved", "agrees")
    assert decide(image, 2 * length, givens, {}).answer == "refuted"


# -- ranges that nobody means -----------------------------------------------------------------------------------------


def test_a_range_that_ends_before_it_begins_refutes_nothing():
    givens = Givens(
        definitions=(define("h", [t], tanh(w * h(t - 1) + xs(t)), {t: IN_T}),),
        families=families({"h": (Range(Integer(0), T),), "x": (IN_T,)}),
    )
    whole = product(t, k + 1, T, w * (1 - h(t) ** 2))
    taken_out = w ** (T - k) * product(t, k + 1, T, 1 - h(t) ** 2)
    assert decide(whole, taken_out, givens, {}).answer != "refuted"
    assert decide(whole, 2 * taken_out, givens, {}).answer == "refuted"


def test_a_sum_over_nothing_is_still_looked_at():
    one = total(t, 2, T, y(t))
    givens = Givens(families=families({"y": (IN_T,)}))
    assert decide(one, y(2) + total(t, 3, T, y(t)), givens, {}).answer != "proved"
