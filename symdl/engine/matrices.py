"""Recognising matrix notation in a result written with indices: p - y, diag(p) - p pᵀ, δ xᵀ, Wᵀ δ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import (
    Add,
    DiagMatrix,
    Expr,
    HadamardPower,
    HadamardProduct,
    Identity,
    ImmutableMatrix,
    Indexed,
    MatAdd,
    MatMul,
    MatrixBase,
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
from symdl.language import D, Delta, Sigma, family, free_symbols, indices_of, is_quantity, label_of, put, quantities
from symdl.problem import MatrixForm, Range, Task
from symdl.read.own import own_letter

Axes = tuple[tuple[Symbol, Range], ...]
"""Index letters along which an array lies, with their ranges."""


class NoMatrixFormError(Exception):
    """The expression has no matrix form that this module knows."""


def matrix_form(task: Task, result: Expr, session: Session) -> MatrixForm | None:
    """The result in matrix notation; None where none is known or none is needed."""
    goal = task.goal
    if not isinstance(goal, D):
        return None
    found = _axes(task, session)
    if _is_twofold(result, session):
        return None
    value = in_matrices(result, found[1], session) if found is not None else None
    return None if found is None or value is None else _form(goal, *found, value, session)


def numbers_form(task: Task, entries: Mapping[tuple[Expr, ...], Expr], session: Session) -> MatrixForm | None:
    """The numbers of an array as a column or a matrix, by the values of the task's index letters in their order."""
    quantity = task.goal.wrt if isinstance(task.goal, D) else task.goal
    found = _axes(task, session) if is_quantity(quantity) else None
    if found is None or found[0]:
        return None
    letters = [a for a, _ in task.indices]
    order = [letters.index(a) for a, _ in found[1]]
    rows: dict[Expr, list[Expr]] = {}
    for at in sorted(entries, key=lambda at: [at[n] for n in order]):
        rows.setdefault(at[order[0]], []).append(entries[at])
    return _form(task.goal, *found, ImmutableMatrix(list(rows.values())), session)


def _form(
    goal: Expr, leading: frozenset[Symbol], axes: Axes, value: MatrixExpr | MatrixBase, session: Session
) -> MatrixForm:
    """The equation that says what an array is, or a slope of one."""
    shape = tuple(run.length for _, run in axes)
    if not isinstance(goal, D):
        return MatrixForm(_written(goal, session)[0], None, value, shape)
    (of, _), (wrt, _) = (_written(q, session) for q in _inside(goal)[:: len(_inside(goal)) - 1])
    convention = ""
    if not isinstance(goal.of, D) and len(axes) == 2 and len(set(indices_of(goal.wrt)) - leading) == 1:
        convention = "rows belong to the function, columns to the variable"
    return MatrixForm(of, wrt, value, shape, convention)


def _is_twofold(expr: Expr, session: Session) -> bool:
    """Whether the name of a family would also be that of a function's argument, as in f(x) beside x_i."""
    names = {s.name for s in session.givens.vectors}
    return any(own_letter(label_of(q).name) in names for q in quantities(expr))


def _inside(goal: Expr) -> tuple[Expr, ...]:
    """The quantities of a slope, or of one of second order, from left to right; anything else alone."""
    return (*_inside(goal.of), goal.wrt) if isinstance(goal, D) else (goal,)


def _axes(task: Task, session: Session) -> tuple[frozenset[Symbol], Axes] | None:
    """The letters that stay in the names, and the one or two along which the result is an array; None for others."""
    inside = _inside(task.goal)
    leading = frozenset().union(*(_written(q, session)[1] for q in (inside[0], inside[-1])))
    axes = [a for a in task.indices if a[0] not in leading]
    if not 1 <= len(axes) <= 2 or _is_twofold(task.goal, session):
        return None
    # A slope by the state before, at t and t - 1, or of one entry by its own, is no entry of the whole slope.
    places = [x for q in inside for x in (indices_of(q) if isinstance(q, Indexed) else (q,))]
    if not all([x for x in places if letter in free_symbols(x)] == [letter] for letter, _ in axes):
        return None
    return leading, tuple(sorted(axes, key=lambda a: places.index(a[0])))


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
        if not both:
            raise NoMatrixFormError
        scalar = Mul(*(f for f in right if m not in free_symbols(f)))
        vector = _vector(Mul(*right) / scalar, m, inner, session)
        product = MatMul(_matrix(Mul(*both), (i, run), (m, inner), session), vector)
        return _scaled(scalar, HadamardProduct(_vector(Mul(*left), i, run, session), product) if left else product)


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
    if free_symbols(e).isdisjoint((i, j)):
        return _scaled(e, OneMatrix(rows.length, columns.length))
    if isinstance(e, Pow) and e.exp.is_Integer and e.exp > 1 and {i, j} <= free_symbols(e):
        return HadamardPower(_matrix(e.base, row, column, session), e.exp)
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
    if len(both) == 1 and mixed and e != (wide := expanded(e)) and isinstance(wide, Add):
        return _matrix(wide, row, column, session)
    if not both:
        outer = MatMul(_vector(Mul(*left), i, rows, session), Transpose(_vector(Mul(*right), j, columns, session)))
        return _scaled(scalars, outer)
    if len(both) == 1 and isinstance(both[0], Sigma):
        inside = _product(both[0], row, column, session)
    elif len(both) == 1 and isinstance(both[0], Indexed | Pow) and both[0] != e:
        inside = _matrix(both[0], row, column, session)
    elif len(both) > 1 and not any(isinstance(f, Delta) for f in both):
        inside = HadamardProduct(*(_matrix(f, row, column, session) for f in both))
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
        if set(first) & set(second):
            wide = expanded(body)
            if not isinstance(wide, Add):
                raise NoMatrixFormError
            return MatAdd(*(_matrix(Sigma.over(m, e.lo, e.hi, a), row, column, session) for a in wide.args))
        left = _matrix(Mul(*first), row, (m, inner), session)
        right = _matrix(Mul(*second), (m, inner), column, session)
        if middle:
            return MatMul(left, DiagMatrix(_vector(Mul(*middle), m, inner, session)), right)
        return MatMul(left, right)


def _scaled(scalar: Expr, matrix: MatrixExpr) -> MatrixExpr:
    if scalar == 1:
        return matrix
    return MatMul(scalar, *matrix.args) if isinstance(matrix, MatMul) else MatMul(scalar, matrix)
