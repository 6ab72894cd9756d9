"""Equations that are false, or true of small sizes only, with what a careless checker would rest them on.

(left, right, givens, ranges, conditions, lemmas)
"""

from judge.notation import (
    IN_K,
    IN_T,
    PLAIN,
    K,
    L,
    T,
    c,
    define,
    families,
    h,
    i,
    k,
    product,
    s,
    t,
    total,
    u,
    w,
    xs,
    y,
    z,
)
from judge.problems import LINEAR, TANH
from sympy import Expr, Integer

from symdl.judge.posed import Lemma
from symdl.language import D, scalar
from symdl.language.functions.relu import ReLU
from symdl.problem import Givens, Range, Ranges, Relation

Question = tuple[Expr, Expr, Givens, Ranges, tuple[Relation, ...], tuple[Lemma, ...]]

free = Givens()
ONE = Integer(1)
v = scalar("v")


def vanishing(at: Expr) -> Expr:
    """Zero at the first six numbers and nowhere else."""
    result: Expr = ONE
    for root in range(1, 7):
        result = result * (at - root)
    return result


def loop(body: Expr) -> Givens:
    """A state that starts at zero."""
    return Givens(
        definitions=(define("h", [t], body, {t: IN_T}), define("h", [0], Integer(0))),
        families=families({"h": (Range(Integer(0), T),), "x": (IN_T,)}),
    )


DERIVED: dict[str, Question] = {
    "zero up to K = 6 in a sum": (total(i, 1, K, vanishing(i) * z(i)), Integer(0), PLAIN, {}, (), ()),
    "one up to K = 6 in a product": (product(i, 1, K, 1 + vanishing(i) * z(i)), ONE, PLAIN, {}, (), ()),
    "zero up to T = 6 in a recurrence": (h(T), Integer(0), loop(w * h(t - 1) + vanishing(t)), {}, (), ()),
    "no slope up to T = 6 in a recurrence": (
        D(h(T), w), Integer(0), loop(h(t - 1) + vanishing(t) * w), {}, (), (),
    ),
    "an induction without its base": (h(T), total(s, 1, T, xs(s)) + c, loop(h(t - 1) + xs(t)), {}, (), ()),
    "an induction without its step": (h(t), xs(t), loop(h(t - 1) + xs(t)), {t: IN_T}, (), ()),
    "a lemma before the times it speaks of": (
        D(h(T), h(T - 1)), w + 1, LINEAR, {}, (), ((D(h(t), h(t - 1)), w + 1, {t: Range(T + 1, T + 2)}),),
    ),
    "a lemma of other indices": (
        D(h(t), w), Integer(0), LINEAR, {t: IN_T}, (), ((D(h(t), w), Integer(0), {t: Range(Integer(0), Integer(0))}),),
    ),
    "an input that a lemma takes for any index": (
        D(L, z(k)), Integer(0), Givens(
            definitions=(define("L", [], z(i)),), families=PLAIN.families,
        ), {k: IN_K, i: IN_K}, (), ((D(L, z(k)), Integer(0), {k: Range(ONE, Integer(0)), i: IN_K}),),
    ),
    "divided by what is zero at K = 1": (
        total(i, 1, K, z(i)) * (K - 1) / (K - 1) + 1, total(i, 1, K, z(i)), PLAIN, {}, (), (),
    ),
    "a mean over the steps after the first": (
        total(s, 2, T, xs(s)) / (T - 1), total(s, 1, T, xs(s)) / T, LINEAR, {}, (), (),
    ),
    "the sum of a constant over an empty range": (total(i, 2, K - 3, c), (K - 4) * c, free, {}, (), ()),
    "the slope of a state at the same time": (D(h(t), h(t)), w, TANH, {t: IN_T}, (), ()),
    "the convention left out": (D(ReLU(v), v) * v, v, free, {}, (), ()),
    "a later state held": (D(h(T), h(k)), w, LINEAR, {k: IN_T}, (), ()),
    "summands that are equal to their sum": (
        total(i, 1, K, z(i) * y(i)), total(i, 1, K, z(i)) * total(i, 1, K, y(i)), PLAIN, {}, (), (),
    ),
    "a power of zero": (Integer(0) * u + w ** (T - k), w * w ** (T - k - 1) + (T - k), LINEAR, {k: IN_T}, (), ()),
}  # fmt: skip
