r"""Relations between differentials, dy = 2x\,dx, as relations between derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symdl.errors import ReadError
from symdl.read.nodes import Derivative, Name, Node, Number, Product, Scripted, Sum, Word
from symdl.read.scripts import children, spell
from symdl.read.source import Source


def divided(sides: Sequence[Node | ReadError], source: Source, defined: frozenset[str]) -> list[Node | ReadError]:
    """The sides of a relation, divided by the differential that they share: dy = 2x dx as dy/dx = 2x.

    That is what is meant of a defined y and a free x: the dw of dw = x dz may be the name of a derivative by w.
    Sides with differentials of another form are errors: read as products they would say something else.
    """
    good = [s for s in sides if isinstance(s, Node)]
    if not any(map(_holds, good)) or any(map(_stands_alone, good)):
        return list(sides)
    first = _differential(sides[0]) if isinstance(sides[0], Node) else None
    others = [_differential(s) if isinstance(s, Node) else None for s in sides[1:]]
    wrt = next((o[0] for o in others if o is not None), None)
    is_plain = first is not None and first[1] is None and wrt is not None
    is_plain = is_plain and first is not None and wrt is not None and spell(first[0]) in defined
    is_plain = is_plain and wrt is not None and spell(wrt) not in defined
    if not is_plain or first is None or wrt is None or any(o is None or spell(o[0]) != spell(wrt) for o in others):
        error = "a differential is not read here"
        return [
            source.error(error, s.at, r"write the derivative: \frac{dy}{dx}")
            if isinstance(s, Node) and _holds(s)
            else s
            for s in sides
        ]
    head = sides[0]
    assert isinstance(head, Node)
    found: list[Node | ReadError] = [Derivative(head.at, head.end, "d", 1, first[0], ((wrt, 1),))]
    for side, other in zip(sides[1:], others, strict=True):
        assert isinstance(side, Node) and other is not None
        found.append(other[1] or Number(side.at, side.end, "1"))
    return found


def _is_sign(node: Node) -> bool:
    return (isinstance(node, Name) and node.text == "d") or (isinstance(node, Word) and node.text == "d")


def _holds(node: Node) -> bool:
    """Whether a d stands before a name somewhere in the node."""
    if isinstance(node, Product):
        pairs = zip(node.parts, node.parts[1:], strict=False)
        if any(_is_sign(a) and not sign and isinstance(b, (Name, Scripted)) for (_, a), (sign, b) in pairs):
            return True
    # The d of W_{dk} is an index.
    return any(map(_holds, (node.core, *node.sups) if isinstance(node, Scripted) else children(node)))


def _stands_alone(node: Node) -> bool:
    """Whether a d stands anywhere but before a name: then it is a quantity."""
    if _is_sign(node):
        return True
    inner = list(children(node))
    if isinstance(node, Product):
        inner = []
        for (_, part), following in zip(node.parts, [*node.parts[1:], None], strict=True):
            is_before = following is not None and not following[0] and isinstance(following[1], (Name, Scripted))
            if not (_is_sign(part) and is_before):
                inner.append(part)
    return any(map(_stands_alone, inner))


def _differential(node: Node) -> tuple[Node, Node | None] | None:
    """What f dx is a differential of, and f, or None for f = 1; None where the node is no such product."""
    if isinstance(node, Sum):
        terms = [(sign, _differential(n)) for sign, n in node.terms]
        firsts = [t for _, t in terms if t is not None]
        if len(firsts) < len(terms) or len({spell(t[0]) for t in firsts}) > 1:
            return None
        rest = tuple((s, t[1] or Number(node.at, node.end, "1")) for (s, _), t in zip(terms, firsts, strict=True))
        return firsts[0][0], replace(node, terms=rest)
    if not isinstance(node, Product) or len(node.parts) < len(("d", "x")):
        return None
    *rest_, (_, sign), (between, wrt) = node.parts
    if not _is_sign(sign) or between or not isinstance(wrt, (Name, Scripted)) or any(_holds(n) for _, n in rest_):
        return None
    if not rest_:
        return wrt, None
    return wrt, rest_[0][1] if len(rest_) == 1 else replace(node, parts=tuple(rest_))
