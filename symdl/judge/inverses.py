"""Inverses of matrices of any size: families that stand for them, and the equations that say what they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sympy import Expr, Integer, Mul, Symbol

from symdl.errors import Place
from symdl.judge.whole import written
from symdl.language import (
    Delta,
    Determinant,
    Inverse,
    OfMatrix,
    Sigma,
    family,
    free_symbols,
    fresh_index,
    is_closed,
    is_index,
    kinds,
    put,
    subterms,
)
from symdl.problem import Fact, Givens, Range, Ranges, Relation

_NOWHERE = Place("", 1, 1)
_LETTERS = "ijklmnrs"


def member_of(inverse: Inverse) -> Expr:
    """The member of the family that stands for an inverse: its row and column, after the letters that it depends on."""
    matrix = Inverse(inverse.lo, inverse.hi, inverse.body, Integer(1), Integer(1))
    letters = sorted((s for s in free_symbols(matrix) if is_index(s)), key=written)
    places = {s: Symbol(f"letter {n}", integer=True) for n, s in enumerate(letters)}
    return family(written(put(matrix, places)), *letters, inverse.row, inverse.column)


def factors_of(determinant: Determinant, a: Symbol, b: Symbol) -> list[Expr] | None:
    """The entries at row a, column b of two square matrices whose product a determinant is taken of; None of others."""
    body = determinant.open(a, b)
    if not isinstance(body, Sigma) or (body.lo, body.hi) != (determinant.lo, determinant.hi):
        return None
    k = fresh_index(_LETTERS, free_symbols(determinant) | {a, b})
    inside = Mul.make_args(body.open(k))
    left = Mul(*(f for f in inside if b not in free_symbols(f)))
    right = Mul(*(f for f in inside if b in free_symbols(f)))
    if a in free_symbols(right):
        return None
    return [put(left, {k: b}), put(right, {k: a})]


@dataclass(frozen=True)
class Multiplied:
    """An equation that says of the entries for all values of `new` what another one says of those for all of `old`."""

    lhs: Expr
    rhs: Expr
    ranges: Ranges
    old: Symbol
    new: Symbol


def multiplied_out(lhs: Expr, rhs: Expr, ranges: Ranges, terms: Iterable[Expr] = ()) -> Iterator[Multiplied]:
    """An equation times a matrix of which an inverse stands in it, or in `terms`, for each way in which that fits.

    It stands on the left of what has its rows, or on the right of what has its columns, as letters with these ranges.
    """
    found = (t for term in (lhs, rhs, *terms) for t in subterms(term) if isinstance(t, Inverse))
    for lo, hi, body in dict.fromkeys((t.lo, t.hi, t.body) for t in found):
        matrix = Determinant(lo, hi, body)
        if not is_closed(matrix):
            continue
        for letter, run in ranges.items():
            others = {i: r for i, r in ranges.items() if i != letter}
            held = [free_symbols(e) for r in others.values() for e in (r.lo, r.hi)]
            if (run.lo, run.hi) != (lo, hi) or letter in free_symbols(matrix).union(*held):
                continue
            new = fresh_index(_LETTERS, free_symbols(lhs) | free_symbols(rhs) | free_symbols(matrix) | ranges.keys())
            for entry in (matrix.open(new, letter), matrix.open(letter, new)):
                sides = [Sigma.over(letter, lo, hi, entry * side) for side in (lhs, rhs)]
                yield Multiplied(sides[0], sides[1], {**others, new: run}, letter, new)


def with_multiplied_facts(givens: Givens) -> Givens:
    """The givens with each equation that holds an inverse times the matrix in its place: x = A b for A^{-1} x = b."""
    held = [f for f in givens.facts if f.relation.sign == "=" and any(Inverse in kinds(s) for s in f.relation.sides)]
    new: list[Fact] = []
    for fact in held:
        made = multiplied_out(*fact.relation.sides, fact.ranges)
        new += [Fact(Relation(m.lhs, "=", m.rhs), m.ranges, fact.source, fact.place) for m in made]
    if not new:
        return givens
    # What the products are is read by what is known of the inverses.
    known = with_inverses(givens, [side for f in held for side in f.relation.sides])
    return replace(known, facts=(*(f for f in known.facts if f not in held), *new))


def with_inverses(givens: Givens, terms: Iterable[Expr]) -> Givens:
    """The givens with what is known of the matrices of which inverses are taken in terms or in definitions."""
    said = _said_of_inverses([*terms, *(d.body for d in givens.definitions)])
    new = tuple(fact for fact in said if fact not in givens.facts)
    return replace(givens, facts=(*givens.facts, *new)) if new else givens


def _said_of_inverses(terms: Iterable[Expr]) -> Iterator[Fact]:
    """That every matrix of which an inverse or a determinant is taken times its inverse is 1, from both sides."""
    found = (t for term in terms if not kinds(term).isdisjoint(OfMatrix.__subclasses__()) for t in subterms(term))
    matrices = {(t.lo, t.hi, t.body) for t in found if isinstance(t, OfMatrix)}
    for lo, hi, body in sorted(matrices, key=str):
        matrix = Inverse(lo, hi, body, Integer(1), Integer(1))
        if not is_closed(matrix):
            continue
        taken = free_symbols(matrix)
        a = fresh_index(_LETTERS, taken)
        b = fresh_index(_LETTERS, taken | {a})
        k = fresh_index(_LETTERS, taken | {a, b})
        run = Range(lo, hi)
        for product in (
            matrix.open(a, k) * Inverse(lo, hi, body, k, b),
            Inverse(lo, hi, body, a, k) * matrix.open(k, b),
        ):
            yield Fact(Relation(Sigma.over(k, lo, hi, product), "=", Delta(a, b)), {a: run, b: run}, "", _NOWHERE)
