"""The judge, asked plainly about one relation, under what bears on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from sympy import Expr, Integer, Rational, Symbol

from symdl.check.basis import Basis
from symdl.check.context import HERE, Context, Equation
from symdl.check.demands import Demand
from symdl.check.dependence import along, folded, loose
from symdl.check.entailment import is_linear
from symdl.check.letters import Spoken
from symdl.check.opaque import ChainRule, Reduced
from symdl.check.orders import orders_of, where_ruled, within_sums
from symdl.check.sides import Sides
from symdl.judge import decide, decide_relation
from symdl.judge.decision import proved_alone
from symdl.judge.instances import instances, separation
from symdl.judge.world import Question as World
from symdl.language import Binder, D, Opaque, free_symbols, is_closed, kinds, quantities, subterms
from symdl.problem import Decision, Fact, Givens, Ranges, Relation, Symbolic
from symdl.write import latex_of

APART = "a derivative by what the other quantity is not written in: how the two are tied is not given"
"""The reason where a derivative is 0 only by how the definitions are written."""

MANY = 32
"""How many instances are looked at where a relation agrees at the first ones and could not be proved."""


@dataclass(frozen=True, eq=False)
class Asking:
    """The judge under the givens, ranges and conditions of one chain, in the plainest reading.

    `known` are the names that the document introduced, `told` the relations that hold besides the givens' facts,
    `seen` the values that the proof has shown with rounded digits, and `proved` those that it has shown exactly;
    `natural` says whether the document states the base of its logarithms, `unread` is what givens speak of that could
    not be read, and `statements` are these givens.  `is_running` says that this is running text, which mostly leaves
    out what is given.  `premises` are the equations demanded before the chain, `concludes` says that it is said to
    follow from them, and `may_suppose` that it may begin something else.  What is told in `open` is undecided itself;
    `for_all` are the letters for all values of which a line is said to hold.
    """

    context: Context
    known: frozenset[Symbol]
    lemmas: tuple[Equation, ...]
    ranges: Ranges
    conditions: tuple[Relation, ...]
    told: tuple[Relation, ...] = ()
    seen: tuple[tuple[Expr, Expr], ...] = ()
    proved: frozenset[Rational] = frozenset()
    natural: bool = False
    unread: Spoken = frozenset()
    statements: tuple[str, ...] = ()
    is_running: bool = False
    premises: tuple[Demand, ...] = ()
    concludes: bool = False
    may_suppose: bool = False
    open: frozenset[Relation] = frozenset()
    for_all: frozenset[str] = frozenset()

    @cached_property
    def basis(self) -> Basis:
        """What relations rest on."""
        return Basis(self.context, self.known, self.unread, self.statements)

    def ask(self, left: Expr, sign: Symbolic, right: Expr) -> Decision:
        """The judge's plain answer."""
        asked = self.tied(left, right)
        decision = asked._asked(left, sign, right)
        if decision.answer == "unknown" or not loose(asked.context, left, right):
            return decision
        return asked._along_input(decision, Relation(left, sign, right))

    def assumed(self, nonzero: Sequence[Expr]) -> tuple[str, ...]:
        """That what was divided by is not 0, as far as this is not proved."""
        open_ = (f for f in nonzero if self.ask(f, "!=", Integer(0)).answer != "proved")
        return tuple(rf"${latex_of(f, self.context.givens)} \neq 0$" for f in open_)

    def follows(self, sides: Sides, wrong: Equation) -> bool:
        """Whether a line would be proved if a derivative had the wrong value that was given for it."""
        reduced = ChainRule(self.context, (sides.left, sides.right)).reduced()
        relation = Relation(reduced.sides[0], "=", reduced.sides[1])
        givens = self._about(reduced, self.conditions)
        try:
            return proved_alone(relation, givens, self.ranges, self.conditions, (wrong, *self.lemmas))
        except (RecursionError, MemoryError):
            return False

    def tied(self, left: Expr, right: Expr) -> Self:
        """The question with what is differentiated by found in the definitions that hold it without its name."""
        slopes = loose(self.context, left, right)
        if not slopes:
            return self
        if slopes not in self.context.folds:
            self.context.folds[slopes] = folded(self.context, slopes)
        context = self.context.folds[slopes]
        return self if context is self.context else replace(self, context=context)

    def _along_input(self, decision: Decision, claim: Relation) -> Decision:
        """What is left of a decision that may rest on a derivative which is 0 by how its definitions are written."""
        left, right = (along(self.context, side, self.ranges) for side in claim.sides)
        if left is None or right is None:
            return Decision("unknown", APART)
        again = self._asked(left, claim.sign, right)
        if again.answer == decision.answer:
            return again
        if again.answer == "proved":
            return replace(again, reason="with the derivative taken along the input that both rest on")
        return Decision("unknown", APART)

    def _asked(self, left: Expr, sign: Symbolic, right: Expr) -> Decision:
        reduced = ChainRule(self.context, (left, right)).reduced()
        left, right = reduced.sides
        told = (*self.conditions, *self._bearing(left, right))
        givens = self._about(reduced, told)
        decision = self._judge(left, sign, right, givens)
        if decision.answer == "unknown" and not decision.instance and "no instance satisfies" in decision.reason:
            # What holds under fewer facts holds under all of them; what fails may not.
            alone = replace(self, told=())
            linear = tuple(f for f in givens.facts if is_linear(f.relation))
            for kept in ((), linear) if linear else ((),):
                askers = (self, alone) if self.told else (self,)
                # Under all facts nothing else is found than was.
                for asking in askers[1:] if kept == givens.facts else askers:
                    bare = asking._judge(left, sign, right, replace(givens, facts=kept))
                    if bare.answer == "proved":
                        return bare
            # A slope that is said for every value of its variable does not rest on a demand on this value.
            if self.told and isinstance(left, D) and left.wrt in quantities(right) and reduced.complete:
                bare = alone._judge(left, sign, right, givens)
                if bare.answer == "refuted":
                    return bare
        spans: tuple[Relation, ...] = ()
        if decision.answer in ("refuted", "agrees"):
            within = within_sums(left, self.context.givens, self.ranges)
            ruled = where_ruled(self.context.givens, self.context.names(left, right), left, right)
            # Where words order two letters, an exponent that is their difference does not.
            ordered = [free_symbols(c.lhs - c.rhs) for c in self.conditions if c.sign not in ("=", "!=", "~")]
            orders = [r for r in orders_of(left, right) if free_symbols(r.lhs) not in ordered]
            spans = (*spans_of(left, right), *orders, *within, *ruled)
        if spans and not set(spans) <= set(self.conditions):
            again = replace(self, conditions=(*self.conditions, *spans))._asked(left, sign, right)
            if again.answer == "proved" or (decision.answer == "refuted" and again.answer != "refuted"):
                return again
            decision = again if decision.answer == "refuted" else decision
        if decision.answer == "refuted" and not reduced.complete:
            return Decision("unknown", "how the quantities depend on one another is not given")
        return decision

    def _about(self, reduced: Reduced, told: Sequence[Relation]) -> Givens:
        terms = [*reduced.sides, *(side for c in told for side in c.sides)]
        names = self.context.names(*terms)
        bound = [d for d in self.premises if d.ranges and not d.is_derived]
        general = tuple(Fact(d.relation, d.ranges, "", HERE) for d in bound)
        general = tuple(f for f in general if self.context.names(*f.relation.sides) & names)
        givens = self.context.about([*terms, *(side for f in general for side in f.relation.sides)])
        general += self.context.positive(*terms)
        givens = replace(givens, facts=(*givens.facts, *general)) if general else givens
        if reduced.freed:
            kept = tuple(
                d for d in givens.definitions if d.label not in reduced.freed or not isinstance(d.body, Opaque)
            )
            givens = replace(givens, definitions=kept)
        if reduced.restated:
            old = [fact for fact, _ in reduced.restated]
            others = tuple(f for f in givens.facts if not any(f is o for o in old))
            givens = replace(givens, facts=(*others, *(new for _, new in reduced.restated)))
        return replace(givens, families={**givens.families, **reduced.families}) if reduced.families else givens

    def _judge(self, left: Expr, sign: Symbolic, right: Expr, givens: Givens) -> Decision:
        conditions = (*self.conditions, *self._bearing(left, right))
        lemmas = (*self.lemmas, *self.context.slopes)
        try:
            if sign in ("=", "~"):
                decision = decide(left, right, givens, self.ranges, conditions, lemmas=lemmas)
                if decision.answer == "agrees":
                    decision = self._looked_longer(left, right, givens, conditions) or decision
                if sign == "~" and decision.answer == "refuted":
                    return Decision("unknown", "an approximation: how good it has to be is not said")
                return decision
            decision = decide_relation(Relation(left, sign, right), givens, self.ranges, conditions)
            if decision.answer not in ("proved", "refuted") and lemmas and D in kinds(left) | kinds(right):
                # What was shown of the derivatives before; each of them makes the search longer.
                decision = decide_relation(Relation(left, sign, right), givens, self.ranges, conditions, lemmas)
            if decision.answer == "agrees" and sign != "!=":
                # Points inside say little about a bound, which may fail only where it is nearly reached.
                return replace(decision, answer="unknown")
            return decision
        except (RecursionError, MemoryError):
            return Decision("unknown", "too large to be decided")

    def _looked_longer(
        self, left: Expr, right: Expr, givens: Givens, conditions: tuple[Relation, ...]
    ) -> Decision | None:
        """The refutation at one of many instances: a case that is rare may be the one in which the sides differ."""
        for instance in instances(World((left, right), givens, self.ranges, conditions), MANY, 2 * MANY):
            if separation(left, right, instance):
                return Decision("refuted", "the two sides differ at an instance", instance=instance.text())
        return None

    def _bearing(self, left: Expr, right: Expr) -> tuple[Relation, ...]:
        """What was told of the quantities at hand, or of those told of together with them."""
        reached = set(self.context.names(left, right))
        kept: list[Relation] = []
        pending = list(self.told)
        grows = True
        while grows:
            grows = False
            for relation in list(pending):
                names = self.context.names(*relation.sides)
                if names & reached:
                    pending.remove(relation)
                    kept.append(relation)
                    reached |= names
                    grows = True
        return tuple(kept)


def spans_of(*terms: Expr) -> tuple[Relation, ...]:
    """That sums and products from letters on do not run backward."""
    found = (t for term in terms for t in subterms(term) if isinstance(t, Binder) and is_closed(t))
    ends = ((t.hi, t.lo - 1) for t in found if free_symbols(t.lo))
    return tuple(dict.fromkeys(Relation(hi, ">=", lo) for hi, lo in ends))
