"""Commas as decimal signs, 0,75: what they are is settled once for a document, by all of its numbers together.

A comma without a blank between two digits parts a list (k = 1,2), thousands (12,000), or the whole from its fraction.
Where several numbers can only be meant the last way, and none has a decimal point, every one is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NUMBER = re.compile(r"(?<![\d.,])(?P<whole>\d+)(?P<sign>,|\{,\})(?P<part>\d+)(?![\d.]|,\d|\{,\}\d)")
_POINTED = re.compile(r"(?<![\d.,])(?:0\.\d+|\d+\.(?:\d{1,2}|\d{4,}))(?![\d.])")
_FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]*\$|\\\[.*?\\\]|\\begin\{(?:align|equation|gather).*?\\end", re.DOTALL)
_HEADING = re.compile(r"^\s*#.*$", re.MULTILINE)
_SAID = re.compile(
    r"decimal commas?|commas? (?:as|for|is|are) (?:the |a )?decimal|Dezimalkomma|virgules? décimales?|comas? decimal"
    r"|virgola decimale|desimalkomma|decimalkomma",
    re.IGNORECASE,
)
_OPENS = re.compile(r"(?:\\\{|\[|_\{|(?:\\in|\bN|\bU|\})\s*\()\s*\Z")
_CLOSES = re.compile(r"\s*(?:\\?\}|\]|\))")
_OPENED = re.compile(r"[(\[]\s*[-+−]?\s*\Z")
_LISTED = re.compile(r"\((?:\s*[-+−]?\d+(?:,\d+)?\s*;)+\s*[-+−]?\d+(?:,\d+)?\s*\)")
"""A vector with semicolons between its numbers, so that commas are free for decimals."""
_ABOUT = re.compile(r"\\approx\s*[-+−]?\s*\Z")
_BEFORE = 20
"""How far before a number the bracket opens that makes a list of it, with what stands before it."""

ENOUGH = 2
"""How many numbers that can only be decimal fractions settle what commas are, where no word does."""

GROUP = 3


def with_points(text: str) -> str:
    """The text with points for its decimal commas, where commas are decimal signs; every place stays what it is."""
    if not any(_fractions(text)):
        return text
    shown = _HEADING.sub("", text)
    formulas = " ".join(_FORMULA.findall(shown)) if "$" in shown or "\\[" in shown else shown
    said = ENOUGH * bool(_LISTED.search(formulas)) + bool(_SAID.search(shown))
    if _POINTED.search(formulas) or said + sum(map(_evidence, _fractions(formulas))) < ENOUGH:
        return text
    out, at = [], 0
    for m in _fractions(text):
        out += [text[at : m.start("sign")], m["sign"].replace(",", ".")]
        at = m.end("sign")
    return "".join([*out, text[at:]])


def _fractions(text: str) -> Iterator[re.Match[str]]:
    """The numbers with a comma that are no list in brackets: {0,1}, [0,1], N(0,1), w_{1,2}."""
    for m in _NUMBER.finditer(text):
        if not (_OPENS.search(text, max(m.start() - _BEFORE, 0), m.start()) and _CLOSES.match(text, m.end())):
            yield m


def _evidence(number: re.Match[str]) -> int:
    """How far a number with a comma shows that this is a decimal sign: 0,25 and \\approx 8,41 settle it alone.

    Two numbers in a row such as 1,2, a point (2,5), and groups of thousands show nothing.
    """
    text, whole, part = number.string, number["whole"], number["part"]
    before = max(number.start() - _BEFORE, 0)
    is_run = part[0] != "0" and int(part) == int(whole) + 1
    is_point = bool(_OPENED.search(text, before, number.start()) and _CLOSES.match(text, number.end()))
    if is_run or is_point or (whole != "0" and len(part) == GROUP):
        return 0
    is_value = bool(_ABOUT.search(text, before, number.start()))
    return ENOUGH if is_value or (whole == "0" and len(part) > 1) else 1


def is_doubtful(text: str, comma: int) -> bool:
    """Whether the comma at this offset may be a decimal sign for all that its number shows."""
    return any(m.start("sign") == comma and bool(_evidence(m)) for m in _fractions(text))
