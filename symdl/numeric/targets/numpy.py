"""Functions on NumPy arrays."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Add, E, EulerGamma, Expr, Mul, S, Symbol, pi

from symdl.errors import NoFunctionError
from symdl.language import Maximum, Minimum
from symdl.language.functions import ScalarFunction, records
from symdl.numeric.helpers import HELPERS, NEEDS
from symdl.numeric.program import Assignment, Node, Parameter, Place, Program, Scan, Span, Whole

WIDTH = 88
"""The length from which the text of a term gets a line of its own."""

_BINARY: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "sub": ast.Sub,
    "mul": ast.Mult,
    "div": ast.Div,
    "pow": ast.Pow,
    "and": ast.BitAnd,
}
_COMPARE: dict[str, type[ast.cmpop]] = {
    "eq": ast.Eq,
    "ne": ast.NotEq,
    "gt": ast.Gt,
    "ge": ast.GtE,
    "lt": ast.Lt,
    "le": ast.LtE,
}
_CONSTANTS = {pi: "np.pi", E: "np.e", EulerGamma: "np.euler_gamma"}
_ATOMS = frozenset({"number", "integer", "input", "label", "partial"})


def write(programs: Sequence[tuple[Program, str]]) -> str:
    """The source of a module with the functions of the programs, each with its docstring; helpers stand there once."""
    writers = [(_Writer(program), document) for program, document in programs]
    functions = [ast.unparse(ast.fix_missing_locations(w.function(document))) for w, document in writers]
    helpers = dict.fromkeys(source.strip() for w, _ in writers for source in w.helpers())
    names = ", ".join(program.name for program, _ in programs)
    title = f'"""The {"function" if len(programs) == 1 else "functions"} {names}, for NumPy arrays."""'
    imports = ["import numpy as np", *(["import scipy.special"] if any(w.uses_scipy for w, _ in writers) else [])]
    return "\n\n".join((title, "\n".join(imports))) + "\n\n\n" + "\n\n\n".join((*helpers, *functions)) + "\n"


@dataclass
class _Block:
    """Statements in the making, and the variables that hold nodes worked out so far."""

    statements: list[ast.stmt] = field(default_factory=list)
    known: dict[Node, ast.expr] = field(default_factory=dict)


class _Writer:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.uses_scipy = False
        self._used: dict[str, str] = {}
        self._names: dict[Symbol, str] = dict(program.sizes)
        self._top = _Block()
        self._inner: tuple[Scan, _Block] | None = None
        self._written: set[Scan] = set()
        self._uses: dict[Node, int] = {}
        self._count([program.result])

    def helpers(self) -> list[str]:
        """The sources of the helper functions in use, those they call before them."""
        return [self._used[name] for name in [*HELPERS, *sorted(set(self._used) - set(HELPERS))] if name in self._used]

    def function(self, document: str) -> ast.FunctionDef:
        program = self.program
        self._prologue()
        value = self._aligned(program.result, program.letters)
        if len(program.result.axes) < len(program.letters):
            shape = _tuple([self._integer(n) for n in program.shape])
            value = ast.Call(
                _dotted("np.array"),
                [_call("np.broadcast_to", value, shape)],
                [ast.keyword("dtype", ast.Name("float"))],
            )
        elif not program.shape:
            value = _call("np.float64", value)
        elif _is_view(program.result):
            value = _call("np.array", value)
        self._top.statements.append(ast.Return(value))
        quiet = [ast.keyword(k, ast.Constant("ignore")) for k in ("divide", "invalid", "over", "under")]
        parameters = ast.arguments(
            posonlyargs=[],
            args=[],
            kwonlyargs=[ast.arg(p.name) for p in program.parameters],
            kw_defaults=[_default(p.default) for p in program.parameters],
            defaults=[],
        )
        return ast.FunctionDef(
            name=program.name,
            args=parameters,
            body=[ast.Expr(ast.Constant(_indented(document))), *self._top.statements],
            decorator_list=[ast.Call(_dotted("np.errstate"), [], quiet)],
        )

    # Arguments

    def _prologue(self) -> None:
        """Arguments become arrays, sizes are taken from them, and the shapes are compared."""
        add = self._top.statements.append
        known: set[Symbol] = set()
        for p in self.program.parameters:
            if p.kind == "size":
                add(_assign(p.name, self._helper("check_size", ast.Constant(p.name), ast.Name(p.name))))
                known.add(next(s for s, name in self.program.sizes.items() if name == p.name))
            elif p.kind == "label":
                add(_assign(p.name, self._helper("as_labels", ast.Constant(p.name), ast.Name(p.name))))
            else:
                made = ast.Call(_dotted("np.asarray"), [ast.Name(p.name)], [ast.keyword("dtype", ast.Name("float"))])
                add(_assign(p.name, made))
        arrays = [p for p in self.program.parameters if p.kind != "size"]
        for symbol, p, axis in fixed_sizes(arrays, known):
            length = self._helper(
                "length_of", ast.Constant(p.name), ast.Name(p.name), ast.Constant(len(p.shape)), ast.Constant(axis)
            )
            gap = -(p.shape[axis] - symbol)
            size = length if gap == 0 else _binary(ast.Add if gap > 0 else ast.Sub, length, ast.Constant(abs(int(gap))))
            add(_assign(self.program.sizes[symbol], size))
        for p in arrays:
            shape = _tuple([self._integer(n) for n in p.shape])
            add(ast.Expr(self._helper("check_shape", ast.Constant(p.name), ast.Name(p.name), shape)))

    # Nodes

    def _count(self, roots: Sequence[Node]) -> None:
        """How often each node is used; a node in a loop counts as used where it stands."""
        stack = list(roots)
        scans: set[Scan] = set()
        while stack:
            node = stack.pop()
            self._uses[node] = self._uses.get(node, 0) + 1
            if self._uses[node] > 1:
                continue
            stack += node.args
            for scan in (d for d in node.data if isinstance(d, Scan)):
                if scan not in scans:
                    scans.add(scan)
                    stack += [a.value for a in (*scan.first, *scan.each)]

    def _value(self, node: Node) -> ast.expr:
        """The text of a node's value; it gets a variable where it is used again or is long."""
        block = self._top if node.inside is None or self._inner is None else self._inner[1]
        found = block.known.get(node)
        if found is not None:
            return found
        if node.kind == "state":
            self._write_scan(node.data[1])
            return ast.Name(node.data[0])
        code = self._code(node)
        if node.kind == "named":
            name = node.data[0]
        elif (
            node.kind in _ATOMS
            or (self._uses.get(node, 0) < 2 and len(ast.unparse(code)) < WIDTH)
            or isinstance(code, (ast.Name, ast.Constant))
        ):
            return code
        else:
            name = self.program.temporary("v")
        block.statements.append(_assign(name, code))
        block.known[node] = ast.Name(name)
        return block.known[node]

    def _aligned(self, node: Node, axes: tuple[Symbol, ...]) -> ast.expr:
        """A node's value with an axis of length 1 wherever `axes` has a letter that the node lacks."""
        value = self._value(node)
        own = node.axes
        if not own or axes[-len(own) :] == own:
            return value
        first = axes.index(own[0])
        keys: list[ast.expr] = [ast.Slice() if x in own else ast.Constant(None) for x in axes[first:]]
        return _subscript(value, keys)

    def _code(self, node: Node) -> ast.expr:
        kind, data = node.kind, node.data
        if kind == "number":
            return self._number(data[0])
        if kind == "integer":
            return self._integer(data[0])
        if kind in ("input", "label", "partial"):
            return ast.Name(data[0])
        if kind == "named":
            return self._value(node.args[0])
        if kind == "arange":
            ends = [self._integer(x) for x in data[:2]]
            return ast.Call(_dotted("np.arange"), ends, [ast.keyword("dtype", ast.Name(data[2]))])
        if kind == "entry":
            return self._entry(node)
        if kind == "gather":
            base, *indices = node.args
            return _subscript(self._value(base), [self._aligned(i, node.axes) for i in indices])
        if kind == "position":
            index, length = node.args
            return self._helper("position", ast.Constant(data[0]), self._value(index), self._value(length))
        if kind == "expand":
            letters, lengths = data
            shape = _tuple([self._integer(n) for n in lengths])
            return _call("np.broadcast_to", self._aligned(node.args[0], letters), shape)
        if kind in _ARRAY:
            return _ARRAY[kind](self, node)
        return self._elementwise(node)

    def _elementwise(self, node: Node) -> ast.expr:
        args = [self._aligned(a, node.axes) for a in node.args]
        kind = node.kind
        if kind == "pow" and node.args[1].kind == "number" and node.args[1].data[0].is_Integer:
            return _binary(ast.Pow, args[0], _number(int(node.args[1].data[0])))
        if kind in _BINARY:
            found = args[0]
            for arg in args[1:]:
                found = _binary(_BINARY[kind], found, arg)
            return found
        if kind == "eq" and _is_diagonal(node):
            lo, hi, _ = node.args[0].data
            return ast.Call(_dotted("np.eye"), [self._integer(hi - lo)], [ast.keyword("dtype", ast.Name("bool"))])
        if kind in _COMPARE:
            return ast.Compare(args[0], [_COMPARE[kind]()], [args[1]])
        if kind == "neg":
            return ast.UnaryOp(ast.USub(), args[0])
        if kind == "not":
            return _call("np.logical_not", args[0])
        if kind == "where":
            return _call("np.where", *args)
        if kind in ("max", "min"):
            found = args[0]
            for arg in args[1:]:
                found = _call("np.maximum" if kind == "max" else "np.minimum", found, arg)
            return found
        if kind == "call":
            return self._function(node.data[0], node.data[1], args)
        raise NoFunctionError(f"NumPy has no {kind}")

    def _function(self, name: str, source: str, args: list[ast.expr]) -> ast.expr:
        if name in HELPERS:
            return self._helper(name, *args)
        if "\n" in source:
            self._used[name] = source
            self.uses_scipy |= "scipy." in source
            return _call(name, *args)
        self.uses_scipy |= source.startswith("scipy.")
        return _call(source, *args)

    def _helper(self, name: str, *args: ast.expr, **keywords: ast.expr) -> ast.Call:
        for needed in (*NEEDS.get(name, ()), name):
            self._used[needed] = HELPERS[needed]
        return ast.Call(ast.Name(name), list(args), [ast.keyword(k, v) for k, v in keywords.items()])

    def _entry(self, node: Node) -> ast.expr:
        (base,) = node.args
        places: tuple[Place, ...] = node.data
        value = self._value(base)
        if not all(isinstance(p, Whole) for p in places):
            value = _subscript(value, [self._key(p) for p in places])
        letters = [p.letter for p in places if isinstance(p, (Span, Whole))]
        back = [ast.Slice(step=_number(-1)) if isinstance(p, Span) and p.step < 0 else ast.Slice() for p in places
                if isinstance(p, (Span, Whole))]  # fmt: skip
        if any(k.step is not None for k in back):
            value = _subscript(value, list(back))
        order = [letters.index(x) for x in node.axes]
        return value if order == sorted(order) else _call("np.transpose", value, _tuple([_number(n) for n in order]))

    def _key(self, place: Place) -> ast.expr:
        if isinstance(place, Whole):
            return ast.Slice()
        if isinstance(place, Span):
            return ast.Slice(None if place.start == 0 else self._integer(place.start), self._integer(place.stop))
        at = self._integer(place.at)
        if not place.checked:
            return at
        return self._helper("position", ast.Constant(place.name), at, self._integer(place.length))

    def _reduce(self, node: Node) -> ast.expr:
        op, j = node.data
        (arg,) = node.args
        value = self._value(arg)
        if len(arg.axes) == 1:
            return _call(f"np.{op}", value)
        return ast.Call(_dotted(f"np.{op}"), [value], [ast.keyword("axis", _number(arg.axes.index(j) - len(arg.axes)))])

    def _contract(self, node: Node) -> ast.expr:
        (j,) = node.data
        parts = [self._operand(n) for n in node.args]
        if len(parts) == 2:
            for (a, first), (b, second) in (parts, parts[::-1]):
                is_flat = len(first) <= 2 and len(second) <= 2
                if is_flat and first[-1:] == (j,) == second[:1] and (*first[:-1], *second[1:]) == node.axes:
                    return _binary(ast.MatMult, a, b)
        letters = list(dict.fromkeys(x for _, own in (*parts, (None, node.axes)) for x in own))
        text = {x: chr(ord("a") + n) for n, x in enumerate(letters)}
        spec = ",".join("".join(text[x] for x in own) for _, own in parts)
        spec = f"{spec}->{''.join(text[x] for x in node.axes)}"
        args = [ast.Constant(spec), *(code for code, _ in parts)]
        return ast.Call(_dotted("np.einsum"), list(args), [ast.keyword("optimize", ast.Constant(True))])

    def _operand(self, node: Node) -> tuple[ast.expr, tuple[Symbol, ...]]:
        """A factor of a contraction with its axes in the order in which they lie in memory."""
        places = node.data if node.kind == "entry" else ()
        if places and all(isinstance(p, Whole) for p in places):
            return self._value(node.args[0]), tuple(p.letter for p in places)
        return self._value(node), node.axes

    def _along_last(self, node: Node) -> ast.expr:
        """A function along the axis of a sum of exponentials, which is moved to the end and, where it stays, back."""
        first, (j,) = node.args[0], node.data
        name = node.kind
        if len(node.axes) == len(first.axes) and j in node.axes:
            at = first.axes.index(j)
            value = self._value(first)
            if at == len(first.axes) - 1:
                return self._helper(name, value)
            moved = self._helper(name, _call("np.moveaxis", value, _number(at), _number(-1)))
            return _call("np.moveaxis", moved, _number(-1), _number(at))
        axes = (*node.axes, j)
        if name == "logsumexp":
            return self._helper(name, *(self._aligned_last(a, axes, j) for a in node.args))
        top, *rest = node.args
        parts = [self._aligned_last(a, axes, j) for a in rest]
        above = self._aligned(top, node.axes)
        if name == "share":
            return self._helper("exp_over_sum", above, *parts)
        return _binary(ast.Sub, above, self._helper("logsumexp", *parts))

    def _aligned_last(self, node: Node, axes: tuple[Symbol, ...], j: Symbol) -> ast.expr:
        if j in node.axes and node.axes[-1] != j:
            order = [node.axes.index(x) for x in (*(a for a in node.axes if a != j), j)]
            value = _call("np.transpose", self._value(node), _tuple([_number(n) for n in order]))
            keys: list[ast.expr] = [ast.Slice() if x in node.axes else ast.Constant(None) for x in axes]
            return value if all(x in node.axes for x in axes) else _subscript(value, keys)
        return self._aligned(node, axes)

    def _partials(self, node: Node) -> ast.expr:
        op, from_end = node.data
        ufunc, start = {"sum": ("np.add", 0.0), "prod": ("np.multiply", 1.0)}[op]
        args = [_dotted(ufunc), self._value(node.args[0]), ast.Constant(start)]
        return self._helper("partial_results", *args, **_flag("from_end", from_end))

    def _table(self, node: Node) -> ast.expr:
        ufunc, start = {"sum": ("np.add", 0.0), "prod": ("np.multiply", 1.0)}[node.data[0]]
        return self._helper("range_results", _dotted(ufunc), self._value(node.args[0]), ast.Constant(start))

    def _running(self, node: Node) -> ast.expr:
        new, factor = node.args
        parts = (self._aligned(new, node.axes), self._aligned(factor, node.axes))
        return self._helper("running_sums", *parts, **_flag("from_end", node.data[0]))

    def _running_chain(self, node: Node) -> ast.expr:
        parts = [self._value(a) for a in node.args]
        return self._helper("running_matrix_sums", *parts, **_flag("from_end", node.data[0]))

    def _chain(self, node: Node) -> ast.expr:
        return self._helper("matrix_product", self._value(node.args[0]))

    def _chain_partials(self, node: Node) -> ast.expr:
        return self._helper("matrix_products", self._value(node.args[0]), **_flag("from_end", node.data[0]))

    def _chain_table(self, node: Node) -> ast.expr:
        return self._helper("range_matrix_products", self._value(node.args[0]))

    # Loops

    def _write_scan(self, scan: Scan) -> None:
        """Allocate and fill the arrays of a scan; what does not change in the loop is worked out before it."""
        if scan in self._written:
            return
        self._written.add(scan)
        outer = self._inner
        self._inner = None
        for name, shape in scan.arrays:
            sizes = [self._integer(n) for n in shape]
            self._top.statements.append(_assign(name, _call("np.empty", _tuple(sizes))))
        for assignment in scan.first:
            self._put(assignment, self._top)
        if scan.each:
            for c in scan.counters:
                self._names[c.letter] = c.name
            body = _Block()
            self._inner = (scan, body)
            for assignment in scan.each:
                self._put(assignment, body)
            statements = body.statements
            for c in reversed(scan.counters):
                ends = [self._integer(c.lo), self._integer(c.hi + 1)]
                if c.down:
                    ends = [self._integer(c.hi), self._integer(c.lo - 1), _number(-1)]
                loop = ast.For(ast.Name(c.name, ast.Store()), _call("range", *ends), statements, [])
                statements = [loop]
            self._top.statements += statements
        self._inner = outer

    def _put(self, assignment: Assignment, block: _Block) -> None:
        letters = tuple(p.letter for p in assignment.places if isinstance(p, (Span, Whole)))
        value = self._aligned(assignment.value, letters)
        keys = [self._key(p) for p in assignment.places]
        left = _subscript(ast.Name(assignment.name), keys) if keys else _subscript(ast.Name(assignment.name), [])
        left.ctx = ast.Store()
        block.statements.append(ast.Assign([left], value, lineno=0))

    # Numbers

    def _number(self, value: Expr) -> ast.expr:
        special = {S.NaN: "np.nan", S.Infinity: "np.inf", **_CONSTANTS}
        if value in special:
            return _dotted(special[value])
        if value is S.NegativeInfinity:
            return ast.UnaryOp(ast.USub(), _dotted("np.inf"))
        if value.is_Rational and value.q > 1 and max(abs(value.p), value.q) < 2**53:
            exact = float(value)
            if exact.as_integer_ratio() != (value.p, value.q):
                return _binary(ast.Div, _number(float(value.p)), _number(float(value.q)))
        found = float(value)
        if math.isinf(found):
            raise NoFunctionError("a number in the result is too large for a float")
        return _number(found)

    def _integer(self, expr: Expr) -> ast.expr:
        """An index expression of sizes and counters."""
        if expr.is_Integer:
            return _number(int(expr))
        if isinstance(expr, Symbol) and expr in self._names:
            return ast.Name(self._names[expr])
        if isinstance(expr, Add):
            constant, rest = expr.as_coeff_Add()
            terms = sorted(Add.make_args(rest), key=lambda t: (bool(t.as_coeff_Mul()[0] < 0), str(t)))
            found = self._integer(terms[0])
            for term in [*terms[1:], *([constant] if constant != 0 else [])]:
                negative = term.as_coeff_Mul()[0] < 0
                found = _binary(ast.Sub if negative else ast.Add, found, self._integer(-term if negative else term))
            return found
        if isinstance(expr, Mul) and all(a.is_Integer or isinstance(a, Symbol) for a in expr.args):
            found = self._integer(expr.args[0])
            for arg in expr.args[1:]:
                found = _binary(ast.Mult, found, self._integer(arg))
            return found
        if isinstance(expr, (Maximum, Minimum)):
            return _call("max" if isinstance(expr, Maximum) else "min", *(self._integer(a) for a in expr.args))
        raise NoFunctionError(f"{expr} cannot be counted from the sizes of the arguments")


_ARRAY = {
    "reduce": _Writer._reduce,
    "contract": _Writer._contract,
    "softmax": _Writer._along_last,
    "log_softmax": _Writer._along_last,
    "softmax_rest": _Writer._along_last,
    "log_softmax_rest": _Writer._along_last,
    "logsumexp": _Writer._along_last,
    "share": _Writer._along_last,
    "log_share": _Writer._along_last,
    "partials": _Writer._partials,
    "table": _Writer._table,
    "running": _Writer._running,
    "running_chain": _Writer._running_chain,
    "chain": _Writer._chain,
    "chain_partials": _Writer._chain_partials,
    "chain_table": _Writer._chain_table,
}


def reserved() -> frozenset[str]:
    """The names that generated modules define themselves."""
    return frozenset(
        {*HELPERS, *(n for n, r in records().items() if isinstance(r, ScalarFunction) and "\n" in r.numpy)}
    )


def fixed_sizes(arrays: Sequence[Parameter], known: set[Symbol]) -> list[tuple[Symbol, Parameter, int]]:
    """The sizes that dimensions of arguments fix, each with the first dimension that is the size plus a number."""
    found: list[tuple[Symbol, Parameter, int]] = []
    seen = set(known)
    for p in arrays:
        for axis, n in enumerate(p.shape):
            sizes = [s for s in n.free_symbols if s not in seen]
            if len(sizes) == 1 and (n - sizes[0]).is_Integer:
                seen.add(sizes[0])
                found.append((sizes[0], p, axis))
    return found


def _is_diagonal(node: Node) -> bool:
    a, b = node.args
    return a.kind == b.kind == "arange" and a.data == b.data and a.axes != b.axes


def _default(value: Any) -> ast.expr | None:
    if value is None:
        return None
    return _tuple([_default(x) or _number(0.0) for x in value]) if isinstance(value, tuple) else _number(value)


def _is_view(node: Node) -> bool:
    """Whether a node's array may share its memory with an argument, or have entries that lie on one another."""
    if node.kind in ("entry", "named"):
        return _is_view(node.args[0])
    return node.kind in ("input", "expand")


def _indented(document: str) -> str:
    first, *rest = document.split("\n")
    return "\n".join([first, *(f"    {line}" if line else "" for line in rest), "    "])


def _flag(name: str, value: bool) -> dict[str, ast.expr]:
    return {name: ast.Constant(True)} if value else {}


def _number(value: Any) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def _dotted(name: str) -> ast.expr:
    first, *rest = name.split(".")
    found: ast.expr = ast.Name(first)
    for part in rest:
        found = ast.Attribute(found, part)
    return found


def _call(name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(_dotted(name), list(args), [])


def _binary(op: type[ast.operator], left: ast.expr, right: ast.expr) -> ast.BinOp:
    return ast.BinOp(left, op(), right)


def _tuple(parts: Sequence[ast.expr]) -> ast.Tuple:
    return ast.Tuple(list(parts))


def _subscript(value: ast.expr, keys: Sequence[ast.expr]) -> ast.Subscript:
    return ast.Subscript(value, keys[0] if len(keys) == 1 else _tuple(keys))


def _assign(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store())], value, lineno=0)
