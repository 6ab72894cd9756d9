r"""Limits, sums without end and infinity itself, worked out: what is left is a term without them, or is infinite.

A limit is that of an expansion (`series`).  A term in which infinity stands once is its limit as that place grows.  A
sum of k^n q^k up to that place has a closed form, and one without end where |q| < 1; a line that speaks of such a sum
says that it has a value, so that this is a condition of the line.  One over a sequence is cut (`horizons`).  Nothing
that is undefined, as ∞ - ∞, is worked out to anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from math import comb

from sympy import Expr, Integer, Pow, S, Symbol, exp

from symdl.judge.derivative import Derivatives, Kinks, NotProvableError
from symdl.judge.elementary import Peels
from symdl.judge.field import Fraction, terms_of
from symdl.judge.goals import FUEL
from symdl.judge.horizons import Horizon, cut
from symdl.judge.linear import gap_of
from symdl.judge.normal import Normal, own_slope
from symdl.judge.residues import normalised
from symdl.judge.series import LENGTH, Germs, NoSeriesError, OutsideError
from symdl.judge.whole import Setting, open_bound
from symdl.language import Limit, Sigma, free_symbols, is_closed, kinds, put, subterms, walk
from symdl.problem import Relation

INFINITE = (S.Infinity, S.NegativeInfinity)
SMALL = Symbol("t→0", real=True)
"""The small positive number of which limits are taken."""

MAX_POWER = 8
"""The largest n for which a sum of k^n q^k has a closed form here."""

LENGTHS = (LENGTH, 2 * LENGTH)
"""How many terms of an expansion are kept, by attempt."""

_HEADS = frozenset((Limit, *(type(x) for x in INFINITE)))


def is_unbounded(term: Expr) -> bool:
    """Whether a limit or infinity stands in a term."""
    return not _HEADS.isdisjoint(kinds(term))


class NotGeometricError(NotProvableError):
    """A sum without end has no closed form that is known."""

    def __init__(self) -> None:
        super().__init__("a sum without end that is no geometric series")


class Limits:
    """Works limits out under one setting; `conditions` collects what has to hold for them to have a value.

    `horizons` collects where sums over sequences were cut; without it none is.
    """

    def __init__(
        self, setting: Setting, conditions: dict[Relation, None], horizons: dict[Horizon, None] | None = None
    ) -> None:
        self.setting, self.conditions, self.horizons = setting, conditions, horizons

    def of(self, term: Expr) -> Expr:
        """The term without limits; infinite itself, or without infinity.

        Fails   with `NotProvableError` where a limit is not known or there is none.
        """
        if not is_unbounded(term):
            return term

        def visit(t: Expr) -> Expr | None:
            if isinstance(t, Limit) and is_closed(t):
                return self._limit(t)
            if isinstance(t, Sigma) and t.hi is S.Infinity and is_closed(t):
                return self._endless(t)
            return t if t in INFINITE else None

        worked = walk(term, visit)
        if not is_unbounded(worked) or worked in INFINITE:
            return worked
        places = [t for t in subterms(worked) if t in INFINITE]
        if len(places) != 1 or not is_closed(worked):
            raise NotProvableError("infinity stands where it has no value that is known")
        return self._germ(put(worked, {places[0]: (1 if places[0] is S.Infinity else -1) / SMALL}))

    # -- limits --------------------------------------------------------------------------------------------------------

    def _limit(self, node: Limit) -> Expr:
        x, a = node.variable, self.of(node.point)
        known = self.of(self._through_definitions(node.of, x))
        if known in INFINITE:
            return known
        if a in INFINITE:
            known = self._summed_up(known, x) if a is S.Infinity else known
            return self._germ(put(known, {x: (1 if a is S.Infinity else -1) / SMALL}))
        found: list[Expr] = []
        outside: OutsideError | None = None
        for side in (1, -1):
            if node.side in (0, side):
                try:
                    found.append(self._germ(put(known, {x: a + side * SMALL})))
                except OutsideError as failure:
                    # Where the function has no values nothing tends anywhere: the limit is that from the other side.
                    outside = failure
        if outside is not None and not found:
            raise outside
        if any(v != found[0] for v in found[1:]):
            raise NotProvableError("the limits from both sides are not known to be the same")
        return found[0]

    def _through_definitions(self, f: Expr, x: Expr) -> Expr:
        """The term with every definition put in that may depend on a variable."""
        kinks: Kinks = {}
        derivatives = Derivatives(self.setting, kinks, [FUEL], own_slope)
        known = derivatives.unfold(derivatives.plain_near(f, x), {x}, 0)
        if kinks:
            raise NotProvableError("a limit through a kink")
        return known

    def _germ(self, expr: Expr) -> Expr:
        """What a term tends to while `SMALL` falls to zero."""
        failure: NotProvableError | None = None
        for length in LENGTHS:
            found: list[Expr] = []

            def expanded(normal: Normal, length: int = length, found: list[Expr] = found) -> bool:
                def canonical(c: Expr) -> Expr:
                    return normal.expr(normal.form(normal.derivatives.plain(c)))

                found[:] = [Germs(SMALL, canonical, lambda c: sign_in(normal, c), length).limit(expr)]
                return True

            try:
                normal, _, _ = normalised((), self.setting, {}, Peels(), [FUEL], expanded)
            except OutsideError:
                raise
            except NoSeriesError as reason:
                failure = failure or reason
                continue
            self._grant(normal)
            return found[0]
        assert failure is not None
        raise failure

    def _grant(self, normal: Normal) -> None:
        signs = {"> 0": ">", ">= 0": ">=", "!= 0": "!="}
        for expr, said in normal.assumes:
            self.conditions[Relation(expr, signs[said], Integer(0))] = None  # type: ignore[arg-type]

    # -- sums ----------------------------------------------------------------------------------------------------------

    def _summed_up(self, term: Expr, x: Expr) -> Expr:
        """The term with sums up to a place that grows with a variable in closed form, where they have one."""

        def visit(t: Expr) -> Expr | None:
            gap = gap_of(t.hi, t.lo) if isinstance(t, Sigma) and is_closed(t) else None
            if gap is None or dict(gap[0]).get(x, 0) <= 0:
                return None
            (letter,), body, inner = open_bound(t, self.setting)
            with suppress(NotGeometricError):
                return self._closed(body, inner, lambda normal, f: self._up_to(normal, f, letter, t))
            return None

        return walk(term, visit)

    def _endless(self, node: Sigma) -> Expr:
        (letter,), body, inner = open_bound(node, self.setting)
        lo, opened = self.of(node.lo), self.of(body)
        if lo in INFINITE or opened in INFINITE or is_unbounded(opened):
            raise NotProvableError("a sum without end of what is infinite")
        try:
            return self._closed(opened, inner, lambda normal, f: self._from(normal, f, letter, lo))
        except NotGeometricError:
            if self.horizons is None:
                raise
            made, horizon = cut(node, letter, opened, self.setting.givens)
            self.horizons[horizon] = None
            return made

    def _closed(self, summand: Expr, inner: Setting, form: Callable[[Normal, Fraction], Expr]) -> Expr:
        """What a closed form makes of a summand under the setting that knows its letter."""
        found: list[Expr] = []

        def summed(normal: Normal, f: Fraction) -> bool:
            found[:] = [form(normal, f)]
            return True

        plain = Derivatives(inner, {}, [FUEL], own_slope).plain(summand)
        normal, _, _ = normalised((plain,), inner, {}, Peels(), [FUEL], summed)
        self._grant(normal)
        return found[0]

    def _up_to(self, normal: Normal, f: Fraction, letter: Symbol, run: Sigma) -> Expr:
        """The sum over a range: of k^n q^k what there is from its beginning on less what there is behind its end."""
        total: Expr = S.Zero
        for c, n, q in _parts(normal, f, letter):
            side = sign_in(normal, q - 1)
            if side == 0:
                total += c * normal.expr(normal.sum_of_powers(n, run.lo, run.hi))
                continue
            if side is None:
                self.conditions[Relation(q, "!=", Integer(1))] = None
            total += c * (_series_of_powers(n, q, run.lo) - _series_of_powers(n, q, run.hi + 1))
        return total

    def _from(self, normal: Normal, f: Fraction, letter: Symbol, lo: Expr) -> Expr:
        """The sum from a place on, without end."""
        parts = _parts(normal, f, letter)
        if parts and all(_is_at_least_one(normal, q) for _, _, q in parts):
            signs = {sign_in(normal, c) for c, _, _ in parts}
            if signs in ({1}, {-1}):
                return signs.pop() * S.Infinity
        total: Expr = S.Zero
        for c, n, q in parts:
            for gap in (1 - q, 1 + q):
                side = sign_in(normal, gap)
                if side in (0, -1):
                    raise NotProvableError("a sum without end that has no value")
                if side is None:
                    self.conditions[Relation(gap, ">", Integer(0))] = None
            total += c * _series_of_powers(n, q, lo)
        return total


def _parts(normal: Normal, f: Fraction, letter: Symbol) -> list[tuple[Expr, int, Expr]]:
    """The c, n and q of which a term in normal form is the sum of all c k^n q^k.

    Fails   with `NotGeometricError` where it is no such sum.
    """
    inside = normal._having(f.den, letter)
    if inside and len(f.den) > 1:
        raise NotGeometricError
    below = [0] * normal.capacity if not inside else [int(e) for e in f.den.monoms()[0]]
    outside = normal.poly_expr(f.den) if not inside else Integer(1)
    found = (
        _geometric(normal, [int(e) - d for e, d in zip(m, below, strict=True)], normal.constant(c), letter)
        for m, c in (terms_of(f.num) if f.num != 0 else ())
    )
    return [(c / outside, n, q) for c, n, q in found]


def _is_at_least_one(normal: Normal, q: Expr) -> bool:
    return sign_in(normal, q - 1) in (0, 1)


def _geometric(normal: Normal, m: Sequence[int], c: Fraction, letter: Symbol) -> tuple[Expr, int, Expr]:
    """A monomial as coefficient, n and q of c k^n q^k.

    Fails   with `NotProvableError` where it is no such.
    """
    outside, n, q = normal.expr(c), 0, Integer(1)
    for g, e in enumerate(m):
        made = normal.generators[g] if e else None
        if made is None:
            continue
        if made == letter:
            n = e
            continue
        if letter not in free_symbols(made):
            outside = outside * made**e
            continue
        exponent = made.args[-1] * e if isinstance(made, Pow | exp) else None
        base = S.Exp1 if isinstance(made, exp) else made.args[0]
        slope = exponent.coeff(letter, 1) if exponent is not None else None
        rest = exponent - slope * letter if slope is not None else None
        if rest is None or letter in free_symbols(base) | free_symbols(slope) | free_symbols(rest):
            raise NotGeometricError
        outside, q = outside * base**rest, q * base**slope
    if not 0 <= n <= MAX_POWER:
        raise NotGeometricError
    return outside, n, q


def _series_of_powers(n: int, q: Expr, lo: Expr) -> Expr:
    """Σ_{k≥lo} k^n q^k, by Σ_{j≥0} j^r q^j = q/(1-q) Σ_{i<r} C(r, i) Σ_{j≥0} j^i q^j."""
    whole: list[Expr] = [1 / (1 - q)]
    for r in range(1, n + 1):
        lower: Expr = S.Zero
        for i in range(r):
            lower += comb(r, i) * whole[i]
        whole.append(q / (1 - q) * lower)
    total: Expr = S.Zero
    for i in range(n + 1):
        total += comb(n, i) * lo ** (n - i) * whole[i]
    return q**lo * total


def sign_in(normal: Normal, c: Expr) -> int | None:
    """The sign of a term by its normal form; None where it is not known."""
    f = normal.form(normal.derivatives.plain(c))
    if f.num == 0:
        return 0
    above, below = normal.sign(f.num), normal.sign(f.den)
    return None if above is None or below is None else above * below
