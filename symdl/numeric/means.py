"""Differences from a mean, and sums of their squares: a mean that is rounded first takes digits of both with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sympy import Add, Expr

from symdl.language import Sigma, is_quantity
from symdl.numeric.entries import indices_in
from symdl.numeric.monomials import Monomial
from symdl.numeric.program import next_letters
from symdl.numeric.terms import LessMean
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
