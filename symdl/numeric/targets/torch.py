"""Functions on PyTorch tensors, on the device and in the precision of the arguments; no graph is kept."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from symdl.numeric import translate
from symdl.numeric.arrays import ArrayWriter
from symdl.numeric.program import Node, Program
from symdl.numeric.syntax import dotted

WORDS = translate.Words(
    "torch",
    "torch.special",
    {
        "max": "torch.amax",
        "min": "torch.amin",
        "array": "torch.clone",
        "concatenate": "torch.cat",
        "expand_dims": "torch.unsqueeze",
        "vecdot": "torch.linalg.vecdot",
        "power": "torch.pow",
        "arctan": "torch.atan",
        "euler_gamma": "0.5772156649015329",
        "where": "where",
        "maximum": "maximum",
        "minimum": "minimum",
    },
    {"axis": "dim", "flip.axis": "dims", "keepdims": "keepdim", "initial": None, "optimize": None},
    {
        "where": """
def where(condition, value, other):
    return torch.where(condition, value, other) if torch.is_tensor(condition) else value if condition else other
""",
        "maximum": """
def maximum(a, b):
    return torch.maximum(a, b) if torch.is_tensor(b) else torch.clamp_min(a, b)
""",
        "minimum": """
def minimum(a, b):
    return torch.minimum(a, b) if torch.is_tensor(b) else torch.clamp_max(a, b)
""",
    },
)

HELPERS: dict[str, str] = {
    "as_tensor": """
def as_tensor(value):
    # An array of NumPy that may only be read, or runs backwards, is copied.
    flags = getattr(value, "flags", None)
    is_odd = flags is not None and (not flags.writeable or min(value.strides, default=0) < 0)
    return torch.as_tensor(value.copy() if is_odd else value)
""",
    "as_floats": """
def as_floats(*values):
    tensors = [as_tensor(v) for v in values]
    if any(t.is_complex() for t in tensors):
        raise ValueError("expected real numbers, got complex ones")
    # What has no precision of its own is in float64, not in the default of the library.
    tensors = [t if hasattr(v, "dtype") else torch.as_tensor(v, dtype=torch.float64) for t, v in zip(tensors, values)]
    kinds = [t.dtype for t, v in zip(tensors, values) if hasattr(v, "dtype") and t.is_floating_point()]
    dtype = kinds[0] if kinds else torch.float64
    for kind in kinds:
        dtype = torch.promote_types(dtype, kind)
    device = next((t.device for t in tensors if t.device.type != "cpu"), torch.device("cpu"))
    return [t.to(device=device, dtype=dtype) for t in tensors]
""",
    "as_labels": """
def as_labels(name, value):
    labels = as_tensor(value)
    if labels.is_complex() or labels.is_floating_point() and bool(torch.any(torch.frac(labels) != 0)):
        raise ValueError(f"{name}: expected positions counted from 0, got {value!r}")
    return labels.long()
""",
    "position": """
def position(name, index, length):
    held = torch.as_tensor(index)
    if bool(torch.any((held < 0) | (held >= length))):
        raise ValueError(f"{name}: no position {index} along an axis of length {length}")
    return index
""",
    "dense_softmax": """
def dense_softmax(x):
    return exact_softmax(x) if x.dtype == torch.float64 else softmax(x.double()).to(x.dtype)
""",
    "row_max": """
def row_max(x):
    # A row without entries has no largest one.
    empty = not x.shape[-1]
    return x.new_full((*x.shape[:-1], 1), -torch.inf) if empty else torch.amax(x, -1, keepdim=True)
""",
    "size_along": """
def size_along(x, axis):
    # Without entries there is no largest one.
    sizes = torch.abs(x)
    return torch.amax(sizes, dim=axis) if x.shape[axis] else torch.sum(sizes, dim=axis)
""",
    "scaled": """
def scaled(x, n):
    return torch.ldexp(x, n)
""",
    "choice": """
def choice(condition, value, other, dtype):
    new = lambda v: torch.tensor(v, dtype=dtype, device=condition.device)
    return torch.where(condition, new(value), new(other))
""",
    "expanded": """
def expanded(x, shape):
    return torch.broadcast_to(x, torch.broadcast_shapes(tuple(x.shape), shape))
""",
    "filled": """
def filled(x, batch, shape, like):
    x = torch.as_tensor(x, dtype=like.dtype, device=like.device)
    return torch.broadcast_to(x, (*batch, *shape)).clone()
""",
    "picked": """
def picked(array, rank, *indices):
    # Entries along the last axes; the indices have their own last axes, and batches before them.
    indices = [torch.as_tensor(i, device=array.device) for i in indices]
    before = array.shape[: array.ndim - len(indices)]
    batch = torch.broadcast_shapes(before, *(i.shape[: max(i.ndim - rank, 0)] for i in indices))
    if not batch:
        return array[tuple(indices)]
    array = torch.broadcast_to(array, (*batch, *array.shape[array.ndim - len(indices) :]))
    after = [len(batch) - n - 1 + rank for n in range(len(batch))]
    grid = (torch.arange(k, device=array.device).reshape(k, *[1] * m) for k, m in zip(batch, after))
    return array[(*grid, *indices)]
""",
    "states": """
def states(batch, shape, like):
    # The axis that a loop runs through lies first in memory.
    made = torch.empty((*shape[:1], *batch, *shape[1:]), dtype=like.dtype, device=like.device)
    return torch.moveaxis(made, 0, -len(shape)) if shape else made
""",
    "partial_results": """
def partial_results(op, x, start, from_end=False):
    x = torch.flip(x, (-1,)) if from_end else x
    first = torch.full((*x.shape[:-1], 1), start, dtype=x.dtype, device=x.device)
    running = torch.cumsum(x, -1) if op is torch.add else torch.cumprod(x, -1)
    found = torch.cat([first, running], -1)
    return torch.flip(found, (-1,)) if from_end else found
""",
    "filled_like": """
def filled_like(shape, value, like):
    return like.new_full(shape, value)
""",
    "identity_like": """
def identity_like(size, like):
    return torch.eye(size, dtype=like.dtype, device=like.device)
""",
}
"""Name -> source of the functions that NumPy's words do not carry over for."""


class _Writer(ArrayWriter):
    helpers = HELPERS

    def _like(self) -> ast.expr:
        """A tensor with the precision and the device of the result."""
        floats = [p for p in self.program.parameters if p.kind == "array"]
        if floats:
            return ast.Name(floats[0].name)
        return ast.Call(dotted("np.empty"), [ast.Constant(0)], [ast.keyword("dtype", dotted("np.float64"))])

    def _made(self, function: str, args: list[ast.expr], dtype: ast.expr) -> ast.expr:
        words = [ast.keyword("dtype", dtype), ast.keyword("device", ast.Attribute(self._like(), "device"))]
        return ast.Call(dotted(function), args, words)

    def constant(self, value: ast.expr) -> ast.expr:
        return value

    def _array(self, node: Node, code: ast.expr) -> ast.expr:
        if self._is_batched(node) or node.axes:
            return code
        words = [ast.keyword(w, ast.Attribute(self._like(), w)) for w in ("dtype", "device")]
        return ast.Call(dotted("np.as_tensor"), [code], words)

    def helper(self, name: str, *args: ast.expr, **keywords: ast.expr) -> ast.Call:
        if name in ("states", "filled"):
            args = (*args[:-1], self._like())
        return super().helper(name, *args, **keywords)


def write(programs: Sequence[tuple[Program, str]], title: str) -> str:
    """The source of a module with the functions of the programs, each with its docstring; helpers stand there once."""
    writers = [(_Writer(program), document) for program, document in programs]
    functions = [w.function(document, [ast.Call(dotted("np.no_grad"), [], [])]) for w, document in writers]
    return translate.module(title, ["import torch"], [w for w, _ in writers], functions, WORDS)


def reserved() -> frozenset[str]:
    """The names that a module defines itself."""
    return translate.reserved(WORDS) | {"torch"}
