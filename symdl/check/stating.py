"""Judges a relation that a sentence states, as far as its words or its form say clearly that it is claimed."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from itertools import groupby
from typing import Self, cast

from sympy import Expr, Indexed, Integer, Symbol

from symdl.check.asking import APART
from symdl.check.asserted import is_peculiar, looks_for_contradiction
from symdl.check.branches import kinks
from symdl.check.demands import derivable, starred
from symdl.check.displays import Displays
from symdl.check.doubting import NEITHER, UNGIVEN
from symdl.check.enclosures import enclosed
from symdl.check.entries import Judged, is_between_terms, is_demand, is_identity, is_worked, sides_of, wrong_in
from symdl.check.introducing import is_slope_zero
from symdl.check.letters import squeezed
from symdl.check.naming import is_applied
from symdl.check.relations import ASSUMED
from symdl.check.report import LineReport
from symdl.check.saying import DEFINED
from symdl.check.sentences import Statement, begins_with_slope, speaks_of_slopes
from symdl.check.settings import Setting, setting
from symdl.check.slips import is_of_the_pen, is_slip
from symdl.check.solving import ANOTHER
from symdl.check.stationary import FAILS, UNSAID
from symdl.check.words import formulas, said_for_all, without_formulas
from symdl.language import D, Opaque, free_symbols, indices_of, is_index, is_quantity, label_of, quantities
from symdl.problem import Block, Relation

UNCLEAR = "it does not hold of all that is given: whether the sentence claims that is not clear"


class Stating(Displays):
    """Tries what sentences state, and takes it, lists it as open, or passes over it."""

    def tried(self, formula: Block, before: Block | None) -> Self:
        """The proof as it would be with one more display, without what it had."""
        trial = copy(self)
        trial.so_far, trial.meanings = copy(self.so_far), copy(self.meanings)
        trial.entries, trial.errors, trial.failed = [], list(self.errors), list(self.failed)
        trial.display(formula, before)
        return trial

    def take(self, trial: Stating) -> None:
        """Go on from the proof as it was tried."""
        entries = [*self.entries, *trial.entries]
        self.__dict__.update(trial.__dict__)
        self.entries = entries

    def state(self, said: Statement) -> None:
        """Judge a relation that a sentence states.

        It may be said of something else where it is neither proved nor refuted by what is given alone; but what fails
        of all that is given is not passed over, nor is what cannot be told.
        """
        trial = self.tried(said.formula, said.under or (None if said.is_claimed else said.before))
        if is_slope_zero(said.formula.text) and not self.is_ranged(said) and self._demand(trial):
            return
        if is_demand(trial.entries):
            self.take(trial)
        elif not self.are_indices(trial) and not self._fail(said, trial):
            self._settle(said, trial)

    def _fail(self, said: Statement, trial: Stating) -> bool:
        """Judge a relation that fails where its words or its form say whether it is claimed; whether they do."""
        wrong = trial.wrong()
        if not wrong:
            return False
        in_steps = is_worked(trial.entries)
        is_of_all = self._is_of_all(said, trial)
        is_bound = all(r.relation not in ("=", "~") and r.counterexample for r in wrong)
        is_asserted = self._is_asserted(said, trial)
        is_sure = is_asserted and (is_between_terms(trial.entries) or self._are_numbers(trial))
        if is_bound and not (said.is_announced or is_of_all or is_sure):
            # What holds here and fails there says where the rest of the sentence holds.
            is_between = said.is_claimed and (in_steps or is_between_terms(trial.entries))
            if begins_with_slope(said.formula) or is_between or said.is_bound:
                self.list_open(trial, said, is_law=True)
        elif (
            is_of_all
            or is_asserted
            or (said.is_framed and self._is_at_a_place(trial))
            or (said.is_claimed and said.is_of_one_thing and in_steps and self._is_of_members(trial))
            or self._is_a_slip(said, trial)
            or self._is_constant(said, trial)
            or (said.is_plainly_said and all(is_identity(*one) for one in wrong_in(trial.entries)))
        ):
            beside = self.tried(said.formula, said.before)
            # What is plainly asserted is not assumed, whatever words such as `solving` stand before it.
            self.take(trial if any(j.report.reason == ASSUMED for j in beside.entries) else beside)
        elif not said.is_of_others and self._fails(trial, in_steps=in_steps):
            self.display(said.formula, said.before)
        elif said.is_got and all(ANOTHER in r.reason or FAILS in r.reason for r in wrong):
            # What is got from an equation that is required, or where it puts something, is no condition.
            if self._is_bound_elsewhere(trial):
                return False
            self.take(trial)
        else:
            return False
        return True

    def _settle(self, said: Statement, trial: Stating) -> None:
        """Take a relation where its sentence claims it or says what a new name is; else list what may be claimed."""
        wrong, verdicts = trial.wrong(), {j.report.verdict for j in trial.entries}
        # What a derivative is, is said of all points.
        is_law = begins_with_slope(said.formula) and all(r.counterexample or "shape" in r.reason for r in wrong)
        if verdicts - {"given"} and verdicts <= {"given", "proved", "rounded", "wrong"}:
            is_claim = self._is_claimed(said, trial) and (not wrong or self._is_failure(said, trial, is_law=is_law))
            # Where something is said to lie is claimed where it is shown to lie there.
            is_lying = not wrong and said.is_lying and all(map(self._is_place, trial.entries))
            if is_claim or is_lying or self._is_placed(said, trial):
                self.take(trial)
                return
        if said.is_announced and trial.entries and all(map(_is_assumed_solution, trial.entries)):
            # What is got from setting something to 0 is claimed, and is no more than assumed where it is the demand.
            self._take_as_unclear(trial)
            return
        is_definition = all(j.report.verdict == "given" and j.report.reason == DEFINED for j in trial.entries)
        places = [j for j in trial.entries if is_definition and self._is_place(j)]
        if any(not self._is_stationary(j) for j in places):
            self._take_as_unclear(trial)
        elif is_definition and (places or not said.is_plain or said.is_quotient):
            # What a new name stands for is kept in whatever words it is said.
            self.take(trial)
        elif squeezed(said.formula.text) not in self.meanings.wording.given:
            self.list_open(trial, said, is_law=is_law)

    def list_open(self, trial: Stating, said: Statement | None = None, *, is_law: bool = False) -> None:
        """List what a sentence shows and may claim: what holds, is wrong if it does, is open, and what numbers are.

        A bound that may be a case is none, unless it is a law of its own, nor is what the sentence does not state and
        may be an equation to be solved, or what a free name is to be.
        """
        before: Judged | None = None
        for _, chain in groupby(trial.entries, key=lambda j: j.chain):
            for n, j in enumerate(chain):
                left = j.first if n == 0 else cast(Judged, before).right
                before = j
                sides = [side for side in (left, j.right) if side is not None]
                is_numeric = len(sides) == 2 and not any(map(quantities, sides))
                report = unclear(j.report) if j.report.verdict == "wrong" else j.report
                is_open = report.verdict in ("undecided", "agrees", "unreadable")
                is_claim = is_law or (said and (said.is_announced or said.is_bound))
                is_bound = report.relation not in ("=", "~") and not is_claim
                is_idle = report.reason == APART or is_bound or self._is_new(j, left, report, said, is_first=n == 0)
                is_idle = is_idle or (said is not None and self._is_idle(said, report, sides, trial))
                is_idle = is_idle and not (is_open and self._is_missed(j, said))
                # What holds is shown, but for a name and its number, which may be a place.
                is_aside = said is not None and said.is_plain and not said.is_stated
                is_shown = report.verdict in ("proved", "rounded") and not is_aside
                if ((is_open or is_shown) and not is_idle) or is_numeric:
                    self.entries.append(replace(j, report=report, chain=self.chains + j.chain))
        self.chains += len({j.chain for j in trial.entries})

    def _take_as_unclear(self, trial: Stating) -> None:
        """List the lines of a trial as open, and keep nothing of what they say."""
        self.entries += [replace(j, report=unclear(j.report)) for j in trial.entries]
        self.chains = trial.chains

    def wrong(self) -> list[LineReport]:
        """The reports of the lines that are wrong."""
        return [j.report for j in self.entries if j.report.verdict == "wrong"]

    def is_ranged(self, said: Statement) -> bool:
        """Whether a sentence says something of a whole range, where a derivative that is 0 is no demand."""
        there = setting(said.before, self.givens).conditions(self.givens, {})
        return any(r.sign in ("<", ">", "<=", ">=") for r in there)

    def are_indices(self, trial: Stating) -> bool:
        """Whether lines say what indices are, as in `the start, t = 0`, and so where something holds."""
        letters = {i.name for i in (*self.givens.positions, *self.running)}
        return all(
            isinstance(j.first, Symbol) and (is_index(j.first) or j.first.name in letters) for j in trial.entries
        )

    def is_flat(self, name: Expr, value: Expr) -> bool | None:
        """Whether a derivative of what is given by a name is 0 at its value; None where there is no such derivative."""
        slopes = [s.slope for s in derivable(Relation(name, "=", name), self.so_far.context, {})]
        # A function that a step downhill uses is not the last one in the graph.
        slopes += [D(of, name) for of, at in self.givens.arguments.items() if name in at]
        there = self.so_far.question({}, (Relation(name, "=", value),))
        return any(there.ask(slope, "=", Integer(0)).answer == "proved" for slope in slopes) if slopes else None

    def _demand(self, trial: Stating) -> bool:
        """Keep that a derivative is to be 0, as a sentence says, where it is not 0 in any case; whether it was kept."""
        if not trial.entries or any(j.report.verdict in ("proved", "unreadable") for j in trial.entries):
            return False
        last = trial.entries[-1]
        samples = self.so_far.question(trial.ranges, ()).samples
        if last.first is None or last.right != 0 or samples.is_constant(last.first):
            return False
        self.so_far.demand(Relation(last.first, "=", last.right), trial.ranges)
        return True

    def _is_new(
        self, judged: Judged, left: Expr | None, report: LineReport, said: Statement | None, *, is_first: bool
    ) -> bool:
        """Whether a line says what a new name is: a definition, read or not, unless it gets one that has a star."""
        if not is_first or left is None or not is_quantity(left) or label_of(left) in self.so_far.known:
            return False
        is_read = judged.first is not None and judged.right is not None
        is_got = said is not None and (said.is_announced or is_read) and self._is_place(judged)
        return not is_applied(label_of(left)) and not is_got and report.reason != UNCLEAR

    def _is_idle(self, said: Statement, report: LineReport, sides: Sequence[Expr], trial: Stating) -> bool:
        """Whether an open relation of a sentence may be no claim: an equation to be solved, a place, a value."""
        is_name = bool(sides) and is_quantity(sides[0])
        is_given = bool(sides) and self.givens.is_defined(sides[0])
        if not said.is_stated and report.reason == NEITHER:
            is_apart = not trial.so_far.context.names(*sides) & {label_of(q) for q in self.meanings.points}
            if is_apart or is_name or said.is_placing:
                return True
        elif not said.is_stated:
            is_open = said.is_plain and not is_given
            if report.verdict == "unreadable" or (is_open and report.reason != UNCLEAR):
                return True
        if report.reason == UNCLEAR and not said.is_beside:
            return False
        # Where a point lies, or a curve runs, is said beside what holds there.
        is_place = is_name and (said.is_placing or (report.reason.endswith(UNGIVEN) and not is_given))
        return is_place or (not said.is_stated and report.reason == UNSAID)

    def _is_bound_elsewhere(self, trial: Stating) -> bool:
        """Whether a place need not be where one derivative is 0.

        So it is with several coordinates, on what an equation of the givens binds, and beside a kink.
        """
        labels = {label_of(j.first) for j in trial.entries if j.first is not None and is_quantity(j.first)}
        bound = (f.relation for f in self.givens.facts if f.relation.sign == "=")
        if len(labels) > 1 or any(labels & {label_of(q) for side in r.sides for q in quantities(side)} for r in bound):
            return True
        bodies = (d.body for d in self.givens.definitions if not isinstance(d.body, Opaque))
        return bool(kinks(self.so_far.question({}, ()).basis, {}, *bodies))

    def _is_claimed(self, said: Statement, trial: Stating) -> bool:
        """Whether a sentence claims a relation: no word of it makes a condition of this, or only one that is read."""
        if said.is_claimed or setting(said.before, self.givens).conditions(self.givens, {}):
            return True
        return said.is_announced and (not trial.wrong() or is_worked(trial.entries))

    def _is_failure(self, said: Statement, trial: Stating, *, is_law: bool) -> bool:
        """Whether a relation that fails, and that a sentence claims, is said of what is given, as a law is.

        What is given as a number may have another one by then.
        """
        wrong = trial.wrong()
        is_value = not self.meanings.wording.in_steps and not any(speaks_of_slopes(r.lhs) for r in wrong)
        is_sure = is_law or (is_value and not any(r.counterexample for r in wrong))
        is_sure = is_sure or (is_value and said.is_general and self._is_told(trial))
        return is_sure and not self._is_valued(trial)

    def _is_placed(self, said: Statement, trial: Stating) -> bool:
        """Whether lines say, behind a colon, what quantities that are given are where the words before it say."""
        is_defined = self.problem.givens.is_defined
        return (
            said.is_behind_a_colon
            and bool(formulas(said.before))
            and all(j.first is not None and is_quantity(j.first) and is_defined(j.first) for j in trial.entries)
        )

    def _is_asserted(self, said: Statement, trial: Stating) -> bool:
        """Whether words assert a wrong formula as plainly as a display does, and of what is given.

        Nothing is asserted of what is given where a contradiction is looked for, nor, by a number, of what is given as
        one.
        """
        if any(map(looks_for_contradiction, self.meanings.texts)) or self._is_valued(trial):
            return False
        if said.is_asserted:
            return True
        there = setting(said.under or said.before, self.givens) if said.is_asserted_under else Setting()
        if there.ranges or there.conditions(self.givens, {}):
            return True
        return said.is_asserted_under and bool(said_for_all(said.before.text))

    def _are_numbers(self, trial: Stating) -> bool:
        """Whether wrong lines relate what the givens determine, which nothing changes."""
        sides = ((left, right) for left, right, _ in wrong_in(trial.entries))
        known = (enclosed(left - right, trial.so_far.givens) is not None for left, right in sides)
        return not self.meanings.wording.in_steps and all(known)

    def _is_at_a_place(self, trial: Stating) -> bool:
        """Whether wrong lines say what given functions are at places of which no words need to speak."""
        basis = trial.so_far.question(trial.ranges, ()).basis
        return all(basis.is_value(report.lhs) for _, _, report in wrong_in(trial.entries))

    def _is_of_members(self, trial: Stating) -> bool:
        """Whether wrong lines say what members of given recurrences are, each of which has one value."""
        context, givens = trial.so_far.context, trial.so_far.givens
        return all(
            isinstance(left, Indexed) and context.recurs(label_of(left)) and enclosed(left - right, givens) is not None
            for left, right, _ in wrong_in(trial.entries)
        )

    def _is_a_slip(self, said: Statement, trial: Stating) -> bool:
        """Whether equations fail by a sign or a factor 2, so that they are no conditions, and are of what is given.

        What a number has to be rests on values that another sample or step may have.
        """
        wrong = list(wrong_in(trial.entries))
        # What is more than a name is no setting, whatever else its sentence speaks of.
        is_law = begins_with_slope(said.formula) or not is_peculiar(without_formulas(said.before.text))
        is_of_them = said.is_of_one_thing and is_law
        is_sure = said.is_of_the_given or (is_of_them and not any(is_quantity(left) for left, _, _ in wrong))
        is_sure = is_sure and len(wrong) == len(trial.wrong())
        if not is_sure or any(map(looks_for_contradiction, self.meanings.texts)):
            return False
        valued = self.givens.valued
        for left, right, report in wrong:
            is_lasting = not (self.meanings.wording.in_steps and is_quantity(left))
            rests = trial.so_far.context.names(left, right)
            is_free = bool(quantities(right)) or not (is_quantity(left) or rests & valued)
            if report.relation != "=" or not (is_of_the_pen(report.reason) and is_lasting and is_free):
                return False
        return True

    def _is_of_all(self, said: Statement, trial: Stating) -> bool:
        """Whether a sentence supposes nothing, and claims its wrong lines for all values of what they rest on."""
        letters = said_for_all(said.formula.text, said.before.text)
        question = replace(trial.so_far.question(trial.ranges, ()), for_all=letters)
        wrong = (sides_of(*one) for one in wrong_in(trial.entries))
        return said.is_unconditional and bool(letters) and all(map(question.is_said_for_all, wrong))

    def _is_constant(self, said: Statement, trial: Stating) -> bool:
        """Whether a sentence about what is given says only what functions are at numbers, which nothing changes."""
        question = trial.so_far.question(trial.ranges, ())
        valued = self.givens.valued
        sides = [(left, right) for left, right, _ in wrong_in(trial.entries)]
        return said.is_of_the_given and all(
            right.is_number
            and not is_quantity(left)
            and not (question.samples.inputs(left) | question.context.names(left) & valued)
            for left, right in sides
        )

    def _is_place(self, defined: Judged) -> bool:
        """Whether a new name is another one with a star or a hat, which is said to lie somewhere."""
        name = None if defined.first is None or not is_quantity(defined.first) else starred(label_of(defined.first))
        return name is not None and name in self.so_far.known

    def _is_missed(self, judged: Judged, said: Statement | None) -> bool:
        """Whether a sentence says that something lies where nothing is stationary, by a name with a star or hat."""
        is_lying = said is not None and said.is_lying
        return is_lying and self._is_place(judged) and not self._is_stationary(judged)

    def _is_stationary(self, defined: Judged) -> bool:
        """Whether a derivative of what is given is 0 where a starred name is said to lie, or none is by it."""
        name, value = defined.first, defined.right
        bare = None if name is None else starred(label_of(name))
        if bare is None or value is None or indices_of(cast(Expr, name)):
            return False
        return self.is_flat(bare, value) is not False

    def _is_valued(self, trial: Stating) -> bool:
        """Whether no more is said than numbers, of quantities that are given as numbers."""
        valued = self.givens.valued
        firsts = [j.first for j in trial.entries]
        are_names = all(f is not None and is_quantity(f) and label_of(f) in valued for f in firsts)
        are_numbers = all(j.right is not None and not quantities(j.right) for j in trial.entries)
        return are_names and are_numbers and len({j.chain for j in trial.entries}) == len(firsts)

    def _fails(self, trial: Stating, *, in_steps: bool) -> bool:
        """Whether a wrong line is no condition, whatever the words.

        One between numbers is none, nor one of which the sides differ by a factor, nor, where it is worked out, one
        between what given values determine, unless these are updated.
        """
        for left, right, report in wrong_in(trial.entries):
            if not (free_symbols(left) | free_symbols(right)):
                return True
            if report.relation == "=" and right != 0 and (left / right).is_number:
                return True
            is_fixed = in_steps and not (self.meanings.wording.in_steps or is_quantity(left))
            if is_fixed and enclosed(left - right, trial.so_far.givens) is not None:
                return True
        return False

    def _is_told(self, trial: Stating) -> bool:
        """Whether wrong lines say what quantities are in what these rest on, and it is known how they fail.

        That is by the values that are given, by a slip of the pen, or because a bound fails everywhere.
        """
        context, question = trial.so_far.context, trial.so_far.question(trial.ranges, ())
        return all(
            enclosed(left - right, trial.so_far.givens) is not None
            or (is_slip(report.reason) and {label_of(q) for q in quantities(right)} <= context.names(left))
            or (report.relation not in ("=", "~") and question.is_excluded(sides_of(left, right, report)))
            for left, right, report in wrong_in(trial.entries)
        )


def _is_assumed_solution(said: Judged) -> bool:
    """Whether a line that is only assumed says what a quantity is."""
    return said.report.reason == ASSUMED and said.first is not None and is_quantity(said.first)


def unclear(report: LineReport) -> LineReport:
    """What is wrong if it is claimed, which the words do not say clearly."""
    return replace(report, verdict="undecided", claim=None, counterexample={}, expected=None, reason=UNCLEAR)
