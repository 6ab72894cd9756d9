"""What is known of whole numbers: ranges of index letters, sizes, conditions; and which definition applies where.

Comparisons are proved for all values in range or left open; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any

from sympy import Add, Expr, Function, Indexed, Integer, Mul, Symbol, log

from symdl.judge.linear import ZERO, Form, combined, gap_of, linear, split_offset
from symdl.language import (
    Binder,
    Chain,
    OfMatrix,
    free_symbols,
    indices_of,
    is_closed,
    is_index,
    label_of,
    put,
    quantities,
    subterms,
)
from symdl.problem import Definition, Givens, Range, Relation, led_to

Rule = tuple[Expr, Expr, Mapping[Symbol, Range]]
"""Left side, right side, and the letters that may be put for, with their ranges."""


@dataclass(frozen=True)
class Setting:
    """The givens, and what is known of the letters of one goal.

    `lowest` is the least value of a size where it is not 1; `nonnegative` and `nonzero` hold index expressions that
    are so; `told` are the conditions between real expressions; `signs` maps a real expression to the sign that the
    present case assumes; `rules` are equations that may be used from left to right.  With `unfolds_states` the value of
    a state is written by its definition, once; otherwise it stands for itself.  With `divides` a power w^{m-n} is
    w^m/w^n, for which w must not be zero; with `splits_bars` an absolute value is a case split.  ranges of
    known length up to `written_out` are written out.  With `keeps_names` the values of functions stand for
    themselves, named or not, so that derivatives are written by them; so do quantities whose labels are `kept`.
    `orders` are inequalities that hold for all values of their letters.
    """

    givens: Givens
    ranges: Mapping[Symbol, Range]
    lowest: Mapping[Symbol, int] = field(default_factory=dict)
    nonnegative: tuple[Expr, ...] = ()
    nonzero: tuple[Expr, ...] = ()
    told: tuple[Relation, ...] = ()
    signs: tuple[tuple[Expr, int], ...] = ()
    rules: tuple[Rule, ...] = ()
    unfolds_states: bool = False
    keeps_names: bool = False
    kept: frozenset[Symbol] = frozenset()
    divides: bool = False
    splits_bars: bool = False
    written_out: int = 3
    orders: tuple[tuple[Relation, Mapping[Symbol, Range]], ...] = ()
    _closures: dict[Symbol, frozenset[Symbol]] = field(default_factory=dict, repr=False, compare=False)
    _lags: dict[Symbol, tuple[int, ...]] = field(default_factory=dict, repr=False, compare=False)
    _ahead: dict[Symbol, bool] = field(default_factory=dict, repr=False, compare=False)
    _bounded: dict[Form, bool] = field(default_factory=dict, init=False, repr=False, compare=False)
    _found: dict[Expr, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _wider: dict[tuple[tuple[Symbol, Range], ...], Setting] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def with_ranges(self, more: Mapping[Symbol, Range]) -> Setting:
        """The same with further letters."""
        key = tuple(more.items())
        found = self._wider.get(key)
        if found is None:
            # What was found out under a setting serves again wherever the same letters are added to it.  A setting has
            # too many fields for `replace` to be called for every binder that is opened.
            found = self._wider[key] = object.__new__(Setting)
            found.__dict__.update(self.__dict__, ranges={**self.ranges, **more}, **{name: {} for name in _OWN})
        return found

    def is_nonnegative(self, expr: Expr) -> bool:
        """Whether an index expression is known to be at least 0."""
        form = linear(expr)
        return form is not None and self._is_at_least(form)

    def _is_at_least(self, form: Form) -> bool:
        if not form[0]:
            return form[1] >= 0
        found = self._bounded.get(form)
        if found is None:
            found = self._bounded[form] = self._at_least_zero(form, 2)
        return found

    def is_positive(self, expr: Expr) -> bool:
        """Whether an index expression is known to be at least 1."""
        form = linear(expr)
        return form is not None and self._is_at_least((form[0], form[1] - 1))

    def is_nonzero(self, expr: Expr) -> bool:
        """Whether an index expression is known to differ from 0."""
        return self.differs(linear(expr))

    def differs(self, form: Form | None) -> bool:
        """Whether a linear form is known to differ from 0."""
        if form is None:
            return False
        if not form[0]:
            return form[1] != 0
        negative = combined(ZERO, form, -1)
        if any(self._is_at_least((f[0], f[1] - 1)) for f in (form, negative)):
            return True
        return any(linear(x) in (form, negative) for x in self.nonzero)

    def lies_within(self, expr: Expr, run: Range) -> bool:
        """Whether an index expression is known to lie in the range."""
        return self.exceeds(expr, run.lo, 0) and self.exceeds(run.hi, expr, 0)

    def lies_outside(self, expr: Expr, run: Range) -> bool:
        """Whether an index expression is known to lie outside the range."""
        return self.exceeds(run.lo, expr, 1) or self.exceeds(expr, run.hi, 1)

    def exceeds(self, a: Expr, b: Expr, by: int = 0) -> bool:
        """Whether a - b is known to be at least `by`."""
        gap = gap_of(a, b)
        return gap is not None and self._is_at_least((gap[0], gap[1] - by))

    def _at_least_zero(self, form: Form, depth: int) -> bool:
        if self._by_bounds(form):
            return True
        if depth == 0:
            return False
        if self.nonzero:
            # What is at least 0 and differs from 0 is at least 1.
            above = (form[0], form[1] + 1)
            apart = any(linear(x) in (above, combined(ZERO, above, -1)) for x in self.nonzero)
            if apart and self._at_least_zero(above, depth - 1):
                return True
        for known in self.nonnegative:
            other = linear(known)
            related = other is not None and {s for s, _ in other[0]} & {s for s, _ in form[0]}
            if other is not None and related and self._at_least_zero(combined(form, other, -1), depth - 1):
                return True
        return False

    def _by_bounds(self, form: Form) -> bool:
        ranges = self.ranges
        for _ in range(12):
            letters = [(s, c, ranges[s]) for s, c in form[0] if s in ranges]
            if not letters:
                break
            letter, coefficient, run = letters[0]
            if len(letters) > 1:
                # A letter goes before those on which its range depends.
                ends = {s for _, _, r in letters for end in (r.lo, r.hi) for s in free_symbols(end)}
                letter, coefficient, run = next((p for p in letters if p[0] not in ends), letters[0])
            bound = linear(run.lo if coefficient > 0 else run.hi)
            if bound is None:
                return False
            form = combined((tuple([p for p in form[0] if p[0] is not letter]), form[1]), bound, coefficient)
        total = form[1]
        for s, c in form[0]:
            if c < 0 or not s.is_positive:
                return False
            total += c * self.lowest.get(s, 1)
        return total >= 0

    def body_of(self, quantity: Expr) -> Expr | None:
        """The body that defines the quantity, put for its indices; None where it is free or its case is not known."""
        found = self.definition_of(quantity)
        return put(found[0].body, found[1]) if found else None

    def definition_of(self, quantity: Expr) -> tuple[Definition, dict[Expr, Expr]] | None:
        """The definition that applies to a quantity, with the values of its letters."""
        if quantity not in self._found:
            self._found[quantity] = self._definition_of(quantity)
        found: tuple[Definition, dict[Expr, Expr]] | None = self._found[quantity]
        return found

    def _definition_of(self, quantity: Expr) -> tuple[Definition, dict[Expr, Expr]] | None:
        label, at = label_of(quantity), indices_of(quantity)
        if not isinstance(label, Symbol) or not all(is_closed(a) for a in at):
            return None
        definitions = [d for d in self.givens.definitions_of(label) if len(d.pattern) == len(at)]
        for definition in definitions:
            letters: dict[Expr, Expr] = {}
            verdict: bool | None = True
            for position, (formal, actual) in enumerate(zip(definition.pattern, at, strict=True)):
                if is_index(formal):
                    if formal in letters:
                        fits = self._equal(letters[formal], actual)
                    else:
                        letters[formal] = actual
                        fits = self._fits(actual, position, definition, len(definitions) == 1, letters)
                else:
                    fits = self._equal(formal, actual)
                if fits is False:
                    verdict = False
                    break
                verdict = verdict and fits
            if verdict is None:
                return None
            if verdict:
                return definition, letters
        return None

    def is_free(self, quantity: Expr) -> bool:
        """Whether the quantity is known to be outside all definitions of its label: a free input."""
        label, at = label_of(quantity), indices_of(quantity)
        for definition in self.givens.definitions_of(label):
            if len(definition.pattern) != len(at):
                continue
            for formal, actual in zip(definition.pattern, at, strict=True):
                inside = definition.ranges.get(formal)
                letters = dict(zip(definition.pattern, at, strict=True))
                if is_index(formal) and inside is not None:
                    if self.lies_outside(actual, inside.at(letters)):
                        break
                elif not is_index(formal) and self._equal(formal, actual) is False:
                    break
            else:
                return False
        return True

    def is_kept(self, definition: Definition) -> bool:
        """Whether a definition is not put in: its name is kept, or it names the value of a function and names are."""
        if definition.label in self.kept:
            return True
        return self.keeps_names and is_function_value(definition.body) and not self.recurs(definition)

    def recurs(self, definition: Definition) -> bool:
        """Whether the definition refers, through definitions, to its own label."""
        return any(self.reaches(s, definition.label) for s in free_symbols(definition.body))

    def _equal(self, a: Expr, b: Expr) -> bool | None:
        form = gap_of(a, b)
        if form == ZERO or a == b:
            return True
        return False if self.differs(form) else None

    def _fits(
        self, actual: Expr, position: int, definition: Definition, alone: bool, letters: Mapping[Expr, Expr]
    ) -> bool | None:
        formal = definition.pattern[position]
        inside = definition.ranges.get(formal)
        if inside is None:
            return True
        run = inside.at(letters)
        if self.lies_within(actual, run):
            return True
        if self.lies_outside(actual, run):
            return False
        whole = self.givens.families.get(definition.label)
        is_whole = whole is None or whole[position] == inside
        recurs = any(label_of(q) == definition.label for q in quantities(definition.body))
        return True if alone and is_whole and not recurs and not self._begins_before(actual, run) else None

    def _begins_before(self, actual: Expr, run: Range) -> bool:
        """Whether an index is less than all of a range where its letters are least: a sum may begin earlier."""
        least = actual
        for letter in (s for s in free_symbols(actual) if s in self.ranges):
            least = put(least, {letter: self.ranges[letter].lo})
        return self.exceeds(run.lo, least, 1)

    def reaches(self, start: Symbol, goal: Symbol) -> bool:
        """Whether the quantities of one label may depend, through definitions, on those of another."""
        return goal in self.closure(start)

    def closure(self, start: Symbol) -> frozenset[Symbol]:
        """The labels on which the quantities of one label may depend, with that label itself."""
        found = self._closures.get(start)
        if found is None:
            found = self._closures[start] = led_to(self._in_definitions, (start,))
        return found

    def _in_definitions(self, label: Symbol) -> Iterator[Symbol]:
        for definition in self.givens.definitions_of(label):
            yield from free_symbols(definition.body)

    def ties(self, label: Symbol) -> bool:
        """Whether a value, an equation that is given, or the case assumed ties down what depends on a quantity."""
        tied: list[Expr] = [v.quantity for v in self.givens.values]
        tied += [e for r in self.told if r.sign == "=" for e in r.sides]
        tied += [e for f in self.givens.facts if f.relation.sign == "=" for e in f.relation.sides]
        tied += [key for key, sign in self.signs if sign == 0]
        return any(self.reaches(s, label) for e in tied for s in free_symbols(e))

    def is_state(self, label: Symbol) -> bool:
        """Whether a quantity of this label depends, through definitions, on others of the same label."""
        return any(self.recurs(d) for d in self.givens.definitions_of(label))

    def lagging(self, label: Symbol) -> tuple[int, ...]:
        """The index positions at which states that depend on each other refer to earlier or later ones.

        Time is such a position; the number of a unit is none.
        """
        if label not in self._lags:
            self._lags[label] = self._lagging(label)
        return self._lags[label]

    def _lagging(self, label: Symbol) -> tuple[int, ...]:
        arity = max((len(d.pattern) for d in self.givens.definitions_of(label)), default=0)
        return tuple(sorted({p for p, _ in self._steps(label) if p < arity})) or tuple(range(arity))

    def looks_ahead(self, label: Symbol) -> bool:
        """Whether states of this label are written by later ones, and by none before them."""
        if label not in self._ahead:
            position = self.lagging(label)[0]
            self._ahead[label] = {offset > 0 for p, offset in self._steps(label) if p == position} == {True}
        return self._ahead[label]

    def _steps(self, label: Symbol) -> Iterator[tuple[int, int]]:
        """The index positions at which states that depend on each other refer to others, and how far these are off."""
        for d in self.givens.definitions:
            if not (self.reaches(d.label, label) and self.reaches(label, d.label)):
                continue
            for mentioned in subterms(d.body):
                if not isinstance(mentioned, Indexed) or not self.reaches(label_of(mentioned), label):
                    continue
                for position, (at, formal) in enumerate(zip(mentioned.indices, d.pattern, strict=False)):
                    base, offset = split_offset(at)
                    if is_index(formal) and base == formal and offset:
                        yield position, offset

    def is_later(self, quantity: Expr, other: Expr) -> bool:
        """Whether `other` looks back too far to depend on `quantity`, except where both are the same.

        It is known where every definition on the way refers to its own time or an earlier one.
        """
        label, goal = label_of(other), label_of(quantity)
        if not indices_of(quantity) or not indices_of(other):
            return False
        back = self._reach_back(label, goal, frozenset())
        if back is None:
            return False
        gap = indices_of(quantity)[0] - indices_of(other)[0]
        if label == goal:
            return self.is_nonnegative(gap if back < 0 else gap - 1)
        own = self._reach_back(goal, goal, frozenset()) if self.givens.definitions_of(goal) else 0
        return own is not None and self.is_positive(gap - back)

    def _reach_back(self, label: Symbol, goal: Symbol, seen: frozenset[Symbol]) -> int | None:
        """The largest offset of the first index at which `goal` is reached from `label`; None where it has no bound.

        No reference looks ahead, so that going round among `seen` labels reaches nothing later.
        """
        best = -(10**6)
        for definition in self.givens.definitions_of(label):
            for mentioned in subterms(definition.body):
                if not isinstance(mentioned, Indexed | Symbol) or not self.reaches(label_of(mentioned), goal):
                    continue
                if isinstance(mentioned, Symbol) or not indices_of(definition.head):
                    if isinstance(mentioned, Symbol) and mentioned.is_integer:
                        continue
                    return None
                base, offset = split_offset(mentioned.indices[0])
                if base != split_offset(definition.pattern[0])[0] or offset > 0:
                    return None
                if label_of(mentioned) != goal:
                    if label_of(mentioned) in seen | {label}:
                        continue
                    further = self._reach_back(label_of(mentioned), goal, seen | {label})
                    if further is None:
                        return None
                    offset += further
                best = max(best, offset)
        return best


_OWN = tuple(f.name for f in fields(Setting) if not f.init)
"""What a setting has found out, which does not hold for others."""


def is_function_value(expr: Expr) -> bool:
    """Whether a term is the value of an elementary or named function of one number."""
    return isinstance(expr, Function) and len(expr.args) == 1


def is_earlier(quantity: Expr, other: Expr) -> bool:
    """Whether an index of `quantity` is that of `other` less a positive number."""
    for i, j in zip(indices_of(quantity), indices_of(other), strict=False):
        (base, offset), (other_base, other_offset) = split_offset(i), split_offset(j)
        if base == other_base and offset < other_offset:
            return True
    return False


def universal(rule: Rule) -> Rule:
    """The rule with its letters under names that occur nowhere else, so that nothing put into it is captured."""
    left, right, letters = rule
    names: dict[Expr, Expr] = {i: Symbol(f"¤{i.name}", integer=True) for i in letters}
    ranges = {names[i]: run.at(names) for i, run in letters.items()}
    return put(left, names), put(right, names), ranges


def binding(pattern: Expr, expr: Expr, letters: Mapping[Symbol, Range], setting: Setting) -> dict[Expr, Expr] | None:
    """What to put for the letters so that the pattern becomes the expression, every letter known to be in range."""
    if type(pattern) is not type(expr):
        return None
    if isinstance(pattern, Indexed) and not same(pattern.base, expr.base):
        return None
    wanted = sorted(free_symbols(pattern) & letters.keys(), key=lambda s: s.name) if letters else []
    if not wanted:
        return {} if same(pattern, expr) else None
    mine = members_in(pattern)
    theirs = members_in(expr)

    def extend(n: int, found: dict[Expr, Expr]) -> dict[Expr, Expr] | None:
        if n == len(wanted):
            fits = same(put(pattern, found), expr) and all(
                setting.lies_within(found[s], letters[s].at(found)) for s in wanted
            )
            return found if fits else None
        letter = wanted[n]
        tried: set[Expr] = set()
        for place, position, rest in _where(mine, letter):
            for other in theirs:
                if not same(other.base, place.base) or len(other.indices) != len(place.indices):
                    continue
                value = other.indices[position] if rest == 0 else other.indices[position] - put(rest, found)
                if is_closed(value) and value not in tried and not free_symbols(value) & letters.keys():
                    tried.add(value)
                    result = extend(n + 1, {**found, letter: value})
                    if result is not None:
                        return result
        return None

    return extend(0, {})


def same(a: Expr, b: Expr) -> bool:
    """Whether two terms are structurally equal."""
    # SymPy compares what terms are made of; where they differ, their hashes nearly always tell it first.
    return a is b or (hash(a) == hash(b) and bool(a == b))


@lru_cache(maxsize=16384)
def members_in(expr: Expr) -> tuple[Indexed, ...]:
    """The members of families in a term, outermost first."""
    return tuple(t for t in subterms(expr) if isinstance(t, Indexed))


@lru_cache(maxsize=16384)
def runs_in(expr: Expr) -> tuple[tuple[Expr, Expr], ...]:
    """Where the sums and products in a term run."""
    return tuple((t.lo, t.hi) for t in subterms(expr) if isinstance(t, Binder))


@lru_cache(maxsize=16384)
def _where(places: tuple[Indexed, ...], letter: Symbol) -> tuple[tuple[Indexed, int, Expr], ...]:
    """The index positions that are the letter and a rest that is added to it, those without a rest first."""
    found: list[tuple[Indexed, int, Expr]] = []
    for place in places:
        for position, at in enumerate(place.indices):
            if at == letter:
                found.append((place, position, Integer(0)))
            elif letter in free_symbols(at):
                form = linear(at)
                if form is not None and dict(form[0]).get(letter) == 1:
                    found.append((place, position, at - letter))
    return tuple(sorted(found, key=lambda f: f[2] != 0))


# SymPy forgets early what it has made, and to make it again takes longer than all arithmetic on normal forms.


@lru_cache(maxsize=65536)
def added(*terms: Expr) -> Expr:
    """The sum of terms."""
    return Add(*terms)


@lru_cache(maxsize=65536)
def multiplied(*factors: Expr) -> Expr:
    """The product of terms."""
    return Mul(*factors)


@lru_cache(maxsize=65536)
def raised(base: Expr, exponent: Expr | int) -> Expr:
    """A power."""
    return base**exponent


@lru_cache(maxsize=16384)
def logarithm(u: Expr) -> Expr:
    """The natural logarithm."""
    return log(u)


@lru_cache(maxsize=65536)
def weight(expr: Expr) -> int:
    """The number of subterms, each counted as often as it occurs: what it costs to go through the term."""
    return 1 + sum(weight(a) for a in expr.args)


@lru_cache(maxsize=65536)
def written(expr: Expr) -> str:
    """The term as text, by which terms are put in order."""
    return str(expr)


def open_bound(
    binder: Binder, setting: Setting, avoid: frozenset[Symbol] = frozenset()
) -> tuple[tuple[Symbol, ...], Expr, Setting]:
    """The binder's body with index letters that tell their range, and the setting that knows it.

    The same binder always gets the same letters, and a letter always has the same range.
    """
    letters, runs, body = _opened(binder, avoid)
    ranges = setting.ranges
    for letter, run in zip(letters, runs, strict=True):
        known = ranges.get(letter)
        if known is not run and known != run:
            return letters, body, setting.with_ranges(dict(zip(letters, runs, strict=True)))
    return letters, body, setting


@lru_cache(maxsize=16384)
def _opened(binder: Binder, avoid: frozenset[Symbol]) -> tuple[tuple[Symbol, ...], tuple[Range, ...], Expr]:
    taken = {s.name for s in free_symbols(binder) | avoid}
    runs = [Range(binder.lo, binder.hi)]
    if isinstance(binder, OfMatrix):
        runs *= 2
    elif isinstance(binder, Chain):
        runs += [Range(Integer(1), binder.size)] * 2
    letters: list[Symbol] = []
    for run in runs:
        n = 0
        while (name := f"§{n}∈{written(run.lo)}…{written(run.hi)}") in taken:
            n += 1
        taken.add(name)
        letters.append(Symbol(name, integer=True))
    return tuple(letters), tuple(runs), binder.open(*letters)
