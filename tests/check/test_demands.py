"""Equations that are required where a derivative is 0, in whatever words: they follow from the derivative shown."""

import pytest
from check.checking import checked, under, verdicts

GAIN = under(r"$$V(D) = a \ln D + b \ln(1 - D)$$") + "$$V'(D) = \\frac{a}{D} - \\frac{b}{1 - D}$$\n\n"
LEAST = under(r"$$J(w) = \frac{1}{2} (w x - y)^2$$") + "$$J'(w) = (w x - y) x$$\n\n"
SQUARES = under(
    r"$$f = \| X w - y \|^2, \quad X \in \mathbb{R}^{n \times d}, w \in \mathbb{R}^d, y \in \mathbb{R}^n$$"
) + ("$$\\nabla_w f = 2 X^T X w - 2 X^T y$$\n\n")
RATE = under(r"$$\ell(q) = \sum_{i=1}^n (x_i \ln q - q), \quad q > 0$$") + (
    "$$\\ell'(q) = \\frac{1}{q} \\sum_{i=1}^n x_i - n$$\n\n$$\\ell''(q) = -\\frac{1}{q^2} \\sum_{i=1}^n x_i$$\n\n"
)
LOSS = under(r"$$L = -\sum_{i=1}^n y_i \ln p_i, \quad p_i = \frac{e^{z_i}}{\sum_{k=1}^n e^{z_k}}$$")


@pytest.mark.parametrize(
    "words",
    [
        "From $V'(D) = 0$ we conclude",
        "The condition $V'(D) = 0$ yields",
        "This is $0$ when",
        "De $V'(D) = 0$ on tire",
        "由 $V'(D) = 0$ 得",
        "which is zero iff",
        "Setting the derivative to zero gives",
        "and so we go on with",
    ],
)
def test_an_equation_that_the_derivative_demands_is_no_false_alarm(words: str) -> None:
    proof = (
        rf"{words}" "\n\n" r"$$\frac{a}{D} = \frac{b}{1 - D}$$" "\n\n$$a (1 - D) = b D$$\n\n" r"$$D = \frac{a}{a + b}$$"
    )
    found = verdicts(GAIN, proof)
    assert set(found) <= {"proved", "given"}
    assert len(found) in (4, 5)
    slip = verdicts(GAIN, rf"{words}" "\n\n" r"$$\frac{a}{D} = \frac{b}{1 + D}$$")
    assert slip[-1] in ("wrong", "undecided")


@pytest.mark.parametrize(
    ("head", "line", "expected"),
    [
        pytest.param(LEAST, r"w = \frac{y}{x}", {"proved"}, id="solved"),
        pytest.param(LEAST, r"w = \frac{y}{x^2}", {"wrong"}, id="solved wrongly"),
        pytest.param(LEAST, "w x^2 = y", {"wrong"}, id="another equation"),
        pytest.param(GAIN, r"D^* = \frac{a}{a + b}", {"proved", "agrees"}, id="a starred solution"),
        pytest.param(GAIN, r"D^* = \frac{b}{a + b}", {"wrong"}, id="a wrong starred solution"),
        pytest.param(SQUARES, "X^T X w = X^T y", {"proved", "given"}, id="for vectors"),
        pytest.param(SQUARES, "X^T X w = 2 X^T y", {"wrong", "undecided"}, id="a wrong one for vectors"),
        pytest.param(RATE, r"\frac{1}{q} \sum_{i=1}^n x_i = n", {"proved", "given"}, id="of the first derivative"),
    ],
)
def test_what_is_said_to_be_demanded_is_compared_with_the_derivative(head: str, line: str, expected: set[str]) -> None:
    assert verdicts(head, f"Setting the derivative to zero gives\n\n$${line}$$")[-1] in expected


def test_a_wrong_derivative_is_no_demand_of_the_right_one() -> None:
    proof = r"$$\frac{\partial L}{\partial z_i} = p_i \sum_{k=1}^n y_k - y_i$$" "\n\n" "Setting this to zero:\n\n"
    slip = r"$$\frac{\partial L}{\partial z_i} = y_i - p_i \sum_{k=1}^n y_k$$"
    assert verdicts(LOSS, proof + slip) == ["proved", "wrong"]


@pytest.mark.parametrize(
    ("proof", "last"),
    [
        (r"$$2(w - 3) + 2 q w = 0 \Rightarrow w (1 + q) = 3 \Rightarrow w = \frac{3}{1 + q}$$", "proved"),
        (r"$$2(w - 3) + 2 q w = 0 \Rightarrow w (1 + q) = 3 \Rightarrow w = \frac{1 + q}{3}$$", "wrong"),
        (r"$$2(w - 3) + 2 q w = 0 \Rightarrow w (1 - q) = 3$$", "wrong"),
        (
            r"$$\frac{30}{x} = \frac{30}{1 - 3x} \Rightarrow 1 - 3x = x$$" "\n\n" r"$$\Rightarrow x = \frac14$$",
            "proved",
        ),
        (r"$$\frac{30}{x} = \frac{30}{1 - 3x} \Rightarrow 1 - 3x = x$$" "\n\n" r"$$\Rightarrow x = \frac13$$", "wrong"),
        (r"$$x^2 - 7x + 6 = 0 \Rightarrow x_1 = 6, x_2 = 1$$", "proved"),
        (r"$$x^2 - 7x + 6 = 0 \Rightarrow x_1 = 6, x_2 = -1$$", "wrong"),
        (r"$$(x - 1)(x - 2) = 0 \Rightarrow x - 1 = 0$$", "undecided"),
        (r"$$x + y = 3, \quad x - y = 1 \Rightarrow x = 2$$", "proved"),
    ],
)
def test_steps_between_equations(proof: str, last: str) -> None:
    assert checked(under("$$u = 2 v$$"), proof).relations[-1].verdict == last


SPREAD = "$$F = \\mu^2 + s^2$$\n\n$$G = 3 \\mu$$"
LIKELIHOOD = r"$$\ell = k \ln p + (n - k) \ln(1 - p)$$"


@pytest.mark.parametrize(
    ("given", "slope", "line", "verdict"),
    [
        pytest.param(SPREAD, r"\frac{\partial F}{\partial \mu} = 2 \mu", r"2 \mu = \mu", "wrong", id="a factor"),
        pytest.param(SPREAD, r"\frac{\partial F}{\partial \mu} = 2 \mu", r"G = 2 \mu", "wrong", id="another name"),
        pytest.param(SPREAD, r"\frac{\partial F}{\partial s} = 2 s", r"2 s = 2 \mu s", "wrong", id="another factor"),
        pytest.param(SPREAD, r"\frac{\partial F}{\partial s} = 2 s", r"s = 0", "given", id="its solution"),
        pytest.param(
            LIKELIHOOD,
            r"\frac{\partial \ell}{\partial p} = \frac{k}{p} - \frac{n - k}{1 - p}",
            r"k (1 - p) = (n - k) p",
            "given",
            id="without its denominators",
        ),
    ],
)
def test_without_words_only_what_a_derivative_itself_says_is_a_demand(
    given: str, slope: str, line: str, verdict: str
) -> None:
    assert verdicts(under(given), f"$${slope}$$\n\n$${line}$$") == ["proved", verdict]


RISKS = "$$R_0 = p a, \\quad R_1 = (1 - p) b$$"


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("They agree at the threshold, where", "undecided"),
        ("We are indifferent when", "undecided"),
        ("Both risks are equal:", "undecided"),
        ("Hence the risk is", "wrong"),
    ],
)
def test_what_words_say_to_hold_somewhere_is_no_claim_about_all(words: str, verdict: str) -> None:
    assert verdicts(under(RISKS), f"{words}\n\n$$p a = (1 - p) b$$") == [verdict]


@pytest.mark.parametrize(("line", "verdict"), [(r"\frac{v s}{v + s}", "proved"), (r"\frac{v s}{2 v + s}", "wrong")])
def test_an_equation_of_free_names_in_the_sentence_before_says_where_a_line_holds(line: str, verdict: str) -> None:
    given = under(r"$$c = \frac{v s}{k + s}$$")
    assert verdicts(given, f"At the training input itself, $k = v$, and there\n\n$$c = {line}$$") == [verdict]


@pytest.mark.parametrize(
    ("proof", "expected"),
    [
        (r"$$f'(u) = 2u - 4 \overset{!}{=} 0$$" "\n\n" r"$$\Rightarrow u = 2$$", ["proved", "given", "proved"]),
        (r"$$f'(u) = 2u - 4 \stackrel{!}{=} 0 \Rightarrow u = 3$$", ["proved", "given", "wrong"]),
        (r"$$f'(u) = 2u - 5 \overset{!}{=} 0$$", ["wrong", "given"]),
        (r"$$x + 1 \overset{!}{=} 3$$", ["given"]),
        (r"$$x + 1 \overset{(1)}{=} 3$$", ["wrong"]),
    ],
)
def test_an_exclamation_mark_over_a_sign_demands_what_it_says(proof: str, expected: list[str]) -> None:
    assert verdicts(under(r"$$x = 5, \quad f(u) = u^2 - 4u$$"), proof) == expected


def test_a_new_name_with_the_sign_of_a_definition_is_one() -> None:
    given = under(r"$$o = v h, \quad L = \frac12 (o - y)^2$$")
    proof = r"$$\delta := \frac{\partial L}{\partial o} = o - y$$"
    slope = r"$$\frac{\partial L}{\partial v} = "
    assert verdicts(given, f"{proof}\n\n{slope} \\delta h$$") == ["given", "proved", "proved"]
    assert verdicts(given, f"{proof}\n\n{slope} \\delta v$$") == ["given", "proved", "wrong"]


@pytest.mark.parametrize(
    "line", [pytest.param(r"\sum_{i=1}^n u_i = 0", id="of a family"), pytest.param("a + b = 3", id="of two unknowns")]
)
def test_an_equation_of_several_unknowns_is_none_to_be_solved(line: str) -> None:
    assert verdicts(under("$$y = 2 x$$"), f"$${line}$$\n\n$$y = 2 x$$") == ["undecided", "proved"]


def test_a_solution_is_no_demand() -> None:
    given = r"$$(1 - r)^N = \frac{1}{2}, \quad 0 < r < 1, N \ge 1$$"
    assert verdicts(under(given), r"Solving for $r$ gives $$r = 1 - \frac{1}{2^{N}}$$") == ["undecided"]


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ("x - m", ["given", "proved", "proved"]),
        ("-(x - m)", ["given", "wrong", "proved"]),
        ("x - m = 3 (x - m)", ["given", "proved", "wrong", "proved"]),
    ],
)
def test_what_a_derivative_is_equal_to_is_claimed_where_it_is_set_to_zero_first(
    chain: str, expected: list[str]
) -> None:
    proof = rf"$$0 = \frac{{\partial L}}{{\partial m}} = {chain}$$" + "\n\nso $m = x$."
    assert verdicts(under(r"$$L = -\frac{1}{2} (x - m)^2$$"), proof) == expected


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("First-order condition: $f'(x) = 0$.", "given"),
        ("The first-order condition is\n\n$$f'(x) = 0$$", "given"),
        ("We have $f'(x) = 0$.", "wrong"),
    ],
)
def test_a_condition_that_holds_nowhere_is_no_wrong_claim(words: str, verdict: str) -> None:
    assert verdicts(under("$$f(x) = 2 x + 1$$"), words) == [verdict]


@pytest.mark.parametrize(("value", "verdict"), [("2", "proved"), ("4", "wrong")])
def test_words_in_the_line_of_a_demand_say_what_it_is(value: str, verdict: str) -> None:
    proof = f"Setting the derivative to zero: $2 x - 4 = 0$.\n\nSo $x = {value}$."
    assert verdicts(under("$$f(x) = x^2 - 4 x$$"), proof) == ["proved", verdict]


@pytest.mark.parametrize(
    ("words", "line", "verdict"),
    [
        ("The point $3$ is the minimum.", "f(c) = -9 + (c - 3)^2", "proved"),
        ("The point $3$ is the minimum.", "f(c) = -9 + 2 (c - 3)^2", "wrong"),
        ("The point $3$ is the minimum.", "f(c) = -9 - (c - 3)^2", "wrong"),
        ("At the minimum", "f(c) = -3 c", "proved"),
        ("The minimum is", "f(c) = -9", "proved"),
    ],
)
def test_what_a_function_is_in_its_own_letter_is_said_of_all_its_values(words: str, line: str, verdict: str) -> None:
    found = verdicts(under("$$f(c) = c^2 - 6 c$$"), f"$$f'(c) = 2 (c - 3)$$\n\n{words}\n\n$${line}$$")
    assert found[-1] == verdict


MULTIPLIER = under(
    r"$$Q = \sum_{k=1}^K N_k \ln \pi_k + \lambda (\sum_{k=1}^K \pi_k - 1), \ N = \sum_{k=1}^K N_k$$"
    "\n\n$\\pi_k > 0$ and $N_k > 0$ for all $k$."
)


@pytest.mark.parametrize(("value", "verdict"), [("-N", "proved"), ("-1", "wrong"), ("N", "wrong")])
def test_what_stands_in_a_sum_is_put_in_for_a_multiplier(value: str, verdict: str) -> None:
    proof = (
        r"$$\frac{\partial Q}{\partial \pi_j} = \frac{N_j}{\pi_j} + \lambda$$"
        "\n\nSetting this to zero we obtain\n\n"
        r"$$\pi_j = -\frac{N_j}{\lambda}$$"
        "\n\nso that the constraint $\\sum_{k=1}^K \\pi_k = 1$ gives\n\n"
        rf"$$\lambda = {value}$$"
    )
    assert verdicts(MULTIPLIER, proof)[-1] == verdict


@pytest.mark.parametrize(("line", "verdict"), [("x - 1 - c", "proved"), ("x + 1 - c", "wrong")])
@pytest.mark.parametrize(
    "words", ["Solving for $y$:", "Rearranging gives", "Now solve for $y$:", "We solve this equation for $y$ to get"]
)
def test_what_an_equation_is_solved_for_follows_from_it(words: str, line: str, verdict: str) -> None:
    head = under(r"$$F = y \ln y - x y + c y, \quad y > 0$$")
    proof = rf"$$\frac{{dF}}{{dy}} = \ln y + 1 - x + c = 0$$" f"\n\n{words}\n\n$$\\ln y = {line}$$"
    assert verdicts(head, proof)[-1] == verdict


@pytest.mark.parametrize(
    ("line", "behind", "verdict"),
    [
        ("w = r", "where $r = y / x$.", "undecided"),
        ("w = r", "", "undecided"),
        (r"w = \frac{2 y}{x}", "", "wrong"),
        (r"w = \frac{y}{x}", "", "proved"),
    ],
)
@pytest.mark.parametrize("words", ["Solving for $w$ gives", "so we get"])
def test_what_a_new_name_stands_for_may_be_said_behind_it(words: str, line: str, behind: str, verdict: str) -> None:
    proof = rf"$$\frac{{dL}}{{dw}} = 2 x (w x - y) = 0$$" f"\n\n{words}\n\n$${line}$$\n\n{behind}"
    assert verdicts(under(r"$L(w) = (w x - y)^2$, $x \ne 0$"), proof)[2] == verdict


@pytest.mark.parametrize(
    ("place", "verdict"), [(r"\frac{a}{a + b}", "proved"), (r"\frac{b}{a + b}", "wrong"), ("c", "undecided")]
)
def test_what_a_derivative_is_at_a_place_that_is_worked_out_is_a_claim(place: str, verdict: str) -> None:
    head = under(r"$$V(D) = a \ln D + b \ln(1 - D), \ 0 < D < 1, \ a > 0, \ b > 0$$")
    assert verdicts(head, rf"$$V'\left({place}\right) = 0$$") == [verdict]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [(r"1 - \tanh^2(x) \ge 1", "wrong"), (r"1 - \tanh^2(x) \le 1", "proved"), (r"x^2 - 4 x \le 0", "undecided")],
)
def test_a_bound_that_holds_nowhere_but_where_its_sides_are_equal_is_no_condition(line: str, verdict: str) -> None:
    assert verdicts(under(r"$$y = x^2$$"), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(("factor", "verdict"), [("", "proved"), ("(1 - p) ", "wrong")])
def test_a_moment_is_no_demand_of_a_derivative(factor: str, verdict: str) -> None:
    given = (
        r"$$y = \frac{m x}{1 - p},\ 0 \leq p < 1$$"
        "\n\nThe mask $m$ is 1 with probability $1 - p$ and 0 with "
        "probability $p$; $x$ is a fixed number."
    )
    assert verdicts(under(given), rf"Hence the output is unbiased: $\mathbb{{E}}[y] = {factor}x$.") == [verdict]


@pytest.mark.parametrize(("words", "verdict"), [("If $a x = 0$, then", "undecided"), ("Hence", "wrong")])
def test_a_bound_may_hold_where_its_condition_makes_the_sides_equal(words: str, verdict: str) -> None:
    assert verdicts(under("$$y = a x$$"), rf"{words}" "\n\n" r"$$(a x)^2 \le 0$$") == [verdict]
