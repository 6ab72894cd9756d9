"""A sample of the unseen problems, and that the sample cannot shrink unnoticed."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np
import pytest

from unseen import harness
from unseen.differences import Draw, Find, derivative, difference
from unseen.references import REFERENCES

DOCUMENTS = sorted(path.stem for path in harness.PROBLEMS.glob("*.md"))

MUST_BE_RIGHT = [
    "bilinear",
    "convolution",
    "discounted-return",
    "elu",
    "focal-loss",
    "gaussian-nll",
    "gelu",
    "gru-step",
    "hellinger",
    "hinge",
    "huber",
    "l2-normalisation",
    "label-smoothing",
    "laplace",
    "log-sum-exp",
    "log-sum-exp-shift",
    "lstm-step",
    "margin-ranking",
    "mish",
    "multiclass-hinge",
    "negative-binomial",
    "neuron-numbers",
    "pinball",
    "planar-flow",
    "poisson-regression",
    "policy-gradient",
    "preference-optimisation",
    "probit",
    "rbf-kernel",
    "renyi",
    "residual-block",
    "ridge",
    "rms-norm",
    "softmax-entropy",
    "softmax-temperature",
    "softplus",
    "softplus-identity",
    "softsign",
    "sparse-code",
    "squared-hinge",
    "student-t",
    "swish",
    "tsallis",
]
"""Problems that are right and quick; a name is added when it becomes right, and never taken away."""


def test_every_problem_has_a_reference_and_every_reference_a_problem() -> None:
    assert sorted(REFERENCES) == DOCUMENTS


def test_there_are_at_least_forty_problems() -> None:
    assert len(DOCUMENTS) >= 40


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_reference_gives_finite_derivatives(name: str) -> None:
    reference = REFERENCES[name]
    inputs = reference.inputs(Draw(2), 2)
    for find in reference.finds:
        assert np.all(np.isfinite(derivative(find, inputs)))


@pytest.mark.parametrize(
    ("find", "expected"),
    [
        (Find(lambda x: x**3, ("x",)), 12.0),
        (Find(lambda x: x**3, ("x", "x")), 12.0),
        (Find(lambda x: mpmath.exp(x)), np.exp(2.0)),
    ],
    ids=["first", "second", "value"],
)
def test_central_differences_give_the_derivative(find: Find, expected: float) -> None:
    assert difference(derivative(find, {"x": 2.0}), np.array(expected)) == ""


def test_mixed_differences_have_one_axis_for_each_variable() -> None:
    found = derivative(Find(lambda x, y: np.sum(x) ** 2 * y, ("x", "y")), {"x": np.array([1.0, 2.0]), "y": 5.0})
    assert difference(found, np.array([6.0, 6.0])) == ""


@pytest.mark.parametrize(
    ("actual", "message"),
    [(1.0, "shape"), ([1.0, 2.1], "off by"), ([1.0, np.inf], "not finite"), ([1.0, 2.0], "")],
)
def test_a_difference_is_said_in_words(actual: object, message: str) -> None:
    found = difference(actual, np.array([1.0, 2.0]))
    assert found.startswith(message) and bool(found) == bool(message)


def stable(theta: np.ndarray, r: np.ndarray) -> np.ndarray:
    e = np.exp(theta - theta.max())
    p = e / e.sum()
    return p * (r - p @ r)


def overflowing(theta: np.ndarray, r: np.ndarray) -> np.ndarray:
    p = np.exp(theta) / np.exp(theta).sum()
    return p * (r - p @ r)


def without_the_cross_terms(theta: np.ndarray, r: np.ndarray) -> np.ndarray:
    p = np.exp(theta) / np.exp(theta).sum()
    return p * (1 - p) * r


def with_one_input_more(theta: np.ndarray, r: np.ndarray, K: int) -> np.ndarray:
    return stable(theta, r)


def test_a_right_function_passes() -> None:
    reference = REFERENCES["policy-gradient"]
    harness.check_function(stable, reference.finds[0], reference)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("function", "message"),
    [
        (overflowing, "not finite at theta"),
        (without_the_cross_terms, "at size 2: off by"),
        (with_one_input_more, "asks for K"),
        (lambda theta: theta[:-1], "at size 1: shape"),
    ],
    ids=["overflows", "drops terms", "asks for more", "has another shape"],
)
def test_a_wrong_function_is_found(function: Callable[..., np.ndarray], message: str) -> None:
    reference = REFERENCES["policy-gradient"]
    with pytest.raises(harness.WrongError, match=message):
        harness.check_function(function, reference.finds[0], reference)


@pytest.mark.parametrize("name", MUST_BE_RIGHT)
def test_a_problem_that_is_right_stays_right(name: str) -> None:
    harness.check_problem(name, sizes=(1, 3))
