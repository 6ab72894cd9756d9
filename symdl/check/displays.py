"""Judges the chains of a display, one relation after another, in the cases and settings that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from sympy import Expr, Indexed, Integer, Symbol

from symdl.check.claims import braced, chains_of, claims_of, is_dangling, points_at_words
from symdl.check.definites import definite
from symdl.check.entries import Judged
from symdl.check.introducing import (
    demands_a_zero,
    joins,
    leading,
    may_suppose,
    says_best,
    says_that_vanishes,
    sets_a_condition,
    varied_alone,
)
from symdl.check.letters import squeezed
from symdl.check.naming import with_own_e
from symdl.check.relations import Relations
from symdl.check.report import LineReport
from symdl.check.running import UNJUDGED, VERDICTS, Claim, End, Line, Run
from symdl.check.settings import Setting, setting, settles
from symdl.check.tidying import tidied
from symdl.check.told import opposite
from symdl.check.words import inline_formulas, members, relations
from symdl.language import (
    D,
    free_symbols,
    index,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    put,
    quantities,
    size,
    subterms,
)
from symdl.problem import Block, Decision, Problem, Ranges, Relation
from symdl.read import Chain, Side
from symdl.read.commands import DEFINITE
from symdl.read.own import as_written
from symdl.read.spans import OPEN

_BRANCHES = re.compile(r"\\(?:swarrow|searrow|nearrow|nwarrow)\b|[↙↘]")

MAX_CHAIN = 200
"""How many relations of one chain are judged."""


class Displays(Relations):
    """Goes through displays: their settings, their branches, and their chains."""

    def display(self, block: Block, before: Block | None) -> None:
        """Judge the chains of a display, and what labels at its braces say."""
        start = len(self.entries)
        labels = [b for b in braced(block) if not self._names_anew(b)]
        for label in labels:
            self.display(label, before)
        self._display(block, before)
        if labels:
            self.entries[start:] = sorted(self.entries[start:], key=lambda j: (j.report.line, j.report.column))

    def _names_anew(self, block: Block) -> bool:
        """Whether a formula ends with a name that nothing has said before."""
        ends = [chain.sides[-1].expr for chain in chains_of(block, self.givens, {})]
        return any(e is not None and is_quantity(e) and label_of(e) not in self.so_far.known for e in ends)

    def _display(self, block: Block, before: Block | None) -> None:
        raw, block = block, tidied(block)
        said = setting(before, self.givens) if before is not None else Setting()
        run = {**self.running, **said.ranges}
        chains = [with_own_e(c) for c in chains_of(block, self.givens, run)]
        is_set = before is not None and (sets_a_condition(before) or (self.was_set and joins(before)))
        self.was_set, told = is_set, list[Relation]()
        otherwise = self.meanings.otherwise(before) if before is not None else ()
        claims, unread = claims_of(raw, block, chains, self.givens)
        for side in unread:
            self._unreadable(side)
        if len(chains) == 1 + _is_lower(chains, 1) and not chains[0].signs:
            self._go_on_from(chains, run)
        if _BRANCHES.search(block.text) and len(claims) == 1 and self._branch(claims[0]):
            return
        cases: tuple[Relation, ...] = ()
        is_listed = was_setting = False
        # Of two signs each line goes on with its own one.
        begun = upper = self.last
        written = [claim.chain for claim in claims]
        below = frozenset[int]()
        if is_set and before is not None:
            below = _below_what_is_set(before, written, block) or _solving(before, written)
        claims = [replace(c, concludes=c.concludes or n in below) for n, c in enumerate(claims)]
        for n, claim in enumerate(claims):
            ranges = {**claim.chain.ranges, **run}
            if claim.is_setting:
                # What one row holds for is over where another one begins.
                cases = (*(cases if was_setting else ()), *self._setting(claim))
                was_setting = True
                continue
            was_setting = False
            if claim.is_otherwise:
                # Of several conditions, or of one that cannot be read, the opposite is no relation.
                cases = opposite(cases) if len(cases) == 1 else ()
                claim = claim if cases else replace(claim, is_limited=True)
            conditions = (*self._stated(said, ranges, otherwise), *claim.local, *cases)
            if not claim.concludes:
                told = []
            is_listed = claim.concludes or (is_listed and not claim.leads_on)
            is_upper, is_lower = _is_lower(written, n + 1), _is_lower(written, n)
            if is_lower:
                upper, self.last = self.last, begun
            else:
                begun = self.last
            if begun is not None and is_dangling(claim.chain.sides[0]):
                claim = replace(claim, is_limited=claim.is_limited or (begun.upper is None) == (is_upper or is_lower))
                self.last = begun.upper if is_upper and begun.upper is not None else begun
            sets = is_set and n not in below
            told += self._chain(block, claim, ranges, conditions, told, before, sets, is_listed=is_listed)
            if is_lower and self.last is not None:
                self.last = replace(self.last, upper=upper)

    def _go_on_from(self, chains: Sequence[Chain], run: Ranges) -> None:
        """Take a display that is one expression for what the next one goes on from, with either of two signs."""
        upper, lower = (_end_of(chain.sides[0], run) for chain in (chains[0], chains[-1]))
        self.last = upper if lower is None or len(chains) == 1 else replace(lower, upper=upper)

    def _stated(self, said: Setting, ranges: Ranges, otherwise: tuple[Relation, ...]) -> tuple[Relation, ...]:
        """Enter the case that the words before a display name, or leave to what is left; its conditions."""
        stated = said.conditions(self.givens, ranges)
        if stated:
            self.meanings.enter(stated)
            return stated
        self.meanings.case = otherwise or self.meanings.case
        return otherwise

    def _apart(self, sides: Sequence[Expr | None], conditions: tuple[Relation, ...]) -> Iterator[Relation]:
        r"""The conditions i \neq k of the givens on letters of these sides of which nothing else is said here."""
        letters = frozenset[Symbol]().union(*(free_symbols(s) for s in sides if s is not None))
        told = frozenset[Symbol]().union(*(free_symbols(s) for c in conditions for s in c.sides))
        for pair in self.givens.said("apart"):
            first, second = map(index, pair.split(","))
            if {first, second} <= letters and not {first, second} & told:
                yield Relation(first, "!=", second)

    def _setting(self, claim: Claim) -> tuple[Relation, ...]:
        """Take `x = 1: y = 2` for the case in which what stands beside it holds; the conditions that it sets."""
        found = [one for r in relations(claim.chain, claim.chain.ranges) for one in members(r, claim.chain.ranges)]
        if any(r.lhs in self.meanings.points for r in found):
            # What was defined under a setting ends with it.
            self.so_far = copy(self.outside)
        else:
            self.outside = copy(self.so_far)
        self.meanings.points.update((r.lhs, r) for r in found if r.sign == "=")
        self.chains += 1
        self._write(claim.chain, 0, Line("given", Decision("unknown", "what the lines beside it hold for")), None)
        valued = self.givens.stated.keys()
        return tuple(r for r in found if r.sign != "=" or not (r.lhs in valued or self.givens.is_defined(r.lhs)))

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
        *,
        is_listed: bool,
    ) -> list[Relation]:
        """Judge one chain; what it tells the lines that are concluded from it."""
        run = self._begin(block, claim, ranges, conditions, told, before, is_set)
        run.is_listed = is_listed
        chain, sides, goes_on = claim.chain, run.sides, run.goes_on
        self.chains += goes_on is None
        self._go_through(run)
        if run.required is not None:
            line, asked, right, is_met = run.required
            run.new += self.so_far.tell(run, line, asked, right)
            self.so_far.set_up(run, line, asked, right, is_met=is_met)
        # What is concluded from a chain rests on all of it, and on what it goes on from.
        is_open = any(line.verdict == "undecided" for line in run.lines)
        self.is_open = is_open or (goes_on is not None and self.is_open)
        self.so_far.keep(chain, sides, run.lines, run.ranges, run.conditions)
        self.meanings.update(run, self.givens)
        end = sides[-1]
        first = run.first if run.names_first else None
        begins = chain.sides[0].source if goes_on is None else goes_on.begins
        source = chain.sides[-1].source
        self.ranges = run.ranges
        self.last = None if end is None else End(end, source, first, begins, run.ranges, run.conditions, run.holds)
        return run.new

    def _begin(
        self,
        block: Block,
        claim: Claim,
        ranges: Ranges,
        conditions: tuple[Relation, ...],
        told: Sequence[Relation],
        before: Block | None,
        is_set: bool,
    ) -> Run:
        """A chain to be judged: its sides, where its letters run, under which conditions, from what it goes on."""
        chain = claim.chain
        # A letter that the givens know as a position stays one, where a display alone shows the end of a sum.
        positions: dict[Expr, Expr] = {size(i.name): i for i in self.givens.positions}
        sides = [None if s.expr is None else put(s.expr, positions) for s in chain.sides]
        ranges = self._ranged(ranges, [s for s in sides if s is not None])
        conditions = (*conditions, *self._apart(sides, conditions))
        conditions = tuple(c for c in conditions if not any(settles(c, s) for s in sides if s is not None))
        if claim.concludes:
            self.meanings.branches = ()
        self.so_far.infer(*(s for s in sides if s is not None))
        goes_on = self.last if is_dangling(chain.sides[0]) else None
        if goes_on is not None:
            ranges = {**ranges, **goes_on.ranges}
            conditions = conditions or goes_on.conditions
            sides[0] = goes_on.last
        run = Run(block, claim, ranges, conditions, tuple(told), before, is_set, sides, goes_on)
        run.is_demanded = before is not None and (demands_a_zero(before) or self._is_best(before))
        if before is not None and self.last is not None and goes_on is None and says_that_vanishes(before):
            shown = self.last
            if not isinstance(shown.first, D) and not shown.conditions and quantities(shown.last):
                self.so_far.demand(Relation(shown.last, "=", Integer(0)), shown.ranges)
        is_number = chain.signs[-1:] == ("=",) and sides[-1] is not None and sides[-1].is_number
        is_step = is_number and self.meanings.wording.in_steps
        run.may_suppose = claim.supposes or is_step or (before is not None and may_suppose(before))
        run.holds = goes_on.holds if goes_on is not None else True
        return run

    def _go_through(self, run: Run) -> None:
        """Judge the relations of a chain one after another."""
        chain = run.claim.chain
        for n in range(len(chain.signs)):
            if points_at_words(run.block, chain, n):
                break
            if n >= MAX_CHAIN:
                run.holds = None
                line = Line("undecided", Decision("unknown", f"more than {MAX_CHAIN} relations in one chain"))
            elif chain.signs[n] in UNJUDGED:
                line = self._unjudged(run, n)
            else:
                line = self.said(run, n) or self.claimed(run, n)
            run.lines.append(line)
            self._write(chain, n, line, run.sides[n + 1], run.goes_on)

    def _unjudged(self, run: Run, n: int) -> Line:
        """A relation with a sign that is judged between matrices alone, if at all."""
        left, right = run.sides[n : n + 2]
        sign = run.claim.chain.signs[n]
        known = left is not None and right is not None and sign in DEFINITE
        found = definite(self.so_far.asking(run), left, sign, right) if known else None
        run.holds = None
        decision = found or Decision("unknown", UNJUDGED[sign])
        return Line(VERDICTS[decision.answer], decision)

    def _is_best(self, before: Block) -> bool:
        """Whether words say right behind a derivative that what follows is the best, which lies where this is 0."""
        return self.last is not None and isinstance(self.last.first, D) and says_best(before)

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
            as_written(line.decision.reason),
            tuple(line.decision.assumes),
            _named(line.decision.instance, self.problem) if line.verdict == "wrong" else {},
            line.expected,
        )
        self.entries.append(Judged(report, first, right, begins.strip(), self.chains))


def _below_what_is_set(words: Block, rows: Sequence[Chain], block: Block) -> frozenset[int]:
    """The rows of a display that go on from what words set, where its first row says this again."""
    if not rows or not _restates(words, rows[0], block):
        return frozenset()
    return frozenset(n for n, row in enumerate(rows) if n and not _restates(words, row, block))


def _solving(words: Block, rows: Sequence[Chain]) -> frozenset[int]:
    """The rows that solve the first one, by which words set the derivative by one quantity to zero.

    One of them says what this quantity is.  All speak of what the first one does: where one lacks a name of it, what
    else is known of this may have been put in.
    """
    varied = varied_alone(words)
    if varied is None or len(rows) < 2 or not demands_a_zero(words):
        return frozenset()
    spoken = [[side.expr for side in row.sides if side.expr is not None] for row in rows]
    names = [{label_of(q) for side in sides for q in quantities(side)} for sides in spoken]
    is_plain = all(set(row.signs) == {"="} for row in rows)
    is_met = is_plain and Integer(0) in spoken[0] and all(names[0] == others for others in names[1:])
    solved = (row for row in rows[1:] if row.signs == ("=",) and squeezed(row.sides[0].source) == squeezed(varied))
    ends = (row.sides[0].expr for row in solved)
    is_solved = any(e is not None and is_quantity(e) and label_of(e) in names[0] for e in ends)
    return frozenset(range(1, len(rows))) if is_met and is_solved else frozenset()


def _restates(words: Block, chain: Chain, block: Block) -> bool:
    """Whether a chain of a display is an equation that the last sentence of the words before it shows."""
    ends = (chain.sides[0], chain.sides[-1])
    start, end = (side.place.offset_in(block.text, block.place) for side in ends)
    text = squeezed(block.text[start : end + len(chain.sides[-1].source)].replace("&", ""))
    return any(squeezed(formula) == text for formula in inline_formulas(leading(words).text))


def _is_lower(chains: Sequence[Chain], n: int) -> bool:
    r"""Whether a chain is that before it with the lower signs of its \pm."""
    return 0 < n < len(chains) and chains[n].sides[0].place == chains[n - 1].sides[0].place


def _end_of(side: Side, ranges: Ranges) -> End | None:
    """A display that is one expression, from which a line that begins with its sign goes on; None if not read."""
    source = side.source.strip()
    return None if side.expr is None else End(side.expr, source, side.expr, source, ranges, (), True)


def _named(instance: Mapping[str, Any], problem: Problem) -> dict[str, Any]:
    """An instance without the sizes that nothing in the document names: a list shows how long it is."""
    texts = "\n".join(block.text for block in (*problem.given_blocks, *(problem.proof or ())))
    unnamed = {k for k in instance if k.startswith(OPEN) and k not in texts and f"n_{{{k[len(OPEN) :]}}}" not in texts}
    kept = {k: v for k, v in instance.items() if k not in unnamed or len(instance) == len(unnamed)}
    return {shown if (shown := as_written(k)) not in kept else k: v for k, v in kept.items()}
