r"""Definite matrices as what all of them are: A = M^T M, with a positive number on the diagonal added or not."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from sympy import Add, Expr, Integer, Symbol

from symdl.errors import Place
from symdl.language import Delta, Sigma, family, free_symbols, index, indices_of, is_quantity, label_of, put, scalar
from symdl.problem import Definition, Fact, Givens, Range, Ranges, Relation, Symbolic

STRICT = ("succ", "prec")
"""The signs after which no direction has the value 0."""

MAX_ROWS = 4
"""Up to how many rows a matrix has its minors written out."""

_NOWHERE = Place("", 0, 0)


def by_squares(relation: Relation, givens: Givens, conditions: Sequence[Relation] = ()) -> tuple[Givens, str] | None:
    """The givens with the matrices that are said to be definite written by squares, and how they are, in words.

    None where the relation rests on no such matrix.  Every definite matrix is written so for some M, and what is
    written so is definite: what holds for all M holds of the matrix.  Nothing else, not even in the conditions, has
    the names that M and the number get.
    """
    spoken = {s for r in (relation, *conditions) for side in r.sides for s in free_symbols(side)}
    said = {scalar(name): sign for name, sign in givens.said("definite").items()}
    found = [s for s in said if s in _inside(relation, givens) and _is_open(s, givens)]
    words: list[str] = []
    for label in found:
        givens, said_so = _written(label, said[label], givens, spoken)
        words.append(said_so)
    return (givens, ", ".join(words)) if found else None


@dataclass(frozen=True)
class Form:
    """What a sign between a matrix and 0 says: relations that are to hold together under givens."""

    relations: tuple[Relation, ...]
    givens: Givens


def as_form(matrix: Expr, sign: str, givens: Givens, letters: Ranges) -> Form | None:
    """What such a sign between a symmetric matrix and 0 says; None where the two letters do not run alike.

    A matrix with few rows has leading minors, which are positive just where the matrix is; any other one, and one that
    may be zero in some direction, is taken by x^T A x for a vector x that is no name.
    """
    (i, run), (j, other) = letters.items()
    if run != other:
        return None
    matrix = matrix if sign.startswith("succ") else -matrix
    compared: Symbolic = ">" if sign in STRICT else ">="
    if sign in STRICT and run.lo == 1 and run.hi in range(1, MAX_ROWS + 1):
        places = [Integer(n + 1) for n in range(run.hi)]
        entries = [[put(matrix, {i: a, j: b}) for b in places] for a in places]
        minors = [_determinant([row[:n] for row in entries[:n]]) for n in range(1, len(entries) + 1)]
        return Form(tuple(Relation(minor, ">", Integer(0)) for minor in minors), givens)
    x = _unused("x", label_of(i), givens, free_symbols(matrix))
    form: Expr = matrix * family(x, i) * family(x, j)
    for letter in letters:
        form = Sigma.over(letter, run.lo, run.hi, form)
    square = Sigma.over(i, run.lo, run.hi, family(x, i) ** 2)
    facts = (Fact(Relation(square, ">", Integer(0)), {}, "", _NOWHERE),) if sign in STRICT else ()
    known = replace(givens, facts=(*givens.facts, *facts), families={**givens.families, x: (run,)})
    return Form((Relation(form, compared, Integer(0)),), known)


def _determinant(rows: Sequence[Sequence[Expr]]) -> Expr:
    """The determinant of a few rows, by the entries of the first one."""
    if not rows:
        return Integer(1)
    smaller = ([[*row[:n], *row[n + 1 :]] for row in rows[1:]] for n in range(len(rows)))
    return Add(*((-1) ** n * rows[0][n] * _determinant(rest) for n, rest in enumerate(smaller)))


def is_by_squares(definition: Definition) -> bool:
    """Whether a definition is one of a matrix by squares."""
    return definition.place is _NOWHERE


def _inside(relation: Relation, givens: Givens) -> frozenset[Symbol]:
    """The labels that a relation speaks of, directly or by definitions."""
    found, pending = set[Symbol](), [*free_symbols(relation.lhs), *free_symbols(relation.rhs)]
    while pending:
        label = pending.pop()
        if label not in found:
            found.add(label)
            pending += [s for d in givens.definitions_of(label) for s in free_symbols(d.body)]
    return frozenset(found)


def _is_open(label: Symbol, givens: Givens) -> bool:
    """Whether a label is that of a square matrix of which no entry is given."""
    run = givens.families.get(label, ())
    has_values = label in givens.valued
    return len(run) == 2 and run[0] == run[1] and not givens.definitions_of(label) and not has_values


def _unused(letter: str, label: Symbol, givens: Givens, spoken: Set[Symbol]) -> Symbol:
    """A letter with a matrix for its index and as many primes as make it a name of its own, braces or not."""
    known = {*spoken, *givens.symbols, *givens.families, *(d.label for d in givens.definitions)}
    taken = {_without_braces(s.name) for s in known}
    while _without_braces(name := rf"{letter}_{{{label.name}}}") in taken:
        letter += "'"
    return scalar(name)


def _without_braces(name: str) -> str:
    return name.replace("{", "").replace("}", "")


def _written(label: Symbol, sign: str, givens: Givens, spoken: Set[Symbol]) -> tuple[Givens, str]:
    """The givens with one matrix written by squares, and how it is, in words."""
    run = givens.families[label][0]
    i, j, k = (index(x) for x in ("i", "j", "k"))
    root, least = (_unused(letter, label, givens, spoken) for letter in ("M", r"\lambda"))
    body: Expr = Sigma.over(k, run.lo, run.hi, family(root, k, i) * family(root, k, j))
    facts = tuple(f for f in givens.facts if not _says_symmetric(f, label))
    side = 1 if sign.startswith("succ") else -1
    words = rf"{'' if side == 1 else '-'}{label.name} = {root.name}^\top {root.name}"
    if sign in STRICT:
        words += rf" + {least.name} I"
        body += least * Delta(i, j)
        facts += (Fact(Relation(least, ">", Integer(0)), {}, "", _NOWHERE),)
    ranges = {i: run, j: Range(run.lo, run.hi)}
    definition = Definition(label, (i, j), side * body, ranges, "", _NOWHERE)
    families = {**givens.families, root: (run, run)}
    definitions = (*givens.definitions, definition)
    return replace(givens, definitions=definitions, facts=facts, families=families), f"${words}$"


def _says_symmetric(fact: Fact, label: Symbol) -> bool:
    """Whether a fact says of a matrix that it is symmetric, which is seen in what is put for it."""
    one, other = (
        indices_of(side) if is_quantity(side) and label_of(side) == label else () for side in fact.relation.sides
    )
    return fact.relation.sign == "=" and len(one) > 1 and one == other[::-1]
