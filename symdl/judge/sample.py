"""One small, readable instance of an equation, with the value of both sides: for the check on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import flint
from flint import arb, fmpq
from sympy import Expr

from symdl.judge.balls import Evaluation, NoValueError, Value, base_of
from symdl.judge.instances import PRECISIONS, instances
from symdl.judge.world import Instance, Question
from symdl.language import label_of, quantities
from symdl.problem import Givens, Ranges, Relation

SMALL = (2, 3)
"""The sizes of such an instance."""

DIGITS = 6


@dataclass(frozen=True)
class Sample:
    """An instance as text by name, and the values of the two sides to six significant digits."""

    instance: Mapping[str, Any]
    left: str
    right: str


def sample(lhs: Expr, rhs: Expr, givens: Givens, ranges: Ranges, conditions: Sequence[Relation] = ()) -> Sample | None:
    """A small instance at which both sides have a value and agree; None where none is found.

    One at which the value is not zero and no list has an entry twice is preferred: what holds only where all entries
    agree would pass otherwise. What a fact sets to a number, such as weights that add up to 1, is not negative
    where that can be had. Derivatives are worked out in forward mode, so that a closed form on the other side
    is tested against it.
    """
    question = Question((lhs, rhs), givens, ranges, tuple(conditions))
    tied = [f.relation for f in givens.facts if f.relation.sign == "=" and f.relation.rhs.is_number]
    names = {label_of(q).name for r in tied for side in r.sides for q in quantities(side)}
    found: list[Sample] = []
    for instance in instances(question, 12, tries=24, sizes=SMALL, modes=("plain",)):
        shown, agrees = _at(lhs, rhs, instance)
        if not agrees:
            return None
        if shown is not None:
            found.append(shown)
            if not any(_weaknesses(shown, names)):
                return shown
    return min(found, key=lambda s: _weaknesses(s, names), default=None)


def _weaknesses(shown: Sample, tied: Set[str]) -> tuple[bool, bool, bool]:
    """Whether the value is zero, a list holds an entry twice, and a quantity that a fact ties is negative."""
    flat = {n: tuple(map(str, v)) for n, v in shown.instance.items() if isinstance(v, (list, tuple))}
    repeats = any(len(set(v)) < len(v) for v in flat.values())
    return shown.left == "0", repeats, any(x.startswith("-") for n in sorted(tied & set(flat)) for x in flat[n])


def _at(lhs: Expr, rhs: Expr, instance: Instance) -> tuple[Sample | None, bool]:
    """The instance with both values, if they are known well enough, and whether nothing speaks against them."""
    with flint.ctx.workprec(PRECISIONS[1]):
        evaluation = Evaluation(instance)
        try:
            left, right = base_of(evaluation.term(lhs)), base_of(evaluation.term(rhs))
        except (NoValueError, RecursionError):
            return None, True
        gap = left - right
        if gap != 0 if isinstance(gap, fmpq) else not gap.contains(0):
            return None, False
        texts = _digits(left), _digits(right)
        return (Sample(instance.text(), texts[0], texts[1]) if texts[0] and texts[1] else None), True


def _digits(value: Value) -> str:
    """The number to six significant digits; empty where that many are not known."""
    ball = arb(value)
    if ball.contains(0):
        return "0" if ball.rad() < arb(10) ** -20 else ""
    if not ball.rel_accuracy_bits() > 4 * DIGITS:
        return ""
    text = f"{float(ball.mid()):.{DIGITS}g}"
    return text if "e" in text or "." not in text else text.rstrip("0").rstrip(".")
