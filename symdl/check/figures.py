"""What is wrong with numbers worked out from numbers: one sign, factor, square or logarithm of a formula, or one entry.

The formula is changed in its source, where the numbers still stand as they were put in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from flint import arb, fmpq
from sympy import Expr, Symbol

from symdl.check.arrays import places_of
from symdl.check.digits import digits_of, entries_of
from symdl.check.enclosures import Value, enclosed, midpoint
from symdl.check.undoing import LEFT_OUT
from symdl.language import as_float, as_fmpq, free_symbols, put, quantities
from symdl.problem import Givens, Ranges
from symdl.read import read_changed
from symdl.write import latex_of

SIGN = "a sign"
TWO = "a factor 2"
SQUARE = "a square"
BASE = "the base of the logarithm"
MISPUT = "a sum for a product"

NEAR = 2e-3
"""The part of a value by which a formula may miss it for the rounding of the decimals in it."""

MAX_CHANGED, TOGETHER = 60, 8
"""How many changed formulas are looked at, and how many of them are read at once."""

MAX_SOURCE = 300

_NUMBER = r"(?<![\d.])\d+(?:\.\d+)?(?![\d.])"
_TIMES = r"\s*(?:\\cdot|\\times|\*)\s*"


def wrong_figure(left: Expr, source: str, givens: Givens) -> str:
    """What is wrong with a formula of numbers for a value that is given; nothing where no one change mends it."""
    value = enclosed(left, givens)
    if value is None or digits_of(source) is not None or len(source) > MAX_SOURCE:
        return ""
    [number] = _numbers([source], givens)
    if number is None:
        return ""
    changed = islice(_changed(source, number), MAX_CHANGED)
    while together := list(islice(changed, TOGETHER)):
        found = iter(_numbers([meant for _, meant in together if isinstance(meant, str)], givens))
        for name, meant in together:
            one = next(found) if isinstance(meant, str) else meant
            if one is not None and _is_same(value, one):
                return name
    return _given(value, number, givens)


def _numbers(sources: Sequence[str], givens: Givens) -> list[Value | None]:
    """What each formula of numbers is; None where it cannot be read, or holds anything else."""
    terms = read_changed(sources, givens)
    return [None if t is None or quantities(t) or free_symbols(t) else enclosed(t, givens) for t in terms]


def _given(value: Value, number: Value, givens: Givens) -> str:
    """The one given number that a formula lacks as a factor or term, or has as one too many; else nothing."""
    found: set[str] = set()
    for v in givens.values:
        n = enclosed(v.number, givens)
        if n is None or n in (0, 1) or not isinstance(v.quantity, Symbol):
            continue
        name = latex_of(v.quantity, givens)
        ways = (
            (number * n, "factor", LEFT_OUT),
            (number / n, "factor", " too many"),
            (number + n, "term", LEFT_OUT),
            (number - n, "term", " too many"),
        )
        found |= {f"the {what} ${name}${how}" for meant, what, how in ways if _is_same(value, meant)}
    return found.pop() if len(found) == 1 else ""


def _changed(source: str, number: Value) -> Iterator[tuple[str, str | Value | None]]:
    """A formula with one place of it changed, or what it is then, after what was wrong there: the usual slips first."""

    def at(pattern: str, *news: str) -> Iterator[str]:
        for found in re.finditer(pattern, source):
            for new in news:
                yield source[: found.start()] + found.expand(new) + source[found.end() :]

    yield from ((SIGN, n) for n in at(r"\+", "-"))
    yield from ((SIGN, n) for n in at(r"(?<![({^\s])\s*-", " +"))
    yield from ((SIGN, n) for n in at(r"(^|[({])\s*-", r"\1"))
    yield from ((SIGN, n) for n in at(r"^\s*(?=\d)", "-"))
    yield SIGN, -number
    yield from ((TWO, n) for n in at(rf"(?<!\^)(?<!\^\{{)({_NUMBER})", r"(2 \\cdot \1)", r"(\1/2)"))
    yield from ((TWO, n) for n in (2 * number, number / 2))
    yield from ((SQUARE, n) for n in at(rf"({_NUMBER})(?!\s*\^)", r"\1^2"))
    yield from ((SQUARE, n) for n in at(r"\^(?:2|\{2\})", ""))
    yield from ((SQUARE, n) for n in (number**2, arb(number).sqrt() if number >= 0 else None))
    yield from ((BASE, n) for n in at(r"\\log_(?:10|2|\{10\}|\{2\})|\\lg(?![a-z])", r"\\ln "))
    yield from ((BASE, n) for n in at(r"\\(?:ln|log)(?![a-z_])", r"\\log_2 ", r"\\log_{10} "))
    yield from ((MISPUT, n) for n in at(r"\+", r"\\cdot "))
    for found in re.finditer(rf"{_TIMES}({_NUMBER})(?!\s*\^)|({_NUMBER}){_TIMES}", source):
        name = f"the factor ${found[1] or found[2]}$ too many"
        yield name, source[: found.start()] + source[found.end() :]


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
