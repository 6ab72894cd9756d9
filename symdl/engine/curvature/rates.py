"""Learning rates that the curvature allows: of quadratics exactly, of other functions close to a minimum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, Matrix, Poly, Symbol
from sympy.polys.polyerrors import BasePolynomialError
from sympy.polys.rootoftools import ComplexRootOf

from symdl.engine.curvature.knowledge import UndecidableError, letters_of
from symdl.engine.curvature.local import Function
from symdl.engine.curvature.merging import Found
from symdl.engine.curvature.places import Place, ascending, exact_roots, neat
from symdl.language import decimal, is_exact
from symdl.problem import Relation, Text

ETA = Symbol(r"\eta", real=True)

LARGEST = 4
"""Of Hessians with more rows the eigenvalues are not worked out."""


def rates(function: Function, found: Sequence[Found]) -> Iterator[Text]:
    """What gradient descent x - η ∇f does: the rates that converge, the best one, and Newton's step."""
    minima = [
        f
        for f in found
        if f.judged.verdict.kind == "minimum"
        and not f.place.free
        and not f.conditions
        and not f.judged.verdict.inertia[2]
    ]
    quadratic = all(not letters_of(e) & set(function.variables) for row in function.hessian for e in row)
    told: dict[tuple[Expr, ...], Found] = {}
    for f in minima:
        try:
            told.setdefault(tuple(_short(c) for c in _curvatures(function, f.place)), f)
        except (UndecidableError, BasePolynomialError):
            return
    for curvatures, f in list(told.items())[:2]:
        if quadratic:
            yield from _of_quadratic(curvatures)
        else:
            yield _close_to(curvatures, f, function, len(told) == 1, len(minima))


def _of_quadratic(curvatures: tuple[Expr, ...]) -> Iterator[Text]:
    low, high = curvatures[0], curvatures[-1]
    if low == high:
        yield (
            "Gradient descent with the rate ", ETA, " multiplies the distance to the minimum by ", 1 - ETA * low,
            " in every step. It converges for a rate between 0 and ", neat(2 / low), ", and arrives in one step with "
            "the best rate ", neat(1 / low), ", which is Newton's step.",
        )  # fmt: skip
        yield (
            "Two steps with the rates ", Symbol(r"\eta_1", real=True), " and ", Symbol(r"\eta_2", real=True),
            " multiply it by ", (1 - Symbol(r"\eta_1", real=True) * low) * (1 - Symbol(r"\eta_2", real=True) * low),
            ": they arrive exactly if one of the two is ", neat(1 / low), ", the other one may be any.",
        )  # fmt: skip
        return
    words: list[str | Expr | Relation] = ["The eigenvalues of the Hessian are ", *_listed(curvatures)]
    words += [
        ". Gradient descent converges for a rate between 0 and ", neat(2 / high), "; the best fixed rate is ",
        neat(2 / (low + high)), ", with which the distance shrinks at least by the factor ",
        neat((high - low) / (high + low)), " in every step.",
    ]  # fmt: skip
    yield tuple(words)
    steps = "Two" if len(set(curvatures)) == 2 else "Three" if len(set(curvatures)) == 3 else "Four"
    yield (
        f"{steps} steps with the rates ", *_listed([neat(1 / c) for c in dict.fromkeys(curvatures)]),
        " arrive exactly, each of them removing one eigenvector's part, and so does one step of Newton's method.",
    )  # fmt: skip


def _close_to(curvatures: tuple[Expr, ...], found: Found, function: Function, alike: bool, count: int) -> Text:
    """What the curvature at a minimum says where the function is not quadratic."""
    low, high = curvatures[0], curvatures[-1]
    where: list[str | Expr | Relation] = ["the minimum" if count == 1 else "each minimum"]
    if not alike:
        where = ["the minimum at "]
        for n, x in enumerate(function.variables):
            where += [", " if n else "", Relation(x, "=", found.place.at[x])]
    words: list[str | Expr | Relation] = ["The function is not quadratic, so this holds only close to ", *where]
    if low == high:
        words += [": the curvature there is ", high, ", so that "]
    else:
        words += [": the curvatures there lie between ", low, " and ", high, ", so that "]
    words += [
        "gradient descent converges for rates below ", _short(neat(2 / high)), ", and fastest with about ",
        _short(neat(2 / (low + high))), ".",
    ]  # fmt: skip
    return tuple(words)


def _short(value: Expr) -> Expr:
    """A number without a short formula in four digits."""
    return value if is_exact(value) else decimal(value, 4)


def _listed(values: Sequence[Expr]) -> Iterator[str | Expr]:
    for n, v in enumerate(values):
        if n:
            yield " and " if n == len(values) - 1 else ", "
        yield v


def _curvatures(function: Function, place: Place) -> tuple[Expr, ...]:
    """The eigenvalues of the Hessian at a point, in order."""
    H = [[place.value(e) for e in row] for row in function.hessian]
    n = len(H)
    if n == 1:
        return (H[0][0],)
    if n > LARGEST or any(letters_of(e) for row in H for e in row):
        raise UndecidableError("the order of the eigenvalues")
    if all(H[i][j] == 0 for i in range(n) for j in range(n) if i != j):
        return tuple(ascending(H[i][i] for i in range(n)))
    x = Symbol("x", real=True)
    p = Poly(Matrix(n, n, lambda i, j: H[i][j]).charpoly().all_coeffs(), x, domain="QQ")
    values = [r for r in exact_roots(p) for _ in range(_multiplicity(p, r))]
    if len(values) != n or any(v.has(ComplexRootOf) for v in values):
        raise UndecidableError("the eigenvalues in closed form")
    return tuple(values)


def _multiplicity(p: Poly, root: Expr) -> int:
    """How often a root is one."""
    for factor, power in p.factor_list()[1]:
        if neat(factor.as_expr().xreplace({p.gen: root})) == 0:
            return int(power)
    return 0
