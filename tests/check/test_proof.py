"""Proofs as people write them: each relation gets its verdict, its place and what it rests on."""

import pytest
from check.checking import checked, under, verdicts

from symdl.check import check

SOFTMAX = r"""# Softmax cross-entropy

## Given

$$p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}, \qquad i = 1, \dots, K$$

$$L = -\sum_{k=1}^{K} y_k \log p_k, \qquad \sum_{k=1}^{K} y_k = 1$$

## Find

$$\frac{\partial L}{\partial z_i}$$

## Proof

"""

BCE = r"""# Loss

## Given

$$a = \frac{1}{1 + e^{-z}}, \qquad L = -y \log a - (1 - y) \log(1 - a)$$

## Proof

"""

NUMBERS = r"""# Numbers

## Given

$$a = \frac{1}{1 + e^{-z}}, \qquad z = w x, \qquad w = 2, \qquad x = \frac{1}{2}$$

## Proof

"""


@pytest.mark.parametrize(
    ("given", "proof", "expected"),
    [
        pytest.param(BCE, r"$$\frac{\partial L}{\partial z} = a - y$$", ["proved"], id="a right line is proved"),
        pytest.param(BCE, r"$$\frac{\partial L}{\partial z} = y - a$$", ["wrong"], id="a flipped sign is wrong"),
        pytest.param(
            BCE,
            r"""$$\begin{aligned}
\frac{\partial a}{\partial z} &= \frac{e^{-z}}{(1 + e^{-z})^2} && \text{chain rule} \\
&= a (1 - a)
\end{aligned}$$""",
            ["proved", "proved"],
            id="an aligned chain with reasons has one verdict per sign",
        ),
        pytest.param(
            BCE,
            r"""$$\begin{aligned}
a &= \frac{e^z}{1 + e^z} && \text{expand} \\
&= 1 - a && \text{simplify}
\end{aligned}$$""",
            ["proved", "wrong"],
            id="a reason of one word is no side",
        ),
        pytest.param(
            BCE,
            r"$$\frac{\partial L}{\partial z} = \frac{\partial L}{\partial a} \frac{\partial a}{\partial z}"
            r" = \left(-\frac{y}{a} + \frac{1 - y}{1 - a}\right) a (1 - a) = a - y$$",
            ["proved", "proved", "proved"],
            id="the chain rule through a defined quantity holds",
        ),
        pytest.param(
            BCE,
            r"$\frac{\partial L}{\partial z} = a - y$.",
            ["proved"],
            id="a paragraph that is only a formula is judged",
        ),
        pytest.param(
            BCE,
            r"Since $a = 7$ would be false, this sentence is no claim.",
            [],
            id="words with formulas are no claims",
        ),
        pytest.param(BCE, r"$$\frac{\partial a}{\partial z} = a (1 + $$", ["unreadable"], id="half a formula"),
        pytest.param(
            BCE,
            r"$$u = 1 + e^{-z}, \qquad a = \frac{1}{u}$$",
            ["given", "proved"],
            id="a new name on the left is a definition",
        ),
        pytest.param(
            BCE,
            "Let $u = 1 + e^{-z}$.\n\n" + r"$$\frac{\partial u}{\partial z} = 1 - u$$",
            ["proved"],
            id="words may name a quantity",
        ),
        pytest.param(
            BCE,
            r"$$\frac{\partial M}{\partial z} = 0$$",
            ["undecided"],
            id="nothing follows about what is not given",
        ),
        pytest.param(
            SOFTMAX,
            r"$$\frac{\partial L}{\partial z_i} = p_i \sum_{k=1}^{K} y_k - y_i = p_i - y_i$$",
            ["proved", "proved"],
            id="a fact is used where it is needed",
        ),
        pytest.param(
            SOFTMAX,
            "For $i \\neq k$:\n\n" + r"$$\frac{\partial p_i}{\partial z_k} = -p_i p_k$$",
            ["proved"],
            id="a case stands in the sentence before",
        ),
        pytest.param(
            SOFTMAX,
            r"$$\frac{\partial p_i}{\partial z_k} = -p_i p_k$$",
            ["undecided"],
            id="it holds in one case that the line does not state",
        ),
        pytest.param(
            SOFTMAX,
            r"$$\frac{\partial p_i}{\partial z_k} = -p_i p_k, \qquad i \neq k$$",
            ["proved"],
            id="a case may stand beside the line",
        ),
        pytest.param(
            SOFTMAX,
            "For $i, k = 1, \\dots, K$:\n\n" + r"$$\frac{\partial p_i}{\partial z_k} = p_i (\delta_{ik} - p_k)$$",
            ["proved"],
            id="a range stands in the sentence before",
        ),
        pytest.param(NUMBERS, r"$$a = 0.731$$", ["rounded"], id="rounded to the digits shown"),
        pytest.param(NUMBERS, r"$$a \approx 0.7310$$", ["rounded"], id="truncated digits are digits shown"),
        pytest.param(NUMBERS, r"$$a = 0.733$$", ["wrong"], id="wrong digits"),
        pytest.param(NUMBERS, r"$$z = 2 \cdot 0.5 = 1$$", ["proved", "proved"], id="exact decimals are exact"),
    ],
)
def test_each_relation_has_its_verdict(given: str, proof: str, expected: list[str]) -> None:
    assert verdicts(given, proof) == expected


def test_a_wrong_line_comes_with_an_instance_that_shows_it() -> None:
    [line] = checked(SOFTMAX, r"$$\frac{\partial L}{\partial z_i} = y_i - p_i$$").relations
    assert (line.verdict, line.claim) == ("wrong", False)
    assert "K" in line.counterexample
    assert line.lhs == r"\frac{\partial L}{\partial z_i}"
    assert line.rhs == "y_i - p_i"


def test_a_right_ending_does_not_heal_a_wrong_step() -> None:
    found = checked(BCE, r"$$\frac{\partial L}{\partial z} = y - a = a - y$$")
    assert [(r.verdict, r.claim) for r in found.relations] == [("wrong", False), ("wrong", True)]
    assert found.verdict == "refuted"


def test_an_error_that_is_carried_on_correctly_names_its_origin() -> None:
    proof = "$$\\begin{aligned}\n\\frac{\\partial L}{\\partial z} &= y - a \\\\\n&= -(a - y)\n\\end{aligned}$$"
    first, second = checked(BCE, proof).relations
    assert (first.verdict, second.verdict, second.claim, second.follows) == ("wrong", "proved", False, first.line)


def test_a_place_is_where_the_right_side_starts_in_code_points() -> None:
    given = BCE.replace("# Loss", "# Verlust 𝕃")
    chain = "\\frac{\\partial L}{\\partial z} &= a - y \\\\\n  &= -(y - a)"
    proof = f"Größe 𝕃:\n\n$$\\begin{{aligned}}\n{chain}\n\\end{{aligned}}$$\n"
    source = (given + proof).splitlines()
    for line in checked(given, proof).relations:
        assert source[line.line - 1][line.column - 1 :].startswith(line.rhs.split()[0])


def test_a_definition_is_no_claim_and_does_not_hold_a_document() -> None:
    found = checked(BCE, r"$$u = 1 + e^{-z}$$")
    assert [(r.verdict, r.claim) for r in found.relations] == [("given", None)]
    assert found.verdict == "undecided"


def test_a_definition_cannot_change_what_is_given() -> None:
    assert verdicts(BCE, r"$$a = z$$") == ["wrong"]


@pytest.mark.parametrize(
    "source", ["no problem here\n", "\n", "# T\n\n## Proof\n\n$$x = $$\n", "## Given\n\n$$a = \\frac{1\n"]
)
def test_any_text_gets_an_entry(source: str) -> None:
    [document] = check(source).documents
    assert document.verdict in ("undecided", "unreadable")


@pytest.mark.parametrize(
    ("right", "mutants"),
    [
        (
            r"\frac{\partial L}{\partial z_i} = p_i - y_i",
            ["p_i + y_i", "p_i", "y_i", "1 - p_i", "2 (p_i - y_i)", "0", r"p_i y_i", r"p_i - y_i^2", r"p_1 - y_1"],
        ),
        (
            r"\frac{\partial p_i}{\partial z_k} = p_i (\delta_{ik} - p_k)",
            [r"p_i \delta_{ik}", r"p_i (\delta_{ik} + p_k)", r"p_k \delta_{ik} - p_k^2", r"p_i (1 - p_k)"],
        ),
    ],
)
def test_a_mutated_line_is_never_proved(right: str, mutants: list[str]) -> None:
    assert verdicts(SOFTMAX, f"$${right}$$") == ["proved"]
    left = right.split(" = ")[0]
    for mutant in mutants:
        assert verdicts(SOFTMAX, f"$${left} = {mutant}$$") == ["wrong"], mutant


@pytest.mark.parametrize(
    ("given", "rows", "expected"),
    [
        ("q = 1", ["k = 5, s = 3: m = 16", "k = 4, s = 2: m = 7"], ["given"] * 6),
        ("y = k s", ["k = 5, s = 3: y = 15", "k = 4, s = 2: y = 8"], ["given", "given", "proved"] * 2),
        (
            "y = k s",
            ["k = 5, s = 3: y = 15", "k = 4, s = 2: y = 9"],
            ["given", "given", "proved", "given", "given", "wrong"],
        ),
        ("q = 1", ["x = (0, 0): y = 1", "x = (0, 1): y = 2"], ["given"] * 4),
    ],
)
def test_all_values_before_a_colon_say_where_a_row_holds(given: str, rows: list[str], expected: list[str]) -> None:
    assert verdicts(under(f"$${given}$$"), "\n\n".join(f"$${row}$$" for row in rows)) == expected
