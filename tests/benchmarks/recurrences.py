"""Gradients through a scalar and a vector recurrence, against hand-written C and the same matrix products."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from functions import found
from page import Goal, Section, ratio
from problems import RECURRENCE, VECTORS, derivations
from timing import compare

REASONS = {
    "scalar": "the states are kept and gone through again, where C keeps two numbers; arguments are checked in Python",
    "vector": "the products are taken one row at a time, between checks of the arguments",
}
STEPS = (10, 100, 1000)
UNITS = 32

C_SOURCE = """
#include <math.h>
double slope(const double *x, long steps, double w, double u, double b, double h, double y) {
    double s = 0.0;
    for (long t = 0; t < steps; t++) {
        double before = h;
        h = tanh(w * before + u * x[t] + b);
        s = (1.0 - h * h) * (before + w * s);
    }
    return (h - y) * s;
}
void slopes(const double *x, long rows, long steps, double w, double u, double b, double h, double y, double *out) {
    for (long n = 0; n < rows; n++) out[n] = slope(x + n * steps, steps, w, u, b, h, y);
}
"""

Row = tuple[str, str, dict[str, float]]


def section() -> Section:
    """Both tables and goal 5."""
    words = (
        "The scalar recurrence is over hand-written C with the tanh of libm in one pass; the vector recurrence "
        f"of {UNITS} units is over as many matrix products as the chain rule needs."
    )
    made = Section("Recurrences", words)
    made.missing = [n for m, n in (("jax", "JAX"), ("torch", "PyTorch")) if found(m) is None]
    c = _compiled()
    if c is None:
        made.missing.append("a C compiler")
    scalars, vectors = list(_scalar(c)), list(_vector())
    for title, rows, base, goal, name in (
        ("scalar", scalars, "C", 1.1, "5. scalar recurrence, numba target over hand-written C: at most 1.1"),
        (
            "vector",
            vectors,
            "matrix products",
            2.0,
            "5. vector recurrence, best target over its matrix products: at most 2",
        ),
    ):
        names = [n for n in dict.fromkeys(n for _, _, s in rows for n in s) if n != base]
        if all(base in s for _, _, s in rows):
            table = [[a, b, *(ratio(s[n] / s[base]) if n in s else "" for n in names)] for a, b, s in rows]
            made.tables.append(((f"{title}: steps", "rows", *(f"{n} / {base}" for n in names)), table))
            ratios = [min(s[n] for n in (("numba",) if title == "scalar" else ("numba", "numpy")) if n in s) / s[base]
                      for _, _, s in rows]  # fmt: skip
            made.goals.append(
                Goal(name, f"{ratio(min(ratios))} to {ratio(max(ratios))}", max(ratios) <= goal, REASONS[title])
            )
        else:
            made.goals.append(Goal(name, f"{base} is not there", None))
    return made


def _compiled() -> Any:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder) / "slope.c", Path(folder) / "slope.so"
        source.write_text(C_SOURCE)
        flags = ["-O3", "-march=native", "-shared", "-fPIC"]
        subprocess.run([compiler, *flags, str(source), "-o", str(library), "-lm"], check=True)
        made = ctypes.CDLL(str(library)).slopes
    made.restype = None
    made.argtypes = [ctypes.c_void_p, ctypes.c_long, ctypes.c_long, *[ctypes.c_double] * 5, ctypes.c_void_p]
    return made


def _scalar(c: Any) -> Iterator[Row]:
    (gradient,) = derivations(RECURRENCE)
    compiled, arrays = gradient.function("numba"), gradient.function("numpy")
    rng = np.random.default_rng(0)
    for rows in (1, 128):
        for steps in STEPS:
            x, out = rng.standard_normal((rows, steps)), np.empty(rows)
            given = {"w": 0.9, "u": 0.5, "b": 0.1, "h_0": 0.0, "y": 0.25, "x": x if rows > 1 else x[0]}
            made: dict[str, Callable[[], object]] = {
                "numba": lambda given=given: compiled(**given),  # type: ignore[misc]
                "numpy": lambda given=given: arrays(**given),  # type: ignore[misc]
            }
            if c is not None:
                places = (x.ctypes.data, rows, steps, 0.9, 0.5, 0.1, 0.0, 0.25, out.ctypes.data)
                made["C"] = lambda places=places: c(*places)  # type: ignore[misc]
            if jax := found("jax"):
                made["JAX"] = _by_jax(jax, x)
            if (torch := found("torch")) and steps <= 100:
                made["PyTorch autograd"] = _by_torch(torch, x)
            yield str(steps), str(rows), compare(made, rounds=7)


def _by_jax(jax: Any, x: Any) -> Callable[[], object]:
    def loss(w: Any, x: Any) -> Any:
        last, _ = jax.lax.scan(lambda h, a: (jax.numpy.tanh(w * h + 0.5 * a + 0.1), None), 0.0, x)
        return 0.5 * (last - 0.25) ** 2

    run = jax.jit(jax.vmap(jax.grad(loss), (None, 0)))
    held = jax.numpy.asarray(x)
    return lambda: run(0.9, held).block_until_ready()


def _by_torch(torch: Any, x: Any) -> Callable[[], object]:
    held = torch.from_numpy(x)

    def run() -> object:
        w = torch.full((len(x),), 0.9, dtype=torch.float64, requires_grad=True)
        h = torch.zeros(len(x), dtype=torch.float64)
        for t in range(held.shape[1]):
            h = torch.tanh(w * h + 0.5 * held[:, t] + 0.1)
        return torch.autograd.grad((0.5 * (h - 0.25) ** 2).sum(), w)[0]

    return run


def _vector() -> Iterator[Row]:
    (gradient,) = derivations(VECTORS)
    arrays, compiled = gradient.function("numpy"), gradient.function("numba")
    rng = np.random.default_rng(0)
    w = rng.standard_normal((UNITS, UNITS)) / UNITS**0.5
    for steps in STEPS:
        x, h, y = rng.standard_normal((steps, UNITS)), np.zeros(UNITS), rng.standard_normal(UNITS)
        states = rng.standard_normal((steps, UNITS))

        def products(steps: int = steps, x: Any = x, states: Any = states) -> object:
            # Forward, backward, and one product for the gradient.
            for t in range(steps):
                np.dot(w, states[t])
            for t in range(steps):
                np.dot(states[t], w)
            return states.T @ x

        given = {"W": w, "h_0": h, "x": x, "y": y}
        yield (
            str(steps),
            "1",
            compare(
                {
                    "numpy": lambda given=given: arrays(**given),  # type: ignore[misc]
                    "numba": lambda given=given: compiled(**given),  # type: ignore[misc]
                    "matrix products": products,
                },
                rounds=7,
            ),
        )
