"""Steps from one equation to another: by a factor that does not vanish, or solved for a quantity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product

import flint
from flint import arb, fmpq
from sympy import Add, Expr, Indexed, Integer, Mul, Symbol, exp, log, sqrt

from symdl.check.digits import Digits
from symdl.check.sides import Verdict
from symdl.judge.balls import Evaluation, Key, NoValueError, Value, base_of
from symdl.judge.decision import decide, implied
from symdl.judge.instances import instances, value_at
from symdl.judge.repairs import holds
from symdl.judge.world import Instance, run_at
from symdl.judge.world import Question as World
from symdl.language import (
    At,
    D,
    as_float,
    free_symbols,
    fresh_index,
    holds_derivative,
    indices_of,
    is_closed,
    is_index,
    label_of,
    put,
    quantities,
    scalar,
    subterms,
)
from symdl.problem import Decision, Givens, Relation
from symdl.write import latex_of

LETTER = r"\mathfrak{u}"
"""The letter for a term that an equation is solved for."""

TRIED = 3
"""At how many instances a step is looked at."""

POINTS = tuple(fmpq(n, 20) for n in (-180, -60, -20, -7, -1, 1, 7, 13, 19, 21, 60, 180))
"""Where a root is looked for, together with what lies between them."""

NEAR = 1e-4
"""How near to a root a value is taken for it."""

CARRIED = 10
"""By how many times their rounding digits may miss a root, where numbers before them were rounded, too."""

ANOTHER = "gives something else"
"""How the reason ends where an equation is solved by another value."""

Ask = Callable[[Relation], Decision]
"""The judge's answer on a relation without the premise."""


@dataclass(frozen=True)
class Step:
    """A claim that is concluded from a premise, and how the judge is asked about either without the premise.

    `shown` are the digits in which the claim gives a value, and `is_one` says that this is one solution of several.
    """

    premise: Relation
    claim: Relation
    world: World
    ask: Ask
    shown: Digits | None = None
    is_one: bool = False

    def verdict(self, is_free: Callable[[Expr], bool], is_squared: Callable[[Expr], bool]) -> Verdict | None:
        """Whether the claim follows; None where this cannot tell.

        `is_squared` says of a quantity that nothing given tells it from its opposite.
        """
        if self.premise.sign != "=" or self.claim.sign != "=":
            return None
        world = self.world
        found = implied(self.premise, self.claim, world.givens, world.ranges, world.conditions)
        if found is not None:
            return Verdict(found, self.claim.rhs)
        solved = self._solved(is_free, is_squared)
        if solved is None:
            decision = self._missed(is_free)
            return None if decision is None else Verdict(decision, self.claim.rhs)
        return solved if isinstance(solved, Verdict) else Verdict(solved, self.claim.rhs)

    def _solved(self, is_free: Callable[[Expr], bool], is_squared: Callable[[Expr], bool]) -> Decision | Verdict | None:
        """Whether the claim gives the value of a quantity for which the premise can be solved."""
        unknown, value = self.claim.lhs, self.claim.rhs
        gap = self.premise.lhs - self.premise.rhs
        if not isinstance(unknown, (Symbol, Indexed)):
            # Solved for a term such as σ² or e^λ: a letter stands for it.
            term, unknown = unknown, scalar(LETTER)
            is_power = term.is_Pow and term.exp.is_Integer and isinstance(term.base, (Symbol, Indexed))
            gap = put(gap, {term.base: unknown ** (1 / term.exp)} if is_power else {term: unknown})
            if not quantities(term) or quantities(term) & (quantities(gap) | quantities(value)):
                return None
        elif not is_free(unknown) or unknown in quantities(value):
            return None
        if unknown not in quantities(gap) or label_of(unknown) in free_symbols(put(gap, {unknown: Integer(1)})):
            return None
        name = f"${latex_of(self.claim.lhs, Givens())}$"
        is_positive = isinstance(self.claim.lhs, exp) or (self.claim.lhs.is_Pow and self.claim.lhs.exp.is_even)
        left = self._set(gap, unknown, value)
        found = self.ask(Relation(left, "=", Integer(0)))
        if found.answer == "proved":
            if self.ask(Relation(D(gap, unknown), "=", Integer(0))).answer == "proved":
                # A premise that does not change with it says nothing of it.
                return None
            return self._settled(gap, unknown, value, name, found, is_positive, is_squared)
        if self.shown is not None and self.shown.has_point:
            return self._to_digits(gap, unknown, self.shown, name)
        if found.answer != "refuted" or not self._is_alone(self.claim.lhs):
            return None
        for instance in instances(self.world, TRIED):
            shown = value_at(left, instance)
            if shown is None or not _is_apart(shown):
                continue
            found_roots = roots(gap, unknown, instance)
            if any(root > 0 or not is_positive for root, _ in found_roots) and self._admits(gap, unknown, instance):
                return _refuted(instance, unknown, name)
        return None

    def _admits(self, gap: Expr, unknown: Expr, instance: Instance) -> bool:
        """Whether what is given of a quantity holds at an instance where its whole family solves the premise."""
        label = label_of(unknown)
        given = [f.relation for f in self.world.givens.facts if f.relation.sign == "=" and not f.ranges]
        given = [r for r in given if label in free_symbols(r.lhs) | free_symbols(r.rhs)]
        if not given:
            return True
        before = dict(instance.chosen)
        try:
            for at in self._places(unknown, instance):
                root, key = next(roots(put(gap, at), put(unknown, at), instance), (None, None))
                if root is None or key is None:
                    return False
                instance.chosen[key] = root
            return all(holds(relation, Evaluation(instance), {}) is not False for relation in given)
        except NoValueError:
            return False
        finally:
            instance.chosen.clear()
            instance.chosen.update(before)

    def _places(self, unknown: Expr, instance: Instance) -> Iterator[dict[Expr, Expr]]:
        """The values of the letters of a quantity at an instance; itself alone where it has none."""
        letters = [i for i in indices_of(unknown) if is_index(i) and i in self.world.ranges]
        runs = (run_at(self.world.ranges[i], instance.givens, instance.integers) for i in letters)
        for place in product(*(run or () for run in runs)):
            yield {i: Integer(n) for i, n in zip(letters, place, strict=True)}

    def _settled(
        self,
        gap: Expr,
        unknown: Expr,
        value: Expr,
        name: str,
        found: Decision,
        is_positive: bool,
        is_squared: Callable[[Expr], bool],
    ) -> Decision:
        """What is said of a value that solves the premise: whether it is the only one."""
        if any(self._is_linear(factor * gap, unknown) for factor in (Integer(1), unknown)):
            return Decision("proved", f"the equation before, solved for {name}", found.assumes)
        if self._is_monotonic(gap, unknown):
            return Decision("proved", f"the only solution of the equation before for {name}", found.assumes)
        if self._is_inverted(gap, unknown):
            return Decision("proved", f"the only solution of the equation before for {name}", found.assumes)
        if self.is_one:
            return Decision("proved", f"a solution of the equation before for {name}", found.assumes)
        if self._has_another(gap, unknown, value, is_positive):
            opposite = put(gap, {unknown: sqrt(unknown)})
            is_above = self.ask(Relation(value, "<=", Integer(0))).answer == "refuted"
            if is_squared(unknown) and is_above and self._is_linear(opposite, unknown):
                words = f"the positive solution of the equation before for {name}"
                return Decision("proved", words, (*found.assumes, f"{name[:-1]} > 0$"))
            return Decision("unknown", f"a solution of the equation before for {name}, but not the only one")
        return Decision("agrees", f"a solution of the equation before for {name}, perhaps not the only one")

    def _is_monotonic(self, gap: Expr, unknown: Expr) -> bool:
        slope = D(gap, unknown)
        signed = (Relation(slope, ">", Integer(0)), Relation(slope, "<", Integer(0)))
        return any(self.ask(relation).answer == "proved" for relation in signed)

    def _is_inverted(self, gap: Expr, unknown: Expr) -> bool:
        """Whether the equation says what one function of the unknown is, which takes every value only once."""
        letter = scalar(LETTER)
        for inner in (t for t in subterms(gap) if isinstance(t, exp | log) and t.args[0] == unknown):
            rest = put(gap, {inner: letter})
            if label_of(unknown) not in free_symbols(rest) and self._is_linear(rest, letter):
                return True
        return False

    def _to_digits(self, gap: Expr, unknown: Expr, shown: Digits, name: str) -> Decision | Verdict | None:
        """Whether the premise has a root that is rounded to the digits shown, wherever it was looked."""
        low, high = shown.rounding
        wide = tuple(shown.value + side * CARRIED * shown.unit for side in (-1, 1))
        count, missed = 0, None
        for instance in instances(self.world, TRIED):
            ends, beyond = (
                [value_at(self._set(gap, unknown, at), instance) for at in pair] for pair in ((low, high), wide)
            )
            if _changes_sign(ends):
                count += 1
            elif _keeps_sign(beyond) and any(True for _ in roots(gap, unknown, instance)):
                missed = missed or instance
            else:
                return None
        if missed is not None and not count and self._is_alone(unknown):
            return _refuted(missed, unknown, name)
        if not count or missed is not None:
            return None
        words = f"the equation before, solved for {name}, to the digits shown"
        return Verdict(Decision("proved", words), shown.value, rounded=True)

    def _missed(self, is_free: Callable[[Expr], bool]) -> Decision | None:
        """The refutation of a claim that fails at every solution of the premise that is found, or shows another one."""
        before, after = (r.lhs - r.rhs for r in (self.premise, self.claim))
        world = self.world
        if implied(self.claim, self.premise, world.givens, world.ranges, world.conditions) is not None:
            # What has fewer solutions may leave out those that are of no use.
            return None
        shared = {q for q in quantities(after) & quantities(before) if is_closed(q) and is_free(q)}
        for unknown in sorted(filter(self._is_alone, shared), key=str):
            if label_of(unknown) in free_symbols(put(before, {unknown: Integer(1)})):
                continue
            for instance in instances(world, TRIED):
                found = [_at(after, key, root, instance) for root, key in roots(before, unknown, instance)]
                is_missed = bool(found) and all(v is not None and _is_apart(v) for v in found)
                if is_missed and self._admits(before, unknown, instance):
                    return _refuted(instance, unknown, f"${latex_of(unknown, Givens())}$")
                if _lists_solutions(self.claim, unknown):
                    others = [_at(before, key, root, instance) for root, key in roots(after, unknown, instance)]
                    if any(v is not None and _is_apart(v) for v in others):
                        return _refuted(instance, unknown, f"${latex_of(unknown, Givens())}$")
        return None

    def _is_alone(self, term: Expr) -> bool:
        """Whether the premise is one equation for a term: what holds at every letter may fail at others than one."""
        letters = {s for side in self.premise.sides for s in free_symbols(side) if is_index(s)}
        return letters <= free_symbols(term) and not self._holds_others(term)

    def _holds_others(self, term: Expr) -> bool:
        """Whether other members of a family may stand in a derivative that the premise speaks of."""
        gap = self.premise.lhs - self.premise.rhs
        letters = [i for i in indices_of(term) if i in self.world.ranges] if isinstance(term, Indexed) else []
        if not letters or not holds_derivative(gap):
            return False
        world = self.world
        for letter in letters:
            other = fresh_index("abcdefgh", free_symbols(gap) | world.ranges.keys())
            slope = D(gap, put(term, {letter: other}))
            ranges = {**world.ranges, other: world.ranges[letter]}
            apart = (*world.conditions, Relation(other, "!=", letter))
            if decide(slope, Integer(0), world.givens, ranges, apart).answer != "proved":
                return True
        return False

    def _has_another(self, gap: Expr, unknown: Expr, value: Expr, is_positive: bool) -> bool:
        """Whether the equation has a root, at some instance, that the value is not."""
        for instance in instances(self.world, TRIED):
            at = value_at(value, instance)
            if at is None:
                continue
            for found, _ in roots(gap, unknown, instance):
                root = float(arb(found).mid())
                if (root > 0 or not is_positive) and abs(root - float(arb(at).mid())) > NEAR * (1 + abs(root)):
                    return True
        return False

    def _is_linear(self, gap: Expr, unknown: Expr) -> bool:
        return self.ask(Relation(D(D(gap, unknown), unknown), "=", Integer(0))).answer == "proved"

    def _set(self, gap: Expr, unknown: Expr, value: Expr) -> Expr:
        if holds_derivative(gap):
            return At(gap, unknown, value)
        return put(gap, {unknown: value})


def _lists_solutions(claim: Relation, unknown: Expr) -> bool:
    """Whether a claim says by a product of differences what an unknown is: this, or that."""
    if claim.rhs != 0 or not isinstance(claim.lhs, Mul):
        return False
    pairs = [f.as_coeff_Add() for f in claim.lhs.args if isinstance(f, Add)]
    return len(pairs) == len(claim.lhs.args) and all(rest == unknown and c.is_number for c, rest in pairs)


def _changes_sign(ends: list[Value | None]) -> bool:
    low, high = ends
    return low is not None and high is not None and not bool(low * high > 0)


def _keeps_sign(ends: list[Value | None]) -> bool:
    low, high = ends
    return low is not None and high is not None and bool(low * high > 0)


def _is_apart(value: arb | fmpq) -> bool:
    return bool(value != 0) if isinstance(value, fmpq) else not value.contains(0)


def _refuted(instance: Instance, unknown: Expr, name: str) -> Decision:
    shown = {k: v for k, v in instance.text().items() if k not in (str(unknown), LETTER)}
    return Decision("refuted", f"the equation before, solved for {name}, {ANOTHER}", instance=shown)


def _at(term: Expr, key: Key, x: Value, instance: Instance) -> Value | None:
    """The value of a term where one quantity of an instance has this value."""
    before = instance.draw(key)
    instance.chosen[key] = x
    try:
        return value_at(term, instance)
    finally:
        instance.chosen[key] = before


def roots(gap: Expr, unknown: Expr, instance: Instance) -> Iterator[tuple[arb, Key]]:
    """Balls around where the gap changes its sign and is small, as a function of the unknown at this instance.

    There is none where it is 0 wherever it is looked at: what is left of it then is the rounding.
    """
    try:
        key = Evaluation(instance)._key(unknown, {}, ())
    except NoValueError:
        return
    before = instance.draw(key)

    def ball(x: fmpq) -> Value | None:
        instance.chosen[key] = x
        with flint.ctx.workprec(160):
            try:
                return base_of(Evaluation(instance).term(gap))
            except (NoValueError, RecursionError):
                return None

    def at(x: fmpq) -> float | None:
        found = ball(x)
        return None if found is None else as_float(found)

    found: list[arb] = []
    try:
        balls = [(x, ball(x)) for x in POINTS]
        if not any(v is not None and _is_apart(v) for _, v in balls):
            return
        values = [(x, None if v is None else as_float(v)) for x, v in balls]
        for (lo, below), (hi, above) in pairwise(values):
            if below is None or above is None or below * above > 0:
                continue
            for _ in range(40):
                middle = (lo + hi) / 2
                value = at(middle)
                if value is None:
                    break
                lo, hi, below = (middle, hi, value) if value * below > 0 else (lo, middle, below)
            value = at((lo + hi) / 2)
            if value is not None and abs(value) < 1e-6 and _within(key, (lo + hi) / 2, instance):
                with flint.ctx.workprec(160):
                    found.append(arb((lo + hi) / 2, arb((hi - lo) / 2)))
    finally:
        instance.chosen[key] = before
    yield from ((root, key) for root in found)


def _within(key: Key, x: fmpq, instance: Instance) -> bool:
    return all((x - bound) * side >= 0 for side, bound in instance.bounds.get(key, ()))
