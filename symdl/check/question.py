"""The judge, asked about one relation: under what bears on it, in the readings that its author can have meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, product

from flint import fmpq
from sympy import E, Expr, Indexed, Integer, Rational, Symbol, log

from symdl.check.context import ChainRule, Context, Equation, Reduced
from symdl.check.digits import coarsest_unit, digits_of
from symdl.check.enclosures import Value, apart, enclosed, loosened, midpoint, read_loosened, within
from symdl.check.entailment import contradictory, entailed, is_linear
from symdl.check.words import letters_of
from symdl.errors import Place, SymdlError
from symdl.judge import decide, decide_relation
from symdl.judge.instances import Question as World
from symdl.judge.instances import instances, separation
from symdl.language import (
    D,
    DPlus,
    Sigma,
    free_symbols,
    indices_of,
    is_index,
    label_of,
    put,
    quantities,
    subterms,
    walk,
)
from symdl.problem import Decision, Definition, Givens, Ranges, Relation, Symbolic
from symdl.read import read_expression

CONVENTION = "a difference of convention"
"""How the reason begins where two sides differ by a convention only."""

BASES = ((Integer(10), "to base 10"), (Integer(2), "to base 2"))

MANY = 32
"""How many instances are looked at where a relation agrees at the first ones and could not be proved."""

MAX_ROUNDED = 10**6
"""From here on a whole number without a decimal point says that it is exact."""

MAX_ENTRIES = 64
"""How many entries of an array of numbers are compared one by one."""


@dataclass(frozen=True)
class Verdict:
    """The answer on a relation, with `rounded` where it is right to the digits shown, and the right side meant."""

    decision: Decision
    right: Expr
    rounded: bool = False

    @property
    def answer(self) -> str:
        return self.decision.answer


@dataclass(frozen=True)
class Sides:
    """Two sides with what was written for them."""

    left: Expr
    sign: Symbolic
    right: Expr
    left_source: str
    right_source: str
    is_first: bool


@dataclass(frozen=True, eq=False)
class Question:
    """The judge under the givens, ranges and conditions of one chain.

    `known` are the names that the document introduced, `told` the relations that hold besides the givens' facts,
    `seen` the values that the proof has shown with rounded digits; `natural` says whether the document states the base
    of its logarithms, and `unread` are the letters of what givens speak of that could not be read.
    `is_running` says that this is running text, which mostly leaves out what is given.
    """

    context: Context
    known: frozenset[Symbol]
    lemmas: tuple[Equation, ...]
    ranges: Ranges
    conditions: tuple[Relation, ...]
    told: tuple[Relation, ...] = ()
    seen: tuple[tuple[Expr, Expr], ...] = ()
    natural: bool = False
    unread: frozenset[str] = frozenset()
    is_running: bool = False

    def verdict(self, sides: Sides) -> Verdict:
        """The local verdict, in the first reading that holds, else in the plainest one."""
        left, sign, right = sides.left, sides.sign, sides.right
        if self.told and contradictory([*self.told, *self.conditions], self.context.givens):
            return Verdict(Decision("unknown", "what is assumed contradicts itself, so everything would follow"), right)
        if sign == "=" and self._is_as_given(left, right):
            return Verdict(Decision("proved", "as it is given"), right)
        decision = self.ask(left, sign, right)
        if decision.answer == "proved":
            if self.is_vacuous(left, right):
                decision = Decision("unknown", f"{self.missing(left, right)} is not given, so nothing follows from it")
            return Verdict(decision, right)
        if sign in ("=", "~"):
            undashed = self._undashed(sides)
            if undashed is not None:
                return self.verdict(undashed)
            for meant, reason in self._readings(left, right):
                again = self.ask(left, sign, meant)
                if again.answer == "proved" and not self.is_vacuous(left, meant):
                    return Verdict(replace(again, reason=reason), meant)
        found = self._numeric(sides) if sign in ("=", "~") else None
        solved = None if found is not None else self._solved(sides)
        if solved is not None and not (solved.answer == "refuted" and self._lost(left, right)):
            return solved
        found = found or Verdict(decision, right)
        if found.answer == "refuted":
            return replace(found, decision=self._doubted(found.decision, sides))
        return found

    def _is_as_given(self, left: Expr, right: Expr) -> bool:
        """Whether the relation is a definition of the givens, word for word."""
        givens = self.context.givens
        pairs = ((left, right), (right, left))
        return any(_is_name(a) and a != b and givens.body_of(a, self.ranges) == b for a, b in pairs)

    def _solved(self, sides: Sides) -> Verdict | None:
        linear = self._linear(Relation(sides.left, sides.sign, sides.right))
        return None if linear is None else Verdict(linear, sides.right)

    def ask(self, left: Expr, sign: Symbolic, right: Expr) -> Decision:
        """The judge's plain answer."""
        reduced = ChainRule(self.context, (left, right)).reduced()
        left, right = reduced.sides
        told = (*self.conditions, *self._bearing(left, right))
        givens = self._about(reduced, told)
        decision = self._judge(left, sign, right, givens)
        if decision.answer == "unknown" and not decision.instance and "no instance satisfies" in decision.reason:
            # What holds under fewer facts holds under all of them; what fails may not.
            for kept in ((), tuple(f for f in givens.facts if is_linear(f.relation))):
                bare = self._judge(left, sign, right, replace(givens, facts=kept))
                if bare.answer == "proved":
                    return bare
        if decision.answer == "refuted" and not reduced.complete:
            return Decision("unknown", "how the quantities depend on one another is not given")
        return decision

    def _about(self, reduced: Reduced, told: Sequence[Relation]) -> Givens:
        terms = [*reduced.sides, *(side for c in told for side in (c.lhs, c.rhs))]
        givens = self.context.about(terms)
        return replace(givens, families={**givens.families, **reduced.families}) if reduced.families else givens

    def _judge(self, left: Expr, sign: Symbolic, right: Expr, givens: Givens) -> Decision:
        conditions = (*self.conditions, *self._bearing(left, right))
        lemmas = (*self.lemmas, *self.context.slopes)
        try:
            if sign in ("=", "~"):
                decision = decide(left, right, givens, self.ranges, conditions, lemmas=lemmas)
                if decision.answer == "agrees":
                    decision = self._looked_longer(left, right, givens, conditions) or decision
                if sign == "~" and decision.answer == "refuted":
                    return Decision("unknown", "an approximation: how good it has to be is not said")
                return decision
            return decide_relation(Relation(left, sign, right), givens, self.ranges, conditions)
        except (RecursionError, MemoryError):
            return Decision("unknown", "too large to be decided")

    def _looked_longer(
        self, left: Expr, right: Expr, givens: Givens, conditions: tuple[Relation, ...]
    ) -> Decision | None:
        """The refutation at one of many instances: a case that is rare may be the one in which the sides differ."""
        for instance in instances(World((left, right), givens, self.ranges, conditions), MANY, 2 * MANY):
            if separation(left, right, instance):
                return Decision("refuted", "the two sides differ at an instance", instance=instance.text())
        return None

    def _bearing(self, left: Expr, right: Expr) -> tuple[Relation, ...]:
        """What was told of the quantities at hand, or of those told of together with them."""
        reached = set(self.context.names(left, right))
        kept: list[Relation] = []
        pending = list(self.told)
        grows = True
        while grows:
            grows = False
            for relation in list(pending):
                names = self.context.names(relation.lhs, relation.rhs)
                if names & reached:
                    pending.remove(relation)
                    kept.append(relation)
                    reached |= names
                    grows = True
        return tuple(kept)

    # Readings

    def _readings(self, left: Expr, right: Expr) -> Iterator[tuple[Expr, str]]:
        immediate = _immediate(right, self.context.givens)
        if immediate != right:
            yield immediate, "with the derivatives in the product read as immediate ones"
        gathered = _gathered(right, left, self.ranges)
        if gathered is not None:
            yield gathered, "with the sum read as reaching to the end of the line"

    def _undashed(self, sides: Sides) -> Sides | None:
        """Sums of numbers after a dash that begins the item of a list; None where there is no such dash."""
        dashed = re.match(r"\s*[-–—]\s+(?=\d)", sides.left_source)
        if not sides.is_first or dashed is None or quantities(sides.left) or quantities(sides.right):
            return None
        source = sides.left_source[dashed.end() :]
        try:
            left = read_expression(source, self.context.givens)
        except SymdlError:
            return None
        if self.ask(left, sides.sign, sides.right).answer != "proved":
            return None
        return replace(sides, left=left, left_source=source)

    def _conventions(self, sides: Sides) -> str | None:
        """The convention under which the sides would agree, in words."""
        left, right = sides.left, sides.right
        if not self.natural and any(isinstance(t, log) for side in (left, right) for t in subterms(side)):
            for base, words in BASES:
                if _shows_digits(sides):
                    there = replace(sides, left=_rebased(left, base), right=_rebased(right, base), left_source="")
                    found = self._compared(there, self.context.givens)
                    if found is not None and found.rounded:
                        return f"{CONVENTION}: it holds with the logarithm {words}"
                elif self.ask(_rebased(left, base), "=", _rebased(right, base)).answer == "proved":
                    return f"{CONVENTION}: it holds with the logarithm {words}"
        for size in sorted(_sizes(left, right, *self._bounds()), key=str):
            for factor in (size, 1 / size):
                if self.ask(left, "=", factor * right).answer == "proved":
                    return f"{CONVENTION}: mean or sum, the sides differ by the factor {size}"
        return None

    def _bounds(self) -> tuple[Expr, ...]:
        return tuple(r.hi for r in self.ranges.values())

    # Numbers

    def _numeric(self, sides: Sides) -> Verdict | None:
        """The verdict on numbers, by the digits they show; None where the givens do not determine both sides."""
        if (
            not any(coarsest_unit(s) for s in (sides.left_source, sides.right_source))
            and digits_of(sides.right_source) is None
        ):
            return None
        plain = self._compared(sides, self.context.givens)
        shown = tuple((q, n) for q, n in self._shown if q != sides.left)
        if plain is None or plain.answer != "refuted" or not shown:
            return plain
        # What was shown with rounded digits is, in the lines after it, what was shown.
        members = _with_members(self.context.givens, shown)
        put_in = self._compared(sides, members)
        equal = put_in is None and self._judge(sides.left, "=", sides.right, replace(members, facts=())).answer
        if equal == "proved" or (put_in is not None and put_in.answer == "proved"):
            reason = "equal to the digits shown, with the rounded values put in that were shown before"
            return Verdict(Decision("proved", reason), sides.right, True)
        return plain

    @cached_property
    def _shown(self) -> tuple[tuple[Expr, Expr], ...]:
        given = [(r.lhs, r.rhs) for r in self.context.shown if isinstance(r.lhs, (Symbol, Indexed))]
        return (*given, *self.seen)

    def _compared(self, sides: Sides, givens: Givens) -> Verdict | None:
        letters = [i for i in self.ranges if any(i in free_symbols(s) for s in (sides.left, sides.right))]
        if letters:
            return self._entries(sides, givens, letters)
        left = enclosed(sides.left, givens)
        if left is None:
            return None
        shown = digits_of(sides.right_source)
        if shown is not None:
            fits = [within(left, *shown.rounding), within(left, *shown.truncation)]
            if not shown.has_point and sides.sign == "=" and not _is_close(left, shown.value):
                fits = [False]
            if True in fits:
                return _rounded(sides.right, "equal to the digits shown")
            loose = self._loose(sides.left_source, givens)
            if loose is not None and shown.has_point:
                near = [within(loose, *shown.rounding), within(loose, *shown.truncation)]
                if set(near) != {False}:
                    return _rounded(sides.right, "equal to the digits shown, the rounding of the numbers carried on")
            if None in fits:
                return Verdict(
                    Decision("unknown", "whether it equals the digits shown could not be decided"), sides.right
                )
            return Verdict(Decision("refuted", f"differs from the digits shown: it is {_text(left)}"), sides.right)
        right = enclosed(sides.right, givens)
        if right is not None and isinstance(left, fmpq) and isinstance(right, fmpq) and left == right:
            return _rounded(sides.right, "equal")
        if right is None or not apart(left, right):
            return None
        ends = [self._loose(s, givens) for s in (sides.left_source, sides.right_source)]
        if any(e is not None for e in ends) and not apart(*(e or v for e, v in zip(ends, (left, right), strict=True))):
            return _rounded(sides.right, "equal within the rounding of the numbers shown")
        if sides.sign == "~":
            return self._approximate(left, right, sides.right)
        return Verdict(Decision("refuted", f"{_text(left)} is not {_text(right)}"), sides.right)

    def _approximate(self, left: Value, right: Value, side: Expr) -> Verdict:
        gap, size = abs(midpoint(left) - midpoint(right)), abs(midpoint(left))
        if gap <= size / 200:
            return _rounded(side, "approximately equal")
        if gap <= size / 10:
            return Verdict(Decision("unknown", "an approximation: how good it has to be is not said"), side)
        return Verdict(Decision("refuted", f"{_text(left)} is not near {_text(right)}"), side)

    def _entries(self, sides: Sides, givens: Givens, letters: Sequence[Symbol]) -> Verdict | None:
        """An array of decimals, entry by entry."""
        unit = coarsest_unit(sides.right_source) or coarsest_unit(sides.left_source)
        runs = [self.ranges[i] for i in letters]
        if unit is None or not all(r.lo.is_Integer and r.hi.is_Integer for r in runs):
            return None
        places = islice(product(*(range(int(r.lo), int(r.hi) + 1) for r in runs)), MAX_ENTRIES + 1)
        fits = True
        for n, at in enumerate(places):
            if n == MAX_ENTRIES:
                return None
            here = {i: Integer(k) for i, k in zip(letters, at, strict=True)}
            ends = [enclosed(put(s, here), givens) for s in (sides.left, sides.right)]
            if ends[0] is None or ends[1] is None:
                return None
            value, shown = midpoint(ends[0]), midpoint(ends[1])
            cut = 0 <= (value - shown) * (1 if shown >= 0 else -1) < fmpq(int(unit.p), int(unit.q))
            fits = fits and (cut or abs(value - shown) <= fmpq(int(unit.p), 2 * int(unit.q)))
            if not fits:
                where = ", ".join(f"{i} = {k}" for i, k in zip(letters, at, strict=True))
                return Verdict(Decision("refuted", f"{_text(ends[0])} is not {_text(ends[1])} at {where}"), sides.right)
        return _rounded(sides.right, "equal to the digits shown")

    def _loose(self, source: str, givens: Givens) -> Value | None:
        formula = loosened(source, self.exact)
        if formula is None:
            return None
        expr = read_loosened(formula, givens)
        value = None if expr is None else enclosed(expr, givens, formula.balls)
        if value is None or isinstance(value, fmpq) or float(value.rad()) > 0.2 * abs(float(value.mid())) + 1e-9:
            return None
        return value

    @cached_property
    def exact(self) -> frozenset[Rational]:
        """The numbers that the givens state: what equals one of them was not rounded."""
        g = self.context.givens
        terms: list[Expr] = [d.body for d in g.definitions] + [v.number for v in g.values]
        terms += [side for f in self.context.facts for side in (f.relation.lhs, f.relation.rhs)]
        return frozenset(abs(t) for term in terms for t in subterms(term) if isinstance(t, Rational))

    # What follows and what does not

    def _linear(self, claim: Relation) -> Decision | None:
        givens = self.context.givens
        if not (self.context.facts or self.told or self.conditions):
            return None
        facts = [f.relation for f in self.context.about([claim.lhs, claim.rhs]).facts if not f.ranges]
        found = entailed(claim, [*facts, *self.told, *self.conditions], givens)
        if found is not None and found.answer == "refuted" and claim.sign != "=":
            # A bound that contradicts what the proof itself supposes begins another case.
            return entailed(claim, facts, givens)
        return found

    def _doubted(self, decision: Decision, sides: Sides) -> Decision:
        """A refutation, taken back where it rests on what is not given or on a convention."""
        left, right = sides.left, sides.right
        if sides.is_first and sides.sign == "=" and self._is_equation(left, right):
            return Decision("unknown", "an equation that the givens neither imply nor exclude")
        if self.is_unknown(left, right):
            missing = self.missing(left, right)
            return Decision("unknown", f"{missing} is not given, so this neither follows nor fails")
        lost = self._lost(left, right)
        if lost:
            return Decision("unknown", f"what is given of {lost} could not be read, so this neither follows nor fails")
        if sides.left_source.lstrip().startswith("+"):
            return Decision("unknown", "the left side begins in the middle of a formula")
        if E in (left, right) and (left.is_Rational or right.is_Rational):
            return Decision("unknown", "whether e is Euler's number here is not clear")
        if self.is_running and not quantities(right) and any(map(self.is_free, self._all_quantities(left))):
            return Decision("unknown", "the values put in here are not given")
        if self.is_running and self._has_unnamed_sizes(left, right):
            return Decision("unknown", "where an index runs is not given")
        if self._names_free(left, right):
            return Decision("unknown", "an equation that the givens neither imply nor exclude")
        if (sides.is_first or sides.sign not in ("=", "~")) and self._is_equation(left, right):
            return Decision("unknown", "an equation that the givens neither imply nor exclude")
        if sides.sign == "=":
            words = self._conventions(sides)
            if words is not None:
                return Decision("unknown", words)
        return decision

    def _lost(self, left: Expr, right: Expr) -> str:
        """The names of which something is given that could not be read."""
        if not self.unread:
            return ""
        labels = self.context.names(left, right)
        found = {s.name for s in labels if not self.unread.isdisjoint(letters_of(s.name))}
        if r"\log" in self.unread and any(isinstance(t, log) for side in (left, right) for t in subterms(side)):
            found.add(r"\log")
        return ", ".join(sorted(found))

    def _names_free(self, left: Expr, right: Expr) -> bool:
        """Whether one side is a free quantity on which the other does not rest: this may say what its value is."""
        return any(
            _is_name(one) and self.is_free(one) and label_of(one) not in self.context.names(other)
            for one, other in ((left, right), (right, left))
        )

    def _is_equation(self, left: Expr, right: Expr) -> bool:
        """Whether this may be an equation to be solved for a free quantity, or a bound on one."""
        if quantities(right) and quantities(left):
            return False
        free = [q for q in quantities(left) | quantities(right) if self.is_free(q)]
        has_derivative = any(isinstance(t, D) for side in (left, right) for t in subterms(side))
        return bool(free) and not has_derivative and not any(map(self._rests_on_definitions, (left, right)))

    def _has_unnamed_sizes(self, left: Expr, right: Expr) -> bool:
        """Whether a family at hand runs to an end that the text does not name, but the reader had to."""
        labels = self.context.names(left, right)
        runs = [r for s in labels for r in self.context.givens.families.get(s, ())] + list(self.ranges.values())
        ends = {s.name for r in runs for s in free_symbols(r.hi)} | {s.name for s in _sizes(left, right)}
        return any(name.startswith(f"n_{{{s.name}") for name in ends for s in labels)

    def _all_quantities(self, side: Expr) -> Iterator[Expr]:
        """The labels on which a side rests, as quantities without indices."""
        yield from sorted(self.context.names(side), key=str)

    def _rests_on_definitions(self, side: Expr) -> bool:
        return any(self.context.givens.is_defined(q) for q in quantities(side))

    def is_free(self, quantity: Expr) -> bool:
        givens = self.context.givens
        if any(v.quantity == quantity for v in givens.values):
            return False
        if not givens.is_defined(quantity):
            return True
        at = indices_of(quantity)
        return bool(at) and all(i.is_Integer for i in at) and givens.body_of(quantity, {}) is None

    def is_vacuous(self, left: Expr, right: Expr) -> bool:
        """Whether a side differentiates something, or by something, of which nothing is given.

        The derivative would be 0 whatever it is.
        """
        return bool(self._differentiated(left, right) - self.known) or bool(self._strange_variables(left, right))

    def _strange_variables(self, left: Expr, right: Expr) -> set[Symbol]:
        """The names that nothing gives, and by which something is differentiated in which they do not stand."""
        derivatives = [t for side in (left, right) for t in subterms(side) if isinstance(t, D)]
        found = {(d, label_of(q)) for d in derivatives for q in quantities(d.wrt)}
        return {s for d, s in found if s not in self.known and s not in self.context.names(d.of)}

    def is_unknown(self, left: Expr, right: Expr) -> bool:
        """Whether the sides rest on a name that is not given: differentiated, or found on one side only."""
        strange = [{label_of(q) for q in quantities(side)} - self.known for side in (left, right)]
        return bool(strange[0] ^ strange[1]) or self.is_vacuous(left, right)

    def missing(self, left: Expr, right: Expr) -> str:
        labels = {label_of(q) for side in (left, right) for q in quantities(side)}
        return ", ".join(sorted(str(s) for s in labels - self.known))

    def _differentiated(self, left: Expr, right: Expr) -> set[Symbol]:
        """The names that are differentiated and are not themselves what is differentiated by."""
        reduced = ChainRule(self.context, (left, right)).reduced()
        derivatives = [t for side in reduced.sides for t in subterms(side) if isinstance(t, D)]
        variables = {label_of(q) for d in derivatives for q in quantities(d.wrt)}
        return {label_of(q) for d in derivatives for q in quantities(d.of)} - variables


def _shows_digits(sides: Sides) -> bool:
    sources = (sides.left_source, sides.right_source)
    return digits_of(sides.right_source) is not None or any(coarsest_unit(s) for s in sources)


def _rounded(right: Expr, reason: str) -> Verdict:
    return Verdict(Decision("proved", reason), right, True)


def _text(value: Value) -> str:
    if isinstance(value, fmpq):
        return str(value) if int(value.q) < 1000 else str(float(value.p) / float(value.q))
    return re.sub(r"^\[|( \+/-.*)?\]$", "", str(value.str(8)))


def _is_close(value: Value, shown: Rational) -> bool:
    """Whether a whole number shown without a decimal point can stand for a value that is not whole."""
    if abs(shown) >= MAX_ROUNDED:
        return False
    gap = abs(midpoint(value) - fmpq(int(shown.p), int(shown.q)))
    return bool(gap * 1000 <= max(fmpq(1), abs(fmpq(int(shown.p), int(shown.q)))))


def _with_members(givens: Givens, shown: Sequence[tuple[Expr, Expr]]) -> Givens:
    """The givens with these quantities defined as the numbers shown for them."""
    here = Place("", 1, 1)
    numbers = dict(shown)
    kept = tuple(d for d in givens.definitions if d.pattern or d.head not in numbers)
    new = tuple(Definition(label_of(q), indices_of(q), n, {}, "", here) for q, n in numbers.items())
    return replace(givens, definitions=(*new, *kept))


def _immediate(side: Expr, givens: Givens) -> Expr:
    """A chain-rule product with every derivative of a defined quantity by an undefined one read as immediate."""

    def visit(term: Expr) -> Expr | None:
        if type(term) is D and givens.is_defined(term.of) and not givens.is_defined(term.wrt):
            return DPlus(term.of, term.wrt)
        return term if type(term) is D else None

    return side if isinstance(side, D) else walk(side, visit)


def _gathered(right: Expr, left: Expr, ranges: Ranges) -> Expr | None:
    r"""c \sum_i A_i + B_i read as c \sum_i (A_i + B_i), where the i of B_i would be free otherwise."""
    letters = [i for i in ranges if is_index(i) and i in free_symbols(right) and i not in free_symbols(left)]
    if len(letters) != 1 or not right.is_Add:
        return None
    [letter] = letters
    run = ranges[letter]
    sums = [t for t in right.args if _sum_in(t, run.lo, run.hi) is not None]
    if len(sums) != 1:
        return None
    total = _sum_in(sums[0], run.lo, run.hi)
    assert total is not None
    factor = sums[0] / total
    body = total.open(letter)
    return factor * Sigma.over(letter, run.lo, run.hi, body + right - sums[0])


def _sum_in(term: Expr, lo: Expr, hi: Expr) -> Sigma | None:
    found = [f for f in (term.args if term.is_Mul else (term,)) if isinstance(f, Sigma)]
    return found[0] if len(found) == 1 and (found[0].lo, found[0].hi) == (lo, hi) else None


def _rebased(side: Expr, base: Expr) -> Expr:
    def visit(term: Expr) -> Expr | None:
        if isinstance(term, log) and term.args[0] != E:
            return log(walk(term.args[0], visit)) / log(base)
        return None

    return walk(side, visit)


def _sizes(*terms: Expr) -> set[Symbol]:
    return {s for t in terms for s in free_symbols(t) if s.is_integer and s.is_positive}


def _is_name(expr: Expr) -> bool:
    return isinstance(expr, Indexed) or (isinstance(expr, Symbol) and not expr.is_integer)
