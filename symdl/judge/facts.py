"""What equations that are given say, and what sums of powers are: as rules, and as numerators that are zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from math import lcm, prod
from typing import Any

from flint import fmpq
from sympy import Expr, Indexed, Mul, Pow, Rational, S, Symbol, log

from symdl.judge.derivative import Derivatives, NotProvableError
from symdl.judge.elementary import Peels
from symdl.judge.field import Fraction, Poly, RestartError, terms_of
from symdl.judge.linear import linear
from symdl.judge.sums import Sums, tidied
from symdl.judge.whole import Rule, Setting, binding, open_bound, written
from symdl.language import Sigma, free_symbols, is_closed, is_quantity, label_of, put, subterms
from symdl.language.binders import member
from symdl.problem import Range

Symmetry = tuple[tuple[int, ...], tuple[Range, ...]]
"""An order of indices in which a family has the same members, and the ranges in which the indices lie."""

Square = tuple[Expr, tuple[Any, Any], Mapping[Symbol, Range]]
"""A quantity q, the numbers a and b of q² = a q + b, and the letters for which this holds."""

MAX_EACH = 9
"""The number of values of its letters up to which an equation is taken one by one."""

MAX_ALIKE = 8
"""The number of ways up to which a product of entries of symmetric matrices is written."""


class Facts(Sums):
    """Uses the equations that are given, once they are read."""

    def __init__(
        self,
        setting: Setting,
        capacity: int,
        finest: dict[Expr, Any],
        peels: Peels,
        derivatives: Derivatives,
        fuel: list[int],
    ) -> None:
        super().__init__(setting, capacity, fuel, finest, peels)
        self.derivatives = derivatives
        self._memo: dict[Expr, Fraction] = {}
        self._has_read = False
        self._single: dict[Expr, Expr] = {}
        self._universal: list[Rule] = []
        self._symmetric: dict[Symbol, list[Symmetry]] = {}
        self._squares: list[Square] = []
        self._unread: frozenset[Expr] = frozenset()

    def _by_fact(self, expr: Expr) -> Fraction | None:
        if not self._has_read:
            self._has_read = True
            for v in self.setting.givens.values:
                self._single.setdefault(v.quantity, v.number)
            self._read_facts()
        if self._single:
            known = self._single.get(expr)
            if known is not None:
                return self.form(known)
        for left, right, letters in self._universal:
            found = binding(left, expr, letters, self.setting)
            if found is not None:
                return self.form(put(right, found))
        return None

    def _read_facts(self) -> None:
        """The equations among the facts, each solved for a sum or a free quantity, by the rules found before it.

        So the right side of a rule holds no left side of an earlier one, and replacing comes to an end.  Of single
        equations those about few quantities come first: what they settle makes the others linear.
        """
        equations = [(r.lhs, r.rhs, letters) for r, letters in self._known() if r.sign == "="]
        single = [e for e in equations if not e[2]]
        if len(single) > 2:
            equations = [e for e in equations if e[2]] + sorted(single, key=self._generators_in)
        for lhs, rhs, letters in equations:
            symmetry = _symmetry_of(lhs, rhs, letters)
            if symmetry is not None:
                self._symmetric.setdefault(label_of(lhs), []).append(symmetry)
                continue
            rule = self._solved_fact(lhs, rhs, letters)
            if rule is None:
                square = self._squared_fact(lhs, rhs, letters)
                if square is not None:
                    self._squares.append(square)
                    self._reread()
                    continue
                # What is no rule for all members may be a system of equations for a few.
                equations += _at_each(lhs, rhs, letters)
            if rule is not None:
                if letters:
                    self._universal.append(rule)
                else:
                    self._single.setdefault(rule[0], rule[1])
                self._reread()

    def _reread(self) -> None:
        """Look anew at all terms: what became a generator while facts were read may be what one of them is about."""
        self._memo.clear()
        self._unread = frozenset(self.ids)

    def _with_square(self, expr: Expr) -> Fraction:
        """A free quantity, of which a fact may tell the square."""
        for left, right, letters in self._squares:
            found = binding(left, expr, letters, self.setting)
            if found is not None:
                g = self.generator(expr)
                slope, rest = right
                self._roots[g] = (2, self._poly(self.polys[g] * slope + rest))
                return self._poly(self.polys[g])
        return self.atom(expr)

    def _squared_fact(self, lhs: Expr, rhs: Expr, letters: Mapping[Symbol, Range]) -> Square | None:
        """The a and b of y² = a y + b, if a fact such as y² = 1 or y² = y says so of a quantity."""
        before = self.setting
        self.setting = self.setting.with_ranges(letters)
        try:
            gap = self.less(self.form(lhs), self.form(rhs))
            inside = [g for g, e in enumerate(gap.num.degrees()) if e] if gap.num != 0 else []
            made = self.generators[inside[0]] if len(inside) == 1 else None
            if not isinstance(made, Symbol | Indexed) or gap.num.degrees()[inside[0]] != 2:
                return None
            parts = self.by_degree(gap.num, inside[0])
            scale = parts[2].leading_coefficient()
            found = [-parts[k].leading_coefficient() / scale if k in parts else fmpq(0) for k in (1, 0)]
            return made, (found[0], found[1]), letters
        except NotProvableError:
            return None
        finally:
            self.setting = before if len(before.ranges) == len(self.setting.ranges) else self.setting

    def _alike(self, body: Expr) -> list[Expr]:
        found = [body]
        for quantity in dict.fromkeys(t for t in subterms(body) if isinstance(t, Indexed)) if self._symmetric else ():
            for order, runs in self._symmetric.get(label_of(quantity), ()):
                inside = all(self.setting.lies_within(i, run) for i, run in zip(quantity.indices, runs, strict=True))
                if inside and len(found) < MAX_ALIKE:
                    other = member(quantity.base, tuple(quantity.indices[n] for n in order))
                    found += [put(term, {quantity: other}) for term in found]
        return found

    def _first_of(self, quantity: Expr, symmetry: Symmetry) -> Expr:
        """Of two members that a fact calls equal the one whose text comes first."""
        order, runs = symmetry
        other = member(quantity.base, tuple(quantity.indices[n] for n in order))
        if written(quantity) <= written(other):
            return quantity
        inside = all(self.setting.lies_within(i, run) for i, run in zip(quantity.indices, runs, strict=True))
        return other if inside else quantity

    def _generators_in(self, equation: Rule) -> int:
        """The number of generators that an equation is about."""
        try:
            gap = self.less(self.form(equation[0]), self.form(equation[1]))
        except NotProvableError:
            return self.capacity
        return sum(map(bool, gap.num.degrees())) if gap.num != 0 else 0

    def equations(self) -> list[Poly]:
        """The numerators that the equations among the facts and conditions say are zero, where rules leave any."""
        found: list[Poly] = []
        for relation, letters in self._known():
            if relation.sign == "=" and not letters:
                try:
                    left, right = (self.form(self.derivatives.plain(e)) for e in relation.sides)
                    gap = self.less(left, right)
                    without = self.without_logarithms(gap.num)
                except (NotProvableError, RestartError):
                    continue
                found += [p for p in (gap.num, without) if p is not None and not p.is_constant()]
        return [*found, *self._geometric()]

    def _geometric(self) -> list[Poly]:
        """The numerators that are zero because (r - 1) Σ b(i) = b(hi + 1) - b(lo), where b(i + 1) = r b(i)."""
        found: list[Poly] = []
        for made in [g for g in self.generators if isinstance(g, Sigma) and is_closed(g)]:
            (letter,), body, _ = open_bound(made, self.setting)
            ratio = _ratio(body, letter)
            if ratio is None or not self.setting.exceeds(made.hi, made.lo, -1):
                continue
            try:
                ends = self.form(made.open(tidied(made.hi + 1)) - made.open(made.lo))
                found.append(self.less(self.form((ratio - 1) * made), ends).num)
            except (NotProvableError, RestartError):
                continue
        return [p for p in found if not p.is_constant()]

    def without_logarithms(self, p: Poly) -> Poly | None:
        """The numerator that is zero where a sum of logarithms and other terms is; None where there are none."""
        gap = self.product_of_logarithms(p)
        return None if gap is None else gap.num

    def product_of_logarithms(self, p: Poly) -> Fraction | None:
        """Π u_i^{n_i} e^r - 1, which has the sign of a sum p = (Σ n_i log u_i + r)/n; None where there are none."""
        logs = [g for g, e in enumerate(p.degrees()) if e and isinstance(self.generators[g], log)] if p != 0 else []
        slopes = [(g, p.derivative(g)) for g in logs]
        if not logs or not all(slope.is_constant() for _, slope in slopes):
            return None
        scale = lcm(*[int(slope.leading_coefficient().q) for _, slope in slopes])
        rest, whole = p * scale, self.constant(1)
        for g, slope in slopes:
            n = slope.leading_coefficient() * scale
            rest = rest - self.polys[g] * n
            whole = self.mul(whole, self.power(self.form(self.generators[g].args[0]), int(n.p)))
        whole = self.mul(whole, self._exp(Fraction(rest, self.one)))
        return self.less(whole, self.constant(1))

    def _solved_fact(self, lhs: Expr, rhs: Expr, letters: Mapping[Symbol, Range]) -> Rule | None:
        before = self.setting
        self.setting = self.setting.with_ranges(letters)
        lefts = [*self._single, *(left for left, _, _ in self._universal)]
        ruled = {s for left in lefts for s in free_symbols(left) if not s.is_integer}
        try:
            for one, other in ((lhs, rhs), (rhs, lhs)):
                if one.is_Pow and one.exp == -1:
                    # 1/q = e says that q = 1/e, and that e is not 0.
                    one, other = one.base, 1 / other
                free = is_quantity(one)
                if free and not self.setting.givens.definitions_of(label_of(one)) and _tells(one, other, letters):
                    if label_of(one) in free_symbols(other) or self._leads_to(other, label_of(one)):
                        continue
                    if not letters and ruled & (free_symbols(one) | free_symbols(other)):
                        break
                    return one, other, letters
            gap = self.less(self.form(lhs), self.form(rhs))
            degrees = gap.num.degrees() if gap.num != 0 else ()
            candidates = [g for g, e in enumerate(degrees) if e == 1]
            order: tuple[Callable[[Expr], bool], ...] = (
                lambda e: isinstance(e, Sigma),
                is_quantity,
            )
            for g in candidates:
                root = self.generators[g]
                slope = self.by_degree(gap.num, g)[1]
                if isinstance(root, Pow) and isinstance(root.base, Sigma) and slope.is_constant():
                    right = self._of_itself(gap, root, slope)
                    if right is None:
                        right = self.expr(self.reduced(slope * self.polys[g] - gap.num, slope)) ** (1 / root.exp)
                    if root.base not in subterms(right) and not self._comes_back(right, root.base, letters):
                        return root.base, right, letters
            # What an equation is multiplied by may be known not to be zero.
            for kind, is_known in [*((kind, False) for kind in order), (order[1], True)]:
                for g in candidates:
                    if not kind(self.generators[g]):
                        continue
                    slope = self.by_degree(gap.num, g)[1]
                    if slope.is_constant() or (is_known and self.is_nonzero(slope)):
                        right = self.expr(self.reduced(slope * self.polys[g] - gap.num, slope))
                        left = self.generators[g]
                        if _tells(left, right, letters) and not self._comes_back(right, left, letters):
                            return left, right, letters
        except NotProvableError:
            pass
        finally:
            self.setting = before if len(before.ranges) == len(self.setting.ranges) else self.setting
        return None

    def _of_itself(self, gap: Fraction, root: Pow, slope: Poly) -> Expr | None:
        """What is under a square root r of which c r - d r² is zero over what vanishes with r, as in 1/r = d/c.

        None where nothing says that r is not zero.
        """
        inside, own = self.ids.get(root.base), self.ids[root]
        if inside is None or root.exp != Rational(1, 2):
            return None
        rest = slope * self.polys[own] - gap.num
        scale = rest.derivative(inside)
        is_multiple = scale != 0 and scale.is_constant() and rest == scale * self.polys[inside]
        if not is_multiple or not all(m[inside] or m[own] for m, _ in terms_of(gap.den)):
            return None
        return self.expr(self.reduced(slope, scale)) ** 2

    def _comes_back(self, right: Expr, left: Expr, letters: Mapping[Symbol, Range]) -> bool:
        """Whether using the rule may bring back its own left side."""
        if not letters and not isinstance(left, Sigma):
            return left in subterms(right)
        labels = {s for s in free_symbols(left) if not s.is_integer}
        return bool(labels & free_symbols(right)) and not isinstance(left, Sigma)

    def _leads_to(self, expr: Expr, label: Symbol) -> bool:
        """Whether what the expression holds may depend, through definitions, on quantities of this label."""
        return any(self.setting.reaches(s, label) for s in free_symbols(expr))


def _ratio(body: Expr, letter: Symbol) -> Expr | None:
    """What a product of powers is multiplied by from one value of an index to the next; None for other terms."""
    ratio: Expr = S.One
    for factor in Mul.make_args(body):
        form = linear(factor.exp) if isinstance(factor, Pow) and letter not in free_symbols(factor.base) else None
        if form is None:
            return None
        ratio *= factor.base ** dict(form[0]).get(letter, 0)
    return ratio


def _tells(left: Expr, right: Expr, letters: Mapping[Symbol, Range]) -> bool:
    """Whether the left side of a rule tells which members the right side speaks of."""
    return letters.keys() & free_symbols(right) <= free_symbols(left)


def _at_each(lhs: Expr, rhs: Expr, letters: Mapping[Symbol, Range]) -> list[Rule]:
    """The equation for each of the few values of its letters; none where they have more."""
    gaps = [linear(run.hi - run.lo) for run in letters.values()]
    if not letters or any(gap is None or gap[0] for gap in gaps):
        return []
    counts = [gap[1] + 1 for gap in gaps if gap is not None]
    if prod(counts) > MAX_EACH:
        return []
    places = (
        {s: run.lo + n for (s, run), n in zip(letters.items(), at, strict=True)} for at in product(*map(range, counts))
    )
    return [(put(lhs, at), put(rhs, at), {}) for at in places]


def _symmetry_of(lhs: Expr, rhs: Expr, letters: Mapping[Symbol, Range]) -> Symmetry | None:
    """The order in which a fact such as W_ij = W_ji takes the indices of a family anew; None for other facts."""
    if not (isinstance(lhs, Indexed) and isinstance(rhs, Indexed) and lhs.base == rhs.base):
        return None
    ones, others = lhs.indices, rhs.indices
    if len(set(ones)) < len(ones) or set(ones) != set(others) or not set(ones) <= letters.keys():
        return None
    order, runs = tuple(ones.index(i) for i in others), tuple(letters[i] for i in ones)
    closed = not any(free_symbols(run.lo) & set(ones) or free_symbols(run.hi) & set(ones) for run in runs)
    same_runs = all((runs[n].lo, runs[n].hi) == (runs[m].lo, runs[m].hi) for n, m in enumerate(order))
    return (order, runs) if closed and same_runs else None
