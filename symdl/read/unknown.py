r"""Names that stand for functions of which nothing is known but that they are: the g of a = g(z).

Such a name is one of which the words say so, or a usual letter for a function that stands nowhere but before plain
quantities in brackets.  A name that is defined, and one that is also used without brackets, is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from symdl.read.nodes import Derivative, Group, Mark, Nabla, Name, Node, Product, Scripted
from symdl.read.scripts import children
from symdl.read.vocabulary import Vocabulary

USUAL = frozenset(("f", "g", "h", r"\phi", r"\varphi", r"\psi"))
_ADJECTIVES = r"(?:(?!of\b)[a-z-]+,?\s+){0,5}"
_AFTER = re.compile(rf"^\s*(?:is|be|denotes)\s+(?:a|an|any|some|the|our)\s+{_ADJECTIVES}function\b", re.IGNORECASE)
_BEFORE = re.compile(rf"\b(?:some|any|a|an|every)\s+{_ADJECTIVES}function\s*$", re.IGNORECASE)


def is_said(before: str, after: str) -> bool:
    """Whether the words around a name say that it is some function."""
    return _AFTER.match(after) is not None or _BEFORE.search(before) is not None


@dataclass
class Uses:
    """How often each name stands before a bracket with plain quantities in it, and how often otherwise."""

    applied: dict[str, int] = field(default_factory=dict)
    bare: dict[str, int] = field(default_factory=dict)


def uses(nodes: Iterable[Node], names: Vocabulary) -> Uses:
    """The uses of all names without indices in these formulas."""
    found = Uses()
    for node in nodes:
        for key, is_applied in _walk(node, names):
            table = found.applied if is_applied else found.bare
            table[key] = table.get(key, 0) + 1
    return found


def applied_name(node: Node, names: Vocabulary) -> tuple[str, tuple[Node, ...]] | None:
    """The name and the arguments of g(z), where that is all that the node is."""
    if not isinstance(node, Product) or len(node.parts) != 2:
        return None
    (_, head), (sign, group) = node.parts
    arguments = _arguments(group, names) if not sign else ()
    return (head.text, arguments) if isinstance(head, Name) and arguments else None


def _arguments(node: Node, names: Vocabulary) -> tuple[Node, ...]:
    """The plain quantities in a bracket; none where anything else is in it."""
    if not isinstance(node, Group) or node.bracket != "(":
        return ()
    powers = [i for i in node.items if isinstance(i, Scripted) and names.power_of(i)]
    return node.items if not powers and all(names.occurrence(i) is not None for i in node.items) else ()


def _walk(node: Node, names: Vocabulary) -> Iterator[tuple[str, bool]]:
    if isinstance(node, Product):
        for (_, part), following in zip(node.parts, [*node.parts[1:], None], strict=True):
            is_primed = isinstance(part, Scripted) and bool(part.primes) and not part.subs and not part.sups
            head = part.core if isinstance(part, Scripted) and is_primed else part
            if isinstance(head, Name) and following is not None and not following[0]:
                core = following[1].core if isinstance(following[1], Scripted) else following[1]
                yield head.text, bool(_arguments(core, names))
            else:
                yield from _walk(part, names)
        return
    if isinstance(node, (Derivative, Nabla)) and isinstance(node.of, Name):
        # What is differentiated may be a function as well as a quantity.
        node = replace(node, of=Mark(node.at, node.end, "?"))
    o = names.occurrence(node)
    if o is not None and not o.below:
        yield o.key.rstrip("'"), False
    for child in children(node):
        if o is None or not (isinstance(node, Scripted) and child is node.core):
            yield from _walk(child, names)
