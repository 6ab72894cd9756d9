"""Functions with kinks under equations and inequalities: the faces on which kinks and constraints vanish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import combinations, product
from typing import TypeVar

from sympy import Expr, S, diff

from symdl.engine.curvature.borders import ACTIVE, is_bounded
from symdl.engine.curvature.constrained import Lagrangian, candidates, gram, lagrangian
from symdl.engine.curvature.constrained import verdict_at as verdict_on_face
from symdl.engine.curvature.corners import (
    ONE_SIDED,
    TURNS,
    Corners,
    Signs,
    Vector,
    holds_zero,
    kinks_in_words,
    may_be_positive,
)
from symdl.engine.curvature.knowledge import ANY, Knowledge, UndecidableError, letters_of, split
from symdl.engine.curvature.local import Judged, Verdict, specialised, tidy
from symdl.engine.curvature.places import Place, ascending, neat
from symdl.engine.curvature.stationary import vanishing
from symdl.engine.curvature.subject import Subject
from symdl.problem import PointKind, Text

T = TypeVar("T")


class Faces(Corners):
    """One function with kinks in one case, on the set where equations and inequalities hold."""

    def __init__(self, subject: Subject, known: Knowledge) -> None:
        self.equations = tuple(known.put(e) for e in subject.constraints)
        every = [known.put(subject.gap(r)) for r in subject.closed]
        domain = [known.put(d) for d in subject.domain]
        self.gaps = tuple(dict.fromkeys(g for g in every if g in domain))
        self.strict = tuple(d for d in domain if d not in self.gaps)
        self.values: list[Expr] = []
        super().__init__(subject.f, subject.variables, known)
        if len(self.gaps) > ACTIVE:
            raise UndecidableError("so many inequalities")

    def _may_exist(self, signs: Signs) -> bool:
        sides = [s * u for u, s in zip(self.kinks, signs, strict=True)]
        return may_be_positive([*sides, *self.gaps, *self.strict], self.variables)

    def found(self) -> list[Judged]:
        """The critical points inside, and the extreme ones where inequalities are active."""
        points: list[Judged] = []
        for gaps in _subsets(self.gaps):
            for kinks in _subsets(range(len(self.kinks))):
                rest = [k for k in range(len(self.kinks)) if k not in kinks]
                for sides in product((1, -1), repeat=len(rest)):
                    points += self._of_face(gaps, kinks, dict(zip(rest, sides, strict=True)))
        return points

    def is_least(self, value: Expr) -> bool:
        """Whether the function is visibly nowhere in the domain less than a number."""
        return not letters_of(value) and self._within(value, self.known) <= {0, 1}

    @property
    def extremes(self) -> tuple[Expr, Expr] | None:
        """The least and the greatest of the values at all candidates; None where others may be less or greater."""
        if not (self.compact and self.whole and self.values) or any(letters_of(v) for v in self.values):
            return None
        ranked = ascending(self.values)
        return ranked[0], ranked[-1]

    @property
    def compact(self) -> bool:
        """Whether the domain is closed and visibly bounded, so that a least and a greatest value exist."""
        return not self.strict and is_bounded(self.gaps, self.equations, self.variables)

    def _of_face(self, gaps: Sequence[Expr], kinks: Sequence[int], sides: dict[int, int]) -> Iterator[Judged]:
        """The candidates at which exactly these inequalities and kinks vanish."""
        around = [self._around(kinks, sides, turn) for turn in product((1, -1), repeat=len(kinks))]
        around = [s for s in around if s in self.cells]
        surfaces = (*self.equations, *gaps, *(self.kinks[k] for k in kinks))
        if not around:
            return
        inside = [g for g in self.gaps if g not in gaps]
        domain = [*(s * self.kinks[k] for k, s in sides.items()), *inside, *self.strict]
        known = self._active(self.known, gaps)
        piece = self.piece(around[0])
        if not surfaces and all(tidy(diff(piece, x)) == 0 for x in self.variables):
            yield self._flat_cell(around[0], domain)
            return
        if len(surfaces) > len(self.variables):
            for place in self._points(surfaces, known, domain):
                yield self._by_value(place, piece, known)
            return
        problem = lagrangian(piece, self.variables, surfaces, known)
        G = gram(problem) if surfaces else S.One
        dependent = () if not letters_of(G) and G != 0 else (G,)
        for place in self._points((*surfaces, *dependent), known, domain) if dependent else ():
            yield self._by_value(place, piece, known)
        if G == 0:
            return
        if len(surfaces) < len(self.variables):
            found = candidates(problem, known, domain)
        else:
            found = vanishing(surfaces, self.variables, known, domain)
        self.whole = self.whole and found.whole
        for place in found.places:
            if not self._is_consistent(place) or (letters_of(G) and place.sign(G, self._here(place)) == 0):
                continue
            here = self._active(self._here(place), gaps)
            for _, some in split(partial(self._case, problem, place, gaps, kinks, around), here):
                yield from some

    def _active(self, known: Knowledge, gaps: Sequence[Expr]) -> Knowledge:
        """What is known on the boundary, where these inequalities hold with equality."""
        return replace(known, signs=tuple(p for p in known.signs if p[0] not in gaps))

    def _points(self, equations: Sequence[Expr], known: Knowledge, domain: Sequence[Expr]) -> Iterator[Place]:
        found = vanishing(equations, self.variables, known, domain)
        self.whole = self.whole and found.whole
        yield from (p for p in found.places if self._is_consistent(p))

    def _case(
        self,
        problem: Lagrangian,
        place: Place,
        gaps: Sequence[Expr],
        kinks: Sequence[int],
        around: Sequence[Signs],
        known: Knowledge,
    ) -> list[Judged]:
        """What a point of a face is, by the multipliers on all its sides and by what the function does along it."""
        place = specialised(place, known)
        at = self._own(place)
        value = neat(known.put(place.value(problem.f)))
        self.values.append(value)
        surfaces = problem.constraints
        if not gaps and not kinks:
            return [Judged(at, self._smooth(problem, place, known), value, known)]
        first = len(self.equations)
        rows: list[Vector] = [self._multipliers(surfaces, place, s)[first:] for s in around]
        inner = [r[len(gaps) :] for r in rows]
        if not gaps and not holds_zero(inner, known):
            return []
        turned = {known.sign(v) for r in rows for v in r[: len(gaps)]}
        for signs, row in zip(around, inner, strict=True):
            turned |= {signs[k] * known.sign(v) for k, v in zip(kinks, row, strict=True)}
        if 0 in turned:
            if any(self._is_constant(s) for s in around) and self._within(value, known) in ONE_SIDED:
                # The point bounds a cell in which the function is constant, which is listed with its boundary.
                return []
            return [self._by_value(at, problem.f, known)]
        if turned == {1, -1}:
            if gaps:
                return []
            return [Judged(at, Verdict("saddle", (TURNS,), (0, 0, len(kinks))), value, known)]
        side = next(iter(turned))
        kind: PointKind = "minimum" if side > 0 else "maximum"
        if len(surfaces) < len(self.variables):
            along, flat = self._along(problem, place, known)
            if along == "undecided":
                return [self._by_value(at, problem.f, known)]
            if not flat and along != kind:
                why = (f"Away from this face the function {_word(side)}, but it has a {along} along it.",)
                return [] if gaps else [Judged(at, Verdict("saddle", why, (0, 0, len(kinks))), value, known)]
            last = "stays the same along it" if flat else f"has a {along} along it"
            why = (f"{self._where(gaps, kinks)}: away from there the function {_word(side)}, and it {last}.",)
        else:
            why = (f"{self._where(gaps, kinks)}; from there the function {_word(side)} in every direction of the "
                   "domain.",)  # fmt: skip
        return [Judged(at, Verdict(kind, why, (0, 0, len(kinks))), value, known)]

    def _smooth(self, problem: Lagrangian, place: Place, known: Knowledge) -> Verdict:
        try:
            return verdict_on_face(problem, place, known)
        except UndecidableError as reason:
            return Verdict("undecided", ("It is not decided: ", *reason.args, "."))

    def _where(self, gaps: Sequence[Expr], kinks: Sequence[int]) -> str:
        places = ["on the boundary"] * bool(gaps) + [f"on {kinks_in_words(kinks)}"] * bool(kinks)
        return f"The point lies {' and '.join(places)}"

    def _by_value(self, place: Place, piece: Expr, known: Knowledge) -> Judged:
        """A point that the slopes do not decide: by the sign of the difference to the value there, or convexity."""
        value = neat(known.put(place.value(piece)))
        self.values.append(value)
        may = ANY if letters_of(value) & set(self.variables) else self._within(value, known)
        at = self._own(place)
        if may in ONE_SIDED:
            word = "greater" if -1 in may else "less"
            why: Text = (f"Nowhere in the domain is the function {word}.",)
            return Judged(at, Verdict("maximum" if -1 in may else "minimum", why, (0, 0, 1)), value, known)
        why = ("The slopes beside the point vanish, and what that leaves is not decided.",)
        return Judged(at, Verdict("undecided", why, (0, 0, 1)), value, known)

    def _within(self, value: Expr, known: Knowledge) -> frozenset[int]:
        """The signs that the function less a value may have in the domain."""
        found: frozenset[int] = frozenset((0,))
        own = set(self.variables)
        bounds = tuple((g, frozenset((0, 1))) for g in self.gaps) + tuple((d, frozenset((1,))) for d in self.strict)
        others = tuple(p for p in known.signs if not letters_of(p[0]) & own)
        for signs in self.cells:
            sides = tuple((u, frozenset((0, s))) for u, s in zip(self.kinks, signs, strict=True))
            here = Knowledge((*sides, *bounds, *others), tuple(p for p in known.values if p[0] not in own))
            gap = neat(self.piece(signs) - value)
            within = [*(s * u for u, s in zip(self.kinks, signs, strict=True)), *self.gaps, *self.strict]
            linear = frozenset(s for s in (1, -1) if may_be_positive([*within, s * gap], self.variables))
            try:
                found |= here.possible(gap) & (linear | {0})
            except UndecidableError:
                found |= linear
        return found

    def _is_constant(self, signs: Signs) -> bool:
        return all(tidy(diff(self.piece(signs), x)) == 0 for x in self.variables)

    def _flat_cell(self, signs: Signs, domain: Sequence[Expr]) -> Judged:
        value = neat(self.piece(signs))
        self.values.append(value)
        return self.flat(value, domain, self._within(value, self.known))

    @cached_property
    def convex(self) -> bool:
        """Nothing is said of convexity on a domain that need not be convex."""
        return False


def _word(side: int) -> str:
    return "grows" if side > 0 else "falls"


def _subsets(items: Sequence[T]) -> Iterator[tuple[T, ...]]:
    """All choices of some of the items, smaller ones first."""
    for count in range(len(items) + 1):
        yield from combinations(items, count)
