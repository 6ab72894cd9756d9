"""Taking logarithms apart: of products, quotients, powers, and of quantities that are products."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Add, Expr, Mul, log

from symdl.engine.contraction import Move
from symdl.engine.forms import lowest
from symdl.engine.matching import everywhere, rewrite
from symdl.engine.session import Session
from symdl.language import Prod, is_quantity, kinds

LAWS = ("log-quotient", "log-product", "log-power", "log-of-product")


def split(expr: Expr, session: Session) -> Iterator[Move]:
    """Moves that take every logarithm in `expr` apart."""
    for _ in range(20):
        if log not in kinds(expr):
            return
        for law in LAWS:
            after = everywhere(session.by_id[law], expr, session)
            if after != expr:
                yield Move(law, after)
                expr = after
                break
        else:
            return


def single_fractions(expr: Expr, session: Session) -> Expr:
    """Every logarithm of a sum with denominators as that of one fraction."""

    def visit(term: Expr) -> Expr | None:
        if not isinstance(term.args[0], Add):
            return None
        single = next(iter(lowest(term.args[0])), term.args[0])
        return log(single) if isinstance(single, Mul) else None

    return rewrite(expr, visit, session, frozenset((log,)))


def likelihoods_opened(expr: Expr, session: Session) -> Expr:
    """The logarithm of a quantity that is defined as a product over an index, with the definition put in."""

    def visit(term: Expr) -> Expr | None:
        inner = term.args[0]
        body = session.body(inner) if is_quantity(inner) else None
        return log(body) if body is not None and Prod in kinds(body) else None

    return rewrite(expr, visit, session, frozenset((log,)))
