"""Terms that stand for a numeric form: what they mean, and that SymPy leaves them alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Expr, Function, Integer, Symbol, cosh, exp, log, tanh

from symdl.language import Binder, Maximum, Sigma, walk
from symdl.numeric.program import next_letters


class Inert(Expr):
    """A term that SymPy leaves alone."""

    is_commutative = True
    is_real = True


class Bracket(Inert):
    """A sum that is worked out before anything is added to it."""


class Weighted(Inert):
    """The inside w e^b of a sum of exponentials; `args` = (w, b)."""


class Lse(Binder):
    """log of the sum of w_j e^{b_j}; `args` = (lo, hi, Weighted(w, b))."""

    @classmethod
    def over(cls, index: Symbol, lo: Expr, hi: Expr, weight: Expr, exponent: Expr) -> Lse:
        """The logarithm of the sum of weight * e^exponent while `index` runs from `lo` to `hi`."""
        sigma = Sigma.over(index, lo, hi, Weighted(weight, exponent))
        return cls(lo, hi, sigma.args[2])


class Share(Inert):
    """e^a divided by a sum of exponentials that has e^a among its terms; `args` = (a, lse), lse the logarithm."""


class OverSum(Inert):
    """e^a divided by any sum of weighted exponentials; `args` = (a, lse)."""


class LogShare(Inert):
    """a minus an `Lse`; `args` = (a, lse)."""


class Rest(Inert):
    """1 - e^a/S, the sum of all other shares; `args` = (a, lse), e^a among the terms of S."""


class LogRest(Inert):
    """The logarithm of a `Rest`."""


class LessMean(Inert):
    """An entry of a sum less the mean of all its terms; `args` = (index, sum)."""


class LogAddExp(Inert):
    """log(e^a + e^b + …); `args` = (a, b, …)."""


class ShareOf(Inert):
    """e^a/(e^b + e^c + …); `args` = (a, b, c, …)."""


class Expm1(Function):
    """e^x - 1."""

    is_real = True


class ExpExcess(Function):
    """e^x - 1 - x."""

    is_real = True


class RootGap(Function):
    """r - w, where r is a root; `args` = (r, w, r^2 - w^2)."""

    is_real = True


class Apart(Function):
    """x - y, which is 0 where both are the same, be it infinite."""

    is_real = True


class ExpGap(Function):
    """(e^x - 1)/max(e^x, 1): 1 - e^-|x| with the sign of x."""

    is_real = True


class LogGap(Function):
    """log(1 - e^-x), x positive."""

    is_real = True


class LogCosh(Function):
    """log(cosh(x))."""

    is_real = True


class Sech(Function):
    """1/cosh(x)."""

    is_real = True


class Log1p(Function):
    """log(1 + x)."""

    is_real = True


class LogRatio(Function):
    """log(x/y), x/y positive."""

    is_real = True


class LogProduct(Inert):
    """log(x/y), x and y products of which the factors may be far larger or smaller; `args` = (x, y)."""


class SoftplusMean(Function):
    """a log(1 + e^x) + b log(1 + e^-x); `args` = (a, b, x)."""

    is_real = True


class LogExcess(Function):
    """d - l, where l is log(1 + d)."""

    is_real = True


class Sech2(Function):
    """1 - tanh(x)^2."""

    is_real = True


def _less_mean(at: Expr, sigma: Expr) -> Expr:
    assert isinstance(sigma, Sigma)
    return sigma.open(at) - sigma / (sigma.hi - sigma.lo + 1)


_MEANINGS: dict[Any, Callable[..., Expr]] = {
    Bracket: lambda x: x,
    Share: lambda a, lse: exp(a - lse),
    OverSum: lambda a, lse: exp(a - lse),
    LogShare: lambda a, lse: a - lse,
    Rest: lambda a, lse: 1 - exp(a - lse),
    LogRest: lambda a, lse: log(1 - exp(a - lse)),
    LessMean: _less_mean,
    LogAddExp: lambda *terms: log(sum((exp(t) for t in terms), Integer(0))),
    ShareOf: lambda a, *terms: exp(a) / sum((exp(t) for t in terms), Integer(0)),
    Expm1: lambda x: exp(x) - 1,
    ExpExcess: lambda x: exp(x) - 1 - x,
    RootGap: lambda r, w, gap: gap / (r + w),
    Apart: lambda x, y: x - y,
    ExpGap: lambda x: (exp(x) - 1) / exp(Maximum(x, 0)),
    LogGap: lambda x: log(1 - exp(-x)),
    LogCosh: lambda x: log(cosh(x)),
    Sech: lambda x: 1 / cosh(x),
    Log1p: lambda x: log(1 + x),
    LogRatio: lambda x, y: log(x / y),
    SoftplusMean: lambda a, b, x: a * log(1 + exp(x)) + b * log(1 + exp(-x)),
    LogProduct: lambda x, y: log(x / y),
    LogExcess: lambda d, l: d - l,  # noqa: E741
    Sech2: lambda x: 1 - tanh(x) ** 2,
}


def meaning(expr: Expr) -> Expr:
    """The same value in the language that symdl reads and judges."""

    def visit(term: Expr) -> Expr | None:
        if isinstance(term, Lse):
            (j,) = next_letters(term, 1)
            weight, exponent = term.open(j).args
            return log(Sigma.over(j, term.lo, term.hi, meaning(weight) * exp(meaning(exponent))))
        stated = _MEANINGS.get(type(term))
        if stated is None:
            return None
        if isinstance(term, (Share, OverSum, Rest, LogRest)) and isinstance(term.args[1], Lse):
            share = exp(meaning(term.args[0])) / meaning(term.args[1]).args[0]
            return (
                share if isinstance(term, (Share, OverSum)) else 1 - share if isinstance(term, Rest) else log(1 - share)
            )
        return stated(*(meaning(a) for a in term.args))

    return walk(expr, visit)
