"""The natural cases of what is given: the sides of a kink, two indices that are equal or not, a label that is 0 or 1.

Who works through them one by one often writes the line of one case below words that name it.  Alone, that line fails in
the other cases, and is meant for none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice, permutations, product

from sympy import Expr, Integer, Mul, S, Symbol, factor_terms

from symdl.check.basis import Basis
from symdl.language import (
    D,
    Delta,
    Maximum,
    Minimum,
    Prod,
    Sigma,
    Step,
    free_symbols,
    holds_derivative,
    indices_of,
    is_closed,
    is_index,
    is_quantity,
    label_of,
    put,
    quantities,
    subterms,
)
from symdl.language.functions import by_head
from symdl.problem import Definition, Range, Ranges, Relation

MAX_KINKS = 2
"""The cases of how many kinks are told apart."""

MAX_MEMBERS = 4
"""At how many choices of the letters at hand the definition of a family is looked at."""


def kinks(basis: Basis, ranges: Ranges, *terms: Expr) -> list[Expr]:
    """What is compared with 0 in the kinked functions of terms and of the definitions on which they rest.

    Sums and families are looked at at the letters of the ranges.
    """
    return list(dict.fromkeys(_kinks_in((*terms, *_bodies(basis, ranges, *terms)), ranges)))


def cases(
    basis: Basis, left: Expr, right: Expr, ranges: Ranges, *, is_all: bool = False
) -> Iterator[tuple[Relation, ...]]:
    """The cases of what a relation rests on that its right side does not tell apart.

    A right side in which both indices, a kink or the label stand speaks of all cases.  One that names a kinked quantity
    may have lost its derivative; where the relation is all of a proof, and does not itself go by the chain rule, it may
    as well be one line of another one.
    """
    yield from _of_indices(basis, left, right, ranges)
    is_chained = not isinstance(right, D) and holds_derivative(right)
    is_one = is_all and not is_chained
    is_named = any(_kinks_in((right,), ranges)) if is_one else bool(kinks(basis, ranges, right))
    found = [] if is_named else kinks(basis, ranges, left, right)
    signs: list[list[Relation]] = [
        [Relation(u, ">", Integer(0)), Relation(u, "<", Integer(0))] for u in found[:MAX_KINKS]
    ]
    yield from ((r,) for pair in signs for r in pair)
    for one, other in combinations(signs, 2):
        yield from product(one, other)
    resting = basis.context.names(right)
    for q in sorted(_labels_of(basis, left, ranges), key=str):
        if label_of(q) not in resting:
            for n in (1, 0):
                yield (Relation(q, "=", Integer(n)),)
                yield from ((Relation(q, "=", Integer(n)), r) for pair in signs for r in pair)


def _of_indices(basis: Basis, left: Expr, right: Expr, ranges: Ranges) -> Iterator[tuple[Relation, ...]]:
    """That two letters of the left side are equal or not, or that one is the class that what is given singles out."""
    inside = free_symbols(right)
    letters = sorted((i for i in ranges if is_index(i) and i in free_symbols(left)), key=str)
    for i, j in combinations(letters, 2):
        # What is differentiated by a member with both letters is meant for all of them.
        is_mixed = isinstance(left, D) and {i, j} <= free_symbols(left.wrt)
        # A matrix of numbers says each of its entries.
        is_shown = not quantities(right) and bool({i, j} & inside)
        # Nor does one case of two letters that a formula compares itself.
        is_shown = is_shown or any(isinstance(t, Delta) and {i, j} == set(t.args) for t in subterms(right))
        if ranges[i] == ranges[j] and not is_mixed and not is_shown:
            if not {i, j} <= inside:
                yield (Relation(i, "=", j),)
            yield (Relation(i, "!=", j),)
    yield from _of_classes(basis, left, right, ranges)


def _of_classes(basis: Basis, left: Expr, right: Expr, ranges: Ranges) -> Iterator[tuple[Relation, ...]]:
    """That a letter of the relation is the class, or the number, that what is given singles out, or is another one.

    A right side in which both stand, or which tells them apart, speaks of all of them.
    """
    bodies = list(_bodies(basis, ranges, left))
    told = [t for body in (right, *_bodies(basis, ranges, right)) for t in subterms(body) if isinstance(t, Delta)]
    spoken = frozenset[Symbol]().union(*map(free_symbols, bodies))
    classes: dict[Expr, Range | None] = {c: run for c, run in basis.context.givens.positions.items() if c in spoken}
    for q in (q for body in bodies for q in quantities(body)):
        classes.update({n: None for n in indices_of(q) if n.is_Integer})
    inside = free_symbols(right)
    for one, run in sorted(classes.items(), key=lambda pair: str(pair[0])):
        for i in (i for i in ranges if is_index(i) and i in free_symbols(left) | inside):
            at = ranges[i]
            fits = at == run if run is not None else at.lo.is_Integer and int(one) >= int(at.lo)
            if not fits or any({i, one} <= {*free_symbols(t), *t.args} for t in told):
                continue
            if not {i, one} <= inside:
                yield (Relation(i, "=", one),)
            yield (Relation(i, "!=", one),)


def _kinks_in(terms: tuple[Expr, ...], ranges: Ranges) -> Iterator[Expr]:
    for t in (t for term in terms for t in _reached(term, ranges)):
        if isinstance(t, (Maximum, Minimum)) and len(t.args) == 2:
            u = t.args[1] - t.args[0]
        elif isinstance(t, Step):
            u = t.u
        elif (record := by_head().get(type(t))) is not None and record.kinks == (0,):
            u = t.args[0]
        else:
            continue
        if quantities(u) and is_closed(u):
            yield _turning(u)


def _turning(kink: Expr) -> Expr:
    """What a kink turns on: the one name among its factors, where it has one, else the whole."""
    names = [f for f in Mul.make_args(factor_terms(kink.expand())) if is_quantity(f)]
    return names[0] if len(names) == 1 else kink


def _reached(term: Expr, ranges: Ranges) -> Iterator[Expr]:
    """The subterms of a term, with those of its sums and products at the letters that run as they do."""
    for t in subterms(term):
        yield t
        if isinstance(t, (Sigma, Prod)) and is_closed(t):
            for letter, run in ranges.items():
                if run == Range(t.lo, t.hi):
                    yield from _reached(t.open(letter), ranges)


def _bodies(basis: Basis, ranges: Ranges, *terms: Expr) -> Iterator[Expr]:
    """The bodies of the definitions on which terms rest, those of families at the letters of the ranges."""
    names = basis.context.names(*terms)
    for d in basis.context.givens.definitions:
        if d.label in names:
            yield from islice(_members(d, ranges), MAX_MEMBERS)


def _members(definition: Definition, ranges: Ranges) -> Iterator[Expr]:
    pattern = [p for p in definition.pattern if is_index(p)]
    if not any(definition.ranges.get(p) == run for p in pattern for run in ranges.values()):
        # What a definition compares does not turn on a letter that stands nowhere in the line.
        yield definition.body
    for letters in permutations(sorted(ranges, key=str), len(pattern)):
        at: dict[Expr, Expr] = dict(zip(pattern, letters, strict=True))
        if all(definition.ranges.get(p) == ranges[i] for p, i in at.items() if isinstance(p, Symbol) and i in ranges):
            yield put(definition.body, at)


def _labels_of(basis: Basis, side: Expr, ranges: Ranges) -> set[Expr]:
    """The free y on which a side rests, at the letters of the ranges, where the definitions hold both y and 1 - y."""
    terms = [t for body in _bodies(basis, ranges, side) for t in _reached(body, ranges)]
    ones = {-t for s in terms if s.is_Add and S.One in s.args for t in s.args if is_quantity(-t)}
    return {q for q in ones if is_closed(q) and basis.is_free(q)}
