r"""Functions that share a letter and are told apart by what they are taken at: p(x \mid \lambda) beside p(\lambda)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace

from symdl.read.arguments import PROBABILITIES
from symdl.read.factors import primed_letter
from symdl.read.nodes import Group, Name, Node, Number, Product, Relation, Scripted
from symdl.read.scripts import head_text, inside_of, names_alone, names_in, own_letter, spell, with_children

_PAIR = ("head", "brackets")


def densities(equations: Iterable[tuple[Node, ...]]) -> dict[str, frozenset[str]]:
    """The letters under which equations define several functions, with what these are taken at."""
    found: dict[str, list[str]] = {}
    for first, *others in equations:
        head, group = _applied(first.parts) if isinstance(first, Product) and len(first.parts) == 2 else (None, None)
        if head is None or group is None or not (group.bars or head in PROBABILITIES):
            continue
        inside = {x for o in others for x in names_in(o)}
        if (kind := _kind(group)) and inside & {x for i in group.items for x in names_in(i)}:
            found.setdefault(head, []).append(kind)
    # What is said twice of the same thing is one of several cases, and no function.
    return {head: frozenset(kinds) for head, kinds in found.items() if 1 < len(set(kinds)) == len(kinds)}


def with_densities(node: Node, apart: Mapping[str, Set[str]]) -> Node:
    """The node with names of their own for the functions that share these letters."""
    if not apart:
        return node
    node = with_children(node, lambda inner: with_densities(inner, apart))
    if not isinstance(node, Product):
        return node
    parts = list(node.parts)
    for n in range(1, len(parts)):
        head, group = _applied(parts[n - 1 : n + 1])
        kind = "" if head is None or group is None else _meant(group, apart.get(head, frozenset()))
        if kind:
            before, name = parts[n - 1]
            parts[n - 1] = (before, Name(name.at, name.end, own_letter(f"{head}({kind})")))
    return replace(node, parts=tuple(parts))


def classed(equations: Iterable[tuple[Node, ...]]) -> frozenset[str]:
    r"""The functions that are given for every class: p(x \mid Y = k) and p(x \mid k) by a formula with \mu_k."""
    found: set[str] = set()
    for first, *others in equations:
        head, group = _applied(first.parts) if isinstance(first, Product) and len(first.parts) == 2 else (None, None)
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
    if not kinds:
        return node
    node = with_children(node, lambda inner: with_classed(inner, kinds))
    parts: list[tuple[str, Node]] = []
    for sign, part in node.parts if isinstance(node, Product) else ():
        head, group = _applied([parts[-1], (sign, part)]) if parts else (None, None)
        found = [x for x in _by_class(head, group) if x[0] in kinds] if head is not None and group is not None else []
        if not found or group is None:
            parts.append((sign, part))
            continue
        (kind, at, rest), (before, name) = found[0], parts[-1]
        own = Scripted(name.at, group.end, Name(name.at, name.end, own_letter(kind)), (at,), (), 0)
        bracket = replace(group, items=rest, bars=(",",) * (len(rest) - 1))
        power = replace(part, core=bracket if rest else own) if isinstance(part, Scripted) else bracket
        parts[-1:] = [(before, own), ("", power)] if rest else [(before, power if isinstance(part, Scripted) else own)]
    if not isinstance(node, Product) or tuple(parts) == node.parts:
        return node
    return parts[0][1] if len(parts) == 1 else replace(node, parts=tuple(parts))


def with_events(node: Node) -> Node:
    r"""The node with a function of what stands behind the bar for every probability of an event, P(y = 1 \mid x)."""
    node = with_children(node, with_events)
    parts: list[tuple[str, Node]] = []
    for sign, part in node.parts if isinstance(node, Product) else ():
        head, group = _applied([parts[-1], (sign, part)]) if parts else (None, None)
        if head not in PROBABILITIES or group is None or group.bars[:1] != ("|",) or not _is_event(group.items[0]):
            parts.append((sign, part))
            continue
        before, name = parts.pop()
        kind = spell(_without_indices(group.items[0]))
        bracket = replace(group, items=group.items[1:], bars=(",",) * (len(group.items) - 2))
        power = replace(part, core=bracket) if isinstance(part, Scripted) else bracket
        parts += [(before, Name(name.at, name.end, own_letter(f"{head}({kind})"))), ("", power)]
    if not isinstance(node, Product) or tuple(parts) == node.parts:
        return node
    return replace(node, parts=tuple(parts))


def _is_event(item: Node) -> bool:
    return isinstance(item, Relation) and item.signs == ("=",) and isinstance(item.sides[-1], Number)


def _without_indices(node: Node) -> Node:
    node = with_children(node, _without_indices)
    return node.core if isinstance(node, Scripted) and node.subs and not node.primes else node


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


def _applied(parts: Iterable[tuple[str, Node]]) -> tuple[str | None, Group | None]:
    """The name and the round brackets of two factors side by side."""
    (_, head), (sign, bracket) = parts
    group = bracket.core if isinstance(bracket, Scripted) and not bracket.subs and not bracket.primes else bracket
    is_applied = not sign and isinstance(group, Group) and group.bracket == "(" and bool(group.items)
    text = head_text(head) if is_applied and isinstance(head, Name) else None
    return (text, group) if text is not None and isinstance(group, Group) else (None, None)


def _kind(group: Group) -> str:
    r"""What brackets are about, without indices: x \mid \lambda of (x_i \mid \lambda); none where they hold more."""
    cores = [i.core if isinstance(i, Scripted) else i for i in group.items]
    if not all(isinstance(c, Name) for c in cores) or set(group.bars) - {"|", ""}:
        return ""
    return spell(replace(group, items=tuple(cores))).strip("()")


def _meant(group: Group, kinds: Set[str]) -> str:
    """The one of these kinds that brackets are of: the same one, or else the only one with as many arguments."""
    kind = _kind(group)
    if kind in kinds:
        return kind
    shape = (len(group.items), "|" in group.bars)
    same = [k for k in kinds if (k.count(",") + k.count(r"\mid") + 1, r"\mid" in k) == shape]
    return same[0] if len(same) == 1 and not kind else ""
