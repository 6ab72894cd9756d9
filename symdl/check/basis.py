"""What a relation rests on: names that are given, free or differentiated, and those of which something was not read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Indexed, Symbol

from symdl.check.context import Context, undifferentiated
from symdl.check.doubts import is_member_of_unread
from symdl.check.letters import Spoken, is_spoken_of, letters_of, rests_on, spoken_of
from symdl.check.opaque import ChainRule
from symdl.language import (
    At,
    D,
    free_symbols,
    holds_derivative,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    put,
    quantities,
    scalar,
    subterms,
)
from symdl.problem import Ranges
from symdl.read.own import as_written
from symdl.read.spans import OPEN

_LETTERED = re.compile(
    r"(?P<head>.+)_\{?(?:\\(?:ell|alpha|beta|gamma|mu|nu|tau|kappa|rho|sigma|omega|iota)"
    r"|\\(?:hat|tilde|bar)\{[a-z]\}|[a-z](?:'+|\^\{?(?:\*|\\ast|\\star)\}?))\}?"
)
"""A name with a letter below it that is one of an index in another script, or with an accent or star."""
_BELOW_A_SUM = re.compile(r"\\sum(?:\\limits)?\s*_\s*\{([^{}=]*(?:<|\\l(?:eq?|t)\b|\\neq?\s*[i-n]\s*\})[^{}=]*)\}?")
"""What stands below a sum over one letter or two: i < j, i \\neq j; of j \\neq y it is one, for y is a label."""
_WORKED_PLACE = re.compile(r"[-+*/]|\\[dt]?frac|\A\s*[\d.]+\s*\Z")
"""In a number or formula for a place, and not in the name of one."""
_BELOW = re.compile(r"_[a-z]$")
_MOMENT = re.compile(
    r"(?P<kind>\\mathbb\{E\}(?=[_\[])|\\mathrm\{Var\}(?=[_(]))(?:_\{(?P<by>[^\[\]()]*)\})?[\[(](?P<of>.+)[\])]"
)
"""The name of an expectation or a variance."""


@dataclass(frozen=True, eq=False)
class Basis:
    """The givens with `known`, the names that the document introduced, and `unread`, what could not be read of some.

    `statements` are the givens that could not be read, as they are written.
    """

    context: Context
    known: frozenset[Symbol]
    unread: Spoken
    statements: tuple[str, ...] = ()

    def lost(self, *terms: Expr) -> frozenset[Symbol]:
        """The names, of those on which the terms rest, of which something is given that could not be read.

        What has a definition all the same, and one that does not lead back to it, is known by that.
        """
        if not self.unread:
            return frozenset()
        names = self.context.names(*terms).union(*(letters_in(t) for t in terms))
        found = {s for s in names if is_spoken_of(s.name, self.unread) or is_member_of_unread(s.name, self.unread)}
        # The letter in the brackets of f(x) stands for any value, whatever else bears its name, but where it runs.
        formal = {label_of(a) for at in self.context.givens.arguments.values() for a in at if is_quantity(a)}
        formal = {s for s in formal if frozenset((s.name,)) not in self.unread}
        # So does an index letter, but for one that is an input, the class y.
        letters = {s for s in found if is_index(s)} - self.context.givens.positions.keys()
        return frozenset(s for s in found - formal - letters if not self.is_settled(s))

    def is_settled(self, label: Symbol) -> bool:
        """Whether a name is known by definitions that do not lead back to it."""
        definitions = self.context.givens.definitions_of(label)
        bodies = [d.body for d in definitions]
        is_general = all(is_index(p) for d in definitions for p in d.pattern)
        return (
            bool(bodies)
            and is_general
            and not self.context.is_opaque(label)
            and label not in self.context.names(*bodies)
        )

    def names_free(self, left: Expr, right: Expr, *, is_bound: bool) -> bool:
        """Whether one side is a free quantity, or a power of one, on which nothing else here rests.

        This may say what its value is; but a bound by a power that grows with a size says nothing of what is raised.
        """
        if all(_MOMENT.fullmatch(label_of(q).name) for q in quantities(left)) and quantities(left):
            # What a moment is, is said and not solved for.
            return False
        for one, other in ((left, right), (right, left)):
            is_power = one.is_Pow and (one.exp.is_Rational or not is_bound)
            name, beside = (one.base, [one.exp, other]) if is_power else (one, [other])
            if is_quantity(name) and self.is_free(name) and label_of(name) not in self.context.names(*beside):
                return True
        return False

    def is_equation(self, left: Expr, right: Expr) -> bool:
        """Whether this may be an equation to be solved for a free quantity, or a bound on one."""
        if quantities(right) and quantities(left):
            return False
        free = [q for q in quantities(left) | quantities(right) if self.is_free(q)]
        has_derivative = any(map(holds_derivative, (left, right)))
        return bool(free) and not has_derivative and not any(map(self._rests_on_definitions, (left, right)))

    def is_condition(self, left: Expr, right: Expr) -> bool:
        """Whether both sides rest on free quantities of which nothing is given, each on one that the other lacks.

        No identity can be meant by that.
        """
        sides = [self.context.names(side) for side in (left, right)]
        if not (sides[0] - sides[1] and sides[1] - sides[0]) or any(map(holds_derivative, (left, right))):
            return False
        bound = frozenset(s for f in self.context.facts for side in f.relation.sides for s in self.context.names(side))
        return not (sides[0] | sides[1]) & (bound | self.context.uses.keys()) and all(
            self.is_free(q) for side in (left, right) for q in quantities(side)
        )

    def has_unnamed_sizes(self, left: Expr, right: Expr, ranges: Ranges) -> bool:
        """Whether a family at hand runs to an end that the text does not name, but the reader had to."""
        labels = self.context.names(left, right)
        runs = [r for s in labels for r in self.context.givens.families.get(s, ())] + list(ranges.values())
        ends = {s.name for r in runs for s in free_symbols(r.hi)} | {s.name for s in sizes_of(left, right)}
        return any(name.startswith(f"n_{{{s.name}") for name in ends for s in labels)

    def labels(self, side: Expr) -> list[Symbol]:
        """The labels on which a side rests."""
        return sorted(self.context.names(side), key=str)

    def _rests_on_definitions(self, side: Expr) -> bool:
        return any(self.context.givens.is_defined(q) for q in quantities(side))

    def is_free(self, quantity: Expr) -> bool:
        givens = self.context.givens
        at = indices_of(quantity)
        is_one = bool(at) and all(i.is_Integer for i in at)
        if quantity in givens.stated or (not is_one and label_of(quantity) in givens.valued):
            return False
        return not givens.is_defined(quantity) or (is_one and givens.body_of(quantity, {}) is None)

    def twins(self, *terms: Expr) -> list[str]:
        """The unknown functions of one name that differ by a letter below it: members of a family, as is meant."""
        names = sorted(s.name for s in self.context.names(*terms) if s.name in self.context.givens.said("unknown"))
        heads = [_BELOW.sub("", name) for name in names]
        found = [n for n, head in zip(names, heads, strict=True) if n != head and heads.count(head) > 1]
        return found + self._members_by_name(*terms)

    def _members_by_name(self, *terms: Expr) -> list[str]:
        r"""The names a_{\ell} or p_{\hat{k}} of what may as well be members of the families a and p."""
        families = {s.name for s, runs in self.context.givens.families.items() if runs}
        families |= {d.label.name for d in self.context.givens.definitions if d.pattern}
        names = ((s.name, _LETTERED.fullmatch(s.name)) for s in self.context.names(*terms))
        return sorted(name for name, m in names if m is not None and m["head"] in families)

    def loose_letters(self, *terms: Expr) -> frozenset[Symbol]:
        """The index letters of definitions on which terms rest that nothing binds, and that no term holds itself."""
        names, givens = self.context.names(*terms), self.context.givens
        bound = set(givens.positions) | {i for t in terms for i in free_symbols(t)}
        known = [d for d in givens.definitions if d.label in names]
        # A sum below which i < j stands may run over both letters.
        under = " ".join(m for d in known for m in _BELOW_A_SUM.findall(d.source))
        bound -= {i for i in givens.positions if i.name in letters_of(under)}
        found = {i for d in known for i in free_symbols(d.body) - free_symbols(d.head) if is_index(i)}
        return frozenset(found - bound)

    def numbered(self, *terms: Expr) -> dict[Symbol, int]:
        """The sizes that only the reader names, with the last member, where terms write out those of a family."""
        written: dict[Symbol, set[Expr]] = {}
        first: dict[Symbol, Expr] = {}
        for q in (q for t in terms for q in quantities(t)):
            runs = self.context.givens.families.get(label_of(q), ())
            for run, at in zip(runs, indices_of(q), strict=False):
                if isinstance(run.hi, Symbol) and run.hi.name.startswith(OPEN):
                    written.setdefault(run.hi, set()).add(at)
                    first[run.hi] = run.lo
        ends = {size: max(at, key=int) for size, at in written.items() if all(i.is_Integer for i in at)}
        return {
            size: int(end)
            for size, end in ends.items()
            if end != first[size] and written[size] == {first[size] + n for n in range(len(written[size]))}
        }

    def is_tied(self, slope: D) -> bool:
        """Whether no definition, but an equation given, may tie what is differentiated to what it is differentiated by.

        So may what the proof itself worked out from the number that it has found for the latter.
        """
        moving, inside = {label_of(q) for q in quantities(slope.wrt)}, self.context.names(slope.of)
        if moving & self.context.own and inside & self.context.own and not moving & inside:
            return True
        facts = [f.relation for f in self.context.facts if f.relation.sign == "="]
        beside = (frozenset(s for side in r.sides for s in free_symbols(side)) for r in facts if not moving & inside)
        return any(moving & names and inside & names for names in beside)

    def is_value(self, source: str) -> bool:
        """Whether a side is written as the value of a given function at something else than its own letters."""
        for name, formal in self.context.givens.arguments.items():
            found = re.fullmatch(
                rf"\s*{re.escape(name.name)}(?P<primes>'*)\s*(?:\\left\s*)?\((?P<at>.*?)(?:\\right\s*)?\)\s*", source
            )
            if found is not None and found["at"].replace(" ", "") != ",".join(map(str, formal)):
                # A derivative may be demanded to be something at a name; at a formula it is worked out.
                return not found["primes"] or bool(_WORKED_PLACE.search(found["at"]))
        return False

    def is_open(self, label: Symbol) -> bool:
        """Whether a name is that of a free quantity, or of a family of them, of which no value or equation is given."""
        givens = self.context.givens
        equations = [f.relation for f in givens.facts if f.relation.sign == "="]
        is_given = label in givens.valued
        is_given = is_given or any(label in free_symbols(side) for r in equations for side in r.sides)
        return not is_given and label not in self.context.uses and not label.is_integer

    def is_taken_elsewhere(self, quantity: Expr) -> bool:
        """Whether a quantity is a function that the givens also take at something else than its own letter."""
        givens = self.context.givens
        if not is_quantity(quantity) or label_of(quantity) not in givens.arguments:
            return False
        taken = re.compile(rf"(?<![A-Za-z\\]){re.escape(label_of(quantity).name)}\s*(?:\\left\s*)?\(")
        return any(taken.search(d.source.replace("$", "")) for d in givens.definitions if d.label != label_of(quantity))

    def is_squared(self, quantity: Expr) -> bool:
        """Whether the givens speak of a quantity, and of nothing that its opposite would change.

        Its sign is a convention then: a radius or a standard deviation is positive.
        """
        givens = self.context.givens
        terms = [d.body for d in givens.definitions]
        terms += [side for f in givens.facts for side in f.relation.sides]
        holding = [t for t in terms if label_of(quantity) in free_symbols(t)]
        return bool(holding) and all(put(t, {quantity: -quantity}) == t for t in holding)

    def is_recurrence(self, left: Expr, right: Expr) -> bool:
        """Whether this says what a member of a family is of which nothing is given, by its other members."""
        label = label_of(left)
        is_open = is_quantity(left) and label not in self.known and label in free_symbols(right)
        return is_open and left not in quantities(right)

    def moments(self, *terms: Expr) -> frozenset[Symbol]:
        """The moments on which terms rest, and of which themselves nothing is given."""
        givens = self.context.givens
        said = [v.quantity for v in givens.values] + [x for f in givens.facts for x in f.relation.sides]
        given = self.context.uses.keys() | {s for x in said for s in free_symbols(x)}
        return frozenset(s for s in self.context.names(*terms) - given if _MOMENT.fullmatch(s.name))

    def moments_of_defined(self, *terms: Expr) -> frozenset[Symbol]:
        """Of these moments those of what has a definition, or under a density with one: no free numbers."""
        found = ((s, _MOMENT.fullmatch(s.name)) for s in self.moments(*terms))
        known = {s.name for s in self.context.uses}
        return frozenset(s for s, m in found if m is not None and known & {m["of"], *letters_of(m["by"] or "")})

    def is_vacuous(self, left: Expr, right: Expr) -> bool:
        """Whether a side differentiates something, or by something, of which nothing is given.

        The derivative would be 0 whatever it is.
        """
        if self.differentiated(left, right) - self.known - self.multipliers(left, right):
            return True
        is_strange = bool(self._strange_variables(left, right)) or bool(self.hidden(left, right))
        return is_strange or bool(self.lost_slopes(left, right) or self.untied(left, right))

    def untied(self, left: Expr, right: Expr) -> frozenset[Symbol]:
        r"""The free names of what is differentiated by a formula that is given, where nothing says how it reaches them.

        With $L = \sum_t L_t$ and $h_t = U x_t$ alone, \partial L/\partial h_t is 0 to who only reads formulas.
        """
        if left == 0 or right == 0:
            return frozenset()
        inputs = frozenset(label_of(side.of) for side in (left, right) if self._is_of_an_input(side))
        if inputs:
            return inputs
        named = (self.context.slopes_in.get(s, frozenset()) for s in self.context.names(left, right))
        slopes = {t for side in (left, right) for t in subterms(side) if type(t) is D}.union(*named)
        return frozenset[Symbol]().union(*map(self._beyond_reach, slopes))

    def _is_of_an_input(self, side: Expr) -> bool:
        """Whether a side is the derivative of an input of something by what is defined, but not in terms of this input.

        Nobody differentiates an input by what is made of others: how it is made itself is left out.
        """
        if not (isinstance(side, D) and is_quantity(side.of) and is_quantity(side.wrt)):
            return False
        of, by, uses = label_of(side.of), label_of(side.wrt), self.context.uses
        is_input = not (of in uses or of in self.context.differentiated) and any(
            of in inside for inside in uses.values()
        )
        return is_input and by in uses and of not in self.context.names(side.wrt)

    def _beyond_reach(self, slope: D) -> frozenset[Symbol]:
        """The free names on which a quantity rests, where it rests on nothing with the one it is differentiated by."""
        of, by, uses = slope.of, slope.wrt, self.context.uses
        if not (is_quantity(of) and is_quantity(by) and {label_of(of), label_of(by)} <= uses.keys()):
            return frozenset()
        rests = self.context.names(of)
        is_reached = rests & (self.context.names(by) | self.context.below(label_of(by)))
        return frozenset() if is_reached else rests - uses.keys()

    def hidden(self, left: Expr, right: Expr) -> frozenset[Symbol]:
        r"""The free names such as \ell(y) under a derivative by what y rests on: how they change is not given."""
        found: set[Symbol] = set()
        for d in (t for side in (left, right) for t in subterms(side) if isinstance(t, D)):
            moving = {label_of(q) for q in quantities(d.wrt)}
            below = moving.union(*map(self.context.below, moving))
            moved = {s.name for s in below if isinstance(s, Symbol)}
            free = (s for s in self.context.names(d.of) - self.context.uses.keys() - moving if s.name.endswith(")"))
            found |= {s for s in free if letters_of(s.name.partition("(")[2]) & moved}
        return frozenset(found)

    def lost_slopes(self, left: Expr, right: Expr) -> frozenset[Symbol]:
        """The names on which something differentiated rests, and of which something is given that could not be read."""
        if not self.unread:
            return frozenset()
        derivatives = [t for side in (left, right) for t in subterms(side) if isinstance(t, D)]
        return frozenset[Symbol]().union(*(self.lost_along(d.wrt, d.of) for d in derivatives))

    def lost_along(self, wrt: Expr, *terms: Expr) -> frozenset[Symbol]:
        """The lost names on which terms rest, but those that do not change with a quantity.

        They do not where nothing that could not be read rests on anything that does.
        """
        moving = {label_of(q) for q in quantities(wrt)}
        lost = self.lost(*terms) - moving
        changing = [s.name for q in moving for s in (q, *self.context.below(q))] if lost else []
        if any(rests_on(statement, name) for statement in self.statements for name in changing):
            return lost
        return frozenset(s for s in lost if not is_spoken_of(s.name, spoken_of(self.statements)))

    def multipliers(self, left: Expr, right: Expr) -> frozenset[Symbol]:
        """The names that nothing gives but that both sides hold, differentiated only beside something that is given.

        The \\lambda of \\partial(f - \\lambda g)/\\partial x is such a one: a letter that does not depend on x.
        """
        strange = frozenset({label_of(q) for q in quantities(left)} & {label_of(q) for q in quantities(right)})
        for d in (t for side in (left, right) for t in subterms(side) if isinstance(t, D)):
            inside = {label_of(q) for q in quantities(d.of)} & strange
            moving = {label_of(q) for q in quantities(d.wrt)}
            if is_quantity(d.of) or not self.context.names(d.of) & moving:
                strange -= inside
            strange -= moving
        return strange - self.known

    def _strange_variables(self, left: Expr, right: Expr) -> set[Symbol]:
        """The names that nothing gives, and by which something is differentiated in which they do not stand."""
        derivatives = [t for side in (left, right) for t in subterms(side) if isinstance(t, D)]
        found = {(d, label_of(q)) for d in derivatives for q in quantities(d.wrt)}
        return {s for d, s in found if s not in self.known and s not in self.context.names(d.of)}

    def is_unknown(self, left: Expr, right: Expr, written: frozenset[str] = frozenset()) -> bool:
        """Whether the sides rest on a name that is not given: differentiated, or found on one side only.

        The moments of one random quantity are found together: E[X] stands for nothing that is meant beside Var(X).  A
        letter that is `written` on both sides is found on both, though it may cancel.
        """
        rests = [self.context.names(side) for side in (left, right)]
        found = [rest | {scalar(of) for s in rest if (of := _of_moment(s))} for rest in rests]
        is_apart = any(
            s not in there and scalar(_of_moment(s)) not in there and s.name not in written
            for side, there in ((left, found[1]), (right, found[0]))
            for s in (_named(side) - self.known) | self._beyond(side)
        )
        is_open = not self.context.open_functions.isdisjoint(rests[0] | rests[1])
        return is_apart or is_open or self._is_of_unknown(left, right) or self.is_vacuous(left, right)

    def _is_of_unknown(self, left: Expr, right: Expr) -> bool:
        """Whether one side alone rests on what is given as an unknown function: nothing says which formula that is."""
        if any(map(holds_derivative, (left, right))):
            return False
        pairs = ((left, right), (right, left))
        return any(self.context.opaque & undifferentiated(one) - self.context.names(other) for one, other in pairs)

    def is_for_unknowns(self, left: Expr, right: Expr) -> bool:
        """Whether an equation is one more for unknowns, of which nothing but equations of the proof says anything.

        Both sides rest on one that is not given; or one rests on nothing but names that only the proof has brought in,
        and the other on none of them.
        """
        if any(map(holds_derivative, (left, right))):
            return False
        own = [self._beyond(side) for side in (left, right)]
        named = [_named(side) - self.known for side in (left, right)]
        bare = {label_of(side) for side in (left, right) if is_quantity(side)} - self.known
        is_said = any(own) or not all(map(_of_moment, bare))
        if is_said and (named[0] | own[0]) & (named[1] | own[1]):
            return True
        valued = self.context.givens.valued
        free = [self.context.names(side) - self.context.uses.keys() - valued for side in (left, right)]
        return not free[0] & free[1] and any(side and side <= self._brought for side in free)

    @cached_property
    def _brought(self) -> frozenset[Symbol]:
        """The names that stand in definitions of the proof, and in nothing that is given."""
        givens, own = self.context.givens, self.context.own
        given = [d.body for d in givens.definitions if d.label not in own] + [v.quantity for v in givens.values]
        given += [side for f in givens.facts for side in f.relation.sides]
        bodies = [d.body for d in givens.definitions if d.label in own]
        taken = own | givens.families.keys() | givens.vectors.keys()
        found = (frozenset[Symbol]().union(*map(free_symbols, terms)) for terms in (bodies, given))
        return next(found) - next(found) - taken

    def is_open_in(self, left: Expr, right: Expr) -> bool:
        """Whether nothing that is not given bears on the sides but functions that the givens hold and leave open."""
        named = _named(left) | _named(right) | self._beyond(left) | self._beyond(right)
        return named <= self.known and not self.is_vacuous(left, right)

    def _beyond(self, side: Expr) -> frozenset[Symbol]:
        """What names that the proof defines stand for, and that is not given."""
        own = [s for s in _named(side) if s in self.context.own]
        return self.context.names(*own) - self.known

    def absent(self, left: Expr, right: Expr) -> frozenset[Symbol]:
        """The names on which the sides rest, and that are not given."""
        functions = self.context.open_functions & self.context.names(left, right)
        named = ((_named(left) | _named(right)) - self.known) | self._beyond(left) | self._beyond(right)
        return named | self.hidden(left, right) | self.untied(left, right) | functions

    def missing(self, left: Expr, right: Expr) -> str:
        """These names in one line; nothing where there is none."""
        return ", ".join(sorted({as_written(str(s)) for s in self.absent(left, right)}))

    def differentiated(self, left: Expr, right: Expr) -> set[Symbol]:
        """The names that are differentiated and are not themselves what is differentiated by."""
        reduced = ChainRule(self.context, (left, right)).reduced()
        derivatives = [t for side in reduced.sides for t in subterms(side) if isinstance(t, D)]
        variables = {label_of(q) for d in derivatives for q in quantities(d.wrt)}
        return {label_of(q) for d in derivatives for q in quantities(d.of)} - variables


def _of_moment(label: Symbol) -> str:
    """The random quantity of which a name is a moment; nothing where it is none."""
    found = _MOMENT.fullmatch(label.name)
    return found["of"] if found is not None else ""


def sizes_of(*terms: Expr) -> set[Symbol]:
    """The sizes of which terms speak."""
    return {s for t in terms for s in free_symbols(t) if s.is_integer and s.is_positive}


def is_mean(name: Symbol) -> bool:
    """Whether a name is that of an expectation."""
    found = _MOMENT.fullmatch(name.name)
    return found is not None and "E" in found["kind"]


def letters_in(term: Expr) -> frozenset[Symbol]:
    """The index letters of a term that no binder binds."""
    return frozenset(s for s in free_symbols(term) if is_index(s))


def _named(side: Expr) -> frozenset[Symbol]:
    """The names in a side; the variable of an evaluation bar is none, since a value is put for it."""
    if isinstance(side, At):
        bound = {label_of(x) for x, _ in side.settings}
        return (_named(side.of) - bound).union(*(_named(v) for _, v in side.settings))
    if isinstance(side, Indexed) or not side.args:
        return frozenset(label_of(q) for q in quantities(side))
    return frozenset[Symbol]().union(*map(_named, side.args))
