"""Systems of equations: each unknown in closed form, put back into every equation."""

from __future__ import annotations

import pytest

from symdl.errors import UnsolvedError
from symdl.judge import decide
from symdl.problem import Derivation
from symdl.read import read_expression, read_text
from symdl.solve import attempt


def solved(given: str, asked: str) -> list[Derivation]:
    (problem,) = read_text(f"# Test\n\n## Given\n{given}\n\n## Solve\n{asked}\n", "test")
    done = attempt(problem)
    if done.failures:
        raise done.failures[0].error
    assert done.tally.proved == done.tally.total
    return list(done.derivations)


LINE = r"$$L = \sum_{n=1}^{N} (a x_n + b - y_n)^2$$"
NORMAL = r"$$\ell = -N \log \sigma - \frac{1}{2 \sigma^2}\sum_{n=1}^{N} (x_n - \mu)^2, \qquad \sigma > 0$$"

SYSTEMS = {
    "a line through points": (
        LINE,
        r"$$\frac{\partial L}{\partial a} = 0, \qquad \frac{\partial L}{\partial b} = 0, \qquad \text{for } a, b$$",
        [
            r"""\frac{N \sum_{n=1}^{N} x_n y_n - \sum_{n=1}^{N} x_n \sum_{n=1}^{N} y_n}
            {N \sum_{n=1}^{N} x_n^2 - \left(\sum_{n=1}^{N} x_n\right)^2}""",
            r"""\frac{\sum_{n=1}^{N} x_n^2 \sum_{n=1}^{N} y_n - \sum_{n=1}^{N} x_n \sum_{n=1}^{N} x_n y_n}
            {N \sum_{n=1}^{N} x_n^2 - \left(\sum_{n=1}^{N} x_n\right)^2}""",
        ],
    ),
    "mean and deviation of a normal sample": (
        NORMAL,
        r"""$$\frac{\partial \ell}{\partial \mu} = 0, \qquad \frac{\partial \ell}{\partial \sigma} = 0,
        \qquad \text{for } \mu, \sigma$$""",
        [
            r"\frac{1}{N} \sum_{n=1}^{N} x_n",
            r"""\sqrt{\frac{1}{N} \sum_{n=1}^{N} x_n^2 - \frac{1}{N^2} \left(\sum_{n=1}^{N} x_n\right)^2}""",
        ],
    ),
    "three equations": (
        r"$c \in \mathbb{R}$",
        r"$$u + v + w = c, \qquad u - v = 1, \qquad v - 2 w = 0, \qquad \text{for } u, v, w$$",
        [r"\frac{2 c + 3}{5}", r"\frac{2 c - 2}{5}", r"\frac{c - 1}{5}"],
    ),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_unknown_is_found_and_every_line_is_proved(name: str) -> None:
    given, asked, expected = SYSTEMS[name]
    derivations = solved(given, asked)
    assert len(derivations) == len(expected)
    for derivation, latex in zip(derivations, expected, strict=True):
        givens, ranges = derivation.problem.givens, derivation.task.ranges
        assert decide(derivation.result, read_expression(latex, givens, ranges), givens, ranges).answer == "proved"


def test_a_division_by_what_may_be_zero_is_stated() -> None:
    assumed = [str(a) for d in solved(*SYSTEMS["a line through points"][:2]) for a in d.assumes]
    assert any("!=" in text for text in assumed)


@pytest.mark.parametrize(
    ("given", "asked", "message"),
    [
        (r"$c \in \mathbb{R}$", r"$$u + v = c, \qquad \text{for } u, v$$", "1 equations for 2 unknowns"),
        (
            r"$c \in \mathbb{R}$",
            r"$$u^5 + v^3 u = c, \qquad u^7 - v^5 + u v = 1, \qquad \text{for } u, v$$",
            "can be isolated",
        ),
    ],
    ids=["too few equations", "nothing can be isolated"],
)
def test_what_cannot_be_solved_says_why(given: str, asked: str, message: str) -> None:
    with pytest.raises(UnsolvedError, match=message):
        solved(given, asked)
