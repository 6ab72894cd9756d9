"""Sums of functions of one member each, of symbolic size: every member is found by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Abs, Expr, Indexed, Symbol, diff

from symdl.engine.curvature.knowledge import knowledge_from, split
from symdl.engine.curvature.members import name_of, says
from symdl.engine.curvature.merging import Found, merged
from symdl.engine.curvature.pieces import Piece, in_pieces
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
    indices_of,
    label_of,
    put,
    quantities,
    subterms,
)
from symdl.problem import CriticalPoint, Derivation, Display, Line, Range, Ranges, Relation, Text


def terms_of(label: Symbol, session: Session) -> tuple[Expr, Symbol, Range] | None:
    """The summand of a sum whose terms hold one member each, with its letter and range."""
    body = unfolded(session.task.goal, session)
    scale, rest = body.as_coeff_Mul()
    if not isinstance(rest, Sigma):
        return None
    i = session.index("ijklmn", free_symbols(body))
    summand = scale * rest.open(i)
    members = {q for q in quantities(summand) if label_of(q) == label}
    if members != {family(label, i)} or any(isinstance(t, Sigma) for t in subterms(summand)):
        return None
    return summand, i, Range(rest.lo, rest.hi)


def term_by_term(label: Symbol, terms: tuple[Expr, Symbol, Range], session: Session) -> Derivation:
    """The critical points of a sum, member by member; the conditions say for which parameters they are there."""
    summand, i, run = terms
    session.ranges[i] = run
    member = family(label, i)
    letters = {q: _letter(q) for q in sorted(quantities(summand), key=str)}
    plain = _Plain(member, letters[member], {v: k for k, v in letters.items()})
    f = with_definitions(summand.xreplace(letters))
    known = knowledge_from(_facts_of(letters, session))
    cases = split(lambda k: in_pieces(f, plain.x, k), known)
    found = merged([j for _, broken in cases for j in broken.found], known)
    points = [plain.point(item) for item in found]
    first = says("The function is a sum of functions of one variable each; every ", member, " is found by itself.")
    pieces = [piece for _, broken in cases for piece in broken.pieces]
    said = [says(*plain.words(item)) for item in found]
    return Derivation(
        problem=session.problem,
        task=session.task,
        result=points,
        displays=(first, *_slopes(pieces, plain, {i: run}, session), *said),
        plan=("Each term holds one variable: split at the kinks, and let the derivative vanish on each piece.",),
        remarks=tuple(_thresholds(points, member)),
    )


def _letter(quantity: Expr) -> Symbol:
    return Symbol(name_of(quantity) if isinstance(quantity, Indexed) else str(quantity), real=True)


def _facts_of(letters: Mapping[Expr, Symbol], session: Session) -> Iterator[Relation]:
    """What the givens say of these quantities, in their letters."""
    for fact in session.givens.facts:
        for q, letter in letters.items():
            r, formal = fact.relation, tuple(fact.ranges)
            at = put(r.lhs, dict(zip(formal, indices_of(q), strict=False))) if formal else r.lhs
            if at == q:
                yield Relation(letter, r.sign, r.rhs)


@dataclass(frozen=True)
class _Plain:
    """A generic member, the plain letter `x` that stands for it, and what every plain letter stands for."""

    member: Expr
    x: Symbol
    back: Mapping[Symbol, Expr]

    def shown(self, relations: Iterable[Relation]) -> tuple[Relation, ...]:
        """Relations between plain letters as the author writes them."""
        return tuple(Relation(c.lhs.xreplace(self.back), c.sign, c.rhs.xreplace(self.back)) for c in relations)

    def value(self, item: Found) -> Expr:
        return item.place.at[self.x].xreplace(self.back)

    def point(self, item: Found) -> CriticalPoint:
        judged = item.judged
        at = {name_of(self.member): self.value(item)}
        return CriticalPoint(at, judged.verdict.kind, judged.value.xreplace(self.back), self.shown(item.conditions))

    def words(self, item: Found) -> Iterator[str | Expr | Relation]:
        """What is said of a point: where it lies, for which parameters, of what kind it is and why."""
        yield from ("At ", Relation(self.member, "=", self.value(item)))
        for n, condition in enumerate(self.shown(item.conditions)):
            yield from (" and " if n else " if ", condition)
        yield from (": ", kind_words(item.judged.verdict, 1), ". ")
        for part in item.judged.verdict.why:
            yield part.xreplace(self.back) if isinstance(part, Expr) else part


def _slopes(pieces: Iterable[Piece], plain: _Plain, ranges: Ranges, session: Session) -> list[Display]:
    """The slope of each piece, which is the same in every case; what differs is where it vanishes."""
    found: list[Display] = []
    for piece in pieces:
        where = plain.shown(piece.conditions(plain.x))
        if all(d.conditions != where for d in found) and all(c.rhs.is_Rational for c in where):
            slope = neat(diff(piece.f, plain.x)).xreplace(plain.back)
            lines = (Line(slope, ("differentiate",)),)
            found.append(Display(D(session.task.goal, plain.member), lines, ranges, (), where))
    return found


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
