"""Papers to problems: gathers what a paper says, and reads it again where the first reading shows it to be needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias

from sympy import Symbol

from symdl.errors import Place, ReadError, SymdlError
from symdl.language import label_of, quantities
from symdl.problem import Block, Givens, Problem, Task
from symdl.read.cases import with_cases_apart
from symdl.read.document import TASKS, Paper
from symdl.read.hints import Hints, hints_of
from symdl.read.reader import Reader
from symdl.read.sentences import spoken_names
from symdl.read.tokens import GREEK, Source, tokens

MAX_READINGS = 40
_ASKS = re.compile(
    r"\b(?:show|prove|proof|deriv\w+|find|comput\w+|calculat\w+|determin\w+|verif\w+|claims?|want|aim|goal|theorem|lemma|"
    r"proposition|result|conclu\w+|solv\w+|evaluat\w+|then|minimi[sz]\w+|maximi[sz]\w+|what)\b",
    re.IGNORECASE,
)
"""Words that say that a paragraph, or the display after it, is to be shown and not given."""

Unread: TypeAlias = tuple[Block, SymdlError]


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

    if not given and proof is not None and not tasks:
        given = _stated(paper.intro)

    proof = None if proof is None else tuple(with_cases_apart(proof, given))

    def gather(reader: Reader) -> None:
        reader.add_given(given)
        for keyword, blocks in tasks:
            assert keyword in TASKS
            reader.add_tasks(keyword, blocks)  # type: ignore[arg-type]

    is_proof = proof is not None and not tasks
    hints = hints_of(proof or ()) if is_proof else None
    if hints is not None:
        hints.words = spoken_names([*given, *(proof or ())])
    givens, asked, unread = understood(gather, lines, is_proof, hints, listens=proof is not None)
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
        tuple(paper.intro),
        paper.place,
        unread,
    )


def _stated(intro: Iterable[Block]) -> list[Block]:
    """What stands before a proof in a paper without sections, as givens: all but what is to be shown."""
    found: list[Block] = []
    asks = False
    for block in intro:
        if block.kind == "words":
            asks = _ASKS.search(block.text) is not None
        if not asks:
            found.append(block)
    return found


def understood(
    gather: Callable[[Reader], None],
    lines: tuple[str, ...] = (),
    tolerant: bool = False,
    hints: Hints | None = None,
    *,
    listens: bool = False,
) -> tuple[Givens, tuple[Task, ...], tuple[Unread, ...]]:
    """The givens and tasks of what `gather` puts into a reader, and the errors of what was passed over.

    Where tolerant, a given that cannot be read is left out; else it is an error.  `hints` are what a proof shows of
    ranges that the givens leave open; where it `listens`, words that say what a name is are givens too.

    Raises  `ReadError` or `GivensError`.
    """
    apart: frozenset[str] = frozenset()
    leave: frozenset[Place] = frozenset()
    passed: list[Unread] = []
    for _ in range(MAX_READINGS):
        reader = Reader(lines, apart=apart, tolerant=tolerant, leave=leave, listens=listens, hints=hints)
        try:
            gather(reader)
            reader.read()
            if set(reader.strays) <= apart:
                found = sorted([*reader.unread, *passed], key=_order)
                return reader.givens(), reader.tasks(), tuple(found)
            apart |= set(reader.strays)
        except ReadError as error:
            if reader.heard:
                # What words say is dropped before anything that is written as a formula.
                listens = False
                continue
            blocks = [Block("display", i.text, reader.place_of(i)) for i in reader.culprits(error)] if tolerant else []
            places = frozenset(b.place for b in blocks)
            if places <= leave:
                raise
            leave |= places
            passed += [(b, error) for b in blocks]
    raise ReadError("the givens cannot be read together")


def _order(passed: Unread) -> tuple[int, int]:
    return passed[0].place.line, passed[0].place.column


def doubtful(problem: Problem, labels: Iterable[Symbol]) -> frozenset[Symbol]:
    """Those of the labels of which an unread given may say something: a letter of theirs stands in it.

    One that says what a name is, of which nothing else does, says something of this name alone.
    """
    defined = {x for d in problem.givens.definitions for x in _letters(d.label.name)}
    defined |= {x for v in problem.givens.values for x in _letters(label_of(v.quantity).name)}
    sides = (side for f in problem.givens.facts for side in f.relation.sides)
    defined |= {x for side in sides for q in quantities(side) for x in _letters(label_of(q).name)}
    seen: set[str] = set()
    for block, _ in problem.unread:
        head = _HEAD.match(block.text)
        own = frozenset(_letters(head["name"])) if head is not None else frozenset()
        seen |= own if own and not own & defined else frozenset(_letters(block.text))
    return frozenset(label for label in labels if seen & set(_letters(label.name)))


_HEAD = re.compile(
    r"(?P<name>\\?[A-Za-z]+(?:\{\\?[A-Za-z]+\})?)'*(?:_(?:\w|\{[^{}=]*\}))?(?:\^(?:\w|\{[^{}=]*\}))?"
    r"(?:\((?:[^()=]|\([^()=]*\))*\))?\s*&?\s*="
)
"""What begins with a name that it defines."""


def _letters(latex: str) -> list[str]:
    try:
        found = tokens(Source(latex), lenient=True)
    except ReadError:
        return list(latex)
    return [t.text for t in found if t.kind in ("letter", "word") or (t.kind == "command" and t.text in GREEK)]
