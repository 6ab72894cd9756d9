r"""Probabilities that follow from those that are given: of complements, of several events, under others, and in total.

Names such as `P(A \mid B)` are read as what they say of events; what one is follows from others by the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from sympy import Expr, Integer, Rational, Symbol

_NAME = re.compile(r"(?:P|p|\\Pr|Pr|\\mathbb\{P\}|\\mathrm\{P\})(?:\\left)?[(\[](?P<inside>.+?)(?:\\right)?[)\]]")
_COMMA = re.compile(r",|\\cap(?![A-Za-z])|\\land(?![A-Za-z])|\\wedge(?![A-Za-z])")
_NOT = re.compile(
    r"\\(?:bar|overline)\s*\{(?P<bar>.+)\}|\\(?:bar|overline)\s+(?P<one>\w)|(?:\\neg|\\lnot|¬|\\sim)\s*(?P<sign>.+)"
    r"|(?P<power>.+?)\^\{?(?:c|\\complement|C)\}?"
)

_SIGNED = re.compile(r"(?P<of>[A-Za-z]?)\^?\{?(?P<sign>[+−-])\}?")
"""What a test says, which is positive or negative."""

_VALUE = re.compile(r"(?P<of>[^=]+?)\s*=\s*(?P<is>-?\w+)")

_WORD = re.compile(r"\\(?:text|mathrm|mathit|textrm|textit|mathsf|operatorname)\{([^{}]*)\}")
"""A name in words is the same in any font."""

MAX_DEPTH = 4
"""How many rules are applied one after another."""

MAX_CLASSES = 6
"""Of how many events it is tried whether one of them is certain to happen."""

Event = tuple[str, bool]
"""The name of an event, and whether it happens."""

Chance = tuple[frozenset[Event], frozenset[Event]]
"""Events, and those under which their probability is taken."""


def chance_of(name: Symbol) -> Chance | None:
    """What a name says it is the probability of; None for any other name."""
    found = _NAME.fullmatch(name.name)
    if found is None:
        return None
    parts = re.split(r"\\mid(?![A-Za-z])|\|", found["inside"])
    if len(parts) > 2 or not all(map(str.strip, parts)):
        return None
    events, under = (frozenset(map(_event, _COMMA.split(part))) for part in (parts[0], parts[1] if parts[1:] else ""))
    return events, frozenset(e for e in under if e[0])


def _event(text: str) -> Event:
    text = _WORD.sub(r"\1", text).strip()
    signed = _SIGNED.fullmatch(text)
    if signed is not None:
        return f"{signed['of']}+", signed["sign"] == "+"
    denied = _NOT.fullmatch(text)
    if denied is None:
        return text, True
    return next(g for g in denied.groups() if g).strip(), False


def derived(name: Symbol, known: Mapping[Symbol, Rational | None]) -> Expr | None:
    """What a probability is in those that are known, each with its number where it has one; None where none says it."""
    asked = chance_of(name)
    given = {c: s for s in sorted(known, key=str) if (c := chance_of(s)) is not None}
    if asked is None or not given:
        return None
    spoken = {e for events, under in (asked, *given) for e in events | under}
    many = frozenset(m["of"] for e, _ in spoken if (m := _VALUE.fullmatch(e)) is not None and m["is"] not in "01")
    asked, given = _settled(asked, many), {_settled(c, many): s for c, s in given.items()}
    found = None if asked in given else _Rules(given, known).value(asked, MAX_DEPTH, frozenset())
    return None if found is None or found.has(name) else found


def _settled(chance: Chance, many: frozenset[str]) -> Chance:
    """The same with x = 0 for what does not happen where x = 1 does, of what has no other values."""

    def visit(event: Event) -> Event:
        found = _VALUE.fullmatch(event[0])
        is_none = found is not None and found["is"] == "0" and found["of"] not in many
        return (f"{found['of']}=1", not event[1]) if found is not None and is_none else event

    events, under = (frozenset(map(visit, part)) for part in chance)
    return events, under


@dataclass(frozen=True)
class _Rules:
    """The rules of chances over what is given."""

    given: Mapping[Chance, Symbol]
    known: Mapping[Symbol, Rational | None]

    def value(self, asked: Chance, depth: int, pending: frozenset[Chance]) -> Expr | None:
        """The probability in those given; `pending` are those for which it is asked."""
        if asked in self.given:
            return self.given[asked]
        events, under = asked
        if not events - under:
            return Integer(1)
        if not depth or asked in pending:
            return None
        pending |= {asked}
        return next((v for v in self._ways(events, under, depth - 1, pending) if v is not None), None)

    def _ways(
        self, events: frozenset[Event], under: frozenset[Event], depth: int, pending: frozenset[Chance]
    ) -> Iterator[Expr | None]:
        if len(events) == 1:
            [(event, happens)] = events
            other = self.value((frozenset({(event, not happens)}), under), depth, pending)
            yield None if other is None else 1 - other
        for one in sorted(events) if len(events) > 1 else ():
            yield self._product(frozenset({one}), events - {one}, under, depth, pending)
        if under:
            # Bayes: by what is given under the events themselves.
            joint = self.value((events | under, frozenset()), depth, pending)
            total = None if joint is None else self.value((under, frozenset()), depth, pending)
            yield None if joint is None or total is None else joint / total
        for classes in self._partitions():
            if not any(c in events | under or (c[0], not c[1]) in events | under for c in classes):
                terms = [self._product(events, frozenset({c}), under, depth, pending) for c in classes]
                yield None if None in terms else sum((t for t in terms if t is not None), Integer(0))

    def _product(
        self,
        events: frozenset[Event],
        others: frozenset[Event],
        under: frozenset[Event],
        depth: int,
        pending: frozenset[Chance],
    ) -> Expr | None:
        """The probability of events and others as that of the others, times that of the events under these."""
        joint = self.given.get((events | others, under))
        if joint is not None:
            return joint
        second = self.value((others, under), depth, pending)
        first = None if second is None else self.value((events, under | others), depth, pending)
        return None if first is None or second is None else first * second

    def _partitions(self) -> Iterator[tuple[Event, ...]]:
        """The events of which exactly one happens: one and its opposite, or several whose probabilities sum to 1."""
        conditions = sorted({e for _, under in self.given for e in under})
        beside = {e for events, _ in self.given for e in events if len(events) > 1}
        for event in sorted({name for name, _ in beside.union(conditions)}):
            yield (event, True), (event, False)
        prior = {e: self.given.get((frozenset({e}), frozenset())) for e in conditions}
        number = {e: n for e, s in prior.items() if s is not None and (n := self.known[s]) is not None}
        for size in range(2, min(len(number), MAX_CLASSES) + 1):
            for chosen in combinations(sorted(number), size):
                if sum(number[e] for e in chosen) == 1 and self._are_apart(frozenset(chosen)):
                    yield chosen

    def _are_apart(self, classes: frozenset[Event]) -> bool:
        """Whether nothing is given of one of the events under another one."""
        return not any(events & classes and under & classes for events, under in self.given)
