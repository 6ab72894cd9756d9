"""Loops along an axis of exponentials: their sum by way of its largest term, shares of it, and logarithms.

A row of exponentials is put once, with its sum; what is asked of the row is made of these.  Its terms are exponentials
of the exponents as they are where all of them are small, so that nothing is rounded before; else of what the exponents
are below the largest, their peak.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sympy import Expr, Symbol

from symdl.numeric import passes
from symdl.numeric.program import Node, Whole, is_rounded_once

if TYPE_CHECKING:
    from symdl.numeric.loops import Kernel
    from symdl.numeric.writer import At, Entry

_SHARES = frozenset({"softmax", "softmax_rest"})
_TOPPED = frozenset({"share", "log_share"})
"""Those whose first argument is one exponent, beside the row."""

ALONG = _SHARES | _TOPPED | {"logsumexp", "log_softmax", "log_softmax_rest"}
"""The kinds of node that are worked out here."""


@dataclass(frozen=True)
class Total:
    """The texts of a weighted sum of exponentials over that of its largest exponent, by the positions along other axes.

    `peak` is that exponent, `first` the weight of its term, and `excess` what the other terms add up to.
    """

    axes: dict[Symbol, Expr]
    peak: Entry
    first: Entry
    excess: Entry


@dataclass(frozen=True)
class Sums:
    """The texts of what a sum of exponentials consists of, by the positions along its axes.

    `terms` are the exponentials, the largest of which is `unit`; `others` is the sum of all but one as large as this,
    so that nothing cancels.  The exact sum is larger by `lost`.  Where there are more results than shares, so that
    it costs little, the exact terms are larger by `tails`, and those below the largest together by `below`.
    Where more than shares is asked for, `peak` is the largest exponent, and its exact term is larger by `short`.
    """

    axes: dict[Symbol, Expr]
    terms: Entry
    unit: Entry
    others: Entry
    lost: Entry
    tails: Entry | None
    below: Entry
    peak: Entry | None
    short: Entry | None


def along(kernel: Kernel, node: Node) -> Entry:
    """One of the functions of exponentials along an axis, by way of their sum less its largest term."""
    (j,) = node.data
    x, *weights = node.args[1 if node.kind in _TOPPED else 0 :]
    if weights:
        return _over_weighted(kernel, node, _weighted(kernel, x, weights[0], j))
    sums = _sums_of(kernel, x, j)
    if node.kind in _SHARES:
        return _shares(kernel, node, sums)
    if node.kind == "log_softmax":
        return _log_shares(kernel, x, sums)
    if node.kind == "log_softmax_rest":
        return _log_rests(kernel, x, j, sums)
    return _over_sums(kernel, node, sums)


def _once(kernel: Kernel, lengths: Mapping[Symbol, Expr], text: Entry) -> Entry:
    """A buffer over these axes, filled with what the text says."""
    entry = kernel.buffer(tuple(lengths.values()))
    with kernel.over(lengths) as at:
        kernel.each(f"{entry(list(at.values()))} = {text(at)}")
    return lambda at: entry([at[a] for a in lengths])


# Shares


def _shares(kernel: Kernel, node: Node, sums: Sums) -> Entry:
    """The shares of the terms in their sum, or what all but one have together."""
    terms, unit, others = sums.terms, sums.unit, sums.others
    scale, low = _scaled(kernel, sums)
    if sums.tails is not None:
        return _exact(kernel, node, sums, scale, low)
    part: Entry = terms if node.kind == "softmax" else lambda at: f"rest_of({terms(at)}, {unit(at)}, {others(at)})"
    kernel.shares[node] = others, part
    if node.kind == "softmax":
        kernel.largest[node] = _of_largest(sums, scale, low), unit
    return lambda at: f"softmax_of({part(at)}, {scale(at)}, {low(at)})"


def _of_largest(sums: Sums, scale: Entry, low: Entry) -> Entry:
    """The share of the largest term."""
    return lambda at: f"softmax_of({sums.unit(at)}, {scale(at)}, {low(at)})"


def _scaled(kernel: Kernel, sums: Sums) -> tuple[Entry, Entry]:
    """What terms are multiplied by to become shares, and what that lacks; worked out once."""
    unit, others = sums.unit, sums.others
    if others not in kernel.scales:
        scale = _once(kernel, sums.axes, lambda at: f"scale_of({unit(at)}, {others(at)})")
        low = _once(kernel, sums.axes, lambda at: f"low_of({unit(at)}, {others(at)}, {sums.lost(at)}, {scale(at)})")
        kernel.scales[others] = scale, low
    return kernel.scales[others]


def _exact(kernel: Kernel, node: Node, sums: Sums, scale: Entry, low: Entry) -> Entry:
    """Shares, or what the others have, that are rounded once, so that products of them keep their digits."""

    def share(term: Entry, tail: Entry | None) -> Entry:
        assert tail is not None
        return lambda at: f"exact_softmax_of({term(at)}, {tail(at)}, {scale(at)}, {low(at)})"

    found = share(sums.terms, sums.tails)
    if node.kind == "softmax":
        return _once(kernel, kernel.lengths(node), found)
    others = _once(kernel, sums.axes, share(sums.others, sums.below))
    return _once(kernel, kernel.lengths(node), lambda at: f"exact_rest_of({found(at)}, {others(at)})")


# Logarithms, and one share


def _logarithm(kernel: Kernel, sums: Sums) -> Entry:
    """The logarithm of the sum over its largest term; worked out once."""

    def text(at: At) -> str:
        unit, others = sums.unit(at), sums.others(at)
        if sums.short is None:
            return f"np.log1p({others} / {unit})"
        return f"log_over({unit}, {others}, {sums.short(at)}, {sums.below(at)})"

    if sums.others not in kernel.logs:
        kernel.logs[sums.others] = _once(kernel, sums.axes, text)
    return kernel.logs[sums.others]


def _peak(sums: Sums) -> Entry:
    assert sums.peak is not None
    return sums.peak


def _log_shares(kernel: Kernel, x: Node, sums: Sums) -> Entry:
    """The logarithms of the shares of all terms."""
    peak, log = _peak(sums), _logarithm(kernel, sums)
    return lambda at: f"({kernel.value(x, at)} - {peak(at)} - {log(at)})"


def _log_rests(kernel: Kernel, x: Node, j: Symbol, sums: Sums) -> Entry:
    """The logarithms of what all terms but one have, for each of them."""
    terms, unit, others, below = sums.terms, sums.unit, sums.others, _below_peak(kernel, x, j, sums)
    return lambda at: f"log_softmax_rest_of({terms(at)}, {unit(at)}, {others(at)}, {below(at)})"


def _below_peak(kernel: Kernel, x: Node, j: Symbol, sums: Sums) -> Entry:
    """The logarithm of what the terms below the largest one add up to, as a share of the whole."""
    along, peak, total = {j: kernel.length(x, j)}, _peak(sums), _logarithm(kernel, sums)
    entry = kernel.buffer(tuple(sums.axes.values()))
    with kernel.over(sums.axes) as at:
        second, below, m = kernel.scalar(), kernel.scalar(), peak(at)
        largest = kernel.scalar("int")
        kernel.each(f"{largest} = order(_real(-np.inf))", f"{below} = _real(0)")
        with kernel.over(along, at) as inner:
            value = kernel.value(x, inner)
            kernel.each(f"{largest} = max({largest}, order(select({value} < {m}, {value}, _real(-np.inf))))")
        kernel.each(f"{second} = number({largest})")
        kernel.each(f"{second} = select(np.isfinite({second}), {second}, {m})")
        with kernel.over(along, at) as inner:
            value = kernel.value(x, inner)
            kernel.each(f"{below} = plus({below}, select({value} < {m}, shifted_exp({value}, {second}), _real(0)))")
        log = f"({second} - {m}) + np.log({below}) - {total(at)}"
        kernel.each(f"{entry(list(at.values()))} = {log}")
    return lambda at: entry([at[a] for a in sums.axes])


def _over_sums(kernel: Kernel, node: Node, sums: Sums) -> Entry:
    """The logarithm of a sum, or the share of one exponential in it or the logarithm of that."""
    if node.kind != "share":
        return _over_total(kernel, node, _peak(sums), _logarithm(kernel, sums))
    largest = _once(kernel, sums.axes, _of_largest(sums, *_scaled(kernel, sums)))
    return _over_total(kernel, node, _peak(sums), lambda at: f"* {largest(at)}")


def _over_weighted(kernel: Kernel, node: Node, total: Total) -> Entry:
    """The same of a weighted sum."""
    first, excess = total.first, total.excess
    if node.kind != "share":
        return _over_total(kernel, node, total.peak, lambda at: f"log_of_total({first(at)}, {excess(at)}, _real(1))")
    return _over_total(kernel, node, total.peak, lambda at: f"/ ({first(at)} + {excess(at)})")


def _over_total(kernel: Kernel, node: Node, peak: Entry, rest: Entry) -> Entry:
    """What is asked of a sum of exponentials, by its largest exponent.

    `rest` is the logarithm of the sum over its largest term, or what makes an exponential over that term a share.
    """
    top = node.args[0] if node.kind in _TOPPED else None

    def text(at: At) -> str:
        exponent = kernel.value(top, {a: at[a] for a in top.axes}) if top else ""
        if node.kind == "share":
            return f"shifted_exp_of({exponent}, {peak(at)}) {rest(at)}"
        return f"-({peak(at)} - {exponent} + {rest(at)})" if top else f"{peak(at)} + {rest(at)}"

    return _once(kernel, kernel.lengths(node), text)


# The sums


def _sums_of(kernel: Kernel, x: Node, j: Symbol) -> Sums:
    """The exponentials of x along j and their sum; worked out once."""
    if (x, j) not in kernel.sums:
        kernel.sums[x, j] = _Rows(kernel, x, j).sums()
    return kernel.sums[x, j]


@dataclass(frozen=True)
class _Function:
    """The exponential that terms are: its name, and what its exponents are taken from, if anything."""

    name: str
    peak: str = ""

    def term(self, exponent: str) -> str:
        return f"{self.name}({exponent}{self._more})"

    def tail(self, term: str, exponent: str) -> str:
        """What a rounded term lacks."""
        return f"{self.name}_tail({term}, {exponent}{self._more})"

    @property
    def _more(self) -> str:
        return f", {self.peak}" if self.peak else ""


_NEAR = _Function("exp_near")
"""The exponential of small numbers."""


class _Rows:
    """The memory for the exponentials of a node along an axis and for their sums, row by row of its other axes.

    `flat` is the name of the argument whose numbers, those of all rows of a block, are worked at in one loop.
    """

    def __init__(self, kernel: Kernel, x: Node, j: Symbol) -> None:
        self.kernel, self.x, self.j = kernel, x, j
        self.axes = kernel.lengths(x)
        self.along = {j: self.axes.pop(j)}
        self.flat = _argument(x) if kernel.is_flat() and not self.axes else None
        self.has_peak = any(n.kind not in _SHARES for n in kernel.uses if n.kind in ALONG and x in n.args)
        self.terms = self._for_terms()
        self.unit, self.others, self.lost = (self.for_rows() for _ in range(3))
        is_dense = is_rounded_once(kernel.program, kernel.uses, x)
        self.tails = self._for_terms() if is_dense else None
        self.below = self.for_rows() if is_dense else self.lost
        self.peak = self.for_rows() if self.has_peak else None
        self.short = self.for_rows() if self.has_peak and not kernel.alone else None

    def _for_terms(self) -> Callable[[list[str]], str]:
        if self.flat is not None:
            return self.kernel.flat(self.flat)
        return self.kernel.buffer((*self.axes.values(), *self.along.values()))

    def for_rows(self) -> Callable[[list[str]], str]:
        """A buffer with one number for each row."""
        return self.kernel.buffer(tuple(self.axes.values()))

    def sums(self) -> Sums:
        """What the statements that are written put."""
        with self.kernel.over(self.axes) as at:
            row = _Row(self, at)
            row.put()
            row.add_others()
            row.keep_others()
            row.keep_peak()
        tails = self._of_term(self.tails) if self.tails is not None else None
        unit, others, lost, below = (self._of_row(n) for n in (self.unit, self.others, self.lost, self.below))
        peak, short = (self._of_row(n) if n is not None else None for n in (self.peak, self.short))
        return Sums(self.axes, self._of_term(self.terms), unit, others, lost, tails, below, peak, short)

    def _of_row(self, entry: Callable[[list[str]], str]) -> Entry:
        return lambda at: entry([at[a] for a in self.axes])

    def _of_term(self, entry: Callable[[list[str]], str]) -> Entry:
        return lambda at: entry([*(at[a] for a in self.axes), at[self.j]])


class _Row:
    """Writes the statements for one row of exponentials.

    Along a row LLVM makes vectors of sums and of maxima, so that all terms are added first and the largest is taken
    from them after; over many rows either is as good, and adding the others in turn, with what that loses, is exact.

    `peak` is the largest exponent, `top` the largest term; `total` is the sum of all, `rest` that of the others and
    `lost` what it lacks, `more` what all terms lack; `largest` is a number by its order, and `far` how large the
    exponents are.
    """

    def __init__(self, rows: _Rows, at: Mapping[Symbol, str]) -> None:
        kernel = self.kernel = rows.kernel
        self.rows, self.along, self.at, self.here = rows, rows.along, at, list(at.values())
        self.in_turn = not kernel.is_along
        self.peak, self.total, self.rest, self.lost, self.more = (kernel.scalar() for _ in range(5))
        self.largest = kernel.scalar("int")
        self.far = kernel.new("far") if kernel.near is None else "_far"
        self.top = rows.unit(self.here)

    def _exponent(self, inner: At) -> str:
        return self.kernel.value(self.rows.x, {a: inner[a] for a in self.rows.x.axes})

    def _term(self, inner: At) -> str:
        return self.rows.terms([*self.here, inner[self.rows.j]])

    def _tail(self, inner: At) -> str:
        return self.rows.tails([*self.here, inner[self.rows.j]]) if self.rows.tails is not None else ""

    # What is put

    def put(self) -> None:
        """The terms, in the way in which the kernel goes about large numbers."""
        kernel, rows = self.kernel, self.rows
        if rows.has_peak:
            self._find_peak()
        if kernel.near is None:
            kernel.by_size(self.far, self._near, self._by_peak, f" and {kernel.integer(self.along[rows.j])} > 0")
        elif rows.flat is not None:
            with kernel.over_block(rows.flat) as value:
                kernel.guard(value, self.far)
                self._put_term(_NEAR, value, rows.terms([]), rows.tails([]) if rows.tails is not None else "")
            self._near(False, True)
        elif kernel.near:
            self._near(True, False)
            self._near(False, True)
        else:
            self._by_peak()

    def _find_peak(self) -> None:
        """The largest exponent, or 0 where that is not finite."""
        kernel, peak = self.kernel, self.peak
        if kernel.short:
            # What numbers are as bits would hide from LLVM that they are loaded from an argument.
            kernel.each(f"{peak} = _real(-np.inf)")
            with kernel.over(self.along, self.at) as inner:
                kernel.each(f"{peak} = select({self._exponent(inner)} > {peak}, {self._exponent(inner)}, {peak})")
            kernel.each(f"{peak} = select(np.isfinite({peak}), {peak}, _real(0))")
            return
        kernel.each(f"{self.largest} = order(_real(-np.inf))")
        with kernel.over(self.along, self.at) as inner:
            kernel.each(f"{self.largest} = max({self.largest}, order({self._exponent(inner)}))")
        kernel.each(f"{peak} = number({self.largest})", f"{peak} = select(np.isfinite({peak}), {peak}, _real(0))")

    def _near(self, looks: bool, puts: bool) -> None:
        """Look how large the exponents are, or put their exponentials as if all were small, or both in one loop."""
        kernel = self.kernel
        if not puts:
            with kernel.over(self.along, self.at) as inner:
                kernel.guard(self._exponent(inner), self.far)
            return
        self._begin()
        if self.in_turn:
            self._fill(_NEAR, looks=looks)
        else:
            kernel.each(f"{self.largest} = size_of(_real(0))")
            self._fill(_NEAR, looks=looks, finds_largest=True)
            kernel.each(f"{self.top} = number({self.largest})")
        if self.rows.short is not None:
            kernel.each(f"{self.rows.short(self.here)} = {_NEAR.tail(self.top, self.peak)}")

    def _by_peak(self) -> None:
        """Put the exponentials of what the exponents are below the largest, whose own is 1."""
        self._begin()
        if not self.rows.has_peak:
            self._find_peak()
        self._fill(_Function("shifted_exp", self.peak))
        if not self.in_turn:
            self.kernel.each(f"{self.top} = _real(1)")
        if self.rows.short is not None:
            self.kernel.each(f"{self.rows.short(self.here)} = _real(0)")

    def _fill(self, function: _Function, looks: bool = False, finds_largest: bool = False) -> None:
        """Put and add the terms; they are there already where the numbers of a block are worked at in one loop."""
        kernel = self.kernel
        is_exact = self.rows.tails is not None
        loop = passes.in_turn(kernel, self.along, self.at, self.rest, self.lost, is_exact)
        with loop as (inner, add_smaller):
            if looks:
                kernel.guard(self._exponent(inner), self.far)
            term, tail = self._term(inner), self._tail(inner)
            if self.rows.flat is None:
                self._put_term(function, self._exponent(inner), term, tail)
            self._add(term, tail, add_smaller)
            if finds_largest:
                kernel.each(f"{self.largest} = max({self.largest}, size_of({term}))")

    def _put_term(self, function: _Function, exponent: str, term: str, tail: str) -> None:
        self.kernel.each(f"{term} = {function.term(exponent)}")
        if tail:
            self.kernel.each(f"{tail} = {function.tail(term, exponent)}")

    # What is added

    def _begin(self) -> None:
        """Nothing is added yet."""
        sums = [self.rest, self.lost, self.top] if self.in_turn else [self.total]
        if self.rows.tails is not None:
            sums.append(self.more)
        self.kernel.each(*(f"{v} = _real(0)" for v in sums))

    def _add(self, term: str, tail: str, add_smaller: Callable[[str], None]) -> None:
        """Write the statements that add a term: in turn the smaller one of it and the largest so far."""
        kernel, top = self.kernel, self.top
        if self.in_turn:
            term = kernel.once(term)
            add_smaller(f"select({term} > {top}, {top}, {term})")
            kernel.each(f"{top} = select({term} > {top}, {term}, {top})")
        else:
            kernel.each(f"{self.total} = plus({self.total}, {term})")
        if tail:
            kernel.each(f"{self.more} = plus({self.more}, {tail})")

    def add_others(self) -> None:
        """The sum of the others, and what it lacks, where all terms were added first.

        Where the largest is at most half of the sum the difference has all digits; else the others are added.
        """
        if self.in_turn:
            return
        kernel, total, top = self.kernel, self.total, self.top
        if not self.rows.axes:
            kernel.expect()
        limit = kernel.scalar()

        def below_limit(inner: At) -> str:
            term = self._term(inner)
            return f"select({term} >= {limit}, _real(0), {term})"

        kernel.each(f"{limit} = _real(np.inf)")
        with kernel.branch(f"({total} >= {top}) & ({total} < {top} + {top})"):
            kernel.each(f"{limit} = {top}", f"{total} = _real(0)")
            with kernel.over(self.along, self.at) as inner:
                kernel.each(f"{total} = plus({total}, {below_limit(inner)})")
        lead, left = passes.in_two_parts(kernel, self.along, self.at, below_limit, total)
        kernel.each(f"{total} = select({limit} < _real(np.inf), _real(0), {top})", f"{self.rest} = {lead} - {total}")
        kernel.each(f"{self.lost} = {left} + (({lead} - {self.rest}) - {total})")

    # What is kept

    def keep_others(self) -> None:
        """The sum of the others as one number, what it lacks, and what the terms below the largest lack together."""
        kernel, rows = self.kernel, self.rows
        others, lost, below = (entry(self.here) for entry in (rows.others, rows.lost, rows.below))
        kernel.each(f"{others} = {self.rest} + {self.lost}")
        kernel.each(f"{lost} = ({self.rest} - {others}) + {self.lost}")
        if rows.tails is None:
            return
        kernel.each(f"{below} = {lost}", f"{lost} = {lost} + {self.more}")
        with kernel.over(self.along, self.at) as inner:
            chosen = f"select({self._term(inner)} >= {self.top}, _real(0), {self._tail(inner)})"
            kernel.each(f"{below} = {below} + {chosen}")

    def keep_peak(self) -> None:
        """The largest exponent, where more than shares is asked for."""
        if self.rows.peak is not None:
            self.kernel.each(f"{self.rows.peak(self.here)} = {self.peak}")


def _argument(node: Node) -> str | None:
    """The name of the argument whose row a node is; None where it is no whole row of one."""
    if node.kind == "entry" and all(isinstance(p, Whole) for p in node.data):
        (node,) = node.args
    return node.data[0] if node.kind == "input" else None


def _weighted(kernel: Kernel, x: Node, weight: Node, j: Symbol) -> Total:
    """The weighted sum of the exponentials of x along j, over the largest one of a weight that is not 0."""
    found = kernel.weighted.get((x, weight, j))
    if found is not None:
        return found
    axes = {a: n for y in (x, weight) for a, n in kernel.lengths(y).items()}
    along = {j: axes.pop(j)}
    peak, others, first = (kernel.buffer(tuple(axes.values())) for _ in range(3))
    with kernel.over(axes) as at:
        here = list(at.values())
        m, total, one, lost = (kernel.scalar() for _ in range(4))
        largest = kernel.scalar("int")
        kernel.each(f"{largest} = order(_real(-np.inf))")
        with kernel.over(along, at) as inner:
            value, scale = (kernel.value(y, {a: inner[a] for a in y.axes}) for y in (x, weight))
            kernel.each(f"{largest} = max({largest}, order(select({scale} == 0, _real(-np.inf), {value})))")
        kernel.each(f"{m} = number({largest})")
        kernel.each(f"{m} = select(np.isfinite({m}), {m}, _real(0))")
        kernel.each(*(f"{v} = _real(0)" for v in (total, one, lost)))
        with kernel.over(along, at) as inner:
            value, scale = (kernel.value(y, {a: inner[a] for a in y.axes}) for y in (x, weight))
            added = passes.one_more(kernel, along, total, lost, f"{scale} * shifted_exp({value}, {m})")
            kernel.each(
                f"if ({one} == 0) & ({scale} != 0) & ({value} == {m}):",
                f"    {one} = {scale}",
                f"elif {scale} != 0:",
                *(f"    {line}" for line in added),
            )
        kernel.each(f"{others(here)} = {total} + {lost}", f"{first(here)} = {one}", f"{peak(here)} = {m}")
    places = [lambda at, entry=entry: entry([at[a] for a in axes]) for entry in (peak, first, others)]
    found = kernel.weighted[x, weight, j] = Total(axes, *places)
    return found
