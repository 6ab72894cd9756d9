"""Lagrange multipliers for one constraint on a symbolic number of variables."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, S, Symbol, log

from symdl.engine.curvature.members import generic, name_of, says, value_shown, with_value
from symdl.engine.derive import closed, unfolded
from symdl.engine.proof import Proof, finish, use_known_sums
from symdl.engine.session import Session
from symdl.engine.signs import is_positive
from symdl.engine.solving import isolated
from symdl.engine.tidy import tidied
from symdl.errors import UnsolvedError
from symdl.language import (
    D,
    Delta,
    free_symbols,
    indices_of,
    label_of,
    put,
    quantities,
    scalar,
    subterms,
)
from symdl.problem import CriticalPoint, Derivation, Display, Fact, PointKind, Range, Relation, Text


def on_constraint(label: Symbol, constraint: Relation, session: Session) -> Derivation:
    """The critical point of a function of one family on a linear constraint, by a Lagrange multiplier.

    Fails  with `UnsolvedError` where the members do not come apart, or the sign of the curvature is not known.
    """
    session = _free_of(constraint, label, session)
    member, new = generic(label, session)
    displays, at, multiplier = _stationary(member, constraint, session)
    result, shown = _on_it(member, new, at, multiplier, constraint, session)
    displays += shown
    sign, shown = _bend(member, session)
    displays += [d for d in shown if all(d.lhs != o.lhs for o in displays)]
    worth, last = value_shown(session.task.goal, label, result, new, session)
    displays += [last] if last is not None else []
    kind: PointKind = "minimum" if sign > 0 else "maximum"
    remark: Text = (
        f"The Hessian is diagonal with entries that are {'positive' if sign > 0 else 'negative'}, so the function is "
        f"strictly {'convex' if sign > 0 else 'concave'} and the constraint linear: the {kind} is global and the only "
        "one.",
    )
    return Derivation(
        problem=session.problem,
        task=session.task,
        result=[CriticalPoint({name_of(member): result}, kind, worth)],
        displays=tuple(displays),
        plan=("A Lagrange multiplier for the constraint; the Hessian says what the point is.",),
        lemmas=tuple(session.lemmas),
        remarks=(remark,),
        assumes=tuple((r,) for r in session.obligations),
    )


def _stationary(member: Expr, constraint: Relation, session: Session) -> tuple[list[Display], Expr, Expr]:
    """Where the Lagrangian's derivative vanishes: the displays, the member in terms of the multiplier, and that."""
    goal, label = session.task.goal, label_of(member)
    taken = {s.name for s in free_symbols(unfolded(goal, session))}
    multiplier = scalar(next(x for x in (r"\lambda", r"\mu", r"\nu") if x not in taken))
    whole = goal - multiplier * (constraint.lhs - constraint.rhs)
    displays, slope, _ = closed(D(whole, member), session)
    if label in {label_of(q) for q in quantities(slope.xreplace({member: S.One}))}:
        raise UnsolvedError("the derivative by one variable contains the others")
    roots = isolated(slope, member, session)
    if len(roots) != 1:
        raise UnsolvedError("the condition ", slope, f" = 0 has {len(roots)} solutions")
    at = tidied(roots[0], session)
    first = says("With a multiplier ", multiplier, " for the constraint, the Lagrangian's derivative is:")
    return [first, *displays, says("It vanishes where ", Relation(member, "=", at), ".")], at, multiplier


def _on_it(
    member: Expr, new: dict[Symbol, Range], at: Expr, multiplier: Expr, constraint: Relation, session: Session
) -> tuple[Expr, list[Display]]:
    """The member once the constraint has fixed the multiplier, and the displays that show it."""
    proof = Proof(with_value(constraint.lhs, label_of(member), at, new), session)
    use_known_sums(proof)
    finish(proof, [])
    displays = [proof.display("Put into the constraint:")] if proof.lines else []
    solved = isolated(proof.now - constraint.rhs, multiplier, session)
    if len(solved) != 1:
        raise UnsolvedError("the multiplier is not determined")
    fixed = Relation(multiplier, "=", solved[0])
    result = tidied(put(at, {multiplier: solved[0]}), session)
    words = ("The constraint therefore gives ", fixed, ", and with it ", Relation(member, "=", result), ".")
    return result, [*displays, says(*words)]


def _bend(member: Expr, session: Session) -> tuple[int, list[Display]]:
    """The sign of the entries of a diagonal Hessian, and the displays of these."""
    second, _ = generic(label_of(member), session)
    displays, bend, _ = closed(D(D(session.task.goal, member), second), session)
    deltas = [d for d in bend.atoms(Delta) if set(d.args) == {*indices_of(member), *indices_of(second)}]
    diagonal = tidied(bend.xreplace(dict.fromkeys(deltas, S.One)), session) if deltas else S.Zero
    if not deltas or tidied(bend.xreplace(dict.fromkeys(deltas, S.Zero)), session) != 0:
        raise UnsolvedError("the second derivatives are not diagonal")
    sign = 1 if is_positive(diagonal, session) else -1 if is_positive(-diagonal, session) else 0
    if not sign:
        raise UnsolvedError("the sign of ", diagonal, " is not known: state which of its letters are positive")
    return sign, displays


def _free_of(constraint: Relation, label: Symbol, session: Session) -> Session:
    """The session whose variables are not tied, and are positive where their logarithm is taken."""
    givens = session.givens
    kept = tuple(f for f in givens.facts if f.relation != constraint)
    body = unfolded(session.task.goal, session)
    member, new = session.generic(label, free_symbols(body))
    logs = any(isinstance(t, log) and label in {label_of(q) for q in quantities(t)} for t in subterms(body))
    positive = (Fact(Relation(member, ">", S.Zero), new, "domain", session.task.place),)
    problem = replace(session.problem, givens=replace(givens, facts=(*kept, *(positive if logs else ()))))
    return Session(problem, session.task, dict(session.ranges), session.table, session.prove_function)
