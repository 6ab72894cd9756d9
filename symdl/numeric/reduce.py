"""Sums, products and ordered matrix products; those whose bounds move with an outer index take one pass, not two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sympy import Add, Expr, Indexed, Integer, Mul, S, Symbol, exp, log

from symdl.errors import NoFunctionError
from symdl.language import Binder, Cases, Chain, Delta, Maximum, Minimum, Prod, Sigma, free_symbols, label_of, put
from symdl.numeric import products, running, vectors
from symdl.numeric.inputs import Book
from symdl.numeric.program import Node, axis_letters, is_axis, next_letters, ordered
from symdl.numeric.ranges import ONE, Env, extreme, is_at_least, is_within
from symdl.numeric.stable import diagonal
from symdl.problem import Definition, Range

if TYPE_CHECKING:
    from symdl.numeric.lower import Lowering

Factor = tuple[Expr, Expr]


def opened(
    low: Lowering, binder: Binder, env: Env, avoid: Expr = S.Zero
) -> tuple[Symbol, Expr, Range, Env, Node | None]:
    """A binder's letter, body and range, the ranges inside, and which entries count where its bounds move.

    The letter comes after those of the binder and of `avoid`.
    """
    (j,) = next_letters(Add(binder, avoid), 1)
    if not _moving(binder):
        run = Range(binder.lo, binder.hi)
        return j, binder.open(j), run, {**env, j: run}, None
    box = boxed(binder, env)
    inner = {**env, j: box}
    mask = low.apply(
        "and",
        low.apply("ge", low.index_value(j, inner), low.index_value(binder.lo, inner)),
        low.apply("le", low.index_value(j, inner), low.index_value(binder.hi, inner)),
    )
    return j, binder.open(j), box, inner, mask


def lower_sum(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of a `Sigma`."""
    assert isinstance(expr, Sigma)
    (j,) = next_letters(expr, 1)
    body = expr.open(j)
    run = Range(expr.lo, expr.hi)
    moving = _moving(expr)
    if not moving:
        return _sum(low, body, j, run, env)
    factors = products.factors(low, body, {**env, j: boxed(expr, env)})
    if len(factors) == 1 and isinstance(factors[0][0], Add) and factors[0][1] == 1:
        return low.lower(Add(*(Sigma.over(j, run.lo, run.hi, t) for t in factors[0][0].args)), env)
    outside = [(b, n) for b, n in factors if j not in free_symbols(b**n)]
    inside = [(b, n) for b, n in factors if j in free_symbols(b**n)]
    if outside:
        return products.combine(low, outside, env, (low.lower(Sigma.over(j, run.lo, run.hi, product_of(inside)), env),))
    if moving.isdisjoint(free_symbols(body)):
        return _partial(low, expr, "sum", env)
    found = running.running(low, inside, j, run, moving, env)
    if found is not None:
        return found
    j, body, box, _, mask = opened(low, expr, env)
    return _sum(low, body, j, box, env, mask)


def lower_product(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of a `Prod`."""
    assert isinstance(expr, Prod)
    moving = _moving(expr)
    if moving and moving.isdisjoint(free_symbols(expr.body)):
        return _partial(low, expr, "prod", env)
    j, body, run, inner, mask = opened(low, expr, env)
    node = low.lower(body, inner)
    if mask is not None:
        node = low.where(mask, node, low.number(S.One))
    if j not in node.axes:
        return low.apply("pow", node, low.integer(count(run)))
    return reduced(low, "prod", node, j)


def lower_chain(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of a `Chain`: one entry, or one per value of the letters in its row and column."""
    assert isinstance(expr, Chain)
    plain = diagonal(expr)
    if plain != expr:
        return low.lower(plain, env)
    t, a, b = next_letters(expr, 3)
    units = Range(ONE, expr.size)
    lo, hi = (bool(axis_letters(x)) for x in (expr.lo, expr.hi))
    if (lo or hi) and not _moving(expr).isdisjoint(free_symbols(expr.body)):
        raise NoFunctionError("an ordered product whose factors depend on where it starts or ends has no numeric form")
    if axis_letters(expr.size):
        raise NoFunctionError("matrices whose size depends on an index have no numeric form")
    run = boxed(expr, env)
    inner = {**env, t: run, a: units, b: units}
    node = low.lower(expr.open(t, a, b), inner)
    axes = ordered({*node.axes, t, a, b})
    node = low.expanded(node, axes, tuple(inner[x] for x in axes))
    row_column = {a: expr.row, b: expr.column}
    steps = Range(S.Zero, count(run))
    if not lo and not hi:
        kept = tuple(x for x in axes if x != t)
        whole = low.build.make("chain", (node,), (), kept)
        return picked(low, whole, kept, {**env, a: units, b: units}, row_column, env)
    if lo and hi:
        (more,) = next_letters(a * b, 1)
        head = axes[:-3]
        whole = low.build.make("chain_table", (node,), (), (*head, t, a, b, more))
        runs = (*(env[x] for x in head), steps, steps, units, units)
        at = (*head, first(expr, run, env), stop(expr, run, env), expr.row, expr.column)
        return low.index_into(whole, runs, at, env)
    whole = low.build.make("chain_partials", (node,), (lo,), axes)
    at = first(expr, run, env) if lo else stop(expr, run, env)
    return picked(low, whole, axes, {**env, t: steps, a: units, b: units}, {**row_column, t: at}, env)


# Sums over a range that does not move


def _sum(low: Lowering, body: Expr, j: Symbol, run: Range, env: Env, mask: Node | None = None) -> Node:
    """A sum whose range is fixed; `mask` says which of its terms count."""
    inner: Env = {**env, j: run}
    factors = products.factors(low, body, inner)
    if len(factors) == 1 and isinstance(factors[0][0], Add) and factors[0][1] == 1:
        terms = factors[0][0]
        if len(axis_letters(terms)) > 2 and mask is None:
            return low.lower(Add(*(Sigma.over(j, run.lo, run.hi, t) for t in terms.args)), env)
    sifted = _sifted(low, factors, j, run, env) if mask is None else None
    if sifted is not None:
        return low.lower(sifted, env)
    carried = vectors.through_matrices(low, factors, j, run, env) if mask is None else None
    if carried is not None:
        return carried
    outside = [(b, n) for b, n in factors if j not in free_symbols(b**n)]
    groups: dict[tuple[Symbol, ...], list[Factor]] = {}
    for base, power in factors:
        if j in free_symbols(base**power):
            groups.setdefault(axis_letters(base**power), []).append((base, power))
    for key, group in groups.items():
        if outside and any(isinstance(b, exp) for b, _ in group) and set(axis_letters(product_of(outside))) <= set(key):
            # What is small beside a large exponential is multiplied by it before it overflows.
            groups[key], outside = [*outside, *group], []
    _merge(low, groups, inner, () if mask is None else mask.axes)
    nodes = [products.combine(low, group, inner) for group in groups.values()]
    if mask is not None:
        guarded = next((n for n, key in enumerate(groups) if set(mask.axes) & set(key)), None)
        if guarded is None:
            nodes.append(low.where(mask, low.number(S.One), low.number(S.Zero)))
        else:
            nodes[guarded] = low.where(mask, nodes[guarded], low.number(S.Zero))
    with_j = tuple(n for n in nodes if j in n.axes)
    rest = tuple(n for n in nodes if j not in n.axes)
    if not with_j:
        return products.combine(low, outside, env, (*rest, low.integer(count(run))))
    total = reduced(low, "sum", with_j[0], j) if len(with_j) == 1 else _contracted(low, with_j, j)
    return products.combine(low, outside, env, (*rest, total)) if outside or rest else total


def _merge(low: Lowering, groups: dict[tuple[Symbol, ...], list[Factor]], env: Env, masked: tuple[Symbol, ...]) -> None:
    """Put together what must not be multiplied apart: an indicator, or a logarithm, with what it can switch off.

    `masked` are the letters of the indicator of the sum's own range; its group comes first.
    """
    if masked:
        inside = [key for key in groups if set(key) <= set(masked) or _is_delicate(groups[key])]
        joined = [f for key in inside for f in groups.pop(key)]
        if joined:
            rest = dict(groups)
            groups.clear()
            groups[axis_letters(product_of(joined))] = joined
            groups.update(rest)
    for key in sorted(groups, key=len, reverse=True):
        if key not in groups:
            continue
        if not any(isinstance(b, log) or products.indicator(low, b, env) is not None for b, _ in groups[key]):
            continue
        for other in list(groups):
            if other != key and (set(other) <= set(key) or _is_delicate(groups[other])):
                groups[key] += groups.pop(other)


def _is_delicate(factors: list[Factor]) -> bool:
    """Whether some factor may have no finite value where an indicator is 0."""
    return any(isinstance(b, (log, Cases)) or b.has(Sigma) or (n.is_Rational and n < 0) for b, n in factors)


def _sifted(low: Lowering, factors: list[Factor], j: Symbol, run: Range, env: Env) -> Expr | None:
    """The one term of a sum in which a Kronecker delta is not 0, where it is known to be among the terms."""
    for at, (base, power) in enumerate(factors):
        if isinstance(base, Delta) and power == 1 and j in base.args:
            other = base.args[0] if base.args[1] == j else base.args[1]
            if j in free_symbols(other):
                continue
            if is_within(other, run, env) or low.labels.get(label_of(other)) == run:
                rest = [f for n, f in enumerate(factors) if n != at]
                if any(j in free_symbols(b**n) for b, n in rest):
                    return put(product_of(rest), {j: other})
    return None


def _contracted(low: Lowering, nodes: tuple[Node, ...], j: Symbol) -> Node:
    axes = ordered({a for n in nodes for a in n.axes} - {j})
    return low.build.make("contract", nodes, (j,), axes)


def reduced(low: Lowering, op: str, node: Node, j: Symbol) -> Node:
    """The sum, the product or the largest size of the entries along an axis."""
    return low.build.make("reduce", (node,), (op, j), tuple(a for a in node.axes if a != j))


# Sums and products over a range that moves


def _partial(low: Lowering, expr: Binder, op: str, env: Env) -> Node:
    """Sums or products up to or from each place, of terms that do not depend on the place."""
    (j,) = next_letters(expr, 1)
    run = boxed(expr, env)
    inner = {**env, j: run}
    node = low.lower(expr.open(j), inner)
    axes = ordered({*node.axes, j})
    node = low.expanded(node, axes, tuple(inner[x] for x in axes))
    lo, hi = (bool(axis_letters(x)) for x in (expr.lo, expr.hi))
    steps = Range(S.Zero, count(run))
    if lo and hi:
        (more,) = next_letters(j, 1)
        whole = low.build.make("table", (node,), (op,), (*axes, more))
        head = axes[:-1]
        at = (*head, first(expr, run, env), stop(expr, run, env))
        return low.index_into(whole, (*(env[x] for x in head), steps, steps), at, env)
    whole = low.build.make("partials", (node,), (op, lo), axes)
    at_j = first(expr, run, env) if lo else stop(expr, run, env)
    return picked(low, whole, axes, {**env, j: steps}, {j: at_j}, env)


def first(expr: Binder, run: Range, env: Env) -> Expr:
    """How many terms of the whole range come before the first one of a moving range."""
    at = (expr.lo - run.lo).expand()
    return at if is_at_least(-at, -count(run), env) else Minimum(at, count(run))


def stop(expr: Binder, run: Range, env: Env) -> Expr:
    """How many terms of the whole range there are up to the last one of a moving range."""
    at = (expr.hi - run.lo + 1).expand()
    return at if is_at_least(at, S.Zero, env) else Maximum(at, S.Zero)


def picked(low: Lowering, whole: Node, axes: Iterable[Symbol], runs: Env, at: dict[Symbol, Expr], env: Env) -> Node:
    """The entries of a node at index expressions for some of its axes."""
    letters = tuple(axes)
    return low.index_into(whole, tuple(runs[x] for x in letters), tuple(at.get(x, x) for x in letters), env)


def product_of(factors: Iterable[Factor]) -> Expr:
    """The term whose factors these are."""
    return Mul(*(b**n for b, n in factors))


def _moving(binder: Binder) -> frozenset[Symbol]:
    return frozenset({*axis_letters(binder.lo), *axis_letters(binder.hi)})


def boxed(binder: Binder, env: Env) -> Range:
    """The smallest fixed range that holds a moving one."""
    axes = {s: r for s, r in env.items() if is_axis(s)}
    lo, hi = extreme(binder.lo, axes, largest=False), extreme(binder.hi, axes, largest=True)
    if lo is None or hi is None:
        raise NoFunctionError(f"the range from {binder.lo} to {binder.hi} is too involved to be counted")
    return Range(lo, hi)


def count(run: Range) -> Expr:
    """The number of terms in a range, 0 where it ends before it starts."""
    n = run.length.expand()
    return n if n.is_nonnegative else Maximum(n, S.Zero)


# The order of a recurrence


@dataclass(frozen=True)
class Plan:
    """The index positions to loop over, each with its range and whether it runs down, and the rules in each turn."""

    loops: tuple[tuple[int, Range, bool], ...]
    rules: tuple[Definition, ...]


def order(book: Book, cycle: tuple[Symbol, ...]) -> Plan:
    """How to run through families that are defined by one another.

    Fails   raises NoFunctionError where some member would be needed before it is known.
    """
    rules = [d for label in cycle for d in book.of(label) if any(p in d.ranges for p in d.pattern)]
    names = ", ".join(label.name for label in cycle)
    if not rules or any(not d.pattern for label in cycle for d in book.of(label)):
        raise NoFunctionError(f"{names}: defined in a circle")
    gaps: list[tuple[Definition, Symbol, list[str]]] = []
    for d in rules:
        for q, env in _references(d.body, {}):
            if label_of(q) in cycle:
                gaps.append((d, label_of(q), [_gap(i, p, env) for i, p in zip(q.indices, d.pattern, strict=False)]))
    loops = []
    active = {id(d): d for d, _, _ in gaps}.values()
    for position in range(min(len(d.pattern) for d in active)):
        if any(d.pattern[position] not in d.ranges for d in active):
            continue
        kinds = {g[position] if position < len(g) else "free" for _, _, g in gaps}
        if kinds <= {"same", "past"} or kinds <= {"same", "future"}:
            if kinds <= {"same"}:
                continue
            runs = {d.ranges[d.pattern[position]] for d in active}
            if len(runs) > 1:
                raise NoFunctionError(f"{names}: defined by one another over different ranges")
            loops.append((position, runs.pop(), "future" in kinds))
    rules = [d for d in rules if all(d.pattern[position] in d.ranges for position, _, _ in loops)]
    earlier: dict[Symbol, set[Symbol]] = {label: set() for label in cycle}
    for d, label, kinds_of in gaps:
        if all(kinds_of[position] == "same" for position, _, _ in loops):
            earlier[d.label].add(label)
    ordered_labels: list[Symbol] = []
    while len(ordered_labels) < len(cycle):
        ready = [x for x in cycle if x not in ordered_labels and earlier[x] <= set(ordered_labels)]
        if not ready:
            raise NoFunctionError(f"{names}: defined in a circle")
        ordered_labels.append(ready[0])
    return Plan(tuple(loops), tuple(d for label in ordered_labels for d in rules if d.label == label))


def _references(expr: Expr, env: dict[Symbol, Range]) -> Iterator[tuple[Indexed, Env]]:
    """The family members in a term, with the ranges of the sums around them."""
    if isinstance(expr, Indexed):
        yield expr, env
        for i in expr.indices:
            yield from _references(i, env)
        return
    if isinstance(expr, Binder):
        letters = next_letters(expr, expr.binds)
        inner = {**env, letters[0]: Range(expr.lo, expr.hi)}
        for extra in letters[1:]:
            inner[extra] = Range(ONE, cast("Chain", expr).size)
        yield from _references(expr.open(*letters), inner)
        return
    for a in expr.args:
        yield from _references(a, env)


def _gap(index: Expr, pattern: Expr, env: Env) -> str:
    """Where an index lies from that of the member being defined."""
    low, high = (extreme((index - pattern).expand(), env, largest) for largest in (False, True))
    if low is None or high is None:
        return "free"
    if low == 0 and high == 0:
        return "same"
    if (-high - Integer(1)).is_nonnegative:
        return "past"
    return "future" if (low - Integer(1)).is_nonnegative else "free"
