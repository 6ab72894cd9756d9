"""The forward pass of the catalogue's layers and losses, by the stem of the file; see `catalogue.references`.

A layer's loss is the sum of its outputs, each times the gradient that comes in from above.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from unseen.differences import Draw, Find, Inputs, Reference, erf, log, relu, sigmoid, softmax, sqrt, tanh

Draws = Callable[[Draw, int], Inputs]


def vector_layer(output: Callable[..., Any], draws: Draws, *wanted: str, upstream: str = "g") -> Reference:
    """A layer whose outputs meet the gradient `upstream`, and the arguments by which its loss is differentiated."""

    def loss(**given: Any) -> Any:
        above = given.pop(upstream)
        return np.sum(above * output(**given))

    return Reference(draws, tuple(Find(loss, (name,)) for name in wanted))


def affine(draw: Draw, n: int) -> Inputs:
    inputs = draw.size(3)
    return {"W": draw.real(n, inputs), "x": draw.real(inputs), "b": draw.real(n), "g": draw.real(n)}


def batch(draw: Draw, n: int) -> Inputs:
    inputs, outputs = draw.size(3), draw.size(3)
    return {
        "X": draw.real(n, inputs),
        "W": draw.real(inputs, outputs),
        "b": draw.real(outputs),
        "G": draw.real(n, outputs),
        "1": np.ones(n),
    }


def normalised_batch(x: Any, gamma: Any, beta: Any, epsilon: Any) -> Any:
    centred = x - np.sum(x) / len(x)
    return gamma * centred / sqrt(np.sum(centred**2) / len(x) + epsilon) + beta


def weighted(S: Any, V: Any, G: Any, **_: Any) -> Any:
    return np.sum(G * (softmax(S) @ V))


def attention(Q: Any, K: Any, V: Any, G: Any, **_: Any) -> Any:
    return weighted(Q @ K.T / sqrt(np.array(float(Q.shape[1]))), V, G)


def heads(draw: Draw, n: int) -> Inputs:
    units = draw.size(3)
    return {name: draw.real(n, units) for name in "QKVG"} | {"S": draw.real(n, n)}


def cell(a_i: Any, a_f: Any, a_o: Any, a_g: Any, c_0: Any) -> Any:
    return sigmoid(a_o) * tanh(sigmoid(a_f) * c_0 + sigmoid(a_i) * tanh(a_g))


def contrastive(q: Any, k: Any, tau: Any) -> Any:
    return -log(softmax(k @ q / tau)[0])


def cosine(u: Any, v: Any) -> Any:
    return np.sum(u * v) / sqrt(np.sum(u**2) * np.sum(v**2))


def triplet(a: Any, p: Any, n: Any, m: Any) -> Any:
    return relu(np.sum((a - p) ** 2) - np.sum((a - n) ** 2) + m)


def focal(z: Any, gamma: Any) -> Any:
    p = sigmoid(z)
    return -((1 - p) ** gamma) * log(p)


def dice(p: Any, g: Any) -> Any:
    return 1 - 2 * np.sum(p * g) / (np.sum(p**2) + np.sum(g**2))


def vectors(*names: str) -> Draws:
    return lambda draw, n: {name: draw.real(n) for name in names}


LAYERS: Mapping[str, tuple[Reference, ...]] = {
    "layer-linear": (vector_layer(lambda X, W, b, **_: X @ W + b, batch, "W", "b", "X", upstream="G"),),
    "layer-relu": (vector_layer(lambda W, x, b: relu(W @ x + b), affine, "W", "b", "x"),),
    "layer-residual": (
        vector_layer(
            lambda W, x: x + tanh(W @ x),
            lambda draw, n: {"W": draw.real(n, n), "x": draw.real(n), "g": draw.real(n)},
            "x",
            "W",
        ),
    ),
    "layer-softmax": (vector_layer(lambda z: softmax(z), vectors("z", "g"), "z"),),
    "layer-batch-norm": (
        vector_layer(
            normalised_batch,
            lambda draw, n: {
                "x": draw.real(n),
                "gamma": draw.real(),
                "beta": draw.real(),
                "epsilon": draw.positive(),
                "g": draw.real(n),
            },
            "gamma",
            "beta",
            "x",
        ),
    ),
    "layer-attention": (
        Reference(
            heads,
            (Find(attention, ("V",)), Find(weighted, ("S",)), Find(attention, ("Q",)), Find(attention, ("K",))),
        ),
    ),
    "layer-convolution": (
        vector_layer(
            lambda w, x, K: np.array([np.sum(w * x[i : i + len(w)]) for i in range(len(x) - len(w) + 1)]),
            lambda draw, n: {
                "w": (w := draw.real(draw.size(3))),
                "x": draw.real(n + len(w) - 1),
                "g": draw.real(n),
                "K": len(w),
            },
            "w",
        ),
    ),
    "layer-low-rank": (
        vector_layer(
            lambda W, A, B, x: W @ x + B @ (A @ x),
            lambda draw, n: {
                "x": (x := draw.real(draw.size(3))),
                "W": draw.real(n, len(x)),
                "A": (A := draw.real(draw.size(2), len(x))),
                "B": draw.real(n, len(A)),
                "g": draw.real(n),
            },
            "A",
            "B",
        ),
    ),
    "layer-gated": (
        vector_layer(
            lambda W, V, x: (W @ x) * sigmoid(V @ x),
            lambda draw, n: {
                "x": (x := draw.real(draw.size(3))),
                "W": draw.real(n, len(x)),
                "V": draw.real(n, len(x)),
                "g": draw.real(n),
            },
            "W",
            "V",
            "x",
        ),
    ),
    "lstm-cell": (
        vector_layer(
            cell,
            lambda draw, n: {name: draw.real() for name in ("a_i", "a_f", "a_o", "a_g", "c_0", "delta")},
            "a_o",
            "a_f",
            "a_i",
            "a_g",
            "c_0",
            upstream="delta",
        ),
    ),
    "cosine-similarity": (Reference(vectors("u", "v"), (Find(cosine, ("u",)),)),),
    "contrastive-loss": (
        Reference(
            lambda draw, n: {"q": (q := draw.real(draw.size(3))), "k": draw.real(n, len(q)), "tau": draw.positive()},
            (Find(contrastive, ("q",)),),
        ),
    ),
    "triplet-loss": (
        Reference(lambda draw, n: {**vectors("a", "p", "n")(draw, n), "m": draw.positive()}, (Find(triplet, ("a",)),)),
    ),
    "focal-loss": (
        Reference(lambda draw, n: {"z": draw.real(scale=3.0), "gamma": draw.positive()}, (Find(focal, ("z",)),)),
    ),
    "dice-loss": (Reference(lambda draw, n: {"p": draw.positive(n), "g": draw.positive(n)}, (Find(dice, ("p",)),)),),
    "gelu": (
        Reference(
            lambda draw, n: {"x": draw.real(scale=2.0)},
            (Find(lambda x: x * (1 + erf(x / sqrt(np.array(2.0)))) / 2, ("x",)),),
        ),
    ),
    "softmax-temperature": (
        Reference(
            lambda draw, n: {"z": draw.real(n), "tau": draw.positive()},
            (Find(lambda z, tau: softmax(z / tau), ("tau",)),),
        ),
    ),
}
"""Stem -> one reference for each problem of the file that asks for a value."""
