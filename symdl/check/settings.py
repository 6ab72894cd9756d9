"""What sentences say of where the lines below them hold: ranges, the conditions of a case, and what stands beside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Expr, Indexed, Symbol

from symdl.check.introducing import leading
from symdl.check.letters import DIFFER, LONE
from symdl.check.words import (
    CASE,
    alternatives,
    formulas,
    range_in,
    read_formula,
    relations,
    sentences,
    without_formulas,
    without_said_cases,
)
from symdl.errors import Place
from symdl.language import Cases, Delta, free_symbols, is_index, is_quantity, quantities, subterms
from symdl.problem import Block, Givens, Range, Ranges, Relation
from symdl.read.cases import EQUATES

_OPENS = re.compile(r"(?:^|\b(?:let|now|consider|take|have|with))\s*\W*$", re.IGNORECASE)
_REVOKES = re.compile(
    r"\b(?:otherwise|else|both|together|in general|all cases|either case|other case|combin\w*|altogether)\b",
    re.IGNORECASE,
)
_EVERY_CASE = re.compile(
    r"\b(?:in (?:all|both|either|any|every) cases?|(?:in|for) both|in general|altogether|always|everywhere)\b",
    re.IGNORECASE,
)
_SETS = re.compile(r"\b(?:case|let|suppos\w*|assum\w*|consider|take|now|from (?:now|here) on)\b", re.IGNORECASE)
_THEN = re.compile(
    r"\b(?:then|(?:we|one) (?:have|has|get|gets|obtain|obtains|find|finds)|gives?|yields?)\b", re.IGNORECASE
)
_ASIDE = re.compile(
    rf"{LONE.pattern}(?P<sign>=|\\neq?(?![A-Za-z])|≠|<|>|≤|≥|\\[lg](?:eq?|t)(?![A-Za-z]))"
    rf"\s*(?:{LONE.pattern.replace('?P<name>', '')}|[-+]?[\d.]+)\s*"
)
_VALUE = re.compile(r"=\s*-?\d+(?:\.\d+)?$")
_INEQUALITY = re.compile(r"[<>≠≤≥]|\\(?:neq?|[lg]eq?|[lg]t)(?![A-Za-z])")


@dataclass(frozen=True)
class Setting:
    """The ranges under which a display is to be read, and the formulas of the conditions under which it holds.

    `is_closed` says that its sentence also says what holds then: what stands below it is no part of that.
    """

    ranges: Mapping[Symbol, Range] = field(default_factory=dict)
    cases: tuple[Block, ...] = ()
    is_closed: bool = False

    def conditions(self, givens: Givens, ranges: Ranges) -> tuple[Relation, ...]:
        """The conditions; `ranges` are those of the display, which tell what is an index letter."""
        chains = [chain for case in self.cases for chain in read_formula(case, givens, ranges)]
        found = [r for chain in chains for r in relations(chain, ranges)]
        # For k = j and for k != j together, a line holds in every case.
        every = {frozenset(r.sides) for r in found if r.sign == "="} & {
            frozenset(r.sides) for r in found if r.sign == "!="
        }
        return tuple(r for r in found if frozenset(r.sides) not in every)


def setting(block: Block, givens: Givens) -> Setting:
    """What the last sentence of a paragraph says of the display that follows it, or the one before that sets a case."""
    parts = list(sentences(block))
    for n in range(len(parts) - 1, -1, -1):
        found = _setting(parts[n], givens)
        is_last = n == len(parts) - 1
        if is_last and (found.ranges or found.cases) and not found.is_closed:
            return found
        if found.cases and not found.is_closed and all(DIFFER.search(c.text) for c in found.cases):
            return found
        if _REVOKES.search(parts[n].text):
            break
    return Setting()


def _setting(sentence: Block, givens: Givens) -> Setting:
    ranges: dict[Symbol, Range] = {}
    cases: list[Block] = []
    is_closed = is_said = False
    at = 0
    for formula, before in formulas(sentence):
        between, at = before[at:], len(before)
        leads = cases or ranges or (not before.isspace() and CASE.search(without_said_cases(before)))
        if not leads and not (DIFFER.search(formula.text) and _OPENS.search(before)):
            is_said = is_said or EQUATES.search(formula.text) is not None
            continue
        if cases and (_THEN.search(between) or _concludes(formula, givens)):
            # What is said to hold in a case is none itself, nor is what stands behind it.
            is_closed = sentence.text.rstrip().endswith(".") and not _SETS.search(before)
            break
        run = range_in(formula.text, givens)
        if run is None:
            cases.append(formula)
        else:
            ranges.update(run)
    # `$D = 0$ for $p = q$.` says of one place alone what holds there.
    is_closed = is_closed or (is_said and not ranges and all(map(_is_equation, cases)) and _is_over(sentence))
    return Setting(ranges, tuple(cases), is_closed)


def _is_equation(formula: Block) -> bool:
    """Whether a formula is an equation and no bound."""
    return bool(EQUATES.search(formula.text)) and not _INEQUALITY.search(formula.text)


def _is_over(sentence: Block) -> bool:
    """Whether a sentence ends with a stop and sets nothing up for what stands below it."""
    return sentence.text.rstrip().endswith(".") and not _SETS.search(without_formulas(sentence.text))


def _concludes(formula: Block, givens: Givens) -> bool:
    """Whether a formula says what something is that is given by a formula, or works out a number."""
    firsts = [(chain.sides[0].expr, chain.signs[0]) for chain in read_formula(formula, givens, {})]
    if any(first is not None and not free_symbols(first) and sign in ("=", "~") for first, sign in firsts):
        return True
    defined = [first for first, sign in firsts if sign == "=" and first is not None and is_quantity(first)]
    return any(map(givens.is_defined, defined))


def holds_in_every_case(block: Block) -> bool:
    """Whether the last sentence of a paragraph says of what follows that it holds in more than one case."""
    return bool(_EVERY_CASE.search(without_formulas(leading(block).text)))


_PLACED = re.compile(
    r"\b(?:at|for|along|if|when|whenever|where|with|let|set|setting|put|putting|suppose|assume|given|take|case|since|as"
    r"|from|by"
    r"|using|insert\w*|plug\w*|substitut\w*)\b[^.;]*\Z",
    re.IGNORECASE,
)
"""Words before a formula that make it a place at which something holds."""


def asides(block: Block, givens: Givens, ranges: Ranges) -> tuple[Relation, ...]:
    """The inequalities, and the relations between a name and a name or number, that a paragraph holds, in any words.

    An equation counts where it is one of letters, or gives a number, in the sentence that leads to what is below; of
    what is defined, as f(x) = 2, only where words make it a place.
    """
    found: list[Relation] = []
    leads = [formula.place for formula, _ in formulas(leading(block))]
    several = alternatives(block)
    for formula, words in formulas(block):
        if formula.place in several:
            continue
        text = formula.text.strip().rstrip(".,:")
        is_value = text.count("=") == 1 and _VALUE.search(text)
        if _ASIDE.fullmatch(text) or is_value or len(_INEQUALITY.findall(text)) == len(DIFFER.findall(text)) == 1:
            for chain in read_formula(formula, givens, ranges):
                said = relations(chain, ranges)
                is_set = _PLACED.search(words) is not None
                free = [r for r in said if not any(map(givens.is_defined, quantities(r.lhs) | quantities(r.rhs)))]
                said = said if is_set else [r for r in said if r.sign != "=" or r in free]
                found += [r for r in said if r.sign != "=" or is_index(r.rhs) or formula.place in leads]
    return tuple(r for r in found if r.sign != "=" or r.rhs.is_number or _is_setting(r, givens))


def closed(block: Block, givens: Givens, *, only_places: bool = False) -> list[Block]:
    """The sentences of a paragraph that say both a case and what holds in it, so that neither goes on below them.

    With `only_places` those of which every case is an equation.
    """
    found = ((sentence, _setting(sentence, givens)) for sentence in sentences(block))
    return [s for s, there in found if there.is_closed and (not only_places or all(map(_is_equation, there.cases)))]


def lies_in(place: Place, text: Block) -> bool:
    """Whether a place of the source lies in a text."""
    end = text.place.behind(text.text)
    return (text.place.line, text.place.column) <= (place.line, place.column) <= (end.line, end.column)


def _is_setting(equation: Relation, givens: Givens) -> bool:
    """Whether both sides are index letters, or quantities that no definition says what they are."""
    sides = equation.sides
    if any(map(is_index, sides)):
        return all(map(is_index, sides))
    return all(isinstance(x, Symbol | Indexed) and not givens.is_defined(x) for x in sides)


def settles(condition: Relation, side: Expr) -> bool:
    """Whether a side is written by cases and a condition on indices leaves one of them alone: it speaks of them all."""
    letters = frozenset(i for x in condition.sides for i in free_symbols(x))
    cases = (c for t in subterms(side) if isinstance(t, Cases) for c in t.args[1::2])
    deltas = (d for c in cases for d in subterms(c) if isinstance(d, Delta))
    is_of_indices = condition.sign in ("=", "!=") and bool(letters) and all(map(is_index, letters))
    return is_of_indices and any(free_symbols(d) == letters for d in deltas)
