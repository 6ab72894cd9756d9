"""Goes through a proof in source order and judges every relation under what is given and what was proved before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from sympy import Expr, Indexed, Symbol

from symdl.check.digits import coarsest_unit, digits_of
from symdl.check.report import LineReport, LineVerdict
from symdl.check.words import Setting, declared, is_heading, named, relations, setting, sole_formula, stated
from symdl.judge import decide, decide_relation
from symdl.language import D, DPlus, free_symbols, indices_of, is_index, label_of, quantities, subterms, walk
from symdl.problem import Block, Decision, Definition, Givens, Problem, Range, Ranges, Relation, Symbolic
from symdl.read import Chain, Side, read_chains

VERDICTS: dict[str, LineVerdict] = {
    "proved": "proved", "agrees": "agrees", "refuted": "wrong", "unknown": "undecided",
}  # fmt: skip
"""The judge's answer -> verdict on a line."""

_WORD = re.compile(r"\\(?:text|mbox|textrm|textit)\{[^{}]*\}")

_SIGN = re.compile(r"[=<>≈≤≥]|\\(?:approx|leq?|geq?|neq?|equiv)\b")


def judge_proof(problem: Problem) -> tuple[LineReport, ...]:
    """One entry per relation sign of the problem's proof, in source order; empty where there is no proof."""
    proof = _Proof(problem.givens)
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


class _Proof:
    """What a proof has established so far: its own names, its lemmas, and the entries written."""

    def __init__(self, givens: Givens) -> None:
        self.givens = givens
        self.known = _names(givens)
        self.lemmas: list[tuple[Expr, Expr, Ranges]] = []
        self.entries: list[LineReport] = []
        self.running: dict[Symbol, Range] = {}

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
        line, right = _Question(self, ranges, ()).line(left, "=", right, chain.sides[1].source, is_first=True)
        if line.verdict == "proved":
            self.lemmas.append((left, right, _bound(ranges, left, right)))

    def display(self, block: Block, before: Block | None) -> None:
        said = setting(before, self.givens) if before is not None else Setting()
        claims: list[tuple[Chain, list[Relation]]] = []
        run = {**self.running, **said.ranges}
        for chain in self._read(block, run):
            if claims and self._is_condition(chain, claims[-1][0].ranges):
                claims[-1][1].extend(relations(chain, claims[-1][0].ranges))
            elif chain.signs:
                claims.append((chain, []))
            elif chain.sides[0].error and _SIGN.search(chain.sides[0].source):
                self._unreadable(chain.sides[0])
        for chain, local in claims:
            ranges = {**chain.ranges, **run}
            self._chain(chain, ranges, (*said.conditions(self.givens, ranges), *local))

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
        self.entries.append(
            LineReport(place.line, place.column, "", "=", side.source.strip(), "unreadable", reason=error.message)
        )

    def _chain(self, chain: Chain, ranges: Ranges, conditions: tuple[Relation, ...]) -> None:
        sides = [s.expr for s in chain.sides]
        holds: bool | None = True
        wrong_at: int | None = None
        lines: list[_Line] = []
        for n, sign in enumerate(cast(tuple[Symbolic, ...], chain.signs)):
            left, right = sides[n], sides[n + 1]
            place = chain.sides[n + 1].place
            if left is None or right is None:
                error = chain.sides[n].error or chain.sides[n + 1].error
                line = _Line("unreadable", Decision("unknown", error.message if error else "cannot be read"))
                holds = None
            elif n == 0 and self._defines(chain):
                self._define(chain)
                line = _Line("given", Decision("unknown", "a definition made in the proof"))
            else:
                question = _Question(self, ranges, conditions)
                source = chain.sides[n + 1].source
                line, sides[n + 1] = question.line(left, sign, right, source, is_first=n == 0)
                line.claim, line = question.claim(sides[0] if n else None, sign, right, source, holds, line)
                holds = line.claim
                if line.verdict == "wrong" and wrong_at is None:
                    wrong_at = place.line
                elif line.verdict == "proved" and line.claim is False:
                    line.follows = wrong_at
            lines.append(line)
            self._write(chain, n, line)
        self._keep(chain, sides, lines, ranges, conditions)

    def _write(self, chain: Chain, n: int, line: _Line) -> None:
        place = chain.sides[n + 1].place
        self.entries.append(
            LineReport(
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
            )
        )

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
        self.givens = replace(self.givens, definitions=(*self.givens.definitions, definition), families=families)
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


@dataclass(frozen=True)
class _Question:
    """The judge, asked under the ranges and conditions of one chain."""

    proof: _Proof
    ranges: Ranges
    conditions: tuple[Relation, ...]

    def line(self, left: Expr, sign: Symbolic, right: Expr, source: str, *, is_first: bool) -> tuple[_Line, Expr]:
        """The local verdict, and the right side in the reading that was accepted."""
        decision = self._ask(left, sign, right)
        if decision.answer == "proved" and self._vacuous(left, right):
            decision = Decision("unknown", f"{self._missing(left, right)} is not given, so nothing follows from it")
        if decision.answer == "refuted":
            immediate = _immediate(right, self.proof.givens)
            if immediate != right and self._ask(left, sign, immediate).answer == "proved":
                reason = "with the derivatives in the product read as immediate ones"
                return _Line("proved", Decision("proved", reason)), immediate
        if decision.answer != "proved":
            shown = self._digits(left, sign, source)
            if shown is not None:
                return shown, right
        if decision.answer == "refuted":
            decision = self._doubted(decision, left, right, source, is_first)
        return _Line(VERDICTS[decision.answer], decision), right

    def claim(
        self, first: Expr | None, sign: Symbolic, right: Expr, source: str, holds: bool | None, line: _Line
    ) -> tuple[bool | None, _Line]:
        """Whether the chain's first side stands in relation to this one, and the line as that may settle it.

        `holds` says whether it did up to the line before: the two together give back the local verdict where the
        judge could tell one of them only.
        """
        if holds and line.verdict in ("proved", "rounded"):
            return True, line
        if holds and line.verdict == "wrong" and (sign == "=" or first is None):
            return False, line
        if first is None or sign != "=":
            return None, line
        whole = self._ask(first, "=", right)
        if whole.answer == "proved" and not self._vacuous(first, right):
            if holds and line.verdict in ("undecided", "agrees"):
                line = _Line("proved", replace(whole, reason="both sides equal the first side of the chain"))
            return True, line
        if whole.answer == "refuted" and not self._unknown(first, right):
            if holds and line.verdict in ("undecided", "agrees") and coarsest_unit(source) is None:
                line = _Line("wrong", whole)
            return False, line
        return None, line

    def _ask(self, left: Expr, sign: Symbolic, right: Expr) -> Decision:
        givens = self.proof.givens
        try:
            if sign in ("=", "~"):
                decision = decide(left, right, givens, self.ranges, self.conditions, lemmas=tuple(self.proof.lemmas))
                if sign == "~" and decision.answer == "refuted":
                    return Decision("unknown", "an approximation: how good it has to be is not said")
                return decision
            return decide_relation(Relation(left, sign, right), givens, self.ranges, self.conditions)
        except (RecursionError, MemoryError):
            return Decision("unknown", "too large to be decided")

    def _digits(self, left: Expr, sign: Symbolic, source: str) -> _Line | None:
        """The verdict on a right side that is one decimal number, by the digits it shows; None where it is not."""
        shown = digits_of(source)
        if shown is None or sign not in ("=", "~") or not (shown.has_point or sign == "~"):
            return None
        answers = []
        for lo, hi in (shown.rounding, shown.truncation):
            ends = [self._ask(left, ">=", lo).answer, self._ask(left, "<=", hi).answer]
            if ends == ["proved", "proved"]:
                return _Line("rounded", Decision("proved", "equal to the digits shown"))
            answers.append("refuted" in ends)
        if all(answers):
            return _Line("wrong", Decision("refuted", "differs from the digits shown"))
        return _Line("undecided", Decision("unknown", "whether it equals the digits shown could not be decided"))

    def _doubted(self, decision: Decision, left: Expr, right: Expr, source: str, is_first: bool) -> Decision:
        """A refutation, taken back where it rests on what is not given or on digits that were rounded on the way."""
        if self._unknown(left, right):
            missing = self._missing(left, right)
            return Decision("unknown", f"{missing} is not given, so this neither follows nor fails")
        if is_first and _is_name(left) and self._is_free(left) and left not in quantities(right):
            return Decision("unknown", f"nothing given determines {left}")
        unit = coarsest_unit(source)
        if unit is not None and not digits_of(source):
            near = [self._ask(left, ">=", right - unit).answer, self._ask(left, "<=", right + unit).answer]
            if "refuted" not in near:
                return Decision("unknown", "differs by no more than the rounding of the numbers shown")
        return decision

    def _is_free(self, quantity: Expr) -> bool:
        givens = self.proof.givens
        return not givens.is_defined(quantity) and all(v.quantity != quantity for v in givens.values)

    def _vacuous(self, left: Expr, right: Expr) -> bool:
        """Whether a side differentiates something of which nothing is given: it would be 0 whatever it is."""
        return bool(self._derived_names(left, right) - self.proof.known)

    def _unknown(self, left: Expr, right: Expr) -> bool:
        """Whether the sides rest on a name that is not given: differentiated, or found on one side only."""
        strange = [{label_of(q) for q in quantities(side)} - self.proof.known for side in (left, right)]
        return bool(strange[0] ^ strange[1]) or self._vacuous(left, right)

    def _missing(self, left: Expr, right: Expr) -> str:
        labels = {label_of(q) for side in (left, right) for q in quantities(side)}
        return ", ".join(sorted(str(s) for s in labels - self.proof.known))

    def _derived_names(self, left: Expr, right: Expr) -> set[Symbol]:
        """The names that are differentiated and are not themselves what is differentiated by."""
        derivatives = [t for side in (left, right) for t in subterms(side) if isinstance(t, D)]
        variables = {label_of(q) for d in derivatives for q in quantities(d.wrt)}
        return {label_of(q) for d in derivatives for q in quantities(d.of)} - variables


def _immediate(side: Expr, givens: Givens) -> Expr:
    """A chain-rule product with every derivative of a defined quantity by an undefined one read as immediate."""

    def visit(term: Expr) -> Expr | None:
        if type(term) is D and givens.is_defined(term.of) and not givens.is_defined(term.wrt):
            return DPlus(term.of, term.wrt)
        return term if type(term) is D else None

    return side if isinstance(side, D) else walk(side, visit)


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
