"""Functions of single numbers for compiled loops, in float64 and float32.

The exponential and what hangs on it are polynomials without calls and branches, so that loops over them become loops
over vectors.  Only `plus` may be reordered: elsewhere that would undo what keeps the digits.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mpmath import cos, factorial, log, lu_solve, matrix, mpf, pi, sqrt, workprec

from symdl.language.functions import ScalarFunction, records
from symdl.numeric.helpers import HELPERS
from symdl.numeric.syntax import dotted

OPTIONS = (
    'KERNEL = {"fastmath": {"contract", "nsz"}, "error_model": "numpy", "cache": True}',
    'EXACT = {"fastmath": {"contract", "nsz"}, "error_model": "numpy", "forceinline": True}',
    'APART = {**EXACT, "fastmath": {"nsz"}}',
    'REORDERED = {**EXACT, "fastmath": {"contract", "nsz", "reassoc"}}',
)
"""How functions are compiled."""


def _fitted(function: Callable[[Any], Any], lo: Any, hi: Any, count: int) -> list[str]:
    """The coefficients of a polynomial of so many terms that meets a function at Chebyshev's points.

    Cost    a system of `count` equations at 200 bits.
    """
    nodes = [(lo + hi) / 2 + (hi - lo) / 2 * cos(pi * (2 * n + 1) / (2 * count)) for n in range(count)]
    powers = matrix(count, count)
    for row, node in enumerate(nodes):
        for n in range(count):
            powers[row, n] = node**n
    found = lu_solve(powers, matrix([function(x) for x in nodes]))
    return [repr(float(found[n])) for n in range(count)]


def _in_chains(terms: list[str], x: str) -> tuple[str, str]:
    """The statement for the square of x, named x2, and a polynomial in x.

    Its even part and its odd one do not wait for each other, and no further powers are needed.
    """

    def chain(parts: list[str]) -> str:
        text = parts[-1]
        for part in reversed(parts[:-1]):
            text = f"({part} + {x}2 * {text})"
        return text

    return f"{x}2 = {x} * {x}", f"({chain(terms[::2])} + {x} * {chain(terms[1::2])})"


@lru_cache(maxsize=4)
def _power_series(degree: int) -> str:
    """e^r - 1 for |r| <= (log 2)/2 as `q`: r and s = r^2 p(r)."""
    with workprec(200):
        edge = log(2) / 2
        terms = _fitted(lambda r: sum(r**n / factorial(n + 2) for n in range(40)), -edge, edge, degree - 1)
    square, polynomial = _in_chains(terms, "r")
    return f"{square}\n    s = r2 * {polynomial}\n    q = r + s"


@lru_cache(maxsize=4)
def _ratio_series(count: int) -> str:
    """log q for q from 2/3 to 3/2, as `s + s * rest` for s = 2(q - 1)/(q + 1)."""
    with workprec(200):
        terms = _fitted(lambda w: sum(w**n / 4 ** (n + 1) / (2 * n + 3) for n in range(80)), mpf(0), mpf(0.1612), count)
    square, polynomial = _in_chains(terms, "w")
    return "\n    ".join(["w = s * s", square, f"rest = w * {polynomial}"])


@lru_cache(maxsize=4)
def _log_series(count: int) -> str:
    """log(1 + f), less f - f^2/2, for 1 + f from 1/sqrt(2) to sqrt(2), as `s * (half + rest)`.

    With s = f/(2 + f) the logarithm is 2s + s w p(w) for w = s^2.
    """
    with workprec(200):
        terms = _fitted(lambda w: sum(2 * w**n / (2 * n + 3) for n in range(80)), mpf(0), (sqrt(2) - 1) ** 4, count)
    square, polynomial = _in_chains(terms, "w")
    return "\n    ".join(["s = f / (2.0 + f)", "w = s * s", square, "half = 0.5 * f * f", f"rest = w * {polynomial}"])


@dataclass(frozen=True)
class _Format:
    """A precision in the words of NumPy, and what exponentials and logarithms need to know of it.

    A number has `bits` digits after the first, and an exponent of `width` bits, from which `bias` is taken.  `round`,
    added and taken away again, rounds to whole numbers, which then are the last bits of the sum; `zero` is that sum
    as bits for 0.  The logarithm of 2 is `high` + `low`, and products of `high` with exponents are exact.
    """

    real: str
    whole: str
    bits: int
    width: int
    bias: int
    round: float
    zero: int
    high: float
    low: float
    degree: int
    """Of the polynomial for the exponential."""
    terms: int
    """How many the polynomial for the logarithm has."""
    bottom: float
    """Exponentials of smaller numbers are 0."""
    top: float
    """Exponentials of larger numbers are infinite."""
    deep: float
    """Exponentials of larger numbers are normal."""
    small: float
    """Exponentials of numbers up to this size, and quotients of two of them, are normal."""
    tiny: float
    """The smallest normal number."""
    up: int
    """By which power of 2 numbers below that become normal."""
    root: int
    """The bits of the root of a half."""

    def bits_of(self, text: str) -> str:
        """A number as a whole one."""
        return f"{self.real}({text}).view({self.whole})"

    def power_of(self, text: str) -> str:
        """2 to a power, for the power with the bias added."""
        return f"{self.whole}(({text}) << {self.whole}({self.bits})).view({self.real})"


_DOUBLE = _Format(
    real="np.float64",
    whole="np.int64",
    bits=52,
    width=11,
    bias=1023,
    round=6755399441055744.0,
    zero=0x4338000000000000,
    high=6.93147180369123816490e-01,
    low=1.90821492927058770002e-10,
    degree=11,
    terms=7,
    bottom=-746.0,
    top=710.0,
    deep=-700.0,
    small=350.0,
    tiny=2.2250738585072014e-308,
    up=54,
    root=0x3FE6A09E667F3BCD,
)
_SINGLE = _Format(
    real="np.float32",
    whole="np.int32",
    bits=23,
    width=8,
    bias=127,
    round=12582912.0,
    zero=0x4B400000,
    high=0.693359375,
    low=-2.12194440054690583e-4,
    degree=6,
    terms=3,
    bottom=-104.0,
    top=89.0,
    deep=-80.0,
    small=40.0,
    tiny=1.1754943508222875e-38,
    up=24,
    root=0x3F3504F3,
)
_FAR = 60
"""By which power of 2 exponentials that may be below the normal numbers are made larger."""


@lru_cache(maxsize=2)
def _numbers(suffix: str) -> dict[str, str]:
    """Name -> source of the functions that are made of the digits of numbers, in one precision."""
    form = _SINGLE if suffix else _DOUBLE
    return _exponentials(form) | _orders(form) | _logarithms(form)


def _split(form: _Format, more: int = 0) -> str:
    """x as n log 2 + r with a whole n, and e^r - 1 as q; the last bits of t are n and what more is added."""
    return f"""
    t = x * {1.4426950408889634!r} + {form.round + more!r}
    n = t - {form.round + more!r}
    r = (x - n * {form.high!r}) - n * {form.low!r}
    {_power_series(form.degree)}"""


def _exponentials(form: _Format) -> dict[str, str]:
    """e^x and e^x - 1, and both where nothing overflows or underflows; e^x for x that is not positive; what they lack.

    x is n log 2 + r with a whole n, which becomes a part of the exponent: at once as that of a where nothing is far, in
    two halves as those of a and b else.
    """
    whole, bias = form.whole, form.bias
    power = f"power = {form.bits_of('t')} - {whole}({form.zero})"
    halves = f"""
    x = select(x > {form.top}, {form.top}, select(x < {form.bottom}, {form.bottom}, x)){_split(form)}
    {power}
    first = power >> {whole}(1)
    a = {form.power_of(f"first + {whole}({bias})")}
    b = {form.power_of(f"power - first + {whole}({bias})")}
"""
    below = f"""
    x = select(x < {form.bottom}, {form.bottom}, x)
    is_deep = x < {form.deep}{_split(form)}
    {power} + select(is_deep, {whole}({bias + _FAR}), {whole}({bias}))
    a = {form.power_of("power")}
"""
    near = f"""{_split(form, bias)}
    a = {form.power_of(form.bits_of("t"))}
"""
    tail = f"""
    lost = ((x - n * {form.high!r}) - r) - n * {form.low!r} + ((r - q) + s)
    tail = ((a - e) + q * a) + a * lost
"""
    inverse = form.power_of(f"{whole}({bias}) - (power - first)")
    return {
        "exp": f"def exp(x):{halves}    return (q * a + a) * b",
        "exp_below": f"def exp_below(x):{below}    return (q * a + a) * select(is_deep, {2.0**-_FAR!r}, 1.0)",
        "exp_below_tail": f"def exp_below_tail(e, x):{below}    e = e * select(is_deep, {2.0**_FAR!r}, 1.0){tail}"
        f"    return tail * select(is_deep, {2.0**-_FAR!r}, 1.0)",
        "exp_near_tail": f"def exp_near_tail(e, x):{near}{tail}    return tail",
        "expm1": f"def expm1(x):{halves}    return (q * a + (a - {inverse})) * b",
        "exp_near": f"def exp_near(x):{near}    return q * a + a",
        "expm1_near": f"def expm1_near(x):{near}    return q * a + (a - 1.0)",
    }


def _orders(form: _Format) -> dict[str, str]:
    """Numbers as whole ones that are ordered as they are or as their sizes are, and back."""
    whole = form.whole
    flipped = f"i ^ ((i >> {whole}({form.bits + form.width})) & {whole}({2 ** (form.bits + form.width) - 1}))"
    return {
        "size_of": f"""
def size_of(x):
    # A whole number that is larger where the number without its sign is; nan is the largest.
    return {form.bits_of("abs(x)")}
""",
        "is_small": f"""
def is_small(size):
    # Whether exponentials of numbers up to this size, and quotients of two of them, are normal numbers.
    return size < {form.bits_of(repr(form.small))}
""",
        "order": f"""
def order(x):
    # A whole number that is larger where x is; nan is the largest.
    i = {form.bits_of("x")}
    return {flipped}
""",
        "number": f"""
def number(i):
    # The number of which this is the order.
    return {whole}({flipped}).view({form.real})
""",
    }


def _logarithms(form: _Format) -> dict[str, str]:
    """log x and log(1 + x): x is 2^n times a number near 1, and what rounding 1 + x takes away is added."""
    high, low = form.high, form.low
    split = f"""
    power = ({form.bits_of("u")} - {form.whole}({form.root})) >> {form.whole}({form.bits})
    f = {form.whole}({form.bits_of("u")} - (power << {form.whole}({form.bits}))).view({form.real}) - 1.0
    {_log_series(form.terms)}"""
    return {
        "log": f"""
def log(x):
    is_tiny = x < {form.tiny!r}
    u = select(is_tiny, x * {2.0**form.up!r}, x){split}
    n = {form.real}(power) - select(is_tiny, {float(form.up)!r}, 0.0)
    found = n * {high!r} - ((half - (s * (half + rest) + n * {low!r})) - f)
    edge = select(x == 0, -np.inf, select(x > 0, x, np.nan))
    return select((x > 0) & (x < np.inf), found, edge)
""",
        "log_over": f"""
def log_over(a, b, more_a, more_b):
    # log((a + b)/a) by one division: over a power of 2 the ratio is within 2/3 and 3/2.  b is not negative, and the
    # bits of a and of a + b are told apart where a is normal, as the largest of some exponentials is.
    # What a and b lack is put in, and what rounding takes from the quotient s and from what it is divided by.
    more = {form.bits_of("a + b")} - {form.bits_of("a")}
    power = (more + {form.whole}({1 << (form.bits - 1)})) >> {form.whole}({form.bits})
    scale = {form.power_of(f"power + {form.whole}({form.bias})")}
    above, double = 2.0 * (a * (1.0 - scale) + b), a * (1.0 + scale)
    below = double + b
    part = 1.0 / below
    s = above * part
    over = 2.0 * (more_a * (1.0 - scale) + more_b)
    under = ((double - below) + b) + (more_a * (1.0 + scale) + more_b)
    lost = (((above - s * below) + over) - s * under) * part
    {_ratio_series(form.terms + 1)}
    n = {form.real}(power)
    return n * {high!r} + (s + (n * {low!r} + (lost + s * rest)))
""",
        "log1p": f"""
def log1p(x):
    u = x + 1.0
    back = u - x
    lost = ((x - (u - back)) + (1.0 - back)) / u{split}
    n = {form.real}(power)
    found = n * {high!r} - ((half - (s * (half + rest) + (n * {low!r} + lost))) - f)
    edge = select(x == -1, -np.inf, select(x > -1, x, np.nan))
    return select((x > -1) & (x < np.inf), found, edge)
""",
    }


OWN: dict[str, tuple[str, str]] = {
    "select": ("EXACT", "def select(condition, value, other):\n    return value if condition else other"),
    "plus": ("REORDERED", "def plus(a, b):\n    return a + b"),
    "tanh": (
        "EXACT",
        """
def tanh(x):
    # Beyond a third the complement to 1 is what has few digits to lose.
    y = -2.0 * abs(x)
    near = y > -0.7
    y = select(y < -80.0, -80.0, y)
    e = expm1_near(y)
    t = select(near, -e, 2.0 * exp_near(y)) / (2.0 + e)
    t = select(near, t, 1.0 - t)
    return select(x < 0, -t, t)
""",
    ),
    "sigmoid_less_near": (
        "EXACT",
        """
def sigmoid_less_near(u, y):
    # What the share lacks is exact with a product that is added before it is rounded.
    e = exp_near(-u)
    share = 1.0 / (1.0 + e)
    more = (1.0 - share) - share * e
    small = e * share
    return select(y > 0.5, (1.0 - y - e * share) - small * more, (share - y) + share * more)
""",
    ),
    "sigmoid_mean_near": (
        "EXACT",
        """
def sigmoid_mean_near(a, b, u):
    e = exp_near(-u)
    inverse = 1.0 / (1.0 + e)
    return a * inverse + b * (e * inverse)
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
    return e + e * select(e > 0, lost, 0.0)
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
    "shifted_exp_tail": (
        "EXACT",
        """
def shifted_exp_tail(e, x, m):
    # What the rounded value lacks.
    d = x - m
    back = d - x
    lost = (x - (d - back)) - (m + back)
    return exp_below_tail(e, d) + e * select(e > 0, lost, 0.0)
""",
    ),
    "leading": (
        "EXACT",
        """
def leading(x, bound):
    # The digits of a number that are above the last place of the bound.
    return (x + bound) - bound
""",
    ),
    "product": ("APART", "def product(a, b):\n    return a * b"),
    "upper": ("EXACT", "def upper(x):\n    return x"),
    "product_tail": ("EXACT", "def product_tail(a, b, product, c, d):\n    return fused(a, b, -product)"),
    "scale_of": ("EXACT", "def scale_of(unit, others):\n    return 1.0 / (unit + others)"),
    "low_of": (
        "EXACT",
        """
def low_of(unit, others, lost, scale):
    # What the rounded inverse of the sum lacks.
    total = unit + others
    lost = lost_by(unit, others) + lost
    return scale * ((1.0 - total * scale) - lost * scale)
""",
    ),
    "softmax_of": (
        "EXACT",
        """
def softmax_of(e, scale, low):
    # With a product that is added before it is rounded, this is rounded once.
    return e * scale + e * low
""",
    ),
    "exact_softmax_of": (
        "EXACT",
        """
def exact_softmax_of(e, tail, scale, low):
    return e * scale + (e * low + tail * scale)
""",
    ),
    "exact_rest_of": (
        "EXACT",
        "def exact_rest_of(share, others):\n    return select(share > 0.5, others, 1.0 - share)",
    ),
    "rest_of": (
        "EXACT",
        """
def rest_of(e, unit, others):
    # The sum of all but one of the exponentials.
    return select(e >= unit, others, unit + others - e)
""",
    ),
    "log_softmax_rest_of": (
        "EXACT",
        """
def log_softmax_rest_of(e, unit, others, below):
    return select((e >= unit) & (others < unit), below, np.log1p(-e / (unit + others)))
""",
    ),
}
_NUMBERS = frozenset({"exp", "exp_below", "exp_below_tail", "exp_near", "exp_near_tail", "expm1", "expm1_near",
                      "is_small", "log", "log1p", "log_over", "number", "order", "size_of"})  # fmt: skip
NAMES = frozenset({"APART", "EXACT", "KERNEL", "REORDERED", *_NUMBERS, *OWN})
"""The names that a module of compiled loops defines itself."""

NEAR = {"exp": 0, "expm1": 0, "sigmoid_less": 0, "sigmoid_mean": 2}
"""Function -> the argument that has to be small for the shorter form of it, whose name ends in `_near`."""

WORDS = {
    "np.where": "select",
    "np.exp": "exp",
    "np.expm1": "expm1",
    "np.log": "log",
    "np.log1p": "log1p",
    "np.tanh": "tanh",
    "np.abs": "abs",
    "np.maximum": "max",
    "np.minimum": "min",
    "np.hypot": "math.hypot",
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
        word = WORDS.get(name, name)
        if word in OWN or word in _NUMBERS or word in HELPERS or word in named_sources():
            self.calls.add(word)
            word += self.suffix
        return ast.Call(dotted(word), [self.visit(a) for a in node.args], node.keywords)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        inside = self.visit(node.operand)
        return ast.UnaryOp(ast.Not() if isinstance(node.op, ast.Invert) else node.op, inside)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self._number(node.value) if isinstance(node.value, float) else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        name = ast.unparse(node)
        if name == "np.float64" and self.suffix:
            return dotted("np.float32")
        return self._single(node) if name in ("np.inf", "np.nan", "np.pi", "np.e") else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name("REAL_f4") if node.id == "REAL" and self.suffix else node

    def _number(self, value: float) -> ast.expr:
        return self._single(ast.Constant(value))

    def _single(self, value: ast.expr) -> ast.expr:
        return ast.Call(dotted("np.float32"), [value], []) if self.suffix else value


def instance(source: str, suffix: str) -> tuple[str, set[str]]:
    """A function or kernel in one precision, and the names that it calls; `suffix` is empty for float64."""
    made = _Instance(suffix)
    tree = made.visit(ast.parse(source.strip()))
    for function in tree.body:
        function.name += suffix
    return ast.unparse(ast.fix_missing_locations(tree)), made.calls


def compiled(source: str, options: str) -> str:
    """A function with the decorator that has it compiled."""
    return f"@numba.njit(**{options})\n{source}"


def sources(called: Iterable[str], suffix: str) -> dict[str, str]:
    """Name -> source of the functions of numbers that are called, and of those that they call, in one precision."""
    found: dict[str, str] = {}
    for name in sorted(called):
        _collect(WORDS.get(name, name), suffix, found)
    return found


def _collect(name: str, suffix: str, found: dict[str, str]) -> None:
    if name + suffix in found:
        return
    if name in _NUMBERS:
        options, text = "EXACT", _numbers(suffix)[name]
    elif name in OWN:
        options, text = OWN[name]
    elif name in HELPERS:
        options, text = "EXACT", HELPERS[name]
    elif name in named_sources():
        options, text = "EXACT", named_sources()[name]
    else:
        return
    text, calls = instance(text, suffix)
    for other in sorted(calls - {name}):
        _collect(other, suffix, found)
    found[name + suffix] = compiled(text, options)


def named_sources() -> dict[str, str]:
    """Name -> NumPy source of the named functions that have one of several lines."""
    named = (r for r in records().values() if isinstance(r, ScalarFunction))
    return {r.name: r.numpy for r in named if "\n" in r.numpy}
