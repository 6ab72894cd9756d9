"""Which expressions are positive by their form and by the facts, whatever the inputs."""

from __future__ import annotations

from sympy import Abs, Add, Expr, Function, Mul, Pow, exp

from symdl.engine.forms import lowest
from symdl.engine.session import Session
from symdl.engine.unify import unify
from symdl.language import Binder, Prod, Sigma, is_quantity, label_of, put
from symdl.language.functions import by_head

DEPTH = 10


def is_positive(expr: Expr, session: Session) -> bool:
    """Whether `expr` is known to be positive; False says nothing."""
    return _sign(expr, session, DEPTH) == 1


def is_nonnegative(expr: Expr, session: Session) -> bool:
    """Whether `expr` is known not to be negative; False says nothing."""
    return _sign(expr, session, DEPTH) is not None


def is_nonzero(expr: Expr, session: Session) -> bool:
    """Whether `expr` is known not to vanish; False says nothing."""
    return expr.is_zero is False or is_positive(expr, session) or is_positive(-expr, session)


def _sign(expr: Expr, session: Session, depth: int) -> int | None:
    """1 for positive, 0 for not negative, None for not known."""
    if depth == 0:
        return None
    if expr.is_Rational:
        return 1 if expr > 0 else 0 if expr == 0 else None
    if expr.is_positive and (expr.is_Symbol or expr.is_number):
        return 1
    known = _by_facts(expr, session)
    if known == 1 or isinstance(expr, exp):
        return 1
    by_form = _by_form(expr, session, depth)
    return known if by_form is None else by_form


def _by_form(expr: Expr, session: Session, depth: int) -> int | None:
    """The sign that follows from what an expression is made of."""
    if is_quantity(expr):
        return _of_quantity(expr, session, depth)
    if isinstance(expr, Abs):
        inside = expr.args[0]
        return 1 if 1 in (_sign(inside, session, depth - 1), _sign(-inside, session, depth - 1)) else 0
    if isinstance(expr, Pow):
        base = _sign(expr.base, session, depth - 1)
        if base == 1:
            return base
        if not expr.exp.is_Integer:
            return 0 if expr.exp.is_Rational and expr.exp.q % 2 == 0 and expr.exp > 0 else base
        return 0 if int(expr.exp) % 2 == 0 and expr.exp > 0 else base if expr.exp > 0 else None
    if isinstance(expr, Mul):
        signs = [_sign(a, session, depth - 1) for a in expr.args]
        return None if None in signs else min(s for s in signs if s is not None)
    if isinstance(expr, Add):
        signs = [_sign(a, session, depth - 1) for a in expr.args]
        if None not in signs:
            return max(s for s in signs if s is not None)
        return _of_difference(expr, session, depth)
    if isinstance(expr, (Sigma, Prod)):
        return _of_binder(expr, session, depth)
    defined = _by_definition(expr)
    return None if defined is None else _sign(defined, session, depth - 1)


def _by_definition(expr: Expr) -> Expr | None:
    """What a named function of one number is by its definition."""
    record = by_head().get(type(expr))
    return None if record is None or record.definition is None else record.definition(*expr.args)


def _by_facts(expr: Expr, session: Session) -> int | None:
    """What the given inequalities say: from p < 1 follows 1 - p > 0."""
    found: int | None = None
    for fact in session.givens.facts:
        relation = fact.relation
        if relation.sign not in ("<", "<=", ">", ">="):
            continue
        gap = relation.rhs - relation.lhs if relation.sign[0] == "<" else relation.lhs - relation.rhs
        surplus = expr - gap
        if surplus.is_nonnegative or unify(gap, expr, frozenset(fact.ranges)) is not None:
            if len(relation.sign) == 1 or surplus.is_positive:
                return 1
            found = 0
    return found


def _of_quantity(expr: Expr, session: Session, depth: int) -> int | None:
    body = session.body(expr)
    return _sign(body, session, depth - 1) if body is not None else None


def _of_difference(expr: Expr, session: Session, depth: int) -> int | None:
    """1 - a with a = 1/(1 + e^{-z}) is e^{-z}/(1 + e^{-z}): the definitions put in, as a single fraction."""
    bodies = {q: session.body(q) for q in expr.atoms(Expr) if is_quantity(q)}
    known = {q: b for q, b in bodies.items() if b is not None and not session.is_recurrent(label_of(q))}
    known |= {f: b for f in expr.atoms(Function) if (b := _by_definition(f)) is not None}
    single = next(iter(lowest(put(expr, known))), expr) if known else expr
    if single == expr:
        single = next(iter(lowest(expr)), expr)
    return _sign(single, session, depth - 2) if single != expr and depth > 2 else None


def _of_binder(expr: Binder, session: Session, depth: int) -> int | None:
    with session.opened(expr) as (_, body):
        inside = _sign(body, session, depth - 1)
    if inside == 1 and isinstance(expr, Sigma):
        return 1 if session.at_least(expr.hi, expr.lo) else 0
    return inside
