"""The loops of one row in plain Python: for a few numbers they take less time than the calls of array functions.

What overflows, or has no value, raises an ArithmeticError or a ValueError; the array functions know what to do then.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from sympy import Symbol

from symdl.errors import NoFunctionError
from symdl.numeric.helpers import HELPERS, TERMS
from symdl.numeric.loops import Kernel
from symdl.numeric.program import Program, Scan, fixed_sizes, uses
from symdl.numeric.scalars import OWN, WORDS, named_sources
from symdl.numeric.syntax import as_tuple, dotted, integer

SUFFIX = "_one"

SHORT = 16
"""For how many entries of an array the loops take less time."""

TYPES = ("FLOAT64, FLOAT32, INT64 = np.dtype(np.float64), np.dtype(np.float32), np.dtype(np.int64)",)
"""The statement that a module needs before its functions."""

_MATH = frozenset({"exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"})
_SAME = {"order": 0, "number": 0, "_real": 0}
_SMALL = 350.0
_OWN: Mapping[str, str] = {
    **{n: OWN[n][1] for n in ("shifted_exp", "shifted_exp_of", "shifted_exp_tail", "rest_of",
                              "exact_rest_of", "log_softmax_rest_of", "log_of_total")},
    "upper": """
def upper(x):
    c = 134217729.0 * x
    return c - (c - x)
""",
    "exp_near_tail": """
def exp_near_tail(e, x):
    # What the rounded exponential lacks.
    n = math.floor(x * 1.4426950408889634 + 0.5)
    first = x - n * 0.6931471803691238
    r = first - n * 1.9082149292705877e-10
    lost = (first - r) - n * 1.9082149292705877e-10
    q = 0.0
    for c in (TERMS):
        q = q * r + c
    unit = math.ldexp(1.0, n)
    return ((((1.0 - e / unit) + r) + q * r * r) + lost) * unit
""".replace("TERMS", TERMS),
    "exp_below_tail": "def exp_below_tail(e, x):\n    return exp_near_tail(e, x)",
    "scale_of": "def scale_of(unit, others):\n    return unit + others",
    "low_of": "def low_of(unit, others, lost, scale):\n    return lost_by(unit, others) + lost",
    "softmax_of": """
def softmax_of(e, scale, low):
    # A division rounds once, a product with the inverse twice.
    share = e / scale
    return share - share * (low / scale)
""",
    "exact_softmax_of": """
def exact_softmax_of(e, tail, scale, low):
    # What the division leaves over is exact in halves of the digits.
    share = e / scale
    a, b = 134217729.0 * share, 134217729.0 * scale
    a, b = a - (a - share), b - (b - scale)
    left = (((e - a * b) - a * (scale - b)) - (share - a) * b) - (share - a) * (scale - b)
    return share + (left + tail - share * low) / scale
""",
}  # fmt: skip
"""The functions of single numbers that the loops call, by way of divisions where machines do not add to products."""

NAMES = frozenset({"math", "FLOAT64", "FLOAT32", "INT64", *(f"{n}{SUFFIX}" for n in (*_OWN, *HELPERS))})
"""The names that a module defines itself."""


class _Plain(ast.NodeTransformer):
    """Loops for single numbers in the words of Python; `calls` are the functions of the module that they call."""

    def __init__(self) -> None:
        self.calls: set[str] = set()

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = ast.unparse(node.func)
        if name == "np.empty":
            lengths = node.args[0]
            assert isinstance(lengths, ast.Tuple)
            return _zeros([self.visit(n) for n in lengths.elts])
        if name in ("np.zeros_like", "np.asarray"):
            return ast.Constant(0.0) if name == "np.zeros_like" else self.visit(node.args[0])
        args: list[ast.expr] = [self.visit(a) for a in node.args]
        word = WORDS.get(name, name).removesuffix("_near")
        if word in _SAME:
            (value,) = args
            if word == "_real" and isinstance(value, ast.Constant) and isinstance(value.value, int):
                return ast.Constant(float(value.value))
            return value
        if word == "select":
            return ast.IfExp(*args)
        if word == "plus":
            return ast.BinOp(args[0], ast.Add(), args[1])
        if word == "is_small":
            return ast.Compare(args[0], [ast.Lt()], [ast.Constant(_SMALL)])
        if word == "np.isfinite":
            return _call("math.isfinite", args)
        if word in ("size_of", "abs"):
            return _call("abs", args)
        if word in ("max", "min", "range") or word.startswith("math."):
            return _call(word, args)
        if word == "exp_below":
            return _call("math.exp", args)
        if word.removeprefix("np.") in _MATH:
            return _call(f"math.{word.removeprefix('np.')}", args)
        if word in _OWN or word in HELPERS or word in named_sources():
            self.calls.add(word)
            return _call(f"{word}{SUFFIX}", args)
        raise NoFunctionError(f"there is no plain form of {word}")

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, ast.Pow) and not (isinstance(right, ast.Constant) and isinstance(right.value, int)):
            # Python's own power of a negative number is complex.
            return _call("math.pow", [left, right])
        return ast.BinOp(left, node.op, right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        inside = self.visit(node.operand)
        return ast.UnaryOp(ast.Not() if isinstance(node.op, ast.Invert) else node.op, inside)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        found: ast.expr = self.visit(node.value)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        for n, part in enumerate(parts):
            found = ast.Subscript(found, self.visit(part), node.ctx if n == len(parts) - 1 else ast.Load())
        return found

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        name = ast.unparse(node)
        if name in ("np.inf", "np.nan", "np.pi", "np.e"):
            return dotted(f"math.{name[3:]}")
        if name == "np.euler_gamma":
            return ast.Constant(0.5772156649015329)
        raise NoFunctionError(f"there is no plain form of {name}")


def source(program: Program) -> tuple[str, dict[str, str]]:
    """The function `NAME_one(*arrays, *sizes)` on numbers and lists of them, and the functions that it calls.

    Fails   raises NoFunctionError where a part of the program has no form in loops, or none in plain Python.
    """
    text, calls = _plain(Kernel(program, "alone").source(f"{program.name}{SUFFIX}"))
    found: dict[str, str] = {}
    _collect(calls, found)
    return text, found


def attempt(program: Program, real: str) -> list[ast.stmt]:
    """The statements that hand a single row of this precision over, where it is short and its shapes fit."""
    hand = _HandOver(program, real)
    if real == "float32" and not (hand.floats and all(p.shape for p in hand.floats)):
        return []
    conditions = hand.conditions()
    lines = [*hand.sizes(), *([f"if {' and '.join(conditions)}:"] if conditions else [])]
    deeper = "    " if conditions else ""
    lines += [f"{deeper}{line}" for line in hand.call()]
    inside = "".join(f"        {line}\n" for line in lines)
    text = f"if {' and '.join(hand.types()) or 'True'}:\n    try:\n{inside}"
    return ast.parse(f"{text}    except (ArithmeticError, ValueError):\n        pass\n").body


class _HandOver:
    """The texts of the call of the loops with a single row in one precision, and of what has to hold before it."""

    def __init__(self, program: Program, real: str) -> None:
        self.program, self.real = program, real
        self.arrays = [p for p in program.parameters if p.kind != "size"]
        self.floats = [p for p in self.arrays if p.kind == "array"]
        self.names = dict(program.sizes)

    def types(self) -> list[str]:
        """Whether the arguments are what the loops take."""
        found = []
        for p in self.program.parameters:
            if p.shape:
                kind = self.real if p.kind == "array" else "int64"
                found.append(f"type({p.name}) is np.ndarray and {p.name}.dtype is {kind.upper()}")
                found.append(f"{p.name}.ndim == {len(p.shape)}")
            else:
                types = {"array": "is float", "size": "is int", "label": "in (int, np.int64)"}
                found.append(f"type({p.name}) {types[p.kind]}")
        return found

    def sizes(self) -> list[str]:
        """The statements that take the sizes from the arguments."""
        found = []
        for s, p, axis in fixed_sizes(self.arrays, set()):
            gap = int(p.shape[axis] - s)
            found.append(f"{self.names[s]} = {p.name}.shape[{axis}]" + (f" - {gap}" if gap else ""))
        return found

    def conditions(self) -> list[str]:
        """Whether the row is short, its shapes fit, and all its numbers have a value."""
        free = [f"{p.name} >= 1" for p in self.program.parameters if p.kind == "size"]
        finite = [f"math.isfinite({_sum(p.name, len(p.shape))})" for p in self.floats]
        return [*self._is_short(), *self._shapes(), *free, *self._positions(), *finite]

    def _is_short(self) -> list[str]:
        """No condition where the row goes through a recurrence of numbers and rows, which arrays do one by one too."""
        loops = [d for node in uses(self.program) for d in node.data if isinstance(d, Scan) and d.each]
        is_recurrence = bool(loops) and all(len(shape) <= 1 for d in loops for _, shape in d.arrays)
        names = self.names.values()
        return [f"0 < {' * '.join(names)} <= {SHORT}"] if names and not is_recurrence else []

    def _shapes(self) -> list[str]:
        rows = [p for p in self.arrays if len(p.shape) == 1 and p.shape[0] in self.names]
        found = [f"{p.name}.shape == {ast.unparse(as_tuple([integer(n, self.names) for n in p.shape]))}"
                 for p in self.arrays if p.shape and p not in rows]  # fmt: skip
        lengths: dict[Symbol, set[str]] = {}
        for p in rows:
            lengths.setdefault(p.shape[0], set()).add(f"len({p.name})")
        equal = [(s, x) for s, more in lengths.items() if len(more) > 1 for x in sorted(more)]
        return [*found, *(f"{self.names[s]} == {x}" for s, x in equal)]

    def _positions(self) -> list[str]:
        found = []
        for node in uses(self.program):
            if node.kind == "position":
                index, length = node.args
                if index.axes or index.kind not in ("input", "label") or length.kind != "integer":
                    raise NoFunctionError("labels in an array are checked one by one")
                found.append(f"0 <= {index.data[0]} < {ast.unparse(integer(length.data[0], self.names))}")
        return found

    def call(self) -> list[str]:
        """The statements that give back what the loops find as arrays and numbers of the precision."""
        given = [f"{p.name}.tolist()" if p.shape else p.name for p in self.arrays]
        call = f"{self.program.name}{SUFFIX}({', '.join([*given, *self.names.values()])})"
        outputs = self.program.outputs
        made = [f"np.array({{}}, np.{self.real})" if o.shape else f"np.{self.real}({{}})" for o in outputs]
        if len(made) == 1:
            return [f"return {made[0].format(call)}"]
        outs = [f"_out{n}" for n in range(len(made))]
        back = ", ".join(text.format(out) for text, out in zip(made, outs, strict=True))
        return [f"{', '.join(outs)} = {call}", f"return {back}"]


def _sum(name: str, rank: int) -> str:
    """A number that is not finite where some entry is not."""
    if rank < 2:
        return f"sum({name}.tolist())" if rank else name
    return f"{name}.sum()"


def _collect(calls: set[str], found: dict[str, str]) -> None:
    known = {**named_sources(), **HELPERS, **_OWN}
    for name in sorted(calls):
        if f"{name}{SUFFIX}" not in found:
            tree = ast.parse(known[name].strip())
            assert isinstance(tree.body[0], ast.FunctionDef)
            tree.body[0].name += SUFFIX
            text, inside = _plain(ast.unparse(tree))
            found[f"{name}{SUFFIX}"] = text
            _collect(inside, found)


def _plain(text: str) -> tuple[str, set[str]]:
    made = _Plain()
    tree = made.visit(ast.parse(text))
    return ast.unparse(ast.fix_missing_locations(tree)), made.calls


def _zeros(lengths: list[ast.expr]) -> ast.expr:
    *outer, last = lengths
    found: ast.expr = ast.BinOp(ast.List([ast.Constant(0.0)]), ast.Mult(), last)
    for n in reversed(outer):
        run = ast.comprehension(ast.Name("_", ast.Store()), _call("range", [n]), [], 0)
        found = ast.ListComp(found, [run])
    return found


def _call(name: str, args: list[ast.expr]) -> ast.Call:
    return ast.Call(dotted(name), args, [])
