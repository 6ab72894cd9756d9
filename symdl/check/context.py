"""What of the givens a relation rests on, and what is given of quantities of which no definition is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from sympy import Expr, Indexed, Integer, Symbol, log

from symdl.check.derived import Derived
from symdl.errors import Place
from symdl.language import (
    Applied,
    D,
    Delta,
    DPlus,
    Opaque,
    Prod,
    Sigma,
    family,
    free_symbols,
    fresh_index,
    holds_derivative,
    index,
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
from symdl.problem import Definition, Fact, Givens, Range, Ranges, Relation, Task
from symdl.read.ranges import OPEN

HERE = Place("", 1, 1)
"""Where what a proof demands, or is asked about it, stands: its place is not asked for."""

LETTERS = "ijkl"
"""The index letters of what is put for all members of a family."""

MAX_NESTED = 12
"""How many applications of the chain rule may lie within one another."""

Equation = tuple[Expr, Expr, Ranges]
"""Two sides that are equal for all letters of the ranges."""


@dataclass(eq=False)
class Context:
    """Givens with look-ups that are made once and asked often; `own` are the names that a proof defined itself."""

    givens: Givens
    own: frozenset[Symbol] = frozenset()

    @cached_property
    def slopes(self) -> tuple[Equation, ...]:
        """The derivatives that are given as such, of quantities that are not defined, or not by what is moved."""
        return tuple((f.relation.lhs, f.relation.rhs, f.ranges) for f in self.givens.facts if self._is_slope(f))

    @cached_property
    def shown(self) -> tuple[Relation, ...]:
        """What is given by rounded digits."""
        return tuple(f.relation for f in self.givens.facts if f.relation.sign == "~")

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """The facts that an instance has to satisfy."""
        return tuple(f for f in self.givens.facts if f.relation.sign != "~" and not self._is_slope(f))

    def positive(self, *terms: Expr) -> tuple[Fact, ...]:
        """That the members of a family that sum to 1 are positive, where a logarithm is taken of them."""
        if not self.shares:
            return ()
        names = self.names(*terms)
        bodies = [d.body for d in self.givens.definitions if d.label in names]
        logged = {q for t in (*terms, *bodies) for s in subterms(t) if isinstance(s, log) for q in _labels(s)}
        return tuple(f for label, f in self.shares.items() if label in logged)

    @cached_property
    def shares(self) -> dict[Symbol, Fact]:
        """The free families of which it is given that they sum to 1, each with the fact that they are positive."""
        found: dict[Symbol, Fact] = {}
        for f in self.facts:
            total = f.relation.lhs
            if f.relation.sign != "=" or f.relation.rhs != 1 or f.ranges or not isinstance(total, Sigma):
                continue
            letter = fresh_index("ijklmn", free_symbols(total))
            member = total.open(letter)
            if isinstance(member, Indexed) and indices_of(member) == (letter,) and label_of(member) not in self.uses:
                positive = Relation(member, ">", Integer(0))
                found[label_of(member)] = Fact(positive, {letter: Range(total.lo, total.hi)}, f.source, f.place)
        return found

    @cached_property
    def classes(self) -> frozenset[Symbol]:
        """The labels of quantities, no index letters themselves, with which an index is compared."""
        sides = (t.args for d in self.givens.definitions for t in subterms(d.body) if isinstance(t, Delta))
        return frozenset(label_of(q) for pair in sides if any(map(is_index, pair)) for q in pair if is_quantity(q))

    @cached_property
    def counts(self) -> tuple[tuple[Symbol, Symbol], ...]:
        """The free letters by which a sum over all members of a family is divided, each with the size of that.

        A sum of which the author writes the end has its number there.
        """
        found: dict[tuple[Symbol, Symbol], None] = {}
        for t in (t for d in self.givens.definitions for t in subterms(d.body) if t.is_Mul):
            ends = [f.hi for f in t.args if isinstance(f, Sigma) and isinstance(f.hi, Symbol)]
            ends = [end for end in ends if end.name.startswith(OPEN)]
            letters = [1 / f for f in t.args if isinstance(1 / f, Symbol) and not (1 / f).is_integer]
            found.update({(letter, end): None for letter in letters for end in ends if letter not in self.uses})
        return tuple(found)

    @cached_property
    def uses(self) -> dict[Symbol, frozenset[Symbol]]:
        """Defined label -> the labels in its definitions."""
        found: dict[Symbol, frozenset[Symbol]] = {}
        for d in self.givens.definitions:
            found[d.label] = found.get(d.label, frozenset()) | _labels(d.body)
        return found

    @cached_property
    def inputs(self) -> frozenset[Symbol]:
        """The labels that stand in a definition, have a value, or are bound by a fact."""
        terms = [d.body for d in self.givens.definitions if not isinstance(d.body, Opaque)]
        terms += [v.quantity for v in self.givens.values]
        terms += [side for f in self.facts for side in f.relation.sides]
        return self._functions("any").union(*map(_undifferentiated, terms))

    @cached_property
    def open_functions(self) -> frozenset[Symbol]:
        """The undefined functions of which nothing says that they may be any."""
        return self._functions("open")

    def _functions(self, said: str) -> frozenset[Symbol]:
        return frozenset(scalar(k) for k, v in self.givens.said("unknown").items() if v == said)

    def names(self, *terms: Expr) -> frozenset[Symbol]:
        """The labels on which the terms rest, through all definitions."""
        found: set[Symbol] = set()
        pending = [s for t in terms for s in _labels(t)]
        while pending:
            label = pending.pop()
            if label not in found:
                found.add(label)
                pending += self.uses.get(label, ())
        return frozenset(found)

    def about(self, terms: Iterable[Expr]) -> Givens:
        """The givens that bear on the terms: their definitions and values, and facts that share a quantity with them.

        Facts that share no free quantity with a question change no answer to it, as long as they can be satisfied.
        Those of numbers alone, as in a table of rounded logarithms, bear on fractions and decimals.
        """
        terms = tuple(terms)
        reached = {s for s in self.names(*terms) if s not in self.uses}
        reached |= {s for t in terms for s in free_symbols(t) if s.is_integer}
        has_fraction = not all(self._bearing) and any(
            x.is_Rational and not x.is_Integer for t in terms for x in subterms(t)
        )
        kept: set[int] = set()
        grows = True
        while grows:
            grows = False
            for n, symbols in enumerate(self._bearing):
                if n not in kept and (symbols & reached if symbols else has_fraction):
                    kept.add(n)
                    reached |= symbols
                    grows = True
        facts = tuple(f for n, f in enumerate(self.facts) if n in kept)
        sides = [side for f in facts for side in f.relation.sides]
        return self._only(frozenset(self.names(*terms, *sides)), frozenset(kept))

    def _only(self, names: frozenset[Symbol], kept: frozenset[int]) -> Givens:
        """The givens that speak of these names, with these facts."""
        found = self._smaller.get((names, kept))
        if found is None:
            g = self.givens
            found = replace(
                g,
                definitions=tuple(d for d in g.definitions if d.label in names),
                values=tuple(v for v in g.values if label_of(v.quantity) in names),
                facts=tuple(f for n, f in enumerate(self.facts) if n in kept),
                families={label: runs for label, runs in g.families.items() if label in names},
            )
            self._smaller[names, kept] = found
        return found

    @cached_property
    def _smaller(self) -> dict[tuple[frozenset[Symbol], frozenset[int]], Givens]:
        return {}

    @cached_property
    def folds(self) -> dict[tuple[D, ...], Context]:
        """The contexts in which quantities stand for what they are defined by, by the derivatives that ask for it."""
        return {}

    def derived(self, task: Task) -> Derived:
        """What the engine makes of a task under these givens."""
        return self._derived.setdefault(task, Derived(self.givens, task))

    @cached_property
    def _derived(self) -> dict[Task, Derived]:
        return {}

    def where(self, values: Mapping[Symbol, Expr]) -> Context:
        """The context in which free quantities, or all members of a family, have these values."""
        new = []
        for label, value in values.items():
            runs = self.givens.families.get(label, ())
            letters = tuple(index(x) for x, _ in zip(LETTERS, runs, strict=False))
            new.append(Definition(label, letters, value, dict(zip(letters, runs, strict=False)), "", HERE))
        return Context(replace(self.givens, definitions=(*self.givens.definitions, *new)), self.own)

    def without(self, labels: Collection[Symbol]) -> Context:
        """The context in which quantities are inputs, whatever is said of what they are."""
        kept = tuple(d for d in self.givens.definitions if d.label not in labels)
        return Context(replace(self.givens, definitions=kept), self.own)

    def is_opaque(self, label: Symbol) -> bool:
        """Whether nothing is given of a quantity but, at most, what it depends on."""
        found = self.givens.definitions_of(label)
        if found:
            return all(isinstance(d.body, Opaque) for d in found)
        return label in self.sloped or label not in self.inputs

    @cached_property
    def sloped(self) -> frozenset[Symbol]:
        """The labels of which a derivative is given, and no definition."""
        labels = (label_of(left.of) for left, _, _ in self.slopes)
        return frozenset(s for s in labels if all(isinstance(d.body, Opaque) for d in self.givens.definitions_of(s)))

    def recurs(self, label: Symbol) -> bool:
        """Whether a label leads back to itself through its definition, directly or not."""
        return label in self.names(*sorted(self.uses.get(label, ()), key=str))

    @cached_property
    def by_slope(self) -> dict[Symbol, Definition]:
        """The names that are defined by the derivative of something opaque, each with its only definition."""
        found: dict[Symbol, Definition] = {}
        for d in self.givens.definitions:
            is_general = all(map(is_index, d.pattern)) and len(self.givens.definitions_of(d.label)) == 1
            slopes = [t for t in subterms(d.body) if isinstance(t, D) and is_quantity(t.of)]
            if is_general and any(not self.givens.is_defined(t.of) for t in slopes):
                found[d.label] = d
        return found

    def below(self, label: Symbol) -> frozenset[Symbol]:
        """The labels that are defined through this one, directly or not."""
        found = self._below.get(label)
        if found is None:
            defined = {s for s in self.uses if s != label and label in self.names(s)}
            grows = True
            while grows:
                # A derivative that is given says as much as a definition of what depends on what.
                reached = {of for of, by in self._steps if by in defined | {label}} - {label}
                reached |= {s for s in self.uses if s != label and self.names(s) & reached}
                grows = not reached <= defined
                defined |= reached
            # What is a name for a derivative says how things depend on one another, and lies between none of them.
            found = frozenset(defined) - self.by_slope.keys()
            self._below[label] = found
        return found

    @cached_property
    def _steps(self) -> frozenset[tuple[Symbol, Symbol]]:
        return frozenset((label_of(left.of), label_of(left.wrt)) for left, _, _ in self.slopes)

    @cached_property
    def _below(self) -> dict[Symbol, frozenset[Symbol]]:
        return {}

    @cached_property
    def _bearing(self) -> tuple[frozenset[Symbol], ...]:
        """For each fact the free labels on which it rests; for one of whole numbers alone these."""
        return tuple(map(self._bears_on, self.facts))

    def _bears_on(self, fact: Fact) -> frozenset[Symbol]:
        sides = fact.relation.sides
        free = frozenset(s for s in self.names(*sides) if s not in self.uses)
        whole = frozenset(s for e in sides for s in free_symbols(e) if s.is_integer) - frozenset(fact.ranges)
        return free or whole

    def _is_slope(self, fact: Fact) -> bool:
        left, sign = fact.relation.lhs, fact.relation.sign
        if sign != "=" or not isinstance(left, D) or isinstance(left.of, D):
            return False
        found = self.givens.definitions_of(label_of(left.of))
        return self._is_apart(left) or all(isinstance(d.body, Opaque) for d in found)

    def _is_apart(self, slope: D) -> bool:
        """Whether a derivative of something defined is taken by what its definition does not hold."""
        return self.givens.is_defined(slope.of) and not _labels(slope.wrt) & self.names(slope.of)

    def as_told(self, term: Expr) -> Expr:
        """A term with the derivatives that are given though no definition ties them to anything."""
        apart = [(left, right) for left, right, _ in self.slopes if self._is_apart(left)]
        if not apart:
            return term

        def visit(t: Expr) -> Expr | None:
            for left, right in apart if type(t) is D else ():
                at = dict(zip(indices_of(left.wrt), indices_of(t.wrt), strict=False))
                if (t.of, put(left.wrt, at)) == (left.of, t.wrt):
                    return put(right, at)
            return None

        return walk(term, visit)


def told_once(givens: Givens) -> Givens:
    """The givens, where a family that a formula defines is not also defined member by member.

    A number given for such a member is a fact, and a name given for it is another name of that member: else the
    formula, which says more, would be lost there.  A number for the member at a letter is the formula of all of them.
    """
    givens = _with_formulas(givens)
    general = [d for d in givens.definitions if d.pattern and all(map(is_index, d.pattern))]
    general = [d for d in general if d.label not in free_symbols(d.body) and not isinstance(d.body, Opaque)]
    formulas = {d.label: d for d in general}
    numbers = {v.quantity for v in givens.values}
    kept: list[Definition] = []
    facts: list[Fact] = []
    for d in givens.definitions:
        formula = formulas.get(d.label)
        if formula is None and d.head in numbers and is_quantity(d.body) and not givens.is_defined(d.body):
            kept.append(Definition(label_of(d.body), indices_of(d.body), d.head, {}, d.source, d.place))
        elif formula is None or d is formula or any(map(is_index, d.pattern)) or len(d.pattern) != len(formula.pattern):
            kept.append(d)
        elif is_quantity(d.body) and not givens.is_defined(d.body):
            kept.append(Definition(label_of(d.body), indices_of(d.body), d.head, {}, d.source, d.place))
        elif formula.body != d.body:
            facts.append(Fact(Relation(d.head, "=", d.body), {}, d.source, d.place))
    if len(kept) == len(givens.definitions) and not facts:
        unchanged = all(a is b for a, b in zip(kept, givens.definitions, strict=True))
        if unchanged:
            return givens
    return replace(givens, definitions=tuple(kept), facts=(*givens.facts, *facts))


def _with_formulas(givens: Givens) -> Givens:
    """The givens with a definition for each value of the members of a family at letters."""
    new: list[Definition] = []
    for v in givens.values:
        at = tuple(i for i in indices_of(v.quantity) if isinstance(i, Symbol) and is_index(i))
        runs = givens.families.get(label_of(v.quantity), ())
        if at and len(at) == len(set(at)) == len(indices_of(v.quantity)) == len(runs):
            ranges = dict(zip(at, runs, strict=True))
            new.append(Definition(label_of(v.quantity), at, v.number, ranges, "", v.place))
    if not new:
        return givens
    heads = {d.head for d in new}
    values = tuple(v for v in givens.values if v.quantity not in heads)
    return replace(givens, definitions=(*givens.definitions, *new), values=values)


@lru_cache(maxsize=65536)
def _labels(term: Expr) -> frozenset[Symbol]:
    return frozenset(s for s in free_symbols(term) if not s.is_integer)


def _undifferentiated(term: Expr) -> frozenset[Symbol]:
    """The labels of a term that stand elsewhere than under a derivative."""
    if isinstance(term, D):
        return _undifferentiated(term.wrt) | (frozenset() if is_quantity(term.of) else _undifferentiated(term.of))
    if isinstance(term, Indexed) or not term.args:
        return _labels(term)
    inside = (term.argument,) if isinstance(term, Applied) else term.args
    return frozenset().union(*map(_undifferentiated, inside))


@dataclass(frozen=True)
class Reduced:
    """Sides without derivatives of opaque quantities, and the givens in which these are free inputs."""

    sides: tuple[Expr, ...]
    families: dict[Symbol, tuple[Range, ...]]
    complete: bool


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
        self.depth = self.nested = 0
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
        inside = [self.inputs & _labels(s) for s in sides]
        # An arbitrary quantity takes any slope, so that a relation which only one side ties to it cannot fail.
        left, right = inside[0], inside[-1]
        tied = (left <= right or right <= left) if left and right else not (left or right)
        return Reduced(sides, self.families, self.complete and tied and (len(self.opaque) == 1 or not any(inside)))

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
        self.nested += 1
        try:
            return self._told(term)
        finally:
            self.nested -= 1

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
            for letter, run in reversed(letters):
                product = Sigma.over(letter, run.lo, run.hi, product)
            total = total + product
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
            for letter, run in reversed(letters):
                product = Sigma.over(letter, run.lo, run.hi, product)
            total = total + product
        return total

    def _gate(self, member: Expr, ends: frozenset[Symbol]) -> Expr | None:
        """The one of the ends that alone is made of a member, and of no other one: h_t of a_t with h_t = f(a_t)."""
        label = label_of(member)
        users = [d for d in self.context.givens.definitions if label in _labels(d.body)]
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
