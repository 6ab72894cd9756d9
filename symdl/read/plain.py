"""What plain text and scanners leave of a formula: words, digits apart, letters for signs, h1 for h_1."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from symdl.read.commands import SCALES, word_set
from symdl.read.layout import closing, ends_statement, holds_relation, nesting, run_end, statement
from symdl.read.source import Token
from symdl.read.tokens import MAX_DIGITS

UNITS = {unit for unit in SCALES if len(unit) > 1} | word_set(
    """bit bits nat nats byte bytes
    parameter parameters params weights biases multiplications additions operations
    flops FLOPs FLOPS MACs neurons units pixels epochs steps iterations updates examples samples images tokens"""
)


_FEW = 3
"""The fewest digits or letters that are no index and no label."""


JOINING = word_set("if at for when where with since because so hence thus then and or otherwise else as")
"""Words between formulas that stand without a command for text."""
LEADS = word_set("gives yields implies means")
"""Words between two relations that say that the one leads to the other."""
LEADING = word_set(
    "Hence Thus So Therefore Then Also Finally Similarly Now Here Consequently Result Answer Total Together"
)
"""Words before a formula that say nothing of it."""


def with_joints(found: list[Token]) -> list[Token]:
    """The tokens with plain words between formulas as words: f(x) = 0 at x = 2, 0 if x < 0.

    Such a word stands apart from what is around it, after the end of a term, and a relation comes before or after it.
    """
    if not _has_run(found):
        return found
    out: list[Token] = []
    n = depth = 0
    while n < len(found):
        end = run_end(found, n)
        word, before = "".join(t.text for t in found[n:end]), out[-1] if out else None
        is_apart = before is not None and before.end < found[n].at and found[end].at > found[end - 1].end
        follows = before is not None and (before.kind in ("number", "letter", "close") or before.text in ("'", ","))
        if word in LEADS and not depth and follows and is_apart:
            if holds_relation(out) and holds_relation(statement(found, end)):
                out.append(Token("relation", "=>", found[n].at, found[end - 1].end))
                n = end
                continue
        elif word in JOINING and not depth and follows:
            rest = statement(found, end)
            begins = bool(rest) and rest[0].kind in ("number", "letter", "word", "command", "open")
            is_last = word in ("otherwise", "else") and found[end].kind in ("stop", "end")
            if (is_apart and begins and _relates(out, rest)) or is_last:
                out.append(Token("text", word, found[n].at, found[end - 1].end, "text"))
                n = end
                continue
        token = found[n]
        depth += nesting(token)
        out.append(token)
        n += 1
    return out


def _has_run(found: list[Token]) -> bool:
    """Whether two letters touch each other."""
    return any(a.kind == "letter" and b.kind == "letter" and a.end == b.at for a, b in pairwise(found))


def _relates(before: list[Token], after: list[Token]) -> bool:
    """Whether what is joined holds a relation on both sides, or a condition after a value."""
    return holds_relation(after) or (holds_relation(before) and len(after) > 1)


def _is_head(before: Token | None, found: list[Token], end: int) -> bool:
    """Whether letters that end here begin an equation with one letter or number in the brackets that touch them."""
    inside = [t.kind for t in found[end : end + _FEW]]
    starts = before is None or before.text in ("\\\\", ",", "quad", ";")
    is_bracket = inside in (["open", "letter", "close"], ["open", "number", "close"]) and found[end].text == "("
    return starts and is_bracket and found[end].at == found[end - 1].end and found[end + _FEW].kind == "relation"


def _numbered_name(found: list[Token], n: int) -> int:
    """Where the relation sign stands after words with a number that are a whole left side, out 1 = 3; 0 where none do.

    One of the words is no list of factors, and the number stands apart.
    """
    k, is_name, runs = n, False, 0
    while found[k].kind in ("letter", "number"):
        end = run_end(found, k) if found[k].kind == "letter" else k + 1
        text = "".join(t.text for t in found[k:end])
        if found[end].at == found[end - 1].end and found[end].kind != "relation":
            return 0
        runs += found[k].kind == "letter"
        is_name = is_name or (found[k].kind == "letter" and bool(_WORDLIKE.fullmatch(text)))
        k = end
    is_numbered = k > n and found[k - 1].kind == "number" and runs > 0 and found[k].kind == "relation"
    return k if is_numbered and is_name and found[n].kind == "letter" else 0


_WORDLIKE = re.compile(r"(?=[a-z]*[aeiouy])(?=[a-z]*[^aeiou])[A-Za-z][a-z]{2,}")


def with_words(found: list[Token]) -> list[Token]:
    """The tokens with plain letters for a unit after a number, = 1 bit, and for a label before one, Total 3 + 4 = 7.

    In lr(k) = 0.1, letters before a bracket that begin an equation are one name.
    """
    if not _has_run(found):
        return found
    out: list[Token] = []
    heads: set[str] = set()
    n = 0
    while n < len(found):
        end = run_end(found, n)
        text = "".join(t.text for t in found[n:end])
        before = out[-1] if out else None
        heads |= {text} if end - n > 1 and _is_head(before, found, end) else set()
        if text in heads and found[end].text == "(" and found[end].at == found[end - 1].end:
            out.append(Token("word", text, found[n].at, found[end - 1].end, "operatorname"))
            n = end
            continue
        is_unit = text in UNITS and before is not None and before.kind in ("number", "close")
        is_unit = is_unit and (ends_statement(found[end]) or found[end].kind == "relation")
        is_apart = found[end].kind == "number" and found[end].at > found[end - 1].end
        starts = before is None or before.text == "\\\\" or before.kind == "begin"
        if starts and (sign := _numbered_name(found, n)):
            parts = pairwise(found[n : sign + 1])
            name = "".join(a.text + " " * (b.at > a.end) for a, b in parts).strip()
            out.append(Token("word", name, found[n].at, found[sign - 1].end, "text"))
            n = sign
            continue
        is_label = starts and is_apart and len(text) > _FEW and text[:1].isupper() and text[1:].islower()
        is_label = is_label or (starts and text in LEADING and found[end].at > found[end - 1].end)
        if is_unit or (is_label and holds_relation(statement(found, end))):
            is_factor = is_unit and before is not None and before.kind == "number"
            out.append(Token("word" if is_factor else "text", text, found[n].at, found[end - 1].end, "text"))
            n = end
            continue
        out += found[n : max(end, n + 1)]
        n = max(end, n + 1)
    return out


def with_spaced_digits(found: list[Token]) -> list[Token]:
    """The tokens with 3 2 as 32 in a formula of which every sign stands between blanks, as some scanners leave it.

    Numbers whose thousands blanks part are one each.
    """
    digits = {n for n, (a, b) in enumerate(pairwise(found)) if a.kind == b.kind == "number"}
    if not digits or len(digits) >= MAX_DIGITS:
        return found
    if all(_parts_thousands(found, n) for n in digits):
        return _together(found, digits)
    marks = [t for t in found if t.kind != "stop"]
    is_long = any(len(t.text) > 1 for t in marks if t.kind == "number" and "." not in t.text)
    apart = sum(a.end < b.at for a, b in pairwise(marks))
    if apart < len(marks) - 1 or is_long:
        return found
    return _together(found, digits)


def _parts_thousands(found: list[Token], at: int) -> bool:
    """Whether a blank behind a number parts thousands, 4 800: three digits come behind it, and nothing is a list."""
    first, second = found[at : at + 2]
    is_group = len(second.text) == len("000") and second.text.isdigit() and second.at - first.end == 1
    begins = len(first.text) <= len("000") and first.text.isdigit() and first.text[0] != "0"
    is_later = at > 0 and found[at - 1].kind == "number"
    in_list = any(t.text in ("[", "]", ",", ";", "&") for t in found)
    return is_group and (begins or is_later) and not in_list


def _together(found: list[Token], digits: set[int]) -> list[Token]:
    """The tokens with what stands on both sides of these places as one number."""
    out: list[Token] = []
    for n, token in enumerate(found):
        last = out[-1] if out else None
        if last is not None and n - 1 in digits and "." not in last.text and "." not in token.text:
            out[-1] = Token("number", last.text + token.text, last.at, token.end)
        else:
            out.append(token)
    return out


def with_underset(found: list[Token]) -> list[Token]:
    r"""The tokens with \underset{x}{\min} as \min_x."""
    if not any(t.text == "underset" for t in found):
        return found
    out: list[Token] = []
    n = 0
    while n < len(found):
        token = found[n]
        close = closing(found, n + 1) if token.text == "underset" and found[n + 1].text == "{" else None
        end = closing(found, close + 1) if close is not None and found[close + 1].text == "{" else None
        if close is None or end is None:
            out.append(token)
            n += 1
            continue
        out += [*found[close + 2 : end], Token("op", "_", token.at, token.at), *found[n + 1 : close + 1]]
        n = end + 1
    return out


def with_braket(found: list[Token]) -> list[Token]:
    r"""The tokens with \braket{x, y} as \langle x, y \rangle."""
    out = list(found)
    for n, token in enumerate(found):
        close = closing(found, n + 1) if token.text == "braket" and found[n + 1].text == "{" else None
        if close is not None:
            out[n + 1], out[close] = replace(out[n + 1], text="<", at=token.at), replace(out[close], text=">")
    return [t for t in out if t.text != "braket"]


def with_digits(found: list[Token]) -> list[Token]:
    """The tokens with h1 as h_1, a letter and digits that touch it: no one writes a product so.

    In a subscript the digits are an index of their own, and in 3x3 the letter multiplies.
    """
    if not any(b.kind == "number" and a.kind == "letter" and a.end == b.at for a, b in pairwise(found)):
        return found
    out: list[Token] = []
    scripts: list[bool] = []
    for before, token, after in zip([None, *found], found, [*found[1:], found[-1]], strict=False):
        if token.text == "{" and token.kind == "open":
            scripts.append(before is not None and before.text == "_")
        elif token.text == "}" and token.kind == "close" and scripts:
            scripts.pop()
        touches = before is not None and before.kind in ("letter", "number") and before.end == token.at
        is_index = touches and token.kind == "number" and token.text.isdigit() and len(token.text) < _FEW
        is_letter = before is not None and before.kind == "letter"
        factor = len(out) > 1 and out[-2].kind == "number" and before is not None and out[-2].end == before.at
        power = after.kind == "op" and after.text == "_"
        if is_index and is_letter and not factor and not any(scripts) and not power and _is_free(out):
            at = token.at
            out += [
                Token("op", "_", at, at),
                Token("open", "{", at, at),
                token,
                Token("close", "}", token.end, token.end),
            ]
        else:
            out.append(token)
    return out


_TAKES_SIGNS = frozenset({"_", "^", "frac", "dfrac", "tfrac", "cfrac", "binom", "dbinom", "tbinom"})
"""What takes the one sign behind it: the 2 of \\frac n2 is the denominator."""


def _is_free(out: list[Token]) -> bool:
    """Whether the last letter is no operand and no part of a word; that of a differential, dw1, is none."""
    before, letter = (out[-2], out[-1]) if len(out) > 1 else (None, None)
    if before is None or letter is None or before.text in _TAKES_SIGNS:
        return before is None
    is_word = before.kind == "letter" and before.end == letter.at and before.text != "d"
    return not is_word


def with_round_scripts(found: list[Token]) -> list[Token]:
    """The tokens with e^(-x), sqrt(2) and x**2 as LaTeX has them.

    A letter or a number in round brackets above a letter, x^(i), keeps them: it counts samples or layers.
    """
    found = _with_powers(found)
    out: list[Token] = []
    kept: dict[int, bool] = {}
    for n, token in enumerate(found):
        before = found[n - 1] if n else None
        takes = before is not None and (
            before.text in ("_", "^") or (before.kind == "command" and before.text == "sqrt")
        )
        end = closing(found, n) if takes and token.text == "(" and not token.large else None
        if before is not None and end is not None:
            kept[end] = before.text == "^" and n > 1 and _counts(found[n - 2], found[n + 1 : end])
            out += [Token("open", "{", token.at, token.at), token] if kept[end] else [replace(token, text="{")]
        elif n in kept:
            out += [token, Token("close", "}", token.end, token.end)] if kept[n] else [replace(token, text="}")]
        else:
            out.append(token)
    return out


def _counts(base: Token, inside: list[Token]) -> bool:
    """Whether what stands in round brackets above a name is the number of a sample or a layer."""
    is_name = base.kind in ("letter", "command", "close") and base.text not in ("e", ")", "]")
    return is_name and [t.kind for t in inside] in (["letter"], ["number"], ["letter", "op", "number"])


def _without_bold(found: list[Token]) -> list[Token]:
    """The tokens without the stars around what is set bold: = **2 + 3 = 5** but x**2.

    Those that stand before or after nothing that a power may have are such stars without their partners.
    """
    stars = [n for n, (a, b) in enumerate(pairwise(found)) if a.text == b.text == "*" and a.end == b.at]
    lonely = {n for n in stars if not n or found[n - 1].kind == "relation" or found[n + 2].kind in ("relation", "stop")}
    dropped = lonely | {n + 1 for n in lonely}
    for start, end in pairwise(stars):
        opens = not start or found[start - 1].end < found[start].at
        is_tight = found[start + 2].at == found[start + 1].end and found[end - 1].end == found[end].at
        after = found[end + 2]
        is_last = after.kind == "stop" or after.at > found[end + 1].end or after.text in (",", ".", ";")
        if opens and is_tight and is_last and (start in lonely or start not in dropped):
            dropped |= {start, start + 1, end, end + 1}
            if start == 1 and found[0].text == "-":
                # The sign of a list.
                dropped.add(0)
    return [t for n, t in enumerate(found) if n not in dropped] if dropped else found


def _with_powers(found: list[Token]) -> list[Token]:
    out: list[Token] = []
    for token in _without_bold(found):
        is_second = bool(out) and token.text == out[-1].text == "*" and out[-1].end == token.at and token.kind == "op"
        if is_second:
            out[-1] = Token("op", "^", out[-1].at, token.end)
        else:
            out.append(token)
    return out


def with_times(found: list[Token]) -> list[Token]:
    """The tokens with an x between two numbers, or a number and one in brackets, as the sign of multiplication."""
    if not any(t.text == "x" for t in found):
        return found
    out = list(found)
    for n in range(1, len(found) - 1):
        before, token, after = found[n - 1 : n + 2]
        apart = token.at > before.end and after.at > token.end
        inside = found[n + 2 : n + 4]
        is_bracketed = after.text == "(" and [t.kind for t in inside] == ["number", "close"]
        between = before.kind == "number" and (after.kind == "number" or is_bracketed)
        if token.kind == "letter" and token.text == "x" and between and apart:
            out[n] = Token("op", "*", token.at, token.end)
    return out
