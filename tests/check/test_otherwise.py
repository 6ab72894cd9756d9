"""`Otherwise` leads to what holds where none of the cases before it does."""

import pytest
from check.checking import under, verdicts

SOFTMAX = under(r"$$p_k = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j}}$$")
HINGE = under(r"$$L = \max(0, 1 - y s), \quad s = w x$$")
HUBER = under(
    r"$$h = \begin{cases} \frac{1}{2} r^2 & |r| \le c \\ c (|r| - \frac{1}{2} c) & |r| > c \end{cases}, \qquad c > 0$$"
)
TWO = under(r"$$f(x) = \max(x, 0) - \max(x - 1, 0)$$")
SAME = "If $i = k$, then\n\n$$\\frac{\\partial p_k}{\\partial z_i} = p_k (1 - p_k)$$\n\nOtherwise,\n\n"
BELOW = "If $y s < 1$:\n\n$$\\frac{\\partial L}{\\partial w} = -y x$$\n\nand otherwise\n\n"
NEAR = "If $|r| \\le c$:\n\n$$\\frac{d h}{d r} = r$$\n\nOtherwise:\n\n"
OUTSIDE = "If $x < 0$:\n\n$$f'(x) = 0$$\n\nIf $x > 1$:\n\n$$f'(x) = 0$$\n\nOtherwise:\n\n"


@pytest.mark.parametrize(
    ("head", "proof", "verdict"),
    [
        pytest.param(SOFTMAX, SAME + r"$$\frac{\partial p_k}{\partial z_i} = -p_k p_i$$", "proved", id="other indices"),
        pytest.param(SOFTMAX, SAME + r"$$\frac{\partial p_k}{\partial z_i} = p_k p_i$$", "wrong", id="another sign"),
        pytest.param(HINGE, BELOW + r"$$\frac{\partial L}{\partial w} = 0$$", "proved", id="the other side of a kink"),
        pytest.param(HINGE, BELOW + r"$$\frac{\partial L}{\partial w} = y x$$", "wrong", id="not on the other side"),
        pytest.param(HUBER, NEAR + r"$$\frac{d h}{d r} = c \, \mathrm{sign}(r)$$", "proved", id="the other row"),
        pytest.param(HUBER, NEAR + r"$$\frac{d h}{d r} = 2 c \, \mathrm{sign}(r)$$", "wrong", id="not the other row"),
        pytest.param(TWO, OUTSIDE + "$$f(x) = x$$", "proved", id="what is left of two cases"),
        pytest.param(TWO, OUTSIDE + "$$f(x) = 2 x$$", "wrong", id="not what is left of two cases"),
    ],
)
def test_otherwise_leads_to_what_the_cases_before_it_leave(head: str, proof: str, verdict: str) -> None:
    assert verdicts(head, proof)[-1] == verdict
