"""The softmax of a family of logits."""

from collections.abc import Callable

from sympy import Expr, Symbol, exp

from symdl.language.binders import Sigma
from symdl.language.functions import FamilyFunction


def _component(z: Callable[[Expr], Expr], lo: Expr, hi: Expr, i: Expr | None) -> Expr:
    j = Symbol("softmax index", integer=True)
    assert i is not None
    return exp(z(i)) / Sigma.over(j, lo, hi, exp(z(j)))


RECORD = FamilyFunction(
    name="softmax", latex=r"\operatorname{softmax}", spellings=("softmax", "Softmax"), component=_component
)
