"""Words of the givens that are not read: what an instance shows of their names refutes nothing."""

import pytest
from check.checking import checked, under, verdicts

TOTAL = "$$s = \\sum_{k=1}^n u_k, \\quad v = 2 c$$"


@pytest.mark.parametrize(
    ("words", "line", "verdict"),
    [
        pytest.param("", "s = n u_1", "wrong", id="nothing is said"),
        pytest.param("All $u_k$ are identical.", "s = n u_1", "undecided", id="what may make it right"),
        pytest.param("All $u_k$ are identical.", r"s = -\sum_{k=1}^n u_k", "wrong", id="a slip beside it"),
        pytest.param("The $c$ are identical.", "s = n u_1", "wrong", id="said of another name"),
        pytest.param("The $u_k$ are not all identical.", "s = n u_1", "wrong", id="denied"),
        pytest.param("The $u_k$ sum to one.", "s = 1", "proved", id="what is read"),
        pytest.param("The $u_k$ sum to one.", "s = 2", "wrong", id="what is read is held against a line"),
    ],
)
def test_an_instance_that_may_break_what_words_say_refutes_nothing(words: str, line: str, verdict: str) -> None:
    assert verdicts(under(f"{TOTAL}\n\n{words}"), f"$${line}$$") == [verdict]


def test_the_report_says_which_word_is_not_read() -> None:
    [line] = checked(under(f"{TOTAL}\n\nAll $u_k$ are identical."), "$$s = n u_1$$").relations
    assert "“identical”" in line.reason


@pytest.mark.parametrize(
    ("words", "verdict"), [("$r(v)$ is the minimizer of $s$.", "undecided"), ("$r(v)$ is a number.", "given")]
)
def test_a_name_that_words_explain_is_not_defined_by_the_proof(words: str, verdict: str) -> None:
    assert verdicts(under(f"{TOTAL}\n\n{words}"), "$$r(v) = v - 1$$\n\n$$r(v) + 1 = v$$") == [verdict, "proved"]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("(A B)^{-1} = B^{-1} A^{-1}", "proved"),
        ("(A B)^{-1} = A^{-1} B^{-1}", "wrong"),
        ("A x = b", "proved"),
        ("x = A b", "undecided"),
    ],
)
def test_an_instance_with_an_inverse_is_invertible(line: str, verdict: str) -> None:
    given = r"$A, B \in \mathbb{R}^{n \times n}$ invertible, $b \in \mathbb{R}^n$, $x = A^{-1} b$."
    assert verdicts(under(given), f"$${line}$$") == [verdict]
