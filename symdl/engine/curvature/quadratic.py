"""The quadratic form of a Hessian of symbolic size as sums of squares and variances with weights of one sign."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from sympy import Add, Expr, Indexed, Mul, S, Symbol, cancel, together

from symdl.engine import algebra
from symdl.engine.curvature.subject import with_definitions
from symdl.engine.derive import unfolded
from symdl.engine.proof import Proof, finish, use_known_sums
from symdl.engine.session import Session
from symdl.engine.signs import is_positive
from symdl.engine.tidy import tidied
from symdl.language import Delta, Sigma, family, free_symbols, fresh_index, label_of, put
from symdl.problem import Range, Ranges, summed

LARGEST = 12
"""No Hessian of more terms than this is taken apart."""


@dataclass(frozen=True)
class Square:
    """Σ weight · (Σ inner · v)², the outer sums over `outer`, the inner ones over `within`; v has the letters `own`.

    With `mean` it is Σ weight · (u - mean of u)² with u = Σ inner · v, where the mean is over the letter `mean`, with
    weights `share` that add up to one.
    """

    weight: Expr
    inner: Expr
    outer: Ranges
    within: Ranges
    own: tuple[Symbol, ...]
    mean: Symbol | None = None
    share: Expr = S.One

    def value(self, v: Symbol, avoid: Collection[Symbol]) -> Expr:
        """What it adds to the quadratic form."""
        u = summed(self.inner * family(v, *self.own), list(self.within.items()))
        if self.mean is not None:
            k = fresh_index("kmnl", set(avoid) | set(self.outer) | set(self.within) | set(self.own))
            run = self.outer[self.mean]
            u = u - Sigma.over(k, run.lo, run.hi, put(self.share * u, {self.mean: k}))
        return summed(self.weight * u**2, list(self.outer.items()))


@dataclass(frozen=True)
class Form:
    """A positive semidefinite quadratic form."""

    squares: tuple[Square, ...]

    @property
    def has_mean(self) -> bool:
        return any(s.mean is not None for s in self.squares)

    @property
    def diagonal(self) -> Square | None:
        """The square that holds every component by itself: with a positive weight the form is definite."""
        return next((s for s in self.squares if not s.within and s.mean is None and s.inner == 1), None)

    def value(self, v: Symbol, avoid: Collection[Symbol]) -> Expr:
        return Add(*(s.value(v, avoid) for s in self.squares))


@dataclass(frozen=True)
class _Term:
    """One term of the Hessian, without its outer sums: `body` holds letters of both rows."""

    outer: Ranges
    body: Expr


def form_of(hessian: Expr, rows: Sequence[Symbol], columns: Sequence[Symbol], session: Session) -> Form | None:
    """The form of the Hessian with the entry (rows, columns); None where it is not visibly one of a single sign."""
    ranges = {k: session.ranges[k] for k in rows}
    terms: list[_Term] = []
    for term in Add.make_args(_spread(hessian)):
        opened = _opened(term, session)
        if opened is None or len(terms) + len(opened) > LARGEST:
            return None
        terms += opened
    pairs = dict(zip(rows, columns, strict=True))
    squares: list[Square] = []
    left: list[_Term] = []
    for square, inside in _collected([(_square(t, pairs, ranges), t) for t in terms], session):
        if square is not None and _not_negative(square.weight, session):
            squares.append(square)
        else:
            left += inside
    for t in left:
        found = _as_variance(t, squares, pairs, ranges, session)
        if found is None:
            return None
        squares[found[0]] = found[1]
    return Form(tuple(squares))


def _spread(expr: Expr) -> Expr:
    """Products multiplied out, sums split, inside sums too."""
    if isinstance(expr, Sigma):
        i = fresh_index("ijklmn", free_symbols(expr))
        body = _spread(expr.open(i))
        return Add(*(Sigma.over(i, expr.lo, expr.hi, t) for t in Add.make_args(body)))
    if isinstance(expr, (Add, Mul)):
        expr = expr.func(*(_spread(a) if a.has(Sigma) else a for a in expr.args))
    return algebra.expanded(expr)


def _opened(term: Expr, session: Session) -> list[_Term] | None:
    """A term without its outer sum; terms with the same range share its letter."""
    sums = [f for f in Mul.make_args(term) if isinstance(f, Sigma)]
    if not sums:
        return [_Term({}, term)]
    if len(sums) > 1:
        return None
    (total,) = sums
    rest = Mul(*(f for f in Mul.make_args(term) if f is not total))
    i = session.index("nmkl", free_symbols(term))
    inner: list[_Term] = []
    for part in Add.make_args(algebra.expanded(total.open(i) * rest)):
        if any(isinstance(f, Sigma) for f in Mul.make_args(part)):
            return None
        inner.append(_Term({i: Range(total.lo, total.hi)}, part))
    return inner


def _collected(
    found: Sequence[tuple[Square | None, _Term]], session: Session
) -> Iterator[tuple[Square | None, list[_Term]]]:
    """Squares of the same with their weights added."""
    groups: list[tuple[Square | None, list[_Term]]] = []
    for square, term in found:
        for n, (other, inside) in enumerate(groups):
            if square is not None and other is not None and replace(square, weight=other.weight) == other:
                groups[n] = (replace(other, weight=tidied(other.weight + square.weight, session)), [*inside, term])
                break
        else:
            groups.append((square, [term]))
    yield from groups


def _square(term: _Term, pairs: Mapping[Symbol, Symbol], ranges: Ranges) -> Square | None:
    """w δ_{kl} a_j a_m as Σ_k w (Σ_j a_j v_kj)²."""
    body, same = term.body, []
    for k, m in pairs.items():
        delta = Delta(k, m)
        if delta in Mul.make_args(body):
            body = put(body / delta, {m: k})
            same.append(k)
    if body.has(Delta):
        return None
    apart = {k: m for k, m in pairs.items() if k not in same}
    weight, inner = _split(body, apart)
    if inner is None:
        return None
    outer = {**term.outer, **{k: ranges[k] for k in same}}
    return Square(weight, inner, outer, {k: ranges[k] for k in apart}, tuple(pairs))


def _split(body: Expr, apart: Mapping[Symbol, Symbol]) -> tuple[Expr, Expr | None]:
    """A product as weight · a(rows) · a(columns)."""
    factors = Mul.make_args(body)
    left = Mul(*(f for f in factors if free_symbols(f) & set(apart)))
    right = Mul(*(f for f in factors if free_symbols(f) & set(apart.values())))
    weight = Mul(*(f for f in factors if not free_symbols(f) & {*apart, *apart.values()}))
    if any(free_symbols(f) & set(apart) and free_symbols(f) & set(apart.values()) for f in factors):
        return weight, None
    return weight, left if put(left, dict(apart)) == right else None


def _as_variance(
    term: _Term, squares: Sequence[Square], pairs: Mapping[Symbol, Symbol], ranges: Ranges, session: Session
) -> tuple[int, Square] | None:
    """c w_k δ_kl a_j a_m - c w_k a_j w_l a_m with weights w that add up to one: c times a variance."""
    for n, square in enumerate(squares):
        if square.mean is not None or len(square.outer) != len(term.outer) + 1:
            continue
        (k,) = set(square.outer) & set(pairs) or {None}
        others = {i: r for i, r in square.outer.items() if i != k}
        if k is None or sorted(map(str, others.values())) != sorted(map(str, term.outer.values())):
            continue
        body = put(term.body, dict(zip(term.outer, others, strict=True)))
        own = [j for j in pairs if j != k]
        both = {pairs[j]: j for j in pairs}
        on_diagonal = square.weight * square.inner * square.inner
        ratio = _cancelled(-put(body, both), on_diagonal)
        if ratio is None or free_symbols(ratio) & set(own):
            continue
        share = ratio
        factor = _cancelled(square.weight, share)
        if factor is None or k in free_symbols(factor):
            continue
        product_ = factor * share * square.inner * put(share * square.inner, dict(pairs))
        if not algebra.equal(body + product_, S.Zero):
            continue
        run = ranges[k]
        proof = Proof(Sigma.over(k, run.lo, run.hi, share), session)
        use_known_sums(proof)
        finish(proof, [])
        if proof.now == 1 and positive(share, session):
            return n, Square(square.weight, square.inner, square.outer, square.within, square.own, k, share)
    return None


def _cancelled(top: Expr, below: Expr) -> Expr | None:
    """A quotient in lowest terms, or None where the division is not clean."""
    letters = {q: Symbol(f"q{n}") for n, q in enumerate(sorted(top.atoms(Indexed) | below.atoms(Indexed), key=str))}
    sums = {s: Symbol(f"s{n}") for n, s in enumerate(sorted(top.atoms(Sigma) | below.atoms(Sigma), key=str))}
    back = {v: q for q, v in (*letters.items(), *sums.items())}
    found = cancel(together(top.xreplace(sums).xreplace(letters) / below.xreplace(sums).xreplace(letters)))
    return found.xreplace(back)


def positive(weight: Expr, session: Session) -> bool:
    """Whether a weight is positive by its factors, or by their definitions."""
    return all(_positive_factor(f, session) for f in Mul.make_args(weight))


def _positive_factor(f: Expr, session: Session) -> bool:
    if is_positive(f, session):
        return True
    plain = with_definitions(unfolded(f, session))
    return plain != f and (is_positive(plain, session) or is_positive(together(plain), session))


def _not_negative(weight: Expr, session: Session) -> bool:
    """Whether a weight is a square, or not negative by its factors."""
    for f in Mul.make_args(weight):
        _, power = f.as_base_exp()
        if not (power.is_Integer and int(power) % 2 == 0) and not _positive_factor(f, session):
            return False
    return True


def quarter(weight: Expr, session: Session) -> Expr | None:
    """The rest of a weight with a factor a (1 - a), which is at most a quarter; None where there is none."""
    factors = list(Mul.make_args(weight))
    for a, b in product(factors, repeat=2):
        if not a.is_number and algebra.equal(a + b, S.One) and positive(a * b, session):
            rest = list(factors)
            rest.remove(a)
            rest.remove(b)
            return tidied(Mul(*rest), session)
    return None


def is_constant(weight: Expr, label: Symbol, session: Session) -> bool:
    """Whether a weight does not depend on the variables."""
    return label not in {label_of(q) for q in unfolded(weight, session).atoms(Indexed)} and label not in free_symbols(
        unfolded(weight, session)
    )
