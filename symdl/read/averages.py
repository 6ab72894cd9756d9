r"""What words say of the numbers of a list: "$\mu$ is the mean and $v$ the variance of the batch", as equations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from symdl.read.document import sentences_of

MAX_LISTED = 30
"""How many numbers a list may have."""
_KIND = re.compile(
    r"\b(?:(?P<mean>means?|averages?)|(?P<variance>variances?)|(?P<deviation>standard\s+deviations?))\b", re.IGNORECASE
)
_NAME = re.compile(r"\$\s*(?P<name>\\?[A-Za-z]+(?:_(?:\\?[A-Za-z]+|\{\\?[A-Za-z]+\}))?(?:\^2)?)\s*\$")
_IS = re.compile(r"\b(?:is|are|be|denotes?|stands?\s+for)\b", re.IGNORECASE)
_OF = re.compile(
    r"\s*(?:,\s*)?(?:respectively,?\s*)?(?:taken\s+)?(?:of|over)\s+(?P<what>[a-z\s-]*?)\s*(?:\$\s*(?P<name>[A-Za-z])\s*\$|[.,;]|\Z)",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"(?:all\s+|these\s+|the\s+)*(?:\w+\s+)?(?:(?:mini-?)?batch|values|numbers|data|sample|inputs?|entries|elements|"
    r"components|observations|features?|points|activations)(?:\s+of|\s+in)?(?:\s+(?:the\s+)?(?:\w+\s+)?(?:mini-?)?(?:batch|vector|list))?",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"(?<!un)biased|\bpopulation\b|\b(?:mini-?)?batch\b", re.IGNORECASE)
"""Words of a variance that is divided by how many numbers there are."""
_NOT = re.compile(
    r"\b(?:not|unbiased|if|whether|running|moving|exponential)\b|sample\s+(?:variance|standard)", re.IGNORECASE
)


def spoken_averages(text: str, lists: Mapping[str, int]) -> Iterator[tuple[int, str]]:
    """The equations that a paragraph states in words of means and variances of these lists, with their places.

    `lists` are names with how many numbers each has.  What a variance is divided by is taken from words alone.
    """
    for sentence in sentences_of(text):
        kinds = list(_KIND.finditer(text, *sentence.span()))
        if not kinds or _NOT.search(sentence[0]) or not _IS.search(sentence[0]):
            continue
        named = [m for m in _NAME.finditer(text, *sentence.span()) if m.start() < kinds[-1].start()]
        of = _OF.match(text, kinds[-1].end(), sentence.end())
        name = _meant(of, lists) if of is not None else ""
        if not name or len(named) != len(kinds):
            continue
        said = {str(k.lastgroup): n["name"] for n, k in zip(named, kinds, strict=True)}
        yield from (
            (n.start("name"), x) for n, x in zip(named, _equations(said, name, lists[name], sentence[0]), strict=False)
        )


def _meant(of: re.Match[str], lists: Mapping[str, int]) -> str:
    """The list of which these words speak."""
    if of["name"] is not None:
        return (
            of["name"]
            if of["name"] in lists and (not of["what"].strip() or _LIST.fullmatch(of["what"].strip()))
            else ""
        )
    return next(iter(lists)) if len(lists) == 1 and _LIST.fullmatch(of["what"].strip()) else ""


def _equations(said: Mapping[str, str], name: str, count: int, words: str) -> Iterator[str]:
    members = [f"{name}_{n}" if n < 10 else f"{name}_{{{n}}}" for n in range(1, count + 1)]
    mean = rf"\frac{{{' + '.join(members)}}}{{{count}}}"
    centre = said.get("mean", rf"\left({mean}\right)")
    spread = rf"\frac{{{' + '.join(f'({m} - {centre})^2' for m in members)}}}{{{count}}}"
    for kind, own in said.items():
        if kind == "mean":
            yield f"{own} = {mean}"
        elif _WHOLE.search(words):
            yield f"{own} = {spread}" if kind == "variance" else rf"{own} = \sqrt{{{spread}}}"
