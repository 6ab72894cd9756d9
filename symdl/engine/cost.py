"""How long an expression is for a reader: among several ways to write a result the cheapest is shown."""

from __future__ import annotations

from functools import lru_cache

from sympy import Add, Expr, Indexed, Mul, Pow, Rational, exp

from symdl.language import Binder, Cases, D, Delta, Step

NOT_FACTORED = 0.9
"""What it costs to leave a factor standing in every term of a sum."""

NESTED = 3.2
"""What it costs to divide by something within what is divided again."""


@lru_cache(maxsize=16384)
def cost(e: Expr) -> float:
    """How long an expression is: what is named is cheap, sums and fractions are dear."""
    if isinstance(e, Indexed) or not e.args:
        return 1.0 + (0.0 if e.is_Rational and e.q == 1 else 0.5 if e.is_Rational else 0.0)
    if isinstance(e, Binder):
        return 3.0 + sum(cost(a) for a in e.args[2:])
    if isinstance(e, D):
        return 6.0 + cost(e.of)
    if isinstance(e, Mul):
        negative = 0.5 if e.args[0].is_Rational and e.args[0] < 0 else 0.0
        nested = NESTED if any(map(_divides, e.args)) and any(map(_holds_fraction, e.args)) else 0.0
        return sum(cost(a) for a in e.args if a != -1) + 0.2 * len(e.args) + negative + nested
    if isinstance(e, Pow):
        if e.exp == -1:
            return cost(e.base) + 1.1
        return cost(e.base) + (1.6 if e.exp.is_Integer else 0.8 * cost(e.exp))
    if isinstance(e, Add):
        return _cost_of_sum(e)
    if isinstance(e, (Delta, Step)):
        return 1.5 + (cost(e.args[0]) if isinstance(e, Step) else 0.0)
    if isinstance(e, Cases):
        return 4.0 + sum(cost(a) for a in e.args)
    if isinstance(e, exp):
        c, m = e.args[0].as_coeff_Mul()
        return 1.5 + cost(m if c == -1 else e.args[0])
    return 1.5 + sum(cost(a) for a in e.args)


def _divides(factor: Expr) -> bool:
    return isinstance(factor, Pow) and bool(factor.exp.is_negative) and not factor.base.is_number


def _holds_fraction(factor: Expr) -> bool:
    """Whether a factor is a sum with a fraction among its terms."""
    return isinstance(factor, Add) and any(_divides(f) for term in factor.args for f in Mul.make_args(term))


def _cost_of_sum(e: Add) -> float:
    """A minus between two terms costs next to nothing, one before the first term does."""
    total = 0.6 * (len(e.args) - 1) + 0.3
    for term in e.args:
        c, rest = term.as_coeff_Mul()
        total += cost(-term) + 0.1 if c.is_Rational and c < 0 and rest != 1 else cost(term)
    if leads_with_minus(e, tie=False):
        total += 0.2
    return total + (NOT_FACTORED if shared_factors(e) else 0.0)


def leads_with_minus(e: Expr, tie: bool = True) -> bool:
    """Whether a sum reads better with all its signs changed; where as many terms have either sign, `tie` decides.

    A delta or a number of two terms should not have the minus.
    """
    terms = Add.make_args(e)
    first = [t for t in terms if t.has(Delta)] or [t for t in terms if t.is_number]
    if first and len(terms) == 2:
        return bool(first[0].as_coeff_Mul()[0] < 0)
    minus = sum(1 for t in terms if t.as_coeff_Mul()[0] < 0)
    return minus * 2 > len(terms) or (tie and minus * 2 == len(terms) and bool(terms[0].as_coeff_Mul()[0] < 0))


def shared_factors(e: Add) -> dict[Expr, Rational]:
    """What every term of a sum holds as a factor or divides by, with the power that all have; numbers left out."""
    common = _powers(e.args[0])
    for term in e.args[1:]:
        if not common:
            break
        powers = _powers(term)
        common = {
            base: (min if k > 0 else max)(k, powers[base])
            for base, k in common.items()
            if base in powers and (powers[base] > 0) == (k > 0)
        }
    return common


def _powers(term: Expr) -> dict[Expr, Rational]:
    """The factors of a product with their rational powers."""
    found: dict[Expr, Rational] = {}
    for factor in Mul.make_args(term):
        base, k = (factor.base, factor.exp) if isinstance(factor, Pow) and factor.exp.is_Rational else (factor, None)
        if not base.is_number:
            found[base] = Rational(1) if k is None else k
    return found
