"""What the workers hand back: plain records, in a module that loads nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from symdl.tally import Tally


@dataclass(frozen=True)
class SolveRequest:
    """A document to solve.

    `skip` holds what ran out of time before: a task as the numbers of its problem and itself, a format by its name,
    the figures by that word.  `stem` is the name of the answer without its suffix, empty where no figures can lie
    beside it.
    """

    path: str
    data: bytes
    formats: tuple[str, ...]
    pdf_engine: str = "typst"
    skip: frozenset[tuple[int, int] | str] = frozenset()
    stem: str = ""


@dataclass(frozen=True)
class GradeRequest:
    """A submission, the key that it is graded against, and the share of points that a carried error costs."""

    key_path: str
    key: str
    path: str
    data: bytes
    penalty: str = "0"
    hide_expected: bool = False


@dataclass(frozen=True)
class SolvedProblem:
    """What came of one problem: how many tasks are solved, and how the judge answered their lines and steps.

    `failures` say which tasks were not finished, and why; `fault` is a fault of the program.
    """

    title: str
    solved: int = 0
    tally: Tally = field(default_factory=Tally)
    failures: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class OutputFile:
    """The content of a file, and what its name ends with."""

    suffix: str
    content: bytes


@dataclass(frozen=True)
class SolvedDocument:
    """What came of one document: its files by format, the figures that lie beside them, and what stands in them.

    `error` says why it could not be read, `failures` which formats could not be made, `fault` is a fault of the program
    in making one.
    """

    problems: tuple[SolvedProblem, ...] = ()
    files: Mapping[str, OutputFile] = field(default_factory=dict)
    figures: tuple[OutputFile, ...] = ()
    failures: tuple[str, ...] = ()
    fault: str = ""
    error: str = ""

    @property
    def solved(self) -> int:
        return sum(p.solved for p in self.problems)

    @property
    def tally(self) -> Tally:
        return sum((p.tally for p in self.problems), Tally())


@dataclass(frozen=True)
class CheckRequest:
    """A document to check, or running text to audit."""

    path: str
    data: bytes
    audit: bool = False
