"""Derivatives of opaque quantities, by the chain rule, in terms of what is given of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sympy import Expr, Integer, Mul, Symbol

from symdl.check.context import Context, labels_in
from symdl.language import (
    D,
    DPlus,
    Opaque,
    Prod,
    Sigma,
    family,
    free_symbols,
    fresh_index,
    holds_derivative,
    indices_of,
    is_closed,
    is_index,
    is_quantity,
    label_of,
    open_fresh,
    put,
    scalar,
    subterms,
    walk,
)
from symdl.problem import Fact, Range, Ranges, Relation, summed

MAX_NESTED = 12
"""How many applications of the chain rule may lie within one another."""


@dataclass(frozen=True)
class Reduced:
    """Sides without derivatives of opaque quantities, and the givens in which these are free inputs.

    `restated` are the facts about names for such derivatives, each with what it says of the free input.  What `freed`
    quantities rest on is in the sides already.
    """

    sides: tuple[Expr, ...]
    families: dict[Symbol, tuple[Range, ...]]
    complete: bool
    restated: tuple[tuple[Fact, Fact], ...] = ()
    freed: frozenset[Symbol] = frozenset()


class ChainRule:
    r"""Derivatives of opaque quantities, by the chain rule, in terms of those by what they depend on.

    ∂L/∂x becomes Σ_a ∂L/∂a ∂a/∂x over the nearest quantities a between x and L by which the sides at hand
    differentiate L, or over what L is said to depend on, or else over the last quantities defined.  The ∂L/∂a that
    remain are what is given of them, or free inputs: nothing more can be said of an arbitrary L.
    """

    def __init__(self, context: Context, sides: tuple[Expr, ...]) -> None:
        self.context = context
        self.sides = sides = tuple(walk(s, self._told_by_slope) for s in sides) if context.by_slope else sides
        self.families: dict[Symbol, tuple[Range, ...]] = {}
        self.complete = True
        self.inputs: set[Symbol] = set()
        self.freed: set[Symbol] = set()
        self.depth = self.nested = 0
        self.known: dict[D, Expr] = {}
        """What the derivatives of the sides are in terms of what is given."""
        slopes = (t for s in sides if holds_derivative(s) for t in subterms(s) if isinstance(t, D))
        found = [t for t in slopes if is_quantity(t.of)]
        self.opaque = frozenset(label_of(t.of) for t in found if self._is_opaque(t))
        self.opaque |= frozenset(s for t in found for s in context.names(t.of) & context.sloped if s != label_of(t.wrt))
        self.by = frozenset(label_of(t.wrt) for t in found if is_quantity(t.wrt) and label_of(t.of) in self.opaque)
        self.by |= frozenset(label_of(left.wrt) for left, _, _ in context.slopes if label_of(left.of) in self.opaque)

    def reduced(self) -> Reduced:
        """The sides; `complete` says whether every derivative of something opaque could be told from its givens."""
        if not self.opaque:
            return Reduced(self.sides, {}, True)
        sides = tuple(walk(s, self._visit) for s in self.sides)
        restated = tuple(self._restated())
        free = self.inputs - self._valued(fact.relation for _, fact in restated)
        inside = [free & labels_in(s) for s in sides]
        # An arbitrary quantity takes any slope, so that a relation which only one side ties to it cannot fail.
        left, right = inside[0], inside[-1]
        tied = (left <= right or right <= left) if left and right else not (left or right)
        complete = self.complete and tied and (len(self.opaque) == 1 or not any(inside))
        return Reduced(sides, self.families, complete, restated, frozenset(self.freed))

    def _restated(self) -> Iterator[tuple[Fact, Fact]]:
        r"""The facts on names for derivatives of something opaque, with these: δ_1 = 2 says what ∂L/∂y_1 is."""
        for fact in self.context.facts if self.context.by_slope and self.families else ():
            told = [walk(side, self._told_by_slope) for side in fact.relation.sides]
            if told != list(fact.relation.sides):
                lhs, rhs = (walk(side, self._visit) for side in told)
                yield fact, replace(fact, relation=replace(fact.relation, lhs=lhs, rhs=rhs))

    def _valued(self, said: Iterable[Relation]) -> frozenset[Symbol]:
        """The free inputs of which the numbers of all members are said."""
        heads = {r.lhs for r in said if r.sign == "=" and is_quantity(r.lhs) and r.rhs.is_number}
        counts = Counter(label_of(head) for head in heads)
        sizes = {s: Mul(*(run.hi - run.lo + 1 for run in self.families.get(s, ()))) for s in counts}
        return frozenset(s for s, count in counts.items() if sizes[s] == count)

    def _told_by_slope(self, term: Expr) -> Expr | None:
        """What is put for a name that stands for a derivative of something opaque."""
        if isinstance(term, (Sigma, Prod)):
            (letter,), body = open_fresh(term, "tsrqlkji", free_symbols(term))
            inside = walk(body, self._told_by_slope)
            return term if inside is body else type(term).over(letter, term.lo, term.hi, inside)
        definition = self.context.by_slope.get(label_of(term)) if is_quantity(term) else None
        if definition is None or not is_closed(term) or len(definition.pattern) != len(indices_of(term)):
            return None
        return put(definition.body, dict(zip(definition.pattern, indices_of(term), strict=True)))

    def _is_opaque(self, term: D) -> bool:
        label = label_of(term.of)
        if self.context.givens.is_defined(term.of) and label not in self.context.sloped:
            # What an opaque quantity depends on is given: the judge knows what follows from that.
            return False
        return label != label_of(term.wrt) and self.context.is_opaque(label)

    def _visit(self, term: Expr) -> Expr | None:
        if isinstance(term, (Sigma, Prod)):
            # Opened, because what is put for a derivative is a sum of its own.
            (letter,), body = open_fresh(term, "tsrqlkji", free_symbols(term))
            inside = walk(body, self._visit)
            return term if inside is body else type(term).over(letter, term.lo, term.hi, inside)
        if not isinstance(term, D):
            return None
        if not is_closed(term):
            self.complete = False
            return term
        if self.nested >= MAX_NESTED:
            self.complete = False
            return self._free(term) if is_quantity(term.of) and is_quantity(term.wrt) else term
        found = None if self.nested or self.depth else self.known.get(term)
        if found is not None:
            return found
        self.nested += 1
        try:
            found = self._told(term)
        finally:
            self.nested -= 1
        if not (self.nested or self.depth):
            self.known[term] = found
        return found

    def _told(self, term: D) -> Expr:
        """The derivative in terms of what is given; itself where it is not one of something opaque."""
        if isinstance(term.of, D):
            if any(is_quantity(t.of) and label_of(t.of) in self.opaque for t in subterms(term) if isinstance(t, D)):
                self.complete = False
            return term
        if not is_quantity(term.of):
            return term
        if label_of(term.of) not in self.opaque:
            return self._through_opaque(term)
        if not is_quantity(term.wrt):
            self.complete = False
            return term
        if term.of == term.wrt:
            return Integer(1)
        given = self._given(term)
        return given if given is not None else self._spread(term)

    def _through_opaque(self, term: D) -> Expr:
        """The derivative of something defined, with what it gains through quantities of which only slopes are given."""
        total: Expr = term
        inside = self.context.names(term.of) & self.opaque - {label_of(term.of), label_of(term.wrt)}
        if is_quantity(term.wrt) and not self.context.recurs(label_of(term.wrt)):
            # What a name is made of does not change with it.
            inside -= self.context.names(term.wrt)
        for label in sorted(inside, key=lambda s: s.name):
            member, letters = self._member(label, free_symbols(term))
            inner = self._visit(D(member, term.wrt))
            product = D(term.of, member) * (inner if inner is not None else D(member, term.wrt))
            total = total + summed(product, letters)
            self.freed.add(label)
        return total

    def _given(self, term: D) -> Expr | None:
        for left, right, ranges in self.context.slopes:
            letters = _matching(left, term, ranges)
            if letters is not None and self.depth < len(self.context.slopes):
                self.depth += 1
                found = walk(put(right, letters), self._visit)
                self.depth -= 1
                return found
        return None

    def _spread(self, term: D) -> Expr:
        label, start = label_of(term.of), label_of(term.wrt)
        arguments = [a for d in self.context.givens.definitions_of(label) for a in getattr(d.body, "arguments", ())]
        own = frozenset(label_of(a) for a in arguments)
        below = self.context.below(start)
        between = (own | self.by) & below - {label, start}
        if own and not (own & (below | {start})):
            return Integer(0)
        gate = self._gate(term.wrt, own | self.by) if self.context.recurs(start) else None
        if gate is not None:
            outer, inner = D(term.of, gate), D(gate, term.wrt)
            given, reached = self._given(outer), self._visit(inner)
            return (given if given is not None else self._spread(outer)) * (inner if reached is None else reached)
        if self.context.recurs(start) or label in self.context.names(start):
            # Members of a recurrence depend on one another: which ones lie between cannot be told from the labels.
            self.complete = False
            return self._free(term)
        if not between and not own and len(self.by) > 1:
            between = frozenset(s for s in below if s != label and not self.context.below(s) - {label})
        nearest = frozenset(s for s in between if not (between & self._above(s)))
        if not self._parts(nearest, start, between):
            # A path leads past the nearest ones: with the last ones of all on it the sum is whole again.
            beyond = between | frozenset(s for s in below if s != label and not self.context.below(s) - {label})
            nearest = frozenset(s for s in beyond if not any(s in self._above(t) for t in beyond))
        if not nearest:
            return self._free(term)
        total: Expr = Integer(0)
        for target in sorted(nearest, key=lambda s: s.name):
            member, letters = self._member(target, free_symbols(term))
            outer, inner = D(term.of, member), D(member, term.wrt)
            given, reached = self._given(outer), self._visit(inner)
            product = (given if given is not None else self._spread(outer)) * (inner if reached is None else reached)
            total = total + summed(product, letters)
        return total

    def _gate(self, member: Expr, ends: frozenset[Symbol]) -> Expr | None:
        """The one of the ends that alone is made of a member, and of no other one: h_t of a_t with h_t = f(a_t)."""
        label = label_of(member)
        users = [d for d in self.context.givens.definitions if label in labels_in(d.body)]
        if len(users) != 1 or users[0].label not in ends - {label} or isinstance(users[0].body, Opaque):
            return None
        [user] = users
        inside = {t for t in subterms(user.body) if is_quantity(t) and label_of(t) == label}
        is_same = inside == {family(label, *user.pattern)} and all(map(is_index, user.pattern))
        return family(user.label, *indices_of(member)) if is_same else None

    def _above(self, label: Symbol) -> frozenset[Symbol]:
        return self.context.names(label) - {label}

    def _parts(self, nearest: frozenset[Symbol], start: Symbol, between: frozenset[Symbol]) -> bool:
        """Whether every way from a name to what lies between it and something opaque leads through the nearest ones."""
        reached, pending = set[Symbol](), list(between - nearest)
        while pending:
            label = pending.pop()
            if label == start:
                return False
            if label not in reached and label not in nearest:
                reached.add(label)
                pending += self.context.uses.get(label, ())
        return True

    def _member(self, label: Symbol, taken: frozenset[Symbol]) -> tuple[Expr, list[tuple[Symbol, Range]]]:
        letters: list[tuple[Symbol, Range]] = []
        for run in self.context.givens.families.get(label, ()):
            letter = fresh_index("abcdefgh", taken)
            taken = taken | {letter}
            letters.append((letter, run))
        return family(label, *(i for i, _ in letters)), letters

    def _free(self, term: D) -> Expr:
        """The derivative as a free input of its own, with the indices of both of its quantities."""
        top, below = label_of(term.of), label_of(term.wrt)
        sign = r"\partial^+" if isinstance(term, DPlus) else r"\partial"
        name = scalar(rf"{sign} {top.name}/\partial {below.name}")
        self.inputs.add(name)
        indices = (*indices_of(term.of), *indices_of(term.wrt))
        runs = tuple(r for s in (top, below) for r in self.context.givens.families.get(s, ()))
        if indices and len(runs) == len(indices):
            self.families[name] = runs
        return family(name, *indices)


def _matching(pattern: Expr, term: D, ranges: Ranges) -> dict[Expr, Expr] | None:
    """What to put for the letters of the pattern such that it is the term; None where there is nothing."""
    if not isinstance(pattern, D):
        return None
    found: dict[Expr, Expr] = {}
    for a, b in ((pattern.of, term.of), (pattern.wrt, term.wrt)):
        if label_of(a) != label_of(b) or len(indices_of(a)) != len(indices_of(b)):
            return None
        for formal, actual in zip(indices_of(a), indices_of(b), strict=True):
            if is_index(formal) and formal in ranges:
                if found.setdefault(formal, actual) != actual:
                    return None
            elif formal != actual:
                return None
    return found
