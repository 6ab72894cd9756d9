"""Ways to write a rational function: one fraction, factored, or grouped by what several of its terms share."""

from __future__ import annotations

from functools import lru_cache

from flint import fmpq_mpoly
from sympy import Add, Expr, Mul, Pow, S

from symdl.engine.algebra import Field, TooLargeError, with_one_exponential
from symdl.engine.cost import cost, leads_with_minus, shared_factors
from symdl.language import Delta

GROUPED_TERMS = range(3, 25)
"""How many terms a sum has that is tried to be grouped."""


@lru_cache(maxsize=16384)
def lowest(e: Expr) -> tuple[Expr, ...]:
    """Several ways to write `e` as a rational function in lowest terms, the factored one first."""
    ways = _lowest_ways(e, keeps_powers=False)
    if any(isinstance(p.base, Add) and abs(p.exp) in (2, 3, 4) for p in e.atoms(Pow)):
        ways += _lowest_ways(e, keeps_powers=True)
    return tuple(ways)


def _lowest_ways(e: Expr, *, keeps_powers: bool) -> list[Expr]:
    try:
        ring = Field((e,), keeps_powers)
        num, den = ring.fraction(e)
    except (TooLargeError, ZeroDivisionError):
        return []
    below = ring.factored(den)
    ways = [_over(ring.factored(num), below), _over(ring.expression(num), below), _over(ring.shared(num), below)]
    if not den.is_constant() and len(num) <= 12:
        ways.append(_shared_out(Add(*(ring.term(c, m) / below for m, c in num.to_dict().items()))))
    if len(num) in GROUPED_TERMS:
        ways.append(_over(_grouped(num, ring), below))
        if not den.is_constant():
            ways.append(_shared_out(Add(*(_quotient(part, den, ring) for part in _parts(num, ring)))))
    return ways


def _quotient(num: fmpq_mpoly, den: fmpq_mpoly, ring: Field) -> Expr:
    num, den = ring.lowest(num, den)
    return _over(_grouped(num, ring), ring.factored(den))


def _grouped(p: fmpq_mpoly, ring: Field) -> Expr:
    """A polynomial as a product of irreducible factors, the terms of each grouped by what they share."""
    if p.is_constant():
        return ring.expression(p)
    if len(p) not in GROUPED_TERMS:
        return ring.factored(p)

    def write(q: fmpq_mpoly) -> Expr:
        parts = _parts(q, ring)
        return ring.expression(q) if len(parts) == 1 else Add(*(_grouped(part, ring) for part in parts))

    return _balanced(ring.factored(p, write))


def _parts(p: fmpq_mpoly, ring: Field) -> list[fmpq_mpoly]:
    """Polynomials that add up to `p`, all terms with one generator in each, chosen so that it gets shorter."""
    if len(p) not in GROUPED_TERMS:
        return [p]
    terms = p.to_dict()
    shortest, chosen = cost(ring.expression(p)), None
    for n in range(len(ring.gens)):
        holding = {m: c for m, c in terms.items() if m[n]}
        if 1 < len(holding) < len(terms):
            inside = ring.context.from_dict(holding)
            rest = ring.context.from_dict({m: c for m, c in terms.items() if not m[n]})
            length = cost(ring.factored(inside) + ring.factored(rest))
            if length < shortest:
                shortest, chosen = length, (inside, rest)
    if chosen is None:
        return [p]
    inside, rest = chosen
    return [inside, *(_parts(rest, ring) if isinstance(ring.factored(rest), Add) else [rest])]


def _shared_out(e: Expr) -> Expr:
    """A sum with what all its terms share before a bracket."""
    if not isinstance(e, Add):
        return e
    factor = Mul(*(Pow(base, k) for base, k in shared_factors(e).items()))
    if factor == 1:
        return e
    inner = Add(*(t / factor for t in e.args))
    if leads_with_minus(inner, tie=False):
        inner, factor = -inner, -factor
    return Mul(factor, inner)


def _over(top: Expr, below: Expr) -> Expr:
    return _balanced(_joined(_divided(top, below)))


def _balanced(e: Expr) -> Expr:
    """A product without a minus before it where a sum among its factors can take it: -c (a - b) is c (b - a)."""
    if not isinstance(e, Mul) or not e.args[0].is_Rational or e.args[0] >= 0:
        return e
    differences = [n for n, f in enumerate(e.args) if isinstance(f, Add) and (_can_turn(f) or len(e.args) == 2)]
    if not differences:
        return e
    turned = min(differences, key=lambda n: (e.args[n].has(Delta), -cost(e.args[n])))
    rest = Mul(-e.args[0], *(f for n, f in enumerate(e.args) if n not in (0, turned)))
    difference = -e.args[turned]
    return difference if rest == 1 else Mul(rest, difference, evaluate=not rest.is_Rational)


def _can_turn(difference: Add) -> bool:
    """Whether a sum among other factors may change its signs: a difference of two, or one that subtracts a delta."""
    negative = [t for t in difference.args if t.as_coeff_Mul()[0] < 0]
    if any(t.has(Delta) for t in negative):
        return True
    return len(difference.args) == 2 and len(negative) == 1 and not any(t.is_number for t in difference.args)


def _joined(e: Expr) -> Expr:
    """A product with its exponentials joined, and the powers of one base where an exponent is symbolic.

    e^a e^b is e^{a+b}, and w^T w^{-t} is w^{T-t}.
    """
    e = with_one_exponential(e)
    if not any(isinstance(f, Pow) and not f.exp.is_number for f in Mul.make_args(e)):
        return e
    totals: dict[Expr, Expr] = {}
    for factor in Mul.make_args(e):
        base, exponent = (factor.base, factor.exp) if isinstance(factor, Pow) else (factor, S.One)
        for inner in Mul.make_args(base) if exponent == -1 else (base,):
            b, k = (inner.base, inner.exp) if isinstance(inner, Pow) else (inner, S.One)
            totals[b] = totals.get(b, S.Zero) + k * exponent
    return Mul(*(Pow(b, k) for b, k in totals.items()))


def _divided(top: Expr, below: Expr) -> Expr:
    if below == 1:
        return top
    if isinstance(top, Add):
        return Mul(top, Pow(below, -1), evaluate=False) if isinstance(below, Add) else top * below**-1
    return top / below
