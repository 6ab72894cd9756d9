"""Functions on NumPy arrays as compiled loops over rows: no temporary arrays, no lock held, compiled once per machine.

What has no form in loops is written for NumPy.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from sympy import Expr

from symdl.errors import NoFunctionError
from symdl.numeric import scalars, translate
from symdl.numeric.arrays import ArrayWriter
from symdl.numeric.loops import Kernel
from symdl.numeric.program import Parameter, Program, fixed_sizes, uses
from symdl.numeric.syntax import arguments, as_tuple, assign, call, dotted, indented, number
from symdl.numeric.targets import numpy
from symdl.numeric.targets.numpy import NumpyWriter, quiet

HELPERS: dict[str, str] = {
    "as_floats": """
def as_floats(*values):
    arrays = [np.asarray(v) for v in values]
    kinds = [a.dtype for a, v in zip(arrays, values) if hasattr(v, "dtype") and a.dtype.kind == "f"]
    dtype = np.float32 if kinds and all(k.itemsize <= 4 for k in kinds) else np.float64
    return [np.asarray(a, dtype) for a in arrays]
""",
}

LAUNCH: dict[str, str] = {
    "rows_of": """
def rows_of(array, rank, batch):
    # One row where there is no batch, else one for each place in it.
    own = array.shape[array.ndim - rank :]
    if array.size and array.ndim != rank and array.shape[: array.ndim - rank] != batch:
        array = np.broadcast_to(array, (*batch, *own))
    return np.require(array, None, "CAW").reshape(-1 if array.size else 0, *own)
""",
}

SHARED: dict[str, str] = {
    "some_rows": """
def some_rows(*arrays):
    return any(type(array) is np.ndarray and array.ndim > rank for array, rank in arrays)
""",
    "as_rows": """
def as_rows(value, rank, dtype):
    # With an axis for rows, of length 1 where there is one row for all; only what a compiled function takes.
    if type(value) is np.ndarray:
        if value.dtype is dtype and value.flags.carray and rank <= value.ndim <= rank + 1:
            return value if value.ndim > rank else value[None]
    elif not rank and type(value) in ((int, np.int64) if dtype is INT64 else (float,)):
        return np.full(1, value, dtype)
    raise TypeError
""",
}

IS_COMPILED = True
"""A module is loaded from a file, beside which numba keeps the machine code."""

SHORT = 16
"""The longest axis for which a batch is worked through in columns."""


TYPES = ("float64", "float32", "int64")
"""The types of numbers in arrays that go to a compiled function as they are."""

_SUFFIXES = {"float64": "", "float32": "_f4"}
_OWN = frozenset({"numba", "math", *LAUNCH, *SHARED, *(t.upper() for t in TYPES)})


class _Writer(ArrayWriter):
    helpers = HELPERS

    def launch(self, document: str) -> ast.FunctionDef:
        """The function that checks its arguments and starts the kernel on their rows."""
        program = self.program
        self.prologue()
        self._checked_positions()
        batch = self._batch()
        arrays = [p for p in program.parameters if p.kind != "size"]
        add = self.top.statements.append
        self.used["rows_of"] = LAUNCH["rows_of"]
        outs = []
        for n, o in enumerate(program.outputs):
            shape = as_tuple([ast.Starred(batch), *(self._integer(x) for x in o.shape)])
            add(assign(f"_out{n}", call("np.empty", shape, self._dtype())))
            rows = as_tuple([ast.Name("_count"), *(self._integer(x) for x in o.shape)])
            outs.append(ast.Call(ast.Attribute(ast.Name(f"_out{n}"), "reshape"), [rows], []))
        add(assign("_count", call("math.prod", batch)))
        self.top.statements.insert(len(self.top.statements) - len(outs) - 1, self.top.statements.pop())
        test = self._suits_columns()
        kernel, single = (
            ast.IfExp(test, ast.Name(f"{program.name}_columns{suffix}"), ast.Name(f"{program.name}_rows{suffix}"))
            for suffix in ("", "_f4")
        )
        if any(p.kind == "array" for p in arrays):
            kernel = ast.IfExp(ast.Compare(self._dtype(), [ast.Eq()], [dotted("np.float64")]), kernel, single)
        add(assign("_kernel", kernel))
        parts = [call("rows_of", ast.Name(p.name), number(len(p.shape)), batch) for p in arrays]
        sizes = [ast.Name(s) for s in program.sizes.values()]
        add(ast.Expr(call("_kernel", ast.Name("_count"), *parts, *outs, *sizes)))
        empty = as_tuple([])
        values: list[ast.expr] = [
            ast.Name(f"_out{n}") if o.shape else ast.Subscript(ast.Name(f"_out{n}"), empty)
            for n, o in enumerate(program.outputs)
        ]
        add(ast.Return(values[0] if len(values) == 1 else as_tuple(values)))
        body: list[ast.stmt] = [ast.Expr(ast.Constant(indented(document))), *self.top.statements]
        return ast.FunctionDef(name=program.name, args=arguments(program), body=body, decorator_list=[])

    def single(self, suffix: str) -> str:
        """The compiled function for one row of a precision; it refuses shapes that do not fit with a TypeError.

        A result without axes is given back, others are written into arrays that come after the arguments.
        """
        program = self.program
        real = "float32" if suffix else "float64"
        outs = [] if _is_number(program) else [f"_out{n}" for n in range(len(program.outputs))]
        names = ", ".join([*(p.name for p in program.parameters), *outs])
        lines = [f"def {program.name}_one{suffix}({names}):", *(f"    {line}" for line in self._sizes(0))]
        arrays = [p for p in program.parameters if p.kind != "size"]
        checks = [f"{p.name}.shape != {ast.unparse(self._shape(p.shape))}" for p in arrays if p.shape]
        checks += [f"{p.name} < 1" for p in program.parameters if p.kind == "size"]
        for node in uses(program):
            if node.kind == "position":
                index, length = node.args
                if index.axes or self._arrays()[index.data[0]].shape:
                    raise NoFunctionError("labels in an array are checked one by one")
                name = index.data[0]
                checks.append(f"not 0 <= {name} < {ast.unparse(self._value(length))}")
        if checks:
            lines += [f"    if {' or '.join(checks)}:", "        raise TypeError"]
        calls = ["1"]
        for p in arrays:
            shape = ast.unparse(as_tuple([number(1), *(self._integer(n) for n in p.shape)]))
            kind = "np.int64" if p.kind == "label" else f"np.{real}"
            calls.append(f"{p.name}.reshape({shape})" if p.shape else f"np.full(1, {p.name}, {kind})")
        if not outs:
            lines.append(f"    _out0 = np.empty((1,), np.{real})")
        calls += (
            ["_out0"]
            if not outs
            else [
                f"{out}.reshape({ast.unparse(as_tuple([number(1), *(self._integer(x) for x in o.shape)]))})"
                for out, o in zip(outs, program.outputs, strict=True)
            ]
        )
        calls += program.sizes.values()
        lines.append(f"    {program.name}_rows{suffix}({', '.join(calls)})")
        if not outs:
            lines.append("    return _out0[0]")
        return scalars.compiled("\n".join(lines), "KERNEL")

    def many(self, suffix: str) -> str:
        """The compiled function for arrays of so many rows, or of one for all of them; others fail with a TypeError."""
        program = self.program
        arrays = [p for p in program.parameters if p.kind != "size"]
        if not arrays:
            raise NoFunctionError("there are no rows without arguments")
        outs = [f"_out{n}" for n in range(len(program.outputs))]
        names = ", ".join(["_count", *(p.name for p in program.parameters), *outs])
        lines = [f"def {program.name}_many{suffix}({names}):", *(f"    {line}" for line in self._sizes(1))]
        checks = [f"{p.name}.shape[0] not in (1, _count)" for p in arrays]
        checks += [f"{p.name}.shape[1:] != {ast.unparse(self._shape(p.shape))}" for p in arrays if p.shape]
        checks += [f"{p.name} < 1" for p in program.parameters if p.kind == "size"]
        lines += [f"    if {' or '.join(checks)}:", "        raise TypeError"]
        for node in uses(program):
            if node.kind == "position":
                name, length = node.args[0].data[0], ast.unparse(self._value(node.args[1]))
                lines += [f"    for _label in {name}:", f"        if not 0 <= _label < {length}:"]
                lines.append("            raise TypeError")
        handed = ", ".join(["_count", *(p.name for p in arrays), *outs, *program.sizes.values()])
        lines += [f"    if {ast.unparse(self._suits_columns())}:", f"        {program.name}_columns{suffix}({handed})"]
        lines += ["    else:", f"        {program.name}_rows{suffix}({handed})"]
        return scalars.compiled("\n".join(lines), "KERNEL")

    def _sizes(self, more: int) -> list[str]:
        """The statements that take the sizes from arguments, which have so many axes before their own."""
        arrays = [p for p in self.program.parameters if p.kind != "size"]
        lines = []
        for s, p, axis in fixed_sizes(arrays, set()):
            gap = int(p.shape[axis] - s)
            less = f" {'-' if gap > 0 else '+'} {abs(gap)}" if gap else ""
            lines.append(f"{self.program.sizes[s]} = {p.name}.shape[{axis + more}]{less}")
        return lines

    def _in_rows(self, shape: Sequence[Expr]) -> str:
        return ast.unparse(as_tuple([ast.Name("_count"), *(self._integer(n) for n in shape)]))

    def _arrays(self) -> dict[str, Parameter]:
        return {p.name: p for p in self.program.parameters if p.kind != "size"}

    def first_tries(self) -> list[ast.stmt]:
        """The calls of the functions for one row, and for many, some of which may be one row for all of them.

        What is compiled on the first call must not see anything else: numba would compile that too.
        """
        program = self.program
        arrays = [p for p in program.parameters if p.kind != "size"]
        floats = [p for p in arrays if p.kind == "array"]
        found: list[ast.stmt] = []
        for real in ("float64", "float32"):
            # A number of Python is a float64.
            if real == "float64" or (floats and all(p.shape for p in floats)):
                found += self._try_one(real)
        for real in ("float64", "float32"):
            if floats:
                found += self._try_many(real, False)
                found += self._try_many(real, True) if len(arrays) > 1 else []
        return found

    def _try_one(self, real: str) -> list[ast.stmt]:
        program = self.program
        tests = [_suits(p, 0, real) for p in program.parameters]
        called, names = f"{program.name}_one{_SUFFIXES[real]}", [p.name for p in program.parameters]
        if _is_number(program):
            return _attempt(tests, [f"return np.{real}({called}({', '.join(names)}))"])
        outs = [f"_out{n}" for n in range(len(program.outputs))]
        lines = self._sizes(0)
        for out, o in zip(outs, program.outputs, strict=True):
            lines.append(f"{out} = np.empty({ast.unparse(self._shape(o.shape)) if o.shape else 1}, np.{real})")
        made = [out if o.shape else f"{out}[0]" for out, o in zip(outs, program.outputs, strict=True)]
        return _attempt(tests, [*lines, f"{called}({', '.join([*names, *outs])})", f"return {', '.join(made)}"])

    def _try_many(self, real: str, some_shared: bool) -> list[ast.stmt]:
        """With `some_shared` arguments without a batch axis are given one of length 1, unless all are without."""
        program = self.program
        arrays = [p for p in program.parameters if p.kind != "size"]
        if some_shared:
            ranks = ", ".join(f"({p.name}, {len(p.shape)})" for p in arrays)
            tests = [f"some_rows({ranks})"]
            rows = (
                f"as_rows({p.name}, {len(p.shape)}, {real.upper() if p.kind == 'array' else 'INT64'})" for p in arrays
            )
            lines = [f"{', '.join(p.name for p in arrays)} = {', '.join(rows)}"]
            lines.append(f"_count = max({', '.join(f'len({p.name})' for p in arrays)})")
        else:
            tests = [_suits(p, 1, real) for p in program.parameters]
            lines = [f"_count = {arrays[0].name}.shape[0]"]
        lines += self._sizes(1)
        outs = [f"_out{n}" for n in range(len(program.outputs))]
        for out, o in zip(outs, program.outputs, strict=True):
            lines.append(f"{out} = np.empty({self._in_rows(o.shape)}, np.{real})")
        called = f"{program.name}_many{_SUFFIXES[real]}"
        given = ", ".join(["_count", *(p.name for p in program.parameters), *outs])
        return _attempt(tests, [*lines, f"{called}({given})", f"return {', '.join(outs)}"])

    def _suits_columns(self) -> ast.expr:
        """Whether there are many rows, and each of them is short or a loop of its own."""
        many = ast.Compare(ast.Name("_count"), [ast.GtE()], [number(SHORT)])
        sizes = [ast.Name(s) for s in self.program.sizes.values()]
        if not sizes or any(n.kind == "state" for n in uses(self.program)):
            return many
        largest = call("max", *sizes) if len(sizes) > 1 else sizes[0]
        return ast.BoolOp(ast.And(), [many, ast.Compare(largest, [ast.LtE()], [number(SHORT)])])

    def _checked_positions(self) -> None:
        for node in uses(self.program):
            if node.kind == "position":
                index, length = node.args
                if index.kind != "label" and not (index.kind == "input" and index.data[1] == "label"):
                    raise NoFunctionError("there are no loops for a position that is worked out")
                check = self.helper(
                    "position", ast.Constant(node.data[0]), ast.Name(index.data[0]), self._value(length)
                )
                self.top.statements.append(ast.Expr(check))


def _suits(p: Parameter, more: int, real: str) -> str:
    """The test whether an argument is what a compiled function takes, with so many axes before its own."""
    rank = len(p.shape) + more
    if p.kind == "size" or not rank:
        types = {"array": "is float", "size": "is int", "label": "in (int, np.int64)"}
        return f"type({p.name}) {types[p.kind]}"
    kind = real if p.kind == "array" else "int64"
    return (
        f"type({p.name}) is np.ndarray and {p.name}.dtype is {kind.upper()} "
        f"and {p.name}.ndim == {rank} and {p.name}.flags.carray"
    )


def _attempt(tests: Sequence[str], lines: Sequence[str]) -> list[ast.stmt]:
    """What is done where the tests hold, unless it fails."""
    body = "".join(f"        {line}\n" for line in lines)
    text = f"if {' and '.join(tests) or 'True'}:\n    try:\n{body}    except (TypeError, ValueError):\n        pass\n"
    return ast.parse(text).body


def _is_number(program: Program) -> bool:
    """Whether a program has one result, without axes."""
    return len(program.outputs) == 1 and not program.outputs[0].shape


def write(programs: Sequence[tuple[Program, str]], title: str) -> str:
    """The source of a module with the functions of the programs, each with its docstring; helpers stand there once."""
    writers: list[ArrayWriter] = []
    functions: list[ast.FunctionDef] = []
    kernels: list[str] = []
    sources: dict[str, str] = {}
    for program, document in programs:
        try:
            made = {way: Kernel(program, way) for way in ("rows", "columns")}
            texts = {way: kernel.source(f"{program.name}_{way}") for way, kernel in made.items()}
            writer = _Writer(program)
            function = writer.launch(document)
            named: dict[str, str] = {}
            for kernel in made.values():
                named |= kernel.functions
            for suffix in ("", "_f4"):
                sources |= scalars.sources(named, suffix)
            for text in texts.values():
                kernels += [scalars.compiled(scalars.instance(text, suffix), "KERNEL") for suffix in ("", "_f4")]
            try:
                tries = writer.first_tries()
                ways = [f"{program.name}_{way}{suffix}(" for way in ("one", "many") for suffix in ("", "_f4")]
                called = "\n".join(map(ast.unparse, tries))
                made_ways = [writer.single(""), writer.single("_f4"), writer.many(""), writer.many("_f4")]
                kernels += [text for way, text in zip(ways, made_ways, strict=True) if way in called]
                function.body[1:1] = tries
                writer.used |= {n: text for n, text in SHARED.items() if f"{n}(" in called}
            except NoFunctionError:
                pass
            writers.append(writer)
            functions.append(function)
        except NoFunctionError:
            plain = NumpyWriter(program)
            writers.append(plain)
            functions.append(plain.function(document, [quiet()]))
    imports = ["import math", "", "import numba", "import numba.extending", "import numpy as np"]
    if kernels:
        imports += ["", *scalars.OPTIONS, *(f"{t.upper()} = np.dtype(np.{t})" for t in TYPES)]
        kernels.insert(0, scalars.WIDE.strip())
    return translate.module(title, imports, writers, functions, more=[*sources.values(), *kernels])


def reserved() -> frozenset[str]:
    """The names that a module defines itself."""
    return translate.reserved() | set(numpy.HELPERS) | scalars.NAMES | _OWN
