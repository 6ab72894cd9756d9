"""Formulas as dialects of Markdown set them, between $` and `$ and in fences, with dollars alone."""

from __future__ import annotations

import re

_INLINE = re.compile(r"\$`(?P<inside>[^`$\n]+)`\$")
_FENCE = re.compile(r"\s*```+\s*(?P<language>[\w+-]*)\s*")
_ESCAPED = re.compile(r"(\\[A-Za-z]+|(?<![A-Za-z])[A-Za-z]|[})\]'])\\_(?![A-Za-z]{2})")
"""A subscript as Markdown escapes it: h\\_i, \\sum\\_{i=1}."""
_GREEK = (("ε", "ϵ", "epsilon"), ("φ", "ϕ", "phi"))
"""Letters that one character sets, and another one as \\epsilon and \\phi are."""
_BOLD = re.compile(r"\\bold(?![A-Za-z])")
_ACCENT = re.compile(r"\\(?:Bar|Hat|Tilde|Vec|Dot)(?![A-Za-z])")
_RELATES = re.compile(r"[=≈]|\\approx")
_CODE = re.compile(
    r"==|[:+*/-]=|->|=>|;\s*$|[\"'{}$#`]|//|\w\.[A-Za-z]\w*\s*\(|\b[A-Za-z]\w*_\w{2,}|\b[A-Za-z]{2}\w*\([^()]*,"
    r"|^\s*(?:def|import|from|for|if|return|class|print|while|else|with)\b"
)
"""What stands in programs and not in formulas."""
_COUNTS = re.compile(r"\d|[-+*/×·^∑]")


def with_dollars(text: str) -> str:
    r"""The text with dollars around such formulas, \mathbf for \bold, and \bar for \Bar; every line stays on its line.

    Where a document has \epsilon and no \varepsilon, the character ε is that letter.
    """
    text = _ESCAPED.sub(r"\1 _", _BOLD.sub(r"\\mathbf", text))
    text = _ACCENT.sub(lambda m: m[0].lower(), text)
    for usual, other, name in _GREEK:
        if usual in text and rf"\{name}" in text and rf"\var{name}" not in text:
            text = text.replace(usual, other)
    if "`" not in text:
        return text
    lines = _INLINE.sub(r"$\g<inside>$  ", text).split("\n")
    opened: int | None = None
    language = ""
    for n, line in enumerate(lines):
        fence = _FENCE.fullmatch(line) if "```" in line else None
        if fence is None:
            continue
        if opened is None:
            opened, language = n, fence["language"]
        elif not fence["language"]:
            rows = lines[opened + 1 : n]
            is_listed = not language and _are_formulas(rows)
            if language == "math" or is_listed:
                lines[opened] = lines[n] = "$$"
            if is_listed:
                lines[opened + 1 : n] = [rf"{row} \\" if row.strip() else row for row in rows]
            opened = None
    return "\n".join(lines)


def _are_formulas(rows: list[str]) -> bool:
    """Whether the lines of a fence that names no language are formulas in plain characters, and no program."""
    written = [row for row in rows if row.strip()]
    is_plain = bool(written) and not any(_CODE.search(row) for row in written)
    return is_plain and all(_RELATES.search(row) and _COUNTS.search(row) for row in written)
