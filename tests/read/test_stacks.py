"""What words say of the rows and columns of a matrix."""

import pytest
from check.checking import under, verdicts

from symdl.read.stacks import spoken_stacks

ROWS, COLUMNS = r"X_{i,:} = (x_i)^\top", r"X_{:,i} = x_i"
FIT = r"$$L = \sum_{i=1}^n (w^\top x_i - y_i)^2$$" + "\n\n"


@pytest.mark.parametrize(
    ("words", "formula"),
    [
        (r"Let $X \in \mathbb{R}^{n \times d}$ be the matrix whose $i$-th row is $x_i^\top$.", ROWS),
        (r"$X$ is the $n \times d$ design matrix with rows $x_i^\top$ and $y = (y_1, \dots, y_n)^\top$.", ROWS),
        (r"The $i$-th row of $X$ is $x_i^T$.", ROWS),
        (r"Row $i$ of $X$ is $x_i^{\top}$.", ROWS),
        (r"$X$ has rows $x_1^\top$, ..., $x_n^\top$.", ROWS),
        (r"$X$ stacks the $x_i^\top$ as rows and $y$ the $y_i$.", ROWS),
        (r"$X$ collects the samples $x_i$ row by row.", ROWS),
        (r"Here $x_i$ denotes the $i$-th column of $X$.", COLUMNS),
        (r"The data $x_1, \dots, x_n \in \mathbb{R}^d$ are the columns of $X$.", COLUMNS),
        (r"Stack the vectors $x_i$ as columns of the matrix $X$.", COLUMNS),
        (r"$X$ contains the inputs $(x^{(i)})^T$ in its rows.", r"X_{i,:} = (x^{(i)})^\top"),
        (r"$\mathbf{X}$ has the rows $\mathbf{x}_n^\top$.", r"\mathbf{X}_{n,:} = (\mathbf{x}_n)^\top"),
    ],
)
def test_a_sentence_that_says_of_what_a_matrix_is_made_is_an_equation(words: str, formula: str) -> None:
    assert [said for _, said in spoken_stacks(words)] == [formula]


@pytest.mark.parametrize(
    "words",
    [
        "$X$ is not the matrix with rows $x_i$.",
        "The matrix $X$ has $n$ rows, and $x_i$ is an input.",
        "The rows of $X$ sum to zero and $x_i$ is an input.",
        "The $i$-th row of $X$ is orthogonal to $v_i$.",
        "The rows of $X$ are $x_i$, or its columns are $x_i$.",
    ],
)
def test_what_says_more_or_less_than_that_is_none(words: str) -> None:
    assert list(spoken_stacks(words)) == []


@pytest.mark.parametrize(
    ("said", "line", "verdict"),
    [
        (r"$X$ is the matrix with rows $x_i^\top$.", r"L = \|Xw - y\|^2", "proved"),
        (r"$X$ is the matrix with rows $x_i^\top$.", r"\nabla_w L = 2 X^\top (Xw - y)", "proved"),
        (r"$X$ is the matrix with rows $x_i^\top$.", r"\nabla_w L = X^\top (Xw - y)", "wrong"),
        (r"$X$ is the matrix with rows $x_i^\top$.", r"X^\top X = \sum_{i=1}^n x_i x_i^\top", "proved"),
        (r"$x_i \in \mathbb{R}^d$ are the columns of $X$.", r"L = \|X^\top w - y\|^2", "proved"),
        (r"$x_i \in \mathbb{R}^d$ are the columns of $X$.", r"\nabla_w L = 2 X^\top (Xw - y)", "wrong"),
        (
            r"$x_i, w \in \mathbb{R}^d$, $X$ is an $n \times d$ matrix with rows $x_i^\top$.",
            r"L = \|Xw - y\|^2",
            "proved",
        ),
    ],
)
def test_a_matrix_told_by_its_rows_is_judged_by_them(said: str, line: str, verdict: str) -> None:
    assert verdicts(under(FIT + said), f"$${line}$$") == [verdict]
