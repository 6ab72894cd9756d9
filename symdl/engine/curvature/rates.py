"""Learning rates that the curvature allows: of quadratics exactly, of other functions close to a minimum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, Symbol, sqrt

from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, letters_of
from symdl.engine.curvature.local import Function
from symdl.engine.curvature.merging import Found
from symdl.engine.curvature.places import Formula, neat
from symdl.problem import Text


def rates(function: Function, found: Sequence[Found], known: Knowledge) -> Iterator[Text]:
    """What gradient descent x - η ∇f does: the rates that converge, the best one, and Newton's step."""
    minima = [
        f for f in found if f.judged.verdict.kind == "minimum" and isinstance(f.place, Formula) and not f.place.free
    ]
    if len(minima) != 1 or len(function.variables) > 2 or minima[0].judged.verdict.inertia[2]:
        return
    place = minima[0].place
    assert isinstance(place, Formula)
    try:
        low, high = _extreme_curvatures(function, place, known)
    except UndecidableError:
        return
    eta = Symbol(r"\eta", real=True)
    quadratic = all(not letters_of(e) & set(function.variables) for row in function.hessian for e in row)
    if quadratic and low == high:
        yield (
            "Gradient descent multiplies the distance to the minimum by ",
            1 - eta * low,
            " in every step. It converges for a rate ",
            eta,
            " between 0 and ",
            neat(2 / low),
            ", and arrives in one step with the rate ",
            neat(1 / low),
            ", which is Newton's step. Of two steps with different rates it is enough that one has this rate.",
        )
    elif quadratic:
        yield (
            "The eigenvalues of the Hessian are ",
            low,
            " and ",
            high,
            ". Gradient descent converges for a rate between 0 and ",
            neat(2 / high),
            "; the best fixed rate is ",
            neat(2 / (low + high)),
            ", with which the distance shrinks by ",
            neat((high - low) / (high + low)),
            " in every step. Two steps with the rates ",
            neat(1 / low),
            " and ",
            neat(1 / high),
            " arrive exactly, and so does one step of Newton's method.",
        )
    else:
        yield (
            "The function is not quadratic, so this holds only close to the minimum: there gradient descent converges "
            "for "
            "rates below ",
            neat(2 / high),
            ", 2 over the largest curvature.",
        )


def _extreme_curvatures(function: Function, place: Formula, known: Knowledge) -> tuple[Expr, Expr]:
    """The least and the greatest eigenvalue of the Hessian at a point."""
    H = [[place.value(e) for e in row] for row in function.hessian]
    if len(H) == 1:
        return H[0][0], H[0][0]
    if any(letters_of(e) for row in H for e in row):
        raise UndecidableError("the order of the eigenvalues")
    if H[0][1] == 0:
        low, high = H[0][0], H[1][1]
        return (low, high) if known.sign(high - low) >= 0 else (high, low)
    trace, root = H[0][0] + H[1][1], sqrt(neat((H[0][0] - H[1][1]) ** 2 + 4 * H[0][1] ** 2))
    return neat((trace - root) / 2), neat((trace + root) / 2)
