"""Points given by formulas, by algebraic numbers or by enclosures, and the signs of expressions there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from flint import arb, fmpq, fmpq_mat, fmpq_poly
from sympy import Add, Expr, Float, Integer, Mul, Poly, Pow, Rational, S, Symbol, cancel, fraction, sqrt, together
from sympy.polys.polyerrors import PolynomialError
from sympy.polys.rootoftools import ComplexRootOf

from symdl.engine.curvature.balls import NoBallError, ball, precision, real_roots, sign_by_balls
from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, letters_of
from symdl.problem import Relation

Vector = Mapping[Symbol, Expr]
"""The value of each variable."""


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
    """A point whose coordinates are expressions in the letters."""

    at: Vector
    free: tuple[Symbol, ...] = ()
    conditions: tuple[Relation, ...] = ()

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
        raise UndecidableError(f"the sign of {expr} at an algebraic number")

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
            return fmpq_poly([fmpq(int(expr.p), int(expr.q))])
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
    """A point known only by certified enclosures, each one being the only critical point inside."""

    boxes: Mapping[Symbol, tuple[Rational, Rational]]
    free: tuple[Symbol, ...] = ()

    @property
    def at(self) -> Vector:
        return {x: _digits(lo, hi) for x, (lo, hi) in self.boxes.items()}

    def sign(self, expr: Expr, known: Knowledge) -> int:
        expr = known.put(expr)
        if not letters_of(expr):
            return known.sign(expr)
        found = sign_by_balls(expr, self._balls)
        if found is None:
            raise UndecidableError(f"the sign of {expr} at a point known by its enclosure")
        return found

    def _balls(self) -> dict[Expr, arb]:
        return {x: enclosing(lo, hi) for x, (lo, hi) in self.boxes.items()}

    def value(self, expr: Expr) -> Expr:
        if not letters_of(expr):
            return neat(expr)
        with precision(128):
            try:
                found = ball(expr, self._balls())
            except NoBallError:
                raise UndecidableError(f"the value of {expr}") from None
        lo, hi = rational(found.lower()), rational(found.upper())
        return _digits(lo, hi)


def rational(x: arb) -> Rational:
    """The midpoint of a ball as a rational number."""
    q = x.mid().fmpq()
    return Rational(int(q.p), int(q.q))


def enclosing(lo: Rational, hi: Rational) -> arb:
    """The ball around an interval."""
    return arb(fmpq(int(lo.p), int(lo.q))).union(arb(fmpq(int(hi.p), int(hi.q))))


def _digits(lo: Rational, hi: Rational) -> Expr:
    """A decimal number with those digits that the whole interval shares, fifteen at most."""
    mid, width = (lo + hi) / 2, hi - lo
    for digits in range(15, 1, -1):
        if width == 0 or abs(mid) * Rational(10) ** (-digits) >= width:
            return Float(mid, digits)
    return Float(mid, 2)


def neat(expr: Expr) -> Expr:
    """A value with its fractions put together, expanded or factored, whichever is shorter."""
    if expr.is_Rational or isinstance(expr, Symbol):
        return expr
    flat = expr.expand()
    if not letters_of(flat):
        if flat.is_Rational or flat.is_algebraic is False:
            return flat
        single = together(flat)
        return min((flat, single, cancel(single) if _plain(single) else single), key=_length)
    ways = [flat, expr]
    try:
        if _plain(flat):
            ways.append(cancel(together(flat)))
    except PolynomialError:
        pass
    return min(ways, key=_length)


def _plain(expr: Expr) -> bool:
    return expr.count_ops() < 200


def _length(expr: Expr) -> tuple[int, str]:
    return int(expr.count_ops()) + len(expr.atoms(Pow)), str(expr)


def _numbered_root(minimal: fmpq_poly, index: int) -> Expr:
    """Root number `index` of an irreducible polynomial, with square roots where they suffice."""
    c = [Rational(int(x.p), int(x.q)) for x in minimal.coeffs()]
    degree = len(c) - 1
    if degree == 1:
        return -c[0] / c[1]
    if degree == 2:
        root = sqrt(c[1] ** 2 - 4 * c[0] * c[2])
        low, high = sorted(((-c[1] - root) / (2 * c[2]), (-c[1] + root) / (2 * c[2])), key=lambda r: float(r.evalf(30)))
        return (low, high)[index].expand()
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
        return sorted(found, key=lambda r: float(r.evalf(30)))[index]
    x = Symbol("x", real=True)
    whole = minimal.numer()
    polynomial = Poly([Integer(int(a)) for a in reversed(whole.coeffs())], x)
    return ComplexRootOf(polynomial, index)


def numerator(expr: Expr) -> tuple[Expr, Expr]:
    """Numerator and denominator of an expression as one fraction."""
    return fraction(cancel(together(expr))) if not expr.is_polynomial() else (expr.expand(), S.One)
