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
from symdl.errors import SymdlError, decoded
from symdl.language import At, D
from symdl.problem import Derivation, Problem
from symdl.read import read_text
from symdl.write import Figure, Options, Page, formats

FIGURES = "figures"
"""What a worker reports while it draws."""

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
    if not document.solved:
        return document
    return _written(document, _with_figures(pages, request, report), request, report)


def check_document(request: CheckRequest, report: Report) -> dict[str, Any]:
    """The report on a document as its JSON, with its messages."""
    found = (audit_bytes if request.audit else check_bytes)(request.data, request.path)
    return {**found.to_dict(), "error": found.error, "notes": found.notes}


def grade_submission(request: GradeRequest, report: Report) -> dict[str, Any]:
    """The marks of one submission as plain data, with the page that shows them."""
    try:
        text = decoded(request.data, request.path)
        found = marked(request.key, request.key_path, text, request.path, Fraction(request.penalty))
    except SymdlError as error:
        return {"error": str(error)}
    shown = CheckReport((found.document,))
    why_nothing = "" if found.document.relations else " ".join(found.document.notes)
    return {
        **found.to_dict(),
        "verdict": found.document.verdict,
        "error": found.document.error or why_nothing,
        "text": shown.text(hide_expected=request.hide_expected),
        "page": shown.html(hide_expected=request.hide_expected, marks=found),
    }


def _solved(number: int, problem: Problem, request: SolveRequest, report: Report) -> tuple[SolvedProblem, Page | None]:
    # A document that is only checked needs no engine.
    from symdl.solve import RefutedLineError, attempt

    skip = {item[1] for item in request.skip if isinstance(item, tuple) and item[0] == number}
    try:
        found = attempt(problem, begin=lambda task: report((number, task)), skip=skip)
    except RefutedLineError as error:
        return SolvedProblem(problem.title, fault=str(error)), None
    except Exception:  # a fault in one problem must not cost the others their answers
        return SolvedProblem(problem.title, fault=traceback.format_exc()), None
    record = SolvedProblem(
        problem.title,
        len(found.derivations),
        found.tally,
        tuple(f"{f.task.place}: {' '.join(f.task.source.split())}\n{f.error}" for f in found.failures),
    )
    failures = tuple((f.task, str(f.error)) for f in found.failures)
    return record, Page(found.problem, found.derivations, failures) if problem.tasks else None


def _with_figures(pages: Sequence[Page], request: SolveRequest, report: Report) -> list[Page]:
    """The pages with the pictures of their derivations."""
    if not request.stem or FIGURES in request.skip:
        return list(pages)
    from symdl.plot import NoPictureError, pictures, save

    report(FIGURES)
    found: list[Page] = []
    number = 0
    for page in pages:
        drawn: dict[bytes, Figure] = {}
        for derivation in page.derivations:
            try:
                for picture in pictures(derivation) if _is_illustrated(derivation) else ():
                    # A picture with numbers of our choosing illustrates what is classified or shown, not a formula.
                    svg = save(picture.figure, "svg")
                    if svg in drawn or (picture.chosen and derivation.task.kind == "find"):
                        continue
                    number += 1
                    file = f"{request.stem}-{number}-{picture.name}"
                    pdf = save(picture.figure, "pdf")
                    drawn[svg] = Figure(number, file, picture.caption, svg, pdf, picture.lines)
            except NoPictureError:
                continue
        found.append(replace(page, figures=tuple(drawn.values())))
    return found


def _is_illustrated(derivation: Derivation) -> bool:
    """Of what is worked out on numbers only derivatives have a picture, the graph through which they flow back."""
    goal = derivation.task.goal
    if isinstance(goal, At):
        goal = goal.of
    return derivation.task.kind != "evaluate" or isinstance(goal, D)


def _written(document: SolvedDocument, pages: Sequence[Page], request: SolveRequest, report: Report) -> SolvedDocument:
    files: dict[str, OutputFile] = {}
    beside = {"md": "svg", "tex": "pdf"}
    figures = [
        OutputFile(f"{figure.file.removeprefix(request.stem)}.{kind}", figure.svg if kind == "svg" else figure.pdf)
        for kind in dict.fromkeys(beside[name] for name in request.formats if name in beside)
        for page in pages
        for figure in page.figures
    ]
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
    return replace(document, files=files, figures=tuple(figures), failures=tuple(failures), fault=fault)
