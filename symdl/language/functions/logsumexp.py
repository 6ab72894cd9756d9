"""The logarithm of the sum of the exponentials of a family."""

from collections.abc import Callable

from sympy import Expr, Symbol, exp, log

from symdl.language.binders import Sigma
from symdl.language.functions import FamilyFunction


def _component(z: Callable[[Expr], Expr], lo: Expr, hi: Expr, i: Expr | None) -> Expr:
    j = Symbol("logsumexp index", integer=True)
    return log(Sigma.over(j, lo, hi, exp(z(j))))


RECORD = FamilyFunction(
    name="logsumexp",
    latex=r"\operatorname{logsumexp}",
    spellings=("logsumexp", "LSE", "lse", "LogSumExp"),
    component=_component,
    is_total=True,
)
