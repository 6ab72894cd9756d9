r"""Mean and variance of what has few values: "1 with probability $p$ and 0 otherwise", $P(X = 1) = \frac{1}{2}, …$."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction

_NAME = r"(?:\\(?:mathbf|boldsymbol|bm|vec)\s*\{\s*\\?[A-Za-z]+\s*\}|\\?[A-Za-z]+)(?:_(?:\w|\{[^{}$]*\}))?"
_NUMBER = r"-?\d++(?:\.\d++)?(?!\.\d)|zero|one"
_FORMULA = r"[^$=<>]+"
_PROBABILITY = rf"with\s+(?:a\s+)?probability\s+(?:of\s+)?(?:\$(?P<p>{_FORMULA})\$|(?P<p_plain>{_NUMBER}))"
_VALUE = rf"(?:\$(?:{_NAME}\s*=\s*)?(?P<v>{_FORMULA})\$|\b(?P<v_plain>{_NUMBER}))"
_SAID = re.compile(rf"{_VALUE},?\s+{_PROBABILITY}", re.IGNORECASE)
_ELSE = re.compile(rf",?\s*+(?:(?:and|or)\s*+)?(?:is\s+)?{_VALUE},?\s+(?:otherwise|else)\b", re.IGNORECASE)
_SUBJECT = re.compile(
    rf"(?:\$(?P<name>{_NAME})\$|(?<![\w$\\])(?P<plain>[A-Za-z]))(?:\s*,[^,$]*,)?\s+"
    r"(?:(?:independently|each|only|either|is|are|equals?|takes?|has|have|the|values?|which|that)\s+)*\Z",
    re.IGNORECASE,
)
_OF = re.compile(rf"\$({_NAME})\s*=\s*{_FORMULA}\$,?\s+{_PROBABILITY}", re.IGNORECASE)
_CHANCE = re.compile(
    rf"(?:\\Pr|\\mathbb\{{P\}}|\\mathrm\{{P\}}|(?<![A-Za-z\\])[Pp])\s*[(\[]\s*(?P<name>{_NAME})\s*=\s*"
    r"(?P<v>[^,=|()\[\]$]+?)\s*[)\]]\s*=\s*"
    r"(?P<p>(?:[^,;$=\\&]|\\(?:[dt]?frac|cdot|times|left|right|alpha|beta|theta|pi|mu|lambda|epsilon|varepsilon)\b)+)"
)
_EACH = re.compile(
    r"[\s,;$]*+(?:\\(?:text|mbox)\{\s*)?(?:\\q?quad|for|where|each)*[\s}$(,]*+(?P<k>[a-z])\s*(?:=|\\in)\s*(?:\\\{)?\s*"
    r"(?P<lo>\d+)\s*,(?:\s*\d+\s*,)*\s*(?:\\[lc]?dots\s*,)?\s*(?P<hi>\d+)"
)
_UNIFORM = re.compile(
    rf"\$(?P<name>{_NAME})\$\s+(?:\w+\s+){{0,3}}?uniform(?:ly)?\s+(?:distributed\s+|random\s+)?(?:variable\s+)?"
    r"(?:on|over|in|between)\s+(?:the\s+)?(?:interval\s+|set\s+|numbers\s+)?"
    r"\$\s*(?P<open>[\[(]|\\\{)\s*(?P<lo>[^,$]+?)\s*,(?P<dots>(?P<between>\s*(?:[^,$]+,)*)\s*\\[lc]?dots\s*,)?\s*(?P<hi>[^,$]+?)\s*(?:[\])]|\\\})\s*\$",
    re.IGNORECASE,
)
_TOGETHER = re.compile(
    rf"\$(?P<name>{_NAME})\$\s+(?:takes|has|assumes)\s+(?:on\s+)?(?:the\s+)?values?\s+\$(?P<values>[^$]+)\$,?\s+"
    r"with\s+(?:the\s+)?(?:respective\s+)?probabilities\s+\$(?P<chances>[^$]+)\$",
    re.IGNORECASE,
)
"""Words that list all values, and behind them all probabilities."""
_TWO = re.compile(rf"(?<![A-Za-z])(?P<name>{_NAME})\s*\\in\s*\\\{{\s*(?P<one>[+-]?\d)\s*,\s*(?P<other>[+-]?\d)\s*\\\}}")
_PLAIN = r"(?:\\(?:alpha|beta|theta|pi|mu|lambda|epsilon|varepsilon|rho|phi)|[A-Za-z])(?:_(?:\d|\{\d+\}|[A-Z]))?"
_NO_PROBABILITY = re.compile(
    r"\b(?:log\w*|unnormali[sz]ed|negative|inverse|reciprocal)[\s-]+(?:\w+\s+)?\Z", re.IGNORECASE
)
"""What makes another number of a probability, right before the word."""
_NEAR = 40
"""How far before the word that is looked for."""
_ALONE = re.compile(
    rf"\bprobability\s+(?:of\s+(?:success|failure|heads|tails|error)\s+|(?:of\s+(?:\w+\s+){{1,3}})?is\s+)?"
    rf"\$\s*(?P<behind>{_PLAIN})\s*\$"
    rf"|(?<=\$)\s*(?P<ahead>{_PLAIN})\s*\$\s+is\s+(?:the|an?)\s+(?:\w+\s+){{0,2}}?(?P<said>probability)\b"
    r"(?!\s+(?:ratio|densit|mass|distribution|function|vector|measure|space|model|generating)|-)"
)
"""A lone name that is said to be a probability: with probability $p$, the dropout probability is $p$."""
MAX_VALUES = 64
_BERNOULLI = re.compile(r"\bBernoulli\b")
_FRACTION = re.compile(r"\\[dt]?frac\s*\{?(\d+)\}?\s*\{?(\d+)\}?|(\d+)\s*/\s*(\d+)|(\d+(?:\.\d+)?)")
_WORDS = {"zero": "0", "one": "1"}

Chances = dict[str, str]
"""The values of a random quantity with their probabilities, as they are written."""


def listed_moments(text: str) -> Iterator[str]:
    r"""The equations \mathbb{E}[x] = \sum_v v p_v and \mathrm{Var}(x) = … of all whose values a text lists.

    Only where their probabilities add up to 1.
    """
    for m in _UNIFORM.finditer(text):
        yield from _uniform(m)
    found = dict(_shown(text)) | dict(_worded(text)) | dict(_together(text))
    for name, chances in found.items():
        if _add_up(list(chances.values())):
            mean = " + ".join(rf"({v}) \cdot ({p})" for v, p in chances.items())
            square = " + ".join(rf"({v})^2 \cdot ({p})" for v, p in chances.items())
            yield rf"\mathbb{{E}}[{name}] = {mean}"
            yield rf"\mathrm{{Var}}({name}) = {square} - \left({mean}\right)^2"


def spoken_probabilities(text: str) -> Iterator[str]:
    """The names that a text calls probabilities, as numbers between 0 and 1."""
    names = (m["behind"] or m["ahead"] for m in _ALONE.finditer(text) if not _is_of_another_kind(m))
    return (rf"{name} \in [0, 1]" for name in dict.fromkeys(names))


def _is_of_another_kind(called: re.Match[str]) -> bool:
    """Whether the words before `probability` make another number of it, as of a log probability."""
    at = called.start("said") if called["said"] else called.start()
    return bool(_NO_PROBABILITY.search(called.string, max(0, at - _NEAR), at))


def _uniform(m: re.Match[str]) -> Iterator[str]:
    """What words say of a quantity that is uniform on an interval, or on the whole numbers from one to another."""
    is_whole = m["open"] == r"\{"
    if re.search(r"\b(?:not|never|if)\b", m[0]):
        return
    if is_whole == bool(m["dots"]) and _is_consecutive(m["lo"], m["between"] or ""):
        size = f"({m['hi']} - ({m['lo']}){' + 1' if is_whole else ''})^2"
        yield rf"\mathbb{{E}}[{m['name']}] = \frac{{{m['lo']} + {m['hi']}}}{{2}}"
        yield rf"\mathrm{{Var}}({m['name']}) = \frac{{{size}{' - 1' if is_whole else ''}}}{{12}}"


def _is_consecutive(first: str, others: str) -> bool:
    """Whether numbers behind the first one, each with a comma, are the next ones."""
    shown = [x.strip() for x in others.split(",") if x.strip()]
    start = int(first) if first.isdigit() else None
    return all(x == (f"{first}+{n}" if start is None else str(start + n)) for n, x in enumerate(shown, 1))


def _worded(text: str) -> Iterator[tuple[str, Chances]]:
    """The values that words list with their probabilities, each list with the name that it is said of."""
    found = list(_SAID.finditer(text))
    while found:
        first, chances = found[0], dict[str, str]()
        end = first.start()
        while found and re.fullmatch(r"[\s,;]*(?:and|or)?\s*", text[end : found[0].start()]):
            m = found.pop(0)
            chances[_written(m, "v")] = _written(m, "p")
            end = m.end()
        rest = _ELSE.match(text, end)
        if rest:
            chances[_written(rest, "v")] = f"1 - ({' + '.join(chances.values())})"
        of = _OF.match(text, first.start())
        subject = _SUBJECT.search(text, max(0, first.start() - 200), first.start())
        name = of[1] if of else (subject["name"] or subject["plain"]) if subject else None
        if name:
            yield name, chances


def _together(text: str) -> Iterator[tuple[str, Chances]]:
    """The values that words list before their probabilities, each list with the name that it is said of."""
    for m in _TOGETHER.finditer(text):
        values, chances = ([x.strip() for x in m[group].split(",")] for group in ("values", "chances"))
        if len(values) == len(chances) == len(set(values)):
            yield m["name"], dict(zip(values, chances, strict=True))


def _shown(text: str) -> Iterator[tuple[str, Chances]]:
    """The values of which formulas show the probabilities; what has two values has one where it has not the other."""
    found: dict[str, Chances] = {}
    for m in _CHANCE.finditer(text):
        each = _EACH.match(text, m.end()) if re.fullmatch("[a-z]", m["v"]) else None
        chance = m["p"].strip()
        if each is None:
            found.setdefault(m["name"], {}).setdefault(m["v"].strip(), chance)
        elif each["k"] == m["v"] and not re.search(rf"(?<![A-Za-z\\]){m['v']}(?![A-Za-z])", chance):
            values = range(int(each["lo"]), min(int(each["hi"]), int(each["lo"]) + MAX_VALUES) + 1)
            found[m["name"]] = dict.fromkeys(map(str, values), chance)
    pairs = {m["name"]: {m["one"].lstrip("+"), m["other"].lstrip("+")} for m in _TWO.finditer(text)}
    for name, chances in found.items():
        known = {v.lstrip("+"): p for v, p in chances.items()}
        two = pairs.get(name, {"0", "1"} if _BERNOULLI.search(text) and "1" in known else set[str]())
        if len(known) == 1 and len(two) == len(("one", "other")) and known.keys() <= two:
            (shown,) = known
            (other,) = two - {shown}
            known[other] = f"1 - ({known[shown]})"
        yield name, known


def _written(m: re.Match[str], group: str) -> str:
    value = m[group] if m[group] is not None else m[f"{group}_plain"]
    return _WORDS.get(value.strip().lower(), value.strip())


def _add_up(chances: Iterable[str]) -> bool:
    """Whether probabilities add up to 1: numbers, or the last is what the others leave of it."""
    *others, last = (re.sub(r"\s|\\left|\\right", "", c) for c in chances)
    if not others:
        return False
    rest = "+".join(others)
    if last in (f"1-{rest}", f"1-({rest})") or rest in (f"1-{last}", f"1-({last})"):
        return True
    numbers = [_number(c) for c in (*others, last)]
    return None not in numbers and sum(n for n in numbers if n is not None) == 1


def _number(text: str) -> Fraction | None:
    m = _FRACTION.fullmatch(text)
    if m is None:
        return None
    top, below = (m[1] or m[3] or m[5]), (m[2] or m[4] or "1")
    return Fraction(top) / int(below) if int(below) else None
