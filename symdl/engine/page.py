"""What a page shows beside the proof: the plan, the cases of a result, checks of it, and what it means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Add, Expr, Function, Integer, MatAdd, MatMul, S, Symbol, Transpose, exp

from symdl.engine.blocks import block_of
from symdl.engine.folding import names
from symdl.engine.matrices import matrix_form
from symdl.engine.proof import Proof, finish, use_known_sums
from symdl.engine.recurrences import is_next
from symdl.engine.session import Session
from symdl.engine.tidy import tidied
from symdl.language import (
    Chain,
    D,
    Delta,
    Prod,
    Sigma,
    free_symbols,
    holds_derivative,
    is_index,
    is_quantity,
    label_of,
    put,
    scalar,
    subterms,
)
from symdl.problem import Derivation, Ranges, Relation, Text


def present(derivation: Derivation, session: Session) -> Derivation:
    """The derivation with plan, cases, matrix form, checks and remarks."""
    task, result = derivation.task, derivation.result
    derivation = replace(derivation, matrix=matrix_form(task, result, session))
    return replace(
        derivation,
        plan=plan(task.goal, session),
        cases=tuple(cases(result, {**session.givens.positions, **task.ranges}, session)),
        checks=tuple(checks(derivation, session)),
        remarks=tuple(remarks(derivation, session)),
    )


def plan(goal: Expr, session: Session) -> Text:
    """The chain of dependence from the quantity to the variable, in words."""
    if not isinstance(goal, D):
        return ()
    of = goal.of.of if isinstance(goal.of, D) else goal.of
    if not is_quantity(of):
        return ()
    start, target = label_of(of), label_of(goal.wrt)
    if is_next(goal, session):
        return (of, " is one step from ", goal.wrt, ": differentiate that step; nothing else in it moves.")
    block = block_of(start, session)
    if block is not None and block.is_next(goal):
        return (of, " is one step from ", goal.wrt, ": differentiate that step, in which what follows from it moves.")
    if session.is_recurrent(start) and session.depends(of, goal.wrt):
        every = "every step from there on" if start == target else "every step"
        return (
            goal.wrt,
            f" acts in {every}: differentiate one step, unroll the recurrence, and prove the result by ",
            "induction over time.",
        )
    path = _longest_path(start, target, session)
    words: list[str | Expr | Relation] = []
    for n, label in enumerate(path):
        words += [" ← ", label] if n else [label]
    if len(path) <= 1:
        return ()
    if isinstance(goal.of, D):
        return ("Differentiate the first derivative once more; the dependence is still ", *words, ".")
    if len(path) == 2:
        return ("The dependence is ", *words, ": differentiate the definition directly.")
    return ("The dependence is ", *words, ": one step at a time, then the chain rule over all paths.")


def _longest_path(start: Symbol, target: Symbol, session: Session) -> list[Symbol]:
    best: list[Symbol] = []

    def visit(label: Symbol, path: list[Symbol]) -> None:
        nonlocal best
        if len(path) > 12:
            return
        if label == target:
            if len(path) > len(best):
                best = path
            return
        for inner in sorted(session.direct(label), key=str):
            if inner not in path and target in session.reach(inner, target):
                visit(inner, [*path, inner])

    visit(start, [start])
    return best


def cases(result: Expr, ranges: Ranges, session: Session) -> Iterator[tuple[Relation, Expr]]:
    """The result where two free indices agree and where they differ, if it says so by a delta."""
    deltas = sorted(
        (d for d in result.atoms(Delta) if all(is_index(a) for a in d.args) and _is_outside(d, result)), key=str
    )
    if len(deltas) != 1:
        return
    a, b = deltas[0].args
    if a not in ranges and b in ranges:
        a, b = b, a
    yield Relation(a, "=", b), tidied(put(result.xreplace({deltas[0]: S.One}), {a: b}), session)
    yield Relation(a, "!=", b), tidied(result.xreplace({deltas[0]: S.Zero}), session)


def _is_outside(delta: Expr, result: Expr) -> bool:
    return not any(isinstance(t, Sigma) and t.has(delta) for t in subterms(result))


def checks(derivation: Derivation, session: Session) -> Iterator[Text]:
    """Statements that follow from the result and can be verified at a glance."""
    task, result = derivation.task, derivation.result
    if len(task.indices) == 1 and isinstance(task.goal, D):
        ((i, run),) = task.indices
        total = Sigma.over(i, run.lo, run.hi, result)
        proof = Proof(total, session)
        use_known_sums(proof)
        finish(proof, names(session))
        if proof.now.is_number and total != 0:
            yield "The entries add up to a constant: ", Relation(total, "=", proof.now), "."
    for size in sorted((s for s in free_symbols(result) if s.is_positive and s.is_integer), key=str):
        if any(isinstance(t, (Prod, Chain)) for t in subterms(result)):
            only = {size: Integer(1)}
            only |= {i: put(r.lo, only) for i, r in task.indices if put(r.lo, only) == put(r.hi, only)}
            small = tidied(put(result, only), session)
            if small != result and not any(isinstance(t, (Sigma, Prod, Chain)) for t in subterms(small)):
                yield (
                    "For ",
                    Relation(size, "=", Integer(1)),
                    " the formula gives ",
                    small,
                    ", as one step does directly.",
                )


def remarks(derivation: Derivation, session: Session) -> Iterator[Text]:
    """What the form of the result means."""
    result, task = derivation.result, derivation.task
    if not isinstance(task.goal, D):
        return
    terms = Add.make_args(result)
    second = isinstance(task.goal.of, D)
    if result == 0:
        yield (task.goal.of, " does not depend on ", task.goal.wrt, ", so the derivative is zero.")
        return
    if second and _is_variance(derivation):
        v = scalar("v")
        yield (
            "As a quadratic form in a vector ",
            v,
            " this is the variance of ",
            v,
            " under these weights, so the matrix is positive semidefinite; it maps the vector of ones to zero: convex, "
            "but not strictly.",
        )
    elif len(terms) == 2 and not second:
        plus = [t for t in terms if is_quantity(t)]
        minus = [-t for t in terms if is_quantity(-t)]
        if len(plus) == len(minus) == 1:
            yield ("The derivative is the gap between ", plus[0], " and ", minus[0], ": it vanishes where they agree.")
    through_time = session.is_recurrent(label_of(goal_of(task.goal)))
    if through_time and any(isinstance(t, (Prod, Chain)) for t in subterms(result)):
        yield (
            "The product has one factor for each time step between cause and effect. Such products shrink or grow "
            "geometrically with the distance in time: gradients vanish or explode.",
        )
    yield from _what_it_needs(result, session)


def goal_of(goal: Expr) -> Expr:
    """What is differentiated, once or twice."""
    while isinstance(goal, D):
        goal = goal.of
    return goal


def _is_variance(derivation: Derivation) -> bool:
    """Whether the matrix form is diag(q) - q qᵀ."""
    form = derivation.matrix
    if form is None or not isinstance(form.value, MatAdd) or len(form.value.args) != 2:
        return False
    diagonal = [a for a in form.value.args if type(a).__name__ == "DiagMatrix"]
    outer = [a for a in form.value.args if isinstance(a, MatMul)]
    if len(diagonal) != 1 or len(outer) != 1:
        return False
    q = diagonal[0].args[0]
    return bool(outer[0] == MatMul(S.NegativeOne, q, Transpose(q)))


def _is_forward(quantity: Expr, session: Session) -> bool:
    """Whether a quantity is computed on the way to the loss: it is defined, and no slope that comes back."""
    body = session.body(quantity)
    return body is not None and not holds_derivative(body)


def _what_it_needs(result: Expr, session: Session) -> Iterator[Text]:
    """Which named quantities of the forward pass the result is made of, where it needs nothing else worked out."""
    if any(isinstance(t, Function | exp | D) for t in subterms(result)):
        return
    named = sorted({label_of(t) for t in subterms(result) if is_quantity(t) and _is_forward(t, session)}, key=str)
    if named:
        words: list[str | Expr | Relation] = []
        for n, label in enumerate(named):
            words += [", ", label] if n else [label]
        yield ("It needs only what the forward pass has already computed: ", *words, ".")
