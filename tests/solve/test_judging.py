"""Every line of a derivation is judged, and a refuted one stops its problem."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sympy import Expr, Integer

import symdl.solve as solving
from symdl.errors import Place, UnsolvedError
from symdl.language import D, DPlus, family, index, put, scalar, size
from symdl.problem import (
    Decision,
    Definition,
    Derivation,
    Display,
    Givens,
    Lemma,
    Line,
    Problem,
    Range,
    Relation,
    Step,
    Task,
)
from symdl.solve import RefutedLineError, attempt, judged, solve, tally
from symdl.tally import Tally

x, y = scalar("x"), scalar("y")
PLACE = Place("a.md", 9, 3)
GOAL = D(x**2, x)
TASK = Task("find", GOAL, (), r"\frac{d x^2}{dx}", PLACE)
OTHER = replace(TASK, source="other")
PROBLEM = Problem("Title", Givens(), (TASK, OTHER), (), (), None)


def derivation(*lines: Expr, lemmas: tuple[Lemma, ...] = (), steps: tuple[Step, ...] = ()) -> Derivation:
    shown = tuple(Line(expr, steps=steps if n == 0 else ()) for n, expr in enumerate(lines))
    return Derivation(PROBLEM, TASK, lines[-1], (Display(GOAL, shown, {}),), lemmas=lemmas)


class Judge:
    """Answers by a table of right sides, and remembers what it was asked."""

    def __init__(self, answers: dict[Expr, str], otherwise: str = "proved") -> None:
        self.answers = answers
        self.otherwise = otherwise
        self.asked: list[tuple[Expr, Expr]] = []
        self.lemmas: list[int] = []

    def decide(
        self, lhs: Expr, rhs: Expr, givens: Any, ranges: Any, conditions: Any, lemmas: Sequence[Any]
    ) -> Decision:
        self.asked.append((lhs, rhs))
        self.lemmas.append(len(lemmas))
        answer: Any = self.answers.get(rhs, self.otherwise)
        return Decision(answer, instance={"x": "1/2"} if answer == "refuted" else {})


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    found = Judge({})
    monkeypatch.setattr("symdl.solve.judging.decide", found.decide)
    return found


def test_each_line_is_judged_against_the_one_before(judge: Judge) -> None:
    found, _ = judged(derivation(2 * x, x + x + y - y))
    assert judge.asked == [(GOAL, 2 * x), (2 * x, 2 * x)]
    assert [line.decision.answer for line in found.displays[0].lines if line.decision] == ["proved", "proved"]
    assert tally(found) == Tally(proved=2)


def test_a_refuted_line_is_an_error_with_both_sides_and_the_instance(judge: Judge) -> None:
    judge.answers = {3 * x: "refuted"}
    with pytest.raises(RefutedLineError) as caught:
        judged(derivation(3 * x))
    assert (caught.value.before, caught.value.after) == (GOAL, 3 * x)
    assert "x = 1/2" in str(caught.value)


def test_steps_prove_a_line_if_they_lead_to_it_without_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    def decide(lhs: Expr, rhs: Expr, *rest: Any, **more: Any) -> Decision:
        return Decision("agrees" if (lhs, rhs) == (GOAL, 2 * x) else "proved")

    monkeypatch.setattr("symdl.solve.judging.decide", decide)
    whole = (Step("a", GOAL, y, {}), Step("b", y, 2 * x, {}))
    gap = (Step("a", GOAL, y, {}), Step("b", x, 2 * x, {}))
    for steps, answer in ((whole, "proved"), (gap, "agrees"), (whole[:1], "agrees")):
        found, _ = judged(derivation(2 * x, steps=steps))
        decision = found.displays[0].lines[0].decision
        assert decision is not None
        assert decision.answer == answer


def test_steps_are_judged_beside_lines_only_where_they_are_asked_for(judge: Judge) -> None:
    steps = (Step("a", GOAL, y, {}), Step("b", y, 2 * x, {}))
    judged(derivation(2 * x, steps=steps), of_steps=False)
    assert judge.asked == [(GOAL, 2 * x)]
    judge.asked.clear()
    judged(derivation(2 * x, steps=steps))
    assert set(judge.asked) == {(GOAL, 2 * x), (GOAL, y), (y, 2 * x)}
    judge.asked.clear()
    judge.answers = {2 * x: "agrees"}
    judged(derivation(2 * x, steps=steps), of_steps=False)
    assert {(GOAL, y), (y, 2 * x)} <= set(judge.asked)


def test_a_lemma_is_passed_on_only_once_it_is_proved(judge: Judge) -> None:
    lemma = Lemma(1, ("title",), y, Integer(5), {}, (Display(y, (Line(Integer(5)),), {}),))
    judged(derivation(2 * x, lemmas=(lemma,)))
    assert judge.lemmas == [0, 1]
    judge.lemmas.clear()
    judge.answers = {Integer(5): "agrees"}
    judged(derivation(2 * x, lemmas=(lemma,)))
    assert judge.lemmas == [0, 0, 0]


def test_a_conditional_chain_proves_no_result(judge: Judge) -> None:
    made = derivation(2 * x)
    made = replace(made, displays=(replace(made.displays[0], conditions=(Relation(x, ">", y),)),))
    judged(made)
    assert judge.asked == [(GOAL, 2 * x), (GOAL, 2 * x)]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, judge: Judge) -> None:
    def derive(problem: Problem, task: Task, earlier: Sequence[Derivation]) -> Derivation:
        if task is OTHER:
            raise UnsolvedError("reached x, missing y")
        return derivation(2 * x)

    monkeypatch.setattr(solving, "derive", derive)


@pytest.mark.usefixtures("engine")
def test_a_task_that_fails_leaves_the_others() -> None:
    seen: list[int] = []
    found = attempt(PROBLEM, begin=seen.append)
    assert seen == [0, 1]
    assert [d.result for d in found.derivations] == [2 * x]
    assert [(f.task, str(f.error)) for f in found.failures] == [(OTHER, "reached x, missing y")]
    assert found.tally == Tally(proved=1)


@pytest.mark.usefixtures("engine")
def test_a_skipped_task_is_a_failure() -> None:
    error = attempt(PROBLEM, skip={0}).failures[0].error
    assert str(error) == "not finished within the limits of time and memory"


@pytest.mark.usefixtures("engine")
def test_solve_raises_what_attempt_lists() -> None:
    with pytest.raises(UnsolvedError, match="missing y"):
        solve(PROBLEM)


@pytest.mark.usefixtures("engine")
def test_nothing_of_a_problem_with_a_refuted_line_is_kept(judge: Judge) -> None:
    judge.answers = {2 * x: "refuted"}
    with pytest.raises(RefutedLineError):
        attempt(PROBLEM)


t, T = index("t"), size("T")
STEPS = Givens(
    definitions=(
        Definition(scalar("h"), (t,), scalar("w") * family("h", t - 1), {t: Range(Integer(1), T)}, "", PLACE),
    ),
    families={scalar("h"): (Range(Integer(0), T),)},
)


def unrolled(closed: Expr) -> Derivation:
    """An induction over time for the derivative of h_t by h_0, with `closed` as its claim."""
    start = Integer(0)
    first = family("h", start)
    claim, before = D(family("h", t), first), D(family("h", t - 1), first)
    beyond = {t: Range(start + 1, T)}
    step = Display(
        claim, (Line(scalar("w") * before), Line(scalar("w") * put(closed, {t: t - 1})), Line(closed)), beyond
    )
    lemma = Lemma(1, ("claim",), claim, closed, {t: Range(start, T)}, (step,), (), (t, start))
    problem = Problem("Title", STEPS, (TASK,), (), (), None)
    return Derivation(problem, TASK, 2 * x, (Display(GOAL, (Line(2 * x),), {}),), lemmas=(lemma,))


def test_a_claim_that_starts_and_carries_over_is_known_by_induction() -> None:
    _, known = judged(unrolled(scalar("w") ** t))
    assert (D(family("h", t), family("h", Integer(0))), scalar("w") ** t) in [(a, b) for a, b, _ in known]


def test_a_claim_that_carries_over_but_does_not_start_is_refuted() -> None:
    with pytest.raises(RefutedLineError):
        judged(unrolled(2 * scalar("w") ** t))


def test_the_claim_one_step_earlier_is_assumed_in_the_step_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assumed: list[tuple[Expr, int]] = []

    def decide(lhs: Expr, rhs: Expr, *rest: Any, lemmas: Sequence[Any] = (), **more: Any) -> Decision:
        assumed.append((rhs, len(lemmas)))
        return Decision("agrees")

    monkeypatch.setattr("symdl.solve.judging.decide", decide)
    derivation = unrolled(scalar("w") ** t)
    (lemma,) = derivation.lemmas
    (step,) = lemma.displays
    elsewhere = replace(step, ranges={t: Range(Integer(0), T)})
    judged(replace(derivation, lemmas=(replace(lemma, displays=(step, elsewhere)),)))
    # A line of the step that is not proved with the claim is tried without it too.
    assert [count for _, count in assumed] == [1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0]


def test_putting_a_definition_under_a_derivative_is_a_step_by_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    a = scalar("a")
    givens = Givens(definitions=(Definition(a, (), x**2, {}, "", PLACE),))
    problem = Problem("Title", givens, (TASK,), (), (), None)
    asked: list[Expr] = []

    def decide(lhs: Expr, rhs: Expr, *rest: Any, **more: Any) -> Decision:
        asked.append(rhs)
        return Decision("agrees")

    monkeypatch.setattr("symdl.solve.judging.decide", decide)
    for before, after, by_definition in (
        (y * D(a, x), y * D(x**2, x), True),
        (y * D(a, x), y * D(x**2, x) + 1, False),
        (y * D(a, a), y * D(x**2, a), False),
        (y * DPlus(a, x), y * D(x**2, x), False),
    ):
        line = Line(after, steps=(Step("definition", before, after, {}),))
        found, _ = judged(Derivation(problem, TASK, after, (Display(before, (line,), {}),)))
        (step,) = found.displays[0].lines[0].steps
        assert step.decision is not None
        assert (step.decision.answer == "proved") is by_definition
