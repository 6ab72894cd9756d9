"""What the page of a `Classify` shows: the derivatives, each point with its verdict, and the statements on the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sympy import Expr, Float, S, Symbol, Tuple, diff
from sympy.polys.rootoftools import ComplexRootOf

from symdl.engine.curvature.extent import extent_of, statements
from symdl.engine.curvature.knowledge import Knowledge, OpenSignError, UndecidableError, letters_of
from symdl.engine.curvature.local import Function, Judged, Verdict, judged, tidy
from symdl.engine.curvature.merging import Found
from symdl.engine.curvature.pieces import Broken
from symdl.engine.curvature.places import Formula, neat
from symdl.engine.curvature.subject import Subject
from symdl.engine.derive import closed
from symdl.engine.session import Session
from symdl.errors import UnsolvedError
from symdl.language import At, D
from symdl.problem import CriticalPoint, Derivation, Display, Line, Relation, Text

MANY = 5
"""Of more points than this only the decisive signs and the values are displayed."""

KINDS = {
    "minimum": "local minimum",
    "maximum": "local maximum",
    "saddle": "neither a minimum nor a maximum",
    "undecided": "not decided",
}


class Page:
    """Collects what is shown of one task."""

    def __init__(self, session: Session, subject: Subject) -> None:
        self.session = session
        self.subject = subject
        self.displays: list[Display] = []
        self.remarks: list[Text] = []

    def derivative(self, goal: Expr, shown: Expr) -> None:
        """The chain for a derivative, or the bare equation where the engine finds no chain for it."""
        if any(d.lhs == goal for d in self.displays):
            return
        try:
            found, _, _ = closed(goal, self.session)
            new = [d for d in found if d.lines and all(d.lhs != o.lhs for o in self.displays)]
        except UnsolvedError:
            new = []
        if not any(d.lhs == goal for d in new):
            new.append(Display(goal, (Line(self.subject.shown(shown), ("differentiate",)),), {}))
        self.displays += new

    def gradient(self, function: Function) -> None:
        for x, g in zip(function.variables, function.gradient, strict=True):
            self.derivative(D(self.subject.goal, self.subject.original.get(x, x)), g)

    def hessian(self, function: Function) -> None:
        own = [self.subject.original.get(x, x) for x in function.variables]
        for i, x in enumerate(own):
            for j in range(i, len(own)):
                self.derivative(D(D(self.subject.goal, own[j]), x), function.hessian[i][j])

    def say(self, *words: str | Expr | Relation) -> None:
        """A paragraph between the displays."""
        self.displays.append(Display(S.Zero, (), {}, tuple(self._shown(w) for w in words)))

    def _shown(self, word: str | Expr | Relation) -> str | Expr | Relation:
        if isinstance(word, str):
            return word
        if isinstance(word, Relation):
            return Relation(self.subject.shown(word.lhs), word.sign, self.subject.shown(word.rhs))
        return self.subject.shown(word)

    def chain(
        self,
        expr: Expr,
        at: Mapping[Symbol, Expr],
        value: Expr,
        sign: int | None,
        conditions: Sequence[Relation] = (),
        intro: Text = (),
    ) -> None:
        """`expr` at a point, its value, and the sign of that; nothing where the point has no exact formula."""
        if not all(is_exact(v) for v in (*at.values(), value)):
            if intro:
                self.say(*intro)
            return
        expr = self.subject.shown(expr)
        pairs = [(self.subject.original.get(x, x), v) for x, v in at.items() if x != v]
        inside = [p for p in pairs if _mentions(expr, p[0], self.subject)]
        lhs = At(expr, *(e for p in inside for e in p)) if inside else expr
        lines = [Line(value, ("put the values in",))] if value != lhs else []
        if sign is not None and value.is_number is False and sign != 0:
            lines.append(Line(S.Zero, (), sign=">" if sign > 0 else "<"))
        elif sign is not None and sign != 0:
            lines.append(Line(S.Zero, (), sign=">" if sign > 0 else "<"))
        if lines:
            shown = tuple(self._shown(c) for c in conditions)
            self.displays.append(
                Display(lhs, tuple(lines), {}, tuple(self._shown(w) for w in intro), shown)  # type: ignore[arg-type]
            )

    def asked(self, function: Function, point: Mapping[Symbol, Expr]) -> Derivation:
        """The answer about one point: its gradient there, and its kind if that vanishes."""
        subject = self.subject
        self.gradient(function)
        place = Formula(dict(point))
        slopes = [place.value(g) for g in function.gradient]
        for x, g, value in zip(function.variables, function.gradient, slopes, strict=True):
            if not is_finite(value):
                raise UnsolvedError(f"the derivative by {x} has no value at the point: it lies outside the domain")
            own = subject.original.get(x, x)
            self.chain(D(subject.goal, own), point, value, None)
            del g
        for d in subject.domain:
            try:
                outside = place.sign(d, subject.known) <= 0
            except (OpenSignError, UndecidableError):
                outside = False
            if outside:
                raise UnsolvedError(f"the point lies outside the domain: {d} is not positive there")
        if any(self._is_nonzero(v) for v in slopes):
            self.say("The gradient at ", *_point(point), " is not zero, so this is not a critical point.")
            return self._derivation([], ("Put the point into the gradient; only where it vanishes is there anything to classify.",))
        self.hessian(function)
        found = judged(function, place, subject.known)
        points: list[CriticalPoint] = []
        for j in found:
            item = Found(j, j.known.assumed)
            points.append(self._one(function, item))
        return self._derivation(points, ("Put the point into the gradient, then look at the Hessian there.",))

    def _is_nonzero(self, value: Expr) -> bool:
        try:
            return self.subject.known.sign(value) != 0
        except UndecidableError:
            raise UndecidableError(f"whether the gradient {value} vanishes at the point") from None

    def finished(self, function: Function, found: Sequence[Found], whole: bool) -> Derivation:
        """The derivation for all critical points."""
        self.gradient(function)
        x = function.variables
        box = "" if whole else " in the box in which every variable lies between -10 and 10, where they are isolated by interval arithmetic"
        if not found:
            self.say(f"The gradient vanishes at no point{box}.")
        else:
            count = "one point" if len(found) == 1 else f"{len(found)} points or families of points"
            if all(not f.place.free for f in found):
                count = "one point" if len(found) == 1 else f"{len(found)} points"
            self.say(f"The gradient vanishes at exactly {count}{box}; the Hessian says what they are.")
            self.hessian(function)
            if len(x) == 2:
                own = [self.subject.original.get(v, v) for v in x]
                f = self.subject.goal
                lhs = D(D(f, own[0]), own[0]) * D(D(f, own[1]), own[1]) - D(D(f, own[1]), own[0]) ** 2
                det = function.symmetric[1]
                self.displays.append(
                    Display(lhs, (Line(self.subject.shown(det), ("insert the second derivatives",)),), {},
                            ("The determinant of the Hessian:",))  # fmt: skip
                )
        points = [self._one(function, f, brief=len(found) > MANY) for f in found]
        self._whole(function, found)
        return self._derivation(
            points, ("Find where the gradient vanishes; the signs of the Hessian's eigenvalues say what each point is.",)
        )

    def broken(self, cases: Sequence[tuple[Knowledge, tuple[list[Broken], list[Judged]]]], found: Sequence[Found]) -> Derivation:
        """The derivation for a function with kinks."""
        self.pieces(cases)
        whole = all(b.whole for _, (parts, _) in cases for b in parts)
        box = "" if whole else ", in the box in which the variable lies between -10 and 10"
        if not found:
            self.say(f"Neither a piece nor a knot satisfies Fermat's rule{box}.")
        points = [self._knot(f) for f in found]
        return self._derivation(
            points, ("Split the function at its kinks; on each piece the derivative must vanish, at each kink 0 must lie "
                     "between the slopes on both sides.",),  # fmt: skip
        )

    def pieces(self, cases: Sequence[tuple[Knowledge, tuple[list[Broken], list[Judged]]]]) -> None:
        """The derivative on each piece of each variable, each shown once."""
        shown: set[tuple[Expr, Expr]] = set()
        for known, (parts, _) in cases:
            for part in parts:
                own = self.subject.original.get(part.x, part.x)
                for piece in part.pieces:
                    slope = tidy(diff(piece.f, part.x))
                    where = piece.conditions(part.x)
                    inside = tuple(self._shown(c) for c in (*where, *known.assumed))
                    key = (slope, Tuple(*(c.rhs for c in where)))
                    if key in shown or not all(is_exact(c.rhs) for c in where):
                        continue
                    shown.add(key)
                    self.displays.append(
                        Display(D(self.subject.goal, own), (Line(self.subject.shown(slope), ("differentiate",)),), {},
                                (), inside)  # type: ignore[arg-type]  # fmt: skip
                    )

    def _knot(self, found: Found) -> CriticalPoint:
        """The words on one point of a function with kinks, and its record."""
        verdict, place = found.judged.verdict, found.judged.place
        at = dict(place.at)
        where: list[str | Expr | Relation] = []
        for n, c in enumerate(found.conditions):
            where += [" and " if n else ", if ", c]
        fixed = [x for x, v in at.items() if x != v]
        intro = ("At ", *_point(at), *where, ": ") if fixed else ("Where ", *where[1:], ": ")
        self.say(*intro, *verdict.why)
        self.chain(self.subject.goal, at, found.judged.value, None, found.conditions)
        self.say(f"So the point is {_kind(verdict, len(at))}.")
        shown = {str(x): self.subject.shown(v) for x, v in at.items()}
        conditions = tuple(self._shown(c) for c in found.conditions)
        return CriticalPoint(shown, verdict.kind, self.subject.shown(found.judged.value), conditions)  # type: ignore[arg-type]

    def asked_broken(
        self, cases: Sequence[tuple[Knowledge, tuple[list[Broken], list[Judged]]]], point: Mapping[Symbol, Expr]
    ) -> Derivation:
        """The answer about one point of a function with kinks."""
        self.pieces(cases)
        found: list[Found] = []
        for known, (_, judged_) in cases:
            for j in judged_:
                if j.place.free:
                    raise UndecidableError("a point among a set of critical points of a function with kinks")
                if all(known.sign(neat(j.place.at[x] - v)) == 0 for x, v in point.items()):
                    found.append(Found(j, known.assumed))
        if not found:
            slopes: list[str | Expr | Relation] = []
            for _, (parts, _) in cases[:1]:
                for part in parts:
                    for knot, left, right in part.slopes:
                        if neat(knot - point[part.x]) == 0:
                            slopes += [" The slopes there are ", left, " and ", right, "."]
            self.say("At ", *_point(point), " Fermat's rule does not hold, so this is not a critical point.", *slopes)
        return self._derivation([self._knot(f) for f in found], ("Look at the slopes on both sides of the point.",))

    def _whole(self, function: Function, found: Sequence[Found]) -> None:
        try:
            extent = extent_of(function, self.subject.known, self.subject.domain)
        except (OpenSignError, UndecidableError):
            return
        minima = [f.judged.value for f in found if f.judged.verdict.kind == "minimum"]
        maxima = [f.judged.value for f in found if f.judged.verdict.kind == "maximum"]
        for text in statements(extent, function, minima, maxima, len(found)):
            self.remarks.append(tuple(self._shown(w) for w in text))

    def _one(self, function: Function, found: Found, brief: bool = False) -> CriticalPoint:
        """The displays of one point, and its record."""
        verdict, place = found.judged.verdict, found.judged.place
        at = {x: place.at[x] for x in function.variables}
        conditions = tuple(self._shown(c) for c in found.conditions)
        inside = tuple(c for c in found.conditions)
        intro: list[str | Expr | Relation] = ["At ", *_point(at)]
        if place.free:
            intro += [", for every value of ", *_listed(place.free)]
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
        self.say(f"So the point is {_kind(verdict, len(function.variables))}.")
        shown = {str(x): self.subject.shown(v) for x, v in at.items()}
        return CriticalPoint(shown, verdict.kind, self.subject.shown(value), conditions)  # type: ignore[arg-type]

    def _claims(self, part: Judged, conditions: tuple[Relation, ...], intro: Text) -> None:
        """The signs that decide one case, as far as they can be displayed."""
        at = {x: v for x, v in part.place.at.items() if x in self.subject.original or v != x}
        shown = len(self.displays)
        for expr, sign in part.verdict.claims:
            value = neat(part.place.value(expr)) if letters_of(expr) else expr
            self.chain(expr, at, value, sign, conditions, intro if len(self.displays) == shown else ())
        if len(self.displays) == shown and intro:
            self.say(*intro)

    def _derivation(self, points: list[CriticalPoint], plan: Text) -> Derivation:
        return Derivation(
            problem=self.session.problem,
            task=self.session.task,
            result=points,
            displays=tuple(self.displays),
            plan=plan,
            lemmas=tuple(self.session.lemmas),
            remarks=tuple(self.remarks),
            assumes=tuple((r,) for r in self.session.obligations),
        )


def _kind(verdict: Verdict, variables: int) -> str:
    if verdict.kind == "saddle":
        return "a saddle" if variables > 1 else "an inflection point, neither a minimum nor a maximum"
    return "not decided" if verdict.kind == "undecided" else f"a local {verdict.kind}"


def _mentions(expr: Expr, x: Expr, subject: Subject) -> bool:
    return x in letters_of(expr) or subject.goal in letters_of(expr) or expr.has(D)


def _point(at: Mapping[Symbol, Expr]) -> Iterator[str | Expr | Relation]:
    for n, (x, v) in enumerate((x, v) for x, v in at.items() if x != v):
        if n:
            yield ", "
        yield Relation(x, "=" if is_exact(v) else "~", v)


def _listed(letters: Sequence[Symbol]) -> Iterator[str | Expr | Relation]:
    for n, x in enumerate(letters):
        if n:
            yield ", "
        yield x


def is_exact(value: Expr) -> bool:
    """Whether a value is a formula that can be checked, not a decimal number or a numbered root."""
    return not value.has(Float) and not value.has(ComplexRootOf)


def is_finite(value: Expr) -> bool:
    return not value.has(S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.NaN)
