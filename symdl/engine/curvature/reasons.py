"""Why the critical points are these and no others, what is close to them, and where a function is not convex."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from sympy import Expr, Integer, Poly, Rational, S, Symbol, cos, diff, exp, log, sin
from sympy.polys.polyerrors import BasePolynomialError

from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, letters_of, sign_of_number
from symdl.engine.curvature.lines import is_exponential_sum
from symdl.engine.curvature.local import Function
from symdl.engine.curvature.merging import Found
from symdl.engine.curvature.places import (
    Algebraic,
    Formula,
    Framed,
    Implicit,
    Place,
    Repeated,
    neat,
    numerator,
    own_letter,
)
from symdl.engine.curvature.sheet import point_words
from symdl.problem import Relation, Text

CASES = 8
"""Of more cases than this the solution of the equations is not told."""

_PLACES = (*(Integer(k) for k in (0, 1, -1, 2, -2, 3, -3)), *(s * log(k) for k in (2, 3, 5, 9) for s in (1, -1)))
"""Coordinates at which a negative curvature is looked for; at logarithms exponentials are whole numbers."""

STEP = Rational(1, 10)
"""How far from a critical point a spot check looks."""


def solved(function: Function, found: Sequence[Found], known: Knowledge) -> Iterator[Text]:
    """How the equations ∇f = 0 are solved, in sentences."""
    if any(isinstance(f.place, Implicit) for f in found):
        if len(function.variables) > 1:
            yield (
                "The Hessian differs from a positive multiple of the identity by what is nowhere negative, so the "
                "gradient vanishes exactly once, where no formula is at hand.",
            )
            return
        (x,) = function.variables
        yield (
            "The second derivative has one sign everywhere and the first takes both, so the first vanishes exactly "
            "once, where no formula is at hand: call this place ", found[0].place.at[x], ".",
        )  # fmt: skip
        return
    if all(len(block) == 1 for block in function.blocks):
        texts = [text for (x,) in function.blocks if (text := _of_one(function, x, found, known))]
        yield from texts
        if texts or len(function.variables) > 1:
            return
    told = list(dict.fromkeys(text for f in found for text in _path(f.place)))
    if len(function.variables) == 1:
        # Where a letter has a special value, the equation is shorter, but the root is one of the general ones.
        told = [text for text in told if text[0] == "Case "] or told
    if told and len(told) <= len(found) <= CASES:
        if len(told) > 1:
            yield ("The equations leave these cases, and no others with a real solution.",)
        yield from told


def _of_one(function: Function, x: Symbol, found: Sequence[Found], known: Knowledge) -> Text | None:
    """The zeros of a derivative that holds one variable only, and why there are no others."""
    if any(f.conditions for f in found):
        return None
    slope = function.gradient[function.variables.index(x)]
    values: list[Expr] = []
    for f in found:
        value = f.place.at[x]
        if value == x:
            return None
        if value not in values:
            values.append(value)
    if len(values) > CASES:
        return None
    words: list[str | Expr | Relation] = ["The derivative by ", x, " vanishes "]
    if not values:
        return (*words, "nowhere.") if letters_of(slope) else None
    words.append("only at ")
    for n, v in enumerate(values):
        words += [", " if n else "", Relation(x, "=", v)]
    bend = diff(slope, x)
    try:
        side = known.possible(bend)
    except (UndecidableError, BasePolynomialError):
        side = frozenset()
    top = numerator(slope)[0]
    if letters_of(bend) and side in ({1}, {-1}):
        words.append(", for it is strictly monotone: the second derivative has one sign everywhere")
    elif top.is_polynomial(x):
        degree = Poly(top, x).degree()
        named = {1: "a linear", 2: "a quadratic"}.get(degree)
        words.append(
            f": {named} equation" if named else f": exact counting of the roots of a polynomial of degree {degree}"
        )
        words.append(" says so" if not named else "")
    elif any(isinstance(f.place, Repeated) for f in found):
        words.append(": in the tangent of half the angle it is a polynomial, whose real roots are these")
    elif any(isinstance(f.place, Framed) for f in found):
        words.append(": in the letter ")
        words += [exp(x), " it is a polynomial, whose positive roots are these"]
    elif is_exponential_sum(numerator(slope)[0], x):
        words.append(": it is a sum of exponentials times polynomials; divided by one of them and differentiated "
                     "it becomes simpler, and by Rolle's theorem it has no more zeros")  # fmt: skip
    return (*words, ".")


def _path(place: Place, back: Mapping[Expr, Expr] | None = None) -> Iterator[Text]:
    """The way from the equations to a point, as the elimination took it."""
    back = dict(back or {})
    while not isinstance(place, (Formula, Algebraic)):
        if isinstance(place, Framed):
            if place.circles:
                back |= {s: h for x, (c, s_) in place.circles.items() for s, h in ((c, cos(x)), (s_, sin(x)))}
            back |= _letters_back(place.back)
        if not isinstance(place, (Framed, Repeated)):
            return
        place = place.inner
    zeros = list(dict.fromkeys(step[0].xreplace(back) for step in place.path if len(step) == 1))
    values = [(step[0].xreplace(back), step[1].xreplace(back)) for step in place.path if len(step) == 2]
    values = [(x, v) for x, v in dict(values).items() if x not in zeros]
    words: list[str | Expr | Relation] = []
    for n, e in enumerate(zeros):
        words += [", " if n else "Case ", Relation(e, "=", S.Zero)]
    for n, (x, v) in enumerate(values):
        words += [", " if n else ", with " if zeros else "Elimination leaves ", Relation(x, "=", v)]
    if words:
        yield (*words, ".")


def _letters_back(back: Mapping[Symbol, Expr]) -> dict[Expr, Expr]:
    """The letters of another frame as expressions in the variables: t = e^x for x = log t."""
    return {t: own for x, e in back.items() for t, own in own_letter(x, e)}


def spot_check(function: Function, found: Sequence[Found]) -> Text | None:
    """Exact values next to the first point at rational coordinates, which agree with what it is."""
    for f in found:
        at = {x: f.place.at[x] for x in function.variables}
        if f.conditions or f.place.free or letters_of(function.f) - set(function.variables):
            continue
        if not all(v.is_Rational for v in at.values()) or not f.judged.value.is_Rational:
            continue
        near = _neighbours(function, at, f.judged.value)
        kind = f.judged.verdict.kind
        wanted = {"minimum": (1,), "maximum": (-1,), "saddle": (1, -1)}.get(kind, ())
        if not wanted or any(s not in near for s in wanted) or (kind != "saddle" and -wanted[0] in near):
            continue
        words: list[str | Expr | Relation] = ["Close to the point at ", *point_words(at), " with the value "]
        words += [f.judged.value]
        for n, s in enumerate(wanted):
            place, value = near[s]
            words += ["; at " if n else ": at ", *point_words(place), " it is ", value]
            words += [", larger" if s > 0 else ", smaller"]
        return (*words, ".")
    return None


def _neighbours(
    function: Function, at: Mapping[Symbol, Expr], value: Expr
) -> dict[int, tuple[dict[Symbol, Expr], Expr]]:
    """A place with a larger and one with a smaller value, as far as there are such, next to a point."""
    found: dict[int, tuple[dict[Symbol, Expr], Expr]] = {}
    x = function.variables
    if len(x) > 2:
        return found
    for move in sorted(product((0, 1, -1, 2, -2), repeat=len(x)), key=lambda m: (sum(map(abs, m)), m)):
        if not any(move):
            continue
        there = {v: at[v] + k * STEP for v, k in zip(x, move, strict=True)}
        height = neat(function.f.xreplace(there))
        if not height.is_Rational:
            return {}
        sign = int(bool(height > value)) - int(bool(height < value))
        if sign:
            found.setdefault(sign, (there, height))
    return found


def not_convex(function: Function, domain: Sequence[Expr]) -> tuple[dict[Symbol, Expr], Symbol, Expr] | None:
    """A place at which a second derivative by one variable is negative: the place, the variable and the value."""
    if letters_of(function.f) - set(function.variables) or len(function.variables) > 2:
        return None
    for spot in product(_PLACES, repeat=len(function.variables)):
        at = dict(zip(function.variables, spot, strict=True))
        try:
            if any(sign_of_number(d.xreplace(at)) <= 0 for d in domain):
                continue
            values = [neat(function.hessian[n][n].xreplace(at)) for n in range(len(spot))]
        except (UndecidableError, ZeroDivisionError):
            continue
        for x, value in zip(function.variables, values, strict=True):
            if value.is_Rational and value < 0:
                return at, x, value
    return None
