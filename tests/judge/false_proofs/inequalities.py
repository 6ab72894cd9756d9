"""Inequalities that a careless checker takes for proved: (left, sign, right, givens, ranges)."""

from dataclasses import replace

from judge.notation import (
    IN_K,
    IN_N,
    IN_T,
    PLAIN,
    K,
    T,
    a,
    b,
    define,
    fact,
    families,
    h,
    i,
    j,
    k,
    n,
    p,
    product,
    s,
    t,
    total,
    w,
    x,
    xs,
    y,
    y0,
    z,
)
from judge.problems import TANH, VECTOR, mat
from sympy import Abs, Expr, Integer, Rational, cos, exp, log, pi, sin, sqrt, tanh

from symdl.language import Cases, D, Maximum, Minimum, Sigma, Step, family, scalar
from symdl.language.functions.relu import ReLU
from symdl.language.functions.sigmoid import Sigmoid
from symdl.problem import Givens, Range, Ranges, Symbolic

Order = tuple[Expr, Symbolic, Expr, Givens, Ranges]

free = Givens()


def q(at: Expr) -> Expr:
    return family("q", at)


ZERO, ONE = Integer(0), Integer(1)
gamma = scalar("g")
ROWS = fact(total(j, 1, n, Abs(mat(i, j))), "<=", gamma, {i: IN_N})
BOUNDED = Givens(definitions=VECTOR.definitions, families=VECTOR.families, facts=(ROWS,))
IN_UNIT = Givens(facts=(fact(z(k), ">=", ZERO, {k: IN_K}), fact(z(k), "<=", ONE, {k: IN_K})), families=PLAIN.families)
SIMPLEX = Givens(
    facts=(
        fact(p(k), ">", ZERO, {k: IN_K}),
        fact(q(k), ">", ZERO, {k: IN_K}),
        fact(total(k, 1, K, p(k)), "=", ONE),
        fact(total(k, 1, K, q(k)), "=", ONE),
    ),
    families=PLAIN.families,
)
WEIGHTS = Givens(facts=SIMPLEX.facts[:2], families=PLAIN.families)
SIGNED = Givens(facts=(fact(total(k, 1, K, z(k)), "=", ONE),), families=PLAIN.families)
v = scalar("v")
SPREAD = Givens(
    definitions=(
        define("m", (), total(k, 1, K, z(k)) / K),
        define("v", (), total(k, 1, K, (z(k) - scalar("m")) ** 2) / K),
    ),
    facts=(fact(a, ">", ZERO),),
    families=PLAIN.families,
)
CENTRED = replace(SPREAD, definitions=(define("v", (), total(k, 1, K, z(k)) / K),))
POSITIVE = Givens(facts=(fact(a, ">", ZERO), fact(b, ">", ZERO)))
OUTSIDE = Givens(facts=(fact(x**2, ">=", ONE),))
ABOVE_ONE = Givens(
    facts=(fact(z(k), ">=", ZERO, {k: IN_K}), fact(z(k), "<=", Integer(2), {k: IN_K})), families=PLAIN.families
)


def slopes(at: Expr, row: Expr, since: Expr) -> Expr:
    return Sigma.over(j, ONE, n, Abs(D(h(at, row), h(since, j))))


DESCENT = Givens(
    facts=(
        fact(h(t + 1), "<=", h(t) - xs(t) ** 2 / (2 * b), {t: IN_T}),
        fact(xs(t) ** 2, ">=", 2 * a * h(t), {t: IN_T}),
        fact(a, ">", ZERO),
        fact(b, ">", ZERO),
    ),
    families={scalar("h"): (Range(ONE, T + 1),), scalar("x"): (IN_T,)},
)

STEPPED = Givens(facts=(fact(b, "<=", a - w * x + y0 * w**2 * x / 2), fact(w, "=", 1 / y0)))

MANY = Givens(facts=(fact(x, ">=", log(2 / b) / (2 * a**2)), fact(a, ">", ZERO), fact(b, ">", ZERO)))
RARE = Givens(facts=(fact(2 * exp(-x / 50), "<=", ONE / 20),))


BOTH = Givens(facts=(fact(x, ">", ZERO), fact(y0, ">", ZERO)))


def share(weight: Expr, *, is_open: bool = True) -> Givens:
    """A weight between 0 and 1, both excluded or both allowed."""
    above, below = (">", "<") if is_open else (">=", "<=")
    return Givens(facts=(fact(weight, above, ZERO), fact(weight, below, ONE)))


BINARY = Givens(facts=(fact(z(k) ** 2, "=", z(k), {k: IN_K}),), families=PLAIN.families)
TERNARY = Givens(facts=(fact(z(k) ** 3, "=", z(k), {k: IN_K}),), families=PLAIN.families)
SHARES = Givens(facts=(fact(p(k), ">", ZERO, {k: IN_K}), fact(total(k, 1, K, p(k)), "=", ONE)), families=PLAIN.families)
NEGATIVE = Givens(facts=(fact(a * b, "<=", ZERO),))
ROOTED = Givens(facts=(fact(sqrt(x), "<=", w), fact(x, ">=", ZERO)))
HALF_TURN = Givens(facts=(fact(x, ">=", ZERO), fact(x, "<=", ONE)))
CROSS = total(k, 1, K, p(k) * log(p(k))) - total(k, 1, K, p(k) * z(k))


GREATEST = Givens(
    facts=(fact(z(i), "<=", z(j), {i: IN_K}),), families=PLAIN.families, positions={j: IN_K},
)  # fmt: skip
"""z_j is the greatest of all."""


def bump(u: Expr) -> Expr:
    """The slope of the logistic function."""
    return Sigmoid(u) * (1 - Sigmoid(u))


TOPPED = Givens(
    definitions=(define("p", [k], exp(y(k)) / total(j, 1, K, exp(y(j))), {k: IN_K}),),
    facts=(fact(y(k), "<=", y(i), {k: IN_K}),),
    families={**PLAIN.families, **families({"p": (IN_K,), "y": (IN_K,)})},
    positions={i: IN_K},
)
"""Shares of exponentials, and that no exponent is above one of them."""

UNDER = Givens(facts=(fact(z(k), "<=", w, {k: IN_K}),), families=PLAIN.families)
BELOW = replace(UNDER, facts=(*UNDER.facts, fact(z(k), ">=", ZERO, {k: IN_K})))
ABOVE = Givens(facts=(fact(x, ">=", ONE), fact(y0, ">=", ONE)))
MEMBERS = Givens(facts=(fact(z(k), ">=", ONE, {k: IN_K}), fact(y0, ">", ZERO)), families=PLAIN.families)
APART = Givens(facts=(fact(x, "!=", y0),))
TABLE = families({"x": (IN_K, IN_K), "z": (IN_K,)})
ROW = fact(z(k), "<=", total(j, 1, K, xs(k, j)), {k: IN_K})
BY_ROWS = Givens(families=TABLE, facts=(ROW, fact(total(j, 1, K, xs(i, j)), ">=", ZERO, {i: IN_K})))
BY_COLUMNS = Givens(families=TABLE, facts=(ROW, fact(total(i, 1, K, xs(i, j)), ">=", ZERO, {j: IN_K})))
TURNED = Givens(
    families=TABLE,
    facts=(
        fact(z(k), "<=", total(i, 1, K, xs(i, k)), {k: IN_K}),
        fact(total(j, 1, K, xs(i, j)), ">=", ZERO, {i: IN_K}),
    ),
)
"""Sums of the rows of a table, of its columns, and of the ones beside the others."""

TRUE_ORDERS: dict[str, Order] = {
    "squares of differences by one of them": (
        total(k, 1, K, (z(k) - y(k)) ** 2), ">=", (z(i) - y(i)) ** 2, PLAIN, {i: IN_K},
    ),
    "all rows by one of them": (total(i, 1, K, total(j, 1, K, xs(i, j))), ">=", z(k), BY_ROWS, {k: IN_K}),
    "slopes of any number of units": (product(k, 1, K, bump(z(k))), "<=", Rational(1, 4) ** K, PLAIN, {}),
    "a product by the power of a bound": (product(k, 1, K, z(k)), "<=", w**K, BELOW, {}),
    "the size of a product": (Abs(product(k, 1, K, tanh(z(k)))), "<=", ONE, PLAIN, {}),
    "a sine is no steeper than its angle": (Abs(sin(x) - sin(y0)), "<=", Abs(x - y0), free, {}),
    "a logistic function is nowhere steeper than a quarter": (
        Abs(Sigmoid(w * x + b) - Sigmoid(w * y0 + b)), "<=", Abs(w) / 4 * Abs(x - y0), free, {},
    ),
    "a logistic function behind a kink": (
        Abs(Sigmoid(ReLU(x)) - Sigmoid(ReLU(y0))), "<=", Abs(x - y0) / 4, free, {},
    ),
    "a logarithm from one on": (Abs(log(x) - log(y0)), "<=", Abs(x - y0), ABOVE, {}),
    "a logarithm has the sign of what is above one": ((x - 1) * log(x), ">=", ZERO, BOTH, {}),
    "a slope that is zero where a logarithm is": (log(x) + 1 / (2 * x**2), ">=", ONE / 2, BOTH, {}),
    "exponentials rise": ((x - y0) * (exp(x) - exp(y0)), ">=", ZERO, free, {}),
    "what is apart is not zero together": (x**2 + x * y0 + y0**2, ">", ZERO, APART, {}),
    "powers of what is apart": (y0**4 - 4 * x**3 * y0 + 3 * x**4, ">", ZERO, APART, {}),
    "a share of a mean of squares": (v / (v + a), "<", ONE, SPREAD, {}),
    "a difference of its length with more": (Abs(x - y0) / sqrt((x - y0) ** 2 + a), "<", ONE, SPREAD, {}),
    "a square beside others": (sqrt((x - y0) ** 2 + K * a), ">", ZERO, SPREAD, {}),
    "a sum of exponentials by the greatest": (total(k, 1, K, exp(z(k))), "<=", K * exp(z(j)), GREATEST, {}),
    "its logarithm": (log(total(k, 1, K, exp(z(k)))), "<=", z(j) + log(K), GREATEST, {}),
    "its logarithm from below": (log(total(k, 1, K, exp(z(k)))), ">=", z(j), GREATEST, {}),
    "the greatest share": (exp(z(j)) / total(k, 1, K, exp(z(k))), ">=", 1 / K, GREATEST, {}),
    "slopes of three units": (bump(x) * bump(y0) * bump(a), "<=", Integer(1) / 64, free, {}),
    "slopes of three units times a length": (
        Abs(w**3 * bump(x) * bump(y0) * bump(a)), "<=", Abs(w) ** 3 / 64, free, {},
    ),
    "the entropy is at most any cross-entropy": (CROSS + log(total(k, 1, K, exp(z(k)))), ">=", ZERO, SHARES, {}),
    "a factor times what is given not to be positive": (-3 * a * b, ">=", ZERO, NEGATIVE, {}),
    "the square of what bounds a root": (x, "<=", w**2, ROOTED, {}),
    "what bounds a root": (w, ">=", ZERO, ROOTED, {}),
    "half a turn of the sine": (sin(pi * x), ">=", ZERO, HALF_TURN, {}),
    "half a turn of the cosine": (cos(pi * x / 2), ">=", ZERO, HALF_TURN, {}),
    "the least of two": (Minimum(a, b), "<=", b, free, {}),
    "the greatest of three": (Maximum(a, b, w), ">=", w, free, {}),
    "the least within the greatest": (Minimum(Maximum(a, b), w), "<=", Maximum(a, w), free, {}),
    "a sum of zeros and ones": (total(k, 1, K, z(k)), "<=", K, BINARY, {}),
    "what is zero or one": (z(k), ">=", ZERO, BINARY, {k: IN_K}),
    "a logarithm of a mean": (log(x) / 2 + log(y0) / 2, "<=", log((x + y0) / 2), BOTH, {}),
    "a convex function of a mean": (
        log(1 + exp((x + y0) / 2)), "<=", log(1 + exp(x)) / 2 + log(1 + exp(y0)) / 2, free, {},
    ),
    "a mean of two squares": (x * (1 - y0) ** 2 + (1 - x) * (y0**2 + 1), ">", ZERO, share(x), {}),
    "a mean of two squares at an end": (x * (1 - y0) ** 2 + (1 - x) * y0**2, ">=", ZERO, share(x, is_open=False), {}),
    "an error that many samples make rare": (2 * exp(-2 * x * a**2), "<=", b, MANY, {}),
    "numbers alone": (log(3) + sqrt(2), ">", ONE * 5 / 2, free, {}),
    "the greatest term and the logarithm of a sum": (log(exp(ONE) + exp(ONE * 3)), "<=", 3 + log(2), free, {}),
    "how many samples make an error rare": (x, ">=", 50 * log(40), RARE, {}),
    "fewer than that are a weaker bound": (x, ">", 50 * log(39), RARE, {}),
    "a bound that is given, over what has any sign": (b, "<=", a - x / (2 * y0), STEPPED, {}),
    "less than such a bound by a square": (b, "<=", a - x / (2 * y0) + x**2, STEPPED, {}),
    "three means": (3 * a * b, "<=", a**3 + b**3 + 1, POSITIVE, {}),
    "the exponential of a mean": (exp((x + w) / 2), "<=", (exp(x) + exp(w)) / 2, free, {}),
    "the logarithm of a mean of exponentials": (
        log(total(k, 1, K, p(k) * exp(z(k)))), ">=", total(k, 1, K, p(k) * z(k)), SIMPLEX, {},
    ),
    "the logarithm of a sum of exponentials": (
        log(total(k, 1, K, exp(z(k)))), ">=", total(k, 1, K, z(k)) / K + log(K), PLAIN, {},
    ),
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
    "a product of factors each at most a quarter": (
        product(i, 1, K, z(i) * (1 - z(i))), "<=", Integer(4) ** -K, IN_UNIT, {},
    ),
    "such a product times weights": (
        Abs(product(i, 1, K, y(i) * z(i) * (1 - z(i)))), "<=", product(i, 1, K, Abs(y(i))) / 4**K, IN_UNIT, {},
    ),
    "a mean below that of squares, beside what is given of other members": (
        total(k, 1, K, p(k) * z(k)) ** 2, "<=", total(k, 1, K, p(k) * z(k) ** 2), TOPPED, {},
    ),
    "a product of slopes": (Abs(product(s, k + 1, T, 1 - h(s) ** 2)), "<=", ONE, TANH, {k: IN_T}),
    "states of a bounded matrix": (slopes(T, i, k), "<=", gamma ** (T - k), BOUNDED, {k: IN_T, i: IN_N}),
    "one step of a bounded matrix": (slopes(t, i, t - 1), "<=", gamma, BOUNDED, {t: IN_T, i: IN_N}),
    "a share": (exp(z(i)) / total(j, 1, K, exp(z(j))), "<=", ONE, PLAIN, {i: IN_K}),
    "a share of several": (exp(z(i)) / total(j, 1, K, exp(z(j))), "<", ONE, PLAIN, {i: IN_K}),
    "a term of the log of a sum": (z(i), "<=", log(total(j, 1, K, exp(z(j)))), PLAIN, {i: IN_K}),
    "squares of shares": (
        total(i, 1, K, exp(2 * z(i))), "<=", total(i, 1, K, exp(z(i))) ** 2, PLAIN, {},
    ),
    "a probability": (p(i), "<=", ONE, SIMPLEX, {i: IN_K}),
    "entropy is not negative": (-total(i, 1, K, p(i) * log(p(i))), ">=", ZERO, SIMPLEX, {}),
    "entropy is at most that of equal shares": (-total(i, 1, K, p(i) * log(p(i))), "<=", log(K), SIMPLEX, {}),
    "Gibbs": (total(i, 1, K, p(i) * log(p(i) / q(i))), ">=", ZERO, SIMPLEX, {}),
    "Jensen for the logarithm": (
        log(total(i, 1, K, p(i) * q(i))), ">=", total(i, 1, K, p(i) * log(q(i))), SIMPLEX, {},
    ),
    "Jensen for the square": (total(i, 1, K, p(i) * z(i)) ** 2, "<=", total(i, 1, K, p(i) * z(i) ** 2), SIMPLEX, {}),
    "the geometric mean": (exp(total(i, 1, K, p(i) * log(q(i)))), "<=", total(i, 1, K, p(i) * q(i)), SIMPLEX, {}),
    "Cauchy and Schwarz": (
        total(i, 1, K, z(i) * y(i)) ** 2, "<=", total(i, 1, K, z(i) ** 2) * total(i, 1, K, y(i) ** 2), PLAIN, {},
    ),
    "the triangle inequality of lengths": (
        sqrt(total(i, 1, K, (z(i) + y(i)) ** 2)),
        "<=",
        sqrt(total(i, 1, K, z(i) ** 2)) + sqrt(total(i, 1, K, y(i) ** 2)),
        PLAIN,
        {},
    ),
    "the mean of two": (sqrt(a * b), "<=", (a + b) / 2, POSITIVE, {}),
    "roots of a sum": (sqrt(a + b), "<=", sqrt(a) + sqrt(b), POSITIVE, {}),
    "products of three": (a * b + b * x + x * a, "<=", a**2 + b**2 + x**2, free, {}),
    "a quartic without zeros": (x**4 + x + 1, ">", ZERO, free, {}),
    "differences of bars": (Abs(Abs(a) - Abs(b)), "<=", Abs(a - b), free, {}),
    "the tangent of the logarithm": (log(a), "<=", a - 1, POSITIVE, {}),
    "a tangent of the exponential": (exp(x), ">=", exp(1) * x, free, {}),
    "a tangent at another quantity": (a * log(a / b), ">=", a - b, POSITIVE, {}),
    "the least value of x log x": (a * log(a), ">=", -exp(-1), POSITIVE, {}),
    "on one side of zero": (log(1 + a), "<", a, POSITIVE, {}),
    "softplus above its line": (log(1 + exp(x)), ">", x, free, {}),
    "a step that is bounded by a square which is bounded itself": (
        h(t + 1), "<=", (1 - a / b) * h(t), DESCENT, {t: IN_T},
    ),
    "an inequality that is divided by what is positive": (
        xs(t) ** 2, "<=", 2 * b * (h(t) - h(t + 1)), DESCENT, {t: IN_T},
    ),
}  # fmt: skip

TRICKS: dict[str, Order] = {
    "a product by a power with a factor less": (product(k, 1, K, z(k)), "<=", w ** (K - 1), BELOW, {}),
    "a product by the power of a smaller bound": (product(k, 1, K, bump(z(k))), "<=", Rational(1, 5) ** K, PLAIN, {}),
    "a product over fewer than no factors": (product(k, 1, K - 2, z(k)), "<=", w ** (K - 2), BELOW, {}),
    "columns that are not negative by one row": (
        total(i, 1, K, total(j, 1, K, xs(i, j))), ">=", z(k), BY_COLUMNS, {k: IN_K},
    ),
    "rows that are not negative by one column": (
        total(i, 1, K, total(j, 1, K, xs(i, j))), ">=", z(k), TURNED, {k: IN_K},
    ),
    "a product of what may be negative": (product(k, 1, K, z(k)), "<=", w**K, UNDER, {}),
    "products by one of them": (total(k, 1, K, z(k) * y(k)), ">=", z(i) * y(i), PLAIN, {i: IN_K}),
    "squares of differences by one with more": (
        total(k, 1, K, (z(k) - y(k)) ** 2), ">=", (z(i) - y(i)) ** 2 + z(i) ** 2, PLAIN, {i: IN_K},
    ),
    "a sine of twice the angle": (Abs(sin(2 * x) - sin(2 * y0)), "<=", Abs(x - y0), free, {}),
    "an exponential is steeper somewhere": (Abs(exp(x) - exp(y0)), "<=", Abs(x - y0), free, {}),
    "a slope without its size": (Abs(tanh(w * x) - tanh(w * y0)), "<=", w * Abs(x - y0), free, {}),
    "a difference that is not zero where its letters are alike": (
        Abs(sin(x) - cos(y0)), "<=", 2 * Abs(x - y0), free, {},
    ),
    "a bound that depends on the place": (Abs(x**2 - y0**2), "<=", 2 * Abs(x) * Abs(x - y0), free, {}),
    "a jump has no slope to bound it": (Abs(Step(x) - Step(y0)), "<=", Abs(x - y0), free, {}),
    "sides of a kink that do not meet": (
        Abs(Cases(x + 1, Step(x), x) - Cases(y0 + 1, Step(y0), y0)), "<=", Abs(x - y0), free, {},
    ),
    "a logarithm where only one of two is above one": (
        Abs(log(x) - log(y0)), "<=", Abs(x - y0), Givens(facts=(fact(x, ">=", ONE), fact(y0, ">", ZERO))), {},
    ),
    "a logarithm where only the members are above one": (
        Abs(log(z(i)) - log(y0)), "<=", Abs(z(i) - y0), MEMBERS, {i: IN_K, k: IN_K},
    ),
    "a difference across a pole": (Abs(1 / x - 1 / y0), "<=", Abs(x - y0), Givens(facts=(fact(x, ">=", ONE),)), {}),
    "a logarithm beside another place": ((x - 2) * log(x), ">=", ZERO, BOTH, {}),
    "exponentials of other exponents": ((x - y0) * (exp(x) - exp(2 * y0)), ">=", ZERO, free, {}),
    "what is apart can cancel": (x**2 + 2 * x * y0 + y0**2, ">", ZERO, APART, {}),
    "what is apart can be indefinite": (x**2 + 3 * x * y0 + y0**2, ">", ZERO, APART, {}),
    "a share of a mean of squares that may be negative": (v / (v - a), "<", ONE, SPREAD, {}),
    "a share of a mean that may be negative": (v / (v + a), "<", ONE, CENTRED, {}),
    "a root of what is less than a square": (Abs(x - y0) / sqrt((x - y0) ** 2 + a), "<", Rational(1, 2), SPREAD, {}),
    "a root of a square alone": (sqrt((x - y0) ** 2 + w**2 - a), ">", ZERO, SPREAD, {}),
    "a sum of exponentials by any of them": (total(k, 1, K, exp(z(k))), "<=", K * exp(z(i)), GREATEST, {i: IN_K}),
    "a sum of exponentials from below by the greatest": (
        total(k, 1, K, exp(z(k))), ">=", K * exp(z(j)), GREATEST, {},
    ),
    "the greatest share is no greater": (exp(z(j)) / total(k, 1, K, exp(z(k))), "<=", 1 / K, GREATEST, {}),
    "exponentials of what is taken from the greatest": (exp(-z(i)), "<=", exp(-z(j)), GREATEST, {i: IN_K}),
    "slopes of two units that may be greater": (bump(x) * bump(y0), "<=", Integer(1) / 17, free, {}),
    "a square whose factor may be negative": (w * (x - 1) ** 2, ">=", ZERO, free, {}),
    "a vertex with a negative rest": (w**2 * (x**2 - 2 * x + Rational(1, 2)), ">=", ZERO, free, {}),
    "a vertex where the factor may be 0": (w**2 * (x**2 - 2 * x + 2), ">", ZERO, free, {}),
    "a mean of logarithms": (log(x) / 2 + log(y0) / 2, ">=", log((x + y0) / 2), BOTH, {}),
    "a sum of logarithms": (log(x) + log(y0), ">=", log(x + y0), BOTH, {}),
    "a logarithm of what is less than 1": (log(x) - 2 * log(1 + x) + log(4), ">=", ZERO, BOTH, {}),
    "a mean of two squares that may be one of them": (
        x * (1 - y0) ** 2 + (1 - x) * y0**2, ">", ZERO, share(x, is_open=False), {},
    ),
    "a difference between two bounds": (x * (1 - y0) ** 2 - (1 - x) * y0**2, ">=", ZERO, share(x), {}),
    "a mean outside of its bounds": (
        x * (1 - y0) ** 2 + (1 - x) * y0**2, ">=", ZERO, Givens(facts=(fact(x, ">", ZERO),)), {},
    ),
    "an error that more samples make rare": (2 * exp(-2 * x * a**2), "<=", b / 2, MANY, {}),
    "numbers alone, and more": (log(3) + sqrt(2), ">", ONE * 13 / 5, free, {}),
    "more samples than make an error rare": (x, ">=", 50 * log(41), RARE, {}),
    "as few samples as make an error rare": (x, "<=", 50 * log(40), RARE, {}),
    "as many samples, and one more": (x, ">", 50 * log(40), RARE, {}),
    "a bound that is given, with another factor": (b, "<=", a - x / y0, STEPPED, {}),
    "a bound that is given, and never reached": (b, "<", a - x / (2 * y0), STEPPED, {}),
    "a bound that is given, times what has any sign": (b * y0, "<=", a * y0 - x / 2, STEPPED, {}),
    "a share of terms of any sign": (z(i), "<=", ONE, SIGNED, {i: IN_K}),
    "half of what a share may be": (exp(z(i)) / total(j, 1, K, exp(z(j))), "<=", ONE / 2, PLAIN, {i: IN_K}),
    "Gibbs without normalisation": (total(i, 1, K, p(i) * log(p(i) / q(i))), ">=", ZERO, WEIGHTS, {}),
    "Gibbs with weights of any sign": (total(i, 1, K, z(i) * log(p(i) / q(i))), ">=", ZERO, SIMPLEX, {}),
    "Jensen the wrong way": (
        log(total(i, 1, K, p(i) * q(i))), "<=", total(i, 1, K, p(i) * log(q(i))), SIMPLEX, {},
    ),
    "Cauchy and Schwarz without the squares": (
        total(i, 1, K, z(i) * y(i)), "<=", total(i, 1, K, z(i) ** 2) * total(i, 1, K, y(i) ** 2), PLAIN, {},
    ),
    "Cauchy and Schwarz with factors of any sign": (
        total(i, 1, K, z(i)) ** 2, "<=", total(i, 1, K, z(i) * y(i)) * total(i, 1, K, z(i) / y(i)), PLAIN, {},
    ),
    "a sum of squares without the number of terms": (
        total(i, 1, K, z(i)) ** 2, "<=", total(i, 1, K, z(i) ** 2), PLAIN, {},
    ),
    "entropy above that of equal shares": (-total(i, 1, K, p(i) * log(p(i))), "<=", log(K) - ONE / 100, SIMPLEX, {}),
    "roots of a sum the wrong way": (sqrt(a + b), ">=", sqrt(a) + sqrt(b), POSITIVE, {}),
    "a difference squared without its sign": (x, ">=", Abs(y0), Givens(facts=(fact(x**2, ">=", y0**2),)), {}),
    "a quartic with four zeros": (x**4 - x**2 + ONE / 8, ">=", ZERO, free, {}),
    "a tangent too steep": (exp(x), ">=", 1 + 2 * x, free, {}),
    "a tangent moved up": (log(a), "<=", a - 2, POSITIVE, {}),
    "a function with two pieces": (exp(x) * (x - 1) ** 2, ">=", exp(-1), OUTSIDE, {}),
    "least on one side only": (x * exp(-x), ">=", ZERO, free, {}),
    "a strict bound that is reached": (log(a), "<", a - 1, POSITIVE, {}),
    "the triangle inequality reversed": (
        total(i, 1, K, Abs(z(i))), "<=", Abs(total(i, 1, K, z(i))), PLAIN, {},
    ),
    "a flipped direction": (Abs(D(h(T), h(k))), ">=", Abs(w) ** (T - k), TANH, {k: IN_T}),
    "a strict bound that is reached at k = T": (Abs(D(h(T), h(k))), "<", Abs(w) ** (T - k), TANH, {k: IN_T}),
    "an exponent one too large": (Abs(D(h(T), h(k))), "<=", Abs(w) ** (T - k + 1), TANH, {k: IN_T}),
    "the absolute value of the weight dropped": (Abs(D(h(T), h(k))), "<=", w ** (T - k), TANH, {k: IN_T}),
    "a product of factors each at most an eighth": (
        product(i, 1, K, z(i) * (1 - z(i))), "<=", Integer(8) ** -K, IN_UNIT, {},
    ),
    "a product of quarters strictly": (product(i, 1, K, z(i) * (1 - z(i))), "<", Integer(4) ** -K, IN_UNIT, {}),
    "a product of one factor fewer": (
        product(i, 2, K, z(i) * (1 - z(i))), "<=", Integer(4) ** -K, IN_UNIT, {},
    ),
    "a product of quarters without its weights": (
        Abs(product(i, 1, K, y(i) * z(i) * (1 - z(i)))), "<=", Integer(4) ** -K, IN_UNIT, {},
    ),
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
    "convexity with a share outside of its range": (
        exp(a * x + (1 - a) * w), "<=", a * exp(x) + (1 - a) * exp(w), free, {},
    ),
    "convexity turned": (exp((x + w) / 2), ">=", (exp(x) + exp(w)) / 2, free, {}),
    "a mean with weights that are too small": (exp(x) + exp(-x), ">=", Integer(3), free, {}),
    "three means with a factor too many": (a**3 + b**3 + 1, ">=", 4 * a * b, POSITIVE, {}),
    "the mean of what may be negative": (a**3 + b**3 + 1, ">=", 3 * a * b, free, {}),
    "the logarithm of a sum with weights that sum to another number": (
        log(total(k, 1, K, p(k) * exp(z(k)))), ">=", total(k, 1, K, p(k) * z(k)), WEIGHTS, {},
    ),
    "the logarithm of a sum with negative weights": (
        log(total(k, 1, K, xs(k) * exp(z(k)))), ">=", total(k, 1, K, xs(k) * z(k)), PLAIN, {},
    ),
    "the mean of logarithms above the logarithm of the mean": (
        log(total(k, 1, K, p(k) * exp(z(k)))), "<=", total(k, 1, K, p(k) * z(k)), SIMPLEX, {},
    ),
    "a fact about one member for all": (
        z(i), ">=", ZERO, Givens(facts=(fact(z(ONE), ">=", ZERO),), families=PLAIN.families), {i: IN_K},
    ),
    "a step that is twice as long": (h(t + 1), "<=", (1 - 2 * a / b) * h(t), DESCENT, {t: IN_T}),
    "a bound of a square for what is squared": (xs(t), ">=", 2 * a * h(t), DESCENT, {t: IN_T}),
    "an inequality that is divided by what may be negative": (
        x, "<=", y() / a, Givens(facts=(fact(a * x, "<=", y()),)), {},
    ),
    "a cross-entropy with weights that add up to any number": (
        CROSS + log(total(k, 1, K, exp(z(k)))), ">=", ZERO,
        Givens(facts=SHARES.facts[:1], families=PLAIN.families), {},
    ),
    "a cross-entropy above the entropy by more": (CROSS + log(total(k, 1, K, exp(z(k)))), ">", ZERO, SHARES, {}),
    "a cross-entropy of twice the exponentials": (
        CROSS + log(total(k, 1, K, exp(z(k)) / 2)), ">=", ZERO, SHARES, {},
    ),
    "a negative factor times what is given not to be positive": (3 * a * b, ">=", ZERO, NEGATIVE, {}),
    "strictly, of what may be zero": (-3 * a * b, ">", ZERO, NEGATIVE, {}),
    "the square of what bounds a root from above": (x, ">=", w**2, ROOTED, {}),
    "the bound of a root for what it is of": (x, "<=", w, ROOTED, {}),
    "the sine beyond half a turn": (sin(2 * pi * x), ">=", ZERO, HALF_TURN, {}),
    "the cosine over half a turn": (cos(pi * x), ">=", ZERO, HALF_TURN, {}),
    "the sine at its zeros": (sin(pi * x), ">", ZERO, HALF_TURN, {}),
    "the least of two above one of them": (Minimum(a, b), ">=", b, free, {}),
    "the greatest of three below one of them": (Maximum(a, b, w), "<=", w, free, {}),
    "the least strictly below one": (Minimum(a, b), "<", b, free, {}),
    "a sum of zeros and ones below their number": (total(k, 1, K, z(k)), "<", K, BINARY, {}),
    "what is minus one, zero or one": (z(k), ">=", ZERO, TERNARY, {k: IN_K}),
}  # fmt: skip
