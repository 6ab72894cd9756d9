"""Showing an identity: a route from its left side to its right side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sympy import Expr, Indexed

from symdl.engine import algebra, logarithms
from symdl.engine.bounds import bounded
from symdl.engine.comparing import by_one_term, by_sign, by_squares, by_tangent
from symdl.engine.derive import closed, unfolded
from symdl.engine.lengths import MIRRORED, by_induction, by_moves, meaning
from symdl.engine.matching import everywhere, rewrite, use
from symdl.engine.norms import bound_by_induction
from symdl.engine.proof import Proof, finish, split_sums
from symdl.engine.recurrences import unrolled_value
from symdl.engine.session import Session
from symdl.engine.tidy import mirrored, normal, tidied
from symdl.errors import UnsolvedError
from symdl.language import At, D, holds_derivative, label_of, put, quantities, subterms
from symdl.language.functions import by_head
from symdl.problem import Derivation, Display, Relation, Symbolic

DERIVATIVES = "Bring the derivatives into closed form, put them in, and go on to the other side."
SIMPLIFY = "Simplify, with the definitions put in where they are needed, until the two sides meet."
BOUNDS = "Start on the smaller side, and bound one factor after the other."
INDUCTION = "By induction over time: put one step of the recurrence in, and use the claim one step earlier."
MOVES = "Put the definitions in, exchange sums until what is known of one of them can be used, and bound the factors."
TANGENT = "Bring what lies between the sides under logarithms, and bound these by their tangent at 1."
ONE_TERM = "A sum of terms that are never negative is at least each of them."
SIGN = "Write what lies between the sides as one fraction, whose parts show its sign."
SQUARES = "Write what lies between the sides as a sum of squares."

STRICT: dict[Symbolic, Symbolic] = {"<": ">", ">": "<"}
"""The sign of a strict relation read from its right side."""


def show(session: Session) -> Derivation:
    """The derivation of a `Show`: the left side unfolded and simplified until it is the right side.

    Where the two meet only halfway, the second half is the right side's own simplification read backwards.
    """
    relation = session.task.relation
    assert relation is not None
    turned = (MIRRORED | STRICT).get(relation.sign, relation.sign)
    for side in (relation, Relation(relation.rhs, turned, relation.lhs)):
        for way, plan in WAYS if side.sign in MIRRORED else BY_SIGN if side.sign in STRICT else ():
            noted = list(session.obligations)
            found = way(side, session)
            if found is None:
                # What was tried in vain assumes nothing.
                session.obligations[:] = noted
            else:
                return _shown(relation, found, session, plan)
    if relation.sign == ">=":
        relation = Relation(relation.rhs, "<=", relation.lhs)
    if relation.sign not in ("=", "<="):
        raise UnsolvedError(f"no route is known for a relation with the sign {relation.sign}")
    displays: list[Display] = []
    if relation.sign == "<=" and (induction := bound_by_induction(relation, session)) is not None:
        return _shown(relation, induction, session, INDUCTION)
    if relation.sign == "<=":
        proof = Proof(relation.lhs, session)
        proof.step("result", without_derivatives(relation.lhs, session, displays), "insert the derivatives")
        proof.line("insert the derivatives")
        bounded(proof, relation.rhs)
        return _shown(relation, [*displays, proof.display()], session, DERIVATIVES if displays else BOUNDS)
    proof = Proof(relation.lhs, session)
    unrolled = _with_states_unrolled(relation.lhs, session, displays)
    if unrolled != relation.lhs:
        proof.step("claim", unrolled)
        proof.line("the unrolled recurrence, by induction")
        plan = INDUCTION
    else:
        proof.step("result", without_derivatives(relation.lhs, session, displays), "insert the derivatives")
        proof.line()
        plan = DERIVATIVES if displays else SIMPLIFY
    rhs = without_derivatives(relation.rhs, session, displays)
    for advance in ADVANCES:
        advance(proof)
        _meet(proof, rhs)
        if proof.now == rhs:
            break
    else:
        _meet_halfway(proof, rhs)
    if proof.now != rhs:
        raise UnsolvedError("the left side was brought to ", proof.now, ", which was not recognised as the right side")
    if rhs != relation.rhs:
        proof.step("result", relation.rhs, "the derivatives on the right")
        proof.line("the derivatives inserted above")
    return _shown(relation, [*displays, proof.display()], session, plan)


def _shown(relation: Relation, displays: list[Display], session: Session, plan: str) -> Derivation:
    return Derivation(
        problem=session.problem,
        task=session.task,
        result=relation.rhs,
        displays=tuple(displays),
        lemmas=tuple(session.lemmas),
        assumes=tuple((r,) for r in session.obligations),
        plan=(plan,),
        remarks=tuple(meaning(relation, session)),
    )


def _with_states_unrolled(side: Expr, session: Session, displays: list[Display]) -> Expr:
    """A side with every state of a linear recurrence in closed form; the inductions are displayed first."""
    states = {label_of(t) for t in subterms(side) if isinstance(t, Indexed) and session.is_recurrent(label_of(t))}
    if not states:
        return side
    givens, carried = session.givens, {label for state in states for label in session.cycle(state)}
    steps = [
        replace(d, body=without_derivatives(d.body, session, displays)) if d.label in carried else d
        for d in givens.definitions
    ]
    problem = replace(session.problem, givens=replace(givens, definitions=tuple(steps)))
    plain = replace(session, problem=problem)

    def visit(term: Expr) -> Expr | None:
        if isinstance(term, D):
            return term
        found = unrolled_value(term, plain) if isinstance(term, Indexed) else None
        if found is None:
            return None
        displays.extend(d for d in found[0][:-1] if d not in displays)
        return found[1]

    return rewrite(side, visit, session)


def without_derivatives(side: Expr, session: Session, displays: list[Display]) -> Expr:
    """A side with every derivative replaced by its closed form, whose chain is displayed first."""
    if not holds_derivative(side):
        return side

    def visit(term: Expr) -> Expr | None:
        if isinstance(term, At) and isinstance(term.of, D):
            return _set(rewrite(term.of, visit, session), dict(term.settings), session)
        if isinstance(term, D):
            found, end, _ = closed(term, session)
            displays.extend(d for d in found if d not in displays)
            return end
        return None

    return rewrite(side, visit, session)


def _set(value: Expr, settings: dict[Expr, Expr], session: Session) -> Expr:
    """A value with its variables set; names that rest on these are put in before."""

    def rests(expr: Expr) -> bool:
        others = quantities(expr) - settings.keys()
        return any(session.depends(q, x) for q in others for x in settings)

    value = unfolded(value, session) if rests(value) else value
    if rests(value):
        raise UnsolvedError("it is not known how all of ", value, " depends on the variables that are set")
    return put(value, settings)


def _by_derivatives(relation: Relation, session: Session) -> list[Display] | None:
    """The displays of a bound on derivatives: these in closed form, and the bound on what they are; else None."""
    if not holds_derivative(relation.lhs) or holds_derivative(relation.rhs):
        return None
    displays: list[Display] = []
    proof = Proof(relation.lhs, session)
    proof.step("result", without_derivatives(relation.lhs, session, displays))
    proof.line("insert the derivatives")
    for way in (by_sign, by_squares):
        found = way(Relation(proof.now, relation.sign, relation.rhs), session)
        if found is not None:
            return [*displays, *(replace(d, lhs=relation.lhs, lines=(*proof.lines, *d.lines)) for d in found)]
    return None


def _meet(proof: Proof, rhs: Expr) -> None:
    """Close the chain where the two sides are the same rational function of their parts."""
    if proof.now == rhs:
        return
    sides = (proof.now, rhs)
    plain = [tidied(side, proof.session) for side in sides]
    alike = [tidied(mirrored(side, proof.session), proof.session) for side in sides]
    if any(algebra.equal(*pair) for pair in (sides, plain, alike)):
        proof.step("arithmetic", rhs)
        proof.line()


def _simplified(proof: Proof) -> None:
    finish(proof, [])


def _unfolded(proof: Proof) -> None:
    proof.step("unfold", unfolded(proof.now, proof.session), "put the definitions in")
    proof.line()
    finish(proof, [])


def _logarithms_split(proof: Proof) -> None:
    for _ in range(4):
        before = proof.now
        whole = logarithms.single_fractions(proof.now, proof.session)
        proof.step("arithmetic", whole, "a single fraction under the logarithm")
        for move in logarithms.split(proof.now, proof.session):
            proof.step(move.law, move.after)
        if proof.now == before:
            break
    proof.line()
    finish(proof, [])


def _sums_closed(proof: Proof) -> None:
    for law in ("sum-geometric", "sum-geometric-down"):
        proof.step(law, everywhere(proof.session.by_id[law], proof.now, proof.session))
    proof.line()
    finish(proof, [])


def _sums_split(proof: Proof) -> None:
    proof.step("sum-add", split_sums(proof.now, proof.session), "split the sums")
    proof.line()


def _functions_unfolded(proof: Proof) -> None:
    proof.step("unfold", by_definition(proof.now, proof.session), "definitions of the functions")
    proof.line()
    finish(proof, [])


def by_definition(expr: Expr, session: Session) -> Expr:
    """Named functions replaced by their definitions, and hyperbolic ones by exponentials."""

    def visit(term: Expr) -> Expr | None:
        record = by_head().get(type(term))
        if record is None:
            return None
        args = [rewrite(a, visit, session) for a in term.args]
        if record.definition is not None:
            return record.definition(*args)
        law = session.by_id.get(f"{record.name}-exponential")
        return use(law, term.func(*args), session) if law is not None else None

    return rewrite(expr, visit, session)


def _meet_halfway(proof: Proof, rhs: Expr) -> None:
    """Bring the right side down the same way, and read its chain backwards from where the two meet."""
    session = proof.session
    other = Proof(rhs, session)
    for advance in ADVANCES:
        advance(other)
        a, b = normal(proof.now, session), normal(other.now, session)
        if a == b or algebra.equal(a, b):
            proof.step("arithmetic", other.now)
            proof.line()
            for line, before in reversed(list(zip(other.lines, [rhs, *(x.expr for x in other.lines)], strict=False))):
                proof.step("backwards", before)
                proof.line(*line.reason)
            return


Way = Callable[[Relation, Session], list[Display] | None]

BY_SIGN: tuple[tuple[Way, str], ...] = ((by_sign, SIGN), (_by_derivatives, DERIVATIVES))
"""What is tried on a strict relation, and on any other last."""

WAYS: tuple[tuple[Way, str], ...] = (
    (by_induction, INDUCTION),
    (by_moves, MOVES),
    (by_tangent, TANGENT),
    (by_squares, SQUARES),
    (by_one_term, ONE_TERM),
    *BY_SIGN,
)
"""What is tried on a relation as a whole, with the plan that the page states."""

ADVANCES: tuple[Callable[[Proof], None], ...] = (
    _simplified,
    _unfolded,
    _logarithms_split,
    _sums_split,
    _sums_closed,
    _functions_unfolded,
    _logarithms_split,
    _sums_split,
)
"""What is tried on a side, in order, until the two sides meet."""
