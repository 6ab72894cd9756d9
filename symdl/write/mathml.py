"""The layout tree as presentation MathML, within what today's browsers render natively."""

from __future__ import annotations

from html import escape

from symdl.write.glyphs import BIG, FENCES, LETTERS, SIGNS, alphabet
from symdl.write.tree import (
    APPLY,
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
    merged,
)

_SPACING_ACCENTS = {"hat": "^", "widehat": "^", "tilde": "~", "widetilde": "~", "bar": "¯", "overline": "¯",
                    "vec": "→", "dot": "˙", "ddot": "¨", "check": "ˇ", "breve": "˘", "acute": "´", "grave": "`",
                    "underline": "_"}  # fmt: skip


def mathml(node: Node, display: bool = False) -> str:
    """One `math` element."""
    style = ' displaystyle="true"' if display else ""
    return f"<math{style}><mrow>{markup(node)}</mrow></math>"


def markup(node: Node) -> str:
    """The elements of a node, each one element unless the node is a row."""
    match node:
        case Letter(latex):
            return _letter(latex)
        case Digits(text):
            return f"<mn>{escape(text)}</mn>"
        case Upright(text):
            variant = ' mathvariant="normal"' if len(text) == 1 else ""
            return f"<mi{variant}>{escape(text)}</mi>"
        case Styled(style, body):
            return _styled(style, body)
        case Accent(kind, body):
            mark = _SPACING_ACCENTS[kind]
            if kind == "underline":
                return f'<munder>{_one(body)}<mo stretchy="true">{mark}</mo></munder>'
            stretchy = "true" if kind.startswith(("wide", "over")) else "false"
            return f'<mover accent="true">{_one(body)}<mo stretchy="{stretchy}">{escape(mark)}</mo></mover>'
        case Name(_, shape) | Function(_, shape):
            return markup(shape)
        case Sign():
            return _sign(node)
        case Row(parts):
            return _row(parts)
        case Frac(top, bottom):
            return f"<mfrac>{_one(top)}{_one(bottom)}</mfrac>"
        case Script():
            return _script(merged(node))
        case Root(body, degree):
            if degree is None:
                return f"<msqrt>{markup(body)}</msqrt>"
            return f"<mroot>{_one(body)}{_one(degree)}</mroot>"
        case Big(latex, low, high):
            return _big(latex, low, high)
        case Fence(left, body, right):
            stretchy = "true" if is_tall(body) or not left or not right else "false"
            return f"<mrow>{_fence(left, stretchy, 'prefix')}{markup(body)}{_fence(right, stretchy, 'postfix')}</mrow>"
        case Branches(rows):
            return f'<mrow><mo stretchy="true" form="prefix">{{</mo>{_table(rows, "left")}</mrow>'
        case Grid(left, rows, right):
            aligned = "matrix" if left or right else "aligned"
            table = _table(rows, aligned)
            return f"<mrow>{_fence(left, 'true', 'prefix')}{table}{_fence(right, 'true', 'postfix')}</mrow>"
        case Words(text):
            return f"<mtext>{escape(text).replace(' ', chr(160))}</mtext>"
        case Space(width):
            return f'<mspace width="{width:g}em"></mspace>'
        case Boxed(body):
            return f'<mrow class="boxed">{markup(body)}</mrow>'
    raise AssertionError(node)


def _script(node: Script) -> str:
    base = _one(node.base)
    if node.sub is None:
        return base if node.sup is None else f"<msup>{base}{_one(node.sup)}</msup>"
    if node.sup is None:
        return f"<msub>{base}{_one(node.sub)}</msub>"
    return f"<msubsup>{base}{_one(node.sub)}{_one(node.sup)}</msubsup>"


def _one(node: Node) -> str:
    """The node as exactly one element."""
    inside = markup(node)
    return f"<mrow>{inside}</mrow>" if isinstance(node, Row) or _is_row(node) else inside


def _is_row(node: Node) -> bool:
    return isinstance(node, Name | Function) and (isinstance(node.shape, Row) or _is_row(node.shape))


def _letter(latex: str) -> str:
    glyph = LETTERS.get(latex, latex)
    upright = glyph in "∂∇∞" or "Α" <= glyph <= "Ω"
    return f'<mi mathvariant="normal">{escape(glyph)}</mi>' if upright else f"<mi>{escape(glyph)}</mi>"


def _styled(style: str, body: Node) -> str:
    if isinstance(body, Letter | Digits):
        text = LETTERS.get(body.latex, body.latex) if isinstance(body, Letter) else body.text
        changed = "".join(alphabet(style, c) for c in text)
        if isinstance(body, Digits):
            return f"<mn>{escape(changed)}</mn>"
        return f'<mi mathvariant="normal">{escape(changed)}</mi>'
    if isinstance(body, Row):
        return "".join(_styled(style, part) for part in body.parts)
    if isinstance(body, Name):
        return _styled(style, body.shape)
    return markup(body)


def _sign(sign: Sign) -> str:
    if sign.role == "times":
        return "<mo>\u2062</mo>"
    if sign.role == "apply":
        return "<mo>\u2061</mo>"
    if sign.role in ("open", "close"):
        form = "prefix" if sign.role == "open" else "postfix"
        return f'<mo stretchy="false" form="{form}">{escape(FENCES[sign.latex])}</mo>'
    glyph = escape(SIGNS[sign.latex])
    if sign.role == "prefix":
        return f'<mo form="prefix">{glyph}</mo>'
    if sign.role == "ordinary" and glyph in "…⋯":
        return f'<mo lspace="0" rspace="0.1em" stretchy="false">{glyph}</mo>'
    if sign.role == "ordinary":
        return f'<mo lspace="0" rspace="0" stretchy="false">{glyph}</mo>'
    if sign.role == "punctuation":
        return f'<mo separator="true" lspace="0" rspace="0.25em">{glyph}</mo>'
    return f'<mo stretchy="false">{glyph}</mo>'


def _row(parts: tuple[Node, ...]) -> str:
    found: list[str] = []
    for n, part in enumerate(parts):
        after = parts[n + 1] if n + 1 < len(parts) else None
        if isinstance(part, Sign) and part.role == "binary" and (n == 0 or _wants_operand(parts[n - 1])):
            part = Sign(part.latex, "prefix")
        found.append(markup(part))
        hidden = isinstance(part, Sign) and part.role in ("times", "apply")
        if (hidden and _wants_room(part, after)) or (not isinstance(part, Sign | Space) and _is_word(after)):
            found.append('<mspace width="0.17em"></mspace>')
    return "".join(found)


def _wants_operand(before: Node) -> bool:
    return isinstance(before, Sign) and before.role in ("relation", "binary", "prefix", "open", "punctuation")


def _is_word(node: Node | None) -> bool:
    return isinstance(node, Function) and isinstance(node.shape, Upright)


def _wants_room(sign: Node, after: Node | None) -> bool:
    """Whether a thin space follows: before a function or large operator, and between a function and a bare argument."""
    if after is None:
        return False
    if sign == APPLY:
        bare = after.base if isinstance(after, Script) else after
        return not (isinstance(bare, Fence) or (isinstance(bare, Sign) and bare.role == "open"))
    return isinstance(after, Big | Frac) or _is_word(after)


def _big(latex: str, low: Node | None, high: Node | None) -> str:
    if latex in BIG:
        operator = f'<mo movablelimits="true" lspace="0" rspace="0.17em">{BIG[latex]}</mo>'
    else:
        operator = f'<mo movablelimits="true" lspace="0" rspace="0.17em">{escape(latex.lstrip(chr(92)))}</mo>'
    if low is not None and high is not None:
        return f"<munderover>{operator}{_one(low)}{_one(high)}</munderover>"
    if low is not None:
        return f"<munder>{operator}{_one(low)}</munder>"
    if high is not None:
        return f"<mover>{operator}{_one(high)}</mover>"
    return operator


def _fence(latex: str, stretchy: str, form: str) -> str:
    if latex in ("", "."):
        return ""
    return f'<mo stretchy="{stretchy}" form="{form}">{escape(FENCES[latex])}</mo>'


def _table(rows: tuple[tuple[Node, ...], ...], kind: str) -> str:
    lines = []
    for cells in rows:
        found = []
        for n, cell in enumerate(cells):
            side = ("right" if n % 2 == 0 else "left") if kind == "aligned" else "left" if kind == "left" else "center"
            found.append(f'<mtd style="text-align:{side}">{markup(cell)}</mtd>')
        lines.append(f"<mtr>{''.join(found)}</mtr>")
    deep = ' displaystyle="true"' if kind == "aligned" else ""
    return f'<mtable class="{kind}"{deep}>{"".join(lines)}</mtable>'
