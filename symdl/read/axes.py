"""Index positions and index letters, as unknowns of which `Ranges` finds where they run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sympy import Expr, Integer, Symbol

from symdl.errors import GivensError, ReadError
from symdl.problem import Range
from symdl.read.source import Source


@dataclass(eq=False)
class Spot:
    """A point of a formula, for messages."""

    source: Source
    at: int

    def error(self, message: str, hint: str = "") -> ReadError:
        return self.source.error(message, self.at, hint, GivensError)


@dataclass(eq=False)
class Axis:
    """One index position.  `stated` are the ranges that the author gives for it, `points` its single members.

    `count` is how many entries are written out for it, `first` where the author begins to number them.  A `known` one
    is settled by givens read before: what a proof writes over a part of it does not change it.
    """

    name: str
    lo_symbol: Symbol
    hi_symbol: Symbol
    stated: list[tuple[Range, Spot]] = field(default_factory=list)
    points: list[Expr] = field(default_factory=list)
    told: list[Expr] = field(default_factory=list)
    label: str = "1"
    count: tuple[int, Spot] | None = None
    first: int | None = None
    floor: Expr | None = None
    known: bool = False
    lag: int = 0
    lead: int = 0
    shift: int = 0
    head: Letter | None = None
    lo: Expr | None = None
    hi: Expr | None = None
    parent: Axis | None = None

    def root(self) -> Axis:
        axis = self
        while axis.parent is not None:
            axis = axis.parent
        return axis


@dataclass(eq=False)
class Letter:
    """An index letter of one formula.  `own_lo` and `own_hi` are the bounds written at it.

    `outer` are the letters in whose scope the bounds are written.
    """

    symbol: Symbol
    spot: Spot
    lo_symbol: Symbol
    hi_symbol: Symbol
    own_lo: Expr | None = None
    own_hi: Expr | None = None
    outer: dict[Symbol, Letter] = field(default_factory=dict)
    kind: str = "free"
    lo: Expr | None = None
    hi: Expr | None = None
    at: list[tuple[Axis, int]] = field(default_factory=list)
    default: Range | None = None
    peers: list[Letter] = field(default_factory=list)
    beside: list[tuple[Axis, Letter, int]] = field(default_factory=list)
    """Where it stands at an index together with another letter, x_{i+k-1}, with that letter and the number."""
    less: list[tuple[Axis, Letter, int]] = field(default_factory=list)
    """Where another letter is taken from it at an index, x_{n-k+1}, with that letter and the number."""


def numbered_from_zero(letters: Iterable[Letter], named: Iterable[Axis]) -> set[int]:
    r"""The axes, by identity, of which sums take the member 0: \sum_{i=0}^1 w_i, and x_{n-k} summed for k up to n.

    Of x_{n+k} they do so where the letter n stands at an axis whose member 0 is `named`.
    """
    found: set[int] = set()
    zero = {id(axis.root()) for axis in named}
    for letter in letters:
        spots = [axis for axis, by in letter.at if _is_zero(letter.own_lo, by)]
        for axis, other, by in letter.beside:
            starts = other.own_lo is None and any(id(a.root()) in zero and not n for a, n in other.at)
            spots += [axis] if starts and _is_zero(letter.own_lo, by) else []
        for axis, other, by in letter.less:
            last = None if other.own_hi is None or other.own_hi.is_infinite else letter.symbol - other.own_hi
            spots += [axis] if _is_zero(last, by) else []
        found |= {id(axis.root()) for axis in spots}
    return found


def _is_zero(bound: Expr | None, by: int) -> bool:
    return isinstance(bound, Integer) and bound + by == 0


def is_from_start(letter: Letter) -> bool:
    """Whether a formula for g_t in terms of states of the same time, g_t = 2 w_t, holds where these are initial too.

    So does one that says the same of every time, g_t = c.
    """
    heads = [a.root() for a, _ in letter.at if a.root().head is letter and a.root().lag]
    states = [a.root() for a, _ in letter.at if a.root().head is not letter and a.root().lag]
    is_plain = len(heads) == 1 and not any(isinstance(p, Integer) for p in heads[0].points)
    if is_plain and len(letter.at) == 1:
        return True
    return is_plain and bool(states) and all(any(isinstance(p, Integer) for p in r.points) for r in states)


def is_used_last(axis: Axis) -> bool:
    """Whether the givens only use a later member of a recurrence: what they make of it, L = (h_3 - y)^2, ends it."""
    named = [p for p in axis.points if isinstance(p, Integer)]
    return bool(axis.lag and named) and min(named) > 1 and not axis.told


def first_of(axis: Axis) -> Expr:
    """The first member of a family with a recurrence: the initial state that is named, else the one before t starts.

    A later member of which no given says what it is, the h_3 in L = (h_3 - y)^2, is no initial state.
    """
    named = min((p for p in axis.points if isinstance(p, Integer)), default=None)
    if named is not None and not is_used_last(axis):
        return named
    if axis.head is not None and axis.head.own_lo is not None:
        return axis.head.own_lo + axis.shift - axis.lag
    return Integer(0)
