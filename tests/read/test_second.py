"""Where both readers claim a formula, they agree on its value."""

from __future__ import annotations

import pytest
from sympy import Expr, Float, Symbol

from symdl.problem import Givens
from symdl.read import read_expression
from symdl.read.second import second_reading

pytest.importorskip("latex2sympy2")

FORMULAS = [
    "a + b",
    "a - (b - c)",
    "-a^2",
    "(-a)^2",
    r"\frac{a + b}{c}",
    r"\frac{1}{2} a",
    "a^{b + 1}",
    "a^{b^2}",
    r"\sqrt{a^2 + b^2}",
    r"\sqrt[3]{a}",
    r"\frac{1}{1 + e^{-z}}",
    r"e^{-\frac{(a - b)^2}{2 c^2}}",
    r"-y \log a - (1 - y) \log(1 - a)",
    r"\log a b",
    r"\log\frac{a}{b}",
    r"\ln(a) + \log(b)",
    r"\tanh^2(a)",
    r"\sin(a) \cos(b)",
    r"2.5 \times 10^3 a",
    r"\pi a^2",
    r"\hat{y}_1 - \mu_{2}",
    r"W_{hh} h_0 + b",
    r"a \cdot b / (c d)",
    r"\frac{a}{b} \cdot \frac{c}{b}",
    r"0.1 + 0.2",
    r"\exp(-a) + \exp(b)",
    r"\left(a + b\right)^2",
    r"a^{-1}",
    r"\cosh(a)^2 - \sinh(a)^2",
]


def value(expr: Expr) -> Float:
    names = sorted({s.name for s in expr.free_symbols})
    at = {s: Float(0.3 + 0.11 * names.index(s.name)) for s in expr.free_symbols if isinstance(s, Symbol)}
    return expr.xreplace(at).evalf(20)


@pytest.mark.parametrize("latex", FORMULAS)
def test_both_readers_agree(latex: str) -> None:
    other = second_reading(latex)
    assert isinstance(other, Expr), other
    assert abs(value(read_expression(latex, Givens())) - value(other)) < 1e-12


@pytest.mark.parametrize(
    "latex", [r"\sum_i x_i", "a = b", r"\frac{\partial L}{\partial z}", r"\sigma(a + b)", "y'", "W^T x", r"\frac12 + ("]
)
def test_what_it_reads_wrongly_never_reaches_it(latex: str) -> None:
    assert isinstance(second_reading(latex), str)


def test_a_differential_does_not_spoil_the_next_reading() -> None:
    before = second_reading("a + b")
    second_reading("d x")
    second_reading(r"\int x dx")
    assert second_reading("a + b") == before
