"""The slip that explains a wrong line is found by what each place of it would have to be, and named."""

import pytest
from check.checking import lines

SOFTMAX = r"$$L = \log\left(\sum_{j=1}^{K} e^{z_j}\right) - z_y$$"
SQUARES = r"$$E = \frac{1}{2} \sum_{n=1}^{N} (y_n - w_1 x_n - w_2 u_n)^2$$"

NAMED = {
    "a number": ("$$x > 0$$", r"(5 - x)(2 - x) - 4", "x^2 - 7 x + 6", "x^2 - 7 x + 10", "$10$ for $6$"),
    "an exponent": (
        "$$v > 0$$ $$g = v^{-1/2}$$", r"\frac{dg}{dv}", r"-\frac{1}{2} v^{-3/2}", r"-\frac{1}{2} v^{-1/2}",
        "the power of $v$",
    ),
    "the end of a weighted sum": (
        r"$$v_t = \beta v_{t-1} + g_t$$ $$v_0 = 0$$", "v_3", r"\beta^2 g_1 + \beta g_2 + g_3",
        r"g_1 + \beta g_2 + \beta^2 g_3", "$g_1$ and $g_3$ exchanged",
    ),
    "a logarithm": (
        SOFTMAX, "L", r"-z_y + \log \sum_{j=1}^{K} e^{z_j}", r"-z_y + \sum_{j=1}^{K} e^{z_j}", r"for $\log \sum",
    ),
    "a function": ("$$x > 0$$ $$f = \\sin(3 x)$$", r"\frac{df}{dx}", r"3 \cos(3 x)", r"3 \sin(3 x)", r"for $\cos"),
    "an index of one of two factors": (
        SQUARES, r"\frac{\partial^2 E}{\partial w_1 \partial w_2}", r"\sum_{n=1}^{N} x_n u_n",
        r"\sum_{n=1}^{N} x_n^2", "for $u_n$",
    ),
    "a factor in a sum": (
        SQUARES, r"\frac{\partial E}{\partial w_1}", r"-\sum_{n=1}^{N} (y_n - w_1 x_n - w_2 u_n) x_n",
        r"-\sum_{n=1}^{N} (y_n - w_1 x_n - w_2 u_n)", "the factor $x_n$, left out",
    ),
    "a share for its complement": (
        r"$$L = -t \log p - (1 - t) \log(1 - p)$$ $$0 < p < 1$$", r"\frac{\partial L}{\partial p}",
        r"-\frac{t}{p} + \frac{1 - t}{1 - p}", r"-\frac{1 - t}{p} + \frac{t}{1 - p}", "$t$ for $1 - t$ throughout",
    ),
    "a share for its complement at one place": (
        r"$$L = -t \log p - (1 - t) \log(1 - p)$$ $$0 < p < 1$$", r"\frac{\partial L}{\partial p}",
        r"-\frac{t}{p} + \frac{1 - t}{1 - p}", r"-\frac{t}{p} + \frac{1 - t}{p}", "$p$ for $1 - p$",
    ),
    "a mean for a sum of two": ("$$a > 0$$ $$b > 0$$", r"\log(a b)", r"\log a + \log b", r"\log a \log b", "for a sum"),
    "an array of numbers": (
        r"$$A = \begin{bmatrix} 1 & 2 \\ 3 & 5 \end{bmatrix}$$ $$B_{ij} = \sum_{k=1}^{2} A_{ik} A_{kj}$$", "B",
        r"\begin{bmatrix} 7 & 12 \\ 18 & 31 \end{bmatrix}", r"\begin{bmatrix} 7 & 18 \\ 12 & 31 \end{bmatrix}",
        "the whole transposed",
    ),
    "a sign below what has no inverse": (
        "$$f = \\max(u, 3 v - w)$$", "f", r"\max(u, 3 v - w)", r"\max(u, 3 v + w)", "the sign of $w$",
    ),
    "a number in the exponent of what may be negative": (
        r"$$w_t = (1 - 2 a) w_{t-1}$$", "w_t", r"(1 - 2 a)^t w_0", r"(1 - 2 a)^{t+1} w_0",
        "$1$, which does not belong there",
    ),
    "a sign in a product over an index": (
        r"$$P = \prod_{i=1}^{n} (2 + a_i)$$", "P", r"\prod_{i=1}^{n} (2 + a_i)", r"\prod_{i=1}^{n} (2 - a_i)",
        "the sign of $a_i$",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_a_slip_is_named_where_it_stands(name: str) -> None:
    given, left, right, wrong, slip = NAMED[name]
    assert lines(given, f"$${left} = {right}$$")[-1].verdict == "proved"
    found = lines(given, f"$${left} = {wrong}$$")[-1]
    assert found.verdict == "wrong"
    assert "; the slip: " in found.reason
    assert slip in found.reason.partition("; the slip: ")[2]


FORWARD = r"$$w = 0.6, \quad u = 0.3, \quad x = 0.5, \quad h = 0.9$$ $$z = w x + u h$$"


@pytest.mark.parametrize(
    ("wrong", "slip"),
    [
        ("0.6 (0.4) + 0.3 (0.9)", "$0.4$ for $x$"),
        ("0.3 (0.5) + 0.6 (0.9)", "exchanged"),
        ("0.6 (0.5) - 0.3 (0.9)", "the sign of $0.3"),
        ("0.6 (0.5) + 0.3 (0.9)^2", "a square of $0.9$ too many"),
        ("0.6 (0.5)", "the term $u h$, left out"),
    ],
)
def test_a_number_that_was_put_in_wrongly_is_named(wrong: str, slip: str) -> None:
    assert lines(FORWARD, "$$z = 0.6 (0.5) + 0.3 (0.9)$$")[-1].verdict == "proved"
    found = lines(FORWARD, f"$$z = {wrong}$$")[-1]
    assert found.verdict == "wrong"
    assert slip in found.reason


def test_numbers_that_nothing_explains_have_no_slip_of_their_own() -> None:
    found = lines("$$x > 0$$ $$f = x^3$$", r"$$\frac{df}{dx} = \frac{7}{13} + \sqrt{3} e^x$$")[-1]
    assert found.verdict == "wrong"
    assert "the slip" not in found.reason
