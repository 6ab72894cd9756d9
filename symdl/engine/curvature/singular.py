"""Points at which a root has a function but no derivative, and the edge of the domain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Expr, Pow, S, Symbol

from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, letters_of
from symdl.engine.curvature.local import Judged, Verdict
from symdl.engine.curvature.places import Formula, neat
from symdl.engine.curvature.stationary import vanishing
from symdl.engine.curvature.subject import Subject
from symdl.errors import UnsolvedError
from symdl.problem import Relation


def roots_of(subject: Subject) -> list[Pow]:
    """The roots of what holds a variable."""
    own = set(subject.variables)
    found = {a for a in subject.f.atoms(Pow) if a.exp.is_Rational and not a.exp.is_Integer and letters_of(a.base) & own}
    return sorted(found, key=str)


def check_roots(subject: Subject) -> None:
    """Fails  with `UnsolvedError` for an odd root of what may be negative."""
    known = _free(subject.known, subject)
    within = replace(known, signs=(*((d, frozenset((1,))) for d in subject.domain), *known.signs))
    for root in roots_of(subject):
        if root.exp.q % 2 and -1 in within.possible(root.base):
            raise UnsolvedError(
                f"a root of order {root.exp.q} of {root.base}, which may be negative: state where it is positive, or "
                "use |…|"
            )


def singular(subject: Subject, known: Knowledge) -> Iterator[Judged]:
    """The points inside the domain at which a root vanishes, judged by the sign of the difference to the value there.

    Raises  `UndecidableError` where that sign is not visible.
    """
    for root in roots_of(subject):
        u = root.base
        may = _free(known, subject).possible(u)
        if 0 not in may or -1 in may or root.exp < 0:
            continue
        points = vanishing([u], subject.variables, known)
        for place in points.places:
            if place.free or not isinstance(place, Formula) or not points.whole:
                raise UndecidableError("what happens where ", u, " = 0: the function is not differentiable there")
            value = place.value(subject.f)
            gap = neat(subject.f - value)
            signs = _free(known, subject).possible(gap)
            if not (signs <= {0, 1} or signs <= {0, -1}):
                raise UndecidableError("what happens where ", u, " = 0: the function is not differentiable there")
            bound = Relation(gap, ">=" if 1 in signs else "<=", S.Zero)
            why = ("The root has no derivative at this point. But everywhere ", bound, ", with equality there.")
            yield Judged(place, Verdict("minimum" if 1 in signs else "maximum", why, (0, 0, 1)), value, known)


def _free(known: Knowledge, subject: Subject) -> Knowledge:
    """What is known of the parameters alone."""
    own: set[Expr] = set(subject.variables)
    return Knowledge(tuple(p for p in known.signs if not letters_of(p[0]) & own), known.values, known.assumed)


def edge(subject: Subject) -> Relation | None:
    """Where a root reaches the edge of its domain; None where it has none."""
    own: set[Symbol] = set(subject.variables)
    for root in roots_of(subject):
        inside = any(d == root.base and letters_of(d) & own for d in subject.domain)
        if root.exp > 0 and inside and -1 in _free(subject.known, subject).possible(root.base):
            return Relation(root.base, "=", S.Zero)
    return None
