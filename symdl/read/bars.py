"""Bars and differentials that are set as other signs, as the tokens that they are meant to be."""

from __future__ import annotations

from dataclasses import replace

from symdl.read.layout import parts_statements
from symdl.read.source import Token


def with_bars(found: list[Token]) -> list[Token]:
    r"""The tokens with a pair of \mid around a factor as the bars of an absolute value: = \mid x - a \mid."""
    if not any(token.text == "mid" for token in found):
        return found
    out = list(found)
    opened: list[int | None] = [None]
    for n, token in enumerate(found):
        if token.kind in ("open", "begin"):
            opened.append(None)
        elif token.kind in ("close", "end"):
            opened[-1:] = [] if len(opened) > 1 else [None]
        elif token.kind == "relation" or parts_statements(token):
            opened[-1] = None
        elif token.text == "mid" and opened[-1] is not None:
            out[opened[-1]], out[n] = (replace(found[k], kind="op", text="|") for k in (opened[-1], n))
            opened[-1] = None
        elif token.text == "mid" and (not n or _begins_term(found[n - 1]) or (len(opened) == 1 and _closes(found, n))):
            opened[-1] = n
    return out


def _closes(found: list[Token], at: int) -> bool:
    r"""Whether another \mid comes behind one before the next relation: outside all brackets neither is a condition."""
    ends = (t.text == "mid" for t in found[at + 1 :] if t.text == "mid" or t.kind == "relation" or parts_statements(t))
    return next(ends, False)


def with_empty_bars(found: list[Token]) -> list[Token]:
    r"""The tokens with \left. \right|, between which nothing stands, as a bar at what is before them."""
    out: list[Token] = []
    for token in found:
        is_empty = bool(out) and out[-1].text == "." and out[-1].large == "left" and token.large == "right"
        if is_empty and token.text == "|":
            out[-1] = Token("op", "|", out[-1].at, token.end)
        else:
            out.append(token)
    return out


def with_differentials(found: list[Token]) -> list[Token]:
    r"""The tokens with the word dt beside the sign of an integral as d and t, and no braces around an integrand."""
    if not any(token.kind == "command" and token.text == "int" for token in found):
        return found
    ends = _ends(found)
    braces = {n for k, token in enumerate(found) if token.text == "int" for n in _around_integrand(found, ends, k)}
    found = [token for n, token in enumerate(found) if n not in braces]
    out: list[Token] = []
    for token in found:
        name = token.text.strip() if token.kind in ("word", "text") else ""
        if len(name) == len("dt") and name[0] == "d" and name[1].islower():
            out.append(Token("letter", "d", token.at, token.at))
            out.append(Token("letter", name[1], token.at, token.end))
        else:
            out.append(token)
    return out


def _ends(found: list[Token]) -> dict[int, int]:
    """Where each bracket closes, by where it opens."""
    ends: dict[int, int] = {}
    opened: list[int] = []
    for n, token in enumerate(found):
        if token.kind in ("open", "begin"):
            opened.append(n)
        elif token.kind in ("close", "end") and opened:
            ends[opened.pop()] = n
    return ends


def _around_integrand(found: list[Token], ends: dict[int, int], at: int) -> tuple[int, ...]:
    """Where braces open and close that hold all that stands behind the sign of an integral and its two ends."""
    n = at + 1
    while found[n].text in ("_", "^"):
        n += 1
        n = ends.get(n, n) + 1
        if n >= len(found):
            return ()
    return (n, ends[n]) if found[n].text == "{" and n in ends else ()


def _begins_term(before: Token) -> bool:
    """Whether what comes behind this token is the beginning of a term."""
    is_sign = before.kind == "op" and before.text in ("+", "-", "&", "/", "\\\\", "quad")
    is_product = before.kind == "command" and before.text in ("cdot", "times")
    return before.kind in ("relation", "begin") or before.text == "{" or is_sign or is_product
