r"""What sentences among the givens say: the base of \log, a derivative at a kink, which function a letter is."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

from symdl.language.functions import FamilyFunction, ScalarFunction, by_spelling
from symdl.problem import Block
from symdl.read.commands import FUNCTIONS
from symdl.read.document import inline_formulas, sentences_of
from symdl.read.inline import LONGEST, inline

_NUMBERS = {"zero": 0, "one": 1, "two": 2, "ten": 10, "half": None}
_BASE = re.compile(
    r"\blog(?:arithm)?s?\b[^.;]{0,40}?\b(?:to|with|in|of)?\s*(?:the\s+)?(?:base|basis)\s+\$?(?P<after>\d+|two|ten)\b"
    r"|\b(?:base|basis)[-\s]\$?(?P<before>\d+|two|ten)\$?\s+log(?:arithm)?s?\b"
    r"|\b(?P<kind>binary|decimal|common)\s+logarithm",
    re.IGNORECASE,
)
_KINK = re.compile(
    r"\bderivative\s+of\s+(?:the\s+)?(?:\$?\\(?:text|mathrm|operatorname)\{)?(?P<name>[A-Za-z]+)\}?\$?\s+at\s+(?:the\s+)?"
    r"\$?(?:0|zero|origin)\$?\s+(?:is|to\s+be|as)\s+(?:\w+\s+)?(?:(?:to\s+be|as|to)\s+)?\$?(?P<value>0|1|zero|one)\b",
    re.IGNORECASE,
)
_FUNCTION = re.compile(
    r"^\s*(?:is|denotes|stands\s+for|means)\s+(?:here\s+)?(?:the\s+)?(?:standard\s+|usual\s+)?(?P<name>logistic|sigmoid|"
    r"hyperbolic\s+tangent|tanh|ReLU|rectifier|rectified\s+linear\s+unit|softplus|softmax)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"\b(?:numbered|counted|indexed|index(?:es)?|indices|rows\s+and\s+columns)\s+(?:are\s+)?(?:(?:numbered|counted)\s+)?"
    r"(?:starts?\s+|starting\s+|running\s+)?(?:from|at)\s+\$?(?P<n>0|1|zero|one)\b",
    re.IGNORECASE,
)
SCALAR = r"@ \in \mathbb{R}"
ONE_HOT = r"\mathbf{1}^\top @ = 1, \quad @ \odot @ = @"
_SUM = r"\mathbf{1}^\top @ = 1"
DISTRIBUTION = rf"{_SUM}, \quad @ \geq 0"
_BY_ROWS = r"@ \mathbf{1} = \mathbf{1}"
_SYMMETRIC = r"(?:symmetric(?:\s*,)?\s+(?:and\s+)?)?"
_PROPERTIES = (
    (r"one[-\s]hot(?:[-\s]encoded)?", ONE_HOT),
    (
        r"(?:(?:probability|discrete|categorical)\s+){0,3}distributions?|(?:probability|stochastic)\s+vectors?"
        r"|(?:probability\s+)?mass\s+functions?|p\.?m\.?f\.?s?",
        DISTRIBUTION,
    ),
    (rf"{_SYMMETRIC}(?:strictly\s+)?positive\s+definite", r"@ \succ 0"),
    (rf"{_SYMMETRIC}positive\s+semi-?\s*definite|covariance\s+matrix", r"@ \succeq 0"),
    (rf"{_SYMMETRIC}negative\s+definite", r"@ \prec 0"),
    (rf"{_SYMMETRIC}negative\s+semi-?\s*definite", r"@ \preceq 0"),
    (r"symmetric(?!\s*,?\s+(?:and\s+)?(?:strictly\s+)?(?:posi|nega)tive)", r"@^\top = @"),
    (r"(?:strictly\s+)?positive(?!\s+(?:semi-?\s*)?definite)", r"@ > 0"),
    (r"non-?\s*negative", r"@ \geq 0"),
    (r"unit\s+(?:vectors?|norm|length)", r"\|@\| = 1"),
    (r"(?:real\s+|single\s+)?scalars?", SCALAR),
    (
        r"(?:\$[^$]*\$\s+)?(?:(?:column\s+)?vectors?\s+of\s+(?:all\s+)?ones|(?:all[-\s])?ones\s+vector)",
        r"@ = \mathbf{1}",
    ),
)
"""What words say of a name, as a formula with `@` for the name."""
_VERBS = (
    (
        re.compile(
            r"\s*,?\s*(?:has|have|contains?)\s+(?:a\s+single|exactly\s+one|only\s+one|one)\s+"
            r"(?:\$?1\$?|one|non-?zero)\b",
            re.IGNORECASE,
        ),
        _PROPERTIES[0][1],
    ),
    (
        re.compile(
            r"(?:(?!\b(?:not|never|squares?|products?|rows?|columns?)\b)[^.;$]){0,60}?"
            r"\b(?:sum(?:s|ming)?|add(?:s|ing)?\s+up)\s+(?:up\s+)?to\s+\$?(?:1|one|unity)\b",
            re.IGNORECASE,
        ),
        _SUM,
    ),
)
"""What words after a name say that it has or does."""
_LABEL = re.compile(
    r"\b(?:labels?|targets?|ground\s+truth|true\s+distribution|class)(?:\s+(?:vectors?|distributions?|encodings?))?"
    r"(?P<after>\s+(?:is|are|sums?)\b[^.;]*)",
    re.IGNORECASE,
)
"""Words for the labels, and what is said of them."""
_MATRICES = re.compile(
    r"(?<![\w$\\^_{(])([B-HJ-Z]|\\[A-Z][a-z]+|A(?!\s+(?:symmetric|positive|covariance)))"
    r"(?=\s+(?:is|are)\b|\s*(?:[.,;]|\Z))"
)
"""Capitals in words that may be a matrix: not the article, nor the pronoun."""
_OF_MATRICES = re.compile(r"symmetric|definite|covariance")
_IS = (
    r"^\s*,?\s*(?:is|are|be|being|denotes?|stands\s+for)\s+(?:(?:encoded|represented|written|given)\s+(?:as|by)\s+)?"
    r"(?:(?:a|an|the|all|both|some|its|given|fixed|true)\s+)*"
)
_KINDS_OF = r"(?:(?!(?:not?|never|of|to|and|or|with|for|by|from|in|as|identity|unit|zero|block)\b)[a-z-]+\s+){0,3}"
_SHAPED = re.compile(
    # The verb is that of the name before: $A$ is an $n \times d$ matrix and $B$ an invertible $d \times d$ matrix.
    rf"(?:{_IS}|^\s*,?\s*an?\s+){_KINDS_OF}"
    r"\$\s*(?:\\mathrm\s*\{)?(?P<rows>[A-Za-z]|\d+)\}?\s*\\times\s*(?:\\mathrm\s*\{)?(?P<columns>[A-Za-z]|\d+)\}?\s*\$"
    r"(?:-dimensional)?\s+"
    r"(?:(?!identity|unit|zero|block)[\w-]+\s+){0,2}?(?:matrix|matrices|vectors?)\b",
    re.IGNORECASE,
)
_KINDS = r"(?:\s+(?:vectors?|labels?|targets?|matrix|matrices|encodings?|numbers?|constants?|reals?|scalars?))*"
_SAID = tuple(
    (
        re.compile(
            rf"{_IS}(?:(?!not\b|no\b|never\b)\w+\s+){{0,2}}?(?:{words})\b|^\s*\(?(?:{words})\)?\s*(?:$|[.,;])",
            re.IGNORECASE,
        ),
        re.compile(rf"\b(?:{words}){_KINDS}\s*$", re.IGNORECASE),
        formula,
    )
    for words, formula in _PROPERTIES
)
"""How words say it behind a name and ahead of one."""
_NOT = re.compile(r"\b(?:not|no|non|if|unless|whether)\b[^.;]*$", re.IGNORECASE)
_CONDITIONAL = re.compile(r"\b(?:not|if|unless|whether|when|whenever|once|where\w+|provided|for|or)\b", re.IGNORECASE)
_LISTED = re.compile(r"\s*(?:,|and|, and|&|or)\s*")
_OF_ONE = re.compile(r"\s*(?:is|has|denotes|stands|sums|adds|contains)\b", re.IGNORECASE)
_SIZED = re.compile(r"\b(?:order|size|length|dimension)\s*$", re.IGNORECASE)
_ROWS_OF = re.compile(r"\brows?\s+of\s+(?:the\s+)?(?:\w+\s+)?$", re.IGNORECASE)
_PARTS_OF = re.compile(r"\b(?:squares?|logarithms?|products?)\s+of\s+(?:the\s+)?(?:\w+\s+)?$", re.IGNORECASE)
_BEGINS = r"(?:^|[,;$&]|\\\\|quad|\\,)(?:\\[ ,;:!]|\s)*"
_COUNTED = re.compile(rf"{_BEGINS}([A-Z]{{2,4}})\s*&?\s*=\s*-?\s*\d")
"""Capitals side by side that are given a number: TP = 40."""
_DEFINED = re.compile(
    _BEGINS + r"(net|out|inp|in|act|logit|logits|err|error|loss|cost|pred|target|score|hid|hidden|sum|val|"
    r"total|input|output|rate|acc|grad)\s*(?:_\s*(?:\w|\{[^{}]*\}))?\s*&?\s*="
)
"""Words side by side with nothing between their letters that are defined: net_{h1} = …"""
_HEAD = re.compile(
    _BEGINS + r"([A-Z]{2,6}|[A-Za-z]{3,9}(?!_))(?:_(?:\w|\{\w+\}))?\s*(?:\^\d\s*)?(?:\([^()=$]{1,60}\)\s*)?&?\s*="
)
"""Letters side by side that are defined as one name, or else a product of letters that stand elsewhere too."""
_FORMULA = r"(?<![\\$])\$(?!\$)([^$]+)\$"
_ROW = rf"{_FORMULA}\s*,?\s*(?:if|when|whenever|for|where)\s+{_FORMULA}"
_REST = rf"(?:{_FORMULA}|\b(\d+))\s*,?\s*(?:otherwise|else|in all other cases)\b"
_CASES = re.compile(
    rf"{_ROW}(?:\s*(?:[,;]|[,;]?\s*(?:and|or))\s*{_ROW})*\s*(?:[,;]|[,;]?\s*(?:and|or))\s*(?:{_ROW}|{_REST})"
)
"""A case split in words: $f = 1$ if $u > 0$ and $f = 0$ otherwise."""
_NUMBER = r"\$?\s*(?P<{}>-?\d+(?:\.\d+)?)\s*\$?"
_VALUED = re.compile(
    r"\$(?P<head>[^$=<>,]{1,40})\$\s+(?:is|equals|be)\s+(?:equal\s+to\s+)?"
    rf"{_NUMBER.format('met')}\s*,?\s*(?:if|when|whenever|for|where)\s+{_FORMULA}\s*,?\s*(?:(?:and|or)\s+)?(?:is\s+)?"
    rf"(?P<rest>(?:otherwise|else)\s+)?{_NUMBER.format('missed')}(?(rest)|\s*,?\s*"
    rf"(?:(?:otherwise|else|in\s+all\s+other\s+cases)\b|(?:if|when|whenever|for|where)\s+{_FORMULA}))"
)
"""The same of a name that is said to be a number: $s(u)$ is 1 for $u > 0$ and 0 otherwise."""
_FIRST_CASE = re.compile(
    rf"\b(?:if|when|whenever|for)\s+{_FORMULA}\s*,?\s*(?:then\s+)?(?:we\s+have\s+)?{_FORMULA}\s*[,;.]?\s*(?:and\s+)?"
    rf"(?:otherwise|else|in\s+all\s+other\s+cases)\s*,?\s*{_FORMULA}",
    re.IGNORECASE,
)
"""The same with the condition ahead: If $u > 0$, then $f = 1$; otherwise $f = 0$."""
_ONE = r"(?:\$[^$=<>]{1,40}\$|(?<![\w\\$])[b-zα-ω](?![\w$]))"
_WITHIN = re.compile(
    rf"(?P<names>{_ONE}(?:(?:\s*,\s*|\s*,?\s+and\s+){_ONE}){{0,4}})\s+"
    r"(?:is|are|be|being|lies?|lying)\s+"
    r"(?:(?:an?|any|some|all|both|each|fixed|given|real|numbers?|values?|constants?|scalars?|parameters?|weights?)\s+){0,4}"
    r"(?:in|within|inside|from)\s+(?:the\s+)?(?:(?:open|closed|half-open|unit)\s+)?(?:intervals?\s+|range\s+)?"
    r"(?P<set>\$\s*)?(?P<interval>[\[(\]][^$,\[\]()]{1,20},[^$,\[\]()]{1,20}[\])\[])(?(set)\s*\$)",
    re.IGNORECASE,
)
"""Names, set as formulas or not, that are said to be in an interval."""
_RUN = re.compile(r"[A-Za-z]{2,6}")
_SPELLINGS = {
    "logistic": "sigmoid", "hyperbolic tangent": "tanh", "rectifier": "relu", "rectified linear unit": "relu",
}  # fmt: skip


def log_base(text: str) -> int | None:
    r"""The base that a paragraph states for \log; None where it states none, or the natural logarithm."""
    found = _BASE.search(text)
    if found is None:
        return None
    if found["kind"]:
        return 2 if found["kind"].lower() == "binary" else 10
    word = (found["after"] or found["before"]).lower()
    return _NUMBERS.get(word) if word in _NUMBERS else int(word)


def kinks(text: str) -> list[tuple[ScalarFunction, int]]:
    """The functions whose derivative at 0 a paragraph states, with that value."""
    found: list[tuple[ScalarFunction, int]] = []
    for match in _KINK.finditer(text):
        record = _record(match["name"])
        if isinstance(record, ScalarFunction) and 0 in record.kinks:
            value = match["value"].lower()
            found.append((record, int(_NUMBERS.get(value, value) or 0)))
    return found


def cases(block: Block) -> Iterator[tuple[Block, int, int]]:
    """The case splits that the words of a paragraph state, as one formula each, with where they begin and end."""
    for found in _FIRST_CASE.finditer(block.text):
        condition, met, missed = found.groups()
        text = rf"{met} \text{{ if }} {condition} \text{{ and }} {missed} \text{{ otherwise}}"
        if "=" in met and "=" in missed:
            yield Block("display", text, block.place.behind(block.text[: found.start()])), found.start(), found.end()
    for found in _VALUED.finditer(block.text):
        head, met, condition, _, missed, other = found.groups()
        rest = rf"if }} {other}" if other else "otherwise }"
        text = rf"{head} = {met} \text{{ if }} {condition} \text{{ and }} {missed} \text{{ {rest}"
        yield Block("display", text, block.place.behind(block.text[: found.start()])), found.start(), found.end()
    for found in _CASES.finditer(block.text):
        rows = [r"{} \text{{ if }} {}".format(*m.groups()) for m in re.finditer(_ROW, found[0])]
        is_split = all("=" in row.split(r"\text")[0] for row in rows)
        rows += [rf"{m[1] or m[2]} \text{{ otherwise}}" for m in re.finditer(_REST, found[0])]
        if is_split:
            text, place = r" \text{ and } ".join(rows), block.place.behind(block.text[: found.start()])
            yield Block("display", text, place), found.start(), found.end()


def spoken_intervals(text: str) -> Iterator[tuple[int, str]]:
    r"""The intervals that a paragraph gives for names, "$p$ is in $[0, 1]$", as p \in [0, 1], with their places.

    A sentence with a condition states none.
    """
    for sentence in sentences_of(text):
        found = _WITHIN.search(sentence[0])
        if found is None or _CONDITIONAL.search(sentence[0]):
            continue
        for name in re.findall(_ONE, found["names"]):
            yield sentence.start() + found.start(), rf"{name.strip('$')} \in {found['interval']}"


def named_function(after: str) -> ScalarFunction | FamilyFunction | None:
    r"""The function that words after a formula say it is: "$\phi$ is the sigmoid"."""
    match = _FUNCTION.match(after)
    return _record(" ".join(match["name"].split())) if match else None


def lists_in(formulas: list[tuple[Block, str, str]]) -> list[tuple[int, int]]:
    """The first and the last formula of the list, "p and q", that each formula is in: what is said is said of all.

    The size in "of order n, q is" is in no list.
    """
    count = len(formulas)
    firsts, lasts = list(range(count)), list(range(count))
    for n in range(1, count):
        if _LISTED.fullmatch(formulas[n][1]) and not _SIZED.search(formulas[n - 1][1]):
            firsts[n] = firsts[n - 1]
    for n in reversed(range(count - 1)):
        if _LISTED.fullmatch(formulas[n][2]) and not _SIZED.search(formulas[n][1]):
            lasts[n] = lasts[n + 1]
    return list(zip(firsts, lasts, strict=True))


def says_of_one(after: str) -> bool:
    """Whether the words after a list of names say something of the last one alone: … and $x$ is a scalar."""
    return _OF_ONE.match(after) is not None


def words_after(formulas: list[tuple[Block, str, str]]) -> str:
    r"""The words after the first of these formulas, with the number or the shape in them: an $n \times d$ matrix."""
    (_, _, after), *others = formulas
    return after + "".join(f"${f.text}${rest}" for f, _, rest in others if f.text.isdigit() or r"\times" in f.text)


def properties(before: str, after: str) -> list[str]:
    r"""What the words around a name say it is, "the label $y$ is one-hot", as formulas with `@` for the name."""
    if _NOT.search(before[-40:]):
        return []
    found = [formula for behind, ahead, formula in _SAID if behind.match(after) or ahead.search(before)]
    shaped = _SHAPED.match(after)
    found += [rf"@ \in \mathbb{{R}}^{{{_size(**shaped.groupdict())}}}"] if shaped is not None else []
    if not _PARTS_OF.search(before):
        found += [formula for verb, formula in _VERBS if verb.match(after) and formula not in found]
    return [formula.replace(_SUM, _BY_ROWS) for formula in found] if _ROWS_OF.search(before) else found


def _size(rows: str, columns: str) -> str:
    """The dimensions of a matrix, or the one of a column."""
    return rows if columns == "1" else rf"{rows} \times {columns}"


def each_of(name: str, index: str, shown: str) -> str:
    """The index of the vectors that a name with two indices holds, `_t` of y_{t,k}, or declared ones, y_t in R^K.

    `index` is what is written below it; the answer is empty where `shown` tells of no such vectors.
    """
    head = rf"(?<![\\A-Za-z]){re.escape(name)}(?![A-Za-z])"
    pair = re.search(rf"{head}_\{{([a-z])\s*,?\s*[a-z]\}}", shown)
    if pair is not None:
        return index or f"_{pair[1]}"
    declared = re.search(rf"{head}{re.escape(index)}(?:\s*,[^$]*)?\s*\\in\s*\\mathbb\{{R\}}\s*\^", shown)
    return index if index and declared is not None else ""


def unnamed_properties(text: str, letters: str) -> Iterator[tuple[str, str]]:
    """What words say of a name that is not set as a formula, "the label vector is one-hot", with that name.

    `letters` are the names that may be meant; the labels are the first of them.
    """
    outside = re.sub(r"\$[^$]*\$", " $ ", text)
    for m in _LABEL.finditer(outside) if letters else ():
        yield from ((letters[0], formula) for formula in properties("", m["after"]))
    for m in re.finditer(r"(?<![\w$\\])([a-z])(?P<after>\s+(?:is|are|sums?|has)\b[^.;]*)", outside):
        if m[1] in letters:
            yield from ((m[1], formula) for formula in properties("", m["after"]))
    for m in _MATRICES.finditer(outside) if speaks_of_matrices(outside) else ():
        yield from ((m[1], formula) for formula in properties(outside[: m.start()], outside[m.end() :]))


def speaks_of_matrices(text: str) -> bool:
    """Whether a text may say of a matrix that it is symmetric."""
    return _OF_MATRICES.search(text) is not None


_PARENTHESES = r"\((?:[^()=$;]|\((?:[^()=$;]|\([^()=$;]{0,99}\)){0,99}\)){0,99}\)"
"""Round brackets with their content, up to three deep; no signs fit it in two ways."""
_PLAIN = re.compile(
    r"(?<![\\\w{])(?P<head>[A-Za-z](?:_(?:\w|\{\w+\}))?)\s*=\s*"
    rf"(?P<body>(?:{_PARENTHESES}|[^=$;(]){{1,200}}?)"
    r"(?=\.?\s*\Z|[.;,]\s|\s+(?:with|where|and|for|if|is|are)\b)"
)
"""An equation in a sentence that is not set as a formula: the size is o = (n - k)/s + 1."""
_SPOKEN = re.compile(r"(?<![\\A-Za-z])(?!(?:exp|log|max|min|tanh|sqrt|sin|cos)\b)[A-Za-z]{3,}")
_ROWS = re.compile(
    r"\b(?:applied|added|acts?|subtracted|broadcast)\b[^.;]{0,30}\b(?:every|each|all)\s+(?:the\s+)?rows?\b",
    re.IGNORECASE,
)
_USUAL = (
    (r"learning[\s-]rate|step[\s-]?size", (r"\eta", r"\alpha", "lr", r"\epsilon")),
    (r"momentum(?:\s+(?:coefficient|parameter|term))?", (r"\beta", r"\mu", r"\gamma")),
    (r"margin", (r"\Delta", "m")),
)
"""What words call a quantity, and the letters that usually stand for it."""


def unnamed_values(text: str, shown: str) -> Iterator[str]:
    """The numbers that words give to a quantity without its letter, "a learning rate of 0.1", as equations.

    `shown` are all givens: the letter is the first usual one in them that no equation there gives a value.
    """
    for words, letters in _USUAL:
        for m in re.finditer(
            rf"\b(?:{words})\s+(?:is\s+|of\s+|set\s+to\s+|equal\s+to\s+)*\$?(\d*\.?\d+)\$?(?![\d\w.]*\d)", text
        ):
            free = [x for x in letters if re.search(rf"(?<![\\A-Za-z]){re.escape(x)}(?![A-Za-z])", shown)]
            if free and not re.search(rf"{re.escape(free[0])}\s*=", shown):
                yield f"{free[0]} = {m[1]}"


def plain_formulas(block: Block) -> Iterator[tuple[Block, str, str]]:
    """The formulas of a paragraph that are not set as such, each with the words before and after it."""
    for found in inline(block.text):
        if found.span[0] == found.start:
            start, end = found.span
            yield (
                Block("display", found.text, block.place.behind(block.text[:start])),
                block.text[max(0, start - LONGEST) : start],
                block.text[end : end + LONGEST],
            )


def worded_equations(block: Block) -> Iterator[Block]:
    """The equations of a paragraph that are not set as formulas and have words in them."""
    spans = [f.span for f in inline(block.text)]
    outside = re.sub(r"\$[^$]*\$", lambda m: "$" * len(m[0]), block.text)
    for m in _PLAIN.finditer(outside):
        body = re.sub(r"\\(?:begin|end)\{\w+\}(?:\{[lcr|]*\})?|\\[A-Za-z]+", " ", m["body"])
        before = bisect_right(spans, (m.start(), len(outside))) - 1
        is_read = before >= 0 and m.end("body") <= spans[before][1]
        if re.search(r"[A-Za-z\d]", body) and not is_read:
            yield Block("display", m[0].strip(), block.place.behind(block.text[: m.start()]))


def goes_by_rows(text: str) -> bool:
    """Whether a sentence says that something is applied to every row of a matrix."""
    return bool(_ROWS.search(text))


def first_index(text: str) -> int | None:
    """The first index of vectors and matrices that a paragraph states; None where it states none."""
    found = _FIRST.search(text)
    return int(_NUMBERS.get(found["n"].lower(), found["n"]) or 0) if found else None


def spoken_names(blocks: Iterable[Block]) -> frozenset[str]:
    """Letters side by side that a sentence mentions, "the learning rate $lr$", none of which occurs alone."""
    shown = list(blocks)
    every = [_runs_in(b) for b in shown]
    runs, heads, counted = (frozenset().union(*(found[n] for found in every)) for n in range(3))
    if not runs | heads:
        return counted
    rest = " ".join(
        b.text if b.kind == "display" else " ".join(f.text for f, _, _ in inline_formulas(b)) for b in shown
    )
    for run in sorted(runs | heads, key=len, reverse=True):
        rest = re.sub(rf"(?<![A-Za-z]){run}(?![A-Za-z])", " ", rest)
    alone = set("".join(re.findall(r"[A-Za-z]+", re.sub(r"\\[A-Za-z]+(?:\{[a-z ]*\})?", " ", rest))))
    new = {run for run in runs if not alone & set(run)} | {head for head in heads if set(head) - alone}
    return counted | new


@lru_cache(maxsize=1024)
def _runs_in(block: Block) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The runs of letters that are formulas in a paragraph, those before brackets, and those that are given a value."""
    inside = inline_formulas(block) if block.kind == "words" else ()
    runs = frozenset(f.text for f, _, _ in inside if _RUN.fullmatch(f.text))
    heads = frozenset(m.group(1) for m in _HEAD.finditer(block.text)) - FUNCTIONS - by_spelling().keys() - {"sqrt"}
    counted = frozenset(m.group(1) for m in _COUNTED.finditer(block.text))
    counted |= frozenset(m.group(1) for m in _DEFINED.finditer(block.text)) - FUNCTIONS
    return runs, heads, counted


def _record(name: str) -> ScalarFunction | FamilyFunction | None:
    known = by_spelling()
    word = _SPELLINGS.get(name.lower(), name)
    return known.get(word) or known.get(word.lower())
