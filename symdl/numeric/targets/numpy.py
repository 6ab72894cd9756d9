"""Functions on NumPy arrays."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from symdl.numeric import translate
from symdl.numeric.arrays import ArrayWriter, dotted
from symdl.numeric.program import Program

QUIET = ("divide", "invalid", "over", "under")
"""What NumPy does not warn about: branches that are not taken are worked out too."""


def write(programs: Sequence[tuple[Program, str]], title: str) -> str:
    """The source of a module with the functions of the programs, each with its docstring; helpers stand there once."""
    writers = [(ArrayWriter(program), document) for program, document in programs]
    quiet = ast.Call(dotted("np.errstate"), [], [ast.keyword(k, ast.Constant("ignore")) for k in QUIET])
    functions = [w.function(document, [quiet]) for w, document in writers]
    return translate.module(title, ["import numpy as np"], [w for w, _ in writers], functions)


def reserved() -> frozenset[str]:
    """The names that a module defines itself."""
    return translate.reserved()
