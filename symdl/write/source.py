r"""The layout tree of a formula as the author wrote it.

Only what stands where is read, not what it means: the author's order, brackets and words are kept.  The commands form a
closed table, so that nothing but letters, signs and escaped words reaches a printer; what is not in the table makes
the whole formula a `Words`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from symdl.read.own import as_written
from symdl.write.glyphs import (
    ACCENTS,
    BIG,
    CLOSING,
    FENCES,
    FUNCTION_WORDS,
    LETTERS,
    LIMIT_WORDS,
    ORDINARY,
    PUNCTUATION,
    RELATIONS,
    SIGNS,
    SPACES,
    STYLES,
)
from symdl.write.tree import (
    APPLY,
    EMPTY,
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
    Role,
    Root,
    Row,
    Script,
    Sign,
    Space,
    Styled,
    Upright,
    Words,
    row,
)

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_DEPTH = 60
_LENGTH = 20_000
_PLAIN = re.compile(r"[A-Za-z0-9 .,:;!?'\-/()]*\Z")

_BRACKETS = {"pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "vmatrix": ("|", "|"), "matrix": ("", "")}
_ALIGNED = frozenset({"aligned", "align", "align*", "gathered", "gather", "gather*", "split", "array", "alignedat"})
_IGNORED = frozenset(
    {r"\displaystyle", r"\textstyle", r"\limits", r"\nolimits", r"\big", r"\Big", r"\bigg", r"\Bigg", r"\bigl",
     r"\bigr", r"\Bigl", r"\Bigr", r"\biggl", r"\biggr", r"\Biggl", r"\Biggr", r"\nonumber", r"\notag", r"\bigm"}
)  # fmt: skip


class _UnknownLayoutError(Exception):
    """A token that has no place in the closed tables."""


@lru_cache(maxsize=4096)
def layout_of_source(latex: str) -> Node:
    """The tree of a formula in LaTeX; the text itself as words where it holds anything unknown."""
    try:
        if len(latex) > _LENGTH:
            raise _UnknownLayoutError
        reader = _Reader(latex)
        found = reader.rows("")
    except _UnknownLayoutError:
        return Words(latex)
    if len(found) == 1 and len(found[0]) == 1:
        return found[0][0]
    return Grid("", tuple(tuple(cells) for cells in found), "")


@lru_cache(maxsize=4096)
def layout_of_name(latex: str) -> Name:
    """The tree of a symbol's name.

    A name that is no LaTeX letter with accents and scripts is set upright as it stands.
    """
    latex = as_written(latex)
    shape = layout_of_source(latex)
    if isinstance(shape, Words):
        return Name(_upright(latex), Upright(latex))
    if isinstance(shape, Row):
        if _PLAIN.match(latex):
            return Name(_upright(latex), Upright(latex))
        return Name(latex, shape)
    return Name(latex, shape)


def _upright(text: str) -> str:
    from symdl.write.latex import escape

    return rf"\mathrm{{{escape(text)}}}"


class _Reader:
    def __init__(self, latex: str) -> None:
        self.tokens = _TOKEN.findall(latex)
        self.at = 0
        self.depth = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def skip_space(self) -> None:
        while self.peek().isspace():
            self.at += 1

    def rows(self, end: str) -> list[list[Node]]:
        """Cells and rows up to the token `end`, which is left for the caller; to the end of input where it is empty."""
        self.depth += 1
        if self.depth > _DEPTH:
            raise _UnknownLayoutError
        found: list[list[Node]] = [[]]
        parts: list[Node] = []
        while True:
            token = self.peek()
            if token == end or not token:
                if token != end:
                    raise _UnknownLayoutError
                break
            if token == "&":
                self.take()
                found[-1].append(row(*parts))
                parts = []
            elif token in (r"\\", r"\cr"):
                self.take()
                if self.peek() == "[":
                    self.raw("]")
                found[-1].append(row(*parts))
                found.append([])
                parts = []
            else:
                part = self.item()
                if part is not None:
                    parts.append(part if len(found[-1]) and not parts else _prefix(part, parts))
                    if isinstance(part, Function) or (isinstance(part, Script) and isinstance(part.base, Function)):
                        parts.append(APPLY)
        if parts or not (len(found) > 1 and not found[-1]):
            found[-1].append(row(*parts))
        else:
            found.pop()
        self.depth -= 1
        return found

    def inside(self, end: str) -> Node:
        """One formula up to `end`, which is taken."""
        found = self.rows(end)
        self.take()
        if len(found) == 1 and len(found[0]) == 1:
            return found[0][0]
        return Grid("", tuple(tuple(cells) for cells in found), "")

    def argument(self) -> Node:
        """What a command applies to: a group, or the next item without scripts."""
        self.skip_space()
        if self.peek() == "{":
            self.take()
            return self.inside("}")
        self.depth += 1
        if self.depth > _DEPTH:
            raise _UnknownLayoutError
        found = self.atom()
        self.depth -= 1
        if found is None:
            raise _UnknownLayoutError
        if isinstance(found, Digits) and len(found.text) > 1:
            self.at -= 1
            self.tokens[self.at] = found.text[1:]
            return Digits(found.text[0])
        return found

    def raw(self, end: str) -> str:
        """The text up to `end`, which is taken."""
        parts: list[str] = []
        depth = 0
        while True:
            token = self.take()
            if not token:
                raise _UnknownLayoutError
            if token == end and depth == 0:
                return "".join(parts)
            depth += (token == "{") - (token == "}")
            parts.append(token)

    def word(self) -> str:
        self.skip_space()
        if self.take() != "{":
            raise _UnknownLayoutError
        text = self.raw("}")
        if "\\" in text or "$" in text or "{" in text:
            raise _UnknownLayoutError
        return text

    def item(self) -> Node | None:
        base = self.atom()
        if base is None:
            return None
        sub: Node | None = None
        sup: list[Node] = []
        while True:
            self.skip_space()
            token = self.peek()
            if token == "_" and sub is None:
                self.take()
                sub = self.argument()
            elif token == "^":
                self.take()
                sup.append(self.argument())
            elif token == "'":
                self.take()
                sup.append(Sign("'", "ordinary"))
            else:
                break
        if sub is None and not sup:
            return base
        above = row(*sup) if sup else None
        if isinstance(base, Big) or (isinstance(base, Function) and base.latex in LIMIT_WORDS):
            return Big(base.latex, sub, above)
        return Script(base, sub, above)

    def atom(self) -> Node | None:
        self.skip_space()
        token = self.take()
        if not token or token in ("_", "^", "}", "&", "$", "#", "%"):
            raise _UnknownLayoutError
        if token == "{":
            return self.inside("}")
        if token[0].isdigit():
            return Digits(token)
        if token.isascii() and token.isalpha():
            return Letter(token)
        if token in LETTERS:
            return Letter(token)
        if token in SPACES:
            return Space(SPACES[token]) if SPACES[token] else None
        if token in ("(", "[", r"\{", r"\langle", r"\lfloor", r"\lceil"):
            return Sign(token, "open")
        if token in (")", "]", r"\}", r"\rangle", r"\rfloor", r"\rceil"):
            return Sign(token, "close")
        if token in SIGNS:
            return Sign(token, role_of(token))
        if token in BIG:
            return Big(token)
        if token in FUNCTION_WORDS:
            return Function(token, Upright(token[1:]))
        if token in _IGNORED:
            return None
        return self.command(token)

    def command(self, token: str) -> Node | None:
        name = token[1:]
        if token in (r"\frac", r"\dfrac", r"\tfrac"):
            top = self.argument()
            return Frac(top, self.argument())
        if token == r"\sqrt":
            self.skip_space()
            if self.peek() == "[":
                self.take()
                degree = self.inside("]")
                return Root(self.argument(), degree)
            return Root(self.argument())
        if name in ACCENTS:
            return Accent(name, self.argument())
        if token in (r"\mathrm", r"\operatorname", r"\operatorname*", r"\text", r"\textrm", r"\textbf", r"\textit"):
            text = self.word()
            if token in (r"\text", r"\textrm", r"\textbf", r"\textit"):
                return Words(text)
            if token == r"\mathrm":
                return Letter(text) if len(text) == 1 and text.isalpha() and text != "d" else Upright(text)
            return Function(rf"\operatorname{{{text}}}", Upright(text)) if _PLAIN.match(text) else Words(text)
        if name in STYLES:
            body = self.argument()
            return Styled(STYLES[name], body)  # type: ignore[arg-type]
        if token == r"\left":
            return self.fence()
        if token == r"\begin":
            return self.environment()
        if token in (r"\boxed", r"\fbox"):
            return Boxed(self.argument())
        if token in (r"\underbrace", r"\overbrace"):
            body = self.argument()
            self.skip_space()
            if self.peek() in ("_", "^"):
                self.take()
                return Script(body, self.argument())
            return body
        raise _UnknownLayoutError

    def fence(self) -> Node:
        self.skip_space()
        left = self.take()
        if left not in FENCES:
            raise _UnknownLayoutError
        found = self.rows(r"\right")
        self.take()
        self.skip_space()
        right = self.take()
        if right not in FENCES or len(found) != 1:
            raise _UnknownLayoutError
        body = row(*found[0]) if found[0] else EMPTY
        return Fence("" if left == "." else left, body, "" if right == "." else right)

    def environment(self) -> Node:
        name = self.word()
        if name in ("array", "alignedat"):
            self.word()
        found = self.rows(r"\end")
        self.take()
        if self.word() != name:
            raise _UnknownLayoutError
        cells = tuple(tuple(r) for r in found)
        if name == "cases":
            return Branches(cells)
        if name in _BRACKETS:
            left, right = _BRACKETS[name]
            return Grid(left, cells, right)
        if name in _ALIGNED:
            return Grid("", cells, "")
        raise _UnknownLayoutError


def _prefix(part: Node, before: Sequence[Node]) -> Node:
    """A sign of addition as the sign of what follows, where nothing stands before it that it could join."""
    if not isinstance(part, Sign) or part.latex not in ("-", "+", r"\pm", r"\mp"):
        return part
    last = next((b for b in reversed(before) if not isinstance(b, Space)), None)
    opens = isinstance(last, Sign) and last.role in ("relation", "binary", "prefix", "open", "punctuation")
    return Sign(part.latex, "prefix") if last is None or opens else part


def role_of(latex: str) -> Role:
    """How a sign of the tables is spaced."""
    if latex in RELATIONS:
        return "relation"
    if latex in PUNCTUATION:
        return "punctuation"
    if latex in ORDINARY:
        return "ordinary"
    return "binary"


def closing(left: str) -> str:
    """The bracket that closes `left`."""
    return CLOSING.get(left, left)
