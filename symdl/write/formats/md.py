"""Markdown: the reference form, which is itself a worked problem that can be read and checked.

Displays of the proof hold nothing but judged relations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from symdl.problem import Block, Derivation
from symdl.write.formats import pages_of
from symdl.write.latex import escape as escape_latex
from symdl.write.latex import latex
from symdl.write.story import (
    Chain,
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
    proof,
    proofs,
    title_of,
)
from symdl.write.tree import Node, Sign, row

SUFFIX = ".md"

_SPECIAL = re.compile(r"([\\`*_<>$\[\]#])")


def render(page: Page | Sequence[Page], options: Options) -> str:
    """The whole document: front matter, what is given and asked as in the source, and the proof."""
    pages = pages_of(page)
    blocks = [b for p in pages for b in _page(p)]
    matter = _matter(pages[0]) if pages else ""
    return matter + "\n\n".join(blocks) + "\n"


def body(derivation: Derivation) -> str:
    """The proof of one task."""
    return "\n\n".join(_parts(proof(derivation)))


def escape(text: str) -> str:
    """Plain words for Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join("".join(c if c.isprintable() else " " for c in text).split(" ")))


def _matter(page: Page) -> str:
    matter = {str(k): v for k, v in page.problem.matter.items()}
    if not matter:
        return ""
    import yaml

    return f"---\n{yaml.safe_dump(matter, allow_unicode=True, sort_keys=False, width=1000)}---\n\n"


def _page(page: Page) -> Iterator[str]:
    problem = page.problem
    title = problem.title or title_of(page)
    yield f"# {' '.join(title.split())}"
    yield from _source(problem.intro)
    if problem.given_blocks:
        yield "## Given"
        yield from _source(problem.given_blocks)
    for heading, blocks in problem.task_blocks:
        yield f"## {heading.capitalize()}"
        yield from _source(blocks)
    yield "## Proof"
    for parts in proofs(page):
        yield from _parts(parts)
    for asked, message in failures(page):
        yield f"**Not derived.** {_maths(asked)}: {escape(message)}"
    for figure in page.figures:
        yield f"![Figure {figure.number}](<{figure.file}.svg>)"
        yield from _parts(figure.parts)


def _source(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        text = block.text.strip("\n").rstrip()
        if text.strip():
            yield f"$$\n{text.strip()}\n$$" if block.kind == "display" else text


def _parts(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        match part:
            case Prose(said, lead):
                words = _words(said)
                yield f"**{_words(lead)}** {words}".strip() if lead else words
            case Chain():
                yield _chain(part)
            case Result(node):
                yield rf"$$\boxed{{{latex(node)}}}$$"
            case Shown(node):
                # Alone in its paragraph it would be read as a display, that is, as a claim before its proof.
                yield rf"The claim is $\displaystyle {latex(node)}$."
            case Split(lhs, rows):
                for condition, value in rows:
                    yield f"For ${latex(condition)}$:"
                    yield f"$${latex(row(lhs, Sign('=', 'relation'), value))}$$"
            case Numbered(number, title, blocks):
                head = f"**Lemma {number}**" + (f" ({_words(title)})" if title else "") + "."
                inside = list(_parts(blocks))
                if blocks and isinstance(blocks[0], Prose) and not blocks[0].lead:
                    head, inside = f"{head} {inside[0]}", inside[1:]
                yield head
                yield from inside


def _words(said: Inline) -> str:
    return "".join(escape(part) if isinstance(part, str) else _maths(part) for part in said)


def _maths(node: Node) -> str:
    return f"${latex(node)}$"


def _chain(chain: Chain) -> str:
    lines = []
    for n, equation in enumerate(chain.rows):
        lhs = f"{latex(equation.lhs)} " if equation.lhs is not None else ""
        line = f"{lhs}&{equation.sign.latex} {latex(equation.rhs)}"
        if equation.reason:
            line += f" && {reason(equation.reason)}"
        lines.append(line + (r" \\" if n < len(chain.rows) - 1 else ""))
    return "$$\\begin{aligned}\n" + "\n".join(lines) + "\n\\end{aligned}$$"


def reason(said: Inline) -> str:
    r"""A reason in a display: words in `\text`, formulas as they are."""
    return " ".join(rf"\text{{{escape_latex(p)}}}" if isinstance(p, str) else latex(p) for p in said)
