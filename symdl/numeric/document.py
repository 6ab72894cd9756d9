"""The docstring of a generated function."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sympy import Expr, Symbol

from symdl.numeric.program import Parameter


def text(
    title: str,
    formula: str,
    parameters: Sequence[Parameter],
    sizes: dict[Symbol, str],
    outputs: Sequence[tuple[Sequence[Expr], Sequence[str]]],
    assumes: Sequence[str],
    units: float | None = None,
) -> str:
    """What the function is, what goes in and comes out, and what is assumed."""
    lines = [plain(title), ""]
    lines.append("Parameters" if parameters else "Parameters  none")
    for p in parameters:
        called = plain(p.quantity)
        quantity = "" if re.sub(r"[{}]", "", called) == p.name else f"{called}, "
        what = {
            "size": "a positive whole number",
            "label": f"{_shape(p.shape, sizes)}positions counted from 0" if p.shape else "a position counted from 0",
        }.get(p.kind, f"shape {shape_text(p.shape, sizes)}")
        lines.append(f"    {p.name}: {quantity}{what}")
    lines.append("")
    for n, (shape, indices) in enumerate(outputs):
        over = f", axes {', '.join(plain(i) for i in indices)}" if indices else ""
        lines.append(f"{'' if n else 'Returns':12}shape {shape_text(shape, sizes)}{over}")
    if any(p.kind != "size" for p in parameters):
        lines.append("            after leading batch axes, which all arguments may have and which broadcast")
    if assumes:
        lines += ["", "Assumes     " + "; ".join(plain(a) for a in assumes)]
    if parameters:
        lines += ["", "Domain      where what stands under Source is defined"]
    if units is not None:
        lines += [
            "",
            f"Measured    {units:.2f} units in the last place at the point of the self-test, in NumPy's float64",
        ]
    if formula:
        lines += ["", "Source", *(f"    {plain(line)}" for line in formula.split("\n"))]
    return "\n".join(lines)


def plain(words: str) -> str:
    r"""One line of printable ASCII; a backslash stays, a quotation mark becomes an apostrophe."""
    kept = "".join(c if c.isascii() and c.isprintable() else " " for c in words).replace('"', "'")
    return re.sub(r" +", " ", kept).strip()


def shape_text(shape: Sequence[Expr], sizes: dict[Symbol, str]) -> str:
    """A shape in the names of the sizes, as Python writes a tuple."""
    parts = [_length(n, sizes) for n in shape]
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def _shape(shape: Sequence[Expr], sizes: dict[Symbol, str]) -> str:
    return f"shape {shape_text(shape, sizes)}, "


def _length(n: Expr, sizes: dict[Symbol, str]) -> str:
    if isinstance(n, Symbol) and n in sizes:
        return sizes[n]
    if n.is_Add:
        constant, rest = n.as_coeff_Add()
        parts = [_length(t, sizes) for t in sorted(rest.args if rest.is_Add else (rest,), key=str)]
        parts += [str(constant)] if constant != 0 else []
        return " + ".join(parts).replace("+ -", "- ")
    if n.is_Mul:
        return " ".join(_length(t, sizes) for t in n.args).replace("-1 ", "-")
    return str(n)
