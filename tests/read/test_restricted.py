"""What a sentence among the givens says of a place, or under a condition, is not given everywhere."""

import pytest

from symdl import check
from symdl.read.restricted import conditioned, placed


def verdicts(given: str, *lines: str) -> list[str]:
    """What is said of each of these lines beside these givens."""
    text = f"# t\n\n## Given\n\n{given}\n\n## Proof\n\n" + "\n\n".join(f"$${line}$$" for line in lines)
    return [r.verdict for r in check(text + "\n").documents[0].relations]


@pytest.mark.parametrize(
    "text, held",
    [
        ("If $p = q$, then $a = b$.", "$a = b$"),
        ("Whenever $p = q$ we have $a = b$.", "$a = b$"),
        ("On a mistake, that is if $m < 0$, it takes $w = v$.", "$w = v$"),
        ("$a = b$ unless $p = q$.", "$a = b$"),
        ("$a = b$ when $p = q$, and $c = 1$.", "$a = b$"),
        ("Unless stated otherwise, $a = b$.", ""),
        ("If we write $p$ for the share, $a = b$.", ""),
        ("$w = 2$. If $p = q$ then $a = b$. $c = 1$", "$a = b$"),
    ],
)
def test_what_holds_under_a_condition_is_found(text: str, held: str) -> None:
    found = [text[start:end] for start, end in conditioned(text)]
    assert [held] == [f"${part.split('$')[1]}$" for part in found] if held else not found


def test_a_slope_is_zero_at_a_place_alone() -> None:
    text = r"At the optimum $\frac{\partial J}{\partial c} = 0$. We take $\frac{\partial h_0}{\partial w} = 0$."
    assert [text[start:end] for start, end in placed(text)] == [r"$\frac{\partial J}{\partial c} = 0$"]


SQUARE = "$$J(c) = (c - 3)^2 + 1$$\n\n"


@pytest.mark.parametrize(
    "words",
    [
        "$c^*$ is the stationary point of $J$.",
        "$c^*$ is the value of $c$ with $J'(c) = 0$.",
        "Let $c^*$ be the only point where $J'(c) = 0$.",
        "The value of $c$ at which $J'(c) = 0$ is called $c^*$.",
        r"$c^*$ satisfies $\frac{\partial J}{\partial c} = 0$.",
        "$c^*$ is the root of $2 c - 6 = 0$.",
    ],
)
def test_what_is_said_of_a_place_is_said_of_no_other(words: str) -> None:
    right = verdicts(SQUARE + words, "J'(c) = 2 (c - 3)", "c^* = 3", "J(c^*) = 1")
    assert right == ["proved", "proved", "proved"]
    assert verdicts(SQUARE + words, "J'(c) = 2 (c + 3)", "J(c^*) = 2") == ["wrong", "wrong"]


def test_a_slope_in_words_for_a_place_proves_no_wrong_slope() -> None:
    given = r"$$J(m, c) = \frac{1}{n} \sum_{i=1}^{n} (y_i - m x_i - c)^2$$" + "\n\n"
    given += r"$c^*$ is the value of $c$ with $\frac{\partial J}{\partial c} = 0$ for a fixed $m$."
    slope = r"\frac{\partial J}{\partial c} = -\frac{2}{n} \sum_{i=1}^{n} (y_i - m x_i - c)"
    assert verdicts(given, slope) == ["proved"]
    assert verdicts(given, slope.replace("-\\frac{2}", "\\frac{2}")) == ["wrong"]


@pytest.mark.parametrize(
    "words, line, verdict",
    [
        ("If $p = q$, then $a = b$.", "a = b", "undecided"),
        ("$a = b$ whenever $p = q$.", "a = b", "undecided"),
        ("If $u > 0$, then $f(u) = u$; otherwise $f(u) = 0$.", "f(-2) = 0", "proved"),
        ("If $u > 0$, then $f(u) = u$; otherwise $f(u) = 0$.", "f(-2) = -2", "wrong"),
        ("$f(u) = u$ if $u > 0$ and 0 otherwise.", "f(3) = 3", "proved"),
        ("$f(u) = u$ if $u > 0$ and 0 otherwise.", "f(-2) = -2", "wrong"),
        ("$w = 2$. Unless stated otherwise, $b = 1$.", "w + b = 3", "proved"),
    ],
)
def test_a_condition_in_words_restricts_what_is_given(words: str, line: str, verdict: str) -> None:
    assert verdicts(words, line) == [verdict]


SOFTMAX = r"$$s_i = \frac{e^{x_i}}{\sum_{k=1}^{N} e^{x_k}}$$" + "\n\n"


@pytest.mark.parametrize("said", [r"Here $i \neq j$.", r"$$i \neq j$$", r"$\log$ is the natural logarithm, $i \ne j$."])
def test_two_letters_that_differ_are_a_condition_of_every_line(said: str) -> None:
    right = [r"\frac{\partial s_i}{\partial x_j} = -s_i s_j", r"\frac{\partial s_i}{\partial x_i} = s_i (1 - s_i)"]
    assert verdicts(SOFTMAX + said, *right) == ["proved", "proved"]
    assert verdicts(SOFTMAX + said, r"\frac{\partial s_i}{\partial x_j} = s_i (1 - s_j)") == ["wrong"]


def test_a_given_about_two_letters_holds_under_their_condition() -> None:
    given = r"$c_{ij} = 1$ with $i \neq j$, and $S = \sum_{i=1}^{n} x_i$."
    assert "proved" not in verdicts(given, "c_{ii} = 1")


LOSS = r"$$L = \sum_{t=1}^{T} L_t,\ h_t = U x_t$$" + "\n\n"


@pytest.mark.parametrize(
    "words",
    [
        r"$t < T$ and $L_t$ depends on $h_t$ only. We write $\delta_t = \frac{\partial L}{\partial h_t}$.",
        r"$L_t$ depends on $h_t$ only; $\delta_t = \frac{\partial L}{\partial h_t}$, with $t < T$ in the sum.",
    ],
)
def test_a_bound_in_words_takes_no_member_from_a_sum(words: str) -> None:
    slope = r"\frac{\partial L}{\partial U} = \sum_{t=1}^{T} \delta_t x_t"
    assert verdicts(LOSS + words, slope) == ["proved"]
    assert verdicts(LOSS + words, slope.replace("= ", "= -")) == ["wrong"]


def test_a_bound_in_words_is_one_of_a_rule_that_goes_on() -> None:
    given = "$$h_T = 1$$\n\n$$h_t = a h_{t+1}$$\n\nwith $t < T$."
    assert verdicts(given, "h_{T-1} = a", "h_{T-2} = a^3") == ["proved", "wrong"]


@pytest.mark.parametrize("font", ["{}", r"\mathbf{{{}}}"])
def test_a_number_added_to_a_product_is_no_entry_of_the_vector(font: str) -> None:
    w, x = map(font.format, "wx")
    given = rf"$$f_n = {w}^\top {x}_n + w_0$$" + "\n\n" + r"$$E = \sum_{n=1}^{N} f_n$$"
    right = [r"\frac{\partial E}{\partial w_0} = N", rf"\nabla_{{{w}}} E = \sum_{{n=1}}^{{N}} {x}_n"]
    assert verdicts(given, *right) == ["proved", "proved"]
    assert verdicts(given, r"\frac{\partial E}{\partial w_0} = 1") == ["wrong"]


def test_the_letter_of_a_quantity_in_the_label_of_its_variance_makes_no_energy() -> None:
    given = r"$$b = \sum_{j=1}^{N} w_j x_j$$" + "\n\nThe $w_j$ and $x_j$ are independent.\n\n"
    given += r"$$E[w_j] = E[x_j] = 0,\ \text{Var}(w_j) = \sigma_w^2,\ \text{Var}(x_j) = \sigma_x^2$$"
    assert verdicts(given, r"\text{Var}(b) = N \sigma_w^2 \sigma_x^2") == ["proved"]
    assert verdicts(given, r"\text{Var}(b) = N \sigma_w^2") == ["wrong"]


def test_two_labels_that_differ_are_two() -> None:
    given = r"$$L = -c \log p_a - (1 - c) \log p_b,\ p_k = \frac{e^{z_k}}{\sum_{j=1}^{K} e^{z_j}}$$" + "\n\n"
    given += r"$a, b \in \{1, \dots, K\}$ and $a \neq b$."
    slope = r"\frac{\partial L}{\partial z_a} = p_a - c"
    assert verdicts(given, slope) == ["proved"]
    assert verdicts(given, slope.replace("- c", "+ c")) == ["wrong"]
