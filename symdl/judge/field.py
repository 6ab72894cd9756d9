"""Quotients of polynomials over generators that are terms, with what is known to relate these."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import gcd, lcm
from typing import Any

from flint import fmpq, fmpq_mpoly_ctx
from sympy import Abs, Expr, Symbol

from symdl.judge.derivative import NotProvableError, UndefinedError, spend
from symdl.judge.whole import Setting, added, multiplied, raised, weight
from symdl.language import Delta, as_rational, free_symbols

Poly = Any
"""An `fmpq_mpoly`."""

MAX_TERMS = 50_000

MAX_GCD = 60_000
"""The product of the numbers of terms up to which a fraction is reduced; an unreduced one is zero just as visibly."""

MAX_DEGREE = 120
"""The degree up to which a polynomial is factored, powers that all its terms share left aside."""

MAX_POWER = 200
"""The power up to which a sum is raised, and one term whatever its coefficient is."""

MAX_DIGITS = 10**6
"""The length in binary digits up to which the coefficient of one term grows beyond that; also the highest power."""

MAX_WEIGHT = 3_000
"""The number of subterms up to which a term is taken for a generator."""


class RestartError(Exception):
    """A normalisation has to begin anew, with what it has found out."""


class FullError(RestartError):
    """More generators are needed than were foreseen."""


class Fraction:
    """A quotient of polynomials in lowest terms up to a constant."""

    __slots__ = ("den", "num")

    def __init__(self, num: Poly, den: Poly) -> None:
        self.num, self.den = num, den


class Field(ABC):
    """Fractions of polynomials over the generators met so far, under one setting.

    `assumes` collects the side conditions that were used, as pairs of an expression and what is said of it.
    """

    def __init__(self, setting: Setting, capacity: int, fuel: list[int]) -> None:
        self.setting, self.capacity, self.fuel = setting, capacity, fuel
        self.context, self.polys = _ring(capacity)
        self.one, self.zero = _constants(capacity)
        self.ids: dict[Expr, int] = {}
        self.generators: list[Expr] = []
        self.assumes: dict[tuple[Expr, str], None] = {}
        self._roots: dict[int, tuple[int, Fraction]] = {}
        self._steps: dict[int, tuple[int, Poly]] = {}
        self._flags: set[int] = set()

    @abstractmethod
    def form(self, expr: Expr) -> Fraction:
        """The normal form of a term.

        Fails   with `NotProvableError` where the term is undefined, too large, or of an unknown kind.
        """

    def spend(self, steps: int) -> None:
        """Take steps off what the search may use."""
        spend(self.fuel, steps)

    def assume(self, expr: Expr, said: str) -> None:
        """Record a side condition that was used."""
        if not isinstance(expr, Abs):
            self.assumes[expr, said] = None
        elif said != ">= 0":
            self.assumes[expr.args[0], "!= 0"] = None

    # -- fractions -----------------------------------------------------------------------------------------------------

    def constant(self, value: Any) -> Fraction:
        return Fraction(self.context.constant(value), self.one)

    def _poly(self, p: Poly) -> Fraction:
        return Fraction(p, self.one)

    def reduced(self, num: Poly, den: Poly) -> Fraction:
        if len(den) == 0:
            raise UndefinedError("division by zero")
        if len(num) == 0:
            return Fraction(self.zero, self.one)
        self._weigh(num, den)
        if self._relations():
            num = self._related(num)
            den = den if den.is_constant() else self._related(den)
            if den == 0:
                raise UndefinedError("division by zero")
        return self._lowest(num, den, den)

    def _lowest(self, num: Poly, den: Poly, shared: Poly) -> Fraction:
        """A fraction in lowest terms, all common factors being factors of a polynomial that is known."""
        if len(num) == 0:
            return Fraction(self.zero, self.one)
        if shared is not self.one and len(num) * len(shared) <= MAX_GCD:
            g = num.gcd(shared)
            if not g.is_one():
                num, den = num / g, den / g
        return self._monic(num, den)

    def _weigh(self, num: Poly, den: Poly) -> None:
        count = len(num) + len(den)
        if count > 3:
            self.spend(count // 4)
            if count > MAX_TERMS and max(len(num), len(den)) > MAX_TERMS:
                raise NotProvableError("more than 50,000 terms")

    def _monic(self, num: Poly, den: Poly) -> Fraction:
        if den is self.one or den == self.one:
            return Fraction(num, self.one)
        lead = den.leading_coefficient()
        if len(den) == 1 and den.is_constant():
            return Fraction(num / lead, self.one)
        return Fraction(num, den) if lead == 1 else Fraction(num / lead, den / lead)

    def _whole(self, num: Poly) -> Fraction:
        """A polynomial as a fraction, what is known of its generators used."""
        if len(num) > 2:
            self._weigh(num, self.one)
        return Fraction(self._related(num) if self._relations() else num, self.one)

    def _joined(self, num: Poly) -> Fraction:
        """A sum of polynomials of which it is used what is known of their generators, as a fraction."""
        if self._steps:
            return self._whole(num)
        # What lowers powers and leaves out products finds nothing in a sum that it did not find in the parts.
        if len(num) > 2:
            self._weigh(num, self.one)
        return Fraction(num, self.one)

    def add(self, a: Fraction, b: Fraction) -> Fraction:
        if a.den is self.one and b.den is self.one:
            return self._joined(a.num + b.num)
        if a.den == b.den:
            joined = self._joined(a.num + b.num)
            return self._lowest(joined.num, a.den, a.den)
        if a.den is self.one or b.den is self.one:
            shared, left, right = self.one, a.den, b.den
        else:
            shared = a.den.gcd(b.den)
            left, right = a.den / shared, b.den / shared
        num, den = a.num * right + b.num * left, a.den * right
        if self._relations():
            return self.reduced(num, den)
        # Of fractions in lowest terms the sum can only lose what the denominators share.
        self._weigh(num, den)
        return self._lowest(num, den, shared)

    def less(self, a: Fraction, b: Fraction) -> Fraction:
        """The difference of two fractions."""
        return self.add(a, Fraction(-b.num, b.den))

    def total(self, parts: Sequence[Fraction]) -> Fraction:
        """The sum of fractions."""
        whole = [f.num for f in parts if f.den is self.one]
        if len(whole) == len(parts):
            return self._joined(sum(whole, self.zero))
        rest = [f for f in parts if f.den is not self.one]
        found = self._joined(sum(whole[1:], whole[0])) if whole else rest.pop(0)
        for f in rest:
            found = self.add(found, f) if found.num != 0 else f
        return found

    def mul(self, a: Fraction, b: Fraction) -> Fraction:
        if len(a.num) * len(b.num) > 40 * MAX_TERMS:
            raise NotProvableError("more than 50,000 terms")
        if a.den is self.one and b.den is self.one:
            return self._whole(a.num * b.num)
        for one, other in ((a, b), (b, a)):
            if one.den is self.one and len(one.num) == 1 and one.num.is_constant():
                # A fraction in lowest terms times a number is in lowest terms.
                return Fraction(one.num * other.num, other.den)
        if self._relations():
            return self.reduced(a.num * b.num, a.den * b.den)
        above, right = self._crossed(a.num, b.den)
        other, left = self._crossed(b.num, a.den)
        num, den = above * other, left * right
        self._weigh(num, den)
        return self._lowest(num, den, self.one)

    def _crossed(self, num: Poly, den: Poly) -> tuple[Poly, Poly]:
        """A numerator and the denominator of another fraction without what they share."""
        if den is self.one or len(num) * len(den) > MAX_GCD:
            return num, den
        shared = num.gcd(den)
        return (num, den) if shared.is_one() else (num / shared, den / shared)

    def power(self, a: Fraction, n: int) -> Fraction:
        count = max(len(a.num), len(a.den))
        if count > 1 and (abs(n) > MAX_POWER or (abs(n) > 1 and count ** min(abs(n), 12) > 10**7)):
            raise NotProvableError("a power too large to write out")
        if abs(n) > MAX_POWER and _digits(a) * abs(n) > MAX_DIGITS:
            raise NotProvableError("a power too large to write out")
        if n < 0 and a.num == 0:
            raise UndefinedError("division by zero")
        if n == 1:
            return a
        if n < 0:
            above, below = (a.den, a.num) if n == -1 else (a.den**-n, a.num**-n)
        elif a.den is self.one:
            return self._whole(a.num**n)
        else:
            above, below = a.num**n, a.den**n
        if self._relations():
            return self.reduced(above, below)
        # Powers of a fraction in lowest terms are in lowest terms.
        self._weigh(above, below)
        return self._monic(above, below)

    # -- relations between generators ----------------------------------------------------------------------------------

    def _relations(self) -> bool:
        return bool(self._roots or self._steps or self._flags)

    def _related(self, p: Poly) -> Poly:
        """The polynomial with powers of roots and indicators reduced."""
        if len(p) == 0 or p.total_degree() < 2:
            return p
        for _ in range(20):
            degrees = p.degrees()
            changed = False
            for g, (q, base) in self._roots.items():
                if degrees[g] >= q:
                    p, changed = self._lowered(p, g, q, base), True
                    degrees = p.degrees()
            powered = [g for g in self._flags if degrees[g] >= 2]
            joined = [(s, weak) for s, (weak, _) in self._steps.items() if degrees[s] and degrees[weak]]
            if powered or joined:
                p = self._flattened(p, powered, joined)
                degrees = p.degrees()
            for s, (weak, u) in self._steps.items():
                if degrees[weak]:
                    replaced = self._at_kink(p, s, weak, u)
                    if replaced is not None:
                        p, changed = replaced, True
                        degrees = p.degrees()
            if not changed:
                return p
        return p

    def by_degree(self, p: Poly, g: int) -> dict[int, Poly]:
        parts: dict[int, dict[tuple[int, ...], Any]] = {}
        for m, c in terms_of(p):
            parts.setdefault(m[g], {})[(*m[:g], 0, *m[g + 1 :])] = c
        return {k: self.context.from_dict(d) for k, d in parts.items()}

    def _lowered(self, p: Poly, g: int, q: int, base: Fraction) -> Poly:
        total = self.zero
        for k, part in self.by_degree(p, g).items():
            total += part * base.num ** (k // q) * self.polys[g] ** (k % q)
        return total

    def _flattened(self, p: Poly, powered: Sequence[int], joined: Sequence[tuple[int, int]]) -> Poly:
        """A polynomial in which no indicator has a power, and 1[u > 0] is written for its product with 1[u >= 0]."""
        parts: dict[tuple[int, ...], Any] = {}
        for m, c in terms_of(p):
            flat = list(m)
            for g in powered:
                flat[g] = min(flat[g], 1)
            for s, weak in joined:
                if flat[s]:
                    flat[weak] = 0
            key = tuple(flat)
            parts[key] = parts.get(key, 0) + c
        return self.context.from_dict(parts)

    def _at_kink(self, p: Poly, s: int, weak: int, u: Poly) -> Poly | None:
        """Replaces 1[u >= 0] u by 1[u > 0] u; None where there is nothing to replace."""
        parts = self.by_degree(p, weak)
        factor = parts.get(1)
        if factor is None or len(factor) > 400:
            return None
        quotient, rest = divmod(factor, u)
        if quotient == 0:
            return None
        result = rest * self.polys[weak] + parts.get(0, self.zero)
        return self._flattened(result + quotient * u * self.polys[s], (), ((s, weak),))

    # -- generators ----------------------------------------------------------------------------------------------------

    def generator(self, expr: Expr) -> int:
        """The number of the generator that this normal term is."""
        found = self.ids.get(expr)
        if found is None:
            found = len(self.generators)
            if found >= self.capacity:
                raise FullError
            if weight(expr) > MAX_WEIGHT:
                raise NotProvableError(f"a generator of more than {MAX_WEIGHT:,} parts")
            self.spend(weight(expr) // 8)
            self.ids[expr] = found
            self.generators.append(expr)
            if isinstance(expr, Delta):
                self._flags.add(found)
        return found

    def atom(self, expr: Expr) -> Fraction:
        return self._poly(self.polys[self.generator(expr)])

    def expr(self, a: Fraction) -> Expr:
        """The normal term that the fraction stands for."""
        num = self.poly_expr(a.num)
        if a.den.is_one():
            return num
        return multiplied(num, raised(self.poly_expr(a.den), -1))

    def poly_expr(self, p: Poly) -> Expr:
        if len(p) > 600:
            raise NotProvableError("a generator of more than 600 terms")
        self.spend(len(p) // 8)
        terms = [self._monomial(m, c) for m, c in terms_of(p)]
        return terms[0] if len(terms) == 1 else added(*terms)

    def _monomial(self, m: Iterable[int], c: Any) -> Expr:
        found = powers([(self.generators[g], int(e)) for g, e in enumerate(m) if e])
        return found if c == 1 else multiplied(as_rational(c), found)

    def _having(self, p: Poly, letter: Symbol) -> list[int]:
        if p == 0:
            return []
        return [g for g, e in enumerate(p.degrees()) if e and letter in free_symbols(self.generators[g])]

    # -- factors -------------------------------------------------------------------------------------------------------

    def _factors(self, a: Fraction) -> tuple[Any, list[tuple[Poly, int]]]:
        """The content and the irreducible factors, those of the denominator with negative multiplicity."""
        content, factors = self.factored(a.num)
        below, others = self.factored(a.den)
        return content / below, [*factors, *[(f, -m) for f, m in others]]

    def factored(self, p: Poly) -> tuple[Any, list[tuple[Poly, int]]]:
        if len(p) == 0:
            return fmpq(0), []
        if len(p) == 1:
            return p.leading_coefficient(), [(self.polys[g], int(e)) for g, e in enumerate(p.degrees()) if e]
        if p.total_degree() == 1:
            content = _content(p)
            return content, [(p / content, 1)]
        if p.total_degree() > MAX_DEGREE:
            common = p.term_content()
            if common.total_degree() > 0:
                content, factors = self.factored(p / common)
                return content * common.leading_coefficient(), [*self.factored(common)[1], *factors]
        if len(p) > 1_500 or p.total_degree() > MAX_DEGREE:
            raise NotProvableError("a polynomial too large to factor")
        # Generators that do not occur cost as much as those that do.
        inside = fmpq_mpoly_ctx.get(tuple(f"g{g}" for g, e in enumerate(p.degrees()) if e), "lex")
        content, factors = p.project_to_context(inside).factor()
        return fmpq(content), [(f.project_to_context(self.context), int(m)) for f, m in factors]


def terms_of(p: Poly) -> Iterable[tuple[tuple[Any, ...], Any]]:
    """The exponents and the coefficient of each term of a polynomial."""
    return zip(p.monoms(), p.coeffs(), strict=True)


def _content(p: Poly) -> fmpq:
    """The number by which a polynomial is one with whole coefficients that share no factor, the first one positive."""
    coefficients = p.coeffs()
    found = fmpq(gcd(*[int(c.p) for c in coefficients]), lcm(*[int(c.q) for c in coefficients]))
    return found if coefficients[0] > 0 else -found


def _digits(a: Fraction) -> int:
    """By how many binary digits a coefficient of a fraction of two single terms grows with each power, at least 1."""
    lead = [fmpq(p.leading_coefficient()) for p in (a.num, a.den) if len(p) > 0]
    return max(1, *(int(part).bit_length() - 1 for c in lead for part in (c.p, c.q)))


def powers(factors: Sequence[tuple[Expr, int]]) -> Expr:
    """The product of powers of terms."""
    parts = [base if e == 1 else raised(base, e) for base, e in factors]
    return parts[0] if len(parts) == 1 else multiplied(*parts)


@lru_cache(maxsize=16)
def _ring(capacity: int) -> tuple[Any, tuple[Poly, ...]]:
    """The polynomials in so many generators, and the generators."""
    context = fmpq_mpoly_ctx.get([f"g{n}" for n in range(capacity)], "lex")
    return context, context.gens()


@lru_cache(maxsize=16)
def _constants(capacity: int) -> tuple[Poly, Poly]:
    """The polynomials 1 and 0."""
    context, _ = _ring(capacity)
    return context.constant(1), context.constant(0)
