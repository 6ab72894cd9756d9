"""Running text: definitions and claims are found in it, and judged under what it says itself."""

from symdl.check.audit import audit_bytes, summary

EXAM = r"""Exam, winter term

1. Compute the loss.

The loss is $-\log(0.125) = -2.079$, with the natural logarithm.

2) A layer has 4 x 5 + 2 = 23 weights.

# A heading

$$a = 2$$

$$b = 3 a = 6 = 7$$

$$u = \foo{1}$$

3. Here $a$ is another one:

$$a = 5$$

$$3 a = 15$$
"""


def test_errors_are_found_with_their_places() -> None:
    report = audit_bytes(EXAM.encode(), "exam.txt")
    wrong = [(r.line, r.rhs) for r in report.relations if r.verdict == "wrong"]
    assert wrong == [(5, "-2.079"), (7, "23"), (13, "7")]


def test_each_question_has_its_own_names() -> None:
    report = audit_bytes(EXAM.encode(), "exam.txt")
    assert [r.verdict for r in report.relations if r.line > 17] == ["given", "proved"]


def test_the_summary_says_what_could_not_be_read() -> None:
    text = summary(audit_bytes(EXAM.encode(), "exam.txt"))
    assert "exam.txt:15:7: not read" in text
    assert "exam.txt:7:" in text


def test_a_text_that_is_no_text_is_reported() -> None:
    assert audit_bytes(b"ab\n\xff", "x.txt").verdict == "unreadable"
