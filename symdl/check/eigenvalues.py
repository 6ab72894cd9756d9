"""What sentences say of the eigenvalues of a matrix: `The eigenvalues of $P$ are $1$ and $0.4$`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from symdl.check.letters import LONE
from symdl.check.words import CASE, DENIES, sentences, without_formulas
from symdl.errors import Place
from symdl.problem import Block

_FORMULA = r"\$(?P<{}>[^$]+)\$"
_SAYS = re.compile(
    rf"\beigenvalues of (?:the (?:\w+ )?matrix )?{_FORMULA.format('matrix')} are\s+"
    rf"(?P<values>\$[^$]+\$(?:\s*(?:,|and|,\s*and)\s*\$[^$]+\$)*)",
    re.IGNORECASE,
)
_VALUE = re.compile(_FORMULA.format("value"))
_NAMED = re.compile(rf"{LONE.pattern}=")
_NUMBERS = re.compile(r"(?<![_\d{])\d")
_UNREAD = re.compile(r"[=<>≈,±]|\\(?:pm|mp|approx|[lg]eq?|[lg]t|l?dots|pmatrix)(?![A-Za-z])")


@dataclass(frozen=True)
class Eigenvalue:
    """A number that words say to be an eigenvalue of a named matrix, each as it is written."""

    matrix: str
    number: str
    place: Place

    @property
    def equation(self) -> Block:
        """That the determinant is 0 at it."""
        return Block("display", rf"\det({self.matrix} - ({self.number}) I) = 0", self.place)

    def solution(self, unknown: str) -> Block:
        """That an unknown of this name is the number, where the determinant is 0 at it."""
        condition = rf"\det({self.matrix} - {unknown} I) = 0"
        return Block("display", rf"{condition} \implies {unknown} = {self.number}", self.place)


def eigenvalues_in(block: Block) -> Iterator[Place]:
    """Where a paragraph says which numbers the eigenvalues of a matrix are, or only how they are called."""
    yield from (said.place for said in eigenvalues(block))
    for sentence in sentences(block):
        for said in _SAYS.finditer(sentence.text):
            for found in _VALUE.finditer(sentence.text, *said.span("values")):
                if not _NUMBERS.search(found["value"]):
                    yield sentence.place.behind(sentence.text[: found.start("value")])


def eigenvalues(block: Block) -> Iterator[Eigenvalue]:
    """The numbers that a paragraph says to be eigenvalues of a named matrix, but not those of a case, or denied."""
    for sentence in sentences(block):
        words = without_formulas(sentence.text)
        if DENIES.search(words) or CASE.search(words):
            continue
        for said in _SAYS.finditer(sentence.text):
            for found in _VALUE.finditer(sentence.text, *said.span("values")):
                named = _NAMED.match(found["value"])
                number = found["value"][named.end() :] if named else found["value"]
                if LONE.fullmatch(said["matrix"]) and not _UNREAD.search(number):
                    place = sentence.place.behind(sentence.text[: found.start("value")])
                    yield Eigenvalue(said["matrix"], number.strip(), place)
