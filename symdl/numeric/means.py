"""Differences from a mean, and sums of their squares: a mean that is rounded first takes digits of both with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sympy import Add, Expr, Mul, S, Symbol

from symdl.language import Delta, Sigma, Step, free_symbols, is_quantity, put
from symdl.numeric.entries import entry_index, indices_in
from symdl.numeric.monomials import Monomial
from symdl.numeric.program import next_letters
from symdl.numeric.terms import Bracket, LessMean, Share
from symdl.problem import Range

if TYPE_CHECKING:
    from symdl.numeric.stable import Rewriter


def spread(rewriter: Rewriter, terms: list[Monomial]) -> Expr | None:
    r"""n \sum_j v_j^2 - (\sum_j v_j)^2 for n terms: n times the squares of the differences from the mean."""
    for m, term in enumerate(terms):
        for sigma, squared in _sums(rewriter, term, 2):
            (j,) = next_letters(sigma, 1)
            count = Range(sigma.lo, sigma.hi).length
            v = sigma.open(j)
            squares = Sigma.over(j, sigma.lo, sigma.hi, v**2)
            factor = squared.over(Monomial.of(-(sigma**2)))
            wanted = Monomial.of(factor.expr() * count * squares)
            if count.is_Add or wanted not in terms:
                continue
            apart = Sigma.over(j, sigma.lo, sigma.hi, (v - sigma / count) ** 2)
            rest = [t.expr() for k, t in enumerate(terms) if k != m and t != wanted]
            return Add(*rest, factor.expr() * count * apart)
    return None


def less_mean(rewriter: Rewriter, terms: list[Monomial]) -> Expr | None:
    r"""v_i - \frac{1}{n} \sum_j v_j for n terms, in any sum that holds both."""
    for n, term in enumerate(terms):
        for sigma, mean in _sums(rewriter, term, 1):
            run = Range(sigma.lo, sigma.hi)
            factor = Monomial.of(mean.over(Monomial.of(sigma)).expr() * run.length)
            (j,) = next_letters(Add(*(t.expr() for t in terms), sigma), 1)
            for m, other in enumerate(terms):
                entry = other.over(factor)
                for at in indices_in(entry.expr(), sigma.open(j), j):
                    if m != n and Monomial.of(-sigma.open(at)) == entry and rewriter.is_inside(at, run):
                        rest = [t.expr() for k, t in enumerate(terms) if k not in (m, n)]
                        return Add(*rest, -factor.expr() * LessMean(at, sigma))
    return None


def weighted(rewriter: Rewriter, terms: list[Monomial]) -> Expr | None:
    r"""v_i - \sum_j p_j v_j for shares p: both less the entry whose share is more than half."""
    terms = [_drawn(rewriter, t) for t in terms]
    for n, term in enumerate(terms):
        for sigma, mean in _sums(rewriter, term, 1):
            if sigma.has(Step):
                continue
            (j,) = next_letters(Add(*(t.expr() for t in terms), sigma), 1)
            body = Monomial.of(sigma.open(j))
            for share in (b for b, power in body.powers if power == 1):
                found = _shifted(rewriter, [*terms[:n], mean, *terms[n + 1 :]], n, sigma, share, j)
                if found is not None:
                    return found
    return None


def _drawn(rewriter: Rewriter, term: Monomial) -> Monomial:
    """The term with what does not depend on the index of its sum before the sum; a Kronecker delta ends the sum."""
    sigma = next((b for b, power in term.powers if isinstance(b, Sigma) and power == 1), None)
    if sigma is None:
        return term
    (j,) = next_letters(term.expr(), 1)
    run = Range(sigma.lo, sigma.hi)
    inner = rewriter.within(j, run)
    factors = inner.product(sigma.open(j))
    body = Monomial.of(Mul(*(b**n for b, n in factors)))
    for base, power in body.powers:
        if isinstance(base, Delta) and power == 1 and j in base.args:
            other = base.args[0] if base.args[1] == j else base.args[1]
            if j not in free_symbols(other) and rewriter.is_inside(other, run):
                entry = put(body.over(Monomial.of(base)).expr(), {j: other})
                return Monomial.of(term.over(Monomial.of(sigma)).expr() * entry)
    outside = Mul(body.coefficient, *(b**n for b, n in body.powers if j not in free_symbols(b**n)))
    inside = Sigma.over(j, sigma.lo, sigma.hi, body.over(Monomial.of(outside)).expr())
    return Monomial.of(term.over(Monomial.of(sigma)).expr() * outside * inside)


def _shifted(rewriter: Rewriter, terms: list[Monomial], n: int, sigma: Sigma, share: Expr, j: Symbol) -> Expr | None:
    """The terms with a mean by shares, and the entry that is less it, each less the entry of the largest share."""
    known, v = rewriter.resolved(share), Monomial.of(sigma.open(j)).over(Monomial.of(share)).expr()
    if not isinstance(known, Share) or j not in free_symbols(v):
        return None
    exponent, lse = known.args
    if (lse.lo, lse.hi) != (sigma.lo, sigma.hi) or entry_index(exponent, lse) != j:
        return None
    factor = terms[n].over(Monomial.of(sigma))
    for m, other in enumerate(terms):
        entry = other.over(factor)
        at = next((i for i in indices_in(entry.expr(), v, j) if Monomial.of(-put(v, {j: i})) == entry), None)
        if m != n and at is not None:
            anchor = Sigma.over(j, sigma.lo, sigma.hi, Step(share - S.Half, S.Zero) * v)
            mean = Sigma.over(j, sigma.lo, sigma.hi, share * Bracket(v - anchor))
            rest = [t.expr() for k, t in enumerate(terms) if k not in (m, n)]
            return Add(*rest, factor.expr() * mean, -factor.expr() * Bracket(put(v, {j: at}) - anchor))
    return None


def _sums(rewriter: Rewriter, term: Monomial, power: int) -> Iterator[tuple[Sigma, Monomial]]:
    """The sums that are a factor of a term to this power, or by the definition of a factor, each with the term."""
    for base, count in term.powers:
        if count != power:
            continue
        body = rewriter.body(base) if is_quantity(base) else base
        written = Monomial.of(base if body is None else body)
        sigma = next((b for b, n in written.powers if isinstance(b, Sigma) and n == 1), None)
        if sigma is not None:
            yield sigma, Monomial.of(term.over(Monomial.of(base**power)).expr() * written.expr() ** power)
