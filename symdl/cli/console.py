"""Messages for people on standard error, and progress where that is a terminal."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def say(message: str) -> None:
    """A message on standard error, with what could drive a terminal made visible."""
    click.echo(printable(message), err=True)


def printable(text: str) -> str:
    """`text` with control and direction characters replaced by their code points, and lone surrogates likewise."""
    shown = _CONTROLS.sub(lambda m: f"<U+{ord(m[0]):04X}>", text.replace("\r\n", "\n"))
    return shown.encode("utf-8", "backslashreplace").decode()


def fault(details: str) -> None:
    """Report a fault of the program; the whole of `details`, a traceback, is shown where SYMDL_TRACEBACK is set."""
    if os.environ.get("SYMDL_TRACEBACK"):
        say(details.rstrip())
    last = details.strip().splitlines()[-1] if details.strip() else "unknown"
    say(f"internal fault: {last}\n    This is a fault of symdl, not of the input; SYMDL_TRACEBACK=1 shows where.")


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[], None]]:
    """A progress bar while the block runs; the function it gives counts one more as done."""
    if total < 2 or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)
