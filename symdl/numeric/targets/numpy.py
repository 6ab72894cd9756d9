"""Functions on NumPy arrays."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from symdl.errors import NoFunctionError
from symdl.numeric import plain, translate
from symdl.numeric.arrays import ArrayWriter
from symdl.numeric.program import Node, Program
from symdl.numeric.syntax import dotted

HELPERS: dict[str, str] = {
    "is_near": """
def is_near(x):
    # Whether exponentials of x and their quotients neither overflow nor underflow, so that a shift would only round.
    return x.size > 0 and x.max() < 350.0 and x.min() > -350.0
""",
    "shifted_exp": """
def shifted_exp(x, m):
    if x.dtype == np.float32:
        return np.exp(np.subtract(x, m, dtype=np.float64)).astype(np.float32)
    d, lost = difference(x, m)
    e = np.exp(d)
    return e + e * lost
""",
    "short_softmax": """
def short_softmax(x):
    # The rounding of the largest exponential and of the sum is left in.
    if x.dtype == np.float32:
        e = np.exp(np.subtract(x, peak(x), dtype=np.float64))
        return (e / np.add.reduce(e, axis=-1, keepdims=True)).astype(np.float32)
    if not is_near(x):
        return softmax(x)
    e = np.exp(x)
    e /= np.add.reduce(e, axis=-1, keepdims=True)
    return e
""",
    "log_of_exponentials": """
def log_of_exponentials(x, shift):
    m = peak(x)
    if x.dtype != np.float64 or not is_near(x):
        return m - shift + np.log1p(softmax_parts(x)[2])
    e, top = np.exp(x), x == m
    np.copyto(e, 0.0, where=top)
    count = np.add.reduce(top, axis=-1, keepdims=True)
    return m - shift + np.log1p((count - 1.0) + np.add.reduce(e, axis=-1, keepdims=True) / np.exp(m))
""",
    "others_of": """
def others_of(p):
    # 1 less each share: of one above a half, the sum of the others.
    found = 1.0 - p
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
        kept[row, large] = others.sum(axis=-1)
    return kept.reshape(p.shape)
""",
    "sigmoid_mean": """
def sigmoid_mean(a, b, u):
    # a times the logistic function of u and b times that of -u.
    if hasattr(u, "dtype") and u.dtype == np.float64 and is_near(u):
        e = np.exp(-u)
        return (a + b * e) / (1.0 + e)
    size = np.abs(u)
    far = size > 64.0
    e = exp_below(np.where(far, 64.0 - size, -size))
    large = np.where(u >= 0, a, b)
    small = np.where(u >= 0, b, a) * e
    return np.where(far, large + small * 1.6038108905486378e-28, (large + small) / (1.0 + e))
""",
}
"""The functions that may look at the numbers before they choose a way; they stand in place of those for all arrays."""

SHORT = 2
"""How many shares may be multiplied with one another before their roundings add up to too much."""

QUIET = ("divide", "invalid", "over", "under")
"""What NumPy does not warn about: branches that are not taken are worked out too."""


class NumpyWriter(ArrayWriter):
    """Writes functions on NumPy arrays."""

    helpers = HELPERS

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        degrees: dict[Node, int] = {}
        self._is_short = max(_degree(o.node, degrees) for o in program.outputs) <= SHORT

    def helper(self, name: str, *args: ast.expr, **keywords: ast.expr) -> ast.Call:
        """A call of a function that the module carries along."""
        if name != "softmax" or not self._is_short:
            return super().helper(name, *args, **keywords)
        super().helper(name)
        return super().helper("short_softmax", *args, **keywords)


def _degree(node: Node, known: dict[Node, int]) -> int:
    """How many shares are multiplied with one another at most; what is worked out in loops counts as many."""
    if node not in known:
        parts = [_degree(a, known) for a in node.args]
        if node.kind in ("softmax", "softmax_rest", "share"):
            known[node] = 1
        elif node.kind in ("mul", "div", "contract"):
            known[node] = sum(parts)
        else:
            known[node] = SHORT + 1 if node.kind in ("state", "partial", "pow") else max(parts, default=0)
    return known[node]


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
    imports = ["import math", "", "import numpy as np", "", *plain.TYPES] if alone else ["import numpy as np"]
    return translate.module(title, imports, writers, functions, more=[*alone.values()])


def quiet() -> ast.Call:
    """What keeps NumPy silent about branches that are worked out and not taken."""
    return ast.Call(dotted("np.errstate"), [], [ast.keyword(k, ast.Constant("ignore")) for k in QUIET])


def reserved() -> frozenset[str]:
    """The names that a module defines itself."""
    return translate.reserved() | set(HELPERS) | plain.NAMES
