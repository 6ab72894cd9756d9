r"""Sums without end over sequences, such as Σ_{l≥0} γ^l r_{t+l}, cut where the range of the sequence ends.

What is left are partial sums.  An equation between continuous functions of them that holds wherever the range ends, if
only far enough, holds for the sums without end, too, where these have a value: that is the limit of both sides.  One
that fails tells something only of sequences of which nothing but their members is given, because then they may be zero
from there on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sympy import Expr, Integer, Symbol, ceiling, floor

from symdl.judge.derivative import NotProvableError
from symdl.judge.linear import linear, split_offset
from symdl.judge.whole import members_in
from symdl.language import Cases, Sigma, Step, free_symbols, holds_derivative, indices_of, kinds, label_of
from symdl.language.functions import by_head
from symdl.problem import Givens, Relation

BEYOND = 2
"""How far the end of a range lies beyond all members that are named, at least."""

CONVERGES = "the sums without end have a value"

_BROKEN = frozenset((Step, Cases, floor, ceiling))


@dataclass(frozen=True)
class Horizon:
    """Where a sequence ends, and whether only its members are given."""

    end: Symbol
    is_free: bool


def cut(node: Sigma, letter: Symbol, body: Expr, givens: Givens) -> tuple[Expr, Horizon]:
    """A sum without end over a sequence up to where the range of the sequence ends, with its body opened.

    Fails   with `NotProvableError` where there is no sequence, or its range has no end that may lie anywhere.
    """
    sequences = [t for t in members_in(body) if letter in free_symbols(t)]
    for member in sequences:
        for position, at in enumerate(indices_of(member)):
            form, run = linear(at), givens.range_at(member, position)
            if form is None or run is None or dict(form[0]).get(letter) != 1:
                continue
            end, _ = split_offset(run.hi)
            if isinstance(end, Symbol) and end.is_positive:
                is_free = not any(givens.definitions_of(label_of(t)) for t in sequences)
                return Sigma.over(letter, node.lo, run.hi - (at - letter), body), Horizon(end, is_free)
    raise NotProvableError("a sum without end over no sequence")


def far_enough(horizons: Iterable[Horizon], relation: Relation, spoken: Iterable[Expr]) -> list[Relation]:
    """That ranges end beyond everything that a relation names.

    Fails   with `NotProvableError` where what holds of partial sums may not hold in the limit, and where what is
    `spoken` of beside them tells where they end.
    """
    sides = relation.sides
    inside = free_symbols(sides[0]) | free_symbols(sides[1])
    ends = dict.fromkeys(h.end for h in horizons)
    if any(not free_symbols(term).isdisjoint(ends) for term in spoken):
        raise NotProvableError("a sum without end over a sequence whose length is spoken of")
    if relation.sign != "=" or any(map(holds_derivative, sides)) or not all(map(_is_continuous, sides)):
        raise NotProvableError("a sum without end in what may not be continuous")
    reach = BEYOND + max(
        (abs(split_offset(i)[1]) for e in sides for t in members_in(e) for i in indices_of(t)), default=0
    )
    named: Sequence[Expr] = sorted((s for s in inside if s.is_integer and s not in ends), key=lambda s: s.name)
    return [Relation(end, ">=", place + reach) for end in ends for place in (*named, Integer(1))]


def _is_continuous(term: Expr) -> bool:
    return _BROKEN.isdisjoint(kinds(term)) and not any(
        head in kinds(term) and record.kinks for head, record in by_head().items()
    )
