"""The report's JSON, its verdicts and its exit statuses."""

import json

import pytest

from symdl.check import check
from symdl.check.report import DocumentReport, LineReport, Report, verdict_of


def line(verdict: str, **more: object) -> LineReport:
    return LineReport(12, 3, "a", "=", "b", verdict, **more)  # type: ignore[arg-type]


WRONG = line(
    "wrong",
    claim=False,
    reason="differs",
    assumes=("x > 0",),
    counterexample={"K": "3", "z": ["1/2", "0"]},
    expected="c",
)


@pytest.mark.parametrize(
    ("verdicts", "document", "status"),
    [
        ((), "undecided", 3),
        (("given",), "undecided", 3),
        (("proved",), "holds", 0),
        (("given", "proved", "rounded"), "holds", 0),
        (("proved", "agrees"), "undecided", 3),
        (("proved", "undecided"), "undecided", 3),
        (("proved", "unreadable"), "unreadable", 2),
        (("proved", "undecided", "unreadable", "wrong"), "refuted", 1),
    ],
)
def test_the_verdict_of_a_document_follows_from_its_lines(
    verdicts: tuple[str, ...], document: str, status: int
) -> None:
    lines = tuple(line(v) for v in verdicts)
    report = Report((DocumentReport("a.md", verdict_of(lines), lines),))
    assert (report.verdict, report.exit_code) == (document, status)


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [(["holds", "undecided"], 3), (["undecided", "unreadable"], 2), (["unreadable", "refuted", "holds"], 1), ([], 3)],
)
def test_a_batch_has_the_status_of_its_worst_document(verdicts: list[str], worst: int) -> None:
    report = Report(tuple(DocumentReport("a.md", v) for v in verdicts))  # type: ignore[arg-type]
    assert report.exit_code == worst


def test_the_json_has_exactly_the_keys_of_the_contract() -> None:
    data = json.loads(Report((DocumentReport("a.md", "refuted", (WRONG,), "a message"),)).to_json())
    assert list(data) == ["version", "documents"]
    assert list(data["documents"][0]) == ["path", "verdict", "relations"]
    assert data["documents"][0]["relations"] == [
        {
            "line": 12, "column": 3, "lhs": "a", "relation": "=", "rhs": "b", "verdict": "wrong", "claim": False,
            "follows": None, "reason": "differs", "assumes": ["x > 0"],
            "counterexample": {"K": "3", "z": ["1/2", "0"]}, "expected": "c",
        }
    ]  # fmt: skip


def test_what_is_right_can_be_hidden() -> None:
    report = Report((DocumentReport("a.md", "refuted", (WRONG,)),))
    assert json.loads(report.to_json(hide_expected=True))["documents"][0]["relations"][0]["expected"] is None
    assert "right would be c" in report.text()
    assert "right would be" not in report.text(hide_expected=True) + report.html(hide_expected=True)


def test_a_document_survives_its_json() -> None:
    document = DocumentReport("a.md", "refuted", (WRONG,), "a message")
    data = json.loads(json.dumps({**document.to_dict(), "error": document.error}))
    assert DocumentReport.from_dict(data) == document


def test_a_lone_surrogate_is_still_json() -> None:
    json.loads(Report((DocumentReport("a\udcff.md", "unreadable"),)).to_json().encode("ascii"))


def test_the_page_escapes_what_a_document_holds() -> None:
    page = Report((DocumentReport("<script>", "refuted", (line("wrong", reason="<img>"),)),)).html()
    assert "<script>" not in page
    assert "<img>" not in page


def test_a_long_array_is_shown_by_its_first_entries_and_kept_whole_in_the_json() -> None:
    found = line("wrong", counterexample={"x": [str(n) for n in range(40)]})
    document = DocumentReport("a.md", "refuted", (found,))
    assert "x = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …)" in document.text()
    assert len(document.to_dict()["relations"][0]["counterexample"]["x"]) == 40


def test_a_notebook_shows_the_page_in_a_frame_of_its_own() -> None:
    frame = Report((DocumentReport('"><script>', "refuted", (line("wrong"),)),))._repr_html_()
    assert frame.startswith("<iframe sandbox ")
    assert frame.count("<") == 2


def test_the_slip_is_kept_back_with_the_right_line() -> None:
    found = line("wrong", reason="differs; the slip: a sign")
    report = Report((DocumentReport("a.md", "refuted", (found,)),))
    assert all("a sign" in shown for shown in (report.text(), report.html(), report.to_json()))
    for shown in (report.text(hide_expected=True), report.html(hide_expected=True), report.to_json(hide_expected=True)):
        assert "differs" in shown
        assert "a sign" not in shown


@pytest.mark.parametrize(
    ("document", "note"),
    [
        ("# A\n\nLet $a = b$.\n\n$$a = b$$\n", "no section Proof"),
        ("## Given\n\n$$a = b$$\n\n## Proof\n\nObvious.\n", "no relation between formulas"),
        (
            "## Given\n\n$$a = \\foo{b}$$\n\n## Proof\n\n$$2 = 2$$\n",
            r"3:7: this given could not be read: the command \foo",
        ),
        ("---\nmarks: 3\n---\n## Proof\n\n$$1 + 1 = 2$$ (2p)\n", "says 3 marks, those beside the lines are 2"),
    ],
)
def test_what_is_passed_over_is_said_above_the_lines(document: str, note: str) -> None:
    report = check(document)
    assert note in report.text()
    assert [note in n for n in report.documents[0].notes] == [True]
    assert set(json.loads(report.to_json())["documents"][0]) <= {"path", "verdict", "relations", "marks"}


def test_marks_shared_by_the_lines_add_up() -> None:
    lines = "\n\n".join(f"$$1 + {n} = {n + 1}$$" for n in range(6))
    [document] = check(f"---\nmarks: 1\n---\n## Proof\n\n{lines}\n").documents
    assert (len(document.relations), document.notes) == (6, ())


def test_an_instance_names_no_size_that_the_document_does_not() -> None:
    report = check("## Given\n\n" r"$$c_t = f_t c_{t-1}$$" "\n\n## Proof\n\n" r"$$\frac{dc_t}{df_t} = -c_{t-1}$$")
    [found] = report.documents[0].relations
    assert set(found.counterexample) == {"t", "f", "c_{0}"}


def test_a_reminder_that_cannot_be_read_is_no_fault() -> None:
    reminder = r"With $\sigma'(x) = \sigma(x)(1-\sigma(x))$ and $\tanh' = 1 - \tanh^2$:"
    report = check(f"## Given\n\n$$h_t = \\sigma(a_t)$$\n\n## Proof\n\n{reminder}\n\n$$h_t = \\sigma(a_t)$$\n")
    assert [r.verdict for r in report.documents[0].relations][-1] == "proved"
