"""Functions on NumPy arrays as compiled loops over rows: no temporary arrays, no lock held, compiled once per machine.

What has no form in loops is written for NumPy.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from sympy import Expr

from symdl.errors import NoFunctionError
from symdl.numeric import scalars, translate
from symdl.numeric.arrays import ArrayWriter, arguments, as_tuple, assign, call, dotted, indented, number
from symdl.numeric.loops import Kernel
from symdl.numeric.program import Node, Parameter, Program, Scan, fixed_sizes
from symdl.numeric.targets import numpy
from symdl.numeric.targets.numpy import QUIET, NumpyWriter

HELPERS: dict[str, str] = {
    **{name: numpy.HELPERS[name] for name in ("as_labels", "position")},
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
    if array.size == 0 or array.ndim == rank or array.shape[: array.ndim - rank] == batch:
        return np.ascontiguousarray(array).reshape(-1 if array.size else 0, *own)
    return np.ascontiguousarray(np.broadcast_to(array, (*batch, *own))).reshape(-1, *own)
""",
}

IS_COMPILED = True
"""A module is loaded from a file, beside which numba keeps the machine code."""

SHORT = 16
"""The longest axis for which a batch is worked through in columns."""


_TRY = """
if {}:
    try:
        return {}
    except TypeError:
        pass
"""
_OWN = frozenset({"numba", "math", "rows_of"})


class _Writer(ArrayWriter):
    helpers = HELPERS

    def launch(self, document: str) -> ast.FunctionDef:
        """The function that checks its arguments and starts the kernel on their rows."""
        program = self.program
        self._prologue()
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
        """The compiled function for one row of a precision; it refuses shapes that do not fit with a TypeError."""
        program = self.program
        real = "float32" if suffix else "float64"
        arrays = [p for p in program.parameters if p.kind != "size"]
        size_of = {program.sizes[s]: (p.shape[axis] - s, p, axis) for s, p, axis in fixed_sizes(arrays, set())}
        lines = [f"def {program.name}_one{suffix}({', '.join(p.name for p in program.parameters)}):"]
        for name, (gap, p, axis) in size_of.items():
            lines.append(f"    {name} = {p.name}.shape[{axis}] - {int(gap)}")
        checks = [f"{p.name}.shape != {ast.unparse(self._shape(p.shape))}" for p in arrays if p.shape]
        checks += [f"{p.name} < 1" for p in program.parameters if p.kind == "size"]
        for node in _nodes(program):
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
        values = []
        for n, o in enumerate(program.outputs):
            shape = ast.unparse(as_tuple([number(1), *(self._integer(x) for x in o.shape)]))
            lines.append(f"    _out{n} = np.empty({shape}, np.{real})")
            calls.append(f"_out{n}")
            values.append(f"_out{n}[0]")
        calls += program.sizes.values()
        lines += [f"    {program.name}_rows{suffix}({', '.join(calls)})", f"    return {', '.join(values)}"]
        return scalars.compiled("\n".join(lines), "KERNEL")

    def many(self, suffix: str) -> str:
        """The compiled function for arrays that all have one batch axis; others fail with a TypeError."""
        program = self.program
        arrays = [p for p in program.parameters if p.kind != "size"]
        lines = [f"def {program.name}_many{suffix}({', '.join(p.name for p in program.parameters)}):"]
        lines.append(f"    _count = {arrays[0].name}.shape[0]")
        for s, p, axis in fixed_sizes(arrays, set()):
            lines.append(f"    {program.sizes[s]} = {p.name}.shape[{axis + 1}] - {int(p.shape[axis] - s)}")
        checks = [f"{p.name}.shape != {self._in_rows(p.shape)}" for p in arrays]
        checks += [f"{p.name} < 1" for p in program.parameters if p.kind == "size"]
        lines += [f"    if {' or '.join(checks)}:", "        raise TypeError"]
        for node in _nodes(program):
            if node.kind == "position":
                name, length = node.args[0].data[0], ast.unparse(self._value(node.args[1]))
                lines += [f"    for _label in {name}:", f"        if not 0 <= _label < {length}:"]
                lines.append("            raise TypeError")
        outs = [f"_out{n}" for n in range(len(program.outputs))]
        real = "float32" if suffix else "float64"
        for out, o in zip(outs, program.outputs, strict=True):
            lines.append(f"    {out} = np.empty({self._in_rows(o.shape)}, np.{real})")
        handed = ", ".join(["_count", *(p.name for p in arrays), *outs, *program.sizes.values()])
        lines += [f"    if {ast.unparse(self._suits_columns())}:", f"        {program.name}_columns{suffix}({handed})"]
        lines += ["    else:", f"        {program.name}_rows{suffix}({handed})", f"    return {', '.join(outs)}"]
        return scalars.compiled("\n".join(lines), "KERNEL")

    def _in_rows(self, shape: Sequence[Expr]) -> str:
        return ast.unparse(as_tuple([ast.Name("_count"), *(self._integer(n) for n in shape)]))

    def _arrays(self) -> dict[str, Parameter]:
        return {p.name: p for p in self.program.parameters if p.kind != "size"}

    def first_tries(self) -> list[ast.stmt]:
        """The calls of the functions for one row, and for rows of one batch axis, where the arguments suit them.

        What is compiled on the first call must not see anything else: numba would compile that too.
        """
        program = self.program
        floats = [p for p in program.parameters if p.kind == "array"]
        found: list[ast.stmt] = []
        for way, more in (("one", 0), ("many", 1)):
            for suffix, char in (("", "d"), ("_f4", "f")):
                # A number of Python is a float64.
                if (more or suffix) and not (floats and (more or all(p.shape for p in floats))):
                    continue
                tests = [_suits(p, more, char) for p in program.parameters]
                text = f"{program.name}_{way}{suffix}({', '.join(p.name for p in program.parameters)})"
                if not more and len(program.outputs) == 1 and not program.outputs[0].shape:
                    text = f"np.{'float32' if suffix else 'float64'}({text})"
                found += ast.parse(_TRY.format(" and ".join(tests) or "True", text)).body
        return found

    def _suits_columns(self) -> ast.expr:
        """Whether there are many rows, and each of them is short or a loop of its own."""
        many = ast.Compare(ast.Name("_count"), [ast.GtE()], [number(SHORT)])
        sizes = [ast.Name(s) for s in self.program.sizes.values()]
        if not sizes or any(n.kind == "state" for n in _nodes(self.program)):
            return many
        largest = call("max", *sizes) if len(sizes) > 1 else sizes[0]
        return ast.BoolOp(ast.And(), [many, ast.Compare(largest, [ast.LtE()], [number(SHORT)])])

    def _checked_positions(self) -> None:
        for node in _nodes(self.program):
            if node.kind == "position":
                index, length = node.args
                if index.kind != "label" and not (index.kind == "input" and index.data[1] == "label"):
                    raise NoFunctionError("there are no loops for a position that is worked out")
                check = self.helper(
                    "position", ast.Constant(node.data[0]), ast.Name(index.data[0]), self._value(length)
                )
                self.top.statements.append(ast.Expr(check))


def _suits(p: Parameter, more: int, char: str) -> str:
    """The test whether an argument is what a compiled function takes, with so many axes before its own."""
    rank = len(p.shape) + more
    if p.kind == "size" or not rank:
        types = {"array": "is float", "size": "is int", "label": "in (int, np.int64)"}
        return f"type({p.name}) {types[p.kind]}"
    kind = f"== {char!r}" if p.kind == "array" else "in 'lq'"
    is_array = f"type({p.name}) is np.ndarray and {p.name}.ndim == {rank} and {p.name}.flags.c_contiguous"
    return f"{is_array} and {p.name}.dtype.char {kind} and {p.name}.dtype.isnative"


def _nodes(program: Program) -> Iterator[Node]:
    """Every node of a program once."""
    seen: set[Node] = set()
    stack = [o.node for o in program.outputs]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        yield node
        stack += node.args
        for scan in (d for d in node.data if isinstance(d, Scan)):
            stack += [a.value for a in (*scan.first, *scan.each)]


def write(programs: Sequence[tuple[Program, str]], title: str) -> str:
    """The source of a module with the functions of the programs, each with its docstring; helpers stand there once."""
    writers: list[ArrayWriter] = []
    functions: list[ast.FunctionDef] = []
    kernels: list[str] = []
    sources: dict[str, str] = {}
    for program, document in programs:
        try:
            made = {"rows": Kernel(program, columns=False), "columns": Kernel(program, columns=True)}
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
            except NoFunctionError:
                pass
            writers.append(writer)
            functions.append(function)
        except NoFunctionError:
            plain = NumpyWriter(program)
            quiet = ast.Call(dotted("np.errstate"), [], [ast.keyword(k, ast.Constant("ignore")) for k in QUIET])
            writers.append(plain)
            functions.append(plain.function(document, [quiet]))
    imports = ["import math", "", "import numba", "import numba.extending", "import numpy as np"]
    if kernels:
        imports += ["", *scalars.OPTIONS]
        kernels.insert(0, scalars.WIDE.strip())
    return translate.module(title, imports, writers, functions, more=[*sources.values(), *kernels])


def reserved() -> frozenset[str]:
    """The names that a module defines itself."""
    return translate.reserved() | set(numpy.HELPERS) | scalars.NAMES | _OWN
