"""Members of families of symbolic size: fresh ones, their values put in, and paragraphs about them."""

from __future__ import annotations

from sympy import Expr, Indexed, S, Symbol

from symdl.engine.derive import unfolded
from symdl.engine.proof import Proof, finish, use_known_sums
from symdl.engine.session import Session
from symdl.language import (
    Sigma,
    free_symbols,
    fresh_index,
    indices_of,
    label_of,
    put,
)
from symdl.problem import Display, Range, Relation


def generic(label: Symbol, session: Session) -> tuple[Expr, dict[Symbol, Range]]:
    """A member with fresh index letters, which range from now on, and their ranges."""
    member, new = session.generic(label, set(session.ranges))
    session.ranges.update(new)
    return member, new


def says(*words: str | Expr | Relation) -> Display:
    """A paragraph between the displays."""
    return Display(S.Zero, (), {}, words)


def with_value(expr: Expr, label: Symbol, value: Expr, new: dict[Symbol, Range]) -> Expr:
    """`expr` with every member of the family replaced by its value, inside sums too."""
    letters = tuple(new)

    def at(member: Expr) -> Expr:
        return put(value, dict(zip(letters, indices_of(member), strict=True)))

    if isinstance(expr, Sigma):
        i = fresh_index("ijklmn", free_symbols(expr) | free_symbols(value))
        return Sigma.over(i, expr.lo, expr.hi, with_value(expr.open(i), label, value, new))
    if expr == label and not new:
        return value
    if isinstance(expr, Indexed) and label_of(expr) == label:
        return at(expr)
    if not expr.args or isinstance(expr, Indexed):
        return expr
    return expr.func(*(with_value(a, label, value, new) for a in expr.args))


def value_at(goal: Expr, label: Symbol, value: Expr, new: dict[Symbol, Range], session: Session) -> Expr:
    return value_shown(goal, label, value, new, session)[0]


def value_shown(
    goal: Expr, label: Symbol, value: Expr, new: dict[Symbol, Range], session: Session
) -> tuple[Expr, Display | None]:
    """The value, and the chain to it from the function with the values put in; None where there is nothing to do."""
    proof = Proof(with_value(unfolded(goal, session), label, value, new), session)
    use_known_sums(proof)
    finish(proof, [])
    return proof.now, proof.display("The value there, every member put in:") if proof.lines else None


def name_of(member: Expr) -> str:
    below = ",".join(str(i) for i in indices_of(member))
    return f"{label_of(member)}_{below}" if len(below) == 1 else f"{label_of(member)}_{{{below}}}"
