"""What the arguments of a command stand for."""

from pathlib import Path

import pytest

from symdl.cli import sources
from symdl.cli.sources import SourceError, gather
from symdl.errors import ReadError, decoded


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.md", "a.md", "deep/c.tex", "answers/a.md", ".hidden/d.md", "notes.txt", ".e.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("# Title\n")
    return tmp_path


def test_a_folder_stands_for_every_document_below_it_in_order(tree: Path) -> None:
    found = gather([str(tree)], outside=tree / "answers")
    assert [s.stem.as_posix() for s in found] == ["a", "b", "deep/c"]


def test_a_document_named_twice_is_taken_once(tree: Path) -> None:
    assert len(gather([str(tree / "a.md"), str(tree), str(tree / "deep/../a.md")])) == 4


def test_a_name_of_the_catalogue_is_found_from_anywhere(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_catalogue", lambda: tree / "deep")
    monkeypatch.chdir(tree / "answers")
    assert [s.file for s in gather(["c"])] == [tree / "deep/c.tex"]


def test_an_unknown_name_gets_the_nearest_as_a_hint(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "deep/softmax.md").touch()
    monkeypatch.setattr(sources, "_catalogue", lambda: tree / "deep")
    with pytest.raises(SourceError, match="did you mean softmax"):
        gather(["sofmax"])


def test_a_document_that_is_not_utf_8_is_refused_with_its_line() -> None:
    with pytest.raises(ReadError, match=r"^a.md:3:1: not UTF-8 \(byte 5\)\n    save it as UTF-8$"):
        decoded(b"1\n2\n\xff", "a.md")
    with pytest.raises(ReadError, match="UTF-16"):
        decoded("# T".encode("utf-16"), "a.md")


def test_a_byte_order_mark_is_no_text() -> None:
    assert decoded(b"\xef\xbb\xbf# T", "a.md") == "# T"


def test_a_document_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_BYTES", 10)
    (tmp_path / "a.md").write_bytes(b"x" * 11)
    with pytest.raises(SourceError, match="larger"):
        gather([str(tmp_path / "a.md")])[0].data()
