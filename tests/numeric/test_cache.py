"""What is kept on disk: found again without SymPy, renewed with the document, and never taken from anyone else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from symdl import cached, store
from symdl.errors import NoFunctionError, SymdlError
from symdl.read import problem_from

DOCUMENT = r"""
# Logistic function

## Given

$$a = \frac{1}{1 + e^{-z}}$$

## Find

$$\frac{\partial a}{\partial z}$$
"""
KEY = store.key_of("a", "b", suffix="py")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own."""
    path = tmp_path / "kept"
    monkeypatch.setenv("SYMDL_CACHE", str(path))
    return path


def test_what_is_written_is_read_and_only_its_user_can_get_at_it(folder: Path) -> None:
    store.write(KEY, "x = 1\n")
    assert store.read(KEY) == "x = 1\n"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / KEY).stat().st_mode & 0o077 == 0
    assert [p.name for p in folder.iterdir()] == [KEY]


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o755])
def test_a_folder_that_others_can_enter_is_not_used(folder: Path, mode: int) -> None:
    store.write(KEY, "x = 1\n")
    folder.chmod(mode)
    assert store.folder() is None
    assert store.read(KEY) is None
    assert store.module(KEY, "x = 2\n").x == 2
    folder.chmod(0o700)
    assert store.read(KEY) == "x = 1\n"


def test_a_file_that_others_can_write_is_not_loaded(folder: Path) -> None:
    store.write(KEY, "x = 1\n")
    (folder / KEY).chmod(0o620)
    assert store.read(KEY) is None


def test_a_link_is_not_loaded(folder: Path, tmp_path: Path) -> None:
    store.write(KEY, "x = 1\n")
    (tmp_path / "other.py").write_text("x = 2\n")
    (folder / KEY).unlink()
    (folder / KEY).symlink_to(tmp_path / "other.py")
    assert store.read(KEY) is None


def test_a_folder_that_is_a_link_is_not_used(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "elsewhere")
    assert store.folder() is None


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="there are no owners")
def test_a_file_of_another_user_is_not_loaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write(KEY, "x = 1\n")
    owner = folder.stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert store.read(KEY) is None


@pytest.mark.parametrize("name", ["../evil.py", "notes.py", "a" * 64, "A" * 64 + ".py", ""])
def test_a_file_of_another_name_is_not_loaded(folder: Path, name: str) -> None:
    store.write(KEY, "x = 1\n")
    store.write(name, "x = 1\n")
    assert store.read(name) is None
    assert [p.name for p in folder.iterdir()] == [KEY]


def test_a_relative_folder_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYMDL_CACHE", "kept")
    assert store.folder() is None


def test_different_parts_have_different_keys() -> None:
    assert len({store.key_of(*parts, suffix="py") for parts in [("a", "bc"), ("ab", "c"), ("abc",), ("", "abc")]}) == 4


def test_a_function_that_is_kept_comes_without_sympy() -> None:
    code = (
        f"import sys, symdl; f = symdl.function({DOCUMENT!r}); text = symdl.latex({DOCUMENT!r});"
        "print(f(z=0.0), len(text), 'sympy' in sys.modules)"
    )
    first, second = (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
        for _ in range(2)
    )
    assert first[-1] == "True"
    assert second[-1] == "False"
    assert first[:-1] == second[:-1]
    assert second[0] == "0.25"


def test_another_document_another_target_and_another_version_are_made_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [
        cached.source(DOCUMENT),
        cached.source(DOCUMENT.replace("-z", "-2 z")),
        cached.source(DOCUMENT, value=True),
    ]
    assert len(set(texts)) == len(list(folder.iterdir())) == 3
    assert cached.source(DOCUMENT) == texts[0]
    assert len(list(folder.iterdir())) == 3
    monkeypatch.setattr(store, "stamp", lambda: "another version")
    assert cached.source(DOCUMENT) == texts[0]
    assert len(list(folder.iterdir())) == 4


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
def test_what_is_kept_only_in_part_is_made_anew(folder: Path, kept: int) -> None:
    text = cached.source(DOCUMENT)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:kept])
    assert cached.source(DOCUMENT) == text
    assert file.read_bytes() == whole


def test_a_module_that_cannot_be_loaded_is_not_there_the_next_time() -> None:
    text = "import symdl_of_no_such_name\n"
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError):
            store.module(store.key_of(text, suffix="py"), text)


def test_the_stamp_knows_every_file_of_the_package() -> None:
    names = {line.split()[0] for line in store.stamp().split("\n")}
    assert {"/store.py", "/numeric/targets/numpy.py"} <= names


def test_an_expression_that_is_not_asked_is_refused() -> None:
    with pytest.raises(SymdlError, match="asks for 1 expressions; there is no number 2"):
        cached.function(DOCUMENT, 2)


def test_a_name_that_the_catalogue_lacks_is_answered_as_by_the_command() -> None:
    with pytest.raises(
        SymdlError, match=r"^softmax-cross-entrop: no such file, .* \(did you mean softmax-cross-entropy\?"
    ):
        cached.function("softmax-cross-entrop")


@pytest.mark.parametrize(("library", "package"), [("jax", "jax"), ("numba", r"'symdl\[fast\]'")])
def test_a_library_that_is_missing_is_named_with_what_installs_it(
    library: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    (derivation,) = problem_from([r"a = e^{2 z}"], ["a"]).solve()
    for made in (lambda: cached.function("# x\n\n## Given\n\n$$a = e^{3 z}$$\n\n## Find\n\n$$a$$\n", target=library),
                 lambda: derivation.function(library)):  # fmt: skip
        with pytest.raises(NoFunctionError, match=f"needs {library}, which is not installed: pip install {package}"):
            made()
