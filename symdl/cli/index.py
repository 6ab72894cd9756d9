"""The page that lists all answers of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from symdl.cli.results import SolvedDocument
from symdl.tally import Tally

_BEST_FIRST = ("html", "pdf", "md", "tex")


@dataclass(frozen=True)
class Link:
    """A file of an answer."""

    format: str
    href: str


@dataclass(frozen=True)
class Entry:
    """An answered document with its files, relative to the page."""

    document: SolvedDocument
    stem: Path
    files: tuple[tuple[str, Path], ...]

    @property
    def titles(self) -> list[str]:
        """Those of its problems; the name of the document where none has any."""
        return [p.title for p in self.document.problems if p.title] or [str(self.stem)]

    @property
    def links(self) -> list[Link]:
        """The files, that which is best to read first."""
        names = [name for name, _ in self.files]
        ranked = [n for n in _BEST_FIRST if n in names] + [n for n in names if n not in _BEST_FIRST]
        return [Link(name, quote(str(PurePosixPath(dict(self.files)[name])))) for name in ranked]

    @property
    def note(self) -> str:
        found = self.document
        return f"{found.solved} solved, {found.tally}"

    @property
    def failures(self) -> list[str]:
        """What is missing, one line each."""
        found = [f.split("\n", 1)[0] for p in self.document.problems for f in p.failures]
        found += [f"{p.title}: not written, a fault of symdl" for p in self.document.problems if p.fault]
        return [*found, *(f.split("\n", 1)[0] for f in self.document.failures)]


def index(entries: Sequence[Entry]) -> bytes:
    """The page, self-contained; the same entries give the same bytes."""
    import jinja2

    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    tally = sum((e.document.tally for e in entries), Tally())
    count = sum(len(e.document.problems) for e in entries)
    page = environment.get_template("index.html").render(entries=entries, count=count, tally=tally)
    return page.encode()
