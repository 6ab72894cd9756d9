"""Which pictures a derivation has, with what is said below each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.figure import Figure
from sympy import Expr

from symdl.engine.curvature.subject import concrete, is_concrete, subject_of
from symdl.engine.derive import session_for, unfolded
from symdl.engine.session import Session
from symdl.errors import SymdlError
from symdl.language import At, D, is_quantity, quantities
from symdl.laws import laws
from symdl.plot import instance, through_time
from symdl.plot.contours import contours
from symdl.plot.curves import curve
from symdl.plot.curves import shown as in_words
from symdl.plot.graph import graph_of
from symdl.plot.network import network
from symdl.plot.scene import Numbers, choices
from symdl.plot.style import called, styled
from symdl.plot.values import NoPictureError
from symdl.problem import Derivation


@dataclass(frozen=True)
class Picture:
    """One figure; `lines` say the same in words, `chosen` that it needs numbers which the document does not state."""

    name: str
    caption: str
    figure: Figure
    lines: tuple[str, ...] = ()
    chosen: bool = False


def pictures(derivation: Derivation) -> list[Picture]:
    """All pictures that the derivation has.

    Raises  `NoPictureError` where there is none, saying why.
    """
    givens = derivation.problem.givens
    asked = replace(derivation.problem, givens=replace(givens, facts=(*givens.facts, *derivation.withheld)))
    session = session_for(asked, derivation.task, laws())
    try:
        with styled():
            return [_picture(derivation, session)]
    except NoPictureError:
        raise
    except (SymdlError, ArithmeticError, ValueError, TypeError) as reason:
        # Numbers of our choosing may lie where a function has no value.
        raise NoPictureError(f"it has no values to draw: {reason}") from None


def _picture(derivation: Derivation, session: Session) -> Picture:
    task = derivation.task
    if task.kind == "classify":
        return _of_function(derivation, session)
    if derivation.problem.givens.values or isinstance(task.goal, At):
        return _of_graph(session)
    try:
        found = through_time.recurrence_of(session)
    except NoPictureError:
        return _of_instance(session)
    if any(f.relation.sign == "=" for f in session.givens.facts):
        raise NoPictureError("facts tie the weights, so that no numbers are chosen for them")
    caption = (
        f"How large the derivative of a late state ${found.label}$ by an earlier one is, over the steps between "
        "them, for recurrent weights of several sizes and small inputs."
    )
    return Picture("time", caption, through_time.picture(found), (), True)


def figures(derivation: Derivation) -> dict[str, Figure]:
    """The figures of the derivation by name.

    Raises  `NoPictureError` where there is none, saying why.
    """
    return {picture.name: picture.figure for picture in pictures(derivation)}


def _of_function(derivation: Derivation, session: Session) -> Picture:
    if not is_concrete(concrete(unfolded(session.task.goal, session), session)):
        raise NoPictureError("a function of a symbolic number of variables has no picture")
    subject = subject_of(session)
    chosen = choices(subject, derivation.result)
    name = called(subject.goal)
    if len(subject.variables) == 1:
        caption = f"Values of {name} and its derivative{_drawn_for(chosen[0], chosen)}, with the critical points."
        return Picture("curve", caption, curve(subject, derivation.result, chosen), (), bool(chosen[0]))
    if len(subject.variables) == 2:
        middle = chosen[len(chosen) // 2]
        caption = f"Level lines of {name}{_drawn_for(middle)}, with the critical points"
        figure = contours(subject, derivation.result, middle)
        descends = any("descent" in str(line.get_label()) for line in figure.axes[0].lines)
        caption += " and paths of gradient descent." if descends else "."
        return Picture("contours", caption, figure, (), bool(chosen[0]))
    raise NoPictureError(f"a function of {len(subject.variables)} variables has no picture")


def _drawn_for(numbers: Numbers, all_of: Sequence[Numbers] = ()) -> str:
    """The numbers that are the same in all choices."""
    fixed = [p for p in sorted(numbers, key=str) if len({c[p] for c in all_of}) < 2]
    return " for " + ", ".join(f"${p} = {in_words(numbers[p])}$" for p in fixed) if fixed else ""


def _of_graph(session: Session) -> Picture:
    goal, values = session.task.goal, {v.quantity: v.number for v in session.givens.values}
    place = dict(goal.settings) if isinstance(goal, At) else {}
    values |= place
    goal = goal.of if isinstance(goal, At) else goal
    while isinstance(goal, D):
        goal = goal.of
    body = _spelled_out(goal, session, values)
    graph = graph_of(body, values, _plain(goal) if is_quantity(goal) else "f")
    figure = network(graph)
    where = " and ".join(f"${_plain(x)} = {in_words(number)}$" for x, number in place.items())
    caption = (
        f"The computational graph of {called(goal)}{f' at {where}' if where else ''}: above each edge the value that "
        "flows forward, below it, in italics, the derivative that flows back."
    )
    # The two passes are told where they follow from what is given, not at a place that only the task names.
    return Picture("graph", caption, figure, () if place else tuple(graph.lines(session.givens)))


def _plain(goal: Expr) -> str:
    return str(goal).replace("[", "_{").replace("]", "}")


def _spelled_out(goal: Expr, session: Session, values: Numbers) -> Expr:
    """The goal with all definitions put in, recurrences step by step."""
    expr = concrete(goal, session)
    for _ in range(40):
        inner = {q: session.body(q) for q in quantities(expr) if q not in values}
        known = {q: concrete(b, session) for q, b in inner.items() if b is not None}
        if not known:
            return expr
        expr = expr.xreplace(known)
        if expr.count_ops() > 400:
            break
    raise NoPictureError("the graph is too large for a picture")


def _of_instance(session: Session) -> Picture:
    found = instance.instance_of(session)
    numbers = ", ".join(instance.said(found))
    caption = f"Values of {found.name} over ${found.x}$, and its derivative" + (f", for {numbers}." if numbers else ".")
    return Picture("curve", caption, instance.picture(found), (), bool(numbers) or len(found.curves) > 1)
