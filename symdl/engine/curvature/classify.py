"""The derivation of a `Classify`: which way a function is taken, by its variables, kinks and constraints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sympy import Expr, Symbol
from sympy.polys.polyerrors import BasePolynomialError

from symdl.engine.curvature.balls import NoBallError
from symdl.engine.curvature.borders import border_of, on_border
from symdl.engine.curvature.constrained import lagrangian, stationary_points
from symdl.engine.curvature.corners import Corners
from symdl.engine.curvature.faces import Faces
from symdl.engine.curvature.families import classify_family, is_symbolic
from symdl.engine.curvature.kinked import KinkPage
from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, letters_of, split
from symdl.engine.curvature.local import Function, Judged, judged
from symdl.engine.curvature.merging import merged
from symdl.engine.curvature.page import Page
from symdl.engine.curvature.pieces import Broken, combined, ends, in_pieces, separated
from symdl.engine.curvature.places import Formula
from symdl.engine.curvature.singular import check_roots, singular
from symdl.engine.curvature.stationary import stationary
from symdl.engine.curvature.subject import Subject, is_concrete, subject_of
from symdl.engine.session import Session
from symdl.errors import UnsolvedError
from symdl.language import Step
from symdl.problem import Derivation

DIMENSIONS = 4
"""Kinks that tie more variables than this together are not looked into."""


def classify(session: Session) -> Derivation:
    """The derivation of a `Classify`; its result is a list of `CriticalPoint`.

    Fails  with `UnsolvedError` where the function depends on none of the variables, or its critical points are not
    found; the message says what was reached.
    """
    try:
        return _classified(session)
    except UndecidableError as reason:
        raise UnsolvedError("not decided: ", *reason.args) from None
    except NoBallError as reason:
        raise UnsolvedError("not decided: there are no enclosures of ", *reason.args) from None
    except (ZeroDivisionError, BasePolynomialError, NotImplementedError) as reason:
        raise UnsolvedError(f"not decided: the algebra stops at {type(reason).__name__}: {reason}") from None


def _classified(session: Session) -> Derivation:
    if is_symbolic(session):
        return classify_family(session)
    subject = subject_of(session)
    page = Page(session, subject)
    if not is_concrete(subject.f):
        raise UnsolvedError("functions of a symbolic number of variables are not classified")
    if subject.f.has(Step):
        return _with_kinks(subject, KinkPage(session, subject))
    if subject.constraints:
        return _constrained(subject, page)
    return _smooth(subject, page)


def _smooth(subject: Subject, page: Page) -> Derivation:
    check_roots(subject)
    function = Function(subject.f, subject.variables)
    border = border_of(subject)
    if subject.point is not None:
        if border is not None and on_border(subject, subject.point):
            return page.asked_edge(border, subject.point)
        return page.asked(function, subject.point)
    found: list[Judged] = []
    whole = True

    def run(known: Knowledge) -> tuple[list[Judged], bool]:
        points = stationary(function, known, subject.domain)
        curves = [p.curve for p in points.places if isinstance(p, Formula) and p.curve is not None]
        some = [j for place in points.places for j in judged(function, place, known, curves)]
        return [*some, *singular(subject, known)], points.whole

    for _, (some, complete) in split(run, subject.known):
        found += some
        whole = whole and complete
    return page.finished(function, merged(found, subject.known), whole, border)


def _with_kinks(subject: Subject, page: KinkPage) -> Derivation:
    parts = separated(subject.f, subject.variables)
    own = set(subject.variables)
    tied = any(len(letters_of(d) & own) > 1 for d in subject.domain) or (subject.closed and len(own) > 1)
    if parts is None or subject.constraints or tied:
        return _with_corners(subject, page)

    def run(known: Knowledge) -> tuple[list[Broken], list[Judged]]:
        broken = [in_pieces(f, x, known, _own(subject, x)) for x, f in parts.items()]
        if len(broken) > 1:
            return broken, combined(broken, known)
        gaps = [subject.gap(r) for r in subject.closed]
        free = replace(known, signs=tuple(p for p in known.signs if p[0] not in gaps))
        return broken, [*broken[0].found, *ends(broken[0], gaps, free)]

    found = split(run, subject.known)
    page.examined = len(parts) == 1
    if subject.point is not None:
        return page.asked_broken(found, subject.point)
    points = merged([j for _, (_, judged_) in found for j in judged_], subject.known)
    return page.broken(found, points)


def _own(subject: Subject, x: Symbol) -> tuple[Expr, ...]:
    return tuple(d for d in subject.domain if letters_of(d) & set(subject.variables) == {x})


def _constrained(subject: Subject, page: Page) -> Derivation:
    problem = lagrangian(subject.f, subject.variables, subject.constraints)
    cases = split(lambda known: stationary_points(problem, known, subject.domain), subject.known)
    points = merged([j for _, (found, _) in cases for j in found], subject.known)
    border = border_of(subject)
    if subject.point is not None:
        if border is not None and on_border(subject, subject.point):
            return page.asked_edge(border, subject.point)
        return page.asked_constrained(problem, points, subject.point)
    return page.constrained(problem, points, all(whole for _, (_, whole) in cases), border)


def _with_corners(subject: Subject, page: KinkPage) -> Derivation:
    if len(subject.variables) > DIMENSIONS:
        raise UnsolvedError(f"kinks that tie more than {DIMENSIONS} variables together are not classified")
    bound = bool(subject.domain or subject.constraints)

    def run(known: Knowledge) -> tuple[list[Judged], Corners]:
        corners = Faces(subject, known) if bound else Corners(subject.f, subject.variables, known)
        return corners.found(), corners

    cases = split(run, subject.known)
    points = merged([j for _, (found, _) in cases for j in found], subject.known)
    page.examined = bound
    if subject.point is not None:
        _check_inside(subject, subject.point)
    if len(cases) == 1:
        page.cells(cases[0][1][1], [p.judged.value for p in points if p.judged.verdict.kind == "minimum"])
    return page.cornered(points, all(corners.whole for _, (_, corners) in cases), subject.point)


def _check_inside(subject: Subject, point: Mapping[Symbol, Expr]) -> None:
    """Fails with `UnsolvedError` where the point visibly violates a constraint."""
    place = Formula(dict(point))
    closed = tuple(map(subject.gap, subject.closed))
    for g in dict.fromkeys((*closed, *subject.domain)):
        outside, lacks = ({-1}, "is negative") if g in closed else ({-1, 0}, "is not positive")
        if subject.known.possible(place.value(g)) <= outside:
            raise UnsolvedError("the point lies outside the domain: ", g, f" {lacks} there")
    for g in subject.constraints:
        if 0 not in subject.known.possible(place.value(g)):
            raise UnsolvedError("the point does not satisfy the constraint: ", g, " is not 0 there")
