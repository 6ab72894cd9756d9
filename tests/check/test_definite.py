"""Signs that say of a matrix that it is definite are judged by its leading minors, or by its quadratic form."""

import pytest
from check.checking import under, verdicts

GIVEN = r"""
$$H = \begin{pmatrix} 4 & 1 \\ 1 & 3 \end{pmatrix},\ f(x, y) = x^2 + x y + y^2$$

$A \in \mathbb{R}^{m \times n}$, $\lambda > 0$, $p > 0$, $q > 0$
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(r"H \succ 0", "proved", id="a given matrix"),
        pytest.param(r"H \succ 2 I", "proved", id="more than another one"),
        pytest.param(r"H \succ 3 I", "wrong", id="not more than another one"),
        pytest.param(r"H \preceq 5 I", "proved", id="at most another one"),
        pytest.param(r"H \preceq 4 I", "wrong", id="not at most another one"),
        pytest.param(r"\begin{bmatrix} 2 & 1 \\ 1 & 2 \end{bmatrix} \succ 0", "proved", id="numbers"),
        pytest.param(r"\begin{bmatrix} 2 & 3 \\ 3 & 2 \end{bmatrix} \succ 0", "wrong", id="indefinite"),
        pytest.param(r"\begin{bmatrix} 1 & 1 \\ 1 & 1 \end{bmatrix} \succeq 0", "proved", id="semidefinite"),
        pytest.param(r"\begin{bmatrix} 1 & 1 \\ 1 & 1 \end{bmatrix} \succ 0", "wrong", id="only semidefinite"),
        pytest.param(r"\begin{bmatrix} 2 & 0 \\ 1 & 2 \end{bmatrix} \succ 0", "undecided", id="not symmetric"),
        pytest.param(r"\nabla^2 f(x, y) \succ 0", "proved", id="a Hessian"),
        pytest.param(r"\begin{bmatrix} \frac{1}{p} & 0 \\ 0 & q \end{bmatrix} \succ 0", "proved", id="letters"),
        pytest.param(r"\begin{bmatrix} \frac{1}{p} & 1 \\ 1 & q \end{bmatrix} \succ 0", "undecided", id="some letters"),
        pytest.param(r"A^\top A + \lambda I \succ 0", "proved", id="any length"),
        pytest.param(r"A^\top A \succeq 0", "proved", id="any length, semidefinite"),
        pytest.param(r"A^\top A \succ 0", "undecided", id="any length, not known"),
    ],
)
def test_a_matrix_is_as_definite_as_a_sign_says(line: str, expected: str) -> None:
    assert verdicts(under(GIVEN), f"$${line}$$") == [expected]
