"""What all targets take and refuse alike."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from numeric.promises import BCE, ENTROPY, LABEL, derived

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


@pytest.mark.parametrize("name", ["result", "math", "value", "jax", "held", "np"])
def test_a_name_that_a_module_needs_gets_an_underscore_everywhere(target: str, name: str) -> None:
    given = (rf"L = \mathrm{{{name}}}^2 + x",)
    found = function(target, given, "L")
    assert set(inspect.signature(found).parameters) == {f"{name}_", "x"}
    assert f"'{name}_'" in derived(given, "L")[0].source(target)
