"""Figures are made, the same each time, and graphs hold the right numbers."""

from __future__ import annotations

import pytest
from curvature.documents import derivations
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, diff, exp

from symdl.language import scalar
from symdl.language.functions.relu import ReLU
from symdl.plot import NoPictureError, figures, graph_of, pictures, save
from symdl.plot.network import network
from symdl.problem import Derivation, Givens
from symdl.read import read_text
from symdl.solve import attempt

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


def test_a_picture_shows_what_the_domain_and_the_constraints_leave() -> None:
    (derivation,) = derivations([r"f(x, y) = x + y", r"x^2 + y^2 = 2", r"x \ge 0"], "f(x, y)")
    labels = derivation.plot()["contours"].axes[0].get_legend_handles_labels()[1]
    assert {"constraint", "edge of the domain", "local minimum", "local maximum"} <= set(labels)
    axes = derivation.plot()["contours"].axes[0]
    dashed = next(c for c in axes.collections if _is_dashed(c))
    xs = [v[0] for path in dashed.get_paths() for v in path.vertices]
    assert xs and min(xs) >= 0


def _is_dashed(collection: object) -> bool:
    return any(dash is not None for _, dash in collection.get_linestyle())  # type: ignore[attr-defined]


def test_a_bounded_domain_is_seen_whole() -> None:
    (derivation,) = derivations([r"f(x, y) = x^2 + 2 y^2 - x", r"x^2 + y^2 \le 1"], "f(x, y)")
    axes = derivation.plot()["contours"].axes[0]
    assert axes.get_xlim()[0] < -1 and axes.get_xlim()[1] > 1


def test_at_the_end_of_an_interval_the_derivative_is_not_marked_as_zero() -> None:
    (derivation,) = derivations([r"f(x) = x^3 - 3 x", r"0 \le x \le 3"], "f(x)")
    below = derivation.plot()["curve"].axes[1]
    assert [tuple(line.get_xdata()) for line in below.lines if line.get_marker() in ("v", "^")] == [(1.0,)]


def first(given: list[str], heading: str, asked: str) -> Derivation:
    """The first derivation of a document."""
    text = "\n\n".join(["# Problem", "## Given", *(f"$${g}$$" for g in given), f"## {heading}", f"$${asked}$$", ""])
    (problem,) = read_text(text, "test.md")
    return attempt(problem).derivations[0]


RECURRENCE = r"h_t = w h_{t-1} + u x_t, \qquad t = 1, \dots, T, \qquad h_0 \text{ constant}"
SOFTMAX = r"p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}, \qquad i = 1, \dots, K"


@pytest.mark.parametrize(
    ("given_", "heading", "asked", "name", "words"),
    [
        ([r"f(x) = x^4 + a x^2"], "Classify", "f(x)", "curve", "derivative"),
        ([r"f(x, y) = (x y - c)^2", "c > 0"], "Classify", "f(x, y)", "contours", "for $c = 1$"),
        ([r"f(x, y) = x y", r"x^2 + y^2 = 2"], "Classify", "f(x, y)", "contours", "critical points"),
        ([r"f(w) = \max(0, 1 - w) + \max(0, 1 + w)"], "Classify", "f(w)", "curve", "critical points"),
        ([r"a = \sigma(k z)", "k > 0"], "Find", r"\frac{\partial a}{\partial z}", "curve", "$a$ over $z$"),
        ([SOFTMAX], "Find", r"\frac{\partial p_i}{\partial z_k}", "curve", "$z_2 = 0$, $z_3 = 1$"),
        ([RECURRENCE], "Find", r"\frac{\partial h_T}{\partial h_k}", "time", "recurrent weights"),
        (
            [r"f = \frac{1}{1 + e^{-z}}, \qquad z = 3"],
            "Evaluate",
            r"\frac{\partial f}{\partial z}",
            "graph",
            "flows back",
        ),
    ],
)
def test_a_document_has_this_picture(given_: list[str], heading: str, asked: str, name: str, words: str) -> None:
    (picture,) = pictures(first(given_, heading, asked))
    assert picture.name == name and words in picture.caption
    assert save(picture.figure, "svg").startswith(b"<?xml")


@pytest.mark.parametrize(
    ("given_", "heading", "asked", "words"),
    [
        ([r"f(x) = x^2"], "Find", r"\frac{\partial^2 f}{\partial x^2}", "once"),
        ([r"L = \sum_{i=1}^{n} (\theta_i - c_i)^2"], "Classify", r"L(\theta)", "symbolic number"),
        ([r"f = \mathrm{ReLU}(x), \qquad x = 0"], "Evaluate", "f", "kink"),
    ],
)
def test_what_has_no_picture_is_said(given_: list[str], heading: str, asked: str, words: str) -> None:
    with pytest.raises(NoPictureError, match=words):
        pictures(first(given_, heading, asked))


def test_three_variables_have_no_picture() -> None:
    (derivation,) = derivations(r"f(x, y, z) = x^2 + y^2 + z^2", "f(x, y, z)")
    with pytest.raises(NoPictureError, match="3 variables"):
        figures(derivation)


def test_the_graph_of_a_sigmoid_carries_its_derivative_back() -> None:
    graph = graph_of(1 / (1 + exp(-z)), {z: Integer(3)})
    forward, backward = graph.lines(Givens())
    assert "0.9526" in forward and "0.0452" in backward
    assert save(network(graph), "svg")


def test_a_rectifier_passes_its_input_s_weights_back() -> None:
    at = {a: Integer(2), x: Integer(3), b: Integer(-1), y: Integer(2), c: Integer(1)}
    graph = graph_of(ReLU(a * x + b * y + c), at)
    backward = {g.label.strip("$"): g.backward for g in graph.gates if not g.inputs}
    assert backward == {"a": 3, "x": 2, "b": 2, "y": -1, "c": 1}


def test_a_kink_at_the_numbers_is_said() -> None:
    with pytest.raises(NoPictureError, match="kink"):
        graph_of(ReLU(x), {x: Integer(0)})


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(-5, 5), st.integers(-5, 5))
def test_what_flows_back_to_an_input_is_its_partial_derivative(p: int, q: int) -> None:
    f = x**4 - 32 * x**2 + y**4 - 18 * y**2 + x * y**2
    graph = graph_of(f, {x: Integer(p), y: Integer(q)})
    backward = {g.label.strip("$"): g.backward for g in graph.gates if not g.inputs}
    for v in (x, y):
        assert backward[str(v)] == diff(f, v).xreplace({x: Integer(p), y: Integer(q)})
