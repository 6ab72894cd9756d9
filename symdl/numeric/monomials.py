"""Sums as lists of monomials, and where a law fits among them, whatever common factor its terms have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations
from math import gcd

from sympy import Abs, Add, Expr, Indexed, Mul, Pow, Rational, S, Symbol, exp, log, sqrt

from symdl.language import Delta, Step, put
from symdl.language.functions.sigmoid import Sigmoid
from symdl.laws import Hole
from symdl.numeric.laws import Indicator, Label, Power, Saturating, StableLaw

MOST_TERMS = 24
"""The most terms of a sum in which laws are looked for."""

Factors = list[tuple[Expr, Expr]]
"""Bases with their exponents."""

Filling = dict[Expr, Expr]


@dataclass(frozen=True)
class Monomial:
    """A rational coefficient times powers of bases times e to an exponent."""

    coefficient: Expr
    powers: tuple[tuple[Expr, Expr], ...]
    exponent: Expr

    @classmethod
    def of(cls, expr: Expr) -> Monomial:
        """A product as a monomial; the powers are in a fixed order."""
        coefficient, exponent = S.One, S.Zero
        powers: dict[Expr, Expr] = {}
        for factor in Mul.make_args(expr):
            base, power = (factor.base, factor.exp) if isinstance(factor, Pow) else (factor, S.One)
            if factor.is_Rational:
                coefficient *= factor
            elif isinstance(base, exp):
                exponent += base.args[0] * power
            else:
                powers[base] = powers.get(base, S.Zero) + power
        return cls._made(coefficient, powers, exponent)

    @classmethod
    def _made(cls, coefficient: Expr, powers: dict[Expr, Expr], exponent: Expr) -> Monomial:
        kept = sorted(((b, n) for b, n in powers.items() if n != 0), key=lambda p: p[0].sort_key())
        return cls(coefficient, tuple(kept), exponent.expand())

    def over(self, other: Monomial) -> Monomial:
        """The quotient."""
        powers = dict(self.powers)
        for base, power in other.powers:
            powers[base] = powers.get(base, S.Zero) - power
        return self._made(self.coefficient / other.coefficient, powers, self.exponent - other.exponent)

    def expr(self) -> Expr:
        """The product."""
        return Mul(self.coefficient, *(b**n for b, n in self.powers), exp(self.exponent))

    def is_whole(self) -> bool:
        """Whether nothing is divided by."""
        return self.exponent == 0 and all(n.is_Rational and n > 0 for _, n in self.powers)


Resolve = Callable[[Expr], Expr]
"""What a quantity stands for, where this is a function that saturates; any other term itself."""


def simplest(terms: list[Monomial], laws: tuple[StableLaw, ...], resolve: Resolve) -> list[Monomial] | None:
    """The terms after every law that fits has been used; None where none fits."""
    used = False
    for _ in range(2 * MOST_TERMS):
        found = next(
            (
                x
                for given in (terms, _apart(terms, resolve))
                if given
                for law in laws
                if (x := _use(law, given, resolve)) is not None
            ),
            None,
        )
        if found is None or not 0 < len(terms) <= MOST_TERMS:
            break
        terms, used = _collected(found), True
    return terms if used else None


def split(expr: Expr) -> list[Monomial]:
    """A sum as monomials; a factor that is a sum stays a base."""
    return _collected([Monomial.of(part) for part in Add.make_args(expr)])


def multiplied(terms: list[Monomial], wanted: Callable[[Expr, Monomial], bool]) -> list[Monomial]:
    """The terms with a factor that is a sum multiplied out where it is wanted in the term."""
    found: list[Monomial] = []
    for term in terms:
        bracket = next((b for b, n in term.powers if n == 1 and b.is_Add and wanted(b, term)), None)
        if bracket is None:
            found.append(term)
        else:
            found += [Monomial.of(term.over(Monomial.of(bracket)).expr() * part) for part in bracket.args]
    return _collected(found)


def is_positive(bracket: Expr, _: Monomial) -> bool:
    """Whether a sum is one of squares, which leaves nothing to cancel."""
    return all(map(_is_square, bracket.args))


def is_beside_sigmoid(_: Expr, term: Monomial) -> bool:
    """Whether a sigmoid is among the factors of a term."""
    return any(isinstance(b, Sigmoid) for b, _ in term.powers)


def _is_square(part: Expr) -> bool:
    root = Monomial.of(part)
    return bool(
        root.coefficient > 0 and root.exponent == 0 and all(n.is_Integer and n % 2 == 0 for _, n in root.powers)
    )


def _collected(terms: list[Monomial]) -> list[Monomial]:
    found: dict[tuple[tuple[tuple[Expr, Expr], ...], Expr], Expr] = {}
    for t in terms:
        key = (t.powers, t.exponent)
        found[key] = found.get(key, S.Zero) + t.coefficient
    return [Monomial(c, powers, exponent) for (powers, exponent), c in found.items() if c != 0]


def _apart(terms: list[Monomial], resolve: Resolve) -> list[Monomial]:
    """The terms with twice a saturating function as two terms; empty where there is none."""
    for n, t in enumerate(terms):
        if abs(t.coefficient) == 2 and len(t.powers) == 1 and is_saturating(resolve(t.powers[0][0])):
            half = Monomial(t.coefficient / 2, t.powers, t.exponent)
            return [*terms[:n], half, half, *terms[n + 1 :]]
    return []


def _use(law: StableLaw, terms: list[Monomial], resolve: Resolve) -> list[Monomial] | None:
    for used, filling, factor in _places(law, terms, resolve):
        rest = [t for n, t in enumerate(terms) if n not in used]
        right = fill(law.rhs, filling)
        parts = (right,) if law.is_factor else Add.make_args(right)
        return [*rest, *(Monomial.of(factor.expr() * part) for part in parts)]
    return None


def _places(law: StableLaw, terms: list[Monomial], resolve: Resolve) -> Iterator[tuple[set[int], Filling, Monomial]]:
    """The terms that a law's left side is made of, what fills its holes, and the common factor."""
    if any(isinstance(h, Power) for h in law.lhs.free_symbols):
        yield from _logarithms(law, terms)
        return
    if all(isinstance(t.as_coeff_Mul()[1], exp) for t in Add.make_args(law.lhs)):
        yield from _exponentials(law, terms)
        return
    key, others = _key(law)
    if key is None:
        yield from _PLAIN[law.id](law, terms)
        return
    for n, term in enumerate(terms):
        for filling, factor in _matches(key, term, resolve):
            used = {n}
            for part in others:
                taken = _taken(part, filling, factor, terms, used)
                if taken is None:
                    break
                used |= taken
            else:
                yield used, filling, factor


@lru_cache(maxsize=64)
def _key(law: StableLaw) -> tuple[Expr | None, tuple[Expr, ...]]:
    """The term of a law by which it is recognised, and its other terms; those with a label come last."""
    parts = sorted(law.lhs.args, key=lambda t: t.sort_key())
    key = next((t for t in parts if isinstance(t, Saturating) or isinstance(-t, Indicator)), None)
    if key is None:
        key = next((t for t in parts if _head(t) is not None), None)
    others = sorted((t for t in parts if t is not key), key=lambda t: any(isinstance(h, Label) for h in t.free_symbols))
    return key, tuple(others)


def _head(term: Expr) -> tuple[Expr, Expr, Expr] | None:
    """Coefficient, function and power of a term that is a function of holes; None for any other."""
    coefficient, body = term.as_coeff_Mul()
    base, power = (body.base, body.exp) if isinstance(body, Pow) and not isinstance(body, exp) else (body, S.One)
    if isinstance(base, (Hole, Add, Mul)) or base.is_number:
        return None
    return coefficient, base, power


def _matches(key: Expr, term: Monomial, resolve: Resolve) -> Iterator[tuple[Filling, Monomial]]:
    """Where a law's key is a factor of a term: what fills its holes, and the other factors."""
    if isinstance(key, Saturating):
        for base, power in term.powers:
            if power.is_Rational and power >= 1 and is_saturating(resolve(base)):
                yield {key: base}, term.over(Monomial.of(base))
        return
    if isinstance(-key, Indicator):
        for base, power in term.powers:
            if power == 1 and isinstance(base, Delta):
                yield {-key: base}, term.over(Monomial.of(-base))
        return
    head = _head(key)
    assert head is not None
    coefficient, pattern, wanted = head
    if isinstance(pattern, exp):
        if term.exponent != 0:
            yield {pattern.args[0]: term.exponent}, term.over(Monomial(coefficient, (), term.exponent))
        return
    for base, power in term.powers:
        if power.is_Rational and power >= wanted:
            filling = _fits(pattern, resolve(base), {})
            if filling is not None:
                yield filling, term.over(Monomial.of(coefficient * base**wanted))


def _taken(part: Expr, filling: Filling, factor: Monomial, terms: list[Monomial], used: set[int]) -> set[int] | None:
    """The other terms that a part of a law is, times the factor; a label in it is filled."""
    label = next((h for h in part.free_symbols if isinstance(h, Label)), None)
    if label is not None and label not in filling:
        rest = Monomial.of(factor.expr() * fill(part / label, filling))
        for n, term in enumerate(terms):
            quotient = term.over(rest)
            if n not in used and is_label(quotient):
                filling[label] = quotient.expr()
                return {n}
        return None
    found: set[int] = set()
    for wanted in Add.make_args(fill(part, filling)):
        sought = Monomial.of(factor.expr() * wanted)
        at = next((n for n, t in enumerate(terms) if t == sought and n not in used | found), None)
        if at is None:
            return None
        found.add(at)
    return found


def _squares(law: StableLaw, terms: list[Monomial]) -> Iterator[tuple[set[int], Filling, Monomial]]:
    """Differences of squares, and squares of differences, of plain quantities."""
    first, second = sorted((h for h in law.lhs.free_symbols), key=str)
    wants_cross = len(law.lhs.args) == 3
    for (a, x), (b, y) in combinations(enumerate(terms), 2):
        if (x.coefficient / y.coefficient > 0) != wants_cross:
            continue
        if not all(n.is_Rational for _, n in (*x.powers, *y.powers)):
            continue
        shared = dict(x.powers)
        common = tuple((base, min(shared[base], n)) for base, n in y.powers if base in shared)
        lowest = {**{p: n for p, n in (*x.powers, *y.powers) if n < 0}, **dict(common)}
        factor = Monomial._made(x.coefficient, lowest, S.Zero)
        one, other = root_of(x.over(factor)), root_of(y.over(factor))
        if one is None or other is None or not _is_plain(one) or not _is_plain(other):
            continue
        if not wants_cross:
            yield {a, b}, {first: one, second: other}, factor
            continue
        for n, term in enumerate(terms):
            cross = term.over(factor).over(Monomial.of(2 * one * other))
            if n not in (a, b) and not cross.powers and cross.exponent == 0 and abs(cross.coefficient) == 1:
                yield {a, b, n}, {first: one, second: -cross.coefficient * other}, factor


def _exponentials(law: StableLaw, terms: list[Monomial]) -> Iterator[tuple[set[int], Filling, Monomial]]:
    """Differences of exponentials."""
    first, second = sorted((h for h in law.lhs.free_symbols), key=str)
    for (a, x), (b, y) in combinations(enumerate(terms), 2):
        if x.coefficient != -y.coefficient or x.powers != y.powers or 0 in (x.exponent, y.exponent):
            continue
        above, below = (x, y) if x.coefficient > 0 else (y, x)
        filling = {first: above.exponent, second: below.exponent}
        yield {a, b}, filling, Monomial(above.coefficient, above.powers, S.Zero)


def _quotients(law: StableLaw, terms: list[Monomial]) -> Iterator[tuple[set[int], Filling, Monomial]]:
    """Differences of quotients of plain quantities."""
    below, first, second = sorted((h for h in law.lhs.free_symbols), key=str)
    for (a, x), (b, y) in combinations(enumerate(terms), 2):
        if x.coefficient * y.coefficient > 0 or not (_is_plain(x.expr()) and _is_plain(y.expr())):
            continue
        if not all(n.is_Integer for _, n in (*x.powers, *y.powers)):
            continue
        lowest: dict[Expr, Expr] = {}
        for base, n in (*x.powers, *y.powers):
            lowest[base] = min(n, lowest.get(base, S.Zero))
        denominator = Monomial._made(S.One, {base: -n for base, n in lowest.items() if n < 0}, S.Zero)
        if denominator.powers:
            one, other = (Monomial.of(t.expr() * denominator.expr()) for t in (x, y))
            filling = {first: one.expr(), second: -other.expr(), below: denominator.expr()}
            yield {a, b}, filling, Monomial(S.One, (), S.Zero)


def _roots(law: StableLaw, terms: list[Monomial]) -> Iterator[tuple[set[int], Filling, Monomial]]:
    """A root less a term, where a part of what is under the root is the square of the term."""
    inside, other = sorted((h for h in law.lhs.free_symbols), key=str)
    for (a, x), (b, y) in permutations(enumerate(terms), 2):
        for base, power in x.powers:
            if power != S.Half or not base.is_Add:
                continue
            factor = x.over(Monomial.of(sqrt(base)))
            quotient = y.over(factor)
            taken = -quotient.expr()
            is_sum = quotient.coefficient > 0 or any(n < 0 for _, n in quotient.powers if n.is_Rational)
            if not is_sum and len(Add.make_args(base - taken**2)) < len(base.args):
                yield {a, b}, {inside: base, other: taken}, factor


_PLAIN = {
    "root-gap": _roots,
    "squares": _squares,
    "square-of-difference": _squares,
    "quotient-difference": _quotients,
}
"""The laws of plain quantities, and where each fits."""


def root_of(square: Monomial) -> Expr | None:
    """A term whose square is a positive multiple of whole even powers; None for any other term."""
    root = sqrt(abs(square.coefficient))
    if not root.is_Rational or square.exponent != 0 or (not square.powers and square.coefficient == 0):
        return None
    if any(not n.is_Integer or n % 2 for _, n in square.powers):
        return None
    return Mul(root, *(b ** (n / 2) for b, n in square.powers))


def _is_plain(expr: Expr) -> bool:
    plain = (Symbol, Indexed, Add, Abs)
    return not expr.has(exp) and all(isinstance(b, plain) for b, _ in Monomial.of(expr).powers)


def _logarithms(law: StableLaw, terms: list[Monomial]) -> Iterator[tuple[set[int], Filling, Monomial]]:
    """A product m of powers, less 1, less its logarithm: log m may stand there as several logarithms."""
    (hole,) = law.lhs.free_symbols
    logs = {n: _log_parts(t) for n, t in enumerate(terms)}
    constants = [n for n, t in enumerate(terms) if not t.powers and t.exponent == 0]
    if len(constants) != 1 or not any(logs.values()):
        return
    for n, term in enumerate(terms):
        if logs[n] or not term.powers or term.exponent != 0 or term.coefficient != -terms[constants[0]].coefficient:
            continue
        if not all(p.is_Integer and isinstance(b, (Symbol, Indexed)) for b, p in term.powers):
            continue
        missing = {b: -term.coefficient * p for b, p in term.powers}
        used = {n, constants[0]}
        for at, parts in logs.items():
            if parts and set(parts) <= set(missing):
                used.add(at)
                for b, c in parts.items():
                    missing[b] -= c
        if any(missing.values()):
            continue
        root, count = gathered(term.powers)
        if count % 2 == 0:
            root = Mul(*(Abs(b) ** (p * count / 2) for b, p in root))
        else:
            root = Monomial(S.One, term.powers, S.Zero).expr()
        if (count % 2 == 0) == law.lhs.has(hole**2):
            yield used, {hole: root}, Monomial(term.coefficient, (), S.Zero)


def _log_parts(term: Monomial) -> dict[Expr, Expr]:
    """A rational multiple of log |x^n y^m …| as the multiples of log |x|, log |y|, …; empty for any other term."""
    if len(term.powers) != 1 or term.exponent != 0 or term.powers[0][1] != 1:
        return {}
    base = term.powers[0][0]
    if not isinstance(base, log):
        return {}
    inside = Monomial.of(base.args[0].args[0] if isinstance(base.args[0], Abs) else base.args[0])
    if abs(inside.coefficient) != 1 or inside.exponent != 0:
        return {}
    return {b: term.coefficient * n for b, n in inside.powers}


def gathered(powers: tuple[tuple[Expr, Expr], ...]) -> tuple[tuple[tuple[Expr, Expr], ...], int]:
    """The powers of a root of a product of whole powers, and the largest count such that this is its power."""
    count = gcd(*(int(n) for _, n in powers))
    return tuple((b, n / count) for b, n in powers), count


def _fits(pattern: Expr, term: Expr, filling: Filling) -> Filling | None:
    """What fills the holes of a pattern so that it is the term."""
    if isinstance(pattern, Hole):
        return {**filling, pattern: term} if filling.get(pattern, term) == term else None
    if not pattern.args:
        return filling if pattern == term else None
    if isinstance(pattern, Mul) and pattern.args[0].is_Rational and isinstance(Mul(*pattern.args[1:]), Hole):
        return _fits(Mul(*pattern.args[1:]), term / pattern.args[0], filling)
    if pattern.func != term.func or len(pattern.args) != len(term.args):
        return None
    orders = (
        [term.args] if not isinstance(pattern, (Add, Mul)) and len(term.args) != 2 else [term.args, term.args[::-1]]
    )
    for args in orders:
        found: Filling | None = filling
        for p, t in zip(pattern.args, args, strict=True):
            found = None if found is None else _fits(p, t, found)
        if found is not None:
            return found
    return None


def fill(template: Expr, filling: Filling) -> Expr:
    """The template with its holes filled."""
    return put(template, {h: x for h, x in filling.items() if isinstance(h, Hole)})


def is_label(quotient: Monomial) -> bool:
    """Whether a factor may be a label: a quantity, an indicator, or 1 less one of these."""
    if quotient.coefficient != 1 or quotient.exponent != 0 or len(quotient.powers) != 1:
        return False
    ((base, power),) = quotient.powers
    if power != 1:
        return False
    if isinstance(base, Add):
        constant, rest = base.as_coeff_Add()
        return bool(constant == 1 and isinstance(-rest, (Symbol, Indexed, Delta, Step)))
    return isinstance(base, (Symbol, Indexed, Delta, Step))


def is_saturating(expr: Expr) -> bool:
    """Whether a function comes so close to 1 that 1 minus it has no digits left."""
    return type(expr).__name__ in ("Sigmoid", "Share")


def common(terms: list[Monomial]) -> Monomial:
    """The largest monomial with whole powers that divides all terms."""
    powers = dict(terms[0].powers)
    for t in terms[1:]:
        own = dict(t.powers)
        powers = {b: min(n, own[b]) for b, n in powers.items() if b in own and n.is_Rational and own[b].is_Rational}
    return Monomial(Rational(1), tuple((b, n) for b, n in powers.items() if n.is_Rational and n > 0), S.Zero)
