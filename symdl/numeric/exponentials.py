"""Loops along an axis of exponentials: their sum by way of its largest term, shares of it, and logarithms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sympy import Expr, Symbol

from symdl.numeric import passes
from symdl.numeric.program import Node, Whole, is_rounded_once

if TYPE_CHECKING:
    from symdl.numeric.loops import At, Entry, Kernel

_TOPPED = frozenset({"share", "log_share"})
ALONG = _TOPPED | {"logsumexp", "softmax", "softmax_rest", "log_softmax", "log_softmax_rest"}
"""The kinds of node that are worked out here."""


@dataclass(frozen=True)
class Sums:
    """The texts of what a sum of exponentials consists of, by the positions along its axes.

    `terms` are the exponentials, the largest of which is `unit`; `others` is the sum of all but one as large as this,
    so that nothing cancels.  The exact sum is larger by `lost`.  Where there are more results than shares, so that
    it costs little, the exact terms are larger by `tails`, and those below the largest together by `below`.
    Over `unit` they are `first` and `excess`, exponentials less the largest exponent `peak`, where `first` is the
    weight of the largest.
    """

    axes: dict[Symbol, Expr]
    terms: Entry
    unit: Entry
    others: Entry
    lost: Entry
    tails: Entry | None
    below: Entry
    peak: Entry
    first: Entry
    excess: Entry


def along(kernel: Kernel, node: Node) -> Entry:
    """One of the functions of exponentials along an axis, by way of their sum less its largest term."""
    kind = node.kind
    (j,) = node.data
    has_top = kind in _TOPPED
    x, *weights = node.args[1 if has_top else 0 :]
    sums = _weighted(kernel, x, weights[0], j) if weights else _sums_of(kernel, x, j)
    e, unit, others, m, excess = sums.terms, sums.unit, sums.others, sums.peak, sums.excess
    if kind in ("softmax", "softmax_rest"):
        scale, low = _scaled(kernel, sums)
        if sums.tails is not None:
            return _exact(kernel, node, sums, scale, low)
        part: Entry = e if kind == "softmax" else lambda at: f"rest_of({e(at)}, {unit(at)}, {others(at)})"
        kernel.shares[node] = others, part
        if kind == "softmax":
            kernel.largest[node] = lambda at: f"softmax_of({unit(at)}, {scale(at)}, {low(at)})"
        return lambda at: f"softmax_of({part(at)}, {scale(at)}, {low(at)})"
    if kind == "log_softmax":
        log = _once(kernel, sums.axes, lambda at: f"np.log1p({excess(at)})")
        return lambda at: f"({kernel.value(x, at)} - {m(at)} - {log(at)})"
    if kind == "log_softmax_rest":
        below = _below(kernel, x, j, sums)
        return lambda at: f"log_softmax_rest_of({e(at)}, {unit(at)}, {others(at)}, {below(at)})"

    if kind == "share" and not weights:
        scale, low = _scaled(kernel, sums)
        largest = _once(kernel, sums.axes, lambda at: f"softmax_of({unit(at)}, {scale(at)}, {low(at)})")

    def text(at: At) -> str:
        top = kernel.value(node.args[0], {a: at[a] for a in node.args[0].axes}) if has_top else ""
        if kind == "share":
            part = f"shifted_exp_of({top}, {m(at)})"
            return f"{part} / ({sums.first(at)} + {excess(at)})" if weights else f"{part} * {largest(at)}"
        log = f"log_of_total({sums.first(at)}, {excess(at)}, _real(1))"
        return f"-({m(at)} - {top} + {log})" if has_top else f"{m(at)} + {log}"

    return _once(kernel, kernel.lengths(node), text)


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


def _once(kernel: Kernel, lengths: Mapping[Symbol, Expr], text: Entry) -> Entry:
    """A buffer over these axes, filled with what the text says."""
    entry = kernel.buffer(tuple(lengths.values()))
    with kernel.over(lengths) as at:
        kernel.each(f"{entry(list(at.values()))} = {text(at)}")
    return lambda at: entry([at[a] for a in lengths])


def _sums_of(kernel: Kernel, x: Node, j: Symbol) -> Sums:
    """The exponentials of x along j and their sum; worked out once.

    Where all exponents are small nothing is taken from them, and nothing is rounded; else the largest is.
    """
    found = kernel.sums.get((x, None, j))
    if found is not None:
        return found
    axes = kernel.lengths(x)
    along = {j: axes.pop(j)}
    shape = tuple(axes.values())
    flat = _argument(x) if kernel.is_flat() and not axes else None

    def made() -> Callable[[list[str]], str]:
        return kernel.flat(flat) if flat is not None else kernel.buffer((*shape, *along.values()))

    terms = made()
    unit, others, missing = (kernel.buffer(shape) for _ in range(3))
    is_dense = is_rounded_once(kernel.program, kernel.uses, x)
    tails = made() if is_dense else None
    below = kernel.buffer(shape) if is_dense else missing
    has_peak = any(n.kind not in ("softmax", "softmax_rest") for n in kernel.uses if n.kind in ALONG and x in n.args)
    with kernel.over(axes) as at:
        here = list(at.values())
        m, total, rest, lost, more = (kernel.scalar() for _ in range(5))
        largest = kernel.scalar("int")
        far = kernel.new("far") if kernel.near is None else "_far"
        top, inside = unit(here), lambda inner: kernel.value(x, {a: inner[a] for a in x.axes})
        # Along a row LLVM makes vectors of sums and of maxima; over many rows either is as good, and this is exact.
        in_turn = not kernel.is_along
        begin = [f"{v} = _real(0)" for v in ((rest, lost, top) if in_turn else (total,))]
        added = [f"{total} = plus({total}, {{0}})"]
        if in_turn:
            lower = f"select({{0}} > {top}, {top}, {{0}})"
            added = [*passes.one_more(kernel, along, rest, lost, lower), f"{top} = select({{0}} > {top}, {{0}}, {top})"]
        if is_dense:
            begin, added = [*begin, f"{more} = _real(0)"], [*added, f"{more} = plus({more}, {{1}})"]

        def below_limit(inner: At, limit: str) -> str:
            place = terms([*here, inner[j]])
            return f"select({place} >= {limit}, _real(0), {place})"

        def peak() -> None:
            if kernel.short:
                # What numbers are as bits would hide from LLVM that they are loaded from an argument.
                kernel.each(f"{m} = _real(-np.inf)")
                with kernel.over(along, at) as inner:
                    kernel.each(f"{m} = select({inside(inner)} > {m}, {inside(inner)}, {m})")
                kernel.each(f"{m} = select(np.isfinite({m}), {m}, _real(0))")
                return
            kernel.each(f"{largest} = order(_real(-np.inf))")
            with kernel.over(along, at) as inner:
                kernel.each(f"{largest} = max({largest}, order({inside(inner)}))")
            kernel.each(f"{m} = number({largest})", f"{m} = select(np.isfinite({m}), {m}, _real(0))")

        def put(name: str, more: str, value: str, place: str, tail: str) -> None:
            kernel.each(f"{place} = {name}({value}{more})")
            if tail:
                kernel.each(f"{tail} = _real(0)")
                kernel.each(kernel.many(along, f"{tail} = {name}_tail({place}, {value}{more})"))

        def fill(name: str, more: str, *lines: str, looks: bool = False) -> None:
            with kernel.over(along, at) as inner:
                if looks:
                    kernel.guard(inside(inner), far)
                place, tail = terms([*here, inner[j]]), tails([*here, inner[j]]) if tails is not None else ""
                if flat is None:
                    put(name, more, inside(inner), place, tail)
                kernel.each(*(line.format(place, tail) for line in (*added, *lines)))

        def near(looks: bool, puts: bool) -> None:
            if not puts:
                with kernel.over(along, at) as inner:
                    kernel.guard(inside(inner), far)
                return
            kernel.each(*begin)
            if in_turn:
                fill("exp_near", "", looks=looks)
                return
            kernel.each(f"{largest} = size_of(_real(0))")
            fill("exp_near", "", f"{largest} = max({largest}, size_of({{0}}))", looks=looks)
            kernel.each(f"{top} = number({largest})")

        def by_peak() -> None:
            kernel.each(*begin)
            if not has_peak:
                peak()
            fill("shifted_exp", f", {m}")
            if not in_turn:
                kernel.each(f"{top} = _real(1)")

        if has_peak:
            peak()
        if kernel.near is None:
            kernel.by_size(far, near, by_peak, f" and {kernel.integer(along[j])} > 0")
        elif flat is not None:
            with kernel.over_block(flat) as value:
                kernel.guard(value, far)
                put("exp_near", "", value, terms([]), tails([]) if tails is not None else "")
            near(False, True)
        elif kernel.near:
            near(True, False)
            near(False, True)
        else:
            by_peak()
        if not in_turn:
            if not axes:
                kernel.expect()
            # Where the largest is at most half of the sum the difference has all digits; else the others are added.
            limit = kernel.scalar()
            kernel.each(f"{limit} = _real(np.inf)")
            with kernel.branch(f"({total} >= {top}) & ({total} < {top} + {top})"):
                kernel.each(f"{limit} = {top}", f"{total} = _real(0)")
                with kernel.over(along, at) as inner:
                    kernel.each(f"{total} = plus({total}, {below_limit(inner, limit)})")
            first, left = passes.in_two_parts(kernel, along, at, lambda inner: below_limit(inner, limit), total)
            kernel.each(f"{total} = select({limit} < _real(np.inf), _real(0), {top})", f"{rest} = {first} - {total}")
            kernel.each(f"{lost} = {left} + (({first} - {rest}) - {total})")
        kernel.each(f"{others(here)} = {rest} + {lost}")
        kernel.each(f"{missing(here)} = ({rest} - {others(here)}) + {lost}")
        if tails is not None:
            kernel.each(f"{below(here)} = {missing(here)}", f"{missing(here)} = {missing(here)} + {more}")
            with kernel.over(along, at) as inner:
                place, tail = terms([*here, inner[j]]), tails([*here, inner[j]])
                kernel.each(f"{below(here)} = {below(here)} + select({place} >= {top}, _real(0), {tail})")
        peaks = excesses = None
        if has_peak:
            peaks, excesses = kernel.buffer(shape), kernel.buffer(shape)
            kernel.each(f"{peaks(here)} = {m}", f"{excesses(here)} = {others(here)} / {top}")
    kept = tuple(axes)

    def at_kept(entry: Callable[[list[str]], str] | None) -> Entry:
        return lambda at: entry([at[a] for a in kept]) if entry is not None else ""

    def at_terms(entry: Callable[[list[str]], str]) -> Entry:
        return lambda at: entry([*(at[a] for a in kept), at[j]])

    sums = kernel.sums[x, None, j] = Sums(
        axes,
        at_terms(terms),
        at_kept(unit),
        at_kept(others),
        at_kept(missing),
        at_terms(tails) if tails is not None else None,
        at_kept(below),
        at_kept(peaks),
        lambda at: "_real(1)",
        at_kept(excesses),
    )
    return sums


def _argument(node: Node) -> str | None:
    """The name of the argument whose row a node is; None where it is no whole row of one."""
    if node.kind == "entry" and all(isinstance(p, Whole) for p in node.data):
        (node,) = node.args
    return node.data[0] if node.kind == "input" else None


def _weighted(kernel: Kernel, x: Node, weight: Node, j: Symbol) -> Sums:
    """The exponentials of x along j, less their largest term of a weight that is not 0, and their weighted sum."""
    found = kernel.sums.get((x, weight, j))
    if found is not None:
        return found
    axes = {a: n for y in (x, weight) for a, n in kernel.lengths(y).items()}
    along = {j: axes.pop(j)}
    shape = tuple(axes.values())
    peak, others, first = (kernel.buffer(shape) for _ in range(3))
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
    nothing: Entry = lambda at: ""  # noqa: E731
    sums = kernel.sums[x, weight, j] = Sums(axes, nothing, nothing, nothing, nothing, None, nothing, *places)
    return sums


def _below(kernel: Kernel, x: Node, j: Symbol, sums: Sums) -> Entry:
    """The logarithm of what the terms below the largest one add up to, as a share of the whole."""
    along = {j: kernel.length(x, j)}
    entry = kernel.buffer(tuple(sums.axes.values()))
    with kernel.over(sums.axes) as at:
        second, below, m = kernel.scalar(), kernel.scalar(), sums.peak(at)
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
        log = f"({second} - {m}) + np.log({below}) - np.log1p({sums.excess(at)})"
        kernel.each(f"{entry(list(at.values()))} = {log}")
    return lambda at: entry([at[a] for a in sums.axes])
