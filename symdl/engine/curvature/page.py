"""What the page of a `Classify` shows: derivatives, each point with its verdict, statements on the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from sympy import Expr, Poly, S, Symbol
from sympy.polys.rootoftools import ComplexRootOf

from symdl.engine.curvature.borders import Border
from symdl.engine.curvature.bound import BoundPage
from symdl.engine.curvature.extent import extent_of, statements
from symdl.engine.curvature.knowledge import OpenSignError, UndecidableError, letters_of
from symdl.engine.curvature.local import Function, Judged, judged
from symdl.engine.curvature.merging import Found
from symdl.engine.curvature.places import Formula, neat
from symdl.engine.curvature.rates import rates
from symdl.engine.curvature.reasons import not_convex, solved, spot_check
from symdl.engine.curvature.sheet import is_finite, is_real, kind_words, listed, point_words
from symdl.errors import UnsolvedError
from symdl.language import D, is_exact
from symdl.problem import CriticalPoint, Derivation, Display, Line, Relation, Symbolic, Text

MANY = 5
"""Of more points than this only the decisive signs and the values are displayed."""


PLAN = "Find where the gradient vanishes; the signs of the Hessian's eigenvalues say what each point is."
BORDERED = (
    "Inside the domain find where the gradient vanishes, and look at the Hessian there; on the boundary find where the "
    "gradient is a combination of those of the active constraints, and look at the multipliers."
)


class Page(BoundPage):
    """Collects what is shown of a smooth function."""

    def asked(self, function: Function, point: Mapping[Symbol, Expr]) -> Derivation:
        """The answer about one point: its gradient there, and its kind if that vanishes."""
        subject = self.subject
        self.gradient(function)
        place = Formula(dict(point))
        slopes = [place.value(g) for g in function.gradient]
        for x, g, value in zip(function.variables, function.gradient, slopes, strict=True):
            if not is_finite(value) or not is_real(value):
                height = place.value(function.f)
                has_value = is_finite(height) and is_real(height)
                why = "where the function is not differentiable" if has_value else "outside the domain"
                raise UnsolvedError("the derivative by ", x, f" has no value at the point: it lies {why}")
            own = subject.original.get(x, x)
            self.chain(D(subject.goal, own), point, value, None)
            del g
        for d in subject.domain:
            try:
                outside = place.sign(d, subject.known) <= 0
            except (OpenSignError, UndecidableError):
                outside = False
            if outside:
                raise UnsolvedError("the point lies outside the domain: ", d, " is not positive there")
        if any(self._is_nonzero(v) for v in slopes):
            self.say("The gradient at ", *point_words(point), " is not zero, so this is not a critical point.")
            return self._derivation(
                [], ("Put the point into the gradient; only where it vanishes is there anything to classify.",)
            )
        self.hessian(function)
        found = judged(function, place, subject.known)
        points: list[CriticalPoint] = []
        for j in found:
            item = Found(j, j.known.assumed)
            points.append(self._one(function, item))
        return self._derivation(points, ("Put the point into the gradient, then look at the Hessian there.",))

    def finished(self, function: Function, found: Sequence[Found], whole: bool, border: Border | None) -> Derivation:
        """The derivation for all critical points."""
        self.gradient(function)
        x = function.variables
        box = (
            ""
            if whole
            else " in the box in which every variable lies between -10 and 10, where interval arithmetic isolates them"
        )
        if not found:
            inside = " inside the domain" if border is not None else ""
            self.say(f"The gradient vanishes at no point{inside}{box}.")
            framed = self._never_zero(function) if border is None else ()
        else:
            for text in solved(function, found, self.subject.known) if whole else ():
                self.say(*text)
            count = "one point" if len(found) == 1 else f"{len(found)} points"
            if any(f.place.free for f in found):
                count = "the points of one family" if len(found) == 1 else f"{len(found)} points or families of points"
            where = f"at exactly {count}" if not any(f.conditions for f in found) else "at the following points only"
            what = "it is" if len(found) == 1 else "they are"
            self.say(f"So the gradient vanishes {where}{box}; the Hessian says what {what}.")
            self.hessian(function)
            if len(x) == 2:
                own = [self.subject.original.get(v, v) for v in x]
                f = self.subject.goal
                lhs = D(D(f, own[0]), own[0]) * D(D(f, own[1]), own[1]) - D(D(f, own[1]), own[0]) ** 2
                det = function.symmetric[1]
                self.displays.append(
                    Display(
                        lhs,
                        (Line(self.subject.shown(det), ("insert the second derivatives",)),),
                        {},
                        ("The determinant of the Hessian:",),
                    )
                )
            framed = ()
        points = [point for group in _grouped(found) for point in self._group(function, group, len(found) > MANY)]
        check = spot_check(function, found)
        if check:
            self.checks.append(tuple(self._shown(w) for w in check))
        if border is not None:
            points += self.edges(border)
            self.extremes(border, [f.judged.value for f in found], whole)
            self._convex(function, border, points)
        self._whole(function, found)
        return self._derivation(points, (BORDERED if border is not None else PLAN,), framed)

    def _never_zero(self, function: Function) -> tuple[Relation, ...]:
        """A derivative that has one sign everywhere in the domain, if that is visible."""
        domain = tuple((d, frozenset((1,))) for d in self.subject.domain)
        known = replace(self.subject.known, signs=(*domain, *self.subject.known.signs))
        for x, g in zip(function.variables, function.gradient, strict=True):
            with suppress(UndecidableError):
                may = known.possible(g)
                if may in ({1}, {-1}):
                    sign: Symbolic = ">" if 1 in may else "<"
                    slope = D(self.subject.goal, self.subject.original.get(x, x))
                    line = Line(S.Zero, ("its sign is the same everywhere",), sign=sign)
                    self.displays.append(Display(slope, (line,), {}))
                    return (Relation(slope, sign, S.Zero),)
        return ()

    def _convex(self, function: Function, border: Border, points: Sequence[CriticalPoint]) -> None:
        """On a convex domain every local minimum of a convex function is global."""
        if not border.convex or border.bounded:
            return
        kind = {1: "minimum", -1: "maximum"}.get(extent_of(function, self.subject.known, self.subject.domain).convex)
        if kind and any(p.kind == kind for p in points):
            word = "convex" if kind == "minimum" else "concave"
            self.remarks.append((f"The function is {word} and the domain convex: the {kind} found is global.",))

    def _whole(self, function: Function, found: Sequence[Found]) -> None:
        if self.subject.closed or any(
            f.judged.verdict.inertia == (0, 0, 1) and _is_singular(function, f) for f in found
        ):
            # On the boundary an extremum need not be critical, so nothing is said of the whole function.
            return
        try:
            extent = extent_of(function, self.subject.known, self.subject.domain)
        except (OpenSignError, UndecidableError):
            return
        minima = [f.judged.value for f in found if f.judged.verdict.kind == "minimum"]
        maxima = [f.judged.value for f in found if f.judged.verdict.kind == "maximum"]
        if not extent.convex:
            self._not_convex(function, found)
        for text in (
            *statements(extent, function, minima, maxima, len(found)),
            *rates(function, found),
        ):
            self.remarks.append(tuple(self._shown(w) for w in text))

    def _not_convex(self, function: Function, found: Sequence[Found]) -> None:
        """Why the function is not convex, where that is visible: another kind of point, or a negative curvature."""
        if any(f.judged.verdict.kind in ("maximum", "saddle") and not f.conditions for f in found):
            self.remarks.append(("Not every critical point is a minimum, so the function is not convex.",))
            return
        if function.f.is_polynomial(*function.variables) and len(function.variables) == 1:
            degree = Poly(function.f, *function.variables).degree()
            if degree % 2:
                return
        witness = not_convex(function, self.subject.domain)
        if witness is None:
            return
        at, x, value = witness
        n = function.variables.index(x)
        shown = len(self.displays)
        intro = ("The function is not convex, for its curvature is negative in places:",)
        self.chain(function.hessian[n][n], at, value, -1, (), intro)
        if len(self.displays) > shown and not self.displays[-1].lines:
            del self.displays[shown:]

    def _group(self, function: Function, group: Sequence[Found], brief: bool) -> list[CriticalPoint]:
        """Points at which the same numbers come out are shown once."""
        if not brief or len(group) == 1:
            return [self._one(function, f, brief) for f in group]
        first = self._one(function, group[0], brief)
        words: list[str | Expr | Relation] = ["The same numbers come out at "]
        for n, f in enumerate(group[1:]):
            words += ["; at " if n else "", *point_words({x: f.place.at[x] for x in function.variables})]
        self.say(*words, f": {'this point is' if len(group) == 2 else 'these points are'} of the same kind.")
        return [first, *(self._record(function, f) for f in group[1:])]

    def _record(self, function: Function, found: Found) -> CriticalPoint:
        shown = {str(x): self.subject.shown(found.place.at[x]) for x in function.variables}
        value = self.subject.shown(found.judged.value)
        return CriticalPoint(
            shown, found.judged.verdict.kind, value, tuple(self._relation(c) for c in found.conditions)
        )

    def _one(self, function: Function, found: Found, brief: bool = False) -> CriticalPoint:
        """The displays of one point, and its record."""
        verdict, place = found.judged.verdict, found.judged.place
        at = {x: place.at[x] for x in function.variables}
        inside = tuple(c for c in found.conditions)
        intro: list[str | Expr | Relation] = ["At ", *point_words(at)]
        if place.free:
            intro += [", for every value of ", *listed(place.free)]
        roots = [(x, v) for x, v in at.items() if isinstance(v, ComplexRootOf)]
        for n, (x, v) in enumerate(roots):
            polynomial = v.poly.as_expr().xreplace({v.poly.gen: x})
            intro += [" and " if n else ", the root next to it of ", polynomial]
        intro.append(":")
        value = found.judged.value
        parts = found.parts if len(found.parts) > 1 else ((found.judged, inside),)
        if len(parts) > 1:
            self.say(*intro)
            intro = []
        for part, own in parts:
            self._claims(part, own, tuple(intro))
            if part.verdict.why and (not brief or part.verdict.inertia[2]):
                self.say(*part.verdict.why)
        self.chain(self.subject.goal, at, value, None, inside)
        self.say(
            f"So {'every such point' if place.free else 'the point'} is {kind_words(verdict, len(function.variables))}."
        )
        return self._record(function, found)

    def _claims(self, part: Judged, conditions: tuple[Relation, ...], intro: Text) -> None:
        """The signs that decide one case, as far as they can be displayed."""
        at = {x: v for x, v in part.place.at.items() if x in self.subject.original or v != x}
        shown = len(self.displays)
        for expr, sign in part.verdict.claims:
            value = neat(part.place.value(expr)) if letters_of(expr) else expr
            self.chain(expr, at, value, sign, conditions, intro if len(self.displays) == shown else ())
        if len(self.displays) == shown and intro:
            self.say(*intro)


def _grouped(found: Sequence[Found]) -> list[list[Found]]:
    """Points of the same kind and value at which the decisive expressions have the same values."""
    groups: dict[tuple[object, ...], list[Found]] = {}
    for n, f in enumerate(found):
        verdict, place = f.judged.verdict, f.place
        signs = tuple(place.value(e) for e, _ in verdict.claims)
        key: tuple[object, ...] = (verdict.kind, f.judged.value, signs)
        plain = is_exact(f.judged.value) and not f.conditions and not place.free and not verdict.inertia[2]
        groups.setdefault(key if plain else (n,), []).append(f)
    return list(groups.values())


def _is_singular(function: Function, found: Found) -> bool:
    """Whether the gradient has no value at a point."""
    if not isinstance(found.place, Formula):
        return False
    return not all(is_finite(g.xreplace(dict(found.place.at))) for g in function.gradient)
