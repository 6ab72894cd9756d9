"""Rational arithmetic on expressions: cancelling, factoring and expanding over generators, by python-flint.

Every maximal part that is not a sum, product or integer power is a generator; exponentials are split so that
e^{a+2b} is a product of powers of e^a and e^b.  The arithmetic is exact and finite; what it costs is capped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from math import gcd, lcm

from flint import fmpq, fmpq_mpoly, fmpq_mpoly_ctx
from sympy import Add, Expr, Indexed, Integer, Mul, Pow, Rational, S, Symbol, exp

from symdl.language import Binder, Cases, D, Delta, Step

TERMS = 4000
"""No polynomial of more terms than this is expanded."""


class TooLargeError(Exception):
    """An intermediate polynomial has more than `TERMS` terms."""


@dataclass
class Field:
    """The rational functions over the generators of some expressions."""

    exprs: tuple[Expr, ...]
    keeps_powers: bool = False
    generators: dict[Expr, int] = field(default_factory=dict)
    roots: dict[Expr, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for e in self.exprs:
            self._scan(e)
        names = tuple(f"g{n}" for n in range(max(1, len(self.generators))))
        self.context = fmpq_mpoly_ctx.get(names, "degrevlex")
        self.gens = self.context.gens()
        self.one = self.context.constant(1)

    def _scan(self, e: Expr) -> None:
        if e.is_Rational:
            return
        if isinstance(e, (Add, Mul)):
            for a in e.args:
                self._scan(a)
        elif isinstance(e, Pow) and e.exp.is_Integer and not self._is_kept(e):
            self._scan(e.base)
        elif self._is_kept(e):
            self.generators.setdefault(e if e.exp > 0 else 1 / e, len(self.generators))
        elif isinstance(e, (exp, Pow)):
            for key, c in exponents(e):
                if key is None:
                    self._scan(e.base)
                    continue
                self.roots[key] = lcm(self.roots.get(key, 1), int(c.q))
                self.generators.setdefault(key, len(self.generators))
        else:
            self.generators.setdefault(e, len(self.generators))

    def _is_kept(self, e: Expr) -> bool:
        """Whether a power of a sum is a generator of its own, (a - b)^2, and not multiplied out."""
        return self.keeps_powers and isinstance(e, Pow) and isinstance(e.base, Add) and abs(e.exp) in (2, 3, 4)

    def fraction(self, e: Expr) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        """Numerator and denominator of `e`, in lowest terms."""
        if e.is_Rational:
            return self.context.constant(fmpq(int(e.p), int(e.q))), self.one
        if isinstance(e, Add):
            num, den = self.fraction(e.args[0])
            for a in e.args[1:]:
                n, d = self.fraction(a)
                if d == den:
                    num = num + n
                else:
                    common = den.gcd(d)
                    num, den = num * (d / common) + n * (den / common), den * (d / common)
                self._check(num, den)
            return self._lowest(num, den)
        if isinstance(e, Mul):
            num, den = self.one, self.one
            for a in e.args:
                n, d = self.fraction(a)
                num, den = num * n, den * d
                self._check(num, den)
            return self._lowest(num, den)
        if self._is_kept(e):
            if e.exp > 0:
                return self.gens[self.generators[e]], self.one
            return self.one, self.gens[self.generators[1 / e]]
        if isinstance(e, Pow) and e.exp.is_Integer:
            n, d = self.fraction(e.base)
            if len(n) ** abs(int(e.exp)) > TERMS * 100 or len(d) ** abs(int(e.exp)) > TERMS * 100:
                raise TooLargeError
            k = int(e.exp)
            return (n**k, d**k) if k >= 0 else (d**-k, n**-k)
        if isinstance(e, (exp, Pow)):
            num, den = self.one, self.one
            for key, c in exponents(e):
                k = c * self.roots.get(key, 1) if key is not None else c
                n, d = (self.gens[self.generators[key]], self.one) if key is not None else self.fraction(e.base)
                n, d = (n, d) if k > 0 else (d, n)
                num, den = num * n ** abs(int(k)), den * d ** abs(int(k))
            return num, den
        return self.gens[self.generators[e]], self.one

    def _lowest(self, num: fmpq_mpoly, den: fmpq_mpoly) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        if den.is_constant():
            return num / den, self.one
        common = num.gcd(den)
        num, den = num / common, den / common
        return num, den

    def _check(self, *polynomials: fmpq_mpoly) -> None:
        if any(len(p) > TERMS for p in polynomials):
            raise TooLargeError

    def expression(self, p: fmpq_mpoly) -> Expr:
        """A polynomial as an expanded expression."""
        return Add(*(self.term(c, monomial) for monomial, c in p.to_dict().items()))

    def factored(self, p: fmpq_mpoly) -> Expr:
        """A polynomial as a product of irreducible factors."""
        if p.is_constant() or len(p) > 400:
            return self.expression(p)
        constant, factors = p.factor()
        parts = []
        for q, k in factors:
            part = self.expression(q)
            if _leads_with_minus(part):
                part, constant = -part, constant * (-1) ** int(k)
            parts.append(part ** int(k))
        return _times(_rational(constant), Mul(*parts))

    def shared(self, p: fmpq_mpoly) -> Expr:
        """A polynomial with the factors common to all its terms taken out, and nothing else factored."""
        monomials = list(p.to_dict())
        if len(monomials) < 2:
            return self.expression(p)
        common = tuple(min(column) for column in zip(*monomials, strict=True))
        rest = self.context.from_dict(
            {tuple(int(e) - int(s) for e, s in zip(m, common, strict=True)): c for m, c in p.to_dict().items()}
        )
        content = self._content(rest)
        inner = self.expression(rest / content)
        if _leads_with_minus(inner):
            inner, content = -inner, -content
        return _times(self.term(content, common), inner)

    def _content(self, p: fmpq_mpoly) -> fmpq:
        """The positive rational that divides all coefficients and leaves coprime integers."""
        coefficients = list(p.to_dict().values())
        top = gcd(*(int(c.p) for c in coefficients))
        below = lcm(*(int(c.q) for c in coefficients))
        return fmpq(top, below)

    def term(self, c: fmpq, monomial: Iterable[int]) -> Expr:
        by_index = list(self.generators)
        factors = []
        for n, k in enumerate(monomial):
            if k:
                key = by_index[n]
                factors.append(_power(key, Rational(int(k), self.roots.get(key, 1))))
        return Mul(_rational(c), *factors)


def _times(c: Expr, e: Expr) -> Expr:
    """c * e, a rational factor not multiplied into a sum."""
    if c == 1 or not isinstance(e, Add):
        return c * e
    return Mul(c, e, evaluate=False)


def _power(key: Expr, k: Rational) -> Expr:
    return (
        exp(key.args[0] * k)
        if isinstance(key, exp)
        else Pow(key, k)
        if not isinstance(key, Pow)
        else Pow(key.base, key.exp * k)
    )


def _rational(c: fmpq) -> Rational:
    return Rational(int(c.p), int(c.q))


@lru_cache(maxsize=16384)
def exponents(e: Expr) -> tuple[tuple[Expr | None, Rational], ...]:
    """A power with a non-integer exponent as pairs (generator, rational exponent); None stands for the base itself."""
    base, exponent = (None, e.args[0]) if isinstance(e, exp) else (e.base, e.exp)
    found: list[tuple[Expr | None, Rational]] = []
    for term in Add.make_args(exponent.expand() if isinstance(exponent, (Mul, Pow)) else exponent):
        c, m = term.as_coeff_Mul()
        if not c.is_Rational:
            c, m = S.One, term
        if base is None:
            found.append((exp(m, evaluate=False) if m != 1 else exp(S.One), c))
        elif m == 1 and c.is_Integer:
            found.append((None, c))
        elif m == 1:
            whole = int(c) if c > 0 else -int(-c)
            if whole:
                found.append((None, Integer(whole)))
            if c - whole:
                found.append((Pow(base, Rational(1, c.q), evaluate=False), (c - whole) * c.q))
        else:
            found.append((Pow(base, m, evaluate=False), c))
    return tuple(found)


def _leads_with_minus(e: Expr) -> bool:
    terms = Add.make_args(e)
    first = [t for t in terms if t.has(Delta)] or [t for t in terms if t.is_number]
    if first and len(terms) == 2:
        return bool(first[0].as_coeff_Mul()[0] < 0)
    minus = sum(1 for t in terms if t.as_coeff_Mul()[0] < 0)
    return minus * 2 > len(terms) or (minus * 2 == len(terms) and terms[0].as_coeff_Mul()[0] < 0)


@lru_cache(maxsize=16384)
def cost(e: Expr) -> float:
    """How long an expression is for a reader: what is named is cheap, sums and fractions are dear."""
    if isinstance(e, Indexed) or not e.args:
        return 1.0 + (0.0 if e.is_Rational and e.q == 1 else 0.5 if e.is_Rational else 0.0)
    if isinstance(e, Binder):
        return 3.0 + sum(cost(a) for a in e.args[2:])
    if isinstance(e, D):
        return 6.0 + cost(e.of)
    if isinstance(e, Mul):
        negative = 0.5 if e.as_coeff_Mul()[0] == -1 else 0.0
        return sum(cost(a) for a in e.args if a != -1) + 0.2 * len(e.args) + negative
    if isinstance(e, Pow):
        if e.exp == -1:
            return cost(e.base) + 1.1
        return cost(e.base) + (1.6 if e.exp.is_Integer else 0.8 * cost(e.exp))
    if isinstance(e, Add):
        backwards = 0.2 if _leads_with_minus(e) else 0.0
        return sum(cost(a) for a in e.args) + 0.6 * (len(e.args) - 1) + 0.3 + backwards
    if isinstance(e, (Delta, Step)):
        return 1.5 + (cost(e.args[0]) if isinstance(e, Step) else 0.0)
    if isinstance(e, Cases):
        return 4.0 + sum(cost(a) for a in e.args)
    if isinstance(e, exp):
        c, m = e.args[0].as_coeff_Mul()
        return 1.5 + cost(m if c == -1 else e.args[0])
    return 1.5 + sum(cost(a) for a in e.args)


def expanded(e: Expr) -> Expr:
    """`e` as a sum of products over its generators; unchanged where it has a true denominator or is too large."""
    try:
        ring = Field((e,))
        num, den = ring.fraction(e)
        if len(num) > 400:
            return e
        below = ring.factored(den)
        return Add(*(ring.term(c, m) / below for m, c in num.to_dict().items()))
    except TooLargeError:
        return e


@lru_cache(maxsize=16384)
def lowest(e: Expr) -> tuple[Expr, ...]:
    """Several ways to write `e` as a rational function in lowest terms."""
    ways = _lowest_ways(e, keeps_powers=False)
    if any(isinstance(p.base, Add) and abs(p.exp) in (2, 3, 4) for p in e.atoms(Pow)):
        ways += _lowest_ways(e, keeps_powers=True)
    return tuple(ways)


def _lowest_ways(e: Expr, *, keeps_powers: bool) -> list[Expr]:
    try:
        ring = Field((e,), keeps_powers)
        num, den = ring.fraction(e)
    except (TooLargeError, ZeroDivisionError):
        return []
    below = ring.factored(den)
    top = ring.factored(num)
    flat = ring.expression(num)
    ways = [_over(top, below), _over(flat, below), _over(ring.shared(num), below)]
    if not den.is_constant() and len(num) <= 12:
        ways.append(Add(*(ring.term(c, m) / below for m, c in num.to_dict().items())))
    return ways


def _over(top: Expr, below: Expr) -> Expr:
    return _joined(_divided(top, below))


def _joined(e: Expr) -> Expr:
    """A product with the powers of one base joined where an exponent is symbolic: w^T w^{-t} is w^{T-t}."""
    if not any(isinstance(f, Pow) and not f.exp.is_number for f in Mul.make_args(e)):
        return e
    totals: dict[Expr, Expr] = {}
    for factor in Mul.make_args(e):
        base, exponent = (factor.base, factor.exp) if isinstance(factor, Pow) else (factor, S.One)
        for inner in Mul.make_args(base) if exponent == -1 else (base,):
            b, k = (inner.base, inner.exp) if isinstance(inner, Pow) else (inner, S.One)
            totals[b] = totals.get(b, S.Zero) + k * exponent
    return Mul(*(Pow(b, k) for b, k in totals.items()))


def _divided(top: Expr, below: Expr) -> Expr:
    if below == 1:
        return top
    if isinstance(top, Add):
        return Mul(top, Pow(below, -1), evaluate=False) if isinstance(below, Add) else top * below**-1
    return top / below


def equal(a: Expr, b: Expr) -> bool:
    """Whether two expressions are the same rational function of their generators."""
    try:
        ring = Field((a - b,))
        num, _ = ring.fraction(a - b)
    except (TooLargeError, ZeroDivisionError):
        return False
    return bool(num == 0)


def solve_for(name: Expr, body: Expr, generator: Expr) -> Expr | None:
    """The generator in terms of the name, from `name = body`; None unless `body` is a quotient of two linear ones."""
    try:
        ring = Field((name, body))
    except TooLargeError:
        return None
    if generator not in ring.generators or ring.roots.get(generator, 1) != 1:
        return None
    num, den = ring.fraction(body)
    at = ring.generators[generator]
    n1, n0 = _linear(num, at, ring)
    d1, d0 = _linear(den, at, ring)
    if n1 is None or n0 is None or d1 is None or d0 is None:
        return None
    y = ring.gens[ring.generators[name]]
    top, below = n0 - y * d0, y * d1 - n1
    if below == 0:
        return None
    top, below = ring._lowest(top, below)
    if len(top) > 6 or len(below) > 6:
        return None
    a, b = ring.factored(top), ring.factored(below)
    if _leads_with_minus(b) and isinstance(b, (Add, Mul)):
        a, b = -a, -b
    return a / b


def _linear(p: fmpq_mpoly, at: int, ring: Field) -> tuple[fmpq_mpoly | None, fmpq_mpoly | None]:
    """The coefficients of g and of 1 in a polynomial that is linear in generator number `at`."""
    one: dict[tuple[int, ...], fmpq] = {}
    zero: dict[tuple[int, ...], fmpq] = {}
    for monomial, c in p.to_dict().items():
        k = monomial[at]
        if k > 1:
            return None, None
        rest = tuple(0 if n == at else e for n, e in enumerate(monomial))
        (one if k else zero)[rest] = c
    return ring.context.from_dict(one), ring.context.from_dict(zero)


def generators(e: Expr) -> tuple[Expr, ...]:
    """The generators of `e`, in order of appearance."""
    return tuple(Field((e,)).generators)


def is_number(e: Expr) -> bool:
    """Whether nothing in `e` varies."""
    return not any(isinstance(s, Symbol) for s in e.free_symbols)
