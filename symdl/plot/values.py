"""Values of expressions on arrays of numbers, for drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import erf as special_erf
from sympy import (
    Abs,
    Add,
    Derivative,
    Expr,
    Mul,
    Pow,
    Symbol,
    atan,
    cos,
    cosh,
    diff,
    erf,
    exp,
    log,
    sin,
    sinh,
    tan,
    tanh,
)

from symdl.errors import SymdlError
from symdl.language import Cases, Maximum, Minimum, Step
from symdl.language.functions import by_head

Array = Any

_HEADS: dict[Any, Callable[[Array], Array]] = {
    exp: np.exp,
    log: np.log,
    sin: np.sin,
    cos: np.cos,
    tan: np.tan,
    sinh: np.sinh,
    cosh: np.cosh,
    tanh: np.tanh,
    atan: np.arctan,
    Abs: np.abs,
    erf: special_erf,
}


class NoPictureError(SymdlError):
    """Something that cannot be drawn; the text says what."""


def value(expr: Expr, at: Mapping[Expr, Array]) -> Array:
    """The value of `expr`, with NaN outside its domain.

    Raises  `NoPictureError` where a letter has no value or a function is not known.
    """
    with np.errstate(all="ignore"):
        return _value(expr, at)


def derivative(f: Expr, x: Symbol) -> Expr:
    """The derivative of a function in plain letters, case by case where it is split."""
    found = diff(f, x)
    inner = {d: d.expr for d in found.atoms(Derivative) if isinstance(d.expr, Cases)}
    for d, split in inner.items():
        parts = [e for value, condition in split.branches for e in (derivative(value, x), condition)]
        found = found.xreplace({d: Cases(*parts, derivative(split.otherwise, x))})
    return found


def _value(expr: Expr, at: Mapping[Expr, Array]) -> Array:
    if expr in at:
        found = at[expr]
        return float(found) if isinstance(found, Expr) else found
    if expr.is_number and not expr.has(Symbol):
        number = expr.evalf(20)
        return float(number) if number.is_extended_real else np.nan
    if isinstance(expr, Add):
        return sum(_value(a, at) for a in expr.args)
    if isinstance(expr, Mul):
        product: Array = 1.0
        for a in expr.args:
            product = product * _value(a, at)
        return product
    if isinstance(expr, Pow):
        base, power = _value(expr.base, at), _value(expr.exp, at)
        return np.power(np.asarray(base, dtype=float), power)
    if isinstance(expr, Step):
        u = _value(expr.u, at)
        return np.where(u > 0, 1.0, np.where(u < 0, 0.0, float(expr.at_zero)))
    if isinstance(expr, Cases):
        found = _value(expr.otherwise, at)
        for v, condition in reversed(expr.branches):
            found = np.where(np.asarray(_value(condition, at)) == 1, _value(v, at), found)
        return found
    if isinstance(expr, (Maximum, Minimum)):
        pick = np.maximum if isinstance(expr, Maximum) else np.minimum
        found = _value(expr.args[0], at)
        for a in expr.args[1:]:
            found = pick(found, _value(a, at))
        return found
    head = _HEADS.get(type(expr))
    if head is not None:
        return head(_value(expr.args[0], at))
    record = by_head().get(type(expr))
    if record is not None and record.definition is not None:
        return _value(record.definition(*expr.args), at)
    raise NoPictureError(f"{expr} has no value to draw: give every letter that is not a variable a number")
