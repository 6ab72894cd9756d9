"""One relation, judged in the readings that its author can have meant."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice

from flint import arb, fmpq
from sympy import Expr, Indexed, Integer

from symdl.check.asking import APART
from symdl.check.context import Context
from symdl.check.dependence import along, loose
from symdl.check.doubting import NEITHER, Doubting
from symdl.check.enclosures import apart, enclosed, is_cut, within
from symdl.check.entailment import contradictory
from symdl.check.numbers import WIDEST
from symdl.check.opaque import ChainRule, Reduced
from symdl.check.putting import posed
from symdl.check.readings import for_all, readings
from symdl.check.samples import FEW
from symdl.check.sides import Sides, Verdict
from symdl.check.systems import Determined, determined
from symdl.errors import SymdlError
from symdl.judge import Worked, worked_out
from symdl.judge.instances import instances, value_at
from symdl.judge.world import Question as World
from symdl.language import (
    D,
    Limit,
    free_symbols,
    holds_derivative,
    indices_of,
    is_index,
    is_quantity,
    kinds,
    label_of,
    put,
    quantities,
    subterms,
    walk,
)
from symdl.problem import Decision, Relation
from symdl.read import read_expression

_PERCENT = re.compile(r"\\?%\s*\Z")
_HUNDRED = re.compile(r"(?:\\times|\\cdot|[*·×])\s*100(?![\d.]|\s*\\?%)")

OPEN = "it follows from an equation that is undecided itself"
"""The reason where what a line rests on is open."""

FOR_ALL = "where what is said of a member holds for all of them"
"""The reason of what holds under a setting of a whole family."""

DETERMINED = "by the equations that are given, solved together"

MAX_UNFOLDED = 6
"""How many definitions, one in another, are put in below a limit until something is known of what stands there."""

MAX_SETTLED = 8
"""How many numbers are tried for the letters that a line may lack because they have these values."""


@dataclass(frozen=True, eq=False)
class Question(Doubting):
    """Asks in the readings that the author can have meant, and doubts what is refuted in all of them."""

    def verdict(self, sides: Sides) -> Verdict:
        """The local verdict, in the first reading that holds, else in the plainest one.

        What is undecided itself binds what may refute a line, and proves nothing.
        """
        sides = replace(sides, left=self.context.as_told(sides.left), right=self.context.as_told(sides.right))
        plain, meant, worked = self.worked(sides)
        if worked is not None:
            found = plain.verdict(meant)
            is_said = found.decision.reason == NEITHER and self._says_limit(sides)
            if is_said and (quantities(meant.right) or plain.ask(meant.left, "!=", meant.right).answer == "proved"):
                found = replace(found, decision=plain.ask(meant.left, meant.sign, meant.right))
            return replace(found, decision=worked.granted(found.decision), right=sides.right)
        if not self.open and not any(d.is_open for d in self.premises):
            return self._verdict(sides)
        sure = replace(
            self,
            told=tuple(r for r in self.told if r not in self.open),
            premises=tuple(d for d in self.premises if not d.is_open),
            open=frozenset(),
        )
        found = sure._verdict(sides)
        if found.answer in ("proved", "agrees"):
            return found
        bound = self._verdict(sides)
        if bound.answer in ("proved", "agrees"):
            return Verdict(Decision("unknown", OPEN), sides.right)
        return bound

    def _says_limit(self, sides: Sides) -> bool:
        """Whether an equation says what a limit is by what that is the limit of, and so is none to be solved."""
        inside = set(map(label_of, quantities(sides.right)))
        return isinstance(sides.left, Limit) and sides.sign == "=" and inside <= self.context.names(sides.left)

    def worked(self, sides: Sides) -> tuple[Question, Sides, Worked | None]:
        """The question with limits and extremes worked out, and how; the same where there are none or one is open."""
        relation = Relation(sides.left, sides.sign, sides.right)
        worked = worked_out(relation, self.context.givens, self.ranges, self.conditions)
        if worked is None and any(Limit in kinds(side) for side in relation.sides):
            relation = Relation(self._in_the_limit(sides.left), sides.sign, self._in_the_limit(sides.right))
            worked = worked_out(relation, self.context.givens, self.ranges, self.conditions)
        if worked is None or not worked.is_finite:
            return self, sides, None
        context = Context(worked.givens, self.context.own)
        plain = replace(self, context=context, conditions=(*self.conditions, *worked.conditions))
        return plain, replace(sides, left=worked.relation.lhs, right=worked.relation.rhs), worked

    def _in_the_limit(self, side: Expr) -> Expr:
        """The side with what was shown of members of a sequence that go on without end put in below limits."""

        def visit(term: Expr) -> Expr | None:
            if not isinstance(term, Limit) or not is_index(term.variable):
                return None
            shown: dict[Expr, Expr] = {}
            for left, right, runs in self.lemmas:
                letters = [i for i in indices_of(left) if i in runs] if isinstance(left, Indexed) else []
                if len(letters) == 1 and not runs[letters[0]].hi.is_Integer:
                    shown[put(left, {letters[0]: term.variable})] = put(right, {letters[0]: term.variable})
            of = term.of
            for _ in range(MAX_UNFOLDED):
                known = {q: shown.get(q) or self.context.givens.body_of(q, self.ranges) for q in quantities(of)}
                bodies = {q: body for q, body in known.items() if body is not None}
                if shown.keys() & bodies.keys() or not bodies:
                    return type(term)(put(of, bodies), *term.args[1:])
                of = put(of, bodies)
            return None

        return walk(side, visit)

    def _verdict(self, sides: Sides) -> Verdict:
        left, sign, right = sides.left, sides.sign, sides.right
        asked = self.tied(left, right)
        if asked is not self:
            return asked._verdict(sides)
        is_numeric = (self.told or self.conditions) and not (free_symbols(left) | free_symbols(right))
        # Numbers alone are what they are, whatever is assumed.
        alone = replace(self, told=(), conditions=(), premises=())._verdict(sides) if is_numeric else None
        if alone is not None and alone.answer == "proved":
            return alone
        if self.told and contradictory([*self.told, *self.conditions], self.context.givens):
            return Verdict(Decision("unknown", "what is assumed contradicts itself, so everything would follow"), right)
        if alone is not None:
            return alone
        if sign == "=" and self._is_as_given(left, right):
            return Verdict(Decision("proved", "as it is given"), right)
        decision = self.ask(left, sign, right)
        if decision.answer == "proved":
            return Verdict(self._sound(decision, left, right), right)
        solving = self.solving(sides)
        if solving is not None and solving[1].starts.get(left) == right:
            return Verdict(Decision("unknown", NEITHER), right)
        concluded = self.concluded(Relation(left, sign, right), sides.shown)
        if concluded is not None and not (concluded.answer == "refuted" and self._is_lost(left, right)):
            return concluded
        if sign in ("=", "~"):
            undashed = self._undashed(sides)
            if undashed is not None:
                return self._verdict(undashed)
            meant = self._as_percentage(sides) or self._as_meant(sides)
            if meant is not None:
                return meant
        by_system = None if solving is None else self._determined(sides, *solving)
        if by_system is not None:
            return by_system
        found = self._in_numbers(sides) if sign in ("=", "~") else None
        if found is None and decision.answer == "refuted":
            found = self._everywhere_to_digits(sides) or self._everywhere_rounded(sides)
        solved = None if found is not None else self._solved(sides)
        if solved is not None and not (solved.answer == "refuted" and self.basis.lost(left, right)):
            return solved
        found = found or Verdict(decision, right)
        return self._refuted(found, sides) if found.answer == "refuted" else found

    def _refuted(self, found: Verdict, sides: Sides) -> Verdict:
        """A refutation, but where a line holds for all members of a family of which it names one; doubted."""
        general = for_all(self.conditions, self.basis, sides.left, sides.right)
        if general is not None:
            context, conditions = general
            there = replace(self, context=context, conditions=conditions)._verdict(sides)
            if there.answer == "proved":
                return replace(there, decision=replace(there.decision, reason=FOR_ALL))
            if there.answer != "refuted" and "no instance satisfies" not in there.decision.reason:
                return there
        return replace(found, decision=self.doubted(found.decision, sides))

    def _as_meant(self, sides: Sides) -> Verdict | None:
        """The verdict in the first reading of the two sides that is proved; None where there is none."""
        for one, meant, reason in readings(sides.left, sides.right, self.context, self.ranges):
            again = self.ask(one, sides.sign, meant)
            if again.answer == "proved" and not self.basis.is_vacuous(one, meant):
                return Verdict(replace(again, reason=reason), meant)
        return None

    def solving(self, sides: Sides) -> tuple[Question, Determined] | None:
        """The question with what the equations that are given say of the quantities of a line put in, and this."""
        if sides.sign == "!=" or any(map(holds_derivative, (sides.left, sides.right))):
            return None
        told = (*self.told, *(d.relation for d in self.premises if not d.ranges))
        if self.conditions and contradictory([*told, *self.conditions], self.context.givens):
            # Of another case than the one that is under way.
            return None
        found = determined(self.context, Relation(sides.left, sides.sign, sides.right), told)
        return None if found is None else (replace(self, context=found.context, premises=()), found)

    def _determined(self, sides: Sides, there: Question, system: Determined) -> Verdict | None:
        """The verdict where equations that are given, solved together, say what the quantities of a line are."""
        found = there._verdict(sides)
        if found.rounded and not is_quantity(sides.left):
            # Digits of an equation that goes on from others were not rounded from its solution.
            return None
        if found.answer == "proved":
            assumes = (*found.decision.assumes, *there.assumed(system.nonzero))
            said = replace(found.decision, reason=DETERMINED, assumes=assumes)
            return replace(found, decision=said)
        if found.answer == "agrees":
            return found
        if self.may_suppose or self.premises:
            return None
        if found.answer == "refuted" and system.binds(sides.left):
            return found
        if sides.sign != "=" or is_quantity(sides.left):
            return None
        # What no values of anything else make equal is no equation to be solved for these.
        plain = there.ask(sides.left, "=", sides.right)
        return replace(found, decision=plain) if plain.answer == "refuted" and there._are_apart(sides) else None

    def _are_apart(self, sides: Sides) -> bool:
        """Whether no values of what is not given make two sides equal."""
        values = [enclosed(side, self.context.givens) for side in (sides.left, sides.right)]
        if values[0] is not None and values[1] is not None:
            return apart(values[0], values[1])
        return self.ask(sides.left, "!=", sides.right).answer == "proved"

    def _in_numbers(self, sides: Sides) -> Verdict | None:
        """The verdict on numbers, with derivatives as they are given, or taken along the input that both rest on."""
        found = self.numbers.verdict(sides)
        if found is None and holds_derivative(sides.left):
            reduced = ChainRule(self.context, (sides.left, sides.right)).reduced()
            if reduced.complete and not reduced.families and reduced.sides[0] != sides.left:
                return self.numbers.verdict(replace(sides, left=reduced.sides[0], left_source=""))
        if (found is not None and found.answer != "refuted") or not loose(self.context, sides.left):
            return found
        taken = along(self.context, sides.left, self.ranges)
        there = None if taken is None else self.numbers.verdict(replace(sides, left=taken, left_source=""))
        return there if there is not None and there.answer == "proved" else None

    def _sound(self, decision: Decision, left: Expr, right: Expr) -> Decision:
        """A proof, with what it assumes of letters that nothing gives; taken back where nothing follows from them.

        Nor does anything from a derivative that is 0 only because an equation is no definition.
        """
        if any(self.basis.is_tied(t) for side in (left, right) for t in subterms(side) if isinstance(t, D)):
            return Decision("unknown", APART)
        if not self.basis.is_vacuous(left, right):
            constant = sorted(
                s.name for s in self.basis.multipliers(left, right) & self.basis.differentiated(left, right)
            )
            return replace(decision, assumes=(*decision.assumes, *(f"${name}$ is constant" for name in constant)))
        lost = self.basis.lost_slopes(left, right)
        if lost:
            names = ", ".join(sorted(s.name for s in lost))
            return Decision("unknown", f"what is given of {names} could not be read, so nothing follows from it")
        return Decision("unknown", f"{self.basis.missing(left, right)} is not given, so nothing follows from it")

    def _is_as_given(self, left: Expr, right: Expr) -> bool:
        """Whether the relation is a definition of the givens, word for word."""
        givens = self.context.givens
        pairs = ((left, right), (right, left))
        return any(is_quantity(a) and a != b and givens.body_of(a, self.ranges) == b for a, b in pairs)

    def _solved(self, sides: Sides) -> Verdict | None:
        linear = self._linear(Relation(sides.left, sides.sign, sides.right))
        return None if linear is None else Verdict(linear, sides.right)

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

    def _as_percentage(self, sides: Sides) -> Verdict | None:
        r"""The verdict where a factor 100 stands for the sign of what it leads to, as in $0.4 \times 100 = 40\%$."""
        sign = _PERCENT.search(sides.right_source)
        if sign is None or not _HUNDRED.search(sides.left_source):
            return None
        meant = replace(sides, right=100 * sides.right, right_source=sides.right_source[: sign.start()])
        found = self._verdict(meant)
        return replace(found, right=sides.right) if found.answer == "proved" or found.rounded else None

    def _everywhere_to_digits(self, sides: Sides) -> Verdict | None:
        """The verdict on a number shown for what only the facts determine: looked at where they hold, not proved."""
        shown = sides.shown
        if shown is None or not shown.has_point or self.ranges or (sides.sign == "=" and self._is_told(shown.value)):
            return None
        givens = self._about(Reduced((sides.left,), {}, True), self._bearing(sides.left, sides.right))
        world = World((sides.left,), givens, self.ranges, (*self.conditions, *self._bearing(sides.left, sides.right)))
        found = [value_at(sides.left, instance) for instance in instances(world, 4)]
        values = [v for v in found if v is not None]
        if len(values) < 2 or len(values) < len(found):
            return None
        if all(within(v, *shown.rounding) or is_cut(v, shown) for v in values):
            reason = f"equal to the digits shown at {len(values)} instances, not proved"
            return Verdict(Decision("agrees", reason), sides.right)
        return None

    def _everywhere_rounded(self, sides: Sides) -> Verdict | None:
        """The verdict on sides that differ by no more than the rounding of their decimals wherever looked at."""
        loose = min(self.numbers.looseness(sides), WIDEST) if sides.sign in ("=", "~") else fmpq(0)
        if not loose or self.told or self.concludes or any(i in free_symbols(sides.left) for i in self.ranges):
            return None
        bearing = self._bearing(sides.left, sides.right)
        givens = self._about(Reduced((sides.left, sides.right), {}, True), bearing)
        world = World((sides.left, sides.right), givens, self.ranges, (*self.conditions, *bearing))
        count = 0
        for instance in instances(world, FEW):
            one, other = value_at(sides.left, instance), value_at(sides.right, instance)
            if one is None or other is None or not abs(arb(one) - arb(other)) <= abs(arb(one)) * arb(loose):
                return None
            count += 1
        reason = f"equal within the rounding of the numbers shown at {count} instances, not proved"
        return Verdict(Decision("agrees", reason), sides.right) if count else None

    def holds(self, left: Expr, right: Expr) -> bool:
        """Whether two terms are proved to be equal, and not only because nothing is given of them."""
        return not self.basis.is_vacuous(left, right) and self.ask(left, "=", right).answer == "proved"

    def makes(self, left: Expr, right: Expr) -> bool:
        """Whether a quantity is proved to be a term by an equation that is demanded before, whatever else it is."""
        if not self.premises or left in quantities(right):
            return False
        found = self.concluded(Relation(left, "=", right))
        return found is not None and found.answer == "proved"

    def settles(self, left: Expr, right: Expr) -> bool:
        """Whether a line holds where a letter that has no value, and that its right side lacks, is a number there."""
        if not (isinstance(left, D) or (is_quantity(left) and self.context.givens.is_defined(left))):
            return False
        numbers = {abs(t) for t in subterms(right) if t.is_Rational} - {Integer(0), Integer(1)}
        beside, names = self.context.names(right), self.context.names(left)
        free = sorted((q for q in names - beside if q not in self.context.givens.families), key=lambda q: q.name)
        tried = ((q, s * n) for q in free if self.basis.is_free(q) for n in sorted(numbers) for s in (1, -1))
        for q, number in islice(tried, MAX_SETTLED):
            conditions = (*self.conditions, Relation(q, "=", number))
            there = replace(self, conditions=conditions, told=(), premises=())
            if there.ask(left, "=", right).answer == "proved" and not self._is_ruled_out(q, number):
                return True
        return False

    def _is_ruled_out(self, quantity: Expr, number: Expr) -> bool:
        """Whether an equation that is given of a quantity alone does not hold at a number, as that of a label."""
        facts = (f.relation for f in self.context.facts if f.relation.sign == "=")
        gaps = (put(r.lhs - r.rhs, {quantity: number}) for r in facts if quantity in quantities(r.lhs))
        return any(gap.is_number and gap != 0 for gap in gaps)

    def specialises(self, left: Expr, right: Expr) -> bool:
        """Whether a line holds where a free number that its right side lacks is 1 or another one, and not idly.

        Where one is 0, a line holds that has lost a term, and nobody means data that are all 1.
        """
        if not (isinstance(left, D) or (is_quantity(left) and self.context.givens.is_defined(left))) or right.is_number:
            return False
        inside, families = self.context.names(right), self.context.givens.families
        moved = {label_of(q) for q in quantities(left.wrt)} if isinstance(left, D) else set()
        names = (
            sorted(labels - families.keys() - moved, key=str) for labels in (self.context.names(left) - inside, inside)
        )
        free, others = (list(filter(self.basis.is_open, found)) for found in names)
        tried = ((s, value) for s in free for value in (Integer(1), *others))
        for label, value in islice(tried, MAX_SETTLED):
            there = replace(self, context=self.context.where({label: value}), told=(), premises=(), lemmas=())
            if there.ask(left, "=", right).answer == "proved" and there.ask(right, "=", Integer(0)).answer != "proved":
                return True
        return False

    def _is_told(self, number: Expr) -> bool:
        """Whether a number stands in what was told, so that it is carried over and not rounded."""
        relations = (*self.told, *(d.relation for d in self.premises))
        return any(t == number for r in relations for side in r.sides for t in subterms(side))

    def with_derivation(self, term: Expr) -> Question:
        """The question with what the engine proves on its way to a term among the lemmas."""
        found = self.context.derived(posed(self.ranges, term)).proved if holds_derivative(term) else ()
        return replace(self, lemmas=(*self.lemmas, *found)) if found else self
