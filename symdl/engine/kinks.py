"""Equations with kinks in them, max(0, x) = (x + |x|)/2: shown on each side of every kink."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from sympy import Abs, Add, Expr, Mul, S

from symdl.engine.derive import unfolded
from symdl.engine.matching import rewrite
from symdl.engine.meeting import brought_to, by_definition
from symdl.engine.proof import Proof
from symdl.engine.session import Session
from symdl.engine.signs import is_positive
from symdl.engine.tidy import normal
from symdl.language import Maximum, Minimum, Step, holds_derivative, is_quantity, put, quantities, subterms
from symdl.problem import Display, Relation, Symbolic

MAX_KINKS = 2
"""How many kinks are told apart at most: each doubles the number of cases."""

SIDES: tuple[Symbolic, ...] = (">", "<=")
"""What is told apart of most kinks: at the kink itself, what holds below it does too."""

THREE: tuple[Symbolic, ...] = (">", "<", "=")
"""What is told apart where an indicator jumps as soon as one is below the kink."""


def by_cases(relation: Relation, session: Session) -> list[Display] | None:
    """One display for each case of which side of its kinks an equation is on; None where there is none, or one fails.

    The kinks are those of absolute values, of the larger or smaller of two, and of indicators of what is positive.
    """
    if any(map(holds_derivative, relation.sides)):
        return None
    left, right = (by_definition(unfolded(side, session), session, keep=Abs) for side in relation.sides)
    kinks = _kinks((left, right), session)
    if not 0 < len(kinks) <= MAX_KINKS:
        return None
    displays: list[Display] = []
    for signs in product(*(_sides(kink, (left, right), session) for kink in kinks)):
        case = dict(zip(kinks, signs, strict=True))
        where = tuple(Relation(kinks[kink][0], sign, kinks[kink][1]) for kink, sign in case.items())
        proof = Proof(relation.lhs, session)
        proof.step("unfold", left, "put the definitions in")
        proof.line()
        proof.step("case", _beside(left, case, session))
        proof.line("as ", where[0], *(part for more in where[1:] for part in (" and ", more)))
        if not brought_to(_beside(right, case, session), proof):
            return None
        proof.step("case", relation.rhs)
        proof.line("the right side in this case")
        displays.append(proof.display(conditions=where))
    return displays


def _kinks(sides: tuple[Expr, Expr], session: Session) -> dict[Expr, tuple[Expr, Expr]]:
    """What changes its sign at each kink, without positive factors, with two expressions that are equal there."""
    found: dict[Expr, tuple[Expr, Expr]] = {}
    for term in (t for side in sides for t in subterms(side)):
        pair = _ends(term)
        if pair is not None and _known(pair[0] - pair[1], found, session) is None:
            gap = pair[0] - pair[1]
            signed = Mul(*(f for f in Mul.make_args(gap) if not is_positive(f, session)))
            found[signed] = pair if signed == gap else (signed, S.Zero)
    return found


def _ends(term: Expr) -> tuple[Expr, Expr] | None:
    """The two expressions that are equal at the kink of a term; a zero comes second."""
    if isinstance(term, Abs) or (isinstance(term, Step) and term.args[1] == 0):
        return term.args[0], S.Zero
    if isinstance(term, Maximum | Minimum) and len(term.args) == 2:
        a, b = sorted(term.args, key=lambda x: x == 0)
        return a, b
    return None


def _known(gap: Expr, kinks: Iterable[Expr], session: Session) -> tuple[Expr, bool] | None:
    """The kink at which this difference changes its sign, and whether it has the same sign there."""
    for kink in kinks:
        ratio = normal(gap / kink, session)
        for is_same, factor in ((True, ratio), (False, -ratio)):
            if is_positive(factor, session):
                return kink, is_same
    return None


def _sides(kink: Expr, sides: Sequence[Expr], session: Session) -> tuple[Symbolic, ...]:
    """What is told apart of a kink."""
    gaps = (t.args[0] for side in sides for t in subterms(side) if isinstance(t, Step) and _ends(t) is not None)
    return THREE if any(_known(gap, (kink,), session) == (kink, False) for gap in gaps) else SIDES


def _beside(side: Expr, case: Mapping[Expr, Symbolic], session: Session) -> Expr:
    """A side where the difference at each kink has the sign that the case says."""

    def visit(term: Expr) -> Expr | None:
        pair = _ends(term)
        known = _known(pair[0] - pair[1], case, session) if pair is not None else None
        if pair is None or known is None:
            return None
        a, b = (rewrite(end, visit, session) for end in pair)
        kink, is_same = known
        is_first_larger = case[kink] != "=" and (case[kink] == ">") == is_same
        if isinstance(term, Step):
            return S.One if is_first_larger else S.Zero
        if isinstance(term, Abs):
            return a if is_first_larger else -a
        return a if is_first_larger == isinstance(term, Maximum) else b

    beside = rewrite(side, visit, session)
    for kink in (k for k, sign in case.items() if sign == "="):
        beside = _at(beside, kink)
    return beside


def _at(side: Expr, kink: Expr) -> Expr:
    """A side with what a quantity is where the difference at a kink is 0, if it has a term that is one."""
    for gap in (kink, -kink):
        for term in Add.make_args(gap):
            if is_quantity(term) and term not in quantities(gap - term):
                found = put(side, {term: term - gap})
                return side if found.has(S.ComplexInfinity, S.NaN) else found
    return side
