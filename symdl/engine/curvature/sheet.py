"""What every page of a `Classify` is made of: chains, sentences, and the record of the task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sympy import Expr, S, Symbol
from sympy.polys.rootoftools import ComplexRootOf

from symdl.engine.curvature.knowledge import UndecidableError, letters_of
from symdl.engine.curvature.local import Function, Verdict
from symdl.engine.curvature.singular import edge
from symdl.engine.curvature.subject import Subject
from symdl.engine.derive import closed
from symdl.engine.session import Session
from symdl.errors import UnsolvedError
from symdl.language import At, D, decimal, free_symbols, is_exact, label_of
from symdl.problem import CriticalPoint, Derivation, Display, Fact, Line, Problem, Relation, Text


class Sheet:
    """Collects what is shown of one task."""

    def __init__(self, session: Session, subject: Subject) -> None:
        self.session = session
        self.subject = subject
        self.displays: list[Display] = []
        self.remarks: list[Text] = []
        self.checks: list[Text] = []
        self.examined = False
        """Whether the boundary of a closed domain has been examined."""

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
        self.displays.append(Display(S.Zero, (), {}, tuple(self._shown(w) for w in words)))

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
                Display(lhs, tuple(lines), {}, tuple(self._shown(w) for w in intro), tuple(conditions))
            )

    def _is_nonzero(self, value: Expr) -> bool:
        try:
            return self.subject.known.sign(value) != 0
        except UndecidableError:
            raise UndecidableError("whether the gradient ", value, " vanishes at the point") from None

    def _boundary(self) -> Iterator[Text]:
        border = edge(self.subject)
        if self.subject.closed and not self.examined:
            where: list[str | Expr | Relation] = []
            for n, r in enumerate(self.subject.closed):
                where += [", " if n else "", Relation(r.lhs, "=", r.rhs)]
            yield ("Only points inside the domain are listed. On its boundary, ", *where, ", an extremum need not be a "
                   "critical point; it is not examined.")  # fmt: skip
        elif border is not None:
            yield ("Only points inside the domain are listed; its edge, ", border, ", is not examined.")

    def _derivation(self, points: list[CriticalPoint], plan: Text, solutions: tuple[Relation, ...] = ()) -> Derivation:
        problem = in_domain(self.session, self.subject)
        return Derivation(
            problem=problem,
            task=self.session.task,
            result=points,
            displays=tuple(self.displays),
            plan=plan,
            lemmas=tuple(self.session.lemmas),
            checks=tuple(self.checks),
            remarks=(*self.remarks, *self._boundary()),
            solutions=solutions,
            assumes=tuple((r,) for r in self.session.obligations),
            withheld=tuple(f for f in self.session.givens.facts if f not in problem.givens.facts),
        )


def in_domain(session: Session, subject: Subject) -> Problem:
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


def kind_words(verdict: Verdict, variables: int) -> str:
    if verdict.kind == "saddle":
        return "a saddle" if variables > 1 else "an inflection point, neither a minimum nor a maximum"
    return "not decided" if verdict.kind == "undecided" else f"a local {verdict.kind}"


def _mentions(expr: Expr, x: Expr, subject: Subject) -> bool:
    return x in letters_of(expr) or subject.goal in letters_of(expr) or expr.has(D)


def point_words(at: Mapping[Symbol, Expr]) -> Iterator[str | Expr | Relation]:
    for n, (x, v) in enumerate((x, v) for x, v in at.items() if x != v):
        if n:
            yield ", "
        yield Relation(x, "=" if is_exact(v) else "~", v)


def listed(letters: Sequence[Symbol]) -> Iterator[str | Expr | Relation]:
    for n, x in enumerate(letters):
        if n:
            yield ", "
        yield x


def is_real(value: Expr) -> bool:
    """Whether a value at a point is a real number, as far as it is a number."""
    return not value.is_number or value.is_real is not False


def is_finite(value: Expr) -> bool:
    return not value.has(S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.NaN)
