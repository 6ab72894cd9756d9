"""Solving equations for named unknowns: derivatives worked out first, then a polynomial or an exponential isolated."""

from __future__ import annotations

from sympy import Add, Expr, Rational, S, exp, log, sqrt

from symdl.engine.algebra import Field, TooLargeError, expanded, generators
from symdl.engine.derive import unfolded
from symdl.engine.folding import names
from symdl.engine.linear import System, in_matrix_notation, system_of, verified
from symdl.engine.meeting import by_definition
from symdl.engine.proof import Proof, finish, split_sums
from symdl.engine.session import Session
from symdl.engine.show import without_derivatives
from symdl.engine.signs import is_nonnegative, is_nonzero, is_positive
from symdl.engine.tidy import tidied
from symdl.engine.unify import unify
from symdl.errors import UnsolvedError
from symdl.language import At, D, free_symbols, label_of, put
from symdl.problem import Derivation, Display, Relation, Task, Text


def solve(session: Session) -> Derivation:
    """The derivation of a `Solve` for one unknown: its solutions, each put back and verified.

    Fails  with `UnsolvedError` where the unknown cannot be isolated.
    """
    problem, task = session.problem, session.task
    relation = task.relation
    if relation is None or relation.sign != "=":
        raise UnsolvedError("an equation is expected: a relation with the sign =")
    unknown = _unknown(task, relation)
    displays: list[Display] = []
    proof = left_side(relation, (unknown,), session, displays)
    try:
        roots = isolated(proof.now, unknown, session)
    except UnsolvedError:
        system = system_of(proof.now, unknown, session)
        if system is None:
            raise
        return _solved_for_a_vector(system, proof, displays, session)
    intro = () if relation.rhs == 0 else ("Bring everything to the left side.",)
    if proof.lines:
        displays.append(proof.display(*intro))
    roots = [r for r in dict.fromkeys(tidied(r, session) for r in roots) if admitted(r, unknown, session)]
    if not roots:
        raise UnsolvedError("no real ", unknown, " solves the equation under the given facts")
    for root in roots:
        check = Proof(At(proof.now, unknown, root), session)
        check.step("put", put(proof.now, {unknown: root}), "put the solution in")
        check.line("put the solution in")
        check.step("arithmetic", tidied(check.now, session))
        check.line("simplify")
        displays.append(check.display(*_solution(proof.now, Relation(unknown, "=", root), len(roots))))
    return Derivation(
        problem=problem,
        task=task,
        result=roots[0] if roots else S.EmptySet,
        displays=tuple(displays),
        lemmas=session.new_lemmas,
        assumes=tuple((r,) for r in session.obligations),
        solutions=tuple(Relation(unknown, "=", root) for root in roots),
    )


def _solution(left: Expr, solution: Relation, count: int) -> Text:
    """How a solution of `left = 0` is led in: the only one follows from the equation, of several each satisfies it."""
    if count > 1:
        return "With ", solution, " the equation holds:"
    return "The equation ", Relation(left, "=", S.Zero), " gives ", solution, "."


def _solved_for_a_vector(system: System, proof: Proof, displays: list[Display], session: Session) -> Derivation:
    """The derivation of the solution of a linear system, which the inverse of its matrix gives."""
    proof.step("unfold", unfolded(proof.now, session), "put the definitions in")
    proof.line()
    proof.step("result", system.scale * (system.applied(system.unknown) - system.right))
    proof.line("sorted by ", system.unknown)
    _require_nonzero(system.scale.as_coeff_Mul()[1], session)
    _require_nonzero(system.determinant, session)
    return Derivation(
        problem=session.problem,
        task=session.task,
        result=system.solution.rhs,
        displays=(*displays, proof.display(), verified(system, session)),
        lemmas=session.new_lemmas,
        assumes=tuple((r,) for r in session.obligations),
        solutions=(system.solution,),
        matrix=in_matrix_notation(system, session),
    )


def left_side(relation: Relation, unknowns: tuple[Expr, ...], session: Session, displays: list[Display]) -> Proof:
    """The chain that brings an equation to the form `left = 0` in which its first unknown can be isolated."""
    sides = [without_derivatives(side, session, displays) for side in relation.sides]
    proof = Proof(relation.lhs - relation.rhs, session)
    proof.step("result", sides[0] - sides[1], "insert the derivatives")
    proof.line()
    if not set(unknowns) & set(generators(proof.now)):
        proof.step("unfold", unfolded(proof.now, session), "put the definitions in")
        proof.line()
    finish(proof, [n for n in names(session) if not any(session.depends(n.head, u) for u in unknowns)])
    if not any(_is_isolable(proof.now, u, session) for u in unknowns):
        proof.step("sum-add", split_sums(proof.now, session))
        proof.line("split the sums")
    return proof


def _is_isolable(equation: Expr, unknown: Expr, session: Session) -> bool:
    try:
        return bool(isolated(equation, unknown, session))
    except UnsolvedError:
        return False


def _unknown(task: Task, relation: Relation) -> Expr:
    if len(task.unknowns) == 1:
        return task.unknowns[0]
    if isinstance(relation.lhs, D):
        return relation.lhs.wrt
    raise UnsolvedError("name the unknown to solve for")


def isolated(equation: Expr, unknown: Expr, session: Session) -> list[Expr]:
    """The real solutions of `equation = 0`, exact, in a fixed order.

    Fails  with `UnsolvedError` where the unknown cannot be isolated; the message says what stands in the way.
    """
    for form in (equation, by_definition(equation, session), _without_logarithms(equation, unknown, session)):
        holding = [g for g in generators(form) if _mentions(g, unknown, session)]
        if len(holding) == 1 and (holding[0] == unknown or isinstance(holding[0], exp | log)):
            return _isolated_in(form, holding[0], unknown, session)
    places = [g for g in generators(equation) if _mentions(g, unknown, session)]
    if not places:
        raise UnsolvedError("the equation does not contain ", unknown)
    raise UnsolvedError(unknown, f" stands in {len(places)} places that cannot be brought together")


def _isolated_in(equation: Expr, key: Expr, unknown: Expr, session: Session) -> list[Expr]:
    try:
        ring = Field((equation, unknown))
        numerator, _ = ring.fraction(equation)
    except TooLargeError:
        raise UnsolvedError("the equation is too large") from None
    at = ring.generators[key]
    powers: dict[int, Expr] = {}
    for monomial, c in numerator.to_dict().items():
        rest = tuple(0 if n == at else int(e) for n, e in enumerate(monomial))
        powers[int(monomial[at])] = powers.get(int(monomial[at]), S.Zero) + ring.term(c, rest)
    if len(powers) == 1:
        return [S.Zero] if key == unknown and 0 not in powers else []
    _require_nonzero(powers[max(powers)], session)
    found: list[Expr] = []
    for value in _roots(powers):
        found += _inverted(key, value, unknown, session, ring.roots.get(key, 1))
    return found


def _require_nonzero(lead: Expr, session: Session) -> None:
    """Note that what is divided by must not vanish, where that is not known."""
    if not lead.is_number and not is_nonzero(lead, session):
        session.oblige(Relation(lead, "!=", S.Zero))


def _without_logarithms(equation: Expr, unknown: Expr, session: Session) -> Expr:
    """An equation between logarithms with integer coefficients as one between products, by the exponential."""
    flat = expanded(equation)
    product, rest = S.One, S.Zero
    for term in Add.make_args(flat):
        c, m = term.as_coeff_Mul()
        if isinstance(m, log) and c.is_Integer and _mentions(m, unknown, session):
            product *= m.args[0] ** c
        else:
            rest += term
    if product == 1 or any(_mentions(g, unknown, session) for g in generators(rest)):
        return equation
    return product - exp(-rest)


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
        if c[1] == 0:
            root = sqrt(-c[0] / c[2])
            return [-root, root]
        root = sqrt(discriminant)
        return [(-c[1] - root) / (2 * c[2]), (-c[1] + root) / (2 * c[2])]
    if all(c[n] == 0 for n in range(1, degree)):
        value = -c[0] / c[degree]
        if degree % 2 and value.is_Rational:
            magnitude = abs(value) ** Rational(1, degree)
            return [magnitude if value > 0 else -magnitude]
    raise UnsolvedError(f"an equation of degree {degree} is not solved in closed form")


def _inverted(key: Expr, value: Expr, unknown: Expr, session: Session, root: int) -> list[Expr]:
    """The unknown from the value of the generator that holds it; none where that value is never taken."""
    if key == unknown:
        return [value]
    if isinstance(key, exp):
        if is_positive(-value, session) or value.is_zero:
            return []
        if not is_positive(value, session):
            session.oblige(Relation(value, ">", S.Zero))
        return isolated(key.args[0] - root * log(value), unknown, session)
    return isolated(key.args[0] - exp(value), unknown, session)


def admitted(root: Expr, unknown: Expr, session: Session) -> bool:
    """Whether a solution fits the facts, as far as its sign shows."""
    for fact in session.givens.facts:
        relation = fact.relation
        for side, other, sign in (
            (relation.lhs, relation.rhs, relation.sign),
            (relation.rhs, relation.lhs, FLIPPED.get(relation.sign, "=")),
        ):
            if unify(side, unknown, frozenset(fact.ranges)) is None or sign not in FLIPPED:
                continue
            above = root - other if sign in (">", ">=") else other - root
            if is_positive(-above, session) or (sign in (">", "<") and is_nonnegative(-above, session)):
                return False
    return True


FLIPPED: dict[str, str] = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
"""The sign of a relation read from the right."""
