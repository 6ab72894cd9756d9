"""What words say of names with several indices, of vectors of ones, and where a case ends and its claims begin."""

import pytest
from check.checking import under, verdicts

SEQUENCE = (
    r"$$\hat{y}_t = \operatorname{softmax}(o_t), \quad E = -\sum_{t=1}^{T} \sum_{k=1}^{K} y_{t,k} \log \hat{y}_{t,k}$$"
    "\n\n"
)
ALL_ONES = r"$w \in \mathbb{R}^n$ and $\mathbf{1} \in \mathbb{R}^n$ is the all-ones vector."
ROWS = r"The rows of $P$ sum to one; $P$ is a $2 \times 2$ matrix."
WEIGHTS = r"$w_1, \dots, w_n$"
MEAN = r"\sum_{i=1}^n w_i (c + x_i) = c + \sum_{i=1}^n w_i x_i"
ONE_HOT_ROWS = r"Every row of $Y$ is one-hot; $Y$ is a $2 \times 2$ matrix."
LONG = r"$w \in \mathbb{R}^n$ and $\mathbf{1}$ is the all-ones vector of length $n$."


@pytest.mark.parametrize(
    "words", ["Each $y_t$ is one-hot.", "The targets $y_t$ are one-hot vectors.", "The targets are one-hot."]
)
def test_the_targets_of_a_sequence_are_one_hot_one_by_one(words: str) -> None:
    line = r"\frac{\partial E}{\partial o_t} = \hat{y}_t - y_t"
    given = SEQUENCE + r"$o_t, y_t \in \mathbb{R}^K$. " + words
    assert verdicts(under(given), f"$${line}$$") == ["proved"]
    assert verdicts(under(given), f"$${line.replace('hat{y}_t - y_t', 'hat{y}_t + y_t')}$$") == ["wrong"]


def test_a_bold_name_without_braces_is_spoken_of_too() -> None:
    given = (
        r"$\mathbf{p} = \mathrm{softmax}(\mathbf{z})$, with a one-hot target $\mathbf y$:"
        r" $L = -\mathbf y^\top \log \mathbf p$."
    )
    assert verdicts(under(given), r"$$\nabla_{\mathbf z} L = \mathbf p - \mathbf y$$") == ["proved"]
    assert verdicts(under(given), r"$$\nabla_{\mathbf z} L = \mathbf y - \mathbf p$$") == ["wrong"]


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (ALL_ONES, r"\mathbf{1}^\top \mathbf{1} = n", "proved"),
        (ALL_ONES, r"\mathbf{1}^\top \mathbf{1} = n - 1", "wrong"),
        (LONG, r"\mathbf{1}^\top \mathbf{1} = n", "proved"),
        (LONG, r"\mathbf{1}^\top \mathbf{1} = n - 1", "wrong"),
        (r"$w \in \mathbb{R}^n$", r"\mathbf{1}^\top \mathbf{1} = n", "unreadable"),
        (r"$w \in \mathbb{R}^n$", r"\mathbf{1}^\top w = \sum_{i=1}^n w_i", "proved"),
    ],
)
def test_a_vector_of_ones_is_as_long_as_is_said(given: str, line: str, expected: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [expected]


@pytest.mark.parametrize(
    ("said", "line", "expected"),
    [
        (WEIGHTS + " are non-negative and sum to one.", MEAN, "proved"),
        (WEIGHTS + " are non-negative and sum to one.", MEAN.replace("= c", "= 2 c"), "wrong"),
        (WEIGHTS + " are positive numbers that sum to $1$.", MEAN, "proved"),
        ("Let " + WEIGHTS + " be non-negative weights adding up to one.", MEAN, "proved"),
        (WEIGHTS + r" and $v_1, \dots, v_n$ are positive and each sum to $1$.", MEAN.replace("w_i", "v_i"), "proved"),
        (WEIGHTS + " are positive, and their squares sum to one.", r"\sum_{i=1}^n w_i = 1", "undecided"),
        (
            WEIGHTS + r" are positive and sum to one, and $\mathbb{E}_w[g] = \sum_{i=1}^n w_i g_i$ for any $g$.",
            MEAN,
            "proved",
        ),
        (ROWS, r"\sum_{j=1}^2 P_{ij} = 1", "proved"),
        (ROWS, r"\sum_{j=1}^2 P_{ij} = 2", "wrong"),
        (ROWS, r"\sum_{i=1}^2 P_{ij} = 1", "undecided"),
        (ONE_HOT_ROWS, r"\sum_{j=1}^2 Y_{ij} = 1", "proved"),
        (ONE_HOT_ROWS, r"\sum_{j=1}^2 Y_{ij} = 2", "wrong"),
        (ONE_HOT_ROWS, r"\sum_{i=1}^2 Y_{ij} = 1", "undecided"),
    ],
)
def test_what_is_said_of_a_list_is_said_of_its_family(said: str, line: str, expected: str) -> None:
    assert verdicts(under(said), f"$${line}$$") == [expected]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"\text{For } a = b: \quad m = \frac{1}{2}, \quad 2m = 1", ["proved", "proved"]),
        (r"\text{For } a = b: \quad m = \frac{1}{2}, \quad 2m = 3", ["proved", "wrong"]),
    ],
)
def test_the_claims_of_a_case_begin_behind_its_colon(line: str, expected: list[str]) -> None:
    assert verdicts(under(r"$$m = \frac{a}{a+b}, \quad a > 0, b > 0$$"), f"$${line}$$") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"\frac{\partial J}{\partial z} = \frac{\partial J}{\partial a} a (1 - a)", "proved"),
        (r"\frac{\partial J}{\partial z} = 3 \frac{\partial J}{\partial a} a (1 - a)", "wrong"),
    ],
)
def test_a_loss_of_which_nothing_is_known_depends_on_what_it_is_taken_at(line: str, expected: str) -> None:
    given = r"$$z = w x + b, \quad a = \sigma(z), \quad J = \ell(a, y)$$"
    assert verdicts(under(given), f"$${line}$$") == [expected]


@pytest.mark.parametrize(
    "said",
    [
        r"Let $p, q$ be distributions over $\{1,\dots,n\}$ with $p_i, q_i > 0$.",
        r"Let $p$ and $q$ be probability mass functions.",
        r"$p, q \in \Delta^{n-1}$.",
        r"$p, q \in \Delta_n$.",
    ],
)
def test_the_shares_of_a_distribution_sum_to_one(said: str) -> None:
    given = rf"{said} $D = \sum_{{i=1}}^n p_i \log\frac{{p_i}}{{q_i}}$."
    assert verdicts(under(given), r"$$\sum_i q_i - \sum_i p_i = 0$$") == ["proved"]
    assert verdicts(under(given), r"$$\sum_i q_i - \sum_i p_i = 1$$") == ["wrong"]


@pytest.mark.parametrize(("line", "expected"), [(r"E[z^2] - E^2[z]", "proved"), (r"E[z^2] + E^2[z]", "wrong")])
def test_the_square_of_an_expectation(line: str, expected: str) -> None:
    given = r"$\operatorname{var}[z] = \mathbb{E}[(z - \mathbb{E}[z])^2]$"
    assert verdicts(under(given), rf"$$E[(z - E[z])^2] = {line}$$") == [expected]


@pytest.mark.parametrize("moment", [r"\mathrm{Var}\{X\}", "var[X]", r"\operatorname{var}(X)"])
def test_a_variance_in_any_brackets(moment: str) -> None:
    given = r"$X$ has $\mathrm{Var}(X) = \sigma^2$."
    assert verdicts(under(given), rf"$${moment} = \sigma^2$$") == ["proved"]


def test_an_upright_d_is_no_factor() -> None:
    given = r"$X \in \mathbb{R}^{n \times d}, Q = X^\top X$"
    assert verdicts(under(given), r"$$\mathrm{d}Q = 2 X^\top \mathrm{d}X$$") == ["unreadable"]
    assert verdicts(under(given), r"$$\frac{\mathrm{d}}{\mathrm{d} t} t^2 = 2 t$$") == ["proved"]


def test_the_last_sample_behind_a_bar_is_no_point() -> None:
    given = r"$$l(\lambda | x_1, \ldots, x_N) = \sum_{i=1}^N \ln(\lambda \exp(-\lambda x_i))$$"
    assert verdicts(under(given), r"$$\sum_{i=1}^N (2 + x_i) = 2 + \sum_{i=1}^N x_i$$") == ["wrong"]
    assert verdicts(under(given), r"$$\sum_{i=1}^N (2 + x_i) = 2 N + \sum_{i=1}^N x_i$$") == ["proved"]


def test_the_label_behind_a_bar_may_stand_below_a_name() -> None:
    given = r"$p(o|c) = \frac{\exp(u_o^\top v_c)}{\sum_{w=1}^V \exp(u_w^\top v_c)}$ and $J = -\log p(o|c)$."
    slope = r"\frac{\partial J}{\partial v_c}"
    assert verdicts(under(given), rf"$${slope} = -u_o + \sum_{{w=1}}^V p(w|c) u_w$$") == ["proved"]
    assert verdicts(under(given), rf"$${slope} = u_o - \sum_{{w=1}}^V p(w|c) u_w$$") == ["wrong"]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        # w_o may be a vector that no one has spoken of.
        ("R w_o = p", "unreadable"),
        ("R w_1 = p", "unreadable"),
        ("R p = p^T w", "wrong"),
        (r"\frac{\partial J}{\partial w_i} = 2 (R w - p)", "wrong"),
        (r"\frac{\partial J}{\partial w} = 2 (R w - p)", "proved"),
    ],
)
def test_a_shape_refutes_only_where_no_name_may_be_a_vector_of_its_own(line: str, verdict: str) -> None:
    given = r"$$J(w) = s - 2 w^T p + w^T R w, \quad R \in \mathbb{R}^{M \times M}, \quad p, w \in \mathbb{R}^M$$"
    assert verdicts(under(given + "\n\nThe matrix $R$ is symmetric."), f"$${line}$$") == [verdict]


SOFTMAX = r"$$y_k = \frac{\exp(a_k)}{\sum_{i=1}^K \exp(a_i)}$$" + "\n\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (r"The number $I_{kj}$ is $1$ if $k = j$ and $0$ otherwise.", ["proved", "wrong"]),
        (r"$I_{kj}$ are the elements of the identity matrix.", ["proved", "wrong"]),
        ("I_{kj} are the elements of the identity matrix.", ["proved", "wrong"]),
        (r"Here $I$ is the identity matrix.", ["proved", "wrong"]),
        (r"$I_{kj}$ are the elements of the image.", ["undecided", "undecided"]),
        (r"The number $I_{kj}$ is $1$ if $k = i$ and $0$ otherwise.", ["unreadable", "unreadable"]),
    ],
)
def test_the_entries_of_the_identity_are_so_where_words_say_it(words: str, expected: list[str]) -> None:
    lines = (
        r"\frac{\partial y_k}{\partial a_j} = y_k(I_{kj} - y_j)",
        r"\frac{\partial y_k}{\partial a_j} = y_k I_{kj}",
    )
    assert [verdicts(under(SOFTMAX + words), f"$${line}$$")[0] for line in lines] == expected


@pytest.mark.parametrize(
    "words",
    [
        "$\\lambda$ is in $[0,1]$.",
        "$λ$ is in $[0, 1]$.",
        "λ is in [0, 1].",
        "Let $\\lambda$ be a number in $[0, 1]$.",
        "The weight $\\lambda$ lies in the interval $[0, 1]$, and $b$ is fixed.",
    ],
)
def test_an_interval_in_words_is_given(words: str) -> None:
    given = under(words + "\n\n$$a \\ge b, \\quad c \\ge b$$")
    assert verdicts(given, r"$$\lambda a + (1 - \lambda) c \ge \lambda b + (1 - \lambda) b$$") == ["proved"]
    assert verdicts(given, r"$$\lambda a + (1 - \lambda) c \ge b + \lambda a$$") == ["wrong"]


def test_an_interval_under_a_condition_is_not() -> None:
    given = under("$k = 2$. If $k = 1$ then $\\lambda$ is in $[0, 1]$.")
    assert verdicts(given, r"$$\lambda \le 1$$") == ["undecided"]


@pytest.mark.parametrize(
    "words",
    [
        "$s(b)$ is 1 for $b > 0$ and 0 otherwise",
        "$s(b)$ is equal to $1$ if $b > 0$, else $0$",
        r"$s(b)$ is $1$ when $b > 0$ and $0$ when $b \leq 0$",
    ],
)
def test_a_step_in_words_is_a_definition(words: str) -> None:
    given = under(f"Here {words}.")
    assert verdicts(given, "$$s(2) = 1$$\n\n$$s(-1) = 0$$\n\n$$s(0) = 1$$") == ["proved", "proved", "wrong"]


@pytest.mark.parametrize("rest", ["0 otherwise", r"0 if $k \neq c$"])
def test_a_label_in_words_is_a_one_hot_vector(rest: str) -> None:
    given = under(
        r"$$L = -\sum_{k=1}^K t_k \log p_k, \quad p_k = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j}}$$"
        f"\n\nHere $t_k$ is 1 if $k = c$ and {rest}."
    )
    assert verdicts(given, r"$$L = -\log p_c$$") == ["proved"]
    assert verdicts(given, r"$$\frac{\partial L}{\partial z_k} = p_k - t_k$$") == ["proved"]
    assert verdicts(given, r"$$\frac{\partial L}{\partial z_k} = p_k + t_k$$") == ["wrong"]
