"""Problems, true identities about them, and what makes them false; both kinds are data."""

from judge.notation import (
    FROM_0,
    HERE,
    IN_CLASSES,
    IN_K,
    IN_N,
    IN_T,
    PLAIN,
    S0,
    K,
    L,
    T,
    a,
    b,
    c,
    define,
    fact,
    families,
    h,
    i,
    j,
    k,
    m,
    n,
    p,
    p_,
    product,
    q_,
    s,
    softmax,
    t,
    total,
    u,
    v,
    w,
    x,
    xs,
    y,
    y0,
    z,
)
from sympy import Abs, Expr, Integer, Rational, cos, erf, exp, log, pi, sin, sqrt, tan, tanh

from symdl.language import At, Cases, Chain, D, Delta, DPlus, Maximum, Opaque, Step, family, scalar
from symdl.language.functions.gelu import GELU
from symdl.language.functions.leaky_relu import LeakyReLU
from symdl.language.functions.relu import ReLU
from symdl.language.functions.sigmoid import Sigmoid
from symdl.language.functions.sign import Sign
from symdl.language.functions.silu import SiLU
from symdl.language.functions.softplus import Softplus
from symdl.problem import Convention, Givens, Range, Ranges

Line = tuple[Expr, Expr, Givens, Ranges]

half = Rational(1, 2)


def mu(*at: Expr) -> Expr:
    return family(r"\mu", *at)


def sigma(*at: Expr) -> Expr:
    return family(r"\sigma", *at)


def mat(*at: Expr) -> Expr:
    return family("W", *at)


# -- problems ---------------------------------------------------------------------------------------------------------

CROSS_ENTROPY = Givens(
    definitions=(define("p", [i], softmax(i), {i: IN_K}), define(L, [], -total(k, 1, K, y(k) * log(p(k))))),
    facts=(fact(total(k, 1, K, y(k)), "=", Integer(1)),),
    families=IN_CLASSES,
)
SOFTMAX_ONLY = Givens(definitions=CROSS_ENTROPY.definitions, families=IN_CLASSES)
VAE = Givens(
    definitions=(define(L, [], -half * total(j, 1, K, 1 + log(sigma(j) ** 2) - mu(j) ** 2 - sigma(j) ** 2)),),
    facts=(fact(sigma(j), ">", Integer(0), {j: IN_K}),),
    families=families({r"\sigma": (IN_K,), r"\mu": (IN_K,)}),
)
BCE = Givens(
    definitions=(define("a", [], Sigmoid(z())), define(L, [], -y0 * log(a) - (1 - y0) * log(1 - a))),
)
m1, m2, s1, s2 = scalar(r"\mu_1"), scalar(r"\mu_2"), scalar(r"\sigma_1"), scalar(r"\sigma_2")
GAUSSIAN_KL = Givens(
    definitions=(define(L, [], log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - half),),
    facts=(fact(s1, ">", Integer(0)), fact(s2, ">", Integer(0))),
)
KL = Givens(
    definitions=(
        define("q", [i], softmax(i), {i: IN_K}),
        define(L, [], total(k, 1, K, p(k) * log(p(k) / family("q", k)))),
    ),
    facts=(fact(total(k, 1, K, p(k)), "=", Integer(1)), fact(p(k), ">", Integer(0), {k: IN_K})),
    families=IN_CLASSES,
)


def recurrence(body: Expr, *more: object, initial: bool = True, conventions: tuple[Convention, ...] = ()) -> Givens:
    """h_t = body with h_0 = 0, or h_0 free."""
    states = (define("h", [t], body, {t: IN_T}), *((define("h", [0], Integer(0)),) if initial else ()))
    return Givens(
        definitions=(*states, *more),  # type: ignore[arg-type]
        conventions=conventions,
        families=families({"h": (FROM_0,), "x": (IN_T,), "y": (IN_T,), r"\ell": (IN_T,)}),
    )


TANH = recurrence(tanh(w * h(t - 1) + u * xs(t) + b))
TANH_FREE = recurrence(tanh(w * h(t - 1) + u * xs(t) + b), initial=False)
LINEAR = recurrence(w * h(t - 1) + u * xs(t))
SIGMOID = recurrence(Sigmoid(w * h(t - 1) + u * xs(t)))
RELU_0 = recurrence(ReLU(w * h(t - 1) + u * xs(t)), conventions=(Convention(ReLU, Integer(0), Integer(0), "", HERE),))
RELU_1 = recurrence(ReLU(w * h(t - 1) + u * xs(t)), conventions=(Convention(ReLU, Integer(0), Integer(1), "", HERE),))
ELL = scalar(r"\ell")


def loss(at: Expr) -> Expr:
    return family(ELL, at)


OPAQUE = recurrence(
    tanh(w * h(t - 1) + u * xs(t) + b),
    define(ELL, [t], Opaque(ELL, 1, t, h(t)), {t: IN_T}),
    define(L, [], total(t, 1, T, loss(t))),
)
SQUARED = recurrence(tanh(w * h(t - 1) + u * xs(t) + b), define(L, [], total(t, 1, T, (h(t) - y(t)) ** 2 / 2)))
READOUT = recurrence(tanh(w * h(t - 1) + u * xs(t)), define("o", [], v * h(T)))
VECTOR = Givens(
    definitions=(
        define("h", [0, i], Integer(0), {i: IN_N}),
        define(
            "h",
            [t, i],
            tanh(
                total(j, 1, n, mat(i, j) * h(t - 1, j)) + total(j, 1, m, family("U", i, j) * xs(t, j)) + family("b", i)
            ),
            {t: IN_T, i: IN_N},
        ),
    ),
    families=families(
        {
            "h": (FROM_0, IN_N),
            "x": (IN_T, Range(Integer(1), m)),
            "W": (IN_N, IN_N),
            "U": (IN_N, Range(Integer(1), m)),
            "b": (IN_N,),
        }
    ),
)


def factor(at: Expr) -> Expr:
    return w * (1 - h(at) ** 2)


def through(end: Expr, inner: Expr) -> Expr:
    """Σ_k inner_k (1 - h_k²) Π_{s>k} w (1 - h_s²), k being the letter of `inner`."""
    return total(k, 1, end, inner * (1 - h(k) ** 2) * product(s, k + 1, end, factor(s)))


def jacobians(lo: Expr, hi: Expr, row: Expr, column: Expr) -> Expr:
    one, two = p_, q_
    return Chain.over((s, one, two), lo, hi, n, (1 - h(s, one) ** 2) * mat(one, two), row, column)


def lse() -> Expr:
    return log(total(j, 1, K, exp(z(j))))


def bce(q: Expr) -> Expr:
    return -y0 * log(q) - (1 - y0) * log(1 - q)


def pairs(first: str, second: str) -> Expr:
    """Four entries of a 2 by 2 product, written out."""
    rows = (Integer(1), Integer(2))
    one = [sum(family(first, r, q) * xs(q) for q in rows) for r in rows]
    two = [sum(family(second, r, q) * xs(q) for q in rows) for r in rows]
    return one[0] * two[0] + one[1] * two[1]


free = Givens()
th = (exp(x) - exp(-x)) / (exp(x) + exp(-x))
sig = Sigmoid(z())

# -- the twenty and twenty of the research notes ----------------------------------------------------------------------

TRUE: dict[str, Line] = {
    "T01 VAE dmu": (D(L, mu(i)), mu(i), VAE, {i: IN_K}),
    "T02 VAE dsigma": (D(L, sigma(i)), sigma(i) - 1 / sigma(i), VAE, {i: IN_K}),
    "T03 simplification": (-half * (2 * S0 / S0**2 - 2 * S0), -1 / S0 + S0, free, {}),
    "T04 sigmoid slope": (D(sig, z()), sig * (1 - sig), free, {}),
    "T05 BCE chain": ((-y0 / sig + (1 - y0) / (1 - sig)) * sig * (1 - sig), sig - y0, free, {}),
    "T06 BCE by z": (D(bce(sig), z()), sig - y0, free, {}),
    "T07 BCE product": ((-y0 / a + (1 - y0) / (1 - a)) * a * (1 - a), a - y0, free, {}),
    "T08 softmax shift": (exp(z(i) + c) / total(j, 1, K, exp(z(j) + c)), softmax(i), PLAIN, {i: IN_K}),
    "T09 log-softmax": (-log(softmax(i)), -z(i) + lse(), PLAIN, {i: IN_K}),
    "T10 slope of it": (D(-z(i) + lse(), z(i)), -1 + softmax(i), PLAIN, {i: IN_K}),
    "T11 softmax Jacobian": (D(softmax(i), z(k)), softmax(i) * (Delta(i, k) - softmax(k)), PLAIN, {i: IN_K, k: IN_K}),
    "T12 sum over classes": (
        total(i, 1, K, y(i) * (softmax(k) - Delta(i, k))),
        softmax(k) * total(i, 1, K, y(i)) - y(k),
        PLAIN,
        {k: IN_K},
    ),
    "T13 tanh by sigmoid": (tanh(x), 2 * Sigmoid(2 * x) - 1, free, {}),
    "T14 tanh slope": (D(th, x), 1 - th**2, free, {}),
    "T15 composed layer": (w * (u * x + b) + a, w * u * x + w * b + a, free, {}),
    "T16 leaky as maximum": (LeakyReLU(x, Rational(1, 10)), Maximum(x, x / 10), free, {}),
    "T17 relu difference": (ReLU(x) - ReLU(-x), x, free, {}),
    "T18 quadratic form": (
        pairs("W", "W"),
        sum(
            xs(Integer(q)) * mat(Integer(r), Integer(q)) * mat(Integer(r), Integer(o)) * xs(Integer(o))
            for r in (1, 2)
            for q in (1, 2)
            for o in (1, 2)
        ),
        free,
        {},
    ),
    "T19 squares": (
        total(i, 1, K, (z(i) - y(i)) ** 2),
        total(i, 1, K, z(i) ** 2) - 2 * total(k, 1, K, z(k) * y(k)) + total(k, 1, K, y(k) ** 2),
        PLAIN,
        {},
    ),
    "T20 log of squares": (total(j, 1, K, log(sigma(j) ** 2)), 2 * total(i, 1, K, log(sigma(i))), VAE, {}),
}
E3, y3 = scalar("E"), scalar("r")
FALSE: dict[str, Line] = {
    "F01 VAE dmu sign": (D(L, mu(i)), -mu(i), VAE, {i: IN_K}),
    "F02 VAE dsigma sign": (D(L, sigma(i)), sigma(i) + 1 / sigma(i), VAE, {i: IN_K}),
    "F03 sign in simplification": (-half * (2 * S0 / S0**2 - 2 * S0), 1 / S0 + S0, free, {}),
    "F04 sigmoid slope": (D(sig, z()), sig * (1 + sig), free, {}),
    "F05 BCE sign": (D(bce(sig), z()), y0 - sig, free, {}),
    "F06 BCE with extra factor": (D(bce(sig), z()), (sig - y0) * sig * (1 - sig), free, {}),
    "F07 cube": (D(3 * x**3, x), 9 * x, free, {}),
    "F08 quartic": (D(x**4 - 18 * x**2, x), 4 * x**3 - 35 * x, free, {}),
    "F09 exponential for logit": (-log(softmax(i)), -exp(z(i)) + lse(), PLAIN, {i: IN_K}),
    "F10 logsumexp sign": (D(lse(), z(i)), -softmax(i), PLAIN, {i: IN_K}),
    "F11 Jacobian index": (D(softmax(i), z(k)), softmax(i) * (Delta(i, k) - softmax(i)), PLAIN, {i: IN_K, k: IN_K}),
    "F12 cross-entropy": (D(L, z(i)), -y(i) * (1 - p(i)), CROSS_ENTROPY, {i: IN_K}),
    "F13 tanh by sigmoid": (tanh(x), 2 * Sigmoid(x) - 1, free, {}),
    "F14 tanh slope": (D(tanh(x), x), 1 - tanh(x), free, {}),
    "F15 term lost": (w * (u * x + b) + a, w * u * x + a, free, {}),
    "F16 leaky is relu": (LeakyReLU(x, Rational(1, 10)), ReLU(x), free, {}),
    "F17 relu sum": (ReLU(x) + ReLU(-x), x, free, {}),
    "F18 wrong transpose": (
        total(j, 1, K, mat(i, j) * mat(k, j)),
        total(j, 1, K, mat(j, i) * mat(j, k)),
        Givens(families=families({"W": (IN_K, IN_K)})),
        {i: IN_K, k: IN_K},
    ),
    "F19 factor lost": (
        total(i, 1, K, (z(i) - c) ** 2),
        total(i, 1, K, z(i) ** 2) - c * total(i, 1, K, z(i)) + K * c**2,
        PLAIN,
        {},
    ),
    "F20 log of a sum": (
        total(j, 1, K, log(sigma(j) ** 2)),
        log(total(j, 1, K, sigma(j) ** 2)),
        VAE,
        {},
    ),
}

# -- the catalogue's problems, symbolic K and T -----------------------------------------------------------------------

LINES: dict[str, Line] = {
    "softmax Jacobian": (D(p(i), z(k)), p(i) * (Delta(i, k) - p(k)), SOFTMAX_ONLY, {i: IN_K, k: IN_K}),
    "cross-entropy gradient": (D(L, z(i)), p(i) - y(i), CROSS_ENTROPY, {i: IN_K}),
    "gradient without the fact": (D(L, z(i)), p(i) * total(k, 1, K, y(k)) - y(i), SOFTMAX_ONLY, {i: IN_K}),
    "cross-entropy Hessian": (D(D(L, z(j)), z(i)), p(i) * (Delta(i, j) - p(j)), CROSS_ENTROPY, {i: IN_K, j: IN_K}),
    "cut at p": (D(L, p(i)), -y(i) / p(i), CROSS_ENTROPY, {i: IN_K}),
    "chain rule": (
        D(L, z(i)),
        total(k, 1, K, D(L, p(k)) * D(p(k), z(i))),
        CROSS_ENTROPY,
        {i: IN_K},
    ),
    "BCE by a": (D(L, a), (a - y0) / (a * (1 - a)), BCE, {}),
    "BCE by z": (D(L, z()), a - y0, BCE, {}),
    "BCE second": (D(D(L, z()), z()), a * (1 - a), BCE, {}),
    "KL by logits": (D(L, z(i)), family("q", i) - p(i), KL, {i: IN_K}),
    "Gaussian KL by mu 1": (D(L, m1), (m1 - m2) / s2**2, GAUSSIAN_KL, {}),
    "Gaussian KL by sigma 1": (D(L, s1), s1 / s2**2 - 1 / s1, GAUSSIAN_KL, {}),
    "Gaussian KL by sigma 2": (D(L, s2), 1 / s2 - (s1**2 + (m1 - m2) ** 2) / s2**3, GAUSSIAN_KL, {}),
    "softplus slope": (D(Softplus(x), x), Sigmoid(x), free, {}),
    "silu slope": (D(SiLU(x), x), Sigmoid(x) * (1 + x * (1 - Sigmoid(x))), free, {}),
    "gelu slope": (
        D(GELU(x), x),
        (1 + erf(x / sqrt(2))) / 2 + x * exp(-(x**2) / 2) / sqrt(2 * pi),
        free,
        {},
    ),
    "relu squared": (ReLU(x) ** 2, x * ReLU(x), free, {}),
    "absolute value": (Abs(x) * Sign(x), x, free, {}),
    "maximum of three": (Maximum(x, a, b), Maximum(b, Maximum(a, x)), free, {}),
    "cases as maximum": (Cases(x, Step(x), x / 10), Maximum(x, x / 10), free, {}),
    "Pythagoras": (sin(x) ** 2 + cos(x) ** 2, Integer(1), free, {}),
    "tangent slope": (D(tan(x), x), 1 / cos(x) ** 2, free, {}),
    "root slope": (D(sqrt(1 + x**2), x), x / sqrt(1 + x**2), free, {}),
    "power slope": (D(x**a, a), x**a * log(x), free, {}),
    "evaluation bar": (At(D(x**2, x), x, Integer(3)), Integer(6), free, {}),
    "symmetric sigmoid sum": (total(i, 1, K, Sigmoid(z(i))), K - total(i, 1, K, Sigmoid(-z(i))), PLAIN, {}),
    "order of summation": (
        total(i, 1, K, total(j, 1, K, z(i) * mat(i, j) * y(j))),
        total(j, 1, K, y(j) * total(i, 1, K, z(i) * mat(i, j))),
        PLAIN,
        {},
    ),
    "triangle": (total(i, 1, K, total(j, 1, i, mat(i, j))), total(j, 1, K, total(i, j, K, mat(i, j))), PLAIN, {}),
    "last term": (total(i, 1, K + 1, z(i)), z(K + 1) + total(i, 1, K, z(i)), PLAIN, {}),
    "exponential of a sum": (product(i, 1, K, exp(z(i))), exp(total(i, 1, K, z(i))), PLAIN, {}),
    "geometric sum": ((1 - w) * total(i, 1, K, w ** (i - 1)), 1 - w**K, free, {}),
    "sum of squares": (total(i, 1, K, i**2), K * (K + 1) * (2 * K + 1) / 6, free, {}),
    "all but one": (total(j, 1, K, (1 - Delta(j, i)) * z(j)), total(j, 1, K, z(j)) - z(i), PLAIN, {i: IN_K}),
    "centred": (total(i, 1, K, z(i) - total(j, 1, K, z(j)) / K), Integer(0), PLAIN, {}),
    "product slope": (D(product(i, 1, K, z(i)), z(k)) * z(k), product(i, 1, K, z(i)), PLAIN, {k: IN_K}),
    "tanh RNN by w": (D(h(T), w), through(T, h(k - 1)), TANH, {}),
    "tanh RNN by w, h_0 free": (D(h(T), w), through(T, h(k - 1)), TANH_FREE, {}),
    "tanh RNN by u": (D(h(T), u), through(T, xs(k)), TANH, {}),
    "tanh RNN by a state": (D(h(T), h(k)), product(s, k + 1, T, factor(s)), TANH, {k: IN_T}),
    "tanh RNN at any time": (D(h(t), w), through(t, h(k - 1)), TANH, {t: IN_T}),
    "one step": (D(h(t), w), (1 - h(t) ** 2) * (h(t - 1) + w * D(h(t - 1), w)), TANH, {t: IN_T}),
    "immediate": (DPlus(h(t), w), (1 - h(t) ** 2) * h(t - 1), TANH, {t: IN_T}),
    "linear RNN by w": (D(h(T), w), total(t, 1, T, h(t - 1) * w ** (T - t)), LINEAR, {}),
    "linear RNN unrolled": (h(T), total(t, 1, T, u * xs(t) * w ** (T - t)), LINEAR, {}),
    "linear RNN by a state": (D(h(T), h(k)), w ** (T - k), LINEAR, {k: IN_T}),
    "sigmoid RNN by w": (
        D(h(T), w),
        total(k, 1, T, h(k - 1) * h(k) * (1 - h(k)) * product(s, k + 1, T, w * h(s) * (1 - h(s)))),
        SIGMOID,
        {},
    ),
    "readout": (D(scalar("o"), w), v * through(T, h(k - 1)), READOUT, {}),
    "opaque loss, chain": (D(L, w), total(t, 1, T, D(loss(t), h(t)) * D(h(t), w)), OPAQUE, {}),
    "opaque loss, through time": (D(L, w), total(t, 1, T, D(loss(t), h(t)) * through(t, h(k - 1))), OPAQUE, {}),
    "squared loss by b": (D(L, b), total(t, 1, T, (h(t) - y(t)) * through(t, Integer(1))), SQUARED, {}),
    "squared loss by a state": (
        D(L, h(k)),
        total(t, k, T, (h(t) - y(t)) * product(s, k + 1, t, factor(s))),
        SQUARED,
        {k: IN_T},
    ),
    "vector RNN, one step": (
        D(h(t, i), h(t - 1, k)),
        (1 - h(t, i) ** 2) * mat(i, k),
        VECTOR,
        {t: IN_T, i: IN_N, k: IN_N},
    ),
    "vector RNN by a state": (
        D(h(T, i), h(k, j)),
        jacobians(k + 1, T, i, j),
        VECTOR,
        {k: IN_T, i: IN_N, j: IN_N},
    ),
    "vector RNN by W": (
        D(h(T, i), mat(j, k)),
        total(t, 1, T, jacobians(t + 1, T, i, j) * (1 - h(t, j) ** 2) * h(t - 1, k)),
        VECTOR,
        {i: IN_N, j: IN_N, k: IN_N},
    ),
}
for _value, _givens in ((0, RELU_0), (1, RELU_1)):
    _gate = Step(w * h(k - 1) + u * xs(k), _value)
    _gates = Step(w * h(s - 1) + u * xs(s), _value)
    LINES[f"ReLU RNN, slope {_value} at 0"] = (
        D(h(T), w),
        total(k, 1, T, h(k - 1) * _gate * product(s, k + 1, T, w * _gates)),
        _givens,
        {},
    )
