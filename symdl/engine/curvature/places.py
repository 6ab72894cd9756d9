"""Points given by formulas, by algebraic numbers or by enclosures, and the signs of expressions there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from flint import arb, fmpq_mat, fmpq_poly
from sympy import (
    Add,
    Expr,
    Float,
    Integer,
    Mul,
    Poly,
    Pow,
    Rational,
    S,
    Symbol,
    acos,
    cancel,
    cos,
    exp,
    expand_trig,
    fraction,
    log,
    pi,
    sin,
    sqrt,
    tanh,
    together,
)
from sympy.polys.polyerrors import BasePolynomialError
from sympy.polys.rootoftools import ComplexRootOf

from symdl.engine.curvature.balls import NoBallError, ball, precision, real_roots, sign_by_balls
from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, letters_of, without_roots
from symdl.language import as_fmpq, as_rational
from symdl.problem import Relation

Vector = Mapping[Symbol, Expr]
"""The value of each variable."""


Roots = tuple[tuple[Expr, int, Symbol], ...]
"""What a root is taken of, its order, and the letter for it."""


class Place(Protocol):
    """A point; `at` holds the values of the variables, `free` the letters that run through a family of points."""

    @property
    def at(self) -> Vector: ...

    @property
    def free(self) -> tuple[Symbol, ...]: ...

    def sign(self, expr: Expr, known: Knowledge) -> int:
        """The sign of an expression in the variables and letters."""

    def value(self, expr: Expr) -> Expr:
        """Its value."""


@dataclass(frozen=True)
class Formula:
    """A point whose coordinates are expressions in the letters; `curve` vanishes on the whole family, if it is one.

    `path` tells how it was found: an expression that vanishes in this case, or a letter and its value.
    """

    at: Vector
    free: tuple[Symbol, ...] = ()
    conditions: tuple[Relation, ...] = ()
    curve: Expr | None = field(default=None, compare=False)
    path: tuple[tuple[Expr, ...], ...] = field(default=(), compare=False)

    def sign(self, expr: Expr, known: Knowledge) -> int:
        return known.sign(self.value(expr))

    def value(self, expr: Expr) -> Expr:
        return neat(expr.xreplace(dict(self.at)))


@dataclass(frozen=True)
class Algebraic:
    """A point with coordinates in Q(t), t being root number `index` of the irreducible polynomial `modulus`."""

    modulus: fmpq_poly
    index: int
    coordinates: Mapping[Symbol, fmpq_poly]
    free: tuple[Symbol, ...] = ()
    path: tuple[tuple[Expr, ...], ...] = field(default=(), compare=False)

    @property
    def at(self) -> Vector:
        return {x: self.number(c) for x, c in self.coordinates.items()}

    def sign(self, expr: Expr, known: Knowledge) -> int:
        try:
            element = self.element(expr)
        except NotAlgebraicError:
            return known.sign(self.value(expr))
        if element == 0:
            return 0
        for bits in (64, 200, 800, 3200):
            with precision(bits):
                value = _horner(element, self.root())
                if value > 0 or value < 0:
                    return 1 if value > 0 else -1
        raise UndecidableError("the sign of ", expr, " at an algebraic number")

    def root(self) -> arb:
        """The number t at the working precision."""
        return real_roots(self.modulus.numer())[self.index]

    def value(self, expr: Expr) -> Expr:
        try:
            return self.number(self.element(expr))
        except NotAlgebraicError:
            return neat(expr.xreplace(dict(self.at)))

    def element(self, expr: Expr) -> fmpq_poly:
        """The value of a rational expression as a polynomial in t."""
        if expr.is_Rational:
            return fmpq_poly([as_fmpq(expr)])
        if isinstance(expr, Symbol):
            if expr not in self.coordinates:
                raise NotAlgebraicError
            return self.coordinates[expr]
        if isinstance(expr, Add):
            total = fmpq_poly([0])
            for a in expr.args:
                total = total + self.element(a)
            return total
        if isinstance(expr, Mul):
            product = fmpq_poly([1])
            for a in expr.args:
                product = product * self.element(a) % self.modulus
            return product
        if isinstance(expr, Pow) and expr.exp.is_Integer:
            base = self.element(expr.base)
            if expr.exp < 0:
                base = self.inverse(base)
            product = fmpq_poly([1])
            for _ in range(abs(int(expr.exp))):
                product = product * base % self.modulus
            return product
        raise NotAlgebraicError

    def inverse(self, element: fmpq_poly) -> fmpq_poly:
        if element == 0:
            raise ZeroDivisionError
        one, s, _ = element.xgcd(self.modulus)
        return s / one[0]

    def number(self, element: fmpq_poly) -> Expr:
        """An element of the field as a real number: rational, with square roots, or a numbered root."""
        element = element % self.modulus
        minimal = self._minimal(element)
        with precision(200):
            value = _horner(element, self.root())
            roots = real_roots(minimal.numer())
            index = next(n for n, r in enumerate(roots) if r.overlaps(value))
        return _numbered_root(minimal, index)

    def _minimal(self, element: fmpq_poly) -> fmpq_poly:
        degree = self.modulus.degree()
        rows = []
        power = element
        for _ in range(degree):
            rows.append([power[n] for n in range(degree)])
            power = power * fmpq_poly([0, 1]) % self.modulus
        characteristic = fmpq_mat(rows).charpoly()
        _, parts = characteristic.factor()
        assert len(parts) == 1
        return parts[0][0]


def _horner(p: fmpq_poly, at: arb) -> arb:
    value = arb(0)
    for c in reversed(p.coeffs()):
        value = value * at + arb(c)
    return value


class NotAlgebraicError(Exception):
    """An expression that has no value in the field of a point."""


@dataclass(frozen=True)
class Enclosed:
    """A point known by certified enclosures, in each of which it is the only one.

    `derived` are the other variables, as expressions in those.
    """

    boxes: Mapping[Symbol, tuple[Rational, Rational]]
    derived: Mapping[Symbol, Expr]
    free: tuple[Symbol, ...] = ()

    @property
    def at(self) -> Vector:
        found = {x: _digits(lo, hi) for x, (lo, hi) in self.boxes.items()}
        return {**found, **{x: self.value(x) for x in self.derived}}

    def sign(self, expr: Expr, known: Knowledge) -> int:
        expr = known.put(expr).xreplace(dict(self.derived))
        if not letters_of(expr):
            return known.sign(expr)
        flat = neat(expr)
        if flat == 0:
            return 0
        found = sign_by_balls(expr, self._balls) or sign_by_balls(flat, self._balls)
        if found is None:
            raise UndecidableError("the sign of ", expr, " at a point known by its enclosure")
        return found

    def _balls(self) -> dict[Expr, arb]:
        return {x: enclosing(lo, hi) for x, (lo, hi) in self.boxes.items()}

    def value(self, expr: Expr) -> Expr:
        expr = expr.xreplace(dict(self.derived))
        if not letters_of(expr):
            return neat(expr)
        with precision(256):
            try:
                found = ball(expr, self._balls())
            except NoBallError:
                raise UndecidableError("the value of ", expr) from None
        return _digits(rational(found.lower()), rational(found.upper()))


@dataclass(frozen=True)
class Framed:
    """A point found in other letters: `back` gives the variables in these letters, t = e^x and the like.

    `circles` are the letters for the cosine and the sine of a variable, `roots` those for the roots of what holds one.
    """

    inner: Place
    back: Mapping[Symbol, Expr]
    circles: Mapping[Symbol, tuple[Symbol, Symbol]]
    roots: Roots = ()

    @property
    def at(self) -> Vector:
        names = {t: own for x, e in self.back.items() for t, own in own_letter(x, e) if t in self.inner.free}
        found = {x: neat(self.inner.value(e).xreplace(names)) for x, e in self.back.items()}
        for x, (c, s) in self.circles.items():
            found[x] = _angle(self.inner.value(c), self.inner.value(s))
        return found

    @property
    def free(self) -> tuple[Symbol, ...]:
        return tuple(x for x, e in self.back.items() if letters_of(e) & set(self.inner.free))

    def sign(self, expr: Expr, known: Knowledge) -> int:
        return self.inner.sign(self._framed(expr), known)

    def value(self, expr: Expr) -> Expr:
        names = {t: own for x, e in self.back.items() for t, own in own_letter(x, e) if t in self.inner.free}
        return neat(self.inner.value(self._framed(expr)).xreplace(names))

    def _framed(self, expr: Expr) -> Expr:
        if self.circles:
            expr = expand_trig(expr.expand())
            for x, (c, s) in self.circles.items():
                expr = expr.xreplace({cos(x): c, sin(x): s})
        return numerator_over(with_root_letters(expr, self.roots).xreplace(dict(self.back)))


def with_root_letters(expr: Expr, roots: Roots) -> Expr:
    """An expression with the powers of roots as powers of their letters."""
    for u, order, letter in roots:
        powers = {a: letter ** (a.exp * order) for a in expr.atoms(Pow) if a.base == u and not a.exp.is_Integer}
        expr = expr.xreplace(powers)
    return expr


def own_letter(x: Symbol, e: Expr) -> list[tuple[Expr, Expr]]:
    """The letter t of x = q log t, as e^{x/q}."""
    logs = [a for a in e.atoms(log) if isinstance(a.args[0], Symbol)]
    return [(a.args[0], exp(x * a / e)) for a in logs] if logs else [(e, x)] if isinstance(e, Symbol) else []


def _angle(c: Expr, s: Expr) -> Expr:
    """The angle in (-π, π] with this cosine and sine."""
    if c == -1:
        return pi
    return acos(c) if s.evalf(30) >= 0 else -acos(c)


def rational(x: arb) -> Rational:
    """The midpoint of a ball as a rational number."""
    return as_rational(x.mid().fmpq())


def enclosing(lo: Rational, hi: Rational) -> arb:
    """The ball around an interval."""
    return arb(as_fmpq(lo)).union(arb(as_fmpq(hi)))


def _digits(lo: Rational, hi: Rational) -> Expr:
    """A decimal number with those digits that the whole interval shares, fifteen at most."""
    mid, width = (lo + hi) / 2, hi - lo
    if abs(mid) < Rational(1, 10**40):
        return S.Zero if lo == hi == 0 else Float(0)
    for digits in range(15, 1, -1):
        if width == 0 or abs(mid) * Rational(10) ** (-digits) >= width:
            return Float(mid, digits)
    return Float(mid, 2)


def neat(expr: Expr) -> Expr:
    """A value with its fractions put together, expanded or factored, whichever is shorter."""
    if expr.is_Rational or isinstance(expr, Symbol):
        return expr
    if not letters_of(expr) and expr.has(tanh):
        # Of a logarithm it is a rational number.
        expr = expr.replace(tanh, lambda u: (exp(2 * u) - 1) / (exp(2 * u) + 1))
    flat = expr.expand()
    if not letters_of(flat):
        if flat.is_Rational or flat.is_algebraic is False:
            return flat
        single = together(flat)
        return min((flat, single, cancel(single) if _plain(single) else single), key=_length)
    ways = [flat, expr]
    try:
        if _plain(flat):
            plain, roots = without_roots(flat)
            ways.append(cancel(together(plain)).xreplace(roots))
    except BasePolynomialError:
        pass
    return min(ways, key=_length)


def ascending(values: Iterable[Expr]) -> list[Expr]:
    """Real numbers by size, the least first."""
    return sorted(values, key=lambda v: float(v.evalf(30)))


def _plain(expr: Expr) -> bool:
    return expr.count_ops() < 200


def _length(expr: Expr) -> tuple[int, str]:
    return int(expr.count_ops()) + len(expr.atoms(Pow)), str(expr)


def _numbered_root(minimal: fmpq_poly, index: int) -> Expr:
    """Root number `index` of an irreducible polynomial, with square roots where they suffice."""
    c = [as_rational(x) for x in minimal.coeffs()]
    degree = len(c) - 1
    if degree == 1:
        return -c[0] / c[1]
    if degree == 2:
        root = sqrt(c[1] ** 2 - 4 * c[0] * c[2])
        return ascending([(-c[1] - root) / (2 * c[2]), (-c[1] + root) / (2 * c[2])])[index].expand()
    if all(x == 0 for x in c[1:-1]):
        value = -c[0] / c[degree]
        if degree % 2:
            magnitude = Pow(abs(value), Rational(1, degree))
            return magnitude if value > 0 else -magnitude
        magnitude = Pow(value, Rational(1, degree))
        return magnitude if index else -magnitude
    if degree == 4 and c[1] == c[3] == 0:
        root = sqrt(c[2] ** 2 - 4 * c[0] * c[4])
        squares = [(-c[2] - root) / (2 * c[4]), (-c[2] + root) / (2 * c[4])]
        found = [s * sqrt(q.expand()) for q in squares if q.evalf(30) > 0 for s in (1, -1)]
        return ascending(found)[index]
    x = Symbol("x", real=True)
    whole = minimal.numer()
    polynomial = Poly([Integer(int(a)) for a in reversed(whole.coeffs())], x)
    return ComplexRootOf(polynomial, index)


def numerator(expr: Expr) -> tuple[Expr, Expr]:
    """Numerator and denominator of an expression as one fraction."""
    return fraction(cancel(together(expr))) if not expr.is_polynomial() else (expr.expand(), S.One)


@dataclass(frozen=True)
class Repeated:
    """A point that comes again after every period; `steps` are whole multiples of the periods, with their letters."""

    inner: Place
    steps: Mapping[Symbol, Expr]

    @property
    def at(self) -> Vector:
        return {x: (v + self.steps[x] if x in self.steps else v) for x, v in self.inner.at.items()}

    @property
    def free(self) -> tuple[Symbol, ...]:
        return self.inner.free

    def sign(self, expr: Expr, known: Knowledge) -> int:
        return self.inner.sign(expr, known)

    def value(self, expr: Expr) -> Expr:
        return neat(expr.xreplace(self.at))


@dataclass(frozen=True)
class Implicit:
    """The one point at which a function is stationary, where no formula gives it."""

    variables: tuple[Symbol, ...]
    free: tuple[Symbol, ...] = ()

    @property
    def at(self) -> Vector:
        return {x: Symbol(rf"{x}^{{\star}}", real=True) for x in self.variables}

    def sign(self, expr: Expr, known: Knowledge) -> int:
        may = known.possible(expr)
        if len(may) != 1:
            raise UndecidableError("the sign of ", expr, " at a point without a formula")
        return next(iter(may))

    def value(self, expr: Expr) -> Expr:
        return expr.xreplace(dict(self.at))


def numerator_over(expr: Expr) -> Expr:
    """An expression as one fraction, where that is possible."""
    try:
        top, below = numerator(expr)
    except BasePolynomialError:
        return expr
    return top / below


def exact_roots(p: Poly) -> list[Expr]:
    """The real roots of a polynomial over the rational numbers, each once, in order."""
    x = p.gen
    found: list[tuple[float, Expr]] = []
    _, parts = flint_poly(p).factor()
    for modulus, _ in parts:
        with precision(120):
            numbers = [float(r.mid()) for r in real_roots(modulus.numer())]
        for n, near in enumerate(numbers):
            place = Algebraic(modulus, n, {x: fmpq_poly([0, 1])})
            found.append((near, place.at[x]))
    return [value for _, value in sorted(found, key=lambda r: r[0])]


def flint_poly(p: Poly) -> fmpq_poly:
    """A polynomial over the rational numbers, for python-flint."""
    return fmpq_poly([as_fmpq(c) for c in reversed(p.all_coeffs())])
