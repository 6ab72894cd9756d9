r"""f'_x and f''_{xy}: derivatives where f is given as a function of these letters, or by an expression in them."""

import pytest

from symdl.check import check

GIVEN = r"$$f(x, y) = x^2 + 3xy, \quad h(p) = p^2, \quad L = (w u - v)^2, \quad F = \frac{1}{2} (w - a)^2 + \mu |w|$$"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("f'_x = 2x + 3y", "f'_x = 2x + 5y"),
        ("f''_{xy} = 3", "f''_{xy} = 4"),
        ("f''_{xx} = 2", "f''_{xx} = 2x"),
        ("h'_p = 2p", "h'_p = p"),
        ("L'_w = 2 (w u - v) u", "L'_w = 2 (w u - v)"),
        (r"\text{For } w < 0: \quad F'_w = w - a - \mu", r"\text{For } w < 0: \quad F'_w = w - a + \mu"),
    ],
)
def test_a_prime_with_a_letter_below_is_a_partial_derivative(right: str, wrong: str) -> None:
    (document,) = check(f"## Given\n\n{GIVEN}\n\n## Proof\n\n$${right}$$\n\n$${wrong}$$\n").documents
    assert [r.verdict for r in document.relations] == ["proved", "wrong"]


def test_a_prime_with_a_time_below_is_a_name() -> None:
    given = r"$$h_t = w h_{t-1}, \quad t = 1, \dots, T$$"
    (document,) = check(f"## Given\n\n{given}\n\n## Proof\n\n$$h'_t = 3$$\n").documents
    assert [r.verdict for r in document.relations] == ["given"]
