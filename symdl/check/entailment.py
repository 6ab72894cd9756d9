"""What follows linearly from equations and inequalities that are known: solving a system, step by step.

Products of unknowns count as unknowns of their own, so that nothing is concluded that does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Add, Expr, Integer, Rational, S, expand

from symdl.language import (
    Binder,
    Opaque,
    Sigma,
    free_symbols,
    holds_derivative,
    is_closed,
    put,
    quantities,
    subterms,
    walk,
)
from symdl.problem import Decision, Givens, Relation

Form = dict[Expr, Rational]
"""A linear form: the coefficient of each monomial; that of 1 is the constant."""

MAX_SIZE = 600
MAX_SUM = 12
MAX_ROWS = 60
MAX_INEQUALITIES = 120

_STRICT = {">": True, "<": True, ">=": False, "<=": False}


def entailed(claim: Relation, known: Iterable[Relation], givens: Givens) -> Decision | None:
    """The decision on a claim by linear reasoning from what is known; None where that does not settle it."""
    wanted = _form(claim, givens)
    if wanted is None or claim.sign in ("!=", "~"):
        return None
    equations: list[Form] = []
    bounds: list[tuple[Form, bool]] = []
    for relation in known:
        form = _form(relation, givens)
        if form is None or relation.sign in ("!=", "~"):
            continue
        if relation.sign == "=":
            equations.append(form)
        else:
            bounds.append((form, _STRICT[relation.sign]))
    rows = _echelon(equations[:MAX_ROWS])
    if rows is None:
        return None
    left = _rest(wanted, rows)
    if claim.sign == "=":
        return _equation(left, bool(rows))
    if not bounds and not rows:
        return None
    told = [(_rest(f, rows), strict) for f, strict in bounds]
    strict = _STRICT[claim.sign]
    if _feasible(told) is not True:
        return None
    if _feasible([*told, ({m: -c for m, c in left.items()}, not strict)]) is False:
        return Decision("proved", "follows from the inequalities known")
    if _feasible([*told, (left, strict)]) is False:
        return Decision("refuted", "contradicts the inequalities known")
    return None


def is_linear(relation: Relation) -> bool:
    """Whether a relation is linear in its quantities as it stands."""
    gap = expand(relation.lhs - relation.rhs)
    terms = [t.as_coeff_Mul() for t in Add.make_args(gap)]
    return all(c.is_Rational and (m == 1 or m in quantities(m)) for c, m in terms)


def never_equal(left: Expr, right: Expr, givens: Givens) -> bool:
    """Whether two terms differ by a constant that is not 0, so that no values of their quantities make them equal."""
    form = _form(Relation(left, "=", right), givens)
    return form is not None and set(form) == {S.One}


def contradictory(known: Iterable[Relation], givens: Givens) -> bool:
    """Whether linear reasoning shows that not all of these relations can hold."""
    equations: list[Form] = []
    bounds: list[tuple[Form, bool]] = []
    for relation in known:
        form = _form(relation, givens) if relation.sign not in ("!=", "~") else None
        if form is not None and relation.sign == "=":
            equations.append(form)
        elif form is not None:
            bounds.append((form, _STRICT[relation.sign]))
    rows = _echelon(equations[:MAX_ROWS])
    return rows is None or _feasible([(_rest(f, rows), strict) for f, strict in bounds]) is False


def _equation(left: Form, has_rows: bool) -> Decision | None:
    if not left:
        return Decision("proved", "follows from the equations known") if has_rows else None
    if set(left) == {S.One} and has_rows:
        return Decision("refuted", "contradicts the equations known")
    return None


def unfolded(expr: Expr, givens: Givens) -> Expr | None:
    """The term with all definitions and values put and short sums written out.

    None where it grows too large, a definition is opaque, or a sum is left.
    """
    values = givens.stated
    for _ in range(12):
        expr = put(opened(expr), values)
        bodies: dict[Expr, Expr] = {}
        for q in filter(is_closed, quantities(expr)):
            body = givens.body_of(q, {})
            if isinstance(body, Opaque):
                return None
            if body is not None:
                bodies[q] = body
        if not bodies:
            return None if any(isinstance(t, Binder) for t in subterms(expr)) else expr
        expr = put(expr, bodies)
        if sum(1 for _ in subterms(expr)) > MAX_SIZE:
            return None
    return None


def _form(relation: Relation, givens: Givens) -> Form | None:
    """The linear form that is = 0, >= 0 or > 0 where the relation holds."""
    gap = relation.lhs - relation.rhs
    if relation.sign in ("<", "<="):
        gap = -gap
    if holds_derivative(gap):
        return None
    whole = unfolded(gap, givens)
    if whole is None:
        return None
    found: Form = {}
    for term in Add.make_args(expand(whole)):
        number, rest = term.as_coeff_Mul()
        if not number.is_Rational:
            return None
        found[rest] = found.get(rest, Integer(0)) + number
    return {m: c for m, c in found.items() if c}


def opened(expr: Expr) -> Expr:
    """The term with sums over few numbers written out."""

    def visit(term: Expr) -> Expr | None:
        if not (isinstance(term, Sigma) and is_closed(term) and term.lo.is_Integer and term.hi.is_Integer):
            return None
        if term.hi - term.lo >= MAX_SUM:
            return None
        return walk(Add(*(term.open(Integer(i)) for i in range(int(term.lo), int(term.hi) + 1))), visit)

    return walk(expr, visit)


def _echelon(forms: Sequence[Form]) -> list[tuple[Expr, Form]] | None:
    """Solved rows, each with the monomial it gives; None where the equations contradict each other."""
    rows: list[tuple[Expr, Form]] = []
    for form in forms:
        rest = _rest(form, rows)
        if not rest:
            continue
        pivot = min((m for m in rest if m != 1), key=lambda m: (len(free_symbols(m)), str(m)), default=None)
        if pivot is None:
            return None
        scale = rest[pivot]
        new = {m: c / scale for m, c in rest.items()}
        rows = [(p, _minus(f, new, f.get(pivot, Integer(0)))) for p, f in rows]
        rows.append((pivot, new))
    return rows


def _rest(form: Form, rows: Sequence[tuple[Expr, Form]]) -> Form:
    for pivot, row in rows:
        form = _minus(form, row, form.get(pivot, Integer(0)))
    return form


def _minus(form: Form, row: Form, factor: Rational) -> Form:
    if not factor:
        return form
    found = dict(form)
    for m, c in row.items():
        found[m] = found.get(m, Integer(0)) - factor * c
    return {m: c for m, c in found.items() if c}


def _feasible(bounds: list[tuple[Form, bool]]) -> bool | None:
    """Whether real numbers satisfy all of `form >= 0` (or > 0); None where that takes too long to tell."""
    unknowns = sorted({m for f, _ in bounds for m in f if m != 1}, key=str)
    for unknown in unknowns:
        above = [(f, s) for f, s in bounds if f.get(unknown, 0) > 0]
        under = [(f, s) for f, s in bounds if f.get(unknown, 0) < 0]
        bounds = [(f, s) for f, s in bounds if unknown not in f]
        for f, s in above:
            for g, t in under:
                bounds.append((_minus(_scaled(f, 1 / f[unknown]), g, 1 / g[unknown]), s or t))
        if len(bounds) > MAX_INEQUALITIES:
            return None
    for form, strict in bounds:
        constant = form.get(S.One, Integer(0))
        if constant < 0 or (strict and constant == 0):
            return False
    return True


def _scaled(form: Form, factor: Rational) -> Form:
    return {m: c * factor for m, c in form.items()}
