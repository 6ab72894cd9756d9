"""Recognising an instance of an expression whose letters may stand for anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sympy import Add, Expr, Mul

from symdl.language import Delta, free_symbols, is_closed

Letters = frozenset[Expr]


def unify(pattern: Expr, term: Expr, letters: Letters) -> dict[Expr, Expr] | None:
    """What the letters stand for when `pattern` becomes `term`; None where it never does.

    Only structure is compared: no arithmetic is done.  A letter stands for closed terms only.
    """
    return next(_unify(pattern, term, letters, {}), None)


def _unify(pattern: Expr, term: Expr, letters: Letters, found: Mapping[Expr, Expr]) -> Iterator[dict[Expr, Expr]]:
    if pattern in letters:
        if found.get(pattern, term) == term and is_closed(term):
            yield {**found, pattern: term}
        return
    if not pattern.args or free_symbols(pattern).isdisjoint(letters):
        if pattern == term:
            yield dict(found)
        return
    if pattern.func != term.func or len(pattern.args) != len(term.args):
        return
    if isinstance(pattern, (Add, Mul, Delta)):
        yield from _unordered(list(pattern.args), list(term.args), letters, found)
        return
    yield from _ordered(pattern.args, term.args, letters, found)


def _ordered(
    patterns: tuple[Expr, ...], terms: tuple[Expr, ...], letters: Letters, found: Mapping[Expr, Expr]
) -> Iterator[dict[Expr, Expr]]:
    if not patterns:
        yield dict(found)
        return
    for more in _unify(patterns[0], terms[0], letters, found):
        yield from _ordered(patterns[1:], terms[1:], letters, more)


def _unordered(
    patterns: list[Expr], terms: list[Expr], letters: Letters, found: Mapping[Expr, Expr]
) -> Iterator[dict[Expr, Expr]]:
    if not patterns:
        yield dict(found)
        return
    if len(patterns) > 6 and patterns != terms:
        return
    for n, term in enumerate(terms):
        for more in _unify(patterns[0], term, letters, found):
            yield from _unordered(patterns[1:], terms[:n] + terms[n + 1 :], letters, more)
