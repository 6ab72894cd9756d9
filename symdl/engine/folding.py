"""Names put back for what they stand for, by elimination: from p = e^z/S follows e^z = p S."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from sympy import Add, Expr, Mul, Pow, exp, log

from symdl.engine.algebra import expanded, exponents, generators, solve_for
from symdl.engine.cost import cost
from symdl.engine.matching import rewrite
from symdl.engine.session import Session
from symdl.engine.signs import is_positive
from symdl.engine.tidy import normal, tidied
from symdl.engine.unify import unify
from symdl.language import (
    Binder,
    Opaque,
    Sigma,
    free_symbols,
    is_closed,
    is_index,
    is_quantity,
    label_of,
    put,
    subterms,
)

POWERS: frozenset[type] = frozenset((exp, Pow))


@dataclass(frozen=True)
class Name:
    """A name that can be folded back: `head = body` for all values of `letters`."""

    head: Expr
    body: Expr
    letters: frozenset[Expr]

    def __str__(self) -> str:
        return str(self.head)


def names(session: Session) -> list[Name]:
    """The definitions of the problem as names to fold.

    Their bodies as written, as tidying would write them, and with the families under a sum put in where that is short.
    """
    if session.names is None:
        session.names = tuple(_names(session))
    return list(session.names)


def _names(session: Session) -> Iterator[Name]:
    for d in session.givens.definitions:
        if d.body.is_number or isinstance(d.body, Opaque):
            continue
        letters = frozenset(p for p in d.pattern if is_index(p))
        with session.running(d.ranges):
            bodies = [d.body, normal(d.body, session)]
            if isinstance(d.body, Sigma) and not session.is_recurrent(d.label):
                inside = tidied(
                    rewrite(d.body, lambda t: session.body(t) if is_quantity(t) else None, session), session
                )
                bodies += [inside] if cost(inside) <= cost(d.body) + 4 else []
        for body in dict.fromkeys(bodies):
            yield Name(d.head, body, letters)


def fold(expr: Expr, candidates: list[Name], session: Session) -> Iterator[tuple[Name, Expr]]:
    """Names put back for what they stand for, as long as the expression becomes shorter."""
    for _ in range(8):
        for name in candidates:
            shorter = _folded(expr, name, session)
            if shorter is not None:
                yield name, shorter
                expr = shorter
                break
        else:
            return


def _folded(expr: Expr, name: Name, session: Session) -> Expr | None:
    shapes = frozenset((type(name.body), Mul)) if name.body.has(Binder) else frozenset((type(name.body),))
    direct = rewrite(expr, lambda t: _direct(t, name), session, shapes)
    ways = [tidied(direct, session)] if direct != expr else []
    ways = [w for w in ways if not _divides_by(w, name, expr, session)]
    for generator in generators(name.body):
        if not name.letters <= free_symbols(generator) or (is_quantity(generator) and not _is_inverted(name.body)):
            continue
        if isinstance(generator, Binder) and name.letters:
            continue
        if not any(is_quantity(t) for t in subterms(generator)):
            continue
        inverse = solve_for(name.head, name.body, generator)
        if inverse is None:
            continue
        # The other generators stay whole: the denominator S of p = e^z/S is not itself rewritten by e^z = p S.
        others = tuple(g for g in generators(name.body) if g != generator and g.args and not is_quantity(g))
        without = partial(_without, generator=generator, inverse=inverse, others=others, name=name)
        shapes = frozenset(type(g) for g in (generator, *others))
        put_back = rewrite(expr, without, session, shapes | POWERS if isinstance(generator, exp | Pow) else shapes)
        if put_back != expr and _divides_by(tidied(put_back, session), name, expr, session):
            continue
        if put_back != expr:
            ways.append(tidied(put_back, session))
    shortest = min(ways, key=cost, default=expr)
    return shortest if cost(shortest) < cost(expr) else None


def _is_inverted(body: Expr) -> bool:
    """Whether a quantity in a body may be expressed by the name and the others: a fraction, or a sum of quantities."""
    if any(isinstance(f, Pow) and f.exp.is_negative and not f.base.is_number for f in Mul.make_args(body)):
        return True
    terms = Add.make_args(expanded(body))
    return len(terms) > 1 and all(t.is_number or is_quantity(t.as_coeff_Mul()[1]) for t in terms)


def _direct(term: Expr, name: Name) -> Expr | None:
    found = unify(name.body, term, name.letters)
    if found is not None and not name.letters - found.keys():
        return put(name.head, found)
    if isinstance(term, Add) and isinstance(name.body, Add) and len(term.args) == len(name.body.args):
        found = unify(name.body, -term, name.letters)
        if found is not None and not name.letters - found.keys():
            return -put(name.head, found)
    if isinstance(term, Sigma) and isinstance(name.body, Sigma):
        for turned in _negatives(term):
            found = unify(name.body, turned, name.letters)
            if found is not None and not name.letters - found.keys():
                return -put(name.head, found)
    if isinstance(term, (exp, log)) or not isinstance(term, Mul):
        return None
    sums = [f for f in term.args if isinstance(f, Binder)]
    inner = [f for f in Mul.make_args(name.body) if isinstance(f, Binder)]
    if len(sums) == len(inner) == 1:
        found = unify(inner[0], sums[0], name.letters)
        if found is not None and not name.letters - found.keys():
            return term / sums[0] * put(name.head, found) / put(name.body / inner[0], found)
    return None


def _negatives(total: Sigma) -> Iterator[Sigma]:
    """The sum with all its signs changed, a difference among its factors turned round."""
    factors = Mul.make_args(total.body)
    for n, factor in enumerate(factors):
        if isinstance(factor, Add):
            yield Sigma(total.lo, total.hi, Mul(*factors[:n], -factor, *factors[n + 1 :]))


def _divides_by(folded: Expr, name: Name, before: Expr, session: Session) -> bool:
    """Whether folding has brought in a division by what may be zero, where nothing was divided by before."""
    old = _divisors(before)
    label = label_of(name.head)
    bases = {f.base if isinstance(f, Pow) else f for f in Mul.make_args(name.body) if not f.is_number}
    is_old = any(unify(b, o, name.letters) is not None for b in bases for o in old)
    return any(
        not (is_old and is_quantity(base) and label_of(base) == label)
        and not (is_closed(base) and (is_positive(base, session) or is_positive(-base, session)))
        for base in _divisors(folded) - old - _divisors(name.body)
    )


def _divisors(expr: Expr) -> set[Expr]:
    """Everything that `expr` divides by, factor by factor; numbers and sizes left out."""
    found = {p.base for p in expr.atoms(Pow) if p.exp.is_negative}
    return {f for base in found for f in Mul.make_args(base) if any(is_quantity(t) for t in subterms(f))}


def _without(term: Expr, generator: Expr, inverse: Expr, others: tuple[Expr, ...], name: Name) -> Expr | None:
    if any(unify(g, term, name.letters) is not None for g in others):
        return term
    return _eliminated(term, generator, inverse, name)


def _eliminated(term: Expr, generator: Expr, inverse: Expr, name: Name) -> Expr | None:
    def one(key: Expr) -> Expr | None:
        found = unify(generator, key, name.letters)
        return None if found is None or name.letters - found.keys() else put(inverse, found)

    if isinstance(term, exp) or (isinstance(term, Pow) and not term.exp.is_Integer):
        parts = exponents(term)
        replaced = [(one(key) if key is not None else None, key, c) for key, c in parts]
        if any(new is not None and c.is_Integer for new, _, c in replaced):
            factors: list[Expr] = []
            for new, key, c in replaced:
                if new is not None and c.is_Integer:
                    factors.append(new**c)
                elif key is None:
                    factors.append(term.base**c)
                else:
                    factors.append(exp(c * key.args[0]) if isinstance(key, exp) else Pow(key, c))
            return Mul(*factors)
        return None
    if term.func is generator.func and (not is_quantity(term) or term != name.head):
        return one(term)
    return None
