"""Functions on NumPy arrays."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from symdl.errors import NoFunctionError
from symdl.numeric import helpers, plain, translate
from symdl.numeric.arrays import ArrayWriter, is_diagonal
from symdl.numeric.helpers import FEW
from symdl.numeric.placed import PlacedWriter
from symdl.numeric.program import Node, Output, Program
from symdl.numeric.syntax import assign, binary, call, dotted, number

BLOCK = 65536
"""How many numbers a block has at most in one array, eight of which a batch has at least to be worked through so."""

KEPT = (
    "# Once a piece of this size was given back, C libraries keep memory for later arrays instead of clearing it anew.",
    "np.empty(1 << 21)",
)
"""The statement by which temporary arrays take less time."""


def _before(line: str, name: str, text: str) -> str:
    """A helper with statements before the line of it that begins so."""
    source = helpers.HELPERS[name]
    assert source.count(line) == 1
    return source.replace(line, f"{text.strip(chr(10))}\n{line}")


HELPERS: dict[str, str] = {
    "dense_softmax": """
def dense_softmax(x):
    return softmax(x) if x.dtype == np.float32 else exact_softmax(x)
""",
    "is_near": """
def is_near(x, most=None):
    # Whether exponentials of x and their quotients neither overflow nor underflow, so that a shift would only round;
    # `most` are the largest of x along an axis.
    return x.size > 0 and (x if most is None else most).max() < 350.0 and x.min() > -350.0
""",
    "upper": """
def upper(x):
    # The upper half of the digits: products of two such numbers are exact, those of constants in any precision.
    if not hasattr(x, "dtype"):
        c = 2199023255553.0 * x
        return c - (c - x)
    whole, bits = (np.int32, -4096) if x.dtype == np.float32 else (np.int64, -134217728)
    return (x.view(whole) & bits).view(x.dtype)
""",
    "with_tail": """
def with_tail(value, lost):
    known = np.isfinite(lost)
    return value + (lost if known.all() else np.where(known, lost, 0.0))
""",
    "sigmoid": """
def sigmoid(x):
    # Two exponentials take less time than a choice; each is of a number that is not positive.
    return np.exp(np.minimum(x, 0.0)) / (1.0 + np.exp(-np.abs(x)))
""",
    "times_exp": _before(
        "    far =",
        "times_exp",
        """
    if is_near(u):
        return (x * np.exp(u, dtype=np.float64) * y).astype(u.dtype, copy=False)
""",
    ),
    "sech2": _before(
        "    far =",
        "sech2",
        """
    if is_near(size):
        e = np.exp(-size)
        return 4.0 * e / (1.0 + e * (2.0 + e))
""",
    ),
    "times_sigmoid": _before(
        "    size =",
        "times_sigmoid",
        """
    if is_near(u):
        return x * np.exp(np.minimum(u, 0.0)) / (1.0 + np.exp(-np.abs(u)))
""",
    ),
    "times_sigmoid_tail": """
def times_sigmoid_tail(x, u, found):
    # What the value lacks, but for the rounding of the exponential.
    size = np.abs(u)
    if is_near(u):
        scale, far = np.exp(np.minimum(u, 0.0)), False
        e = np.exp(-size)
    else:
        far = size > 64.0
        e = np.exp(np.where(far, 64.0 - size, -size))
        scale = np.where(u >= 0, 1.0, e)
    top = product(x, scale)
    more = product_tail(x, scale, top, upper(x), upper(scale))
    back = product(found, e)
    left = ((top - found) - back) + (more - product_tail(found, e, back, upper(found), upper(e)))
    left /= 1.0 + e
    return left if far is False else np.where(far, more * 1.6038108905486378e-28, left)
""",
    "plain_sum": """
def plain_sum(x):
    # A product of matrices takes less time than sums along short axes.
    size = x.shape[-1]
    if size == 0 or x.ndim == 1:
        return np.add.reduce(x, -1, keepdims=True)
    return x @ np.ones((size, 1), x.dtype) if size <= 32 else np.einsum("...i->...", x)[..., np.newaxis]
""",
    "shared": """
def shared(bound):
    # One bound for all rows where their sums are of like size: a single number is added in less time.
    return top if bound.size > 1 and (top := bound.max()) < 1024.0 * bound.min() else bound
""",
    "sum_parts": """
def sum_parts(x, most=None):
    # The sum of the leading digits of terms that are not negative, which is exact, and that of what they leave over;
    # `most` is as large as their sum.
    bound = shared(2.0 * (plain_sum(x) if most is None else most))
    lead = x + bound
    lead -= bound
    total = plain_sum(lead)
    return total, plain_sum(np.subtract(x, lead, out=lead))
""",
    "row_sum": """
def row_sum(x):
    # Of a few terms little is lost.
    if x.shape[-1] <= FEW:
        return plain_sum(x)
    lead, rest = sum_parts(x)
    return lead + rest
""".replace("FEW", str(FEW)),
    "exact_sum": """
def exact_sum(x, axis):
    # As above, of terms of either sign.
    plain = np.sum(x, axis=axis, keepdims=True, dtype=np.float64)
    if x.dtype == np.float32 or x.shape[axis] <= FEW:
        return np.squeeze(plain, axis).astype(x.dtype, copy=False)
    bound = shared(2.0 * np.sum(np.abs(x), axis=axis, keepdims=True))
    lead = x + bound
    lead -= bound
    found = np.sum(lead, axis=axis) + np.sum(np.subtract(x, lead, out=lead), axis=axis)
    return np.where(np.isfinite(found), found, np.squeeze(plain, axis))
""".replace("FEW", str(FEW)),
    "row_max": """
def row_max(x):
    size = x.shape[-1]
    if not 0 < size <= 16 or x.ndim == 1:
        return np.maximum.reduce(x, -1, keepdims=True, initial=-np.inf)
    m = x[..., :1].copy()
    for k in range(1, size):
        np.maximum(m, x[..., k : k + 1], out=m)
    return m
""",
    "largest_and_others": """
def largest_and_others(e, digits):
    # The largest of each row, and the sum of all but one as large as this, so that nothing cancels.
    size = e.shape[-1]
    if 0 < size <= 16 and e.ndim > 1:
        unit = e[..., :1].copy()
        others, lost = np.zeros_like(unit), np.zeros_like(unit)
        for k in range(1, size):
            lower, before = np.minimum(unit, e[..., k : k + 1]), others
            others = before + lower
            if size > 3 and digits > 24:
                back = others - before
                lost += (before - (others - back)) + (lower - back)
            np.maximum(unit, e[..., k : k + 1], out=unit)
        return unit, others + lost
    unit = row_max(e)
    total, more = sum_parts(e, size * unit) if digits > 24 else (plain_sum(e), 0.0)
    others = (total - unit) + more
    # The difference has all digits where the largest term is at most half of the sum, or where few are asked for.
    rows = np.flatnonzero(total + more < (2.0 if digits > 24 else 1.00001) * unit)
    if rows.size:
        part = e.reshape(-1, size)[rows]
        part[part >= unit.reshape(-1, 1)[rows]] = 0.0
        others.reshape(-1, 1)[rows] = row_sum(part)
    return unit, others
""",
    "shifted_exp": """
def shifted_exp(x, m):
    if x.dtype == np.float32:
        return np.exp(np.subtract(x, m, dtype=np.float64)).astype(np.float32)
    d, lost = difference(x, m)
    e = np.exp(d)
    return e + e * lost
""",
    "softmax": """
def softmax(x):
    if is_near(x):
        e = np.exp(x, dtype=np.float64)
    elif x.dtype == np.float32:
        e = np.exp(np.subtract(x, peak(x), dtype=np.float64))
    else:
        e, _, others = softmax_parts(x)
        return divided(e, others)
    e /= plain_sum(e) if x.dtype == np.float32 else row_sum(e)
    return e.astype(x.dtype, copy=False)
""",
    "exp_over_sum": """
def exp_over_sum(a, x, weight=None):
    m = peak(x, weight)
    if weight is None and is_near(a) and is_near(m):
        # What is far below the largest exponent may underflow.
        wide = np.exp(x, dtype=np.float64)
        total = plain_sum(wide) if x.dtype == np.float32 else row_sum(wide)
        return (np.exp(a, dtype=np.float64) / total[..., 0]).astype(x.dtype, copy=False)
    e = shifted_exp(x, m)
    if weight is not None:
        e = np.where(weight == 0, 0.0, weight * e)
    return shifted_exp(a, m[..., 0]) / weighted_sum(e)[..., 0]
""",
    "log_of_exponentials": """
def log_of_exponentials(x, shift):
    m = row_max(x)
    if not is_near(x, m):
        return peak(x) - shift + np.log1p(softmax_parts(x)[2])
    unit, others = largest_and_others(np.exp(x, dtype=np.float64), 24 if x.dtype == np.float32 else 53)
    return m - shift + np.log1p(others / unit).astype(x.dtype, copy=False)
""",
    "others_of": """
def others_of(p):
    # 1 less each share: of one above a half, the sum of the others.
    found = 1.0 - p
    if p.shape[-1] <= 32 and p.ndim > 1:
        large = p > 0.5
        return np.where(large, row_sum(np.where(large, 0.0, p)), found)
    shape = p.size // max(p.shape[-1], 1), p.shape[-1]
    rows, kept = p.reshape(shape), found.reshape(shape)
    if len(rows) == 1:
        large = rows.argmax(axis=-1)[rows.max(axis=-1) > 0.5]
        row = np.arange(large.size)
    else:
        row, large = np.divmod(np.flatnonzero(rows > 0.5), p.shape[-1])
    if row.size:
        others = rows[row]
        others[np.arange(row.size), large] = 0.0
        kept[row, large] = row_sum(others)[:, 0]
    return kept.reshape(p.shape)
""",
    "sigmoid_less": _before(
        "    e = exp_below",
        "sigmoid_less",
        """
    if np.all((y == 0.0) | (y == 1.0)):
        # Nothing cancels.
        return sigmoid_mean(1.0 - y, -y, u)
""",
    ),
    "sigmoid_mean": _before(
        "    size =",
        "sigmoid_mean",
        """
    if hasattr(u, "dtype") and is_near(u):
        e = np.exp(-u, dtype=np.float64)
        share = 1.0 / (1.0 + e)
        e *= share
        return (a * share + b * e).astype(u.dtype, copy=False)
""",
    ),
    "on_diagonal": """
def on_diagonal(size, value, other):
    # One value where the last two positions are equal, and another one elsewhere.
    shape = np.broadcast_shapes(np.shape(value), np.shape(other), (size, size))
    found = np.empty(shape, np.result_type(value, other))
    found[...] = other
    diagonal = np.einsum("...ii->...i", np.broadcast_to(value, shape))
    found.reshape(*shape[:-2], size * size)[..., :: size + 1] = diagonal
    return found
""",
    "in_rows": """
def in_rows(array, *places):
    # An array with the batch of all, and for each of its rows what belongs there.
    batch = array.shape[:-1]
    if any(np.shape(p) != batch for p in places):
        batch = np.broadcast_shapes(batch, *map(np.shape, places))
        array = np.broadcast_to(array, (*batch, array.shape[-1]))
    return array, *(np.reshape(p if np.shape(p) == batch else np.broadcast_to(p, batch), -1) for p in places)
""",
    "rest_at": """
def rest_at(p, index):
    # 1 less the share at one position of each row: of one above a half, the sum of the others.
    p, at = in_rows(p, index)
    size = p.shape[-1]
    at = at + size * np.arange(at.size)
    share = p.reshape(-1)[at]
    found = 1.0 - share
    large = np.flatnonzero(share > 0.5)
    if large.size:
        others = p.reshape(-1, size)[large]
        others.reshape(-1)[at[large] + size * (np.arange(large.size) - large)] = 0.0
        found[large] = row_sum(others)[:, 0]
    return found.reshape(p.shape[:-1])
""",
    "put_at": """
def put_at(index, value, other, own=False):
    # The rows of `other` with a value at one position of each, in its memory where nothing else needs this.
    found, at, new = in_rows(other, index, value)
    kind = np.result_type(new, other)
    if not (own and found is other and found.flags.c_contiguous and found.dtype == kind):
        found = np.array(found, kind, order="C")
    found.reshape(-1)[at + found.shape[-1] * np.arange(at.size)] = new
    return found
""",
    "position": """
def position(name, index, length):
    # As a number without sign one below 0 is larger than any length.
    found = np.asarray(index, np.int64)
    if found.size and np.maximum.reduce(found.view(np.uint64), None) >= length:
        raise ValueError(f"{name}: no position {index} along an axis of length {length}")
    return index
""",
    "in_blocks": """
def in_blocks(function, entries, **arguments):
    # The function block by block of a long batch, so that what is worked out stays near the processor; else None.
    batched = {name for name, (value, rank) in arguments.items() if np.ndim(value) > rank}
    lengths = {arguments[name][0].shape[0] for name in batched if np.ndim(arguments[name][0]) == arguments[name][1] + 1}
    if len(lengths) != 1 or any(np.ndim(arguments[name][0]) != arguments[name][1] + 1 for name in batched):
        return None
    (count,) = lengths
    step = max(BLOCK // max(entries, 1), 1)
    if count < 8 * step:
        return None
    made = None
    for start in range(0, count, step):
        rows = slice(start, start + step)
        found = function(**{name: v[rows] if name in batched else v for name, (v, _) in arguments.items()})
        parts = found if isinstance(found, tuple) else (found,)
        made = made or [np.empty((count, *part.shape[1:]), part.dtype) for part in parts]
        for whole, part in zip(made, parts):
            whole[rows] = part
    return tuple(made) if isinstance(found, tuple) else made[0]
""".replace("BLOCK", str(BLOCK)),
}
"""The functions that may look at the numbers before they choose a way; they stand in place of those for all arrays."""

QUIET = ("divide", "invalid", "over", "under")
"""What NumPy does not warn about: branches that are not taken are worked out too."""


class NumpyWriter(PlacedWriter):
    """Writes functions on NumPy arrays."""

    helpers = HELPERS
    _real = ""

    def prologue(self) -> None:
        """Arguments become arrays; a long batch is worked through in blocks."""
        super().prologue()
        program, arrays = self.program, self.arrays
        if not arrays:
            return
        pairs = {p.name: self.ranked(p) for p in program.parameters}
        most = self.entries()
        name = program.temporary("whole")
        made = self.helper("in_blocks", ast.Name(program.name), most, **pairs)
        held = ast.Compare(ast.Name(name), [ast.IsNot()], [ast.Constant(None)])
        tried: list[ast.stmt] = [assign(name, made), ast.If(held, [ast.Return(ast.Name(name))], [])]
        counts: list[ast.expr] = [ast.Attribute(ast.Name(p.name), "size") for p in arrays]
        count = binary(ast.Mult, counts[0] if len(counts) == 1 else call("max", *counts), most)
        self.top.statements.append(ast.If(ast.Compare(count, [ast.GtE()], [number(8 * BLOCK)]), tried, []))
        if self._is_widened:
            # Of numbers one by one the exponential takes the time, so that a wider precision costs little.
            floats = [p.name for p in arrays if p.kind == "array"]
            self._real = program.temporary("real")
            self.top.statements.append(assign(self._real, ast.Attribute(ast.Name(floats[0]), "dtype")))
            self.top.statements += [assign(n, call("np.asarray", ast.Name(n), dotted("np.float64"))) for n in floats]

    @property
    def _is_widened(self) -> bool:
        """Whether float32 is worked out in float64, and rounded once."""
        given = self.program.parameters
        return any(p.kind == "array" for p in given) and not any(p.shape for p in given)

    def _output(self, output: Output) -> ast.expr:
        value = super()._output(output)
        if not self._is_widened:
            return value
        return ast.Call(ast.Attribute(value, "astype"), [ast.Name(self._real)], [])

    def _where(self, node: Node) -> ast.expr:
        condition, *values = node.args
        is_last = set(condition.axes) == set(node.axes[-2:])
        if is_last and is_diagonal(condition) and any(v.kind != "number" for v in values):
            lo, hi, _ = condition.args[0].data
            args = (self.aligned(v, node.axes) for v in values)
            return self.helper("on_diagonal", self._integer(hi - lo), *args)
        return super()._where(node)


def write(programs: Sequence[tuple[Program, str]], title: str) -> str:
    """The source of a module with the functions of the programs, each with its docstring; helpers stand there once."""
    writers: list[ArrayWriter] = []
    functions: list[ast.FunctionDef] = []
    alone: dict[str, str] = {}
    for program, document in programs:
        writers.append(NumpyWriter(program))
        function = writers[-1].function(document)
        first, *body = function.body
        before: list[ast.stmt] = []
        within: list[ast.stmt] = []
        try:
            text, needed = plain.source(program)
            before, within = plain.attempt(program, "float64"), plain.attempt(program, "float32")
            alone |= {**needed, f"{program.name}{plain.SUFFIX}": text}
        except NoFunctionError:
            pass
        function.body = [first, *before, ast.With([ast.withitem(quiet())], [*within, *body])]
        functions.append(function)
    imports = ["import math", ""] if alone else []
    imports += ["import numpy as np", "", *(plain.TYPES if alone else ()), *KEPT]
    return translate.module(title, imports, writers, functions, more=[*alone.values()])


def quiet() -> ast.Call:
    """What keeps NumPy silent about branches that are worked out and not taken."""
    return ast.Call(dotted("np.errstate"), [], [ast.keyword(k, ast.Constant("ignore")) for k in QUIET])


def reserved() -> frozenset[str]:
    """The names that a module defines itself."""
    return translate.reserved() | set(HELPERS) | plain.NAMES
