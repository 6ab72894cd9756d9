"""HTML: one self-contained page with native MathML, no script and nothing from the network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from markupsafe import Markup

from symdl.problem import Derivation
from symdl.write.formats import pages_of
from symdl.write.mathml import mathml
from symdl.write.story import (
    Chain,
    Equation,
    Figure,
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
from symdl.write.tree import Node, Space, has_fraction, row
from symdl.write.width import beside_or_across, broken, width

SUFFIX = ".html"

_ROOM = 34.0
_LINE = 46.0
_REASON = 17.0


def render(page: Page | Sequence[Page], options: Options) -> str:
    """A complete page."""
    pages = [
        {"title": Markup(_words(inline(title_of(p)))), "marks": marks_of(p), "body": Markup("\n".join(_page(p)))}
        for p in pages_of(page)
    ]
    title = " · ".join(title_of(p) for p in pages_of(page))
    return template("page.html").render(pages=pages, title=title, style=_style())


def fragment(derivation: Derivation) -> str:
    """The proof of one task as one element, with its style."""
    return f'<div class="symdl"><style>{_style()}</style>\n' + "\n".join(_parts(proof(derivation))) + "\n</div>"


def _style() -> Markup:
    return Markup(template("style.css").render())


def _page(page: Page) -> Iterator[str]:
    for heading, parts in statement(page):
        if heading:
            yield f'<section class="statement"><h2>{escape(heading)}</h2>'
        yield from _parts(parts)
        if heading:
            yield "</section>"
    yield '<section class="proof"><h2>Proof</h2>'
    for parts in proofs(page):
        yield '<div class="task">'
        yield from _parts(parts)
        yield "</div>"
    for asked, message in failures(page):
        yield f'<p class="failed"><b>Not derived.</b> {mathml(asked)}: {_words(inline(message))}</p>'
    for figure in page.figures:
        yield f"<figure>{_drawn(figure)}<figcaption>"
        yield from _parts(figure.parts)
        yield "</figcaption></figure>"
    yield "</section>"


def _drawn(figure: Figure) -> str:
    """The picture as an element whose names are its own, so that several can stand on one page."""
    picture = figure.svg.decode()
    picture = picture[picture.index("<svg") :]
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>figure{figure.number}-", picture)


def _parts(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        match part:
            case Prose(said, lead):
                words = _words(said)
                kind = "say" if lead and said else "step" if lead else "words"
                yield f'<p class="{kind}"><b>{_words(lead)}</b> {words}</p>' if lead else f"<p>{words}</p>"
            case Chain(rows):
                yield _chain(rows)
            case Result(node):
                yield f'<div class="result"><div>{_lines(node, _LINE)}</div></div>'
            case Shown(node):
                yield f'<div class="shown">{_lines(node, _LINE)}</div>'
            case Split():
                yield f'<div class="shown">{_lines(part.formula, _LINE)}</div>'
            case Numbered(number, title, blocks):
                name = f" <span>({_words(title)})</span>" if title else ""
                yield f'<div class="lemma"><p class="step"><b>Lemma {number}</b>{name}</p>'
                yield from _parts(blocks)
                yield "</div>"


def _words(said: Inline) -> str:
    return "".join(escape(p) if isinstance(p, str) else mathml(p) for p in said)


def _reason(said: Inline) -> str:
    """The words of a reason; fractions in it keep the size of the display."""
    parts: list[str] = []
    for part in said:
        if isinstance(part, str):
            parts.append(escape(part))
        else:
            parts.append("<br>".join(mathml(piece, display=has_fraction(piece)) for piece in broken(part, _REASON)))
    return "".join(parts)


def _lines(node: Node, limit: float) -> str:
    pieces = broken(node, limit)
    first, *rest = pieces
    return mathml(first, display=True) + "".join(mathml(row(Space(2.0), piece), display=True) for piece in rest)


def _chain(rows: Sequence[Equation]) -> str:
    left = max((width(r.lhs) for r in rows if r.lhs is not None), default=0.0)
    above = left > 0.4 * _ROOM
    indent = 2.0 if above else left
    cells: list[str] = []
    for equation in rows:
        if above and equation.lhs is not None:
            cells.append(f'<div class="whole">{mathml(equation.lhs, display=True)}</div>')
        lhs = mathml(equation.lhs, display=True) if equation.lhs is not None and not above else ""
        pieces, wide = beside_or_across(equation.rhs, _ROOM - indent - 1.5, _LINE - indent - 4.0)
        for n, piece in enumerate(pieces):
            body = row(equation.sign, piece) if n == 0 else row(Space(2.0), piece)
            kind = "rhs wide" if wide else "rhs"
            cells.append(f'<div class="lhs">{lhs if n == 0 else ""}</div>')
            cells.append(f'<div class="{kind}">{mathml(body, display=True)}</div>')
            if not wide:
                cells.append(f'<div class="why">{_reason(equation.reason) if n == 0 else ""}</div>')
        if wide and equation.reason:
            cells.append(f'<div class="why below">{_reason(equation.reason)}</div>')
    return f'<div class="chain{" above" if above else ""}">' + "\n".join(cells) + "</div>"
