"""The statements of formulas, as they are written, and the names of which they speak, each by its letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from symdl.read.commands import GREEK, UNICODE
from symdl.read.inline import delimited

_PIECES = re.compile(
    r",|;|\\q?quad\b|\\text\{(?:\s[^{}]*|[^{}]*\s|\s*(?:and|or|for|if|where|with|when|so|then)\b[^{}]*)\}|\n"
)

_GROUP = r"\{(?:[^{}]|\{[^{}]*\})*\}"

LONE = re.compile(
    rf"\s*(?P<name>\\?[A-Za-z]+(?:{_GROUP})?'*(?:[_^](?:{_GROUP}|\\?[A-Za-z0-9]))*'*)\s*(?:\([^()]*\))?\s*"
)

_FUNCTION = re.compile(r"^\s*\\(?:log|ln|exp)(?![A-Za-z_])\s*(?=[A-Za-z\\])")
"""What is said of the logarithm of something is said of this."""

_BLANK = re.compile(r"\s|\\(?:[,;:! ]|left(?![A-Za-z])|right(?![A-Za-z]))")

_BRACES = re.compile(r"[{}\s]")

_INDICES = re.compile(r"_(?:[i-nst]|\{[\di-nst+\-, ]*\})(?![A-Za-z])")
"""The indices at the name of a family: what is said of a member concerns all of it."""

_ANY_INDEX = re.compile(r"_(?:[a-z]|\{[\da-z+\-, ]*\})(?![A-Za-z])|\^\{?[(\[][\da-zL+\- ]*[)\]]\}?")
"""What may be such an index, or a label: what is said may concern the family as well."""

_SINGULAR = re.compile(r"[=≈]\s*[-+]?\s*\\infty|^(?:[\d\s()]|\\(?:log|ln|infty|left|right))*$")

DIFFER = re.compile(r"\\n?eq?(?![A-Za-z])|[≠<>]|\\[lg]eq?(?![A-Za-z])|^\s*[a-z]'*\s*=\s*[a-z]'*\s*$")
"""What says that two things are not the same."""
RELATION = re.compile(r"=|≈|\\(?:approx|sim|equiv|coloneqq|leftarrow|propto)\b|:=")

_TOKEN = re.compile(r"\\[A-Za-z]+|[A-Za-z]+")

GREEK_SIGNS = str.maketrans({c: written for c, written in UNICODE.items() if written[1:].rstrip() in GREEK})

_LAYOUT = re.compile(
    r"\\(?:begin|end)\{[a-z*]+\}|\\(?:mathbf|boldsymbol|bm|mathrm|mathcal|mathbb|operatorname|text|hat|bar|tilde|vec|dot"
    r"|left|right|big|Big|frac|dfrac|tfrac|sqrt|sum|prod|times|cdot|partial|dots|ldots|cdots|top|infty)(?![A-Za-z])"
)

Spoken = frozenset[frozenset[str]]
"""The names that formulas speak of, each by its letters and commands."""


def letters_of(latex: str) -> frozenset[str]:
    """The letters and Greek or function commands of a formula; accents, fonts and layout left out."""
    tokens = _TOKEN.findall(_LAYOUT.sub(" ", latex.translate(GREEK_SIGNS)))
    return frozenset(x for t in tokens for x in ((t,) if t.startswith("\\") else t))


def squeezed(formula: str) -> str:
    """A formula without blanks, and the stop of the sentence behind it."""
    return _BLANK.sub("", formula).rstrip(".,;:")


def pieces(formula: str) -> Iterator[str]:
    """The statements of a formula: what stands between commas, quads and words outside brackets."""
    start = 0
    for m in _PIECES.finditer(formula):
        before = formula[start : m.start()]
        if all(before.count(a) <= before.count(b) for a, b in ("()", "[]", "{}")):
            yield before
            start = m.end()
    yield formula[start:]


def statements_in(texts: Iterable[str]) -> Iterator[str]:
    """The statements of the formulas of texts; a text without any is one formula."""
    for text in texts:
        for formula in [found.text for found in delimited(text)] or [text]:
            yield from pieces(formula)


def spoken_of(texts: Iterable[str]) -> Spoken:
    """What formulas define or bound: the name before the sign of a relation, else every letter there.

    What holds by convention at a singular point, such as `0 \\log 0 = 0`, speaks of nothing else.
    """
    found: set[frozenset[str]] = set()
    for piece in statements_in(texts):
        head = _FUNCTION.sub("", RELATION.split(piece)[0]) if RELATION.search(piece) else piece
        lone = LONE.fullmatch(head)
        if lone is None and (_SINGULAR.search(head) or _SINGULAR.search(piece)):
            continue
        own = {letters_of(letter.sub("", lone["name"])) for letter in (_INDICES, _ANY_INDEX)} if lone else set()
        found |= own or {frozenset((x,)) for x in letters_of(head)}
    return frozenset(found - {frozenset()})


def is_spoken_of(name: str, spoken: Spoken) -> bool:
    """Whether what is spoken of bears this name, or is a part of it."""
    letters = letters_of(name)
    return any(s <= letters for s in spoken)


def rests_on(statement: str, name: str) -> bool:
    """Whether a statement says by this name what something is, or holds the name and says of nothing what it is."""
    sides = RELATION.split(statement)
    text, plain = " ".join(sides[1:] if len(sides) > 1 else sides), _BRACES.sub("", name)
    if re.fullmatch(r"\\?[A-Za-z]+", name):
        return bool(re.search(rf"(?<![A-Za-z\\]){re.escape(name)}(?![A-Za-z])", text))
    return plain in _BRACES.sub("", text)


def says_what(statement: str, name: str) -> bool:
    """Whether a statement begins with a name and its sign, and so says what it is."""
    first, *others = RELATION.split(statement)
    return bool(others) and _BRACES.sub("", first) == _BRACES.sub("", name)


def may_define(statement: str, name: str) -> bool:
    """Whether a statement speaks of a name and says what it is, as a number or a function, or says no more of it."""
    if not is_spoken_of(name, spoken_of([statement])):
        return False
    head, *others = RELATION.split(statement)
    return LONE.fullmatch(_FUNCTION.sub("", head)) is not None if others else DIFFER.search(statement) is None
