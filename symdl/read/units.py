r"""Units behind numbers: 1.5 \text{ bits}, and those that scale them: 112 \text{ GB}."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from symdl.errors import ReadError
from symdl.problem import Givens
from symdl.read.commands import SCALES, TEXTS
from symdl.read.joining import Raw, is_number
from symdl.read.known import known_of
from symdl.read.nodes import Node, Product, Word
from symdl.read.scripts import head_text
from symdl.read.sides import NEAR, Chain, is_near
from symdl.read.source import Source
from symdl.read.syntax import parse

_MESSAGE = "a number in another unit"
_EXACT = 10**12
"""Two floats that differ by less than one part in so many are the same number."""
_SCALED = re.compile(
    r"(?:[kKMGBT]|[kMGT]i?B|dB|thousand|million|billion|trillion|hundred|dozen|Mio|Mrd|Tsd|Millionen|Milliarden|Tausend"
    r"|percent|per cent|Prozent|degrees?|min|minutes?|hours?)\b"
)
"""Words after a number that scale it."""


def drop_units(raw: Raw, source: Source, givens: Givens) -> list[str]:
    """Takes the units off the numbers of a chain; at each side the unit of `SCALES` that multiplies it, or none.

    Sides in units of two kinds, and beside others those in a unit that scales them in another way, become errors.
    """
    units, ends = [""] * len(raw.sides), list(raw.ends)
    for k, side in enumerate(raw.sides):
        raw.sides[k], raw.ends[k] = _without_unit(side, raw.ends[k], givens)
        if raw.sides[k] is not side:
            units[k] = _scale(re.sub(r"\\[a-z]+|[{}~\\,;:!]", "", source.text[raw.ends[k] : ends[k]]).strip())
    named = [u for u in units if u]
    if not named or (len(set(named)) == 1 and (len(named) == len(units) or not _scales(named[0]))):
        return []
    kinds = [_kind(u) for u in units]
    first = next((kind for kind in kinds if kind), "")
    for k, (unit, side) in enumerate(zip(units, raw.sides, strict=True)):
        if kinds[k] not in ("", first) or (unit not in SCALES and _scales(unit)):
            raw.sides[k] = source.error(_MESSAGE, raw.ats[k])
        elif unit in SCALES and isinstance(side, Node):
            scale = parse(Source(SCALES[unit]))
            raw.sides[k], raw.ends[k] = Product(side.at, side.end, (("", side), ("*", scale))), ends[k]
    return [u if u in SCALES else "" for u in units]


def with_scales(chain: Chain, scales: Sequence[str], source: Source) -> Chain:
    """The chain with errors for numbers in other units than those before them, unless they are equal.

    How a number in a large unit is rounded is not said: no line is refuted for it.
    """
    sides = list(chain.sides)
    for n, (one, other) in enumerate(pairwise(scales), 1):
        within = NEAR if chain.signs[n - 1] == "~" else _EXACT
        if one != other and not is_near(sides[n - 1].expr, sides[n].expr, within):
            sides[n] = replace(sides[n], expr=None, error=source.error(_MESSAGE, source.offset(sides[n].place)))
    return replace(chain, sides=tuple(sides))


def _scale(unit: str) -> str:
    """The word that scales what a unit counts, million of "million FLOPs"; another unit as it is."""
    first, _, counted = unit.partition(" ")
    return first if counted and first in SCALES else unit


def _scales(unit: str) -> bool:
    return unit in SCALES or _SCALED.match(unit) is not None


def _kind(unit: str) -> str:
    """What a unit measures: bytes, operations, or what its own name says; none where a number alone stands."""
    if unit in SCALES:
        return "bytes" if unit[1:].endswith("B") else "flops" if "FLOP" in unit else ""
    return {"byte": "bytes"}.get(unit, unit.lower())


def _without_unit(side: Node | ReadError, end: int, givens: Givens) -> tuple[Node | ReadError, int]:
    r"""A number without the unit after it, 1.5 \text{ bits}, and where it ends."""
    if not isinstance(side, Product) or side.parts[-1][0]:
        return side, end
    *parts, (_, unit) = side.parts
    known = known_of(givens).names
    is_unit = isinstance(unit, Word) and unit.style in TEXTS and head_text(unit) not in known.learnt
    if not is_unit or not all(is_number(n) for _, n in parts):
        return side, end
    kept = parts[0][1] if len(parts) == 1 else replace(side, parts=tuple(parts), end=parts[-1][1].end)
    return kept, kept.end
