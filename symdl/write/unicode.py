"""The layout tree as Unicode text: on one line, or stacked in two dimensions for a terminal."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from types import MappingProxyType

from symdl.write.glyphs import ACCENTS, BIG, FENCES, LETTERS, SIGNS, alphabet
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
    merged,
)

_SUPERSCRIPTS = MappingProxyType(
    dict(zip("0123456789+−=()abcdefghijklmnoprstuvwxyzTABDEGHIJKLMNOPRUVW′⊤*",
             "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵁⱽᵂ′ᵀ*", strict=True))
)  # fmt: skip
_SUBSCRIPTS = MappingProxyType(
    dict(zip("0123456789+−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
)


@dataclass(frozen=True)
class Box:
    """Lines of equal width; `axis` is the line that stands level with its neighbours."""

    lines: tuple[str, ...]
    axis: int

    @property
    def width(self) -> int:
        return columns(self.lines[0])

    @property
    def below(self) -> int:
        return len(self.lines) - 1 - self.axis


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def line(node: Node) -> str:
    """The formula on one line: scripts by Unicode where it has the characters, fractions with a slash."""
    match node:
        case Letter(latex):
            return LETTERS.get(latex, latex)
        case Digits(text) | Upright(text) | Words(text):
            return _printable(text)
        case Styled(style, body):
            return "".join(alphabet(style, c) for c in line(body))
        case Accent(kind, body):
            inside = line(body)
            return unicodedata.normalize("NFC", inside + ACCENTS[kind]) if inside else ""
        case Name(_, shape) | Function(_, shape):
            return line(shape)
        case Sign():
            return _sign(node)
        case Row(parts):
            return _row_line(parts)
        case Frac(top, bottom):
            return f"{_operand(top)}/{_operand(bottom, strict=not _is_differential(bottom))}"
        case Script():
            whole = merged(node)
            scripts = _scripted(whole.sub, "_", _SUBSCRIPTS) + _scripted(whole.sup, "^", _SUPERSCRIPTS)
            return line(whole.base) + scripts
        case Root(body, degree):
            return f"{'' if degree is None else _scripted(degree, '^', _SUPERSCRIPTS)}√{_operand(body, strict=True)}"
        case Big(latex, low, high):
            sign = BIG.get(latex, latex.lstrip("\\"))
            return sign + _scripted(low, "_", {}) + _scripted(high, "^", {}) + " "
        case Fence(left, body, right):
            return f"{FENCES[left]}{line(body)}{FENCES[right]}"
        case Branches(rows):
            return "{" + "; ".join(" ".join(line(cell) for cell in cells) for cells in rows) + "}"
        case Grid(left, rows, right):
            inside = "; ".join(" ".join(line(cell) for cell in cells) for cells in rows)
            return f"{FENCES[left]}{inside}{FENCES[right]}"
        case Space(width):
            return " " * max(1, round(width * 2))
        case Boxed(body):
            return line(body)
    raise AssertionError(node)


def stacked(node: Node) -> Box:
    """The formula in two dimensions: fractions with a bar, limits above and below their operator."""
    match node:
        case Row(parts):
            return _beside(_row_boxes(parts))
        case Name(_, shape) | Function(_, shape):
            return stacked(shape)
        case Frac(top, bottom):
            return _over(stacked(top), stacked(bottom))
        case Script():
            whole = merged(node)
            return _scripts(stacked(whole.base), whole.sub, whole.sup)
        case Root(body, None):
            return _root(stacked(body))
        case Big(latex, low, high):
            return _limits(latex, low, high)
        case Fence(left, body, right):
            inside = stacked(body)
            return _beside([_brace(FENCES[left], inside), inside, _brace(FENCES[right], inside)])
        case Branches(rows):
            table = _table([[stacked(cell) for cell in cells] for cells in rows])
            return _beside([_brace("{", table), text(" "), table])
        case Grid(left, rows, right):
            table = _table([[stacked(cell) for cell in cells] for cells in rows])
            return _beside([_brace(FENCES[left], table), table, _brace(FENCES[right], table)])
        case Boxed(body):
            return framed(stacked(body))
    return text(line(node))


def text(words: str) -> Box:
    """One line of text as a box."""
    return Box((words,), 0)


def framed(inside: Box) -> Box:
    """A box with a frame around it."""
    rule = "─" * (inside.width + 2)
    return Box((f"┌{rule}┐", *(f"│ {x} │" for x in inside.lines), f"└{rule}┘"), inside.axis + 1)


def _printable(words: str) -> str:
    return "".join(c for c in words if c.isprintable())


def _sign(sign: Sign) -> str:
    if sign.role == "times":
        return " "
    if sign.role == "apply":
        return " "
    if sign.role in ("open", "close"):
        return FENCES[sign.latex]
    glyph = SIGNS[sign.latex]
    if sign.role in ("binary", "relation"):
        return f" {glyph} "
    return f"{glyph} " if sign.role == "punctuation" else glyph


def _signs(parts: tuple[Node, ...]) -> list[tuple[Node, str | None]]:
    """Each part with the text that a sign has at this place."""
    found: list[tuple[Node, str | None]] = []
    for n, part in enumerate(parts):
        after = parts[n + 1] if n + 1 < len(parts) else None
        before = parts[n - 1] if n else None
        if not isinstance(part, Sign):
            found.append((part, None))
            continue
        shown = _sign(part)
        bracket = after.base if isinstance(after, Script) else after
        opens = isinstance(bracket, Fence) or (isinstance(bracket, Sign) and bracket.role == "open")
        first = before is None or (isinstance(before, Sign) and before.role not in ("close", "ordinary"))
        if part.role in ("times", "apply") and opens:
            shown = ""
        elif part.role == "binary" and first:
            shown = shown.strip()
        found.append((part, shown))
    return found


def _row_line(parts: tuple[Node, ...]) -> str:
    return "".join(line(part) if shown is None else shown for part, shown in _signs(parts))


def _row_boxes(parts: tuple[Node, ...]) -> list[Box]:
    found = []
    for part, shown in _signs(parts):
        box = stacked(part) if shown is None else text(shown)
        if shown == "" or not box.lines[0]:
            continue
        found.append(box)
    return found


def _operand(node: Node, strict: bool = False) -> str:
    """One side of a slash, bracketed unless it is a single thing (or, above the slash, a product)."""
    inside = line(node)
    simple = not isinstance(node, Row) and not isinstance(node, Frac)
    if not strict and isinstance(node, Row):
        simple = not any((isinstance(p, Sign) and p.role in ("binary", "relation")) or isinstance(p, Big | Frac)
                         for p in node.parts)  # fmt: skip
    return inside if simple else f"({inside})"


def _is_differential(node: Node) -> bool:
    """Whether a denominator is a single ∂x, which needs no brackets."""
    return isinstance(node, Row) and len(node.parts) == 2 and node.parts[0] in (Letter(r"\partial"), Letter("d"))


def _scripted(node: Node | None, mark: str, table: MappingProxyType[str, str] | dict[str, str]) -> str:
    if node is None:
        return ""
    inside = line(node)
    compact = inside.replace(" ", "")
    if compact and all(c in table for c in compact):
        return "".join(table[c] for c in compact)
    return f"{mark}{compact}" if len(compact) == 1 else f"{mark}({compact})"


def _pad(words: str, width: int, side: str = "center") -> str:
    room = width - columns(words)
    left = 0 if side == "left" else room if side == "right" else room // 2
    return " " * left + words + " " * (room - left)


def _beside(boxes: list[Box]) -> Box:
    if not boxes:
        return text("")
    above = max(b.axis for b in boxes)
    below = max(b.below for b in boxes)
    lines = []
    for n in range(-above, below + 1):
        cells = (b.lines[n + b.axis] if 0 <= n + b.axis < len(b.lines) else " " * b.width for b in boxes)
        lines.append("".join(cells))
    return Box(tuple(lines), above)


def _over(top: Box, bottom: Box) -> Box:
    width = max(top.width, bottom.width)
    rows = [*(_pad(x, width) for x in top.lines), "─" * width, *(_pad(x, width) for x in bottom.lines)]
    lines = [f" {x} " for x in rows]
    return Box(tuple(lines), len(top.lines))


def _scripts(base: Box, sub: Node | None, sup: Node | None) -> Box:
    low = _scripted(sub, "", _SUBSCRIPTS) if sub is not None and _fits(sub, _SUBSCRIPTS) else None
    high = _scripted(sup, "", _SUPERSCRIPTS) if sup is not None and _fits(sup, _SUPERSCRIPTS) else None
    if len(base.lines) == 1 and (sub is None or low is not None) and (sup is None or high is not None):
        return text(base.lines[0] + (low or "") + (high or ""))
    above = _tight(sup) if sup is not None else None
    under = _tight(sub) if sub is not None else None
    if under is not None and low is not None and len(base.lines) == 1:
        base, under = text(base.lines[0] + low), None
    width = max((b.width for b in (above, under) if b is not None), default=0)
    column = [_pad(x, width, "left") for x in (above.lines if above else ())]
    column += [" " * width] * len(base.lines)
    column += [_pad(x, width, "left") for x in (under.lines if under else ())]
    axis = base.axis + (len(above.lines) if above else 0)
    return _beside([base, Box(tuple(column), axis)])


def _tight(node: Node) -> Box:
    """A script in two dimensions; without spaces where it takes one line."""
    box = stacked(node)
    return text(box.lines[0].replace(" ", "")) if len(box.lines) == 1 else box


def _fits(node: Node, table: MappingProxyType[str, str]) -> bool:
    return all(c in table for c in line(node).replace(" ", ""))


def _root(inside: Box) -> Box:
    if len(inside.lines) == 1 and inside.width <= 1:
        return text("√" + inside.lines[0])
    rows = ["┌" + "─" * (inside.width + 1)]
    rows += [("√" if n == len(inside.lines) - 1 else "│") + x + " " for n, x in enumerate(inside.lines)]
    return Box(tuple(_pad(x, inside.width + 2, "left") for x in rows), inside.axis + 1)


def _limits(latex: str, low: Node | None, high: Node | None) -> Box:
    sign = BIG.get(latex, latex.lstrip("\\"))
    top = line(high).replace(" ", "") if high is not None else None
    below = line(low).replace(" ", "") if low is not None else None
    width = max(columns(x) for x in (sign, top or "", below or ""))
    lines = [*([_pad(top, width)] if top is not None else []), _pad(sign, width)]
    axis = len(lines) - 1
    lines += [_pad(below, width)] if below is not None else []
    return _beside([Box(tuple(lines), axis), text(" ")])


_BRACES = MappingProxyType(
    {"(": "⎛⎜⎝", ")": "⎞⎟⎠", "[": "⎡⎢⎣", "]": "⎤⎥⎦", "|": "│││", "‖": "║║║", "{": "⎧⎪⎩", "}": "⎫⎪⎭"}
)


def _brace(glyph: str, beside: Box) -> Box:
    if not glyph:
        return Box(("",) * len(beside.lines), beside.axis)
    height = len(beside.lines)
    if height == 1 or glyph not in _BRACES:
        return text(glyph)
    top, middle, bottom = tuple(_BRACES[glyph])
    lines = [top, *[middle] * (height - 2), bottom]
    if glyph in "{}" and height > 2:
        lines[height // 2] = "⎨" if glyph == "{" else "⎬"
    elif glyph in "{}":
        lines = ["⎰", "⎱"] if glyph == "{" else ["⎱", "⎰"]
    return Box(tuple(lines), beside.axis)


def _table(rows: list[list[Box]]) -> Box:
    count = max((len(r) for r in rows), default=0)
    widths = [max((r[n].width for r in rows if n < len(r)), default=0) for n in range(count)]
    lines: list[str] = []
    for cells in rows:
        padded = [Box(tuple(_pad(x, w, "left") for x in c.lines), c.axis) for c, w in zip(cells, widths, strict=False)]
        spaced = [b for n, p in enumerate(padded) for b in ([text("  ")] if n else []) + [p]]
        lines += _beside(spaced).lines
    width = max((columns(x) for x in lines), default=0)
    return Box(tuple(_pad(x, width, "left") for x in lines) or ("",), len(lines) // 2)
