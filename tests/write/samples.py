"""Derivations made by hand, as an engine would hand them to the writers."""

from __future__ import annotations

from sympy import (
    Expr,
    Integer,
    MatMul,
    MatrixSymbol,
    Mul,
    Rational,
    Symbol,
    Transpose,
    exp,
    log,
    tanh,
)
from sympy.matrices.expressions.diagonal import DiagMatrix

from symdl.errors import Place
from symdl.language import D, Delta, DPlus, Prod, Sigma, family, index, scalar, size
from symdl.language import Step as Indicator
from symdl.problem import (
    Block,
    Definition,
    Derivation,
    Display,
    Fact,
    Givens,
    Lemma,
    Line,
    MatrixForm,
    Problem,
    Range,
    Relation,
    Task,
)

HERE = Place("sample.md", 1, 1)
ONE = Integer(1)
K, T = size("K"), size("T")
i, j, k, s, t = (index(x) for x in "ijkst")
CLASSES, TIMES = Range(ONE, K), Range(ONE, T)
L, w, u, b = (scalar(x) for x in "Lwub")
MU, SIGMA = scalar(r"\mu"), scalar(r"\sigma")


DIVERGENCE = r"D = \log\frac{\sigma_2}{\sigma_1} + \frac{\sigma_1^2 + (\mu_1 - \mu_2)^2}{2\sigma_2^2} - \frac{1}{2}"


def z(n: Expr) -> Expr:
    return family("z", n)


def p(n: Expr) -> Expr:
    return family("p", n)


def y(n: Expr) -> Expr:
    return family("y", n)


def x(n: Expr) -> Expr:
    return family("x", n)


def h(n: Expr) -> Expr:
    return family("h", n)


def definition(
    label: str, pattern: tuple[Symbol, ...], body: Expr, ranges: dict[Symbol, Range], source: str
) -> Definition:
    return Definition(scalar(label), pattern, body, ranges, source, HERE)


CROSS_ENTROPY = Givens(
    definitions=(
        definition(
            "p",
            (i,),
            exp(z(i)) / Sigma.over(j, ONE, K, exp(z(j))),
            {i: CLASSES},
            r"p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}",
        ),
        definition("L", (), -Sigma.over(k, ONE, K, y(k) * log(p(k))), {}, r"L = -\sum_{k=1}^{K} y_k \log p_k"),
    ),
    facts=(Fact(Relation(Sigma.over(k, ONE, K, y(k)), "=", ONE), {}, r"\sum_{k=1}^{K} y_k = 1", HERE),),
    families={scalar("p"): (CLASSES,), scalar("z"): (CLASSES,), scalar("y"): (CLASSES,)},
    letters={CLASSES: ("i", "j", "k")},
    vectors={scalar("p"): 1, scalar("z"): 1, scalar("y"): 1},
)

RECURRENCE = Givens(
    definitions=(
        definition("h", (t,), tanh(w * h(t - 1) + u * x(t) + b), {t: TIMES}, r"h_t = \tanh(w h_{t-1} + u x_t + b)"),
    ),
    families={scalar("h"): (Range(Integer(0), T),), scalar("x"): (TIMES,)},
    letters={TIMES: ("t", "s")},
)


def words(text: str) -> Block:
    return Block("words", text, HERE)


def display(text: str) -> Block:
    return Block("display", text, HERE)


def problem(
    title: str, givens: Givens, stated: tuple[Block, ...], asked: tuple[Block, ...], task: Task, **more: object
) -> Problem:
    return Problem(title, givens, (task,), stated, (("find", asked),), None, **more)  # type: ignore[arg-type]


def softmax_cross_entropy() -> Derivation:
    """Two macro steps with a lemma, a fact, a general and a matrix form."""
    task = Task("find", D(L, z(i)), ((i, CLASSES),), r"\frac{\partial L}{\partial z_i}", HERE)
    total = Sigma.over(j, ONE, K, exp(z(j)))
    softmax = Lemma(
        1,
        ("derivative of $p$",),
        D(p(i), z(k)),
        p(i) * (Delta(i, k) - p(k)),
        {i: CLASSES, k: CLASSES},
        (
            Display(
                D(p(i), z(k)),
                (
                    Line((Delta(i, k) * exp(z(i)) * total - exp(z(i)) * exp(z(k))) / total**2, ("quotient rule",)),
                    Line(
                        Delta(i, k) * exp(z(i)) / total - exp(z(i)) / total * Mul(exp(z(k)), 1 / total, evaluate=False),
                        ("divide term by term",),
                    ),
                    Line(p(i) * (Delta(i, k) - p(k)), ("since ", Relation(p(i), "=", exp(z(i)) / total))),
                ),
                {i: CLASSES, k: CLASSES},
            ),
        ),
    )
    chain = Display(
        D(L, z(i)),
        (
            Line(
                -Sigma.over(k, ONE, K, y(k) / p(k) * D(p(k), z(i))),
                ("differentiate the sum; ", Relation(D(log(p(k)), p(k)), "=", 1 / p(k))),
            ),
            Line(-Sigma.over(k, ONE, K, y(k) * (Delta(k, i) - p(i))), ("Lemma 1",)),
            Line(
                p(i) * Sigma.over(k, ONE, K, y(k)) - y(i), ("only ", Relation(k, "=", i), " is left of the first term")
            ),
            Line(p(i) - y(i), ("since ", Relation(Sigma.over(k, ONE, K, y(k)), "=", ONE))),
        ),
        {i: CLASSES},
    )
    P, Y = MatrixSymbol("p", K, 1), MatrixSymbol("y", K, 1)
    return Derivation(
        problem(
            "Softmax cross-entropy",
            CROSS_ENTROPY,
            (
                words("A classifier with $K$ classes turns its logits $z \\in \\mathbb{R}^K$ into probabilities"),
                display(r"p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}, \qquad i = 1, \dots, K"),
                words("and is trained on the cross-entropy with soft labels $y$ by"),
                display(r"L = -\sum_{k=1}^{K} y_k \log p_k, \qquad \sum_{k=1}^{K} y_k = 1."),
            ),
            (display(r"\frac{\partial L}{\partial z_i}"),),
            task,
            matter={"title": "Softmax cross-entropy", "marks": "6"},
        ),
        task,
        p(i) - y(i),
        (chain,),
        plan=(
            L,
            " depends on the logits through ",
            p(k),
            ": differentiate the logarithm, then use the derivative of the softmax.",
        ),
        lemmas=(softmax,),
        general=p(i) * Sigma.over(k, ONE, K, y(k)) - y(i),
        matrix=MatrixForm(L, scalar("z"), P - Y, (K,), "gradients are column vectors"),
        cases=((Relation(i, "=", k), p(i) - 1), (Relation(i, "!=", k), p(i))),
        checks=(("The entries add up to ", Relation(Sigma.over(i, ONE, K, p(i) - y(i)), "=", Integer(0)), "."),),
        remarks=(
            (
                "Prediction minus target: the gradient vanishes exactly where ",
                Relation(p(i), "=", y(i)),
                " for all ",
                i,
                ".",
            ),
        ),
        assumes=((Relation(p(k), ">", Integer(0)), ", which the softmax ensures."),),
    )


def softmax_jacobian_matrix() -> MatrixForm:
    P = MatrixSymbol("p", K, 1)
    return MatrixForm(scalar("p"), scalar("z"), DiagMatrix(P) - MatMul(P, Transpose(P)), (K, K))


def recurrence() -> Derivation:
    """An unrolling lemma proved by induction, with two displays and closing words."""
    task = Task("find", D(h(T), w), (), r"\frac{\partial h_T}{\partial w}", HERE)
    slope = w * (1 - h(s) ** 2)
    unrolled = Sigma.over(t, ONE, T, h(t - 1) * (1 - h(t) ** 2) * Prod.over(s, t + 1, T, slope))
    n = index("n")
    statement = Sigma.over(t, ONE, n, h(t - 1) * (1 - h(t) ** 2) * Prod.over(s, t + 1, n, slope))
    lemma = Lemma(
        1,
        ("unrolling",),
        D(h(n), w),
        statement,
        {n: TIMES},
        (
            Display(
                D(h(1), w),
                (Line((1 - h(1) ** 2) * h(0), (h(0), " is constant")),),
                {},
                ("Base case ", Relation(n, "=", ONE), "."),
            ),
            Display(
                D(h(t), w),
                (
                    Line(
                        (1 - h(t) ** 2) * D(w * h(t - 1) + u * x(t) + b, w),
                        ("chain rule with ", Relation(D(tanh(z(i)), z(i)), "=", 1 - tanh(z(i)) ** 2)),
                    ),
                    Line(
                        (1 - h(t) ** 2) * (h(t - 1) + w * D(h(t - 1), w)),
                        ("product rule: ", h(t - 1), " depends on ", w, " as well"),
                    ),
                ),
                {t: TIMES},
                ("Step. The recurrence gives",),
            ),
        ),
        ("Both sides satisfy the same recurrence and agree at the start, so they are equal.",),
    )
    chain = Display(
        D(h(T), w),
        (
            Line(D(h(T), h(T - 1)) * D(h(T - 1), w) + DPlus(h(T), w), ("total derivative",)),
            Line(unrolled, ("Lemma 1 at ", Relation(n, "=", T))),
        ),
        {},
    )
    return Derivation(
        problem(
            "A recurrent unit",
            RECURRENCE,
            (display(r"h_t = \tanh(w h_{t-1} + u x_t + b), \qquad t = 1, \dots, T, \qquad h_0 \text{ constant}"),),
            (display(r"\frac{\partial h_T}{\partial w}"),),
            task,
        ),
        task,
        unrolled,
        (chain,),
        plan=("Unroll the recurrence of the derivative.",),
        lemmas=(lemma,),
        checks=(("For ", Relation(T, "=", ONE), " the sum is ", h(0) * (1 - h(1) ** 2), "."),),
        remarks=(
            (
                "Each factor ",
                slope,
                " is below 1 in size where the unit saturates: gradients vanish.",
            ),
        ),
    )


def gaussian_divergence() -> Derivation:
    """Long lines that have to be broken."""
    names = {n: scalar(n) for n in (r"\mu_1", r"\mu_2", r"\sigma_1", r"\sigma_2")}
    m1, m2, s1, s2 = names.values()
    body = log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - Rational(1, 2)
    givens = Givens(
        definitions=(
            definition(
                "D",
                (),
                body,
                {},
                DIVERGENCE,
            ),
        ),
    )
    d = scalar("D")
    task = Task("find", D(d, s2), (), r"\frac{\partial D}{\partial \sigma_2}", HERE)
    result = 1 / s2 - (s1**2 + (m1 - m2) ** 2) / s2**3
    long = sum((Rational(n, 7) * m1**n * (m1 - m2) ** 2 / s2**n for n in range(2, 9)), result)
    chain = Display(
        D(d, s2),
        (
            Line(
                D(log(s2), s2) - D(log(s1), s2) + Rational(1, 2) * (s1**2 + (m1 - m2) ** 2) * D(s2**-2, s2),
                ("log of a quotient; what does not depend on ", s2, " is constant"),
            ),
            Line(long, ("a long line, to see where it breaks",)),
            Line(result, ("power rule",)),
        ),
        {},
    )
    return Derivation(
        problem(
            "Kullback-Leibler divergence of two Gaussians",
            givens,
            (
                display(DIVERGENCE),
                words("where $\\sigma_1 > 0$ and $\\sigma_2 > 0$."),
            ),
            (display(r"\frac{\partial D}{\partial \sigma_2}"),),
            task,
        ),
        task,
        result,
        (chain,),
    )


def rectifier() -> Derivation:
    """A case split with conditions on the displays."""
    a = scalar("a")
    task = Task("find", D(a, w), (), r"\frac{\partial a}{\partial w}", HERE)
    givens = Givens(definitions=(definition("a", (), w * Indicator(w), {}, r"a = \mathrm{ReLU}(w)"),))
    return Derivation(
        problem(
            "Rectifier", givens, (display(r"a = \mathrm{ReLU}(w)"),), (display(r"\frac{\partial a}{\partial w}"),), task
        ),
        task,
        Indicator(w),
        (
            Display(D(a, w), (Line(ONE, ("here ", Relation(a, "=", w))),), {}, (), (Relation(w, ">", Integer(0)),)),
            Display(
                D(a, w),
                (Line(Integer(0), ("here ", Relation(a, "=", Integer(0)))),),
                {},
                (),
                (Relation(w, "<", Integer(0)),),
            ),
        ),
        cases=((Relation(w, ">", Integer(0)), ONE), (Relation(w, "<=", Integer(0)), Integer(0))),
        remarks=(
            (
                "At ",
                Relation(w, "=", Integer(0)),
                " the value is a convention.",
            ),
        ),
    )


def all_samples() -> dict[str, Derivation]:
    return {
        "softmax": softmax_cross_entropy(),
        "recurrence": recurrence(),
        "gaussian": gaussian_divergence(),
        "rectifier": rectifier(),
    }
