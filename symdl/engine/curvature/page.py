"""What the page of a `Classify` shows: derivatives, each point with its verdict, statements on the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sympy import Expr, Float, Poly, S, Symbol, Tuple, diff
from sympy.polys.rootoftools import ComplexRootOf

from symdl.engine.curvature.constrained import Lagrangian
from symdl.engine.curvature.extent import extent_of, statements
from symdl.engine.curvature.knowledge import Knowledge, OpenSignError, UndecidableError, letters_of
from symdl.engine.curvature.local import Function, Judged, Verdict, judged, tidy
from symdl.engine.curvature.merging import Found
from symdl.engine.curvature.pieces import Broken
from symdl.engine.curvature.places import Formula, neat
from symdl.engine.curvature.rates import rates
from symdl.engine.curvature.reasons import not_convex, solved, spot_check
from symdl.engine.curvature.singular import edge
from symdl.engine.curvature.subject import Subject
from symdl.engine.derive import closed
from symdl.engine.session import Session
from symdl.errors import UnsolvedError
from symdl.language import At, D, free_symbols, label_of
from symdl.problem import CriticalPoint, Derivation, Display, Fact, Line, Problem, Relation, Symbolic, Text

MANY = 5
"""Of more points than this only the decisive signs and the values are displayed."""


class Page:
    """Collects what is shown of one task."""

    def __init__(self, session: Session, subject: Subject) -> None:
        self.session = session
        self.subject = subject
        self.displays: list[Display] = []
        self.remarks: list[Text] = []
        self.checks: list[Text] = []

    @property
    def _has_members(self) -> bool:
        return any(k != v for k, v in self.subject.original.items())

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
        self.displays.append(Display(S.Zero, (), {}, in_words(tuple(self._shown(w) for w in words))))

    def _shown(self, word: str | Expr | Relation) -> str | Expr | Relation:
        if isinstance(word, str):
            return word
        if isinstance(word, Expr) and word.has(ComplexRootOf):
            return decimal(word)
        if isinstance(word, Relation):
            rhs = decimal(word.rhs) if word.rhs.has(ComplexRootOf) else word.rhs
            return Relation(self.subject.shown(word.lhs), word.sign, self.subject.shown(rhs))
        return self.subject.shown(word)

    def _relation(self, relation: Relation) -> Relation:
        return Relation(self.subject.shown(relation.lhs), relation.sign, self.subject.shown(relation.rhs))

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
        if expr == self.subject.goal and self._has_members:
            # Members of a family are shown as the letters they look like: only these may be given values one by one.
            expr = self.subject.f
        pairs = [(x, v) for x, v in at.items() if x != v]
        if expr.has(D) and self._has_members:
            return
        inside = [p for p in pairs if _mentions(expr, p[0], self.subject)]
        lhs = At(expr, *(e for p in inside for e in p)) if inside else expr
        lines = [Line(value, ("put the values in",))] if value != lhs else []
        if (sign is not None and value.is_number is False and sign != 0) or (sign is not None and sign != 0):
            lines.append(Line(S.Zero, (), sign=">" if sign > 0 else "<"))
        if lines:
            self.displays.append(
                Display(lhs, tuple(lines), {}, in_words(tuple(self._shown(w) for w in intro)), tuple(conditions))
            )

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
                raise UnsolvedError(f"the derivative by {x} has no value at the point: it lies {why}")
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

    def _is_nonzero(self, value: Expr) -> bool:
        try:
            return self.subject.known.sign(value) != 0
        except UndecidableError:
            raise UndecidableError(f"whether the gradient {value} vanishes at the point") from None

    def finished(self, function: Function, found: Sequence[Found], whole: bool) -> Derivation:
        """The derivation for all critical points."""
        self.gradient(function)
        x = function.variables
        box = (
            ""
            if whole
            else " in the box in which every variable lies between -10 and 10, where interval arithmetic isolates them"
        )
        if not found:
            self.say(f"The gradient vanishes at no point{box}.")
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
        points = [point for group in _grouped(found) for point in self._group(function, group, len(found) > MANY)]
        check = spot_check(function, found, self.subject.goal)
        if check:
            self.checks.append(tuple(self._shown(w) for w in check))
        self._whole(function, found)
        return self._derivation(
            points,
            ("Find where the gradient vanishes; the signs of the Hessian's eigenvalues say what each point is.",),
        )

    def constrained(self, problem: Lagrangian, found: Sequence[Found], whole: bool) -> Derivation:
        """The derivation for critical points under equations."""
        self._lagrange(problem)
        box = "" if whole else " in the box in which every letter lies between -10 and 10"
        if not found:
            self.say(f"These equations have no solution{box}.")
        else:
            count = "one solution" if len(found) == 1 else f"{len(found)} solutions"
            self.say(f"Together with the constraint these equations have exactly {count}{box}.")
        points = [self._bound(problem, f) for f in found]
        values = [p.value for p in points]
        if problem.compact and not self.subject.domain and values and not any(letters_of(v) for v in values):
            ranked = sorted(values, key=lambda v: float(v.evalf(30)))
            self.remarks.append(
                (
                    "The constraint keeps the variables bounded, so the least value ",
                    ranked[0],
                    " and the greatest value ",
                    ranked[-1],
                    " are global.",
                )
            )
        return self._derivation(
            points, ("Lagrange multipliers: at an extremum the gradient is a combination of those of the constraints.",)
        )

    def _lagrange(self, problem: Lagrangian) -> None:
        goal, own = self.subject.goal, self.subject.original
        words: list[str | Expr | Relation] = ["The Lagrangian subtracts "]
        for n, (m, g) in enumerate(zip(problem.multipliers, problem.constraints, strict=True)):
            words += [" and " if n else "", m * g]
        self.say(*words, "; its derivatives are:")
        whole = goal - sum(m * g for m, g in zip(problem.multipliers, problem.constraints, strict=True))
        for x, e in zip(problem.variables, problem.equations, strict=False):
            self.displays.append(
                Display(
                    D(self.subject.shown(whole), own.get(x, x)), (Line(self.subject.shown(e), ("term by term",)),), {}
                )
            )

    def _bound(self, problem: Lagrangian, found: Found) -> CriticalPoint:
        place, verdict = found.judged.place, found.judged.verdict
        at = {x: place.at[x] for x in problem.variables}
        multipliers = {m: place.at[m] for m in problem.multipliers if m in place.at}
        where: list[str | Expr | Relation] = []
        for n, c in enumerate(found.conditions):
            where += [" and " if n else ", if ", c]
        self.say("At ", *_point(at), ", with ", *_point(multipliers), *where, ": ", *verdict.why)
        for e in problem.equations:
            self.chain(e, place.at, S.Zero, None, found.conditions)
        self.chain(self.subject.goal, at, found.judged.value, None, found.conditions)
        self.say(f"So under the constraint the point is {_kind(verdict, 2)}.")
        shown = {str(x): self.subject.shown(v) for x, v in at.items()}
        conditions = tuple(self._relation(c) for c in found.conditions)
        return CriticalPoint(shown, verdict.kind, self.subject.shown(found.judged.value), conditions)

    def asked_constrained(
        self, problem: Lagrangian, found: Sequence[Found], point: Mapping[Symbol, Expr]
    ) -> Derivation:
        """The answer about one point under equations."""
        self._lagrange(problem)
        here = [f for f in found if all(neat(f.place.at[x] - v) == 0 for x, v in point.items())]
        if not here and any(f.place.free for f in found):
            raise UndecidableError("a point among a set of critical points under a constraint")
        if not here:
            self.say("At ", *_point(point), " no multiplier satisfies the equations, so this is not a critical point.")
        return self._derivation([self._bound(problem, f) for f in here], ("Lagrange multipliers.",))

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
        if all(part.is_convex(known) for known, (parts, _) in cases for part in parts):
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

    def cornered(self, found: Sequence[Found], whole: bool, point: Mapping[Symbol, Expr] | None) -> Derivation:
        """The derivation for a function of two variables with kinks along lines."""
        plan: Text = (
            "The kinks cut the plane into cells: look for stationary points in cells, on lines, and where lines meet.",
        )
        if point is not None:
            found = [f for f in found if all(neat(f.place.at[x] - v) == 0 for x, v in point.items())]
            if not found:
                self.say("At ", *_point(point), " Fermat's rule does not hold, so this is not a critical point.")
        elif not found:
            box = "" if whole else " in the box in which every variable lies between -10 and 10"
            self.say(f"There is no critical point{box}.")
        return self._derivation([self._knot(f) for f in found], plan)

    def pieces(self, cases: Sequence[tuple[Knowledge, tuple[list[Broken], list[Judged]]]]) -> None:
        """The derivative on each piece of each variable, each shown once."""
        shown: set[tuple[Expr, Expr]] = set()
        for known, (parts, _) in cases:
            for part in parts:
                own = self.subject.original.get(part.x, part.x)
                for piece in part.pieces:
                    slope = tidy(diff(piece.f, part.x))
                    where = piece.conditions(part.x)
                    inside = tuple(self._relation(c) for c in (*where, *known.assumed))
                    key = (slope, Tuple(*(c.rhs for c in where)))
                    if key in shown or any(c.rhs.is_number and not c.rhs.is_Rational for c in where):
                        continue
                    shown.add(key)
                    self.displays.append(
                        Display(
                            D(self.subject.goal, own),
                            (Line(self.subject.shown(slope), ("differentiate",)),),
                            {},
                            (),
                            inside,
                        )
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
        strict = tuple(Relation(c.lhs, _strict(c.sign), c.rhs) for c in found.conditions)
        if all(not v.is_number or v.is_Rational for v in at.values()):
            self.chain(self.subject.goal, at, found.judged.value, None, strict if place.free else found.conditions)
        self.say(f"So the point is {_kind(verdict, len(at))}.")
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
            words += ["; at " if n else "", *_point({x: f.place.at[x] for x in function.variables})]
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
        intro: list[str | Expr | Relation] = ["At ", *_point(at)]
        if place.free:
            intro += [", for every value of ", *_listed(place.free)]
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
            f"So {'every such point' if place.free else 'the point'} is {_kind(verdict, len(function.variables))}."
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

    def _boundary(self) -> Iterator[Text]:
        border = edge(self.subject)
        if self.subject.closed:
            where: list[str | Expr | Relation] = []
            for n, r in enumerate(self.subject.closed):
                where += [", " if n else "", Relation(r.lhs, "=", r.rhs)]
            yield ("Only points inside the domain are listed. On its boundary, ", *where, ", an extremum need not be a "
                   "critical point; it is not examined.")  # fmt: skip
        elif border is not None:
            yield ("Only points inside the domain are listed; its edge, ", border, ", is not examined.")

    def _derivation(self, points: list[CriticalPoint], plan: Text) -> Derivation:
        return Derivation(
            problem=_in_domain(self.session, self.subject),
            task=self.session.task,
            result=points,
            displays=tuple(self.displays),
            plan=plan,
            lemmas=tuple(self.session.lemmas),
            checks=tuple(self.checks),
            remarks=(*self.remarks, *self._boundary()),
            assumes=tuple((r,) for r in self.session.obligations),
        )


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


def _strict(sign: Symbolic) -> Symbolic:
    return ">" if sign == ">=" else "<" if sign == "<=" else sign


SIGNS: dict[Symbolic, str] = {
    "=": " = ",
    "!=": " ≠ ",
    ">": " > ",
    ">=": " ≥ ",
    "<": " < ",
    "<=": " ≤ ",
    "~": " ≈ ",
}


def in_words(text: Text) -> Text:
    """A sentence in which relations are taken apart: a formula with a sign would be read as something assumed."""
    found: list[str | Expr | Relation] = []
    for part in text:
        found += [part.lhs, SIGNS[part.sign], part.rhs] if isinstance(part, Relation) else [part]
    return tuple(found)


def _in_domain(session: Session, subject: Subject) -> Problem:
    """The problem whose letters range over the domain: a constraint ties no letters while it is not yet used."""
    givens = session.givens
    own = {subject.original.get(x, x) for x in subject.variables}
    kept = tuple(
        f
        for f in givens.facts
        if f.relation.sign != "="
        or (
            not letters_of(f.relation.lhs - f.relation.rhs) & own
            and not {label_of(x) for x in own} & free_symbols(f.relation.lhs - f.relation.rhs)
        )
    )
    place = session.task.place
    domain = tuple(Fact(Relation(subject.shown(d), ">", S.Zero), {}, "domain", place) for d in subject.domain)
    return replace(session.problem, givens=replace(givens, facts=(*kept, *domain)))


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


def decimal(value: Expr) -> Expr:
    """A number without a short formula in six digits."""
    return Float(str(value.evalf(6)))


def is_exact(value: Expr) -> bool:
    """Whether a value is a formula that can be checked, not a decimal number or a numbered root."""
    return not value.has(Float) and not value.has(ComplexRootOf)


def is_real(value: Expr) -> bool:
    """Whether a value at a point is a real number, as far as it is a number."""
    return not value.is_number or value.is_real is not False


def _is_singular(function: Function, found: Found) -> bool:
    """Whether the gradient has no value at a point."""
    if not isinstance(found.place, Formula):
        return False
    return not all(is_finite(g.xreplace(dict(found.place.at))) for g in function.gradient)


def is_finite(value: Expr) -> bool:
    return not value.has(S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.NaN)
