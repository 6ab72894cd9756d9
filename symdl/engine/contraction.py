"""What sums and products allow: equal terms, constant factors, single terms, splits; one law at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sympy import Add, Expr, Mul, Symbol, exp

from symdl.engine.algebra import expanded
from symdl.engine.forms import lowest
from symdl.engine.matching import rebind, rewrite, use
from symdl.engine.session import Session
from symdl.language import Binder, Cases, Delta, Prod, Sigma, Step, free_symbols

BINDERS = frozenset((Sigma, Prod))


@dataclass(frozen=True)
class Move:
    """A step found: the law's id and what the whole expression becomes."""

    law: str
    after: Expr


def contract(expr: Expr, session: Session) -> Iterator[Move]:
    """Moves that carry out what sums and products allow: equal terms, constant factors, single terms, splits."""
    for _ in range(200):
        law, after = session.once(_contract_once, expr)
        if after == expr:
            return
        yield Move(law, after)
        expr = after


def _contract_once(expr: Expr, session: Session) -> tuple[str, Expr]:
    """One law, the first that is due anywhere, used at every place where it is the one due."""
    chosen: list[str] = []

    def visit(term: Expr) -> Expr | None:
        if not isinstance(term, (Sigma, Prod)):
            return None
        with session.opened(term) as (names, body):
            inner = rewrite(body, visit, session, BINDERS)
            if inner is not body and inner != body:
                return rebind(term, names, term.args, inner)
            law, after = _due(term, names[0], body, session)
        if after is None or (chosen and chosen[0] != law):
            return term
        chosen.append(law)
        return after

    after = rewrite(expr, visit, session, BINDERS)
    return (chosen[0] if chosen else ""), after


def rebind_body(term: Binder, session: Session, change: Callable[[Expr], Expr]) -> Expr:
    """The binder with its opened body changed."""
    with session.opened(term) as (names, body):
        new = change(body)
        return term if new is body or new == body else rebind(term, names, term.args, new)


def _due(term: Expr, i: Symbol, body: Expr, session: Session) -> tuple[str, Expr | None]:
    """The law that is due at a sum or product with this opened body, and what it gives."""
    kind = "sum" if isinstance(term, Sigma) else "product"
    factors, deltas = Mul.make_args(body), _deltas(body, i)
    if term.lo == term.hi:
        due = f"{kind}-one"
    elif i not in free_symbols(body):
        due = f"{kind}-constant"
    elif kind == "sum" and any(d in factors for d in deltas):
        plain = next((d for d in factors if d in deltas and i in d.args), None)
        if plain is None:
            solved = {d: _solved(d, i) for d in deltas}
            if all(v == d for d, v in solved.items()):
                return "", None
            return "delta-solve", rebind(term, (i,), term.args, body.xreplace(solved))
        k = plain.args[1] if plain.args[0] == i else plain.args[0]
        due = "sum-sift" if session.is_inside(k, term.lo, term.hi) else "sum-sift-guarded"
    elif kind == "sum" and (bounded := _bounded(term, factors, i, session)) is not None:
        return bounded
    elif kind == "sum" and isinstance(body, Add) and (deltas or any(i not in free_symbols(a) for a in body.args)):
        due = "sum-add"
    elif kind == "sum" and deltas and (single := Mul(*(_out_of_cases(f) for f in factors))) != body:
        return "cases-factor", rebind(term, (i,), term.args, single)
    elif kind == "sum" and deltas and any(_deltas(f, i) for f in factors):
        new = expanded(body)
        return ("expand", rebind(term, (i,), term.args, new)) if new != body else ("", None)
    elif kind == "product" and isinstance(body, Add) and (product := _factored(body, i)) is not None:
        return "factor", rebind(term, (i,), term.args, product)
    elif any(i not in free_symbols(f) for f in factors):
        due = f"{kind}-factor"
    elif kind == "sum" and any(_has_constant_exponent(f, i) for f in factors):
        due = "sum-exponential"
    else:
        return "", None
    return due, use(session.by_id[due], term, session)


def _has_constant_exponent(factor: Expr, i: Symbol) -> bool:
    """Whether the factor is an exponential of a sum, some of whose terms do not depend on the index."""
    if not isinstance(factor, exp) or not isinstance(factor.args[0], Add):
        return False
    return any(i not in free_symbols(a) for a in factor.args[0].args)


def _factored(body: Expr, i: Symbol) -> Expr | None:
    """The body as a product, where that shows a factor without the index."""
    product = next(iter(lowest(body)), body)
    return product if any(i not in free_symbols(f) and f != -1 for f in Mul.make_args(product)) else None


def _bounded(term: Expr, factors: tuple[Expr, ...], i: Symbol, session: Session) -> tuple[str, Expr] | None:
    """A sum with a factor 1[i >= k] or 1[i <= k] over fewer terms, where k is known to lie in the range."""
    for f in factors:
        if isinstance(f, Step) and f.at_zero == 1 and f.u.is_integer and f.u.coeff(i, 1) in (1, -1):
            law = "sum-from" if f.u.coeff(i, 1) == 1 else "sum-up-to"
            after = use(session.by_id[law], term, session)
            if after is not None:
                return law, after
    return None


def _deltas(e: Expr, i: Symbol) -> set[Expr]:
    return {d for d in e.atoms(Delta) if i in free_symbols(d)} if e.has(Delta) else set()


def _out_of_cases(factor: Expr) -> Expr:
    """A case split with the deltas that every value but 0 has taken out of it; anything else as it is."""
    if not isinstance(factor, Cases):
        return factor
    values = [v for v in factor.args[::2] if v != 0]
    shared = set(Mul.make_args(values[0])).intersection(*map(Mul.make_args, values))
    common = [d for d in Mul.make_args(values[0]) if isinstance(d, Delta) and d in shared]
    parts = [a if n % 2 or a == 0 else a / Mul(*common) for n, a in enumerate(factor.args)]
    return Mul(*common, Cases(*parts))


def _solved(delta: Expr, i: Symbol) -> Expr:
    """The delta with index `i` alone on one side, where `i` has the coefficient 1 or -1."""
    gap = delta.args[0] - delta.args[1]
    slope = gap.coeff(i, 1)
    if slope not in (1, -1) or i in free_symbols(gap - slope * i):
        return delta
    return Delta(i, i - gap / slope)
