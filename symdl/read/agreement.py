"""Whether givens agree: facts that exclude each other, definitions in a circle, a function that is a built-in one."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from sympy import Abs, Expr, Integer, Symbol, cancel, exp, together

from symdl.errors import GivensError, Place
from symdl.language import Cases, Maximum, Opaque, Step, index, is_index, kinds, put, quantities
from symdl.language.binders import free_symbols
from symdl.problem import Definition, Fact, Relation, Value


class ClashError(GivensError):
    """Facts that exclude each other; `places` are where they stand."""

    places: frozenset[Place] = frozenset()


def refuse_contradictions(
    lines: tuple[str, ...], definitions: list[Definition], facts: list[Fact], values: list[Value]
) -> None:
    """Raises `GivensError` where facts about one quantity exclude each other, or definitions run in a circle."""
    number = {v.quantity: v.number for v in values}
    seen: list[tuple[Fact, Relation]] = []
    for fact in facts:
        relation = _oriented(fact.relation)
        if relation is None:
            continue
        lhs, rhs = relation.lhs, relation.rhs
        value = number.get(lhs)
        wrong = value is not None and _excludes(Relation(lhs, "=", value), relation)
        rivals = [f for f, other in seen if other.lhs == lhs and _excludes(other, relation)]
        wrong = wrong or bool(rivals)
        if not free_symbols(lhs) and not free_symbols(rhs):
            wrong = wrong or _excludes(Relation(lhs, "=", lhs), relation)
        if wrong:
            line = lines[fact.place.line - 1] if fact.place.line <= len(lines) else ""
            clash = ClashError(f"the givens contradict each other: {fact.source}", fact.place, line)
            clash.places = frozenset(f.place for f in (fact, *rivals))
            raise clash
        seen.append((fact, relation))
    for d in circular(definitions)[:1]:
        place = next(other.place for other in definitions if other.label == d.label)
        raise _at(lines, place, f"{d.label} is defined by itself")


def circular(definitions: list[Definition]) -> list[Definition]:
    """The definitions that lead back to what they define."""
    edges: dict[Expr, set[Expr]] = {}
    heads: list[tuple[Expr, Definition]] = []
    for d in definitions:
        if Opaque in kinds(d.body):
            continue
        standard = {p: index(f"?{n}") for n, p in enumerate(d.pattern) if is_index(p)}
        heads.append((put(d.head, standard), d))
        edges.setdefault(heads[-1][0], set()).update(quantities(put(d.body, standard)))
    found = dict.fromkeys(edges, False)
    # What leads to nothing else that is defined, or only to such, is on no circle.
    while ends := [head for head, inside in edges.items() if edges.keys().isdisjoint(inside)]:
        for head in ends:
            del edges[head]
    for head in edges:
        todo, done = list(edges[head]), set()
        while todo and head not in done:
            q = todo.pop()
            if q not in done:
                done.add(q)
                todo += edges.get(q, ())
        found[head] = head in done
    return [d for head, d in heads if found[head]]


def _at(lines: tuple[str, ...], place: Place, message: str) -> GivensError:
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    return GivensError(message, place, line)


_FLIPPED: Mapping[str, str] = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}


def _oriented(relation: Relation) -> Relation | None:
    """The relation with its number on the right; None where there is none."""
    if relation.sign not in _FLIPPED:
        return None
    if relation.rhs.is_Rational:
        return relation
    if relation.lhs.is_Rational:
        sign: Any = _FLIPPED[relation.sign]
        return Relation(relation.rhs, sign, relation.lhs)
    return None


def _excludes(a: Relation, b: Relation) -> bool:
    """Whether two relations of one quantity with numbers have no common solution."""
    if not (a.rhs.is_Rational and b.rhs.is_Rational):
        return False
    points = sorted({a.rhs, b.rhs})
    candidates = [points[0] - 1, *points, points[-1] + 1]
    candidates += [(x + y) / 2 for x, y in itertools.pairwise(points)]
    return not any(_holds(c, a) and _holds(c, b) for c in candidates)


def _holds(x: Expr, relation: Relation) -> bool:
    r = relation.rhs
    return bool(
        {"=": x == r, "!=": x != r, "<": x < r, "<=": x <= r, ">": x > r, ">=": x >= r, "~": True}[relation.sign]
    )


def same_function(a: Expr, b: Expr) -> bool:
    """Whether two formulas are the same rational function of e^x, or the same case split."""
    if a == b:
        return True

    def plain(e: Expr) -> Expr:
        e = e.replace(lambda t: isinstance(t, Maximum) and 0 in t.args and len(t.args) == 2, _as_cases)
        return e.replace(lambda t: isinstance(t, Abs), lambda t: Cases(t.args[0], Step(t.args[0]), -t.args[0]))

    a, b = plain(a), plain(b)
    if a == b:
        return True
    symbols = sorted(free_symbols(a) | free_symbols(b), key=str)
    if len(symbols) != 1 or a.has(Cases) or b.has(Cases):
        return False
    t = Symbol("t", positive=True)
    x = symbols[0]
    gap = (a - b).replace(exp, lambda u: t ** (u / x) if (u / x).is_Integer else exp(u))
    if free_symbols(gap) - {t}:
        return False
    return bool(cancel(together(gap)) == 0)


def _as_cases(t: Expr) -> Expr:
    x = next((u for u in t.args if u != 0), Integer(0))
    return Cases(x, Step(x), Integer(0))
