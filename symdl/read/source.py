"""The text of a formula, where it stands, and the signs that it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from symdl.errors import Place, ReadError
from symdl.read.own import as_written

Kind = Literal[
    "number", "letter", "command", "word", "text", "open", "close", "op", "relation", "begin", "end", "stop", "bad"
]


@dataclass(frozen=True, slots=True)
class Token:
    """One sign: `text` is its canonical form, `at` and `end` are offsets into the source.

    `large` marks a delimiter that stands after a size command (`\\left`, `\\Big`), with that command's name.
    """

    kind: Kind
    text: str
    at: int
    end: int
    large: str = ""


class Source:
    """A formula, and where it stands: turns an offset into an error with its place.

    `words` are runs of letters that are one name in this problem, such as lr.
    """

    def __init__(
        self,
        text: str,
        place: Place | None = None,
        lines: tuple[str, ...] = (),
        words: frozenset[str] = frozenset(),
    ) -> None:
        self.text = text
        self.words = words
        self.start = place
        self.lines = lines

    def place(self, at: int) -> Place | None:
        """The place of this offset in the file that holds the formula."""
        return None if self.start is None else self.start.behind(self.text[:at])

    def offset(self, place: Place) -> int:
        """Where in the text a place of the file is: the inverse of `place`."""
        assert self.start is not None
        return place.offset_in(self.text, self.start)

    def error(self, message: str, at: int, hint: str = "", of: type[ReadError] = ReadError) -> ReadError:
        """The error at this offset, with the line it stands on."""
        at, message = min(at, len(self.text)), as_written(message)
        place = self.place(at)
        if place is not None and place.line <= len(self.lines):
            return of(message, place, self.lines[place.line - 1], hint)
        here = self.text.rfind("\n", 0, at) + 1
        line = self.text[here:].split("\n", 1)[0]
        shown = Place(place.path if place else "formula", place.line if place else 1, at - here + 1)
        if len(line) > 200:
            return of(message, place or shown, "", hint)
        return of(
            message,
            shown if place is None else place,
            line if place is None else " " * max(0, place.column - 1 - (at - here)) + line,
            hint,
        )
