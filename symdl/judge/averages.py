"""Bounds of sums: by one of their terms, by Cauchy and Schwarz, by the concavity of the logarithm, by means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from math import lcm
from typing import Any

from sympy import Add, Expr, Indexed, Integer, Mul, Symbol, exp, log

from symdl.judge.derivative import NotProvableError
from symdl.judge.field import Fraction, terms_of
from symdl.judge.linear import gap_of
from symdl.judge.normal import Normal
from symdl.judge.whole import open_bound
from symdl.language import Sigma, free_symbols, indices_of, subterms
from symdl.problem import Range

Poly = Any

MAX_ENTRIES = 4
"""How many terms of a sum are taken for its bound, one at a time."""

MAX_SQUARES = 6
"""How many sums are tried beside another one in the inequality of Cauchy and Schwarz."""

MAX_GROUPS = 6
"""How many exponentials a mean is taken of."""

MAX_WAYS = 8
"""In how many ways nested sums are opened beside each other."""

NONE = Integer(0)
"""The slack of a bound that may be reached."""


@dataclass(frozen=True)
class End:
    """A bound of a term.  Where `slack`, a whole number, is positive the term is never equal to it."""

    expr: Expr
    slack: Expr = NONE


def entries(normal: Normal, sigma: Sigma, p: Poly) -> Iterator[End]:
    """Each term, at the indices that occur in a polynomial, is a lower bound of a sum without negative terms."""
    known = _summand_sign(normal, sigma)
    if known is None:
        return
    run = Range(sigma.lo, sigma.hi)
    for at in islice(places(normal, p, run, sigma), MAX_ENTRIES):
        yield End(sigma.open(at), run.hi - run.lo if known else NONE)


def places(normal: Normal, p: Poly, run: Range, sigma: Sigma | None = None) -> Iterator[Expr]:
    """The indices in a range at which a polynomial has members of families, those within one sum left out."""
    found: dict[Expr, None] = {}
    for g, e in enumerate(p.degrees()):
        if e and normal.generators[g] != sigma:
            for term in subterms(normal.generators[g]):
                found.update(dict.fromkeys(indices_of(term) if isinstance(term, Indexed) else ()))
    return (at for at in found if not _is_inner(at) and normal.setting.lies_within(at, run))


def meets(f: Fraction, p: Poly) -> bool:
    """Whether a fraction is made of generators that stand in a polynomial, so that it may cancel there."""
    degrees = p.degrees()
    return all(degrees[g] for q in (f.num, f.den) if q != 0 for g, e in enumerate(q.degrees()) if e)


def _is_inner(at: Expr) -> bool:
    return gap_of(at, Integer(0)) is None


def _summand_sign(normal: Normal, sigma: Sigma) -> bool | None:
    """Whether all terms of a sum are positive; None where one may be negative."""
    (_,), body, inner = open_bound(sigma, normal.setting)
    outer, normal.setting = normal.setting, inner
    try:
        known = normal.enclosures.of(body)
        return known.excludes_zero() if known.is_nonnegative() else None
    finally:
        normal.setting = outer


def squares(normal: Normal, p: Poly) -> Iterator[Poly]:
    """(Σ c)² is at most Σ a Σ b where c² = a b and neither a nor b is negative: put for squares that are subtracted."""
    sums = [g for g, e in enumerate(p.degrees()) if e and isinstance(normal.generators[g], Sigma)]
    for g in sums:
        by_degree = normal.by_degree(p, g)
        slope = by_degree.get(2)
        if set(by_degree) - {0, 1, 2} or slope is None or not normal.bounds(slope).is_nonpositive():
            continue
        mine = normal.generators[g]
        run = Range(mine.lo, mine.hi)
        others = [normal.generators[o] for o in sums if o != g]
        beside = [Sigma(run.lo, run.hi, Integer(1)), *(o for o in others if Range(o.lo, o.hi) == run)]
        for other in beside[:MAX_SQUARES]:
            product = _cauchy_schwarz(normal, mine, other)
            if product is not None:
                yield p - slope * normal.polys[g] ** 2 + slope * product


def _cauchy_schwarz(normal: Normal, mine: Sigma, other: Sigma) -> Poly | None:
    """Σ a Σ b, no less than the square of a sum of c = √(a b), for the b of another sum; None where a may be < 0."""
    (letter,), c, inner = open_bound(mine, normal.setting)
    b = other.open(letter)
    outer, normal.setting = normal.setting, inner
    try:
        above, below = normal.form(c), normal.form(b)
        if not normal.enclosures.of(b).is_nonnegative() or below.num == 0:
            return None
        a = normal.mul(normal.power(above, 2), normal.power(below, -1))
        if not a.den.is_one() or not normal.bounds(a.num).is_nonnegative():
            return None
        body = normal.expr(a)
    except NotProvableError:
        return None
    finally:
        normal.setting = outer
    try:
        total = normal.mul(normal.form(Sigma.over(letter, mine.lo, mine.hi, body)), normal.form(other))
    except NotProvableError:
        return None
    return total.num if total.den.is_one() else None


def logarithms(normal: Normal, p: Poly) -> Iterator[Fraction]:
    """Σ w log v is at least W log(W/Σ(w/v)), W = Σ w, for weights w that are not negative: put for such sums."""
    runs: dict[Range, list[int]] = {}
    degrees = p.degrees()
    for g, e in enumerate(degrees):
        expr = normal.generators[g] if e == 1 else None
        if isinstance(expr, Sigma) and any(isinstance(t, log) for t in subterms(expr)):
            runs.setdefault(Range(expr.lo, expr.hi), []).append(g)
    for run, sums in runs.items():
        rest, parts = p, []
        for g in sums:
            slope = rest.derivative(g)
            if slope == 0 or any(slope.degrees()[o] for o in sums):
                break
            parts.append((slope, normal.generators[g]))
            rest = rest - slope * normal.polys[g]
        else:
            try:
                end = _log_sum(normal, run, parts)
                if end is not None:
                    yield normal.add(normal._poly(rest), normal.form(end))
            except NotProvableError:
                continue


def exponentials(normal: Normal, p: Poly) -> Iterator[Fraction]:
    """Σ w e^u is at least W e^{Σ w u/W}, W = Σ w, for weights w that are not negative: put for what is added.

    What is known to be positive is the exponential of its logarithm, so that means are compared, too.  A mean of
    which it is seen that it is no exponent in what is subtracted would show nothing.
    """
    for is_any in (False, True):
        rest, subtracted, groups = normal.zero, [], []
        for u, w, part in _by_exponent(normal, p, is_any):
            if normal.bounds(w).is_nonnegative():
                groups.append((u, w))
            else:
                rest = rest + part
                subtracted.append(u)
        end = _mean(normal, groups) if 1 < len(groups) <= MAX_GROUPS and subtracted else None
        if end is None:
            continue
        weight, mean = end
        try:
            # Of weights that are no numbers a fact may say what shows that both are the same.
            is_open = len(subtracted) == 1 and not all(w.is_constant() for _, w in groups)
            if is_open or any(normal.form(mean - u).num == 0 for u in subtracted):
                yield normal.add(normal._poly(rest), normal.form(weight * exp(mean)))
        except NotProvableError:
            continue


def _mean(normal: Normal, groups: list[tuple[Expr, Poly]]) -> tuple[Expr, Expr] | None:
    """The sum W of weights and the mean of what they weigh; None where W is not known to be positive."""
    whole = sum((w for _, w in groups), normal.zero)
    if normal.sign(whole) != 1:
        return None
    weight = normal.poly_expr(whole)
    return weight, Add(*[normal.poly_expr(w) * u for u, w in groups]) / weight


def _by_exponent(normal: Normal, p: Poly, is_any: bool) -> Iterator[tuple[Expr, Poly, Poly]]:
    """A polynomial as a sum of w e^u: u, w and the whole term; where `is_any` any v > 0 is the exponential of log v."""
    inside = [g for g, e in enumerate(p.degrees()) if e] if p != 0 else []
    inside = [g for g in inside if isinstance(normal.generators[g], exp) or (is_any and normal._generator_sign(g) == 1)]
    groups: dict[tuple[tuple[int, int], ...], tuple[dict[Any, Any], dict[Any, Any]]] = {}
    for m, c in terms_of(p):
        key = tuple((g, int(m[g])) for g in inside if m[g])
        weight, part = groups.setdefault(key, ({}, {}))
        weight[tuple(0 if g in inside else e for g, e in enumerate(m))] = c
        part[tuple(m)] = c
    for key, (weight, part) in groups.items():
        made = ((normal.generators[g], e) for g, e in key)
        u = Add(*[e * (v.args[0] if isinstance(v, exp) else log(v)) for v, e in made])
        yield u, normal.context.from_dict(weight), normal.context.from_dict(part)


def below_logarithm(normal: Normal, sigma: Sigma) -> Iterator[End]:
    """The logarithm of Σ w e^u is at least Σ w u/W + log W, W = Σ w, for weights w that are not negative."""
    (letter,), body, inner = open_bound(sigma, normal.setting)
    outer, normal.setting = normal.setting, inner
    try:
        f = normal.form(body)
        groups = list(_by_exponent(normal, f.num, False)) if f.den.is_one() else []
        if not groups or len(groups) > MAX_GROUPS or not all(normal.bounds(w).is_nonnegative() for _, w, _ in groups):
            return
        weight = normal.poly_expr(sum((w for _, w, _ in groups), normal.zero))
        weighed = Add(*[normal.poly_expr(w) * u for u, w, _ in groups])
    except NotProvableError:
        return
    finally:
        normal.setting = outer
    whole = Sigma.over(letter, sigma.lo, sigma.hi, weight)
    try:
        known = normal.form(whole)
    except NotProvableError:
        return
    if normal.sign(known.num * known.den) == 1:
        yield End(Sigma.over(letter, sigma.lo, sigma.hi, weighed) / whole + log(normal.expr(known)))


def weighed_logarithm(normal: Normal, sigma: Sigma, p: Poly) -> Iterator[End]:
    """log Σ c e^u is at least Σ w (u + log c - log w)/W + log W, W = Σ w, for each w of which p holds Σ w log w.

    The weights are not negative; this is what cross-entropy and entropy differ by.
    """
    (letter,), body, inner = open_bound(sigma, normal.setting)
    sums = [normal.generators[g] for g, e in enumerate(p.degrees()) if e == 1]
    beside = [s for s in sums if isinstance(s, Sigma) and (s.lo, s.hi) == (sigma.lo, sigma.hi)]
    weights = [w for w in (_weight_of_its_logarithm(s.open(letter)) for s in beside) if w is not None]
    if not weights:
        return
    outer, normal.setting = normal.setting, inner
    try:
        f = normal.form(body)
        groups = list(_by_exponent(normal, f.num, False)) if f.den.is_one() else []
        if len(groups) != 1 or not groups[0][1].is_constant() or groups[0][1].leading_coefficient() <= 0:
            return
        u = groups[0][0] + log(normal.poly_expr(groups[0][1]))
        weights = [w for w in weights if normal.enclosures.of(w).is_nonnegative()]
    except NotProvableError:
        return
    finally:
        normal.setting = outer
    for w in weights:
        whole = Sigma.over(letter, sigma.lo, sigma.hi, w)
        known = normal.form(whole)
        if normal.sign(known.num * known.den) == 1:
            mean = Sigma.over(letter, sigma.lo, sigma.hi, w * (u - log(w))) / whole
            yield End(mean + log(normal.expr(known)))


def _weight_of_its_logarithm(term: Expr) -> Expr | None:
    """The w of a term w log w; None of other terms."""
    logs = [f for f in Mul.make_args(term) if isinstance(f, log)]
    return logs[0].args[0] if len(logs) == 1 and term == logs[0].args[0] * logs[0] else None


def _log_sum(normal: Normal, run: Range, parts: list[tuple[Poly, Sigma]]) -> Expr | None:
    """What a sum of sums with logarithms over one range is at least."""
    (letter,), _, inner = open_bound(parts[0][1], normal.setting)
    outer, normal.setting = normal.setting, inner
    try:
        bodies = [normal.mul(normal._poly(slope), normal.form(sigma.open(letter))) for slope, sigma in parts]
        total = normal.total(bodies)
        groups = _weighted(normal, total.num, letter)
        if groups is None:
            return None
        rest, weights = groups
        below = normal.poly_expr(total.den) if not total.den.is_one() else Integer(1)
        made = [(normal.poly_expr(w) / below, v) for w, v in weights]
        if not all(normal.enclosures.of(w).is_nonnegative() for w, _ in made):
            return None
        left = normal.poly_expr(rest) / below if rest != 0 else Integer(0)
    finally:
        normal.setting = outer

    def summed(body: Expr) -> Expr:
        return Sigma.over(letter, run.lo, run.hi, body)

    ends = [summed(left)]
    for w, v in made:
        whole = summed(w)
        f = normal.form(whole)
        if normal.sign(f.num * f.den) != 1:
            return None
        ends.append(whole * (log(normal.expr(f)) - log(normal.expr(normal.form(summed(w / v))))))
    return Add(*ends)


def _weighted(normal: Normal, p: Poly, letter: Symbol) -> tuple[Poly, list[tuple[Poly, Expr]]] | None:
    """A polynomial as a rest and a sum of w log v, the logarithms with equal weights in one; None where it is no such.

    The weights are turned so that they may be nonnegative: those that are known not to be stay as they are.
    """
    logs = [g for g, e in enumerate(p.degrees()) if e and isinstance(normal.generators[g], log)]
    logs = [g for g in logs if letter in free_symbols(normal.generators[g])]
    rest, slopes = p, []
    for g in logs:
        by_degree = normal.by_degree(p, g)
        if set(by_degree) - {0, 1} or any(by_degree[1].degrees()[o] for o in logs):
            return None
        slopes.append((by_degree[1], normal.generators[g].args[0]))
        rest = rest - by_degree[1] * normal.polys[g]
    found: list[tuple[Poly, list[tuple[Any, Expr]]]] = []
    for slope, u in slopes:
        for w, members in found:
            ratio = slope.leading_coefficient() / w.leading_coefficient()
            if w * ratio == slope:
                members.append((ratio, u))
                break
        else:
            turned = -1 if normal.bounds(slope).is_nonpositive() else 1
            found.append((slope * turned, [(turned, u)]))
    weights: list[tuple[Poly, Expr]] = []
    for w, members in found:
        scale = lcm(*[int(getattr(n, "q", 1)) for n, _ in members])
        powers = [u ** Integer(int(n * scale)) for n, u in members]
        weights.append((w / scale, Mul(*powers)))
    return rest, weights


def opened(normal: Normal, p: Poly, only_linear: bool) -> list[list[tuple[Poly, int]]]:
    """Ways to write a polynomial as a sum of sums, each with what it is multiplied by; none where a term has no sum.

    Of several sums in one term the first or the last is opened, unless `only_linear`.
    """
    sums = [g for g, e in enumerate(p.degrees()) if e and isinstance(normal.generators[g], Sigma)]
    found: list[dict[int, dict[tuple[int, ...], Any]]] = [{}, {}]
    is_linear = True
    for m, c in terms_of(p):
        here = [g for g in sums if m[g]]
        if not here:
            return []
        is_linear = is_linear and sum(m[g] for g in here) == 1
        if only_linear and not is_linear:
            return []
        for way, g in zip(found, (here[0], here[-1]), strict=True):
            way.setdefault(g, {})[(*m[:g], int(m[g]) - 1, *m[g + 1 :])] = c
    ways = [[(normal.context.from_dict(part), g) for g, part in way.items()] for way in found]
    return ways[: 1 if is_linear or found[0] == found[1] else 2]


def side_by_side(ways: Sequence[Sequence[tuple[Range, Expr]]]) -> Iterator[tuple[tuple[Range, Expr], ...]]:
    """One of several ways of each: first those at the same place of all, then any; none where one has no way."""
    if all(ways):
        yield from (tuple(w[min(n, len(w) - 1)] for w in ways) for n in range(max(map(len, ways))))
        yield from product(*ways)
