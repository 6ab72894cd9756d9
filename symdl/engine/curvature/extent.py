"""What holds of the whole function: convex, bounded or not, with least or greatest values that are attained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from sympy import Add, Expr, Integer, Poly, Symbol
from sympy.polys.polyerrors import BasePolynomialError

from symdl.engine.curvature.forms import definite_sign
from symdl.engine.curvature.knowledge import Knowledge, OpenSignError, UndecidableError, letters_of
from symdl.engine.curvature.local import Function, monomial
from symdl.problem import Relation, Text


@dataclass(frozen=True)
class Extent:
    """`convex` and `concave` on the whole domain; `coercive` 1 where f grows to infinity in every direction, -1 where
    it falls; `escapes` are directions along which it is unbounded, with the sign of the infinity."""

    convex: int = 0
    strictly: bool = False
    coercive: int = 0
    escapes: tuple[tuple[int, tuple[Expr, ...], Expr], ...] = ()


def extent_of(function: Function, known: Knowledge, domain: Sequence[Expr]) -> Extent:
    """What can be proved of the whole function in one case."""
    f = known.put(function.f)
    function = Function(f, function.variables)
    convex, strictly = _convexity(function, known)
    coercive = 0
    escapes: tuple[tuple[int, tuple[Expr, ...], Expr], ...] = ()
    if f.is_polynomial(*function.variables) and not domain:
        coercive = _coercive(f, function.variables, known)
        escapes = tuple(_escapes(f, function.variables, known))
    return Extent(convex, strictly, coercive, escapes)


def _convexity(function: Function, known: Knowledge) -> tuple[int, bool]:
    """1 for a Hessian that is positive semidefinite everywhere, -1 for a negative one; and whether it is definite."""
    try:
        minors = function.symmetric
        signs = [known.possible(e) for e in minors]
    except (UndecidableError, OpenSignError, BasePolynomialError):
        return 0, False
    for side in (1, -1):
        turned = [frozenset(s * (1 if side == 1 else (-1) ** (k + 1)) for s in may) for k, may in enumerate(signs)]
        if all(may <= {0, 1} for may in turned):
            return side, all(may == {1} for may in turned)
    return 0, False


def _coercive(f: Expr, variables: Sequence[Symbol], known: Knowledge) -> int:
    """1 or -1 where the terms of highest degree are definite, in all variables or block by block."""
    p = Poly(f, *variables)
    degrees = [p.degree(x) for x in variables]
    for weights in {tuple(1 for _ in variables), tuple(_weights(degrees))}:
        weighted = [sum(w * k for w, k in zip(weights, m, strict=True)) for m in p.monoms()]
        top = max(weighted)
        form = Add(*(c * monomial(m, variables) for (m, c), w in zip(p.terms(), weighted, strict=True) if w == top))
        try:
            if len(set(weights)) == 1:
                signs = definite_sign(form, variables, known)
            else:
                signs = _diagonal(form, variables, known)
        except (UndecidableError, OpenSignError):
            continue
        if signs in (frozenset((1,)), frozenset((-1,))):
            return next(iter(signs))
    return 0


def confined(g: Expr, variables: Sequence[Symbol]) -> int:
    """The sign that `g` has far out, where its terms of highest degree are definite; 0 where they are not."""
    return _coercive(g, variables, Knowledge()) if g.is_polynomial(*variables) else 0


def _weights(degrees: Sequence[int]) -> list[int]:
    whole = 1
    for d in degrees:
        whole = whole * d if d and whole % d else whole
    return [whole // d if d and whole % d == 0 else 1 for d in degrees]


def _diagonal(form: Expr, variables: Sequence[Symbol], known: Knowledge) -> frozenset[int]:
    """The sign of a sum of even pure powers of all variables."""
    p = Poly(form, *variables)
    pure = {next(n for n, k in enumerate(m) if k): c for m, c in p.terms() if sum(k > 0 for k in m) == 1}
    if len(pure) != len(variables) or len(pure) != len(p.terms()) or any(k % 2 for m in p.monoms() for k in m):
        return frozenset((-1, 0, 1))
    signs = frozenset().union(*(known.possible(c) for c in pure.values()))
    return frozenset(signs)


def _escapes(f: Expr, variables: Sequence[Symbol], known: Knowledge) -> Iterator[tuple[int, tuple[Expr, ...], Expr]]:
    """Lines through the origin along which the polynomial goes to each infinity: direction and leading term."""
    t = Symbol("t", real=True)
    found: set[int] = set()
    reach = (0, 1, -1) if len(variables) > 2 else (0, 1, -1, 2, -2)
    directions = sorted(product(reach, repeat=len(variables)), key=lambda v: (sum(map(abs, v)), [-x for x in v]))
    for v in directions:
        if not any(v):
            continue
        p = Poly(f.xreplace({x: k * t for x, k in zip(variables, map(Integer, v), strict=True)}), t)
        if p.degree() < 1:
            continue
        try:
            may = known.possible(p.LC())
        except UndecidableError:
            continue
        if len(may) != 1:
            continue
        (sign,) = may
        if sign and sign not in found and not letters_of(p.LC()) & set(variables):
            found.add(sign)
            yield sign, tuple(map(Integer, v)), p.LC() * t ** p.degree()


def statements(
    extent: Extent, function: Function, minima: Sequence[Expr], maxima: Sequence[Expr], count: int
) -> Iterator[Text]:
    """What the whole function does, in sentences: `minima` and `maxima` are the values at the points found."""
    x = function.variables
    if extent.convex:
        word = "convex" if extent.convex > 0 else "concave"
        extreme = "minimum" if extent.convex > 0 else "maximum"
        strictly = "strictly " if extent.strictly else ""
        sign = "positive" if extent.convex > 0 else "negative"
        form = "definite" if extent.strictly else "semidefinite"
        yield (
            f"The Hessian is {sign} {form} everywhere, so the function is {strictly}{word}"
            + (f": the {extreme} found is global." if (minima if extent.convex > 0 else maxima) else "."),
        )
        if not count:
            yield (f"It has no critical point, so it attains no {extreme}.",)
    if extent.coercive:
        infinity = "infinity" if extent.coercive > 0 else "minus infinity"
        values = minima if extent.coercive > 0 else maxima
        extreme = "minimum" if extent.coercive > 0 else "maximum"
        words: list[str | Expr | Relation] = [
            f"The terms of highest degree are definite, so the function goes to {infinity} in every direction"
        ]
        best = _best(values, extent.coercive)
        if best is not None:
            words += [f" and attains a global {extreme}: the value ", best, "."]
        else:
            words += [f" and attains a global {extreme}."]
        yield tuple(words)
    for infinite, direction, lead in extent.escapes:
        if extent.coercive == infinite:
            continue
        side = "above" if infinite > 0 else "below"
        extreme = "maximum" if infinite > 0 else "minimum"
        line: list[str | Expr | Relation] = [f"The function is unbounded {side}: along "]
        t = Symbol("t", real=True)
        for n, (v, k) in enumerate(zip(x, direction, strict=True)):
            line += [", " if n else "", Relation(v, "=", k * t)]
        line += [" its leading term is ", lead, f", so there is no global {extreme}."]
        yield tuple(line)


def _best(values: Sequence[Expr], side: int) -> Expr | None:
    """The least or greatest of several numbers."""
    if not values or any(letters_of(v) for v in values):
        return values[0] if len(set(values)) == 1 and values else None
    return sorted(values, key=lambda v: side * float(v.evalf(30)))[0]
