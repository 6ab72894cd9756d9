"""The page of a function with kinks: its pieces, and Fermat's rule at its knots and corners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sympy import Expr, Symbol, Tuple, diff

from symdl.engine.curvature.bound import in_compact
from symdl.engine.curvature.corners import Corners
from symdl.engine.curvature.faces import Faces
from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, letters_of
from symdl.engine.curvature.local import Judged, tidy
from symdl.engine.curvature.merging import Found
from symdl.engine.curvature.pieces import Broken
from symdl.engine.curvature.places import Formula, neat
from symdl.engine.curvature.sheet import Sheet, kind_words, point_words
from symdl.language import D
from symdl.problem import CriticalPoint, Derivation, Display, Line, Relation, Symbolic, Text

CELLS = 4
"""The gradients of more cells than this are not displayed."""


class KinkPage(Sheet):
    """Collects what is shown of a function with kinks."""

    def broken(
        self, cases: Sequence[tuple[Knowledge, tuple[list[Broken], list[Judged]]]], found: Sequence[Found]
    ) -> Derivation:
        """The derivation for a function with kinks."""
        self.pieces(cases)
        whole = all(b.whole for _, (parts, _) in cases for b in parts)
        box = "" if whole else ", in the box in which the variable lies between -10 and 10"
        if not found:
            self.say(f"Neither a piece nor a knot satisfies Fermat's rule{box}.")
        points = [self._knot(f) for f in found]
        if whole and all(part.is_convex(known) for known, (parts, _) in cases for part in parts):
            least = ", and every minimum found is global" if any(x.kind == "minimum" for x in points) else ""
            words = f"On no piece does the slope fall, and at no kink does it jump down: the function is convex{least}."
            self.remarks.append((words,))
        return self._derivation(
            points,
            (
                "Split the function at its kinks; on each piece the derivative must vanish, at each kink 0 must lie "
                "between the slopes on both sides.",
            ),
        )

    def cells(self, corners: Corners, minima: Sequence[Expr]) -> None:
        """The gradient in each cell, and what holds of the whole function."""
        cells = corners.smooth
        for where, function in cells if len(cells) <= CELLS else ():
            for x, slope in zip(corners.variables, function.gradient, strict=True):
                self._slope(x, function.f, slope, where)
        if corners.convex:
            self.remarks.append(
                (
                    "On every cell the Hessian is positive semidefinite, and at every kink the slope jumps up: the "
                    "function is convex, and every minimum found is global.",
                )
            )
        elif isinstance(corners, Faces) and (ends := corners.extremes) is not None:
            self.remarks.append(in_compact(*ends))
        elif least := [v for v in minima if corners.is_least(v)]:
            self.remarks.append(("In no cell is the function less than ", least[0], ", so this is its global minimum."))

    def cornered(self, found: Sequence[Found], whole: bool, point: Mapping[Symbol, Expr] | None) -> Derivation:
        """The derivation for a function whose kinks tie variables together, or that is bound by constraints."""
        plan: Text = (
            "The kinks cut the space into cells: look for stationary points inside the cells, on the kinks, and where "
            "kinks meet.",
        )
        if self.subject.domain or self.subject.constraints:
            plan = (
                "The kinks cut the domain into cells: inside the cells, on the kinks and on the boundary, and where "
                "several of them meet, the gradient must be a combination of those of the kinks and the constraints.",
            )
        if point is not None:
            found = [f for f in found if all(neat(f.place.at[x] - v) == 0 for x, v in point.items())]
            if not found:
                self.say("At ", *point_words(point), " Fermat's rule does not hold, so this is not a critical point.")
        elif not found:
            box = "" if whole else " in the box in which every variable lies between -10 and 10"
            self.say(f"There is no critical point{box}.")
        return self._derivation([self._knot(f) for f in found], plan)

    def pieces(self, cases: Sequence[tuple[Knowledge, tuple[list[Broken], list[Judged]]]]) -> None:
        """The derivative on each piece of each variable, each shown once."""
        every = [(known, part.x, piece) for known, (parts, _) in cases for part in parts for piece in part.pieces]
        rows = [(known, x, piece.conditions(x), tidy(diff(piece.f, x))) for known, x, piece in every]
        smooth = [piece.f for *_, piece in every]
        shown: set[tuple[Expr, Expr]] = set()
        for n, (known, x, where, slope) in sorted(enumerate(rows), key=lambda r: len(r[1][0].values)):
            general = all(_agrees(slope, where, row) for row in rows if row[1] == x)
            key = (slope, Tuple(*(c.rhs for c in where)))
            if any(c.rhs.is_number and not c.rhs.is_Rational for c in where):
                continue
            if key in shown or any(_agrees(s, where, (known, x, where, slope)) for s, w in shown if w == key[1]):
                continue
            shown.add(key)
            self._slope(x, smooth[n], slope, (*where, *(() if general else known.assumed)))

    def _slope(self, x: Symbol, smooth: Expr, slope: Expr, where: Sequence[Relation]) -> None:
        """The derivative where the function is smooth: what it is there, then its slope."""
        variable = self.subject.original.get(x, x)
        lines = [Line(self.subject.shown(slope), ("differentiate",))]
        if letters_of(smooth):
            lines.insert(0, Line(D(self.subject.shown(smooth), variable), ("the function has no kink here",)))
        inside = tuple(self._relation(c) for c in where)
        self.displays.append(Display(D(self.subject.goal, variable), tuple(lines), {}, (), inside))

    def _knot(self, found: Found) -> CriticalPoint:
        """The words on one point of a function with kinks, and its record."""
        verdict, place = found.judged.verdict, found.judged.place
        at = {x: place.at[x] for x in self.subject.variables}
        where: list[str | Expr | Relation] = []
        for n, c in enumerate(found.conditions):
            where += [" and " if n else ", if ", c]
        fixed = [x for x, v in at.items() if x != v]
        intro = ("At ", *point_words(at), *where, ": ") if fixed else ("Where ", *where[1:], ": ")
        self.say(*intro, *verdict.why)
        strict = tuple(Relation(c.lhs, _strict(c.sign), c.rhs) for c in found.conditions)
        if all(not v.is_number or v.is_Rational for v in at.values()):
            self.chain(self.subject.goal, at, found.judged.value, None, strict if place.free else found.conditions)
        self.say(f"So {'every such point' if place.free else 'the point'} is {kind_words(verdict, len(at))}.")
        shown = {str(x): self.subject.shown(v) for x, v in at.items()}
        conditions = tuple(self._relation(c) for c in found.conditions)
        return CriticalPoint(shown, verdict.kind, self.subject.shown(found.judged.value), conditions)

    def asked_broken(
        self, cases: Sequence[tuple[Knowledge, tuple[list[Broken], list[Judged]]]], point: Mapping[Symbol, Expr]
    ) -> Derivation:
        """The answer about one point of a function with kinks."""
        self.pieces(cases)
        found: list[Found] = []
        for known, (_, judged_) in cases:
            for j in judged_:
                if j.place.free and _is_member(j, point, known):
                    why: Text = ("The point lies in an interval, ends included, on which the function is constant.",)
                    own = replace(j, place=Formula(dict(point)), verdict=replace(j.verdict, why=why))
                    found.append(Found(own, known.assumed))
                elif not j.place.free and all(known.sign(neat(j.place.at[x] - v)) == 0 for x, v in point.items()):
                    found.append(Found(j, known.assumed))
        if not found:
            slopes: list[str | Expr | Relation] = []
            for _, (parts, _) in cases[:1]:
                for part in parts:
                    for knot, left, right in part.slopes:
                        if neat(knot - point[part.x]) == 0:
                            slopes += [" The slopes there are ", left, " and ", right, "."]
            self.say(
                "At ", *point_words(point), " Fermat's rule does not hold, so this is not a critical point.", *slopes
            )
        return self._derivation([self._knot(f) for f in found], ("Look at the slopes on both sides of the point.",))


def _is_member(j: Judged, point: Mapping[Symbol, Expr], known: Knowledge) -> bool:
    """Whether a point lies in a family of critical points of one variable.

    Raises  `UndecidableError` for other families.
    """
    place = j.place
    if not isinstance(place, Formula) or any(v != x for x, v in place.at.items()) or set(place.at) != set(point):
        raise UndecidableError("a point among a set of critical points of a function with kinks")
    fitting = {">": {1}, ">=": {0, 1}, "<": {-1}, "<=": {-1, 0}, "!=": {1, -1}}
    gaps = [(c, (c.lhs - c.rhs).xreplace(dict(point))) for c in place.conditions]
    return all(known.sign(gap) in fitting[c.sign] for c, gap in gaps)


def _strict(sign: Symbolic) -> Symbolic:
    return ">" if sign == ">=" else "<" if sign == "<=" else sign


def _agrees(slope: Expr, where: Sequence[Relation], row: tuple[Knowledge, Symbol, Sequence[Relation], Expr]) -> bool:
    """Whether a derivative is, in another case, the one found there; on another piece nothing is said."""
    known, _, there, own = row
    if [(c.sign, neat(known.put(c.rhs))) for c in where] != [(c.sign, c.rhs) for c in there]:
        return True
    return neat(known.put(slope) - own) == 0
