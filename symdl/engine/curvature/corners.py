"""Functions of several variables with kinks along lines, curves and surfaces: cells, faces and where faces meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import combinations, product

from sympy import Expr, Integer, Matrix, S, Symbol, diff

from symdl.engine.curvature.constrained import Lagrangian, gram, lagrangian
from symdl.engine.curvature.constrained import verdict_at as verdict_on_face
from symdl.engine.curvature.knowledge import ANY, Knowledge, UndecidableError, factors, letters_of, readable, split
from symdl.engine.curvature.local import Function, Judged, Verdict, judged, specialised, tidy, under
from symdl.engine.curvature.pieces import kinks_of, smooth_on
from symdl.engine.curvature.places import Formula, Place, neat
from symdl.engine.curvature.stationary import stationary, vanishing
from symdl.problem import PointKind, Relation, Text

KINKS = 5

Signs = tuple[int, ...]
"""On which side of each kink a cell lies; 0 on it."""

Vector = tuple[Expr, ...]


TURNS = "To some sides of the kink the function grows, to others it falls, and 0 is a mean of the gradients around it."
"""Why a point on a kink is a saddle."""


class Corners:
    """One function of several variables in one case, with the smooth pieces between its kinks."""

    def __init__(self, f: Expr, variables: Sequence[Symbol], known: Knowledge) -> None:
        self.f = known.put(f)
        self.known = known
        self.variables = tuple(variables)
        self.whole = True
        own = set(variables)
        self._pieces: dict[Signs, Expr] = {}
        self._raw: dict[Expr, tuple[int, list[Expr]]] = {}
        found: list[Expr] = []
        for u in kinks_of(self.f):
            constant, parts = factors(u)
            sides = [base for base, power in parts if power % 2 and len(known.possible(base)) > 1]
            sign = known.sign(constant)
            for base, power in parts:
                if power % 2 and base not in sides:
                    sign *= known.sign(base)
            for base in [b for b in sides if not letters_of(b) & own]:
                sign *= known.sign(base)
                sides.remove(base)
            self._raw[u] = (sign, sides)
            found += [b for b in sides if b not in found]
        self.kinks = tuple(found)
        if len(self.kinks) > KINKS:
            raise UndecidableError("so many kinks")
        self._check_continuous()

    def piece(self, signs: Signs) -> Expr:
        """The function on a cell."""
        if signs in self._pieces:
            return self._pieces[signs]
        sides = dict(zip(self.kinks, signs, strict=True))
        values: dict[Expr, int] = {}
        for u, (sign, parts) in self._raw.items():
            for p in parts:
                sign *= sides[p]
            values[u] = sign
        return self._pieces.setdefault(signs, smooth_on(self.f, values))

    @cached_property
    def cells(self) -> tuple[Signs, ...]:
        """The sides of the cells that are not visibly empty."""
        every = product((1, -1), repeat=len(self.kinks))
        return tuple(s for s in every if self._may_exist(s))

    def _may_exist(self, signs: Signs) -> bool:
        return may_be_positive([s * u for u, s in zip(self.kinks, signs, strict=True)], self.variables)

    def _check_continuous(self) -> None:
        for signs in self.cells:
            for k, s in enumerate(signs):
                other = (*signs[:k], -s, *signs[k + 1 :])
                gap = neat(self.piece(signs) - self.piece(other)) if s > 0 and other in self.cells else S.Zero
                if gap != 0 and not any(self.kinks[k] in (base, -base) for base, _ in factors(gap)[1]):
                    raise UndecidableError("whether the function is continuous where ", self.kinks[k], " = 0")

    def found(self) -> list[Judged]:
        """All critical points: where the gradient vanishes, or 0 is a convex combination of the gradients around."""
        points = [*self._inside()]
        for count in range(1, len(self.kinks) + 1):
            for active in combinations(range(len(self.kinks)), count):
                rest = [k for k in range(len(self.kinks)) if k not in active]
                for sides in product((1, -1), repeat=len(rest)):
                    points += self._on_face(active, dict(zip(rest, sides, strict=True)))
        return points

    def is_least(self, value: Expr) -> bool:
        """Whether the function is visibly nowhere less than a number."""
        return not letters_of(value) and self._signs_beside(value, self.cells, self.known) <= {0, 1}

    @property
    def smooth(self) -> list[tuple[tuple[Relation, ...], Function]]:
        """Where each cell lies, and the function in it."""
        found = []
        for signs in self.cells:
            where = tuple(readable(s * u, 1) for u, s in zip(self.kinks, signs, strict=True))
            found.append((where, Function(self.piece(signs), self.variables)))
        return found

    def _inside(self) -> Iterator[Judged]:
        for signs in self.cells:
            function = Function(self.piece(signs), self.variables)
            domain = [s * u for u, s in zip(self.kinks, signs, strict=True)]
            if all(g == 0 for g in function.gradient):
                value = neat(function.f)
                yield self.flat(value, domain, self._signs_beside(value, self.cells, self.known))
                continue
            points = stationary(function, self.known, domain)
            self.whole = self.whole and points.whole
            for place in points.places:
                if self._is_consistent(place):
                    yield from judged(function, place, self.known)

    def flat(self, value: Expr, domain: Sequence[Expr], may: frozenset[int]) -> Judged:
        """A cell in which the function is constant, with its boundary where no smaller value is close to it.

        `may` are the signs that the function less this value may have.
        """
        strict = [readable(d, 1) for d in domain]
        closed = tuple(Relation(r.lhs, ">=" if r.sign == ">" else "<=", r.rhs) for r in strict)
        place = Formula({x: x for x in self.variables}, self.variables, closed)
        sides: tuple[tuple[PointKind, int], ...] = (("minimum", 1), ("maximum", -1))
        for kind, side in sides:
            if may <= {0, side}:
                why: Text = (
                    "The function is constant here, and nowhere is it " + ("less." if side > 0 else "greater."),
                )
                return Judged(place, Verdict(kind, why, (0, 0, len(self.variables))), value, self.known)
        if self.convex:
            why = ("The function is constant here, and it is convex.",)
            return Judged(place, Verdict("minimum", why, (0, 0, len(self.variables))), value, self.known)
        raise UndecidableError("a cell in which the function is constant")

    def _on_face(self, active: Sequence[int], sides: Mapping[int, int]) -> Iterator[Judged]:
        """The critical points on which exactly these kinks vanish, the others having these signs."""
        domain = [s * self.kinks[k] for k, s in sides.items()]
        around = [self._around(active, sides, turn) for turn in product((1, -1), repeat=len(active))]
        around = [s for s in around if s in self.cells]
        if not around:
            return
        surfaces = tuple(self.kinks[k] for k in active)
        if len(active) > len(self.variables):
            yield from self._special(surfaces, active, around, domain)
            return
        problem = lagrangian(self.piece(around[0]), self.variables, surfaces, self.known)
        G = gram(problem)
        if G == 0 or not letters_of(G):
            if G == 0:
                yield from self._special(surfaces, active, around, domain)
                return
        else:
            yield from self._special((*surfaces, G), active, around, domain)
        if len(active) < len(self.variables):
            points = vanishing(problem.equations, (*self.variables, *problem.multipliers), self.known, domain)
        else:
            points = vanishing(surfaces, self.variables, self.known, domain)
        self.whole = self.whole and points.whole
        for place in points.places:
            if self._is_consistent(place) and (not letters_of(G) or place.sign(G, self._here(place)) != 0):
                yield from self._judged_on_face(place, active, around)

    def _around(self, active: Sequence[int], sides: Mapping[int, int], turn: Signs) -> Signs:
        own = dict(zip(active, turn, strict=True))
        return tuple(own.get(k, sides.get(k, 0)) for k in range(len(self.kinks)))

    def _here(self, place: Place) -> Knowledge:
        known = self.known
        for c in place.conditions if isinstance(place, Formula) else ():
            known = under(known, c)
        return known

    def _is_consistent(self, place: Place) -> bool:
        """Whether the conditions of a family of points can hold together."""
        if not isinstance(place, Formula) or not place.conditions:
            return True
        known = self.known
        for c in place.conditions:
            gap = c.lhs - c.rhs
            may = {">": {1}, ">=": {0, 1}, "<": {-1}, "<=": {-1, 0}}.get(c.sign, {-1, 1})
            if not known.possible(gap) & may:
                return False
            known = under(known, c)
        return True

    def _own(self, place: Place) -> Place:
        """A place without what is known there of anything but the variables."""
        if not isinstance(place, Formula):
            return place
        return Formula({x: place.at[x] for x in self.variables}, place.free, place.conditions)

    def _judged_on_face(self, place: Place, active: Sequence[int], around: Sequence[Signs]) -> Iterator[Judged]:
        """Fermat's rule across a face, and what the point is along it, in each case that must be told apart."""
        cases = split(partial(self._in_case, place, active, around), self._here(place))
        yield from (j for _, found in cases for j in found)

    def _in_case(self, place: Place, active: Sequence[int], around: Sequence[Signs], known: Knowledge) -> list[Judged]:
        place = specialised(place, known)
        surfaces = tuple(self.kinks[k] for k in active)
        problem = lagrangian(self.piece(around[0]), self.variables, surfaces, self.known)
        at = self._own(place)
        value = neat(known.put(place.value(problem.f)))
        normals = [self._multipliers(surfaces, place, s) for s in around]
        if not holds_zero(normals, known):
            return []
        signs = [tuple(known.sign(v) for v in n) for n in normals]
        turned = {s[k] * sign for s, n in zip(around, signs, strict=True) for k, sign in zip(active, n, strict=True)}
        if 0 in turned:
            return list(self._weak(at, value, around, turned, known))
        if turned == {1, -1}:
            return [Judged(at, Verdict("saddle", (TURNS,), (0, 0, len(active))), value, known)]
        side = next(iter(turned))
        kind: PointKind = "minimum" if side > 0 else "maximum"
        word = "grows" if side > 0 else "falls"
        if len(active) == len(self.variables):
            why = (f"Kinks meet at the point; from there the function {word} in every direction.",)
            return [Judged(at, Verdict(kind, why, (0, 0, len(active))), value, known)]
        along, flat = self._along(problem, place, known)
        if along == "undecided" and self._signs_beside(value, around, known) <= {0, side}:
            why = (f"The point lies on {kinks_in_words(active)}, and on no side of it is the function "
                   + ("less." if side > 0 else "greater."),)  # fmt: skip
            return [Judged(at, Verdict(kind, why, (0, 0, len(active))), value, known)]
        if not flat and along != kind:
            kind = "undecided" if along == "undecided" else "saddle"
        last = "stays the same along it" if flat else f"has a {along} along it"
        if along == "undecided":
            last = "what it does along it is not decided"
        why = (f"The point lies on {kinks_in_words(active)}: away from it the function {word}, and it {last}.",)
        return [Judged(at, Verdict(kind, why, (0, 0, len(active))), value, known)]

    def _multipliers(self, surfaces: Sequence[Expr], place: Place, signs: Signs) -> Vector:
        """The gradient on one side as a combination of the normals of the kinks."""
        G = Matrix([[neat(place.value(diff(u, x))) for x in self.variables] for u in surfaces])
        slope = Matrix([neat(place.value(diff(self.piece(signs), x))) for x in self.variables])
        return tuple(neat(v) for v in (G * G.T).inv() * G * slope)

    def _along(self, problem: Lagrangian, place: Place, known: Knowledge) -> tuple[PointKind, bool]:
        try:
            verdict = verdict_on_face(problem, place, known)
        except UndecidableError:
            return "undecided", False
        return verdict.kind, bool(place.free) and verdict.inertia[:2] == (0, 0)

    def _special(
        self, equations: Sequence[Expr], active: Sequence[int], around: Sequence[Signs], domain: Sequence[Expr]
    ) -> Iterator[Judged]:
        """Points at which the normals of the kinks are dependent."""
        points = vanishing(equations, self.variables, self.known, domain)
        self.whole = self.whole and points.whole
        for place in points.places:
            for own in self._stationary_in(place, around[0]) if self._is_consistent(place) else ():
                cases = split(partial(self._special_case, own, active, around), self._here(own))
                yield from (j for _, found in cases for j in found)

    def _stationary_in(self, place: Place, signs: Signs) -> list[Place]:
        """Of a family of points those at which the function is stationary along it."""
        value = place.value(self.piece(signs))
        letters = [x for x in place.free if x in letters_of(value)]
        if not letters or not isinstance(place, Formula):
            return [place]
        found = vanishing([tidy(diff(value, x)) for x in place.free], place.free, self._here(place))
        if any(inner.free for inner in found.places):
            raise UndecidableError("a family of points at which many kinks meet")
        self.whole = self.whole and found.whole
        return [Formula({x: inner.value(v) for x, v in place.at.items()}) for inner in found.places]

    def _special_case(
        self, place: Place, active: Sequence[int], around: Sequence[Signs], known: Knowledge
    ) -> list[Judged]:
        place = specialised(place, known)
        value = neat(known.put(place.value(self.piece(around[0]))))
        basis = self._independent(active, place, known)
        vectors = [self._multipliers(basis, place, s) for s in around] if basis else self._gradients(place, around)
        if len(vectors[0]) <= 2 and not holds_zero(vectors, known):
            return []
        slopes = self._slopes(place, active, around)
        if slopes in ({1}, {-1}):
            kind: PointKind = "minimum" if 1 in slopes else "maximum"
            word = "grows" if 1 in slopes else "falls"
            why: Text = (f"Kinks meet at the point; from there the function {word} in every direction.",)
            return [Judged(place, Verdict(kind, why, (0, 0, len(self.variables))), value, known)]
        if slopes is not None and {1, -1} <= slopes:
            why = ("From the point the function grows in some directions and falls in others, and 0 is a mean of the "
                   "gradients around it.",)  # fmt: skip
            return [Judged(place, Verdict("saddle", why, (0, 0, len(self.variables))), value, known)]
        turned = {0, 1} if len(vectors[0]) <= 2 else {0, 1, -1}
        return list(self._weak(place, value, around, turned, known))

    def _gradients(self, place: Place, around: Sequence[Signs]) -> list[Vector]:
        return [tuple(neat(place.value(diff(self.piece(s), x))) for x in self.variables) for s in around]

    def _independent(self, active: Sequence[int], place: Place, known: Knowledge) -> tuple[Expr, ...]:
        """A basis of the normals, where the gradients of the pieces lie in their span; else none."""
        chosen: list[Expr] = []
        for k in active:
            trial = [*chosen, self.kinks[k]]
            G = Matrix([[neat(place.value(diff(u, x))) for x in self.variables] for u in trial])
            if known.sign(neat((G * G.T).det())) != 0:
                chosen = trial
        return tuple(chosen)

    def _slopes(self, place: Place, active: Sequence[int], around: Sequence[Signs]) -> set[int] | None:
        """In two variables: the signs of all slopes along the rays between the pieces."""
        if len(self.variables) != 2 or place.free:
            return None
        normals = [tuple(neat(place.value(diff(self.kinks[k], x))) for x in self.variables) for k in active]
        if not all(v.is_Rational for n in normals for v in n) or any(n == (0, 0) for n in normals):
            return None
        if any(a[0] * b[1] == a[1] * b[0] for a, b in combinations(normals, 2)):
            return None
        rays = sorted({_direction(-s * n[1], s * n[0]) for n in normals for s in (1, -1)}, key=_angle)
        signs: set[int] = set()
        for u, v in zip(rays, [*rays[1:], rays[0]], strict=True):
            middle = (u[0] + v[0], u[1] + v[1])
            turn = tuple(1 if n[0] * middle[0] + n[1] * middle[1] > 0 else -1 for n in normals)
            sides = {k: s for k, s in enumerate(around[0]) if k not in active}
            (g,) = self._gradients(place, [self._around(active, sides, turn)])
            signs |= {self.known.sign(neat(g[0] * r[0] + g[1] * r[1])) for r in (u, v)}
        return signs

    def _weak(
        self, place: Place, value: Expr, around: Sequence[Signs], turned: set[int], known: Knowledge
    ) -> Iterator[Judged]:
        """A point beside which some slope vanishes: by the sign of the difference to the value there, or convexity."""
        if any(all(diff(self.piece(s), x) == 0 for x in self.variables) for s in around) and (
            self.convex or self._signs_beside(value, self.cells, known) in ONE_SIDED
        ):
            # The point bounds a cell in which the function is constant, which is listed with its boundary.
            return
        kind: PointKind = "undecided"
        why: Text = ("The slopes beside the kink vanish, and what that leaves is not decided.",)
        may = ANY if letters_of(value) & set(place.free) else self._signs_beside(value, around, known)
        rays = self._rays(place, value, known)
        if may in ONE_SIDED:
            kind = "maximum" if -1 in may else "minimum"
            why = ("On no side of the kinks is the function " + ("greater." if -1 in may else "less."),)
        elif turned <= {0, 1} and self.convex:
            kind, why = "minimum", ("0 is a mean of the gradients around the point, and the function is convex.",)
        elif {1, -1} <= set(rays):
            told: list[str | Expr] = ["0 is a mean of the gradients around the point, and from it the function "]
            for n, s in enumerate((1, -1)):
                told += [" and " if n else "", "grows along (" if s > 0 else "falls along ("]
                for m, d in enumerate(rays[s]):
                    told += [", " if m else "", d]
                told.append(")")
            kind, why = "saddle", (*told, ".")
        yield Judged(place, Verdict(kind, why, (0, 0, 2)), value, known)

    def _rays(self, place: Place, value: Expr, known: Knowledge) -> dict[int, Vector]:
        """Directions along which the function grows and falls, by the terms of lowest order."""
        x = self.variables
        if place.free or len(x) > 3 or not all(place.at[v].is_Rational for v in x):
            return {}
        t = Symbol("t", real=True)
        found: dict[int, Vector] = {}
        for d in product(map(Integer, (0, 1, -1, 2, -2)), repeat=len(x)):
            path = {v: place.at[v] + k * t for v, k in zip(x, d, strict=True)}
            # On a kink both pieces agree, so that either of them may be taken there.
            sides = tuple(_first_sign(u.xreplace(path), t, known) or 1 for u in self.kinks)
            sign = _first_sign(self.piece(sides).xreplace(path) - value, t, known) if any(d) else 0
            if sign:
                found.setdefault(sign, d)
        return found

    def _signs_beside(self, value: Expr, cells: Sequence[Signs], known: Knowledge) -> frozenset[int]:
        """The signs that the function less a value may have in the cells."""
        found: frozenset[int] = frozenset((0,))
        for signs in cells:
            sides = tuple((u, frozenset((s,))) for u, s in zip(self.kinks, signs, strict=True))
            others = tuple(p for p in known.signs if not letters_of(p[0]) & set(self.variables))
            here = Knowledge((*sides, *others), tuple(p for p in known.values if p[0] not in self.variables))
            try:
                found |= here.possible(neat(self.piece(signs) - value))
            except UndecidableError:
                return ANY
        return found

    @cached_property
    def convex(self) -> bool:
        """Whether every piece is convex and every kink is flat and bends upward."""
        for signs in self.cells:
            function = Function(self.piece(signs), self.variables)
            if any(not self.known.possible(e) <= {0, 1} for e in function.symmetric):
                return False
            for k, s in enumerate(signs):
                u = self.kinks[k]
                if any(diff(u, x, y) != 0 for x in self.variables for y in self.variables):
                    return False
                other = (*signs[:k], -s, *signs[k + 1 :])
                gap = s * (function.f - self.piece(other)) if other in self.cells else S.Zero
                if not self.known.possible(tidy(sum(diff(u, x) * diff(gap, x) for x in self.variables))) <= {0, 1}:
                    return False
        return True


ONE_SIDED = (frozenset((0,)), frozenset((0, 1)), frozenset((0, -1)))


def kinks_in_words(active: Sequence[int]) -> str:
    """How many kinks a point lies on."""
    return "a kink" if len(active) == 1 else f"{len(active)} kinks"


def _first_sign(h: Expr, t: Symbol, known: Knowledge) -> int:
    """The sign of a smooth function for small t > 0, by its terms of lowest order; 0 where that is not seen."""
    for _ in range(7):
        value = neat(h.xreplace({t: S.Zero}))
        sign = known.sign(value) if value.is_number and value.is_finite else 0
        if sign:
            return sign
        h = diff(h, t)
    return 0


def holds_zero(vectors: Sequence[Vector], known: Knowledge) -> bool:
    """Whether 0 is a convex combination of vectors in one, two or three dimensions.

    Raises  `UndecidableError` in more dimensions than two, where no coordinate keeps its sign.
    """
    columns = [{known.sign(v[k]) for v in vectors} for k in range(len(vectors[0]))]
    if any(c in ({1}, {-1}) for c in columns):
        return False
    if len(columns) == 1 or any(not any(known.sign(c) for c in v) for v in vectors):
        return True
    if len(columns) > 2:
        raise UndecidableError("whether 0 is a mean of the gradients around a corner")

    def cross(a: Vector, b: Vector) -> int:
        return known.sign(neat(a[0] * b[1] - a[1] * b[0]))

    for g, h in combinations(vectors, 2):
        if cross(g, h) == 0 and known.sign(neat(g[0] * h[0] + g[1] * h[1])) < 0:
            return True
    triples = combinations(vectors, 3)
    return any({cross(g, h), cross(h, k), cross(k, g)} in ({1}, {-1}) for g, h, k in triples)


def may_be_positive(gaps: Sequence[Expr], variables: Sequence[Symbol]) -> bool:
    """Whether several expressions may be positive at once, as far as those tell that are linear in the variables."""
    rows = []
    for u in gaps:
        slopes = [diff(u, x) for x in variables]
        rest = (u - sum(c * x for c, x in zip(slopes, variables, strict=True))).expand()
        if all(c.is_Rational for c in (*slopes, rest)):
            rows.append((*slopes, rest))
    return _is_feasible(rows)


def _is_feasible(rows: Sequence[Vector]) -> bool:
    """Whether strict linear inequalities `a·x + c > 0` have a common solution, by eliminating letter after letter."""
    if not rows:
        return True
    if len(rows[0]) == 1:
        return all(bool(c > 0) for (c,) in rows)
    below = [r for r in rows if r[0] > 0]
    above = [r for r in rows if r[0] < 0]
    rest = [r[1:] for r in rows if r[0] == 0]
    for low, high in product(below, above):
        rest.append(tuple(a / low[0] - b / high[0] for a, b in zip(low[1:], high[1:], strict=True)))
    return _is_feasible(rest)


def _direction(a: Expr, b: Expr) -> Vector:
    scale = max(abs(a), abs(b))
    return (a / scale, b / scale)


def _angle(v: Vector) -> tuple[int, Expr]:
    """A key that orders directions counterclockwise."""
    a, b = v
    size = abs(a) + abs(b)
    return (0, -a / size) if b > 0 or (b == 0 and a > 0) else (1, a / size)
