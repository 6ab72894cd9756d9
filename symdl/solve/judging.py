"""Has every line, micro step, lemma and result of a derivation decided, and keeps the decisions with it.

The engine says what it did; the judge, which knows none of the engine's laws, says whether it is so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from sympy import Expr, Indexed, Symbol

from symdl.errors import SymdlError
from symdl.judge import decide, decide_relation
from symdl.language import D, is_closed, label_of, put, subterms
from symdl.problem import Decision, Derivation, Display, Givens, Lemma, Line, Range, Ranges, Relation, Step, Symbolic
from symdl.tally import Tally

Equation = tuple[Expr, Expr, Ranges]
"""A proved equation; its ranges bind its index letters universally."""


class RefutedLineError(SymdlError):
    """A line of the engine that the judge refutes: a fault of the program, with both sides and the instance."""

    def __init__(self, task: str, before: Expr, sign: str, after: Expr, decision: Decision) -> None:
        at = ", ".join(f"{name} = {_plain(value)}" for name, value in decision.instance.items())
        super().__init__(
            f"a derived line is false (this is a fault of symdl, nothing of the problem is written)\n"
            f"    task:  {task}\n    left:  {before}\n    sign:  {sign}\n    right: {after}\n    at:    {at or '-'}"
            + (f"\n    {decision.reason}" if decision.reason else "")
        )
        self.before = before
        self.sign = sign
        self.after = after
        self.decision = decision


def tally(derivation: Derivation) -> Tally:
    """The count over every line and micro step, lemmas included; a line without a decision counts as open."""
    answers = [d.answer if d else "unknown" for d in _decisions(derivation)]
    return Tally(answers.count("proved"), answers.count("agrees"), answers.count("unknown"))


def judged(
    derivation: Derivation, known: Sequence[Equation] = (), *, of_steps: bool = True
) -> tuple[Derivation, list[Equation]]:
    """The derivation with a decision at every line and step, and `known` with all that it proves.

    Without `of_steps` those of a line that is proved at once get none.

    Raises  `RefutedLineError` at the first line, lemma, case or result that is refuted.
    """
    givens = derivation.problem.givens
    judge = _Judge(givens, derivation.task.source, list(known), of_steps)
    lemmas = tuple(done for _, group in groupby(derivation.lemmas, _together) for done in judge.lemmas(tuple(group)))
    displays = tuple(judge.display(display) for display in derivation.displays)
    derivation = replace(derivation, lemmas=lemmas, displays=displays)
    judge.result(derivation)
    return derivation, judge.known


class _Judge:
    """The equations proved so far in one problem, and the look-ups that every decision needs."""

    def __init__(self, givens: Givens, task: str, known: list[Equation], of_steps: bool) -> None:
        self.givens = givens
        self.task = task
        self.known = known
        self.of_steps = of_steps

    def lemmas(self, group: tuple[Lemma, ...]) -> list[Lemma]:
        """A lemma, or several that are proved together by one induction: the step of each may use all of them."""
        hypotheses = [h for h in map(_hypothesis, group) if h is not None]
        judged = [
            replace(
                lemma, displays=tuple(self.display(d, hypotheses if _is_step(d, lemma) else ()) for d in lemma.displays)
            )
            for lemma in group
        ]
        carried = all(self._is_reached(lemma.lhs, lemma.rhs, lemma.displays) for lemma in judged)
        if carried and all(map(self._starts, judged)):
            self.known += [(lemma.lhs, lemma.rhs, lemma.ranges) for lemma in judged]
        else:
            for lemma in judged:
                self._establish(lemma.lhs, lemma.rhs, lemma.ranges)
        return judged

    def _starts(self, lemma: Lemma) -> bool:
        """Whether the claim of an induction is proved where it starts; other lemmas need no start."""
        if lemma.induction is None:
            return True
        letter, start = lemma.induction
        lhs, rhs = (put(side, {letter: start}) for side in (lemma.lhs, lemma.rhs))
        ranges = {i: run for i, run in lemma.ranges.items() if i != letter}
        return self._is_reached(lhs, rhs, lemma.displays) or self._decide(lhs, "=", rhs, ranges, ()).answer == "proved"

    def display(self, display: Display, assumed: Sequence[Equation] = ()) -> Display:
        """The chain with its decisions, where `assumed` may be used beside what is known."""
        lines: list[Line] = []
        before = display.lhs
        for line in display.lines:
            decision = self._decide(before, line.sign, line.expr, display.ranges, display.conditions, assumed)
            steps = line.steps
            if self.of_steps or decision.answer != "proved":
                steps = tuple(self._step(step, display, assumed) for step in steps)
            if decision.answer != "proved" and line.sign == "=" and _leads(steps, before, line.expr):
                decision = Decision("proved", "by its steps, each of which is proved", _assumed(steps))
            lines.append(replace(line, steps=steps, decision=decision))
            before = line.expr
        return replace(display, lines=tuple(lines))

    def result(self, derivation: Derivation) -> None:
        """Decide what the page claims beyond its displays: the result, its general form and its cases."""
        task = derivation.task
        ranges = task.ranges
        if task.kind in ("find", "evaluate"):
            if self._is_reached(task.goal, derivation.result, derivation.displays):
                self.known.append((task.goal, derivation.result, ranges))
            else:
                self._establish(task.goal, derivation.result, ranges)
            if derivation.general is not None and derivation.general != derivation.result:
                self._decide(task.goal, "=", derivation.general, ranges, ())
            for condition, value in derivation.cases:
                self._decide(task.goal, "=", value, ranges, (condition,))
        elif task.kind == "show" and task.relation is not None:
            shown = task.relation
            if not self._is_reached(shown.lhs, shown.rhs, derivation.displays):
                self._decide(shown.lhs, shown.sign, shown.rhs, ranges, ())

    def _step(self, step: Step, display: Display, assumed: Sequence[Equation]) -> Step:
        ranges = {**display.ranges, **step.ranges}
        if _is_definition(step, self.givens, ranges):
            return replace(step, decision=Decision("proved", "by definition"))
        return replace(step, decision=self._decide(step.before, "=", step.after, ranges, display.conditions, assumed))

    def _establish(self, lhs: Expr, rhs: Expr, ranges: Ranges) -> None:
        if self._decide(lhs, "=", rhs, ranges, ()).answer == "proved":
            self.known.append((lhs, rhs, ranges))

    def _is_reached(self, lhs: Expr, rhs: Expr, displays: Sequence[Display]) -> bool:
        """Whether one unconditional chain leads from `lhs` to `rhs` by proved equalities alone."""
        return any(
            display.lhs == lhs
            and display.end == rhs
            and not display.conditions
            and all(line.sign == "=" and line.decision and line.decision.answer == "proved" for line in display.lines)
            for display in displays
        )

    def _decide(
        self,
        before: Expr,
        sign: Symbolic,
        after: Expr,
        ranges: Ranges,
        conditions: Sequence[Relation],
        assumed: Sequence[Equation] = (),
    ) -> Decision:
        if sign == "=":
            lemmas = (*self.known, *assumed)
            decision = decide(before, after, self.givens, ranges, tuple(conditions), lemmas=lemmas)
        else:
            decision = decide_relation(Relation(before, sign, after), self.givens, ranges, tuple(conditions))
        if decision.answer == "refuted":
            raise RefutedLineError(self.task, before, sign, after, decision)
        if decision.answer != "proved" and assumed:
            # What does not need the claim one step earlier can be hidden by it.
            alone = self._decide(before, sign, after, ranges, conditions)
            return alone if alone.answer == "proved" else decision
        return decision


def _hypothesis(lemma: Lemma) -> Equation | None:
    """The claim of an induction one step nearer to its start; None where the lemma is not proved by induction.

    The letter of the induction is the one that runs in the step, so it is not bound here.
    """
    if lemma.induction is None:
        return None
    letter, start = lemma.induction
    before = {letter: letter - 1 if start == lemma.ranges[letter].lo else letter + 1}
    ranges = {i: run for i, run in lemma.ranges.items() if i != letter}
    return put(lemma.lhs, before), put(lemma.rhs, before), ranges


def _together(lemma: Lemma) -> tuple[str, int]:
    """The same for consecutive lemmas that are proved by one induction."""
    if lemma.induction is None:
        return "", lemma.number
    letter, start = lemma.induction
    return f"{letter} from {start} in {lemma.ranges[letter]}, by {_variable(lemma)}", 0


def _variable(lemma: Lemma) -> Expr:
    return lemma.lhs.wrt if isinstance(lemma.lhs, D) else lemma.lhs


def _is_step(display: Display, lemma: Lemma) -> bool:
    """Whether a chain leads from one side of an induction's claim to the other, beyond its start."""
    if lemma.induction is None:
        return False
    letter, start = lemma.induction
    run = lemma.ranges[letter]
    beyond = Range(start + 1, run.hi) if start == run.lo else Range(run.lo, start - 1)
    return (display.lhs, display.end) == (lemma.lhs, lemma.rhs) and display.ranges.get(letter) == beyond


def _is_definition(step: Step, givens: Givens, ranges: Ranges) -> bool:
    """Whether a step only puts definitions in under derivatives, none of them by the quantity that is defined."""
    shown = set(subterms(step.after))
    found: dict[Expr, Expr] = {}
    for term in subterms(step.before):
        if type(term) is D and is_closed(term) and isinstance(term.of, Symbol | Indexed):
            body = givens.body_of(term.of, ranges) if label_of(term.of) != label_of(term.wrt) else None
            if body is not None and D(body, term.wrt) in shown and term not in shown:
                found[term] = D(body, term.wrt)
    return bool(found) and put(step.before, found) == step.after


def _leads(steps: Sequence[Step], before: Expr, after: Expr) -> bool:
    """Whether the steps are all proved and lead from `before` to `after` without a gap."""
    if not steps or steps[0].before != before or steps[-1].after != after:
        return False
    joined = all(a.after == b.before for a, b in pairwise(steps))
    return joined and all(s.decision is not None and s.decision.answer == "proved" for s in steps)


def _assumed(steps: Sequence[Step]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a for s in steps if s.decision for a in s.decision.assumes))


def _decisions(derivation: Derivation) -> Iterator[Decision | None]:
    for display in (*(d for lemma in derivation.lemmas for d in lemma.displays), *derivation.displays):
        for line in display.lines:
            yield line.decision
            for step in line.steps:
                yield step.decision


def _plain(value: object) -> str:
    return f"({', '.join(_plain(v) for v in value)})" if isinstance(value, (list, tuple)) else str(value)
