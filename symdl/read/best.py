r"""What words say of where a function is least or greatest, as equations: "$c^*$ minimises $f$"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symdl.read.document import sentences_of

_FORMULA = re.compile(r"\$(?P<said>[^$]+)\$")
_LEAST = re.compile(r"\b(?:minimi[sz]\w*|minim(?:um|al))\b", re.IGNORECASE)
_GREATEST = re.compile(r"\b(?:maximi[sz]\w*|maxim(?:um|al))\b", re.IGNORECASE)
_PLACED = re.compile(
    r"\b(?:minimi[sz]es?|maximi[sz]es?|minimi[sz]er|maximi[sz]er|minimi[sz]ed (?:by|at)|maximi[sz]ed (?:by|at)"
    r"|minimi[sz]ing|maximi[sz]ing|(?:minim|maxim)(?:um|al)\b[^.]*\bat)\b",
    re.IGNORECASE,
)
"""Words that say where something is least or greatest, and not only that it is."""
_BOUND = re.compile(
    r"\b(?:not|never|no|if|whether|subject|under|constrain\w*|such that|among|over|local\w*|with|where|when|s\.t)\b",
    re.IGNORECASE,
)
"""Words of a sentence that may say more of the place than the function does."""
_NAME = r"\\?[A-Za-z]+"
_STARRED = re.compile(
    rf"\\(?:hat|widehat)\s*(?:\{{\s*(?P<hat>{_NAME})\s*\}}|(?P<bare>{_NAME}))|(?P<star>{_NAME})\^\{{?\s*(?:\*|\\star|\\ast)\s*\}}?"
)
_FUNCTION = re.compile(rf"(?:{_NAME}|\\(?:mathcal|mathrm)\{{[A-Za-z]+\}})(?:\((?P<of>{_NAME})\))?")


def spoken_places(text: str) -> Iterator[tuple[int, str]]:
    r"""The equations c^* = \arg\min_{c} f that a paragraph states in words, with their places.

    A sentence states one where it speaks of nothing else: of a name with a star or hat, of a function and, at most, of
    the bare name.
    """
    for sentence in sentences_of(text):
        words = _FORMULA.sub(" ", sentence[0])
        if (
            _BOUND.search(words)
            or not _PLACED.search(words)
            or bool(_LEAST.search(words)) is bool(_GREATEST.search(words))
        ):
            continue
        said = [m["said"].strip() for m in _FORMULA.finditer(sentence[0])]
        starred = [m for m in map(_STARRED.fullmatch, said) if m is not None]
        if len(starred) != 1:
            continue
        bare = next(x for x in starred[0].groups() if x)
        rest = [s for s in said if s not in (starred[0][0], bare)]
        function = _FUNCTION.fullmatch(rest[0]) if len(rest) == 1 else None
        if function is None or function["of"] not in (None, bare):
            continue
        head = "min" if _LEAST.search(words) else "max"
        yield sentence.start() + sentence[0].index("$"), rf"{starred[0][0]} = \arg\{head}_{{{bare}}} {rest[0]}"
