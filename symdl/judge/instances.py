"""Concrete instances of a question: sizes, indices and exact rationals that satisfy all facts and conditions.

The same question gets the same instances: a value is drawn from the name of the quantity and the number of the attempt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from random import Random
from typing import Any, Literal

import flint
from flint import arb, fmpq
from sympy import Expr, Indexed, Integer, Symbol

from symdl.judge.balls import Evaluation, Jet, Key, NoValueError, Value
from symdl.language import free_symbols, indices_of, is_index, label_of, subterms
from symdl.language.nodes import Delta, Opaque
from symdl.problem import Givens, Range, Ranges, Relation

SIZES = (3, 2, 4, 1, 5, 7, 8, 6)
"""Sizes in the order in which they are tried."""

PRECISIONS = (64, 160, 400)
"""Bits at which a comparison is tried before it is left open."""

Mode = Literal["signed", "unit", "negative", "positive", "plain"]
MODES: tuple[Mode, ...] = ("signed", "unit", "negative", "signed", "positive")
"""How free quantities without a stated bound are drawn, by attempt: facts left unsaid (0 < a < 1) are met by one."""

PLAIN = tuple(fmpq(p, q) for p, q in ((1, 2), (2, 1), (-1, 2), (3, 10), (3, 2), (-2, 1), (1, 5), (-1, 1)))
"""Numbers that read easily, drawn in the mode `plain`; 1 is none of them, because it hides factors and powers."""


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
        self.chosen: dict[Key, Value] = {}
        self.fixed: set[Key] = set()
        self.bounds: dict[Key, list[tuple[int, fmpq]]] = {}
        self.opaque: set[str] = set()

    def draw(self, key: Key) -> Value:
        """The value of a free quantity."""
        found = self.chosen.get(key)
        if found is None:
            found = self.chosen[key] = self._fresh(key)
        return found

    def _fresh(self, key: Key) -> fmpq:
        random = Random(f"{self.attempt} {key[0].name} {key[1]}")
        low = max((b for side, b in self.bounds.get(key, ()) if side > 0), default=None)
        high = min((b for side, b in self.bounds.get(key, ()) if side < 0), default=None)
        if self.mode == "plain":
            fitting = [x for x in PLAIN if (low is None or x > low) and (high is None or x < high)]
            if fitting:
                return random.choice(fitting)
        q = random.choice((2, 3, 5, 7))
        share = fmpq(random.randint(1, 12), 13)
        if low is not None and high is not None:
            return low + (high - low) * share
        if low is not None:
            return low + (share if self.mode == "unit" and low == 0 else fmpq(random.randint(1, 3 * q), q))
        if high is not None:
            return high - fmpq(random.randint(1, 3 * q), q)
        if self.mode == "unit":
            return share
        n = fmpq(random.randint(1, 3 * q), q)
        return -n if self.mode == "negative" or (self.mode == "signed" and random.random() < 0.5) else n

    def coefficient(self, name: str) -> fmpq:
        """A coefficient of the polynomial that stands for an opaque function."""
        self.opaque.add(name.split("[")[0])
        random = Random(f"{self.attempt} opaque {name}")
        return fmpq(random.choice((-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)), random.choice((1, 2, 3)))

    def text(self) -> dict[str, Any]:
        """The instance as text by name; a family that is free throughout is a list along its ranges."""
        shown: dict[str, Any] = {s.name: str(n) for s, n in sorted(self.integers.items(), key=lambda p: p[0].name)}
        for label in sorted({k[0] for k in self.chosen}, key=lambda s: s.name):
            keys = sorted(k[1] for k in self.chosen if k[0] == label)
            shown.update(self._shown(label, keys))
        for name in sorted(self.opaque):
            shown[name] = "a random polynomial of its arguments"
        return shown

    def _shown(self, label: Symbol, keys: list[tuple[int, ...]]) -> dict[str, Any]:
        if keys == [()]:
            return {label.name: _text(self.chosen[label, ()])}
        boxes = [sorted({k[n] for k in keys}) for n in range(len(keys[0]))]
        ranges = self.givens.families.get(label)
        if ranges and len(ranges) == len(boxes):
            evaluation = Evaluation(self)
            try:
                ends = [(int(evaluation.term(r.lo).p), int(evaluation.term(r.hi).p)) for r in ranges]
                boxes = [sorted({*b, *range(lo, hi + 1)}) for b, (lo, hi) in zip(boxes, ends, strict=True)]
            except (NoValueError, AttributeError):
                pass
        full = all(b == list(range(1, len(b) + 1)) for b in boxes)
        if full and len(list(product(*boxes))) <= 400 and not self.givens.definitions_of(label):
            return {label.name: self._nested(label, boxes, ())}
        return {f"{label.name}_{{{','.join(map(str, k))}}}": _text(self.chosen[label, k]) for k in keys}

    def _nested(self, label: Symbol, boxes: list[list[int]], at: tuple[int, ...]) -> Any:
        if not boxes:
            return _text(self.draw((label, at)))
        return [self._nested(label, boxes[1:], (*at, i)) for i in boxes[0]]


def _text(x: Value) -> str:
    return str(x)


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
    letters = _letters(question, everywhere)
    found = 0
    for attempt in range(tries):
        if found >= wanted:
            return
        mode = modes[attempt % len(modes)]
        step = 2 if len(sizes) > 2 else 1
        numbers = {s: sizes[(attempt + step * n) % len(sizes)] for n, s in enumerate(named)}
        integers = _integers(question, givens, numbers, letters, attempt)
        if integers is None:
            continue
        instance = Instance(givens, integers, attempt, mode)
        with flint.ctx.workprec(PRECISIONS[1]):
            satisfied = _satisfy(question, instance)
        if satisfied:
            found += 1
            yield instance


def _everywhere(question: Question) -> frozenset[Symbol]:
    givens = question.givens
    found: set[Symbol] = set()
    for term in (*question.terms, *(e for c in question.conditions for e in (c.lhs, c.rhs))):
        found |= free_symbols(term)
    for r in question.ranges.values():
        found |= free_symbols(r.lo) | free_symbols(r.hi)
    for d in givens.definitions:
        local = {p for p in d.pattern if is_index(p)}
        found |= free_symbols(d.body) - local
        for r in d.ranges.values():
            found |= free_symbols(r.lo) | free_symbols(r.hi)
    for f in givens.facts:
        found |= (free_symbols(f.relation.lhs) | free_symbols(f.relation.rhs)) - set(f.ranges)
    for ranges in givens.families.values():
        for r in ranges:
            found |= free_symbols(r.lo) | free_symbols(r.hi)
    return frozenset(found)


def letter_range(letter: Symbol, terms: Iterable[Expr], givens: Givens) -> Range | None:
    """The range of an index letter that nothing declares, from the families in whose indices it stands."""
    for term in terms:
        for t in subterms(term):
            if isinstance(t, Indexed):
                for position, at in enumerate(indices_of(t)):
                    run = givens.range_at(t, position)
                    if at == letter and run is not None:
                        return run
    return None


def _letters(question: Question, everywhere: frozenset[Symbol]) -> list[tuple[Symbol, Range]]:
    """The free index letters with their ranges, such that a range refers to earlier letters only."""
    givens = question.givens
    terms = [*question.terms, *(d.body for d in givens.definitions)]
    terms += [e for f in givens.facts for e in (f.relation.lhs, f.relation.rhs)]
    runs: dict[Symbol, Range] = dict(question.ranges)
    sizes = sorted((s for s in everywhere if s.is_integer and s.is_positive), key=lambda s: s.name)
    for letter in sorted((s for s in everywhere if is_index(s) and s not in runs), key=lambda s: s.name):
        run = letter_range(letter, terms, givens)
        if run is None:
            deltas = [t for term in terms for t in subterms(term) if isinstance(t, Delta) and letter in t.args]
            run = Range(Integer(1), sizes[0] if sizes else Integer(3)) if deltas or sizes else None
        runs[letter] = run if run is not None else Range(Integer(1), Integer(3))
    ordered: list[tuple[Symbol, Range]] = []
    pending = sorted(runs.items(), key=lambda p: p[0].name)
    while pending:
        waiting = {i for i, _ in pending}
        ready = [(i, r) for i, r in pending if not (free_symbols(r.lo) | free_symbols(r.hi)) & (waiting - {i})]
        ordered += ready or pending
        pending = [p for p in pending if p not in ordered]
    return ordered


def _integers(
    question: Question,
    givens: Givens,
    sizes: dict[Symbol, int],
    letters: list[tuple[Symbol, Range]],
    attempt: int,
) -> dict[Symbol, int] | None:
    """Sizes and index letters that satisfy all relations between whole numbers; None where there are none."""
    relations = [c for c in question.conditions if _is_whole(c)]
    relations += [f.relation for f in givens.facts if _is_whole(f.relation) and not f.ranges]

    def extended(n: int, numbers: dict[Symbol, int]) -> Iterator[dict[Symbol, int]]:
        if n == len(letters):
            if all(_holds_whole(r, Instance(givens, numbers, 0, "signed")) for r in relations):
                yield numbers
            return
        letter, run = letters[n]
        evaluation = Evaluation(Instance(givens, numbers, 0, "signed"))
        try:
            lo, hi = evaluation.term(run.lo), evaluation.term(run.hi)
        except NoValueError:
            return
        if not all(isinstance(end, fmpq) and end.q == 1 for end in (lo, hi)):
            return
        choices = list(range(int(lo.p), int(hi.p) + 1))
        Random(f"{attempt} {letter.name}").shuffle(choices)
        for choice in choices:
            yield from extended(n + 1, {**numbers, letter: choice})

    return next(islice(extended(0, sizes), 1), None)


def _is_whole(relation: Relation) -> bool:
    symbols = free_symbols(relation.lhs) | free_symbols(relation.rhs)
    return bool(symbols) and all(s.is_integer for s in symbols)


def _holds_whole(relation: Relation, instance: Instance) -> bool:
    try:
        return holds(relation, Evaluation(instance), {}) is not False
    except NoValueError:
        return False


def holds(relation: Relation, evaluation: Evaluation, scope: Mapping[Symbol, Any]) -> bool | None:
    """Whether the relation holds; None where the balls do not tell.

    Fails   with `NoValueError` where a side has no value.
    """
    gap = evaluation.term(relation.lhs, scope) - evaluation.term(relation.rhs, scope)
    gap = gap.base if isinstance(gap, Jet) else gap
    exact = isinstance(gap, fmpq)
    if relation.sign in ("=", "~"):
        return bool(gap == 0) if exact else (None if gap.contains(0) else False)
    if relation.sign == "!=":
        return bool(gap != 0) if exact else (None if gap.contains(0) else True)
    if relation.sign in ("<", "<="):
        gap = -gap
    if gap > 0:
        return True
    if gap < 0:
        return False
    if exact:
        return relation.sign in (">=", "<=")
    return None


def _satisfy(question: Question, instance: Instance) -> bool:
    """Whether the free quantities could be set such that every fact and condition holds."""
    givens = instance.givens
    evaluation = Evaluation(instance)
    for value in givens.values:
        try:
            key = evaluation._key(value.quantity, {}, ())
            instance.chosen[key] = evaluation.term(value.number)
            instance.fixed.add(key)
        except NoValueError:
            return False
    ground = list(_ground(question, instance))
    for relation, scope in ground:
        _note_bound(relation, scope, instance)
    for _ in range(3):
        settled = True
        for relation, scope in sorted(ground, key=lambda g: g[0].sign not in ("=", "~")):
            if not _check(relation, scope, instance):
                settled = False
                if not _repair(relation, scope, instance):
                    return False
        if settled:
            return True
    return all(_check(relation, scope, instance) for relation, scope in ground)


def _ground(question: Question, instance: Instance) -> Iterator[tuple[Relation, dict[Symbol, Any]]]:
    for condition in question.conditions:
        yield condition, {}
    for fact in question.givens.facts:
        letters = list(fact.ranges.items())
        for scope in islice(_scopes(letters, {}, instance), 800):
            yield fact.relation, scope


def _scopes(
    letters: Sequence[tuple[Symbol, Range]], scope: dict[Symbol, Any], instance: Instance
) -> Iterator[dict[Symbol, Any]]:
    if not letters:
        yield scope
        return
    (letter, run), rest = letters[0], letters[1:]
    evaluation = Evaluation(instance)
    try:
        lo, hi = evaluation.term(run.lo, scope), evaluation.term(run.hi, scope)
    except NoValueError:
        return
    for n in range(int(lo.p), int(hi.p) + 1):
        yield from _scopes(rest, {**scope, letter: n}, instance)


def _is_free(quantity: Expr, givens: Givens) -> bool:
    if isinstance(quantity, Indexed) or (isinstance(quantity, Symbol) and not quantity.is_integer):
        return not givens.definitions_of(label_of(quantity))
    return False


def _note_bound(relation: Relation, scope: dict[Symbol, Any], instance: Instance) -> None:
    """Remember a bound on one free quantity by a constant, so that its draw respects it."""
    for one, other, side in ((relation.lhs, relation.rhs, 1), (relation.rhs, relation.lhs, -1)):
        if relation.sign not in (">", ">=", "<", "<=") or not _is_free(one, instance.givens):
            continue
        if not all(s.is_integer for s in free_symbols(other)):
            continue
        try:
            evaluation = Evaluation(instance)
            bound, key = evaluation.term(other, scope), evaluation._key(one, scope, ())
        except NoValueError:
            continue
        if isinstance(bound, fmpq):
            instance.bounds.setdefault(key, []).append((side if relation.sign[0] == ">" else -side, bound))


def _check(relation: Relation, scope: dict[Symbol, Any], instance: Instance) -> bool:
    try:
        return holds(relation, Evaluation(instance), scope) is not False
    except NoValueError:
        return False


def _repair(relation: Relation, scope: dict[Symbol, Any], instance: Instance) -> bool:
    """Change one quantity, or scale one family, such that the relation holds."""
    givens = instance.givens
    for one, other in ((relation.lhs, relation.rhs), (relation.rhs, relation.lhs)):
        if not _is_free(one, givens):
            continue
        try:
            evaluation = Evaluation(instance)
            key, target = evaluation._key(one, scope, ()), evaluation.term(other, scope)
        except NoValueError:
            continue
        if key in instance.fixed or isinstance(target, Jet):
            continue
        if relation.sign in ("=", "~"):
            instance.chosen[key] = target
            instance.fixed.add(key)
            return _check(relation, scope, instance)
        above = (relation.sign[0] == ">") == (one is relation.lhs)
        step = fmpq(Random(f"{instance.attempt} {key[0].name} {key[1]} repair").randint(1, 9), 4)
        if isinstance(target, fmpq):
            instance.chosen[key] = target + step if above or relation.sign == "!=" else target - step
            return True
    if relation.sign not in ("=", "~"):
        return False
    keys = _movable(relation, scope, instance)
    labels = sorted({k[0] for k in keys}, key=lambda s: s.name)
    for label in labels:
        members = [k for k in keys if k[0] == label]
        bounded = all(any(side > 0 and b == 0 for side, b in instance.bounds.get(k, ())) for k in members)
        if bounded and len(members) > 1 and _scale(relation, scope, instance, members):
            return True
    return any(_solve(relation, scope, instance, key) for key in reversed(keys))


def _movable(relation: Relation, scope: dict[Symbol, Any], instance: Instance) -> list[Key]:
    """The free quantities, not yet fixed, on which the relation depends here."""
    probe = Instance(instance.givens, instance.integers, instance.attempt, instance.mode)
    seen: list[Key] = []

    class Recorder(Instance):
        def draw(self, key: Key) -> Value:
            if key not in seen:
                seen.append(key)
            return instance.draw(key)

    recorder = Recorder(probe.givens, probe.integers, probe.attempt, probe.mode)
    try:
        evaluation = Evaluation(recorder)
        evaluation.term(relation.lhs, scope)
        evaluation.term(relation.rhs, scope)
    except NoValueError:
        return []
    return sorted((k for k in seen if k not in instance.fixed), key=lambda k: (k[0].name, k[1]))


def _gap(relation: Relation, scope: dict[Symbol, Any], instance: Instance) -> Value:
    evaluation = Evaluation(instance)
    return evaluation.term(relation.lhs, scope) - evaluation.term(relation.rhs, scope)


def _root(points: list[Value]) -> fmpq | None:
    """The zero of the line through the values at 0, 1 and 2; None where they lie on no line or it has no zero."""
    if not all(isinstance(p, fmpq) for p in points):
        return None
    at0, at1, at2 = points
    slope = at1 - at0
    if slope == 0 or at2 - at1 != slope:
        return None
    return -at0 / slope


def _solve(relation: Relation, scope: dict[Symbol, Any], instance: Instance, key: Key) -> bool:
    before = instance.draw(key)
    points: list[Value] = []
    try:
        for x in (0, 1, 2):
            instance.chosen[key] = fmpq(x)
            points.append(_gap(relation, scope, instance))
        root = _root(points)
    except NoValueError:
        root = None
    if root is None or not all((root - b) * side >= 0 for side, b in instance.bounds.get(key, ())):
        instance.chosen[key] = before
        return False
    instance.chosen[key] = root
    instance.fixed.add(key)
    return True


def _scale(relation: Relation, scope: dict[Symbol, Any], instance: Instance, members: list[Key]) -> bool:
    before = {k: instance.draw(k) for k in members}
    points: list[Value] = []
    try:
        for x in (0, 1, 2):
            instance.chosen.update({k: v * x for k, v in before.items()})
            points.append(_gap(relation, scope, instance))
        root = _root(points)
    except NoValueError:
        root = None
    scaled = {k: v * root for k, v in before.items()} if root is not None else before
    inside = root is not None and root > 0
    for k, v in scaled.items():
        inside = inside and all((v - b) * side >= 0 for side, b in instance.bounds.get(k, ()))
    if not inside:
        instance.chosen.update(before)
        return False
    instance.chosen.update(scaled)
    instance.fixed.update(members)
    return True


def separation(lhs: Expr, rhs: Expr, instance: Instance) -> bool | None:
    """True where balls separate the sides at the instance, False where they agree there, None where a value is missing.

    Fails   never: what cannot be evaluated decides nothing.
    """
    for precision in PRECISIONS:
        with flint.ctx.workprec(precision):
            try:
                evaluation = Evaluation(instance)
                gap = evaluation.term(lhs) - evaluation.term(rhs)
            except NoValueError as failure:
                if failure.vague:
                    continue
                return None
            except RecursionError:
                return None
            gap = gap.base if isinstance(gap, Jet) else gap
            if isinstance(gap, fmpq):
                return bool(gap != 0)
            if not gap.is_finite():
                continue
            if not gap.contains(0):
                return True
            if arb(gap.rad()) < arb(2) ** (-precision // 2):
                return False
    return None


def mentions_opaque(givens: Givens) -> bool:
    """Whether some quantity of the problem is given by its dependence only."""
    return any(isinstance(d.body, Opaque) for d in givens.definitions)
