"""Polynomials that are nowhere greater than another one: bounds are put for one of its generators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, permutations
from typing import Any

from sympy import Abs, Expr, Integer, Mul, Rational, S, Symbol, cos, exp, log, sin

from symdl.judge.averages import NONE, End, below_logarithm, entries, meets, weighed_logarithm
from symdl.judge.bounds import Bound, Inequality, triangle
from symdl.judge.derivative import NotProvableError
from symdl.judge.field import Fraction, terms_of
from symdl.judge.normal import Normal
from symdl.judge.slopes import Proves
from symdl.judge.whole import binding, open_bound
from symdl.language import D, Sigma, as_rational, free_symbols, kinds, put
from symdl.problem import Range, summed

Poly = Any

MAX_TERMS = 80
"""The number of terms up to which a polynomial is looked at."""

MAX_PARTS = 4
"""Of how many terms of a sum each is taken for its lower bound."""


@dataclass(frozen=True)
class Lower:
    """A polynomial that is nowhere greater; where `slack`, a whole number, is positive it is everywhere less."""

    poly: Poly
    slack: Expr = NONE


class Lowering:
    """Finds bounds of the generators of one normalisation, and puts them into polynomials."""

    def __init__(self, normal: Normal, proves: Proves) -> None:
        self.normal, self.proves = normal, proves
        self._bounds: list[Bound] | None = None

    def below(self, p: Poly) -> Iterator[Lower]:
        """Polynomials that are known to be no greater than this one: bounds put for one generator."""
        degrees = p.degrees()
        parts = [(side, g, e, part) for g, e, slope in self._powers(p) for part, side in self._signed(slope)]
        # What is subtracted stands in the way, so it is made smaller first.
        for side, g, e, part in sorted(parts, key=lambda found: found[0]):
            expr = self.normal.generators[g] ** e
            if side > 0 and isinstance(expr, Abs) and not degrees[self.normal.ids.get(expr.args[0], g)]:
                continue
            for bound, slack in self.ends(expr, p, is_lower=side > 0):
                if self.normal.sign(bound.den) == 1:
                    low = (p - part * self.normal.polys[g] ** e) * bound.den + part * bound.num
                    yield Lower(low, slack if self.normal.sign(part) is not None else NONE)

    def _signed(self, slope: Poly) -> Iterator[tuple[Poly, int]]:
        """The slope, or the parts of it, whose sign is known."""
        known = self.weak_sign(slope)
        if known is not None:
            yield slope, known
            return
        parts = {1: self.normal.zero, -1: self.normal.zero}
        for m, c in terms_of(slope):
            monomial = self.normal.context.from_dict({tuple(m): c})
            side = self.weak_sign(monomial)
            if side is not None:
                parts[side] += monomial
        yield from ((part, side) for side, part in parts.items() if part != 0)

    def weak_sign(self, p: Poly, strict: bool = False) -> int | None:
        """1 or -1 where the polynomial is known not to change its sign, by enclosure alone."""
        known = self.normal.bounds(p)
        if strict and not known.excludes_zero():
            return self.normal.sign(p)
        if known.is_nonnegative():
            return 1
        return -1 if known.is_nonpositive() else self.normal.sign(p)

    def ends(self, expr: Expr, p: Poly, is_lower: bool) -> Iterator[tuple[Fraction, Expr]]:
        """Lower or upper bounds of a generator of a polynomial, sharper ones first."""
        seen: set[Expr] = set()
        for end in self._end_terms(expr, p, is_lower):
            if end.expr not in seen:
                seen.add(end.expr)
                try:
                    yield self.normal.form(end.expr), end.slack
                except NotProvableError:
                    continue

    def _end_terms(self, expr: Expr, p: Poly, is_lower: bool) -> Iterator[End]:
        yield from self._by_inequality(expr, is_lower)
        if isinstance(expr, Abs):
            if is_lower and expr.args[0] in self.normal.ids:
                yield End(expr.args[0])
                yield End(-expr.args[0])
            elif not is_lower:
                wider = triangle(expr.args[0])
                if wider is not None:
                    yield End(wider)
        if isinstance(expr, Sigma):
            yield from (End(e) for e in self._within(expr, is_lower))
            if is_lower and D not in kinds(expr):
                yield from (end for end in entries(self.normal, expr, p) if meets(self.normal.form(end.expr), p))
            if not is_lower:
                yield from (End(e) for e in self._reordered(expr))
        if isinstance(expr, sin | cos):
            yield from self._of_wave(expr, is_lower)
        if isinstance(expr, log):
            yield from self._inside(expr.args[0], p, is_lower)
            if is_lower and isinstance(expr.args[0], Sigma):
                yield from below_logarithm(self.normal, expr.args[0])
                yield from weighed_logarithm(self.normal, expr.args[0], p)
        if isinstance(expr, exp) and self.inequalities():
            yield from self._raised(expr.args[0], is_lower)
        known = self.normal.enclosures.of(expr)
        end = known.lo if is_lower else known.hi
        if end is not None and (end != 0 or not is_lower):
            is_open = known.lo_open if is_lower else known.hi_open
            yield End(as_rational(end), Integer(int(is_open)))

    def _inside(self, argument: Expr, p: Poly, is_lower: bool) -> Iterator[End]:
        """Bounds of a logarithm, by those of what it is taken of; a sum is more than each of its terms."""
        normal = self.normal
        u = normal.form(argument)
        if not u.den.is_one() or len(u.num) > MAX_TERMS:
            return
        side = 1 if is_lower else -1
        lows = list(islice(self._below_at(u.num * side, p), MAX_PARTS))
        if is_lower and 1 < len(u.num) <= MAX_PARTS and normal._all_good(u.num) and min(u.num.coeffs()) > 0:
            parts = [normal.context.from_dict({tuple(m): c}) for m, c in terms_of(u.num)]
            lows += [Lower(q, Integer(int(normal.sign(u.num - q) == 1))) for q in parts]
        for low in lows:
            if normal.sign(low.poly * side) == 1:
                yield End(log(normal.poly_expr(low.poly * side)), low.slack)

    def _raised(self, exponent: Expr, is_lower: bool) -> Iterator[End]:
        """Bounds of an exponential, by those that are given of its exponent."""
        u = self.normal.form(exponent)
        side = 1 if is_lower else -1
        for g, e in enumerate(u.num.degrees()) if u.den.is_one() else ():
            slope = self.normal.by_degree(u.num, g).get(1) if e == 1 else None
            known = self.weak_sign(slope) if slope is not None else None
            if known is None:
                continue
            for end in self._by_inequality(self.normal.generators[g], is_lower=known * side > 0):
                bound = self.normal.form(end.expr)
                if bound.den.is_one():
                    moved = u.num + slope * (bound.num - self.normal.polys[g])
                    yield End(exp(self.normal.poly_expr(moved)))

    def _below_at(self, u: Poly, p: Poly) -> Iterator[Lower]:
        """Polynomials no greater than one, where sums may be bounded by their terms at the indices of another one."""
        for g, e in enumerate(u.degrees()):
            expr = self.normal.generators[g] if e == 1 else None
            if isinstance(expr, Sigma) and self.weak_sign(slope := u.derivative(g)) == 1:
                for end in entries(self.normal, expr, p):
                    bound = self.normal.form(end.expr)
                    if bound.den.is_one():
                        yield Lower(u - slope * self.normal.polys[g] + slope * bound.num, end.slack)
        yield from self.below(u)

    def _of_wave(self, expr: Expr, is_lower: bool) -> Iterator[End]:
        """Zero as a bound of a sine or cosine over the half of its period in which it has one sign."""
        turns = expr.args[0] / S.Pi + (Rational(1, 2) if isinstance(expr, cos) else 0)
        first = 0 if is_lower else -1
        inside = (turns - first, first + 1 - turns)
        for strict in (True, False):
            if all(self.proves(gap, ">" if strict else ">=", self.normal.setting) for gap in inside):
                yield End(NONE, Integer(int(strict)))
                return

    def inequalities(self) -> list[Bound]:
        """What is given by inequalities, solved for each generator that occurs linearly."""
        if self._bounds is None:
            self._bounds = []
            for known in self.normal.inequalities():
                self._bounds += self._solved(known)
        return self._bounds

    def _solved(self, known: Inequality) -> list[Bound]:
        normal, found = self.normal, []
        outer = normal.setting
        normal.setting = outer.with_ranges(known.letters)
        try:
            gap = normal.less(normal.form(known.greater), normal.form(known.less))
            below = normal.sign(gap.den)
            if below is None or gap.num == 0:
                return []
            num = gap.num * below
            for g, e, slope in self._powers(num):
                expr, side = normal.generators[g], normal.sign(slope)
                if side is None or (isinstance(expr, Symbol) and expr.is_integer):
                    continue
                rest = num - slope * normal.polys[g] ** e
                end = normal.expr(normal.reduced(rest * -1, slope))
                found.append(Bound(expr**e, end, side > 0, known.slack, known.letters))
        except NotProvableError:
            return []
        finally:
            normal.setting = outer
        return found

    def _powers(self, p: Poly) -> Iterator[tuple[int, int, Poly]]:
        """The generators of which one power alone occurs in a polynomial, that power, and what it is multiplied by."""
        for g, e in enumerate(p.degrees()):
            parts = self.normal.by_degree(p, g) if e else {}
            if parts and set(parts) <= {0, e}:
                yield g, int(e), parts[e]

    def _by_inequality(self, expr: Expr, is_lower: bool) -> Iterator[End]:
        setting = self.normal.setting
        for bound in self.inequalities():
            if bound.is_lower != is_lower or type(bound.term) is not type(expr):
                continue
            found = binding(bound.term, expr, bound.letters, setting)
            if found is None:
                continue
            for letter in sorted(free_symbols(bound.end) & bound.letters.keys() - found.keys(), key=lambda s: s.name):
                # The inequality holds for every value of a letter of which the term does not speak; one is enough.
                run = bound.letters[letter]
                lo = put(run.lo, found)
                if not setting.is_nonnegative(put(run.hi, found) - lo):
                    break
                found[letter] = lo
            else:
                yield End(put(bound.end, found), put(bound.slack, found))

    def _within(self, expr: Expr, is_lower: bool) -> Iterator[Expr]:
        """Bounds of a sum, from bounds of a part of its summand."""
        (letter,), body, inner = open_bound(expr, self.normal.setting)
        outer, self.normal.setting = self.normal.setting, inner
        try:
            f = self.normal.form(body)
            if not f.den.is_one() or len(f.num) > MAX_TERMS:
                return
            wanted = f.num if is_lower else f.num * -1
            # The sign of a summand is changed to look from the same side.
            ends = [self.normal.poly_expr(low.poly) for low in islice(self.below(wanted), 4)]
        except NotProvableError:
            return
        finally:
            self.normal.setting = outer
        for end in ends:
            yield Sigma.over(letter, expr.lo, expr.hi, end if is_lower else -end)

    def _reordered(self, expr: Expr) -> Iterator[Expr]:
        """Upper bounds of a nested sum by what is known of an inner sum in another order of summation."""
        loops: list[tuple[Symbol, Range]] = []
        body = expr
        setting = self.normal.setting
        while isinstance(body, Sigma) and len(loops) < 3:
            lo, hi = body.lo, body.hi
            (letter,), body, setting = open_bound(body, setting)
            loops.append((letter, Range(lo, hi)))
        if len(loops) < 2:
            return
        outer, self.normal.setting = self.normal.setting, setting
        found: list[Expr] = []
        try:
            for order in permutations(loops):
                found += self._innermost(body, list(order))
        finally:
            self.normal.setting = outer
        yield from found

    def _innermost(self, body: Expr, order: list[tuple[Symbol, Range]]) -> list[Expr]:
        names = [s for s, _ in order]
        for n, (_, run) in enumerate(order):
            if (free_symbols(run.lo) | free_symbols(run.hi)) & set(names[n:]):
                return []
        letter, run = order[-1]
        factors = Mul.make_args(body)
        mine = Mul(*[f for f in factors if letter in free_symbols(f)])
        others = Mul(*[f for f in factors if letter not in free_symbols(f)])
        if not self.normal.enclosures.of(others).is_nonnegative():
            return []
        ends = self._by_inequality(Sigma.over(letter, run.lo, run.hi, mine), is_lower=False)
        return [summed(others * end.expr, order[:-1]) for end in ends]
