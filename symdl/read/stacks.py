r"""What words say of the rows or the columns of a matrix, as equations: "$X$ is the matrix with rows $x_i^\top$"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from symdl.read.document import sentences_of

_FONT = r"\\(?:mathbf|boldsymbol|bm)"
_CORE = rf"(?:{_FONT}\s*\{{\s*\\?[A-Za-z]+\s*\}}|\\?[A-Za-z]+)"
_INDEX = r"(?:_\s*(?:\w|\{\s*\w\s*\})|\^\s*\{?\s*\(\s*\w\s*\)\s*\}?)"
_TRANSPOSED = r"\s*\^\s*(?:\{\s*(?:\\top|\\intercal|T)\s*\}|\\top|\\intercal|T)"
_MEMBER = rf"\(?\s*{_CORE}\s*{_INDEX}\s*\)?(?:{_TRANSPOSED})?"
_DOTS = r"(?:\\[lc]?dots|\.\.\.|…)"
_SET = r"(?:\\in\s*\\math[^$=]*)?"
_MATRIX = re.compile(rf"\s*(?P<name>\\(?:Phi|Psi)|[A-Z]|{_FONT}\s*\{{\s*\\?[A-Z][a-z]*\s*\}})\s*{_SET}")
_VECTORS = re.compile(
    rf"\s*\(?\s*(?P<core>{_CORE})\s*(?P<index>{_INDEX})\s*\)?(?:{_TRANSPOSED})?"
    rf"\s*(?:,(?:.*,)?\s*(?P<dots>{_DOTS})\s*,\s*{_MEMBER}|,\s*\w\s*=.*)?\s*{_SET}"
)
_LETTER = re.compile(r"\s*[a-z]\s*(?:=.*)?")
_LISTED = re.compile(rf"\$\s*,\s*\$?\s*({_DOTS})\s*\$?\s*,\s*(?:and\s+)?\$")
_FORMULA = re.compile(r"\$([^$]+)\$")

_ORDER = r"(?:\{I\}\s*-?\s*(?:th|st|nd|rd)?\s+)?"
_NOUNS = r"(?:(?!(?:of|to|not|and|for|in|with)\b)[a-z-]{1,40}\s+){0,4}?"
_PART = rf"{_NOUNS}{_ORDER}(?P<part>row|column)(?:s|-?\s*wise|\s+by\s+(?:row|column)|\s+vectors?|\s+\{{I\}})?"
_IS = r"(?:(?:is|are|equals?|being|given\s+by|consists?\s+of|contains?|holds?|stores?)\s+)*"
_M, _V, _WORDS = r"\{M(?P<matrix>\d+)\}", r"\{V(?P<vector>\d+)\}", r"(?:[^.;{}]|\{[FI]\})"
_SAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_M}{_WORDS}{{0,80}}?\b(?:with|whose|has|having|of|from)\s+{_PART}\s+{_IS}{_NOUNS}{_V}",
        rf"\b{_PART}\s+of\s+{_NOUNS}{_M}\s+{_IS}{_NOUNS}{_V}",
        rf"{_M}{_WORDS}{{0,60}}?{_V}\s+(?:(?:as|in|into|along|to)\s+)?{_PART}",
        rf"{_V}{_WORDS}{{0,40}}?\b(?:is|are|be|denotes?|as|in|into)\s+{_PART}\s+of\s+{_NOUNS}{_M}",
    )
)
"""What is said of a matrix M, its rows or columns V and the letter I that counts them."""
_NOT = re.compile(r"\b(?:not|never|no|whether|if|either|or)\b", re.IGNORECASE)


def spoken_stacks(text: str) -> Iterator[tuple[int, str]]:
    r"""The equations X_{i,:} = x_i^\top and X_{:,i} = x_i that a paragraph states in words, with their places."""
    for sentence in sentences_of(text):
        place = re.search(r"\b(?:row|column)", sentence[0], re.IGNORECASE)
        if place is None or _NOT.search(sentence[0]):
            continue
        formulas: list[tuple[str, str]] = []
        plain = _FORMULA.sub(partial(_sign, formulas), _LISTED.sub(r", \1, ", sentence[0]))
        said: dict[str, set[str]] = {}
        for m in (m for pattern in _SAYS for m in pattern.finditer(plain)):
            matrix, (vector, letter) = formulas[int(m["matrix"])][0], formulas[int(m["vector"])]
            row, column = rf"{matrix}_{{{letter},:}} = ({vector})^\top", rf"{matrix}_{{:,{letter}}} = {vector}"
            said.setdefault(matrix, set()).add(row if m["part"].lower() == "row" else column)
        yield from ((sentence.start() + place.start(), x) for found in said.values() if len(found) == 1 for x in found)


def _sign(formulas: list[tuple[str, str]], formula: re.Match[str]) -> str:
    """What stands for a formula in a sentence; a matrix, and vectors with the letter of their index, are noted."""
    text = formula[1]
    if (matrix := _MATRIX.fullmatch(text)) is not None:
        formulas.append((matrix["name"], ""))
        return f"{{M{len(formulas) - 1}}}"
    if (vectors := _VECTORS.fullmatch(text)) is not None:
        index = re.sub(r"\d", "i", vectors["index"]) if vectors["dots"] else vectors["index"]
        letter = index.strip("_^{}() ")
        if letter.isalpha():
            formulas.append((vectors["core"] + index, letter))
            return f"{{V{len(formulas) - 1}}}"
    return "{I}" if _LETTER.fullmatch(text) else "{F}"
