"""Functions of single numbers for compiled loops, in float64 and float32.

The exponential and what hangs on it are polynomials without calls and branches, so that loops over them become loops
over vectors.  Only `plus` may be reordered: elsewhere that would undo what keeps the digits.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache

from mpmath import cos, factorial, log, lu_solve, matrix, pi, workprec

from symdl.language.functions import ScalarFunction, records
from symdl.numeric.helpers import HELPERS, NEEDS

OPTIONS = (
    'EXACT = {"fastmath": {"contract", "nsz"}, "error_model": "numpy", "nogil": True}',
    'KERNEL = {**EXACT, "cache": True}',
    'REORDERED = {**EXACT, "fastmath": {"contract", "nsz", "reassoc"}}',
)
"""How functions are compiled."""


@lru_cache(maxsize=4)
def _power_series(degree: int) -> str:
    """e^r - 1 for |r| <= (log 2)/2 as text: r + r^2 p(r), where p meets the values at Chebyshev's points.

    Cost    a system of `degree` equations at 200 bits, once.
    """
    with workprec(200):
        edge, count = log(2) / 2, degree - 1
        nodes = [edge * cos(pi * (2 * n + 1) / (2 * count)) for n in range(count)]
        powers = matrix(count, count)
        for row, node in enumerate(nodes):
            for n in range(count):
                powers[row, n] = node**n
        found = lu_solve(powers, matrix([sum(r**n / factorial(n + 2) for n in range(40)) for r in nodes]))
        first, *rest = [repr(float(found[n])) for n in reversed(range(count))]
    text = first
    for coefficient in rest:
        text = f"({text} * r + {coefficient})"
    return f"r + r * r * {text}"


def _exponentials(suffix: str) -> dict[str, str]:
    """e^x, e^x for x that is not positive, and e^x - 1: x is n log 2 + r with a whole n, a part of the exponent."""
    if suffix:
        real, whole, bits, bias, magic, far = "np.float32", "np.int32", 23, 127, 12582912.0, 60
        high, low, bottom, top, degree = 0.693359375, -2.12194440054690583e-4, -104.0, 89.0, 6
        deep, zero, mask = -80.0, 0x4B400000, 0x7FFFFFFF
    else:
        real, whole, bits, bias, magic, far = "np.float64", "np.int64", 52, 1023, 6755399441055744.0, 60
        high, low, bottom, top, degree = 6.93147180369123816490e-01, 1.90821492927058770002e-10, -746.0, 710.0, 11
        deep, zero, mask = -700.0, 0x4338000000000000, 0x7FFFFFFFFFFFFFFF
    split = f"""
    t = x * {1.4426950408889634!r} + {magic!r}
    n = t - {magic!r}
    r = (x - n * {high!r}) - n * {low!r}
    q = {_power_series(degree)}
    power = {real}(t).view({whole}) - {whole}({zero})"""
    halves = f"""
    x = select(x > {top}, {top}, select(x < {bottom}, {bottom}, x)){split}
    first = power >> {whole}(1)
    a = {whole}((first + {whole}({bias})) << {whole}({bits})).view({real})
    b = {whole}((power - first + {whole}({bias})) << {whole}({bits})).view({real})
"""
    inverse = f"{whole}(({whole}({bias}) - (power - first)) << {whole}({bits})).view({real})"
    below = f"""
    x = select(x < {bottom}, {bottom}, x)
    is_deep = x < {deep}{split} + select(is_deep, {whole}({bias + far}), {whole}({bias}))
    a = {whole}(power << {whole}({bits})).view({real})
    return (q * a + a) * select(is_deep, {2.0**-far!r}, 1.0)
"""
    order = f"""
def order(x):
    # A whole number that is larger where x is; nan is the largest.
    i = {real}(x).view({whole})
    return i ^ ((i >> {whole}({bits + (8 if suffix else 11)})) & {whole}({mask}))
"""
    number = f"""
def number(i):
    # The number of which this is the order.
    return {whole}(i ^ ((i >> {whole}({bits + (8 if suffix else 11)})) & {whole}({mask}))).view({real})
"""
    return {
        "exp": f"def exp(x):{halves}    return (q * a + a) * b",
        "exp_below": f"def exp_below(x):{below}",
        "expm1": f"def expm1(x):{halves}    return (q * a + (a - {inverse})) * b",
        "order": order,
        "number": number,
    }


_OWN: dict[str, tuple[str, str]] = {
    "select": ("EXACT", "def select(condition, value, other):\n    return value if condition else other"),
    "plus": ("REORDERED", "def plus(a, b):\n    return a + b"),
    "tanh": (
        "EXACT",
        """
def tanh(x):
    e = expm1(-2.0 * abs(x))
    t = e / (2.0 + e)
    return select(x > 0, -t, t)
""",
    ),
    "shifted_exp": (
        "EXACT",
        """
def shifted_exp(x, m):
    # e to the difference, which is not positive, with what rounding the difference took away.
    d = x - m
    back = d - x
    lost = (x - (d - back)) - (m + back)
    e = exp_below(d)
    return e + e * select(np.isfinite(lost), lost, 0.0)
""",
    ),
    "shifted_exp_of": (
        "EXACT",
        """
def shifted_exp_of(x, m):
    d = x - m
    back = d - x
    lost = (x - (d - back)) - (m + back)
    e = exp(d)
    return e + e * select(np.isfinite(lost), lost, 0.0)
""",
    ),
    "log_of_total": (
        "EXACT",
        """
def log_of_total(first, others, one):
    near = np.log1p(first - one + others)
    total = first + others
    return select((total > 0.5) & ((total < 2.0) | (first == one)), near, np.log(total))
""",
    ),
    "softmax_rest_of": (
        "EXACT",
        """
def softmax_rest_of(e, others, inverse, one):
    return select(e >= one, others, one + others - e) * inverse
""",
    ),
    "log_softmax_rest_of": (
        "EXACT",
        """
def log_softmax_rest_of(e, others, below, one):
    return select((e >= one) & (others < one), below, np.log1p(-e / (one + others)))
""",
    ),
}
_NUMBERS = frozenset({"exp", "exp_below", "expm1", "order", "number"})
NAMES = frozenset({"EXACT", "KERNEL", "REORDERED", "wide", *_NUMBERS, *_OWN})
"""The names that a module of compiled loops defines itself."""

_NEEDS = {
    "exp": ("select",),
    "exp_below": ("select",),
    "expm1": ("select",),
    "shifted_exp_of": ("select", "exp"),
    "tanh": ("select", "expm1"),
    "shifted_exp": ("select", "exp_below"),
    "log_of_total": ("select",),
    "softmax_rest_of": ("select",),
    "log_softmax_rest_of": ("select",),
}
_WORDS = {
    "np.where": "select",
    "np.exp": "exp",
    "np.expm1": "expm1",
    "np.tanh": "tanh",
    "np.abs": "abs",
    "np.maximum": "max",
    "np.minimum": "min",
    "scipy.special.erf": "math.erf",
    "scipy.special.erfc": "math.erfc",
    "scipy.special.gamma": "math.gamma",
}
"""NumPy's word -> the one for a single number."""


class _Instance(ast.NodeTransformer):
    """A function in one precision: constants in that precision, and the functions it calls too."""

    def __init__(self, suffix: str) -> None:
        self.suffix = suffix
        self.calls: set[str] = set()

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = ast.unparse(node.func)
        if name in ("np.zeros_like", "np.asarray"):
            inside: ast.expr = self.visit(node.args[0])
            return inside if name == "np.asarray" else ast.BinOp(inside, ast.Mult(), self._number(0.0))
        word = _WORDS.get(name, name)
        if word in _OWN or word in _NUMBERS or word in HELPERS or word in _records():
            self.calls.add(word)
            word += self.suffix
        return ast.Call(ast.parse(word, mode="eval").body, [self.visit(a) for a in node.args], node.keywords)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        inside = self.visit(node.operand)
        return ast.UnaryOp(ast.Not() if isinstance(node.op, ast.Invert) else node.op, inside)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self._number(node.value) if isinstance(node.value, float) else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.name += self.suffix
        return node

    def _number(self, value: float) -> ast.expr:
        constant = ast.Constant(value)
        return ast.Call(ast.parse("np.float32", mode="eval").body, [constant], []) if self.suffix else constant


def instance(source: str, suffix: str) -> str:
    """A function or kernel in one precision; `suffix` is empty for float64."""
    return _instance(source, suffix)[0]


def _instance(source: str, suffix: str) -> tuple[str, set[str]]:
    made = _Instance(suffix)
    tree = made.visit(ast.parse(source.strip()))
    return ast.unparse(ast.fix_missing_locations(tree)), made.calls


WIDE = """
@numba.extending.intrinsic
def wide(context):
    # LLVM takes narrower vectors than the machine has where it is not told otherwise.
    def code(target, builder, signature, arguments):
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return target.get_dummy_value()

    return numba.types.void(), code
"""


def compiled(source: str, options: str) -> str:
    """A function with the decorator that has it compiled."""
    return f"@numba.njit(**{options})\n{source}"


def sources(called: Mapping[str, str], suffix: str) -> dict[str, str]:
    """Name -> source of the functions of numbers that are called, and of those that they call, in one precision.

    `called` holds the names, each with its source in NumPy's words where it has one.
    """
    found: dict[str, str] = {}
    for name, source in called.items():
        _collect(_WORDS.get(name, name), source, suffix, found)
    return found


def _collect(name: str, source: str, suffix: str, found: dict[str, str]) -> None:
    if name + suffix in found:
        return
    if name in _NUMBERS:
        options, text = "EXACT", _exponentials(suffix)[name]
    elif name in _OWN:
        options, text = _OWN[name]
    elif name in HELPERS:
        options, text = "EXACT", HELPERS[name]
    elif name in _records():
        options, text = "EXACT", _records()[name]
    else:
        return
    text, calls = _instance(text, suffix)
    for other in sorted({*calls, *_NEEDS.get(name, ()), *NEEDS.get(name, ())} - {name}):
        _collect(other, "", suffix, found)
    found[name + suffix] = compiled(text, options)


def _records() -> dict[str, str]:
    named = (r for r in records().values() if isinstance(r, ScalarFunction))
    return {r.name: r.numpy for r in named if "\n" in r.numpy}
