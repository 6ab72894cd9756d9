"""Bringing an expression into the form a reader wants: fractions cancelled and what is known put in, while it helps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from sympy import Abs, Add, Expr, Indexed, Mul, Pow, S, cos, cosh

from symdl.engine.contraction import Move, contract, rebind_body
from symdl.engine.cost import cost
from symdl.engine.forms import lowest
from symdl.engine.matching import rewrite, use
from symdl.engine.session import Session
from symdl.engine.signs import is_positive
from symdl.engine.unify import unify
from symdl.language import (
    Binder,
    Cases,
    Chain,
    D,
    Delta,
    Prod,
    Sigma,
    Step,
    free_symbols,
    fresh_index,
    kinds,
    label_of,
    put,
)
from symdl.problem import Fact, Relation

QUOTIENTS = ("tanh-quotient", "tan-quotient")
"""Laws that make one function of a quotient of two."""


def best(e: Expr, session: Session) -> Expr:
    """The cheapest way found to write `e`; `e` itself where nothing is cheaper."""
    ways = [e]
    if isinstance(e, (Add, Mul, Pow)):
        ways += lowest(e)
    if isinstance(e, Add):
        ways += _merged(e, session)
    return min(ways, key=cost)


def _merged(e: Expr, session: Session) -> list[Expr]:
    """`e` with sums over one range joined, where it has several."""
    runs: dict[tuple[Expr, Expr], list[Expr]] = {}
    rest = []
    for term in e.args:
        sums = [f for f in Mul.make_args(term) if isinstance(f, Sigma)]
        if len(sums) == 1:
            runs.setdefault((sums[0].lo, sums[0].hi), []).append(term)
        else:
            rest.append(term)
    if all(len(terms) == 1 for terms in runs.values()):
        return []
    joined = list(rest)
    for (lo, hi), terms in runs.items():
        if len(terms) == 1:
            joined += terms
            continue
        shell = Sigma(lo, hi, S.One)
        with session.opened(shell) as ((i,), _):
            body = S.Zero
            for term in terms:
                inner = next(f for f in Mul.make_args(term) if isinstance(f, Sigma))
                body += term / inner * inner.open(i)
            joined.append(Sigma.over(i, lo, hi, min([body, *lowest(body)], key=cost)))
    return [_pulled(Add(*joined), session)]


def _pulled(e: Expr, session: Session) -> Expr:
    for move in contract(e, session):
        if move.law in ("sum-factor", "product-factor", "sum-constant", "product-constant"):
            e = move.after
    return e


def normal(e: Expr, session: Session) -> Expr:
    """`e` with every part written the cheapest way, from the inside out."""
    if not e.args or isinstance(e, (Indexed, Chain)) or e in session.denominators:
        return e
    if isinstance(e, Binder):
        return rebind_body(e, session, lambda body: normal(body, session))
    if isinstance(e, D):
        return e.func(normal(e.of, session), e.wrt)
    args = [normal(a, session) for a in e.args]
    rebuilt = e if all(a is b for a, b in zip(args, e.args, strict=True)) else e.func(*args)
    return best(rebuilt, session) if isinstance(rebuilt, (Add, Mul, Pow)) else rebuilt


def tidy(expr: Expr, session: Session) -> Iterator[Move]:
    """Contraction and cancelling until nothing changes."""
    for _ in range(12):
        before = expr
        for move in contract(expr, session):
            yield move
            expr = move.after
        for law in QUOTIENTS:
            if kinds(expr).isdisjoint((cosh, cos)):
                break
            after = rewrite(expr, partial(_quotient_of_functions, law=law, session=session), session)
            if after != expr:
                yield Move(law, after)
                expr = after
        after = session.once(_arithmetic, expr)
        if after != expr and cost(after) < cost(expr):
            yield Move("arithmetic", after)
            expr = after
        if expr == before:
            return


def _arithmetic(expr: Expr, session: Session) -> Expr:
    return normal(_absorbed(_indicators(expr, session), session), session)


def _quotient_of_functions(term: Expr, law: str, session: Session) -> Expr | None:
    """A product in which one factor over another is the left side of a law: sinh(u)/cosh(u) is tanh(u)."""
    if not isinstance(term, Mul):
        return None
    for below in term.args:
        if isinstance(below, Pow) and below.exp == -1:
            for above in term.args:
                value = use(session.by_id[law], above * below, session) if above != below else None
                if value is not None:
                    return term / above / below * value
    return None


def tidied(expr: Expr, session: Session) -> Expr:
    """Where `tidy` ends."""
    return session.once(_tidied, expr)


def _tidied(expr: Expr, session: Session) -> Expr:
    for move in tidy(expr, session):
        expr = move.after
    return expr


def _indicators(expr: Expr, session: Session) -> Expr:
    """Indicators and absolute values that ranges or facts decide, and case splits that are indicators themselves."""

    def visit(term: Expr) -> Expr | None:
        if isinstance(term, Step):
            if session.at_least(term.u, 1 - term.at_zero):
                return S.One
            if session.at_least(-term.u, term.at_zero):
                return S.Zero
        if isinstance(term, (Abs, Step)) and is_positive(term.args[0], session):
            return term.args[0] if isinstance(term, Abs) else S.One
        if isinstance(term, Cases) and len(term.branches) == 1 and term.otherwise == 0:
            value, condition = term.branches[0]
            if isinstance(condition, (Step, Delta)):
                return rewrite(value, visit, session) * condition
        if isinstance(term, Cases) and len(term.branches) == 1 and term.branches[0][0] == 0 and term.otherwise == 1:
            condition = term.branches[0][1]
            return Step(-condition.u, 1 - condition.at_zero) if isinstance(condition, Step) else 1 - condition
        if isinstance(term, Chain) and term.lo == term.hi:
            return term.open(term.lo, term.row, term.column)
        return None

    return rewrite(expr, visit, session, frozenset((Abs, Step, Cases, Chain)))


def _absorbed(expr: Expr, session: Session) -> Expr:
    """Products that take in the neighbouring factor: f(lo - 1) times the product from lo is the product from lo - 1."""

    if Prod not in kinds(expr):
        return expr

    def visit(term: Expr) -> Expr | None:
        if not isinstance(term, Mul):
            return None
        term = Mul(*(rewrite(f, visit, session) for f in term.args))
        for product in term.args if isinstance(term, Mul) else ():
            if isinstance(product, Prod):
                rest = term / product
                for at, lo, hi in (
                    (product.lo - 1, product.lo - 1, product.hi),
                    (product.hi + 1, product.lo, product.hi + 1),
                ):
                    edge = product.open(at)
                    if not all(f in Mul.make_args(rest) for f in Mul.make_args(edge)):
                        continue
                    with session.opened(product) as ((i,), body):
                        return rest / edge * Prod.over(i, lo, hi, body)
        return term

    return rewrite(expr, visit, session)


def closed_sums(expr: Expr, session: Session) -> Iterator[tuple[Relation, Expr]]:
    """Sums over a whole named family that its definition makes a number: the probabilities of a softmax add to 1."""
    for _ in range(8):
        known: list[Relation] = []

        def visit(term: Expr, known: list[Relation] = known) -> Expr | None:
            if not isinstance(term, Sigma) or known:
                return None
            value = _number_of(term, session)
            if value is None:
                return None
            known.append(Relation(term, "=", value))
            return value

        expr = rewrite(expr, visit, session, frozenset((Sigma,)))
        if not known:
            return
        yield known[0], expr


def _number_of(total: Expr, session: Session) -> Expr | None:
    """The number that a sum over a named family is, by the family's definition."""
    with session.opened(total) as ((i,), body):
        if not isinstance(body, Indexed) or session.is_recurrent(label_of(body)):
            return None
        unfolded = session.body(body)
        if unfolded is None:
            return None
        value = tidied(Sigma.over(i, total.lo, total.hi, unfolded), session)
    return value if value.is_number else None


def apply_facts(expr: Expr, session: Session) -> Iterator[tuple[Fact, Expr]]:
    """Uses of the given equalities, each with what the expression becomes."""
    for given in session.givens.facts:
        relation = given.relation
        if relation.lhs.is_number:
            relation = Relation(relation.rhs, relation.sign, relation.lhs)
        if isinstance(relation.lhs, Pow) and relation.lhs.exp == S.Half and relation.rhs.is_nonnegative:
            relation = Relation(relation.lhs.base, relation.sign, relation.rhs**2)
        if relation.sign != "=" or isinstance(relation.lhs, Add) or relation.lhs.is_number:
            continue
        instance = _mirrored if is_mirror(relation) else _instance
        for known in (relation, *_exchanged(relation)):
            fact = replace(given, relation=known)
            visit = partial(instance, fact=fact, session=session)
            new = rewrite(expr, visit, session, frozenset((type(known.lhs),)))
            if new != expr:
                yield fact, new
                expr = new


def _exchanged(relation: Relation) -> Iterator[Relation]:
    """What is known of a double sum over a rectangle, with its sums in the other order."""
    outer = relation.lhs
    if not isinstance(outer, Sigma):
        return
    i = fresh_index("ijklmn", free_symbols(relation.lhs))
    inner = outer.open(i)
    if isinstance(inner, Sigma) and i not in free_symbols(inner.lo) | free_symbols(inner.hi):
        j = fresh_index("ijklmn", free_symbols(relation.lhs) | {i})
        other = Sigma.over(i, outer.lo, outer.hi, inner.open(j))
        yield Relation(Sigma.over(j, inner.lo, inner.hi, other), relation.sign, relation.rhs)


def is_mirror(relation: Relation) -> bool:
    """Whether an equation says of a family that the order of its indices does not matter."""
    lhs, rhs = relation.sides
    is_family = isinstance(lhs, Indexed) and isinstance(rhs, Indexed) and lhs.base == rhs.base
    return is_family and lhs != rhs and set(lhs.args) == set(rhs.args)


def mirrored(expr: Expr, session: Session) -> Expr:
    """An expression with the indices of all symmetric families in one order."""
    for fact in session.givens.facts:
        if fact.relation.sign == "=" and is_mirror(fact.relation):
            visit = partial(_mirrored, fact=fact, session=session)
            expr = rewrite(expr, visit, session, frozenset((Indexed,)))
    return expr


def _mirrored(term: Expr, fact: Fact, session: Session) -> Expr | None:
    """An entry of a symmetric family with the letters of the task before those of sums."""
    new = _instance(term, fact, session)
    asked = session.task.ranges

    def order(entry: Expr) -> list[tuple[bool, str]]:
        return [(x not in asked, str(x)) for x in entry.args[1:]]

    return new if new is not None and order(new) < order(term) else None


def _instance(term: Expr, fact: Fact, session: Session) -> Expr | None:
    lhs, rhs, letters = fact.relation.lhs, fact.relation.rhs, frozenset(fact.ranges)
    if term.func is not lhs.func:
        return None
    found = unify(lhs, term, letters)
    return None if found is None or letters - found.keys() else put(rhs, found)
