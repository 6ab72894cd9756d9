"""The promise about the last digits, on a reduced grid, and the measure that it is stated in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from numeric.promises import (
    FORMS,
    LABEL,
    LOG_SOFTMAX,
    MOST,
    PROMISES,
    ROWS,
    SOFTMAX,
    Promise,
    derived,
    in_batch,
    measured,
)

from symdl.errors import NoFunctionError
from symdl.judge.balls import NoValueError
from symdl.numeric.accuracy import Format, TooVagueError, errors, exact_values, satisfies, ulps
from symdl.numeric.survey import survey


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.name)
def test_at_most_four_units_in_the_last_place(promise: Promise, form: str) -> None:
    found = measured(promise, form, step=8)
    worst = max(found, key=lambda e: e.ulps)
    assert worst.ulps <= MOST, worst


def test_one_hot_rows_of_the_gradient_have_all_digits() -> None:
    derivation, subject = derived(LABEL, r"\frac{\partial L}{\partial z_i}")
    found = errors(subject, derivation.function(), {"z": (0.0, 40.0, -700.0), "y": 1}, {"K": 3})
    assert [e.found for e in found] == pytest.approx([math.exp(-40), -math.exp(-40), 4.1935e-322], rel=1e-2)
    assert max(e.ulps for e in found) < 2


@pytest.mark.parametrize("direction", [(1.0, 0.0, 0.0), (0.3, -2.0, 0.7), (0.0, 1.0, 0.0)], ids=str)
def test_a_hessian_times_a_direction_has_digits_where_one_share_is_nearly_one(direction: tuple[float, ...]) -> None:
    derivation, subject = derived(LABEL, r"\frac{\partial^2 L}{\partial z_i \partial z_j}")
    z = (0.0, 45.0, -3.0)
    found = derivation.function(along=True)(z=np.array(z), v=np.array(direction))
    matrix = dict(exact_values(subject, {"z": z}, {"K": 3}))
    for row in range(3):
        exact = sum((matrix[row, k] * arb(direction[k]) for k in range(3)), arb(0))
        assert ulps(float(found[row]), exact) < 6


AT_TEMPERATURE = r"p_i = \frac{e^{z_i/\tau}}{\sum_{j=1}^{K} e^{z_j/\tau}}", r"\tau > 0"
MEANS: dict[str, tuple[tuple[str, ...], str]] = {
    "an energy by its temperature": (
        (*AT_TEMPERATURE, r"E = \sum_{i=1}^{K} p_i z_i"),
        r"\frac{\partial E}{\partial \tau}",
    ),
    "an energy": ((*SOFTMAX, r"E = \sum_{i=1}^{K} p_i z_i"), r"\frac{\partial E}{\partial z_i}"),
    "attention": ((*SOFTMAX, r"o = \sum_{i=1}^{K} p_i v_i"), r"\frac{\partial o}{\partial z_i}"),
    "a divergence": (
        (*SOFTMAX, r"D = \sum_{i=1}^{K} p_i \log\frac{p_i}{q_i}", "q_i > 0"),
        r"\frac{\partial D}{\partial z_i}",
    ),
}
"""Slopes of means by shares that have a name: an entry less such a mean is what the others have."""


@pytest.mark.parametrize("z", [(42.8, -2.6, 1.7), (1.2, -60.3, -44.0), (0.5, 0.1, 90.0)], ids=str)
@pytest.mark.parametrize("name", MEANS)
def test_an_entry_less_a_named_mean_has_digits_where_one_share_is_nearly_one(name: str, z: tuple[float, ...]) -> None:
    derivation, subject = derived(*MEANS[name])
    point = {"z": z, "tau": 0.7, "v": (0.3, -1.2, 0.7), "q": (0.3, 0.6, 0.1)}
    found = errors(subject, derivation.function(), {n: point[n] for n in subject.inputs}, {"K": 3})
    assert max(e.ulps for e in found) <= MOST


@pytest.mark.parametrize("target", ["numpy", "numba"])
@pytest.mark.parametrize("rows", [0, ROWS])
@pytest.mark.parametrize(
    ("given", "find"),
    [(LABEL, "L"), (LOG_SOFTMAX, r"\ell_i"), ((r"m = \log\sum_{j=1}^{K} e^{z_j}",), "m")],
    ids=["a loss", "log-softmax", "log-sum-exp"],
)
def test_the_logarithm_of_a_sum_is_subnormal_where_all_others_are(
    given: tuple[str, ...], find: str, rows: int, target: str
) -> None:
    pytest.importorskip(target)
    derivation, subject = derived(given, find)
    function = derivation.function(target)
    arguments: dict[str, Any] = {"z": (0.0, -750.0, -745.0), "y": 0}
    given_to = {n: arguments[n] for n in subject.inputs}
    found = errors(subject, in_batch(function, rows) if rows else function, given_to, {"K": 3})
    assert max(e.ulps for e in found) < 1
    assert abs(found[0].found) == 5e-324


@pytest.mark.parametrize(
    ("given", "find", "arguments", "most"),
    [
        ((r"V = \frac{1}{N}\sum_{n=1}^{N} x_n^2 - (\frac{1}{N}\sum_{n=1}^{N} x_n)^2",), "V", {"x": (1e8, 1e8 + 2)}, 4),
        ((r"L = -\log\frac{e^{a}}{e^{a}+e^{b}+e^{c}}",), "L", {"a": 90.0, "b": 0.0, "c": 1.0}, 4),
        ((r"f = \log(1 - \frac{e^{a}}{e^{a}+e^{b}})",), "f", {"a": 90.0, "b": 0.0}, 4),
        ((r"h = \log(1 + x)",), "h", {"x": 1e-12}, 1),
    ],
    ids=["variance", "three logits", "log of a complement", "log1p"],
)
def test_digits_that_the_formula_would_lose_are_kept(given: Any, find: str, arguments: Any, most: float) -> None:
    derivation, subject = derived(given, find)
    sizes = {str(s.name): 2 for s in subject.sizes}
    (found,) = errors(subject, derivation.function(), arguments, sizes)
    assert found.ulps <= most


# The measure


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-3, 3))
def test_a_float_that_is_n_floats_away_errs_by_n_units(x: float, n: int) -> None:
    moved = x
    for _ in range(abs(n)):
        moved = math.nextafter(moved, math.copysign(math.inf, n))
    if math.isfinite(moved) and math.frexp(moved)[1] == math.frexp(x)[1]:
        assert ulps(moved, arb(x)) == abs(n)


@given(st.floats(min_value=5e-324, max_value=1.7e308))
def test_the_unit_is_the_gap_to_the_next_float(x: float) -> None:
    assert float(Format(53, -1022, 1023).unit(arb(x))) == math.ulp(x)


@pytest.mark.parametrize(
    ("value", "exact", "wanted"),
    [
        (math.inf, arb(10) ** 400, 0.0),
        (1e308, arb(10) ** 400, math.inf),
        (math.nan, arb(1), math.inf),
        (0.0, arb(2) ** -1076, 0.25),
        (1.0, arb(1), 0.0),
    ],
    ids=["overflow", "too small", "nan", "underflow", "exact"],
)
def test_values_at_the_ends_of_the_range_have_a_measure(value: float, exact: arb, wanted: float) -> None:
    assert ulps(value, exact) == wanted


def test_the_unit_is_that_of_the_scale_where_this_is_larger() -> None:
    assert ulps(2.0**-52, arb(0), scale=1.0) == 1.0
    assert ulps(1.0 + 2.0**-52, arb(1), scale=1e-5) == 1.0


@settings(max_examples=25)
@given(st.floats(-700, 700), st.floats(-700, 700))
def test_exact_values_do_not_lose_what_cancels(a: float, b: float) -> None:
    _, subject = derived(LABEL, r"\frac{\partial L}{\partial z_i}")
    ((_, first), (_, second)) = exact_values(subject, {"z": (a, b), "y": 0}, {"K": 2})
    assert (first + second).contains(0)
    assert first.rel_accuracy_bits() > 60 or first.rad() < arb(2) ** -1080


def test_a_value_that_no_precision_encloses_is_reported() -> None:
    _, subject = derived((r"f = e^{e^x}",), "f")
    with pytest.raises((TooVagueError, NoValueError)):
        list(exact_values(subject, {"x": 1e300}, {}))


def test_arguments_that_break_a_fact_are_found() -> None:
    _, subject = derived((r"L = -\sum_{k=1}^{K} y_k z_k", r"\sum_{k=1}^{K} y_k = 1"), "L")
    assert satisfies(subject, {"y": (0.25, 0.75), "z": (1.0, 2.0)}, {"K": 2})
    assert not satisfies(subject, {"y": (0.3, 0.6), "z": (1.0, 2.0)}, {"K": 2})


# Surveys of a user's own formula


def _survey(given: tuple[str, ...], find: str, **options: Any) -> Any:
    return survey(
        derived(given, find)[0], options.get("box", {}), options.get("sizes", {}), 60, options.get("form", "float64")
    )


def test_a_survey_finds_where_digits_are_lost() -> None:
    found = _survey((r"f = (x+1)^{\frac{3}{2}} - x^{\frac{3}{2}}",), "f", box={"x": (0.0, 1e12)})
    assert found.worst.ulps > 100
    assert found.points + found.outside == 60


def test_a_survey_is_the_same_every_time() -> None:
    options: dict[str, Any] = {"sizes": {"K": 4}, "box": {"tau": (0.5, 2.0)}}
    formula = (r"p_i = \frac{e^{z_i/\tau}}{\sum_{j=1}^{K} e^{z_j/\tau}}",)
    assert _survey(formula, "p_i", **options) == _survey(formula, "p_i", **options)


def test_a_survey_stays_in_its_box_and_keeps_the_facts() -> None:
    found = _survey((r"f = \log s", "s > 0"), "f", box={"s": (-4.0, 4.0)})
    assert found.worst is not None
    assert 0 < found.worst.arguments["s"] <= 4
    assert found.worst.ulps < 2


def test_an_argument_that_would_be_too_large_is_refused() -> None:
    with pytest.raises(NoFunctionError, match="more than"):
        _survey((r"L = \sum_{k=1}^{K} z_k",), "L", sizes={"K": 10_000})


def test_a_survey_says_how_sensitive_the_worst_value_is() -> None:
    found = _survey((r"f = \sin x",), "f", box={"x": (3.14159, 3.1416)})
    assert found.moved > 1000


def test_what_the_rounding_of_arguments_explains_is_no_error_of_the_function() -> None:
    found = _survey(("f = a b - c",), "f", box=dict.fromkeys("abc", (1.0, 1.000001)))
    assert found.explained[0].ulps > 100
    assert found.worst.ulps < 4


@pytest.mark.parametrize("form", FORMS)
def test_float32_is_measured_in_its_own_units(form: str) -> None:
    found = _survey((r"f = \tanh x",), "f", form=form)
    assert found.worst.ulps < 3
    assert np.dtype(form).type(found.worst.found) == found.worst.found
