"""The languages that functions are written in, one file each: a new file in this folder is a new target.

A target's module has `write(programs, title) -> str`, the source of a module that defines the functions of the
programs, pairs of a `Program` and the docstring of its function; and `reserved()`, the names it needs itself.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

from symdl.errors import NoFunctionError


@cache
def targets() -> tuple[str, ...]:
    """The names of all targets."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__)))


@cache
def reserved() -> frozenset[str]:
    """The names that no argument has: those that a module of any target defines itself, and those of its functions."""
    functions = {
        f"{name}{number}" for name in ("result", "value") for number in ("", *(f"_{n}" for n in range(2, 100)))
    }
    return frozenset(functions.union(*(target(name).reserved() for name in targets())))


def target(name: str) -> Any:
    """The module of a target.

    Fails   raises NoFunctionError where there is none of this name, and names those there are.
    """
    if name not in targets():
        raise NoFunctionError(f"there is no target {name!r}; there are: {', '.join(targets())}")
    return import_module(f"{__name__}.{name}")
