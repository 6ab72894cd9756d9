"""Bounding a row of a Jacobian through time by induction: triangle inequality, then the bound one step earlier."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Abs, Expr, Indexed, Mul, S, Symbol

from symdl.engine.bounds import bounds
from symdl.engine.proof import Proof
from symdl.engine.recurrences import ONE_STEP, Coefficient, State, differentiated_step, linear_parts, state_of
from symdl.engine.session import Session
from symdl.engine.tidy import tidied
from symdl.engine.unify import unify
from symdl.errors import UnsolvedError
from symdl.language import D, Delta, Sigma, free_symbols, indices_of, is_index, label_of, put
from symdl.problem import Display, Range, Relation


@dataclass(frozen=True)
class Claim:
    """That a sum of absolute derivatives of a vector state is at most `right`, for the state at `moment`."""

    left: Sigma
    right: Expr
    goal: D
    state: State

    def at(self, moment: Expr) -> Relation:
        now = indices_of(self.goal.of)[self.state.position]
        return Relation(put(self.left, {now: moment}), "<=", put(self.right, {now: moment}))


def bound_by_induction(relation: Relation, session: Session) -> list[Display] | None:
    """The displays that prove a bound on a row sum by induction over time; None where the relation is not of that kind.

    Fails  with `UnsolvedError` where a step of the induction does not close.
    """
    claim = _claim(relation, session)
    if claim is None:
        return None
    state, x = claim.state, claim.goal.wrt
    start = indices_of(x)[state.position]
    unit = next(i for i in indices_of(claim.goal.of) if is_index(i))
    t = session.index("tsr", free_symbols(relation.lhs) | free_symbols(relation.rhs))
    session.ranges[t] = Range(start + 1, state.end)
    with session.opened(claim.left) as ((column,), _):
        variable = put(x, {next(i for i in indices_of(x) if i not in (start,)): column})
        one_step = differentiated_step(state, state.at(t, (unit,)), variable, session).display(ONE_STEP)
        b, coefficient = linear_parts(one_step.end, state, t, (unit,), session)
    if b != 0:
        raise UnsolvedError("the bound needs a recurrence without a term of its own")
    displays = [one_step, _base(claim, start, session), _step(claim, t, coefficient, one_step.end, session)]
    session.ranges.pop(t)
    return displays


def _claim(relation: Relation, session: Session) -> Claim | None:
    left = relation.lhs
    if not isinstance(left, Sigma):
        return None
    with session.opened(left) as (_, body):
        if not isinstance(body, Abs) or not isinstance(body.args[0], D):
            return None
        goal = body.args[0]
        state = state_of(label_of(goal.of), session) if isinstance(goal.of, Indexed) else None
        if state is None or label_of(goal.wrt) != state.label or len(indices_of(goal.of)) != 2:
            return None
        return Claim(left, relation.rhs, goal, state)


def _base(claim: Claim, start: Expr, session: Session) -> Display:
    there = claim.at(start)
    proof = Proof(there.lhs, session)

    def same(term: Expr) -> Expr:
        return Mul(*(Delta(a, b) for a, b in zip(indices_of(term.of), indices_of(term.wrt), strict=True)))

    with session.opened(there.lhs) as ((j,), body):
        inside = Abs(same(body.args[0]))
        proof_body = Sigma.over(j, there.lhs.lo, there.lhs.hi, inside)
    proof.step("initial", proof_body, "the state itself")
    proof.line("the state itself")
    proof.step("sum-sift", tidied(proof.now, session))
    proof.line()
    if tidied(there.rhs, session) != proof.now:
        raise UnsolvedError("the bound does not hold at the start: ", proof.now, " against ", there.rhs)
    proof.step("arithmetic", there.rhs)
    proof.line("the bound there")
    return proof.display("Base of the induction, at the time ", start, ".")


def _step(claim: Claim, t: Symbol, coefficient: Coefficient, reached: Expr, session: Session) -> Display:
    there, before = claim.at(t), claim.at(t - 1)
    proof = Proof(there.lhs, session)
    with session.opened(there.lhs) as ((j,), body):
        run = session.ranges[j]
        variable = body.args[0].wrt
        m = session.index("mkl", free_symbols(reached))
        session.ranges[m] = run
        weight = coefficient((m,))
        earlier = D(claim.state.at(t - 1, (m,)), variable)
        whole = Sigma.over(m, run.lo, run.hi, weight * earlier)
        proof.step("recurrence", Sigma.over(j, run.lo, run.hi, Abs(whole)), "one step")
        proof.line("one step, as above")
        kept = _without_small_factors(weight, session)
        inner = Sigma.over(m, run.lo, run.hi, kept * Abs(earlier))
        proof.step("triangle", Sigma.over(j, run.lo, run.hi, inner), "triangle inequality")
        proof.line("triangle inequality, and factors of at most 1 dropped", sign="<=")
        swapped = Sigma.over(m, run.lo, run.hi, kept * Sigma.over(j, run.lo, run.hi, Abs(earlier)))
        proof.step("sum-swap", swapped, "exchange the sums")
        proof.line("exchange the sums")
        row_sum = Sigma.over(m, run.lo, run.hi, kept)
        session.ranges.pop(m)
    proof.step("hypothesis", before.rhs * row_sum, "the bound one step earlier")
    proof.line("the bound at ", Relation(t - 1, ">=", indices_of(claim.goal.wrt)[claim.state.position]), sign="<=")
    for fact in session.givens.facts:
        found = unify(fact.relation.lhs, row_sum, frozenset(fact.ranges)) if fact.relation.sign in ("<=", "=") else None
        if found is not None:
            proof.step("fact", before.rhs * put(fact.relation.rhs, found), "given")
            proof.line("since ", Relation(row_sum, fact.relation.sign, put(fact.relation.rhs, found)), sign="<=")
            break
    if tidied(proof.now / there.rhs, session) != S.One:
        raise UnsolvedError("the induction reached ", proof.now, " and not ", there.rhs)
    proof.step("arithmetic", there.rhs)
    proof.line("join the powers")
    return proof.display("Step of the induction, from ", t - 1, " to ", t, ".")


def _without_small_factors(weight: Expr, session: Session) -> Expr:
    """The absolute value of a coefficient without the factors that lie between -1 and 1."""
    kept = [f for f in Mul.make_args(weight) if not _is_small(f, session)]
    return Abs(Mul(*kept))


def _is_small(factor: Expr, session: Session) -> bool:
    low, high = bounds(factor, session)
    return low is not None and high is not None and low >= -1 and high <= 1
