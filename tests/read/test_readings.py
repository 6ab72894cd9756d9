r"""Notation that has two readings: the one that authors mean is taken, and where none can be told, none is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Integer, Rational

from symdl.errors import LayoutError, ReadError, ShapeError
from symdl.language import At, D, family, index, scalar
from symdl.problem import Block, Place, Problem
from symdl.read import Chain, Side, read_chains, read_text

i, k = map(index, "ik")


def paper(given_: str, proof: str = "$$a = a$$") -> Problem:
    (problem,) = read_text(f"# P\n\n## Given\n\n{given_}\n\n## Proof\n\n{proof}\n", "p.md")
    return problem


def chains(given_: str, latex: str) -> list[Chain]:
    return read_chains(Block("display", latex, Place("p.md", 1, 1)), paper(given_, f"$${latex}$$").givens)


def sides(given_: str, latex: str) -> tuple[Side, ...]:
    (chain,) = chains(given_, latex)
    return chain.sides


SCALES = (
    r"$$\sigma(z) = \frac{1}{1 + e^{-z}}, \quad a_k = \sigma(z_k), k = 1, \dots, K, \quad s = \sum_{k=1}^K \sigma_k^2$$"
)
SCORES = r"$$s_{ij} = \sum_{k=1}^d q_{ik} k_{jk}, \quad i, j = 1, \dots, n$$"
SQUARE = "$$y = x^2$$"


@pytest.mark.parametrize(
    ("given_", "latex"),
    [
        pytest.param(
            "$$w_k > 0, k = 1, \\dots, K$$",
            r"\log \frac{1}{K} \sum_{k=1}^K w_k = \log\left(\frac{1}{K} \sum_{k=1}^K w_k\right)",
            id="the logarithm of a mean",
        ),
        pytest.param(
            "$$p = 0.5$$",
            r"\log \frac{p}{1-p} \sum_{i=1}^n x_i = \log\left(\frac{p}{1-p}\right) \sum_{i=1}^n x_i",
            id="log-odds times a sum",
        ),
        pytest.param(SQUARE, r"dy = 2x\,dx", id="differentials as the derivative"),
        pytest.param(SQUARE, r"d y = 2x \, d x", id="the same with spaces"),
        pytest.param("$$a = 2$$", "1e-3 = 0.001", id="a programmer's exponent"),
        pytest.param("$$a = 2$$", r"1 . 5 \times 2 = 3", id="a scanned decimal"),
        pytest.param("$$a = 2$$", "1.5e3 = 1500", id="the same upwards"),
        pytest.param("$$a = 2$$", r"0{,}332 = 0.332", id="a decimal comma after 0"),
        pytest.param("$$a = 2$$", r"1{,}25 = 1.25", id="a decimal comma before two digits"),
        pytest.param("$$a = 2$$", r"1{,}000{,}000 = 1000000", id="thousands"),
        pytest.param("$$x = 2$$", r"\texttt{x} = x", id="typewriter"),
    ],
)
def test_a_notation_means_what_authors_mean_by_it(given_: str, latex: str) -> None:
    left, right = sides(given_, latex)
    assert left.error is None and right.error is None
    if "d" in latex and "y" in latex:
        assert (left.expr, right.expr) == (D(scalar("y"), scalar("x")), 2 * scalar("x"))
    else:
        assert left.expr == right.expr


@pytest.mark.parametrize(
    ("given_", "latex"),
    [
        pytest.param("$$a = 2$$", r"\log \frac{1}{2} \sum_{i=1}^n x_i = 0", id="a logarithm before half a sum"),
        pytest.param("$$a = 2$$", "5 : 2 = 2.5", id="a colon between numbers"),
        pytest.param("$$a = 2$$", r"1{,}500 \cdot 2 = 3{,}0", id="a comma that may be either"),
        pytest.param("$$a = 2$$", r"3{,}000 \cdot 2 = 6", id="a comma that is right as a decimal sign alone"),
        pytest.param("$$a = 2$$", r"0,5 \cdot 2 = 1", id="a comma without braces"),
        pytest.param("$$a = 2$$", r"3 \text{ thousand} = 300", id="a number in thousands"),
        pytest.param("$$a = 2$$", r"7077888 \approx 8.1\text{M}", id="a number in millions"),
        pytest.param("$$z = w x + b$$", "w(0) = 2", id="a name at 0"),
        pytest.param(
            r"$$X \in \mathbb{R}^{3 \times 3}, K \in \mathbb{R}^{2 \times 2}$$", "Y = X * K", id="a convolution"
        ),
        pytest.param("$$z = w x + b$$", r"dw = x\,dz", id="names of derivatives as differentials"),
        pytest.param("$$f(x, y) = x y$$", r"df = y\,dx + x\,dy", id="a total differential"),
        pytest.param(
            r"$$\phi(x) = (x_1, x_2, x_1 x_2)^\top, x, z \in \mathbb{R}^2$$",
            r"u = x^\top x(z)",
            id="a vector at a vector",
        ),
    ],
)
def test_what_may_be_either_is_not_read(given_: str, latex: str) -> None:
    assert any(side.error is not None for chain in chains(given_, latex) for side in chain.sides)


@pytest.mark.parametrize("word", ["at", "for", "when", "if"])
def test_the_point_beside_a_chain_belongs_to_its_last_relation(word: str) -> None:
    x, y = scalar("x"), scalar("y")
    first, second = chains(SQUARE, rf"\frac{{dy}}{{dx}} = 2x = 6 \text{{ {word} }} x = 3")
    assert [s.expr for s in first.sides] == [D(y, x), 2 * x]
    assert [s.expr for s in second.sides] == [At(2 * x, x, Integer(3)), At(Integer(6), x, Integer(3))]


def test_a_letter_may_be_a_family_and_an_index() -> None:
    problem = paper(SCORES)
    assert {s.name for s in problem.givens.families} == {"s", "q", "k"}
    left, right = sides(SCORES, r"\frac{\partial s_{ij}}{\partial q_{ik}} = k_{jk}")
    assert left.expr == D(family("s", i, index("j")), family("q", i, k))
    assert right.expr == family("k", index("j"), k)


def test_the_logistic_function_may_stand_beside_scales_of_its_letter() -> None:
    left, right = sides(SCALES, r"\sigma(z_k) = a_k + \sigma_k - \sigma_k")
    assert left.expr is not None and not left.expr.has(family(r"\sigma", k))
    assert right.expr == family("a", k)


def test_a_member_outside_the_sum_is_a_name_of_its_own() -> None:
    text = r"# P" "\n\n## Given\n\n" r"$$\hat y = w_0 + \sum_{i=1}^n w_i x_i$$" "\n\n## Find\n\n"
    (problem,) = read_text(
        text + r"$$\frac{\partial \hat y}{\partial w_0}, \frac{\partial \hat y}{\partial w_i}$$", "p.md"
    )
    (run,) = problem.givens.families[scalar("w")]
    assert run.lo == 1 and scalar("w_0") in problem.givens.vectors


def test_a_terminal_value_is_a_definition() -> None:
    problem = paper(r"$$V_t = r_t + \gamma V_{t+1}, \quad t = 1, \dots, T, \qquad V_{T+1} = 0$$")
    assert [d.body for d in problem.givens.definitions][1:] == [0] and not problem.givens.facts


def test_an_exponent_1_on_the_left_is_an_index() -> None:
    (chain,) = chains("$$a = 2$$", "h^1 = 2")
    assert chain.sides[0].expr == family("h", 1)
    assert sides(r"$$\gamma = 0.9$$", r"\gamma^0 + \gamma^1 = 1.9")[0].expr == 1 + scalar(r"\gamma")


LINEAR = (
    r"$$z = W x + b, W \in \mathbb{R}^{K \times D}, x \in \mathbb{R}^D, b \in \mathbb{R}^K$$"
    "\n\n"
    r"$$p_i = \frac{e^{z_i}}{\sum_{k=1}^K e^{z_k}}, \quad L = -\sum_{k=1}^K y_k \log p_k$$"
)


@pytest.mark.parametrize(
    ("latex", "errors"),
    [
        (r"\frac{\partial L}{\partial W} = (p - y) x^\top", [None, None]),
        (r"\frac{\partial L}{\partial W} = x (p - y)^\top", [None, ShapeError]),
        (r"\frac{\partial L}{\partial x} = W^\top (p - y)", [None, None]),
        (r"\frac{\partial L}{\partial x} = (p - y)^\top W", [None, None]),
        (r"\frac{\partial L}{\partial x} = W (p - y)", [None, ShapeError]),
        (r"\frac{\partial L}{\partial x} = p - y", [None, ShapeError]),
        (r"\frac{\partial z}{\partial x} = W", [None, None]),
        (r"\frac{\partial z}{\partial x} = W^\top", [None, LayoutError]),
        (
            r"\frac{\partial L}{\partial x} = \frac{\partial z}{\partial x} \frac{\partial L}{\partial z}",
            [None, LayoutError],
        ),
        (r"\frac{\partial L}{\partial W_{ij}} = (p_i - y_i) x_j", [None, None]),
        (r"\nabla_x L = W^\top \nabla_z L = W (p - y)", [None, None, ShapeError]),
        (
            r"\frac{\partial L}{\partial W_{ij}} = \frac{\partial L}{\partial z_i} x_j = (p_i - y_i) x_i",
            [None, None, ShapeError],
        ),
    ],
)
def test_shapes_that_the_givens_state_are_held_against_a_line(latex: str, errors: list[type[ReadError] | None]) -> None:
    assert [None if s.error is None else type(s.error) for s in sides(LINEAR, latex)] == errors


def test_shapes_that_nobody_states_are_held_against_no_line() -> None:
    for side in sides(r"$$L = \|h\|^2, h = V u$$", r"\nabla_u L = 2 V h"):
        assert not isinstance(side.error, ShapeError)


@given(st.integers(0, 999), st.integers(0, 99))
def test_a_decimal_comma_is_a_decimal_point(whole: int, places: int) -> None:
    left, right = sides("$$a = 2$$", rf"{whole}{{,}}{places:02d} = 1")
    assert left.expr == Rational(100 * whole + places, 100) and right.expr == 1
