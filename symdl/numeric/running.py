"""Sums over s up to or from a place t, of terms that products from s to t are factors of: one pass over t."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sympy import Expr, Mul, S, Symbol

from symdl.language import Binder, Chain, Delta, Maximum, Minimum, Prod, Sigma, free_symbols, put
from symdl.numeric import reduce
from symdl.numeric.program import Node, axis_letters, next_letters, ordered
from symdl.numeric.ranges import ONE, Env, is_at_least, shift
from symdl.problem import Range

if TYPE_CHECKING:
    from symdl.numeric.lower import Lowering

LAG = 4
"""The most factors by which the newest term of a running sum may differ from an empty product."""


@dataclass(frozen=True)
class _Terms:
    r"""The terms g_s \prod_{j=s+first}^{t+last} c_j of a sum for s up to t + newest, or from there on backwards.

    `rest` are the factors of g, and `powers` those that move as the product does: from one t to the next each of them
    grows by its `growth`.  Backwards, `first` counts from t and `last` from s.  In the newest term the product has
    `lag` factors.
    """

    s: Symbol
    t: Symbol
    is_forward: bool
    newest: Expr
    chain: Binder
    first: Expr
    last: Expr
    rest: Sequence[reduce.Factor]
    powers: Sequence[reduce.Factor]
    growth: Sequence[Expr]

    @property
    def lag(self) -> Expr:
        if self.is_forward:
            return (self.last - self.newest - self.first + 1).expand()
        return (self.newest + self.last - self.first + 1).expand()

    def moving(self, u: Symbol) -> Expr:
        """The position in the product of the factor by which the sum moves on to u."""
        return u + self.last if self.is_forward else u + self.first


@dataclass(frozen=True)
class _Places:
    """The places at which a running sum is worked out, those at which it moves on, and which of all is that of t."""

    whole: Range
    later: Range
    at: Expr


def running(
    low: Lowering, factors: list[reduce.Factor], s: Symbol, run: Range, moving: frozenset[Symbol], env: Env
) -> Node | None:
    r"""\sum_s g_s \prod_{j=s+p}^{t+q} c_j for every t as S_t = c S_{t-1} + g_t, and the same from the other side.

    A power such as w^{t-s} moves along as a product does, with one or alone.

    Cost    one pass over t.  None where the term has another form.
    """
    if len(moving) != 1:
        return None
    (t,) = moving
    products, powers, rest = _sorted(factors, s, t)
    if not products and not powers:
        return _swapped(low, factors, s, run, t, env)
    terms = _terms(products, powers, rest, s, run, t)
    # With fewer factors than none in the newest term, some terms do not move.
    if terms is None or not terms.lag.is_Integer or not 0 <= terms.lag <= LAG:
        return None
    places = _places(terms, run, env)
    if places is None:
        return None
    return (_chains if isinstance(terms.chain, Chain) else _numbers)(low, terms, places, env)


def _sorted(
    factors: list[reduce.Factor], s: Symbol, t: Symbol
) -> tuple[list[Binder], list[reduce.Factor], list[reduce.Factor]]:
    """Of some factors the products from s to t or back, the powers whose exponent depends on t, and the rest."""
    products: list[Binder] = []
    powers: list[reduce.Factor] = []
    rest: list[reduce.Factor] = []
    for base, power in factors:
        is_product = isinstance(base, (Prod, Chain)) and power == 1
        if is_product and {s, t} <= free_symbols(base.lo) | free_symbols(base.hi):
            products.append(cast("Binder", base))
        elif t in free_symbols(power) and {s, t}.isdisjoint(free_symbols(base)):
            powers.append((base, power))
        else:
            rest.append((base, power))
    return products, powers, rest


def _terms(
    products: list[Binder], powers: list[reduce.Factor], rest: list[reduce.Factor], s: Symbol, run: Range, t: Symbol
) -> _Terms | None:
    """The terms of a sum over such a range by their factors; None where these have another form."""
    is_forward = t in free_symbols(run.hi)
    newest = shift(run.hi if is_forward else run.lo, t)
    if newest is None or is_forward == (t in free_symbols(run.lo)) or any(t in free_symbols(b**n) for b, n in rest):
        return None
    growth = []
    for base, power in powers:
        rate = _rate(power, s, t, t if is_forward else s)
        if rate is None:
            return None
        growth.append(base**rate)
    if not products:
        (base, power), *powers = powers
        (j,) = next_letters(Mul(reduce.product_of(rest), base, s, t), 1)
        ends = (s + 1 - newest, t) if is_forward else (t, s - 1 - newest)
        products = [cast("Binder", Prod.over(j, *ends, growth.pop(0)))]
        rest = [*rest, (base, put(power, {s: t + newest}).expand())]
    chain = _joined(products)
    if chain is None or {s, t} & free_symbols(chain.body) or (powers and isinstance(chain, Chain)):
        return None
    first = shift(chain.lo, s if is_forward else t)
    last = shift(chain.hi, t if is_forward else s)
    if first is None or last is None:
        return None
    return _Terms(s, t, is_forward, newest, chain, first, last, rest, powers, growth)


def _rate(exponent: Expr, s: Symbol, t: Symbol, later: Symbol) -> Expr | None:
    """By how much an exponent grows with the distance of two places; None where it depends on where they are."""
    rate = (put(exponent, {later: later + 1}) - exponent).expand()
    is_distance = (put(exponent, {s: s + 1, t: t + 1}) - exponent).expand() == 0
    return rate if is_distance and not axis_letters(rate) else None


def _joined(products: list[Binder]) -> Binder | None:
    """Several products over the same range as one."""
    if len(products) == 1:
        return products[0]
    lo, hi = products[0].lo, products[0].hi
    if not all(isinstance(x, Prod) and x.lo == lo and x.hi == hi for x in products):
        return None
    (j,) = next_letters(Mul(*products), 1)
    found = Prod.over(j, lo, hi, Mul(*(x.open(j) for x in products)))
    return found if isinstance(found, Prod) else None


def _places(terms: _Terms, run: Range, env: Env) -> _Places | None:
    """Where the sum is worked out: from the first place with a term on; None where that depends on an index."""
    t, bound = terms.t, run.lo if terms.is_forward else run.hi
    if axis_letters(bound):
        return None
    edge = (bound - terms.newest).expand()
    if terms.is_forward:
        at = t - edge + 1
        is_inside = is_at_least(at, S.Zero, env)
        later = Range(edge + 1, env[t].hi)
        return _Places(Range(edge, env[t].hi), later, at if is_inside else Maximum(at, S.Zero))
    whole = Range(env[t].lo, edge)
    at = t - env[t].lo
    is_inside = is_at_least(-at, -reduce.count(whole), env)
    return _Places(whole, Range(whole.lo, whole.hi - 1), at if is_inside else Minimum(at, reduce.count(whole)))


def _numbers(low: Lowering, terms: _Terms, places: _Places, env: Env) -> Node:
    """A running sum of products of numbers."""
    s, chain, later = terms.s, terms.chain, places.later
    rest, powers = reduce.product_of(terms.rest), reduce.product_of(terms.powers)
    (u,) = next_letters(Mul(rest, powers, chain, s, terms.t), 1)
    newest = put(rest, {s: u + terms.newest}) * put(powers, {s: u + terms.newest, terms.t: u})
    for n in range(int(terms.lag)):
        newest *= chain.open(terms.moving(u) + (-n if terms.is_forward else n))
    outer = {**env, u: places.whole}
    g = low.lower(newest, outer)
    c = low.lower(chain.open(terms.moving(u)) * Mul(*terms.growth), {**env, u: later})
    axes = ordered({*g.axes, *c.axes, u})
    g = low.expanded(g, axes, tuple(outer[x] for x in axes))
    own = ordered({*c.axes, u})
    steps = {**env, u: Range(later.lo, later.lo + reduce.count(later) - 1)}
    c = low.expanded(c, own, tuple(steps[x] for x in own))
    node = low.build.make("running", (g, c), (not terms.is_forward,), axes)
    return reduce.picked(low, node, axes, {**env, u: Range(S.Zero, reduce.count(places.whole))}, {u: places.at}, env)


def _chains(low: Lowering, terms: _Terms, places: _Places, env: Env) -> Node | None:
    """A running sum of ordered matrix products, one row or column of which moves along."""
    s, chain, g = terms.s, cast("Chain", terms.chain), reduce.product_of(terms.rest)
    moved, held = (chain.row, chain.column) if terms.is_forward else (chain.column, chain.row)
    if terms.lag > 1 or {s, terms.t} & (free_symbols(moved) | free_symbols(held)):
        return None
    if not set(axis_letters(moved)).isdisjoint(axis_letters(g)) or axis_letters(chain.body):
        return None
    u, row, column = next_letters(Mul(g, chain, s, terms.t), 3)
    time = terms.moving(u)

    def matrix_at(moving: Expr, other: Expr) -> Expr:
        return chain.open(time, *((moving, other) if terms.is_forward else (other, moving)))

    entry = Delta(row, held) if terms.lag == 0 else matrix_at(row, held)
    units = Range(ONE, chain.size)
    outer = {**env, u: places.whole, row: units}
    value = low.lower(put(g, {s: u + terms.newest}) * entry, outer)
    axes = ordered({*value.axes, u, row})
    value = low.expanded(value, axes, tuple(outer[x] for x in axes))
    inner = {**env, u: places.later, row: units, column: units}
    matrix = low.lower(matrix_at(row, column), inner)
    matrix = low.expanded(matrix, (u, row, column), tuple(inner[x] for x in (u, row, column)))
    node = low.build.make("running_chain", (value, matrix), (not terms.is_forward,), axes)
    steps = {**env, u: Range(S.Zero, reduce.count(places.whole)), row: units}
    return reduce.picked(low, node, axes, steps, {u: places.at, row: moved}, env)


def _swapped(low: Lowering, factors: list[reduce.Factor], s: Symbol, run: Range, t: Symbol, env: Env) -> Node | None:
    """A sum within the term taken outside, where it hides a moving product."""
    for at, (base, power) in enumerate(factors):
        if not isinstance(base, Sigma) or power != 1 or {s, t} & (free_symbols(base.lo) | free_symbols(base.hi)):
            continue
        if not any(isinstance(x, (Prod, Chain)) for x in _binders(base.body)):
            continue
        rest = reduce.product_of([f for n, f in enumerate(factors) if n != at])
        (m,) = next_letters(Mul(base, rest, s, t), 1)
        inside = Sigma.over(s, run.lo, run.hi, base.open(m) * rest)
        return low.lower(Sigma.over(m, base.lo, base.hi, inside), env)
    return None


def _binders(expr: Expr) -> Iterator[Binder]:
    if isinstance(expr, Binder):
        yield expr
    for a in expr.args:
        yield from _binders(a)
