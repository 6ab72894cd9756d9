"""What the words and assignments of a proof have said so far of where its lines hold."""

from __future__ import annotations

import re
from functools import cached_property, partial
from typing import Self

from sympy import Expr, Symbol

from symdl.check.doubts import (
    climbs,
    goes_in_steps,
    is_later,
    qualified,
    starts_with,
)
from symdl.check.introducing import is_telling, leading
from symdl.check.letters import Spoken, letters_of, squeezed, statements_in
from symdl.check.running import ASSIGNED, SECOND, Run
from symdl.check.sides import OPPOSITE
from symdl.check.updates import Updates
from symdl.check.words import formulas, has_data, inline_formulas, is_heading, placed, points, sentences
from symdl.language import (
    free_symbols,
    is_quantity,
    label_of,
)
from symdl.problem import Block, Givens, Problem, Relation
from symdl.read.heeding import is_heeded

_OTHERWISE = re.compile(
    r"\W*(?:and\s+)?(?:otherwise|else|in (?:the|all|any) other cases?|sonst|andernfalls)\b", re.IGNORECASE
)
_SO = re.compile(
    r"\b(?:so|hence|thus|therefore|giv\w+|yield\w*|roots?|zeros?|solutions?|solv\w+|obtains?|gets?|means|eigenvalues?)\b",
    re.IGNORECASE,
)
"""Before what an equation is solved for."""


_REAL = re.compile(r"\breals?\b|\breal-valued\b|\\forall\b", re.IGNORECASE)
"""That what stands beside it may have any sign."""


class Wording:
    """What the words of a document say, of whatever line they are asked."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.blocks = (*problem.intro, *problem.given_blocks, *(problem.proof or ()))
        self.texts = tuple(block.text for block in self.blocks)
        self.given_texts = tuple(block.text for block in (*problem.intro, *problem.given_blocks))

    @cached_property
    def given(self) -> frozenset[str]:
        """The statements of what is given, as they are written."""
        return frozenset(map(squeezed, statements_in(self.given_texts)))

    @cached_property
    def displays(self) -> tuple[str, ...]:
        """The displays of the proof, without blanks."""
        return tuple(squeezed(block.text) for block in self.problem.proof or () if block.kind == "display")

    @cached_property
    def qualified(self) -> Spoken:
        """The names of which words say a property of matrices that is not read."""
        given = self.problem.given_blocks
        of_given = (qualified(b, partial(is_heeded, self.problem, b)) for b in given)
        beside = (qualified(b) for b in self.blocks if all(b is not g for g in given))
        return frozenset().union(*of_given, *beside)

    @cached_property
    def declared(self) -> frozenset[str]:
        """The letters that are said to be real numbers, or to lie in a set."""
        real = (s for b in self.blocks for s in sentences(b) if _REAL.search(s.text))
        named = (letters_of(f) for s in real for f in inline_formulas(s.text))
        return frozenset[str]().union(*map(placed, self.blocks), *named)

    @cached_property
    def climbs(self) -> bool:
        """Whether the document speaks of what is to become larger."""
        return any(map(climbs, self.texts))

    @cached_property
    def in_steps(self) -> bool:
        """Whether the document updates values."""
        return goes_in_steps(self.texts)

    @cached_property
    def starts(self) -> frozenset[Expr]:
        """The quantities of which words say that the values given are those at the start."""
        blocks = [b for b in (*self.problem.intro, *self.problem.given_blocks) if b.kind == "words"]
        said = (points(sentence, self.problem.givens) for b in blocks for sentence in starts_with(b))
        return frozenset(r.lhs for found in said for r in found)


class Told:
    """What the words and assignments of a proof have said so far of where its lines hold."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.wording = Wording(problem)
        self.texts, self.given_texts = self.wording.texts, self.wording.given_texts
        self.is_all = len(problem.proof or ()) == 1
        self.branches: tuple[Relation, ...] = ()
        self.points: dict[Expr, Relation] = {}
        self.leading: frozenset[Expr] = frozenset()
        self.is_told_in_words = self.has_data = any(map(has_data, problem.given_blocks))
        self.beside: Block | None = None
        self.after: Block | None = None
        self.case: tuple[Relation, ...] = ()
        self.cases: tuple[Relation, ...] = ()
        self.updates = Updates({})
        self.said: dict[Expr, Expr] = {}
        self.is_later = False
        self.is_row = False

    def __copy__(self) -> Self:
        """The same, to be tried without keeping what comes of it."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.points = dict(self.points)
        return other

    def hear(self, block: Block, givens: Givens) -> None:
        """Take what a paragraph says; a heading begins anew."""
        if is_heading(block):
            self.branches = self.case = self.cases = ()
            self.points, self.is_told_in_words = {}, self.has_data
        self.beside = block
        self.is_later = self.is_later or (self.wording.in_steps and is_later(block))
        if is_telling(block):
            self.leading = frozenset()
        if not block.text.rstrip().endswith("."):
            self.leading |= {r.lhs for r in points(leading(block), givens)}
        self.points.update((r.lhs, r) for r in points(block, givens))
        self.is_told_in_words = self.is_told_in_words or (is_telling(block) and not is_heading(block))

    def enter(self, case: tuple[Relation, ...]) -> None:
        """Take the conditions under which something is said to hold, as one more case of what they compare."""
        self.case = case
        self.cases = (*(r for r in self.cases if r.lhs == case[0].lhs), *case) if len(case) == 1 else ()

    def otherwise(self, block: Block) -> tuple[Relation, ...]:
        """Where none of the cases stated so far is, if a paragraph leads to a display with `Otherwise`."""
        return opposite(self.cases) if _OTHERWISE.match(leading(block).text) else ()

    def is_solved_next(self, unknown: Symbol) -> bool:
        """Whether what comes after a display says what an unknown of it is, as `so x = 1 or x = 3`."""
        if self.after is None:
            return False
        name = re.compile(
            rf"\s*{re.escape(unknown.name)}(?:_\{{?\w+\}}?|\^\{{?(?:\*|\\star|\\ast)\}}?)?\s*(?:=|\\approx|\\in\b)"
        )
        if self.after.kind == "display":
            return name.match(self.after.text) is not None
        return any(name.match(f.text) and _SO.search(before) for f, before in formulas(self.after))

    def update(self, run: Run, givens: Givens) -> None:
        """Keep the number that a chain assigns to its first side."""
        name, value = run.sides[0], run.sides[-1]
        if name is not None and value is not None and is_quantity(name) and run.holds:
            self.said[name] = value
        if name is None or value is None or not run.lines or not is_quantity(name):
            return
        if run.lines[0].decision.reason in (ASSIGNED, SECOND) and not set(run.ranges) & free_symbols(name):
            self.updates = self.updates.after(name, value, givens)

    def _placed(self) -> frozenset[Symbol]:
        return frozenset(label_of(q) for q in self.points)

    def _is_own(self, quantity: Expr, givens: Givens) -> bool:
        """Whether it is a name that the proof itself defined."""
        return is_quantity(quantity) and not self.problem.givens.is_defined(quantity) and givens.is_defined(quantity)


def opposite(cases: tuple[Relation, ...]) -> tuple[Relation, ...]:
    """Where none of these relations holds; none where one of them has no opposite."""
    found = tuple(Relation(r.lhs, OPPOSITE[r.sign], r.rhs) for r in cases if r.sign in OPPOSITE)
    return found if len(found) == len(cases) else ()
