r"""How far a sum reaches.

A sum takes the term that follows it.  Where the next terms hold its index, and nothing else gives that index a meaning,
the author meant them too: $L = \sum_i y_i \log p_i + (1 - y_i) \log(1 - p_i)$.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import replace

from symdl.read.nodes import PLAIN, Big, Fraction, Group, Name, Node, Number, Product, Relation, Scripted, Sum
from symdl.read.scripts import bound_by, children, kinds_in, names_in, with_children


def rescoped(sides: tuple[Node, ...], *, by_hand: bool = False, known: Set[str] = frozenset()) -> tuple[Node, ...]:
    r"""The sides of a relation, with every sum widened over the terms after it that need its index.

    In what is written `by_hand` a product ends before a name without its index, \prod_l w_l x, and a mean of n terms
    says where its sum runs.  A sum over pairs, \sum_{i < j}, is one over j too, unless j is among the `known` letters.
    """
    if not any(Big in kinds_in(s) for s in sides):
        return sides
    count = Counter(x for s in sides for x in names_in(s))
    sides = tuple(_with_pairs(s, known, count) for s in map(_with_index, sides))
    if by_hand:
        sides = tuple(_with_count(_with_ends(s)) for s in sides)
    if len(sides) == 1:
        return sides
    letters = [script_letters(s, frozenset()) for s in sides]
    count = Counter(x for inside in letters for x in inside)
    others = [{x for x, n in count.items() if n > (x in inside)} for inside in letters]
    return tuple(map(_widen, sides, others))


def _with_index(node: Node) -> Node:
    """The node with every sum that names no index over the one letter that the term after it has in its scripts."""
    if Big not in kinds_in(node):
        return node
    node = with_children(node, _with_index)
    if isinstance(node, Big) and not node.below and node.above is None:
        letters = script_letters(node.body, frozenset())
        if len(letters) == 1:
            node = replace(node, below=(Name(node.at, node.at, letters.pop()),))
    return node


def _with_pairs(node: Node, known: Set[str], count: Mapping[str, int]) -> Node:
    r"""The node with \sum_j \sum_{i < j} for \sum_{i < j}, where j stands nowhere else by the `count` of names.

    So is \sum_{1 \leq i < j \leq n} for both the letters, whatever stands elsewhere.
    """
    if Big not in kinds_in(node):
        return node
    pair = _pair(node) if isinstance(node, Big) and node.above is None and len(node.below) == 1 else None
    if isinstance(node, Big) and pair is not None:
        letter, high, low = pair
        is_bounded = isinstance(high, Relation)
        is_own = count[letter.text] == Counter(names_in(node))[letter.text]
        is_below = letter.text in script_letters(node.body, frozenset())
        if is_bounded or (is_own and is_below and letter.text not in known):
            inner = replace(node, below=(low,), body=_with_pairs(node.body, known | {letter.text}, count))
            return replace(node, below=(high,), body=inner)
    if isinstance(node, Big):
        known = known | _bound_by(node)
    return with_children(node, lambda inner: _with_pairs(inner, known, count))


def _pair(node: Big) -> tuple[Name, Node, Relation] | None:
    """The upper letter of two that one condition compares, where it runs, and where the lower one does."""
    item = node.below[0]
    if not isinstance(item, Relation) or not set(item.signs) <= {"<", "<="}:
        return None
    match item.sides:
        case (Name(), Name() as letter):
            return letter, letter, item
        case (low, Name() as first, Name() as letter, high):
            a, b, c = item.signs
            run = replace(item, sides=(low, letter, high), signs=(a, c))
            return letter, run, replace(item, sides=(low, first, letter), signs=(a, b))
    return None


def _with_ends(node: Node) -> Node:
    r"""The node with what stands behind the last factor of a product that has its index outside of it.

    That is a name, or binds the index anew: \prod_i x_i \exp(-\sum_i x_i).
    """
    if Big not in kinds_in(node):
        return node
    node = with_children(node, _with_ends)
    body = node.body if isinstance(node, Big) and node.kind == "prod" else None
    if not isinstance(node, Big) or not isinstance(body, Product):
        return node
    bound = _bound_by(node)
    last = max((n for n, (_, p) in enumerate(body.parts) if _has_free(p, bound)), default=len(body.parts))
    rest = body.parts[last + 1 :]
    if not rest or not all(sign in PLAIN and (_is_quantity(p) or bound & set(names_in(p))) for sign, p in rest):
        return node
    kept = body.parts[: last + 1]
    inner = kept[0][1] if len(kept) == 1 else replace(body, parts=kept, end=kept[-1][1].end)
    own = replace(node, body=inner, end=inner.end)
    return Product(node.at, node.end, (("", own), *rest))


def _has_free(node: Node, letters: Set[str]) -> bool:
    """Whether one of the letters stands in a node that does not bind it itself, as a sum over it does."""
    if isinstance(node, Name):
        return node.text in letters
    inside = letters - _bound_by(node) if isinstance(node, Big) else letters
    return bool(inside) and any(_has_free(c, inside) for c in children(node))


def _is_quantity(node: Node) -> bool:
    """Whether a factor is a name without a power: with one it may be meant of every factor, as in a likelihood."""
    return isinstance(node, Name) or (isinstance(node, Scripted) and isinstance(node.core, Name) and not node.sups)


_COUNTS = frozenset(("n", "N", "m", "M", "B", "d", "D", "K"))
"""The letters that stand for how many there are, under the fraction bar of a mean."""


def _with_count(node: Node) -> Node:
    r"""The node with \frac{1}{n} \sum_{i=1}^{n} for \frac{1}{n} \sum_i."""
    if Big not in kinds_in(node):
        return node
    node = with_children(node, _with_count)
    if isinstance(node, Fraction) and isinstance(node.top, Big) and (count := _count(node.below)) is not None:
        return replace(node, top=_counted(node.top, count))
    if not isinstance(node, Product):
        return node
    parts = list(node.parts)
    for n in range(1, len(parts)):
        (_, before), (sign, part) = parts[n - 1 : n + 1]
        count = _count(before.below) if isinstance(before, Fraction) else None
        if count is not None and isinstance(part, Big) and sign in PLAIN:
            parts[n] = (sign, _counted(part, count))
    return replace(node, parts=tuple(parts)) if parts != list(node.parts) else node


def _count(node: Node) -> Name | None:
    """The n of 1/n and of 1/(2n)."""
    if isinstance(node, Product) and len(node.parts) == len(("2", "n")) and isinstance(node.parts[0][1], Number):
        node = node.parts[1][1]
    return node if isinstance(node, Name) and len(node.text) == 1 else None


def _counted(node: Big, count: Name) -> Big:
    """A sum over a letter without bounds, with these."""
    letter = node.below[0] if len(node.below) == 1 and node.above is None and node.kind == "sum" else None
    if not isinstance(letter, Name) or letter.text == count.text:
        return node
    if count.text not in _COUNTS and count.text != letter.text.upper():
        return node
    one = Relation(letter.at, letter.end, (letter, Number(letter.at, letter.end, "1")), ("=",))
    return replace(node, below=(one,), above=count)


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
