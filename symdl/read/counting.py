r"""Brackets after a name that hold an index among other things: p(k \mid x), \phi_m(x_n), x[n-1]."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace

from symdl.read.nodes import Derivative, Group, Name, Node, Number, Product, Relation, Scripted, Sum
from symdl.read.scripts import (
    before_brackets,
    bound_in,
    brackets_in,
    head_text,
    inside_of,
    names_in,
    scripted_in,
    spell,
    unscripted,
)


def conditioned(nodes: Iterable[Node]) -> frozenset[str]:
    r"""The names whose brackets hold an index before a bar: p in \sum_k p(k \mid x), and in p(k \mid x) = a_k / S.

    What stands behind the bar is the same wherever they stand, and no index: the c of u_o^\top v_c is a label.
    """
    nodes = tuple(nodes)
    applied = [(node, *pair) for node in nodes for pair in brackets_in(node) if at_condition(*pair) is not None]
    labels = _labels(nodes) if applied else set()
    found: set[str] = set()
    refused: set[str] = set()
    for node, head, group in applied:
        below = {x for n in scripted_in(node) for sub in n.subs for x in names_in(sub)}
        below |= {spell(v) for n in inside_of(node) if isinstance(n, Derivative) for v, _ in n.wrt}
        behind = {i.text for i in group.items[1:] if isinstance(i, Name)}
        letter = group.items[0].text if isinstance(group.items[0], Name) else ""
        if behind & (bound_in(node) | (below - labels)):
            refused.add(spell(head))
        elif letter in bound_in(node) | below:
            found.add(spell(head))
    return frozenset(found - refused)


def _labels(nodes: Iterable[Node]) -> set[str]:
    """The letters below names that stand nowhere with anything else below them."""
    below: dict[str, set[str]] = {}
    for inner in (n for node in nodes for n in scripted_in(node)):
        if inner.subs and (core := head_text(inner.core)) is not None:
            below.setdefault(core, set()).add(",".join(map(spell, inner.subs)))
    several = {x for subs in below.values() if len(subs) > 1 for x in subs}
    return {x for subs in below.values() for x in subs} - several


def at_condition(head: Node, group: Group) -> Scripted | None:
    r"""The member k of the family p(\cdot \mid x) that p(k \mid x) is."""
    first, *others = group.items or (group,)
    is_one = group.bracket == "(" and group.bars[:1] == ("|",) and isinstance(head, Name)
    is_letter = isinstance(first, Number) or (isinstance(first, Name) and len(first.text) == 1)
    if not is_one or not is_letter or not all(isinstance(i, Name) for i in others):
        return None
    given = ",".join(sorted(map(spell, others)))
    return Scripted(head.at, group.end, Name(head.at, group.end, rf"{spell(head)}(\cdot\mid {given})"), (first,), (), 0)


def counted(nodes: Iterable[Node]) -> dict[str, frozenset[int]]:
    r"""The names with an index before brackets, of which sums show more: \phi in \sum_m w_m \phi_m(x_n), \alpha_t(k).

    With each, which places in the brackets hold indices.  No equation says what they are.
    """
    uses: dict[str, list[tuple[Scripted, Group]]] = {}
    places: dict[str, set[int]] = {}
    heads: dict[str, list[Group]] = {}
    found: set[str] = set()
    refused: set[str] = set()
    for node in nodes:
        scripted, applied = scripted_in(node), brackets_in(node)
        refused |= {n.core.text for n in scripted if n.primes and isinstance(n.core, Name)}
        if not applied:
            continue
        bound = bound_in(node)
        below = {x for n in scripted for sub in n.subs for x in names_in(sub)}
        left = node.sides[0] if isinstance(node, Relation) else None
        for head, group in applied:
            core = spell(unscripted(head))
            if not isinstance(head, Scripted) or not may_be_counted(head, group):
                refused.add(core)
                continue
            uses.setdefault(core, []).append((head, group))
            letters = {x for sub in head.subs for x in names_in(sub)}
            at = {n for n, i in enumerate(group.items) if isinstance(i, Name) and i.text in bound | below}
            places.setdefault(core, set()).update(at)
            if bound & (letters | {i.text for i in group.items if isinstance(i, Name)}):
                found.add(core)
            if isinstance(left, Product) and group is left.parts[-1][1]:
                heads.setdefault(core, []).append(group)
    for core in found - refused:
        every = [at_places(head, group, places[core]) for head, group in uses[core]]
        names = {(m.core, len(m.subs)) for m in every}
        is_formula = any(len(places[core]) < len(g.items) for g in heads.get(core, ()))
        if is_formula or len({spell(name) for name, _ in names}) < len({(spell(n), count) for n, count in names}):
            refused.add(core)
    return {core: frozenset(places[core]) for core in sorted(found - refused)}


def dependences(nodes: Iterable[Node], each: Mapping[str, Set[int]]) -> Iterator[tuple[Node, Node]]:
    r"""For each of these names that it depends on what its brackets hold but for indices, as an equation.

    The left side is the member of a family that it is read as, \phi(x)_{m,n} of \phi_m(x_n), and so is the right side,
    applied to x_n.
    """
    todo = dict(each)
    for node in nodes if todo else ():
        for head, group in brackets_in(node):
            places = todo.get(spell(head.core)) if isinstance(head, Scripted) else None
            if places is None or not isinstance(head, Scripted) or not may_be_counted(head, group):
                continue
            member = at_places(head, group, places)
            given = tuple(i for n, i in enumerate(group.items) if n not in places and not isinstance(i, Number))
            letters = {s.text for s in member.subs if isinstance(s, Name)}
            if given and len(letters) == len(member.subs):
                applied = Product(member.at, member.end, (("", member), ("", replace(group, items=given))))
                yield member, applied
                del todo[spell(head.core)]


def may_be_counted(head: Scripted, group: Group) -> bool:
    is_member = isinstance(head.core, Name) and len(head.subs) == 1 and not head.sups and not head.primes
    is_plain = group.bracket == "(" and not group.bars and bool(group.items) and is_member
    return is_plain and all(
        isinstance(i, (Name, Number))
        or (isinstance(i, Scripted) and isinstance(i.core, Name) and len(i.subs) == 1 and not i.sups and not i.primes)
        for i in group.items
    )


def at_places(head: Scripted, group: Group, places: Set[int]) -> Scripted:
    r"""The member m, n of the family \phi(x) that \phi_m(x_n) is."""
    cores: list[str] = []
    subs: list[Node] = [*head.subs]
    for n, item in enumerate(group.items):
        if n in places:
            subs.append(item)
        else:
            cores.append(spell(unscripted(item)))
            own = item.subs[0] if isinstance(item, Scripted) else None
            is_same = isinstance(own, Name) and spell(own) in set(map(spell, subs))
            subs += [own] if own is not None and not is_same else []
    text = spell(head.core) + (f"({','.join(cores)})" if cores else "")
    return Scripted(head.at, group.end, Name(head.at, group.end, text), tuple(subs), (), 0)


def signals(nodes: Iterable[Node]) -> frozenset[str]:
    """The names before square brackets with a time in them: x and y where x[n-k] or y[n-1] is spoken of."""
    times: dict[str, list[Node]] = {}
    refused: set[str] = set()
    nodes = tuple(nodes)
    for head, group in (at for node in nodes for inner in inside_of(node) for at in before_brackets(inner)):
        timed = at_time(head, group)
        if timed is None:
            refused.add(head_text(unscripted(head)) or spell(head))
        else:
            times.setdefault(head_text(timed.core) or "", []).append(timed.subs[0])
    found = {k: at for k, at in times.items() if k not in refused}
    letters = {x for at in found.values() for t in at if isinstance(t, Sum) for x in names_in(t)}
    is_timed = (all(x in letters for t in at for x in names_in(t)) for at in found.values())
    return frozenset(k for k, is_one in zip(found, is_timed, strict=True) if is_one and letters)


def at_time(head: Node, group: Group) -> Scripted | None:
    """The member x_{n-1} that x[n-1] is, and e_n^2 of e^2[n]; None of anything else in brackets."""
    name = head.core if isinstance(head, Scripted) and not head.subs and not head.primes else head
    is_one = group.bracket == "[" and len(group.items) == 1 and not group.bars
    if not is_one or not isinstance(name, Name) or name.text in _MOMENTS or not _is_time(group.items[0]):
        return None
    return Scripted(head.at, group.end, name, group.items, head.sups if isinstance(head, Scripted) else (), 0)


def _is_time(node: Node) -> bool:
    """Whether brackets hold a whole number, a letter, or a sum of such."""
    if isinstance(node, Sum):
        return all(_is_time(term) for _, term in node.terms)
    return (isinstance(node, Number) and node.text.isdigit()) or (isinstance(node, Name) and len(node.text) == 1)


_MOMENTS = ("E", "V", "P", r"\mathbb{E}", r"\mathbb{V}", r"\mathbb{P}", r"\mathrm{E}", r"\mathrm{Var}")
