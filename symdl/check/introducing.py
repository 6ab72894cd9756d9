"""What the words before a display say of it: that it is demanded or supposed, or follows, and where it holds."""

from __future__ import annotations

import re
from itertools import islice

from symdl.check.letters import DIFFER
from symdl.check.words import SENTENCE_END, inline_formulas, sole_formula, without_formulas
from symdl.problem import Block
from symdl.read.inline import inline

_DEMANDS = re.compile(
    r"\b(sett?(?:ing)?|equat(?:e|es|ed|ing)|requir\w*|demand\w*|solv\w*|suppose|assum\w*|vanish\w*|stationar\w*"
    r"|at the optimum|(?:needs?|wants?)(?! to (?:show|prove|verify|check))|to (?:ensure|guarantee)"
    r"|(?<!by the )(?<!from the )(?:first[- ]order|optimality|necessary) conditions?)\b"
    r"|\b(?:obtains?|gets?|finds?|gives?|yields?|leads? to|has|have|solves?|satisf\w+) (?:the|an?|this|its)"
    r" (?:[\w-]+ ){0,2}?equations?\W*$",
    re.IGNORECASE,
)

HENCE = r"so|hence|thus|therefore"
"""Before what follows."""

_SO = re.compile(rf"\b(?:{HENCE})(?:\s+(?:that|for|we (?:get|have|obtain|find)))?\W*$", re.IGNORECASE)
"""At the end of a sentence, before what follows from it."""

_SOLVED = re.compile(
    r"\b(?:solv|rearrang|isolat)\w+\b[^.;:]{0,150}?\bfor\b[^.;:]{0,150}"
    r"\b(?:gives|yields|leads to|results in|(?:get|obtain|find)s?)\W*$",
    re.IGNORECASE,
)
"""At the end of a sentence, before the solution of an equation."""

_SOLVES = re.compile(rf"\A\W*(?:and |from which |whence )*(?:{HENCE})\b|\b(?:solv|rearrang|isolat)\w*\b", re.IGNORECASE)

_ONLY_SOLVES = re.compile(
    r"\W*(?:(?:\d+|step \d+|and|then|now|next|finally|so|thus|hence|therefore|by)\W+){0,3}"
    r"(?:(?:we|one) (?:can )?(?:now )?|let us (?:now )?|let's (?:now )?)?(?:solv|rearrang|isolat)(?:e|ing)"
    r"(?:\s+(?:this|it|that|(?:this|the|that) (?:last )?(?:equation|expression)|both sides))?"
    r"(?:\s+for\s+\0+)?(?:\s*,?\s*(?:gives|yields|leads to|results in|(?:and )?(?:we|one) (?:get|obtain|find|have)s?"
    r"|to (?:get|obtain|find)))?(?:\s+that)?\W*",
    re.IGNORECASE,
)
"""A sentence that says of what follows only that the equation before it was solved."""
_THAT_IS_ZERO = re.compile(
    r"\b(?:this|it|that|which|the (?:difference|expression|numerator|exponent|bracket|right side))\s+(?:\w+\s+){0,2}?"
    r"(?:vanish\w*|(?:is|be|equals?|becomes?)(?: equal to)? (?:zero|0))"
    r"|\b(?:sett?(?:ing)?|equat\w+) (?:this|it|that|the (?:difference|expression|numerator))"
    r" (?:equal )?(?:to|with) (?:zero|0)",
    re.IGNORECASE,
)

_TAKES_SLOPE = re.compile(r"\b(?:derivatives?|gradients?|differentiat\w*|partials?)\b", re.IGNORECASE)

_ASKS = re.compile(r"\b(sett?(?:ing)?|equat(?:e|ing)|require|demand(?:ing)?|suppose|assum(?:e|ing))\b", re.IGNORECASE)

_ZERO = re.compile(
    r"\b(?:(?:to|is|be) 0|zero|vanish\w*|stationar\w*|critical|optim\w+|maxim\w+|minim\w+|extrem\w+|first[- ]order"
    r"|null\w*|nul(?:le)?|normal equations?|likelihood equations?)\b",
    re.IGNORECASE,
)

_BEST = re.compile(r"\b(?:best|optim\w+|minimi\w+|maximi\w+|(?:minimum|maximum|extremum)\b.*\bat)\b", re.IGNORECASE)

_SLOPE_IS_ZERO = re.compile(
    r"(?:\\nabla|\\partial|'|\\[dt]?frac\s*\{\s*(?:\\mathrm\{d\}|d(?![A-Za-z])))[^=]*="
    r"\s*(?:\\(?:mathbf|vec|boldsymbol)\s*)?\{?0\}?$"
)

_AT_A_NUMBER = re.compile(r"'\s*(?:\\left\s*)?\(\s*-?\s*[\d.]+\s*(?:\\right\s*)?\)")
_SUPPOSES = re.compile(
    r"\b(?:let|suppos\w*|assum\w*|if|when|case|start\w*|initial\w*|choos\w*|chose|take|pick|instead|example|e\.g|guess"
    r"|begin\w*|consider|another|unless|updat\w*|iterat\w*|steps?|epochs?|learning rate|where)\b"
    r"|\b(?:with|for|at|from)\s*\0",
    re.IGNORECASE,
)

_VARIED = re.compile(
    r"\b(?:derivative|slope|gradient)\s+(?:of\s[^.;:]{0,60}?\s)?(?:with respect to|w\.?r\.?t\.?)\s+"
    r"\$(?P<name>[^$]+)\$(?!\s*(?:,|and\b|or\b)\s*\$)",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\b(?:derivatives|slopes|gradients|each|every|both|all|respective\w*)\b", re.IGNORECASE)

_JOINS = re.compile(r"\W*(?:and|as well as|und|sowie|et)\W*", re.IGNORECASE)

_STEP = re.compile(
    r"\s*(?:(?:now|next|then|first|finally|so|we|can|let us|and)\b,?\s+)*(?:expand|simplif|factor|collect|combin|cancel"
    r"|multipl|distribut|rearrang|regroup|group|rewrit|reorder|using|use|apply|by|since|because)\w*\b",
    re.IGNORECASE,
)
"""How a sentence begins that says by what a formula is changed."""

_ABOUT = re.compile(
    r"\b(?:at|for|if|when|where|case|side|evaluat\w*|substitut\w*|put\w*|plug\w*|approximat\w*|neglect\w*|drop\w*"
    r"|ignor\w*|assum\w*|set\w*)\b|\b(?:is|are|becomes?|equals?|reads?)\s*:?\s*\Z|[.;!?:]\s*\S",
    re.IGNORECASE,
)
"""What says of a line where it holds, or names its left side."""

_EQUATES = re.compile(
    r"\b(?:agree|coincid\w*|(?:are|is|be|become) (?:the )?(?:equal|same)|indifferent|break[- ]?even|threshold|boundary"
    r"|intersect\w*|balance\w*)\b|\b(?:where|if|when|whenever)[^\w\0]*$",
    re.IGNORECASE,
)

_SPOKEN = re.compile(r"[^\W\d_]{2,}")

MANY_WORDS = 3
"""How many words a paragraph has that may say where a line holds."""


def leading(block: Block) -> Block:
    """The last sentence of a paragraph, which leads to the display below it."""
    end = max((m.end() for m in SENTENCE_END.finditer(block.text.rstrip())), default=0)
    return Block(block.kind, block.text[end:], block.place.behind(block.text[:end]))


def sets_a_condition(block: Block) -> bool:
    """Whether a paragraph says that what follows is demanded, as in `setting the derivative to zero`.

    What is supposed in the words themselves is no demand on what follows.
    """
    last = leading(block).text
    if _SO.search(without_formulas(last)) or _SOLVED.search(without_formulas(last)) or only_solves(block):
        return False
    found = _DEMANDS.findall(last)
    if not all(word.lower().startswith(("suppos", "assum")) for word in found):
        return True
    is_whole = last.rstrip().endswith(".")
    return bool(found) and not any(DIFFER.search(f) or (is_whole and "=" in f) for f in inline_formulas(last))


def asks(block: Block) -> bool:
    """Whether the last sentence of a paragraph asks for something, and does not only say what has been asked."""
    return bool(_ASKS.search(leading(block).text))


def may_suppose(block: Block) -> bool:
    """Whether the last sentence of a paragraph may begin something else than what follows from the lines before."""
    last = leading(block)
    return bool(_SUPPOSES.search(without_formulas(last.text, "\0"))) and not demands_a_zero(last)


def solves(block: Block) -> bool:
    """Whether the last sentence of a paragraph says that what follows is got from the lines before."""
    return bool(_SOLVES.search(without_formulas(leading(block).text)))


def only_solves(block: Block) -> bool:
    """Whether the last sentence of a paragraph says only that what follows is the equation before it, solved."""
    return _ONLY_SOLVES.fullmatch(without_formulas(leading(block).text, "\0")) is not None


def demands_a_zero(block: Block) -> bool:
    """Whether a paragraph says, in words or by a formula, that a derivative is to be 0, as it is at an extremum."""
    said = any(is_slope_zero(f) or f.strip() == "0" for f in inline_formulas(block.text))
    return said or bool(_ZERO.search(without_formulas(block.text)))


def varied_alone(block: Block) -> str | None:
    """The name, as it is written, by which the last sentence of a paragraph takes its one derivative; else None."""
    last = leading(block)
    found = list(islice(_VARIED.finditer(last.text), 2))
    return found[0]["name"] if len(found) == 1 and not _SEVERAL.search(without_formulas(last.text)) else None


def is_slope_zero(formula: str) -> bool:
    """Whether a formula says that a derivative is 0, and not at a number or in the limit, where it is or is not."""
    found = _SLOPE_IS_ZERO.search(formula.strip().rstrip(".,;:").rstrip())
    return found is not None and _AT_A_NUMBER.search(formula) is None and r"\lim" not in formula


def says_that_vanishes(block: Block) -> bool:
    """Whether the last sentence of a paragraph says that what was shown before it is 0, and not its derivative."""
    words = without_formulas(leading(block).text, "0")
    found = _THAT_IS_ZERO.search(words)
    return found is not None and not _TAKES_SLOPE.search(words[: found.start()])


def says_best(block: Block) -> bool:
    """Whether the last sentence of a paragraph says that what follows is the best, or where something is extreme."""
    return bool(_BEST.search(without_formulas(leading(block).text)))


def equates(block: Block) -> bool:
    """Whether the last sentence of a paragraph says that what stands below holds somewhere, as `They agree where`."""
    return bool(_EQUATES.search(without_formulas(leading(block).text, "\0")))


def ends_with_place(block: Block) -> bool:
    """Whether a paragraph ends with the word that says where, if or when what stands below it holds."""
    return bool(re.search(r"\b(?:where|if|when|whenever)\W*$", block.text, re.IGNORECASE))


def joins(block: Block) -> bool:
    """Whether a paragraph does no more than join two displays."""
    return bool(_JOINS.fullmatch(block.text))


def announces_step(block: Block) -> bool:
    """Whether one sentence without a formula says by what the formula before it is changed, and nothing else."""
    text = block.text.strip()
    return bool(_STEP.match(text)) and not (inline(block.text) or _ABOUT.search(text) or any(map(str.isdigit, text)))


def is_telling(block: Block) -> bool:
    """Whether a paragraph says more than a connecting word does, so that it may say where a line holds."""
    return len(_SPOKEN.findall(without_formulas(block.text))) + len(inline(block.text)) >= MANY_WORDS


def opens_a_case(block: Block) -> bool:
    """Whether a paragraph is nothing but a condition for what stands below it, as in `$i \\neq k$:`."""
    formula = sole_formula(block)
    return formula is not None and block.text.rstrip().endswith(":") and bool(DIFFER.search(formula.text))
