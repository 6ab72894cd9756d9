"""The command `read`: how a formula is read, by symdl's reader and by latex2sympy2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdl.errors import Place
from symdl.problem import Block, Givens
from symdl.read import read_chains, read_text
from symdl.read.second import second_reading
from symdl.write import latex_of


def readings(formula: str, givens: Sequence[str]) -> Iterator[str]:
    """The lines to print.

    Raises  `ReadError` where symdl cannot read the formula.
    """
    document = "\n\n".join(["## Given", *(f"$$\n{given}\n$$" for given in givens)]) + "\n"
    context = read_text(document, "<given>")[0].givens if givens else Givens()
    for chain in read_chains(Block("display", formula, Place("<command line>", 1, 1)), context):
        for side in chain.sides:
            if side.error is not None:
                raise side.error
        sides = [s.expr for s in chain.sides if s.expr is not None]
        shown = [latex_of(side, context, chain.ranges) for side in sides]
        yield "symdl"
        yield f"    reads    {_joined(shown, chain.signs)}"
        yield f"    as       {_joined([str(side) for side in sides], chain.signs)}"
        for letter, run in chain.ranges.items():
            yield f"    with     {letter} = {run.lo}, ..., {run.hi}"
    yield "latex2sympy2"
    second = second_reading(formula)
    if second is None:
        yield "    not installed: pip install 'symdl[latex2sympy2]'"
    else:
        yield f"    as       {second}" if not isinstance(second, str) else f"    {second}"


def _joined(sides: Sequence[str], signs: Sequence[str]) -> str:
    rest = (f" {sign} {side}" for sign, side in zip(signs, sides[1:], strict=False))
    return sides[0] + "".join(rest)
