"""Inverses and determinants of matrices of any size: identities that hold, and what only looks like one."""

from dataclasses import replace

import pytest
from judge.notation import HERE, IN_N, define, fact, families, i, j, k, n, p_, q_, s, t, total
from sympy import Expr, Integer, log

from symdl.judge import decide, decide_relation
from symdl.judge.decision import implied
from symdl.language import D, Delta, Determinant, Inverse, family, index, scalar, size
from symdl.problem import Fact, Givens, Range, Relation

l = index("l")  # noqa: E741
m = size("m")
IN_M = Range(Integer(1), m)
weight = scalar(r"\lambda")
SQUARES = families({"A": (IN_N, IN_N), "B": (IN_N, IN_N), "X": (IN_M, IN_N), "b": (IN_N,), "x": (IN_N,), "y": (IN_M,)})
FREE = Givens(families=SQUARES)


def A(row: Expr, column: Expr) -> Expr:
    return family("A", row, column)


def B(row: Expr, column: Expr) -> Expr:
    return family("B", row, column)


def X(row: Expr, column: Expr) -> Expr:
    return family("X", row, column)


def over(letter: Expr, body: Expr) -> Expr:
    return total(letter, 1, n, body)


def gram(row: Expr, column: Expr) -> Expr:
    """X^T X + λ I."""
    return total(l, 1, m, X(l, row) * X(l, column)) + weight * Delta(row, column)


def kernel(row: Expr, column: Expr) -> Expr:
    """X X^T + λ I."""
    return total(l, 1, n, X(row, l) * X(column, l)) + weight * Delta(row, column)


def inverse(matrix, row: Expr, column: Expr, end: Expr = n) -> Expr:
    return Inverse.over((i, j), Integer(1), end, matrix(i, j), row, column)


def det(matrix) -> Expr:
    return Determinant.over((i, j), Integer(1), n, matrix(i, j))


def product(row: Expr, column: Expr) -> Expr:
    return total(k, 1, n, A(row, k) * B(k, column))


def b(at: Expr) -> Expr:
    return family("b", at)


def y(at: Expr) -> Expr:
    return family("y", at)


RANGES = {i: IN_N, j: IN_N}
SYMMETRIC = Givens(families=SQUARES, facts=(Fact(Relation(A(i, j), "=", A(j, i)), RANGES, "", HERE),))
SOLVED = over(k, inverse(gram, i, k) * total(j, 1, m, X(j, k) * y(j)))
PUSHED = total(j, 1, m, X(j, i) * total(k, 1, m, inverse(kernel, j, k, m) * y(k)))

LINES = {
    "a matrix times its inverse": (over(k, A(i, k) * inverse(A, k, j)), Delta(i, j), FREE),
    "its inverse times a matrix": (over(k, inverse(A, i, k) * A(k, j)), Delta(i, j), FREE),
    "an equation solved": (over(k, gram(i, k) * over(l, inverse(gram, k, l) * b(l))), b(i), FREE),
    "the inverse of a product": (inverse(product, i, j), over(k, inverse(B, i, k) * inverse(A, k, j)), FREE),
    "a difference of inverses": (
        inverse(A, i, j) - inverse(B, i, j),
        over(k, over(l, inverse(A, i, k) * (B(k, l) - A(k, l)) * inverse(B, l, j))),
        FREE,
    ),
    "an inverse pushed through": (SOLVED, PUSHED, FREE),
    "the inverse of a symmetric matrix": (inverse(A, i, j), inverse(A, j, i), SYMMETRIC),
    "the inverse of a Gram matrix": (inverse(gram, i, j), inverse(gram, j, i), FREE),
    "the slope of an inverse": (D(inverse(A, l, l), A(i, j)), -inverse(A, l, i) * inverse(A, j, l), FREE),
    "the slope of a logarithm": (D(log(det(A)), A(i, j)), inverse(A, j, i), FREE),
    "the determinant of a product": (det(product), det(A) * det(B), FREE),
    "the determinant of an inverse": (det(lambda r, c: inverse(A, r, c)), 1 / det(A), FREE),
    "the determinant of a transpose": (det(lambda r, c: A(c, r)), det(A), FREE),
}

FALSE = {
    "a product in the same order": (inverse(product, i, j), over(k, inverse(A, i, k) * inverse(B, k, j)), FREE),
    "an inverse that is not symmetric": (inverse(A, i, j), inverse(A, j, i), FREE),
    "another matrix": (over(k, B(i, k) * inverse(A, k, j)), Delta(i, j), FREE),
    "entry by entry": (inverse(A, i, j), 1 / A(i, j), FREE),
    "a slope without a transpose": (D(log(det(A)), A(i, j)), inverse(A, i, j), FREE),
    "the sum of determinants": (det(lambda r, c: A(r, c) + B(r, c)), det(A) + det(B), FREE),
    "a multiple of a determinant": (det(lambda r, c: 2 * A(r, c)), 2 * det(A), FREE),
    "the wrong kernel": (SOLVED, PUSHED + b(i), FREE),
}


@pytest.mark.parametrize(("lhs", "rhs", "givens"), LINES.values(), ids=LINES)
def test_an_identity_of_inverses_is_proved(lhs, rhs, givens):
    ranges = {**RANGES, l: IN_N}
    assert decide(lhs, rhs, givens, ranges).answer == "proved"
    assert decide(lhs, 2 * rhs + 1, givens, ranges).answer == "refuted"


@pytest.mark.parametrize(("lhs", "rhs", "givens"), FALSE.values(), ids=FALSE)
def test_what_only_looks_like_one_is_refuted(lhs, rhs, givens):
    assert decide_relation(Relation(lhs, "=", rhs), givens, RANGES).answer == "refuted"


def test_a_system_of_equations_is_solved_by_the_inverse_of_its_matrix():
    premise = Relation(over(k, A(i, k) * family("x", k)), "=", b(i))
    ranges = {i: IN_N}
    claim = Relation(family("x", i), "=", over(k, inverse(A, i, k) * b(k)))
    wrong = Relation(family("x", i), "=", over(k, inverse(A, k, i) * b(k)))
    assert implied(premise, claim, FREE, ranges) is not None
    assert implied(premise, wrong, FREE, ranges) is None
    assert implied(claim, premise, FREE, ranges) is not None
    assert implied(premise, claim, replace(FREE, positions=ranges), ranges) is None


@pytest.mark.parametrize(("row", "column"), [(s, t), (i, j), (j, i), (i, k), (k, j)])
def test_a_fact_may_use_the_letters_of_a_question_in_other_ranges(row, column):
    one, width = Integer(1), size("d")
    rows, columns = Range(one, n), Range(one, width)
    big, small = (lambda p, q, name=name: family(name, p, q) for name in ("X", "x"))
    weights, targets = (lambda p, name=name: family(name, p) for name in ("w", "y"))
    loss = total(k, 1, n, (targets(k) - total(j, 1, width, weights(j) * small(k, j))) ** 2)
    givens = Givens(
        definitions=(define("L", [], loss),),
        facts=(fact(big(row, column), "=", small(row, column), {row: rows, column: columns}),),
        families=families({"X": (rows, columns), "x": (rows, columns), "w": (columns,), "y": (rows,)}),
    )
    square = total(k, 1, n, big(k, p_) * big(k, q_))
    inverse = Inverse.over((p_, q_), one, width, square, i, j)
    solution = total(j, 1, width, inverse * total(k, 1, n, big(k, j) * targets(k)))
    flat = Relation(D(scalar("L"), weights(i)), "=", Integer(0))
    found = implied(flat, Relation(weights(i), "=", solution), givens, {i: columns})
    assert found is not None and found.answer == "proved"
    assert implied(flat, Relation(weights(i), "=", 2 * solution), givens, {i: columns}) is None
