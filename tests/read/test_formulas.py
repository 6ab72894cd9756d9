"""Formulas and the expressions that they mean."""

from __future__ import annotations

import pytest
from sympy import Abs, Expr, Integer, Pow, Rational, cos, cosh, exp, log, pi, sin, sqrt, tanh

from symdl.errors import ReadError
from symdl.language import (
    At,
    Cases,
    D,
    Delta,
    DPlus,
    Maximum,
    Minimum,
    Prod,
    Sigma,
    Step,
    family,
    index,
    scalar,
    size,
)
from symdl.language.functions import records
from symdl.problem import Range
from symdl.read import problem_from, read_expression

SIGMOID = records()["sigmoid"].head
RELU = records()["relu"].head
SOFTPLUS = records()["softplus"].head
LEAKY = records()["leaky_relu"].head

CONTEXT = problem_from(
    [
        r"p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}",
        r"L = -\sum_k t_k \log p_k",
        r"h_\tau = \tanh(w h_{\tau-1} + u x_\tau), \quad \tau = 1, \dots, T",
        r"W \in \mathbb{R}^{K \times d}",
        r"v \in \mathbb{R}^d",
        r"f(a) = a^2 + 1",
        r"W_{hh} \in \mathbb{R}^{d \times d}",
        r"X^{(n)}_i \in \mathbb{R}, \quad n = 1, \dots, N, \quad i = 1, \dots, d",
    ],
    ["L"],
).givens

a, b, c, q, r, w, u, L, mu, y_hat = map(scalar, ["a", "b", "c", "q", "r", "w", "u", "L", r"\mu", r"\hat{y}"])
i, j, k, n, m = map(index, "ijknm")
K, T, N, d = map(size, ["K", "T", "N", "d"])


def p(*at: Expr) -> Expr:
    return family("p", *at)


def z(*at: Expr) -> Expr:
    return family("z", *at)


def t(*at: Expr) -> Expr:
    return family("t", *at)


def h(*at: Expr) -> Expr:
    return family("h", *at)


def X(*at: Expr) -> Expr:
    return family("X", *at)


def W(*at: Expr) -> Expr:
    return family("W", *at)


def v(*at: Expr) -> Expr:
    return family("v", *at)


def total(letter: Expr, body: Expr, hi: Expr = K, lo: Expr | int = 1) -> Expr:
    return Sigma.over(letter, Integer(lo) if isinstance(lo, int) else lo, hi, body)


SCALARS = [
    ("a + b", a + b),
    ("a - b - c", a - b - c),
    ("-a", -a),
    ("--a", a),
    ("- -a + +b", a + b),
    ("a b c", a * b * c),
    (r"a \cdot b", a * b),
    (r"a \times b", a * b),
    ("a * b", a * b),
    ("a / b", a / b),
    ("1/2 a", a / 2),
    ("1/(2 a) b", b / (2 * a)),
    ("a / f(a) b", a * b / scalar("f")),
    (r"1/N \sum_k z_k", Sigma.over(index("k"), Integer(1), size("K"), family("z", index("k"))) / size("N")),
    (r"a \div b", a / b),
    ("a / (b c)", a / (b * c)),
    (r"a \cdot (-b)", -a * b),
    (r"a \cdot -b", -a * b),
    (r"\frac{a}{b}", a / b),
    (r"\frac ab", a / b),
    (r"\frac12", Rational(1, 2)),
    (r"\tfrac{1}{2} a", a / 2),
    (r"\dfrac{a + b}{c}", (a + b) / c),
    (r"\frac1N", 1 / N),
    ("a^2", a**2),
    ("a^{b + c}", a ** (b + c)),
    ("a^23", 3 * a**2),
    ("2^{-1}", Rational(1, 2)),
    ("(a + b)^2", (a + b) ** 2),
    ("a^{b^c}", a ** (b**c)),
    (r"\left(a + b\right) c", (a + b) * c),
    (r"\bigl(a + b\bigr) c", (a + b) * c),
    ("[a + b] c", (a + b) * c),
    (r"\{a + b\} c", (a + b) * c),
    ("{a + b} c", (a + b) * c),
    (r"a\,b\;c\!", a * b * c),
    ("a ~ b", a * b),
    (r"\sqrt{a}", sqrt(a)),
    (r"\sqrt[3]{a}", a ** Rational(1, 3)),
    (r"\sqrt a b", sqrt(a) * b),
    ("0.5 a", a / 2),
    (".25", Rational(1, 4)),
    ("1,000,000", Integer(1000000)),
    ("10{,}000", Integer(10000)),
    (r"2.5 \times 10^7", Integer(25000000)),
    ("0.1 + 0.2", Rational(3, 10)),
    (r"10^{-3}", Rational(1, 1000)),
    ("e", exp(1)),
    ("e^{-a}", exp(-a)),
    ("e^a b", exp(a) * b),
    ("e^{(a)}", exp(a)),
    (r"\exp(-a)", exp(-a)),
    (r"\exp a", exp(a)),
    (r"\exp\left\{-a\right\}", exp(-a)),
    ("exp(a)", exp(a)),
    (r"\pi", pi),
    (r"2\pi a^2", 2 * pi * a**2),
    (r"\log a", log(a)),
    (r"\log(a b)", log(a * b)),
    (r"\log a b", log(a * b)),
    (r"a \log b", a * log(b)),
    (r"\log a + b", log(a) + b),
    (r"\log a \cdot b", log(a) * b),
    (r"\log a \log b", log(a) * log(b)),
    (r"-\log\frac{a}{b}", -log(a / b)),
    (r"\log a^2", log(a**2)),
    (r"\log^2 a", log(a) ** 2),
    (r"\log(a)^2", log(a) ** 2),
    (r"\log 2\pi a^2", log(2 * pi * a**2)),
    (r"\ln a", log(a)),
    ("ln(a)", log(a)),
    (r"\log_2 a", log(a) / log(2)),
    (r"\log_{10}(a)", log(a) / log(10)),
    (r"\lg a", log(a) / log(10)),
    (r"\log\log a", log(log(a))),
    (r"\tanh(a)", tanh(a)),
    (r"\tanh^2(a)", tanh(a) ** 2),
    (r"\tanh a", tanh(a)),
    (r"\sin a \cos b", sin(a) * cos(b)),
    (r"\cosh(a)^{-2}", cosh(a) ** -2),
    (r"\sigma(a)", SIGMOID(a)),
    (r"\sigma(w a + b)", SIGMOID(w * a + b)),
    (r"\sigma(-a)(1 - \sigma(a))", SIGMOID(-a) * (1 - SIGMOID(a))),
    (r"\sigma(a)^2", SIGMOID(a) ** 2),
    (r"\sigma^2(a)", SIGMOID(a) ** 2),
    (r"\sigma\left(a\right)", SIGMOID(a)),
    (r"\log\sigma(a)", log(SIGMOID(a))),
    (r"b \log \sigma(a) + c", b * log(SIGMOID(a)) + c),
    (r"\operatorname{sigmoid}(a)", SIGMOID(a)),
    (r"\text{ReLU}(a)", RELU(a)),
    (r"\mathrm{ReLU}(a) b", RELU(a) * b),
    ("ReLU(a)", RELU(a)),
    (r"\operatorname{softplus}(a)", SOFTPLUS(a)),
    (r"\operatorname{LeakyReLU}(a, b)", LEAKY(a, b)),
    (r"\max(0, a)", Maximum(0, a)),
    (r"\max(0, a)^2", Maximum(0, a) ** 2),
    (r"\max\{0, 1 - a\}", Maximum(0, 1 - a)),
    (r"\min(a, b, c)", Minimum(a, b, c)),
    ("|a|", Abs(a)),
    ("a|b|", a * Abs(b)),
    (r"\left|a - b\right|^2", Abs(a - b) ** 2),
    (r"\lvert a \rvert", Abs(a)),
    ("||a| - b|", Abs(Abs(a) - b)),
    (r"\hat y", y_hat),
    (r"\hat{y}^2", y_hat**2),
    (r"(\hat y - a)^2", (y_hat - a) ** 2),
    (r"\bar{a}", scalar(r"\bar{a}")),
    ("a'", scalar("a'")),
    ("a^{\\prime}", scalar("a'")),
    ("a^*", scalar("a^*")),
    (r"\mathbf{a} a", scalar(r"\mathbf{a}") * a),
    (r"\boldsymbol{\theta}", scalar(r"\boldsymbol{\theta}")),
    (r"\mathcal{L}", scalar(r"\mathcal{L}")),
    (r"\ell", scalar(r"\ell")),
    ("a_1", scalar("a_1")),
    ("a_{1}", scalar("a_1")),
    ("a_{hh}", scalar("a_{hh}")),
    (r"a_{\text{in}}", scalar(r"a_{\text{in}}")),
    (r"a_{\mathrm{in}}", scalar(r"a_{\text{in}}")),
    ("a^{(1)}", scalar("a^{(1)}")),
    ("a_1^{(2)}", scalar("a^{(2)}_1")),
    ("a^{(2)}_1", scalar("a^{(2)}_1")),
    (r"\mu_q", scalar(r"\mu_q")),
    (r"q_\phi", scalar(r"q_{\phi}")),
    (r"\underbrace{a + b}_{\text{sum}} c", (a + b) * c),
    (r"\boxed{a}", a),
    (r"\displaystyle a", a),
    ("−a × b · c", -a * b * c),
    ("α + β²", scalar(r"\alpha") + scalar(r"\beta") ** 2),
    (r"\begin{cases} a & a > 0 \\ b a & \text{otherwise} \end{cases}", Cases(a, Step(a, 0), b * a)),
    (r"\begin{cases} a & \text{if } a \ge 0, \\ b & \text{if } a < 0 \end{cases}", Cases(a, Step(a, 1), b)),
    (r"\mathbf{1}[a > 0]", Step(a, 0)),
    (r"\mathbb{1}\{a \geq b\}", Step(a - b, 1)),
    (r"\mathbf 1[a < b]", Step(b - a, 0)),
    (r"\mathbf{1}_{a > 0} b", Step(a, 0) * b),
]

DERIVATIVES = [
    (r"\frac{\partial L}{\partial a}", D(L, a)),
    (r"\frac{dL}{da}", D(L, a)),
    (r"\frac{\mathrm{d}L}{\mathrm{d}a}", D(L, a)),
    ("dL/da", D(L, a)),
    (r"\partial L/\partial a", D(L, a)),
    (r"b\, dL/da", b * D(L, a)),
    (r"\frac{dL}{da} \cdot \frac{da}{db}", D(L, a) * D(a, b)),
    (r"\frac{\partial^2 L}{\partial a \partial b}", D(D(L, b), a)),
    (r"\frac{\partial^2 L}{\partial a^2}", D(D(L, a), a)),
    (r"\frac{d^2 L}{da^2}", D(D(L, a), a)),
    (r"\frac{\partial^3 L}{\partial a^2 \partial b}", D(D(D(L, b), a), a)),
    (r"\frac{\partial}{\partial a}\left[a b\right]", D(a * b, a)),
    (r"\frac{\partial}{\partial a} \log b + c", D(log(b), a) + c),
    (r"\frac{d}{da}(a^2) b", b * D(a**2, a)),
    (r"\frac{\partial (a b)}{\partial a}", D(a * b, a)),
    (r"\frac{d\sigma(a)}{da}", D(SIGMOID(a), a)),
    (r"\sigma'(a)", D(SIGMOID(a), a)),
    (r"\sigma''(a)", D(D(SIGMOID(a), a), a)),
    (r"\sigma'(a + b)", At(D(SIGMOID(scalar("u'")), scalar("u'")), scalar("u'"), a + b)),
    (r"\operatorname{ReLU}'(a)", D(RELU(a), a)),
    (r"\tanh'(a)", D(tanh(a), a)),
    ("f'(a)", D(scalar("f"), a)),
    ("f(a)", scalar("f")),
    ("f(3 b)", 9 * b**2 + 1),
    ("f'(b)", At(D(scalar("f"), a), a, b)),
    (r"\frac{\partial^+ L}{\partial a}", DPlus(L, a)),
    (r"\frac{\partial^{+} L}{\partial a}", DPlus(L, a)),
    (r"\frac{\partial L}{\partial z_i}", D(L, z(i))),
    (r"\frac{\partial p_k}{\partial z_i}", D(p(k), z(i))),
    (r"\frac{\partial^2 L}{\partial z_i \partial z_j}", D(D(L, z(j)), z(i))),
    (r"\frac{\partial h_T}{\partial h_k}", D(h(T), h(k))),
    (r"\frac{\partial L}{\partial (\mu^2)}", D(L, mu) / (2 * mu)),
    (r"\frac{\partial L}{\partial \mu^2}", D(L, mu) / (2 * mu)),
    (r"\frac{\partial L}{\partial \log \mu^2}", D(L, mu) * mu / 2),
    (r"\frac{dL}{da}\Big|_{a=1}", At(D(L, a), a, Integer(1))),
    (r"\left.\frac{dL}{da}\right|_{a=1, b=2}", At(D(L, a), a, Integer(1), b, Integer(2))),
    (r"c \frac{dL}{da}\bigg|_{a=0}", c * At(D(L, a), a, Integer(0))),
]

FAMILIES = [
    ("p_i", p(i)),
    ("p_1", p(Integer(1))),
    ("z_K", z(K)),
    ("h_0", h(Integer(0))),
    ("h_{k-1}", h(k - 1)),
    ("h_{T}", h(T)),
    ("W_{ij}", W(i, j)),
    ("W_{i,j}", W(i, j)),
    ("W_{i j}", W(i, j)),
    ("W_{11}", W(Integer(1), Integer(1))),
    ("W_{hh,ij}", family("W_{hh}", i, j)),
    ("(W_{hh})_{ij}", family("W_{hh}", i, j)),
    ("X^{(n)}_i", X(n, i)),
    ("X_i^{(n)}", X(n, i)),
    ("X_i^{(1)}", X(Integer(1), i)),
    ("p_i^2", p(i) ** 2),
    ("p^2_i", p(i) ** 2),
    (r"\delta_{ij}", Delta(i, j)),
    (r"\delta_{i,j}", Delta(i, j)),
    (r"p_i(\delta_{ij} - p_j)", p(i) * (Delta(i, j) - p(j))),
    (r"\mathbf{1}[i = j] p_i", Delta(i, j) * p(i)),
    (r"\mathbf{1}[i \neq j]", 1 - Delta(i, j)),
    (r"\sum_{k=1}^{K} z_k", total(k, z(k))),
    (r"\sum_k z_k", total(k, z(k))),
    (r"\sum\limits_{k=1}^K z_k", total(k, z(k))),
    (r"\sum_k z_k + a", total(k, z(k)) + a),
    (r"\sum_k a z_k b", total(k, a * b * z(k))),
    (r"a \sum_k z_k", a * total(k, z(k))),
    (r"-\sum_k -z_k", -total(k, -z(k))),
    (r"\sum_k (z_k + a)", total(k, z(k) + a)),
    (r"\sum_{k \neq i} z_k", total(k, (1 - Delta(i, k)) * z(k))),
    (r"\sum_{k=1, k \neq i}^{K} z_k", total(k, (1 - Delta(i, k)) * z(k))),
    (r"\sum_{i,j} W_{ij}", total(i, total(j, W(i, j), d))),
    (r"\sum_i \sum_j W_{ij} v_j", total(i, total(j, W(i, j) * v(j), d))),
    (r"\sum_i z_i \sum_j z_j", total(i, z(i) * total(j, z(j)))),
    (r"\left(\sum_i z_i\right) \sum_j z_j", total(i, z(i)) * total(j, z(j))),
    (r"\sum_k t_k \log p_k", total(k, t(k) * log(p(k)))),
    (r"\sum_{k=1}^{T} k h_k", total(k, k * h(k), T)),
    (r"\sum_{k=2}^{T} h_{k-1}", total(k, h(k - 1), T, 2)),
    (r"\sum_{k=1}^{T} \prod_{j=k+1}^{T} h_j", total(k, Prod.over(j, k + 1, T, h(j)), T)),
    (r"\prod_{k} p_k^{t_k}", Prod.over(k, Integer(1), K, Pow(p(k), t(k)))),
    (r"\sum_{j > i} z_j", total(j, z(j), K, i + 1)),
    (r"\sum_{1 \le j \le K} z_j", total(j, z(j))),
    (r"z_1 + \dots + z_K", total(k, z(k))),
    (r"z_1 + z_2 + \dots + z_K", total(k, z(k))),
    (r"a + z_1 + \cdots + z_K", a + total(k, z(k))),
    (r"e^{z_1} + \dots + e^{z_K}", total(k, exp(z(k)))),
    (r"p_1 p_2 \cdots p_K", Prod.over(k, Integer(1), K, p(k))),
    (r"\frac{e^{z_i}}{\sum_j e^{z_j}}", exp(z(i)) / total(j, exp(z(j)))),
    (r"\log\sum_j e^{z_j}", log(total(j, exp(z(j))))),
    (r"\operatorname{logsumexp}(z)", log(total(j, exp(z(j))))),
    (r"\|v\|^2", total(j, v(j) ** 2, d)),
    (r"\|v\|_2^2", total(j, v(j) ** 2, d)),
    (r"\lVert v \rVert", sqrt(total(j, v(j) ** 2, d))),
    (r"\|v\|_1", total(j, Abs(v(j)), d)),
    (r"\|W\|_F^2", total(i, total(j, W(i, j) ** 2, d))),
    (r"v^\top v", total(j, v(j) ** 2, d)),
    (r"(W v)_i", total(j, W(i, j) * v(j), d)),
    (r"[W v]_{i}", total(j, W(i, j) * v(j), d)),
    (r"z^\top W v", total(j, v(j) * total(i, z(i) * W(i, j)), d)),
    (r"\mathbf{1}^\top z", total(i, z(i))),
    (r"\operatorname{diag}(p)_{ij}", Delta(i, j) * p(i)),
    (r"(\operatorname{diag}(p) - p p^\top)_{ij}", Delta(i, j) * p(i) - p(i) * p(j)),
    (r"(\operatorname{softmax}(z))_i", exp(z(i)) / total(j, exp(z(j)))),
    (r"(p \odot z)_i", p(i) * z(i)),
    (r"(\nabla_z L)_i", D(L, z(i))),
    (r"(\tanh(W v))_i", tanh(total(j, W(i, j) * v(j), d))),
    (r"(I - p p^\top)_{ij}", Delta(i, j) - p(i) * p(j)),
    (r"\operatorname{tr}(W_{hh})", total(i, family("W_{hh}", i, i), d)),
]


@pytest.mark.parametrize(("latex", "expected"), [*SCALARS, *DERIVATIVES], ids=lambda x: x if isinstance(x, str) else "")
def test_a_formula_of_scalars_is_read(latex: str, expected: Expr) -> None:
    assert read_expression(latex, CONTEXT) == expected


@pytest.mark.parametrize(("latex", "expected"), FAMILIES, ids=lambda x: x if isinstance(x, str) else "")
def test_a_formula_of_families_is_read(latex: str, expected: Expr | None) -> None:
    if expected is None:
        with pytest.raises(ReadError):
            read_expression(latex, CONTEXT)
    else:
        assert read_expression(latex, CONTEXT) == expected


def test_free_letters_take_the_ranges_they_are_given() -> None:
    found = read_expression(r"\sum_{j=1}^{i} z_j", CONTEXT, {i: Range(Integer(1), K)})
    assert found == Sigma.over(j, Integer(1), i, z(j))
