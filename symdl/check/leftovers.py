"""The relations within words of which nothing is listed after all: proved, or open, but for what is set aside."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from sympy import Expr, Integer, Symbol

from symdl.check.aside import Left, left_in, names_roots
from symdl.check.eigenvalues import eigenvalues_in
from symdl.check.entries import Judged
from symdl.check.introducing import is_slope_zero
from symdl.check.letters import squeezed
from symdl.check.paragraphs import HOLDS, Paragraphs
from symdl.check.report import LineReport
from symdl.check.requiring import Required
from symdl.check.running import ASSIGNED
from symdl.check.sentences import gives_a_reason, statements
from symdl.check.settings import setting
from symdl.check.stating import unclear
from symdl.errors import Place
from symdl.language import is_quantity, put, quantities
from symdl.problem import Block

_BEGINS = r"(?:(?<![\w}])|(?<=\\implies)|(?<=\\iff)|(?<=\\Rightarrow))"
_ENDS = r"(?![\w.^_+*/(-]|\\(?!\\|q?quad))"
"""Where a relation begins and ends in a display."""

ROOT = "what was shown last is 0 there"
UNJUDGED = "what words say with this formula is not judged"


class Leftovers(Paragraphs):
    """Goes through paragraphs, and lists every relation of theirs that no word plainly sets aside."""

    def words(self, block: Block) -> None:
        """Judge what a paragraph claims; no relation of it is passed over that its words do not plainly set aside."""
        start, last = len(self.entries), self.last
        self.hear(block)
        if gives_a_reason(block):
            # What goes on below goes on from the display before, by what the words say.
            self.last = last
        if not self.is_setting(block):
            listed = [(j.report.line, j.report.column) for j in self.entries[start:]]
            listed += [(p.line, p.column) for p in eigenvalues_in(block)]
            listed.sort()
            self._leave([f for f in left_in(block, self.problem.givens) if not _is_listed(f.formula, listed)], block)
        self.entries[start:] = sorted(self.entries[start:], key=lambda j: (j.report.line, j.report.column))

    def _leave(self, left: Sequence[Left], block: Block) -> None:
        """List the relations of a paragraph that nothing lists and no word sets aside; what does not hold is open."""
        if not left:
            return
        after = self.meanings.after
        is_leading = after is not None and after.kind == "display"
        cases = {case.place for case in setting(block, self.givens).cases} if is_leading else set[Place]()
        ranged = {said.formula.place for said in statements(block) if self.is_ranged(said)}
        for one in left:
            formula = one.formula
            is_demanded = is_slope_zero(formula.text) and formula.place not in ranged
            if is_demanded or squeezed(formula.text) in self.meanings.wording.given or self._is_displayed(formula):
                continue
            trial = self.tried(formula, None)
            is_met = one.is_place and all(side and self.is_flat(*side) for side in map(_placed, trial.entries))
            is_case = is_leading and all(formula.place in cases or _is_bound(j) for j in trial.entries)
            is_open = all(j.report.verdict in ("undecided", "given") for j in trial.entries)
            if is_met or (is_open and (is_case or one.is_solution)) or self.are_indices(trial):
                continue
            if trial.entries and names_roots(block) and all(map(self._is_root, trial.entries)):
                trial.entries = [replace(j, report=_proved(j.report, ROOT)) for j in trial.entries]
            if one.explains is not None and self.follows(Required(one.explains, is_shown=False), formula, None):
                continue
            holds = {j.report.verdict for j in trial.entries} <= HOLDS or all(map(_is_assigned, trial.entries))
            reports = (j.report if holds else replace(unclear(j.report), reason=UNJUDGED) for j in trial.entries)
            self.entries += [replace(j, report=report) for j, report in zip(trial.entries, reports, strict=True)]
            self.chains = trial.chains

    def _is_displayed(self, formula: Block) -> bool:
        """Whether a display of the proof says the same, so that it is judged there."""
        said = re.compile(rf"{_BEGINS}{re.escape(squeezed(formula.text))}{_ENDS}")
        return any(map(said.search, self.meanings.wording.displays))

    def _is_root(self, said: Judged) -> bool:
        """Whether what was shown last is 0 at a number for an unknown of it, under its name or one with an index."""
        place = _placed(said)
        if place is None or self.last is None:
            return False
        shown, heads = self.last.last, {place[0].name, place[0].name.partition("_")[0]}
        unknown = next((q for q in quantities(shown) if is_quantity(q) and str(q) in heads), None)
        if unknown is None:
            return False
        return self.so_far.question({}, ()).ask(put(shown, {unknown: place[1]}), "=", Integer(0)).answer == "proved"


def _is_listed(formula: Block, places: Sequence[tuple[int, int]]) -> bool:
    """Whether one of some places, lines with columns in order, lies in a formula, or at the sign before it."""
    first, last = formula.place.line, formula.place.line + formula.text.count("\n")
    next_one = bisect_left(places, (first, formula.place.column - 1))
    if next_one == len(places):
        return False
    line, column = places[next_one]
    return line <= last and (first < last or column <= formula.place.column + len(formula.text))


def _proved(report: LineReport, reason: str) -> LineReport:
    """What is shown for a reason that its line alone does not hold."""
    return replace(report, verdict="proved", claim=True, reason=reason)


def _is_assigned(said: Judged) -> bool:
    """Whether a line gives a name a value, as an arrow does."""
    return said.report.verdict == "given" and said.report.reason == ASSIGNED


def _is_bound(said: Judged) -> bool:
    """Whether a line bounds a quantity by a number."""
    is_unequal = said.report.relation not in ("=", "~") and said.first is not None and is_quantity(said.first)
    return is_unequal and said.right is not None and bool(said.right.is_number)


def _placed(said: Judged) -> tuple[Symbol, Expr] | None:
    """The name and the value of an equation that says where something is."""
    name, value = said.first, said.right
    return (name, value) if isinstance(name, Symbol) and value is not None else None
