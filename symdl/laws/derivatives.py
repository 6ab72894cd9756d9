"""Differentiation, one law per form of the expression under the derivative."""

from sympy import Function, Integer, Pow, log

from symdl.language import At, Cases, D, Delta, Maximum, Minimum, Step
from symdl.language.functions import ScalarFunction, records
from symdl.laws import Depends, EachProduct, EachSum, Free, Hole, Known, Law, Nonzero, Positive
from symdl.problem import Relation

x, u, v, c, f = (Hole(name) for name in "xuvcf")
n = Hole("n")
i, k, lo, hi = (Hole(name, integer=True) for name in ("i", "k", "lo", "hi"))


def _elementary(record: ScalarFunction) -> Law:
    """The chain rule for one elementary function, whose own derivative is SymPy's."""
    outer: Function = record.head(u)
    domain = (Positive(u),) if record.domain == "x > 0" else ()
    because = ("chain rule with ", Relation(D(outer, u), "=", outer.fdiff(1)))
    return Law(f"d-{record.name}", D(outer, x), outer.fdiff(1) * D(u, x), because, (Depends(u, x), *domain))


LAWS = [
    Law("d-constant", D(c, x), Integer(0), "constants", (Free(c, x),)),
    Law("d-sum", D(u + v, x), D(u, x) + D(v, x), "term by term"),
    Law("d-factor", D(c * u, x), c * D(u, x), "constant factor", (Free(c, x), Depends(u, x))),
    Law("d-quotient", D(u / v, x), (v * D(u, x) - u * D(v, x)) / v**2, "quotient rule", (Depends(u, x), Depends(v, x))),
    Law("d-product", D(u * v, x), v * D(u, x) + u * D(v, x), "product rule", (Depends(u, x), Depends(v, x))),
    Law("d-power", D(Pow(u, n), x), n * Pow(u, n - 1) * D(u, x), "power rule", (Free(n, x), Depends(u, x))),
    Law(
        "d-exponential",
        D(Pow(c, u), x),
        Pow(c, u) * log(c) * D(u, x),
        "derivative of a power by its exponent",
        (Free(c, x), Depends(u, x), Positive(c)),
    ),
    Law(
        "d-power-of-both",
        D(Pow(u, v), x),
        Pow(u, v) * (log(u) * D(v, x) + v * D(u, x) / u),
        "logarithmic derivative of the power",
        (Depends(u, x), Depends(v, x), Positive(u)),
    ),
    *(_elementary(r) for r in records().values() if isinstance(r, ScalarFunction) and r.definition is None),
    Law("d-under-sum", D(EachSum(i, lo, hi, f), x), EachSum(i, lo, hi, D(f, x)), "under the finite sum"),
    Law(
        "d-under-positive-product",
        D(EachProduct(i, lo, hi, f), x),
        EachProduct(i, lo, hi, f) * EachSum(i, lo, hi, D(f, x) / f),
        "logarithmic derivative of the product",
        (Known(Positive(f)),),
    ),
    Law(
        "d-under-product",
        D(EachProduct(i, lo, hi, f), x),
        EachSum(k, lo, hi, D(At(f, i, k), x) * EachProduct(i, lo, hi, Cases(f, 1 - Delta(i, k), 1))),
        "product rule, factor by factor",
    ),
    Law("d-indicator", D(Step(u, c), x), Integer(0), "an indicator is constant away from its jump", (Nonzero(u),)),
    Law(
        "d-maximum",
        D(Maximum(u, v), x),
        Cases(D(v, x), Step(v - u), D(u, x)),
        "away from the kink",
        (Nonzero(v - u),),
    ),
    Law(
        "d-minimum",
        D(Minimum(u, v), x),
        Cases(D(v, x), Step(u - v), D(u, x)),
        "away from the kink",
        (Nonzero(v - u),),
    ),
]
