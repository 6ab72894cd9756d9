r"""Integrals, worked out: what is left is a term without them.

An integrand is cut where it has kinks, and taken apart into terms c x^n log(x)^l e^{a x^2 + b x} and
c x^n cos(w x + p), whose antiderivatives are known by parts; that of e^{a x^2} with a < 0 is written by the error
function.  A line that speaks of an integral says that it has a value, so that what this needs is a condition of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from math import factorial

from sympy import Abs, Add, Expr, Integer, Rational, S, Symbol, cos, erf, exp, log, sin

from symdl.judge.derivative import Derivatives, Kinks, NotProvableError
from symdl.judge.elementary import Peels
from symdl.judge.goals import FUEL
from symdl.judge.limits import INFINITE, sign_in
from symdl.judge.normal import Normal, own_slope
from symdl.judge.residues import normalised
from symdl.judge.substitutions import Substituted, substituted
from symdl.judge.whole import Setting
from symdl.language import Cases, Integral, Maximum, Minimum, Step, free_symbols, is_closed, kinds, subterms, walk
from symdl.language.functions import by_head
from symdl.problem import Relation, Symbolic

MAX_POWER = 12
"""The largest n for which x^n beside an exponential or a wave is integrated by parts."""

MAX_TERMS = 64
"""How many terms an integrand is taken apart into."""

HALF = Rational(1, 2)


def has_integrals(term: Expr) -> bool:
    """Whether an integral stands in a term."""
    return Integral in kinds(term)


class UnknownIntegralError(NotProvableError):
    """No antiderivative of this is known, or what decides where the integral has a value."""

    def __init__(self, what: str = "an integral that is not known") -> None:
        super().__init__(what)


@dataclass(frozen=True)
class Term:
    """c x^n log(x)^l e^{a x^2 + b x}, times cos(w x + p) or sin(w x + p) where there is a `wave`.

    c is `factor`, n `power`, l `logs`, a `square` and b `slope`; `wave` is the head with w and p.
    """

    factor: Expr = S.One
    power: Expr = S.Zero
    logs: int = 0
    square: Expr = S.Zero
    slope: Expr = S.Zero
    wave: tuple[type[sin] | type[cos], Expr, Expr] | None = None

    @property
    def is_power(self) -> bool:
        """Whether it is c x^n alone."""
        return not self.logs and self.square == 0 and self.slope == 0 and self.wave is None


class Integrals:
    """Works integrals out under one setting; `conditions` collects what has to hold for them to have a value."""

    def __init__(self, setting: Setting, conditions: dict[Relation, None]) -> None:
        self.setting, self.conditions = setting, conditions

    def of(self, term: Expr) -> Expr:
        """The term without integrals.

        Fails   with `NotProvableError` where one is not known.
        """
        if not has_integrals(term):
            return term
        worked = walk(term, lambda t: self._integral(t) if isinstance(t, Integral) and is_closed(t) else None)
        if has_integrals(worked):
            raise UnknownIntegralError
        return worked

    def _integral(self, node: Integral) -> Expr:
        x, (lo, hi) = node.variable, map(self.of, node.ends)
        inside = self.of(node.of)
        if not isinstance(x, Symbol) or x in free_symbols(lo) | free_symbols(hi):
            raise UnknownIntegralError
        kinks: Kinks = {}
        derivatives = Derivatives(self.setting, kinks, [FUEL], own_slope)
        f = derivatives.unfold(derivatives.plain_near(inside, x), {x}, 0)
        if kinks:
            raise UnknownIntegralError("an integral of a derivative that has kinks")
        pieces = self._pieces(by_definition(f, x), x, lo, hi)
        return Add(*(self._piece(piece, x, start, end) for piece, start, end in pieces))

    def _piece(self, piece: Expr, x: Symbol, start: Expr, end: Expr) -> Expr:
        """The integral of a term without kinks, as it is or in another variable."""
        failures: list[UnknownIntegralError] = []
        for way in chain([Substituted(piece, start, end)], substituted(piece, x, start, end)):
            known = dict(self.conditions)
            try:
                for place in (start, end) if way.is_above else ():
                    self._demand(place, ">=")
                return self._plainly(way.inside, x, way.start, way.end)
            except UnknownIntegralError as failure:
                failures.append(failure)
                self.conditions.clear()
                self.conditions.update(known)
        raise failures[0]

    def _plainly(self, piece: Expr, x: Symbol, start: Expr, end: Expr) -> Expr:
        return Add(*(term.factor * self._between(term, start, end) for term in _terms(piece, x)))

    # -- kinks ---------------------------------------------------------------------------------------------------------

    def _pieces(self, f: Expr, x: Symbol, lo: Expr, hi: Expr) -> Iterator[tuple[Expr, Expr, Expr]]:
        """The integrand without kinks between each two places where it has one, with these places."""
        turns = {root for u in _kinked(f, x) for _, root in [_line(u, x)] if root is not None}
        inside = sorted(c for c in turns if self._lies_between(c, lo, hi))
        below = {c for c in turns if c not in inside and self._is_past(c, lo)}
        for k, (start, end) in enumerate(zip([lo, *inside], [*inside, hi], strict=True)):
            passed = below | set(inside[:k])

            def sign(u: Expr, passed: set[Expr] = passed) -> int:
                slope, root = _line(u, x)
                if root is None:
                    return int(bool(u > 0)) - int(bool(u < 0))
                return (1 if slope > 0 else -1) * (1 if root in passed else -1)

            yield _unkinked(f, x, sign), start, end

    def _is_past(self, c: Expr, lo: Expr) -> bool:
        return lo is not S.NegativeInfinity and (lo is S.Infinity or self._sign(lo - c) in (0, 1))

    def _lies_between(self, c: Expr, lo: Expr, hi: Expr) -> bool:
        """Whether a place lies between the ends.

        Fails   with `NotProvableError` where that is not known, or the ends are turned around from the place on.
        """
        after = 1 if lo is S.NegativeInfinity else -1 if lo is S.Infinity else self._sign(c - lo)
        before = 1 if hi is S.Infinity else -1 if hi is S.NegativeInfinity else self._sign(hi - c)
        if after is None or before is None or (after < 1 and before == -1):
            raise UnknownIntegralError("an integral through a kink that may lie outside of it")
        return after == before == 1

    # -- antiderivatives -----------------------------------------------------------------------------------------------

    def _between(self, t: Term, start: Expr, end: Expr) -> Expr:
        """The integral of a term without its factor."""
        n = t.power
        if not (t.is_power and isinstance(n, Integer) and n < 0) or start in INFINITE or end in INFINITE:
            return self._up_to(t, end) - self._up_to(t, start)
        # There is a pole at 0, so that both ends lie on one side of it.
        self._demand(start * end, ">")
        return log(end / start) if n == -1 else (end ** (n + 1) - start ** (n + 1)) / (n + 1)

    def _up_to(self, t: Term, end: Expr) -> Expr:
        """The value at one end of the antiderivative of a term without its factor."""
        if t.wave is not None:
            return self._wave(t, end)
        square, slope = self._sign(t.square), self._sign(t.slope)
        if square == 0 and slope == 0:
            return self._logarithmic(t, end) if t.logs else self._power(t.power, end)
        n = t.power
        if t.logs or not isinstance(n, Integer) or not 0 <= n <= MAX_POWER:
            raise UnknownIntegralError
        if square == 0:
            return self._exponential(int(n), t.slope, end)
        self._demand(-t.square, ">")
        return self._bell(int(n), t.square, t.slope, end)

    def _power(self, n: Expr, end: Expr) -> Expr:
        """x^{n+1}/(n+1), or log x; powers that are not whole are those of positive numbers."""
        above = self._sign(n + 1)
        if not (isinstance(n, Integer) and n >= 0):
            if end is S.NegativeInfinity:
                raise UnknownIntegralError
            self._demand(end, ">=" if above == 1 else ">")
        if above == 0:
            if end in INFINITE:
                raise UnknownIntegralError("an integral without a value")
            return log(end)
        if end in INFINITE:
            self._demand(-(n + 1), ">")
            return S.Zero
        if end == 0:
            self._demand(n + 1, ">")
            return S.Zero
        if above is None:
            self._demand_nonzero(n + 1)
        return end ** (n + 1) / (n + 1)

    def _logarithmic(self, t: Term, end: Expr) -> Expr:
        """x^{n+1} (log x - 1/(n+1))/(n+1)."""
        above = t.power + 1
        if t.logs > 1 or end in INFINITE:
            raise UnknownIntegralError
        self._demand(end, ">=")
        self._demand(above, ">")
        return S.Zero if end == 0 else end**above * (log(end) - 1 / above) / above

    def _exponential(self, n: int, b: Expr, end: Expr) -> Expr:
        """e^{bx} Σ_k (-1)^k n!/(n-k)! x^{n-k} / b^{k+1}."""
        if end in INFINITE:
            self._demand(-b if end is S.Infinity else b, ">")
            return S.Zero
        self._demand_nonzero(b)
        total: Expr = S.Zero
        for k in range(n + 1):
            total += (-1) ** k * Integer(factorial(n) // factorial(n - k)) * end ** (n - k) / b ** (k + 1)
        return exp(b * end) * total

    def _bell(self, n: int, a: Expr, b: Expr, end: Expr) -> Expr:
        """The integral of x^n e^{ax^2+bx} by those of lower powers, of which the first is an error function."""
        if n == 0:
            root = (-a) ** HALF
            height = S.Pi**HALF / (2 * root) * exp(-(b**2) / (4 * a))
            if end in INFINITE:
                return height if end is S.Infinity else -height
            return height * erf(root * end - b / (2 * root))
        edge = S.Zero if end in INFINITE else end ** (n - 1) * exp(a * end**2 + b * end)
        total = edge - b * self._bell(n - 1, a, b, end)
        if n > 1:
            total -= (n - 1) * self._bell(n - 2, a, b, end)
        return total / (2 * a)

    def _wave(self, t: Term, end: Expr) -> Expr:
        """By parts, from sin' = cos and cos' = -sin."""
        assert t.wave is not None
        head, w, p = t.wave
        n = t.power
        plain = replace(t, wave=None, power=S.Zero).is_power
        if not plain or end in INFINITE or not isinstance(n, Integer) or not 0 <= n <= MAX_POWER:
            raise UnknownIntegralError
        self._demand_nonzero(w)
        inner, sign = (sin, 1) if head is cos else (cos, -1)
        found = sign * end**n * inner(w * end + p) / w
        if n == 0:
            return found
        return found - sign * n / w * self._wave(replace(t, power=n - 1, wave=(inner, w, p)), end)

    # -- signs ---------------------------------------------------------------------------------------------------------

    def _sign(self, c: Expr) -> int | None:
        """The sign of a term; None where it is not known."""
        if c.is_Rational:
            return int(bool(c > 0)) - int(bool(c < 0))
        found: list[int | None] = []

        def asked(normal: Normal) -> bool:
            found[:] = [sign_in(normal, c)]
            return True

        normalised((), self.setting, {}, Peels(), [FUEL], asked)
        return found[0]

    def _demand(self, c: Expr, sign: Symbolic) -> None:
        """Make it a condition that a term is positive, or not negative, where that is not known."""
        if c in INFINITE:
            known: int | None = 1 if c is S.Infinity else -1
        else:
            known = self._sign(c)
        if known == -1 or (known == 0 and sign == ">"):
            raise UnknownIntegralError("an integral without a value")
        if known is None:
            self.conditions[Relation(c, sign, Integer(0))] = None

    def _demand_nonzero(self, c: Expr) -> None:
        known = self._sign(c)
        if known == 0:
            raise UnknownIntegralError
        if known is None:
            self.conditions[Relation(c, "!=", Integer(0))] = None


def by_definition(f: Expr, x: Symbol) -> Expr:
    """The term with named functions of a variable as they are defined."""

    def visit(t: Expr) -> Expr | None:
        record = by_head().get(t.func) if x in free_symbols(t) else None
        if record is None or record.definition is None:
            return None
        return by_definition(record.definition(*t.args), x)

    return walk(f, visit)


def _kinked(f: Expr, x: Symbol) -> Iterator[Expr]:
    """The terms at whose zeros a term has a kink or a jump.

    Fails   with `NotProvableError` where these are not straight lines.
    """
    for t in subterms(f):
        if x not in free_symbols(t):
            continue
        if isinstance(t, Abs | Step):
            yield t.args[0]
        elif isinstance(t, Maximum | Minimum):
            first, *others = t.args
            if len(others) > 1:
                raise UnknownIntegralError
            yield first - others[0]


def _line(u: Expr, x: Symbol) -> tuple[Expr, Expr | None]:
    """The slope of a straight line and where it is zero; None where it is constant."""
    terms = _terms(u, x)
    if any(not t.is_power or t.power not in (0, 1) or not t.factor.is_Rational for t in terms):
        raise UnknownIntegralError
    slope = sum((t.factor for t in terms if t.power == 1), S.Zero)
    rest = sum((t.factor for t in terms if t.power == 0), S.Zero)
    return slope, (-rest / slope if slope != 0 else None)


def _unkinked(f: Expr, x: Symbol, sign: Callable[[Expr], int]) -> Expr:
    """The term on one side of all its kinks, where `sign` tells the sign of what is zero at one."""

    def visit(t: Expr) -> Expr | None:
        if x not in free_symbols(t):
            return None
        if isinstance(t, Step):
            return S.One if sign(t.u) > 0 else S.Zero
        if isinstance(t, Abs):
            return sign(t.args[0]) * _unkinked(t.args[0], x, sign)
        if isinstance(t, Maximum | Minimum):
            first, other = t.args
            is_first = (sign(first - other) >= 0) == isinstance(t, Maximum)
            return _unkinked(first if is_first else other, x, sign)
        return None

    found = walk(f, visit)
    if Cases in kinds(found):
        raise UnknownIntegralError
    return found


def _terms(f: Expr, x: Symbol) -> list[Term]:
    """The terms whose sum an integrand is.

    Fails   with `NotProvableError` where it is of another kind.
    """
    if x not in free_symbols(f):
        return [Term(f)]
    if f == x:
        return [Term(power=S.One)]
    if f.is_Add:
        return [t for a in f.args for t in _terms(a, x)]
    if f.is_Mul:
        found = [Term()]
        for a in f.args:
            others = _terms(a, x)
            if len(found) * len(others) > MAX_TERMS:
                raise UnknownIntegralError
            found = [t for one in found for other in others for t in _product(one, other)]
        return found
    if isinstance(f, exp) or (f.is_Pow and f.base is S.Exp1):
        return [_exponential(_terms(f.args[-1], x))]
    if f.is_Pow:
        return _power(f, x)
    if isinstance(f, log):
        return _logarithm(_terms(f.args[0], x))
    if isinstance(f, sin | cos):
        w, p = _polynomial(_terms(f.args[0], x), 1)[1::-1]
        return [Term(wave=(f.func, w, p))]
    raise UnknownIntegralError


def _polynomial(terms: list[Term], degree: int) -> list[Expr]:
    """The coefficients of a polynomial, from that of x^0 on."""
    found: list[Expr] = [S.Zero] * (degree + 1)
    for t in terms:
        if not t.is_power or t.power not in range(degree + 1):
            raise UnknownIntegralError
        found[int(t.power)] += t.factor
    return found


def _exponential(exponent: list[Term]) -> Term:
    """e to a polynomial of degree two."""
    rest, slope, square = _polynomial(exponent, 2)
    return Term(exp(rest), square=square, slope=slope)


def _power(f: Expr, x: Symbol) -> list[Term]:
    """A power of a single term, or a whole power of several."""
    if x in free_symbols(f.exp):
        # c^{bx} is e^{bx log c}.
        return _terms(exp(f.exp * log(f.base)), x)
    base = _terms(f.base, x)
    if len(base) > 1 or base[0].wave is not None or base[0].logs:
        if not isinstance(f.exp, Integer) or not 0 < f.exp <= MAX_POWER:
            raise UnknownIntegralError
        found = [Term()]
        for _ in range(int(f.exp)):
            found = [t for one in found for other in base for t in _product(one, other)]
            if len(found) > MAX_TERMS:
                raise UnknownIntegralError
        return found
    (t,) = base
    n = f.exp
    if t.power != 0 and not isinstance(n, Integer) and isinstance(t.power * n, Integer):
        # The root of x^2 is |x|.
        raise UnknownIntegralError
    return [Term(t.factor**n, t.power * n, 0, t.square * n, t.slope * n)]


def _logarithm(argument: list[Term]) -> list[Term]:
    """log(c x^n e^{ax^2+bx}) as a sum."""
    if len(argument) > 1 or argument[0].wave is not None or argument[0].logs:
        raise UnknownIntegralError
    (t,) = argument
    found = [Term(log(t.factor)), Term(t.power, logs=1), Term(t.slope, S.One), Term(t.square, Integer(2))]
    return [t for t in found if t.factor != 0]


def _product(a: Term, b: Term) -> list[Term]:
    """The product of two terms; that of two waves is a sum of two."""
    made = Term(
        a.factor * b.factor, a.power + b.power, a.logs + b.logs, a.square + b.square, a.slope + b.slope,
        a.wave or b.wave,
    )  # fmt: skip
    if a.wave is None or b.wave is None:
        return [made]
    (one, w, p), (other, v, q) = a.wave, b.wave
    if one is cos and other is sin:
        return _product(b, a)
    half = replace(made, factor=made.factor / 2)
    head, sign = (sin, 1) if one is not other else (cos, 1 if one is cos else -1)
    both = replace(half, factor=sign * half.factor, wave=(head, w + v, p + q))
    gap = replace(half, wave=(head, w - v, p - q))
    if w - v == 0:
        gap = replace(half, factor=half.factor * head(p - q), wave=None)
    return [gap, both]
