"""Sums lose no digits, however many terms they have, and shares that are multiplied are rounded once."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import log1p, mpf, workprec
from numeric.promises import ENTROPY, SOFTMAX, derived

from symdl.numeric.accuracy import errors

GRADIENT = r"\frac{\partial L}{\partial z_i}"
HESSIAN = r"\frac{\partial^2 L}{\partial z_i \partial z_j}"


@cache
def helpers(target: str, find: str = "L") -> dict[str, Any]:
    """The functions of a module, by their names."""
    pytest.importorskip(target)
    function = derived(ENTROPY, find)[0].function(target)
    return dict(getattr(function, "__wrapped__", function).__globals__)


def units(found: Any, terms: Any) -> float:
    exact = math.fsum(terms)
    return abs(float(found) - exact) / math.ulp(exact)


SIZES = st.sampled_from([4, 10, 33, 100, 1000, 20_000])
SPREADS = st.sampled_from([0.01, 1.0, 10.0, 100.0])


@settings(max_examples=40, deadline=None)
@given(SIZES, SPREADS, st.integers(0, 1000))
def test_a_sum_of_terms_of_one_sign_is_off_by_less_than_a_unit(size: int, spread: float, seed: int) -> None:
    terms = np.exp(np.random.default_rng(seed).normal(0, spread, size))
    assert units(helpers("numpy", GRADIENT)["row_sum"](terms)[0], terms) <= 1


@settings(max_examples=40, deadline=None)
@given(SIZES, SPREADS, st.integers(0, 1000))
def test_a_sum_of_terms_of_either_sign_is_off_by_what_its_terms_lose(size: int, spread: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    terms = np.exp(rng.normal(0, spread, size)) * rng.choice([-1.0, 1.0], size)
    off = abs(helpers("numpy")["exact_sum"](terms, -1) - math.fsum(terms))
    assert off <= math.ulp(math.fsum(terms)) + size * 2.0**-80 * math.fsum(abs(terms))


@pytest.mark.parametrize("target", ["numpy", "numba"])
@pytest.mark.parametrize("size", [4, 16, 20])
def test_what_cancels_in_the_rows_of_a_batch_takes_no_digits_along(size: int, target: str) -> None:
    pytest.importorskip(target)
    terms = np.arange(1.0, 1 + size) + np.zeros((20, 1))
    terms[:, 0], terms[:, 2] = 1e17, -1e17
    found = derived((r"S = \sum_{k=1}^{K} x_k",), "S")[0].function(target)(x=terms)
    assert list(found) == [math.fsum(row) for row in terms]


@pytest.mark.parametrize("size", [3, 10, 40, 3000])
@pytest.mark.parametrize("spread", [0.0, 2.0, 6.0, 7.0, 20.0, 250.0])
def test_rows_of_like_and_of_unlike_sums_are_off_by_less_than_a_unit(size: int, spread: float) -> None:
    rng = np.random.default_rng(size)
    terms = np.exp(rng.normal(0, 3, (9, size)) + spread * rng.uniform(-1, 1, (9, 1)))
    found = helpers("numpy", GRADIENT)["row_sum"](terms)
    assert max(units(found[n, 0], terms[n]) for n in range(9)) <= (1 if size > 3 else 1.5)


@pytest.mark.parametrize(("kind", "suffix"), [(np.float64, ""), (np.float32, "_f4")], ids=["float64", "float32"])
def test_the_logarithm_of_a_sum_over_its_largest_term_is_off_by_little_more_than_a_unit(
    kind: type[np.floating[Any]], suffix: str
) -> None:
    function = helpers("numba")[f"log_over{suffix}"]
    rng = np.random.default_rng(0)
    ratios = [0.0, 0.5, 1.0, *np.exp(rng.uniform(-40, 8, 200)), *rng.uniform(0.3, 0.6, 300), *rng.uniform(0, 20, 200)]
    for ratio in ratios:
        top = kind(np.exp(rng.uniform(-5, 5)))
        others = kind(top * kind(ratio))
        for lacking in (0.0, 1.0, -1.0):
            lacks = [kind(lacking * np.spacing(top)), kind(-lacking * np.spacing(others))]
            with workprec(120):
                total = [mpf(float(x)) + mpf(float(more)) for x, more in zip((top, others), lacks, strict=True)]
                exact = log1p(total[1] / total[0])
                error = abs(mpf(float(function(top, others, *lacks))) - exact)
            assert error <= 1.3 * float(np.spacing(abs(kind(exact))))


@pytest.mark.parametrize("first", [(0, 1), (0, 3, 4), (2, 6, 7)])
def test_small_terms_beside_a_few_large_ones_keep_the_promise_over_many_rows(first: tuple[int, ...]) -> None:
    pytest.importorskip("numba")
    z = np.random.default_rng(1).normal(-36, 1, (400, 10))
    z[:, list(first)] = np.random.default_rng(2).normal(0, 0.1, (400, len(first)))
    exact = np.exp(z.astype(np.longdouble))
    exact /= exact.sum(axis=1, keepdims=True)
    found = derived(SOFTMAX, "p_i")[0].function("numba")(z=z)
    assert (np.abs(found - exact) <= 3.2 * np.spacing(exact.astype(np.float64))).all()


@pytest.mark.parametrize("terms", [[1.0, np.inf], [1.0, np.nan, 2.0], [1e308, 1e308, 1e308, 1e308]], ids=str)
def test_a_sum_that_is_not_finite_is_what_it_was(terms: list[float]) -> None:
    with np.errstate(all="ignore"):
        for _ in range(2):
            found, plain = helpers("numpy")["exact_sum"](np.array(terms), -1), np.sum(terms)
            assert np.array_equal(found, plain, equal_nan=True)
            terms = [*terms, 1.0, 1.0]


def test_the_sum_of_a_million_exponentials_keeps_its_digits() -> None:
    terms = np.exp(np.random.default_rng(0).normal(0, 3, 1_000_000))
    assert units(helpers("numpy", GRADIENT)["row_sum"](terms)[0], terms) <= 1


def test_a_compiler_of_arrays_leaves_the_leading_digits_apart() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    terms = np.exp(np.random.default_rng(0).normal(0, 1, 10_001))
    lead, rest = jax.jit(helpers("jax", GRADIENT)["sum_parts"])(terms)
    assert float(rest[0]) != 0
    assert units(lead[0] + rest[0], terms) <= 1


@pytest.mark.parametrize("target", ["numpy", "numba", "torch", "jax"])
@pytest.mark.parametrize("size", [3, 20, 60])
def test_products_of_two_shares_are_off_by_little_more_than_their_own_rounding(size: int, target: str) -> None:
    library = pytest.importorskip(target)
    if target == "jax":
        library.config.update("jax_enable_x64", True)
    derivation, subject = derived(SOFTMAX, r"\frac{\partial p_i}{\partial z_j}")
    z = tuple(np.random.default_rng(size).normal(0, 2, size).tolist())
    found = errors(subject, derivation.function(target), {"z": z}, {"K": size})
    assert max(e.ulps for e in found) < 2.6


@pytest.mark.parametrize("target", ["numpy", "numba"])
@pytest.mark.parametrize("size", [9, 16, 20])
def test_a_direction_is_weighed_by_shares_with_and_without_one_above_a_half(size: int, target: str) -> None:
    pytest.importorskip(target)
    rng = np.random.default_rng(3)
    z, v = rng.normal(size=(5, size)), rng.normal(size=(5, size))
    z[np.arange(5), np.arange(5)] += np.array([0.0, 2.9, 3.0, 8.0, 30.0])
    e = np.exp(z.astype(np.longdouble))
    p = e / e.sum(axis=1, keepdims=True)
    assert {bool(row.max() > 0.5) for row in p} == {False, True}
    apart = p[:, None, :] * (v[:, :, None] - v[:, None, :])
    found = derived(ENTROPY, HESSIAN)[0].function(target, along=True)(z=z, v=v)
    units = 2.0**-53 * p * np.abs(apart).sum(axis=2)
    assert (np.abs(found - p * apart.sum(axis=2)) <= 8 * units).all()
