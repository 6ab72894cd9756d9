"""Signals, whose time stands in square brackets: x[n], w[n+1], e^2[n]."""

import pytest
from check.checking import under, verdicts

FILTER = (
    r"$$y[n] = \sum_{k=0}^{1} h[k]\,x[n-k], \quad h[0] = 1, \quad h[1] = -1$$"
    "\n\n"
    r"$$x[0] = 1, \quad x[1] = 2, \quad x[2] = 3, \quad x[-1] = x[3] = 0$$"
)
ERROR = r"$$e[n] = d[n] - y[n], \quad J[n] = \frac{1}{2} e^2[n], \quad z[n] = a z[n-1] + x[n], \quad z[-1] = 0$$"
RULE = r"$$w[n+1] = w[n] + \mu e[n] x[n], \quad e[n] = d[n] - w[n] x[n]$$"
BEFORE = r"$$z_n = a z_{n-1} + x_n, \quad z_{-1} = 0$$"


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (FILTER, "y[2] = 3 - 2 = 1", "proved proved"),
        (FILTER, "y[3] = h[1] x[2] = -3", "proved proved"),
        (FILTER, "y[3] = h[1] x[2] = 3", "proved wrong"),
        (ERROR, r"\frac{\partial J[n]}{\partial y[n]} = -e[n]", "proved"),
        (ERROR, r"\frac{\partial J[n]}{\partial y[n]} = e[n]", "wrong"),
        (ERROR, "z[1] = x[1] + a x[0]", "proved"),
        (ERROR, "z[1] = x[1] - a x[0]", "wrong"),
        (RULE, r"w[1] = w[0] + \mu e[0] x[0]", "proved"),
        (RULE, r"w[1] = w[0] - \mu e[0] x[0]", "wrong"),
        (BEFORE, "z_1 = x_1 + a x_0", "proved"),
        (BEFORE, "z_1 = x_1 - a x_0", "wrong"),
    ],
)
def test_square_brackets_after_signals_hold_their_time(given: str, line: str, expected: str) -> None:
    assert verdicts(under(given), f"$${line}$$") == expected.split()
