"""Lagrange multipliers for one constraint on a symbolic number of variables."""

from __future__ import annotations

from dataclasses import replace

from sympy import S, Symbol, log

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
    family,
    free_symbols,
    fresh_index,
    indices_of,
    label_of,
    put,
    quantities,
    scalar,
    subterms,
)
from symdl.problem import CriticalPoint, Derivation, Fact, Relation, Text


def on_constraint(label: Symbol, constraint: Relation, session: Session) -> Derivation:
    goal = session.task.goal
    session = _free_of(constraint, label, session)
    taken = {s.name for s in free_symbols(unfolded(goal, session))}
    multiplier = scalar(next(x for x in (r"\lambda", r"\mu", r"\nu") if x not in taken))
    member, new = generic(label, session)
    whole = goal - multiplier * (constraint.lhs - constraint.rhs)
    displays, slope, _ = closed(D(whole, member), session)
    if label in {label_of(q) for q in quantities(slope.xreplace({member: S.One}))}:
        raise UnsolvedError("the derivative by one variable contains the others")
    roots = isolated(slope, member, session)
    if len(roots) != 1:
        raise UnsolvedError(f"the condition {slope} = 0 has {len(roots)} solutions")
    value = tidied(roots[0], session)
    displays = [
        says("With a multiplier ", multiplier, " for the constraint, the Lagrangian's derivative is:"),
        *displays,
        says("It vanishes where ", Relation(member, "=", value), "."),
    ]
    total = with_value(constraint.lhs, label, value, new)
    proof = Proof(total, session)
    use_known_sums(proof)
    finish(proof, [])
    if proof.lines:
        displays.append(proof.display("Put into the constraint:"))
    solved = isolated(proof.now - constraint.rhs, multiplier, session)
    if len(solved) != 1:
        raise UnsolvedError("the multiplier is not determined")
    result = tidied(put(value, {multiplier: solved[0]}), session)
    displays.append(
        says(
            "The constraint therefore gives ",
            Relation(multiplier, "=", solved[0]),
            ", and with it ",
            Relation(member, "=", result),
            ".",
        )
    )
    second, _ = generic(label, session)
    found, bend, _ = closed(D(D(goal, member), second), session)
    displays += [d for d in found if all(d.lhs != o.lhs for o in displays)]
    deltas = [d for d in bend.atoms(Delta) if set(d.args) == {*indices_of(member), *indices_of(second)}]
    diagonal = tidied(bend.xreplace(dict.fromkeys(deltas, S.One)), session) if deltas else S.Zero
    if not deltas or tidied(bend.xreplace(dict.fromkeys(deltas, S.Zero)), session) != 0:
        raise UnsolvedError("the second derivatives are not diagonal")
    side = 1 if is_positive(diagonal, session) else -1 if is_positive(-diagonal, session) else 0
    if not side:
        raise UnsolvedError(f"the sign of {diagonal}")
    kind = "minimum" if side > 0 else "maximum"
    word = "convex" if side > 0 else "concave"
    worth, last = value_shown(goal, label, result, new, session)
    displays += [last] if last is not None else []
    remark: Text = (
        f"The Hessian is diagonal with entries that are {'positive' if side > 0 else 'negative'}, so the function is "
        f"strictly {word} and the constraint linear: the {kind} is global and the only one.",
    )
    at = {name_of(member): result}
    return Derivation(
        problem=session.problem,
        task=session.task,
        result=[CriticalPoint(at, kind, worth)],  # type: ignore[arg-type]
        displays=tuple(displays),
        plan=("A Lagrange multiplier for the constraint; the Hessian says what the point is.",),
        lemmas=tuple(session.lemmas),
        remarks=(remark,),
        assumes=tuple((r,) for r in session.obligations),
    )


def _free_of(constraint: Relation, label: Symbol, session: Session) -> Session:
    """The session whose variables are not tied, and are positive where their logarithm is taken."""
    givens = session.givens
    kept = tuple(f for f in givens.facts if f.relation != constraint)
    body = unfolded(session.task.goal, session)
    runs = givens.families[label]
    letters = tuple(fresh_index("ijklmn", set(free_symbols(body))) for _ in runs)
    member = family(label, *letters)
    logs = any(isinstance(t, log) and label in {label_of(q) for q in quantities(t)} for t in subterms(body))
    positive = (
        Fact(Relation(member, ">", S.Zero), dict(zip(letters, runs, strict=True)), "domain", session.task.place),
    )
    problem = replace(session.problem, givens=replace(givens, facts=(*kept, *(positive if logs else ()))))
    return Session(problem, session.task, dict(session.ranges), session.table, session.prove_function)
