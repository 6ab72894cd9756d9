"""Forward passes in many digits, and their derivatives by central differences.

Arrays are NumPy arrays of mpmath numbers, so that a forward pass is written once, in ordinary array notation, and
shares nothing with symdl.  Nothing here knows a derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import mpmath
import numpy as np

DIGITS = 60
STEP = mpmath.mpf(10) ** -15
"""With 60 digits the first difference keeps about 30 digits and the mixed second one about 28."""

Inputs = dict[str, Any]


def _entrywise(function: Callable[..., Any]) -> Callable[..., Any]:
    ufunc = np.frompyfunc(function, 1, 1)

    def apply(x: Any) -> Any:
        return ufunc(x)

    return apply


exp = _entrywise(mpmath.exp)
log = _entrywise(mpmath.log)
sqrt = _entrywise(mpmath.sqrt)
tanh = _entrywise(mpmath.tanh)
cosh = _entrywise(mpmath.cosh)
erf = _entrywise(mpmath.erf)
absolute = _entrywise(abs)
sigmoid = _entrywise(lambda x: 1 / (1 + mpmath.exp(-x)))
relu = _entrywise(lambda x: max(x, mpmath.mpf(0)))
negative_part = _entrywise(lambda x: min(x, mpmath.mpf(0)))


def softmax(z: Any) -> Any:
    """The softmax along the last axis."""
    e = exp(z)
    return e / np.sum(e, axis=-1, keepdims=True)


def normalised(weights: np.ndarray) -> np.ndarray:
    """Positive weights that sum to one along the last axis."""
    return weights / weights.sum(axis=-1, keepdims=True)


class Draw:
    """Random inputs of a fixed seed: ordinary floats, so that both sides start from the same numbers."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def real(self, *shape: int, scale: float = 1.0) -> Any:
        """Normal numbers."""
        return self._plain(scale * self._rng.standard_normal(shape))

    def positive(self, *shape: int, low: float = 0.3, high: float = 2.0) -> Any:
        """Numbers between two positive ones."""
        return self._plain(self._rng.uniform(low, high, shape))

    def simplex(self, *shape: int) -> Any:
        """Positive numbers that sum to one along the last axis."""
        return normalised(self._rng.uniform(0.2, 1.0, shape))

    def sign(self) -> float:
        """1 or -1."""
        return float(self._rng.choice([-1.0, 1.0]))

    def position(self, count: int) -> int:
        """A position from 0 to count - 1."""
        return int(self._rng.integers(count))

    def size(self, most: int = 5) -> int:
        """A small size."""
        return int(self._rng.integers(1, most + 1))

    @staticmethod
    def _plain(values: Any) -> Any:
        return values if np.ndim(values) else float(values)


@dataclass(frozen=True)
class Find:
    """One thing asked: `of(**inputs)` is a number or an array, differentiated by each name in `by`, in this order.

    The axes of the derivative are those of the quantity and then those of each variable, unless `axes` gives their
    order.
    """

    of: Callable[..., Any]
    by: tuple[str, ...] = ()
    axes: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Reference:
    """Inputs for a size, and what is asked, in the order of the document.

    `large` is the size at which only finiteness, shape and time are looked at; `logits` names the inputs that may
    reach ten thousand without an overflow.
    """

    inputs: Callable[[Draw, int], Inputs]
    finds: tuple[Find, ...]
    large: int | None = None
    logits: tuple[str, ...] = ()


def exact(value: Any) -> Any:
    """The input in many digits; integers (class labels and sizes) stay as they are."""
    if isinstance(value, int | np.integer):
        return int(value)
    if np.ndim(value) == 0:
        return mpmath.mpf(float(value))
    return np.frompyfunc(lambda v: mpmath.mpf(float(v)), 1, 1)(np.asarray(value))


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(np.shape(value))


def _moved(inputs: Inputs, moves: Mapping[str, Mapping[tuple[int, ...], Any]]) -> Inputs:
    moved = dict(inputs)
    for name, places in moves.items():
        if () in places:
            moved[name] = inputs[name] + places[()]
        else:
            array = np.array(inputs[name], dtype=object)
            for place, by in places.items():
                array[place] = array[place] + by
            moved[name] = array
    return moved


def derivative(find: Find, inputs: Inputs) -> np.ndarray:
    """What is asked, as an array of floats, by central differences of the forward pass."""
    with mpmath.workdps(DIGITS):
        start = {name: exact(value) for name, value in inputs.items()}
        places = [list(np.ndindex(*_shape(inputs[name]))) for name in find.by]
        value = find.of(**start)
        found = np.empty((*_shape(value), *(n for name in find.by for n in _shape(inputs[name]))), dtype=float)
        if not find.by:
            found[...] = np.frompyfunc(float, 1, 1)(value) if np.ndim(value) else float(value)
        for at in product(*places) if find.by else ():
            total: Any = 0
            for signs in product((1, -1), repeat=len(at)):
                moves: dict[str, dict[tuple[int, ...], Any]] = {}
                for name, place, sign in zip(find.by, at, signs, strict=True):
                    there = moves.setdefault(name, {})
                    there[place] = there.get(place, 0) + sign * STEP
                weight = int(np.prod(signs))
                total = total + weight * find.of(**_moved(start, moves))
            quotient = total / (2 * STEP) ** len(at)
            entry = (..., *(n for place in at for n in place))
            found[entry] = np.frompyfunc(float, 1, 1)(quotient) if np.ndim(quotient) else float(quotient)
    return found if find.axes is None else np.transpose(found, find.axes)


def difference(actual: Any, expected: np.ndarray) -> str:
    """Why a value of a generated function is not the expected one, or an empty text."""
    array = np.asarray(actual, dtype=float)
    if array.shape != expected.shape:
        return f"shape {array.shape}, expected {expected.shape}"
    if not np.all(np.isfinite(array)):
        return "not finite"
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    worst = float(np.max(np.abs(array - expected), initial=0.0))
    return "" if worst <= 1e-9 * scale else f"off by {worst:.3g} where the largest entry is {scale:.3g}"
