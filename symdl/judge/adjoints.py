r"""Total derivatives through a recurrence, written by those that come after them.

Let f rest on the quantities q through the definitions q = B_q, and let

    F = f + Σ_q D(f, q) B_q

with all D(f, q) held.  Then D(f, x) is the derivative of F by x with every q held: each path from x to f begins with
one step that is written in f or in one B_q, and goes on as a path from q.  So D(f, s_t) is what f shows of s_t, and for
each state at t + 1 that is written by s_t, its own D(f, ·) times the slope of that one step; for a parameter that all
steps share it is a sum over the steps.

Put in for the derivatives as what they are defined by, this leaves a goal without them about a recurrence that runs
backward.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Add, Expr, Indexed, Integer, Symbol

from symdl.errors import Place
from symdl.judge.derivative import INERT, Derivatives, Kinks, NotProvableError, closed, spend
from symdl.judge.goals import Goal, Record
from symdl.judge.linear import split_offset
from symdl.judge.normal import own_slope
from symdl.judge.whole import Setting, is_function_value, multiplied, open_bound, universal, weight
from symdl.language import (
    Binder,
    D,
    Delta,
    Opaque,
    family,
    free_symbols,
    indices_of,
    is_index,
    is_quantity,
    kinds,
    label_of,
    put,
    scalar,
    subterms,
)
from symdl.problem import Definition, Range, Ranges, Relation

MAX_APART = 2
"""How many times at either end of a run may differ from those between."""

HERE = Place("", 1, 1)


@dataclass(frozen=True)
class Adjoint:
    """A goal about what stands for derivatives, and what must not be zero for them to exist.

    `named` tells of the name of such a family which quantity is differentiated, and the label of that by which it is.
    The goal knows of the kinks that they are not reached.
    """

    goal: Goal
    named: Mapping[Symbol, tuple[Expr, Symbol]]
    kinks: tuple[Expr, ...]


def through_time(goal: Goal, record: Record) -> Adjoint | None:
    """The goal with each derivative D(f, x) through a recurrence defined by those that come after it.

    Such derivatives are those that the goal names, and those by quantities that cannot be put in; all others are.
    None where it holds no such derivative, or where what that rests on is not known step by step.
    """
    definitions = goal.setting.givens.definitions
    if not any(D in kinds(term) for term in (goal.lhs, goal.rhs, *(d.body for d in definitions))):
        return None
    if not any(goal.setting.is_state(d.label) for d in definitions):
        return None
    held: dict[Symbol, None] = {}
    for _ in definitions:
        try:
            found = _written(goal, record, frozenset(held))
        except _HeldError as failure:
            held[failure.label] = None
            continue
        except (NotProvableError, RecursionError):
            return None
        return found
    return None


def _written(goal: Goal, record: Record, held: frozenset[Symbol]) -> Adjoint | None:
    search = _Search(goal.setting, record)
    sides = [search.visited(side, search.named) for side in (goal.lhs, goal.rhs)]
    new: list[Definition] = []
    named: dict[Symbol, tuple[Expr, Symbol]] = {}
    families = dict(goal.setting.givens.families)
    for f, targets in search.targets.items():
        total = _Total(goal.setting, f, frozenset(targets), search, held)
        new += total.definitions()
        families.update({total.adjoint(s): runs for s, runs in total.runs.items()})
        named.update({total.adjoint(s): (f, s) for s in total.labels})
    if not new:
        return None
    givens = replace(goal.setting.givens, definitions=(*new, *goal.setting.givens.definitions), families=families)
    apart = (universal((kink, Integer(0), letters)) for kink, letters in search.kinks.items())
    orders = (*goal.setting.orders, *((Relation(kink, "!=", zero), letters) for kink, zero, letters in apart))
    setting = replace(goal.setting, givens=givens, rules=(), orders=orders, _closures={}, _lags={}, _ahead={})
    return Adjoint(Goal(sides[0], sides[1], setting, goal.sign), named, tuple(search.kinks))


def _name(number: int, label: Symbol) -> Symbol:
    """The label of the derivatives of one quantity, known by its number, by the members of a family."""
    return scalar(f"∂{number}/∂{label.name}")


class _HeldError(NotProvableError):
    """A quantity cannot be put in, so that the derivative by it has to stay."""

    def __init__(self, label: Symbol) -> None:
        super().__init__("a definition that cannot be put in")
        self.label = label


class _Search:
    """Goes through terms, with what is known of the letters bound there, and keeps which derivatives it has met."""

    def __init__(self, setting: Setting, record: Record) -> None:
        self.setting, self.record = setting, record
        self.targets: dict[Expr, dict[Symbol, None]] = {}
        self.kinks: Kinks = {}

    def visited(self, expr: Expr, visit: Callable[[Expr], Expr | None]) -> Expr:
        """The term with the outermost subterms replaced of which `visit` makes something, bound letters open."""
        found = visit(expr)
        if found is not None:
            return found
        if isinstance(expr, Binder):
            letters, body, self.setting = open_bound(expr, self.setting)
            outer = [self.visited(a, visit) for n, a in enumerate(expr.args) if n != expr.body_at]
            return closed(expr, letters, self.visited(body, visit), outer)
        if not expr.args or isinstance(expr, Symbol | Indexed):
            return expr
        return expr.func(*(self.visited(a, visit) for a in expr.args))

    def named(self, expr: Expr) -> Expr | None:
        """What stands for a derivative through a recurrence, or for a quantity that is defined as one."""
        if is_quantity(expr):
            body = self.setting.body_of(expr)
            return self.visited(body, self.named) if body is not None and D in kinds(body) else None
        if not isinstance(expr, D):
            return None
        f, x = expr.of, expr.wrt
        if not is_quantity(x) or not INERT.isdisjoint(kinds(f)) or any(map(is_index, free_symbols(f))):
            return expr
        states = {d.label for d in self.setting.givens.definitions if self.setting.is_state(d.label)}
        if not any(self.setting.reaches(s, state) for s in free_symbols(f) for state in states):
            return expr
        self.targets.setdefault(f, {})[label_of(x)] = None
        return family(_name(list(self.targets).index(f), label_of(x)), *indices_of(x))


@dataclass(frozen=True)
class _Stage:
    """One definition on the way: for these letters a member is `body`, and `held` the derivative by it.

    `folds` are values of functions that were put in there, with the quantities whose they are.
    """

    letters: Ranges
    held: Expr
    body: Expr
    folds: Mapping[Expr, Expr]


class _Total:
    """The derivatives of one quantity f by what it rests on through recurrences."""

    def __init__(
        self, setting: Setting, f: Expr, targets: frozenset[Symbol], search: _Search, held: frozenset[Symbol]
    ) -> None:
        self.setting, self.f, self.search = setting, f, search
        self.number = list(search.targets).index(f)
        reached = {d.label: None for d in setting.givens.definitions if self._rests_on(d.label)}
        self.nodes = tuple(s for s in reached if s in targets | held)
        self.labels = tuple(dict.fromkeys((*self.nodes, *sorted(targets, key=str))))
        self.runs = {s: self._runs(s) for s in self.labels}
        self.folds: dict[Expr, Expr] = {}

    def adjoint(self, label: Symbol) -> Symbol:
        return _name(self.number, label)

    def _rests_on(self, label: Symbol) -> bool:
        return any(self.setting.reaches(s, label) for s in free_symbols(self.f))

    def _runs(self, label: Symbol) -> tuple[Range, ...]:
        known = self.setting.givens.families.get(label, ())
        if any(len(d.pattern) != len(known) for d in self.setting.givens.definitions_of(label)):
            raise NotProvableError("a family whose members are not all known")
        return known

    def definitions(self) -> list[Definition]:
        """What each derivative by a quantity, or by a member of a family, is."""
        end = self._opened(self.f, self.setting)
        stages = [self._stage(d) for label in self.nodes for d in self._stages_of(label)]
        back = self._back(stages)
        found: list[Definition] = []
        for label in self.labels:
            position = self._time(label)
            if position is None:
                found += self._pieces(end, stages, label, None, 0, 0) or []
                continue
            # Some times at the ends may differ from those between: the first states, and those after which none come.
            ways = sorted(((a, b) for a in range(MAX_APART + 1) for b in range(back + 1)), key=sum)
            pieces = (self._pieces(end, stages, label, position, *way) for way in ways)
            first = next((p for p in pieces if p is not None), None)
            if first is None:
                raise NotProvableError("a derivative by a state that is used at more than the next times")
            found += first
        return found

    def _time(self, label: Symbol) -> int | None:
        """The position of the time among the indices of a state; None for other quantities."""
        if not self.setting.is_state(label):
            return None
        positions = self.setting.lagging(label)
        if len(positions) != 1:
            raise NotProvableError("a recurrence in more than one index")
        return positions[0]

    def _back(self, stages: Sequence[_Stage]) -> int:
        """How far the steps look back."""
        found = 1
        for stage in stages:
            for t in subterms(stage.body):
                position = self._time(label_of(t)) if isinstance(t, Indexed) and label_of(t) in self.nodes else None
                if position is not None:
                    base, offset = split_offset(t.indices[position])
                    if offset > 0 and base in stage.letters:
                        raise NotProvableError("a recurrence that looks ahead")
                    found = max(found, -offset)
        if found > MAX_APART:
            raise NotProvableError("a recurrence that looks back too far")
        return found

    def _stages_of(self, label: Symbol) -> tuple[Definition, ...]:
        definitions = self.setting.givens.definitions_of(label)
        for n, d in enumerate(definitions):
            if not all(self._apart(d, other) for other in definitions[:n]):
                raise NotProvableError("a member with more than one definition")
            letters = [p for p in d.pattern if is_index(p)]
            if len(set(letters)) < len(letters) or set(letters) != set(d.ranges):
                raise NotProvableError("a definition for indices that are not simply ranges")
            if any(is_index(s) for run in d.ranges.values() for e in (run.lo, run.hi) for s in free_symbols(e)):
                raise NotProvableError("a definition whose ranges depend on one another")
        return tuple(definitions)

    def _stage(self, d: Definition) -> _Stage:
        """A definition with letters of its own, of which the goal says nothing."""
        own: dict[Expr, Expr] = {i: Symbol(f"¤{i.name}", integer=True) for i in d.ranges}
        pattern = [put(p, own) for p in d.pattern]
        letters = {own[i]: run for i, run in d.ranges.items()}
        self.folds = {}
        body = self._opened(put(d.body, own), self.setting.with_ranges(letters))
        if is_function_value(body):
            self.folds[body] = family(d.label, *pattern)
        return _Stage(letters, family(self.adjoint(d.label), *pattern), body, self.folds)

    def _apart(self, one: Definition, other: Definition) -> bool:
        """Whether two definitions are of different members."""
        for a, b in zip(one.pattern, other.pattern, strict=True):
            for here, there, ranges in ((a, b, other.ranges), (b, a, one.ranges)):
                if not is_index(here) and (
                    self.setting.lies_outside(here, ranges[there])
                    if there in ranges
                    else self.setting.is_nonzero(here - there)
                ):
                    return True
        return False

    def _opened(self, expr: Expr, setting: Setting) -> Expr:
        """The term written by the quantities on the way, with all other definitions put in that rest on them."""
        search = self.search
        outer, search.setting = search.setting, setting
        try:
            return search.visited(expr, lambda t: self._stepped(t, frozenset()))
        finally:
            search.setting = outer

    def _stepped(self, expr: Expr, busy: frozenset[Symbol]) -> Expr | None:
        if type(expr) in INERT or isinstance(expr, Opaque):
            raise NotProvableError("a derivative of what is not written out")
        if not is_quantity(expr):
            return None
        label, setting = label_of(expr), self.search.setting
        is_defined = bool(setting.givens.definitions_of(label)) and not setting.is_free(expr)
        if label in self.nodes or not is_defined or not any(setting.reaches(label, s) for s in self.labels):
            return expr
        body = setting.body_of(expr)
        if body is None or label in busy:
            raise _HeldError(label)
        spend(self.search.record.fuel, weight(body))
        opened = self.search.visited(body, lambda t: self._stepped(t, busy | {label}))
        if is_function_value(opened):
            self.folds[opened] = expr
        return opened

    def _pieces(
        self, end: Expr, stages: Sequence[_Stage], label: Symbol, position: int | None, first: int, last: int
    ) -> list[Definition] | None:
        """The derivatives by the members at the first, the last and all other times; None where these differ."""
        runs = self.runs[label]
        letters = tuple(Symbol(f"¤{n}", integer=True) for n in range(len(runs)))
        if position is None:
            return [self._slope(end, stages, label, letters, dict(zip(letters, runs, strict=True)))]
        time, run = letters[position], runs[position]
        inner = Range(run.lo + first, run.hi - last)
        ends = [run.lo + n for n in range(first)] + [run.hi - n for n in range(last)]
        found: list[Definition] = []
        for at in (time, *ends):
            pattern = (*letters[:position], at, *letters[position + 1 :])
            ranges = {i: inner if i is time else r for i, r in zip(letters, runs, strict=True) if i in pattern}
            made = self._slope(end, stages, label, pattern, ranges)
            if any(_is_about(t, at) for t in subterms(made.body) if isinstance(t, Delta)):
                return None
            found.append(made)
        return found

    def _slope(
        self, end: Expr, stages: Sequence[_Stage], label: Symbol, pattern: Sequence[Expr], ranges: Ranges
    ) -> Definition:
        """The derivative by one member, with all quantities on the way held."""
        x = family(label, *pattern)
        setting = replace(self.setting, rules=()).with_ranges(ranges)
        derivatives = Derivatives(setting, self.search.kinks, self.search.record.fuel, own_slope)
        parts = [derivatives.total(end, x, held=True)]
        for stage in stages:
            derivatives.setting = setting.with_ranges(stage.letters)
            slope = multiplied(stage.held, put(derivatives.total(stage.body, x, held=True), stage.folds))
            for letter, run in stage.letters.items():
                slope = derivatives.sifted(letter, run, slope)
            parts.append(slope)
        return Definition(self.adjoint(label), tuple(pattern), Add(*parts), ranges, "", HERE)


def _is_about(indicator: Delta, time: Expr) -> bool:
    """Whether an indicator may ask whether something happens at this time."""
    gaps = (a - time for a in indicator.args)
    return any(gap.is_Integer for gap in gaps) or (is_index(time) and time in free_symbols(indicator))
