"""Critical points under equations, by Lagrange multipliers; the bordered Hessian says what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

from sympy import Add, Expr, Matrix, Mul, Rational, Symbol, diff, exp

from symdl.engine.curvature.extent import confined
from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, letters_of, split
from symdl.engine.curvature.local import Function, Judged, Verdict, tidy, variations
from symdl.engine.curvature.local import verdict_at as free_verdict
from symdl.engine.curvature.places import Enclosed, Formula, Place, neat
from symdl.engine.curvature.stationary import vanishing
from symdl.engine.curvature.systems import Solutions
from symdl.problem import PointKind


@dataclass(frozen=True)
class Lagrangian:
    """f - Σ λ g, with the multipliers."""

    f: Expr
    variables: tuple[Symbol, ...]
    constraints: tuple[Expr, ...]
    multipliers: tuple[Symbol, ...]

    @property
    def whole(self) -> Expr:
        return self.f - Add(*(m * g for m, g in zip(self.multipliers, self.constraints, strict=True)))

    @property
    def equations(self) -> tuple[Expr, ...]:
        return (*(tidy(diff(self.whole, x)) for x in self.variables), *self.constraints)

    @property
    def bordered(self) -> Matrix:
        """The second derivatives of the Lagrangian, bordered by the gradients of the constraints."""
        every = (*self.multipliers, *self.variables)
        return Matrix(len(every), len(every), lambda i, j: tidy(diff(self.whole, every[i], every[j])))

    @property
    def compact(self) -> bool:
        """Whether a constraint keeps every variable bounded."""
        return any(confined(g, self.variables) for g in self.constraints)


def lagrangian(
    f: Expr, variables: Sequence[Symbol], constraints: Sequence[Expr], known: Knowledge | None = None
) -> Lagrangian:
    """The Lagrangian, its multipliers named by letters that are not in use, nor have a value in this case."""
    taken = {str(s) for s in letters_of(f).union(*map(letters_of, constraints))}
    taken |= {str(s) for s, _ in known.values} if known is not None else set()
    names = [r"\lambda", r"\mu", r"\nu", r"\kappa"] if len(constraints) <= 4 else []
    free = [x for x in (*names, "l", "m") if x not in taken]
    if len(free) < len(constraints):
        raise UndecidableError("so many constraints")
    multipliers = tuple(Symbol(x, real=True) for x in free[: len(constraints)])
    return Lagrangian(f, tuple(variables), tuple(constraints), multipliers)


def stationary_points(problem: Lagrangian, known: Knowledge, domain: Sequence[Expr]) -> tuple[list[Judged], bool]:
    """The points at which the Lagrangian's gradient vanishes, with what they are, in one case.

    Raises  `OpenSignError`, `UndecidableError`, also where the constraints' gradients are dependent at a point.
    """
    singular = vanishing((*problem.constraints, gram(problem)), problem.variables, known, domain)
    if singular.places:
        raise UndecidableError("the gradients of the constraints are dependent at a point that satisfies them")
    found = candidates(problem, known, domain)
    judged: list[Judged] = []
    for place in map(partial(_exactly, problem), found.places):
        verdicts = split(partial(verdict_at, problem, place), known)
        judged += [Judged(place, verdict, place.value(problem.f), case) for case, verdict in verdicts]
    return judged, found.whole


def candidates(problem: Lagrangian, known: Knowledge, domain: Sequence[Expr]) -> Solutions:
    """Where the Lagrangian's gradient vanishes, with the multipliers.

    A factor e^u that all derivatives of the function share is taken into the multipliers, so that it need not be
    solved for.

    Raises  `OpenSignError`, `UndecidableError`.
    """
    every = (*problem.variables, *problem.multipliers)
    slopes = [tidy(diff(problem.f, x)).factor() for x in problem.variables]
    shared = [
        f
        for f in Mul.make_args(slopes[0])
        if isinstance(f, exp) and all(f in Mul.make_args(s) for s in slopes if s != 0)
    ]
    if not shared or not problem.constraints:
        return vanishing(problem.equations, every, known, domain)
    scale = Mul(*shared)
    rest = [Mul(*(f for f in Mul.make_args(s) if f not in shared)) for s in slopes]
    pulls = (Add(*(m * diff(g, x) for m, g in zip(problem.multipliers, problem.constraints, strict=True)))
             for x in problem.variables)  # fmt: skip
    found = vanishing([*(r - p for r, p in zip(rest, pulls, strict=True)), *problem.constraints], every, known, domain)
    places: list[Place] = []
    for place in found.places:
        if isinstance(place, Enclosed):
            return vanishing(problem.equations, every, known, domain)
        at = dict(place.at)
        at |= {m: neat(at[m] * scale.xreplace(at)) for m in problem.multipliers}
        conditions = place.conditions if isinstance(place, Formula) else ()
        places.append(Formula(at, place.free, conditions))
    return Solutions(tuple(places), found.whole)


def _exactly(problem: Lagrangian, place: Place) -> Place:
    """A point known by its enclosure as the exact one with simple coordinates, where that satisfies all equations."""
    if not isinstance(place, Enclosed):
        return place
    near = {x: Rational(round(place.at[x] * 12), 12) for x in problem.variables}
    G = Matrix([[diff(g, x).xreplace(near) for x in problem.variables] for g in problem.constraints])
    if (G * G.T).det() == 0:
        return place
    slopes = Matrix([diff(problem.f, x).xreplace(near) for x in problem.variables])
    values = (G * G.T).inv() * G * slopes
    at = {**near, **{m: neat(v) for m, v in zip(problem.multipliers, values, strict=True)}}
    close = all(abs(at[x] - v) < Rational(1, 10**9) for x, v in place.at.items())
    return Formula(at) if close and all(neat(e.xreplace(at)) == 0 for e in problem.equations) else place


def gram(problem: Lagrangian) -> Expr:
    """The determinant that vanishes where the constraints' gradients are dependent."""
    G = Matrix([[diff(g, x) for x in problem.variables] for g in problem.constraints])
    return tidy((G * G.T).det())


def verdict_at(problem: Lagrangian, place: Place, known: Knowledge) -> Verdict:
    """What a point is: the bordered matrix has one more eigenvalue of each sign for every constraint.

    Its other eigenvalues have the signs of the second derivative along the constraints.
    """
    linear = _without_constraints(problem, place, known)
    if linear is not None:
        return linear
    B, m = problem.bordered, len(problem.multipliers)
    size = B.shape[0]
    if size == 2 * m + 1 and not place.free:
        side = place.sign(tidy(B.det(method="berkowitz")), known) * (-1) ** m
        if side:
            word = "positive" if side > 0 else "negative"
            return Verdict(
                "minimum" if side > 0 else "maximum",
                (f"Along the constraint the second derivative is {word}.",),
                (int(side > 0), int(side < 0), 0),
            )
    signs: list[int] = []
    for k in range(1, size + 1):
        minors = Add(*(B.extract(r, r).det(method="berkowitz") for r in combinations(range(size), k)))
        signs.append(place.sign(tidy(minors), known))
    zero = 0
    while zero < size and signs[size - 1 - zero] == 0:
        zero += 1
    pos = variations([1, *(s * (-1) ** (k + 1) for k, s in enumerate(signs))])
    inertia = (pos - m, size - pos - zero - m, zero)
    if inertia[0] and inertia[1]:
        return Verdict("saddle", ("Along the constraint the second derivative takes both signs.",), inertia)
    dimension = len([x for x in place.free if x in problem.variables])
    if zero > dimension:
        raise UndecidableError("the second derivative along the constraint is degenerate")
    kind: PointKind = "minimum" if inertia[0] else "maximum" if inertia[1] else "minimum"
    word = "positive" if inertia[0] else "negative"
    return Verdict(kind, (f"Along the constraint the second derivative is {word}.",), inertia)


def _without_constraints(problem: Lagrangian, place: Place, known: Knowledge) -> Verdict | None:
    """Linear constraints solved for as many variables, and the rest judged without them."""
    if not isinstance(place, Formula) or place.free:
        return None
    f, variables = problem.f, list(problem.variables)
    for g in problem.constraints:
        for x in list(variables):
            slope = diff(g, x)
            if slope.is_Rational and slope != 0:
                value = (x - g / slope).expand()
                f = f.xreplace({x: value})
                variables.remove(x)
                break
        else:
            return None
    if not variables:
        return None
    inner = Formula({x: place.at[x] for x in variables})
    return free_verdict(Function(f, tuple(variables)), inner, known)
