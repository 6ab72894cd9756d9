r"""Names that stand for functions of which nothing is known but that they are: the g of a = g(z).

Such a name is one of which the words say so, or a usual letter for a function that stands nowhere but before plain
quantities in brackets.  Beside a proof it may also be one with a prime before brackets, g'(z), or one that is applied
to what the function on the left side is applied to, L(w) = L_0(w) + \lambda w^2.  A name that is defined, and one that
is also used without brackets, is none.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace

from symdl.language.functions import by_spelling
from symdl.read.joining import is_number
from symdl.read.nodes import Derivative, Group, Mark, Nabla, Name, Node, Product, Scripted, Word
from symdl.read.scripts import before_brackets, brackets_in, children, inside_of, spell, unprimed
from symdl.read.vocabulary import Vocabulary

USUAL = frozenset(("f", "g", "h", "F", "G", r"\phi", r"\varphi", r"\psi"))
_GENERAL = (
    r"any|some|arbitrary|general|given|fixed|certain|unknown|suitable|smooth|(?:twice|continuously|once|infinitely)|"
    r"differentiable|continuous|positive|negative|nonnegative|non-negative|real|real-valued|scalar|univariate|"
    r"monotone|monotonic|increasing|decreasing|strictly|convex|concave|invertible|bounded|nonlinear|non-linear|"
    r"activation|transfer|element-?wise|entry-?wise|component-?wise|and"
)
_ADJECTIVES = r"(?:(?!of\b)[a-z-]+,?\s+){0,5}"
_FUNCTION = r"(?:function|activation|non-?linearity)\b"
_AFTER = re.compile(
    rf"^\s*(?:is|be|denotes)\s+(?:(?:a|an|any|some|the|our)\s+)?(?P<adjectives>{_ADJECTIVES}){_FUNCTION}", re.I
)
_BEFORE = re.compile(rf"\b(?P<adjectives>(?:some|any|a|an|every)\s+{_ADJECTIVES}){_FUNCTION}\s*$", re.I)
_ANY = re.compile(rf"\s*(?:(?:a|an|any|some|every|{_GENERAL}),?\s*)*", re.I)
_NAMED = re.compile(
    r"\b(?:" + "|".join(sorted(map(re.escape, by_spelling()), key=len, reverse=True))
    + r"|logistic|identity|linear|rectifie[rd]|threshold|hyperbolic|heaviside|sign|swish)\b", re.I,
)  # fmt: skip
"""Words that may say which function one is."""


def is_said(before: str, after: str) -> bool:
    """Whether the words around a name say that it is some function."""
    return _AFTER.match(after) is not None or _BEFORE.search(before) is not None


def is_any(before: str, after: str) -> bool:
    """Whether the words around a name say that it is a function and nothing by which functions differ."""
    said = _AFTER.match(after) or _BEFORE.search(before)
    return said is not None and _ANY.fullmatch(said["adjectives"]) is not None


def may_be_named(text: str) -> bool:
    """Whether words may say which function an undefined one is."""
    return _NAMED.search(text) is not None


@dataclass
class Uses:
    """How often each name stands before a bracket with plain quantities in it, and how often otherwise.

    `before` counts those before a bracket with another term in it and those with primes, `primed` are the names with
    primes before a bracket.
    """

    applied: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    bare: dict[str, int] = field(default_factory=dict)
    primed: set[str] = field(default_factory=set)


def uses(nodes: Iterable[Node], names: Vocabulary, *, primes: bool = True) -> Uses:
    """The uses of all names without indices in these formulas.

    `primes` says whether those with primes before a bracket are looked for.
    """
    found = Uses()
    for node in nodes:
        _count(node, names, found)
        if primes:
            found.primed |= primed(node)
    return found


def primed(node: Node) -> set[str]:
    """The names with primes that stand before a bracket with one term in it: f'(x)."""
    return {text for text, primes, _ in applications_in(node) if primes}


def told(sides: Iterable[Node]) -> Iterator[str]:
    """The names of which an equation says what they are at something: f(x) = x^2, and f'(x) = 2x without a prime."""
    for a, b in itertools.pairwise(sides):
        for one, other in ((a, b), (b, a)):
            inside = list(inside_of(other))
            if any(isinstance(n, (Derivative, Nabla)) for n in inside):
                continue
            if not primed(other):
                yield from primed(one)
            if isinstance(one, Product) and len(one.parts) == len(_PAIR):
                others = {t for t, _, _ in applications_in(other)} - {r"\sigma"}
                yield from (t for t, primes, _ in applications(one) if not primes and not others)


def applications(node: Node) -> Iterator[tuple[str, int, Group]]:
    """The names in a product before brackets with one term in them, each with its primes and the brackets."""
    return _applications(before_brackets(node))


def applications_in(node: Node) -> Iterator[tuple[str, int, Group]]:
    """The same for what stands before brackets anywhere in a node."""
    return _applications(brackets_in(node))


def _applications(pairs: Iterable[tuple[Node, Group]]) -> Iterator[tuple[str, int, Group]]:
    for head, core in pairs:
        text = unprimed(head)
        if text and core.bracket == "(" and len(core.items) == 1 and not isinstance(core.items[0], Word):
            yield text, head.primes if isinstance(head, Scripted) else 0, core


def of_vectors(nodes: Iterable[Node], vectors: Set[str]) -> dict[str, Name]:
    """The names that stand before one of these vectors in brackets wherever they are applied, each with the vector."""
    found: dict[str, Name] = {}
    refused: set[str] = set()
    for node in nodes:
        for text, primes, group in applications_in(node):
            item = group.items[0]
            if (
                not isinstance(item, Name)
                or item.text not in vectors
                or primes
                or found.setdefault(text, item).text != item.text
            ):
                refused.add(text)
    return {text: item for text, item in found.items() if text not in refused}


def applied_name(node: Node, names: Vocabulary) -> tuple[str, tuple[Node, ...]] | None:
    """The name and the arguments of g(z), where that is all that the node is."""
    if not isinstance(node, Product) or len(node.parts) != 2:
        return None
    (_, head), (sign, group) = node.parts
    arguments = _arguments(group, names) if not sign else ()
    return (head.text, arguments) if isinstance(head, Name) and arguments else None


def with_head(left: Node, right: Node) -> Iterator[str]:
    """The names on the right side that are applied to what the name on the left side is applied to."""
    own = [(text, spell(group)) for text, primes, group in applications(left) if not primes]
    if len(own) != 1 or not isinstance(left, Product) or len(left.parts) != len(_PAIR):
        return
    for inner in inside_of(right):
        for text, _, group in applications(inner):
            if spell(group) == own[0][1] and text != own[0][0]:
                yield text


def with_own(sides: Sequence[tuple[Node, ...]]) -> Iterator[str]:
    """The names on right sides that are applied to what the name on some left side is applied to."""
    heads = [side for side, *_ in sides if isinstance(side, Product) and len(side.parts) == len(_PAIR)]
    own = {spell(group) for head in heads for _, primes, group in applications(head) if not primes}
    for inner in (n for _, *others in sides for side in others for n in inside_of(side)) if own else ():
        yield from (text for text, _, group in applications(inner) if spell(group) in own)


def by_itself(sides: Sequence[Node]) -> Iterator[str]:
    r"""The names that one side applies to one thing and the other side to another: \Gamma(x + 1) = x \Gamma(x)."""
    for left, right in itertools.pairwise(sides):
        whole = isinstance(left, Product) and len(left.parts) == len(_PAIR)
        own = [(text, spell(group)) for text, primes, group in applications(left) if whole and not primes]
        others = {(text, spell(group)) for text, primes, group in applications_in(right) if not primes}
        yield from (text for text, at in own if any(t == text and other != at for t, other in others))


def at_numbers(sides: Iterable[Node]) -> set[str]:
    """The names that stand before different numbers in brackets, and before nothing else: the f of f(4) - f(3)."""
    found: dict[str, set[str]] = {}
    refused: set[str] = set()
    for text, primes, group in (x for side in sides for x in applications_in(side)):
        found.setdefault(text, set()).add(spell(group))
        refused |= set() if is_number(group) and not primes else {text}
    return {text for text, groups in found.items() if len(groups) > 1} - refused


_PAIR = ("head", "bracket")


def _arguments(node: Node, names: Vocabulary) -> tuple[Node, ...]:
    """The plain quantities in a bracket; none where anything else is in it."""
    if not isinstance(node, Group) or node.bracket != "(":
        return ()
    powers = [i for i in node.items if isinstance(i, Scripted) and names.power_of(i)]
    return node.items if not powers and all(names.occurrence(i) is not None for i in node.items) else ()


def _count(node: Node, names: Vocabulary, found: Uses) -> None:
    """Counts how the names in a formula stand."""
    if isinstance(node, Product):
        for (_, part), following in zip(node.parts, [*node.parts[1:], None], strict=True):
            is_primed = isinstance(part, Scripted) and bool(part.primes) and not part.subs and not part.sups
            head = part.core if isinstance(part, Scripted) and is_primed else part
            if isinstance(head, Name) and following is not None and not following[0]:
                core = following[1].core if isinstance(following[1], Scripted) else following[1]
                items = core.items if isinstance(core, Group) and core.bracket == "(" else ()
                # What is said of h(\text{initial}) is said of a quantity of that name.
                is_name = not items or any(isinstance(i, Word) for i in items)
                is_applied = not is_name and bool(_arguments(core, names))
                table = found.applied if is_applied else found.bare if is_name or len(items) > 1 else found.before
                table[head.text] = table.get(head.text, 0) + 1
            else:
                _count(part, names, found)
        return
    if isinstance(node, (Derivative, Nabla)) and isinstance(node.of, Name):
        # What is differentiated may be a function as well as a quantity.
        node = replace(node, of=Mark(node.at, node.end, "?"))
    o = names.occurrence(node)
    if o is not None and not o.below:
        table, key = (found.before, o.key.rstrip("'")) if o.key.endswith("'") else (found.bare, o.key)
        table[key] = table.get(key, 0) + 1
    for child in children(node):
        if o is None or not (isinstance(node, Scripted) and child is node.core):
            _count(child, names, found)
