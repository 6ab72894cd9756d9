"""What the workers do with one document.  This module loads the mathematics; the parent process need not."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from symdl.check import Report as CheckReport
from symdl.check import check_bytes
from symdl.check.audit import audit_bytes
from symdl.check.marks import marked
from symdl.cli.pool import Report
from symdl.cli.results import CheckRequest, GradeRequest, OutputFile, SolvedDocument, SolvedProblem, SolveRequest
from symdl.cli.sources import decoded
from symdl.errors import SymdlError
from symdl.problem import Problem
from symdl.read import read_text
from symdl.solve import RefutedLineError, attempt
from symdl.write import Options, Page, formats

LATE = "not finished within the limits of time and memory"


def solve_document(request: SolveRequest, report: Report) -> SolvedDocument:
    """Every problem of a document solved, and the document written in every format asked for.

    Reports what comes next: a task by the numbers of its problem and itself, or a format by its name.
    """
    try:
        problems = read_text(decoded(request.data, request.path), request.path)
    except SymdlError as error:
        return SolvedDocument(error=str(error))
    solved: list[SolvedProblem] = []
    pages: list[Page] = []
    for number, problem in enumerate(problems):
        record, page = _solved(number, problem, request, report)
        solved.append(record)
        if page is not None:
            pages.append(page)
    document = SolvedDocument(tuple(solved))
    return _written(document, pages, request, report) if document.solved else document


def check_document(request: CheckRequest, report: Report) -> dict[str, Any]:
    """The report on a document as its JSON, with the message of a document that cannot be read."""
    found = (audit_bytes if request.audit else check_bytes)(request.data, request.path)
    return {**found.to_dict(), "error": found.error}


def grade_submission(request: GradeRequest, report: Report) -> dict[str, Any]:
    """The marks of one submission as plain data, with the page that shows them."""
    try:
        text = decoded(request.data, request.path)
        found = marked(request.key, request.key_path, text, request.path, Fraction(request.penalty))
    except SymdlError as error:
        return {"error": str(error)}
    shown = CheckReport((found.document,))
    return {
        **found.to_dict(),
        "verdict": found.document.verdict,
        "error": found.document.error,
        "text": shown.text(hide_expected=request.hide_expected),
        "page": shown.html(hide_expected=request.hide_expected, marks=found),
    }


def _solved(number: int, problem: Problem, request: SolveRequest, report: Report) -> tuple[SolvedProblem, Page | None]:
    skip = {item[1] for item in request.skip if isinstance(item, tuple) and item[0] == number}
    try:
        found = attempt(problem, begin=lambda task: report((number, task)), skip=skip)
    except RefutedLineError as error:
        return SolvedProblem(problem.title, fault=str(error)), None
    except Exception:  # a fault in one problem must not cost the others their answers
        return SolvedProblem(problem.title, fault=traceback.format_exc()), None
    tally = found.tally
    record = SolvedProblem(
        problem.title,
        len(found.derivations),
        tally.proved,
        tally.agrees,
        tally.unknown,
        tuple(f"{f.task.place}: {' '.join(f.task.source.split())}\n{f.error}" for f in found.failures),
    )
    failures = tuple((f.task, str(f.error)) for f in found.failures)
    return record, Page(found.problem, found.derivations, failures) if problem.tasks else None


def _written(document: SolvedDocument, pages: Sequence[Page], request: SolveRequest, report: Report) -> SolvedDocument:
    files: dict[str, OutputFile] = {}
    failures: list[str] = []
    fault = ""
    for name in request.formats:
        report(name)
        try:
            if name in request.skip:
                raise SymdlError(LATE)
            form = formats()[name]
            content = form.render(pages, Options(pdf_engine=request.pdf_engine))
        except SymdlError as error:
            failures.append(f"{request.path}: no {name}: {error}")
        except Exception:  # as above
            fault = traceback.format_exc()
        else:
            files[name] = OutputFile(form.suffix, content.encode() if isinstance(content, str) else content)
    return replace(document, files=files, failures=tuple(failures), fault=fault)
