"""How large the derivative of a late state by an early one is, by the time between them: vanishing and exploding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from sympy import Expr, Indexed, Integer, Symbol

from symdl.engine.curvature.subject import LARGEST_SUM, plain_letter, with_definitions
from symdl.engine.matching import rewrite
from symdl.engine.session import Session
from symdl.language import (
    D,
    Prod,
    Sigma,
    family,
    free_symbols,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    put,
    quantities,
    subterms,
)
from symdl.plot.style import STROKES, legend, math, number
from symdl.plot.values import Array, NoPictureError, derivative, value

UNITS = 3
"""What every symbolic size but that of time becomes."""

TIME = 30

SIZES = (0.5, 1.0, 1.5)
"""The sizes of the recurrent weights: one curve each."""


@dataclass(frozen=True)
class Recurrence:
    """One step: the new states as expressions in the letters of the old ones, of inputs and of weights.

    `weights` are the labels of what the derivative by the old states is made of, `own` the places of the states asked
    about among all.
    """

    states: tuple[Symbol, ...]
    steps: tuple[Expr, ...]
    letters: Mapping[Expr, Symbol]
    weights: tuple[Symbol, ...]
    own: tuple[int, ...]
    label: Symbol


def recurrence_of(session: Session) -> Recurrence:
    """The recurrence whose states a task differentiates by each other.

    Raises  `NoPictureError` where it does not.
    """
    label = _asked(session)
    recurrent = sorted((x for x in session.givens.families if session.is_recurrent(x)), key=str)
    before: list[Expr] = []
    after: list[Expr] = []
    own: list[int] = []
    for state in recurrent:
        whole = session.givens.families[state]
        for unit in _units(whole[1:]):
            if state == label:
                own.append(len(before))
            before.append(family(state, Integer(1), *unit))
            after.append(family(state, Integer(2), *unit))
    bodies = [_written(_body(q, session), session, set(recurrent)) for q in after]
    every = sorted({q for b in bodies for q in quantities(b)} | set(before), key=str)
    if len(every) > 120:
        raise NoPictureError("the recurrence has too many letters for a picture")
    table: dict[Symbol, Expr] = {}
    letters = {q: plain_letter(q, table) for q in every}
    steps = tuple(with_definitions(b.xreplace(letters)) for b in bodies)
    states = tuple(letters[q] for q in before)
    back = {v: k for k, v in letters.items()}
    inside = {s for f in steps for x in states for s in derivative(f, x).free_symbols if s in back} - set(states)
    timed = {q for q in every if isinstance(q, Indexed) and _is_timed(q, session)}
    held = [back[s] for s in inside if back[s] not in timed and _scales(s, steps, states)]
    weights = tuple(sorted({label_of(q) for q in held}, key=str))
    if not weights:
        raise NoPictureError("no weight stands before the earlier state")
    return Recurrence(states, steps, letters, weights, tuple(own), label)


def _asked(session: Session) -> Symbol:
    for term in subterms(session.task.goal):
        if isinstance(term, D) and is_quantity(term.of) and is_quantity(term.wrt):
            label = label_of(term.of)
            if label == label_of(term.wrt) and session.is_recurrent(label):
                return label
    raise NoPictureError("no state is differentiated by an earlier one")


def _units(ranges: Sequence[object]) -> list[tuple[Expr, ...]]:
    if len(ranges) > 1:
        raise NoPictureError("states with several indices have no picture")
    return [(Integer(n),) for n in range(1, UNITS + 1)] if ranges else [()]


def _body(quantity: Expr, session: Session) -> Expr:
    """The body of a quantity, whatever the range of its letters."""
    for definition in session.givens.definitions_of(label_of(quantity)):
        pairs = list(zip(definition.pattern, indices_of(quantity), strict=True))
        if (all(is_index(p) or p == a for p, a in pairs) and any(is_index(p) for p, _ in pairs)) or not pairs:
            return put(definition.body, {p: a for p, a in pairs if is_index(p)})
    raise NoPictureError(f"{quantity} has no definition at its index")


def _written(expr: Expr, session: Session, recurrent: set[Symbol]) -> Expr:
    """A body with sums written out and all definitions put in, down to the earlier states and what is free."""

    def visit(term: Expr) -> Expr | None:
        if isinstance(term, (Sigma, Prod)):
            hi = put(term.hi, {s: Integer(UNITS) for s in free_symbols(term.hi) if s.is_integer and s.is_positive})
            if not (term.lo.is_Integer and hi.is_Integer) or hi - term.lo >= LARGEST_SUM:
                raise NoPictureError("a sum over a symbolic range")
            parts = [_written(term.open(Integer(n)), session, recurrent) for n in range(int(term.lo), int(hi) + 1)]
            total = parts[0]
            for part in parts[1:]:
                total = total + part if isinstance(term, Sigma) else total * part
            return total
        if is_quantity(term) and session.givens.is_defined(term):
            early = label_of(term) in recurrent and indices_of(term)[:1] == (Integer(1),)
            return None if early else _written(_body(term, session), session, recurrent)
        return None

    return rewrite(expr, visit, session)


def _is_timed(q: Indexed, session: Session) -> bool:
    """Whether the first index of an input is the time."""
    ranges = session.givens.families.get(label_of(q), ())
    runs = [session.givens.families[x][0] for x in session.givens.families if session.is_recurrent(x)]
    return any(own.hi == run.hi for own in ranges[:1] for run in runs)


def _scales(s: Symbol, steps: Sequence[Expr], states: Sequence[Symbol]) -> bool:
    """Whether without this letter a step does not depend on some state any more."""
    for f in steps:
        bare = f.xreplace({s: Integer(0)})
        if any(x in f.free_symbols and x not in bare.free_symbols for x in states):
            return True
    return False


def sizes_through_time(found: Recurrence, size: float) -> Array:
    """The largest singular value of the derivative, for every distance in time."""
    slopes = [[derivative(f, x) for x in found.states] for f in found.steps]
    weights = _weights(found, size)
    state = np.full(len(found.states), 0.05)
    jacobians = []
    for t in range(TIME):
        at: dict[Expr, float] = {s: weights.get(q, _input(q, t)) for q, s in found.letters.items()}
        at |= dict(zip(found.states, state, strict=True))
        jacobians.append(np.array([[float(value(e, at)) for e in row] for row in slopes]))
        state = np.array([float(value(f, at)) for f in found.steps])
    product = np.eye(len(found.states))
    sizes = []
    for J in reversed(jacobians):
        with np.errstate(all="ignore"):
            product = product @ J
        block = product[np.ix_(found.own, found.own)]
        sizes.append(float(np.linalg.norm(block, 2)) if np.all(np.isfinite(block)) else float("nan"))
    return np.array(sizes)


def _weights(found: Recurrence, size: float) -> dict[Expr, float]:
    """Each recurrent matrix as an orthogonal one times the size, each recurrent number as the size."""
    turned, _ = np.linalg.qr(np.array([[np.cos(1 + 2 * i + 3 * j * j) for j in range(UNITS)] for i in range(UNITS)]))
    numbers: dict[Expr, float] = {}
    for q in found.letters:
        if label_of(q) in found.weights:
            place = [int(i) - 1 for i in indices_of(q)]
            numbers[q] = size * (float(turned[place[0], place[1]]) if len(place) == 2 else 1.0)
    return numbers


def _input(q: Expr, t: int) -> float:
    """A small number for an input or a weight of inputs, the same every time."""
    place = sum((n + 2) * int(i) for n, i in enumerate(indices_of(q)) if i.is_Integer)
    return 0.05 + 0.04 * float(np.sin(place + t if isinstance(q, Indexed) else place))


def _size_of_weights(found: Recurrence) -> str:
    """What the legend calls the size."""
    if len(found.weights) > 1:
        return "size of the weights"
    (label,) = found.weights
    ranks = {len(indices_of(q)) for q in found.letters if label_of(q) == label}
    return rf"$\|{label}\|$" if ranks == {2} else math(label)


def picture(found: Recurrence) -> Figure:
    """One curve for each size of the recurrent weights, on a logarithmic scale."""
    figure = Figure(figsize=(4.6, 3.3), layout="constrained")
    axes = figure.subplots()
    distance = np.arange(1, TIME + 1)
    name = _size_of_weights(found)
    for n, size in enumerate(SIZES):
        dash, grey = STROKES[n]
        sizes = sizes_through_time(found, size)
        axes.semilogy(distance, np.where(sizes > 0, sizes, np.nan), dash, color=grey, label=f"{name} = {number(size)}")
    axes.axhline(1.0, color="0.6", linewidth=0.6, zorder=0)
    axes.set_xlabel("distance in time")
    axes.set_ylabel("size of the derivative")
    legend(axes, [])
    return figure
