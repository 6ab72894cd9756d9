"""The named functions of the field, one record and one file each; a new file in this folder is a new function."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from sympy import Expr

ALL = "all real x"
"""The domain of a function that has a value everywhere."""


@dataclass(frozen=True)
class ScalarFunction:
    """A function of one or more scalars.

    `head` is its SymPy class.  `definition` gives it in more elementary functions, from which its derivative is
    derived; it is None for an elementary function, whose derivative is SymPy's `fdiff`.  `latex` stands before the
    argument; `spellings` are the words and commands (without backslash) that are read as this function; a spelling is
    read so only before an argument.  `domain` is where it is defined, `bounds` are what its values lie between (None:
    no bound, or one that follows from the definition), `kinks` says at which argument values it is not
    differentiable.  `numpy` is the source of a NumPy function of the same name that keeps all digits and does not
    overflow, or the dotted name of one (`np.tanh`).
    """

    name: str
    head: Any
    latex: str
    spellings: tuple[str, ...]
    numpy: str
    definition: Callable[..., Expr] | None = None
    arity: int = 1
    domain: str = ALL
    bounds: tuple[int | None, int | None] = (None, None)
    kinks: tuple[int, ...] = ()


@dataclass(frozen=True)
class FamilyFunction:
    """A function of a whole family of scalars z(lo), …, z(hi), such as softmax.

    `component(z, lo, hi, i)` is its entry i by definition; a function with one value ignores `i` and has `is_total`.
    `z` maps an index to the scalar at it.
    """

    name: str
    latex: str
    spellings: tuple[str, ...]
    component: Callable[[Callable[[Expr], Expr], Expr, Expr, Expr | None], Expr]
    is_total: bool = False


@cache
def records() -> dict[str, ScalarFunction | FamilyFunction]:
    """All records of this folder by name, in the order of their names."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        record = import_module(f"{__name__}.{module.name}").RECORD
        found[record.name] = record
    return dict(sorted(found.items()))


@cache
def by_head() -> dict[Any, ScalarFunction]:
    """The scalar functions by their SymPy class."""
    return {r.head: r for r in records().values() if isinstance(r, ScalarFunction)}


@cache
def by_spelling() -> dict[str, ScalarFunction | FamilyFunction]:
    """Every function under each of its spellings."""
    return {s: r for r in records().values() for s in r.spellings}
