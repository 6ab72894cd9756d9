"""Arrays entry by entry: the places of their entries, and how they are shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import permutations, product
from math import prod

from sympy import Expr, Indexed, Integer, Mul, Symbol

from symdl.check.context import HERE
from symdl.check.putting import in_matrices
from symdl.check.undoing import places_entry
from symdl.language import (
    Binder,
    Delta,
    free_symbols,
    indices_of,
    is_index,
    label_of,
    put,
    quantities,
    scalar,
    subterms,
)
from symdl.problem import Block, Givens, Range, Ranges
from symdl.read import read_chains
from symdl.write import latex_of

MAX_ENTRIES = 64


def places_of(runs: Sequence[Range]) -> list[tuple[Integer, ...]] | None:
    """The places of an array, row by row; None where a range is open or the array is long."""
    if not all(r.lo.is_Integer and r.hi.is_Integer for r in runs):
        return None
    spans = [range(int(r.lo), int(r.hi) + 1) for r in runs]
    if prod(map(len, spans)) > MAX_ENTRIES:
        return None
    return [tuple(map(Integer, at)) for at in product(*spans)]


def matrix(entries: Sequence[str], runs: Sequence[Range]) -> str:
    """The entries of a vector or matrix as LaTeX, row by row."""
    width = int(runs[1].hi - runs[1].lo) + 1 if len(runs) > 1 else 1
    rows = r" \\ ".join(" & ".join(entries[k : k + width]) for k in range(0, len(entries), width))
    return rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}"


class Written:
    """Terms of a line as its author would write them: an array that stands there in brackets or as one stays one.

    Its entries are told apart by letters that no source of the line holds.
    """

    def __init__(self, ranges: Ranges, givens: Givens, sources: Sequence[str]) -> None:
        self.ranges, self.givens, self.sources = ranges, givens, sources
        self.letters = {i for i in ranges if not self._is_said(i)}

    def whole(self, term: Expr) -> str:
        """A side of the line."""
        letters = [i for i in self.ranges if i in free_symbols(term)]
        runs = [self.ranges[i] for i in letters]
        at = places_of(runs) if 1 <= len(runs) <= 2 and any(map(self._is_place, subterms(term))) else None
        if at is None:
            return self.as_matrix(term) or latex_of(term, self.givens, self.ranges)
        entries = [put(term, dict(zip(letters, place, strict=True))) for place in at]
        return matrix([latex_of(e, self.givens) for e in entries], runs)

    def as_matrix(self, term: Expr) -> str | None:
        """The term in matrix notation, where that is how the line is written, and reads back to the term."""
        letters = [i for i in self.ranges if i in free_symbols(term)]
        if not 1 <= len(letters) <= 2 or not self.letters.issuperset(letters):
            return None
        latex = in_matrices(term, self.givens, self.ranges)
        return latex if latex is not None and self._reads_as(latex, term, letters) else None

    def _reads_as(self, latex: str, term: Expr, letters: Sequence[Symbol]) -> bool:
        block = Block("display", f"{latex} = {latex}", HERE)
        chains = read_chains(block, self.givens, {})
        read = chains[0].sides[0].expr if len(chains) == 1 else None
        own = [] if read is None else [i for i in chains[0].ranges if i in free_symbols(read)]
        ways = (dict(zip(own, way, strict=True)) for way in permutations(letters) if len(own) == len(letters))
        return read is not None and any((put(read, dict(way)) - term).expand() == 0 for way in ways)

    def part(self, term: Expr) -> str:
        """A term or factor of a side, in words that say in which entry it stands."""
        factors = Mul.make_args(term)
        at = [f for f in factors if self._is_place(f)]
        latex = latex_of(self._whole_names(Mul(*(f for f in factors if f not in at))), self.givens, self.ranges)
        order = sorted(at, key=lambda f: [i in f.args for i in self.ranges], reverse=True)
        numbers = [str(next(n for n in f.args if n.is_Integer)) for f in order]
        where = {0: "", 1: " in entry ", 2: " in row "}.get(len(numbers), " in entry ")
        return f"${latex}$" + where + (", column " if len(numbers) == 2 else ", ").join(numbers)

    def _whole_names(self, term: Expr) -> Expr:
        """The term with a vector or matrix for each of its members, where the line names no index of these."""
        letters = {i for i in free_symbols(term) if is_index(i)}
        is_numbered = any(i.is_Integer for q in quantities(term) for i in indices_of(q))
        if is_numbered or any(isinstance(t, Binder) for t in subterms(term)) or any(map(self._is_said, letters)):
            return term
        names: dict[Expr, Expr] = {q: scalar(label_of(q).name) for q in quantities(term) if isinstance(q, Indexed)}
        deltas: dict[Expr, Expr] = {d: scalar("I") for d in subterms(term) if isinstance(d, Delta)}
        return put(term, {**names, **deltas})

    def _is_said(self, letter: Symbol) -> bool:
        return any(holds_letter(source, letter) for source in self.sources)

    def _is_place(self, term: Expr) -> bool:
        """Whether a term is 1 in one row or column and 0 in all others."""
        return places_entry(term) and any(a in self.letters for a in term.args)


def is_entry(term: Expr) -> bool:
    """Whether a term is a number in one row or column of an array."""
    factors = Mul.make_args(term)
    return any(map(places_entry, factors)) and all(f.is_number or isinstance(f, Delta) for f in factors)


def holds_letter(source: str, letter: Symbol) -> bool:
    """Whether a letter stands alone in a source."""
    return re.search(rf"(?<![a-zA-Z\\]){re.escape(letter.name)}(?![a-zA-Z])", source) is not None
