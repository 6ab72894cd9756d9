"""What else a line can have meant that seems to be wrong: at a point, in a case, after an update; or nothing told."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast

from sympy import Expr, Symbol

from symdl.check.context import Context
from symdl.check.doubts import (
    LATER,
    MIXED,
    PREMISE,
    QUALIFIED,
    SHAPES,
    UNITS,
    are_shapes,
    goes_in_steps,
    is_later,
    mixes_units,
    qualified,
)
from symdl.check.question import NEITHER, Question
from symdl.check.running import ASSIGNED, SECOND, Line, Run, is_name, judged
from symdl.check.sides import Sides
from symdl.check.updates import Updates
from symdl.check.words import asides, has_data, is_heading, is_spoken_of, is_telling, points
from symdl.language import Cases, D, free_symbols, indices_of, is_index, label_of, subterms
from symdl.problem import Block, Decision, Givens, Problem, Relation
from symdl.write import latex_of

STATIONARY = "what is required where the derivative is to be 0"


class Meanings:
    """What the words and assignments of a proof have said so far of where its lines hold."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        blocks = (*problem.intro, *problem.given_blocks, *(problem.proof or ()))
        self.texts = tuple(block.text for block in blocks)
        self.qualified = qualified(blocks)
        self.in_steps = goes_in_steps(self.texts)
        self.branches: tuple[Relation, ...] = ()
        self.points: dict[Expr, Relation] = {}
        self.is_told_in_words = self.has_data = any(map(has_data, problem.given_blocks))
        self.beside: Block | None = None
        self.updates = Updates({})
        self.is_later = False

    def hear(self, block: Block, givens: Givens) -> None:
        """Take what a paragraph says; a heading begins anew."""
        if is_heading(block):
            self.branches = ()
            self.points, self.is_told_in_words = {}, self.has_data
        self.beside = block
        self.is_later = self.is_later or (self.in_steps and is_later(block))
        self.points.update((r.lhs, r) for r in points(block, givens))
        self.is_told_in_words = self.is_told_in_words or (is_telling(block) and not is_heading(block))

    def update(self, run: Run, givens: Givens) -> None:
        """Keep the number that a chain assigns to its first side."""
        name, value = run.sides[0], run.sides[-1]
        if name is None or value is None or not run.lines or not is_name(name):
            return
        if run.lines[0].decision.reason in (ASSIGNED, SECOND) and not set(run.ranges) & free_symbols(name):
            self.updates = self.updates.after(name, value, givens)

    def spared(self, run: Run, question: Question, asked: Sides, n: int, line: Line) -> Line:
        """A line that seems to be wrong, in what else its author can have meant; undecided where that is open."""
        line = self._stationary(run, question, asked, n) or self._at_points(run, question, asked) or line
        for found in (self._in_a_branch, self._under_asides, self._after_updates):
            line = found(run, question, asked) or line if line.verdict == "wrong" else line
        reason = self._doubt(run, question, asked, n, line) if line.verdict == "wrong" else ""
        return Line("undecided", Decision("unknown", reason)) if reason else line

    def _doubt(self, run: Run, question: Question, asked: Sides, n: int, line: Line) -> str:
        """Why it is open whether a line fails; nothing where it is not."""
        givens = question.context.givens
        claim, left, right = run.claim, asked.left, asked.right
        symbols = free_symbols(left) | free_symbols(right)
        names = question.context.names(left, right)
        if question.is_running and n == 0 and self._is_own(left, givens):
            return f"{left} was said to be something else before"
        if n == 0 and self._counts(left, givens):
            return "whether this is a power or the number of a layer is not clear"
        if claim.is_limited:
            return "what stands beside it could not be read"
        if self.is_told_in_words and question.is_unplaced(left, right, self._placed()):
            return "at which values is not said in a way that is read here"
        is_bound = asked.sign not in ("=", "~")
        if is_bound and (claim.concludes or claim.leads_on) and any(s.is_integer for s in symbols):
            return PREMISE
        if n == 0 and self.in_steps and asked.sign == "=" and _has_value(givens, left) and right.is_number:
            return SECOND
        if are_shapes(asked.left_source, asked.right_source):
            return SHAPES
        if (n == 0 and mixes_units((run.block.text,))) or (mixes_units(self.texts) and self._is_own(left, givens)):
            return UNITS
        matrices = {s for s in names if len(givens.families.get(s, ())) > 1}
        if line.decision.instance and any(is_spoken_of(s.name, self.qualified) for s in matrices):
            return QUALIFIED
        has_values = any(label_of(v.quantity) in names for v in givens.values)
        if self.is_later and not self.updates.count and has_values and right.is_number:
            return LATER
        return ""

    def _under_asides(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line under the relations that the words before it hold; None where they bear on nothing here."""
        givens = question.context.givens
        said = asides(self.beside, givens, run.ranges) if self.beside is not None else ()
        names, letters = question.context.names(asked.left, asked.right), set(run.ranges)
        said = tuple(r for r in said if r not in run.conditions)
        said = tuple(r for r in said if (names | letters) & (free_symbols(r.lhs) | free_symbols(r.rhs)))
        if not said:
            return None
        line, _ = judged(_bare(question, (*run.conditions, *said)), asked)
        if line.verdict in ("proved", "rounded"):
            where = ", ".join(f"${latex_of(r, givens, run.ranges)}$" for r in said)
            return replace(line, decision=replace(line.decision, reason=f"where {where}"))
        is_case = all(r.sign != "=" or is_index(r.lhs) for r in said)
        return line if is_case else None

    def _after_updates(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line as it holds with the values that names were assigned before it."""
        givens = question.context.givens
        bearing = self.updates.bearing(question.context.names(asked.left, asked.right))
        if not bearing.last:
            return None
        bare = replace(_bare(question, run.conditions), lemmas=(), told=(), seen=())
        line, _ = judged(replace(bare, context=Context(bearing.put_in(givens))), asked)
        if line.verdict in ("proved", "rounded"):
            names = ", ".join(f"${latex_of(q, givens, {})}$" for q in bearing.last)
            return replace(line, decision=replace(line.decision, reason=f"with the new value of {names}"))
        return Line("undecided", Decision("unknown", MIXED)) if bearing.count > 1 else None

    def _stationary(self, run: Run, question: Question, asked: Sides, n: int) -> Line | None:
        """The line of a derivative that is set to 0: what is required at a point is no claim about all of them."""
        right = run.sides[-1]
        is_last = n == len(run.claim.chain.signs) - 1
        if not is_last or asked.sign != "=" or asked.right != 0 or right != 0 or not isinstance(run.sides[0], D):
            return None
        if question.conditions or question.is_constant(asked.left):
            return None
        if n > 0:
            return Line("given", Decision("unknown", STATIONARY))
        is_whole = not indices_of(cast(D, asked.left).wrt) or self.is_told_in_words
        return Line("undecided", Decision("unknown", NEITHER)) if is_whole else None

    def _placed(self) -> frozenset[Symbol]:
        return frozenset(label_of(q) for q in self.points)

    def _at_points(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line as it holds at the values that a sentence before it names; None where it does not."""
        givens = question.context.givens
        if not self.points:
            return None
        conditions = (*run.conditions, *self.points.values())
        line, _ = judged(_bare(question, conditions), asked)
        if line.verdict not in ("proved", "rounded"):
            return None
        at = ", ".join(f"${latex_of(r.lhs, givens, {})} = {latex_of(r.rhs, givens, {})}$" for r in self.points.values())
        return replace(line, decision=replace(line.decision, reason=f"at {at}"))

    def _in_a_branch(self, run: Run, question: Question, asked: Sides) -> Line | None:
        """The line as it holds in one of the cases that the proof has split into; None where it does in neither."""
        if any(isinstance(t, Cases) for side in (asked.left, asked.right) for t in subterms(side)):
            return None
        for case in self.branches:
            line, _ = judged(_bare(question, (*run.conditions, case)), asked)
            if line.verdict in ("proved", "rounded"):
                return replace(line, decision=replace(line.decision, reason="in one of the cases above"))
        return None

    def _is_own(self, quantity: Expr, givens: Givens) -> bool:
        """Whether it is a name that the proof itself defined."""
        return is_name(quantity) and not self.problem.givens.is_defined(quantity) and givens.is_defined(quantity)

    def _counts(self, term: Expr, givens: Givens) -> bool:
        """Whether a power is one of a name that was itself defined with an exponent, as in `h^1 = 2`, `h^2 = 3`."""
        if not term.is_Pow or not is_name(term.base):
            return False
        sources = [d.source for d in givens.definitions_of(label_of(term.base))]
        return any(re.search(r"\^\{?1\}?\s*=", source) for source in sources)


def _bare(question: Question, conditions: tuple[Relation, ...]) -> Question:
    """The question without what it is concluded from, under these conditions."""
    return replace(question, conditions=conditions, premises=(), concludes=False)


def _has_value(givens: Givens, quantity: Expr) -> bool:
    return any(v.quantity == quantity for v in givens.values)
