"""What a slip of the pen does to a formula at one place, undone: the formulas that may have been meant.

A slip is local, so that every formula here differs from the one that is written at one place: a sign, a factor, a
power, an index.  What the place would have to be says which change mends the line; the usual ones and those at the top
come before others and those further inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, groupby, islice, permutations, product
from math import fsum, prod
from math import log as log_of
from typing import Any, NamedTuple

from sympy import Add, Expr, Function, Indexed, Integer, Mul, Pow, Rational, S, Symbol, log

from symdl.check.needed import SLOT, Place, Spot, places, simple
from symdl.language import (
    Cases,
    Delta,
    Prod,
    Sigma,
    Step,
    free_symbols,
    indices_of,
    is_closed,
    is_index,
    label_of,
    put,
    quantities,
    subterms,
)
from symdl.language import family as member
from symdl.problem import Range, Ranges, Text

LEFT_OUT = ", left out"
TRANSPOSED: Text = ("the whole transposed",)
OUT_OF_PLACE = ", which does not belong there"
"""How the name of a slip ends that may as well be another quantity, with a term or factor more or less."""

MAX_MEMBERS = 4
MAX_PLACES = 8
MAX_EXCHANGED = 8
"""How many quantities are exchanged with one another, or turned throughout."""
HALF, TWO = Rational(1, 2), Integer(2)
_SCALED: dict[Rational, Callable[[float], float]] = {
    Integer(-1): lambda x: -x,
    TWO: lambda x: 2 * x,
    HALF: lambda x: x / 2,
}
"""What the signs and factors that are lost most do to a value."""
BARE = (-1, 2, 0.5)
"""The factors that are lost by a slip of the pen and make no other quantity: a sign, and 2."""


@dataclass(frozen=True)
class Words:
    """What formulas are made of at a place: the labels in reach with their index ranges, sizes, and usual letters.

    `logs` are the logarithms of numbers in reach, which tell the base of others, `heads` the functions of one number,
    `parts` the terms and factors of the formulas in reach, `literals` the letters that stand for numbers as they are
    written, and `said` the index letters that are.
    """

    labels: Mapping[Symbol, tuple[Range, ...]]
    sizes: tuple[Symbol, ...]
    logs: tuple[Expr, ...]
    usual: Mapping[Range, tuple[str, ...]]
    heads: tuple[Any, ...] = ()
    parts: tuple[Expr, ...] = ()
    literals: Mapping[Symbol, Rational] = field(default_factory=dict)
    said: frozenset[Symbol] = frozenset()

    def members(self, letters: Mapping[Symbol, Range]) -> Iterator[Expr]:
        """The quantities that the index letters at hand can make, those of few indices first."""
        for label, runs in sorted(self.labels.items(), key=lambda pair: (len(pair[1]), pair[0].name)):
            fitting = [[i for i, at in letters.items() if at.hi == run.hi] for run in runs]
            yield from (member(label, *at) for at in islice(product(*fitting), MAX_MEMBERS))

    def number_of(self, term: Expr) -> Rational | None:
        """The number that is written; None where it is anything else."""
        return term if term.is_Rational else self.literals.get(term)

    def named(self, letters: Mapping[Symbol, Range]) -> tuple[Expr, ...]:
        """The quantities, sizes and parts of formulas that stand for a number where these letters are at hand."""
        found = (*self.members(letters), *self.sizes, *self.parts)
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Slip:
    """The name of a slip, and the right side without it.

    `is_bare` says that a sign or a factor 2 is all that was wrong: with it a line holds only where what it stands at is
    0, and nobody writes that down.
    """

    name: Text
    right: Expr
    is_bare: bool = False

    @property
    def is_sign(self) -> bool:
        """Whether a sign is all that was wrong."""
        return self.is_bare and str(self.name[0]).startswith(("a sign", "the sign of "))


def undone(formula: Expr, ranges: Ranges, words: Words, spots: tuple[Spot, ...]) -> Iterator[Slip]:
    """The formulas that differ from this one by a slip at one place and hold at the spots, the usual slips first."""
    found = sorted(places(formula, ranges, spots, words.usual), key=lambda p: p.depth)
    yield from _whole(found[0])
    yield from _exchanged(found[0], ranges, words)
    # Of numbers that were put together nothing can be told but what they come to.
    is_number = all(map(is_index, free_symbols(formula))) and not words.literals
    if is_number and not found[0].is_told:
        return
    kinds = (_factors, *(() if is_number else (_numbers,)), _powers, _indices, _functions, _cases)
    for _, group in groupby(found, key=lambda p: p.depth):
        level = list(group)
        for kind in kinds:
            for p in level:
                yield from kind(p, words)
    if not found[0].is_told:
        yield from _misread(found, words, lambda new, old: old.is_Integer and abs(new - old) == 1)
    for more in (_bases, _left_out, *(() if is_number else (_taken_for, _bounds, _constants))):
        for p in found:
            yield from more(p, words)
    if not found[0].is_told:
        yield from _misread(found, words, _is_as_short)
    yield from _throughout(found[0])


def _whole(top: Place) -> Iterator[Slip]:
    """A slip of the formula as a whole."""
    for factor in _bare(top):
        yield Slip(("a sign" if factor < 0 else "a factor 2",), top.put(factor * top.term), is_bare=True)
    if top.changed(lambda x: 1 / x):
        yield Slip(("a fraction upside down",), 1 / top.term)


def _bare(here: Place) -> Iterator[Rational]:
    """The signs and factors 2 by which a place has to be multiplied."""
    factors = (Integer(-1),) if here.term.is_Number and here.depth else (Integer(-1), TWO, HALF)
    if here.values is not None:
        found = here.mended([_SCALED[factor] for factor in factors])
        yield from (factors[n] for n in found)
    elif here.inside is not Mul:
        yield from (factor for factor in factors if here.fits_as(factor * SLOT, here.term))


def _factors(here: Place, words: Words) -> Iterator[Slip]:
    """A wrong sign or factor 2, a term or factor too many, a sum for a product."""
    term = here.term
    if here.inside is not Mul and here.depth:
        for factor in _bare(here):
            name = "the sign of " if factor < 0 else "a factor 2 at "
            yield Slip((name, abs_of(term)), here.put(factor * term), is_bare=True)
    if isinstance(term, Function) and len(term.args) == 1 and here.fits_as(term.func(-SLOT), term.args[0]):
        yield Slip(("the sign of ", abs_of(term.args[0])), here.put(term.func(-term.args[0])))
    if here.inside is Add and (here.changed(lambda x: 0.0) if here.values else term.is_Number and here.fits(S.Zero)):
        yield Slip((term, OUT_OF_PLACE) if term.is_Number else ("the term ", term, " too many"), here.put(S.Zero))
    if isinstance(term, Mul):
        for f in term.args:
            if not f.is_Number and not places_entry(f) and here.changed(lambda x, y: x / y, f):
                yield Slip(("the factor ", f, " too many"), here.put(term / f))
            if not f.is_Number and here.changed(lambda x, y: x * (1 - y), f):
                yield Slip(("the factor ", 1 - f, LEFT_OUT), here.put(term * (1 - f)))
    if isinstance(term, Add | Mul) and 1 < len(term.args) <= 3 and not any(t.is_Number for t in term.args):
        if isinstance(term, Add) and here.changed(lambda x, *parts: prod(parts), *term.args):
            yield Slip(("a sum for a product",), here.put(Mul(*term.args)))
        if isinstance(term, Mul) and here.changed(lambda x, *parts: fsum(parts), *term.args):
            yield Slip(("a product for a sum",), here.put(Add(*term.args)))


def abs_of(term: Expr) -> Expr:
    """A term without its minus sign."""
    return -term if term.could_extract_minus_sign() else term


def places_entry(factor: Expr) -> bool:
    """Whether a factor only says at which index an entry of a written array stands."""
    return isinstance(factor, Delta) and any(a.is_Integer for a in factor.args)


def _numbers(here: Place, words: Words) -> Iterator[Slip]:
    """A number that is written, for another one."""
    term = here.term
    written = term.args[0] if isinstance(term, Mul) else term
    number = words.number_of(written)
    if number is None or (term.is_Number and (here.inside is Mul or not here.depth)) or not here.is_told:
        return
    ratio = simple(here.ratio)
    if ratio is not None and ratio != 0 and float(ratio) not in BARE:
        yield Slip((abs_of(written), " for ", abs_of(ratio * number)), here.put(ratio * term))


def _misread(found: Sequence[Place], words: Words, is_like: Callable[[Rational, Rational], bool]) -> Iterator[Slip]:
    """The one number that is written for another one that is like it."""
    needed = [(p, n, simple(p.ratio * float(n))) for p in found if p.ratio and (n := words.literals.get(p.term))]
    fitting = [(p, new) for p, old, new in needed if new is not None and new > 0 and is_like(new, old)]
    if len(fitting) == 1:
        [(p, new)] = fitting
        yield Slip((p.term, " for ", new), p.put(new))


def _is_as_short(new: Rational, old: Rational) -> bool:
    """Whether a number is written with no more digits than another one."""
    places = next((n for n in range(MAX_PLACES) if (old * 10**n).is_Integer), MAX_PLACES)
    return bool((new * 10**places).is_Integer) and abs(new) <= 10 * abs(old)


def _constants(here: Place, words: Words) -> Iterator[Slip]:
    """A number that is missing as a factor or term."""
    term = here.term
    if not here.is_told or words.number_of(term) is not None:
        return
    ratio = simple(here.ratio) if here.inside is not Mul else None
    if ratio is not None and ratio != 0 and float(ratio) not in BARE:
        yield Slip(("a factor ", ratio, *((" at ", term) if here.depth else ())), here.put(ratio * term))
    gap = simple(here.gap) if here.inside is not Add else None
    if gap is not None and gap != 0:
        is_name = isinstance(term, Symbol | Indexed)
        yield Slip((term, " for ", term + gap) if is_name else ("the term ", gap, LEFT_OUT), here.put(term + gap))


def _powers(here: Place, words: Words) -> Iterator[Slip]:
    term = here.term
    base, n = (term.args[0], words.number_of(term.args[1])) if isinstance(term, Pow) else (term, Integer(1))
    if n is None:
        return
    if is_index(base) or base.is_Number or (n == 1 and not isinstance(term, Symbol | Indexed | Function | Add)):
        return
    more = () if base in words.literals else (-n, n + 1, n - 1, 2 * n, n / 2)
    for m in dict.fromkeys((Integer(1), TWO, HALF, *more)):
        if m not in (0, n) and _is_power(here, base, m):
            yield Slip(_power(base, n, m), here.put(base**m))


def _is_power(here: Place, base: Expr, power: Rational) -> bool:
    """Whether a place has to be a power of a base in it."""
    exponent = float(power)
    return here.changed(lambda x, b: b**exponent, base) if here.values is not None else here.fits(base**power)


def _power(base: Expr, n: Expr, m: Expr) -> Text:
    """The name of one power for another one."""
    if m == -n:
        return (base, " above or below the fraction line")
    if m == 1:
        name = {TWO: "a square of ", HALF: "a square root of "}.get(n, "the power of ")
        return (name, base, *((" too many",) if n in (TWO, HALF) else ()))
    if n == 1 and m in (TWO, HALF):
        return ("a square of " if m == 2 else "a square root of ", base, " that was lost")
    return ("the power of ", base)


def _indices(here: Place, words: Words) -> Iterator[Slip]:
    """An index for another one, also in one of several equal factors."""
    base, rest = _one_of(here.term)
    if not isinstance(base, Indexed):
        return
    at, label = indices_of(base), label_of(base)
    ways: dict[Expr, Text] = {}
    if len(at) == 2 and at[0] != at[1]:
        ways[member(label, at[1], at[0])] = ("a transposed ", label)
    for k, i in enumerate(at):
        inside = sorted(free_symbols(i), key=str)
        others = [j for j in here.letters if j not in inside] if i.is_Symbol else [put(i, {j: -j}) for j in inside]
        for new in (*others, i - 1, i + 1, *((i - 2, i + 2) if i.is_Integer else ())):
            ways.setdefault(member(label, *at[:k], new, *at[k + 1 :]), ("the index ", i, " for ", new))
    for other, name in ways.items():
        if here.fits(rest * other):
            yield Slip(name, here.put(rest * other))


def _one_of(term: Expr) -> tuple[Expr, Expr]:
    """One of the equal factors of a whole power, and the others."""
    base, n = term.args if isinstance(term, Pow) else (term, Integer(1))
    return (base, base ** (n - 1)) if n.is_Integer and n > 0 else (term, S.One)


def _functions(here: Place, words: Words) -> Iterator[Slip]:
    """A logarithm to another base, a wrong sign of an argument, a function lost, too many, or for another one."""
    term = here.term
    if isinstance(term, log):
        for base in (10, 2):
            if _is_scaled(here, 1 / log_of(base)):
                yield Slip((f"a logarithm to base {base} for the natural one",), here.put(term / log(base)))
    if isinstance(term, Function) and len(term.args) == 1:
        [inside] = term.args
        if here.fits(inside):
            yield Slip(("the function in ", term, " too many"), here.put(inside))
        for head in words.heads:
            if head is not type(term) and here.fits_as(head(SLOT), inside):
                yield Slip((term, " for ", head(inside)), here.put(head(inside)))
    elif here.inside is not Mul and not term.is_number and not is_index(term):
        for head in words.heads:
            if here.fits_as(head(SLOT), term):
                yield Slip((term, " for ", head(term)), here.put(head(term)))


def _cases(here: Place, words: Words) -> Iterator[Slip]:
    term = here.term
    if isinstance(term, Step) and here.fits(1 - term):
        yield Slip(("the wrong case",), here.put(1 - term))
    elif isinstance(term, Cases) and len(term.branches) == 1:
        [(value, condition)] = term.branches
        if here.fits(other := Cases(term.otherwise, condition, value)):
            yield Slip(("the cases exchanged",), here.put(other))


def _bases(here: Place, words: Words) -> Iterator[Slip]:
    """A factor that is missing because a logarithm has another base than the natural one."""
    for n in words.logs if here.inside is not Mul else ():
        unit = log_of(n.args[0])
        for factor, number in ((1 / n, 1 / unit), (n, unit)):
            if _is_scaled(here, number):
                yield Slip(("the base of the logarithm: the factor ", factor, LEFT_OUT), here.put(factor * here.term))


def _is_scaled(here: Place, number: float) -> bool:
    """Whether a place has to be multiplied by a number."""
    return here.changed(lambda x: number * x)


class _Missing(NamedTuple):
    """What a quantity that is missing does to values and to the term, and how that is called.

    What is usual is missing of terms and factors, too, and not only of quantities.
    """

    change: Callable[[float, float], float]
    put: Callable[[Expr, Expr], Expr]
    name: Callable[[Expr], Text]
    is_usual: bool = False


_LEFT_OUT = (
    _Missing(lambda x, q: x * q, lambda t, q: t * q, lambda q: ("the factor ", q, LEFT_OUT), is_usual=True),
    _Missing(lambda x, q: x * (1 - q), lambda t, q: t * (1 - q), lambda q: ("the factor ", 1 - q, LEFT_OUT)),
    _Missing(lambda x, q: x / q, lambda t, q: t / q, lambda q: ("the factor ", 1 / q, LEFT_OUT)),
    _Missing(lambda x, q: x / (1 - q), lambda t, q: t / (1 - q), lambda q: ("the factor ", 1 / (1 - q), LEFT_OUT)),
    _Missing(lambda x, q: x + q, lambda t, q: t + q, lambda q: ("the term ", q, LEFT_OUT), is_usual=True),
    _Missing(lambda x, q: x - q, lambda t, q: t - q, lambda q: ("the term ", -q, LEFT_OUT), is_usual=True),
)
"""The factors that may be missing, then the terms."""


def _left_out(here: Place, words: Words) -> Iterator[Slip]:
    """A factor or term that is missing."""
    if here.inside is Mul or here.values is None:
        return
    ways = _LEFT_OUT[:4] if here.inside is Add else _LEFT_OUT
    for q in words.named(here.letters):
        usual = [way for way in ways if way.is_usual or isinstance(q, Symbol | Indexed)]
        for n in here.mended([way.change for way in usual], q):
            yield Slip(usual[n].name(q), here.put(usual[n].put(here.term, q)))


def _taken_for(here: Place, words: Words) -> Iterator[Slip]:
    """One quantity or number written for another one, also in one of several equal factors."""
    base, rest = _one_of(here.term)
    if not (isinstance(base, Symbol | Indexed) or (base.is_Number and here.depth)) or is_index(base):
        return
    complement = () if base.is_Number else (1 - base,)
    for q in (*words.named(here.letters), *(n + by for n in words.sizes for by in (1, -1)), *complement):
        is_meant = here.changed(lambda x, b, y: x / b * y, base, q) if here.values is not None else here.fits(rest * q)
        if is_meant and not _is_part(base, q):
            yield Slip((base, " for ", q), here.put(rest * q))


def _is_part(term: Expr, of: Expr) -> bool:
    """Whether a term stands in another one, so that this is no slip of one name."""
    return term == of or (not isinstance(of, Symbol | Indexed) and term in subterms(of) and not of.is_Add)


def _bounds(here: Place, words: Words) -> Iterator[Slip]:
    """A sum that is left out, or too much, or a sum or product that begins or ends one index too early or too late."""
    term = here.term
    if isinstance(term, Sigma | Prod):
        for lo, hi in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            if here.fits(new := type(term)(term.lo + lo, term.hi + hi, term.body)):
                yield Slip(("where a sum or product begins or ends",), here.put(new))
        for i, run in here.letters.items():
            if run == Range(term.lo, term.hi) and here.fits(new := term.open(i)):
                yield Slip(("all of ", term, " for its term at ", i), here.put(new))
    elif here.inside is not Mul and here.values is not None:
        for i, run in here.letters.items():
            if i in free_symbols(term) and here.fits(new := Sigma.over(i, run.lo, run.hi, term)):
                yield Slip(("the sum over ", i, LEFT_OUT), here.put(new))


def _exchanged(top: Place, ranges: Ranges, words: Words) -> Iterator[Slip]:
    """Two index letters exchanged throughout, or one put for the other."""
    formula, letters = top.term, [i for i in ranges if is_index(i)]
    inside = free_symbols(formula)
    for i, j in permutations(letters, 2):
        if ranges[i] == ranges[j] and i in inside:
            if j in inside and top.fits(new := put(formula, {i: j, j: i})):
                yield Slip(("the indices ", i, " and ", j, " exchanged") if i in words.said else TRANSPOSED, new)
            if top.fits(new := put(formula, {i: j})):
                yield Slip(("the index ", i, " for ", j), new)


def _throughout(top: Place) -> Iterator[Slip]:
    """Index letters or quantities exchanged everywhere, or one turned into what it is taken from."""
    formula = top.term
    inside = sorted((q for q in quantities(formula) if is_closed(q)), key=str)[:MAX_EXCHANGED]
    for one, other in combinations(inside, 2):
        for sign in (1, -1):
            new = {one: sign * other, other: sign * one}
            if top.fits_throughout(new):
                yield Slip((sign * one, " and ", other, " exchanged"), put(formula, new))
    for q in inside:
        for turned in (-q, 1 - q):
            if top.fits_throughout({q: turned}):
                yield Slip((q, " for ", turned, " throughout"), put(formula, {q: turned}))
