"""What sentences say of the eigenvalues of a matrix is judged by its characteristic polynomial."""

import pytest
from check.checking import under, verdicts

MATRICES = r"""
$$P = \begin{pmatrix} 0.9 & 0.1 \\ 0.5 & 0.5 \end{pmatrix}$$

$$Q = \begin{pmatrix} a & b \\ b & a \end{pmatrix}$$

$$S = \begin{pmatrix} 4 & 2 \\ 2 & 3 \end{pmatrix}$$
"""


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        pytest.param("The eigenvalues of $P$ are $1$ and $0.4$.", ["proved", "proved"], id="numbers"),
        pytest.param("The eigenvalues of $P$ are $2$ and $0.4$.", ["wrong", "proved"], id="numbers, one wrong"),
        pytest.param("The eigenvalues of $P$ are $1$ and $0.5$.", ["proved", "undecided"], id="may be rounded"),
        pytest.param(
            r"The eigenvalues of $P$ are $\lambda_1 = 1$ and $\lambda_2 = 3$.", ["proved", "wrong"], id="names"
        ),
        pytest.param("The eigenvalues of the matrix $Q$ are $a + b$ and $a - b$.", ["proved", "proved"], id="letters"),
        pytest.param("The eigenvalues of $Q$ are $a + b$, $a - 2b$.", ["proved", "undecided"], id="letters, one wrong"),
        pytest.param(r"The eigenvalues of $S$ are $5.562$ and $1.44$.", ["rounded", "rounded"], id="few digits"),
        pytest.param(r"The eigenvalues of $S$ are $5.552$ and $1.34$.", ["wrong", "wrong"], id="few digits, wrong"),
        pytest.param("For $b = 0$ the eigenvalues of $Q$ are $a$ and $a$.", [], id="a case"),
        pytest.param("The eigenvalues of $P$ are not $1$ and $2$.", [], id="denied"),
        pytest.param(r"The eigenvalues of $P$ are $\lambda_1 \ge \lambda_2$.", [], id="only names"),
    ],
)
def test_a_number_that_is_called_an_eigenvalue_is_one(sentence: str, expected: list[str]) -> None:
    assert verdicts(under(MATRICES), f"{sentence}\n\n$$1 + 1 = 2$$") == [*expected, "proved"]
