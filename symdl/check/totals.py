"""Totals in words: `So, total # of operations = 259`, after lines that count operations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from sympy import Add, Expr

from symdl.check.called import worded
from symdl.check.digits import Digits, digits_of
from symdl.check.enclosures import decimal, enclosed, within
from symdl.check.introducing import HENCE
from symdl.check.report import SLIP
from symdl.check.running import Line
from symdl.check.tidying import unmarked
from symdl.language import as_fmpq
from symdl.problem import Block, Decision, Givens
from symdl.read.cases import EQUATES

_LINE = re.compile(r"(?P<words>[^=:≈<>+*/^×·\\]*)[=:≈]\s*(?P<rest>.+)")
_DRESS = re.compile(r"\$|\\(?:text|mathrm|mathbf|textbf|boxed)\s*(?=\{)|\\[,;:! ]|\\q?quad|[{}*]|\\\\|\\#")
_TOTAL = re.compile(r"\b(?:total|in all|altogether|overall|sum|insgesamt|summe|somme|suma)\b", re.IGNORECASE)
_LEAD = re.compile(rf"^(?:{HENCE}|then)\b[,\s]*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}")
_PLURAL = re.compile(r"(?<=[sx])es$|(?<![aisu])s$")
_IDLE = re.compile(
    rf"(?:{HENCE}|the|and|for|are|all|then|this|that|with|from|number|count|total|altogether|overall|sum|get"
    r"|insgesamt|summe|somme|suma|also|der|die|da|le|de|la|lo)"
)
MOST = 4
"""How often a line may be meant to count in a total."""
MAX_ITEMS = 6


@dataclass(frozen=True)
class Item:
    """A number that a line says of what it names in words; `is_bare` says that it shows nothing else.

    `summands` are the numbers of which it shows it as the sum.
    """

    name: str
    words: frozenset[str]
    shown: Digits
    line: int
    is_total: bool
    is_bare: bool
    summands: tuple[Expr, ...] = ()


def items_of(block: Block) -> Iterator[Item]:
    """What the lines of a paragraph or display count."""
    for n, raw in enumerate(block.text.split("\n")):
        found = _LINE.fullmatch(_DRESS.sub(" ", unmarked(raw)).strip(" &.,;"))
        sides = EQUATES.split(found["rest"]) if found and _WORD.search(found["words"]) else []
        shown = digits_of(sides[-1]) if sides else None
        if found is None or shown is None:
            continue
        name, is_total = _LEAD.sub("", found["words"].strip()), bool(_TOTAL.search(found["words"]))
        yield Item(name, words_of(name), shown, block.place.line + n, is_total, len(sides) == 1, _summands(sides[0]))


def _summands(side: str) -> tuple[Expr, ...]:
    """The numbers of which a side is the sum; none where it is no sum of numbers."""
    found = [digits_of(part) for part in side.split("+")]
    numbers = tuple(shown.value for shown in found if shown is not None)
    return numbers if 1 < len(numbers) == len(found) else ()


def miscounted(total: Item, before: Sequence[Item]) -> Item | None:
    """The one line that counts another number than the total adds up for it, or none; None where none or several do.

    A total of no more than this leaves nothing out that was counted since the one before it.
    """
    if not total.is_total or len(total.summands) < 2:
        return None
    counted = before[-len(total.summands) :]
    unlike = [i for i, n in zip(counted, total.summands, strict=False) if i.shown.value != n]
    is_whole = len(counted) == len(total.summands) and not any(i.is_total for i in counted)
    if is_whole and len(unlike) == 1:
        return unlike[0]
    last = max((n for n, i in enumerate(before, 1) if i.is_total), default=0)
    items = [] if total.words else before[last:]
    values = [i.shown.value for i in items]
    left_out = [i for n, i in enumerate(items) if (*values[:n], *values[n + 1 :]) == total.summands]
    return left_out[0] if len(left_out) == 1 else None


def words_of(name: str) -> frozenset[str]:
    """The words of a name that tell what it is, without their plural."""
    words = (_PLURAL.sub("", w.lower()) for w in _WORD.findall(name))
    return frozenset(w for w in words if not _IDLE.fullmatch(w))


def added_up(total: Item, before: Sequence[Item]) -> tuple[Line, Sequence[Item]] | None:
    """The line that states a total of what was counted before, and what it adds up; None where this cannot be told.

    It is wrong only where it names what the lines count, and where none of them can be meant several times or left out.
    """
    last = max((n for n, i in enumerate(before, 1) if i.is_total and i.is_bare), default=0)
    items = [i for i in before if total.words <= i.words] if total.words else before[last:]
    if not (total.is_total and total.is_bare and 2 <= len(items) <= MAX_ITEMS):
        return None
    exact = Add(*(i.shown.value for i in items))
    where = ", ".join(str(i.line) for i in items[:-1]) + f" and {items[-1].line}"
    if _is_shown(exact, total.shown):
        decision = Decision("proved", f"the sum of lines {where}")
        return Line("proved" if exact == total.shown.value else "rounded", decision), items
    ways = product(range(MOST + 1), repeat=len(items))
    others = (Add(*(n * i.shown.value for n, i in zip(way, items, strict=True))) for way in ways)
    if not total.words or any(_is_shown(other, total.shown) for other in others):
        return None
    finest = min(i.shown.unit for i in items)
    right = decimal(as_fmpq(exact), max(0, len(str(1 / finest)) - 1))
    reason = f"lines {where} add up to {right}{SLIP}an error of arithmetic"
    return Line("wrong", Decision("refuted", reason), claim=False, expected=right), items


def _is_shown(number: Expr, shown: Digits) -> bool:
    low, high = shown.rounding
    return bool(low <= number <= high)


def unlike(item: Item, givens: Givens) -> str | None:
    """A name in words of what the givens say to be another number, where those of a line hold all of its words."""
    names = {label: name for label, name in worded(givens).items() if frozenset() < words_of(name) <= item.words}
    values = {name: enclosed(label, givens) for label, name in names.items()}
    if any(v is not None and within(v, *item.shown.rounding) for v in values.values()):
        return None
    return min((name for name, v in values.items() if v is not None), default=None)
