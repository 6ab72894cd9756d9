"""A vector carried through an ordered product of matrices: a product of a vector with each matrix in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Expr, Mul, S, Symbol

from symdl.language import Chain, Sigma, free_symbols
from symdl.numeric import products, reduce
from symdl.numeric.program import Node, axis_letters, next_letters
from symdl.numeric.ranges import ONE, Env
from symdl.problem import Range

if TYPE_CHECKING:
    from symdl.numeric.lower import Lowering


def through_matrices(low: Lowering, factors: list[reduce.Factor], j: Symbol, run: Range, env: Env) -> Node | None:
    r"""\sum_j g_j C_{jb} or \sum_j C_{aj} g_j, with an ordered product C, for every place where C starts or ends.

    Cost    one product of a matrix with a vector for each factor of C.  None where the term has another form.
    """
    for at, (base, power) in enumerate(factors):
        rest = [f for n, f in enumerate(factors) if n != at]
        if power != 1 or not isinstance(base, (Chain, Sigma)):
            continue
        if j in free_symbols(base.lo) | free_symbols(base.hi):
            continue
        if isinstance(base, Sigma):
            if axis_letters(base.lo) or axis_letters(base.hi):
                continue
            (m,) = next_letters(Mul(base, *(b**n for b, n in rest), j), 1)
            parts = [*products.factors(low, base.open(m), {**env, j: run, m: Range(base.lo, base.hi)}), *rest]
            if any(n == 1 and _is_met(b, j) for b, n in parts):
                inside, outside = _split(parts, j)
                body = outside * Sigma.over(j, run.lo, run.hi, inside)
                return low.lower(Sigma.over(m, base.lo, base.hi, body), env)
        elif _is_met(base, j):
            found = _carried(low, base, rest, j, run, env)
            if found is not None:
                return found
    return None


def _split(factors: list[reduce.Factor], j: Symbol) -> tuple[Expr, Expr]:
    """The product of the factors that depend on j, and that of the others."""
    found: tuple[list[Expr], list[Expr]] = ([], [])
    for base, power in factors:
        found[j not in free_symbols(base**power)].append(base**power)
    return Mul(*found[0]), Mul(*found[1])


def _is_met(term: Expr, j: Symbol) -> bool:
    """Whether a term is an ordered product of which j is the row or the column."""
    return isinstance(term, Chain) and (term.row == j) != (term.column == j) and j not in free_symbols(term.body)


def _carried(low: Lowering, chain: Chain, rest: list[reduce.Factor], j: Symbol, run: Range, env: Env) -> Node | None:
    from_end = chain.row == j
    starts, ends = set(axis_letters(chain.lo)), set(axis_letters(chain.hi))
    moving = starts | ends
    vector, _ = _split(rest, j)
    outside = [(b, n) for b, n in rest if j not in free_symbols(b**n)]
    # The vector has to stand at the end that does not move.
    if (ends if from_end else starts) or moving & (free_symbols(chain.body) | free_symbols(vector)):
        return None
    if run != Range(ONE, chain.size) or axis_letters(chain.size) or set(axis_letters(vector)) != {j}:
        return None
    t, a, b = next_letters(Mul(chain, vector, *moving), 3)
    units = Range(ONE, chain.size)
    steps = reduce.boxed(chain, env)
    inner = {**env, t: steps, a: units, b: units}
    if set(axis_letters(chain.open(t, a, b))) - {t, a, b}:
        return None
    parts = products.factors(low, chain.open(t, a, b), inner)
    scale = Mul(*(base**n for base, n in parts if set(axis_letters(base**n)) <= {t, a}))
    matrix = Mul(*(base**n for base, n in parts if not set(axis_letters(base**n)) <= {t, a}))
    moves = t in free_symbols(matrix)
    nodes = []
    for term, axes in ((vector, (j,)), (scale, (t, a)), (matrix, (t, a, b) if moves else (a, b))):
        runs = {**inner, j: run}
        nodes.append(low.expanded(low.lower(term, runs), axes, tuple(runs[x] for x in axes)))
    whole = low.build.make("vector_chain", tuple(nodes), (from_end, moves), (t, a))
    at = reduce.first(chain, steps, env) if from_end else reduce.stop(chain, steps, env)
    held = chain.column if from_end else chain.row
    places = Range(S.Zero, reduce.count(steps))
    found = reduce.picked(low, whole, (t, a), {**env, t: places, a: units}, {t: at, a: held}, env)
    return products.combine(low, outside, env, (found,)) if outside else found
