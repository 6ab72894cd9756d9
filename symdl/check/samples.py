"""What a term is at some instances, and whether it varies there: with inputs, with an index, or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flint import arb
from sympy import Expr, Rational, Symbol, log, oo

from symdl.check.basis import Basis, sizes_of
from symdl.check.context import Context
from symdl.check.enclosures import Value
from symdl.check.letters import letters_of
from symdl.judge.instances import instances, value_at
from symdl.judge.world import Question as World
from symdl.language import free_symbols, is_quantity, label_of, put, quantities, subterms
from symdl.problem import Ranges

_MARKED = re.compile(r"[_^(\[|]")
"""What makes a name out of several."""

FEW = 4
"""At how many instances it is looked whether a term is a constant."""

NEAR = 1e-9
"""The part of a value by which two floats of the same number may differ."""

MAX_DENOMINATOR = 1000
"""Of the fractions that a constant may be."""


@dataclass(frozen=True, eq=False)
class Samples:
    """The values of terms at some instances of what the basis gives."""

    basis: Basis
    ranges: Ranges

    @property
    def context(self) -> Context:
        return self.basis.context

    def is_constant(self, term: Expr) -> bool:
        """Whether a term has one and the same value wherever it was looked at, and it was at several places."""
        values = self._values(term)
        return (len(values) > 1 or not self.inputs(term)) and _constant(values) is not None

    def constant_of(self, term: Expr) -> Rational | None:
        """The short fraction near to which a term is wherever it was looked at."""
        return _constant(self._values(term))

    def is_unplaced(
        self, left: Expr, right: Expr, placed: frozenset[Symbol], written: frozenset[str] = frozenset()
    ) -> bool:
        """Whether one side is settled and the other one varies with inputs of which no value is given or placed.

        Nobody puts numbers in for the members of a family of which the size is open, to find 0 or 1, nor for a letter
        that is `written` on both sides: it was left standing there, and cancels in one of them.
        """
        families = self.context.givens.families
        for settled, term in ((left, right), (right, left)):
            inputs = self.inputs(term) - placed
            inputs &= self.context.names(*(q for q in quantities(term) if not _is_among(label_of(q), written)))
            is_open = any(not run.hi.is_Integer for s in inputs for run in families.get(s, ())) and settled in (0, 1)
            # A function at something has no values of its own, and what has a name may be meant in one case.
            is_open = is_open and not is_quantity(term) and not any("(" in s.name for s in inputs)
            if not self.inputs(settled) and inputs and not is_open and self._varies(term):
                return True
        return False

    def leaves_a_position(self, left: Expr, right: Expr) -> bool:
        """Whether one side is settled and the other one varies with nothing but an index of which no value is given."""
        if self.inputs(left) or self.inputs(right):
            return False
        positions = [self._positions(side) for side in (left, right)]
        return any(
            at and not other and self._varies(term)
            for term, at, other in zip((right, left), positions[::-1], positions, strict=True)
        )

    def inputs(self, term: Expr) -> frozenset[Symbol]:
        """The names on which a term rests and of which the givens say no value, members of recurrences among them."""
        valued = self.context.givens.valued
        found = (s for s in self.context.names(term) if self.basis.is_free(s) or self.context.recurs(s))
        return (frozenset(found) | sizes_of(term)) - valued

    def _positions(self, term: Expr) -> frozenset[Symbol]:
        """The index letters that are inputs, on which a term rests."""
        names = self.context.names(term)
        bodies = [d.body for d in self.context.givens.definitions if d.label in names]
        inside = frozenset(s for t in (term, *bodies) for s in free_symbols(t))
        return inside & frozenset(self.context.givens.positions)

    def _varies(self, term: Expr) -> bool:
        """Whether a term, at the first members of families, may have several values."""
        found = self._looked_at(put(term, {i: r.lo for i, r in self.ranges.items() if r.lo.is_Integer}))
        values = [float(arb(v).mid()) for v in found if v is not None]
        if not values:
            # What cannot be worked out at an instance may vary: a logarithm of what has any sign, a sum without end.
            bodies = [d.body for d in self.context.givens.definitions if d.label in self.context.names(term)]
            return any(isinstance(t, log) or t == oo for side in (term, *bodies) for t in subterms(side))
        # Where it has no value at some, the others do not tell.
        return len(values) < len(found) or max(values) - min(values) > NEAR * max(map(abs, values))

    def _values(self, term: Expr) -> list[float]:
        """The values of a term at some instances, where it has one."""
        return [float(arb(v).mid()) for v in self._looked_at(term) if v is not None]

    def _looked_at(self, term: Expr) -> list[Value | None]:
        """The value of a term at each of some instances."""
        givens = self.context.about([term])
        return [value_at(term, instance) for instance in instances(World((term,), givens, self.ranges), FEW)]


def _is_among(name: Symbol, letters: frozenset[str]) -> bool:
    """Whether a name is one of these letters, without scripts or brackets at it."""
    return not _MARKED.search(name.name) and letters_of(name.name) <= letters


def _constant(values: list[float]) -> Rational | None:
    """The short fraction near to which all of these are."""
    if not values or max(values) - min(values) > NEAR * max(map(abs, values)):
        return None
    return Rational(values[0]).limit_denominator(MAX_DENOMINATOR)
