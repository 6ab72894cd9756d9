"""The real solutions of polynomial systems, exactly: by factors, by elimination, and by one algebraic number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from flint import fmpq_poly
from sympy import Add, Expr, Mul, Poly, Pow, Rational, S, Symbol, factor_list, groebner, log, sqrt
from sympy.polys.polyerrors import BasePolynomialError

from symdl.engine.curvature.balls import precision, real_roots
from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, factors, letters_of, readable, relation_signs
from symdl.engine.curvature.lines import Zeros, zeros
from symdl.engine.curvature.places import (
    Algebraic,
    Enclosed,
    Formula,
    Place,
    Repeated,
    flint_poly,
    neat,
    numerator,
)
from symdl.language import index
from symdl.problem import Relation

DEGREES = 30
"""No system whose degrees multiply to more than this is solved."""

PERIODS = 40
"""Zeros that repeat are looked at for so many periods to both sides."""

BRANCHES = 400
"""No more branches than this are looked into."""


@dataclass(frozen=True)
class System:
    """Equations `= 0` for the variables; `nonzero` must not vanish at a solution."""

    equations: tuple[Expr, ...]
    variables: tuple[Symbol, ...]
    nonzero: tuple[Expr, ...] = ()
    solved: tuple[tuple[Symbol, Expr], ...] = ()
    conditions: tuple[Relation, ...] = ()
    path: tuple[tuple[Expr, ...], ...] = ()


@dataclass
class _Search:
    known: Knowledge
    domain: tuple[Expr, ...]
    branches: int = 0
    found: list[Place] = field(default_factory=list)
    whole: bool = True


@dataclass(frozen=True)
class Solutions:
    """The points found; `whole` says that there are no others anywhere, else only in the box."""

    places: tuple[Place, ...]
    whole: bool = True


def solutions(
    equations: Sequence[Expr], variables: Sequence[Symbol], known: Knowledge, domain: Sequence[Expr] = ()
) -> Solutions:
    """The real points at which all equations hold and every expression of `domain` is positive, without repetition.

    A family of points has free letters, which are variables that stay open.

    Raises  `OpenSignError` where a sign decides, `UndecidableError` where the system is not solved.
    """
    search = _Search(known, tuple(domain))
    tops, below = [], []
    for e in equations:
        top, bottom = numerator(known.put(e))
        tops.append(top)
        if letters_of(bottom):
            below.append(bottom)
    _branch(System(tuple(tops), tuple(variables), tuple(below)), search)
    return Solutions(tuple(_distinct(search.found)), search.whole)


def _branch(system: System, search: _Search) -> None:
    search.branches += 1
    if search.branches > BRANCHES:
        raise UndecidableError("too many branches")
    listed = _factored(system, search.known)
    if listed is None:
        return
    listed.sort(key=lambda parts: (len(parts) == 1, sum(p.count_ops() for p in parts), str(parts)))
    if listed and len(listed[0]) > 1:
        rest = tuple(Mul(*parts) for parts in listed[1:])
        for part in sorted(listed[0], key=lambda p: (p.count_ops(), str(p))):
            _branch(replace(system, equations=(part, *rest), path=(*system.path, (part,))), search)
        return
    equations = tuple(parts[0] for parts in listed)
    system = replace(system, equations=equations)
    squares = _split_squares(system, search.known)
    if squares is not None:
        _branch(squares, search)
        return
    linear = _linear(system, search.known)
    if linear is not None:
        _branch(_eliminated(system, *linear), search)
        return
    if not equations:
        _keep(Formula({}, system.variables, system.conditions), system, search)
        return
    parameters = frozenset().union(*map(letters_of, equations)) - set(system.variables)
    single = [e for e in equations if len(letters_of(e) & set(system.variables)) == 1]
    curved = [e for e in single if not e.is_polynomial(*system.variables)]
    if curved and not parameters:
        _curved(curved[0], system, search)
        return
    if not all(e.is_polynomial(*system.variables) for e in equations):
        raise UndecidableError("the equations " + ", ".join(f"{e} = 0" for e in equations))
    if not parameters:
        concerned = tuple(x for x in system.variables if any(x in letters_of(e) for e in equations))
        points = _algebraic(equations, concerned)
        if points is not None:
            rest = tuple(x for x in system.variables if x not in concerned)
            for point in points:
                _keep(replace(point, free=rest), system, search)
            return
    elif single:
        e = min(single, key=lambda e: e.count_ops())
        (x,) = letters_of(e) & set(system.variables)
        for root in _roots(e, x, search.known):
            _branch(_put(system, x, root, e), search)
        return
    _curve(system, search)


def _curved(e: Expr, system: System, search: _Search) -> None:
    """An equation in one variable that is not polynomial: its zeros, each put into the others."""
    (x,) = letters_of(e) & set(system.variables)
    found = zeros(e, x)
    search.whole = search.whole and found.whole
    if found.period is not None and any(letters_of(d) == {x} for d in search.domain):
        for value in _repetitions_inside(found, x, search):
            _branch(_put(system, x, value, e), search)
        return
    for root in found.roots:
        if root.value is not None and found.period is None:
            _branch(_put(system, x, root.value, e), search)
            continue
        rest = tuple(v for v in system.variables if v != x)
        if rest or len(system.equations) > 1:
            raise UndecidableError("the equations " + ", ".join(f"{e} = 0" for e in system.equations))
        if root.value is None:
            derived: dict[Symbol, Expr] = {}
            for v, value in reversed(system.solved):
                derived[v] = value.xreplace(derived)
            search.found.append(Enclosed({x: (root.lo, root.hi)}, derived))
        elif system.solved:
            raise UndecidableError("a periodic set of solutions in several variables")
        else:
            assert found.period is not None
            search.found.append(Repeated(Formula({x: root.value}), {x: found.period * index("k")}))


def _repetitions_inside(found: Zeros, x: Symbol, search: _Search) -> Iterator[Expr]:
    """The zeros that repeat, as far as they lie in a bounded domain."""
    assert found.period is not None
    bounds = [d for d in search.domain if letters_of(d) == {x}]
    for root in found.roots:
        if root.value is None:
            raise UndecidableError("a periodic set of solutions without a formula")
        for n in range(-PERIODS, PERIODS + 1):
            value = (root.value + n * found.period).expand()
            if all(search.known.sign(d.xreplace({x: value})) > 0 for d in bounds):
                if abs(n) == PERIODS:
                    raise UndecidableError("a periodic set of solutions in an unbounded domain")
                yield value


def _factored(system: System, known: Knowledge) -> list[list[Expr]] | None:
    """The factors of each equation that may vanish; None where one cannot hold."""
    variables = set(system.variables)
    listed: list[list[Expr]] = []
    for e in system.equations:
        e = without_logarithms(numerator(e)[0])
        if e == 0:
            continue
        if not letters_of(e):
            if known.sign(e) == 0:
                continue
            return None
        try:
            _, parts = factor_list(e)
        except BasePolynomialError:
            raise UndecidableError(e, " is not a polynomial") from None
        kept: list[Expr] = []
        holds = False
        for part, _ in parts:
            if not letters_of(part):
                continue
            if letters_of(part) & variables:
                if 0 in known.possible(part):
                    kept.append(part)
            elif 0 in known.possible(part) and known.sign(part) == 0:
                holds = True
        if holds:
            continue
        if not kept:
            return None
        if any(_same(kept, other) for other in listed):
            continue
        listed.append(kept)
    return listed


def without_logarithms(e: Expr) -> Expr:
    """Σ c log a = 0 with positive a says Π a^c = 1, which needs no logarithm."""
    if not e.has(log):
        return e
    product: Expr = S.One
    for term in Add.make_args(e.expand()):
        c, rest = term.as_coeff_Mul()
        if not isinstance(rest, log) or not c.is_Integer or abs(c) > 6:
            return e
        product *= rest.args[0] ** c
    return numerator(product - 1)[0]


def _same(a: list[Expr], b: list[Expr]) -> bool:
    return set(a) == set(b)


def _split_squares(system: System, known: Knowledge) -> System | None:
    """A sum of terms none of which is negative vanishes only where each does."""
    for n, e in enumerate(system.equations):
        terms = Add.make_args(e)
        if len(terms) < 2:
            continue
        signs = [known.possible(t) for t in terms]
        for flip in (1, -1):
            if all(s <= {0, flip} for s in signs):
                return replace(system, equations=(*system.equations[:n], *terms, *system.equations[n + 1 :]))
    return None


def _linear(system: System, known: Knowledge) -> tuple[Expr, Symbol, Expr] | None:
    """An equation, a variable in which it is linear with a coefficient free of variables, and the solution."""
    variables = set(system.variables)
    best: tuple[tuple[int, int, str], Expr, Symbol, Expr] | None = None
    for e in system.equations:
        for x in system.variables:
            if x not in letters_of(e) or not e.is_polynomial(x):
                continue
            p = Poly(e, x)
            if p.degree() != 1 or letters_of(p.LC()) & variables:
                continue
            c, r = p.all_coeffs()
            rank = (0 if c.is_Rational else 1, int(r.count_ops()), str(x))
            if best is None or rank < best[0]:
                best = (rank, e, x, neat(-r / c))
    if best is None:
        return None
    _, e, x, value = best
    if known.sign(Poly(e, x).LC()) == 0:
        return None
    return e, x, value


def _eliminated(system: System, used: Expr, x: Symbol, value: Expr) -> System:
    rest = tuple(e for e in system.equations if e != used)
    return _put(replace(system, equations=rest), x, value, None)


def _put(system: System, x: Symbol, value: Expr, used: Expr | None) -> System:
    return replace(
        system,
        equations=tuple(e.xreplace({x: value}).expand() for e in system.equations if e != used),
        variables=tuple(v for v in system.variables if v != x),
        nonzero=tuple(e.xreplace({x: value}) for e in system.nonzero),
        solved=(*system.solved, (x, value)),
        path=(*system.path, (x, value)),
    )


def _keep(place: Formula | Algebraic, system: System, search: _Search) -> None:
    """Keep a solution with the eliminated variables put back, if it lies in the domain."""
    free = place.free
    if isinstance(place, Algebraic):
        place = replace(place, path=(*system.path, *((x, place.at[x]) for x in place.coordinates)))
    for x, value in reversed(system.solved):
        if isinstance(place, Algebraic) and not letters_of(value) <= set(place.coordinates):
            # A family through an algebraic point: its coordinates are written out.
            place = Formula(place.at, free, system.conditions, path=place.path)
        if isinstance(place, Algebraic):
            place = replace(place, coordinates={**place.coordinates, x: place.element(value)})
        else:
            place = replace(place, at={**place.at, x: place.value(value)})
    if isinstance(place, Formula):
        path = place.path or system.path
        place = replace(place, at={**{x: x for x in free}, **place.at}, conditions=system.conditions, path=path)
    elif free:
        place = Formula({**{x: x for x in free}, **place.at}, free, system.conditions, path=place.path)
    if isinstance(place, Formula) and place.conditions:
        place = replace(place, conditions=tuple(_settled(place, search.known)))
    for e in system.nonzero:
        value = place.value(e)
        if not letters_of(value) & set(free) and place.sign(e, search.known) == 0:
            return
    inside: list[Relation] = []
    for e in search.domain:
        value = place.value(e)
        if letters_of(value) & set(free):
            may = search.known.possible(value)
            if may <= {0, -1}:
                return
            if may != {1}:
                inside.append(readable(_primitive(value) if value.is_polynomial() else value, 1))
        elif place.sign(e, search.known) <= 0:
            return
    if inside and isinstance(place, Formula):
        place = replace(place, conditions=(*place.conditions, *inside))
    search.found.append(place)


def _settled(place: Formula, known: Knowledge) -> Iterator[Relation]:
    """The conditions of a point with its coordinates put in, without those that hold anyway."""
    for c in place.conditions:
        gap = place.value(c.lhs - c.rhs)
        if not letters_of(gap) & set(place.free):
            continue
        sign = relation_signs(Relation(gap, c.sign, S.Zero))
        if sign is not None and not known.possible(gap) <= sign[1]:
            yield Relation(place.value(c.lhs), c.sign, place.value(c.rhs))


def _distinct(found: list[Place]) -> list[Place]:
    kept: list[Place] = []
    seen: list[dict[Symbol, Expr]] = []
    for place in found:
        at = {x: neat(v) for x, v in place.at.items()}
        if at not in seen:
            seen.append(at)
            kept.append(place)
    return kept


def _roots(e: Expr, x: Symbol, known: Knowledge) -> Iterator[Expr]:
    """The real roots of an equation whose coefficients hold letters."""
    p = Poly(e, x)
    degree = p.degree()
    c = [p.coeff_monomial(x**n) for n in range(degree + 1)]
    if known.sign(c[degree]) == 0:
        raise UndecidableError("the roots of ", e, " where its leading coefficient vanishes")
    if degree == 2:
        discriminant = neat(c[1] ** 2 - 4 * c[0] * c[2])
        sign = known.sign(discriminant)
        if sign == 0:
            yield neat(-c[1] / (2 * c[2]))
        elif sign > 0:
            root = _root(discriminant)
            for s in (-1, 1):
                yield neat((-c[1] + s * root) / (2 * c[2]))
        return
    if all(a == 0 for a in c[1:-1]):
        value = neat(-c[0] / c[degree])
        sign = known.sign(value)
        if sign == 0:
            yield S.Zero
        elif degree % 2:
            yield sign * Pow(sign * value, Rational(1, degree))
        elif sign > 0:
            yield -Pow(value, Rational(1, degree))
            yield Pow(value, Rational(1, degree))
        return
    if degree == 4 and c[1] == c[3] == 0:
        for square in _roots(p.as_expr().xreplace({x**4: x**2, x**2: x}), x, known):
            sign = known.sign(square)
            if sign == 0:
                yield S.Zero
            elif sign > 0:
                yield -sqrt(square)
                yield sqrt(square)
        return
    raise UndecidableError("the roots of ", e, " in closed form")


def _root(value: Expr) -> Expr:
    """The square root with what is a square taken out."""
    try:
        constant, parts = factor_list(value)
    except BasePolynomialError:
        return sqrt(value)
    outside: Expr = sqrt(abs(constant)) if constant.is_Rational else S.One
    inside: Expr = constant / abs(constant) if constant.is_Rational else constant
    for base, power in parts:
        if power % 2:
            inside *= base
        k = power // 2
        if k:
            outside *= base**k
    # The sign of what is taken out does not matter: both roots are used.
    return outside * sqrt(inside.expand() if inside.is_Add else inside)


def _curve(system: System, search: _Search) -> None:
    """One equation for several variables: solved for one that it is linear or quadratic in."""
    for e in sorted(system.equations, key=lambda e: (e.count_ops(), str(e))):
        for x in reversed(system.variables):
            if x not in letters_of(e):
                continue
            p = Poly(e, x)
            if p.degree() == 1:
                c, r = p.all_coeffs()
                rest = tuple(o for o in system.equations if o != e)
                _branch(replace(system, equations=(c, r, *rest)), search)
                inner = _put(system, x, neat(-r / c), e)
                condition = readable(factors(c)[1][0][0], 0) if len(factors(c)[1]) == 1 else Relation(c, "=", S.Zero)
                condition = Relation(condition.lhs, "!=", condition.rhs)
                _branch(replace(inner, nonzero=(*inner.nonzero, c), conditions=(*inner.conditions, condition)), search)
                return
    if len(system.equations) == 1:
        (e,) = system.equations
        for x in reversed(system.variables):
            p = Poly(e, x) if x in letters_of(e) else None
            if p is not None and p.degree() == 2 and p.LC().is_Rational:
                a, b, c = p.all_coeffs()
                discriminant = (b**2 - 4 * a * c).expand()
                if search.known.possible(discriminant) <= {-1}:
                    return
                condition = Relation(_primitive(discriminant), ">", S.Zero)
                content, rest = discriminant.primitive()
                root = sqrt(content) * sqrt(rest)
                for s in (-1, 1):
                    inner = _put(system, x, ((-b + s * root) / (2 * a)).expand(), e)
                    inner = replace(inner, conditions=(*inner.conditions, condition))
                    _keep(Formula({}, inner.variables, (), None if system.solved else e), inner, search)
                return
    raise UndecidableError("the equations " + ", ".join(f"{e} = 0" for e in system.equations))


def _algebraic(equations: Sequence[Expr], variables: tuple[Symbol, ...]) -> list[Algebraic] | None:
    """The real points of a system over the rational numbers; None where it has infinitely many complex ones."""
    if len(variables) == 1 and len(equations) == 1:
        return list(
            _points(flint_poly(Poly(equations[0], variables[0], domain="QQ")), {variables[0]: fmpq_poly([0, 1])})
        )
    if len(equations) < len(variables):
        return None
    size = 1
    for e in equations[: len(variables)]:
        size *= Poly(e, *variables).total_degree()
    if size > DEGREES or len(variables) > 4:
        raise UndecidableError("the system is too large")
    basis = groebner(list(equations), *variables, order="lex", domain="QQ")
    if basis.exprs == [1]:
        return []
    if not basis.is_zero_dimensional:
        return None
    radical = list(basis.exprs)
    for x in variables:
        eliminated = groebner(radical, *(v for v in variables if v != x), x, order="lex", domain="QQ").exprs[-1]
        radical.append(Poly(eliminated, x, domain="QQ").sqf_part().as_expr())
    t = Symbol("t", real=True)
    for weights in _weights(len(variables)):
        form = t - Add(*(w * x for w, x in zip(weights, variables, strict=True)))
        shape = groebner([*radical, form], *variables, t, order="lex", domain="QQ").exprs
        coordinates = _shape(shape, variables, t)
        if coordinates is not None:
            return list(_points(flint_poly(Poly(shape[-1], t, domain="QQ")), coordinates))
    raise UndecidableError("no form separates the solutions")


def _weights(count: int) -> Iterator[tuple[int, ...]]:
    yield tuple(int(n == count - 1) for n in range(count))
    for base in range(1, 12):
        yield tuple(base**n for n in range(count))


def _shape(basis: Sequence[Expr], variables: tuple[Symbol, ...], t: Symbol) -> dict[Symbol, fmpq_poly] | None:
    """Each variable as a polynomial in t, where the basis says so."""
    found: dict[Symbol, fmpq_poly] = {}
    for e in basis[:-1]:
        inside = [x for x in variables if x in letters_of(e)]
        if len(inside) != 1 or Poly(e, inside[0]).degree() != 1:
            return None
        c, r = Poly(e, inside[0]).all_coeffs()
        if not c.is_Rational:
            return None
        found[inside[0]] = flint_poly(Poly(-r / c, t, domain="QQ"))
    return found if set(found) == set(variables) else None


def _points(eliminant: fmpq_poly, coordinates: Mapping[Symbol, fmpq_poly]) -> Iterator[Algebraic]:
    """One point for each real root of each irreducible factor, in the order of the roots."""
    found: list[tuple[float, Algebraic]] = []
    _, parts = eliminant.factor()
    for modulus, _ in parts:
        reduced = {x: c % modulus for x, c in coordinates.items()}
        with precision(120):
            for n, root in enumerate(real_roots(modulus.numer())):
                found.append((float(root.mid()), Algebraic(modulus, n, reduced)))
    for _, point in sorted(found, key=lambda p: p[0]):
        yield point


def _primitive(expr: Expr) -> Expr:
    """A polynomial over the positive rational number that divides all its coefficients."""
    content, rest = expr.primitive()
    return rest if content > 0 else expr
