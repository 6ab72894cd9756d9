"""Sets the free quantities of an instance such that every fact and condition holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from flint import fmpq, fmpq_mat
from sympy import Expr, Integer, Rational, Symbol, exp, log

from symdl.judge.balls import BUDGET, Evaluation, Key, NoValueError, Value
from symdl.judge.frames import set_frames
from symdl.judge.jets import elementary
from symdl.judge.repairs import MAX_SPENT, Ground, by_name, check, gap, is_free, line_root, movable, repair
from symdl.judge.world import Instance, Question
from symdl.language import (
    as_fmpq,
    free_symbols,
    holds_derivative,
    is_closed,
    is_quantity,
    label_of,
    put,
    quantities,
)
from symdl.problem import Fact, Givens, Range, Relation

MAX_TOGETHER = 40
"""How many equations are solved together."""

MAX_DRIVEN = 4
"""How many equations, in how many quantities, are made to follow one of these."""

PLACES = tuple(fmpq(n, 5) for n in (1, 2, 3))
"""Where such a quantity is looked at."""

TOGETHER_TRIES = 2
"""At how many instances this is tried."""

INVERSES: tuple[Callable[[Value], Value], ...] = (
    lambda v: elementary(log, v),
    lambda v: elementary(log, v / (1 - v)),
    lambda v: elementary(log, (1 + v) / (1 - v)) / 2,
    lambda v: elementary(exp, v),
)
"""What the argument is where the value of an exponential or softmax, a sigmoid, a tanh or a logarithm is v."""


def satisfy(question: Question, instance: Instance) -> bool:
    """Whether the free quantities could be set such that every fact and condition holds."""
    givens = instance.givens
    evaluation = Evaluation(instance)
    for value in givens.values:
        try:
            _state(value.quantity, value.number, instance, evaluation)
        except NoValueError:
            return False
    instance.pairs = two_valued(givens)
    instance.has_slopes = any(map(holds_derivative, _asked(question)))
    if not instance.has_slopes:
        instance.rooted = frozenset((*question.conditions, *(f.relation for f in givens.facts if not f.ranges)))
    facts = set_frames(givens, instance)
    if facts is None:
        return False
    for quantity, number in _numbers_said(question):
        # The members of a frame are drawn together, and what is said of one of them is no start.
        with suppress(NoValueError):
            if label_of(quantity) not in instance.together:
                _state(quantity, number, instance, evaluation)
    ground = list(_ground(question, facts, instance))
    for relation, scope in ground:
        _note_bound(relation, scope, instance, evaluation)
    fixed, tied = set(instance.fixed), set(instance.together)
    # Roots of one equation after another do not find what several of the same quantities have in common.
    _inverted(ground, instance, 2)
    if _repaired(ground, instance, evaluation):
        return True
    if instance.is_excluded:
        return False
    instance.fixed = {k for k in instance.fixed if k in fixed or k[0] in tied}
    if _inverted(ground, instance, 1) and _repaired(ground, instance, evaluation):
        return True
    if instance.attempt >= TOGETHER_TRIES:
        return False
    instance.fixed = {k for k in instance.fixed if k in fixed or k[0] in tied}
    if _driven(ground, instance, evaluation):
        return True
    return _solved_together(ground, instance) and all(check(relation, scope, instance) for relation, scope in ground)


def _inverted(ground: Sequence[Ground], instance: Instance, least: int) -> bool:
    """Whether quantities could be set such that functions of them have given values: logits of a known softmax.

    As many values as there are free quantities, in their order and at least so many, are each taken through one
    elementary function.
    """
    # Zero is its own inverse, of what is linear too, where it is the least telling of all solutions.
    said_at = [g for g in ground if g[0].sign == "=" and g[0].rhs.is_Rational and g[0].rhs != 0]
    if len(said_at) < least:
        return False
    groups: dict[tuple[Key, ...], list[tuple[Ground, Value]]] = {}
    now = Evaluation(instance)
    for relation, scope in said_at:
        if instance.spent > MAX_SPENT:
            return False
        if not _is_met((relation, scope), instance, now):
            keys = tuple(movable(relation, scope, instance))
            number = as_fmpq(relation.rhs)
            groups.setdefault(keys, []).append(((relation, scope), number))
    found = False
    for keys, said in groups.items():
        if len(keys) != len(said) or len(keys) < least:
            continue
        before = {k: instance.draw(k) for k in keys}
        for inverse in INVERSES:
            try:
                instance.chosen.update({k: inverse(v) for k, (_, v) in zip(keys, said, strict=True)})
            except (NoValueError, ArithmeticError):
                continue
            if all(check(*g, instance) for g, _ in said):
                instance.fixed.update(keys)
                found = True
                break
        else:
            instance.chosen.update(before)
    return found


def _is_met(ground: Ground, instance: Instance, now: Evaluation) -> bool:
    """Whether a relation holds in an evaluation that several share; what it works out counts as spent."""
    now.budget[0] = BUDGET
    is_met = check(*ground, instance, now)
    instance.spent += BUDGET - now.budget[0]
    return is_met


def _state(quantity: Expr, number: Expr, instance: Instance, evaluation: Evaluation) -> None:
    """Give a quantity the number that is stated.

    Fails   with `NoValueError` where its index has no value.
    """
    key = evaluation._key(quantity, {}, ())
    if evaluation._definition(key)[0] is None:
        instance.chosen.setdefault(key, evaluation.term(number))
        instance.fixed.add(key)
        instance.stated.add(key)


def _numbers_said(question: Question) -> Iterator[tuple[Expr, Expr]]:
    """The quantities of which a fact or a condition says what number they are."""
    for relation in (*(f.relation for f in question.givens.facts if not f.ranges), *question.conditions):
        for quantity, number in (relation.sides, relation.sides[::-1]) if relation.sign == "=" else ():
            if number.is_Rational and is_quantity(quantity):
                yield quantity, number


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
            is_met = _is_met((relation, scope), instance, now)
            if instance.spent > MAX_SPENT:
                return False
            if not is_met:
                settled = False
                uses = _uses(ground, evaluation) if uses is None else uses
                if not repair(relation, scope, instance, uses):
                    instance.looked.clear()
                    instance.is_excluded = not check(relation, scope, instance) and instance.rests_on_given()
                    return False
                # What was evaluated before rests on values that are now others.
                now = Evaluation(instance)
        if settled:
            return True
    return all(check(relation, scope, instance) for relation, scope in ground)


def _driven(ground: Sequence[Ground], instance: Instance, evaluation: Evaluation) -> bool:
    """Whether a quantity could be set such that the last of a few equations holds, the others making their own follow.

    So 1/x = λ, 2/y = λ and x + y = 3 are solved: with λ and y following x, the last one is linear in x.
    """
    equations = [g for g in ground if g[0].sign == "="]
    if not 2 <= len(equations) <= MAX_DRIVEN:
        return False
    for label in list(instance.together):
        instance.together.pop(label)()
    before, fixed = dict(instance.chosen), set(instance.fixed)
    uses = _uses(ground, evaluation)

    def at(key: Key, x: Value, others: Sequence[Ground]) -> bool:
        """Whether the others hold where the quantity has this value."""
        instance.chosen, instance.fixed = {**before, key: x}, fixed | {key}
        return all(check(*g, instance) or repair(*g, instance, uses) for g in others)

    keys = sorted({key for g in equations for key in movable(*g, instance)}, key=by_name)
    for key in keys[:MAX_DRIVEN]:
        for n, last in enumerate(equations):
            others = equations[:n] + equations[n + 1 :]
            points: list[Value] = []
            for place in PLACES:
                if not at(key, place, others):
                    break
                try:
                    points.append(gap(*last, instance))
                except NoValueError:
                    break
            x = line_root(points) if len(points) == len(PLACES) else None
            if x is None or not at(key, PLACES[0] + x * (PLACES[1] - PLACES[0]), others):
                continue
            if check(*last, instance) and _repaired(ground, instance, evaluation):
                return True
    instance.chosen, instance.fixed = before, fixed
    return False


def _solved_together(ground: Sequence[Ground], instance: Instance) -> bool:
    """Whether the equations, in blocks of those about the same few quantities, have a common solution.

    A block is taken for a system of linear equations in the quantities that no block before it has fixed.
    """
    equations = [(r, scope) for r, scope in ground if r.sign in ("=", "~")]
    if not 2 <= len(equations) <= MAX_TOGETHER:
        return False
    pending = [(g, frozenset(movable(*g, instance))) for g in equations]
    while pending := [(g, keys - instance.fixed) for g, keys in pending if keys - instance.fixed]:
        least = min(
            (keys for _, keys in pending), key=lambda keys: (len(keys), sorted((k[0].name, k[1]) for k in keys))
        )
        block = [g for g, keys in pending if keys <= least]
        ordered = sorted(least, key=by_name)
        # Equations in several families, such as X'Xw = X'y, may be linear in the members of one of them.
        families = [[k for k in ordered if k[0] == label] for label in dict.fromkeys(k[0] for k in ordered)]
        if not any(_solve_block(block, keys, instance) for keys in (ordered, *families)):
            return False
    return True


def _solve_block(equations: Sequence[Ground], keys: Sequence[Key], instance: Instance) -> bool:
    """Whether equations that are linear in these quantities have a solution, which is then set."""
    before = {k: instance.draw(k) for k in keys}
    columns: list[list[Value]] = []
    try:
        gaps = [gap(r, scope, instance) for r, scope in equations]
        for k in keys:
            instance.chosen[k] = before[k] + 1
            columns.append([gap(r, scope, instance) for r, scope in equations])
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
    if not all(check(relation, scope, instance) for relation, scope in equations):
        instance.chosen.update(before)
        return False
    instance.fixed.update(keys)
    return True


def two_valued(givens: Givens) -> dict[Symbol, tuple[fmpq, fmpq]]:
    """The families of which each member takes one of two values: a fact says so by a square, as in y_i² = y_i."""
    found: dict[Symbol, tuple[fmpq, fmpq]] = {}
    for fact in givens.facts:
        inside = quantities(fact.relation.lhs) | quantities(fact.relation.rhs)
        if fact.relation.sign != "=" or len(inside) != 1:
            continue
        (quantity,) = inside
        if not is_free(quantity, givens) or not is_closed(quantity):
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


def satisfies(question: Question, instance: Instance) -> bool:
    """Whether every fact and condition holds at an instance, those too of which its values were made."""
    return all(
        check(relation, scope, instance) for relation, scope in _ground(question, question.givens.facts, instance)
    )


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


def _note_bound(relation: Relation, scope: dict[Symbol, Any], instance: Instance, evaluation: Evaluation) -> None:
    """Remember a bound on one free quantity by a constant, so that its draw respects it."""
    if relation.sign not in (">", ">=", "<", "<="):
        return
    for one, other, side in ((relation.lhs, relation.rhs, 1), (relation.rhs, relation.lhs, -1)):
        if not is_free(one, instance.givens):
            continue
        if not all(s.is_integer for s in free_symbols(other)):
            continue
        try:
            bound, key = evaluation.term(other, scope), evaluation._key(one, scope, ())
        except NoValueError:
            continue
        if isinstance(bound, fmpq):
            instance.bounds.setdefault(key, []).append((side if relation.sign[0] == ">" else -side, bound))


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
