"""The command `solve`: documents in, answers out, as each is finished."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from symdl.cli.console import fault, progress, say
from symdl.cli.files import write
from symdl.cli.index import Entry, index
from symdl.cli.pool import Outcome, run
from symdl.cli.results import SolvedDocument, SolveRequest
from symdl.cli.sources import Source, SourceError, gather
from symdl.cli.statuses import FAULT, HOLDS, OPEN, UNREADABLE, worst
from symdl.errors import SymdlError
from symdl.tally import Tally

DEFAULT_OUTPUT = Path("answers")


@dataclass
class _Answer:
    """What came of one document, with the files that were written for it."""

    source: Source
    entry: Entry | None = None
    messages: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


def solve_all(
    paths: Sequence[str],
    output: Path | None,
    formats: tuple[str, ...],
    *,
    force: bool,
    pdf_engine: str,
    jobs: int | None,
    limit: float,
) -> int:
    """Solve all documents, write their answers and an index of them; the exit status."""
    known = _format_names()
    if not formats or not set(formats) <= set(known):
        raise click.UsageError(f"--to takes {', '.join(known)}, separated by commas")
    folder = output if output is not None else DEFAULT_OUTPUT
    sources = gather(paths, outside=folder)
    _refuse_clashes(sources)
    to_stdout = output is None and all(source.file is None for source in sources)
    answers = [_Answer(source) for source in sources]
    asked, requests = _requests(answers, formats, pdf_engine, to_stdout=to_stdout)
    workers = min(len(requests), os.cpu_count() or 1) if jobs is None else jobs
    with progress("solving", len(requests)) as advance:
        for number, outcome in run(
            "symdl.cli.jobs:solve_document", requests, workers=workers, limit=limit, again=_without_late
        ):
            document = _take(asked[number], outcome, limit)
            if document is not None and to_stdout:
                _print(document)
            elif document is not None:
                _write(asked[number], document, folder, force)
            advance()
    for answer in answers:
        for message in answer.messages:
            say(message)
        for details in answer.faults:
            fault(details)
    if not sources:
        say("no documents found")
        return OPEN
    entries = [answer.entry for answer in answers if answer.entry is not None]
    if entries and not to_stdout:
        _summarise(entries, folder, force)
    return worst(status for answer in answers for status in answer.statuses)


def _requests(
    answers: Sequence[_Answer], formats: tuple[str, ...], pdf_engine: str, *, to_stdout: bool
) -> tuple[list[_Answer], list[SolveRequest]]:
    """What can be asked for, with the request for each; of any other document it is kept why it cannot be read."""
    asked: list[_Answer] = []
    requests: list[SolveRequest] = []
    for answer in answers:
        stem = "" if to_stdout else answer.source.stem.name
        try:
            requests.append(SolveRequest(answer.source.path, answer.source.data(), formats, pdf_engine, stem=stem))
            asked.append(answer)
        except SourceError as error:
            answer.messages.append(str(error))
            answer.statuses.append(UNREADABLE)
    return asked, requests


def _format_names() -> list[str]:
    """The formats that pages can be written in: one module each, found without loading them."""
    folder = Path(__file__).parent.parent / "write" / "formats"
    return sorted(p.stem for p in folder.glob("*.py") if p.stem != "__init__")


def _refuse_clashes(sources: Sequence[Source]) -> None:
    """Refuse documents whose answers would have one name."""
    seen: dict[Path, Source] = {}
    for source in sources:
        other = seen.setdefault(source.stem, source)
        if other is not source:
            raise click.UsageError(f"{other.path} and {source.path} would both be answered in {source.stem}")


def _without_late(request: SolveRequest, outcome: Outcome) -> SolveRequest | None:
    """The same document without the task or file that its worker was at when time or memory ran out."""
    if outcome.value is None or outcome.value in request.skip:
        return None
    return replace(request, skip=request.skip | {outcome.value})


def _take(answer: _Answer, outcome: Outcome, limit: float) -> SolvedDocument | None:
    """Keep what is to be said of an outcome, and its statuses; the document, if there is something in it."""
    path = answer.source.path
    if outcome.status == "fault":
        answer.faults.append(outcome.value)
        answer.statuses.append(FAULT)
        return None
    if outcome.status != "done":
        why = f"nothing came of it for {limit:g} seconds" if outcome.status == "late" else "its process was ended"
        answer.messages.append(f"{path}: not finished: {why}")
        answer.statuses.append(OPEN)
        return None
    document: SolvedDocument = outcome.value
    if document.error:
        answer.messages.append(document.error)
        answer.statuses.append(UNREADABLE)
        return None
    failures = [f for p in document.problems for f in p.failures] + list(document.failures)
    faults = [p.fault for p in document.problems if p.fault] + ([document.fault] if document.fault else [])
    answer.messages += failures
    answer.faults += faults
    answer.statuses += [OPEN for _ in failures] + [FAULT for _ in faults]
    answer.statuses.append(OPEN if document.tally.unknown else HOLDS)
    if not (document.solved or failures or faults):
        answer.messages.append(f"{path}: nothing to find, show or evaluate")
        answer.statuses.append(HOLDS if answer.source.in_folder else OPEN)
        return None
    return document


def _print(document: SolvedDocument) -> None:
    for file in document.files.values():
        sys.stdout.buffer.write(file.content)
    sys.stdout.buffer.flush()


def _write(answer: _Answer, document: SolvedDocument, folder: Path, force: bool) -> None:
    """Write the files of a document and keep its entry for the index."""
    stem = answer.source.stem
    written: list[tuple[str, Path]] = []
    for name, file in document.files.items():
        relative = stem.with_name(stem.name + file.suffix)
        try:
            write(folder / relative, file.content, force=force)
        except (SymdlError, OSError) as error:
            answer.messages.append(str(error))
            answer.statuses.append(UNREADABLE)
        else:
            written.append((name, relative))
    for figure in document.figures:
        try:
            write(folder / stem.with_name(stem.name + figure.suffix), figure.content, force=force)
        except (SymdlError, OSError) as error:
            answer.messages.append(str(error))
            answer.statuses.append(UNREADABLE)
    answer.entry = Entry(document, stem, tuple(written))


def _summarise(entries: Sequence[Entry], folder: Path, force: bool) -> None:
    documents = [entry.document for entry in entries]
    files = sum(len(entry.files) for entry in entries)
    failed = sum(len(p.failures) for d in documents for p in d.problems)
    tally = sum((d.tally for d in documents), Tally())
    say(f"{sum(d.solved for d in documents)} solved" + (f", {failed} not finished" if failed else "") + f"; {tally}")
    if not files:
        return
    page = folder / "index.html"
    first = next(entry for entry in entries if entry.files)
    try:
        write(page, index(entries), force=force)
    except SymdlError as error:
        say(str(error))
        page = folder / first.files[0][1]
    say(f"wrote {files} {'file' if files == 1 else 'files'} below {folder}; open {page}")
