"""Using a law: where its left side matches, and what its right side becomes there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import Add, Expr, Indexed, Mul, Pow, S, Symbol

from symdl.engine.session import Session
from symdl.engine.signs import is_nonzero, is_positive
from symdl.language import At, Binder, Delta, free_symbols, kinds, put, walk
from symdl.laws import Depends, Each, Free, Hole, Inside, Known, Law, Nonzero, Positive
from symdl.problem import Relation

Filling = dict[Expr, Expr]


def use(law: Law, term: Expr, session: Session) -> Expr | None:
    """The right side of `law` where `term` is its left side, or None where it does not match.

    Positivity and exclusions that are not known become obligations of the session.
    """
    for filling in _match(law.lhs, term, {}, law, session):
        if _admits(law, filling, session):
            return _fill(law.rhs, {**filling, **_own_indices(law, term, filling, session)})
    return None


def _own_indices(law: Law, term: Expr, filling: Filling, session: Session) -> Filling:
    """Fresh letters for the indices that only the right side of a law binds."""
    taken = free_symbols(term) | {s for e in filling.values() for s in free_symbols(e)}
    found: Filling = {}
    for binder in law.rhs.atoms(Each):
        index = binder.args[0]
        if index not in filling:
            found[index] = session.index("klmnrs", taken | set(found.values()))
    return found


def everywhere(law: Law, expr: Expr, session: Session) -> Expr:
    """`expr` with the law used once at each outermost place where it matches, inside binders too."""
    head = law.lhs.kind if isinstance(law.lhs, Each) else type(law.lhs)
    only = frozenset((head,)) if head is not Mul else None
    return rewrite(expr, lambda term: use(law, term, session), session, only)


def rewrite(
    expr: Expr, visit: Callable[[Expr], Expr | None], session: Session, only: frozenset[type] | None = None
) -> Expr:
    """`expr` with `visit` applied at each outermost place where it answers; binders are opened on the way.

    `only` names the classes of terms that `visit` can answer for: parts without any of them are passed over.
    """
    if only is not None and only.isdisjoint(kinds(expr)):
        return expr
    found = visit(expr) if only is None or type(expr) in only else None
    if found is not None:
        return found
    if not expr.args or isinstance(expr, Indexed):
        return expr
    if isinstance(expr, Binder):
        outside = [a if n == expr.body_at else rewrite(a, visit, session, only) for n, a in enumerate(expr.args)]
        with session.opened(expr) as (names, body):
            new = rewrite(body, visit, session, only)
            if new is body and all(a is b for a, b in zip(outside, expr.args, strict=True)):
                return expr
            return rebind(expr, names, outside, new)
    args = [rewrite(a, visit, session, only) for a in expr.args]
    return expr if all(a is b for a, b in zip(args, expr.args, strict=True)) else expr.func(*args)


def rebind(binder: Binder, names: tuple[Symbol, ...], args: list[Expr] | tuple[Expr, ...], body: Expr) -> Expr:
    """A binder like `binder` with these outer arguments and this opened body."""
    whole = [body if n == binder.body_at else a for n, a in enumerate(args)]
    return binder.func.over(names[0] if binder.binds == 1 else names, *whole)


def _match(pattern: Expr, term: Expr, filling: Filling, law: Law, session: Session) -> Iterator[Filling]:
    if isinstance(pattern, Hole):
        if filling.get(pattern, term) == term:
            yield {**filling, pattern: term}
    elif isinstance(pattern, Each):
        yield from _match_binder(pattern, term, filling, law, session)
    elif isinstance(pattern, (Add, Mul)):
        yield from _match_assembly(pattern, term, filling, law, session)
    elif not pattern.args:
        if pattern == term:
            yield filling
    elif pattern.func == term.func and len(pattern.args) == len(term.args):
        yield from _match_all(pattern.args, term.args, filling, law, session)
        if isinstance(pattern, Delta):
            yield from _match_all(pattern.args, term.args[::-1], filling, law, session)


def _match_all(
    patterns: tuple[Expr, ...], terms: tuple[Expr, ...], filling: Filling, law: Law, session: Session
) -> Iterator[Filling]:
    if not patterns:
        yield filling
        return
    # The variable of a derivative is matched before what is differentiated, so that conditions on it can choose.
    first = next((n for n, p in enumerate(patterns) if isinstance(p, Hole)), 0)
    others = patterns[:first] + patterns[first + 1 :], terms[:first] + terms[first + 1 :]
    for found in _match(patterns[first], terms[first], filling, law, session):
        yield from _match_all(*others, found, law, session)


def _match_binder(pattern: Each, term: Expr, filling: Filling, law: Law, session: Session) -> Iterator[Filling]:
    if not isinstance(term, pattern.kind):
        return
    index, lo, hi, body = pattern.args
    for bounds in _match_all((lo, hi), (term.lo, term.hi), filling, law, session):
        with session.opened(term) as ((name,), inside):
            yield from _match(body, inside, {**bounds, index: name}, law, session)


def _match_assembly(pattern: Expr, term: Expr, filling: Filling, law: Law, session: Session) -> Iterator[Filling]:
    """Sums and products of two parts: one of them a hole that takes whatever the other leaves."""
    if any(isinstance(p, Pow) and p.exp == -1 for p in pattern.args):
        over = next(p.base for p in pattern.args if isinstance(p, Pow))
        top = next(p for p in pattern.args if not isinstance(p, Pow))
        numerator, denominator = quotient(term)
        if denominator != 1:
            yield from _match_all((top, over), (numerator, denominator), filling, law, session)
        return
    special = [p for p in pattern.args if not isinstance(p, Hole)]
    holes = sorted((p for p in pattern.args if isinstance(p, Hole)), key=str)
    if special:
        args = term.args if term.func is pattern.func else (term,)
        for n, arg in enumerate(args):
            for found in _match(special[0], arg, filling, law, session):
                yield from _with(found, {holes[0]: pattern.func(*args[:n], *args[n + 1 :])})
        return
    if term.func is not pattern.func:
        return
    taker = next((c for c in law.when if isinstance(c, Free) and c.part in holes and c.on in filling), None)
    if taker is not None:
        other = next(h for h in holes if h != taker.part)
        free = [a for a in term.args if not session.depends(a, filling[taker.on])]
        if free and len(free) < len(term.args):
            rest = [a for a in term.args if a not in free]
            yield from _with(filling, {taker.part: term.func(*free), other: term.func(*rest)})
        return
    args = tuple(term.as_ordered_terms() if isinstance(term, Add) else term.as_ordered_factors())
    yield from _with(filling, {holes[0]: args[0], holes[1]: term.func(*args[1:])})


def _with(filling: Filling, more: Filling) -> Iterator[Filling]:
    """`filling` with more holes filled, unless one of them holds something else already."""
    if all(filling.get(hole, part) == part for hole, part in more.items()):
        yield {**filling, **more}


def quotient(term: Expr) -> tuple[Expr, Expr]:
    """Numerator and denominator of a product, as its factors are written; nothing is put over a common denominator."""
    top: list[Expr] = []
    below: list[Expr] = []
    for factor in Mul.make_args(term):
        if isinstance(factor, Pow) and factor.exp.is_Rational and factor.exp < 0:
            below.append(factor.base**-factor.exp)
        elif factor.is_Rational and factor.q != 1:
            top.append(S(factor.p))
            below.append(S(factor.q))
        else:
            top.append(factor)
    return Mul(*top), Mul(*below)


def _admits(law: Law, filling: Filling, session: Session) -> bool:
    due: list[Relation] = []
    for condition in law.when:
        match condition:
            case Free(part, on):
                if session.depends(filling[part], filling[on]):
                    return False
            case Depends(part, on):
                if not session.depends(filling[part], filling[on]):
                    return False
            case Inside(part, lo, hi):
                if not session.is_inside(*(_fill(e, filling) for e in (part, lo, hi))):
                    return False
            case Known(Positive(part)):
                if not is_positive(filling[part], session):
                    return False
            case Positive(part):
                if not is_positive(filling[part], session):
                    if filling[part].is_number:
                        return False
                    due.append(_as_condition(filling[part]))
            case Nonzero(part):
                value = _fill(part, filling)
                if value.is_zero:
                    return False
                if not is_nonzero(value, session):
                    due.append(Relation(value, "!=", S.Zero))
    for relation in due:
        session.oblige(relation)
    return True


def _as_condition(expr: Expr) -> Relation:
    """That an expression is positive; of an even power, that its base is not zero."""
    if isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp % 2 == 0:
        return Relation(expr.base, "!=", S.Zero)
    return Relation(expr, ">", S.Zero)


def _fill(template: Expr, filling: Filling) -> Expr:
    def visit(term: Expr) -> Expr | None:
        if isinstance(term, Hole):
            return filling[term]
        if isinstance(term, Each):
            index, lo, hi, body = term.args
            return term.kind.over(filling[index], _fill(lo, filling), _fill(hi, filling), _fill(body, filling))
        if isinstance(term, At):
            pairs = {_fill(x, filling): _fill(v, filling) for x, v in term.settings}
            return put(_fill(term.of, filling), pairs)
        return None

    return walk(template, visit)
