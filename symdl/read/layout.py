"""Rows, side conditions and arrows: what the tokens of a display say by their layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from symdl.read.source import Token

_JOINING = ("+", "-", "*", "/", "^", "_", "'", "|", "||", "!")

_GRIDS = ("array", "cases", "aligned", "gathered", "split", "matrix")

_SHORT = 12
"""How many signs a layer in brackets has at most."""

_LISTED = 3
"""The fewest numbers side by side that are a vector."""

MAX_GRIDS = 2_000
"""How far into a formula arrays are looked at for what they are."""

LAYOUTS = ("aligned", "align", "alignat", "split", "gather", "gathered", "equation", "multline", "eqnarray", "flalign")
"""Environments that only arrange relations."""


def with_rows(found: list[Token], text: str) -> list[Token]:
    """The tokens with a row break wherever a new line of the source begins a new relation.

    That is so where both lines hold a relation outside all brackets, and neither the end of the first nor the start of
    the second asks for more.
    """
    if "\n" not in text:
        return found
    lines: list[list[Token]] = [[]]
    depth = 0
    for before, token in zip([None, *found], found, strict=False):
        if before is not None and depth == 0 and "\n" in text[before.end : token.at]:
            lines.append([])
        lines[-1].append(token)
        depth += nesting(token)
    out = list(lines[0])
    start = 0
    for line in lines[1:]:
        breaks = _is_open(line[0]) and bool(out) and _is_open(out[-1])
        if breaks and holds_relation(out[start:]) and holds_relation(line[1:]):
            out.append(Token("op", "\\\\", line[0].at, line[0].at))
            start = len(out)
        out += line
    return out


def with_systems(found: list[Token]) -> list[Token]:
    r"""The tokens with \left\{ \begin{array}… \right. as a case split, or as rows where it is a system of relations.

    An array of relations that begins a statement is rows as well.
    """
    if not any(t.kind == "begin" for t in found):
        return found
    out: list[Token] = []
    ends: dict[int, Token | None] = {}
    skip = 0
    for n, token in enumerate(found):
        if n < skip:
            continue
        if n in ends:
            replaced = ends[n]
            out += [replaced] if replaced is not None else []
            continue
        begin = n + _is_brace(token)
        if found[begin].kind != "begin" or found[begin].text not in _GRIDS:
            out.append(token)
            continue
        first = _after_columns(found, begin)
        is_bare = begin == n and found[begin].text not in ("array", "cases")
        close = None if is_bare or n > MAX_GRIDS else closing(found, begin)
        if close is None:
            out.append(token)
            continue
        inside = found[first:close]
        starts = (
            not out or out[-1].text in ("\\\\", ",", "quad", "&", ";", ":", "=>") or out[-1].kind in ("begin", "text")
        )
        is_system = starts and all(holds_relation(row) for row in _first_cells(inside))
        if begin > n and _is_period(found[close + 1]):
            ends[close + 1] = None
        elif begin > n or not is_system:
            out.append(token)
            continue
        quad = Token("op", "\\\\", token.at, token.at)
        ends[close] = quad if is_system else Token("end", "cases", found[close].at, found[close].end)
        if not is_system:
            out.append(Token("begin", "cases", token.at, found[first - 1].end))
        elif not out or out[-1].text != "=>":
            out.append(quad)
        skip = first
    return out


def _is_brace(token: Token) -> bool:
    return token.kind == "open" and token.text == r"\{" and token.large == "left"


def _is_period(token: Token) -> bool:
    return token.text == "." and token.large == "right"


def _after_columns(found: list[Token], begin: int) -> int:
    """Where the cells of an array start: after the letters that tell its columns."""
    if found[begin].text != "array" or found[begin + 1].text != "{":
        return begin + 1
    n = begin + 1
    while n < len(found) - 1 and found[n].text != "}":
        n += 1
    return n + 1


def _first_cells(inside: list[Token]) -> list[list[Token]]:
    """The first cell of each row; of rows that align their relation signs, the whole row."""
    rows: list[list[Token]] = [[]]
    depth = 0
    for token in inside:
        if depth == 0 and token.text == "\\\\":
            rows.append([])
            continue
        depth += token.kind in ("open", "begin")
        depth -= token.kind in ("close", "end")
        rows[-1].append(token)
    cells: list[list[Token]] = []
    for row in filter(None, rows):
        cut = next((n for n, t in enumerate(row) if t.text == "&" and t.kind == "op"), len(row))
        near = row[cut + 1 : cut + 2]
        aligned = (near and near[0].kind == "relation") or (cut and row[cut - 1].kind == "relation")
        cells.append(row if aligned else row[:cut])
    return cells


_NUMERALS = frozenset((*"abcdefgh", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"))


def without_labels(found: list[Token]) -> list[Token]:
    """The tokens without what names an item that begins a row: (ii) L = 2, conv2: 16 + 1 = 17."""
    out: list[Token] = []
    skip = 0
    for n, token in enumerate(found):
        if n < skip:
            continue
        starts = not out or out[-1].text == "\\\\" or out[-1].kind == "begin"
        if token.kind == "letter" and (starts or out[-1].text in (",", "quad")) and (end := _numbered_word(found, n)):
            skip = end
            continue
        if starts and (end := _label_end(found, n)):
            skip = end
            continue
        out.append(token)
    return out


def _label_end(found: list[Token], n: int) -> int:
    """Where the label of an item ends that begins here, (ii), ii), Q1, Q1 (a) or 1 b); 0 where none does."""
    at = n
    run = run_end(found, n)
    is_question = "".join(t.text for t in found[n:run]) in ("Q", "Ex", "Aufg") and found[run].kind == "number"
    if is_question and found[run].at == found[run - 1].end:
        at = run + 1
    elif found[n].kind == "number" and found[n].text.isdigit() and found[n + 1].kind == "letter":
        # 1 b) z = 2: no number stands before a letter that a bracket closes.
        at = n + 1
    opens = found[at].text == "(" and not found[at].large
    k = run_end(found, at + opens)
    label = "".join(t.text for t in found[at + opens : k])
    is_closed = k > at and found[k].text == ")" and found[k].at == found[k - 1].end
    if label in _NUMERALS and is_closed and _begins_apart(found[k], found[k + 1 :]):
        return k + 1
    return at if is_question and at > n and _begins_apart(found[at - 1], found[at:]) else 0


def run_end(found: list[Token], n: int) -> int:
    """Where the letters end that touch each other from `n` on; `n` itself where none stands there."""
    end = n
    while found[end].kind == "letter" and (end == n or found[end].at == found[end - 1].end):
        end += 1
    return end


def _numbered_word(found: list[Token], n: int) -> int:
    """Where a word ends that a number and a colon follow, all without a space between them; 0 where none begins."""
    end = run_end(found, n)
    touch = found[end].at == found[end - 1].end and found[end].kind == "number" and found[end].text.isdigit()
    is_label = end - n > 1 and touch and found[end + 1].text == ":" and found[end + 1].at == found[end].end
    return end + 2 if is_label and holds_relation(statement(found, end + 2)) else 0


def _begins_apart(close: Token, rest: list[Token]) -> bool:
    """Whether a relation begins after a bracket, with a space between them."""
    first = rest[0] if rest else close
    opens = first.kind in ("letter", "number", "command", "word") and first.at > close.end
    return opens and first.text not in ("cdot", "times", "odot") and holds_relation(statement(rest, 0))


def with_lists(found: list[Token]) -> list[Token]:
    r"""The tokens with three numbers or more that are a whole side as a vector: 0 \quad 1 \quad 0."""
    out: list[Token] = []
    n = 0
    while n < len(found):
        out.append(found[n])
        n += 1
        if out[-1].kind != "relation":
            continue
        cells: list[list[Token]] = []
        k = n
        while (cell := _number_at(found, k)) and (not cells or found[k - 1].text == "quad"):
            cells.append(cell)
            k += len(cell)
            k += found[k].text == "quad"
        ends = found[k].kind in ("stop", "end") or found[k].text in ("\\\\", ".")
        if len(cells) < _LISTED or not ends or found[k - 1].text == "quad":
            continue
        out.append(Token("open", "(", cells[0][0].at, cells[0][0].at))
        for cell in cells:
            out += [*cell, Token("op", ",", cell[-1].end, cell[-1].end)]
        out[-1] = Token("close", ")", out[-1].at, out[-1].end)
        n = k
    return out


def _number_at(found: list[Token], n: int) -> list[Token]:
    """The tokens of a number, perhaps with its sign and in braces; none where something else begins."""
    braced = found[n].text == "{" and found[n].kind == "open"
    k = n + braced
    k += found[k].kind == "op" and found[k].text in ("-", "+")
    if found[min(k, len(found) - 1)].kind != "number":
        return []
    if braced and found[k + 1].text != "}":
        return []
    return found[n : k + 1 + braced]


def without_nothing(found: list[Token]) -> list[Token]:
    r"""The tokens without braces that only space what is beside them: empty ones before a sign, \nabla{f}."""
    out: list[Token] = []
    skip = 0
    for n, token in enumerate(found[:-2]):
        if n < skip:
            continue
        is_open = token.text == "{" and token.kind == "open"
        is_empty = is_open and found[n + 1].text == "}"
        is_slope = is_open and bool(out) and out[-1].kind == "command" and out[-1].text in ("partial", "nabla")
        if is_empty and (is_slope or _is_sign(found[n + 2])):
            skip = n + 2
        elif is_slope and found[n + 2].text == "}" and found[n + 1].kind == "letter":
            out.append(found[n + 1])
            skip = n + 3
        else:
            out.append(token)
    return [*out, *found[max(skip, len(found) - 2) :]]


def _is_sign(token: Token) -> bool:
    return token.kind in ("op", "relation") and token.text not in ("_", "^", "'")


def with_percentages(found: list[Token], text: str) -> list[Token]:
    r"""The tokens with the percentage in brackets behind a number as one more of its values: 0.667 \quad (66.7\%)."""
    out: list[Token] = []
    skip = 0
    for n, token in enumerate(found):
        inside = found[n + 1 : n + 3]
        if n < skip:
            continue
        before = out[:-1] if out and out[-1].text == "quad" else out
        is_alone = token.text == "(" and [t.kind for t in inside] == ["number", "close"]
        if is_alone and text[inside[0].end - 1] == "%" and before and before[-1].kind == "number":
            out = [*before, Token("relation", "=", token.at, token.end), inside[0]]
            skip = n + 3
            continue
        out.append(token)
    return out


def without_brackets(found: list[Token]) -> list[Token]:
    r"""The tokens without the brackets around side conditions: y = a x^2 \quad (a > 0).

    Such a bracket stands apart from what is before it and ends its statement, and a relation is in it.
    """
    out = list(found)
    for n, close in _side_conditions(found):
        out[n] = Token("op", "quad", found[n].at, found[n].end)
        out[close] = Token("op", "quad", found[close].at, found[close].end)
    return out


def _side_conditions(found: list[Token]) -> Iterator[tuple[int, int]]:
    depth = 0
    for n, token in enumerate(found):
        apart = n > 0 and found[n - 1].kind in ("op", "text") and found[n - 1].text not in _JOINING
        if depth == 0 and apart and token.kind == "open" and token.text == "(":
            close = closing(found, n)
            if close is not None and holds_relation(found[n + 1 : close]) and ends_statement(found[close + 1]):
                yield n, close
        depth += nesting(token)


def nesting(token: Token) -> int:
    """By how much brackets are open behind a token; rows of a display open none."""
    is_layout = token.text.rstrip("*") in LAYOUTS
    opens = token.kind == "open" or (token.kind == "begin" and not is_layout)
    closes = token.kind == "close" or (token.kind == "end" and not is_layout)
    return opens - closes


def closing(found: list[Token], n: int) -> int | None:
    """Where the bracket closes that opens at `n`."""
    depth = 0
    for k in range(n, len(found) - 1):
        depth += found[k].kind in ("open", "begin")
        depth -= found[k].kind in ("close", "end")
        if depth == 0:
            return k
    return None


def with_layers_apart(found: list[Token]) -> list[Token]:
    r"""The tokens with W^{(1)\top} as W^{(1)}^{\top}, and w^{*\top} so: what stands beside a layer or a star."""
    if not any(a.text == "{" and b.text in ("(", "[", *_STARS) for a, b in pairwise(found)):
        return found
    ends: set[int] = set()
    for n in range(2, len(found)):
        if [t.text for t in found[n - 2 : n]] == ["^", "{"] and found[n].text in ("(", "[", *_STARS):
            close = 0 if found[n].text in _STARS else closing(found[n : n + _SHORT], 0)
            if close is not None and _stands_beside_layer(found[n + close + 1]) and found[n + close + 2].text == "}":
                ends.add(n + close)
    return [t for n, token in enumerate(found) for t in (token, *(_between(token.end) if n in ends else ()))]


_STARS = ("*", "star", "ast")


def _stands_beside_layer(token: Token) -> bool:
    """Whether a token is a transposition, a prime or a number, which is no factor of a layer."""
    return token.text in ("T", "top", "intercal", "prime", "'", "*") or token.kind == "number"


def _between(at: int) -> tuple[Token, ...]:
    """What ends a superscript and begins another one."""
    return Token("close", "}", at, at), Token("op", "^", at, at), Token("open", "{", at, at)


def ends_statement(token: Token) -> bool:
    return token.kind in ("stop", "end", "text") or (
        token.kind == "op" and token.text in (",", ";", ".", "\\\\", "quad", "&")
    )


def with_differences(found: list[Token]) -> list[Token]:
    r"""The tokens with x \in S \setminus \{y\} as x \in S, x \neq y."""
    if not any(token.text == "setminus" for token in found):
        return found
    out: list[Token] = []
    start, sign = 0, None
    skip = depth = 0
    for n, token in enumerate(found):
        if n < skip:
            continue
        depth += token.kind == "open"
        depth -= token.kind == "close"
        if depth > 0:
            out.append(token)
            continue
        if token.text in (",", "quad", "\\\\") or token.kind in ("begin", "text"):
            start, sign = len(out) + 1, None
        elif token.kind == "relation" and token.text == "in":
            sign = len(out)
        brace, taken, end = (*found[n + 1 : n + 4], token, token, token)[:3]
        is_single = (brace.text, end.text) == (r"\{", r"\}") and taken.kind in ("letter", "number")
        if token.text != "setminus" or not is_single or sign is None:
            out.append(token)
            continue
        comma, differs = Token("op", ",", token.at, token.at), Token("relation", "!=", token.at, token.end)
        out += [comma, *out[start:sign], differs, taken]
        skip = n + 4
    return out


_LEFT, _RIGHT = {"(": "<", "[": "<="}, {")": "<", "]": "<="}


def with_intervals(found: list[Token], text: str) -> list[Token]:
    r"""The tokens with a condition x \in (0, 1] after a formula, or after \forall, as 0 < x <= 1.

    An infinite end is left out.
    """
    out: list[Token] = []
    start, n = len(found), 0
    quantified = "\\forall" in text
    while n < len(found):
        token = found[n]
        if quantified and is_quantified(text, token.at):
            start = len(out)
        if token.kind == "text" or (token.kind == "op" and token.text in (",", "quad")):
            start = len(out) + 1
        elif token.kind in ("relation", "begin", "end") or token.text == "\\\\":
            ends = interval(found, n + 1) if token.text == "in" and start < len(out) else None
            if ends is not None:
                comma, close = ends
                name, low, high = out[start:], found[n + 2 : comma], found[comma + 1 : close]
                below = Token("relation", _LEFT[found[n + 1].text], token.at, token.end)
                above = Token("relation", _RIGHT[found[close].text], token.at, token.end)
                before = [*low, below] if low[-1].text != "infty" else []
                after = [above, *high] if high[-1].text != "infty" else []
                out[start:] = [*before, *name, *after]
                start, n = len(found), close + 1
                continue
            start = len(found)
        out.append(token)
        n += 1
    return out


_FOR_ALL = re.compile(r"\\forall\s*\Z")
_NEAR = 20
"""How far before a sign its quantifier stands."""


def is_quantified(text: str, at: int) -> bool:
    """Whether what stands at this place in a text is said for all of something."""
    return _FOR_ALL.search(text, max(at - _NEAR, 0), at) is not None


def interval(found: list[Token], n: int) -> tuple[int, int] | None:
    """Where the comma and the closing bracket of an interval stand that opens here and ends its statement."""
    depth, commas = 0, []
    for k in range(n, len(found) - 1):
        depth += found[k].kind in ("open", "begin")
        depth -= found[k].kind in ("close", "end")
        if depth == 1 and found[k].text == ",":
            commas.append(k)
        if depth <= 0:
            is_pair = len(commas) == 1 and n + 1 < commas[0] < k - 1
            ends = ends_statement(found[k + 1]) or found[k + 1].text == ":"
            is_open = found[n].text in _LEFT and found[k].text in _RIGHT and ends
            return (commas[0], k) if is_pair and is_open else None
    return None


def statement(found: list[Token], n: int) -> list[Token]:
    """The tokens from here to the end of the statement."""
    depth, start = 0, n
    while n < len(found):
        token = found[n]
        depth += token.kind in ("open", "begin")
        depth -= token.kind in ("close", "end")
        if depth < 0 or (not depth and parts_statements(token)):
            break
        n += 1
    return found[start:n]


def parts_statements(token: Token) -> bool:
    """Whether a token outside brackets ends a statement."""
    return token.kind in ("stop", "text") or (token.kind == "op" and token.text in (",", ";", "\\\\", "quad", "&"))


def without_marks(found: list[Token]) -> list[Token]:
    r"""The tokens without arrows that only point at a remark or a number of an equation: \rightarrow (1).

    What a result leads to is a remark too: it is rounded or classified, = 112.5 \to 112 or = 0.5 \to 1, or is the
    side of something, = 32 \to 32 \times 32 \times 16.
    """
    kept: list[Token] = []
    marks = [n for n, token in enumerate(found) if token.text == "[" and _is_mark(found, n)]
    arrows = [n for n, token in enumerate(found) if token.text in _ARROWS]
    outputs = {k for n in arrows if _follows_number(found, n) for k in range(n, _output_end(found, n))}
    for n, token in enumerate(found):
        following = found[n + 1] if n + 1 < len(found) else token
        if n in outputs:
            continue
        is_arrow = token.text in ("rightarrow", "to") or (token.kind == "relation" and token.text == "<-")
        ends = following.kind in ("stop", "end", "text") or following.text == "\\\\"
        if is_arrow and (ends or (following.kind == "word" and following.large == "text")):
            continue
        if any(a <= n < a + _MARK for a in marks):
            continue
        kept.append(token if token.text != "<-" else Token("relation", "=", token.at, token.end))
    return kept


def _follows_number(found: list[Token], n: int) -> bool:
    """Whether an arrow stands behind the number at the end of a relation."""
    signs = [t.kind for t in found[max(n - _SIGNED, 0) : n - 1]]
    return found[n - 1].kind == "number" and "relation" in signs


def _output_end(found: list[Token], n: int) -> int:
    """Where the number, or the product of numbers, ends that an arrow leads to; the arrow's place if it leads on."""
    end = n + 1
    while found[end].kind == "number" and found[end + 1].text in ("times", "*") and found[end + 2].kind == "number":
        end += 2
    is_number = found[end].kind == "number" and ends_statement(found[end + 1])
    return end + 1 if is_number else n


_SIGNED = 3
"""How far before an arrow a relation stands that ends with one number, or one with its sign."""


def without_numbers(found: list[Token], text: str) -> list[Token]:
    """The tokens without the number of an equation in brackets, which wide space or leaders part from its line."""
    spans: list[tuple[int, int]] = []
    for number in _EQUATION.finditer(text):
        gap = _LEADERS.search(text, max(number.start() - _WIDE, 0), number.start())
        if gap is not None and (_SPACED.search(gap[0]) or len(_THIN.findall(gap[0])) > 1):
            spans.append((gap.start(), number.end()))
    return [t for t in found if t.kind == "stop" or not any(a <= t.at < b for a, b in spans)] if spans else found


_EQUATION = re.compile(r"\(\s*(?:\d{1,3}(?:\.\d{1,3})?[a-z]?|[ivx]{1,4})\s*\)(?=[ \t\n.]{0,9}(?:\Z|\\\\|\\end\b))")
"""A number or roman numeral in brackets at the end of a line."""
_LEADERS = re.compile(r"(?:~|\\[;,: !]|\\hfill|\\[lc]?dots[bcm]?|\\q?quad|\\hspace\{[^{}]{0,9}\}|[-.\s])+\Z")
_SPACED = re.compile(r"\\hfill|\\[lc]?dots|quad|\\hspace|--|\.\s*\.\s*\.")
_THIN = re.compile(r"~|\\[;,: !]")
_WIDE = 100
"""How far before the number of an equation its formula ends."""


_MARK = 3
"""How many signs a mark has: the brackets and the number."""


def _is_mark(found: list[Token], n: int) -> bool:
    """Whether a number in square brackets stands here, apart from a result and at the end of its line: = 7 [2]."""
    bracket, number, close, after = (*found[n : n + 4], *found[-1:] * 4)[:4]
    is_whole = (bracket.text, number.kind, close.text) == ("[", "number", "]") and number.text.isdigit()
    before = found[n - 1] if n else bracket
    is_apart = before.text == "quad" or (before.kind == "number" and before.end < bracket.at)
    return is_whole and is_apart and (after.kind in ("stop", "end") or after.text == "\\\\")


_ARROWS = frozenset({"to", "rightarrow", "longrightarrow"})


def with_arrows(found: list[Token]) -> list[Token]:
    r"""The tokens with an arrow between two relations, or before the first, as \Rightarrow."""
    if not any(token.text in _ARROWS for token in found):
        return found
    out = list(found)
    framed: set[int] = set()
    start = depth = 0
    for n, token in enumerate(found):
        is_layout = token.kind in ("begin", "end") and token.text.rstrip("*") in LAYOUTS
        depth += token.kind in ("open", "begin") and not is_layout
        depth -= token.kind in ("close", "end") and not is_layout
        if (token.text in ("\\\\", ",", "quad", ";") or is_layout) and not depth:
            start = n + 1
        if depth or token.text not in _ARROWS:
            continue
        before = found[start:n]
        if (not before or holds_relation(before)) and holds_relation(statement(found, n + 1)):
            out[n] = Token("relation", "=>", token.at, token.end)
            start = n + 1
            if found[start].text == "boxed" and (end := closing(found, start + 1)) is not None:
                framed |= {start, start + 1, end}
    return [token for n, token in enumerate(out) if n not in framed]


def without_exclamation(found: list[Token]) -> list[Token]:
    """The tokens without an exclamation mark that stands apart at the end."""
    *rest, last, stop = found if len(found) > 1 else [Token("stop", "", 0, 0), *found]
    apart = len(rest) > 0 and last.text == "!" and last.kind == "op" and last.at > rest[-1].end
    return [*rest, stop] if apart else found


def holds_relation(line: list[Token]) -> bool:
    depth = 0
    for token in line:
        depth += token.kind in ("open", "begin")
        depth -= token.kind in ("close", "end")
        if token.kind == "relation" and depth <= 0:
            return True
    # A frame is drawn around what is said.
    is_framed = len(line) > _FRAME and line[0].text == "boxed" and line[1].text == "{" and line[-1].text == "}"
    return is_framed and holds_relation(line[2:-1])


_FRAME = 3
"""The tokens of an empty frame."""


def _is_open(token: Token) -> bool:
    """Whether a relation may end or begin with this token."""
    if token.kind in ("relation", "begin", "end", "stop"):
        return False
    if token.kind == "op":
        return token.text in ("'", "|", "||")
    return token.text not in ("cdot", "times", "div", "odot", "circ")
