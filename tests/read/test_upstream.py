r"""Losses of which only a slope is given."""

from __future__ import annotations

import pytest

from symdl.language import Opaque
from symdl.read import read_text


def opaque(given: str) -> dict[str, tuple[str, ...]]:
    """What the undefined losses of a document depend on."""
    (problem,) = read_text(
        f"# Test\n\n## Given\n\n{given}\n\n## Find\n\n$$\\frac{{\\partial L}}{{\\partial w}}$$\n", "test"
    )
    bodies = {d.label: d.body for d in problem.givens.definitions if isinstance(d.body, Opaque)}
    return {str(label): tuple(map(str, body.arguments)) for label, body in bodies.items()}


UPSTREAM = {
    "the slope has a name": (r"$y = w x$, $g = \frac{\partial L}{\partial y}$", {"L": ("y",)}),
    "the slope is stated": (r"$y = w x$, $\frac{\partial L}{\partial y} = g$", {"L": ("y",)}),
    "a slope of a vector": (r"$y = w x$, $x \in \mathbb{R}^n$, $g = \frac{\partial L}{\partial y}$", {"L": ("y",)}),
    "the slope nearest to the loss": (
        r"$y = w x$, $u = y^2$, $g = \frac{\partial L}{\partial u}$, $d = \frac{\partial L}{\partial y}$",
        {"L": ("u",)},
    ),
    "two branches": (
        r"$y = w x$, $u = w^2$, $\frac{\partial L}{\partial y} = g$, $\frac{\partial L}{\partial u} = d$",
        {"L": ("u", "y")},
    ),
    "a loss with a definition": (r"$y = w x$, $L = y^2$, $g = \frac{\partial L}{\partial y}$", {}),
    "states that are made of earlier ones": (
        r"$y_t = w y_{t-1}$, $t = 1, \dots, T$, $g_t = \frac{\partial L}{\partial y_t}$",
        {},
    ),
}


@pytest.mark.parametrize("name", UPSTREAM)
def test_a_stated_slope_says_what_an_undefined_loss_depends_on(name: str) -> None:
    given, expected = UPSTREAM[name]
    found = opaque(given)
    assert {label: tuple(sorted(by)) for label, by in found.items()} == expected
