"""Concrete instances of a question: sizes, indices and exact rationals that satisfy all facts and conditions.

The same question gets the same instances: a value is drawn from the name of the quantity and the number of the attempt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from random import Random

import flint
from flint import arb, fmpq
from sympy import Expr, Integer, Symbol

from symdl.judge.balls import Evaluation, Key, NoValueError, Value, base_of
from symdl.judge.linear import Form, gap_of, split_offset
from symdl.judge.repairs import MAX_SPENT, check
from symdl.judge.satisfying import satisfy
from symdl.judge.whole import members_in, runs_in
from symdl.judge.world import MODES, Instance, Mode, Question, run_at
from symdl.language import free_symbols, indices_of, is_index, label_of, subterms
from symdl.language.nodes import Delta
from symdl.problem import Givens, Range, Relation

SIZES = (3, 2, 4, 1, 5, 7, 8, 6)
"""Sizes in the order in which they are tried."""

MAX_MEMBERS = 64
"""At how many values of its index letters a question is answered by exact arithmetic."""

MAX_WASTED = 100_000
"""How many terms are worked out in all for instances of one question that are not found."""

PRECISIONS = (64, 160, 400)
"""Bits at which a comparison is tried before it is left open."""


def instances(
    question: Question,
    wanted: int,
    tries: int = 40,
    sizes: Sequence[int] = SIZES,
    modes: Sequence[Mode] = MODES,
) -> Iterator[Instance]:
    """At most `wanted` instances that satisfy every fact and condition; none where the facts contradict each other."""
    givens = question.givens
    everywhere = _everywhere(question)
    named = sorted((s for s in everywhere if s.is_integer and s.is_positive), key=lambda s: s.name)
    letters, relations = _letters(question, everywhere), _between_integers(question)
    found = 0
    shown, least = {**_shown_sizes(givens), **_told_sizes(question)}, least_sizes(question)
    has_no_sizes = not named and not letters
    is_free = not (givens.values or givens.facts or question.conditions)
    excluded: set[tuple[int, ...]] = set()
    wasted = 0
    for attempt in range(tries):
        is_rare = attempt >= (1 if found else 2) * len(modes) and 2 * found <= len(modes)
        if found >= wanted or (has_no_sizes and is_rare):
            return
        mode = modes[attempt % len(modes)]
        step = 2 if len(sizes) > 2 else 1
        drawn = {s: sizes[(attempt + step * n) % len(sizes)] for n, s in enumerate(named)}
        numbers = {s: shown.get(s, max(n, least.get(s, 1) + attempt % 2)) for s, n in drawn.items()}
        integers = next(_integers(givens, relations, numbers, letters, attempt), None)
        if integers is None or tuple(integers.values()) in excluded:
            continue
        instance = Instance(givens, integers, attempt, mode)
        satisfied = is_free
        if not is_free:
            with flint.ctx.workprec(PRECISIONS[1]):
                satisfied = satisfy(question, instance)
        if satisfied:
            found += 1
            yield instance
            if (has_no_sizes and instance.is_settled()) or (instance.is_too_large and not named):
                # The others are the same, or as large.
                return
        elif instance.is_excluded and has_no_sizes:
            return
        elif instance.is_excluded:
            excluded.add(tuple(integers.values()))
        wasted += 0 if satisfied else instance.spent
        if instance.spent > MAX_SPENT or wasted > MAX_WASTED:
            # Other instances are as large, and as hard to find.
            return


def _shown_sizes(givens: Givens) -> dict[Symbol, int]:
    """The sizes that an array shows of which every entry is stated: two entries and more in that direction."""
    stated: dict[Symbol, set[tuple[int, ...]]] = {}
    for v in givens.values if givens.values and _sized(givens) else ():
        at = indices_of(v.quantity)
        if at and all(i.is_Integer for i in at):
            stated.setdefault(label_of(v.quantity), set()).add(tuple(map(int, at)))
    found: dict[Symbol, int] = {}
    for label, members in stated.items():
        boxes = [sorted(set(axis)) for axis in zip(*members, strict=False)]
        if len(members) != prod(map(len, boxes)):
            continue
        for run, axis in zip(givens.families.get(label, ()), boxes, strict=False):
            is_whole = run.lo == axis[0] and axis == list(range(axis[0], axis[-1] + 1))
            if is_whole and len(axis) > 1 and isinstance(run.hi, Symbol):
                found.setdefault(run.hi, axis[-1])
    return found


def _told_sizes(question: Question) -> dict[Symbol, int]:
    """The sizes of which a condition or a fact says that they are a number."""
    said = [*question.conditions, *(f.relation for f in question.givens.facts if not f.ranges)]
    pairs = (p for r in said if r.sign == "=" for p in ((r.lhs, r.rhs), (r.rhs, r.lhs)))
    return {s: int(n) for s, n in pairs if isinstance(s, Symbol) and s.is_positive and isinstance(n, Integer) and n > 0}


def _sized(givens: Givens) -> set[Symbol]:
    """The families of which a range has no known end."""
    return {label for label, runs in givens.families.items() if not all(isinstance(r.hi, Integer) for r in runs)}


def least_sizes(question: Question, is_defined: bool = False) -> dict[Symbol, int]:
    """The sizes without which a member that is named would not exist: h_3 says that there are three, h_{T-2} two.

    With `is_defined` only what has a definition counts, which would not apply to a member that does not exist.
    """
    givens = question.givens
    found: dict[Symbol, int] = {}
    sized = _sized(givens)
    if is_defined:
        sized = {label for label in sized if givens.definitions_of(label)}
    if not sized:
        return found
    terms = [*question.terms, *(side for c in question.conditions for side in c.sides)]
    terms += [v.quantity for v in givens.values]
    terms += [d.body for d in givens.definitions]
    terms += [side for f in givens.facts for side in f.relation.sides]
    for label, position, at in (named for term in terms for named in _numbered(term) if named[0] in sized):
        runs = givens.families.get(label, ())
        run = runs[position] if position < len(runs) else None
        if run is not None and at > run.lo:
            hi, offset = split_offset(run.hi)
            if isinstance(hi, Symbol):
                found[hi] = max(found.get(hi, 1), at - offset)
    for label, position, size, back in (named for term in question.terms for named in _from_end(term)):
        runs = givens.families.get(label, ()) if label in sized else ()
        if position < len(runs) and isinstance(runs[position].lo, Integer):
            found[size] = max(found.get(size, 1), int(runs[position].lo) + back)
    return found


@lru_cache(maxsize=16384)
def _from_end(term: Expr) -> tuple[tuple[Symbol, int, Symbol, int], ...]:
    """The label, the position, the size and how far it is off of each index in a term that is a size less a number."""
    found: list[tuple[Symbol, int, Symbol, int]] = []
    for t in members_in(term):
        for n, at in enumerate(indices_of(t)):
            size, offset = split_offset(at)
            if offset < 0 and isinstance(size, Symbol) and size.is_positive:
                found.append((label_of(t), n, size, -offset))
    return tuple(found)


@lru_cache(maxsize=16384)
def _numbered(term: Expr) -> tuple[tuple[Symbol, int, int], ...]:
    """The label, the position and the number of each index in a term that is a number."""
    found = [(label_of(t), n, at) for t in members_in(term) for n, at in enumerate(indices_of(t))]
    return tuple((label, n, int(at)) for label, n, at in found if isinstance(at, Integer))


def _everywhere(question: Question) -> frozenset[Symbol]:
    found = set(question.givens.symbols)
    for term in (*question.terms, *(e for c in question.conditions for e in c.sides)):
        found |= free_symbols(term)
    for r in question.ranges.values():
        found |= free_symbols(r.lo) | free_symbols(r.hi)
    return frozenset(found)


def letter_range(letter: Symbol, terms: Iterable[Expr], givens: Givens) -> Range | None:
    """The range of an index letter that nothing declares, from the families in whose indices it stands."""
    for term in terms:
        for t in members_in(term):
            for position, at in enumerate(indices_of(t)):
                run = givens.range_at(t, position)
                if at == letter and run is not None:
                    return run
    return None


def _letters(question: Question, everywhere: frozenset[Symbol]) -> list[tuple[Symbol, Range]]:
    """The free index letters with their ranges, such that a range refers to earlier letters only."""
    givens = question.givens
    runs: dict[Symbol, Range] = dict(question.ranges)
    missing = sorted((s for s in everywhere if is_index(s) and s not in runs), key=lambda s: s.name)
    terms: list[Expr] = []
    sizes: list[Symbol] = []
    if missing:
        terms = [*question.terms, *(d.body for d in givens.definitions)]
        terms += [e for f in givens.facts for e in f.relation.sides]
        sizes = sorted((s for s in everywhere if s.is_integer and s.is_positive), key=lambda s: s.name)
    for letter in missing:
        run = letter_range(letter, terms, givens)
        if run is None:
            deltas = [t for term in terms for t in subterms(term) if isinstance(t, Delta) and letter in t.args]
            run = Range(Integer(1), sizes[0] if sizes else Integer(3)) if deltas or sizes else None
        runs[letter] = run if run is not None else Range(Integer(1), Integer(3))
    ordered: list[tuple[Symbol, Range]] = []
    pending = sorted(runs.items(), key=lambda p: p[0].name)
    if len(pending) < 2:
        return pending
    while pending:
        waiting = {i for i, _ in pending}
        ready = [(i, r) for i, r in pending if not (free_symbols(r.lo) | free_symbols(r.hi)) & (waiting - {i})]
        ordered += ready or pending
        pending = [p for p in pending if p not in ordered]
    return ordered


def _integers(
    givens: Givens,
    relations: Sequence[Relation],
    numbers: dict[Symbol, int],
    letters: Sequence[tuple[Symbol, Range]],
    attempt: int,
) -> Iterator[dict[Symbol, int]]:
    """Sizes and index letters that satisfy all relations between whole numbers."""
    if not letters:
        if not relations or all(check(r, {}, Instance(givens, numbers, 0, "signed")) for r in relations):
            yield numbers
        return
    (letter, run), rest = letters[0], letters[1:]
    inside = run_at(run, givens, numbers)
    for choice in _shuffled(attempt, letter.name, inside.start, inside.stop - 1) if inside is not None else ():
        yield from _integers(givens, relations, {**numbers, letter: choice}, rest, attempt)


def _between_integers(question: Question) -> list[Relation]:
    """The relations between whole numbers that are said of no letter in general."""
    relations = [c for c in question.conditions if _is_whole(c)]
    return relations + [f.relation for f in question.givens.facts if not f.ranges and _is_whole(f.relation)]


@lru_cache(maxsize=4096)
def _shuffled(attempt: int, name: str, lo: int, hi: int) -> tuple[int, ...]:
    """The values of an index letter in the order in which they are tried."""
    choices = list(range(lo, hi + 1))
    Random(f"{attempt} {name}").shuffle(choices)
    return tuple(choices)


def _is_whole(relation: Relation) -> bool:
    symbols = free_symbols(relation.lhs) | free_symbols(relation.rhs)
    return bool(symbols) and all(s.is_integer for s in symbols)


@dataclass(frozen=True)
class Compared:
    """The values of two sides at an instance, and their difference: exact, in a ball without zero, or in a tiny one."""

    left: Value
    right: Value
    gap: Value
    assumes: frozenset[str] = frozenset()

    @property
    def differ(self) -> bool:
        """Whether the difference is known not to be zero."""
        return bool(self.gap != 0) if isinstance(self.gap, fmpq) else not self.gap.contains(0)

    def is_decisive(self, precision: int) -> bool:
        """Whether a ball of this precision is small enough to tell."""
        if isinstance(self.gap, fmpq):
            return True
        is_tiny = self.gap.is_finite() and arb(self.gap.rad()) < arb(2) ** (-precision // 2)
        return bool(is_tiny or (self.gap.is_finite() and not self.gap.contains(0)))

    @property
    def is_exact(self) -> bool:
        """Whether the sides are equal by exact arithmetic."""
        return isinstance(self.gap, fmpq) and bool(self.gap == 0)


def separation(lhs: Expr, rhs: Expr, instance: Instance) -> bool | None:
    """True where balls separate the sides at the instance, False where they agree there, None where a value is missing.

    Fails   never: what cannot be evaluated decides nothing.
    """
    found = compared(lhs, rhs, instance)
    return None if found is None else found.differ


def compared(lhs: Expr, rhs: Expr, instance: Instance) -> Compared | None:
    """The sides at the instance; None where a value is missing or no precision tells whether they differ.

    Fails   never: what cannot be evaluated decides nothing.
    """
    for precision in PRECISIONS:
        with flint.ctx.workprec(precision):
            instance.looked.clear()
            try:
                evaluation = Evaluation(instance)
                left, right = base_of(evaluation.term(lhs)), base_of(evaluation.term(rhs))
            except NoValueError as failure:
                if failure.vague:
                    continue
                instance.is_too_large = evaluation.budget[0] < 0
                return None
            except RecursionError:
                return None
            found = Compared(left, right, left - right, frozenset(evaluation.met))
            if found.is_decisive(precision):
                return None if found.differ and not is_meant((lhs, rhs), instance) else found
    return None


def is_meant(terms: Sequence[Expr], instance: Instance) -> bool:
    """Whether what fails at an instance, as it was last looked at, can be meant there."""
    return are_meant(terms, instance) and _in_ranges(terms, instance)


def _in_ranges(terms: Sequence[Expr], instance: Instance) -> bool:
    """Whether no open letter stands where a family that was drawn from does not live, as t = 0 for y_1, ..., y_T.

    Such a letter runs where all families at its place do, of which its range need not tell.  A member that is named by
    its number, or found at another place than a letter itself, is as the line says.
    """
    letters = {n for s, n in instance.integers.items() if is_index(s)}
    if not letters:
        return True
    found = [k for k in instance.looked - instance.fixed if letters.intersection(k[1])]
    outside = [(k, n) for k in found for n in _beyond(k, instance) if k[1][n] in letters]
    named = {(label, n, at) for term in terms for label, n, at in _numbered(term)} if outside else set()
    return all((label, n, at[n]) in named for (label, at), n in outside)


def _beyond(key: Key, instance: Instance) -> list[int]:
    """The positions at which the index of a member is outside the range of its family."""
    runs = instance.givens.families.get(key[0], ())
    if len(runs) != len(key[1]):
        return []
    inside = [run_at(r, instance.givens, instance.integers) for r in runs]
    if None in inside:
        return []
    return [n for n, (i, run) in enumerate(zip(key[1], inside, strict=True)) if run is not None and i not in run]


def are_meant(terms: Iterable[Expr], instance: Instance) -> bool:
    """Whether no sum or product here ends before the place before its beginning: one from k + 1 to n says k <= n."""
    gaps = (gap_of(hi, lo) for term in terms for lo, hi in runs_in(term))
    return all(_at(gap, instance.integers) >= -1 for gap in gaps if gap is not None)


def _at(form: Form, numbers: Mapping[Symbol, int]) -> int:
    """The value of a linear form; 0 where a symbol has none."""
    inside = all(s in numbers for s, _ in form[0])
    return form[1] + sum(c * numbers[s] for s, c in form[0]) if inside else 0


def throughout(lhs: Expr, rhs: Expr, question: Question) -> bool | Instance:
    """Whether exact arithmetic decides wherever the question is asked, all values in it being given.

    True where the sides are equal everywhere, an instance where they differ, False where it does not decide.  Only
    index letters may vary, over ranges that are known and short.
    """
    givens = question.givens
    everywhere = _everywhere(question)
    letters = _letters(question, everywhere)
    if any(s.is_integer and s.is_positive for s in everywhere) or any(i not in question.ranges for i, _ in letters):
        return False
    count = 0
    for integers in _integers(givens, _between_integers(question), {}, letters, 0):
        count += 1
        instance = Instance(givens, integers, 0, "signed")
        with flint.ctx.workprec(PRECISIONS[1]):
            if count > MAX_MEMBERS or not satisfy(question, instance):
                return False
        found = compared(lhs, rhs, instance)
        if found is None or not instance.rests_on_given():
            return False
        if found.differ:
            return instance
        if not found.is_exact:
            return False
    return count > 0


def value_at(expr: Expr, instance: Instance) -> Value | None:
    """The number, exact or in a ball, that a term is at the instance; None where it has none."""
    with flint.ctx.workprec(PRECISIONS[1]):
        evaluation = Evaluation(instance)
        try:
            found = base_of(evaluation.term(expr))
        except NoValueError:
            instance.is_too_large = evaluation.budget[0] < 0
            return None
        except RecursionError:
            return None
        return found if isinstance(found, fmpq) or found.is_finite() else None


def undefined_side(lhs: Expr, rhs: Expr, instance: Instance) -> str:
    """Which side, left or right, cannot have a value at the instance where the other one has one; else nothing."""
    found: list[bool] = []
    with flint.ctx.workprec(PRECISIONS[1]):
        for side in (lhs, rhs):
            try:
                Evaluation(instance).term(side)
                found.append(False)
            except NoValueError as failure:
                if not failure.undefined:
                    return ""
                found.append(True)
            except RecursionError:
                return ""
    return {(True, False): "left", (False, True): "right"}.get((found[0], found[1]), "")
