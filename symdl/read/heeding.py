"""Which words of the givens their reading rests on: those without which it would be another one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from symdl.errors import SymdlError
from symdl.problem import Block, Givens, Problem
from symdl.read.problems import beside, understood
from symdl.read.reader import Reader

_LETTER = re.compile(r"[^\W\d_]")


def is_heeded(problem: Problem, block: Block, *spans: tuple[int, int]) -> bool:
    """Whether what is read of a problem's givens rests on some stretches of characters of one of them.

    It does where it changes without them, and with words for theirs that say nothing.

    Cost    the givens are read again, once or twice; that they can be read with all words is kept for a problem.
    """
    said = _said(problem, problem.given_blocks)
    for other in (lambda found: " " * len(found), lambda found: _LETTER.sub("x", found)):
        text = block.text
        for start, end in spans:
            text = f"{text[:start]}{other(text[start:end])}{text[end:]}"
        if _said(problem, [replace(b, text=text) if b is block else b for b in problem.given_blocks]) == said:
            return False
    return True


def _said(problem: Problem, given: Sequence[Block]) -> tuple[Any, ...] | None:
    """What is read of these blocks in place of the problem's givens; None where they cannot be read."""

    def gather(reader: Reader) -> None:
        reader.add_given(given)
        for keyword, blocks in problem.task_blocks:
            reader.add_tasks(keyword, blocks)  # type: ignore[arg-type]

    try:
        if problem.proof is not None and not problem.task_blocks:
            givens, _, _ = beside(list(given), problem.proof, (), problem.path)
        else:
            givens, _, _ = understood(gather)
    except SymdlError:
        return None
    return _content(givens)


def _content(givens: Givens) -> tuple[Any, ...]:
    """Everything that givens say, without the words in which they say it."""
    conventions = tuple((c.head, c.at, c.value) for c in givens.conventions)
    return replace(givens, conventions=()), conventions
