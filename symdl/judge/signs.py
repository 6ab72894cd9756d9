"""Signs and bounds of polynomials over generators, from what their generators are and from inequalities given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast
from weakref import proxy

from flint import fmpq
from sympy import Abs, Add, Expr, Integer, Mul, Pow, Rational, S, Symbol, exp, log, sqrt

from symdl.judge.bounds import Inequality, Interval, at_least, point
from symdl.judge.derivative import NotProvableError
from symdl.judge.enclosures import Enclosures
from symdl.judge.field import Field, Poly, terms_of
from symdl.judge.linear import ZERO, gap_of, linear
from symdl.judge.quadratics import least_value
from symdl.judge.whole import Setting, binding, open_bound, universal
from symdl.judge.world import sign_of_number
from symdl.language import Delta, Prod, Sigma, Step, free_symbols, kinds, put, quantities, subterms
from symdl.problem import Fact, Range, Relation, Symbolic

MAX_ENTRIES = 16
"""The number of entries up to which a vector is taken apart."""

MAX_BOUNDED = 24
"""The number of terms up to which a polynomial is enclosed."""


class Signs(Field):
    """Knows the signs of polynomials as far as generators, facts and cases tell them."""

    def __init__(self, setting: Setting, capacity: int, fuel: list[int]) -> None:
        super().__init__(setting, capacity, fuel)
        self._relations_known: list[tuple[Relation, Mapping[Symbol, Range]]] | None = None
        self._inequalities: list[Inequality] | None = None
        self._apart: list[tuple[Expr, Mapping[Symbol, Range]]] | None = None
        self._put_in: dict[Expr, None] = {}
        """The states for which their definitions were put in."""
        # What refers to itself is freed late.
        self.enclosures = Enclosures(proxy(self))

    def sign(self, p: Poly) -> int | None:
        """1 where the polynomial is known to be positive, -1 where negative, else None."""
        found = self._sign_as_written(p)
        if found is not None or len(p) == 0:
            return found
        found = self._sign_by_fact(p)
        if found is None and len(p) <= MAX_BOUNDED:
            known = self.bounds(p)
            if known.excludes_zero():
                return 1 if known.is_nonnegative() else -1
        return self._sign_of_numbers(p) if found is None else found

    def _sign_of_numbers(self, p: Poly) -> int | None:
        """The sign of a polynomial of generators that are numbers, as log 2 is, by a ball."""
        inside = (self.generators[g] for g, e in enumerate(p.degrees()) if e)
        is_one = len(p) <= MAX_BOUNDED and not any(map(free_symbols, inside))
        return sign_of_number(self.poly_expr(p)) if is_one else None

    def _sign_as_written(self, p: Poly) -> int | None:
        """The sign of a polynomial all terms of which have the same one, by that of its generators."""
        if len(p) == 0:
            return None
        signs = {c > 0 for c in p.coeffs()}
        return (1 if signs.pop() else -1) if len(signs) == 1 and self._all_good(p) else None

    def bounds(self, p: Poly) -> Interval:
        """An interval that holds every value of the polynomial."""
        total = point(0)
        if p == 0:
            return total
        of = {g: self.enclosures.of(self.generators[g]) for g, e in enumerate(p.degrees()) if e}
        if p.total_degree() == 1 and all(i.lo is None and i.hi is None for i in of.values()):
            return Interval()
        for m, c in terms_of(p):
            total = total + self._product_bounds([(g, int(e)) for g, e in enumerate(m) if e], of).scaled(c)
        total = total.meet(self._parabola(p, of))
        if total.lo is None and total.hi is None and len(p) <= MAX_BOUNDED:
            total = total.meet(self._by_squares(p, of)).meet(-self._by_squares(-p, of))
        return total

    def _by_squares(self, p: Poly, of: Mapping[int, Interval]) -> Interval:
        """What a polynomial is at least, where its terms that share generators add up to squares or have bounds."""
        if not any(c > 0 and sum(m) == 2 and max(m) == 2 for m, c in terms_of(p)):
            return Interval()
        total = point(0)
        for part in self._apart_by_generators(p):
            known = point(0)
            for m, c in terms_of(part):
                known = known + self._product_bounds([(g, int(e)) for g, e in enumerate(m) if e], of).scaled(c)
            least = least_value(part) if known.lo is None else None
            total = total + (known if least is None else at_least(least))
        return Interval(total.lo, None, total.lo_open)

    def _apart_by_generators(self, p: Poly) -> list[Poly]:
        """A polynomial as a sum of polynomials that have no generator in common."""
        parts: list[tuple[set[int], dict[tuple[int, ...], Any]]] = []
        for m, c in terms_of(p):
            inside, terms = {g for g, e in enumerate(m) if e}, {tuple(m): c}
            for part in [q for q in parts if not inside.isdisjoint(q[0])]:
                parts.remove(part)
                inside, terms = inside | part[0], {**part[1], **terms}
            parts.append((inside, terms))
        return [self.context.from_dict(terms) for _, terms in parts]

    def _product_bounds(self, powers: list[tuple[int, int]], of: Mapping[int, Interval]) -> Interval:
        """An interval for a monomial; products over the same range, and powers as long as these, are one product."""
        known, other = point(1), point(1)
        runs: dict[tuple[Expr, Expr], list[Expr]] = {}
        for g, _ in powers:
            if isinstance(expr := self.generators[g], Prod):
                runs.setdefault((expr.lo, expr.hi), [])
        for g, e in powers:
            known = known * of[g].power(e)
            factor = self._factor_of(self.generators[g], runs)
            if factor is None:
                other = other * of[g].power(e)
            else:
                run, body = factor
                runs[run].append(body**e)
        if not any(len(bodies) > 1 for bodies in runs.values()):
            return known
        for (lo, hi), bodies in runs.items():
            other = other * self.enclosures.of(Prod(lo, hi, Mul(*bodies)))
        return known.meet(other)

    def _factor_of(self, expr: Expr, runs: Iterable[tuple[Expr, Expr]]) -> tuple[tuple[Expr, Expr], Expr] | None:
        """The range of a product and its factor, b^n being a product of n factors b; None of what has no such range."""
        if isinstance(expr, Prod):
            return (expr.lo, expr.hi), expr.body
        if not (isinstance(expr, Pow) and expr.base.is_Rational):
            return None
        for lo, hi in runs:
            if gap_of(expr.exp, hi - lo + 1) == ZERO and self.setting.is_nonnegative(expr.exp):
                return (lo, hi), expr.base
        return None

    def enclosed(self, expr: Expr) -> Interval:
        """An interval that holds every value of a term, by its normal form."""
        try:
            f = self.form(expr)
        except NotProvableError:
            return Interval()
        return self.bounds(f.num) if f.den.is_one() and len(f.num) <= MAX_BOUNDED else Interval()

    def _parabola(self, p: Poly, of: Mapping[int, Interval]) -> Interval:
        """The exact range of a x² + b x + c where x runs over an interval."""
        if len(of) != 1:
            return Interval()
        ((g, run),) = of.items()
        if p.degrees()[g] != 2 or run.lo is None or run.hi is None:
            return Interval()
        parts = self.by_degree(p, g)
        a, b, c = (fmpq(parts[k].leading_coefficient()) if k in parts else fmpq(0) for k in (2, 1, 0))
        ends = [(a * x * x + b * x + c, is_open) for x, is_open in ((run.lo, run.lo_open), (run.hi, run.hi_open))]
        top = -b / (2 * a)
        if run.lo < top < run.hi:
            ends.append((c - b * b / (4 * a), False))
        lo, hi = min(v for v, _ in ends), max(v for v, _ in ends)
        return Interval(
            lo, hi, all(is_open for v, is_open in ends if v == lo), all(is_open for v, is_open in ends if v == hi)
        )

    def _all_good(self, p: Poly) -> bool:
        """Whether every monomial is nonnegative and one of them positive."""
        some = False
        for m in p.monoms():
            strict = True
            for g, e in enumerate(m):
                if not e:
                    continue
                kind = self._generator_sign(g)
                if kind == 1:
                    continue
                if kind != 0 and e % 2:
                    return False
                strict = False
            some = some or strict
        return some

    def _generator_sign(self, g: int) -> int | None:
        """1 for a generator that is positive, 0 for one that is not negative, else None."""
        expr = self.generators[g]
        if isinstance(expr, exp) or expr is S.Exp1 or expr is S.Pi:
            return 1
        if isinstance(expr, Symbol) and expr.is_integer:
            if self.setting.is_positive(expr):
                return 1
            return 0 if self.setting.is_nonnegative(expr) else None
        if isinstance(expr, Step | Delta):
            return 0
        if isinstance(expr, Pow):
            below = self.form(expr.base)
            if isinstance(expr.exp, Rational) and not isinstance(expr.exp, Integer):
                return 1 if self.sign(below.num * below.den) == 1 else 0
            return 1 if self.sign(below.num * below.den) == 1 else None
        if isinstance(expr, Sigma | Prod):
            if not isinstance(expr.body, exp) and not self._is_positive_inside(expr):
                return None
            nonempty = isinstance(expr, Prod) or self.setting.exceeds(expr.hi, expr.lo)
            return 1 if nonempty else 0
        strict = None
        for known in self.inequalities():
            less = known.less
            if not less.is_Rational or less < 0 or binding(known.greater, expr, known.letters, self.setting) is None:
                continue
            if self.setting.is_positive(known.slack) or less > 0:
                return 1
            strict = 0
        return strict

    def _is_positive_inside(self, expr: Sigma | Prod) -> bool:
        """Whether all that is added up or multiplied is known to be positive."""
        (_,), body, inner = open_bound(expr, self.setting)
        outer, self.setting = self.setting, inner
        try:
            f = self.form(body)
            return self.sign(f.num * f.den) == 1
        finally:
            self.setting = outer if len(outer.ranges) >= len(inner.ranges) else inner

    def _known(self) -> list[tuple[Relation, Mapping[Symbol, Range]]]:
        """The facts and conditions, with the letters for which they hold universally."""
        if self._relations_known is None:
            self._relations_known = self._read_relations()
        return self._relations_known

    def _read_relations(self) -> list[tuple[Relation, Mapping[Symbol, Range]]]:
        known: list[tuple[Relation, Mapping[Symbol, Range]]] = [(r, {}) for r in self.setting.told]
        # What the present case assumes; where a sign is 0, `told` says so.
        cases = ((key, ">" if sign > 0 else "<") for key, sign in self.setting.signs if sign)
        known += [(Relation(key, cast(Symbolic, sign), Integer(0)), {}) for key, sign in cases]
        for fact in self.setting.givens.facts:
            each = _entry_by_entry(fact)
            if each is not None:
                known += [(relation, {}) for relation in each]
                continue
            left, right, letters = universal((fact.relation.lhs, fact.relation.rhs, fact.ranges))
            known.append((Relation(left, fact.relation.sign, right), letters))
        return [*known, *self.setting.orders]

    def inequalities(self) -> list[Inequality]:
        """What is given by inequalities, and what follows for the terms of sums."""
        if self._inequalities is None:
            self._inequalities = self._read_inequalities()
            terms = self._terms_of_sums()
            if terms:
                self._inequalities = [*self._inequalities, *terms]
                self.enclosures.forget()
        return self._inequalities

    def _terms_of_sums(self) -> list[Inequality]:
        """No term is more than what a sum is, or at most is, that has no negative terms."""
        found: list[Inequality] = []
        for r, letters in self._known():
            for total, most, below in ((r.lhs, r.rhs, "<"), (r.rhs, r.lhs, ">")):
                # What a sum is nearly says nothing exact of its terms.
                if r.sign not in ("=", below, f"{below}=") or not isinstance(total, Sigma):
                    continue
                (letter,), body, inner = open_bound(total, self.setting.with_ranges(letters))
                outer, self.setting = self.setting, inner
                try:
                    known = self.enclosures.of(body)
                finally:
                    self.setting = outer
                if known.is_nonnegative():
                    others = total.hi - total.lo if known.excludes_zero() else Integer(0)
                    slack = Integer(1) if r.sign == below else others
                    found.append(Inequality(most, body, slack, {**letters, letter: inner.ranges[letter]}))
        return found

    def _read_inequalities(self) -> list[Inequality]:
        orders: list[Inequality] = []
        for r, letters in self._known():
            if r.sign in (">", ">=", "<", "<="):
                greater, less = (r.lhs, r.rhs) if r.sign[0] == ">" else (r.rhs, r.lhs)
                orders.append(Inequality(greater, less, Integer(2 - len(r.sign)), letters))
            elif r.sign == "=":
                orders += _between_roots(r, letters)
        # What is more than |u| is more than u and -u.
        inside = [(o, o.less.args[0]) for o in orders if isinstance(o.less, Abs)]
        orders += [replace(o, less=u * side) for o, u in inside for side in (1, -1)]
        # What is at least a root is not negative, and its square at least what the root is of.
        rooted = [o for o in orders if isinstance(o.less, Pow) and o.less.exp == Rational(1, 2)]
        orders += [replace(o, greater=o.greater**2, less=o.less.base) for o in rooted]
        orders += [replace(o, less=Integer(0), slack=Integer(0)) for o in rooted]
        return orders + [logs for logs in map(self._of_logarithms, orders) if logs is not None]

    def _of_logarithms(self, known: Inequality) -> Inequality | None:
        """An inequality between positive numbers and exponentials as one between their logarithms; None of others."""
        if exp not in kinds(known.greater) | kinds(known.less):
            return None
        numbers = self.setting.givens.stated
        greater, less = (_logarithm_of(put(side, numbers)) for side in (known.greater, known.less))
        return None if greater is None or less is None else replace(known, greater=greater, less=less)

    def _sign_by_fact(self, p: Poly) -> int | None:
        """The sign of a polynomial that is a multiple of the gap of a strict fact and a number of the same sign."""
        if len(p) > 12:
            return None
        mine: Expr | None = None
        for known in self.inequalities():
            if known.slack != 1:
                continue
            gap, letters = known.greater - known.less, known.letters
            found: dict[Expr, Expr] = {}
            if free_symbols(gap) & letters.keys():
                mine = mine if mine is not None else self.poly_expr(p)
                matched = self._matched(gap, mine, letters)
                if matched is None:
                    continue
                found = matched
            try:
                f = self.form(put(gap, found)) if found or not free_symbols(gap) & letters.keys() else None
            except NotProvableError:
                continue
            if f is not None and not f.den.is_one():
                # A quotient has the sign of the product, of which factors of known sign may be left out.
                quotient, rest = divmod(f.num * f.den, p) if len(f.num) * len(f.den) <= MAX_BOUNDED else (p, p)
                known_sign = self._sign_as_written(quotient) if rest == 0 else None
                if known_sign is not None:
                    return known_sign
                continue
            if f is None or abs(len(f.num) - len(p)) > 1 or f.num.is_constant():
                continue
            ratio = p.leading_coefficient() / f.num.leading_coefficient()
            rest = p - f.num * ratio
            # What is more than a positive number is positive, too.
            if rest == 0 or (rest.is_constant() and sign_of(rest.leading_coefficient()) == sign_of(ratio)):
                return sign_of(ratio)
        return None

    def _matched(self, gap: Expr, expr: Expr, letters: Mapping[Symbol, Range]) -> dict[Expr, Expr] | None:
        for candidate in (gap, -gap):
            found = binding(candidate, expr, letters, self.setting)
            if found is not None:
                return found
        return None

    def is_nonzero(self, p: Poly) -> bool:
        if p.is_constant():
            return bool(p != 0)
        if self.sign(p) is not None:
            return True
        if p.total_degree() == 1 and not self.told_apart():
            return False
        factors = self.factored(p)[1]
        is_one = len(factors) == 1 and factors[0][1] == 1
        return all((not is_one and self.sign(f) is not None) or self._told_nonzero(f) for f, _ in factors)

    def _told_nonzero(self, p: Poly) -> bool:
        apart = self.told_apart()
        if any(not letters and _is_multiple(p, self.form(gap).num) for gap, letters in apart):
            return True
        return bool(apart) and self._is_told_apart(p)

    def _is_told_apart(self, p: Poly) -> bool:
        """Whether it is given that a polynomial is not zero, as it is written or as a member whose body it is."""
        apart = self.told_apart()
        if not apart:
            return False
        written = [self.poly_expr(p), *(q for q in self._put_in if _is_multiple(p, self.form(q).num))]
        return any(self._matched(gap, expr, letters) is not None for gap, letters in apart for expr in written)

    def told_apart(self) -> list[tuple[Expr, Mapping[Symbol, Range]]]:
        """The differences that are said not to be zero, each with the letters for all of which that is said."""
        if self._apart is None:
            self._apart = [(r.lhs - r.rhs, letters) for r, letters in self._known() if r.sign == "!="]
        return self._apart


def _between_roots(equation: Relation, letters: Mapping[Symbol, Range]) -> list[Inequality]:
    """That a quantity lies between the two numbers that a quadratic equation of it alone allows, as u² = u does."""
    gap = equation.lhs - equation.rhs
    inside = quantities(gap)
    u = next(iter(inside)) if len(inside) == 1 else None
    if u is None or u.is_integer:
        return []
    zero, above, below = (put(gap, {u: Integer(n)}) for n in (0, 1, -1))
    a, b = (above + below) / 2 - zero, (above - below) / 2
    root = sqrt(b**2 - 4 * a * zero)
    if not (root.is_Rational and a.is_Rational and a != 0) or (gap - (a * u**2 + b * u + zero)).expand() != 0:
        return []
    low, high = sorted(((-b - root) / (2 * a), (-b + root) / (2 * a)))
    return [Inequality(u, low, Integer(0), letters), Inequality(high, u, Integer(0), letters)]


def _logarithm_of(term: Expr) -> Expr | None:
    """The logarithm of a product of positive numbers and exponentials; None of other terms."""
    factors = Mul.make_args(term)
    if not all(isinstance(f, exp) or (f.is_Rational and f.is_positive) for f in factors):
        return None
    return Add(*(f.args[0] if isinstance(f, exp) else log(f) for f in factors))


def _entry_by_entry(fact: Fact) -> list[Relation] | None:
    """What a fact says of each entry, where it gives the entries of a short vector one by one; else None."""
    relation = fact.relation
    if len(fact.ranges) != 1 or Delta not in kinds(relation.lhs) | kinds(relation.rhs):
        return None
    ((letter, run),) = fact.ranges.items()
    deltas = [t for side in relation.sides for t in subterms(side) if isinstance(t, Delta)]
    numbered = any(letter in t.args and any(isinstance(a, Integer) for a in t.args) for t in deltas)
    gap = linear(run.hi - run.lo)
    if not numbered or gap is None or gap[0] or gap[1] >= MAX_ENTRIES:
        return None
    places = [{letter: run.lo + n} for n in range(gap[1] + 1)]
    return [relation.at(place) for place in places]


def _is_multiple(p: Poly, other: Poly) -> bool:
    """Whether a polynomial is another one that is not zero times a number."""
    return bool(other != 0 and other * (p.leading_coefficient() / other.leading_coefficient()) == p)


def sign_of(c: Any) -> int:
    """1, -1 or 0."""
    return 1 if c > 0 else -1 if c < 0 else 0
