"""Derivatives that are worked out while a formula is read, because an expectation is taken of them."""

from __future__ import annotations

from sympy import Add, Expr, Indexed, Mul, Pow, S, Symbol, exp, log

from symdl.language import Sigma, free_symbols, open_fresh

_LETTERS = "ijklmnrsuvabcd"
_PLAIN = (Symbol, Indexed, exp, log)


def slope(expr: Expr, x: Symbol) -> Expr | None:
    """The derivative of a formula of plain terms and sums by a number; None of one with anything else in it."""
    if x not in free_symbols(expr):
        return S.Zero
    if isinstance(expr, Sigma):
        if x in free_symbols(expr.lo) | free_symbols(expr.hi):
            return None
        (letter,), body = open_fresh(expr, _LETTERS, free_symbols(expr))
        inner = slope(body, x)
        return None if inner is None else Sigma.over(letter, expr.lo, expr.hi, inner)
    if not isinstance(expr, (Add, Mul, Pow, *_PLAIN)):
        return None
    if expr == x:
        return S.One
    if isinstance(expr, log) and isinstance(expr.args[0], (Mul, Pow, exp)):
        # The derivative is that of e log b for each factor b^e.
        return slope(Add(*map(_logarithm, Mul.make_args(expr.args[0]))), x)
    # The derivative by each argument, all others held.
    total: Expr = S.Zero
    for n, argument in enumerate(expr.args):
        inner = slope(argument, x)
        if inner is None:
            return None
        if inner != 0:
            total += inner * _by_argument(expr, n)
    return total


def _logarithm(factor: Expr) -> Expr:
    if isinstance(factor, exp):
        return factor.args[0]
    return factor.exp * log(factor.base) if isinstance(factor, Pow) else log(factor)


def _by_argument(expr: Expr, n: int) -> Expr:
    """The derivative of a sum, a product, a power, an exponential or a logarithm by one of its arguments."""
    if isinstance(expr, Add):
        return S.One
    if isinstance(expr, Mul):
        return Mul(*(a for k, a in enumerate(expr.args) if k != n))
    if isinstance(expr, Pow):
        base, exponent = expr.args
        return exponent * base ** (exponent - 1) if n == 0 else expr * log(base)
    return expr if isinstance(expr, exp) else 1 / expr.args[0]
