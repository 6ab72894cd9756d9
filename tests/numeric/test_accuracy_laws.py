"""Every law of the stability pass, and every rewriting it makes, is an identity that the judge proves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from sympy import Add, Expr, Function, Integer, Mul, Symbol, cosh, exp, log, sinh, sqrt, tanh

from symdl.errors import NoFunctionError
from symdl.judge import decide
from symdl.language import Chain, Delta, Maximum, Sigma, family, free_symbols, index, put, scalar, size
from symdl.language.functions.sigmoid import Sigmoid
from symdl.laws import Hole
from symdl.numeric import generate
from symdl.numeric.inputs import Book
from symdl.numeric.laws import SUMMATIONS, StableLaw, stable_laws
from symdl.numeric.program import is_axis
from symdl.numeric.stable import Rewriter
from symdl.numeric.terms import (
    Apart,
    ExpGap,
    Expm1,
    LessMean,
    Log1p,
    LogCosh,
    LogGap,
    LogProduct,
    LogRatio,
    RootGap,
    Sech,
    Sech2,
    meaning,
)
from symdl.problem import Givens, Range, Relation
from symdl.read import problem_from

K, T = size("K"), size("T")
i, j, k, y = (index(x) for x in "ijky")
one = Integer(1)
IN_K = Range(one, K)
CLASSES = Givens(families={scalar("z"): (IN_K,), scalar("y"): (IN_K,)})


def _named(law: StableLaw) -> dict[Expr, Expr]:
    return {h: scalar(f"h{h.name}") for h in free_symbols(law.lhs) | free_symbols(law.rhs) if isinstance(h, Hole)}


def _answers(law: StableLaw, rhs: Expr) -> set[str]:
    """What the judge says of a law with this right side and plain quantities, of either sign if allowed, in it."""
    is_family = law in SUMMATIONS
    found = set()
    for signs in product((1, -1), repeat=len(law.nonzero)):
        names = _named(law)
        conditions = [Relation(put(p, names), ">", Integer(0)) for p in law.positive]
        conditions += [Relation(names[p], ">", Integer(0)) for p in law.nonzero]
        names.update({p: sign * names[p] for p, sign in zip(law.nonzero, signs, strict=True)})
        sides = [meaning(put(side, names)) for side in (law.lhs, rhs)]
        decision = decide(*sides, CLASSES if is_family else Givens(), {k: IN_K} if is_family else {}, conditions)
        found.add(decision.answer)
    return found


@pytest.mark.parametrize("law", stable_laws(), ids=lambda law: law.id)
def test_the_judge_proves_the_law(law: StableLaw) -> None:
    assert _answers(law, law.rhs) == {"proved"}


@pytest.mark.parametrize("law", stable_laws(), ids=lambda law: law.id)
def test_the_judge_proves_no_other_right_side(law: StableLaw) -> None:
    assert _answers(law, law.rhs + Integer(1)) == {"refuted"}


def test_ids_are_different_and_every_law_says_why() -> None:
    laws = stable_laws()
    assert len({law.id for law in laws}) == len(laws)
    assert all(law.because for law in laws)


# What is made of terms: by value the judge says, by form these tables

u, v, w, x, z = (scalar(name) for name in "uvwxz")


def _rewriter(*definitions: Any, **letters: Range) -> Rewriter:
    return Rewriter(Book(Givens(definitions=definitions), frozenset()), {}, {})


@pytest.mark.parametrize(
    ("term", "wanted"),
    [
        (exp(u) - 1, Expm1(u)),
        (3 * x - 3 * x * exp(u), -3 * x * Expm1(u)),
        (x - 2 * x * Sigmoid(u), -x * tanh(u / 2)),
        (1 - tanh(u) ** 2, Sech2(u)),
        (w * Sigmoid(u) - w * Sigmoid(-u), w * tanh(u / 2)),
        (x**2 - 2 * x * z + z**2, (x - z) ** 2),
        (x / w - z / w, (x - z) / w),
        (exp(u) - exp(v), ExpGap(Apart(u, v)) * exp(Maximum(u, v))),
        (2 * x * exp(v) - 2 * x * exp(u), 2 * x * ExpGap(Apart(v, u)) * exp(Maximum(v, u))),
        (sqrt(1 + x) - 1, RootGap(sqrt(1 + x), one, x)),
        (3 - 3 * sqrt(1 - x), -3 * RootGap(sqrt(1 - x), one, -x)),
        (w * sqrt(x**2 + z**2) - w * x, w * RootGap(sqrt(x**2 + z**2), x, z**2)),
        (sqrt(x + 1) - sqrt(x), RootGap(sqrt(x + 1), sqrt(x), one)),
        (sqrt(1 + x) + 1, sqrt(1 + x) + 1),
        (sqrt(1 + x) - 2, sqrt(1 + x) - 2),
        (sqrt(x + z) - x, sqrt(x + z) - x),
        (sqrt(1 + x) - z, sqrt(1 + x) - z),
        (2 * exp(u) - exp(v), 2 * exp(u) - exp(v)),
        (x * exp(u) - z * exp(v), x * exp(u) - z * exp(v)),
        (x + z, x + z),
        (x**2 + z**2, x**2 + z**2),
        (exp(u) + 1, exp(u) + 1),
        (1 - Sigmoid(u) * Sigmoid(v), 1 - Sigmoid(u) * Sigmoid(v)),
    ],
    ids=str,
)
def test_a_sum_takes_the_form_that_keeps_its_digits(term: Expr, wanted: Expr) -> None:
    assert _rewriter().total(term) == wanted


@pytest.mark.parametrize(
    ("term", "wanted"),
    [
        (log(1 + x), Log1p(x)),
        (log(x / z), LogRatio(x, z)),
        (log(x + z), log(x + z)),
        (log(2 * x), log(2 * x)),
        (log(x * z), LogProduct(x * z, Integer(1))),
        (log(x**2 * z / w), LogProduct(x**2 * z, w)),
        (log(cosh(x)), LogCosh(x)),
        (log(sinh(x)), x + LogGap(2 * x) - log(Integer(2))),
        (log(1 - exp(x)), LogGap(-x)),
        (log(exp(x) - 1), x + LogGap(x)),
        (log(x - exp(z)), log(x - exp(z))),
        (log(sqrt(x)), log(sqrt(x))),
    ],
    ids=str,
)
def test_a_logarithm_takes_the_form_that_keeps_its_digits(term: Expr, wanted: Expr) -> None:
    assert _rewriter().logarithm(term) == wanted


@pytest.mark.parametrize(
    ("term", "wanted"),
    [
        (sinh(x) / cosh(x) ** 2, tanh(x) * Sech(x)),
        (cosh(x) / sinh(x), 1 / tanh(x)),
        (cosh(x) ** 2 * sinh(x), cosh(x) ** 2 * sinh(x)),
        (exp(x) / (exp(x) - 1), exp(x - Maximum(x, 0)) / ExpGap(x)),
        (z * (exp(x) - 1), z * (exp(x) - 1)),
    ],
    ids=str,
)
def test_a_product_takes_the_form_that_does_not_overflow(term: Expr, wanted: Expr) -> None:
    assert Mul(*(b**n for b, n in _rewriter().product(term))) == wanted


def test_a_difference_from_another_mean_is_left_alone() -> None:
    total = Sigma.over(j, one, K, family("z", j))
    rewriter = Rewriter(Book(CLASSES, frozenset()), {i: IN_K}, {})
    assert rewriter.total(3 * family("z", i) - 3 * total / K) == 3 * LessMean(i, total)
    for term in (family("z", i) - total, family("z", i) - 2 * total / K, family("y", i) - total / K):
        assert rewriter.total(term) == term


SOFTMAX = [r"p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}"]
PROBLEMS: dict[str, tuple[list[str], list[str]]] = {
    "sigmoid": ([r"a = \frac{1}{1+e^{-z}}"], [r"\frac{\partial^2 a}{\partial z^2}"]),
    "tanh": ([r"h = \frac{e^z-e^{-z}}{e^z+e^{-z}}"], ["h", r"\frac{\partial^2 h}{\partial z^2}"]),
    "SiLU": ([r"h = \frac{x}{1+e^{-x}}"], [r"\frac{\partial h}{\partial x}", r"\frac{\partial^2 h}{\partial x^2}"]),
    "softmax": (
        [r"p_i = \frac{e^{z_i/\tau}}{\sum_{j=1}^{K} e^{z_j/\tau}}"],
        ["p_i", r"\frac{\partial p_i}{\partial z_j}", r"\frac{\partial p_i}{\partial \tau}"],
    ),
    "cross-entropy": (
        [
            r"p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}",
            r"L = -\sum_{k=1}^{K} y_k \log p_k",
            r"\sum_{k=1}^{K} y_k = 1",
        ],
        ["L", r"\frac{\partial L}{\partial z_i}", r"\frac{\partial^2 L}{\partial z_i \partial z_j}"],
    ),
    "logits less their mean": (
        [r"L = \log\sum_{j=1}^{K} e^{z_j} - \sum_{k=1}^{K} y_k z_k"],
        ["L", r"\frac{\partial L}{\partial z_i}"],
    ),
    "other classes": (
        [r"L = \log\sum_{k\ne y} e^{s_k - s_y}", r"s \in \mathbb{R}^K"],
        ["L", r"\frac{\partial L}{\partial s_i}"],
    ),
    "BCE": (
        [r"a = \frac{1}{1+e^{-z}}", r"L = -y\log a - (1-y)\log(1-a)"],
        ["L", r"\frac{\partial L}{\partial z}", r"\frac{\partial^2 L}{\partial z^2}"],
    ),
    "softplus loss": ([r"L = \log(1+e^z) - y z"], ["L", r"\frac{\partial L}{\partial z}"]),
    "Gaussian KL": (
        [r"D = \log\frac{s_2}{s_1} + \frac{s_1^2 + (m_1-m_2)^2}{2 s_2^2} - \frac{1}{2}", "s_1 > 0", "s_2 > 0"],
        ["D", r"\frac{\partial D}{\partial s_1}", r"\frac{\partial D}{\partial s_2}"],
    ),
    "labels that do not sum to 1": (
        [r"L = \log\sum_{j=1}^{K} e^{z_j} - \sum_{k=1}^{K} y_k z_k", r"p = \frac{1}{1+e^{-x}}"],
        ["L"],
    ),
    "deviation": (
        [r"m = \frac{1}{N}\sum_{n=1}^{N} x_n", r"s = \sqrt{\frac{1}{N}\sum_{n=1}^{N} (x_n - m)^2}"],
        ["s", r"\frac{\partial s}{\partial x_n}"],
    ),
    "odds": ([r"f = \frac{e^x}{e^x + c}"], ["f", r"\frac{\partial f}{\partial x}", r"\frac{\partial f}{\partial c}"]),
    "three logits by name": (
        [r"L = -\log\frac{e^{z_1}}{e^{z_1}+e^{z_2}+e^{z_3}}"],
        ["L", r"\frac{\partial L}{\partial z_1}"],
    ),
    "a root less a number": (
        [r"f = d^2 (\sqrt{1 + (\frac{x}{d})^2} - 1)", "d > 0"],
        ["f", r"\frac{\partial f}{\partial d}"],
    ),
    "a difference of exponentials": ([r"f = e^a - e^b"], ["f"]),
    "variance": ([r"V = \frac{1}{N}\sum_{n=1}^{N} x_n^2 - (\frac{1}{N}\sum_{n=1}^{N} x_n)^2"], ["V"]),
    "recurrence": ([r"h_t = \tanh(w h_{t-1} + u x_t)", r"t = 1, \dots, T"], [r"\frac{\partial h_T}{\partial w}"]),
}


def _rewritings(
    monkeypatch: pytest.MonkeyPatch, given: list[str], finds: list[str]
) -> Iterator[tuple[Any, Expr, Expr]]:
    """What the pass makes of the terms of some functions: the rewriter, the term and its new form."""
    found: dict[tuple[Expr, Expr], Rewriter] = {}
    for name in ("product", "total", "logarithm"):
        method = getattr(Rewriter, name)

        def spied(self: Rewriter, expr: Expr, method: Any = method) -> Any:
            result = method(self, expr)
            whole = Mul(*(b**n for b, n in result)) if isinstance(result, list) else result
            if whole != expr:
                found.setdefault((expr, whole), self)
            return result

        monkeypatch.setattr(Rewriter, name, spied)
    for find in finds:
        for derivation in problem_from(given, [find]).solve():
            derivation.source()
    for (before, after), rewriter in found.items():
        yield rewriter, before, after


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_judge_proves_every_rewriting(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0
    for rewriter, before, after in _rewritings(monkeypatch, *PROBLEMS[name]):
        letters = {s: index(f"q{s.name[1:]}") for s in free_symbols(before) | free_symbols(after) if is_axis(s)}
        ranges = {
            letters[s]: Range(put(r.lo, letters), put(r.hi, letters)) for s, r in rewriter.env.items() if s in letters
        }
        givens = rewriter.book.givens
        sides = [put(meaning(e), letters) for e in (before, after)]
        found = decide(*sides, givens, {**givens.positions, **ranges})
        assert found.answer == "proved", (before, after, found)
        count += 1
    assert count


# Forms that must be left alone


def test_an_entry_outside_the_range_of_a_sum_is_not_taken_out_of_it() -> None:
    total = Sigma.over(j, one, K, exp(family("z", j)))
    env = {i: Range(Integer(0), K)}
    rewriter = Rewriter(Book(Givens(families={scalar("z"): (Range(Integer(0), K),)}), frozenset()), env, {})
    term = total - exp(family("z", i))
    assert rewriter.total(term) == term
    inside = Rewriter(rewriter.book, {i: IN_K}, {})
    assert inside.total(term) == Sigma.over(j, one, K, (1 - Delta(j, i)) * exp(family("z", j)))


def test_a_sum_with_very_many_terms_is_left_as_it_is() -> None:
    term = Add(*(scalar(f"x{n}") * exp(scalar(f"u{n}")) - scalar(f"x{n}") for n in range(40)))
    assert _rewriter().total(term) == term


# Ordered products of diagonal matrices


def test_an_ordered_product_of_diagonal_matrices_is_a_product_of_numbers() -> None:
    t, a, b = index("t"), index("a"), index("b")
    M = size("M")
    diagonal = Chain.over((t, a, b), one, T, M, Delta(a, b) * family("c", t, a), i, j)
    runs = (Range(one, T), Range(one, M))
    text = generate(diagonal, ((i, runs[1]), (j, runs[1])), Givens(families={scalar("c"): runs})).source
    assert "np.prod" in text
    assert "matri" not in text
    dense = Chain.over((t, a, b), one, T, M, family("c", t, a) * family("d", b), i, j)
    families = {scalar("c"): runs, scalar("d"): (runs[1],)}
    assert "matri" in generate(dense, ((i, runs[1]), (j, runs[1])), Givens(families=families)).source


def test_a_form_without_numeric_meaning_is_refused() -> None:
    class Unknown(Function):
        """A function that nothing is known of."""

    with pytest.raises(NoFunctionError):
        generate(Unknown(Symbol("x", real=True)) + cosh(x), (), Givens())
