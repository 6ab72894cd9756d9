"""The values that names take in the course of a proof, as a parameter does with every step of a descent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flint import fmpq
from sympy import Expr, Rational

from symdl.check.enclosures import enclosed
from symdl.errors import Place
from symdl.language import as_rational, indices_of, label_of
from symdl.problem import Definition, Givens


@dataclass(frozen=True)
class Updates:
    """The last value that each name was assigned, and how many assignments there were."""

    last: Mapping[Expr, Rational]
    count: int = 0

    def after(self, quantity: Expr, value: Expr, givens: Givens) -> Updates:
        """With one more assignment; unchanged where its value is no exact number."""
        found = enclosed(value, self.put_in(givens))
        if not isinstance(found, fmpq):
            return self
        return Updates({**self.last, quantity: as_rational(found)}, self.count + 1)

    def bearing(self, names: frozenset[Expr]) -> Updates:
        """Those of the names at hand."""
        kept = {q: v for q, v in self.last.items() if label_of(q) in names}
        return Updates(kept, self.count if kept else 0)

    def put_in(self, givens: Givens) -> Givens:
        """The givens with the last values in place of those before."""
        here = Place("", 1, 1)
        kept = tuple(d for d in givens.definitions if d.pattern or d.head not in self.last)
        new = tuple(Definition(label_of(q), indices_of(q), n, {}, "", here) for q, n in self.last.items())
        values = tuple(v for v in givens.values if v.quantity not in self.last)
        return replace(givens, definitions=(*new, *kept), values=values)
