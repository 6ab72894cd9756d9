r"""Names of which a given speaks without an index: $U_a = Q_a + c$ beside $Q_1$ and $Q_2$ says what $U_2$ is.

The letter below such a name stands for any other one, as what it is made of has no meaning with the letter itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sympy import Expr, Symbol

from symdl.language import free_symbols, label_of, put, scalar
from symdl.problem import Definition, Givens

_BELOW = re.compile(r"(?P<head>[^_]+)_(?:(?P<one>\w)|\{(?P<many>\w+(?:,\s*\w+)*)\})(?P<rest>(?:\^.*)?)")

MAX_NESTED = 3
"""How many names that are said so may lead to one another."""


@dataclass(frozen=True)
class _Name:
    """A name taken apart: what stands below it, part by part."""

    head: str
    below: tuple[str, ...]
    rest: str

    def spelled(self, count: int) -> tuple[str, ...]:
        """What stands below as so many parts; nothing where it does not make as many."""
        if len(self.below) == count:
            return self.below
        [joined] = self.below if len(self.below) == 1 else [""]
        return tuple(joined) if len(joined) == count else ()

    def instead(self, at: dict[str, str]) -> Symbol:
        """The name with other parts below."""
        parts = [at.get(p, p) for p in self.below]
        if len(parts) == 1 and set(parts[0]) & at.keys():
            parts = ["".join(at.get(x, x) for x in parts[0])]
        inside = ",".join(parts)
        return scalar(f"{self.head}_{inside if len(inside) == 1 else f'{{{inside}}}'}{self.rest}")


def _apart(name: Symbol) -> _Name | None:
    found = _BELOW.fullmatch(name.name)
    if found is None:
        return None
    below = tuple(x.strip() for x in (found["one"] or found["many"]).split(","))
    return _Name(found["head"], below, found["rest"])


def by_sibling(name: Symbol, givens: Givens, depth: int = MAX_NESTED) -> Expr | None:
    """What a name is by what is given of one with letters below it; None where nothing is given of such a one."""
    own = _apart(name)
    if own is None or not depth:
        return None
    for d in givens.definitions:
        sibling = _apart(d.label) if not d.pattern else None
        if sibling is None or (sibling.head, sibling.rest) != (own.head, own.rest) or d.label == name:
            continue
        letters = tuple("".join(sibling.below))
        parts = own.spelled(len(letters))
        if parts and len(set(letters)) == len(letters) and all(x.isalpha() and x.islower() for x in letters):
            body = _body(d, dict(zip(letters, parts, strict=True)), givens, depth)
            if body is not None:
                return body
    return None


def _body(definition: Definition, at: dict[str, str], givens: Givens, depth: int) -> Expr | None:
    """The body with other parts below its names; None where one has a meaning with the letter, or none without it."""
    valued = {label_of(v.quantity) for v in givens.values}
    meant: dict[Expr, Expr] = {}
    for s in free_symbols(definition.body):
        inside = _apart(s)
        if s.name in at:
            return None
        if inside is None or not at.keys() & set("".join(inside.below)):
            continue
        new = inside.instead(at)
        if new in valued or givens.definitions_of(new):
            found: Expr | None = new
        else:
            found = by_sibling(new, givens, depth - 1)
        if s in valued or found is None:
            return None
        meant[s] = found
    return put(definition.body, meant) if meant else None
