"""Extrema on the boundary of a closed domain: the faces on which constraints are active, and their multipliers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, product

from sympy import Add, E, Expr, Integer, Matrix, Pow, Rational, S, Symbol, diff, log, tan

from symdl.engine.curvature.constrained import Lagrangian, candidates, gram, lagrangian, verdict_at
from symdl.engine.curvature.extent import confined
from symdl.engine.curvature.knowledge import (
    Knowledge,
    OpenSignError,
    UndecidableError,
    letters_of,
    readable,
    sign_of_number,
    split,
)
from symdl.engine.curvature.local import Function, Judged, Verdict, specialised, tidy, under
from symdl.engine.curvature.local import verdict_at as free_verdict
from symdl.engine.curvature.places import Formula, Place, neat
from symdl.engine.curvature.stationary import vanishing
from symdl.engine.curvature.subject import Subject
from symdl.problem import PointKind, Text

ACTIVE = 6
"""Of more inequalities than this the faces are not looked through."""

Interval = tuple[Expr | None, Expr | None]


@dataclass(frozen=True)
class Edge:
    """A candidate on the face where `active` vanishes; its kind is the one in the whole closed domain."""

    problem: Lagrangian
    active: tuple[Expr, ...]
    judged: Judged


@dataclass(frozen=True)
class Border:
    """All candidates on the boundary; `whole` says that there are no others, `bounded` that the domain is compact."""

    edges: tuple[Edge, ...]
    whole: bool
    bounded: bool
    convex: bool


def border_of(subject: Subject) -> Border | None:
    """The candidates on the boundary; None where the domain is not closed, or its boundary is not understood."""
    gaps = tuple(g for g in map(subject.gap, subject.closed) if g in subject.domain)
    if not gaps or len(gaps) > ACTIVE or not _is_smooth(subject, gaps):
        return None
    try:
        cases = split(lambda known: _edges(subject, gaps, known), subject.known)
    except (UndecidableError, NotImplementedError):
        return None
    strict = [d for d in subject.domain if d not in gaps]
    closed = not strict and _is_continuous(subject.f, subject.variables)
    convex = not strict and all(_is_linear(g, subject.variables) or _is_concave(g, subject) for g in gaps)
    convex = convex and all(_is_linear(g, subject.variables) for g in subject.constraints)
    return Border(
        tuple(e for _, (edges, _) in cases for e in edges),
        all(whole for _, (_, whole) in cases),
        closed and is_bounded(gaps, subject.constraints, subject.variables),
        convex,
    )


def on_border(subject: Subject, point: Mapping[Symbol, Expr]) -> bool:
    """Whether a point of the closed domain lies on its boundary.

    Raises  `UndecidableError` where a sign depends on the letters.
    """
    place = Formula(dict(point))
    try:
        signs = [place.sign(subject.gap(r), subject.known) for r in subject.closed]
    except OpenSignError as reason:
        raise UndecidableError("whether the point lies on the boundary: ", *reason.args) from None
    return 0 in signs and -1 not in signs


def _edges(subject: Subject, gaps: Sequence[Expr], known: Knowledge) -> tuple[list[Edge], bool]:
    found: list[Edge] = []
    whole = True
    room = len(subject.variables) - len(subject.constraints)
    for count in range(1, min(room, len(gaps)) + 1):
        for active in combinations(gaps, count):
            here = replace(known, signs=tuple(p for p in known.signs if p[0] not in active))
            problem = lagrangian(subject.f, subject.variables, (*subject.constraints, *active))
            inside = [d for d in subject.domain if d not in active]
            if vanishing((*problem.constraints, gram(problem)), problem.variables, here, inside).places:
                raise UndecidableError("the gradients of the constraints are dependent at a point of the boundary")
            places, complete = _candidates(problem, here, inside)
            whole = whole and complete
            for place in places:
                cases = split(partial(_in_case, subject, problem, active, gaps, place), here)
                found += [Edge(problem, active, j) for case, js in cases for j in js]
    return found, whole


def _candidates(problem: Lagrangian, known: Knowledge, inside: Sequence[Expr]) -> tuple[Sequence[Place], bool]:
    """The points of a face at which the gradient is a combination of those of its constraints."""
    if len(problem.constraints) < len(problem.variables):
        found = candidates(problem, known, inside)
        return found.places, found.whole
    corners = vanishing(problem.constraints, problem.variables, known, inside)
    places: list[Place] = []
    for corner in corners.places:
        normals = Matrix([[neat(corner.value(diff(g, x))) for g in problem.constraints] for x in problem.variables])
        slopes = Matrix([neat(corner.value(diff(problem.f, x))) for x in problem.variables])
        values = normals.inv() * slopes
        multipliers = {m: neat(v) for m, v in zip(problem.multipliers, values, strict=True)}
        places.append(Formula({**corner.at, **multipliers}))
    return places, corners.whole


def _in_case(
    subject: Subject, problem: Lagrangian, active: Sequence[Expr], gaps: Sequence[Expr], place: Place, known: Knowledge
) -> list[Judged]:
    place = specialised(place, known)
    verdict = _verdict(subject, problem, active, gaps, place, known)
    return [Judged(place, verdict, neat(known.put(place.value(problem.f))), known)]


def _verdict(
    subject: Subject, problem: Lagrangian, active: Sequence[Expr], gaps: Sequence[Expr], place: Place, known: Knowledge
) -> Verdict:
    """What a point is in the closed domain.

    A positive multiplier of an inequality says that the function grows from its face inward.
    """
    inside = known
    if isinstance(place, Formula):
        for c in place.conditions:
            inside = under(inside, c)
    own = problem.multipliers[len(subject.constraints) :]
    signs = [place.sign(m, inside) for m in own]
    if 0 in signs:
        return _unbalanced(subject, problem, active, gaps, place, signs, inside)
    if len(set(signs)) > 1:
        words: Text = ("The multipliers have both signs: into the domain the function grows on one side and falls on "
                       "another.",)  # fmt: skip
        return Verdict("saddle", words)
    along, flat = _along(problem, place, inside)
    word = "grows" if signs[0] > 0 else "falls"
    kind: PointKind = "minimum" if signs[0] > 0 else "maximum"
    if flat:
        words = (f"From there into the domain the function {word}.",)
        if place.free:
            words = (f"From the boundary inward the function {word}, and along it the value stays.",)
        return Verdict(kind, words)
    if along == "undecided":
        return Verdict("undecided", ("What the function does along the boundary is not decided.",))
    words = (f"From the boundary inward the function {word}, along it it has a {along}.",)
    return Verdict(kind if along == kind else "saddle", words)


def _along(problem: Lagrangian, place: Place, known: Knowledge) -> tuple[PointKind, bool]:
    """What the point is on its face, and whether the function is constant there."""
    if len(problem.variables) == len(problem.constraints):
        return "minimum", True
    try:
        verdict = verdict_at(problem, place, known)
    except UndecidableError:
        return "undecided", False
    return verdict.kind, bool(place.free) and verdict.inertia[:2] == (0, 0)


def _unbalanced(
    subject: Subject,
    problem: Lagrangian,
    active: Sequence[Expr],
    gaps: Sequence[Expr],
    place: Place,
    signs: Sequence[int],
    known: Knowledge,
) -> Verdict:
    """Where a multiplier is zero: by the sign of what is left, without that constraint, or along rays."""
    gap = neat(problem.f - place.value(problem.f))
    if not letters_of(place.value(problem.f)) & set(problem.variables):
        closed: tuple[tuple[Expr, frozenset[int]], ...] = tuple((g, frozenset((0, 1))) for g in gaps)
        others = tuple(p for p in known.signs if not letters_of(p[0]) & set(problem.variables))
        may = replace(known, signs=(*closed, *others)).possible(gap)
        if may <= {0, 1} or may <= {0, -1}:
            kind: PointKind = "minimum" if may <= {0, 1} else "maximum"
            side = "≥" if may <= {0, 1} else "≤"
            return Verdict(kind, ("In the whole domain ", gap, f" {side} 0, with equality at the point."))
    strict = [g for g, s in zip(active, signs, strict=True) if s]
    left = {s for s in signs if s}
    if len(left) <= 1:
        found = _with_fewer(subject, strict, place, known)
        if found in ("minimum", "maximum") and left <= {1 if found == "minimum" else -1}:
            words: Text = (f"Also without the constraint whose multiplier is zero the point is a local {found}.",)
            return Verdict(found, words)
    seen = _rays(problem, active, place) if not subject.constraints else {}
    if {1, -1} <= set(seen):
        told: list[str | Expr] = []
        for n, s in enumerate((1, -1)):
            told += [" and " if n else "Into the domain it ", "grows along (" if s > 0 else "falls along ("]
            for m, d in enumerate(seen[s]):
                told += [", " if m else "", d]
            told.append(")")
        return Verdict("saddle", (*told, "."))
    return Verdict("undecided", ("A multiplier is zero, and what that leaves is not decided.",))


def _with_fewer(subject: Subject, strict: Sequence[Expr], place: Place, known: Knowledge) -> PointKind:
    """The kind where only some of the active constraints are kept."""
    kept = (*subject.constraints, *strict)
    at = {x: place.at[x] for x in subject.variables}
    try:
        if not kept:
            return free_verdict(Function(subject.f, subject.variables), Formula(at, place.free), known).kind
        problem = lagrangian(subject.f, subject.variables, kept)
        if len(kept) == len(subject.variables):
            return "undecided"
        multipliers = vanishing(
            [e.xreplace(at) for e in problem.equations[: len(problem.variables)]], problem.multipliers, known
        ).places
        if len(multipliers) != 1:
            return "undecided"
        return verdict_at(problem, Formula({**at, **multipliers[0].at}, place.free), known).kind
    except (UndecidableError, OpenSignError):
        return "undecided"


def _rays(problem: Lagrangian, active: Sequence[Expr], place: Place) -> dict[int, tuple[Expr, ...]]:
    """Directions into the domain along which the function grows and falls."""
    x = problem.variables
    at = {v: place.at[v] for v in x}
    if len(x) > 3 or not all(v.is_Rational for v in at.values()):
        return {}
    t = Symbol("t", real=True)
    found: dict[int, tuple[Expr, ...]] = {}
    for d in product(map(Integer, (0, 1, -1, 2, -2)), repeat=len(x)):
        if not any(d) or not all(_is_inward(g, x, d, at) for g in active):
            continue
        h = problem.f.xreplace({v: at[v] + k * t for v, k in zip(x, d, strict=True)})
        for _ in range(6):
            h = diff(h, t)
            value = neat(h.xreplace({t: S.Zero}))
            if letters_of(value) or not value.is_finite:
                break
            sign = sign_of_number(value)
            if sign:
                found.setdefault(sign, d)
                break
    return found


def _is_inward(g: Expr, x: Sequence[Symbol], d: Sequence[Expr], at: Mapping[Symbol, Expr]) -> bool:
    slope = Add(*(k * diff(g, v).xreplace(dict(at)) for v, k in zip(x, d, strict=True)))
    if not slope.is_Rational:
        return False
    return bool(slope > 0) or (slope == 0 and _is_linear(g, x))


def _is_linear(g: Expr, x: Sequence[Symbol]) -> bool:
    return all(tidy(diff(g, v, w)) == 0 for v in x for w in x)


def _is_concave(g: Expr, subject: Subject) -> bool:
    """Whether `g >= 0` is a convex set because no second-order form of g is positive anywhere."""
    minors = Function(-g, subject.variables).symmetric
    try:
        return all(Knowledge().possible(e) <= {0, 1} for e in minors)
    except (UndecidableError, OpenSignError):
        return False


def _is_smooth(subject: Subject, gaps: Sequence[Expr]) -> bool:
    """Whether the function is visibly smooth also on the boundary: no quotient, root or logarithm reaches 0 there."""
    own = set(subject.variables)
    risky = [a.args[0] for a in subject.f.atoms(log)]
    risky += [p.base for p in subject.f.atoms(Pow) if p.base != E and not (p.exp.is_Integer and p.exp > 0)]
    others = tuple(p for p in subject.known.signs if not letters_of(p[0]) & own)
    known = Knowledge((*((g, frozenset((0, 1))) for g in gaps), *others), subject.known.values)
    try:
        return all(0 not in known.possible(u) for u in risky if letters_of(u) & own)
    except (UndecidableError, OpenSignError):
        return False


def _is_continuous(f: Expr, x: Sequence[Symbol]) -> bool:
    """Whether a function is visibly continuous everywhere: no quotient, logarithm or tangent of the variables."""
    own = set(x)
    powers = (p for p in f.atoms(Pow) if p.base != E and letters_of(p.base) & own)
    return all(p.exp.is_positive for p in powers) and not any(letters_of(a) & own for a in f.atoms(log, tan))


def is_bounded(gaps: Sequence[Expr], equations: Sequence[Expr], x: Sequence[Symbol]) -> bool:
    """Whether `gaps >= 0` and `equations = 0` keep every variable bounded, as far as that is visible."""
    if any(confined(g, x) < 0 for g in gaps) or any(confined(g, x) for g in equations):
        return True
    rows = [*gaps, *(s * e for e in equations for s in (1, -1))]
    linear = [g for g in rows if _is_linear(g, x) and not letters_of(g) - set(x)]
    ends: dict[Symbol, Interval] = dict.fromkeys(x, (None, None))
    for _ in range(len(x) + 1):
        for g in linear:
            for v in x:
                ends[v] = _narrowed(g, v, ends)
    return all(lo is not None and hi is not None for lo, hi in ends.values())


def _narrowed(g: Expr, v: Symbol, ends: Mapping[Symbol, Interval]) -> Interval:
    """The interval of a variable after `g >= 0` with the other variables at their worst."""
    lo, hi = ends[v]
    c = diff(g, v)
    if c == 0:
        return lo, hi
    rest = (g - c * v).expand()
    worst: Expr = rest.as_coeff_Add()[0]
    for w in ends:
        k = rest.coeff(w, 1)
        if k == 0:
            continue
        end = ends[w][1 if k > 0 else 0]
        if end is None:
            return lo, hi
        worst += k * end
    bound = -worst / c
    if not isinstance(bound, Rational):
        return lo, hi
    if c > 0:
        return (bound if lo is None else max(lo, bound)), hi
    return lo, (bound if hi is None else min(hi, bound))


def where(edge: Edge) -> Iterator[str | Expr]:
    """The equations of a face, for a sentence."""
    for n, g in enumerate(edge.active):
        r = readable(g, 0)
        yield from (" and " if n else "", r.lhs, " = ", r.rhs)
