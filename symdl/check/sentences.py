"""Which relations within words are claims: whole items of a list, and what a sentence states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from symdl.check.asserted import OTHERS, SUPPOSES, asserts, is_of_the_given, is_peculiar, labels
from symdl.check.introducing import HENCE, demands_a_zero, leading
from symdl.check.tidying import unmarked
from symdl.check.words import (
    DENIES,
    EITHER,
    formulas,
    introduced,
    is_range,
    said_for_all,
    without_formulas,
    without_said_cases,
)
from symdl.problem import Block
from symdl.read.cases import EQUATES
from symdl.read.commands import COMPARED
from symdl.read.inline import LONGEST

_NUMERIC = re.compile(
    r"\\(?:times|cdot|ast|frac|dfrac|tfrac|sqrt|log|ln|exp|left|right|approx|quad|qquad|div|pi|,|;|!| )(?![A-Za-z])"
    r"|(?<![A-Za-z\\])(?:tanh|exp|ln|log|sqrt|sigmoid|relu|max|min|abs)(?![A-Za-z])"
)
_UNIT = re.compile(r"(?:\\[,;! ])?\\(?:text|mathrm)\{[^{}]*\}\s*\Z")
_SAID = re.compile(r"[A-Za-z]{2,}[ \t]*[=≈]\s*([-+]?\d[\d.,]*\d|\d)(?=[\s.,;)]|$)")
_NAMED = re.compile(r"[=≈]\s*$")
_NAMES = re.compile(r"(?!e\s*\^)[A-Za-z]|\\[A-Za-z]")
_BEGINS = re.compile(r"\s*(?:[=≈<>≤≥]|\\(?:approx|simeq|leq?|geq?)(?![A-Za-z]))")
_ANOTHER = re.compile(
    r"(?:\b(?:the|an?|its|their|our|another|each|every|other|one|(?:method|model|case|layer|option)s?)|\(\w\))\s+"
    r"(?:[\w-]+\s+){0,6}?"
    r"(?:is|are|has|have|had|was|were|needs?|uses?|takes?|contains?|holds?)\s*$",
    re.IGNORECASE,
)
"""At the end of words for something of which a formula that begins with its sign is said."""
_ELSE = re.compile(r"[\s,]*(?:otherwise|else(?:where)?)\b", re.IGNORECASE)
"""Behind what holds in the case that nothing before it is."""
_FOR_ALL = re.compile(r"[$)\]\\]*,?\s*(?:holds\s+)?for (?:all|any|every|each)\b[^$.]{0,30}\$[^$]*\$")
_IS_SAID = re.compile(
    r"[\s,]*(?:(?:that|which|this|it|or|so|and|is|are|equals?|equal to|about|roughly|nearly)\b[\s,]*){0,4}"
)
_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\(?[a-hA-H1-9][).]|\(?[ivx]{1,4}\))[ \t]+", re.MULTILINE)
RELATES = re.compile(rf"=|≈|<|>|≤|≥|\\(?:approx|propto|{COMPARED}|iff|implies|Rightarrow|leftarrow|gets)(?![A-Za-z])")
_CONNECTING = re.compile(
    rf"\b(?:{HENCE}|and|then|which (?:gives|yields|is)|(?:this|it|that) (?:gives|yields|means|is)"
    r"|we (?:get|have|obtain|find)|i\.e\.?|that is|also|finally|now|next|similarly|likewise|analogously"
    r"|it follows(?: that)?|gives|yields|or|because|by symmetry|in total|altogether|namely|since)\b",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"^\W*(?!(?:[Aa]t|[Aa]long|[Nn]ear|[Bb]eyond|[Ww]here)\b)(?:[^\W\d_][\w'’-]*[ \t]+){0,4}[^\W\d_][\w'’-]*:\s"
)
_OF_OTHERS = re.compile(rf"\b(?:{OTHERS})\b", re.IGNORECASE)
_SUPPOSES = re.compile(rf"\b(?:{SUPPOSES}|since|example)\b|\?|\A\W*(?:had|were)\b", re.IGNORECASE)
_FALSE = r"(?:wrong|false|incorrect|mistaken?)"
_WRONG = re.compile(
    rf"\b(?:not(?!-)|n't|never|cannot|{_FALSE}ly|(?:is|are|was|be|been)\s+(?:\w+\s+)?{_FALSE}"
    rf"|{_FALSE}\s+(?:results?|formulas?|values?|answers?|lines?|equations?|to))\b|\?",
    re.IGNORECASE,
)
_IS_FALSE = re.compile(
    rf"[\s,]*(?:which|but (?:this|that)) (?:is|was|would be) (?:\w+ )?(?:not|{_FALSE})\b", re.IGNORECASE
)
_NO_DENIAL = re.compile(
    r"\([^()]*\)\s*(?=[=≈])"
    r"|\b(?:that|which|who) (?:is|are|was|were) not (?:\w+ ){1,3}(?=(?:we|one) (?:get|have|obtain|find)\b)",
    re.IGNORECASE,
)
"""A name in brackets before a sign, or what a thing is not of which something is said: `not` denies nothing there."""
_UNDER = re.compile(
    rf"\b(?:if|when|whenever|suppos\w*|assum\w*|unless|without|otherwise|instead|wrong\w*|false|incorrect\w*|{OTHERS})\b",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"\b(?:convention\w*|half|halves|twice|doubl\w*|factors?(?! \0)|means?|averag\w*|per|opposite\w*|negat\w*|minus"
    r"|signs?|flip\w*|other|another|second(?! (?:step|iteration|update)\b)|alternativ\w*|ascen\w*|maximi[sz]\w+"
    r"|replac\w*|modif\w*|variants?|versions?|naive|standard|usual\w*|original\w*|new|different|scal\w*|normali[sz]\w*"
    r"|had|were|would|could|might|want\w*|must|claims?|hypothes\w*|guess\w*)\b",
    re.IGNORECASE,
)
"""Words for what differs from the given by a sign or a factor, or need not be so."""
_WANTED = re.compile(
    r"\bto (?:get|obtain|have|reach|achieve|make|ensure|keep|satisfy|find)\b"
    r"|\b(?:set(?:ting)?|requir\w*|demand\w*|need\w*|wish\w*|let|put|take|choos\w+|chose\w*|check|claim\w*|show|prove"
    r"|define[ds]?|denote[ds]?|write|start\w*|initial\w*|case|until|while|provided|only|given|where|such that"
    r"|solutions? (?:of|to)|roots? of|zeros? of|equations?|meets?|cross(?:es)?|intersect\w*)\b",
    re.IGNORECASE,
)
"""Words beside which an equation may be what is to hold, or holds by choice."""
_PLACED = re.compile(r"\b(?:for|at|with|under|on|in|as|after|before|by)\s*\0", re.IGNORECASE)
_QUANTIFIED = re.compile(r"\bfor (?:all|any|every|each)\s*\0+", re.IGNORECASE)
_VERDICT = re.compile(r"\A\W*(?:\(?\w\)\s*)?(?:true|correct|yes)\s*[,.:]", re.IGNORECASE)
"""At the beginning, that a statement is true."""
_UNDER_ONE = re.compile(
    r"\W*(?:\(?\w\)\s+)?(?:for|at|with|when|whenever|if|in case|setting|given)\s+\0+\s*,\s*", re.IGNORECASE
)
_ENDS = re.compile(r"\s*\.\s*")
_ONLY_THERE = re.compile(r"\0*\s*,?\s*(?:for|if|when|whenever)\s+\0+(?:\s+and\s+\0+)*\s*\.\s*", re.IGNORECASE)
_GOVERNS = re.compile(
    r"\b(?:if|when|whenever|wherever|for|let(?! us\b)|suppos\w*|assum\w*|set|setting|put|unless|given|provided|want"
    r"|require[ds]?|need|such that|whether|define[ds]?|denote[ds]?|choose|take|consider|case|start\w*)\b",
    re.IGNORECASE,
)
_PLACES = re.compile(r"\b(?:at|along|with|where|until|while)\b", re.IGNORECASE)
_LIES = re.compile(
    r"\b(?:is|are|lies?|sits?|occurs?|attained|reached|located|found|taken|assumed)\s+(?:only\s+)?at\s*$"
    r"|\b(?:vanish\w*|(?:is|are|be|becomes?) (?:equal to )?(?:zero|0|stationary|minimal|maximal|smallest|largest|least"
    r"|greatest|minimi[sz]ed|maximi[sz]ed))\s+(?:exactly\s+|precisely\s+)?(?:for|at|when|where|if)\s*$",
    re.IGNORECASE,
)
_CONCLUDES = (
    r"equals?|becomes?|gives?|yields?|get|gets|obtain|obtains|find|finds|follows|results? in|comes? to|reads?|then"
    r"|(?:can|may|also|could) (?:also )?(?:be )?(?:re)?writ(?:e|ten)(?: it)?(?: as)?|rewrites?"
    rf"|{HENCE}"
)
_AT_THE_END = r"\s*(?:that|then|thus|now|again|here|instead|:)?\W*$"
_CONCLUDED = re.compile(rf"\b(?:{_CONCLUDES}){_AT_THE_END}", re.IGNORECASE)
_ANNOUNCED = re.compile(rf"\b(?:is|are|have|has|{_CONCLUDES}){_AT_THE_END}", re.IGNORECASE)
_SEEN = re.compile(
    rf"\b(?:sees?|shows?|impl(?:y|ies)|means?|knows?|proves?|notes?|notice|because|clearly|obviously){_AT_THE_END}",
    re.IGNORECASE,
)
_SAYS_ALL = re.compile(
    r"\b(?:vanish(?:es)?|cancels?(?: out)?|agree|coincide|match|(?:is|are) (?:zero|constant|equal|the same|identical)"
    r"|(?:sums?|adds?)(?: up)? to (?:zero|one))\s*[,:]\s*$",
    re.IGNORECASE,
)
"""At the end of words that have said all before the formula that says it again."""
_JOINED = re.compile(r"\s*(?:,|and|,\s*and)\s*")
_CLAUSE = re.compile("[,;:\0]")
_STOPS = re.compile("[,;:]")
_LONE_NAME = re.compile(
    r"\s*\\?(?:[A-Za-z]+|(?:mathbf|boldsymbol|vec|hat|bar)\{\\?[A-Za-z]+\})'*(?:[_^](?:\{[^{}]*\}|\w|\*))*'*\s*"
)
_WRITTEN = (
    r"(?:\d[\d.,]*(?:(?:\{,\}|\\,)\d{3})*(?:e[-+]?\d+|(?:\s*\\(?:cdot|times)\s*10)?\^(?:\d|\{-?\d+\}))?(?:\s*/\s*\d+)?"
    r"|\\[dt]?frac\{\d+\}\{\d+\})"
)
"""A number as it is written: 0.5, 10{,}000, 10^4, 4 \\cdot 10^3, 1e-4, 1/4."""
_LONE_END = re.compile(rf"{_LONE_NAME.pattern}|\s*[-+]?{_WRITTEN}\s*[.,]?\s*")
_QUOTIENT = re.compile(r"\d\s*/\s*\d+\s*[.,]?\s*\Z")
_STEP_BY = re.compile(
    r"\W*(?:(?:but|and|now)\s+)?(?:since|because|as|substituting|inserting|using|plugging in|recall(?:ing)?(?: that)?"
    r"|noting that|note that)\s+\0[^.;]*:\s*\Z",
    re.IGNORECASE,
)
_SLOPE_IN_WORDS = re.compile(r"\b(?:derivatives?|gradients?(?! descent))\b[^.;:]*\Z", re.IGNORECASE)
_CONTINUES = re.compile(
    r"\b(?:this|which)\s+(?:(?:also|then|in turn|again)\s+)?"
    r"(?:equals|is (?:also )?equal to|is the same as|simplifies to|reduces to|evaluates to)\s*\W?$",
    re.IGNORECASE,
)
_ROUNDS = re.compile(r"(?:\bi\.\s?e\.|\bthat is),?\s+(?:about|approximately|roughly)\s*\W?$", re.IGNORECASE)
_IS = re.compile(
    r"\b(?:is|are|equals?|equal to|becomes?|remains?|(?:has|have) the \w+|simplif(?:ies|y) to|reduces? to)\s*\W?$",
    re.IGNORECASE,
)
_NO_VALUE = re.compile(rf"{_LONE_NAME.pattern}|[^=+]*\\(?:times|in|to|colon|mathbb|dots|ldots)(?![A-Za-z])[^=+]*|\s*")
"""What words say of a kind: the name of a thing, the shape of a matrix, a set."""
_REASON = re.compile(r"\b(?:since|as|because|when|if|for)\s*$", re.IGNORECASE)
_GOES_ON = re.compile(r"^\W*so that\b", re.IGNORECASE)
_D = r"\s*(?:\\mathrm\s*\{d\}|d(?!_))"
_SLOPE = re.compile(rf"\\partial|\\nabla|'|\bgrad\b|\\[dt]?frac\s*\{{{_D}[^{{}}]*\}}\s*\{{{_D}|\\mathrm\{{d\}}")
_STATEMENT = re.compile(
    r"(?<=[.!?;])\s+|\n\s*\n|\n(?=[ \t]*(?:[-*+•]|\(?[a-h1-9][).])[ \t])|(?<=[$)\]])[ \t]*\n(?=[ \t]*[A-Z][a-z]+\b)"
)
"""Where a statement ends: behind a stop, before an item, and with a line that a formula ends before a capital."""


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
    if found and not any(EQUATES.search(f.text) for f in found) and _HEAD.search(blank.replace("\0", " ")):
        # A bound behind a label says where the lines after it hold.
        return []
    if _UNDER.search(blank) or (len(found) > 1 and re.search("\0:|\0\\s*or\\s*\0", blank)):
        return []
    text = _ITEM.sub("", without_formulas(block.text), count=1)
    rest = _CONNECTING.sub(" ", unmarked(_HEAD.sub(" ", text)))
    if re.search(r"[^\W_]", rest) or block.text.rstrip().endswith((":", ",")):
        return []
    return [f for f in found if RELATES.search(f.text)] if all(RELATES.search(f.text) for f in found) else []


def is_labelled(block: Block) -> bool:
    """Whether a paragraph is a label and formulas, and nothing else."""
    text = without_formulas(block.text)
    rest = _CONNECTING.sub(" ", unmarked(_HEAD.sub(" ", text)))
    return bool(_HEAD.search(text)) and not re.search(r"[^\W_]", rest)


def speaks_of_slopes(formula: str) -> bool:
    """Whether a formula holds a derivative, which may be meant of a graph that only words describe."""
    return bool(_SLOPE.search(formula))


def begins_with_slope(formula: Block) -> bool:
    """Whether a formula says what a derivative is: no condition is written so."""
    return speaks_of_slopes(RELATES.split(formula.text)[0])


@dataclass(frozen=True)
class Statement:
    """A relation that a sentence holds, and the words before it there.

    `is_claimed` says that no word of the sentence can make it a condition, or deny it, `is_fixed` that it relates
    nothing but numbers, or stands right of a sign outside, as in `the total = $a = b$`, and is not denied.  Its words
    assert it, maybe of an extreme, where `is_framed`, plainly where `is_asserted`, and `is_asserted_under`
    where the conditions among them are read; they say it of what is given, maybe at a place or in a case, where
    `is_of_the_given`.  `behind` are those behind it, and `under` all words of its sentence where these end with the
    place at which it holds: `$D = 0$ for $p = q$.`
    """

    formula: Block
    before: Block
    is_claimed: bool
    is_fixed: bool
    is_framed: bool = False
    is_asserted: bool = False
    is_asserted_under: bool = False
    is_of_the_given: bool = False
    behind: str = ""
    under: Block | None = None

    @property
    def is_announced(self) -> bool:
        """Whether its sentence says that it gets this, or is sure of it."""
        clause = _last_clause(self.before)
        return bool(_ANNOUNCED.search(clause)) or (self.is_claimed and bool(_SEEN.search(clause)))

    @property
    def is_general(self) -> bool:
        """Whether no word of its sentence before it can make it what holds at a place of its own, as at a boundary."""
        return self.is_claimed and not is_peculiar(without_formulas(self.before.text))

    @property
    def is_unconditional(self) -> bool:
        """Whether no word before it supposes anything, or denies it."""
        words = without_formulas(self.before.text)
        return not (_UNDER.search(words) or _WRONG.search(words))

    @property
    def is_of_others(self) -> bool:
        """Whether words before it say that somebody else gets it, or gets it by mistake."""
        return bool(_OF_OTHERS.search(without_formulas(self.before.text)))

    @property
    def is_of_one_thing(self) -> bool:
        """Whether no word of its sentence supposes, denies or changes anything, or speaks of signs and factors."""
        words = " ".join((without_formulas(self.before.text, "\0"), self.behind))
        return not any(kind.search(words) for kind in (_UNDER, _WRONG, _CHANGES))

    @property
    def is_plainly_said(self) -> bool:
        """Whether no word of its sentence can make it anything but a claim about what is given, for all values."""
        words = without_formulas(self.before.text, "\0")
        if said_for_all(self.formula.text, self.before.text):
            words = _QUANTIFIED.sub(" ", words)
        is_bound = _WANTED.search(f"{words} {self.behind}") or _PLACED.search(words)
        return self.is_of_one_thing and not is_bound and not is_peculiar(_VERDICT.sub(" ", words))

    @property
    def is_of_another(self) -> bool:
        """Whether it begins with its sign, and words say of what, so that it does not go on from what was shown."""
        is_other = _ANOTHER.search(_last_clause(self.before)) or _ELSE.match(self.behind)
        return bool(_BEGINS.match(self.formula.text) and is_other)

    @property
    def is_plain(self) -> bool:
        """Whether it says of a name what number it is, or is no equation."""
        return is_plain(self.formula)

    @property
    def is_quotient(self) -> bool:
        """Whether it ends with a division that is written out, 1/25, as what is worked out does and no setting."""
        return _QUOTIENT.search(self.formula.text) is not None

    @property
    def is_placing(self) -> bool:
        """Whether its sentence says where something is by this, or what it goes with."""
        return bool(re.search(rf"{_PLACES.pattern}\s*$", _last_clause(self.before), re.IGNORECASE))

    @property
    def is_beside(self) -> bool:
        """Whether its sentence only says with this of which place it speaks, and not that something lies there."""
        return self.is_placing and not _LIES.search(_last_clause(self.before))

    @property
    def is_lying(self) -> bool:
        """Whether its sentence says that something lies where this puts it."""
        return self.is_placing and not self.is_beside

    @property
    def is_got(self) -> bool:
        """Whether its sentence gets this: from what was shown, where something lies, or where a derivative is 0."""
        return self.is_announced or self.is_lying or demands_a_zero(self.before)

    @property
    def is_stated(self) -> bool:
        """Whether its sentence says this of what it speaks of; a name and its number are mostly said for others."""
        clause = _last_clause(self.before)
        if self.is_plain:
            return self.is_bound or bool(_CONCLUDED.search(clause))
        says_again = bool(_SAYS_ALL.search(without_formulas(self.before.text, "\0")))
        return self.is_claimed or self.is_announced or says_again or bool(_LIES.search(clause))

    @property
    def is_bound(self) -> bool:
        """Whether its words assert this inequality, and not the case in which a name lies, as `since $u > 0$` does."""
        is_asserted = self.is_asserted_under and not EQUATES.search(self.formula.text)
        is_case = _LONE_NAME.fullmatch(RELATES.split(self.formula.text)[0]) and _REASON.search(self.before.text)
        return is_asserted and not is_case

    @property
    def is_behind_a_colon(self) -> bool:
        """Whether its sentence says before a colon where this holds."""
        return self.before.text.rstrip().endswith(":")


@dataclass(frozen=True)
class Continuation:
    """A formula for something before it, as a display that begins with the sign that words stand for.

    It begins where the delimiter before it stands; `is_clear` says that it is said of what was shown last.
    """

    formula: Block
    is_clear: bool


@lru_cache(maxsize=64)
def statements(block: Block) -> tuple[Statement, ...]:
    """The relations of a paragraph that its sentences state, or may state: no conditions, no questions, no denials."""
    return tuple(_statements(block))


def _statements(block: Block) -> Iterator[Statement]:
    for sentence, blank in sentences_of(block):
        is_claimed = not _SUPPOSES.search(_GOES_ON.sub("", blank)) and not sentence.text.rstrip().endswith((":", ","))
        begin = end_of_claim = 0
        was_setting = False
        stem: int | None = None
        for formula in _joined(sentence, blank):
            at = formula.place.offset_in(sentence.text, sentence.place)
            end = len(blank[:at].rstrip("\0"))
            words = blank[max(0, end - LONGEST) : end]
            behind = blank[end:].lstrip("\0")[:LONGEST]
            clause = _NO_DENIAL.sub(" ", _STOPS.split(words)[-1])
            is_denied = "?" in behind or bool(_WRONG.search(clause + _STOPS.split(behind)[0]) or says_false(behind))
            # No supposition changes what numbers alone are.
            is_fixed = (_is_numeric(formula) or bool(_NAMED.search(words))) and not is_denied
            is_beside = words.rstrip().endswith("(") and is_plain(formula)
            under = _under(sentence, begin, formula, blank)
            # The place at which a formula holds supposes nothing else.
            is_placed = under is not None and not (is_denied or _SUPPOSES.search(_GOES_ON.sub("", blank[:end])))
            is_sure = ((is_claimed or is_placed) and not is_beside) or is_fixed
            # What stands behind a colon is said of what stands before it.
            is_said = words.rstrip().endswith(":") or not _is_condition(formula, words)
            is_open = is_sure or (is_said and not is_denied)
            # A setting goes on: `with $a = 1$ and $b = 2$`.
            is_joined = "\0" in words and bool(_JOINED.fullmatch(words[words.rfind("\0") + 1 :]))
            # `For $a = 1$, $b = 2$.` says what holds there.
            is_next = was_setting and is_joined and not (_UNDER_ONE.fullmatch(words) and _ENDS.fullmatch(behind))
            was_setting = is_plain(formula) and (not is_open or is_next or behind.startswith(":"))
            if not is_open or was_setting:
                # A setting after a claim begins another case.
                begin, stem = max(begin, end_of_claim), None
                if not is_open and not is_denied and (numbers := _numeric_end(formula)) is not None:
                    yield Statement(numbers, Block("words", words, sentence.place), True, True)
            elif RELATES.search(formula.text) and not is_range(formula):
                end_of_claim = at + len(blank[at:]) - len(blank[at:].lstrip("\0"))
                # A claim goes on: `we get $a = 1$ and $b = 2$`.
                stem = stem if is_joined and stem is not None else end
                start = max(begin, blank.find(" ", stem - LONGEST)) if stem > LONGEST else begin
                before = Block("words", sentence.text[start:stem], sentence.place.behind(sentence.text[:start]))
                is_framed, is_under = (not is_denied and asserts(words, behind, reads=r) for r in (False, True))
                is_own = not is_peculiar(words)
                is_label = begins_with_slope(formula) and not is_denied and labels(words, behind)
                is_asserted, is_under = (is_framed and is_own) or is_label, (is_under and is_own) or is_label
                is_framed = is_framed and not is_peculiar(words, is_placed=True)
                is_given = not is_denied and is_of_the_given(words, behind)
                formula = _with_letters(formula, sentence.text[at + len(formula.text) :])
                is_claim = is_sure or is_asserted
                yield Statement(
                    formula, before, is_claim, is_fixed, is_framed, is_asserted, is_under, is_given, behind, under
                )


def _under(sentence: Block, start: int, formula: Block, blank: str) -> Block | None:
    """The words of a sentence around a formula, without this, where the place at which it holds ends the sentence."""
    at = formula.place.offset_in(sentence.text, sentence.place)
    end = at + len(formula.text)
    if not _ONLY_THERE.fullmatch(blank, end):
        return None
    text = f"{sentence.text[start:at]}{re.sub('.', ' ', formula.text)}{sentence.text[end:]}"
    return Block("words", text, sentence.place.behind(sentence.text[:start]))


def says_false(behind: str) -> bool:
    """Whether the words behind a formula say that it is wrong."""
    return _IS_FALSE.match(behind) is not None


def sentences_of(block: Block) -> Iterator[tuple[Block, str]]:
    """The sentences of a paragraph that hold a relation, each with a NUL sign for every character of its formulas."""
    block = replace(block, text=EITHER.sub(lambda m: m[0].replace("$ or $", "  or  "), block.text))
    ends = [0, *(m.end() for m in _STATEMENT.finditer(block.text)), len(block.text)]
    for start, end in pairwise(ends):
        sentence = Block("words", block.text[start:end], block.place.behind(block.text[:start]))
        if RELATES.search(sentence.text):
            yield sentence, without_formulas(sentence.text, "\0")


def _with_letters(formula: Block, behind: str) -> Block:
    """A formula with the letters for all of which it holds, as the words right behind it say, at its margin."""
    found = _FOR_ALL.match(behind)
    letters = said_for_all(found[0]) if found is not None else ()
    return replace(formula, text=" ".join([formula.text, *(rf"\quad \forall {x}" for x in sorted(letters))]))


def begins_with_sign(formula: Block) -> bool:
    """Whether a formula begins with a relation sign, so that what it is said of stands before it."""
    return _BEGINS.match(formula.text) is not None


def without_sign(formula: Block) -> Block:
    """What stands behind the sign with which a formula begins."""
    sign = _BEGINS.match(formula.text)
    end = sign.end() if sign is not None else 0
    return replace(formula, text=formula.text[end:].strip(), place=formula.place.behind(formula.text[:end]))


def led_up_to(block: Block) -> Block | None:
    """The formula without a sign with which a paragraph ends behind a label, and from which a display goes on."""
    for formula, _ in formulas(block)[-1:]:
        at = formula.place.offset_in(block.text, block.place)
        rest = block.text[at + len(formula.text) :].strip("$ \t\n")
        is_labelled = block.text[:at].rstrip("$ \t").endswith(":") and rest in ("", ":")
        if is_labelled and not RELATES.search(formula.text) and not _LONE_NAME.fullmatch(formula.text):
            return formula
    return None


def _joined(sentence: Block, blank: str) -> Iterator[Block]:
    """The formulas of a sentence, one without a sign with what is said of it: `$10/3$, which is $\\approx 3.33$`."""
    bare: Block | None = None
    for formula, _ in formulas(sentence):
        at = formula.place.offset_in(sentence.text, sentence.place)
        if bare is not None:
            end = bare.place.offset_in(sentence.text, sentence.place) + len(bare.text)
            if _BEGINS.match(formula.text) and _IS_SAID.fullmatch(blank[end:at].strip("\0")):
                formula = replace(formula, text=f"{bare.text} {formula.text}", place=bare.place)
            else:
                yield bare
        bare = None if RELATES.search(formula.text) else formula
        if bare is None:
            yield formula
    if bare is not None:
        yield bare


def continuations(block: Block) -> Iterator[Continuation]:
    """The formulas without a sign of which a paragraph says that a line or a derivative is equal to them.

    Lone names are none.
    """
    for formula, words in introduced(block):
        if RELATES.search(formula.text):
            continue
        is_rounded = bool(_ROUNDS.search(words)) and not _NAMES.search(_NUMERIC.sub(" ", formula.text))
        is_clear = is_rounded or bool(_CONTINUES.search(words))
        is_slope = bool(_IS.search(words) and _SLOPE_IN_WORDS.search(words))
        if not (is_clear or is_slope) or DENIES.search(words):
            continue
        behind = block.text[formula.place.offset_in(block.text, block.place) + len(formula.text) :]
        if is_clear or not (_NO_VALUE.fullmatch(formula.text) or re.match(r"\W?-", behind)):
            place = replace(formula.place, column=formula.place.column - 1)
            sign = "≈" if is_rounded else "="
            yield Continuation(Block("display", f"{sign}{formula.text}", place), is_clear)


def _last_clause(words: Block) -> str:
    """What stands behind the last formula or comma of the words before a formula."""
    return _CLAUSE.split(without_formulas(words.text, "\0").rstrip())[-1]


def _is_condition(formula: Block, words: str) -> bool:
    """Whether the words before a formula make it a condition or a setting.

    A word such as `at`, or a bracket, does so with a name and its number alone.  What a sentence says that it gets is
    none, nor where it says that something lies.
    """
    clause = without_said_cases(_CLAUSE.split(words.rstrip())[-1])
    if _ANNOUNCED.search(clause) or _LIES.search(clause):
        return False
    is_aside = words.rstrip().endswith("(") or bool(_PLACES.search(clause))
    return bool(_GOVERNS.search(clause)) or (is_plain(formula) and is_aside)


def is_plain(formula: Block) -> bool:
    """Whether a formula, or each part of one that is a list, says of a name what number it is, or is no equation."""
    parts = re.split(r"(?<![{\\]),|;|\\q?quad\b", formula.text)
    sides = [RELATES.split(part) for part in parts]
    named = all(all(map(_LONE_NAME.fullmatch, s[:-1])) and _LONE_END.fullmatch(s[-1]) for s in sides)
    return named or not EQUATES.search(formula.text)


def gives_a_reason(block: Block) -> bool:
    """Whether the last sentence of a paragraph leads to what goes on below by the reason for its next step."""
    return _STEP_BY.match(without_formulas(leading(block).text.rstrip(), "\0")) is not None


def _is_numeric(formula: Block) -> bool:
    """Whether a formula relates nothing but numbers, the last of which may have a unit."""
    text = _UNIT.sub("", formula.text)
    return bool(EQUATES.search(text)) and not _NAMES.search(_NUMERIC.sub(" ", text))


def _numeric_end(formula: Block) -> Block | None:
    """The end of a chain that relates nothing but numbers: 3 + 4 = 8 of a = b = 3 + 4 = 8."""
    for sign in EQUATES.finditer(formula.text):
        place = formula.place.behind(formula.text[: sign.end()])
        end = replace(formula, text=formula.text[sign.end() :], place=place)
        if _is_numeric(end):
            return end
    return None


def said_of_words(block: Block) -> list[Block]:
    """The numbers of which a paragraph says that words are equal to them; none where it denies or only supposes."""
    if DENIES.search(without_formulas(block.text)):
        return []
    outside = without_formulas(unmarked(block.text), "\0")
    return [Block("display", m[1], block.place.behind(block.text[: m.start(1)])) for m in _SAID.finditer(outside)]
