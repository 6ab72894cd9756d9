"""What all targets take and refuse alike."""

from __future__ import annotations

import inspect
import math
import re
from typing import Any

import numpy as np
import pytest
from numeric.promises import BCE, ENTROPY, LABEL, SOFTMAX, derived

from symdl.numeric import targets

GRADIENT = r"\frac{\partial L}{\partial z_i}"

pytestmark = pytest.mark.parametrize("target", targets())


def function(target: str, given: tuple[str, ...], find: str) -> Any:
    library = pytest.importorskip(target)
    if target == "jax":
        library.config.update("jax_enable_x64", True)
    return derived(given, find)[0].function(target)


def test_bare_numbers_are_float64(target: str) -> None:
    found = np.asarray(function(target, BCE, r"\frac{\partial L}{\partial z}")(z=0.1, y=0.0))
    assert found.dtype == np.float64
    assert float(found) == pytest.approx(1 / (1 + np.exp(-0.1)), rel=1e-15)


@pytest.mark.parametrize("z", [1j, [1j, 0.0], np.array([0.0, 1j])], ids=str)
def test_complex_numbers_are_refused(target: str, z: Any) -> None:
    with pytest.raises(ValueError, match="expected real numbers"):
        function(target, ENTROPY, GRADIENT)(z=z, y=[0.5, 0.5])


def test_a_complex_label_is_refused(target: str) -> None:
    with pytest.raises(ValueError, match="y: expected positions counted from 0"):
        function(target, LABEL, "L")(z=[1.0, 2.0], y=1j)


@pytest.mark.parametrize("size", [3, 7, 20])
@pytest.mark.parametrize(
    ("batch", "labels"), [((), ()), ((4,), ()), ((), (4,)), ((2, 4), (4,)), ((4,), (2, 1)), ((0,), (0,))], ids=str
)
def test_rows_and_labels_broadcast(target: str, batch: tuple[int, ...], labels: tuple[int, ...], size: int) -> None:
    rng = np.random.default_rng(size)
    z, y = rng.normal(size=(*batch, size)), rng.integers(0, size, labels)
    z[..., 1] += 8.0  # a share above a half, which some labels name
    shares = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    wanted = shares - (np.arange(size) == y[..., None])
    found = np.asarray(function(target, LABEL, GRADIENT)(z=z, y=y))
    assert found.shape == wanted.shape
    assert found == pytest.approx(wanted, abs=1e-14)


@pytest.mark.parametrize("shape", [(0,), (2, 0)], ids=str)
def test_rows_without_entries_have_results_without_entries(target: str, shape: tuple[int, ...]) -> None:
    found = function(target, ENTROPY, GRADIENT)(z=np.zeros(shape), y=np.zeros(shape))
    assert np.asarray(found).shape == shape


INFINITE = [
    (r"\frac{1}{1+e^{-z}}", 1.0, 0.0),
    (r"\log(1+e^z)", math.inf, 0.0),
    (r"\log\cosh z", math.inf, math.inf),
    (r"\frac{1}{\cosh z}", 0.0, 0.0),
    (r"\frac{e^z}{2}", math.inf, 0.0),
    (r"\frac{e^z-e^{-z}}{2}", math.inf, -math.inf),
    (r"\sqrt{z^2+1}", math.inf, math.inf),
    (r"\log(z c)", math.inf, math.nan),
    (r"\log(e^z-1)", math.inf, math.nan),
]
"""A formula, and its values at infinity and at minus infinity."""


@pytest.mark.parametrize(("formula", "above", "below"), INFINITE)
def test_an_infinite_number_gives_the_limit_and_none_where_there_is_none(
    target: str, formula: str, above: float, below: float
) -> None:
    found = function(target, (f"f = {formula}",), "f")
    more = {"c": 1.5} if "c" in inspect.signature(found).parameters else {}
    for z, wanted in ((math.inf, above), (-math.inf, below), (math.nan, math.nan)):
        assert np.array_equal(np.asarray(found(z=z, **more)), wanted, equal_nan=True)
    rows = np.asarray(found(z=np.array([math.nan, math.inf, 1.0, -math.inf]), **more))
    assert np.array_equal(rows[[0, 1, 3]], [math.nan, above, below], equal_nan=True)
    assert np.isfinite(rows[2])


VECTORS = [
    (SOFTMAX, "p_i", [1 / (1 + math.e), 0.0, math.e / (1 + math.e)]),
    ((r"f = \log\sum_{j=1}^{K} e^{z_j}",), "f", 2 + math.log1p(1 / math.e)),
    ((r"f = \sqrt{\sum_{j=1}^{K} z_j^2}",), "f", math.inf),
    ((r"m = \frac{1}{K}\sum_{j=1}^{K} z_j", r"f = \frac{1}{K}\sum_{j=1}^{K} (z_j - m)^2"), "f", math.nan),
]


@pytest.mark.parametrize(("given", "find", "wanted"), VECTORS)
def test_a_row_with_an_entry_that_is_no_number_has_none_and_leaves_other_rows_alone(
    target: str, given: tuple[str, ...], find: str, wanted: Any
) -> None:
    found = function(target, given, find)
    rows = np.array([[1.0, math.nan, 2.0], [1.0, -math.inf, 2.0], [0.0, 1.0, 3.0]])
    values = np.asarray(found(z=rows))
    assert np.isnan(values[0]).all()
    assert np.isfinite(values[2]).all()
    np.testing.assert_allclose(values[1], wanted, rtol=1e-15)
    for row, value in zip(rows, values, strict=True):
        np.testing.assert_allclose(np.asarray(found(z=row)), value, rtol=1e-15)


@pytest.mark.parametrize(
    "change",
    [
        lambda a: np.repeat(np.repeat(a, 2, axis=0), 2, axis=1)[::2, ::2],
        np.asfortranarray,
        lambda a: a[::-1].copy()[::-1],
        lambda a: np.broadcast_to(a, a.shape),
        lambda a: a.tolist(),
        lambda a: a.astype(int),
    ],
    ids=["every other entry", "columns first", "backwards", "read-only", "lists", "whole numbers"],
)
def test_how_an_array_lies_in_memory_makes_no_difference(target: str, change: Any) -> None:
    z = np.array([[1.0, 2.0, 4.0], [0.0, 1.0, 2.0]])
    found = np.asarray(function(target, ENTROPY, GRADIENT)(z=change(z), y=change(np.eye(3)[:2])))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, np.exp(z) / np.exp(z).sum(axis=1, keepdims=True) - np.eye(3)[:2], rtol=1e-14)


@pytest.mark.parametrize(("z", "y"), [((4, 3), (5, 3)), ((2, 4, 3), (3, 3)), ((2, 4, 3), (5, 1, 3))], ids=str)
def test_batches_that_do_not_fit_together_are_named(target: str, z: tuple[int, ...], y: tuple[int, ...]) -> None:
    gradient = function(target, ENTROPY, GRADIENT)
    message = f"batches do not fit together: y has {y[:-1]}, z has {z[:-1]}"
    with pytest.raises(ValueError, match=re.escape(message)):
        gradient(z=np.zeros(z), y=np.zeros(y))
    assert np.asarray(gradient(z=np.zeros(z), y=np.zeros((1, *z[1:])))).shape == z


@pytest.mark.parametrize("name", ["result", "math", "value", "jax", "held", "np"])
def test_a_name_that_a_module_needs_gets_an_underscore_everywhere(target: str, name: str) -> None:
    given = (rf"L = \mathrm{{{name}}}^2 + x",)
    found = function(target, given, "L")
    assert set(inspect.signature(found).parameters) == {f"{name}_", "x"}
    assert f"'{name}_'" in derived(given, "L")[0].source(target)
