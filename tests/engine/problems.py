"""Small problems in the expression language, for tests of the engine and of the laws."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer, Rational, cos, exp, log, sin, sqrt, tanh

from symdl.errors import Place
from symdl.language import Cases, D, Maximum, Minimum, Opaque, Prod, Sigma, Step, family, index, scalar, size
from symdl.language.functions import by_spelling
from symdl.problem import Convention, Definition, Fact, Givens, Problem, Range, Relation, Task, Value

HERE = Place("tests", 1, 1)
K, N, T, n, d = (size(name) for name in ("K", "N", "T", "n", "d"))
i, j, k, m, t = (index(name) for name in "ijkmt")
one = Integer(1)


def upto(limit: Expr) -> Range:
    return Range(one, limit)


def from_zero(limit: Expr) -> Range:
    return Range(Integer(0), limit)


def of(name: str):
    """The family of this name as a function of its indices."""
    return lambda *at: family(name, *at)


def define(name: str, pattern: tuple[Expr, ...], body: Expr, *runs: Range) -> Definition:
    letters = [p for p in pattern if not p.is_Integer]
    return Definition(scalar(name), pattern, body, dict(zip(letters, runs, strict=True)), "", HERE)


@dataclass(frozen=True)
class Case:
    """Givens and goals that are derived one after another."""

    name: str
    givens: Givens
    goals: tuple[tuple[Expr, tuple], ...]
    kind: str = "find"

    def tasks(self) -> list[Task]:
        return [
            Task(
                self.kind,
                goal.lhs if isinstance(goal, Relation) else goal,
                axes,
                "",
                HERE,
                relation=goal if isinstance(goal, Relation) else None,
            )
            for goal, axes in self.goals
        ]

    def problem(self) -> Problem:
        return Problem(self.name, self.givens, tuple(self.tasks()), (), (), None)


z, p, y, h, x, w_, W, b_, q, mu, sg = (of(s) for s in ("z", "p", "y", "h", "x", "w", "W", "b", "q", r"\mu", r"\sigma"))
L, a, u, v, w, b, s = (scalar(c) for c in ("L", "a", "u", "v", "w", "b", "s"))
sigmoid, relu = by_spelling()["sigmoid"].head, by_spelling()["ReLU"].head


def total(of_index, limit: Expr, letter: Expr = j, lo: Expr = one) -> Expr:
    return Sigma.over(letter, lo, limit, of_index(letter))


def softmax_givens(loss: Expr, *facts: Fact, more: tuple[Definition, ...] = ()) -> Givens:
    return Givens(
        definitions=(
            *more,
            define("p", (i,), exp(z(i)) / total(lambda c: exp(z(c)), K), upto(K)),
            define("L", (), loss),
        ),
        facts=facts,
        families={scalar(c): (upto(K),) for c in ("z", "p", "y", "b")}
        | {scalar("W"): (upto(K), upto(d)), scalar("x"): (upto(d),)},
        letters={upto(K): ("i", "k", "j"), upto(d): ("j", "m")},
    )


LABELS_ADD_TO_ONE = Fact(Relation(total(y, K), "=", one), {}, r"\sum_k y_k = 1", HERE)
CROSS_ENTROPY = -total(lambda c: y(c) * log(p(c)), K)


def recurrence(body, *more: Definition, families=None, conventions=()) -> Givens:
    return Givens(
        definitions=(define("h", (t,), body, upto(T)), define("h", (Integer(0),), Integer(0)), *more),
        families={scalar("h"): (from_zero(T),), scalar("x"): (upto(T),), **(families or {})},
        letters={upto(T): ("t", "s", "k"), from_zero(T): ("t", "k", "s")},
        conventions=conventions,
    )


CASES = [
    Case("softmax Jacobian", softmax_givens(L), ((D(p(i), z(j)), ((i, upto(K)), (j, upto(K)))),)),
    Case(
        "softmax cross-entropy, gradient and Hessian",
        softmax_givens(CROSS_ENTROPY, LABELS_ADD_TO_ONE),
        ((D(L, z(i)), ((i, upto(K)),)), (D(D(L, z(j)), z(i)), ((i, upto(K)), (j, upto(K))))),
    ),
    Case("softmax cross-entropy without the fact", softmax_givens(CROSS_ENTROPY), ((D(L, z(i)), ((i, upto(K)),)),)),
    Case(
        "linear layer under softmax cross-entropy",
        softmax_givens(
            CROSS_ENTROPY,
            LABELS_ADD_TO_ONE,
            more=(define("z", (i,), Sigma.over(m, one, d, W(i, m) * x(m)) + b_(i), upto(K)),),
        ),
        ((D(L, W(i, j)), ((i, upto(K)), (j, upto(d)))), (D(L, b_(i)), ((i, upto(K)),))),
    ),
    Case(
        "entropy of a softmax", softmax_givens(-total(lambda c: p(c) * log(p(c)), K)), ((D(L, z(i)), ((i, upto(K)),)),)
    ),
    Case(
        "binary cross-entropy",
        Givens(definitions=(define("a", (), 1 / (1 + exp(-s))), define("L", (), -v * log(a) - (1 - v) * log(1 - a)))),
        ((D(L, a), ()), (D(L, s), ()), (D(D(L, s), s), ())),
    ),
    Case(
        "named sigmoid",
        Givens(definitions=(define("a", (), sigmoid(s)),)),
        ((D(a, s), ()), (D(D(a, s), s), ())),
    ),
    Case(
        "Gaussian divergence",
        Givens(definitions=(define("L", (), log(v / u) + (u**2 + (a - b) ** 2) / (2 * v**2) - Rational(1, 2)),)),
        ((D(L, a), ()), (D(L, b), ()), (D(L, u), ()), (D(L, v), ())),
    ),
    Case(
        "divergence of a diagonal Gaussian",
        Givens(
            definitions=(
                define("L", (), -Rational(1, 2) * total(lambda c: 1 + log(sg(c) ** 2) - mu(c) ** 2 - sg(c) ** 2, d)),
            ),
            families={scalar(r"\mu"): (upto(d),), scalar(r"\sigma"): (upto(d),)},
        ),
        ((D(L, mu(j)), ((j, upto(d)),)), (D(L, sg(j)), ((j, upto(d)),))),
    ),
    Case(
        "tanh recurrence",
        recurrence(
            tanh(w * h(t - 1) + u * x(t) + b),
            define("l", (t,), Opaque(scalar("l"), 1, t, h(t)), upto(T)),
            define("L", (), total(of("l"), T)),
            families={scalar("l"): (upto(T),)},
        ),
        (
            (D(h(T), w), ()),
            (D(h(T), u), ()),
            (D(h(T), h(k)), ((k, from_zero(T)),)),
            (D(L, w), ()),
            (D(h(T), x(k)), ((k, upto(T)),)),
        ),
    ),
    Case("linear recurrence", recurrence(w * h(t - 1) + u * x(t)), ((D(h(T), w), ()), (D(h(T), u), ()))),
    Case(
        "ReLU recurrence with slope 1 at the kink",
        recurrence(relu(w * h(t - 1) + u * x(t)), conventions=(Convention(relu, Integer(0), one, "", HERE),)),
        ((D(h(T), w), ()),),
    ),
    Case(
        "product of factors",
        Givens(definitions=(define("L", (), Prod.over(j, one, K, 1 + z(j) ** 2)),), families={scalar("z"): (upto(K),)}),
        ((D(L, z(i)), ((i, upto(K)),)),),
    ),
    Case(
        "product of factors of either sign",
        Givens(definitions=(define("L", (), Prod.over(j, one, K, a + z(j))),), families={scalar("z"): (upto(K),)}),
        ((D(L, z(i)), ((i, upto(K)),)), (D(L, a), ())),
    ),
    Case(
        "powers and trigonometry",
        Givens(definitions=(define("L", (), 2**u * sin(u * v) / (1 + cos(v) ** 2) + sqrt(1 + u**2)),)),
        ((D(L, u), ()), (D(L, v), ())),
    ),
    Case(
        "largest and smallest of two",
        Givens(definitions=(define("L", (), Maximum(u**2, v) + Minimum(u, v) + Step(u) * v),)),
        ((D(L, u), ()), (D(L, v), ())),
    ),
    Case(
        "case split",
        Givens(
            definitions=(
                define("L", (), Cases(u**2 / 2, Step(1 - u) * Step(1 + u), u * Cases(1, Step(u), -1) - Rational(1, 2))),
            )
        ),
        ((D(L, u), ()),),
    ),
]

SHOWN = [
    Case(
        "softmax is invariant under a shift",
        Givens(families={scalar("z"): (upto(K),)}),
        (
            (
                Relation(
                    exp(z(i) + s) / total(lambda c: exp(z(c) + s), K), "=", exp(z(i)) / total(lambda c: exp(z(c)), K)
                ),
                ((i, upto(K)),),
            ),
        ),
        "show",
    ),
    Case(
        "log-softmax",
        Givens(families={scalar("z"): (upto(K),)}),
        (
            (
                Relation(
                    -log(exp(z(i)) / total(lambda c: exp(z(c)), K)), "=", -z(i) + log(total(lambda c: exp(z(c)), K))
                ),
                ((i, upto(K)),),
            ),
        ),
        "show",
    ),
    Case("symmetry of the sigmoid", Givens(), ((Relation(sigmoid(-s), "=", 1 - sigmoid(s)), ()),), "show"),
    Case("tanh by the sigmoid", Givens(), ((Relation(tanh(s), "=", 2 * sigmoid(2 * s) - 1), ()),), "show"),
]


def value(quantity: Expr, number: int) -> Value:
    return Value(quantity, Integer(number), HERE)
