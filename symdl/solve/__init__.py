"""Writes the missing proofs: drives the engine task by task and has the judge decide every line before it is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sympy import Expr

from symdl.engine import derive
from symdl.errors import SymdlError, UnsolvedError
from symdl.problem import Derivation, Problem, Task
from symdl.solve.judging import Equation, RefutedLineError, judged, tally
from symdl.solve.spot import with_spot_check
from symdl.tally import Tally
from symdl.write import latex_of

__all__ = ["Attempt", "Failure", "RefutedLineError", "attempt", "judged", "solve", "tally"]


@dataclass(frozen=True)
class Failure:
    """A task that was not solved, and why, in words."""

    task: Task
    error: SymdlError


@dataclass(frozen=True)
class Attempt:
    """What came of a problem: its derivations and its failures, each in the order of the tasks."""

    problem: Problem
    derivations: tuple[Derivation, ...]
    failures: tuple[Failure, ...]

    @property
    def tally(self) -> Tally:
        """How many lines and steps of all derivations were proved, agree, or are open."""
        return sum((tally(d) for d in self.derivations), Tally())


def solve(problem: Problem) -> list[Derivation]:
    """One judged derivation per expression asked, in source order.

    Raises  the error of the first task that cannot be solved: `UnsolvedError`, or `RefutedLineError` where the judge
            refutes a line that the engine wrote.
    """
    found = attempt(problem, stop_at_failure=True)
    return list(found.derivations)


def attempt(
    problem: Problem,
    *,
    begin: Callable[[int], None] = lambda task: None,
    skip: Collection[int] = (),
    stop_at_failure: bool = False,
) -> Attempt:
    """All tasks of a problem, those that fail listed with their errors.

    `begin` is told the number of each task before work on it starts; the tasks numbered in `skip` are failed at once,
    because they ran out of time before.

    Raises  `RefutedLineError`: a false line is a fault of the program, and nothing of that problem can be trusted.
    """
    derivations: list[Derivation] = []
    failures: list[Failure] = []
    known: list[Equation] = []
    for number, task in enumerate(problem.tasks):
        begin(number)
        try:
            if number in skip:
                raise UnsolvedError("not finished within the limits of time and memory")
            derivation, proved = _solved(problem, task, derivations, known)
        except RefutedLineError:
            raise
        except SymdlError as error:
            told = _in_author_s_words(error, problem, task)
            if stop_at_failure:
                raise told from error
            failures.append(Failure(task, told))
            continue
        derivations.append(derivation)
        known = proved
    return Attempt(problem, tuple(derivations), tuple(failures))


def _in_author_s_words(error: SymdlError, problem: Problem, task: Task) -> SymdlError:
    """The error with its expressions in LaTeX, as the author writes them."""
    if not isinstance(error, UnsolvedError):
        return error
    parts = (latex_of(p, problem.givens, task.ranges) if isinstance(p, Expr) else str(p) for p in error.args)
    return UnsolvedError("".join(parts))


def _solved(
    problem: Problem, task: Task, earlier: list[Derivation], known: list[Equation]
) -> tuple[Derivation, list[Equation]]:
    try:
        derivation, proved = judged(derive(problem, task, tuple(earlier)), known)
        return with_spot_check(derivation), proved
    except RecursionError as error:
        raise UnsolvedError("not finished: the expressions are nested too deeply") from error
    except MemoryError as error:
        raise UnsolvedError("not finished: the expressions need too much memory") from error
