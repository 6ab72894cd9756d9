"""The index positions and the index letters of a problem, and what its formulas say of where they run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import Expr, Integer, Symbol

from symdl.language import index, put
from symdl.language.binders import free_symbols
from symdl.problem import Range
from symdl.read.axes import Axis, Letter, Spot
from symdl.read.hints import Hints, Key, Shown
from symdl.read.source import Source

_TWO = 2

OPEN = "n_"
"""How the names of sizes begin that nothing states."""


class Spans:
    """The unknowns of one problem; `known` are the ranges that givens read before settle.

    `hints` are what a proof shows of ranges that the givens leave open.
    """

    def __init__(self, hints: Hints | None = None) -> None:
        self.axes: dict[Key, Axis] = {}
        self.all_axes: list[Axis] = []
        self.roots: list[Axis] = []
        self.letters: list[Letter] = []
        self.sizes: dict[Symbol, Expr] = {}
        self.hints = hints or Hints(Shown())
        self.is_open = hints is not None
        self.layers: dict[str, frozenset[int]] = {}
        """The numbers of layers that stand above names in the proof, as powers do."""
        self.reach: dict[int, tuple[int, ...]] = {}
        self.tops: dict[int, list[Letter]] = {}
        self.ends: dict[int, list[Expr]] = {}
        self.known: Mapping[Key, Range] = {}
        self.ones: Expr | None = None
        """How long the vector of ones is, where that is declared."""
        self.count = 0

    def _pair(self) -> tuple[Symbol, Symbol]:
        self.count += 1
        return Symbol(f"?lo{self.count}", integer=True), Symbol(f"?hi{self.count}", integer=True)

    def dummy(self) -> Symbol:
        """A letter for an index that is closed again before anyone sees it."""
        self.count += 1
        return Symbol(f"?i{self.count}", integer=True)

    def axis(self, label: str, position: int) -> Axis:
        """The axis at this index position of a family."""
        key = (label, position)
        if key not in self.axes:
            self.axes[key] = self.anonymous(f"index {position + 1} of {label}" if position else f"the index of {label}")
            self.axes[key].label = f"{label},{position + 1}" if position else label
            if key in self.known:
                self.axes[key].stated.append((self.known[key], Spot(Source(""), 0)))
                self.axes[key].known = True
        return self.axes[key]

    def anonymous(self, name: str) -> Axis:
        axis = Axis(name, *self._pair())
        self.all_axes.append(axis)
        return axis

    def letter(self, name: str, spot: Spot, kind: str) -> Letter:
        letter = Letter(index(name), spot, *self._pair(), kind=kind)
        self.letters.append(letter)
        return letter

    def same(self, a: Axis, b: Axis) -> None:
        """Makes the two axes one."""
        a, b = a.root(), b.root()
        if a is b:
            return
        b.parent = a
        a.stated += b.stated
        a.points += b.points
        a.told += b.told
        a.known = a.known or b.known
        if b.count is not None:
            self.written(a, b.count[0], b.first, b.count[1])
        a.first = b.first if a.first is None else a.first
        a.lag, a.lead = max(a.lag, b.lag), max(a.lead, b.lead)
        if a.head is None:
            a.head, a.shift = b.head, b.shift

    def stated_length(self, axis: Axis) -> Expr | None:
        """How many members givens read before state for an axis; None where it is not stated or stands open."""
        root = axis.root()
        if not root.known or not root.stated:
            return None
        run = root.stated[0][0]
        length = put(run.length, self.sizes)
        is_open = any(s.name.startswith(OPEN) for s in free_symbols(length))
        return None if is_open else length

    def length(self, axis: Axis) -> Expr | None:
        """How many members an axis has, as far as formulas have shown it by now."""
        root = axis.root()
        if root.count is not None:
            return Integer(root.count[0])
        if not root.stated:
            return None
        run = root.stated[0][0]
        length = put(run.length, self.sizes)
        return None if any(s.name.startswith(OPEN) for s in free_symbols(length)) else length

    def written(self, axis: Axis, count: int, first: int | None, spot: Spot) -> None:
        """Notes that this many entries are written out for an axis.

        Raises  `GivensError` where it was another number before.
        """
        axis = axis.root()
        if axis.count is not None and axis.count[0] != count:
            raise spot.error(f"{count} entries beside {axis.count[0]}")
        axis.count = axis.count or (count, spot)
        axis.first = first if axis.first is None else axis.first

    def place(self, expr: Expr, axis: Axis, scope: dict[Symbol, Letter]) -> None:
        """Notes that the index `expr` stands at `axis`."""
        letters = [scope[s] for s in sorted(free_symbols(expr) & scope.keys(), key=lambda s: s.name)]
        if not letters:
            axis.root().points.append(expr)
        elif len(letters) == 1:
            offset = expr - letters[0].symbol
            if isinstance(offset, Integer):
                letters[0].at.append((axis, int(offset)))
        else:
            for letter, other in ((letters[0], letters[1]), (letters[1], letters[0])):
                together, apart = expr - letter.symbol - other.symbol, expr - letter.symbol + other.symbol
                if len(letters) == _TWO and isinstance(together, Integer):
                    letter.beside.append((axis, other, int(together)))
                elif len(letters) == _TWO and isinstance(apart, Integer):
                    letter.less.append((axis, other, int(apart)))

    def names_zero(self, keys: Iterable[Key]) -> bool:
        """Whether the proof names the member 0 at one of these index positions."""
        return self.hints.ask(Shown.names_zero, frozenset(keys), self._layers_of(keys))

    def last_named(self, keys: Iterable[Key], beyond: int = -1) -> tuple[int, ...]:
        """The last members, beyond a number, that the proof names at these index positions."""
        return self.hints.ask(Shown.last_named, frozenset(keys), self._layers_of(keys), beyond)

    def _layers_of(self, keys: Iterable[Key]) -> frozenset[tuple[Key, int]]:
        return frozenset((k, n) for k in keys if not k[1] for n in self.layers.get(k[0], ()))

    def _keys(self, axis: Axis) -> list[Key]:
        """The families with their index positions that are this axis."""
        return [k for k, a in self.axes.items() if a.root() is axis]


def is_open(bound: Expr) -> bool:
    """Whether a bound rests on a size that nothing states."""
    return any(s.name.startswith(OPEN) for s in free_symbols(bound))
