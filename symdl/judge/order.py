"""The sign of a polynomial in normal form: by factors, enclosures and squares, and by bounds put for generators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any

from flint import fmpq
from sympy import Abs, Add, Expr, Indexed, Pow, S, Symbol, exp, log

from symdl.judge.alike import of_like_sign
from symdl.judge.averages import MAX_WAYS, exponentials, logarithms, opened, places, side_by_side, squares
from symdl.judge.bounds import Inequality
from symdl.judge.derivative import NotProvableError
from symdl.judge.field import Fraction, terms_of
from symdl.judge.lowering import MAX_TERMS, Lowering, Poly
from symdl.judge.normal import Normal
from symdl.judge.quadratics import completed, keeps_its_sign, least_value
from symdl.judge.slopes import Proves, least_where_flat
from symdl.judge.whole import Setting, open_bound
from symdl.language import D, Sigma, free_symbols, holds_derivative, kinds, put
from symdl.problem import Range, summed

MAX_SEARCH = 60
"""How many polynomials one search looks at."""

MAX_PLACES = 4
"""At how many of its places a sum is looked at."""

DEPTH = 5
"""How many bounds are put one after another."""

LEAST_DEPTH = 3
"""Down to which depth other inequalities are tried than bounds of single terms."""

MAX_SHARES = 4
"""How many shares of what is positive, each a 16th of the one before, are tried for one that a polynomial exceeds."""


class Order:
    """Looks for reasons why polynomials over the generators of one normalisation are not negative."""

    def __init__(self, normal: Normal, proves: Proves) -> None:
        self.normal, self.proves = normal, proves
        self.left = MAX_SEARCH
        self._seen: set[tuple[Any, bool]] = set()
        self.lowering = Lowering(normal, proves)

    def prepare(self) -> None:
        """Bring what is given into normal form, so that its ranges and powers are seen before anything is compared."""
        self.lowering.inequalities()

    def is_nonnegative(self, p: Poly, strict: bool = False, depth: int = DEPTH) -> bool:
        """Whether the polynomial is known never to be negative, or to be positive where `strict`."""
        if p == 0:
            return not strict
        self.left -= 1
        self.normal.spend(20)
        if self.left < 0 or len(p) > MAX_TERMS or (str(p), strict) in self._seen:
            return False
        known = self.normal.bounds(p)
        if known.is_nonnegative() and (not strict or known.excludes_zero()):
            return True
        if self.normal.sign(p) == 1:
            return True
        self._seen.add((str(p), strict))
        if depth == DEPTH and self._by_multiple(p, strict, depth - 1):
            return True
        content, factors = self.normal.factored(p)
        if len(factors) > 1 or any(m > 1 for _, m in factors):
            return self._by_factors(content, factors, strict, depth)
        if self._exactly(p, strict):
            return True
        if depth == 0:
            return False
        inside = (self.normal.generators[g] for g, e in enumerate(p.degrees()) if e)
        # What is known of derivatives that are stuck are bounds, and an induction needs its steps for these.
        is_stuck = any(D in kinds(g) for g in inside)
        if self._by_lower(p, strict, depth - 1) or self._term_by_term(p, strict, only_linear=is_stuck):
            return True
        if depth < LEAST_DEPTH or is_stuck:
            return False
        ways = [
            self._by_vertex,
            self._by_squaring,
            self._by_averages,
            self._by_powers,
            self._by_slope,
            self._beside_one,
        ]
        # What leads to large polynomials is tried for the whole alone.
        ways += [self._by_logarithms, self._between_ends] if depth == DEPTH else []
        return any(way(p, strict, depth - 1) for way in ways)

    def is_more_than_given(self, gap: Fraction, strict: bool) -> bool:
        """Whether a fraction is the gap of an inequality that is given and what is not negative, whatever divides it.

        Where the sign of a denominator is not known nothing is left of that in a numerator.
        """
        normal = self.normal
        for known in normal.inequalities():
            if not known.letters.keys().isdisjoint(free_symbols(known.greater) | free_symbols(known.less)):
                continue
            try:
                rest = normal.less(gap, normal.form(known.greater - known.less))
            except NotProvableError:
                continue
            if self.is_nonnegative(rest.num * rest.den, strict and not self._is_strict(known), depth=1):
                return True
        return False

    def _exactly(self, p: Poly, strict: bool) -> bool:
        """Whether a polynomial of degree two, or in one generator, is nowhere negative, whatever its generators are."""
        least = least_value(p)
        if least is not None and (least > 0 or (least == 0 and (not strict or self._is_apart(p)))):
            return True
        inside = [g for g, e in enumerate(p.degrees()) if e]
        if len(inside) != 1:
            return False
        parts = self.normal.by_degree(p, inside[0])
        numbers = [parts[k].leading_coefficient() if k in parts else 0 for k in range(max(parts) + 1)]
        return keeps_its_sign(numbers, self.normal.enclosures.of(self.normal.generators[inside[0]]), strict)

    def _is_apart(self, p: Poly) -> bool:
        """Whether a polynomial of degree two that is nowhere negative is more than a share of what is positive."""
        shares = (q * fmpq(1, 16**n) for q in self._positive() for n in range(MAX_SHARES))
        return any((least := least_value(p - share)) is not None and least >= 0 for share in shares)

    def _positive(self) -> Iterator[Poly]:
        """The squares of what is said not to be zero, and polynomials of degree two that are said to be positive."""
        for apart, letters in self.normal.told_apart():
            gap = self._gap(apart, S.Zero) if not letters else None
            if gap is not None and gap.num.total_degree() == 1:
                yield gap.num**2
        for known in self.normal.inequalities():
            gap = self._gap(known.greater, known.less) if not known.letters and self._is_strict(known) else None
            if gap is not None and gap.den.is_one() and gap.num.total_degree() == 2:
                yield gap.num

    def _gap(self, greater: Expr, less: Expr) -> Fraction | None:
        """The difference of two terms in normal form; None where one has none."""
        try:
            return self.normal.less(self.normal.form(greater), self.normal.form(less))
        except NotProvableError:
            return None

    def _is_strict(self, known: Inequality) -> bool:
        """Whether the two sides of an inequality that is given are known never to be equal."""
        return known.slack != 0 and self.normal.setting.is_positive(known.slack)

    def _by_lower(self, p: Poly, strict: bool, depth: int) -> bool:
        for low in self.lowering.below(p):
            is_less = low.slack != 0 and strict
            is_known = is_less and self.normal.setting.is_positive(low.slack)
            if is_less and not is_known and not all(s.is_positive for s in free_symbols(low.slack)):
                is_less = False
            if self.is_nonnegative(low.poly, strict and not is_less, depth):
                if is_less and not is_known:
                    self.normal.assume(low.slack, "> 0")
                return True
        return False

    def _by_multiple(self, p: Poly, strict: bool, depth: int) -> bool:
        """Whether a polynomial is a multiple of the gap of an inequality that is given, and what is not negative."""
        normal = self.normal
        for known in normal.inequalities():
            gap = self._gap(known.greater, known.less)
            if gap is None or known.letters or not gap.den.is_one() or len(gap.num) > len(p) or gap.num.is_constant():
                continue
            leading = next(iter(terms_of(gap.num)))
            factor = dict(terms_of(p)).get(leading[0], 0) / leading[1]
            is_strict = strict and not self._is_strict(known)
            if factor > 0 and self.is_nonnegative(p - gap.num * factor, is_strict, depth):
                return True
        return False

    def _between_ends(self, p: Poly, strict: bool, depth: int) -> bool:
        """Whether a polynomial that is linear in a generator between two bounds is not negative at either of them.

        It is positive where it is so at both, or at one of two bounds that are never reached.
        """
        for g, e in enumerate(p.degrees()):
            if e != 1 or not isinstance(self.normal.generators[g], Symbol | Indexed):
                continue
            slope = self.normal.by_degree(p, g)[1]
            if self.lowering.weak_sign(slope) is not None:
                continue
            ends = [
                next(self.lowering.ends(self.normal.generators[g], p, is_lower), None) for is_lower in (True, False)
            ]
            at: list[tuple[Poly, bool]] = []
            for end in ends:
                if end is not None and self.normal.sign(end[0].den) == 1:
                    bound, slack = end
                    value = (p - slope * self.normal.polys[g]) * bound.den + slope * bound.num
                    at.append((value, slack != 0 and self.normal.setting.is_positive(slack)))
            if len(at) < len(ends) or not all(self.is_nonnegative(q, False, depth) for q, _ in at):
                continue
            if not strict:
                return True
            positive = [self.is_nonnegative(q, True, depth) for q, _ in at]
            if all(positive) or (any(positive) and all(is_open for _, is_open in at)):
                return True
        return False

    def _by_logarithms(self, p: Poly, strict: bool, depth: int) -> bool:
        """Whether Σ c_i log u_i >= 0 follows from Π u_i^{c_i} >= 1, for whole multiples of the numbers c_i."""
        gap = self.normal.product_of_logarithms(p)
        if gap is None or self.normal.sign(gap.den) != 1:
            return False
        return self.is_nonnegative(gap.num, strict, depth)

    def _by_vertex(self, p: Poly, strict: bool, depth: int) -> bool:
        """Whether A (g - v)² + C >= 0 follows from A >= 0 and C >= 0, where v is a number."""
        found = (completed(self.normal.by_degree(p, g)) for g, e in enumerate(p.degrees()) if e == 2)
        return any(
            self.is_nonnegative(slope, False, depth) and self.is_nonnegative(rest, strict, depth)
            for slope, rest in filter(None, found)
        )

    def _by_averages(self, p: Poly, strict: bool, depth: int) -> bool:
        """Whether a bound of sums by other sums shows the sign."""
        if any(self.is_nonnegative(q, strict, depth) for q in squares(self.normal, p)):
            return True
        found = chain(logarithms(self.normal, p), exponentials(self.normal, p))
        return any(self.normal.sign(f.den) == 1 and self.is_nonnegative(f.num, strict, depth) for f in found)

    def _by_squaring(self, p: Poly, strict: bool, depth: int) -> bool:
        """Whether x - y >= 0 follows from x² - y² >= 0 and x >= 0, where roots or bars stand in x or y."""
        normal = self.normal
        rooted = [g for g, e in enumerate(p.degrees()) if e and isinstance(normal.generators[g], Pow | Abs)]
        if not rooted:
            return False
        inside, others = self._parted(p, lambda m, c: any(m[g] for g in rooted))
        for x, y in ((inside, -others), (others, -inside), self._by_sign(p)):
            if x == 0 or y == 0 or len(x) * len(y) > MAX_TERMS or not normal.bounds(x).is_nonnegative():
                continue
            gap = normal.power(normal._poly(x), 2).num - normal.power(normal._poly(y), 2).num
            if self.is_nonnegative(normal._whole(gap).num, strict, depth):
                return True
        return False

    def _by_sign(self, p: Poly) -> tuple[Poly, Poly]:
        """What is added and what is subtracted in a polynomial."""
        above, below = self._parted(p, lambda m, c: c > 0)
        return above, -below

    def _parted(self, p: Poly, is_first: Callable[[tuple[Any, ...], Any], bool]) -> tuple[Poly, Poly]:
        """The terms of a polynomial of which something is said, and the others."""
        first = self.normal.context.from_dict({tuple(m): c for m, c in terms_of(p) if is_first(m, c)})
        return first, p - first

    def _by_powers(self, p: Poly, strict: bool, depth: int) -> bool:
        """Whether x - y >= 0 follows from log x - log y >= 0, for products, one with an exponential, or a sum x."""
        normal = self.normal
        x, y = self._by_sign(p)
        if len(y) != 1 or x == 0 or normal.sign(x) != 1 or normal.sign(y) != 1:
            return False
        grown = (q for q in (x, y) if len(q) == 1)
        if not any(e and isinstance(normal.generators[g], exp) for q in grown for g, e in enumerate(q.degrees())):
            return False
        gap = log(normal.poly_expr(x)) - log(normal.poly_expr(y))
        return self._proves(gap, strict, normal.setting)

    def _by_slope(self, p: Poly, strict: bool, depth: int) -> bool:
        return least_where_flat(self.normal, p, strict, self.proves)

    def _by_factors(self, content: Any, factors: list[tuple[Poly, int]], strict: bool, depth: int) -> bool:
        sign = 1 if content > 0 else -1
        unknown: list[Poly] = []
        for f, m in factors:
            if m % 2 == 0:
                if strict and not self.normal.is_nonzero(f):
                    return False
                continue
            known = self.lowering.weak_sign(f, strict)
            if known is None:
                unknown.append(f)
            else:
                sign *= known
        if len(unknown) > 1:
            settled = depth > 0 and self._each_settled(unknown, sign, strict, depth - 1)
            return settled or (depth > 0 and self._by_likes(unknown, sign, strict, depth - 1))
        if not unknown:
            return sign > 0
        rest = unknown[0] * sign
        if self.is_nonnegative(rest, strict, depth):
            return True
        expr = self.normal.poly_expr(rest)
        is_stuck = holds_derivative(expr)
        return is_stuck and self._proves(expr, strict, self.normal.setting)

    def _proves(self, expr: Expr, strict: bool, setting: Setting) -> bool:
        return self.proves(expr, ">" if strict else ">=", setting)

    def _each_settled(self, factors: list[Poly], sign: int, strict: bool, depth: int) -> bool:
        """Whether every one of several factors has a known sign, and their product with `sign` is not negative."""
        for f in factors:
            if self.is_nonnegative(f, strict, depth):
                continue
            if not self.is_nonnegative(-f, strict, depth):
                return False
            sign = -sign
        return sign > 0

    def _by_likes(self, factors: list[Poly], sign: int, strict: bool, depth: int) -> bool:
        """Whether a product of factors, some of them written by polynomials of their sign, is not negative."""
        likes = [of_like_sign(self.normal, f) for f in factors]
        if all(like is None for like in likes):
            return False
        product = self.normal.constant(sign).num
        for f, like in zip(factors, likes, strict=True):
            product = product * (f if like is None else like)
        return self.is_nonnegative(product, strict, depth)

    def _fresh(self, p: Poly) -> Symbol:
        """An index letter that occurs nowhere in the polynomial or in what is known."""
        setting = self.normal.setting
        taken = {s.name for s in free_symbols(self.normal.poly_expr(p))} | {s.name for s in setting.ranges}
        known = [*setting.told, *[r for r, _ in setting.orders]]
        taken |= {s.name for r in known for s in free_symbols(r.lhs) | free_symbols(r.rhs)}
        taken |= {s.name for e in setting.nonnegative + setting.nonzero for s in free_symbols(e)}
        taken |= {s.name for a, b, _ in setting.rules for s in free_symbols(a) | free_symbols(b)}
        taken |= {s.name for s in setting.lowest}
        n = 1
        while f"r_{{{n}}}" in taken:
            n += 1
        return Symbol(f"r_{{{n}}}", integer=True)

    # -- sums --------------------------------------------------------------------------------------------------------

    def _term_by_term(self, p: Poly, strict: bool, only_linear: bool) -> bool:
        """Whether the polynomial is a sum of sums over one range whose summands add up to what is not negative."""
        return any(self._each_term(p, parts, strict) for parts in opened(self.normal, p, only_linear))

    def _each_term(self, p: Poly, parts: list[tuple[Poly, int]], strict: bool) -> bool:
        """Whether sums over one range, each with what it is multiplied by, add up to what is nowhere negative."""
        setting, letter = self.normal.setting, self._fresh(p)
        return any(
            self._proves(total, strict, setting.with_ranges({letter: run}))
            for run, total in self._as_one(parts, letter)
            if not strict or setting.is_nonnegative(run.hi - run.lo)
        )

    def _beside_one(self, p: Poly, strict: bool, depth: int) -> bool:
        """Whether sums add up to one without negative summands, of which a single one is enough beside what is left."""
        normal = self.normal
        sums = [g for g, e in enumerate(p.degrees()) if e and isinstance(normal.generators[g], Sigma)]
        inside, rest = self._parted(p, lambda m, c: any(m[g] for g in sums))
        if rest == 0 or inside == 0 or inside.total_degree() != 1:
            return False
        letter = self._fresh(p)
        for run, total in self._as_one([(inside.derivative(g), g) for g in sums], letter):
            at = list(islice(places(normal, rest, run), MAX_PLACES))
            if not at or not self._proves(total, False, normal.setting.with_ranges({letter: run})):
                continue
            beside = normal.poly_expr(rest)
            if any(self._proves(put(total, {letter: one}) + beside, strict, normal.setting) for one in at):
                return True
        return False

    def _as_one(self, parts: list[tuple[Poly, int]], letter: Symbol) -> list[tuple[Range, Expr]]:
        """The sums over one index that others, each with what it is multiplied by, add up to: ranges and summands."""
        normal = self.normal
        ways = [self._outermost(normal.generators[g], letter) for _, g in parts]
        found: dict[tuple[Range, Expr], int] = {}
        for chosen in islice(side_by_side(ways), MAX_WAYS):
            runs = {run for run, _ in chosen}
            if len(runs) != 1:
                continue
            (run,) = runs
            total = Add(*[normal.poly_expr(c) * body for (c, _), (_, body) in zip(parts, chosen, strict=True)])
            found[run, total] = self._factor_count(total, letter, run)
        # A summand with factors is the likelier to have a sign of its own.
        return sorted(found, key=lambda one: -found[one])

    def _outermost(self, expr: Expr, letter: Symbol) -> list[tuple[Range, Expr]]:
        """A nested sum as sums over `letter`, one for each of its indices that can be summed over last."""
        loops: list[tuple[Symbol, Range]] = []
        body, setting = expr, self.normal.setting
        while isinstance(body, Sigma):
            run = Range(body.lo, body.hi)
            (own,), body, setting = open_bound(body, setting)
            loops.append((own, run))
        found: list[tuple[Range, Expr]] = []
        own_letters = {s for s, _ in loops}
        for n, (own, run) in enumerate(loops):
            others = loops[:n] + loops[n + 1 :]
            ends = free_symbols(run.lo) | free_symbols(run.hi)
            used = {s for _, r in others for s in free_symbols(r.lo) | free_symbols(r.hi)}
            if (ends & own_letters) or (n and own in used):
                continue
            found.append((run, put(summed(body, others), {own: letter})))
        return found

    def _factor_count(self, total: Expr, letter: Symbol, run: Range) -> int:
        outer = self.normal.setting
        self.normal.setting = outer.with_ranges({letter: run})
        try:
            return len(self.normal.factored(self.normal.form(total).num)[1])
        except NotProvableError:
            return 0
        finally:
            self.normal.setting = outer
