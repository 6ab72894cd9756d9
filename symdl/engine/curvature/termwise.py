"""Sums of functions of one member each, of symbolic size: every member is found by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Abs, Expr, Indexed, Symbol, diff

from symdl.engine.curvature.knowledge import knowledge_from, split
from symdl.engine.curvature.members import name_of, says
from symdl.engine.curvature.merging import merged
from symdl.engine.curvature.pieces import in_pieces
from symdl.engine.curvature.places import neat
from symdl.engine.curvature.sheet import kind_words
from symdl.engine.curvature.subject import with_definitions
from symdl.engine.derive import unfolded
from symdl.engine.session import Session
from symdl.language import (
    D,
    Sigma,
    family,
    free_symbols,
    fresh_index,
    indices_of,
    label_of,
    put,
    quantities,
    subterms,
)
from symdl.problem import CriticalPoint, Derivation, Display, Line, Range, Relation, Text


def terms_of(label: Symbol, session: Session) -> tuple[Expr, Symbol, Range] | None:
    """The summand of a sum whose terms hold one member each, with its letter and range."""
    body = unfolded(session.task.goal, session)
    scale, rest = body.as_coeff_Mul()
    if not isinstance(rest, Sigma):
        return None
    i = fresh_index("ijklmn", free_symbols(body) | set(session.ranges))
    summand = scale * rest.open(i)
    members = {q for q in quantities(summand) if label_of(q) == label}
    if members != {family(label, i)} or any(isinstance(t, Sigma) for t in subterms(summand)):
        return None
    return summand, i, Range(rest.lo, rest.hi)


def term_by_term(label: Symbol, terms: tuple[Expr, Symbol, Range], session: Session) -> Derivation:
    summand, i, run = terms
    session.ranges[i] = run
    every = sorted(quantities(summand), key=str)
    letters = {q: Symbol(name_of(q) if isinstance(q, Indexed) else str(q), real=True) for q in every}
    back = {v: k for k, v in letters.items()}
    x = letters[family(label, i)]
    f = with_definitions(summand.xreplace(letters))
    facts: list[Relation] = []
    for fact in session.givens.facts:
        for q in every:
            r = fact.relation
            formal = tuple(fact.ranges)
            at = put(r.lhs, dict(zip(formal, indices_of(q), strict=False))) if formal else r.lhs
            if at == q:
                facts.append(Relation(letters[q], r.sign, r.rhs))
    known = knowledge_from(facts)
    cases = split(lambda k: in_pieces(f, x, k), known)
    found = merged([j for _, broken in cases for j in broken.found], known)
    displays: list[Display] = [
        says(
            "The function is a sum of functions of one variable each; every ", family(label, i), " is found by itself."
        )
    ]
    for _, broken in cases:
        for piece in broken.pieces:
            # Each piece's slope is the same in every case; what differs is where it vanishes.
            slope = neat(diff(piece.f, x)).xreplace(back)
            where_ = tuple(Relation(c.lhs.xreplace(back), c.sign, c.rhs.xreplace(back)) for c in piece.conditions(x))
            if all(d.conditions != where_ for d in displays) and all(c.rhs.is_Rational for c in where_):
                displays.append(
                    Display(
                        D(session.task.goal, family(label, i)), (Line(slope, ("differentiate",)),), {i: run}, (), where_
                    )
                )
    points: list[CriticalPoint] = []
    for item in found:
        conditions = tuple(Relation(c.lhs.xreplace(back), c.sign, c.rhs.xreplace(back)) for c in item.conditions)
        where: list[str | Expr | Relation] = []
        for n, c in enumerate(conditions):
            where += [" and " if n else " if ", c]
        value = item.place.at[x].xreplace(back)
        why = tuple(w.xreplace(back) if isinstance(w, Expr) else w for w in item.judged.verdict.why)
        displays.append(
            says(
                "At ",
                Relation(family(label, i), "=", value),
                *where,
                ": ",
                kind_words(item.judged.verdict, 1),
                ". ",
                *why,
            )
        )
        points.append(
            CriticalPoint(
                {name_of(family(label, i)): value},
                item.judged.verdict.kind,
                item.judged.value.xreplace(back),
                conditions,
            )
        )
    remarks: list[Text] = list(_thresholds(points, family(label, i)))
    return Derivation(
        problem=session.problem,
        task=session.task,
        result=points,
        displays=tuple(displays),
        plan=("Each term holds one variable: split at the kinks, and let the derivative vanish on each piece.",),
        remarks=tuple(remarks),
    )


def _thresholds(points: Sequence[CriticalPoint], member: Expr) -> Iterator[Text]:
    """From which size of a parameter on every variable is zero."""
    for point in points:
        if point.kind != "minimum" or any(v != 0 for v in point.at.values()) or not point.conditions:
            continue
        bounds_ = {(c.lhs, c.sign) for c in point.conditions}
        if len(bounds_) == 1 and next(iter(bounds_))[1] in (">", ">="):
            lhs = point.conditions[0].lhs
            rhs = [c.rhs for c in point.conditions]
            bound: Expr | None = rhs[0] if len(rhs) == 1 else Abs(rhs[0]) if (rhs[0] + rhs[1]).expand() == 0 else None
            if bound is not None:
                yield (
                    "All of them are zero as soon as ",
                    lhs,
                    " reaches the greatest of the values ",
                    bound,
                    " over all ",
                    *indices_of(member),
                    ".",
                )
