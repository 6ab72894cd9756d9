"""One concrete world: whole numbers for sizes and index letters, exact rationals for free quantities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from random import Random
from typing import Any, Literal

import flint
from flint import fmpq
from sympy import Expr, Symbol

from symdl.judge.balls import Evaluation, Key, NoValueError, Value
from symdl.judge.linear import linear
from symdl.language import as_float
from symdl.problem import Givens, Range, Ranges, Relation

Mode = Literal["signed", "unit", "negative", "positive", "plain"]
MODES: tuple[Mode, ...] = ("signed", "unit", "negative", "signed", "positive")
"""How free quantities without a stated bound are drawn, by attempt: facts left unsaid (0 < a < 1) are met by one."""

PLAIN = tuple(fmpq(p, q) for p, q in ((1, 2), (2, 1), (-1, 2), (3, 10), (3, 2), (-2, 1), (1, 5), (-1, 1)))
"""Numbers that read easily, drawn in the mode `plain`; 1 is none of them, because it hides factors and powers."""


PRECISION = 160
"""Bits at which the sign of a number is looked at."""

MAX_SHOWN = 400
"""How many members of a family are shown at most."""

SHOWN_BITS = 32
"""How long the numbers of a fraction may be that is shown in full."""


@dataclass(frozen=True)
class Question:
    """What an instance has to interpret and to satisfy."""

    terms: tuple[Expr, ...]
    givens: Givens
    ranges: Ranges
    conditions: tuple[Relation, ...] = ()


class Instance:
    """One concrete world: whole numbers for sizes and index letters, exact rationals for free quantities."""

    def __init__(self, givens: Givens, integers: Mapping[Symbol, int], attempt: int, mode: Mode) -> None:
        self.givens, self.integers, self.attempt, self.mode = givens, integers, attempt, mode
        self.patterns: dict[Symbol, list[Any]] = {}
        self.chosen: dict[Key, Value] = {}
        self.fixed: set[Key] = set()
        self.stated: set[Key] = set()
        self.looked: set[Key] = set()
        """The free quantities that were asked for since this was last emptied."""
        self.is_excluded = False
        """Whether what is given alone excludes these whole numbers, whatever is drawn for the rest."""
        self.spent = 0
        """How many terms were worked out to set quantities."""
        self.is_too_large = False
        """Whether a side had more terms than are worked out."""
        self.pairs: dict[Symbol, tuple[fmpq, fmpq]] = {}
        self.bounds: dict[Key, list[tuple[int, fmpq]]] = {}
        self.opaque: set[str] = set()
        self.fitted: dict[str, fmpq] = {}
        """The coefficients that were set such that a fact about an undefined function holds."""
        self.has_slopes = True
        """Whether derivatives are asked for: what an equation ties to other quantities has none by them of its own."""
        self.rooted: frozenset[Relation] = frozenset()
        """The equations of which a root may be taken, so that a quantity gets a value that nobody drew."""
        self.together: dict[Symbol, Callable[[], None]] = {}
        """What draws all members of a family that a fact ties to each other."""

    def is_settled(self) -> bool:
        """Whether nothing that was looked at was left to chance, so that every other instance would be the same."""
        return not self.integers and self.is_stated()

    def is_stated(self) -> bool:
        """Whether every value that was looked at is given, sizes and index letters left aside."""
        return not self.opaque and self.chosen.keys() <= self.stated

    def rests_on_given(self) -> bool:
        """Whether all that was looked at last is given, whatever else facts needed a number for."""
        return not self.opaque and self.looked <= self.stated

    def draw(self, key: Key) -> Value:
        """The value of a free quantity."""
        self.looked.add(key)
        found = self.chosen.get(key)
        if found is None and key[0] in self.together:
            self.together.pop(key[0])()
            found = self.chosen.get(key)
        if found is None:
            found = self.chosen[key] = self._fresh(key)
        return found

    def _fresh(self, key: Key) -> fmpq:
        if key[0] in self.pairs:
            return _random(self.attempt, key[0].name, key[1]).choice(self.pairs[key[0]])
        low = high = None
        if key in self.bounds:
            low = max((b for side, b in self.bounds[key] if side > 0), default=None)
            high = min((b for side, b in self.bounds[key] if side < 0), default=None)
        if self.mode == "plain":
            fitting = [x for x in PLAIN if (low is None or x > low) and (high is None or x < high)]
            if fitting:
                return _random(self.attempt, key[0].name, key[1]).choice(fitting)
        share, amount, is_negative = _lots(self.attempt, key[0].name, key[1])
        if low is not None and high is not None:
            return low + (high - low) * share
        if low is not None:
            return low + (share if self.mode == "unit" and low == 0 else amount)
        if high is not None:
            return high - amount
        if self.mode == "unit":
            return share
        return -amount if self.mode == "negative" or (self.mode == "signed" and is_negative) else amount

    def coefficient(self, name: str) -> fmpq:
        """A coefficient of the polynomial that stands for an opaque function."""
        self.opaque.add(name.split("[")[0])
        if name in self.fitted:
            return self.fitted[name]
        random = Random(f"{self.attempt} opaque {name}")
        return fmpq(random.choice((-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)), random.choice((1, 2, 3)))

    def text(self) -> dict[str, Any]:
        """The instance as text by name; a family that is free throughout is a list along its ranges."""
        shown: dict[str, Any] = {s.name: str(n) for s, n in sorted(self.integers.items(), key=lambda p: p[0].name)}
        members: dict[Symbol, list[tuple[int, ...]]] = {}
        for label, at in self.chosen:
            members.setdefault(label, []).append(at)
        for label in sorted(members, key=lambda s: s.name):
            shown.update(self._shown(label, sorted(members[label])))
        for name in sorted(self.opaque):
            shown[name] = "a random polynomial of its arguments"
        return shown

    def _shown(self, label: Symbol, keys: list[tuple[int, ...]]) -> dict[str, Any]:
        if keys == [()]:
            return {label.name: _text(self.chosen[label, ()])}
        boxes = [sorted({k[n] for k in keys}) for n in range(len(keys[0]))]
        ranges = self.givens.families.get(label)
        if ranges and len(ranges) == len(boxes):
            runs = [run_at(r, self.givens, self.integers) for r in ranges]
            boxes = [b if run is None else sorted({*b, *run}) for b, run in zip(boxes, runs, strict=True)]
        full = all(b == list(range(1, len(b) + 1)) for b in boxes)
        if full and prod(map(len, boxes)) <= MAX_SHOWN and not self.givens.definitions_of(label):
            return {label.name: self._nested(label, boxes, ())}
        if len(keys) > MAX_SHOWN:
            return {label.name: f"{len(keys)} numbers"}
        return {f"{label.name}_{{{','.join(map(str, k))}}}": _text(self.chosen[label, k]) for k in keys}

    def _nested(self, label: Symbol, boxes: list[list[int]], at: tuple[int, ...]) -> Any:
        if not boxes:
            return _text(self.draw((label, at)))
        return [self._nested(label, boxes[1:], (*at, i)) for i in boxes[0]]


def sign_of_number(term: Expr) -> int | None:
    """The sign of a term without quantities, by a ball; None where that touches zero, or nothing says what it is."""
    instance = Instance(Givens(), {}, 0, "signed")
    with flint.ctx.workprec(PRECISION):
        try:
            value = Evaluation(instance).term(term)
        except NoValueError:
            return None
        if not instance.is_stated():
            return None
        return 1 if value > 0 else -1 if value < 0 else None


def run_at(run: Range, givens: Givens, integers: Mapping[Symbol, int]) -> range | None:
    """The whole numbers of a range where its letters are these; None where an end is none."""
    lo, hi = (_whole(end, givens, integers) for end in (run.lo, run.hi))
    return None if lo is None or hi is None else range(lo, hi + 1)


def _whole(end: Expr, givens: Givens, integers: Mapping[Symbol, int]) -> int | None:
    form = linear(end)
    if form is not None and all(s in integers for s, _ in form[0]):
        return form[1] + sum(c * integers[s] for s, c in form[0])
    try:
        found = Evaluation(Instance(givens, integers, 0, "signed")).term(end)
    except NoValueError:
        return None
    return int(found.p) if isinstance(found, fmpq) and found.q == 1 else None


def _random(attempt: int, name: str, at: tuple[int, ...]) -> Random:
    return Random(f"{attempt} {name} {at}")


@lru_cache(maxsize=16384)
def _lots(attempt: int, name: str, at: tuple[int, ...]) -> tuple[fmpq, fmpq, bool]:
    """What is drawn for a quantity: a share of an interval, an amount, and whether the amount is taken off."""
    random = _random(attempt, name, at)
    q = random.choice((2, 3, 5, 7))
    share = fmpq(random.randint(1, 12), 13)
    return share, fmpq(random.randint(1, 3 * q), q), random.random() < 0.5


def _text(x: Value) -> str:
    # A fraction that nobody would read to its end is shown by its first digits.
    return str(x) if isinstance(x, fmpq) and x.height_bits() <= SHOWN_BITS else f"{as_float(x):.6g}"
