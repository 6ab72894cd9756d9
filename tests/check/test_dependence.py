"""What a line may rest on that its author did not write out: dependence, points, and which way a conclusion goes."""

import pytest
from check.checking import lines, under, verdicts

CIRCUIT = "$$f = (x + y) z, \\qquad q = x + y$$"
PARTLY = "$$f = (x + y) z + x, \\qquad q = x + y$$"
INVERSE = "$$p = \\frac{1}{1 + e^{-x}}$$"
MEMBERS = "$$p_i = \\sigma(x_i), \\qquad i = 1, \\dots, n$$"
RESIDUAL = r"$$L = \frac12 \sum_{i=1}^n (\sum_{j=1}^m W_{ij} x_j - y_i)^2, \qquad e_i = \sum_{j=1}^m W_{ij} x_j - y_i$$"
PARABOLA = "$$J(w) = w^2 - 4w$$"
BOUND = r"$$|a_t| \leq c, \quad t = 1, \dots, T, \quad 0 < c < 1$$"
NOTHING = "$$u = 2x$$"


@pytest.mark.parametrize(
    ("given", "proof", "expected"),
    [
        pytest.param(CIRCUIT, r"$$\frac{\partial f}{\partial q} = z$$", ["proved"], id="a definition inside another"),
        pytest.param(
            CIRCUIT,
            r"$$\frac{\partial f}{\partial x} = \frac{\partial f}{\partial q} \frac{\partial q}{\partial x}$$",
            ["proved"],
            id="the chain rule through it",
        ),
        pytest.param(CIRCUIT, r"$$\frac{\partial f}{\partial q} = 2z$$", ["wrong"], id="a wrong factor through it"),
        pytest.param(CIRCUIT, r"$$\frac{\partial f}{\partial q} = 0$$", ["wrong"], id="it is not 0"),
        pytest.param(PARTLY, r"$$\frac{\partial f}{\partial q} = z$$", ["undecided"], id="inputs also beside it"),
        pytest.param(PARTLY, r"$$\frac{\partial f}{\partial q} = 0$$", ["undecided"], id="nor is it 0 then"),
        pytest.param(RESIDUAL, r"$$\frac{\partial L}{\partial e_i} = e_i$$", ["proved"], id="a member inside a sum"),
        pytest.param(RESIDUAL, r"$$\frac{\partial L}{\partial e_i} = 2 e_i$$", ["wrong"], id="a wrong member"),
        pytest.param(INVERSE, r"$$\frac{dx}{dp} = \frac{1}{p(1-p)}$$", ["proved"], id="the inverse function"),
        pytest.param(INVERSE, r"$$\frac{dx}{dp} = \frac{2}{p(1-p)}$$", ["wrong"], id="a wrong inverse"),
        pytest.param(INVERSE, r"$$\frac{dx}{dp} = 0$$", ["undecided"], id="an inverse is not constant"),
        pytest.param(MEMBERS, r"$$\frac{\partial x_i}{\partial p_i} = \frac{1}{p_i(1-p_i)}$$", ["proved"], id="entry"),
        pytest.param("$$y = 2x, \\qquad z = x^2$$", r"$$\frac{dy}{dz} = \frac1x$$", ["proved"], id="a shared input"),
    ],
)
def test_a_derivative_is_not_0_by_the_way_its_definitions_are_written(
    given: str, proof: str, expected: list[str]
) -> None:
    assert verdicts(under(given), proof) == expected


@pytest.mark.parametrize(
    ("given", "proof", "expected"),
    [
        pytest.param(PARABOLA, "$$J'(w) = 2w - 4 = 0$$", ["proved", "given"], id="set to 0"),
        pytest.param(
            PARABOLA,
            r"$$J'(w) = 2w - 4 = 0 \Rightarrow w = 3$$",
            ["proved", "given", "wrong"],
            id="solved wrongly",
        ),
        pytest.param(
            PARABOLA,
            r"$$J'(w) = 2w - 5 = 0 \Rightarrow w = 2.5$$",
            ["wrong", "given", "proved"],
            id="wrong before it is solved",
        ),
        pytest.param(PARABOLA, r"$$J'(w) = 2w + 4 = 0$$", ["wrong", "given"], id="wrong before it is set to 0"),
        pytest.param("$$J = 3w$$", r"$$\frac{dJ}{dw} = 3 = 0$$", ["proved", "wrong"], id="a constant is not set to 0"),
        pytest.param(PARABOLA, "At $w = 1$ we get\n\n$$J'(w) = -2$$", ["proved"], id="the point stands in words"),
        pytest.param(PARABOLA, "At $w = 1$ we get\n\n$$J'(w) = 2$$", ["wrong"], id="wrong at that point"),
        pytest.param(NOTHING, "$$h^1 = 2, \\quad h^2 = 3$$", ["given", "undecided"], id="a layer is no power"),
        pytest.param(
            PARABOLA,
            "In the first iteration\n\n$$J'(w) = -2$$",
            ["undecided"],
            id="no point is said",
        ),
    ],
)
def test_a_line_that_holds_at_a_point_is_no_identity(given: str, proof: str, expected: list[str]) -> None:
    assert verdicts(under(given), proof) == expected


@pytest.mark.parametrize(
    ("given", "proof", "last"),
    [
        pytest.param(NOTHING, r"$$x = 3 \Leftrightarrow x^2 = 9$$", "undecided", id="a square has two roots"),
        pytest.param(NOTHING, r"$$x^2 = 9 \Rightarrow x = 3$$", "undecided", id="a root that is lost"),
        pytest.param(NOTHING, r"$$2x - 6 = 0 \Leftrightarrow x = 3$$", "proved", id="linear, both ways"),
        pytest.param(PARABOLA, r"$$J'(w) = 0 \Rightarrow w_{\text{MAP}} = 4$$", "wrong", id="a named solution"),
        pytest.param(PARABOLA, r"$$J'(w) = 0 \Rightarrow w_{\text{MAP}} = 2$$", "proved", id="the right solution"),
        pytest.param(BOUND, r"$$\prod_{t=1}^T |a_t| \leq c^{T+1}$$", "wrong", id="a bound fails where tight"),
        pytest.param(NOTHING, r"$$\ln 100 = 2$$", "wrong", id="ln is never to base 10"),
        pytest.param(
            NOTHING, r"$$0.55 v = 1.4 + 0.405 v \Rightarrow 0.15 v = 1.4$$", "wrong", id="carried over, exact"
        ),
    ],
)  # fmt: skip
def test_a_conclusion_needs_every_direction_and_every_case(given: str, proof: str, last: str) -> None:
    assert verdicts(under(given), proof)[-1] == last


BATCH = (
    r"$$\mu = \frac1N \sum_{i=1}^N x_i, \quad v = \frac1N \sum_{i=1}^N (x_i - \mu)^2, \quad "
    r"\hat{x}_i = \frac{x_i - \mu}{\sqrt{v + \epsilon}}, \quad y_i = \gamma \hat{x}_i + \beta$$"
)
THREE_WAYS = (
    r"\frac{\partial L}{\partial \hat{x}_i} \frac{1}{\sqrt{v + \epsilon}}",
    r"\frac{\partial L}{\partial v} \frac{2(x_i - \mu)}{N}",
    r"\frac{\partial L}{\partial \mu} \frac1N",
)


def test_an_undefined_loss_depends_on_its_inputs_along_every_way() -> None:
    line = rf"$$\frac{{\partial L}}{{\partial x_i}} = {' + '.join(THREE_WAYS)}$$"
    assert verdicts(under(BATCH), line) == ["proved"]


@pytest.mark.parametrize("missing", range(3))
def test_a_way_that_is_left_out_is_missed(missing: int) -> None:
    ways = [way for n, way in enumerate(THREE_WAYS) if n != missing]
    assert verdicts(under(BATCH), rf"$$\frac{{\partial L}}{{\partial x_i}} = {' + '.join(ways)}$$") != ["proved"]


LINEAR = r"$$h_t = w h_{t-1} + u x_t, \quad t = 1, \dots, T, \quad h_0 = 0, \quad L = \frac{1}{2} (h_T - y)^2$$"


@pytest.mark.parametrize(("index", "verdict"), [("t-1", "proved"), ("t", "wrong")])
def test_a_gradient_through_time_is_proved_by_an_induction_that_the_line_leaves_out(index: str, verdict: str) -> None:
    right = r"(h_T - y) \sum_{t=1}^{T} w^{T-t} h_{t-1}"
    (found,) = lines(LINEAR, rf"$$\frac{{\partial L}}{{\partial w}} = {right.replace('t-1', index)}$$")
    assert (found.verdict, found.expected) == (verdict, right if verdict == "wrong" else None)
    assert ("the index $t$ for $t - 1$" in found.reason) == (verdict == "wrong")


GRAPH = under("$$f = (a + b) \\cdot \\max(b, c)$$")
NODES = "Let $u = a + b$ and $v = \\max(b, c)$, so $f = u v$.\n\n"


@pytest.mark.parametrize(
    ("proof", "last"),
    [
        pytest.param(NODES + r"$$\frac{\partial f}{\partial u} = v$$", "proved", id="by one node"),
        pytest.param(NODES + r"$$\frac{\partial f}{\partial v} = u$$", "proved", id="by the other node"),
        pytest.param(NODES + r"$$\frac{\partial f}{\partial v} = v$$", "wrong", id="by the wrong node"),
        pytest.param(
            NODES + "For $b > c$:\n\n$$\\frac{\\partial f}{\\partial b} = u + v$$", "proved", id="through both nodes"
        ),
        pytest.param(
            NODES + "For $b > c$:\n\n$$\\frac{\\partial f}{\\partial b} = v$$", "wrong", id="through one of two nodes"
        ),
        pytest.param(
            "Let $u = a + b$, so $f = u^2$.\n\n$$\\frac{\\partial f}{\\partial u} = 2 u$$", "undecided", id="not so"
        ),
    ],
)
def test_a_formula_in_own_names_says_how_a_quantity_rests_on_them(proof: str, last: str) -> None:
    assert verdicts(GRAPH, proof)[-1] == last


@pytest.mark.parametrize("slope", ["18", "17"])
def test_a_number_worked_out_does_not_say_that_a_derivative_is_0(slope: str) -> None:
    proof = "$$L = 0.5 \\cdot 6^2 = 18$$\n\n$$\\frac{\\partial L}{\\partial w} = " + slope + "$$"
    assert verdicts(under("$w = 2$, $x = 3$"), proof)[-1] == "undecided"


@pytest.mark.parametrize(
    ("held", "at", "right", "wrong"),
    [
        pytest.param("h_0", "3", "proved", "wrong", id="what is before the recurrence"),
        pytest.param("h_2", "1", "undecided", "undecided", id="a state of it"),
    ],
)
def test_a_state_that_is_held_matters_where_the_recurrence_defines_it(
    held: str, at: str, right: str, wrong: str
) -> None:
    given = (
        r"$$h_t = \tanh(a_t), a_t = w h_{t-1} + u x_t, t = 1, 2, 3, L = \frac{1}{2}(h_3 - y)^2$$"
        f"\n\nAll quantities are scalars; ${held}$ is a constant."
    )
    slope = rf"\frac{{\partial L}}{{\partial a_{at}}}"
    proof = f"$${slope} = (h_3 - y)(1 - h_3^2)$$\n\n$${slope} = (h_3 - y)(1 - h_3)$$"
    assert verdicts(under(given), proof) == [right, wrong]


@pytest.mark.parametrize(
    ("factor", "last"),
    [
        pytest.param(r"(1 - h_t \odot h_t) \odot g_t", "proved", id="through the state alone"),
        pytest.param(r"(1 - h_t) \odot g_t", "undecided", id="another slope"),
        pytest.param(r"g_t", "undecided", id="no slope"),
    ],
)
def test_a_recurring_quantity_acts_through_the_only_one_that_is_made_of_it(factor: str, last: str) -> None:
    given = (
        r"$$a_t = W h_{t-1} + b, \quad h_t = \tanh(a_t), \quad g_t = \frac{\partial L}{\partial h_t}, \quad"
        r" h_t, b \in \mathbb{R}^n$$"
    )
    assert verdicts(under(given), rf"$$\frac{{\partial L}}{{\partial a_t}} = {factor}$$") == [last]


@pytest.mark.parametrize(
    ("given", "right", "wrong"),
    [
        (r"$$x = e^{z}, \quad q = \frac{dz}{dx}$$", r"q = \frac{1}{x}", r"q = -\frac{1}{x}"),
        (r"$$y = 3 x + 2, \quad r = \frac{dx}{dy}$$", r"r = \frac{1}{3}", "r = 3"),
        (r"$$f = (x + y) z, \quad q = x + y, \quad r = \frac{\partial f}{\partial q}$$", "r = z", "r = x"),
        (
            r"$$x = e^{z}, \quad p(x) = g(z) \left|\frac{dz}{dx}\right|, \quad g(z) = e^{-z^2}$$",
            r"p(x) = \frac{g(z)}{x}",
            "p(x) = x g(z)",
        ),
    ],
)
def test_a_derivative_in_a_given_is_taken_as_one_in_a_line_is(given: str, right: str, wrong: str) -> None:
    assert [verdicts(under(given), f"$${line}$$") for line in (right, wrong)] == [["proved"], ["wrong"]]


def test_a_quantity_with_a_derivative_that_cannot_be_taken_refutes_nothing() -> None:
    given = r"$$u = x y, \quad v = x + y, \quad r = \frac{\partial u}{\partial v}$$"
    assert verdicts(under(given), "$$r = 1$$") == ["undecided"]


UPSTREAM = (
    r"$$y_i = w_1 x_i + w_2 x_{i+1}, \quad i = 1, 2$$"
    "\n\n"
    r"$$x_1 = 1, \quad x_2 = 2, \quad x_3 = 3, \quad w_1 = 1, \quad w_2 = -1$$"
    "\n\n"
    r"$$\delta_i = \frac{\partial L}{\partial y_i}, \quad \delta_1 = 1, \quad \delta_2 = 2$$"
)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\frac{\partial L}{\partial w_2} = \sum_{i=1}^2 \delta_i x_{i+1} = 8", "proved"),
        (r"\frac{\partial L}{\partial w_2} = \sum_{i=1}^2 \delta_i x_i = 5", "wrong"),
        (r"\frac{\partial L}{\partial x_2} = \delta_1 w_2 + \delta_2 w_1 = 1", "proved"),
        (r"\frac{\partial L}{\partial x_2} = \delta_1 w_1 + \delta_2 w_2 = -1", "wrong"),
        (r"\frac{\partial L}{\partial y_1} = 1", "proved"),
        (r"\frac{\partial L}{\partial y_1} = 2", "wrong"),
        (r"\frac{\partial L}{\partial x_3} = \delta_2 w_2 = -2", "proved"),
        (r"\frac{\partial L}{\partial x_3} = \delta_2 w_1 = 2", "wrong"),
    ],
)
def test_the_numbers_of_a_name_for_a_derivative_are_those_of_the_derivative(line: str, verdict: str) -> None:
    assert verdicts(under(UPSTREAM), f"$${line}$$")[0] == verdict


@pytest.mark.parametrize("slope", [r"\frac{dL}{dw}\bigg|_{w = w_0}", "L'(w_0)"])
def test_a_step_takes_its_slope_where_it_begins(slope: str) -> None:
    given = rf"$L(w) = (w - 3)^2$, $w_0 = 0$, $c = 0.1$, $w_1 = w_0 - c {slope}$"
    right = verdicts(under(given), r"$$w_1 = w_0 - c \frac{dL}{dw} = 0 - 0.1 \cdot (-6) = 0.6$$")
    assert right == ["proved", "proved", "proved"]
    assert verdicts(under(given), r"$$w_1 = w_0 + c \frac{dL}{dw}$$") == ["wrong"]


OVERLAPPING = (
    r"$$f(x, y, z) = (x + y)\max(y, z), \quad a = x + y, \quad b = \max(y, z)$$"
    "\n\n"
    r"$$x = 1, \quad y = 2, \quad z = 0$$"
)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\frac{\partial f}{\partial a} = b = 2", "proved"),
        (r"\frac{\partial f}{\partial a} = a = 3", "wrong"),
        (r"\frac{\partial f}{\partial b} = a = 3", "proved"),
        (r"\frac{\partial f}{\partial b} = b = 2", "wrong"),
        (
            r"\frac{\partial f}{\partial y} = \frac{\partial f}{\partial a} + a = 5",
            "proved",
        ),
        (r"\frac{\partial f}{\partial y} = \frac{\partial f}{\partial a} = 2", "wrong"),
        (r"\frac{\partial f}{\partial x} = \frac{\partial f}{\partial a} \cdot 1 = 2", "proved"),
        (r"\frac{\partial f}{\partial x} = \frac{\partial f}{\partial b} \cdot 1 = 3", "wrong"),
    ],
)
def test_a_graph_is_taken_through_all_of_its_named_nodes(line: str, verdict: str) -> None:
    assert verdicts(under(OVERLAPPING), f"$${line}$$")[0] == verdict


def test_a_step_of_vectors_whose_gradient_is_by_another_point_refutes_nothing() -> None:
    given = (
        "$g(\\vec{x}) = (x_1 - 3)^2 + x_2^2$ with $\\vec{x} = \\begin{bmatrix} x_1 \\\\ x_2 \\end{bmatrix}$.\n\n"
        "$\\vec{x}^{(0)} = \\begin{bmatrix} -1 \\\\ 1 \\end{bmatrix}$, $\\alpha = \\frac{1}{2}$\n\n"
        "$$\\vec x^{(1)} = \\vec{x}^{(0)} - \\alpha \\nabla g(\\vec{x}^{(0)})$$"
    )
    line = r"\vec x^{(1)} = \begin{bmatrix} -1 \\ 1 \end{bmatrix} - \frac{1}{2} \nabla g(\vec x^{(0)})"
    assert verdicts(under(given), f"$${line}$$") == ["undecided"]


@pytest.mark.parametrize(("sign", "verdict"), [("-", "proved"), ("+", "wrong")])
def test_a_rule_takes_its_slope_at_the_step_before(sign: str, verdict: str) -> None:
    given = r"$$R(h) = (h - 2)^2$$" "\n\n" r"$\alpha = \frac{1}{4}$, $h_2 = \frac{1}{4}$" "\n\n"
    given += r"$$h_i = h_{i-1} - \alpha \frac{dR(h_{i-1})}{dh}$$"
    assert verdicts(under(given), rf"$$h_3 = h_2 {sign} \alpha \frac{{dR(h_2)}}{{dh}}$$") == [verdict]


TWO_WAYS = (
    r"$$u = a x, \quad v = b x, \quad \alpha = \frac{\partial L}{\partial u}, "
    r"\quad \beta = \frac{\partial L}{\partial v}$$"
)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\frac{\partial L}{\partial x} = a \alpha + b \beta", "proved"),
        (r"\frac{\partial L}{\partial x} = a \alpha", "wrong"),
        (r"\frac{\partial L}{\partial x} = b \beta", "wrong"),
    ],
)
def test_an_undefined_loss_is_reached_on_every_way_whose_slope_is_named(line: str, verdict: str) -> None:
    assert verdicts(under(TWO_WAYS), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\frac{dy}{dt} = 2 a x v + b", "proved"),
        (r"\frac{dy}{dt} = 2 a x v", "wrong"),
        (r"\frac{dy}{dt} = 2 a v + b", "wrong"),
    ],
)
def test_a_quantity_of_which_the_slope_alone_is_given_is_gone_through_by_it(line: str, verdict: str) -> None:
    assert verdicts(under(r"$$\frac{dx}{dt} = v, \quad y = a x^2 + b t$$"), f"$${line}$$") == [verdict]


NAMED = r"$p_\theta(x) > 0$ with $\sum_x p_\theta(x) = 1$ for every real $\theta$."


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        pytest.param(r"\nabla_\theta p_\theta(x) = 0", "undecided", id="it rests on what its name bears"),
        pytest.param(r"\nabla_\theta (2 p_\theta(x)) = 2 \nabla_\theta p_\theta(x)", "proved", id="linear"),
        (r"\nabla_\theta \log p_\theta(x) = \frac{\nabla_\theta p_\theta(x)}{p_\theta(x)}", "proved"),
        (r"\nabla_\theta \log p_\theta(x) = \frac{2 \nabla_\theta p_\theta(x)}{p_\theta(x)}", "undecided"),
    ],
)
def test_a_name_rests_on_what_it_bears_as_an_index(line: str, verdict: str) -> None:
    assert verdicts(under(NAMED), f"$${line}$$") == [verdict]


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("loss", [r"\sum_{t=1}^{T} L_t", "A + B"])
def test_nothing_follows_where_nothing_says_how_a_quantity_is_reached(loss: str, sign: str) -> None:
    given = rf"$$L = {loss}, \quad h = U x$$"
    line = rf"$$\frac{{\partial L}}{{\partial U}} = {sign}\frac{{\partial L}}{{\partial h}} x$$"
    assert verdicts(under(given), line) == ["undecided"]


@pytest.mark.parametrize(
    ("given", "slope", "right", "wrong"),
    [
        (
            r"$p > 0$ depends on $\theta$.",
            r"\frac{d \ln p}{d \theta}",
            r"\frac{1}{p} \frac{d p}{d \theta}",
            r"p \frac{d p}{d \theta}",
        ),
        (
            r"The probabilities $\pi_a$ are functions of $\theta$, and $\pi_a > 0$.",
            r"\frac{\partial \ln \pi_a}{\partial \theta}",
            r"\frac{1}{\pi_a} \frac{\partial \pi_a}{\partial \theta}",
            r"\pi_a \frac{\partial \pi_a}{\partial \theta}",
        ),
        (
            "$E_0$ is a differentiable function of the weights $w_j$.\n\n"
            r"$$E = E_0 + \frac{\lambda}{2} \sum_j w_j^2$$",
            r"\frac{\partial E}{\partial w_k}",
            r"\frac{\partial E_0}{\partial w_k} + \lambda w_k",
            r"3 \frac{\partial E_0}{\partial w_k} + \lambda w_k",
        ),
    ],
)
def test_what_is_said_to_depend_on_something_is_no_constant(given: str, slope: str, right: str, wrong: str) -> None:
    found = [verdicts(under(given), f"$${slope} = {line}$$") for line in (right, wrong)]
    assert found == [["proved"], ["wrong"]]


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (r"$z = x W + b$, $u = h V + c$", "undecided"),
        (r"$z = x W + b$, $h = \sigma(z)$, $u = h V + c$", "proved"),
        (r"$z = x W + b$, $h = \tanh(z)$, $u = h V + c$", "wrong"),
    ],
)
def test_how_an_input_is_made_is_not_given(given: str, verdict: str) -> None:
    assert verdicts(under(given), r"$$\frac{\partial h}{\partial z} = \sigma'(z)$$") == [verdict]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\frac{\partial H}{\partial \sigma} = \frac{1}{\sigma}", "proved"),
        (r"\frac{\partial H}{\partial \sigma} = \frac{2}{\sigma}", "wrong"),
        (r"\frac{\partial H}{\partial \sigma} = 0", "undecided"),
        (r"\frac{\partial H}{\partial \mu} = 0", "proved"),
        (r"H = \frac{1}{2} \ln(2 \pi e \sigma^2)", "proved"),
    ],
)
def test_a_variance_changes_with_what_it_is_said_to_be(line: str, verdict: str) -> None:
    given = (
        r"$$p(x) = \frac{1}{\sqrt{2 \pi \sigma^2}} e^{-\frac{(x - \mu)^2}{2 \sigma^2}},\ \sigma > 0$$"
        "\n\n"
        r"$$\mathbb{E}[(x - \mu)^2] = \sigma^2,\ H = -\mathbb{E}[\ln p(x)]$$"
    )
    assert verdicts(under(given), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(("value", "verdict"), [("h_1 + w h_0", "proved"), ("h_1", "wrong")])
def test_what_was_shown_through_all_quantities_is_not_meant_at_one_node(value: str, verdict: str) -> None:
    head = under(r"$$h_1 = w h_0 + x_1, \quad h_2 = w h_1 + x_2$$")
    slope = r"\frac{\partial h_2}{\partial w}"
    found = verdicts(head, f"Hence ${slope} = 2 w h_0 + x_1$, which is also ${slope} = {value}$.")
    assert found == ["proved", verdict]


@pytest.mark.parametrize(("sign", "verdict"), [("d", "undecided"), (r"\partial ", "wrong")])
def test_the_value_at_one_node_is_written_otherwise_than_the_one_through_all(sign: str, verdict: str) -> None:
    proof = rf"$$\frac{{{sign}z}}{{{sign}x}} = 3 x^2$$" "\n\n" r"$$\frac{\partial z}{\partial x} = y$$"
    assert verdicts(under("$$z = x y, \\quad y = x^2$$"), proof) == ["proved", verdict]
