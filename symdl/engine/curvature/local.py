"""What kind of critical point a point is: by its Hessian, and beyond it where the Hessian is degenerate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations, pairwise

from sympy import Add, Expr, Matrix, Poly, Rational, S, Symbol, diff, zeros
from sympy.polys.polyerrors import BasePolynomialError

from symdl.engine.curvature.forms import NEITHER, by_branches, by_newton_polygon, definite_sign
from symdl.engine.curvature.gram import ridges_of, symmetric
from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, letters_of, relation_signs, split
from symdl.engine.curvature.places import Enclosed, Formula, Framed, Place, Repeated, neat
from symdl.problem import PointKind, Relation, Text

ORDER = 12
"""Taylor polynomials are taken to this total degree."""


@dataclass(frozen=True)
class Function:
    """A smooth function of some variables, with its derivatives."""

    f: Expr
    variables: tuple[Symbol, ...]

    @cached_property
    def gradient(self) -> tuple[Expr, ...]:
        return tuple(tidy(diff(self.f, x)) for x in self.variables)

    @cached_property
    def hessian(self) -> tuple[tuple[Expr, ...], ...]:
        return tuple(tuple(tidy(diff(g, x)) for x in self.variables) for g in self.gradient)

    @cached_property
    def symmetric(self) -> tuple[Expr, ...]:
        """The sums of the principal minors of each order: the coefficients of the characteristic polynomial."""
        n = len(self.variables)
        ridges = ridges_of(self.f, self.variables) if n > 1 else None
        if ridges is not None:
            return tuple(symmetric(ridges, k) for k in range(1, n + 1))
        found = []
        for k in range(1, n + 1):
            total = Add(*(self.minor(rows) for rows in combinations(range(n), k)))
            found.append(tidy(total))
        return tuple(found)

    def minor(self, rows: tuple[int, ...]) -> Expr:
        """The principal minor of these rows and columns."""
        if len(rows) == 2:
            i, j = rows
            return self.hessian[i][i] * self.hessian[j][j] - self.hessian[i][j] ** 2
        return Matrix(len(rows), len(rows), lambda i, j: self.hessian[rows[i]][rows[j]]).det(method="berkowitz")

    @cached_property
    def blocks(self) -> tuple[tuple[Symbol, ...], ...]:
        """The variables in groups that do not occur together in any second derivative."""
        groups: list[set[int]] = []
        n = len(self.variables)
        for i in range(n):
            joined = {i} | {j for j in range(n) if self.hessian[i][j] != 0}
            touching = [g for g in groups if g & joined]
            groups = [g for g in groups if not g & joined] + [joined.union(*touching)]
        return tuple(tuple(self.variables[i] for i in sorted(g)) for g in sorted(groups, key=min))


Claims = tuple[tuple[Expr, int], ...]
"""Expressions in the variables with their signs at a point."""


@dataclass(frozen=True)
class Verdict:
    """What a point is, why in words, and relations in the variables that hold there."""

    kind: PointKind
    why: Text = ()
    inertia: tuple[int, int, int] = (0, 0, 0)
    claims: Claims = ()


@dataclass(frozen=True)
class Judged:
    """A point with its verdict, in one case."""

    place: Place
    verdict: Verdict
    value: Expr
    known: Knowledge = field(default_factory=Knowledge)


def tidy(expr: Expr) -> Expr:
    """A derivative with like terms collected."""
    if expr.is_polynomial():
        return expr.expand()
    return neat(expr)


def judged(function: Function, place: Place, known: Knowledge, curves: Sequence[Expr] = ()) -> list[Judged]:
    """The verdict on a critical point, in each case that must be told apart; on `curves` all points are critical."""
    try:
        found = split(lambda case: _at(function, specialised(place, case), case, curves), known)
    except UndecidableError as reason:
        why = ("It is not decided: ", *reason.args, ".")
        return [Judged(place, Verdict("undecided", why), place.value(function.f), known)]
    return [Judged(p, verdict, value, case) for case, (p, verdict, value) in found]


def specialised(place: Place, known: Knowledge) -> Place:
    """The point with the letters that have a value in this case put in."""
    given = dict(known.values)
    if not isinstance(place, Formula) or not given:
        return place
    at = {x: neat(known.put(v)) for x, v in place.at.items()}
    conditions = tuple(
        c for c in (Relation(known.put(c.lhs), c.sign, known.put(c.rhs)) for c in place.conditions) if letters_of(c.lhs)
    )
    return Formula(at, tuple(x for x in place.free if x not in given), conditions, path=place.path)


def _at(function: Function, place: Place, known: Knowledge, curves: Sequence[Expr]) -> tuple[Place, Verdict, Expr]:
    f = function.f
    for letter, value in known.values:
        if letter not in function.variables:
            f = f.xreplace({letter: value})
    function = Function(f, function.variables)
    inside = known
    if isinstance(place, Formula):
        for c in place.conditions:
            inside = under(inside, c)
    return place, verdict_at(function, place, inside, curves), place.value(f)


def under(known: Knowledge, condition: Relation) -> Knowledge:
    """What is known where a condition holds too."""
    sign = relation_signs(condition)
    return known if sign is None else replace(known, signs=(sign, *known.signs))


def verdict_at(function: Function, place: Place, known: Knowledge, curves: Sequence[Expr] = ()) -> Verdict:
    """What a critical point is.

    Raises  `OpenSignError` where that depends on the letters.
    """
    inertia, claims = _inertia(function, place, known)
    zero = inertia[2]
    n = len(function.variables)
    pos = inertia[0]
    if inertia[0] and inertia[1]:
        return Verdict("saddle", ("The Hessian has eigenvalues of both signs.",), inertia, claims)
    if not zero:
        kind: PointKind = "minimum" if pos == n else "maximum"
        word = "positive" if pos == n else "negative"
        words = f"The Hessian is {word} definite." if n > 1 else f"The second derivative is {word}."
        return Verdict(kind, (words,), inertia, claims)
    if zero == n - 1 and not place.free and any(_is_smooth_on(c, function, place, known) for c in curves):
        kind = "minimum" if pos else "maximum"
        return Verdict(kind, ("Across the curve of critical points the Hessian is definite.",), inertia, claims)
    found = degenerate(function, place, inertia, known)
    return replace(found, inertia=inertia, claims=claims)


def _is_smooth_on(curve: Expr, function: Function, place: Place, known: Knowledge) -> bool:
    """Whether a point lies on a curve, or surface, that is smooth there."""
    if place.sign(curve, known) != 0:
        return False
    return any(place.sign(diff(curve, x), known) != 0 for x in function.variables)


def _inertia(function: Function, place: Place, known: Knowledge) -> tuple[tuple[int, int, int], Claims]:
    """How many eigenvalues of the Hessian are positive, negative and zero, and the signs that say so."""
    H, n = function.hessian, len(function.variables)
    if all(H[i][j] == 0 for i in range(n) for j in range(n) if i != j):
        claims = tuple((H[i][i], place.sign(H[i][i], known)) for i in range(n))
        signs = [s for _, s in claims]
        return (signs.count(1), signs.count(-1), signs.count(0)), claims
    if n == 2:
        det = function.symmetric[1]
        sign = place.sign(det, known)
        if sign < 0:
            return (1, 1, 0), ((det, sign),)
        other = H[0][0] if sign > 0 else function.symmetric[0]
        side = place.sign(other, known)
        claims = ((det, sign), (other, side))
        if sign > 0:
            return ((2, 0, 0) if side > 0 else (0, 2, 0)), claims
        return (int(side > 0), int(side < 0), 2 - abs(side)), claims
    claims = tuple((e, place.sign(e, known)) for e in function.symmetric)
    signs = [s for _, s in claims]
    zero = 0
    while zero < n and signs[n - 1 - zero] == 0:
        zero += 1
    # All roots of the characteristic polynomial are real, so that Descartes' rule counts the positive ones exactly.
    pos = variations([1, *(s * (-1) ** (k + 1) for k, s in enumerate(signs))])
    return (pos, n - pos - zero, zero), claims


def variations(sequence: list[int]) -> int:
    """The changes of sign in a sequence, zeros left out."""
    nonzero = [s for s in sequence if s]
    return sum(a != b for a, b in pairwise(nonzero))


def degenerate(function: Function, place: Place, inertia: tuple[int, int, int], known: Knowledge) -> Verdict:
    """What a critical point with a degenerate Hessian is, if no two eigenvalues have opposite signs."""
    if isinstance(place, Framed):
        place = Formula(place.at, place.free)
    if isinstance(place, Repeated):
        place = place.inner
    if isinstance(place, Enclosed):
        raise UndecidableError("a degenerate Hessian at a point known by its enclosure")
    if not isinstance(place, Formula):
        place = Formula(place.at)
    _, neg, zero = inertia
    dimension = len(place.free)
    if dimension and zero == dimension:
        kind: PointKind = "maximum" if neg else "minimum"
        side = "greatest" if neg else "least"
        return Verdict(
            kind, (f"Across the set of critical points the Hessian is definite, and along it the value is the {side}.",)
        )
    if len(function.blocks) > 1:
        return _by_blocks(function, place, known)
    visible = _visible(function, place, known)
    if visible is not None:
        return visible
    if len(function.variables) == 1 or dimension == len(function.variables) - 1:
        return _by_derivatives(function, place, known)
    if dimension:
        raise UndecidableError("a degenerate Hessian across a set of critical points")
    exact = _by_branches(function, place)
    if exact is not None:
        return exact
    return _by_reduction(function, place, inertia, known)


def _by_blocks(function: Function, place: Formula, known: Knowledge) -> Verdict:
    """A sum of functions of different variables is judged part by part."""
    kinds: list[PointKind] = []
    words: list[str | Expr | Relation] = ["The function is a sum of functions of different variables. "]
    for block in function.blocks:
        others = {x: v for x, v in place.at.items() if x not in block}
        part = Function(function.f.xreplace(others), block)
        inner = Formula({x: place.at[x] for x in block}, tuple(x for x in place.free if x in block), place.conditions)
        verdict = verdict_at(part, inner, known)
        kinds.append(verdict.kind)
        for x in block:
            words += [x, ", " if x != block[-1] else ": "]
        words += [*verdict.why, " "]
    kind: PointKind = kinds[0] if len(set(kinds)) == 1 else "saddle"
    if "undecided" in kinds:
        kind = "saddle" if "saddle" in kinds or {"minimum", "maximum"} <= set(kinds) else "undecided"
    return Verdict(kind, tuple(words))


def _visible(function: Function, place: Formula, known: Knowledge) -> Verdict | None:
    """Where f minus its value is visibly a product or sum of what has one sign, the point is extreme at once."""
    gap = neat(function.f - place.value(function.f))
    if letters_of(place.value(function.f)) & set(function.variables):
        return None
    for way in (function.f - place.value(function.f), gap):
        may = _possible_unknown(way, function, known)
        if may <= {0, 1} or may <= {0, -1}:
            kind: PointKind = "minimum" if may <= {0, 1} else "maximum"
            bound = Relation(gap, ">=", S.Zero) if kind == "minimum" else Relation(gap, "<=", S.Zero)
            return Verdict(kind, ("Everywhere ", bound, ", with equality at the point."))
    return None


def _possible_unknown(expr: Expr, function: Function, known: Knowledge) -> frozenset[int]:
    """The signs that are possible when nothing is assumed of the variables."""
    free = replace(
        known,
        signs=tuple(p for p in known.signs if not letters_of(p[0]) & set(function.variables)),
        values=tuple(p for p in known.values if p[0] not in function.variables),
    )
    try:
        return free.possible(expr)
    except (UndecidableError, BasePolynomialError):
        return frozenset((-1, 0, 1))


def _by_derivatives(function: Function, place: Formula, known: Knowledge) -> Verdict:
    """The first derivative across the point, or across the set of points, that does not vanish."""
    x = next(v for v in function.variables if v not in place.free)
    derivative = diff(function.f, x, 2)
    for k in range(2, ORDER + 5):
        sign = place.sign(derivative, known)
        if sign:
            value = place.value(derivative)
            words: Text = ("The first derivative by ", x, f" that does not vanish is that of order {k}, ", value, ".")
            if k % 2:
                return Verdict("saddle", words)
            return Verdict("minimum" if sign > 0 else "maximum", words)
        derivative = tidy(diff(derivative, x))
    raise UndecidableError(f"all derivatives up to order {ORDER + 4} vanish")


def _by_branches(function: Function, place: Formula) -> Verdict | None:
    """In two variables a polynomial over the rational numbers is decided exactly, however degenerate."""
    if len(function.variables) != 2 or not all(v.is_Rational for v in place.at.values()):
        return None
    x, y = function.variables
    moved = function.f.xreplace({v: v + place.at[v] for v in (x, y)})
    try:
        p = Poly(moved, x, y, domain="QQ")
    except BasePolynomialError:
        return None
    g = (p - p(0, 0)).as_expr()
    if g == 0 or Poly(g, x, y).total_degree() > 14:
        return None
    signs = by_branches(g, x, y)
    low = _lowest(g, (x, y))
    head: tuple[str | Expr | Relation, ...] = (
        "With the point moved to the origin, ",
        "the difference to the value there is ",
        g,
        ". ",
    )
    if signs == NEITHER:
        witness = _witness(g, x, y)
        if witness:
            return Verdict("saddle", (*head, "It takes both signs near the origin: ", *witness, "."))
        return Verdict("saddle", (*head, "A real branch of its zero set passes there, across which it changes sign."))
    kind: PointKind = "minimum" if 1 in signs else "maximum"
    word = "positive" if 1 in signs else "negative"
    if definite_sign(low, (x, y), Knowledge()) == frozenset((1 if 1 in signs else -1,)):
        return Verdict(kind, (*head, "Its terms of lowest order, ", low, f", are {word} away from the origin."))
    return Verdict(
        kind, (*head, f"It is {word} near the origin, for no real branch of a factor of odd order passes there.")
    )


def _witness(g: Expr, x: Symbol, y: Symbol) -> Text | None:
    """Two curves through the origin on which the lowest terms have different signs."""
    found: dict[int, tuple[Expr, Expr, Expr]] = {}
    t = Symbol("t", real=True)
    for k in (1, 2, 3):
        for c in (0, 1, -1, 2, -2, Rational(1, 2), Rational(3, 2)):
            for curve in ((t, c * t**k), (c * t**k, t)):
                p = Poly(g.xreplace({x: curve[0], y: curve[1]}), t)
                if p.is_zero:
                    continue
                (power,), coefficient = p.terms()[-1]
                term = coefficient * t**power
                signs = (1, -1) if power % 2 else (1 if coefficient > 0 else -1,)
                for s in signs:
                    found.setdefault(s, (*curve, term))
                if {1, -1} <= set(found):
                    up, down = found[1], found[-1]
                    rows: list[str | Expr | Relation] = []
                    for n, (a, b, e) in enumerate((up, down) if up != down else (up,)):
                        rows += [
                            " and " if n else "",
                            "along ",
                            Relation(x, "=", a),
                            ", ",
                            Relation(y, "=", b),
                            " it begins with ",
                            e,
                        ]
                    return tuple(rows)
    return None


def _lowest(g: Expr, variables: Sequence[Symbol]) -> Expr:
    p = Poly(g, *variables)
    low = min(sum(m) for m in p.monoms())
    return Add(*(c * monomial(m, variables) for m, c in p.terms() if sum(m) == low))


def monomial(powers: Sequence[int], variables: Sequence[Symbol]) -> Expr:
    e: Expr = S.One
    for x, k in zip(variables, powers, strict=True):
        e *= x**k
    return e


def _by_reduction(function: Function, place: Formula, inertia: tuple[int, int, int], known: Knowledge) -> Verdict:
    """The non-degenerate directions eliminated; the lowest-order form of what is left decides."""
    pos, neg, zero = inertia
    side = 1 if pos else -1 if neg else 0
    orders = (4, 6) if zero > 2 or not function.f.is_polynomial(*function.variables) else (4, 6, 8, ORDER)
    for order in orders:
        g, letters = reduced(function, place, zero, order, known)
        if g == 0:
            continue
        low = _lowest(g, letters)
        signs = definite_sign(low, letters, known)
        words: Text = ("In the directions in which the Hessian vanishes, the function begins with ", low, ". ")
        if side == 0:
            words = ("With the point moved to the origin, the function begins with ", low, ". ")
        verdict = _combined(signs, side, words)
        if verdict is None and len(letters) == 2:
            polygon = by_newton_polygon(g, letters[0], letters[1], known)
            words = (*words[:-2], g, ". The forms on the edges of its Newton polygon decide. ")
            verdict = _combined(polygon, side, words)
        if verdict is not None:
            return verdict
    raise UndecidableError("the lowest terms of what is left are semidefinite or vanish")


def _combined(signs: frozenset[int] | None, side: int, words: Text) -> Verdict | None:
    """The verdict from the signs of the reduced function and of the Hessian in the other directions."""
    if signs is None:
        return None
    if signs == NEITHER or (side and -side in signs):
        return Verdict("saddle", (*words, "That takes values on both sides of the one at the point."))
    if signs == frozenset((1,)) and side >= 0:
        return Verdict("minimum", (*words, "That is positive away from the point."))
    if signs == frozenset((-1,)) and side <= 0:
        return Verdict("maximum", (*words, "That is negative away from the point."))
    return None


def reduced(
    function: Function, place: Formula, zero: int, order: int, known: Knowledge
) -> tuple[Expr, tuple[Symbol, ...]]:
    """The function in the null directions of its Hessian, the others eliminated, to this order; and its letters."""
    n = len(function.variables)
    rank = n - zero
    H = Matrix(n, n, lambda i, j: place.value(function.hessian[i][j]))
    rows = next(
        (r for r in combinations(range(n), rank) if rank == 0 or known.sign(neat(H.extract(r, r).det())) != 0), None
    )
    if rows is None:
        raise UndecidableError("the rank of the Hessian")
    others = [i for i in range(n) if i not in rows]
    s = tuple(Symbol(f"s_{k + 1}" if zero > 1 else "s", real=True) for k in range(zero))
    w = tuple(Symbol(f"w_{k + 1}", real=True) for k in range(rank))
    u: list[Expr] = [S.Zero] * n
    for k, i in enumerate(others):
        u[i] += s[k]
    if rank:
        B = H.extract(rows, rows)
        inverse = B.inv()
        shift = -inverse * H.extract(rows, others) * Matrix(s)
        for k, i in enumerate(rows):
            u[i] += neat(shift[k]) + w[k]
    else:
        inverse = zeros(0, 0)
    taylor = _taylor(function, place, u, (*s, *w), order)
    value = dict.fromkeys(w, S.Zero)
    slopes = [diff(taylor, x) for x in w]
    for _ in range(order):
        residual = Matrix([_truncated(e.xreplace(value), s, order - 1) for e in slopes]) if w else zeros(0, 1)
        if all(r == 0 for r in residual):
            break
        change = inverse * residual
        value = {x: (value[x] - change[k]).expand() for k, x in enumerate(w)}
    return _truncated(taylor.xreplace(value), s, order), s


def _taylor(function: Function, place: Formula, u: Sequence[Expr], letters: Sequence[Symbol], order: int) -> Expr:
    """The Taylor polynomial of f - f(p) along `u`."""
    moved = {x: place.at[x] + v for x, v in zip(function.variables, u, strict=True)}
    f = function.f.xreplace(moved)
    if f.is_polynomial(*letters):
        return _truncated(f - place.value(function.f), letters, order)
    t = Symbol("t", real=True)
    g = f.xreplace({x: t * x for x in letters})
    total: Expr = S.Zero
    factorial = 1
    for k in range(1, order + 1):
        g = diff(g, t)
        factorial *= k
        total += g.xreplace({t: S.Zero}).expand() / factorial
        if g.count_ops() > 20000:
            raise UndecidableError("the Taylor polynomial is too large")
    return total.expand()


def _truncated(expr: Expr, letters: Sequence[Symbol], order: int) -> Expr:
    p = Poly(expr, *letters)
    return Add(*(neat(c) * monomial(m, letters) for m, c in p.terms() if 0 < sum(m) <= order))
