"""Figures are made, the same each time, and graphs hold the right numbers."""

from __future__ import annotations

import pytest
from curvature.documents import derivations
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, diff, exp

from symdl.language import scalar
from symdl.language.functions.relu import ReLU
from symdl.plot import figures, graph_of, save
from symdl.plot.figures import family_figure, graph_figure, through_time
from symdl.plot.values import NoPictureError

a, b, c, x, y, z = (scalar(n) for n in "abcxyz")


@pytest.mark.parametrize(
    ("given_", "asked", "name"),
    [
        (r"f(x, y) = x^2 + 3 y^2", "f(x, y)", "contours"),
        (r"f(x) = x^3 - 3 x", "f(x)", "curve"),
        (r"f(x) = |x - 1| + x^2", "f(x)", "curve"),
    ],
)
def test_a_function_has_a_picture_that_does_not_change(given_: str, asked: str, name: str) -> None:
    (derivation,) = derivations(given_, asked)
    first, second = (save(derivation.plot()[name], "svg") for _ in range(2))
    assert first == second and first.startswith(b"<?xml")
    assert save(figures(derivation)[name], "pdf").startswith(b"%PDF")


def test_three_variables_have_no_picture() -> None:
    (derivation,) = derivations(r"f(x, y, z) = x^2 + y^2 + z^2", "f(x, y, z)")
    with pytest.raises(NoPictureError, match="3 variables"):
        figures(derivation)


@pytest.mark.parametrize("kind", ["sigmoid", "softmax"])
def test_families_of_functions_are_drawn(kind: str) -> None:
    assert save(family_figure(kind), "svg")


def test_gradients_through_time_are_drawn() -> None:
    assert save(through_time((0.5, 1.0, 1.5)), "svg")


def test_the_graph_of_a_sigmoid_carries_its_derivative_back() -> None:
    graph = graph_of(1 / (1 + exp(-z)), {z: Integer(3)})
    assert "0.9526" in graph.text() and "0.0452" in graph.text()
    assert save(graph_figure(graph), "svg")


def test_a_rectifier_passes_its_input_s_weights_back() -> None:
    at = {a: Integer(2), x: Integer(3), b: Integer(-1), y: Integer(2), c: Integer(1)}
    graph = graph_of(ReLU(a * x + b * y + c), at)
    backward = {g.sign: g.backward for g in graph.gates if not g.inputs}
    assert backward == {"a": 3, "x": 2, "b": 2, "y": -1, "c": 1}


def test_a_kink_at_the_numbers_is_said() -> None:
    with pytest.raises(NoPictureError, match="kink"):
        graph_of(ReLU(x), {x: Integer(0)})


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(-5, 5), st.integers(-5, 5))
def test_what_flows_back_to_an_input_is_its_partial_derivative(p: int, q: int) -> None:
    f = x**4 - 32 * x**2 + y**4 - 18 * y**2 + x * y**2
    graph = graph_of(f, {x: Integer(p), y: Integer(q)})
    backward = {g.sign: g.backward for g in graph.gates if not g.inputs}
    for v in (x, y):
        assert backward[str(v)] == diff(f, v).xreplace({x: Integer(p), y: Integer(q)})
