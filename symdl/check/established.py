"""What a proof has established so far: its own names, its lemmas, its assumptions, and the values it has shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Expr, Mul, Rational, Symbol

from symdl.check.arrays import places_of
from symdl.check.context import Context, Equation
from symdl.check.demands import Demand, Slope, constraints_of, of_index
from symdl.check.doubting import NEITHER, UNGIVEN
from symdl.check.enclosures import enclosed
from symdl.check.entailment import contradictory
from symdl.check.introducing import leading, only_solves
from symdl.check.naming import Naming, speaks_of
from symdl.check.putting import unvalued
from symdl.check.question import Question
from symdl.check.running import Line, Run
from symdl.check.sides import OPPOSITE, Sides
from symdl.check.words import members, relations, said_for_all, states_base
from symdl.language import (
    D,
    as_fmpq,
    free_symbols,
    holds_derivative,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    put,
    quantities,
)
from symdl.problem import Problem, Ranges, Relation
from symdl.read import Chain
from symdl.read.moments import is_moment

_CONSTRAINED = re.compile(r"\b(?:Lagrang\w*|multipliers?|constrain\w*|subject to|normali[sz]ation)\b", re.IGNORECASE)
_LAGRANGIAN = re.compile(r"^(?:\\mathcal\{)?L|^\\Lambda")
_MULTIPLIERS = (r"\lambda", r"\mu", r"\nu")

MAX_PREMISES = 8
"""How many of the equations demanded before a line it may follow from."""

MAX_TOLD = 40
"""How many relations a proof may add to what is given."""


class Established(Naming):
    """What the lines after a line may use.

    `renames` says that a name which the proof defined may be defined again, as names in running text are.
    """

    def __init__(self, problem: Problem, renames: bool) -> None:
        super().__init__(problem)
        self.renames = renames
        self.natural = states_base(problem)
        self.is_constrained = speaks_of(_CONSTRAINED, problem)
        self.lemmas: list[Equation] = []
        self.open: frozenset[Relation] = frozenset()
        self.demanded = tuple(_zeros(self.context))
        self.premises: list[Demand] = list(self.demanded)
        self.slopes: list[Slope] = []
        self.seen: dict[Expr, Expr] = {}
        self.proved: frozenset[Rational] = frozenset()

    def __copy__(self) -> Established:
        """What is established, to be tried without keeping what comes of it."""
        other = object.__new__(Established)
        other.__dict__.update(self.__dict__)
        other.lemmas, other.told, other.premises = list(self.lemmas), list(self.told), list(self.premises)
        other.slopes, other.seen = list(self.slopes), dict(self.seen)
        return other

    def begin_anew(self) -> None:
        """Forget what was assumed: something new begins."""
        self.told, self.premises, self.slopes, self.open = [], list(self.demanded), [], frozenset()

    def asking(self, run: Run) -> Question:
        """The judge for a line of a chain, with what it may be concluded from."""
        said = [run.block.text] if run.before is None else [run.block.text, leading(run.before).text]
        question = replace(self.question(run.ranges, run.conditions, run.told), for_all=said_for_all(*said))
        premises = tuple(self.premises[-MAX_PREMISES:])
        if not premises:
            return question
        is_solved = run.before is not None and only_solves(run.before)
        concludes = run.claim.concludes or (is_solved and run.goes_on is None and not run.lines)
        return replace(question, premises=premises, concludes=concludes, may_suppose=run.may_suppose)

    def question(self, ranges: Ranges, conditions: tuple[Relation, ...], told: Sequence[Relation] = ()) -> Question:
        """The judge under what is given and established."""
        return Question(
            self.context,
            self.known,
            tuple(self.lemmas),
            ranges,
            conditions,
            (*self.told, *told)[-MAX_TOLD:],
            tuple(self.seen.items()),
            self.proved,
            self.natural,
            self.unread,
            self.statements,
            self.renames,
            open=self.open,
        )

    def gives_back(self, run: Run, asked: Sides, before: Relation) -> bool:
        """Whether what a line is said to be equivalent to follows from it, from both ends of 0 < x < 1 together."""
        here = Relation(asked.left, asked.sign, asked.right)
        whole = [r for r in relations(run.claim.chain, run.ranges) if r.sign in OPPOSITE] if asked.is_first else []
        kept = [r for r in (*self.told, *run.told) if r not in (before, here, *whole)]
        told = (*kept, *(r for r in whole if r != here), here)[-MAX_TOLD:]
        alone = replace(self.question(run.ranges, run.conditions), told=told, concludes=True)
        alone = replace(alone, premises=(Demand(here, bound(run.ranges, here.lhs, here.rhs)),))
        found = alone.verdict(Sides(before.lhs, before.sign, before.rhs, "", "", is_first=False))
        return found.answer == "proved"

    def hear(self, chain: Chain, ranges: Ranges) -> None:
        """Keep what a sentence says of a derivative, if it can be proved as it stands; else it is words."""
        if len(chain.signs) != 1 or chain.signs[0] != "=":
            return
        left, right = chain.sides[0].expr, chain.sides[1].expr
        if not isinstance(left, D) or right is None or isinstance(right, D):
            return
        found = self.question(ranges, ()).verdict(Sides(left, "=", right, "", chain.sides[1].source, True))
        if found.answer == "proved" and not found.rounded:
            self.lemmas.append((left, found.right, bound(ranges, left, right)))

    def tell(self, run: Run, line: Line, asked: Sides, right: Expr | None) -> list[Relation]:
        """What the lines after this one may use: equations and bounds of free quantities, and values shown."""
        if right is None or (asked.sign == "~" and line.verdict != "rounded"):
            return []
        if line.verdict == "rounded":
            name = asked.left if is_quantity(asked.left) or not run.holds else run.first
            if name is not None and quantities(name):
                self.seen.update(entries(name, right, run.ranges))
            # What stands between is equal to the same digits.
            between = run.sides[: run.sides.index(right)] if run.holds and right in run.sides else []
            self.seen.update((s, right) for s in between if s is not None and quantities(s) and s not in self.seen)
            return []
        if line.verdict == "proved" and isinstance(right, Rational) and run.holds and run.first is not None:
            # What a proof names itself may rest on numbers that it has rounded.
            is_given = quantities(run.first) and not self.context.names(run.first) & self.context.own
            value = enclosed(run.first, self.givens) if is_given else None
            self.proved |= {abs(right)} if value == as_fmpq(right) else set()
        if line.verdict not in ("given", "undecided"):
            # What is proved follows from what is known already.
            return []
        sides = (asked.left, right)
        free = [q for s in sides for q in quantities(s) if not self.givens.is_defined(q)]
        if any(is_index(i) for s in sides for i in free_symbols(s)):
            return []
        # Of moments that are not given it is not known either what an equation of them leaves open.
        is_of_moments = line.decision.reason.endswith(UNGIVEN) and any(is_moment(label_of(q).name) for q in free)
        if line.verdict == "undecided" and NEITHER not in line.decision.reason and not is_of_moments:
            return []
        relation = Relation(asked.left, asked.sign, right)
        if not free:
            # What a quantity that is given by a formula is supposed to be, is so for what is concluded from it alone.
            return [relation] if run.claim.leads_on and line.verdict == "given" and right.is_number else []
        if not run.conditions and relation not in self.told:
            # Where one case is done and another one begins, what was supposed before holds no longer.
            old = [] if contradictory([*self.told, relation], self.givens) else self.told
            self.told = [*old, relation]
            if line.verdict == "undecided":
                self.open |= {relation}
        return [relation]

    def set_up(self, run: Run, line: Line, asked: Sides, right: Expr | None, *, is_met: bool) -> None:
        """Keep an equation that was set up, or was concluded from one, for the lines that follow from it.

        `is_met` says that it holds where a derivative is to be 0, which nothing before it has said.
        """
        if right is None or asked.sign != "=" or run.conditions:
            return
        if is_met and self.slopes and self.slopes[-1].case:
            # What holds in one case is no premise of the next one.
            return
        is_open = line.verdict == "undecided" and NEITHER in line.decision.reason
        is_sound = line.verdict in ("proved", "agrees")
        # What a free quantity is follows from nothing but equations before.
        is_said = is_quantity(asked.left) and bool(self.premises) and asked.left not in quantities(right)
        is_said = is_said and self.question(run.ranges, ()).basis.is_free(asked.left)
        is_derived = (
            is_sound and not is_met and (run.claim.concludes or is_said or self._is_supposed(run, asked, right))
        )
        if line.verdict == "given" or is_open or is_derived or (is_sound and is_met):
            self.demand(Relation(asked.left, "=", right), run.ranges, is_open=is_open, is_derived=is_derived)
            shown = [(run.first, asked.left)] if right == 0 and isinstance(run.first, D) else []
            shown += [(s.slope, s.value) for s in self.slopes if is_met]
            for slope, value in shown:
                self._constrain(slope, value)

    def _is_supposed(self, run: Run, asked: Sides, right: Expr) -> bool:
        """Whether a relation leads on to another one, and does not hold in any case, as a line before may say it."""
        return run.claim.leads_on and self.question(run.ranges, ()).ask(asked.left, "=", right).answer != "proved"

    def _constrain(self, slope: D, value: Expr) -> None:
        """Keep the constraints of the multipliers of what has a derivative that is to be 0."""
        question = self.question({}, ())
        for name, constraint in constraints_of(slope, value, self.context):
            # What a penalty weighs has one sign; how far a constraint is off has both.
            signs = (question.ask(constraint.lhs, sign, constraint.rhs).answer for sign in (">=", "<="))
            is_usual = name.name in _MULTIPLIERS or (
                name.name.startswith("\\") and bool(_LAGRANGIAN.search(str(slope.of)))
            )
            if (self.is_constrained or is_usual) and constraint not in self.told and "proved" not in signs:
                self.demand(constraint, {})
                self.told.append(constraint)

    def demand(self, relation: Relation, ranges: Ranges, *, is_open: bool = False, is_derived: bool = False) -> None:
        """Keep an equation that is required for the lines after it; one of a vector of numbers, entry by entry."""
        counting = {i for i in ranges if all(i not in indices_of(q) for s in relation.sides for q in quantities(s))}
        entries = members(relation, {i: ranges[i] for i in counting})
        if entries != [relation]:
            for entry in entries:
                self.demand(entry, ranges, is_open=is_open, is_derived=is_derived)
            return
        at = of_index(relation, self.givens, ranges)
        runs = bound(ranges, relation.lhs, relation.rhs) if at is None else {}
        self.premises.append(Demand(at or relation, runs, is_open, is_derived))

    def keep(
        self,
        chain: Chain,
        sides: Sequence[Expr | None],
        lines: list[Line],
        ranges: Ranges,
        conditions: Sequence[Relation],
    ) -> None:
        """Keep what the chain proves of a derivative or a state, or as a bound in several steps, for later lines."""
        first = sides[0]
        slope = None if first is None else _slope_in(first)
        if slope is not None:
            self._slope(slope, chain, sides, lines, ranges, tuple(conditions))
        if conditions or first is None:
            return
        bounded, last = len(lines) > 1 and all(x.verdict == "proved" for x in lines), sides[-1]
        bounded = bounded and set(chain.signs) in ({"=", "<="}, {"=", ">="}, {"<="}, {">="})
        # Under another range of an index letter the bound need not hold.
        if bounded and last is not None and not any(is_index(i) for e in (first, last) for i in free_symbols(e)):
            self.told.append(Relation(first, "<=" if "<=" in chain.signs else ">=", last))
        if not isinstance(first, D):
            self._restate(first, chain, sides, lines, ranges)
            if not self._is_state(first):
                return
        for n in range(len(lines) - 1, -1, -1):
            last = sides[n + 1]
            sound = all(x.verdict == "proved" and not x.is_local for x in lines[: n + 1]) and set(
                chain.signs[: n + 1]
            ) == {"="}
            if sound and last is not None and (isinstance(first, D) or label_of(first) not in self.context.names(last)):
                self.lemmas.append((first, last, bound(ranges, first, last)))
                return

    def _restate(
        self, name: Expr, chain: Chain, sides: Sequence[Expr | None], lines: list[Line], ranges: Ranges
    ) -> None:
        """Take a quantity for the formula in names of the proof's own that a chain proves it to be.

        So a step of a graph, f = u v, says how f rests on u; it holds whatever values are given.
        """
        found = self.givens.definitions_of(label_of(name)) if is_quantity(name) else ()
        if len(found) != 1 or not set(indices_of(name)) <= ranges.keys() or self.context.recurs(found[0].label):
            return
        free = _inputs(self.context, name)
        for n, side in enumerate(sides[1 : len(lines) + 1]):
            if side is None or chain.signs[n] != "=" or lines[n].verdict != "proved":
                return
            names = self.context.names(side)
            is_new = {label_of(q) for q in quantities(side)} & self.context.own and found[0].label not in names
            if is_new and _inputs(self.context, side) == free and not holds_derivative(side):
                alone = Question(unvalued(self.context), self.known, (), ranges, ())
                if alone.ask(name, "=", side).answer == "proved":
                    new = replace(found[0], pattern=indices_of(name), body=side, ranges=bound(ranges, name))
                    kept = tuple(new if d is found[0] else d for d in self.givens.definitions)
                    self.context = Context(replace(self.givens, definitions=kept), self.context.own)
                    return

    def _is_state(self, quantity: Expr) -> bool:
        """Whether any member of a family is meant that is given by others of its family."""
        label = label_of(quantity)
        is_general = any(is_index(i) for at in indices_of(quantity) for i in free_symbols(at))
        return is_general and any(label in free_symbols(d.body) for d in self.givens.definitions_of(label))

    def _slope(
        self,
        found: tuple[D, Expr],
        chain: Chain,
        sides: Sequence[Expr | None],
        lines: list[Line],
        ranges: Ranges,
        case: tuple[Relation, ...] = (),
    ) -> None:
        """Keep the last side that a chain has shown for a derivative, or for this times a factor, in a case."""
        slope, factor = found
        shown = [
            (n, side)
            for n, side in enumerate(sides[1 : 1 + len(lines)])
            if side is not None and side != 0 and set(chain.signs[: n + 1]) == {"="}
        ]
        if shown:
            n, value = shown[-1][0], shown[-1][1] / factor
            is_sure = all(x.verdict in ("proved", "agrees", "given") for x in lines[: n + 1])
            self.slopes.append(Slope(slope, value, bound(ranges, slope, value), is_sure, case))


def entries(name: Expr, shown: Expr, ranges: Ranges) -> dict[Expr, Expr]:
    """The numbers shown for a quantity, or for each member of a family; none where it is not shown as numbers."""
    letters = [i for i in ranges if i in free_symbols(name) | free_symbols(shown)]
    runs = [ranges[i] for i in letters]
    found: dict[Expr, Expr] = {}
    for at in places_of(runs) or ():
        here: dict[Expr, Expr] = dict(zip(letters, at, strict=True))
        number = put(shown, here)
        if number.is_Rational:
            found[put(name, here)] = number
    return found


def bound(ranges: Ranges, *sides: Expr) -> Ranges:
    """The ranges of the letters that occur."""
    return {letter: run for letter, run in ranges.items() if any(letter in free_symbols(side) for side in sides)}


def _slope_in(term: Expr) -> tuple[D, Expr] | None:
    r"""The derivative in a term that is one times a factor, \partial f/\partial(s^2) = f_s/(2s), and the factor."""
    parts = [t for t in Mul.make_args(term) if isinstance(t, D)]
    factor = Mul(*(t for t in Mul.make_args(term) if t not in parts))
    return (parts[0], factor) if len(parts) == 1 and not holds_derivative(factor) else None


def _inputs(context: Context, term: Expr) -> frozenset[Symbol]:
    """The names on which a term rests and that nothing defines."""
    return context.names(term) - context.uses.keys()


def _zeros(context: Context) -> Iterator[Demand]:
    """The derivatives of what is given that are given to be 0."""
    for f in context.facts:
        if f.relation.sign == "=" and isinstance(f.relation.lhs, D) and f.relation.rhs == 0:
            yield Demand(f.relation, f.ranges)
