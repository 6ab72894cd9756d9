"""The statements of a program as loops over single numbers: row by row of a batch, without temporary arrays.

An argument that has no axis for rows is one row for all of them.  What a row needs more than once stands in a
variable, or in a buffer that all rows share; all else is put where it is used.  There are several ways:

rows     one row after the other, along its axes
short    for sizes that are known when it is compiled: loops along axes vanish, and one loop over rows is left, which
         becomes one over vectors; what goes wrong for large numbers is done again for the block of rows
columns  every statement runs over a block of rows before the next one, for loops that depend on themselves
number   one row with a result without axes, which is handed back
alone    one row, whose arrays have no axis for rows
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from sympy import Expr, Integer, Symbol

from symdl.numeric import exponentials, expressions, heads, passes
from symdl.numeric.exponentials import ALONG, Sums, Total
from symdl.numeric.expressions import ENTRYWISE
from symdl.numeric.program import Assignment, Fixed, Node, Program, Scan, Span, Whole, length_along, uses
from symdl.numeric.syntax import as_tuple, integer
from symdl.numeric.writer import At, Entry, Writer

_CHEAP = frozenset({"number", "integer", "input", "label", "partial", "state", "arange", "entry", "expand", "neg",
                    "position", "not", "and", "eq", "ne", "gt", "ge", "lt", "le"})  # fmt: skip


class Kernel(Writer):
    """Writes the kernel of one program."""

    def __init__(self, program: Program, way: str) -> None:
        super().__init__(program, way)
        self.held: dict[Node, Entry] = {}
        self.is_along = way in ("rows", "number")
        self.scales: dict[Entry, tuple[Entry, Entry]] = {}
        self.logs: dict[Entry, Entry] = {}
        self.shares: dict[Node, tuple[Entry, Entry]] = {}
        self.largest: dict[Node, tuple[Entry, Entry]] = {}
        self.sums: dict[tuple[Node, Symbol], Sums] = {}
        self.weighted: dict[tuple[Node, Node, Symbol], Total] = {}
        self._shapes: dict[str, tuple[Expr, ...]] = {n: p.shape for n, p in self.arrays.items()}
        self.entries: dict[str, Callable[[list[str]], str]] = {}
        self._written: set[Scan] = set()
        self.uses = uses(program)
        sums = (n for n in self.uses if n.kind == "reduce" and n.data[0] == "sum")
        self._totals = {a: n for n in sums for a in n.args if a.kind in ENTRYWISE}
        for scan in (d for n in self.uses for d in n.data if isinstance(d, Scan)):
            self._shapes |= dict(scan.arrays)

    def source(self, name: str) -> str:
        """The function `name(*sizes, *axes)`, which makes the kernel `(like, *arrays, *sizes, *outputs)`.

        Sizes are asked for in the short way only; an axis more than an argument has itself is one for rows.  One row
        alone in plain Python is `name(*arrays, *sizes)`.

        Fails   raises NoFunctionError where a part of the program has no form in loops.
        """
        if self.alone:
            self._outputs()
            arrays = [*self.arrays, *self.program.sizes.values()]
            head = [f"def {name}({', '.join(arrays)}):", *(f"    {line}" for line in self._buffers)]
            return "\n".join([*head, *self._lines, f"    return {', '.join(self.names_out)}"])
        loop = ["    for _row in range(_count):"]
        if self.columns or self.short:
            n = self.block
            loop = [f"    for _start in range(0, _count, {n}):", f"        _size = min({n}, _count - _start)"]
        self._depth = 2
        if self.columns:
            for p in self.arrays.values():
                if len(p.shape) <= 1:
                    self._copied(p)
        if self._is_spread:
            most = [" * ".join(f"({self.integer(n)})" for n in o.shape) for o in self.program.outputs]
            self._constants.append(f"_most = max({', '.join([*most, '1'])})")
        self._outputs()
        if self._is_guarded and self.short:
            near, self._lines, self.near = self._lines, [], False
            self.held, self.sums, self.weighted = {}, {}, {}
            self.scales, self.logs, self.shares, self.largest = {}, {}, {}, {}
            self._outputs()
            far = ["        if not is_small(_far):", *(f"    {line}" for line in self._lines)]
            self._lines = ["        _far = size_of(_real(0))", *near, *far]
        kernel = [*heads.head(self, self._buffers), *loop, *self._lines]
        if self.number:
            kernel.append("    return _out0[0]")
        made = [*heads.maker(self, name, self._constants), *(f"    {line}" for line in kernel)]
        return "\n".join([*made, "", "    return kernel"])

    def _outputs(self) -> None:
        """The statements for one row, or for a block of them."""
        if not self.short:
            for out, output in zip(self.names_out, self.program.outputs, strict=True):
                self._output(out, output.node, output.letters, output.shape)
            return
        for p in self.arrays.values():
            if p.kind == "label" and not p.shape and p.name not in self.copies:
                self._narrowed(p)
        outputs = list(zip(self.names_out, self.program.outputs, strict=True))
        with self.loop("_b", "_size"):
            for out, output in outputs:
                self._prepare(output.node)
                if not self._is_spread:
                    self._output(out, output.node, output.letters, output.shape)
        self._lines, self._ahead = [*self._ahead, *passes.in_parts(self._lines)], []
        for out, output in outputs:
            if output.shape and not self._is_spread:
                self._to_rows(out, output.shape)
        if self._is_spread:
            with self.loop("_b", "_size"):
                self.line("one_by_one(_most)")
                for out, output in outputs:
                    self._output(out, output.node, output.letters, output.shape)

    def shape(self, shape: Sequence[Expr]) -> str:
        return ast.unparse(as_tuple([integer(n, self._names) for n in shape]))

    # The uses of nodes

    def length(self, node: Node, letter: Symbol) -> Expr:
        """How many entries a node has along an axis."""
        return length_along(node, letter, self._shapes)

    def lengths(self, node: Node) -> dict[Symbol, Expr]:
        return {x: self.length(node, x) for x in node.axes}

    # What stands in variables

    def _prepare(self, node: Node) -> None:
        """Write the statements for what the text of a node refers to."""
        if node in self.held:
            return
        if node.kind == "state":
            self._write_scan(node.data[1])
            return
        for a in node.args:
            self._prepare(a)
            is_again = node.kind in (*ALONG, "partials", "running") or not set(node.axes) <= set(a.axes)
            is_new = a not in self.held and node.kind not in ("entry", "gather")
            if is_again and is_new and (self._is_work(a) or expressions.share(self, a, dict.fromkeys(a.axes, ""))):
                self.held[a] = self._stored(a)
        if node.kind in ALONG:
            self.held[node] = exponentials.along(self, node)
        elif node.kind == "reduce":
            self.held[node] = passes.reduced(self, node, node.args, *node.data)
        elif node.kind == "contract":
            self.held[node] = passes.reduced(self, node, node.args, "sum", node.data[0])
        elif node.kind == "gather" and self.short:
            self.held[node] = passes.picked(self, node)
        elif node.kind == "partials":
            self.held[node] = passes.partials(self, node)
        elif node.kind == "running":
            self.held[node] = passes.running(self, node)
        elif node.kind == "vector_chain":
            self.held[node] = passes.vector_chain(self, node)
        elif node.kind == "pow" and passes.is_powers(node):
            self.held[node] = passes.powers(self, node)
        elif node.kind not in _CHEAP and (node.kind == "named" or self.uses[node] > 1) and self._is_work(node):
            total = self._totals.get(node)
            at = dict.fromkeys(node.axes, "_i")
            if total is None or self.guards_of(lambda at: expressions.text(self, node, at), at):
                self.held[node] = self._stored(node)
            else:
                self.held[node], self.held[total] = passes.kept_and_added(self, node, total)

    def _is_work(self, node: Node) -> bool:
        """Whether a node is more than a place in something that is held already."""
        if node.kind in ("named", "entry", "expand", "neg"):
            return self._is_work(node.args[0])
        return node.kind not in _CHEAP and node not in self.held

    def _stored(self, node: Node) -> Entry:
        lengths = self.lengths(node)
        entry = self.buffer(tuple(lengths.values()))
        put = lambda at, text: f"{entry([at[x] for x in node.axes])} = {text}"  # noqa: E731
        self.fill(lengths, put, lambda at: expressions.text(self, node, at))
        return lambda at: entry([at[x] for x in node.axes])

    # Loops

    def _write_scan(self, scan: Scan) -> None:
        if scan in self._written:
            return
        self._written.add(scan)
        for name, shape in scan.arrays:
            entry = self.buffer(shape) if shape else self.buffer((Integer(1),))
            self.entries[name] = entry
        for a in scan.first:
            self._prepare(a.value)
            self._put(a)
        if not scan.each:
            return
        for a in scan.each:
            self._prepare_outside(a.value, scan)
        for c in scan.counters:
            self._names[c.letter] = c.name
        outer, sums, weighted = dict(self.held), dict(self.sums), dict(self.weighted)
        depth = self._depth
        for c in scan.counters:
            lo, hi = self.integer(c.lo), self.integer(c.hi)
            self.line(f"for {c.name} in range({f'{hi}, {lo} - 1, -1' if c.down else f'{lo}, {hi} + 1'}):")
            self._depth += 1
        for a in scan.each:
            self._prepare(a.value)
            self._put(a)
        self._depth = depth
        self.held, self.sums, self.weighted = outer, sums, weighted

    def _prepare_outside(self, node: Node, scan: Scan) -> None:
        if node.inside is None:
            self._prepare(node)
        else:
            for a in node.args:
                self._prepare_outside(a, scan)

    def _put(self, assignment: Assignment) -> None:
        value = assignment.value
        letters = {p.letter: self._stretch(p, assignment.name, n) for n, p in enumerate(assignment.places)
                   if isinstance(p, (Span, Whole))}  # fmt: skip
        with self.over(letters) as at:
            places = []
            for p in assignment.places:
                if isinstance(p, Fixed):
                    places.append(self.integer(p.at))
                elif isinstance(p, Whole):
                    places.append(at[p.letter])
                else:
                    places.append(f"{self.integer(p.start)} + {at[p.letter]}")
            self.each(f"{self.entries[assignment.name](places or ['0'])} = {self.value(value, at)}")

    def _stretch(self, place: Span | Whole, name: str, position: int) -> Expr:
        return self._shapes[name][position] if isinstance(place, Whole) else place.stop - place.start

    # Expressions

    def _output(self, out: str, node: Node, letters: tuple[Symbol, ...], shape: tuple[Expr, ...]) -> None:
        self._prepare(node)
        lengths = dict(zip(letters, shape, strict=True))
        if self.alone and letters:
            self._buffers.append(f"{out} = np.empty(({', '.join(self.integer(n) for n in shape)},), _out0.dtype)")

        def put(at: At, text: str) -> str:
            places = [at[x] for x in letters]
            if self.alone:
                return f"{out}[{', '.join(places)}] = {text}" if places else f"{out} = {text}"
            if self.short and places and not self._is_spread:
                return f"{out}_columns[{self._inside(shape, places)}, _b] = {text}"
            return f"store({out}, {self._place('', shape, places)}, {text})"

        if not (self.columns and len(letters) == 1):
            self.fill(lengths, put, lambda at: self.value(node, at))
            return
        entry = self.buffer(shape)
        held = lambda at, text: f"{entry([at[x] for x in letters])} = {text}"  # noqa: E731
        self.fill(lengths, held, lambda at: self.value(node, at))
        with self.over(lengths) as at, self.loop("_b", "_size"):
            self.line(put(at, entry([at[x] for x in letters])))

    def value(self, node: Node, at: At) -> str:
        found = self.held.get(node)
        if found is not None:
            return found({x: at[x] for x in node.axes})
        return expressions.text(self, node, at)
