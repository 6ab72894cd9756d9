"""What kind of statement a relation is comes before the algebra: numbers, conclusions, systems, opaque quantities."""

import pytest
from check.checking import checked, under, verdicts

NOTHING = "## Given\n\n$$q = 1$$\n\n## Proof\n\n"

NUMBERS = r"""## Given

$$s = \frac{1}{1 + e^{-u}}, \qquad u = 0.5, \qquad r = \max(0, 0.4 s)$$

## Proof

"""

NATURAL = NOTHING.replace("$$q = 1$$", "Here $\\log$ is the natural logarithm.\n\n$$q = 1$$")

LOSS = r"""## Given

$$v = 3 u + b$$

$$u = \tanh(x)$$

## Proof

"""

SLOPE = r"""## Given

$$y = w_1 v_1 + w_2 v_2$$

$$\frac{\partial L}{\partial y} = 2$$

$$w_1 = 3, \quad w_2 = 5$$

## Proof

"""

SOFTMAX = r"$$p_i = \frac{e^{z_i}}{\sum_{j=1}^K e^{z_j}}$$"

LAYER = under(
    r"$$y = W x, \quad W \in \mathbb{R}^{n \times m}, \quad x \in \mathbb{R}^m$$"
    "\n\n"
    r"$$L = \frac12 \sum_{i=1}^n (y_i - t_i)^2$$"
)

MEAN = r"""## Given

$$J = \frac{1}{N} \sum_{n=1}^{N} (a_n + b_n)$$

## Proof

"""

RELU = r"""## Given

$$h = \max(0, u)$$

## Proof

"""


@pytest.mark.parametrize(
    ("given", "proof", "expected"),
    [
        pytest.param(NUMBERS, "$$s = 0.62$$", ["rounded"], id="digits are rounded or cut off"),
        pytest.param(NUMBERS, "$$s = 0.6224$$", ["rounded"], id="cut off is enough"),
        pytest.param(NUMBERS, "$$s = 0.63$$", ["wrong"], id="one unit too many is wrong"),
        pytest.param(
            NUMBERS, "$$s = 0.62$$\n\n$$r = 0.4 \\cdot 0.62 = 0.248$$", ["rounded", "rounded", "proved"],
            id="a value shown with its digits may be put in afterwards",
        ),
        pytest.param(
            NOTHING, r"$$0.598 \cdot \tanh(0.355) = 0.204$$", ["rounded"], id="digits of a formula of numbers",
        ),
        pytest.param(NOTHING, r"$$e^{10} \approx 22026$$", ["rounded"], id="a whole number stands for a long one"),
        pytest.param(NOTHING, r"$$7/2 = 4$$", ["wrong"], id="but not for one half more"),
        pytest.param(NOTHING, r"$$-\log(0.7) \approx -(-0.3567)$$", ["rounded"], id="an approximation by a formula"),
        pytest.param(NOTHING, r"$$3 \cdot 4 \approx 12.9$$", ["wrong"], id="an approximation far off is wrong"),
        pytest.param(NOTHING, r"$$\log 0.02 = -1.698$$", ["undecided"], id="another base is a convention"),
        pytest.param(NATURAL, r"$$\log 0.02 = -1.698$$", ["wrong"], id="unless the base is stated"),
        pytest.param(
            NOTHING, r"$$x = 3 \Rightarrow 2 x = 6$$", ["given", "proved"], id="a conclusion holds under its premise"
        ),
        pytest.param(NOTHING, r"$$x > 3 \Rightarrow x + y > y$$", ["given", "proved"], id="so does one from a bound"),
        pytest.param(NOTHING, r"$$x = 3 \Rightarrow 2 x = 7$$", ["given", "wrong"], id="and may be wrong under it"),
        pytest.param(
            NOTHING,
            "Solve the system:\n\n$$3 f + b = 7$$\n\nand\n\n$$f - b = 1$$\n\n$$4 f = 8$$\n\n$$f = 2$$",
            ["given", "given", "proved", "proved"],
            id="a system is solved step by step",
        ),
        pytest.param(
            NOTHING,
            "Set\n\n$$2 w - 6 = 0 \\Rightarrow w = 2$$",
            ["given", "wrong"],
            id="a wrong solution contradicts what is solved",
        ),
        pytest.param(
            LOSS,
            r"$$\frac{\partial L}{\partial u} = \frac{\partial L}{\partial v} \cdot 3$$",
            ["proved"],
            id="the chain rule for a loss of which nothing is given",
        ),
        pytest.param(
            LOSS,
            r"$$\frac{\partial L}{\partial x} = \frac{\partial L}{\partial v} \cdot 3 (1 - u)$$",
            ["wrong"],
            id="a wrong factor beside it is found",
        ),
        pytest.param(
            LOSS, r"$$\frac{\partial L}{\partial u} = 3$$", ["undecided"], id="its slope itself is not known",
        ),
        pytest.param(
            SLOPE,
            r"$$\frac{\partial L}{\partial v_1} = \frac{\partial L}{\partial y} w_1 = 2 \cdot 3 = 6$$",
            ["proved", "proved", "proved"],
            id="a slope that is given is used",
        ),
        pytest.param(
            SLOPE, r"$$\frac{\partial L}{\partial v_1} = \frac{\partial L}{\partial y} w_2$$", ["wrong"],
            id="the wrong one of two factors is found",
        ),
        pytest.param(
            MEAN, r"$$J = \frac{1}{N} \sum_{n=1}^{N} a_n + b_n$$", ["proved"], id="a sum may reach to the end of a line"
        ),
        pytest.param(
            MEAN, r"$$J = \sum_{n=1}^{N} (a_n + b_n)$$", ["wrong"], id="a sum is not the mean that is given"
        ),
        pytest.param(
            NOTHING, r"$$w \leftarrow w - \eta g = w - 2$$", ["given", "undecided"], id="an assignment is no equation"
        ),
        pytest.param(
            NOTHING, "$$= 5 \\cdot 4 = 20$$", ["given", "proved"], id="a dangling sign hangs on words",
        ),
        pytest.param(NOTHING, "The total is then $3+1+3=7$.", ["proved"], id="sums of numbers in words are judged"),
        pytest.param(NOTHING, "Weights = 4 x 5 + 2 = 23", ["wrong"], id="without dollar signs too"),
        pytest.param(NOTHING, "It would be wrong to say $1 + 1 = 3$.", [], id="what is denied is not"),
        pytest.param(NOTHING, "- 30 * 60 + 60 = 1,860", ["proved"], id="the dash of a list is no minus"),
        pytest.param(NOTHING, "$$12 \\cdot 12 \\quad (1p) = 144$$", ["proved"], id="a mark is no factor"),
        pytest.param(RELU, "For $u > 0$:\n\n$$\\frac{\\partial h}{\\partial u} = 1$$", ["proved"], id="a branch"),
        pytest.param(
            NOTHING, r"$$\frac{\partial M}{\partial t} = 0$$", ["undecided"], id="nothing follows about the unknown"
        ),
        pytest.param(
            NOTHING, r"$$\frac{d}{dt} q = 3 \cdot \frac{d}{dt} q$$", ["undecided"], id="nor by an unknown variable"
        ),
    ],
)  # fmt: skip
def test_each_kind_of_statement_is_judged_as_what_it_is(given: str, proof: str, expected: list[str]) -> None:
    assert verdicts(given, proof) == expected


@pytest.mark.parametrize(
    ("given", "proof", "slip", "expected"),
    [
        (
            RELU.replace(r"\max(0, u)", r"\tanh(u)"),
            r"$$\frac{\partial h}{\partial u} = 1 - h$$",
            "a square of $h$ that was lost",
            "1 - h^2",
        ),
        (LOSS, r"$$\frac{\partial v}{\partial u} = -3$$", "a sign", "3"),
        (LOSS, r"$$\frac{\partial v}{\partial u} = 6$$", "a factor 2", "3"),
        (LOSS, r"$$\frac{\partial v}{\partial x} = 3$$", r"$\frac{\partial u}{\partial x}$, left out", None),
        (NOTHING, r"$$110 \cdot 101 = 11111$$", "arithmetic", "11110"),
        (LOSS, r"$$u^2 + 2 u b = u (u - 2 b)$$", "the sign of $2 b$", "u(u + 2 b)"),
        (LOSS, r"$$u^2 b + u b = b (u^3 + u)$$", "the power of $u$", "b(u^2 + u)"),
        (MEAN, r"$$\sum_{n=1}^{N} (a_n + b_n)^2 = \sum_{n=1}^{N} (a_n + b_n)$$", "a square", None),
        (MEAN, r"$$\sum_{n=1}^{N} a_n b_n = \sum_{n=1}^{N} a_n b_{n+1}$$", "the index $n + 1$ for $n$", None),
        (LOSS, r"$$u^2 + 2 u b + b^2 = u^2 + b^2$$", "the term $2 u b$, left out", None),
        (NATURAL, r"$$-\log(0.125) = -2.079$$", "a sign", "2.079"),
        (
            "## Given\n\n$$c = \\sum_{k=1}^{K} x_k y_k$$\n\n## Proof\n\n",
            r"$$\frac{\partial c}{\partial x_i} = 2 y_i$$",
            "a factor 2",
            "y_i",
        ),
        (
            under(r"$$f(x) = \max(0, x)$$"),
            "For $x > 0$:\n\n$$f'(x) = 0$$",
            "the wrong case",
            "1",
        ),
        (
            under(f"{SOFTMAX}\n\n" r"$$L = -\sum_{i=1}^K y_i \log p_i$$"),
            r"$$\frac{\partial L}{\partial z_k} = -y_k (1 - p_k)$$",
            "the sum not split: its terms other than that of $k$ left out",
            r"p_k \sum_{i=1}^{K} y_i - y_k",
        ),
        (
            under(r"$$H = -\sum_{i=1}^K p_i \log_2 p_i$$"),
            r"$$\frac{\partial H}{\partial p_k} = -\log_2 p_k - 1$$",
            "the base of the logarithm",
            None,
        ),
        (NOTHING, r"$$\ln 4 = 2$$", "the base of the logarithm", "1.39"),
        (NOTHING, r"$$-\ln 0.769 = 0.114$$", "the base of the logarithm", "0.263"),
        (NOTHING, r"$$\frac{1}{1 + 2 + 5} = \frac{1}{7}$$", "$7$ for $8$", r"\frac{1}{8}"),
        (LAYER, r"$$\nabla_x L = W (y - t)$$", "a transposed $W$", r"W^\top  (y - t)"),
        (
            under(r"$$s = u^\top M v, \quad u \in \mathbb{R}^m, \quad v \in \mathbb{R}^n$$"),
            r"$$\frac{\partial s}{\partial M} = v u^\top$$",
            "the whole transposed",
            None,
        ),
    ],
)
def test_a_slip_that_explains_a_wrong_line_is_named(given: str, proof: str, slip: str, expected: str | None) -> None:
    [line] = checked(given, proof).relations
    assert line.verdict == "wrong"
    assert slip in line.reason
    if expected is not None:
        assert line.expected == expected


def test_the_engine_says_what_would_be_right_where_no_slip_explains_it() -> None:
    [line] = checked(LOSS, r"$$\frac{\partial v}{\partial x} = x^7 + b$$").relations
    assert line.expected is not None
    assert checked(LOSS, rf"$$\frac{{\partial v}}{{\partial x}} = {line.expected}$$").verdict == "holds"


def test_what_is_assumed_may_not_contradict_itself() -> None:
    [_, line] = checked(NOTHING, r"$$\text{Assume } x > 0 \text{ and } x < 0. \quad 1 = 2$$").relations
    assert line.verdict == "undecided"
    assert "contradicts itself" in line.reason


def test_a_given_that_cannot_be_read_takes_the_ground_from_a_refutation() -> None:
    given = "## Given\n\n$$z = \\unknowncommand{3}$$\n\n## Proof\n\n"
    [line] = checked(given, "$$z = 4$$").relations
    assert line.verdict == "undecided"


@pytest.mark.parametrize("right", [r"\frac{17}{23}", "u + 41", r"3 \cdot v", r"\tanh(b) + 2"])
def test_a_confirmed_line_with_another_right_side_is_not_confirmed(right: str) -> None:
    assert verdicts(LOSS, r"$$\frac{\partial v}{\partial u} = 3$$") == ["proved"]
    assert verdicts(LOSS, rf"$$\frac{{\partial v}}{{\partial u}} = {right}$$") == ["wrong"]


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        pytest.param(r"$$z = (1, 4, 2), \quad m = \max_i z_i$$", "m = 4", "proved", id="entries that are given"),
        pytest.param(r"$$z \in \mathbb{R}^{100}, \quad m = \max_i z_i$$", "m = z_1", "undecided", id="so many"),
        pytest.param(r"$$x_i = i^2, \quad s = \sum_{i \in \{1, 3\}} x_i$$", "s = 10", "proved", id="a set with a gap"),
        pytest.param(
            r"$$x_i = i, \quad s = \sum_{i \in \{1, 99999999999\}} x_i$$", "s = 4", "undecided", id="a wide set"
        ),
    ],
)
def test_no_entry_of_a_long_list_is_left_out(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [verdict]


def test_nothing_is_refuted_by_a_moment_under_a_condition_as_if_it_were_a_function() -> None:
    given = r"$\mathbb{E}[X \mid Y] = 3 Y$"
    assert "wrong" not in verdicts(under(given), r"$$\mathbb{E}[\mathbb{E}[X \mid Y]] = \mathbb{E}[3 Y]$$")
