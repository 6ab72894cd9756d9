r"""Where the argument of a function runs: f(x) = x^3 on [0, \infty), f(x) = 1/x for x > 0."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from symdl.problem import Block
from symdl.read.commands import GREEK
from symdl.read.layout import ends_statement, interval, nesting
from symdl.read.nodes import Name, Statement
from symdl.read.source import Token

_HALF_OPEN = (("(", "]"), ("[", ")"))
_LETTER = r"(?:[A-Za-z]|\\(?:" + "|".join(sorted(GREEK)) + r")(?![A-Za-z]))"
_NAME = rf"{_LETTER}(?:_(?:\w|\{{\w+\}}))?"
_DEFINED = re.compile(rf"(?<![\w\\}}])(?P<name>{_NAME})\s*\(\s*(?P<letter>{_LETTER})\s*\)\s*(?::=|=)")
"""A definition of a function of one letter."""
_ENDS = r"[^\[\]()$,=]{1,20},[^\[\]()$,=]{1,20}"
_SIDE = r"\\mathbb\s*\{?R\}?\s*[\^_]\s*(?:\+|\{\s*(?:\+|\+\+|>\s*0|\\geq?\s*0)\s*\})"
_SET = rf"(?:(?:\\left)?[\[(]{_ENDS}(?:\\right)?[\])]|{_SIDE})"
_INTERVAL = re.compile(rf"\s*{_SET}\s*")
_COMPARED = re.compile(r"[^=$,]*(?:[<>]|\\(?:le|ge|leq|geq|leqslant|geqslant|lt|gt)(?![A-Za-z]))[^=$,]*")
_BEHIND = re.compile(
    r"\s*+(?:,\s*+)?(?:(?:is\s+)?defined\s+)?"
    r"(?:(?P<for>for)|(?:on|over)(?:\s+the\s+(?:(?:half-)?open\s+|closed\s+)?interval)?)\s*",
    re.IGNORECASE,
)
"""Words between a definition and its domain."""
_AHEAD = re.compile(r"(?:.*[.;:]\s+|\s*)(?:(?P<for>For)|On(?:\s+the\s+(?:open\s+|closed\s+)?interval)?)\s*", re.DOTALL)
_FOR = re.compile(r"\bfor(?:\s+all)?\s*\Z")
_BETWEEN = re.compile(r"\s*+(?:,\s*+)?(?:(?:let|define|consider|set|we\s+(?:have|define|set))\s*)?", re.IGNORECASE)
"""Words between a domain and the definition behind it."""
_CASE = re.compile(r"\s*+(?:,\s*+)?(?:(?P<joined>and\s*\Z)|(?:and|or)\b|otherwise|else)", re.IGNORECASE)
"""What goes on with another case, but where an equation is joined alone."""
_MAPPING = re.compile(
    rf"(?<![\w\\}}])(?P<name>{_NAME})\s*(?::|\\colon)\s*(?P<set>{_SET})\s*\\(?:to|rightarrow|longrightarrow)\b"
)


def with_half_open(found: list[Token]) -> list[Token]:
    r"""The tokens with x \in (0, 1] as 0 < x <= 1 where this is a statement; an infinite end is left out.

    So is what is said of several names at once, where it says one thing of each: x, y \in [0, \infty).
    """
    out: list[Token] = []
    n = depth = 0
    while n < len(found):
        token = found[n]
        depth += nesting(token)
        ends = interval(found, n + 1) if token.text == "in" and token.kind == "relation" and not depth else None
        if ends is not None and (found[n + 1].text, found[ends[1]].text) in _HALF_OPEN:
            names = _names_at_end(out)
            said = _between(names, found[n + 1 : ends[1] + 1], ends[0] - n - 1)
            if said:
                del out[len(out) - sum(map(len, names)) - len(names) + 1 :]
                out += said
                n = ends[1] + 1
                continue
        out.append(token)
        n += 1
    return out


def _names_at_end(found: list[Token]) -> list[list[Token]]:
    """The names, with commas between them, with which the tokens end, each a statement of its own."""
    names: list[list[Token]] = []
    end = len(found)
    while end:
        start = next((k + 1 for k in range(end - 1, -1, -1) if ends_statement(found[k])), 0)
        if not _is_name(found[start:end]):
            break
        names.insert(0, found[start:end])
        if not start or found[start - 1].text != ",":
            break
        end = start - 1
    return names


def _is_name(found: list[Token]) -> bool:
    head, *script = found or [Token("stop", "", 0, 0)]
    is_letter = head.kind == "letter" or (head.kind == "command" and head.text in GREEK)
    return is_letter and (not script or (script[0].text == "_" and len(script) > 1))


def _between(names: list[list[Token]], bracketed: list[Token], comma: int) -> list[Token]:
    """Relations that say of each name that it lies in a half-open interval; nothing where that cannot be written."""
    low, high = bracketed[1:comma], bracketed[comma + 1 : -1]
    at, end = bracketed[0].at, bracketed[-1].end
    is_below, is_above = low[-1].text != "infty", high[-1].text != "infty"
    if not (is_below or is_above) or (is_below and is_above and len(names) > 1):
        return []
    said: list[Token] = []
    for name in names:
        said += [Token("op", ",", at, at)] if said else []
        if is_below and is_above:
            left, right = ("<", "<=") if bracketed[0].text == "(" else ("<=", "<")
            said += [*low, Token("relation", left, at, at), *name, Token("relation", right, end, end), *high]
        elif is_below:
            said += [*name, Token("relation", ">=" if bracketed[0].text == "[" else ">", at, at), *low]
        else:
            said += [*name, Token("relation", "<=" if bracketed[-1].text == "]" else "<", at, at), *high]
    return said


def spoken_domains(listed: Sequence[tuple[Block, str, str]], shown: str) -> Iterator[tuple[Block, str, bool]]:
    r"""Where the arguments of functions run that the formulas of a paragraph define, as x \in [0, 1) or x > 0.

    Each with the formula that says it, and whether it is clear: in `shown`, all givens, the name is defined once, and
    no other function is defined by its value at the same letter.
    """
    for n, (formula, before, _) in enumerate(listed):
        said = formula.text.strip().rstrip(".,;")
        beside = [listed[n - 1][0]] if n and (m := _BEHIND.fullmatch(before)) else []
        if not beside and n + 1 < len(listed) and (m := _AHEAD.fullmatch(before)) and _BETWEEN.fullmatch(listed[n][2]):
            beside = [listed[n + 1][0]]
        defined = _DEFINED.match(beside[0].text) if beside else None
        if defined is None or m is None:
            continue
        follows = listed[n + 1][0].text if n + 1 < len(listed) else ""
        goes_on = _CASE.match(listed[n][2])
        is_case = goes_on is not None and not (goes_on["joined"] and "=" in follows)
        is_clear = _is_clear(defined, shown) and not is_case
        letter = re.compile(rf"(?<![\w\\]){re.escape(defined['letter'])}(?![A-Za-z_])")
        if m["for"] and _COMPARED.fullmatch(said) and letter.search(said):
            yield formula, said, is_clear
        elif not m["for"] and _INTERVAL.fullmatch(said):
            yield formula, rf"{defined['letter']} \in {said}", is_clear
    for formula, _, _ in listed:
        for mapping in _MAPPING.finditer(formula.text):
            found = [m for m in _DEFINED.finditer(shown) if m["name"] == mapping["name"]]
            if found:
                yield formula, rf"{found[0]['letter']} \in {mapping['set']}", _is_clear(found[0], shown)


def with_domains_given(statements: Sequence[Statement], text: str, shown: str) -> list[Statement]:
    r"""The statements with f(x) = 1/x \text{ for } x > 0 as two, where f is clear: its argument runs there alone."""
    out = list(statements)
    for n, (head, met) in enumerate(pairwise(statements)):
        defined = _DEFINED.match(text, head.ats[0])
        is_met = _FOR.search(head.words) and met.signs and set(met.signs) <= {"<", ">", "<=", ">="}
        if defined is None or not is_met or n + 2 < len(statements) or not _is_clear(defined, shown):
            continue
        if any(isinstance(s, Name) and s.text == defined["letter"] for s in met.sides):
            out[n : n + 2] = [replace(head, words=""), replace(met, comma=True)]
    return out


def _is_clear(defined: re.Match[str], shown: str) -> bool:
    """Whether a function is defined once, and alone by its values at a letter."""
    same = [m for m in _DEFINED.finditer(shown) if defined["letter"] == m["letter"]]
    values = re.findall(rf"(?<![\w\\}}]){re.escape(defined['name'])}\s*\([^()]*\)\s*(?::=|=)", shown)
    return len(same) == len(values) == 1
