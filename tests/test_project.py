"""What symdl promises about itself, whatever it computes."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

import symdl

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path(symdl.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
MODULES = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in SOURCES]

BANNED_CALLS = {"doit", "equals", "eval", "exec", "simplify", "sympify"}
"""Run text as code, or (from SymPy) hang, guess, or answer wrongly on expressions of this field."""

ALLOWED_CALLS = {"symdl/numeric/": {"exec"}}
"""Path prefix -> calls allowed below it: `exec` makes functions of generated source."""

HOME = re.compile(r"(?<![\w./~-])/(?:home|root|Users|work)/\w|\b[A-Z]:\\Users\\")


def banned_uses(source: str, allowed: set[str]) -> Iterator[str]:
    """Each banned call or import in a Python source, as `line: name`."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            names = [node.func.id]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            names = [node.func.attr]
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
        for name in BANNED_CALLS.intersection(names) - allowed:
            yield f"{node.lineno}: {name}"


def text_files() -> list[Path]:
    """The project's own files: what git tracks or would track, or in an unpacked sdist every file of its folders."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        folders = [ROOT / name for name in ("derivations", "docs", "symdl", "tests")]
        paths = [*ROOT.glob("*.*"), *(path for folder in folders for path in folder.rglob("*"))]
    return sorted(path for path in paths if path.is_file())


def test_the_version_is_the_one_of_the_metadata() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert symdl.__version__ == version("symdl") == declared


@pytest.mark.parametrize("name", MODULES)
def test_every_module_imports(name: str) -> None:
    importlib.import_module(name.removesuffix(".__init__"))


@pytest.mark.parametrize("name", symdl.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(symdl, name) is not None


@pytest.mark.parametrize("name", ["check", "read"])
def test_a_function_wins_over_the_subpackage_of_its_name(name: str) -> None:
    assert getattr(symdl, name) is getattr(importlib.import_module(f"symdl.{name}"), name)
    assert getattr(symdl, name) is getattr(symdl, name)


def test_there_are_at_most_twenty_five_public_names() -> None:
    assert len(set(symdl.__all__)) == len(symdl.__all__) <= 25
    assert set(symdl.__all__) <= set(dir(symdl))


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = symdl.no_such_name


def test_importing_symdl_loads_no_heavy_library() -> None:
    code = "import sys, symdl; print(*sorted({'flint', 'numpy', 'rich', 'scipy', 'sympy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("path", SOURCES, ids=MODULES)
def test_no_module_makes_a_banned_call(path: Path) -> None:
    place = path.relative_to(PACKAGE.parent).as_posix()
    allowed = set().union(*(names for prefix, names in ALLOWED_CALLS.items() if place.startswith(prefix)))
    assert list(banned_uses(path.read_text(encoding="utf-8"), allowed)) == []


@pytest.mark.parametrize(
    "source",
    ["eval('1')", "exec(text)", "x.equals(y)", "sympy.simplify(x)", "s.doit()", "from sympy import sympify as s"],
)
def test_a_banned_call_is_found(source: str) -> None:
    assert len(list(banned_uses(source, set()))) == 1


def test_an_allowed_call_is_let_through() -> None:
    assert list(banned_uses("exec(code, scope)", {"exec"})) == []


def test_no_file_names_a_home_folder() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if HOME.search(line)
    ]
    assert found == []
