"""What goes wrong, in words, with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class SymdlError(ValueError):
    """The root of every error that symdl raises on purpose; its text is meant for people."""


@dataclass(frozen=True)
class Place:
    """A point in a source text: `line` and `column` count from 1, in code points."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    def behind(self, text: str) -> Place:
        """The place where a text that begins here ends."""
        lines = text.count("\n")
        if lines:
            return Place(self.path, self.line + lines, len(text) - text.rfind("\n"))
        return Place(self.path, self.line, self.column + len(text))

    def offset_in(self, text: str, start: Place) -> int:
        """Where in a text that begins at `start` this place is: the inverse of `behind`."""
        lines = self.line - start.line
        if not lines:
            return self.column - start.column
        at = 0
        for _ in range(lines):
            at = text.find("\n", at) + 1
        return at + self.column - 1


class ReadError(SymdlError):
    """Input that cannot be read.

    `message` says what was found and what was expected, `source_line` is the whole line, `place` points into it and
    `hint` offers a way on (the nearest known name, another spelling); the last three may be missing.
    """

    def __init__(self, message: str, place: Place | None = None, source_line: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.source_line = source_line
        self.hint = hint

    def __str__(self) -> str:
        head = f"{self.place}: {self.message}" if self.place else self.message
        lines = [head]
        if self.place and self.source_line:
            lines += [f"    {self.source_line}", "    " + " " * (self.place.column - 1) + "^"]
        if self.hint:
            lines.append(f"    {self.hint}")
        return "\n".join(lines)


class GivensError(ReadError):
    """Givens that do not fit together: an undefined name, conflicting ranges or shapes, contradictory facts."""


class ShapeError(ReadError):
    """A product or a relation of a proof whose shapes do not fit, although the givens state them all."""


class RankError(ShapeError):
    """A side of a relation that is no array, or another kind of one than the other sides."""


class LayoutError(ReadError):
    """Shapes that fit where a Jacobian is written in the other layout: a difference of convention."""


class UnsolvedError(SymdlError):
    """A task the engine cannot finish; words and expressions side by side say what it reached and what is missing."""

    def __str__(self) -> str:
        return "".join(map(str, self.args))


class NoFunctionError(SymdlError):
    """A result that has no numeric function; the text names what is missing."""


def decoded(data: bytes, path: str) -> str:
    """A document's text, without a byte order mark.

    Raises  `ReadError` where it is not UTF-8, with the line and the byte.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "it may be UTF-16: save it as UTF-8" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "save it as UTF-8"
        raise ReadError(f"not UTF-8 (byte {error.start + 1})", Place(path, line, 1), "", hint) from None


def unknown_name(name: str, known: Iterable[str]) -> str:
    """What is said of a name that is no file, folder or name of the catalogue, with the nearest name."""
    from difflib import get_close_matches  # What is found needs none of it.

    near = get_close_matches(name, list(known), n=1)
    hint = f"did you mean {near[0]}?" if near else "symdl list shows the names of the catalogue"
    return f"{name}: no such file, folder or name of the catalogue ({hint})"


def not_installed(error: ModuleNotFoundError) -> NoFunctionError:
    """What is said of a function whose library is missing, with what installs it."""
    library = (error.name or "").partition(".")[0]
    package = "'symdl[fast]'" if library == "numba" else library
    return NoFunctionError(f"the function needs {library}, which is not installed: pip install {package}")
