"""Output files are whole or not there, and nothing of the user's is lost."""

from pathlib import Path

import pytest

from symdl.cli.files import KeptError, is_generated, marked, write


@pytest.mark.parametrize("suffix", [".md", ".html", ".tex", ".pdf", ".py"])
def test_a_generated_file_is_known_and_may_be_replaced(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"deep/er/answer{suffix}"
    write(path, b"first")
    assert is_generated(path)
    write(path, b"second\n")
    assert path.read_bytes().startswith(b"second\n")
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_file_of_the_user_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "answer.md"
    path.write_bytes(b"mine\n")
    with pytest.raises(KeptError, match="--force"):
        write(path, b"yours")
    assert path.read_bytes() == b"mine\n"
    write(path, b"yours", force=True)
    assert is_generated(path)


@pytest.mark.parametrize("edit", [lambda b: b + b"more\n", lambda b: b.replace(b"text", b"next"), lambda b: b[:-1]])
def test_a_generated_file_that_was_edited_is_kept(tmp_path: Path, edit) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "answer.tex"
    write(path, b"text\n")
    path.write_bytes(edit(path.read_bytes()))
    with pytest.raises(KeptError):
        write(path, b"new")


def test_a_kind_of_file_that_cannot_hold_a_mark_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "answer.bin"
    write(path, b"once")
    assert path.read_bytes() == b"once"
    with pytest.raises(KeptError):
        write(path, b"twice")


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    with pytest.raises(KeptError):
        write(tmp_path, b"text", force=True)


def test_the_same_content_gives_the_same_bytes() -> None:
    assert marked(b"text", ".md") == marked(b"text", ".md") == marked(b"text\n", ".md")


def test_an_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "answer.md", b"text")
    assert list(tmp_path.iterdir()) == []
