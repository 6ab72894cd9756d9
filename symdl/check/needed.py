"""What each place of a formula would have to be for a line to hold: the path to it, inverted at a few instances.

Sums and products are inverted for what stands in sums over an index, too: there the values of a place are weighted and
added up.  Below anything else in such a sum nothing is inverted, and what is tried there is put in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice
from math import asinh, atanh, exp, fsum, isfinite, log
from typing import Any

import flint
import sympy
from sympy import Add, Expr, Function, Indexed, Mul, Pow, Rational, Symbol

from symdl.judge.balls import Evaluation, NoValueError, base_of
from symdl.judge.interpretation import World
from symdl.judge.programs import run_of
from symdl.language import Cases, D, Prod, Sigma, as_float, holds_derivative, is_index, open_fresh, put, scalar
from symdl.language.functions.sigmoid import Sigmoid
from symdl.problem import Range, Ranges

BITS = 96
MAX_DEPTH = 8
MAX_ARGUMENTS = 8
MAX_VALUES = 64
"""How many values of a place within sums are looked at."""
SAME = 1e-9
"""The part of the largest number of a sum by which two values may differ for the rounding of floats."""
VISIBLE = 1e-6
"""The least part of a side by which it has to differ from the other one, for anything to be seen of the place."""
MAX_DENOMINATOR = 1000
SLOT = scalar(r"\mathfrak{slot}")
"""What stands in a formula for a value that is put there."""

Values = tuple[float, ...]

_INVERSE: dict[Any, Callable[[float], float]] = {
    sympy.exp: log,
    sympy.log: exp,
    sympy.tanh: atanh,
    sympy.sinh: asinh,
    Sigmoid: lambda y: log(y / (1 - y)),
}


class Look:
    """An instance that is looked at, with what stands for derivatives there and the values of letters of its own."""

    def __init__(self, instance: World, known: Mapping[Expr, Expr], own: Mapping[Symbol, Any], near: float = SAME):
        self.evaluation, self.known, self.own, self.near = Evaluation(instance), known, own, near

    def values(self, term: Expr, scopes: Sequence[Mapping[Symbol, Any]]) -> Values | None:
        """What a term is in each scope; None where it has no value in one of them."""
        if self.known and holds_derivative(term):
            term = put(term, self.known)
        run = run_of(term)
        try:
            with flint.ctx.workprec(BITS):
                found = tuple(as_float(base_of(run(self.evaluation, scope, ()))) for scope in scopes)
        except (NoValueError, RecursionError, ZeroDivisionError, OverflowError):
            return None
        return found if all(map(isfinite, found)) else None


@dataclass(frozen=True)
class Spot:
    """A place at one instance: the scopes in which it has values, and what these have to add up to with their weights.

    `scale` is the size of the numbers of which that was made.
    """

    look: Look
    scopes: tuple[Mapping[Symbol, Any], ...]
    weights: Values
    need: float
    scale: float

    def of(self, term: Expr) -> Values | None:
        return self.look.values(term, self.scopes)

    def put(self, formula: Expr, at: Mapping[Symbol, Values | None]) -> Values | None:
        """What a formula is with these values put for letters of it; None where one has none."""
        known = {letter: values for letter, values in at.items() if values is not None}
        if len(known) < len(at):
            return None
        own = [{letter: _exactly(values[n]) for letter, values in known.items()} for n in range(len(self.scopes))]
        return self.look.values(formula, [{**scope, **new} for scope, new in zip(self.scopes, own, strict=True)])

    def total(self, values: Values) -> float:
        return fsum(w * v for w, v in zip(self.weights, values, strict=True))

    def meets(self, values: Values | None) -> bool:
        """Whether these values add up to what is needed."""
        if values is None:
            return False
        return abs(self.total(values) - self.need) <= self.look.near * max(self.scale, abs(self.need))

    def beside(self, others: Values) -> Spot:
        """What remains of the need where these values are added."""
        rest = self.total(others)
        return replace(self, need=self.need - rest, scale=max(self.scale, abs(rest)))

    def times(self, factors: Values) -> Spot | None:
        """The place where these factors stand at each value."""
        weights = tuple(w * f for w, f in zip(self.weights, factors, strict=True))
        return replace(self, weights=weights) if any(weights) else None

    def inverted(self, inverse: Callable[[float], float]) -> Spot | None:
        """The place of which a function is taken, by the inverse of that; None within a sum, or where it has none."""
        if len(self.scopes) != 1:
            return None
        try:
            need = inverse(self.need / self.weights[0])
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
        return replace(self, weights=(1.0,), need=need, scale=abs(need)) if isfinite(need) else None

    def opened(self, letter: Symbol, lo: Expr, hi: Expr) -> Spot | None:
        """The place within a sum over a letter; None where that runs too far."""
        first, last = self.of(lo), self.of(hi)
        if first is None or last is None:
            return None
        runs = [range(int(a), int(b) + 1) for a, b in zip(first, last, strict=True)]
        if not 0 < sum(map(len, runs)) <= MAX_VALUES:
            return None
        scopes = tuple({**scope, letter: i} for scope, run in zip(self.scopes, runs, strict=True) for i in run)
        return replace(
            self, scopes=scopes, weights=tuple(w for w, run in zip(self.weights, runs, strict=True) for _ in run)
        )


def _exactly(value: float) -> flint.arb | flint.fmpq:
    """A value as what it was: a whole number, which what is negative may be raised to, or anything else."""
    return flint.fmpq(int(value)) if value.is_integer() else flint.arb(value)


@dataclass(frozen=True)
class Place:
    """A subterm, how deep it lies, the index letters at hand there, and the whole formula with something else there.

    `spots` are those of the place itself, where the path to it can be inverted, else of the last place above it for
    which it can, which is `up` of what stands here; `is_bound` says that letters are bound between the two.
    `inside` is what it is a part of: a sum, a product, or neither.
    """

    term: Expr
    depth: int
    letters: Mapping[Symbol, Range]
    put: Callable[[Expr], Expr]
    spots: tuple[Spot, ...]
    is_direct: bool = True
    is_bound: bool = False
    inside: type[Expr] | None = None
    up: Callable[[Expr], Expr] = field(default=lambda new: new)

    @cached_property
    def values(self) -> tuple[Values, ...] | None:
        """The values of the place at each instance; None where the path to it is not inverted."""
        found = [spot.of(self.term) for spot in self.spots] if self.is_direct else [None]
        return None if None in found else tuple(v for v in found if v is not None)

    @property
    def is_told(self) -> bool:
        """Whether there are instances enough for a number that is needed at all of them to be no accident."""
        return len(self.spots) > 1

    def changed(self, by: Callable[..., float], *others: Expr) -> bool:
        """Whether the line holds with the values of the place changed, each with those of other terms there."""
        return bool(self.mended((by,), *others))

    def mended(self, ways: Sequence[Callable[..., float]], *others: Expr) -> list[int]:
        """With which of several changes of the values of the place the line holds, as `changed` says of one."""
        left = list(range(len(ways))) if self.values is not None else []
        for spot, own in zip(self.spots, self.values or (), strict=True) if left else ():
            beside = [values for values in map(spot.of, others) if values is not None]
            if len(beside) < len(others):
                return []
            left = [n for n in left if _changed(spot, own, ways[n], beside)]
            if not left:
                break
        return left

    def fits(self, new: Expr) -> bool:
        """Whether the line holds with another term at the place."""
        return self.fits_as(SLOT, new)

    def fits_as(self, formula: Expr, of: Expr) -> bool:
        """Whether the line holds with a formula at the place, in the slot of which stands another term."""
        if self.is_bound:
            meant = self.up(put(formula, {SLOT: of}))
            return all(spot.meets(spot.of(meant)) for spot in self.spots)
        for spot in self.spots:
            values = spot.of(of)
            for around in (formula, self._around):
                values = values if around == SLOT else spot.put(around, {SLOT: values})
            if not spot.meets(values):
                return False
        return True

    @cached_property
    def _around(self) -> Expr:
        """What stands around the place, up to the last one above it for which the path can be inverted."""
        return SLOT if self.is_direct else self.up(SLOT)

    def fits_throughout(self, new: Mapping[Expr, Expr]) -> bool:
        """Whether the line holds with other terms for quantities everywhere at the place."""
        letters = {q: term for q, term in new.items() if isinstance(q, Symbol)}
        if len(letters) < len(new) or not self.is_direct or holds_derivative(self.term):
            return self.fits(put(self.term, new))
        return all(s.meets(s.put(self.term, {q: s.of(term) for q, term in letters.items()})) for s in self.spots)

    @cached_property
    def ratio(self) -> float | None:
        """What the place has to be multiplied by, where that is the same at all instances."""
        if self.values is None:
            return None
        totals = [spot.total(own) for spot, own in zip(self.spots, self.values, strict=True)]
        return _same([spot.need / t if t else None for spot, t in zip(self.spots, totals, strict=True)])

    @cached_property
    def gap(self) -> float | None:
        """What has to be added to the place, where that is the same at all instances."""
        if self.values is None:
            return None
        pairs = [(s.need - s.total(own), sum(s.weights)) for s, own in zip(self.spots, self.values, strict=True)]
        return _same([gap / weight if weight else None for gap, weight in pairs])


def _changed(spot: Spot, own: Values, by: Callable[..., float], beside: Sequence[Values]) -> bool:
    """Whether the values of a place add up to what is needed, each changed with those of other terms."""
    try:
        return spot.meets(tuple(by(*v) for v in zip(own, *beside, strict=True)))
    except (ValueError, OverflowError, ZeroDivisionError, TypeError):
        return False


def _same(found: Sequence[float | None]) -> float | None:
    first = found[0] if found else None
    if first is None or any(x is None or abs(x - first) > 10 * SAME * max(1.0, abs(first)) for x in found):
        return None
    return first


def simple(x: float | None) -> Rational | None:
    """The number with a small denominator that a float is; None where it is none."""
    if x is None or abs(x) > MAX_DENOMINATOR**2:
        return None
    found = Fraction(x).limit_denominator(MAX_DENOMINATOR)
    return Rational(found.numerator, found.denominator) if abs(x - found) <= 10 * SAME * max(1.0, abs(x)) else None


@dataclass(frozen=True)
class Seen:
    """What the left side of a line is at an instance, and the size of its sides there."""

    look: Look
    value: float
    scale: float

    def reads(self, right: Expr) -> float | None:
        """What another right side is there."""
        found = self.look.values(right, (self.look.own,))
        return None if found is None else found[0]

    def fits(self, other: float) -> bool:
        """Whether another right side is what the left one is, if this is its value."""
        loose = self.look.near * max(abs(self.value), abs(other))
        return abs(self.value - other) <= max(loose, SAME * max(self.scale, VISIBLE))


class Looked:
    """A line at a few instances: what its left side is at each, and the spots of its right side where it fails.

    No more instances are looked at than give `screens` spots, and one more where another right side is compared.
    """

    def __init__(self, left: Expr, right: Expr, looks: Iterable[Look], screens: int) -> None:
        self.left, self.right = left, right
        self._coming, self._seen, self._screens = iter(looks), list[Seen](), screens
        self.spots = tuple(islice(self._failing(), screens))

    def _failing(self) -> Iterator[Spot]:
        """The spots of the instances that were not looked at before, where the sides differ visibly."""
        for look in self._coming:
            one = look.values(self.left, (look.own,))
            other = None if one is None else look.values(self.right, (look.own,))
            if one is None:
                continue
            seen = Seen(look, one[0], max(map(abs, one + (other or ()))))
            self._seen.append(seen)
            if other is not None and abs(one[0] - other[0]) > VISIBLE * max(seen.scale, VISIBLE):
                yield Spot(look, (look.own,), (1.0,), one[0], seen.scale)

    @cached_property
    def every(self) -> tuple[Seen, ...]:
        """The instances at which the left side has a value: more than a right side was made to hold at."""
        coming = self._failing()
        while len(self._seen) <= self._screens and next(coming, None) is not None:
            pass
        return tuple(self._seen)

    def agrees(self, right: Expr, least: int = 1) -> bool:
        """Whether another right side is what the left one is wherever it has a value, and at so many instances."""
        found = [(seen, seen.reads(right)) for seen in self.every]
        known = [(seen, value) for seen, value in found if value is not None]
        return len(known) >= least and all(seen.fits(value) for seen, value in known)

    def vanishes(self, right: Expr) -> bool:
        """Whether another right side is 0 wherever it is looked at."""
        return not any(abs(seen.reads(right) or 0.0) > SAME * max(seen.scale, VISIBLE) for seen in self.every)


def places(
    formula: Expr, ranges: Ranges, spots: tuple[Spot, ...], usual: Mapping[Range, tuple[str, ...]]
) -> Iterator[Place]:
    """The places of a formula, with what is needed there.

    `usual` are the letters that usually run over a range.
    """
    letters = {i: run for i, run in sorted(ranges.items(), key=lambda pair: str(pair[0])) if is_index(i)}
    yield from _within(Place(formula, 0, letters, lambda new: new, spots), usual)


def _within(here: Place, usual: Mapping[Range, tuple[str, ...]]) -> Iterator[Place]:
    yield here
    term = here.term
    if here.depth >= MAX_DEPTH or isinstance(term, D | Indexed) or len(term.args) > MAX_ARGUMENTS:
        return
    if isinstance(term, Sigma | Prod):
        kind, lo, hi = type(term), term.lo, term.hi
        names = (*usual.get(Range(lo, hi), ()), *"ijkmn")
        (letter,), body = open_fresh(term, names, frozenset(here.letters))
        inner = replace(here, letters={**here.letters, letter: Range(lo, hi)})

        def closed(new: Expr) -> Expr:
            return kind.over(letter, lo, hi, new)

        opened = [s.opened(letter, lo, hi) if kind is Sigma else None for s in here.spots]
        below = _below(inner, body, closed, opened, None)
        yield from _within(replace(below, is_bound=not below.is_direct), usual)
    elif isinstance(term, Add | Mul | Pow | Function | Cases):
        for n, part in enumerate(term.args):
            if not (isinstance(term, Pow) and n == 1 and part.is_Number):
                inside = type(term) if isinstance(term, Add | Mul) else None
                yield from _within(
                    _below(here, part, _put_as(term, n), [_into(s, term, n) for s in here.spots], inside), usual
                )


def _put_as(term: Expr, n: int) -> Callable[[Expr], Expr]:
    """The term with something else as its n-th argument."""
    return lambda new: term.func(*term.args[:n], new, *term.args[n + 1 :])


def _below(
    here: Place, part: Expr, made: Callable[[Expr], Expr], spots: Sequence[Spot | None], inside: type[Expr] | None
) -> Place:
    """The place of a part, of which the term at a place is `made`; `spots` are its own where the way is inverted."""
    above, whole, found = here.up, here.put, [s for s in spots if s is not None]
    is_direct = here.is_direct and bool(found) and len(found) == len(spots)
    return replace(
        here,
        term=part,
        depth=here.depth + 1,
        put=lambda new: whole(made(new)),
        spots=tuple(found) if is_direct else here.spots,
        is_direct=is_direct,
        inside=inside,
        up=(lambda new: new) if is_direct else (lambda new: above(made(new))),
    )


def _into(spot: Spot, term: Expr, n: int) -> Spot | None:
    """The spot of the n-th argument; None where the way to it is not inverted."""
    if isinstance(term, Add | Mul):
        others = spot.of(term.func(*term.args[:n], *term.args[n + 1 :]))
        if others is None:
            return None
        return spot.beside(others) if isinstance(term, Add) else spot.times(others)
    if isinstance(term, Pow):
        beside = spot.of(term.args[1 - n])
        if beside is None or len(beside) > 1:
            return None
        [other] = beside
        return spot.inverted((lambda y: _root(y, other)) if n == 0 else (lambda y: log(y) / log(other)))
    inverse = _INVERSE.get(type(term))
    return None if inverse is None else spot.inverted(inverse)


def _root(y: float, power: float) -> float:
    """The one number of which y is a power; there is none, or two, where the power is even or y has no root."""
    if power % 2 == 0 or (y < 0 and power % 1):
        raise ValueError("no root, or two")
    return -float((-y) ** (1 / power)) if y < 0 else float(y ** (1 / power))
