"""Formulas of which a part overflows, underflows or cancels while the value has all its digits."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest
from numeric.promises import MOST, derived, in_batch

from symdl.numeric.accuracy import errors

D_X = r"\frac{\partial f}{\partial x}"
NORM = r"\sqrt{\sum_{j=1}^{K} z_j^2}"
MEAN = r"m = \frac{1}{K}\sum_{j=1}^{K} z_j"
SPREAD = (MEAN, r"f = \frac{1}{K}\sum_{j=1}^{K} (z_j-m)^2")
DEVIATION = (MEAN, r"f = \sqrt{\frac{1}{K}\sum_{j=1}^{K} (z_j-m)^2}")
EQUAL = ((710.47,) * 3, (5e-283,) * 3, (1.0, 1 + 2.0**-52, 1.0), (1e8, 1e8 + 1, 1e8 - 1), (1e153, -1e153, 3.0))
WIDE = ((1e200, 3.0, -1e199), (3e-200, 4e-200, 0.0), (0.0, 1e300, 0.0), (1.0, 2.0, -2.0))
FAR = (-745.1, -720.0, -700.3, -1.0, 0.0, 1.0, 700.3, 709.79, 710.4)

COOLED = (r"p_i = \frac{e^{z_i/t}}{\sum_{j=1}^{K} e^{z_j/t}}",)
COLD = {
    "z": ((300.1, -12.7, 55.3), (1.1, 2.7, -5.3), (30.1, 2.7, -205.3), (9.1, 8.9, -3.3)),
    "t": (0.37, 0.7, 1.7, 1e-2),
    "b": (2.3, 1.3, 3.3, 7.7),
    "y": (1, 0, 0, 1),
}

Numbers = tuple[Any, ...]
Case = tuple[tuple[str, ...], str, dict[str, Numbers]]

CASES: dict[str, Case] = {
    "half an exponential": ((r"f = \frac{e^x}{2}",), "f", {"x": FAR}),
    "an exponential times a number": ((r"f = c e^x",), "f", {"c": (1e-250, -1e-250, 1e250, -1e250) * 2,
                                                             "x": (1000.0, 744.0, -900.0, -1200.5) * 2}),
    "an exponential over a number": ((r"f = \frac{e^x}{c}",), "f", {"c": (1e200, -300.0), "x": (1100.3, 710.0)}),
    "by what it is divided": ((r"f = \frac{e^x}{c}",), r"\frac{\partial f}{\partial c}",
                              {"c": (1e200, -5e-157), "x": (708.4, -710.4)}),
    "zero times an exponential": ((r"f = c e^x",), "f", {"c": (0.0, 0.0), "x": (1000.0, -1000.0)}),
    "a square times an exponential": ((r"f = x^2 e^{-x}",), "f", {"x": (745.1, 720.5, 1e155, 1e300, -700.0)}),
    "products of exponentials": ((r"f = e^a e^b",), "f", {"a": (-708.3359831894372, 700.1), "b": (5.1e-6, 0.3)}),
    "quotients of exponentials": ((r"f = \frac{e^a}{e^b}",), "f", {"a": (-3.271477499247968, 800.3),
                                                                   "b": (-709.951357723011, 799.1)}),
    "a sum of exponentials over a number": ((r"f = \frac{1}{K}\sum_{j=1}^{K} e^{z_j}",), "f",
                                            {"z": ((709.5,) * 3, (-745.0, -744.0, -743.5), (1.0, 2.0, 3.0))}),
    "a density": ((r"f = \frac{1}{\sqrt{2\pi} s} e^{-\frac{(x-m)^2}{2 s^2}}", "s > 0"), "f",
                  {"x": (4.797549273107325, 30.1), "m": (1e-60, 0.2), "s": (0.354284227023914, 0.81)}),
    "a difference of exponentials": ((r"f = e^a-e^b",), "f",
                                     {"a": (1e-163, 3.0, -1.0, 5.0), "b": (2e-292, 3 + 2.0**-50, 5.0, -700.0)}),
    "a hyperbolic sine by exponentials": ((r"f = \frac{e^x - e^{-x}}{2}",), "f", {"x": (-1e-72, 1e-8, 710.4, -710.4)}),
    "an exponential over one less": ((r"f = \log(1-e^x)",), D_X, {"x": (-1e4, -1e-9, 1e-9, 700.0, 710.47, 1e4)}),
    "an exponential over itself and a number": ((r"f = \frac{e^x}{e^x + c}",), "f",
                                                {"x": (1000.0, 709.8, -740.0, 0.3), "c": (3.0, 1e300, 1e-300, 2.0)}),
    "log of one less an exponential": ((r"f = \log(1-e^x)",), "f", {"x": (-1e-300, -1e-9, -0.7, -37.5, -700.0)}),
    "log of one less an exponential of a product": ((r"f = \log(1-e^{-b x})",), "f",
                                                    {"b": (1.8782448063630746, 22.06), "x": (15.884552339076, 0.615)}),
    "log of an exponential less one": ((r"f = \log(e^x-1)",), "f", {"x": (1e-300, 1e-9, 1.5, 37.5, 1e4)}),
    "log of a difference of exponentials": ((r"f = \log(e^a-e^b)",), "f", {"a": (800.0, 1e150, -5.0, 2.0),
                                                                           "b": (799.0, 3.0, -710.4, 2 - 1e-12)}),
    "a share at a temperature": (COOLED, "p_i", COLD),
    "the slope of a share at a temperature": (COOLED, r"\frac{\partial p_i}{\partial z_j}", COLD),
    "a loss at a temperature": ((*COOLED, r"L = -\log p_y"), "L", COLD),
    "the slope of a loss at a temperature": ((*COOLED, r"L = -\log p_y"), r"\frac{\partial L}{\partial z_i}", COLD),
    "shares of products": ((r"p_i = \frac{e^{b z_i}}{\sum_{j=1}^{K} e^{b z_j}}",), "p_i", COLD),
    "log cosh": ((r"f = \log\cosh x",), "f", {"x": (1e-160, 1e-8, 0.3, 0.99, 1.01, -20.0, 1e4)}),
    "log sinh": ((r"f = \log\sinh x",), "f", {"x": (1e-300, 0.1, 3.0, 1e4)}),
    "the slope of log sinh": ((r"f = \log\sinh x",), D_X, {"x": (1e-300, 0.1, -3.0, 1e4, -1e300)}),
    "the inverse of cosh": ((r"f = \frac{1}{\cosh x}",), "f", {"x": (0.0, 1e-9, -30.0, 710.0, 745.0)}),
    "the slope of the inverse of cosh": ((r"f = \frac{1}{\cosh x}",), D_X, {"x": (1e-300, -0.3, 708.0, -740.0, 1e5)}),
    "log of a product": ((r"f = \log(a b)",), "f", {"a": (1e200, -1e-200, 1e-300, 3.0, -2.0),
                                                    "b": (1e200, -1e-200, 1e10, 0.7, -5.0)}),
    "log of a square times a number": ((r"f = \log(a^2 b)",), "f", {"a": (1e200, 1e-158, -3.0),
                                                                    "b": (3.0, 746.0, 2.0)}),
    "log of a quotient": ((r"f = \log\frac{a}{b}",), "f", {"a": (1e-239, 1e300, 1.0), "b": (1e100, 1e-300, 1 - 1e-9)}),
    "log of a long product": ((r"f = \log\prod_{j=1}^{K} z_j",), "f",
                              {"z": ((1e247,) * 3, (1e-58, 1e-180, 1e-82), (2.0, 3.0, 5.0))}),
    "a hypotenuse": ((r"f = \sqrt{x^2+y^2}",), "f", {"x": (3e200, 3e-200, 1.0, 5e-324),
                                                     "y": (4e200, 4e-200, 0.0, 0.0)}),
    "the slope of a hypotenuse": ((r"f = \sqrt{x^2+y^2}",), D_X, {"x": (3e200, 3e-200, -1.0),
                                                                  "y": (4e200, 4e-200, 1e-300)}),
    "a norm": ((f"f = {NORM}",), "f", {"z": WIDE}),
    "a unit vector": ((rf"u_i = \frac{{z_i}}{{{NORM}}}",), "u_i", {"z": WIDE}),
    "a root mean square": ((r"f = \sqrt{\frac{1}{K}\sum_{j=1}^{K} z_j^2}",), "f", {"z": WIDE}),
    "a variance": (SPREAD, "f", {"z": EQUAL}),
    "a variance by squares": ((MEAN, r"f = \frac{1}{K}\sum_{j=1}^{K} z_j^2 - m^2"), "f", {"z": EQUAL}),
    "the slope of a variance": (SPREAD, r"\frac{\partial f}{\partial z_i}", {"z": EQUAL}),
    "a deviation": (DEVIATION, "f", {"z": (*EQUAL[2:], (1e200, 3.0, 2e200))}),
    "the slope of a deviation": (DEVIATION, r"\frac{\partial f}{\partial z_i}",
                                 {"z": (*EQUAL[2:], (1e200, 3.0, 2e200))}),
    "labels far from a sum of 1": ((r"f = \log\sum_{j=1}^{K} e^{z_j} - \sum_{k=1}^{K} y_k z_k",), "f",
                                   {"z": ((1e-47, 2e-50, 1e-60), (1e8, 1e8 + 1, 1e8), (100.0, 0.0, 3.0)),
                                    "y": ((3e180, 1.0, 0.0), (0.25, 0.5, 0.25), (0.0, 1e200, 0.0))}),
    "a label far from 0 and 1": ((r"a = \frac{1}{1+e^{-x}}", r"f = -y\log a - (1-y)\log(1-a)"), "f",
                                 {"x": (1e-168, -3e-31, 6e-77, 3.0), "y": (2.6e216, 4.9e39, -1.1e72, 1e10)}),
    "a root less a number": ((r"f = \sqrt{1+x^2} - 1",), "f", {"x": (1e-160, 1e-9, -1e-3, 0.1, 1.0, 10.0, 1e200)}),
    "a root less a letter": ((r"f = \sqrt{x^2+c^2} - c",), "f", {"x": (1e-9, 1e-9, -0.3, 1e-9, 3e200),
                                                                 "c": (1.0, -1.0, 0.7, 1e-12, 4e200)}),
    "a root less another": ((r"f = \sqrt{x+1} - \sqrt{x}",), "f", {"x": (0.0, 1e-9, 1.0, 1e5, 1e12)}),
    "a loss that is square near 0 and linear far from it": (
        (r"f = d^2 (\sqrt{1 + (\frac{x}{d})^2} - 1)", "d > 0"), "f",
        {"x": (1e-9, -1e-3, 0.1, 1.0, 10.0), "d": (0.3, 1.0, 0.7, 0.3, 2.0)}),
    "its slope": ((r"f = d^2 (\sqrt{1 + (\frac{x}{d})^2} - 1)", "d > 0"), D_X,
                  {"x": (1e-9, -1e-3, 0.1, 1e200, -1e200), "d": (0.3, 1.0, 0.7, 0.3, 1e-9)}),
    "a power over a power": ((r"f = \frac{a^3}{b^3}",), "f", {"a": (1e110, 1e-110, -1.3), "b": (1e109, 1e-109, 0.7)}),
    "powers over powers": ((r"f = \frac{a^4 c^2}{3 b^2 d^3}",), "f",
                           {"a": (1e80, 1.3), "b": (1e160, 0.7), "c": (1e154, 2.1), "d": (1e102, 0.3)}),
}  # fmt: skip
"""A formula, what is found, and the arguments of each point."""

COMPILED = (
    "an exponential times a number",
    "a difference of exponentials",
    "log cosh",
    "log of a product",
    "log of a long product",
    "a unit vector",
    "the slope of a deviation",
    "a label far from 0 and 1",
    "the slope of a loss at a temperature",
)
"""What is looked at in loops too, which take seconds to compile."""


def _points(columns: dict[str, Numbers]) -> list[dict[str, Any]]:
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


@pytest.mark.parametrize(
    ("name", "target"), [*((n, "numpy") for n in CASES), *((n, "numba") for n in COMPILED)], ids=str
)
def test_a_value_has_its_digits_where_a_part_of_the_formula_has_none(name: str, target: str) -> None:
    pytest.importorskip(target)
    given, find, columns = CASES[name]
    derivation, subject = derived(given, find)
    alone = derivation.function(target)
    for function in (alone, in_batch(alone, 5)):
        for point in _points(columns):
            sizes = {str(s.name): 3 for s in subject.sizes}
            asked = {n: a for n, a in point.items() if n in subject.inputs}
            for found in errors(subject, _with_sizes(function, alone, sizes), asked, sizes):
                assert found.ulps <= MOST, found


def _with_sizes(function: Any, alone: Any, sizes: dict[str, int]) -> Any:
    """The function with the sizes that it asks for, which are no arrays."""
    wanted = {n: k for n, k in sizes.items() if n in inspect.signature(alone).parameters}
    return lambda **arguments: function(**arguments, **wanted)


@pytest.mark.parametrize("target", ["numpy", "numba", "torch", "jax"])
def test_a_difference_of_exponentials_that_vanish_is_0(target: str) -> None:
    pytest.importorskip(target)
    function = derived((r"f = e^a-e^b",), "f")[0].function(target)
    ends = [(-math.inf, -math.inf), (-math.inf, 0.0), (0.0, -math.inf), (math.inf, math.inf)]
    assert [float(function(a=a, b=b)) for a, b in ends] == pytest.approx([0.0, -1.0, 1.0, math.nan], nan_ok=True)
    a, b = np.array(ends).T.copy()
    assert np.asarray(function(a=a, b=b)) == pytest.approx([0.0, -1.0, 1.0, math.nan], nan_ok=True)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("target", ["numpy", "numba", "torch"])
def test_equal_exponentials_that_overflow_differ_by_0_and_others_by_infinity(target: str, kind: type) -> None:
    pytest.importorskip(target)
    function = derived((r"f = e^a-e^b",), "f")[0].function(target)
    a, b = np.array([(1500.0, 1500.0), (200.0, 200.0), (1500.0, 1499.0), (1e4, 1e4)], kind).T.copy()
    wanted = [0.0, 0.0, math.inf, 0.0]
    assert np.asarray(function(a=a, b=b)).tolist() == wanted
    assert [float(function(a=x, b=y)) for x, y in zip(a, b, strict=True)] == wanted


@pytest.mark.parametrize("target", ["numpy", "numba", "torch", "jax"])
@pytest.mark.parametrize(
    ("find", "arguments"),
    [
        (r"\log(a b)", {"a": -1e200, "b": 1e200}),
        (r"\log(a b)", {"a": -1e-200, "b": 1e-200}),
        (r"\log(a b)", {"a": -math.inf, "b": 1.5}),
        (r"\log\frac{a}{b}", {"a": -1e-200, "b": 1e200}),
        (r"\log\frac{a b}{c}", {"a": 1e200, "b": 1e200, "c": -1e-5}),
        (r"\log(e^a-e^b)", {"a": 1.0, "b": 2.0}),
        (r"\log(1-e^a)", {"a": 0.5}),
    ],
    ids=str,
)
def test_the_logarithm_of_what_is_negative_stays_undefined(find: str, arguments: Any, target: str) -> None:
    library = pytest.importorskip(target)
    if target == "jax":
        library.config.update("jax_enable_x64", True)
    function = derived((f"f = {find}",), "f")[0].function(target)
    assert math.isnan(float(function(**arguments)))
    assert np.isnan(np.asarray(function(**{n: np.full(4, a) for n, a in arguments.items()}))).all()


def test_a_whole_number_beside_real_ones_is_rounded_with_them() -> None:
    pytest.importorskip("numba")
    given, find, _ = CASES["the slope of a deviation"]
    function = derived(given, find)[0].function("numba")
    z = np.random.default_rng(0).normal(size=(40, 3))
    assert function(z=z) == pytest.approx(derived(given, find)[0].function()(z=z), rel=1e-13)


@pytest.mark.parametrize("size", [9e14, 9e17, 2e-18])
def test_the_norm_of_many_numbers_of_single_precision_is_finite(size: float) -> None:
    function = derived((f"f = {NORM}",), "f")[0].function()
    assert function(z=np.full(1000, size, np.float32)) == pytest.approx(size * math.sqrt(1000), rel=1e-6)
