r"""What the words of a proof say about the display after them: its case, its range, the names they define.

A sentence counts only by its inline formulas and the word that introduces it: `For $i \neq k$:`, `If $u > 0$,`,
`For $i = 1, \dots, K$`, `where $u = w x + b$`.  Everything else in words is for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from sympy import Expr, Integer, Symbol

from symdl.errors import Place, SymdlError
from symdl.language import free_symbols, index, put, scalar
from symdl.problem import Block, Givens, Problem, Range, Ranges, Relation, Symbolic
from symdl.read import Chain, read_chains, read_expression

_INLINE = re.compile(r"(?<!\\)\$(?!\$)(?P<dollar>[^$]+?)(?<!\\)\$|\\\((?P<paren>.+?)\\\)", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z*_])|\n\s*\n")
_CASE = re.compile(r"\b(for|if|when|whenever|case|suppose|assume|assuming|provided|on)\b", re.IGNORECASE)
_NAMING = re.compile(r"\b(let|where|with|define|write|set|put|denote|call|abbreviate)\s*(?:,|and|\s)*$", re.IGNORECASE)
_RUN = re.compile(
    r"(?P<letters>[^=]+?)(?:=|\\in\s*\\\{)\s*(?P<lo>[^,=]+?)\s*,\s*(?:[^,]+,\s*)?"
    r"(?:\\[lc]?dots[bcm]?|\.\.\.|…)\s*,\s*(?P<hi>[^,=]+?)(?:\\\})?",
    re.DOTALL,
)


_DEMANDS = re.compile(
    r"\b(sett?(?:ing)?|equat\w*|requir\w*|demand\w*|solv\w*|suppose|assum\w*|vanish\w*|stationar\w*|at the optimum)\b",
    re.IGNORECASE,
)
_BASE = re.compile(
    r"natural log|\\ln\b|logarithms? (?:is |are )?(?:to |with |of )?(?:the )?base|\\log_|base[- ]?(?:2|10|e)\b"
)
_LETTER = re.compile(r"(?<![\\A-Za-z])[a-z](?![A-Za-z])")


@dataclass(frozen=True)
class Setting:
    """The ranges under which a display is to be read, and the formulas of the conditions under which it holds."""

    ranges: Mapping[Symbol, Range] = field(default_factory=dict)
    cases: tuple[Block, ...] = ()

    def conditions(self, givens: Givens, ranges: Ranges) -> tuple[Relation, ...]:
        """The conditions; `ranges` are those of the display, which tell what is an index letter."""
        chains = [chain for case in self.cases for chain in _chains(case, givens, ranges)]
        return tuple(r for chain in chains for r in relations(chain, ranges))


def formulas(block: Block) -> Iterator[tuple[Block, str]]:
    """Each inline formula of a paragraph as a display block with its place, and the words before it in its sentence."""
    starts = [0, *(m.end() for m in _SENTENCE.finditer(block.text))]
    for found in _INLINE.finditer(block.text):
        group = "dollar" if found["dollar"] is not None else "paren"
        start = max(s for s in starts if s <= found.start())
        place = place_of(block, found.start(group))
        yield Block("display", found[group], place), _INLINE.sub(" ", block.text[start : found.start()])


def sole_formula(block: Block) -> Block | None:
    """The formula of a paragraph that holds nothing else but punctuation, as a display block."""
    rest = _INLINE.sub("", block.text).strip(" \t\n.,;:*_")
    found = list(formulas(block))
    return found[0][0] if len(found) == 1 and not rest else None


def setting(block: Block, givens: Givens) -> Setting:
    """What the last sentence of a paragraph says of the display that follows it."""
    end = max((m.end() for m in _SENTENCE.finditer(block.text.rstrip())), default=0)
    last = Block(block.kind, block.text[end:], place_of(block, end))
    ranges: dict[Symbol, Range] = {}
    cases: list[Block] = []
    for formula, before in formulas(last):
        if not _CASE.search(before) and not (cases or ranges):
            continue
        run = _range(formula.text, givens)
        if run is None:
            cases.append(formula)
        else:
            ranges.update(run)
    return Setting(ranges, tuple(cases))


def declared(block: Block, givens: Givens) -> dict[Symbol, Range]:
    """Every range that a paragraph gives, wherever in it."""
    ranges: dict[Symbol, Range] = {}
    for formula, before in formulas(block):
        if _CASE.search(before):
            ranges.update(_range(formula.text, givens) or {})
    return ranges


def is_heading(block: Block) -> bool:
    """Whether a paragraph begins something new, so that ranges given before it no longer hold."""
    return block.text.lstrip().startswith("**")


def named(block: Block, givens: Givens) -> Iterator[Chain]:
    """The relations in a paragraph that stand right after a word such as `let` or `where`, or after another such."""
    for formula, before in formulas(block):
        if _NAMING.search(before) and not _RUN.fullmatch(formula.text.strip().rstrip(".,")):
            yield from _chains(formula, givens, {})


def stated(block: Block, givens: Givens) -> Iterator[tuple[Chain, Ranges]]:
    """The relations in a paragraph with the ranges that it gives, whatever introduces them."""
    ranges = declared(block, givens)
    for formula, _ in formulas(block):
        if _RUN.fullmatch(formula.text.strip().rstrip(".,")) is None:
            for chain in _chains(formula, givens, ranges):
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


def offset_of(block: Block, place: Place) -> int:
    """Where in a block's text a place of the source is."""
    lines = place.line - block.place.line
    if not lines:
        return place.column - block.place.column
    start = 0
    for _ in range(lines):
        start = block.text.find("\n", start) + 1
    return start + place.column - 1


def sets_a_condition(block: Block) -> bool:
    """Whether a paragraph says that what follows is demanded, as in `setting the derivative to zero`."""
    end = max((m.end() for m in _SENTENCE.finditer(block.text.rstrip())), default=0)
    return bool(_DEMANDS.search(block.text[end:]))


def states_base(problem: Problem) -> bool:
    """Whether the document says which logarithm it means."""
    words = " ".join(b.text for b in (*problem.intro, *problem.given_blocks))
    return bool(_BASE.search(words))


def place_of(block: Block, offset: int) -> Place:
    """The place in the source of a character of a block."""
    before = block.text[:offset]
    lines = before.count("\n")
    column = len(before) - before.rfind("\n") if lines else block.place.column + offset
    return replace(block.place, line=block.place.line + lines, column=column)


def _range(latex: str, givens: Givens) -> dict[Symbol, Range] | None:
    found = _RUN.fullmatch(latex.strip().rstrip(".,"))
    if not found:
        return None
    # A single letter that nothing given has is an index: ranges may depend on one another.
    known = {symbol.name for d in givens.definitions for symbol in free_symbols(d.body) | free_symbols(d.head)}
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


def _chains(formula: Block, givens: Givens, ranges: Ranges) -> list[Chain]:
    """The chains of an inline formula; none where it is no relation or cannot be read, since words are no claims."""
    try:
        return [c for c in read_chains(formula, givens, ranges) if c.signs]
    except SymdlError:
        return []
