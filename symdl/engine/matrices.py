"""Recognising matrix notation in a result written with indices: p - y, diag(p) - p pᵀ, δ xᵀ, Wᵀ δ."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import (
    Add,
    DiagMatrix,
    Expr,
    HadamardPower,
    HadamardProduct,
    Identity,
    Indexed,
    MatAdd,
    MatMul,
    MatrixExpr,
    MatrixSymbol,
    Mul,
    OneMatrix,
    Pow,
    Symbol,
    Transpose,
)

from symdl.engine.algebra import expanded
from symdl.engine.session import Session
from symdl.language import D, Delta, Sigma, family, free_symbols, indices_of, label_of, put
from symdl.problem import MatrixForm, Range, Task


class NoMatrixFormError(Exception):
    """The expression has no matrix form that this module knows."""


def matrix_form(task: Task, result: Expr, session: Session) -> MatrixForm | None:
    """The result in matrix notation; None where none is known or none is needed."""
    goal = task.goal
    if not isinstance(goal, D):
        return None
    second = isinstance(goal.of, D)
    (of, leading_of), (wrt, leading_wrt) = (_written(q, session) for q in (goal.of.of if second else goal.of, goal.wrt))
    axes = tuple(a for a in task.indices if a[0] not in leading_of | leading_wrt)
    if not 1 <= len(axes) <= 2:
        return None
    value = in_matrices(result, axes, session)
    if value is None:
        return None
    shape = tuple(run.length for _, run in axes)
    inside = free_symbols(goal.of.of if second else goal.of) | free_symbols(goal)
    if not all(letter in inside for letter, _ in axes):
        return None
    convention = ""
    if not second and len(axes) == 2 and len(indices_of(goal.wrt)) - len(leading_wrt) == 1:
        convention = "rows belong to the function, columns to the variable"
    return MatrixForm(of, wrt, value, shape, convention)


def in_matrices(term: Expr, axes: Sequence[tuple[Symbol, Range]], session: Session) -> MatrixExpr | None:
    """The vector or matrix whose entries along one or two axes are `term`; None where it has no form that is known."""
    try:
        return _vector(term, *axes[0], session) if len(axes) == 1 else _matrix(term, axes[0], axes[1], session)
    except NoMatrixFormError:
        return None


def _written(quantity: Expr, session: Session) -> tuple[Expr, frozenset[Symbol]]:
    """A quantity as matrix notation names it, h_t of h_{t,i}, and the letters of the indices that it keeps."""
    if not isinstance(quantity, Indexed):
        return quantity, frozenset()
    label, at = label_of(quantity), indices_of(quantity)
    rank = session.givens.vectors.get(label, 0)
    if not 0 < rank < len(at):
        return label, frozenset()
    leading = at[: len(at) - rank]
    return family(label, *leading), frozenset(x for i in leading for x in free_symbols(i))


def _vector(e: Expr, i: Symbol, run: Range, session: Session) -> MatrixExpr:
    """The column whose entry i is `e`."""
    n = run.length
    if i not in free_symbols(e):
        return _scaled(e, OneMatrix(n, 1))
    if isinstance(e, Indexed):
        return _member(e, i, n)
    if isinstance(e, Add):
        return MatAdd(*(_vector(a, i, run, session) for a in e.args))
    if isinstance(e, Pow) and e.exp.is_Integer and e.exp > 1:
        return HadamardPower(_vector(e.base, i, run, session), e.exp)
    if isinstance(e, Mul):
        scalars = Mul(*(f for f in e.args if i not in free_symbols(f)))
        parts = [_vector(f, i, run, session) for f in e.args if i in free_symbols(f)]
        return _scaled(scalars, parts[0] if len(parts) == 1 else HadamardProduct(*parts))
    if isinstance(e, Sigma):
        return _contraction(e, i, run, session)
    raise NoMatrixFormError


def _member(e: Indexed, i: Symbol, n: Expr) -> MatrixExpr:
    """A family over i, its other indices kept as part of the name."""
    others = [x for x in indices_of(e) if x != i]
    if indices_of(e).count(i) != 1 or any(i in free_symbols(x) for x in others):
        raise NoMatrixFormError
    if others and (len(others) > 1 or indices_of(e)[-1] != i):
        raise NoMatrixFormError
    name = label_of(e).name if not others else f"{label_of(e).name}_{{{others[0]}}}"
    return MatrixSymbol(name, n, 1)


def _contraction(e: Sigma, i: Symbol, run: Range, session: Session) -> MatrixExpr:
    """A matrix times a vector, as a sum over their common index."""
    with session.opened(e) as ((m,), body):
        inner = Range(e.lo, e.hi)
        both, left, right = _parted(body, i, m)
        if len(both) != 1:
            raise NoMatrixFormError
        product = MatMul(_matrix(both[0], (i, run), (m, inner), session), _vector(Mul(*right), m, inner, session))
        return HadamardProduct(_vector(Mul(*left), i, run, session), product) if left else product


def _parted(body: Expr, i: Symbol, j: Symbol) -> tuple[list[Expr], list[Expr], list[Expr]]:
    """The factors with both letters, with the first only, and the rest."""
    both: list[Expr] = []
    left: list[Expr] = []
    right: list[Expr] = []
    for factor in Mul.make_args(body):
        inside = free_symbols(factor)
        (both if {i, j} <= inside else left if i in inside else right).append(factor)
    return both, left, right


def _matrix(e: Expr, row: tuple[Symbol, Range], column: tuple[Symbol, Range], session: Session) -> MatrixExpr:
    """The matrix whose entry (i, j) is `e`."""
    (i, rows), (j, columns) = row, column
    if isinstance(e, Add):
        return MatAdd(*(_matrix(a, row, column, session) for a in e.args))
    if isinstance(e, Indexed):
        if indices_of(e) == (i, j):
            return MatrixSymbol(label_of(e).name, rows.length, columns.length)
        if indices_of(e) == (j, i):
            return Transpose(MatrixSymbol(label_of(e).name, columns.length, rows.length))
        raise NoMatrixFormError
    scalars = Mul(*(f for f in Mul.make_args(e) if not free_symbols(f) & {i, j}))
    both, left, right = _parted(e / scalars, i, j)
    if Delta(i, j) in both:
        rest = put(e / scalars / Delta(i, j), {j: i})
        diagonal = Identity(rows.length) if rest == 1 else DiagMatrix(_vector(rest, i, rows, session))
        return _scaled(scalars, diagonal)
    mixed = [f for f in both if isinstance(f, Add)]
    if mixed and e != (wide := expanded(e)) and isinstance(wide, Add):
        return _matrix(wide, row, column, session)
    if not both:
        if i not in free_symbols(e) or j not in free_symbols(e):
            raise NoMatrixFormError
        outer = MatMul(_vector(Mul(*left), i, rows, session), Transpose(_vector(Mul(*right), j, columns, session)))
        return _scaled(scalars, outer)
    if len(both) == 1 and isinstance(both[0], Sigma):
        inside = _product(both[0], row, column, session)
    elif len(both) == 1 and isinstance(both[0], Indexed):
        inside = _matrix(both[0], row, column, session)
    else:
        raise NoMatrixFormError
    factors: list[Expr] = []
    if left:
        factors.append(DiagMatrix(_vector(Mul(*left), i, rows, session)))
    factors.append(inside)
    if right:
        factors.append(DiagMatrix(_vector(Mul(*right), j, columns, session)))
    return _scaled(scalars, MatMul(*factors) if len(factors) > 1 else inside)


def _product(e: Sigma, row: tuple[Symbol, Range], column: tuple[Symbol, Range], session: Session) -> MatrixExpr:
    """A product of two matrices, as a sum over their common index."""
    with session.opened(e) as ((m,), body):
        inner = Range(e.lo, e.hi)
        first = [f for f in Mul.make_args(body) if row[0] in free_symbols(f)]
        second = [f for f in Mul.make_args(body) if column[0] in free_symbols(f)]
        middle = [f for f in Mul.make_args(body) if f not in first and f not in second]
        if len(first) != 1 or len(second) != 1 or first == second:
            raise NoMatrixFormError
        left = _matrix(first[0], row, (m, inner), session)
        right = _matrix(second[0], (m, inner), column, session)
        if middle:
            return MatMul(left, DiagMatrix(_vector(Mul(*middle), m, inner, session)), right)
        return MatMul(left, right)


def _scaled(scalar: Expr, matrix: MatrixExpr) -> MatrixExpr:
    if scalar == 1:
        return matrix
    return MatMul(scalar, *matrix.args) if isinstance(matrix, MatMul) else MatMul(scalar, matrix)
