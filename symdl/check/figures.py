"""What is wrong with numbers worked out from numbers: one place of a formula, or one entry.

A letter is put for every number of a formula, so that it keeps the form in which the numbers were put in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flint import fmpq
from sympy import Expr, Rational, S, Symbol

from symdl.check.arrays import places_of
from symdl.check.digits import entries_of, with_points
from symdl.check.enclosures import Loosened, Value, enclosed, midpoint, read_loosened
from symdl.check.needed import Look, Spot
from symdl.check.undoing import places_entry
from symdl.language import as_float, as_fmpq, free_symbols, put, scalar, subterms
from symdl.problem import Givens, Ranges, Text
from symdl.write import latex_of

SIGN = "a sign"
TWO = "a factor 2"

NEAR = 2e-3
"""The part of a value by which a formula may miss it for the rounding of the decimals in it."""

MAX_SOURCE = 300
MAX_NUMBERS = 20
MAX_PLACES = 7

_NUMBER = re.compile(r"(?<![\d.])(?:\d{1,3}(?:(?:\{,\}|,)\d{3})+|\d+)(?:\.\d+)?(?![\d.])")
_FRACTION = re.compile(r"(\\[dt]?frac)\s*(\d)\s*(\d)")
_SCRIPT = re.compile(
    r"_\s*(?:\{[^{}]*\}|\\?\w)(?:\s*\^\s*(?:\{[^{}]*\}|\w))?|\^\s*\{?\s*[(\[][^()\[\]]*[)\]]\s*\}?|\\begin\{\w+\}(?:\{[^{}]*\})?"
)
"""What stands below a name, labels above it, and where sums end: no numbers that are put in."""


@dataclass(frozen=True)
class Lettered:
    """A formula with a letter for each of its numbers."""

    formula: Expr
    numbers: Mapping[Symbol, Rational]
    written: Mapping[Symbol, str]

    @property
    def own(self) -> dict[Symbol, fmpq]:
        """The values of the letters."""
        return {letter: as_fmpq(n) for letter, n in self.numbers.items()}

    def name(self, name: Text, givens: Givens) -> str:
        """The name of a slip in it, with the numbers as they are written."""
        return "".join(p if isinstance(p, str) else f"${self._latex(p, givens)}$" for p in name)

    def _latex(self, term: Expr, givens: Givens) -> str:
        term = put(term, {d: S.One for d in subterms(term) if places_entry(d)})
        shown = numeral(term) if term.is_Rational else latex_of(term, givens)
        shown = re.sub(r"(\\mathfrak\{\w\}) (?=\\mathfrak)", r"\1 \\cdot ", shown)
        for letter, text in self.written.items():
            shown = shown.replace(letter.name, text)
        return shown


def lettered(source: str, givens: Givens, ranges: Ranges) -> Lettered | None:
    """A formula with a letter for each of its numbers, at the letters of the ranges; None where it has none."""
    source = _FRACTION.sub(r"\1{\2}{\3}", with_points(source))
    if len(source) > MAX_SOURCE:
        return None
    scripts = [m.span() for m in _SCRIPT.finditer(source)]
    found = [m for m in _NUMBER.finditer(source) if not any(a <= m.start() < b for a, b in scripts)]
    if not 1 < len(found) <= MAX_NUMBERS:
        return None
    letters = [scalar(rf"\mathfrak{{{chr(ord('a') + n)}}}") for n in range(len(found))]
    made, end = "", 0
    for letter, m in zip(letters, found, strict=True):
        made, end = f"{made}{source[end : m.start()]}{{{letter.name}}}", m.end()
    made += source[end:]
    numbers = {s: Rational(re.sub(r"[{},]", "", m[0])) for s, m in zip(letters, found, strict=True)}
    read = read_loosened(made, Loosened((made,), numbers, {}), givens, ranges)
    if read is None:
        return None
    return Lettered(read, numbers, {s: m[0] for s, m in zip(letters, found, strict=True)})


def spots_of(formula: Lettered, spots: Sequence[Spot]) -> Iterator[Spot]:
    """The places of a whole formula of letters, where it is the right side of a line that is looked at."""
    for spot in spots:
        look = spot.look
        there = Look(look.evaluation.world, look.known, formula.own, look.near)
        if there.values(formula.formula, (there.own,)) is not None:
            yield replace(spot, look=there, scopes=(there.own,))


def numeral(number: Rational) -> str:
    """A number as a decimal, where it is a short one."""
    places = next((n for n in range(MAX_PLACES) if (number * 10**n).is_Integer), None)
    if places is None:
        return latex_of(number, Givens())
    return str(number) if not places else f"{float(number):.{places}f}"


def wrong_entries(left: Expr, source: str, ranges: Ranges, givens: Givens) -> str:
    """What is wrong with an array of numbers for one that is given: a sign, a factor 2, or one entry; else nothing."""
    letters = [i for i in ranges if i in free_symbols(left)]
    runs = [ranges[i] for i in letters]
    places = places_of(runs) if letters else None
    shown = entries_of(source, [int(r.hi - r.lo) + 1 for r in runs]) if places is not None else None
    if places is None or shown is None or len(shown) != len(places):
        return ""
    values = [enclosed(_at(left, letters, place), givens) for place in places]
    pairs = [(v, as_fmpq(d.value)) for v, d in zip(values, shown, strict=True) if v is not None]
    wrong = [(v, n) for v, n in pairs if not _is_same(v, n)]
    if len(pairs) < len(values) or not wrong:
        return ""
    for name, factors in ((SIGN, (-1,)), (TWO, (2, fmpq(1, 2)))):
        if any(all(_is_same(v, n * factor) for v, n in wrong) for factor in factors):
            return name
    return "an error of arithmetic in one entry" if len(wrong) == 1 and len(values) > 1 else ""


def _at(term: Expr, letters: Sequence[Symbol], place: Sequence[Expr]) -> Expr:
    return put(term, dict(zip(letters, place, strict=True)))


def _is_same(one: Value, other: Value) -> bool:
    """Whether two values are equal, as far as the digits of decimals say."""
    if isinstance(one, fmpq) and isinstance(other, fmpq) and one == other:
        return True
    a, b = as_float(midpoint(one)), as_float(midpoint(other))
    return abs(a - b) <= NEAR * max(abs(a), abs(b))
