"""Functions on NumPy arrays as compiled loops over rows: no temporary arrays, no lock held, compiled once per machine.

What has no form in loops is written for NumPy.  Beside each function stands one that writes into arrays that are there.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from sympy import Expr

from symdl.errors import NoFunctionError
from symdl.numeric import access, scalars, translate
from symdl.numeric.arrays import ArrayWriter
from symdl.numeric.heads import sizes_of
from symdl.numeric.loops import Kernel
from symdl.numeric.program import Parameter, Program, uses
from symdl.numeric.syntax import arguments, as_tuple, assign, call, indented, number
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
    "settled": """
def settled(kernel):
    # It takes what it has been compiled for, and numba does not compile it for whatever else comes.
    kernel._can_compile = False
    return kernel
""",
    "launch": """
def launch(kernel, *arguments):
    # Compiles the kernel for arguments of these types where it is not yet.
    kernel._can_compile = True
    try:
        return kernel(*arguments)
    finally:
        kernel._can_compile = False
""",
    "rows_of": """
def rows_of(array, rank, batch):
    # A number or one row where there is no batch, else a row for each place in it.
    if array.ndim == rank:
        return np.require(array, None, "CAW") if rank else array.item()
    own = array.shape[array.ndim - rank :]
    if array.shape[: array.ndim - rank] != batch:
        array = np.broadcast_to(array, (*batch, *own))
    return np.require(array, None, "CAW").reshape(math.prod(batch), *own)
""",
    "put_into": """
def put_into(results, found):
    for result, value in zip(results, found):
        if type(result) is not ARRAY or result.shape != value.shape or result.dtype != value.dtype:
            raise ValueError(f"expected an array of shape {value.shape} and type {value.dtype} to write into")
    for result, value in zip(results, found):
        result[...] = value
""",
}

IS_COMPILED = True
"""A module is loaded from a file, beside which numba keeps the machine code."""

SHORT = 16
"""From how many rows on, and up to how many entries of a row, loops are compiled for the sizes at hand."""

TYPES = (
    "FLOAT64, ARRAY = np.dtype(np.float64), np.ndarray",
    "FLOATS, LABELS = (float, np.ndarray), (int, np.int64, np.ndarray)",
)
"""The statements that a module needs before its functions."""

_OWN = frozenset({"numba", "math", "functools", "cgutils", "FLOAT64", "ARRAY", "FLOATS", "LABELS", *LAUNCH})


class _Writer(ArrayWriter):
    helpers = HELPERS

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.arrays = [p for p in program.parameters if p.kind != "size"]
        if not self.arrays:
            raise NoFunctionError("there are no rows without arguments")
        self.is_number = len(program.outputs) == 1 and not program.outputs[0].shape
        self.by_columns = any(n.kind == "state" for n in uses(program))
        self.outs = [f"_out{n}" for n in range(len(program.outputs))]
        self.used |= LAUNCH

    def kernels(self) -> list[str]:
        """The sources of the kernels in both precisions, each after the functions that it calls."""
        program = self.program
        found: list[str] = []
        for suffix in ("", "_f4"):
            made: dict[str, str] = {}
            called: set[str] = set()
            for way in ("rows", "columns" if self.by_columns else "short"):
                made[way], calls = scalars.instance(Kernel(program, way).source(f"{program.name}_{way}"), suffix)
                called |= calls
            found += scalars.sources(called, suffix).values()
            if not self.is_number:
                made["rows"] = f"@settled\n{made['rows']}"
            if self.by_columns:
                made["columns"] = f"@settled\n{made['columns']}"
            else:
                made["short"] = f"@functools.cache\n{made['short']}"
            found += made.values()
            found += self._wrapped(suffix) if self.is_number else []
        return found

    def _wrapped(self, suffix: str) -> list[str]:
        """The functions of a program with one result without axes: for many rows, and for one, whose result it is."""
        program, rows = self.program, f"{self.program.name}_rows{suffix}"
        names = ", ".join(p.name for p in self._ordered())
        real = "np.float32" if suffix else "np.float64"
        many = f"def {program.name}_many{suffix}({names}, _out0):\n    {rows}({names}, _out0)"
        one = (
            f"def {program.name}_number{suffix}({names}):\n    _out0 = numba.carray(held(1, {real}(0)), (1,))\n"
            f"    {rows}({names}, _out0)\n    return _out0[0]"
        )
        return [f"@settled\n@numba.njit(**KERNEL)\n{text}" for text in (many, one)]

    def _ordered(self) -> list[Parameter]:
        return [*self.arrays, *(p for p in self.program.parameters if p.kind == "size")]

    def _given(self) -> list[str]:
        return [p.name for p in self._ordered()]

    # What is checked in Python

    def launch(self, document: str) -> ast.FunctionDef:
        """The function: a call of a kernel for what it takes as it is, and before another one what makes it that."""
        program = self.program
        self.prologue()
        self._checked_positions()
        batch = self._batch()
        add = self.top.statements.append
        for out, o in zip(self.outs, program.outputs, strict=True):
            shape = as_tuple([ast.Starred(batch), *(self._integer(x) for x in o.shape)])
            add(assign(out, call("np.empty", shape, self._dtype())))
        for p in self.arrays:
            add(assign(p.name, call("rows_of", ast.Name(p.name), number(len(p.shape)), batch)))
        floats = [p for p in self.arrays if p.kind == "array"]
        dtype = "_out0.dtype" if floats else "FLOAT64"
        given = ", ".join(self._given())
        one = f"{program.name}_{'number' if self.is_number else 'rows'}"
        lines = [f"if {ast.unparse(batch)}:", f"    _count = math.prod({ast.unparse(batch)})"]
        made = ", ".join(f"{out}.reshape({self._in_rows(o.shape)})"
                         for out, o in zip(self.outs, program.outputs, strict=True))  # fmt: skip
        lines += [f"    launch({self._chosen(dtype)}, {given}, {made})"]
        if self.is_number:
            lines += ["    return _out0", f"return {dtype}.type(launch({self._precise(one, dtype)}, {given}))"]
        else:
            lines += ["else:", f"    launch({self._precise(one, dtype)}, {given}, {', '.join(self.outs)})"]
            values = [out if o.shape else f"{out}[()]" for out, o in zip(self.outs, program.outputs, strict=True)]
            lines.append(f"return {', '.join(values)}")
        body: list[ast.stmt] = [ast.Expr(ast.Constant(indented(document)))]
        body += [*self._at_once(False), *self.top.statements, *ast.parse("\n".join(lines)).body]
        return ast.FunctionDef(name=program.name, args=arguments(program), body=body, decorator_list=[])

    def into(self) -> list[ast.stmt]:
        """The function that writes into arrays, as an attribute of the other one."""
        return into(self.program, self._at_once(True))

    def _at_once(self, is_into: bool) -> list[ast.stmt]:
        """The calls of kernels with the arguments as they are; a kernel refuses others with a TypeError or ValueError.

        That an array has the axes, the precision and the order of one for which the kernel is compiled, numba checks.
        """
        program = self.program
        floats = [p for p in self.arrays if p.kind == "array"]
        if not floats:
            return []
        lead = next((p for p in floats if p.shape), floats[0])
        tests = []
        for p in program.parameters:
            if p.shape:
                tests.append(f"type({p.name}) is ARRAY")
            else:
                tests.append(
                    f"type({p.name}) " + {"array": "in FLOATS", "label": "in LABELS", "size": "is int"}[p.kind]
                )
        single = f"{lead.name}.ndim == {len(lead.shape)}" if lead.shape else f"type({lead.name}) is float"
        dtype = f"{lead.name}.dtype" if lead.shape else "FLOAT64"
        given, outs = ", ".join(self._given()), ", ".join(self.outs)
        shapes = [self._shape(o.shape) for o in program.outputs]
        sizes = sizes_of(program)
        lines = [f"if {' and '.join(tests)}:", "    try:", f"        if {single}:"]
        one = f"{program.name}_{'number' if self.is_number else 'rows'}"
        if self.is_number and not is_into:
            if dtype != "FLOAT64":
                lines += [
                    f"            if {dtype} is not FLOAT64:",
                    f"                return np.float32({one}_f4({given}))",
                ]
            lines.append(f"            return np.float64({one}({given}))")
        elif self.is_number:
            lines.append("            raise TypeError")
        else:
            if not is_into:
                lines += [f"            {line}" for line in sizes]
                lines += [f"            {out} = np.empty({ast.unparse(shape)}, {dtype})"
                          for out, shape in zip(self.outs, shapes, strict=True)]  # fmt: skip
            lines.append(f"            {self._precise(one, dtype)}({given}, {outs})")
            values = [out if o.shape or is_into else f"{out}[()]"
                      for out, o in zip(self.outs, program.outputs, strict=True)]  # fmt: skip
            lines.append(f"            return {', '.join(values)}")
        dtype = f"{lead.name}.dtype"
        lines += [f"        _count = len({lead.name})", *(f"        {line}" for line in sizes)]
        if not is_into:
            lines += [f"        {out} = np.empty({self._in_rows(o.shape)}, {dtype})"
                      for out, o in zip(self.outs, program.outputs, strict=True)]  # fmt: skip
        lines.append(f"        ({self._chosen(dtype)})({given}, {outs})")
        lines += [f"        return {outs}", "    except (TypeError, ValueError):", "        pass"]
        return ast.parse("\n".join(lines)).body

    def _chosen(self, dtype: str) -> str:
        """The kernel for `_count` rows."""
        name, sizes = self.program.name, list(self.program.sizes.values())
        rows = self._precise(f"{name}_{'many' if self.is_number else 'rows'}", dtype)
        if self.by_columns:
            return f"{self._precise(f'{name}_columns', dtype)} if _count >= {SHORT} else {rows}"
        few = f" and 0 < {' * '.join(sizes)} <= {SHORT}" if sizes else ""
        short = self._precise(f"{name}_short", dtype)
        return f"({short})({', '.join(sizes)}) if _count >= {SHORT}{few} else {rows}"

    def _precise(self, kernel: str, dtype: str) -> str:
        """A kernel in the precision at hand."""
        return kernel if dtype == "FLOAT64" else f"({kernel} if {dtype} is FLOAT64 else {kernel}_f4)"

    def _in_rows(self, shape: Sequence[Expr]) -> str:
        return ast.unparse(as_tuple([ast.Name("_count"), *(self._integer(n) for n in shape)]))

    def _checked_positions(self) -> None:
        for node in uses(self.program):
            if node.kind == "position":
                index, length = node.args
                check = self.helper(
                    "position", ast.Constant(node.data[0]), ast.Name(index.data[0]), self._value(length)
                )
                self.top.statements.append(ast.Expr(check))


def into(program: Program, at_once: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The function that writes into arrays, which come first; what cannot be done at once is worked out beside."""
    outs = [f"_out{n}" for n in range(len(program.outputs))]
    names = ", ".join(f"{p.name}={p.name}" for p in program.parameters)
    document = f"Write {program.name}({names}) into an array of its shape and precision, which is given back."
    if len(outs) > 1:
        document = f"Write {program.name}({names}) into arrays of its shapes and precision, which are given back."
    found = f"({program.name}({names}),)" if len(outs) == 1 else f"{program.name}({names})"
    results = f"({', '.join(outs)},)"
    text = f"put_into({results}, {found})\nreturn {', '.join(outs)}"
    made = arguments(program)
    made.posonlyargs = [ast.arg(out) for out in outs]
    function = ast.FunctionDef(
        name=f"{program.name}_into",
        args=made,
        body=[ast.Expr(ast.Constant(document)), *at_once, *ast.parse(text).body],
        decorator_list=[],
    )
    return [function, *ast.parse(f"{program.name}.into = {program.name}_into").body]


def write(programs: Sequence[tuple[Program, str]], title: str) -> str:
    """The source of a module with the functions of the programs, each with its docstring; helpers stand there once."""
    writers: list[ArrayWriter] = []
    functions: list[ast.stmt] = []
    kernels: dict[str, None] = {}
    for program, document in programs:
        try:
            writer = _Writer(program)
            made = writer.kernels()
            functions += [writer.launch(document), *writer.into()]
            writers.append(writer)
            kernels |= dict.fromkeys(made)
        except NoFunctionError:
            plain = NumpyWriter(program)
            writers.append(plain)
            functions += [plain.function(document, [quiet()]), *into(program, [])]
            plain.used["put_into"] = LAUNCH["put_into"]
    imports = ["import functools", "import math", "", "import numba", "import numba.extending", "import numpy as np"]
    imports += [
        "from llvmlite.ir import MetaDataString",
        "from numba.core import cgutils",
        "",
        *scalars.OPTIONS,
        *TYPES,
    ]
    more = [access.SOURCE.strip(), *kernels] if kernels else []
    return translate.module(title, imports, writers, functions, more=more)


def reserved() -> frozenset[str]:
    """The names that a module defines itself."""
    return translate.reserved() | set(numpy.HELPERS) | scalars.NAMES | access.NAMES | _OWN
