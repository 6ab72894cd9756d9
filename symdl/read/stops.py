"""Full stops between two factors: a . b is a product, and ends no sentence."""

from __future__ import annotations

from symdl.read.commands import ACCENTS, FONTS, GREEK
from symdl.read.layout import parts_statements
from symdl.read.source import Token

_NAMES = GREEK | ACCENTS | FONTS


def with_stops(found: list[Token]) -> list[Token]:
    """The tokens with a full stop between two factors as the sign of multiplication: a . b is no end of a sentence.

    Where a name with a relation sign follows, as in c = a . b = 6, it may be either, and is refused, unless another
    stop can only multiply.
    """
    if not any(token.text == "." for token in found):
        return found
    out = list(found)
    doubtful: list[int] = []
    relates = _relating(found)
    equates = multiplies = False
    for n in range(1, len(found) - 1):
        before, token, after = found[n - 1 : n + 2]
        equates = token.kind == "relation" or (equates and token.text not in ("\\\\", "quad", ",", ";"))
        is_stop = token.kind == "op" and token.text == "." and not token.large
        if not is_stop or not _ends_factor(before) or not _begins_factor(after):
            continue
        apart = token.at > before.end
        between = before.text == "}" and after.text == "frac"
        # What stands before the first relation sign is no statement of its own.
        opens = not equates and (apart or after.at == token.end)
        if opens or not relates[n + 1] or (apart and between):
            multiplies = multiplies or apart
            out[n] = Token("op", "*", token.at, token.end)
        elif not equates or (apart and before.kind != "number"):
            doubtful.append(n)
    for n in doubtful:
        message = "a full stop that may end a statement or multiply"
        out[n] = Token("op" if multiplies else "bad", "*" if multiplies else message, found[n].at, found[n].end)
    return out


def _relating(found: list[Token]) -> list[bool]:
    """For each place whether a relation sign stands in the statement from there on."""
    # Of what is open, from the right: whether the statement behind its end relates, and how many signs stand there.
    relates, behind, count = [False] * (len(found) + 1), [(False, 0)], 0
    for n in range(len(found) - 1, -1, -1):
        token = found[n]
        count += token.kind == "relation"
        if token.kind in ("close", "end"):
            behind.append((relates[n + 1], count))
        elif token.kind in ("open", "begin"):
            after, signs = behind.pop() if len(behind) > 1 else behind[0]
            relates[n] = after or count > signs
        else:
            relates[n] = not parts_statements(token) and (token.kind == "relation" or relates[n + 1])
    return relates


def _ends_factor(token: Token) -> bool:
    is_name = token.kind == "command" and token.text in GREEK
    return is_name or token.kind in ("letter", "number", "close") or token.text == "'"


def _begins_factor(token: Token) -> bool:
    is_command = token.kind == "command" and (token.text in _NAMES or token.text in ("frac", "dfrac", "sqrt", "sum"))
    return is_command or token.kind in ("letter", "open") or (token.kind == "number" and token.text.isdigit())
