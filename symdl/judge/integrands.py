"""Relations between two integrals over one range, where they hold between what is integrated."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Integer, Mul, S, Symbol

from symdl.language import Integral, kinds, put
from symdl.problem import Relation

Asked = tuple[Relation, tuple[Relation, ...]]
"""A relation, and under which conditions it is asked."""


def by_integrands(relation: Relation) -> Iterator[tuple[Asked, ...]]:
    """Ways to show a relation between multiples of two integrals over one range: what is enough together.

    It holds between what is integrated, with the ends in order; or, if it is an equation, whatever the ends are.
    Nothing where the sides are others, or the sign says that they differ.
    """
    one, other = map(_multiple, relation.sides)
    if one is None or other is None or relation.sign not in ("=", "<=", ">=") or one[1].ends != other[1].ends:
        return
    (factor, first), (scale, second) = one, other
    x, (lo, hi) = first.variable, first.ends
    if not isinstance(x, Symbol) or not isinstance(second.variable, Symbol):
        return
    inside = Relation(factor * first.of, relation.sign, scale * put(second.of, {second.variable: x}))
    if lo is not S.Infinity and hi is not S.NegativeInfinity:
        above = (Relation(x, ">", lo),) if lo is not S.NegativeInfinity else ()
        below = (Relation(x, "<", hi),) if hi is not S.Infinity else ()
        in_order: tuple[Asked, ...] = ((Relation(hi - lo, ">=", Integer(0)), ()),) if above and below else ()
        yield ((inside, (*above, *below)), *in_order)
    if relation.sign == "=":
        yield ((inside, ()),)


def _multiple(side: Expr) -> tuple[Expr, Integral] | None:
    """A factor without integrals, and the one integral that it stands before."""
    factors = Mul.make_args(side)
    found = [f for f in factors if isinstance(f, Integral)]
    others = [f for f in factors if not isinstance(f, Integral)]
    if len(found) != 1 or any(Integral in kinds(f) for f in (*others, found[0].of, *found[0].ends)):
        return None
    return Mul(*others), found[0]
