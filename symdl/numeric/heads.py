"""How a kernel begins: its sizes, how many rows there are, and that everything fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from symdl.errors import NoFunctionError
from symdl.numeric.program import Parameter, Program, fixed_sizes

if TYPE_CHECKING:
    from symdl.numeric.loops import Kernel


def head(kernel: Kernel, buffers: Sequence[str]) -> list[str]:
    """The beginning of a kernel: sizes, how many rows there are, and that everything fits.

    Where something does not fit the kernel raises a ValueError.
    """
    program = kernel.program
    sizes = [p.name for p in program.parameters if p.kind == "size"]
    sizes = [f"_{n}_known" for n in sizes] if kernel.short else sizes
    shapes = {n: kernel.shape(p.shape) for n, p in kernel.arrays.items()}
    outs = dict(zip(kernel.names_out, (kernel.shape(o.shape) for o in program.outputs), strict=True))
    given = {} if kernel.number else outs
    flags = dict.fromkeys(given, "IS_WRITTEN") | dict.fromkeys(shapes, "IS_READ")
    whole = {n for n, p in kernel.arrays.items() if p.kind == "label"}
    tests = [
        f"is_array({n}, _kind, {'WHOLE' if n in whole else '_tag'}, _axes_{n}, {flag})" for n, flag in flags.items()
    ]
    lines = [f"def kernel({', '.join(['_kind', *kernel.arrays, *sizes, *given])}):", "    wide()"]
    lines += [f"    if not ({' and '.join(tests)}):", "        raise ValueError"]
    lines += [f"    {n} = viewed({n}, _axes_{n}, {'np.int64' if n in whole else '_real'}(0))" for n in flags]
    if kernel.number:
        lines.append("    _out0 = numba.carray(held(1, _real(0)), (1,))")
    if not kernel.short:
        lines += [f"    {line}" for line in sizes_of(program)]
    lines += [f"    _{n}_step = step_of({n}, {shape})" for n, shape in shapes.items()]
    rows = [f"rows_in({n}, {shape})" for n, shape in shapes.items()]
    lines += [f"    _count = {_of_all('max', rows)}", "    if _count < 0:", "        _count = 1"]
    fits = [f"fits({n}, _count, {shape})" for n, shape in (shapes | given).items()]
    steps = [f"_{n}_step" for n in shapes]
    fits += [f"step_of({o}, {shape}) >= {_of_all('max', steps)}" for o, shape in given.items()]
    fits += [f"apart({o}, {n})" for o in given for n in shapes]
    fits += [f"{n} >= 1" for n in sizes if not kernel.short]
    for node in kernel.uses:
        if node.kind == "position":
            if node.args[0].kind not in ("input", "label"):
                raise NoFunctionError("there are no loops for a position that is worked out")
            fits.append(f"inside({node.args[0].data[0]}, {kernel.integer(node.args[1].data[0])})")
    lines += [f"    if not ({' and '.join(fits)}):", "        raise ValueError"]
    return [*lines, *(f"    {line}" for line in buffers)]


def maker(kernel: Kernel, name: str, constants: Sequence[str]) -> list[str]:
    """The beginning of the function that makes a kernel, up to the text of the kernel itself."""
    program = kernel.program
    outs = [] if kernel.number else kernel.names_out
    sizes = [*program.sizes.values()] if kernel.short else []
    given = ", ".join([*sizes, *(f"_axes_{n}" for n in (*kernel.arrays, *outs))])
    number = {"array": "numba.float64", "label": "numba.int64"}
    types = ["OBJECT" if p.shape else f"OBJECT if _axes_{n} else {number[p.kind]}" for n, p in kernel.arrays.items()]
    types += ["numba.int64" for p in program.parameters if p.kind == "size"] + ["OBJECT" for _ in outs]
    many = f"_axes__out0 > {len(program.outputs[0].shape)}" if outs else "False"
    return [
        "@functools.cache",
        f"def {name}({given}):",
        "    _real, _tag = np.float64, REAL",
        *(f"    {line}" for line in constants),
        "",
        f"    @compiled({many}, OBJECT, {', '.join(types)})",
    ]


def lead(program: Program) -> Parameter:
    """The argument whose precision, axes and lengths choose the kernel: an array of real numbers if there is one."""
    arrays = [p for p in program.parameters if p.kind != "size"]
    floats = [p for p in arrays if p.kind == "array"] or arrays
    return next((p for p in floats if p.shape), floats[0])


def _of_all(name: str, parts: Sequence[str]) -> str:
    """A call with several arguments, or the only one there is."""
    return f"{name}({', '.join(parts)})" if len(parts) > 1 else parts[0]


def sizes_of(program: Program) -> list[str]:
    """The statements that take the sizes from arrays, however many axes these have before their own."""
    arrays = [p for p in program.parameters if p.kind != "size"]
    lines = []
    for s, p, axis in fixed_sizes(arrays, set()):
        gap = int(p.shape[axis] - s)
        less = f" {'-' if gap > 0 else '+'} {abs(gap)}" if gap else ""
        lines.append(f"{program.sizes[s]} = {p.name}.shape[{axis - len(p.shape)}]{less}")
    return lines
