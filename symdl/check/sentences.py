"""Which relations within words are claims: whole items of a list, sums of numbers, and what a sentence states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from symdl.check.words import MARKS, formulas, without_formulas
from symdl.problem import Block

_DENIES = re.compile(
    r"\b(?:not|never|if|would|could|suppose|assum\w*|wrong\w*|false|incorrect\w*|instead|unless)\b", re.IGNORECASE
)
_NUMERIC = re.compile(
    r"\\(?:times|cdot|ast|frac|dfrac|tfrac|sqrt|log|ln|exp|left|right|approx|quad|qquad|div|pi|,|;|!| )(?![A-Za-z])"
)
_EQUALS = re.compile(r"=|≈|\\approx")
_SAID = re.compile(r"[A-Za-z]{2,}[ \t]*[=≈]\s*([-+]?\d[\d.,]*\d|\d)(?=[\s.,;)]|$)")
_NAMES = re.compile(r"[A-Za-z]|\\[A-Za-z]")
_PLAIN = re.compile(r"[\d\s.,+\-*/×·()^x=≈]{5,}")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)\s?x\s?(?=\d)")
_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\(?[a-hA-H1-9][).]|\(?[ivx]{1,4}\))[ \t]+", re.MULTILINE)
_RELATES = re.compile(r"=|≈|<|>|≤|≥|\\(?:approx|leq?|geq?|iff|implies|Rightarrow|leftarrow|gets)(?![A-Za-z])")
_CONNECTING = re.compile(
    r"\b(?:so|and|hence|then|thus|therefore|which (?:gives|yields|is)|(?:this|it|that) (?:gives|yields|means|is)"
    r"|we (?:get|have|obtain|find)|i\.e\.?|that is|also|finally|now|next|similarly|likewise|analogously"
    r"|it follows(?: that)?|gives|yields|or|because|by symmetry|in total|altogether|namely|since)\b",
    re.IGNORECASE,
)
_HEAD = re.compile(r"^\W*(?:[^\W\d_][\w'’-]*[ \t]+){0,4}[^\W\d_][\w'’-]*:\s")
_SUPPOSES = re.compile(
    r"\b(?:if|when|whenever|for|let|suppos\w*|assum\w*|set|setting|put|at|with|since|unless|would|could|should|may|might|not"
    r"|n't|never|wrong\w*|false|incorrect\w*|instead|e\.g|example|where|until|while|given|case|provided|want|require[ds]?"
    r"|need|such that|whether|either|cannot|define[ds]?|denote[ds]?|write|choose|take|initial\w*|start\w*|after|before"
    r"|otherwise|so that|check|claim|prove|show|question|recall)\b|\?",
    re.IGNORECASE,
)
_SLOPE = re.compile(r"\\partial|\\nabla|'|\\d?frac\s*\{\s*(?:\\mathrm\{d\}|d(?![A-Za-z]))")
_STATEMENT = re.compile(r"(?<=[.!?;])\s+|\n\s*\n|\n(?=[ \t]*(?:[-*+•]|\(?[a-h1-9][).])[ \t])")


def items(block: Block) -> list[Block]:
    """The items of a list, each as a paragraph of its own; the paragraph where it is none."""
    starts = [m.start() for m in _ITEM.finditer(block.text)]
    if not starts:
        return [block]
    starts = starts if starts[0] == 0 else [0, *starts]
    ends = [*starts[1:], len(block.text)]
    return [
        Block("words", block.text[a:b], block.place.behind(block.text[:a]))
        for a, b in zip(starts, ends, strict=True)
        if block.text[a:b].strip()
    ]


def alone(block: Block) -> list[Block]:
    """The formulas of a paragraph that holds nothing else but labels and connecting words, as displays; else none."""
    found = [formula for formula, _ in formulas(block)]
    text = _ITEM.sub("", without_formulas(block.text), count=1)
    rest = _CONNECTING.sub(" ", MARKS.sub(" ", _HEAD.sub(" ", text)))
    if re.search(r"[^\W_]", rest) or block.text.rstrip().endswith((":", ",")):
        return []
    return [f for f in found if _RELATES.search(f.text)] if all(_RELATES.search(f.text) for f in found) else []


def speaks_of_slopes(formula: str) -> bool:
    """Whether a formula holds a derivative, which may be meant of a graph that only words describe."""
    return bool(_SLOPE.search(formula))


def begins_with_slope(formula: Block) -> bool:
    """Whether a formula says what a derivative is: no condition is written so."""
    return speaks_of_slopes(_RELATES.split(formula.text)[0])


def statements(block: Block) -> Iterator[Block]:
    """The relations that the sentences of a paragraph state, where no word makes them a condition or denies them."""
    ends = [0, *(m.end() for m in _STATEMENT.finditer(block.text)), len(block.text)]
    for start, end in pairwise(ends):
        sentence = Block("words", block.text[start:end], block.place.behind(block.text[:start]))
        if not _SUPPOSES.search(without_formulas(sentence.text)) and not sentence.text.rstrip().endswith((":", ",")):
            yield from (formula for formula, _ in formulas(sentence) if _RELATES.search(formula.text))


def sums(block: Block) -> tuple[list[Block], list[Block]]:
    """The relations of a paragraph that are claims, as display blocks, and those that say of words what they are.

    Claims are relations between plain numbers, which hold or fail whatever is given, and a formula after a sign that
    stands outside, as in `the total = $a = b$`.  What a sentence denies or only supposes is left out.
    """
    if _DENIES.search(without_formulas(block.text)):
        return [], []
    claims: list[Block] = []
    for formula, before in formulas(block):
        is_named = bool(re.search(r"[=≈]\s*$", before))
        if _EQUALS.search(formula.text) and (is_named or not _NAMES.search(_NUMERIC.sub(" ", formula.text))):
            claims.append(formula)
    outside = without_formulas(block.text, "\0")
    for m in _PLAIN.finditer(outside):
        text = _plain(m[0])
        if text:
            lead = m[0].index(text.replace("×", "x")) if "x" in m[0] else m[0].index(text)
            claims.append(Block("display", text, block.place.behind(block.text[: m.start() + lead])))
            outside = outside[: m.start()] + "\0" * len(m[0]) + outside[m.end() :]
    said = [Block("display", m[1], block.place.behind(block.text[: m.start(1)])) for m in _SAID.finditer(outside)]
    return sorted(claims, key=lambda b: (b.place.line, b.place.column)), said


def _plain(run: str) -> str:
    """The relation between sums of numbers that a run of digits and signs is, or nothing."""
    text = run.strip(" \t\n,.;=≈x")
    sides = re.split("[=≈]", text)
    if len(sides) < 2 or not all(re.search(r"\d", side) for side in sides) or "\n" in text:
        return ""
    if "x" in _BETWEEN_NUMBERS.sub(" ", text) or not re.search(r"\d\s*[-+*/×·x(]", text):
        return ""
    return _BETWEEN_NUMBERS.sub(lambda m: m[0].replace("x", "×"), text) if text.count("(") == text.count(")") else ""
