"""Which signs a polynomial takes near a point where it vanishes: forms, Newton polygons, and branches of curves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from sympy import Expr, Poly, Rational, S, Symbol

from symdl.engine.curvature.knowledge import Knowledge, OpenSignError, Signs, UndecidableError, letters_of

NEITHER: Signs = frozenset((-1, 1))

SAMPLES = (0, 1, -1, 2, -2, Rational(1, 2), Rational(-1, 2), 3, -3)


def definite_sign(form: Expr, variables: Sequence[Symbol], known: Knowledge) -> Signs | None:
    """The signs that a form takes away from the origin: {1}, {-1}, {0, 1}, {-1, 0} or {-1, 1}; None if not found."""
    p = Poly(form, *variables)
    if p.total_degree() % 2:
        return NEITHER
    if len(variables) == 1:
        return frozenset((known.sign(p.LC()),))
    taken = _taken(form, variables, known)
    if {1, -1} <= taken:
        return NEITHER
    if len(variables) == 2 and all(c.is_Rational for c in p.coeffs()):
        return _binary(p)
    for sign in (1, -1):
        if _all_even(p, sign, known):
            pure = {next(n for n, k in enumerate(m) if k) for m in p.monoms() if sum(k > 0 for k in m) == 1}
            return frozenset((sign,)) if len(pure) == len(variables) else frozenset((0, sign))
    may = known.possible(form)
    return frozenset(may) if may in (frozenset((0, 1)), frozenset((0, -1)), frozenset((1,)), frozenset((-1,))) else None


def _all_even(p: Poly, sign: int, known: Knowledge) -> bool:
    return all(all(k % 2 == 0 for k in m) and known.possible(c) <= {sign} for m, c in p.terms())


def _taken(form: Expr, variables: Sequence[Symbol], known: Knowledge) -> set[int]:
    """Signs that are certainly taken, at sample directions."""
    found: set[int] = set()
    for values in product(SAMPLES[:5] if len(variables) > 2 else SAMPLES, repeat=len(variables)):
        may = known.possible(form.xreplace(dict(zip(variables, map(S, values), strict=True))))
        if len(may) == 1:
            found |= may
        if {1, -1} <= found:
            break
    return found


def _binary(p: Poly) -> Signs:
    x, y = p.gens
    t = Symbol("t", real=True)
    line = Poly(p.as_expr().xreplace({x: S.One, y: t}), t, domain="QQ")
    at_infinity = p.total_degree() - line.degree()
    if at_infinity % 2:
        return NEITHER
    vanishes = at_infinity > 0
    for factor, power in line.factor_list()[1]:
        if factor.degree() and factor.count_roots():
            if power % 2:
                return NEITHER
            vanishes = True
    sample = next(line(k) for k in range(line.degree() + 1) if line(k) != 0)
    sign = 1 if sample > 0 else -1
    return frozenset((0, sign)) if vanishes else frozenset((sign,))


def by_newton_polygon(g: Expr, x: Symbol, y: Symbol, known: Knowledge) -> Signs | None:
    """The strict signs that a series in two letters takes near 0, where the forms on its Newton polygon decide.

    {1} or {-1}: it has this sign away from 0.  {-1, 1}: it takes both.  None: not decided.
    """
    p = Poly(g, x, y)
    points = sorted(p.monoms())
    edges = list(_edges(points))
    if not edges:
        return None
    taken: set[int] = set()
    definite = any(a == 0 for a, _ in points) and any(b == 0 for _, b in points)
    for edge in edges:
        form = sum((p.coeff_monomial(x**a * y**b) * x**a * y**b for a, b in edge), S.Zero)
        for sx, sy in product((1, -1), repeat=2):
            t = Symbol("t", positive=True)
            line = Poly(form.xreplace({x: S(sx), y: sy * t}), t)
            if not all(c.is_Rational for c in line.coeffs()):
                may = known.possible(line.as_expr())
                taken |= may if len(may) == 1 else set()
                definite = definite and len(may) == 1
                continue
            inside = Poly(line, t, domain="QQ")
            for factor, power in inside.factor_list()[1]:
                if factor.degree() and factor.count_roots(0, None) - (factor(0) == 0):
                    definite = False
                    if power % 2:
                        return NEITHER
            sample = next(v for v in (inside(Rational(k, 3)) for k in range(1, 60)) if v != 0)
            taken.add(1 if sample > 0 else -1)
    if {1, -1} <= taken:
        return NEITHER
    for corner in (edges[0][0], edges[-1][-1]):
        # A pure power at each end of the polygon decides on the axes.
        if min(corner) > 0 or max(corner) % 2:
            definite = False
    return frozenset(taken) if definite and len(taken) == 1 else None


def _edges(points: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """The compact edges of the Newton polygon, each with all its points, from the y axis to the x axis."""
    lowest: dict[int, int] = {}
    for a, b in points:
        lowest[a] = min(b, lowest.get(a, b))
    corners = sorted(lowest.items())
    start = corners[0]
    while start[1] > 0:
        slopes = [(Rational(b - start[1], a - start[0]), a, b) for a, b in corners if a > start[0]]
        slopes = [s for s in slopes if s[0] < 0]
        if not slopes:
            return
        steepest = min(s[0] for s in slopes)
        end = max((a, b) for s, a, b in slopes if s == steepest)
        yield [(a, b) for a, b in points if start[0] <= a <= end[0] and (b - start[1]) == steepest * (a - start[0])]
        start = end


def by_branches(g: Expr, x: Symbol, y: Symbol) -> Signs:
    """The signs that a polynomial with rational coefficients takes near 0, where it vanishes: exactly.

    It changes sign where it has a real branch of a factor of odd multiplicity through 0, and only there.
    """
    constant, parts = Poly(g, x, y, domain="QQ").factor_list()
    sign = 1 if constant > 0 else -1
    even = False
    for factor, power in parts:
        value = factor(0, 0)
        if power % 2 == 0:
            even = even or value == 0
            continue
        if value != 0:
            sign *= 1 if value > 0 else -1
            continue
        if any(factor.diff(v)(0, 0) != 0 for v in (x, y)):
            return NEITHER
        found = _sign_without_branches(factor, x, y)
        if found is None:
            return NEITHER
        sign *= found
    return frozenset((0, sign)) if even else frozenset((sign,))


def _sign_without_branches(q: Poly, x: Symbol, y: Symbol) -> int | None:
    """The sign near 0 of an irreducible polynomial, singular at 0; None where a real branch of it ends there."""
    column = Poly(q.as_expr().xreplace({x: S.Zero}), y, domain="QQ")
    high = _least_root(column) / 2
    narrow = [Poly(q.as_expr(), y).discriminant() if q.degree(y) > 1 else S.One, Poly(q.as_expr(), y).LC()]
    narrow += [q.as_expr().xreplace({y: high}), q.as_expr().xreplace({y: -high})]
    width = min(_least_root(Poly(e, x, domain="QQ")) for e in narrow) / 2
    for side in (width, -width):
        row = Poly(q.as_expr().xreplace({x: side}), y, domain="QQ")
        if row.count_roots(-high, high):
            return None
    value = q(width, 0)
    return 1 if value > 0 else -1


def _least_root(p: Poly) -> Rational:
    """A positive number below the absolute value of every root but zero."""
    coefficients = [abs(c) for c in reversed(p.all_coeffs())]
    while coefficients and coefficients[0] == 0:
        coefficients.pop(0)
    if not coefficients:
        raise UndecidableError("a curve that contains a line")
    return Rational(coefficients[0]) / (coefficients[0] + max(coefficients))


def is_open(error: OpenSignError, letters: Sequence[Expr]) -> bool:
    """Whether a question is about these letters."""
    return bool(letters_of(error.expr) & set(letters))
