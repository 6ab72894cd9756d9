"""Proofs that run on: over several displays, as lists, under labels, and within sentences."""

import pytest
from check.checking import checked, under, verdicts

SOFTMAX = (
    r"$$p_i = \frac{e^{z_i}}{\sum_{j=1}^K e^{z_j}}, \quad L = -\sum_{k=1}^K y_k \log p_k, \quad "
    r"\sum_{k=1}^K y_k = 1$$"
)
CHAIN = (
    r"$$\frac{\partial L}{\partial z_i} = \sum_k \frac{\partial L}{\partial p_k} \frac{\partial p_k}{\partial z_i}$$"
)
CIRCUIT = r"Consider $f(x, y, z) = (x + y) z$ with $x = -2$, $y = 5$, $z = -4$, and $q = x + y$."
LINE = "$$y = 2x - 3$$"


@pytest.mark.parametrize(
    ("proof", "expected"),
    [
        pytest.param(
            rf"{CHAIN}" "\n\n" r"$$= -\sum_k y_k (\delta_{ki} - p_i)$$" "\n\n" r"$$= p_i - y_i$$",
            ["proved", "proved", "proved"], id="right to its end",
        ),
        pytest.param(
            rf"{CHAIN}" "\n\n" r"$$= -\sum_k y_k (\delta_{ki} + p_i)$$" "\n\n" r"$$= -y_i - p_i$$",
            ["proved", "wrong", "proved"], id="wrong in its second display, and carried on",
        ),
        pytest.param("$$2 + = 3 = 2 +$$\n\n$$= 4$$", ["unreadable"] * 2 + ["undecided"], id="nothing to go on from"),
        pytest.param("$$2 + 3 = 5$$\n\nThe number of weights is\n\n$$= 12$$", ["proved", "undecided"], id="words"),
    ],
)  # fmt: skip
def test_a_display_that_begins_with_its_sign_goes_on_from_the_one_before(proof: str, expected: list[str]) -> None:
    assert verdicts(under(SOFTMAX), proof) == expected


@pytest.mark.parametrize(
    ("proof", "expected"),
    [
        pytest.param(["m \\pm z s", r"= 5 \pm 6"], ["proved"] * 2, id="from a formula"),
        pytest.param(["m \\pm z s", r"= 5 \pm 7"], ["wrong"] * 2, id="a wrong value for both"),
        pytest.param([r"m \pm z s = 5 \pm 2 \cdot 3", r"= 5 \pm 6"], ["proved"] * 4, id="from an equation"),
        pytest.param(
            [r"m \pm z s = 5 \pm 2 \cdot 3", r"= 5 \pm 5"], ["proved"] * 2 + ["wrong"] * 2, id="a wrong value"
        ),
        pytest.param([r"m \pm z s = 5 \pm 2 \cdot 3", "= 11"], ["proved"] * 2 + ["undecided"], id="one of them"),
        pytest.param([r"x = \pm \sqrt{4}", r"= \pm 2"], ["proved"] + ["undecided"] * 2, id="from two solutions"),
    ],
)
def test_a_display_with_two_signs_goes_on_sign_by_sign(proof: list[str], expected: list[str]) -> None:
    given = "$m = 5$, $z = 2$, $s = 3$, $x^2 = 4$"
    assert verdicts(under(given), "\n\n".join(f"$${line}$$" for line in proof)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [(r"= 0, \text{otherwise}", "undecided"), (r"= 0 \quad \text{elsewhere.}", "undecided"), ("= 0", "wrong")],
)
def test_a_line_of_another_case_does_not_go_on_from_the_one_before(line: str, expected: str) -> None:
    proof = rf"$$f(u) = \frac{{1}}{{a}} \quad \text{{for}} \quad u \in [-1, 1]$$" f"\n\n$${line}$$"
    assert verdicts(under("$a = 2$"), proof) == ["given", expected]


@pytest.mark.parametrize(("words", "expected"), [("$= 0$ otherwise.", "undecided"), ("$= 0$ in all cases.", "wrong")])
def test_what_is_said_of_every_other_case_does_not_go_on_from_a_line(words: str, expected: str) -> None:
    assert verdicts(under("$a = 2$"), f"$$f(u) = \\frac{{1}}{{a}}$$\n\n{words}")[-1] == expected


def test_a_continued_line_shows_what_it_goes_on_from() -> None:
    [_, second] = checked(under(""), "$$2 + 3 = 5$$\n\n$$= 4 + 2$$").relations
    assert (second.lhs, second.verdict) == ("5", "wrong")


@pytest.mark.parametrize(
    ("proof", "expected"),
    [
        pytest.param("- $q = x + y = 3$\n- $f = q z = -12$", ["proved"] * 4, id="a list"),
        pytest.param("a) Forward pass:\n- $q = 4$\n- so $f = -12$", ["wrong", "proved"], id="an item with its label"),
        pytest.param("$q = 3$ and $f = -12$", ["proved", "proved"], id="two formulas and a connecting word"),
        pytest.param("It outputs $q = 3$ in all cases.", ["proved"], id="a claim within a sentence"),
        pytest.param("The sum is $q = 4$.", ["wrong"], id="a wrong claim within a sentence"),
        pytest.param("If $q = 4$ we would be done.", [], id="a supposition is none"),
        pytest.param("It is not true that $q = 4$.", [], id="a denial is none"),
        pytest.param("It depends on $u = 4$.", [], id="what may be a setting is none"),
    ],
)
def test_formulas_within_words_are_claims_where_nothing_else_can_be_meant(proof: str, expected: list[str]) -> None:
    assert verdicts(under(CIRCUIT), proof) == expected


def test_a_label_holds_for_its_own_line_only() -> None:
    lines = (r"x = 1: \quad y = -1", r"x = 2: \quad y = 1", r"x = 2: \quad y = 2", r"y = 0 \Rightarrow x = \frac32")
    proof = "\n\n".join(f"$${line}$$" for line in lines)
    assert verdicts(under(LINE), proof) == ["given", "proved", "given", "proved", "given", "wrong", "given", "proved"]


def test_a_step_of_a_graph_that_the_proof_names_itself_is_no_error() -> None:
    given = r"$$f = x^4 - 18 y^2, \quad x = 2, y = 2$$"
    proof = "Forward: $v_5 = y^2 = 4$, $v_6 = -18 v_5 = -72$.\n\nBackward: $\\frac{\\partial f}{\\partial v_6} = 1$."
    assert "wrong" not in verdicts(under(given), proof)


@pytest.mark.parametrize(("number", "verdict"), [("3", "proved"), ("4", "wrong")])
def test_a_display_that_begins_with_its_sign_goes_on_from_one_that_is_an_expression(number: str, verdict: str) -> None:
    assert verdicts(under("$$a = 2$$"), f"$$b = 7$$\n\n$$a + 1$$\n\n$$= {number}$$")[-1] == verdict


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (r"The first has $3 \cdot 4 = 12$ weights. The other one has $\approx 15$ weights.", ["proved", "undecided"]),
        (r"The first has $3 \cdot 4 = 12$ weights. (B) uses $\approx 11.8\%$ of them.", ["proved", "undecided"]),
        (
            r"The first has $3 \cdot 4 = 12$ weights. The other one has $= 5 + 10 = 16$.",
            ["proved", "given", "wrong"],
        ),
        (r"We have $10/3$, which is $\approx 3.33$.", ["rounded"]),
        (r"We have $10/3$, which is $\approx 3.43$.", ["wrong"]),
        (r"$3 + 4 = 7$, that is $= 8$.", ["proved", "wrong"]),
    ],
)
def test_a_formula_that_begins_with_its_sign_is_said_of_what_words_name(words: str, expected: list[str]) -> None:
    assert verdicts(under("$$a = 2$$"), words) == expected


@pytest.mark.parametrize(("line", "expected"), [(r"8 \sqrt{2}", "proved"), ("8", "wrong")])
def test_a_display_goes_on_from_the_formula_behind_a_label(line: str, expected: str) -> None:
    proof = "$$2a = 16$$\n\n2. Scale: $\\frac{2a}{\\sqrt{2}}$:\n\n" rf"$$= {line}$$"
    assert verdicts(under("$a = 8$"), proof)[-1] == expected


@pytest.mark.parametrize("words", ["Substituting ${}$:", "Since ${}$:", "Using ${}$:"])
def test_a_display_goes_on_behind_the_reason_for_its_step(words: str) -> None:
    given = under("$y = b x + c$ and $b > 0$.")
    before = "$$z = -\\frac{y - c}{b}$$\n\n" + words.format("y - c = b x") + "\n\n"
    assert verdicts(given, before + r"$$= -\frac{b x}{b} = -x$$") == ["given", "proved", "proved", "proved"]
    assert verdicts(given, before + r"$$= \frac{b x}{b} = x$$") == ["given", "proved", "wrong", "proved"]


@pytest.mark.parametrize(
    ("words", "first"), [("H(X) = -[0.8·log₂(0.8) + 0.2·log₂(0.2)]", "undecided"), ("The value is", "given")]
)
def test_a_display_behind_a_relation_in_plain_characters_goes_on_from_it(words: str, first: str) -> None:
    assert verdicts(under("$p = 0.8$"), f"{words}\n\n$$= 3 + 4 = 7$$") == [first, "proved"]


@pytest.mark.parametrize(("sign", "verdict"), [("+", "proved"), ("-", "undecided")])
def test_a_reason_in_brackets_beside_a_line_is_read(sign: str, verdict: str) -> None:
    proof = rf"$$a y_1 + a y_2 = a (y_1 + y_2) = a \quad (\text{{since }} y_1 {sign} y_2 = 1)$$"
    assert verdicts(under("$y_1 + y_2 = 1$"), proof) == ["proved", "proved", verdict]
