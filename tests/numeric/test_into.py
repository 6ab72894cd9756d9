"""Compiled functions write into arrays that are there, and the loops for short rows keep to what all others compute."""

from __future__ import annotations

from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from numeric.promises import BCE, LABEL, derived
from sympy import pi

from symdl.numeric import generate, scalars
from symdl.problem import Givens

numba = pytest.importorskip("numba")
GRADIENT = r"\frac{\partial L}{\partial z_i}"
RNG = np.random.default_rng(5)


@cache
def gradient(target: str) -> Any:
    return derived(LABEL, GRADIENT)[0].function(target)


def batch(rows: int, size: int, scale: float = 3.0) -> dict[str, Any]:
    return {"z": scale * RNG.normal(size=(rows, size)), "y": RNG.integers(0, size, rows)}


@pytest.mark.parametrize(("rows", "size"), [(4, 3), (300, 3), (300, 16), (20, 40)])
def test_a_result_is_written_into_the_array_given(rows: int, size: int) -> None:
    given, out = batch(rows, size), np.empty((rows, size))
    assert gradient("numba").into(out, **given) is out
    np.testing.assert_array_equal(out, gradient("numba")(**given))
    np.testing.assert_allclose(out, gradient("numpy")(**given), rtol=1e-13)


def test_one_row_is_written_into_a_row() -> None:
    given, out = batch(1, 3), np.empty(3)
    gradient("numba").into(out, z=given["z"][0], y=int(given["y"][0]))
    np.testing.assert_array_equal(out, gradient("numba")(z=given["z"][0], y=int(given["y"][0])))


@pytest.mark.parametrize(
    "out",
    [np.zeros((20, 4)), np.zeros((1, 20, 3)), np.zeros((20, 3), np.float32), np.zeros((20, 3), int), [[0.0] * 3] * 20],
    ids=["another length", "an axis more", "float32", "whole numbers", "a list"],
)
def test_an_array_of_another_shape_or_precision_is_refused_and_left_alone(out: Any) -> None:
    given = batch(20, 3)
    gradient("numba")(**given)
    with pytest.raises(ValueError, match="to write into"):
        gradient("numba").into(out, **given)
    assert not np.any(out)


def test_the_array_may_lie_over_an_argument() -> None:
    given = batch(40, 3)
    wanted = gradient("numba")(**given)
    gradient("numba").into(given["z"], **given)
    np.testing.assert_array_equal(given["z"], wanted)


def test_the_array_may_be_part_of_another() -> None:
    given, whole = batch(40, 3), np.zeros((40, 6))
    gradient("numba").into(whole[:, ::2], **given)
    np.testing.assert_array_equal(whole[:, ::2], gradient("numba")(**given))
    assert not whole[:, 1::2].any()


def test_a_function_without_loops_writes_into_an_array_too() -> None:
    f, out = generate(pi / 6, (), Givens(), target="numba").function(), np.empty(())
    assert f.into(out) is out
    assert out == f()


@pytest.mark.parametrize("size", [3, 10, 16, 40])
@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_rows_of_large_numbers_keep_to_what_numpy_computes_among_rows_of_small_ones(size: int, kind: str) -> None:
    given = batch(300, size)
    given["z"][::7] *= 1e3
    given["z"][5] = -np.inf
    given["z"][5, 1] = 0.0
    given["z"] = given["z"].astype(kind)
    found, wanted = gradient("numba")(**given), gradient("numpy")(**given)
    np.testing.assert_allclose(found, wanted, rtol=16 * np.finfo(kind).eps, atol=1e-37)


@pytest.mark.parametrize("label", [0.5, 1.0, True, np.float64(2.0)])
def test_a_kernel_takes_no_number_for_a_label_that_is_none(label: Any) -> None:
    z = RNG.normal(size=3)
    gradient("numba")(z=z, y=1)
    if label == 0.5:
        with pytest.raises(ValueError, match=r"^y: "):
            gradient("numba")(z=z, y=label)
    else:
        np.testing.assert_array_equal(gradient("numba")(z=z, y=label), gradient("numba")(z=z, y=int(label)))


def test_precision_is_that_of_the_arrays_after_numbers_of_python_too() -> None:
    f = derived(BCE, r"\frac{\partial L}{\partial z}")[0].function("numba")
    z = RNG.normal(size=40).astype(np.float32)
    assert f(z=z, y=1.0).dtype == np.float32
    assert f(z=z, y=np.float64(1.0)).dtype == np.float64
    assert f(z=0.25, y=1.0).dtype == np.float64
    np.testing.assert_allclose(f(z=z, y=1.0), f(z=z, y=np.ones(40, np.float32)), rtol=1e-6)


@pytest.mark.parametrize("suffix", ["", "_f4"])
@pytest.mark.parametrize("name", ["log", "log1p"])
def test_logarithms_of_single_numbers_are_within_a_unit(name: str, suffix: str) -> None:
    scope: dict[str, Any] = {"np": np, "numba": numba}
    exec("\n".join([*scalars.OPTIONS, *scalars.sources([name], suffix).values()]), scope)
    kind = np.float32 if suffix else np.float64
    info = np.finfo(kind)
    points = [
        info.smallest_subnormal,
        info.tiny,
        1e-30,
        0.3,
        0.70,
        0.72,
        0.999,
        1.0,
        1.001,
        1.41,
        1.42,
        2.6,
        1e9,
        info.max,
    ]
    if name == "log1p":
        points += [-0.999, -0.5, -0.3, -1e-3, -1e-20, 1e-9]
    with mp.workprec(200):
        for x in map(kind, points):
            exact = getattr(mp, name)(mp.mpf(float(x)))
            found = kind(scope[name + suffix](x))
            unit = mp.mpf(float(np.spacing(np.abs(kind(float(exact))))))
            assert abs(mp.mpf(float(found)) - exact) <= unit, x
    edge = -1.0 if name == "log1p" else 0.0
    assert scope[name + suffix](kind(edge)) == -np.inf
    assert scope[name + suffix](kind(np.inf)) == np.inf
    assert np.isnan(scope[name + suffix](kind(edge - 1)))


def swapped(array: Any) -> Any:
    return array.astype(array.dtype.newbyteorder())


def locked(array: Any) -> Any:
    array = array.copy()
    array.flags.writeable = False
    return array


FORMS: dict[str, Any] = {
    "as it is": lambda a: a,
    "for reading only": locked,
    "in Fortran's order": np.asfortranarray,
    "every other one": lambda a: np.repeat(a, 2, axis=0)[::2],
    "of a byte order of its own": swapped,
    "a list": lambda a: a.tolist(),
    "of a class of its own": lambda a: a.view(np.ma.MaskedArray),
    "beside the bytes of numbers": lambda a: (
        np.frombuffer(b"." + a.tobytes(), np.uint8)[1:].view(a.dtype).reshape(a.shape)
    ),
}


@pytest.mark.parametrize(("rows", "name"), [(None, "z"), (1, "z"), (1, "y"), (20, "z"), (20, "y")])
@pytest.mark.parametrize("form", FORMS)
def test_an_argument_in_another_form_means_the_same_after_a_call_with_arrays(
    form: str, name: str, rows: int | None
) -> None:
    given = batch(rows or 1, 3) if rows else {"z": RNG.normal(size=3), "y": np.array(1)}
    f, out = gradient("numba"), np.empty(given["z"].shape)
    wanted = f(**given)
    np.testing.assert_array_equal(f(**given), wanted)
    other = given | {name: FORMS[form](given[name])}
    np.testing.assert_array_equal(f(**other), wanted)
    np.testing.assert_array_equal(f.into(out, **other), wanted)


@pytest.mark.parametrize("kind", [np.int8, np.int32, np.int64, np.uint16, np.longlong])
def test_labels_may_be_whole_numbers_of_any_type(kind: Any) -> None:
    given = batch(20, 3)
    wanted = gradient("numba")(**given)
    np.testing.assert_array_equal(gradient("numba")(z=given["z"], y=given["y"].astype(kind)), wanted)
    one = gradient("numba")(z=given["z"][0], y=kind(given["y"][0]))
    np.testing.assert_allclose(one, wanted[0], rtol=1e-13)


def test_a_result_that_may_only_be_read_is_left_alone() -> None:
    given, out = batch(20, 3), locked(np.zeros((20, 3)))
    gradient("numba").into(np.empty((20, 3)), **given)
    with pytest.raises(ValueError, match="read-only"):
        gradient("numba").into(out, **given)
    assert not out.any()


def test_a_number_in_float32_leaves_the_precision_of_others_alone() -> None:
    f = derived(BCE, r"\frac{\partial L}{\partial z}")[0].function("numba")
    assert f(z=np.float32(0.25), y=np.float32(1.0)).dtype == np.float32
    assert f(z=0.25, y=1.0).dtype == np.float64
    assert f(z=0.25, y=1.0) == f(z=np.float64(0.25), y=np.float64(1.0))


def test_labels_outside_and_rows_of_another_number_are_refused_after_a_call_that_fits() -> None:
    given = batch(20, 3)
    gradient("numba")(**given)
    for wrong in (given | {"y": given["y"] + 3}, given | {"y": given["y"][:7]}, given | {"y": given["y"] - 3}):
        with pytest.raises(ValueError, match=r"y|broadcast|shape"):
            gradient("numba")(**wrong)


def test_one_row_beside_many_labels_is_a_row_for_each() -> None:
    z, y = RNG.normal(size=3), np.array([0, 2, 1, 1])
    wanted = np.array([gradient("numba")(z=z, y=int(label)) for label in y])
    for _ in range(2):
        np.testing.assert_allclose(gradient("numba")(z=z, y=y), wanted, rtol=1e-13)


def test_the_kernels_for_a_number_and_for_an_array_are_kept_side_by_side() -> None:
    f = derived(BCE, r"\frac{\partial L}{\partial z}")[0].function("numba")
    kept = f.__globals__[f"{f.__name__}_calls"]
    kept.clear()
    for y in (np.array([0.0, 1.0]), 1.0, np.array([0.0, 1.0])):
        f(y=y, z=0.25)
    assert len(kept) == 2


def test_numbers_come_with_one_type_at_every_call() -> None:
    f = derived(LABEL, GRADIENT)[0].function("numba", along=True, value=True)
    given = {"z": RNG.normal(size=3), "v": RNG.normal(size=3), "y": 1}
    assert [[type(x) for x in f(**given)] for _ in range(2)] == [[np.float64, np.float64]] * 2


def test_a_batch_of_one_row_finds_its_kernel_again(monkeypatch: pytest.MonkeyPatch) -> None:
    f, given = gradient("numba"), batch(1, 3)
    wanted = f(**given)

    def launched(*arguments: Any) -> None:
        raise AssertionError("the kernel was not found")

    monkeypatch.setitem(f.__globals__, "launch", launched)
    np.testing.assert_array_equal(f(**given), wanted)
