r"""How wide a formula is set, and where a line that is too wide is broken.

Widths are estimates in em of the text size, a little above what Computer Modern takes, so that what is judged to fit
fits.
"""

from __future__ import annotations

from symdl.write.tree import (
    Accent,
    Big,
    Boxed,
    Branches,
    Digits,
    Fence,
    Frac,
    Function,
    Grid,
    Letter,
    Name,
    Node,
    Root,
    Row,
    Script,
    Sign,
    Space,
    Styled,
    Upright,
    Words,
    is_tall,
    row,
)

_SIGN = {"binary": 1.22, "relation": 1.35, "prefix": 0.8, "punctuation": 0.45, "times": 0.0, "apply": 0.17,
         "ordinary": 0.4, "open": 0.4, "close": 0.4}  # fmt: skip
_NARROW = frozenset("ijlftrI")
_WIDE = frozenset("mwMWQOGDHKNUX")
_SMALL = 0.73


def width(node: Node, display: bool = True) -> float:
    """The estimated width of a formula, in display style or with limits beside their operator."""
    match node:
        case Letter(latex):
            return 0.42 if latex in _NARROW else 0.92 if latex in _WIDE else 0.76 if latex.isupper() else 0.59
        case Digits(text):
            return 0.51 * len(text)
        case Upright(text) | Words(text):
            return 0.5 * len(text) + 0.1
        case Styled(_, body) | Accent(_, body):
            return 1.1 * width(body)
        case Name(_, shape) | Function(_, shape):
            return width(shape)
        case Sign(latex, role):
            if role == "ordinary" and "dots" in latex:
                return 1.2
            return _SIGN[role]
        case Row(parts):
            return sum(width(p, display) + (0.17 if isinstance(p, Function | Frac | Big) else 0.0) for p in parts)
        case Frac(top, bottom):
            return max(width(top, False), width(bottom, False)) + 0.3
        case Script(base, sub, sup):
            scripts = max(width(n) if n is not None else 0.0 for n in (sub, sup))
            return width(base) + _SMALL * scripts + 0.06
        case Root(body, _):
            return width(body) + 0.95
        case Big(_, low, high):
            limits = max(_SMALL * width(n) if n is not None else 0.0 for n in (low, high))
            return max(1.45, limits + 0.1) if display else 1.2 + limits
        case Fence(left, body, right):
            side = 0.8 if is_tall(body) else 0.4
            return width(body, display) + side * (bool(left) + bool(right))
        case Branches(rows):
            return _table(rows, 1.0) + 1.0
        case Grid(left, rows, _):
            return _table(rows, 1.0 if left else 0.3) + (1.2 if left else 0.0)
        case Space(room):
            return room
        case Boxed(body):
            return width(body) + 0.8
    raise AssertionError(node)


def _table(rows: tuple[tuple[Node, ...], ...], gap: float) -> float:
    count = max((len(r) for r in rows), default=0)
    columns = [max((width(r[n]) for r in rows if n < len(r)), default=0.0) for n in range(count)]
    return sum(columns) + gap * max(0, count - 1)


def broken(node: Node, limit: float) -> list[Node]:
    """The formula in lines no wider than `limit` where that can be had: each new line begins with its sign.

    Broken are sums; then, where a single term is too wide, the sum in its brackets, and at last a product.
    """
    if width(node) <= limit:
        return [node]
    parts = node.parts if isinstance(node, Row) else (node,)
    lines = _filled(_pieces(parts, "binary"), limit)
    found: list[Node] = []
    for line in lines:
        found.extend([line] if width(line) <= limit else _inside(line, limit))
    return found


def beside_or_across(node: Node, room: float, line: float) -> tuple[list[Node], bool]:
    """The formula in lines that leave room for a reason beside them, or else, and True, in lines of the whole width."""
    parts = node.parts if isinstance(node, Row) else (node,)
    lines = _filled(_pieces(parts, "binary"), room)
    if all(width(x) <= room for x in lines):
        return lines, False
    return broken(node, line), True


def _pieces(parts: tuple[Node, ...], role: str) -> list[tuple[Node, ...]]:
    """The parts cut before each sign of this role, but for one at the start."""
    found: list[tuple[Node, ...]] = []
    start = 0
    for n, part in enumerate(parts):
        if n > start and isinstance(part, Sign) and part.role == role:
            found.append(parts[start:n])
            start = n
    return [*found, parts[start:]]


def _filled(pieces: list[tuple[Node, ...]], limit: float) -> list[Node]:
    lines: list[tuple[Node, ...]] = [pieces[0]]
    for piece in pieces[1:]:
        longer = (*lines[-1], *piece)
        if width(Row(longer)) <= limit:
            lines[-1] = longer
        else:
            lines.append(piece)
    return [row(*line) for line in lines]


def _inside(node: Node, limit: float) -> list[Node]:
    """A wide term broken inside its widest bracket, which is then set in fixed size; else between its factors."""
    parts = node.parts if isinstance(node, Row) else (node,)
    fences = [p for p in parts if isinstance(p, Fence) and p.left in ("(", "[") and isinstance(p.body, Row)]
    widest = max(fences, key=width, default=None)
    if widest is not None and any(isinstance(p, Sign) and p.role == "binary" for p in widest.body.parts):  # type: ignore[union-attr]
        at = parts.index(widest)
        inner = widest.body.parts  # type: ignore[union-attr]
        left, right = Sign(widest.left, "open"), Sign(widest.right, "close")
        pieces = _pieces((*parts[:at], left), "none")
        cut = _pieces(inner, "binary")
        cut[0] = (*pieces[0], *cut[0])
        cut[-1] = (*cut[-1], right, *parts[at + 1 :])
        return _filled(cut, limit)
    factors = _pieces(parts, "times")
    if len(factors) == 1:
        return [node]
    first, *others = _filled(factors, limit)
    return [first, *(row(Sign(r"\times"), *(x.parts if isinstance(x, Row) else (x,))[1:]) for x in others)]
