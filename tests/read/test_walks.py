"""Walks over the surface tree: what is inside a node, and a node with what is inside it changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from symdl.read.arguments import has_brackets
from symdl.read.nodes import Name, Node
from symdl.read.scripts import children, inside_of, noted, with_children
from symdl.read.source import Source
from symdl.read.syntax import parse_display

FORMULAS = (
    r"L = -\sum_{k=1}^{K} y_k \log \frac{e^{z_k}}{\sum_j e^{z_j}}",
    r"\begin{cases} x^2 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
    r"\begin{bmatrix} a & b_1 \\ c' & \sqrt{d} \end{bmatrix} w(0)",
    r"\frac{\partial L}{\partial z_i} \Big|_{z = 0} + \mathbf{1}[i = j]",
)


def sides(formula: str) -> list[Node]:
    return [s for statement in parse_display(Source(formula)) for s in statement.sides if isinstance(s, Node)]


def walked(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from walked(child)


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_is_inside_a_node_comes_in_source_order_and_once(formula: str) -> None:
    for side in sides(formula):
        assert [id(n) for n in inside_of(side)] == [id(n) for n in walked(side)]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_node_in_which_nothing_changes_is_itself(formula: str) -> None:
    for node in (n for side in sides(formula) for n in inside_of(side)):
        assert with_children(node, lambda inner: inner) is node


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_change_of_the_names_changes_them_and_nothing_else(formula: str) -> None:
    def primed(node: Node) -> Node:
        return Name(node.at, node.end, f"{node.text}'") if isinstance(node, Name) else with_children(node, primed)

    def back(node: Node) -> Node:
        return Name(node.at, node.end, node.text[:-1]) if isinstance(node, Name) else with_children(node, back)

    for side in sides(formula):
        changed = primed(side)
        assert all(n.text.endswith("'") for n in inside_of(changed) if isinstance(n, Name))
        assert back(changed) == side


@pytest.mark.parametrize(
    ("formula", "has"),
    [("f(x)", True), (r"a + p(A \mid B)^2", True), ("2 (x + y)", True), (r"\exp(x) y", False), ("(x + y) z", False)],
)
def test_brackets_behind_something_may_belong_to_its_name(formula: str, has: bool) -> None:
    assert any(map(has_brackets, sides(formula))) is has


def test_a_function_that_is_noted_looks_at_each_node_once() -> None:
    asked: list[Node] = []

    @noted
    def found(node: Node) -> int:
        asked.append(node)
        return len(inside_of(node))

    one, other = sides(FORMULAS[0])
    assert (found(one), found(one), found(other)) == (1, 1, len(inside_of(other)))
    assert [id(node) for node in asked] == [id(one), id(other)]
