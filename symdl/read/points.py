r"""Rules that say of every point what others say of single ones: p(x) = 0.3 N_1(x) + 0.7 N_2(x) beside N_1(0) = 0.4."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set

from symdl.read.arguments import applied_text, spelled_head
from symdl.read.nodes import Group, Name, Node, Number, Product, Scripted, Sum, Word
from symdl.read.scripts import before_brackets, brackets_in, children, names_in, spell, unscripted, with_children

MAX_POINTS = 60
_MOST = 4
"""More than three names in brackets are a list."""
_PAIR = ("head", "bracket")


def listed_points(equations: Iterable[tuple[Node, ...]], nodes: Iterable[Node]) -> frozenset[str]:
    """The names that are written out as a vector and stand before one letter or number in brackets: p(1) of p."""
    vectors = {
        spell(sides[0])
        for sides in equations
        if len(sides) == len(_PAIR) and isinstance(sides[0], Name) and _is_list(sides[1])
    }
    if not vectors:
        return frozenset()
    found = {
        spell(head)
        for head, group in _applied(nodes)
        if isinstance(head, Name) and len(group.items) == 1 and _is_place(group.items[0])
    }
    return frozenset(vectors & found)


def _is_list(node: Node) -> bool:
    return isinstance(node, Group) and node.bracket in ("(", "[") and len(node.items) > 1 and not node.bars


def _is_place(node: Node) -> bool:
    return isinstance(node, Name) or (isinstance(node, Number) and node.text.isdigit())


def at_points(
    equations: Sequence[tuple[Node, ...]], nodes: Sequence[Node], listed: Set[str]
) -> tuple[frozenset[str], list[tuple[int, tuple[Node, ...]]]]:
    """The names of such rules, and what they say at the points of which anything speaks, each with its rule's place.

    A rule is an equation whose letters stand only in the brackets of names that are known at single points: they are
    `listed`, or equations say what they are there, or they have a rule.
    """
    rules: dict[str, int] = {}
    known = set(listed) | {spelled_head(h) for h, g, others in _heads(equations) if not _letters(g, others)}
    told = {applied_text(h, g) for h, g, _ in _heads(equations)}
    formulas = {spelled_head(h) for h, g, others in _heads(equations) if _letters(g, others) & set(_outside(others))}
    known -= formulas
    while True:
        new = {
            text: n
            for n, sides in enumerate(equations)
            for text in _rule(sides, known | rules.keys(), told)
            if text not in rules and text not in formulas | known
        }
        if not new:
            break
        rules |= new
    found: list[tuple[int, tuple[Node, ...]]] = []
    seen: set[str] = {applied_text(*pair) for sides in equations for pair in _applied(sides[:1])}
    todo = [(spelled_head(h), g, applied_text(h, g)) for h, g in _applied(nodes)] if rules else []
    while todo and len(found) < MAX_POINTS:
        head, group, text = todo.pop(0)
        if head not in rules or text in seen or not all(map(_is_point, group.items)):
            continue
        seen.add(text)
        sides = equations[rules[head]]
        own = next(g for _, g in _applied(sides[:1]))
        if len(own.items) != len(group.items):
            continue
        put = {spell(x): y for x, y in zip(own.items, group.items, strict=True)}
        made = tuple(with_names(side, put) for side in sides)
        found.append((rules[head], made))
        todo += [(spelled_head(h), g, applied_text(h, g)) for h, g in _applied(made[1:])]
    return frozenset(rules), found


def several_shapes(nodes: Iterable[Node]) -> frozenset[str]:
    r"""The names with brackets of several forms, H(X), H(X, Y), H(Y \mid X): what these hold tells them apart."""
    shapes: dict[str, set[tuple[int, bool]]] = {}
    for head, group in _applied(nodes):
        if all(isinstance(i, (Name, Word, Number)) for i in group.items) and (len(group.items) < _MOST or group.bars):
            shapes.setdefault(spelled_head(head), set()).add((len(group.items), bool(group.bars)))
    return frozenset(head for head, found in shapes.items() if len(found) > 1)


def valued_heads(sides: Iterable[Node], equations: Iterable[tuple[Node, ...]]) -> frozenset[str]:
    """The names that stand with numbers in brackets as a whole side, V(2) = 10: no one writes a product so.

    Those of a family with a rule, g_1(0) of g_k(x) = k x, are its members.
    """
    ruled = {
        spell(h.core)
        for h, _, others in _heads(equations)
        if isinstance(h, Scripted) and spell(h.core) not in {x for o in others for x in names_in(o)}
    }
    found: set[str] = set()
    for side in sides:
        parts = side.parts if isinstance(side, Product) else ()
        for head, group in _direct(side) if len(parts) == len(_PAIR) else ():
            is_scripted = isinstance(head, Scripted) and bool(head.primes or head.sups)
            is_plain = not is_scripted and (not isinstance(head, Scripted) or spell(head.core) not in ruled)
            if is_plain and all(isinstance(i, Number) or _is_signed(i) for i in group.items):
                found.add(spelled_head(head))
    return frozenset(found)


def _is_signed(node: Node) -> bool:
    return isinstance(node, Sum) and len(node.terms) == 1 and isinstance(node.terms[0][1], Number)


def open_rules(equations: Sequence[tuple[Node, ...]]) -> dict[str, int]:
    r"""The names of which an equation leads from one point to an open one, V(s) = R(s) + V(s'), with its place.

    Where nothing is said of single points, such a name is a function of which only this is known.
    """
    told = {applied_text(h, g) for h, g, _ in _heads(equations)}
    heads = [spelled_head(h) for h, _, _ in _heads(equations)]
    found: dict[str, int] = {}
    for n, sides in enumerate(equations):
        for head, group, others in _heads([sides]):
            own = [g for h, g in _applied(others) if spelled_head(h) == spelled_head(head)]
            letters = set(map(spell, group.items))
            is_open = any(not letters >= set(map(spell, g.items)) and applied_text(head, g) not in told for g in own)
            if is_open and heads.count(spelled_head(head)) > 1:
                found[spelled_head(head)] = n
    return found


def _is_point(node: Node) -> bool:
    return isinstance(node, (Name, Number, Word))


def _heads(equations: Iterable[tuple[Node, ...]]) -> Iterator[tuple[Node, Group, tuple[Node, ...]]]:
    """The left sides that are a name before brackets, with the sides after them."""
    for sides in equations:
        if isinstance(sides[0], Product) and len(sides[0].parts) == len(_PAIR):
            yield from ((head, group, sides[1:]) for head, group in _applied(sides[:1]))


def _letters(group: Group, others: tuple[Node, ...]) -> set[str]:
    """The letters in these brackets that stand in the other sides."""
    return {i.text for i in group.items if isinstance(i, Name)} & {x for o in others for x in names_in(o)}


def _rule(sides: tuple[Node, ...], known: Set[str], told: Set[str]) -> Iterator[str]:
    """The name that such a rule is about, if the equation is one.

    V(s) = R(s) + V(s') is none: which other state s' is depends on s.
    """
    for head, group, others in _heads([sides]):
        letters = {i.text for i in group.items if isinstance(i, Name)}
        if not letters or len(letters) < len(group.items) or len(others) != 1 or letters & set(_outside(others)):
            continue
        takers = [h for h, g in _applied(others) if letters & set(names_in(g))]
        closed = all(letters >= set(map(spell, g.items)) or applied_text(h, g) in told for h, g in _applied(others))
        if takers and closed and all(spelled_head(h) in known for h in takers):
            yield spelled_head(head)


def _applied(nodes: Iterable[Node]) -> Iterator[tuple[Node, Group]]:
    """The names before round brackets, without a sign between them, wherever they stand."""
    for node in nodes:
        for head, core in brackets_in(node):
            is_name = isinstance(head, (Name, Word)) or (isinstance(head, Scripted) and not head.primes)
            if is_name and core.bracket == "(" and core.items:
                yield head, core


def _outside(nodes: Iterable[Node]) -> Iterator[str]:
    """The names in these that stand in no brackets after a name."""
    for node in nodes:
        if isinstance(node, Name):
            yield node.text
        taken = {id(group) for _, group in _direct(node)}
        for child in children(node):
            if id(unscripted(child)) not in taken:
                yield from _outside((child,))
            elif isinstance(child, Scripted):
                yield from _outside(child.sups)


def _direct(node: Node) -> Iterator[tuple[Node, Group]]:
    for head, core in before_brackets(node):
        if isinstance(head, (Name, Word, Scripted)) and core.bracket == "(":
            yield head, core


def with_names(node: Node, put: dict[str, Node]) -> Node:
    """The node with these nodes for the names."""
    if isinstance(node, Name):
        return put.get(node.text, node)
    return with_children(node, lambda inner: with_names(inner, put))
