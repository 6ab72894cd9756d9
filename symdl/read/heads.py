r"""Left sides of givens in other clothes: f(x_i) = x_i^2, \ln q(x) = -x^2, p = y = \sigma(a)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import product

from symdl.read.arguments import spelled_head
from symdl.read.items import Item, literal
from symdl.read.joining import is_number
from symdl.read.nodes import (
    PLAIN,
    Call,
    Derivative,
    Group,
    Mark,
    Moment,
    Nabla,
    Name,
    Node,
    Number,
    Product,
    Scripted,
    Word,
)
from symdl.read.scripts import brace, inside_of, pair, script_items, spell, subscripted, with_children, with_pairs
from symdl.read.source import Source
from symdl.read.syntax import parse

_PAIR = ("head", "bracket")
_FONT = re.compile(r"\\(?:mathcal|mathrm|text|operatorname|mathsf|mathit)(?![A-Za-z])")
_UNIFORM = (r"\frac{a + b}{2}", r"\frac{(b - a)^2}{12}")
_LAWS: Mapping[tuple[str, int], tuple[str, str]] = {
    ("N", 2): ("a", "b"),
    ("Normal", 2): ("a", "b"),
    ("U", 2): _UNIFORM,
    ("Unif", 2): _UNIFORM,
    ("Uniform", 2): _UNIFORM,
    ("Bernoulli", 1): ("a", "a (1 - a)"),
    ("Ber", 1): ("a", "a (1 - a)"),
    ("Bern", 1): ("a", "a (1 - a)"),
    ("Binomial", 2): ("a b", "a b (1 - b)"),
    ("Bin", 2): ("a b", "a b (1 - b)"),
    ("Poisson", 1): ("a", "a"),
    ("Pois", 1): ("a", "a"),
    ("Poi", 1): ("a", "a"),
    ("Beta", 2): (r"\frac{a}{a + b}", r"\frac{a b}{(a + b)^2 (a + b + 1)}"),
    ("Laplace", 2): ("a", "2 b^2"),
}
"""The name of a law and how many parameters it has, with its expectation and variance by these."""


def one_each(items: Iterable[Item]) -> list[Item]:
    """The items with a chain of names and a formula, p = y = \\sigma(a), as an item for each of the names."""
    items = list(items)
    heads = Counter(_head(i.sides[0]) for i in items if _defines(i))
    found: list[Item] = []
    for item in items:
        while _defines(item) and len(item.sides) > len(_PAIR) and set(item.signs) == {"="}:
            first, second, *others = item.sides
            inner = _head(second)
            is_value = isinstance(others[-1], (Number, Mark)) or literal(others[-1]) is not None
            if not inner or heads[inner] or inner == _head(first) or is_value or not _head(first):
                break
            found.append(replace(item, sides=(first, second), signs=("=",), end=second.end))
            item = replace(item, sides=(second, *others), signs=item.signs[1:], at=second.at)
        found.append(item)
    return found


def valued_each(items: Iterable[Item]) -> Iterator[Item]:
    """The items with p(a) = p(b) = 0.5 as a value of each."""
    for item in items:
        *heads, value = item.sides or (None,)
        is_chain = item.kind == "relation" and set(item.signs) == {"="} and len(heads) > 1
        if is_chain and isinstance(value, Node) and is_number(value) and all(map(_is_applied, heads)):
            yield from (replace(item, sides=(h, value), signs=("=",), at=h.at) for h in heads if isinstance(h, Node))
        else:
            yield item


def _is_applied(side: Node | None) -> bool:
    """Whether a side is a name before brackets with names in them, and nothing else."""
    head, group = (pair(side) if side is not None else None) or (None, None)
    is_plain = isinstance(head, Name) and isinstance(group, Group) and group.bracket == "("
    return is_plain and isinstance(group, Group) and all(isinstance(i, (Name, Scripted, Number)) for i in group.items)


def drawn(item: Item) -> Iterator[Item]:
    r"""The item X \sim \mathcal{N}(\mu, \sigma^2) as what it says of the expectation and the variance of X."""
    law = item.sides[1] if item.kind == "member" and len(item.sides) == len(_PAIR) else None
    name, group = (pair(law) if law is not None else None) or (None, None)
    head = _FONT.sub("", spelled_head(name)).strip("{} ") if name is not None else ""
    moments = _LAWS.get((head, len(group.items))) if isinstance(group, Group) and group.bracket in ("(", "[") else None
    if moments is None or not isinstance(group, Group) or group.bars:
        yield item
        return
    letters = dict(zip("ab", group.items, strict=False))
    for one, (kind, formula) in product(item.names, zip(("E", "Var"), moments, strict=True)):
        value = _with_names(parse(Source(formula)), letters)
        moment = Moment(one.at, one.end, kind, "", (one,))
        yield replace(item, kind="relation", sides=(moment, value), signs=("=",), names=())


def _with_names(node: Node, values: Mapping[str, Node]) -> Node:
    """The node with nodes put for some of its names."""
    if isinstance(node, Name) and node.text in values:
        return values[node.text]
    return with_children(node, lambda inner: _with_names(inner, values))


def with_normal_densities(node: Node) -> Node:
    r"""The node with its formula for each density \mathcal{N}(z; \mu, \sigma^2) of a number."""
    return with_pairs(node, _normal_density)


def with_own_argument(sides: tuple[Node, ...]) -> tuple[Node, ...]:
    r"""The sides of q(z) = \mathcal{N}(\mu, \sigma^2) as those of q(z) = \mathcal{N}(z; \mu, \sigma^2)."""
    head, right = (pair(s) for s in sides) if len(sides) == len(_PAIR) else (None, None)
    if head is None or right is None:
        return sides
    (_, of), (name, law) = head, right
    if not isinstance(of, Group) or not isinstance(law, Group) or of.bracket != "(" or len(law.items) != len(_PAIR):
        return sides
    if not of.items or not isinstance(of.items[0], (Name, Scripted)) or law.bars not in ((), (",",)):
        return sides
    whole = replace(law, items=(of.items[0], *law.items), bars=("|", ",") if law.bars else ())
    made = _normal_density(name, whole)
    return (sides[0], Group(law.at, law.end, "(", made)) if made else sides


def _normal_density(head: Node, group: Node) -> tuple[Node, ...] | None:
    name = _FONT.sub("", spelled_head(head)).strip("{} ") if isinstance(head, (Name, Word)) else ""
    if name not in ("N", "Normal") or not isinstance(group, Group) or group.bracket != "(":
        return None
    if len(group.items) != len("xab") or group.bars not in ((), ("|", ",")) or not _is_square(group.items[2]):
        return None
    if spell(head) == "N" and (not group.bars or isinstance(group.items[2], Name)):
        # N(a, b, c) may be any function.
        return None
    if any(_BOLD.search(spell(i)) for i in group.items) or not isinstance(group.items[0], (Name, Scripted)):
        return None
    formula = _with_names(parse(Source(_DENSITY)), dict(zip("xab", group.items, strict=True)))
    return (Group(head.at, group.end, "(", (formula,)),)


_DENSITY = r"\frac{1}{\sqrt{2 \pi b}} \exp(-\frac{(x - a)^2}{2 b})"
_BOLD = re.compile(r"\\(?:mathbf|boldsymbol|bm|vec)(?![A-Za-z])")


def _is_square(node: Node) -> bool:
    r"""Whether a variance is one number's, and no matrix: 1, v, or \sigma_k^2; \sigma alone may be a deviation."""
    if isinstance(node, Scripted):
        return [spell(s) for s in node.sups] == ["2"]
    return isinstance(node, Number) or (isinstance(node, Name) and node.text == "v")


def without_inverse(left: Node, right: Node) -> tuple[Node, Node] | None:
    """The sides of w = A^{-1} b as those of A w = b; None of any other equation."""
    parts = right.parts if isinstance(right, Product) else ()
    first = parts[0][1] if len(parts) > 1 and parts[1][0] in PLAIN else None
    is_inverse = (
        isinstance(first, Scripted) and not first.subs and len(first.sups) == 1 and spell(first.sups[0]) == "-1"
    )
    if not is_inverse or not isinstance(first, Scripted) or not isinstance(left, (Name, Scripted)):
        return None
    rest = (
        parts[1][1] if len(parts) == len(_PAIR) else Product(parts[1][1].at, right.end, (("", parts[1][1]), *parts[2:]))
    )
    return Product(right.at, right.end, (("", first.core), ("", left))), rest


def _defines(item: Item) -> bool:
    return item.kind == "relation" and item.signs[:1] == ("=",)


def _head(node: Node) -> str:
    """The name that stands alone or before names in round brackets; none of anything else."""
    if isinstance(node, (Name, Word)) or (isinstance(node, Scripted) and not node.sups and not node.primes):
        return spell(node)
    name, group = pair(node) or (None, None)
    if name is None or not isinstance(group, Group) or group.bracket != "(":
        return ""
    is_plain = all(isinstance(i, (Name, Scripted)) for i in group.items)
    return spelled_head(name) if is_plain and _head(name) else ""


def without_logarithms(items: Iterable[Item]) -> Iterator[Item]:
    r"""The items with q(x) = \exp(u) for \ln q(x) = u, where nothing else says what q(x) is."""
    items = list(items)
    heads = {_head(i.sides[0]) for i in items if _defines(i)}
    for item in items:
        log = item.sides[0] if _defines(item) and len(item.sides) == len(_PAIR) else None
        if isinstance(log, Call) and log.function in ("ln", "log") and len(log.arguments) == 1:
            inner = log.arguments[0]
            is_plain = log.base is None and log.power is None and not log.primes
            if is_plain and (head := _head(inner)) and head not in heads:
                right = item.sides[1]
                item = replace(item, sides=(inner, Call(right.at, right.end, "exp", None, None, 0, (right,))))
        yield item


def of_list(sides: tuple[Node, ...]) -> tuple[tuple[Node, ...], str] | None:
    r"""The sides of L = L(y_1, \dots, y_d) as those of L = L(y), and the y; None of any other equation."""
    name, applied = sides if len(sides) == len(_PAIR) else (None, None)
    head, group = (pair(applied) if applied is not None else None) or (None, None)
    if not isinstance(name, Name) or applied is None or head is None or not isinstance(group, Group):
        return None
    members = [i for i in group.items if isinstance(i, Scripted) and len(i.subs) == 1 and not i.sups]
    cores = {i.core.text for i in members if isinstance(i.core, Name)}
    dots = [i for i in group.items if isinstance(i, Mark) and i.text == "dots"]
    is_list = len(cores) == len(dots) == 1 and len(members) + 1 == len(group.items) > len(_PAIR)
    if spell(head) != name.text or not is_list:
        return None
    (core,) = cores
    whole = replace(group, items=(Name(group.at, group.end, core),))
    return (name, Product(applied.at, applied.end, (("", head), ("", whole)))), core


def with_lists(node: Node, heads: Set[str]) -> Node:
    r"""The node with J(c, \lambda) for J(c_1, \dots, c_d, \lambda), where J is one of the heads."""

    def shorter(head: Node, group: Node) -> tuple[Node, ...] | None:
        if not isinstance(group, Group) or spell(head) not in heads:
            return None
        items = list(_lists(group.items))
        bars = tuple(group.bars[end] for *_, end in items[:-1]) if group.bars else ()
        return head, replace(group, items=tuple(x for x, *_ in items), bars=bars)

    return with_pairs(node, shorter) if heads else node


def listed_arguments(sides: Iterable[Node]) -> dict[str, frozenset[str]]:
    r"""The heads J of left sides J(c_1, \dots, c_d, \lambda), each with the names of which members are listed there."""
    found: dict[str, frozenset[str]] = {}
    for side in sides:
        head, group = pair(side) or (None, None)
        if isinstance(group, Group) and group.bracket == "(" and isinstance(head, (Name, Scripted)):
            cores = frozenset(spell(x) for x, is_list, _ in _lists(group.items) if is_list)
            found.update({spell(head): cores} if cores and set(group.bars) <= {",", "", "|"} else {})
    return found


def _lists(items: tuple[Node, ...]) -> Iterator[tuple[Node, bool, int]]:
    r"""The items with c for each list c_1, \dots, c_d among them, whether it is one, and where it ends."""
    dots = [n for n, i in enumerate(items) if isinstance(i, Mark) and i.text == "dots"]
    at = 0
    for n in dots:
        first, last = (items[k] if 0 <= k < len(items) else None for k in (n - 1, n + 1))
        if not (isinstance(first, Scripted) and isinstance(last, Scripted) and spell(first.core) == spell(last.core)):
            continue
        start = n
        while start > at and isinstance(x := items[start - 1], Scripted) and spell(x.core) == spell(first.core):
            start -= 1
        yield from ((x, False, k) for k, x in enumerate(items[at:start], at))
        yield first.core, len(first.subs) == len(last.subs) == 1 and isinstance(first.core, Name), n + 1
        at = n + 2
    yield from ((x, False, k) for k, x in enumerate(items[at:], at))


def indexed_behind(sides: Iterable[Node]) -> frozenset[str]:
    """The names in left sides s(z)_k, whose index stands behind what they are taken at."""
    found = (_behind(*two) for side in sides if (two := pair(side)) is not None)
    return frozenset(name.text for name, _ in filter(None, found))


def with_index_inside(node: Node, heads: Set[str]) -> Node:
    """The node with s_k(z) for s(z)_k, of these names."""

    def inside(head: Node, bracket: Node) -> tuple[Node, ...] | None:
        found = _behind(head, bracket)
        if found is None or found[0].text not in heads:
            return None
        name, member = found
        own = Scripted(name.at, member.end, name, member.subs, (), 0)
        return own, replace(member, subs=()) if member.sups else member.core

    return with_pairs(node, inside) if heads else node


def _behind(head: Node, bracket: Node) -> tuple[Name, Scripted] | None:
    core = bracket.core if isinstance(bracket, Scripted) and bracket.subs and not bracket.primes else None
    is_applied = isinstance(core, Group) and core.bracket == "(" and all(isinstance(i, Name) for i in core.items)
    return (head, bracket) if is_applied and isinstance(head, Name) and isinstance(bracket, Scripted) else None


def valued_slopes(sides: Iterable[tuple[Node, ...]]) -> frozenset[str]:
    r"""The gradients that are given as numbers, \nabla L(w) = (4, 0.5), of what no equation says what it is."""
    equations = list(sides)
    heads = {_head(side) for side, *_ in equations}
    found: set[str] = set()
    for left, *others in equations:
        inside = left.of if isinstance(left, Nabla) else left
        head = inside.parts[0][1] if isinstance(inside, Product) else inside
        is_value = len(others) == 1 and literal(others[0]) is not None
        if isinstance(left, Nabla) and is_value and (text := _slope(left)) and _head(head) not in heads:
            found.add(text)
    return frozenset(found)


def with_slopes(node: Node, slopes: Set[str]) -> Node:
    """The node with these gradients as names."""
    if not slopes:
        return node
    if isinstance(node, Nabla) and (text := _slope(node)) in slopes:
        return Name(node.at, node.end, text)
    return with_children(node, lambda inner: with_slopes(inner, slopes))


def _slope(node: Nabla) -> str:
    r"""A gradient as the text of a name; none where it holds more than names."""
    by = "" if isinstance(node.wrt, Mark) else f"_{brace(spell(node.wrt))}"
    text = rf"\nabla{by} {spell(node.of)}"
    return text if node.order == 1 and "?" not in text else ""


def entering(heads: Sequence[Node], others: Iterable[Node]) -> Node | None:
    """The one name of v = w = 1 in which nothing else is written: an input w, of which v is another name."""
    written = (n for s in others if not isinstance(s, (Derivative, Nabla)) for n in inside_of(s))
    used = {subscripted(n) if isinstance(n, Scripted) else spell(n) for n in written}
    loose = [h for h in heads if spell(h) not in used]
    return loose[0] if len(loose) == 1 < len(heads) else None


def with_partials(node: Node, variables: Callable[[str], Set[str]]) -> Node:
    r"""The node with f'_x and f''_{xy} as derivatives, where f is a function of these letters or an expression in them.

    `variables` are the letters that what a name stands for depends on.
    """
    if isinstance(node, Product) and any(isinstance(n, Group) for _, n in node.parts):
        # What f'_x (1, 2) is taken at is no factor of it.
        return node
    if not isinstance(node, Scripted) or not node.primes or node.sups or not isinstance(node.core, Name):
        return with_children(node, lambda inner: with_partials(inner, variables))
    letters = script_items(node.subs)
    known = variables(node.core.text)
    if len(letters) != node.primes or not all(isinstance(x, Name) and x.text in known for x in letters):
        return node
    return Derivative(node.at, node.end, "partial", node.primes, node.core, tuple((x, 1) for x in letters))
