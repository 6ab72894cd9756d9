"""What of the givens a relation rests on, and what is given of quantities of which no definition is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import islice, product

from sympy import Expr, Indexed, Integer, Symbol, log

from symdl.check.derived import Derived
from symdl.errors import Place
from symdl.language import (
    Applied,
    Bound,
    D,
    Delta,
    Opaque,
    Sigma,
    Step,
    free_symbols,
    fresh_index,
    index,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    put,
    scalar,
    subterms,
    walk,
)
from symdl.problem import Definition, Fact, Givens, Range, Ranges, Relation, Task, Value
from symdl.read.spans import OPEN

HERE = Place("", 1, 1)
"""Where what a proof demands, or is asked about it, stands: its place is not asked for."""

VARIANCE = r"\mathrm{Var}"
"""How the names of variances begin."""

MAX_WRITTEN = 64
"""How many entries of an array that is written out are looked at."""

_LEFT = "left open"
"""Under which word the givens say of what nothing refutes."""
_LAYOUT = re.compile(r"[\s{}]|\\[,;:! ]")
_BRACES = str.maketrans("", "", "{} ")
_DISTRIBUTION = re.compile(r"\\mathcal\{[A-Z]\}\(")
LETTERS = "ijkl"
"""The index letters of what is put for all members of a family."""

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
        """That variances are not negative, and members of a family that sum to 1 positive where their logarithm is."""
        names = self.names(*terms)
        return (*self._variances(names), *self._logged_shares(names, terms))

    def _variances(self, names: Set[Symbol]) -> Iterator[Fact]:
        """That the variances of single numbers which nothing defines are not negative."""
        variances = (s for s in names if s.name.startswith(VARIANCE) and s not in self.uses)
        for label in sorted(variances, key=lambda s: s.name):
            if not self.givens.families.get(label, ()):
                yield Fact(Relation(label, ">=", Integer(0)), {}, "", HERE)

    def _logged_shares(self, names: Set[Symbol], terms: Sequence[Expr]) -> tuple[Fact, ...]:
        if not self.shares:
            return ()
        bodies = [d.body for d in self.givens.definitions if d.label in names]
        logged = {q for t in (*terms, *bodies) for s in subterms(t) if isinstance(s, log) for q in labels_in(s)}
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
        terms = [t for d in self.givens.definitions for t in subterms(d.body)]
        sides = [t.args for t in terms if isinstance(t, Delta)]
        # An indicator of k = y that is not read as such compares the two from both sides.
        gaps = [t.u.args for t in terms if isinstance(t, Step) and t.u.is_Add]
        sides += [tuple(-a if a.could_extract_minus_sign() else a for a in gap) for gap in gaps]
        pairs = [pair for pair in sides if any(is_index(a) or isinstance(a, Bound) for a in pair)]
        return frozenset(label_of(q) for pair in pairs for q in pair if is_quantity(q))

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
            found[d.label] = found.get(d.label, frozenset()) | labels_in(d.body)
        return found

    @cached_property
    def inputs(self) -> frozenset[Symbol]:
        """The labels that stand in a definition, have a value, or are bound by a fact."""
        terms = [d.body for d in self.givens.definitions if not isinstance(d.body, Opaque)]
        terms += [v.quantity for v in self.givens.values]
        terms += [side for f in self.facts for side in f.relation.sides]
        return self._functions("any").union(*map(undifferentiated, terms))

    @cached_property
    def opaque(self) -> frozenset[Symbol]:
        """The labels that are given as unknown functions of something."""
        return frozenset(d.label for d in self.givens.definitions if isinstance(d.body, Opaque))

    @cached_property
    def open_functions(self) -> frozenset[Symbol]:
        r"""The undefined functions of which nothing says that they may be any, and distributions, \mathcal{N}(0, 1).

        With them stand the quantities of which what is given is left open.
        """
        written = {s for names in self.uses.values() for s in names if _DISTRIBUTION.match(s.name)}
        return self._functions("open") | written | {scalar(name) for name in self.givens.said(_LEFT)}

    def _functions(self, said: str) -> frozenset[Symbol]:
        return frozenset(scalar(k) for k, v in self.givens.said("unknown").items() if v == said)

    def names(self, *terms: Expr) -> frozenset[Symbol]:
        """The labels on which the terms rest, through all definitions."""
        found: set[Symbol] = set()
        for label in (s for t in terms for s in labels_in(t)):
            if label not in found:
                found |= self._names_of(label)
        return frozenset(found)

    def _names_of(self, label: Symbol) -> frozenset[Symbol]:
        """The labels on which a label rests, itself among them."""
        found = self._names.get(label)
        if found is None:
            reached: set[Symbol] = set()
            pending = [label]
            while pending:
                one = pending.pop()
                if one not in reached:
                    reached.add(one)
                    pending += (*self.uses.get(one, ()), *self.givens.slopes.get(one, ())[:1])
            found = self._names[label] = frozenset(reached)
        return found

    @cached_property
    def _names(self) -> dict[Symbol, frozenset[Symbol]]:
        """The labels on which those rest that were asked for."""
        return {}

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

    def leaving_open(self, label: Symbol) -> Context:
        """The context in which what is given of a quantity may mean several things, so that nothing refutes by it."""
        spelling = {**self.givens.spelling, f"{_LEFT} {label.name}": ""}
        return Context(replace(self.givens, spelling=spelling), self.own)

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
        return label in self.names(*self.uses.get(label, ()))

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

    @cached_property
    def worked(self) -> frozenset[Symbol]:
        """The labels that have a formula and a number, exact or rounded: what a calculation comes by."""
        rounded = {label_of(r.lhs) for r in self.shown if is_quantity(r.lhs)}
        return frozenset((self.givens.valued | rounded) & self.uses.keys())

    @cached_property
    def slopes_in(self) -> dict[Symbol, frozenset[D]]:
        """The derivatives that stand in definitions, by what is defined so."""
        found: dict[Symbol, frozenset[D]] = {}
        for d in self.givens.definitions:
            if slopes := frozenset(t for t in subterms(d.body) if type(t) is D):
                found[d.label] = found.get(d.label, frozenset()) | slopes
        return found

    @cached_property
    def differentiated(self) -> frozenset[Symbol]:
        """The labels of the quantities of which a derivative stands in a definition."""
        inside = (t for d in self.givens.definitions for t in subterms(d.body))
        return frozenset(label_of(t.of) for t in inside if isinstance(t, D) and is_quantity(t.of))

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
        return self.givens.is_defined(slope.of) and not labels_in(slope.wrt) & self.names(slope.of)

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
    givens = _with_variances(_with_entries(_with_formulas(givens)))
    general = [d for d in givens.definitions if d.pattern and all(map(is_index, d.pattern))]
    general = [d for d in general if d.label not in free_symbols(d.body) and not isinstance(d.body, Opaque)]
    formulas = {d.label: d for d in general}
    numbers = givens.stated.keys()
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


def with_equal_inputs(givens: Givens, texts: Iterable[str]) -> Givens:
    """The givens, where the values of two inputs are said to be equal and one differentiates by the one defined so.

    Both bear one letter and stand in other definitions: that their values are equal ties none to the other.
    """
    said = " ".join(_LAYOUT.sub("", text) for text in texts)
    aliases = [d for d in givens.definitions if is_quantity(d.body) and not givens.is_defined(d.body)]
    equal = []
    for d in aliases:
        others = frozenset[Symbol]().union(*(labels_in(o.body) for o in givens.definitions if o is not d))
        name = re.escape("_".join([d.label.name.translate(_BRACES), ",".join(map(str, d.pattern))]).rstrip("_"))
        is_varied = re.search(rf"\\partial{name}(?![_^\w])", said)
        stems = {s.name.partition("_")[0] for s in (d.label, label_of(d.body))}
        if not d.ranges and is_varied and len(stems) == 1 and {d.label, label_of(d.body)} <= others:
            equal.append(d)
    if not equal:
        return givens
    facts = tuple(Fact(Relation(d.head, "=", d.body), {}, d.source, d.place) for d in equal)
    kept = tuple(d for d in givens.definitions if not any(d is e for e in equal))
    return replace(givens, definitions=kept, facts=(*givens.facts, *facts))


def _with_entries(givens: Givens) -> Givens:
    """The givens with the value of each free name that an array of names has as an entry, by an array of numbers."""
    values: list[Value] = []
    kept: list[Fact] = []
    for fact in givens.facts:
        entries = _entries(fact)
        free = [r for r in entries if is_quantity(r.lhs) and r.rhs.is_Rational and not givens.is_defined(r.lhs)]
        if entries and len(free) == len(entries):
            values += [Value(r.lhs, r.rhs, fact.place) for r in free]
        else:
            kept.append(fact)
    known = givens.stated.keys()
    if not values or known & {v.quantity for v in values}:
        return givens
    return replace(givens, values=(*givens.values, *values), facts=tuple(kept))


def _with_variances(givens: Givens) -> Givens:
    """The givens with a variance defined by an equation that ties it to parameters, along which it changes then."""
    kept: list[Fact] = []
    for fact in givens.facts:
        left, right = fact.relation.sides
        open_ = [s for s in free_symbols(left) | free_symbols(right) if s.name.startswith(VARIANCE)]
        is_one = fact.relation.sign == "=" and not fact.ranges and len(open_) == 1
        if not is_one or givens.is_defined(open_[0]) or open_[0] in givens.stated:
            kept.append(fact)
            continue
        gap = (left - right).expand()
        scale = gap.coeff(open_[0])
        rest = gap - scale * open_[0]
        if not scale.is_Rational or scale == 0 or open_[0] in free_symbols(rest):
            kept.append(fact)
            continue
        definition = Definition(open_[0], (), -rest / scale, {}, fact.source, fact.place)
        givens = replace(givens, definitions=(*givens.definitions, definition))
    return givens if len(kept) == len(givens.facts) else replace(givens, facts=tuple(kept))


def _entries(fact: Fact) -> list[Relation]:
    """What an equation between two arrays that are written out says of each entry; nothing of any other fact."""
    runs = tuple(fact.ranges.values())
    is_written = any(isinstance(t, Delta) for side in fact.relation.sides for t in subterms(side))
    if fact.relation.sign != "=" or not is_written or not all(r.lo.is_Integer and r.hi.is_Integer for r in runs):
        return []
    places = product(*(map(Integer, range(int(r.lo), int(r.hi) + 1)) for r in runs))
    at = [dict(zip(fact.ranges, place, strict=True)) for place in islice(places, MAX_WRITTEN + 1)]
    if len(at) > MAX_WRITTEN:
        return []
    return [fact.relation.at(here) for here in at]


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
def labels_in(term: Expr) -> frozenset[Symbol]:
    """The names in a term, but for sizes and index letters."""
    return frozenset(s for s in free_symbols(term) if not s.is_integer)


def undifferentiated(term: Expr) -> frozenset[Symbol]:
    """The labels of a term that stand elsewhere than under a derivative."""
    if isinstance(term, D):
        return undifferentiated(term.wrt) | (frozenset() if is_quantity(term.of) else undifferentiated(term.of))
    if isinstance(term, Indexed) or not term.args:
        return labels_in(term)
    inside = (term.argument,) if isinstance(term, Applied) else term.args
    return frozenset().union(*map(undifferentiated, inside))
