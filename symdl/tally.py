"""How many lines the judge answered how: a record that loads nothing, since the front door adds it up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """How many lines and micro steps were proved, merely agree at every instance tried, or are open."""

    proved: int = 0
    agrees: int = 0
    unknown: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.proved + other.proved, self.agrees + other.agrees, self.unknown + other.unknown)

    @property
    def total(self) -> int:
        return self.proved + self.agrees + self.unknown

    def __str__(self) -> str:
        parts = [f"{self.proved} of {self.total} lines and steps proved"]
        if self.agrees:
            parts.append(f"{self.agrees} agree at every instance tried")
        if self.unknown:
            parts.append(f"{self.unknown} undecided")
        return ", ".join(parts)
