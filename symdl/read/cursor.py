"""Where a parser stands in its tokens: looking, taking, going back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from symdl.errors import ReadError
from symdl.read.bars import with_bars, with_differentials, with_empty_bars
from symdl.read.domains import with_half_open
from symdl.read.layout import (
    with_arrows,
    with_differences,
    with_intervals,
    with_layers_apart,
    with_lists,
    with_percentages,
    with_rows,
    with_systems,
    without_brackets,
    without_exclamation,
    without_labels,
    without_marks,
    without_nothing,
    without_numbers,
)
from symdl.read.nodes import Node
from symdl.read.plain import (
    with_braket,
    with_digits,
    with_joints,
    with_round_scripts,
    with_spaced_digits,
    with_times,
    with_underset,
    with_words,
)
from symdl.read.remarks import with_remarks
from symdl.read.source import Source, Token
from symdl.read.stops import with_stops
from symdl.read.tokens import tokens

MAX_DEPTH = 60
"""Deeper nesting is refused: every level costs several frames here and in each layer above."""


class Cursor(ABC):
    """The tokens of one formula, and how far they are read."""

    def __init__(self, source: Source, lenient: bool = False, conditions: bool = False) -> None:
        self.source = source
        self.lenient = lenient
        self.tokens = with_layers_apart(with_systems(with_rows(without_nothing(tokens(source, lenient)), source.text)))
        if conditions:
            self.tokens = with_half_open(without_brackets(self.tokens))
        elif lenient:
            self.tokens = with_intervals(self.tokens, source.text)
        if lenient:
            found = with_percentages(with_underset(with_braket(with_spaced_digits(self.tokens))), source.text)
            found = without_numbers(without_exclamation(found), source.text)
            found = with_differentials(with_empty_bars(with_bars(found)))
            found = without_marks(with_arrows(with_remarks(found)))
            found = with_digits(with_lists(without_labels(with_words(with_joints(with_round_scripts(found))))))
            self.tokens = with_differences(with_stops(with_times(found)))
        self.n = 0
        self.depth = 0
        self.bars: list[str] = []
        self.boxes = 0

    @property
    def now(self) -> Token:
        return self.tokens[self.n]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.n + ahead, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.tokens[self.n]
        if token.kind != "stop":
            self.n += 1
        return token

    def sees(self, kind: str, *texts: str) -> bool:
        token = self.tokens[self.n]
        return token.kind == kind and (not texts or token.text in texts)

    def error(self, message: str, token: Token | None = None, hint: str = "") -> ReadError:
        return self.source.error(message, (token or self.now).at, hint)

    def unexpected(self, wanted: str) -> ReadError:
        token = self.now
        if token.kind == "bad":
            return self.error(token.text)
        found = "the formula ends" if token.kind == "stop" else f"found {self.source.text[token.at : token.end][:30]!r}"
        return self.error(f"{found} where {wanted} was expected")

    def want(self, kind: str, text: str, name: str) -> Token:
        if not self.sees(kind, text):
            raise self.unexpected(name)
        return self.take()

    @property
    def behind(self) -> int:
        """Where the last token taken ends."""
        return self.tokens[self.n - 1].end if self.n else 0

    @contextmanager
    def deeper(self) -> Iterator[None]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"the formula is nested more than {MAX_DEPTH} levels deep")
        yield
        self.depth -= 1

    @contextmanager
    def no_bars(self) -> Iterator[None]:
        kept, self.bars = self.bars, []
        yield
        self.bars = kept

    def attempt(self, read: Callable[[], Node | None]) -> Node | None:
        """What `read` finds; nothing is taken where it finds nothing."""
        n, depth, bars, kept = self.n, self.depth, self.bars, list(self.tokens[self.n : self.n + 2])
        try:
            found = read()
        except ReadError:
            found = None
        if found is None:
            self.n, self.depth, self.bars = n, depth, bars
            self.tokens[n : n + len(kept)] = kept
        return found

    def skip_group(self) -> None:
        """Passes over an annotation."""
        if not self.sees("open", "{"):
            self.take()
            return
        depth = 0
        while True:
            token = self.take()
            if token.kind == "stop":
                raise self.error("a brace is never closed")
            depth += (token.text == "{") - (token.text == "}")
            if depth == 0:
                return

    @abstractmethod
    def expression(self) -> Node:
        """A sum of terms."""

    @abstractmethod
    def atom(self, bare_words: bool = False) -> Node:
        """What a factor is without its scripts."""
