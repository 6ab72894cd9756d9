"""The page of a function under equations and inequalities: multipliers, and what their signs say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sympy import Expr, S, Symbol

from symdl.engine.curvature.borders import Border, Edge, where
from symdl.engine.curvature.constrained import Lagrangian
from symdl.engine.curvature.knowledge import UndecidableError, letters_of
from symdl.engine.curvature.local import Judged
from symdl.engine.curvature.merging import Found, merged
from symdl.engine.curvature.places import Formula, ascending, neat
from symdl.engine.curvature.sheet import Sheet, kind_words, point_words
from symdl.language import D, decimal, is_exact
from symdl.problem import CriticalPoint, Derivation, Display, Line, Relation, Text


class BoundPage(Sheet):
    """Collects what is shown of a function under constraints."""

    def constrained(
        self, problem: Lagrangian, found: Sequence[Found], whole: bool, border: Border | None
    ) -> Derivation:
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
        if border is not None:
            points += self.edges(border)
            self.extremes(border, values, whole)
        if problem.compact and not self.subject.domain and values and not any(letters_of(v) for v in values):
            ranked = ascending(values)
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

    def edges(self, border: Border) -> list[CriticalPoint]:
        """The candidates on the boundary of a closed domain; those that are extreme there are the result."""
        self.examined = True
        points: list[CriticalPoint] = []
        faces = list(dict.fromkeys(e.active for e in border.edges))
        count = "one candidate" if len(border.edges) == 1 else f"{len(border.edges)} candidates"
        box = "" if border.whole else " with every letter between -10 and 10"
        if not border.edges:
            self.say(f"On the boundary no multipliers solve the equations{box}: there is no candidate.")
            return points
        self.say("On the boundary the gradient need not vanish; it is a combination of the gradients of the active "
                 f"constraints, and the signs of the multipliers decide. This leaves {count}{box}.")  # fmt: skip
        for active in faces:
            here = [e for e in border.edges if e.active == active]
            self.say("On the boundary, where ", *where(here[0]), ":")
            for found in merged([_without_multipliers(e) for e in here], self.subject.known):
                like = next(e for e in here if all(e.judged.place.at[x] == v for x, v in found.place.at.items()))
                points += self._edge(like, found)
        return points

    def _edge(self, edge: Edge, found: Found) -> list[CriticalPoint]:
        """One candidate on the boundary, if it is extreme or open."""
        problem, place, verdict = edge.problem, found.judged.place, found.judged.verdict
        at = {x: place.at[x] for x in problem.variables}
        multipliers = {m: edge.judged.place.at[m] for m in problem.multipliers}
        conditions: list[str | Expr | Relation] = []
        for n, c in enumerate(found.conditions):
            conditions += [" and " if n else ", if ", c]
        self.say("At ", *point_words(at), *_with_multipliers(multipliers), *conditions, ": ", *verdict.why)
        inside = tuple(c for c in found.conditions)
        for e in problem.equations[: len(problem.variables)]:
            self.chain(e, {**at, **multipliers}, S.Zero, None, inside)
        self.chain(self.subject.goal, at, found.judged.value, None, inside)
        if verdict.kind == "saddle":
            self.say("So the point is neither a minimum nor a maximum on the domain.")
            return []
        words = "not decided" if verdict.kind == "undecided" else f"a local {verdict.kind} on the domain"
        self.say(f"So {'every such point' if place.free else 'the point'} is {words}.")
        shown = {str(x): self.subject.shown(v) for x, v in at.items()}
        own = tuple(self._relation(c) for c in found.conditions)
        return [CriticalPoint(shown, verdict.kind, self.subject.shown(found.judged.value), own)]

    def extremes(self, border: Border, inner: Sequence[Expr], whole: bool) -> None:
        """The least and the greatest value on a closed and bounded domain, from the values at all candidates."""
        values = [*inner, *(e.judged.value for e in border.edges)]
        if not (border.bounded and border.whole and whole and values) or any(letters_of(v) for v in values):
            return
        ranked = ascending(values)
        self.remarks.append(in_compact(ranked[0], ranked[-1]))

    def asked_edge(self, border: Border, point: Mapping[Symbol, Expr]) -> Derivation:
        """The answer about one point on the boundary."""
        here = [e for e in border.edges if all(neat(e.judged.place.at[x] - v) == 0 for x, v in point.items())]
        if not here and any(e.judged.place.free for e in border.edges):
            raise UndecidableError("a point among a set of candidates on the boundary")
        self.examined = True
        points: list[CriticalPoint] = []
        for e in here:
            points += self._edge(e, Found(e.judged, e.judged.known.assumed))
        if not here:
            words = " on the boundary no multipliers solve the equations, so there is no extremum here."
            self.say("At ", *point_words(point), words)
        return self._derivation(points, ("Multipliers for the active constraints; their signs decide.",))

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
        self.say("At ", *point_words(at), *_with_multipliers(multipliers), *where, ": ", *verdict.why)
        for e in problem.equations:
            self.chain(e, place.at, S.Zero, None, found.conditions)
        self.chain(self.subject.goal, at, found.judged.value, None, found.conditions)
        self.say(f"So under the constraint the point is {kind_words(verdict, 2)}.")
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
            self.say(
                "At ", *point_words(point), " no multiplier satisfies the equations, so this is not a critical point."
            )
        return self._derivation([self._bound(problem, f) for f in here], ("Lagrange multipliers.",))


def _without_multipliers(edge: Edge) -> Judged:
    """The candidate as a point of the variables alone, so that cases of the same point can be joined."""
    place = edge.judged.place
    if not isinstance(place, Formula):
        return edge.judged
    at = {x: v for x, v in place.at.items() if x in edge.problem.variables}
    return replace(edge.judged, place=replace(place, at=at))


def _with_multipliers(multipliers: Mapping[Symbol, Expr]) -> Iterator[str | Expr]:
    """The values of the multipliers in their order; an equation would be read as one that holds from here on."""
    for n, value in enumerate(multipliers.values()):
        yield " and " if n else f", with the multiplier{'s' if len(multipliers) > 1 else ''} "
        yield value if is_exact(value) else decimal(value)


def in_compact(least: Expr, greatest: Expr) -> Text:
    """What holds of a continuous function on a closed and bounded domain, from the values at all candidates."""
    return (
        "The domain is closed and bounded and the function is continuous, so a least and a greatest value exist; they "
        "are among the values at the candidates: the global minimum is ",
        least,
        " and the global maximum is ",
        greatest,
        ".",
    )
