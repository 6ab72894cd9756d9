"""What a refutation without a slip is worth in a proof that is not understood everywhere.

A slip of the pen is found, as a rule.  Where none explains why a line fails at values that were drawn, and another line
on the same names is open, or the next line leads back to what is right, the line was more likely read as something
else than written wrongly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symdl.check.entries import Judged
from symdl.check.report import SLIP, LineReport
from symdl.check.slips import DIFFERS
from symdl.check.words import letters_of

OPEN = "it differs from what is read here, but no slip explains that, and line {} on the same names is open as well"
BACK = "it differs from what is read here, but no slip explains that, and the line after it leads back to what is right"

_OPERATORS = frozenset((
    r"\partial", r"\nabla", r"\log", r"\ln", r"\exp", r"\sum", r"\prod", r"\int", r"\max", r"\min", r"\lim", r"\pi",
    r"\infty", "d", "e",
))  # fmt: skip
"""What stands in formulas without being the name of anything."""


def as_understood(entries: Sequence[Judged]) -> list[Judged]:
    """The lines of a proof, with refutations undecided that rest on drawn values and that nothing else bears out.

    A proof in which one is borne out keeps them all: what comes after it may carry it on.
    """
    wrong = [n for n, j in enumerate(entries) if j.report.verdict == "wrong"]
    if not all(_is_unexplained(entries[n].report) for n in wrong):
        return list(entries)
    open_lines = [j.report for j in entries if j.report.verdict in ("undecided", "unreadable")]
    reasons = {n: _doubt(entries, n, open_lines) for n in wrong}
    if not all(reasons.values()):
        return list(entries)
    found = list(entries)
    for n, reason in reasons.items():
        report = replace(found[n].report, verdict="undecided", claim=None, reason=reason)
        found[n] = replace(found[n], report=report)
    lines = {entries[n].report.line for n in wrong}
    return [replace(j, report=_unled(j.report)) if j.report.follows in lines else j for j in found]


def _is_unexplained(report: LineReport) -> bool:
    """Whether an equation fails at drawn values, and no slip says why; of a bound none is sought."""
    is_drawn = bool(report.counterexample) and report.reason.startswith(DIFFERS)
    return is_drawn and report.relation == "=" and SLIP not in report.reason


def _doubt(entries: Sequence[Judged], n: int, open_lines: Sequence[LineReport]) -> str:
    """Why a line may have been read as something else; nothing where nothing says so."""
    names = _names(entries[n].report)
    beside = next((r.line for r in open_lines if names & _names(r)), None)
    if beside is not None:
        return OPEN.format(beside)
    pairs = [(n - 1, n), (n, n + 1)]
    return BACK if any(_leads_back(entries, a, b) for a, b in pairs if a >= 0 and b < len(entries)) else ""


def _names(report: LineReport) -> frozenset[str]:
    return letters_of(f"{report.lhs} {report.rhs}") - _OPERATORS


def _leads_back(entries: Sequence[Judged], n: int, after: int) -> bool:
    """Whether two lines of a chain are refuted one after the other, and the end is what it began with."""
    one, other = entries[n], entries[after]
    is_failing = {one.report.verdict, other.report.verdict} == {"wrong"}
    return one.chain == other.chain and is_failing and other.report.claim is True


def _unled(report: LineReport) -> LineReport:
    """A line that followed from what is undecided by now."""
    return replace(report, follows=None, claim=None if report.claim is False else report.claim)
