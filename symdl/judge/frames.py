r"""Exact matrices with orthonormal columns or rows, and exact unit vectors: for facts that ask for them.

A fact such as \sum_i W_{ij} W_{ik} = \delta_{jk} has no solution that changing one entry after another would find.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from flint import fmpq, fmpq_mat
from sympy import Expr, Indexed, Symbol

from symdl.judge.balls import Evaluation, NoValueError
from symdl.judge.world import Instance
from symdl.language import Bound, Delta, Sigma, indices_of, is_closed, label_of
from symdl.problem import Fact, Givens

MAX_SIDE = 12
"""The longest side of a matrix that is made."""


def set_frames(givens: Givens, instance: Instance) -> list[Fact] | None:
    """The facts that are left when families of which orthonormal entries are asked get these once they are drawn.

    Fails   with None where the sizes do not allow it.
    """
    asked: dict[Symbol, list[tuple[int, bool]]] = {}
    left: list[Fact] = []
    for fact in givens.facts:
        found = _asked(fact, givens)
        if found is None:
            left.append(fact)
        else:
            asked.setdefault(found[0], []).append(found[1:])
    return left if all(_set(label, wanted, givens, instance) for label, wanted in asked.items()) else None


def _asked(fact: Fact, givens: Givens) -> tuple[Symbol, int, bool] | None:
    """The family, the index position summed over, and whether different members are orthogonal; None where none is."""
    one, other = fact.relation.lhs, fact.relation.rhs
    if fact.relation.sign != "=":
        return None
    total, value = (one, other) if isinstance(one, Sigma) else (other, one)
    factors = list(_factors(total.body)) if isinstance(total, Sigma) else []
    if len(factors) != 2 or not all(isinstance(f, Indexed) for f in factors):
        return None
    label, ranges = label_of(factors[0]), givens.families.get(label_of(factors[0]), ())
    if label_of(factors[1]) != label or givens.definitions_of(label) or len(ranges) not in (1, 2):
        return None
    first, second = (indices_of(f) for f in factors)
    at = [n for n, (a, b) in enumerate(zip(first, second, strict=True)) if a == b == Bound(0)]
    if len(at) != 1 or (ranges[at[0]].lo, ranges[at[0]].hi) != (total.lo, total.hi):
        return None
    rest = [(a, b) for n, (a, b) in enumerate(zip(first, second, strict=True)) if n != at[0]]
    if not all(is_closed(a) and is_closed(b) for a, b in rest):
        return None
    if all(a == b for a, b in rest):
        return (label, at[0], False) if value == 1 else None
    return (label, at[0], True) if isinstance(value, Delta) and set(value.args) == set(rest[0]) else None


def _factors(body: Expr) -> Iterator[Expr]:
    for factor in body.args if body.is_Mul else (body,):
        yield from [factor.base] * 2 if factor.is_Pow and factor.exp == 2 else [factor]


def _set(label: Symbol, wanted: list[tuple[int, bool]], givens: Givens, instance: Instance) -> bool:
    evaluation = Evaluation(instance)
    try:
        runs = [(evaluation.term(r.lo), evaluation.term(r.hi)) for r in givens.families[label]]
    except NoValueError:
        return False
    sides = [range(int(lo.p), int(hi.p) + 1) for lo, hi in runs]
    if not all(1 <= len(side) <= MAX_SIDE for side in sides):
        return False
    position, is_frame = max(wanted, key=lambda w: (w[1], len(sides[w[0]])))
    across = sides[1 - position] if len(sides) == 2 else range(1)
    both = len({p for p, _ in wanted}) == 2
    if (is_frame and len(across) > len(sides[position])) or (both and len(across) != len(sides[position])):
        return False

    def draw() -> None:
        random = Random(f"{instance.attempt} {label.name} frame")
        matrix = _orthonormal(len(sides[position]), random)
        for column, j in enumerate(across):
            if not is_frame and column and not both:
                matrix = _orthonormal(len(sides[position]), random)
            for row, i in enumerate(sides[position]):
                at = (i,) if len(sides) == 1 else (i, j) if position == 0 else (j, i)
                instance.chosen[label, at] = matrix[row, column if is_frame or both else 0]
                instance.fixed.add((label, at))

    instance.together[label] = draw
    return True


def _orthonormal(n: int, random: Random) -> Any:
    """An orthonormal matrix of rationals, (I - S)(I + S)^{-1} for a skew S, one column with either sign."""
    skew = fmpq_mat(n, n)
    unit = fmpq_mat(n, n)
    for i in range(n):
        unit[i, i] = fmpq(1)
        for j in range(i):
            skew[i, j] = fmpq(random.choice((-3, -2, -1, 1, 2, 3)), random.choice((1, 2)))
            skew[j, i] = -skew[i, j]
    made = (unit - skew) * (unit + skew).inv()
    column, sign = random.randrange(n), random.choice((-1, 1))
    for i in range(n):
        made[i, column] = made[i, column] * sign
    return made
