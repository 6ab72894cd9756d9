"""A refutation, doubted before it is believed: it stands where nothing else can have been given or meant."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from math import e

from flint import arb
from sympy import E, Expr, Integer, Symbol, exp, log

from symdl.check.asking import APART
from symdl.check.concluding import Concluding
from symdl.check.context import HERE, Context
from symdl.check.conventions import BARE_LOG, Conventions
from symdl.check.demands import starred
from symdl.check.dependence import loose
from symdl.check.entailment import never_equal
from symdl.check.letters import letters_of, may_define
from symdl.check.numbers import Numbers
from symdl.check.opaque import Reduced
from symdl.check.putting import in_names, unvalued
from symdl.check.samples import FEW, Samples
from symdl.check.sides import AGAINST, OPPOSITE, Sides
from symdl.judge.instances import instances, value_at
from symdl.judge.world import Question as World
from symdl.language import (
    D,
    free_symbols,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    put,
    quantities,
    scalar,
    size,
    subterms,
)
from symdl.problem import Decision, Givens, Relation, Value

_BARE_E = re.compile(r"(?<![A-Za-z\\{])e(?![A-Za-z^]|\s*\^)")

_NO_MEMBER = re.compile(r"(?<![A-Za-z\\])e(?![A-Za-z_^]|\s*[_^])")
"""An e without an index, beside a family of that name."""

_AT_POWER = re.compile(r"\^\s*\{?\s*T\s*\}?(?![A-Za-z])")
_STEPS = size("T")
"""The end of time, by which a power may be raised that looks like a transposed matrix."""

UNGIVEN = "is not given, so this neither follows nor fails"

CONDITIONAL = "a moment under a condition is not read here"
"""The reason of what rests on the operator of moments as if it were a function."""
_OPERATORS = frozenset((r"\mathbb{E}", r"\mathrm{Var}", r"\mathrm{Cov}"))

NEITHER = "an equation that the givens neither imply nor exclude"
"""The reason of an equation that may be one to be solved."""

NEAR_E = 0.2
"""How near to Euler's number a number says that an e is this one."""


@dataclass(frozen=True, eq=False)
class Doubting(Concluding):
    """Asks, and knows why what is refuted may hold all the same."""

    def doubted(self, decision: Decision, sides: Sides) -> Decision:
        """A refutation, taken back where it rests on what is not given or on a convention.

        What only doubts how the line is read keeps the instance: a slip that explains it settles this.
        """
        found = self._untied(sides)
        if found is not None:
            return found
        is_bound = sides.sign == "=" and self._is_demanded(sides.left, sides.right)
        is_given = self.basis.is_value(sides.left_source) or self._is_placed(sides.left, sides.right)
        is_given = is_given or self.is_said_for_all(sides)
        is_equation = self.basis.is_equation(sides.left, sides.right) and not is_given
        if is_equation and sides.is_first and sides.sign == "=" and not is_bound and not self.is_excluded(sides):
            return Decision("unknown", NEITHER)
        found = self._ungiven(decision, sides) or self._unreadable(decision, sides) or self._unclear(decision, sides)
        if found is not None:
            return found
        words = self._conventions.words(sides, is_natural=self.natural) if sides.sign == "=" else None
        is_equation = is_equation and (sides.is_first or sides.sign not in ("=", "~"))
        is_open = is_equation or self.basis.names_free(sides.left, sides.right, is_bound=sides.sign not in ("=", "~"))
        is_open = is_open and not is_given
        if not is_open and words is None:
            return decision
        # Looked at last: that the sides are equal nowhere is seen by their values at several instances.
        excluded = self.is_excluded(sides) or self._is_against(sides)
        if excluded and sides.shown is not None:
            return decision if words is None else Decision("unknown", words)
        if excluded or is_bound:
            return decision
        return Decision("unknown", NEITHER if is_open or words is None else words)

    def _untied(self, sides: Sides) -> Decision | None:
        """Why the two sides may be tied to each other by more than is written: roundings, families, derivatives."""
        left, right = sides.left, sides.right
        if sides.sign in ("=", "~") and self.numbers.may_be_rounded(sides):
            return Decision("unknown", "equal only if a decimal that is given was rounded")
        if any(self.basis.is_tied(t) for s in (left, right) for t in subterms(s) if isinstance(t, D)):
            return Decision("unknown", APART)
        twins = self.basis.twins(left, right)
        if twins:
            return Decision("unknown", f"whether {', '.join(twins)} are members of one family is not said")
        slopes = loose(self.context, left, right)
        # What a proof names itself may be a step of a graph in which the other quantity is not written.
        is_own = any(label_of(slope.wrt) in self.context.own for slope in slopes)
        if slopes and (is_own or self.ask(left, sides.sign, right).answer != "refuted"):
            return Decision("unknown", APART)
        return None

    def _ungiven(self, decision: Decision, sides: Sides) -> Decision | None:
        """Why nothing follows from what is given of the quantities of a line: one of them is not."""
        left, right = sides.left, sides.right
        missing = self.basis.missing(left, right)
        if missing and self._is_unknown(sides):
            return replace(decision, answer="unknown", reason=f"{missing} {UNGIVEN}")
        if sides.sign == "=" and self.basis.is_for_unknowns(left, right):
            return replace(decision, answer="unknown", reason=NEITHER)
        if self.basis.is_recurrence(left, right):
            return Decision("unknown", f"{label_of(left)} {UNGIVEN}")
        if any(s.name in _OPERATORS for s in self.context.names(left, right) & self.context.givens.arguments.keys()):
            return Decision("unknown", CONDITIONAL)
        derived = self.basis.moments_of_defined(left, right)
        if derived:
            return Decision("unknown", f"{', '.join(sorted(map(str, derived)))} {UNGIVEN}")
        points = {s for s in self.context.names(left, right) - self.known if starred(s) in self.known}
        if points:
            return Decision("unknown", f"where {', '.join(sorted(map(str, points)))} lies is not given")
        return None

    def unsure(self, sides: Sides) -> frozenset[Symbol] | None:
        """The names of a line of which more may be given than is known, so that others could stand for them.

        None where there is none; all of them where it is not known of which ones.
        """
        left, right = sides.left, sides.right
        lost = self.basis.lost(left, right)
        is_unknown = self._is_unknown(sides) and not self.basis.is_open_in(left, right)
        if not is_unknown:
            return lost or None
        return lost | (self.basis.absent(left, right) or self.context.names(left, right))

    def _is_unknown(self, sides: Sides) -> bool:
        written = letters_of(sides.left_source) & letters_of(sides.right_source)
        return self.basis.is_unknown(sides.left, sides.right, written)

    def _unreadable(self, decision: Decision, sides: Sides) -> Decision | None:
        """Why something may be given of a line that could not be read."""
        left, right = sides.left, sides.right
        unread = self.basis.lost(left, right)
        lost = set() if self._fails_for_any(sides, unread) else {s.name for s in unread}
        has_log = any(isinstance(t, log) for s in (left, right) for t in subterms(s))
        if frozenset((r"\log",)) in self.unread and has_log and BARE_LOG.search(sides.left_source + sides.right_source):
            lost.add(r"\log")
        if lost:
            names = ", ".join(sorted(lost))
            reason = f"what is given of {names} could not be read, so this neither follows nor fails"
            return replace(decision, answer="unknown", reason=reason)
        if self.concludes and self._is_lost(left, right):
            return Decision("unknown", "what it is concluded from could not be read")
        return None

    def _fails_for_any(self, sides: Sides, names: frozenset[Symbol]) -> bool:
        """Whether two sides, which both rest on these names, differ for all numbers that they may be by what is read.

        What could not be read may say which of these numbers they are; one that it may define is none.
        """
        left, right = sides.left, sides.right
        if sides.sign != "=" or not names <= self.context.names(left) & self.context.names(right):
            return False
        bound = {s for f in self.context.facts for side in f.relation.sides for s in free_symbols(side)}
        if not names <= bound or any(may_define(said, s.name) for said in self.statements for s in names):
            return False
        return bool(names) and self.ask(left, "!=", right).answer == "proved"

    def _unclear(self, decision: Decision, sides: Sides) -> Decision | None:
        """Why it is not clear what a line says: of what, of which e, at which values, for which indices."""
        left, right = sides.left, sides.right
        if self._is_unknown(sides):
            return Decision("unknown", "how the quantities depend on one another is not given")
        if sides.left_source.lstrip().startswith("+"):
            return Decision("unknown", "the left side begins in the middle of a formula")
        if loose := self.basis.loose_letters(left, right):
            return Decision("unknown", f"what {', '.join(sorted(i.name for i in loose))} is in the givens is not said")
        if self._is_of_fewer(sides):
            return Decision("unknown", "how many members there are is not given")
        if self._may_be_power(sides):
            reason = "whether T transposes or is the number of steps is not said"
            return replace(decision, answer="unknown", reason=reason)
        if self._is_another_e(sides) and not self._fails_for_any_e(sides):
            return replace(decision, answer="unknown", reason="whether e is Euler's number here is not clear")
        if self.basis.is_taken_elsewhere(left) and not re.search(r"[(\[]", sides.left_source):
            return Decision("unknown", "at what the function is taken is not said")
        if self.is_running and not quantities(right) and any(map(self.basis.is_free, self.basis.labels(left))):
            return Decision("unknown", "the values put in here are not given")
        if self.is_running and self.basis.has_unnamed_sizes(left, right, self.ranges):
            return Decision("unknown", "where an index runs is not given")
        return None

    def _is_another_e(self, sides: Sides) -> bool:
        """Whether an e may be a name; beside numbers alone it is Euler's number where nothing is called so."""
        left, right = sides.left, sides.right
        if scalar("e") in self.context.givens.families and _NO_MEMBER.search(sides.left_source + sides.right_source):
            return True
        terms = [t for s in (left, right) for t in subterms(s)]
        is_alone = "e" in (sides.left_source.strip(), sides.right_source.strip())
        is_number = not (quantities(left) | quantities(right) or is_alone)
        if is_number and scalar("e") not in self.known:
            return False
        if right.is_Rational and abs(float(right) - e) < NEAR_E:
            return False
        if is_number:
            return any(t == E or (isinstance(t, exp) and t.args[0].is_Integer) for t in terms)
        is_shown = bool(_BARE_E.search(f"{sides.left_source} {sides.right_source}"))
        return E in terms and (is_shown or bool(right.is_Rational))

    def _fails_for_any_e(self, sides: Sides) -> bool:
        """Whether a step from one formula in e alone to another one fails for any other number as well."""
        left, right = sides.left, sides.right
        if sides.is_first or sides.sign != "=" or quantities(left) | quantities(right):
            return False
        letter = scalar(r"\text{e}")
        powers = {t: letter ** t.args[0] for s in (left, right) for t in subterms(s) if isinstance(t, exp)}
        left, right = (put(side, {**powers, E: letter}) for side in (left, right))
        is_shared = letter in quantities(left) & quantities(right)
        return is_shared and self.ask(left, "=", right).answer == "refuted"

    def _is_of_fewer(self, sides: Sides) -> bool:
        """Whether a line does not fail where a family ends with the last member that the line writes."""
        ends = self.basis.numbered(sides.left, sides.right)
        if not ends or any(size in free_symbols(side) for size in ends for side in (sides.left, sides.right)):
            return False
        conditions = (*self.conditions, *(Relation(size, "=", Integer(n)) for size, n in ends.items()))
        return replace(self, conditions=conditions).ask(sides.left, sides.sign, sides.right).answer != "refuted"

    def _may_be_power(self, sides: Sides) -> bool:
        """Whether a side is written with a T above, and another T beside it is the end of time."""
        indices = (i for side in (sides.left, sides.right) for q in quantities(side) for i in indices_of(q))
        is_written = any(map(_AT_POWER.search, (sides.left_source, sides.right_source)))
        return is_written and any(_STEPS in free_symbols(i) for i in indices)

    def is_said_for_all(self, sides: Sides) -> bool:
        """Whether words say that a line holds for all values of what it rests on, and that nothing gives."""
        free = {s.name for s in self.context.names(sides.left, sides.right) if self.basis.is_free(s)}
        return bool(free) and free <= self.for_all

    def _is_placed(self, left: Expr, right: Expr) -> bool:
        """Whether conditions give numbers to all quantities on which two terms rest, and that nothing else gives."""
        said = {label_of(r.lhs) for r in self.conditions if r.sign == "=" and is_quantity(r.lhs) and r.rhs.is_number}
        free = {s for s in self.context.names(left, right) if self.basis.is_open(s)}
        return bool(free) and free <= said and not any(map(is_quantity, (left, right)))

    def holds_somewhere(self, sides: Sides) -> bool:
        """Whether a bound is met at one of a few instances."""
        bearing = self._bearing(sides.left, sides.right)
        givens = self._about(Reduced((sides.left, sides.right), {}, True), bearing)
        world = World((sides.left, sides.right), givens, self.ranges, (*self.conditions, *bearing))
        values = ((value_at(sides.left, there), value_at(sides.right, there)) for there in instances(world, FEW))
        is_above = sides.sign in (">", ">=")
        pairs = ((b, a) if is_above else (a, b) for a, b in values if a is not None and b is not None)
        return any(arb(less) < arb(more) for less, more in pairs)

    def _is_against(self, sides: Sides) -> bool:
        """Whether a bound holds nowhere but where its sides are equal, as no condition does that is written as one."""
        against = AGAINST.get(sides.sign)
        is_other = against is not None and self.ask(sides.left, against, sides.right).answer == "proved"
        return is_other and not self.holds_somewhere(sides)

    def is_excluded(self, sides: Sides) -> bool:
        """Whether the sides of an equation are equal nowhere, or a bound fails everywhere."""
        left, right = sides.left, sides.right
        if sides.sign in ("<", ">", "<=", ">="):
            return not self.holds_somewhere(sides) and self.ask(left, OPPOSITE[sides.sign], right).answer == "proved"
        if sides.sign != "=":
            return False
        if never_equal(left, right, self.context.givens) or self._is_another_constant(left, right):
            return True
        # In the case that is under way a side may be another number than anywhere else.
        return bool(self.conditions) and right.is_number and self.ask(left, "!=", right).answer == "proved"

    def _is_another_constant(self, left: Expr, right: Expr) -> bool:
        """Whether one side is a number and the other one is proved to be another number, whatever its inputs are."""
        for number, term in ((left, right), (right, left)):
            if number.is_number and not term.is_number and not loose(self.context, term):
                value = self.samples.constant_of(term)
                if value is not None and value != number and self.ask(term, "=", value).answer == "proved":
                    return True
        return False

    @cached_property
    def numbers(self) -> Numbers:
        """What judges relations between numbers."""
        at = {c.lhs: c.rhs for c in self.conditions if c.sign == "=" and is_index(c.lhs) and c.rhs.is_Integer}
        return Numbers(self._there, self.ranges, self.seen, self._is_proved, self.derived, self.proved, at)

    @cached_property
    def _there(self) -> Context:
        """The context in which the inputs have the numbers that the conditions say, and nothing else does."""
        givens = self.context.givens
        said = (c for c in self.conditions if c.sign == "=" and is_quantity(c.lhs) and c.rhs.is_Rational)
        known = givens.stated.keys()
        new = tuple(Value(c.lhs, c.rhs, HERE) for c in said if c.lhs not in known and not givens.is_defined(c.lhs))
        return Context(replace(givens, values=(*givens.values, *new)), self.context.own) if new else self.context

    @cached_property
    def _conventions(self) -> Conventions:
        return Conventions(self.context, self.ranges, self.numbers, lambda a, b: self.ask(a, "=", b).answer == "proved")

    @cached_property
    def samples(self) -> Samples:
        """What terms are at some instances."""
        return Samples(self.basis, self.ranges)

    def _is_proved(self, left: Expr, right: Expr, givens: Givens) -> bool:
        return self._judge(left, "=", right, givens).answer == "proved"

    def derived(self, term: Expr) -> Expr | None:
        """What a term with derivatives is in names, whatever values these have; None where it is not proved."""
        alone = Doubting(unvalued(self.context), self.known, (), self.ranges, ())
        found = in_names(term, alone.context, self.ranges)
        return found if found is not None and alone.ask(term, "=", found).answer == "proved" else None
