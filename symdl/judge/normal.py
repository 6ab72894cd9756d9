r"""An exact normal form: a quotient of two polynomials over generators, each of which is itself a term in normal form.

Generators are quantities, exponentials of monomials, logarithms of irreducible factors, roots, one sum per distinct
summand, one product per distinct factor, indicators, and derivatives of which nothing more is known.  Two terms are
equal if the numerator of their difference is zero; where it is not, nothing follows, because generators may be related
in ways that are not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import permutations
from math import lcm
from typing import Any

from flint import fmpq, fmpq_mat, fmpq_mpoly_ctx
from sympy import (
    Abs,
    Add,
    Expr,
    Indexed,
    Integer,
    Mul,
    Pow,
    Rational,
    S,
    Symbol,
    atan,
    cos,
    cosh,
    erf,
    exp,
    log,
    sin,
    sinh,
    tan,
    tanh,
)

from symdl.judge.bounds import Interval, point
from symdl.judge.derivative import Derivatives, NotProvableError, OutOfFuelError, as_cases, closed
from symdl.judge.enclosures import Enclosures
from symdl.judge.whole import (
    Rule,
    Setting,
    as_expr,
    binding,
    is_earlier,
    linear,
    open_bound,
    split_offset,
    universal,
    weight,
    written,
)
from symdl.language import (
    Binder,
    Bound,
    Cases,
    Chain,
    D,
    Delta,
    Maximum,
    Minimum,
    Opaque,
    Prod,
    Sigma,
    Step,
    family,
    free_symbols,
    is_closed,
    label_of,
    put,
    scalar,
    walk,
)
from symdl.language.functions import by_head
from symdl.problem import Givens, Range, Relation

Poly = Any
"""An `fmpq_mpoly`."""

MAX_TERMS = 50_000
KEPT = "°"
"""What marks the name of a state that is not unfolded further."""

MAX_GCD = 60_000
"""The product of the numbers of terms up to which a fraction is reduced; an unreduced one is zero just as visibly."""

MAX_WEIGHT = 3_000
"""The number of subterms up to which a term is taken for a generator."""

MAX_BOUNDED = 24
"""The number of terms up to which a polynomial is enclosed."""

MAX_FACTORS = 4
"""The longest product of matrices that is written out."""


class RestartError(Exception):
    """More generators, or finer exponentials, are needed than were foreseen."""


class Fraction:
    """A quotient of polynomials in lowest terms up to a constant."""

    __slots__ = ("den", "num")

    def __init__(self, num: Poly, den: Poly) -> None:
        self.num, self.den = num, den


class Peels:
    """To which ends ranges are brought before sums and products over them are compared.

    `high` maps an upper end without its whole constant to the least constant that occurs, `low` a lower end to the
    greatest.  `power` does for an exponent over a base what `high` does for an end.
    """

    def __init__(self) -> None:
        self.high: dict[Expr, int] = {}
        self.low: dict[Expr, int] = {}
        self.power: dict[tuple[Expr, Expr], int] = {}

    def key(self) -> tuple[frozenset[Any], ...]:
        """What tells two of them apart."""
        return frozenset(self.high.items()), frozenset(self.low.items()), frozenset(self.power.items())

    def note(self, lo: Expr, hi: Expr) -> None:
        """Take one range into account."""
        base, offset = split_offset(hi)
        self.high[base] = min(self.high.get(base, offset), offset)
        base, offset = split_offset(lo)
        self.low[base] = max(self.low.get(base, offset), offset)


class Normal:
    """Brings terms without derivatives into normal form under one setting.

    `assumes` collects the side conditions that were used, as pairs of an expression and what is said of it.
    """

    def __init__(
        self,
        setting: Setting,
        capacity: int,
        finest: dict[Expr, int],
        peels: Peels,
        derivatives: Derivatives,
        fuel: list[int],
    ) -> None:
        self.setting, self.finest, self.peels, self.fuel = setting, finest, peels, fuel
        self.context = fmpq_mpoly_ctx.get([f"g{n}" for n in range(capacity)], "lex")
        self.capacity = capacity
        self.ids: dict[Expr, int] = {}
        self.generators: list[Expr] = []
        self.polys = self.context.gens()
        self.assumes: dict[tuple[Expr, str], None] = {}
        self.seen = Peels()
        self.seen.power.update(peels.power)
        self.could_divide = False
        self.one, self.zero = self.context.constant(1), self.context.constant(0)
        self._memo: dict[Expr, Fraction] = {}
        self._roots: dict[int, tuple[int, Fraction]] = {}
        self._steps: dict[int, tuple[int, Poly]] = {}
        self._flags: set[int] = set()
        self._facts: list[Rule] | None = None
        self._inequalities: list[tuple[Expr, Expr, bool, Mapping[Symbol, Range]]] | None = None
        self._unread: frozenset[Expr] = frozenset()
        self._busy: set[Expr] = set()
        self.kinks: set[Expr] = set()
        self._depth = 0
        self.derivatives = derivatives
        self.enclosures = Enclosures(self)

    def exclude(self, kinks: Iterable[Expr]) -> None:
        """Leave out the points where one of these expressions is zero."""
        for k in kinks:
            factor = self._oriented(self.form(k))
            if factor is not None:
                self.kinks.add(factor[0])

    # -- fractions ---------------------------------------------------------------------------------------------------

    def constant(self, value: Any) -> Fraction:
        return Fraction(self.context.constant(value), self.one)

    def _poly(self, p: Poly) -> Fraction:
        return Fraction(p, self.one)

    def reduced(self, num: Poly, den: Poly) -> Fraction:
        if den == 0:
            raise NotProvableError("division by zero")
        if num == 0:
            return Fraction(self.zero, self.one)
        self.spend((len(num) + len(den)) // 4)
        if len(num) > MAX_TERMS or len(den) > MAX_TERMS:
            raise NotProvableError("more than 50,000 terms")
        if self._relations():
            num, den = self._related(num), self._related(den)
            if den == 0:
                raise NotProvableError("division by zero")
        if not den.is_constant() and len(num) * len(den) <= MAX_GCD:
            g = num.gcd(den)
            if not g.is_constant():
                num, den = num / g, den / g
        lead = den.leading_coefficient()
        if lead != 1:
            num, den = num / lead, den / lead
        return Fraction(num, den)

    def add(self, a: Fraction, b: Fraction) -> Fraction:
        if a.den == b.den:
            return self.reduced(a.num + b.num, a.den)
        g = a.den.gcd(b.den)
        left, right = a.den / g, b.den / g
        return self.reduced(a.num * right + b.num * left, a.den * right)

    def mul(self, a: Fraction, b: Fraction) -> Fraction:
        if len(a.num) * len(b.num) > 40 * MAX_TERMS:
            raise NotProvableError("more than 50,000 terms")
        return self.reduced(a.num * b.num, a.den * b.den)

    def power(self, a: Fraction, n: int) -> Fraction:
        if abs(n) > 200 or (abs(n) > 1 and max(len(a.num), len(a.den)) ** min(abs(n), 12) > 10**7):
            raise NotProvableError("a power too large to write out")
        if n >= 0:
            return self.reduced(a.num**n, a.den**n)
        if a.num == 0:
            raise NotProvableError("division by zero")
        return self.reduced(a.den**-n, a.num**-n)

    # -- relations between generators --------------------------------------------------------------------------------

    def _relations(self) -> bool:
        return bool(self._roots or self._steps or self._flags)

    def _related(self, p: Poly) -> Poly:
        """The polynomial with powers of roots and indicators reduced."""
        for _ in range(20):
            degrees = p.degrees()
            changed = False
            for g, (q, base) in self._roots.items():
                if degrees[g] >= q:
                    p, changed = self._lowered(p, g, q, base), True
                    degrees = p.degrees()
            for g in self._flags:
                if degrees[g] >= 2:
                    p, changed = self._flattened(p, g), True
                    degrees = p.degrees()
            for s, (weak, u) in self._steps.items():
                if degrees[s] and degrees[weak]:
                    p = self._joined(p, s, weak)
                    degrees = p.degrees()
                if degrees[weak]:
                    joined = self._at_kink(p, s, weak, u)
                    if joined is not None:
                        p, changed = joined, True
                        degrees = p.degrees()
            if not changed:
                return p
        return p

    def by_degree(self, p: Poly, g: int) -> dict[int, Poly]:
        parts: dict[int, dict[tuple[int, ...], Any]] = {}
        for m, c in p.to_dict().items():
            m = tuple(m)
            parts.setdefault(m[g], {})[(*m[:g], 0, *m[g + 1 :])] = c
        return {k: self.context.from_dict(d) for k, d in parts.items()}

    def _lowered(self, p: Poly, g: int, q: int, base: Fraction) -> Poly:
        total = self.zero
        for k, part in self.by_degree(p, g).items():
            total += part * base.num ** (k // q) * self.polys[g] ** (k % q)
        return total

    def _flattened(self, p: Poly, g: int) -> Poly:
        total = self.zero
        for k, part in self.by_degree(p, g).items():
            total += part * self.polys[g] if k else part
        return total

    def _joined(self, p: Poly, s: int, weak: int) -> Poly:
        total = self.zero
        for k, part in self.by_degree(p, s).items():
            if not k:
                total += part
                continue
            for inner in self.by_degree(part, weak).values():
                total += inner * self.polys[s]
        return total

    def _at_kink(self, p: Poly, s: int, weak: int, u: Poly) -> Poly | None:
        """Replaces 1[u >= 0] u by 1[u > 0] u; None where there is nothing to replace."""
        parts = self.by_degree(p, weak)
        factor = parts.get(1)
        if factor is None or len(factor) > 400:
            return None
        quotient, rest = divmod(factor, u)
        if quotient == 0:
            return None
        result = rest * self.polys[weak] + parts.get(0, self.zero)
        return self._joined(result + quotient * u * self.polys[s], s, weak)

    # -- generators --------------------------------------------------------------------------------------------------

    def generator(self, expr: Expr) -> int:
        """The number of the generator that this normal term is."""
        found = self.ids.get(expr)
        if found is None:
            found = len(self.generators)
            if found >= self.capacity:
                raise RestartError
            if weight(expr) > MAX_WEIGHT:
                raise NotProvableError(f"a generator of more than {MAX_WEIGHT:,} parts")
            self.spend(weight(expr) // 8)
            self.ids[expr] = found
            self.generators.append(expr)
            if isinstance(expr, Delta):
                self._flags.add(found)
        return found

    def atom(self, expr: Expr) -> Fraction:
        return self._poly(self.polys[self.generator(expr)])

    def expr(self, a: Fraction) -> Expr:
        """The normal term that the fraction stands for."""
        num = self.poly_expr(a.num)
        if a.den.is_one():
            return num
        return num / self.poly_expr(a.den)

    def poly_expr(self, p: Poly) -> Expr:
        if len(p) > 600:
            raise NotProvableError("a generator of more than 600 terms")
        self.spend(len(p) // 8)
        return Add(*[self._monomial(m, c) for m, c in p.to_dict().items()])

    def _monomial(self, m: Iterable[int], c: Any) -> Expr:
        return Mul(Rational(int(c.p), int(c.q)), *[self.generators[g] ** int(e) for g, e in enumerate(m) if e])

    def _having(self, p: Poly, letter: Symbol) -> list[int]:
        if p == 0:
            return []
        return [g for g, e in enumerate(p.degrees()) if e and letter in free_symbols(self.generators[g])]

    def assume(self, expr: Expr, said: str) -> None:
        """Record a side condition that was used."""
        self.assumes[expr, said] = None

    # -- terms -------------------------------------------------------------------------------------------------------

    def form(self, expr: Expr) -> Fraction:
        """The normal form of a term.

        Fails   with `NotProvableError` where the term is undefined, too large, or of an unknown kind.
        """
        found = self._memo.get(expr)
        if found is not None:
            return found
        self.spend(1 + weight(expr) // 4 if isinstance(expr, Binder) else 1)
        if self._depth > 150:
            raise NotProvableError("terms nest deeper than 150")
        self._depth += 1
        try:
            found = self._form(expr)
        finally:
            self._depth -= 1
        self._memo[expr] = found
        return found

    def spend(self, steps: int) -> None:
        """Take steps off what the search may use."""
        self.fuel[0] -= steps
        if self.fuel[0] < 0:
            raise OutOfFuelError("the search is longer than its limit")

    def _form(self, expr: Expr) -> Fraction:
        if expr.is_Rational:
            return self.constant(fmpq(int(expr.p), int(expr.q)))
        if expr in self.ids and expr not in self._unread:
            return self.atom(expr)
        if isinstance(expr, Symbol | Indexed):
            return self._quantity(expr)
        if expr.is_Add:
            total = self.form(expr.args[0])
            for a in expr.args[1:]:
                total = self.add(total, self.form(a))
            return total
        if expr.is_Mul:
            product = self.form(expr.args[0])
            for a in expr.args[1:]:
                product = self.mul(product, self.form(a))
            return product
        if expr.is_Pow:
            return self._pow(expr.base, expr.exp)
        handler = _HANDLERS.get(expr.func)
        if handler is not None:
            return handler(self, expr)
        if isinstance(expr, D):
            return self._inert(expr)
        record = by_head().get(expr.func)
        if record is not None and record.definition is not None:
            return self.form(record.definition(*expr.args))
        if expr is S.Exp1:
            return self._exp(self.constant(1))
        if expr is S.Pi:
            return self.atom(expr)
        raise NotProvableError(f"no normal form of {expr.func.__name__}")

    def _inert(self, expr: D) -> Fraction:
        """A derivative that was left inert; by now its index may be known."""
        ruled = self.derivatives.rewritten(expr)
        if ruled is not None:
            return self.form(self.derivatives.plain(ruled))
        f = expr.of
        if type(expr) is D and isinstance(f, Indexed) and is_closed(expr) and self._is_settled(f):
            return self.form(self.derivatives.total(f, expr.wrt))
        return self.atom(expr)

    def _is_settled(self, state: Indexed) -> bool:
        """Whether the state is at a known index, or is none: an initial one or a free input."""
        if all(isinstance(i, Integer) for i in state.indices):
            return self.setting.is_free(state) or self.setting.definition_of(state) is not None
        found = self.setting.definition_of(state)
        return self.setting.is_free(state) if found is None else not self.setting.recurs(found[0])

    def _quantity(self, expr: Expr) -> Fraction:
        if isinstance(expr, Bound):
            raise NotProvableError("a loose bound index")
        if isinstance(expr, Symbol) and expr.is_integer:
            return self.atom(expr)
        if isinstance(expr, Indexed):
            at = []
            for i in expr.indices:
                form = linear(i)
                at.append(i if form is None else as_expr(form))
            expr = Indexed(expr.base, *at)
            if label_of(expr).name.endswith(KEPT):
                state = family(Symbol(label_of(expr).name[: -len(KEPT)], real=True), *at)
                known = self.setting.definition_of(state) is not None
                return self.atom(expr) if known and not self._is_settled(state) else self.form(state)
        ruled = self._by_fact(expr)
        if ruled is not None:
            return ruled
        if not self.setting.givens.definitions_of(label_of(expr)):
            return self.atom(expr)
        found = self.setting.definition_of(expr)
        if found is None or isinstance(found[0].body, Opaque):
            return self.atom(expr)
        body = put(found[0].body, found[1])
        if self.setting.recurs(found[0]):
            if not self.setting.unfolds_states:
                return self.atom(expr)
            body = self._kept(body, expr)
        if expr in self._busy:
            raise NotProvableError("a definition that refers to itself")
        self._busy.add(expr)
        try:
            return self.form(self.derivatives.plain(body))
        finally:
            self._busy.discard(expr)

    def _kept(self, body: Expr, state: Expr) -> Expr:
        """The body of a state with earlier states under another name, so that they are not unfolded in turn."""

        def visit(term: Expr) -> Expr | None:
            if not isinstance(term, Indexed) or not self.setting.is_state(label_of(term)):
                return None
            if is_earlier(term, state) and (not is_closed(term) or self.setting.definition_of(term) is not None):
                return family(Symbol(label_of(term).name + KEPT, real=True), *term.indices)
            return None

        return walk(body, visit)

    def _pow(self, base: Expr, exponent: Expr) -> Fraction:
        if isinstance(exponent, Integer):
            if exponent < 0:
                below = self.form(base)
                if below.num == 0:
                    raise NotProvableError("division by zero")
                if not self.is_nonzero(below.num):
                    self.assume(base, "!= 0")
            return self.power(self.form(base), int(exponent))
        if isinstance(exponent, Rational):
            return self._root(self.form(base), fmpq(int(exponent.p), int(exponent.q)))
        if base is S.Exp1:
            return self._exp(self.form(exponent))
        form = linear(exponent)
        if form is not None:
            return self._whole_power(self.form(base), exponent)
        return self._exp(self.mul(self.form(exponent), self._log(self.form(base))))

    def _whole_power(self, base: Fraction, exponent: Expr) -> Fraction:
        """A power whose exponent is a linear form of whole symbols."""
        form = linear(exponent)
        assert form is not None
        if not form[0]:
            return self.power(base, form[1])
        if base.num == 0:
            if self.setting.is_positive(exponent):
                return base
            raise NotProvableError("a power of zero whose exponent may be zero")
        if not self.setting.is_nonnegative(exponent) and not self.is_nonzero(base.num):
            self.assume(self.expr(base), "!= 0")
        result = self.constant(1)
        content, factors = self._factors(base)
        pieces: list[tuple[Fraction, int]] = [(self._poly(f), m) for f, m in factors]
        sign = -1 if content < 0 else 1
        pieces += [(self.constant(p), m) for p, m in _primes(abs(content))]
        if sign < 0:
            pieces.append((self.constant(-1), 1))
        for piece, multiplicity in pieces:
            alone = len(form[0]) == 1 and form[0][0][1] == 1
            split = piece.num.is_constant() or self.is_nonzero(piece.num)
            split = split or (not alone and self._all_nonnegative(form))
            if piece.num == -1:
                result = self.mul(result, self._sign_power(form))
                continue
            key = self._exponential_base(piece)
            if key is not None:
                result = self.mul(result, self._exp(self.mul(key, self.form(exponent * multiplicity))))
                continue
            if split or self.setting.divides:
                if not split:
                    self.assume(self.expr(piece), "!= 0")
                for s, c in form[0]:
                    part = self.atom(Pow(self.expr(piece), s))
                    result = self.mul(result, self.power(part, c * multiplicity))
                result = self.mul(result, self.power(piece, form[1] * multiplicity))
                continue
            self.could_divide = True
            below, rest = self.expr(piece), as_expr((form[0], 0))
            low = 0 if form[1] > 0 and self.setting.is_nonnegative(rest) else form[1]
            self.seen.power[below, rest] = min(low, self.seen.power.get((below, rest), low))
            least = self.peels.power.get((below, rest), low)
            # x^{a+d} = x^a x^d for x = 0, too, where neither exponent is negative.
            if least < form[1] and self.setting.is_nonnegative(rest + least):
                result = self.mul(result, self.power(piece, (form[1] - least) * multiplicity))
                rest = rest + least
            else:
                rest = exponent
            result = self.mul(result, self.power(self.atom(Pow(below, rest)), multiplicity))
        return result

    def _all_nonnegative(self, form: Any) -> bool:
        return form[1] >= 0 and all(c >= 0 and (s.is_positive or self.setting.is_nonnegative(s)) for s, c in form[0])

    def _sign_power(self, form: Any) -> Fraction:
        result = self.constant(-1 if form[1] % 2 else 1)
        for s, c in form[0]:
            if c % 2:
                g = self.generator(Pow(Integer(-1), s))
                self._roots[g] = (2, self.constant(1))
                result = self.mul(result, self._poly(self.polys[g]))
        return result

    def _exponential_base(self, piece: Fraction) -> Fraction | None:
        """The argument u where the factor is the generator exp(u)."""
        if len(piece.num) == 1 and piece.num.total_degree() == 1 and piece.num.leading_coefficient() == 1:
            g = next(n for n, e in enumerate(piece.num.degrees()) if e)
            if isinstance(self.generators[g], exp):
                return self.form(self.generators[g].args[0])
        return None

    def _factors(self, a: Fraction) -> tuple[Any, list[tuple[Poly, int]]]:
        """The content and the irreducible factors, those of the denominator with negative multiplicity."""
        content, factors = self.factored(a.num)
        below, others = self.factored(a.den)
        return content / below, [*factors, *[(f, -m) for f, m in others]]

    def factored(self, p: Poly) -> tuple[Any, list[tuple[Poly, int]]]:
        if p.is_constant():
            return p.leading_coefficient(), []
        if len(p) == 1:
            degrees = p.degrees()
            return p.leading_coefficient(), [(self.polys[g], int(e)) for g, e in enumerate(degrees) if e]
        if len(p) > 1_500 or p.total_degree() > 120:
            raise NotProvableError("a polynomial too large to factor")
        content, factors = p.factor()
        return fmpq(content), [(f, int(m)) for f, m in factors]

    def _root(self, base: Fraction, exponent: Any) -> Fraction:
        """A fractional power; of a product it is the product of the powers, all factors taken nonnegative."""
        if base.num == 0:
            if exponent > 0:
                return base
            raise NotProvableError("division by zero")
        content, factors = self._factors(base)
        if content < 0:
            content, factors = self._turned(content, factors)
        odd = [f for f, m in factors]
        result = self.constant(1)
        for p, m in _primes(content):
            result = self.mul(result, self._simple_root(self.constant(p), exponent * m))
        for f, m in factors:
            argument = self._exponential_base(self._poly(f))
            if argument is not None:
                result = self.mul(result, self._exp(self.mul(argument, self.constant(exponent * m))))
                continue
            if len(odd) > 1 or m not in (1, -1):
                self._need_positive(f, strict=m < 0)
            result = self.mul(result, self._simple_root(self._poly(f), exponent * m))
        return result

    def _simple_root(self, base: Fraction, exponent: Any) -> Fraction:
        whole, rest = divmod(int(exponent.p), int(exponent.q))
        result = self.power(base, whole)
        if rest:
            q = int(exponent.q)
            g = self.generator(Pow(self.expr(base), Rational(1, q)))
            self._roots[g] = (q, base)
            result = self.mul(result, self.power(self._poly(self.polys[g]), rest))
        return result

    def _turned(self, content: Any, factors: list[tuple[Poly, int]]) -> tuple[Any, list[tuple[Poly, int]]]:
        """The same product with a positive content: one factor of odd multiplicity takes the sign."""
        odd = [n for n, (_, m) in enumerate(factors) if m % 2]
        if not odd:
            raise NotProvableError("log or root of a negative number")
        best = next((n for n in odd if self.sign(-factors[n][0]) == 1), None)
        if best is None:
            best = next((n for n in odd if self.sign(factors[n][0]) != 1), None)
        if best is None:
            raise NotProvableError("log or root of a negative number")
        f, m = factors[best]
        return -content, [*factors[:best], (-f, m), *factors[best + 1 :]]

    def _need_positive(self, f: Poly, strict: bool = True) -> None:
        known = self.sign(f)
        if known == 1:
            return
        if self.sign(-f) == 1:
            raise NotProvableError("log or root of a negative number")
        self.assume(self.poly_expr(f), "> 0" if strict else ">= 0")

    # -- signs -------------------------------------------------------------------------------------------------------

    def sign(self, p: Poly) -> int | None:
        """1 where the polynomial is known to be positive, -1 where negative, else None."""
        coefficients = p.coeffs()
        if p.is_constant():
            return _sign(p.leading_coefficient()) if p != 0 else None
        for want in (1, -1):
            if all(_sign(c) == want for c in coefficients) and self._all_good(p):
                return want
        found = self._sign_by_fact(p)
        if found is None and len(p) <= MAX_BOUNDED:
            known = self.bounds(p)
            if known.excludes_zero():
                return 1 if known.is_nonnegative() else -1
        return found

    def bounds(self, p: Poly) -> Interval:
        """An interval that holds every value of the polynomial."""
        total = point(0)
        if p == 0:
            return total
        of = {g: self.enclosures.of(self.generators[g]) for g, e in enumerate(p.degrees()) if e}
        if all(i.lo is None and i.hi is None for i in of.values()) and len(p) == 1 and p.total_degree() == 1:
            return Interval()
        for m, c in p.to_dict().items():
            total = total + self._product_bounds([(g, int(e)) for g, e in enumerate(m) if e], of).scaled(c)
        return total.meet(self._parabola(p, of))

    def _product_bounds(self, powers: list[tuple[int, int]], of: Mapping[int, Interval]) -> Interval:
        """An interval for a monomial; products over the same range are one product."""
        known = point(1)
        joined: dict[tuple[Expr, Expr], list[Expr]] = {}
        for g, e in powers:
            expr = self.generators[g]
            if isinstance(expr, Prod):
                joined.setdefault((expr.lo, expr.hi), []).append(expr.body**e)
            known = known * of[g].power(e)
        if any(len(bodies) > 1 for bodies in joined.values()):
            other = point(1)
            for (lo, hi), bodies in joined.items():
                other = other * self.enclosures.of(Prod(lo, hi, Mul(*bodies)))
            for g, e in powers:
                if not isinstance(self.generators[g], Prod):
                    other = other * of[g].power(e)
            known = known.meet(other)
        return known

    def enclosed(self, expr: Expr) -> Interval:
        """An interval that holds every value of a term, by its normal form."""
        try:
            f = self.form(expr)
        except NotProvableError:
            return Interval()
        return self.bounds(f.num) if f.den.is_one() and len(f.num) <= MAX_BOUNDED else Interval()

    def _parabola(self, p: Poly, of: Mapping[int, Interval]) -> Interval:
        """The exact range of a x² + b x + c where x runs over an interval."""
        if len(of) != 1:
            return Interval()
        ((g, run),) = of.items()
        if p.degrees()[g] != 2 or run.lo is None or run.hi is None:
            return Interval()
        parts = self.by_degree(p, g)
        a, b, c = (fmpq(parts[k].leading_coefficient()) if k in parts else fmpq(0) for k in (2, 1, 0))
        ends = [(a * x * x + b * x + c, is_open) for x, is_open in ((run.lo, run.lo_open), (run.hi, run.hi_open))]
        top = -b / (2 * a)
        if run.lo < top < run.hi:
            ends.append((c - b * b / (4 * a), False))
        lo, hi = min(v for v, _ in ends), max(v for v, _ in ends)
        return Interval(
            lo, hi, all(is_open for v, is_open in ends if v == lo), all(is_open for v, is_open in ends if v == hi)
        )

    def _all_good(self, p: Poly) -> bool:
        """Whether every monomial is nonnegative and one of them positive."""
        some = False
        for m in p.monoms():
            strict = True
            for g, e in enumerate(m):
                if not e:
                    continue
                kind = self._generator_sign(g)
                if kind == 1:
                    continue
                if kind != 0 and e % 2:
                    return False
                strict = False
            some = some or strict
        return some

    def _generator_sign(self, g: int) -> int | None:
        """1 for a generator that is positive, 0 for one that is not negative, else None."""
        expr = self.generators[g]
        if isinstance(expr, exp):
            return 1
        if isinstance(expr, Symbol) and expr.is_integer:
            if self.setting.is_positive(expr):
                return 1
            return 0 if self.setting.is_nonnegative(expr) else None
        if expr is S.Pi:
            return 1
        if isinstance(expr, Step | Delta):
            return 0
        if isinstance(expr, Pow):
            below = self.form(expr.base)
            if isinstance(expr.exp, Rational) and not isinstance(expr.exp, Integer):
                return 1 if self.sign(below.num * below.den) == 1 else 0
            return 1 if self.sign(below.num * below.den) == 1 else None
        if isinstance(expr, Sigma | Prod):
            (_,), body, inner = open_bound(expr, self.setting)
            outer, self.setting = self.setting, inner
            try:
                f = self.form(body)
                if self.sign(f.num * f.den) != 1:
                    return None
            finally:
                self.setting = outer if len(outer.ranges) >= len(inner.ranges) else inner
            nonempty = isinstance(expr, Prod) or self.setting.is_nonnegative(expr.hi - expr.lo)
            return 1 if nonempty else 0
        strict = None
        for greater, less, strictly, letters in self.inequalities():
            if not less.is_Rational or less < 0 or binding(greater, expr, letters, self.setting) is None:
                continue
            if strictly or less > 0:
                return 1
            strict = 0
        return strict

    def _known(self) -> list[tuple[Relation, Mapping[Symbol, Range]]]:
        """The facts and conditions, with the letters for which they hold universally."""
        known: list[tuple[Relation, Mapping[Symbol, Range]]] = [(r, {}) for r in self.setting.told]
        for fact in self.setting.givens.facts:
            left, right, letters = universal((fact.relation.lhs, fact.relation.rhs, fact.ranges))
            known.append((Relation(left, fact.relation.sign, right), letters))
        return [*known, *self.setting.orders]

    def inequalities(self) -> list[tuple[Expr, Expr, bool, Mapping[Symbol, Range]]]:
        """What is given by inequalities: the greater and the less side, whether strictly, and for which letters."""
        if self._inequalities is None:
            self._inequalities = self._read_inequalities()
        return self._inequalities

    def _read_inequalities(self) -> list[tuple[Expr, Expr, bool, Mapping[Symbol, Range]]]:
        orders: list[tuple[Expr, Expr, bool, Mapping[Symbol, Range]]] = []
        for r, letters in self._known():
            if r.sign in (">", ">="):
                orders.append((r.lhs, r.rhs, r.sign == ">", letters))
            elif r.sign in ("<", "<="):
                orders.append((r.rhs, r.lhs, r.sign == "<", letters))
        return orders

    def _sign_by_fact(self, p: Poly) -> int | None:
        """The sign of a polynomial that is a multiple of the gap of a strict fact, or of the case assumed."""
        if len(p) > 12:
            return None
        mine: Expr | None = None
        for greater, less, strict, letters in self.inequalities():
            if not strict:
                continue
            gap = greater - less
            found: dict[Expr, Expr] = {}
            if free_symbols(gap) & letters.keys():
                mine = mine if mine is not None else self.poly_expr(p)
                matched = self._matched(gap, mine, letters)
                if matched is None:
                    continue
                found = matched
            try:
                f = self.form(put(gap, found)) if found or not free_symbols(gap) & letters.keys() else None
            except NotProvableError:
                continue
            if f is None or not f.den.is_one() or len(f.num) != len(p):
                continue
            ratio = p.leading_coefficient() / f.num.leading_coefficient()
            if f.num * ratio == p:
                return _sign(ratio)
        return None

    def _matched(self, gap: Expr, expr: Expr, letters: Mapping[Symbol, Range]) -> dict[Expr, Expr] | None:
        for candidate in (gap, -gap):
            found = binding(candidate, expr, letters, self.setting)
            if found is not None:
                return found
        return None

    def is_nonzero(self, p: Poly) -> bool:
        if p.is_constant():
            return bool(p != 0)
        return all(self.sign(f) is not None or self._told_nonzero(f) for f, _ in self.factored(p)[1])

    def _told_nonzero(self, p: Poly) -> bool:
        for gap in self._told_apart():
            found = self.form(gap).num
            if found in (p, -p):
                return True
        return False

    # -- functions ---------------------------------------------------------------------------------------------------

    def _exp(self, u: Fraction) -> Fraction:
        result = self.constant(1)
        if u.num == 0:
            return result
        for m, c in u.num.to_dict().items():
            gens = [(g, int(e)) for g, e in enumerate(m) if e]
            if len(gens) == 1 and gens[0][1] == 1 and u.den.is_one() and isinstance(self.generators[gens[0][0]], log):
                inner = self.form(self.generators[gens[0][0]].args[0])
                result = self.mul(result, self._root(inner, c) if c.q != 1 else self.power(inner, int(c.p)))
                continue
            piece = self.reduced(self.context.from_dict({tuple(m): 1}), u.den)
            # What multiplies the monomial belongs to the exponent, so that equal monomials share their generator.
            scale = fmpq(c) * piece.num.leading_coefficient()
            unit = Fraction(piece.num / piece.num.leading_coefficient(), piece.den)
            key = self.expr(unit)
            fine = self.finest.get(key, 1)
            if fine % int(scale.q):
                self.finest[key] = lcm(fine, int(scale.q))
                raise RestartError
            n = int((scale * fine).p)
            if abs(n) > 400:
                raise NotProvableError("an exponential too large to write as a power")
            result = self.mul(result, self.power(self.atom(exp(key / fine)), n))
        return result

    def _exponential(self, expr: Expr) -> Fraction:
        return self._exp(self.form(expr.args[0]))

    def _logarithm(self, expr: Expr) -> Fraction:
        return self._log(self.form(expr.args[0]))

    def _log(self, u: Fraction) -> Fraction:
        if u.num == 0:
            raise NotProvableError("log of zero")
        content, factors = self._factors(u)
        if content < 0:
            content, factors = self._turned(content, factors)
        total = self.constant(0)
        for p, m in _primes(content):
            total = self.add(total, self.mul(self.atom(log(Integer(p))), self.constant(m)))
        real = []
        for f, m in factors:
            argument = self._exponential_base(self._poly(f))
            if argument is not None:
                total = self.add(total, self.mul(argument, self.constant(m)))
            else:
                real.append((f, m))
        for f, m in real:
            self._need_positive(f)
            total = self.add(total, self.mul(self._log_of(f), self.constant(m)))
        return total

    def _log_of(self, f: Poly) -> Fraction:
        expr = self.poly_expr(f)
        if isinstance(expr, Pow):
            base = self.form(expr.base)
            return self.mul(self.form(expr.exp), self._log(base))
        if isinstance(expr, Prod):
            (letter,), body, self.setting = open_bound(expr, self.setting)
            return self._summed(self._log(self.form(body)), letter, expr.lo, expr.hi)
        return self.atom(log(expr))

    def _hyperbolic(self, expr: Expr) -> Fraction:
        up = self._exp(self.form(expr.args[0]))
        down = self.power(up, -1)
        above = self.add(up, self.mul(down, self.constant(-1)))
        below = self.add(up, down)
        if expr.func is tanh:
            return self.mul(above, self.power(below, -1))
        return self.mul(above if expr.func is sinh else below, self.constant(fmpq(1, 2)))

    def _odd(self, expr: Expr) -> Fraction:
        """sin, arctan and erf: the sign of the argument is taken out."""
        u = self.form(expr.args[0])
        if u.num == 0:
            return u
        key = self.expr(u)
        if key.could_extract_minus_sign():
            return self.mul(self.atom(expr.func(-key)), self.constant(-1))
        return self.atom(expr.func(key))

    def _cosine(self, expr: Expr) -> Fraction:
        u = self.form(expr.args[0])
        if u.num == 0:
            return self.constant(1)
        key = self.expr(u)
        if key.could_extract_minus_sign():
            key = -key
        g = self.generator(cos(key))
        sine = self.atom(sin(key))
        self._roots[g] = (2, self.add(self.constant(1), self.mul(self.power(sine, 2), self.constant(-1))))
        return self._poly(self.polys[g])

    def _tangent(self, expr: Expr) -> Fraction:
        u = expr.args[0]
        return self.mul(self.form(sin(u)), self.power(self.form(cos(u)), -1))

    def _absolute(self, expr: Expr) -> Fraction:
        """|u|, factor by factor; a factor of unknown sign becomes a generator whose square is known."""
        if self.setting.splits_bars:
            return self.form(by_head()[Abs].definition(expr.args[0]))  # type: ignore[misc]
        u = self.form(expr.args[0])
        if u.num == 0:
            return u
        content, factors = self._factors(u)
        result = self.constant(abs(content))
        for f, m in factors:
            result = self.mul(result, self.power(self._bars(f, m), m))
        return result

    def _bars(self, f: Poly, m: int) -> Fraction:
        if m % 2 == 0:
            return self._poly(f)
        known = self.sign(f)
        if known is not None:
            return self._poly(f * known)
        expr = self.poly_expr(f)
        for key, sign in self.setting.signs:
            if expr in (key, -key):
                return self._poly(f * (sign if expr == key else -sign))
        g = self.ids.get(expr)
        if g is not None and self._generator_sign(g) is not None:
            return self._poly(f)
        if isinstance(expr, Prod):
            (letter,), body, self.setting = open_bound(expr, self.setting)
            return self.form(Prod.over(letter, expr.lo, expr.hi, Abs(body)))
        if isinstance(expr, Pow) and linear(expr.exp) is not None:
            return self._whole_power(self.form(Abs(expr.base)), expr.exp)
        bound = self.bounds(f)
        if bound.lo is not None and bound.lo >= 0:
            return self._poly(f)
        if bound.hi is not None and bound.hi <= 0:
            return self._poly(-f)
        if expr.could_extract_minus_sign():
            expr, f = -expr, -f
        made = self.generator(Abs(expr))
        self._roots[made] = (2, self._poly(f * f))
        return self._poly(self.polys[made])

    # -- indicators --------------------------------------------------------------------------------------------------

    def _delta(self, expr: Expr) -> Fraction:
        a, b = expr.args
        form = linear(a - b)
        if form is None:
            return self.atom(expr)
        if not form[0]:
            return self.constant(int(form[1] == 0))
        if self.setting.is_nonzero(a - b):
            return self.constant(0)
        if self.setting.is_nonnegative(a - b) and self.setting.is_nonnegative(b - a):
            return self.constant(1)
        # One of a - b and b - a, brought to a symbol on one side where that is possible.
        letter = next((s for s, c in form[0] if abs(c) == 1), None)
        if letter is None:
            return self.atom(Delta(as_expr(form), Integer(0)))
        c = dict(form[0])[letter]
        rest = as_expr(form) - c * letter
        return self.atom(Delta(letter, -rest if c == 1 else rest))

    def _oriented(self, u: Fraction) -> tuple[Expr, int, Poly] | None:
        """An expression with the sign of u or its opposite, which of both (1 or -1), and its polynomial.

        None where the sign of u is a constant.
        """
        content, factors = self._factors(u)
        sign = _sign(content)
        kept = self.one
        for f, m in factors:
            known = self.sign(f)
            if m % 2 == 0 and known is None and not self.is_nonzero(f):
                kept = kept * f * f
            elif m % 2 and known is None:
                kept = kept * f
            elif m % 2 and known is not None:
                sign *= known
        if kept.is_one():
            return None
        expr = self.poly_expr(kept)
        if expr.could_extract_minus_sign():
            expr, kept, sign = -expr, -kept, -sign
        return expr, sign, kept

    def _step(self, expr: Expr) -> Fraction:
        u = self.form(expr.u)
        at_zero = self.form(expr.at_zero)
        if u.num == 0:
            return at_zero
        found = self._oriented(u)
        if found is None:
            content, factors = self._factors(u)
            sign = _sign(content)
            for f, m in factors:
                sign *= (self.sign(f) or 1) if m % 2 else 1
            return self.constant(int(sign > 0))
        key, sign, poly = found
        for told, value in self.setting.signs:
            if told in (key, -key):
                shown = value * sign * (1 if told == key else -1)
                return at_zero if value == 0 else self.constant(int(shown > 0))
        whole = linear(key)
        if whole is not None:
            return self._whole_step(key if sign > 0 else -key, expr.at_zero)
        strict = self.generator(Step(key, 0))
        self._flags.add(strict)
        above = self._poly(self.polys[strict])
        if key in self.kinks or key in self._told_apart():
            return above if sign > 0 else self.add(self.constant(1), self.mul(above, self.constant(-1)))
        weak = self.generator(Step(key, 1))
        self._flags.add(weak)
        self._steps[strict] = (weak, poly)
        reach = self._poly(self.polys[weak])
        zero = self.add(reach, self.mul(above, self.constant(-1)))
        side = above if sign > 0 else self.add(self.constant(1), self.mul(reach, self.constant(-1)))
        return self.add(side, self.mul(at_zero, zero))

    def _told_apart(self) -> set[Expr]:
        return {r.lhs - r.rhs for r, letters in self._known() if r.sign == "!=" and not letters}

    def _whole_step(self, u: Expr, at_zero: Expr) -> Fraction:
        """The indicator of u > 0 for a whole number u: that of u - 1 >= 0."""
        if at_zero not in (0, 1):
            return self.atom(Step(u, at_zero))
        reach = u - 1 if at_zero == 0 else u
        if self.setting.is_nonnegative(reach):
            return self.constant(1)
        if self.setting.is_positive(-reach):
            return self.constant(0)
        if reach.could_extract_minus_sign():
            # 1[v >= 0] = 1 - 1[-v - 1 >= 0]
            g = self.generator(Step(-reach - 1, 1))
            self._flags.add(g)
            return self.add(self.constant(1), self.mul(self._poly(self.polys[g]), self.constant(-1)))
        g = self.generator(Step(reach, 1))
        self._flags.add(g)
        return self._poly(self.polys[g])

    def _cases(self, expr: Expr) -> Fraction:
        result = self.constant(0)
        left = self.constant(1)
        for value, condition in expr.branches:
            c = self.form(condition)
            taken = self.mul(left, c)
            if taken.num != 0:
                result = self.add(result, self.mul(taken, self.form(value)))
            left = self.add(left, self.mul(taken, self.constant(-1)))
            if left.num == 0:
                return result
        return self.add(result, self.mul(left, self.form(expr.otherwise)))

    def _extreme(self, expr: Expr) -> Fraction:
        return self.form(as_cases(expr))

    # -- sums --------------------------------------------------------------------------------------------------------

    def _sigma(self, expr: Expr) -> Fraction:
        ruled = self._by_fact(expr)
        if ruled is not None:
            return ruled
        total = self.constant(0)
        lo, hi, ends = self._peeled(expr)
        for at in ends:
            total = self.add(total, self.form(expr.open(at)))
        if self.setting.is_positive(lo - hi):
            return total
        rest = Sigma(lo, hi, expr.body)
        if rest == 0:
            return total
        ruled = self._by_fact(rest)
        if ruled is not None:
            return self.add(total, ruled)
        (letter,), body, self.setting = open_bound(rest, self.setting)
        return self.add(total, self._summed(self.form(body), letter, lo, hi))

    def _peeled(self, expr: Binder) -> tuple[Expr, Expr, list[Expr]]:
        """The range with its ends brought to those of `peels`, and the indices that were taken off, low ones first."""
        lo, hi = _tidy(expr.lo), _tidy(expr.hi)
        self.seen.note(lo, hi)
        low: list[Expr] = []
        high: list[Expr] = []
        gap = linear(hi - lo)
        if gap is not None and not gap[0] and gap[1] < self.setting.written_out:
            return lo, lo - 1, [_tidy(lo + n) for n in range(gap[1] + 1)]
        base, offset = split_offset(hi)
        target = self.peels.high.get(base, offset)
        while offset > target and len(high) < 8 and self.setting.is_nonnegative(hi - lo):
            high.append(hi)
            hi, offset = _tidy(hi - 1), offset - 1
        base, offset = split_offset(lo)
        target = self.peels.low.get(base, offset)
        while offset < target and len(low) < 8 and self.setting.is_nonnegative(hi - lo):
            low.append(lo)
            lo, offset = _tidy(lo + 1), offset + 1
        return lo, hi, [*low, *reversed(high)]

    def _summed(self, f: Fraction, letter: Symbol, lo: Expr, hi: Expr) -> Fraction:
        """The sum of an opened summand: linear, constants pulled out, deltas contracted."""
        total = self.constant(0)
        if f.num == 0:
            return total
        for num, outside, below in self._pieces(f, letter):
            total = self.add(total, self.mul(outside, self._sum_of_terms(num, below, letter, lo, hi)))
        return total

    def _pieces(self, f: Fraction, letter: Symbol) -> list[tuple[Poly, Fraction, Poly]]:
        """The summand as Σ outside · num/below, below having no factor without the letter.

        The quotient by the only factor of the denominator is split off power by power, so that what is left is unique.
        """
        if f.den.is_one() or not self._having(f.den, letter):
            return [(f.num, Fraction(self.one, f.den), self.one)]
        outside = self.one
        inside: list[tuple[Poly, int]] = []
        content, factors = self.factored(f.den)
        for g, m in factors:
            if self._having(g, letter):
                inside.append((g, m))
            else:
                outside = outside * g**m
        scale = Fraction(self.one, outside * content)
        if len(inside) == 1:
            g, m = inside[0]
            pieces: list[tuple[Poly, Fraction, Poly]] = []
            num = f.num
            for power in range(m, 0, -1):
                quotient, rest, factor = self._divided(num, g, letter)
                # factor · num = quotient · g + rest
                scale = self.mul(scale, self.power(self._poly(factor), -1))
                if rest != 0:
                    pieces.append((rest, scale, g**power))
                num = quotient
            if num != 0:
                pieces.append((num, scale, self.one))
            return pieces
        below = self.one
        for g, m in inside:
            below = below * g**m
        quotient, rest, factor = self._divided(f.num, below, letter)
        scale = self.mul(scale, self.power(self._poly(factor), -1))
        return [piece for piece in ((quotient, scale, self.one), (rest, scale, below)) if piece[0] != 0]

    def _divided(self, num: Poly, by: Poly, letter: Symbol) -> tuple[Poly, Poly, Poly]:
        """Pseudo-division with respect to the generators that hold the letter: factor·num = quotient·by + rest."""
        mine = set(self._having(by, letter)) | set(self._having(num, letter))
        inner = sorted(mine, key=lambda g: written(self.generators[g]))

        def part(m: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(m[g] for g in inner)

        def grouped(p: Poly) -> dict[tuple[int, ...], dict[tuple[int, ...], Any]]:
            groups: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
            for m, c in p.to_dict().items():
                m = tuple(int(e) for e in m)
                rest = tuple(0 if g in mine else e for g, e in enumerate(m))
                groups.setdefault(part(m), {})[rest] = c
            return groups

        divisor = grouped(by)
        lead = max(divisor)
        lead_coefficient = self.context.from_dict(divisor[lead])
        quotient, factor = self.zero, self.one
        for _ in range(60):
            groups = grouped(num)
            at = max((k for k in groups if all(a >= b for a, b in zip(k, lead, strict=True))), default=None)
            if at is None:
                return quotient, num, factor
            monomial = self.one
            for g, a, b in zip(inner, at, lead, strict=True):
                monomial = monomial * self.polys[g] ** (a - b)
            coefficient = self.context.from_dict(groups[at]) * monomial
            if lead_coefficient.is_constant():
                coefficient = coefficient / lead_coefficient.leading_coefficient()
                quotient, num = quotient + coefficient, num - coefficient * by
            else:
                quotient = quotient * lead_coefficient + coefficient
                num = num * lead_coefficient - coefficient * by
                factor = factor * lead_coefficient
        return self.zero, num, self.one

    def _sum_of_terms(self, num: Poly, below: Poly, letter: Symbol, lo: Expr, hi: Expr) -> Fraction:
        groups: dict[tuple[tuple[int, int], ...], dict[tuple[int, ...], Any]] = {}
        inner = set(self._having(num, letter))
        for m, c in num.to_dict().items():
            m = tuple(int(e) for e in m)
            key = tuple((g, e) for g, e in enumerate(m) if e and g in inner)
            groups.setdefault(key, {})[tuple(0 if g in inner else e for g, e in enumerate(m))] = c
        total = self.constant(0)
        for key, outside in groups.items():
            term = self._sum_of(dict(key), below, letter, lo, hi)
            total = self.add(total, self.mul(self._poly(self.context.from_dict(outside)), term))
        return total

    def _sum_of(self, key: dict[int, int], below: Poly, letter: Symbol, lo: Expr, hi: Expr) -> Fraction:
        """The sum of one monomial of generators that hold the letter, over a denominator that does, too."""
        for g in key:
            expr = self.generators[g]
            if isinstance(expr, Delta):
                found = self._sifted(expr, g, key, below, letter, lo, hi)
                if found is not None:
                    return found
        if below.is_one():
            only = set(key) <= ({self.ids[letter]} if letter in self.ids else set())
            if only and self.setting.is_nonnegative(hi - lo + 1):
                return self._power_sum(sum(key.values()), lo, hi)
        summand = Mul(*[self.generators[g] ** e for g, e in key.items()])
        if not below.is_one():
            denominator = self.poly_expr(below)
            if denominator.could_extract_minus_sign():
                return self.mul(self._sum_atom(summand / -denominator, letter, lo, hi), self.constant(-1))
            return self._sum_atom(summand / denominator, letter, lo, hi)
        nested = [(g, e) for g, e in key.items() if isinstance(self.generators[g], Sigma)]
        if nested and sum(e for _, e in nested) <= 3:
            return self._nested(key, nested, letter, lo, hi)
        return self._sum_atom(summand, letter, lo, hi)

    def _sum_atom(self, summand: Expr, letter: Symbol, lo: Expr, hi: Expr) -> Fraction:
        made = Sigma.over(letter, lo, hi, summand)
        return self._known_or_atom(made)

    def _known_or_atom(self, made: Expr) -> Fraction:
        ruled = self._by_fact(made)
        return ruled if ruled is not None else self.atom(made)

    def _sifted(
        self, delta: Expr, g: int, key: dict[int, int], below: Poly, letter: Symbol, lo: Expr, hi: Expr
    ) -> Fraction | None:
        """Σ_i f(i) δ_{ie} = f(e), where e lies in the range of i."""
        form = linear(delta.args[0] - delta.args[1])
        if form is None:
            return None
        c = dict(form[0]).get(letter, 0)
        if abs(c) != 1:
            return None
        at = _tidy((as_expr(form) - c * letter) * -c)
        run = Range(lo, hi)
        if self.setting.lies_outside(at, run):
            return self.constant(0)
        rest: Expr = Mul(*[self.generators[k] ** e for k, e in key.items() if k != g])
        value = self.form(put(rest, {letter: at}))
        if not below.is_one():
            value = self.mul(value, self.power(self.form(put(self.poly_expr(below), {letter: at})), -1))
        if self.setting.lies_within(at, run):
            return value
        guard = self.mul(self._whole_step(_tidy(at - lo), Integer(1)), self._whole_step(_tidy(hi - at), Integer(1)))
        return self.mul(guard, value)

    def _power_sum(self, n: int, lo: Expr, hi: Expr) -> Fraction:
        """Σ i^n from lo to hi as P(hi + 1) - P(lo), where P(x + 1) - P(x) = x^n."""
        if n > 12:
            raise NotProvableError("a sum of powers above the twelfth")
        coefficients = [fmpq(0)] * (n + 2)
        left = [fmpq(0)] * n + [fmpq(1)]
        for k in range(n, -1, -1):
            # (x + 1)^{k+1} - x^{k+1} starts with (k + 1) x^k.
            coefficients[k + 1] = left[k] / (k + 1)
            binomial = fmpq(1)
            for j in range(k + 1):
                binomial = binomial * (k + 1 - j) / (j + 1)
                if k - j >= 0:
                    left[k - j] -= coefficients[k + 1] * binomial
        ends: list[Fraction] = []
        for end in (hi + 1, lo):
            at = self.form(_tidy(end))
            value = self.constant(0)
            for coefficient in reversed(coefficients):
                value = self.add(self.mul(value, at), self.constant(coefficient))
            ends.append(value)
        return self.add(ends[0], self.mul(ends[1], self.constant(-1)))

    def _nested(
        self, key: dict[int, int], nested: list[tuple[int, int]], letter: Symbol, lo: Expr, hi: Expr
    ) -> Fraction:
        """A sum over several indices in the order that comes first, all factors brought inside."""
        loops: list[tuple[Symbol, Range]] = [(letter, Range(lo, hi))]
        body: Expr = Mul(
            *[self.generators[g] ** e for g, e in key.items() if not isinstance(self.generators[g], Sigma)]
        )
        taken = {s.name for s in free_symbols(body)} | {letter.name}
        for g, e in nested:
            for _ in range(e):
                inner: Expr = self.generators[g]
                while isinstance(inner, Sigma):
                    n = 0
                    while (name := f"¤{n}∈{written(inner.lo)}…{written(inner.hi)}") in taken:
                        n += 1
                    taken.add(name)
                    fresh = Symbol(name, integer=True)
                    loops.append((fresh, Range(inner.lo, inner.hi)))
                    self.setting = self.setting.with_ranges({fresh: loops[-1][1]})
                    inner = inner.open(fresh)
                body = body * inner
        if len(loops) > 4:
            return self._sum_atom(Mul(*[self.generators[g] ** e for g, e in key.items()]), letter, lo, hi)
        self.spend(1 << len(loops))
        made = _in_least_order(body, tuple(loops))
        return self._known_or_atom(made if made is not None else S.Zero)

    # -- products ----------------------------------------------------------------------------------------------------

    def _prod(self, expr: Expr) -> Fraction:
        product = self.constant(1)
        lo, hi, ends = self._peeled(expr)
        for at in ends:
            product = self.mul(product, self.form(expr.open(at)))
        if self.setting.is_positive(lo - hi):
            return product
        rest = Prod(lo, hi, expr.body)
        if rest == 1:
            return product
        (letter,), body, self.setting = open_bound(rest, self.setting)
        f = self.form(body)
        if f.num == 0:
            if self.setting.is_nonnegative(hi - lo):
                return self.constant(0)
            raise NotProvableError("an empty or vanishing product")
        content, factors = self._factors(f)
        count = _tidy(hi - lo + 1)
        outside = Fraction(self.context.constant(content), self.one)
        for g, m in factors:
            if not self._having(g, letter):
                outside = self.mul(outside, self.power(self._poly(g), m))
                continue
            argument = self._exponential_base(self._poly(g))
            if argument is not None:
                inner = self._summed(self.mul(argument, self.constant(m)), letter, lo, hi)
                product = self.mul(product, self._exp(inner))
                continue
            if m < 0 and not self.is_nonzero(g):
                self.assume(self.poly_expr(g), "!= 0")
            product = self.mul(product, self._factor_atom(g, m, letter, lo, hi, count))
        if outside.num == outside.den:
            return product
        if not self.setting.is_nonnegative(count):
            # An empty range counts as 0 factors, never as a negative number.
            return self.mul(product, self.atom(Prod(lo, hi, self.expr(outside))))
        return self.mul(product, self._whole_power(outside, count))

    def _factor_atom(self, g: Poly, m: int, letter: Symbol, lo: Expr, hi: Expr, count: Expr) -> Fraction:
        expr = self.poly_expr(g)
        sign = self.constant(1)
        known = self.sign(g)
        turns = known == -1 if known is not None else expr.could_extract_minus_sign()
        if turns and self.setting.is_nonnegative(count):
            expr = -expr
            sign = self._whole_power(self.constant((-1) ** m), count)
        return self.mul(sign, self.power(self.atom(Prod.over(letter, lo, hi, expr)), m))

    def _chain(self, expr: Expr) -> Fraction:
        lo, hi = _tidy(expr.lo), _tidy(expr.hi)
        self.seen.note(lo, hi)
        if self.setting.is_positive(lo - hi):
            return self.form(Delta(expr.row, expr.column))
        one = Integer(1)
        a = Symbol(f"§chain∈{expr.size}", integer=True)
        while a in free_symbols(expr):
            a = Symbol(a.name + "'", integer=True)
        self.setting = self.setting.with_ranges({a: Range(one, expr.size)})
        gap = linear(hi - lo)
        written_out = gap is not None and not gap[0] and gap[1] < MAX_FACTORS
        if written_out and lo == hi:
            return self.form(expr.open(hi, expr.row, expr.column))
        base, offset = split_offset(hi)
        is_high = offset > self.peels.high.get(base, offset)
        if written_out or (is_high and self.setting.is_nonnegative(hi - lo)):
            rest = Chain(lo, _tidy(hi - 1), expr.size, expr.body, a, expr.column)
            return self.form(Sigma.over(a, one, expr.size, expr.open(hi, expr.row, a) * rest))
        base, offset = split_offset(lo)
        if offset < self.peels.low.get(base, offset) and self.setting.is_nonnegative(hi - lo):
            rest = Chain(_tidy(lo + 1), hi, expr.size, expr.body, expr.row, a)
            return self.form(Sigma.over(a, one, expr.size, rest * expr.open(lo, a, expr.column)))
        letters, body, self.setting = open_bound(expr, self.setting)
        inside = self.expr(self.form(body))
        return self.atom(closed(expr, letters, inside, [lo, hi, expr.size, expr.row, expr.column]))

    # -- facts -------------------------------------------------------------------------------------------------------

    def _by_fact(self, expr: Expr) -> Fraction | None:
        if self._facts is None:
            self._facts = []
            self._facts = self._read_facts()
        for left, right, letters in self._facts:
            if type(left) is type(expr):
                found = binding(left, expr, letters, self.setting)
                if found is not None:
                    return self.form(put(right, found))
        return None

    def _read_facts(self) -> list[Rule]:
        """The equations among the facts, each solved for a sum or a free quantity."""
        rules: list[Rule] = [(v.quantity, v.number, {}) for v in self.setting.givens.values]
        for relation, letters in self._known():
            if relation.sign == "=":
                self._solve_fact(relation.lhs, relation.rhs, letters, rules)
        # What became a generator while the facts were read may be what one of them is about.
        self._memo.clear()
        self._unread = frozenset(self.ids)
        return rules

    def _solve_fact(self, lhs: Expr, rhs: Expr, letters: Mapping[Symbol, Range], rules: list[Rule]) -> None:
        before = self.setting
        self.setting = self.setting.with_ranges(letters)
        try:
            for one, other in ((lhs, rhs), (rhs, lhs)):
                free = isinstance(one, Symbol | Indexed) and not one.is_integer
                if free and not self.setting.givens.definitions_of(label_of(one)):
                    if label_of(one) in free_symbols(other) or self._leads_to(other, label_of(one)):
                        continue
                    rules.append((one, other, letters))
                    return
            gap = self.add(self.form(lhs), self.mul(self.form(rhs), self.constant(-1)))
            degrees = gap.num.degrees() if gap.num != 0 else ()
            candidates = [g for g, e in enumerate(degrees) if e == 1]
            order: tuple[Callable[[Expr], bool], ...] = (
                lambda e: isinstance(e, Sigma),
                lambda e: isinstance(e, Symbol | Indexed) and not e.is_integer,
            )
            for kind in order:
                for g in candidates:
                    parts = self.by_degree(gap.num, g)
                    slope = parts.get(1, self.zero)
                    if kind(self.generators[g]) and slope.is_constant():
                        rest = self.reduced(parts.get(0, self.zero) * -1, slope)
                        right = self.expr(rest)
                        if not self._leads_to(right, None, self.generators[g]):
                            rules.append((self.generators[g], right, letters))
                            return
        except NotProvableError:
            return
        finally:
            self.setting = before if len(before.ranges) == len(self.setting.ranges) else self.setting

    def _leads_to(self, expr: Expr, label: Symbol | None, generator: Expr | None = None) -> bool:
        """Whether using the rule may bring back its own left side."""
        symbols = free_symbols(expr)
        if label is None:
            assert generator is not None
            labels = {s for s in free_symbols(generator) if not s.is_integer}
            return bool(labels & symbols) and not isinstance(generator, Sigma)
        return any(self.setting.reaches(s, label) for s in symbols)


@lru_cache(maxsize=16384)
def _in_least_order(body: Expr, loops: tuple[tuple[Symbol, Range], ...]) -> Expr | None:
    """The nested sum in that order of summation whose text comes first."""
    found = [made for order in permutations(loops) if (made := _in_order(body, order)) is not None]
    return min(found, key=written, default=None)


def _in_order(body: Expr, order: Iterable[tuple[Symbol, Range]]) -> Expr | None:
    """The nested sum in this order, outermost first; None where a range would refer to an inner index."""
    order = list(order)
    names = [s for s, _ in order]
    for n, (_, run) in enumerate(order):
        if (free_symbols(run.lo) | free_symbols(run.hi)) & set(names[n:]):
            return None
    for s, run in reversed(order):
        body = Sigma.over(s, run.lo, run.hi, body)
    return body


def _tidy(expr: Expr) -> Expr:
    form = linear(expr)
    return expr if form is None else as_expr(form)


def _sign(c: Any) -> int:
    return 1 if c > 0 else -1 if c < 0 else 0


def _primes(q: Any) -> list[tuple[int, int]]:
    """The prime factors of a positive rational with their multiplicities; large numbers are left whole."""
    found: list[tuple[int, int]] = []
    for n, sign in ((int(q.p), 1), (int(q.q), -1)):
        p = 2
        while p * p <= n and p < 2000:
            m = 0
            while n % p == 0:
                n, m = n // p, m + 1
            if m:
                found.append((p, m * sign))
            p += 1
        if n > 1:
            found.append((n, sign))
    return found


@lru_cache(maxsize=256)
def own_slope(head: Any) -> tuple[Expr, ...] | None:
    """The coefficients c_0, c_1, c_2 with f' = c_0 + c_1 f + c_2 f^2, worked out from the definition of f, if any."""
    record = by_head().get(head)
    if record is None or record.definition is None or record.kinks:
        return None
    x = scalar("argument")
    setting = Setting(Givens(), {})
    kinks: dict[Expr, None] = {}
    derivatives = Derivatives(setting, kinks, [2_000])
    normal = Normal(setting, 32, {}, Peels(), derivatives, [2_000])
    try:
        value = normal.form(record.definition(x))
        slope = normal.form(derivatives.total(record.definition(x), x))
    except (NotProvableError, RestartError):
        return None
    if kinks or slope.den.is_constant():
        return None
    # slope = Σ c_n value^n over a common denominator, compared monomial by monomial.
    common = slope.den * value.den**2
    columns = [common // value.den**n * value.num**n for n in range(3)]
    target = common // slope.den * slope.num
    monomials = sorted({tuple(int(e) for e in m) for p in (*columns, target) for m in p.monoms()})
    rows = [[fmpq(p[m]) for p in columns] for m in monomials]
    right = [fmpq(target[m]) for m in monomials]
    matrix, goal = fmpq_mat(rows), fmpq_mat([[r] for r in right])
    square = matrix.transpose() * matrix
    if square.det() == 0:
        return None
    found = square.solve(matrix.transpose() * goal)
    if matrix * found != goal:
        return None
    return tuple(Rational(int(found[n, 0].p), int(found[n, 0].q)) for n in range(3))


_HANDLERS: dict[Any, Callable[[Normal, Expr], Fraction]] = {
    Abs: Normal._absolute,
    exp: Normal._exponential,
    log: Normal._logarithm,
    tanh: Normal._hyperbolic,
    sinh: Normal._hyperbolic,
    cosh: Normal._hyperbolic,
    sin: Normal._odd,
    atan: Normal._odd,
    erf: Normal._odd,
    cos: Normal._cosine,
    tan: Normal._tangent,
    Delta: Normal._delta,
    Step: Normal._step,
    Cases: Normal._cases,
    Maximum: Normal._extreme,
    Minimum: Normal._extreme,
    Sigma: Normal._sigma,
    Prod: Normal._prod,
    Chain: Normal._chain,
}
