"""At which index a term has an entry of a sum of exponentials, or of a family, in it."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Add, Expr, Indexed, Symbol

from symdl.language import is_closed, subterms
from symdl.numeric.program import next_letters
from symdl.numeric.ranges import slope
from symdl.numeric.terms import Lse


def entry_index(a: Expr, lse: Lse) -> Expr | None:
    """The index at which the exponent of a sum of exponentials is `a`; None where there is none."""
    return next((c for c in candidates(a, lse) if lse.open(c).args[1] == a), None)


def candidates(exponent: Expr, lse: Lse) -> Iterator[Expr]:
    """The indices at which a term of the sum may be found in `exponent`: those that make a family member agree."""
    (j,) = next_letters(Add(exponent, lse), 1)
    return indices_in(exponent, lse.open(j), j)


def indices_in(exponent: Expr, body: Expr, j: Symbol) -> Iterator[Expr]:
    """The values of j for which a family member of `body` is one of `exponent`."""
    seen: set[Expr] = set()
    there = [t for t in subterms(exponent) if isinstance(t, Indexed)]
    for member in subterms(body):
        if not isinstance(member, Indexed):
            continue
        for n, index in enumerate(member.indices):
            change = slope(index, j) if is_closed(index) else None
            if change not in (1, -1):
                continue
            for other in there:
                if (
                    other.base == member.base
                    and len(other.indices) == len(member.indices)
                    and is_closed(other.indices[n])
                ):
                    found = (change * (other.indices[n] - (index - change * j))).expand()
                    if found not in seen:
                        seen.add(found)
                        yield found
