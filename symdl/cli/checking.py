"""The command `check`: documents in, verdicts out; every document gets its entry, whatever it holds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import click

from symdl.check.report import DocumentReport, Report
from symdl.cli.console import fault, printable, progress, say
from symdl.cli.pool import run
from symdl.cli.results import CheckRequest
from symdl.cli.sources import SourceError, gather
from symdl.cli.statuses import FAULT, worst


def check_all(
    paths: Sequence[str], form: str, *, hide_expected: bool, jobs: int | None, limit: float, audit: bool = False
) -> int:
    """Check all documents, or audit running text, and print the report; the exit status."""
    entries: dict[int, DocumentReport] = {}
    requests: list[CheckRequest] = []
    asked: list[int] = []
    faults: list[str] = []
    number = 0
    for path in paths:
        # An argument that names nothing costs its own entry only: the report covers every argument.
        try:
            sources = gather([path])
        except SourceError as error:
            entries[number] = DocumentReport(path, "unreadable", error=str(error))
            number += 1
            continue
        for source in sources:
            try:
                requests.append(CheckRequest(source.path, source.data(), audit))
                asked.append(number)
            except SourceError as error:
                entries[number] = DocumentReport(source.path, "unreadable", error=str(error))
            number += 1
    workers = min(len(requests), os.cpu_count() or 1) if jobs is None else jobs
    with progress("checking", len(requests)) as advance:
        for at, outcome in run("symdl.cli.jobs:check_document", requests, workers=workers, limit=limit):
            path = requests[at].path
            if outcome.status == "done":
                entry = DocumentReport.from_dict(outcome.value)
            elif outcome.status == "fault":
                entry = DocumentReport(path, "undecided", error=f"{path}: not checked: internal fault")
                faults.append(outcome.value)
            else:
                why = f"took more than {limit:g} seconds" if outcome.status == "late" else "its process was ended"
                entry = DocumentReport(path, "undecided", error=f"{path}: not finished: {why}")
            entries[asked[at]] = entry
            advance()
    if not entries:
        say("no documents found")
    report = Report(tuple(_unique(entries)))
    if audit and form == "text":
        from symdl.check.audit import summary

        for document in report.documents:
            click.echo(printable(summary(document)))
    else:
        _print(report, form, hide_expected)
    for details in sorted(set(faults)):
        fault(details)
    return worst([report.exit_code, *(FAULT for _ in faults)])


def _unique(entries: dict[int, DocumentReport]) -> list[DocumentReport]:
    """The entries in the order of the arguments, one per file."""
    found: dict[str, DocumentReport] = {}
    for number in sorted(entries):
        found.setdefault(entries[number].path, entries[number])
    return list(found.values())


def _print(report: Report, form: str, hide_expected: bool) -> None:
    if form == "text":
        click.echo(printable(report.text(hide_expected=hide_expected)))
        return
    for document in report.documents:
        if document.error:
            say(document.error)
        for note in document.notes if form == "json" else ():
            say(f"{document.path}:{note}" if note[:1].isdigit() else f"{document.path}: {note}")
    renderers: dict[str, Any] = {"json": report.to_json, "html": report.html}
    click.echo(renderers[form](hide_expected=hide_expected))
