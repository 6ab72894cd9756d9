"""The text of a kernel while it is written: lines, loops and branches, variables and memory, arguments as columns."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from sympy import Expr, Symbol

from symdl.numeric.helpers import FEW
from symdl.numeric.program import Parameter, Program
from symdl.numeric.syntax import integer

BLOCK = 128
"""How many rows a block has at most."""

LONG_BLOCK = 1024
"""How many it has where a row is one number."""

HELD = 64
"""How many numbers of a row are kept where no memory has to be asked for."""

At = Mapping[Symbol, str]
"""Axis letter -> the text of the position along it, counted from 0."""

Entry = Callable[[At], str]
"""The text of what stands at a position."""


class Writer:
    """Writes statements for a row, or for a block of rows, in one of the ways of `loops`."""

    def __init__(self, program: Program, way: str) -> None:
        self.program = program
        self.alone = way == "alone"
        self.columns = way == "columns"
        self.short = way == "short"
        self.number = way == "number"
        self.near: bool | None = True if self.short else None
        self._is_guarded = False
        self._is_spread = self.short and any(len(o.shape) > 1 for o in program.outputs)
        self._constants: list[str] = []
        self.block = str(BLOCK)
        if self.short and program.sizes:
            self.block = "_block"
            self._constants.append(f"_block = block_of(_real, {' * '.join(program.sizes.values())}, {BLOCK})")
        elif self.short:
            self.block = str(LONG_BLOCK)
        self._lines: list[str] = []
        self._ahead: list[str] = []
        self._flat: list[str] = []
        self._depth = 1
        self._buffers: list[str] = []
        self._made = 0
        self._names: dict[Symbol, str] = dict(program.sizes)
        self.arrays = {p.name: p for p in program.parameters if p.kind != "size"}
        self.copies: dict[str, Callable[[list[str]], str]] = {}
        self.guards: list[str] | None = None
        self.is_near_text = False

    def line(self, text: str) -> None:
        self._lines.append("    " * self._depth + text)

    @contextmanager
    def loop(self, variable: str, bounds: str) -> Iterator[None]:
        self.line(f"for {variable} in range({bounds}):")
        self._depth += 1
        yield
        self._depth -= 1

    @contextmanager
    def over(self, lengths: Mapping[Symbol, Expr], at: At | None = None) -> Iterator[dict[Symbol, str]]:
        """Loops over axes; what is written inside is about one entry, but in columns still about a block of rows."""
        found = dict(at or {})
        for letter, length in lengths.items():
            variable = self.new("i")
            self.line(f"for {variable} in range({self.integer(length)}):")
            self._depth += 1
            found[letter] = variable
        yield found
        self._depth -= len(lengths)

    @contextmanager
    def branch(self, condition: str = "") -> Iterator[None]:
        """What is done where a condition holds, or else."""
        self.line(f"if {condition}:" if condition else "else:")
        self._depth += 1
        yield
        self._depth -= 1

    def each(self, *lines: str) -> None:
        """Statements for each row of the block."""
        if self.columns:
            with self.loop("_b", "_size"):
                for line in lines:
                    self.line(line)
        else:
            for line in lines:
                self.line(line)

    def once(self, text: str) -> str:
        """The name of a value that is worked out once for the row, where there is one row at a time."""
        if self.columns:
            return text
        name = self.new("s")
        self.line(f"{name} = {text}")
        return name

    def many(self, lengths: Mapping[Symbol, Expr], line: str) -> str:
        """A statement for the digits that a sum along axes loses, which of a few terms are few.

        The length is known when the short way is compiled, so that the condition costs nothing.
        """
        counts = [f"{self.integer(n)} > {FEW}" for n in lengths.values()] if self.short else []
        return f"if {' or '.join(counts)}: {line}" if counts else line

    def fill(self, lengths: Mapping[Symbol, Expr], put: Callable[[At, str], str], value: Entry) -> None:
        """Put a value everywhere along some axes; exponentials that are all of small numbers go a shorter way."""
        guards = self.guards_of(value, dict.fromkeys(lengths, "_i")) if lengths or self.columns or self.short else []
        if not guards or self.near is not None:
            with self.over(lengths) as at:
                if self.near and guards:
                    self._guard(at, value)
                self._put_near(put, value, at, bool(self.near))
            return
        far = self.new("far")

        def near(looks: bool, puts: bool) -> None:
            with self.over(lengths) as at:
                if looks:
                    self._guard(at, value, far)
                if puts:
                    self._put_near(put, value, at, True)

        def other() -> None:
            with self.over(lengths) as at:
                self.each(put(at, value(at)))

        self.by_size(far, near, other)

    def _put_near(self, put: Callable[[At, str], str], value: Entry, at: At, is_near: bool) -> None:
        self.is_near_text = is_near
        self.each(put(at, value(at)))
        self.is_near_text = False

    def by_size(self, far: str, near: Callable[[bool, bool], None], other: Callable[[], None], also: str = "") -> None:
        """What is done where all numbers that are looked at are small, `near(looks, puts)`, and else what is right.

        Compiled loops look on their way, and where a number is large begin anew: one loop over memory takes less time
        than two.  In plain Python what overflows is an error.
        """
        self.line(f"{far} = size_of(_real(0))")
        small = f"is_small({far}){also}"
        near(True, not self.alone)
        if not self.alone:
            with self.branch(f"not ({small})"):
                other()
            return
        with self.branch(small):
            near(False, True)
        with self.branch():
            other()

    def guards_of(self, value: Entry, at: At) -> list[str]:
        """The numbers of which a value takes exponentials that may go a shorter way."""
        guards: list[str] = []
        self.guards = guards
        value(at)
        self.guards = None
        return list(dict.fromkeys(guards))

    def _guard(self, at: At, value: Entry, far: str = "_far") -> None:
        """Keep in mind the largest number of which the value takes an exponential."""
        for text in self.guards_of(value, at):
            self.guard(text, far)

    def guard(self, text: str, far: str = "_far") -> None:
        """Keep in mind how large a number is."""
        self._is_guarded = True
        self.each(f"{far} = max({far}, size_of({text}))")

    def new(self, stem: str) -> str:
        self._made += 1
        return f"_{stem}{self._made}"

    def scalar(self, kind: str = "real") -> str:
        """A variable for each row."""
        name = self.new("s")
        if not self.columns and not self._is_spread:
            return name
        if self._is_spread:
            like = "_real(0)" if kind == "real" else "size_of(_real(0))"
            self._buffers.append(f"{name} = numba.carray(held({self.block}, {like}), ({self.block},))")
        else:
            self._buffers.append(f"{name} = np.empty({self.block}, {'_out0.dtype' if kind == 'real' else 'np.int64'})")
        return f"{name}[_b]"

    def buffer(self, lengths: tuple[Expr, ...]) -> Callable[[list[str]], str]:
        """An array for each row, as the text of its entry at some positions."""
        if not lengths:
            name = self.scalar()
            return lambda at: name
        name = self.new("w")
        shape = [self.integer(n) for n in lengths]
        if self.short:
            blocks = [self.block] if self._is_spread else []
            self._constants.append(f"{name}_size = {' * '.join([*(f'({n})' for n in shape), *blocks])}")
            whole = ", ".join([*shape, *blocks])
            self._buffers.append(f"{name} = numba.carray(held({name}_size, _real(0)), ({whole},))")
            last = ["_b"] if blocks else []
            return lambda at: f"{name}[{', '.join([*at, *last])}]"
        shape += [self.block] if self.columns else []
        made = f"np.empty(({', '.join(shape)},), _out0.dtype)"
        if len(shape) == 1 and not self.alone:
            few = f"numba.carray(held({HELD}, _real(0)), ({HELD},))[:{shape[0]}]"
            made = f"{few} if {shape[0]} <= {HELD} else {made}"
        self._buffers.append(f"{name} = {made}")
        last = ["_b"] if self.columns else []
        return lambda at: f"{name}[{', '.join([*at, *last])}]"

    def integer(self, expr: Expr) -> str:
        return ast.unparse(integer(expr, self._names))

    def expect(self) -> None:
        """Ask for the memory of the row's results, which comes while what is kept of the row is added up."""
        for out, output in zip(self.names_out, self.program.outputs, strict=True):
            if len(output.shape) == 1 and not self.number:
                length = self.integer(output.shape[0])
                self.line(f"expect({out}, _row * ({length}), {length})")

    @property
    def names_out(self) -> list[str]:
        return [f"_out{n}" for n in range(len(self.program.outputs))]

    def is_flat(self) -> bool:
        """Whether all numbers of a block are worked at in one loop, where none of them is large."""
        return self.short and bool(self.near)

    def flat(self, name: str) -> Callable[[list[str]], str]:
        """An array for the rows of an argument in the block, as the text of an entry, or of that in `over_block`."""
        array = self.new("w")
        self._columns(array, self.arrays[name].shape)
        self._buffers.append(f"{array} = numba.carray(held({array}_size, _real(0)), ({array}_size,))")
        self._flat.append(array)
        return lambda at: f"{array}_columns[{at[0]}, _b]" if at else f"{array}[_b]"

    @contextmanager
    def over_block(self, name: str) -> Iterator[str]:
        """One loop over the numbers of an argument in the block, before that over its rows: the text of the number."""
        row = self.integer(self.arrays[name].shape[0])
        with self._before():
            with self.loop("_b", f"((_size - 1) * _{name}_step + 1) * ({row})"):
                yield f"_real(load({name}, _start * _{name}_step * ({row}), _b))"
            for array in self._flat:
                self._to_columns(array, "0", f"_{name}_step", array)
            self._flat = []

    @contextmanager
    def _before(self) -> Iterator[None]:
        """Statements for the block that come before the loop over its rows."""
        outside, depth = self._lines, self._depth
        self._lines, self._depth = self._ahead, 2
        yield
        self._lines, self._depth = outside, depth

    def _columns(self, name: str, shape: Sequence[Expr]) -> str:
        """Have memory for the rows of a block as columns, and give back the name of how many numbers a row has."""
        length, size = f"{name}_length", f"{name}_size"
        made = f"{name}_columns = numba.carray(held({size}, _real(0)), ({length}, {self.block}))"
        if made not in self._buffers:
            self._buffers.append(made)
            self._constants.append(f"{length} = {' * '.join(f'({self.integer(n)})' for n in shape)}")
            self._constants.append(f"{size} = {length} * {self.block}")
        return length

    def _to_columns(self, rows: str, first: str, step: str, columns: str) -> None:
        length = f"{columns}_length"
        self.line(f"to_columns({rows}, {first}, {step} * {length}, _size, {columns}_columns, {length}, {self.block})")

    def _to_rows(self, out: str, shape: Sequence[Expr]) -> None:
        """Put results that stand as columns into their rows."""
        length = self._columns(out, shape)
        self.line(f"to_rows({out}, _start * {length}, {length}, _size, {out}_columns, {length}, {self.block})")

    def loaded(self, name: str, places: Sequence[str]) -> str:
        """The text of an entry of an argument, for the row that is worked at."""
        p = self.arrays[name]
        if self.alone:
            return f"{name}[{', '.join(places)}]" if places else name
        if self.short and len(p.shape) == 1:
            self._as_columns(p)
            return self.copies[name](list(places))
        text = f"load({name}, {self._place(f'_{name}_step', p.shape, places)})"
        return text if p.kind == "label" else f"_real({text})"

    def _place(self, step: str, shape: Sequence[Expr], places: Sequence[str]) -> str:
        """Where an entry stands: at which place its row or block begins, and how far it is from there.

        `step` says whether there is a row for each.
        """
        by = f" * {step}" if step else ""
        length = "".join(f" * ({self.integer(n)})" for n in shape)
        inside = self._inside(shape, places)
        if not (self.columns or self.short):
            return f"_row{by}{length}, {inside or '0'}"
        return f"_start{by}{length}, _b{by}{length}" + (f" + {inside}" if inside else "")

    def _inside(self, shape: Sequence[Expr], places: Sequence[str]) -> str:
        """How far from the beginning of a row an entry stands."""
        inside = ""
        for n, at in zip(shape, places, strict=True):
            inside = f"({inside}) * ({self.integer(n)}) + {at}" if inside else at
        return inside

    def _copied(self, p: Parameter) -> None:
        """The rows of an argument in the block: copies, as columns."""
        kind = "np.int64" if p.kind == "label" else "_out0.dtype"
        name = self.new("w" if p.shape else "s")
        lengths = [self.integer(n) for n in p.shape]
        self._buffers.append(f"{name} = np.empty(({', '.join([*lengths, self.block])},), {kind})")
        places = ["_k"] if p.shape else []
        text = f"{name}[{', '.join([*places, '_b'])}] = {self.loaded(p.name, places)}"
        if p.shape:
            with self.loop("_k", lengths[0]), self.loop("_b", "_size"):
                self.line(text)
        else:
            self.each(text)
        self.copies[p.name] = lambda at: f"{name}[{', '.join([*at, '_b'])}]"

    def _as_columns(self, p: Parameter) -> None:
        """The rows of an argument in the block as columns, where the short way needs single entries of it."""
        length = self._columns(f"_{p.name}", p.shape)
        with self._before():
            self._to_columns(p.name, f"_start * _{p.name}_step * {length}", f"_{p.name}_step", f"_{p.name}")
        self.copies[p.name] = lambda at: f"_{p.name}_columns[{at[0]}, _b]"

    def _narrowed(self, p: Parameter) -> None:
        """The labels of the block in as many bits as the numbers: the widest type says how many of all are a vector."""
        name = self.new("s")
        self._buffers.append(f"{name} = numba.carray(held({self.block}, size_of(_real(0))), ({self.block},))")
        with self.loop("_b", "_size"):
            self.line(f"{name}[_b] = {self.loaded(p.name, [])}")
        self.copies[p.name] = lambda at: f"{name}[_b]"
