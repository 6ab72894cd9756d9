"""The natural cases of what is given: the sides of a kink, two indices that are equal or not, one value of a label.

Who works through them one by one often writes the line of one case below words that name it.  Alone, that line fails in
the other cases, and is meant for none of them: a relation is refuted only where it fails in every case that its right
side does not tell apart itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, islice, permutations, product

from flint import fmpq
from sympy import Expr, Integer, Mul, Rational, S, Symbol, factor_terms

from symdl.check.basis import Basis
from symdl.judge.satisfying import two_valued
from symdl.language import (
    D,
    Delta,
    Maximum,
    Minimum,
    Prod,
    Sigma,
    Step,
    family,
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
from symdl.problem import Definition, Range, Ranges, Relation, Symbolic

SIDES: tuple[Symbolic, Symbolic] = (">", "<")
"""How what a kink turns on may compare with 0."""

MAX_KINKS = 3
"""The cases of how many kinks are told apart."""

MAX_MEMBERS = 4
"""At how many choices of the letters at hand the definition of a family is looked at."""

MAX_LOST = 3
"""By how many numbers the slopes are 0 where a value at an optimum is meant."""

Case = tuple[Relation, ...]
Split = tuple[Case, ...]
"""The ways in which one thing can turn out."""


def kinks(basis: Basis, ranges: Ranges, *terms: Expr) -> list[Expr]:
    """What is compared with 0 in the kinked functions of terms and of the definitions on which they rest.

    Sums and families are looked at at the letters of the ranges.
    """
    found = _splits_in((*terms, *_bodies(basis, ranges, *terms)), ranges)
    return list(dict.fromkeys(case[0].lhs for split in found for case in split[:1] if len(case) == 1))


def cases(
    basis: Basis, left: Expr, right: Expr, ranges: Ranges, *, is_all: bool = False, is_told: bool = False
) -> Iterator[Case]:
    """The cases of what a relation rests on that its right side does not tell apart: each alone, then two together.

    A right side in which both indices, a kink or the label stand speaks of all cases.  One that names a kinked quantity
    may have lost its derivative; where the relation is all of a proof (`is_all`), and does not itself go by the chain
    rule, it may as well be one line of another one.  Where words name a case (`is_told`) it may be that of a label.
    """
    is_chained = not isinstance(right, D) and holds_derivative(right)
    is_one = is_all and not is_chained
    found = list(_of_indices(basis, left, right, ranges))
    is_named = any(_splits_in((right,), ranges)) if is_one else bool(kinks(basis, ranges, right))
    if not is_named:
        turning = dict.fromkeys(_splits_in((left, right, *_bodies(basis, ranges, left, right)), ranges))
        letters = free_symbols(left) | free_symbols(right) | basis.context.givens.positions.keys()
        found += islice((split for split in turning if _turns_on(split) <= letters), MAX_KINKS)
    found += _of_labels(basis, left, right, ranges, is_one=is_one or is_told)
    if is_one:
        found += [*_of_shares(basis, left, right, ranges), *_at_rest(basis, left, right)]
    yield from chain.from_iterable(found)
    for one, other in combinations(found, 2):
        yield from ((*a, *b) for a, b in product(one, other))


def _of_indices(basis: Basis, left: Expr, right: Expr, ranges: Ranges) -> Iterator[Split]:
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
            yield _alike(i, j, is_told_apart={i, j} <= inside)
    yield from _of_classes(basis, left, right, ranges)


def _of_classes(basis: Basis, left: Expr, right: Expr, ranges: Ranges) -> Iterator[Split]:
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
            if fits and not any({i, one} <= {*free_symbols(t), *t.args} for t in told):
                yield _alike(i, one, is_told_apart={i, one} <= inside)


def _alike(i: Expr, j: Expr, *, is_told_apart: bool) -> Split:
    """That two indices are equal, and that they are not; the latter alone for a formula in which both stand."""
    return ((Relation(i, "!=", j),),) if is_told_apart else ((Relation(i, "=", j),), (Relation(i, "!=", j),))


def _splits_in(terms: tuple[Expr, ...], ranges: Ranges) -> Iterator[Split]:
    """The cases of the kinked functions in terms: the sides of each kink, or which of several is the extreme one."""
    for t in (t for term in terms for t in _reached(term, ranges)):
        if isinstance(t, (Maximum, Minimum)) and len(t.args) > 2:
            if is_closed(t) and quantities(t):
                yield tuple(_first_of(t, n) for n in range(len(t.args)))
            continue
        if isinstance(t, (Maximum, Minimum)):
            u = t.args[1] - t.args[0]
        elif isinstance(t, Step):
            u = t.u
        elif (record := by_head().get(type(t))) is not None and record.kinks == (0,):
            u = t.args[0]
        else:
            continue
        if quantities(u) and is_closed(u):
            for turning in _turning(u):
                yield tuple((Relation(turning, sign, Integer(0)),) for sign in SIDES)


def _turns_on(split: Split) -> frozenset[Symbol]:
    """The index letters of which cases speak: what holds of a member that stands nowhere in a line tells none apart."""
    sides = (side for case in split for relation in case for side in relation.sides)
    return frozenset(i for side in sides for i in free_symbols(side) if is_index(i))


def _first_of(extreme: Maximum | Minimum, n: int) -> Case:
    """That the argument with this number is the extreme one."""
    sign: Symbolic = ">" if isinstance(extreme, Maximum) else "<"
    return tuple(Relation(extreme.args[n], sign, x) for m, x in enumerate(extreme.args) if m != n)


def _turning(kink: Expr) -> Iterator[Expr]:
    """What a kink turns on: the one name among its factors, where it has one, and the whole."""
    names = [f for f in Mul.make_args(factor_terms(kink.expand())) if is_quantity(f)]
    yield from names if len(names) == 1 else ()
    if names != [kink]:
        yield kink


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


def _of_labels(basis: Basis, left: Expr, right: Expr, ranges: Ranges, *, is_one: bool) -> Iterator[Split]:
    """The values of the free labels on which a relation rests, but not its right side, at the letters of the ranges.

    A y is one where the definitions hold both y and 1 - y; for a relation alone so is what is given to have one of two
    values.
    """
    terms = [t for body in _bodies(basis, ranges, left) for t in _reached(body, ranges)]
    resting = basis.context.names(right)
    inside = {q for t in (left, *terms) for q in quantities(t) if is_closed(q) and label_of(q) not in resting}
    free = {q for q in inside if basis.is_free(q)}
    ones = {-t for s in terms if s.is_Add and S.One in s.args for t in s.args if is_quantity(-t)}
    pairs = two_valued(basis.context.givens) if is_one else {}
    for q in sorted(free, key=str):
        values = pairs.get(label_of(q), (fmpq(0), fmpq(1)) if q in ones else ())
        if values:
            yield tuple((Relation(q, "=", Rational(int(n.p), int(n.q))),) for n in reversed(values))


def _of_shares(basis: Basis, left: Expr, right: Expr, ranges: Ranges) -> Iterator[Split]:
    """That one of the shares that sum to 1 is all of it, or that all are alike, where the right side holds none."""
    names = basis.context.names(left) - basis.context.names(right)
    for label, fact in basis.context.shares.items():
        if label not in names:
            continue
        [(letter, run)] = fact.ranges.items()
        yield ((Relation(fact.relation.lhs, "=", 1 / (run.hi - run.lo + 1)),),)
        for i in (i for i, at in ranges.items() if at == run):
            is_own = i not in free_symbols(left)
            settled = Delta(letter, i) if is_own else Integer(1)
            yield ((Relation(fact.relation.lhs if is_own else family(label, i), "=", settled),),)


def _at_rest(basis: Basis, left: Expr, right: Expr) -> Iterator[Split]:
    """Where the slopes of a quantity by the free numbers that its formula holds, and the right side does not, are 0."""
    if not (is_quantity(left) and quantities(right)):
        return
    names = basis.context.names(left) - basis.context.names(right) - basis.context.givens.families.keys()
    lost = sorted((s for s in names if basis.is_open(s)), key=str)
    if 0 < len(lost) <= MAX_LOST:
        yield (tuple(Relation(D(left, s), "=", Integer(0)) for s in lost),)
