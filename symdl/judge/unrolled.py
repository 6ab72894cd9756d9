r"""Linear recurrences written out: what a state is by the one where the run ends and all that is added on the way.

A state with G_t = a_t G_{t+1} + b_t for t = m, …, n is

    G_t = (Π_{j=t}^{n} a_j) G_{n+1} + Σ_{k=t}^{n} (Π_{j=t}^{k-1} a_j) b_k,    t = m, …, n + 1,

and one with G_t = a_t G_{t-1} + b_t the same from the other end.  Neither a nor b may rest on a state of the family.
Put in, this leaves a goal about sums, so that a line that speaks of one time alone, or of a derivative by a parameter
that all steps share, needs no induction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sympy import Add, Expr, Integer, Mul, Symbol

from symdl.judge.derivative import INERT, NotProvableError, closed, spend
from symdl.judge.goals import Goal, Record
from symdl.judge.linear import ZERO, gap_of
from symdl.judge.whole import Setting, open_bound, weight
from symdl.language import (
    Binder,
    D,
    Opaque,
    Prod,
    Sigma,
    family,
    free_symbols,
    fresh_index,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    put,
)
from symdl.problem import Definition, Range

MAX_DEPTH = 6
"""How many definitions, one inside another, are put in on the way to a state."""


@dataclass(frozen=True)
class Recurrence:
    """A linear recurrence by the next state (`step` 1) or the last one (-1): its factor, and what is added.

    `position` is that of the time in the pattern of the definition, in whose letters both are written.
    """

    definition: Definition
    position: int
    step: int
    factor: Expr
    added: Expr

    @property
    def run(self) -> Range:
        """The times at which the recurrence holds."""
        return self.definition.ranges[self.letter]

    @property
    def letter(self) -> Symbol:
        """The time in the definition."""
        letter = self.definition.pattern[self.position]
        assert isinstance(letter, Symbol)
        return letter

    @property
    def end(self) -> Expr:
        """The time of the state to which the recurrence leads."""
        return self.run.hi + 1 if self.step > 0 else self.run.lo - 1

    def is_end(self, at: tuple[Expr, ...]) -> bool:
        """Whether the state at these indices is one to which the recurrence leads."""
        return gap_of(at[self.position], self.end) == ZERO

    def holds(self, at: tuple[Expr, ...], setting: Setting) -> bool:
        """Whether the state at these indices is known to be one that the recurrence ties to the one at its end."""
        times = Range(self.run.lo, self.end) if self.step > 0 else Range(self.end, self.run.hi)
        runs = {**self.definition.ranges, self.letter: times}
        pairs = zip(self.definition.pattern, at, strict=True)
        return all(isinstance(p, Symbol) and setting.lies_within(i, runs[p]) for p, i in pairs)

    def state(self, at: tuple[Expr, ...]) -> Expr:
        """The state at these indices by the one at the end."""
        own: dict[Expr, Expr] = dict(zip(self.definition.pattern, at, strict=True))
        taken = set().union(*map(free_symbols, (self.factor, self.added, *at)))
        k = fresh_index("ks", taken)
        j = fresh_index("jr", taken | {k})

        def through(lo: Expr, hi: Expr) -> Expr:
            """The product of the factors from one time to another."""
            here = put(self.factor, {**own, self.letter: j})
            return Prod.over(j, lo, hi, here) if j in free_symbols(here) else here ** (hi - lo + 1)

        first, last = (at[self.position], self.run.hi) if self.step > 0 else (self.run.lo, at[self.position])
        before = through(first, k - 1) if self.step > 0 else through(k + 1, last)
        on_the_way = Sigma.over(k, first, last, before * put(self.added, {**own, self.letter: k}))
        ended = family(self.definition.label, *at[: self.position], self.end, *at[self.position + 1 :])
        return through(first, last) * ended + on_the_way


def unrolled(goal: Goal, record: Record) -> Iterator[Goal]:
    """The goal with the states of linear recurrences written out: of those that look ahead, and of all.

    Nothing where it rests on none, or on how they vary.
    """
    recurrences = list(_recurrences(goal.setting))
    ahead = [r for r in recurrences if r.step > 0]
    for chosen in (ahead, recurrences) if len(ahead) < len(recurrences) else (ahead,):
        written = _Written(goal.setting, chosen, record)
        try:
            lhs, rhs = (written.of(side, 0) for side in (goal.lhs, goal.rhs))
        except (NotProvableError, RecursionError):
            continue
        if (lhs, rhs) != (goal.lhs, goal.rhs):
            yield replace(goal, lhs=lhs, rhs=rhs)


class _Written:
    """Goes through terms, with what is known of the letters bound there."""

    def __init__(self, setting: Setting, recurrences: list[Recurrence], record: Record) -> None:
        self.setting, self.record = setting, record
        self.recurrences = {r.definition.label: r for r in recurrences}

    def of(self, expr: Expr, depth: int) -> Expr:
        """The term with its states written out, and what rests on them put in."""
        if not self._rests(expr):
            return expr
        if is_quantity(expr):
            return self.of(self._put_in(expr, depth), depth + 1)
        if isinstance(expr, Binder):
            outer = self.setting
            letters, body, self.setting = open_bound(expr, outer)
            inner = self.of(body, depth)
            self.setting = outer
            others = [self.of(a, depth) for n, a in enumerate(expr.args) if n != expr.body_at]
            return closed(expr, letters, inner, others)
        if type(expr) is D and not self._rests(expr.wrt):
            return D(self.of(expr.of, depth), expr.wrt)
        if type(expr) in INERT or isinstance(expr, Opaque):
            raise NotProvableError("a term that stands for more than its value rests on a state")
        return expr.func(*(self.of(a, depth) for a in expr.args))

    def _put_in(self, quantity: Expr, depth: int) -> Expr:
        """What a quantity that rests on a state is, by its definition or written out."""
        recurrence, at = self.recurrences.get(label_of(quantity)), indices_of(quantity)
        body = self.setting.body_of(quantity)
        if recurrence is not None and len(at) == len(recurrence.definition.pattern) and not recurrence.is_end(at):
            body = recurrence.state(at) if recurrence.holds(at, self.setting) else None
        if body is None or depth >= MAX_DEPTH:
            raise NotProvableError("a state that is not known to be one of the run")
        spend(self.record.fuel, weight(body))
        return body

    def _rests(self, expr: Expr) -> bool:
        """Whether a term may depend on a state that can be written out."""
        if is_quantity(expr) and self.setting.is_free(expr):
            return False
        return any(self.setting.reaches(s, label) for s in free_symbols(expr) for label in self.recurrences)


def _recurrences(setting: Setting) -> Iterator[Recurrence]:
    for label in dict.fromkeys(d.label for d in setting.givens.definitions):
        positions = setting.lagging(label) if setting.is_state(label) else ()
        if len(positions) == 1:
            found = _recurrence(setting, label, positions[0])
            if found is not None:
                yield found


def _recurrence(setting: Setting, label: Symbol, position: int) -> Recurrence | None:
    """The one definition by which states of the label go on, if that is linear; all others are of times without it."""
    definitions = [d for d in setting.givens.definitions_of(label) if position < len(d.pattern)]
    general = [d for d in definitions if is_index(d.pattern[position])]
    if len(general) != 1 or len(set(general[0].pattern)) < len(general[0].pattern):
        return None
    (main,) = general
    letter = main.pattern[position]
    if not all(is_index(p) and p in main.ranges for p in main.pattern) or not isinstance(letter, Symbol):
        return None
    # An entry that is one at some times only would be led through others.
    ends = (end for run in main.ranges.values() for end in (run.lo, run.hi))
    if any(is_index(s) for end in ends for s in free_symbols(end)):
        return None
    if not all(setting.lies_outside(d.pattern[position], main.ranges[letter]) for d in definitions if d is not main):
        return None
    for step in (1, -1):
        other = family(label, *main.pattern[:position], letter + step, *main.pattern[position + 1 :])
        found = _by_degree(main.body, other)
        if found is not None and not any(setting.reaches(s, label) for part in found for s in free_symbols(part)):
            return Recurrence(main, position, step, *found) if found[0] != 0 else None
    return None


def _by_degree(expr: Expr, state: Expr) -> tuple[Expr, Expr] | None:
    """What a term multiplies a state by, and what it adds; None where it is not written as linear in it."""
    label = label_of(state)
    if expr == state:
        return Integer(1), Integer(0)
    if label not in free_symbols(expr):
        return Integer(0), expr
    if expr.is_Add:
        parts = [_by_degree(a, state) for a in expr.args]
        if any(p is None for p in parts):
            return None
        factors, added = zip(*(p for p in parts if p is not None), strict=True)
        return Add(*factors), Add(*added)
    if expr.is_Mul:
        inside = [a for a in expr.args if label in free_symbols(a)]
        part = _by_degree(inside[0], state) if len(inside) == 1 else None
        rest = Mul(*(a for a in expr.args if a not in inside))
        return None if part is None else (rest * part[0], rest * part[1])
    return None
