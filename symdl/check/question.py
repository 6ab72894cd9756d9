"""The judge, asked about one relation: under what bears on it, in the readings that its author can have meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from flint import arb
from sympy import E, Expr, Indexed, Integer, Symbol, log

from symdl.check.context import ChainRule, Context, Equation, Reduced
from symdl.check.dependence import along, folded, loose
from symdl.check.digits import digits_of
from symdl.check.doubts import is_member_of_unread
from symdl.check.enclosures import within
from symdl.check.entailment import contradictory, entailed, is_linear, never_equal
from symdl.check.numbers import Numbers, shows_digits
from symdl.check.sides import Sides, Verdict
from symdl.check.solving import Step
from symdl.check.words import Spoken, is_spoken_of
from symdl.errors import SymdlError
from symdl.judge import decide, decide_relation
from symdl.judge.instances import instances, separation, value_at
from symdl.judge.world import Question as World
from symdl.language import (
    At,
    D,
    DPlus,
    Sigma,
    free_symbols,
    indices_of,
    is_index,
    label_of,
    quantities,
    subterms,
    walk,
)
from symdl.problem import Decision, Fact, Givens, Ranges, Relation, Symbolic
from symdl.read import read_expression

NEITHER = "an equation that the givens neither imply nor exclude"
"""The reason of an equation that may be one to be solved."""

CONVENTION = "a difference of convention"
"""How the reason begins where two sides differ by a convention only."""

APART = "a derivative by what the other quantity is not written in: how the two are tied is not given"
"""The reason where a derivative is 0 only by how the definitions are written."""

BASES = ((Integer(10), "to base 10"), (Integer(2), "to base 2"))

FEW = 4
"""At how many instances it is looked whether a term is a constant."""

MANY = 32
"""How many instances are looked at where a relation agrees at the first ones and could not be proved."""


@dataclass(frozen=True, eq=False)
class Question:
    """The judge under the givens, ranges and conditions of one chain.

    `known` are the names that the document introduced, `told` the relations that hold besides the givens' facts,
    `seen` the values that the proof has shown with rounded digits; `natural` says whether the document states the base
    of its logarithms, and `unread` is what givens speak of that could not be read.  `is_running` says that this is
    running text, which mostly leaves out what is given.  `premises` are the equations set up before the chain, each for
    all of its index letters, and `concludes` says that it is said to follow from them.
    """

    context: Context
    known: frozenset[Symbol]
    lemmas: tuple[Equation, ...]
    ranges: Ranges
    conditions: tuple[Relation, ...]
    told: tuple[Relation, ...] = ()
    seen: tuple[tuple[Expr, Expr], ...] = ()
    natural: bool = False
    unread: Spoken = frozenset()
    is_running: bool = False
    premises: tuple[Fact, ...] = ()
    concludes: bool = False

    def verdict(self, sides: Sides) -> Verdict:
        """The local verdict, in the first reading that holds, else in the plainest one."""
        left, sign, right = sides.left, sides.sign, sides.right
        asked = self.tied(left, right)
        if asked is not self:
            return asked.verdict(sides)
        if self.told and contradictory([*self.told, *self.conditions], self.context.givens):
            return Verdict(Decision("unknown", "what is assumed contradicts itself, so everything would follow"), right)
        if sign == "=" and self._is_as_given(left, right):
            return Verdict(Decision("proved", "as it is given"), right)
        decision = self.ask(left, sign, right)
        if decision.answer == "proved":
            return Verdict(self._sound(decision, left, right), right)
        concluded = self.concluded(Relation(left, sign, right))
        if concluded is not None:
            return Verdict(concluded, right)
        if sign in ("=", "~"):
            undashed = self._undashed(sides)
            if undashed is not None:
                return self.verdict(undashed)
            for one, meant, reason in self._readings(left, right):
                again = self.ask(one, sign, meant)
                if again.answer == "proved" and not self.is_vacuous(one, meant):
                    return Verdict(replace(again, reason=reason), meant)
        found = self.numbers.verdict(sides) if sign in ("=", "~") else None
        if found is None and decision.answer == "refuted":
            found = self._everywhere_to_digits(sides)
        solved = None if found is not None else self._solved(sides)
        if solved is not None and not (solved.answer == "refuted" and self._lost(left, right)):
            return solved
        found = found or Verdict(decision, right)
        if found.answer == "refuted":
            return replace(found, decision=self._doubted(found.decision, sides))
        return found

    def concluded(self, claim: Relation) -> Decision | None:
        """Whether the claim follows from one of the premises, by itself; None where this cannot be told."""
        bare = replace(self, told=(), premises=())
        names = self.context.names(claim.lhs, claim.rhs)
        bearing = [f.relation for f in self.premises if self.context.names(f.relation.lhs, f.relation.rhs) & names]
        for premise in reversed(bearing):
            terms = (premise.lhs, premise.rhs, claim.lhs, claim.rhs)
            givens = self.context.about([*terms, *(side for c in self.conditions for side in (c.lhs, c.rhs))])
            step = Step(
                premise,
                claim,
                World(terms, givens, self.ranges, self.conditions),
                lambda r: bare.ask(r.lhs, r.sign, r.rhs),
            )
            found = step.decision(self.is_free)
            if found is not None and (found.answer != "refuted" or (self.concludes and len(bearing) == 1)):
                return found
        return None

    def _sound(self, decision: Decision, left: Expr, right: Expr) -> Decision:
        """A proof, with what it assumes of letters that nothing gives; taken back where nothing follows from them."""
        if not self.is_vacuous(left, right):
            constant = sorted(s.name for s in self.multipliers(left, right) & self._differentiated(left, right))
            return replace(decision, assumes=(*decision.assumes, *(f"${name}$ is constant" for name in constant)))
        lost = self._lost_slopes(left, right)
        if lost:
            names = ", ".join(sorted(s.name for s in lost))
            return Decision("unknown", f"what is given of {names} could not be read, so nothing follows from it")
        return Decision("unknown", f"{self.missing(left, right)} is not given, so nothing follows from it")

    def _is_as_given(self, left: Expr, right: Expr) -> bool:
        """Whether the relation is a definition of the givens, word for word."""
        givens = self.context.givens
        pairs = ((left, right), (right, left))
        return any(_is_name(a) and a != b and givens.body_of(a, self.ranges) == b for a, b in pairs)

    def _solved(self, sides: Sides) -> Verdict | None:
        linear = self._linear(Relation(sides.left, sides.sign, sides.right))
        return None if linear is None else Verdict(linear, sides.right)

    def ask(self, left: Expr, sign: Symbolic, right: Expr) -> Decision:
        """The judge's plain answer."""
        asked = self.tied(left, right)
        decision = asked._asked(left, sign, right)
        if decision.answer == "unknown" or not loose(asked.context, left, right):
            return decision
        return asked._along_input(decision, Relation(left, sign, right))

    def tied(self, left: Expr, right: Expr) -> Question:
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
        left, right = (along(self.context, side, self.ranges) for side in (claim.lhs, claim.rhs))
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
            for kept in ((), tuple(f for f in givens.facts if is_linear(f.relation))):
                for asking in (self, alone) if self.told else (self,):
                    bare = asking._judge(left, sign, right, replace(givens, facts=kept))
                    if bare.answer == "proved":
                        return bare
        if decision.answer == "refuted" and not reduced.complete:
            return Decision("unknown", "how the quantities depend on one another is not given")
        return decision

    def _about(self, reduced: Reduced, told: Sequence[Relation]) -> Givens:
        terms = [*reduced.sides, *(side for c in told for side in (c.lhs, c.rhs))]
        names = self.context.names(*terms)
        general = tuple(f for f in self.premises if f.ranges and self.concludes)
        general = tuple(f for f in general if self.context.names(f.relation.lhs, f.relation.rhs) & names)
        givens = self.context.about([*terms, *(side for f in general for side in (f.relation.lhs, f.relation.rhs))])
        givens = replace(givens, facts=(*givens.facts, *general)) if general else givens
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
                names = self.context.names(relation.lhs, relation.rhs)
                if names & reached:
                    pending.remove(relation)
                    kept.append(relation)
                    reached |= names
                    grows = True
        return tuple(kept)

    # Readings

    def _readings(self, left: Expr, right: Expr) -> Iterator[tuple[Expr, Expr, str]]:
        givens = self.context.givens
        immediate = _immediate(right, givens)
        if immediate != right:
            yield left, immediate, "with the derivatives in the product read as immediate ones"
        if type(left) is D and self._is_gate(left.of) and not givens.is_defined(left.wrt):
            yield DPlus(left.of, left.wrt), immediate, "with the derivative read as the immediate one"
        gathered = _gathered(right, left, self.ranges)
        if gathered is not None:
            yield left, gathered, "with the sum read as reaching to the end of the line"

    def _is_gate(self, quantity: Expr) -> bool:
        """Whether a quantity leads back to itself only through others, as a gate does through the state."""
        label, uses = label_of(quantity), self.context.uses
        return label in uses and label not in uses[label] and self.context.recurs(label)

    def _undashed(self, sides: Sides) -> Sides | None:
        """Sums of numbers after a dash that begins the item of a list; None where there is no such dash."""
        dashed = re.match(r"\s*[-–—]\s+(?=\d)", sides.left_source)
        if not sides.is_first or dashed is None or quantities(sides.left) or quantities(sides.right):
            return None
        source = sides.left_source[dashed.end() :]
        try:
            left = read_expression(source, self.context.givens)
        except SymdlError:
            return None
        if self.ask(left, sides.sign, sides.right).answer != "proved":
            return None
        return replace(sides, left=left, left_source=source)

    def _conventions(self, sides: Sides) -> str | None:
        """The convention under which the sides would agree, in words."""
        left, right = sides.left, sides.right
        natural = self.natural or _says_natural(sides)
        if not natural and any(isinstance(t, log) for side in (left, right) for t in subterms(side)):
            for base, words in BASES:
                if shows_digits(sides):
                    there = replace(sides, left=_rebased(left, base), right=_rebased(right, base), left_source="")
                    found = self.numbers.compared(there, self.context.givens)
                    if found is not None and found.rounded:
                        return f"{CONVENTION}: it holds with the logarithm {words}"
                elif self.ask(_rebased(left, base), "=", _rebased(right, base)).answer == "proved":
                    return f"{CONVENTION}: it holds with the logarithm {words}"
        has_derivative = any(isinstance(t, D) for side in (left, right) for t in subterms(side))
        if (not _is_name(left) and not has_derivative) or self._shows_a_mean(left, right):
            return None
        for size in sorted(_sizes(left, right, *self._bounds()), key=str):
            for factor in (size, 1 / size):
                if self.ask(left, "=", factor * right).answer == "proved":
                    return f"{CONVENTION}: mean or sum, the sides differ by the factor {size}"
        return None

    def _shows_a_mean(self, left: Expr, right: Expr) -> bool:
        """Whether what is given divides by a size, so that it says itself whether it is a mean or a sum."""
        names = self.context.names(left, right)
        bodies = [d.body for d in self.context.givens.definitions if d.label in names]
        divisors = [t.base for body in bodies for t in subterms(body) if t.is_Pow and t.exp.is_negative]
        return any(s.is_integer and s.is_positive for base in divisors for s in free_symbols(base))

    def _everywhere_to_digits(self, sides: Sides) -> Verdict | None:
        """The verdict on a number shown for what only the facts determine: looked at where they hold, not proved."""
        shown = digits_of(sides.right_source)
        if shown is None or not shown.has_point or self.ranges or (sides.sign == "=" and self._is_told(shown.value)):
            return None
        givens = self._about(Reduced((sides.left,), {}, True), self._bearing(sides.left, sides.right))
        world = World((sides.left,), givens, self.ranges, (*self.conditions, *self._bearing(sides.left, sides.right)))
        found = [value_at(sides.left, instance) for instance in instances(world, 4)]
        values = [v for v in found if v is not None]
        if len(values) < 2 or len(values) < len(found):
            return None
        if all(within(v, *shown.rounding) or within(v, *shown.truncation) for v in values):
            reason = f"equal to the digits shown at {len(values)} instances, not proved"
            return Verdict(Decision("agrees", reason), sides.right)
        return None

    def is_constant(self, term: Expr) -> bool:
        """Whether a term has one and the same value wherever it was looked at."""
        givens = self.context.about([term])
        found = [value_at(term, instance) for instance in instances(World((term,), givens, self.ranges), FEW)]
        values = [float(arb(v).mid()) for v in found if v is not None]
        return bool(values) and max(values) - min(values) <= 1e-9 * max(map(abs, values))

    def is_unplaced(self, left: Expr, right: Expr, placed: frozenset[Symbol]) -> bool:
        """Whether one side is a number and the other one varies with inputs of which no value is given or placed."""
        for number, term in ((left, right), (right, left)):
            inputs = [s for s in self._all_quantities(term) if self.is_free(s) and s not in placed]
            if number.is_number and inputs and not self.is_constant(term):
                return True
        return False

    def _is_told(self, number: Expr) -> bool:
        """Whether a number stands in what was told, so that it is carried over and not rounded."""
        relations = (*self.told, *(f.relation for f in self.premises))
        return any(t == number for r in relations for side in (r.lhs, r.rhs) for t in subterms(side))

    def _bounds(self) -> tuple[Expr, ...]:
        return tuple(r.hi for r in self.ranges.values())

    @cached_property
    def numbers(self) -> Numbers:
        """What judges relations between numbers."""
        return Numbers(self.context, self.ranges, self.seen, self._is_proved)

    def _is_proved(self, left: Expr, right: Expr, givens: Givens) -> bool:
        return self._judge(left, "=", right, givens).answer == "proved"

    # What follows and what does not

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

    def _doubted(self, decision: Decision, sides: Sides) -> Decision:
        """A refutation, taken back where it rests on what is not given or on a convention."""
        left, right = sides.left, sides.right
        if loose(self.context, left, right) and self.ask(left, sides.sign, right).answer != "refuted":
            return Decision("unknown", APART)
        is_excluded = sides.sign == "=" and never_equal(left, right, self.context.givens)
        if sides.is_first and sides.sign == "=" and not is_excluded and self._is_equation(left, right):
            return Decision("unknown", NEITHER)
        is_unknown, missing = self.is_unknown(left, right), self.missing(left, right)
        if is_unknown and missing:
            return Decision("unknown", f"{missing} is not given, so this neither follows nor fails")
        lost = {s.name for s in self._lost(left, right)}
        if frozenset((r"\log",)) in self.unread and any(isinstance(t, log) for s in (left, right) for t in subterms(s)):
            lost.add(r"\log")
        if lost:
            names = ", ".join(sorted(lost))
            return Decision("unknown", f"what is given of {names} could not be read, so this neither follows nor fails")
        if is_unknown:
            return Decision("unknown", "how the quantities depend on one another is not given")
        if sides.left_source.lstrip().startswith("+"):
            return Decision("unknown", "the left side begins in the middle of a formula")
        if E in (left, right) and (left.is_Rational or right.is_Rational):
            return Decision("unknown", "whether e is Euler's number here is not clear")
        if self.is_running and not quantities(right) and any(map(self.is_free, self._all_quantities(left))):
            return Decision("unknown", "the values put in here are not given")
        if self.is_running and self._has_unnamed_sizes(left, right):
            return Decision("unknown", "where an index runs is not given")
        if is_excluded:
            return decision
        if self._names_free(left, right):
            return Decision("unknown", NEITHER)
        if (sides.is_first or sides.sign not in ("=", "~")) and self._is_equation(left, right):
            return Decision("unknown", NEITHER)
        if sides.sign == "=":
            words = self._conventions(sides)
            if words is not None:
                return Decision("unknown", words)
        return decision

    def _lost(self, *terms: Expr) -> frozenset[Symbol]:
        """The names, of those on which the terms rest, of which something is given that could not be read.

        What has a definition all the same, and one that does not lead back to it, is known by that.
        """
        if not self.unread:
            return frozenset()
        names = self.context.names(*terms).union(*(_letters(t) for t in terms))
        found = {s for s in names if is_spoken_of(s.name, self.unread) or is_member_of_unread(s.name, self.unread)}
        return frozenset(s for s in found if not self._is_settled(s))

    def _is_settled(self, label: Symbol) -> bool:
        definitions = self.context.givens.definitions_of(label)
        bodies = [d.body for d in definitions]
        is_general = all(is_index(p) for d in definitions for p in d.pattern)
        return (
            bool(bodies)
            and is_general
            and not self.context.is_opaque(label)
            and label not in self.context.names(*bodies)
        )

    def _names_free(self, left: Expr, right: Expr) -> bool:
        """Whether one side is a free quantity on which the other does not rest: this may say what its value is."""
        return any(
            _is_name(one) and self.is_free(one) and label_of(one) not in self.context.names(other)
            for one, other in ((left, right), (right, left))
        )

    def _is_equation(self, left: Expr, right: Expr) -> bool:
        """Whether this may be an equation to be solved for a free quantity, or a bound on one."""
        if quantities(right) and quantities(left):
            return False
        free = [q for q in quantities(left) | quantities(right) if self.is_free(q)]
        has_derivative = any(isinstance(t, D) for side in (left, right) for t in subterms(side))
        return bool(free) and not has_derivative and not any(map(self._rests_on_definitions, (left, right)))

    def _has_unnamed_sizes(self, left: Expr, right: Expr) -> bool:
        """Whether a family at hand runs to an end that the text does not name, but the reader had to."""
        labels = self.context.names(left, right)
        runs = [r for s in labels for r in self.context.givens.families.get(s, ())] + list(self.ranges.values())
        ends = {s.name for r in runs for s in free_symbols(r.hi)} | {s.name for s in _sizes(left, right)}
        return any(name.startswith(f"n_{{{s.name}") for name in ends for s in labels)

    def _all_quantities(self, side: Expr) -> Iterator[Expr]:
        """The labels on which a side rests, as quantities without indices."""
        yield from sorted(self.context.names(side), key=str)

    def _rests_on_definitions(self, side: Expr) -> bool:
        return any(self.context.givens.is_defined(q) for q in quantities(side))

    def is_free(self, quantity: Expr) -> bool:
        givens = self.context.givens
        if any(v.quantity == quantity for v in givens.values):
            return False
        if not givens.is_defined(quantity):
            return True
        at = indices_of(quantity)
        return bool(at) and all(i.is_Integer for i in at) and givens.body_of(quantity, {}) is None

    def is_vacuous(self, left: Expr, right: Expr) -> bool:
        """Whether a side differentiates something, or by something, of which nothing is given.

        The derivative would be 0 whatever it is.
        """
        if self._differentiated(left, right) - self.known - self.multipliers(left, right):
            return True
        return bool(self._strange_variables(left, right)) or bool(self._lost_slopes(left, right))

    def _lost_slopes(self, left: Expr, right: Expr) -> frozenset[Symbol]:
        """The names on which something differentiated rests, and of which something is given that could not be read."""
        if not self.unread:
            return frozenset()
        derivatives = [t for side in (left, right) for t in subterms(side) if isinstance(t, D)]
        lost = [self._lost(d.of) - {label_of(q) for q in quantities(d.wrt)} for d in derivatives]
        return frozenset[Symbol]().union(*lost)

    def multipliers(self, left: Expr, right: Expr) -> frozenset[Symbol]:
        """The names that nothing gives but that both sides hold, differentiated only beside something that is given.

        The \\lambda of \\partial(f - \\lambda g)/\\partial x is such a one: a letter that does not depend on x.
        """
        strange = frozenset({label_of(q) for q in quantities(left)} & {label_of(q) for q in quantities(right)})
        for d in (t for side in (left, right) for t in subterms(side) if isinstance(t, D)):
            inside = {label_of(q) for q in quantities(d.of)} & strange
            moving = {label_of(q) for q in quantities(d.wrt)}
            if _is_name(d.of) or not self.context.names(d.of) & moving:
                strange -= inside
            strange -= moving
        return strange - self.known

    def _strange_variables(self, left: Expr, right: Expr) -> set[Symbol]:
        """The names that nothing gives, and by which something is differentiated in which they do not stand."""
        derivatives = [t for side in (left, right) for t in subterms(side) if isinstance(t, D)]
        found = {(d, label_of(q)) for d in derivatives for q in quantities(d.wrt)}
        return {s for d, s in found if s not in self.known and s not in self.context.names(d.of)}

    def is_unknown(self, left: Expr, right: Expr) -> bool:
        """Whether the sides rest on a name that is not given: differentiated, or found on one side only."""
        strange = [_named(side) - self.known for side in (left, right)]
        return bool(strange[0] ^ strange[1]) or self.is_vacuous(left, right)

    def missing(self, left: Expr, right: Expr) -> str:
        return ", ".join(sorted(str(s) for s in (_named(left) | _named(right)) - self.known))

    def _differentiated(self, left: Expr, right: Expr) -> set[Symbol]:
        """The names that are differentiated and are not themselves what is differentiated by."""
        reduced = ChainRule(self.context, (left, right)).reduced()
        derivatives = [t for side in reduced.sides for t in subterms(side) if isinstance(t, D)]
        variables = {label_of(q) for d in derivatives for q in quantities(d.wrt)}
        return {label_of(q) for d in derivatives for q in quantities(d.of)} - variables


def _immediate(side: Expr, givens: Givens) -> Expr:
    """A chain-rule product with every derivative of a defined quantity by an undefined one read as immediate."""

    def visit(term: Expr) -> Expr | None:
        if type(term) is D and givens.is_defined(term.of) and not givens.is_defined(term.wrt):
            return DPlus(term.of, term.wrt)
        return term if type(term) is D else None

    return side if isinstance(side, D) else walk(side, visit)


def _gathered(right: Expr, left: Expr, ranges: Ranges) -> Expr | None:
    r"""c \sum_i A_i + B_i read as c \sum_i (A_i + B_i), where the i of B_i would be free otherwise."""
    letters = [i for i in ranges if is_index(i) and i in free_symbols(right) and i not in free_symbols(left)]
    if len(letters) != 1 or not right.is_Add:
        return None
    [letter] = letters
    run = ranges[letter]
    sums = [t for t in right.args if _sum_in(t, run.lo, run.hi) is not None]
    if len(sums) != 1:
        return None
    total = _sum_in(sums[0], run.lo, run.hi)
    assert total is not None
    factor = sums[0] / total
    body = total.open(letter)
    return factor * Sigma.over(letter, run.lo, run.hi, body + right - sums[0])


def _sum_in(term: Expr, lo: Expr, hi: Expr) -> Sigma | None:
    found = [f for f in (term.args if term.is_Mul else (term,)) if isinstance(f, Sigma)]
    return found[0] if len(found) == 1 and (found[0].lo, found[0].hi) == (lo, hi) else None


def _says_natural(sides: Sides) -> bool:
    """Whether the logarithms of a relation are all written as natural ones."""
    source = f"{sides.left_source} {sides.right_source}"
    return r"\ln" in source and not re.search(r"\\(?:log|lg)\b", source)


def _rebased(side: Expr, base: Expr) -> Expr:
    def visit(term: Expr) -> Expr | None:
        if isinstance(term, log) and term.args[0] != E:
            return log(walk(term.args[0], visit)) / log(base)
        return None

    return walk(side, visit)


def _sizes(*terms: Expr) -> set[Symbol]:
    return {s for t in terms for s in free_symbols(t) if s.is_integer and s.is_positive}


def _letters(term: Expr) -> frozenset[Symbol]:
    """The index letters of a term that no binder binds."""
    return frozenset(s for s in free_symbols(term) if is_index(s))


def _named(side: Expr) -> frozenset[Symbol]:
    """The names in a side; the variable of an evaluation bar is none, since a value is put for it."""
    if isinstance(side, At):
        bound = {label_of(x) for x, _ in side.settings}
        return (_named(side.of) - bound).union(*(_named(v) for _, v in side.settings))
    if isinstance(side, Indexed) or not side.args:
        return frozenset(label_of(q) for q in quantities(side))
    return frozenset[Symbol]().union(*map(_named, side.args))


def _is_name(expr: Expr) -> bool:
    return isinstance(expr, Indexed) or (isinstance(expr, Symbol) and not expr.is_integer)
