r"""What a problem as a whole shows of its names: squares that define, members apart, bold vectors and their entries."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Integer, sqrt

from symdl.errors import ReadError
from symdl.language import D, Sigma, family, index, scalar, size
from symdl.problem import Givens, Range, Relation
from symdl.read import problem_from, read_text
from symdl.read.sentences import first_index, kinks, log_base, named_function

i, j, k = map(index, "ijk")
m, n = size("m"), size("n")
x, y, w = (scalar(c) for c in "xyw")


def givens(*formulas: str, find: str = "1") -> Givens:
    return problem_from(list(formulas), [find]).givens


def test_a_square_defines_its_root() -> None:
    found = givens(r"\sigma^2 = \frac{1}{m} \sum_{i=1}^m x_i^2", r"y_i = \frac{x_i}{\sqrt{\sigma^2 + 1}}")
    sigma = found.definitions_of(scalar(r"\sigma"))[0]
    assert sigma.body**2 == Sigma.over(i, Integer(1), m, family(x, i) ** 2) / m
    assert [f.relation for f in found.facts] == [Relation(scalar(r"\sigma"), ">=", Integer(0))]


def test_the_square_of_a_family_defines_its_members() -> None:
    found = givens(r"s_j^2 = a_j + 1, j = 1, \dots, n")
    (definition,) = found.definitions
    assert definition.head == family("s", j) and definition.body == sqrt(family("a", j) + 1)
    assert [f.ranges for f in found.facts] == [{j: Range(Integer(1), n)}]


@pytest.mark.parametrize(
    "formulas",
    [
        pytest.param([r"v^2 = 2 g h", "v = 3"], id="the name has a value"),
        pytest.param(["x^2 = x", "L = a x"], id="the square is given by the name itself"),
        pytest.param([r"\sigma^2 = 4", r"L = \sigma x"], id="the square is a number"),
    ],
)
def test_other_squares_are_facts(formulas: list[str]) -> None:
    found = givens(*formulas)
    assert [f.relation.sign for f in found.facts] == ["="]
    assert all(d.label.name == "L" for d in found.definitions)


@pytest.mark.parametrize("names", ["u_i, v_i", "u_i,\\, v_i", r"u_i \text{ and } v_i"])
def test_a_list_of_names_lies_in_a_set(names: str) -> None:
    found = givens(names + r" \in \mathbb{R}^d", r"L = \sum_{i=1}^n u_i^\top v_i")
    assert found.families[scalar("v")] == (Range(Integer(1), n), Range(Integer(1), size("d")))


def test_what_is_only_mentioned_needs_no_range() -> None:
    text = "# P\n\n## Given\nThe point $x_i$ and the example $i$.\n$$a = b$$\n\n## Find\n$$\\frac{da}{db}$$\n"
    (problem,) = read_text(text, "p.md")
    assert scalar("x") not in problem.givens.families


def test_entries_of_a_bold_vector_may_be_written_plain() -> None:
    problem = problem_from(
        [r"\mathbf{a}, \mathbf{b} \in \mathbb{R}^d", r"c = \mathbf{a}^\top \mathbf{b}"],
        [r"\frac{\partial c}{\partial a_i}"],
    )
    assert problem.tasks[0].goal == D(scalar("c"), family(r"\mathbf{a}", i))


def test_a_plain_name_of_its_own_stays_apart_from_the_bold_one() -> None:
    found = givens(r"\mathbf{a} \in \mathbb{R}^d", r"c = a \mathbf{a}^\top \mathbf{a}")
    assert set(found.families) == {scalar(r"\mathbf{a}")} and scalar("a") in found.vectors


def test_a_member_zero_beside_one_to_n_is_a_name_of_its_own() -> None:
    found = givens(r"y = w_0 + \sum_{i=1}^{n} w_i x_i")
    assert found.families[w] == (Range(Integer(1), n),)
    assert found.definitions[0].body == scalar("w_0") + Sigma.over(i, Integer(1), n, family(w, i) * family(x, i))


def test_the_initial_state_of_a_recurrence_is_a_member() -> None:
    found = givens(r"h_t = w h_{t-1}, t = 1, \dots, T", "h_0 = 1", "L = h_T")
    assert found.families[scalar("h")] == (Range(Integer(0), size("T")),)


def test_member_zero_is_one_where_member_one_is_written_out_beside_it() -> None:
    found = givens(r"h_{t+1} = w h_t + x_{t+1}, t = 0, \dots, 2", "x_0 = 1, x_1 = 2")
    assert found.families[x][0].lo == 0


def test_a_vector_is_not_zero_where_its_squares_are_not() -> None:
    found = givens(r"x \in \mathbb{R}^n", r"x \neq 0", r"L = x^\top x")
    assert [f.relation for f in found.facts] == [
        Relation(Sigma.over(i, Integer(1), n, family(x, i) ** 2), ">", Integer(0))
    ]


@pytest.mark.parametrize(
    ("find", "letters"),
    [
        (r"\frac{\partial^2 L}{\partial w_i \partial w_j}", [i, j]),
        (r"\frac{\partial^2 L}{\partial w_j \partial w_i}", [j, i]),
        (r"\frac{\partial^2 L}{\partial w_i \partial a_{ij}}", [i, j]),
    ],
)
def test_the_axes_of_a_result_follow_the_text(find: str, letters: list[Expr]) -> None:
    problem = problem_from([r"L = \sum_{i=1}^n \sum_{j=1}^n w_i w_j a_{ij}"], [find])
    assert [letter for letter, _ in problem.tasks[0].indices] == letters


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("Here $\\log$ is the logarithm to base 10.", 10),
        ("All logarithms are to the base $2$.", 2),
        ("We use base-2 logarithms.", 2),
        ("the binary logarithm", 2),
        ("Here $\\log$ is the natural logarithm.", None),
        ("The loss is logged with base rates of 10 percent.", None),
    ],
)
def test_the_base_of_the_logarithm_is_found_in_words(text: str, base: int | None) -> None:
    assert log_base(text) == base


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("The derivative of ReLU at 0 is 0.", [0]),
        ("the derivative of the $\\text{ReLU}$ at zero is taken as one", [1]),
        ("The derivative of tanh at 0 is 1.", []),
    ],
)
def test_a_derivative_at_a_kink_is_found_in_words(text: str, values: list[int]) -> None:
    assert [v for _, v in kinks(text)] == values


def test_words_after_a_letter_say_which_function_it_is() -> None:
    record = named_function(" denotes the logistic sigmoid function")
    assert record is not None and record.name == "sigmoid"
    assert named_function(" is the weight of the sigmoid layer") is None
    assert first_index("rows and columns are numbered from 0") == 0
    assert first_index("numbered row by row") is None


SIGNS = r"""
x x_i x_0 h_{t-1} \sigma ^2 = + - ( ) \sum_{i=1}^n \sum _j \frac{a}{b} \mathbf{W} \mathbf{W}_1 \text{if}
\text{out-size} , \\ & \in \mathbb{R}^n 1 [ ] \lfloor \rfloor KL | \to \dots e \begin{bmatrix}1&2\\3&4\end{bmatrix}
"""
PIECES = st.sampled_from(SIGNS.split())


@given(st.lists(st.lists(PIECES, min_size=1, max_size=9), min_size=1, max_size=3), st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_a_proof_document_is_read_whatever_its_givens_hold(formulas: list[list[str]], words: str) -> None:
    plain = "".join(c for c in words if c.isprintable() and c not in "$#*\\")
    shown = "\n\n".join("$$" + " ".join(f) + "$$" for f in formulas)
    text = f"# P\n\n## Given\n\nWords {plain} and $x_i$.\n\n{shown}\n\n## Proof\n\n$$a = a$$\n"
    try:
        (problem,) = read_text(text, "p.md")
    except ReadError as error:
        # Signs of other scripts and an open display concern the document, not one given.
        assert error.place is not None
    else:
        assert problem.proof


@pytest.mark.parametrize("kind", ["Find", "Show"])
def test_what_stands_before_the_sections_is_given_where_none_is_called_so(kind: str) -> None:
    asked = r"\frac{\partial L}{\partial w} = 2 w" if kind == "Show" else r"\frac{\partial L}{\partial w}"
    text = f"# Test\n\nLet $L = w^2$.\n\nFind what follows.\n\n## {kind}\n\n$${asked}$$\n"
    (problem,) = read_text(text, "test")
    assert [d.label for d in problem.givens.definitions] == [scalar("L")]
    assert [block.text for block in problem.intro] == ["Find what follows."]


UNTITLED = {
    "what a neuron computes is given": (r"A neuron computes $a = 2 w$. The loss is $L = a^2$.", ["a", "L"]),
    "what is to be computed is not": (r"Let $L = w^2$. Compute $g = 2 w$.", ["L"]),
    "a display after a question is none": ("Let $L = w^2$. Show that\n\n$$g = 2 w$$", ["L"]),
    "a display after what is stated is one": ("Find the slope. The loss is\n\n$$L = w^2$$", ["L"]),
    "a point within a formula ends no sentence": (
        r"With $c = 0.5$ the loss is $L = c w$; find its slope $L' = c$.",
        ["L"],
    ),
}


@pytest.mark.parametrize("name", UNTITLED)
def test_a_text_states_some_of_its_sentences_and_asks_the_others(name: str) -> None:
    text, defined = UNTITLED[name]
    (problem,) = read_text(f"# Test\n\n{text}\n\n## Proof\n\n$$w = w$$\n", "test")
    assert [str(d.label) for d in problem.givens.definitions] == defined


def test_what_stands_behind_a_question_keeps_its_place() -> None:
    text = "# Test\n\nFind all.\nThe loss\nis $L = w^2$.\n\n## Proof\n\n$$w = w$$\n"
    (problem,) = read_text(text, "test")
    (definition,) = problem.givens.definitions
    assert (definition.place.line, definition.place.column) == (5, 5)
