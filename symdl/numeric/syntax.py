"""Pieces of Python source, as trees: names, calls, numbers, index expressions."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from typing import Any

from sympy import Add, E, EulerGamma, Expr, Mul, S, Symbol, pi

from symdl.errors import NoFunctionError
from symdl.language import Maximum, Minimum
from symdl.numeric.program import Program

_CONSTANTS = {pi: "np.pi", E: "np.e", EulerGamma: "np.euler_gamma"}


def exact_number(value: Expr) -> ast.expr:
    """A constant, as a quotient where it is one that no float is equal to.

    Fails   raises NoFunctionError where it is too large for a float.
    """
    special = {S.NaN: "np.nan", S.Infinity: "np.inf", **_CONSTANTS}
    if value in special:
        return dotted(special[value])
    if value is S.NegativeInfinity:
        return ast.UnaryOp(ast.USub(), dotted("np.inf"))
    if value.is_Rational and value.q > 1 and max(abs(value.p), value.q) < 2**53:
        exact = float(value)
        if exact.as_integer_ratio() != (value.p, value.q):
            return binary(ast.Div, number(float(value.p)), number(float(value.q)))
    found = float(value)
    if math.isinf(found):
        raise NoFunctionError("a number in the result is too large for a float")
    return number(found)


def integer(expr: Expr, names: Mapping[Symbol, str]) -> ast.expr:
    """An index expression of sizes and counters.

    Fails   raises NoFunctionError where it holds anything else.
    """
    if expr.is_Integer:
        return number(int(expr))
    if isinstance(expr, Symbol) and expr in names:
        return ast.Name(names[expr])
    if isinstance(expr, Add):
        constant, rest = expr.as_coeff_Add()
        terms = sorted(Add.make_args(rest), key=lambda t: (bool(t.as_coeff_Mul()[0] < 0), str(t)))
        found = integer(terms[0], names)
        for term in [*terms[1:], *([constant] if constant != 0 else [])]:
            negative = term.as_coeff_Mul()[0] < 0
            found = binary(ast.Sub if negative else ast.Add, found, integer(-term if negative else term, names))
        return found
    if isinstance(expr, Mul) and all(a.is_Integer or isinstance(a, Symbol) for a in expr.args):
        found = integer(expr.args[0], names)
        for arg in expr.args[1:]:
            found = binary(ast.Mult, found, integer(arg, names))
        return found
    if isinstance(expr, (Maximum, Minimum)):
        return call("max" if isinstance(expr, Maximum) else "min", *(integer(a, names) for a in expr.args))
    raise NoFunctionError(f"{expr} cannot be counted from the sizes of the arguments")


def arguments(program: Program) -> ast.arguments:
    """The parameters of a function, all of them by keyword, with their defaults."""
    return ast.arguments(
        posonlyargs=[],
        args=[],
        kwonlyargs=[ast.arg(p.name) for p in program.parameters],
        kw_defaults=[_default(p.default) for p in program.parameters],
        defaults=[],
    )


def _default(value: Any) -> ast.expr | None:
    if value is None:
        return None
    return as_tuple([_default(x) or number(0.0) for x in value]) if isinstance(value, tuple) else number(value)


def indented(document: str) -> str:
    """A docstring as it stands in a function."""
    first, *rest = document.split("\n")
    return "\n".join([first, *(f"    {line}" if line else "" for line in rest), "    "])


def number(value: Any) -> ast.expr:
    """A number."""
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def dotted(name: str) -> ast.expr:
    """A name with dots in it."""
    first, *rest = name.split(".")
    found: ast.expr = ast.Name(first)
    for part in rest:
        found = ast.Attribute(found, part)
    return found


def call(name: str, *args: ast.expr) -> ast.Call:
    """A call of a function by its name."""
    return ast.Call(dotted(name), list(args), [])


def binary(op: type[ast.operator], left: ast.expr, right: ast.expr) -> ast.BinOp:
    """An operation on two values."""
    return ast.BinOp(left, op(), right)


def as_tuple(parts: Sequence[ast.expr]) -> ast.Tuple:
    """Several values as one."""
    return ast.Tuple(list(parts))


def subscript(value: ast.expr, keys: Sequence[ast.expr]) -> ast.Subscript:
    """A part of an array."""
    return ast.Subscript(value, keys[0] if len(keys) == 1 else as_tuple(keys))


def assign(name: str, value: ast.expr) -> ast.Assign:
    """The statement that gives a value a name."""
    return ast.Assign([ast.Name(name, ast.Store())], value, lineno=0)


def moved(value: ast.expr, order: list[int]) -> ast.expr:
    """An array with its last axes in another order."""
    if order == sorted(order):
        return value
    places = [[number(n - len(order)) for n in at] for at in (order, range(len(order)))]
    return call("np.moveaxis", value, *(as_tuple(p) for p in places))
