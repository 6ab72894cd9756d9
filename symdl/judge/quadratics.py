"""Signs of polynomials with rational coefficients over the reals, exactly: of degree two, or in one letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flint import fmpq, fmpq_poly

from symdl.judge.bounds import Interval
from symdl.judge.field import terms_of

MAX_LETTERS = 12
"""The number of letters up to which the least value of a polynomial of degree two is worked out."""

MAX_DEGREE = 30
"""The degree up to which the roots of a polynomial in one letter are looked at."""


def least_value(p: Any) -> Any | None:
    """The least value that a polynomial of degree two has on all of real space; None where there is none.

    One square after another is completed; what is left of the constant is the least value.
    """
    degrees = p.degrees()
    letters = [g for g, e in enumerate(degrees) if e]
    if p.total_degree() != 2 or len(letters) > MAX_LETTERS:
        return None
    place = {g: n for n, g in enumerate(letters)}
    last = len(letters)
    form = [[fmpq(0)] * (last + 1) for _ in range(last + 1)]
    for m, c in zip(p.monoms(), p.coeffs(), strict=True):
        at = [place[g] for g, e in enumerate(m) for _ in range(int(e))]
        one, other = [*at, last, last][:2]
        form[one][other] += fmpq(c) / 2
        form[other][one] += fmpq(c) / 2
    for k in range(last):
        pivot = form[k][k]
        rest = range(k + 1, last + 1)
        if pivot < 0 or (pivot == 0 and any(form[k][j] != 0 for j in rest)):
            return None
        for i in rest if pivot else ():
            scale = form[k][i] / pivot
            for j in rest:
                form[i][j] -= scale * form[k][j]
    return form[last][last]


def completed(parts: Mapping[int, Any]) -> tuple[Any, Any] | None:
    """A and C where A g² + B g + D = A (g - v)² + C for a number v, of a polynomial by the powers of g; else None."""
    if 1 not in parts:
        return None
    square, linear = parts[2], parts[1]
    leading, scale = next(iter(terms_of(square)))
    v = dict(terms_of(linear)).get(leading, 0) / (-2 * scale)
    return (square, parts.get(0, 0) - square * v**2) if linear == square * (-2 * v) else None


def keeps_its_sign(coefficients: list[Any], run: Interval, strict: bool) -> bool:
    """Whether a polynomial in one letter, lowest coefficient first, is nowhere negative on an interval.

    Where `strict`, whether it is positive there.
    """
    if not 1 < len(coefficients) <= MAX_DEGREE:
        return False
    p = fmpq_poly(coefficients)
    for root, multiplicity in p.numer().complex_roots():
        if root.imag != 0 or (multiplicity % 2 == 0 and not strict):
            continue
        below = run.lo is not None and (root.real < run.lo or (root.real == run.lo and (run.lo_open or not strict)))
        above = run.hi is not None and (root.real > run.hi or (root.real == run.hi and (run.hi_open or not strict)))
        if not below and not above:
            return False
    return bool(p(_inside(run)) > 0)


def _inside(run: Interval) -> Any:
    """A number of the interval that is not its end, where it has more than one."""
    if run.lo is not None and run.hi is not None:
        return (run.lo + run.hi) / 2
    if run.lo is not None:
        return run.lo + 1
    return fmpq(0) if run.hi is None else run.hi - 1
