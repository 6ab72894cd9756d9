"""Powers, roots, exponentials, logarithms and the other elementary functions in normal form."""

from __future__ import annotations

from abc import abstractmethod
from functools import lru_cache
from math import gcd
from typing import Any

from flint import fmpq
from sympy import Abs, Expr, Integer, Pow, Rational, S, Symbol, cos, exp, log, sin, sinh, tanh

from symdl.judge.derivative import NotProvableError, UndefinedError
from symdl.judge.field import Fraction, Poly, RestartError, terms_of
from symdl.judge.linear import as_expr, linear, split_offset
from symdl.judge.signs import Signs
from symdl.judge.whole import Setting, logarithm, multiplied, open_bound
from symdl.language import Prod, as_fmpq, as_rational, subterms
from symdl.language.functions import by_head

MAX_TURNS = 8
"""How many angles, each as often as it is taken, a cosine or sine is expanded in."""

MAX_MULTIPLE = 4_000
"""The largest power of an exponential that is written as one."""


class LogOfZeroError(NotProvableError):
    """A logarithm is taken of what is zero."""


class Peels:
    """To which ends ranges are brought before sums and products over them are compared.

    `high` maps an upper end without its whole constant to the least constant that occurs, `low` a lower end to the
    greatest.  `power` does for an exponent over a base what `high` does for an end.  `states` maps a time without its
    whole constant to the least and the greatest constant at which there are states.  `positive` holds the terms that a
    logarithm takes to be so, `squared` those of an even power, whose logarithm needs no sign of them.
    """

    def __init__(self) -> None:
        self.high: dict[Expr, int] = {}
        self.low: dict[Expr, int] = {}
        self.power: dict[tuple[Expr, Expr], int] = {}
        self.states: dict[Expr, tuple[int, int]] = {}
        self.positive: set[Expr] = set()
        self.squared: set[Expr] = set()

    def key(self) -> tuple[frozenset[Any], ...]:
        """What tells two of them apart."""
        runs = tuple(frozenset(kept.items()) for kept in (self.high, self.low, self.power, self.states))
        return *runs, frozenset(self.positive & self.squared)

    def note(self, lo: Expr, hi: Expr) -> None:
        """Take one range into account."""
        base, offset = split_offset(hi)
        self.high[base] = min(self.high.get(base, offset), offset)
        base, offset = split_offset(lo)
        self.low[base] = max(self.low.get(base, offset), offset)


class Elementary(Signs):
    """Elementary functions of fractions; `finest` maps what stands in an exponential to the part that all share."""

    def __init__(self, setting: Setting, capacity: int, fuel: list[int], finest: dict[Expr, Any], peels: Peels) -> None:
        super().__init__(setting, capacity, fuel)
        self.finest, self.peels = finest, peels
        self.seen = Peels()
        self.seen.power.update(peels.power)
        self.seen.states.update(peels.states)
        self.seen.positive |= peels.positive
        self.seen.squared |= peels.squared
        self.could_divide = False

    @abstractmethod
    def _summed(self, f: Fraction, letter: Symbol, lo: Expr, hi: Expr) -> Fraction:
        """The sum of an opened summand."""

    # -- powers --------------------------------------------------------------------------------------------------------

    def _pow(self, base: Expr, exponent: Expr) -> Fraction:
        if isinstance(exponent, Integer):
            if exponent.is_negative:
                below = self.form(base)
                if below.num == 0:
                    raise UndefinedError("division by zero")
                if not self.is_nonzero(below.num):
                    self.assume(base, "!= 0")
            return self.power(self.form(base), int(exponent))
        if isinstance(exponent, Rational):
            return self._root(self.form(base), as_fmpq(exponent))
        if base is S.Exp1:
            return self._exp(self.form(exponent))
        form = linear(exponent)
        if form is not None:
            return self._whole_power(self.form(base), exponent)
        return self._exp(self.mul(self.form(exponent), self._log(self.form(base))))

    def _whole_power(self, base: Fraction, exponent: Expr) -> Fraction:
        """A power whose exponent is a linear form of whole symbols."""
        form = linear(exponent)
        assert form is not None
        if not form[0]:
            return self.power(base, form[1])
        if base.num == 0:
            if self.setting.is_positive(exponent):
                return base
            raise NotProvableError("a power of zero whose exponent may be zero")
        if not self.setting.is_nonnegative(exponent) and not self.is_nonzero(base.num):
            self.assume(self.expr(base), "!= 0")
        result = self.constant(1)
        content, factors = self._factors(base)
        pieces: list[tuple[Fraction, int]] = [(self._poly(f), m) for f, m in factors]
        sign = -1 if content < 0 else 1
        pieces += [(self.constant(p), m) for p, m in primes(abs(content))]
        if sign < 0:
            pieces.append((self.constant(-1), 1))
        for piece, multiplicity in pieces:
            alone = len(form[0]) == 1 and form[0][0][1] == 1
            split = piece.num.is_constant() or self.is_nonzero(piece.num)
            split = split or (not alone and self._all_nonnegative(form))
            if piece.num == -1:
                result = self.mul(result, self._sign_power(form))
                continue
            key = self._exponential_base(piece)
            if key is not None:
                result = self.mul(result, self._exp(self.mul(key, self.form(exponent * multiplicity))))
                continue
            if split or self.setting.divides:
                if not split:
                    self.assume(self.expr(piece), "!= 0")
                for s, c in form[0]:
                    part = self.atom(Pow(self.expr(piece), s))
                    result = self.mul(result, self.power(part, c * multiplicity))
                result = self.mul(result, self.power(piece, form[1] * multiplicity))
                continue
            self.could_divide = True
            below, rest = self.expr(piece), as_expr((form[0], 0))
            low = 0 if form[1] > 0 and self.setting.is_nonnegative(rest) else form[1]
            self.seen.power[below, rest] = min(low, self.seen.power.get((below, rest), low))
            least = self.peels.power.get((below, rest), low)
            # x^{a+d} = x^a x^d for x = 0, too, where neither exponent is negative.
            if least < form[1] and self.setting.is_nonnegative(rest + least):
                result = self.mul(result, self.power(piece, (form[1] - least) * multiplicity))
                rest = rest + least
            else:
                rest = exponent
            result = self.mul(result, self.power(self.atom(Pow(below, rest)), multiplicity))
        return result

    def _all_nonnegative(self, form: Any) -> bool:
        return form[1] >= 0 and all(c >= 0 and (s.is_positive or self.setting.is_nonnegative(s)) for s, c in form[0])

    def _sign_power(self, form: Any) -> Fraction:
        result = self.constant(-1 if form[1] % 2 else 1)
        for s, c in form[0]:
            if c % 2:
                g = self.generator(Pow(Integer(-1), s))
                self._roots[g] = (2, self.constant(1))
                result = self.mul(result, self._poly(self.polys[g]))
        return result

    def _exponential_base(self, piece: Fraction) -> Fraction | None:
        """The argument u where the factor is the generator exp(u)."""
        if len(piece.num) == 1 and piece.num.total_degree() == 1 and piece.num.leading_coefficient() == 1:
            g = piece.num.degrees().index(1)
            if isinstance(self.generators[g], exp):
                return self.form(self.generators[g].args[0])
            if self.generators[g] is S.Exp1:
                return self.constant(1)
        return None

    def _root(self, base: Fraction, exponent: Any) -> Fraction:
        """A fractional power; of a product it is the product of the powers, all factors taken nonnegative."""
        if base.num == 0:
            if exponent > 0:
                return base
            raise UndefinedError("division by zero")
        content, factors = self._turned(*self._factors(base))
        odd = [f for f, m in factors]
        result = self.constant(1)
        for p, m in primes(content):
            result = self.mul(result, self._simple_root(self.constant(p), exponent * m))
        for f, m in factors:
            argument = self._exponential_base(self._poly(f))
            if argument is not None:
                result = self.mul(result, self._exp(self.mul(argument, self.constant(exponent * m))))
                continue
            bars = self._within_square(f) if m % 2 == 0 and self.sign(f) is None else self._poly(f)
            if len(odd) > 1 or m not in (1, -1):
                self._need_positive(bars.num, strict=m < 0)
            result = self.mul(result, self._simple_root(bars, exponent * m))
        return result

    def _simple_root(self, base: Fraction, exponent: Any) -> Fraction:
        whole, rest = divmod(int(exponent.p), int(exponent.q))
        result = self.power(base, whole)
        if rest:
            q = int(exponent.q)
            g = self.generator(Pow(self.expr(base), Rational(1, q)))
            self._roots[g] = (q, base)
            result = self.mul(result, self.power(self._poly(self.polys[g]), rest))
        return result

    def _turned(self, content: Any, factors: list[tuple[Poly, int]]) -> tuple[Any, list[tuple[Poly, int]]]:
        """The same product with a positive content and no factor that is known to be negative.

        One factor of odd multiplicity, whose sign is not known, takes the sign that is left over.
        """
        if content > 0 and len(factors) < 2:
            return content, factors
        turned: list[tuple[Poly, int]] = []
        unknown: list[int] = []
        for f, m in factors:
            known = self.sign(f)
            turned.append((-f, m) if known == -1 else (f, m))
            content = -content if known == -1 and m % 2 else content
            if known is None and m % 2:
                unknown.append(len(turned) - 1)
        if content < 0:
            if not unknown:
                raise NotProvableError("log or root of a negative number")
            f, m = turned[unknown[0]]
            turned[unknown[0]], content = (-f, m), -content
        return content, turned

    def _need_positive(self, f: Poly, strict: bool = True) -> None:
        known = self.sign(f)
        if known == 1:
            return
        if self.sign(-f) == 1:
            raise NotProvableError("log or root of a negative number")
        expr = self.poly_expr(f)
        if isinstance(expr, Abs) and self.is_nonzero(self.form(expr.args[0]).num):
            return
        self.seen.positive.add(expr)
        self.assume(expr, "> 0" if strict else ">= 0")

    # -- functions -----------------------------------------------------------------------------------------------------

    def _exp(self, u: Fraction) -> Fraction:
        result = self.constant(1)
        if u.num == 0:
            return result
        for m, c in terms_of(u.num):
            known = self._of_logarithm(m, c) if u.den is self.one else None
            if known is not None:
                result = self.mul(result, known)
                continue
            # What multiplies the monomial belongs to the exponent, so that equal monomials share their generator.
            key, scale = self._scaled(m, c, u.den)
            n, unit = self._multiple(key, scale)
            result = self.mul(result, self.power(self.atom(_exponential_of(multiplied(key, unit))), n))
        return result

    def _of_logarithm(self, m: tuple[Any, ...], c: Any) -> Fraction | None:
        """The exponential of c log v, which is v^c, or of c n log v for a whole number n; None for another term."""
        gens = [(self.generators[g], e) for g, e in enumerate(m) if e]
        if len(gens) > 2:
            return None
        logs = [made for made, e in gens if e == 1 and isinstance(made, log)]
        whole = [made for made, e in gens if e == 1 and isinstance(made, Symbol) and made.is_integer]
        if len(logs) != 1 or len(gens) != 1 + len(whole):
            return None
        inner = self.form(logs[0].args[0])
        if not whole:
            return self._root(inner, c) if c.q != 1 else self.power(inner, int(c.p))
        return self._whole_power(inner, int(c.p) * whole[0]) if c.q == 1 else None

    def _scaled(self, m: tuple[Any, ...], c: Any, den: Poly) -> tuple[Expr, fmpq]:
        """A term of a numerator over a denominator as a number times a term that begins with 1."""
        if den is self.one:
            return self._monomial(m, 1), c
        piece = self.reduced(self.context.from_dict({tuple(m): 1}), den)
        lead = piece.num.leading_coefficient()
        return self.expr(Fraction(piece.num / lead, piece.den)), fmpq(c) * lead

    def _multiple(self, key: Expr, scale: Any) -> tuple[int, Rational]:
        """Of which part of a term, one that all its multiples share, the multiple is, and this part of 1.

        Fails   with `RestartError` where the part has to be smaller than it was taken to be.
        """
        unit = self.finest.get(key)
        if unit is None:
            unit = self.finest[key] = fmpq(1) if scale.q == 1 and abs(scale) <= MAX_MULTIPLE else abs(scale)
        n = scale / unit
        if n.q != 1:
            self.finest[key] = _common_part(unit, scale)
            raise RestartError
        if abs(n) > MAX_MULTIPLE:
            raise NotProvableError("an exponential too large to write as a power")
        return int(n.p), as_rational(unit)

    def _exponential(self, expr: Expr) -> Fraction:
        return self._exp(self.form(expr.args[0]))

    def _logarithm(self, expr: Expr) -> Fraction:
        return self._log(self.form(expr.args[0]))

    def _log(self, u: Fraction) -> Fraction:
        if u.num == 0:
            raise LogOfZeroError("log of zero")
        content, factors = self._turned(*self._factors(u))
        total = self.constant(0)
        for p, m in primes(content):
            total = self.add(total, self.mul(self.atom(log(Integer(p))), self.constant(m)))
        real = []
        for f, m in factors:
            argument = self._exponential_base(self._poly(f))
            if argument is not None:
                total = self.add(total, self.mul(argument, self.constant(m)))
            else:
                real.append((f, m))
        for f, m in real:
            bars = self._within_square(f) if m % 2 == 0 and self.sign(f) is None else self._poly(f)
            made = self.expr(bars)
            if isinstance(made, Abs):
                if not self.is_nonzero(f):
                    self.assume(made, "!= 0")
                one = self.atom(logarithm(made))
            else:
                f = -f if bars.num == -f else f
                self._need_positive(f)
                one = self._log_of(f)
            total = self.add(total, self.mul(one, self.constant(m)))
        return total

    def _within_square(self, f: Poly) -> Fraction:
        """The root of f²: |f|, or f or -f where one of these is taken to be positive beside it."""
        expr = self.poly_expr(f)
        self.seen.squared |= {expr, -expr}
        if expr in self.peels.positive or -expr in self.peels.positive:
            return self._poly(f if expr in self.peels.positive else -f)
        return self._bars(f, 1)

    def _log_of(self, f: Poly) -> Fraction:
        expr = self.poly_expr(f)
        if isinstance(expr, Pow):
            base = self.form(expr.base)
            return self.mul(self.form(expr.exp), self._log(base))
        if isinstance(expr, Prod):
            (letter,), body, self.setting = open_bound(expr, self.setting)
            return self._summed(self._log(self.form(body)), letter, expr.lo, expr.hi)
        return self.atom(logarithm(expr))

    def _hyperbolic(self, expr: Expr) -> Fraction:
        up = self._exp(self.form(expr.args[0]))
        down = self.power(up, -1)
        above = self.less(up, down)
        below = self.add(up, down)
        if expr.func is tanh:
            return self.mul(above, self.power(below, -1))
        return self.mul(above if expr.func is sinh else below, self.constant(fmpq(1, 2)))

    def _odd(self, expr: Expr) -> Fraction:
        """arctan and erf: the sign of the argument is taken out."""
        u = self.form(expr.args[0])
        if u.num == 0:
            return u
        key = self.expr(u)
        sign = -1 if key.could_extract_minus_sign() else 1
        made = expr.func(key * sign)
        value = self.atom(made) if isinstance(made, expr.func) else self.form(made)
        return self.mul(value, self.constant(sign))

    def _circular(self, expr: Expr) -> Fraction:
        u = self.form(expr.args[0])
        cosine, sine = self._circle(u)
        return cosine if isinstance(expr, cos) else sine

    def _circle(self, u: Fraction) -> tuple[Fraction, Fraction]:
        """Cosine and sine of a sum of multiples, by those of what is multiplied."""
        point = self.constant(1), self.constant(0)
        turns = [self._turn(*self._scaled(m, c, u.den)) for m, c in terms_of(u.num)]
        if sum(abs(n) for _, n in turns) > MAX_TURNS:
            return self._turned_by(self.expr(u), 1)
        for angle, n in turns:
            cosine, sine = self._turned_by(angle, 1 if n > 0 else -1)
            for _ in range(abs(n)):
                point = (
                    self.less(self.mul(point[0], cosine), self.mul(point[1], sine)),
                    self.add(self.mul(point[1], cosine), self.mul(point[0], sine)),
                )
        return point

    def _turn(self, key: Expr, scale: Any) -> tuple[Expr, int]:
        """The angle, and how often it is taken, of a multiple of a term."""
        if key is S.Pi:
            return multiplied(key, as_rational(abs(scale))), 1 if scale > 0 else -1
        n, unit = self._multiple(key, scale)
        return multiplied(key, unit), n

    def _turned_by(self, angle: Expr, side: int) -> tuple[Fraction, Fraction]:
        """Cosine and sine of an angle that is not taken apart, on either side of zero."""
        if angle.could_extract_minus_sign():
            angle, side = -angle, -side
        known = cos(angle), sin(angle)
        if not (isinstance(known[0], cos) and known[0].args[0] == angle and known[1] == sin(angle, evaluate=False)):
            if any(isinstance(t, cos | sin) for value in known for t in subterms(value)):
                known = cos(angle, evaluate=False), sin(angle, evaluate=False)
            else:
                return self.form(known[0]), self.mul(self.form(known[1]), self.constant(side))
        g, sine = self.generator(known[0]), self.atom(known[1])
        self._roots[g] = (2, self.less(self.constant(1), self.power(sine, 2)))
        return self._poly(self.polys[g]), self.mul(sine, self.constant(side))

    def _tangent(self, expr: Expr) -> Fraction:
        u = expr.args[0]
        return self.mul(self.form(sin(u)), self.power(self.form(cos(u)), -1))

    def _absolute(self, expr: Expr) -> Fraction:
        """|u|, factor by factor; a factor of unknown sign becomes a generator whose square is known."""
        if self.setting.splits_bars:
            return self.form(by_head()[Abs].definition(expr.args[0]))  # type: ignore[misc]
        u = self.form(expr.args[0])
        if u.num == 0:
            return u
        content, factors = self._factors(u)
        result = self.constant(abs(content))
        for f, m in factors:
            result = self.mul(result, self.power(self._bars(f, m), m))
        return result

    def _bars(self, f: Poly, m: int) -> Fraction:
        if m % 2 == 0:
            return self._poly(f)
        known = self.sign(f)
        if known is not None:
            return self._poly(f * known)
        expr = self.poly_expr(f)
        for key, sign in self.setting.signs:
            if expr in (key, -key):
                return self._poly(f * (sign if expr == key else -sign))
        g = self.ids.get(expr)
        if g is not None and self._generator_sign(g) is not None:
            return self._poly(f)
        if isinstance(expr, Prod):
            (letter,), body, self.setting = open_bound(expr, self.setting)
            return self.form(Prod.over(letter, expr.lo, expr.hi, Abs(body)))
        if isinstance(expr, Pow) and linear(expr.exp) is not None:
            return self._whole_power(self.form(Abs(expr.base)), expr.exp)
        bound = self.bounds(f)
        if bound.lo is not None and bound.lo >= 0:
            return self._poly(f)
        if bound.hi is not None and bound.hi <= 0:
            return self._poly(-f)
        if expr.could_extract_minus_sign():
            expr, f = -expr, -f
        made = self.generator(Abs(expr))
        self._roots[made] = (2, self._poly(f * f))
        return self._poly(self.polys[made])


def _common_part(a: Any, b: Any) -> Any:
    """The greatest rational of which both are multiples."""
    return fmpq(gcd(int(a.p) * int(b.q), int(b.p) * int(a.q)), int(a.q) * int(b.q))


@lru_cache(maxsize=16384)
def _exponential_of(u: Expr) -> Expr:
    return exp(u)


def primes(q: Any) -> list[tuple[int, int]]:
    """The prime factors of a positive rational with their multiplicities; large numbers are left whole."""
    found: list[tuple[int, int]] = []
    for n, sign in ((int(q.p), 1), (int(q.q), -1)):
        p = 2
        while p * p <= n and p < 2000:
            m = 0
            while n % p == 0:
                n, m = n // p, m + 1
            if m:
                found.append((p, m * sign))
            p += 1
        if n > 1:
            found.append((n, sign))
    return found
