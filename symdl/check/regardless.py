"""Whether a line fails whatever some of its names are, so that nothing that is said of these can save it.

With its slip undone a line is proved.  So it holds as it is written where both right sides are equal, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection

from sympy import (
    Add,
    AtomicExpr,
    Expr,
    Function,
    Indexed,
    Mul,
    Pow,
    Symbol,
    atan,
    cos,
    cosh,
    erf,
    exp,
    log,
    sin,
    sinh,
    tan,
    tanh,
)

from symdl.check.context import Context
from symdl.check.undoing import Slip
from symdl.language import D, Determinant, Inverse, Sigma, is_closed, subterms
from symdl.language.functions.gelu import GELU
from symdl.language.functions.sigmoid import Sigmoid
from symdl.language.functions.silu import SiLU
from symdl.language.functions.softplus import Softplus

_SMOOTH = (
    Add, Mul, AtomicExpr, Indexed, Sigma, D, Inverse, Determinant, exp, log, sin, cos, tan, sinh, cosh, tanh, atan, erf,
    Sigmoid, Softplus, SiLU, GELU,
)  # fmt: skip
"""What changes with its parts without kinks or jumps; a power does if it is no root."""
_ONE_TO_ONE = (exp, log)


def fails_regardless(slip: Slip, right: Expr, names: Collection[Symbol], context: Context) -> bool:
    """Whether no values of some names make a right side equal to the one without its slip.

    None do where the two differ by what does not rest on these names, or by a factor at one place that does not: then
    they are equal only where 0 stands at that place, and nobody writes that down.
    """
    found = frozenset(names)
    factor = factor_between(right, slip.right)
    ways = ((right - slip.right).expand(), *(() if factor is None else (factor,)))
    return any(is_closed(way) and not context.names(way) & found for way in ways)


def factor_between(one: Expr, other: Expr) -> Expr | None:
    """What a place of one term is multiplied by in the other; None where they differ at more than one place."""
    if isinstance(one, Sigma) and isinstance(other, Sigma) and one.args[:-1] == other.args[:-1]:
        return factor_between(one.body, other.body)
    if one.func == other.func and one.func in (Add, Mul, *_ONE_TO_ONE):
        apart, beside = _apart(one.args, other.args), _apart(other.args, one.args)
        if len(apart) == len(beside) == 1 and (len(one.args) > 1 or isinstance(one, Function)):
            return factor_between(apart[0], beside[0])
    if isinstance(one, Add) or isinstance(other, Add) or 0 in (one, other):
        return None
    return other / one


def _apart(some: tuple[Expr, ...], others: tuple[Expr, ...]) -> list[Expr]:
    """The arguments that stand on one side alone."""
    return [a for a in some if a not in others]


def is_smooth(context: Context, *terms: Expr) -> bool:
    """Whether terms have no kinks, jumps or roots, so that two of them that differ anywhere do so nearly everywhere."""
    names = context.names(*terms)
    bodies = (d.body for d in context.givens.definitions if d.label in names)
    return all(map(_is_smooth, (t for term in (*terms, *bodies) for t in subterms(term))))


def _is_smooth(term: Expr) -> bool:
    """Whether the outermost part of a term is; a root forgets the sign of what was squared."""
    return isinstance(term, _SMOOTH) or (isinstance(term, Pow) and (term.exp.is_Integer or not term.exp.is_Rational))
