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
            PENALTY + "\n\nH is symmetric and positive definite.", r"$$\nabla_w J = H w$$", "undecided", id="in words"
        ),
        pytest.param(PENALTY, r"$$\nabla_w J = H w$$", "wrong", id="nothing is said of the matrix"),
        pytest.param(NOTHING, r"$$(3 \times 4)(4 \times 2) = 3 \times 2$$", "undecided", id="shapes"),
        pytest.param(NOTHING, r"$$28 \times 28 \times 1 = 26 \times 26 \times 32$$", "undecided", id="volumes"),
        pytest.param(NOTHING, r"$$3 \times 4 = 3 \times 2$$", "wrong", id="a product of two numbers"),
        pytest.param(
            DESIGN,
            r"$$w = (X^\top X)^{-1} X^\top y$$" "\n\n"
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
        pytest.param(NOTHING, "$$e^-1 = 0.5$$", "unreadable", id="no name ends in a sign"),
        pytest.param(DECAY, r"$$x_t < 0.01 \iff t > 43$$", "undecided", id="one side of an equivalence"),
    ],
)  # fmt: skip
def test_what_is_not_read_refutes_and_defines_nothing(given: str, proof: str, last: str) -> None:
    assert verdicts(under(given), proof)[-1] == last
