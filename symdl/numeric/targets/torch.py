"""Functions on PyTorch tensors, on the device and in the precision of the arguments; no graph is kept.

A function checks its arguments once and works through a long batch by blocks of rows, so that it takes little memory
beside its result.  What is in half precision is worked out in single precision, and rounded once.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from symdl.numeric import translate
from symdl.numeric.placed import PlacedWriter
from symdl.numeric.program import Node, Program
from symdl.numeric.syntax import assign, dotted

NEAR, FAR = 1 << 17, 1 << 25
"""How many numbers a block has at most in one tensor: for each thread of the processor, and on another device."""

IS_COMPILED = True
"""A module is loaded from a file, where `torch.compile` looks its functions up."""

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
    # To compiled code nothing can be refused.
    if torch.compiler.is_compiling():
        return index
    held = torch.as_tensor(index)
    wrong = (held < 0) | (held >= length)
    if bool(torch.any(wrong)):
        raise ValueError(f"{name}: no position {held[wrong][0].item()} along an axis of length {length}")
    return index
""",
    "in_blocks": """
def in_blocks(function, entries, *arguments):
    # The function block by block of a long batch; each argument comes with how many axes are its own.
    kind = next((v.dtype for v, _ in arguments if v.is_floating_point()), None)
    real = torch.float32 if kind is not None and kind.itemsize < 4 else kind
    narrow = lambda v: v.to(real) if v.is_floating_point() else v
    batches = {v.shape[: v.ndim - rank] for v, rank in arguments if v.ndim > rank}
    batch = batches.pop() if len(batches) == 1 else torch.Size()
    count, step = batch.numel(), 0
    if not torch.compiler.is_compiling():
        is_far = any(v.device.type != "cpu" for v, _ in arguments)
        step = max((FAR if is_far else NEAR * torch.get_num_threads()) // max(entries, 1), 1)
    if not 0 < 2 * step <= count:
        found = function(*(narrow(v) for v, _ in arguments))
        rounded = lambda f: f.to(kind or f.dtype)
        return tuple(map(rounded, found)) if isinstance(found, tuple) else rounded(found)
    rows = [v.reshape(count, *v.shape[len(batch) :]) if v.ndim > rank else None for v, rank in arguments]
    made = None
    for start in range(0, count, step):
        part = slice(start, start + step)
        found = function(*(narrow(v if r is None else r[part]) for r, (v, _) in zip(rows, arguments)))
        parts = found if isinstance(found, tuple) else (found,)
        made = made or [p.new_empty((count, *p.shape[1:]), dtype=kind) for p in parts]
        for whole, p in zip(made, parts):
            whole[part] = p
    made = [m.reshape(*batch, *m.shape[1:]) for m in made]
    return tuple(made) if isinstance(found, tuple) else made[0]
""".replace("NEAR", str(NEAR)).replace("FAR", str(FAR)),
    "in_rows": """
def in_rows(array, place):
    # An array with the batch of both, and for each of its rows the place in it.
    batch = torch.broadcast_shapes(array.shape[:-1], place.shape)
    array = array if batch == array.shape[:-1] else torch.broadcast_to(array, (*batch, array.shape[-1])).clone()
    return array, torch.broadcast_to(place, batch)[..., None]
""",
    "rest_at": """
def rest_at(p, index):
    # 1 less the share at one position of each row: of one above a half, the sum of the others.
    p, at = in_rows(p, index)
    share = torch.gather(p, -1, at)
    p.scatter_(-1, at, 0.0)
    others = row_sum(p)
    p.scatter_(-1, at, share)
    return torch.where(share > 0.5, others, 1.0 - share)[..., 0]
""",
    "put_at": """
def put_at(index, value, other, own=False):
    # The rows of `other` with a value at one position of each, in its memory where nothing else needs this.
    value = torch.as_tensor(value, device=other.device)
    value = value.to(torch.promote_types(value.dtype, other.dtype)) if value.ndim else value.to(other.dtype)
    shape = torch.broadcast_shapes(index.shape, value.shape)
    found, at = in_rows(other, torch.broadcast_to(index, shape))
    found = found if own or found is not other else found.clone()
    return found.to(value.dtype).scatter_(-1, at, torch.broadcast_to(value, at.shape[:-1])[..., None])
""",
    "is_near": """
def is_near(x):
    # Whether exponentials of x neither overflow nor underflow, so that a shift would only round.
    if torch.compiler.is_compiling() or not x.numel():
        return False
    least, most = torch.aminmax(x)
    return bool((most < 350.0) & (least > -350.0))
""",
    "shifted_exp": """
def shifted_exp(x, m):
    if x.dtype != torch.float64:
        return torch.sub(x, m.double()).exp_().to(x.dtype)
    d = x - m
    back = d - x
    lost = (d - back).neg_().add_(x)
    lost.sub_(back.add_(m)).nan_to_num_(0.0, 0.0, 0.0)
    e = d.exp_()
    return e.addcmul_(e, lost)
""",
    "sum_parts": """
def sum_parts(x):
    bound = 2.0 * plain_sum(x)
    lead = (x + bound).sub_(bound)
    return plain_sum(lead), -plain_sum(lead.sub_(x))
""",
    "row_sum": """
def row_sum(x):
    if x.dtype != torch.float64:
        return torch.sum(x, -1, keepdim=True, dtype=torch.float64).to(x.dtype)
    lead, rest = sum_parts(x)
    return lead + rest
""",
    "exact_sum": """
def exact_sum(x, axis):
    # As above, of terms of either sign.
    plain = torch.sum(x, axis, keepdim=True, dtype=torch.float64)
    if x.dtype != torch.float64:
        return plain.squeeze(axis).to(x.dtype)
    bound = 2.0 * torch.sum(torch.abs(x), axis, keepdim=True)
    lead = (x + bound).sub_(bound)
    found = torch.sum(lead, axis) - torch.sum(lead.sub_(x), axis)
    return torch.where(torch.isfinite(found), found, plain.squeeze(axis))
""",
    "softmax": """
def softmax(x, kind=None):
    # The library's own in a precision beyond that of the arguments.
    if x.dtype != torch.float64:
        wide = x.dtype if kind is not None and kind.itemsize < 4 else torch.float64
        return torch.softmax(x, -1, dtype=wide).to(x.dtype)
    if is_near(x):
        e = torch.exp(x)
        return e.div_(row_sum(e))
    e, _, others = softmax_parts(x)
    return divided(e, others)
""",
    "dense_softmax": """
def dense_softmax(x):
    return exact_softmax(x) if x.dtype == torch.float64 else softmax(x)
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

_CHOSEN = ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "atan", "erf", "erfc")
"""The functions for which Intel's library chooses machine code when one of them is called for the first time."""

_SETTLED = """
def settled(*functions):
    # The machine code of a function is chosen at its first call: in several threads, one could get that of few digits.
    for function in functions:
        for kind in (torch.float32, torch.float64):
            function(torch.ones(1, dtype=kind))
""".strip()


class _Writer(PlacedWriter):
    helpers = HELPERS

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._kind: str | None = None

    def prologue(self) -> None:
        """Arguments become tensors on one device, and labels are compared with the lengths of axes."""
        super().prologue()
        add = self.top.statements.append
        if any(p.kind == "array" for p in self.arrays):
            device = ast.Attribute(self._like(), "device")
            for name in (p.name for p in self.arrays if p.kind == "label"):
                add(assign(name, ast.Call(ast.Attribute(ast.Name(name), "to"), [device], [])))
        for node in self.uses:
            if _is_checked_first(node):
                add(ast.Expr(super()._position(node)))
        self._start = len(self.top.statements)

    def function(self, document: str, decorators: Sequence[ast.expr] = ()) -> ast.FunctionDef:
        """The function with its docstring; inside, one of a block of rows."""
        made = super().function(document, decorators)
        first, *body = made.body
        before, body = body[: self._start], body[self._start :]
        if self._kind is not None:
            before.append(assign(self._kind, ast.Attribute(self._like(), "dtype")))
        if self.arrays:
            name = self.program.temporary("rows")
            given = ast.arguments([], [ast.arg(p.name) for p in self.arrays], None, [], [], None, [])
            before.append(ast.FunctionDef(name=name, args=given, body=body, decorator_list=[]))
            pairs = [self.ranked(p) for p in self.arrays]
            body = [ast.Return(self.helper("in_blocks", ast.Name(name), self.entries(), *pairs))]
        made.body = [first, *before, *body]
        return made

    def _position(self, node: Node) -> ast.expr:
        return self.value(node.args[0]) if _is_checked_first(node) else super()._position(node)

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

    def as_array(self, node: Node, code: ast.expr) -> ast.expr:
        if self._is_batched(node) or node.axes:
            return code
        words = [ast.keyword(w, ast.Attribute(self._like(), w)) for w in ("dtype", "device")]
        return ast.Call(dotted("np.as_tensor"), [code], words)

    def helper(self, name: str, *args: ast.expr, **keywords: ast.expr) -> ast.Call:
        if name in ("states", "filled"):
            args = (*args[:-1], self._like())
        if name == "softmax":
            self._kind = self._kind or self.program.temporary("kind")
            args = (*args, ast.Name(self._kind))
        return super().helper(name, *args, **keywords)


def _is_checked_first(node: Node) -> bool:
    """Whether a node is a label among the arguments and its length one that these fix."""
    return node.kind == "position" and node.inside is None and node.args[0].kind in ("input", "label")


def write(programs: Sequence[tuple[Program, str]], title: str) -> str:
    """The source of a module with the functions of the programs, each with its docstring; helpers stand there once."""
    writers = [(_Writer(program), document) for program, document in programs]
    functions = [w.function(document, [ast.Call(dotted("np.no_grad"), [], [])]) for w, document in writers]
    parts = (title, ["import torch"], [w for w, _ in writers], functions, WORDS)
    text = translate.module(*parts)
    called = [f"torch.{name}" for name in _CHOSEN if re.search(rf"\b{name}_?\(", text)]
    return translate.module(*parts, [f"{_SETTLED}\n\n\nsettled({', '.join(called)})"]) if called else text


def reserved() -> frozenset[str]:
    """The names that a module defines itself."""
    return translate.reserved(WORDS) | set(HELPERS) | {"torch", "settled"}
