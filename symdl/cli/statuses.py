"""Exit statuses, and what each error stands for."""

from __future__ import annotations

from collections.abc import Iterable

from symdl.errors import NoFunctionError, UnsolvedError

HOLDS, REFUTED, UNREADABLE, OPEN, FAULT = 0, 1, 2, 3, 4

WORST_FIRST = (FAULT, REFUTED, UNREADABLE, OPEN, HOLDS)

INTERRUPTED, NO_READER = 130, 141
"""As shells have it for a program that Ctrl-C or a closed pipe ended."""


def worst(statuses: Iterable[int]) -> int:
    """The status of a batch."""
    found = set(statuses)
    return next((s for s in WORST_FIRST if s in found), HOLDS)


def status_of(error: Exception) -> int:
    """The status that an error stands for; what is not said otherwise is unreadable input or wrong usage."""
    return OPEN if isinstance(error, UnsolvedError | NoFunctionError) else UNREADABLE
