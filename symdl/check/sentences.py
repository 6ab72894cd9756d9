"""Which relations within words are claims: whole items of a list, sums of numbers, and what a sentence states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from symdl.check.words import MARKS, formulas, is_range, without_formulas
from symdl.problem import Block

_DENIES = re.compile(
    r"\b(?:not|never|if|would|could|suppose|assum\w*|wrong\w*|false|incorrect\w*|instead|unless)\b", re.IGNORECASE
)
_ONLY_NOT = re.compile("not|never", re.IGNORECASE)
_NUMERIC = re.compile(
    r"\\(?:times|cdot|ast|frac|dfrac|tfrac|sqrt|log|ln|exp|left|right|approx|quad|qquad|div|pi|,|;|!| )(?![A-Za-z])"
)
_EQUALS = re.compile(r"=|≈|\\approx")
_SAID = re.compile(r"[A-Za-z]{2,}[ \t]*[=≈]\s*([-+]?\d[\d.,]*\d|\d)(?=[\s.,;)]|$)")
_NAMES = re.compile(r"(?!e\s*\^)[A-Za-z]|\\[A-Za-z]")
_CALL = r"(?:(?<![A-Za-z\\])|(?<![A-Za-z])\\)(?:tanh|exp|ln|log|sigmoid|relu|max|min|abs)(?=\()"
_FRACTION = r"\\[dt]?frac\{[\d\s.+\-*/]+\}\{[\d\s.+\-*/]+\}"
_PLAIN = re.compile(rf"(?:{_CALL}|{_FRACTION}|\\(?:times|cdot)(?![A-Za-z])|(?<=\d)[ ]?%|[\d\s.,+\-*/×·()^x=≈]){{5,}}")
_TAKEN = re.compile(r"\s*\(\s*-?[\d.]+\s*\)\s*[=≈]")
"""What stands right of a name at which a function is taken."""

_TOUCHES = re.compile(r"[\w^!%|\[\]√\\(){}$\0]")
"""What a sum in words cannot touch: it would be a piece of a formula."""

_OPERATOR = re.compile(r"[-+*/×·^=≈]")
_RANGE = re.compile(r"\s*\d+-\d+\s*")
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
_DENIED = re.compile(
    r"\b(?:not|n't|never|cannot|wrong\w*|false\w*|incorrect\w*|mistaken?\w*|instead|would|could|should|unless)\b"
    r"|\?",
    re.IGNORECASE,
)
_WRONG = re.compile(r"\b(?:not|n't|never|cannot|wrong\w*|false\w*|incorrect\w*|mistaken?\w*)\b|\?", re.IGNORECASE)
_UNDER = re.compile(r"\b(?:if|when|whenever|suppos\w*|assum\w*|unless|without|otherwise|instead)\b", re.IGNORECASE)
_GOVERNS = re.compile(
    r"\b(?:if|when|whenever|for|let|suppos\w*|assum\w*|set|setting|put|at|with|unless|where|until|while|given|provided"
    r"|want|require[ds]?|need|such that|whether|define[ds]?|denote[ds]?|write|choose|take|consider|case|start\w*|by"
    r"|from)\b",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"\b(?:is|are|equals?|becomes?|gives?|yields?|get|gets|have|has|obtain|obtains|find|finds|follows|results? in"
    r"|comes? to|reads?)\s*(?:that|then|thus|now|again|here|:)?\W*$",
    re.IGNORECASE,
)
_CLAUSE = re.compile("[,;:\0]")
_LONE_NAME = re.compile(r"\s*\\?[A-Za-z]+'*(?:[_^](?:\{[^{}]*\}|\w|\*))*'*\s*")
_LONE_END = re.compile(rf"{_LONE_NAME.pattern}|\s*[-+]?\d[\d.,]*\s*[.,]?\s*")
_GOES_ON = re.compile(r"^\W*so that\b", re.IGNORECASE)
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
    blank = without_formulas(block.text, "\0")
    if found and not any(_EQUALS.search(f.text) for f in found) and _HEAD.search(blank.replace("\0", " ")):
        # A bound behind a label says where the lines after it hold.
        return []
    if _UNDER.search(blank) or (len(found) > 1 and re.search("\0:", blank)):
        return []
    text = _ITEM.sub("", without_formulas(block.text), count=1)
    rest = _CONNECTING.sub(" ", MARKS.sub(" ", _HEAD.sub(" ", text)))
    if re.search(r"[^\W_]", rest) or block.text.rstrip().endswith((":", ",")):
        return []
    return [f for f in found if _RELATES.search(f.text)] if all(_RELATES.search(f.text) for f in found) else []


def is_labelled(block: Block) -> bool:
    """Whether a paragraph is a label and formulas, and nothing else."""
    text = without_formulas(block.text)
    rest = _CONNECTING.sub(" ", MARKS.sub(" ", _HEAD.sub(" ", text)))
    return bool(_HEAD.search(text)) and not re.search(r"[^\W_]", rest)


def speaks_of_slopes(formula: str) -> bool:
    """Whether a formula holds a derivative, which may be meant of a graph that only words describe."""
    return bool(_SLOPE.search(formula))


def begins_with_slope(formula: Block) -> bool:
    """Whether a formula says what a derivative is: no condition is written so."""
    return speaks_of_slopes(_RELATES.split(formula.text)[0])


@dataclass(frozen=True)
class Statement:
    """A relation that a sentence holds, and the words before it there.

    `is_claimed` says that no word of the sentence can make it a condition, or deny it.
    """

    formula: Block
    before: Block
    is_claimed: bool

    @property
    def is_announced(self) -> bool:
        """Whether its sentence says that it gets this."""
        return bool(_ANNOUNCES.search(_CLAUSE.split(without_formulas(self.before.text, "\0").rstrip())[-1]))

    @property
    def is_behind_a_colon(self) -> bool:
        """Whether its sentence says before a colon where this holds."""
        return self.before.text.rstrip().endswith(":")


def statements(block: Block) -> Iterator[Statement]:
    """The relations of a paragraph that its sentences state, or may state: no conditions, no questions, no denials."""
    ends = [0, *(m.end() for m in _STATEMENT.finditer(block.text)), len(block.text)]
    for start, end in pairwise(ends):
        sentence = Block("words", block.text[start:end], block.place.behind(block.text[:start]))
        blank = without_formulas(sentence.text, "\0")
        is_claimed = not _SUPPOSES.search(_GOES_ON.sub("", blank)) and not sentence.text.rstrip().endswith((":", ","))
        for formula, _ in formulas(sentence):
            words = blank[: formula.place.offset_in(sentence.text, sentence.place)].rstrip("\0")
            # No supposition changes what numbers alone are.
            is_sure = is_claimed or (_is_numeric(formula) and not _WRONG.search(blank))
            behind = blank[len(words) :].lstrip("\0")
            is_open = is_sure or not (_DENIED.search(blank) or _is_condition(formula, words))
            is_open = is_open and not (behind.startswith(":") and _is_plain(formula))
            # What stands behind a colon is said of what stands before it.
            is_open = is_open or (words.rstrip().endswith(":") and not _DENIED.search(blank))
            if is_open and _RELATES.search(formula.text) and not is_range(formula):
                yield Statement(formula, Block("words", sentence.text[: len(words)], sentence.place), is_sure)


def _is_condition(formula: Block, words: str) -> bool:
    """Whether the words before a formula make it a condition or a setting, or it is no more than names and a number.

    What a sentence says that it gets is none.
    """
    clause = _CLAUSE.split(words.rstrip())[-1]
    if _ANNOUNCES.search(clause):
        return False
    return _is_plain(formula) or bool(_GOVERNS.search(clause))


def _is_plain(formula: Block) -> bool:
    """Whether a formula, or each part of one that is a list, says of a name what number it is, or is no equation."""
    parts = re.split(r",|;|\\q?quad\b", formula.text)
    sides = [_RELATES.split(part) for part in parts]
    named = all(all(map(_LONE_NAME.fullmatch, s[:-1])) and _LONE_END.fullmatch(s[-1]) for s in sides)
    return named or not _EQUALS.search(formula.text)


def _is_numeric(formula: Block) -> bool:
    """Whether a formula relates nothing but numbers."""
    return bool(_EQUALS.search(formula.text)) and not _NAMES.search(_NUMERIC.sub(" ", formula.text))


def sums(block: Block) -> tuple[list[Block], list[Block]]:
    """The relations of a paragraph that are claims, as display blocks, and those that say of words what they are.

    Claims are relations between plain numbers, which hold or fail whatever is given, and a formula after a sign that
    stands outside, as in `the total = $a = b$`.  What a sentence denies or only supposes is left out.
    """
    words = without_formulas(block.text)
    denied = _DENIES.search(words)
    if denied is not None and not _ONLY_NOT.fullmatch(denied[0]):
        return [], []
    claims: list[Block] = []
    for formula, before in formulas(block):
        if _DENIES.search(before):
            continue
        is_named = bool(re.search(r"[=≈]\s*$", before))
        if _is_numeric(formula) or (is_named and _EQUALS.search(formula.text)):
            claims.append(formula)
    if denied is not None:
        return claims, []
    outside = without_formulas(MARKS.sub(lambda m: " " * len(m[0]), block.text), "\0")
    for m in _PLAIN.finditer(outside):
        text = _plain(m[0])
        if text:
            lead = m.start() + (m[0].index(text.replace("×", "x")) if "x" in m[0] else m[0].index(text))
            if _is_apart(outside, lead, lead + len(text)):
                claims.append(Block("display", text, block.place.behind(block.text[:lead])))
            outside = outside[: m.start()] + "\0" * len(m[0]) + outside[m.end() :]
    said = [Block("display", m[1], block.place.behind(block.text[: m.start(1)])) for m in _SAID.finditer(outside)]
    return sorted(claims, key=lambda b: (b.place.line, b.place.column)), said


def _is_apart(text: str, start: int, end: int) -> bool:
    """Whether a run of digits and signs is no piece of a formula: none touches it, or stands before its sign."""
    behind = text[end:].lstrip(" ")[:1]
    if _TOUCHES.match(text[start - 1 : start]) or _TOUCHES.match(text[end : end + 1]) or behind == "%":
        return False
    before = text[:start].rstrip()[-1:]
    is_inner = bool(_OPERATOR.match(text[start])) and bool(re.match(r"[\w)\]}\0]", before))
    return not is_inner and not (_OPERATOR.match(before) and before not in "=≈")


def _plain(run: str) -> str:
    """The relation between sums of numbers that a run of digits and signs is, or nothing."""
    taken = _TAKEN.match(run)
    text = (run[taken.end() :] if taken else run).strip(" \t\n,.;=≈x")
    sides = re.split("[=≈]", text)
    if len(sides) < 2 or not all(re.search(r"\d", side) for side in sides) or "\n" in text:
        return ""
    if "x" in _BETWEEN_NUMBERS.sub(" ", re.sub(_CALL, "", text)) or not re.search(
        r"\d\s*(?:[-+*/×·x(^]|\\[tc])|[a-z]\(|\\[dt]?frac", text
    ):
        return ""
    if "^-" in text or any(map(_RANGE.fullmatch, sides)):
        return ""
    return _BETWEEN_NUMBERS.sub(lambda m: m[0].replace("x", "×"), text) if text.count("(") == text.count(")") else ""
