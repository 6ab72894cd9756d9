"""Functions of a symbolic number of variables: which way they are taken."""

from __future__ import annotations

from sympy import Integer, Symbol

from symdl.engine.curvature.convexity import bent
from symdl.engine.curvature.multipliers import on_constraint
from symdl.engine.curvature.subject import with_definitions
from symdl.engine.curvature.termwise import term_by_term, terms_of
from symdl.engine.derive import unfolded
from symdl.engine.session import Session
from symdl.errors import UnsolvedError
from symdl.language import (
    Sigma,
    Step,
    indices_of,
    is_index,
    label_of,
    quantities,
    subterms,
)
from symdl.problem import Derivation, Relation


def classify_family(session: Session) -> Derivation:
    """The derivation for a function of one family of variables of symbolic size.

    Fails  with `UnsolvedError` where it is neither a sum of functions of single members nor visibly convex or concave.
    """
    label = _label(session)
    constraint = _constraint(label, session)
    if session.task.point:
        raise UnsolvedError("a point cannot be asked about where the number of variables is symbolic")
    if constraint is not None:
        return on_constraint(label, constraint, session)
    if not with_definitions(unfolded(session.task.goal, session)).has(Step):
        found = bent(label, session)
        if found is not None:
            return found
        session = Session(
            session.problem, session.task, dict(session.task.ranges), session.table, session.prove_function
        )
    terms = terms_of(label, session)
    if terms is None:
        raise UnsolvedError(
            "the Hessian is not visibly of one sign, and the function no sum of functions of one variable"
        )
    return term_by_term(label, terms, session)


def _label(session: Session) -> Symbol:
    task, givens = session.task, session.givens
    body = unfolded(task.goal, session)
    free = {label_of(q) for q in quantities(body) if not givens.is_defined(q)}
    named = [label_of(u) for u in task.unknowns]
    constants = {label_of(c) for c in givens.constants} | givens.valued
    chosen = named or sorted((x for x in free if x not in constants), key=str)
    if len(chosen) != 1:
        listed = ", ".join(map(str, chosen))
        raise UnsolvedError(f"name the one family that varies, as in L(w): there are {listed}")
    if chosen[0] not in free:
        raise UnsolvedError(task.goal, " does not depend on ", chosen[0])
    return chosen[0]


def _constraint(label: Symbol, session: Session) -> Relation | None:
    found = [
        f.relation
        for f in session.givens.facts
        if f.relation.sign == "=" and not f.ranges and label in {label_of(q) for q in quantities(f.relation.lhs)}
    ]
    if len(found) > 1:
        raise UnsolvedError("several constraints on a symbolic number of variables are not handled")
    return found[0] if found else None


def is_symbolic(session: Session) -> bool:
    """Whether the goal holds a sum over a symbolic range, or a member with a free index."""
    body = unfolded(session.task.goal, session)
    return any(isinstance(t, Sigma) and not isinstance(t.hi, Integer) for t in subterms(body)) or any(
        any(is_index(i) or (i.is_Symbol and i.is_positive) for i in indices_of(q)) for q in quantities(body)
    )
