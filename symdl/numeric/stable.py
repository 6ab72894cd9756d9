r"""Forms that neither overflow nor cancel, found from how a term is built.

Exponentials never stand alone where they can be kept small: a quotient e^a/\sum_j w_j e^{b_j} becomes a `Share`, the
logarithm of such a sum an `Lse`, 1/(1 + e^u) a sigmoid, log(1 + e^u) a softplus.  Definitions are looked through
where that helps: log p is a difference of logits where p is a share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import Abs, Add, Expr, Function, Indexed, Integer, Mul, Pow, Rational, S, Symbol, cosh, exp, log, tanh

from symdl.language import Binder, Prod, Sigma, is_closed, label_of, subterms
from symdl.language.functions.sigmoid import Sigmoid
from symdl.language.functions.softplus import Softplus
from symdl.numeric.program import next_letters
from symdl.numeric.ranges import slope

Factors = list[tuple[Expr, Expr]]
"""Bases with their exponents."""


class Inert(Expr):
    """A term that SymPy leaves alone."""

    is_commutative = True
    is_real = True


class Weighted(Inert):
    """The inside w e^b of a sum of exponentials; `args` = (w, b)."""


class Lse(Binder):
    """log of the sum of w_j e^{b_j}; `args` = (lo, hi, Weighted(w, b))."""

    @classmethod
    def over(cls, index: Symbol, lo: Expr, hi: Expr, weight: Expr, exponent: Expr) -> Lse:
        """The logarithm of the sum of weight * e^exponent while `index` runs from `lo` to `hi`."""
        sigma = Sigma.over(index, lo, hi, Weighted(weight, exponent))
        return cls(lo, hi, sigma.args[2])


class Share(Inert):
    """e^a divided by the sum of exponentials whose logarithm is an `Lse`; `args` = (a, lse)."""


class LogShare(Inert):
    """a minus an `Lse` that has e^a among its terms; `args` = (a, lse)."""


class Rest(Inert):
    """1 - e^a/S, the sum of all other shares; `args` = (a, lse), e^a among the terms of S."""


class LogRest(Inert):
    """The logarithm of a `Rest`."""


class LogAddExp(Inert):
    """log(e^a + e^b + …); `args` = (a, b, …)."""


class Sech2(Function):
    """1 - tanh(x)^2."""

    is_real = True


class Expm1(Function):
    """e^x - 1."""

    is_real = True


class Rewriter:
    """The stable forms of products, sums and logarithms.

    `look` gives the body of a quantity whose definition may be put in its place, and None for any other.
    """

    def __init__(self, look: Callable[[Expr], Expr | None], pattern: Callable[[Symbol], Expr | None]) -> None:
        self._look = look
        self._pattern = pattern
        self._raw: dict[Symbol, bool] = {}

    def product(self, expr: Expr) -> Factors:
        """The factors of a product in a stable form; a single one where it had to be multiplied out."""
        factors, exponent = self._flatten(expr)
        broken = [(b, n) for b, n in factors if n.is_Rational and n < 0 and self._is_sum(b)]
        if not broken:
            return self._cancelled(self._merged(factors, exponent))
        for base, power in factors:
            if power == 1 and (isinstance(base, Sigma) or base.is_Add) and self.is_raw(base):
                rest = Mul(*(b**n for b, n in factors if b is not base), exp(exponent))
                if base.is_Add:
                    return [(Add(*(t * rest for t in base.args)), S.One)]
                (j,) = next_letters(Add(base, rest), 1)
                return [(Sigma.over(j, base.lo, base.hi, base.open(j) * rest), S.One)]
        kept = [(b, n) for b, n in factors if not any(b is x for x, _ in broken)]
        unmatched: list[Lse] = []
        for base, power in broken:
            exponent = self._divide(base, -power, exponent, kept, unmatched)
        for lse in unmatched:
            kept.append((Share(exponent, lse), S.One))
            exponent = S.Zero
        return self._cancelled(self._merged(kept, exponent))

    def total(self, expr: Expr) -> Expr:
        """A sum in a stable form: complements of functions that saturate, and logits less their log-sum-exp."""
        constant, terms = expr.as_coeff_Add()
        if constant != 0 and not terms.is_Add:
            scale, body = terms.as_coeff_Mul()
            if scale == -constant:
                found = self._complement(body)
                if found is not None:
                    return constant * found
        parts = list(Add.make_args(expr))
        for at, part in enumerate(parts):
            scale, body = part.as_coeff_Mul()
            if not (isinstance(body, (log, Lse))):
                continue
            lse = body if isinstance(body, Lse) else self.logarithm(body)
            if not isinstance(lse, Lse):
                continue
            rest = Add(*(p for n, p in enumerate(parts) if n != at))
            found = self._entry(rest / -scale, lse)
            if found is not None:
                return self.total(Add(rest + scale * found, -scale * LogShare(found, lse)))
        return expr

    def logarithm(self, expr: Expr) -> Expr:
        """log u in a stable form."""
        inside = expr.args[0]
        whole = self._log_sum(inside)
        if whole is not None:
            return whole
        found: list[Expr] = []
        rest: list[Expr] = []
        factors, exponent = self._flatten(inside)
        for base, power in factors:
            term = self.log_of(base)
            if term is None:
                rest.append(base**power)
            else:
                found.append(power * term)
        remaining = Mul(*rest)
        # An odd power keeps the sign, so that its logarithm exists where that of the base does.
        if isinstance(remaining, Pow) and remaining.exp.is_Integer and remaining.exp.is_odd:
            found.append(remaining.exp * log(remaining.base))
            remaining = S.One
        if not found and exponent == 0:
            return expr
        return Add(*found, exponent, S.Zero if remaining == 1 else log(remaining))

    def log_of(self, expr: Expr) -> Expr | None:
        """The logarithm of a term that is positive wherever it is defined, by its parts; None where that is unknown."""
        if expr.is_Rational:
            return log(expr) if expr > 0 else None
        if isinstance(expr, exp):
            return expr.args[0]
        if isinstance(expr, Sigmoid):
            return -Softplus(-expr.args[0])
        if isinstance(expr, cosh):
            size = Abs(expr.args[0])
            return size + Softplus(-2 * size) - log(Integer(2))
        if isinstance(expr, Share):
            a, lse = expr.args
            return LogShare(a, lse) if self._entry(a, lse) == a else a - lse
        if isinstance(expr, Rest):
            return LogRest(*expr.args)
        if expr.is_Mul or isinstance(expr, Pow):
            logs = [(self.log_of(b), n) for b, n in self.product(expr)]
            return None if any(t is None for t, _ in logs) else Add(*(n * t for t, n in logs))
        if expr.is_Add:
            return self._log_add(expr)
        if isinstance(expr, Sigma):
            lse = self._log_sum(expr)
            return lse if isinstance(lse, Lse) and _weight(lse) == 1 else None
        if isinstance(expr, Prod):
            (j,) = next_letters(expr, 1)
            inside = self.log_of(expr.open(j))
            return None if inside is None else Sigma.over(j, expr.lo, expr.hi, inside)
        body = self._body(expr)
        return None if body is None else self.log_of(body)

    def is_raw(self, expr: Expr) -> bool:
        """Whether a term grows like an exponential, which nothing divides."""
        if isinstance(expr, exp):
            return not expr.args[0].is_number
        if isinstance(expr, (Add, Mul)):
            return any(self.is_raw(a) for a in expr.args)
        if isinstance(expr, Pow):
            return self.is_raw(expr.base)
        if isinstance(expr, (Sigma, Prod)):
            return self.is_raw(expr.body)
        if isinstance(expr, Indexed) or (isinstance(expr, Symbol) and not expr.is_integer):
            return self._is_raw_label(label_of(expr))
        return False

    def _is_raw_label(self, label: Symbol) -> bool:
        found = self._raw.get(label)
        if found is None:
            # A label met again below its own definition counts as tame.
            self._raw[label] = False
            body = self._pattern(label)
            found = body is not None and self.is_raw(Mul(*(b**n for b, n in self.product(body))))
            self._raw[label] = found
        return found

    def _body(self, expr: Expr) -> Expr | None:
        is_quantity = isinstance(expr, Indexed) or (isinstance(expr, Symbol) and not expr.is_integer)
        return self._look(expr) if is_quantity and is_closed(expr) else None

    def _flatten(self, expr: Expr) -> tuple[Factors, Expr]:
        """The factors without exponentials, and the exponent of all exponentials together."""
        factors: Factors = []
        exponent: Expr = S.Zero
        for part in Mul.make_args(expr):
            base, power = (part.base, part.exp) if isinstance(part, Pow) else (part, S.One)
            if isinstance(base, exp):
                exponent += base.args[0] * power
                continue
            body = self._body(base) if power.is_Integer and self.is_raw(base) else None
            if body is None:
                factors.append((base, power))
                continue
            inner, shift = self._flatten(body)
            factors += [(b, n * power) for b, n in inner]
            exponent += shift * power
        return factors, exponent

    def _merged(self, factors: Factors, exponent: Expr) -> Factors:
        powers: dict[Expr, Expr] = {}
        for base, power in factors:
            powers[base] = powers.get(base, S.Zero) + power
        merged = [(b, n) for b, n in powers.items() if n != 0 and b != 1]
        return [*merged, (exp(exponent), S.One)] if exponent != 0 else merged

    def _cancelled(self, factors: Factors) -> Factors:
        """The factors with a bracket multiplied out where one of its terms divides by another factor."""
        positive = {b for b, n in factors if n.is_Rational and n > 0 and not b.is_number}
        for base, power in factors:
            if power != 1 or not base.is_Add:
                continue
            divided = {b for t in base.args for b, n in t.as_powers_dict().items() if n.is_Rational and n < 0}
            divided |= {-b for b in divided if b.is_Add}
            if not divided.isdisjoint(positive):
                rest = Mul(*(b**n for b, n in factors if b is not base))
                return [(Add(*(t * rest for t in base.args)), S.One)]
        return factors

    def _is_sum(self, base: Expr) -> bool:
        if not self.is_raw(base):
            return False
        if base.is_Add:
            return self._log_add(base) is not None
        return isinstance(base, Sigma) and self._log_sum(base) is not None

    def _divide(self, base: Expr, count: Expr, exponent: Expr, kept: Factors, unmatched: list[Lse]) -> Expr:
        """Divide `count` times by a sum of exponentials: adds factors, and returns the exponent that is left."""
        if not count.is_Integer:
            whole = self._log_add(base) if base.is_Add else self._log_sum(base)
            assert whole is not None
            return exponent - count * whole
        if base.is_Add:
            logs = [t for t in (self.log_of(a) for a in base.args) if t is not None]
            for _ in range(int(count)):
                if len(logs) != 2:
                    exponent -= LogAddExp(*logs)
                    continue
                for one, other in (logs, logs[::-1]):
                    if one != 0 and _holds(exponent, one):
                        kept.append((Sigmoid(one - other), S.One))
                        exponent -= one
                        break
                else:
                    if 0 in logs:
                        kept.append((Sigmoid(-logs[0] - logs[1]), S.One))
                    else:
                        exponent -= LogAddExp(*logs)
            return exponent
        lse = self._log_sum(base)
        assert isinstance(lse, Lse)
        for _ in range(int(count)):
            entry = self._entry(exponent, lse)
            if entry is None:
                unmatched.append(lse)
            else:
                kept.append((Share(entry, lse), S.One))
                exponent -= entry
        return exponent

    def _log_add(self, expr: Expr) -> Expr | None:
        if not any(self.is_raw(t) for t in expr.args):
            constant, rest = expr.as_coeff_Add()
            scale, body = rest.as_coeff_Mul()
            found = self._complement(body) if constant > 0 and scale == -constant else None
            inside = None if found is None else self.log_of(found)
            return None if inside is None else inside + log(constant)
        logs = [t for t in (self.log_of(a) for a in expr.args) if t is not None]
        if len(logs) < len(expr.args):
            return None
        if len(logs) == 2 and 0 in logs:
            return Softplus(logs[0] + logs[1])
        return LogAddExp(*logs)

    def _log_sum(self, expr: Expr) -> Expr | None:
        """The `Lse` of a sum of weighted exponentials; definitions are looked through."""
        if not isinstance(expr, Sigma):
            body = self._body(expr) if self.is_raw(expr) else None
            return self._log_sum(body) if isinstance(body, Sigma) else None
        if not self.is_raw(expr.body):
            return None
        (j,) = next_letters(expr, 1)
        inside = expr.open(j)
        whole = self.log_of(inside)
        if whole is not None:
            return Lse.over(j, expr.lo, expr.hi, S.One, whole)
        factors, exponent = self._flatten(inside)
        weights = []
        for base, power in factors:
            term = self.log_of(base) if self.is_raw(base) else None
            if term is None:
                weights.append(base**power)
            else:
                exponent += power * term
        weight = Mul(*weights)
        return None if exponent == 0 or self.is_raw(weight) else Lse.over(j, expr.lo, expr.hi, weight, exponent)

    def _complement(self, expr: Expr) -> Expr | None:
        """1 - expr for a function that saturates at 1."""
        if isinstance(expr, Sigmoid):
            return Sigmoid(-expr.args[0])
        if isinstance(expr, exp):
            return -Expm1(expr.args[0])
        if isinstance(expr, Pow) and expr.exp == 2:
            inside = self._body(expr.base)
            base = expr.base if inside is None else inside
            return Sech2(base.args[0]) if isinstance(base, tanh) else None
        if isinstance(expr, Share):
            a, lse = expr.args
            return Rest(a, lse) if _weight(lse) == 1 and self._entry(a, lse) == a else None
        body = self._body(expr)
        if body is None and not (expr.is_Mul or isinstance(expr, Pow)):
            return None
        factors = self.product(expr if body is None else body)
        if len(factors) != 1 or factors[0][1] != 1:
            return None
        only = factors[0][0]
        return self._complement(only) if isinstance(only, (Sigmoid, Share, Indexed, Symbol)) and only != expr else None

    def _entry(self, exponent: Expr, lse: Lse) -> Expr | None:
        """The exponent of a term of the sum whose parts all occur in `exponent`."""
        for candidate in _candidates(exponent, lse):
            opened = lse.open(candidate).args[1]
            if _holds(exponent, opened):
                return opened
        return None


def entry_index(a: Expr, lse: Lse) -> Expr | None:
    """The index at which the exponent of a sum of exponentials is `a`; None where there is none."""
    return next((c for c in _candidates(a, lse) if lse.open(c).args[1] == a), None)


def _candidates(exponent: Expr, lse: Lse) -> Iterator[Expr]:
    """The indices at which a term of the sum may be found in `exponent`: those that make a family member agree."""
    (j,) = next_letters(Add(exponent, lse), 1)
    seen: set[Expr] = set()
    there = [t for t in subterms(exponent) if isinstance(t, Indexed)]
    for member in subterms(lse.open(j)):
        if not isinstance(member, Indexed):
            continue
        for n, index in enumerate(member.indices):
            change = slope(index, j) if is_closed(index) else None
            if change not in (1, -1):
                continue
            for other in there:
                if (
                    other.base == member.base
                    and len(other.indices) == len(member.indices)
                    and is_closed(other.indices[n])
                ):
                    found = (change * (other.indices[n] - (index - change * j))).expand()
                    if found not in seen:
                        seen.add(found)
                        yield found


def _weight(lse: Lse) -> Expr:
    return lse.body.args[0]


def _holds(whole: Expr, part: Expr) -> bool:
    """Whether the sum `whole` has all terms of the sum `part`, at least as often and with the same sign."""
    have, want = whole.as_coefficients_dict(), part.as_coefficients_dict()
    letters = [t for t in want if not t.is_number]
    return bool(letters) and all(t in have and have[t] / want[t] >= Rational(1) for t in letters)
