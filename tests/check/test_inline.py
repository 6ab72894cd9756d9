"""Formulas in plain words are formulas: where they begin and end, what is none, and how their claims are judged."""

import pytest
from check.checking import checked, under, verdicts
from hypothesis import given
from hypothesis import strategies as st

from symdl.read.inline import inline

HINGE = r"$$\ell(m) = \max(0, 1 - m)$$"
PAIRS = r"$$L = y d^2 + (1 - y) \max(0, m - d)^2, \quad m = 2$$"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("At x = 2 we get f(2) = 8 - 5 = 3, the minimum.", ["x = 2", "f(2) = 8 - 5 = 3"]),
        ("The odds are $e^0 = 1$ and 2 + 3 = 5 in total", ["e^0 = 1", "2 + 3 = 5"]),
        ("(c) stride 3, padding 1: floor(8/3) + 1 = 3", ["floor(8/3) + 1 = 3"]),
        (r"Correction: \frac{10.48}{1 - 0.8^3} = 21.48", [r"\frac{10.48}{1 - 0.8^3} = 21.48"]),
        ("If v = u and b = a the two heads agree", ["v = u", "b = a"]),
        ("max(1,3) = 3, max(2,1) = 2", ["max(1,3) = 3", "max(2,1) = 2"]),
        ("the unit is on (x > 0) or off", ["x > 0"]),
        ("values: 13 x 13 x 8 = 1352", ["13 × 13 × 8 = 1352"]),
        ("Total = 3 * 4 + 2 = 14", ["3 * 4 + 2 = 14"]),
        ("P(all wrong) = 0.3^3 = 0.027", ["0.3^3 = 0.027"]),
        ("a sum such as 2 +\n3 = 5 over two lines", ["2 +\n3 = 5"]),
        ("see page 3-5 = 3 pages", []),
        ("Since 2 of the 5 = 40 % are gone", []),
        ("loss + 3 * 2 = 6", []),
        (r"region\text{ReLU}(2 - 3) = 0", []),
        ("| x = 1 | 0.5 |", []),
        ("the log-loss is large, semi-hard or not", []),
    ],
)
def test_a_plain_formula_ends_where_words_begin(words: str, found: list[str]) -> None:
    assert [f.text for f in inline(words)] == found


@given(st.text(alphabet="ab x=+-*/()[]{}^_.,:;<>|$\\0123456789\n'\"", max_size=60))
def test_formulas_lie_apart_in_source_order_and_stand_in_the_text(text: str) -> None:
    found = inline(text)
    ends = 0
    for f in found:
        assert ends <= f.span[0] <= f.start < f.span[1] <= len(text)
        assert f.text.replace("×", "x") == text[f.start : f.start + len(f.text)]
        ends = f.span[1]


@pytest.mark.parametrize(
    ("given_", "proof", "verdict"),
    [
        (HINGE, r"m = -1: \ell(-1) = 2, on the other side", "holds"),
        (HINGE, r"m = -1: \ell(-1) = 0, on the other side", "refuted"),
        (PAIRS, "For a pair with y = 1 and d = 3: $L = 9$.", "holds"),
        (PAIRS, "For a pair with y = 1 and d = 3: $L = 8$.", "refuted"),
        ("$$u = 1$$", r"After ten layers: 0.25^{10} = 9.5 \cdot 10^{-6}", "refuted"),
        ("$$u = 1$$", r"so 0.25 bits are saved, 2 - 7/4 = 1/4", "holds"),
    ],
)
def test_plain_formulas_are_judged_as_those_between_dollars(given_: str, proof: str, verdict: str) -> None:
    assert checked(under(given_), proof).verdict == verdict


def test_the_place_of_a_plain_formula_is_that_of_its_right_side() -> None:
    [relation] = checked("## Proof\n\n", "Two components: (5 + 3)/10 = 70 %").relations
    assert (relation.line, relation.column) == (3, 30)


@pytest.mark.parametrize(
    ("proof", "expected"),
    [
        (r"$$\frac{dy}{dx} = \underbrace{\frac{d}{dx} x^2}_{= 5x} + 3$$", ["proved", "wrong"]),
        (r"$$\frac{dy}{dx} = \underbrace{\frac{d}{dx} x^2}_{= 2x} + 3$$", ["proved", "proved"]),
        (r"$$\frac{dy}{dx} = \underbrace{2x}_{= a} + 3$$", ["proved"]),
        (r"$$\frac{dy}{dx} = \underbrace{2x}_{\text{slope}} + 3$$", ["proved"]),
        (r"$$\frac{dy}{dx} = \overbrace{2x}^{= x + 2x} + 3$$", ["proved", "wrong"]),
    ],
)
def test_a_label_at_a_brace_that_begins_with_a_sign_is_a_claim(proof: str, expected: list[str]) -> None:
    assert verdicts(under("$$y = x^2 + 3x$$"), proof) == expected
