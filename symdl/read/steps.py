"""One step of a recurrence: where c_{t-1} = 1 is given as a number, t is one time, and f_t and c_t are names."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import replace

from symdl.read.items import literal
from symdl.read.nodes import Big, Group, Name, Node, Number, Scripted, Sum
from symdl.read.scripts import bound_by, brace, head_text, inside_of, names_in, script_items, spell, with_children


def single_steps(equations: Iterable[tuple[Node, ...]], nodes: Iterable[Node]) -> frozenset[str]:
    """The letters of which one time is meant: an equation gives a number, or several, to a member before or after it.

    A letter that a sum binds is none, and none of a name that has members with numbers.
    """
    given: dict[str, set[str]] = {}
    for head, *others in equations:
        core = head_text(head.core) if isinstance(head, Scripted) and not head.primes else None
        letter = _shifted(_time_of(head)) if core is not None and isinstance(head, Scripted) else ""
        if letter and core is not None and len(others) == 1 and _is_value(others[0]):
            given.setdefault(letter, set()).add(core)
    if not given:
        return frozenset()
    bound: set[str] = set()
    numbered: set[str] = set()
    plain: dict[str, set[str]] = {}
    for inner in (n for node in nodes for n in inside_of(node)):
        if isinstance(inner, Big):
            bound |= {x for b in bound_by(inner) for x in names_in(b)}
        elif isinstance(inner, Scripted) and (core := head_text(inner.core)) is not None:
            time = _time_of(inner)
            numbered |= {core} if isinstance(time, Number) else set()
            if isinstance(time, Name):
                plain.setdefault(time.text, set()).add(core)
    return frozenset(
        x for x, cores in given.items() if x not in bound and not cores & numbered and cores & plain.get(x, set())
    )


def with_step(node: Node, letters: Set[str]) -> Node:
    r"""The node with f_t, c_{t-1} and h^{(t)} as one name each, for these letters."""
    if not letters:
        return node
    if isinstance(node, Scripted) and (core := head_text(node.core)) is not None:
        time = _time_of(node)
        if time is not None and not isinstance(time, Number) and set(names_in(time)) <= letters:
            above = bool(node.sups) and isinstance(node.sups[0], Group)
            text = f"{core}^{{({spell(time)})}}" if above else f"{core}_{brace(spell(time))}"
            name = Name(node.at, node.end, text)
            subs, sups = (node.subs, node.sups[1:]) if above else (script_items(node.subs)[1:], node.sups)
            sups = tuple(with_step(s, letters) for s in sups)
            return replace(node, core=name, subs=subs, sups=sups) if subs or sups or node.primes else name
    return with_children(node, lambda inner: with_step(inner, letters))


def _time_of(node: Scripted) -> Node | None:
    """The first index of a name that is a letter, a number, or a letter and a number."""
    above = node.sups[0] if node.sups else None
    if isinstance(above, Group):
        items: tuple[Node, ...] = above.items if above.bracket in ("(", "[") and len(above.items) == 1 else ()
    else:
        items = script_items(node.subs)[:1]
    first = items[0] if items else None
    is_time = isinstance(first, (Name, Number)) or bool(_shifted(first))
    return first if is_time else None


def _shifted(node: Node | None) -> str:
    """The letter of t - 1 and t + 1."""
    terms = [n for _, n in node.terms] if isinstance(node, Sum) else []
    is_shift = len(terms) == len(("letter", "number")) and isinstance(terms[1], Number)
    first = terms[0] if is_shift else None
    return first.text if isinstance(first, Name) and len(first.text) == 1 else ""


def _is_value(node: Node) -> bool:
    if isinstance(node, Sum) and len(node.terms) == 1:
        return _is_value(node.terms[0][1])
    rows = literal(node)
    cells = [c for row in rows for c in row] if rows is not None else [node]
    return all(isinstance(c, Number) or (rows is not None and _is_value(c)) for c in cells)
