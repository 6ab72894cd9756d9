"""Sums, products and ordered matrix products in normal form."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations, permutations
from typing import Any

from flint import fmpq
from sympy import Add, Expr, Integer, Mul, Pow, S, Symbol

from symdl.judge.derivative import NotProvableError, closed
from symdl.judge.field import Fraction, Poly, powers, terms_of
from symdl.judge.indicators import Indicators
from symdl.judge.linear import Form, as_expr, gap_of, linear, solved, split_offset
from symdl.judge.whole import members_in, open_bound, runs_in, same, written
from symdl.language import Binder, Chain, Delta, Prod, Sigma, free_symbols, indices_of, put
from symdl.problem import Range, summed

MAX_FACTORS = 4
"""The longest product of matrices that is written out."""


class Sums(Indicators):
    """One generator for each distinct sum and product; constants pulled out, indicators contracted."""

    @abstractmethod
    def _by_fact(self, expr: Expr) -> Fraction | None:
        """What a fact says of this sum or quantity."""

    @abstractmethod
    def _alike(self, body: Expr) -> list[Expr]:
        """A product of members of families, and what it is as well because members are equal to each other."""

    # -- sums ----------------------------------------------------------------------------------------------------------

    def _sigma(self, expr: Expr) -> Fraction:
        ruled = self._by_fact(expr)
        if ruled is not None:
            return ruled
        expr = _aligned(expr)
        lo, hi, ends = self._peeled(expr)
        if not ends and lo == expr.lo and hi == expr.hi:
            return self.constant(0) if self.setting.exceeds(lo, hi, 1) else self._opened_sum(expr)
        total = self.constant(0)
        for at in ends:
            total = self.add(total, self.form(expr.open(at)))
        if self.setting.exceeds(lo, hi, 1):
            return total
        rest = Sigma(lo, hi, expr.body)
        ruled = self._by_fact(rest)
        return self.add(total, ruled if ruled is not None else self._opened_sum(rest))

    def _opened_sum(self, expr: Expr) -> Fraction:
        (letter,), body, self.setting = open_bound(expr, self.setting)
        if _runs_down(body, letter):
            body = put(body, {letter: expr.lo + expr.hi - letter})
        return self._summed(self.form(body), letter, expr.lo, expr.hi)

    def _peeled(self, expr: Binder) -> tuple[Expr, Expr, list[Expr]]:
        """The range with its ends brought to those of `peels`, and the indices that were taken off, low ones first."""
        lo, hi = tidied(expr.lo), tidied(expr.hi)
        self.seen.note(lo, hi)
        low: list[Expr] = []
        high: list[Expr] = []
        gap = gap_of(hi, lo)
        if gap is not None and not gap[0] and gap[1] < self.setting.written_out:
            return lo, lo - 1, [tidied(lo + n) for n in range(gap[1] + 1)]
        base, offset = split_offset(hi)
        target = self.peels.high.get(base, offset)
        while offset > target and len(high) < 8 and self.setting.exceeds(hi, lo):
            high.append(hi)
            hi, offset = tidied(hi - 1), offset - 1
        base, offset = split_offset(lo)
        target = self.peels.low.get(base, offset)
        while offset < target and len(low) < 8 and self.setting.exceeds(hi, lo):
            low.append(lo)
            lo, offset = tidied(lo + 1), offset + 1
        return lo, hi, [*low, *reversed(high)]

    def _summed(self, f: Fraction, letter: Symbol, lo: Expr, hi: Expr) -> Fraction:
        """The sum of an opened summand: linear, constants pulled out, deltas contracted."""
        if f.num == 0:
            return f
        if f.den is self.one:
            return self._sum_of_terms(f.num, self.one, letter, lo, hi)
        total = self.constant(0)
        for num, outside, below in self._pieces(f, letter):
            total = self.add(total, self.mul(outside, self._sum_of_terms(num, below, letter, lo, hi)))
        return total

    def _pieces(self, f: Fraction, letter: Symbol) -> list[tuple[Poly, Fraction, Poly]]:
        """The summand as Σ outside · num/below, below having no factor without the letter.

        The quotient by the only factor of the denominator is split off power by power, so that what is left is unique.
        """
        if f.den.is_one() or not self._having(f.den, letter):
            return [(f.num, Fraction(self.one, f.den), self.one)]
        outside = self.one
        inside: list[tuple[Poly, int]] = []
        content, factors = self.factored(f.den)
        for g, m in factors:
            if self._having(g, letter):
                inside.append((g, m))
            else:
                outside = outside * g**m
        scale = Fraction(self.one, outside * content)
        if len(inside) == 1:
            g, m = inside[0]
            pieces: list[tuple[Poly, Fraction, Poly]] = []
            num = f.num
            for power in range(m, 0, -1):
                quotient, rest, factor = self._divided(num, g, letter)
                # factor · num = quotient · g + rest
                scale = self.mul(scale, self.power(self._poly(factor), -1))
                if rest != 0:
                    pieces.append((rest, scale, g**power))
                num = quotient
            if num != 0:
                pieces.append((num, scale, self.one))
            return pieces
        below = self.one
        for g, m in inside:
            below = below * g**m
        quotient, rest, factor = self._divided(f.num, below, letter)
        scale = self.mul(scale, self.power(self._poly(factor), -1))
        return [piece for piece in ((quotient, scale, self.one), (rest, scale, below)) if piece[0] != 0]

    def _divided(self, num: Poly, by: Poly, letter: Symbol) -> tuple[Poly, Poly, Poly]:
        """Pseudo-division with respect to the generators that hold the letter: factor·num = quotient·by + rest."""
        mine = set(self._having(by, letter)) | set(self._having(num, letter))
        inner = sorted(mine, key=lambda g: written(self.generators[g]))

        def part(m: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(m[g] for g in inner)

        def grouped(p: Poly) -> dict[tuple[int, ...], dict[tuple[int, ...], Any]]:
            groups: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
            for m, c in terms_of(p):
                m = tuple(int(e) for e in m)
                rest = tuple(0 if g in mine else e for g, e in enumerate(m))
                groups.setdefault(part(m), {})[rest] = c
            return groups

        divisor = grouped(by)
        lead = max(divisor)
        lead_coefficient = self.context.from_dict(divisor[lead])
        quotient, factor = self.zero, self.one
        for _ in range(60):
            groups = grouped(num)
            at = max((k for k in groups if all(a >= b for a, b in zip(k, lead, strict=True))), default=None)
            if at is None:
                return quotient, num, factor
            monomial = self.one
            for g, a, b in zip(inner, at, lead, strict=True):
                monomial = monomial * self.polys[g] ** (a - b)
            coefficient = self.context.from_dict(groups[at]) * monomial
            if lead_coefficient.is_constant():
                coefficient = coefficient / lead_coefficient.leading_coefficient()
                quotient, num = quotient + coefficient, num - coefficient * by
            else:
                quotient = quotient * lead_coefficient + coefficient
                num = num * lead_coefficient - coefficient * by
                factor = factor * lead_coefficient
        return self.zero, num, self.one

    def _sum_of_terms(self, num: Poly, below: Poly, letter: Symbol, lo: Expr, hi: Expr) -> Fraction:
        inner = self._having(num, letter)
        groups: dict[tuple[tuple[int, int], ...], dict[tuple[int, ...], Any]] = {}
        for m, c in terms_of(num):
            key = tuple([(g, int(m[g])) for g in inner if m[g]])
            rest = tuple([0 if g in inner else e for g, e in enumerate(m)]) if key else m
            groups.setdefault(key, {})[rest] = c
        total: Fraction | None = None
        for key, outside in groups.items():
            term = self._sum_of(dict(key), below, letter, lo, hi)
            factor = self.context.from_dict(outside)
            if not factor.is_one():
                term = self.mul(self._poly(factor), term)
            total = term if total is None else self.add(total, term)
        return self.constant(0) if total is None else total

    def _sum_of(self, key: dict[int, int], below: Poly, letter: Symbol, lo: Expr, hi: Expr) -> Fraction:
        """The sum of one monomial of generators that hold the letter, over a denominator that does, too."""
        for g in key:
            expr = self.generators[g]
            if isinstance(expr, Delta):
                found = self._sifted(expr, g, key, below, letter, lo, hi)
                if found is not None:
                    return found
        if below.is_one():
            only = set(key) <= ({self.ids[letter]} if letter in self.ids else set())
            if only and self.setting.exceeds(hi, lo, -1):
                return self.sum_of_powers(sum(key.values()), lo, hi)
        summand = powers([(self.generators[g], e) for g, e in key.items()])
        if not below.is_one():
            denominator = self.poly_expr(below)
            if denominator.could_extract_minus_sign():
                return self.mul(self._sum_atom(summand / -denominator, letter, lo, hi), self.constant(-1))
            return self._sum_atom(summand / denominator, letter, lo, hi)
        nested = [(g, e) for g, e in key.items() if isinstance(self.generators[g], Sigma)]
        if nested and sum(e for _, e in nested) <= 3:
            return self._nested(key, nested, letter, lo, hi)
        return self._sum_atom(summand, letter, lo, hi)

    def _sum_atom(self, summand: Expr, letter: Symbol, lo: Expr, hi: Expr) -> Fraction:
        made = Sigma.over(letter, lo, hi, summand)
        aligned = _aligned(made)
        return self._known_or_atom(made) if same(aligned, made) else self.form(aligned)

    def _known_or_atom(self, made: Expr) -> Fraction:
        ruled = self._by_fact(made)
        return ruled if ruled is not None else self.atom(made)

    def _sifted(
        self, delta: Expr, g: int, key: dict[int, int], below: Poly, letter: Symbol, lo: Expr, hi: Expr
    ) -> Fraction | None:
        """Σ_i f(i) δ_{ie} = f(e), where e lies in the range of i."""
        form = gap_of(*delta.args)
        if form is None or not any(s == letter and abs(c) == 1 for s, c in form[0]):
            return None
        at = as_expr(solved(form, letter))
        run = Range(lo, hi)
        if self.setting.lies_outside(at, run):
            return self.constant(0)
        rest = powers([(self.generators[k], e) for k, e in key.items() if k != g])
        value = self.form(put(rest, {letter: at}))
        if not below.is_one():
            value = self.mul(value, self.power(self.form(put(self.poly_expr(below), {letter: at})), -1))
        if self.setting.lies_within(at, run):
            return value
        guard = self.mul(self._whole_step(tidied(at - lo), Integer(1)), self._whole_step(tidied(hi - at), Integer(1)))
        return self.mul(guard, value)

    def sum_of_powers(self, n: int, lo: Expr, hi: Expr) -> Fraction:
        """Σ i^n from lo to hi as P(hi + 1) - P(lo), where P(x + 1) - P(x) = x^n."""
        if n > 12:
            raise NotProvableError("a sum of powers above the twelfth")
        coefficients = [fmpq(0)] * (n + 2)
        left = [fmpq(0)] * n + [fmpq(1)]
        for k in range(n, -1, -1):
            # (x + 1)^{k+1} - x^{k+1} starts with (k + 1) x^k.
            coefficients[k + 1] = left[k] / (k + 1)
            binomial = fmpq(1)
            for j in range(k + 1):
                binomial = binomial * (k + 1 - j) / (j + 1)
                if k - j >= 0:
                    left[k - j] -= coefficients[k + 1] * binomial
        ends: list[Fraction] = []
        for end in (hi + 1, lo):
            at = self.form(tidied(end))
            value = self.constant(0)
            for coefficient in reversed(coefficients):
                value = self.add(self.mul(value, at), self.constant(coefficient))
            ends.append(value)
        return self.less(*ends)

    def _nested(
        self, key: dict[int, int], nested: list[tuple[int, int]], letter: Symbol, lo: Expr, hi: Expr
    ) -> Fraction:
        """A sum over several indices in the order that comes first, all factors brought inside."""
        loops: list[tuple[Symbol, Range]] = [(letter, Range(lo, hi))]
        body: Expr = Mul(
            *[self.generators[g] ** e for g, e in key.items() if not isinstance(self.generators[g], Sigma)]
        )
        taken = {s.name for s in free_symbols(body)} | {letter.name}
        for g, e in nested:
            for _ in range(e):
                inner: Expr = self.generators[g]
                while isinstance(inner, Sigma):
                    n = 0
                    while (name := f"¤{n}∈{written(inner.lo)}…{written(inner.hi)}") in taken:
                        n += 1
                    taken.add(name)
                    fresh = Symbol(name, integer=True)
                    loops.append((fresh, Range(inner.lo, inner.hi)))
                    self.setting = self.setting.with_ranges({fresh: loops[-1][1]})
                    inner = inner.open(fresh)
                body = body * inner
        alike = self._alike(body)
        for way in alike:
            ruled = self._ruled_within(way, loops)
            if ruled is not None:
                return ruled
        if len(loops) > 4:
            return self._sum_atom(Mul(*[self.generators[g] ** e for g, e in key.items()]), letter, lo, hi)
        self.spend(1 << len(loops))
        ways = (_in_least_order(way, tuple(loops)) for way in alike)
        made = min((way for way in ways if way is not None), key=written, default=S.Zero)
        return self._known_or_atom(made)

    def _ruled_within(self, body: Expr, loops: list[tuple[Symbol, Range]]) -> Fraction | None:
        """A nested sum of which a fact knows that over one index or two, the factors without them taken out of it."""
        factors = Mul.make_args(body)
        for chosen in (chosen for n in (1, 2) for chosen in combinations(loops, n)):
            mine = {s for s, _ in chosen}
            others = [(o, r) for o, r in loops if o not in mine]
            if any(mine & (free_symbols(r.lo) | free_symbols(r.hi)) for _, r in others):
                continue
            inside = [f for f in factors if mine & free_symbols(f)]
            sums = _in_least_order(Mul(*inside), chosen) if inside else None
            known = self._by_fact(sums) if sums is not None else None
            if known is not None:
                rest = Mul(*(f for f in factors if f not in inside)) * self.expr(known)
                made = _in_order(rest, others)
                return self.form(made) if made is not None else None
        return None

    # -- products ------------------------------------------------------------------------------------------------------

    def _prod(self, expr: Expr) -> Fraction:
        product = self.constant(1)
        expr = _aligned(expr)
        lo, hi, ends = self._peeled(expr)
        for at in ends:
            product = self.mul(product, self.form(expr.open(at)))
        if self.setting.exceeds(lo, hi, 1):
            return product
        rest = Prod(lo, hi, expr.body)
        if rest == 1:
            return product
        (letter,), body, self.setting = open_bound(rest, self.setting)
        f = self.form(body)
        if f.num == 0:
            if self.setting.exceeds(hi, lo):
                return self.constant(0)
            raise NotProvableError("an empty or vanishing product")
        content, factors = self._factors(f)
        count = tidied(hi - lo + 1)
        outside = Fraction(self.context.constant(content), self.one)
        for g, m in factors:
            if not self._having(g, letter):
                outside = self.mul(outside, self.power(self._poly(g), m))
                continue
            argument = self._exponential_base(self._poly(g))
            if argument is not None:
                inner = self._summed(self.mul(argument, self.constant(m)), letter, lo, hi)
                product = self.mul(product, self._exp(inner))
                continue
            if m < 0 and not self.is_nonzero(g):
                self.assume(self.poly_expr(g), "!= 0")
            product = self.mul(product, self._factor_atom(g, m, letter, lo, hi, count))
        if outside.num == outside.den:
            return product
        if not self.setting.is_nonnegative(count):
            # An empty range counts as 0 factors, never as a negative number.
            return self.mul(product, self.atom(Prod(lo, hi, self.expr(outside))))
        return self.mul(product, self._whole_power(outside, count))

    def _factor_atom(self, g: Poly, m: int, letter: Symbol, lo: Expr, hi: Expr, count: Expr) -> Fraction:
        expr = self.poly_expr(g)
        sign = self.constant(1)
        known = self.sign(g)
        turns = known == -1 if known is not None else expr.could_extract_minus_sign()
        if turns and self.setting.is_nonnegative(count):
            expr = -expr
            sign = self._whole_power(self.constant((-1) ** abs(m)), count)
        return self.mul(sign, self.power(self.atom(Prod.over(letter, lo, hi, expr)), m))

    def _chain(self, expr: Expr) -> Fraction:
        lo, hi = tidied(expr.lo), tidied(expr.hi)
        self.seen.note(lo, hi)
        if self.setting.exceeds(lo, hi, 1):
            return self.form(Delta(expr.row, expr.column))
        one = Integer(1)
        a = Symbol(f"§chain∈{expr.size}", integer=True)
        while a in free_symbols(expr):
            a = Symbol(a.name + "'", integer=True)
        self.setting = self.setting.with_ranges({a: Range(one, expr.size)})
        gap = gap_of(hi, lo)
        written_out = gap is not None and not gap[0] and gap[1] < MAX_FACTORS
        if written_out and lo == hi:
            return self.form(expr.open(hi, expr.row, expr.column))
        base, offset = split_offset(hi)
        is_high = offset > self.peels.high.get(base, offset)
        if written_out or (is_high and self.setting.exceeds(hi, lo)):
            rest = Chain(lo, tidied(hi - 1), expr.size, expr.body, a, expr.column)
            return self.form(Sigma.over(a, one, expr.size, expr.open(hi, expr.row, a) * rest))
        base, offset = split_offset(lo)
        if offset < self.peels.low.get(base, offset) and self.setting.exceeds(hi, lo):
            rest = Chain(tidied(lo + 1), hi, expr.size, expr.body, expr.row, a)
            return self.form(Sigma.over(a, one, expr.size, rest * expr.open(lo, a, expr.column)))
        letters, body, self.setting = open_bound(expr, self.setting)
        inside = self.expr(self.form(body))
        return self.atom(closed(expr, letters, inside, [lo, hi, expr.size, expr.row, expr.column]))


@lru_cache(maxsize=16384)
def _aligned(expr: Expr) -> Expr:
    """The sum or product with its index moved, such that it is that of a member of a family beside it.

    By a whole number it is moved to the last of them; where other letters are added to it, the member that comes first
    by name tells it.  One that is taken from the index of every member is counted down.  Where other sums and products
    begin or end at the index they tell where it runs.
    """
    letter = Symbol("§aligned", integer=True)
    body, over = expr.open(letter), type(expr).over
    if any(letter in free_symbols(end) for run in runs_in(body) for end in run):
        return expr
    members = [(written(t.base), n, i) for t in members_in(body) for n, i in enumerate(indices_of(t))]
    at = [(name, n, form) for name, n, i in members if letter in free_symbols(i) and (form := linear(i)) is not None]
    if any(len(form[0]) > 1 for *_, form in at):
        return _moved(expr, body, letter, at)
    sides = [dict(form[0])[letter] for *_, form in at]
    if sides and all(side == -1 for side in sides):
        return _aligned(over(letter, expr.lo, expr.hi, put(body, {letter: expr.lo + expr.hi - letter})))
    offset = max((form[1] for *_, form in at if dict(form[0])[letter] == 1), default=0)
    if not offset:
        return expr
    return over(letter, tidied(expr.lo + offset), tidied(expr.hi + offset), put(body, {letter: letter - offset}))


def _moved(expr: Expr, body: Expr, letter: Symbol, at: list[tuple[str, int, Form]]) -> Expr:
    """The same, opened as `body`, with the index of that member for its own that comes first.

    `at` are the names and positions of the members, with what stands there.
    """
    ways: list[tuple[str, int, str, int, Expr, Expr]] = []
    for name, position, form in at:
        side = dict(form[0])[letter]
        if abs(side) == 1:
            rest = as_expr((tuple(p for p in form[0] if p[0] != letter), form[1]))
            inside = put(body, {letter: tidied(side * (letter - rest))})
            ways.append((name, position, written(inside), side, rest, inside))
    if not ways:
        return expr
    *_, side, rest, inside = min(ways, key=lambda way: way[:3])
    ends = [tidied(side * end + rest) for end in (expr.lo, expr.hi)[::side]]
    return type(expr).over(letter, *ends, inside)


@lru_cache(maxsize=16384)
def _runs_down(body: Expr, letter: Symbol) -> bool:
    """Whether an index stands in exponents only, and there mostly with a minus: the sum is taken in reverse."""
    sides = [0, 0]
    stack = [body]
    while stack:
        term = stack.pop()
        if letter not in free_symbols(term):
            continue
        if not isinstance(term, Add | Mul | Pow):
            return False
        form = linear(term.exp) if isinstance(term, Pow) and letter not in free_symbols(term.base) else None
        if form is None:
            stack.extend(term.args)
        else:
            sides[dict(form[0]).get(letter, 0) > 0] += 1
    return sides[0] > sides[1]


@lru_cache(maxsize=16384)
def _in_least_order(body: Expr, loops: tuple[tuple[Symbol, Range], ...]) -> Expr | None:
    """The nested sum in that order of summation whose text comes first."""
    found = [made for order in permutations(loops) if (made := _in_order(body, order)) is not None]
    return min(found, key=written, default=None)


def _in_order(body: Expr, order: Iterable[tuple[Symbol, Range]]) -> Expr | None:
    """The nested sum in this order, outermost first; None where a range would refer to an inner index."""
    order = list(order)
    names = [s for s, _ in order]
    for n, (_, run) in enumerate(order):
        if (free_symbols(run.lo) | free_symbols(run.hi)) & set(names[n:]):
            return None
    return summed(body, order)


@lru_cache(maxsize=65536)
def tidied(expr: Expr) -> Expr:
    """An index expression with like terms brought together."""
    form = linear(expr)
    return expr if form is None else as_expr(form)
