r"""How functions of one variable grow: expansions in powers of a small t > 0, of log(1/t), and in e^{c t^{-k}}.

A series is a sum of coefficients times monomials t^p log(1/t)^n e^{Σ c_k t^{-k}}, the largest first, and a monomial to
which everything left out is at most proportional.  Coefficients are terms without the variable; whether one is zero and
which sign it has is asked of the normal form, and where that does not tell there is no expansion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cmp_to_key, lru_cache, partial
from math import factorial
from typing import Any

from sympy import (
    Abs,
    Expr,
    Integer,
    Rational,
    S,
    Symbol,
    atan,
    binomial,
    cos,
    cosh,
    erf,
    exp,
    log,
    sin,
    sinh,
    tan,
    tanh,
)

from symdl.judge.derivative import Derivatives, NotProvableError
from symdl.judge.goals import FUEL
from symdl.judge.linear import linear
from symdl.judge.whole import Setting, open_bound
from symdl.language import Binder, Cases, Maximum, Minimum, Sigma, Step, free_symbols, put
from symdl.language.functions import by_head
from symdl.problem import Givens

LENGTH = 8
"""How many terms of a series are kept."""

MAX_TURNS = 16
"""How many powers of a small series are added up."""

ARGUMENT = Symbol("argument", real=True)
"""What an elementary function is taken of while it is differentiated."""


class NoSeriesError(NotProvableError):
    """The function is of another kind, or a sign that decides is not known."""


class OutsideError(NoSeriesError):
    """The function has no value there: a logarithm or root of what is negative."""


@dataclass(frozen=True)
class Monomial:
    """t^power log(1/t)^logs e^{Σ c t^{-k}}, with (k, c) in `growth`, largest k first."""

    growth: tuple[tuple[Rational, Expr], ...] = ()
    power: Rational = S.Zero
    logs: int = 0


UNIT = Monomial()


@dataclass(frozen=True)
class Series:
    """Terms, the largest first, and a monomial that bounds what is left out; None where nothing is."""

    terms: tuple[tuple[Expr, Monomial], ...]
    rest: Monomial | None = None


class Germs:
    """Expands terms under what is known of the other quantities in them.

    `canonical` brings a term without the variable into normal form, `sign` tells its sign, 0 where it is zero and None
    where that is not known.
    """

    def __init__(
        self, t: Symbol, canonical: Callable[[Expr], Expr], sign: Callable[[Expr], int | None], length: int = LENGTH
    ) -> None:
        self.t, self.canonical, self.sign, self.length = t, canonical, sign, length
        self._order = cmp_to_key(self._falling)

    def limit(self, expr: Expr) -> Expr:
        """What a term tends to while t falls to zero; it may be infinite.

        Fails   with `NoSeriesError`.
        """
        return self._limit(self.of(expr))

    def _limit(self, s: Series) -> Expr:
        for c, m in s.terms:
            side = self.compare(m, UNIT)
            if side > 0:
                return self._strict_sign(c) * S.Infinity
            return c if side == 0 else S.Zero
        if s.rest is not None and self.compare(s.rest, UNIT) >= 0:
            raise NoSeriesError("more terms cancel than are kept")
        return S.Zero

    # -- monomials -----------------------------------------------------------------------------------------------------

    def compare(self, a: Monomial, b: Monomial) -> int:
        """1 where a grows faster than b, -1 where slower, 0 where they are the same."""
        for _, c in self._difference(a, b):
            return self._strict_sign(c)
        if a.power != b.power:
            return 1 if a.power < b.power else -1
        return (a.logs > b.logs) - (a.logs < b.logs)

    def _falling(self, one: tuple[Expr, Monomial], other: tuple[Expr, Monomial]) -> int:
        return self.compare(other[1], one[1])

    def _difference(self, a: Monomial, b: Monomial) -> tuple[tuple[Rational, Expr], ...]:
        return self._growth([*a.growth, *((k, -c) for k, c in b.growth)])

    def _growth(self, parts: Iterable[tuple[Rational, Expr]]) -> tuple[tuple[Rational, Expr], ...]:
        found: dict[Rational, Expr] = {}
        for k, c in parts:
            found[k] = found.get(k, S.Zero) + c
        made = [(k, self.canonical(c)) for k, c in found.items()]
        return tuple(sorted(((k, c) for k, c in made if c != 0), key=lambda p: -p[0]))

    def _strict_sign(self, c: Expr) -> int:
        found = self.sign(c)
        if not found:
            raise NoSeriesError("a sign that is not known")
        return found

    def _times(self, a: Monomial, b: Monomial) -> Monomial:
        growth = self._growth([*a.growth, *b.growth]) if a.growth or b.growth else ()
        return Monomial(growth, a.power + b.power, a.logs + b.logs)

    def _raised(self, m: Monomial, r: Rational) -> Monomial:
        logs = m.logs * r
        if not logs.is_Integer:
            raise NoSeriesError("a root of a logarithm")
        return Monomial(self._growth((k, c * r) for k, c in m.growth), m.power * r, int(logs))

    # -- series --------------------------------------------------------------------------------------------------------

    def _made(self, terms: Iterable[tuple[Expr, Monomial]], rests: Iterable[Monomial | None]) -> Series:
        found: dict[Monomial, Expr] = {}
        for c, m in terms:
            found[m] = found.get(m, S.Zero) + c
        values = [(self.canonical(c), m) for m, c in found.items()]
        kept = [(c, m) for c, m in values if c != 0]
        kept.sort(key=self._order)
        bounds = [r for r in rests if r is not None]
        if len(kept) > self.length:
            bounds.append(kept[self.length][1])
            kept = kept[: self.length]
        rest: Monomial | None = None
        for r in bounds:
            rest = r if rest is None or self.compare(r, rest) > 0 else rest
        if rest is not None:
            kept = [(c, m) for c, m in kept if self.compare(m, rest) > 0]
        return Series(tuple(kept), rest)

    def constant(self, c: Expr) -> Series:
        """The series of a term without the variable."""
        return self._made([(c, UNIT)], ())

    def add(self, *parts: Series) -> Series:
        return self._made([p for s in parts for p in s.terms], [s.rest for s in parts])

    def mul(self, a: Series, b: Series) -> Series:
        rests: list[Monomial | None] = []
        for one, other in ((a, b), (b, a)):
            if one.rest is not None:
                rests += [self._times(one.rest, m) for _, m in other.terms[:1]]
                rests += [self._times(one.rest, other.rest)] if other.rest is not None else []
        return self._made([(c * d, self._times(m, n)) for c, m in a.terms for d, n in b.terms], rests)

    def _lead(self, s: Series) -> tuple[Expr, Monomial, Series]:
        """The first coefficient and monomial of a series, and what it is divided by these, less one."""
        if not s.terms:
            raise NoSeriesError("what is divided by, or taken the logarithm of, is zero or cancels")
        c, m = s.terms[0]
        self._strict_sign(c)
        inverse = Series(((1 / c, self._raised(m, Integer(-1))),))
        return c, m, self.mul(Series(s.terms[1:], s.rest), inverse)

    def _sum_of_powers(self, small: Series, coefficients: Callable[[int], Expr]) -> Series:
        """Σ a_n δ^n for a series that tends to zero."""
        total, power = self.constant(coefficients(0)), self.constant(S.One)
        if not small.terms and small.rest is None:
            return total
        for n in range(1, MAX_TURNS + 1):
            power = self.mul(power, small)
            if not power.terms:
                return self._made(total.terms, (total.rest, power.rest))
            scaled = self.mul(self.constant(coefficients(n)), power)
            before = total
            total = self.add(total, scaled)
            if before.rest is not None and total == before:
                return total
        return self._made(total.terms, (total.rest, power.terms[0][1] if power.terms else power.rest))

    def power(self, s: Series, r: Rational) -> Series:
        """A series to a rational power; a fraction of a power is taken of what is positive only."""
        if r.is_Integer and r >= 0:
            found = self.constant(S.One)
            for _ in range(int(r)):
                found = self.mul(found, s)
            return found
        c, m, small = self._lead(s)
        if not r.is_Integer and self._strict_sign(c) < 0:
            raise OutsideError("a root of what is negative")
        return self.mul(Series(((c**r, self._raised(m, r)),)), self._sum_of_powers(small, partial(binomial, r)))

    def logarithm(self, s: Series) -> Series:
        c, m, small = self._lead(s)
        if m.logs:
            raise NoSeriesError("a logarithm of a logarithm")
        if self._strict_sign(c) < 0:
            raise OutsideError("a logarithm of what is negative")
        terms = [(log(c), UNIT), (-m.power, Monomial(logs=1))]
        terms += [(a, Monomial(power=-k)) for k, a in m.growth]
        small = self._sum_of_powers(small, lambda n: Rational((-1) ** (n + 1), n) if n else S.Zero)
        return self.add(self._made(terms, ()), small)

    def exponential(self, s: Series) -> Series:
        growth: list[tuple[Rational, Expr]] = []
        power, constant, small = S.Zero, S.Zero, []
        for c, m in s.terms:
            side = self.compare(m, UNIT)
            if side < 0:
                small.append((c, m))
            elif side == 0:
                constant = c
            elif not m.growth and not m.logs:
                growth.append((-m.power, c))
            elif not m.growth and m.logs == 1 and m.power == 0 and c.is_Rational:
                power = -c
            else:
                raise NoSeriesError("an exponential of what grows in another way")
        if s.rest is not None and self.compare(s.rest, UNIT) >= 0:
            raise NoSeriesError("an exponential of what is not known closely enough")
        lead = Series(((exp(constant), Monomial(self._growth(growth), power)),))
        return self.mul(lead, self._sum_of_powers(Series(tuple(small), s.rest), lambda n: Rational(1, factorial(n))))

    # -- terms ---------------------------------------------------------------------------------------------------------

    def of(self, expr: Expr) -> Series:
        """The expansion of a term.

        Fails   with `NoSeriesError`.
        """
        if self.t not in free_symbols(expr):
            return self.constant(expr)
        if expr == self.t:
            return Series(((S.One, Monomial(power=S.One)),))
        if expr.is_Add:
            return self.add(*[self.of(a) for a in expr.args])
        if expr.is_Mul:
            product = self.of(expr.args[0])
            for a in expr.args[1:]:
                product = self.mul(product, self.of(a))
            return product
        if expr.is_Pow and expr.base is not S.Exp1:
            return self._power(expr)
        if expr.is_Pow or isinstance(expr, exp):
            return self.exponential(self.of(expr.args[-1]))
        if isinstance(expr, log):
            return self.logarithm(self.of(expr.args[0]))
        if isinstance(expr, tanh | sinh | cosh):
            return self._hyperbolic(expr)
        if isinstance(expr, sin | cos | tan | atan | erf):
            return self._smooth(expr)
        if isinstance(expr, Abs):
            inner = self.of(expr.args[0])
            return inner if self._sign_of(inner) >= 0 else self.mul(self.constant(S.NegativeOne), inner)
        if isinstance(expr, Step):
            side = self._sign_of(self.of(expr.u))
            return self.constant(expr.at_zero if side == 0 else Integer(int(side > 0)))
        if isinstance(expr, Maximum | Minimum):
            return self._extreme(expr)
        if isinstance(expr, Cases):
            for value, condition in expr.branches:
                if self.limit(condition) == 1:
                    return self.of(value)
                if self.limit(condition) != 0:
                    raise NoSeriesError("a case that is not known")
            return self.of(expr.otherwise)
        if isinstance(expr, Sigma) and self.t not in free_symbols(expr.lo) | free_symbols(expr.hi):
            return self._sum(expr)
        record = by_head().get(expr.func)
        if record is not None and record.definition is not None and not isinstance(expr, Binder):
            return self.of(record.definition(*expr.args))
        raise NoSeriesError(f"no expansion of {expr.func.__name__}")

    def _sum(self, expr: Sigma) -> Series:
        """A sum over a range that stays, term by term; what grows is the same in all of its terms."""
        (letter,), body, _ = open_bound(expr, Setting(Givens(), {}))
        inner = self.of(body)
        monomials = [*(m for _, m in inner.terms), *([inner.rest] if inner.rest is not None else [])]
        if any(letter in free_symbols(c) for m in monomials for _, c in m.growth):
            raise NoSeriesError("a sum of terms that grow each in its own way")
        return self._made([(Sigma.over(letter, expr.lo, expr.hi, c), m) for c, m in inner.terms], [inner.rest])

    def _power(self, expr: Expr) -> Series:
        base, exponent = expr.base, expr.exp
        if isinstance(exponent, Rational):
            return self.power(self.of(base), exponent)
        if self.t not in free_symbols(exponent) and linear(exponent) is not None:
            raise NoSeriesError("a power whose exponent is not a number")
        return self.exponential(self.mul(self.of(exponent), self.logarithm(self.of(base))))

    def _hyperbolic(self, expr: Expr) -> Series:
        up, down = (self.exponential(self.of(expr.args[0] * side)) for side in (1, -1))
        above, below = self.add(up, self.mul(self.constant(S.NegativeOne), down)), self.add(up, down)
        if isinstance(expr, tanh):
            return self.mul(above, self.power(below, Integer(-1)))
        return self.mul(above if isinstance(expr, sinh) else below, self.constant(Rational(1, 2)))

    def _smooth(self, expr: Expr) -> Series:
        """A function that has a power series everywhere, at a finite place; arctan also at infinite ones."""
        inner = self.of(expr.args[0])
        at = self._limit(inner)
        if at.is_infinite and not isinstance(expr, atan):
            raise NoSeriesError("a function without a limit at infinity, or of which it is not known")
        if at.is_infinite:
            end = S.Pi / 2 if at is S.Infinity else -S.Pi / 2
            turned = self._taylor(atan, S.Zero, self.power(inner, Integer(-1)))
            return self.add(self.constant(end), self.mul(self.constant(S.NegativeOne), turned))
        return self._taylor(expr.func, at, self.add(inner, self.constant(-at)))

    def _taylor(self, head: Any, at: Expr, small: Series) -> Series:
        return self._sum_of_powers(small, lambda n: _coefficient(head, at, n))

    def _sign_of(self, s: Series) -> int:
        """The sign of a series close to the place where it is taken."""
        if not s.terms and s.rest is None:
            return 0
        return self._strict_sign(self._lead(s)[0])

    def _extreme(self, expr: Expr) -> Series:
        wanted = 1 if isinstance(expr, Maximum) else -1
        best, *others = [self.of(a) for a in expr.args]
        for other in others:
            gap = self.add(other, self.mul(self.constant(S.NegativeOne), best))
            best = other if self._sign_of(gap) == wanted else best
        return best


@lru_cache(maxsize=1024)
def _coefficient(head: Any, at: Expr, n: int) -> Expr:
    """The coefficient of the n-th power in the power series of an elementary function."""
    return put(_slope(head, n), {ARGUMENT: at}) / factorial(n)


@lru_cache(maxsize=256)
def _slope(head: Any, n: int) -> Expr:
    """The n-th derivative of an elementary function at any argument."""
    if n == 0:
        made: Expr = head(ARGUMENT)
        return made
    return Derivatives(Setting(Givens(), {}), {}, [FUEL]).total(_slope(head, n - 1), ARGUMENT)
