"""Between which numbers the values of a term lie, by interval arithmetic over definitions and facts."""

from __future__ import annotations

from typing import Any, Protocol

from flint import fmpq
from sympy import Abs, E, Expr, Indexed, Integer, Rational, S, Symbol, atan, erf, exp, log, sinh, tanh

from symdl.judge.bounds import Inequality, Interval, at_least, between, point
from symdl.judge.linear import linear
from symdl.judge.whole import Setting, binding, open_bound
from symdl.language import (
    Cases,
    Delta,
    Maximum,
    Minimum,
    Prod,
    Sigma,
    Step,
    as_fmpq,
    free_symbols,
    is_closed,
    put,
)
from symdl.language.functions import by_head
from symdl.problem import Range

UNBOUNDED = Interval()
NEVER_AT_ITS_BOUNDS = (tanh, erf, exp, atan)
RISING = (tanh, erf, exp, atan, sinh)
"""Elementary functions that are rising everywhere, and have at zero the value that `_AT_ZERO` says."""

_AT_ZERO: dict[Any, int] = {tanh: 0, erf: 0, exp: 1, atan: 0, sinh: 0}

MAX_DEPTH = 40


class Knowledge(Protocol):
    """What is known where enclosures are asked for."""

    setting: Setting

    def inequalities(self) -> list[Inequality]:
        """What is known of which of two terms is greater."""

    def enclosed(self, expr: Expr) -> Interval:
        """An interval that holds every value of a term, by its normal form."""


class Enclosures:
    """Intervals of terms under what one normalisation knows."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._memo: dict[Expr, Interval] = {}
        self._busy: set[Expr] = set()
        self._depth = 0

    def of(self, expr: Expr) -> Interval:
        """An interval that holds every value of the term; without ends where nothing is known."""
        found = self._memo.get(expr)
        if found is not None:
            return found
        if self._depth > MAX_DEPTH or expr in self._busy:
            return UNBOUNDED
        self._depth += 1
        self._busy.add(expr)
        try:
            found = self._of(expr)
        finally:
            self._depth -= 1
            self._busy.discard(expr)
        if not self._busy:
            # Inside of another term a bound may be missing only because that term is being looked at.
            self._memo[expr] = found
        return found

    def forget(self) -> None:
        """Look anew at every term: more is known than before."""
        self._memo.clear()

    def _of(self, expr: Expr) -> Interval:
        if isinstance(expr, Rational):
            return point(as_fmpq(expr))
        if isinstance(expr, Symbol) and expr.is_integer:
            return self._whole(expr)
        if isinstance(expr, Symbol | Indexed):
            return self._quantity(expr)
        if expr is S.Pi or expr is E:
            return between(2, 4, True)
        if expr.is_Add:
            total = point(0)
            for a in expr.args:
                total = total + self.of(a)
            return total
        if expr.is_Mul:
            product = point(1)
            for a in expr.args:
                product = product * self.of(a)
            return product
        if expr.is_Pow:
            return self._power(expr)
        return self._known(expr).meet(self._applied(expr))

    def _applied(self, expr: Expr) -> Interval:
        if isinstance(expr, Step | Delta):
            return between(0, 1)
        if isinstance(expr, Abs):
            inner = self.of(expr.args[0])
            up, down = inner.meet(at_least(0)), (-inner).meet(at_least(0))
            return at_least(0).meet(up if inner.is_nonnegative() else down if inner.is_nonpositive() else up.hull(down))
        if isinstance(expr, Cases):
            return self._cases(expr)
        if isinstance(expr, Maximum | Minimum):
            return self._extreme(expr)
        if isinstance(expr, Sigma | Prod):
            return self._binder(expr)
        record = by_head().get(expr.func)
        if record is None:
            return UNBOUNDED
        lo, hi = record.bounds
        strict = expr.func in NEVER_AT_ITS_BOUNDS
        known = Interval(None if lo is None else fmpq(lo), None if hi is None else fmpq(hi), strict, strict)
        if record.definition is not None:
            return known.meet(self.of(record.definition(*expr.args)))
        if expr.func in RISING:
            inner, at_zero = self.of(expr.args[0]), _AT_ZERO[expr.func]
            if inner.is_nonnegative():
                known = known.meet(at_least(at_zero, inner.excludes_zero()))
            if inner.is_nonpositive():
                known = known.meet(Interval(None, fmpq(at_zero), False, inner.excludes_zero()))
        if expr.func is log:
            inner = self.of(expr.args[0])
            if inner.lo is not None and inner.lo >= 1:
                known = known.meet(at_least(0, inner.lo > 1 or inner.lo_open))
            if inner.hi is not None and inner.hi <= 1:
                known = known.meet(Interval(None, fmpq(0), False, inner.hi < 1 or inner.hi_open))
        return known

    def _whole(self, symbol: Symbol) -> Interval:
        setting = self.knowledge.setting
        for least in (2, 1, 0):
            if setting.is_nonnegative(symbol - least):
                return at_least(least)
        return UNBOUNDED

    def _power(self, expr: Expr) -> Interval:
        base, exponent = expr.base, expr.exp
        if base is E:
            return self.of(exp(exponent, evaluate=False))
        inner = self.of(base)
        if isinstance(exponent, Integer):
            n = int(exponent)
            if abs(n) > 50:
                return UNBOUNDED
            return inner.power(n) if n > 0 else inner.inverse().power(-n)
        if isinstance(exponent, Rational):
            return at_least(0)
        if linear(exponent) is not None and not self.knowledge.setting.is_nonnegative(exponent):
            return at_least(0, True) if inner.is_nonnegative() and inner.excludes_zero() else UNBOUNDED
        if not inner.is_nonnegative():
            whole = linear(exponent) is not None and inner.is_within(-1, 1)
            return between(-1, 1) if whole else UNBOUNDED
        positive = at_least(0, inner.excludes_zero())
        if linear(exponent) is None:
            return positive
        if inner.hi is not None and inner.hi <= 1:
            return positive.meet(between(0, 1))
        return at_least(1) if inner.lo >= 1 else positive

    def _quantity(self, expr: Expr) -> Interval:
        known = self._known(expr)
        if not is_closed(expr):
            return known
        found = self.knowledge.setting.definition_of(expr)
        if found is None:
            return known
        return known.meet(self.of(put(found[0].body, found[1])))

    def _known(self, expr: Expr) -> Interval:
        """What inequalities say of the term itself."""
        known = UNBOUNDED
        setting = self.knowledge.setting
        for key, sign in setting.signs:
            if expr == key:
                known = known.meet(point(0) if sign == 0 else at_least(0, True) if sign > 0 else -at_least(0, True))
        for order in self.knowledge.inequalities():
            letters = order.letters
            for one, other, is_lower in ((order.greater, order.less, True), (order.less, order.greater, False)):
                found = binding(one, expr, letters, setting)
                if found is None or not all(
                    self._is_inhabited(letters[i]) for i in free_symbols(other) & letters.keys() - found.keys()
                ):
                    continue
                end, strict = self.of(put(other, found)), setting.is_positive(order.slack)
                if is_lower:
                    known = known.meet(Interval(end.lo, None, strict or end.lo_open))
                else:
                    known = known.meet(Interval(None, end.hi, False, strict or end.hi_open))
        return known

    def _is_inhabited(self, run: Range) -> bool:
        return self.knowledge.setting.is_nonnegative(run.hi - run.lo)

    def _cases(self, expr: Cases) -> Interval:
        ends = [self._under(value, condition) for value, condition in expr.branches]
        last = self.of(expr.otherwise)
        for end in ends:
            last = last.hull(end)
        return last

    def _under(self, value: Expr, condition: Expr) -> Interval:
        """The values where the condition holds."""
        known = self.of(value)
        if isinstance(condition, Step) and condition.at_zero in (0, 1):
            if condition.u == value:
                return known.meet(at_least(0, condition.at_zero == 0))
            if condition.u == -value:
                return known.meet(Interval(None, fmpq(0), False, condition.at_zero == 0))
        return known

    def _extreme(self, expr: Expr) -> Interval:
        best, *others = [self.of(a) for a in expr.args]
        is_largest = isinstance(expr, Maximum)
        best = best if is_largest else -best
        for other in others:
            mine = other if is_largest else -other
            # The larger of two is at least as large as each.
            either, above = best.hull(mine), best if best.lo is not None else mine
            for one in (best, mine):
                above = above.meet(Interval(one.lo, None, one.lo_open))
            best = Interval(above.lo, either.hi, above.lo_open, either.hi_open)
        return best if is_largest else -best

    def _binder(self, expr: Expr) -> Interval:
        (_,), body, inner = open_bound(expr, self.knowledge.setting)
        outer, self.knowledge.setting = self.knowledge.setting, inner
        try:
            known = self.of(body)
            if not known.excludes_zero() or known.hi is None or known.hi > 1:
                known = known.meet(self.knowledge.enclosed(body))
        finally:
            self.knowledge.setting = outer
        is_inhabited = self._is_inhabited(Range(expr.lo, expr.hi))
        if isinstance(expr, Sigma):
            if known.is_nonnegative():
                return at_least(0, is_inhabited and known.excludes_zero())
            if known.is_nonpositive():
                return -at_least(0, is_inhabited and known.excludes_zero())
            return UNBOUNDED
        if known.is_nonnegative():
            positive = at_least(0, known.excludes_zero())
            if known.hi is not None and known.hi <= 1:
                return positive.meet(between(0, 1))
            return at_least(1) if known.lo >= 1 else positive
        return between(-1, 1) if known.is_within(-1, 1) else UNBOUNDED
