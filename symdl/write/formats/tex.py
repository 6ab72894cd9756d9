"""LaTeX: a document that pdflatex sets without overfull lines, reasons in a column at the right margin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from symdl.problem import Derivation
from symdl.write.formats import pages_of
from symdl.write.latex import escape, latex
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
    proof,
    proofs,
    statement,
    title_of,
)
from symdl.write.templates import template
from symdl.write.tree import Boxed, Node, has_fraction
from symdl.write.width import beside_or_across, broken, width

SUFFIX = ".tex"

_DISPLAYS = ("\\begin{equation*}", "\\begin{flalign*}")

_LINE = 42.5
"""The text width in em, a little below the true one."""

_REASON = 13.0
_ROOM = _LINE - _REASON - 1.5


def render(page: Page | Sequence[Page], options: Options) -> str:
    """A complete document."""
    pages = [
        {
            "title": _words(inline(title_of(p))),
            "marks": escape(marks_of(p)),
            "body": _joined(_page(p)),
        }
        for p in pages_of(page)
    ]
    return template("page.tex").render(pages=pages, figures=any(p.figures for p in pages_of(page)))


def body(derivation: Derivation) -> str:
    """The proof of one task, for the body of a document that loads amsmath and amssymb."""
    return template("macros.tex").render() + "\n" + _joined(_parts(proof(derivation)))


def _joined(blocks: Iterable[str]) -> str:
    """The blocks as paragraphs; a display belongs to the paragraph before it, so that no page ends between them."""
    text = ""
    for block in blocks:
        shows, before = block.startswith(_DISPLAYS), text.rsplit("\n", 1)[-1]
        if not text:
            text = block
        elif not shows or before.startswith("\\section"):
            text += f"\n\n{block}"
        elif before.endswith("*}"):
            text += f"\n\n\\closer{block}"
        else:
            text += f"\n{block}"
    return text


def _page(page: Page) -> Iterator[str]:
    for heading, parts in statement(page):
        if heading:
            yield rf"\section*{{{escape(heading)}}}"
        yield from _parts(parts)
    yield r"\section*{Proof}"
    for n, parts in enumerate(proofs(page)):
        if n:
            yield r"\bigskip"
        yield from _parts(parts)
    for asked, message in failures(page):
        yield rf"\textbf{{Not derived.}} ${latex(asked)}$: {_words(inline(message))}"
    for figure in page.figures:
        yield rf"\figurefile{{{figure.file}.pdf}}"
        yield from _parts(figure.parts)


def _parts(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        match part:
            case Prose(said, lead):
                words = _words(said)
                yield rf"\textbf{{{_words(lead)}}} {words}".strip() if lead else words
            case Chain(rows):
                yield _chain(rows)
            case Result(node):
                yield _boxed(node)
            case Shown(node):
                yield _display(node)
            case Split():
                yield _display(part.formula)
            case Numbered(number, title, blocks):
                inside = _joined(_parts(blocks))
                name = f" ({_words(title)})" if title else ""
                yield rf"\medskip\textbf{{Lemma {number}}}{name}\textbf{{.}}"
                yield inside
                yield r"\proofend"


def _words(said: Inline) -> str:
    return "".join(escape(p) if isinstance(p, str) else f"${latex(p)}$" for p in said)


def _reason(said: Inline) -> str:
    """The command that sets a reason; fractions in it keep the size of the display."""
    parts: list[str] = []
    for part in said:
        if isinstance(part, str):
            parts.append(escape(part))
            continue
        large = r"\displaystyle " if has_fraction(part) else ""
        first, *rest = (_tied(piece) for piece in broken(part, _REASON + 1.0))
        parts.append(f"${large}{first}$")
        parts += [rf"\newline\hspace*{{1em}}${large}{piece}$" for piece in rest]
    return rf"\reason{{{''.join(parts)}}}"


def _display(node: Node) -> str:
    lines = broken(node, _LINE - 3.0)
    if len(lines) == 1:
        return f"\\begin{{equation*}}\n{_fitted(node, _LINE)}\n\\end{{equation*}}"
    inside = " \\\\\n".join(("&" if n == 0 else r"&\quad ") + _tied(line) for n, line in enumerate(lines))
    return f"\\begin{{equation*}}\\begin{{aligned}}\n{inside}\n\\end{{aligned}}\\end{{equation*}}"


def _boxed(node: Node) -> str:
    lines = broken(node, _LINE - 5.0)
    if len(lines) == 1:
        return f"\\begin{{equation*}}\n{latex(Boxed(node))}\n\\end{{equation*}}"
    inside = r" \\ ".join(("&" if n == 0 else r"&\quad ") + _tied(line) for n, line in enumerate(lines))
    return f"\\begin{{equation*}}\n\\boxed{{\\begin{{aligned}} {inside} \\end{{aligned}}}}\n\\end{{equation*}}"


def _fitted(node: Node, limit: float) -> str:
    r"""The formula, in a smaller size where no break could make it fit."""
    if width(node) <= limit:
        return latex(node)
    return rf"\fitted{{{latex(node)}}}"


def _tied(node: Node) -> str:
    """A part of a broken formula: an empty group keeps a leading sign binary."""
    text = latex(node)
    return "{}" + text if text[:1] in "+-" else text


def _chain(rows: Sequence[Equation]) -> str:
    left = max((width(r.lhs) for r in rows if r.lhs is not None), default=0.0)
    above = left > 0.45 * _ROOM
    indent = 2.0 if above else left
    lines: list[str] = []
    for equation in rows:
        lhs = latex(equation.lhs) if equation.lhs is not None else ""
        if above and lhs:
            lines.append(rf"&{lhs}")
            lhs = ""
        start = r"\quad " if above else ""
        reason = f" && {_reason(equation.reason)}" if equation.reason else ""
        pieces, wide = beside_or_across(equation.rhs, _ROOM - indent - 2.2, _LINE - indent - 4.5)
        for n, piece in enumerate(pieces):
            sign = f"{equation.sign.latex} " if n == 0 else r"\qquad "
            body = _fitted(piece, _LINE - indent - 3.5) if wide else _tied(piece) if n else latex(piece)
            head = rf"\hspace{{1.5em}}{lhs}" if n == 0 else ""
            # The column of the lines that have reasons beside them must not widen.
            body = rf"\rlap{{$\displaystyle {sign}{body}$}}" if wide else f"{sign}{body}"
            lines.append(f"{head}&{start}{body}" + (reason if n == 0 and not wide else ""))
        if wide and equation.reason:
            lines.append(rf"&{start}\phantom{{=}} && {_reason(equation.reason)}")
    return "\\begin{flalign*}\n" + " \\\\\n".join(lines) + "\n\\end{flalign*}"
