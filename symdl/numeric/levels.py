"""Products in which sums of exponentials and hyperbolic functions are divided by, without what overflows in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Add, Expr, S, cosh, exp, sinh

from symdl.language import Maximum
from symdl.numeric.laws import right
from symdl.numeric.monomials import Factors, Monomial, split
from symdl.numeric.terms import Bracket, ExpGap, Expm1

if TYPE_CHECKING:
    from symdl.numeric.stable import Rewriter


def levelled(rewriter: Rewriter, factors: Factors, exponent: Expr) -> tuple[Factors, Expr]:
    """The factors and the exponent where sums that hold exponentials are divided by, or by an exponential.

    Such a sum is worked out without its largest exponential, which joins the exponent.
    """
    sums = [(b, n) for b, n in factors if b.is_Add and n.is_Integer and rewriter.is_raw(b)]
    if not sums or (exponent == 0 and all(n > 0 for _, n in sums)):
        return factors, exponent
    found = [f for f in factors if f not in sums]
    for base, power in sums:
        stable = rewriter.total(base)
        whole = Monomial.of(_level(stable) if stable.is_Add else stable)
        exponent += whole.exponent * power
        found += [(whole.coefficient**power, S.One)] if whole.coefficient != 1 else []
        for inner, n in whole.powers:
            if isinstance(inner, Expm1):
                exponent += Maximum(*inner.args, S.Zero) * n * power
            found.append((ExpGap(*inner.args) if isinstance(inner, Expm1) else inner, n * power))
    return found, exponent


def hyperbolic(powers: dict[Expr, Expr]) -> Factors:
    """The factors with quotients by hyperbolic sines and cosines as functions that do not overflow."""
    for base in [b for b in powers if isinstance(b, (sinh, cosh))]:
        u = base.args[0]
        over, under = (powers.pop(f, S.Zero) for f in (sinh(u), cosh(u)))
        if over.is_negative or under.is_negative:
            quotient, inverse = right("sinh-over-cosh", u=u), right("one-over-cosh", u=u)
            powers[quotient] = powers.get(quotient, S.Zero) + over
            over, under = S.Zero, under + over
            if under.is_negative:
                powers[inverse] = powers.get(inverse, S.Zero) - under
                under = S.Zero
        powers |= {f: n for f, n in ((sinh(u), over), (cosh(u), under)) if n != 0}
    return [(b, n) for b, n in powers.items() if n != 0]


def has_hyperbolic(expr: Expr) -> bool:
    """Whether a hyperbolic sine or cosine is a factor of a term."""
    return any(isinstance(b, (sinh, cosh)) for b in expr.as_powers_dict())


def _level(expr: Expr) -> Expr:
    """A sum of terms with exponentials as one in which the largest exponential is 1, times that."""
    terms = split(expr)
    exponents = list(dict.fromkeys(t.exponent for t in terms))
    largest = Maximum(*exponents) if len(exponents) > 1 else exponents[0]
    return Bracket(Add(*(Monomial(t.coefficient, t.powers, t.exponent - largest).expr() for t in terms))) * exp(largest)
