r"""The greatest and least values of functions, worked out: \min_x f = m where f >= m is proved and m is reached.

Where f may be least is where its slope is zero or x reaches a bound; which of these places it is follows from a proof
that f is nowhere less, or that it falls towards that place from both sides.  A bound that is only approached is the
limit of f at an end of where x lives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr, Indexed, Integer, Mul, S, Symbol, tan

from symdl.judge.derivative import SLOPES, Derivatives, Kinks, NotProvableError
from symdl.judge.elementary import Peels
from symdl.judge.goals import FUEL
from symdl.judge.limits import INFINITE, Limits
from symdl.judge.normal import Normal, own_slope
from symdl.judge.residues import normalised
from symdl.judge.slopes import zeros_of
from symdl.judge.whole import Setting
from symdl.language import ArgExtreme, Extreme, Limit, Sigma, Step, free_symbols, kinds, label_of, put, walk
from symdl.language.functions import by_head
from symdl.problem import Decision, Givens, Ranges, Relation, Symbolic

Decides = Callable[[Relation, Givens, Sequence[Relation]], Decision]
"""Decides a relation under givens and conditions."""

MAX_VARIABLES = 4


@dataclass(frozen=True)
class Found:
    """A greatest or least value, and where it is reached; no place where it is only approached.

    `is_only` says that the place is known to be the only one.
    """

    value: Expr
    place: Mapping[Expr, Expr] = field(default_factory=dict)
    is_only: bool = False


def has_extremes(term: Expr) -> bool:
    """Whether a greatest or least value, or the place of one, stands in a term."""
    return not kinds(term).isdisjoint((Extreme, ArgExtreme))


class Extremes:
    """Works extremes out under givens; `assumes` and `needed` collect the side conditions of the proofs."""

    def __init__(self, givens: Givens, ranges: Ranges, conditions: Sequence[Relation], decides: Decides) -> None:
        self.givens, self.ranges, self.conditions, self.decides = givens, ranges, tuple(conditions), decides
        self.assumes: dict[str, None] = {}
        self.needed: dict[Relation, None] = {}

    def of(self, term: Expr) -> Expr:
        """The term with the extremes in it worked out.

        Fails   with `NotProvableError` where one is not known.
        """

        def visit(t: Expr) -> Expr | None:
            if isinstance(t, ArgExtreme):
                return self._only_place(t.extreme)[t.variable]
            return self._found(t, *self._prepared(t)).value if isinstance(t, Extreme) else None

        return walk(term, visit)

    def _found(self, node: Extreme, f: Expr, free: Givens, told: tuple[Relation, ...]) -> Found:
        """The extreme value of a function that is prepared, and its place."""
        sign: Symbolic = ">=" if node.side < 0 else "<="
        setting = Setting(free, {**free.positions, **self.ranges}, told=told)
        for place, is_only in self._places(f, node.variables, setting):
            value = put(f, place)
            if not self._lives(place, free, told):
                continue
            if self._holds(Relation(f, sign, value), free, told) or self._turns(node, f, place, free, told):
                return Found(value, place, is_only)
        if len(node.variables) == 1:
            for value in self._ends(f, node.variables[0], setting):
                if value in INFINITE:
                    if (value is S.Infinity) == (node.side > 0):
                        return Found(value)
                elif not node.is_reached and self._holds(Relation(f, sign, value), free, told):
                    return Found(value)
        raise NotProvableError("an extreme value that is not known")

    def refuted(self, node: Extreme, value: Expr) -> Decision | None:
        """The refutation that a number is the extreme value, by a value of the function beyond it."""
        f, free, told = self._prepared(node)
        found = self.decides(Relation(f, ">=" if node.side < 0 else "<=", value), free, told)
        return found if found.answer == "refuted" else None

    def _prepared(self, node: Extreme) -> tuple[Expr, Givens, tuple[Relation, ...]]:
        """The function with its definitions put in, the givens with its variables free, and the conditions on them."""
        xs = node.variables
        labels = {label_of(x) for x in xs}
        if not 1 <= len(xs) <= MAX_VARIABLES or any(self.givens.definitions_of(s) for s in labels):
            raise NotProvableError("an extreme over what is defined, or over too many variables")
        free = replace(self.givens, values=tuple(v for v in self.givens.values if label_of(v.quantity) not in labels))
        told = (*self.conditions, *_relations(node.where, xs))
        setting = Setting(free, {**free.positions, **self.ranges})
        derivatives = Derivatives(setting, {}, [FUEL], own_slope)
        return derivatives.unfold(derivatives.plain_near(node.of, *xs), set(xs), 0), free, told

    def _holds(self, relation: Relation, givens: Givens, told: Sequence[Relation]) -> bool:
        found = self.decides(relation, givens, told)
        if found.answer == "proved":
            self.assumes.update(dict.fromkeys(found.assumes))
        return found.answer == "proved"

    def _lives(self, place: Mapping[Expr, Expr], givens: Givens, told: Sequence[Relation]) -> bool:
        """Whether the variables may be at a place."""
        labels = {label_of(x) for x in place}
        said = [*told, *(f.relation for f in givens.facts)]
        mine = [r for r in said if labels & (free_symbols(r.lhs) | free_symbols(r.rhs))]
        rest = [r for r in told if r not in mine]
        others = replace(givens, facts=tuple(f for f in givens.facts if f.relation not in mine))
        return all(self._holds(r.at(place), others, rest) for r in mine)

    def _places(self, f: Expr, xs: Sequence[Expr], setting: Setting) -> Iterator[tuple[Mapping[Expr, Expr], bool]]:
        """Where a function may be extreme: where its slopes are zero, and where its variable ends.

        A polynomial of variables that may be any numbers, of which the slopes are zero at one place alone, is extreme
        at no other one.
        """
        kinks: Kinks = {}
        derivatives = Derivatives(setting, kinks, [FUEL], own_slope)
        try:
            slopes = [derivatives.total(f, x) for x in xs]
        except NotProvableError:
            return
        place = self._common_zero(slopes, xs, setting)
        if place is not None:
            is_free = not kinks and not any(_speaks_of(r, xs) for r in _said(setting))
            yield place, is_free and self._is_polynomial(f, xs, setting)
        if len(xs) > 1:
            return
        found: list[Expr] = []

        def collected(normal: Normal) -> bool:
            found[:] = zeros_of(normal, slopes[0], xs[0], setting)
            return True

        normalised((), setting, {}, Peels(), [FUEL], collected)
        yield from (({xs[0]: c}, False) for c in found)

    def _turns(
        self,
        node: Extreme,
        f: Expr,
        place: Mapping[Expr, Expr],
        free: Givens,
        told: Sequence[Relation],
        is_only: bool = False,
    ) -> bool:
        """Whether a smooth function of one variable falls, or rises, towards a place from wherever the variable may be.

        With `is_only` it does so strictly, so that it is extreme nowhere else.
        """
        if len(place) > 1:
            return False
        ((x, c),) = place.items()
        setting = Setting(free, {**free.positions, **self.ranges}, told=tuple(told))
        kinks: Kinks = {}
        try:
            slope = Derivatives(setting, kinks, [FUEL], own_slope).total(f, x)
            if kinks or not _is_interval(x, setting) or not _is_smooth(f, x, setting):
                return False
        except NotProvableError:
            return False
        away = -node.side * slope * (x - c)
        if is_only:
            return self._holds(Relation(away, ">", Integer(0)), free, (*told, Relation(x, "!=", c)))
        return self._holds(Relation(away, ">=", Integer(0)), free, told)

    def _is_polynomial(self, f: Expr, xs: Sequence[Expr], setting: Setting) -> bool:
        labels = {label_of(x) for x in xs}
        normal, (whole,), _ = normalised((f,), setting, {}, Peels(), [FUEL])
        inside = [g for g, e in enumerate(whole.num.degrees()) if e] if whole.num != 0 else []
        made = [normal.generators[g] for g in inside]
        mixed = [e for e in made if e not in xs and labels & free_symbols(e)]
        return not mixed and not labels & free_symbols(normal.poly_expr(whole.den))

    def _common_zero(self, slopes: Sequence[Expr], xs: Sequence[Expr], setting: Setting) -> Mapping[Expr, Expr] | None:
        """The one place where slopes that are linear in the variables are all zero; None where they are not linear."""
        place: dict[Expr, Expr] = {}
        needed: dict[Relation, None] = {}

        def solved(normal: Normal) -> bool:
            place.clear()
            needed.clear()
            left, pending = list(xs), list(slopes)
            while left:
                found = _one_solved(normal, pending, left)
                if found is None:
                    place.clear()
                    return False
                x, value, slope, used = found
                if not normal.is_nonzero(slope):
                    needed[Relation(normal.poly_expr(slope), "!=", Integer(0))] = None
                left.remove(x)
                pending = [put(s, {x: value}) for n, s in enumerate(pending) if n != used]
                for known in place:
                    place[known] = normal.expr(normal.form(put(place[known], {x: value})))
                place[x] = value
            return True

        try:
            normalised((), setting, {}, Peels(), [FUEL], solved)
        except NotProvableError:
            return None
        self.needed.update(needed if place else {})
        return place or None

    def _ends(self, f: Expr, x: Expr, setting: Setting) -> Iterator[Expr]:
        """What a function tends to at the ends of where its variable lives."""
        mine = [r for r in _said(setting) if _speaks_of(r, (x,))]
        ends: list[tuple[Expr, int]] = []
        for r in mine:
            is_lower = (r.sign[0] == ">") == (r.lhs == x)
            ends.append((r.rhs if r.lhs == x else r.lhs, 1 if is_lower else -1))
            if r.sign not in (">", ">=", "<", "<=") or (r.lhs != x and r.rhs != x):
                return
        sides = [side for _, side in ends]
        if len(sides) > len(set(sides)):
            # Of two bounds on one side only one is an end.
            return
        ends += [(S.Infinity, 0)] * (-1 not in sides) + [(S.NegativeInfinity, 0)] * (1 not in sides)
        for end, side in ends:
            try:
                yield Limits(setting, {}).of(Limit(f, x, end, side))
            except NotProvableError:
                continue

    def _only_place(self, node: Extreme) -> Mapping[Expr, Expr]:
        """Where the function is extreme, and nowhere else: wherever a variable is elsewhere it is not."""
        f, free, told = self._prepared(node)
        found = self._found(node, f, free, told)
        if not found.place:
            raise NotProvableError("an extreme that is nowhere reached")
        sign: Symbolic = ">" if node.side < 0 else "<"
        for x, c in () if found.is_only else found.place.items():
            is_only = self._holds(Relation(f, sign, found.value), free, (*told, Relation(x, "!=", c)))
            if not is_only and not self._turns(node, f, found.place, free, told, is_only=True):
                raise NotProvableError("other places may be extreme as well")
        return found.place


def _is_interval(x: Expr, setting: Setting) -> bool:
    """Whether all that is said of a variable bounds it on one side, so that it may be wherever it may pass."""
    mine = [r for r in _said(setting) if _speaks_of(r, (x,))]
    ends = [r.rhs if r.lhs == x else r.lhs for r in mine if x in r.sides and r.sign in (">", ">=", "<", "<=")]
    return len(ends) == len(mine) and not any(label_of(x) in free_symbols(end) for end in ends)


def _is_smooth(f: Expr, x: Expr, setting: Setting) -> bool:
    """Whether a term has a slope wherever its variable may be: it is made of smooth terms, and all of it is defined."""

    def is_made_so(t: Expr) -> bool:
        if label_of(x) not in free_symbols(t) or isinstance(t, Symbol | Indexed):
            return True
        if t.is_Add or t.is_Mul or isinstance(t, Sigma) or (t.func in SLOPES and t.func is not tan):
            return all(map(is_made_so, t.args))
        if t.is_Pow:
            return is_made_so(t.base) and t.exp.is_Integer
        record = by_head().get(t.func)
        if record is None or record.definition is None or record.kinks:
            return False
        return is_made_so(record.definition(*t.args))

    normal, _, _ = normalised((f,), setting, {}, Peels(), [FUEL])
    return is_made_so(f) and not any(label_of(x) in free_symbols(e) for e, _ in normal.assumes)


def _said(setting: Setting) -> list[Relation]:
    return [*setting.told, *(r.relation for r in setting.givens.facts)]


def _speaks_of(r: Relation, xs: Sequence[Expr]) -> bool:
    return not {label_of(x) for x in xs}.isdisjoint(free_symbols(r.lhs) | free_symbols(r.rhs))


def _relations(where: Expr, xs: Sequence[Expr]) -> tuple[Relation, ...]:
    """What a 0/1-valued term says where it is 1, solved for a variable where it is linear in it."""
    made: list[Relation] = []
    for factor in Mul.make_args(where):
        if factor == 1:
            continue
        if not isinstance(factor, Step) or factor.at_zero not in (0, 1):
            raise NotProvableError("an extreme under a condition of another kind")
        sign: Symbolic = ">" if factor.at_zero == 0 else ">="
        solved = (_solved_for(factor.u, sign, x) for x in xs)
        made.append(next((r for r in solved if r is not None), Relation(factor.u, sign, Integer(0))))
    return tuple(made)


def _solved_for(u: Expr, sign: Symbolic, x: Expr) -> Relation | None:
    slope = u.coeff(x, 1)
    rest = u - slope * x
    if not slope.is_Rational or slope == 0 or label_of(x) in free_symbols(rest):
        return None
    turned: Symbolic = sign if slope > 0 else "<" if sign == ">" else "<="
    return Relation(x, turned, -rest / slope)


def _one_solved(normal: Normal, slopes: Sequence[Expr], xs: Sequence[Expr]) -> tuple[Expr, Expr, Any, int] | None:
    """One variable, what it is where one of some terms is zero, what was divided by, and which term that is."""
    labels = {label_of(x) for x in xs}
    for n, slope in enumerate(slopes):
        p = normal.form(normal.derivatives.plain(slope)).num
        for x in xs if p != 0 else ():
            parts = normal.by_degree(p, normal.ids[x]) if x in normal.ids else {}
            if set(parts) - {0, 1} or 1 not in parts or labels & free_symbols(normal.poly_expr(parts[1])):
                continue
            rest = normal._poly(-parts[0] if 0 in parts else normal.zero)
            return x, normal.expr(normal.mul(rest, normal.power(normal._poly(parts[1]), -1))), parts[1], n
    return None
