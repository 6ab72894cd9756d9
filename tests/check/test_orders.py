"""What is meant by open letters, by new values of names, and by names that stand for derivatives."""

import pytest
from check.checking import under, verdicts

STATES = under(r"$$s_t = a s_{t-1} + b x_t, \quad s_0 = 0, \quad L = \sum_{t=1}^T \frac12 (s_t - y_t)^2$$")
NODE = under(r"$$z = w x + b, \quad a = \tanh(z), \quad L = \frac12 (a - y)^2$$")

HOLDS = {"proved", "agrees"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(r"\frac{\partial s_t}{\partial s_k} = a^{t-k}", HOLDS, id="a power of the distance"),
        pytest.param(r"\frac{\partial s_t}{\partial x_k} = b a^{t-k}", HOLDS, id="with a factor"),
        pytest.param(r"\frac{\partial s_t}{\partial s_k} = a^{t-k-1}", {"wrong"}, id="one step too few"),
        pytest.param(r"\frac{\partial s_t}{\partial s_k} = a^{k-t}", {"wrong"}, id="the other order"),
        pytest.param(r"a^{t-k} = a^{k-t}", {"wrong"}, id="both orders in one line"),
        pytest.param(r"\frac{\partial s_t}{\partial s_k} = a^{t-k} \text{ for } t \geq k", HOLDS, id="said"),
        pytest.param(
            r"\frac{\partial s_t}{\partial s_k} = a^{k-t} \text{ for } t \geq k", {"wrong"}, id="said otherwise"
        ),
        pytest.param(r"\frac{\partial s_t}{\partial s_k} = a^{2(k-t)} \text{ for } t > k", {"wrong"}, id="twice"),
    ],
)
def test_an_exponent_says_in_which_order_open_letters_are_meant(line: str, expected: set[str]) -> None:
    assert verdicts(STATES, f"$${line}$$")[-1] in expected


@pytest.mark.parametrize(("sign", "expected"), [("-", HOLDS), ("+", {"wrong"})])
def test_an_open_letter_runs_where_every_family_lives(sign: str, expected: set[str]) -> None:
    line = rf"\frac{{\partial L}}{{\partial s_t}} = \sum_{{k=t}}^T a^{{k-t}} (s_k {sign} y_k)"
    assert verdicts(STATES, f"$${line}$$")[-1] in expected


def test_a_shifted_start_is_no_matter_of_where_a_family_lives() -> None:
    mean = under(r"$$s_t = \beta s_{t-1} + (1 - \beta) x_t, \quad s_0 = 0$$")
    assert verdicts(mean, r"$$s_t = (1 - \beta) \sum_{k=0}^{t-1} \beta^k x_{t-k}$$")[-1] in HOLDS
    assert verdicts(mean, r"$$s_t = (1 - \beta) \sum_{k=0}^{t-1} \beta^k x_k$$")[-1] == "wrong"


@pytest.mark.parametrize(
    "words",
    [
        r"We write $\delta$ for $\frac{\partial L}{\partial z}$.",
        r"$\delta$ is short for $\frac{\partial L}{\partial z}$.",
        r"Let $\delta$ denote the derivative of $L$ with respect to $z$.",
        r"Let $\delta$ denote the total derivative $\frac{dL}{dz}$.",
    ],
)
def test_a_name_for_a_derivative_is_no_new_name(words: str) -> None:
    assert verdicts(NODE, f"{words}\n\n$$\\delta = (a - y)(1 - a^2)$$") == ["proved"]
    assert verdicts(NODE, f"{words}\n\n$$\\delta = a + y$$") == ["wrong"]


def test_what_kind_of_thing_a_name_denotes_is_no_equation() -> None:
    assert verdicts(NODE, "Here $c$ denotes the $k$-th class.\n\n$$c = 2 a$$") == ["given"]


def test_a_formula_set_for_a_defined_name_is_compared_with_its_definition() -> None:
    head = NODE + "Let $\\delta = \\frac{\\partial L}{\\partial z}$.\n\n"
    assert verdicts(head, r"$$\delta := (a - y)(1 - a^2)$$")[-1] == "proved"
    assert verdicts(head, r"$$\delta := a + y$$")[-1] == "undecided"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("L_w = (a - y)(1 - a^2) x", "proved", id="a derivative by its subscript"),
        pytest.param("L_w = 3 (a - y) x", "undecided", id="another one"),
        pytest.param("L_{0} = 3 a", "given", id="a label"),
        pytest.param(r"w := w - \eta \frac{\partial L}{\partial w}", "given", id="a descent"),
        pytest.param(r"w := w + \eta \frac{\partial L}{\partial w}", "undecided", id="an ascent"),
        pytest.param(r"w_{new} = w - \eta (a - y)(1 - a^2) x", "given", id="a descent to a new name"),
        pytest.param(r"w_{new} = w + 2 \eta (a - y)(1 - a^2) x", "undecided", id="an ascent to a new name"),
        pytest.param(r"w' = w + c", "given", id="a shift"),
    ],
)
def test_a_name_that_says_what_it_is_lets_nothing_else_hold(line: str, expected: str) -> None:
    assert verdicts(NODE, f"$${line}$$")[-1] == expected


def test_a_likelihood_is_climbed() -> None:
    head = NODE.replace("## Proof", "We maximise $L$.\n\n## Proof")
    assert verdicts(head, r"$$w := w + \eta \frac{\partial L}{\partial w}$$")[-1] == "given"


SHARES = r"$$p_k = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j}}, \qquad k = 1, \dots, K$$"


@pytest.mark.parametrize(
    ("said", "line", "expected"),
    [
        pytest.param(r"$m = z_c$, $z_k \leq z_c$", r"z_k \leq m", "proved", id="the greatest of all"),
        pytest.param(r"$m = z_c$, $z_k \leq z_c$", r"\sum_k p_k z_k \leq m", "proved", id="a mean below it"),
        pytest.param(r"$m = z_c$, $z_k \leq z_c$", "z_k = m", "wrong", id="all as large as the greatest"),
        pytest.param(r"$m = z_c$, $z_k \leq z_c$", "z_1 = z_2", "wrong", id="all alike"),
        pytest.param(r"$L = -\log p_y$, $z_y > 0$", "z_y > 0", "proved", id="the score of the class"),
        pytest.param(r"$L = -\log p_y$, $z_y > 0$", r"p_y > \frac{e^{-z_y}}{\sum_j e^{z_j}}", "proved", id="its share"),
        pytest.param(r"$L = -\log p_y$, $z_y > 0$", r"z_k \geq 0", "undecided", id="the scores of all classes"),
        pytest.param(r"$L = -\log p_y$, $z_y > 0$", r"\sum_k z_k > 0", "undecided", id="their sum"),
        pytest.param(
            r"$L = (v_n - u_n)^2$, $v_n = w x_n$, $x_n > 0$, $n = 1, \dots, N$", "x_m > 0", "proved", id="any sample"
        ),
    ],
)
def test_what_is_given_of_one_class_is_not_given_of_all(said: str, line: str, expected: str) -> None:
    assert verdicts(under(f"{SHARES}\n\n{said}"), f"$${line}$$") == [expected]
