"""Equations that a sentence requires, beside what it gets from them: `To get $a b = 1$ one chooses $b = 1/a$`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from symdl.check.introducing import leading
from symdl.check.words import formulas, sentences, without_formulas
from symdl.problem import Block
from symdl.read.cases import EQUATES
from symdl.read.inline import LONGEST

_REQUIRES = re.compile(
    r"\b(?:set|setting|put|putting|equating|requir(?:e|es|ing)|demand(?:s|ing)?|impos(?:e|ing)|solv(?:e|ing)(?: for)?"
    r"|(?:solutions?|roots?|zeros?) (?:of|to)|we (?:want|need)"
    r"|to (?:get|obtain|have|achieve|make|reach|ensure|satisfy)"
    r"|(?:the|this|an?)\s+(?:[\w-]+\s+){0,3}(?:equations?|conditions?|requirements?|boundary))\W*\Z",
    re.IGNORECASE,
)
"""Words before an equation that is to hold, and of which nobody says that it does."""

_CHOOSES = r"choos\w+|chosen?|sets?|takes?|picks?|needs?"
_GETS = re.compile(
    r"\b(?:gives?|yields?|leads? to|impl(?:y|ies)|requires?|means|has|have|is (?:solved|satisfied|equivalent|at)"
    r"|determines?|results? in|so|hence|thus|therefore|i\.e|lies|holds|at|if|for|when"
    rf"|(?:we|one) (?:\w+ )?(?:gets?|obtains?|finds?|has|have)|{_CHOOSES})\b",
    re.IGNORECASE,
)
"""Words that lead from such an equation to what it says of its unknown."""

_CHOICE = re.compile(rf"\b(?:{_CHOOSES})\b", re.IGNORECASE)
_ZEROED = re.compile(
    r"\b(?:set|setting|put|putting|equating)\s+(?:the|its|this|that)\s+(?:\w+\s+){0,2}"
    r"(?:gradient|derivative|score|slope)s?(?:\s+(?:of|with respect to|w\.?r\.?t\.?|in|by)\b[^,;:]{0,60})?"
    r"\s+(?:equal\s+)?(?:to\s+)?(?:be\s+)?(?:zero\b|0|\0+)"
    r"[^,;:\0]*\b(?:gives?|yields?|leads? to|results? in|we (?:get|obtain|find|have)|one (?:gets|obtains|finds))\W*\Z",
    re.IGNORECASE,
)
"""Words that set a derivative to zero that no formula names, before what they get from it."""

_DENIES = re.compile(r"\b(?:not|n't|never|cannot|wrong\w*|false|incorrect\w*|instead|unless|no)\b|\?", re.IGNORECASE)


@dataclass(frozen=True)
class Required:
    """An equation that is to hold; where something `is_chosen` for it, it may as well follow from this.

    One that words name without a formula is not `is_shown`.
    """

    premise: Block
    is_chosen: bool = False
    is_shown: bool = True

    def displays(self, claim: Block) -> Iterator[tuple[Block, bool]]:
        """The displays of which one has to hold, each with whether the claim comes first there."""
        yield Block("display", rf"{self.premise.text} \implies {claim.text}", self.premise.place), False
        if self.is_chosen:
            yield Block("display", rf"{claim.text} \implies {self.premise.text}", self.premise.place), True


def requirements(block: Block) -> Iterator[tuple[Required, Block]]:
    """The equations that sentences of a paragraph require, each with what is got from it in the same sentence."""
    for sentence in sentences(block):
        found = [formula for formula, _ in formulas(sentence)]
        blank = without_formulas(sentence.text, "\0")
        for premise, conclusion in pairwise(found):
            words, behind = _around(blank, premise, sentence)
            between = behind.partition("\0")[0]
            if _is_required(premise, words, between) and EQUATES.search(conclusion.text):
                yield Required(premise, bool(_CHOICE.search(between))), conclusion


def sets_to_zero(words: str) -> bool:
    """Whether words, with NUL signs for formulas, set a derivative to zero and lead to what this gives."""
    near = words[-LONGEST:]
    return bool(_ZEROED.search(near)) and not _DENIES.search(near)


def requires(words: str) -> bool:
    """Whether the words before an equation say that it is to hold, so that nobody says that it does."""
    return _REQUIRES.search(words[-LONGEST:]) is not None


def required_before(block: Block) -> Required | None:
    """The equation that the last sentence of a paragraph requires, where it leads to what is displayed below."""
    sentence = leading(block)
    blank = without_formulas(sentence.text, "\0")
    for formula, _ in formulas(sentence):
        words, between = _around(blank, formula, sentence)
        if "\0" not in between and _is_required(formula, words, between):
            return Required(formula, bool(_CHOICE.search(between)))
    return None


def _around(blank: str, formula: Block, sentence: Block) -> tuple[str, str]:
    """The words before a formula of a sentence, as far as they are looked at, and those behind it."""
    at = formula.place.offset_in(sentence.text, sentence.place)
    return blank[max(0, at - LONGEST) : at].rstrip("\0"), blank[at:].lstrip("\0")


def _is_required(premise: Block, words: str, between: str) -> bool:
    return (
        EQUATES.search(premise.text) is not None
        and requires(words)
        and _GETS.search(between) is not None
        and not _DENIES.search(words + between)
    )
