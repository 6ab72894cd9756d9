"""Functions and proofs of worked problems, kept from run to run: a known one comes without SymPy.

What is kept is text, under the text of the document, the version of symdl and what was asked of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from symdl import store

if TYPE_CHECKING:
    from pathlib import Path


def function(
    document: str | Path, number: int = 1, target: str = "numpy", *, along: bool = False, value: bool = False
) -> Any:
    """The function of the n-th expression that a document asks for; see `Derivation.function`.

    `document` is a name of the catalogue, a file, or, where it holds a newline, the text itself.

    Raises  OSError where there is no such file, SymdlError where there is no such name, expression or function, or the
            library of the target is not installed.
    """
    text = source(document, number, target, along=along, value=value)
    try:
        module = store.module(store.key_of(text, suffix="py"), text)
    except ModuleNotFoundError as error:
        from symdl.errors import not_installed  # A function that is there needs none of it.

        raise not_installed(error) from None
    return getattr(module, "result", None) or module.value


def source(
    document: str | Path, number: int = 1, target: str = "numpy", *, along: bool = False, value: bool = False
) -> str:
    """The source of the module with that function."""

    def made(derivation: Any) -> str:
        return str(derivation.source(target, along=along, value=value))

    return _kept(document, number, f"{target} {along} {value}", "py", made)


def latex(document: str | Path, number: int = 1) -> str:
    """The proof of the n-th expression that a document asks for, as LaTeX; see `Derivation.latex`."""
    return _kept(document, number, "latex", "tex", lambda derivation: str(derivation.latex()))


def _kept(document: str | Path, number: int, asked: str, suffix: str, made: Callable[[Any], str]) -> str:
    text = _text(document)
    key = store.key_of(store.stamp(), text, str(number), asked, suffix=suffix)
    seal, _, found = (store.read(key) or "").partition("\n")
    if seal != store.key_of(found, suffix=suffix):
        # Nothing is kept, or not all that was written.
        problems = import_module("symdl.read").read_all(text)
        derivations = [d for problem in problems for d in problem.solve()]
        if not 1 <= number <= len(derivations):
            from symdl.errors import SymdlError  # A function that is kept needs none of it.

            raise SymdlError(f"the document asks for {len(derivations)} expressions; there is no number {number}")
        found = made(derivations[number - 1])
        store.write(key, f"{store.key_of(found, suffix=suffix)}\n{found}")
    return found


def _text(document: str | Path) -> str:
    if isinstance(document, str) and "\n" in document:
        return document
    path = os.fspath(document)
    if isinstance(document, str) and not os.path.splitext(path)[1] and not os.path.exists(path):
        here = os.path.dirname(__file__)
        folder = os.path.join(here, "derivations")
        folder = folder if os.path.isdir(folder) else os.path.join(os.path.dirname(here), "derivations")
        path = os.path.join(folder, f"{document}.md")
        if not os.path.exists(path):
            from symdl.errors import SymdlError, unknown_name  # A name that is there needs none of it.

            names = (os.path.splitext(n)[0] for n in sorted(os.listdir(folder)) if n.endswith(".md"))
            raise SymdlError(unknown_name(document, names))
    with open(path, encoding="utf-8-sig") as file:
        return file.read() + "\n"
