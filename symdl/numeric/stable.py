r"""Forms that neither overflow nor cancel, found from how a term is built.

Exponentials never stand alone where they can be kept small: a quotient e^a/\sum_j w_j e^{b_j} becomes a `Share`, the
logarithm of such a sum an `Lse`, 1/(1 + e^u) a sigmoid, log(1 + e^u) a softplus.  Definitions are looked through
where that helps: log p is a difference of logits where p is a share.
"""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Abs, Add, Expr, Indexed, Mul, Pow, Rational, S, Symbol, cosh, exp, log, sinh, tanh

from symdl.language import (
    Cases,
    Chain,
    Delta,
    Prod,
    Sigma,
    Step,
    indices_of,
    is_closed,
    is_quantity,
    label_of,
    put,
)
from symdl.language.functions.sigmoid import Sigmoid
from symdl.language.functions.softplus import Softplus
from symdl.numeric import levels, means
from symdl.numeric.entries import candidates, indices_in
from symdl.numeric.inputs import Book
from symdl.numeric.laws import EXCESSES, SUMS, right
from symdl.numeric.monomials import (
    Factors,
    Monomial,
    common,
    gathered,
    is_beside_sigmoid,
    is_positive,
    multiplied,
    simplest,
    split,
)
from symdl.numeric.program import axis_letters, next_letters
from symdl.numeric.ranges import Env, is_within
from symdl.numeric.terms import (
    Bracket,
    ExpGap,
    Expm1,
    LogAddExp,
    LogProduct,
    LogRatio,
    LogRest,
    LogShare,
    Lse,
    OverSum,
    Rest,
    Share,
    ShareOf,
)
from symdl.problem import Range


class Rewriter:
    """The stable forms of products, sums and logarithms of terms whose letters run through `env`.

    `labels` are the quantities that stand as an index, with the range they index; `raw` keeps what was found out about
    which labels grow like an exponential.
    """

    def __init__(
        self, book: Book, env: Env, labels: Mapping[Symbol, Range | None], raw: dict[Symbol, bool] | None = None
    ) -> None:
        self.book = book
        self.env = env
        self.labels = labels
        self._raw = {} if raw is None else raw

    def within(self, j: Symbol, run: Range) -> Rewriter:
        """The forms of terms inside of a sum, whose letter runs through a range."""
        return Rewriter(self.book, {**self.env, j: run}, self.labels, self._raw)

    def product(self, expr: Expr) -> Factors:
        """The factors of a product in a stable form; a single one where it had to be multiplied out."""
        factors, exponent = self._flatten(expr)
        factors = levels.hyperbolic(dict(self._merged(factors, S.Zero)))
        broken = [(b, n) for b, n in factors if n.is_Rational and n < 0 and self._is_sum(b)]
        if not broken:
            inside = self._inside(factors, exponent)
            if inside is not None:
                return [(inside, S.One)]
            return self._cancelled(self._merged(*levels.levelled(self, factors, exponent)))
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
            kept.append((self._over(exponent, lse), S.One))
            exponent = S.Zero
        return self._cancelled(self._merged(kept, exponent))

    def _inside(self, factors: Factors, exponent: Expr) -> Expr | None:
        """A sum of exponentials, which may overflow, times the other factors as the sum of its terms times these."""
        for base, power in factors:
            if power != 1 or not isinstance(base, Sigma) or not self.is_raw(base):
                continue
            rest = Mul(*(b**n for b, n in factors if b is not base), exp(exponent))
            if not (rest.is_number and abs(rest) >= 1) and set(axis_letters(rest)) <= set(axis_letters(base)):
                (j,) = next_letters(Add(base, rest), 1)
                return Sigma.over(j, base.lo, base.hi, base.open(j) * rest)
        return None

    def total(self, expr: Expr) -> Expr:
        """A sum in a stable form: by the laws of sums, and logits less their log-sum-exp."""
        whole = self._less_entries(expr)
        if whole != expr:
            return whole
        parts = list(Add.make_args(expr))
        for at, part in enumerate(parts):
            scale, body = part.as_coeff_Mul()
            if not isinstance(body, (log, Lse, LogAddExp)):
                continue
            lse = self.logarithm(body) if isinstance(body, log) else body
            if isinstance(lse, LogAddExp):
                shift = next((a for a in lse.args if -scale * a in parts), None)
                if shift is not None:
                    shifted = LogAddExp(*(a - shift for a in lse.args))
                    return self.total(Add(*(p for n, p in enumerate(parts) if n != at), scale * shift, scale * shifted))
            if not isinstance(lse, Lse):
                continue
            rest = Add(*(p for n, p in enumerate(parts) if n != at))
            found = self._entry(rest / -scale, lse)
            if found is not None:
                return self.total(Add(rest + scale * found, -scale * LogShare(found, lse)))
            found = self._mean(scale, parts, at, lse)
            if found is not None:
                return found
        terms = self._monomials(expr)
        centred = means.spread(self, terms) or means.less_mean(self, terms) or means.weighted(self, terms)
        if centred is not None:
            return centred
        better = self._bettered(terms)
        if better is None:
            better = terms
            if not any(isinstance(b, Sigmoid) for b, _ in common(terms).powers):
                return expr
        shared = common(better) if len(better) > 1 else None
        if shared is None or not shared.powers:
            return Add(*(t.expr() for t in better))
        return Mul(shared.expr(), Add(*(t.over(shared).expr() for t in better)))

    def _bettered(self, terms: list[Monomial]) -> list[Monomial] | None:
        """The terms after all laws that fit, brackets multiplied out where that shows one; None where none fits."""
        spread = multiplied(terms, is_positive)
        for laws, given in ((EXCESSES, spread), (SUMS, terms), (SUMS, spread)):
            found = simplest(given, laws, self.resolved)
            if found is not None:
                return simplest(found, SUMS, self.resolved) or found
        found = simplest(multiplied(terms, is_beside_sigmoid), SUMS, self.resolved)
        return found if found is not None and len(found) <= len(terms) else None

    def _monomials(self, expr: Expr) -> list[Monomial]:
        """The terms of a sum, each in its stable form; brackets that had to be multiplied out are further terms."""
        found: list[Expr] = []
        for part in Add.make_args(expr):
            factors = self.product(part)
            if len(factors) == 1 and factors[0][1] == 1 and factors[0][0].is_Add:
                found += [Mul(*(b**n for b, n in self.product(t))) for t in factors[0][0].args]
            else:
                found.append(Mul(*(self._named_log(b, n) for b, n in factors)))
        return split(Add(*found))

    def _named_log(self, base: Expr, power: Expr) -> Expr:
        """A factor in which a logarithm has its stable form, where that is one function."""
        stable = self.logarithm(base) if isinstance(base, log) and power == 1 else base
        return base**power if isinstance(stable, Add) or stable.has(LogRatio) else stable**power

    def _mean(self, scale: Expr, parts: list[Expr], at: int, lse: Lse) -> Expr | None:
        r"""\log S - \sum_k w_k z_k with the logits z of the sum S: entry by entry where the weights sum to nearly 1."""
        for n, part in enumerate(parts):
            factor, sigma = part.as_coeff_Mul()
            if n == at or not isinstance(sigma, Sigma) or factor != -scale:
                continue
            if (sigma.lo, sigma.hi) != (lse.lo, lse.hi) or _weight(lse) != 1:
                continue
            (j,) = next_letters(Add(sigma, lse), 1)
            exponent = lse.open(j).args[1]
            body = Monomial.of(sigma.open(j))
            weight = body.over(Monomial.of(exponent))
            if not weight.is_whole() or exponent.is_Add:
                continue
            shares = Sigma.over(j, lse.lo, lse.hi, weight.expr() * LogShare(exponent, lse))
            left = 1 - Sigma.over(j, lse.lo, lse.hi, weight.expr())
            rest = [p for m, p in enumerate(parts) if m not in (n, at)]
            is_far = Step(Abs(left) - S.Half, S.Zero)
            return Add(*rest, scale * Cases(Bracket(lse) - sigma, is_far, left * lse - shares))
        return None

    def _less_entries(self, expr: Expr) -> Expr:
        """A sum of exponentials less one of its entries as the sum of the others, in any sum that holds both."""
        if not expr.is_Add or not any(self.is_raw(t) for t in expr.args):
            return expr
        terms = split(expr)
        for n, term in enumerate(terms):
            for base, power in term.powers:
                if power != 1 or not self.is_raw(base):
                    continue
                sigma = base if isinstance(base, Sigma) else self.body(base)
                if not isinstance(sigma, Sigma):
                    continue
                factor = term.over(Monomial.of(base))
                for m, other in enumerate(terms):
                    found = None if m == n else self._without(sigma, other.over(factor))
                    if found is not None:
                        rest = [t.expr() for k, t in enumerate(terms) if k not in (n, m)]
                        return self._less_entries(Add(*rest, factor.expr() * found))
        for n, term in enumerate(terms):
            for m, other in enumerate(terms):
                ratio = other.over(term)
                if m != n and term.exponent != 0 and ratio.coefficient == -1 and ratio.exponent == 0:
                    ((base, power),) = ratio.powers if len(ratio.powers) == 1 else ((S.Zero, S.Zero),)
                    if isinstance(base, Delta) and power == 1:
                        rest = [t.expr() for k, t in enumerate(terms) if k not in (n, m)]
                        return self._less_entries(Add(*rest, term.expr() * (1 - base)))
        return expr

    def _without(self, sigma: Sigma, entry: Monomial) -> Expr | None:
        """The sum without one of its entries, where `entry` is minus that entry."""
        if entry.powers or entry.coefficient >= 0:
            return None
        (j,) = next_letters(Add(sigma, entry.exponent), 1)
        body = sigma.open(j)
        for at in indices_in(entry.exponent, Monomial.of(body).exponent, j):
            here = Monomial.of(-sigma.open(at))
            if here == entry and self.is_inside(at, Range(sigma.lo, sigma.hi)):
                return Sigma.over(j, sigma.lo, sigma.hi, (1 - Delta(j, at)) * body)
        return None

    def logarithm(self, expr: Expr) -> Expr:
        """log u in a stable form."""
        inside = self._less_entries(expr.args[0])
        whole = self._log_sum(inside)
        if whole is not None:
            return whole
        found: list[Expr] = []
        rest: list[Expr] = []
        factors, exponent = self._flatten(inside)
        for base, power in factors:
            term = None if base.is_Rational else self.log_of(base)
            if term is None:
                rest.append(base**power)
            else:
                found.append(power * term)
        return Add(*found, exponent, self._plain_logarithm(Mul(*rest)))

    def _plain_logarithm(self, expr: Expr) -> Expr:
        """The logarithm of a product of powers whose signs are not known."""
        if expr.is_Rational:
            return log(expr)
        if isinstance(expr, sinh):
            return right("log-sinh", u=expr.args[0])
        if expr.is_Add:
            stable = self.total(expr)
            if not stable.is_Add:
                known = self.log_of(stable) or self._log_gap(stable)
                return log(stable) if known is None else known
            constant, rest = expr.as_coeff_Add()
            return right("log-one-plus", u=rest) if constant == 1 else log(expr)
        monomial = Monomial.of(expr)
        if monomial.coefficient != 1 or not all(n.is_Integer for _, n in monomial.powers):
            return log(expr)
        # An odd power keeps the sign, so that its logarithm exists where that of the base does.
        powers, count = gathered(monomial.powers)
        above = Mul(*(b**n for b, n in powers if n > 0))
        below = Mul(*(b**-n for b, n in powers if n < 0))
        if count % 2 == 0:
            above, below = Abs(above), Abs(below)
        if any(isinstance(x, (Mul, Pow, Prod)) for x in _inner(above, below)):
            return count * LogProduct(above, below)
        if above == 1 or below == 1:
            return count * log(above) - count * log(below)
        return count * right("log-ratio", v=above, w=below)

    def _log_gap(self, expr: Expr) -> Expr | None:
        """The logarithm of a difference of exponentials times what is positive; None for any other term."""
        sign, body = expr.as_coeff_Mul()
        found: list[Expr] = []
        gaps: list[Expr] = []
        for factor in Mul.make_args(body):
            known = self.log_of(factor)
            (gaps if known is None else found).append(factor if known is None else known)
        if len(gaps) != 1 or not isinstance(gaps[0], (Expm1, ExpGap)):
            return None
        u = gaps[0].args[0]
        if isinstance(gaps[0], ExpGap):
            gap = right("log-gap", u=u if sign > 0 else -u)
        else:
            gap = right("log-exp-less-one", u=u) if sign > 0 else right("log-exp-complement", u=-u)
        return Add(log(abs(sign)), gap, *found)

    def log_of(self, expr: Expr) -> Expr | None:
        """The logarithm of a term that is positive wherever it is defined, by its parts; None where that is unknown."""
        if expr.is_Rational:
            return log(expr) if expr > 0 else None
        if isinstance(expr, exp):
            return expr.args[0]
        if isinstance(expr, Sigmoid):
            return right("log-sigma", u=expr.args[0])
        if isinstance(expr, cosh):
            return right("log-cosh", u=expr.args[0])
        if isinstance(expr, Share):
            return LogShare(*expr.args)
        if isinstance(expr, OverSum):
            a, lse = expr.args
            return a - lse
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
        body = self.body(expr)
        return None if body is None else self.log_of(body)

    def is_raw(self, expr: Expr) -> bool:
        """Whether a term grows like an exponential, which nothing divides."""
        if isinstance(expr, (exp, sinh, cosh)):
            return not expr.args[0].is_number
        if isinstance(expr, (Add, Mul)):
            return any(self.is_raw(a) for a in expr.args)
        if isinstance(expr, Pow):
            return self.is_raw(expr.base)
        if isinstance(expr, (Sigma, Prod)):
            return self.is_raw(expr.body)
        if is_quantity(expr):
            return self._is_raw_label(label_of(expr))
        return False

    def _is_raw_label(self, label: Symbol) -> bool:
        found = self._raw.get(label)
        if found is None:
            # A label met again below its own definition counts as tame.
            self._raw[label] = False
            body = self.book.pattern(label)
            found = body is not None and self.is_raw(Mul(*(b**n for b, n in self.product(body))))
            self._raw[label] = found
        return found

    def body(self, expr: Expr) -> Expr | None:
        """What a quantity is by its definition; None where it has none, and for any other term."""
        return self.book.look(expr) if is_quantity(expr) and is_closed(expr) else None

    def is_inside(self, index: Expr, run: Range) -> bool:
        """Whether an index, or the position that a label stands for, is known to lie in a range."""
        return is_within(index, run, self.env) or self.labels.get(label_of(index)) == run

    def _rule(self, expr: Expr) -> Expr | None:
        """The body of the only rule for a member of a recurrent family, where the rule is known to define it."""
        label, at = label_of(expr), indices_of(expr)
        rules = [d for d in self.book.of(label) if at and all(p in d.ranges for p in d.pattern)]
        if len(rules) != 1 or not is_closed(expr) or not self.book.cycle(label) or len(at) != len(rules[0].pattern):
            return None
        (rule,) = rules
        if not all(self.is_inside(a, rule.ranges[p]) for p, a in zip(rule.pattern, at, strict=True)):
            return None
        return put(rule.body, dict(zip(rule.pattern, at, strict=True)))

    def _flatten(self, expr: Expr) -> tuple[Factors, Expr]:
        """The factors without exponentials, and the exponent of all exponentials together."""
        factors: Factors = []
        exponent: Expr = S.Zero
        for part in Mul.make_args(expr):
            base, power = (part.base, part.exp) if isinstance(part, Pow) else (part, S.One)
            if isinstance(base, exp):
                exponent += base.args[0] * power
                continue
            body = self.body(base) if power.is_Integer else None
            body = body if body is not None and (self.is_raw(base) or levels.has_hyperbolic(body)) else None
            if body is None and power.is_Integer:
                plain = diagonal(base) if isinstance(base, Chain) else self._less_entries(base)
                body = None if plain == base or plain.is_Add else plain
                base = plain if plain.is_Add else base
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
            if len(logs) == 2:
                return self._divide_pair(logs[0], logs[1], int(count), exponent, kept)
            for n in range(int(count)):
                kept.append((ShareOf(exponent if n == 0 else S.Zero, *logs), S.One))
            return S.Zero
        lse = self._log_sum(base)
        assert isinstance(lse, Lse)
        for _ in range(int(count)):
            entry = self._entry(exponent, lse)
            if entry is None:
                unmatched.append(lse)
            else:
                kept.append((self._over(entry, lse), S.One))
                exponent -= entry
        return exponent

    def _divide_pair(self, one: Expr, other: Expr, count: int, exponent: Expr, kept: Factors) -> Expr:
        """Divide `count` times by e^one + e^other: adds sigmoids, and returns the exponent that is left."""
        for n in range(count + 1):
            if (exponent - n * one - (count - n) * other).expand() == 0:
                kept += [(Sigmoid(one - other), S.One)] * n + [(Sigmoid(other - one), S.One)] * (count - n)
                return S.Zero
        while count:
            first = next((x for x in (one, other) if x != 0 and _holds(exponent, x)), None)
            if first is None and 0 not in (one, other):
                kept.append((ShareOf(exponent, one, other), S.One))
                exponent = S.Zero
            else:
                first = S.Zero if first is None else first
                kept.append((Sigmoid(first - (other if first == one else one)), S.One))
                exponent -= first
            count -= 1
        return exponent

    def _log_add(self, expr: Expr) -> Expr | None:
        if not any(self.is_raw(t) for t in expr.args):
            found = self.total(expr)
            return None if found.is_Add or found == expr else self.log_of(found)
        logs = [t for t in (self.log_of(a) for a in expr.args) if t is not None]
        if len(logs) < len(expr.args):
            return None
        if len(logs) == 2 and 0 in logs:
            return right("log-softplus", u=logs[0] + logs[1])
        return LogAddExp(*logs)

    def _log_sum(self, expr: Expr) -> Expr | None:
        """The `Lse` of a sum of weighted exponentials; definitions are looked through."""
        if not isinstance(expr, Sigma):
            body = self.body(expr) if self.is_raw(expr) else None
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

    def resolved(self, expr: Expr) -> Expr:
        """What a quantity is by its definition, where that is a single function; any other term itself."""
        body = self.body(expr)
        if body is None and isinstance(expr, Indexed):
            body = self._rule(expr)
        if body is None:
            return expr
        factors = self.product(body)
        if len(factors) != 1 or factors[0][1] != 1:
            return expr
        found = factors[0][0]
        if isinstance(found, log):
            found = self.logarithm(found)
        if isinstance(found, (Indexed, Symbol)) and found != expr:
            return self.resolved(found)
        return found if isinstance(found, (Sigmoid, Share, Softplus, tanh)) else expr

    def _over(self, exponent: Expr, lse: Lse) -> Expr:
        """e^exponent divided by a sum of exponentials."""
        is_entry = _weight(lse) == 1 and self._entry(exponent, lse) == exponent
        return Share(exponent, lse) if is_entry else OverSum(exponent, lse)

    def _entry(self, exponent: Expr, lse: Lse) -> Expr | None:
        """The exponent of a term of the sum whose parts all occur in `exponent`."""
        for candidate in candidates(exponent, lse):
            opened = lse.open(candidate).args[1]
            if _holds(exponent, opened):
                return opened
        return None


def _inner(*terms: Expr) -> list[Expr]:
    """The terms without the bars of an absolute value."""
    return [t.args[0] if isinstance(t, Abs) else t for t in terms]


def diagonal(chain: Chain) -> Expr:
    """An ordered product of diagonal matrices as the product along its diagonal; any other as it is."""
    t, row, column = next_letters(Add(chain, chain.row, chain.column), 3)
    body = chain.open(t, row, column)
    deltas = [f for f in Mul.make_args(body) if isinstance(f, Delta) and set(f.args) == {row, column}]
    if not deltas:
        return chain
    entry = put(body / deltas[0], {column: chain.row, row: chain.row})
    return Delta(chain.row, chain.column) * Prod.over(t, chain.lo, chain.hi, entry)


def _weight(lse: Lse) -> Expr:
    return lse.body.args[0]


def _holds(whole: Expr, part: Expr) -> bool:
    """Whether the sum `whole` has all terms of the sum `part`, at least as often and with the same sign."""
    have, want = whole.as_coefficients_dict(), part.as_coefficients_dict()
    letters = [t for t in want if not t.is_number]
    return bool(letters) and all(t in have and have[t] / want[t] >= Rational(1) for t in letters)
