"""In which order open letters are meant by how a line is written."""

from __future__ import annotations

from sympy import Expr, Integer, Symbol

from symdl.judge.whole import linear
from symdl.language import is_closed, is_index, subterms
from symdl.problem import Relation


def orders_of(*terms: Expr) -> tuple[Relation, ...]:
    """That exponents which are differences of open letters, as in w^{t-k}, are not negative.

    A line that holds an exponent and its negative says nothing of the order.
    """
    powers = (t for term in terms for t in subterms(term) if t.is_Pow and t.base != -1)
    found = dict.fromkeys(t.exp for t in powers if is_closed(t.exp) and _is_difference(t.exp))
    return tuple(Relation(e, ">=", Integer(0)) for e in found if -e not in found)


def _is_difference(exponent: Expr) -> bool:
    form = linear(exponent)
    signs = {c for s, c in form[0] if isinstance(s, Symbol) and is_index(s)} if form is not None else set()
    return min(signs, default=0) < 0 < max(signs, default=0)
