"""Signs, roots and forms, each exactly."""

from __future__ import annotations

import pytest
from sympy import Rational, S, cos, exp, log, pi, sin, sqrt, tanh

from symdl.engine.curvature.forms import NEITHER, by_branches, by_newton_polygon, definite_sign
from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, knowledge_from, sign_of_number, split
from symdl.engine.curvature.lines import zeros
from symdl.engine.curvature.systems import solutions
from symdl.language import scalar
from symdl.problem import Relation

a, b, x, y, z = (scalar(n) for n in "abxyz")
POSITIVE = knowledge_from([Relation(a, ">", S.Zero)])


@pytest.mark.parametrize(
    ("number", "sign"),
    [
        (sqrt(2) + sqrt(3) - sqrt(5 + 2 * sqrt(6)), 0),
        (exp(1) - Rational(2718281828459045, 10**15), 1),
        (log(2) - Rational(693147180559946, 10**15), -1),
        (sqrt(2) * sqrt(3) - sqrt(6), 0),
    ],
)
def test_a_number_has_this_sign(number: object, sign: int) -> None:
    assert sign_of_number(number) == sign


def test_a_number_that_cannot_be_told_from_zero_is_not_called_zero() -> None:
    with pytest.raises(UndecidableError):
        sign_of_number(exp(log(2) * log(3)) - exp(log(3) * log(2) + 0 * pi) + sin(exp(1)) ** 2 + cos(exp(1)) ** 2 - 1)


@pytest.mark.parametrize(
    ("expr", "signs"),
    [
        (a * b**2, {0, 1}), (a + 1, {1}), (-(b**2) - 1, {-1}), (b**2 + b + 1, {1}), (b**2 - a, {-1, 0, 1}),
        (sqrt(a) + 1, {1}),
    ],
)  # fmt: skip
def test_what_is_known_of_a_letter_bounds_an_expression(expr: object, signs: set[int]) -> None:
    assert POSITIVE.possible(expr) == signs


def test_cases_that_contradict_each_other_do_not_occur() -> None:
    found = split(lambda known: (known.sign(b - 2), known.sign(b + 2)), Knowledge())
    assert [signs for _, signs in found] == [(1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)]


@pytest.mark.parametrize(
    ("slope", "expected"),
    [
        (exp(x) - x - 1, [S.Zero]),
        (exp(x) - x, []),
        (exp(2 * x) - 3 * exp(x) + 2, [S.Zero, log(2)]),
        (log(x) + 1, [exp(-1)]),
        (2 * x - sin(x), [S.Zero]),
        (x - sin(x), [S.Zero]),
        (log(x) - log(1 - x), [Rational(1, 2)]),
        (x**2 - 2, [-sqrt(2), sqrt(2)]),
        (cos(x), [-pi / 2, pi / 2]),
    ],
)
def test_all_zeros_on_the_line_are_found(slope: object, expected: list[object]) -> None:
    found = zeros(slope, x)
    assert [r.value for r in found.roots] == expected
    assert found.whole


def test_a_zero_without_a_name_is_enclosed() -> None:
    found = zeros(tanh(x) - x / 2, x)
    assert [r.value for r in found.roots[1:2]] == [S.Zero]
    last = found.roots[2]
    assert last.value is None and last.hi - last.lo < Rational(1, 2**60)


@pytest.mark.parametrize(
    ("form", "signs"),
    [
        (x**2 + x * y + y**2, {1}), (x**2 - 3 * x * y + y**2, NEITHER), (x**2 - 2 * x * y + y**2, {0, 1}),
        (x**3 + y**3, NEITHER), (-(x**4) - y**4, {-1}),
    ],
)  # fmt: skip
def test_a_form_takes_these_signs(form: object, signs: set[int]) -> None:
    assert definite_sign(form, (x, y), Knowledge()) == signs


@pytest.mark.parametrize(
    ("polynomial", "signs"),
    [
        ((y - x**2) * (y - 3 * x**2), NEITHER),
        (y**2 + x**4 - x**2 * y, {1}),
        ((y - x**2) ** 2 + x**6, {1}),
        ((y - x**2) ** 2 - x**6, NEITHER),
        (x**2 * y**2, {0, 1}),
        (y**2 - 2 * x**2 * y + x**4 + x**7, NEITHER),
    ],
)
def test_the_branches_of_a_curve_decide_the_sign(polynomial: object, signs: set[int]) -> None:
    assert by_branches(polynomial, x, y) == signs


def test_the_newton_polygon_decides_where_its_forms_do() -> None:
    assert by_newton_polygon(x**4 + y**6 + x**5, x, y, Knowledge()) == {1}
    assert by_newton_polygon(x**4 - 3 * x**2 * y**3 + y**6, x, y, Knowledge()) == NEITHER
    assert by_newton_polygon(x**4 - 2 * x**2 * y**3 + y**6, x, y, Knowledge()) is None


def test_a_system_of_polynomials_is_solved_over_the_reals() -> None:
    found = solutions([x**2 + y**2 - 5, x * y - 2], [x, y], Knowledge())
    assert {(p.at[x], p.at[y]) for p in found.places} == {(1, 2), (2, 1), (-1, -2), (-2, -1)}
    assert solutions([x**2 + y**2 + 1], [x, y], Knowledge()).places == ()
