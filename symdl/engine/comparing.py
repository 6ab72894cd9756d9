"""Bounds between two sides by what lies between them: logarithms and exponentials beside their tangents, or squares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Add, Dummy, Expr, Integer, Mul, Poly, Pow, Rational, S, Symbol, exp, log, sqrt
from sympy.polys.polyerrors import BasePolynomialError

from symdl.engine import logarithms
from symdl.engine.algebra import expanded
from symdl.engine.derive import unfolded
from symdl.engine.folding import names
from symdl.engine.forms import lowest
from symdl.engine.proof import Proof, finish, split_sums
from symdl.engine.session import Session
from symdl.engine.signs import is_nonnegative, is_positive
from symdl.engine.tidy import tidied
from symdl.language import Sigma, free_symbols, quantities, scalar
from symdl.problem import Display, Range, Relation, summed

Letters = tuple[tuple[Symbol, Range], ...]
"""The letters of nested sums, the outermost first."""

POWERS = (S.One, Integer(2))
"""The powers of what stands under a logarithm whose tangents are tried: of a width, and of its square, the variance."""
VARIABLES = 8
"""Squares are completed in no more variables than this."""


@dataclass(frozen=True)
class _Logarithm:
    """Σ weight · log u, the sums over `letters`."""

    weight: Expr
    u: Expr
    letters: Letters

    def replaced(self, value: Expr) -> Expr:
        """The same with another value in the place of the logarithm."""
        return summed(self.weight * value, self.letters)


def by_tangent(relation: Relation, session: Session) -> list[Display] | None:
    """The display of a bound between sides that differ by logarithms with positive weights; None for any others.

    Each logarithm is bounded by its tangent, log u <= u - 1, or that of a power of u; what remains has to vanish, or to
    be of the right sign.
    """
    if relation.sign not in ("<=", ">=") or relation.lhs.is_number:
        return None
    sign = 1 if relation.sign == "<=" else -1
    found = _logarithms(sign * (relation.lhs - relation.rhs), session)
    if found is None:
        return None
    means, rest = found
    for power in POWERS:
        raised = [_Logarithm(m.weight / power, m.u**power, m.letters) for m in means]
        display = _under_tangents(relation, raised, rest, session)
        if display is not None:
            return [display]
    return None


def _under_tangents(relation: Relation, means: Sequence[_Logarithm], rest: Expr, session: Session) -> Display | None:
    """The bound with every logarithm under its tangent; None where what remains has no sign, or the wrong one."""
    sign = 1 if relation.sign == "<=" else -1
    proof = Proof(relation.lhs, session)
    proof.step("unfold", relation.rhs + sign * Add(rest, *(m.replaced(log(m.u)) for m in means)))
    proof.line("the definitions, with the logarithms joined")
    u = scalar("u")
    weighted = (", with positive weights",) if any(m.weight != 1 for m in means) else ()
    # A logarithm and that of the reciprocal are bounded one after the other: together they would be one again.
    apart = any(a.u * b.u == 1 for a in means for b in means)
    for done in range(1, len(means) + 1) if apart else (len(means),):
        values = (m.replaced(m.u - 1 if n < done else log(m.u)) for n, m in enumerate(means))
        proof.step("tangent", relation.rhs + sign * Add(rest, *values))
        proof.line("since ", Relation(log(u), "<=", u - 1), *weighted, sign=relation.sign)
    finish(proof, [n for n in names(session) if n.head != relation.lhs])
    slack = tidied(sign * (relation.rhs - proof.now), session)
    if not is_nonnegative(slack, session):
        proof.step("unfold", unfolded(proof.now, session), "put the definitions in")
        proof.line()
        finish(proof, [])
        slack = tidied(sign * (relation.rhs - proof.now), session)
    if not is_nonnegative(slack, session):
        return None
    if slack == 0:
        proof.step("arithmetic", relation.rhs)
        proof.line()
    else:
        proof.step("sign", relation.rhs)
        proof.line("what is left out has one sign", sign=relation.sign)
    return proof.display()


def by_exponentials(relation: Relation, session: Session) -> list[Display] | None:
    """The display of a bound between sides that differ by exponentials with positive weights; None for any others.

    Each exponential lies above its tangent, e^u >= 1 + u; what remains has to vanish, or to be of the right sign.
    """
    if relation.sign not in ("<=", ">="):
        return None
    sign = 1 if relation.sign == "<=" else -1
    between = unfolded(sign * (relation.rhs - relation.lhs), session)
    lowered = [(letters, body, _lowered(body, session)) for letters, body in _apart(between, session)]
    slack = tidied(Add(*(summed(below, letters) for letters, _, below in lowered)), session)
    if all(below == body for _, body, below in lowered) or not is_nonnegative(slack, session):
        return None
    u = scalar("u")
    proof = Proof(relation.lhs, session)
    proof.step("unfold", relation.rhs - sign * between)
    proof.line("put the definitions in")
    proof.step("tangent", relation.rhs - sign * slack)
    proof.line("since ", Relation(exp(u), ">=", 1 + u), sign=relation.sign)
    proof.step("sign", relation.rhs)
    proof.line("what is left out is not negative", sign=relation.sign)
    return [proof.display()]


def _lowered(body: Expr, session: Session) -> Expr:
    """A sum with the tangent at 0 for each exponential that has a positive weight."""
    terms: list[Expr] = []
    for term in Add.make_args(expanded(body)):
        weight, power = term.as_independent(exp)
        is_bounded = isinstance(power, exp) and is_positive(weight, session)
        terms.append(weight * (1 + power.args[0]) if is_bounded else term)
    return Add(*terms)


def by_squares(relation: Relation, session: Session) -> list[Display] | None:
    """The display of a bound between sides that differ by a sum of squares; None for any others."""
    if relation.sign not in ("<=", ">=") or relation.lhs.is_number:
        return None
    sign = 1 if relation.sign == "<=" else -1
    squares: list[Expr] = []
    for letters, body in _apart(sign * (relation.rhs - relation.lhs), session):
        found = _completed(body, session)
        if found is None:
            return None
        squares.append(summed(found, letters))
    proof = Proof(relation.lhs, session)
    proof.step("squares", relation.rhs - sign * Add(*squares))
    proof.line("complete the square")
    proof.step("sign", relation.rhs)
    proof.line("a square is never negative", sign=relation.sign)
    return [proof.display()]


def by_sign(relation: Relation, session: Session) -> list[Display] | None:
    """The display of a bound between sides whose difference, as one fraction, shows its sign; None for any others."""
    if relation.sign not in ("<=", ">=", "<", ">") or relation.lhs.is_number:
        return None
    sign = 1 if relation.sign[0] == "<" else -1
    has_sign = is_nonnegative if relation.sign.endswith("=") else is_positive
    between = unfolded(sign * (relation.rhs - relation.lhs), session)
    whole = next((w for w in (*lowest(between), between) if has_sign(w, session)), None)
    if whole is None:
        return None
    proof = Proof(relation.lhs, session)
    proof.step("unfold", relation.rhs - sign * whole)
    proof.line("the definitions, and a single fraction")
    proof.step("sign", relation.rhs)
    proof.line("what is left out is ", "not negative" if len(relation.sign) == 2 else "positive", sign=relation.sign)
    return [proof.display()]


def by_one_term(relation: Relation, session: Session) -> list[Display] | None:
    """The display of a bound by one term of a sum of terms that are never negative; None for any others.

    The sum may stand under a logarithm or a root, which grow with it.
    """
    if relation.sign != "<=":
        return None
    whole = unfolded(relation.rhs, session)
    total = whole.args[0] if isinstance(whole, log) or (isinstance(whole, Pow) and whole.exp == S.Half) else whole
    if not isinstance(total, Sigma):
        return None
    for letter, run in session.ranges.items():
        term = total.open(letter)
        is_one = run == Range(total.lo, total.hi) and is_nonnegative(term, session)
        if is_one and whole.xreplace({total: term}) == unfolded(relation.lhs, session):
            proof = Proof(relation.lhs, session)
            proof.step("sign", relation.rhs)
            proof.line(term, " is one term of the sum, and no term is negative", sign="<=")
            return [proof.display()]
    return None


def _logarithms(difference: Expr, session: Session) -> tuple[list[_Logarithm], Expr] | None:
    """The logarithms of a difference, those with one weight under one, and what stands beside them.

    One beside the sums joins those under a sum where the weights of these add up to its factor.  What stands under a
    logarithm is positive, which the page states where nothing else says so.  None where there is no logarithm, or a
    weight of unknown sign.
    """
    found: list[_Logarithm] = []
    beside: list[Expr] = []
    joins: list[tuple[Expr, int]] = []
    for letters, body in sorted(_apart(difference, session), key=lambda part: not part[0]):
        coefficients, rest = _by_logarithm(body)
        beside.append(summed(rest, letters))
        for of, factor in _signed(coefficients, session):
            if not is_positive(of, session):
                session.oblige(Relation(of, ">", S.Zero))
            own = [] if letters else [(total, n) for total, n in joins]
            own += [(m.weight, n) for n, m in enumerate(found) if m.letters == letters]
            power, n = next(
                ((p, n) for weight, n in own if (p := tidied(factor / weight, session)).is_Rational), (S.One, None)
            )
            if n is not None:
                found[n] = _Logarithm(found[n].weight, tidied(found[n].u * of**power, session), found[n].letters)
                continue
            for weight, u in ((factor, of), (-factor, 1 / of)):
                if weight in coefficients or is_positive(weight, session):
                    found.append(_Logarithm(weight, u, letters))
                    break
            else:
                return None
            if letters:
                proof = Proof(summed(found[-1].weight, letters), session)
                finish(proof, [])
                joins.append((proof.now, len(found) - 1))
    return (_joined(found, session), Add(*beside)) if found else None


def _joined(found: list[_Logarithm], session: Session) -> list[_Logarithm]:
    """The logarithms, where one that is not under a sum joins the others if their weights add up to its own."""
    single = [m for m in found if not m.letters]
    for one in single:
        others = [m for m in single if m is not one]
        if len(others) > 1 and tidied(Add(*(m.weight for m in others)) - one.weight, session) == 0:
            joined = [_Logarithm(m.weight, tidied(m.u * one.u, session), m.letters) for m in others]
            return [*(m for m in found if m.letters), *joined]
    return found


def _signed(coefficients: dict[Expr, Expr], session: Session) -> Iterator[tuple[Expr, Expr]]:
    """The logarithms with their factors; one whose sign is open is taken term by term where there are several."""
    is_alone = len(coefficients) == 1
    for of, factor in coefficients.items():
        known = is_positive(factor, session) or is_positive(-factor, session)
        for part in (factor,) if known or is_alone else Add.make_args(expanded(factor)):
            yield of, part


def _by_logarithm(body: Expr) -> tuple[dict[Expr, Expr], Expr]:
    """The factor of every logarithm in a sum of terms, and the terms without one."""
    factors: dict[Expr, Expr] = {}
    rest: list[Expr] = []
    for term in Add.make_args(expanded(body)):
        inside = [f for f in Mul.make_args(term) if isinstance(f, log)]
        if len(inside) == 1:
            of = inside[0].args[0]
            factors[of] = factors.get(of, S.Zero) + term / inside[0]
        else:
            rest.append(term)
    return factors, Add(*rest)


def _apart(difference: Expr, session: Session) -> Iterator[tuple[Letters, Expr]]:
    """The terms of an expression with its definitions put in, sorted by the sums under which they stand."""
    apart = split_sums(unfolded(difference, session), session)
    for move in logarithms.split(apart, session):
        apart = move.after
    parts: dict[Letters, list[Expr]] = {}
    apart = split_sums(apart, session)
    taken = free_symbols(apart)
    known: dict[tuple[Range, int], Symbol] = {}
    for term in Add.make_args(expanded(apart)):
        letters: list[tuple[Symbol, Range]] = []
        body = term
        while sums := [f for f in Mul.make_args(body) if isinstance(f, Sigma)]:
            run = Range(sums[0].lo, sums[0].hi)
            key = run, sum(r == run for _, r in letters)
            letter = known.setdefault(key, session.index("ijklmn", taken | set(known.values())))
            letters.append((letter, run))
            body = body / sums[0] * sums[0].open(letter)
        parts.setdefault(tuple(sorted(letters, key=str)), []).append(body)
    for under, terms in parts.items():
        yield under, Add(*terms)


def _completed(body: Expr, session: Session) -> Expr | None:
    """A quadratic polynomial with rational coefficients as a sum of squares with positive weights; None for others.

    What stands under a square root is the square of its own root.
    """
    under = {q for power in body.atoms(Pow) if power.exp == S.Half for q in quantities(power.base)}
    roots = {q: Dummy(positive=True) ** 2 for q in sorted(under, key=str) if is_nonnegative(q, session)}
    try:
        given = Poly(body.xreplace(roots))
    except BasePolynomialError:
        return None
    if not (given.domain.is_QQ or given.domain.is_ZZ) or given.total_degree() > 2 or len(given.gens) > VARIABLES:
        return None
    letters = [Dummy() for _ in given.gens]
    rest = Poly(given.as_dict(), *letters, domain="QQ")
    squares: list[Expr] = []
    for x in letters:
        lead = Rational(rest.coeff_monomial(x**2))
        half = rest.diff(x).as_expr() / 2
        if lead <= 0:
            if lead < 0 or half != 0:
                return None
            continue
        squares.append(lead * (half / lead) ** 2)
        rest = rest - Poly(squares[-1], *letters, domain="QQ")
    constant = rest.as_expr()
    if not (constant.is_Rational and constant >= 0):
        return None
    whole = Add(*squares, constant).xreplace(dict(zip(letters, given.gens, strict=True)))
    return whole.xreplace({square.base: sqrt(q) for q, square in roots.items()})
