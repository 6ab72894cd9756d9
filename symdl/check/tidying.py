"""The text of a proof without what is no mathematics: marks, labels of items, lines under formulas, dollars."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symdl.check.introducing import HENCE
from symdl.check.words import without_formulas
from symdl.problem import Block

_AMOUNT = r"\d{1,3}(?:[.,]\d{1,2}|\s*/\s*\d{1,2})?|\\[dt]?frac\{\d{1,2}\}\{\d{1,2}\}|½"
_CLOSED = r"(?:\\[,; ]|~|[.\s])*[)\]]"
_MARKS = re.compile(
    rf"(?P<apart>(?<=[\s~,;]))?[(\[]\s*(?P<points>{_AMOUNT})(?:\\[,; ]|~|\s)*"
    rf"(?:(?:p|pts?|points?|punkte?|pkte?|mks?|marks?){_CLOSED}"
    rf"|(?(apart)(?P<letter>m){_CLOSED}(?=[\s.}}]*(?:\$|\\\\|&|\\end\b|\n|\Z))|(?!)))",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r"\\(?:leftarrow|rightarrow|longrightarrow|to)\s*(?:\\(?:text|textbf|mbox|mathrm|textcircled)\{[^{}]*\}|\(\w{1,3}\))"
)
_LABEL = re.compile(r"(^|\\begin\{aligned\})(\s*(?:[IVX]{1,4}\.|\d{1,2}[.)]|[a-h]\))\s+)(?=\\|[A-Za-z])")
_SENTENCE_WORD = re.compile(
    r"(^\s*|\\begin\{aligned\}\s*|\\\\\s*&?\s*)(\\(?:text|textrm|mbox)\{\s*"
    rf"(?:assum\w*|suppos\w*|let|{HENCE}|then|and|now|since|because|given|if)(?:\s+that)?[\s,:]*\}})",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"(\(\s*)(\\(?:text|textrm|mbox)\{\s*(?:since|because|as|weil|denn|da)(?:\s+that)?[\s,:]*\})", re.IGNORECASE
)
"""What leads to a reason in brackets beside a line."""
_NUMBER = re.compile(r"\\q?quad\s*\(\d{1,3}\)(?=\s*(?:\\\\|\\end\b|\n|$))")
_TWICE = re.compile(r"=(?=\s*\\\\\s*&?\s*=)")
_FRAME = re.compile(r"\\(?:underline|uuline|uline)\s*\{(?!\s*(?:[A-Za-z]|\\(?!frac)[a-z]+)\s*\})")
"""A line under a result; one under a single letter belongs to a name."""
_LONE_M = re.compile(r"(?<![A-Za-z\\\\])[mM](?![A-Za-z])")


def marks_in(text: str) -> Iterator[re.Match[str]]:
    """What says how many `points` a line is worth: (1p), [2 marks], (0.5 M).

    A single m may be a factor, 12 m = 3 (4 m): it is a mark where its brackets stand apart at the end of their line,
    and nothing else in the text is named so.
    """
    rest = _LONE_M.findall(_MARKS.sub(" ", text)) if "m" in text.lower() else []
    return (found for found in _MARKS.finditer(text) if found["letter"] is None or found["letter"] not in rest)


def unmarked(text: str) -> str:
    """The text with blanks for what `marks_in` finds; every place in it stays what it is."""
    out, at = [], 0
    for found in marks_in(text):
        out += [text[at : found.start()], " " * len(found[0])]
        at = found.end()
    return "".join([*out, text[at:]])


def tidied(block: Block) -> Block:
    """A display without marks, labels of items and remarks behind arrows; every place in it stays what it is."""
    text = unmarked(block.text)
    for pattern in (_REMARK, _TWICE, _NUMBER):
        text = pattern.sub(lambda m: " " * len(m[0]), text)
    for pattern in (_SENTENCE_WORD, _REASON, _LABEL):
        text = pattern.sub(lambda m: m[1] + " " * len(m[2]), text)
    return Block(block.kind, _unframed(text), block.place)


def _unframed(text: str) -> str:
    """The text without the lines under its formulas and the braces of these."""
    while (found := _FRAME.search(text)) is not None:
        depth, end = 1, found.end()
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        inside = text[found.end() : end - 1] if not depth else text[found.end() : end]
        text = text[: found.start()] + " " * len(found[0]) + inside + " " * (not depth) + text[end:]
    return text


def split_formula(block: Block) -> Block | None:
    """The formula of a paragraph in which a relation sign stands between formulas, as in `$a$ = $b$`, as a display."""
    rest = without_formulas(block.text)
    if not re.search(r"[=≈]", rest) or re.search(r"[A-Za-z]{2,}|[\\|#<>]", unmarked(rest)):
        return None
    return Block("display", unmarked(block.text).replace("$", " "), block.place)
