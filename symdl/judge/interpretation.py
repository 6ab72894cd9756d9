"""What an evaluation asks of the world in which a term has a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sympy import Symbol

from symdl.judge.jets import Value
from symdl.problem import Givens

Key = tuple[Symbol, tuple[int, ...]]
"""A quantity at an instance: its label and its indices."""


class World(Protocol):
    """What an instance offers to the evaluation."""

    integers: Mapping[Symbol, int]
    givens: Givens
    patterns: dict[Symbol, list[Any]]
    """What evaluations have made of the definitions of a label, to look up members by."""

    def draw(self, key: Key) -> Value:
        """The value of a free quantity."""

    def coefficient(self, name: str) -> Any:
        """A coefficient of the polynomial that stands for an opaque function."""

    def is_stated(self) -> bool:
        """Whether every value that was looked at is given, sizes and index letters left aside."""
