r"""How far a sum reaches.

A sum takes the term that follows it.  Where the next terms hold its index, and nothing else gives that index a meaning,
the author meant them too: $L = \sum_i y_i \log p_i + (1 - y_i) \log(1 - p_i)$.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from symdl.read.nodes import Big, Group, Name, Node, Product, Scripted, Sum
from symdl.read.scripts import bound_by, children, inside_of, names_in, with_children


def rescoped(sides: tuple[Node, ...]) -> tuple[Node, ...]:
    """The sides of a relation, with every sum widened over the terms after it that need its index."""
    if not any(isinstance(n, Big) for s in sides for n in inside_of(s)):
        return sides
    sides = tuple(map(_with_index, sides))
    if len(sides) == 1:
        return sides
    letters = [script_letters(s, frozenset()) for s in sides]
    count = Counter(x for inside in letters for x in inside)
    others = [{x for x, n in count.items() if n > (x in inside)} for inside in letters]
    return tuple(map(_widen, sides, others))


def _with_index(node: Node) -> Node:
    """The node with every sum that names no index over the one letter that the term after it has in its scripts."""
    node = with_children(node, _with_index)
    if isinstance(node, Big) and not node.below and node.above is None:
        letters = script_letters(node.body, frozenset())
        if len(letters) == 1:
            node = replace(node, below=(Name(node.at, node.at, letters.pop()),))
    return node


def script_letters(node: Node, bound: frozenset[str]) -> set[str]:
    """The letters that stand in scripts and are bound by no sum inside."""
    if isinstance(node, Big):
        inner = bound | _bound_by(node)
        found = script_letters(node.body, inner)
        if node.above is not None:
            found |= script_letters(node.above, bound)
        return found
    found = set()
    if isinstance(node, Scripted):
        for sub in node.subs:
            found |= set(names_in(sub)) - bound
        for sup in node.sups:
            if isinstance(sup, Group) and sup.bracket == "(":
                found |= set(names_in(sup)) - bound
    for child in children(node):
        found |= script_letters(child, bound)
    return found


def _bound_by(node: Big) -> frozenset[str]:
    return frozenset(x for f in bound_by(node) for x in names_in(f))


def _widen(node: Node, others: set[str]) -> Node:
    if isinstance(node, Group) and len(node.items) == 1:
        inner = _widen(node.items[0], others)
        return node if inner is node.items[0] else replace(node, items=(inner,))
    if isinstance(node, Product):
        *first, (operator, last) = node.parts
        wide = _widen(last, others)
        return node if wide is last else replace(node, parts=(*first, (operator, wide)))
    if not isinstance(node, Sum):
        return node
    terms: list[tuple[int, Node]] = []
    k = 0
    while k < len(node.terms):
        sign, term = node.terms[k]
        letters = _last_sum(term) - others
        reach = k
        for n in range(k + 1, len(node.terms)):
            if script_letters(node.terms[n][1], frozenset()) & letters:
                reach = n
        if letters and reach > k:
            term = _absorb(term, node.terms[k + 1 : reach + 1])
        terms.append((sign, term))
        k = reach + 1
    if len(terms) == len(node.terms):
        return node
    return terms[0][1] if len(terms) == 1 and terms[0][0] == 1 else replace(node, terms=tuple(terms))


def _last_sum(term: Node) -> set[str]:
    """The letters of the sum that a term ends with."""
    if isinstance(term, Product):
        return _last_sum(term.parts[-1][1])
    if isinstance(term, Big) and term.kind == "sum":
        return set(_bound_by(term))
    return set()


def _absorb(term: Node, more: tuple[tuple[int, Node], ...]) -> Node:
    if isinstance(term, Product):
        *first, (sign, last) = term.parts
        return replace(term, parts=(*first, (sign, _absorb(last, more))))
    assert isinstance(term, Big)
    body = term.body
    end = more[-1][1].end
    whole = Sum(body.at, end, ((1, body), *more))
    return replace(term, body=whole, end=end)
