"""What prose says of a quantity by its name in words: `The padding is 2`, `Output size: 7 x 7 x 32`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Symbol

from symdl.check.introducing import HENCE
from symdl.check.tidying import unmarked
from symdl.check.words import DENIES
from symdl.errors import Place
from symdl.language import label_of, quantities
from symdl.problem import Block, Givens

_WORDED = re.compile(r"\\(?:text|mathrm|mathit)\{([A-Za-z][A-Za-z -]+[A-Za-z])\}")
_SAYS = (
    r"(?:\s+(?:size|number|value))?(?:\s*\([^()$]*\))?"
    r"\s*(?:[=≈:]|\b(?:is|are|equals|becomes|(?:should|must|will|has to|have to) be)\b)\s*"
)
_VALUE = r"\$[^$=<>]+(?:=[^$<>]*)?\$|[-+]?\d(?:[\d.,]*\d)?(?:\s*[x×*/+-]\s*\d(?:[\d.,]*\d)?)*(?![\w%])"
_MORE = r"(?!\s*(?:times|more|less|fewer|percent|of|or|to|and(?! the\b)|[-+*/×x=≈^(])(?![A-Za-z]))"
_LEADS = re.compile(rf"\W*(?:(?:{HENCE}|then|the|and|our)\b\W*)*", re.IGNORECASE)
_TIMES = re.compile(r"(?<=\d)\s*[x×*]\s*(?=\d)")


_JOINS = re.compile(
    r"\b(?:a|after|also|and|are|as|at|because|becomes|before|but|by|equals|for|from|get|gives|i\.e|in|into|is|it|last"
    rf"|{HENCE}|of|on|or|since|that|then|this|to|us|we|where|which|with|\w+(?:ing|ed|ly))\b",
    re.IGNORECASE,
)
MAX_CALLED = 3
"""Of how many words a name in words is."""


def calls(words: str) -> bool:
    """Whether the words before a sign name what it is said of, as in `The mean $= 5/2$`, and do not only lead on."""
    line = re.split(r"[$\n]|\\\)", words)[-1]
    found = re.findall(r"[^\W\d_]+", line)
    is_name = 0 < len(found) <= MAX_CALLED and not _JOINS.search(line)
    # A noun in the plural that ends longer words is a subject, too.
    return is_name or (len(found) > 1 and found[-1].endswith("s") and not _JOINS.fullmatch(found[-1]))


@dataclass(frozen=True)
class Called:
    """A relation as a display; `is_all` says that the paragraph says nothing else, and `value` is the place of it."""

    formula: Block
    is_all: bool
    value: Place


def called(block: Block, givens: Givens) -> Iterator[Called]:
    """What a paragraph says of quantities that the givens name in words."""
    if DENIES.search(block.text):
        return
    text = unmarked(block.text)
    for label, words in sorted(worded(givens).items(), key=lambda pair: pair[0].name):
        name = r"\s+".join(map(re.escape, words.split()))
        says = re.compile(rf"(?<![\w\\{{]){name}(?![\w}}]){_SAYS}(?P<value>{_VALUE}){_MORE}", re.IGNORECASE)
        for found in says.finditer(text):
            # What it is equal to in turn is judged where it stands.
            value = _TIMES.sub(r" \\times ", found["value"].strip("$ ").split("=")[0])
            rest = text[: found.start()] + text[found.end() :]
            is_all = not re.search(r"\w", _LEADS.sub("", rest, count=1))
            formula = Block("display", f"{label.name} = {value}", block.place.behind(block.text[: found.start()]))
            yield Called(formula, is_all, block.place.behind(block.text[: found.start("value")]))


def worded(givens: Givens) -> dict[Symbol, str]:
    """The words by which the givens name quantities without indices."""
    terms = [d.head for d in givens.definitions]
    terms += [side for f in givens.facts for side in f.relation.sides]
    terms += [v.quantity for v in givens.values]
    labels = {label_of(q) for t in terms for q in quantities(t)} - givens.families.keys()
    return {label: found[1] for label in labels if (found := _WORDED.fullmatch(label.name))}
