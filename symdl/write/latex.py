r"""The layout tree as LaTeX for amsmath, which MathJax and KaTeX also render."""

from __future__ import annotations

import re
from types import MappingProxyType

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
)

_ESCAPES = MappingProxyType(
    {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
     "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
     "|": r"\textbar{}", '"': "''"}
)  # fmt: skip

_STYLES = MappingProxyType(
    {"bold": "mathbf", "bolditalic": "bm", "calligraphic": "mathcal", "fraktur": "mathfrak", "blackboard": "mathbb",
     "upright": "mathrm", "sans": "mathsf", "typewriter": "mathtt"}
)  # fmt: skip

_BRACKETS = MappingProxyType({("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("|", "|"): "vmatrix"})

_ENDS_IN_COMMAND = re.compile(r"\\[A-Za-z]+\Z")


def escape(text: str) -> str:
    """Plain text for the text mode of LaTeX: every special character escaped, control characters left out."""
    return "".join(_ESCAPES.get(c, c) for c in text if c.isprintable() or c in " \n")


def latex(node: Node) -> str:
    """The formula in LaTeX, without delimiters."""
    match node:
        case Letter(text) | Name(text, _) | Digits(text) | Function(text, _):
            return text
        case Upright(text):
            return rf"\mathrm{{{escape(text)}}}"
        case Styled(style, body):
            return rf"\{_STYLES[style]}{{{latex(body)}}}"
        case Accent(kind, body):
            return rf"\{kind}{{{latex(body)}}}"
        case Sign(text, _):
            return text
        case Row(parts):
            return _row(parts)
        case Frac(top, bottom):
            return rf"\frac{{{latex(top)}}}{{{latex(bottom)}}}"
        case Script(base, sub, sup):
            return f"{_base(base)}{_script('_', sub)}{_script('^', sup)}"
        case Root(body, None):
            return rf"\sqrt{{{latex(body)}}}"
        case Root(body, degree) if degree is not None:
            return rf"\sqrt[{latex(degree)}]{{{latex(body)}}}"
        case Big(text, low, high):
            return f"{text}{_script('_', low, bare=False)}{_script('^', high, bare=False)}"
        case Fence(left, body, right):
            inside = latex(body)
            if is_tall(body) or "|" in (left, right) or not left or not right:
                return _join([rf"\left{left or '.'}", inside, rf"\right{right or '.'}"], "")
            return _join([left, inside, right], "")
        case Branches(rows):
            cells = (" & ".join(latex(cell) for cell in cells) for cells in rows)
            return r"\begin{cases} " + r" \\ ".join(cells) + r" \end{cases}"
        case Grid(left, rows, right):
            name = _BRACKETS.get((left, right), "aligned")
            cells = (" & ".join(latex(cell) for cell in cells) for cells in rows)
            return rf"\begin{{{name}}} " + r" \\ ".join(cells) + rf" \end{{{name}}}"
        case Words(text):
            return rf"\text{{{escape(text)}}}"
        case Space(width):
            return r"\," if width < 0.25 else r"\;" if width < 0.6 else r"\quad" if width < 1.5 else r"\qquad"
        case Boxed(body):
            return rf"\boxed{{{latex(body)}}}"
    raise AssertionError(node)


def _script(mark: str, node: Node | None, bare: bool = True) -> str:
    if node is None:
        return ""
    if isinstance(node, Sign) and node.latex == "'" and mark == "^":
        return "'"
    text = _tight(latex(node))
    single = len(text) == 1 or (bare and isinstance(node, Letter | Name) and re.fullmatch(r"\\[A-Za-z]+", text))
    return f"{mark}{text}" if single and bare else f"{mark}{{{text}}}"


_SPACED = re.compile(r" ([=+-]) ")


def _tight(text: str) -> str:
    """A script without the spaces around its signs."""
    return _SPACED.sub(r"\1", text).replace(", ", ",") if r"\text" not in text else text


def _base(node: Node) -> str:
    if isinstance(node, Row) and not (len(node.parts) == 3 and isinstance(node.parts[0], Function)):
        return f"{{{latex(node)}}}"
    return latex(node)


def _row(parts: tuple[Node, ...]) -> str:
    found: list[str] = []
    for n, part in enumerate(parts):
        after = parts[n + 1] if n + 1 < len(parts) else None
        if isinstance(part, Sign):
            if part.role in ("times", "apply"):
                bracket = isinstance(after, Fence) or (isinstance(after, Script) and isinstance(after.base, Fence))
                opens = isinstance(after, Sign) and after.role == "open"
                found.append("" if bracket or opens else " ")
            elif part.role in ("binary", "relation"):
                found.append(f" {part.latex} ")
            elif part.role == "punctuation":
                found.append(f"{part.latex} ")
            else:
                found.append(part.latex)
        else:
            large = isinstance(part, Big) or (isinstance(part, Letter | Script) and _is_partial(part))
            room = " " if large and after is not None and not isinstance(after, Sign) else ""
            found.append(latex(part) + room)
    return _join(found, "").strip()


def _is_partial(node: Node) -> bool:
    return node == Letter(r"\partial") or (isinstance(node, Script) and node.base == Letter(r"\partial"))


def _join(texts: list[str], between: str) -> str:
    r"""The texts one after the other, with a space where a command would run into a letter."""
    joined = ""
    for text in texts:
        if not text:
            continue
        if _ENDS_IN_COMMAND.search(joined) and text[0].isascii() and text[0].isalpha():
            joined += " "
        joined += (between if joined else "") + text
    return joined.replace("  ", " ")
