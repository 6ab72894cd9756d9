"""Generated functions against the reference, at small sizes and at extreme arguments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from numeric.reference import World, define, given
from sympy import Expr, Integer, Symbol, cosh, exp, log, sqrt, tanh

from symdl.language import (
    Cases,
    Chain,
    Delta,
    Maximum,
    Prod,
    Sigma,
    Step,
    family,
    index,
    put,
    scalar,
    size,
)
from symdl.language.functions.gelu import GELU
from symdl.language.functions.relu import ReLU
from symdl.language.functions.sigmoid import Sigmoid
from symdl.language.functions.softplus import Softplus
from symdl.numeric import generate
from symdl.problem import Givens, Range

K, M, N, T = (size(x) for x in "KMNT")
i, j, k, m, n, s, t = (index(x) for x in "ijkmnst")
one = Integer(1)
RK, RM, RN, RT = (Range(one, x) for x in (K, M, N, T))
T0 = Range(Integer(0), T)


def fam(name: str) -> Any:
    return lambda *at: family(name, *(Integer(a) if isinstance(a, int) else a for a in at))


b, c, h, p, q, u, v, w, x, y, z, U, W = (
    fam(a) for a in ("b", "c", "h", "p", "q", "u", "v", "w", "x", "y", "z", "U", "W")
)
SOFTMAX = define("p", (i,), exp(z(i)) / Sigma.over(j, one, K, exp(z(j))), i=RK)
LOSS = define("L", (), -Sigma.over(k, one, K, y(k) * log(p(k))))
CLASSES = given(SOFTMAX, LOSS, z=(RK,), p=(RK,), y=(RK,))


@dataclass(frozen=True)
class Case:
    """A result, its axes, the givens, and the shapes of the free inputs in sizes."""

    name: str
    result: Expr
    indices: tuple[tuple[Symbol, Range], ...]
    givens: Givens
    shapes: dict[str, tuple[Any, ...]]
    positive: tuple[str, ...] = ()
    labels: dict[str, Symbol] = field(default_factory=dict)
    extreme: bool = True
    sizes: tuple[int, ...] = (1, 2, 5)


def _rnn(activation: Any = tanh) -> Givens:
    return given(
        define("h", (t,), activation(scalar("w") * h(t - 1) + scalar("u") * x(t) + scalar("b")), t=RT),
        h=(T0,), x=(RT,), v=(RT,),
    )  # fmt: skip


def _vector_rnn() -> Givens:
    a = tanh(Sigma.over(j, one, M, W(i, j) * h(t - 1, j)) + Sigma.over(k, one, K, U(i, k) * x(t, k)) + b(i))
    return given(
        define("h", (t, i), a, t=RT, i=RM),
        h=(T0, RM), x=(RT, RK), W=(RM, RM), U=(RM, RK), b=(RM,), y=(RT, RM),
    )  # fmt: skip


def _lstm() -> Givens:
    gate = lambda g: Sigmoid(scalar(f"W_{g}") * x(t) + scalar(f"U_{g}") * h(t - 1) + scalar(f"b_{g}"))  # noqa: E731
    return given(
        define("f", (t,), gate("f"), t=RT),
        define("i", (t,), gate("i"), t=RT),
        define("c", (t,), family("f", t) * c(t - 1) + family("i", t) * tanh(scalar("W_c") * x(t) + h(t - 1)), t=RT),
        define("h", (t,), gate("o") * tanh(c(t)), t=RT),
        f=(RT,), i=(RT,), c=(T0,), h=(T0,), x=(RT,),
    )  # fmt: skip


J = Symbol("a", integer=True), Symbol("b", integer=True)
STEP = (1 - h(t, J[0]) ** 2) * W(J[0], J[1])
mean = given(
    define("p", (n, i), exp(z(n, i)) / Sigma.over(j, one, K, exp(z(n, j))), n=RN, i=RK),
    z=(RN, RK), p=(RN, RK), y=(RN, RK),
)  # fmt: skip
samples = given(
    define("z", (n,), Sigma.over(j, one, M, w(j) * x(n, j)) + scalar("b"), n=RN),
    define("a", (n,), 1 / (1 + exp(-z(n))), n=RN),
    z=(RN,), a=(RN,), x=(RN, RM), w=(RM,), y=(RN,),
)  # fmt: skip
a_ = scalar("a")
Z = scalar("z")
Y = scalar("y")
sigmoid = given(define("a", (), 1 / (1 + exp(-Z))), define("L", (), -Y * log(a_) - (1 - Y) * log(1 - a_)))
mu, sigma = scalar(r"\mu"), scalar(r"\sigma")
gate = fam("a")
linear = given(
    define("z", (i,), Sigma.over(j, one, M, W(i, j) * x(j)) + b(i), i=RK), SOFTMAX, LOSS,
    z=(RK,), p=(RK,), y=(RK,), W=(RK, RM), x=(RM,), b=(RK,),
)  # fmt: skip
kl = given(
    define("q", (i,), exp(z(i)) / Sigma.over(j, one, K, exp(z(j))), i=RK),
    z=(RK,), q=(RK,), p=(RK,),
)  # fmt: skip
attention = given(
    define("s", (i, j), Sigma.over(m, one, M, family("Q", i, m) * family("E", j, m)) / sqrt(M), i=RT, j=RT),
    define("a", (i, j), exp(family("s", i, j)) / Sigma.over(k, one, T, exp(family("s", i, k))), i=RT, j=RT),
    s=(RT, RT), a=(RT, RT), Q=(RT, RM), E=(RT, RM), v=(RT, RM),
)  # fmt: skip
lone = given(x=(RT,), b=(RT,), c=(RT,), z=(RK,), y=(RK,), A=(RT, RM, RM), g=(RT, RM))
r = index("r")
two_labels = given(SOFTMAX, z=(RK,), p=(RK,))
Ld = index("y")
named_sum = given(
    define("e", (i,), exp(z(i)), i=RK),
    define("S", (), Sigma.over(j, one, K, family("e", j))),
    define("p", (i,), family("e", i) / scalar("S"), i=RK),
    z=(RK,), e=(RK,), p=(RK,), y=(RK,),
)  # fmt: skip
tau = scalar(r"\tau")
A3 = fam("A")
RNN = {"h_0": (), "x": (T,), "w": (), "u": (), "b": ()}
VECTOR = {"h_0": (M,), "x": (T, K), "W": (M, M), "U": (M, K), "b": (M,)}
LSTM = {"h_0": (), "c_0": (), "x": (T,), "W_c": ()} | {f"{a}_{g}": () for a in ("W", "U", "b") for g in "fio"}
SUM = Sigma.over(k, one, K, exp(z(k)))
SLOPE = scalar("w") * (1 - h(j) ** 2)
STEP_L = put(STEP, {t: index("r")})


def _discount(name: str, result: Expr) -> Case:
    gates = {"c": (T,)} if result.has(Prod) else {}
    return Case(
        f"discount, {name}",
        result,
        ((t, RT),),
        lone,
        {"x": (T,), r"\gamma": (), **gates},
        positive=(r"\gamma",),
        extreme=False,
    )


GAMMA = scalar(r"\gamma")
DISCOUNTS = [
    _discount("of the past", Sigma.over(s, one, t, GAMMA ** (t - s) * x(s))),
    _discount("of what is strictly past", Sigma.over(s, one, t - 1, GAMMA ** (t - 1 - s) * x(s))),
    _discount("of the future", Sigma.over(s, t, T, GAMMA ** (s - t) * x(s))),
    _discount("squared", Sigma.over(s, one, t, GAMMA ** (2 * t - 2 * s) * x(s))),
    _discount("through gates", Sigma.over(s, one, t, GAMMA ** (t - s) * x(s) * Prod.over(k, s, t, 1 - c(k) ** 2))),
    _discount("back through gates", Sigma.over(s, t, T, GAMMA ** (s - t) * x(s) * Prod.over(k, t, s, 1 - c(k) ** 2))),
]
CASES = [
    Case("softmax", p(i), ((i, RK),), CLASSES, {"z": (K,)}),
    Case("softmax CE", scalar("L"), (), CLASSES, {"z": (K,), "y": (K,)}),
    Case("CE gradient", p(i) - y(i), ((i, RK),), CLASSES, {"z": (K,), "y": (K,)}),
    Case("CE Hessian", Delta(i, j) * p(i) - p(i) * p(j), ((i, RK), (j, RK)), CLASSES, {"z": (K,)}),
    Case("written out", exp(z(i)) / SUM - exp(2 * z(i)) / SUM**2, ((i, RK),), CLASSES, {"z": (K,)}),
    Case(
        "quotient rule",
        (exp(z(i)) * SUM * Delta(i, j) - exp(z(i) + z(j))) / SUM**2,
        ((i, RK), (j, RK)),
        CLASSES,
        {"z": (K,)},
    ),
    Case("weighted", Sigma.over(k, one, K, y(k) * exp(z(k))) / SUM, (), CLASSES, {"z": (K,), "y": (K,)}),
    Case("named sum", p(i) * (1 - p(i)), ((i, RK),), named_sum, {"z": (K,)}),
    Case("named sum log", -Sigma.over(k, one, K, y(k) * log(p(k))), (), named_sum, {"z": (K,), "y": (K,)}),
    Case(
        "temperature",
        exp(z(i) / tau) / Sigma.over(k, one, K, exp(z(k) / tau)),
        ((i, RK),),
        CLASSES,
        {"z": (K,), r"\tau": ()},
        positive=(r"\tau",),
    ),
    Case(
        "temperature CE",
        -log(exp(z(Ld) / tau) / Sigma.over(k, one, K, exp(z(k) / tau))),
        (),
        CLASSES,
        {"z": (K,), r"\tau": ()},
        positive=(r"\tau",),
        labels={"y": K},
    ),
    Case("label loss", -log(p(Ld)), (), two_labels, {"z": (K,)}, labels={"y": K}),
    Case("label loss apart", log(SUM) - z(Ld), (), two_labels, {"z": (K,)}, labels={"y": K}),
    Case("label gradient", p(k) - Delta(k, Ld), ((k, RK),), two_labels, {"z": (K,)}, labels={"y": K}),
    Case(
        "all but one",
        Sigma.over(j, one, K, (1 - Delta(j, Ld)) * exp(z(j))) / Sigma.over(j, one, K, exp(z(j))),
        (),
        two_labels,
        {"z": (K,)},
        labels={"y": K},
    ),
    Case(
        "log of all but one",
        log(Sigma.over(j, one, K, (1 - Delta(j, Ld)) * exp(z(j)))),
        (),
        two_labels,
        {"z": (K,)},
        labels={"y": K},
        sizes=(2, 5),
    ),
    Case(
        "hinge",
        Sigma.over(j, one, K, (1 - Delta(j, Ld)) * Maximum(Integer(0), z(j) - z(Ld) + 1)),
        (),
        two_labels,
        {"z": (K,)},
        labels={"y": K},
    ),
    Case(
        "hinge gradient",
        (1 - Delta(k, Ld)) * Step(z(k) - z(Ld) + 1)
        - Delta(k, Ld) * Sigma.over(j, one, K, (1 - Delta(j, Ld)) * Step(z(j) - z(Ld) + 1)),
        ((k, RK),),
        two_labels,
        {"z": (K,)},
        labels={"y": K},
    ),
    Case("linear W", (p(i) - y(i)) * x(j), ((i, RK), (j, RM)), linear, {"W": (K, M), "x": (M,), "b": (K,), "y": (K,)}),
    Case("linear W loss", scalar("L"), (), linear, {"W": (K, M), "x": (M,), "b": (K,), "y": (K,)}),
    Case(
        "linear x",
        Sigma.over(k, one, K, W(k, j) * (p(k) - y(k))),
        ((j, RM),),
        linear,
        {"W": (K, M), "x": (M,), "b": (K,), "y": (K,)},
    ),
    Case(
        "linear x Hessian",
        Sigma.over(k, one, K, W(k, i) * Sigma.over(m, one, K, (Delta(k, m) * p(k) - p(k) * p(m)) * W(m, j))),
        ((i, RM), (j, RM)),
        linear,
        {"W": (K, M), "x": (M,), "b": (K,)},
    ),
    Case(
        "mean CE",
        -Sigma.over(n, one, N, Sigma.over(k, one, K, y(n, k) * log(p(n, k)))) / N,
        (),
        mean,
        {"z": (N, K), "y": (N, K)},
    ),
    Case("mean CE gradient", (p(n, k) - y(n, k)) / N, ((n, RN), (k, RK)), mean, {"z": (N, K), "y": (N, K)}),
    Case("sigmoid", a_, (), sigmoid, {"z": ()}),
    Case("sigmoid slope", a_ * (1 - a_), (), sigmoid, {"z": ()}),
    Case("sigmoid slope in e", exp(-Z) / (1 + exp(-Z)) ** 2, (), sigmoid, {"z": ()}),
    Case("sigmoid curvature", a_ * (1 - a_) * (1 - 2 * a_), (), sigmoid, {"z": ()}),
    Case("BCE", scalar("L"), (), sigmoid, {"z": (), "y": ()}),
    Case("BCE gradient", a_ - Y, (), sigmoid, {"z": (), "y": ()}),
    Case("BCE gradient, not tidied", (-Y / a_ + (1 - Y) / (1 - a_)) * a_ * (1 - a_), (), sigmoid, {"z": (), "y": ()}),
    Case(
        "BCE mean w",
        Sigma.over(n, one, N, (gate(n) - y(n)) * x(n, j)) / N,
        ((j, RM),),
        samples,
        {"w": (M,), "x": (N, M), "b": (), "y": (N,)},
    ),
    Case(
        "BCE Hessian w",
        Sigma.over(n, one, N, gate(n) * (1 - gate(n)) * x(n, i) * x(n, j)) / N,
        ((i, RM), (j, RM)),
        samples,
        {"w": (M,), "x": (N, M), "b": ()},
    ),
    Case("softplus", log(1 + exp(Z)), (), sigmoid, {"z": ()}),
    Case("tanh in e", (exp(Z) - exp(-Z)) / (exp(Z) + exp(-Z)), (), sigmoid, {"z": ()}),
    Case("tanh slope", 1 - tanh(Z) ** 2, (), sigmoid, {"z": ()}),
    Case("log cosh", log(cosh(Z)), (), sigmoid, {"z": ()}),
    Case("two classes", -log(exp(Z) / (exp(Z) + exp(Y))), (), sigmoid, {"z": (), "y": ()}),
    Case("GAN", -log(1 - Sigmoid(Z)), (), sigmoid, {"z": ()}),
    Case("KL value", Sigma.over(k, one, K, p(k) * log(p(k) / q(k))), (), kl, {"z": (K,), "p": (K,)}, positive=("p",)),
    Case(
        "KL gradient",
        q(i) * Sigma.over(k, one, K, p(k)) - p(i),
        ((i, RK),),
        kl,
        {"z": (K,), "p": (K,)},
        positive=("p",),
    ),
    Case(
        "reverse KL gradient",
        q(i) * (log(q(i) / p(i)) - Sigma.over(k, one, K, q(k) * log(q(k) / p(k)))),
        ((i, RK),),
        kl,
        {"z": (K,), "p": (K,)},
        positive=("p",),
    ),
    Case(
        "Gaussian KL",
        log(scalar("s") / sigma) + (sigma**2 + (mu - Y) ** 2) / (2 * scalar("s") ** 2) - Integer(1) / 2,
        (),
        Givens(),
        {r"\mu": (), r"\sigma": (), "s": (), "y": ()},
        positive=(r"\sigma", "s"),
        extreme=False,
    ),
    Case(
        "attention",
        Sigma.over(j, one, T, family("a", i, j) * v(j, m)),
        ((i, RT), (m, RM)),
        attention,
        {"Q": (T, M), "E": (T, M), "v": (T, M)},
    ),
    Case(
        "causal",
        Sigma.over(j, one, i, exp(family("s", i, j)) / Sigma.over(k, one, i, exp(family("s", i, k))) * v(j, m)),
        ((i, RT), (m, RM)),
        attention,
        {"Q": (T, M), "E": (T, M), "v": (T, M)},
    ),
    Case("RNN state", h(T), (), _rnn(), RNN),
    Case(
        "RNN dw",
        Sigma.over(t, one, T, (1 - h(t) ** 2) * h(t - 1) * Prod.over(s, t + 1, T, scalar("w") * (1 - h(s) ** 2))),
        (),
        _rnn(),
        RNN,
    ),
    Case("RNN dh", Prod.over(t, k + 1, T, scalar("w") * (1 - h(t) ** 2)), ((k, T0),), _rnn(), RNN),
    Case(
        "RNN loss",
        Sigma.over(t, one, T, v(t) * Sigma.over(s, one, t, (1 - h(s) ** 2) * h(s - 1) * Prod.over(j, s + 1, t, SLOPE))),
        (),
        _rnn(),
        RNN | {"v": (T,)},
    ),
    Case(
        "RNN loss swapped",
        Sigma.over(s, one, T, (1 - h(s) ** 2) * h(s - 1) * Sigma.over(t, s, T, v(t) * Prod.over(j, s + 1, t, SLOPE))),
        (),
        _rnn(),
        RNN | {"v": (T,)},
    ),
    Case("RNN states by states", Prod.over(j, s + 1, t, SLOPE), ((t, RT), (s, RT)), _rnn(), RNN),
    Case(
        "ReLU RNN",
        Sigma.over(t, one, T, h(t - 1) * Step(h(t)) * Prod.over(s, t + 1, T, scalar("w") * Step(h(s)))),
        (),
        _rnn(ReLU),
        RNN,
        extreme=False,
    ),
    Case("vector RNN", h(T, i), ((i, RM),), _vector_rnn(), VECTOR),
    Case(
        "vector RNN dh",
        Chain.over((t, *J), k + 1, T, M, STEP, i, j),
        ((k, T0), (i, RM), (j, RM)),
        _vector_rnn(),
        VECTOR,
    ),
    Case(
        "vector RNN dW",
        Sigma.over(
            t, one, T, Chain.over((s, *J), t + 1, T, M, put(STEP, {t: s}), i, j) * (1 - h(t, j) ** 2) * h(t - 1, k)
        ),
        ((i, RM), (j, RM), (k, RM)),
        _vector_rnn(),
        VECTOR,
    ),
    Case(
        "vector RNN loss dW",
        Sigma.over(
            t,
            one,
            T,
            Sigma.over(
                i,
                one,
                M,
                y(t, i)
                * Sigma.over(
                    s, one, t, Chain.over((r, *J), s + 1, t, M, STEP_L, i, j) * (1 - h(s, j) ** 2) * h(s - 1, k)
                ),
            ),
        ),
        ((j, RM), (k, RM)),
        _vector_rnn(),
        VECTOR | {"y": (T, M)},
    ),
    Case(
        "vector RNN loss by time",
        Sigma.over(
            s,
            one,
            T,
            (1 - h(s, j) ** 2)
            * h(s - 1, k)
            * Sigma.over(t, s, T, Sigma.over(i, one, M, y(t, i) * Chain.over((r, *J), s + 1, t, M, STEP_L, i, j))),
        ),
        ((j, RM), (k, RM)),
        _vector_rnn(),
        VECTOR | {"y": (T, M)},
    ),
    Case(
        "chain table",
        Chain.over((r, *J), s, t, M, A3(r, *J), i, j),
        ((s, RT), (t, RT), (i, RM), (j, RM)),
        lone,
        {"A": (T, M, M)},
        extreme=False,
    ),
    Case(
        "whole chain",
        Sigma.over(j, one, M, Chain.over((r, *J), one, T, M, A3(r, *J), i, j)),
        ((i, RM),),
        lone,
        {"A": (T, M, M)},
        extreme=False,
    ),
    Case("LSTM", h(T), (), _lstm(), LSTM),
    Case("prefix sum", Sigma.over(s, one, t, x(s)), ((t, RT),), lone, {"x": (T,)}),
    Case("suffix product", Prod.over(s, t + 1, T, x(s)), ((t, RT),), lone, {"x": (T,)}, extreme=False),
    Case("window", Sigma.over(s, t, t, x(s)), ((t, RT),), lone, {"x": (T,)}),
    *DISCOUNTS,
    Case("reversed", x(T + 1 - t) * b(t), ((t, RT),), lone, {"x": (T,), "b": (T,)}),
    Case("lagged", Sigma.over(t, Integer(2), T, x(t) * x(t - 1)), (), lone, {"x": (T,)}),
    Case(
        "cases", Cases(z(i) ** 2, Step(z(i)), log(2 - z(i)), Step(-z(i), 1), Integer(0)), ((i, RK),), lone, {"z": (K,)}
    ),
    Case("constant", Integer(3) / K, ((i, RK), (j, RK)), lone, {"K": ()}),
    Case("GELU", GELU(Z) + Softplus(Z), (), Givens(), {"z": ()}),
    Case(
        "mixture",
        log(Sigma.over(k, one, K, y(k) * exp(-((mu - z(k)) ** 2) / 2))),
        (),
        CLASSES,
        {"z": (K,), "y": (K,), r"\mu": ()},
        positive=("y",),
        extreme=False,
    ),
    Case("diagonal", A3(t, i, i), ((t, RT), (i, RM)), lone, {"A": (T, M, M)}),
    Case("contrast", A3(t, j, i) - A3(t, i, j), ((i, RM), (t, RT), (j, RM)), lone, {"A": (T, M, M)}),
]


def _values(case: Case, at: dict[Symbol, int], rng: np.random.Generator, scale: float = 1.0) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, shape in case.shapes.items():
        if name == "K":
            continue
        value = rng.normal(size=tuple(at[d] for d in shape)) * (0.7 if name in ("W", "A", "w") else 1.0)
        found[name] = np.abs(value) + 0.1 if name in case.positive else value
        if name == "z" and scale != 1.0:
            found[name] = scale * np.sign(value) * rng.integers(0, 2, size=value.shape)
    return found


def _call(case: Case, values: dict[str, Any], at: dict[Symbol, int], labels: dict[str, int]) -> Any:
    f = generate(case.result, case.indices, case.givens).function()
    arguments = {k.replace("\\", ""): v for k, v in values.items()}
    if "K" in case.shapes:
        arguments["K"] = at[K]
    return f(**arguments, **{a: b - 1 for a, b in labels.items()})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_function_agrees_with_the_meaning_of_its_term(case: Case) -> None:
    mp.mp.dps = 30
    for seed, number in enumerate(case.sizes):
        rng = np.random.default_rng(seed)
        at = {K: number, M: min(number, 3), N: 3 if number > 1 else 1, T: number}
        labels = {a: int(rng.integers(1, at[b] + 1)) for a, b in case.labels.items()}
        values = _values(case, at, rng)
        found = _call(case, values, at, labels)
        wanted = World(case.givens, values, at, **labels).array(case.result, case.indices)
        assert np.shape(found) == np.shape(wanted)
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("case", DISCOUNTS, ids=lambda case: case.name)
def test_a_power_of_the_distance_in_time_is_carried_along_in_one_pass(case: Case) -> None:
    assert not re.search(r"range_results|\[:, None\]", generate(case.result, case.indices, case.givens).source)


@pytest.mark.parametrize("case", [c for c in CASES if c.extreme and "z" in c.shapes], ids=lambda case: case.name)
def test_a_function_is_right_at_logits_of_ten_thousand(case: Case) -> None:
    mp.mp.dps = 9000
    for seed in range(2):
        rng = np.random.default_rng(seed)
        at = {K: 4, M: 2, N: 2, T: 3}
        labels = {a: int(rng.integers(1, at[b] + 1)) for a, b in case.labels.items()}
        values = _values(case, at, rng, 1e4)
        found = _call(case, values, at, labels)
        wanted = World(case.givens, values, at, **labels).array(case.result, case.indices)
        assert np.all(np.isfinite(found))
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)
