"""The statements of a program as loops over single numbers: row by row of a batch, without temporary arrays.

A kernel works through `count` rows; an argument that has no batch axes is one row for all of them.  What a row needs
more than once stands in a variable, or in a buffer that all rows share; all else is put where it is used.  In columns,
every statement runs over a block of rows before the next one: short axes then do not break up the loops.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from sympy import Expr, Integer, Symbol

from symdl.errors import NoFunctionError
from symdl.numeric.arrays import exact_number, integer
from symdl.numeric.program import Assignment, Fixed, Node, Parameter, Program, Scan, Span, Whole

BLOCK = 128
"""How many rows a block has in columns."""

At = Mapping[Symbol, str]
"""Axis letter -> the text of the position along it, counted from 0."""

_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "and": "&", "eq": "==", "ne": "!=", "gt": ">", "ge": ">=",
          "lt": "<", "le": "<="}  # fmt: skip
_CHEAP = frozenset({"number", "integer", "input", "label", "partial", "state", "arange", "entry", "expand", "neg",
                    "position", "not", "and", "eq", "ne", "gt", "ge", "lt", "le"})  # fmt: skip
_KEPT = frozenset({"softmax", "softmax_rest", "log_softmax", "log_softmax_rest"})
_TOPPED = frozenset({"share", "log_share"})
_ALONG = _KEPT | _TOPPED | {"logsumexp"}


@dataclass(frozen=True)
class _Sums:
    """The texts of what a sum of exponentials consists of, by the positions along its axes.

    The exponentials are less the largest, whose own weight is `first`; `others` is the sum of all but this one.
    """

    axes: dict[Symbol, Expr]
    peak: Callable[[At], str]
    first: Callable[[At], str]
    others: Callable[[At], str]
    terms: Callable[[At], str]


class Kernel:
    """Writes the kernel of one program; `functions` collects the functions of numbers it calls, with their sources."""

    def __init__(self, program: Program, columns: bool) -> None:
        self.program = program
        self.columns = columns
        self.functions: dict[str, str] = {}
        self._lines: list[str] = []
        self._depth = 1
        self._buffers: list[str] = []
        self._made = 0
        self._names: dict[Symbol, str] = dict(program.sizes)
        self._held: dict[Node, Callable[[At], str]] = {}
        self._inverses: dict[Callable[[At], str], Callable[[At], str]] = {}
        self._sums: dict[tuple[Node, Node | None, Symbol], _Sums] = {}
        self._arrays = {p.name: p for p in program.parameters if p.kind != "_size"}
        self._states: dict[str, tuple[Expr, ...]] = {}
        self._entries: dict[str, Callable[[list[str]], str]] = {}
        self._copies: dict[str, Callable[[list[str]], str]] = {}
        self._written: set[Scan] = set()
        self._uses: dict[Node, int] = {}
        self._count([o.node for o in program.outputs])

    def source(self, name: str) -> str:
        """The function `name(count, *arrays, *outputs, *sizes)`.

        Fails   raises NoFunctionError where a part of the program has no form in loops.
        """
        outputs = [f"_out{n}" for n in range(len(self.program.outputs))]
        self._depth = 2
        if self.columns:
            for p in self._arrays.values():
                if len(p.shape) <= 1:
                    self._copied(p)
        for out, output in zip(outputs, self.program.outputs, strict=True):
            self._output(out, output.node, output.letters, output.shape)
        sizes = [*self.program.sizes.values()]
        head = [
            f"def {name}({', '.join(['_count', *self._arrays, *outputs, *sizes])}):",
            "    wide()",
            "    wide()",
            "    _real = _out0.dtype.type",
        ]
        head += [f"    _{p}_step = min({p}.shape[0], 2) - 1" for p in self._arrays]
        head += [f"    {line}" for line in self._buffers]
        if self.columns:
            head += [f"    for _start in range(0, _count, {BLOCK}):", f"        _size = min({BLOCK}, _count - _start)"]
        else:
            head.append("    for _row in range(_count):")
        return "\n".join([*head, *self._lines])

    # Text

    def _line(self, text: str) -> None:
        self._lines.append("    " * self._depth + text)

    @contextmanager
    def _loop(self, variable: str, bounds: str) -> Iterator[None]:
        self._line(f"for {variable} in range({bounds}):")
        self._depth += 1
        yield
        self._depth -= 1

    @contextmanager
    def _over(self, lengths: Mapping[Symbol, Expr], at: At | None = None) -> Iterator[dict[Symbol, str]]:
        """Loops over axes; what is written inside is about one entry, but in columns still about a block of rows."""
        found = dict(at or {})
        for letter, length in lengths.items():
            variable = self._new("i")
            self._line(f"for {variable} in range({self._integer(length)}):")
            self._depth += 1
            found[letter] = variable
        yield found
        self._depth -= len(lengths)

    def _each(self, *lines: str) -> None:
        """Statements for each row of the block."""
        if self.columns:
            with self._loop("_b", "_size"):
                for line in lines:
                    self._line(line)
        else:
            for line in lines:
                self._line(line)

    def _new(self, stem: str) -> str:
        self._made += 1
        return f"_{stem}{self._made}"

    def _scalar(self, kind: str = "real") -> str:
        """A variable for each row."""
        name = self._new("s")
        if not self.columns:
            return name
        self._buffers.append(f"{name} = np.empty({BLOCK}, {'_out0.dtype' if kind == 'real' else 'np.int64'})")
        return f"{name}[_b]"

    def _buffer(self, lengths: tuple[Expr, ...]) -> Callable[[list[str]], str]:
        """An array for each row, as the text of its entry at some positions."""
        if not lengths:
            name = self._scalar()
            return lambda at: name
        name = self._new("w")
        shape = ", ".join([*(self._integer(n) for n in lengths), *([str(BLOCK)] if self.columns else [])])
        self._buffers.append(f"{name} = np.empty(({shape},), _out0.dtype)")
        last = ["_b"] if self.columns else []
        return lambda at: f"{name}[{', '.join([*at, *last])}]"

    def _integer(self, expr: Expr) -> str:
        return ast.unparse(integer(expr, self._names))

    def _row(self, name: str) -> str:
        return f"(_start + _b) * _{name}_step" if self.columns else f"_row * _{name}_step"

    # The uses of nodes

    def _count(self, roots: list[Node]) -> None:
        stack = list(roots)
        scans: set[Scan] = set()
        while stack:
            node = stack.pop()
            self._uses[node] = self._uses.get(node, 0) + 1
            if self._uses[node] > 1:
                continue
            stack += node.args
            for scan in (d for d in node.data if isinstance(d, Scan)):
                for name, shape in scan.arrays:
                    self._states[name] = shape
                if scan not in scans:
                    scans.add(scan)
                    stack += [a.value for a in (*scan.first, *scan.each)]

    def length(self, node: Node, letter: Symbol) -> Expr:
        """How many entries a node has along an axis."""
        kind, data = node.kind, node.data
        if kind in ("input", "label"):
            return self._arrays[data[0]].shape[node.axes.index(letter)]
        if kind in ("partial", "state"):
            return self._states[data[0]][node.axes.index(letter)]
        if kind == "arange":
            return data[1] - data[0]
        if kind == "expand":
            return data[1][data[0].index(letter)]
        if kind == "entry":
            at, place = next((n, p) for n, p in enumerate(data) if isinstance(p, (Span, Whole)) and p.letter == letter)
            base = node.args[0]
            return self.length(base, base.axes[at]) if isinstance(place, Whole) else place.stop - place.start
        if kind in ("partials", "running") and letter == node.axes[-1]:
            return self.length(node.args[0], letter) + 1
        if kind == "vector_chain":
            scale = node.args[1]
            return self.length(scale, letter) + (1 if letter == node.axes[0] else 0)
        if kind == "gather":
            return next(self.length(a, letter) for a in node.args[1:] if letter in a.axes)
        return next(self.length(a, letter) for a in node.args if letter in a.axes)

    def _lengths(self, node: Node) -> dict[Symbol, Expr]:
        return {x: self.length(node, x) for x in node.axes}

    # What stands in variables

    def _prepare(self, node: Node) -> None:
        """Write the statements for what the text of a node refers to."""
        if node in self._held:
            return
        if node.kind == "state":
            self._write_scan(node.data[1])
            return
        for a in node.args:
            self._prepare(a)
            is_again = node.kind in _ALONG or not set(node.axes) <= set(a.axes)
            if is_again and a not in self._held and node.kind not in ("entry", "gather") and self._is_work(a):
                self._held[a] = self._stored(a)
        if node.kind in _ALONG:
            self._held[node] = self._along(node)
        elif node.kind == "reduce":
            self._held[node] = self._reduce(node, node.args, *node.data)
        elif node.kind == "contract":
            self._held[node] = self._reduce(node, node.args, "sum", node.data[0])
        elif node.kind == "partials":
            self._held[node] = self._partials(node)
        elif node.kind == "running":
            self._held[node] = self._running(node)
        elif node.kind == "vector_chain":
            self._held[node] = self._vector_chain(node)
        elif node.kind not in _CHEAP and (node.kind == "named" or self._uses[node] > 1) and self._is_work(node):
            self._held[node] = self._stored(node)

    def _is_work(self, node: Node) -> bool:
        """Whether a node is more than a place in something that is held already."""
        if node.kind in ("named", "entry", "expand", "neg"):
            return self._is_work(node.args[0])
        return node.kind not in _CHEAP and node not in self._held

    def _stored(self, node: Node) -> Callable[[At], str]:
        lengths = self._lengths(node)
        entry = self._buffer(tuple(lengths.values()))
        with self._over(lengths) as at:
            self._each(f"{entry([at[x] for x in node.axes])} = {self._text(node, at)}")
        return lambda at: entry([at[x] for x in node.axes])

    def _reduce(self, node: Node, args: tuple[Node, ...], op: str, j: Symbol) -> Callable[[At], str]:
        lengths = self._lengths(node)
        entry = self._buffer(tuple(lengths.values()))
        along = {j: next(self.length(a, j) for a in args if j in a.axes)}
        with self._over(lengths) as at:
            total = self._scalar()
            self._each(f"{total} = _real({0 if op == 'sum' else 1})")
            with self._over(along, at) as inner:
                value = " * ".join(self._value(a, {x: inner[x] for x in a.axes}) for a in args)
                self._each(f"{total} = plus({total}, {value})" if op == "sum" else f"{total} *= {value}")
            if op == "sum":
                self.functions["plus"] = ""
            self._each(f"{entry([at[x] for x in node.axes])} = {total}")
        return lambda at: entry([at[x] for x in node.axes])

    def _partials(self, node: Node) -> Callable[[At], str]:
        op, from_end = node.data
        *outer, j = node.axes
        n = self.length(node.args[0], j)
        entry = self._buffer(tuple(self.length(node, x) for x in node.axes))
        sign = "+" if op == "sum" else "*"
        with self._over({x: self.length(node, x) for x in outer}) as at:
            head = [at[x] for x in outer]
            last = self._integer(n) if from_end else "0"
            self._each(f"{entry([*head, last])} = _real({0 if op == 'sum' else 1})")
            step = self._new("i")
            with self._loop(step, f"{last} - 1, -1, -1" if from_end else self._integer(n)):
                before, after = (f"{step} + 1", step) if from_end else (step, f"{step} + 1")
                value = self._value(node.args[0], {**at, j: step})
                self._each(f"{entry([*head, after])} = {entry([*head, before])} {sign} {value}")
        return lambda at: entry([at[x] for x in node.axes])

    def _running(self, node: Node) -> Callable[[At], str]:
        new, factor = node.args
        (from_end,) = node.data
        *outer, j = node.axes
        n = self._integer(self.length(new, j))
        entry = self._buffer(tuple(self.length(node, x) for x in node.axes))
        with self._over({x: self.length(node, x) for x in outer}) as at:
            head = [at[x] for x in outer]
            first, other = (n, f"{n} - 1") if from_end else ("0", "1")
            begin = f"{n} - 1" if from_end else "0"
            self._each(f"{entry([*head, first])} = _real(0)")
            with self._loop("_once", f"min({n}, 1)"):
                target = other if from_end else "1"
                self._each(f"{entry([*head, target])} = {self._value(new, {**at, j: begin})}")
            step = self._new("i")
            with self._loop(step, f"{n} - 2, -1, -1" if from_end else f"1, {n}"):
                before, after = (f"{step} + 1", step) if from_end else (step, f"{step} + 1")
                scale = self._value(factor, {**at, j: step if from_end else f"{step} - 1"})
                value = self._value(new, {**at, j: step})
                self._each(f"{entry([*head, after])} = {value} + {scale} * {entry([*head, before])}")
        return lambda at: entry([at[x] for x in node.axes])

    def _vector_chain(self, node: Node) -> Callable[[At], str]:
        vector, scale, matrix = node.args
        from_end, _ = node.data
        t, a = node.axes
        b = matrix.axes[-1]
        n, size = self._integer(self.length(scale, t)), {a: self.length(scale, a)}
        entry = self._buffer(tuple(self.length(node, x) for x in node.axes))
        with self._over(size) as at:
            self._each(f"{entry([n if from_end else '0', at[a]])} = {self._value(vector, {vector.axes[0]: at[a]})}")
        step = self._new("i")
        with self._loop(step, f"{n} - 1, -1, -1" if from_end else n):
            before, after = (f"{step} + 1", step) if from_end else (step, f"{step} + 1")
            total = self._buffer(tuple(size.values()))
            with self._over(size) as at:
                self._each(f"{total([at[a]])} = _real(0)")
            # The inner loop runs along a row of the matrix, which lies in one piece in memory.
            with self._over(size) as at:
                row = at[a]
                if from_end:
                    held = self._scalar()
                    self._each(f"{held} = {entry([before, row])} * {self._value(scale, {t: step, a: row})}")
                    with self._over(size) as inner:
                        value = self._value(matrix, {x: {t: step, a: row, b: inner[a]}[x] for x in matrix.axes})
                        self._each(f"{total([inner[a]])} += {held} * {value}")
                else:
                    held = self._scalar()
                    self._each(f"{held} = _real(0)")
                    with self._over(size) as inner:
                        value = self._value(matrix, {x: {t: step, a: row, b: inner[a]}[x] for x in matrix.axes})
                        self._each(f"{held} = plus({held}, {value} * {entry([before, inner[a]])})")
                    self._each(f"{total([row])} = {held} * {self._value(scale, {t: step, a: row})}")
            with self._over(size) as at:
                self._each(f"{entry([after, at[a]])} = {total([at[a]])}")
        self.functions["plus"] = ""
        return lambda at: entry([at[x] for x in node.axes])

    # Sums of exponentials

    def _along(self, node: Node) -> Callable[[At], str]:
        """One of the functions of exponentials along an axis, by way of their sum less its largest term."""
        kind = node.kind
        (j,) = node.data
        has_top = kind in _TOPPED
        x, *weights = node.args[1 if has_top else 0 :]
        sums = self._sums_of(x, weights[0] if weights else None, j)
        if kind in _KEPT:
            e, m, others = sums.terms, sums.peak, sums.others
            if kind in ("softmax", "softmax_rest"):
                inverse = self._inverses.get(sums.others)
                if inverse is None:
                    inverse = self._once(sums.axes, lambda at: f"_real(1) / (_real(1) + {others(at)})")
                    self._inverses[sums.others] = inverse
                if kind == "softmax":
                    return lambda at: f"({e(at)} * {inverse(at)})"
                self.functions["softmax_rest_of"] = ""
                return lambda at: f"softmax_rest_of({e(at)}, {others(at)}, {inverse(at)}, _real(1))"
            if kind == "log_softmax":
                log = self._once(sums.axes, lambda at: f"np.log1p({others(at)})")
                return lambda at: f"({self._value(x, at)} - {m(at)} - {log(at)})"
            self.functions["log_softmax_rest_of"] = ""
            below = self._below(x, j, sums)
            return lambda at: f"log_softmax_rest_of({e(at)}, {others(at)}, {below(at)}, _real(1))"
        self.functions |= {"log_of_total": "", "shifted_exp_of": ""}

        def text(at: At) -> str:
            m, first, others = sums.peak(at), sums.first(at), sums.others(at)
            top = self._value(node.args[0], {a: at[a] for a in node.args[0].axes}) if has_top else ""
            if kind == "share":
                return f"shifted_exp_of({top}, {m}) / ({first} + {others})"
            log = f"log_of_total({first}, {others}, _real(1))"
            return f"-({m} - {top} + {log})" if has_top else f"{m} + {log}"

        return self._once(self._lengths(node), text)

    def _once(self, lengths: Mapping[Symbol, Expr], text: Callable[[At], str]) -> Callable[[At], str]:
        """A buffer over these axes, filled with what the text says."""
        entry = self._buffer(tuple(lengths.values()))
        with self._over(lengths) as at:
            self._each(f"{entry(list(at.values()))} = {text(at)}")
        return lambda at: entry([at[a] for a in lengths])

    def _sums_of(self, x: Node, weight: Node | None, j: Symbol) -> _Sums:
        """The exponentials of x along j, less their largest term, and what they add up to; worked out once."""
        found = self._sums.get((x, weight, j))
        if found is not None:
            return found
        axes = {a: n for y in (x, weight) if y is not None for a, n in self._lengths(y).items()}
        along = {j: axes.pop(j)}
        shape = tuple(axes.values())
        peak, others = self._buffer(shape), self._buffer(shape)
        first = self._buffer(shape) if weight is not None else None
        terms = self._buffer((*shape, *along.values())) if self._keeps(x) else None
        self.functions |= {"order": "", "number": "", "shifted_exp": "", "plus": "", "select": ""}
        with self._over(axes) as at:
            here = list(at.values())
            m, total, ones = self._scalar(), self._scalar(), self._scalar()
            largest = self._scalar("int")
            self._each(f"{largest} = order(_real(-np.inf))")
            with self._over(along, at) as inner:
                value = self._value(x, {a: inner[a] for a in x.axes})
                if weight is not None:
                    scale = self._value(weight, {a: inner[a] for a in weight.axes})
                    value = f"select({scale} == 0, _real(-np.inf), {value})"
                self._each(f"{largest} = max({largest}, order({value}))")
            self._each(f"{m} = number({largest})")
            self._each(f"{m} = select(np.isfinite({m}), {m}, _real(0))", f"{total} = _real(0)", f"{ones} = _real(0)")
            with self._over(along, at) as inner:
                value = self._value(x, {a: inner[a] for a in x.axes})
                term = f"shifted_exp({value}, {m})"
                if terms is not None:
                    place = terms([*here, inner[j]])
                    self._each(f"{place} = {term}")
                    term = place
                if weight is not None:
                    scale = self._value(weight, {a: inner[a] for a in weight.axes})
                    self._each(
                        f"if ({ones} == 0) & ({scale} != 0) & ({value} == {m}):",
                        f"    {ones} = {scale}",
                        f"elif {scale} != 0:",
                        f"    {total} += {scale} * {term}",
                    )
                else:
                    # Among equal largest terms one stands apart, the others count as 1 each.
                    t = self._scalar()
                    self._each(
                        f"{t} = {term}",
                        f"{ones} = plus({ones}, select({t} >= 1, _real(1), _real(0)))",
                        f"{total} = plus({total}, select({t} >= 1, _real(0), {t}))",
                    )
            if first is not None:
                self._each(f"{others(here)} = {total}", f"{first(here)} = {ones}")
            else:
                self._each(f"{others(here)} = {total} + ({ones} - _real(1))")
            self._each(f"{peak(here)} = {m}")
        kept = tuple(axes)
        at_kept = lambda entry: lambda at: entry([at[a] for a in kept])  # noqa: E731
        sums = _Sums(
            axes,
            at_kept(peak),
            at_kept(first) if first is not None else lambda at: "_real(1)",
            at_kept(others),
            (lambda at: terms([*(at[a] for a in kept), at[j]])) if terms is not None else lambda at: "",
        )
        self._sums[x, weight, j] = sums
        return sums

    def _keeps(self, x: Node) -> bool:
        """Whether the exponentials of a node are needed one by one, not only their sum."""
        return any(n.kind in _KEPT and n.kind != "log_softmax" and n.args[0] is x for n in self._uses)

    def _below(self, x: Node, j: Symbol, sums: _Sums) -> Callable[[At], str]:
        """The logarithm of what the terms below the largest one add up to, as a share of the whole."""
        along = {j: self.length(x, j)}
        entry = self._buffer(tuple(sums.axes.values()))
        with self._over(sums.axes) as at:
            second, below, m = self._scalar(), self._scalar(), sums.peak(at)
            largest = self._scalar("int")
            self._each(f"{largest} = order(_real(-np.inf))", f"{below} = _real(0)")
            with self._over(along, at) as inner:
                value = self._value(x, inner)
                self._each(f"{largest} = max({largest}, order(select({value} < {m}, {value}, _real(-np.inf))))")
            self._each(f"{second} = number({largest})")
            self._each(f"{second} = select(np.isfinite({second}), {second}, {m})")
            with self._over(along, at) as inner:
                value = self._value(x, inner)
                self._each(f"{below} = plus({below}, select({value} < {m}, shifted_exp({value}, {second}), _real(0)))")
            log = f"({second} - {m}) + np.log({below}) - np.log1p({sums.others(at)})"
            self._each(f"{entry(list(at.values()))} = {log}")
        return lambda at: entry([at[a] for a in sums.axes])

    # Loops

    def _write_scan(self, scan: Scan) -> None:
        if scan in self._written:
            return
        self._written.add(scan)
        for name, shape in scan.arrays:
            entry = self._buffer(shape) if shape else self._buffer((Integer(1),))
            self._entries[name] = entry
        for a in scan.first:
            self._prepare(a.value)
            self._put(a)
        if not scan.each:
            return
        for a in scan.each:
            self._prepare_outside(a.value, scan)
        for c in scan.counters:
            self._names[c.letter] = c.name
        outer, sums = dict(self._held), dict(self._sums)
        depth = self._depth
        for c in scan.counters:
            lo, hi = self._integer(c.lo), self._integer(c.hi)
            self._line(f"for {c.name} in range({f'{hi}, {lo} - 1, -1' if c.down else f'{lo}, {hi} + 1'}):")
            self._depth += 1
        for a in scan.each:
            self._prepare(a.value)
            self._put(a)
        self._depth = depth
        self._held, self._sums = outer, sums

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
        with self._over(letters) as at:
            places = []
            for p in assignment.places:
                if isinstance(p, Fixed):
                    places.append(self._integer(p.at))
                elif isinstance(p, Whole):
                    places.append(at[p.letter])
                else:
                    places.append(f"{self._integer(p.start)} + {at[p.letter]}")
            self._each(f"{self._entries[assignment.name](places or ['0'])} = {self._value(value, at)}")

    def _stretch(self, place: Span | Whole, name: str, position: int) -> Expr:
        return self._states[name][position] if isinstance(place, Whole) else place.stop - place.start

    # Expressions

    def _copied(self, p: Parameter) -> None:
        if p.kind == "label":
            name = self._scalar("int") if not p.shape else ""
            if p.shape:
                return
            with self._loop("_b", "_size"):
                self._line(f"{name} = {p.name}[{self._row(p.name)}]")
            self._copies[p.name] = lambda at: name
            return
        entry = self._buffer(p.shape)
        within = ["_k"] if p.shape else []
        # The two cases apart are plain copies, which a product with the step is not.
        for test, row in ((f"if _{p.name}_step == 1:", "_start + _b"), ("else:", "0")):
            self._line(test)
            self._depth += 1
            with ExitStack() as loops:
                if p.shape:
                    loops.enter_context(self._loop("_k", self._integer(p.shape[0])))
                loops.enter_context(self._loop("_b", "_size"))
                self._line(f"{entry(within)} = {p.name}[{', '.join([row, *within])}]")
            self._depth -= 1
        self._copies[p.name] = entry

    def _output(self, out: str, node: Node, letters: tuple[Symbol, ...], shape: tuple[Expr, ...]) -> None:
        self._prepare(node)
        lengths = dict(zip(letters, shape, strict=True))
        short = self.columns and len(letters) == 1
        entry = self._buffer(shape) if short else None
        with self._over(lengths) as at:
            value = self._value(node, at)
            places = [at[x] for x in letters]
            if entry is not None:
                self._each(f"{entry(places)} = {value}")
            else:
                row = "_start + _b" if self.columns else "_row"
                self._each(f"{out}[{', '.join([row, *places])}] = {value}")
        if entry is not None:
            with self._over(lengths) as at, self._loop("_b", "_size"):
                places = [at[x] for x in letters]
                self._line(f"{out}[{', '.join(['_start + _b', *places])}] = {entry(places)}")

    def _value(self, node: Node, at: At) -> str:
        found = self._held.get(node)
        if found is not None:
            return found({x: at[x] for x in node.axes})
        return self._text(node, at)

    def _text(self, node: Node, at: At) -> str:
        kind, data = node.kind, node.data
        if kind == "number":
            return f"_real({ast.unparse(exact_number(data[0]))})"
        if kind == "integer":
            return f"({self._integer(data[0])})"
        if kind in ("input", "label"):
            places = [at[x] for x in node.axes]
            if data[0] in self._copies:
                return self._copies[data[0]](places)
            return f"{data[0]}[{', '.join([self._row(data[0]), *places])}]"
        if kind in ("partial", "state"):
            return self._entries[data[0]]([at[x] for x in node.axes] or ["0"])
        if kind in ("named", "expand", "position"):
            return self._value(node.args[0], {x: at[x] for x in node.args[0].axes})
        if kind == "arange":
            position = f"({self._integer(data[0])} + {at[node.axes[0]]})"
            return position if data[2] == "int" else f"_real({position})"
        if kind == "entry":
            return self._entry(node, at)
        if kind == "gather":
            base, *indices = node.args
            return self._value(base, {x: self._value(i, at) for x, i in zip(base.axes, indices, strict=True)})
        parts = [self._value(a, at) for a in node.args]
        if kind == "pow":
            power = node.args[1]
            if power.kind == "number" and power.data[0].is_Integer:
                return f"({parts[0]} ** {int(power.data[0])})"
            return f"({parts[0]} ** {parts[1]})"
        if kind in _SIGNS:
            return f"({f' {_SIGNS[kind]} '.join(parts)})"
        if kind == "neg":
            return f"(-{parts[0]})"
        if kind == "not":
            return f"(not {parts[0]})"
        if kind == "where":
            self.functions["select"] = ""
            return f"select({', '.join(parts)})"
        if kind in ("max", "min"):
            return f"{kind}({', '.join(parts)})"
        if kind == "call":
            return self._call(data[0], data[1], parts)
        raise NoFunctionError(f"there are no loops for {kind}")

    def _entry(self, node: Node, at: At) -> str:
        (base,) = node.args
        inside = {}
        for x, p in zip(base.axes, node.data, strict=True):
            if isinstance(p, Fixed):
                if p.checked:
                    raise NoFunctionError("there are no loops for a position that may not exist")
                inside[x] = self._integer(p.at)
            elif isinstance(p, Whole):
                inside[x] = at[p.letter]
            elif p.step > 0:
                inside[x] = at[p.letter] if p.start == 0 else f"({self._integer(p.start)} + {at[p.letter]})"
            else:
                inside[x] = f"({self._integer(p.stop - 1)} - {at[p.letter]})"
        return self._value(base, inside)

    def _call(self, name: str, source: str, parts: list[str]) -> str:
        called = source if source and "\n" not in source else name
        self.functions[called] = source
        return f"{called}({', '.join(parts)})"
