"""What is known of the signs of the letters, and the case splits that what is not known leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TypeVar

from sympy import (
    Abs,
    Add,
    Expr,
    Indexed,
    Mul,
    Poly,
    Pow,
    PurePoly,
    Rational,
    S,
    Symbol,
    cancel,
    exp,
    factor_list,
    fraction,
    log,
    minimal_polynomial,
    preorder_traversal,
    together,
)
from sympy.polys.polyerrors import BasePolynomialError, NotAlgebraic
from sympy.polys.rootoftools import ComplexRootOf

from symdl.engine.curvature.balls import PRECISIONS, sign_by_balls
from symdl.problem import Relation, Symbolic

Signs = frozenset[int]
"""Which of -1, 0 and 1 a sign may be."""

ANY: Signs = frozenset((-1, 0, 1))

SPLITS = 7
"""No more signs than this are split upon one after another."""

CASES = 60
"""No more cases than this are told apart."""


class OpenSignError(Exception):
    """A sign that depends on the letters, and that decides what follows."""

    def __init__(self, expr: Expr) -> None:
        super().__init__(str(expr))
        self.expr = expr


class UndecidableError(Exception):
    """Something that cannot be decided; words and expressions side by side say what."""

    def __str__(self) -> str:
        return "".join(map(str, self.args))


@dataclass(frozen=True)
class Knowledge:
    """Signs of polynomials in the letters that hold in this case, and letters that have a value in it."""

    signs: tuple[tuple[Expr, Signs], ...] = ()
    values: tuple[tuple[Expr, Expr], ...] = ()
    assumed: tuple[Relation, ...] = ()
    splits: int = field(default=0, compare=False)

    def put(self, expr: Expr) -> Expr:
        """`expr` with the letters that have a value in this case replaced."""
        for letter, value in self.values:
            expr = expr.xreplace({letter: value})
        return expr

    def possible(self, expr: Expr) -> Signs:
        """The signs that `expr` may have."""
        expr = self.put(expr)
        if not letters_of(expr):
            return frozenset((sign_of_number(expr),))
        found = frozenset((1,))
        constant, parts = factors(expr)
        found = _times(found, frozenset((sign_of_number(constant),)))
        for base, power in parts:
            found = _times(found, _power(self._of_factor(base), power))
        return found

    def sign(self, expr: Expr) -> int:
        """The sign of `expr`.

        Raises  `OpenSignError` where it depends on the letters, `UndecidableError` where it is not found.
        """
        expr = self.put(expr)
        if not letters_of(expr):
            return sign_of_number(expr)
        found = self.possible(expr)
        if len(found) == 1:
            return next(iter(found))
        _, parts = factors(expr)
        for base, power in sorted(parts, key=lambda p: (p[0].count_ops(), str(p[0]))):
            may = self._of_factor(base)
            if len(may) > 1 and not (power % 2 == 0 and 0 not in may):
                self._ask(base)
        raise UndecidableError("the sign of ", expr)

    def _ask(self, base: Expr) -> None:
        """Split upon the sign of a factor, or upon the signs that decide it."""
        roots = [a for a in base.atoms(Pow) if a.exp.is_Rational and a.exp.q == 2]
        if not roots:
            raise OpenSignError(base)
        root = sorted(roots, key=str)[0]
        s = root.base
        u, v = _linear_in_root(base, s)
        for part in (u, v, u**2 - v**2 * s):
            if len(self.possible(part)) > 1:
                self.sign(part)
        raise UndecidableError("the sign of ", base)

    def _of_factor(self, base: Expr) -> Signs:
        found = ANY
        for known, may in self.signs:
            if known == base:
                found &= may
            elif known == -base:
                found &= frozenset(-s for s in may)
        if found != ANY:
            return found & self._of_form(base) or found
        return self._of_form(base)

    def _of_form(self, base: Expr) -> Signs:
        if isinstance(base, exp):
            return frozenset((1,))
        if isinstance(base, Pow) and base.exp.is_Rational and base.exp.q == 2:
            inner = self.possible(base.base)
            return inner - {-1} or frozenset((0, 1))
        if isinstance(base, Pow) and base.exp.is_Rational:
            return frozenset((1,)) if self.possible(base.base) == {1} else ANY
        if isinstance(base, (Symbol, Indexed)):
            found = frozenset((1,)) if base.is_positive else self._by_one_letter(base) if self.signs else ANY
            return found if found != ANY else self._by_differences(base)
        if isinstance(base, Abs):
            inner = self.possible(base.args[0])
            return frozenset(s * s for s in inner)
        if isinstance(base, log):
            return self.possible(base.args[0] - 1)
        roots = [a for a in base.atoms(Pow) if a.exp.is_Rational and a.exp.q == 2]
        if roots and isinstance(base, Add):
            return self._of_surd(base, sorted(roots, key=str)[0].base)
        if isinstance(base, Add):
            return self._of_sum(base)
        return ANY

    def _of_surd(self, base: Expr, s: Expr) -> Signs:
        """The sign of u + v √s, from those of u, v and u² - v² s."""
        try:
            u, v = _linear_in_root(base, s)
        except UndecidableError:
            return ANY
        of_u, of_v = self.possible(u), _times(self.possible(v), frozenset((0, 1)) & self.possible(s) or ANY)
        if of_u <= {0} or of_v <= {0}:
            return of_v if of_u <= {0} else of_u
        if 1 not in of_u | of_v or -1 not in of_u | of_v:
            return _plus(of_u, of_v)
        if len(of_u) == 1 and len(of_v) == 1:
            gap = self.possible(u**2 - v**2 * s)
            return frozenset(next(iter(of_u)) if g > 0 else next(iter(of_v)) if g < 0 else 0 for g in gap)
        return ANY

    def _of_sum(self, base: Expr) -> Signs:
        c, rest = base.as_coeff_Add()
        if c in (1, -1) and (rest if c == -1 else -rest).func == exp:
            # e^u - 1 has the sign of u.
            return _times(frozenset((-int(c),)), self.possible((-c * rest).args[0]))
        found = self._by_terms(base)
        if len(found) == 1:
            return found
        found &= self._by_one_letter(base)
        if len(found) == 1:
            return found
        for known, may in self.signs:
            if not isinstance(known, Add) and len(self.signs) < 2:
                continue
            for scale, sign in product((1, -1, Rational(1, 2), Rational(-1, 2), 2, -2), (1, -1)):
                if not may <= {0, sign}:
                    continue
                rest = self._by_terms((base - scale * known).expand())
                total = _plus(rest, frozenset(s * (1 if scale > 0 else -1) for s in may))
                found &= total
        square = _completed_square(base)
        if square is not None:
            found &= self.possible(square) | (frozenset((1,)) if self.possible(square) <= {0, 1} else ANY)
        return found or ANY

    def _by_differences(self, letter: Expr) -> Signs:
        """The sign of a letter from that of its difference to others: n > k and k > 0 say n > 0."""
        found = ANY
        for known, may in self.signs:
            scale = known.coeff(letter, 1) if isinstance(known, Add) else S.Zero
            if scale not in (1, -1):
                continue
            others = replace(self, signs=tuple(p for p in self.signs if p[0] != known))
            rest = others._by_terms((letter - scale * known).expand())
            found &= _plus(rest, frozenset(s * int(scale) for s in may))
        return found or ANY

    def _by_terms(self, expr: Expr) -> Signs:
        total = frozenset((0,))
        for term in Add.make_args(expr.expand() if not isinstance(expr, Add) else expr):
            sign = frozenset((1,))
            for f in Mul.make_args(term):
                base, power = f.as_base_exp() if f.args else (f, S.One)
                if not letters_of(f):
                    sign = _times(sign, frozenset((sign_of_number(f),)))
                elif power.is_Integer and not isinstance(base, Add):
                    sign = _times(sign, _power(self._of_factor(base), int(power)))
                else:
                    sign = _times(sign, self._of_factor(f) if not isinstance(f, Add) else ANY)
            total = _plus(total, sign)
        return total

    def _by_one_letter(self, base: Expr) -> Signs:
        """The signs that a polynomial in one letter takes where all that is known of this letter holds."""
        letters = letters_of(base)
        if len(letters) != 1:
            return ANY
        (x,) = letters
        known = [(k, may) for k, may in self.signs if letters_of(k) == letters]
        try:
            polynomials = [Poly(k, x, domain="QQ") for k in (base, *(k for k, _ in known))]
        except (BasePolynomialError, ValueError):
            return ANY
        if any(p.degree() > 12 for p in polynomials):
            return ANY
        roots: list[Expr] = sorted({r for p in polynomials if p.degree() > 0 for r in p.real_roots()})
        found: set[int] = set()
        for sample in _samples(roots):
            here = [_sign_at(p, sample) for p in polynomials]
            if all(s in may for s, (_, may) in zip(here[1:], known, strict=True)):
                found.add(here[0])
        return frozenset(found) or ANY

    def cases(self, expr: Expr, sign: int) -> list[Knowledge]:
        """What is known where `expr` has this sign too: one case, none, or one for each root of a polynomial."""
        letters = letters_of(expr)
        if sign == 0 and len(letters) == 1 and _solved_for_letter(expr) is None:
            (x,) = letters
            try:
                roots = Poly(expr, x, domain="QQ").real_roots(multiple=False)
            except (BasePolynomialError, ValueError):
                raise UndecidableError("where ", expr, " vanishes") from None
            parts = [self.assume(x - root, 0) for root, _ in roots]
        else:
            terms = Add.make_args(expr)
            if sign == 0 and len(terms) > 1 and self._one_sided(terms):
                return self._all_zero(terms)
            if sign == 0 and _solved_for_letter(expr) is None:
                raise UndecidableError("the case in which ", expr, " vanishes")
            parts = [self.assume(expr, sign)]
        return [part for part in parts if part is not None]

    def _one_sided(self, terms: Iterable[Expr]) -> bool:
        may = frozenset().union(*(self.possible(t) for t in terms))
        return may in (frozenset((0, 1)), frozenset((0, -1)))

    def _all_zero(self, terms: Iterable[Expr]) -> list[Knowledge]:
        """A sum of terms of one sign vanishes only where every term does."""
        found: list[Knowledge] = [self]
        for term in terms:
            bases = [b for b, _ in factors(term)[1]]
            found = [n for k in found for b in bases for n in (k.cases(b, 0) if letters_of(k.put(b)) else [k])]
        return found

    def assume(self, expr: Expr, sign: int) -> Knowledge | None:
        """What is known where `expr` has this sign too; None where it cannot."""
        if self.splits >= SPLITS:
            raise UndecidableError("too many cases")
        values = self.values
        if sign == 0:
            solved = _solved_for_letter(expr)
            if solved is not None:
                values = (*values, solved)
                new = replace(
                    self,
                    signs=tuple((k.xreplace(dict([solved])), may) for k, may in self.signs),
                    values=values,
                    assumed=(*self.assumed, Relation(solved[0], "=", solved[1])),
                    splits=self.splits + 1,
                )
                new = replace(new, signs=tuple(p for p in new.signs if letters_of(p[0])))
                for known, may in self.signs:
                    if not (new.possible(known) & may):
                        return None
                return new
        new = replace(
            self,
            signs=(*((k, m) for k, m in self.signs if k not in (expr, -expr)), (expr, frozenset((sign,)))),
            assumed=(*self.assumed, readable(expr, sign)),
            splits=self.splits + 1,
        )
        for known, _ in new.signs:
            others = tuple(p for p in new.signs if p[0] != known)
            if not (replace(new, signs=others).possible(known) & dict(new.signs)[known]):
                return None
        return new


T = TypeVar("T")


def split(run: Callable[[Knowledge], T], known: Knowledge) -> list[tuple[Knowledge, T]]:
    """`run` in every case that it needs to tell apart.

    Raises  `UndecidableError`, also where there are too many cases.
    """
    try:
        return [(known, run(known))]
    except OpenSignError as question:
        found: list[tuple[Knowledge, T]] = []
        may = known._of_factor(question.expr)
        for sign in (1, 0, -1):
            for case in known.cases(question.expr, sign) if sign in may else ():
                found += split(run, case)
                if len(found) > CASES:
                    raise UndecidableError("so many cases") from None
        return found


def letters_of(expr: Expr) -> frozenset[Expr]:
    """The symbols and family members in `expr`."""
    if isinstance(expr, (Symbol, Indexed)):
        return frozenset((expr,))
    return frozenset().union(*(letters_of(a) for a in expr.args))


def without_roots(expr: Expr) -> tuple[Expr, dict[Expr, Expr]]:
    """`expr` with a letter for every root of something with letters, and what these letters stand for.

    Polynomial algebra would write √(-a) as i √a.
    """
    roots = [t for t in expr.atoms(Pow) if t.exp.is_Rational and not t.exp.is_Integer and letters_of(t.base)]
    powers: dict[Expr, Expr] = {}
    letters: dict[Expr, Expr] = {}
    for n, t in enumerate(sorted(roots, key=str)):
        unit = Pow(t.base, Rational(1, t.exp.q))
        letter = next((s for s, u in letters.items() if u == unit), Symbol(f"root {n}", real=True))
        letters[letter] = unit
        whole, rest = divmod(int(t.exp.p), int(t.exp.q))
        powers[t] = t.base**whole * letter**rest
    return expr.xreplace(powers), letters


def factors(expr: Expr) -> tuple[Expr, list[tuple[Expr, int]]]:
    """A constant, and the irreducible factors of a fraction with their powers."""
    plain, roots = without_roots(expr)
    if roots:
        whole, bases = factors(plain)
        return whole.xreplace(roots), [(base.xreplace(roots), power) for base, power in bases]
    top, below = fraction(cancel(together(expr))) if not expr.is_polynomial() else (expr, S.One)
    constant: Expr = S.One
    found: dict[Expr, int] = {}
    for part, direction in ((top, 1), (below, -1)):
        if not letters_of(part):
            constant = constant * part**direction
            continue
        number, part = part.as_independent(*letters_of(part), as_Add=False)
        constant = constant * number**direction
        try:
            c, parts = factor_list(part)
        except BasePolynomialError:
            c, parts = S.One, [(part, 1)]
        constant = constant * c**direction
        for base, power in parts:
            if not letters_of(base):
                constant = constant * base ** (direction * power)
                continue
            base, flip = _oriented(base)
            constant = constant * flip**power
            found[base] = found.get(base, 0) + direction * int(power)
    return constant, [(b, p) for b, p in found.items() if p]


def sign_of_number(expr: Expr) -> int:
    """The sign of a constant, exactly.

    Raises  `UndecidableError` where no precision separates it from zero and it is not known to be zero.
    """
    if expr.is_Rational:
        return 1 if expr.is_positive else -1 if expr.is_negative else 0
    found = sign_by_balls(expr)
    if found is not None:
        return found
    if is_zero_number(expr):
        return 0
    raise UndecidableError("whether ", expr, " is zero")


def is_zero_number(expr: Expr) -> bool:
    """Whether a constant is zero; False says nothing."""
    if sign_by_balls(expr, precisions=PRECISIONS[:2]) is not None:
        return False
    if expr.expand() == 0:
        return True
    plain = expr.expand(log=False, power_base=True, power_exp=True)
    if plain == 0:
        return True
    plain_heads = all(
        not t.args or isinstance(t, (Add, Mul, ComplexRootOf)) or (isinstance(t, Pow) and t.exp.is_Rational)
        for t in preorder_traversal(expr)
        if not isinstance(t, (PurePoly, Poly))
    )
    algebraic = plain_heads and all(a.is_Rational or isinstance(a, ComplexRootOf) for a in expr.atoms() if a.is_number)
    roots = [a for a in expr.atoms(Pow) if not a.exp.is_Integer]
    if algebraic and len(roots) <= 4 and expr.count_ops() <= 60:
        x = Symbol("x")
        try:
            return bool(minimal_polynomial(expr, x) == x)
        except (NotImplementedError, BasePolynomialError, NotAlgebraic):
            return False
    return False


def readable(expr: Expr, sign: int) -> Relation:
    """`expr > 0` and the like, with a letter alone on the left where that is possible."""
    words: dict[int, Symbolic] = {1: ">", 0: "=", -1: "<"}
    for letter in sorted(letters_of(expr), key=str):
        slope = expr.coeff(letter, 1)
        if slope.is_Rational and slope != 0 and letter not in letters_of(expr - slope * letter):
            bound = ((slope * letter - expr) / slope).expand()
            return Relation(letter, words[sign if slope > 0 else -sign], bound)
    return Relation(expr, words[sign], S.Zero)


def relation_signs(relation: Relation) -> tuple[Expr, Signs] | None:
    """A fact as a sign: a > 0 and the like; None for an approximate one."""
    gap = relation.lhs - relation.rhs
    table: dict[str, Signs] = {
        ">": frozenset((1,)),
        ">=": frozenset((0, 1)),
        "<": frozenset((-1,)),
        "<=": frozenset((-1, 0)),
        "!=": frozenset((-1, 1)),
    }
    may = table.get(relation.sign)
    return None if may is None else (gap, may)


def knowledge_from(relations: Iterable[Relation]) -> Knowledge:
    """What facts say of signs."""
    found: list[tuple[Expr, Signs]] = []
    for relation in relations:
        sign = relation_signs(relation)
        if sign is None or not letters_of(sign[0]):
            continue
        constant, parts = factors(sign[0])
        if len(parts) == 1 and parts[0][1] == 1:
            flip = sign_of_number(constant)
            found.append((parts[0][0], frozenset(s * flip for s in sign[1])))
    return Knowledge(signs=tuple(found))


def _solved_for_letter(expr: Expr) -> tuple[Expr, Expr] | None:
    for letter in sorted(letters_of(expr), key=str):
        if not expr.is_polynomial(letter):
            continue
        slope = expr.expand().coeff(letter, 1)
        rest = (expr - slope * letter).expand()
        if slope.is_Rational and slope != 0 and letter not in letters_of(rest):
            return letter, (-rest / slope).expand()
    return None


def _oriented(base: Expr) -> tuple[Expr, int]:
    """A factor with a positive leading coefficient, and what that costs."""
    lead = Add.make_args(base)[0].as_coeff_Mul()[0]
    with suppress(BasePolynomialError):
        lead = Poly(base, *sorted(letters_of(base), key=str)).LC()
    return (-base, -1) if lead.is_number and lead.is_negative else (base, 1)


def _linear_in_root(expr: Expr, s: Expr) -> tuple[Expr, Expr]:
    """u and v of u + v √s."""
    t = Symbol("root", real=True)
    flat = expr.expand().xreplace({Pow(s, S.Half): t, Pow(s, -S.Half): t / s, Pow(s, Rational(3, 2)): t * s})
    try:
        p = Poly(flat, t)
    except BasePolynomialError:
        raise UndecidableError("the sign of ", expr) from None
    u: Expr = S.Zero
    v: Expr = S.Zero
    for (k,), c in p.terms():
        if k % 2:
            v += c * s ** ((k - 1) // 2)
        else:
            u += c * s ** (k // 2)
    return u.expand(), v.expand()


def _completed_square(base: Expr) -> Expr | None:
    """For a polynomial that is quadratic in a letter with a positive number before the square: its least value."""
    for letter in sorted(letters_of(base), key=str):
        if not base.is_polynomial(letter):
            continue
        p = Poly(base, letter)
        if p.degree() == 2 and p.LC().is_Rational and p.LC() > 0:
            a, b, c = p.all_coeffs()
            return (c - b**2 / (4 * a)).expand()
    return None


def _samples(roots: list[Expr]) -> list[Expr]:
    if not roots:
        return [S.Zero]
    found: list[Expr] = [_below(roots[0])]
    for n, r in enumerate(roots):
        found.append(r)
        found.append(_between(r, roots[n + 1]) if n + 1 < len(roots) else -_below(-r))
    return found


def _below(r: Expr) -> Rational:
    return Rational(int(r.evalf(20)) - 2)


def _between(a: Expr, b: Expr) -> Rational:
    for digits in (3, 6, 12, 24, 48):
        mid = Rational(((a + b) / 2).evalf(digits + 5)).limit_denominator(10**digits)
        if sign_of_number(mid - a) > 0 and sign_of_number(b - mid) > 0:
            return mid
    raise UndecidableError("two roots that are too close")


def _sign_at(p: Poly, at: Expr) -> int:
    if at.is_Rational:
        value = p(at)
        return 1 if value > 0 else -1 if value < 0 else 0
    if isinstance(at, ComplexRootOf):
        own = Poly(at.poly.as_expr(), at.poly.gen)
        rest = p.rem(Poly(own.as_expr().xreplace({own.gen: p.gen}), p.gen))
        if rest.is_zero:
            return 0
        found = sign_by_balls(p.as_expr().xreplace({p.gen: at}))
        if found is None:
            raise UndecidableError("the sign at an algebraic number")
        return found
    return sign_of_number(p.as_expr().xreplace({p.gen: at}).expand())


def _times(a: Signs, b: Signs) -> Signs:
    return frozenset(x * y for x in a for y in b)


def _plus(a: Signs, b: Signs) -> Signs:
    found: set[int] = set()
    for x in a:
        for y in b:
            found |= {x or y} if x == y or not x or not y else {-1, 0, 1}
    return frozenset(found)


def _power(a: Signs, power: int) -> Signs:
    return frozenset(s * s if power % 2 == 0 else s for s in a)
