"""The real zeros of a function of one variable: all of them where an argument reaches the whole line, else in a box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import gcd, lcm

from flint import arb
from sympy import (
    Add,
    Expr,
    Mul,
    Poly,
    Pow,
    Rational,
    S,
    Symbol,
    atan,
    cos,
    diff,
    erf,
    exp,
    expand_trig,
    factor_list,
    log,
    pi,
    sin,
    tanh,
)
from sympy.polys.polyerrors import BasePolynomialError

from symdl.engine.curvature.balls import NoBallError, ball, precision, sign_of_ball
from symdl.engine.curvature.knowledge import UndecidableError, letters_of, sign_of_number
from symdl.engine.curvature.narrowing import Root, bisected, familiar, in_order, sign_of, vanishes
from symdl.engine.curvature.places import enclosing, exact_roots, numerator, rational
from symdl.language.functions import by_head

BOX = Rational(10)
"""Where no argument reaches the whole line, zeros are sought between -BOX and BOX."""


@dataclass(frozen=True)
class Zeros:
    """The zeros in order; `whole` says that there are no others, `period` that they repeat."""

    roots: tuple[Root, ...]
    whole: bool = True
    period: Expr | None = None


def zeros(g: Expr, x: Symbol) -> Zeros:
    """The real zeros of `g`, whose only letter is `x`, where it is defined.

    Raises  `UndecidableError`.
    """
    top = numerator(g)[0] if not g.has(sin, cos) else g
    if top == 0:
        raise UndecidableError("a function that is zero everywhere")
    try:
        _, parts = factor_list(top)
    except BasePolynomialError:
        parts = [(top, 1)]
    found: list[Root] = []
    whole, period = True, None
    for part, _ in parts:
        if x not in letters_of(part) or isinstance(part, exp):
            continue
        one = _of_factor(part, x)
        found += one.roots
        whole = whole and one.whole
        period = period or one.period
    if period is not None and (len({r.value for r in found}) > len(_inside_period(found, period)) or _mixed(parts, x)):
        found, whole, period = _repeated_in_box(parts, x), False, None
    found = [r for r in found if _is_defined(g, x, r)]
    return Zeros(tuple(in_order(found)), whole, period)


def _inside_period(found: Sequence[Root], period: Expr) -> set[Expr | None]:
    return {r.value for r in found if r.value is not None and abs(r.value.evalf(20)) <= period.evalf(20)}


def _mixed(parts: Sequence[tuple[Expr, int]], x: Symbol) -> bool:
    """Whether some factors repeat, and others, which do not, have zeros; or they repeat with different periods."""
    found = [_of_factor(p, x) for p, _ in parts if x in letters_of(p) and not isinstance(p, exp)]
    return len({z.period for z in found if z.roots}) > 1


def _repeated_in_box(parts: Sequence[tuple[Expr, int]], x: Symbol) -> list[Root]:
    found: list[Root] = []
    for part, _ in parts:
        if x not in letters_of(part) or isinstance(part, exp):
            continue
        one = _of_factor(part, x)
        for root in one.roots:
            if one.period is None or root.value is None:
                found.append(root)
                continue
            for k in range(-40, 41):
                value = (root.value + k * one.period).expand()
                if abs(value.evalf(20)) <= BOX:
                    found.append(Root(value))
    return found


def _of_factor(g: Expr, x: Symbol) -> Zeros:
    if g.is_polynomial(x):
        return Zeros(tuple(_polynomial(Poly(g, x, domain="QQ"))) if _is_rational(g) else ())
    for way in (_periodic, _exponential, _logarithmic, _product_of_powers, _radical):
        found = way(g, x)
        if found is not None:
            return found
    return _in_box(g, x)


def _is_rational(g: Expr) -> bool:
    if any(a.is_number and not a.is_Rational for a in g.atoms()):
        raise UndecidableError("the zeros of ", g)
    return True


def _polynomial(p: Poly) -> Iterator[Root]:
    for value in exact_roots(p):
        yield Root(value)


def _is_defined(g: Expr, x: Symbol, root: Root) -> bool:
    """Whether `g` has a value at a zero of its numerator."""
    if root.value is None:
        return True
    try:
        with precision(128):
            value = ball(g, {x: ball(root.value, {})})
        return not _is_nan(value)
    except NoBallError:
        return True


def _is_nan(value: arb) -> bool:
    return str(value) == "nan" or not value.is_finite()


# Sums of polynomials times exponentials of polynomials

Terms = dict[Expr, Poly]
"""Exponent -> polynomial before it."""


def _exponential(g: Expr, x: Symbol) -> Zeros | None:
    terms = _terms(g, x)
    if terms is None:
        return None
    return Zeros(tuple(_zeros_of_terms(terms, x, 0)))


def is_exponential_sum(g: Expr, x: Symbol) -> bool:
    """Whether a function is a sum of polynomials times exponentials of polynomials."""
    return _terms(g, x) is not None


def _terms(g: Expr, x: Symbol) -> Terms | None:
    found: Terms = {}
    for term in Add.make_args(g.expand(power_exp=True)):
        exponent, rest = S.Zero, S.One
        for f in Mul.make_args(term):
            if isinstance(f, exp):
                exponent += f.args[0]
            elif isinstance(f, Pow) and isinstance(f.base, exp) and f.exp.is_Integer:
                exponent += f.base.args[0] * f.exp
            else:
                rest *= f
        exponent = exponent.expand()
        try:
            p, q = Poly(rest, x, domain="QQ"), Poly(exponent, x, domain="QQ")
        except BasePolynomialError:
            return None
        found[q.as_expr()] = found[q.as_expr()] + p if q.as_expr() in found else p
    found = {q: p for q, p in found.items() if not p.is_zero}
    return found or None


def _zeros_of_terms(terms: Terms, x: Symbol, depth: int) -> list[Root]:
    """By Rolle's theorem: divided by one exponential, between two zeros the derivative, which is simpler, has one."""
    if depth > 14:
        raise UndecidableError("too many terms")
    if len(terms) == 1:
        return list(_polynomial(next(iter(terms.values()))))
    chosen = min(terms, key=lambda q: (terms[q].degree(), _size(terms, q, x), str(q)))
    divided = {(q - chosen).expand(): p for q, p in terms.items()}
    slope: Terms = {}
    for q, p in divided.items():
        d = p.diff(x) + p * Poly(diff(q, x), x, domain="QQ")
        if not d.is_zero:
            slope[q] = d
    turns = _zeros_of_terms(slope, x, depth + 1) if slope else []
    h = Add(*(p.as_expr() * exp(q) for q, p in divided.items()))
    h_slope = Add(*(p.as_expr() * exp(q) for q, p in slope.items()))
    return _between_turns(h, h_slope, turns, x, _limit(divided, x, -1), _limit(divided, x, 1))


def _size(terms: Terms, chosen: Expr, x: Symbol) -> int:
    return sum(Poly(q - chosen, x).degree() for q in terms if q != chosen)


def _limit(terms: Terms, x: Symbol, side: int) -> int:
    """The sign far out to the right or left."""

    def ahead(a: Expr, b: Expr) -> int:
        gap = Poly(a - b, x)
        if gap.degree() <= 0:
            return 0
        return _far(gap, side)

    best = list(terms)[:1]
    for q in list(terms)[1:]:
        order = ahead(q, best[0])
        best = [q] if order > 0 else [*best, q] if order == 0 else best
    degree = max(terms[q].degree() for q in best)
    # Exponents that differ by a constant: their leading coefficients are added with that factor.
    lead = Add(*(terms[q].LC() * exp((q - best[0]).expand()) for q in best if terms[q].degree() == degree))
    return sign_of_number(lead) * (side if degree % 2 else 1)


def _far(p: Poly, side: int) -> int:
    return (1 if p.LC() > 0 else -1) * (side if p.degree() % 2 else 1)


def _between_turns(h: Expr, slope: Expr, turns: Sequence[Root], x: Symbol, left: int, right: int) -> list[Root]:
    """The zeros of a function that is monotone between its turning points and has these signs far out."""
    signs: list[int] = []
    kept: list[Root] = []
    for turn in in_order(turns):
        sign, narrowed = _sign_at(h, slope, turn, x)
        signs.append(sign)
        kept.append(narrowed)
    found: list[Root] = [t for t, s in zip(kept, signs, strict=True) if s == 0]
    ends: list[tuple[Root | None, int]] = [(None, left), *zip(kept, signs, strict=True), (None, right)]
    for (a, sa), (b, sb) in pairwise(ends):
        if sa * sb < 0:
            lo = a.hi if a is not None and a.value is None else _above(a.value, h, x, sa) if a is not None else None
            hi = b.lo if b is not None and b.value is None else _beneath(b.value, h, x, sb) if b is not None else None
            if lo is None:
                lo = _far_point(h, x, -1, hi, sa)
            if hi is None:
                hi = _far_point(h, x, 1, lo, sb)
            found.append(bisected(h, x, lo, hi, sa))
    return in_order(found)


def _sign_at(h: Expr, slope: Expr, turn: Root, x: Symbol) -> tuple[int, Root]:
    if turn.value is not None:
        return sign_of_number(h.xreplace({x: turn.value})), turn
    root = turn
    for bits in (100, 200, 400):
        with precision(bits + 40):
            sign = sign_of_ball(ball(h, {x: enclosing(root.lo, root.hi)}))
        if sign is not None:
            return sign, root
        start = sign_of(slope, x, root.lo)
        root = bisected(slope, x, root.lo, root.hi, start, Rational(1, 2**bits))
        if root.value is not None:
            return sign_of_number(h.xreplace({x: root.value})), root
    raise UndecidableError("whether a zero is double")


def _above(value: Expr, h: Expr, x: Symbol, sign: int) -> Rational:
    """A rational number just above a turning point at which the sign is still the same."""
    return _beside(value, h, x, sign, 1)


def _beneath(value: Expr, h: Expr, x: Symbol, sign: int) -> Rational:
    return _beside(value, h, x, sign, -1)


def _beside(value: Expr, h: Expr, x: Symbol, sign: int, side: int) -> Rational:
    if value.is_Rational:
        return value
    with precision(300):
        near = rational(ball(value, {}))
    for k in (8, 20, 60, 200):
        at = near + side * Rational(1, 2**k)
        if sign_of(h, x, at) == sign:
            return at
    raise UndecidableError("a sign next to a turning point")


def _far_point(h: Expr, x: Symbol, side: int, start: Rational | None, sign: int) -> Rational:
    at = start or S.Zero
    for k in range(1, 40):
        there = at + side * 2**k
        if k > 12:
            break
        if sign_of(h, x, there) == sign:
            return there
    raise UndecidableError("where a function reaches its final sign")


# Logarithms


def _logarithmic(g: Expr, x: Symbol) -> Zeros | None:
    """Powers of x and log x: with x = e^u it is a sum of exponentials."""
    heads = {a for a in g.atoms(log) if x in letters_of(a)}
    if heads != {log(x)}:
        return None
    u = Symbol("u", real=True)
    inside = g.xreplace({log(x): u}).xreplace({x: exp(u)})
    top = numerator(inside)[0]
    found = _exponential(top, u) if _terms(top, u) is not None else None
    if found is None:
        return None
    roots: list[Root] = []
    for root in found.roots:
        if root.value is not None:
            roots.append(Root(exp(root.value)))
            continue
        with precision(200):
            lo, hi = rational(ball(exp(root.lo), {}).lower()), rational(ball(exp(root.hi), {}).upper())
        roots.append(Root(familiar(g, x, lo, hi), lo, hi))
    return Zeros(tuple(roots))


def _product_of_powers(g: Expr, x: Symbol) -> Zeros | None:
    """Σ c log a(x) = 0 is Π a(x)^c = 1, where every a is positive."""
    powers: list[tuple[Expr, Rational]] = []
    for term in Add.make_args(g.expand()):
        c, rest = term.as_coeff_Mul()
        if not isinstance(rest, log) or not rest.args[0].is_rational_function(x):
            return None
        powers.append((rest.args[0], c))
    scale = 1
    for _, c in powers:
        scale = scale * int(c.q)
    if any(abs(c * scale) > 8 for _, c in powers):
        return None
    top = numerator(Mul(*(a ** (c * scale) for a, c in powers)) - 1)[0]
    if not top.is_polynomial(x):
        return None
    kept = []
    for root in zeros(top, x).roots if x in letters_of(top) else ():
        assert root.value is not None
        if all(sign_of_number(a.xreplace({x: root.value})) > 0 for a, _ in powers):
            kept.append(root)
    return Zeros(tuple(kept))


def _radical(g: Expr, x: Symbol) -> Zeros | None:
    """Fractional powers of one linear form: with this form as t^q, t > 0, a polynomial."""
    powers = {a for a in g.atoms(Pow) if a.exp.is_Rational and not a.exp.is_Integer and x in letters_of(a.base)}
    bases = {a.base for a in powers}
    if len(bases) != 1:
        return None
    base = bases.pop()
    slope = base.coeff(x, 1)
    shift = (base - slope * x).expand()
    if not (slope.is_Rational and slope != 0 and shift.is_Rational):
        return None
    q = lcm(*(int(a.exp.q) for a in powers))
    t = Symbol("t", real=True)
    flat = g.xreplace({a: t ** (a.exp * q) for a in powers}).xreplace({x: (t**q - shift) / slope})
    top = numerator(flat)[0]
    if not top.is_polynomial(t):
        return None
    found = zeros(top, t).roots if t in letters_of(top) else ()
    return Zeros(
        tuple(Root(((r.value**q - shift) / slope).expand()) for r in found if r.value is not None and r.value >= 0)
    )


# Sines and cosines


def _periodic(g: Expr, x: Symbol) -> Zeros | None:
    """A polynomial in sines and cosines of multiples of one angle: with t = tan(x/2) it is a rational function."""
    heads = {a for a in g.atoms(sin, cos) if x in letters_of(a)}
    slopes = [Mul(a.args[0], 1 / x) for a in heads]
    if not heads or not all(s.is_Rational for s in slopes):
        return None
    unit = abs(slopes[0])
    for s in slopes[1:]:
        unit = Rational(gcd(int(unit.p * s.q), int(abs(s.p) * unit.q)), unit.q * s.q)
    theta, t = Symbol("theta", real=True), Symbol("t", real=True)
    plain = expand_trig(g.xreplace({x: theta / unit}).expand())
    flat = plain.xreplace({sin(theta): 2 * t / (1 + t**2), cos(theta): (1 - t**2) / (1 + t**2)})
    if letters_of(flat) - {t} or flat.has(sin, cos):
        return None
    top = numerator(flat)[0]
    if not top.is_polynomial(t):
        return None
    roots = (
        []
        if t not in letters_of(top)
        else [2 * atan(r.value) / unit for r in zeros(top, t).roots if r.value is not None]
    )
    if plain.xreplace({sin(theta): S.Zero, cos(theta): S.NegativeOne}) == 0:
        roots.append(pi / unit)
    return Zeros(tuple(in_order([Root(r.expand()) for r in roots])), True, 2 * pi / unit)


# The box


def _in_box(g: Expr, x: Symbol) -> Zeros:
    """Interval bisection: every cell has no zero, or one between different signs where the slope keeps its sign."""
    slopes = [g, diff(g, x), diff(g, x, 2)]
    found: list[Root] = []
    start, end = -BOX - Rational(1, 97), BOX + Rational(1, 89)
    cells = [(start, end, 0)]
    for root, radius in _multiples(g, x):
        found.append(Root(root))
        near = rational(ball(root, {}))
        cells = [part for cell in cells for part in _without(cell, near - radius, near + radius)]
    count = 0
    while cells:
        lo, hi, depth = cells.pop()
        count += 1
        if count > 6000:
            raise UndecidableError("too many cells")
        with precision(128):
            cell = enclosing(lo, hi)
            try:
                value = ball(slopes[0], {x: cell})
                slope = ball(slopes[1], {x: cell})
            except NoBallError as reason:
                raise UndecidableError("values of ", *reason.args) from None
        if value > 0 or value < 0:
            continue
        if slope > 0 or slope < 0:
            ends = [sign_of(g, x, lo), sign_of(g, x, hi)]
            if ends[0] * ends[1] < 0:
                found.append(bisected(g, x, lo, hi, ends[0]))
            elif 0 in ends:
                raise UndecidableError("a zero at the edge of a cell")
            continue
        if depth > 24:
            raise UndecidableError("whether ", g, f" has a zero near {float(lo):.6g}")
        mid = lo + (hi - lo) * Rational(31, 64)
        cells += [(lo, mid, depth + 1), (mid, hi, depth + 1)]
    roots = [r for r in in_order(found) if _within(r)]
    return Zeros(tuple(roots), _none_outside(g, x))


def _within(root: Root) -> bool:
    value = root.value if root.value is not None else root.lo
    return bool(abs(float(value.evalf(20))) <= 10)


def _without(cell: tuple[Rational, Rational, int], lo: Rational, hi: Rational) -> list[tuple[Rational, Rational, int]]:
    a, b, depth = cell
    if hi <= a or lo >= b:
        return [cell]
    return [part for part in ((a, lo, depth), (hi, b, depth)) if part[0] < part[1]]


def _multiples(g: Expr, x: Symbol) -> Iterator[tuple[Expr, Rational]]:
    """Familiar numbers at which the function and its slope vanish, each with a radius without other zeros."""
    slope = diff(g, x)
    candidates: list[Expr] = [Rational(k, 2) for k in range(-20, 21)]
    if g.has(sin, cos):
        candidates += [pi * Rational(k, 2) for k in range(-6, 7) if k]
    for at in candidates:
        if not (vanishes(g, x, at) and vanishes(slope, x, at)):
            continue
        derivative = slope
        for _ in range(10):
            derivative = diff(derivative, x)
            if not vanishes(derivative, x, at):
                break
        for radius in (Rational(1, 5), Rational(1, 16), Rational(1, 128)):
            with precision(128):
                near = rational(ball(at, {}))
                value = ball(derivative, {x: enclosing(near - 2 * radius, near + 2 * radius)})
            if value > 0 or value < 0:
                yield at, radius
                break


def _none_outside(g: Expr, x: Symbol) -> bool:
    """Whether a polynomial part outgrows a bounded rest outside the box."""
    polynomial, bound = [], S.Zero
    for term in Add.make_args(g.expand()):
        if term.is_polynomial(x):
            polynomial.append(term)
            continue
        c, rest = term.as_coeff_Mul()
        if not c.is_Rational or not all(_is_bounded(f) for f in Mul.make_args(rest)):
            return False
        bound += abs(c)
    p = Poly(Add(*polynomial), x)
    if p.degree() < 1 or not p.is_univariate:
        return False
    try:
        ends = [Poly(p.as_expr() + s * bound, x, domain="QQ") for s in (1, -1)]
    except BasePolynomialError:
        return False
    return all(e.count_roots(BOX, None) == 0 and e.count_roots(None, -BOX) == 0 for e in ends)


def _is_bounded(f: Expr) -> bool:
    base = f.base if isinstance(f, Pow) and f.exp.is_Integer and f.exp > 0 else f
    if isinstance(base, (sin, cos, tanh, erf)):
        return True
    record = by_head().get(type(base))
    return record is not None and None not in record.bounds and max(abs(b) for b in record.bounds if b is not None) <= 1
