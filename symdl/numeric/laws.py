r"""The identities that keep digits, one fact each, as data: a form that loses them, one that does not, and the reason.

`EXCESSES` and `SUMS` are found in any sum, also multiplied by a common factor, `PRODUCTS` and `LOGARITHMS` as they
stand; `SUMMATIONS` are what the forms of sums of exponentials are worked out by.  Each is an identity that the judge
proves.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Abs, Expr, Integer, Symbol, cosh, exp, log, sinh, sqrt, tanh

from symdl.language import Delta, Maximum, Sigma, family, index, put, size
from symdl.language.functions.sigmoid import Sigmoid
from symdl.language.functions.softplus import Softplus
from symdl.laws import Hole
from symdl.numeric.terms import (
    Apart,
    ExpExcess,
    ExpGap,
    Expm1,
    Log1p,
    LogCosh,
    LogExcess,
    LogGap,
    LogRatio,
    Rest,
    RootGap,
    Sech,
    Sech2,
    Share,
    SoftplusMean,
)


class Label(Hole):
    """A place for a plain quantity, an indicator, or 1 less one of these."""


class Saturating(Hole):
    """A place for a function that comes so close to 1 that 1 minus it has no digits left."""


class Indicator(Hole):
    """A place for an indicator, which is 0 or 1."""


class Power(Hole):
    """A place for a product of powers of plain quantities."""


@dataclass(frozen=True)
class StableLaw:
    """`lhs = rhs` for all fillings of its holes; the right side is evaluated with all digits, `because` says why.

    `positive` is what has to be positive and `nonzero` what must not be 0 for both sides to have a value; with
    `is_factor` a right side that is a sum stays in its bracket.
    """

    id: str
    lhs: Expr
    rhs: Expr
    because: str
    positive: tuple[Expr, ...] = ()
    nonzero: tuple[Expr, ...] = ()
    is_factor: bool = False


u, v, w = (Hole(name) for name in "uvw")
label = Label("y", real=True)
g = Saturating("g", real=True)
m = Power("m", real=True)
chosen = Indicator("d", real=True)

EXCESSES = (
    StableLaw(
        "log-excess-of-square",
        m**2 - 1 - log(m**2),
        (m - 1) ** 2 + 2 * LogExcess(m - 1, log(m)),
        "near m = 1 the first terms of the series cancel; two terms are left that are not negative",
        (m,),
    ),
    StableLaw(
        "log-excess", m - 1 - log(m), LogExcess(m - 1, log(m)), "near m = 1 the first terms of the series cancel", (m,)
    ),
)

SUMS = (
    StableLaw("exp-excess", exp(u) - 1 - u, ExpExcess(u), "for small u the first two terms of the series cancel"),
    StableLaw("exp-complement", exp(u) - 1, Expm1(u), "for small u the digits of u are lost beside 1"),
    StableLaw(
        "exp-difference",
        exp(v) - exp(w),
        ExpGap(Apart(v, w)) * exp(Maximum(v, w)),
        "where the exponents are close the two cancel; the larger exponential can be scaled as a factor",
    ),
    StableLaw("sigma-difference", Sigmoid(u) - Sigmoid(-u), tanh(u / 2), "for small u both are near 1/2"),
    StableLaw("sigma-total", Sigmoid(u) + Sigmoid(-u), Integer(1), "the sum is known"),
    StableLaw("sigma-half", 1 - 2 * Sigmoid(u), -tanh(u / 2), "for small u it is near 1/2"),
    StableLaw("sigma-complement", 1 - Sigmoid(u), Sigmoid(-u), "in the tail it rounds to 1"),
    StableLaw("share-complement", 1 - Share(u, w), Rest(u, w), "a share that rounds to 1 has its digits in the others"),
    StableLaw("tanh-square-complement", 1 - tanh(u) ** 2, Sech2(u), "in the tails the square rounds to 1"),
    StableLaw("tanh-complement", 1 - tanh(u), 2 * Sigmoid(-2 * u), "in the tail it rounds to 1"),
    StableLaw("tanh-sum", 1 + tanh(u), 2 * Sigmoid(2 * u), "in the tail it rounds to -1"),
    StableLaw(
        "softplus-positive-part", Maximum(u, 0) + Softplus(-Abs(u)), Softplus(u), "one function instead of two cases"
    ),
    StableLaw("softplus-less-argument", Softplus(u) - u, Softplus(-u), "for large u the two cancel"),
    StableLaw(
        "softplus-less-part",
        Softplus(u) - label * u,
        SoftplusMean(1 - label, label, u),
        "for large u and a label of 1 the two cancel; for a label from 0 to 1 nothing is left to cancel",
    ),
    StableLaw(
        "saturated-less-label",
        g - label,
        g * (1 - label) - label * (1 - g),
        "where the label is 1 the difference is what is missing to 1; the complement has its own form",
    ),
    StableLaw(
        "indicator-complement",
        1 - chosen,
        1 - chosen,
        "as one factor it switches off what may overflow where the indicator is 1",
        is_factor=True,
    ),
    StableLaw(
        "root-gap",
        sqrt(v) - w,
        RootGap(sqrt(v), w, v - w**2),
        "where the two are close they cancel; what their squares differ by is known before anything is rounded",
        (v,),
    ),
    StableLaw("squares", v**2 - w**2, (v - w) * (v + w), "squares that are rounded first leave no digits of v - w"),
    StableLaw(
        "square-of-difference", v**2 - 2 * v * w + w**2, (v - w) ** 2, "the three products cancel where v is near w"
    ),
    StableLaw("quotient-difference", v / u - w / u, (v - w) / u, "quotients that are rounded first leave no digits"),
)

PRODUCTS = (
    StableLaw(
        "sigma-slope", Sigmoid(u) * Sigmoid(-u), Sech2(u / 2) / 4, "one exponential instead of two, and fewer roundings"
    ),
    StableLaw("sinh-over-cosh", sinh(u) / cosh(u), tanh(u), "for large u both overflow"),
    StableLaw("one-over-cosh", 1 / cosh(u), Sech(u), "for large u cosh overflows where the quotient has digits"),
)

LOGARITHMS = (
    StableLaw("log-sigma", log(Sigmoid(u)), -Softplus(-u), "for large -u the sigmoid underflows"),
    StableLaw("log-softplus", log(1 + exp(u)), Softplus(u), "for large u the exponential overflows"),
    StableLaw("log-cosh", log(cosh(u)), LogCosh(u), "for large u cosh overflows, for small u it rounds to 1"),
    StableLaw("log-sinh", log(sinh(u)), u + LogGap(2 * u) - log(Integer(2)), "for large u sinh overflows", (u,)),
    StableLaw("log-gap", log(ExpGap(u)), LogGap(u), "for large u the difference rounds to 1", (u,)),
    StableLaw("log-exp-less-one", log(exp(u) - 1), u + LogGap(u), "for large u the exponential overflows", (u,)),
    StableLaw("log-exp-complement", log(1 - exp(-u)), LogGap(u), "for large u the difference rounds to 1", (u,)),
    StableLaw("log-one-plus", log(1 + u), Log1p(u), "for small u the digits of u are lost beside 1", (1 + u,)),
    StableLaw("log-ratio", log(v / w), LogRatio(v, w), "where v is near w the quotient rounds to 1", (v, w)),
    StableLaw(
        "log-square", log(v**2), 2 * log(Abs(v)), "a square near 1 is rounded before its logarithm", nonzero=(v,)
    ),
)

_K, _j, _k, _c, _s = size("K"), index("j"), index("k"), Symbol("c", real=True), Symbol("s", real=True)


def _z(at: Expr) -> Expr:
    return family("z", at)


def _total(body: Expr) -> Expr:
    return Sigma.over(_j, Integer(1), _K, body)


_share = exp(_z(_j)) / _total(exp(_z(_j)))
_others = _total((1 - Delta(_j, _k)) * exp(_z(_j) - _z(_k)))

SUMMATIONS = (
    StableLaw(
        "share-shift",
        exp(_z(_k)) / _total(exp(_z(_j))),
        exp(_z(_k) - _c) / _total(exp(_z(_j) - _c)),
        "with the largest exponent for c nothing overflows",
    ),
    StableLaw(
        "log-share",
        log(exp(_z(_k)) / _total(exp(_z(_j)))),
        _z(_k) - _c - log(_total(exp(_z(_j) - _c))),
        "the logarithm of a quotient that may underflow; a common offset is gone before anything is rounded",
    ),
    StableLaw(
        "log-sum-largest",
        log(_total(exp(_z(_j)))),
        _z(_k) + log(1 + _others),
        "with the largest exponent for z_k the rest is small, and log1p keeps its digits",
    ),
    StableLaw(
        "share-rest",
        1 - exp(_z(_k)) / _total(exp(_z(_j))),
        _total((1 - Delta(_j, _k)) * exp(_z(_j))) / _total(exp(_z(_j))),
        "a share that rounds to 1 has all its digits in the others",
    ),
    StableLaw(
        "sum-less-entry",
        _total(exp(_z(_j))) - exp(_z(_k)),
        _total((1 - Delta(_j, _k)) * exp(_z(_j))),
        "the largest entry would take all digits of the others with it",
    ),
    StableLaw(
        "log-sum-less-mean",
        log(_total(exp(_z(_j)))) - _total(family("y", _j) * _z(_j)),
        (1 - _total(family("y", _j))) * log(_total(exp(_z(_j))))
        - _total(family("y", _j) * (_z(_j) - log(_total(exp(_z(_j)))))),
        "a common offset cancels entry by entry; the first term vanishes for labels that sum to 1",
    ),
    StableLaw(
        "entry-less-mean",
        family("y", _k) - _total(family("y", _j) * _share),
        (family("y", _k) - _c) - _total((family("y", _j) - _c) * _share),
        "with the entry for c whose share is nearly 1, the two no longer cancel",
    ),
    StableLaw(
        "squares-less-square",
        _K * _total(family("y", _j) ** 2) - _total(family("y", _j)) ** 2,
        _K * _total((family("y", _j) - _total(family("y", _j)) / _K) ** 2),
        "a common offset of the entries would take all digits of their differences with it",
    ),
    StableLaw(
        "pair-share",
        exp(u) / (exp(u) + exp(v)),
        Sigmoid(u - v),
        "only the difference of the exponents matters",
    ),
    StableLaw(
        "pair-inverse-square",
        1 / (exp(u) + exp(v)) ** 2,
        exp(-u - v) * Sigmoid(u - v) * Sigmoid(v - u),
        "two factors that neither overflow nor cancel",
    ),
)


def stable_laws() -> tuple[StableLaw, ...]:
    """All laws, in the order in which they are tried."""
    return (*EXCESSES, *SUMS, *PRODUCTS, *LOGARITHMS, *SUMMATIONS)


def right(name: str, **holes: Expr) -> Expr:
    """The right side of a law with these fillings of its holes, by their names."""
    law = _BY_ID[name]
    return put(law.rhs, {h: holes[h.name] for h in law.lhs.free_symbols if isinstance(h, Hole)})


_BY_ID = {law.id: law for law in stable_laws()}
