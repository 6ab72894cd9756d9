"""Right lines that look wrong: shortened numbers, conditions in words, new values, and names that were not read."""

import pytest
from check.checking import under, verdicts

SOFTMAX = r"$$p_i = \frac{e^{a_i}}{\sum_{k=1}^K e^{a_k}}, \quad i = 1, \dots, K$$"
UNIT = r"$$u = w x, \quad v = \max(0, u), \quad E = (v - t)^2$$"
DESCENT = "$$w = 0.5, x = 2, y = 3, \\eta = 0.1$$\n\n$$E = \\frac12 (y - w x)^2$$"
PENALTY = r"$$J = \frac12 w^\top H w, \quad w \in \mathbb{R}^n, H \in \mathbb{R}^{n \times n}$$"
DESIGN = r"$$X = \begin{bmatrix} 1 & 0 \\ 1 & 1 \\ 1 & 2 \end{bmatrix}, y = \begin{bmatrix} 1 \\ 2 \\ 4 \end{bmatrix}$$"
MEANS = r"$$\mu_k = \frac{1}{|C_k|} \sum_{x \in C_k} x$$"
DECAY = r"$$x_t = 0.9^t, \quad t = 1, \dots, T$$"
NOTHING = "$$u = 2x$$"
BINARY = r"$$L = -y \log p - (1 - y) \log(1 - p), \quad p = \sigma(z)$$"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"61706 \approx 62000", "rounded"),
        (r"61{,}706 \approx 61{,}700", "rounded"),
        (r"3.86 \cdot 10^7 \approx 39000000", "rounded"),
        (r"\frac{1000}{3} \approx 330", "rounded"),
        (r"1050 \approx 1000", "rounded"),
        (r"12 + 5 \approx 20", "undecided"),
        (r"12345 \approx 12500", "undecided"),
        (r"61706 \approx 63000", "wrong"),
        (r"333 \approx 340", "wrong"),
        (r"37 \approx 38", "wrong"),
        (r"61706 = 62000", "wrong"),
    ],
)
def test_zeros_at_the_end_of_a_whole_number_are_not_shown_digits(line: str, verdict: str) -> None:
    assert verdicts(under(NOTHING), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(
    ("given", "words", "line", "expected"),
    [
        (SOFTMAX, "Für $i = j$ gilt", r"\frac{\partial p_i}{\partial a_j} = p_i(1 - p_i)", {"proved", "agrees"}),
        (SOFTMAX, "Pour $i \\neq j$ on a", r"\frac{\partial p_i}{\partial a_j} = -p_i p_j", {"proved", "agrees"}),
        (SOFTMAX, "Für $i = j$ gilt", r"\frac{\partial p_i}{\partial a_j} = p_i(1 + p_i)", {"wrong"}),
        (UNIT, "Since $u > 0$, the unit is on.", r"\frac{\partial E}{\partial w} = 2(v - t) x", {"proved", "agrees"}),
        (UNIT, "Since $u < 0$, the unit is off.", r"\frac{\partial E}{\partial w} = 2(v - t) x", {"wrong"}),
    ],
)
def test_a_relation_in_the_words_before_a_display_is_its_condition_in_any_language(
    given: str, words: str, line: str, expected: set[str]
) -> None:
    assert set(verdicts(under(given), f"{words}\n\n$${line}$$")) <= expected


@pytest.mark.parametrize(
    ("proof", "expected"),
    [
        pytest.param(r"$$w \leftarrow 0.5 + 0.4 = 0.9$$" "\n\n$$w x = 1.8$$", ["given", "proved", "proved"], id="new"),
        pytest.param(r"$$w := 0.9$$" "\n\n" r"$$E = \frac12 (3 - 1.8)^2$$", ["given", "proved"], id="through it"),
        pytest.param(r"$$w \leftarrow 0.9$$" "\n\n$$w x = 1.9$$", ["given", "wrong"], id="wrong before and after"),
        pytest.param("$$w = 0.5 + 0.4 = 0.9$$\n\n$$w x = 1.8$$", ["undecided", "proved", "proved"], id="with ="),
        pytest.param("Without a penalty:\n\n$$E = 0.72$$", ["undecided"], id="left out in words"),
        pytest.param("After the update:\n\n$$E = 0.72$$", ["undecided"], id="said in words alone"),
        pytest.param("$$E = 0.72$$", ["wrong"], id="before any update"),
    ],
)
def test_an_update_gives_the_lines_after_it_a_new_value(proof: str, expected: list[str]) -> None:
    assert verdicts(under(DESCENT), proof) == expected


@pytest.mark.parametrize(
    ("given", "proof", "last"),
    [
        pytest.param(
            PENALTY + "\n\nH is idempotent.", r"$$\nabla_w J = H w$$", "undecided", id="in words"
        ),
        pytest.param(PENALTY, r"$$\nabla_w J = H w$$", "wrong", id="nothing is said of the matrix"),
        pytest.param(NOTHING, r"$$(3 \times 4)(4 \times 2) = 3 \times 2$$", "undecided", id="shapes"),
        pytest.param(NOTHING, r"$$(5 x 16)(16 x 8) = 5 x 8$$", "undecided", id="shapes with a plain x"),
        pytest.param(
            "$$x = 3$$\n\nThe loss is $L = 2 m$ where $m$ is the mean of the batch.",
            r"$$\frac{\partial L}{\partial x} = 2$$", "undecided", id="what words say a letter is",
        ),
        pytest.param(SOFTMAX, "On the diagonal:\n\n" r"$$\frac{\partial p_i}{\partial a_j} = p_i (1 - p_i)$$",
                     "undecided", id="a case in words that are not read"),
        pytest.param(SOFTMAX, "We obtain the result\n\n" r"$$\frac{\partial p_i}{\partial a_j} = p_i (1 - p_i)$$",
                     "wrong", id="words that name no case"),
        pytest.param(NOTHING, r"$$28 \times 28 \times 1 = 26 \times 26 \times 32$$", "undecided", id="volumes"),
        pytest.param(NOTHING, r"$$3 \times 4 = 3 \times 2$$", "wrong", id="a product of two numbers"),
        pytest.param(
            DESIGN,
            r"$$w = \operatorname{lstsq}(X, y)$$" "\n\n"
            r"$$\hat y = X w = \begin{bmatrix} 0.8 \\ 2.3 \\ 3.8 \end{bmatrix}$$",
            "undecided",
            id="defined in the proof by what is not read",
        ),
        pytest.param(
            NOTHING,
            r"$$D = 0.25 \text{ bits}$$" "\n\n" r"$$D = 0.25 \cdot \ln 2 \text{ nats}$$",
            "undecided",
            id="bits and nats",
        ),
        pytest.param(MEANS, r"$$\mu_2 = \frac{8 + 10}{3}$$", "undecided", id="a member of a family is no new name"),
        pytest.param(NOTHING, "$$y = e^-x$$", "unreadable", id="no name ends in a sign"),
        pytest.param(DECAY, r"$$x_t < 0.01 \iff t > 43$$", "undecided", id="one side of an equivalence"),
    ],
)  # fmt: skip
def test_what_is_not_read_refutes_and_defines_nothing(given: str, proof: str, last: str) -> None:
    assert verdicts(under(given), proof)[-1] == last


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        pytest.param(r"$$z = a + b$$", "z = 3", "undecided", id="a number for what is free"),
        pytest.param(r"$$z = a x, x = (1, 2)$$", "z = 0.4 x", "undecided", id="a number for a free factor"),
        pytest.param(r"$$z = a x$$", "z = 0.4 x", "undecided", id="a number for a free letter"),
        pytest.param(r"$$z = a x$$", "z = x", "wrong", id="a factor left out"),
        pytest.param(r"$$H = -\sum_i p_i \log_2 p_i$$", "H = 1.75", "undecided", id="where a logarithm has no value"),
        pytest.param(r"$$o = \frac{64 - 2}{2} + 1$$", "o = 33", "wrong", id="a formula of numbers"),
        pytest.param(r"$$z = a x$$", "z = 2 a x", "wrong", id="letters on both sides"),
        pytest.param(r"$$u = \tanh(x), v = 3u$$", r"\frac{\partial v}{\partial x} = 3", "wrong", id="a slope"),
        pytest.param(r"$$z = a + b$$", r"\sigma(z) + \sigma(-z) = 2", "wrong", id="another number whatever is free"),
        pytest.param(r"$$z = a + b$$", r"\sigma(z) + \sigma(-z) = 1", "proved", id="this number whatever is free"),
        pytest.param(
            r"$$\sum_{i=1}^n q_i = 1, \sum_{i=1}^n p_i = 1$$", r"\sum_{i=1}^n q_i \ln \frac{p_i}{q_i} \leq 0",
            "proved", id="distributions are positive",
        ),
        pytest.param(
            r"$$\sum_{i=1}^n q_i = 1, \sum_{i=1}^n p_i = 1, F = \sum_{i=1}^n q_i \ln \frac{q_i}{p_i}$$", r"F \leq 0",
            "wrong", id="the wrong side of a bound on distributions",
        ),
        pytest.param(r"$$y = \frac{b}{3}$$", "y = 0.333 b", "agrees", id="a rounded coefficient"),
        pytest.param(r"$$y = \frac{b}{3}$$", "y = 0.343 b", "wrong", id="a wrong coefficient"),
        pytest.param(r"$$p = \sigma(b), b = 0.5, x = (2, 1)^T$$", "p x = 0.6225 x", "rounded", id="rounded entries"),
        pytest.param(r"$$p = \sigma(b), b = 0.5, x = (2, 1)^T$$", "p x = 0.6325 x", "wrong", id="wrong entries"),
        pytest.param(r"$$s = 8.165$$", r"s^2 = \frac{200}{3}", "undecided", id="a given decimal may be rounded"),
        pytest.param(r"$$h = \tanh(0.381 - 1)$$", "h = -0 . 550", "rounded", id="a decimal as a scanner sets it"),
        pytest.param(
            r"$$o_1 = 0.8, t_1 = 1$$" "\n\n" r"$$o_k = \sigma(z_k), d_k = (t_k - o_k) o_k (1 - o_k)$$", "d_1 = -0.032",
            "wrong", id="a value beside its formula",
        ),
        pytest.param(
            r"$$X = \begin{pmatrix} 1 & 0 \\ 1 & 2 \end{pmatrix}, y = \begin{pmatrix} 1 \\ 4 \end{pmatrix}$$",
            r"X y = \begin{pmatrix} 1 \\ 8 \end{pmatrix}", "wrong", id="a vector of numbers",
        ),
        pytest.param(
            r"$$h_t = \tanh(w h_{t-1}), t = 1, \dots, T$$",
            r"\prod_{t=k+1}^T w (1 - h_t^2) = w^{T-k} \prod_{t=k+1}^T (1 - h_t^2)", "proved", id="ranges run forward",
        ),
        pytest.param(
            r"$$u_o, u_k, v \in \mathbb{R}^d$$" "\n\n"
            r"$$J = -\log \sigma(u_o^\top v) - \sum_{k=1}^K \log \sigma(-u_k^\top v)$$",
            r"\frac{\partial J}{\partial u_o} = (\sigma(u_o^\top v) - 1) v", "undecided", id="a letter of its own",
        ),
    ],
)  # fmt: skip
def test_a_line_is_refuted_only_by_what_the_document_settles(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("In the active region", "undecided"),
        ("", "undecided"),
        ("Since $u < 0$, the unit is off.", "wrong"),
        ("$$\\frac{\\partial u}{\\partial w} = x$$", "wrong"),
    ],
)
def test_words_may_name_the_case_of_a_kinked_function(words: str, verdict: str) -> None:
    proof = f"{words}\n\n$$\\frac{{\\partial E}}{{\\partial w}} = 2(v - t) x$$"
    assert verdicts(under(UNIT), proof)[-1] == verdict


def test_what_the_proof_uses_without_a_meaning_refutes_nothing() -> None:
    given = r"$$\tilde{h} = \frac{m}{1 - p} h$$"
    proof = r"$$\mathbb{E}[\tilde{h}] = \frac{\mathbb{E}[m]}{1-p} h = \frac{1-p}{1-p} h$$"
    assert "wrong" not in verdicts(under(given), proof)


def test_a_gradient_is_set_to_zero() -> None:
    given, proof = "$$f(x, y) = x^2 + y^2 - 2x$$", r"$$\nabla f = (2x - 2, 2y) = (0, 0)$$"
    assert verdicts(under(given), proof)[-1] == "given"


def test_a_demand_does_not_stand_in_the_way_of_a_general_claim() -> None:
    given = r"$$H(p) = -p \ln p - (1 - p) \ln(1 - p), \quad 0 < p < 1$$"
    proof = "$$H'(p) = 0 \\iff p = \\frac13$$\n\n$$H''(p) = \\frac{1}{p(1-p)}$$"
    assert verdicts(under(given), proof)[-1] == "wrong"


@pytest.mark.parametrize(("value", "last"), [(r"-\frac{9}{20}", "proved"), (r"\frac{9}{20}", "undecided")])
def test_a_name_of_which_the_square_is_given_is_its_positive_root(value: str, last: str) -> None:
    given = r"$$s^2 = 0.64, \quad D = \frac12 (s^2 - 1 - \ln s^2)$$"
    proof = rf"$$\frac{{\partial D}}{{\partial s}} = s - \frac1s = {value}$$"
    assert verdicts(under(given), proof) == ["proved", last]


def test_a_word_stands_for_what_was_last_said_of_it() -> None:
    proof = "$$net = 2 \\cdot 3 + 1 = 7$$\n\n$$3 net = 21$$\n\n$$net = 9$$\n\n$$3 net = 27$$"
    assert verdicts(under(NOTHING), proof) == ["given", "proved", "proved", "given", "proved"]


@pytest.mark.parametrize(
    ("given", "power", "verdict"),
    [
        (r"$T \ge 2$, $\mathbb{P}(|Z| \ge \log T) \le \frac{1}{T}$", "-4", "proved"),
        (r"$T \ge 2$, $\mathbb{P}(|Z| \ge \log T) \le \frac{1}{T}$", "-2", "wrong"),
        # At T = 1, of which what was not read may speak, the sides are equal.
        (r"$T \ge 1$, $\mathbb{P}(|Z| \ge \log T) \le \frac{1}{T}$", "-2", "undecided"),
        # Nothing that is read says that T is a number; or what is not read says what it is.
        (r"$\mathbb{P}(|Z| \ge \log T) \le \frac{1}{T}$", "-2", "undecided"),
        (r"$T \ge 2$, $T = \mathbb{P}(|Z| \ge \log 2) \oplus 2$", "-2", "undecided"),
    ],
)
def test_sides_that_differ_for_all_numbers_do_so_whatever_was_not_read(given: str, power: str, verdict: str) -> None:
    line = rf"$$2 \exp(-2 n \cdot \frac{{2 \log T}}{{n}}) = 2 \exp({power} \log T)$$"
    assert verdicts(under(f"$n > 0$, {given}"), line) == [verdict]


@pytest.mark.parametrize(
    ("unread", "line", "verdict"),
    [
        pytest.param(r"y = r + \gamma \operatorname{best}(q)", r"2(y - \hat{q})", "wrong", id="nothing that moves"),
        pytest.param(r"y = r + \gamma \operatorname{best}(q)", r"-2(y - \hat{q})", "proved", id="the right line"),
        pytest.param(r"y = r + \operatorname{best}(\hat{q})", r"2(y - \hat{q})", "undecided", id="the variable itself"),
    ],
)
def test_what_was_not_read_bears_on_a_slope_where_it_speaks_of_what_moves(unread: str, line: str, verdict: str) -> None:
    given = f"$$L = (y - \\hat{{q}})^2$$\n\n$${unread}$$"
    proof = f"$$\\frac{{\\partial L}}{{\\partial \\hat{{q}}}} = {line}$$"
    assert verdicts(under(given), proof) == [verdict]


def test_a_value_said_before_protects_no_wrong_slope() -> None:
    given = r"$$s = 3 u + v, \quad u = 1, v = 2$$"
    assert verdicts(under(given), "$$s = 5$$\n\n$$\\frac{\\partial s}{\\partial u} = 0$$") == ["proved", "wrong"]


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        (SOFTMAX, r"\frac{\partial p_i}{\partial a_j} = p_i (1 - p_i)", "undecided"),
        (SOFTMAX, r"\frac{\partial p_i}{\partial a_j} = -p_i p_j", "undecided"),
        (SOFTMAX, r"\frac{\partial p_i}{\partial a_j} = p_i (1 - p_j)", "wrong"),
        (SOFTMAX, r"\frac{\partial p_i}{\partial a_j} = p_i (1 + p_i)", "wrong"),
        (UNIT, r"\frac{\partial v}{\partial u} = 1", "undecided"),
        ("$$h = w x, o = w h$$", r"\frac{\partial o}{\partial w} = h", "undecided"),
        ("$$h = w x, o = w h$$", r"\frac{\partial o}{\partial w} = x", "wrong"),
        ("$$h = w x, o = w h$$", r"\frac{d o}{d w} = h", "wrong"),
        (UNIT, r"\frac{\partial v}{\partial u} = -1", "wrong"),
        (BINARY, r"L = -\log p", "undecided"),
        (BINARY, r"\frac{\partial L}{\partial z} = p - 1", "undecided"),
        (BINARY, r"\frac{\partial L}{\partial z} = p + y", "wrong"),
    ],
)
def test_what_holds_in_one_case_is_open_where_no_words_could_name_it(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(
    ("given", "words", "line"),
    [
        (SOFTMAX, "For $i = j$:", r"\frac{\partial p_i}{\partial a_j} = -p_i p_j"),
        (SOFTMAX, "For $i \\neq j$:", r"\frac{\partial p_i}{\partial a_j} = p_i (1 - p_i)"),
        (UNIT, "For $u > 0$:", r"\frac{\partial v}{\partial u} = 0"),
        (BINARY, "For $y = 1$:", r"L = -\log (1 - p)"),
    ],
)
def test_the_wrong_case_is_wrong_where_the_case_is_stated(given: str, words: str, line: str) -> None:
    assert verdicts(under(given), f"{words}\n\n$${line}$$") == ["wrong"]


@pytest.mark.parametrize(
    "proof",
    [
        "Let $e = y - w x$ denote the error.\n\n" r"$$\frac{\partial E}{\partial w} = -2 e x$$",
        "$$e = y - w x$$\n\n" r"$$\frac{\partial E}{\partial w} = -2 e x$$",
    ],
)
def test_a_proof_may_call_an_error_e(proof: str) -> None:
    assert verdicts(under("$$E = (y - w x)^2$$"), proof)[-1] == "proved"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gradient norm = sqrt(9 + 16) = 5 here", ["proved"]),
        ("gradient norm = sqrt(9 + 16) = 6 here", ["wrong"]),
        ("the update of x: x - 0.1 * 3 = 0.7", ["undecided"]),
        ("see page 3-5 = 3 pages", []),
        ("true positive rate 40/(40 + 10) = 0.8 = 80 %", ["proved", "proved"]),
        ("true positive rate 40/(40 + 10) = 0.8 = 70 %", ["proved", "wrong"]),
        ("Ratio: 1/48 = 2.1%", ["rounded"]),
        ("second output: tanh(2*3) = 6", ["wrong"]),
        ("second output: exp(3 - 1) = 7.389", ["rounded"]),
        ("the total = 3 * 4 + 2 = 14", ["proved"]),
        ("all together: 35 + 49 + 14 + 9 = 117 (2p)", ["wrong"]),
    ],
)
def test_a_sum_in_plain_words_is_no_piece_of_a_formula(text: str, expected: list[str]) -> None:
    assert verdicts(under(NOTHING), text) == expected


SAMPLES = "$$L = (w x - y)^2, w = 1$$"


def test_a_label_sets_free_letters_until_the_next_one() -> None:
    proof = "First sample: $x = 2$, $y = 3$.\n\n$$L = 1$$\n\nSecond sample: $x = 1$, $y = 0$.\n\n$$L = 1$$"
    assert verdicts(under(SAMPLES), proof) == ["proved", "proved"]
    assert verdicts(under(SAMPLES), proof + "\n\n$$L = 2$$")[-1] == "wrong"


@pytest.mark.parametrize(
    "words",
    [
        "Case 1: the unit is on, $u > 0$. Then",
        "In the linear region $u > 0$ the derivative is",
        "The unit is on ($u > 0$). Then",
        "Active unit: $u > 0$.",
        "Suppose that $u > 0$. Then $v = u$ and",
    ],
)
def test_a_bound_in_words_is_the_case_of_the_display_after_it(words: str) -> None:
    right = r"\frac{\partial v}{\partial w} = x"
    assert set(verdicts(under(UNIT), f"{words}\n\n$${right}$$")) <= {"proved", "agrees"}
    assert (
        verdicts(under(UNIT), f"{words}\n\n$${right}$$\n\nNow suppose that $u < 0$. Then\n\n$${right}$$")[-1] == "wrong"
    )


RETURN = r"$$G = \sum_{k=0}^n \gamma^k R_k$$"
MASK = r"""$$\tilde{h} = \frac{r}{p} h$$

The mask $r$ is Bernoulli distributed with $P(r = 1) = p$, $0 < p \le 1$, and $h$ is a constant."""
TOTAL = r"$$G_T = \sum_{t=0}^{T-1} \gamma^t r, \quad 0 < \gamma < 1$$"


@pytest.mark.parametrize(
    ("given", "proof", "last"),
    [
        pytest.param(
            RETURN, "If all rewards are one,\n\n$$G = \\sum_{k=0}^n \\gamma^k$$", "undecided", id="a condition"
        ),
        pytest.param(RETURN, "By definition,\n\n$$G = \\sum_{k=0}^n \\gamma^k$$", "wrong", id="no condition"),
        pytest.param(
            RETURN, "If we write it out,\n\n$$G = \\sum_{k=0}^n \\gamma^k$$", "wrong", id="what the author does"
        ),
        pytest.param(
            MASK, r"$$\mathrm{Var}(\tilde{h}) = \frac{h^2}{p^2} p (1 - p)$$", "proved", id="a distribution in words"
        ),
        pytest.param(TOTAL, "$$G_{T+1} = r + G_T$$", "undecided", id="a given name a step further on is no new one"),
    ],
)
def test_what_is_said_in_words_that_are_not_read_refutes_nothing(given: str, proof: str, last: str) -> None:
    assert verdicts(under(given), proof)[-1] == last


def test_a_name_of_data_and_of_an_argument_has_no_shape_that_could_be_wrong() -> None:
    given = (
        r"$$h(x) = \theta^T x$$"
        "\n\n"
        r"$$L(\theta) = \sum_{i=1}^m h(x^{(i)})$$"
        "\n\n"
        r"$$\theta, x^{(i)} \in \mathbb{R}^n$$"
    )
    assert verdicts(under(given), r"$$\frac{\partial}{\partial \theta_j} h(x) = x_j$$") != ["wrong"]
    assert verdicts(under(given), r"$$\frac{\partial}{\partial \theta_j} h(x) = \theta_j$$") == ["wrong"]


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        pytest.param("$$y = k x^2 + 1$$", r"y \geq 1", "undecided", id="it may be meant of positive numbers"),
        pytest.param("$$y = k x^2 + 1$$", r"y \leq 1", "wrong", id="it fails for positive ones too"),
        pytest.param("$$y = k x^2 + 1, k \\in \\mathbb{R}$$", r"y \geq 1", "wrong", id="a real number"),
        pytest.param("$$y = k x^2 + 1$$\n\nThis is for all real $k$.", r"y \geq 1", "wrong", id="real in words"),
        pytest.param("$$y = k x^2 + 1, k > 0$$", r"y \geq 1", "proved", id="a positive number"),
        pytest.param("$$f(x) = x^3$$", r"f(x) \geq 0", "wrong", id="the letter of a function"),
    ],
)
def test_a_bound_fails_only_where_its_numbers_may_be_negative(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [verdict]


KERNEL = (
    r"Let $J(\alpha) = \|y - K \alpha\|^2$, where $K \in \mathbb{R}^{n \times n}$ is symmetric and "
    r"$y, \alpha \in \mathbb{R}^n$."
)
LEAST = r"$$S = \|y - X b\|^2, \quad X \in \mathbb{R}^{n \times k}, y \in \mathbb{R}^n, b \in \mathbb{R}^k$$"


@pytest.mark.parametrize(
    ("given", "proof", "verdict"),
    [
        pytest.param(KERNEL, r"$$\nabla J(\alpha) = 2 K^2 \alpha - 2 K y$$", "proved", id="what symmetry gives"),
        pytest.param(KERNEL, r"$$\nabla J(\alpha) = 2 K \alpha - 2 K y$$", "wrong", id="a kind that is read"),
        pytest.param(
            LEAST,
            "$$\\nabla_b S = 2 X^\\top X b - X^\\top y$$\n\nIf $X$ is orthogonal, this is simpler.",
            "wrong",
            id="a kind of a sentence of its own",
        ),
        pytest.param(
            LEAST,
            "$$\\nabla_b S = 2 X^\\top X b - X^\\top y$$\n\nHere we used that $X$ is orthogonal.",
            "undecided",
            id="a kind that a line uses",
        ),
    ],
)
def test_a_kind_of_matrix_refutes_nothing_where_it_is_said_of_a_line_and_not_read(
    given: str, proof: str, verdict: str
) -> None:
    assert verdicts(under(given), proof)[0] == verdict


SPREAD = r"$$M = \mathbb{E}[(T - c)^2], \quad m = \mathbb{E}[T]$$"
RATIO = r"$$D(a, b) = \frac{(a - b)^2}{s^2}$$"


@pytest.mark.parametrize(
    ("given", "line", "verdict"),
    [
        (SPREAD, r"M = \mathrm{Var}(T) + (m - c)^2", "proved"),
        (SPREAD, r"M = \mathrm{Var}(T) - (m - c)^2", "wrong"),
        (
            SPREAD,
            r"\mathbb{E}[X^2] - 2 \mathbb{E}[X]^2 + \mathbb{E}[X]^2 = \mathbb{E}[X^2] - \mathbb{E}[X]^2",
            "proved",
        ),
        (SPREAD, r"\mathbb{E}[X^2] - 2 \mathbb{E}[X]^2 + \mathbb{E}[X]^2 = \mathbb{E}[X^2] + \mathbb{E}[X]^2", "wrong"),
        (SPREAD, r"M = q^2", "undecided"),
        (RATIO, "D(a + c, b + c) = D(a, b)", "proved"),
        (RATIO, "D(a + c, b + c) = D(a, b) + c", "wrong"),
        (RATIO, "D(a, b) = E + c", "undecided"),
    ],
)
def test_what_cancels_on_one_side_is_no_unknown_that_fails_to_be_given(given: str, line: str, verdict: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [verdict]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        pytest.param("w_o = R p", "unreadable", id="a name that nothing has said before"),
        pytest.param("p_i = R p", "wrong", id="an entry"),
    ],
)
def test_the_shape_of_a_name_that_is_new_refutes_nothing(line: str, verdict: str) -> None:
    given = r"$$J(w) = w^\top R w - \sum_{i=1}^M w_i p_i, \quad R \in \mathbb{R}^{M \times M}, p, w \in \mathbb{R}^M$$"
    assert verdicts(under(given), f"$${line}$$") == [verdict]


@pytest.mark.parametrize("letter", ["z", "i"])
def test_what_is_given_of_a_member_and_not_read_is_said_of_its_family(letter: str) -> None:
    given = rf"$$p_x = \sum_{{{letter}=1}}^K p_{{x{letter}}}, \quad r_{letter} = \frac{{p_{{x{letter}}}}}{{p_x}}$$"
    assert verdicts(under(given), rf"$$\sum_{{{letter}=1}}^K r_{letter} \ge 2$$") == ["undecided"]


PIXEL = r"$$y = w x + b, \quad L = \frac12 (y - t)^2$$"
DENSITY = r"$$p = \frac{1}{\sqrt{2\pi}} e^{-\frac12 (x - \mu)^2}$$"
TARGET = (
    r"$V = w c$ and the target $u = r + \gamma w a$, $L = \frac12 (u - V)^2$, "
    "where the target is treated as a constant."
)
ROWS = (
    r"All vectors are row vectors. $z = x W + b$ with $W \in \mathbb{R}^{d \times m}$, "
    r"$L = \frac12 \sum_j (z_j - t_j)^2$, $\delta = z - t$."
)
ONE_HOT = r"The target $y$ is one-hot. $p = \operatorname{softmax}(z)$ and $L = -\sum_k y_k \log p_k$."
EPSILON = (
    r"$u_i = \frac{x_i - \mu}{\sqrt{s + \epsilon}}$, $\mu = \frac1m \sum_i x_i$, "
    r"$s = \frac1m \sum_i (x_i - \mu)^2$. We ignore $\epsilon$."
)
LABELS = r"$$y \in \{1, \dots, K\}, \quad L = -\sum_{k=1}^K 1\{k = y\} z_k$$"


@pytest.mark.parametrize(
    ("given", "proof", "last"),
    [
        (PIXEL, r"Ignoring the bias," "\n\n" r"$$\frac{\partial L}{\partial w} = (w x - t) x$$", "undecided"),
        (PIXEL, r"Ignoring the bias," "\n\n" r"$$\frac{\partial L}{\partial w} = (w x + b - t) x$$", "proved"),
        (PIXEL, r"By the chain rule," "\n\n" r"$$\frac{\partial L}{\partial w} = (w x - t) x$$", "wrong"),
        (PIXEL, r"Ignoring the bias," "\n\n" r"$$\frac{\partial L}{\partial w} = -(w x + b - t) x$$", "wrong"),
        (DENSITY, "Up to a constant,\n\n" r"$$\log p = -\frac12 (x - \mu)^2$$", "undecided"),
        (DENSITY, "Taking logarithms,\n\n" r"$$\log p = -\frac12 (x - \mu)^2$$", "wrong"),
        (r"$$f(x) = \sqrt{1 + x}$$", "To first order,\n\n$$f(x) = 1 + x/2$$", "undecided"),
        (r"$$f(x) = \sqrt{1 + x}$$", "For small $x$,\n\n$$f(x) = 1 + x/2$$", "undecided"),
        (r"$$f(x) = \sqrt{1 + x}$$", "By the first-order condition,\n\n$$f(x) = 1 + x/2$$", "wrong"),
        (TARGET, r"$$\frac{\partial L}{\partial w} = -(u - V) c$$", "undecided"),
        (TARGET, r"$$\frac{\partial L}{\partial w} = (u - V) c$$", "wrong"),
        (ROWS, r"$$\frac{\partial L}{\partial W} = x^T \delta$$", "unreadable"),
        (ONE_HOT, "For all other classes\n\n" r"$$\frac{\partial L}{\partial z_k} = p_k$$", "undecided"),
        (ONE_HOT, "For all other classes\n\n" r"$$\frac{\partial L}{\partial z_k} = 2 p_k$$", "wrong"),
        (EPSILON, r"$$\frac1m \sum_i u_i^2 = 1$$", "undecided"),
        (LABELS, r"$$\frac{\partial L}{\partial z_l} = -1\{l = y\}$$", "proved"),
    ],
)
def test_what_words_leave_out_hold_fixed_or_single_out_refutes_nothing(given: str, proof: str, last: str) -> None:
    assert verdicts(under(given), proof)[-1] == last


@pytest.mark.parametrize(("sign", "verdict"), [("+", "proved"), ("-", "wrong")])
def test_what_a_derivative_is_it_is_not_only_where_something_is_least(sign: str, verdict: str) -> None:
    head = under("$$E = -80 \\log z - 20 \\log(1 - z), \\quad 0 < z < 1$$\n\nlog is the natural logarithm.")
    proof = (
        rf"When the loss is minimized, we have"
        "\n\n"
        rf"$$\frac{{dE}}{{dz}} = -\frac{{80}}{{z}} {sign} \frac{{20}}{{1 - z}}$$"
    )
    assert verdicts(head, proof) == [verdict]


@pytest.mark.parametrize(
    ("before", "value", "verdict"),
    [
        ("", "2 n", "proved"),
        ("", "2", "wrong"),
        ("For a single sample", "2", "undecided"),
    ],
)
def test_nobody_puts_in_how_many_members_there_are(before: str, value: str, verdict: str) -> None:
    head = under(r"$$J(a, b) = \sum_{i=1}^{n} (y_i - a x_i - b)^2$$")
    slope = r"-2 \sum_{i=1}^{n} (y_i - a x_i - b)"
    words = "Differentiating with respect to $b$ and using the chain rule, one gets the following. " + before
    proof = rf"{words}" "\n\n" rf"$$\frac{{\partial J}}{{\partial b}} = {slope}$$" "\n\nThe second derivative is\n\n"
    assert verdicts(head, proof + rf"$$\frac{{\partial^2 J}}{{\partial b^2}} = {value}$$")[-1] == verdict
