"""Logarithms of products, quotients, powers and exponentials."""

from sympy import Pow, log

from symdl.laws import EachProduct, EachSum, Hole, Law, Positive

u, v, f, n = (Hole(name) for name in "uvfn")
i, lo, hi = (Hole(name, integer=True) for name in ("i", "lo", "hi"))

LAWS = [
    Law("log-quotient", log(u / v), log(u) - log(v), "logarithm of a quotient", (Positive(u), Positive(v))),
    Law("log-power", log(Pow(u, n)), n * log(u), "logarithm of a power", (Positive(u),)),
    Law("log-product", log(u * v), log(u) + log(v), "logarithm of a product", (Positive(u), Positive(v))),
    Law(
        "log-of-product",
        log(EachProduct(i, lo, hi, f)),
        EachSum(i, lo, hi, log(f)),
        "logarithm of a product",
        (Positive(f),),
    ),
]
