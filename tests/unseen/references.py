"""The forward pass of each unseen problem, by the stem of its document.

Letters are those of the documents, spelled as parameters of generated functions are (`lambda_`, `y_hat`, `a_prime`).
An input that only moves an intermediate quantity (`shift`, zero at the start) stands for that quantity in a derivative.
"""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np

from .differences import (
    Draw,
    Find,
    Inputs,
    Reference,
    absolute,
    cosh,
    erf,
    exp,
    log,
    negative_part,
    relu,
    sigmoid,
    softmax,
    sqrt,
    tanh,
)

REFERENCES: dict[str, Reference] = {}
"""Stem of the document -> reference."""


def cross_entropy(y: Any, z: Any) -> Any:
    return -np.sum(y * log(softmax(z)))


def focal(p: Any, gamma: Any) -> Any:
    return -((1 - p) ** gamma) * mpmath.log(p)


REFERENCES["focal-loss"] = Reference(
    lambda draw, n: {"p": draw.positive(low=0.1, high=0.9), "z": draw.real(), "gamma": draw.positive()},
    (
        Find(lambda p, gamma, **_: focal(p, gamma), ("p",)),
        Find(lambda z, gamma, **_: focal(1 / (1 + mpmath.exp(-z)), gamma), ("z",)),
    ),
)


def smoothed(y: Any, z: Any, varepsilon: Any, **_: Any) -> Any:
    return cross_entropy((1 - varepsilon) * y + varepsilon / len(z), z)


REFERENCES["label-smoothing"] = Reference(
    lambda draw, n: {"y": draw.simplex(n), "z": draw.real(n), "varepsilon": draw.positive(low=0.05, high=0.5)},
    (Find(smoothed, ("z",)),),
    large=1000,
    logits=("z",),
)


def hinge(w: Any, x: Any, b: Any, y: Any) -> Any:
    return max(mpmath.mpf(0), 1 - y * (np.sum(w * x) + b))


REFERENCES["hinge"] = Reference(
    lambda draw, n: {"w": draw.real(n), "x": draw.real(n), "b": draw.real(), "y": draw.sign()},
    (Find(hinge, ("w",)), Find(hinge, ("b",))),
    large=1000,
)

REFERENCES["squared-hinge"] = Reference(
    lambda draw, n: {"t": draw.sign(), "f": draw.real()},
    (Find(lambda t, f: max(mpmath.mpf(0), 1 - t * f) ** 2, ("f",)),),
)


def multiclass_hinge(s: Any, y: int, Delta: Any) -> Any:
    return sum((max(mpmath.mpf(0), s[j] - s[y] + Delta) for j in range(len(s)) if j != y), mpmath.mpf(0))


REFERENCES["multiclass-hinge"] = Reference(
    lambda draw, n: {"s": draw.real(n), "y": draw.position(n), "Delta": draw.positive()},
    (Find(multiclass_hinge, ("s",)),),
    large=1000,
)


def huber(y: Any, f: Any, delta: Any) -> Any:
    r = y - f
    return r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2)


REFERENCES["huber"] = Reference(
    lambda draw, n: {"y": draw.real(scale=2.0), "f": draw.real(), "delta": draw.positive()},
    (Find(huber, ("f",)),),
)

REFERENCES["log-cosh"] = Reference(
    lambda draw, n: {"y": draw.real(n), "y_hat": draw.real(n)},
    (Find(lambda y, y_hat: np.sum(log(cosh(y_hat - y))) / len(y), ("y_hat",)),),
    large=5000,
    logits=("y_hat",),
)


def squared_error(x: Any, w: Any, b: Any, y: Any) -> Any:
    return np.sum((x @ w + b - y) ** 2) / len(y)


REFERENCES["linear-regression"] = Reference(
    lambda draw, n: {
        "x": (x := draw.real(n, draw.size())),
        "w": draw.real(x.shape[1]),
        "b": draw.real(),
        "y": draw.real(n),
    },
    (Find(squared_error, ("w",)), Find(squared_error, ("b",)), Find(squared_error, ("w", "w"))),
    large=5000,
)


def ridge(X: Any, w: Any, y: Any, lambda_: Any) -> Any:
    return np.sum((X @ w - y) ** 2) + lambda_ * np.sum(w**2)


REFERENCES["ridge"] = Reference(
    lambda draw, n: {
        "X": (X := draw.real(n, draw.size())),
        "w": draw.real(X.shape[1]),
        "y": draw.real(n),
        "lambda_": draw.positive(),
    },
    (Find(ridge, ("w",)), Find(ridge, ("w", "w"))),
    large=5000,
)


def poisson(x: Any, beta: Any, y: Any) -> Any:
    eta = x @ beta
    return np.sum(exp(eta) - y * eta)


REFERENCES["poisson-regression"] = Reference(
    lambda draw, n: {"x": (x := draw.real(n, draw.size())), "beta": draw.real(x.shape[1]), "y": draw.positive(n)},
    (Find(poisson, ("beta",)), Find(poisson, ("beta", "beta"))),
    large=5000,
)


def negative_binomial(y: Any, r: Any, eta: Any) -> Any:
    return (y + r) * mpmath.log(1 + mpmath.exp(eta)) - y * eta


REFERENCES["negative-binomial"] = Reference(
    lambda draw, n: {"y": draw.positive(), "r": draw.positive(), "eta": draw.real()},
    (Find(negative_binomial, ("eta",)), Find(negative_binomial, ("eta", "eta"))),
    logits=("eta",),
)


def gaussian_nll(x: Any, mu: Any, sigma: Any, shift: Any) -> Any:
    s = sigma * mpmath.exp(shift / 2)
    return mpmath.log(2 * mpmath.pi * s**2) / 2 + (x - mu) ** 2 / (2 * s**2)


REFERENCES["gaussian-nll"] = Reference(
    lambda draw, n: {"x": draw.real(), "mu": draw.real(), "sigma": draw.positive(), "shift": 0.0},
    (Find(gaussian_nll, ("mu",)), Find(gaussian_nll, ("sigma",)), Find(gaussian_nll, ("shift",))),
)


def laplace(x: Any, m: Any, b: Any) -> Any:
    return mpmath.log(2 * b) + abs(x - m) / b


REFERENCES["laplace"] = Reference(
    lambda draw, n: {"x": draw.real(), "m": draw.real(), "b": draw.positive()},
    (Find(laplace, ("m",)), Find(laplace, ("b",))),
)


def student(x: Any, mu: Any, s: Any, nu: Any) -> Any:
    return (nu + 1) / 2 * mpmath.log(1 + (x - mu) ** 2 / (nu * s**2)) + mpmath.log(s)


REFERENCES["student-t"] = Reference(
    lambda draw, n: {"x": draw.real(), "mu": draw.real(), "s": draw.positive(), "nu": draw.positive(high=5.0)},
    (Find(student, ("mu",)), Find(student, ("s",))),
)


def mixture(a: Any, m: Any, x: Any) -> Any:
    return -mpmath.log(np.sum(softmax(a) * exp(-((x - m) ** 2) / 2)))


REFERENCES["gaussian-mixture"] = Reference(
    lambda draw, n: {"a": draw.real(n), "m": draw.real(n), "x": draw.real()},
    (Find(mixture, ("m",)), Find(mixture, ("a",))),
    large=1000,
    logits=("a",),
)


def tempered(z: Any, y: Any, tau: Any) -> Any:
    return cross_entropy(y, z / tau)


REFERENCES["softmax-temperature"] = Reference(
    lambda draw, n: {"z": draw.real(n), "y": draw.simplex(n), "tau": draw.positive()},
    (Find(tempered, ("z",)), Find(tempered, ("tau",))),
    large=1000,
    logits=("z",),
)


def attention(q: Any, k: Any, v: Any, **_: Any) -> Any:
    return softmax(k @ q / mpmath.sqrt(len(q))) @ v


REFERENCES["attention"] = Reference(
    lambda draw, n: {
        "q": (q := draw.real(draw.size(4))),
        "k": draw.real(n, len(q)),
        "v": draw.real(n, draw.size(3)),
        "s": draw.real(n),
    },
    (
        Find(lambda s, v, **_: softmax(s) @ v, ("s",)),
        Find(attention, ("q",)),
        Find(attention, ("k",)),
    ),
    large=1000,
)


def centred(x: Any, epsilon: Any) -> Any:
    mu = np.sum(x) / len(x)
    return (x - mu) / mpmath.sqrt(np.sum((x - mu) ** 2) / len(x) + epsilon)


def layer_norm(x: Any, epsilon: Any, gamma: Any, beta: Any, g: Any) -> Any:
    return np.sum(g * (gamma * centred(x, epsilon) + beta))


REFERENCES["layer-norm"] = Reference(
    lambda draw, n: {
        "x": draw.real(n),
        "epsilon": draw.positive(low=0.01, high=0.1),
        "gamma": draw.real(n),
        "beta": draw.real(n),
        "g": draw.real(n),
    },
    (
        Find(lambda x, epsilon, **_: centred(x, epsilon), ("x",)),
        Find(layer_norm, ("x",)),
        Find(layer_norm, ("gamma",)),
    ),
    large=1000,
)


def batch_norm(x: Any, epsilon: Any, gamma: Any, beta: Any, t: Any) -> Any:
    return np.sum((gamma * centred(x, epsilon) + beta - t) ** 2) / 2


REFERENCES["batch-norm"] = Reference(
    lambda draw, n: {
        "x": draw.real(n),
        "epsilon": draw.positive(low=0.01, high=0.1),
        "gamma": draw.real(),
        "beta": draw.real(),
        "t": draw.real(n),
    },
    (Find(batch_norm, ("gamma",)), Find(batch_norm, ("beta",)), Find(batch_norm, ("x",))),
    large=5000,
)


def rms(a: Any, g: Any, epsilon: Any) -> Any:
    return a / mpmath.sqrt(np.sum(a**2) / len(a) + epsilon) * g


REFERENCES["rms-norm"] = Reference(
    lambda draw, n: {"a": draw.real(n), "g": draw.real(n), "epsilon": draw.positive(low=0.01, high=0.1)},
    (Find(rms, ("a",)), Find(rms, ("g",))),
    large=1000,
)

REFERENCES["l2-normalisation"] = Reference(
    lambda draw, n: {"x": draw.real(n)},
    (Find(lambda x: x / mpmath.sqrt(np.sum(x**2)), ("x",)),),
    large=1000,
)


def cosine(a: Any, b: Any) -> Any:
    return np.sum(a * b) / mpmath.sqrt(np.sum(a**2) * np.sum(b**2))


REFERENCES["cosine-similarity"] = Reference(
    lambda draw, n: {"a": draw.real(n), "b": draw.real(n)}, (Find(cosine, ("a",)),), large=1000
)


def triplet(a: Any, p: Any, q: Any, alpha: Any) -> Any:
    return max(mpmath.mpf(0), np.sum((a - p) ** 2) - np.sum((a - q) ** 2) + alpha)


REFERENCES["triplet"] = Reference(
    lambda draw, n: {"a": draw.real(n), "p": draw.real(n), "q": draw.real(n), "alpha": draw.positive()},
    (Find(triplet, ("a",)), Find(triplet, ("p",)), Find(triplet, ("q",))),
    large=1000,
)


def contrast(s: Any) -> Any:
    return -np.sum(log(np.diagonal(softmax(s)))) / len(s)


def info_nce(u: Any, v: Any, tau: Any, **_: Any) -> Any:
    return contrast(u @ v.T / tau)


REFERENCES["info-nce"] = Reference(
    lambda draw, n: {
        "u": (u := draw.real(n, draw.size(3))),
        "v": draw.real(*u.shape),
        "tau": draw.positive(),
        "s": draw.real(n, n),
    },
    (Find(lambda s, **_: contrast(s), ("s",)), Find(info_nce, ("u",)), Find(info_nce, ("v",))),
    large=200,
)


def negative_sampling(u: Any, v: Any, n: Any) -> Any:
    return -mpmath.log(sigmoid(np.sum(u * v))) - np.sum(log(sigmoid(-(n @ v))))


REFERENCES["negative-sampling"] = Reference(
    lambda draw, n: {"v": (v := draw.real(draw.size())), "u": draw.real(len(v)), "n": draw.real(n, len(v))},
    (
        Find(negative_sampling, ("v",)),
        Find(negative_sampling, ("u",)),
        Find(negative_sampling, ("n",)),
    ),
    large=1000,
)


def noise_contrastive(f: Any, g: Any, a: Any, b: Any) -> Any:
    return np.sum(log(sigmoid(f - a)) + log(1 - sigmoid(g - b))) / (2 * len(f))


REFERENCES["noise-contrastive"] = Reference(
    lambda draw, n: {"f": draw.real(n), "g": draw.real(n), "a": draw.real(n), "b": draw.real(n)},
    (Find(noise_contrastive, ("f",)), Find(noise_contrastive, ("g",))),
    large=5000,
    logits=("f", "g"),
)


def factorisation_machine(w_0: Any, w: Any, x: Any, v: Any) -> Any:
    return w_0 + np.sum(w * x) + np.sum((v.T @ x) ** 2 - (v.T**2) @ (x**2)) / 2


REFERENCES["factorisation-machine"] = Reference(
    lambda draw, n: {"w_0": draw.real(), "w": draw.real(n), "x": draw.real(n), "v": draw.real(n, draw.size(3))},
    (Find(factorisation_machine, ("w",)), Find(factorisation_machine, ("v",))),
    large=1000,
)


def matrix_factorisation(R: Any, U: Any, V: Any, lambda_: Any) -> Any:
    return np.sum((R - U @ V.T) ** 2) / 2 + lambda_ / 2 * (np.sum(U**2) + np.sum(V**2))


REFERENCES["matrix-factorisation"] = Reference(
    lambda draw, n: {
        "R": (R := draw.real(n, draw.size())),
        "U": (U := draw.real(n, draw.size(3))),
        "V": draw.real(R.shape[1], U.shape[1]),
        "lambda_": draw.positive(),
    },
    (Find(matrix_factorisation, ("U",)), Find(matrix_factorisation, ("V",))),
    large=1000,
)


def perceptron(x: Any, W_1: Any, b_1: Any, W_2: Any, b_2: Any, y: Any) -> Any:
    return cross_entropy(y, W_2 @ tanh(W_1 @ x + b_1) + b_2)


REFERENCES["mlp"] = Reference(
    lambda draw, n: {
        "x": (x := draw.real(draw.size(4))),
        "W_1": (W_1 := draw.real(draw.size(4), len(x))),
        "b_1": draw.real(len(W_1)),
        "W_2": draw.real(n, len(W_1)),
        "b_2": draw.real(n),
        "y": draw.simplex(n),
    },
    tuple(Find(perceptron, (name,)) for name in ("W_2", "b_2", "W_1", "b_1")),
    large=1000,
    logits=("b_2",),
)


def residual(x: Any, W: Any, V: Any) -> Any:
    return x + V @ relu(W @ x)


REFERENCES["residual-block"] = Reference(
    lambda draw, n: {
        "x": draw.real(n),
        "W": (W := draw.real(draw.size(4), n)),
        "V": draw.real(n, len(W)),
    },
    (Find(residual, ("x",)), Find(residual, ("W",))),
    large=300,
)


def gru(
    s: Any, x: Any, w_z: Any, u_z: Any, b_z: Any, w_r: Any, u_r: Any, b_r: Any, w_h: Any, u_h: Any, b_h: Any
) -> Any:
    z = sigmoid(w_z * x + u_z * s + b_z)
    r = sigmoid(w_r * x + u_r * s + b_r)
    return (1 - z) * s + z * mpmath.tanh(w_h * x + u_h * (r * s) + b_h)


REFERENCES["gru-step"] = Reference(
    lambda draw, n: {
        name: draw.real() for name in ("s", "x", "w_z", "u_z", "b_z", "w_r", "u_r", "b_r", "w_h", "u_h", "b_h")
    },
    tuple(Find(gru, (name,)) for name in ("s", "u_z", "u_r")),
)


def minimal_gate(w: Any, u: Any, v: Any, x: Any, h_0: Any, shift: Any) -> Any:
    h = h_0 + shift[0]
    for t in range(len(x)):
        f = sigmoid(w * x[t] + u * h)
        h = f * h + (1 - f) * mpmath.tanh(v * x[t]) + shift[t + 1]
    return h


def sequence(draw: Draw, n: int, *names: str) -> Inputs:
    """A scalar input sequence of n steps, an initial state, a shift of every state, and the named scalars."""
    scalars = {name: draw.real(scale=0.7) for name in names}
    return {"x": draw.real(n), "h_0": draw.real(), "shift": np.zeros(n + 1), "T": n} | scalars


REFERENCES["gru-recurrence"] = Reference(
    lambda draw, n: sequence(draw, n, "w", "u", "v"),
    tuple(Find(lambda T, **given: minimal_gate(**given), (name,)) for name in ("u", "v", "shift")),
    large=5000,
)


def lstm(h: Any, c: Any, x: Any, a_i: Any, b_i: Any, a_f: Any, b_f: Any, a_o: Any, b_o: Any, a_g: Any, b_g: Any) -> Any:
    i, f, o = (sigmoid(a * x + b * h) for a, b in ((a_i, b_i), (a_f, b_f), (a_o, b_o)))
    return o * mpmath.tanh(f * c + i * mpmath.tanh(a_g * x + b_g * h))


REFERENCES["lstm-step"] = Reference(
    lambda draw, n: {
        name: draw.real() for name in ("h", "c", "x", "a_i", "b_i", "a_f", "b_f", "a_o", "b_o", "a_g", "b_g")
    },
    tuple(Find(lstm, (name,)) for name in ("c", "h", "b_f")),
)


def cell_path(x: Any, a: Any, b: Any, w: Any, c_0: Any, shift: Any) -> Any:
    c = c_0 + shift[0]
    for t in range(len(x)):
        c = sigmoid(a * x[t]) * c + sigmoid(b * x[t]) * mpmath.tanh(w * x[t]) + shift[t + 1]
    return c


REFERENCES["lstm-cell-path"] = Reference(
    lambda draw, n: (
        {"x": draw.real(n), "a": draw.real(), "b": draw.real(), "w": draw.real(), "c_0": 0.0}
        | {"shift": np.zeros(n + 1)}
    ),
    tuple(Find(cell_path, (name,)) for name in ("a", "w", "shift")),
    large=5000,
)


def coupled_lstm(x: Any, a: Any, b: Any, p: Any, q: Any) -> Any:
    c = h = mpmath.mpf(0)
    for t in range(len(x)):
        f = sigmoid(a * x[t] + b * h)
        c = f * c + (1 - f) * mpmath.tanh(p * x[t] + q * h)
        h = mpmath.tanh(c)
    return h


REFERENCES["lstm-recurrence"] = Reference(
    lambda draw, n: {"x": draw.real(n), "a": draw.real(), "b": draw.real(), "p": draw.real(), "q": draw.real()},
    (Find(coupled_lstm, ("b",)),),
    large=5000,
)


def elman(x: Any, y: Any, w: Any, u: Any, v: Any, c: Any) -> Any:
    h = loss = mpmath.mpf(0)
    for t in range(len(x)):
        h = mpmath.tanh(w * h + u * x[t])
        loss += (v * h + c - y[t]) ** 2 / 2
    return loss


REFERENCES["elman"] = Reference(
    lambda draw, n: (
        {"x": draw.real(n), "y": draw.real(n)} | {name: draw.real(scale=0.7) for name in ("w", "u", "v", "c")}
    ),
    tuple(Find(elman, (name,)) for name in ("v", "c", "w", "u")),
    large=5000,
)


def leaky(x: Any, alpha: Any, h_0: Any) -> Any:
    h = h_0
    for t in range(len(x)):
        h = (1 - alpha) * h + alpha * x[t]
    return h


REFERENCES["leaky-integrator"] = Reference(
    lambda draw, n: {"x": draw.real(n), "alpha": draw.positive(low=0.1, high=0.9), "h_0": draw.real(), "T": n},
    tuple(Find(lambda T, **given: leaky(**given), (name,)) for name in ("alpha", "x", "h_0")),
    large=5000,
)


def momentum(g: Any, beta: Any, eta: Any, theta_0: Any) -> Any:
    v, theta = mpmath.mpf(0), theta_0
    for t in range(len(g)):
        v = beta * v + g[t]
        theta = theta - eta * v
    return theta


REFERENCES["momentum"] = Reference(
    lambda draw, n: {
        "g": draw.real(n),
        "beta": draw.positive(low=0.1, high=0.9),
        "eta": draw.positive(),
        "theta_0": draw.real(),
        "T": n,
    },
    tuple(Find(lambda T, **given: momentum(**given), (name,)) for name in ("eta", "beta")),
    large=5000,
)


def second_order(x: Any, a: Any, b: Any, s_0: Any, s_1: Any) -> Any:
    older, old = s_0, s_1
    for t in range(len(x)):
        older, old = old, a * old + b * older + x[t]
    return old


REFERENCES["second-order-recurrence"] = Reference(
    lambda draw, n: (
        {"x": draw.real(n), "s_0": draw.real(), "s_1": draw.real()}
        | {"a": draw.real(scale=0.4), "b": draw.real(scale=0.4), "T": n + 1}
    ),
    (Find(lambda T, **given: second_order(**given), ("a",)),),
    large=5000,
)


def first_moment(g: Any, beta: Any) -> Any:
    m = mpmath.mpf(0)
    for t in range(len(g)):
        m = beta * m + (1 - beta) * g[t]
    return m / (1 - beta ** len(g))


REFERENCES["adam-first-moment"] = Reference(
    lambda draw, n: {"g": draw.real(n), "beta": draw.positive(low=0.1, high=0.9), "T": n},
    (Find(lambda g, beta, **_: first_moment(g, beta), ("g",)),),
    large=5000,
)


def discounted(gamma: Any, r: Any, **_: Any) -> Any:
    return sum((gamma**t * r[t] for t in range(len(r))), mpmath.mpf(0))


REFERENCES["discounted-return"] = Reference(
    lambda draw, n: {"gamma": draw.positive(low=0.1, high=0.9), "r": draw.real(n + 1), "T": n},
    (Find(discounted, ("gamma",)), Find(discounted, ("r",))),
    large=5000,
)


def swish(x: Any, beta: Any) -> Any:
    return x * sigmoid(beta * x)


REFERENCES["swish"] = Reference(
    lambda draw, n: {"x": draw.real(), "beta": draw.positive()},
    (Find(swish, ("x",)), Find(swish, ("beta",))),
    logits=("x",),
)


def gelu(x: Any) -> Any:
    return x / 2 * (1 + erf(x / mpmath.sqrt(2)))


REFERENCES["gelu"] = Reference(
    lambda draw, n: {"x": draw.real()}, (Find(gelu, ("x",)), Find(gelu, ("x", "x"))), logits=("x",)
)


def softplus(x: Any, beta: Any) -> Any:
    return mpmath.log(1 + mpmath.exp(beta * x)) / beta


REFERENCES["softplus"] = Reference(
    lambda draw, n: {"x": draw.real(), "beta": draw.positive()},
    (Find(softplus, ("x",)), Find(softplus, ("beta",))),
    logits=("x",),
)

REFERENCES["softsign"] = Reference(
    lambda draw, n: {"x": draw.real()}, (Find(lambda x: x / (1 + abs(x)), ("x",)),), logits=("x",)
)

REFERENCES["mish"] = Reference(
    lambda draw, n: {"x": draw.real()},
    (Find(lambda x: x * mpmath.tanh(mpmath.log(1 + mpmath.exp(x))), ("x",)),),
    logits=("x",),
)


def prelu(x: Any, a: Any, t: Any) -> Any:
    return np.sum((relu(x) + a * negative_part(x) - t) ** 2) / 2


REFERENCES["prelu"] = Reference(
    lambda draw, n: {"x": draw.real(n), "a": draw.positive(), "t": draw.real(n)},
    (Find(prelu, ("a",)), Find(prelu, ("x",))),
    large=5000,
)


def elu(x: Any, alpha: Any) -> Any:
    return x if x > 0 else alpha * (mpmath.exp(x) - 1)


REFERENCES["elu"] = Reference(
    lambda draw, n: {"x": draw.real(), "alpha": draw.positive()},
    (Find(elu, ("x",)), Find(elu, ("alpha",))),
    logits=("x",),
)

REFERENCES["policy-gradient"] = Reference(
    lambda draw, n: {"theta": draw.real(n), "r": draw.real(n)},
    (Find(lambda theta, r: np.sum(softmax(theta) * r), ("theta",)),),
    large=1000,
    logits=("theta",),
)

REFERENCES["softmax-entropy"] = Reference(
    lambda draw, n: {"z": draw.real(n)},
    (Find(lambda z: -np.sum(softmax(z) * log(softmax(z))), ("z",)),),
    large=1000,
    logits=("z",),
)


def renyi(p: Any, z: Any, alpha: Any) -> Any:
    return mpmath.log(np.sum(p**alpha * softmax(z) ** (1 - alpha))) / (alpha - 1)


REFERENCES["renyi"] = Reference(
    lambda draw, n: {"p": draw.simplex(n), "z": draw.real(n), "alpha": draw.positive(high=0.9)},
    (Find(renyi, ("z",)),),
    large=1000,
)


def tsallis(p: Any, q: Any, **_: Any) -> Any:
    return (1 - np.sum(p**q)) / (q - 1)


REFERENCES["tsallis"] = Reference(
    lambda draw, n: {"p": draw.positive(n), "q": draw.positive(low=1.2, high=3.0)},
    (Find(tsallis, ("p",)), Find(tsallis, ("p", "p"))),
    large=1000,
)


def hellinger(p: Any, q: Any) -> Any:
    return 1 - np.sum(sqrt(p * q))


REFERENCES["hellinger"] = Reference(
    lambda draw, n: {"p": draw.simplex(n), "z": draw.real(n), "q": draw.simplex(n)},
    (
        Find(lambda p, q, **_: hellinger(p, q), ("q",)),
        Find(lambda p, z, **_: hellinger(p, softmax(z)), ("z",)),
    ),
    large=1000,
)


def diagonal_kl(mu: Any, m: Any, sigma: Any, tau: Any, shift: Any) -> Any:
    variance = sigma**2 + shift
    return np.sum(log(tau**2 / variance) - 1 + (variance + (mu - m) ** 2) / tau**2) / 2


REFERENCES["kl-diagonal-gaussians"] = Reference(
    lambda draw, n: {
        "mu": draw.real(n),
        "m": draw.real(n),
        "sigma": draw.positive(n),
        "tau": draw.positive(n),
        "shift": np.zeros(n),
    },
    tuple(Find(diagonal_kl, (name,)) for name in ("mu", "sigma", "tau", "shift")),
    large=5000,
)


def elbo(mu: Any, sigma: Any, varepsilon: Any, W: Any, x: Any) -> Any:
    z = mu + sigma * varepsilon
    return np.sum((x - W @ z) ** 2) / 2 - np.sum(1 + log(sigma**2) - mu**2 - sigma**2) / 2


REFERENCES["elbo"] = Reference(
    lambda draw, n: {
        "mu": draw.real(n),
        "sigma": draw.positive(n),
        "varepsilon": draw.real(n),
        "W": (W := draw.real(draw.size(), n)),
        "x": draw.real(len(W)),
    },
    tuple(Find(elbo, (name,)) for name in ("mu", "sigma", "W")),
    large=1000,
)


def signed_logistic(w: Any, x: Any, y: Any) -> Any:
    return np.sum(log(1 + exp(-y * (x @ w))))


REFERENCES["logistic-hessian"] = Reference(
    lambda draw, n: {
        "x": (x := draw.real(n, draw.size())),
        "w": draw.real(x.shape[1]),
        "y": np.sign(draw.real(n)),
    },
    (Find(signed_logistic, ("w",)), Find(signed_logistic, ("w", "w"))),
    large=5000,
    logits=("w",),
)


def preference(a: Any, b: Any, a_prime: Any, b_prime: Any, beta: Any) -> Any:
    return -mpmath.log(sigmoid(beta * ((a - a_prime) - (b - b_prime))))


REFERENCES["preference-optimisation"] = Reference(
    lambda draw, n: {
        "a": draw.real(),
        "b": draw.real(),
        "a_prime": draw.real(),
        "b_prime": draw.real(),
        "beta": draw.positive(),
    },
    tuple(Find(preference, (name,)) for name in ("a", "b", "beta")),
    logits=("a",),
)

REFERENCES["probit"] = Reference(
    lambda draw, n: {"y": draw.sign(), "z": draw.real()},
    (Find(lambda y, z: -mpmath.log((1 + erf(y * z / mpmath.sqrt(2))) / 2), ("z",)),),
)


def mean_cross_entropy(t: Any, a: Any) -> Any:
    return -np.sum(t * log(softmax(a))) / len(t)


REFERENCES["softmax-regression-mean"] = Reference(
    lambda draw, n: {
        "x": (x := draw.real(n, draw.size(3))),
        "W": (W := draw.real(draw.size(4), x.shape[1])),
        "t": draw.simplex(n, len(W)),
        "a": draw.real(n, len(W)),
    },
    (
        Find(lambda t, a, **_: mean_cross_entropy(t, a), ("a",)),
        Find(lambda t, x, W, **_: mean_cross_entropy(t, x @ W.T), ("W",)),
    ),
    large=5000,
    logits=("a", "W"),
)


def clusters(r: Any, x: Any, c: Any) -> Any:
    return np.sum(r[:, :, None] * (x[:, None, :] - c[None, :, :]) ** 2) / 2


REFERENCES["soft-k-means"] = Reference(
    lambda draw, n: {
        "x": (x := draw.real(n, draw.size(3))),
        "c": (c := draw.real(draw.size(4), x.shape[1])),
        "r": draw.simplex(n, len(c)),
    },
    (Find(clusters, ("c",)), Find(clusters, ("x",))),
    large=5000,
)


def convolution(w: Any, x: Any, t: Any) -> Any:
    windows = [np.sum(w * x[i : i + len(w)]) for i in range(len(t))]
    return sum(((y - t[i]) ** 2 for i, y in enumerate(windows)), mpmath.mpf(0)) / 2


REFERENCES["convolution"] = Reference(
    lambda draw, n: {"w": (w := draw.real(draw.size())), "t": draw.real(n), "x": draw.real(n + len(w) - 1)},
    (Find(convolution, ("w",)),),
    large=1000,
)


def gated(W: Any, V: Any, x: Any, t: Any) -> Any:
    return np.sum(((W @ x) * sigmoid(V @ x) - t) ** 2) / 2


REFERENCES["gated-linear-unit"] = Reference(
    lambda draw, n: {
        "x": (x := draw.real(draw.size())),
        "W": draw.real(n, len(x)),
        "V": draw.real(n, len(x)),
        "t": draw.real(n),
    },
    tuple(Find(gated, (name,)) for name in ("W", "V", "x")),
    large=1000,
)


def planar(z: Any, u: Any, w: Any, b: Any) -> Any:
    return z + u * mpmath.tanh(np.sum(w * z) + b)


REFERENCES["planar-flow"] = Reference(
    lambda draw, n: {"z": draw.real(n), "u": draw.real(n), "w": draw.real(n), "b": draw.real()},
    (Find(planar, ("z",)), Find(planar, ("w",))),
    large=1000,
)


def quadratic(A: Any, b: Any, x: Any, c: Any) -> Any:
    return x @ A @ x + np.sum(b * x) + c


REFERENCES["quadratic-form"] = Reference(
    lambda draw, n: {"A": draw.real(n, n), "b": draw.real(n), "x": draw.real(n), "c": draw.real()},
    (Find(quadratic, ("x",)), Find(quadratic, ("x", "x")), Find(quadratic, ("A",))),
    large=1000,
)


def bilinear(x: Any, A: Any, y: Any) -> Any:
    return mpmath.tanh(x @ A @ y)


REFERENCES["bilinear"] = Reference(
    lambda draw, n: {
        "x": draw.real(n, scale=0.5),
        "y": (y := draw.real(draw.size(), scale=0.5)),
        "A": draw.real(n, len(y), scale=0.5),
    },
    (
        Find(bilinear, ("y",)),
        Find(bilinear, ("A",)),
        Find(bilinear, ("x", "y")),
        Find(bilinear, ("y", "x")),
    ),
    large=1000,
)


def pinball(y: Any, q: Any, tau: Any) -> Any:
    return max(tau * (y - q), (tau - 1) * (y - q))


REFERENCES["pinball"] = Reference(
    lambda draw, n: {"y": draw.real(), "q": draw.real(), "tau": draw.positive(low=0.1, high=0.9)},
    (Find(pinball, ("q",)),),
)


def dice(p: Any, t: Any) -> Any:
    return 1 - 2 * np.sum(p * t) / (np.sum(p) + np.sum(t))


REFERENCES["dice"] = Reference(
    lambda draw, n: {"p": draw.positive(n, high=0.9), "z": draw.real(n), "t": draw.positive(n, high=0.9)},
    (
        Find(lambda p, t, **_: dice(p, t), ("p",)),
        Find(lambda z, t, **_: dice(sigmoid(z), t), ("z",)),
    ),
    large=5000,
    logits=("z",),
)


def rbf(x: Any, y: Any, ell: Any) -> Any:
    return mpmath.exp(-np.sum((x - y) ** 2) / (2 * ell**2))


REFERENCES["rbf-kernel"] = Reference(
    lambda draw, n: {"x": draw.real(n), "y": draw.real(n), "ell": draw.positive()},
    (Find(rbf, ("x",)), Find(rbf, ("ell",)), Find(rbf, ("x", "y"))),
    large=1000,
)


def free_energy(b: Any, v: Any, c: Any, W: Any) -> Any:
    return -np.sum(b * v) - np.sum(log(1 + exp(c + v @ W)))


REFERENCES["boltzmann-free-energy"] = Reference(
    lambda draw, n: {
        "b": draw.real(n),
        "v": draw.real(n),
        "c": (c := draw.real(draw.size())),
        "W": draw.real(n, len(c)),
    },
    tuple(Find(free_energy, (name,)) for name in ("v", "W", "c")),
    large=1000,
    logits=("c",),
)


def state_space(A: Any, B: Any, x: Any, h_0: Any, shift: Any) -> Any:
    h = h_0 + shift[0]
    for t in range(len(x)):
        h = A @ h + B @ x[t] + shift[t + 1]
    return h


REFERENCES["linear-state-space"] = Reference(
    lambda draw, n: {
        "A": (A := draw.real(*[draw.size(3)] * 2, scale=0.4)),
        "x": (x := draw.real(n, draw.size(2))),
        "B": draw.real(len(A), x.shape[1]),
        "h_0": draw.real(len(A)),
        "d": draw.real(len(A)),
        "shift": np.zeros((n + 1, len(A))),
        "T": n,
    },
    (
        Find(lambda T, d, **given: state_space(**given), ("shift",), axes=(1, 0, 2)),
        Find(lambda T, d, **given: np.sum((state_space(**given) - d) ** 2) / 2, ("shift",)),
    ),
    large=5000,
)


def log_sum_exp(x: Any) -> Any:
    return mpmath.log(np.sum(exp(x)))


REFERENCES["log-sum-exp"] = Reference(
    lambda draw, n: {"x": draw.real(n)},
    (Find(log_sum_exp, ("x",)), Find(log_sum_exp, ("x", "x"))),
    large=1000,
    logits=("x",),
)


def sparse(D: Any, x: Any, s: Any, lambda_: Any) -> Any:
    return np.sum((x - D @ s) ** 2) / 2 + lambda_ * np.sum(absolute(s))


REFERENCES["sparse-code"] = Reference(
    lambda draw, n: {
        "s": draw.real(n),
        "D": (D := draw.real(draw.size(), n)),
        "x": draw.real(len(D)),
        "lambda_": draw.positive(),
    },
    (Find(sparse, ("s",)), Find(sparse, ("D",))),
    large=1000,
)


def tied(W: Any, x: Any) -> Any:
    return np.sum((W.T @ (W @ x) - x) ** 2) / 2


REFERENCES["tied-autoencoder"] = Reference(
    lambda draw, n: {"x": draw.real(n), "W": draw.real(draw.size(4), n)},
    (Find(tied, ("W",)), Find(tied, ("x",))),
    large=1000,
)


def ranking(c: Any, s: Any) -> Any:
    return np.sum(c * log(1 + exp(s[None, :] - s[:, None])))


REFERENCES["margin-ranking"] = Reference(
    lambda draw, n: {"c": draw.real(n, n), "s": draw.real(n)},
    (Find(ranking, ("s",)),),
    large=300,
    logits=("s",),
)

REFERENCES["softplus-identity"] = Reference(lambda draw, n: {}, ())
REFERENCES["log-sum-exp-shift"] = Reference(lambda draw, n: {}, ())


def neuron(w_1: Any, w_2: Any, b: Any, x_1: Any, x_2: Any, t: Any) -> tuple[Any, Any]:
    z = w_1 * x_1 + w_2 * x_2 + b
    return z, (max(mpmath.mpf(0), z) - t) ** 2 / 2


REFERENCES["neuron-numbers"] = Reference(
    lambda draw, n: {"w_1": 0.5, "w_2": -1.0, "b": 2.0, "x_1": 3.0, "x_2": 1.5, "t": 1.0},
    (
        Find(lambda **given: neuron(**given)[0]),
        Find(lambda **given: neuron(**given)[1]),
        Find(lambda **given: neuron(**given)[1], ("w_2",)),
    ),
)
