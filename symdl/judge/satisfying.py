"""Sets the free quantities of an instance such that every fact and condition holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from random import Random
from typing import Any

from flint import fmpq, fmpq_mat
from sympy import Expr, Indexed, Integer, Rational, Symbol, exp, log

from symdl.judge.balls import BUDGET, Evaluation, Jet, Key, NoValueError, Value, base_of
from symdl.judge.frames import set_frames
from symdl.judge.jets import elementary
from symdl.judge.jets import power as raised
from symdl.judge.programs import MAX_UNKNOWN
from symdl.judge.roots import root
from symdl.judge.world import Instance, Question
from symdl.language import (
    Applied,
    D,
    DPlus,
    as_fmpq,
    free_symbols,
    is_closed,
    kinds,
    label_of,
    put,
    quantities,
    subterms,
)
from symdl.problem import Fact, Givens, Range, Relation

Ground = tuple[Relation, dict[Symbol, Any]]
"""A relation, with numbers for its letters."""

MAX_TOGETHER = 40
"""How many equations are solved together."""

TOGETHER_TRIES = 2
"""At how many instances this is tried."""

ROOT_TRIES, MAX_ROOTED = 3, 3
"""At how many instances, and in how many quantities, the root of an equation is looked for."""

MAX_SPENT = 300_000
"""How many terms are worked out in all to set the quantities of one instance."""

MAX_ARRANGED = 24
"""How many ways to set a family of members with two values are tried."""

STRETCHES = tuple(fmpq(p, q) for p, q in ((1, 2), (1, 4), (1, 8), (1, 32), (2, 1), (4, 1), (16, 1)))
"""The factors by which quantities are made smaller or larger together."""

MAX_BITS = 256
"""How long a number may be that is put for a quantity: longer ones come of equations that undo each other in turn."""

INVERSES: tuple[Callable[[Value], Value], ...] = (
    lambda v: elementary(log, v),
    lambda v: elementary(log, v / (1 - v)),
    lambda v: elementary(log, (1 + v) / (1 - v)) / 2,
    lambda v: elementary(exp, v),
)
"""What the argument is where the value of an exponential or softmax, a sigmoid, a tanh or a logarithm is v."""

LEGS = tuple(fmpq(p, q) for p, q in ((3, 5), (-5, 13), (4, 5), (-8, 17)))
"""Numbers with a rational root of 1 - x²."""


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


def satisfy(question: Question, instance: Instance) -> bool:
    """Whether the free quantities could be set such that every fact and condition holds."""
    givens = instance.givens
    if not (givens.values or givens.facts or question.conditions):
        return True
    evaluation = Evaluation(instance)
    for value in givens.values:
        try:
            key = evaluation._key(value.quantity, {}, ())
            instance.chosen[key] = evaluation.term(value.number)
            instance.fixed.add(key)
            instance.stated.add(key)
        except NoValueError:
            return False
    instance.pairs = _pairs(givens)
    if not any(D in kinds(term) or DPlus in kinds(term) for term in _asked(question)):
        # What an equation ties to other quantities has no derivative by them of its own.
        instance.rooted = frozenset(question.conditions)
    facts = set_frames(givens, instance)
    if facts is None:
        return False
    ground = list(_ground(question, facts, instance))
    for relation, scope in ground:
        _note_bound(relation, scope, instance, evaluation)
    fixed, tied = set(instance.fixed), set(instance.together)
    if _repaired(ground, instance, evaluation):
        return True
    instance.fixed = {k for k in instance.fixed if k in fixed or k[0] in tied}
    if _inverted(ground, instance) and _repaired(ground, instance, evaluation):
        return True
    if instance.attempt >= TOGETHER_TRIES:
        return False
    return _solved_together(ground, instance) and all(_check(relation, scope, instance) for relation, scope in ground)


def _inverted(ground: Sequence[Ground], instance: Instance) -> bool:
    """Whether quantities could be set such that functions of them have given values: logits of a known softmax.

    As many values as there are free quantities, in their order, are each taken through one elementary function.
    """
    groups: dict[tuple[Key, ...], list[tuple[Ground, Value]]] = {}
    for relation, scope in ground:
        if relation.sign == "=" and relation.rhs.is_Rational and not _check(relation, scope, instance):
            keys = tuple(_movable(relation, scope, instance))
            number = as_fmpq(relation.rhs)
            groups.setdefault(keys, []).append(((relation, scope), number))
    found = False
    for keys, said in groups.items():
        if len(keys) != len(said):
            continue
        before = {k: instance.draw(k) for k in keys}
        for inverse in INVERSES:
            try:
                instance.chosen.update({k: inverse(v) for k, (_, v) in zip(keys, said, strict=True)})
            except (NoValueError, ArithmeticError):
                continue
            if all(_check(*g, instance) for g, _ in said):
                instance.fixed.update(keys)
                found = True
                break
        else:
            instance.chosen.update(before)
    return found


def _asked(question: Question) -> Iterator[Expr]:
    """The terms that are asked about, and those by which they are defined."""
    yield from question.terms
    yield from (d.body for d in question.givens.definitions)


def _repaired(ground: Sequence[Ground], instance: Instance, evaluation: Evaluation) -> bool:
    """Whether one relation after another could be made to hold without spoiling those before it."""
    uses: Counter[Key] | None = None
    ordered = sorted(ground, key=lambda g: g[0].sign not in ("=", "~"))
    for _ in range(3):
        settled = True
        now = Evaluation(instance)
        for relation, scope in ordered:
            now.budget[0] = BUDGET
            if not _check(relation, scope, instance, now):
                settled = False
                uses = _uses(ground, evaluation) if uses is None else uses
                if not _repair(relation, scope, instance, uses):
                    return False
                # What was evaluated before rests on values that are now others.
                now = Evaluation(instance)
        if settled:
            return True
    return all(_check(relation, scope, instance) for relation, scope in ground)


def _solved_together(ground: Sequence[Ground], instance: Instance) -> bool:
    """Whether the equations, in blocks of those about the same few quantities, have a common solution.

    A block is taken for a system of linear equations in the quantities that no block before it has fixed.
    """
    equations = [(r, scope) for r, scope in ground if r.sign in ("=", "~")]
    if not 2 <= len(equations) <= MAX_TOGETHER:
        return False
    pending = [(g, frozenset(_movable(*g, instance))) for g in equations]
    while pending := [(g, keys - instance.fixed) for g, keys in pending if keys - instance.fixed]:
        least = min(
            (keys for _, keys in pending), key=lambda keys: (len(keys), sorted((k[0].name, k[1]) for k in keys))
        )
        block = [g for g, keys in pending if keys <= least]
        ordered = sorted(least, key=_by_name)
        # Equations in several families, such as X'Xw = X'y, may be linear in the members of one of them.
        families = [[k for k in ordered if k[0] == label] for label in dict.fromkeys(k[0] for k in ordered)]
        if not any(_solve_block(block, keys, instance) for keys in (ordered, *families)):
            return False
    return True


def _by_name(key: Key) -> tuple[str, tuple[int, ...]]:
    return key[0].name, key[1]


def _solve_block(equations: Sequence[Ground], keys: Sequence[Key], instance: Instance) -> bool:
    """Whether equations that are linear in these quantities have a solution, which is then set."""
    before = {k: instance.draw(k) for k in keys}
    columns: list[list[Value]] = []
    try:
        gaps = [_gap(r, scope, instance) for r, scope in equations]
        for k in keys:
            instance.chosen[k] = before[k] + 1
            columns.append([_gap(r, scope, instance) for r, scope in equations])
            instance.chosen[k] = before[k]
    except NoValueError:
        columns = []
    instance.chosen.update(before)
    if len(columns) < len(keys) or not all(isinstance(x, fmpq) for column in (gaps, *columns) for x in column):
        return False
    reduced, rank = fmpq_mat([[*(c[n] - gap for c in columns), -gap] for n, gap in enumerate(gaps)]).rref()
    for n in range(rank):
        lead = next(m for m in range(len(keys) + 1) if reduced[n, m] != 0)
        if lead == len(keys):
            instance.chosen.update(before)
            return False
        # Quantities that the equations leave open keep what was drawn for them.
        instance.chosen[keys[lead]] = before[keys[lead]] + reduced[n, len(keys)]
    if not all(_check(relation, scope, instance) for relation, scope in equations):
        instance.chosen.update(before)
        return False
    instance.fixed.update(keys)
    return True


def _pairs(givens: Givens) -> dict[Symbol, tuple[fmpq, fmpq]]:
    """The families of which each member takes one of two values: a fact says so by a square, as in y_i² = y_i."""
    found: dict[Symbol, tuple[fmpq, fmpq]] = {}
    for fact in givens.facts:
        inside = quantities(fact.relation.lhs) | quantities(fact.relation.rhs)
        if fact.relation.sign != "=" or len(inside) != 1:
            continue
        (quantity,) = inside
        if not _is_free(quantity, givens) or not is_closed(quantity):
            continue
        c, b, a = ([*_coefficients(fact.relation.lhs - fact.relation.rhs, quantity), 0, 0, 0])[:3]
        if not all(isinstance(x, (int, Rational)) for x in (a, b, c)) or not a:
            continue
        root = (b * b - 4 * a * c) ** Rational(1, 2)
        if isinstance(root, Rational) and root:
            ends = [(-b - root) / (2 * a), (-b + root) / (2 * a)]
            low, high = (as_fmpq(e) for e in ends)
            found[label_of(quantity)] = (low, high)
    return found


def _coefficients(gap: Expr, quantity: Expr) -> list[Any]:
    """The coefficients of a polynomial of degree two at most in one quantity; none where it is nothing such."""
    at = [put(gap, {quantity: Integer(n)}) for n in range(4)]
    if not all(isinstance(x, Rational) for x in at):
        return []
    first, second = at[1] - at[0], at[2] - 2 * at[1] + at[0]
    if at[3] - 3 * at[2] + 3 * at[1] - at[0] != 0:
        return []
    return [at[0], first - second / 2, second / 2]


def _arranged(relation: Relation, scope: dict[Symbol, Any], instance: Instance, keys: list[Key]) -> bool:
    """Whether members with two values could be set such that the relation holds: as a unit vector, or at random."""
    for label in sorted({k[0] for k in keys if k[0] in instance.pairs}, key=lambda s: s.name):
        low, high = instance.pairs[label]
        members = [k for k in keys if k[0] == label]
        before = {k: instance.draw(k) for k in members}
        random = Random(f"{instance.attempt} {label.name} arranged")
        choices = [[high if k == one else low for k in members] for one in random.sample(members, len(members))]
        choices += [[random.choice((low, high)) for _ in members] for _ in range(MAX_ARRANGED)]
        for values in choices:
            instance.chosen.update(zip(members, values, strict=True))
            if _check(relation, scope, instance):
                instance.fixed.update(members)
                return True
        instance.chosen.update(before)
    return False


def _ground(question: Question, facts: Sequence[Fact], instance: Instance) -> Iterator[Ground]:
    for condition in question.conditions:
        yield condition, {}
    for fact in facts:
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


def _note_bound(relation: Relation, scope: dict[Symbol, Any], instance: Instance, evaluation: Evaluation) -> None:
    """Remember a bound on one free quantity by a constant, so that its draw respects it."""
    if relation.sign not in (">", ">=", "<", "<="):
        return
    for one, other, side in ((relation.lhs, relation.rhs, 1), (relation.rhs, relation.lhs, -1)):
        if not _is_free(one, instance.givens):
            continue
        if not all(s.is_integer for s in free_symbols(other)):
            continue
        try:
            bound, key = evaluation.term(other, scope), evaluation._key(one, scope, ())
        except NoValueError:
            continue
        if isinstance(bound, fmpq):
            instance.bounds.setdefault(key, []).append((side if relation.sign[0] == ">" else -side, bound))


def _check(
    relation: Relation, scope: dict[Symbol, Any], instance: Instance, evaluation: Evaluation | None = None
) -> bool:
    try:
        return holds(relation, evaluation or Evaluation(instance), scope) is not False
    except NoValueError:
        return False


def _uses(ground: Sequence[Ground], evaluation: Evaluation) -> Counter[Key]:
    """In how many of the equations each quantity stands."""
    found: Counter[Key] = Counter()
    for relation, scope in ground:
        if relation.sign in ("=", "~"):
            inside = quantities(relation.lhs) | quantities(relation.rhs)
            try:
                found.update({evaluation._key(q, scope, ()) for q in inside if is_closed(q)})
            except NoValueError:
                continue
    return found


def _repair(relation: Relation, scope: dict[Symbol, Any], instance: Instance, uses: Counter[Key]) -> bool:
    """Change one quantity, or scale one family, such that the relation holds.

    A quantity of which few equations speak is changed rather than one of which many do.
    """
    givens = instance.givens
    if Applied in kinds(relation.lhs) | kinds(relation.rhs) and _fitted(relation, scope, instance):
        return True
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
            before = instance.draw(key)
            instance.chosen[key] = target
            if _check(relation, scope, instance):
                instance.fixed.add(key)
                return True
            # The other side speaks of it, too, or a bound is in the way.
            instance.chosen[key] = before
            continue
        above = (relation.sign[0] == ">") == (one is relation.lhs)
        step = fmpq(Random(f"{instance.attempt} {key[0].name} {key[1]} repair").randint(1, 9), 4)
        if isinstance(target, fmpq):
            instance.chosen[key] = target + step if above or relation.sign == "!=" else target - step
            return True
    keys = _movable(relation, scope, instance)
    if relation.sign not in ("=", "~"):
        return _stretched(relation, scope, instance, keys)
    if _arranged(relation, scope, instance, keys):
        return True
    keys = [k for k in keys if k[0] not in instance.pairs]
    labels = sorted({k[0] for k in keys}, key=lambda s: s.name)
    for label in labels:
        members = [k for k in keys if k[0] == label]
        bounded = all(any(side > 0 and b == 0 for side, b in instance.bounds.get(k, ())) for k in members)
        if bounded and len(members) > 1 and _scale(relation, scope, instance, members):
            return True
    ordered = sorted(keys, key=lambda k: (uses[k], -keys.index(k)))
    if any(_solve(relation, scope, instance, key) for key in ordered):
        return True
    vectors = [[k for k in keys if k[0] == label] for label in labels]
    if any(len(members) > 1 and _scale(relation, scope, instance, members) for members in vectors):
        return True
    tried = ordered[:MAX_ROOTED] if relation in instance.rooted and instance.attempt < ROOT_TRIES else ()
    return any(_rooted(relation, scope, instance, key) for key in tried)


def _fitted(relation: Relation, scope: dict[Symbol, Any], instance: Instance) -> bool:
    """Whether a coefficient of an undefined function that no other fact has set could be set so that a fact holds."""
    wanted = {"=": 0, "~": 0, "!=": 1}.get(relation.sign, 1 if relation.sign[0] == ">" else -1)
    found = (t for side in (relation.lhs, relation.rhs) for t in subterms(side) if isinstance(t, Applied))
    for t in dict.fromkeys(found):
        for k in range(t.order, MAX_UNKNOWN + 1):
            name = f"{t.label.name}[]{k}"
            if name in instance.fitted:
                continue
            points: list[Value] = []
            try:
                for x in (0, 1, 2):
                    instance.fitted[name] = fmpq(x)
                    points.append(_gap(relation, scope, instance) - wanted)
                root = _root(points)
            except NoValueError:
                root = None
            if isinstance(root, fmpq):
                instance.fitted[name] = root
                if _check(relation, scope, instance):
                    return True
            del instance.fitted[name]
    return False


class _Recorder:
    """An instance that remembers which free quantities it was asked for."""

    def __init__(self, instance: Instance) -> None:
        self.instance, self.givens, self.integers = instance, instance.givens, instance.integers
        self.seen: set[Key] = set()

    def draw(self, key: Key) -> Value:
        self.seen.add(key)
        return self.instance.draw(key)

    def coefficient(self, name: str) -> Any:
        return self.instance.coefficient(name)

    def is_stated(self) -> bool:
        return self.instance.is_stated()


def _movable(relation: Relation, scope: dict[Symbol, Any], instance: Instance) -> list[Key]:
    """The free quantities, not yet fixed, on which the relation depends here."""
    recorder = _Recorder(instance)
    try:
        evaluation = Evaluation(recorder)
        evaluation.term(relation.lhs, scope)
        evaluation.term(relation.rhs, scope)
    except NoValueError:
        return []
    return sorted((k for k in recorder.seen if k not in instance.fixed), key=_by_name)


def _gap(relation: Relation, scope: dict[Symbol, Any], instance: Instance) -> Value:
    if instance.spent > MAX_SPENT:
        raise NoValueError("too much was looked at to satisfy the facts")
    evaluation = Evaluation(instance)
    try:
        return evaluation.term(relation.lhs, scope) - evaluation.term(relation.rhs, scope)
    finally:
        instance.spent += BUDGET - evaluation.budget[0]


def _root(points: list[Value]) -> Value | None:
    """The zero of the line through the values at 0, 1 and 2; None where they lie on no line or it has no short zero."""
    if any(isinstance(p, Jet) for p in points):
        return None
    at0, at1, at2 = points
    slope = at1 - at0
    if _may_be_zero(slope) or not _may_be_zero(at2 - at1 - slope):
        return None
    root = -at0 / slope
    return root if not isinstance(root, fmpq) or root.height_bits() <= MAX_BITS else None


def _solve(relation: Relation, scope: dict[Symbol, Any], instance: Instance, key: Key) -> bool:
    before = instance.draw(key)
    root = _linear_root(relation, scope, instance, key, is_inverse=False)
    if root is None:
        # An equation such as 1/b = 1/c + 1/d is linear in 1/b.
        root = _linear_root(relation, scope, instance, key, is_inverse=True)
    if root is None or not all((root - b) * side >= 0 for side, b in instance.bounds.get(key, ())):
        instance.chosen[key] = before
        return False
    instance.chosen[key] = root
    instance.fixed.add(key)
    return True


def _linear_root(
    relation: Relation, scope: dict[Symbol, Any], instance: Instance, key: Key, is_inverse: bool
) -> Value | None:
    """Where an equation holds that is linear in a quantity, or in its inverse; None where it is not."""
    # Between 0 and 1 shares have a value, and logarithms of them and of what they leave.
    places = [fmpq(n + 2) if is_inverse else fmpq(n + 1, 4) for n in range(3)]
    points: list[Value] = []
    try:
        for x in places:
            instance.chosen[key] = 1 / x if is_inverse else x
            points.append(_gap(relation, scope, instance))
    except NoValueError:
        return None
    root = _root(points)
    if root is None:
        return None
    root = places[0] + root * (places[1] - places[0])
    return root if not is_inverse else None if _may_be_zero(root) else 1 / root


def _rooted(relation: Relation, scope: dict[Symbol, Any], instance: Instance, key: Key) -> bool:
    """Whether a quantity of which an equation is no linear one could be set to a root of it."""
    before = instance.draw(key)

    def function(x: Value) -> tuple[Value, Value]:
        instance.chosen[key] = x
        moved = Evaluation(instance, Evaluation(instance), key, shift=1)
        gap = moved.term(relation.lhs, scope) - moved.term(relation.rhs, scope)
        return base_of(gap), gap.parts.get(1, fmpq(0)) if isinstance(gap, Jet) else fmpq(0)

    bounds = instance.bounds.get(key, ())
    lo = max((b for side, b in bounds if side > 0), default=None)
    hi = min((b for side, b in bounds if side < 0), default=None)
    found = root(function, lo, hi)
    instance.chosen[key] = before if found is None else found
    if found is not None and _check(relation, scope, instance):
        instance.fixed.add(key)
        return True
    instance.chosen[key] = before
    return False


def _stretched(relation: Relation, scope: dict[Symbol, Any], instance: Instance, keys: list[Key]) -> bool:
    """Whether an inequality holds when all quantities on which it depends are scaled by one factor."""
    before = {k: instance.draw(k) for k in keys}
    start = instance.attempt % len(LEGS)
    trials = [{k: v * factor for k, v in before.items()} for factor in STRETCHES]
    if len(keys) == 1:
        trials = [*({keys[0]: leg} for leg in (*LEGS[start:], *LEGS[:start])), *trials]
    for trial in trials:
        instance.chosen.update(trial)
        bounds = ((k, side, b) for k in keys for side, b in instance.bounds.get(k, ()))
        if all((instance.chosen[k] - b) * side >= 0 for k, side, b in bounds) and _check(relation, scope, instance):
            return True
    instance.chosen.update(before)
    return False


def _scale(relation: Relation, scope: dict[Symbol, Any], instance: Instance, members: list[Key]) -> bool:
    """Whether an equation holds where members are scaled by one factor, in which it is linear or a square."""
    before = {k: instance.draw(k) for k in members}
    points: list[Value] = []
    try:
        for x in (1, 2, 3):
            instance.chosen.update({k: v * x for k, v in before.items()})
            points.append(_gap(relation, scope, instance))
        factor = _scaling(points)
    except NoValueError:
        factor = None
    scaled = {k: v * factor for k, v in before.items()} if factor is not None else before
    bounds = ((v, side, b) for k, v in scaled.items() for side, b in instance.bounds.get(k, ()))
    if factor is None or not all((v - b) * side >= 0 for v, side, b in bounds):
        instance.chosen.update(before)
        return False
    instance.chosen.update(scaled)
    instance.fixed.update(members)
    return True


def _scaling(points: list[Value]) -> Value | None:
    """The positive factor at which what is a + b x or a + b x² is zero, by its values at 1, 2 and 3."""
    at1, at2, at3 = points
    for power in (1, 2):
        slope = (at2 - at1) / (2**power - 1)
        if _may_be_zero(at3 - at1 - (3**power - 1) * slope) and not _may_be_zero(slope):
            found = 1 - at1 / slope
            return raised(found, fmpq(1, power)) if found > 0 else None
    return None


def _may_be_zero(x: Value) -> bool:
    return bool(x == 0) if isinstance(x, fmpq) else bool(x.contains(0))
