r"""Probabilities of unions, complements and differences, by those of others: P(A \cup B) = P(A) + P(B) - P(A \cap B).

An event is a set of outcomes, an outcome says of every event that has a letter whether it happens, and a probability is
the sum of those of the outcomes in the event.  What one is follows from others where its outcomes, counted once each,
are a sum of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from itertools import compress, permutations, product

from flint import fmpq, fmpq_mat
from sympy import Add, Expr, Integer, Symbol

from symdl.language import as_rational
from symdl.problem import Relation

MAX_EVENTS = 5
"""The number of events up to which outcomes are counted."""

_NAME = re.compile(r"(?:P|\\Pr|Pr|\\mathbb\{P\}|\\mathrm\{P\})(?:\\left)?[(\[](?P<inside>.+?)(?:\\right)?[)\]]")
_SIGN = re.compile(
    r"\s*(?:(?P<either>\\(?:cup|lor|vee)(?![A-Za-z]))|(?P<both>,|\\(?:cap|land|wedge)(?![A-Za-z]))"
    r"|(?P<without>\\(?:setminus|backslash)(?![A-Za-z]))|(?P<denied>\\(?:neg|lnot)(?![A-Za-z])|¬)"
    r"|(?P<power>\^(?:\{\s*(?:c|C|\\complement)\s*\}|[cC]))|(?P<bar>\\(?:bar|overline))|(?P<open>[({])|(?P<close>[)}])"
    r"|(?P<event>(?:\\[A-Za-z]+\s*)?[A-Za-z](?:_\{?\w+\}?)?'*))"
)

Outcome = frozenset[str]
"""The events that happen."""


class _UnreadError(Exception):
    """What stands in the brackets is no event that is made of others."""


def counted(name: Symbol, known: Sequence[Symbol]) -> Expr | None:
    """What the probability of an event is in those known; None where they do not tell it."""
    events = _parsed((name, *known))
    if name not in events or not events[name].is_made or len(events) == 1:
        return None
    others = {s: e for s, e in events.items() if s != name}
    outcomes = _outcomes(events.values())
    return _by(others, outcomes, frozenset(o for o in outcomes if events[name].has(o)))


def bounds(names: Sequence[Symbol]) -> Iterator[Relation]:
    """That no outcome has a probability below 0, as far as these tell it, and no part one above that of the whole."""
    events = _parsed(names)
    outcomes = _outcomes(events.values())
    for outcome in outcomes:
        found = _by(events, outcomes, frozenset((outcome,)))
        if found is not None:
            yield Relation(found, ">=", Integer(0))
    for one, other in permutations(events, 2):
        if all(events[other].has(o) for o in outcomes if events[one].has(o)):
            yield Relation(one, "<=", other)
    for s in events:
        yield Relation(s, ">=", Integer(0))
        yield Relation(s, "<=", Integer(1))


def _parsed(names: Sequence[Symbol]) -> dict[Symbol, _Event]:
    """The events of which names are the probabilities, where they are read."""
    found: dict[Symbol, _Event] = {}
    for s in names:
        text = _NAME.fullmatch(s.name)
        if text is not None:
            with suppress(_UnreadError):
                found[s] = _Event(text["inside"])
    return found


def _outcomes(events: Iterable[_Event]) -> list[Outcome]:
    """All outcomes, of events of which there are few; else none."""
    letters = sorted({e for event in events for e in event.events})
    if len(letters) > MAX_EVENTS:
        return []
    return [frozenset(compress(letters, row)) for row in product((0, 1), repeat=len(letters))]


def _by(events: Mapping[Symbol, _Event], outcomes: Sequence[Outcome], wanted: Set[Outcome]) -> Expr | None:
    """The probability of some outcomes in those of events and of all outcomes; None where they do not tell it."""
    columns = [[int(e.has(o)) for o in outcomes] for e in events.values()] + [[1] * len(outcomes)]
    shares = _solved(columns, [int(o in wanted) for o in outcomes]) if outcomes else None
    if shares is None:
        return None
    return Add(*(as_rational(c) * s for c, s in zip(shares, (*events, Integer(1)), strict=True)))


def _solved(columns: list[list[int]], wanted: list[int]) -> list[fmpq] | None:
    """Shares of the columns that add up to what is wanted; None where there are none."""
    rows = [[*(c[n] for c in columns), wanted[n]] for n in range(len(wanted))]
    reduced, rank = fmpq_mat(len(rows), len(columns) + 1, [x for row in rows for x in row]).rref()
    shares = [fmpq(0)] * len(columns)
    for r in range(rank):
        first = next(c for c in range(len(columns) + 1) if reduced[r, c] != 0)
        if first == len(columns):
            return None
        shares[first] = reduced[r, len(columns)]
    return shares


class _Event:
    """An event as it is written: of which others it is made, and in which outcomes it happens.

    Fails   with `_UnreadError` where the text is none.
    """

    def __init__(self, text: str) -> None:
        self.tokens = self._tokens(text)
        self.at = 0
        self.events: set[str] = set()
        self.is_made = len(self.tokens) > 1
        self._has = self._either()
        if self.at != len(self.tokens):
            raise _UnreadError

    def has(self, outcome: Outcome) -> bool:
        """Whether the event happens in an outcome."""
        return _happens(self._has, outcome)

    def _tokens(self, text: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            m = _SIGN.match(text, at)
            if m is None or m.lastgroup is None:
                raise _UnreadError
            found.append((m.lastgroup, m[m.lastgroup].replace(" ", "")))
            at = m.end()
        return found

    def _next(self, *kinds: str) -> bool:
        is_next = self.at < len(self.tokens) and self.tokens[self.at][0] in kinds
        self.at += is_next
        return is_next

    def _either(self) -> _Made:
        made = self._both()
        while self._next("either"):
            made = ("or", made, self._both())
        return made

    def _both(self) -> _Made:
        made = self._one()
        while self._next("both", "without"):
            is_without = self.tokens[self.at - 1][0] == "without"
            other = self._one()
            made = ("and", made, ("not", other) if is_without else other)
        return made

    def _one(self) -> _Made:
        if self._next("denied", "bar"):
            return ("not", self._one())
        made: _Made
        if self._next("open"):
            made = self._either()
            if not self._next("close"):
                raise _UnreadError
        elif self._next("event"):
            made = self.tokens[self.at - 1][1]
            self.events.add(made)
        else:
            raise _UnreadError
        while self._next("power"):
            made = ("not", made)
        return made


_Made = str | tuple[object, ...]
"""An event with a letter, or `not`, `and` and `or` before what they are said of."""


def _happens(made: object, outcome: Outcome) -> bool:
    if isinstance(made, str):
        return made in outcome
    assert isinstance(made, tuple)
    head, *parts = made
    happen = [_happens(p, outcome) for p in parts]
    return not happen[0] if head == "not" else all(happen) if head == "and" else any(happen)
