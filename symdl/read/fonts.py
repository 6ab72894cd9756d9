r"""Bold signs that are set as one group: \boldsymbol{W x + b} is \boldsymbol{W} \boldsymbol{x} + \boldsymbol{b}."""

from __future__ import annotations

import re
from functools import partial

from symdl.read.commands import GREEK

_BOLD = re.compile(r"\\(?P<font>mathbf|boldsymbol|bm)\s*\{(?P<inside>(?:[^{}$]|\{[^{}$]*\})*+)\}")
_PIECE = re.compile(
    r"(?P<script>[_^]\s*(?:\{[^{}]*\}|\\[A-Za-z]+|\S))|\\(?P<command>[A-Za-z]+)\s*|(?P<letter>[A-Za-z])|(?P<other>\\?.)",
    re.DOTALL,
)
_NABLA = re.compile(
    r"\\(?P<font>mathbf|boldsymbol|bm)\s*\{\s*\\nabla\s*+(?:_\s*(?P<below>\{\\?[A-Za-z]+\}|\\[A-Za-z]+|[A-Za-z]))?\s*\}"
)
_SEVERAL = 2
"""From so many names on, letters side by side are no single name."""
_BETWEEN = frozenset(["left", "right", "cdot", "odot", "times", "top"])


def with_fonts_apart(text: str) -> str:
    """The text with the font of a bold group at each of its names.

    Letters side by side alone are taken apart only if each of them stands in this font by itself somewhere.
    """
    text = _NABLA.sub(_plain_nabla, text) if r"\nabla" in text else text
    groups = list(_BOLD.finditer(text))
    alone = frozenset(inside for m in groups if (inside := m["inside"].strip()).lstrip("\\").isalpha())
    return _BOLD.sub(partial(_apart, alone), text) if len(groups) > 1 else text


def with_one_bold(text: str) -> str:
    r"""The text with \boldsymbol{\Sigma} for \mathbf{\Sigma} where both stand: they look the same."""
    letters = {m["inside"].strip() for m in _BOLD.finditer(text) if m["font"] == "boldsymbol"}
    greek = [x for x in letters if x.startswith("\\") and x[1:] in GREEK and f"\\mathbf{{{x}}}" in text]
    for letter in greek:
        text = text.replace(f"\\mathbf{{{letter}}}", f"\\boldsymbol{{{letter}}}")
    return text


def _plain_nabla(bold: re.Match[str]) -> str:
    r"""A bold \nabla without its font, which its variable keeps."""
    below = bold["below"]
    return rf"\nabla_{{\{bold['font']}{{{below.strip('{}')}}}}}" if below else r"\nabla "


def _apart(alone: frozenset[str], group: re.Match[str]) -> str:
    """What a bold group says, name by name; the group itself where it is one name or holds anything unknown."""
    inside, font = group["inside"], group["font"]
    pieces = list(_PIECE.finditer(inside))
    named = [m for m in pieces if m["letter"] or m["command"] in GREEK]
    names = {m[0].strip() for m in named}
    is_one = len(named) < _SEVERAL and not any(m["other"] and m["other"] in "+-()0123456789" for m in pieces)
    is_unknown = any(m["command"] and m["command"] not in GREEK | _BETWEEN for m in pieces)
    is_word = len(named) == len(pieces) and not alone >= names
    if not named or is_one or is_unknown or is_word:
        return group[0]
    return "".join(rf"\{font}{{{m[0].strip()}}}" if m["command"] in GREEK or m["letter"] else m[0] for m in pieces)
