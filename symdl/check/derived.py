"""What the engine makes of a task under some givens, and what the judge proves on the way, each worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sympy import Expr

from symdl.errors import SymdlError
from symdl.problem import Derivation, Givens, Problem, Ranges, Task

FAILURES = (SymdlError, RecursionError, MemoryError)
"""What the engine may answer with where it finds nothing."""


@dataclass(frozen=True, eq=False)
class Derived:
    """The answers of the engine and the judge to one task, as far as they are asked for."""

    givens: Givens
    task: Task

    @cached_property
    def derivation(self) -> Derivation | None:
        """What the engine does; None where it finds nothing."""
        from symdl.engine import derive

        try:
            return derive(Problem("", self.givens, (), (), (), None), self.task)
        except FAILURES:
            return None

    @property
    def result(self) -> Expr | None:
        """What the engine finds; None where this is no expression."""
        found = None if self.derivation is None else self.derivation.result
        return found if isinstance(found, Expr) else None

    @cached_property
    def proved(self) -> tuple[tuple[Expr, Expr, Ranges], ...]:
        """What is proved on the way to the result, each line decided by the judge; nothing where that fails."""
        from symdl.solve import judged

        try:
            return () if self.derivation is None else tuple(judged(self.derivation, of_steps=False)[1])
        except FAILURES:
            return ()
