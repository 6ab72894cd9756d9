"""Marks: what a key asks for, what a submission shows of it, and what is left to a person."""

from fractions import Fraction

import pytest
from check.checking import lines

from symdl.check import check
from symdl.check.marks import Marks, marked
from symdl.errors import ReadError

KEY = r"""# BCE

## Given

$$a = \frac{1}{1 + e^{-z}}, \qquad z = w x + b, \qquad L = -y \log a - (1 - y) \log(1 - a)$$

## Proof

$$\frac{\partial L}{\partial z} = a - y \quad (2p)$$

$$\frac{\partial L}{\partial w} = (a - y) x \quad (1p)$$
"""

RIGHT = r"$$\frac{\partial L}{\partial z} = a - y$$" + "\n\n" + r"$$\frac{\partial L}{\partial w} = x (a - y)$$" + "\n"


def marks(submission: str, key: str = KEY, penalty: str = "0") -> Marks:
    return marked(key, "key.md", submission, "s.md", Fraction(penalty))


@pytest.mark.parametrize(
    ("submission", "low", "high"),
    [
        pytest.param(RIGHT, 3, 3, id="all is shown"),
        pytest.param(RIGHT.split("\n\n")[0] + "\n", 2, 2, id="half is shown"),
        pytest.param("# BCE\n\n## Proof\n\n" + RIGHT, 3, 3, id="with sections of its own"),
        pytest.param("$$1 = 1$$\n", 0, 0, id="a true line that was not asked for"),
        pytest.param(
            r"$$\frac{\partial L}{\partial z} = \frac{\partial L}{\partial a} \frac{\partial a}{\partial z}$$" + "\n",
            0,
            0,
            id="a true line that stops half way",
        ),
        pytest.param("$$\\frac{\\partial L}{\\partial z} = \\foo{a}$$\n", 0, 3, id="what cannot be read is left open"),
        pytest.param("## Given\n\n$$a = 7$$\n\n## Proof\n\n" + RIGHT, 3, 3, id="its own givens do not count"),
    ],
)
def test_a_submission_gets_the_points_that_it_shows(submission: str, low: int, high: int) -> None:
    found = marks(submission)
    assert (found.low, found.high, found.total) == (low, high, 3)
    assert found.needs_a_person == (low != high)


@pytest.mark.parametrize(("penalty", "low"), [("0", 2), ("1/2", 1), ("1", 0)])
def test_an_error_carried_on_correctly_costs_what_the_teacher_says(penalty: str, low: int) -> None:
    found = marks("$$\\frac{\\partial L}{\\partial z} = y - a = -(a - y)$$\n", penalty=penalty)
    assert found.low == low
    assert [a.status for a in found.awards] == ["carried", "missed"]


def test_points_in_the_front_matter_are_shared_by_the_chains_of_the_key() -> None:
    key = "---\nmarks: 5\n---\n\n" + KEY.replace(" \\quad (2p)", "").replace(" \\quad (1p)", "")
    assert [a.points for a in marks(RIGHT, key).awards] == [Fraction(5, 2), Fraction(5, 2)]


def test_index_letters_of_a_submission_may_be_others() -> None:
    key = "## Given\n\n$$p_i = \\frac{e^{z_i}}{\\sum_{j=1}^{K} e^{z_j}}$$\n\n## Proof\n\n"
    asked = key + "$$\\frac{\\partial p_i}{\\partial z_k} = p_i (\\delta_{ik} - p_k)$$\n"
    assert marks("$$\\frac{\\partial p_m}{\\partial z_n} = p_m (\\delta_{mn} - p_n)$$\n", asked).low == 1


def test_a_key_that_asks_for_nothing_is_refused() -> None:
    with pytest.raises(ReadError, match="no relation"):
        marks(RIGHT, "## Given\n\n$$a = 1$$\n\n## Proof\n\nObvious.\n")


ASKS = r"""---
marks: 6
---
## Given

$$p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}, \quad L = -\sum_{k=1}^K y_k \log p_k, \quad \sum_{k=1}^K y_k = 1$$

"""


@pytest.mark.parametrize(
    "task",
    [
        "## Find\n\n$$\\frac{\\partial L}{\\partial z_i}$$\n",
        "## Show\n\n$$\\frac{\\partial L}{\\partial z_i} = p_i - y_i$$\n",
    ],
)
def test_a_key_without_a_proof_asks_for_the_results_of_its_tasks(task: str) -> None:
    chain = r"\sum_{k=1}^{K} \frac{\partial L}{\partial p_k} \frac{\partial p_k}{\partial z_m}"
    shown = r"$$\frac{\partial L}{\partial z_m} = " + chain
    assert marks(shown + "$$\n", ASKS + task).low == 0
    assert marks(shown + " = p_m - y_m$$\n", ASKS + task).low == 6
    assert marks(shown + " = y_m - p_m$$\n", ASKS + task).low == 0


def test_a_key_whose_task_is_not_solved_is_refused_with_its_place() -> None:
    with pytest.raises(ReadError, match="write the proof below it") as error:
        marks(RIGHT, "## Given\n\n$$a = b^2$$\n\n## Solve\n\n$$e^b + b^5 = 3$$ for $b$\n")
    assert error.value.place is not None
    with pytest.raises(ReadError, match="classification"):
        marks(RIGHT, "## Classify\n\n$$x^2 + y^2$$\n")


OWN = r"""## Given

$$p_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}, \quad L = -\sum_{k=1}^K y_k \log p_k, \quad \sum_{k=1}^K y_k = 1$$

## Proof

$$\frac{\partial p_k}{\partial z_i} = p_k (\delta_{ki} + p_i)$$ (2p)

$$\frac{\partial L}{\partial z_i} = \sum_k \frac{\partial L}{\partial p_k} \frac{\partial p_k}{\partial z_i}$$ (1p)

$$= -\sum_k y_k (\delta_{ki} + p_i)$$ (1p)

$$= -y_i - p_i$$ (0.5p)
"""


def test_a_proof_with_points_beside_its_lines_gets_its_marks_with_what_follows_from_an_error() -> None:
    [document] = check(OWN).documents
    assert [(r.verdict, r.points, r.score) for r in document.relations] == [
        ("wrong", 2, 0), ("proved", 1, 1), ("proved", 1, 1), ("proved", 0.5, 0.5),
    ]  # fmt: skip
    assert (document.low, document.high, document.total) == (2.5, 2.5, 4.5)
    assert document.text().endswith("marks: 2.5 of 4.5")
    assert document.to_dict()["marks"] == {"total": 4.5, "low": 2.5, "high": 2.5}
    assert document.from_dict(document.to_dict()) == document


def test_a_line_that_is_not_decided_is_open() -> None:
    [document] = check("## Given\n\n$$y = 2x$$\n\n## Proof\n\n$$y = 4 \\quad (2p)$$\n").documents
    assert (document.low, document.high, document.total) == (0, 2, 2)
    assert document.text().endswith("marks: 0 to 2 of 2")


def test_the_points_of_the_front_matter_are_shared_by_the_results() -> None:
    text = (
        "---\nmarks: 3\n---\n\n## Given\n\n$$y = 2x$$\n\n## Proof\n\n$$y + y = 4x$$\n\n$$3 y = 5x$$\n\n$$y - x = x$$\n"
    )
    [document] = check(text).documents
    assert [r.score for r in document.relations] == [1, 0, 1]


def test_a_document_without_points_has_no_marks() -> None:
    [document] = check("## Given\n\n$$y = 2x$$\n\n## Proof\n\n$$y + y = 4x$$\n").documents
    assert document.total is None
    assert "marks" not in document.to_dict() and "points" not in document.to_dict()["relations"][0]


def test_a_line_that_goes_on_from_the_display_before_it_brings_its_own_points() -> None:
    key = OWN.replace("+ p_i", "- p_i").replace("-y_i - p_i", "p_i - y_i")
    shown = marked(key, "key.md", key, "a.md")
    assert (shown.low, shown.total) == (Fraction(9, 2), Fraction(9, 2))
    carried = marked(key, "key.md", OWN, "a.md")
    assert carried.low == Fraction(5, 2)


def test_a_submission_with_givens_and_without_a_proof_has_no_points() -> None:
    key = OWN.replace("+ p_i", "- p_i").replace("-y_i - p_i", "p_i - y_i")
    found = marked(key, "key.md", key[: key.index("## Proof")], "a.md")
    assert (found.low, found.high) == (0, 0)


@pytest.mark.parametrize(
    ("words", "points"),
    [
        pytest.param("Derivative of the loss (2p):", [None, 2], id="ends in a colon"),
        pytest.param("Hence (2p)", [None, 2], id="no sentence"),
        pytest.param("**Step 2 (2 points).** The outer derivative.", [None, 2], id="the heading of a step"),
        pytest.param("This was the inner one. (2p)", [2, None], id="a sentence of its own"),
        pytest.param("(2p)", [2, None], id="alone"),
    ],
)
def test_points_in_words_are_for_what_the_words_announce_else_for_what_stands_before(
    words: str, points: list[float | None]
) -> None:
    first, second = r"$$\frac{\partial y}{\partial w} = x$$", r"$$\frac{\partial y}{\partial x} = w$$"
    [document] = check(f"## Given\n\n$$y = w x$$\n\n## Proof\n\n{first}\n\n{words}\n\n{second}\n").documents
    assert [r.points for r in document.relations] == points


def test_a_display_that_words_give_points_to_has_to_be_right_as_a_whole() -> None:
    proof = "Both (2p):\n\n$$\\begin{aligned} y &= x w w \\\\ &= x w \\end{aligned}$$\n"
    [document] = check(f"## Given\n\n$$y = w x$$\n\n## Proof\n\n{proof}").documents
    assert (document.low, document.total) == (0, 2)


def test_answers_that_contradict_one_another_are_for_a_person() -> None:
    wrong = r"$$\frac{\partial L}{\partial z} = y - a$$" + "\n\n"
    assert (marks(wrong + RIGHT).low, marks(wrong + RIGHT).high) == (1, 3)


@pytest.mark.parametrize("said", ["-3", "many"])
def test_marks_that_are_no_number_of_points_are_said(said: str) -> None:
    key = f"---\nmarks: {said}\n---\n\n" + KEY.replace(r" \quad (2p)", "").replace(r" \quad (1p)", "")
    assert any(said in note for note in check(key).documents[0].notes)
    with pytest.raises(ReadError, match=said):
        marks(RIGHT, key)


@pytest.mark.parametrize(
    ("mark", "points"),
    [
        ("(1M)", 1),
        ("[2 M]", 2),
        (r"\quad (0.5M)", 0.5),
        ("(1 mk)", 1),
        ("[1p]", 1),
        (r"(\frac{1}{2} P)", 0.5),
        ("(1/2 pt)", 0.5),
    ],
)
def test_points_are_no_factor_however_they_are_written(mark: str, points: float) -> None:
    for end, verdict in (("192", "proved"), ("191", "wrong")):
        (line,) = lines("$$M = 5, p = 2, P = 3, k = 4$$", f"$$64 \\times 3 = {end} {mark}$$")
        assert (line.verdict, line.points) == (verdict, points)


def test_a_letter_that_the_line_names_elsewhere_is_a_factor() -> None:
    found = lines("$$m > 0$$", r"$$12 m = 3 (4 m)$$" + "\n\n" + r"$$12 m = 3 (5 m)$$")
    assert [(line.verdict, line.points) for line in found] == [("proved", None), ("wrong", None)]
