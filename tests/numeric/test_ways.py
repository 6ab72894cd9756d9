"""The ways that one function takes: a row alone, many rows, blocks of them, rows that share an argument."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numeric.promises import ENTROPY, FORMS, LABEL, MOST, PROMISES, ROWS, Promise, derived, measured
from numeric.test_functions import CASES

from symdl.numeric import generate

GRADIENT = r"\frac{\partial L}{\partial z_i}"
HESSIAN = r"\frac{\partial^2 L}{\partial z_i \partial z_j}"
RNG = np.random.default_rng(3)


@cache
def gradient(target: str) -> Any:
    return derived(LABEL, GRADIENT)[0].function(target)


BY_ROWS = [p for p in PROMISES if not p.name.startswith(("KL of two", "Gaussian", "BCE with logits, soft"))]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("promise", BY_ROWS, ids=lambda p: p.name)
def test_rows_of_a_batch_keep_the_promise_too(promise: Promise, form: str) -> None:
    worst = max(measured(promise, form, step=48, rows=ROWS), key=lambda e: e.ulps)
    assert worst.ulps <= MOST, worst


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(("size", "find"), [(3, HESSIAN), (4, GRADIENT), (10, GRADIENT), (16, GRADIENT)])
def test_short_rows_of_compiled_loops_keep_the_promise_too(size: int, find: str, kind: str) -> None:
    pytest.importorskip("numba")
    rng, rows = np.random.default_rng(7), np.arange(40_000)
    z = (rng.choice([0.3, 3.0, 10.0], (40_000, 1)) * rng.standard_normal((40_000, size))).astype(kind)
    y, top = rng.integers(0, size, 40_000), z.argmax(axis=1)
    e = np.exp(z.astype(np.longdouble) - z.max(axis=1, keepdims=True))
    p, e[rows, top] = e / e.sum(axis=1, keepdims=True), 0
    others = 1 - p
    others[rows, top] = e.sum(axis=1) / (1 + e.sum(axis=1))
    if find == GRADIENT:
        exact = np.where(np.arange(size) == y[:, None], -others, p)
    else:
        exact = np.where(np.eye(size), (p * others)[:, None, :], -p[:, None, :] * p[:, :, None])
    given = {"z": z, "y": y} if find == GRADIENT else {"z": z}
    found = derived(LABEL, find)[0].function("numba")(**given)
    assert (np.abs(found - exact) <= MOST * np.spacing(np.abs(exact).astype(kind))).all()


@pytest.mark.parametrize(
    "row",
    [
        (8.683182173160148, -1.0393848122213676, -14.20724472081536),
        (-72.03443622861685, 11.158468891874612, -15.926862151507473, -8.272415341531401, -33.19730697307032),
        (-2.309518104066152, 6.425745635854856, 1.436231841117237, 2.3267907661150633, 0.9808033756814994,
         -6.660644956990361, 7.777363213310861, -2.3258844515138852, 2.2541049717617385, 1.8749844186836044),
    ],
    ids=len,
)  # fmt: skip
def test_the_logarithm_of_a_sum_lacks_nothing_that_its_largest_term_does(row: tuple[float, ...]) -> None:
    """Rows of one large share at which climbing on the error ended when that term was taken as it is rounded."""
    pytest.importorskip("numba")
    z = np.tile(row, (17, 1))
    below = np.sort(z[0].astype(np.longdouble) - max(row))[:-1]
    exact = np.log1p(np.exp(below).sum())
    found = derived(LABEL, "L")[0].function("numba")(y=np.full(17, np.argmax(row)), z=z)
    assert (np.abs(found - exact) <= 3 * np.spacing(float(exact))).all()


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("size", [1, 3, 16, 17])
def test_a_row_alone_is_the_same_row_of_a_batch(size: int, kind: str) -> None:
    z, y = RNG.normal(size=(4, size)).astype(kind), RNG.integers(0, size, 4)
    whole = gradient("numpy")(z=z, y=y)
    for n in range(4):
        found = gradient("numpy")(z=z[n], y=int(y[n]))
        assert found.dtype == kind
        np.testing.assert_allclose(found, whole[n], rtol=8 * np.finfo(kind).eps, atol=0)


@pytest.mark.parametrize("z", [[np.nan, 0.0], [np.inf, 0.0], [-np.inf, 0.0], [800.0, 0.0], [1e308, -1e308]], ids=str)
def test_a_row_alone_that_is_not_finite_or_overflows_goes_the_way_of_arrays(z: list[float]) -> None:
    function = derived(ENTROPY, GRADIENT)[0].function()
    y = np.array([1.0, 0.0])
    np.testing.assert_array_equal(function(z=np.array(z), y=y), function(z=np.array([z]), y=y[None])[0])


def test_a_long_batch_is_worked_through_in_blocks() -> None:
    z, y = RNG.normal(size=(5000, 200)), RNG.integers(0, 200, 5000)
    found = gradient("numpy")(z=z, y=y)
    np.testing.assert_allclose(found[::500], gradient("numpy")(z=z[::500], y=y[::500]), rtol=1e-13)
    shared = gradient("numpy")(z=z, y=7)
    np.testing.assert_allclose(shared[::500], gradient("numpy")(z=z[::500], y=7), rtol=1e-13)
    with pytest.raises(ValueError, match="y: no position"):
        gradient("numpy")(z=z, y=y + 1000)


def _read_only(z: Any) -> Any:
    z = z.copy()
    z.flags.writeable = False
    return z


@pytest.mark.parametrize(
    "changed",
    [_read_only, np.asfortranarray, lambda z: np.repeat(z, 2, axis=0)[::2], lambda z: z.tolist(), lambda z: z[:, None]],
    ids=["read only", "columns first", "every second row", "a list", "two batch axes"],
)
def test_compiled_loops_take_any_array(changed: Any) -> None:
    pytest.importorskip("numba")
    z, y = RNG.normal(size=(20, 3)), RNG.integers(0, 3, 20)
    given = changed(z)
    labels = y[:, None] if np.ndim(given) == 3 else y
    found = np.reshape(gradient("numba")(z=given, y=labels), z.shape)
    np.testing.assert_allclose(found, gradient("numpy")(z=z, y=y), rtol=1e-13)


@pytest.mark.parametrize(("z", "y"), [((20, 3), ()), ((3,), (20,)), ((1, 3), (20,)), ((2, 3), (1,))], ids=str)
def test_rows_may_share_an_argument(z: tuple[int, ...], y: tuple[int, ...]) -> None:
    pytest.importorskip("numba")
    logits, labels = RNG.normal(size=z), RNG.integers(0, 3, y) if y else 2
    found = gradient("numba")(z=logits, y=labels)
    np.testing.assert_allclose(found, gradient("numpy")(z=logits, y=labels), rtol=1e-13)


@pytest.mark.parametrize("name", ["constant", "vector RNN loss dW"])
def test_what_has_no_loops_is_written_for_arrays(name: str) -> None:
    case = next(c for c in CASES if c.name == name)
    assert "def " in generate(case.result, case.indices, case.givens, target="numba").source
