"""Finds steps: from a problem and a task to a derivation, or an error that says how far it came."""

from __future__ import annotations

from collections.abc import Sequence

from symdl.engine.derive import find
from symdl.engine.evaluate import evaluate
from symdl.engine.show import show
from symdl.engine.solving import solve
from symdl.errors import UnsolvedError
from symdl.problem import Derivation, Problem, Task

__all__ = ["derive"]


def derive(problem: Problem, task: Task, earlier: Sequence[Derivation] = ()) -> Derivation:
    """The derivation of one task; results of `earlier` tasks are cited.

    Fails  with `UnsolvedError` where no route is found; the message says what was reached and what is missing.
    """
    match task.kind:
        case "find":
            return find(problem, task, earlier)
        case "show":
            return show(problem, task)
        case "evaluate":
            return evaluate(problem, task)
        case "solve":
            return solve(problem, task)
    raise UnsolvedError(f"a task of kind {task.kind!r} cannot be solved")
