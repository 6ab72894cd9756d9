"""What `check` found, as records that mirror its JSON key by key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from markupsafe import Markup

LineVerdict = Literal["given", "proved", "agrees", "rounded", "wrong", "undecided", "unreadable"]
DocumentVerdict = Literal["holds", "refuted", "undecided", "unreadable"]

VERSION = 1
"""Of the JSON's schema."""

EXIT = {"holds": 0, "refuted": 1, "unreadable": 2, "undecided": 3}
"""Document verdict -> exit status."""

WORST_FIRST: tuple[DocumentVerdict, ...] = ("refuted", "unreadable", "undecided", "holds")

MAX_SHOWN = 12
"""How many entries of a long array are shown to people; the JSON holds all of them."""

MARK = {
    "given": "·", "proved": "✓", "rounded": "≈", "agrees": "~", "wrong": "✗", "undecided": "?", "unreadable": "!",
}  # fmt: skip

SLIP = "; the slip: "
"""How the reason of a wrong line goes on where a slip explains it."""


@dataclass(frozen=True)
class LineReport:
    """One relation sign of a proof, or the verb of a claim in words: `J is convex`.

    `line` and `column` are where the right side starts, from 1, in code points.  `verdict` is local: does the right
    side follow from the left one and the givens?  `claim` says whether it is true of the givens that the right side
    stands in this relation to what the chain began with; `follows` is the line of the earlier wrong relation whose
    error this one carries on correctly.  `points` are those that the document gives for the line, if it gives any, and
    `score` how many of them it has earned; a line that a person has to look at has no score.
    """

    line: int
    column: int
    lhs: str
    relation: str
    rhs: str
    verdict: LineVerdict
    claim: bool | None = None
    follows: int | None = None
    reason: str = ""
    assumes: tuple[str, ...] = ()
    counterexample: Mapping[str, Any] = field(default_factory=dict)
    expected: str | None = None
    points: float | None = None
    score: float | None = None


@dataclass(frozen=True)
class DocumentReport:
    """One file.

    `error` says why a file could not be read at all, `notes` what of it was passed over: both are messages and no part
    of the JSON.
    """

    path: str
    verdict: DocumentVerdict
    relations: tuple[LineReport, ...] = ()
    error: str = ""
    notes: tuple[str, ...] = ()

    def to_dict(self, *, hide_expected: bool = False) -> dict[str, Any]:
        """The JSON of this document; `hide_expected` leaves out what would be right and the slip that tells it."""
        relations = []
        for relation in self.relations:
            entry = asdict(relation)
            if hide_expected:
                entry |= {"expected": None, "reason": without_slip(relation.reason)}
            if relation.points is None:
                del entry["points"], entry["score"]
            relations.append(entry)
        marks = {} if self.total is None else {"marks": {"total": self.total, "low": self.low, "high": self.high}}
        return {"path": self.path, "verdict": self.verdict, "relations": relations, **marks}

    @property
    def total(self) -> float | None:
        """The points that the document gives for its lines; None where it gives none."""
        points = [r.points for r in self.relations if r.points is not None]
        return sum(points) if points else None

    @property
    def low(self) -> float:
        """The points that are sure."""
        return sum(r.score or 0 for r in self.relations)

    @property
    def high(self) -> float:
        """The points if all is right that a person has to look at."""
        return self.low + sum(r.points or 0 for r in self.relations if r.score is None)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> DocumentReport:
        """The inverse of `to_dict`, for what another process sends; `error` and `notes` may come along."""
        relations = tuple(LineReport(**{**r, "assumes": tuple(r["assumes"])}) for r in data["relations"])
        return cls(data["path"], data["verdict"], relations, data.get("error", ""), tuple(data.get("notes", ())))

    def text(self, *, hide_expected: bool = False) -> str:
        """One line per relation, as `path:line:column`, with what is wrong below it."""
        # A file's name may hold anything; on a line of its own it could pass for a verdict.
        lines = [f"{self.path.replace(chr(10), '<U+000A>')}: {self.verdict}"]
        if self.error:
            lines += [f"  {line}" for line in self.error.splitlines()]
        lines += [f"  {note}" for note in self.notes]
        for r in self.relations:
            shown = f"{_short(r.lhs)} {r.relation} {_short(r.rhs)}"
            lines.append(f"  {MARK[r.verdict]} {r.line}:{r.column}  {r.verdict:10}  {shown}")
            reason = without_slip(r.reason) if hide_expected else r.reason
            notes = [reason] if r.verdict not in ("proved", "given") and reason else []
            notes += [f"assumes {a}" for a in r.assumes]
            if r.counterexample:
                notes.append("at " + ", ".join(f"{k} = {_value(v)}" for k, v in r.counterexample.items()))
            if r.follows is not None:
                notes.append(f"carries on the error of line {r.follows} correctly")
            if r.expected and not hide_expected:
                notes.append(f"right would be {r.expected}")
            if r.points is not None:
                notes.append(f"marks: {'open' if r.score is None else _number(r.score)} of {_number(r.points)}")
            lines += [f"      {note}" for note in notes]
        if self.total is not None:
            most = f" to {_number(self.high)}" if self.high > self.low else ""
            lines.append(f"  marks: {_number(self.low)}{most} of {_number(self.total)}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Report:
    """What `check` found, one entry per file."""

    documents: tuple[DocumentReport, ...]

    @property
    def verdict(self) -> DocumentVerdict:
        """The worst of the documents' verdicts; `undecided` where there is none."""
        found = {d.verdict for d in self.documents}
        return next((v for v in WORST_FIRST if v in found), "undecided")

    @property
    def exit_code(self) -> int:
        return EXIT[self.verdict]

    def to_json(self, *, hide_expected: bool = False) -> str:
        """The JSON contract; the same report gives the same bytes."""
        documents = [d.to_dict(hide_expected=hide_expected) for d in self.documents]
        return json.dumps({"version": VERSION, "documents": documents}, indent=2, ensure_ascii=True)

    def text(self, *, hide_expected: bool = False) -> str:
        return "\n".join(d.text(hide_expected=hide_expected) for d in self.documents)

    def html(self, *, hide_expected: bool = False, marks: Any = None) -> str:
        """One self-contained page; `marks` are those of a submission, shown above its lines."""
        import jinja2

        from symdl.write.layout import SIGNS_OF_RELATIONS

        # What words claim of a kind has their verb for a sign.
        signs = SIGNS_OF_RELATIONS | {"in": r"\in"}
        loader = jinja2.PackageLoader("symdl.check")
        environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
        environment.filters |= {
            "formula": _formula,
            "prose": _prose,
            "sign": lambda said: signs.get(said) or rf"\text{{ {said} }}",
        }
        environment.filters["without_slip"] = without_slip
        template = environment.get_template("report.html")
        return template.render(
            report=self, mark=MARK, value=_value, number=_number, hide_expected=hide_expected, marks=marks
        )

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        """What notebooks show: the page in a frame of its own, which keeps its style to itself."""
        from markupsafe import escape

        return f'<iframe sandbox srcdoc="{escape(self.html())}" style="border: 0; height: 32em; width: 100%"></iframe>'


def _formula(latex: str, display: bool = True) -> Markup:
    """A formula as it was written, in MathML; in LaTeX where it holds what has no place there."""
    from markupsafe import Markup

    from symdl.write.mathml import mathml
    from symdl.write.source import layout_of_source
    from symdl.write.tree import Words

    shape = layout_of_source(latex.strip())
    if isinstance(shape, Words):
        return Markup("<code>{}</code>").format(latex)
    return Markup('<span title="{}">{}</span>').format(latex, Markup(mathml(shape, display)))


def _prose(text: str) -> Markup:
    """Words with formulas between dollar signs."""
    from markupsafe import Markup

    parts = text.split("$")
    if len(parts) % 2 == 0:
        return Markup("{}").format(text)
    return Markup().join(_formula(p, display=False) if n % 2 else p for n, p in enumerate(parts))


def verdict_of(relations: tuple[LineReport, ...]) -> DocumentVerdict:
    """What the verdicts of its lines make of a document.

    A wrong line refutes it, whatever else it holds; a line that cannot be read leaves it unreadable; it holds if it
    has at least one claim and every line is given, proved or rounded.
    """
    found = {r.verdict for r in relations}
    if "wrong" in found:
        return "refuted"
    if "unreadable" in found:
        return "unreadable"
    if found <= {"given", "proved", "rounded"} and found - {"given"}:
        return "holds"
    return "undecided"


def without_slip(reason: str) -> str:
    """The reason of a wrong line without what explains it."""
    return reason.split(SLIP)[0]


def _short(latex: str, width: int = 70) -> str:
    flat = " ".join(latex.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def _number(value: Any) -> str:
    return f"{float(value):g}"


def _value(value: Any) -> str:
    """A number, or an array of numbers, of which the first entries stand for all where there are many."""
    if not isinstance(value, (list, tuple)):
        return str(value)
    shown = [_value(v) for v in value[:MAX_SHOWN]]
    return f"({', '.join([*shown, '…'] if len(value) > MAX_SHOWN else shown)})"
