"""Rational arithmetic on expressions: cancelling, factoring and expanding over generators, by python-flint.

Every maximal part that is not a sum, product or integer power is a generator; exponentials are split so that
e^{a+2b} is a product of powers of e^a and e^b.  The arithmetic is exact and finite; what it costs is capped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from math import gcd, lcm

from flint import fmpq, fmpq_mpoly, fmpq_mpoly_ctx
from sympy import Add, Expr, Integer, Mul, Pow, Rational, S, exp
from sympy.core.numbers import Exp1

from symdl.engine.cost import leads_with_minus
from symdl.language import as_fmpq, as_rational

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
        elif isinstance(e, (exp, Exp1, Pow)):
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
            return self.context.constant(as_fmpq(e)), self.one
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
            return self.lowest(num, den)
        if isinstance(e, Mul):
            num, den = self.one, self.one
            for a in e.args:
                n, d = self.fraction(a)
                num, den = num * n, den * d
                self._check(num, den)
            return self.lowest(num, den)
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
        if isinstance(e, (exp, Exp1, Pow)):
            num, den = self.one, self.one
            for key, c in exponents(e):
                k = c * self.roots.get(key, 1) if key is not None else c
                n, d = (self.gens[self.generators[key]], self.one) if key is not None else self.fraction(e.base)
                n, d = (n, d) if k > 0 else (d, n)
                num, den = num * n ** abs(int(k)), den * d ** abs(int(k))
            return num, den
        return self.gens[self.generators[e]], self.one

    def lowest(self, num: fmpq_mpoly, den: fmpq_mpoly) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        """Both divided by their greatest common divisor."""
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

    def factored(self, p: fmpq_mpoly, write: Callable[[fmpq_mpoly], Expr] | None = None) -> Expr:
        """A polynomial as a product of irreducible factors, each written by `write`, by default expanded."""
        if p.is_constant() or len(p) > 400:
            return self.expression(p)
        constant, factors = p.factor()
        parts = []
        for q, k in _without_conjugates(factors):
            part = self.expression(q) if write is None else write(q)
            if leads_with_minus(part):
                part, constant = -part, constant * (-1) ** int(k)
            parts.append(part ** int(k))
        return _times(as_rational(constant), Mul(*parts))

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
        if leads_with_minus(inner):
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
        return with_one_exponential(Mul(as_rational(c), *factors))


def _without_conjugates(factors: list[tuple[fmpq_mpoly, int]]) -> list[tuple[fmpq_mpoly, int]]:
    """The factors with (a - b)(a + b) put together as a^2 - b^2."""
    left = list(factors)
    found: list[tuple[fmpq_mpoly, int]] = []
    while left:
        q, k = left.pop(0)
        other = next((n for n, (r, j) in enumerate(left) if j == k and len(q) == len(r) == 2 and len(q * r) == 2), None)
        found.append((q, k) if other is None else (q * left.pop(other)[0], k))
    return found


def _times(c: Expr, e: Expr) -> Expr:
    """c * e, a rational factor not multiplied into a sum."""
    if c == 1 or not isinstance(e, Add):
        return c * e
    return Mul(c, e, evaluate=False)


def with_one_exponential(e: Expr) -> Expr:
    """A product with all its exponentials as one: e^a e^b is e^{a+b}."""
    exponentials = [f for f in Mul.make_args(e) if isinstance(f, exp)]
    if len(exponentials) < 2:
        return e
    rest = [f for f in e.args if not isinstance(f, exp)]
    return Mul(*rest, exp(Add(*(f.args[0] for f in exponentials))))


def _power(key: Expr, k: Rational) -> Expr:
    return (
        exp(key.args[0] * k)
        if isinstance(key, exp)
        else Pow(key, k)
        if not isinstance(key, Pow)
        else Pow(key.base, key.exp * k)
    )


@lru_cache(maxsize=16384)
def exponents(e: Expr) -> tuple[tuple[Expr | None, Rational], ...]:
    """A power with a non-integer exponent as pairs (generator, rational exponent); None stands for the base itself.

    The number e is the exponential of 1.
    """
    if isinstance(e, Exp1):
        return ((e, S.One),)
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
    top, below = ring.lowest(top, below)
    if len(top) > 6 or len(below) > 6:
        return None
    a, b = ring.factored(top), ring.factored(below)
    if leads_with_minus(b) and isinstance(b, (Add, Mul)):
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
