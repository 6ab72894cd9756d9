"""Audits running text that is no worked problem: an exam with its solutions, as a scanner left it.

Every relation is judged under what the text itself has defined before it, question by question; nothing else is given.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from symdl.check.proof import judged_proof
from symdl.check.report import MARK, DocumentReport, LineReport, verdict_of
from symdl.errors import ReadError, decoded
from symdl.read import read_text

_QUESTION = re.compile(
    r"^\s*(?:\*\*|__)?\s*(?:#{1,6}\s|(?:question|problem|exercise|task|part|q)\s*\.?\s*\d+|\d{1,2}\s*[.)]\s|\(?[a-h]\)\s)",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^ {0,3}(?:#{1,6}\s|(?:\*\*|__)[A-Za-z ]+[.:]?(?:\*\*|__)[.:]?\s*$|```|~~~)")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

MAX_SEGMENT = 400
"""Lines of one question at most; a longer one is cut."""


def audit_bytes(data: bytes, path: str) -> DocumentReport:
    """The report on a running text: every relation that could be found, in source order."""
    try:
        text = decoded(data, path)
    except ReadError as error:
        return DocumentReport(path, "unreadable", error=str(error))
    found: list[LineReport] = []
    missed: list[str] = []
    for start, lines in _segments(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        try:
            found += _judged(lines, start, path)
        except ReadError as error:
            missed.append(f"{path}:{start + 1}: not read: {error.message}")
    return DocumentReport(path, verdict_of(tuple(found)), tuple(found), "\n".join(missed))


def summary(report: DocumentReport) -> str:
    """The errors found, with their places, and how much of the text could be judged."""
    counts: Counter[str] = Counter(r.verdict for r in report.relations)
    shown = [f"{report.path}: {sum(counts.values())} relations found"]
    shown += [f"  {MARK[v]} {v:10} {counts[v]}" for v in MARK if counts[v]]
    for r in report.relations:
        if r.verdict == "wrong":
            shown.append(f"{report.path}:{r.line}:{r.column}: {_flat(r.lhs)} {r.relation} {_flat(r.rhs)}")
            shown.append(f"    {r.reason}")
            if r.expected:
                shown.append(f"    right would be {r.expected}")
    unread = [r for r in report.relations if r.verdict == "unreadable"]
    shown += [f"{report.path}:{r.line}:{r.column}: not read: {r.reason}" for r in unread]
    return "\n".join([*shown, *report.error.splitlines()])


def _segments(lines: list[str]) -> list[tuple[int, list[str]]]:
    """The questions, each with the number of its first line from 0; a formula is never cut."""
    found: list[tuple[int, list[str]]] = []
    start, inside = 0, False
    for n, line in enumerate(lines):
        if n > start and not inside and (_QUESTION.match(line) or n - start >= MAX_SEGMENT):
            found.append((start, lines[start:n]))
            start = n
        inside ^= line.count("$$") % 2 == 1
    return [*found, (start, lines[start:])]


def _judged(lines: list[str], start: int, path: str) -> list[LineReport]:
    # The heading takes two lines; those of the text that look like headings or code are words here.
    body = [_CONTROLS.sub(" ", "" if _HEADING.match(line) else line) for line in lines]
    problems = read_text("\n".join(["## Proof", "", *body, ""]), path)
    shift = start - 2
    return [
        replace(j.report, line=j.report.line + shift, follows=j.report.follows and j.report.follows + shift)
        for problem in problems
        for j in judged_proof(problem, renames=True).relations
    ]


def _flat(latex: str) -> str:
    return " ".join(latex.split())
