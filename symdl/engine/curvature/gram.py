"""Sums of functions of one linear form each: their Hessian is a Gram matrix, Σ s a aᵀ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from sympy import Add, Expr, Matrix, Mul, Poly, S, Symbol, diff, factor_list, fraction, together
from sympy.polys.polyerrors import BasePolynomialError

from symdl.engine.curvature.knowledge import letters_of

RIDGES = 8
"""Sums of more functions of different forms are not taken apart."""


@dataclass(frozen=True)
class Ridge:
    """A function of the one form Σ weight · variable; `bend` is its second derivative by this form."""

    weights: tuple[Expr, ...]
    bend: Expr


def ridges_of(f: Expr, variables: Sequence[Symbol]) -> tuple[Ridge, ...] | None:
    """`f` as a sum of functions of one form each, at least two of them transcendental; else None."""
    parts: dict[tuple[Expr, ...], Expr] = {}
    for term in _terms(f, variables):
        directions = {_direction(form, variables) for form in _forms(term, variables)}
        if None in directions or len(directions) > 1:
            return None
        for d in directions:
            assert d is not None
            parts[d] = parts.get(d, S.Zero) + term
    if not len(variables) <= len(parts) <= RIDGES or sum(not p.is_polynomial() for p in parts.values()) < 2:
        return None
    return tuple(Ridge(d, _bend(p, d, variables)) for d, p in parts.items())


def symmetric(ridges: Sequence[Ridge], count: int) -> Expr:
    """The sum of all principal minors of order `count` of Σ s a aᵀ, by the formula of Cauchy and Binet."""
    total: Expr = S.Zero
    for chosen in combinations(ridges, count):
        A = Matrix([r.weights for r in chosen])
        total += (A * A.T).det(method="berkowitz") * Mul(*(r.bend for r in chosen))
    return total


def _terms(f: Expr, variables: Sequence[Symbol]) -> Iterator[Expr]:
    own = set(variables)
    for term in Add.make_args(f):
        if len(letters_of(term) & own) < 2 or len(set(_forms(term, variables))) < 2:
            yield term
            continue
        yield from Add.make_args(term.expand())


def _forms(term: Expr, variables: Sequence[Symbol]) -> Iterator[Expr]:
    """The largest parts of a term that are linear in the variables."""
    own = set(variables)
    if not letters_of(term) & own:
        return
    if term.is_polynomial(*variables) and Poly(term, *variables).total_degree() == 1:
        yield term
        return
    for a in term.args:
        yield from _forms(a, variables)


def _direction(form: Expr, variables: Sequence[Symbol]) -> tuple[Expr, ...] | None:
    """The weights of a linear form, the first of them 1."""
    weights = [diff(form, x) for x in variables]
    first = next(w for w in weights if w != 0)
    return tuple(w / first for w in weights) if all(w.is_Rational for w in weights) else None


def _bend(part: Expr, weights: Sequence[Expr], variables: Sequence[Symbol]) -> Expr:
    u = Symbol("u", real=True)
    lead = next(n for n, w in enumerate(weights) if w != 0)
    alone = part.xreplace({x: (u if n == lead else S.Zero) for n, x in enumerate(variables)})
    second = together(diff(alone, u, 2))
    try:
        top, below = (_product(p) for p in fraction(second))
        second = top / below
    except BasePolynomialError:
        pass
    return second.xreplace({u: Add(*(w * x for w, x in zip(weights, variables, strict=True)))})


def _product(p: Expr) -> Expr:
    constant, parts = factor_list(p)
    return Mul(constant, *(base**power for base, power in parts))
