"""Which formulas of a sentence its words assert: a wrong one is refuted, and no condition, name or goal is."""

import time

import pytest
from check.checking import under, verdicts

from symdl.check.asserted import asserts

STATE = r"$$h_t = w h_{t-1} + x_t, \quad t = 1, 2, 3, \quad h_0 = 0$$"
DECAY = r"$$h_t = w h_{t-1}, \quad t = 1, \dots, T, \quad h_0 = 1$$"
SHARE = r"$p = \frac{T}{T + F}$, $r = \frac{T}{T + N}$, $f = \frac{2 p r}{p + r}$ with $T > 0$, $F > 0$ and $N > 0$."
SQUARE = r"$$f(x) = x^2 - 2 a x, \quad w > 0, \quad Q(b) = w b^2$$"
SCALED = r"$$m = c \bar{x}, \quad D = (m - a)^2$$"


@pytest.mark.parametrize(
    ("given", "frame", "right", "wrong"),
    [
        (STATE, "Unrolling gives ${}$.", "h_2 = w x_1 + x_2", "h_2 = w x_1 + w x_2"),
        (STATE, "For $t = 2$ we have ${}$.", "h_2 = w x_1 + x_2", "h_2 = w x_1 + w x_2"),
        (STATE, "First, ${}$.", "h_2 = w x_1 + x_2", "h_2 = x_1 + x_2"),
        (DECAY, "By induction ${}$.", "h_t = w^t", "h_t = w^{t+1}"),
        (DECAY, "We show ${}$ by induction.", "h_t = w^t", "h_t = w^{t+1}"),
        (DECAY, "In general, ${}$.", "h_t = w^t", "h_t = t w"),
        (SHARE, "Solving for $f$ yields ${}$.", r"f = \frac{2 T}{2 T + F + N}", r"f = \frac{T}{T + F + N}"),
        (SQUARE, "**Check.** In full, ${}$.", "f(2 a) = 0", "f(2 a) = a^2"),
        (SQUARE, "Clearly ${}$, as claimed.", "f(x + a) = x^2 - a^2", "f(x + a) = x^2 + a^2"),
        (SQUARE, "Scale and shift: ${}$.", "f(x) + a^2 = (x - a)^2", "f(x) + a^2 = (x + a)^2"),
        (SQUARE, "If $a = 0$, then ${}$.", "f(x) = x^2", "f(x) = 2 x^2"),
        (SQUARE, "If $a = 0$, then ${}$.", r"f(x) \geq 0", r"f(x) \leq -1"),
        (
            SQUARE,
            "It lies on the curve, because ${}$.",
            "f(x - a) = x^2 - 4 a x + 3 a^2",
            "f(x - a) = x^2 - 3 a x + 3 a^2",
        ),
        (SQUARE, "The smallest value is ${}$.", "f(a) = -a^2", "f(a) = a^2"),
        (SQUARE, "The factor $2$ cancels, and we are left with ${}$.", "f'(x) / 2 = x - a", "f'(x) / 2 = a - x"),
        (SQUARE, "For all $x$ and $z$ we have ${}$.", r"|x - z|^2 \geq 0", r"|f(x) - f(z)| \leq |x - z|^2"),
        (SQUARE, "Together ${}$.", r"f(x) + a^2 \geq -x^2", r"f(x) + a^2 \leq -x^2 - 1"),
        (SQUARE, "This we can write as ${}$.", "f(x) = (x - a)^2 - a^2", "f(x) = (x - a)^2 + a^2"),
        (SQUARE, "Since $w > 0$, we have ${}$, so that it is convex.", "Q''(b) > 0", "Q''(b) < 0"),
        (SQUARE, "The derivative with respect to $x$ is ${}$.", r"\frac{df}{dx} = 2(x - a)", r"\frac{df}{dx} = 2x - a"),
        (SCALED, r"Its distance from $a$ is ${}$.", r"\sqrt{D} = |c \bar{x} - a|", r"\sqrt{D} = c |\bar{x} - a|"),
    ],
)
def test_what_words_assert_is_judged_as_a_display_is(given: str, frame: str, right: str, wrong: str) -> None:
    said = [verdicts(under(given), f"{frame.format(line)}\n\n$$1 + 1 = 2$$") for line in (right, wrong)]
    assert [v[-2] for v in said] == ["proved", "wrong"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (SQUARE, "To get $f(x) = 2 q$ one chooses $x = a$."),
        (SQUARE, "The equation $f(x) = a^2$ has two roots."),
        (SQUARE, "At the boundary, $f(x) = a^2$."),
        (SQUARE, "Without the linear term, $f(x) = x^2$."),
        (SQUARE, "The usual choice is $f(x) = x^2$."),
        (SQUARE, "For large $x$ we have $f(x) = x^2$."),
        (SQUARE, "If $a = 0$, then $f(x) = x^2$."),
        (SQUARE, "Suppose the contrary. Hence $f(x) = a^3$, a contradiction."),
        (SQUARE, "Doubling the weight gives $Q(b) = 2 w b^2$."),
        (SQUARE, "The curve runs through the origin: $f(x - a) = x^2$."),
        (SQUARE, "The masked value is $f(x - a) = x^2$."),
        (STATE, "With another first state, in the second step $h_2 = w x_1 + w x_2$."),
        (SQUARE, "Identity weights give $Q(b) = b^2$."),
        (STATE, "Constant input yields $h_t = w h_{t-1} + x_1$."),
        ("$$s(x) = \\frac{1}{1 + e^{-x}}$$", "A fair coin is $s(x) = 1 - s(x)$."),
        (SQUARE, "Adding a penalty gives $Q(b) = w b^2 + c b^2$."),
        (SQUARE, "Up to a constant, $f(x) = (x - a)^2$."),
        (SQUARE, "Therefore we choose $w = a$."),
        (STATE, "We want $h_2 = x_2$."),
        (SQUARE, "Substituting the tangent, $f(x) = -a^2$."),
        (SQUARE, "Pretending otherwise, we get $Q(b) = w b$."),
    ],
)
def test_what_is_wanted_named_or_said_of_another_case_refutes_nothing(given: str, sentence: str) -> None:
    assert "wrong" not in verdicts(under(given), f"{sentence}\n\n$$1 + 1 = 2$$")


@pytest.mark.parametrize(
    ("frame", "line", "verdict"),
    [
        ("At the origin ${}$.", "Q''(b) = 2 w", "proved"),
        ("At the origin ${}$.", "Q''(b) = -2 w", "wrong"),
        ("For the second class, ${}$.", "Q'(b) = w b", "wrong"),
        ("With the product rule we may write ${}$.", "f(x) = x^2 + 2 a x", "wrong"),
        ("Twice that gives, as for two samples, ${}$.", "Q(b) = 2 w b^2", "undecided"),
        ("At the minimum ${}$.", "f(x) = -a^2", "undecided"),
        ("If ${}$, it is no minimum.", "Q''(b) = -2 w", "undecided"),
        ("With the opposite sign, ${}$.", "Q(b) = -w b^2", "undecided"),
        ("The original model had ${}$.", "Q(b) = 2 w b^2", "undecided"),
        ("For the second sample, ${}$.", "v + v = 12", "undecided"),
        ("A second network has ${}$.", "Q(b) = -w b^2", "undecided"),
        ("Rescaled, ${}$.", "Q(b) = 2 w b^2", "undecided"),
    ],
)
def test_a_sign_or_a_factor_shows_that_a_formula_is_claimed(frame: str, line: str, verdict: str) -> None:
    given = under(SQUARE + "\n\n$$v = 3$$")
    assert ([v for v in verdicts(given, frame.format(line)) if v != "given"] or ["undecided"]) == [verdict]


@pytest.mark.parametrize("words", ["adding ", "by a ", "the mean of ", ", with "], ids=str.strip)
def test_a_long_sentence_takes_no_time_of_note(words: str) -> None:
    start = time.process_time()
    assert not asserts(words * 4000 + "a b c d e f g h", "")
    assert time.process_time() - start < 2


SIGMOID = r"$$s(x) = \frac{1}{1 + e^{-x}}$$"


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        ("True, because $s(-x) = 1 - s(x)$.", "proved"),
        ("True, because $s(-x) = -s(x)$.", "wrong"),
        ("Step 1: $s'(x) = s(x) (1 + 2 s(x))$.", "wrong"),
        ("For every $x$ we have $s(-x) = 2 - s(x)$.", "wrong"),
        ("The largest slope is at the origin: $s'(0) = \\frac{1}{4}$.", "proved"),
        ("The largest slope is at the origin: $s'(0) = \\frac{1}{2}$.", "wrong"),
        ("With another convention $s(-x) = -s(x)$.", "undecided"),
        ("The curves meet at solutions of $s(x) = 1 - s(x)$.", "undecided"),
        ("In the limit of small $x$ we have $2 s(x) = 1 + x$.", "undecided"),
    ],
)
def test_what_no_word_makes_anything_else_is_a_claim(sentence: str, verdict: str) -> None:
    assert verdicts(under(SIGMOID), sentence) == [verdict]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("In this case $s'(x) = s(x) - s(x)^2$.", ["proved", "proved"]),
        ("In this case $s'(x) = s(x) - 2$.", ["proved", "undecided"]),
        ("For $x = 0$, $s(x) = \\frac{1}{2}$.", ["proved", "proved"]),
        ("For $x = 0$, $s(x) = \\frac{1}{4}$.", ["proved", "wrong"]),
        (
            "For $x = 0$ we have $s(x) = \\frac{1}{2}$.\n\nHence $s(x) \\leq \\frac{1}{2}$ for all $x$.",
            ["proved", "proved", "wrong"],
        ),
    ],
)
def test_what_holds_in_a_case_is_no_condition(sentence: str, found: list[str]) -> None:
    assert verdicts(under(SIGMOID), f"$$s(0) = \\frac{{1}}{{2}}$$\n\n{sentence}") == found


QUADRATIC = "$$f(x) = x^2 - 5x + 6, \\quad g(w) = w^2 - 4$$"


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Setting $f(x) = 0$ gives $x = 2$ or $x = 3$.", ["given", "proved"]),
        ("Setting $f(x) = 0$ gives $x = 2$ or $x = 4$.", ["undecided"]),
        ("Setting $f(x) = 0$ gives $x = 4$ or $x = 3$.", ["undecided"]),
        ("Solving $g(w) = 0$ gives $w = 2$ or $w = -2$.", ["given", "proved"]),
        ("Solving $g(w) = 0$ gives $w = 2$ or $w = 3$.", ["undecided", "undecided"]),
    ],
)
def test_each_of_two_values_has_to_solve_the_equation(sentence: str, found: list[str]) -> None:
    assert verdicts(under(QUADRATIC), sentence) == found


@pytest.mark.parametrize(
    ("slope", "verdict"), [pytest.param("a", "proved", id="right"), pytest.param("0", "wrong", id="wrong")]
)
def test_a_slope_that_is_zero_on_a_range_is_no_demand(slope: str, verdict: str) -> None:
    given = under("$$f(x) = \\max(x, a x)$$\n\n$0 < a < 1$ is a constant.")
    assert verdicts(given, f"For $x < 0$ we have $f(x) = a x$ and $f'(x) = {slope}$.") == ["proved", verdict]


def test_a_slope_is_zero_at_a_minimum_and_on_a_flat_range() -> None:
    assert verdicts(under("$$r(x) = \\max(x, 0)$$"), "For $x < 0$ we have $r(x) = 0$ and $r'(x) = 0$.") == [
        "proved",
        "proved",
    ]
    assert verdicts(under("$$J(w) = (w - 3)^2$$"), "At the minimum we have $J'(w) = 0$, so $w = 3$.") == [
        "proved",
        "proved",
    ]


@pytest.mark.parametrize("side", [r"(1 - \beta) g", r"(1 - \beta^t) g"])
def test_what_a_colon_leads_to_is_no_place(side: str) -> None:
    given = under(r"$$v_t = \beta v_{t-1} + (1 - \beta) g_t,\ v_0 = 0$$")
    assert verdicts(given, f"For $g_k = g$ for all $k$: $v_t = {side}$") == ["undecided"]
