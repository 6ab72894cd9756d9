r"""What words say of where a function is least, greatest or stationary, as equations: "$c^*$ minimises $f$"."""

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
_IS = (
    r"\s*(?:is|denotes|be|are)\s+(?:called\s+)?(?:(?:the|a|an|its|one|any|some)\s+)?"
    r"(?:(?:only|unique|single|optimal|best)\s+)?"
)
_PLACE = r"(?P<kind>value|point|place|number|root|zero|solution|choice)(?:\s+(?:of|for)\s+(?:the\s+(?:\w+\s+)?)?\0)?"
_WHERE = (
    r",?\s+(?:with|where|(?:at|for)\s+which|such\s+that|that\s+(?:satisfies|fulfils|solves)|satisfying|solving|of|to)"
)
_ROOTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<place>\0){_IS}(?P<kind>(?:stationary|critical)\s+point)\s+(?:of|for)\s+(?:the\s+(?:\w+\s+)?)?(?P<said>\0)",
        rf"(?P<place>\0){_IS}{_PLACE}{_WHERE}\s+(?P<said>\0)",
        r"(?P<place>\0)\s+(?P<kind>solves|satisfies|fulfils)\s+(?:the\s+equation\s+)?(?P<said>\0)",
        rf"\bthe\s+{_PLACE}{_WHERE}\s+(?P<said>\0)\s+is\s+(?:called|denoted(?:\s+by)?|written(?:\s+as)?)\s+(?P<place>\0)",
        r"\bthe\s+(?P<kind>(?:stationary|critical)\s+point)\s+of\s+(?:the\s+(?:\w+\s+)?)?(?P<said>\0)\s+is\s+"
        r"(?:called|denoted(?:\s+by)?|written(?:\s+as)?)\s+(?P<place>\0)",
    )
)
"""How words say of a place, a name with a star or hat, what holds there."""
_DENIED = re.compile(r"\b(?:not|never|no|if|unless|whether|when)\b", re.IGNORECASE)
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


def spoken_roots(text: str) -> Iterator[tuple[int, str]]:
    r"""The equations that hold at a place with a star or hat, as a paragraph states them in words, with their places.

    "$c^*$ is the stationary point of $f$" and "$c^*$ is the value of $c$ with $f'(c) = 0$" say so.
    """
    for sentence in sentences_of(text):
        said = [m["said"].strip() for m in _FORMULA.finditer(sentence[0])]
        words = _FORMULA.sub("\0", sentence[0])
        found = next((m for m in (p.search(words) for p in _ROOTS) if m is not None), None)
        if found is None or _DENIED.search(words[: found.start()]):
            continue
        place, equation = (said[words.count("\0", 0, found.start(group))] for group in ("place", "said"))
        starred = _STARRED.fullmatch(place)
        formula = _at_place(equation, found["kind"].lower(), starred) if starred is not None else ""
        if formula:
            yield sentence.start() + sentence[0].index("$"), formula


def _at_place(said: str, kind: str, starred: re.Match[str]) -> str:
    """What is said of a place as an equation: that there a slope or a formula is 0, or that an equation holds."""
    bare = next(x for x in starred.groups() if x)
    function = _FUNCTION.fullmatch(said)
    if kind.endswith("point") and not kind.startswith("point"):
        is_read = function is not None and function["of"] in (None, bare)
        equation = rf"\frac{{\partial {said}}}{{\partial {bare}}} = 0" if is_read else ""
    else:
        equation = f"{said} = 0" if kind in ("root", "zero") and "=" not in said else said
    left, _, right = (side.strip() for side in equation.partition("="))
    names = re.findall(r"\\?[A-Za-z]+", equation)
    is_of_all = starred[0] in equation or (bare not in names and function is None and "'" not in equation)
    if not right or "=" in right or is_of_all or (kind in ("root", "zero") and right != "0"):
        return ""
    difference = left if right == "0" else rf"\left({left} - ({right})\right)"
    return rf"\left.{difference}\right|_{{{bare} = {starred[0]}}} = 0"
