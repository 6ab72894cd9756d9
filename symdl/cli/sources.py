"""From what stands on the command line to documents: files, folders, standard input, names of the catalogue."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from symdl.errors import SymdlError, decoded, unknown_name

SUFFIXES = (".md", ".tex")
"""Of the documents below a folder."""

MAX_BYTES = 4 << 20
"""The largest document that is read; more than any worked problem, less than what would fill the memory."""


class SourceError(SymdlError):
    """A document that cannot be had: no such file, no such name."""


@dataclass(frozen=True)
class Source:
    """One document: `path` is what messages call it, `stem` where its answer goes below the output folder."""

    path: str
    stem: Path
    file: Path | None
    in_folder: bool = False

    def data(self) -> bytes:
        """The content.

        Raises  `SourceError` where it cannot be read.
        """
        try:
            if self.file is None:
                data = sys.stdin.buffer.read(MAX_BYTES + 1)
            else:
                with self.file.open("rb") as file:
                    data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise SourceError(f"{self.path}: {error.strerror or error}") from error
        if len(data) > MAX_BYTES:
            raise SourceError(f"{self.path}: larger than {MAX_BYTES >> 20} MiB")
        return data

    def text(self) -> str:
        """The content as text.

        Raises  `SourceError` where it cannot be read, `ReadError` where it is not UTF-8.
        """
        return decoded(self.data(), self.path)


def gather(arguments: Sequence[str], outside: Path | None = None) -> list[Source]:
    """The documents that the arguments name, in order, each once; a folder stands for all below it, sorted.

    `outside` is a folder that is left out: where answers are written to.

    Raises  `SourceError` for an argument that names nothing.
    """
    found: list[Source] = []
    for argument in arguments:
        found += _sources(argument, outside)
    unique: dict[Path | None, Source] = {}
    for source in found:
        unique.setdefault(source.file.resolve() if source.file else None, source)
    return list(unique.values())


def catalogue_file(name: str) -> Path | None:
    """The catalogue's document of this name."""
    return next((p for p in catalogue_files() if p.stem == name), None)


def catalogue_files() -> list[Path]:
    """All documents of the catalogue, sorted by path."""
    return list(_below(_catalogue(), None))


def not_found(argument: str) -> SourceError:
    """The error for an argument that is no file, folder or name, with the nearest name."""
    return SourceError(unknown_name(argument, (p.stem for p in catalogue_files())))


def _sources(argument: str, outside: Path | None) -> Iterator[Source]:
    if argument == "-":
        yield Source("-", Path("stdin"), None)
        return
    path = Path(argument)
    if path.is_dir():
        for file in _below(path, outside):
            yield Source(str(file), file.relative_to(path).with_suffix(""), file, in_folder=True)
        return
    if not path.exists():
        named = catalogue_file(argument)
        if named is None:
            raise not_found(argument)
        path = named
    yield Source(str(path), Path(path.stem), path)


def _below(folder: Path, outside: Path | None) -> Iterator[Path]:
    excluded = outside.resolve() if outside is not None else None
    for here, folders, names in os.walk(folder):
        at = Path(here)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and (at / f).resolve() != excluded)
        yield from (at / n for n in sorted(names) if n.endswith(SUFFIXES) and not n.startswith("."))


def _catalogue() -> Path:
    """The folder of the built-in documents; `symdl.problem` says the same, and loads SymPy."""
    package = Path(__file__).parent.parent
    packaged = package / "derivations"
    return packaged if packaged.is_dir() else package.parent / "derivations"
