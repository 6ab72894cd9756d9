"""Bringing the two sides of an equation together: what is tried on a side, in order, until it is the other."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Add, Expr, Integer, Mul

from symdl.engine import algebra, logarithms
from symdl.engine.derive import unfolded
from symdl.engine.matching import everywhere, rewrite, use
from symdl.engine.proof import Proof, finish, split_sums
from symdl.engine.session import Session
from symdl.engine.tidy import mirrored, normal, tidied
from symdl.errors import UnsolvedError
from symdl.language import Prod, Sigma
from symdl.language.functions import by_head

TERMS = 200
"""A sum or product with more terms than this is not written out on numbers."""

FEW = 8
"""Sums and products of more terms than this are not written out to bring two sides together."""

MAX_LEAVES = 256
"""Nor are they where more numbers and letters than this would stand there."""


def brought_to(rhs: Expr, proof: Proof) -> bool:
    """Whether the chain ends at this side, to which it is brought where a way is known."""
    for advance in ADVANCES:
        advance(proof)
        _meet(proof, rhs)
        if proof.now == rhs:
            return True
    _meet_halfway(proof, rhs)
    return proof.now == rhs


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


def _sums_written_out(proof: Proof) -> None:
    if _leaves(proof.now) > MAX_LEAVES:
        return
    try:
        out = written_out(proof.now, proof.session, FEW)
    except UnsolvedError:
        return
    proof.step("unfold", out, "the sums written out")
    proof.line()
    finish(proof, [])


def _leaves(expr: Expr) -> int:
    """How many numbers and letters an expression holds, each counted as often as its sums and products repeat it."""
    count = max(1, sum(map(_leaves, expr.args)))
    if isinstance(expr, (Sigma, Prod)) and _is_numbered(expr):
        return count * max(1, int(expr.hi - expr.lo) + 1)
    return count


def _functions_unfolded(proof: Proof) -> None:
    proof.step("unfold", by_definition(proof.now, proof.session), "definitions of the functions")
    proof.line()
    finish(proof, [])


def by_definition(expr: Expr, session: Session, keep: type | None = None) -> Expr:
    """Named functions, but those to keep, replaced by their definitions, and hyperbolic ones by exponentials."""

    def visit(term: Expr) -> Expr | None:
        record = by_head().get(type(term))
        if record is None or type(term) is keep:
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
            proof.read_back(other)
            return


def written_out(expr: Expr, session: Session, most: int = TERMS) -> Expr:
    """Sums and products over numbers of terms written out.

    Fails  with `UnsolvedError` where one has more terms than `most`.
    """

    def visit(term: Expr) -> Expr | None:
        if isinstance(term, (Sigma, Prod)) and _is_numbered(term):
            if term.hi - term.lo >= most:
                raise UnsolvedError(f"a sum of more than {most} terms is not written out")
            parts = [written_out(term.open(Integer(n)), session, most) for n in range(int(term.lo), int(term.hi) + 1)]
            return Add(*parts) if isinstance(term, Sigma) else Mul(*parts)
        return None

    return rewrite(expr, visit, session)


def _is_numbered(term: Sigma | Prod) -> bool:
    """Whether it is a number how many terms are added or multiplied."""
    return bool(term.lo.is_Integer and term.hi.is_Integer)


ADVANCES: tuple[Callable[[Proof], None], ...] = (
    _simplified,
    _unfolded,
    _logarithms_split,
    _sums_split,
    _sums_closed,
    _sums_written_out,
    _functions_unfolded,
    _logarithms_split,
    _sums_split,
)
"""What is tried on a side, in order, until the two sides meet."""
