"""What would be right of a vector or matrix is shown as one, and a slip in it by its row and column."""

import pytest
from check.checking import checked, lines, under

MATRICES = r"""$$A = \begin{bmatrix} a & b \\ c & d \end{bmatrix}, \quad x = \begin{bmatrix} u \\ v \end{bmatrix}$$"""
F = r"$$f(x_1, x_2) = x_1^2 + x_1 x_2 - 3 x_2$$"
HESSIAN = r"\nabla^2 f = \begin{bmatrix} 2 & 1 \\ 5 & 0 \end{bmatrix}"


@pytest.mark.parametrize(
    ("given", "line", "right", "slip"),
    [
        (
            MATRICES,
            r"A x = \begin{bmatrix} a u + b v \\ c u \end{bmatrix}",
            r"\begin{bmatrix} b v + a u \\ c u + d v \end{bmatrix}",
            "the term $d v$ in entry 2, left out",
        ),
        (
            MATRICES,
            r"A^\top = \begin{bmatrix} a & b \\ c & d \end{bmatrix}",
            r"\begin{bmatrix} a & c \\ b & d \end{bmatrix}",
            "the whole transposed",
        ),
        (
            "$$s > 0$$",
            r"\begin{bmatrix} 1 & s(4) \\ s(-6) & 3 \end{bmatrix} = \begin{bmatrix} 1 & -4s \\ -6s & 3 \end{bmatrix}",
            r"\begin{bmatrix} 1 & 4 s \\ -6 s & 3 \end{bmatrix}",
            "the sign of $4 s$ in row 1, column 2",
        ),
        (F, r"\nabla f = (2 x_1, x_1 - 3)", r"\begin{bmatrix} 2 x_1 + x_2 \\ x_1 - 3 \end{bmatrix}", "entry 1, left"),
        (F, HESSIAN, r"\begin{bmatrix} 2 & 1 \\ 1 & 0 \end{bmatrix}", ""),
    ],
)  # fmt: skip
def test_an_array_stays_an_array(given: str, line: str, right: str, slip: str) -> None:
    (found,) = lines(given, f"$${line}$$")
    assert (found.verdict, found.expected) == ("wrong", right)
    assert slip in found.reason
    assert ("the slip" in found.reason) == bool(slip)


def test_a_line_at_an_index_letter_keeps_the_letter() -> None:
    (found,) = lines(
        r"$$p_i = \frac{e^{z_i}}{\sum_{j=1}^3 e^{z_j}}, \quad L = -\ln p_2$$",
        r"$$\frac{\partial L}{\partial z_i} = p_i + \delta_{i2}$$",
    )
    assert found.expected is not None
    assert "bmatrix" not in found.expected


def test_a_second_wrong_array_carries_nothing_on_that_could_not_be() -> None:
    report = checked(under(F), "$$\\nabla f = (2 x_1 + x_2, x_1 + 3)$$\n\n" + f"$${HESSIAN}$$")
    assert [r.verdict for r in report.relations] == ["wrong", "wrong"]


RIDGE = r"""$$f(w) = \frac{1}{2} \|X w - y\|^2 + \frac{\lambda}{2} \|w\|^2, \quad X \in \mathbb{R}^{n \times d}$$"""
UNIT = r"""$$z = W x + b, \; a = \sigma(z), \; L = \frac{1}{2} \|a - t\|^2, \quad W \in \mathbb{R}^{m \times n}$$"""


@pytest.mark.parametrize(
    ("given", "line", "right", "slip"),
    [
        (RIDGE, r"\nabla f(w) = X^\top (X w + y) + \lambda w", r"\lambda w + X^{\top}(X w - y)", "the sign of $y$"),
        (RIDGE, r"\nabla^2 f(w) = X^\top X - \lambda I", r"\lambda I + X^{\top} X", r"the sign of $\lambda I$"),
        (RIDGE, r"\nabla^2 f(w) = X X^\top", r"\lambda I + X^{\top} X", ""),
        (UNIT, r"\nabla_b L = a - t", r"(\mathbf{1} - a) \odot (a - t) \odot a", "the factor $a(1 - a)$, left out"),
        (
            UNIT,
            r"\frac{\partial L}{\partial W} = x \left( (a - t) \odot a \odot (1 - a) \right)^\top",
            r"((\mathbf{1} - a) \odot (a - t) \odot a) x^{\top}",
            "the whole transposed",
        ),
        (UNIT, r"\frac{\partial L}{\partial b_i} = a_i - t_i", r"a_i(1 - a_i)(a_i - t_i)", "$a_i(1 - a_i)$"),
    ],
)
def test_a_line_without_indices_is_answered_without_them(given: str, line: str, right: str, slip: str) -> None:
    (found,) = lines(given, f"$${line}$$")
    assert (found.verdict, found.expected) == ("wrong", right)
    assert slip in found.reason
