"""Pushing an inert derivative through an expression until only derivatives of named quantities are left."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Indexed, Integer, Mul

from symdl.engine.contraction import Move
from symdl.engine.matching import rewrite, use
from symdl.engine.session import Session
from symdl.engine.signs import is_nonzero
from symdl.language import DERIVATIVES, Cases, D, Delta, Maximum, Minimum, Step, indices_of, is_quantity, label_of
from symdl.language.functions import by_head
from symdl.problem import Relation

TWO = 2
"""How many numbers the laws take the larger or the smaller of; of more, it is that of the last and of those before."""


def push(expr: Expr, session: Session) -> Iterator[Move]:
    """Moves that carry every derivative in `expr` inward, one law at a time, everywhere it is due."""
    for _ in range(500):
        chosen: list[str] = []

        def visit(term: Expr, chosen: list[str] = chosen) -> Expr | None:
            if not isinstance(term, D):
                return None
            found = one_step(term, session)
            if found is None or (chosen and found.law != chosen[0]):
                return term
            chosen.append(found.law)
            return found.after

        after = rewrite(expr, visit, session, DERIVATIVES)
        if not chosen:
            return
        yield Move(chosen[0], after)
        expr = after


def one_step(term: D, session: Session) -> Move | None:
    """The law that is due at one derivative, and what it gives; None where a lemma or a definition is needed."""
    of, x = term.of, term.wrt
    if is_quantity(of) and label_of(of) == label_of(x) and len(indices_of(of)) == len(indices_of(x)):
        is_state = bool(indices_of(of)) and session.is_recurrent(label_of(of))
        return None if is_state else Move("d-variable", variable(of, x))
    if isinstance(of, Cases):
        return Move("d-cases", cases(of, x, session))
    if isinstance(of, Maximum | Minimum) and len(of.args) > TWO:
        return Move("nested", D(of.func(of.func(*of.args[:-1]), of.args[-1]), x))
    depends = session.depends(of, x)
    if depends and type(of) in by_head() and by_head()[type(of)].definition is not None:
        return Move(f"lemma:{by_head()[type(of)].name}", through(of, x, session))
    if depends and is_quantity(of):
        return None
    for law in session.laws_of(term):
        after = use(law, term, session)
        if after is not None:
            return Move(law.id, after)
    return None


def variable(of: Expr, x: Expr) -> Expr:
    """The derivative of one member of a family by another: 1 for the same member, else 0."""
    if not isinstance(of, Indexed):
        return Integer(1)
    return Mul(*(Delta(a, b) for a, b in zip(indices_of(of), indices_of(x), strict=True)))


def through(of: Expr, x: Expr, session: Session) -> Expr:
    """The chain rule through a named function, whose own derivative by each argument is a lemma."""
    total = Integer(0)
    stated = {(c.head, c.at) for c in session.givens.conventions}
    for kink in by_head()[type(of)].kinks:
        if (type(of), Integer(kink)) in stated:
            continue
        if not is_nonzero(of.args[0] - kink, session):
            session.oblige(Relation(of.args[0] - kink, "!=", Integer(0)))
    for n, argument in enumerate(of.args):
        if session.depends(argument, x):
            total += session.derivative_of_function(of, n) * D(argument, x)
    return total


def cases(of: Cases, x: Expr, session: Session) -> Expr:
    """The derivative of a case split, case by case; at a kink the stated convention decides which case holds."""
    parts: list[Expr] = []
    for value, condition in of.branches:
        parts += [D(value, x), condition]
        for kink in sorted(condition.atoms(Step), key=str):
            if session.depends(kink.u, x) and not is_nonzero(kink.u, session):
                session.oblige(Relation(kink.u, "!=", Integer(0)))
    return Cases(*parts, D(of.otherwise, x))
