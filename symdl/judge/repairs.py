"""How one relation is made to hold at an instance: a quantity or a family is set, scaled or brought to a root."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from random import Random
from typing import Any

from flint import fmpq
from sympy import Expr, Rational, Symbol

from symdl.judge.balls import BUDGET, Evaluation, Jet, Key, NoValueError, Value, base_of
from symdl.judge.jets import power as raised
from symdl.judge.programs import MAX_UNKNOWN
from symdl.judge.roots import root
from symdl.judge.world import Instance
from symdl.language import Applied, is_quantity, kinds, label_of, subterms
from symdl.problem import Givens, Relation

Ground = tuple[Relation, dict[Symbol, Any]]
"""A relation, with numbers for its letters."""

MAX_TRIED = 12
"""For how many of the quantities in it, one at a time, an equation is solved."""

ROOT_TRIES, MAX_ROOTED = 3, 3
"""At how many instances, and in how many quantities, the root of an equation is looked for."""

MAX_SPENT = 100_000
"""How many terms are worked out in all to set the quantities of one instance."""

MAX_ARRANGED = 24
"""How many ways to set a family of members with two values are tried."""

STRETCHES = tuple(fmpq(p, q) for p, q in ((1, 2), (1, 4), (1, 8), (1, 32), (2, 1), (4, 1), (16, 1), (64, 1), (512, 1)))
"""The factors by which quantities are made smaller or larger together."""

MAX_BITS = 256
"""How long a number may be that is put for a quantity: longer ones come of equations that undo each other in turn."""

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


def by_name(key: Key) -> tuple[str, tuple[int, ...]]:
    return key[0].name, key[1]


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
            if check(relation, scope, instance):
                instance.fixed.update(members)
                return True
        instance.chosen.update(before)
    return False


def is_free(quantity: Expr, givens: Givens) -> bool:
    if is_quantity(quantity):
        return not givens.definitions_of(label_of(quantity))
    return False


def check(
    relation: Relation, scope: dict[Symbol, Any], instance: Instance, evaluation: Evaluation | None = None
) -> bool:
    try:
        return holds(relation, evaluation or Evaluation(instance), scope) is not False
    except NoValueError:
        return False


def repair(relation: Relation, scope: dict[Symbol, Any], instance: Instance, uses: Counter[Key]) -> bool:
    """Change one quantity, or scale one family, such that the relation holds.

    A quantity of which few equations speak is changed rather than one of which many do.
    """
    if Applied in kinds(relation.lhs) | kinds(relation.rhs) and _fitted(relation, scope, instance):
        return True
    if _set(relation, scope, instance):
        return True
    keys = movable(relation, scope, instance)
    if relation.sign not in ("=", "~"):
        return _stretched(relation, scope, instance, keys) or _passed(relation, scope, instance, keys)
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
    if any(_solve(relation, scope, instance, key) for key in ordered[:MAX_TRIED]):
        return True
    vectors = [[k for k in keys if k[0] == label] for label in labels]
    if any(
        _scale(relation, scope, instance, members) for members in vectors if len(members) > 1 or not instance.has_slopes
    ):
        return True
    tried = ordered[:MAX_ROOTED] if relation in instance.rooted and instance.attempt < ROOT_TRIES else ()
    return any(_rooted(relation, scope, instance, key) for key in tried)


def _set(relation: Relation, scope: dict[Symbol, Any], instance: Instance) -> bool:
    """Give a free quantity that is one side of a relation the value of the other one, or one beyond it."""
    for one, other in ((relation.lhs, relation.rhs), (relation.rhs, relation.lhs)):
        if not is_free(one, instance.givens):
            continue
        try:
            evaluation = Evaluation(instance)
            key, target = evaluation._key(one, scope, ()), evaluation.term(other, scope)
        except NoValueError:
            continue
        # Only what is drawn is known to be fixed: the members of a frame are so together.
        before = instance.draw(key)
        if key in instance.fixed or isinstance(target, Jet):
            continue
        if relation.sign in ("=", "~"):
            instance.chosen[key] = target
            if check(relation, scope, instance):
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
    return False


def _fitted(relation: Relation, scope: dict[Symbol, Any], instance: Instance) -> bool:
    """Whether a coefficient of an undefined function that no other fact has set could be set so that a fact holds."""
    wanted = {"=": 0, "~": 0, "!=": 1}.get(relation.sign, 1 if relation.sign[0] == ">" else -1)
    found = (t for side in relation.sides for t in subterms(side) if isinstance(t, Applied))
    for t in dict.fromkeys(found):
        for k in range(t.order, MAX_UNKNOWN + 1):
            name = f"{t.label.name}[]{k}"
            if name in instance.fitted:
                continue
            points: list[Value] = []
            try:
                for x in (0, 1, 2):
                    instance.fitted[name] = fmpq(x)
                    points.append(gap(relation, scope, instance) - wanted)
                root = line_root(points)
            except NoValueError:
                root = None
            if isinstance(root, fmpq):
                instance.fitted[name] = root
                if check(relation, scope, instance):
                    return True
            del instance.fitted[name]
    return False


class _Recorder:
    """An instance that remembers which free quantities it was asked for."""

    def __init__(self, instance: Instance) -> None:
        self.instance, self.givens, self.integers = instance, instance.givens, instance.integers
        self.patterns = instance.patterns
        self.seen: set[Key] = set()

    def draw(self, key: Key) -> Value:
        self.seen.add(key)
        return self.instance.draw(key)

    def coefficient(self, name: str) -> Any:
        return self.instance.coefficient(name)

    def is_stated(self) -> bool:
        return self.instance.is_stated()


def movable(relation: Relation, scope: dict[Symbol, Any], instance: Instance) -> list[Key]:
    """The free quantities, not yet fixed, on which the relation depends here; where it has no value those met first."""
    recorder = _Recorder(instance)
    evaluation = Evaluation(recorder)
    for side in relation.sides:
        with suppress(NoValueError):
            evaluation.term(side, scope)
    instance.spent += BUDGET - evaluation.budget[0]
    return sorted((k for k in recorder.seen if k not in instance.fixed), key=by_name)


def gap(
    relation: Relation, scope: dict[Symbol, Any], instance: Instance, evaluation: Evaluation | None = None
) -> Value:
    """The difference of the sides.

    Fails   with `NoValueError` where a side has no value, or too much was looked at to set this instance.
    """
    if instance.spent > MAX_SPENT:
        raise NoValueError("too much was looked at to satisfy the facts")
    evaluation = evaluation or Evaluation(instance)
    try:
        return evaluation.term(relation.lhs, scope) - evaluation.term(relation.rhs, scope)
    finally:
        instance.spent += BUDGET - evaluation.budget[0]


def line_root(points: list[Value]) -> Value | None:
    """The zero of the line through the values at 0, 1 and 2; None where they lie on no line or it has no short zero."""
    if any(isinstance(p, Jet) for p in points):
        return None
    at0, at1, at2 = points
    slope = at1 - at0
    if may_be_zero(slope) or not may_be_zero(at2 - at1 - slope):
        return None
    root = -at0 / slope
    return root if not isinstance(root, fmpq) or root.height_bits() <= MAX_BITS else None


def _solve(relation: Relation, scope: dict[Symbol, Any], instance: Instance, key: Key) -> bool:
    before = instance.draw(key)
    root = _linear_root(relation, scope, instance, key, is_inverse=False)
    if root is None:
        # An equation such as 1/b = 1/c + 1/d is linear in 1/b.
        root = _linear_root(relation, scope, instance, key, is_inverse=True)
    if root is not None and _is_within({key: root}, instance):
        instance.chosen[key] = root
        if check(relation, scope, instance):
            instance.fixed.add(key)
            return True
    instance.chosen[key] = before
    return False


def _is_within(values: Mapping[Key, Value], instance: Instance) -> bool:
    """Whether values keep the bounds that are known of their quantities."""
    return all((x - b) * side >= 0 for k, x in values.items() for side, b in instance.bounds.get(k, ()))


def _linear_root(
    relation: Relation, scope: dict[Symbol, Any], instance: Instance, key: Key, is_inverse: bool
) -> Value | None:
    """Where an equation holds that is linear in a quantity, or in its inverse; None where it is not."""
    # Between 0 and 1 shares have a value, and logarithms of them and of what they leave.
    places = [fmpq(n + 2) if is_inverse else fmpq(n + 1, 5) for n in range(3)]
    points: list[Value] = []
    try:
        for x in places:
            instance.chosen[key] = 1 / x if is_inverse else x
            points.append(gap(relation, scope, instance))
    except NoValueError:
        return None
    root = line_root(points)
    if root is None:
        return None
    root = places[0] + root * (places[1] - places[0])
    return root if not is_inverse else None if may_be_zero(root) else 1 / root


def _rooted(relation: Relation, scope: dict[Symbol, Any], instance: Instance, key: Key) -> bool:
    """Whether a quantity of which an equation is no linear one could be set to a root of it."""
    before = instance.draw(key)

    def function(x: Value) -> Value:
        instance.chosen[key] = x
        return base_of(gap(relation, scope, instance))

    def slope(x: Value) -> Value:
        instance.chosen[key] = x
        found = gap(relation, scope, instance, Evaluation(instance, Evaluation(instance), key, shift=1))
        return found.parts.get(1, fmpq(0)) if isinstance(found, Jet) else fmpq(0)

    bounds = instance.bounds.get(key, ())
    lo = max((b for side, b in bounds if side > 0), default=None)
    hi = min((b for side, b in bounds if side < 0), default=None)
    found = root(function, slope, lo, hi)
    instance.chosen[key] = before if found is None else found
    if found is not None and check(relation, scope, instance):
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
        if _is_within({k: instance.chosen[k] for k in keys}, instance) and check(relation, scope, instance):
            return True
    instance.chosen.update(before)
    return False


def _passed(relation: Relation, scope: dict[Symbol, Any], instance: Instance, keys: list[Key]) -> bool:
    """Whether an inequality holds when one quantity, in which it is linear, lies beyond where the sides are equal."""
    step = Rational(Random(f"{instance.attempt} passed").randint(1, 9), 4)
    edge = Relation(relation.lhs, "=", relation.rhs - step if relation.sign[0] == "<" else relation.rhs + step)
    for key in keys[:MAX_TRIED]:
        before = instance.draw(key)
        root = _linear_root(edge, scope, instance, key, is_inverse=False)
        if root is not None and _is_within({key: root}, instance):
            instance.chosen[key] = root
            if check(relation, scope, instance):
                return True
        instance.chosen[key] = before
    return False


def _scale(relation: Relation, scope: dict[Symbol, Any], instance: Instance, members: list[Key]) -> bool:
    """Whether an equation holds where members are scaled by one factor, in which it is linear or a square."""
    before = {k: instance.draw(k) for k in members}
    points: list[Value] = []
    try:
        for x in (1, 2, 3):
            instance.chosen.update({k: v * x for k, v in before.items()})
            points.append(gap(relation, scope, instance))
        factor = _scaling(points)
    except NoValueError:
        factor = None
    scaled = {k: v * factor for k, v in before.items()} if factor is not None else before
    if factor is None or not _is_within(scaled, instance):
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
        if may_be_zero(at3 - at1 - (3**power - 1) * slope) and not may_be_zero(slope):
            found = 1 - at1 / slope
            return raised(found, fmpq(1, power)) if found > 0 else None
    return None


def may_be_zero(x: Value) -> bool:
    return bool(x == 0) if isinstance(x, fmpq) else bool(x.contains(0))
