"""Equations that are required and not claimed: a derivative that is to be 0, a constraint, what is left of an arrow.

What comes after a demand is judged by what follows from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Indexed, Integer, Symbol

from symdl.check.context import Context
from symdl.language import (
    D,
    Opaque,
    Sigma,
    family,
    free_symbols,
    fresh_index,
    indices_of,
    is_closed,
    is_index,
    is_quantity,
    label_of,
    put,
    quantities,
    scalar,
    walk,
)
from symdl.problem import Givens, Range, Ranges, Relation

MAX_SLOPES = 12
"""How many derivatives of what is given are tried for an equation that may demand one of them to be 0."""

MAX_UNFOLDED = 3
"""How many definitions may stand between a member at a letter and the letter itself."""

_STARRED = re.compile(
    r"\\(?:hat|widehat)\s*\{?(?P<hat>[^{}]+)\}?(?:_(?:\{\\(?:text|mathrm|operatorname)\b[^_^]*\}|\{?[A-Za-z]{2,}\}?))?|(?P<star>.+?)(?:\^\{?(?:\*|\\star|\\ast)\}?)"
    r"|(?P<bare>[^_]+)_(?:\{\\(?:text|mathrm|mathit|operatorname|rm)\b[^_^]*\}|\{?[A-Za-z]{2,}\}?)"
)


@dataclass(frozen=True)
class Demand:
    """An equation that is required, for all of its index letters.

    `is_open` says that it is undecided itself: it binds what may refute a line, and proves nothing.  `is_derived` says
    that it was concluded from those before it.
    """

    relation: Relation
    ranges: Ranges
    is_open: bool = False
    is_derived: bool = False

    def at(self, claim: Relation, ranges: Ranges) -> Relation:
        """The equation at the letter of a claim, where each has one and they run alike."""
        own = [i for i in self.ranges if is_index(i)]
        others = [i for i in _letters(claim) if i in ranges]
        if len(own) != 1 or len(others) != 1 or own == others or self.ranges[own[0]] != ranges[others[0]]:
            return self.relation
        at: dict[Expr, Expr] = {own[0]: others[0]}
        return self.relation.at(at)


@dataclass(frozen=True)
class Slope:
    """A derivative, with what a proof has shown for it in a case, which may be demanded to be 0."""

    slope: D
    value: Expr
    ranges: Ranges
    is_sure: bool
    case: tuple[Relation, ...] = ()

    def demands(self, context: Context) -> Iterator[Demand]:
        """That it is 0: as it was shown, and as it is by what is given."""
        shown = Demand(Relation(self.value, "=", Integer(0)), self.ranges)
        real = Demand(Relation(self.slope, "=", Integer(0)), self.ranges)
        is_known = context.givens.is_defined(self.slope.of) and not context.is_opaque(label_of(self.slope.of))
        if self.case and self.is_sure:
            yield shown
            return
        yield from (shown, real) if self.is_sure and is_known else (real, shown) if is_known else (shown,)


def derivable(claim: Relation, context: Context, ranges: Ranges) -> Iterator[Slope]:
    """The derivatives of what nothing else is made of by the free quantities of an equation that does not name it."""
    names = _direct(claim) - context.givens.valued
    used = frozenset[Symbol]().union(*context.uses.values())
    count = 0
    for d in context.givens.definitions:
        if d.pattern or d.label in used | names or isinstance(d.body, Opaque):
            continue
        free = names & context.names(d.head) - context.uses.keys()
        # Where it is given as a function of some of them, the others are not varied.
        own = free & {label_of(a) for a in context.givens.arguments.get(d.label, ()) if is_quantity(a)}
        for name in sorted(own or free, key=str):
            for member, runs in _members(name, claim, context.givens, ranges):
                count += 1
                if count > MAX_SLOPES:
                    return
                yield Slope(D(d.head, member), D(d.head, member), runs, is_sure=False)


def _members(name: Symbol, claim: Relation, givens: Givens, ranges: Ranges) -> Iterator[tuple[Expr, Ranges]]:
    """The quantity of this name, or its member at the letters of a claim."""
    runs = givens.families.get(name, ())
    if not runs:
        yield name, {}
        return
    found = [q for side in claim.sides for q in quantities(side) if label_of(q) == name and is_closed(q)]
    letters = [i for i in _letters(claim) if i in ranges]
    if len(runs) == 1:
        found += [family(name, i) for i in letters if ranges[i] == runs[0]]
    for q in dict.fromkeys(found):
        yield q, {i: ranges[i] for i in indices_of(q) if i in ranges}


def constraints_of(slope: D, value: Expr, context: Context) -> Iterator[tuple[Symbol, Relation]]:
    r"""What the derivatives by multipliers say where one by something else is 0: that of f - \\lambda (g - c), g = c.

    A multiplier is a free number that stands in the derivative shown and is a factor of what holds a constant besides
    what is varied.
    """
    body, varied = context.givens.body_of(slope.of, {}), label_of(slope.wrt)
    free = context.names(value) - context.uses.keys() - context.givens.families.keys() - {varied}
    free -= context.givens.valued
    for name in sorted(free, key=str) if body is not None else ():
        at = [put(body, {name: Integer(n)}) for n in range(3)]
        factor = (at[1] - at[0]).expand()
        is_linear = (at[2] - at[1] - factor).expand() == 0
        terms = Add.make_args(factor)
        if is_linear and len(terms) > 1 and any(varied not in context.names(t) for t in terms):
            yield name, Relation(factor, "=", Integer(0))


def bearing(slopes: Sequence[Slope], claim: Relation, context: Context) -> list[Slope]:
    """The derivatives by a quantity of which an equation speaks, the last one of each in every case."""
    names = _direct(claim)
    found = {(s.slope, s.case): s for s in slopes if {label_of(q) for q in quantities(s.slope.wrt)} & names}
    below = context.names(*claim.sides)
    found = found or {(s.slope, s.case): s for s in slopes if context.names(s.value) & below}
    return list(found.values())


def speaks_of_variable(claim: Relation, slopes: Sequence[Slope]) -> bool:
    """Whether an equation holds a quantity by which one of the derivatives is taken."""
    names = _direct(claim)
    return any({label_of(q) for q in quantities(s.slope.wrt)} & names for s in slopes)


def of_index(relation: Relation, givens: Givens, ranges: Ranges) -> Relation | None:
    """An equation in a letter that runs, as one in an unknown number; None where it holds it as an index alone."""
    sides = [relation.lhs, relation.rhs]
    letters = {i for i in _letters(relation) if i in ranges}
    for _ in range(MAX_UNFOLDED):
        inside = {q for s in sides for q in quantities(s) if set(indices_of(q)) & letters and is_closed(q)}
        bodies: dict[Expr, Expr] = {}
        for q in sorted(inside, key=str):
            body = givens.body_of(q, ranges)
            if body is None or isinstance(body, Opaque) or any(_goes_back(x, q) for x in quantities(body)):
                return None
            bodies[q] = body
        if not bodies:
            break
        sides = [put(s, bodies) for s in sides]
    found: dict[Expr, Expr] = {i: scalar(i.name) for i in letters if any(i in free_symbols(s) for s in sides)}
    stuck = any(set(indices_of(q)) & letters for s in sides for q in quantities(s))
    if not found or stuck:
        return None
    return Relation(put(sides[0], found), relation.sign, put(sides[1], found))


def starred(label: Symbol) -> Symbol | None:
    r"""The name of which another one such as w^* or \hat{w} is a solution; None for any other."""
    found = _STARRED.fullmatch(label.name)
    return scalar(found["hat"] or found["star"] or found["bare"]) if found is not None else None


def unstarred(relation: Relation, premises: Sequence[Demand], context: Context) -> Relation:
    r"""A relation in the unknowns of premises, for the names of their solutions: A w = b for A w^* = b."""
    spoken = context.names(*(side for d in premises for side in d.relation.sides))
    own = _direct(relation)
    stars = {s: bare for s in own - spoken - context.uses.keys() if (bare := starred(s)) in spoken - own}

    def visit(term: Expr) -> Expr | None:
        bare = stars.get(label_of(term)) if is_quantity(term) else None
        return None if bare is None else family(bare, *indices_of(term))

    if not stars:
        return relation
    return Relation(walk(relation.lhs, visit), relation.sign, walk(relation.rhs, visit))


def unfolded(relation: Relation, claim: Relation, context: Context, ranges: Ranges) -> Relation:
    """An equation in the quantity that a claim says what it is, where it holds this by its definitions alone."""
    name = claim.lhs
    if not isinstance(name, Symbol | Indexed) or context.givens.is_defined(name):
        return relation
    sides = relation.sides
    for _ in range(MAX_UNFOLDED):
        if any(name in quantities(side) for side in sides):
            break
        below = (_with_bodies(sides[0], name, context, ranges), _with_bodies(sides[1], name, context, ranges))
        if below == sides:
            return relation
        sides = below
    return Relation(sides[0], relation.sign, sides[1])


def _with_bodies(term: Expr, name: Expr, context: Context, ranges: Ranges) -> Expr:
    """A term with the definitions put in of what rests on a quantity, below sums, too."""
    inside = [q for q in quantities(term) if is_closed(q) and label_of(name) in context.names(q)]
    bodies = {q: context.givens.body_of(q, ranges) for q in inside}
    known: dict[Expr, Expr] = {q: b for q, b in bodies.items() if b is not None and not isinstance(b, Opaque)}

    def visit(total: Expr) -> Expr | None:
        if not isinstance(total, Sigma):
            return None
        letter = fresh_index("ijklmn", free_symbols(total) | ranges.keys())
        body = total.open(letter)
        runs = {**ranges, letter: Range(total.lo, total.hi)}
        return Sigma.over(letter, total.lo, total.hi, _with_bodies(body, name, context, runs))

    return walk(put(term, known), visit)


def _goes_back(quantity: Expr, member: Expr) -> bool:
    """Whether a quantity is of the family of a member, at an index that is no number."""
    return label_of(quantity) == label_of(member) and not all(i.is_Integer for i in indices_of(quantity))


def _letters(relation: Relation) -> list[Symbol]:
    found = {s for side in relation.sides for s in free_symbols(side) if is_index(s)}
    return sorted(found, key=str)


def _direct(relation: Relation) -> frozenset[Symbol]:
    """The labels that stand in an equation itself."""
    return frozenset(label_of(q) for side in relation.sides for q in quantities(side))
