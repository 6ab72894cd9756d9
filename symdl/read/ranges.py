"""Where every index runs: letters and index positions as unknowns, solved over all formulas of a problem.

An `Axis` is one index position of a family; a `Letter` is an index letter of one formula, free or bound.  A letter that
stands at an axis (perhaps shifted, `t-1`) runs inside it.  What is stated is settled first, the rest follows from it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Integer, Symbol

from symdl.errors import GivensError, ReadError, ShapeError
from symdl.language import is_index, put, size
from symdl.language.binders import free_symbols
from symdl.problem import Range
from symdl.read.axes import Axis, Letter, Spot, first_of, is_from_start, is_used_last, numbered_from_zero
from symdl.read.hints import Shown
from symdl.read.spans import OPEN, Spans, is_open

MAX_ROUNDS = 40

LAST = 3
"""The stage at which what nothing else shows is taken from the members that are named."""

ONES = "the vector of ones"
"""What the axis of a vector of ones is called."""


class Ranges(Spans):
    """Finds out where everything runs."""

    def solve(self) -> None:
        """Settles all axes and letters as far as the formulas fix them.

        Raises  `GivensError` where two ranges conflict.
        """
        written = [a for a in self.all_axes if a.parent is None and a.count is not None]
        from_zero = numbered_from_zero(self.letters, self._with_zero()) if written else set()
        for axis in written:
            axis.first = 0 if axis.first is None and id(axis) in from_zero else axis.first
            assert axis.count is not None
            self._counted(axis, *axis.count)
        for letter in self.letters:
            top = letter.outer.get(letter.own_hi) if isinstance(letter.own_hi, Symbol) else None
            if top is not None:
                self.tops.setdefault(id(top), []).append(letter)
            self._note_end(letter)
            letter.lo = self._absolute(letter.own_lo, letter, low=True)
            letter.hi = self._absolute(letter.own_hi, letter, low=False)
        self._gather()
        for stage in range(LAST + 1):
            for _ in range(MAX_ROUNDS):
                if not self._round(stage):
                    break
            if self._is_settled():
                break

    def _with_zero(self) -> list[Axis]:
        """The axes whose member 0 the givens or the proof name."""
        return [a for k, a in self.axes.items() if Integer(0) in a.root().points or self.names_zero([k])]

    def _note_end(self, letter: Letter) -> None:
        r"""Notes that t ends at T where \sum_{k=t}^T or \sum_{k=0}^{T-t} stands beside it."""
        lo, hi = letter.own_lo, letter.own_hi
        is_bounded = lo is not None and hi is not None and not hi.is_infinite
        for symbol, outer in letter.outer.items() if is_bounded else ():
            assert lo is not None
            assert hi is not None
            start, end = lo - symbol, hi + symbol
            if isinstance(start, Integer) and not any(map(is_index, free_symbols(hi))):
                self.ends.setdefault(id(outer), []).append(hi - min(start, Integer(0)))
            elif isinstance(lo, Integer) and not any(map(is_index, free_symbols(end))):
                self.ends.setdefault(id(outer), []).append(end - lo)

    def _counted(self, axis: Axis, count: int, spot: Spot) -> None:
        """Entries written out run from where their axis begins, or from 1."""
        lo = Integer(1 if axis.first is None else axis.first)
        if axis.first is not None and not axis.known:
            by = [lo - run.lo for run, _ in axis.stated]
            axis.stated = [(Range(r.lo + d, r.hi + d), s) for (r, s), d in zip(axis.stated, by, strict=True)]
        if not axis.stated:
            axis.stated.append((Range(lo, lo + count - 1), spot))
            return
        run = axis.stated[0][0]
        last = run.lo + count - 1
        if run.hi != last and self._identify(run.hi, last) is None:
            raise spot.error(f"{count} entries where {axis.name} runs from {run.lo} to {run.hi}")

    def _is_settled(self) -> bool:
        """Whether nothing is left for the later stages: all is known, and all letters have their range."""
        is_open = any(x.lo is None or x.hi is None for x in self.letters)
        return not is_open and all(a.root().known for a in self.all_axes)

    def _absolute(self, bound: Expr | None, letter: Letter, low: bool) -> Expr | None:
        """A bound without index letters: they take their own extreme value."""
        for _ in range(8):
            if bound is None:
                return None
            inside = [s for s in sorted(free_symbols(bound), key=str) if is_index(s)]
            if not inside:
                return bound
            if inside[0] not in letter.outer:
                return None
            outer = letter.outer[inside[0]]
            other = outer.lo if low else outer.hi
            if other is None:
                other = self._absolute(outer.own_lo if low else outer.own_hi, outer, low)
            bound = None if other is None else put(bound, {inside[0]: other})
        return None

    def _gather(self) -> None:
        """Finds what stands at each axis, and what a proof shows of it, before any range is settled."""
        self.roots = list(dict.fromkeys(a.root() for a in self.all_axes))
        self.inside: dict[int, list[tuple[Letter, int]]] = {}
        self.together: dict[int, list[tuple[Letter, Letter, int]]] = {}
        stepped = [a for a in self.roots if a.lag or a.lead]
        together = tuple(n for a in stepped for n in self.last_named(self._keys(a)) if a.lead or first_of(a) != n)
        # What a proof says of any member is not said of those alone that it names.
        ids = {id(a) for a in stepped}
        own = frozenset(key for key, axis in self.axes.items() if id(axis.root()) in ids)
        is_general = bool(together) and self.hints.ask(Shown.speaks_of_any, own)
        self.reach = dict.fromkeys(ids, () if is_general else together)
        for letter in self.letters:
            for axis, offset in letter.at:
                self.inside.setdefault(id(axis.root()), []).append((letter, offset))
            for axis, other, by in letter.beside if letter.own_hi is not None else ():
                self.together.setdefault(id(axis.root()), []).append((letter, other, by))

    def _round(self, stage: int) -> bool:
        before = self._state()
        for axis in self.roots:
            self._settle(axis, stage)
        for letter in self.letters:
            self._follow(letter, stage)
        return self._state() != before

    def _state(self) -> list[tuple[Expr | None, Expr | None]]:
        return [(a.lo, a.hi) for a in self.roots] + [(x.lo, x.hi) for x in self.letters]

    def _settle(self, axis: Axis, stage: int) -> None:
        if axis.known and axis.lo is not None and not axis.points:
            return
        lows: list[tuple[Expr, Spot | None]] = [(r.lo, s) for r, s in axis.stated]
        highs: list[tuple[Expr, Spot | None]] = [(r.hi, s) for r, s in axis.stated]
        firm = list(lows)
        for letter, offset in self.inside.get(id(axis), ()):
            # What z_t = x_t + h_{t-1} takes of h is not all of it: h_t = z_t says how far it runs.
            is_taken = stage < LAST and axis.head not in (None, letter)
            if letter.lo is not None and not (is_taken and axis.lead and offset > 0):
                lows.append((letter.lo + offset if offset else letter.lo, letter.spot))
                # What is asked for follows where the family runs, and does not show it.
                firm += lows[-1:] if letter.own_lo is not None or letter.kind != "task" else []
            if letter.hi is not None and not (is_taken and axis.lag and offset < 0):
                highs.append((letter.hi + offset if offset else letter.hi, letter.spot))
        for letter, other, by in self.together.get(id(axis), ()):
            # The last member of r_{t+k} with k to T - t.
            last = None if letter.own_hi is None else letter.own_hi + other.symbol + by
            if last is not None and not any(map(is_index, free_symbols(last))) and not last.is_infinite:
                highs.append((last, letter.spot))
                if letter.own_lo is not None and other.lo is not None:
                    lows.append((letter.own_lo + other.lo + by, letter.spot))
        numbers = [p for p in axis.points if isinstance(p, Integer)]
        others = [p for p in axis.points if not isinstance(p, Integer) and not any(map(is_index, free_symbols(p)))]
        if is_used_last(axis):
            others, numbers = [max(numbers, key=int)], []
        highs += [(p, None) for p in others]
        self._refuse_outside(axis, numbers)
        if axis.known:
            axis.lo = self._extreme([(r.lo, s) for r, s in axis.stated], axis, low=True)
            axis.hi = self._extreme([(r.hi, s) for r, s in axis.stated], axis, low=False)
            return
        axis.floor = self._extreme(firm, axis, low=True) if firm else None
        if numbers and (lows or stage >= 1):
            # A recurrence that runs backward ends with the first member that the proof names.
            keys = self._keys(axis) if axis.lead and not axis.lag else []
            first = self.hints.ask(Shown.first_named, frozenset(keys), self._layers_of(keys)) if keys else ()
            lows.append((Integer(min([*(n.p for n in numbers), *first])), None))
        if numbers and (
            (highs and all(isinstance(h, Integer) for h, _ in highs))
            or (not highs and stage >= (LAST if axis.lag else 2) and not self._is_endless(axis))
        ):
            last = max(n.p for n in numbers)
            reach = () if highs else self._reach(axis, last)
            highs.append((Integer(max([last, *reach])), None))
        if not lows and highs and stage >= 1:
            lows.append((Integer(0) if axis.lead and not axis.lag else self._start(axis), None))
        axis.lo = self._extreme(lows, axis, low=True) if lows else axis.lo
        axis.hi = self._extreme(highs, axis, low=False) if highs else axis.hi

    def _refuse_outside(self, axis: Axis, numbers: Sequence[Integer]) -> None:
        """Raises a `GivensError` where ranges that are stated differ, or a member is used that lies in none."""
        for run, spot in axis.stated:
            whole = axis.stated[0][0]
            for a, b in ((whole.lo, run.lo), (whole.hi, run.hi)):
                if isinstance(a - b, Integer) and a != b:
                    raise self._conflict(axis, a, b, spot)
            for p in numbers:
                if p == 0 and run.lo == 1 and not (axis.lag or axis.known):
                    continue
                if (p - run.lo).is_negative or (run.hi - p).is_negative:
                    raise spot.error(f"{axis.name} runs from {run.lo} to {run.hi}, but {p} is used")

    def _start(self, axis: Axis) -> Expr:
        """Where a family begins of which nothing says it: at the member 0 that a proof names of a rule."""
        return Integer(0 if axis.head is not None and self.names_zero(self._keys(axis)) else 1)

    def _is_endless(self, axis: Axis) -> bool:
        """Whether a recurrence goes on beyond the members that a proof or a task names, as far as its givens tell."""
        if not self.is_open:
            return 0 < axis.lag >= len(set(axis.points))
        return bool(axis.lag or axis.lead) and not self._reach(axis)

    def _reach(self, axis: Axis, beyond: int = -1) -> tuple[int, ...]:
        """The last members beyond a number that the proof names; of an axis that steps on, those of all that do."""
        shown = self.reach.get(id(axis))
        return self.last_named(self._keys(axis), beyond) if shown is None else shown

    def _extreme(self, bounds: list[tuple[Expr, Spot | None]], axis: Axis, low: bool) -> Expr:
        best, spot = bounds[0]
        for bound, at in bounds[1:]:
            if bound == best:
                continue
            gap = bound - best
            if isinstance(gap, Integer):
                if gap.p and (gap.p < 0) == low:
                    best, spot = bound, at
            elif (known := self._identify(best, bound)) is not None:
                best = known
            else:
                raise self._conflict(axis, best, bound, at or spot)
        return best

    def _identify(self, a: Expr, b: Expr) -> Expr | None:
        """The symbol, where one of two equal bounds is a size and the other its number."""
        for size_, number_ in ((a, b), (b, a)):
            is_pair = isinstance(size_, Symbol) and size_.is_positive and isinstance(number_, Integer)
            if is_pair and self.sizes.setdefault(size_, number_) == number_:
                return size_
        numbers = put(a, self.sizes) - put(b, self.sizes)
        return a if numbers == 0 else None

    def _conflict(self, axis: Axis, a: Expr, b: Expr, spot: Spot | None) -> ReadError:
        message = f"the ranges conflict: {axis.name} ends at {a} and at {b}"
        return spot.error(message) if spot else GivensError(message)

    def _follow(self, letter: Letter, stage: int) -> None:
        """The range of a letter that is written without bounds: inside all axes it stands at."""
        need_lo, need_hi = letter.own_lo is None, letter.own_hi is None
        if not (need_lo or need_hi):
            return
        if stage == 2 and letter.default is not None and letter.lo is None and letter.hi is None:
            letter.lo, letter.hi = letter.default.lo, letter.default.hi
        lows: list[tuple[Expr, bool]] = []
        highs: list[tuple[Expr, bool]] = []
        # Written one step ahead, h_{t+1} = …, a recurrence takes states at t, the first of them included.
        ahead = max((a.root().shift for a, _ in letter.at if a.root().head is letter), default=0)
        # R_0 of R_t = x_t^2 is said of the initial state x_0.
        heads = [a.root() for a, _ in letter.at if a.root().head is letter and not a.root().lag]
        from_start = is_from_start(letter) or any(self._start(root) == 0 for root in heads)
        for axis, offset in letter.at:
            root = axis.root()
            lo, hi = root.lo, root.hi
            is_own = root.head is letter
            if is_own and root.lag and (empty := self._empty(letter)) is not None:
                lows.append((empty, False))
                highs += [(hi - root.lead - root.shift, False)] if hi is not None else []
                continue
            if is_own and (root.lag or root.lead):
                if offset == root.shift and hi is not None:
                    highs.append((hi - root.lead - root.shift, False))
                if offset == root.shift and root.lag and (stage >= 1 or root.points) and not from_start:
                    lows.append((first_of(root) + root.lag - root.shift, False))
                elif offset == root.shift and lo is not None and (not root.lag or len(letter.at) == 1):
                    lows.append((lo - root.shift, False))
                continue
            if letter.kind != "task" and offset == ahead and root.head is not None and (root.lag or root.lead):
                lo = None if root.head.lo is None else root.head.lo + root.shift
                lo = first_of(root) if from_start and root.lag else lo
                hi = hi if root.head.hi is None else root.head.hi + root.shift
            if offset < ahead and root.head is not None and root.lag:
                lo = first_of(root)
            if lo is not None:
                lows.append((lo - offset if offset else lo, offset > 0))
            if hi is not None:
                highs.append((hi - offset if offset else hi, offset < 0))
        beside_lows, beside_highs = _ends_beside(letter)
        lows += beside_lows
        highs += beside_highs
        highs += [(end, True) for end in self.ends.get(id(letter), ())]
        if not letter.at:
            lows += [(p.lo, False) for p in letter.peers if p.lo is not None]
            highs += [(p.hi, False) for p in letter.peers if p.hi is not None]
        if need_lo and lows:
            letter.lo = self._pick(lows, letter, low=True, stage=stage)
        if need_hi and highs:
            letter.hi = self._pick(highs, letter, low=False, stage=stage)

    def _empty(self, letter: Letter) -> Expr | None:
        r"""Where the sum or product of a_t = \prod_{s=1}^t b_s is empty; None where more is said of a_t."""
        tops = self.tops.get(id(letter), ())
        if not tops or len(letter.at) > 1 or letter.own_lo is not None:
            return None
        return min((b.own_lo - 1 for b in tops if isinstance(b.own_lo, Integer)), default=None)

    def _pick(self, bounds: list[tuple[Expr, bool]], letter: Letter, low: bool, stage: int) -> Expr | None:
        """The tightest of the bounds; one that a shifted index gives counts last."""
        firm = [b for b, weak in bounds if not weak]
        if not firm and stage >= 2:
            usual = letter.default
            firm = [b for b, _ in bounds] if usual is None else [usual.lo if low else usual.hi]
        if not firm:
            return letter.lo if low else letter.hi
        best = firm[0]
        for bound in firm[1:]:
            if bound == best:
                continue
            gap = bound - best
            if isinstance(gap, Integer):
                if gap.p and (gap.p > 0) == low:
                    best = bound
            elif (known := self._identify(best, bound)) is not None:
                best = known
            elif not (is_open(best) and is_open(bound)):
                # Of times that go on beyond what is named, none ends before another.
                way = "from" if low else "to"
                message = f"the ranges conflict: the index {letter.symbol} runs {way} {best} and {way} {bound}"
                if self._is_misplaced(letter):
                    raise letter.spot.source.error(message, letter.spot.at, of=ShapeError)
                raise letter.spot.error(message)
        return best

    def _is_misplaced(self, letter: Letter) -> bool:
        """Whether a letter without bounds of its own stands at index positions of which other lengths are stated."""
        lengths = {self.stated_length(axis) for axis, _ in letter.at}
        return None not in lengths and len(lengths) > 1 and letter.own_lo is None and letter.own_hi is None

    def open_up(self) -> None:
        """Gives every axis whose range nothing fixes a size of its own; the axes that depend on it follow.

        How long a vector of ones is, only what stands beside it says, or its declaration.
        """
        others = {id(a.root()) for a in self.all_axes if a.name != ONES}
        for axis in sorted(self.all_axes, key=lambda a: self._shown(a.root()) is None):
            root = axis.root()
            if root.lo is not None and root.hi is not None:
                continue
            if root.lo is None:
                root.lo = first_of(root) if root.lag else self._start(root)
            shown = self._shown(root)
            if root.hi is None and root.head is not None:
                root.hi = self._beside(root)
            if root.hi is None and shown is not None and (isinstance(root.lo - shown.lo, Integer)):
                root.hi = shown.hi
            if root.hi is None and id(root) not in others:
                root.hi = self.ones
                if root.hi is None:
                    continue
            if root.hi is None:
                root.hi = size(OPEN + (root.label if len(root.label) == 1 else f"{{{root.label}}}"))
            for _ in range(MAX_ROUNDS):
                if not self._round(LAST):
                    break

    def unended(self) -> list[Axis]:
        """The recurrences of which nothing fixes the last step."""
        return [r for r in self.roots if r.lag and r.hi is None]

    def end_at(self, last: Symbol) -> None:
        """Ends these recurrences at this time; what depends on them follows."""
        for root in self.unended():
            root.lo = first_of(root) if root.lo is None else root.lo
            root.hi = last
        for _ in range(MAX_ROUNDS):
            if not self._round(LAST):
                break

    def _beside(self, root: Axis) -> Expr | None:
        """How far another family runs whose formula has the same letter: a recurrence, or the only length there is."""
        lengths: set[Expr] = set()
        for axis in self.all_axes:
            other = axis.root()
            is_same = other.head is not None and root.head is not None and other.head.symbol == root.head.symbol
            if other is root or not is_same or other.hi is None:
                continue
            if other.lag or other.lead or root.lag or root.lead:
                if is_open(other.hi):
                    return other.hi
            elif other.lo == root.lo:
                lengths.add(other.hi)
        return lengths.pop() if len(lengths) == 1 else None

    def _shown(self, root: Axis) -> Range | None:
        """Where the sums of the proof run over an axis."""
        ends = self.hints.ask(Shown.summed, frozenset(k for k, a in self.axes.items() if a.root() is root))
        return None if ends is None else Range(Integer(ends[0]), size(ends[1]))

    def strays(self) -> list[str]:
        """The families that run from 1 with a member 0 that is no initial state: w_0 beside w_1, …, w_n."""
        found: list[str] = []
        for (label, position), axis in self.axes.items():
            root = axis.root()
            # Beside x_1, x_2 written out, x_0 is a member too.
            alone = Integer(0) in root.points and Integer(1) not in root.points
            # Of a vector that stands whole, as in w^\\top x + w_0, no letter goes through the entries.
            is_whole = root.floor is None and not any(x.kind != "task" for x, _ in self.inside.get(id(root), ()))
            if position == 0 and (root.floor == 1 or is_whole) and not root.lag and alone:
                found.append(label)
        return found

    # Answers

    def range_of(self, thing: Axis | Letter, spot: Spot | None = None) -> Range:
        """The range that was found.

        Raises  `GivensError` where nothing fixes it.
        """
        if isinstance(thing, Axis):
            thing = thing.root()
            name, letter = thing.name, "i"
        else:
            name, letter = f"the index {thing.symbol}", str(thing.symbol)
            spot = spot or thing.spot
        if thing.lo is None or thing.hi is None:
            message = f"nothing fixes the range of {name}"
            hint = rf"state it, for example {letter} = 1, \dots, K"
            raise spot.error(message, hint) if spot else GivensError(message, None, "", hint)
        return Range(thing.lo, thing.hi)

    def answers(self) -> dict[Expr, Expr]:
        """What each placeholder stands for, as far as it is known."""
        found: dict[Expr, Expr] = {}
        for axis in self.all_axes:
            root = axis.root()
            if root.lo is not None:
                found[axis.lo_symbol] = root.lo
            if root.hi is not None:
                found[axis.hi_symbol] = root.hi
        for letter in self.letters:
            if letter.lo is not None:
                found[letter.lo_symbol] = letter.lo
            if letter.hi is not None:
                found[letter.hi_symbol] = letter.hi
        return found

    def owner(self, placeholder: Symbol) -> Axis | Letter | None:
        """The unknown behind a placeholder."""
        for axis in self.all_axes:
            if placeholder in (axis.lo_symbol, axis.hi_symbol):
                return axis
        return next((x for x in self.letters if placeholder in (x.lo_symbol, x.hi_symbol)), None)


def _ends_beside(letter: Letter) -> tuple[list[tuple[Expr, bool]], list[tuple[Expr, bool]]]:
    """Where a free letter that stands beside another one in an index, t + k, begins and ends at the earliest."""
    lows: list[tuple[Expr, bool]] = []
    highs: list[tuple[Expr, bool]] = []
    for axis, other, by in letter.beside if letter.kind == "free" else ():
        root = axis.root()
        if not root.stated or any(map(is_open, (root.stated[0][0].lo, root.stated[0][0].hi))):
            continue
        if root.lo is not None and other.lo is not None:
            lows.append((root.lo - other.lo - by, False))
        if root.hi is not None and other.hi is not None:
            highs.append((root.hi - other.hi - by, False))
    return lows, highs
