r"""Old forms of TeX as those of today: {a \over b}, {\bf w}, \mathop{\rm max}."""

from __future__ import annotations

import re

_OLD = re.compile(r"\\(?:over|bf|rm|it|cal|mathop)(?![A-Za-z])")
_OVER = re.compile(r"\\over(?![A-Za-z])\s*")
_FONTS = {"bf": "mathbf", "rm": "mathrm", "it": "mathit", "cal": "mathcal"}
_FONT = re.compile(r"\{\s*\\(bf|rm|it|cal)(?![A-Za-z])\s*([^{}$\\]*?)\s*\}")
_OPERATOR = re.compile(r"\\mathop\s*\{\s*(?:\\(?:mathrm|rm)(?![A-Za-z])\s*)?\{?\s*([A-Za-z]+)\s*\}?\s*\}")
MAX_DEPTH = 40
"""How many fractions may stand in one another."""


def renewed(text: str) -> str:
    """The text with its old forms as those of today; every line stays on its line."""
    if not _OLD.search(text):
        return text
    text = _FONT.sub(_set, _OPERATOR.sub(r"\\operatorname{\1}", text))
    for _ in range(MAX_DEPTH):
        found = _OVER.search(text)
        if found is None:
            break
        start, end = _group(text, found.start(), -1), _group(text, found.end(), 1)
        if start is None or end is None:
            break
        above, below = text[start + 1 : found.start()], text[found.end() : end]
        text = rf"{text[: start + 1]}\frac{{{above.rstrip()}}}{{{below}}}{text[end:]}"
    return text


def _set(found: re.Match[str]) -> str:
    r"""What an old font sets: a word upright as one, all other letters one by one."""
    font, inside = _FONTS[found[1]], found[2]
    if font == "mathrm" or len(inside) == 1:
        return rf"\{font}{{{inside}}}"
    return "".join(rf"\{font}{{{c}}}" if c.isalnum() else c for c in inside)


def _group(text: str, at: int, step: int) -> int | None:
    """The brace or dollar that encloses this place, before it or behind it; None where none does."""
    depth = 0
    opens, closes = ("{", "}") if step > 0 else ("}", "{")
    n = at if step > 0 else at - 1
    while 0 <= n < len(text):
        if n and text[n - 1] == "\\" and text[n] in "{}$":
            n += step
            continue
        if text[n] == "$":
            return None
        depth += (text[n] == opens) - (text[n] == closes)
        if depth < 0:
            return n
        n += step
    return None
