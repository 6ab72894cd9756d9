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
from symdl.numeric.heads import lead, sizes_of
from symdl.numeric.loops import Kernel
from symdl.numeric.program import Program, fixed_sizes, uses
from symdl.numeric.syntax import arguments, as_tuple, assign, call, indented, number
from symdl.numeric.targets import numpy
from symdl.numeric.targets.numpy import NumpyWriter, quiet

HELPERS: dict[str, str] = {
    "as_floats": """
def as_floats(*values):
    arrays = [np.asarray(v) for v in values]
    if any(a.dtype.kind == "c" for a in arrays):
        raise ValueError("expected real numbers, got complex ones")
    kinds = [a.dtype for a, v in zip(arrays, values) if hasattr(v, "dtype") and a.dtype.kind == "f"]
    dtype = np.float32 if kinds and all(k.itemsize <= 4 for k in kinds) else np.float64
    return [np.asarray(a, dtype) for a in arrays]
""",
}

LAUNCH: dict[str, str] = {
    "compiled": """
def compiled(many, *types):
    # The machine code of a kernel, called without numba's look at the arguments: the kernel looks at them itself.
    # With many rows it lets other threads run.
    return lambda kernel: numba.njit(**KERNEL, nogil=many)(kernel).compile(types)
""",
    "launch": """
def launch(calls, key, kernel, *arguments):
    # Calls a kernel, and keeps it for arguments like these.
    if len(calls) > 999:
        calls.clear()
    calls[key] = kernel
    return kernel(ARRAY, *arguments)
""",
    "rows_of": """
def rows_of(array, rank, batch, leads=False):
    # A number or one row where there is no batch, else a row for each place in it; what is the same for all rows
    # stands there once, unless it leads and so chooses the kernel.
    if array.dtype.kind == "i":
        # There are several types of whole numbers of this length.
        array = array.view(np.int64)
    if array.ndim == rank and not (leads and batch):
        return np.require(array, None, "CA") if rank else array.item()
    own = array.shape[array.ndim - rank :]
    if array.shape[: array.ndim - rank] != batch:
        array = np.broadcast_to(array, (*batch, *own))
    return np.require(array, None, "CA").reshape(math.prod(batch), *own)
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
"""Up to how many entries of a row loops are compiled for its length, and from how many rows on they go by columns."""

TYPES = (
    "FLOAT64, ARRAY = np.dtype(np.float64), np.ndarray",
    "LABELS = {int: int, np.int64: int, ARRAY: ARRAY}",
)
"""The statements that a module needs before its functions."""

_OWN = frozenset({"numba", "math", "functools", "cgutils", "FLOAT64", "ARRAY", "LABELS", *LAUNCH})


class _Writer(ArrayWriter):
    helpers = HELPERS

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.arrays = [p for p in program.parameters if p.kind != "size"]
        if not self.arrays:
            raise NoFunctionError("there are no rows without arguments")
        self.is_number = len(program.outputs) == 1 and not program.outputs[0].shape
        self.lead = lead(program)
        self.many = "columns" if any(n.kind == "state" for n in uses(program)) else "short"
        self.calls = f"{program.name}_calls"
        self.outs = [f"_out{n}" for n in range(len(program.outputs))]
        self.used |= LAUNCH

    def kernels(self) -> list[str]:
        """The sources of the kernels in both precisions, each after the functions that it calls."""
        found: list[str] = []
        for suffix in ("", "_f4"):
            made: list[str] = []
            called: set[str] = set()
            for way in ["rows", self.many, *(["number"] if self.is_number else [])]:
                kernel = Kernel(self.program, way)
                text, calls = scalars.instance(kernel.source(f"{self.program.name}_{way}"), suffix)
                made.append(text)
                called |= calls
            found += [*scalars.sources(called, suffix).values(), *made]
        return [*found, f"{self.calls} = {{}}"]

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
            leads = [ast.Constant(True)] if p is self.lead else []
            add(assign(p.name, call("rows_of", ast.Name(p.name), number(len(p.shape)), batch, *leads)))
        rows = [f"{out}.reshape({self._in_rows(o.shape, '_count')})"
                for out, o in zip(self.outs, program.outputs, strict=True)]  # fmt: skip
        lines = [f"if {ast.unparse(batch)}:", f"    _count = math.prod({ast.unparse(batch)})"]
        sizes = list(program.sizes.values())
        kernel = self._kernel(self.many, 1)
        if self.many == "columns" or sizes:
            few = f"0 < {' * '.join(sizes)} <= {SHORT}" if self.many == "short" else f"_count >= {SHORT}"
            kernel = f"{kernel} if {few} else {self._kernel('rows', 1)}"
        lines += [f"    _kernel = {kernel}", f"    {self._launched('_kernel', self._looked_up(True), rows)}"]
        key = self._looked_up(True) if self.lead.shape else self._looked_up(False).replace("FLOAT64", "_out0.dtype")
        if self.is_number:
            alone = self._launched(self._kernel("number", 0), key, [])
            lines += ["    return _out0", f"return _out0.dtype.type({alone})"]
        else:
            lines += ["else:", f"    {self._launched(self._kernel('rows', 0), key, self.outs)}"]
            lines.append(f"return {self._results()}")
        body: list[ast.stmt] = [ast.Expr(ast.Constant(indented(document)))]
        body += [*self._at_once(), *self.top.statements, *ast.parse("\n".join(lines)).body]
        return ast.FunctionDef(name=program.name, args=arguments(program), body=body, decorator_list=[])

    def into(self) -> list[ast.stmt]:
        """The function that writes into arrays, as an attribute of the other one."""
        lines = [self._called(True, self.outs), f"return {', '.join(self.outs)}"]
        return into(self.program, _tried(lines) if self.lead.kind == "array" else [])

    def _at_once(self) -> list[ast.stmt]:
        """The call of a kernel with the arguments as they are, where one is kept for arguments like these.

        What these are told by only chooses the kernel, which looks at all that it is given.
        """
        p, outputs = self.lead, self.program.outputs
        if p.kind != "array":
            return []
        single = f"{p.name}.ndim == {len(p.shape)}" if p.shape else f"type({p.name}) is float"
        real = f"{p.name}.dtype" if p.shape else "FLOAT64"
        lines = [*sizes_of(self.program), f"if {single}:"]
        if self.is_number:
            real = f"{real}.type" if p.shape else "np.float64"
            lines += [f"    return {real}({self._called(bool(p.shape), [])})"]
        else:
            lines += [f"    {out} = np.empty({self._in_rows(o.shape)}, {real})"
                      for out, o in zip(self.outs, outputs, strict=True)]  # fmt: skip
            if not p.shape:
                lines += [f"    {self._called(False, self.outs)}", f"    return {self._results()}"]
            else:
                lines.append("else:")
        deeper = "    " if lines[-1] == "else:" else ""
        lines += [f"{deeper}{out} = np.empty({self._in_rows(o.shape, f'len({p.name})')}, {p.name}.dtype)"
                  for out, o in zip(self.outs, outputs, strict=True)]  # fmt: skip
        results = self._results() if deeper else ", ".join(self.outs)
        return _tried([*lines, self._called(True, self.outs), f"return {results}"])

    def _given(self) -> list[str]:
        return [p.name for p in (*self.arrays, *(p for p in self.program.parameters if p.kind == "size"))]

    def _results(self) -> str:
        return ", ".join(out if o.shape else f"{out}[()]"
                         for out, o in zip(self.outs, self.program.outputs, strict=True))  # fmt: skip

    def _looked_up(self, is_array: bool) -> str:
        """What tells which kernel is for some arguments: precision, axes, lengths of rows, and numbers or arrays.

        `is_array` says whether the one that leads is an array.
        """
        parts = []
        for p in self.program.parameters:
            if p.kind == "size":
                parts += [f"type({p.name})", p.name]
            elif p is not self.lead:
                number = f"LABELS[type({p.name})]" if p.kind == "label" else f"type({p.name})"
                parts.append(f"{p.name}.ndim" if p.shape else number)
        name = self.lead.name
        parts += [f"{name}.dtype" if is_array else "FLOAT64"]
        parts += [f"{name}.ndim"] if is_array and not self.lead.shape else []
        parts += [f"len({name}) >= {SHORT}"] if is_array and self.many == "columns" else []
        parts += [f"{name}.strides"] if self.lead.shape else []
        parts += [f"{p.name}.shape[{axis - len(p.shape)}]" for _, p, axis in fixed_sizes(self.arrays, set())
                  if p is not self.lead]  # fmt: skip
        return ", ".join(parts)

    def _called(self, is_array: bool, outs: Sequence[str]) -> str:
        """The call of a kernel that is kept."""
        return f"{self.calls}[{self._looked_up(is_array)}]({', '.join(['ARRAY', *self._given(), *outs])})"

    def _launched(self, kernel: str, key: str, outs: Sequence[str]) -> str:
        """The call of a kernel, which is kept."""
        return f"launch({self.calls}, ({key}), {', '.join([kernel, *self._given(), *outs])})"

    def _kernel(self, way: str, more: int) -> str:
        """The kernel for the arguments at hand and as many axes more of the results."""
        sizes = list(self.program.sizes.values()) if way == "short" else []
        axes = [f"np.ndim({p.name})" for p in self.arrays]
        axes += [str(len(o.shape) + more) for o in self.program.outputs] if way != "number" else []
        name = f"{self.program.name}_{way}"
        if any(p.kind == "array" for p in self.arrays):
            name = f"({name} if _out0.dtype == FLOAT64 else {name}_f4)"
        return f"{name}({', '.join([*sizes, *axes])})"

    def _in_rows(self, shape: Sequence[Expr], count: str = "") -> str:
        return ast.unparse(as_tuple([*([ast.Name(count)] if count else []), *(self._integer(n) for n in shape)]))

    def _checked_positions(self) -> None:
        for node in uses(self.program):
            if node.kind == "position":
                index, length = node.args
                check = self.helper("position", ast.Constant(node.data[0]), ast.Name(index.data[0]), self.value(length))
                self.top.statements.append(ast.Expr(check))


def _tried(lines: Sequence[str]) -> list[ast.stmt]:
    """Statements after which others follow where a kernel is not there yet or refuses what it is given."""
    refused = "except (AttributeError, KeyError, OverflowError, TypeError, ValueError):\n    pass"
    return ast.parse("\n".join(["try:", *(f"    {line}" for line in lines), refused])).body


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
        "from llvmlite.ir import Constant, FunctionType, MetaDataString, VectorType, VoidType",
        "from numba.core import cgutils",
        "from numba.np.arrayobj import populate_array",
        "",
        *scalars.OPTIONS,
        *TYPES,
        *numpy.KEPT,
    ]
    more = [access.SOURCE.strip(), *kernels] if kernels else []
    return translate.module(title, imports, writers, functions, more=more)


def reserved() -> frozenset[str]:
    """The names that a module defines itself."""
    return translate.reserved() | set(numpy.HELPERS) | scalars.NAMES | access.NAMES | _OWN
