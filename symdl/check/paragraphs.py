"""Judges what the sentences of a proof claim, as far as their words say clearly that they do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import replace

from sympy import Expr

from symdl.check.called import Called, called, calls
from symdl.check.context import Context
from symdl.check.curvature import AGAINST, NONE, UNTOLD, Families, Shown, Told, judged
from symdl.check.demands import derivable, starred
from symdl.check.eigenvalues import Eigenvalue, eigenvalues
from symdl.check.enclosures import enclosed
from symdl.check.entries import Judged, wrong_in
from symdl.check.kinds import Kind, is_given, kinds
from symdl.check.meanings import IN_WORDS
from symdl.check.naming import with_own_e
from symdl.check.question import Question
from symdl.check.report import LineReport, LineVerdict
from symdl.check.requiring import Required, requirements, sets_to_zero
from symdl.check.running import VERDICTS
from symdl.check.sentences import (
    Continuation,
    Statement,
    begins_with_sign,
    continuations,
    is_labelled,
    led_up_to,
    said_of_words,
    statements,
    without_sign,
)
from symdl.check.settings import closed, lies_in, setting
from symdl.check.stating import Stating
from symdl.check.words import constraints, declared, formulas, is_heading, named, points, stated, without_formulas
from symdl.errors import Place
from symdl.language import D, family, index, is_quantity, label_of, quantities, scalar
from symdl.problem import Block, Decision, Problem, Relation

WORDED = "what this is said of is in words"
ROUNDED = "it holds for a number with the digits shown"
HOLDS = {"proved", "rounded"}

_UNKNOWNS = (r"\lambda", r"\mu", r"\nu")
"""Names for the unknown of an equation that only words solve."""

MAX_KINDS = 30
"""Of how many claims of a kind in one proof the second derivatives are asked."""


class Paragraphs(Stating):
    """Goes through paragraphs of words: what they define and suppose, and what they claim."""

    def __init__(self, problem: Problem, renames: bool) -> None:
        super().__init__(problem, renames)
        self.unjudged: list[Block] = []
        self.kinds = 0

    def is_setting(self, block: Block) -> bool:
        """Whether a paragraph only gives numbers to free letters of what is given, as `Sample 2: $x = 1$.`"""
        found = [formula for formula, _ in formulas(block)]
        if not found or not is_labelled(block):
            return False
        settled = self.givens.stated.keys() | self.so_far.context.own
        placed = {r.lhs for r in points(block, self.givens)}
        count = sum(len(re.findall("=", formula.text)) for formula in found)
        return len(placed) == count > 0 and all(label_of(q) in self.so_far.known and q not in settled for q in placed)

    def hear(self, block: Block) -> None:
        """Judge what the sentences of a paragraph claim, and take what else they say."""
        self._take_up(block)
        if self.is_setting(block):
            return
        start, outside = len(self.entries), self.meanings.case
        by_name = list(called(block, self.givens))
        for one in by_name:
            self._call(one)
        claims = list(kinds(block))
        named = {k.subject.place: k for k in claims if k.subject is not None and any(points(k.subject, self.givens))}
        held = self._go_through_statements(block, named.keys())
        if closed(block, self.givens):
            self.meanings.case = outside
        for value in eigenvalues(block):
            self._eigenvalue(value)
        for number in said_of_words(block):
            if any(number.place == one.value for one in by_name):
                continue
            self._list(number, Decision("unknown", WORDED))
        judged_kinds = {kind for kind in claims if self._kind(kind)}
        for statement in held:
            # The name of a point whose kind is told claims nothing else of it.
            if named[statement.formula.place] not in judged_kinds:
                self.state(statement)
        term = led_up_to(block)
        if term is not None:
            self.last = None
            self.display(term, None)
        self.entries[start:] = sorted(self.entries[start:], key=lambda j: (j.report.line, j.report.column))

    def _take_up(self, block: Block) -> None:
        """Take what a paragraph says beside its claims: where something new begins, ranges, names, constraints."""
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

    def _go_through_statements(self, block: Block, named: Set[Place]) -> list[Statement]:
        """Judge what sentences state by a formula, in their order; a case ends with the sentence that names it.

        Returns  the statements at the places `named`, which are held back.
        """
        held: list[Statement] = []
        places = closed(block, self.givens, only_places=True)
        said: list[Statement | Continuation] = [*statements(block), *continuations(block)]
        required = {claim.place: found for found, claim in requirements(block)}
        for statement in sorted(said, key=_at):
            case = self.meanings.case
            if isinstance(statement, Statement) and statement.formula.place in named:
                held.append(statement)
            elif isinstance(statement, Continuation):
                self._go_on(statement)
            elif statement.is_of_another or self._is_called(statement):
                self._start(statement)
            elif statement.is_fixed:
                self.display(statement.formula, None)
            elif not self.follows(
                required.get(statement.formula.place) or self._zeroed(statement), statement.formula, None
            ):
                self.state(statement)
            if any(lies_in(statement.formula.place, sentence) for sentence in places):
                self.meanings.case = case
        return held

    def _start(self, said: Statement) -> None:
        """Judge a formula that begins with its sign, and of which words say what stands left of it."""
        self.last = None
        trial = self.tried(said.formula, said.before)
        if [j.report.reason for j in trial.entries] == [IN_WORDS] and said.is_of_another:
            self._list(without_sign(said.formula), Decision("unknown", WORDED))
        else:
            self.take(trial)

    def _go_on(self, said: Continuation) -> None:
        """Judge what a sentence says of what was shown before; that it is this is not said clearly."""
        trial = self.tried(said.formula, None) if self.last is not None else None
        if trial is not None and {j.report.verdict for j in trial.entries} <= {"proved", "rounded"}:
            self.take(trial)
        elif trial is not None and said.is_clear:
            self.list_open(trial)
        else:
            value = replace(said.formula, text=said.formula.text[1:])
            self._list(value, Decision("unknown", WORDED))

    def _kind(self, said: Kind) -> bool:
        """Judge what a sentence claims of the kind of a function, a matrix or a point; keep what is not understood.

        Returns  whether it is proved or refuted.
        """
        if is_given(said, self.problem.given_blocks):
            return False
        self.kinds += 1
        found = judged(said, self.givens, self._shown(), self._under) if self.kinds <= MAX_KINDS else None
        if found is None:
            self.unjudged.append(said.word)
            return False
        decision, place = found.decision, said.word.place
        if decision.answer == "refuted" and decision.reason != AGAINST and self._has_cases():
            decision, found = Decision("unknown", UNTOLD), Told(decision)
        left, right = said.sides
        report = LineReport(
            place.line,
            place.column,
            left,
            said.verb,
            right,
            VERDICTS[decision.answer],
            reason=decision.reason,
            assumes=decision.assumes,
            counterexample=decision.instance if decision.answer == "refuted" else {},
            expected=found.expected,
        )
        self.chains += 1
        self.entries.append(Judged(report, None, None, "", self.chains))
        return decision.answer != "unknown"

    def _shown(self) -> Shown:
        """What the proof has shown so far of what a sentence may speak of."""
        held = [j for j in self.entries if j.first is not None and j.right is not None and j.report.verdict != "wrong"]
        zero = [j.first for j in held if isinstance(j.first, D) and j.right == 0 and j.report.relation == "="]
        demanded = [d.relation.sides for d in self.so_far.premises]
        zero += [side for sides in demanded if 0 in sides for side in sides if isinstance(side, D)]
        sides = [side for j in held for side in (j.first, j.right) if side is not None]
        last = self.entries[-1].first if self.entries else None
        is_bare = all(b.kind == "display" for b in self.problem.given_blocks)
        return Shown(self._found(), frozenset(zero), sides, last, is_bare)

    def _found(self) -> list[Relation]:
        """The equations by which the proof has shown what quantities are, where it has named nothing else for them."""
        shown: dict[Expr, set[Expr]] = {q: {r.rhs} for q, r in self.meanings.points.items() if is_quantity(q)}
        for j in self.entries:
            if j.first is not None and j.right is not None and is_quantity(j.first) and j.report.relation == "=":
                shown.setdefault(j.first, set()).add(j.right)
        return [Relation(q, "=", *values) for q, values in shown.items() if len(values) == 1]

    def _has_cases(self) -> bool:
        """Whether the words of the proof speak of cases, in one of which a sentence may be meant."""
        blocks = [b for b in self.problem.proof or () if b.kind == "words"]
        return bool(self.meanings.case) or any(setting(b, self.givens).cases for b in blocks)

    def _under(self, conditions: tuple[Relation, ...] = (), free: Families = NONE, /) -> Question:
        """The judge under conditions, beside those of the case that is under way; `free` are quantities of its own."""
        question = self.so_far.question({}, (*self.meanings.case, *conditions))
        if not free:
            return question
        givens = replace(self.givens, families={**self.givens.families, **free})
        return replace(question, context=Context(givens, question.context.own))

    def _list(self, said: Block, decision: Decision) -> None:
        """An entry for what words say without a formula on their left."""
        self.chains += 1
        verdict = VERDICTS[decision.answer]
        report = LineReport(said.place.line, said.place.column, "", "=", said.text, verdict, reason=decision.reason)
        self.entries.append(Judged(report, None, None, "", self.chains))

    def _call(self, said: Called) -> None:
        """Judge what prose says of a quantity by its name; within other words it may be said of another case."""
        trial = self.tried(said.formula, None)
        verdicts = {j.report.verdict for j in trial.entries}
        if said.is_all or verdicts <= {"proved", "rounded"}:
            self.take(trial)
        else:
            self.list_open(trial)

    def _eigenvalue(self, said: Eigenvalue) -> None:
        """Judge what words say of an eigenvalue; it is wrong where the givens determine the matrix."""
        trial, last = self.tried(said.equation, None), self.last
        wrong = list(wrong_in(trial.entries))
        verdicts = {j.report.verdict for j in trial.entries}
        is_wrong = verdicts == {"wrong"} and all(
            enclosed(left - right, trial.so_far.givens) is not None for left, right, _ in wrong
        )
        if is_wrong and "." in said.number:
            solved = self._solved_for(said)
            if solved == "rounded":
                self.entries += [replace(j, report=_rounded(j.report)) for j in trial.entries]
                self.chains = trial.chains
                return
            is_wrong = solved == "wrong" and self._is_whole(left for left, _, _ in wrong)
        if verdicts <= {"proved"} or is_wrong:
            self.take(trial)
        else:
            self.list_open(trial)
        self.last = last

    def _solved_for(self, said: Eigenvalue) -> LineVerdict | None:
        """The verdict on an eigenvalue as the solution of the equation for it; None where no name is free for that."""
        unknown = next((x for x in _UNKNOWNS if scalar(x) not in self.so_far.known), None)
        entries = [] if unknown is None else self.tried(said.solution(unknown), None).entries
        return entries[-1].report.verdict if entries else None

    def _is_whole(self, terms: Iterable[Expr]) -> bool:
        """Whether all numbers given of what terms rest on are whole, so that none of them was rounded."""
        names = self.so_far.context.names(*terms)
        return all(v.is_Integer for q, v in self.givens.stated.items() if label_of(q) in names)

    def follows(self, required: Required | None, claim: Block, before: Block | None) -> bool:
        """Take a claim that follows from an equation that its sentence requires; whether it does."""
        if required is None:
            return False
        alone = (self.tried(required.premise, None).entries, self.tried(claim, before).entries)
        for both, is_first in required.displays(claim):
            trial = self.tried(both, None)
            cut = len(alone[is_first])
            supposed, derived = trial.entries[:cut], trial.entries[cut:]
            verdicts = {j.report.verdict for j in derived} | {j.report.verdict for j in supposed} - {"given"}
            if len(derived) == len(alone[not is_first]) and verdicts and verdicts <= HOLDS:
                written = (*alone[is_first], *alone[not is_first])
                moved = [
                    replace(j, report=_moved(j.report, w.report)) for j, w in zip(trial.entries, written, strict=True)
                ]
                places = {(j.report.line, j.report.column) for j in moved}
                self.entries = [j for j in self.entries if (j.report.line, j.report.column) not in places]
                trial.entries = moved if required.is_shown else moved[cut:]
                self.take(trial)
                return True
        return False

    def _zeroed(self, said: Statement) -> Required | None:
        """The equation that words require which set a derivative to zero: of the one thing given that is varied."""
        if not sets_to_zero(without_formulas(said.before.text, "\0")):
            return None
        first = next((j.first for j in self.tried(said.formula, None).entries), None)
        bare = starred(label_of(first)) if first is not None and is_quantity(first) else None
        if bare is None:
            return None
        run = next(iter(self.givens.families.get(bare, ())), None)
        letter = index("i")
        member = bare if run is None else family(bare, letter)
        slopes = derivable(Relation(member, "=", member), self.so_far.context, {} if run is None else {letter: run})
        varied = {s.slope.of for s in slopes}
        if len(varied) != 1:
            return None
        (of,) = varied
        slope = rf"\frac{{\partial {of}}}{{\partial {bare}}}" if run is None else rf"\nabla_{{{bare}}} {of}"
        return Required(Block("display", f"{slope} = 0", said.formula.place), is_shown=False)

    def _is_called(self, said: Statement) -> bool:
        """Whether words name what stands left of a formula that begins with its sign, and does not go on."""
        if not begins_with_sign(said.formula) or not calls(said.before.text):
            return False
        entries = self.tried(said.formula, said.before).entries
        return bool(entries) and entries[0].report.verdict in ("wrong", "undecided")


def _at(said: Statement | Continuation) -> tuple[int, int]:
    """Where a formula of a paragraph stands."""
    return said.formula.place.line, said.formula.place.column


def _rounded(report: LineReport) -> LineReport:
    """A report on an equation that fails for a rounded number, and holds for what was rounded to it."""
    return replace(report, verdict="rounded", claim=None, reason=ROUNDED, counterexample={}, expected=None)


def _moved(report: LineReport, there: LineReport) -> LineReport:
    """A report with the place and the text of another one, for a formula that was judged beside another."""
    return replace(report, line=there.line, column=there.column, lhs=there.lhs, rhs=there.rhs)
