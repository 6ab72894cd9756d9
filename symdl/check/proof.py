"""Goes through a proof in source order and judges every relation under what is given and what was proved before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from symdl.check.entries import Judged
from symdl.check.introducing import opens_a_case, sets_a_condition
from symdl.check.leftovers import Leftovers
from symdl.check.paragraphs import WORDED
from symdl.check.report import LineReport
from symdl.check.requiring import required_before
from symdl.check.running import NAMED
from symdl.check.sentences import RELATES, alone, items
from symdl.check.tidying import split_formula
from symdl.check.totals import Item, added_up, items_of, miscounted, unlike
from symdl.check.understood import as_understood
from symdl.check.words import as_case, formulas, points, sole_formula, under_a_condition
from symdl.problem import Block, Decision, Problem
from symdl.read.inline import inline

_ROW = re.compile(r"[^:]{1,60}:\s")
"""A label before what stands in a line, as in a row of a table."""

_THEN = re.compile(r"\b(?:then|now|next|finally|new|updated|after)\b", re.IGNORECASE)
OTHER = "the givens determine another number for {}: whether that is meant is in words"
MISSED = "line {} counts another number than is added up here, or one that is left out"
MAX_FORMULAS = 300
"""How many formulas of one paragraph are judged; what it says behind them is open."""
UNHEARD = f"it stands behind more than {MAX_FORMULAS} formulas in one paragraph"


@dataclass(frozen=True)
class JudgedProof:
    """A proof with a report for each relation sign, and for each claim of a kind that is understood, in source order.

    `unjudged` are the words with which sentences claim a kind of what is not found.
    """

    relations: tuple[Judged, ...]
    unjudged: tuple[Block, ...]


def judged_proof(problem: Problem, *, renames: bool = False) -> JudgedProof:
    """The problem's proof, judged; empty where there is none.

    `renames` says that a name which the proof defined may be defined again, as names in running text are.
    """
    proof = _Proof(replace(problem, givens=problem.givens.sized), renames)
    before: Block | None = None
    parts = [part for b in problem.proof or () for part in (items(b) if b.kind == "words" else [b])]
    for part, after in zip_longest(parts, parts[1:]):
        block, unheard = _shortened(part)
        proof.meanings.after = after
        block = (as_case(block) if block.kind == "display" else None) or block
        is_said = block.kind == "words" and (proof.is_setting(block) or proof.is_later(block))
        shown = [block] if block.kind == "display" else [] if is_said else _displays(block)
        start = len(proof.entries)
        if not shown:
            proof.words(block)
            before = block
        elif block.kind == "words":
            # What stands in a line besides its formula may say how this is meant.
            proof.meanings.beside = block
        is_under = before is not None and before.text.rstrip().endswith(":")
        proof.meanings.is_row = is_under or bool(_ROW.match(block.text))
        led = before is None and block.kind == "words" and bool(shown)
        before = _label(block, shown[0]) if led else before
        for formula in shown:
            if before is None or not proof.follows(required_before(before), formula, before):
                proof.display(formula, before)
            before = None
        proof.add_up(block, start)
        proof.leave_open(unheard)
    return JudgedProof(tuple(as_understood(proof.entries, problem.givens)), tuple(proof.unjudged))


def _shortened(block: Block) -> tuple[Block, list[Block]]:
    """A paragraph up to as many formulas as are judged, and the relations behind these."""
    found = formulas(block) if block.kind == "words" else ()
    if len(found) <= MAX_FORMULAS:
        return block, []
    end = inline(block.text)[MAX_FORMULAS].span[0]
    return replace(block, text=block.text[:end]), [f for f, _ in found[MAX_FORMULAS:] if RELATES.search(f.text)]


def _displays(block: Block) -> list[Block]:
    """The formulas of a paragraph that is one display, or several, without being set as such."""
    if opens_a_case(block):
        return []
    formula = sole_formula(block) or split_formula(block) or under_a_condition(block)
    return [formula] if formula is not None else alone(block)


def _label(block: Block, formula: Block) -> Block | None:
    """The words of a paragraph before a formula, where these demand it as those before a display do."""
    label = replace(block, text=block.text[: formula.place.offset_in(block.text, block.place)].rstrip("$ "))
    return label if sets_a_condition(label) else None


class _Proof(Leftovers):
    """Goes through a proof, with what is known of the totals in its words."""

    def add_up(self, block: Block, start: int) -> None:
        """Judge the totals that a paragraph states in words, as far as nothing else is known of them.

        Its relations are those from `start` on.  A number for what may be given as another one is open.
        """
        for item in items_of(block):
            at = next((n for n, j in enumerate(self.entries) if n >= start and j.report.line == item.line), None)
            if at is not None:
                self._counts(item, at)
            self.counted.append(item)

    def _counts(self, item: Item, at: int) -> None:
        judged = self.entries[at]
        named = replace(judged.report, lhs=rf"\text{{{item.name}}}")
        found = added_up(item, self.counted) if judged.report.reason in (WORDED, NAMED) else None
        other = None if found is not None or judged.report.lhs == named.lhs else unlike(item, self.problem.givens)
        missed = miscounted(item, self.counted)
        if missed is not None:
            report = replace(judged.report, verdict="undecided", claim=None, reason=MISSED.format(missed.line))
            self.entries[at] = replace(judged, report=report)
        elif found is not None:
            line, summed = found
            report = replace(named, verdict=line.verdict, claim=line.claim, expected=line.expected)
            self.entries[at] = replace(judged, report=replace(report, reason=line.decision.reason))
            self.wrong_at = self.wrong_at or (item.line if line.verdict == "wrong" else None)
            self.counted = [i for i in self.counted if i not in summed]
        elif other is not None:
            reason = OTHER.format(other)
            report = LineReport(item.line, named.column, named.lhs, "=", named.rhs, "undecided", reason=reason)
            self.chains += 1
            self.entries.insert(at, Judged(report, None, None, "", self.chains))

    def leave_open(self, formulas: Sequence[Block]) -> None:
        """List relations that are not judged."""
        for formula in formulas:
            self._list(formula, Decision("unknown", UNHEARD))

    def is_later(self, block: Block) -> bool:
        """Whether a paragraph may say what a quantity that is given as a number is by then: `Then $w = 2$.`"""
        given = self.givens.stated
        is_other = any(r.lhs in given and given[r.lhs] != r.rhs for r in points(block, self.givens))
        return is_other and bool(_THEN.search(block.text))
