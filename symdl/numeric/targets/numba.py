"""Functions on NumPy arrays as compiled loops over rows: no temporary arrays, no lock held, compiled once per machine.

What has no form in loops is written for NumPy.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from symdl.errors import NoFunctionError
from symdl.numeric import scalars, translate
from symdl.numeric.arrays import ArrayWriter, arguments, as_tuple, assign, call, dotted, indented, number
from symdl.numeric.loops import Kernel
from symdl.numeric.program import Node, Parameter, Program, Scan, fixed_sizes
from symdl.numeric.targets.numpy import QUIET

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
    if array.size == 0 or array.ndim == rank or array.shape[: array.ndim - rank] == batch:
        return np.ascontiguousarray(array).reshape(-1 if array.size else 0, *own)
    return np.ascontiguousarray(np.broadcast_to(array, (*batch, *own))).reshape(-1, *own)
""",
}

IS_COMPILED = True
"""A module is loaded from a file, beside which numba keeps the machine code."""

SHORT = 16
"""The longest axis for which a batch is worked through in columns."""


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
        """The compiled function for one row of a precision, which refuses anything else with a TypeError."""
        program = self.program
        real = "float32" if suffix else "float64"
        types = {"array": real, "label": "int64", "size": "int64"}
        signature = [types[p.kind] + (f"[{', '.join([*[':'] * (len(p.shape) - 1), '::1'])}]" if p.shape else "")
                     for p in program.parameters]  # fmt: skip
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
        return f"@numba.njit(({', '.join(f'numba.{t}' for t in signature)},), **KERNEL)\n" + "\n".join(lines)

    def _arrays(self) -> dict[str, Parameter]:
        return {p.name: p for p in self.program.parameters if p.kind != "size"}

    def first_tries(self) -> list[ast.stmt]:
        """The calls of the functions for one row where the arguments may suit them.

        Without a look before, a refusal costs more than the work on a few rows, and a float32 number would pass for a
        float64.
        """
        program = self.program
        floats = [p for p in program.parameters if p.kind == "array"]
        numbers = [f"type({p.name}) is float" for p in floats if not p.shape]
        held = next((p for p in floats if p.shape), None)
        found: list[ast.stmt] = []
        for suffix, real, char in (("", "float64", "d"), ("_f4", "float32", "f")):
            tests = list(numbers)
            if held is not None:
                tests.append(f"type({held.name}) is np.ndarray and {held.name}.ndim == {len(held.shape)}")
                tests.append(f"{held.name}.dtype.char == {char!r}")
            if suffix and (numbers or held is None):
                continue
            text = f"{program.name}_one{suffix}({', '.join(p.name for p in program.parameters)})"
            if len(program.outputs) == 1 and not program.outputs[0].shape:
                text = f"np.{real}({text})"
            test = " and ".join(tests) or "True"
            found += ast.parse(f"if {test}:\n    try:\n        return {text}\n    except TypeError:\n        pass").body
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
                kernels += [writer.single(suffix) for suffix in ("", "_f4")[: len(tries)]]
                function.body[1:1] = tries
            except NoFunctionError:
                pass
            writers.append(writer)
            functions.append(function)
        except NoFunctionError:
            plain = ArrayWriter(program)
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
    return translate.reserved() | scalars.NAMES | _OWN
