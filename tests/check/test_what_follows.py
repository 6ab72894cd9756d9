"""What comes after a demand is judged as an implication; what is undecided proves nothing; what is assumed binds."""

import pytest
from check.checking import checked, under, verdicts
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer

from symdl.judge.decision import implied
from symdl.language import scalar
from symdl.problem import Givens, Relation

NOTHING = under(r"$$f(s) = s^2$$")
CUBIC = under(r"$$f(x) = x^3 - 12 x + 1$$")
DECAY = under(r"$$\eta_t = \frac{\eta_0}{1 + k t}, \eta_0 = 0.1, k = 0.5$$")
SPREAD = under(r"$$\mathrm{Var}(w) = \frac{r^2}{3}$$")
UNIT = under(r"$$P = \frac{1}{1 + e^{-z}}, \quad z = w x + b, \quad w = 2, \quad b = -1$$")
SADDLE = under(r"$$f(x, y) = x^3 - 3x + y^2$$")
MARGIN = under(
    r"$$\mathcal{L} = \frac{1}{2} \sum_{d=1}^{D} w_d^2 - \sum_{i=1}^{n} \alpha_i \left( y_i \left("
    r"\sum_{d=1}^{D} w_d x_{id} + b \right) - 1 \right)$$"
) + (
    r"$$\frac{\partial \mathcal{L}}{\partial w_d} = w_d - \sum_{i=1}^{n} \alpha_i y_i x_{id}$$" "\n\n"
    r"$$\frac{\partial \mathcal{L}}{\partial b} = -\sum_{i=1}^{n} \alpha_i y_i$$" "\n\nSetting both to zero we get\n\n"
)  # fmt: skip
SHIFT = under(
    r"$$f = \frac12 \sum_{i=1}^{n} (w_i - a_i)^2$$" "\n\n" r"$$\sum_{i=1}^{n} w_i = c$$" "\n\n"
    r"$$\mathcal{L} = f - \nu (\sum_{i=1}^{n} w_i - c)$$"
) + (
    r"$$\frac{\partial \mathcal{L}}{\partial w_i} = w_i - a_i - \nu = 0 \Rightarrow w_i = a_i + \nu$$" "\n\n"
)  # fmt: skip


@pytest.mark.parametrize(
    ("head", "line", "last"),
    [
        pytest.param(NOTHING, r"x^2 = 2 \Rightarrow x = 1.414", "rounded", id="a root to the digits shown"),
        pytest.param(NOTHING, r"28 w - 58 = 0 \Rightarrow w = 2.07", "rounded", id="a quotient to the digits shown"),
        pytest.param(NOTHING, r"28 w - 58 = 0 \Rightarrow w = 2.17", "wrong", id="digits of something else"),
        pytest.param(CUBIC, r"f'(x) = 0 \Rightarrow x = 2 \text{ or } x = -2", "proved", id="both solutions"),
        pytest.param(
            CUBIC, r"f'(x) = 0 \Rightarrow x^2 = 4 \Rightarrow x = 4 \text{ or } x = -4", "wrong", id="no root"
        ),
        pytest.param(NOTHING, r"x^2 - 7x + 6 = 0 \Rightarrow x_1 = 6, x_2 = -1", "wrong", id="a second solution"),
        pytest.param(DECAY, r"\eta_t = 0.02 \Rightarrow 1 + 0.5 t = 5 \Rightarrow t = 8", "proved", id="an index"),
        pytest.param(DECAY, r"\eta_t = 0.02 \Rightarrow 1 + 0.5 t = 5 \Rightarrow t = 9", "wrong", id="another index"),
        pytest.param(SPREAD, r"\frac{r^2}{3} = \frac1n \Rightarrow r = \sqrt{\frac3n}", "proved", id="a radius"),
        pytest.param(NOTHING, r"q^2 = 9 \Rightarrow q = 3", "undecided", id="a root that was lost"),
        pytest.param(NOTHING, r"a + b = 3, \quad 3a + b = 7 \Rightarrow a = 2", "proved", id="from two equations"),
        pytest.param(NOTHING, r"(w x - y) x = 0 \Rightarrow w = \frac{y}{x}", "proved", id="divided by what is not 0"),
        pytest.param(NOTHING, r"(w x - y) x = 0 \Rightarrow w x = 2 y", "wrong", id="another factor"),
        pytest.param(UNIT, r"P = 0.8 \Rightarrow z = \ln \frac{0.8}{0.2}", "proved", id="a value of what is defined"),
        pytest.param(UNIT, r"P = 0.8 \Rightarrow z = \ln \frac{0.2}{0.8}", "wrong", id="its value upside down"),
        pytest.param(UNIT, r"P = 0.5 \Rightarrow z = 0", "proved", id="what is defined in between as an unknown"),
        pytest.param(UNIT, r"P = 0.5 \Rightarrow z = 0 \Rightarrow x = 0.5", "proved", id="down to the input"),
        pytest.param(UNIT, r"P = 0.5 \Rightarrow z = 0 \Rightarrow x = 0.25", "wrong", id="another input"),
        pytest.param(SADDLE, r"\nabla f(x, y) = 0 \Rightarrow x = \pm 1", "proved", id="an entry of a vector"),
        pytest.param(SADDLE, r"\nabla f(x, y) = 0 \Rightarrow x = \pm 3", "wrong", id="no entry of a vector"),
        pytest.param(SADDLE, r"\nabla f(x, y) = 0 \Rightarrow x = \pm 1, \; y = 0", "proved", id="both entries"),
    ],
)
def test_what_is_concluded_is_judged_by_what_it_is_concluded_from(head: str, line: str, last: str) -> None:
    assert verdicts(head, f"$${line}$$")[-1] == last


@pytest.mark.parametrize(
    ("head", "proof", "expected"),
    [
        pytest.param(
            MARGIN,
            r"$$w_d = \sum_{i=1}^{n} \alpha_i y_i x_{id}$$" "\n\n" r"$$\sum_{i=1}^{n} \alpha_i y_i = 0$$" "\n\n"
            "Put in:\n\n" r"$$\mathcal{L} = \sum_{i=1}^{n} \alpha_i - \frac{1}{2} \sum_{d=1}^{D} w_d^2$$",
            ["proved", "given", "proved"], id="what both derivatives demand is put in",
        ),
        pytest.param(
            MARGIN,
            r"$$w_d = \sum_{i=1}^{n} \alpha_i y_i x_{id}$$" "\n\n" r"$$\sum_{i=1}^{n} \alpha_i y_i = 0$$" "\n\n"
            "Put in:\n\n" r"$$\mathcal{L} = \sum_{i=1}^{n} \alpha_i + \frac{1}{2} \sum_{d=1}^{D} w_d^2$$",
            ["proved", "given", "wrong"], id="and a slip after it is seen",
        ),
        pytest.param(
            MARGIN, r"$$w_d = -\sum_{i=1}^{n} \alpha_i y_i x_{id}$$", ["wrong"], id="a sign slip in what is demanded"
        ),
        pytest.param(
            SHIFT, r"$$\nu = \frac{1}{n} (c + \sum_{i=1}^{n} a_i)$$", ["wrong"], id="a fact and a demand together"
        ),
    ],
)  # fmt: skip
def test_what_was_accepted_binds_the_instances_that_refute(head: str, proof: str, expected: list[str]) -> None:
    assert verdicts(head, proof)[-len(expected) :] == expected


def test_an_undecided_equation_proves_nothing() -> None:
    assert verdicts(under("$$a = b + x$$"), "$$b x = 0$$\n\n$$b x = 0$$") == ["undecided", "undecided"]


def test_what_follows_from_a_wrong_equation_carries_it_on() -> None:
    head = under(r"$$J(w) = \frac{1}{2} (w x - y)^2$$") + "$$J'(w) = (w x - y) x$$\n\nSetting this to zero:\n\n"
    assert verdicts(head, r"$$w x^2 = y$$" "\n\n" r"$$w = \frac{y}{x^2}$$")[-2:] == ["wrong", "proved"]


def test_a_demand_that_holds_anyway_demands_nothing() -> None:
    head = under(r"$$\sum_{k=1}^{K} p_k = 1$$" "\n\n" r"$$Q = \sum_{k=1}^{K} a_k p_k + u (\sum_{k=1}^{K} p_k - 1)$$")
    assert "proved" not in verdicts(head, "Setting the derivative to zero gives\n\n$$u = 7$$")


X, Y = scalar("x"), scalar("y")
small = st.integers(-4, 4).map(Integer)


@settings(max_examples=60, deadline=None)
@given(small, small, small, small)
def test_an_equation_implies_its_multiples_and_no_other_line(a: Integer, b: Integer, c: Integer, d: Integer) -> None:
    gap, other = a * X + b * Y - 1, c * X + d * Y - 1
    premise = Relation(gap, "=", Integer(0))
    answers = [implied(premise, Relation(e, "=", Integer(0)), Givens(), {}) for e in (gap * (X**2 + 1), other)]
    if not a and not b:
        return
    assert answers[0] is not None
    assert (answers[1] is not None) == (a == c and b == d)


@pytest.mark.parametrize(("line", "expected"), [("a = S + m s", "wrong"), ("a = S - q m", "proved")])
def test_a_wrong_equation_is_carried_on_by_putting_what_it_says(line: str, expected: str) -> None:
    head = under(r"$$q = \sum_{i=1}^n x_i y_i, \; s = \sum_{i=1}^n x_i^2, \; m = \frac{q}{s}, \; S = a - q m$$")
    assert verdicts(head, f"$$S = a + q m$$\n\n$${line}$$") == ["wrong", expected]


CHAIN = under(r"$$w = 0.5, x = 2, b = 0.3, \quad z = w x + b, \quad a = \sigma(z), \quad L = a^2$$")


@pytest.mark.parametrize(
    ("proof", "expected"),
    [
        ("$$z = 1.2$$\n\n$$a = 0.769$$\n\n$$L = 0.591$$", ["wrong", "proved", "proved"]),
        ("$$z = 1.2$$\n\n$$a = 0.779$$", ["wrong", "wrong"]),
        ("$$z = 1.2$$\n\n$$a = 0.786$$", ["wrong", "rounded"]),
        ("$$z = 0.5 \\cdot 2 + 0.3 = 1.2$$\n\n$$a = 0.769$$", ["proved", "wrong", "proved"]),
    ],
    ids=["carried on twice", "wrong again", "right all the same", "the end of a chain"],
)
def test_a_wrong_value_is_carried_on_to_what_is_worked_out_from_it(proof: str, expected: list[str]) -> None:
    found = checked(CHAIN, proof).relations
    assert [r.verdict for r in found] == expected
    assert all((r.follows is not None) == (r.verdict == "proved" and r.claim is False) for r in found)


@pytest.mark.parametrize(("value", "verdict"), [(r"\eta", "proved"), (r"\eta g", "wrong")])
def test_a_limit_is_taken_of_what_was_shown_of_every_member(value: str, verdict: str) -> None:
    told = (
        r"$r_t = \rho r_{t-1} + (1 - \rho) g^2$ for $t = 1, 2, \dots$ with $r_0 = 0$, $0 < \rho < 1$, $g > 0$." "\n\n"
        r"The step is $\Delta_t = \frac{\eta g}{\sqrt{r_t}}$ with $\eta > 0$."
    )  # fmt: skip
    proof = r"By induction, $r_t = (1 - \rho^t) g^2$." "\n\n" rf"$$\lim_{{t \to \infty}} \Delta_t = {value}$$"
    assert verdicts(under(told), proof) == ["proved", verdict]


@pytest.mark.parametrize(("top", "found"), [("p", ["proved"] * 3), ("q", ["proved", "wrong", "wrong"])])
def test_where_a_maximum_is_said_to_lie_is_known_from_then_on(top: str, found: list[str]) -> None:
    told = r"$$V(D) = p\log D + q\log(1 - D)$$" "\n\n" r"$$0 < D < 1,\ p > 0,\ q > 0$$"
    proof = (
        r"$$V'(D) = \frac{p}{D} - \frac{q}{1 - D}$$" "\n\n"
        rf"The maximum is at $D^\star = \frac{{{top}}}{{p + q}}$." "\n\n"
        r"$$V(D^\star) = p\log\frac{p}{p + q} + q\log\frac{q}{p + q}$$"
    )  # fmt: skip
    assert verdicts(under(told), proof) == found


def test_nothing_is_refuted_that_is_concluded_from_a_chain_with_an_open_line() -> None:
    proof = "$1 = P(X=1) + P(X=2)$\n$= 3 P(X=2)$\n$\\implies P(X=1) = \\frac{2}{3}$"
    assert verdicts(under("$P(X=1) = 2 P(X=2)$"), proof) == ["undecided", "proved", "undecided"]
