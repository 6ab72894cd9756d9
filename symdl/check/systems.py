"""Equations that are given and together say what quantities are: solved once, exactly, and put in.

The solution is that of a system that is linear in its unknowns, over the rational functions of everything else; what it
is divided by is kept as what has to differ from 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from itertools import islice, product
from typing import TYPE_CHECKING

from sympy import Add, Expr, Integer, Mul, S, Symbol

from symdl.check.context import HERE, Context
from symdl.check.entailment import opened
from symdl.language import (
    Opaque,
    Sigma,
    free_symbols,
    holds_derivative,
    indices_of,
    is_closed,
    is_quantity,
    label_of,
    open_fresh,
    put,
    quantities,
)
from symdl.problem import Definition, Givens, Ranges, Relation

if TYPE_CHECKING:
    from flint import fmpq_mpoly

    from symdl.engine.algebra import Field

MOST_EQUATIONS = 12
"""A system of more equations than this is not solved."""

MOST_TERMS = 300
"""No coefficient of a system has more terms than this."""

MOST_UNFOLDED = 8
"""How many definitions may stand within one another in an equation."""


@dataclass(frozen=True)
class Linear:
    """The solution of linear equations: the unknowns that they give, and what has to differ from 0."""

    values: Mapping[Expr, Expr]
    nonzero: tuple[Expr, ...]


@dataclass(frozen=True, eq=False)
class Determined:
    """The context in which unknowns are what the equations given make of them, where `nonzero` differs from 0.

    `bound` are the unknowns that the equations give by what is no unknown of theirs: to say that one is something else
    contradicts them.  `starts` are what the equations of single unknowns give where all others are 0: that is said of a
    first value, and no solution is meant.
    """

    context: Context
    values: Mapping[Expr, Expr]
    nonzero: tuple[Expr, ...]
    bound: frozenset[Expr]
    starts: Mapping[Expr, Expr]

    def binds(self, quantity: Expr) -> bool:
        """Whether a quantity is one of these unknowns, or any member of a vector of them."""
        members = {q for q in self.values if label_of(q) == label_of(quantity)} if is_quantity(quantity) else set()
        is_general = any(map(free_symbols, indices_of(quantity))) if members else False
        return quantity in self.bound or (is_general and members <= self.bound)


@dataclass(frozen=True)
class _Equation:
    """An equation that is given, gap = 0, with the quantity that it says something of if it stands alone on a side.

    `body` is what this is said to be; `is_step` says that the quantity stands there, too, so that this may be the rule
    of an update, `is_rough` that it rests on a number that may have been rounded, and `fact` which of the facts it is.
    """

    gap: Expr
    head: Expr | None
    body: Expr
    is_step: bool
    is_rough: bool = False
    fact: int | None = None


def determined(context: Context, claim: Relation, told: tuple[Relation, ...] = ()) -> Determined | None:
    """What the equations that are given, and those told, say of a claim's quantities; None where they say nothing new.

    Which of their quantities are the unknowns is told by the claim: first the one that it says something of, last those
    by which it does.
    """
    return _system(context, told).for_claim(claim)


@lru_cache(maxsize=8)
def _system(context: Context, told: tuple[Relation, ...]) -> _System:
    return _System(context, told)


class _System:
    """The equations of what is given, as far as they are closed, with the circles of its definitions."""

    def __init__(self, context: Context, told: Sequence[Relation]) -> None:
        self.context = context
        self.givens = context.givens
        self.valued = self.givens.stated
        self.circle = _circle(self.givens)
        self.equations = list(islice(filter(self._free, self._equations(told)), MOST_EQUATIONS + 1))
        if len(self.equations) > MOST_EQUATIONS:
            self.equations = []
        self.telling = [e for e in self.equations if all(linear(e.gap, [q]) is not None for q in self._free(e))]
        """The equations that are linear in each of their quantities."""

    def for_claim(self, claim: Relation) -> Determined | None:
        """What the equations say of the quantities of a claim."""
        if not self.telling:
            return None
        equations = self._bearing(claim)
        columns = self._columns(claim, equations)
        found = [(e, linear(e.gap, columns)) for e in equations]
        rows = [(e, row) for e, row in found if row is not None and len(row) > (S.One in row)]
        if not columns or not rows:
            return None
        solution = solved([row for _, row in rows], columns)
        if solution is None or not solution.values:
            return None
        return self._put_in(solution, columns, [e for e, _ in rows])

    def _bearing(self, claim: Relation) -> list[_Equation]:
        """The equations that are tied to a claim by the free quantities that they share."""
        inside = {q for side in claim.sides for q in quantities(self._unfolded(side))}
        general = {label_of(q) for q in inside if any(map(free_symbols, indices_of(q)))}
        members = (q for e in self.equations for q in self._free(e) if label_of(q) in general)
        reached = inside.union(members)
        kept: list[_Equation] = []
        left = self.telling
        while found := [e for e in left if self._free(e) & reached]:
            kept += found
            left = [e for e in left if e not in found]
            reached = reached.union(*map(self._free, found))
        return kept

    def _free(self, equation: _Equation) -> frozenset[Expr]:
        """The quantities in an equation of which it may say what they are."""
        inside = (q for q in quantities(equation.gap) if is_closed(q) and q not in self.valued)
        return frozenset(q for q in inside if not label_of(q).is_integer and not any(map(free_symbols, indices_of(q))))

    def _equations(self, told: Sequence[Relation]) -> Iterator[_Equation]:
        for n, fact in enumerate(self.givens.facts):
            for sides in _members(fact.relation.sides, fact.ranges) if fact.relation.sign == "=" else ():
                if all(map(is_closed, sides)) and not any(map(holds_derivative, sides)):
                    yield replace(self._equation(*sides), fact=n)
        for relation in told:
            if relation.sign == "=" and not any(map(holds_derivative, relation.sides)):
                yield self._equation(*relation.sides)
        for member, body in self.circle.items():
            # What the members of a vector are by one another is no new value of each.
            yield replace(self._equation(member, body), is_step=False)
        for q, number in self.valued.items():
            body = self.givens.body_of(q, {}) if q not in self.circle else None
            if body is not None and not isinstance(body, Opaque) and not holds_derivative(body):
                yield replace(self._equation(number, body), head=None, is_rough=not number.is_Integer)

    def _equation(self, left: Expr, right: Expr) -> _Equation:
        pairs = ((left, right), (right, left))
        head, other = next(((a, b) for a, b in pairs if is_quantity(a) and not b.is_number), (None, right))
        one, two = self._unfolded(left), self._unfolded(right)
        return _Equation(one - two, head, one if other is left else two, head in quantities(other))

    def _unfolded(self, term: Expr) -> Expr:
        """A term with short sums written out, and with the values of members and the definitions on no circle put."""
        numbers = {q: number for q, number in self.valued.items() if indices_of(q)}
        for _ in range(MOST_UNFOLDED):
            term = put(opened(term), numbers)
            bodies: dict[Expr, Expr] = {}
            for q in filter(is_closed, quantities(term)):
                body = None if q in self.circle else self.givens.body_of(q, {})
                if body is not None and not isinstance(body, Opaque) and not holds_derivative(body):
                    bodies[q] = self.valued.get(q, body)
            if not bodies:
                break
            term = put(term, bodies)
        return term

    def _columns(self, claim: Relation, equations: Sequence[_Equation]) -> list[Expr]:
        """The unknowns, in the order in which they are solved for: all equations are linear in them together."""
        heads = {e.head for e in equations}
        stems = {_stem(h) for h in heads if h is not None}
        said = {label_of(claim.lhs)} if is_quantity(claim.lhs) else set()
        by = quantities(claim.rhs) if said else frozenset()

        def rank(q: Expr) -> tuple[bool, bool, int, str]:
            return label_of(q) not in said, q in by, 0 if q in heads else 1 if _stem(q) in stems else 2, str(q)

        found: list[Expr] = []
        for q in sorted(frozenset().union(*map(self._free, equations)), key=rank):
            if all(linear(e.gap, [*found, q]) is not None for e in equations):
                found.append(q)
        return found

    def _put_in(self, solution: Linear, columns: Sequence[Expr], equations: Sequence[_Equation]) -> Determined | None:
        """The context with the values of the unknowns for the equations that say them."""
        values = {q: v for q, v in solution.values.items() if label_of(q) not in self.context.names(v)}
        if len(values) < len(solution.values):
            return None
        labels = {label_of(q) for q in self.circle}
        kept = tuple(d for d in self.givens.definitions if d.label not in labels)
        new = tuple(Definition(label_of(q), indices_of(q), v, {}, "", HERE) for q, v in values.items())
        used = {e.fact for e in equations} - {e.fact for e in self.equations if e not in equations}
        facts = tuple(f for n, f in enumerate(self.givens.facts) if n not in used)
        givens = replace(self.givens, definitions=(*new, *kept), facts=facts)
        bound = _bound(values, columns, equations)
        nothing: dict[Expr, Expr] = dict.fromkeys(columns, S.Zero)
        starts = {e.head: put(e.body, nothing) for e in equations if e.head is not None}
        return Determined(Context(givens, self.context.own), values, solution.nonzero, bound, starts)


def _bound(values: Mapping[Expr, Expr], columns: Sequence[Expr], equations: Sequence[_Equation]) -> frozenset[Expr]:
    """The unknowns that are given by what is no unknown itself, and of which nothing else can be meant.

    An equation with its unknown on both sides may be an update, unless another unknown leads back to this one, or an
    equation of several of them is given beside those.
    """
    if any(e.is_rough for e in equations):
        return frozenset()
    heads = [e.head for e in equations]
    others = {q for q in columns if q not in values}
    if len(set(heads)) == len(heads) and set(heads) == values.keys():
        # Where each equation says what one of them is, the others are what it is said by.
        others = set()
    is_tied = len(values) > 1 and (None in heads or len(set(heads)) < len(heads))
    steps = {e.head for e in equations if e.is_step}
    inside = {e.head: quantities(e.gap) - {e.head} for e in equations if e.head is not None}
    found = set[Expr]()
    for q, value in values.items():
        is_update = q in steps and not is_tied and not _leads_back(inside, q)
        if not is_update and others.isdisjoint(quantities(value)):
            found.add(q)
    return frozenset(found)


def _circle(givens: Givens) -> dict[Expr, Expr]:
    """The members of families, few and known ones, whose definitions lead back to themselves, with what defines them.

    One that is its own former value and something more is none: it says how it changes.
    """
    names: dict[Expr, set[Expr]] = {}
    for d in givens.definitions:
        names.setdefault(d.label, set()).update(free_symbols(d.body))
    with suppress(CycleError):
        TopologicalSorter(names).prepare()
        return {}
    bodies: dict[Expr, Expr] = {}
    for d in givens.definitions:
        if isinstance(d.body, Opaque) or holds_derivative(d.body) or len(bodies) > MOST_EQUATIONS:
            continue
        for head, body in _members((d.head, d.body), d.ranges):
            if is_closed(head):
                bodies.setdefault(head, opened(body))
    inside = {q: quantities(body) for q, body in bodies.items()}
    found = {q for q in bodies if _leads_back(inside, q)}
    if any(q in Add.make_args(bodies[q]) for q in found):
        return {}
    return {q: bodies[q] for q in bodies if q in found}


def _leads_back(inside: Mapping[Expr, Iterable[Expr]], start: Expr) -> bool:
    """Whether what a quantity is said by leads back to it."""
    done, todo = set[Expr](), list(inside.get(start, ()))
    while todo and start not in done:
        q = todo.pop()
        if q not in done:
            done.add(q)
            todo += inside.get(q, ())
    return start in done


def _members(terms: Sequence[Expr], ranges: Ranges) -> Iterator[tuple[Expr, ...]]:
    """The terms at every place of their letters; nothing where these are many or unknown."""
    runs = [(i, run.lo, run.hi) for i, run in ranges.items()]
    if not all(lo.is_Integer and hi.is_Integer and hi - lo < MOST_EQUATIONS for _, lo, hi in runs):
        return
    places = list(product(*(range(int(lo), int(hi) + 1) for _, lo, hi in runs)))
    for place in places if len(places) <= MOST_EQUATIONS else ():
        at: dict[Expr, Expr] = {i: Integer(n) for (i, _, _), n in zip(runs, place, strict=True)}
        yield tuple(put(t, at) for t in terms)


def linear(term: Expr, unknowns: Sequence[Expr]) -> dict[Expr, Expr] | None:
    """The coefficients of unknowns in a term, and of 1 what is left; None where it is not linear in them together."""
    labels = {label_of(q) for q in unknowns}
    if labels.isdisjoint(free_symbols(term)):
        return {S.One: term}
    if term in unknowns:
        return {term: S.One}
    if isinstance(term, Add):
        found: dict[Expr, Expr] = {}
        for part in (linear(a, unknowns) for a in term.args):
            if part is None:
                return None
            for q, c in part.items():
                found[q] = found.get(q, S.Zero) + c
        return found
    if isinstance(term, Mul):
        parts = [a for a in term.args if not labels.isdisjoint(free_symbols(a))]
        inside = linear(parts[0], unknowns) if len(parts) == 1 else None
        rest = Mul(*(a for a in term.args if a not in parts))
        return None if inside is None else {q: rest * c for q, c in inside.items()}
    if isinstance(term, Sigma):
        (letter,), body = open_fresh(term, "tsrqlkji", free_symbols(term))
        inside = linear(body, unknowns)
        if inside is None:
            return None
        return {q: _summed(c, letter, term) for q, c in inside.items()}
    if is_quantity(term) and is_closed(term) and all(x.is_Integer for x in indices_of(term)):
        # Another member of the family of an unknown.
        return {S.One: term}
    return None


def _summed(term: Expr, letter: Symbol, run: Sigma) -> Expr:
    """A sum over a letter, with the factors that do not hold it before the sign."""
    outside = [a for a in Mul.make_args(term) if letter not in free_symbols(a)]
    inside = Mul(*(a for a in Mul.make_args(term) if letter in free_symbols(a)))
    if inside == 1:
        return Mul(run.hi - run.lo + 1, *outside)
    return Mul(Sigma.over(letter, run.lo, run.hi, inside), *outside)


def solved(rows: Sequence[Mapping[Expr, Expr]], columns: Sequence[Expr]) -> Linear | None:
    """The solution of equations, each the coefficients of unknowns with that of 1, for the first unknowns possible.

    None where they contradict one another, or are too large.
    """
    from symdl.engine.algebra import Field, TooLargeError

    try:
        ring = Field(tuple(c for row in rows for c in row.values()))
        matrix = [_cleared(row, columns, ring) for row in rows]
        return _eliminated(matrix, columns, ring)
    except (TooLargeError, ZeroDivisionError):
        return None


def _cleared(row: Mapping[Expr, Expr], columns: Sequence[Expr], ring: Field) -> list[fmpq_mpoly]:
    """The polynomials that are the coefficients of a row, times all of their denominators."""
    fractions = [ring.fraction(row.get(q, S.Zero)) for q in (*columns, S.One)]
    common = ring.one
    for _, den in fractions:
        common = common * (den / common.gcd(den))
    return [num * (common / den) for num, den in fractions]


def _eliminated(matrix: list[list[fmpq_mpoly]], columns: Sequence[Expr], ring: Field) -> Linear | None:
    """What is left of the rows when each unknown stands in one of them only."""
    from symdl.engine.algebra import TooLargeError

    nonzero: list[fmpq_mpoly] = []
    pivots: dict[int, int] = {}
    for column in range(len(columns)):
        free = [n for n in range(len(matrix)) if n not in pivots.values() and matrix[n][column] != 0]
        if not free:
            continue
        at = min(free, key=lambda n: (not matrix[n][column].is_constant(), len(matrix[n][column]), n))
        pivots[column], pivot = at, matrix[at][column]
        nonzero.append(pivot)
        for n, row in enumerate(matrix):
            if n == at or row[column] == 0:
                continue
            factor = row[column]
            new = [pivot * c - factor * p for c, p in zip(row, matrix[at], strict=True)]
            common = ring.one * 0
            for c in new:
                common = common.gcd(c)
            if common != 0 and not common.is_constant():
                nonzero.append(common)
                new = [c / common for c in new]
            if any(len(c) > MOST_TERMS for c in new):
                raise TooLargeError
            matrix[n] = new
    if any(row[-1] != 0 and all(c == 0 for c in row[:-1]) for row in matrix):
        return None
    values: dict[Expr, Expr] = {}
    for column, at in pivots.items():
        row = matrix[at]
        rest = Add(*(columns[n] * ring.factored(c) for n, c in enumerate(row[:-1]) if n != column and c != 0))
        values[columns[column]] = -(rest + ring.factored(row[-1])) / ring.factored(row[column])
        nonzero.append(row[column])
    return Linear(values, _factors(nonzero, ring))


def _factors(polynomials: Sequence[fmpq_mpoly], ring: Field) -> tuple[Expr, ...]:
    """The irreducible factors of polynomials that are no numbers, each once."""
    found: dict[Expr, None] = {}
    for p in polynomials:
        if not p.is_constant():
            found |= {ring.expression(q): None for q, _ in p.factor()[1]}
    return tuple(sorted(found, key=str))


def _stem(quantity: Expr) -> str:
    """What the names of several quantities of one kind have in common: the v of v_1 and v_2."""
    return label_of(quantity).name.split("_")[0].split("(")[0]
