"""Between which values an expression lies, and bounding a product by its factors."""

from __future__ import annotations

from fractions import Fraction

from sympy import Abs, Add, Expr, Mul, Pow, S

from symdl.engine import algebra
from symdl.engine.matching import rewrite
from symdl.engine.proof import Proof
from symdl.engine.session import Session
from symdl.errors import UnsolvedError
from symdl.language import Prod, Step, is_quantity
from symdl.language.functions import by_head

Interval = tuple[Fraction | None, Fraction | None]

ANYTHING: Interval = (None, None)


def bounds(expr: Expr, session: Session, depth: int = 12) -> Interval:
    """An interval that holds every value of `expr`; None stands for no bound on that side."""
    if depth == 0:
        return ANYTHING
    if expr.is_Rational:
        value = Fraction(int(expr.p), int(expr.q))
        return value, value
    if is_quantity(expr):
        body = session.body(expr)
        return bounds(body, session, depth - 1) if body is not None else ANYTHING
    if isinstance(expr, Step):
        return Fraction(0), Fraction(1)
    if isinstance(expr, Abs):
        return Fraction(0), _largest(bounds(expr.args[0], session, depth - 1))
    if isinstance(expr, Add):
        parts = [bounds(a, session, depth - 1) for a in expr.args]
        return _total([p[0] for p in parts]), _total([p[1] for p in parts])
    if isinstance(expr, Mul):
        found: Interval = (Fraction(1), Fraction(1))
        for factor in expr.args:
            found = _times(found, bounds(factor, session, depth - 1))
        return found
    if isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp > 0:
        inner = bounds(expr.base, session, depth - 1)
        if int(expr.exp) % 2 == 0:
            top = _largest(inner)
            return Fraction(0), None if top is None else top ** int(expr.exp)
    if isinstance(expr, Pow) and expr.exp == -1:
        low, high = bounds(expr.base, session, depth - 1)
        if low is not None and low > 0:
            return (Fraction(0) if high is None else 1 / high), 1 / low
    record = by_head().get(type(expr))
    if record is not None and record.bounds != (None, None):
        return _fraction(record.bounds[0]), _fraction(record.bounds[1])
    if record is not None and record.definition is not None:
        return bounds(record.definition(*expr.args), session, depth - 1)
    return ANYTHING


def bounded(proof: Proof, rhs: Expr) -> None:
    """Bring a chain below `rhs`: absolute values into products, then products of factors of at most 1 dropped.

    Fails  with `UnsolvedError` where what is left is not the right side.
    """
    session, start = proof.session, proof.now
    proof.step("absolute", rewrite(proof.now, _absolute, session), "absolute value of a product")
    proof.line("absolute values, factor by factor")

    def visit(term: Expr) -> Expr | None:
        if isinstance(term, Prod):
            with session.opened(term) as (_, body):
                low, high = bounds(body, session)
            return S.One if low is not None and high is not None and low >= 0 and high <= 1 else None
        return None

    proof.step("bound", rewrite(proof.now, visit, session), "every factor lies between 0 and 1")
    proof.line("every factor of the product lies between 0 and 1", sign="<=")
    if proof.now == start != rhs:
        raise UnsolvedError("it was not found why ", start, " would be at most ", rhs)
    if proof.now != rhs and not algebra.equal(proof.now, rhs):
        raise UnsolvedError("the left side was bounded by ", proof.now, ", which was not recognised as the right side")
    proof.step("arithmetic", rhs)
    proof.line()


def _absolute(term: Expr) -> Expr | None:
    if isinstance(term, Abs) and isinstance(term.args[0], Prod):
        product = term.args[0]
        return Prod(product.lo, product.hi, Abs(product.body))
    return None


def _fraction(value: int | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _largest(inside: Interval) -> Fraction | None:
    low, high = inside
    return None if low is None or high is None else max(abs(low), abs(high))


def _total(parts: list[Fraction | None]) -> Fraction | None:
    total = Fraction(0)
    for part in parts:
        if part is None:
            return None
        total += part
    return total


def _times(a: Interval, b: Interval) -> Interval:
    if a[0] is not None and a[1] is not None and b[0] is not None and b[1] is not None:
        ends = [x * y for x in a for y in b if x is not None and y is not None]
        return min(ends), max(ends)
    if a[0] is not None and b[0] is not None and a[0] >= 0 and b[0] >= 0:
        return a[0] * b[0], None
    if a == (Fraction(1), Fraction(1)):
        return b
    if a == (Fraction(-1), Fraction(-1)):
        return (None if b[1] is None else -b[1]), (None if b[0] is None else -b[0])
    return ANYTHING
