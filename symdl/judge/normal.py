r"""An exact normal form: a quotient of two polynomials over generators, each of which is itself a term in normal form.

Generators are quantities, exponentials of monomials, logarithms of irreducible factors, roots, one sum per distinct
summand, one product per distinct factor, indicators, and derivatives of which nothing more is known.  Two terms are
equal if the numerator of their difference is zero; where it is not, nothing follows, because generators may be related
in ways that are not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import product
from math import lcm, prod
from typing import Any

from flint import fmpq, fmpq_mat
from sympy import (
    Abs,
    Expr,
    Indexed,
    Integer,
    Pow,
    S,
    Symbol,
    atan,
    ceiling,
    cos,
    cosh,
    erf,
    exp,
    floor,
    log,
    sin,
    sinh,
    tan,
    tanh,
)

from symdl.judge.derivative import Derivatives, NotProvableError, UndefinedError
from symdl.judge.elementary import LogOfZeroError, Peels
from symdl.judge.field import Fraction, Poly, RestartError
from symdl.judge.sums import Sums
from symdl.judge.whole import (
    Rule,
    Setting,
    as_expr,
    binding,
    linear,
    split_offset,
    weight,
    written,
)
from symdl.language import (
    Applied,
    Binder,
    Bound,
    Cases,
    Chain,
    D,
    Delta,
    Maximum,
    Minimum,
    Opaque,
    Prod,
    Sigma,
    Step,
    as_fmpq,
    as_rational,
    free_symbols,
    is_closed,
    is_quantity,
    label_of,
    put,
    scalar,
    subterms,
)
from symdl.language.binders import member
from symdl.language.functions import by_head
from symdl.problem import Givens, Range

Symmetry = tuple[tuple[int, ...], tuple[Range, ...]]
"""An order of indices in which a family has the same members, and the ranges in which the indices lie."""

Square = tuple[Expr, tuple[Any, Any], Mapping[Symbol, Range]]
"""A quantity q, the numbers a and b of q² = a q + b, and the letters for which this holds."""

MAX_EACH = 9
"""The number of values of its letters up to which an equation is taken one by one."""

MAX_ALIKE = 8
"""The number of ways up to which a product of entries of symmetric matrices is written."""

MAX_DEPTH = 150
"""How deep terms may nest."""


class Normal(Sums):
    """Brings terms without derivatives into normal form under one setting."""

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
        self._busy: set[Expr] = set()
        self._depth = 0

    # -- terms ---------------------------------------------------------------------------------------------------------

    def form(self, expr: Expr) -> Fraction:
        """The normal form of a term.

        Fails   with `NotProvableError` where the term is undefined, too large, or of an unknown kind.
        """
        found = self._memo.get(expr)
        if found is not None:
            return found
        self.spend(1 + weight(expr) // 4 if isinstance(expr, Binder) else 1)
        if self._depth > MAX_DEPTH:
            raise NotProvableError(f"terms nest deeper than {MAX_DEPTH}")
        self._depth += 1
        try:
            found = self._form(expr)
        finally:
            self._depth -= 1
        self._memo[expr] = found
        return found

    def _form(self, expr: Expr) -> Fraction:
        if expr.is_Rational:
            return self.constant(as_fmpq(expr))
        if expr in self.ids and expr not in self._unread:
            return self.atom(expr)
        if isinstance(expr, Symbol | Indexed):
            return self._quantity(expr)
        if expr.is_Add:
            return self.total([self.form(a) for a in expr.args])
        if expr.is_Mul:
            try:
                product = self.form(expr.args[0])
                for a in expr.args[1:]:
                    product = self.mul(product, self.form(a))
            except LogOfZeroError:
                if not any(self._vanishes(a) for a in expr.args):
                    raise
                # x log x tends to 0 where x does.
                return self.constant(0)
            return product
        if expr.is_Pow:
            return self._pow(expr.base, expr.exp)
        handler = _HANDLERS.get(expr.func)
        if self.setting.keeps_names and has_own_slope(expr.func):
            return self._kept(expr)
        if handler is not None:
            return handler(self, expr)
        if isinstance(expr, D):
            return self._inert(expr)
        unfolded = _unfolded(expr)
        if unfolded is not None:
            return self.form(unfolded)
        if expr is S.Exp1:
            return self._exp(self.constant(1))
        if expr is S.Pi:
            return self.atom(expr)
        if expr is S.ComplexInfinity or expr is S.NaN:
            raise UndefinedError("division by zero")
        raise NotProvableError(f"no normal form of {expr.func.__name__}")

    def _vanishes(self, expr: Expr) -> bool:
        try:
            return bool(self.form(expr).num == 0)
        except LogOfZeroError:
            return False

    def _inert(self, expr: D) -> Fraction:
        """A derivative that was left inert; by now its index may be known."""
        ruled = self.derivatives.rewritten(expr)
        if ruled is not None:
            return self.form(self.derivatives.plain(ruled))
        f = expr.of
        if type(expr) is D and isinstance(f, Indexed) and is_closed(expr) and self._is_settled(f):
            # It was left inert where less was known of its indices.
            self.derivatives.setting = self.derivatives.setting.with_ranges(self.setting.ranges)
            found = self.derivatives.total(f, expr.wrt)
            return self.atom(expr) if found == expr else self.form(found)
        return self.atom(expr)

    def _is_settled(self, state: Indexed) -> bool:
        """Whether the state is at a known time, or is none: an initial one or a free input."""
        if all(isinstance(state.indices[n], Integer) for n in self.setting.lagging(label_of(state))):
            return self.setting.is_free(state) or self.setting.definition_of(state) is not None
        found = self.setting.definition_of(state)
        return self.setting.is_free(state) if found is None else not self.setting.recurs(found[0])

    def _kept(self, expr: Expr) -> Fraction:
        """The value of a function, whose slope is a polynomial in it, as it stands."""
        if expr.func is tanh:
            return self._odd(expr)
        made = expr.func(self.expr(self.form(expr.args[0])))
        return self.atom(made) if isinstance(made, expr.func) else self.form(made)

    def _rounded(self, expr: Expr) -> Fraction:
        """The next whole number below or above: a number where the argument is one, else a generator."""
        made = expr.func(self.expr(self.form(expr.args[0])))
        return self.atom(made) if isinstance(made, expr.func) else self.form(made)

    def _of_unknown(self, expr: Applied) -> Fraction:
        """A function of which nothing is known is a generator at each of its arguments."""
        return self.atom(Applied(expr.label, expr.order, self.expr(self.form(expr.argument))))

    def _quantity(self, expr: Expr) -> Fraction:
        if isinstance(expr, Bound):
            raise NotProvableError("a loose bound index")
        if isinstance(expr, Symbol) and expr.is_integer:
            return self.atom(expr)
        if isinstance(expr, Indexed):
            at = []
            for i in expr.indices:
                form = linear(i)
                at.append(i if form is None else as_expr(form))
            expr = member(expr.base, tuple(at))
        ruled = self._by_fact(expr)
        if ruled is not None:
            return ruled
        for symmetry in self._symmetric.get(label_of(expr), ()):
            expr = self._first_of(expr, symmetry)
        if not self.setting.givens.definitions_of(label_of(expr)):
            return self._with_square(expr)
        found = self.setting.definition_of(expr)
        is_due = self.setting.unfolds_states and self._is_due(expr)
        if found is None or isinstance(found[0].body, Opaque):
            return self.atom(expr)
        if self.setting.is_kept(found[0]):
            return self.atom(expr)
        if self.setting.recurs(found[0]) and not is_due:
            return self.atom(expr)
        body = put(found[0].body, found[1])
        if expr in self._busy:
            raise NotProvableError("a definition that refers to itself")
        self._busy.add(expr)
        try:
            return self.form(self.derivatives.plain(body))
        finally:
            self._busy.discard(expr)

    def _is_due(self, state: Expr) -> bool:
        """Whether a state is written by those before it, down to the earliest time at which there are any.

        Where all are at one time they are written by those one step before.  What looks ahead is written by those
        after it.
        """
        if not isinstance(state, Indexed) or not self.setting.is_state(label_of(state)):
            return False
        if self._is_settled(state):
            return True
        position = self.setting.lagging(label_of(state))[0]
        base, offset = split_offset(state.indices[position])
        times = self.peels.states.get(base)
        if times is None:
            low, high = self.seen.states.get(base, (offset, offset))
            self.seen.states[base] = min(low, offset), max(high, offset)
            return False
        low, high = times
        if self.setting.looks_ahead(label_of(state)):
            return offset < (high if low < high else high + 1)
        return offset > (low if low < high else low - 1)

    # -- facts ---------------------------------------------------------------------------------------------------------

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
        return found

    def without_logarithms(self, p: Poly) -> Poly | None:
        """The numerator that is zero where a sum of logarithms and other terms is; None where there are none."""
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
        return self.less(whole, self.constant(1)).num

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
                    right = self.expr(self.reduced(slope * self.polys[g] - gap.num, slope)) ** (1 / root.exp)
                    if not self._comes_back(right, root.base, letters):
                        return root.base, right, letters
            # What a single equation is multiplied by may be known not to be zero.
            for kind, is_known in [(kind, False) for kind in order] + [(order[1], True)] * (not letters):
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

    def _comes_back(self, right: Expr, left: Expr, letters: Mapping[Symbol, Range]) -> bool:
        """Whether using the rule may bring back its own left side."""
        if not letters and not isinstance(left, Sigma):
            return left in subterms(right)
        labels = {s for s in free_symbols(left) if not s.is_integer}
        return bool(labels & free_symbols(right)) and not isinstance(left, Sigma)

    def _leads_to(self, expr: Expr, label: Symbol) -> bool:
        """Whether what the expression holds may depend, through definitions, on quantities of this label."""
        return any(self.setting.reaches(s, label) for s in free_symbols(expr))


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


@lru_cache(maxsize=16384)
def _unfolded(expr: Expr) -> Expr | None:
    """What a named function of these arguments is by definition."""
    record = by_head().get(expr.func)
    return record.definition(*expr.args) if record is not None and record.definition is not None else None


@lru_cache(maxsize=256)
def own_slope(head: Any) -> tuple[Expr, ...] | None:
    """The coefficients c_0, c_1, c_2 with f' = c_0 + c_1 f + c_2 f^2, worked out from the definition of f, if any."""
    record = by_head().get(head)
    if record is None or record.definition is None or record.kinks:
        return None
    x = scalar("argument")
    setting = Setting(Givens(), {})
    kinks: dict[Expr, None] = {}
    derivatives = Derivatives(setting, kinks, [2_000])
    normal = Normal(setting, 32, {}, Peels(), derivatives, [2_000])
    try:
        value = normal.form(record.definition(x))
        slope = normal.form(derivatives.total(record.definition(x), x))
    except (NotProvableError, RestartError):
        return None
    if kinks or slope.den.is_constant():
        return None
    # slope = Σ c_n value^n over a common denominator, compared monomial by monomial.
    common = slope.den * value.den**2
    columns = [common // value.den**n * value.num**n for n in range(3)]
    target = common // slope.den * slope.num
    monomials = sorted({tuple(int(e) for e in m) for p in (*columns, target) for m in p.monoms()})
    rows = [[fmpq(p[m]) for p in columns] for m in monomials]
    right = [fmpq(target[m]) for m in monomials]
    matrix, goal = fmpq_mat(rows), fmpq_mat([[r] for r in right])
    square = matrix.transpose() * matrix
    if square.det() == 0:
        return None
    found = square.solve(matrix.transpose() * goal)
    if matrix * found != goal:
        return None
    return tuple(as_rational(found[n, 0]) for n in range(3))


def has_own_slope(head: Any) -> bool:
    """Whether the slope of a function is a polynomial in its value, and its value no exponential."""
    return head is tanh or own_slope(head) is not None


_HANDLERS: dict[Any, Callable[[Normal, Expr], Fraction]] = {
    Abs: Normal._absolute,
    exp: Normal._exponential,
    log: Normal._logarithm,
    tanh: Normal._hyperbolic,
    sinh: Normal._hyperbolic,
    cosh: Normal._hyperbolic,
    sin: Normal._circular,
    atan: Normal._odd,
    erf: Normal._odd,
    cos: Normal._circular,
    tan: Normal._tangent,
    floor: Normal._rounded,
    ceiling: Normal._rounded,
    Applied: Normal._of_unknown,
    Delta: Normal._delta,
    Step: Normal._step,
    Cases: Normal._cases,
    Maximum: Normal._extreme,
    Minimum: Normal._extreme,
    Sigma: Normal._sigma,
    Prod: Normal._prod,
    Chain: Normal._chain,
}
