"""Inequalities between smooth functions of one quantity: where the slope is zero the function is least.

The other quantities are held.  A function on an interval is nowhere below its value at c if it falls before c and rises
after it, and so it does where it is convex and its slope at c is zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from sympy import Expr, Indexed, Integer, Pow, Rational, Symbol, atan, cos, cosh, erf, exp, log, sin, sinh, tanh

from symdl.judge.derivative import Derivatives, Kinks, NotProvableError
from symdl.judge.normal import Normal, own_slope
from symdl.judge.whole import Setting
from symdl.language import free_symbols, is_quantity, label_of, put, subterms
from symdl.problem import Relation, Symbolic

ENTIRE = frozenset((exp, sin, cos, sinh, cosh, tanh, atan, erf))
"""Elementary functions that are smooth for all real numbers."""

MAX_TERMS = 16
"""The number of terms up to which a polynomial is looked at as a function."""

MAX_QUANTITIES, MAX_PLACES = 3, 4
"""How many quantities are varied, and how many zeros of a slope are tried for each."""

Proves = Callable[[Expr, Symbolic, Setting], bool]
"""Whether a term is proved to be so related to zero under a setting."""


def least_where_flat(normal: Normal, p: Any, strict: bool, proves: Proves) -> bool:
    """Whether a polynomial is known not to be negative, or to be positive, by its slope in one of its quantities."""
    if len(p) > MAX_TERMS:
        return False
    inside = [normal.generators[g] for g, e in enumerate(p.degrees()) if e]
    if all(isinstance(g, Symbol | Indexed) for g in inside):
        return False
    function = normal.poly_expr(p)
    free = [g for g in _quantities(inside) if _varies_alone(normal, inside, g)]
    for x in free[:MAX_QUANTITIES]:
        setting = freed(normal.setting, x)
        if setting is None:
            continue
        kinks: Kinks = {}
        derivatives = Derivatives(setting, kinks, normal.fuel, own_slope)
        slope = derivatives.total(function, x)
        for c in zeros_of(normal, slope, x, setting):
            if not _is_inside(inside, x, c, setting, proves):
                continue
            at = put(function, {x: c})
            if not proves(at, ">=", setting):
                continue
            # What is above its value at c wherever it is elsewhere is positive where it is known to be elsewhere.
            rises: Symbolic = ">" if strict and not proves(at, ">", setting) else ">="
            apart = Relation(x, "!=", c)
            beside = replace(setting, told=(*setting.told, apart)) if apart in normal.setting.told else setting
            if proves((x - c) * slope, rises, beside):
                return not kinks
            if rises == ">" and beside is setting:
                continue
            if proves(put(slope, {x: c}), "=", setting) and proves(derivatives.total(slope, x), rises, setting):
                return not kinks
    return False


def _quantities(inside: Iterable[Expr]) -> list[Expr]:
    """The real quantities in generators, those of which something else than a polynomial is made first."""
    found: dict[Expr, int] = {}
    for g in inside:
        for t in subterms(g):
            if is_quantity(t):
                found[t] = found.get(t, 0) + (g != t)
    return sorted((q for q, n in found.items() if n), key=str)


def _varies_alone(normal: Normal, inside: list[Expr], x: Expr) -> bool:
    """Whether all that depends on a quantity are smooth functions of it on an interval, and nothing defines it."""
    label = label_of(x)
    if normal.setting.givens.definitions_of(label) or any(not s.is_integer for s in free_symbols(x) - {label}):
        return False
    for g in inside:
        if g == x or not any(normal.setting.reaches(s, label) for s in free_symbols(g)):
            continue
        is_smooth = type(g) in ENTIRE or (isinstance(g, Pow) and g.exp.is_Rational) or isinstance(g, log)
        if not is_smooth or not _is_made_of(g, x):
            return False
    return True


def _is_made_of(expr: Expr, x: Expr) -> bool:
    """Whether a quantity stands in a term only by itself and within elementary operations."""
    label = label_of(x)
    if expr == x or label not in free_symbols(expr):
        return True
    if isinstance(expr, Pow) and not (expr.exp.is_Rational and expr.exp > 0):
        return False
    is_plain = expr.is_Add or expr.is_Mul or expr.is_Pow or type(expr) in ENTIRE or isinstance(expr, log)
    return is_plain and all(_is_made_of(a, x) for a in expr.args)


def freed(setting: Setting, x: Expr) -> Setting | None:
    """What is known where a quantity moves along an interval, the others held; None where its value is given.

    Of what is said of the quantity only bounds stay, which hold between any two places where they hold.
    """
    label = label_of(x)

    def depends(expr: Expr) -> bool:
        return any(setting.reaches(s, label) for s in free_symbols(expr))

    def stays(r: Relation) -> bool:
        if not depends(r.lhs) and not depends(r.rhs):
            return True
        if r.sign not in (">", ">=", "<", "<="):
            return False
        sides = ((r.lhs, r.rhs), (r.rhs, r.lhs))
        return any(isinstance(a, Symbol | Indexed) and label_of(a) == label and not depends(b) for a, b in sides)

    givens = setting.givens
    if label in givens.valued:
        return None
    return replace(
        setting,
        givens=replace(givens, facts=tuple(f for f in givens.facts if stays(f.relation))),
        told=tuple(r for r in setting.told if stays(r)),
        signs=tuple((e, sign) for e, sign in setting.signs if not depends(e)),
        rules=(),
        orders=tuple((r, letters) for r, letters in setting.orders if stays(r)),
    )


def _bounds(setting: Setting, x: Expr) -> Iterator[Relation]:
    """The inequalities that are known of a quantity, or of the family whose member it is."""
    for r in (*setting.told, *(f.relation for f in setting.givens.facts), *(r for r, _ in setting.orders)):
        if r.sign != "=" and label_of(x) in free_symbols(r.lhs) | free_symbols(r.rhs):
            yield r


def _is_inside(inside: list[Expr], x: Expr, c: Expr, setting: Setting, proves: Proves) -> bool:
    """Whether the functions are smooth from wherever the quantity is to a place, which no bound excludes."""
    for g in inside:
        for t in subterms(g):
            if isinstance(t, log | Pow) and label_of(x) in free_symbols(t) and not isinstance(t.args[-1], Integer):
                u = t.args[0]
                is_affine = label_of(x) not in free_symbols(u.coeff(x, 1)) and u.is_polynomial(x)
                is_affine = is_affine and label_of(x) not in free_symbols(u - u.coeff(x, 1) * x)
                if not proves(put(u, {x: c}), ">", setting) or not (is_affine or proves(u, ">", setting)):
                    return False
    return all(proves(gap, ">=", setting) for gap, _ in gaps_at(setting, x, c))


def gaps_at(setting: Setting, x: Expr, c: Expr) -> Iterator[tuple[Expr, Symbolic]]:
    """What the bounds of a quantity say of it, said of another place: differences with the signs that they have."""
    for r in _bounds(setting, x):
        gap = r.lhs - r.rhs if r.sign[0] == ">" else r.rhs - r.lhs
        own = next((t for t in subterms(gap) if isinstance(t, Symbol | Indexed) and label_of(t) == label_of(x)), x)
        yield put(gap, {own: c}), ">" if len(r.sign) == 1 else ">="


def zeros_of(normal: Normal, slope: Expr, x: Expr, setting: Setting) -> list[Expr]:
    """Places where a slope may be zero, and ends of where the quantity lives."""
    found: dict[Expr, None] = {}
    try:
        p = normal.form(slope).num
        # A sum of logarithms is zero where a product is one.
        whole = normal.without_logarithms(p)
        for q in (p, whole):
            for factor, _ in normal.factored(q)[1] if q is not None and q != 0 else ():
                found.update(dict.fromkeys(_roots(normal, factor, x)))
    except NotProvableError:
        pass
    for r in _bounds(setting, x):
        for a, b in ((r.lhs, r.rhs), (r.rhs, r.lhs)):
            if a == x:
                found[b] = None
    found[Integer(0)] = None
    return list(found)[:MAX_PLACES]


def _roots(normal: Normal, factor: Any, x: Expr) -> Iterator[Expr]:
    """Where an irreducible factor is zero, if that can be solved for a quantity."""
    for g, e in enumerate(factor.degrees()):
        made = normal.generators[g] if e in (1, 2) else None
        if made is None or label_of(x) not in free_symbols(made):
            continue
        parts = normal.by_degree(factor, g)
        c, b, a = [normal.poly_expr(parts[k]) if k in parts else Integer(0) for k in (0, 1, 2)]
        if any(label_of(x) in free_symbols(r) for r in (a, b, c)):
            continue
        if a == 0:
            values = [-c / b]
        else:
            root = Pow(normal.expr(normal.form(b**2 - 4 * a * c)), Rational(1, 2))
            values = [(-b - root) / (2 * a), (-b + root) / (2 * a)]
        for value in values:
            at = _solved(made, value, x)
            if at is not None:
                yield at


def _solved(made: Expr, value: Expr, x: Expr) -> Expr | None:
    """Where a generator that is x, log x or e^{cx} has a value."""
    if made == x:
        return value
    if isinstance(made, log) and made.args[0] == x:
        return exp(value)
    if isinstance(made, exp) and (value.is_positive or not value.is_number):
        scale = made.args[0] / x
        return log(value) / scale if label_of(x) not in free_symbols(scale) else None
    return None
