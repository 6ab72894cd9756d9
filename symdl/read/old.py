r"""Old forms of TeX as those of today: {a \over b}, {n \choose k}, {\bf w}."""

from __future__ import annotations

import re

_OLD = re.compile(r"\\(?:over|choose|bf|rm|it|cal)(?![A-Za-z])")
_MARK = re.compile(r"\\(?:over|choose)(?![A-Za-z])[ \t]*|\\.|[{}$]", re.DOTALL)
_FONTS = {"bf": "mathbf", "rm": "mathrm", "it": "mathit", "cal": "mathcal"}
_FONT = re.compile(r"(\\mathop\s*)?\{\s*\\(bf|rm|it|cal)(?![A-Za-z])([^{}$\\]*)\}")

MANY = 3
"""Of more letters than this in one font a word is made."""


def renewed(text: str) -> str:
    """The text with its old forms as those of today; every line stays on its line."""
    if not _OLD.search(text):
        return text
    return _with_fractions(_FONT.sub(_set, text))


def _set(found: re.Match[str]) -> str:
    r"""What an old font sets: a word upright as one, a few letters one by one; sentences and operators stay."""
    font, inside = _FONTS[found[2]], found[3].strip()
    if found[1] or " " in inside or (font != "mathrm" and len(inside) > MANY):
        return found[0]
    if font == "mathrm" or len(inside) == 1:
        return rf"\{font}{{{inside}}}"
    return "".join(rf"\{font}{{{c}}}" if c.isalnum() else c for c in inside)


def _with_fractions(text: str) -> str:
    r"""The text with {a \over b} as {\frac{a}{b}}, {n \choose k} as {\binom{n}{k}}.

    What no brace of its formula encloses stays.
    """
    out: list[str] = []
    opened: list[tuple[int, list[int]]] = []
    at = 0
    for mark in _MARK.finditer(text):
        out += [text[at : mark.start()], mark[0]]
        at, last = mark.end(), len(out) - 1
        if mark[0] == "{":
            opened.append((last, []))
        elif mark[0] == "$":
            opened.clear()
        elif mark[0].startswith((r"\over", r"\choose")) and opened:
            opened[-1][1].append(last)
        elif mark[0] == "}" and opened:
            start, bars = opened.pop()
            if len(bars) == 1:
                command = r"\frac" if out[bars[0]].startswith(r"\over") else r"\binom"
                out[start], out[bars[0]], out[last] = rf"{{{command}{{", "}{", "}}"
                out[bars[0] - 1] = out[bars[0] - 1].rstrip(" \t")
    return "".join([*out, text[at:]])
