"""What sentences of the givens say of names and nothing here reads: an instance may break it, and refutes nothing then.

A word that says how something is distributed, or what values it has, was read if the givens would be read otherwise
without it.  One that was not read bears on the lines that rest on a name of its clause.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from sympy import Expr, Symbol

from symdl.check.basis import Basis
from symdl.check.context import Context
from symdl.check.letters import Spoken, is_spoken_of, spoken_of
from symdl.check.words import greek_in, inline_formulas, without_formulas
from symdl.language import Inverse, is_index, scalar, subterms
from symdl.problem import Block, Problem, Relation
from symdl.read.heeding import is_heeded

UNHEEDED = "what is given in words, “{}”, is not read here, so an instance refutes nothing"

EXPLAINED = "what {} is, is given in words, “{}”, that are not read here"

_OF_CHANCE = re.compile(
    r"\b(?:Bernoulli|binomial|Poisson|Gaussian|Rademacher|uniform(?:ly)?|distributed|multinomial|categorical|geometric"
    r"|Laplace|i\.\s?i\.\s?d\b|iid|independent(?:ly)?|uncorrelated|takes? (?:on )?(?:the )?values?|with probability"
    r"|(?:zero|unit)[- ](?:mean|variance)|(?:has|have|with|having|of|and) (?:\w+ )?"
    r"(?:mean|expectation|variance|standard deviation|covariance)|standardi[sz]ed|centred|centered|normal(?:ly)?)\b",
    re.IGNORECASE,
)
"""How what is random is distributed."""
_OF_MATRICES = re.compile(
    r"\b(?:symmetric|orthogonal|orthonormal|unitary|diagonal|triangular|invertible"
    r"|(?:positive|negative)[- ](?:semi-?)?definite|idempotent|projection|permutation)\b",
    re.IGNORECASE,
)
"""Of what kind a matrix is."""
_INVERTIBLE = "invertible"
_OF_VALUES = re.compile(
    r"\b(?:(?:sums?|summing|adds?|adding)(?: up)? to|one[- ]hot|simplex|stochastic|normali[sz]ed"
    r"|probability (?:mass|density|vectors?|distributions?)|mass(?= functions?)|densit(?:y|ies)|distributions?"
    r"|unit (?:norm|length|vectors?)|vectors? of ones|all[- ]ones|identity|unit matrix|equal|identical|distinct"
    r"|at (?:most|least)(?: (?:one|two|three|half|all)\b)?|(?:lies?|is|are|values?|numbers?) (?:strictly )?between"
    r"|(?:lies?|is|are) (?:with)?in(?= (?:the (?:\w+ )?interval )?[\[(]\s*[-\d])"
    r"|exceeds?|less than|greater than|(?:much |far |very |so |sufficiently )?(?:larger|smaller)"
    r"|(?:positive|negative)(?![- ](?:semi-?)?definite)|non-?negative|non-?zero|binary|bounded"
    r"|this (?:time[- ])?step|(?:ignor|neglect|disregard|omitt|dropp)(?:e|ed|ing)?|negligible|drop|omit)\b",
    re.IGNORECASE,
)
"""What values something has, or to which step it belongs."""
_OF_ORDER = re.compile(
    r"at (?:most|least)|\w+ (?:strictly )?between|exceeds?|less than|greater than|larger|smaller|non-?zero|bounded"
    r"|(?:non-?)?(?:positive|negative)|distinct",
    re.IGNORECASE,
)
"""Which of two values is the larger one, or that they are not equal."""
_OF_MEANING = re.compile(
    r"\b(?:averages?|mean of|sum of|product of|ratio of|inverse of|norm of|determinant|eigenvalues?|eigenvectors?"
    r"|maximum|minimum|maximi[sz]ers?|minimi[sz]ers?|median|indicator|hyperbolic|derivative of|gradient of|expectation"
    r"|operator)\b",
    re.IGNORECASE,
)
"""What the name before it, or right behind it, stands for."""
_ENTRIES = re.compile(r"\b(?:entr(?:y|ies)|elements?|components?|coefficients?)\s+(?:are\s+)?\0+", re.IGNORECASE)
"""What the entries of what was named are called."""
_COUNT = re.compile(
    r"(?:\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|none|all|half|most|exactly)|\0)\s+"
    r"of (?:them|these|those|which|whom|the)\b",
    re.IGNORECASE,
)
"""How many of what was named have a value."""
_CLAUSE = re.compile(
    r";|(?<=[.!?])\s+(?=[A-Z*_\0])|\n\s*\n|,\s+(?=(?:and|where|with|while|but)\b)"
    r"|,\s+(?=\0+(?:\s*(?:,|and)\s*\0+)*\s+(?:is|are|be|has|have|denotes?)\b)"
)
_BEHIND = re.compile(r"\s*\$(?!\$)")
_SET = re.compile(r"\\in(?![A-Za-z])|\\sim(?![A-Za-z])|∈")
_DENIED = re.compile(
    r"\b(?:not|never|no|non)\s+(?:all\s+(?:of\s+|the\s+)*[\0\s]*(?:(?:are|be)\s+)?|be\s+|necessarily\s+)?\Z",
    re.IGNORECASE,
)
_SIGNS = {
    "positive": operator.gt, "negative": operator.lt, "nonnegative": operator.ge, "non-negative": operator.ge,
    "nonzero": operator.ne, "non-zero": operator.ne,
}  # fmt: skip
"""Words of which it is seen whether numbers are so: how these compare with 0."""
_NUMBER = re.compile(r"-?\d+(?:/\d+|\.\d+)?")
_LAYOUT = re.compile(r"[{}\s]|\\(?:operatorname|mathrm|text|mathbf|boldsymbol|bm)(?![A-Za-z])")
_BRACKET = re.compile(r"[(\[]")


@dataclass(frozen=True)
class Telling:
    """A word that is not read, and the names of which it may say something; `is_chance`, how these are distributed.

    `of` is the name of which it says what this stands for, as it is written; `is_kind` says that it says of what kind a
    matrix is, `is_of_bounds` that beside what is read this bears on bounds alone: of a matrix that is symmetric and
    positive definite it is read that it is symmetric.
    """

    word: str
    names: Spoken
    is_chance: bool
    of: str = ""
    is_kind: bool = False
    is_of_bounds: bool = False

    @property
    def is_of_order(self) -> bool:
        """Whether it says no more than which values are larger, so that what it allows it allows near these, too."""
        return bool(_OF_ORDER.fullmatch(self.word))

    def bears_on(self, label: Symbol, instance: Mapping[str, Any]) -> bool:
        """Whether it says something of a name that an instance may break.

        How something is distributed is said of its moments and probabilities.
        """
        if not is_spoken_of(label.name, self.names) or (self.is_chance and not _BRACKET.search(label.name)):
            return False
        sign = _SIGNS.get(self.word.lower())
        drawn = (value for name, values in instance.items() if name == label.name for value in _numbers(values))
        return sign is None or not all(sign(value, 0) for value in drawn)


class Tellings:
    """The words in the givens of a problem that say something and are not read, found when they are first asked for."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    def doubts(
        self, basis: Basis, relation: Relation, instance: Mapping[str, Any]
    ) -> Iterator[tuple[Telling, frozenset[Symbol]]]:
        """What may say that an instance that refutes a relation is none, each with the names of which it says so."""
        left, right = relation.sides
        valued = basis.context.givens.valued
        rests = basis.context.names(left, right)
        names = [s for s in rests - valued if not (is_index(s) or basis.is_settled(s))]
        # What is random and brought in by a fact alone, as by that of a mean, was drawn as if it were a number.
        brought = {scalar(name) for name in instance} - rests - valued
        inverted = _inverted(basis.context, left, right)
        for telling in self._unread if names else ():
            if telling.is_of_bounds and relation.sign == "=":
                continue
            touched = frozenset(s for s in names if telling.bears_on(s, instance))
            touched |= {s for s in brought if telling.is_chance and is_spoken_of(s.name, telling.names)}
            if telling.word.lower() == _INVERTIBLE:
                touched -= inverted
            if touched:
                yield telling, touched

    def explains(self, label: Symbol) -> str:
        """Why a formula for a name is no definition: words say what it stands for; nothing where it is one."""
        written = _LAYOUT.sub("", label.name)
        return next((EXPLAINED.format(label.name, t.word) for t in self._unread if t.of == written), "")

    @cached_property
    def _unread(self) -> tuple[Telling, ...]:
        return tuple(t for b in self.problem.given_blocks if b.kind == "words" for t in self._in(b))

    def _in(self, block: Block) -> Iterator[Telling]:
        """The words of a paragraph that are not read, clause by clause."""
        start, before = 0, frozenset[frozenset[str]]()
        blank, marked = without_formulas(block.text), without_formulas(block.text, "\0")
        clauses = _CLAUSE.finditer(marked)
        for end in (*(m.end() for m in clauses), len(blank)):
            names = _names_in(block.text[start:end])
            for kind in (_OF_CHANCE, _OF_MATRICES) if names else ():
                # Of several words for one distribution, or one matrix, one may say it all.
                found = list(kind.finditer(blank, start, end))
                if found and not any(self._heeds(block, m) for m in found):
                    said = [m[0] for m in found if m[0].lower() != _INVERTIBLE]
                    is_kind, is_read = kind is _OF_MATRICES, len(found) > 1 and self._heeds(block, *found)
                    if is_kind or not is_read:
                        word = (said or [_INVERTIBLE])[0]
                        yield Telling(word, names, not is_kind, is_kind=is_kind, is_of_bounds=is_read)
            entries = _names_of_entries(marked[start:end], block.text[start:end])
            for m in _OF_MATRICES.finditer(blank, start, end) if entries else ():
                # That a matrix is symmetric is read of the matrix, and not of the names of its entries.
                yield Telling(m[0], entries, False)
            for m in _OF_VALUES.finditer(blank, start, end) if names else ():
                if not self._heeds(block, m):
                    yield Telling(m[0], names, False)
            for m in _OF_MEANING.finditer(blank, start, end) if names else ():
                own = inline_formulas(block.text[start : m.start()])[-1:]
                if _BEHIND.match(block.text, m.end()):
                    own = inline_formulas(block.text[m.end() : end])[:1]
                if own and "=" not in own[0] and not self._heeds(block, m):
                    yield Telling(m[0], spoken_of(own), False, _LAYOUT.sub("", own[0]))
            for m in _COUNT.finditer(marked, start, end):
                if (names or before) and not self._heeds(block, m):
                    yield Telling(m[0].strip(), names | before, False)
            start, before = end, names or before

    def _heeds(self, block: Block, *found: re.Match[str]) -> bool:
        """Whether words are read, or the first one of them is denied."""
        is_denied = bool(_DENIED.search(found[0].string[: found[0].start()]))
        return is_denied or is_heeded(self.problem, block, *(m.span() for m in found))


def _names_of_entries(words: str, text: str) -> Spoken:
    """The names of which a clause says that the entries of a matrix are called so."""
    called = inline_formulas(text)
    counts = (len(re.findall("\0+", words[: m.end()])) for m in _ENTRIES.finditer(words))
    return spoken_of([called[n - 1] for n in counts if n <= len(called)])


def _inverted(context: Context, *terms: Expr) -> frozenset[Symbol]:
    """The names of which the inverses are made on which terms rest: where these have values, there are inverses."""
    names = context.names(*terms)
    bodies = (d.body for d in context.givens.definitions if d.label in names)
    inverses = (t.body for term in (*terms, *bodies) for t in subterms(term) if isinstance(t, Inverse))
    return context.names(*inverses)


def _names_in(clause: str) -> Spoken:
    """The names of which the formulas of a clause speak, and the Greek letters among its words."""
    return spoken_of((*(_SET.split(formula)[0] for formula in inline_formulas(clause)), *greek_in(clause)))


def _numbers(values: Any) -> Iterator[Fraction]:
    """The numbers of an instance for a name, of all members of a family; of a function there is none."""
    if isinstance(values, (list, tuple)):
        for value in values:
            yield from _numbers(value)
    elif _NUMBER.fullmatch(str(values)):
        yield Fraction(str(values))
