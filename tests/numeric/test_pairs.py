"""Formulas of many steps keep what each step rounds away, and labels are taken from shares without losing digits."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numeric.promises import ENTROPY, MOST, PROMISES, derived
from numeric.promises import _scale as unit_of
from sympy import Add

from symdl.language import scalar
from symdl.numeric import generate
from symdl.numeric.accuracy import errors
from symdl.problem import Givens

POINTS: list[tuple[str, dict[str, Any]]] = [
    ("tanh, first derivative", {"z": -2.4220311312220693}),
    ("tanh, second derivative", {"z": -2.41386485783007}),
    ("tanh by exponentials, second derivative", {"z": -2.4138648855228944}),
    ("sigmoid, first derivative", {"z": 3.4241478218104633}),
    ("sigmoid, second derivative", {"z": -17.369030869718216}),
    ("SiLU, first derivative", {"z": -4.775685142414119}),
    ("SiLU, second derivative", {"z": 4.131150008814481}),
    ("SiLU, second derivative", {"z": -2.6838102195421762}),
    ("tanh", {"z": 19.056093670781507}),
    ("Gaussian KL, by log-variance", {"ell": -0.2874672700373493}),
    ("SiLU by exponentials, first derivative", {"z": -2.0665009564616375}),
    ("SiLU by exponentials, second derivative", {"z": -4.130046224138268}),
    ("SiLU by exponentials, second derivative", {"z": -309.3289196289827}),
    ("BCE with logits, soft labels, first derivative", {"z": -1.2658746603332636, "y": 0.10019871712616289}),
    ("Gaussian KL by deviation", {"s": 0.4033750171239447, "mu": -1.9848923534275002e-05}),
    (
        "KL of two Gaussians",
        {"s_1": 0.400074496903947, "s_2": 1.0013376414978978, "mu_1": -0.009269931039040918, "mu_2": -2.07175e-06},
    ),
    ("KL of two Gaussians, by first deviation", {"s_1": 1.0019690369384666, "s_2": 32.22435044690092}),
    (
        "KL of two Gaussians, by second deviation",
        {"s_1": 0.00456918401068778, "s_2": 1.618146612530336, "mu_1": 0.2094638733103586, "mu_2": 32.99384249755076},
    ),
    (
        "KL of two Gaussians, twice by second deviation",
        {"s_1": 1.8774358036510377, "s_2": 16.363808043353693, "mu_1": 13.29113926969602, "mu_2": 1.1584693e-08},
    ),
    (
        "cross-entropy, soft labels, gradient",
        {"z": (2.0932280814108437, 0.015929962550434437), "y": (0.9388167564235744, 0.061183243576425454)},
    ),
    (
        "cross-entropy, soft labels, gradient",
        {
            "z": (-0.6463368518242563, 0.8164792612494001, -0.5606340345005715),
            "y": (0.2865062681927763, 0.6408348255912646, 0.07265890621595911),
        },
    ),
]
"""Points beside the grid, found by climbing on the error, at which products that are rounded at each step miss it."""


COMPILED = [p for p in POINTS if p[0] in ("SiLU, second derivative", "cross-entropy, soft labels, gradient")]
TRACED = [p for p in POINTS if p[0] in ("tanh", "tanh, second derivative", "Gaussian KL, by log-variance")]


@pytest.mark.parametrize(
    ("target", "name", "point"),
    [(t, *p) for t in ("numpy", "torch") for p in POINTS]
    + [("numba", *p) for p in COMPILED]
    + [("jax", *p) for p in TRACED],
    ids=lambda p: p if isinstance(p, str) else "",
)
def test_the_promise_holds_beside_the_grid(target: str, name: str, point: dict[str, Any]) -> None:
    library = pytest.importorskip(target)
    if target == "jax":
        library.config.update("jax_enable_x64", True)
    promise = next(p for p in PROMISES if p.name == name)
    derivation, subject = derived(promise.given, promise.find)
    sizes = {str(s.name): len(point["z"]) for s in subject.sizes}
    arguments = {n: point[n] for n in subject.inputs}
    scale = unit_of(promise, point, "float64", sizes)
    found = errors(subject, derivation.function(target), arguments, sizes, "float64", scale)
    assert max(e.ulps for e in found) <= MOST


LINES: dict[str, tuple[tuple[str, ...], str]] = {
    "the logistic function of a difference": ((r"f = \frac{1}{1+e^{a-b}}",), "f"),
    "the logistic function of a line": ((r"f = \sigma(w x + b)",), "f"),
    "its slope": ((r"f = \sigma(w x + b)",), r"\frac{\partial f}{\partial w}"),
    "the softplus of a product": ((r"f = \log(1+e^{b x})",), "f"),
    "an exponential of a product less 1": ((r"f = e^{b x} - 1",), "f"),
    "a scaled SiLU": ((r"f = x\sigma(b x)",), "f"),
    "a loss of a line": ((r"p = \sigma(w x + b)", r"f = -y\log p - (1-y)\log(1-p)"), "f"),
    "the slope of that loss": (
        (r"p = \sigma(w x + b)", r"f = -y\log p - (1-y)\log(1-p)"),
        r"\frac{\partial f}{\partial w}",
    ),
}
"""Functions with the tail of an exponential, of what is rounded before."""


@pytest.mark.parametrize(
    ("name", "target"),
    [*((n, "numpy") for n in LINES), ("its slope", "numba"), ("the slope of that loss", "numba")],
    ids=str,
)
def test_the_rounding_of_an_exponent_is_not_multiplied_by_its_size(name: str, target: str) -> None:
    pytest.importorskip(target)
    derivation, subject = derived(*LINES[name])
    function, rng = derivation.function(target), np.random.default_rng(0)
    for _ in range(40):
        point = {n: float(rng.integers(0, 2) if n == "y" else rng.uniform(-24, 24)) for n in subject.inputs}
        assert max(e.ulps for e in errors(subject, function, point, {})) <= 2, point


SHARED = r"p_i = \frac{e^{z_i/\tau}}{\sum_{j=1}^{K} e^{z_j/\tau}}", r"\tau > 0"
ATTENTION = r"a_i = \frac{e^{q k_i}}{\sum_{j=1}^{K} e^{q k_j}}", r"o = \sum_{i=1}^{K} a_i v_i"
SUMS: dict[str, tuple[tuple[str, ...], str, dict[str, Any]]] = {
    "shares by a temperature": (
        SHARED,
        r"\frac{\partial p_i}{\partial \tau}",
        {"z": (-14.342927457053742, 4.5002324544421155), "tau": 0.099825248449126},
    ),
    "a loss by a temperature": (
        (*SHARED, r"L = -\log p_y"),
        r"\frac{\partial L}{\partial \tau}",
        {"z": (8.37, 21.91), "tau": 0.0713, "y": 1},
    ),
    "attention by a query": (
        ATTENTION,
        r"\frac{\partial o}{\partial q}",
        {"q": 13.737, "k": (17.313, 4.771), "v": (2.71, 11.3)},
    ),
}
"""Sums of shares whose exponents are rounded and far apart: to rounded shares they are off by that many units."""


@pytest.mark.parametrize("target", ["numpy", "numba", "torch", "jax"])
@pytest.mark.parametrize("name", SUMS)
def test_sums_of_shares_keep_what_their_exponents_lack(name: str, target: str) -> None:
    library = pytest.importorskip(target)
    if target == "jax":
        library.config.update("jax_enable_x64", True)
    given, find, point = SUMS[name]
    derivation, subject = derived(given, find)
    found = errors(subject, derivation.function(target), {n: point[n] for n in subject.inputs}, {"K": 2})
    assert max(e.ulps for e in found) <= MOST


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-30, 30), st.floats(0.01, 1)), min_size=2, max_size=9))
def test_a_label_taken_from_a_share_leaves_all_digits(rows: list[tuple[float, float]]) -> None:
    total = math.fsum(w for _, w in rows)
    z, y = tuple(x for x, _ in rows), tuple(w / total for _, w in rows)
    derivation, subject = derived(ENTROPY, r"\frac{\partial L}{\partial z_i}")
    promise = next(p for p in PROMISES if p.name == "cross-entropy, soft labels, gradient")
    arguments, sizes = {"z": z, "y": y}, {"K": len(z)}
    scale = unit_of(promise, arguments, "float64", sizes)
    assert max(e.ulps for e in errors(subject, derivation.function(), arguments, sizes, "float64", scale)) <= 2


# What is kept


@cache
def _pair_helpers() -> dict[str, Any]:
    promise = next(p for p in PROMISES if p.name == "KL of two Gaussians")
    return dict(derived(promise.given, promise.find)[0].function().__globals__)


NUMBERS = st.floats(2.0**-300, 2.0**300).flatmap(lambda x: st.sampled_from([x, -x]))


@settings(max_examples=200, deadline=None)
@given(NUMBERS, NUMBERS, st.sampled_from([np.float64, np.float32]))
def test_a_product_and_what_it_lacks_miss_it_by_less_than_a_thousandth_of_a_unit(
    a: float, b: float, kind: type[np.floating[Any]]
) -> None:
    x, y = kind(math.frexp(a)[0]), kind(math.frexp(b)[0])
    upper = _pair_helpers()["upper"]
    tail = _pair_helpers()["product_tail"](x, y, x * y, upper(x), upper(y))
    left = Fraction(float(x)) * Fraction(float(y)) - Fraction(float(x * y)) - Fraction(float(tail))
    assert abs(left) <= Fraction(float(np.spacing(abs(x * y)))) / 1000


@settings(max_examples=200, deadline=None)
@given(NUMBERS, st.sampled_from([np.float64, np.float32]))
def test_products_of_upper_halves_are_exact(a: float, kind: type[np.floating[Any]]) -> None:
    x = kind(math.frexp(a)[0])
    high = _pair_helpers()["upper"](x)
    assert Fraction(float(high * high)) == Fraction(float(high)) ** 2
    assert abs(x - high) <= abs(x) * 2.0 ** (-25 if kind is np.float64 else -11)


@settings(max_examples=200, deadline=None)
@given(NUMBERS, NUMBERS)
def test_a_sum_and_what_it_lacks_are_exact(a: float, b: float) -> None:
    tail = _pair_helpers()["lost_by"](np.array(a), np.array(b))
    assert Fraction(a) + Fraction(b) == Fraction(a + b) + Fraction(float(tail))


@pytest.mark.parametrize("value", [math.inf, -math.inf, 1e308, 5e-324, 0.0])
def test_what_is_not_known_is_not_added(value: float) -> None:
    for lost in (math.inf, math.nan):
        assert _pair_helpers()["with_tail"](np.array(value), np.array(lost)) == value


@pytest.mark.parametrize("s", [1e-90, 1e-160, 1e160])
def test_what_overflows_on_the_way_is_what_it_was(s: float) -> None:
    promise = next(p for p in PROMISES if p.name == "KL of two Gaussians, by first deviation")
    found = derived(promise.given, promise.find)[0].function()(s_1=np.array([s]), s_2=np.array([3.0 * s]))
    with np.errstate(all="ignore"):
        s_1, s_2 = np.float64(s), np.float64(3 * s)
        plain = -((s_1 + s_2) * (s_2 - s_1) / (s_1 * s_2**2))
    assert found[0] == pytest.approx(plain, rel=1e-12, nan_ok=True)


# Where nothing is kept


@pytest.mark.parametrize("name", ["sigmoid", "SiLU", "softplus", "cross-entropy, Hessian", "Gaussian KL, by deviation"])
def test_a_formula_of_few_roundings_stays_as_it_is(name: str) -> None:
    promise = next(p for p in PROMISES if p.name == name)
    assert "with_tail" not in derived(promise.given, promise.find)[0].source()


def test_a_formula_of_very_many_steps_stays_as_it_is() -> None:
    x = [scalar(f"x{n}") for n in range(60)]
    assert "with_tail" in generate(Add(*(a * b for a, b in pairwise(x[:9]))), (), Givens()).source
    assert "with_tail" not in generate(Add(*(a * b for a, b in pairwise(x))), (), Givens()).source
