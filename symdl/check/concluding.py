"""Whether a claim follows from the equations that are demanded before it, one by one or put into each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from sympy import Expr, Symbol

from symdl.check.asking import Asking
from symdl.check.demands import Demand, of_index, unfolded, unstarred
from symdl.check.digits import Digits
from symdl.check.entailment import entailed
from symdl.check.opaque import ChainRule
from symdl.check.putting import Solved, solved
from symdl.check.sides import Verdict
from symdl.check.solving import Step
from symdl.judge.world import Question as World
from symdl.language import holds_derivative, is_quantity, label_of, quantities
from symdl.problem import Decision, Relation

PUT_IN = "with the equations before put in"


@dataclass(frozen=True, eq=False)
class Concluding(Asking):
    """Asks what follows from the premises, and whether a line has to."""

    def concluded(self, claim: Relation, shown: Digits | None = None) -> Verdict | None:
        """Whether the claim follows from one of the premises, by itself; None where this cannot be told."""
        if not self.concludes and any(map(holds_derivative, claim.sides)):
            # What a derivative is, is said of all points.
            return None
        claim = unstarred(claim, self.premises, self.context)
        bearing = self._premises_of(claim)
        if not bearing and self.premises:
            claim = of_index(claim, self.context.givens, self.ranges) or claim
            bearing = self._premises_of(claim)
        for demand in reversed(bearing):
            found = self.follows_from(demand, claim, shown)
            if found is not None and (found.answer != "refuted" or self._binds(demand, claim, bearing)):
                return found
        found = self._by_facts(claim, bearing) or self._eliminated(claim, shown)
        if found is None and bearing and is_quantity(claim.lhs) and self.context.givens.is_defined(claim.lhs):
            # What follows whatever a quantity is defined to be follows.
            free = replace(self, context=self.context.without({label_of(claim.lhs)}))
            found = free.concluded(claim, shown)
            return found if found is not None and found.answer == "proved" else None
        return found

    def leads_to(self, demand: Demand, claim: Relation, shown: Digits | None = None) -> Verdict | None:
        """Whether a claim follows from a demand, or from what it is with other premises put in."""
        found = self.follows_from(demand, claim, shown)
        if (found is None or found.answer != "proved") and self.solved is not None:
            again = replace(self, context=self.solved.context).follows_from(demand, claim, shown)
            return again if again is not None and again.answer == "proved" else found
        return found

    def _eliminated(self, claim: Relation, shown: Digits | None) -> Verdict | None:
        """Whether the claim follows from a premise in which others are put in, by which quantities are known."""
        if self.solved is None:
            return None
        found = self.put_in(claim)
        if found is not None:
            return found
        below, there = self.context.names(*claim.sides), self.solved.context
        refuted: Verdict | None = None
        for demand in self.premises:
            sides = demand.relation.sides
            if there.names(*sides) & below and demand.relation not in self.solved.used:
                found = replace(self, context=there).follows_from(demand, claim, shown)
                if found is not None and found.answer == "proved":
                    return found
                refuted = refuted or (found if found is not None and found.answer == "refuted" else None)
        return refuted if self._is_bound(claim.lhs, claim.rhs) else None

    def put_in(self, claim: Relation) -> Verdict | None:
        """The verdict on an equation with what premises say of its quantities put in; None where it is not proved."""
        if self.solved is None or claim.sign != "=" or not self.solved.bears_on(claim):
            return None
        there = replace(self, context=self.solved.context, told=(), premises=())
        found = there.ask(claim.lhs, "=", claim.rhs)
        if found.answer != "proved":
            return None
        assumes = (*found.assumes, *there.assumed(self.solved.nonzero))
        return Verdict(replace(found, reason=PUT_IN, assumes=assumes), claim.rhs)

    @cached_property
    def solved(self) -> Solved | None:
        """What the premises say that free quantities are."""
        return solved(self.basis, self.premises)

    def _premises_of(self, claim: Relation) -> list[Demand]:
        """The premises that speak of a quantity of the claim."""
        names = self.context.names(*claim.sides)
        return [d for d in self.premises if self.context.names(*d.relation.sides) & names]

    def _by_facts(self, claim: Relation, bearing: Sequence[Demand]) -> Verdict | None:
        """The proof of a claim from a premise that an equation given ties to it; None where there is none."""
        names = self.context.names(*claim.sides)
        facts = [self.context.names(*f.relation.sides) for f in self.context.facts if f.relation.sign == "="]
        tied = frozenset[Symbol]().union(*(found for found in facts if found & names))
        for demand in reversed(self.premises):
            if demand not in bearing and self.context.names(*demand.relation.sides) & tied:
                found = self.follows_from(demand, claim)
                if found is not None and found.answer == "proved":
                    return found
        return None

    def _binds(self, demand: Demand, claim: Relation, bearing: Sequence[Demand]) -> bool:
        """Whether a claim has to follow from a demand, and no other one says more than this."""
        others = (d for d in bearing if d is not demand and not d.is_derived)
        return self._is_bound(claim.lhs, claim.rhs) and all(self._leads(demand, d) for d in others)

    def _leads(self, demand: Demand, other: Demand) -> bool:
        found = self.follows_from(demand, other.relation)
        return found is not None and found.answer == "proved"

    def follows_from(
        self, demand: Demand, claim: Relation, shown: Digits | None = None, *, is_one: bool = False
    ) -> Verdict | None:
        """Whether a claim follows from a demand alone, or is one of its solutions; None where this cannot be told."""
        premise = unfolded(demand.at(claim, self.ranges), claim, self.context, self.ranges)
        asked = replace(self, told=(), premises=()).tied(premise.lhs - premise.rhs, claim.lhs - claim.rhs)
        reduced = ChainRule(asked.context, (premise.lhs, premise.rhs, claim.lhs, claim.rhs)).reduced()
        if not reduced.complete:
            return None
        terms = reduced.sides
        givens = asked.context.about([*terms, *(side for c in self.conditions for side in c.sides)])
        families = {**givens.families, **reduced.families}
        step = Step(
            Relation(terms[0], premise.sign, terms[1]),
            Relation(terms[2], claim.sign, terms[3]),
            World(terms, replace(givens, families=families), self.ranges, self.conditions),
            lambda r: asked.ask(r.lhs, r.sign, r.rhs),
            shown,
            is_one,
        )
        return step.verdict(self.basis.is_free, self.basis.is_squared)

    def under(self, demands: Sequence[Demand]) -> Self:
        """The question where these demands hold, too."""
        told = tuple(d.relation for d in demands if not d.ranges)
        return replace(self, told=(*self.told, *told), premises=(*self.premises, *demands))

    def _is_bound(self, left: Expr, right: Expr) -> bool:
        """Whether a line has to follow from what is demanded: it is concluded, or says what an unknown of it is."""
        premised = self.context.names(*(side for d in self.premises for side in d.relation.sides))
        if self.context.names(right) - self.known - premised:
            # What a new name stands for may be said behind it.
            return False
        if self.concludes:
            return True
        if self.may_suppose or not (is_quantity(left) and self.basis.is_free(left)):
            return False
        if label_of(left) in self.context.names(right):
            return False
        sides = [d.relation.sides for d in self.premises if not d.is_open]
        return any(left in quantities(a) | quantities(b) and left not in (a, b) for a, b in sides)

    def _is_lost(self, left: Expr, right: Expr) -> bool:
        """Whether a line, or what it is concluded from, speaks of what could not be read.

        An equation in one unknown says what this is, whatever else is given of it.
        """
        bearing = [
            d.relation for d in self.premises if {left} & (quantities(d.relation.lhs) | quantities(d.relation.rhs))
        ]
        inside = {q for r in bearing for side in r.sides for q in quantities(side)} | quantities(right)
        if self.concludes and inside == {left}:
            return False
        return bool(self.basis.lost(left, right, *(x for d in self.premises for x in d.relation.sides)))

    def _linear(self, claim: Relation) -> Decision | None:
        givens = self.context.givens
        if not (self.context.facts or self.told or self.conditions):
            return None
        facts = [f.relation for f in self.context.about([claim.lhs, claim.rhs]).facts if not f.ranges]
        found = entailed(claim, [*facts, *self.told, *self.conditions], givens)
        if found is not None and found.answer == "refuted" and claim.sign != "=":
            # A bound that contradicts what the proof itself supposes begins another case.
            return entailed(claim, facts, givens)
        return found

    def _is_demanded(self, left: Expr, right: Expr) -> bool:
        """Whether a line that fails where all demands hold that bear on it has to follow from them."""
        names = self.context.names(left, right)
        spoken = [self.context.names(*d.relation.sides) for d in self.premises if not d.is_open]
        bearing = frozenset[Symbol]().union(*(s for s in spoken if s & names)) - self.context.uses.keys()
        # What is demanded of the unknowns between says more of those here than one demand does.
        is_tied = any(s & bearing and not s & names for s in spoken)
        return bool(bearing) and not is_tied and self._is_bound(left, right)
