r"""What the words of a proof say about the display after them: its case, its range, the names they define.

A sentence counts only by its inline formulas and the word that introduces it: `For $i \neq k$:`, `If $u > 0$,`,
`For $i = 1, \dots, K$`, `where $u = w x + b$`.  Everything else in words is for people.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import pairwise
from typing import cast

from sympy import Expr, Integer, Symbol

from symdl.check.letters import DIFFER, GREEK_SIGNS, LONE, RELATION, letters_of, pieces
from symdl.errors import Place, SymdlError
from symdl.language import (
    Sigma,
    free_symbols,
    index,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    put,
    quantities,
    scalar,
)
from symdl.problem import Block, Givens, Problem, Range, Ranges, Relation, Symbolic
from symdl.read import Chain, has_relation, read_chains, read_expression
from symdl.read.commands import GREEK
from symdl.read.inline import LONGEST, inline

SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=[A-Z*_])|\n\s*\n")
CASE = re.compile(r"\b(for|if|when|whenever|case|suppose|assume|assuming|provided|on)\b", re.IGNORECASE)
_SAID_CASE = re.compile(
    r"\b(?:in|for|under)\s+(?:this|that|any|each|either|every|both|all|such)\s+(?:an?\s+)?cases?\b", re.IGNORECASE
)
"""The case or the cases of which words before have spoken: no formula behind it says which one is meant."""
_NAMING = re.compile(
    r"\b(let|where|with|define|write|set|put|denote(?:\s+(?:\w+\s+){0,5}by)?|call|abbreviate|introduce)\s*(?:,|and|\s)*$",
    re.IGNORECASE,
)
_STANDS_FOR = re.compile(
    r"\s*(?:denotes?|stands? for|(?:is|be) (?:short|shorthand|an abbreviation) for|for)\s+"
    r"(?:the (?:partial |total )?(?:derivative|gradient)(?P<slope> of)?\s+)?"
)
_BY = re.compile(r"\s*(?:with respect to|w\.?\s?r\.?\s?t\.?|by)\s*")
_TH = re.compile(r"-|th\b")
_RUN = re.compile(
    r"(?P<letters>[^=]+?)(?:=|\\in\s*\\\{)\s*(?P<lo>[^,=]+?)\s*,\s*(?:[^,]+,\s*)?"
    r"(?:\\[lc]?dots[bcm]?|\.\.\.|…)\s*,\s*(?P<hi>[^,=]+?)(?:\\\})?",
    re.DOTALL,
)

DENIES = re.compile(
    r"\b(?:not|n't|never|if|when|would|could|suppos\w*|assum\w*|let|wrong\w*|false|incorrect\w*|instead|unless)\b|\?",
    re.IGNORECASE,
)
"""In a sentence that need not say of what it speaks that it is so."""
_FOR_ALL = re.compile(
    r"(?:\\forall(?![A-Za-z])|∀|\b[Ff]or (?:all|any|every|each)(?: (?:real|fixed))?"
    r"(?: (?:numbers?|values? of|inputs?))?\s*\}?)"
    r"\s*\$?\s*(?P<names>\\?[A-Za-z]+(?:\s*,\s*\\?[A-Za-z]+)*)\s*(?=[$,.}]|\\in\b|\\q?quad\b|\Z)"
)
_PLACED = re.compile(r"((?:[^\s,;$]+\s*,\s*)*[^\s,;$]+)\s*\\in\s*\\(?:mathbb|mathbf|R\b|Re\b)")
_SUMS = re.compile(
    r"\$(?P<member>[^$=]+)\$\s+(?:\w+\s+){0,2}?(?:sums?|adds?)(?:\s+up)?\s+to\s+(?:one\b|1\b|\$1\$|unity)",
    re.IGNORECASE,
)
_BASE = re.compile(
    r"natural log|\\ln\b|log(?:arithm)?s? (?:is |are )?(?:to |with |of )?(?:the )?base|\\log_|base[- ]?(?:2|10|e)\b"
    r"|log(?:arithm)?s (?:are|is) (?:all )?natural|natürliche\w* logarithm|logarithmes? (?:naturel|népérien)"
    r"|logaritmos? (?:natural|neperiano)|自然对数",
    re.IGNORECASE,
)
_CASE_LINE = re.compile(
    r"\s*(?:\\text\{\s*)?(?:case|if|when|for)\b(?:\s*\d\b)?\s*[:.(]?\s*\}?(?P<formula>[^:$]*(?:[<>≠≤≥]|\\[lgn]eq?\b)[^:$]*?)\)?\s*:\s*",
    re.IGNORECASE,
)

_CONDITIONED = re.compile(
    r"[^\w\0]*\0+\s*,?\s*(?:if|when|whenever|for(?P<all>\s+(?:all|every|each|any))?)\s+\0+[\s.;]*(?:\[[^\]]*\])?\s*"
)
"""Two formulas and nothing else, of which the second one says where the first one holds."""
_GREEK_COMMAND = re.compile(rf"\\(?:{'|'.join(sorted(GREEK))})(?![A-Za-z])")
_CONSTANT = r"\s*[-+]?(?:[\d.]+|\\[dt]?frac\s*\{?\d+\}?\s*\{?\d+\}?)\s*"
_ENTRIES = (
    rf"\s*(?:\\left)?[(\[]{_CONSTANT}(?:[,;]{_CONSTANT})+(?:\\right)?[)\]](?:\^\{{?(?:\\top|T)\}}?)?"
    rf"|\s*\\begin\{{[bp]matrix\}}{_CONSTANT}(?:(?:&|\\\\){_CONSTANT})*\\end\{{[bp]matrix\}}"
)
_POINT = re.compile(rf"[^=<>≈]{{1,40}}=(?:{_CONSTANT}|{_ENTRIES})")
_DATA = re.compile(r"[(\[{]\s*-?[\d.]+\s*[,;&]\s*-?[\d.]+")
MAX_MEMBERS = 64
"""Up to how many entries of a vector are taken one by one."""

_CONSTRAINT = re.compile(
    r"\b(?:constraints?|subject to|s\.\s?t\.|Nebenbedingung|contrainte)(?: that)?[\s:,]*$", re.IGNORECASE
)

_LETTER = re.compile(r"(?<![\\A-Za-z])[a-z](?![A-Za-z])")


@lru_cache(maxsize=64)
def formulas(block: Block) -> tuple[tuple[Block, str], ...]:
    """Each inline formula of a paragraph as a display block with its place, and the words before it in its sentence."""
    starts = [0, *(m.end() for m in SENTENCE_END.finditer(block.text))]
    blank = without_formulas(block.text)
    found: list[tuple[Block, str]] = []
    place, end = block.place, 0
    for formula in inline(block.text):
        at = formula.span[0]
        place, end = place.behind(block.text[end : formula.start]), formula.start
        start = max(starts[bisect_right(starts, at) - 1], at - LONGEST)
        found.append((Block("display", formula.text, place), blank[start:at]))
    return tuple(found)


def introduced(block: Block) -> Iterator[tuple[Block, str]]:
    """The inline formulas of a paragraph before which words stand in their sentence, with these."""
    return ((formula, words) for formula, words in formulas(block) if not words.isspace())


def without_formulas(text: str, sign: str = " ") -> str:
    """The words, with a sign for every character of their formulas."""
    pieces, at = [], 0
    for found in inline(text):
        start, end = found.span
        pieces += [text[at:start], sign * (end - start)]
        at = end
    return "".join([*pieces, text[at:]])


def sole_formula(block: Block) -> Block | None:
    """The formula of a paragraph that holds nothing else but punctuation and a remark behind it, as a display block."""
    found = formulas(block)
    is_whole = len(found) == 1 and _REMARKED.fullmatch(without_formulas(block.text)) is not None
    return found[0][0] if is_whole else None


_REMARKED = re.compile(r"[\s.,;:*_]*(?:\([^()$=]*\)[\s.,;:*_]*)?")


def greek_in(words: str) -> list[str]:
    """The Greek letters that stand among words without being marked as formulas."""
    return _GREEK_COMMAND.findall(without_formulas(words).translate(GREEK_SIGNS))


def placed(block: Block) -> frozenset[str]:
    r"""The names of which a paragraph or display says where they lie, as in `x, y \\in \\mathbb{R}^n`."""
    return frozenset(name for found in _PLACED.finditer(block.text) for name in letters_of(found[1]))


def without_said_cases(words: str) -> str:
    """Words without those that lead back to a case, `in this case`, and are followed by what holds there."""
    return _SAID_CASE.sub(" ", words)


def under_a_condition(block: Block) -> Block | None:
    """The relation of a paragraph that holds no more than one and where it holds, as a display; None for any other.

    So do `$f = 0$ if $x < 0$` and `$f < 0$ for all $x$`.
    """
    found = [formula for formula, _ in formulas(block)]
    said = _CONDITIONED.fullmatch(without_formulas(block.text, "\0"))
    if said is None or len(found) != 2:
        return None
    first, second = found
    relates = RELATION.search(first.text) or DIFFER.search(first.text)
    if said["all"] and LONE.fullmatch(second.text.strip()) and relates:
        return first
    if "=" not in first.text or not DIFFER.search(second.text):
        return None
    return Block("display", rf"{first.text} \text{{ if }} {second.text}", first.place)


EITHER = re.compile(r"\$(?P<name>[^$=<>]+?)\s{0,3}=[^$=]*\$ or \$(?P=name)\s{0,3}=[^$=]*\$")
"""Two values of one name, of which the sentence says one or the other."""


def alternatives(block: Block) -> set[Place]:
    """Where the formulas of a paragraph stand of which one or the other holds."""
    spans = [m.span() for m in EITHER.finditer(block.text)]
    offsets = ((f.place, f.place.offset_in(block.text, block.place)) for f, _ in formulas(block)) if spans else ()
    return {place for place, at in offsets if any(start < at < end for start, end in spans)}


def points(block: Block, givens: Givens) -> Iterator[Relation]:
    """The equations of a paragraph that give a free quantity a number, as in `At $x = 0$ we get`, or its entries.

    What is one or the other is no point.
    """
    several = alternatives(block)
    for formula, _ in formulas(block):
        if formula.place in several:
            continue
        if all(_POINT.fullmatch(piece.strip().rstrip(".,:")) for piece in pieces(formula.text)):
            for chain in read_formula(formula, givens, {}):
                for relation in (r for whole in relations(chain, {}) for r in members(whole, chain.ranges)):
                    inside = quantities(relation.lhs)
                    if inside == {relation.lhs} and relation.rhs.is_number and not givens.is_defined(relation.lhs):
                        yield relation


def as_case(block: Block) -> Block | None:
    """The words of a display that is no more than a case, as `Case x > 0:`; None for any other."""
    found = _CASE_LINE.fullmatch(block.text)
    return Block("words", f"Case ${found['formula'].strip()}$:", block.place) if found else None


def constraints(block: Block, givens: Givens) -> tuple[Relation, ...]:
    """The equations that a paragraph names as a constraint."""
    found = [f for f, before in introduced(block) if _CONSTRAINT.search(before)]
    said = [r for f in found for chain in read_formula(f, givens, {}) for r in relations(chain, {}) if r.sign == "="]
    said += list(_sums_to_one(block, givens))
    return tuple(r for r in said if not any(is_index(s) for side in r.sides for s in free_symbols(side)))


def _sums_to_one(block: Block, givens: Givens) -> Iterator[Relation]:
    """That the members of a family sum to 1, where a paragraph says so of them."""
    for found in _SUMS.finditer(block.text):
        with suppress(SymdlError):
            member = read_expression(found["member"], givens)
            at, runs = indices_of(member), givens.families.get(label_of(member), ())
            if is_quantity(member) and len(at) == len(runs) == 1 and is_index(at[0]):
                yield Relation(Sigma.over(at[0], runs[0].lo, runs[0].hi, member), "=", Integer(1))


def inline_formulas(text: str) -> list[str]:
    """The formulas within words."""
    return [found.text for found in inline(text)]


def has_data(block: Block) -> bool:
    """Whether a paragraph holds numbers side by side, such as the points of a data set."""
    return block.kind == "words" and bool(_DATA.search(block.text))


def is_range(formula: Block) -> bool:
    """Whether a formula says where index letters run."""
    return _RUN.fullmatch(formula.text.strip().rstrip(".,")) is not None


def declared(block: Block, givens: Givens) -> dict[Symbol, Range]:
    """Every range that a paragraph gives, wherever in it."""
    ranges: dict[Symbol, Range] = {}
    for formula, before in introduced(block):
        if CASE.search(before):
            ranges.update(range_in(formula.text, givens) or {})
    return ranges


def is_heading(block: Block) -> bool:
    """Whether a paragraph begins something new, so that ranges given before it no longer hold."""
    return block.text.lstrip().startswith("**")


def named(block: Block, givens: Givens) -> Iterator[Chain]:
    """The relations in a paragraph that stand right after a word such as `let` or `where`, or after another such."""
    for formula, before in introduced(block):
        if _NAMING.search(before) and not is_range(formula):
            yield from read_formula(formula, givens, {})
    for meaning in _abbreviations(block):
        yield from read_formula(meaning, givens, {})


def _abbreviations(block: Block) -> Iterator[Block]:
    r"""What `write $\delta$ for $\frac{\partial L}{\partial z}$` says, or the same in words, as equations."""
    found = formulas(block)
    spans = [found.span for found in inline(block.text)]
    words = [block.text[end:start] for (_, end), (start, _) in pairwise([*spans, (len(block.text), 0)])]
    for n, (name, before) in enumerate(found[:-1]):
        said = _STANDS_FOR.fullmatch(words[n])
        if said is None or "=" in name.text or (words[n].strip() == "for" and not _NAMING.search(before)):
            continue
        meant = found[n + 1][0].text
        if said["slope"] is not None:
            if n + 2 == len(found) or not _BY.fullmatch(words[n + 1]):
                continue
            meant = rf"\frac{{\partial {meant}}}{{\partial {found[n + 2][0].text}}}"
        elif _TH.match(words[n + 1]):
            continue
        # A bare name or number says what kind of thing the first one is.
        if re.search(r"\\|[-+*/]", meant) and not re.search(r"[=<>]|\\(?:in|leq?|geq?)\b|\.\.|dots", meant):
            yield Block("display", f"{name.text} = {meant}", name.place)


def stated(block: Block, givens: Givens) -> Iterator[tuple[Chain, Ranges]]:
    """The relations in a paragraph with the ranges that it gives, whatever introduces them."""
    ranges = declared(block, givens)
    for formula, _ in formulas(block):
        if not is_range(formula):
            for chain in read_formula(formula, givens, ranges):
                yield chain, {**chain.ranges, **ranges}


def relations(chain: Chain, ranges: Ranges) -> list[Relation]:
    """The relations of a chain whose sides could all be read; none otherwise.

    What has the name of an index letter of `ranges` is that letter: `i` alone does not show what it is.
    """
    letters = _names_of(ranges)
    sides = [put(s.expr, letters) if s.expr is not None else None for s in chain.sides]
    found = []
    for lhs, sign, rhs in zip(sides, chain.signs, sides[1:], strict=False):
        if lhs is None or rhs is None or sign == "in":
            return []
        found.append(Relation(lhs, cast(Symbolic, sign), rhs))
    return found


def members(equation: Relation, ranges: Ranges) -> list[Relation]:
    """What an equation of a vector says of its entries one by one; the equation where it is of anything else."""
    letters = [i for i in ranges if i in free_symbols(equation.lhs) | free_symbols(equation.rhs)]
    runs = [ranges[i] for i in letters]
    if len(runs) != 1 or not (runs[0].lo.is_Integer and runs[0].hi.is_Integer) or runs[0].hi - runs[0].lo > MAX_MEMBERS:
        return [equation]
    at = [{letters[0]: Integer(k)} for k in range(int(runs[0].lo), int(runs[0].hi) + 1)]
    return [equation.at(k) for k in at]


def sentences(block: Block) -> Iterator[Block]:
    """The sentences of a paragraph, with their places."""
    starts = [0, *(m.end() for m in SENTENCE_END.finditer(block.text.rstrip()))]
    for start, end in pairwise([*starts, len(block.text)]):
        yield Block(block.kind, block.text[start:end], block.place.behind(block.text[:start]))


def said_for_all(*texts: str) -> frozenset[str]:
    r"""The letters for all of which something is said to hold: `for all $x$`, `\forall x`."""
    return frozenset(letter for text in texts for m in _FOR_ALL.finditer(text) for letter in letters_of(m["names"]))


def states_base(problem: Problem) -> bool:
    """Whether the document says which logarithm it means."""
    words = " ".join(b.text for b in (*problem.intro, *problem.given_blocks))
    return bool(_BASE.search(words))


def range_in(latex: str, givens: Givens) -> dict[Symbol, Range] | None:
    found = _RUN.fullmatch(latex.strip().rstrip(".,"))
    if not found:
        return None
    # A single letter that nothing given has is an index: ranges may depend on one another.
    named = givens.symbols.union(*(free_symbols(d.body) | free_symbols(d.head) for d in givens.definitions))
    known = {symbol.name for symbol in named}
    strange = set(_LETTER.findall(found["lo"] + " " + found["hi"])) - known
    letters = {index(letter): Range(Integer(1), Integer(1)) for letter in sorted(strange)}
    try:
        ends = [read_expression(found[end], givens, letters) for end in ("lo", "hi")]
    except SymdlError:
        return None
    run = Range(*(put(end, _names_of(letters)) for end in ends))
    return {index(letter.strip()): run for letter in found["letters"].split(",")}


def _names_of(ranges: Ranges) -> dict[Expr, Expr]:
    """The letters by the scalars of their names, which are what a letter alone is read as."""
    return {scalar(letter.name): letter for letter in ranges}


def read_formula(formula: Block, givens: Givens, ranges: Ranges) -> list[Chain]:
    """The chains of an inline formula; none where it is no relation or cannot be read, since words are no claims."""
    try:
        return [c for c in read_chains(formula, givens, ranges) if c.signs] if has_relation(formula, givens) else []
    except SymdlError:
        return []
