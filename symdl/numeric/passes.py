"""Loops along one axis: sums and products, those up to each place, and running sums."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from sympy import Expr, Symbol

from symdl.numeric import expressions
from symdl.numeric.helpers import FEW
from symdl.numeric.pairs import has_shares
from symdl.numeric.program import Node, one_share

if TYPE_CHECKING:
    from symdl.numeric.loops import Kernel
    from symdl.numeric.writer import At, Entry

_STEPS = {"sum": "plus({}, {})", "prod": "{} * ({})", "size": "max({}, abs({}))"}
"""What joins the entries along an axis one after the other."""

AT_ONCE = 4
"""How many turns of a loop LLVM is sure to write out one by one."""


def reduced(kernel: Kernel, node: Node, args: tuple[Node, ...], op: str, j: Symbol) -> Entry:
    """A sum, a product or the largest size along an axis of the product of some nodes."""
    lengths = kernel.lengths(node)
    entry = kernel.buffer(tuple(lengths.values()))
    along = {j: next(kernel.length(a, j) for a in args if j in a.axes)}
    with kernel.over(lengths) as at:
        place = entry([at[x] for x in node.axes])
        share = one_share(args[0], j) if len(args) == 1 and op == "sum" else None
        if len(args) == 1 and op == "sum" and share is None:
            term: Entry = lambda inner: kernel.value(args[0], {x: inner[x] for x in args[0].axes})  # noqa: E731
            _added(kernel, along, at, place, term, is_exact=not has_shares(args[0]))
        else:
            total = kernel.scalar()
            kernel.each(f"{total} = _real({1 if op == 'prod' else 0})")
            if share in kernel.largest and not kernel.alone:
                _add_dominant(kernel, args[0], share, along, at, total)
            else:
                with kernel.over(along, at) as inner:
                    value = " * ".join(kernel.value(a, {x: inner[x] for x in a.axes}) for a in args)
                    kernel.each(f"{total} = {_STEPS[op].format(total, value)}")
            kernel.each(f"{place} = {total}")
    return lambda at: entry([at[x] for x in node.axes])


def _add_dominant(kernel: Kernel, node: Node, share: Node, along: Mapping[Symbol, Expr], at: At, total: str) -> None:
    """Add what belongs to the share above a half, which is that of the largest term."""
    above = node.args[0].args[0].args[0]
    largest, unit = kernel.largest[share]
    limit = kernel.scalar()
    kernel.each(f"{limit} = select({largest(at)} > _real(0.5), {unit(at)}, _real(np.inf))")
    is_there = kernel.branch(f"{limit} < _real(np.inf)") if kernel.is_along else nullcontext()
    with is_there, kernel.over(along, at) as inner:
        found = expressions.share(kernel, above, inner)
        assert found is not None
        value = kernel.value(node.args[1], {x: inner[x] for x in node.args[1].axes})
        is_here = f"{found[1]} >= {limit}"
        if kernel.is_along:
            kernel.each(f"{total} = plus({total}, select({is_here}, {value}, _real(0)))")
        else:
            kernel.each(f"{total} = select({is_here}, {value}, {total})")


def _added(
    kernel: Kernel,
    along: Mapping[Symbol, Expr],
    at: At,
    place: str,
    value: Entry,
    is_exact: bool,
    made: Entry | None = None,
) -> None:
    """Put a sum along an axis into a place; `made` is what the terms are made by first.

    Along a row the sum of the leading digits is exact, and that of what they leave over is small; over many rows what
    rounding takes away is added up too, of each term with `is_exact`.
    """
    total, lost = kernel.scalar(), kernel.scalar()
    kernel.each(f"{total} = _real(0)", f"{lost} = _real(0)")

    def term(inner: At) -> str:
        if made is not None:
            kernel.each(f"{value(inner)} = {made(inner)}")
        return value(inner)

    if not kernel.is_along:
        with in_turn(kernel, along, at, total, lost, is_exact) as (inner, add):
            add(term(inner))
        kernel.each(f"{place} = {total} + select(np.isfinite({lost}), {lost}, _real(0))")
        return
    with kernel.over(along, at) as inner:
        found = term(inner)
        kernel.each(f"{total} = plus({total}, {found})", f"{lost} = plus({lost}, abs({found}))")
    lead, rest = in_two_parts(kernel, along, at, value, lost)
    kernel.each(f"{place} = select(np.isfinite({lost}), {lead} + {rest}, {total})")


def one_more(kernel: Kernel, along: Mapping[Symbol, Expr], total: str, lost: str, term: str) -> list[str]:
    """The statements that add a term, and to what was lost what rounding takes away, unless the terms are few."""
    return [kernel.many(along, f"{lost} = {lost} + lost_by({total}, {term})"), f"{total} = {total} + {term}"]


@contextmanager
def in_turn(
    kernel: Kernel, along: Mapping[Symbol, Expr], at: At, total: str, lost: str, is_exact: bool
) -> Iterator[tuple[At, Callable[[str], None]]]:
    """A loop along an axis, and what adds a term in it, with what rounding takes away.

    In the short way sums of a few terms are added, unless `is_exact`: within these rounding takes little away.
    """
    if is_exact or not kernel.short:
        with kernel.over(along, at) as inner:
            yield inner, lambda term: kernel.each(*one_more(kernel, along, total, lost, term))
        return
    ((letter, length),) = along.items()
    part, n = kernel.new("s"), kernel.integer(length)
    with kernel.loop("_part", f"0, {n}, {FEW}"):
        kernel.line(f"{part} = _real(0)")
        step = kernel.new("i")
        with kernel.loop(step, f"_part, min(_part + {FEW}, {n})"):
            yield {**at, letter: step}, lambda term: kernel.line(f"{part} = {part} + {term}")
        kernel.each(*one_more(kernel, along, total, lost, part))


def in_two_parts(kernel: Kernel, along: Mapping[Symbol, Expr], at: At, value: Entry, size: str) -> tuple[str, str]:
    """The sum of the leading digits of some terms, which is exact, and that of what they leave over, which is small.

    `size` is what their sizes add up to; it holds twice as much afterwards.
    """
    lead, rest = kernel.scalar(), kernel.scalar()
    kernel.each(f"{size} = {size} + {size}", f"{lead} = _real(0)", f"{rest} = _real(0)")
    with kernel.over(along, at) as inner:
        term = value(inner)
        kernel.each(f"{lead} = plus({lead}, leading({term}, {size}))")
        kernel.each(f"{rest} = plus({rest}, {term} - leading({term}, {size}))")
    return lead, rest


def kept_and_added(kernel: Kernel, node: Node, total: Node) -> tuple[Entry, Entry]:
    """What is kept of a node, and its sum along an axis, in one loop: nothing is loaded again to be added."""
    (_, j) = total.data
    lengths = kernel.lengths(total)
    kept = kernel.buffer(tuple(kernel.lengths(node).values()))
    found = kernel.buffer(tuple(lengths.values()))
    with kernel.over(lengths) as at:
        place = found([at[x] for x in total.axes])
        terms: Entry = lambda inner: kept([inner[x] for x in node.axes])  # noqa: E731
        made: Entry = lambda inner: kernel.value(node, inner)  # noqa: E731
        _added(kernel, {j: kernel.length(node, j)}, at, place, terms, not has_shares(node), made)
    return lambda at: kept([at[x] for x in node.axes]), lambda at: found([at[x] for x in total.axes])


def picked(kernel: Kernel, node: Node) -> Entry:
    """The entry of a short axis at a position that is worked out: one of all, so that loops over rows stay simple."""
    base, *indices = node.args
    lengths = kernel.lengths(node)
    entry = kernel.buffer(tuple(lengths.values()))
    with kernel.over(lengths) as at:
        found = kernel.scalar()
        kernel.each(f"{found} = _real(0)")
        with kernel.over(kernel.lengths(base)) as inner:
            here = [f"({inner[x]} == {kernel.value(i, at)})" for x, i in zip(base.axes, indices, strict=True)]
            kernel.each(f"{found} = select({' & '.join(here)}, {kernel.value(base, inner)}, {found})")
        kernel.each(f"{entry([at[x] for x in node.axes])} = {found}")
    return lambda at: entry([at[x] for x in node.axes])


def partials(kernel: Kernel, node: Node) -> Entry:
    """The sums or products up to each place, or from it."""
    op, from_end = node.data
    *outer, j = node.axes
    n = kernel.length(node.args[0], j)
    entry = kernel.buffer(tuple(kernel.length(node, x) for x in node.axes))
    sign = "+" if op == "sum" else "*"
    with kernel.over({x: kernel.length(node, x) for x in outer}) as at:
        head = [at[x] for x in outer]
        last = kernel.integer(n) if from_end else "0"
        kernel.each(f"{entry([*head, last])} = _real({0 if op == 'sum' else 1})")
        step = kernel.new("i")
        with kernel.loop(step, f"{last} - 1, -1, -1" if from_end else kernel.integer(n)):
            before, after = (f"{step} + 1", step) if from_end else (step, f"{step} + 1")
            value = kernel.value(node.args[0], {**at, j: step})
            kernel.each(f"{entry([*head, after])} = {entry([*head, before])} {sign} {value}")
    return lambda at: entry([at[x] for x in node.axes])


def running(kernel: Kernel, node: Node) -> Entry:
    """S_t = g_t + c_t S_{t-1} for every t, or the same from the end."""
    new, factor = node.args
    (from_end,) = node.data
    *outer, j = node.axes
    n = kernel.integer(kernel.length(new, j))
    entry = kernel.buffer(tuple(kernel.length(node, x) for x in node.axes))
    with kernel.over({x: kernel.length(node, x) for x in outer}) as at:
        head = [at[x] for x in outer]
        first, other = (n, f"{n} - 1") if from_end else ("0", "1")
        begin = f"{n} - 1" if from_end else "0"
        kernel.each(f"{entry([*head, first])} = _real(0)")
        with kernel.loop("_once", f"min({n}, 1)"):
            target = other if from_end else "1"
            kernel.each(f"{entry([*head, target])} = {kernel.value(new, {**at, j: begin})}")
        step = kernel.new("i")
        with kernel.loop(step, f"{n} - 2, -1, -1" if from_end else f"1, {n}"):
            before, after = (f"{step} + 1", step) if from_end else (step, f"{step} + 1")
            scale = kernel.value(factor, {**at, j: step if from_end else f"{step} - 1"})
            value = kernel.value(new, {**at, j: step})
            kernel.each(f"{entry([*head, after])} = {value} + {scale} * {entry([*head, before])}")
    return lambda at: entry([at[x] for x in node.axes])


def vector_chain(kernel: Kernel, node: Node) -> Entry:
    """A vector times more and more of some matrices, in order."""
    vector, scale, matrix = node.args
    from_end, _ = node.data
    t, a = node.axes
    b = matrix.axes[-1]
    n, size = kernel.integer(kernel.length(scale, t)), {a: kernel.length(scale, a)}
    entry = kernel.buffer(tuple(kernel.length(node, x) for x in node.axes))
    with kernel.over(size) as at:
        kernel.each(f"{entry([n if from_end else '0', at[a]])} = {kernel.value(vector, {vector.axes[0]: at[a]})}")
    step = kernel.new("i")
    with kernel.loop(step, f"{n} - 1, -1, -1" if from_end else n):
        before, after = (f"{step} + 1", step) if from_end else (step, f"{step} + 1")
        total = kernel.buffer(tuple(size.values()))
        with kernel.over(size) as at:
            kernel.each(f"{total([at[a]])} = _real(0)")
        # The inner loop runs along a row of the matrix, which lies in one piece in memory.
        with kernel.over(size) as at:
            row = at[a]
            if from_end:
                held = kernel.scalar()
                kernel.each(f"{held} = {entry([before, row])} * {kernel.value(scale, {t: step, a: row})}")
                with kernel.over(size) as inner:
                    value = kernel.value(matrix, {x: {t: step, a: row, b: inner[a]}[x] for x in matrix.axes})
                    kernel.each(f"{total([inner[a]])} += {held} * {value}")
            else:
                held = kernel.scalar()
                kernel.each(f"{held} = _real(0)")
                with kernel.over(size) as inner:
                    value = kernel.value(matrix, {x: {t: step, a: row, b: inner[a]}[x] for x in matrix.axes})
                    kernel.each(f"{held} = plus({held}, {value} * {entry([before, inner[a]])})")
                kernel.each(f"{total([row])} = {held} * {kernel.value(scale, {t: step, a: row})}")
        with kernel.over(size) as at:
            kernel.each(f"{entry([after, at[a]])} = {total([at[a]])}")
    return lambda at: entry([at[x] for x in node.axes])


def is_powers(node: Node) -> bool:
    """Whether a power has whole exponents that go up or down by 1 along an axis, along which its base is the same."""
    base, exponent = node.args
    return len(exponent.axes) == 1 and exponent.axes[0] not in base.axes and _slope(exponent) in (1, -1)


def _slope(node: Node) -> int | None:
    """By how much a whole number grows along its axis; None where this is not known."""
    if node.kind == "integer" or (node.kind == "number" and node.data[0].is_Integer):
        return 0
    if node.kind == "arange":
        return 1
    slopes = [_slope(a) for a in node.args]
    if node.kind not in ("add", "sub", "neg") or None in slopes:
        return None
    first, *rest = (s or 0 for s in slopes)
    return -first if node.kind == "neg" else first + (sum(rest) if node.kind == "add" else -sum(rest))


def powers(kernel: Kernel, node: Node) -> Entry:
    """Powers of one base, each from the one before; an exponent below 0 keeps to the definition, for a base of 0."""
    base, exponent = node.args
    (j,) = exponent.axes
    lengths = kernel.lengths(node)
    n = kernel.integer(lengths.pop(j))
    entry = kernel.buffer(tuple(kernel.lengths(node).values()))
    grows = _slope(exponent) == 1
    first, steps = ("0", f"1, {n}") if grows else (f"{n} - 1", f"{n} - 2, -1, -1")
    step = kernel.new("i")
    with kernel.over(lengths) as at:

        def place(position: str) -> str:
            return entry([{**at, j: position}[x] for x in node.axes])

        def power(position: str) -> str:
            value = kernel.value(base, {x: at[x] for x in base.axes})
            return f"{value} ** {kernel.value(exponent, {j: position})}"

        with kernel.branch(f"{kernel.value(exponent, {j: first})} >= 0 and {n} > 0"):
            kernel.each(f"{place(first)} = {power(first)}")
            with kernel.loop(step, steps):
                before = f"{step} - 1" if grows else f"{step} + 1"
                value = kernel.value(base, {x: at[x] for x in base.axes})
                kernel.each(f"{place(step)} = {place(before)} * {value}")
        with kernel.branch(), kernel.loop(step, n):
            kernel.each(f"{place(step)} = {power(step)}")
    return lambda at: entry([at[x] for x in node.axes])


class _Parts(ast.NodeTransformer):
    def visit_For(self, node: ast.For) -> ast.For:
        if ast.unparse(node.target) == "_b" or any(isinstance(n, ast.For) for n in node.body):
            self.generic_visit(node)
            return node
        assert isinstance(node.iter, ast.Call)
        if len(node.iter.args) > 1:
            return node
        (stop,) = node.iter.args
        text = f"for _part in range(0, {ast.unparse(stop)}, {AT_ONCE}):\n    pass"
        (outer,) = ast.parse(text).body
        assert isinstance(outer, ast.For)
        node.iter = ast.parse(f"range(_part, min(_part + {AT_ONCE}, {ast.unparse(stop)}))", mode="eval").body
        outer.body = [node]
        return outer


def in_parts(lines: Sequence[str]) -> list[str]:
    """Statements whose innermost loops along axes come in two parts, each of which has few turns."""
    tree = _Parts().visit(ast.parse("if True:\n" + "\n".join(lines)))
    return [f"    {line}" for line in ast.unparse(ast.fix_missing_locations(tree)).split("\n")[1:]]
