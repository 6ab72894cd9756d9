"""PDF: by Typst in a worker process, or by pdflatex from the LaTeX page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from symdl.write.errors import NoPdfError
from symdl.write.formats import pages_of, tex
from symdl.write.story import (
    Chain,
    Equation,
    Inline,
    Numbered,
    Options,
    Page,
    Part,
    Prose,
    Result,
    Shown,
    Split,
    failures,
    inline,
    marks_of,
    proofs,
    statement,
    title_of,
)
from symdl.write.templates import template
from symdl.write.tree import Node, Space, Words, has_fraction, row
from symdl.write.typst import quoted, typst
from symdl.write.width import beside_or_across, broken, width

SUFFIX = ".pdf"

_ROOM = 29.0
_LINE = 43.0
_WORKER = Path(__file__).parent.parent / "worker.py"


def render(page: Page | Sequence[Page], options: Options) -> bytes:
    """The file.

    Raises  `NoPdfError` where the engine is missing, takes longer than `options.seconds`, or refuses the page.
    """
    if options.pdf_engine == "tex":
        figures = {f"{f.file}.pdf": f.pdf for p in pages_of(page) for f in p.figures}
        return _by_tex(tex.render(page, options), figures, options.seconds)
    if options.pdf_engine != "typst":
        raise NoPdfError(f"there is no PDF engine {options.pdf_engine!r}; there are typst and tex")
    command = [sys.executable, "-I", str(_WORKER)]
    done = _run(command, source(page).encode(), options.seconds, None, None)
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        message = done.stderr.decode(errors="replace").strip().splitlines()
        raise NoPdfError(f"typst could not set the page: {message[-1] if message else 'it ended without a word'}")
    return done.stdout


def source(page: Page | Sequence[Page]) -> str:
    """The page as a Typst document."""
    pages = [
        {"title": _words(inline(title_of(p))), "marks": _plain(marks_of(p)), "body": "\n\n".join(_page(p))}
        for p in pages_of(page)
    ]
    title = quoted(" · ".join(title_of(p) for p in pages_of(page)))
    return template("page.typ").render(pages=pages, title=title)


def _by_tex(document: str, figures: Mapping[str, bytes], seconds: float) -> bytes:
    engine = shutil.which("pdflatex")
    if engine is None:
        raise NoPdfError("pdflatex is not installed; without --pdf-engine tex the PDF is made without it")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "page.tex").write_text(document, encoding="utf-8")
        for name, content in figures.items():
            (place / name).write_bytes(content)
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TEXMFHOME", "TEXMFVAR")}
        limits = {"openin_any": "p", "openout_any": "p", "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}
        command = [engine, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
        done = _run(command, b"", seconds, place, {**kept, **limits})
        made = place / "page.pdf"
        if done.returncode or not made.is_file():
            said = [x for x in done.stdout.decode(errors="replace").splitlines() if x.startswith("!")]
            raise NoPdfError(f"pdflatex could not set the page: {said[0] if said else 'see the .tex file'}")
        return made.read_bytes()


def _run(
    command: list[str], given_input: bytes, seconds: float, folder: Path | None, environment: dict[str, str] | None
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command, input=given_input, capture_output=True, timeout=seconds, cwd=folder, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NoPdfError(f"the PDF took longer than {seconds:g} s") from error


def _page(page: Page) -> Iterator[str]:
    for heading, parts in statement(page):
        if heading:
            yield f"#heading[{_plain(heading)}]"
        yield from _parts(parts)
    yield "#heading[Proof]"
    for n, parts in enumerate(proofs(page)):
        if n:
            yield "#v(1em)"
        yield from _parts(parts)
    for asked, message in failures(page):
        yield f"#strong[Not derived.] {_maths(asked)}#[: ]{_words(inline(message))}"
    for figure in page.figures:
        yield f"#picture({quoted(' '.join(figure.svg.decode().split()))})"
        yield from _parts(figure.parts)


def _parts(parts: Sequence[Part]) -> Iterator[str]:
    for part, after in zip_longest(parts, parts[1:]):
        match part:
            case Prose(said, lead):
                words = f"#lead[{_words(lead)}] {_words(said)}" if lead else _words(said)
                yield f"#above[{words}]" if _leads_on(said, after) else f"#block[{words}]" if lead else words
            case Chain(rows):
                yield _chain(rows)
            case Result(node):
                yield f"#result[{_lines(node)}]"
            case Shown(node):
                yield f"#shown[{_lines(node)}]"
            case Split():
                yield f"#shown[{_lines(part.formula)}]"
            case Numbered(number, title, blocks):
                inside = "\n\n".join(_parts(blocks))
                yield f"#lemma({number})[{_words(title)}][\n{inside}\n]"


def _leads_on(said: Inline, after: Part | None) -> bool:
    """Whether what comes after a sentence has to stand on the same page."""
    last = said[-1] if said else ":"
    is_open = isinstance(last, str) and last.rstrip().endswith(":")
    return after is not None and (is_open or not isinstance(after, Prose))


def _plain(text: str) -> str:
    return f"#{quoted(text)};" if text else ""


def _words(said: Inline) -> str:
    return "".join(_plain(p) if isinstance(p, str) else _maths(p) for p in said)


def _maths(node: Node) -> str:
    return f"${typst(node)}$"


def _reason(said: Inline) -> str:
    """The words of a reason; fractions in it keep the size of the display."""
    parts: list[str] = []
    for part in said:
        if isinstance(part, str):
            parts.append(_plain(part))
        else:
            parts.append(f"$display({typst(part)})$" if has_fraction(part) else _maths(part))
    return "".join(parts)


def _large(node: Node) -> str:
    return f"$ {typst(node)} $"


def _lines(node: Node) -> str:
    first, *rest = broken(node, _LINE - 4.0)
    return "".join([_large(first), *(_large(row(Space(2.0), Words(""), piece)) for piece in rest)])


def _chain(rows: Sequence[Equation]) -> str:
    left = max((width(r.lhs) for r in rows if r.lhs is not None), default=0.0)
    above = left > 0.4 * _ROOM
    indent = 2.0 if above else left
    cells: list[str] = []
    for equation in rows:
        if above and equation.lhs is not None:
            cells.append(f"grid.cell(colspan: 3)[{_large(equation.lhs)}]")
        lhs = (
            f"#side[{_large(equation.lhs)}]" if equation.lhs is not None and not above else "#h(1.4em)" if above else ""
        )
        pieces, wide = beside_or_across(equation.rhs, _ROOM - indent - 1.5, _LINE - indent - 4.5)
        for n, piece in enumerate(pieces):
            body = row(Words(""), equation.sign, piece) if n == 0 else row(Space(2.0), Words(""), piece)
            cells.append(f"[{lhs if n == 0 else ''}]")
            if wide:
                cells.append(f"grid.cell(colspan: 2)[{_large(body)}]")
            else:
                cells += [f"[{_large(body)}]", f"[#why[{_reason(equation.reason) if n == 0 else ''}]]"]
        if wide and equation.reason:
            cells += ["[]", "[]", f"[#why[{_reason(equation.reason)}]]"]
    return "#chain(\n" + ",\n".join(cells) + ",\n)"
