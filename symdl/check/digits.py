"""Numbers as written in a proof: the digits shown, and what may stand behind them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, Integer, Rational

_NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?P<whole>[1-9]\d{0,2}(?:,\d{3})+|\d*)(?:\.(?P<places>\d+))?"
    r"(?:(?:\\times|\\cdot)10\^(?P<exponent>-?\d{1,3}))?(?P<percent>\\?%)?"
)
_FONT = re.compile(
    r"\\(?:mathbf|boldsymbol|bm|pmb|mathrm|mathit|mathsf|textbf|text|underline)\s*\{\s*([-+]?\s*\d[\d.,]*)\s*\}"
)
_COMMA = re.compile(r"(?<![\d}])(0+|\d+(?=\{,\}(?:\d{1,2}|\d{4,})(?!\d)))\{,\}(\d+)(?![\d{])")
"""A decimal comma in braces, where it cannot part thousands."""
_SPACED = re.compile(r"(?<!\d)(?<!(?<!\d)\d )\d(?: \d)*+ \. \d(?: \d)*(?!\d)|(?<=\d) \. (?=\d)")
"""A decimal, or its point, as a scanner sets it."""

_DECIMAL = re.compile(r"\d*\.(\d+)(?P<percent>(?:\s|~|\\[,;: ])*\\?%)?")
_ARRAY = re.compile(
    r"\\begin\{[bpv]?matrix\}(?P<rows>[^{}]*)\\end\{[bpv]?matrix\}|[\[(](?P<list>[^\[\](){}]*)[\])]", re.DOTALL
)
_GAP = re.compile(r"\\q?quad(?![A-Za-z])")
_MARGIN = re.compile(r"\\(?:left|right)(?![A-Za-z])|^\s+|\s+$|\s*[.,;]\s*$")
_SPACE = re.compile(r"\s|~|\\[,;:! ]|\\q?quad\b|[{}]|\.$|,$")


@dataclass(frozen=True)
class Digits:
    """A literal number and the unit of its last digit."""

    value: Rational
    unit: Rational
    has_point: bool

    @property
    def rounding(self) -> tuple[Expr, Expr]:
        """The closed interval of the numbers that round to these digits."""
        return self.value - self.unit / 2, self.value + self.unit / 2

    @property
    def truncation(self) -> tuple[Expr, Expr]:
        """The interval of the numbers that begin with these digits; the end away from 0 does not belong to it."""
        return (self.value, self.value + self.unit) if self.value >= 0 else (self.value - self.unit, self.value)


def with_points(latex: str) -> str:
    """The source with a plain point in every decimal, and every number in the font of the others."""
    return _COMMA.sub(r"\1.\2", _SPACED.sub(lambda m: m[0].replace(" ", ""), _FONT.sub(r"\1", latex)))


def digits_of(latex: str) -> Digits | None:
    """The digits of a side that is one literal number; None for anything else."""
    found = _NUMBER.fullmatch(_SPACE.sub("", with_points(latex)))
    if not found or not (found["whole"] or found["places"]):
        return None
    places = found["places"] or ""
    scale = Rational(10) ** (int(found["exponent"] or 0) - 2 * bool(found["percent"]))
    digits = Rational(int(found["whole"].replace(",", "") + places or "0"), 10 ** len(places))
    sign = Integer(-1) if found["sign"] == "-" else Integer(1)
    return Digits(sign * digits * scale, scale / 10 ** len(places), bool(places or found["percent"]))


def significant(shown: Digits) -> Digits:
    r"""What a whole number says after \approx: its zeros at the end are places, not digits shown."""
    unit, count = shown.unit, shown.value / shown.unit
    while not shown.has_point and count and count % 10 == 0:
        unit, count = unit * 10, count / 10
    return Digits(shown.value, unit, shown.has_point)


def entries_of(latex: str, shape: Sequence[int]) -> list[Digits] | None:
    """The digits of each entry of an array of plain numbers, row by row; None where it is none of this shape."""
    rows = _rows_of(latex)
    sides = [n for n in (len(rows), len(rows[0])) if n > 1] if rows else []
    if sides != [n for n in shape if n > 1] or len({len(row) for row in rows}) != 1:
        return None
    entries = [e for row in rows for e in row if e is not None]
    return entries if len(entries) == sum(map(len, rows)) else None


def is_array_of_digits(latex: str) -> bool:
    """Whether a side is an array of plain numbers."""
    rows = _rows_of(latex)
    return sum(map(len, rows)) > 1 and all(e is not None for row in rows for e in row)


def _rows_of(latex: str) -> list[list[Digits | None]]:
    """The digits of what stands in each row of an array, None for what is no number."""
    bare = _MARGIN.sub("", latex)
    found = _ARRAY.fullmatch(bare)
    if not found:
        return [[digits_of(entry) for entry in _GAP.split(bare)]]
    body = found["rows"] or found["list"] or ""
    rows = [re.split("&|," if found["list"] else "&", row) for row in re.split(r"\\\\", body) if row.strip()]
    return [[digits_of(entry) for entry in row] for row in rows]


def decimals_in(latex: str) -> list[str]:
    """The decimals of a formula, without signs."""
    return [m[0] for m in _DECIMAL.finditer(with_points(latex))]


def coarsest_unit(latex: str) -> Rational | None:
    """The largest unit of a last decimal in a formula; None where it shows no decimal."""
    places = [len(m[1]) + 2 * bool(m["percent"]) for m in _DECIMAL.finditer(with_points(latex))]
    return Rational(1, 10 ** min(places)) if places else None
