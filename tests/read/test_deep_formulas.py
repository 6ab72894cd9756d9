"""What lies deep in brackets, and what is long, is read in a time that grows with its length."""

from __future__ import annotations

import pytest
from sympy import Expr, Symbol

from symdl.check import check_bytes
from symdl.errors import Place
from symdl.language import scalar
from symdl.problem import Definition
from symdl.read.agreement import circular
from symdl.read.document import MAX_DISPLAY, parse_document
from symdl.read.nodes import Node, Scripted
from symdl.read.ranks import Ranks
from symdl.read.scripts import spell, subscripted
from symdl.read.source import Source
from symdl.read.syntax import parse

AROUND = {
    "a product with a sum": "u (w + {})",
    "two names before a sum": "u v (w + {})",
    "a matrix before a sum": "W (b + {})",
    "a transposed matrix": r"W^\top (b + {})",
    "a sum over an index": r"\sum_{{i=1}}^{{n}} a_i (b_i + {})",
    "products entry by entry": r"u \odot (w + {})",
    "an argument": r"\sigma(w + u {})",
    "a fraction": r"\frac{{u}}{{1 + {}}}",
}


def nested(around: str, depth: int) -> bytes:
    formula = "x"
    for _ in range(depth):
        formula = around.format(formula)
    return f"# Deep\n\n## Given\n\n$$y = {formula}$$\n\n## Proof\n\n$$y = {formula}$$\n".encode()


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_what_is_twice_as_deep_asks_for_ranks_a_few_times_as_often(
    around: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [0]
    rank = Ranks.rank

    def counted(self: Ranks, node: Node, expected: int | None) -> int | None:
        asked[0] += 1
        return rank(self, node, expected)

    monkeypatch.setattr(Ranks, "rank", counted)
    counts = []
    for depth in (5, 10):
        asked[0] = 0
        report = check_bytes(nested(around, depth), "deep.md")
        assert [r.verdict for r in report.relations] == ["proved"]
        counts.append(asked[0])
    assert counts[1] <= 4 * counts[0]


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (r"\sigma_k^2", r"\sigma_k"),
        ("w_{ij}'", "w'_{ij}"),
        ("x^{(n)}_i", "x_i"),
        ("a_{1,2}^T", "a_{1,2}"),
        ("v^3", "v"),
    ],
)
def test_a_name_is_spelled_without_what_stands_above_it(formula: str, text: str) -> None:
    node = parse(Source(formula))
    assert isinstance(node, Scripted)
    assert subscripted(node) == text
    # What was spelled once is spelled alike again.
    assert spell(node) == spell(node) == spell(parse(Source(formula)))


x, a, b, c = map(scalar, "xabc")


@pytest.mark.parametrize(
    ("bodies", "on_circle"),
    [
        ({a: b + 1, b: c, c: 2 * x}, set()),
        ({a: b + 1, b: c, c: a}, {a, b, c}),
        ({a: b + 1, b: c, c: 2 * b}, {b, c}),
        ({a: a**2, b: a}, {a}),
    ],
    ids=["none", "of three", "reached from outside", "of one"],
)
def test_a_circle_holds_only_what_leads_back_to_itself(bodies: dict[Symbol, Expr], on_circle: set[Symbol]) -> None:
    definitions = [Definition(label, (), body, {}, "", Place("", 1, 1)) for label, body in bodies.items()]
    assert {d.label for d in circular(definitions)} == on_circle


@pytest.mark.parametrize("line", ["a b", "#### x", "a $$ b $$ c", r"\\[2pt] a"])
def test_no_line_of_a_long_document_is_looked_at_with_all_lines_before_it(line: str) -> None:
    rows = 40_000
    document = parse_document(
        "# Long\n\n## Proof\n\n" + "\n".join([line] * rows) + "\n\n## Given\n\n$$y = 1$$\n", "long.md"
    )
    assert [s.keyword for paper in document.papers for s in paper.sections][-1] == "given"


@pytest.mark.parametrize(("opening", "closing"), [("$$", "$$"), (r"\[", r"\]")])
@pytest.mark.parametrize("rows", [0, 1, MAX_DISPLAY - 5])
def test_what_looks_like_a_heading_within_a_display_is_none(opening: str, closing: str, rows: int) -> None:
    inside = "\n".join(["a", "# b", *["c"] * rows])
    document = parse_document(f"# Title\n\n## Given\n\n{opening}\n{inside}\n{closing}\n\n## Proof\n\n$$x$$\n", "a.md")
    assert [(p.title, [s.keyword for s in p.sections]) for p in document.papers] == [("Title", ["given", "proof"])]
    assert document.papers[0].sections[0].blocks[0].text == inside


@pytest.mark.parametrize(
    ("step", "behind"),
    [("## Forward pass", "## Remarks"), ("### Step 1", "# Problem 2"), (r"\subsection{Step 1}", r"\section{Notes}")],
)
def test_headings_of_steps_stand_within_a_proof(step: str, behind: str) -> None:
    text = (
        f"## Given\n\n$$x = 2$$\n\n## Proof\n\n{step}\n\n$$x^2 = 4$$\n\n{step}\n\n$$2x = 5$$\n\n{behind}\n\n$$7 = 8$$\n"
    )
    document = check_bytes(text.encode(), "proof.md")
    assert [r.verdict for r in document.relations] == ["proved", "wrong"]
