"""Papers to problems: gathers what a paper says, and reads it again where the first reading shows it to be needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

from symdl.errors import Place, ReadError, SymdlError
from symdl.problem import Block, Givens, Problem, Task
from symdl.read.cases import with_cases_apart
from symdl.read.document import TASKS, Paper, sentences_of
from symdl.read.hints import Asked, Hints, shown_by
from symdl.read.items import Item
from symdl.read.reader import Reader
from symdl.read.sentences import spoken_names
from symdl.read.upstream import with_upstream

MAX_READINGS = 40
MAX_KEPT = 1 << 13
"""The number of characters up to which the readings of givens are kept."""

MAX_READINGS_KEPT = 8
"""How many readings of the same givens are kept."""

_ASKS = re.compile(
    r"\b(?:show(?:ing)?|prove|proof|deriv(?:e|ing)|find|compute|calculate|determine|verify|claims?|want|aim|goal|theorem"
    r"|lemma|proposition|results?|conclude|solve|evaluate|give|write|explain|how|then|minimi[sz]e|maximi[sz]e|what)\b",
    re.IGNORECASE,
)
"""Words that say that a sentence, or the display after it, is to be shown and not given; "computes" says what is."""

Unread: TypeAlias = tuple[Block, SymdlError]
Understood: TypeAlias = tuple[Givens, tuple[Task, ...], tuple[Unread, ...]]


def read_paper(paper: Paper, lines: tuple[str, ...], path: str, matter: dict[str, object]) -> Problem:
    """The problem that a paper states.

    Raises  `ReadError` or `GivensError`.
    """
    given: list[Block] = []
    tasks: list[tuple[str, tuple[Block, ...]]] = []
    proof: tuple[Block, ...] | None = None
    for section in paper.sections:
        if section.keyword == "given":
            given += section.blocks
        elif section.keyword == "proof":
            proof = (*(proof or ()), *section.blocks)
        else:
            tasks.append((section.keyword, tuple(section.blocks)))

    intro = paper.intro
    if not given:
        given, intro = _parted(intro)

    proof = None if proof is None else tuple(with_cases_apart(proof, given))

    def gather(reader: Reader) -> None:
        reader.add_given(given)
        for keyword, blocks in tasks:
            assert keyword in TASKS
            reader.add_tasks(keyword, blocks)  # type: ignore[arg-type]

    if proof is not None and not tasks:
        givens, asked, unread = beside(given, proof, lines, path)
    else:
        shown = shown_by(())
        shown.words = spoken_names([*given, *(block for _, blocks in tasks for block in blocks)])
        givens, asked, unread = understood(gather, lines, hints=Hints(shown))
    title = str(matter.get("title") or paper.title)
    return Problem(
        title,
        givens,
        asked,
        tuple(given),
        tuple(tasks),
        proof,
        path,
        "",
        matter,
        tuple(intro),
        paper.place,
        unread,
    )


def _parted(intro: Iterable[Block]) -> tuple[list[Block], list[Block]]:
    """What stands before the sections of a paper of which none is called given: what it states, and what it asks.

    A paragraph may do both; each part of it keeps its place.
    """
    stated: list[Block] = []
    asked: list[Block] = []
    asks = False
    for block in intro:
        text, question = block.text, ""
        if block.kind == "words":
            found = list(sentences_of(text))
            ends = [*(m.start() for m in found[1:]), len(text)]
            marks = [
                ((m.start(), end), _ASKS.search(_FORMULA.sub(" ", m.group())) is not None)
                for m, end in zip(found, ends, strict=False)
            ]
            asks = marks[-1][1] if marks else asks
            question = _only(text, [span for span, is_asked in marks if is_asked])
            text = _only(text, [span for span, is_asked in marks if not is_asked])
        elif asks:
            text, question = question, text
        stated += [replace(block, text=text)] if text.strip() else []
        asked += [replace(block, text=question)] if question.strip() else []
    return stated, asked


def _only(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text of the same length and lines in which only the spans are left."""
    kept = [c if c == "\n" else " " for c in text]
    for start, end in spans:
        kept[start:end] = text[start:end]
    return "".join(kept).rstrip()


_FORMULA = re.compile(r"\$[^$]*\$")


def beside(given: list[Block], proof: tuple[Block, ...], lines: tuple[str, ...], path: str) -> Understood:
    """The givens beside a proof, as what this shows bears on them.

    Givens that stand under several proofs, in one file or in several, are read once for each set of answers that these
    give to what is asked of them.

    Raises  `ReadError` or `GivensError`.
    """
    shown = shown_by(proof)
    shown.words = spoken_names([*given, *proof])
    shown.lines = lines
    rows = {b.place.line + n for b in given for n in range(b.text.count("\n") + 1)}
    own = tuple(line if n in rows else "" for n, line in enumerate(lines[: max(rows, default=0)], 1))
    stated = tuple((b.kind, b.text, b.place.line, b.place.column) for b in given)
    kept = _readings(stated, own) if sum(map(len, own)) <= MAX_KEPT else []
    for reading in kept:
        if all(asked.is_so(shown) for asked in reading.asked):
            return reading.in_file(path)
    hints = Hints(shown)
    found = understood(lambda reader: reader.add_given(given), own, True, hints)
    for _, error in found[2]:
        # What was tried when it was raised is not kept.
        error.__traceback__ = error.__context__ = None
    kept[:] = [_Reading(tuple(hints.asked), found, path), *kept[: MAX_READINGS_KEPT - 1]]
    return found


@dataclass(frozen=True)
class _Reading:
    """What givens were read as in a file, and the questions on whose answers it rests."""

    asked: tuple[Asked, ...]
    found: Understood
    path: str

    def in_file(self, path: str) -> Understood:
        """What the same givens say in this file: no more than the places differ."""
        if path == self.path:
            return self.found
        givens, asked, unread = self.found
        elsewhere = replace(
            givens,
            definitions=tuple(replace(d, place=self._moved(d.place, path)) for d in givens.definitions),
            values=tuple(replace(v, place=self._moved(v.place, path)) for v in givens.values),
            facts=tuple(replace(f, place=self._moved(f.place, path)) for f in givens.facts),
            conventions=tuple(replace(c, place=self._moved(c.place, path)) for c in givens.conventions),
        )
        return elsewhere, asked, tuple(self._told(*passed, path) for passed in unread)

    def _moved(self, place: Place, path: str) -> Place:
        return replace(place, path=path) if place.path == self.path else place

    def _told(self, block: Block, error: SymdlError, path: str) -> Unread:
        told = copy(error)
        if isinstance(told, ReadError) and told.place is not None:
            told.place = self._moved(told.place, path)
        return replace(block, place=self._moved(block.place, path)), told


@lru_cache(maxsize=16)
def _readings(given: tuple[tuple[str, str, int, int], ...], lines: tuple[str, ...]) -> list[_Reading]:
    """The readings of the givens that stand in these lines, the latest first: a list to put them into."""
    return []


def understood(
    gather: Callable[[Reader], None],
    lines: tuple[str, ...] = (),
    tolerant: bool = False,
    hints: Hints | None = None,
) -> Understood:
    """The givens and tasks of what `gather` puts into a reader, and the errors of what was passed over.

    Where tolerant, a given that cannot be read is left out; else it is an error.  `hints` are what a proof shows of
    ranges that the givens leave open.  Words that say what a name is are givens too, unless a formula contradicts them.

    Raises  `ReadError` or `GivensError`.
    """
    apart: frozenset[str] = frozenset()
    leave: frozenset[Place] = frozenset()
    deaf: frozenset[str] = frozenset()
    passed: list[Unread] = []
    unheard: ReadError | None = None
    listens = True
    for _ in range(MAX_READINGS):
        reader = Reader(lines, apart=apart, tolerant=tolerant, leave=leave, listens=listens, deaf=deaf, hints=hints)
        try:
            gather(reader)
            reader.read()
            if set(reader.strays) <= apart:
                found = sorted([*reader.unread, *passed], key=_order)
                givens, asked = reader.givens(), reader.tasks()
                return with_upstream(givens), asked, tuple(found)
            apart |= set(reader.strays)
        except ReadError as error:
            if reader.heard:
                # What words say is dropped before anything that is written as a formula.
                misheard = [i for i in _misheard(reader, error) if i.text not in deaf]
                deaf |= {i.text for i in misheard}
                passed += [(Block("display", i.text, reader.place_of(i)), error) for i in misheard if tolerant]
                listens, unheard = bool(misheard), error
                continue
            if tolerant and unheard is not None and unheard.place == error.place:
                # The same fails without what the words say: they are not the cause.
                listens, unheard = True, None
            blocks = [Block("display", i.text, reader.place_of(i)) for i in reader.culprits(error)] if tolerant else []
            places = frozenset(b.place for b in blocks)
            if places <= leave:
                raise
            leave |= places
            passed += [(b, error) for b in blocks]
    raise ReadError("the givens cannot be read together")


def _misheard(reader: Reader, error: ReadError) -> list[Item]:
    """What words say at the place of an error."""
    at = error.place
    found: list[Item] = []
    for item in reader.heard if at is not None else ():
        start, end = item.source.place(item.at), item.source.place(item.end)
        if start and end and at and (start.line, start.column) <= (at.line, at.column) <= (end.line, end.column):
            found.append(item)
    return found


def _order(passed: Unread) -> tuple[int, int]:
    return passed[0].place.line, passed[0].place.column
