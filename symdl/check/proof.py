"""Goes through a proof in source order and judges every relation under what is given and what was proved before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from sympy import Expr, Indexed, Symbol

from symdl.check.context import Context, Equation
from symdl.check.digits import coarsest_unit
from symdl.check.question import Question, Sides
from symdl.check.report import LineReport, LineVerdict
from symdl.check.slips import corrected, number_slip, slip
from symdl.check.words import (
    Setting,
    declared,
    is_heading,
    named,
    offset_of,
    relations,
    sets_a_condition,
    setting,
    sole_formula,
    stated,
    states_base,
)
from symdl.language import D, free_symbols, indices_of, is_index, label_of, quantities
from symdl.problem import Block, Decision, Definition, Givens, Problem, Range, Ranges, Relation, Symbolic
from symdl.read import Chain, Side, read_chains
from symdl.write import latex_of

VERDICTS: dict[str, LineVerdict] = {
    "proved": "proved", "agrees": "agrees", "refuted": "wrong", "unknown": "undecided",
}  # fmt: skip
"""The judge's answer -> verdict on a line."""

_WORD = re.compile(r"\\(?:text|mbox|textrm|textit)\{[^{}]*\}")
_SIGN = re.compile(r"[=<>≈≤≥]|\\(?:approx|leq?|geq?|neq?|equiv)\b")
_ARROW = re.compile(r"\\(?:Rightarrow|Longrightarrow|implies|iff|Leftrightarrow|therefore)\b|[⇒⟹⇔∴]")
_CONDITION = re.compile(r"\\(?:neq?|forall|leq?|geq?)\b|[<>≠≤≥∀]|\\text\{\s*(?:if|for|when|where)\b")
_ASSIGNS = re.compile(r"\\(?:leftarrow|gets)\b|←|:=|\\coloneqq\b")

MAX_EXPLAINED = 3
"""How many wrong lines of a proof are explained: the first ones matter, the rest mostly carry them on."""

MAX_TOLD = 40
"""How many relations a proof may add to what is given."""


@dataclass(frozen=True)
class Judged:
    """One relation with its report, and what it says: `first` is the first side of its chain, numbered by `chain`."""

    report: LineReport
    first: Expr | None
    right: Expr | None
    first_source: str
    chain: int


def judge_proof(problem: Problem) -> tuple[LineReport, ...]:
    """One entry per relation sign of the problem's proof, in source order; empty where there is no proof."""
    return tuple(j.report for j in judged_relations(problem))


def judged_relations(problem: Problem) -> tuple[Judged, ...]:
    """The relations of the problem's proof, each with its report."""
    proof = _Proof(problem)
    before: Block | None = None
    for block in problem.proof or ():
        formula = block if block.kind == "display" else sole_formula(block)
        if formula is None:
            proof.words(block)
            before = block
        else:
            proof.display(formula, before)
            before = None
    return tuple(proof.entries)


@dataclass
class _Line:
    """The verdict on one relation while it is worked out."""

    verdict: LineVerdict
    decision: Decision
    claim: bool | None = None
    follows: int | None = None
    expected: str | None = None


@dataclass(frozen=True)
class _Claim:
    """A chain to be judged: what holds beside it, and whether it is concluded from the one before it or leads on.

    `is_limited` says that a condition stands beside it that could not be read.
    """

    chain: Chain
    local: tuple[Relation, ...]
    concludes: bool
    leads_on: bool
    is_limited: bool = False


class _Proof:
    """What a proof has established so far: its own names, its lemmas, what was told, and the entries written."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.context = Context(problem.givens)
        self.known = _names(problem.givens)
        self.natural = states_base(problem)
        self.lemmas: list[Equation] = []
        self.told: list[Relation] = []
        self.seen: dict[Expr, Expr] = {}
        self.entries: list[Judged] = []
        self.chains = 0
        self.running: dict[Symbol, Range] = {}
        self.wrong_at: int | None = None
        self.explained = 0

    @property
    def givens(self) -> Givens:
        return self.context.givens

    def words(self, block: Block) -> None:
        if is_heading(block):
            self.running = {}
        self.running.update(declared(block, self.givens))
        for chain in named(block, self.givens):
            if self._defines(chain):
                self._define(chain)
        for chain, ranges in stated(block, self.givens):
            self._lemma(chain, ranges)

    def _lemma(self, chain: Chain, ranges: Ranges) -> None:
        """Keep what a sentence says of a derivative, if it can be proved as it stands; else it is words."""
        if len(chain.signs) != 1 or chain.signs[0] != "=":
            return
        left, right = chain.sides[0].expr, chain.sides[1].expr
        if not isinstance(left, D) or right is None or isinstance(right, D):
            return
        found = self._question(ranges, ()).verdict(Sides(left, "=", right, "", chain.sides[1].source, True))
        if found.answer == "proved" and not found.rounded:
            self.lemmas.append((left, found.right, _bound(ranges, left, right)))

    def _question(self, ranges: Ranges, conditions: tuple[Relation, ...], told: Sequence[Relation] = ()) -> Question:
        return Question(
            self.context,
            self.known,
            tuple(self.lemmas),
            ranges,
            conditions,
            (*self.told, *told)[-MAX_TOLD:],
            tuple(self.seen.items()),
            self.natural,
            self.problem,
        )

    def display(self, block: Block, before: Block | None) -> None:
        said = setting(before, self.givens) if before is not None else Setting()
        run = {**self.running, **said.ranges}
        chains = self._read(block, run)
        is_set = before is not None and sets_a_condition(before)
        told: list[Relation] = []
        for claim in self._claims(block, chains):
            ranges = {**claim.chain.ranges, **run}
            conditions = (*said.conditions(self.givens, ranges), *claim.local)
            if not claim.concludes:
                told = []
            told += self._chain(block, claim, ranges, conditions, told, is_set)

    def _claims(self, block: Block, chains: Sequence[Chain]) -> list[_Claim]:
        claims: list[_Claim] = []
        end = 0
        for n, chain in enumerate(chains):
            start = offset_of(block, chain.sides[0].place)
            concludes = bool(_ARROW.search(block.text[end:start]))
            last = chain.sides[-1]
            end = offset_of(block, last.place) + len(last.source)
            following = chains[n + 1] if n + 1 < len(chains) else None
            gap = block.text[end : offset_of(block, following.sides[0].place)] if following else ""
            if claims and not concludes and self._is_condition(chain, claims[-1].chain.ranges):
                local = (*claims[-1].local, *relations(chain, claims[-1].chain.ranges))
                claims[-1] = replace(claims[-1], local=local)
            elif chain.signs:
                claims.append(_Claim(chain, (), concludes, bool(_ARROW.search(gap))))
            elif chain.sides[0].error and claims and _CONDITION.search(chain.sides[0].source):
                claims[-1] = replace(claims[-1], is_limited=True)
            elif chain.sides[0].error and _SIGN.search(chain.sides[0].source):
                self._unreadable(chain.sides[0])
        return claims

    def _read(self, block: Block, ranges: Ranges) -> list[Chain]:
        """The chains of a display, read with the ranges that words give only where it cannot be read without them.

        A display mostly fixes its own ranges; what the words give may be narrower than what its families span.
        """
        alone = _joined(read_chains(block, self.givens))
        if not ranges or not _errors(alone):
            return alone
        helped = _joined(read_chains(block, self.givens, ranges))
        return helped if _errors(helped) < _errors(alone) else alone

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
        claim: _Claim,
        ranges: Ranges,
        conditions: tuple[Relation, ...],
        told: Sequence[Relation],
        is_set: bool,
    ) -> list[Relation]:
        """Judge one chain; what it tells the lines that are concluded from it."""
        chain = claim.chain
        sides = [s.expr for s in chain.sides]
        holds: bool | None = True
        lines: list[_Line] = []
        new: list[Relation] = []
        self.chains += 1
        for n, sign in enumerate(cast(tuple[Symbolic, ...], chain.signs)):
            if self._points_at_words(block, chain, n):
                break
            left, right = sides[n], sides[n + 1]
            place = chain.sides[n + 1].place
            if left is None or right is None or chain.signs[n] == "in":
                line = self._unread(chain, n)
                holds = None
            elif n == 0 and self._assigns(block, chain):
                line = _Line("given", Decision("unknown", "an assignment: the name gets a new value"))
                sides[0] = None
            elif n == 0 and self._defines(chain):
                self._define(chain)
                line = _Line("given", Decision("unknown", "a definition made in the proof"))
            else:
                question = self._question(ranges, conditions, told)
                source = chain.sides[n + 1].source
                asked = Sides(left, sign, right, chain.sides[n].source, source, is_first=n == 0)
                line, sides[n + 1] = _judged(question, asked)
                if claim.is_limited and line.verdict == "wrong":
                    line = _Line("undecided", Decision("unknown", "a condition beside it could not be read"))
                line.claim, line = _claimed(question, sides[0] if n else None, sign, right, source, holds, line)
                holds = line.claim
                leads = (n == 0 and (is_set or claim.leads_on)) or (claim.leads_on and sign not in ("=", "~"))
                if line.verdict != "proved" and leads and self._is_open(line, asked):
                    line = _Line("given", Decision("unknown", "what is assumed for the lines after it"))
                if line.verdict == "wrong" and self.wrong_at is None:
                    self.wrong_at = place.line
                elif line.verdict == "proved" and line.claim is False:
                    line.follows = self.wrong_at
                new += self._told(line, asked, sides[n + 1])
                if line.verdict == "wrong":
                    line = self._explained(line, question, asked)
            lines.append(line)
            self._write(chain, n, line, chain.sides[0].expr, sides[n + 1])
        self._keep(chain, sides, lines, ranges, conditions)
        return new

    def _explained(self, line: _Line, question: Question, asked: Sides) -> _Line:
        """A wrong line with the slip that explains it, and what would be right."""
        if self.explained >= MAX_EXPLAINED:
            return line
        self.explained += 1
        try:
            number = number_slip(question, asked)
            if number is not None:
                return _named(replace(line, expected=number.number), number.name)
            found = slip(question, asked)
            right = found.right if found else corrected(self.problem, question, asked)
            expected = None if right is None else latex_of(right, self.givens, question.ranges)
        except (RecursionError, NotImplementedError):
            return line
        return _named(replace(line, expected=expected), found.name if found else "")

    def _unread(self, chain: Chain, n: int) -> _Line:
        error = chain.sides[n].error or chain.sides[n + 1].error
        return _Line("unreadable", Decision("unknown", error.message if error else "cannot be read"))

    def _is_open(self, line: _Line, asked: Sides) -> bool:
        """Whether a line that is not proved can be an assumption: it holds for some values and fails for others."""
        if asked.sign == "~" or not (quantities(asked.left) | quantities(asked.right)):
            return False
        return line.verdict == "undecided" or (line.verdict == "wrong" and bool(line.decision.instance))

    def _told(self, line: _Line, asked: Sides, right: Expr | None) -> list[Relation]:
        """What the lines after this one may use: equations and bounds of free quantities, and values shown."""
        if right is None or (asked.sign == "~" and line.verdict != "rounded"):
            return []
        if line.verdict == "rounded":
            if isinstance(asked.left, (Symbol, Indexed)) and right.is_Rational:
                self.seen[asked.left] = right
            return []
        if line.verdict not in ("proved", "given", "undecided"):
            return []
        sides = (asked.left, right)
        free = [q for s in sides for q in quantities(s) if not self.givens.is_defined(q)]
        if not free or any(is_index(i) for s in sides for i in free_symbols(s)):
            return []
        if line.verdict == "undecided" and "neither imply nor exclude" not in line.decision.reason:
            return []
        relation = Relation(asked.left, asked.sign, right)
        if line.verdict != "given" and relation not in self.told:
            self.told.append(relation)
        return [relation]

    def _points_at_words(self, block: Block, chain: Chain, n: int) -> bool:
        """Whether the sign is an arrow from a remark: `a - y \\leftarrow \\text{answer}`."""
        left, right = chain.sides[n], chain.sides[n + 1]
        start = offset_of(block, left.place) + len(left.source)
        arrow = _ASSIGNS.search(block.text[start : offset_of(block, right.place)])
        return bool(arrow) and bool(_WORD.fullmatch(right.source.strip()))

    def _assigns(self, block: Block, chain: Chain) -> bool:
        """Whether a chain begins with an assignment to a name that it uses on its right side."""
        left, right = chain.sides[0], chain.sides[1]
        if left.expr is None or right.expr is None or not _is_name(left.expr):
            return False
        start = offset_of(block, left.place) + len(left.source)
        return bool(_ASSIGNS.search(block.text[start : offset_of(block, right.place)]))

    def _write(self, chain: Chain, n: int, line: _Line, first: Expr | None, right: Expr | None) -> None:
        place = chain.sides[n + 1].place
        report = LineReport(
            place.line,
            place.column,
            chain.sides[n].source.strip(),
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
        self.entries.append(Judged(report, first, right, chain.sides[0].source.strip(), self.chains))

    def _keep(
        self,
        chain: Chain,
        sides: Sequence[Expr | None],
        lines: list[_Line],
        ranges: Ranges,
        conditions: Sequence[Relation],
    ) -> None:
        """Keep what the chain proves of a derivative, for the lines after it."""
        first = sides[0]
        if conditions or not isinstance(first, D):
            return
        for n in range(len(lines) - 1, -1, -1):
            last = sides[n + 1]
            sound = all(x.verdict == "proved" for x in lines[: n + 1]) and set(chain.signs[: n + 1]) == {"="}
            if sound and last is not None:
                self.lemmas.append((first, last, _bound(ranges, first, last)))
                return

    def _defines(self, chain: Chain) -> bool:
        """Whether a chain begins by saying what a new name means."""
        if not chain.signs or chain.signs[0] != "=":
            return False
        name, body = chain.sides[0].expr, chain.sides[1].expr
        if name is None or body is None or not _is_name(name) or label_of(name) in self.known:
            return False
        letters = [i for i in indices_of(name) if is_index(i)]
        inside = {label_of(q) for q in quantities(body)}
        return label_of(name) not in inside and len(set(letters)) == len(letters) and set(letters) <= set(chain.ranges)

    def _define(self, chain: Chain) -> None:
        name, body = chain.sides[0].expr, chain.sides[1].expr
        assert name is not None and body is not None
        label, pattern = label_of(name), indices_of(name)
        ranges = {i: chain.ranges[i] for i in pattern if is_index(i)}
        source = f"{chain.sides[0].source.strip()} = {chain.sides[1].source.strip()}"
        definition = Definition(label, pattern, body, ranges, source, chain.sides[0].place)
        families = dict(self.givens.families)
        if pattern:
            families[label] = tuple(ranges[i] if is_index(i) else Range(i, i) for i in pattern)
        self.context = Context(
            replace(self.givens, definitions=(*self.givens.definitions, definition), families=families)
        )
        self.known |= {label} | free_symbols(body)

    def _is_condition(self, chain: Chain, ranges: Ranges) -> bool:
        """Whether a chain beside another one only says where that holds: `i \\neq k`, `u > 0`.

        It does if it speaks of index letters alone, or states an inequality of quantities that nothing defines.
        """
        found = relations(chain, ranges)
        if len(found) != 1:
            return False
        inside = quantities(found[0].lhs) | quantities(found[0].rhs)
        if not inside:
            return any(is_index(s) for s in free_symbols(found[0].lhs) | free_symbols(found[0].rhs))
        return found[0].sign not in ("=", "~") and not any(self.givens.is_defined(q) for q in inside)


def _named(line: _Line, slip_name: str) -> _Line:
    """A wrong line whose reason also names the slip."""
    if not slip_name:
        return line
    return replace(line, decision=replace(line.decision, reason=f"{line.decision.reason}; the slip: {slip_name}"))


def _judged(question: Question, sides: Sides) -> tuple[_Line, Expr]:
    """The line with its local verdict, and the right side in the reading that was accepted."""
    found = question.verdict(sides)
    verdict: LineVerdict = "rounded" if found.rounded else VERDICTS[found.answer]
    return _Line(verdict, found.decision), found.right


def _claimed(
    question: Question, first: Expr | None, sign: Symbolic, right: Expr, source: str, holds: bool | None, line: _Line
) -> tuple[bool | None, _Line]:
    """Whether the chain's first side stands in relation to this one, and the line as that may settle it.

    `holds` says whether it did up to the line before: the two together give back the local verdict where the judge
    could tell one of them only.
    """
    if holds and line.verdict in ("proved", "rounded"):
        return True, line
    if holds and line.verdict == "wrong" and (sign == "=" or first is None):
        return False, line
    if first is None or sign != "=":
        return None, line
    whole = question.ask(first, "=", right)
    if whole.answer == "proved" and not question.is_vacuous(first, right):
        if holds and line.verdict in ("undecided", "agrees"):
            line = _Line("proved", replace(whole, reason="both sides equal the first side of the chain"))
        return True, line
    if whole.answer == "refuted" and not question.is_unknown(first, right):
        if holds and line.verdict == "agrees" and coarsest_unit(source) is None:
            line = _Line("wrong", whole)
        return False, line
    return None, line


def _joined(chains: list[Chain]) -> list[Chain]:
    """The chains with those put together that only a word at the margin stands between, as a name would."""
    found: list[Chain] = []
    for chain in chains:
        last = found[-1] if found else None
        if last is not None and _is_reason(chain, last.sides[-1]):
            ranges = {**last.ranges, **chain.ranges}
            found[-1] = Chain((*last.sides, *chain.sides[1:]), (*last.signs, *chain.signs), ranges)
        else:
            found.append(chain)
    return found


def _is_reason(chain: Chain, before: Side) -> bool:
    """Whether a chain begins with a word that ends the source line of the side before it."""
    word = chain.sides[0]
    ends_line = all(side.place.line > word.place.line for side in chain.sides[1:])
    return ends_line and before.place.line == word.place.line and bool(_WORD.fullmatch(word.source.strip()))


def _errors(chains: list[Chain]) -> int:
    return sum(side.error is not None for chain in chains for side in chain.sides)


def _bound(ranges: Ranges, *sides: Expr) -> Ranges:
    """The ranges of the letters that occur."""
    return {letter: run for letter, run in ranges.items() if any(letter in free_symbols(side) for side in sides)}


def _is_name(expr: Expr) -> bool:
    return isinstance(expr, Indexed) or (isinstance(expr, Symbol) and not expr.is_integer)


def _names(givens: Givens) -> frozenset[Symbol]:
    """Every name that the givens use."""
    expressions: list[Expr] = [x for d in givens.definitions for x in (d.head, d.body)]
    expressions += [x for f in givens.facts for x in (f.relation.lhs, f.relation.rhs)]
    expressions += [x for v in givens.values for x in (v.quantity, v.number)]
    expressions += [x for r in givens.letters for x in (r.lo, r.hi)]
    expressions += sorted(givens.constants, key=str)
    return frozenset().union(givens.families, givens.vectors, *(free_symbols(e) for e in expressions))
