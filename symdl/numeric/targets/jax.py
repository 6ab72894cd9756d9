"""Pure functions on JAX arrays, for jit and vmap; float64 where JAX has it switched on."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from symdl.numeric import translate
from symdl.numeric.arrays import ArrayWriter
from symdl.numeric.helpers import TERMS
from symdl.numeric.program import Program, Scan
from symdl.numeric.syntax import as_tuple, assign, binary, call, integer, number, subscript

WORDS = translate.Words("jnp", "jax.scipy.special", {"float64": "jnp.result_type(float)"}, {})

HELPERS: dict[str, str] = {
    "as_floats": """
def as_floats(*values):
    arrays = [jnp.asarray(v) for v in values]
    if any(jnp.iscomplexobj(a) for a in arrays):
        raise ValueError("expected real numbers, got complex ones")
    kinds = [a.dtype for a, v in zip(arrays, values) if hasattr(v, "dtype") and jnp.issubdtype(a.dtype, jnp.floating)]
    dtype = jnp.result_type(*kinds) if kinds else jnp.result_type(float)
    return [jnp.asarray(a, dtype) for a in arrays]
""",
    "as_labels": """
def as_labels(name, value):
    labels = jnp.asarray(value)
    if jnp.iscomplexobj(labels) or not isinstance(labels, jax.core.Tracer) and bool(jnp.any(jnp.mod(labels, 1) != 0)):
        raise ValueError(f"{name}: expected positions counted from 0, got {value!r}")
    return labels.astype(int)
""",
    "position": """
def position(name, index, length):
    # Inside jit nothing can be refused: there an index beyond the end gives what JAX gives.
    if not isinstance(index, jax.core.Tracer) and bool(jnp.any((jnp.asarray(index) < 0) | (index >= length))):
        raise ValueError(f"{name}: no position {index} along an axis of length {length}")
    return index
""",
    "dense_softmax": """
def dense_softmax(x):
    wide = jnp.result_type(float)
    return exact_softmax(x) if x.dtype == wide else softmax(x.astype(wide)).astype(x.dtype)
""",
    "expm1": """
def expm1(x):
    # XLA's own is off by more than four units; e^2r - 1 = (e^r - 1) (e^r + 1), by the power series of e^r.
    near = jnp.abs(x) < 0.69
    r = jnp.where(near, 0.5 * x, 0.0)
    q = 0.0
    for c in (TERMS):
        q = q * r + c
    q = r + r * r * q
    return jnp.where(near, q * (2.0 + q), jnp.exp(x) - 1.0)
""".replace("TERMS", TERMS),
    "tanh": """
def tanh(x):
    # XLA's own is off by six units; beyond a third the complement to 1 is what has few digits to lose.
    y = 2.0 * jnp.abs(x)
    n = expm1(y)
    return jnp.copysign(jnp.where(y < 0.69, n / (2.0 + n), 1.0 - 2.0 / (1.0 + jnp.exp(y))), x)
""",
    "shifted_exp": """
def shifted_exp(x, m):
    # What is added may be subnormal, which would be rounded to zero, where the sum is not.
    d, lost = difference(x, m)
    e = jnp.exp(d) * 2.0**60
    return (e + e * lost) * 2.0**-60
""",
    "scaled": """
def scaled(x, n):
    return jnp.ldexp(x, n.astype(int))
""",
    "states": """
def states(batch, shape, dtype):
    return jnp.zeros((*batch, *shape), dtype)
""",
    "partial_results": """
def partial_results(op, x, start, from_end=False):
    x = jnp.flip(x, -1) if from_end else x
    first = jnp.full((*x.shape[:-1], 1), start, x.dtype)
    running = jnp.cumsum(x, axis=-1) if op is jnp.add else jnp.cumprod(x, axis=-1)
    found = jnp.concatenate([first, running], axis=-1)
    return jnp.flip(found, -1) if from_end else found
""",
    "range_results": """
def range_results(op, x, start):
    n = x.shape[-1]

    def step(k, found):
        new = op(found[..., k], x[..., k, None])
        return found.at[..., k + 1].set(jnp.where(jnp.arange(n + 1) <= k, new, start))

    return jax.lax.fori_loop(0, n, step, jnp.full((*x.shape[:-1], n + 1, n + 1), start, x.dtype))
""",
    "running_sums": """
def running_sums(new, factor, from_end=False):
    if from_end:
        new, factor = jnp.flip(new, -1), jnp.flip(factor, -1)
    shape = jnp.broadcast_shapes(new.shape[:-1], factor.shape[:-1])
    first = jnp.zeros((*factor.shape[:-1], 1), factor.dtype)
    pairs = jnp.moveaxis(new, -1, 0), jnp.moveaxis(jnp.concatenate([first, factor], axis=-1), -1, 0)

    def step(state, pair):
        state = pair[0] + pair[1] * state
        return state, state

    start = jnp.zeros(shape, new.dtype)
    found = jnp.moveaxis(jnp.concatenate([start[None], jax.lax.scan(step, start, pairs)[1]]), 0, -1)
    return jnp.flip(found, -1) if from_end else found
""",
    "running_matrix_sums": """
def running_matrix_sums(new, matrix, from_end=False):
    if from_end:
        new, matrix = jnp.flip(new, -2), jnp.flip(matrix, -3)
    batch = jnp.broadcast_shapes(new.shape[: new.ndim - 2], matrix.shape[: matrix.ndim - 3])
    first = jnp.zeros_like(matrix[..., :1, :, :], shape=(*matrix.shape[:-3], 1, *matrix.shape[-2:]))
    pairs = jnp.moveaxis(new, -2, 0), jnp.moveaxis(jnp.concatenate([first, matrix], axis=-3), -3, 0)

    def step(state, pair):
        state = pair[0] + matvec(pair[1], state)
        return state, state

    start = jnp.zeros((*batch, new.shape[-1]), new.dtype)
    found = jnp.moveaxis(jnp.concatenate([start[None], jax.lax.scan(step, start, pairs)[1]]), 0, -2)
    return jnp.flip(found, -2) if from_end else found
""",
    "matrix_products": """
def matrix_products(matrices, from_end=False):
    size = matrices.shape[-1]
    steps = jnp.moveaxis(jnp.flip(matrices, -3) if from_end else matrices, -3, 0)

    def step(state, matrix):
        state = state @ matrix if from_end else matrix @ state
        return state, state

    start = jnp.broadcast_to(jnp.eye(size, dtype=matrices.dtype), (*matrices.shape[:-3], size, size))
    found = jnp.moveaxis(jnp.concatenate([start[None], jax.lax.scan(step, start, steps)[1]]), 0, -3)
    return jnp.flip(found, -3) if from_end else found
""",
    "vector_products": """
def vector_products(vector, scale, matrix, from_end=False, moves=False):
    # A vector times more and more of the matrices diag(scale) matrix, in order.
    rank = 3 if moves else 2
    shapes = vector.shape[: vector.ndim - 1], scale.shape[: scale.ndim - 2], matrix.shape[: matrix.ndim - rank]
    start = jnp.broadcast_to(vector, (*jnp.broadcast_shapes(*shapes), vector.shape[-1]))
    steps = jnp.moveaxis(scale, -2, 0), jnp.moveaxis(matrix, -3, 0) if moves else None

    def step(state, pair):
        factor = pair[1] if moves else matrix
        state = vecmat(state * pair[0], factor) if from_end else pair[0] * matvec(factor, state)
        return state, state

    found = jax.lax.scan(step, start, steps, reverse=from_end)[1]
    parts = [found, start[None]] if from_end else [start[None], found]
    return jnp.moveaxis(jnp.concatenate(parts), 0, -2)
""",
    "matrix_product": """
def matrix_product(matrices):
    size = matrices.shape[-1]
    start = jnp.broadcast_to(jnp.eye(size, dtype=matrices.dtype), (*matrices.shape[:-3], size, size))
    return jax.lax.scan(lambda state, matrix: (matrix @ state, None), start, jnp.moveaxis(matrices, -3, 0))[0]
""",
    "range_matrix_products": """
def range_matrix_products(matrices):
    n, size = matrices.shape[-3:-1]
    unit = jnp.eye(size, dtype=matrices.dtype)
    starts = jnp.arange(n + 1)[:, None, None]

    def step(k, found):
        new = matrices[..., k, None, :, :] @ found[..., k, :, :]
        return found.at[..., k + 1, :, :].set(jnp.where(starts <= k, new, unit))

    start = jnp.broadcast_to(unit, (*matrices.shape[:-3], n + 1, n + 1, size, size))
    return jax.lax.fori_loop(0, n, step, start)
""",
}
"""Name -> source of the functions that work in another way where arrays do not change and may be traced."""


class _Writer(ArrayWriter):
    helpers = HELPERS

    def loops(self, scan: Scan, body: list[ast.stmt]) -> list[ast.stmt]:
        """`fori_loop`s over the counters, which hand the arrays of the scan from turn to turn."""
        arrays = [name for name, _ in scan.arrays]
        held = [ast.Name(n) for n in arrays]
        for c in reversed(scan.counters):
            lo, hi = (integer(x, self._names) for x in (c.lo, c.hi))
            counter, start, stop = c.name, lo, integer(c.hi + 1, self._names)
            first: list[ast.stmt] = []
            if c.down:
                counter = self.program.temporary("n")
                first = [assign(c.name, binary(ast.Sub, hi, ast.Name(counter)))]
                start, stop = number(0), integer(c.hi - c.lo + 1, self._names)
            names = as_tuple([ast.Name(n, ast.Store()) for n in arrays])
            name = self.program.temporary("step")
            unpack: ast.stmt = ast.Assign([names], ast.Name("held"), lineno=0)
            function = ast.FunctionDef(
                name=name,
                args=ast.arguments(posonlyargs=[], args=[ast.arg(counter), ast.arg("held")], kwonlyargs=[],
                                   kw_defaults=[], defaults=[]),
                body=[unpack, *first, *body, ast.Return(as_tuple(list(held)))],
                decorator_list=[],
            )  # fmt: skip
            run = call("jax.lax.fori_loop", start, stop, ast.Name(name), as_tuple(list(held)))
            body = [function, ast.Assign([as_tuple([ast.Name(n, ast.Store()) for n in arrays])], run, lineno=0)]
        return body

    def stored(self, name: str, keys: list[ast.expr], value: ast.expr) -> ast.stmt:
        place = subscript(ast.Attribute(ast.Name(name), "at"), keys)
        return assign(name, ast.Call(ast.Attribute(place, "set"), [value], []))

    def copied(self, value: ast.expr) -> ast.expr:
        return value

    def constant(self, value: ast.expr) -> ast.expr:
        return value


def write(programs: Sequence[tuple[Program, str]], title: str) -> str:
    """The source of a module with the functions of the programs, each with its docstring; helpers stand there once."""
    writers = [(_Writer(program), document) for program, document in programs]
    functions = [w.function(document) for w, document in writers]
    imports = ["import jax", "import jax.numpy as jnp"]
    return translate.module(title, imports, [w for w, _ in writers], functions, WORDS)


def reserved() -> frozenset[str]:
    """The names that a module defines itself."""
    return translate.reserved() | {"jax", "jnp", "held"}
