r"""What words say of the distribution of a name, as equations: "$x_i$ are i.i.d. with mean $\mu$ and unit variance"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symdl.read.document import sentences_of

_VALUE = r"(?:\$(?P<{0}>[^$=<>]+?)(?:\s*(?:>|\\neq?)\s*0)?\s*\$|(?P<{0}_word>zero|one|-?\d+(?:\.\d+)?(?![\d.]*\d)))"
_LEAD = (
    r"(?:\b(?:with|has|have|having|of|and|their|its|whose)|[,(])\s+"
    r"(?:(?:a|an|the|same|common|known|unknown|finite|equal|population)\s+)*"
)
_PHRASES = (
    (r"\b(?:zero|0)[-\s]mean\b|\bcent(?:er|re)d\b|\bstandardi[sz]ed\b|\bstandard\s+(?:normal|Gaussian)\b", "0", ""),
    (r"\bunit[-\s]variance\b|\bstandardi[sz]ed\b|\bstandard\s+(?:normal|Gaussian)\b", "", "1"),
    (rf"{_LEAD}(?:mean|expectation|expected\s+value)\s+(?:of\s+|is\s+|equal\s+to\s+)?{_VALUE.format('v')}", "v", ""),
    (rf"{_LEAD}variance\s+(?:of\s+|is\s+|equal\s+to\s+)?{_VALUE.format('v')}", "", "v"),
    (rf"{_LEAD}standard\s+deviation\s+(?:of\s+)?{_VALUE.format('v')}", "", "(v)^2"),
)
"""Words with the mean and the variance that they state, `v` for the value in them."""
_FOUND = tuple((re.compile(words, re.IGNORECASE), mean, variance) for words, mean, variance in _PHRASES)
_LAW = re.compile(
    r"(?:\b(?:drawn|drawings?|sampled?s?|taken|generated|observations?|points?|iid|independently)\s+from"
    r"|i\.i\.d\.\s+from|\bdistributed\s+(?:as|according\s+to)|\bfollow(?:s|ing)?|(?P<ahead>\b(?:is|are|and)))\s+"
    r"(?:(?:an?|the|all|each|normal|Gaussian|distribution)\s+)*"
    r"\$\s*(?P<law>(?:\\(?:mathcal|mathrm|text|operatorname)\s*\{[A-Za-z]+\}|N)\s*(?:\\left)?\([^$]*\))\s*\$"
    r"(?(ahead)[-\s]distributed)",
    re.IGNORECASE,
)
"""Words that say by its law how something is distributed: "samples from $N(0, 1)$"."""
_BINOMIAL = re.compile(
    r"(?:\bfollow(?:s|ing)?|\bis|\bhas)\s+(?:an?\s+|the\s+)?binomial(?:ly)?(?:\s+(?:distribut\w+|random\s+variable|law))?\s+"
    r"(?:\$\s*(?:\\(?:mathcal|mathrm|text|operatorname)\s*\{[A-Za-z]+\}|[A-Z][a-z]*)\s*\(|with\s+parameters?\s+\$\s*\(?)"
    r"(?P<count>[^$,()]+?)\s*(?:,|\$\s*(?:,|and|, and)\s*\$)\s*(?P<chance>[^$,()]+?)\s*\)?\s*\$",
    re.IGNORECASE,
)
"""Words that say that something is binomial, with its two parameters."""
_OF_ANOTHER = re.compile(r"\b(?:given|conditional|prior|posterior|divergence|approximat\w*|mixture)\b", re.IGNORECASE)
"""Words beside which the law may be that of something else than the name before it."""
_NAME = (
    r"(?:\\(?:hat|bar|tilde|vec|mathbf|boldsymbol|bm)\s*\{[^{}$]*\}|\\?[A-Za-z]+)"
    r"(?:_(?:\w|\{[^{}$]*\}|\\[a-z]+))?(?:\^\{\(\w\)\})?"
)
"""A name with its accent and index, which may stand above it in brackets."""
_SET = re.compile(rf"\$\s*(?P<set>{_NAME})\s*(?:,[^$]*)?\$")
_PLAIN = re.compile(
    r"(?<![\w$\\{^_])(?P<plain>(?:\\[A-Za-z]+|[A-Za-z])(?:_(?:\w|\{[^{}$]*\}))?)"
    r"(?=\s*,|\s+(?:and|has|have|is|are)\b)"
)
_DOTS = re.compile(r"dots(?![A-Za-z])|\.\.\.|…")
_JOINED = re.compile(r"\s*(?:,|and|, and|&)?\s*")
_MOMENT = r"(?:E|\\mathbb\{E\}|\\mathrm\{E\}|[Vv]ar|\\(?:text|mathrm|operatorname)\{[Vv]ar\}|\\mathbb\{V\})"
_OF = re.compile(rf"{_MOMENT}\s*[\[(]\s*(?P<name>{_NAME})\s*[\])]")
_NOT = re.compile(r"\b(?:not|never|no longer|respectively|whether|if)\b", re.IGNORECASE)
_WORDS = {"zero": "0", "one": "1"}
_THEIR = re.compile(r"(?:their|its|whose)\b", re.IGNORECASE)
_ARTICLES = ("a", "A", "I")
_NEAR = 40
"""How far behind "zero-mean" the name stands that it is said of."""


def spoken_moments(text: str, earlier: str = "") -> Iterator[tuple[int, str]]:
    r"""The formulas \mathbb{E}[x] = \mu, \mathrm{Var}(x) = v and x \sim N that a paragraph states, with their places.

    They are said of the names before these words in their sentence, or right after them; where none is there, of the
    names of whose moments a formula of the paragraph speaks.  "Their" mean is that of the names of the sentence before,
    which may stand in an `earlier` paragraph.
    """
    last = _last_named(earlier)
    for sentence in sentences_of(text):
        if _NOT.search(sentence[0]):
            continue
        start, end = sentence.span()
        said = [(m, mean, variance) for words, mean, variance in _FOUND for m in words.finditer(text, start, end)]
        values = [m.span("v") for m, _, _ in said if m.groupdict().get("v")]
        groups = _groups(text, sentence, values)
        last = groups[-1][2] if groups else last
        for m, mean, variance in said:
            value = next((v for v in m.groupdict().values() if v), "")
            value = _WORDS.get(value.lower(), value)
            at = next((n for n in range(m.start(), m.end()) if text[n].isalnum()), m.start())
            named = last if not groups and _THEIR.match(m[0]) else _said_of(groups, m)
            for name in named or list(dict.fromkeys(x["name"] for x in _OF.finditer(text))):
                if mean:
                    yield at, rf"\mathbb{{E}}[{name}] = {mean.replace('v', value)}"
                if variance:
                    yield at, rf"\mathrm{{Var}}({name}) = {variance.replace('v', value)}"
        for m in _LAW.finditer(text, start, end) if not _OF_ANOTHER.search(sentence[0]) else ():
            for name in _said_of([g for g in groups if g[0] < m.start()], m):
                yield m.start("law"), rf"{name} \sim {m['law']}"
        for m in _BINOMIAL.finditer(text, start, end) if not _OF_ANOTHER.search(sentence[0]) else ():
            for name in _said_of([g for g in groups if g[0] < m.start()], m):
                yield m.start("count"), rf"{name} \sim \mathrm{{Bin}}({m['count']}, {m['chance']})"


def _last_named(text: str) -> list[str]:
    """The names of the last sentence that holds any."""
    found = (_groups(text, sentence, []) for sentence in reversed(list(sentences_of(text))))
    return next((groups[-1][2] for groups in found if groups), [])


def _groups(text: str, sentence: re.Match[str], values: list[tuple[int, int]]) -> list[tuple[int, int, list[str]]]:
    """The names of a sentence but for these values, with places; those together that only commas or "and" part."""
    start, end = sentence.span()
    taken = [(a + start, b + start) for a, b in (m.span() for m in re.finditer(r"\$[^$]*\$", sentence[0]))]
    spots = [(m.start(), m.end(), _listed(m[0].strip("$"))) for m in _SET.finditer(text, start, end)]
    spots = [spot for spot in spots if not any(spot[0] < a < spot[1] for a, _ in values)]
    plain = [m for m in _PLAIN.finditer(text, start, end) if m["plain"] not in _ARTICLES]
    spots += [(m.start(), m.end(), [m["plain"]]) for m in plain if not any(a <= m.start() < b for a, b in taken)]
    found: list[tuple[int, int, list[str]]] = []
    for a, b, names in sorted(spots):
        if found and _JOINED.fullmatch(text, found[-1][1], a):
            found[-1] = (found[-1][0], b, [*found[-1][2], *names])
        else:
            found.append((a, b, names))
    return found


def _listed(formula: str) -> list[str]:
    r"""The names in a list, x_i and y_i for x_1, \dots, x_n, y_1, \dots, y_n; the first one where it holds others."""
    first, *others = [part.strip() for part in formula.split(",")]
    has_dots = _DOTS.search(formula) is not None
    if "_" in first and has_dots:
        heads = (p.split("_")[0] for p in (first, *others) if "_" in p and re.fullmatch(_NAME, p))
        return list(dict.fromkeys(rf"{head}_i" for head in heads))
    is_list = not has_dots and all(re.fullmatch(_NAME, p) for p in others)
    return [first, *others] if is_list else [first]


def _said_of(groups: list[tuple[int, int, list[str]]], m: re.Match[str]) -> list[str]:
    """The names that these words are about: the last ones before them, or one right after a word of its own."""
    inside = [g for g in groups if g[1] <= m.start()]
    after = [g for g in groups if g[0] >= m.end() and g[0] - m.end() < _NEAR]
    is_ahead = not any(v for v in m.groupdict().values()) and after
    if is_ahead and re.fullmatch(r"\s*(?:[a-z]+\s+){0,3}", m.string[m.end() : after[0][0]]):
        between = m.string[m.end() : after[0][0]]
        if not re.search(r"\b(?:and|with|or|for|by|to)\b", between):
            return after[0][2]
    return inside[-1][2] if inside else []
