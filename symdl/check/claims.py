"""The claims of a display: its chains, what stands beside each, and which follows from which."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

from sympy import Expr, Indexed, Symbol

from symdl.check.running import Claim
from symdl.check.words import relations
from symdl.language import At, D, free_symbols, is_index, is_quantity, label_of, quantities, subterms
from symdl.problem import Block, Givens, Ranges, Relation, Symbolic
from symdl.read import Chain, Side, read_chains
from symdl.read.commands import COMPARED

WORD = re.compile(r"\\(?:text|mbox|textrm|textit)\{[^{}]*\}")
"""A word in a formula, and nothing else."""

_PLAIN_WORD = re.compile(r"[A-Za-z]{3,}(?:\s+[a-z]{2,})*|\\(?:text|mathrm|textrm)\{[^{}]{3,}\}")
_REQUIRES = re.compile(r"\\(?:overset|stackrel)\s*\{\s*!\s*\}")
_SETS = re.compile(r":=|\\coloneqq\b")
_ASSIGNS = re.compile(r"\\(?:leftarrow|gets)\b|←|:=|\\coloneqq\b")
_SIGN = re.compile(rf"[=<>≈≤≥]|\\(?:approx|{COMPARED}|equiv)\b")
_ARROW = re.compile(r"\\(?:Rightarrow|Longrightarrow|implies|iff|Leftrightarrow|Longleftrightarrow|therefore)\b|[⇒⟹⇔∴]")
_CONDITION = re.compile(rf"\\(?:forall|{COMPARED})\b" r"|[<>≠≤≥∀]|\\text\{\s*(?:if|for|when|where)\b")
_UNDER = re.compile(
    r"\\(?:text|mbox|textrm|textit)\{[^{}]*\b(?:for|if|when|whenever)\s*\}(?:[\s,:]*|[^{}]*\\in\s*[(\[]\s*)$"
)
_IF = re.compile(r"\\(?:text|mbox|textrm|textit)\{[\s,]*(?:if|when|whenever|provided(?: that)?)\s*\}")
"""That what follows is a condition."""
_AND = re.compile(r"\\(?:text|mbox|textrm|textit)\{[\s,]*and\s*\}[\s,]*$")
_OWN_CASE = re.compile(r"\s*(?:,\s*)?\\(?:text|mbox|textrm|textit)\{[\s,]*(?:if|when|otherwise|else|for)\b(?!\s+all\b)")
"""What says behind a relation where this holds, so that it is none that says where others do."""
_QUANTIFIED = re.compile(r"(?:\\forall|∀)\s*(?:[^=,:]*\\in\s*[(\[]\s*)?$")
_BESIDE = re.compile(r"\\q?quad\b|,|\(\s*$|(?<!&)&\s*$")
_SUPPOSES = re.compile(r"\\text\{\s*(?:assum\w*|suppos\w*|let|given|if)\b", re.IGNORECASE)
_EQUIVALENT = re.compile(r"\\(?:iff|Leftrightarrow|Longleftrightarrow)\b|⇔")


_BRACE = re.compile(r"\\(?:under|over)brace\s*\{")
_AT_BRACE = re.compile(r"\s*[_^]\s*\{(?=\s*(?:=|\\approx|≈))")
_OTHERWISE = re.compile(
    r"(?:\\\\|\\begin\{\w+\*?\})[\s&]*\\(?:text|textrm|mbox|mathrm)\{\s*(?:otherwise|else|sonst|andernfalls)\b[^{}]*\}",
    re.IGNORECASE,
)
"""What begins a row that holds where the case of the row before it does not."""
_ELSEWHERE = re.compile(
    r"(?:[\s,;&]|\\q?quad(?![A-Za-z])|\\[,;: ])*\\(?:text|textrm|mbox|mathrm)\{\s*(?:otherwise|else(?:where)?|sonst)\b",
    re.IGNORECASE,
)
"""What says behind a line that it is of another case than the one that it seems to go on from."""


def chains_of(block: Block, givens: Givens, ranges: Ranges) -> list[Chain]:
    """The chains of a display, read with the ranges that words give only where it cannot be read without them.

    A display mostly fixes its own ranges; what the words give may be narrower than what its families span.
    """
    alone = _joined(read_chains(block, givens))
    if not ranges or not _errors(alone):
        return alone
    helped = _joined(read_chains(block, givens, ranges))
    return helped if _errors(helped) < _errors(alone) else alone


def claims_of(raw: Block, block: Block, chains: Sequence[Chain], givens: Givens) -> tuple[list[Claim], list[Side]]:
    """The claims of a display, and what holds a relation somewhere but cannot be taken apart.

    `raw` is the display as it stands in the document, `block` without what is no formula.
    """
    claims: list[Claim] = []
    unread: list[Side] = []
    end = opened = 0
    for n, chain in enumerate(chains):
        start = chain.sides[0].place.offset_in(block.text, block.place)
        before, concludes = end, bool(_ARROW.search(block.text[end:start]))
        is_both = bool(_EQUIVALENT.search(block.text[end:start]))
        last = chain.sides[-1]
        end = last.place.offset_in(block.text, block.place) + len(last.source)
        following = chains[n + 1] if n + 1 < len(chains) else None
        gap = block.text[end : following.sides[0].place.offset_in(block.text, block.place)] if following else ""
        behind = gap if following else block.text[end:]
        is_label = _is_label(chain, block.text[before:start] if n else "", behind)
        is_local = (
            claims
            and not concludes
            and (
                _is_premise(block.text[opened:start], chain, behind, givens)
                or (not is_label and _is_beside(claims[-1].chain, chain, block.text[before:start], givens))
            )
        )
        if is_local:
            local = (*claims[-1].local, *relations(chain, claims[-1].chain.ranges))
            claims[-1] = replace(claims[-1], local=local)
        elif chain.signs:
            supposes = bool(_SUPPOSES.search(raw.text[before:start]))
            opened = start
            is_setting = is_label or (behind.lstrip().startswith(":") and _gives_number(chain))
            is_setting = is_setting or (following is not None and bool(_QUANTIFIED.search(block.text[before:start])))
            leads_on, otherwise = bool(_ARROW.search(gap)), bool(_OTHERWISE.search(raw.text[before:start]))
            is_elsewhere = is_dangling(chain.sides[0]) and bool(_ELSEWHERE.match(raw.text[end:]))
            chain, local = _of_members(chain)
            claims.append(Claim(chain, local, concludes, leads_on, is_elsewhere, supposes, is_setting, otherwise))
            if is_both and len(claims) > 1:
                claims[-1] = replace(claims[-1], equals=_last_of(claims[-2].chain))
        elif chain.sides[0].error and claims and _CONDITION.search(chain.sides[0].source):
            claims[-1] = replace(claims[-1], is_limited=True)
        elif claims and not chain.sides[0].error and not concludes and chain.sides[0].expr is not None:
            # Numbers side by side, as in a row without brackets: the claim is not its first number alone.
            claims[-1] = replace(claims[-1], is_limited=claims[-1].is_limited or chain.sides[0].expr.is_number)
        elif chain.sides[0].error and _SIGN.search(chain.sides[0].source):
            unread.append(chain.sides[0])
    return _led(_labelled(claims)), unread


def _is_beside(before: Chain, chain: Chain, words: str, givens: Givens) -> bool:
    """Whether a relation only says where the one before it holds."""
    return is_condition(chain, before.ranges, givens, is_said=_is_under(before, chain, words, givens))


def _of_members(chain: Chain) -> tuple[Chain, tuple[Relation, ...]]:
    """A chain both sides of which are taken where a member at a letter of its own has a value, and this condition.

    It is said of all members, and no point is put for one of them.
    """
    found = {s.expr.settings if isinstance(s.expr, At) else None for s in chain.sides}
    settings = found.pop()
    if found or settings is None:
        return chain, ()
    sides = [replace(s, expr=cast(At, s.expr).of) for s in chain.sides]
    letters = [frozenset(filter(is_index, free_symbols(name))) for name, _ in settings]
    inside = frozenset[Symbol]().union(*(free_symbols(cast(Expr, s.expr)) for s in sides))
    if not all(letters) or any(own & inside for own in letters):
        return chain, ()
    return replace(chain, sides=tuple(sides)), tuple(Relation(name, "=", value) for name, value in settings)


def _is_premise(text: str, chain: Chain, behind: str, givens: Givens) -> bool:
    """Whether an equation of what is free stands behind an `if`, or behind an `and` after one: where a claim holds.

    `text` goes from the claim to the equation.
    """
    words = list(_IF.finditer(text))
    is_led = bool(words) and (not text[words[-1].end() :].strip(" ,:") or bool(_AND.search(text)))
    sides = [side.expr for side in chain.sides]
    if not is_led or chain.signs != ("=",) or None in sides or _OWN_CASE.match(behind):
        return False
    return not isinstance(sides[0], D) and not givens.is_defined(cast(Expr, sides[0]))


def _is_label(chain: Chain, gap: str, behind: str) -> bool:
    """Whether a bound, or that two indices are equal, stands before the colon at the start of a row: where it holds."""
    is_bound = bool(chain.signs) and set(chain.signs) <= {"<", ">", "<=", ">=", "!="}
    is_bound = is_bound or (chain.signs == ("=",) and all(s.expr is not None and is_index(s.expr) for s in chain.sides))
    return is_bound and (not gap or r"\\" in gap) and behind.lstrip(" \n\t}").startswith(":")


def _labelled(claims: Sequence[Claim]) -> list[Claim]:
    """The claims, where all values before a colon at the start of a display say where the others hold."""
    end = next((n for n, claim in enumerate(claims) if claim.is_setting), 0)
    are_values = all(_gives_number(claim.chain) for claim in claims[:end])
    return [replace(c, is_setting=c.is_setting or (n < end and are_values)) for n, c in enumerate(claims)]


def _led(claims: Sequence[Claim]) -> list[Claim]:
    """The claims, where those beside one that leads on, and not concluded, lead on with it."""
    found: list[Claim] = []
    leads = False
    for claim in reversed(claims):
        found.append(replace(claim, leads_with=leads))
        leads = (leads or claim.leads_on) and not claim.concludes
    return found[::-1]


def _is_under(last: Chain, chain: Chain, gap: str, givens: Givens) -> bool:
    """Whether what stands between an equation and a relation says that the one holds where the other does.

    A word does, and brackets; a gap does before an inequality where no numbers are given, so that it is no result, and
    before the number of a name that is free and not in the equation.
    """
    is_apart = bool(_BESIDE.search(gap)) and "=" in last.signs
    is_bracketed = gap.rstrip().endswith("(")
    if chain.signs == ("=",):
        name, value = chain.sides[0].expr, chain.sides[1].expr
        if name is None or value is None or not (is_quantity(name) and value.is_number) or _is_fixed(name, givens):
            return False
        sides = [s.expr for s in last.sides if s.expr is not None]
        told = isinstance(sides[0], D) or givens.is_defined(sides[0]) if sides else False
        return is_apart and told and (is_bracketed or not any(name in subterms(s) for s in sides))
    if not set(chain.signs) <= {"<", ">", "<=", ">=", "!="}:
        return False
    return (is_apart and (is_bracketed or not givens.values)) or bool(_UNDER.search(gap))


def _is_fixed(name: Expr, givens: Givens) -> bool:
    return givens.is_defined(name) or name in givens.stated


def is_condition(chain: Chain, ranges: Ranges, givens: Givens, *, is_said: bool = False) -> bool:
    """Whether a chain beside another one only says where that holds: `i \\neq k`, `u > 0`.

    It does if it speaks of index letters alone, or states an inequality of quantities that nothing defines, or of any
    where it is said by a word such as `for`.
    """
    found = relations(chain, ranges)
    is_several = len(found) > 1 and len(found) == len(chain.signs) and not {r.sign for r in found} & {"=", "~"}
    return (len(found) == 1 or is_several) and all(is_said or _says_where(r, givens) for r in found)


def _says_where(relation: Relation, givens: Givens) -> bool:
    inside = quantities(relation.lhs) | quantities(relation.rhs)
    if not inside:
        return any(is_index(s) for s in free_symbols(relation.lhs) | free_symbols(relation.rhs))
    return relation.sign not in ("=", "~") and not any(givens.is_defined(q) for q in inside)


def braced(block: Block) -> Iterator[Block]:
    r"""What labels at braces say, as displays: that of `\\underbrace{a - b}_{= 1}` says that `a - b = 1`."""
    for found in _BRACE.finditer(block.text):
        end = _closing(block.text, found.end())
        label = _AT_BRACE.match(block.text, end + 1)
        stop = _closing(block.text, label.end()) if label is not None else -1
        if label is None or stop < 0:
            continue
        gap = " " * (label.end() - end)
        text = block.text[found.end() : end] + gap + block.text[label.end() : stop]
        yield Block("display", text, block.place.behind(block.text[: found.end()]))


def _closing(text: str, start: int) -> int:
    """Where the brace closes that was opened before `start`; -1 where it does not."""
    depth = 1
    for n in range(start, len(text)):
        depth += (text[n] == "{") - (text[n] == "}")
        if not depth:
            return n
    return -1


def points_at_words(block: Block, chain: Chain, n: int) -> bool:
    """Whether the sign is an arrow from a remark: `a - y \\leftarrow \\text{answer}`."""
    is_arrow = _ASSIGNS.search(_sign(block, chain, n)) is not None
    return is_arrow and bool(WORD.fullmatch(chain.sides[n + 1].source.strip()))


def assigns(block: Block, chain: Chain) -> bool:
    """Whether a chain begins with an assignment to a name that it uses on its right side."""
    left, right = chain.sides[0].expr, chain.sides[1].expr
    return left is not None and right is not None and is_quantity(left) and bool(_ASSIGNS.search(_sign(block, chain)))


def sets_equal(block: Block, chain: Chain) -> bool:
    """Whether a chain begins with the sign of a definition, `:=`."""
    return bool(_SETS.search(_sign(block, chain)))


def requires(block: Block, chain: Chain, n: int) -> bool:
    r"""Whether a sign demands what it says, `\overset{!}{=}`."""
    return _REQUIRES.search(_sign(block, chain, n)) is not None


def _sign(block: Block, chain: Chain, n: int = 0) -> str:
    """What is written between two neighbouring sides of a chain, the first ones if no others are named."""
    left, right = chain.sides[n], chain.sides[n + 1]
    start = left.place.offset_in(block.text, block.place) + len(left.source)
    return block.text[start : right.place.offset_in(block.text, block.place)]


def names_in_words(chain: Chain, known: frozenset[Symbol]) -> bool:
    """Whether a chain begins with a plain word that no given knows, as in `Total = 3 + 4`."""
    left = chain.sides[0]
    if left.expr is None or not _PLAIN_WORD.fullmatch(left.source.strip()) or chain.signs[0] not in ("=", "~"):
        return False
    return not {label_of(q) for q in quantities(left.expr)} & known


def is_dangling(side: Side) -> bool:
    """Whether a side stands for what a line that begins with its sign goes on from."""
    return side.error is not None and side.error.message == "a relation without a left side"


def _gives_number(chain: Chain) -> bool:
    """Whether a chain says of one name or letter that it is a number, or an array of numbers."""
    name, value = chain.sides[0].expr, chain.sides[-1].expr
    if chain.signs != ("=",) or name is None or value is None:
        return False
    is_array = isinstance(name, Indexed) and not quantities(value)
    return bool(value.is_number and isinstance(name, Symbol | Indexed)) or is_array


def _last_of(chain: Chain) -> Relation | None:
    """The only relation of a chain; None where there are several, or it cannot be read."""
    left, right = chain.sides[0].expr, chain.sides[-1].expr
    if len(chain.signs) != 1 or left is None or right is None or chain.signs[0] == "in":
        return None
    return Relation(left, cast(Symbolic, chain.signs[0]), right)


def _joined(chains: list[Chain]) -> list[Chain]:
    """The chains with those put together that only a word at the margin stands between, as a name would."""
    found: list[Chain] = []
    for chain in chains:
        last = found[-1] if found else None
        if last is not None and _is_reason(chain, last.sides[-1]):
            ranges = {**last.ranges, **chain.ranges}
            found[-1] = Chain((*last.sides, *chain.sides[1:]), (*last.signs, *chain.signs), ranges)
        else:
            found.append(chain)
    return found


def _is_reason(chain: Chain, before: Side) -> bool:
    """Whether a chain begins with a word that ends the source line of the side before it."""
    word = chain.sides[0]
    ends_line = all(side.place.line > word.place.line for side in chain.sides[1:])
    return ends_line and before.place.line == word.place.line and bool(WORD.fullmatch(word.source.strip()))


def _errors(chains: list[Chain]) -> int:
    return sum(side.error is not None for chain in chains for side in chain.sides)
