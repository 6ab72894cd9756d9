"""Whether a function bends as a sentence says, a matrix is definite, and a point is what it is called.

The judge is asked for the quadratic form of the Hessian in a direction whose entries are free, so that functions of
vectors and matrices are judged like those of numbers, whatever their size.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import Protocol

from sympy import Add, Expr, Indexed, Integer, Mul, Number, NumberSymbol, Pow, Symbol, log

from symdl.check.definites import definite
from symdl.check.demands import starred
from symdl.check.kinds import EXTREMES, Kind
from symdl.check.question import Question
from symdl.language import (
    Bound,
    D,
    Delta,
    Prod,
    Sigma,
    family,
    free_symbols,
    fresh_index,
    is_index,
    is_quantity,
    label_of,
    put,
    quantities,
    scalar,
    subterms,
)
from symdl.language.functions import ALL, by_head
from symdl.problem import Decision, Givens, Range, Ranges, Relation, Symbolic

UNTOLD = "the second derivatives do not tell it"
SECOND_DERIVATIVES = "by the first and second derivatives"
MINORS = "by the minors of the matrix, or its quadratic form"
AGAINST = "the second derivative has the other sign, as its sentence says"

_UNKNOWN = Decision("unknown", UNTOLD)
_PROVED = Decision("proved", SECOND_DERIVATIVES)
_DEFINITE: dict[str, Symbolic] = {"positive": ">", "negative": "<", "convex": ">", "concave": "<"}
_ORDERS: dict[Symbolic, str] = {">": "succ", "<": "prec"}
_WITH_EQUALITY: dict[Symbolic, Symbolic] = {">": ">=", "<": "<="}
_OPPOSITE = {"convex": "concave", "concave": "convex"}
_MINOR_SIGNS: dict[Symbolic, tuple[Symbolic, Symbolic]] = {">": (">", ">"), "<": ("<", ">")}
"""How the first entry and the determinant of a definite matrix compare with 0."""
_PLAIN = (Add, Mul, Pow, Number, NumberSymbol, Symbol, Indexed, Bound, Delta)
"""Of what a term may be made beside functions, so that it is smooth where it has a value."""
_LETTERS = "ijkl"
_SMALL = 2
"""Of how many numbers, or rows, the minors are looked at."""
_ALONG = "direction of "
"""Begins the name of a direction: no name in a document has a space, so that nothing else is said of it."""

Families = Mapping[Symbol, tuple[Range, ...]]
NONE: Families = {}


class Asked(Protocol):
    """Makes the judge under conditions, with quantities that are free beside those of the givens."""

    def __call__(self, conditions: tuple[Relation, ...] = (), free: Families = NONE, /) -> Question: ...


@dataclass(frozen=True)
class Shown:
    """What a proof has shown ahead of a sentence.

    `found` are the equations that say last what quantities are, `zero` the derivatives that are 0 or are to be 0,
    `sides` what stands in the lines, `last` is what the last chain began with, and `is_bare` says that what is given
    holds no words, which could bound it.
    """

    found: Sequence[Relation]
    zero: Collection[D]
    sides: Sequence[Expr]
    last: Expr | None
    is_bare: bool

    def moved(self) -> dict[Symbol, dict[Symbol, None]]:
        """By which labels the functions are differentiated: those that are twice, or else those that are once."""
        twice: dict[Symbol, dict[Symbol, None]] = {}
        once: dict[Symbol, dict[Symbol, None]] = {}
        for slope in (t for side in self.sides for t in subterms(side) if isinstance(t, D)):
            inner = slope.of.of if isinstance(slope.of, D) else slope.of
            if is_quantity(inner):
                found = once if slope.of is inner else twice
                found.setdefault(label_of(inner), {})[label_of(slope.wrt)] = None
        return twice or once


@dataclass(frozen=True)
class Told:
    """Whether a claim holds, and what would be right where it does not and this is known, as LaTeX."""

    decision: Decision
    expected: str | None = None


def judged(kind: Kind, givens: Givens, shown: Shown, asked: Asked) -> Told | None:
    """Whether the claim holds; None where it is not understood of what it is claimed."""
    if kind.is_against():
        return Told(Decision("refuted", AGAINST))
    if not kind.is_sole or not kind.is_plain:
        return None
    found = _told(kind, givens, shown, asked)
    bounds = dict(kind.conditions(givens))
    if bounds and (found is None or found.decision.answer == "unknown"):
        under = _told(kind, givens, shown, lambda place=(), free=NONE, /: asked((*place, *bounds), free))
        if under is not None and under.decision.answer == "proved":
            return Told(replace(under.decision, assumes=tuple(f"${f.text.strip()}$" for f in bounds.values())))
    return found


def _told(kind: Kind, givens: Givens, shown: Shown, asked: Asked) -> Told | None:
    word = kind.word.text.lower()
    matrix = _named_matrix(kind, givens) if "definite" in word else None
    if matrix is not None:
        found = _definite_matrix(kind, matrix, givens.families[matrix][0], asked)
        is_told = found.answer == "proved" or (found.answer == "refuted" and kind.speaks_of_all())
        return Told(found if is_told else _UNKNOWN)
    bending = _bending(kind, givens, shown, asked)
    if bending is None:
        return None
    if "definite" in word:
        return bending.definite()
    if word in _OPPOSITE:
        return bending.curved()
    return bending.extreme() if word[:4] in EXTREMES else None


def _named_matrix(kind: Kind, givens: Givens) -> Symbol | None:
    """The one square matrix with a name of which a clause speaks."""
    named = [label for f in kind.formulas for label in givens.families if label.name == f.text.strip()]
    runs = givens.families[named[0]] if len(named) == 1 else ()
    return named[0] if len(runs) == _SMALL and runs[0] == runs[1] else None


def _definite_matrix(kind: Kind, label: Symbol, run: Range, asked: Asked) -> Decision:
    """Whether a matrix with a name has the sign that a sentence says, or both for an indefinite one."""
    word = kind.word.text.lower()
    sign = _DEFINITE.get(re.split(r"[\s-]", word)[0])
    i, j = letters = tuple(_letters((run, run), set()))
    if sign is not None:
        order = _ORDERS[sign] + ("eq" if "semi" in word else "")
        told = definite(replace(asked(), ranges=dict.fromkeys(letters, run)), family(label, i, j), order, Integer(0))
        return replace(told, reason=MINORS) if told is not None else _UNKNOWN
    if (run.lo, run.hi) != (1, _SMALL):
        return _UNKNOWN
    a, b, c, d = (family(label, Integer(i), Integer(j)) for i in (1, 2) for j in (1, 2))
    is_symmetric = asked().ask(b, "=", c).answer == "proved"
    return replace(asked().ask(a * d - b * c, "<", Integer(0)), reason=MINORS) if is_symmetric else _UNKNOWN


def _bending(kind: Kind, givens: Givens, shown: Shown, asked: Asked) -> Bending | None:
    """The one function of which the sentence speaks: the only one that is given by a formula, or differentiated.

    There is none where it speaks of what is made of one, as in `the maximum of $-f$`, and none where it is not said of
    what it is a function, or this may not run over all between two of its values.
    """
    defined = {d.label.name: d.label for d in givens.definitions if not d.pattern}
    names = kind.names()
    moved = {f: by for f, by in shown.moved().items() if f.name in defined}
    if names is None:
        return None
    found = {defined[name] for name in names if name in defined}
    if not found and len(defined) == 1 and not names:
        found = set(defined.values())
    is_named = bool(found)
    is_meant = kind.is_described() or kind.is_of_what_was_found()
    if not found and (is_meant or any(_stars(kind) & by.keys() for by in moved.values())):
        found = set(moved)
    if len(found) != 1:
        return None
    function = found.pop()
    body = givens.definitions_of(function)[0].body
    said = kind.arguments() or givens.arguments.get(function, ()) or tuple(moved.get(function, ()))
    letters = {s.name: s for s in (*givens.families, *free_symbols(body), *said) if isinstance(s, Symbol)}
    labels = [letters.get(v) if isinstance(v, str) else v for v in said] or sorted(free_symbols(body), key=str)
    variables = tuple(v for v in labels if isinstance(v, Symbol) and not is_index(v))
    is_closed = {label_of(q) for q in quantities(body)} <= set(variables)
    is_free = len(variables) == len(labels) and not any(map(givens.is_defined, variables))
    if not is_free or not (said or is_closed) or not variables or not _is_whole(variables, givens):
        return None
    return Bending(kind, function, variables, givens, shown, asked, is_named, is_closed)


def _is_whole(variables: Collection[Symbol], givens: Givens) -> bool:
    """Whether what is given of variables leaves with two values all those between them, as bounds and sums do."""
    said = (
        f.relation
        for f in givens.facts
        if any(label_of(q) in variables for s in f.relation.sides for q in quantities(s))
    )
    return all(r.sign != "!=" and (r.sign == "=" or any(map(is_quantity, r.sides))) for r in said)


@dataclass(frozen=True)
class Bending:
    """A function of which a sentence claims a kind, as one of `variables`, the labels of numbers and families.

    `is_named` says that the sentence leaves no doubt which function it is, and `is_closed` that the formula of the
    function rests on nothing but these variables.
    """

    kind: Kind
    function: Symbol
    variables: tuple[Symbol, ...]
    givens: Givens
    shown: Shown
    asked: Asked
    is_named: bool
    is_closed: bool

    def curved(self) -> Told | None:
        """Whether the function is convex or concave, as the sentence says; strictly where it says so."""
        adverb, word = self.kind.adverb(), self.kind.word.text.lower()
        is_called = self.kind.is_said_of(self.function.name)
        if self.kind.is_only or adverb is None or not (is_called or self.kind.is_described()):
            return None
        sign, unknown = _DEFINITE[word], Told(_UNKNOWN) if is_called else None
        if not self.is_smooth():
            return unknown
        if adverb in ("strictly", "strongly") and self.form(sign).answer == "proved":
            # A bound that would make it strong is not looked for.
            return Told(_PROVED) if adverb == "strictly" else unknown
        found = self.form(_WITH_EQUALITY[sign])
        if found.answer == "proved" and adverb not in ("strictly", "strongly"):
            return Told(_PROVED)
        if found.answer != "refuted" or not self.is_sure():
            return unknown
        other = _OPPOSITE[word] if self.form(_WITH_EQUALITY[_DEFINITE[_OPPOSITE[word]]]).answer == "proved" else None
        # Where it holds words may say that are not understood, and what is meant of a parameter: unless the contrary is
        # proved, formulas alone refute it.
        if other is None and not (self.is_closed and self.shown.is_bare):
            return unknown
        return Told(replace(found, reason=SECOND_DERIVATIVES), rf"\text{{{other}}}" if other is not None else None)

    def definite(self) -> Told | None:
        """Whether the Hessian of the function is definite, as the sentence says."""
        word, last = self.kind.word.text.lower(), self.shown.last
        is_found = self.kind.is_of_what_was_found() and isinstance(last, D) and isinstance(last.of, D)
        sign = _DEFINITE.get(re.split(r"[\s-]", word)[0])
        place = self.kind.place(self.variables, self.givens)
        if sign is None or not (self.kind.is_of_hessian() or is_found) or (not place and self.kind.is_of_a_place()):
            return None
        if not self.is_smooth() or not self._is_within(place or ()):
            return None
        if self.form(_WITH_EQUALITY[sign] if "semi" in word else sign, place or ()).answer == "proved":
            return Told(_PROVED)
        # What is semidefinite and not known to be more is plainly understood.
        is_weaker = "semi" not in word and self.form(_WITH_EQUALITY[sign], place or ()).answer == "proved"
        return Told(_UNKNOWN) if is_weaker else None

    def extreme(self) -> Told | None:
        """Whether a point where the first derivatives are 0 is the minimum, maximum or saddle of the sentence."""
        said = EXTREMES[self.kind.word.text.lower()[:4]]
        place = self.place()
        is_flat = bool(place) and self._is_within(place) and self._is_flat(self.asked(place))
        found = self._kind_at(place) if is_flat and self._is_judged_at_a_point() else None
        is_more = self.kind.is_only or self.kind.is_best
        if found == said and (not is_more or self._is_best_at(place, said)):
            return Told(_PROVED)
        if found not in (None, said):
            return Told(Decision("refuted", SECOND_DERIVATIVES), rf"\text{{{found}}}") if self.is_sure() else None
        if not is_flat and not self._is_of_a_flat_point():
            return None
        if said == "saddle":
            return None
        if not self.is_smooth():
            return None
        # Of a function that bends one way everywhere it is the extremum, and the only one if this is strictly so.
        sign = _DEFINITE["convex" if said == "minimum" else "concave"]
        bends = self.form(sign if self.kind.is_only or self.kind.is_strict else _WITH_EQUALITY[sign])
        if bends.answer == "proved":
            return Told(_PROVED)
        # Of which function the point is the other extremum may have been said before.
        contrary: Symbolic = "<" if sign == ">" else ">"
        return Told(_UNKNOWN) if self.form(contrary).answer == "proved" else None

    def is_sure(self) -> bool:
        """Whether the sentence speaks of the function as it is given and of all its values, so that it can be wrong."""
        return self.is_named and self.kind.speaks_of_all() and self.kind.is_of_what_is_given()

    def place(self) -> tuple[Relation, ...]:
        """The point of which the sentence speaks, an equation for each variable: that it names, or the one found."""
        named = self.kind.place(self.variables, self.givens)
        if named is not None or not (self.kind.is_of_what_was_found() or _stars(self.kind) & set(self.variables)):
            return named or ()
        found = {starred(r.lhs) or r.lhs: r.rhs for r in self.shown.found if isinstance(r.lhs, Symbol)}
        place = tuple(Relation(v, "=", found[v]) for v in self.variables if v in found)
        return place if len(place) == len(self.variables) else ()

    def form(self, sign: Symbolic, place: tuple[Relation, ...] = ()) -> Decision:
        """Whether the quadratic form of the Hessian compares with 0 like this, in every direction that is not 0."""
        if not any(v in self.givens.families for v in self.variables):
            if len(self.variables) == 1:
                return self.asked(place).ask(self._second(*self.variables, *self.variables), sign, Integer(0))
            if len(self.variables) == _SMALL:
                found = _by_minors(self._entries(), sign, self.asked(place))
                if found.answer != "unknown":
                    return found
        return self._quadratic(sign, place)

    def _quadratic(self, sign: Symbolic, place: tuple[Relation, ...]) -> Decision:
        """Whether the sum of v_a v_b times the second derivative by a and b, over all entries, compares like this."""
        runs = {v: self.givens.families.get(v, ()) for v in self.variables}
        directions = {v: scalar(f"{_ALONG}{v.name}") for v in runs}
        total: Expr = Integer(0)
        length: Expr = Integer(0)
        for a in runs:
            rows = _letters(runs[a], set())
            along = _member(directions[a], rows)
            length += _summed(along**2, rows)
            for b in runs:
                columns = _letters(runs[b], set(rows))
                second = self._second(_member(a, rows), _member(b, columns))
                total += _summed(second * along * _member(directions[b], columns), {**rows, **columns})
        nonzero = (Relation(length, ">", Integer(0)),) if sign in _WITH_EQUALITY else ()
        free = {directions[v]: run for v, run in runs.items() if run}
        return _named_directions(self.asked((*place, *nonzero), free).ask(total, sign, Integer(0)))

    def is_smooth(self) -> bool:
        """Whether the function has second derivatives between any two points, as far as this is seen."""
        context = self.asked().context
        names = context.names(self.function)
        bodies = [d for d in self.givens.definitions if d.label in names]
        return all(self._is_smooth(d.body, d.ranges) for d in bodies)

    def _is_smooth(self, term: Expr, ranges: Ranges) -> bool:
        """Whether a term has no kink, jump or pole where it has a value; `ranges` are its index letters."""
        if isinstance(term, Sigma | Prod):
            letter = fresh_index(_LETTERS, free_symbols(term) | set(ranges))
            return self._is_smooth(term.open(letter), {**ranges, letter: Range(term.lo, term.hi)})
        record = by_head().get(type(term))
        if record is None and not isinstance(term, _PLAIN):
            return False
        has_no_gap = record is None or record.domain == ALL or record.head is log
        if record is not None and (record.kinks or record.arity > 1 or not has_no_gap):
            return False
        inside = term.base if term.is_Pow else term.args[0] if isinstance(term, log) else None
        is_whole = term.is_Pow and term.exp.is_Integer
        # A variable below a root or a logarithm is bounded by it to one side of 0, below a fraction it is not.
        is_open = inside is not None and not (is_whole and term.exp >= 0) and (is_whole or inside not in self.variables)
        if inside is not None and is_open:
            there = replace(self.asked(), ranges=ranges)
            if all(there.ask(inside, sign, Integer(0)).answer != "proved" for sign in (">", "<")):
                return False
        return is_quantity(term) or all(self._is_smooth(a, ranges) for a in term.args)

    def _second(self, a: Expr, b: Expr) -> Expr:
        """The entry of the Hessian for two variables."""
        return D(D(self.function, a), b)

    def _entries(self) -> tuple[Expr, ...]:
        """The entries of the Hessian above its diagonal and on it, row by row."""
        return tuple(self._second(a, b) for a, b in combinations_with_replacement(self.variables, 2))

    def _is_within(self, place: Sequence[Relation]) -> bool:
        """Whether no bound that is given excludes a place."""
        at = {r.lhs: r.rhs for r in place}
        bounds = (f.relation.at(at) for f in self.givens.facts if not f.ranges and set(at) & _numbers_in(f.relation))
        return all(self.asked().ask(r.lhs, r.sign, r.rhs).answer != "refuted" for r in bounds)

    def _is_flat(self, there: Question) -> bool:
        """Whether the first derivatives are proved to be 0 at a place."""
        slopes = [D(self.function, v) for v in self.variables]
        return all(there.ask(slope, "=", Integer(0)).answer == "proved" for slope in slopes)

    def _is_of_a_flat_point(self) -> bool:
        """Whether the sentence speaks of the point where the proof has the derivatives be 0."""
        zero = (d for d in self.shown.zero if is_quantity(d.of) and label_of(d.of) == self.function)
        solved = {label_of(d.wrt) for d in zero}
        is_meant = self.kind.is_of_what_was_found() or bool(_stars(self.kind) & solved)
        return is_meant and set(self.variables) <= solved

    def _is_judged_at_a_point(self) -> bool:
        """Whether one point alone is judged: of few numbers on which the function rests, and which nothing binds."""
        closed = (f.relation for f in self.givens.facts if f.relation.sign not in ("<", ">", "!="))
        bound = {q for r in closed for side in r.sides for q in quantities(side)}
        is_small = len(self.variables) <= _SMALL and not any(v in self.givens.families for v in self.variables)
        return is_small and self.is_closed and not bound & set(self.variables)

    def _kind_at(self, place: tuple[Relation, ...]) -> str | None:
        """Of what kind a stationary point is by the second derivatives; None where their signs do not tell it."""
        there, entries = self.asked(place), self._entries()
        if len(self.variables) > 1:
            first, mixed, last = entries
            determinant = _sign(first * last - mixed**2, there)
            if determinant <= 0:
                return "saddle" if determinant < 0 else None
        return {1: "minimum", -1: "maximum"}.get(_sign(entries[0], there))

    def _is_best_at(self, place: Iterable[Relation], said: str) -> bool:
        """Whether no other place is proved to have a better value, if the sentence does not ask for more than that."""
        value = self.givens.definitions_of(self.function)[0].body
        best = put(value, {r.lhs: r.rhs for r in place})
        sign: Symbolic = ">=" if said == "minimum" else "<="
        return said != "saddle" and not self.kind.is_only and self.asked().ask(value, sign, best).answer == "proved"


def _by_minors(entries: Sequence[Expr], sign: Symbolic, question: Question) -> Decision:
    """Whether a symmetric matrix of two rows, by its upper entries, is definite, or semidefinite, as a sign says."""
    first, mixed, last = entries
    determinant = first * last - mixed**2
    if sign in _MINOR_SIGNS:
        minors = list(zip((first, determinant), _MINOR_SIGNS[sign], strict=True))
    else:
        minors = [(first, sign), (last, sign), (determinant, ">=")]
    decisions = [question.ask(minor, s, Integer(0)) for minor, s in minors]
    refuted = next((d for d in decisions if d.answer == "refuted"), None)
    return refuted or (decisions[0] if all(d.answer == "proved" for d in decisions) else _UNKNOWN)


def _numbers_in(relation: Relation) -> set[Expr]:
    return {q for side in relation.sides for q in quantities(side)}


def _stars(kind: Kind) -> set[Symbol]:
    """The names for whose solutions, such as w^*, the clause has names."""
    return {s for f in kind.formulas if (s := starred(scalar(f.text.strip()))) is not None}


def _named_directions(decision: Decision) -> Decision:
    """A decision whose instance calls the only direction v."""
    along = [name for name in decision.instance if name.startswith(_ALONG)]
    if len(along) != 1 or "v" in decision.instance:
        return replace(decision, instance={k: v for k, v in decision.instance.items() if k not in along})
    return replace(decision, instance={"v" if k in along else k: v for k, v in decision.instance.items()})


def _sign(term: Expr, question: Question) -> int:
    """1 or -1 where a sign is proved, else 0."""
    if question.ask(term, ">", Integer(0)).answer == "proved":
        return 1
    return -1 if question.ask(term, "<", Integer(0)).answer == "proved" else 0


def _letters(runs: Sequence[Range], taken: set[Symbol]) -> dict[Symbol, Range]:
    """A fresh index letter for each range."""
    found: dict[Symbol, Range] = {}
    avoid = taken | {s for run in runs for end in (run.lo, run.hi) for s in free_symbols(end)}
    for run in runs:
        found[fresh_index(_LETTERS, avoid | set(found))] = run
    return found


def _member(label: Symbol, letters: Collection[Symbol]) -> Expr:
    """The member of a family at index letters; the quantity itself where there are none."""
    return family(label, *letters) if letters else label


def _summed(term: Expr, letters: Mapping[Symbol, Range]) -> Expr:
    """The sum of a term over index letters."""
    for letter, run in reversed(tuple(letters.items())):
        term = Sigma.over(letter, run.lo, run.hi, term)
    return term
