"""What an expression looks like in LaTeX: textbook order, author's letters, and nothing ambiguous."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sympy import Abs, Add, E, Expr, Integer, Mul, Pow, Rational, exp, log, pi, sqrt, tanh
from write.samples import (
    CLASSES,
    CROSS_ENTROPY,
    HERE,
    MU,
    ONE,
    RECURRENCE,
    SIGMA,
    TIMES,
    K,
    L,
    T,
    b,
    h,
    i,
    j,
    k,
    p,
    s,
    t,
    u,
    w,
    x,
    y,
    z,
)

from symdl.language import (
    At,
    Cases,
    Chain,
    D,
    Delta,
    Determinant,
    DPlus,
    Inverse,
    Maximum,
    Minimum,
    Prod,
    Sigma,
    Step,
    family,
    index,
    scalar,
)
from symdl.language.functions import by_spelling
from symdl.problem import Definition, Givens, Relation
from symdl.write import latex_of, mathml_of, typst_of, unicode_of

logistic = by_spelling()["sigmoid"].head  # type: ignore[union-attr]
ReLU = by_spelling()["relu"].head  # type: ignore[union-attr]

TABLE = [
    ("a positive term leads", p(i) - y(i), r"p_i - y_i"),
    ("a negative first term moves back", -y(k) + p(k) * Sigma.over(j, ONE, K, y(j)), r"p_k \sum_{i=1}^{K} y_i - y_k"),
    ("one minus a square", 1 - h(t) ** 2, r"1 - h_t^2"),
    ("brackets after letters", p(i) * (Delta(i, k) - p(k)), r"p_i(\delta_{ik} - p_k)"),
    ("numbers under one root", x(i) * sqrt(2 * pi) / 3, r"\frac{1}{3} x_i \sqrt{2 \pi}"),
    ("numbers under one root below", -x(i) / sqrt(2 * pi), r"-\frac{x_i}{\sqrt{2 \pi}}"),
    ("numbers under a root below, a square of them outside", w / sqrt(8 * pi), r"\frac{w}{2 \sqrt{2 \pi}}"),
    ("numbers with one exponent", (2 * pi) ** (-T / 2), r"(2 \pi)^{-\frac{T}{2}}"),
    ("a quotient", exp(z(i)) / Sigma.over(j, ONE, K, exp(z(j))), r"\frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}"),
    ("the logarithm of a letter", y(k) * log(p(k)), r"y_k \log p_k"),
    ("the logarithm of a sum of terms", (1 - w) * log(1 - u), r"(1 - w) \log(1 - u)"),
    ("the logarithm of a square", log(SIGMA**2), r"\log \sigma^2"),
    ("the square of a logarithm", log(w) ** 2, r"(\log w)^2"),
    ("a logarithm that is not last", log(w) * Sigma.over(i, ONE, K, y(i)), r"\log(w) \sum_{i=1}^{K} y_i"),
    ("two sums multiplied", Sigma.over(i, ONE, K, y(i)) * Sigma.over(i, ONE, K, z(i)),
     r"\left(\sum_{i=1}^{K} z_i\right) \sum_{i=1}^{K} y_i"),
    ("a sum of a sum of terms", Sigma.over(k, ONE, K, p(k) - y(k)), r"\sum_{i=1}^{K} (p_i - y_i)"),
    ("a sum of negative terms", Sigma.over(k, ONE, K, -y(k)), r"\sum_{i=1}^{K} (-y_i)"),
    ("a bound letter avoids the free ones", y(i) * Sigma.over(k, ONE, K, y(k)), r"y_i \sum_{j=1}^{K} y_j"),
    ("a sum without one index", Sigma.over(j, ONE, K, (1 - Delta(j, k)) * z(j)), r"\sum_{i \neq k} z_i"),
    ("a sum without one index whose range does not show", Sigma.over(j, ONE, K, (1 - Delta(j, k)) * w),
     r"\sum_{i=1}^{K} w(1 - \delta_{ik})"),
    ("a product of factors", Sigma.over(t, ONE, T, x(t) * Prod.over(s, t + 1, T, w)),
     r"\sum_{t=1}^{T} x_t \prod_{s=t+1}^{T} w"),
    ("a derivative", D(L, z(i)), r"\frac{\partial L}{\partial z_i}"),
    ("a mixed second derivative", D(D(L, z(j)), z(i)), r"\frac{\partial^2 L}{\partial z_i \partial z_j}"),
    ("a repeated derivative", D(D(L, w), w), r"\frac{\partial^2 L}{\partial w^2}"),
    ("a repeated derivative by a family member", D(D(L, z(i)), z(i)), r"\frac{\partial^2 L}{\partial z_i^2}"),
    ("a derivative of a compound", D(w * u, w), r"\frac{\partial}{\partial w}[u w]"),
    ("the immediate derivative", DPlus(h(t), w), r"\frac{\partial^+ h_t}{\partial w}"),
    ("the chain rule from the outside in", D(p(k), z(i)) * D(L, p(k)),
     r"\frac{\partial L}{\partial p_k} \frac{\partial p_k}{\partial z_i}"),
    ("the chain rule along a recurrence", D(h(t), h(t - 1)) * D(h(t - 1), w),
     r"\frac{\partial h_t}{\partial h_{t-1}} \frac{\partial h_{t-1}}{\partial w}"),
    ("the author's order of terms", w * h(t - 1) + u * x(t) + b, r"w h_{t-1} + u x_t + b"),
    ("a half outside a bracketed term", Rational(1, 2) * w * (1 + u), r"\frac{1}{2} w(u + 1)"),
    ("a number and a bracket do not share a bar", w / (2 * L) + 1 / (2 * (1 + u) ** 2), None),
    ("a square root", sqrt(w) / u, r"\frac{\sqrt{w}}{u}"),
    ("a power of a function", tanh(w) ** 2, r"\tanh(w)^2"),
    ("the logistic function", logistic(w) * (1 - logistic(w)), r"\sigma(w)(1 - \sigma(w))"),
    ("a function word", ReLU(w), r"\operatorname{ReLU}(w)"),
    ("the larger of two", Maximum(0, w) ** 2, r"\max(0, w)^2"),
    ("an absolute value", Abs(w) ** 2 * u, None),
    ("an indicator", Step(w), r"\mathbf{1}[w > 0]"),
    ("an indicator with equality", Step(w - 1, 1), r"\mathbf{1}[w - 1 \geq 0]"),
    ("an indicator of a negative", Step(-w), r"\mathbf{1}[w < 0]"),
    ("a case split", Cases(w, Step(w), 0), r"\begin{cases} w & \text{if }w > 0 \\ 0 & \text{otherwise} \end{cases}"),
    ("a case split of indices", Cases(w, Delta(i, k), 0),
     r"\begin{cases} w & \text{if }i = k \\ 0 & \text{otherwise} \end{cases}"),
    ("an evaluation bar", At(D(L, w), w, Integer(0)), r"\left.\frac{\partial L}{\partial w}\right|_{w=0}"),
    ("an ordered product", Chain.over((t, i, j), k + 1, T, K, family("W", i, j) * w, i, j),
     r"\left[\prod_{t=T}^{k+1} [w W_{lm}]_{l,m=1}^K\right]_{ij}"),
    ("a label with a subscript", family("W_{hh}", i, j) ** 2, r"[W_{hh}]_{ij}^2"),
    ("a name with a prime", scalar("z'") ** 2, r"(z')^2"),
    ("a name with a subscript", scalar(r"\sigma_1") ** 2, r"\sigma_1^2"),
    ("indices that are numbers", family("V", ONE, Integer(2)), r"V_{1,2}"),
    ("a power of a number", K * 2 ** K, r"2^K K"),
    ("constants", 2 * pi + E, None),
    ("a negative exponent that is a letter", w ** -K, r"w^{-K}"),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "expected"), [c[1:] for c in TABLE if c[2]], ids=[c[0] for c in TABLE if c[2]])
def test_an_expression_prints_as_in_a_textbook(expr: Expr, expected: str) -> None:
    givens = RECURRENCE if "h_" in expected or "x_t" in expected else CROSS_ENTROPY
    assert latex_of(expr, givens) == expected


@pytest.mark.parametrize("expr", [c[1] for c in TABLE], ids=[c[0] for c in TABLE])
def test_every_format_prints_every_kind_of_expression(expr: Expr) -> None:
    assert typst_of(expr, CROSS_ENTROPY)
    assert mathml_of(expr, CROSS_ENTROPY).startswith("<math")
    assert "\n" not in unicode_of(expr, CROSS_ENTROPY)
    assert unicode_of(expr, CROSS_ENTROPY, flat=False)


def test_what_is_made_of_a_matrix_prints_with_its_entries_or_its_name() -> None:
    matrix = (i, j), ONE, K, p(i) * p(j) + Delta(i, j)
    shown = r"[p_j p_l + \delta_{jl}]_{j,l=1}^K"
    assert latex_of(Inverse.over(*matrix, k, s), GIVENS, FREE) == rf"[({shown})^{{-1}}]_{{ks}}"
    assert latex_of(Determinant.over(*matrix), GIVENS, FREE) == rf"\det({shown})"
    assert latex_of(Determinant.over(*matrix[:3], family("W", i, j)), GIVENS, FREE) == r"\det W"


def test_distinct_expressions_print_apart() -> None:
    printed = [latex_of(c[1], CROSS_ENTROPY) for c in TABLE]
    assert len(set(printed)) == len(printed)


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        (Relation(w, "!=", u), r"w \neq u"),
        (Relation(w, "~", Rational(1, 3)), r"w \approx \frac{1}{3}"),
        (Relation(w, "<=", ONE), r"w \leq 1"),
    ],
)
def test_a_relation_prints_with_its_sign(relation: Relation, expected: str) -> None:
    assert latex_of(relation, Givens()) == expected


def test_the_author_s_spelling_is_kept() -> None:
    givens = Givens(spelling={"log": "ln", "d": "d"})
    assert latex_of(D(L, w) * log(u), givens) == r"\frac{dL}{dw} \ln u"


def test_a_letter_that_is_a_quantity_is_not_printed_as_a_constant_or_function() -> None:
    taken = Givens(families={scalar("e"): (CLASSES,), scalar(r"\sigma"): (CLASSES,), scalar(r"\delta"): (CLASSES,)})
    assert latex_of(exp(w), taken) == r"\exp(w)"
    assert latex_of(logistic(w), taken) == r"\operatorname{sigmoid}(w)"
    assert latex_of(Delta(i, k), taken) == r"\mathbf{1}[i = k]"


def test_a_superscript_index_is_printed_where_the_author_writes_it() -> None:
    written = r"\hat{y}^{(n)} = w x^{(n)}_1 + b"
    n = index("n")
    body = w * family("x", n, ONE) + b
    givens = Givens(
        definitions=(Definition(scalar(r"\hat{y}"), (n,), body, {n: CLASSES}, written, HERE),),
        families={scalar("x"): (CLASSES, CLASSES), scalar(r"\hat{y}"): (CLASSES,), scalar("y"): (CLASSES,)},
    )
    assert latex_of(family("x", n, i), givens) == r"x_i^{(n)}"
    assert latex_of(family("x", n, i) ** 2, givens) == r"(x_i^{(n)})^2"
    assert latex_of(family(r"\hat{y}", n), givens) == r"\hat{y}^{(n)}"
    assert latex_of(family("y", n), givens) == "y_n"


@pytest.mark.parametrize(
    "name", [r"\input{/etc/passwd}", "a_b$", "<script>", "$", "x}{", "\\", "", "two words", "\u202e"]
)
def test_a_hostile_name_stays_inert(name: str) -> None:
    symbol = scalar(name)
    assert r"\input{" not in latex_of(symbol, Givens())
    assert "<script" not in mathml_of(symbol, Givens())
    assert latex_of(symbol, Givens()).count("{") >= latex_of(symbol, Givens()).count("\\}") >= 0
    assert unicode_of(symbol, Givens()) is not None


def test_two_dimensional_text_stacks_fractions_and_limits() -> None:
    expected = """\
    zᵢ
   e
 ───────
  K   zⱼ
  ∑  e
 j=1"""
    softmax = exp(z(i)) / Sigma.over(j, ONE, K, exp(z(j)))
    assert unicode_of(softmax, CROSS_ENTROPY, flat=False) == expected


FREE = {i: CLASSES, k: CLASSES, t: TIMES}
GIVENS = Givens(
    definitions=CROSS_ENTROPY.definitions + RECURRENCE.definitions,
    families={
        **CROSS_ENTROPY.families,
        **RECURRENCE.families,
        **{scalar(n): (CLASSES, CLASSES) for n in ("V", "W_{hh}")},
    },
    letters={**CROSS_ENTROPY.letters, **RECURRENCE.letters},
)


def _compound(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda c: Add(*c)),
        pairs.map(lambda c: Mul(*c)),
        st.tuples(inner, inner, inner).map(lambda c: Mul(c[0], Add(c[1], c[2]))),
        st.tuples(inner, st.sampled_from([2, 3, -1, -2])).map(lambda c: Pow(1 + c[0] ** 2, c[1])),
        inner.map(exp),
        inner.map(lambda e: log(1 + e**2)),
        inner.map(tanh),
        inner.map(logistic),
        inner.map(lambda e: Sigma.over(k, ONE, K, e)),
        inner.map(lambda e: Prod.over(k, ONE, K, e)),
        inner.map(lambda e: Sigma.over(t, ONE, T, e)),
        inner.map(lambda e: D(e, w)),
        inner.map(lambda e: D(e, z(i))),
        pairs.map(lambda c: Maximum(*c)),
        inner.map(lambda e: Step(e + w)),
        pairs.map(lambda c: Cases(c[0], Step(w - u), c[1])),
        pairs.map(lambda c: c[0] / (1 + c[1] ** 2)),
        pairs.map(lambda c: c[0] * log(2 + c[1] ** 2)),
        pairs.map(lambda c: Minimum(*c)),
        inner.map(lambda e: sqrt(1 + e**2)),
        inner.map(lambda e: Pow(1 + e**2, Rational(-3, 2))),
        inner.map(lambda e: log(e**2 + 1) ** 2),
        inner.map(lambda e: Abs(w) * e),
        inner.map(ReLU),
        inner.map(lambda e: D(D(L, z(i)), w) * e),
        inner.map(lambda e: DPlus(h(t), w) * e),
        inner.map(lambda e: Sigma.over(k, ONE, K, (1 - Delta(k, i)) * z(k) * e)),
        inner.map(lambda e: Step(e - u, 1)),
        inner.map(lambda e: At(e, w, ONE)),
        inner.map(lambda e: Sigma.over(s, t + 1, T, h(s - 1) * e)),
    )


ATOMS = st.sampled_from(
    [w, u, b, L, z(i), y(k), p(i), h(t), h(t - 1), x(t), Delta(i, k), MU, Integer(2), Integer(-1), Rational(1, 2), p(k)]
)
EXPRESSIONS = st.recursive(ATOMS, _compound, max_leaves=8)


@settings(max_examples=80, phases=[Phase.explicit, Phase.generate])
@given(EXPRESSIONS)
def test_every_format_prints_any_expression(expr: Expr) -> None:
    printed = latex_of(expr, GIVENS, FREE)
    assert printed.count("{") == printed.count("}")
    assert printed.count(r"\left") == printed.count(r"\right")
    assert mathml_of(expr, GIVENS, FREE).count("<mrow>") == mathml_of(expr, GIVENS, FREE).count("</mrow>")
    assert typst_of(expr, GIVENS, FREE)
    assert len({len(unicode_of(expr, GIVENS, FREE))}) == 1


@settings(max_examples=120, phases=[Phase.explicit, Phase.generate])
@given(EXPRESSIONS)
def test_what_is_printed_reads_back(expr: Expr) -> None:
    read = pytest.importorskip("symdl.read", exc_type=ImportError)
    if not hasattr(read, "read_expression"):
        pytest.skip("symdl.read has no read_expression")
    assert read.read_expression(latex_of(expr, GIVENS, FREE), GIVENS, FREE) == expr


@pytest.mark.parametrize(
    "expr",
    [c[1] for c in TABLE],
    ids=[c[0] for c in TABLE],
)
def test_the_table_reads_back(expr: Expr) -> None:
    read = pytest.importorskip("symdl.read", exc_type=ImportError)
    if not hasattr(read, "read_expression"):
        pytest.skip("symdl.read has no read_expression")
    assert read.read_expression(latex_of(expr, GIVENS, FREE), GIVENS, FREE) == expr
