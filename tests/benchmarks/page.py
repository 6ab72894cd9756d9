"""The page of figures: tables with their goals and whether they are met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

METHOD = (
    "Figures are ratios within one run, medians of interleaved rounds in CPU time with one thread for each library; "
    "start-up is wall time."
)


@dataclass
class Goal:
    """What is asked for, what was measured, and whether that is enough; None where it could not be measured.

    `reason` is what keeps the figure from being better, shown where it is not enough.
    """

    text: str
    figure: str
    met: bool | None
    reason: str = ""


@dataclass
class Section:
    """A heading, some words, tables, the goals that they decide, and how the figures were taken."""

    title: str
    words: str
    tables: list[tuple[Sequence[str], list[Sequence[str]]]] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    method: str = METHOD

    def markdown(self) -> str:
        parts = [f"## {self.title}", self.words]
        if self.missing:
            parts.append(f"Not installed, so not run: {', '.join(self.missing)}.")
        parts += [_table(head, rows) for head, rows in self.tables]
        return "\n\n".join(parts)


def page(sections: Sequence[Section], machine: str, command: str) -> str:
    """The whole page; `command` is what writes it, and `machine` what it was run on."""
    methods = dict.fromkeys(s.method for s in sections)
    goals = [
        (g.text, g.figure, {True: "met", False: f"missed: {g.reason}", None: "not run"}[g.met])
        for section in sections
        for g in section.goals
    ]
    return (
        "\n\n".join(
            [
                "# Benchmarks",
                " ".join(filter(None, [f"Written by `{command}`.", *methods, "The machine was shared.", machine])),
                "## Goals",
                _table(("goal", "measured", ""), goals),
                *(s.markdown() for s in sections),
            ]
        )
        + "\n"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def ratio(value: float) -> str:
    """A ratio with as many digits as mean something."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"
