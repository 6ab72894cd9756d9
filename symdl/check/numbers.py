"""Relations between numbers, judged by the digits they show and by how far the rounding of what they rest on reaches.

A decimal that the givens do not state may have been rounded before it was written down.  It then stands for all numbers
that show these digits, and the same decimal for the same number wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from flint import arb, fmpq
from sympy import Expr, Indexed, Integer, Rational, Symbol, exp, log

from symdl.check.arrays import MAX_ENTRIES, matrix, places_of
from symdl.check.context import Context
from symdl.check.digits import Digits, coarsest_unit, decimals_in, digits_of, entries_of, significant
from symdl.check.enclosures import Value, apart, enclosed, is_cut, loosened, midpoint, read_loosened, within
from symdl.check.sides import Sides, Verdict
from symdl.errors import Place
from symdl.language import (
    D,
    as_float,
    as_fmpq,
    as_rational,
    family,
    free_symbols,
    indices_of,
    is_closed,
    is_quantity,
    label_of,
    put,
    quantities,
    subterms,
    walk,
)
from symdl.problem import Decision, Definition, Givens, Ranges, Relation

MAX_ROUNDED = 10**6
"""From here on a whole number without a decimal point says that it is exact."""

"""How many entries of an array of numbers are compared one by one."""

MANY_PLACES, MAX_PLACES = 3, 12
"""From how many decimals on a number that is given may be a rounded one, and how many are looked at."""

FINER = 12
"""By how many units of the last digit shown a decimal may reach and still be taken for a rounded one.

Who shows more digits than that took the decimal for exact.
"""

SEVERAL = 1000
"""From how many units of its last digit on a number shows enough digits to be one that was rounded on the way."""

BARELY = fmpq(10**9 + 1, 10**9)
"""A factor that makes up for the rounding of a reach, which is enclosed only."""

WIDEST = fmpq(1, 20)
"""The part of a value by which the rounding of decimals may move it; what reaches further says nothing of it."""

_ORDER = re.compile(r"\s*10\s*\^\s*\{\s*-\s*\d+\s*\}\s*[.,]?\s*")

FAR, ROUGHLY = 20, fmpq(1, 33)
"""How many roundings, and what part of a value, a formula of rounded numbers may be off that is said to be near it."""

Equal = Callable[[Expr, Expr, Givens], bool]
"""Whether two terms are proved equal under givens."""


@dataclass(frozen=True)
class Reach:
    """By how much the rounding of decimals can have moved a difference: as it mostly adds up, and at worst."""

    square: fmpq
    worst: fmpq


@dataclass(frozen=True)
class Shifts:
    """By how much a unit of each decimal moves a difference, and how far one reaches at most that may be rounded."""

    each: tuple[fmpq, ...]
    widest: fmpq

    def reach(self, unit: fmpq | None = None, *, is_coarse: bool = False) -> Reach | None:
        """How far they reach together; None where they reach nowhere.

        Decimals count that move the difference by little, beside a `unit` if one is shown, or all where this is coarse.
        """
        most = FINER * unit if unit is not None else None if is_coarse else self.widest
        square, worst = fmpq(0), fmpq(0)
        for shift in self.each:
            if most is None or shift <= most:
                # Rounded to half a unit, or cut off by a whole one: one decimal alone may be off by all of it.
                square = max(square + shift * shift / 2, shift * shift)
                worst += shift
        return Reach(square, worst) if worst else None


@dataclass(frozen=True, eq=False)
class Numbers:
    """Judges numbers under the givens; `seen` are the values that the proof has shown with rounded digits.

    `proved` are the values that it has shown exactly.
    `at` are the index letters of which it is said which number they are; `derived` says what a term with derivatives is
    in the names that are given.
    """

    context: Context
    ranges: Ranges
    seen: tuple[tuple[Expr, Expr], ...]
    equal: Equal
    derived: Callable[[Expr], Expr | None]
    proved: frozenset[Rational] = frozenset()
    at: Mapping[Expr, Expr] = field(default_factory=dict)

    def verdict(self, sides: Sides) -> Verdict | None:
        """The verdict by the digits shown; None where there are none or the givens do not determine both sides."""
        if not shows_digits(sides):
            return None
        plain = self.compared(sides, self.context.givens)
        shown = tuple((q, n) for q, n in self._shown if q != sides.left and is_quantity(q))
        if plain is not None and plain.answer == "proved":
            return plain
        terms = (t for t, n in self.seen if n == sides.right and not is_quantity(t))
        if any(self.equal(sides.left, t, self.context.givens) for t in terms):
            return _rounded(sides.right, "as it was shown before, with rounded digits")
        carried = self._with_terms(sides)
        put_in = self.compared(carried, self.context.givens) if carried is not None else None
        if put_in is not None and put_in.answer == "proved":
            return _rounded(sides.right, _CARRIED)
        if plain is not None:
            # What does not rest on it says the same again.
            names = self.context.names(sides.left, sides.right)
            shown = tuple((q, n) for q, n in shown if label_of(q) in names)
        if not shown:
            return plain
        # What was shown with rounded digits is, in the lines after it, what was shown; its derivatives are not.
        below = self._differentiated(sides)
        if any(label_of(q) in below for q, _ in shown):
            formula = self.derived(sides.left) if plain is None or not self._is_far(sides) else None
            if formula is None:
                return plain
            sides = replace(sides, left=formula, left_source="")
        members = _with_members(self.context.givens, shown)
        put_in = self.compared(sides, members)
        is_equal = put_in is None and self.equal(sides.left, sides.right, replace(members, facts=()))
        if is_equal or (put_in is not None and put_in.answer == "proved"):
            return _rounded(sides.right, _CARRIED)
        return plain if plain is not None else put_in

    def _with_terms(self, sides: Sides) -> Sides | None:
        """The sides with what was shown before of terms, as of a logarithm, put in left; None where none is in it."""
        values: dict[Expr, Expr] = {t: n for t, n in self.seen if quantities(t) and not is_quantity(t)}
        # An exponential of a sum with log p in it is kept as a power of p.
        values |= {t.args[0]: exp(n) for t, n in values.items() if isinstance(t, log) and is_quantity(t.args[0])}
        body = (
            self.context.givens.body_of(sides.left, self.ranges) if values and is_quantity(sides.left) else sides.left
        )
        if not values or body is None or body in values:
            return None
        found = walk(body, values.get)
        return None if found == body else replace(sides, left=found, left_source="")

    def _is_apart(self, term: Expr) -> bool:
        """Whether a term is differentiated by what it is not written in: how the two are tied is not given.

        Nor do numbers tell a derivative that stands in a definition through a quantity that has a number and a formula.
        """
        context = self.context
        slopes = [t for t in subterms(term) if isinstance(t, D)]
        inside = [t for s in context.names(term) for t in context.slopes_in.get(s, ())] if context.slopes_in else []
        if any(label_of(t.wrt) in context.names(q) for t in inside for q in context.worked & context.names(t.of)):
            return True
        return any(not {label_of(q) for q in quantities(t.wrt)} & self.context.names(t.of) for t in slopes)

    def _is_far(self, sides: Sides) -> bool:
        """Whether a number shown is so far from the value that no rounding on the way explains it."""
        shown, value = sides.shown, enclosed(sides.left, self.context.givens)
        if shown is None or value is None:
            return False
        gap = abs(midpoint(value) - as_fmpq(shown.value))
        return bool(gap > abs(midpoint(value)) * WIDEST)

    def _differentiated(self, sides: Sides) -> frozenset[Symbol]:
        """The names on which what is differentiated rests."""
        slopes = [t for side in (sides.left, sides.right) for t in subterms(side) if isinstance(t, D)]
        return self.context.names(*(t.of for t in slopes))

    def may_be_rounded(self, sides: Sides) -> bool:
        """Whether the sides differ by no more than the rounding of decimals of many digits that are given."""
        values = {label_of(v.quantity): v.number for v in self.context.givens.values if isinstance(v.quantity, Symbol)}
        fine = {s: n for s, n in values.items() if isinstance(n, Rational) and is_rounded(n)}
        right = enclosed(sides.right, self.context.givens)
        left = enclosed(sides.left, self.context.givens) if fine else None
        if left is None or right is None:
            return False
        gap, reach = midpoint(left) - midpoint(right), fmpq(0)
        for name, number in fine.items():
            next_to = as_fmpq(number) + fmpq(1, 10 ** _places(number))
            moved = enclosed(sides.left - sides.right, self.context.givens, {name: arb(next_to)})
            reach += abs(midpoint(moved) - gap) / 2 if moved is not None else 0
        return bool(abs(gap) <= reach)

    @cached_property
    def _shown(self) -> tuple[tuple[Expr, Expr], ...]:
        given = [r.sides for r in self.context.shown if isinstance(r.lhs, (Symbol, Indexed))]
        equations = (f.relation for f in self.context.facts if f.relation.sign == "=" and not f.ranges)
        given += [r.sides for r in equations if isinstance(r.lhs, (Symbol, Indexed)) and r.rhs.is_Rational]
        given += [
            (v.quantity, v.number) for v in self.context.givens.values if self.context.uses.get(label_of(v.quantity))
        ]
        return (*given, *self.seen)

    def value_of(self, term: Expr, like: str = "") -> str | None:
        """What a term is, as LaTeX: a number or an array of numbers; None where the givens do not determine it.

        It is written in decimals where the source it is to be `like` has any.
        """
        term = self.context.as_told(term)
        letters = [i for i in self.ranges if i in free_symbols(term)]
        runs = [self.ranges[i] for i in letters]
        at = None if self._is_apart(term) or len(letters) > 2 else places_of(runs)
        if at is None:
            return None
        found: list[str] = []
        for place in at:
            value = enclosed(put(term, dict(zip(letters, place, strict=True))), self.context.givens)
            if value is None:
                return None
            found.append(_latex(value, in_decimals=bool(decimals_in(like))))
        return matrix(found, runs) if letters else found[0]

    def compared(self, sides: Sides, givens: Givens) -> Verdict | None:
        """The verdict under these givens; None where they do not determine both sides or tell nothing."""
        if self._is_apart(sides.left):
            return None
        if self.at:
            sides = replace(sides, left=put(sides.left, self.at), right=put(sides.right, self.at))
        letters = [i for i in self.ranges if any(i in free_symbols(s) for s in (sides.left, sides.right))]
        if letters:
            return self._entries(sides, givens, letters)
        return self._of_numbers(sides, sides.shown, givens)

    def _of_numbers(self, sides: Sides, shown: Digits | None, givens: Givens) -> Verdict | None:
        """The verdict on two numbers; `shown` are the digits of the right one, where it is no formula."""
        left = enclosed(sides.left, givens)
        if left is None:
            return None
        if shown is not None:
            return self._to_digits(left, shown, sides, givens)
        right = enclosed(sides.right, givens)
        if right is not None and isinstance(left, fmpq) and isinstance(right, fmpq) and left == right:
            return _rounded(sides.right, "equal")
        if right is None or not apart(left, right):
            return None
        exact = self._exact_in(sides, givens)
        shifts = self._shifts(sides, givens, exact)
        shown_by_right = self._shifts(replace(sides, left_source=""), givens, exact) if sides.sign == "=" else None
        reach = shifts.reach(max(shown_by_right.each, default=None) if shown_by_right else None) if shifts else None
        if reach is not None and reach.square > (midpoint(left) * WIDEST) ** 2:
            reach = None
        gap = abs(midpoint(left) - midpoint(right))
        # What is a whole unit off was neither rounded nor cut off to the digits shown.
        if reach is not None and gap * gap * BARELY < reach.square:
            return _rounded(sides.right, "equal within the rounding of the numbers shown")
        if sides.sign == "~":
            # A number that stands on both sides is put in, as in an expansion, and was not worked out.
            is_worked = not set(decimals_in(sides.left_source)) & set(decimals_in(sides.right_source))
            is_off = reach is not None and gap * gap > FAR * FAR * reach.square and gap > abs(midpoint(left)) * ROUGHLY
            is_off = is_off and is_worked
            return _refuted(left, right, sides.right) if is_off else _approximate(left, right, sides)
        if reach is not None and gap * BARELY < reach.worst:
            return Verdict(Decision("unknown", _UNLIKELY), sides.right)
        points = self._points(sides.left_source + " " + sides.right_source)
        shifts = shifts if points <= exact else self._shifts(sides, givens, exact | points)
        coarse = shifts.reach(is_coarse=True) if shifts is not None else None
        if coarse is not None and gap * 2 <= coarse.worst:
            if self._has_rounded(sides.right_source):
                return _rounded(sides.right, "equal within the rounding of the numbers shown")
            return Verdict(Decision("unknown", UNROUNDED), sides.right)
        return _refuted(left, right, sides.right)

    def _to_digits(self, left: Value, shown: Digits, sides: Sides, givens: Givens) -> Verdict:
        """The verdict on a value and a number shown for it."""
        fits = [within(left, *shown.rounding), is_cut(left, shown)]
        if not shown.has_point and sides.sign == "=" and not _is_close(left, shown.value):
            fits = [False]
        if True in fits:
            return _rounded(sides.right, "equal to the digits shown")
        if None in fits:
            return Verdict(Decision("unknown", "whether it equals the digits shown could not be decided"), sides.right)
        whole = _in_round_numbers(left, shown, sides.right) if sides.sign == "~" else None
        if whole is not None:
            return whole
        bare = replace(sides, right_source="")
        shifts = self._shifts(bare, givens, self._exact_in(bare, givens)) if shown.has_point else None
        reach = shifts.reach(as_fmpq(shown.unit)) if shifts is not None else None
        if reach is not None:
            ends = [as_fmpq(e) for e in (*shown.rounding, *shown.truncation)]
            gap = max(min(ends) - midpoint(left), midpoint(left) - max(ends))
            if gap * gap <= reach.square:
                if sides.left.is_Rational and not self._has_rounded(sides.left_source):
                    return Verdict(Decision("unknown", UNROUNDED), sides.right)
                return _rounded(sides.right, "equal to the digits shown, the rounding of the numbers carried on")
            # Who adds and multiplies the numbers on the page works with these numbers.
            if gap <= reach.worst and not sides.left.is_Rational:
                return Verdict(Decision("unknown", _UNLIKELY), sides.right)
        if shown.has_point and not sides.left.is_Rational and _is_rounded_twice(left, shown):
            return Verdict(Decision("unknown", _TWICE), sides.right)
        return Verdict(Decision("refuted", f"differs from the digits shown: it is {_text(left)}"), sides.right)

    def _entries(self, sides: Sides, givens: Givens, letters: Sequence[Symbol]) -> Verdict | None:
        """An array of decimals, entry by entry."""
        runs = [self.ranges[i] for i in letters]
        is_decimal = any(coarsest_unit(source) for source in (sides.right_source, sides.left_source))
        at = places_of(runs) if is_decimal else None
        if at is None:
            return None
        own = entries_of(sides.right_source, [int(r.hi - r.lo) + 1 for r in runs])
        finest = min(d.unit for d in own) if own else None
        found: list[Verdict] = []
        for n, place in enumerate(at):
            here: dict[Expr, Expr] = dict(zip(letters, place, strict=True))
            entry = replace(sides, left=put(sides.left, here), right=put(sides.right, here))
            there = replace(self, at={**self.at, **here})
            digits = own[n] if own is not None else None
            one = there._of_numbers(entry, digits, givens)
            if one is None:
                return None
            if one.answer == "proved" and digits is not None and finest is not None and finest < digits.unit:
                full = there._of_numbers(entry, replace(digits, unit=finest, has_point=True), givens)
                if full is not None and full.answer == "refuted":
                    one = Verdict(Decision("unknown", _SHORT), sides.right)
            if one.answer == "refuted":
                where = ", ".join(f"{i} = {k}" for i, k in zip(letters, place, strict=True))
                reason = f"{one.decision.reason} at {where}"
                return replace(one, decision=replace(one.decision, reason=reason), right=sides.right)
            found.append(replace(one, right=sides.right))
        return next((one for one in found if one.answer != "proved"), found[0] if found else None)

    def looseness(self, sides: Sides) -> fmpq:
        """By what part of it the rounding of the decimals shown can move a product of them."""
        formula = loosened((sides.left_source, sides.right_source), self.exact)
        parts = [abs(u / (2 * formula.values[name])) for name, u in formula.units.items()] if formula else []
        return sum((as_fmpq(p) for p in parts), fmpq(0))

    def _exact_in(self, sides: Sides, givens: Givens) -> frozenset[Rational]:
        """The decimals in two sides that were not rounded."""
        return self.exact | self._exact_values(sides, givens) | _EIGHTHS

    def _shifts(self, sides: Sides, givens: Givens, exact: frozenset[Rational]) -> Shifts | None:
        """By how much the rounding of each decimal can move the difference of two sides, but for those that are exact.

        None where there is none or it cannot be told.
        """
        formula = loosened((sides.left_source, sides.right_source), exact)
        if formula is None:
            return None
        exprs = (sides.left, sides.right if sides.right_source else Integer(0))
        found = [
            read_loosened(source, formula, givens, self.ranges) if formula.is_loose(source) else e
            for source, e in zip(formula.sources, exprs, strict=True)
        ]
        left, right = (None if side is None else put(side, self.at) for side in found)
        if left is None or right is None:
            return None
        gap = left - right
        middle = enclosed(gap, givens, formula.middles)
        if middle is None:
            return None
        value = enclosed(left, givens, formula.middles) or middle
        moved = [enclosed(gap, givens, formula.moved(name)) for name in formula.units]
        ends = [midpoint(m) for m in moved if m is not None]
        if len(ends) < len(moved):
            return None
        return Shifts(tuple(abs(end - midpoint(middle)) for end in ends), abs(midpoint(value)) * WIDEST)

    def _points(self, source: str) -> frozenset[Rational]:
        """The decimals at which a function of the givens is taken: who chooses a point does not round it."""
        names = "|".join(re.escape(label.name) for label in sorted(self.context.givens.arguments, key=str))
        found = re.findall(rf"(?<![A-Za-z\\])(?:{names})\s*\(\s*-?\s*(\d*\.\d+)\s*\)", source) if names else []
        return frozenset(map(Rational, found))

    def _has_rounded(self, source: str) -> bool:
        """Whether a decimal of a formula is one that the proof has rounded, or can have rounded from what is known."""
        for text in decimals_in(source):
            shown = digits_of(text)
            if shown is None or shown.value in self.exact:
                continue
            if any(abs(n) == shown.value for _, n in self._shown):
                return True
            if any(v == as_fmpq(shown.value) for v in self._values):
                continue
            if any(within(v, *shown.rounding) or is_cut(v, shown) for v in self._values):
                return True
        return False

    @cached_property
    def _values(self) -> tuple[Value, ...]:
        """The absolute values of the quantities that definitions determine, and their complements to 1."""
        found: list[Value] = []
        for d in self.context.givens.definitions:
            runs = self.context.givens.families.get(d.label, ())
            for at in places_of(runs) or ():
                value = enclosed(family(d.label, *at), self.context.givens)
                if value is not None:
                    found += [abs(value), abs(1 - value)]
        return tuple(found)

    def _exact_values(self, sides: Sides, givens: Givens) -> frozenset[Rational]:
        """The exact values of the quantities in which the left side is defined, and their complements to 1."""
        body = givens.body_of(sides.left, self.ranges) if is_quantity(sides.left) else sides.left
        inside = sorted(filter(is_closed, quantities(body)), key=str)[:MAX_ENTRIES] if body is not None else []
        values = [v for v in (enclosed(q, givens) for q in inside) if isinstance(v, fmpq)]
        return frozenset(abs(as_rational(v)) for value in values for v in (value, 1 - value))

    @cached_property
    def exact(self) -> frozenset[Rational]:
        """The numbers that the givens state, or that were proved: what equals one of them was not rounded."""
        g = self.context.givens
        terms: list[Expr] = [d.body for d in g.definitions if d.label not in self.context.own] + [
            v.number for v in g.values
        ]
        told = [f.relation for f in self.context.facts if not _is_rounded(f.relation, g)]
        terms += [side for r in told for side in r.sides]
        return self.proved | {abs(t) for term in terms for t in subterms(term) if isinstance(t, Rational)}


def is_rounded(number: Rational) -> bool:
    """Whether a number that is given has so many decimals that it may be a rounded one."""
    return _places(number) >= MANY_PLACES


def _places(number: Rational) -> int:
    """How many decimals a number has; 0 where it is no decimal."""
    places = 0
    while places < MAX_PLACES and (number * 10**places).q != 1:
        places += 1
    return places if places < MAX_PLACES else 0


def _is_rounded(relation: Relation, givens: Givens) -> bool:
    r"""Whether what is given holds to the digits shown only, as $\ln 2 = 0.693$ in a table of values."""
    left, right = (enclosed(side, givens) for side in relation.sides)
    return left is not None and right is not None and apart(left, right)


_EIGHTHS = frozenset(Rational(n, 8) for n in range(1, 8))
"""Who writes 0.25 means a quarter."""

_COARSE = "an approximation: how good it has to be is not said"
UNROUNDED = "equal only if a number shown was rounded, of which nothing says so"
_UNLIKELY = "equal only if the numbers shown were all rounded the same way"

_SHORT = "equal only to fewer digits than the numbers beside it show"

_CARRIED = "equal to the digits shown, with the rounded values put in that were shown before"

_TWICE = "equal only if it was worked out from numbers that were rounded themselves"


def _is_rounded_twice(value: Value, shown: Digits) -> bool:
    """Whether a value that goes on behind the digits shown is off by less than one unit of the last of several."""
    unit, number = (as_fmpq(n) for n in (shown.unit, shown.value))
    is_short = isinstance(value, fmpq) and (value / unit * 10).q == 1
    return not is_short and abs(number) >= SEVERAL * unit and abs(midpoint(value) - number) < unit


def _refuted(left: Value, right: Value, side: Expr) -> Verdict:
    """The verdict on two numbers that nothing ties to each other."""
    return Verdict(Decision("refuted", f"{_text(left)} is not {_text(right)}"), side)


def _approximate(left: Value, right: Value, sides: Sides) -> Verdict:
    gap, size = abs(midpoint(left) - midpoint(right)), abs(midpoint(left))
    if gap <= size / 200:
        return _rounded(sides.right, "approximately equal")
    # A power of ten says of which order of magnitude a value is, and no more.
    ratio = size / abs(midpoint(right)) if _ORDER.fullmatch(sides.right_source) else fmpq(0)
    if fmpq(1, 10) <= ratio**2 <= 10:
        return _rounded(sides.right, "of this order of magnitude")
    if gap <= size / 10 or fmpq(1, 10) < ratio < 10:
        return Verdict(Decision("unknown", _COARSE), sides.right)
    return Verdict(Decision("refuted", f"{_text(left)} is not near {_text(right)}"), sides.right)


def _in_round_numbers(left: Value, shown: Digits, side: Expr) -> Verdict | None:
    """The verdict on a whole number shown for about a value; None where its digits do not fit."""
    meant = significant(shown)
    if meant.unit == shown.unit:
        return None
    ends = [as_fmpq(e) for e in meant.rounding]
    gap, size = abs(midpoint(left) - (ends[0] + ends[1]) / 2), abs(midpoint(left))
    half = (ends[1] - ends[0]) / 2
    if gap <= half and gap * 20 <= size:
        return _rounded(side, "equal to the digits that are not zeros at the end")
    if gap <= half or (meant.value / meant.unit % 5 == 0 and gap <= 5 * half):
        return Verdict(Decision("unknown", _COARSE), side)
    return None


def shows_digits(sides: Sides) -> bool:
    """Whether a side shows decimals, or the right one is a number."""
    sources = (sides.left_source, sides.right_source)
    return sides.shown is not None or any(coarsest_unit(s) for s in sources)


def _rounded(right: Expr, reason: str) -> Verdict:
    return Verdict(Decision("proved", reason), right, True)


def _text(value: Value) -> str:
    if isinstance(value, fmpq):
        return str(value) if int(value.q) < 1000 else str(as_float(value))
    return re.sub(r"^\[|( \+/-.*)?\]$", "", str(value.str(8)))


def _latex(value: Value, *, in_decimals: bool) -> str:
    """A number in full where it is whole or a short fraction, else to six digits."""
    if not isinstance(value, fmpq) or int(value.q) >= 1000 or (in_decimals and value.q != 1):
        return f"{as_float(midpoint(value)):.6g}"
    if value.q == 1:
        return str(value.p)
    return rf"{'-' if value < 0 else ''}\frac{{{abs(int(value.p))}}}{{{int(value.q)}}}"


def _is_close(value: Value, shown: Rational) -> bool:
    """Whether a whole number shown without a decimal point can stand for a value that is not whole."""
    if abs(shown) >= MAX_ROUNDED:
        return False
    gap = abs(midpoint(value) - as_fmpq(shown))
    return bool(gap * 1000 <= max(fmpq(1), abs(as_fmpq(shown))))


def _with_members(givens: Givens, shown: Sequence[tuple[Expr, Expr]]) -> Givens:
    """The givens with these quantities defined as the numbers shown for them."""
    here = Place("", 1, 1)
    numbers: Mapping[Expr, Expr] = dict(shown)
    kept = tuple(d for d in givens.definitions if d.pattern or d.head not in numbers)
    new = tuple(Definition(label_of(q), indices_of(q), n, {}, "", here) for q, n in numbers.items())
    return replace(givens, definitions=(*new, *kept))
