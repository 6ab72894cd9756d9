"""Cases that say the same put together, and conditions that follow from others left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Poly, S, Symbol

from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, factors, letters_of, relation_signs
from symdl.engine.curvature.local import Judged
from symdl.engine.curvature.places import Formula, Place, exact_roots, neat
from symdl.problem import Relation


@dataclass(frozen=True)
class Found:
    """A critical point with its verdict and its conditions; `parts` are the cases joined in it."""

    judged: Judged
    conditions: tuple[Relation, ...]
    parts: tuple[tuple[Judged, tuple[Relation, ...]], ...] = ()

    @property
    def place(self) -> Place:
        return self.judged.place


def merged(judged: Sequence[Judged], facts: Knowledge) -> list[Found]:
    """All points, each once, with as few conditions as say the same."""
    found = [Found(j, j.known.assumed, ((j, j.known.assumed),)) for j in judged]
    while True:
        shorter = _step(found, facts)
        if shorter is None:
            break
        found = shorter
    found = [
        replace(
            f,
            conditions=_needed(_outside(f), facts),
            parts=tuple((j, _needed(_outside(Found(j, c)), facts)) for j, c in f.parts),
        )
        for f in found
    ]
    kept: list[Found] = []
    for f in found:
        if not any(_repeats(f, k) for k in kept):
            kept.append(f)
    kept = _across([_with_ends(f, kept) for f in kept])
    return [f for f in kept if not any(f is not k and _lies_on(f, k) for k in kept)]


def _with_ends(family: Found, found: Sequence[Found]) -> Found:
    """A family of points in one letter with those of its ends that are points of the same kind and value."""
    place = family.place
    if not isinstance(place, Formula) or len(place.free) != 1:
        return family
    (x,) = place.free
    conditions = []
    for c in family.conditions:
        gap = c.lhs - c.rhs
        wider = {">": (Relation(c.lhs, ">=", c.rhs),), "<": (Relation(c.lhs, "<=", c.rhs),), "!=": ()}.get(c.sign)
        if wider is None or letters_of(gap) != {x} or not gap.is_polynomial(x):
            conditions.append(c)
            continue
        ends = [e for e in exact_roots(Poly(gap, x)) if all(_may_hold(o, {x: e}) for o in family.conditions if o != c)]
        joined = ends and all(any(_is_end(f, family, x, e) for f in found) for e in ends)
        conditions += wider if joined else (c,)
    return replace(family, conditions=tuple(conditions))


def _may_hold(relation: Relation, letters: dict[Symbol, Expr]) -> bool:
    """Whether a relation holds at a point, or would hold with equality allowed."""
    gap = (relation.lhs - relation.rhs).xreplace(letters)
    may = relation_signs(Relation(gap, relation.sign, S.Zero))
    return bool(letters_of(gap)) or may is None or bool(Knowledge().possible(gap) & (may[1] | {0}))


def _is_end(point: Found, family: Found, x: Symbol, end: Expr) -> bool:
    """Whether a point is the one that a family has at an end, and the same is said of it."""
    if point.place.free or point.judged.verdict.kind != family.judged.verdict.kind:
        return False
    if any(c not in family.conditions for c in point.conditions):
        return False
    at = {v: neat(e.xreplace({x: end})) for v, e in family.place.at.items()}
    value = family.judged.value.xreplace({x: end})
    return at == _at(point) and neat(value - point.judged.value) == 0


def _across(found: Sequence[Found]) -> list[Found]:
    """Two halves of one family that meet at their common end as one."""
    kept = list(found)
    for n, a in enumerate(kept):
        for b in kept[n + 1 :]:
            apart = set(a.conditions) ^ set(b.conditions)
            signs = {c.sign for c in apart}
            if not a.place.free or len(apart) != 2 or signs != {">=", "<="} or len({c.sides for c in apart}) > 1:
                continue
            if a.judged.verdict.kind == b.judged.verdict.kind and _same(a, b):
                rest = tuple(c for c in a.conditions if c not in apart)
                whole = replace(a, conditions=rest, parts=a.parts + b.parts)
                return _across([whole if k is a else k for k in kept if k is not b])
    return kept


def _outside(found: Found) -> tuple[Relation, ...]:
    """The conditions, without the values of variables that are no longer free."""
    given = found.place.at.keys() - set(found.place.free)
    return tuple(c for c in (*found.conditions, *_own(found.place)) if not letters_of(c.lhs) <= given)


def _own(place: Place) -> tuple[Relation, ...]:
    return place.conditions if isinstance(place, Formula) else ()


def _step(found: list[Found], facts: Knowledge) -> list[Found] | None:
    for n, a in enumerate(found):
        for m in range(n + 1, len(found)):
            joined = _joined(a, found[m], facts)
            if joined is not None:
                return [*found[:n], joined, *found[n + 1 : m], *found[m + 1 :]]
    return None


def _joined(a: Found, b: Found, facts: Knowledge) -> Found | None:
    """One statement for two cases that differ in one condition and say the same."""
    if a.judged.verdict.kind != b.judged.verdict.kind or a.judged.verdict.kind == "undecided":
        return None
    for one, other in ((a, b), (b, a)):
        closed = _closed(one, other, facts)
        if closed is not None:
            return replace(closed, parts=a.parts + b.parts)
    if len(a.conditions) != len(b.conditions):
        return None
    apart = [n for n, (x, y) in enumerate(zip(a.conditions, b.conditions, strict=True)) if x != y]
    if len(apart) != 1:
        return None
    n = apart[0]
    x, y = a.conditions[n], b.conditions[n]
    if x.sides != y.sides:
        return None
    for one, other, p, q in ((a, b, x, y), (b, a, y, x)):
        if q.sign == "=":
            if p.sign == "=" or not _is_special(other, one, {q.lhs: q.rhs}):
                continue
            sign = {"!=": None, ">": ">=", "<": "<="}[p.sign]
            rest = () if sign is None else (Relation(p.lhs, sign, p.rhs),)  # type: ignore[arg-type]
            return replace(
                one, conditions=(*one.conditions[:n], *rest, *one.conditions[n + 1 :]), parts=a.parts + b.parts
            )
    if not _same(a, b):
        return None
    signs = {x.sign, y.sign}
    sign = "!=" if signs == {">", "<"} else None
    if signs in ({">=", "<"}, {">", "<="}):
        return replace(a, conditions=(*a.conditions[:n], *a.conditions[n + 1 :]), parts=a.parts + b.parts)
    if sign is None:
        return None
    joined = (*a.conditions[:n], Relation(x.lhs, "!=", x.rhs), *a.conditions[n + 1 :])
    return replace(a, conditions=joined, parts=a.parts + b.parts)


def _closed(one: Found, limit: Found, facts: Knowledge) -> Found | None:
    """A case `a > b` together with its limit `a = b`, where all else that is required is the same there."""
    for n, p in enumerate(one.conditions):
        for q in limit.conditions:
            if p.sign not in (">", "<") or q.sign != "=" or p.sides != q.sides:
                continue
            there = {q.lhs: q.rhs}
            if not isinstance(q.lhs, Symbol) or not _is_special(limit, one, there):
                continue
            rest = [_put(c, there) for k, c in enumerate(one.conditions) if k != n]
            others = [_put(c, there) for c in limit.conditions if c is not q]
            given = [
                Relation(k.xreplace(there), ">" if 1 in may else "<", S.Zero)
                for k, may in facts.signs
                if q.lhs in letters_of(k) and len(may) == 1
            ]
            if all(_follows(c, [*others, *given], facts) for c in rest) and all(
                _follows(c, [*rest, *given], facts) for c in others
            ):
                wider = Relation(p.lhs, ">=" if p.sign == ">" else "<=", p.rhs)
                return replace(one, conditions=(*one.conditions[:n], wider, *one.conditions[n + 1 :]))
    return None


def _put(relation: Relation, values: dict[Expr, Expr]) -> Relation:
    return Relation(relation.lhs.xreplace(values), relation.sign, relation.rhs.xreplace(values))


def _follows(relation: Relation, given: Sequence[Relation], facts: Knowledge) -> bool:
    """Whether a relation holds under others and the facts."""
    signs = [(r.lhs - r.rhs, may[1]) for r in given if (may := relation_signs(r)) is not None]
    known = facts
    for gap, may_be in signs:
        parts = factors(gap)[1] if letters_of(gap) else []
        # Factors whose signs are known do not matter: 4 H c > 0 says c > 0 where H > 0.
        for base, power in parts:
            rest = (gap / base**power).cancel()
            if power % 2 and len(known.possible(rest)) == 1 and 0 not in known.possible(rest):
                side = next(iter(known.possible(rest)))
                known = replace(known, signs=((base, frozenset(s * side for s in may_be)), *known.signs))
        known = replace(known, signs=((gap, may_be), *known.signs))
    may = relation_signs(relation)
    try:
        return may is not None and known.possible(relation.lhs - relation.rhs) <= may[1]
    except (UndecidableError, ZeroDivisionError):
        return False


def _at(found: Found) -> dict[Symbol, Expr]:
    return {x: neat(v) for x, v in found.place.at.items()}


def _same(a: Found, b: Found) -> bool:
    return _at(a) == _at(b) and neat(a.judged.value - b.judged.value) == 0


def _is_special(special: Found, general: Found, values: dict[Expr, Expr]) -> bool:
    """Whether a statement is what a more general one says where a letter has a value.

    A parameter may not stand in the general point: at the value, it would be one point of several that meet there.
    """
    inside = frozenset().union(*(letters_of(v) for v in general.place.at.values()))
    if not values.keys() <= set(general.place.free) and values.keys() & inside:
        return False
    try:
        at = {x: neat(v.xreplace(values)) for x, v in _at(general).items()}
        return at == _at(special) and neat(general.judged.value.xreplace(values) - special.judged.value) == 0
    except (ZeroDivisionError, TypeError):
        return False


def _repeats(a: Found, b: Found) -> bool:
    return a.judged.verdict.kind == b.judged.verdict.kind and a.conditions == b.conditions and _same(a, b)


def _lies_on(point: Found, family: Found) -> bool:
    """Whether a point is a member of a family of which the same is said, so that it need not be listed."""
    if not isinstance(family.place, Formula) or not family.place.free or point.place.at == family.place.at:
        return False
    if len(point.place.free) >= len(family.place.free):
        return False
    if point.judged.verdict.kind not in (family.judged.verdict.kind, "undecided"):
        return False
    letters = {x: point.place.at[x] for x in family.place.free}
    try:
        if any(neat(v.xreplace(letters) - point.place.at[x]) != 0 for x, v in family.place.at.items()):
            return False
        return all(_holds(r, letters) or r in point.conditions for r in family.conditions)
    except (UndecidableError, ZeroDivisionError):
        return False


def _holds(relation: Relation, letters: dict[Symbol, Expr]) -> bool:
    gap = (relation.lhs - relation.rhs).xreplace(letters)
    may = relation_signs(Relation(gap, relation.sign, relation.rhs * 0))
    return not letters_of(gap) and may is not None and Knowledge().possible(gap) <= may[1]


def _needed(conditions: tuple[Relation, ...], facts: Knowledge) -> tuple[Relation, ...]:
    """The conditions that do not follow from the others and the facts."""
    kept = list(dict.fromkeys(conditions))
    for c in list(kept):
        rest = [k for k in kept if k != c]
        known = facts
        values = tuple((k.lhs, k.rhs) for k in rest if k.sign == "=" and not letters_of(k.rhs) & {k.lhs})
        signs = tuple(s for k in rest if k.sign != "=" and (s := relation_signs(k)) is not None)
        known = replace(known, values=(*known.values, *values), signs=(*signs, *known.signs))
        may = relation_signs(c)
        if c.sign == "=" or may is None:
            continue
        try:
            if known.possible(c.lhs - c.rhs) <= may[1]:
                kept = rest
        except (UndecidableError, ZeroDivisionError):
            continue
    return tuple(kept)
