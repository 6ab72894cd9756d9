"""The identity matrix: a sentence that says what I is, and I with its size, are no quantities of the problem."""

import pytest
from check.checking import under, verdicts

from symdl.check import check

RIDGE = r"$$J(w) = \frac{1}{2} \|X w - y\|^2 + \frac{\lambda}{2} \|w\|^2$$"
SHAPES = r"Here $X \in \mathbb{R}^{n \times d}$, $y \in \mathbb{R}^n$"


@pytest.mark.parametrize(
    ("said", "unit"),
    [
        (r", and $I$ is the $d \times d$ identity matrix.", "I"),
        (r". $\mathbf{I}$ denotes the identity matrix.", r"\mathbf{I}"),
        (r", $I_d$ the identity matrix of size $d$.", "I_d"),
        (".", "I_d"),
        (".", "I"),
    ],
)
def test_the_identity_stands_beside_a_matrix(said: str, unit: str) -> None:
    proof = "\n\n".join(rf"$$\nabla^2 J(w) = X^T X {sign} \lambda {unit}$$" for sign in "+-")
    (document,) = check(f"## Given\n\n{RIDGE}\n\n{SHAPES}{said}\n\n## Proof\n\n{proof}\n").documents
    assert [r.verdict for r in document.relations] == ["proved", "wrong"]


def test_an_i_that_is_given_is_none() -> None:
    given = r"$$I_k = 2 p_k, p \in \mathbb{R}^K, k = 1, \dots, K$$"
    (document,) = check(f"## Given\n\n{given}\n\n## Proof\n\n$$I_k - p_k = p_k$$\n\n$$I_k = p_k$$\n").documents
    assert [r.verdict for r in document.relations] == ["proved", "wrong"]


SQUARES = r"$A$ and $B$ are $n \times n$ matrices"
CENTRED = r"$M = I_n - \frac1n \iota\iota^\top$, where "


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (r"$I$ is the identity of order $n$ and $A$ is an $n \times n$ matrix.", "(A + I)^2 = A^2 + 2A + I", "proved"),
        (r"$I$ is the identity of order $n$ and $A$ is an $n \times n$ matrix.", "(A + I)^2 = A^2 + A + I", "wrong"),
        (SQUARES + ".", "(A + B)^2 = A^2 + AB + BA + B^2", "proved"),
        (SQUARES + ".", "(A + B)^2 = A^2 + 2AB + B^2", "wrong"),
        # What words say of e cannot be read, what they say of A and B can.
        ("$e$ is the vector of ones, " + SQUARES + ".", "(A + B)^2 = A^2 + 2AB + B^2", "wrong"),
        (CENTRED + r"$\iota$ is the $n \times 1$ vector of ones.", "M M = M", "proved"),
        (CENTRED + r"$\iota \in \mathbb{R}^n$ is the vector of ones.", "M M = M", "proved"),
        (CENTRED + r"$\iota \in \mathbb{R}^n$ is the vector of ones.", r"\iota^\top \iota = n", "proved"),
        (CENTRED + r"$\iota \in \mathbb{R}^n$ is the vector of ones.", r"\iota^\top \iota = n - 1", "wrong"),
    ],
)
def test_words_tell_shapes_and_entries(given: str, line: str, expected: str) -> None:
    (document,) = check(f"## Given\n\n{given}\n\n## Proof\n\n$${line}$$\n").documents
    assert [r.verdict for r in document.relations] == [expected]


PRIMED = r"$X \in \mathbb{R}^{n \times d}$, $y \in \mathbb{R}^n$, $b \in \mathbb{R}^d$; $S(b) = (y - Xb)'(y - Xb)$."
ECONOMETRIC = (
    "$$M = I - \\frac{1}{n} \\iota \\iota'$$\n\n$I$ is the identity of order $n$, "
    r"$\iota$ is the $n \times 1$ vector of ones, $x$ is $n \times 1$, and a prime denotes transposition."
)


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (PRIMED + " A prime denotes transposition.", r"\nabla_b S = -2 X'(y - X b)", "proved"),
        (PRIMED + " A prime denotes transposition.", r"\nabla_b S = 2 X'(y - X b)", "wrong"),
        (PRIMED + " Here $'$ is the transpose.", "(X b)' = b' X'", "proved"),
        ("$$u, v \\in \\mathbb{R}^n$$\n\nA prime denotes transposition.", "u u' = u' u", "wrong"),
        (ECONOMETRIC, "M M = M", "proved"),
        (ECONOMETRIC, r"\iota' \iota = n - 1", "wrong"),
        # Nothing says here that a prime is more than a part of the name.
        ("$$w' = w - 1$$", "w' + 1 = w", "proved"),
    ],
)
def test_a_prime_is_a_transpose_where_words_say_so(given: str, line: str, expected: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == [expected]
