"""How a kernel begins: its sizes, how many rows there are, and that everything fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from symdl.errors import NoFunctionError
from symdl.numeric.program import Program, fixed_sizes

if TYPE_CHECKING:
    from symdl.numeric.loops import Kernel


def head(kernel: Kernel, name: str, buffers: Sequence[str]) -> list[str]:
    """The beginning of a kernel: sizes, how many rows there are, and that everything fits.

    Where something does not fit the kernel raises a ValueError.
    """
    program = kernel.program
    sizes = [p.name for p in program.parameters if p.kind == "size"]
    sizes = [f"_{n}_known" for n in sizes] if kernel.short else sizes
    shapes = {n: kernel.shape(p.shape) for n, p in kernel.arrays.items()}
    outs = dict(zip(kernel.names_out, (kernel.shape(o.shape) for o in program.outputs), strict=True))
    lines = [f"def {name}({', '.join([*kernel.arrays, *sizes, *outs])}):", "    wide()", "    wide()"]
    lines.append("    _real = _out0.dtype.type")
    if not kernel.short:
        lines += [f"    {line}" for line in sizes_of(program)]
    lines += [f"    _{n}_step = step_of({n}, {shape})" for n, shape in shapes.items()]
    rows = [f"rows_in({n}, {shape})" for n, shape in shapes.items()]
    lines.append(f"    _count = {_of_all('max', rows or ['1'])}")
    if rows:
        lines += ["    if _count < 0:", "        _count = 1"]
    fits = [f"fits({n}, _count, {shape})" for n, shape in (shapes | outs).items()]
    steps = [f"_{n}_step" for n in shapes]
    fits += [f"step_of({o}, {shape}) >= {_of_all('max', steps)}" for o, shape in outs.items() if steps]
    fits += [f"apart({o}, {n})" for o in outs for n in shapes]
    fits += [f"{n} >= 1" for n in sizes if not kernel.short]
    for node in kernel.uses:
        if node.kind == "position":
            if node.args[0].kind not in ("input", "label"):
                raise NoFunctionError("there are no loops for a position that is worked out")
            fits.append(f"inside({node.args[0].data[0]}, {kernel.integer(node.args[1].data[0])})")
    lines += [f"    if not ({' and '.join(fits)}):", "        raise ValueError"]
    return [*lines, *(f"    {line}" for line in buffers)]


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
