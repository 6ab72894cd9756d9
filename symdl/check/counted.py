r"""What stands under a factorial or in a binomial coefficient is counted and not negative: k! and \binom{n}{k}."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from sympy import Integer, Symbol

from symdl.check.context import HERE
from symdl.language import family, fresh_index, scalar
from symdl.problem import Fact, Givens, Range, Relation

_NAME = r"(?<![A-Za-z\\])\\?[A-Za-z]++(?:_(?:\{[^{}]*\}|\w))?"
_COUNTED = re.compile(
    rf"(?P<factorial>{_NAME})\s*!(?!=)|\\[dt]?binom\s*\{{\s*(?P<of>{_NAME})\s*\}}\s*\{{\s*(?P<out>{_NAME})\s*\}}"
)


def with_counts(givens: Givens, texts: Iterable[str]) -> Givens:
    """The givens where nothing that is counted in the texts, and that nothing defines, is negative."""
    written = {name for text in texts for m in _COUNTED.finditer(text) for name in m.groups() if name}
    facts = tuple(fact for name in sorted(written) for fact in _fact(name, givens))
    return replace(givens, facts=(*givens.facts, *facts)) if facts else givens


def _fact(name: str, givens: Givens) -> Iterable[Fact]:
    """That a name, or each member of the family of which it is one, is not negative."""
    label = scalar(name.partition("_")[0])
    runs = givens.families.get(label, ()) if "_" in name else ()
    label = label if runs else scalar(name)
    if label.is_integer or givens.definitions_of(label) or (label in givens.families and not runs):
        return
    letters: list[Symbol] = []
    for _ in runs:
        letters.append(fresh_index("ijklmn", frozenset(letters)))
    ranges: dict[Symbol, Range] = dict(zip(letters, runs, strict=True))
    yield Fact(Relation(family(label, *letters), ">=", Integer(0)), ranges, "", HERE)
