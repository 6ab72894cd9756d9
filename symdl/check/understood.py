"""What a refutation without a slip is worth in a proof that is not understood everywhere.

A slip of the pen is found, as a rule.  Where none explains why a line fails at values that were drawn, and another line
on the same names is open, or the next line leads back to what is right, the line was more likely read as something
else than written wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from symdl.check.entries import Judged
from symdl.check.letters import letters_of
from symdl.check.report import SLIP, LineReport
from symdl.check.slips import DIFFERS
from symdl.language import free_symbols, is_index, label_of
from symdl.problem import Givens

OPEN = "it differs from what is read here, but no slip explains that, and line {} on the same names is open as well"
BACK = "it differs from what is read here, but no slip explains that, and the line after it leads back to what is right"

_HOLDING = re.compile(r"(?:holds|equal) at (?:the few|\d+) instances?")
"""Begins the reason of what is seen to hold at instances, and not proved."""
_SIGNS = re.compile(r"\\[A-Za-z]+|[A-Za-z]")
"""Names and commands."""
_SCOPES = re.compile(r"\\(?:sum|prod|int|partial|nabla|mathbb)(?![A-Za-z])")
"""What stands for more than it touches."""
_OPERATORS = frozenset((
    r"\partial", r"\nabla", r"\log", r"\ln", r"\exp", r"\sum", r"\prod", r"\int", r"\max", r"\min", r"\lim", r"\pi",
    r"\infty", "d", "e",
))  # fmt: skip
"""What stands in formulas without being the name of anything."""


def as_understood(entries: Sequence[Judged], givens: Givens) -> list[Judged]:
    """The lines of a proof, with refutations undecided that rest on drawn values and that nothing else bears out.

    A proof in which one is borne out keeps them all: what comes after it may carry it on.
    """
    valued = frozenset(label_of(v.quantity).name for v in givens.values)
    wrong = [n for n, j in enumerate(entries) if j.report.verdict == "wrong"]
    if not all(_is_unexplained(entries[n], valued) for n in wrong):
        return list(entries)
    open_lines = [j for j in entries if j.report.verdict in ("undecided", "unreadable") and not _agrees(j.report)]
    reasons = {n: _doubt(entries, n, open_lines) for n in wrong}
    if not all(reasons.values()):
        return list(entries)
    return left_open(entries, reasons)


def left_open(entries: Sequence[Judged], reasons: Mapping[int, str]) -> list[Judged]:
    """The lines with these refutations undecided, each for its reason; what carries them on carries no error."""
    found = list(entries)
    for n, reason in reasons.items():
        report = replace(found[n].report, verdict="undecided", claim=None, reason=reason)
        found[n] = replace(found[n], report=report)
    lines = {entries[n].report.line for n in reasons}
    return [replace(j, report=_unled(j.report)) if j.report.follows in lines else j for j in found]


def _is_unexplained(judged: Judged, valued: frozenset[str]) -> bool:
    """Whether an equation fails at drawn values, and no slip says why; of a bound none is sought.

    Nothing is drawn for index letters, nor for names of which the values are given.
    """
    report = judged.report
    sides = (side for side in (judged.first, judged.right) if side is not None)
    letters = {s.name for side in sides for s in free_symbols(side) if is_index(s)}
    is_drawn = bool(report.counterexample.keys() - letters - valued) and report.reason.startswith(DIFFERS)
    return is_drawn and report.relation == "=" and SLIP not in report.reason


def _agrees(report: LineReport) -> bool:
    """Whether a line that is not proved holds wherever it was looked at: it was read as it was meant."""
    return bool(_HOLDING.match(report.reason))


def _doubt(entries: Sequence[Judged], n: int, open_lines: Sequence[Judged]) -> str:
    """Why a line may have been read as something else; nothing where nothing says so.

    What a chain goes on to from what is wrong says nothing of how its names were read.
    """
    names, chain = _names(entries[n].report), entries[n].chain
    others = (j.report for j in open_lines if j.chain != chain or j.report.line < entries[n].report.line)
    beside = next((r.line for r in others if names & _names(r)), None)
    if beside is not None:
        return OPEN.format(beside)
    pairs = [(n - 1, n), (n, n + 1)]
    pairs = [(a, b) for a, b in pairs if a >= 0 and b < len(entries) and _leads_back(entries, a, b)]
    return "" if all(_is_read_beside(entries, a, b) for a, b in pairs) else BACK


def _names(report: LineReport) -> frozenset[str]:
    return letters_of(f"{report.lhs} {report.rhs}") - _OPERATORS


def _leads_back(entries: Sequence[Judged], n: int, after: int) -> bool:
    """Whether two lines of a chain are refuted one after the other, and the end is what it began with."""
    one, other = entries[n], entries[after]
    is_failing = {one.report.verdict, other.report.verdict} == {"wrong"}
    return one.chain == other.chain and is_failing and other.report.claim is True


def _is_read_beside(entries: Sequence[Judged], n: int, after: int) -> bool:
    """Whether what stands between two lines holds nothing else than the sides around it, and all other lines hold.

    What is summed, and how far, may be read otherwise in one of them.
    """
    between, beside = entries[n].report.rhs, f"{entries[n].report.lhs} {entries[after].report.rhs}"
    others = (j for m, j in enumerate(entries) if m not in (n, after))
    is_understood = all(j.report.verdict in ("proved", "rounded", "given", "wrong") for j in others)
    return is_understood and not _SCOPES.search(between) and set(_SIGNS.findall(between)) <= set(_SIGNS.findall(beside))


def _unled(report: LineReport) -> LineReport:
    """A line that followed from what is undecided by now."""
    return replace(report, follows=None, claim=None if report.claim is False else report.claim)
