"""The named identities, one fact each, as data: an equation with holes, its conditions, and the reason in words.

Every module of this folder that holds laws is found without being registered; `laws()` collects them.  A law is true;
what is done with it is decided elsewhere.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from sympy import Expr, Symbol

from symdl.language import Prod, Sigma
from symdl.problem import Text


class Hole(Symbol):
    """A place in an equation that any expression may fill."""

    def __new__(cls, name: str, **assumptions: bool) -> Hole:
        return super().__new__(cls, name, **(assumptions or {"real": True}))


class Each(Expr):
    """A binder with a named index, as laws are written: `args` = (index, lo, hi, body).

    What fills a hole in the body may mention what fills the index.
    """

    kind: Any = None

    def __new__(cls, index: Hole, lo: Expr, hi: Expr, body: Expr) -> Each:
        return Expr.__new__(cls, index, lo, hi, body)


class EachSum(Each):
    """A sum in an equation."""

    kind = Sigma


class EachProduct(Each):
    """A product in an equation."""

    kind = Prod


@dataclass(frozen=True)
class Free:
    """`part` does not depend on `on`, through the definitions; of several factors or terms it takes all such."""

    part: Hole
    on: Hole


@dataclass(frozen=True)
class Depends:
    """`part` depends on `on`, looking through the definitions."""

    part: Hole
    on: Hole


@dataclass(frozen=True)
class Positive:
    """`part` is positive where it is used; where that is not known it becomes an obligation."""

    part: Hole


@dataclass(frozen=True)
class Nonzero:
    """`part` is not zero where it is used; it becomes an obligation (a kink that is excluded)."""

    part: Expr


@dataclass(frozen=True)
class Inside:
    """The index `part` lies in the range from `lo` to `hi`; known from the ranges, or the law does not apply."""

    part: Expr
    lo: Expr
    hi: Expr


@dataclass(frozen=True)
class Known:
    """A condition that is known to hold where the law is used; it does not become an obligation."""

    condition: Positive


Condition = Known | Free | Depends | Positive | Nonzero | Inside


@dataclass(frozen=True)
class Law:
    """`lhs = rhs` for all fillings of its holes that meet `when`.

    `because` is what the page says at the margin; `source` says where the law is stated.
    """

    id: str
    lhs: Expr
    rhs: Expr
    because: str | Text
    when: tuple[Condition, ...] = ()
    source: str = "standard calculus"


@cache
def laws() -> tuple[Law, ...]:
    """All laws of this folder, in the order of their modules and within these as written."""
    found: list[Law] = []
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        found += import_module(f"{__name__}.{module}").LAWS
    return tuple(found)
