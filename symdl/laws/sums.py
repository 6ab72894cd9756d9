"""Finite sums and products over an index."""

from sympy import Pow, exp

from symdl.language import At, Delta, Step
from symdl.laws import Depends, EachProduct, EachSum, Free, Hole, Inside, Law, Nonzero

c, f, u, v = (Hole(name) for name in "cfuv")
i, k, lo, hi = (Hole(name, integer=True) for name in ("i", "k", "lo", "hi"))

LAWS = [
    Law(
        "sum-sift",
        EachSum(i, lo, hi, Delta(i, k) * f),
        At(f, i, k),
        "only one term of the sum remains",
        (Free(k, i), Inside(k, lo, hi)),
    ),
    Law(
        "sum-sift-guarded",
        EachSum(i, lo, hi, Delta(i, k) * f),
        Step(k - lo, 1) * Step(hi - k, 1) * At(f, i, k),
        "only one term of the sum remains, if it is in the range",
        (Free(k, i),),
    ),
    Law(
        "sum-from",
        EachSum(i, lo, hi, Step(i - k, 1) * f),
        EachSum(i, k, hi, f),
        "the earlier terms are zero",
        (Free(k, i), Inside(k, lo, hi + 1)),
    ),
    Law(
        "sum-up-to",
        EachSum(i, lo, hi, Step(k - i, 1) * f),
        EachSum(i, lo, k, f),
        "the later terms are zero",
        (Free(k, i), Inside(k, lo - 1, hi)),
    ),
    Law("sum-constant", EachSum(i, lo, hi, c), (hi - lo + 1) * c, "equal terms", (Free(c, i),)),
    Law("sum-factor", EachSum(i, lo, hi, c * f), c * EachSum(i, lo, hi, f), "constant factor", (Free(c, i),)),
    Law(
        "sum-exponential",
        EachSum(i, lo, hi, exp(c + u) * f),
        exp(c) * EachSum(i, lo, hi, exp(u) * f),
        "constant factor of the exponentials",
        (Free(c, i), Depends(u, i)),
    ),
    Law("sum-add", EachSum(i, lo, hi, u + v), EachSum(i, lo, hi, u) + EachSum(i, lo, hi, v), "split the sum"),
    Law(
        "sum-geometric",
        EachSum(i, lo, hi, Pow(c, i)),
        (Pow(c, lo) - Pow(c, hi + 1)) / (1 - c),
        "geometric sum",
        (Free(c, i), Nonzero(1 - c)),
    ),
    Law(
        "sum-geometric-down",
        EachSum(i, lo, hi, Pow(c, k - i)),
        (Pow(c, k - hi) - Pow(c, k - lo + 1)) / (1 - c),
        "geometric sum",
        (Free(c, i), Free(k, i), Nonzero(1 - c)),
    ),
    Law("product-constant", EachProduct(i, lo, hi, c), Pow(c, hi - lo + 1), "equal factors", (Free(c, i),)),
    Law(
        "product-factor",
        EachProduct(i, lo, hi, c * f),
        Pow(c, hi - lo + 1) * EachProduct(i, lo, hi, f),
        "constant factor of the product",
        (Free(c, i),),
    ),
    Law("sum-one", EachSum(i, lo, lo, f), At(f, i, lo), "a single term"),
    Law("product-one", EachProduct(i, lo, lo, f), At(f, i, lo), "a single factor"),
]
