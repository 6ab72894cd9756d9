"""A function that is differentiated, at a small instance: sizes become 3, and all letters but one get numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from sympy import Expr, Indexed, Integer, Rational, S, Symbol, diff

from symdl.engine.curvature.subject import concrete, is_concrete, plain_letter, with_definitions
from symdl.engine.derive import unfolded
from symdl.engine.session import Session
from symdl.language import D, free_symbols, indices_of, label_of, put, quantities
from symdl.plot.scene import slope
from symdl.plot.style import STROKES, called, legend, math
from symdl.plot.values import NoPictureError, value

SIZE = 3
"""What every symbolic size becomes."""

LETTERS = 14
"""No function of more letters than this is drawn."""


@dataclass(frozen=True)
class Instance:
    """Curves over one letter: what each is called, and its expression; `chosen` says the numbers of the others."""

    x: Symbol
    name: str
    curves: tuple[tuple[str, Expr], ...]
    chosen: tuple[tuple[str, str], ...]
    span: tuple[float, float]


def instance_of(session: Session) -> Instance:
    """The function that a task differentiates, over the letter by which.

    Raises  `NoPictureError` where it has too many letters, or one that no number suits.
    """
    goal = session.task.goal
    if not isinstance(goal, D) or isinstance(goal.of, D):
        raise NoPictureError("there is a picture of a function to classify or differentiate once")
    sizes = {s: Integer(SIZE) for s in free_symbols(unfolded(goal.of, session)) if _is_size(s, session)}
    letters = [i for i in session.task.ranges if i in free_symbols(goal)]
    own = [i for i in indices_of(goal.of) if i in letters]
    if len(own) > 1 or len(indices_of(goal.wrt)) > 1:
        raise NoPictureError("a family with several indices has no picture")
    one: dict[Expr, Expr] = dict.fromkeys(letters, S.One)
    functions: list[tuple[str, Expr]] = []
    for n in range(1, SIZE + 1) if own else (1,):
        of = put(goal.of, {**one, **({own[0]: Integer(n)} if own else {})})
        body = concrete(put(unfolded(of, session), sizes), session)
        if not is_concrete(body):
            raise NoPictureError("a function of a symbolic number of variables has no picture")
        functions.append((called(of), body))
    x = put(goal.wrt, one)
    every = sorted({q for _, body in functions for q in quantities(body)}, key=str)
    if x not in every:
        raise NoPictureError(f"there is no picture of a function by {x}: its body holds {x} only through other names")
    if len(every) > LETTERS:
        raise NoPictureError(f"{len(every)} letters are too many for a picture")
    table: dict[Symbol, Expr] = {}
    plain = {q: plain_letter(q, table) for q in every}
    given = {v.quantity: v.number for v in session.givens.values}
    numbers = {q: given[q] if q in given else _number(q, x, session) for q in every if q != x}
    varied = [q for q in every if isinstance(q, Symbol) and q != x and q not in given]
    curves: list[tuple[str, Expr]] = []
    chosen = [(str(plain[q]), str(v)) for q, v in numbers.items() if q not in given and q not in varied[:1]]
    for name, body in functions:
        f = with_definitions(body.xreplace(plain))
        rest = {plain[q]: v for q, v in numbers.items()}
        if not varied:
            curves.append((name, f.xreplace(rest)))
            continue
        p = plain[varied[0]]
        curves += [(f"{math(p)} = {v}", f.xreplace({**rest, p: v})) for v in _spread(f, p)]
    return Instance(plain[x], called(goal.of), tuple(curves), tuple(chosen), _span(curves, plain[x]))


def _is_size(s: Symbol, session: Session) -> bool:
    return bool(s.is_integer and s.is_positive) and s not in session.ranges


def _number(q: Expr, x: Expr, session: Session) -> Expr:
    """A number for a letter that is held: other members 0 and 1, a target one at its first entry, all else 1."""
    if not isinstance(q, Indexed):
        return S.One
    place = [int(i) for i in indices_of(q) if i.is_Integer]
    if label_of(q) == label_of(x):
        return Integer(place[-1] % 2) if place else S.Zero
    summed = any(label_of(q) in {label_of(p) for p in quantities(f.relation.lhs)} for f in session.givens.facts)
    return (S.One if place[-1:] == [1] else S.Zero) if summed else S.One


def _spread(f: Expr, p: Symbol) -> tuple[Expr, ...]:
    """The numbers for a parameter: from 0 to 1 where the function is linear in it, as a target is."""
    linear = diff(f, p, 2).expand() == 0 if not f.has(D) else False
    return (S.Zero, S.Half, S.One) if linear else (Rational(1, 2), S.One, Integer(2))


def _span(curves: list[tuple[str, Expr]], x: Symbol) -> tuple[float, float]:
    """Where all curves are defined, within -5 and 5."""
    t = np.linspace(-5.0, 5.0, 401)
    inside = np.ones_like(t, dtype=bool)
    for _, f in curves:
        inside &= np.isfinite(np.asarray(value(f, {x: t}) + 0 * t, dtype=float))
    if inside.sum() < 20:
        raise NoPictureError("the function is not defined between -5 and 5")
    ends = t[inside]
    return float(ends[0]), float(ends[-1])


def picture(instance: Instance) -> Figure:
    """The curves above their derivatives."""
    t = np.linspace(*instance.span, 1001)
    figure = Figure(figsize=(4.6, 4.4), layout="constrained")
    top, below = figure.subplots(2, 1, sharex=True)
    for n, (name, f) in enumerate(instance.curves):
        dash, grey = STROKES[n % len(STROKES)]
        top.plot(
            t, value(f, {instance.x: t}) + 0 * t, dash, color=grey, label=name if len(instance.curves) > 1 else None
        )
        below.plot(t, slope(f, instance.x, t, {}), dash, color=grey)
    top.set_ylabel(instance.name)
    below.axhline(0.0, color="0.6", linewidth=0.6, zorder=0)
    below.set_ylabel("derivative")
    below.set_xlabel(math(instance.x))
    legend(top, [])
    return figure


def said(instance: Instance) -> Iterator[str]:
    """The numbers chosen, as short equations."""
    for name, number in instance.chosen:
        yield f"${name} = {number}$"
