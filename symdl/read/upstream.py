"""Losses of which only a slope is given: with G = ∂L/∂Y stated, L is some function of Y."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Expr, Symbol

from symdl.language import D, Opaque, is_quantity, label_of, quantities, scalar, subterms
from symdl.problem import Definition, Fact, Givens, led_to


def with_upstream(givens: Givens) -> Givens:
    """The givens with every undefined quantity whose slope they state as an opaque one of what it is the slope by.

    Where slopes by several quantities are stated, it depends on those of them that are computed last: the others are
    total derivatives.  What states of a recurrence lead to is left alone, for its slope may be partial or total; so is
    a loss whose slope has no name but a value, which says something of one loss or of one point.
    """
    known = {d.label for d in givens.definitions}
    made_of = {d.label: {label_of(q) for q in quantities(d.body)} for d in givens.definitions}

    def reach(label: Symbol) -> frozenset[Symbol]:
        """What a quantity is made of, through all definitions."""
        return led_to(lambda inner: made_of.get(inner, ()), made_of.get(label, ()))

    found: list[Definition] = []
    slopes = [(s, stated) for s, stated in _slopes(givens) if label_of(s.of) not in known]
    for label in dict.fromkeys(label_of(s.of) for s, _ in slopes):
        by = {label_of(s.wrt): stated for s, stated in slopes if label_of(s.of) == label}
        reached = {b: reach(b) for b in by}
        last = [b for b in by if all(b not in r for other, r in reached.items() if other != b)]
        if label in givens.families or not last or any(label in reached[b] for b in last):
            continue
        if any(state in reach(state) for b in last for state in {b, *reached[b]}):
            continue
        if not all(_has_a_name(stated, givens) for stated in by.values()):
            continue
        body = Opaque(label, 0, *(scalar(b.name) for b in last))
        found.append(Definition(label, (), body, {}, by[last[0]].source, by[last[0]].place))
    return replace(givens, definitions=(*givens.definitions, *found)) if found else givens


def _has_a_name(stated: Definition | Fact, givens: Givens) -> bool:
    """Whether a slope is stated by a free name, G = ∂L/∂Y or ∂L/∂Y = G, and by no number or formula."""
    if isinstance(stated, Definition):
        sides = (f.relation.sides for f in givens.facts)
        named = {label_of(side) for pair in sides for side in pair if is_quantity(side)}
        named |= givens.valued
        is_alone = all(isinstance(d.body, D) for d in givens.definitions_of(stated.label))
        return is_alone and stated.label not in named
    return any(is_quantity(side) and not givens.is_defined(side) for side in stated.relation.sides)


def _slopes(givens: Givens) -> Iterator[tuple[D, Definition | Fact]]:
    """The first derivatives of one quantity by another, each with what states it."""
    stated: list[tuple[Definition | Fact, tuple[Expr, ...]]] = [(d, (d.body,)) for d in givens.definitions]
    stated += [(f, f.relation.sides) for f in givens.facts]
    for one, sides in stated:
        for term in (t for side in sides for t in subterms(side)):
            if isinstance(term, D) and is_quantity(term.of) and is_quantity(term.wrt):
                yield term, one
