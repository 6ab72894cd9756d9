"""Worked-problem documents: titles, sections, paragraphs and displays, each with its place.

Markdown with `$…$` and `$$…$$` (or `\\(…\\)` and `\\[…\\]`) and LaTeX files with `\\section*{Given}` follow one
model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from symdl.errors import Place, ReadError
from symdl.problem import Block
from symdl.read.macros import expanded, uncommented

MAX_SOURCE = 1024 * 1024

KEYWORDS = {
    "given": "given", "givens": "given", "find": "find", "show": "show", "show that": "show", "prove": "show",
    "prove that": "show", "evaluate": "evaluate", "compute": "evaluate", "solve": "solve", "classify": "classify",
    "setup": "given", "setting": "given", "definitions": "given", "notation": "given", "assumptions": "given",
    "proof": "proof", "solution": "proof", "answer": "proof", "derivation": "proof",
    "gegeben": "given", "voraussetzungen": "given", "gesucht": "find", "zu zeigen": "show", "beweis": "proof",
    "lösung": "proof", "antwort": "proof", "herleitung": "proof",
    "données": "given", "hypothèses": "given", "montrer que": "show", "preuve": "proof", "démonstration": "proof",
    "réponse": "proof",
    "datos": "given", "demostración": "proof", "solución": "proof", "respuesta": "proof",
    "已知": "given", "求": "find", "求证": "show", "证明": "proof", "解": "proof", "解答": "proof", "答": "proof",
}  # fmt: skip
"""Heading -> what stands under it."""

TASKS = ("find", "show", "evaluate", "solve", "classify")

_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t#]*$")
_TEX_HEADING = re.compile(r"^\s*\\(?:sub)*(?:section|paragraph|chapter|title)\*?\{([^{}]*)\}\s*(.*)$")
_BOLD = re.compile(
    r"^\s*(?:\*\*|__|(?:\\noindent\s*)?\\text(?:bf|it)\{|\{\\bf\s+)([^\W\d_]+?(?: [^\W\d_]+)*)[.:：]?"
    r"(?:\*\*|__|\})[.:：]?[ \t]*(.*)$"
)
_PROOF = re.compile(r"^\s*\\(?P<side>begin|end)\{(?:proof|solution|answer)\}(?:\[[^\]]*\])?\s*(?P<rest>.*)$")
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_ENVIRONMENT = re.compile(r"\\begin\{((?:align|gather|equation|multline|eqnarray|alignat|flalign)\*?)\}")
_INLINE = re.compile(r"(?<![\\$])\$(?![\s$])((?:[^$\\]|\\.)+?)(?<!\s)\$(?!\d)|\\\((.+?)\\\)", re.DOTALL)
_OPENER = re.compile(r"(?<!\\)\$\$|(?<!\\)\\\[|" + _ENVIRONMENT.pattern)
_PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|$))+")
_SCHEMA = frozenset({"title", "marks", "notation"})


@dataclass
class Section:
    """The blocks under one keyword."""

    keyword: str
    blocks: list[Block] = field(default_factory=list)


@dataclass
class Paper:
    """One problem as it stands in the source."""

    title: str
    place: Place
    intro: list[Block] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)


@dataclass
class Document:
    """A whole file: its problems, its front matter and its lines."""

    papers: list[Paper]
    matter: dict[str, Any]
    lines: tuple[str, ...]


def parse_document(text: str, path: str) -> Document:
    """The problems of a document, unread.

    Raises  `ReadError` for a source that is too long, for invisible controls, bad front matter or an open display.
    """
    if len(text) > MAX_SOURCE:
        raise ReadError(f"a source of {len(text):,} characters; at most {MAX_SOURCE:,} are read", Place(path, 1, 1))
    is_latex = path.endswith(".tex") or "\\documentclass" in text or "\\begin{document}" in text
    text = expanded(uncommented(text) if is_latex else text)
    lines = tuple(text.split("\n"))
    _refuse_controls(lines, path)
    matter, start = _front_matter(lines, path)
    papers: list[Paper] = []
    paper: Paper | None = None
    section: Section | None = None
    pending: list[tuple[int, int, str]] = []
    fence = ""

    def flush() -> None:
        nonlocal pending
        if pending:
            target = section.blocks if section is not None else paper.intro if paper is not None else []
            target.extend(_blocks(pending, path, lines))
        pending = []

    def begin(title: str, row: int) -> None:
        nonlocal paper, section
        flush()
        paper = Paper(title, Place(path, row + 1, 1))
        papers.append(paper)
        section = None

    for row in range(start, len(lines)):
        line = lines[row]
        mark = _FENCE.match(line)
        if mark and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else mark.group(1)
            continue
        if fence or line.strip() in (r"\begin{document}", r"\end{document}", r"\maketitle"):
            continue
        if _in_display(pending):
            pending.append((row, 0, line))
            continue
        proof = _PROOF.match(line)
        if proof and proof["side"] == "end":
            continue
        heading = _HEADING.match(line) or _TEX_HEADING.match(line)
        bold = None if heading else _BOLD.match(line)
        keyword = KEYWORDS.get(_plain(heading.group(1) if heading else bold.group(1) if bold else ""))
        keyword = "proof" if proof else keyword
        is_proof = section is not None and section.keyword == "proof"
        is_within = bool(heading) and keyword is None and is_proof and _goes_on(lines, row)
        if keyword is None and (not heading or is_within):
            pending.append((row, 0, line))
            continue
        if keyword is None:
            assert heading is not None
            begin(heading.group(1).strip(), row)
            continue
        flush()
        if paper is None or (keyword == "given" and any(s.keyword in (*TASKS, "proof") for s in paper.sections)):
            begin(paper.title if paper else "", row)
        assert paper is not None
        section = Section(keyword)
        paper.sections.append(section)
        is_tex = heading is not None and heading.re is _TEX_HEADING
        rest = proof["rest"] if proof else heading.group(2) if is_tex and heading else bold.group(2) if bold else ""
        if rest.strip():
            pending.append((row, len(line) - len(rest), rest))
    flush()
    return Document([p for p in papers if p.sections], matter, lines)


def _goes_on(lines: tuple[str, ...], row: int) -> bool:
    """Whether a line of a proof that looks like a heading is none: no section of a new problem follows.

    It states a number, "# weights = 75", or is a heading of lower rank.
    """
    line = lines[row].lstrip()
    rank = len(line) - len(line.lstrip("#"))
    later = (_HEADING.match(x) for x in lines[row + 1 :])
    following = next((m for m in later if m), None)
    begins = following is not None and _plain(following.group(1)) in KEYWORDS
    return bool(rank) and not begins and (rank > _SECTION or bool(_EQUATES.search(line)))


_SECTION = 2
"""The rank of the heading of a section."""
_EQUATES = re.compile(r"=|≈|\\approx")


def _plain(title: str) -> str:
    return title.strip().strip("*_").rstrip(".:：").strip().lower()


def _in_display(pending: list[tuple[int, int, str]]) -> bool:
    """Whether the lines so far end inside a display, so that a line that looks like a heading is none."""
    if not any("$$" in line or r"\[" in line for _, _, line in pending):
        return False
    text = "\n".join(line for _, _, line in pending[-400:])
    return text.count("$$") % 2 == 1 or text.count(r"\[") - text.count(r"\\[") > text.count(r"\]")


def _refuse_controls(lines: tuple[str, ...], path: str) -> None:
    for row, line in enumerate(lines):
        if line.isascii() and line.isprintable():
            continue
        for column, c in enumerate(line):
            kind = unicodedata.category(c)
            if (kind == "Cc" and c not in "\t\r\f") or (kind == "Cf" and unicodedata.bidirectional(c) in (
                "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "R", "AL",
            )):  # fmt: skip
                name = unicodedata.name(c, "a control character")
                shown = "".join(x if x.isprintable() else f"\\u{ord(x):04x}" for x in line)
                raise ReadError(f"U+{ord(c):04X} {name} is not read", Place(path, row + 1, column + 1), shown)


def _blocks(pending: list[tuple[int, int, str]], path: str, lines: tuple[str, ...]) -> Iterator[Block]:
    """Paragraphs and displays of a run of lines."""
    text = "\n".join(line for _, _, line in pending)
    starts: list[int] = []
    offset = 0
    for _, _, line in pending:
        starts.append(offset)
        offset += len(line) + 1

    def place(at: int) -> Place:
        n = max(k for k, s in enumerate(starts) if s <= at) if len(starts) < 64 else _bisect(starts, at)
        row, column, _ = pending[n]
        return Place(path, row + 1, column + at - starts[n] + 1)

    def words(lo: int, hi: int) -> Iterator[Block]:
        for match in _PARAGRAPH.finditer(text[lo:hi]):
            inside = match.group()
            lead = len(inside) - len(inside.lstrip())
            if inside.strip():
                yield Block("words", inside.strip(), place(lo + match.start() + lead))

    at = 0
    while True:
        match = _OPENER.search(text, at)
        if match is None:
            yield from words(at, len(text))
            return
        yield from words(at, match.start())
        sign = match.group()
        if match.group(1):
            close = text.find(rf"\end{{{match.group(1)}}}", match.end())
            begin, end = match.start(), close + len(rf"\end{{{match.group(1)}}}")
            at = end
        else:
            close = text.find("$$" if sign == "$$" else r"\]", match.end())
            begin, end, at = match.end(), close, close + 2
        if close < 0:
            where = place(match.start())
            raise ReadError("this display is never closed", where, lines[where.line - 1])
        inside = text[begin:end]
        lead = len(inside) - len(inside.lstrip())
        if inside.strip():
            yield Block("display", inside.strip(), place(begin + lead))


def _bisect(starts: list[int], at: int) -> int:
    from bisect import bisect_right

    return bisect_right(starts, at) - 1


@lru_cache(maxsize=1024)
def inline_formulas(block: Block) -> tuple[tuple[Block, str, str], ...]:
    """The inline formulas of a paragraph, each with the words before and after it."""
    return tuple(_inline(block))


def _inline(block: Block) -> Iterator[tuple[Block, str, str]]:
    matches = list(_INLINE.finditer(block.text))
    for n, match in enumerate(matches):
        group = 1 if match.group(1) is not None else 2
        inside = match.group(group)
        at = match.start(group) + len(inside) - len(inside.lstrip())
        before = block.text[:at]
        row = before.count("\n")
        column = at - before.rfind("\n") if row else block.place.column + at
        place = Place(block.place.path, block.place.line + row, column)
        left = block.text[matches[n - 1].end() if n else 0 : match.start()]
        right = block.text[match.end() : matches[n + 1].start() if n + 1 < len(matches) else len(block.text)]
        yield Block("display", inside.strip(), place), left, right


def _front_matter(lines: tuple[str, ...], path: str) -> tuple[dict[str, Any], int]:
    if not lines or lines[0].rstrip() != "---":
        return {}, 0
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)
    if end is None:
        raise ReadError("the front matter is never closed with ---", Place(path, 1, 1), lines[0])

    def wrong(message: str, event: Any) -> ReadError:
        row = event.start_mark.line + 1
        return ReadError(message, Place(path, row + 1, event.start_mark.column + 1), lines[row])

    try:
        events = list(yaml.parse("\n".join(lines[1:end]), Loader=yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark else 1
        place = Place(path, row + 1, mark.column + 1 if mark else 1)
        raise ReadError("the front matter is not YAML", place, lines[min(row, len(lines) - 1)]) from None
    events = [e for e in events if not isinstance(
        e, (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)
    )]  # fmt: skip
    if not events:
        return {}, end + 1
    if len(events) > 200:
        raise ReadError("the front matter is too long", Place(path, 1, 1), lines[0])
    for event in events:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise wrong("anchors and aliases are not read in front matter", event)
        if getattr(event, "tag", None):
            raise wrong("tags are not read in front matter", event)
    if not isinstance(events[0], yaml.MappingStartEvent):
        raise wrong("front matter is a list of keys and values", events[0])
    value, rest = _mapping(events, 1, wrong, _SCHEMA)
    if rest != len(events):
        raise wrong("front matter is one list of keys and values", events[rest])
    return value, end + 1


def _mapping(events: list[Any], n: int, wrong: Any, schema: frozenset[str] | None) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while not isinstance(events[n], yaml.MappingEndEvent):
        key = events[n]
        if not isinstance(key, yaml.ScalarEvent):
            raise wrong("a key in front matter is a word", key)
        if schema is not None and key.value not in schema:
            raise wrong(f"front matter knows {', '.join(sorted(schema))}, not {key.value[:40]!r}", key)
        if key.value in found:
            raise wrong(f"the key {key.value[:40]!r} occurs twice", key)
        n += 1
        if isinstance(events[n], yaml.ScalarEvent):
            found[key.value] = events[n].value
            n += 1
        elif isinstance(events[n], yaml.MappingStartEvent) and schema is not None:
            found[key.value], n = _mapping(events, n + 1, wrong, None)
        else:
            raise wrong("this value is not read in front matter", events[n])
    return found, n + 1
