"""Papers to problems: gathers what a paper says, and reads it again where the first reading shows it to be needed."""

from __future__ import annotations

from collections.abc import Callable

from symdl.problem import Block, Givens, Problem, Task
from symdl.read.document import TASKS, Paper
from symdl.read.reader import Reader

MAX_READINGS = 40


def read_paper(paper: Paper, lines: tuple[str, ...], path: str, matter: dict[str, object]) -> Problem:
    """The problem that a paper states.

    Raises  `ReadError` or `GivensError`.
    """
    given: list[Block] = []
    tasks: list[tuple[str, tuple[Block, ...]]] = []
    proof: tuple[Block, ...] | None = None
    for section in paper.sections:
        if section.keyword == "given":
            given += section.blocks
        elif section.keyword == "proof":
            proof = (*(proof or ()), *section.blocks)
        else:
            tasks.append((section.keyword, tuple(section.blocks)))

    def gather(reader: Reader) -> None:
        reader.add_given(given)
        for keyword, blocks in tasks:
            assert keyword in TASKS
            reader.add_tasks(keyword, blocks)  # type: ignore[arg-type]

    givens, asked = understood(gather, lines)
    title = str(matter.get("title") or paper.title)
    return Problem(
        title, givens, asked, tuple(given), tuple(tasks), proof, path, "", matter, tuple(paper.intro), paper.place
    )


def understood(gather: Callable[[Reader], None], lines: tuple[str, ...] = ()) -> tuple[Givens, tuple[Task, ...]]:
    """The givens and tasks of what `gather` puts into a reader.

    Raises  `ReadError` or `GivensError`.
    """
    apart: frozenset[str] = frozenset()
    while True:
        reader = Reader(lines, apart=apart)
        gather(reader)
        reader.read()
        if set(reader.strays) <= apart:
            return reader.givens(), reader.tasks()
        apart |= set(reader.strays)
