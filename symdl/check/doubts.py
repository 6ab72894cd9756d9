r"""Why a line that seems to fail may be right all the same: how it is written, and what words say that is not read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from symdl.check.letters import Spoken, letters_of
from symdl.check.words import inline_formulas, without_formulas
from symdl.problem import Block

SHAPES = "these are shapes, not products of numbers"
UNITS = "information in different units: bits are counted with logarithms to base 2, nats with natural ones"
QUALIFIED = "what words say of the matrix could not be read, so an instance of it refutes nothing"
PREMISE = "one side of an implication: where the other one holds could not be told"
ELSEWHERE = "what holds where words leave something out is not said in a way that is read here"
SUPPOSED = "what is supposed in words before it is not read here"
FIXED = "what is not differentiated is said in words that are not read here"
SETTLED = "it gives a value to a free letter of what is given"
LATER = "which values hold after the update is not said in a way that is read here"
WHOLE = "equal only if rounded to a whole number, as words near it may say"
ROUGH = "words before it leave something out, or say that it holds only roughly"
MIXED = "which of the values before and after the updates are meant is not clear"

_PRODUCT = re.compile(r"\d+(?:\\times|×)\d+(?:(?:\\times|×)\d+)*")
_SHAPE = re.compile(r"[(\[]\d+(?:(?:\\times|×)\d+)+[)\]]")
_BETWEEN = re.compile(r"\\times|×|\\cdot")
_TIMES = re.compile(r"(?<=\d)\s*x\s*(?=\d)")
_SPACE = re.compile(r"\s|\\[,;:! ]|\\(?:left|right)(?![A-Za-z])")
_UNITS = (re.compile(r"\b(?:bits?|[Ss]hannons?)\b"), re.compile(r"\bnats?\b"), re.compile(r"\b(?:dits?|hartleys?)\b"))
_PROPERTY = re.compile(
    r"\b(?:symmetric|diagonal|orthogonal|orthonormal|positive[- ](?:semi-?)?definite|covariance|Hessian|projection"
    r"|triangular|unitary|idempotent)\b",
    re.IGNORECASE,
)
"""What some matrices are; that one can be inverted keeps no line from failing, as nearly all can."""
_OF_ITS_OWN = re.compile(r"\W*(?:so|hence|thus|therefore|consequently|it follows|if|when)\b", re.IGNORECASE)
"""Begins a sentence of a proof that concludes a property, or what holds with it."""
_SYMMETRIC = re.compile(r"\bsymmetric\b", re.IGNORECASE)
_CAPITAL = re.compile(r"(?<![\w$\\{])[B-HJ-Z](?![\w'])|\bA\b(?=\s+(?:is|are|and|be)\b)")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n\s*\n")
_LETTER = re.compile(r"[i-nst]")
_DIGIT = re.compile(r"\d")
_STEPS = re.compile(
    r"\\leftarrow|\\gets\b|←|:=|\\coloneqq|\bupdat|\biterat|\bdescent\b|\blearning rate|\bstep size|\bSGD\b|\\eta\b",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\bafter (?:\w+ )?(?:update|step|iteration)|\bnew (?:error|loss|value|weight|parameter|cost|prediction|output)"
    r"|\bupdated\b|\b(?:iteration|epoch) [2-9]\b|\b(?:second|third|next) (?:iteration|epoch)\b",
    re.IGNORECASE,
)
_CASES = re.compile(
    r"\b(?:(?:off-?)?diagonal|equal|indices|others?|otherwise|correct|true|same|different|cases?|class(?:es)?|(?:in)?active|positive"
    r"|negative|margin|region|side|label)\b",
    re.IGNORECASE,
)
_FIXED = re.compile(
    r"\b(?:as (?:a )?constants?|(?:held|kept) (?:fixed|constant)|detach\w*|stop[- ]?grad\w*|semi-?gradient)\b",
    re.IGNORECASE,
)
_CONSTANT = re.compile(
    r"\b(?:hold(?:ing)?|keep(?:ing)?|are|is|stays?|remains?)\b[^.;]{0,20}?\b(?:fixed|constants?)\b", re.IGNORECASE
)
_STARTS = re.compile(r"\b(?:initial\w*|starts?|started|starting|begins?|beginning|guess\w*|seeds?)\b", re.IGNORECASE)
_CENTRED = re.compile(
    r"\b(?:means?|cent(?:er|re)d|zero-mean|normal\w*|Gauss\w*|white|noise|standardi[sz]ed|unit variance|i\.?i\.?d)\b",
    re.IGNORECASE,
)
_DISTRIBUTED = re.compile(
    r"\b(?:distribut\w*|Bernoulli|binomial|Poisson|uniform\w*|exponential\w*|geometric|Laplace|Rademacher|categorical"
    r"|multinomial|coins?|dice|die|takes? (?:on )?(?:the )?values?|with probability)\b",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"\b(?:floor\w*|ceil\w*|round\w*|truncat\w*|integer part|whole numbers?)\b", re.IGNORECASE)
_SPLITS = re.compile(
    r"\\neq?(?![A-Za-z])|≠|\\delta_|\\(?:mathbb|mathbf)\{1\}|\[\s*[a-z]\s*=|\b[a-z]\s*=\s*[a-z]\b|cases"
    r"|\\partial[^{}]*_\{?(?P<at>\w)\}?[^{}_]*\}\s*\{\s*\\partial[^{}]*_\{?(?P=at)\b"
)
_PLAIN_CASE = re.compile(r"\b[Ii]f\s+[A-Za-z]\w{0,2}\s*=\s*-?[A-Za-z\d]")
_CLIMBS = re.compile(r"\bascen|\b(?:arg)?max|likelihood|\brewards?\b|\bpolicy", re.IGNORECASE)
_ROUGH = re.compile(
    r"\bup to (?:an?|the|some|irrelevant|additive|multiplicative|constants?|factors?|scal\w*|terms?|normali\w*|order)\b"
    r"|\b(?:ignor|neglect|dropp|omitt|disregard|discard|absorb)(?:ing|ed)\b"
    r"|\b(?:we|one|us) (?:\w+ )?(?:ignore|neglect|drop|omit|disregard|discard|absorb)s?\b"
    r"|\b(?:first|second|leading|lowest)[- ]order\b(?! (?:\w+ )?(?:conditions?|optimality))|\blineari[sz]\w*|\bTaylor\b"
    r"|\bapproximat\w*|\broughly\b|\basymptotic\w*|\bsaturat\w*|\bregimes?\b"
    r"|\b(?:for|if|when|at|with|as) (?:very |sufficiently )?(?:small|large)\b",
    re.IGNORECASE,
)
_ROWS = re.compile(r"\brow[- ]vectors?\b|\brow[- ]major\b|\bvectors are rows?\b", re.IGNORECASE)
_CONDITION = re.compile(
    r"\W*(?:if|when|whenever|suppose|assum(?:e|ing)|provided|unless)\b(?!\s+(?:we|one|you)\b)[^,:]*", re.IGNORECASE
)
_ELSEWHERE = re.compile(
    r"\W*(?:without (?!loss\b)|(?:for|by|in) comparison|compare[ds]? (?:with|to)|had we\b|alternatively"
    r"|(?:with|using|by) [^.$]{0,40}\binstead\b|instead\b|in contrast\b|by contrast\b)",
    re.IGNORECASE,
)


def are_shapes(left: str, right: str) -> bool:
    r"""Whether both sides are shapes, as in (3 \times 4)(4 \times 2) = 3 \times 2."""
    left, right = (_SPACE.sub("", _TIMES.sub("×", s)) for s in (left, right))
    bare = right[1:-1] if _SHAPE.fullmatch(right) else right
    if not _PRODUCT.fullmatch(bare):
        return False
    if len(_SHAPE.findall(left)) > 1:
        return not _BETWEEN.sub("", _SHAPE.sub("", left))
    bare_left = left[1:-1] if _SHAPE.fullmatch(left) else left
    sizes = [len(re.findall(r"\d+", s)) for s in (bare_left, bare)]
    return bool(_PRODUCT.fullmatch(bare_left)) and min(sizes) > 2


def mixes_units(texts: Iterable[str]) -> bool:
    """Whether information is measured in more than one unit."""
    whole = " ".join(texts)
    return sum(bool(unit.search(whole)) for unit in _UNITS) > 1


def qualified(block: Block, heeds: Callable[[tuple[int, int]], bool] | None = None) -> Spoken:
    """The names of which a paragraph says a property of matrices that is not read.

    `heeds` says of a stretch of a given whether it is read; a proof speaks of its lines, and not where it concludes
    such a property, or what follows from it.
    """
    found: set[frozenset[str]] = set()
    ends = [0, *(m.end() for m in _SENTENCE.finditer(block.text)), len(block.text)]
    for start, end in pairwise(ends) if block.kind == "words" else ():
        sentence = block.text[start:end]
        said = list(_PROPERTY.finditer(block.text, start, end))
        if heeds is not None:
            said = [m for m in said if not heeds(m.span())]
        if not said or (heeds is None and _OF_ITS_OWN.match(sentence)):
            continue
        found |= {frozenset((name,)) for name in _CAPITAL.findall(sentence)}
        if not all(_SYMMETRIC.fullmatch(m[0]) for m in said):
            found |= {letters_of(formula) for formula in inline_formulas(sentence)}
    return frozenset(s for s in found if len(s) == 1)


def is_member_of_unread(name: str, spoken: Spoken) -> bool:
    """Whether a name can be a member of a family of which something is given that could not be read."""
    if not _DIGIT.search(name):
        return False
    letters = letters_of(name)
    families = (frozenset(x for x in s if not _LETTER.fullmatch(x)) for s in spoken if len(s) > 1)
    return any(f and f <= letters for f in families)


def goes_in_steps(texts: Iterable[str]) -> bool:
    """Whether a document updates values, so that a name may have another one later."""
    return any(map(_STEPS.search, texts))


def climbs(text: str) -> bool:
    """Whether a text speaks of what is to become larger."""
    return bool(_CLIMBS.search(text))


def is_elsewhere(block: Block) -> bool:
    """Whether a paragraph begins with what is left out or put in place of something, so that other values hold."""
    return bool(_ELSEWHERE.match(block.text))


def is_rough(block: Block) -> bool:
    """Whether a paragraph says that what stands by it leaves something out, or holds only roughly."""
    return bool(_ROUGH.search(without_formulas(block.text)))


def speaks_of_rows(texts: Iterable[str]) -> bool:
    """Whether a document says that its vectors are rows, so that shapes fit that else do not."""
    return any(map(_ROWS.search, texts))


def supposes(block: Block) -> bool:
    """Whether the last sentence of a paragraph begins with a condition in words alone, which nothing here reads."""
    sentence = _SENTENCE.split(block.text.strip())[-1]
    found = _CONDITION.match(without_formulas(sentence, "\0"))
    return found is not None and "\0" not in found[0]


def names_a_case(block: Block) -> bool:
    """Whether the words of a paragraph may name a case, as `on the diagonal` does."""
    return bool(_CASES.search(block.text))


def splits_indices(text: str) -> bool:
    """Whether a text may tell the case of equal indices, or of one class, from the others."""
    return bool(_CASES.search(text) or _SPLITS.search(text))


def names_plainly(block: Block) -> bool:
    """Whether the words of a paragraph set one name to another one, or to a number, without a formula."""
    return bool(_PLAIN_CASE.search(without_formulas(block.text)))


def starts_with(block: Block) -> Iterator[Block]:
    """The sentences of a paragraph that say with what something starts."""
    return (Block("words", s, block.place) for s in _SENTENCE.split(block.text) if _STARTS.search(s))


def speaks_of_moments(text: str) -> bool:
    """Whether words may say what a mean or a variance is."""
    return bool(_CENTRED.search(without_formulas(text)))


def names_a_distribution(text: str) -> bool:
    """Whether words may say how something is distributed."""
    return bool(_DISTRIBUTED.search(without_formulas(text)))


def speaks_of_whole(text: str) -> bool:
    """Whether words say that something is rounded to a whole number."""
    return bool(_WHOLE.search(text))


def holds_fixed(block: Block) -> bool:
    """Whether a paragraph says that something is not differentiated."""
    return bool(_FIXED.search(block.text))


def holds_named(block: Block) -> bool:
    """Whether a paragraph may say of what it names that this is not differentiated."""
    return holds_fixed(block) or bool(_CONSTANT.search(block.text))


def is_later(block: Block) -> bool:
    """Whether a paragraph says that what follows holds after an update."""
    return bool(_LATER.search(block.text))
