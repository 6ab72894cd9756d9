"""Directional derivatives as free vectors: what holds for every vector holds for Σ_j q_j ∂h_i/∂x_j too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sympy import Expr, Indexed, Mul, Symbol

from symdl.language import D, Sigma, family, free_symbols, fresh_index, kinds, label_of, put, scalar
from symdl.problem import Givens, Range, Relation


def without_directions(
    terms: Sequence[Expr], conditions: Sequence[Relation], givens: Givens
) -> tuple[list[Expr], list[Relation], Givens] | None:
    """The same about free vectors, which says more; None where derivatives are left, or there are none.

    Every derivative, and every sum over the letter of the variable by which its summand is differentiated, becomes a
    new free family.
    """
    sides = [*terms, *(side for c in conditions for side in c.sides)]
    if not any(D in kinds(side) for side in sides):
        return None
    vectors = _Vectors(givens, set().union(*map(free_symbols, sides)))
    new = [vectors.put(side, {}) for side in sides]
    if not vectors.labels or vectors.is_broken or any(D in kinds(side) for side in new):
        return None
    own = iter(new[len(terms) :])
    told = [Relation(next(own), c.sign, next(own)) for c in conditions]
    return new[: len(terms)], told, replace(givens, families={**givens.families, **vectors.families})


class _Vectors:
    """Free families for directional derivatives, one for each that differs from the others in more than its index."""

    def __init__(self, givens: Givens, taken: set[Symbol]) -> None:
        self.givens, self.taken = givens, taken
        self.labels: dict[Expr, str] = {}
        self.families: dict[Symbol, tuple[Range, ...]] = {}
        self.is_broken = False

    def put(self, term: Expr, scope: Mapping[Symbol, Range]) -> Expr:
        """The term with every directional derivative replaced; `scope` are the letters of the sums around it."""
        if D not in kinds(term):
            return term
        if isinstance(term, D):
            return self._vector(term, scope)
        if not isinstance(term, Sigma):
            return term.func(*(self.put(a, scope) for a in term.args))
        letter = fresh_index("jlmn", self.taken)
        self.taken.add(letter)
        body = term.open(letter)
        if _is_direction(body, letter):
            return self._vector(term, scope)
        inner = {**scope, letter: Range(term.lo, term.hi)}
        return Sigma.over(letter, term.lo, term.hi, self.put(body, inner))

    def _vector(self, term: Expr, scope: Mapping[Symbol, Range]) -> Expr:
        loose = [s for s in scope if s in free_symbols(term)]
        if len(loose) > 1:
            self.is_broken = True
            return term
        place = Symbol("§place", integer=True)
        pattern = put(term, dict.fromkeys(loose, place))
        name = self.labels.setdefault(pattern, f"§v_{{{len(self.labels)}}}")
        if not loose:
            return scalar(name)
        found = family(name, *loose)
        run = (scope[loose[0]],)
        self.is_broken = self.is_broken or self.families.setdefault(label_of(found), run) != run
        return found


def _is_direction(body: Expr, letter: Symbol) -> bool:
    """Whether a summand is a derivative by a member at this letter, times factors without derivatives."""
    factors = Mul.make_args(body)
    derivatives = [f for f in factors if isinstance(f, D)]
    if len(derivatives) != 1 or not isinstance(derivatives[0].wrt, Indexed):
        return False
    (d,) = derivatives
    rest = Mul(*(f for f in factors if f is not d))
    return letter in free_symbols(d.wrt) and letter not in free_symbols(d.of) and D not in kinds(rest)
