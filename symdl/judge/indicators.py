"""Indicators, case splits and extremes in normal form."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, S

from symdl.judge.derivative import Kinks, as_cases
from symdl.judge.elementary import Elementary, Peels
from symdl.judge.field import Fraction, Poly
from symdl.judge.linear import Form, as_expr, gap_of, linear, solved
from symdl.judge.signs import sign_of
from symdl.judge.whole import Rule, Setting, universal
from symdl.language import Delta, Step


class Indicators(Elementary):
    """Indicators of fractions, of which some are known not to be zero because no kink is there."""

    def __init__(self, setting: Setting, capacity: int, fuel: list[int], finest: dict[Expr, Any], peels: Peels) -> None:
        super().__init__(setting, capacity, fuel, finest, peels)
        self._passed: list[Rule] = []

    def exclude(self, kinks: Kinks) -> None:
        """Leave out the points where one of these expressions is zero."""
        for k, letters in kinks.items():
            _, kept = self._signed(self.form(k))
            if not kept.is_one():
                self._passed.append(universal((self._oriented(kept)[0], S.Zero, letters)))

    def is_excluded(self, key: Expr) -> bool:
        """Whether the points are left out where an expression in normal form is zero."""
        return any(self._matched(passed, key, letters) is not None for passed, _, letters in self._passed)

    def _delta(self, expr: Expr) -> Fraction:
        a, b = expr.args
        form = gap_of(a, b)
        if form is None:
            return self.atom(expr)
        if not form[0]:
            return self.constant(int(form[1] == 0))
        if self.setting.differs(form):
            return self.constant(0)
        if self.setting.exceeds(a, b) and self.setting.exceeds(b, a):
            return self.constant(1)
        return self.atom(_apart(form))

    def _oriented(self, p: Poly) -> tuple[Expr, int, Poly]:
        """A polynomial or its opposite as a term, which of both it is (1 or -1), and as a polynomial."""
        expr = self.poly_expr(p)
        return (-expr, -1, -p) if expr.could_extract_minus_sign() else (expr, 1, p)

    def _signed(self, u: Fraction) -> tuple[int, Poly]:
        """A sign and a polynomial whose product has the sign of u; the polynomial is 1 where all is known."""
        content, factors = self._factors(u)
        sign = sign_of(content)
        kept, count = self.one, 0
        for f, m in factors:
            known = self.sign(f)
            if m % 2 == 0 and known is None and not self.is_nonzero(f):
                kept, count = kept * f * f, count + 1
            elif m % 2 and known is None:
                kept, count = kept * f, count + 1
            elif m % 2 and known is not None:
                sign *= known
        # What is given may be the sign of a product.
        known = self.sign(kept) if count > 1 else None
        return (sign, kept) if known is None else (sign * known, self.one)

    def _step(self, expr: Expr) -> Fraction:
        u = self.form(expr.u)
        at_zero = self.form(expr.at_zero)
        if u.num == 0:
            return at_zero
        sign, kept = self._signed(u)
        if kept.is_one():
            return self.constant(int(sign > 0))
        squared = [f for f, m in self.factored(kept)[1] if m % 2 == 0]
        if squared:
            return self._step_of_squares(sign, kept, squared, at_zero)
        key, turned, poly = self._oriented(kept)
        sign *= turned
        for told, value in self.setting.signs:
            if told in (key, -key):
                shown = value * sign * (1 if told == key else -1)
                return at_zero if value == 0 else self.constant(int(shown > 0))
        whole = linear(key)
        if whole is not None:
            return self._whole_step(key if sign > 0 else -key, expr.at_zero)
        strict = self.generator(Step(key, 0))
        self._flags.add(strict)
        above = self._poly(self.polys[strict])
        if self.is_excluded(key) or self._is_told_apart(poly):
            return above if sign > 0 else self.less(self.constant(1), above)
        weak = self.generator(Step(key, 1))
        self._flags.add(weak)
        self._steps[strict] = (weak, poly)
        reach = self._poly(self.polys[weak])
        zero = self.less(reach, above)
        side = above if sign > 0 else self.less(self.constant(1), reach)
        return self.add(side, self.mul(at_zero, zero))

    def _step_of_squares(self, sign: int, p: Poly, squared: Sequence[Poly], at_zero: Fraction) -> Fraction:
        """The indicator of sign·p > 0, where p is a product with squares: 1[g f² > 0] = 1[g > 0] 1[f != 0]."""
        away, rest = self.constant(1), p * sign
        for f in squared:
            away = self.mul(away, self.less(self.constant(1), self._is_zero(f)))
            rest = rest / f**2
        above = self.mul(away, self.form(Step(self.poly_expr(rest))))
        other = self.mul(away, self.form(Step(self.poly_expr(-rest))))
        return self.add(above, self.mul(at_zero, self.less(self.less(self.constant(1), above), other)))

    def _is_zero(self, p: Poly) -> Fraction:
        """The indicator that a polynomial is zero."""
        expr = self.poly_expr(p)
        return self.less(self.form(Step(expr, 1)), self.form(Step(expr, 0)))

    def _whole_step(self, u: Expr, at_zero: Expr) -> Fraction:
        """The indicator of u > 0 for a whole number u: that of u - 1 >= 0."""
        if at_zero not in (0, 1):
            return self.atom(Step(u, at_zero))
        reach = u - 1 if at_zero == 0 else u
        if self.setting.is_nonnegative(reach):
            return self.constant(1)
        if self.setting.is_positive(-reach):
            return self.constant(0)
        if reach.could_extract_minus_sign():
            # 1[v >= 0] = 1 - 1[-v - 1 >= 0]
            g = self.generator(Step(-reach - 1, 1))
            self._flags.add(g)
            return self.less(self.constant(1), self._poly(self.polys[g]))
        g = self.generator(Step(reach, 1))
        self._flags.add(g)
        return self._poly(self.polys[g])

    def _cases(self, expr: Expr) -> Fraction:
        parts: list[Fraction] = []
        left = self.constant(1)
        for value, condition in expr.branches:
            c = self.form(condition)
            taken = self.mul(left, c) if parts else c
            if taken.num != 0:
                parts.append(self.mul(taken, self.form(value)))
            left = self.less(left, taken)
            if left.num == 0:
                return self.total(parts)
        return self.total([*parts, self.mul(left, self.form(expr.otherwise))])

    def _extreme(self, expr: Expr) -> Fraction:
        return self.form(as_cases(expr))


@lru_cache(maxsize=4096)
def _apart(form: Form) -> Expr:
    """The indicator that a linear form is zero, brought to a symbol on one side where that is possible."""
    letter = next((s for s, c in form[0] if abs(c) == 1), None)
    if letter is None:
        return Delta(as_expr(form), Integer(0))
    return Delta(letter, as_expr(solved(form, letter)))
