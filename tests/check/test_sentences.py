"""Which relations within sentences are listed: what a sentence claims, and what may be claimed and does not hold."""

import pytest
from check.checking import checked, under, verdicts

ERROR = r"$$z = w x, \quad a = \max(0, z), \quad C = (a - t)^2, \quad w = 2, x = 1, t = 1$$"
CUBE = "$$f(x) = x^3 - 2x - 5$$"
UNIT = r"$$z = w x, \quad h = \max(0, z)$$"
HEIGHT = r"$$o = s (i - 1) + 4$$"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (ERROR, r"For the gradient we start at the end: $\frac{\partial C}{\partial a} = (a - t) = 1$."),
        (CUBE, "If the unit is kept, its output is $\\frac{0.8}{0.75} = 1.167$."),
        (CUBE, "There $f(2.1) = 9.261 - 4.2 - 5 = 0.161$, which is already close to zero,"),
        (HEIGHT, r"With $i = 4$, $s = 2$ we obtain $o = 2 \cdot 3 + 4 = 12$."),
        (CUBE, "If so, then $2 + 2 = 5$."),
        (CUBE, "With another start we would get $2 + 2 = 5$."),
        (UNIT, "If $x > 0$: $h = 2z + w$."),
        (HEIGHT, r"a) $i = 4, s = 2$: $o = 2 \cdot 3 + 4 = 12$"),
        (ERROR, r"When the unit is on, we get $a = 2 \cdot 1 = 3$:"),
        (UNIT, r"The number of steps is $n = k^2 c = 156$ in words."),
    ],
)
def test_what_a_sentence_may_claim_and_does_not_hold_leaves_the_document_open(given: str, sentence: str) -> None:
    report = checked(under(given), f"{sentence}\n\n$$1 + 1 = 2$$")
    assert report.verdict != "holds"
    assert {r.verdict for r in report.relations} & {"undecided", "wrong"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (UNIT, "For $z > 0$ we have $h = z$."),
        (UNIT, "When $z = w x = 0$, the unit is at its kink."),
        (UNIT, "Setting $h = w x = 0$ gives nothing new."),
        (UNIT, "If $x = w = 1$, then the unit is on."),
        (ERROR, "With another weight $w = 5$, say, the unit is on as well."),
        (ERROR, "It would be wrong to write $a = w t = 3$ here."),
        (ERROR, "Why is it not $a = w t = 3$?"),
        (ERROR, "Let $q = a - t = 1$ be the error at the output."),
        (HEIGHT, r"a) $i = 4, s = 2$: $o = 2 \cdot 3 + 4 = 10$"),
        (ERROR, "If $w = 1.1$ instead: $1.1^2 = 1.21$"),
        (UNIT, "For $z > 0$: $h = z$, and for $z < 0$: $h = 0$"),
        (CUBE, "At $x = 2$ we get $f(x) = 8 - 4 - 5 = -1$."),
        (HEIGHT, r"With $i = 4$, $s = 2$ we obtain $o = 2 \cdot 3 + 4 = 10$."),
    ],
)
def test_conditions_settings_denials_and_what_holds_cost_a_right_proof_nothing(given: str, sentence: str) -> None:
    assert checked(under(given), f"{sentence}\n\n$$1 + 1 = 2$$").verdict == "holds"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (r"For the uniform distribution $H = \log_2 4 = 2.5$.", ["wrong"]),
        (r"For the uniform distribution $H = \log_2 4 = 2$.", ["proved"]),
        (r"For the sample $x = y = 3 \cdot 4 = 13$.", ["wrong"]),
        ("For the uniform distribution $H = 2$.", []),
        ("For the sample $x = 1, y = 2$.", []),
        (r"It would be wrong for the sample $y = 3 \cdot 4 = 13$.", []),
    ],
)
def test_no_condition_changes_what_numbers_alone_are(sentence: str, expected: list[str]) -> None:
    assert verdicts(under("$$u = 1$$"), f"{sentence}\n\n$$1 + 1 = 2$$")[:-1] == expected


def test_the_place_of_an_index_in_words_is_no_claim() -> None:
    given = under(r"$$h_t = w h_{t-1}, \quad t = 1, \dots, T, \quad h_0 = 1$$")
    assert checked(given, "Base of the induction, $t = 1$.\n\n$$h_1 = w$$").verdict == "holds"
