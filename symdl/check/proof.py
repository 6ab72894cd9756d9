"""Goes through a proof in source order and judges every relation under what is given and what was proved before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import cast

from sympy import Expr, Indexed, Symbol

from symdl.check.claims import (
    assigns,
    chains_of,
    claims_of,
    is_dangling,
    names_in_words,
    points_at_words,
)
from symdl.check.established import Established, bound
from symdl.check.meanings import STATIONARY, Meanings
from symdl.check.question import Question
from symdl.check.report import LineReport
from symdl.check.running import (
    ASSIGNED,
    NAMED,
    VERDICTS,
    Claim,
    End,
    Line,
    Run,
    WrongSlope,
    judged,
    whole,
)
from symdl.check.sentences import alone, begins_with_slope, items, speaks_of_slopes, statements, sums
from symdl.check.sides import Sides
from symdl.check.slips import expected, explained, upheld
from symdl.check.words import (
    Setting,
    declared,
    is_heading,
    is_spoken_of,
    named,
    opens_a_case,
    relations,
    sets_a_condition,
    setting,
    sole_formula,
    split_formula,
    stated,
    tidied,
)
from symdl.errors import LayoutError, ShapeError
from symdl.language import (
    D,
    free_symbols,
    indices_of,
    is_index,
    label_of,
    put,
    quantities,
    scalar,
    size,
    subterms,
)
from symdl.problem import Block, Decision, Givens, Problem, Range, Ranges, Relation, Symbolic
from symdl.read import Chain, Side

_BRANCHES = re.compile(r"\\(?:swarrow|searrow|nearrow|nwarrow)\b|[↙↘]")
_STARRED = re.compile(
    r"\\(?:hat|widehat)\{(?P<hat>[^{}]+)\}|(?P<star>.+?)(?:\^\{?(?:\*|\\star|\\ast)\}?)"
    r"|(?P<bare>[^_]+)_(?:\{\\(?:text|mathrm|mathit|operatorname|rm)\b[^_^]*\}|\{?[A-Za-z]{2,}\}?)"
)

MAX_EXPLAINED = 3
"""How many wrong lines of a proof are explained: the first ones matter, the rest mostly carry them on."""

ONE_WAY = "it follows, but the equation before it does not follow from it"

UNSOLVED = "what it is concluded from could not be solved for it"

UNCLEAR = "it does not hold of all that is given: whether the sentence claims that is not clear"

UNCONTINUED = "what stands left of it could not be read"

CARRIED = "follows by the chain rule from the wrong derivative before"

MAX_CHAIN = 200
"""How many relations of one chain are judged."""

MAX_CARRIED = 4
"""How many wrong derivatives a line may carry on."""


@dataclass(frozen=True)
class Judged:
    """One relation with its report, and what it says: `first` is the first side of its chain, numbered by `chain`."""

    report: LineReport
    first: Expr | None
    right: Expr | None
    first_source: str
    chain: int


def judge_proof(problem: Problem, *, renames: bool = False) -> tuple[LineReport, ...]:
    """One entry per relation sign of the problem's proof, in source order; empty where there is no proof.

    `renames` says that a name which the proof defined may be defined again, as names in running text are.
    """
    return tuple(j.report for j in judged_relations(problem, renames=renames))


def judged_relations(problem: Problem, *, renames: bool = False) -> tuple[Judged, ...]:
    """The relations of the problem's proof, each with its report."""
    proof = _Proof(problem, renames)
    before: Block | None = None
    for block in (part for b in problem.proof or () for part in (items(b) if b.kind == "words" else [b])):
        shown = [block] if block.kind == "display" else _displays(block)
        if not shown:
            proof.words(block)
            before = block
        for formula in shown:
            proof.display(formula, before)
            before = None
    return tuple(proof.entries)


def _displays(block: Block) -> list[Block]:
    """The formulas of a paragraph that is one display, or several, without being set as such."""
    if opens_a_case(block):
        return []
    formula = sole_formula(block) or split_formula(block)
    return [formula] if formula is not None else alone(block)


class _Proof:
    """What a proof has established so far: its own names, its lemmas, what was told, and the entries written."""

    def __init__(self, problem: Problem, renames: bool) -> None:
        self.problem = problem
        self.so_far = Established(problem, renames)
        self.entries: list[Judged] = []
        self.chains = 0
        self.running: dict[Symbol, Range] = {}
        self.wrong_at: int | None = None
        self.errors: list[WrongSlope] = []
        self.explained = 0
        self.last: End | None = None
        self.meanings = Meanings(problem)

    @property
    def givens(self) -> Givens:
        return self.so_far.givens

    def words(self, block: Block) -> None:
        if is_heading(block):
            self.running = {}
            self.so_far.begin_anew()
        self.meanings.hear(block, self.givens)
        self.running.update(declared(block, self.givens))
        for chain in named(block, self.givens):
            if self.so_far.defines(chain):
                self.so_far.define(chain)
        for chain, ranges in stated(block, self.givens):
            self.so_far.hear(chain, ranges)
        claims, said = sums(block)
        for claim in claims:
            self.display(claim, None)
        for statement in statements(block):
            if statement not in claims:
                self._state(statement)
        for number in said:
            self.chains += 1
            place, reason = number.place, "what this is said of is in words"
            report = LineReport(place.line, place.column, "", "=", number.text, "undecided", reason=reason)
            self.entries.append(Judged(report, None, None, "", self.chains))

    def _state(self, formula: Block) -> None:
        """Judge a relation that a sentence states.

        It stays words where it is neither proved nor refuted by what is given alone, since it may be said of something
        else; but what fails of all that is given is not passed over.
        """
        trial = copy(self)
        trial.so_far, trial.meanings = copy(self.so_far), copy(self.meanings)
        trial.entries, trial.errors = [], list(self.errors)
        trial.display(formula, None)
        reports = [j.report for j in trial.entries]
        wrong = [r for r in reports if r.verdict == "wrong"]
        verdicts = {r.verdict for r in reports}
        is_settled = bool(verdicts - {"given"}) and verdicts <= {"given", "proved", "rounded", "wrong"}
        is_value = not self.meanings.in_steps and not any(speaks_of_slopes(r.lhs) for r in wrong)
        is_law = begins_with_slope(formula) and all(r.counterexample for r in wrong)
        is_claim = not wrong or is_law or (is_value and not any(r.counterexample for r in wrong))
        if is_settled and is_claim:
            self.display(formula, None)
            return
        self.chains += bool(wrong)
        unclear = (replace(r, verdict="undecided", claim=None, counterexample={}, reason=UNCLEAR) for r in wrong)
        self.entries += [Judged(r, None, None, "", self.chains) for r in unclear]

    def display(self, block: Block, before: Block | None) -> None:
        raw, block = block, tidied(block)
        said = setting(before, self.givens) if before is not None else Setting()
        run = {**self.running, **said.ranges}
        chains = chains_of(block, self.givens, run)
        is_set = before is not None and sets_a_condition(before)
        told: list[Relation] = []
        claims, unread = claims_of(raw, block, chains, self.givens)
        for side in unread:
            self._unreadable(side)
        if _BRANCHES.search(block.text) and len(claims) == 1 and self._branch(claims[0]):
            return
        cases: tuple[Relation, ...] = ()
        for claim in claims:
            ranges = {**claim.chain.ranges, **run}
            if claim.is_setting:
                cases += self._setting(claim)
                continue
            stated_here = said.conditions(self.givens, ranges)
            self.meanings.case = stated_here or self.meanings.case
            conditions = (*stated_here, *claim.local, *cases)
            if not claim.concludes:
                told = []
            told += self._chain(block, claim, ranges, conditions, told, before, is_set)

    def _setting(self, claim: Claim) -> tuple[Relation, ...]:
        """Take `x = 1: y = 2` for the case in which what stands beside it holds; the conditions that it sets."""
        found = relations(claim.chain, claim.chain.ranges)
        self.meanings.points.update((r.lhs, r) for r in found)
        self.chains += 1
        self._write(claim.chain, 0, Line("given", Decision("unknown", "what the lines beside it hold for")), None)
        valued = {v.quantity for v in self.givens.values}
        return tuple(r for r in found if r.lhs not in valued and not self.givens.is_defined(r.lhs))

    def _branch(self, claim: Claim) -> bool:
        """Take `u >= 0 … u < 0` with arrows for the two cases in which the lines after it hold, each in one."""
        found = (*relations(claim.chain, claim.chain.ranges), *claim.local)
        if len(found) != 2 or any(r.sign in ("=", "~") for r in found):
            return False
        self.meanings.branches = found
        self.chains += 1
        line = Line("given", Decision("unknown", "one of the cases in which the lines after it hold"))
        self._write(claim.chain, 0, line, None)
        return True

    def _unreadable(self, side: Side) -> None:
        """A display that holds a relation somewhere, but cannot be taken apart."""
        error = side.error
        assert error is not None
        place = error.place or side.place
        source = side.source.strip()
        report = LineReport(place.line, place.column, "", "=", source, "unreadable", reason=error.message)
        self.chains += 1
        self.entries.append(Judged(report, None, None, "", self.chains))

    def _chain(
        self,
        block: Block,
        claim: Claim,
        ranges: Ranges,
        conditions: tuple[Relation, ...],
        told: Sequence[Relation],
        before: Block | None,
        is_set: bool,
    ) -> list[Relation]:
        """Judge one chain; what it tells the lines that are concluded from it."""
        chain = claim.chain
        # A letter that the givens know as a position stays one, where a display alone shows the end of a sum.
        positions: dict[Expr, Expr] = {size(i.name): i for i in self.givens.positions}
        sides = [None if s.expr is None else put(s.expr, positions) for s in chain.sides]
        ranges = self._ranged(ranges, [s for s in sides if s is not None])
        if claim.concludes:
            self.meanings.branches = ()
        goes_on = self.last if is_dangling(chain.sides[0]) else None
        if goes_on is not None:
            ranges = {**ranges, **goes_on.ranges}
            conditions = conditions or goes_on.conditions
            sides[0] = goes_on.last
        run = Run(block, claim, ranges, conditions, tuple(told), before, is_set, sides, goes_on)
        run.holds = goes_on.holds if goes_on is not None else True
        self.chains += goes_on is None
        for n in range(len(chain.signs)):
            if points_at_words(block, chain, n):
                break
            if n >= MAX_CHAIN:
                run.holds = None
                line = Line("undecided", Decision("unknown", f"more than {MAX_CHAIN} relations in one chain"))
            else:
                line = self._said(run, n) or self._claimed(run, n)
            run.lines.append(line)
            self._write(chain, n, line, sides[n + 1], goes_on)
        self.so_far.keep(chain, sides, run.lines, ranges, conditions)
        self.meanings.update(run, self.givens)
        end = sides[-1]
        first = run.first if run.names_first else None
        begins = chain.sides[0].source if goes_on is None else goes_on.begins
        source = chain.sides[-1].source
        self.last = None if end is None else End(end, source, first, begins, ranges, run.conditions, run.holds)
        return run.new

    def _said(self, run: Run, n: int) -> Line | None:
        """The line of a relation that claims nothing or cannot be read; None for a claim."""
        chain, sides = run.claim.chain, run.sides
        if n == 0 and sides[1] is not None and is_dangling(chain.sides[0]) and run.goes_on is None:
            is_said = run.before is not None or not self.entries
            words = Decision("unknown", "what stands left of it is in words" if is_said else UNCONTINUED)
            return Line("given" if is_said else "undecided", words)
        if sides[n] is None or sides[n + 1] is None or chain.signs[n] == "in":
            if sides[n + 1] is None or n > 0 or not run.lines:
                run.holds = None
            if n == 0 and chain.signs[0] == "=" and sides[1] is None:
                self.so_far.lose(sides[0])
            error = chain.sides[n].error or chain.sides[n + 1].error
            if error is None and sides[n + 1] is not None and n > 0:
                return Line("given", Decision("unknown", "what stands left of it is in words"))
            if n > 0 and isinstance(chain.sides[n].error, ShapeError):
                return Line("undecided", Decision("unknown", "what stands left of it has another shape"))
            said = chain.sides[n].source + " " + chain.sides[n + 1].source
            if isinstance(error, ShapeError) and chain.signs[n] == "=" and not is_spoken_of(said, self.so_far.unread):
                left = sides[n]
                question = self.so_far.asking(run)
                right = None if left is None else expected(self.problem, question, left, chain.sides[n].source)
                return Line("wrong", Decision("refuted", error.message), claim=False, expected=right)
            if isinstance(error, LayoutError):
                return Line("undecided", Decision("unknown", error.message))
            return Line("unreadable", Decision("unknown", error.message if error else "cannot be read"))
        if any(label_of(q).name.startswith("e^-") for s in (sides[n], sides[n + 1]) if s for q in quantities(s)):
            run.holds = None
            return Line("unreadable", Decision("unknown", "an exponent with a sign needs braces"))
        if n == 0 and names_in_words(chain, self.so_far.known - self.so_far.worded):
            self.so_far.name(chain)
            return Line("given", Decision("unknown", NAMED))
        if n == 0 and assigns(run.block, chain):
            return Line("given", Decision("unknown", ASSIGNED))
        if n == 0 and self.so_far.defines(chain):
            solved = self._solved_for(run)
            self.so_far.define(chain)
            if solved is not None:
                return solved
            return Line("given", Decision("unknown", "a definition made in the proof"))
        return None

    def _solved_for(self, run: Run) -> Line | None:
        """The line of a new name such as w^* or \\hat{w} for what the equation before gives for w, or None."""
        name, value = run.sides[0], run.sides[1]
        bare = _STARRED.fullmatch(label_of(name).name) if name is not None else None
        if bare is None or value is None or not run.claim.concludes:
            return None
        label = scalar(bare["hat"] or bare["star"] or bare["bare"])
        inside = {q for f in self.so_far.premises[-1:] for q in quantities(f.relation.lhs) | quantities(f.relation.rhs)}
        if label in inside:
            found = self.so_far.asking(run).concluded(Relation(label, "=", value))
            if found is not None:
                return Line(VERDICTS[found.answer], found, claim=found.answer == "proved" or None)
        if label in self.so_far.known:
            return Line("undecided", Decision("unknown", UNSOLVED))
        return None

    def _claimed(self, run: Run, n: int) -> Line:
        """The line of a relation that claims something."""
        chain, sides, claim = run.claim.chain, run.sides, run.claim
        left, right, sign = sides[n], sides[n + 1], cast(Symbolic, chain.signs[n])
        assert left is not None
        assert right is not None
        source = chain.sides[n + 1].source
        question = self.so_far.asking(run)
        is_first = n == 0 and run.goes_on is None
        before = run.goes_on.source if n == 0 and run.goes_on is not None else chain.sides[n].source
        asked = Sides(left, sign, right, before, source, is_first)
        line, sides[n + 1] = judged(question, asked)
        is_said_equal = line.verdict == "proved" and n == 0 and claim.equals is not None
        if is_said_equal and not self.so_far.gives_back(run, asked, cast(Relation, claim.equals)):
            line = Line("undecided", Decision("unknown", ONE_WAY))
        if line.verdict == "wrong":
            line = self.meanings.spared(run, question, asked, n, line)
        if line.verdict == "wrong" and line.decision.instance:
            line = upheld(question.tied(left, right), asked, line)
        carried = self._carried(run, question, asked) if line.verdict == "wrong" else None
        if carried is not None:
            line = Line("proved", Decision("proved", CARRIED), follows=carried)
        first = run.first if not is_first and run.names_first else None
        if carried is not None:
            line.claim = False
        elif line.decision.reason == STATIONARY:
            line.claim = None
        else:
            line.claim, line = whole(question, first, sign, right, source, run.holds, line)
        run.holds = line.claim
        # Of J' = 2w - 4 = 0 only the end is demanded: what a derivative is equal to is a claim.
        is_claim = isinstance(left, D) and n + 1 < len(chain.signs)
        if (
            line.verdict != "proved"
            and run.assumes(n)
            and (claim.supposes or self._is_open(line, asked))
            and not is_claim
        ):
            line = Line("given", Decision("unknown", "what is assumed for the lines after it"))
        if line.claim is False and isinstance(run.first, D) and sides[n + 1] is not None:
            at = line.follows or chain.sides[n + 1].place.line
            error = WrongSlope(
                run.first, cast(Expr, sides[n + 1]), at, bound(run.ranges, run.first, cast(Expr, sides[n + 1]))
            )
            self.errors.append(error)
        if line.verdict == "wrong" and self.wrong_at is None:
            self.wrong_at = chain.sides[n + 1].place.line
        elif line.verdict == "proved" and line.claim is False:
            line.follows = line.follows or self.wrong_at
        run.new += self.so_far.tell(run, line, asked, sides[n + 1])
        self.so_far.set_up(run, line, asked, sides[n + 1], chain.sides[n + 1].place)
        if claim.supposes and line.verdict == "given":
            self.so_far.told += [Relation(left, sign, right), *claim.local]
        if line.verdict != "wrong" or self.explained >= MAX_EXPLAINED:
            return line
        self.explained += 1
        shown = explained(self.problem, line, question, asked)
        is_array = any(is_index(s) for s in free_symbols(left))
        if shown.verdict == "wrong" and sign == "=" and (is_array or shown.expected is None):
            return replace(shown, expected=question.numbers.value_of(left) or shown.expected)
        return shown

    def _carried(self, run: Run, question: Question, asked: Sides) -> int | None:
        """The line of the wrong derivative from which this one follows by the chain rule; None where it does not."""
        if asked.sign != "=":
            return None
        for error in reversed(self.errors[-MAX_CARRIED:]):
            for product in error.carried_to(asked.left) if isinstance(asked.left, D) else ():
                is_equal = question.ask(product, "=", asked.right).answer == "proved"
                if is_equal and not question.basis.is_vacuous(product, asked.right):
                    return error.line
            if error.stands_in(asked.left) and question.follows(asked, (error.slope, error.value, error.ranges)):
                return error.line
        return None

    def _ranged(self, ranges: Ranges, sides: Sequence[Expr]) -> Ranges:
        """The ranges, with those of letters that the display does not fix: positions, or what their families span."""
        found = dict(ranges)
        letters = {s for side in sides for s in free_symbols(side) if is_index(s)} - set(found)
        for letter in sorted(letters, key=str):
            run = self.givens.positions.get(letter)
            for term in (t for side in sides for t in subterms(side) if isinstance(t, Indexed)):
                for n, at in enumerate(indices_of(term)):
                    run = run or (self.givens.range_at(term, n) if at == letter else None)
            if run is not None:
                found[letter] = run
        return found

    def _is_open(self, line: Line, asked: Sides) -> bool:
        """Whether a line that is not proved can be an assumption: it holds for some values and fails for others."""
        if asked.sign == "~" or not (quantities(asked.left) | quantities(asked.right)):
            return False
        return line.verdict == "undecided" or (line.verdict == "wrong" and bool(line.decision.instance))

    def _write(self, chain: Chain, n: int, line: Line, right: Expr | None, end: End | None = None) -> None:
        first = chain.sides[0].expr if end is None else end.first
        begins, before = (chain.sides[0].source, "") if end is None else (end.begins, end.source)
        place = chain.sides[n + 1].place
        report = LineReport(
            place.line,
            place.column,
            (chain.sides[n].source or before).strip(),
            chain.signs[n],
            chain.sides[n + 1].source.strip(),
            line.verdict,
            line.claim,
            line.follows,
            line.decision.reason,
            tuple(line.decision.assumes),
            dict(line.decision.instance) if line.verdict == "wrong" else {},
            line.expected,
        )
        self.entries.append(Judged(report, first, right, begins.strip(), self.chains))
