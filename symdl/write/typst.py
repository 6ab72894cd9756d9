"""The layout tree as Typst mathematics; every name and word is a glyph of the tables or a quoted string."""

from __future__ import annotations

from types import MappingProxyType

from symdl.write.glyphs import BIG, FENCES, LETTERS, SIGNS
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

_ACCENTS = MappingProxyType(
    {"hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "macron", "overline": "overline",
     "vec": "arrow", "dot": "dot", "ddot": "dot.double", "check": "caron", "breve": "breve", "acute": "acute",
     "grave": "grave", "underline": "underline"}
)  # fmt: skip

_STYLES = MappingProxyType(
    {"bold": "bold(upright({}))", "bolditalic": "bold({})", "calligraphic": "cal({})", "fraktur": "frak({})",
     "blackboard": "bb({})", "upright": "upright({})", "sans": "sans({})", "typewriter": "mono({})"}
)  # fmt: skip

_BARS = ("|", "‖")

_SPECIAL = frozenset("()[]{},;:/|.'&#$\"\\_^`*~@<>=-+!…")


def quoted(text: str) -> str:
    """A Typst string literal."""
    inside = "".join(c for c in text if c.isprintable())
    return '"' + inside.replace("\\", "\\\\").replace('"', '\\"') + '"'


def escape(text: str) -> str:
    """Plain text for Typst's markup mode: printed as it is, through a string."""
    return f"#text({quoted(text)})" if text else ""


def typst(node: Node) -> str:
    """The formula in Typst's mathematics, without delimiters."""
    match node:
        case Letter(latex):
            return LETTERS.get(latex, latex)
        case Digits(text):
            return text
        case Upright(text):
            return f"upright({quoted(text)})"
        case Styled(style, body):
            return _STYLES[style].format(typst(body))
        case Accent(kind, body):
            return f"{_ACCENTS[kind]}({typst(body)})"
        case Name(_, shape):
            return typst(shape)
        case Function(_, Upright(text)):
            return f"op({quoted(text)})"
        case Function(_, shape):
            return typst(shape)
        case Sign():
            return _sign(node)
        case Row(parts):
            return _row(parts)
        case Frac(top, bottom):
            return f"frac({_argument(top)}, {_argument(bottom)})"
        case Script():
            whole = merged(node)
            return _attach(_argument(whole.base), whole.sub, whole.sup)
        case Root(body, degree):
            if degree is None:
                return f"sqrt({_argument(body)})"
            return f"root({_argument(degree)}, {_argument(body)})"
        case Big(latex, low, high):
            sign = BIG.get(latex)
            head = sign if sign is not None else f"op({quoted(latex[1:])}, limits: #true)"
            return _attach(head, low, high)
        case Fence(left, body, right):
            return f"lr({_bracket(left)} {typst(body)} {_bracket(right)})"
        case Branches(rows):
            return f"cases({', '.join(' & quad '.join(typst(cell) for cell in cells) for cells in rows)})"
        case Grid(left, rows, right):
            cells = "; ".join(", ".join(_argument(cell) for cell in cells) for cells in rows)
            if not left and not right:
                return f"mat(delim: #none, align: #left, {cells})"
            return f"lr({_bracket(left)} mat(delim: #none, {cells}) {_bracket(right)})"
        case Words(text):
            return quoted(text.strip())
        case Space(width):
            return f"#h({width:g}em)"
        case Boxed(body):
            return f"#box(stroke: 0.5pt, inset: 5pt, $display({typst(body)})$)"
    raise AssertionError(node)


def _argument(node: Node) -> str:
    return typst(node) or '""'


def _attach(base: str, low: Node | None, high: Node | None) -> str:
    below = f", b: {_argument(low)}" if low is not None else ""
    above = f", t: {_argument(high)}" if high is not None else ""
    return f"attach({base}{below}{above})" if below or above else base


def _sign(sign: Sign) -> str:
    if sign.role == "times":
        return ""
    if sign.role == "apply":
        return ""
    glyph = FENCES[sign.latex] if sign.role in ("open", "close") else SIGNS[sign.latex]
    text = f"\\{glyph}" if glyph in _SPECIAL else glyph
    # By itself Typst leaves room around a bar, as around a relation.
    return f'class("normal", {text})' if sign.role == "ordinary" and glyph in _BARS else text


def _bracket(latex: str) -> str:
    glyph = FENCES[latex]
    if not glyph:
        return ""
    return f"\\{glyph}" if glyph in _SPECIAL else glyph


def _row(parts: tuple[Node, ...]) -> str:
    found: list[str] = []
    for n, part in enumerate(parts):
        text = typst(part)
        after = parts[n + 1] if n + 1 < len(parts) else None
        if isinstance(part, Sign) and part.role == "times" and isinstance(after, Frac | Big):
            text = "thin"
        bracket = isinstance(after, Fence) or (isinstance(after, Sign) and after.role == "open")
        # A space after a string is printed; before a bracket it would part a name from its argument.
        found.append(text if isinstance(part, Upright) and bracket else f"{text} " if text else "")
    return "".join(found).strip()
