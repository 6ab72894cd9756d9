"""Long lengths as any: what holds for n units whatever n is holds for the 784 that are given.

An instance of so many is too large to be worked out, and a proof by the normal form mostly holds for every length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Expr, Integer, Symbol

from symdl.judge.posed import Lemma
from symdl.language import indices_of, put, size
from symdl.problem import Definition, Fact, Givens, Range, Ranges, Relation

LONG = 64
"""From what number on the end of a range is taken for any."""

Asked = tuple[Expr, Expr, Givens, Ranges, Sequence[Relation], Sequence[Lemma]]
"""What `decide` is asked."""


def of_any_length(asked: Asked) -> Asked | None:
    """The same for all lengths that are long, which says more; None where there are none.

    Each number at which a range ends becomes a size, wherever it stands; a size of which it is given is free.
    """
    givens, ranges = asked[2:4]
    told = {v.quantity: v.number for v in givens.values if isinstance(v.quantity, Symbol) and v.quantity.is_integer}
    sizes = frozenset(q for q, n in told.items() if _is_long(n))
    ends = frozenset(end for run in _runs(givens, ranges) for end in (run.hi,) if _is_long(end))
    if not ends and not any(run.hi in sizes for run in _runs(givens, ranges)):
        return None
    at = [i for d in givens.definitions for i in d.pattern]
    at += [i for v in givens.values for i in indices_of(v.quantity)]
    if not ends.isdisjoint(at):
        # The last member has a rule or a value of its own.
        return None
    return _Generalised({end: size(str(end)) for end in ends}).asked(asked, sizes)


def _is_long(number: Expr) -> bool:
    return isinstance(number, Integer) and number.p >= LONG


def _runs(givens: Givens, ranges: Ranges) -> Iterator[Range]:
    """The ranges of letters and families."""
    yield from ranges.values()
    for runs in givens.families.values():
        yield from runs
    for d in givens.definitions:
        yield from d.ranges.values()


class _Generalised:
    """Puts sizes for numbers."""

    def __init__(self, sizes: dict[Expr, Expr]) -> None:
        self.sizes = sizes

    def asked(self, asked: Asked, free: frozenset[Expr]) -> Asked:
        """What is asked with the sizes put in, and without the numbers of those that are free."""
        lhs, rhs, givens, ranges, conditions, lemmas = asked
        known = replace(
            givens,
            definitions=tuple(map(self._definition, givens.definitions)),
            values=tuple(v for v in givens.values if v.quantity not in free),
            facts=tuple(map(self._fact, givens.facts)),
            families={label: tuple(map(self._run, runs)) for label, runs in givens.families.items()},
            letters={self._run(run): letters for run, letters in givens.letters.items()},
            positions=self._runs(givens.positions),
            arguments={k: tuple(map(self._term, terms)) for k, terms in givens.arguments.items()},
        )
        told = tuple(map(self._relation, conditions))
        proved = tuple((self._term(a), self._term(b), self._runs(runs)) for a, b, runs in lemmas)
        return self._term(lhs), self._term(rhs), known, self._runs(ranges), told, proved

    def _term(self, term: Expr) -> Expr:
        return put(term, self.sizes)

    def _run(self, run: Range) -> Range:
        return Range(self._term(run.lo), self._term(run.hi))

    def _runs(self, ranges: Ranges) -> Ranges:
        return {letter: self._run(run) for letter, run in ranges.items()}

    def _relation(self, relation: Relation) -> Relation:
        return Relation(self._term(relation.lhs), relation.sign, self._term(relation.rhs))

    def _definition(self, definition: Definition) -> Definition:
        return replace(definition, body=self._term(definition.body), ranges=self._runs(definition.ranges))

    def _fact(self, fact: Fact) -> Fact:
        return replace(fact, relation=self._relation(fact.relation), ranges=self._runs(fact.ranges))
