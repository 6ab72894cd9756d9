"""Inequalities that a careless checker takes for proved: (left, sign, right, givens, ranges)."""

from judge.notation import (
    IN_K,
    IN_N,
    IN_T,
    PLAIN,
    K,
    T,
    a,
    b,
    fact,
    h,
    i,
    j,
    k,
    n,
    product,
    s,
    t,
    total,
    w,
    x,
    xs,
    z,
)
from judge.problems import TANH, VECTOR, mat
from sympy import Abs, Expr, Integer, exp, log, tanh

from symdl.language import D, Sigma, scalar
from symdl.language.functions.relu import ReLU
from symdl.language.functions.sigmoid import Sigmoid
from symdl.problem import Givens, Range, Ranges, Symbolic

Order = tuple[Expr, Symbolic, Expr, Givens, Ranges]

free = Givens()
ZERO, ONE = Integer(0), Integer(1)
gamma = scalar("g")
ROWS = fact(total(j, 1, n, Abs(mat(i, j))), "<=", gamma, {i: IN_N})
BOUNDED = Givens(definitions=VECTOR.definitions, families=VECTOR.families, facts=(ROWS,))
IN_UNIT = Givens(facts=(fact(z(k), ">=", ZERO, {k: IN_K}), fact(z(k), "<=", ONE, {k: IN_K})), families=PLAIN.families)
ABOVE_ONE = Givens(
    facts=(fact(z(k), ">=", ZERO, {k: IN_K}), fact(z(k), "<=", Integer(2), {k: IN_K})), families=PLAIN.families
)


def slopes(at: Expr, row: Expr, since: Expr) -> Expr:
    return Sigma.over(j, ONE, n, Abs(D(h(at, row), h(since, j))))


TRUE_ORDERS: dict[str, Order] = {
    "the triangle inequality": (Abs(total(i, 1, K, z(i))), "<=", total(i, 1, K, Abs(z(i))), PLAIN, {}),
    "the triangle inequality for two": (Abs(a + b), "<=", Abs(a) + Abs(b), free, {}),
    "a factor of at most one": (
        total(i, 1, K, Abs(z(i)) * (1 - tanh(x) ** 2)), "<=", total(i, 1, K, Abs(z(i))), PLAIN, {},
    ),
    "a product of factors from zero to one": (product(i, 1, K, z(i)), "<=", ONE, IN_UNIT, {}),
    "gates shrink": (Abs(x) * Sigmoid(a) * (1 - Sigmoid(a)), "<=", Abs(x), free, {}),
    "term by term": (total(i, 1, K, exp(z(i))), "<=", total(i, 1, K, exp(z(i)) + 1), PLAIN, {}),
    "relu is not negative": (ReLU(x), ">=", ZERO, free, {}),
    "a square": (2 * a * b, "<=", a**2 + b**2, free, {}),
    "slopes of tanh": (1 - tanh(x) ** 2, ">", ZERO, free, {}),
    "states of tanh": (h(t) ** 2, "<", ONE, TANH, {t: IN_T}),
    "a scalar state by an earlier one": (Abs(D(h(T), h(k))), "<=", Abs(w) ** (T - k), TANH, {k: IN_T}),
    "a product of slopes": (Abs(product(s, k + 1, T, 1 - h(s) ** 2)), "<=", ONE, TANH, {k: IN_T}),
    "states of a bounded matrix": (slopes(T, i, k), "<=", gamma ** (T - k), BOUNDED, {k: IN_T, i: IN_N}),
    "one step of a bounded matrix": (slopes(t, i, t - 1), "<=", gamma, BOUNDED, {t: IN_T, i: IN_N}),
}  # fmt: skip

TRICKS: dict[str, Order] = {
    "the triangle inequality reversed": (
        total(i, 1, K, Abs(z(i))), "<=", Abs(total(i, 1, K, z(i))), PLAIN, {},
    ),
    "a flipped direction": (Abs(D(h(T), h(k))), ">=", Abs(w) ** (T - k), TANH, {k: IN_T}),
    "a strict bound that is reached at k = T": (Abs(D(h(T), h(k))), "<", Abs(w) ** (T - k), TANH, {k: IN_T}),
    "an exponent one too large": (Abs(D(h(T), h(k))), "<=", Abs(w) ** (T - k + 1), TANH, {k: IN_T}),
    "the absolute value of the weight dropped": (Abs(D(h(T), h(k))), "<=", w ** (T - k), TANH, {k: IN_T}),
    "a product with factors above one": (product(i, 1, K, z(i)), "<=", ONE, ABOVE_ONE, {}),
    "a product with factors of any sign": (product(i, 1, K, z(i)), "<=", ONE, PLAIN, {}),
    "a fact about rows used for columns": (
        total(i, 1, n, Abs(mat(i, j))), "<=", gamma, BOUNDED, {j: IN_N},
    ),
    "a fact about another family": (total(k, 1, K, xs(k)), ">=", ZERO, IN_UNIT, {}),
    "the largest row sum exceeded": (slopes(T, i, k), "<=", gamma ** (T - k) - 1, BOUNDED, {k: IN_T, i: IN_N}),
    "columns for rows": (
        Sigma.over(i, ONE, n, Abs(D(h(T, i), h(k, j)))), "<=", gamma ** (T - k), BOUNDED, {k: IN_T, j: IN_N},
    ),
    "multiplied by what may be negative": (a * x, "<=", a * (x + 1), free, {}),
    "an initial state outside the bounds of tanh": (
        h(t) ** 2, "<", ONE, Givens(definitions=TANH.definitions[:1], families=TANH.families), {t: Range(ZERO, T)},
    ),
    "a negative factor dropped": (total(i, 1, K, z(i)), "<=", total(i, 1, K, Abs(z(i))) - 1, PLAIN, {}),
    "positive for more than one class only": (K - 1, ">", ZERO, free, {}),
    "an empty sum taken for positive": (total(i, 2, K, exp(z(i))), ">", ZERO, PLAIN, {}),
    "log of a number below one": (log(Sigmoid(x)), ">=", ZERO, free, {}),
    "the factor of a state forgotten": (Abs(D(h(T), h(k))), "<=", ONE, TANH, {k: IN_T}),
    "a fact about one member for all": (
        z(i), ">=", ZERO, Givens(facts=(fact(z(ONE), ">=", ZERO),), families=PLAIN.families), {i: IN_K},
    ),
}  # fmt: skip
