"""Worked problems and formulas, from Markdown and LaTeX notation to the records of `symdl.problem`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sympy import Expr

from symdl.errors import Place, ReadError, SymdlError, decoded
from symdl.problem import Block, Givens, Problem, Ranges
from symdl.read.chains import has_relation, read_chains
from symdl.read.document import parse_document
from symdl.read.items import sort_items
from symdl.read.known import known_of
from symdl.read.problems import read_paper, understood
from symdl.read.reader import Reader
from symdl.read.sides import Chain, Side
from symdl.read.source import Source
from symdl.read.syntax import parse_display

__all__ = [
    "Chain",
    "Side",
    "has_relation",
    "problem_from",
    "read",
    "read_all",
    "read_chains",
    "read_changed",
    "read_expression",
    "read_text",
]


def read(source: str | Path) -> Problem:
    """The one problem of a document; a `str` that holds a newline is text, any other `str` and a `Path` is a file.

    Raises  `ReadError`, which is a `ValueError`, also where the document holds several problems or none.
    """
    problems = read_all(source)
    if len(problems) != 1:
        count = "no problem" if not problems else f"{len(problems)} problems"
        raise ReadError(f"the document holds {count}; one was expected (symdl.read_all gives a list)")
    return problems[0]


def read_all(source: str | Path) -> list[Problem]:
    """All problems of a document, in order."""
    if isinstance(source, str) and "\n" in source:
        return read_text(source, "text")
    path = Path(source)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(f"{path}: {error.strerror or 'cannot be read'}") from None
    return read_text(decoded(data, str(path)), str(path))


def read_text(text: str, path: str) -> list[Problem]:
    """All problems of a document given as text; `path` is what the places say."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    document = parse_document(text, path)
    stem = Path(path).stem
    with _bounded():
        problems = [read_paper(p, document.lines, path, dict(document.matter)) for p in document.papers]
    named = []
    for n, problem in enumerate(problems, 1):
        name = stem if len(problems) == 1 else f"{stem}-{n}"
        named.append(replace(problem, name=name))
    return named


def problem_from(givens: Sequence[str], finds: Sequence[str]) -> Problem:
    """The problem that formulas on a command line state."""
    blocks = {"given": [], "find": []}  # type: dict[str, list[Block]]
    for keyword, texts in (("given", givens), ("find", finds)):
        for n, text in enumerate(texts, 1):
            path = f"--{keyword}" if len(texts) == 1 else f"--{keyword} {n}"
            blocks[keyword].append(Block("display", _bare(text), Place(path, 1, 1)))

    def gather(reader: Reader) -> None:
        reader.add_given(blocks["given"])
        reader.add_tasks("find", tuple(blocks["find"]))

    with _bounded():
        found, asked, _ = understood(gather)
    if not asked:
        raise ReadError("nothing is asked: give an expression to find")
    find = (("find", tuple(blocks["find"])),)
    return Problem("", found, asked, tuple(blocks["given"]), find, None, "", "derivation")


def _bare(text: str) -> str:
    """A formula without the dollar signs around it."""
    return re.sub(r"^\$\$?(.*?)\$?\$$", r"\1", text.strip(), flags=re.DOTALL).strip()


def read_expression(latex: str, givens: Givens, ranges: Ranges | None = None, place: Place | None = None) -> Expr:
    """One formula in the context of `givens`; its free index letters are those of `ranges`, others run by position.

    Raises  `ReadError`; a vector or matrix is refused, because it has no letters for its axes.
    """
    return _read([Source(latex, place, (), known_of(givens).words)], givens, ranges)[0]


def read_changed(formulas: Sequence[str], givens: Givens) -> list[Expr | None]:
    """Formulas in the same names, as `read_expression` reads each, but at once; None for what cannot be read."""
    try:
        return [*_read([Source(f, None, (), known_of(givens).words) for f in formulas], givens, None)]
    except SymdlError:
        # One that cannot be read says nothing of the others.
        return [found for f in formulas for found in read_changed([f], givens)] if len(formulas) > 1 else [None]


def _read(sources: Sequence[Source], givens: Givens, ranges: Ranges | None) -> list[Expr]:
    """The formulas in the context of `givens`, read together."""
    reader = Reader((), givens, ranges)
    with _bounded():
        for source in sources:
            items = sort_items(parse_display(source), source, 1, False)
            if len(items) != 1 or items[0].kind != "mention":
                raise source.error("one expression was expected", items[1].at if len(items) > 1 else 0)
            reader.task_items.append(("find", items[0]))
        reader.known = None
        reader.read()
        found: list[Expr] = []
        for source, draft in zip(sources, reader.drafts[-len(sources) :], strict=True):
            if draft.axes or draft.body is None:
                raise source.error("a vector or matrix where one entry was expected", 0)
            found.append(reader.settle(draft.body))
        return found


class _bounded:  # noqa: N801
    """Turns a recursion that the caps did not foresee into a refusal."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is not None and issubclass(kind, RecursionError):
            raise ReadError("the formula is nested too deeply") from None
