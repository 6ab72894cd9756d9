"""One relation that is asked about, and the answer on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sympy import Expr

from symdl.check.digits import Digits, digits_of
from symdl.problem import Decision, Symbolic

OPPOSITE: dict[Symbolic, Symbolic] = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "=": "!=", "!=": "="}
"""The sign of what holds where a relation does not."""

AGAINST: dict[Symbolic, Symbolic] = {"<": ">=", ">": "<=", "<=": ">=", ">=": "<="}
"""The sign of what holds of sides of which a bound never holds but where they are equal."""


@dataclass(frozen=True)
class Sides:
    """Two sides with what was written for them; `is_first` says that they begin a chain."""

    left: Expr
    sign: Symbolic
    right: Expr
    left_source: str
    right_source: str
    is_first: bool

    @cached_property
    def shown(self) -> Digits | None:
        """The digits of the right side, where it is written as one literal number."""
        return digits_of(self.right_source)


@dataclass(frozen=True)
class Verdict:
    """The answer on a relation, with `rounded` where it is right to the digits shown, and the right side meant."""

    decision: Decision
    right: Expr
    rounded: bool = False

    @property
    def answer(self) -> str:
        return self.decision.answer
