"""The command `grade`: rows, pages and results for a folder of submissions; nothing unsafe comes of any of them."""

import csv
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

KEY = "## Given\n\n$$c = 2 a$$\n\n## Proof\n\n$$\\frac{\\partial c}{\\partial a} = 2 \\quad (3p)$$\n"
RIGHT = "$$\\frac{\\partial c}{\\partial a} = 2$$\n"
WRONG = "$$\\frac{\\partial c}{\\partial a} = 3$$\n"
NAME = "{{ 7*7 }} <b> =cmd"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "key.md").write_text(KEY)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "right.md").write_text(RIGHT)
    (tmp_path / "in" / "wrong.md").write_text(WRONG)
    return tmp_path


def grade(folder: Path, *more: str) -> tuple[int, dict[str, dict[str, str]]]:
    command = [sys.executable, "-m", "symdl.cli", "grade", "key.md", "in", "-o", "out", "-j", "1", *more]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr
    with (folder / "out" / "results.csv").open(newline="") as file:
        return done.returncode, {row["submission"]: row for row in csv.DictReader(file)}


def test_each_submission_gets_a_row_and_a_page(folder: Path) -> None:
    status, rows = grade(folder, "--format", "gradescope")
    assert status == 0
    assert {name: (row["status"], row["low"], row["total"]) for name, row in rows.items()} == {
        "right.md": ("graded", "3.0", "3.0"),
        "wrong.md": ("graded", "0.0", "3.0"),
    }
    pages = {name: (folder / "out" / row["page"]).read_text() for name, row in rows.items()}
    assert "wrong" in pages["wrong.md"]
    assert len((folder / "out" / "results.jsonl").read_text().splitlines()) == 2
    scores = [json.loads(p.read_text())["score"] for p in (folder / "out").glob("gradescope/*/results.json")]
    assert sorted(scores) == [0.0, 3.0]


def test_what_is_graded_is_not_graded_again_unless_it_changed(folder: Path) -> None:
    grade(folder)
    [right, wrong] = sorted((folder / "out" / "pages").iterdir())
    right.write_text("kept")
    wrong.write_text("replaced")
    (folder / "in" / "wrong.md").write_text(RIGHT)
    with (folder / "out" / "results.jsonl").open("a") as journal:
        journal.write('{"submission": "cut o')
    _, rows = grade(folder)
    assert right.read_text() == "kept"
    assert wrong.read_text() != "replaced"
    assert [row["low"] for row in rows.values()] == ["3.0", "3.0"]


def test_archives_links_and_other_files_are_refused_in_words(folder: Path) -> None:
    with zipfile.ZipFile(folder / "in" / "many.zip", "w") as archive:
        archive.writestr("../../canary", "x")
    (folder / "in" / "link.md").symlink_to("/etc/passwd")
    (folder / "in" / "scan.png").write_bytes(b"\x89PNG")
    status, rows = grade(folder)
    assert status == 2
    assert {n: r["status"] for n, r in rows.items() if r["status"] == "refused"} == {
        "link.md": "refused",
        "many.zip": "refused",
        "scan.png": "refused",
    }
    assert "unpack" in rows["many.zip"]["message"]
    assert rows["right.md"]["low"] == "3.0"
    assert not (folder / "canary").exists()


def test_the_table_says_why_a_person_has_to_look_at_words_alone(folder: Path) -> None:
    (folder / "in" / "words.md").write_text("This is obvious.\n")
    _, rows = grade(folder)
    assert rows["words.md"]["status"] == "person"
    assert "no relation" in rows["words.md"]["message"]


def test_a_name_is_data_and_names_no_file(folder: Path) -> None:
    (folder / "in" / f"{NAME}.md").write_text("<script>alert(1)</script> $x = x$\n")
    _, rows = grade(folder)
    [row] = [r for n, r in rows.items() if "7*7" in n]
    page = folder / "out" / row["page"]
    assert page.parent == folder / "out" / "pages"
    text = page.read_text()
    assert "<script>" not in text
    assert "<b>" not in text
    assert "{{ 7*7 }}" in text
    assert "default-src 'none'" in text


def test_the_right_line_can_be_hidden_from_students(folder: Path) -> None:
    _, rows = grade(folder, "--hide-expected")
    assert "right would be" not in (folder / "out" / rows["wrong.md"]["page"]).read_text()


def test_running_text_is_audited_with_places_and_a_status(tmp_path: Path) -> None:
    (tmp_path / "exam.md").write_text("1. The sum is $3 + 4 = 8$.\n\n2. Here $2 + 2 = 4$.\n")
    command = [sys.executable, "-m", "symdl.cli", "check", "--audit", "-j", "0", "exam.md"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "exam.md:1:24: 3 + 4 = 8" in done.stdout
    assert "wrong      1" in done.stdout
