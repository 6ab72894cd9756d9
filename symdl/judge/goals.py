"""What is to be proved, and what one proof used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr, Symbol

from symdl.judge.derivative import NotProvableError
from symdl.judge.linear import linear
from symdl.judge.whole import Setting
from symdl.language import free_symbols, is_index, put
from symdl.problem import Givens, Range, Symbolic

MAX_CASES = 64
MAX_INDUCTIONS = 3
FUEL = 15_000
"""Steps of one search: terms brought into normal form, and terms of polynomials by fours."""


@dataclass
class Record:
    """What one proof used: side conditions, the letters of its inductions, the number of its cases."""

    assumes: dict[tuple[Expr, str], None] = field(default_factory=dict)
    inductions: list[str] = field(default_factory=list)
    cases: int = 0
    work: int = 0
    trouble: str = ""
    could_divide: bool = False
    fuel: list[int] = field(default_factory=lambda: [FUEL])

    def grant(self, assumed: Iterable[tuple[Expr, str]], kinks: Iterable[Expr] = ()) -> None:
        """Keep the side conditions of a step, and that no kink that it passed is reached."""
        self.assumes.update(dict.fromkeys(assumed))
        self.assumes.update({(k, "!= 0"): None for k in kinks})


@dataclass(frozen=True)
class Goal:
    """`lhs = rhs`, or another relation between the two, under a setting."""

    lhs: Expr
    rhs: Expr
    setting: Setting
    sign: Symbolic = "="

    def put(self, replacements: Mapping[Expr, Expr]) -> Goal:
        """The goal with letters replaced, in its setting, too."""
        s = self.setting
        ranges = {i: r.at(replacements) for i, r in s.ranges.items() if i not in replacements}
        lowest = {k: v for k, v in s.lowest.items() if k not in replacements}
        rules = tuple(
            (put(a, replacements), put(b, replacements), {i: run.at(replacements) for i, run in r.items()})
            for a, b, r in s.rules
        )
        orders = tuple(
            (r.at(replacements), {i: run.at(replacements) for i, run in letters.items()}) for r, letters in s.orders
        )
        told = tuple(r.at(replacements) for r in s.told)
        setting = replace(
            s,
            ranges=ranges,
            lowest=lowest,
            nonnegative=tuple(put(e, replacements) for e in s.nonnegative),
            nonzero=tuple(put(e, replacements) for e in s.nonzero),
            told=told,
            rules=rules,
            orders=orders,
            givens=moved_givens(s.givens, replacements),
        )
        return Goal(put(self.lhs, replacements), put(self.rhs, replacements), setting, self.sign)

    def under(self, **changes: Any) -> Goal:
        """The goal with more known; each change is added to what the setting holds."""
        added: dict[str, Any] = {name: (*getattr(self.setting, name), *more) for name, more in changes.items()}
        return replace(self, setting=replace(self.setting, **added))


Holds = Callable[[Goal], bool]
"""Whether a goal is proved."""


Prove = Callable[[Goal, Record, int], bool]
"""Whether a goal is proved, at a depth of inductions; what the proof rests on is added to the record."""


def moved_givens(givens: Givens, replacements: Mapping[Expr, Expr]) -> Givens:
    """The givens with sizes replaced in the ranges of definitions, families and facts."""
    if not any(isinstance(s, Symbol) and s.is_positive for s in replacements):
        return givens

    def ranges(given: Mapping[Symbol, Range]) -> dict[Symbol, Range]:
        return {i: r.at(replacements) for i, r in given.items()}

    return replace(
        givens,
        definitions=tuple(replace(d, ranges=ranges(d.ranges)) for d in givens.definitions),
        facts=tuple(replace(f, ranges=ranges(f.ranges)) for f in givens.facts),
        families={label: tuple(r.at(replacements) for r in rs) for label, rs in givens.families.items()},
    )


def speaks_of(goal: Goal, letter: Symbol) -> bool:
    """Whether what is given mentions the letter otherwise than as the end of a range."""
    givens = goal.setting.givens
    labels = free_symbols(goal.lhs) | free_symbols(goal.rhs)
    for d in givens.definitions:
        if letter in free_symbols(d.body) - set(d.pattern) and any(goal.setting.reaches(s, d.label) for s in labels):
            return True
    if any(letter in free_symbols(p) and not is_index(p) for d in givens.definitions for p in d.pattern):
        return True
    relations = [*[f.relation for f in givens.facts if letter not in f.ranges], *goal.setting.told]
    return any(letter in (free_symbols(r.lhs) | free_symbols(r.rhs)) for r in relations)


def count_case(record: Record) -> None:
    record.cases += 1
    if record.cases > MAX_CASES:
        raise NotProvableError("more than 64 cases")


def spelled_out(goal: Goal, letters: Sequence[Symbol], most: int) -> Iterator[Goal]:
    """The goal for each value of those letters whose range has at most `most` known members."""
    for n, letter in enumerate(letters):
        run = goal.setting.ranges[letter]
        length = _length(run)
        if length is not None and length <= most:
            for j in range(length):
                yield from spelled_out(goal.put({letter: run.lo + j}), letters[n + 1 :], most)
            return
    yield goal


def members(goal: Goal, most: int) -> list[Goal] | None:
    """The goal at each of the at most `most` values of its letters; None where they have more or speak of unknowns."""
    ranges = goal.setting.ranges
    named = free_symbols(goal.lhs) | free_symbols(goal.rhs)
    letters = sorted((i for i in ranges if i in named), key=lambda s: s.name)
    count = 1
    for i in letters:
        length = _length(ranges[i])
        if length is None or speaks_of(goal, i) or free_symbols(ranges[i].lo):
            return None
        count *= length
    if not letters or not 1 <= count <= most:
        return None
    return [g for g in spelled_out(goal, letters, most) if not _is_excluded(g.setting)] or None


def _length(run: Range) -> int | None:
    gap = linear(run.hi - run.lo)
    return None if gap is None or gap[0] else gap[1] + 1


def _is_excluded(setting: Setting) -> bool:
    """Whether a condition on whole numbers fails."""
    return any(e == 0 for e in setting.nonzero) or any(e.is_Integer and e < 0 for e in setting.nonnegative)
