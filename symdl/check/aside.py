"""Which relations within words nobody claims: conditions, what is wanted or asked, what is denied or said by others.

A relation that stands in a sentence is claimed, however the sentence begins, unless words set it aside plainly: those
right before it, or right behind it.  A name and its number may stand behind a noun there, as in `with step size
$a = 1$`; anything else has to stand right behind the word that sets it aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from symdl.check.requiring import requires
from symdl.check.sentences import RELATES, begins_with_sign, is_plain, says_false, sentences_of
from symdl.check.words import formulas, is_range, read_formula
from symdl.language import is_quantity
from symdl.problem import Block, Givens
from symdl.read.inline import LONGEST

_SETS = (
    r"(?:for|if|iff|if and only if|when|whenever|wherever|unless|until|while|at|along|under|with|given|let|set(?:ting)?"
    r"|put(?:ting)?|fix(?:ing)?|assum\w*|suppos\w*|in case|case|provided|on|choos\w*|chose|tak(?:e|es|ing)|pick\w*"
    r"|consider\w*|substitut\w*|insert\w*|plug\w*(?: in)?|requir\w*|demand\w*|impos\w*|such that|subject to|replac\w*"
    r"|(?:boundary|line|curve|region|half-?space|regime|convention|notation|abbreviat\w*|restrict\w*))"
)
_RIGHT_BEFORE = re.compile(
    rf"\b{_SETS}(?:\s+(?:that|all|any|every|each|both|only|exactly|precisely|also|again|now|first|some|e\.g\.|to"
    r"|the (?:case|values?|points?)))*(?:\s*\(?\w{1,3}\)?\s*[:.]|ptions?[.:]|s?[.:])?[\s*`(}]*\Z",
    re.IGNORECASE,
)
_EXTREME = r"(?:minim|maxim|optim|extrem|stationar|critical|saddle)\w*"
_BEFORE_A_NOUN = re.compile(
    rf"\b(?:{_SETS}|examples?|e\.g\.)[:,]?"
    rf"(?:(?!\b(?:is|are|we|has|have|gets?|gives?|yields?|equals?|so|then|solutions?|{_EXTREME})\b)[\w'’*\s\0-])"
    r"{0,80},?[\s*`(]*\Z",
    re.IGNORECASE,
)
_PLANS = re.compile(
    r"\b(?:(?:to|must|should|let us) (?:\w+ )?(?:show|prove|verify|establish|check|disprove)"
    r"|to be (?:shown|proved|proven|verified)|goal|aim|task|hypothesis|conjecture|guess"
    r"|to (?:get|obtain|have|reach|achieve|make|ensure|keep|satisfy|find)|(?:want|wish|hope|ask|wonder)(?:s|ed)?"
    r"|(?:want|wish)(?:s|ed)? to (?:have|get)|whether)(?:\s+that)?\W*\Z",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:not(?! only\b)|n't|never|cannot|wrong\w*|false|incorrect\w*|instead of|rather than)\b", re.IGNORECASE
)
_BY_OTHERS = re.compile(
    r"\b(?:careless\w*|confus\w*|misread\w*|misappl\w*|misconception\w*|pitfalls?|tempt\w*|naive\w*|forget\w*|forgot\w*"
    r"|overlook\w*|mistaken\w*|(?:common|typical|frequent|usual|popular) (?:\w+ )?(?:mistakes?|errors?|slips?|answers?)"
    r"|(?:no|half|partial|zero)(?: of)?(?: the)? (?:credit|marks?|points?)|students?|pupils?|candidates?|someone"
    r"|somebody|pretend\w*|imagin(?:e|ing))\b|\A\W*(?:had|were)\b",
    re.IGNORECASE,
)
_JOINS = re.compile(r"[\s,;*`]*(?:(?:and|or|,)[\s,]*)*")
_IS_AT = re.compile(r"\b(?:is|are|lies?|occurs?|happens?|found|reached|attained)\s+(?:\w+\s+)?at\s*\Z", re.IGNORECASE)
"""Words that say where something is: a claim."""
_IS_EXTREME = re.compile(rf"\s*(?:is|are)\s+(?:\w+\s+){{0,3}}{_EXTREME}\b", re.IGNORECASE)
_AT_EXTREME = re.compile(rf"\bat\s+(?:the\s+|an?\s+)?(?:\w+\s+)?{_EXTREME},?\s*\Z", re.IGNORECASE)
_EXPLAINS = re.compile(
    r"[\s,;]*(?:i\.\s?e\.|that is|which (?:means|gives|is)(?: that)?|or equivalently|equivalently|iff|if and only if"
    r"|so(?: that)?|hence|thus|therefore)[\s,]*(?:(?:at|for|when|where)\b)?[\s,]*",
    re.IGNORECASE,
)
_ROOTS = re.compile(r"\b(?:roots?|zeros?|eigenvalues?|solutions?)\b|\A\W*(?:which|these) are\b", re.IGNORECASE)
_APPOSED = re.compile(r"\A\W*(?:if|when|suppose|assume)\b[^,\0]{0,200},\s*\Z", re.IGNORECASE)
"""A condition in words, which a formula between commas says again."""
_SOLVED = re.compile(
    r"\b(?:vanish\w*(?:\s+\w+)?\s+where|elimination\s+(?:leaves|gives)|constraints?(?:\s+\w+)?\s+(?:gives?|leaves?)"
    r"|and\s+with\s+it)\s*\Z",
    re.IGNORECASE,
)
"""Words for what solves equations that were shown: a number of steps lies between them and it."""
_LABELS = re.compile(r"[\s*`)]*:")
_STOPS = re.compile(r"[,;:](?=\s|\0|\Z)")


@dataclass(frozen=True)
class Left:
    """A relation that no word sets aside, and the one before it in its sentence that it explains, if it does.

    It says where something is, as what is stationary there, where `is_place`, and what solves equations that were shown
    where `is_solution`.
    """

    formula: Block
    is_place: bool
    is_solution: bool
    explains: Block | None


def left_in(block: Block, givens: Givens) -> Iterator[Left]:
    """The relations of a paragraph that no word plainly sets aside, in source order."""
    for sentence, blank in sentences_of(block):
        if "?" in blank or _BY_OTHERS.search(blank):
            continue
        was_aside, is_solution, end = False, False, 0
        before: Block | None = None
        for formula, _ in formulas(sentence):
            at = formula.place.offset_in(sentence.text, sentence.place)
            words = blank[max(0, at - LONGEST) : at].rstrip("\0")
            behind = blank[at:].lstrip("\0")[:LONGEST]
            between = blank[end:at].strip("\0")
            is_joined = _JOINS.fullmatch(between) is not None
            was_aside = (is_joined and was_aside) or _is_aside(formula, words, behind, givens)
            is_solution = (is_joined and is_solution) or _SOLVED.search(words) is not None
            end = at + len(formula.text)
            is_said = RELATES.search(formula.text) and not begins_with_sign(formula) and not is_range(formula)
            if is_said and not was_aside:
                is_place = _IS_AT.search(words) or _AT_EXTREME.search(words) or _IS_EXTREME.match(behind)
                yield Left(formula, bool(is_place), is_solution, before if _EXPLAINS.fullmatch(between) else None)
            before = formula if RELATES.search(formula.text) else None


def names_roots(block: Block) -> bool:
    """Whether a paragraph speaks of roots, or says which ones what was shown before it has."""
    return _ROOTS.search(block.text) is not None


def _is_aside(formula: Block, words: str, behind: str, givens: Givens) -> bool:
    """Whether the words before a formula in its sentence, or those behind it, set it aside."""
    if _IS_AT.search(words):
        return False
    is_placed = _BEFORE_A_NOUN.search(words) or words.endswith("(") or _LABELS.match(behind)
    is_setting = is_placed and is_plain(formula) and not _says_of_the_given(formula, givens)
    near = (_STOPS.split(words)[-1], _STOPS.split(behind)[0])
    is_denied = any(map(_DENIES.search, near)) or says_false(behind)
    is_apposed = _APPOSED.match(words) and behind.lstrip().startswith(",")
    is_wanted = _PLANS.search(words) or requires(words)
    return bool(_RIGHT_BEFORE.search(words) or is_setting or is_apposed or is_denied or is_wanted)


def _says_of_the_given(formula: Block, givens: Givens) -> bool:
    """Whether a formula begins with what is given by a definition: a claim about it, and no setting."""
    firsts = (chain.sides[0].expr for chain in read_formula(formula, givens, {}))
    return any(first is not None and is_quantity(first) and givens.is_defined(first) for first in firsts)
