"""Steps from one equation to another: multiplied by a number, or solved for a quantity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

import flint
from flint import arb, fmpq
from sympy import Expr, Indexed, Integer, Rational, Symbol, exp

from symdl.judge.balls import Evaluation, NoValueError, base_of
from symdl.judge.instances import instances, value_at
from symdl.judge.world import Instance
from symdl.judge.world import Question as World
from symdl.language import At, D, free_symbols, label_of, put, quantities, scalar, subterms
from symdl.problem import Decision, Givens, Relation
from symdl.write import latex_of

LETTER = r"\mathfrak{u}"
"""The letter for a term that an equation is solved for."""

MAX_SIZED = 24
"""How many factors with a size in them are tried."""

TRIED = 3
"""At how many instances a step is looked at."""

POINTS = tuple(fmpq(n, 20) for n in (-180, -60, -20, -7, -1, 1, 7, 13, 19, 21, 60, 180))
"""Where a root is looked for, together with what lies between them."""


NEAR = 1e-4
"""How near to a root a value is taken for it."""


@dataclass(frozen=True)
class Step:
    """A claim that is concluded from a premise, and how the judge is asked about either without the premise."""

    premise: Relation
    claim: Relation
    world: World
    ask: Callable[[Relation], Decision]
    sizes: tuple[Symbol, ...] = ()

    def decision(self, is_free: Callable[[Expr], bool]) -> Decision | None:
        """Whether the claim follows; None where this cannot tell."""
        if self.premise.sign != "=" or self.claim.sign != "=":
            return None
        return self._multiple() or self._solved(is_free)

    def _multiple(self) -> Decision | None:
        """Whether the claim is the premise multiplied by a number."""
        before, after = (r.lhs - r.rhs for r in (self.premise, self.claim))
        found: list[fmpq] = []
        for instance in instances(self.world, TRIED):
            one, other = value_at(before, instance), value_at(after, instance)
            if one is None or other is None:
                continue
            if not isinstance(one, fmpq) or not isinstance(other, fmpq):
                return self._same(before, after)
            if one == 0:
                continue
            found.append(other / one)
        if len(found) > 1 and len(set(found)) > 1:
            return self._same(before, after)
        if len(found) < 2 or found[0] == 0:
            return None
        factor = Rational(int(found[0].p), int(found[0].q))
        if self.ask(Relation(after, "=", factor * before)).answer != "proved":
            return None
        return Decision("proved", "the equation before" + (f", times {factor}" if factor != 1 else ""))

    def _same(self, before: Expr, after: Expr) -> Decision | None:
        """Whether the claim is the premise times a short number, or that and a size, as a mean is of a sum."""
        numbers = (Integer(1), Integer(-1), Integer(2), Rational(1, 2), Integer(-2), Rational(-1, 2))
        sized = (n * p for size in self.sizes for p in (size, 1 / size) for n in numbers)
        for factor in (*numbers, *islice(sized, MAX_SIZED)):
            if self.ask(Relation(after, "=", factor * before)).answer == "proved":
                return Decision("proved", "the equation before, up to a number")
        return None

    def _solved(self, is_free: Callable[[Expr], bool]) -> Decision | None:
        """Whether the claim gives the value of a quantity for which the premise can be solved."""
        unknown, value = self.claim.lhs, self.claim.rhs
        gap = self.premise.lhs - self.premise.rhs
        if not isinstance(unknown, (Symbol, Indexed)):
            # Solved for a term such as σ² or e^λ: a letter stands for it.
            term, unknown = unknown, scalar(LETTER)
            gap = put(gap, {term: unknown})
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
        is_linear = any(self._is_linear(factor * gap, unknown) for factor in (Integer(1), unknown))
        if found.answer == "proved":
            if is_linear:
                return Decision("proved", f"the equation before, solved for {name}", found.assumes)
            slope = D(gap, unknown)
            if any(self.ask(Relation(slope, sign, Integer(0))).answer == "proved" for sign in (">", "<")):
                return Decision("proved", f"the only solution of the equation before for {name}", found.assumes)
            if self._has_another(gap, unknown, value, is_positive):
                return Decision("unknown", f"a solution of the equation before for {name}, but not the only one")
            return Decision("agrees", f"a solution of the equation before for {name}, perhaps not the only one")
        if found.answer != "refuted":
            return None
        for instance in instances(self.world, TRIED):
            shown = value_at(left, instance)
            if shown is None or not _is_apart(shown):
                continue
            if any(root > 0 or not is_positive for root in _roots(gap, unknown, instance)):
                shown_at = {k: v for k, v in instance.text().items() if k not in (str(unknown), LETTER)}
                words = f"the equation before, solved for {name}, gives something else"
                return Decision("refuted", words, instance=shown_at)
        return None

    def _has_another(self, gap: Expr, unknown: Expr, value: Expr, is_positive: bool) -> bool:
        """Whether the equation has a root, at some instance, that the value is not."""
        for instance in instances(self.world, TRIED):
            at = value_at(value, instance)
            if at is None:
                continue
            for root in _roots(gap, unknown, instance):
                if (root > 0 or not is_positive) and abs(root - float(arb(at).mid())) > NEAR * (1 + abs(root)):
                    return True
        return False

    def _is_linear(self, gap: Expr, unknown: Expr) -> bool:
        return self.ask(Relation(D(D(gap, unknown), unknown), "=", Integer(0))).answer == "proved"

    def _set(self, gap: Expr, unknown: Expr, value: Expr) -> Expr:
        if any(isinstance(t, D) for t in subterms(gap)):
            return At(gap, unknown, value)
        return put(gap, {unknown: value})


def _is_apart(value: arb | fmpq) -> bool:
    return bool(value != 0) if isinstance(value, fmpq) else not value.contains(0)


def _roots(gap: Expr, unknown: Expr, instance: Instance) -> Iterator[float]:
    """Where the gap changes its sign and is small, as a function of the unknown at this instance."""
    key = Evaluation(instance)._key(unknown, {}, ())
    before = instance.draw(key)

    def at(x: fmpq) -> float | None:
        instance.chosen[key] = x
        with flint.ctx.workprec(160):
            try:
                found = Evaluation(instance).term(gap)
            except (NoValueError, RecursionError):
                return None
            found = base_of(found)
            return float(found.p) / float(found.q) if isinstance(found, fmpq) else float(found.mid())

    try:
        values = [(x, at(x)) for x in POINTS]
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
                yield float(((lo + hi) / 2).p) / float(((lo + hi) / 2).q)
    finally:
        instance.chosen[key] = before


def _within(key: tuple[Symbol, tuple[int, ...]], x: fmpq, instance: Instance) -> bool:
    return all((x - bound) * side >= 0 for side, bound in instance.bounds.get(key, ()))
