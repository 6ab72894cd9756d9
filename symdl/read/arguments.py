"""Brackets after a name that hold its index, as in a sum of p(x), or that are part of it, H(p) beside H(p, q)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from symdl.read.commands import INDICATORS
from symdl.read.counting import at_condition, at_places, at_time, may_be_counted
from symdl.read.nodes import (
    Big,
    Derivative,
    Evaluated,
    Group,
    Mark,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Scripted,
    Sum,
    Word,
)
from symdl.read.scripts import (
    before_brackets,
    bound_by,
    children,
    head_text,
    inside_of,
    kinds_in,
    names_in,
    noted,
    spell,
    unscripted,
    with_children,
)


def arguments_as_indices(nodes: Iterable[Node]) -> frozenset[str]:
    r"""The names that stand with the letter of a sum in brackets: p in \sum_x p(x) \log p(x) is a family."""
    found: set[str] = set()
    for node in nodes:
        for inner in inside_of(node):
            if not isinstance(inner, Big):
                continue
            bound = {f.text for f in bound_by(inner) if isinstance(f, Name)}
            for product in inside_of(inner.body):
                for head, group in _applications(product):
                    if any(isinstance(i, Name) and i.text in bound for i in group.items):
                        found.add(spell(head))
    return frozenset(found)


def ruled_by_index(equations: Iterable[tuple[Node, ...]], bound: Set[str]) -> frozenset[str]:
    """The names of which equations say what they are with an index in brackets, q(k) = a_k, a letter that sums bind."""
    found: set[str] = set()
    for first, *others in equations:
        inside = [n for o in others for n in inside_of(o)]
        below = {x for n in inside if isinstance(n, Scripted) for sub in n.subs for x in names_in(sub)}
        alone = {x for o in others for x in outside(o, scripts=False)}
        for head, group in (
            _applications(first) if isinstance(first, Product) and len(first.parts) == len(_PAIR) else ()
        ):
            letters = {i.text for i in group.items if isinstance(i, Name)}
            if letters & below & bound - alone:
                found.add(spell(head))
    return frozenset(found)


def _applications(node: Node) -> Iterator[tuple[Node, Group]]:
    """The names in a product before brackets that hold nothing but names and numbers."""
    for head, core in before_brackets(node):
        is_name = isinstance(unscripted(head), Name)
        if is_name and core.bracket == "(" and not core.bars and core.items and _is_plain(core):
            yield head, core


@noted
def has_brackets(node: Node) -> bool:
    """Whether brackets stand behind something in a product, so that this may be a name that they belong to."""
    parts = (part for n in inside_of(node) if isinstance(n, Product) for _, part in n.parts[1:])
    return any(isinstance(p.core if isinstance(p, Scripted) else p, Group) for p in parts)


@dataclass(frozen=True)
class Brackets:
    r"""What brackets after names hold.

    After an `indexed` name they hold its index, after a `named` one they belong to the name: P(A), \alpha_1(H), w(0);
    `whole` are single names with their brackets.  `quantities` in the brackets make no name.  `formulas` are the
    letters in the brackets of names that a formula in these letters defines, so that f(3) is f(x) at x = 3.
    `members` are names such as p(y), of which each p(y_i) is a member.  After a `lettered` one they hold indices and
    tell what is meant, p(x, y) and p(y \mid x) where sums run over x and y.  After a `conditioned` one they hold an
    index before the bar, and a `counted` one has an index of its own, \phi_m(x_n).  `signals` have their time in
    square brackets, x[n-1].
    """

    indexed: Set[str] = frozenset()
    named: Set[str] = frozenset()
    whole: Set[str] = frozenset()
    quantities: Set[str] = frozenset()
    formulas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    members: Set[str] = frozenset()
    lettered: Set[str] = frozenset()
    conditioned: Set[str] = frozenset()
    counted: Mapping[str, Set[int]] = field(default_factory=dict)
    signals: Set[str] = frozenset()

    def __bool__(self) -> bool:
        sets = (self.indexed, self.named, self.whole, self.members, self.lettered, self.conditioned, self.signals)
        return any(sets) or bool(self.counted)


def with_brackets(node: Node, brackets: Brackets) -> Node:
    """The node with p(x) as p_x where p is indexed, and with H(p, q) as one name where it is one."""
    if not brackets or Product not in kinds_in(node):
        return node
    node = with_children(node, lambda inner: with_brackets(inner, brackets))
    if not isinstance(node, Product):
        return node
    parts: list[tuple[str, Node]] = []
    for sign, part in node.parts:
        before = parts[-1][1] if parts and not sign else None
        joined = None if before is None else _joined(before, part, brackets)
        if joined is None:
            parts.append((sign, part))
        else:
            parts[-1] = (parts[-1][0], joined)
    return (
        node if len(parts) == len(node.parts) else parts[0][1] if len(parts) == 1 else replace(node, parts=tuple(parts))
    )


def _joined(head: Node, bracket: Node, brackets: Brackets) -> Node | None:
    core = unscripted(bracket)
    if not isinstance(core, Group) or core.bracket not in ("(", "[") or not isinstance(head, (Name, Word, Scripted)):
        return None
    if is_iverson(head, core):
        return None
    if brackets.signals and (timed := at_time(head, core)) is not None and head_text(timed.core) in brackets.signals:
        return _raised(timed, bracket)
    text = spelled_head(head)
    found: Node | None
    member = at_member(head, core) if brackets.members else None
    if member is not None and member[0] in brackets.members:
        found = Scripted(head.at, core.end, Name(head.at, core.end, member[0]), (member[1],), (), 0)
        return _raised(found, bracket)
    if text in brackets.conditioned and (under := at_condition(head, core)) is not None:
        return _raised(under, bracket)
    if isinstance(head, Scripted) and (places := brackets.counted.get(spell(head.core))) is not None:
        return _raised(at_places(head, core, places), bracket) if may_be_counted(head, core) else None
    named = applied_text(head, core)
    if text.rstrip("'") in brackets.formulas and named not in brackets.whole:
        return _at_point(text, core, brackets.formulas[text.rstrip("'")])
    if text in brackets.lettered and core.items and all(isinstance(i, Name) and i.text.islower() for i in core.items):
        # p(x, k) and p(x, j) are members of one family, p(x) and p(z) are not.
        items = tuple(Name(i.at, i.end, r"\cdot") if spell(i) in "ijklmn" else i for i in core.items)
        own = Name(head.at, core.end, applied_text(head, replace(core, items=items)))
        return _raised(Scripted(head.at, core.end, own, core.items, (), 0), bracket)
    is_named = text in brackets.named and "?" not in named and not brackets.quantities & set(map(spell, core.items))
    if named in brackets.whole or is_named:
        found = Name(head.at, core.end, named)
    elif text in brackets.indexed and core.bracket == "(" and not core.bars and _is_plain(core):
        name, subs = (head.core, head.subs) if isinstance(head, Scripted) else (head, ())
        if isinstance(head, Word) or (isinstance(head, Scripted) and (head.sups or head.primes)):
            return None
        # The label of p_g(x) stays part of the name.
        label = Name(head.at, head.end, text) if subs else name
        found = Scripted(head.at, core.end, label, core.items, (), 0)
    else:
        return None
    return _raised(found, bracket)


def _raised(found: Node, bracket: Node) -> Node | None:
    """A name with what stands behind its brackets."""
    if not isinstance(bracket, Scripted):
        return found
    if isinstance(found, Scripted):
        return replace(found, sups=bracket.sups, primes=bracket.primes, end=bracket.end) if not bracket.subs else None
    return replace(bracket, core=found, at=found.at)


def _at_point(text: str, group: Group, letters: tuple[str, ...]) -> Node | None:
    """f(3) and f'(x) of a formula f(x) = …."""
    bare, at, end = text.rstrip("'"), group.at, group.end
    primes = len(text) - len(bare)
    found: Node = Name(at, end, f"{bare}({','.join(letters)})")
    if len(letters) != len(group.items) or group.bars or (primes and len(letters) > 1):
        return None
    if primes:
        found = Derivative(at, end, "d", primes, found, ((Name(at, end, letters[0]), primes),))
    if [spell(i) for i in group.items] == list(letters):
        return found
    settings = tuple(
        Relation(i.at, i.end, (Name(i.at, i.at, x), i), ("=",)) for x, i in zip(letters, group.items, strict=True)
    )
    return Evaluated(at, end, found, settings)


def _is_plain(group: Group) -> bool:
    return all(isinstance(i, (Name, Number)) for i in group.items)


def applied_text(head: Node, group: Group) -> str:
    """A name with what stands in the brackets after it, as one name."""
    return spelled_head(head) + spelled_arguments(spelled_head(head), group)


def spelled_arguments(head: str, group: Group) -> str:
    """What stands in the brackets after a name; what a probability is conditioned on has no order."""
    at = group.bars.index("|") + 1 if "|" in group.bars and head in PROBABILITIES else len(group.items)
    given = group.items[at:]
    is_run = len(given) == len(_RUN) and isinstance(given[1], Mark)
    if not is_run and any(isinstance(i, Mark) for i in given):
        return spell(group)
    ends = sorted((i for i in given if not isinstance(i, Mark)), key=spell)
    return spell(replace(group, items=(*group.items[:at], *([*ends[:1], given[1], *ends[1:]] if is_run else ends))))


_RUN = ("first", "dots", "last")
PROBABILITIES = ("P", "p", "Q", "q", r"\mathbb{P}", r"\mathrm{P}", r"\mathrm{Pr}", r"\mathcal{P}")


def spelled_head(head: Node) -> str:
    """The name before a bracket."""
    return head_text(head) or spell(head)


def with_complements(node: Node, learnt: Set[str]) -> Node:
    r"""The node with 1 - P(A) for P(\bar{A}), where the givens speak of P(A) and not of this."""
    node = with_children(node, lambda inner: with_complements(inner, learnt))
    found = _COMPLEMENT.fullmatch(node.text) if isinstance(node, Name) else None
    if found is None or not isinstance(node, Name) or node.text in learnt:
        return node
    event = next(x for x in found.group("bar", "power", "neg") if x is not None)
    other = f"{found['head']}({event}{found['rest'] or ''})"
    if other not in learnt:
        return node
    one, name = Number(node.at, node.at, "1"), Name(node.at, node.end, other)
    return Group(node.at, node.end, "", (Sum(node.at, node.end, ((1, one), (-1, name))),))


_COMPLEMENT = re.compile(
    r"(?P<head>P|\\mathbb\{P\}|\\mathrm\{P[r]?\})"
    r"\((?:\\bar\{(?P<bar>[A-Z])\}|(?P<power>[A-Z])\^(?:c|\{c\})|\\neg (?P<neg>[A-Z]))(?P<rest>\\mid .*)?\)"
)


def head_of(name: str) -> str:
    r"""The name before the brackets of P(A \mid B); none where a name does not end with brackets of its own."""
    depth = 0
    for n, sign in enumerate(name):
        if sign in "([" and not depth and n:
            return name[:n] if name[-1] in ")]" else ""
        depth += (sign == "{") - (sign == "}")
    return ""


def bracketed(
    equations: Iterable[tuple[Node, ...]],
    builtin: Callable[[str], bool],
    ruled: Set[str] = frozenset(),
    several: Set[str] = frozenset(),
    valued: Set[str] = frozenset(),
) -> Brackets:
    r"""The names of which equations say what they are at one thing only: P(A) = 0.3, w(0) = 1, \alpha_1(H) = \pi_H.

    f(x) = x^2 says of a function what it is everywhere, since x stands on the other side; what is said of the
    `ruled` ones is said of single points all the same.  `several` have brackets of several forms: H(X) and H(X, Y).
    The `valued` ones stand with their brackets as whole sides.
    """
    equations = list(equations)
    functions: set[str] = set()
    named: set[str] = set()
    apart = _told_apart(equations)
    whole = set(overloaded(s[0] for s in equations)).union(*apart.values())
    for head, group, others in _valued(equations):
        text = spelled_head(head)
        if "||" in group.bars and not all(isinstance(i, (Name, Word, Scripted)) for i in group.items):
            # What KL(N(m, 1) || N(0, 1)) compares is written within the brackets, and is no argument.
            whole.add(applied_text(head, group))
            continue
        own = {text, *several}
        inside = {_in_no_font(n) for o in others for n in inside_of(_without(o, own)) if isinstance(n, Name)}
        letters = {_in_no_font(n) for i in group.items for n in inside_of(i) if isinstance(n, Name)}
        (functions if letters & inside and text not in ruled else named).add(text)
    named |= several | valued
    functions |= _through(equations, named) - ruled - several
    functions -= apart.keys()
    named |= apart.keys()
    every = [side for sides in equations for side in sides] if named else []
    plain = {x for side in every for x in outside(side)}
    # The D of L_D is no D that stands alone.
    alone = {x for side in every for x in outside(side, scripts=False)}
    named = {n for n in named - functions - alone if not builtin(n.rstrip("'")) and n.rstrip("'") not in functions}
    return Brackets(
        named=frozenset(named), quantities=frozenset(plain), whole=frozenset(whole - {t for t in whole if "?" in t})
    )


def _through(equations: list[tuple[Node, ...]], named: set[str]) -> set[str]:
    r"""Those of the names whose formula leads to what stands in their brackets: w in E(w) = -\sum_n \ln y_n."""
    inside: dict[str, set[str]] = {}
    for sides in equations:
        own = next((_in_no_font(n) for n in inside_of(sides[0]) if isinstance(n, Name)), "")
        # What an equation says of a member it says of the family.
        inside.setdefault(own, set()).update(
            _in_no_font(n) for s in sides[1:] for n in inside_of(s) if isinstance(n, Name)
        )
    found: set[str] = set()
    for head, group, rest in _valued(equations):
        pending = [_in_no_font(n) for s in rest for n in inside_of(s) if isinstance(n, Name)]
        seen: set[str] = set()
        while pending:
            name = pending.pop()
            if name not in seen:
                seen.add(name)
                pending += inside.get(name, ())
        letters = {_in_no_font(i) for i in group.items if isinstance(i, Name)}
        if letters & seen and len(letters) == len(group.items) and spelled_head(head) in named:
            found.add(spelled_head(head))
    return found


def holds_itself(head: Node, group: Group) -> bool:
    """Whether brackets after a name hold the name alone, y (1 - y): they are a factor, whatever else y is."""
    return spelled_head(head) in set(outside(group))


_FONT = re.compile(r"\\(?:mathbf|boldsymbol|vec|mathit)\{(\\?[A-Za-z]+)\}")


def _in_no_font(name: Name) -> str:
    """A name as its entries are written: y_j of a bold y."""
    return _FONT.sub(r"\1", name.text) if "{" in name.text else name.text


def applied_here(nodes: Iterable[Node], is_function: Callable[[Node], bool]) -> frozenset[str]:
    """The names before brackets with bars, a relation or a list of names in them: P(A | B), P(X = 1), H(p, q)."""
    found: set[str] = set()
    for node in nodes:
        for inner in inside_of(node):
            for head, core in before_brackets(inner):
                powers = isinstance(head, Scripted) and any(not isinstance(s, (Mark, Group)) for s in head.sups)
                if powers or not isinstance(head, (Name, Word, Scripted)):
                    continue
                is_condition = any(isinstance(i, Relation) for i in core.items) and spelled_head(head) not in INDICATORS
                is_list = len(core.items) > 1 and all(isinstance(i, (Name, Word, Scripted)) for i in core.items)
                is_event = core.bracket in ("(", "[") and (core.bars or is_condition or is_list)
                is_event = is_event and not is_iverson(head, core)
                if is_event and "?" not in applied_text(head, core) and not is_function(head):
                    found.add(spelled_head(head))
    return frozenset(found)


def is_iverson(head: Node, group: Group) -> bool:
    """Whether brackets after a name are a factor, 1 where what they hold is so and else 0: u_j [z_j > 0]."""
    core = head.core if isinstance(head, Scripted) else head
    is_plain = isinstance(core, Name) and core.text not in PROBABILITIES and core.text.lstrip("\\")[0].islower()
    return is_plain and group.bracket == "[" and not group.bars and all(isinstance(i, Relation) for i in group.items)


def _valued(equations: Iterable[tuple[Node, ...]]) -> Iterator[tuple[Node, Group, tuple[Node, ...]]]:
    """The left sides that are a name before brackets, in which no product can stand, with the sides after them."""
    for first, *others in equations:
        parts = first.parts if isinstance(first, Product) else ()
        if len(parts) != len(_PAIR) or parts[1][0] or not isinstance(parts[1][1], Group):
            continue
        head, group = parts[0][1], parts[1][1]
        is_list = bool(group.bars) or len(group.items) > 1
        items = all(is_list or isinstance(i, (Name, Word, Number, Relation, Scripted)) for i in group.items)
        powers = isinstance(head, Scripted) and any(not isinstance(s, (Mark, Group)) for s in head.sups)
        if isinstance(head, (Name, Word, Scripted)) and group.bracket in ("(", "[") and items and not powers:
            yield head, group, tuple(others)


_PAIR = ("head", "group")


def _without(node: Node, heads: Set[str]) -> Node:
    """The node without the brackets after these names."""
    return with_brackets(node, Brackets(named=heads))


def outside(node: Node, *, scripts: bool = True) -> Iterator[str]:
    """The names that stand outside the brackets after names, with or without those in subscripts."""
    if isinstance(node, Product):
        for n, (sign, part) in enumerate(node.parts):
            core = part.core if isinstance(part, Scripted) else part
            before = node.parts[n - 1][1] if n and not sign else None
            if isinstance(core, Group) and core.bracket in ("(", "[") and isinstance(before, (Name, Word, Scripted)):
                continue
            after = node.parts[n + 1] if n + 1 < len(node.parts) else None
            follows = after[1].core if after and isinstance(after[1], Scripted) else after[1] if after else None
            if after and not after[0] and isinstance(follows, Group) and follows.bracket in ("(", "["):
                continue
            yield from outside(part, scripts=scripts)
        return
    if isinstance(node, Name):
        yield node.text
    elif isinstance(node, Scripted) and isinstance(node.core, Name) and node.subs:
        yield spell(node)
    inner = children(node) if scripts or not isinstance(node, Scripted) else (node.core, *node.sups)
    for child in inner:
        yield from outside(child, scripts=scripts)


def overloaded(sides: Iterable[Node]) -> frozenset[str]:
    """The left sides H(p) and H(p, q), where one name has several numbers of arguments, each as one name."""
    found: dict[str, dict[int, set[str]]] = {}
    for side in sides:
        for head, group in _applications(side) if isinstance(side, Product) and len(side.parts) == 2 else ():
            found.setdefault(spell(head), {}).setdefault(len(group.items), set()).add(applied_text(head, group))
    return frozenset(t for sizes in found.values() if len(sizes) > 1 for texts in sizes.values() for t in texts)


def _told_apart(equations: Iterable[tuple[Node, ...]]) -> dict[str, set[str]]:
    r"""The names of which equations say several things, d(A) = 3 e(A) and d(B) = e(B), with these left sides.

    What the brackets hold tells them apart: a condition, or letters that stand in no formula but in brackets.
    """
    found: dict[str, set[str]] = {}
    for head, group, others in _valued(equations):
        letters = {i.text for i in group.items if isinstance(i, Name)}
        is_label = bool(letters) and not letters & {x for o in others for x in outside(o, scripts=False)}
        if ("|" in group.bars or (not group.bars and is_label)) and not any(isinstance(i, Number) for i in group.items):
            found.setdefault(spelled_head(head), set()).add(applied_text(head, group))
    return {head: texts for head, texts in found.items() if len(texts) > 1}


def _with_index_below(node: Node) -> Node:
    """The name x_i for x^{(i)}."""
    sup = node.sups[0] if isinstance(node, Scripted) and len(node.sups) == 1 and not node.subs else None
    if isinstance(node, Scripted) and isinstance(sup, Group) and sup.bracket == "(" and len(sup.items) == 1:
        return replace(node, subs=sup.items, sups=())
    return node


def at_member(head: Node, group: Group) -> tuple[str, Node] | None:
    r"""The name p(y \mid x) of p(y_i \mid x_i), and the index; None where the brackets hold no members with one."""
    cores: list[Node] = []
    subs: list[Node] = []
    for item in map(_with_index_below, group.items):
        is_member = isinstance(item, Scripted) and len(item.subs) == 1 and not item.sups and not item.primes
        if isinstance(item, Scripted) and is_member:
            subs.append(item.subs[0])
        cores.append(item.core if isinstance(item, Scripted) and is_member else item)
    if not subs or len(set(map(spell, subs))) > 1 or not all(isinstance(c, (Name, Number)) for c in cores):
        return None
    return applied_text(head, replace(group, items=tuple(cores))), subs[0]
