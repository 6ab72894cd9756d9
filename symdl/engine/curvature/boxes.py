"""The zeros of a system in a box, each one certified, by interval bisection and Krawczyk's test."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, arb_mat
from sympy import Expr, Rational, Symbol, diff, exp, log

from symdl.engine.curvature.balls import NoBallError, ball, precision
from symdl.engine.curvature.knowledge import UndecidableError, sign_of_number
from symdl.engine.curvature.lines import BOX
from symdl.engine.curvature.places import Enclosed, Formula, Place, enclosing, rational

CELLS = 12000

NEWTON = 80
"""Newton's method is given up after so many steps."""

Cell = tuple[tuple[Rational, Rational], ...]


def points_in_box(equations: Sequence[Expr], variables: tuple[Symbol, ...], domain: Sequence[Expr] = ()) -> list[Place]:
    """The zeros in [-10, 10] of every variable, where the domain's expressions are positive.

    Raises  `UndecidableError` where a cell can neither be ruled out nor be shown to hold exactly one.
    """
    n = len(variables)
    if n > 3 or len(equations) != n:
        raise UndecidableError("the system is too large to be searched for zeros")
    slopes = [[diff(e, x) for x in variables] for e in equations]
    start = tuple((-BOX - Rational(1, 97 + 10 * k), BOX + Rational(1, 89 + 10 * k)) for k in range(n))
    cells: list[tuple[Cell, int]] = [(start, 0)]
    found: list[Cell] = []
    count = 0
    while cells:
        cell, depth = cells.pop()
        count += 1
        if count > CELLS or depth > 60:
            raise UndecidableError("zeros that cannot be told apart in the box")
        if _is_empty(equations, variables, cell, domain):
            continue
        image = _krawczyk(equations, slopes, variables, cell)
        if image is not None:
            inside, narrowed = image
            if inside:
                found.append(_refined(equations, slopes, variables, narrowed))
                continue
        k = max(range(n), key=lambda i: cell[i][1] - cell[i][0])
        lo, hi = cell[k]
        mid = lo + (hi - lo) * Rational(31, 64)
        cells += [((*cell[:k], part, *cell[k + 1 :]), depth + 1) for part in ((lo, mid), (mid, hi))]
    points: list[Place] = []
    for cell in sorted(found):
        if any(
            all(a[0] <= b[1] and b[0] <= a[1] for a, b in zip(cell, o, strict=True)) for o in found if o is not cell
        ):
            raise UndecidableError("zeros at the edge of two cells")
        points.append(_place(equations, variables, cell))
    return [p for p in points if all(abs(float(v.evalf(20))) <= 10 for v in p.at.values())]


def zero_by_newton(equations: Sequence[Expr], variables: tuple[Symbol, ...]) -> Place | None:
    """The certified zero to which Newton's method leads from the origin, each step as long as it comes nearer to 0."""
    n = len(variables)
    slopes = [[diff(e, x) for x in variables] for e in equations]

    def values(at: Sequence[arb]) -> list[arb]:
        inside = dict(zip(variables, at, strict=True))
        return [ball(e, inside).mid() for e in equations]

    def size(v: Sequence[arb]) -> arb:
        return sum((x * x for x in v), arb(0)).mid()

    with precision(120):
        try:
            at = [arb(0)] * n
            now = values(at)
            for _ in range(NEWTON):
                if size(now) < arb(2) ** -160:
                    break
                inside = dict(zip(variables, at, strict=True))
                J = arb_mat([[ball(s, inside).mid() for s in row] for row in slopes])
                step = J.solve(arb_mat([[v] for v in now]))
                share = arb(1)
                while share > arb(2) ** -30:
                    there = [(a - share * step[k, 0]).mid() for k, a in enumerate(at)]
                    ahead = values(there)
                    if size(ahead) < size(now):
                        break
                    share = share / 2
                at, now = there, ahead
        except (NoBallError, ZeroDivisionError):
            return None
    if not all(a.is_finite() for a in at):
        return None
    middles = [rational(a) for a in at]
    cell = tuple((m - Rational(1, 2**20), m + Rational(1, 2**20)) for m in middles)
    image = _krawczyk(equations, slopes, variables, cell)
    if image is None or not image[0]:
        return None
    return _place(equations, variables, _refined(equations, slopes, variables, image[1]))


def _place(equations: Sequence[Expr], variables: tuple[Symbol, ...], cell: Cell) -> Place:
    """A zero that is a point with simple coordinates, or logarithms of such, is said exactly."""
    near = {x: _simple(lo, hi) for x, (lo, hi) in zip(variables, cell, strict=True)}
    if all(e.xreplace(near).expand() == 0 for e in equations):
        return Formula(near)
    return Enclosed(dict(zip(variables, cell, strict=True)), {})


def _simple(lo: Rational, hi: Rational) -> Expr:
    """A rational number with a small denominator between two numbers, or the logarithm of one; else the lower end."""
    guesses: list[Expr] = [Rational(round((lo + hi) / 2 * 12), 12)]
    if abs(lo) < 10:
        with precision(160):
            power = Rational(round(rational(ball(exp((lo + hi) / 2), {})) * 12), 12)
        guesses += [log(power)] if power > 0 else []
    return next((g for g in guesses if sign_of_number(g - lo) >= 0 >= sign_of_number(g - hi)), lo)


def _is_empty(equations: Sequence[Expr], variables: tuple[Symbol, ...], cell: Cell, domain: Sequence[Expr]) -> bool:
    with precision(80):
        at = {x: enclosing(lo, hi) for x, (lo, hi) in zip(variables, cell, strict=True)}
        try:
            return any(v > 0 or v < 0 for v in (ball(e, at) for e in equations)) or any(
                ball(d, at) <= 0 for d in domain
            )
        except NoBallError as reason:
            raise UndecidableError("values of ", *reason.args) from None


def _krawczyk(
    equations: Sequence[Expr], slopes: list[list[Expr]], variables: tuple[Symbol, ...], cell: Cell
) -> tuple[bool, Cell] | None:
    """Whether the cell holds exactly one zero, and a smaller cell around it; None where the test says nothing."""
    n = len(variables)
    with precision(120):
        at = {x: enclosing(lo, hi) for x, (lo, hi) in zip(variables, cell, strict=True)}
        middle = {x: ball((lo + hi) / 2, {}) for x, (lo, hi) in zip(variables, cell, strict=True)}
        J = arb_mat([[ball(s, at) for s in row] for row in slopes])
        centre = arb_mat([[ball(s, middle).mid() for s in row] for row in slopes])
        try:
            Y = centre.inv()
        except ZeroDivisionError:
            return None
        Y = arb_mat([[Y[i, j].mid() for j in range(n)] for i in range(n)])
        value = arb_mat([[ball(e, middle)] for e in equations])
        identity = arb_mat([[arb(int(i == j)) for j in range(n)] for i in range(n)])
        spread = arb_mat([[at[x] - middle[x]] for x in variables])
        image = arb_mat([[middle[x]] for x in variables]) - Y * value + (identity - Y * J) * spread
        bounds: list[tuple[Rational, Rational]] = []
        for k, (lo, hi) in enumerate(cell):
            if not image[k, 0].is_finite():
                return None
            low, high = rational(image[k, 0].lower()), rational(image[k, 0].upper())
            if not (lo < low and high < hi):
                return False, cell
            bounds.append((low, high))
    return True, tuple(bounds)


def _refined(equations: Sequence[Expr], slopes: list[list[Expr]], variables: tuple[Symbol, ...], cell: Cell) -> Cell:
    for _ in range(12):
        step = _krawczyk(equations, slopes, variables, cell)
        if step is None or not step[0] or max(hi - lo for lo, hi in step[1]) < Rational(1, 2**80):
            return step[1] if step is not None and step[0] else cell
        cell = step[1]
    return cell
