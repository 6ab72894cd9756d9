"""The forward pass of each problem of the catalogue, by the stem of its file, one per problem of the file.

Letters are those of the documents, spelled as parameters of generated functions are.  An input that only moves an
intermediate quantity (`shift`, zero at the start) stands for that quantity in a derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
from unseen.differences import Draw, Find, Inputs, Reference, log, relu, sigmoid, softmax, tanh

Forward = Callable[..., Any]


def logistic(z: Any) -> Any:
    return sigmoid(z)


def neuron(a: Any, x: Any, b: Any, y: Any, c: Any) -> Any:
    return relu(a * x + b * y + c)


def quartic(x: Any, y: Any) -> Any:
    return x**4 - 32 * x**2 + y**4 - 18 * y**2


def cross_entropy(z: Any, y: Any) -> Any:
    return -np.sum(y * log(softmax(z)))


def layer_loss(W: Any, x: Any, b: Any, y: Any) -> Any:
    return cross_entropy(W @ x + b, y)


def binary(a: Any, y: Any) -> Any:
    return -y * log(a) - (1 - y) * log(1 - a)


def neuron_loss(w: Any, x: Any, b: Any, y: Any) -> Any:
    return binary(sigmoid(np.sum(w * x) + b), y)


def mean_loss(w: Any, x: Any, b: Any, y: Any) -> Any:
    return np.sum(binary(sigmoid(x @ w + b), y)) / len(y)


def discriminator(r: Any, s: Any) -> Any:
    return -np.sum(log(sigmoid(r)) + log(1 - sigmoid(s))) / len(r)


def kl(p: Any, q: Any) -> Any:
    return np.sum(p * log(p / q))


def gaussians(mu_1: Any, mu_2: Any, sigma_1: Any, sigma_2: Any) -> Any:
    squares = sigma_1**2 + (mu_1 - mu_2) ** 2
    return mpmath.log(sigma_2 / sigma_1) + squares / (2 * sigma_2**2) - mpmath.mpf(1) / 2


def latent(mu: Any, sigma: Any, shift: Any) -> Any:
    logarithm = log(sigma**2) + shift
    variance = sigma**2 * np.frompyfunc(mpmath.exp, 1, 1)(shift)
    return -np.sum(1 + logarithm - mu**2 - variance) / 2


def jensen_shannon(p: Any, q: Any) -> Any:
    m = (p + q) / 2
    return (kl(p, m) + kl(q, m)) / 2


def recurrence(step: Forward) -> Forward:
    """The last state of a scalar recurrence, in which `shift` moves each state."""

    def last(x: Any, h_0: Any, shift: Any, w: Any, u: Any, b: Any = 0, **_: Any) -> Any:
        h = h_0 + shift[0]
        for t in range(len(x)):
            h = step(w * h + u * x[t] + b) + shift[t + 1]
        return h

    return last


def sequence(draw: Draw, n: int, *names: str) -> Inputs:
    """n scalar inputs, an initial state, a shift of every state, and the named scalars."""
    scalars = {name: draw.real(scale=0.7) for name in names}
    return {"x": draw.real(n), "h_0": draw.real(), "shift": np.zeros(n + 1), "T": n} | scalars


def scalar_recurrence(step: Forward, names: tuple[str, ...]) -> Reference:
    return Reference(
        lambda draw, n: sequence(draw, n, *names),
        tuple(Find(recurrence(step), (name,)) for name in ("w", "u", "shift")),
        large=5000,
    )


def network(draw: Draw, n: int) -> Inputs:
    """n steps of a vector recurrence with a few units and inputs."""
    units, inputs = draw.size(3), draw.size(3)
    return {
        "W": draw.real(units, units, scale=0.6),
        "U": draw.real(units, inputs),
        "b": draw.real(units),
        "x": draw.real(n, inputs),
        "h_0": draw.real(units),
        "shift": np.zeros((n + 1, units)),
        "nudge": np.zeros(units),
        "T": n,
    }


def states(W: Any, U: Any, b: Any, x: Any, h_0: Any, shift: Any, **_: Any) -> list[Any]:
    found = [h_0 + shift[0]]
    for t in range(len(x)):
        found.append(tanh(W @ found[-1] + U @ x[t] + b) + shift[t + 1])
    return found


def nudged(W: Any, U: Any, b: Any, x: Any, nudge: Any, **given: Any) -> Any:
    """Every state, one step after the state before it was moved by `nudge`."""
    before = states(W, U, b, x, **given)
    return np.array([tanh(W @ (before[t] + nudge) + U @ x[t] + b) for t in range(len(x))])


def read_out(v: Any, **given: Any) -> Any:
    return v * recurrence(mpmath.tanh)(**given)


def two_steps(u: Any, w: Any, x: Any, h_0: Any) -> tuple[Any, Any]:
    first = relu(u * h_0 + w * x[0])
    return first, relu(u * first + w * x[1])


def logits(draw: Draw, n: int) -> Inputs:
    return {"z": draw.real(n)}


def labelled(draw: Draw, n: int) -> Inputs:
    return {"z": draw.real(n), "y": draw.simplex(n)}


REFERENCES: dict[str, tuple[Reference, ...]] = {
    "softmax-jacobian": (Reference(logits, (Find(lambda z: softmax(z), ("z",)),), 1000, ("z",)),),
    "log-softmax": (Reference(logits, (Find(lambda z: log(softmax(z)), ("z",)),), 1000, ("z",)),),
    "softmax-cross-entropy": (
        Reference(labelled, (Find(cross_entropy, ("z",)), Find(cross_entropy, ("z", "z"))), 1000, ("z",)),
        Reference(lambda draw, n: {"z": draw.real(n), "y": draw.real(n)}, (Find(cross_entropy, ("z",)),), 1000, ("z",)),
    ),
    "softmax-cross-entropy-one-hot": (
        Reference(
            lambda draw, n: {"z": draw.real(n), "y": draw.position(n)},
            (Find(lambda z, y: -log(softmax(z)[y]), ("z",)),),
            1000,
            ("z",),
        ),
    ),
    "softmax-cross-entropy-linear": (
        Reference(
            lambda draw, n: {
                "x": (x := draw.real(draw.size())),
                "W": draw.real(n, len(x)),
                "b": draw.real(n),
                "y": draw.simplex(n),
            },
            (Find(layer_loss, ("W",)), Find(layer_loss, ("b",))),
            1000,
            ("b",),
        ),
    ),
    "sigmoid": (
        Reference(
            lambda draw, n: {"z": draw.real(scale=3.0)},
            (Find(lambda z: sigmoid(z), ("z",)), Find(lambda z: sigmoid(z), ("z", "z"))),
            logits=("z",),
        ),
    ),
    "bce": (
        Reference(
            lambda draw, n: {
                "a": draw.positive(low=0.1, high=0.9),
                "z": draw.real(scale=3.0),
                "y": draw.positive(low=0.0, high=1.0),
            },
            (
                Find(lambda a, y, z: binary(a, y), ("a",)),
                Find(lambda a, y, z: binary(sigmoid(z), y), ("z",)),
                Find(lambda a, y, z: binary(sigmoid(z), y), ("z", "z")),
            ),
            logits=("z",),
        ),
    ),
    "bce-logistic-regression": (
        Reference(
            lambda draw, n: {
                "w": draw.real(n),
                "x": draw.real(n),
                "b": draw.real(),
                "y": draw.positive(low=0.0, high=1.0),
            },
            (Find(neuron_loss, ("w",)), Find(neuron_loss, ("b",)), Find(neuron_loss, ("w", "w"))),
            1000,
            ("b",),
        ),
    ),
    "bce-mean": (
        Reference(
            lambda draw, n: {
                "x": (x := draw.real(n, draw.size())),
                "w": draw.real(x.shape[1]),
                "b": draw.real(),
                "y": draw.positive(n, low=0.0, high=1.0),
            },
            (Find(mean_loss, ("w",)), Find(mean_loss, ("b",)), Find(mean_loss, ("w", "w"))),
            5000,
            ("b",),
        ),
    ),
    "gan": (
        Reference(
            lambda draw, n: {"r": draw.real(n), "s": draw.real(n)},
            (Find(discriminator, ("r",)), Find(discriminator, ("s",))),
            5000,
            ("r", "s"),
        ),
        Reference(
            lambda draw, n: {"s": draw.real(n)},
            (
                Find(lambda s: np.sum(log(1 - sigmoid(s))) / len(s), ("s",)),
                Find(lambda s: -np.sum(log(sigmoid(s))) / len(s), ("s",)),
            ),
            5000,
            ("s",),
        ),
    ),
    "kl-softmax": (
        Reference(
            lambda draw, n: {"z": draw.real(n), "p": draw.simplex(n)},
            (Find(lambda z, p: kl(p, softmax(z)), ("z",)),),
            1000,
            ("z",),
        ),
    ),
    "kl-gaussians": (
        Reference(
            lambda draw, n: {
                "mu_1": draw.real(),
                "mu_2": draw.real(),
                "sigma_1": draw.positive(),
                "sigma_2": draw.positive(),
            },
            tuple(Find(gaussians, (name,)) for name in ("mu_1", "mu_2", "sigma_1", "sigma_2")),
        ),
    ),
    "kl-vae": (
        Reference(
            lambda draw, n: {"mu": draw.real(n), "sigma": draw.positive(n), "shift": np.zeros(n)},
            tuple(Find(latent, (name,)) for name in ("mu", "sigma", "shift")),
            5000,
        ),
    ),
    "jensen-shannon": (
        Reference(
            lambda draw, n: {"z": draw.real(n), "p": draw.simplex(n), "q": draw.simplex(n)},
            (
                Find(lambda z, p, q: jensen_shannon(p, q), ("q",)),
                Find(lambda z, p, q: jensen_shannon(p, softmax(z)), ("z",)),
            ),
            1000,
        ),
    ),
    "rnn-tanh": (scalar_recurrence(mpmath.tanh, ("w", "u", "b")),),
    "rnn-linear": (scalar_recurrence(lambda a: a, ("w", "u")),),
    "rnn-relu-zero": (scalar_recurrence(relu, ("w", "u")),),
    "rnn-relu-one": (scalar_recurrence(relu, ("w", "u")),),
    "rnn-output": (
        Reference(
            lambda draw, n: sequence(draw, n, "w", "u", "b", "v"),
            tuple(Find(read_out, (name,)) for name in ("v", "w", "u")),
            5000,
        ),
    ),
    "rnn-vector": (
        Reference(
            network,
            (
                Find(nudged, ("nudge",)),
                Find(lambda **given: states(**given)[-1], ("shift",), axes=(1, 0, 2)),
            ),
            5000,
        ),
    ),
    "computational-graphs": (
        Reference(lambda draw, n: {"z": 3.0}, (Find(logistic), Find(logistic, ("z",)))),
        Reference(
            lambda draw, n: {"a": 2.0, "x": 3.0, "b": -1.0, "y": 2.0, "c": 1.0},
            (Find(neuron), *(Find(neuron, (name,)) for name in "axbyc")),
        ),
        Reference(lambda draw, n: {"x": 2.0, "y": 2.0}, (Find(quartic), *(Find(quartic, (name,)) for name in "xy"))),
    ),
    "rnn-numbers": (
        Reference(
            lambda draw, n: {"u": 3.0, "w": 2.0, "x": np.array([1.0, 2.0]), "h_0": 3.0},
            (
                Find(lambda **given: two_steps(**given)[0]),
                Find(lambda **given: two_steps(**given)[1]),
                Find(lambda **given: -two_steps(**given)[1]),
                Find(lambda **given: -two_steps(**given)[1], ("u",)),
            ),
        ),
    ),
}
"""Stem -> one reference for each problem of the file that asks for a value."""
