"""The statements of a program on whole arrays, in the words of NumPy; the targets that have arrays translate them.

Leading batch axes come before the axes of a node.  A node that no argument reaches has none, and counts on
broadcasting; any other node is indexed from its end.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Expr, Symbol

from symdl.errors import NoFunctionError
from symdl.numeric.axes import AXES
from symdl.numeric.helpers import HELPERS
from symdl.numeric.program import (
    Assignment,
    Node,
    Output,
    Parameter,
    Place,
    Program,
    Scan,
    Span,
    Whole,
    fixed_sizes,
    uses,
)
from symdl.numeric.shapes import SHAPES
from symdl.numeric.syntax import (
    arguments,
    as_tuple,
    assign,
    binary,
    call,
    dotted,
    exact_number,
    indented,
    integer,
    moved,
    number,
    subscript,
)

SOURCES: dict[str, str] = {**HELPERS, **SHAPES}
"""Name -> source of every function that a module may carry along."""

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
_CALLED = re.compile(r"\b(\w+)\(")
_ATOMS = frozenset({"number", "integer", "input", "label", "partial"})


@dataclass
class Block:
    """Statements in the making, and the variables that hold nodes worked out so far."""

    statements: list[ast.stmt] = field(default_factory=list)
    known: dict[Node, ast.expr] = field(default_factory=dict)


class ArrayWriter:
    """Writes one function; `used` collects the sources of the functions that it calls.

    `helpers` are sources that stand in the place of those of the same name in `SOURCES`, and further ones that these
    call.
    """

    helpers: Mapping[str, str] = {}

    def __init__(self, program: Program) -> None:
        self.program = program
        self.used: dict[str, str] = {}
        self._names: dict[Symbol, str] = dict(program.sizes)
        self.top = Block()
        self._inner: tuple[Scan, Block] | None = None
        self._written: set[Scan] = set()
        self.uses = uses(program)
        self._batched: dict[Node, bool] = {}
        self._start = 0
        self._batch_name: str | None = None

    def function(self, document: str, decorators: Sequence[ast.expr] = ()) -> ast.FunctionDef:
        """The function with its docstring."""
        self.prologue()
        values = [self._output(o) for o in self.program.outputs]
        self.top.statements.append(ast.Return(values[0] if len(values) == 1 else as_tuple(values)))
        body: list[ast.stmt] = [ast.Expr(ast.Constant(indented(document))), *self.top.statements]
        return ast.FunctionDef(
            name=self.program.name, args=arguments(self.program), body=body, decorator_list=list(decorators)
        )

    def _output(self, output: Output) -> ast.expr:
        node = output.node
        value = self.aligned(node, output.letters)
        if len(node.axes) < len(output.letters) or not self._is_batched(node):
            return self.helper("filled", value, self._batch(), self._shape(output.shape), self._dtype())
        if _is_view(node):
            value = self.copied(value)
        return value if output.shape else subscript(value, [as_tuple([])])

    def constant(self, value: ast.expr) -> ast.expr:
        """A number that is worked out, so that it leaves the precision of what it is combined with alone."""
        return call("float", value)

    def copied(self, value: ast.expr) -> ast.expr:
        """An array with memory of its own."""
        return call("np.array", value)

    # Arguments

    def prologue(self) -> None:
        """Arguments become arrays, sizes are taken from them, and the shapes are compared."""
        add = self.top.statements.append
        known: set[Symbol] = set()
        arrays = [p for p in self.program.parameters if p.kind != "size"]
        for p in self.program.parameters:
            if p.kind == "size":
                add(assign(p.name, self.helper("check_size", ast.Constant(p.name), ast.Name(p.name))))
                known.add(next(s for s, name in self.program.sizes.items() if name == p.name))
            elif p.kind == "label":
                add(assign(p.name, self.helper("as_labels", ast.Constant(p.name), ast.Name(p.name))))
        floats = [ast.Name(p.name) for p in arrays if p.kind != "label"]
        if floats:
            targets = as_tuple([ast.Name(n.id, ast.Store()) for n in floats])
            add(ast.Assign([targets], self.helper("as_floats", *floats), lineno=0))
        for symbol, p, axis in fixed_sizes(arrays, known):
            length = self.helper(
                "length_of", ast.Constant(p.name), ast.Name(p.name), number(len(p.shape)), number(axis)
            )
            gap = -(p.shape[axis] - symbol)
            size = length if gap == 0 else binary(ast.Add if gap > 0 else ast.Sub, length, number(abs(int(gap))))
            add(assign(self.program.sizes[symbol], size))
        for p in arrays:
            if p.shape:
                add(ast.Expr(self.helper("check_shape", ast.Constant(p.name), ast.Name(p.name), self._shape(p.shape))))
        if len(arrays) > 1:
            add(self._batches_compared(arrays))
        self._start = len(self.top.statements)

    def _batches_compared(self, arrays: Sequence[Parameter]) -> ast.stmt:
        """The statement that refuses batches which do not fit together; those of one shape are found out at once."""
        shapes: list[ast.expr] = []
        for p in arrays:
            shape: ast.expr = ast.Attribute(ast.Name(p.name), "shape")
            before = ast.Slice(None, ast.UnaryOp(ast.USub(), number(len(p.shape))))
            shapes.append(ast.Subscript(shape, before) if p.shape else shape)
        are_one = ast.Compare(shapes[0], [ast.Eq() for _ in shapes[1:]], shapes[1:])
        triples = [as_tuple([ast.Constant(p.name), ast.Name(p.name), number(len(p.shape))]) for p in arrays]
        return ast.If(ast.UnaryOp(ast.Not(), are_one), [ast.Expr(self.helper("check_batches", *triples))], [])

    def _batch(self) -> ast.expr:
        """The leading axes of all arguments together."""
        arrays = [p for p in self.program.parameters if p.kind != "size"]
        if not arrays:
            return as_tuple([])
        if self._batch_name is None:
            self._batch_name = self.program.temporary("batch")
            pairs = [as_tuple([ast.Name(p.name), number(len(p.shape))]) for p in arrays]
            self.top.statements.insert(self._start, assign(self._batch_name, self.helper("batch_of", *pairs)))
        return ast.Name(self._batch_name)

    def _dtype(self) -> ast.expr:
        floats = [p for p in self.program.parameters if p.kind == "array"]
        return ast.Attribute(ast.Name(floats[0].name), "dtype") if floats else dotted("np.float64")

    def _shape(self, shape: Sequence[Expr]) -> ast.Tuple:
        return as_tuple([self._integer(n) for n in shape])

    # Nodes

    def _is_batched(self, node: Node) -> bool:
        """Whether a node's array may have the batch axes of the arguments before its own."""
        found = self._batched.get(node)
        if found is None:
            found = node.kind in ("input", "label", "partial", "state") or any(self._is_batched(a) for a in node.args)
            self._batched[node] = found
        return found

    def value(self, node: Node) -> ast.expr:
        """The text of a node's value; it gets a variable where it is used again or is long."""
        block = self.top if node.inside is None or self._inner is None else self._inner[1]
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
            or (self.uses.get(node, 0) < 2 and len(ast.unparse(code)) < WIDTH)
            or isinstance(code, (ast.Name, ast.Constant))
        ):
            return code
        else:
            name = self.program.temporary("v")
        block.statements.append(assign(name, code))
        block.known[node] = ast.Name(name)
        return block.known[node]

    def aligned(self, node: Node, axes: tuple[Symbol, ...]) -> ast.expr:
        """A node's value with an axis of length 1 wherever `axes` has a letter that the node lacks."""
        value = self.value(node)
        own = node.axes
        if own == axes:
            return value
        if self._is_batched(node):
            kept = [ast.Slice() if x in own else ast.Constant(None) for x in axes]
            return subscript(value, [ast.Constant(...), *kept])
        if not own or axes[-len(own) :] == own:
            return value
        first = axes.index(own[0])
        return subscript(value, [ast.Slice() if x in own else ast.Constant(None) for x in axes[first:]])

    def _code(self, node: Node) -> ast.expr:
        kind, data = node.kind, node.data
        if kind == "number":
            return self._number(data[0])
        if kind == "integer":
            return self._integer(data[0])
        if kind in ("input", "label", "partial"):
            return ast.Name(data[0])
        if kind == "named":
            return self.value(node.args[0])
        if kind == "arange":
            ends = [self._integer(x) for x in data[:2]]
            return self._made("np.arange", ends, ast.Name("int") if data[2] == "int" else self._dtype())
        if kind == "entry":
            return self._entry(node)
        if kind == "gather":
            return self._gather(node)
        if kind == "position":
            return self._position(node)
        if kind == "expand":
            letters, lengths = data
            return self.helper("expanded", self.aligned(node.args[0], letters), self._shape(lengths))
        if kind in AXES:
            return AXES[kind](self, node)
        return self._elementwise(node)

    def _position(self, node: Node) -> ast.expr:
        """A label, which is refused where it is no position."""
        index, length = node.args
        return self.helper("position", ast.Constant(node.data[0]), self.value(index), self.value(length))

    def _made(self, function: str, args: list[ast.expr], dtype: ast.expr) -> ast.expr:
        """An array that is made from nothing."""
        return ast.Call(dotted(function), args, [ast.keyword("dtype", dtype)])

    def _elementwise(self, node: Node) -> ast.expr:
        kind = node.kind
        if kind == "where":
            return self._where(node)
        args = [self.aligned(a, node.axes) for a in node.args]
        if kind == "pow" and node.args[1].kind == "number" and node.args[1].data[0].is_Integer:
            return binary(ast.Pow, args[0], number(int(node.args[1].data[0])))
        if kind in _BINARY:
            found = args[0]
            for arg in args[1:]:
                found = binary(_BINARY[kind], found, arg)
            return found
        if is_diagonal(node):
            return self._diagonal(node, ast.Name("bool"))
        if kind in _COMPARE:
            return ast.Compare(args[0], [_COMPARE[kind]()], [args[1]])
        if kind == "neg":
            return ast.UnaryOp(ast.USub(), args[0])
        if kind == "not":
            return call("np.logical_not", args[0])
        if kind in ("max", "min"):
            found = self.as_array(node.args[0], args[0])
            for n, arg in zip(node.args[1:], args[1:], strict=True):
                found = call("np.maximum" if kind == "max" else "np.minimum", found, self.as_array(n, arg))
            return found
        if kind == "call":
            found = self._function(node, args)
            return found if node.axes or self._is_batched(node) else self.constant(found)
        raise NoFunctionError(f"there is no code for {kind}")

    def _diagonal(self, node: Node, dtype: ast.expr) -> ast.expr:
        lo, hi, _ = node.args[0].data
        return self._made("np.eye", [self._integer(hi - lo)], dtype)

    def _where(self, node: Node) -> ast.expr:
        condition, value, other = node.args
        if condition.kind == "not" and not value.kind == other.kind == "number":
            condition, value, other = condition.args[0], other, value
        if value.kind == "number" and other.kind == "number":
            is_one = (value.data[0], other.data[0]) == (1, 0)
            if is_one and is_diagonal(condition):
                return self._diagonal(condition, self._dtype())
            parts = (self.aligned(n, node.axes) for n in (condition, value, other))
            return self.helper("choice", *parts, self._dtype())
        return call("np.where", *(self.aligned(n, node.axes) for n in (condition, value, other)))

    def as_array(self, node: Node, code: ast.expr) -> ast.expr:
        """The value of a node where a plain number will not do."""
        return code

    def _function(self, node: Node, args: list[ast.expr]) -> ast.expr:
        name, source = node.data
        args = [self.as_array(n, a) for n, a in zip(node.args, args, strict=True)]
        if name in SOURCES or name in self.helpers:
            return self.helper(name, *args)
        if "\n" in source:
            self.used[name] = source
            return call(name, *args)
        return call(source, *args)

    def helper(self, name: str, *args: ast.expr, **keywords: ast.expr) -> ast.Call:
        """A call of a function that the module carries along."""
        self._carry(name)
        return ast.Call(ast.Name(name), list(args), [ast.keyword(k, v) for k, v in keywords.items()])

    def _carry(self, name: str) -> None:
        if name in self.used:
            return
        source = self.used[name] = self.helpers.get(name) or SOURCES[name]
        for other in sorted(set(_CALLED.findall(source))):
            if other in SOURCES or other in self.helpers:
                self._carry(other)

    def _entry(self, node: Node) -> ast.expr:
        (base,) = node.args
        places: tuple[Place, ...] = node.data
        value = self.value(base)
        before = [ast.Constant(...)] if self._is_batched(base) else []
        if not all(isinstance(p, Whole) for p in places):
            value = subscript(value, [*before, *(self._key(p) for p in places)])
        kept = [p for p in places if isinstance(p, (Span, Whole))]
        turned = [n - len(kept) for n, p in enumerate(kept) if isinstance(p, Span) and p.step < 0]
        if turned:
            value = ast.Call(dotted("np.flip"), [value], [ast.keyword("axis", as_tuple([number(n) for n in turned]))])
        letters = [p.letter for p in kept]
        return moved(value, [letters.index(x) for x in node.axes])

    def _key(self, place: Place) -> ast.expr:
        if isinstance(place, Whole):
            return ast.Slice()
        if isinstance(place, Span):
            return ast.Slice(None if place.start == 0 else self._integer(place.start), self._integer(place.stop))
        at = self._integer(place.at)
        if not place.checked:
            return at
        return self.helper("position", ast.Constant(place.name), at, self._integer(place.length))

    def _gather(self, node: Node) -> ast.expr:
        base, *indices = node.args
        parts = [self.aligned(i, node.axes) for i in indices]
        if base.kind == "log_softmax" and len(base.axes) == 1 and not node.axes and self.uses[base] == 1:
            # One entry alone takes no pass over all of them.
            x = self.value(base.args[0])
            return self.helper("log_share", self.helper("picked", x, number(0), *parts), x)
        if not any(self._is_batched(a) for a in node.args):
            return subscript(self.value(base), parts)
        return self.helper("picked", self.value(base), number(len(node.axes)), *parts)

    # Loops

    def _write_scan(self, scan: Scan) -> None:
        """Allocate and fill the arrays of a scan; what does not change in the loop is worked out before it."""
        if scan in self._written:
            return
        self._written.add(scan)
        outer = self._inner
        self._inner = None
        for name, shape in scan.arrays:
            made = self.helper("states", self._batch(), self._shape(shape), self._dtype())
            self.top.statements.append(assign(name, made))
        for assignment in scan.first:
            self._put(assignment, self.top)
        if scan.each:
            for c in scan.counters:
                self._names[c.letter] = c.name
            body = Block()
            self._inner = (scan, body)
            for assignment in scan.each:
                self._put(assignment, body)
            self.top.statements += self.loops(scan, body.statements)
        self._inner = outer

    def loops(self, scan: Scan, body: list[ast.stmt]) -> list[ast.stmt]:
        """The statements of a loop's body in the loop over all counters of a scan."""
        for c in reversed(scan.counters):
            ends = [self._integer(c.lo), self._integer(c.hi + 1)]
            if c.down:
                ends = [self._integer(c.hi), self._integer(c.lo - 1), number(-1)]
            body = [ast.For(ast.Name(c.name, ast.Store()), call("range", *ends), body, [])]
        return body

    def _put(self, assignment: Assignment, block: Block) -> None:
        letters = tuple(p.letter for p in assignment.places if isinstance(p, (Span, Whole)))
        value = self.aligned(assignment.value, letters)
        keys = [ast.Constant(...), *(self._key(p) for p in assignment.places)]
        block.statements.append(self.stored(assignment.name, keys, value))

    def stored(self, name: str, keys: list[ast.expr], value: ast.expr) -> ast.stmt:
        """The statement that puts a value into a part of an array."""
        left = subscript(ast.Name(name), keys)
        left.ctx = ast.Store()
        return ast.Assign([left], value, lineno=0)

    # Numbers

    def _number(self, value: Expr) -> ast.expr:
        return exact_number(value)

    def _integer(self, expr: Expr) -> ast.expr:
        return integer(expr, self._names)


def is_diagonal(node: Node) -> bool:
    """Whether a node says that two positions are equal, along axes of one length."""
    if node.kind != "eq":
        return False
    a, b = node.args
    return a.kind == b.kind == "arange" and a.data == b.data and a.axes != b.axes


def _is_view(node: Node) -> bool:
    """Whether a node's array may share its memory with an argument, or have entries that lie on one another."""
    if node.kind in ("entry", "named"):
        return _is_view(node.args[0])
    return node.kind in ("input", "expand")
