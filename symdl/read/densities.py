r"""Functions that share a letter and are told apart by what they are taken at: p(x \mid \lambda) beside p(\lambda)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace

from symdl.read.arguments import PROBABILITIES
from symdl.read.brackets import primed_letter
from symdl.read.nodes import Group, Name, Node, Number, Relation, Scripted
from symdl.read.own import own_letter
from symdl.read.scripts import (
    head_text,
    inside_of,
    names_alone,
    names_in,
    pair,
    spell,
    with_children,
    with_pairs,
)

_BETWEEN = re.compile(r",|\\mid|\\\|")
_CONDITIONAL = re.compile(
    r"(?<![A-Za-z\\_])(?P<all>[pqP]\s*\((?P<of>[a-z])\s*(?:\\mid(?![A-Za-z])|\|)\s*[a-z](?:_(?:\w|\{\w+\}))?\))(?P<is>\s*=)?"
)
_SUMMED = r"\\sum\s*_\s*(?:{0}|\{{\s*{0}\s*\}})(?![A-Za-z_^])"


def spoken_shares(text: str) -> Iterator[str]:
    r"""What conditional probabilities over whose values givens sum add up to: \sum_z p(z \mid x) = 1.

    Those that are given by a formula are what that says.
    """
    found = list(_CONDITIONAL.finditer(text))
    given = {re.sub(r"\s", "", m["all"]) for m in found if m["is"]}
    named = {m["all"]: m["of"] for m in found if re.sub(r"\s", "", m["all"]) not in given}
    for name, letter in named.items():
        if re.search(_SUMMED.format(letter), text):
            yield rf"\sum_{{{letter}}} {name} = 1"


def densities(equations: Iterable[tuple[Node, ...]]) -> dict[str, frozenset[str]]:
    """The letters under which equations define several functions, with what these are taken at."""
    found: dict[str, list[str]] = {}
    for first, *others in equations:
        head, group = _on_the_left(first)
        if head is None or group is None or not (group.bars or head in PROBABILITIES):
            continue
        inside = {x for o in others for x in names_in(o)}
        if (kind := _kind(group)) and inside & {x for i in group.items for x in names_in(i)}:
            found.setdefault(head, []).append(kind)
    # What is said twice of the same thing is one of several cases, and no function.
    return {head: frozenset(kinds) for head, kinds in found.items() if 1 < len(set(kinds)) == len(kinds)}


def with_densities(node: Node, apart: Mapping[str, Set[str]]) -> Node:
    """The node with names of their own for the functions that share these letters."""

    def renamed(name: Node, bracket: Node) -> tuple[Node, ...] | None:
        head, group = _applied(name, bracket)
        kind = "" if head is None or group is None else _meant(group, apart.get(head, frozenset()))
        return (Name(name.at, name.end, own_letter(f"{head}({kind})")), bracket) if kind else None

    return with_pairs(node, renamed) if apart else node


def classed(equations: Iterable[tuple[Node, ...]]) -> frozenset[str]:
    r"""The functions that are given for every class: p(x \mid Y = k) and p(x \mid k) by a formula with \mu_k."""
    found: set[str] = set()
    for first, *others in equations:
        head, group = _on_the_left(first)
        if head is None or group is None:
            continue
        inside = [n for o in others for n in inside_of(o) if isinstance(n, Scripted)]
        below = {x for n in inside for sub in n.subs for x in names_in(sub)}
        alone = {x for o in others for x in names_alone(o)}
        for kind, at, rest in _by_class(head, group):
            # The label c of p(o \mid c) with u_o and v_c counts nothing.
            is_taken = r"\cdot" not in kind or all(x in alone for i in rest for x in names_in(i))
            found |= {kind} if isinstance(at, Name) and at.text in below - alone and is_taken else set()
    return frozenset(found)


def with_classed(node: Node, kinds: Set[str]) -> Node:
    r"""The node with members of a family for the functions of these kinds, p_k(x) for p(x \mid Y = k)."""

    def member(name: Node, bracket: Node) -> tuple[Node, ...] | None:
        head, group = _applied(name, bracket)
        found = [x for x in _by_class(head, group) if x[0] in kinds] if head is not None and group is not None else []
        if not found or group is None:
            return None
        kind, at, rest = found[0]
        own = Scripted(name.at, group.end, Name(name.at, name.end, own_letter(kind)), (at,), (), 0)
        inside = replace(group, items=rest, bars=(",",) * (len(rest) - 1))
        if not isinstance(bracket, Scripted):
            return (own, inside) if rest else (own,)
        return (own, replace(bracket, core=inside)) if rest else (replace(bracket, core=own),)

    return with_pairs(node, member) if kinds else node


def with_events(node: Node) -> Node:
    r"""The node with a function of what stands behind the bar for every probability of an event, P(y = 1 \mid x).

    Joint events stand in one order, P(X = 1, Y = 1) for P(Y = 1, X = 1).
    """
    return with_pairs(with_pairs(node, _sorted), _of_event)


def _sorted(name: Node, bracket: Node) -> tuple[Node, ...] | None:
    head, group = _applied(name, bracket)
    if head not in PROBABILITIES or group is None or not all(map(_is_event, group.items)):
        return None
    bar = group.bars.index("|") + 1 if "|" in group.bars else len(group.items)
    parts = sorted(group.items[:bar], key=spell), sorted(group.items[bar:], key=spell)
    items = (*parts[0], *parts[1])
    if items == group.items or set(group.bars) - {"|", ",", ""}:
        return None
    inside = replace(group, items=items)
    return name, replace(bracket, core=inside) if isinstance(bracket, Scripted) else inside


def _of_event(name: Node, bracket: Node) -> tuple[Node, ...] | None:
    head, group = _applied(name, bracket)
    if head not in PROBABILITIES or group is None or group.bars[:1] != ("|",) or not _is_event(group.items[0]):
        return None
    if all(map(_is_event, group.items[1:])):
        # Under events it is one number.
        return None
    kind = spell(_without_indices(group.items[0]))
    inside = replace(group, items=group.items[1:], bars=(",",) * (len(group.items) - 2))
    own = Name(name.at, name.end, own_letter(f"{head}({kind})"))
    return own, replace(bracket, core=inside) if isinstance(bracket, Scripted) else inside


def _is_event(item: Node) -> bool:
    return isinstance(item, Relation) and item.signs == ("=",) and isinstance(item.sides[-1], Number)


def _without_indices(node: Node) -> Node:
    node = with_children(node, _without_indices)
    is_general = isinstance(node, Scripted) and node.subs and not any(isinstance(s, Number) for s in node.subs)
    return node.core if isinstance(node, Scripted) and is_general and not node.primes else node


def _by_class(head: str, group: Group) -> Iterator[tuple[str, Node, tuple[Node, ...]]]:
    """The kinds that a function may be of, with the class that brackets name and what else they hold."""
    for n, item in enumerate(group.items):
        rest = (*group.items[:n], *group.items[n + 1 :])
        is_said = isinstance(item, Relation) and item.signs == ("=",) and isinstance(item.sides[0], Name)
        if isinstance(item, Relation) and is_said:
            what, at = item.sides
        elif isinstance(item, (Name, Number)) and n and group.bars[-1:] == ("|",) and n == len(group.items) - 1:
            what, at = Name(item.at, item.end, r"\cdot"), item
        else:
            continue
        if kind := _kind(replace(group, items=(*group.items[:n], what, *group.items[n + 1 :]))):
            yield f"{head}({kind})", primed_letter(at), rest


def _applied(head: Node, bracket: Node) -> tuple[str | None, Group | None]:
    """The name and the round brackets of two factors side by side."""
    group = bracket.core if isinstance(bracket, Scripted) and not bracket.subs and not bracket.primes else bracket
    is_applied = isinstance(group, Group) and group.bracket == "(" and bool(group.items)
    text = head_text(head) if is_applied and isinstance(head, Name) else None
    return (text, group) if text is not None and isinstance(group, Group) else (None, None)


def _on_the_left(side: Node) -> tuple[str | None, Group | None]:
    """The name and the round brackets of a left side that is nothing else."""
    two = pair(side)
    return _applied(*two) if two is not None else (None, None)


def _kind(group: Group) -> str:
    r"""What brackets are about, without indices: x \mid \lambda of (x_i \mid \lambda); none where they hold more."""
    cores = [i.core if isinstance(i, Scripted) else i for i in group.items]
    if not all(isinstance(c, Name) for c in cores) or set(group.bars) - {"|", "||", ""}:
        return ""
    return spell(replace(group, items=tuple(cores))).strip("()")


def _meant(group: Group, kinds: Set[str]) -> str:
    """The one of these kinds that brackets are of: the same one, or else the only one with as many arguments."""
    kind = _kind(group)
    if kind in kinds:
        return kind
    shape = (len(group.items), "|" in group.bars)
    same = [k for k in kinds if (len(_BETWEEN.findall(k)) + 1, r"\mid" in k) == shape]
    return same[0] if len(same) == 1 and not kind else ""
