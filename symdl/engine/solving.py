"""Solving equations for named unknowns: derivatives worked out first, then a polynomial or an exponential isolated."""

from __future__ import annotations

from sympy import Expr, Rational, S, exp, log, sqrt

from symdl.engine.algebra import Field, TooLargeError, generators
from symdl.engine.derive import closed
from symdl.engine.matching import rewrite
from symdl.engine.proof import Proof, finish, split_sums
from symdl.engine.session import Session, holds_derivative
from symdl.engine.tidy import names, tidied
from symdl.errors import UnsolvedError
from symdl.language import At, D, free_symbols, label_of, put
from symdl.problem import Derivation, Display, Relation, Task


def solve(session: Session) -> Derivation:
    """The derivation of a `Solve`: one equation for one unknown, its solutions, each put back and verified.

    Fails  with `UnsolvedError` for several equations, or where the unknown cannot be isolated.
    """
    problem, task = session.problem, session.task
    relation = task.relation
    if relation is None or relation.sign != "=":
        raise UnsolvedError("an equation is expected: a relation with the sign =")
    unknown = _unknown(task, relation, session)
    displays: list[Display] = []
    sides = [_worked_out(side, session, displays) for side in (relation.lhs, relation.rhs)]
    proof = Proof(relation.lhs - relation.rhs, session)
    proof.step("result", sides[0] - sides[1], "insert the derivatives")
    proof.line()
    finish(proof, [n for n in names(session) if not session.depends(n.head, unknown)])
    proof.step("sum-add", split_sums(proof.now, session))
    proof.line("split the sums")
    displays.append(proof.display("Bring everything to the left side."))
    roots = [tidied(r, session) for r in isolated(proof.now, unknown, session)]
    for root in roots:
        check = Proof(At(proof.now, unknown, root), session)
        check.step("put", put(proof.now, {unknown: root}), "put the solution in")
        check.line("put the solution in")
        check.step("arithmetic", tidied(check.now, session))
        check.line("simplify")
        displays.append(check.display("The solution ", Relation(unknown, "=", root), " satisfies the equation."))
    return Derivation(
        problem=problem,
        task=task,
        result=roots[0] if roots else S.EmptySet,
        displays=tuple(displays),
        lemmas=tuple(session.lemmas),
        assumes=tuple((r,) for r in session.obligations),
        solutions=tuple(Relation(unknown, "=", root) for root in roots),
    )


def _unknown(task: Task, relation: Relation, session: Session) -> Expr:
    if len(task.unknowns) == 1:
        return task.unknowns[0]
    if len(task.unknowns) > 1:
        raise UnsolvedError("several unknowns at once are not solved for; ask for one of them")
    if isinstance(relation.lhs, D):
        return relation.lhs.wrt
    raise UnsolvedError("name the unknown to solve for")


def _worked_out(side: Expr, session: Session, displays: list[Display]) -> Expr:
    if not holds_derivative(side):
        return side

    def visit(term: Expr) -> Expr | None:
        if isinstance(term, D):
            found, end, _ = closed(term, session)
            displays.extend(found)
            return end
        return None

    return rewrite(side, visit, session)


def isolated(equation: Expr, unknown: Expr, session: Session) -> list[Expr]:
    """The solutions of `equation = 0`, exact, in a fixed order."""
    try:
        ring = Field((equation, unknown))
        numerator, _ = ring.fraction(equation)
    except TooLargeError:
        raise UnsolvedError("the equation is too large") from None
    holding = [g for g in generators(equation) if _mentions(g, unknown, session)]
    if not holding:
        raise UnsolvedError(f"the equation does not contain {unknown}")
    if len(holding) > 1:
        raise UnsolvedError(f"{unknown} stands in {len(holding)} places that cannot be brought together")
    key = holding[0]
    at = ring.generators[key]
    powers: dict[int, Expr] = {}
    for monomial, c in numerator.to_dict().items():
        rest = tuple(0 if n == at else int(e) for n, e in enumerate(monomial))
        powers[int(monomial[at])] = powers.get(int(monomial[at]), S.Zero) + ring.term(c, rest)
    values = _roots(powers)
    return [_inverted(key, value, unknown, session, ring.roots.get(key, 1)) for value in values]


def _mentions(generator: Expr, unknown: Expr, session: Session) -> bool:
    return generator == unknown or label_of(unknown) in free_symbols(generator) or session.depends(generator, unknown)


def _roots(powers: dict[int, Expr]) -> list[Expr]:
    degree = max(powers)
    c = [powers.get(n, S.Zero) for n in range(degree + 1)]
    if degree == 1:
        return [-c[0] / c[1]]
    if degree == 2:
        discriminant = c[1] ** 2 - 4 * c[0] * c[2]
        if discriminant.is_Rational and discriminant < 0:
            return []
        if discriminant == 0:
            return [-c[1] / (2 * c[2])]
        root = sqrt(discriminant)
        return [(-c[1] - root) / (2 * c[2]), (-c[1] + root) / (2 * c[2])]
    if all(c[n] == 0 for n in range(1, degree)):
        value = -c[0] / c[degree]
        if degree % 2 and value.is_Rational:
            magnitude = abs(value) ** Rational(1, degree)
            return [magnitude if value > 0 else -magnitude]
    raise UnsolvedError(f"an equation of degree {degree} is not solved in closed form")


def _inverted(key: Expr, value: Expr, unknown: Expr, session: Session, root: int) -> Expr:
    """The unknown from the value of the generator that holds it."""
    if key == unknown:
        return value
    if isinstance(key, exp):
        session.oblige(Relation(value, ">", S.Zero))
        inner = root * log(value)
        return isolated(key.args[0] - inner, unknown, session)[0]
    if isinstance(key, log):
        return isolated(key.args[0] - exp(value), unknown, session)[0]
    raise UnsolvedError(f"{unknown} cannot be isolated in {key}")
