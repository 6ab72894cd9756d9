"""Goes through a proof in source order and judges every relation under what is given and what was proved before it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from itertools import groupby, zip_longest
from typing import Any, cast

from sympy import Expr, Indexed, Integer, Symbol

from symdl.check.asking import APART
from symdl.check.called import Called, called, calls
from symdl.check.claims import braced, chains_of, claims_of, is_dangling, points_at_words
from symdl.check.demands import derivable, starred
from symdl.check.enclosures import enclosed
from symdl.check.established import is_applied, with_own_e
from symdl.check.kinds import is_given, judged, kinds
from symdl.check.question import NEITHER, UNGIVEN, Question
from symdl.check.relations import ASSUMED, DEFINED, Judged, Relations, is_slip, sides_of, wrong_in
from symdl.check.report import LineReport
from symdl.check.running import NAMED, VERDICTS, Claim, End, Line, Run
from symdl.check.sentences import (
    Continuation,
    Statement,
    alone,
    begins_with_slope,
    continuations,
    is_labelled,
    items,
    said_of_words,
    speaks_of_slopes,
    statements,
)
from symdl.check.settings import Setting, closes, setting
from symdl.check.solving import ANOTHER
from symdl.check.stationary import FAILS, UNSAID
from symdl.check.told import opposite
from symdl.check.totals import Item, added_up, items_of, unlike
from symdl.check.words import (
    as_case,
    constraints,
    declared,
    demands_a_zero,
    formulas,
    is_heading,
    is_slope_zero,
    joins,
    may_suppose,
    members,
    named,
    opens_a_case,
    points,
    relations,
    says_best,
    says_that_vanishes,
    sets_a_condition,
    sole_formula,
    split_formula,
    squeezed,
    stated,
    tidied,
)
from symdl.language import D, free_symbols, indices_of, is_index, is_quantity, label_of, put, quantities, size, subterms
from symdl.problem import Block, Decision, Problem, Ranges, Relation
from symdl.read import Chain, Side
from symdl.read.ranges import OPEN

_BRANCHES = re.compile(r"\\(?:swarrow|searrow|nearrow|nwarrow)\b|[↙↘]")
_ROW = re.compile(r"[^:]{1,60}:\s")
"""A label before what stands in a line, as in a row of a table."""

_THEN = re.compile(r"\b(?:then|now|next|finally|new|updated|after)\b", re.IGNORECASE)
WORDED = "what this is said of is in words"
OTHER = "the givens determine another number for {}: whether that is meant is in words"
UNCLEAR = "it does not hold of all that is given: whether the sentence claims that is not clear"

MAX_CHAIN = 200
"""How many relations of one chain are judged."""


def judge_proof(problem: Problem, *, renames: bool = False) -> tuple[LineReport, ...]:
    """One entry per relation sign of the problem's proof, in source order; empty where there is no proof.

    `renames` says that a name which the proof defined may be defined again, as names in running text are.
    """
    return tuple(j.report for j in judged_relations(problem, renames=renames))


def judged_relations(problem: Problem, *, renames: bool = False) -> tuple[Judged, ...]:
    """The relations of the problem's proof, each with its report."""
    proof = _Proof(problem, renames)
    before: Block | None = None
    parts = [part for b in problem.proof or () for part in (items(b) if b.kind == "words" else [b])]
    for block, after in zip_longest(parts, parts[1:]):
        proof.meanings.after = after
        block = (as_case(block) if block.kind == "display" else None) or block
        is_said = block.kind == "words" and (proof.is_setting(block) or proof.is_later(block))
        shown = [block] if block.kind == "display" else [] if is_said else _displays(block)
        start = len(proof.entries)
        if not shown:
            proof.words(block)
            before = block
        elif block.kind == "words":
            # What stands in a line besides its formula may say how this is meant.
            proof.meanings.beside = block
        is_under = before is not None and before.text.rstrip().endswith(":")
        proof.meanings.is_row = is_under or bool(_ROW.match(block.text))
        for formula in shown:
            proof.display(formula, before)
            before = None
        proof.add_up(block, start)
    return tuple(proof.entries)


def _displays(block: Block) -> list[Block]:
    """The formulas of a paragraph that is one display, or several, without being set as such."""
    if opens_a_case(block):
        return []
    formula = sole_formula(block) or split_formula(block)
    return [formula] if formula is not None else alone(block)


class _Proof(Relations):
    """Goes through a proof: what its words say, its displays, and their chains."""

    def is_setting(self, block: Block) -> bool:
        """Whether a paragraph only gives numbers to free letters of what is given, as `Sample 2: $x = 1$.`"""
        found = [formula for formula, _ in formulas(block)]
        if not found or not is_labelled(block):
            return False
        settled = {v.quantity for v in self.givens.values} | self.so_far.context.own
        placed = {r.lhs for r in points(block, self.givens)}
        count = sum(len(re.findall("=", formula.text)) for formula in found)
        return len(placed) == count and all(label_of(q) in self.so_far.known and q not in settled for q in placed)

    def is_later(self, block: Block) -> bool:
        """Whether a paragraph may say what a quantity that is given as a number is by then: `Then $w = 2$.`"""
        given = {v.quantity: v.number for v in self.givens.values}
        is_other = any(r.lhs in given and given[r.lhs] != r.rhs for r in points(block, self.givens))
        return is_other and bool(_THEN.search(block.text))

    def words(self, block: Block) -> None:
        if is_heading(block):
            self.running = {}
            self.so_far.begin_anew()
        self.meanings.hear(block, self.givens)
        self.running.update(declared(block, self.givens))
        for chain in map(with_own_e, named(block, self.givens)):
            if self.so_far.defines(chain):
                self.so_far.define(chain)
        for chain, ranges in stated(block, self.givens):
            self.so_far.hear(chain, ranges)
        for relation in constraints(block, self.givens):
            if not any(map(self.givens.is_defined, quantities(relation.lhs) | quantities(relation.rhs))):
                self.so_far.demand(relation, {})
                self.so_far.told.append(relation)
        if self.is_setting(block):
            return
        start, case = len(self.entries), self.meanings.case
        by_name = list(called(block, self.givens))
        for one in by_name:
            self._call(one)
        said: list[Statement | Continuation] = [*statements(block), *continuations(block)]
        for statement in sorted(said, key=_at):
            if isinstance(statement, Continuation):
                self._go_on(statement)
            elif self._is_called(statement):
                self.last = None
                self.display(statement.formula, statement.before)
            elif statement.is_fixed:
                self.display(statement.formula, None)
            else:
                self._state(statement)
        if closes(block, self.givens):
            self.meanings.case = case
        for number in said_of_words(block):
            if any(number.place == one.value for one in by_name):
                continue
            self._list(number, Decision("unknown", WORDED))
        for kind in kinds(block):
            found = judged(kind, self.givens, self._under)
            is_open = found.answer == "unknown" or is_given(kind, self.problem.given_blocks)
            if not is_open and not (found.answer == "refuted" and self._has_cases()):
                self._list(kind.word, found)
        self.entries[start:] = sorted(self.entries[start:], key=lambda j: (j.report.line, j.report.column))

    def _go_on(self, said: Continuation) -> None:
        """Judge what a sentence says of what was shown before; that it is this is not said clearly."""
        trial = self._tried(said.formula, None) if self.last is not None else None
        if trial is not None and {j.report.verdict for j in trial.entries} <= {"proved", "rounded"}:
            self._take(trial)
        elif trial is not None and said.is_clear:
            self._leave_open(trial)
        else:
            value = replace(said.formula, text=said.formula.text.removeprefix("="))
            self._list(value, Decision("unknown", WORDED))

    def _has_cases(self) -> bool:
        """Whether the words of the proof speak of cases, in one of which a sentence may be meant."""
        blocks = [b for b in self.problem.proof or () if b.kind == "words"]
        return bool(self.meanings.case) or any(setting(b, self.givens).cases for b in blocks)

    def _under(self, conditions: tuple[Relation, ...]) -> Question:
        """The judge under conditions, beside those of the case that is under way."""
        return self.so_far.question({}, (*self.meanings.case, *conditions))

    def _list(self, said: Block, decision: Decision) -> None:
        """An entry for what words say without a formula on their left."""
        self.chains += 1
        verdict = VERDICTS[decision.answer]
        report = LineReport(said.place.line, said.place.column, "", "=", said.text, verdict, reason=decision.reason)
        self.entries.append(Judged(report, None, None, "", self.chains))

    def add_up(self, block: Block, start: int) -> None:
        """Judge the totals that a paragraph states in words, as far as nothing else is known of them.

        Its relations are those from `start` on.  A number for what may be given as another one is open.
        """
        for item in items_of(block):
            at = next((n for n, j in enumerate(self.entries) if n >= start and j.report.line == item.line), None)
            if at is not None:
                self._counts(item, at)
            self.counted.append(item)

    def _counts(self, item: Item, at: int) -> None:
        judged = self.entries[at]
        named = replace(judged.report, lhs=rf"\text{{{item.name}}}")
        found = added_up(item, self.counted) if judged.report.reason in (WORDED, NAMED) else None
        other = None if found is not None or judged.report.lhs == named.lhs else unlike(item, self.problem.givens)
        if found is not None:
            line, summed = found
            report = replace(named, verdict=line.verdict, claim=line.claim, expected=line.expected)
            self.entries[at] = replace(judged, report=replace(report, reason=line.decision.reason))
            self.wrong_at = self.wrong_at or (item.line if line.verdict == "wrong" else None)
            self.counted = [i for i in self.counted if i not in summed]
        elif other is not None:
            reason = OTHER.format(other)
            report = LineReport(item.line, named.column, named.lhs, "=", named.rhs, "undecided", reason=reason)
            self.chains += 1
            self.entries.insert(at, Judged(report, None, None, "", self.chains))

    def _call(self, said: Called) -> None:
        """Judge what prose says of a quantity by its name; within other words it may be said of another case."""
        trial = self._tried(said.formula, None)
        verdicts = {j.report.verdict for j in trial.entries}
        if said.is_all or verdicts <= {"proved", "rounded"}:
            self._take(trial)
        else:
            self._leave_open(trial)

    def _is_called(self, said: Statement) -> bool:
        """Whether words name what stands left of a formula that begins with its sign, and does not go on."""
        if not said.formula.text.lstrip().startswith("=") or not calls(said.before.text):
            return False
        entries = self._tried(said.formula, said.before).entries
        return bool(entries) and entries[0].report.verdict in ("wrong", "undecided")

    def _tried(self, formula: Block, before: Block | None) -> _Proof:
        """The proof as it would be with one more display, without what it had."""
        trial = copy(self)
        trial.so_far, trial.meanings = copy(self.so_far), copy(self.meanings)
        trial.entries, trial.errors, trial.failed = [], list(self.errors), list(self.failed)
        trial.display(formula, before)
        return trial

    def _take(self, trial: _Proof) -> None:
        """Go on from the proof as it was tried."""
        entries = [*self.entries, *trial.entries]
        self.__dict__.update(trial.__dict__)
        self.entries = entries

    def _leave_open(self, trial: _Proof, said: Statement | None = None, *, is_law: bool = False) -> None:
        """List what a sentence shows and may claim: what is wrong if it does, what is open, and what numbers are.

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
                report = _unclear(j.report) if j.report.verdict == "wrong" else j.report
                is_open = report.verdict in ("undecided", "agrees", "unreadable")
                is_bound = report.relation not in ("=", "~") and not (is_law or (said and said.is_announced))
                is_idle = report.reason == APART or is_bound or self._is_new(j, left, report, said, is_first=n == 0)
                is_idle = is_idle or (said is not None and self._is_idle(said, report, sides, trial))
                if (is_open and not is_idle) or is_numeric:
                    self.entries.append(replace(j, report=report, chain=self.chains + j.chain))
        self.chains += len({j.chain for j in trial.entries})

    def _is_new(
        self, judged: Judged, left: Expr | None, report: LineReport, said: Statement | None, *, is_first: bool
    ) -> bool:
        """Whether a line says what a new name is: a definition, read or not, unless it gets one that has a star."""
        if not is_first or left is None or not is_quantity(left) or label_of(left) in self.so_far.known:
            return False
        is_got = said is not None and said.is_announced and self._is_place(judged)
        return not is_applied(label_of(left)) and not is_got and report.reason != UNCLEAR

    def _is_idle(self, said: Statement, report: LineReport, sides: Sequence[Expr], trial: _Proof) -> bool:
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

    def _state(self, said: Statement) -> None:
        """Judge a relation that a sentence states.

        It may be said of something else where it is neither proved nor refuted by what is given alone; but what fails
        of all that is given is not passed over, nor is what cannot be told.
        """
        # Under a case that is read, what a sentence goes on with is claimed as well.
        is_under = not said.is_claimed and bool(setting(said.before, self.givens).conditions(self.givens, {}))
        before = None if said.is_claimed else said.before
        trial = self._tried(said.formula, before)
        if is_slope_zero(said.formula.text) and self._demand(trial):
            return
        reports = [j.report for j in trial.entries]
        wrong = [r for r in reports if r.verdict == "wrong"]
        letters = {i.name for i in (*self.givens.positions, *self.running)}
        if all(isinstance(j.first, Symbol) and (is_index(j.first) or j.first.name in letters) for j in trial.entries):
            # What an index is, as in `the start, t = 0`, says where something holds.
            return
        # Nobody states a condition by working it out.
        is_worked = bool(trial.entries) and min(Counter(j.chain for j in trial.entries).values()) > 1
        is_bound = all(r.relation not in ("=", "~") and r.counterexample for r in wrong)
        sides = [side for j in trial.entries for side in (j.first, j.right)]
        is_law = said.is_claimed and not any(x is None or x.is_number or is_quantity(x) for x in sides)
        is_law = is_law or (said.is_claimed and is_worked)
        if wrong and is_bound and not said.is_announced:
            # What holds here and fails there says where the rest of the sentence holds.
            if is_law or begins_with_slope(said.formula):
                self._leave_open(trial, said, is_law=True)
            return
        verdicts = {r.verdict for r in reports}
        is_settled = bool(verdicts - {"given"}) and verdicts <= {"given", "proved", "rounded", "wrong"}
        is_value = not self.meanings.in_steps and not any(speaks_of_slopes(r.lhs) for r in wrong)
        is_law = begins_with_slope(said.formula) and all(r.counterexample or "shape" in r.reason for r in wrong)
        is_told = said.is_general and self._is_told(trial)
        is_claim = not wrong or is_law or (is_value and (is_told or not any(r.counterexample for r in wrong)))
        if wrong and self._fails(trial, is_worked=is_worked):
            self.display(said.formula, said.before)
            return
        if wrong and said.is_announced and all(ANOTHER in r.reason or FAILS in r.reason for r in wrong):
            # What is got from an equation that is required is no condition.
            self._take(trial)
            return
        # What is given as a number may have another one by then.
        is_later = self._is_valued(trial)
        is_claim = is_claim and not (wrong and is_later)
        is_claimed = said.is_claimed or is_under or (said.is_announced and (is_worked or not wrong))
        is_placed = said.is_behind_a_colon and any(True for _ in formulas(said.before))
        is_stated = is_placed and all(
            j.first is not None and is_quantity(j.first) and self.problem.givens.is_defined(j.first)
            for j in trial.entries
        )
        if is_settled and ((is_claimed and is_claim) or is_stated):
            self._take(trial)
            return
        if said.is_announced and trial.entries and all(map(_is_assumed_solution, trial.entries)):
            # What is got from setting something to 0 is claimed, and is no more than assumed where it is the demand.
            self.entries += [replace(j, report=_unclear(j.report)) for j in trial.entries]
            self.chains = trial.chains
            return
        is_definition = all(r.verdict == "given" and r.reason == DEFINED for r in reports)
        places = [j for j in trial.entries if is_definition and self._is_place(j)]
        if any(not self._is_stationary(j) for j in places):
            self.entries += [replace(j, report=_unclear(j.report)) for j in trial.entries]
            self.chains = trial.chains
        elif is_definition and (places or not said.is_plain):
            # What a new name stands for is kept in whatever words it is said.
            self._take(trial)
        elif squeezed(said.formula.text) not in self.meanings.given:
            self._leave_open(trial, said, is_law=is_law)

    def _is_place(self, defined: Judged) -> bool:
        """Whether a new name is another one with a star or a hat, which is said to lie somewhere."""
        name = None if defined.first is None or not is_quantity(defined.first) else starred(label_of(defined.first))
        return name is not None and name in self.so_far.known

    def _is_stationary(self, defined: Judged) -> bool:
        """Whether a derivative of what is given is 0 where a starred name is said to lie, or none is by it."""
        name, value = defined.first, defined.right
        bare = None if name is None else starred(label_of(name))
        if bare is None or value is None or indices_of(cast(Expr, name)):
            return False
        at = Relation(bare, "=", value)
        slopes = list(derivable(Relation(bare, "=", bare), self.so_far.context, {}))
        there = self.so_far.question({}, (at,))
        return not slopes or any(there.ask(s.slope, "=", Integer(0)).answer == "proved" for s in slopes)

    def _is_valued(self, trial: _Proof) -> bool:
        """Whether no more is said than numbers, of quantities that are given as numbers."""
        valued = {label_of(v.quantity) for v in self.givens.values}
        firsts = [j.first for j in trial.entries]
        are_names = all(f is not None and is_quantity(f) and label_of(f) in valued for f in firsts)
        are_numbers = all(j.right is not None and not quantities(j.right) for j in trial.entries)
        return are_names and are_numbers and len({j.chain for j in trial.entries}) == len(firsts)

    def _fails(self, trial: _Proof, *, is_worked: bool) -> bool:
        """Whether a wrong line is no condition, whatever the words.

        One between numbers is none, nor one of which the sides differ by a factor, nor, where it is worked out, one
        between what given values determine, unless these are updated.
        """
        for left, right, report in wrong_in(trial.entries):
            if not (quantities(left) | quantities(right)):
                return True
            if report.relation == "=" and right != 0 and (left / right).is_number:
                return True
            is_fixed = is_worked and not (self.meanings.in_steps or is_quantity(left))
            if is_fixed and enclosed(left - right, trial.so_far.givens) is not None:
                return True
        return False

    def _is_told(self, trial: _Proof) -> bool:
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

    def _demand(self, trial: _Proof) -> bool:
        """Keep that a derivative is to be 0, as a sentence says, where it is not 0 in any case; whether it was kept."""
        if not trial.entries or any(j.report.verdict in ("proved", "unreadable") for j in trial.entries):
            return False
        last = trial.entries[-1]
        samples = self.so_far.question(trial.ranges, ()).samples
        if last.first is None or last.right != 0 or samples.is_constant(last.first):
            return False
        self.so_far.demand(Relation(last.first, "=", last.right), trial.ranges)
        return True

    def display(self, block: Block, before: Block | None) -> None:
        """Judge the chains of a display, and what labels at its braces say."""
        start = len(self.entries)
        labels = [b for b in braced(block) if not self._names_anew(b)]
        for label in labels:
            self.display(label, before)
        self._display(block, before)
        if labels:
            self.entries[start:] = sorted(self.entries[start:], key=lambda j: (j.report.line, j.report.column))

    def _names_anew(self, block: Block) -> bool:
        """Whether a formula ends with a name that nothing has said before."""
        ends = [chain.sides[-1].expr for chain in chains_of(block, self.givens, {})]
        return any(e is not None and is_quantity(e) and label_of(e) not in self.so_far.known for e in ends)

    def _display(self, block: Block, before: Block | None) -> None:
        raw, block = block, tidied(block)
        said = setting(before, self.givens) if before is not None else Setting()
        run = {**self.running, **said.ranges}
        chains = [with_own_e(c) for c in chains_of(block, self.givens, run)]
        is_set = before is not None and (sets_a_condition(before) or (self.was_set and joins(before)))
        self.was_set = is_set
        otherwise = self.meanings.otherwise(before) if before is not None else ()
        told: list[Relation] = []
        claims, unread = claims_of(raw, block, chains, self.givens)
        for side in unread:
            self._unreadable(side)
        if _BRANCHES.search(block.text) and len(claims) == 1 and self._branch(claims[0]):
            return
        cases: tuple[Relation, ...] = ()
        is_listed = was_setting = False
        for claim in claims:
            ranges = {**claim.chain.ranges, **run}
            if claim.is_setting:
                # What one row holds for is over where another one begins.
                cases = (*(cases if was_setting else ()), *self._setting(claim))
                was_setting = True
                continue
            was_setting = False
            if claim.is_otherwise:
                # Of several conditions, or of one that cannot be read, the opposite is no relation.
                cases = opposite(cases) if len(cases) == 1 else ()
                claim = claim if cases else replace(claim, is_limited=True)
            stated_here = said.conditions(self.givens, ranges)
            if stated_here:
                self.meanings.enter(stated_here)
            else:
                stated_here = otherwise
                self.meanings.case = otherwise or self.meanings.case
            conditions = (*stated_here, *claim.local, *cases)
            if not claim.concludes:
                told = []
            is_listed = claim.concludes or (is_listed and not claim.leads_on)
            told += self._chain(block, claim, ranges, conditions, told, before, is_set, is_listed=is_listed)

    def _setting(self, claim: Claim) -> tuple[Relation, ...]:
        """Take `x = 1: y = 2` for the case in which what stands beside it holds; the conditions that it sets."""
        found = [one for r in relations(claim.chain, claim.chain.ranges) for one in members(r, claim.chain.ranges)]
        if any(r.lhs in self.meanings.points for r in found):
            # What was defined under a setting ends with it.
            self.so_far = copy(self.outside)
        else:
            self.outside = copy(self.so_far)
        self.meanings.points.update((r.lhs, r) for r in found if r.sign == "=")
        self.chains += 1
        self._write(claim.chain, 0, Line("given", Decision("unknown", "what the lines beside it hold for")), None)
        valued = {v.quantity for v in self.givens.values}
        return tuple(r for r in found if r.sign != "=" or not (r.lhs in valued or self.givens.is_defined(r.lhs)))

    def _branch(self, claim: Claim) -> bool:
        """Take `u >= 0 … u < 0` with arrows for the two cases in which the lines after it hold, each in one."""
        found = (*relations(claim.chain, claim.chain.ranges), *claim.local)
        if len(found) != 2 or any(r.sign in ("=", "~") for r in found):
            return False
        self.meanings.branches = found
        self.chains += 1
        line = Line("given", Decision("unknown", "one of the cases in which the lines after it hold"))
        self._write(claim.chain, 0, line, None)
        return True

    def _unreadable(self, side: Side) -> None:
        """A display that holds a relation somewhere, but cannot be taken apart."""
        error = side.error
        assert error is not None
        place = error.place or side.place
        source = side.source.strip()
        report = LineReport(place.line, place.column, "", "=", source, "unreadable", reason=error.message)
        self.chains += 1
        self.entries.append(Judged(report, None, None, "", self.chains))

    def _chain(
        self,
        block: Block,
        claim: Claim,
        ranges: Ranges,
        conditions: tuple[Relation, ...],
        told: Sequence[Relation],
        before: Block | None,
        is_set: bool,
        *,
        is_listed: bool,
    ) -> list[Relation]:
        """Judge one chain; what it tells the lines that are concluded from it."""
        chain = claim.chain
        # A letter that the givens know as a position stays one, where a display alone shows the end of a sum.
        positions: dict[Expr, Expr] = {size(i.name): i for i in self.givens.positions}
        sides = [None if s.expr is None else put(s.expr, positions) for s in chain.sides]
        ranges = self._ranged(ranges, [s for s in sides if s is not None])
        if claim.concludes:
            self.meanings.branches = ()
        self.so_far.infer(*(s for s in sides if s is not None))
        goes_on = self.last if is_dangling(chain.sides[0]) else None
        if goes_on is not None:
            ranges = {**ranges, **goes_on.ranges}
            conditions = conditions or goes_on.conditions
            sides[0] = goes_on.last
        run = Run(block, claim, ranges, conditions, tuple(told), before, is_set, sides, goes_on)
        run.is_listed = is_listed
        run.is_demanded = before is not None and (demands_a_zero(before) or self._is_best(before))
        if before is not None and self.last is not None and goes_on is None and says_that_vanishes(before):
            shown = self.last
            if not isinstance(shown.first, D) and not shown.conditions and quantities(shown.last):
                self.so_far.demand(Relation(shown.last, "=", Integer(0)), shown.ranges)
        is_step = sides[-1] is not None and sides[-1].is_number and self.meanings.in_steps
        run.may_suppose = claim.supposes or is_step or (before is not None and may_suppose(before))
        run.holds = goes_on.holds if goes_on is not None else True
        self.chains += goes_on is None
        for n in range(len(chain.signs)):
            if points_at_words(block, chain, n):
                break
            if n >= MAX_CHAIN:
                run.holds = None
                line = Line("undecided", Decision("unknown", f"more than {MAX_CHAIN} relations in one chain"))
            else:
                line = self.said(run, n) or self.claimed(run, n)
            run.lines.append(line)
            self._write(chain, n, line, sides[n + 1], goes_on)
        self.is_open = bool(run.lines) and run.lines[-1].verdict == "undecided"
        self.so_far.keep(chain, sides, run.lines, ranges, conditions)
        self.meanings.update(run, self.givens)
        end = sides[-1]
        first = run.first if run.names_first else None
        begins = chain.sides[0].source if goes_on is None else goes_on.begins
        source = chain.sides[-1].source
        self.ranges = ranges
        self.last = None if end is None else End(end, source, first, begins, ranges, run.conditions, run.holds)
        return run.new

    def _is_best(self, before: Block) -> bool:
        """Whether words say right behind a derivative that what follows is the best, which lies where this is 0."""
        return self.last is not None and isinstance(self.last.first, D) and says_best(before)

    def _ranged(self, ranges: Ranges, sides: Sequence[Expr]) -> Ranges:
        """The ranges, with those of letters that the display does not fix: positions, or what their families span."""
        found = dict(ranges)
        letters = {s for side in sides for s in free_symbols(side) if is_index(s)} - set(found)
        for letter in sorted(letters, key=str):
            run = self.givens.positions.get(letter)
            for term in (t for side in sides for t in subterms(side) if isinstance(t, Indexed)):
                for n, at in enumerate(indices_of(term)):
                    run = run or (self.givens.range_at(term, n) if at == letter else None)
            if run is not None:
                found[letter] = run
        return found

    def _write(self, chain: Chain, n: int, line: Line, right: Expr | None, end: End | None = None) -> None:
        first = chain.sides[0].expr if end is None else end.first
        begins, before = (chain.sides[0].source, "") if end is None else (end.begins, end.source)
        place = chain.sides[n + 1].place
        report = LineReport(
            place.line,
            place.column,
            (chain.sides[n].source or before).strip(),
            chain.signs[n],
            chain.sides[n + 1].source.strip(),
            line.verdict,
            line.claim,
            line.follows,
            line.decision.reason,
            tuple(line.decision.assumes),
            _named(line.decision.instance, self.problem) if line.verdict == "wrong" else {},
            line.expected,
        )
        self.entries.append(Judged(report, first, right, begins.strip(), self.chains))


def _named(instance: Mapping[str, Any], problem: Problem) -> dict[str, Any]:
    """An instance without the sizes that nothing in the document names: a list shows how long it is."""
    texts = "\n".join(block.text for block in (*problem.given_blocks, *(problem.proof or ())))
    unnamed = {k for k in instance if k.startswith(OPEN) and k not in texts and f"n_{{{k[len(OPEN) :]}}}" not in texts}
    return {k: v for k, v in instance.items() if k not in unnamed or len(instance) == len(unnamed)}


def _at(said: Statement | Continuation) -> tuple[int, int]:
    """Where a formula of a paragraph stands."""
    return said.formula.place.line, said.formula.place.column


def _is_assumed_solution(said: Judged) -> bool:
    """Whether a line that is only assumed says what a quantity is."""
    return said.report.reason == ASSUMED and said.first is not None and is_quantity(said.first)


def _unclear(report: LineReport) -> LineReport:
    """What is wrong if it is claimed, which the words do not say clearly."""
    return replace(report, verdict="undecided", claim=None, counterexample={}, expected=None, reason=UNCLEAR)
