"""Functions of two variables with kinks along lines: critical points in cells, on lines and at corners."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product

from sympy import Expr, Rational, S, Symbol, diff

from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, sign_of_number
from symdl.engine.curvature.local import Function, Judged, Verdict, specialised, tidy, verdict_at
from symdl.engine.curvature.pieces import kinks_of, smooth_on
from symdl.engine.curvature.places import Enclosed, Formula, neat
from symdl.engine.curvature.stationary import stationary
from symdl.problem import PointKind, Relation

KINKS = 5

Inequality = tuple[Rational, Rational, Rational]
"""a x + b y + c > 0."""


class Corners:
    """One function in two variables, its kinks being lines with rational coefficients."""

    def __init__(self, f: Expr, variables: tuple[Symbol, Symbol], known: Knowledge) -> None:
        self.f = known.put(f)
        self.known = known
        self.variables = variables
        self.kinks = kinks_of(self.f)
        x, y = variables
        self.lines: list[Inequality] = []
        for u in self.kinks:
            a, b = diff(u, x), diff(u, y)
            c = (u - a * x - b * y).expand()
            if not all(v.is_Rational for v in (a, b, c)) or (a, b) == (0, 0):
                raise UndecidableError(f"a kink along {u} = 0, which is no line with rational coefficients")
            self.lines.append((a, b, c))
        if len(self.kinks) > KINKS:
            raise UndecidableError("so many kinks")
        self.whole = True
        self._convex: bool | None = None

    def found(self) -> list[Judged]:
        """All critical points: where the gradient vanishes, or 0 is a convex combination of the gradients around."""
        return [*self._cells(), *self._on_lines(), *self._at_corners()]

    def _signs(self, at: Sequence[int]) -> dict[Expr, int]:
        return dict(zip(self.kinks, at, strict=True))

    def _feasible(self) -> Iterator[tuple[int, ...]]:
        for signs in product((1, -1), repeat=len(self.kinks)):
            if _is_feasible([_turned(line, s) for line, s in zip(self.lines, signs, strict=True)]):
                yield signs

    def _cells(self) -> Iterator[Judged]:
        for signs in self._feasible():
            function = Function(smooth_on(self.f, self._signs(signs)), self.variables)
            domain = [s * u for u, s in zip(self.kinks, signs, strict=True)]
            if all(g == 0 for g in function.gradient):
                yield from self._flat(function, domain)
                continue
            points = stationary(function, self.known, domain)
            self.whole = self.whole and points.whole
            for place in points.places:
                if place.free:
                    raise UndecidableError("a set of critical points between kinks")
                own = specialised(place, self.known)
                yield Judged(own, verdict_at(function, own, self.known), own.value(function.f), self.known)

    def _flat(self, function: Function, domain: Sequence[Expr]) -> Iterator[Judged]:
        if not self.convex:
            raise UndecidableError("a cell in which the function is constant")
        conditions = tuple(Relation(d, ">=", S.Zero) for d in domain)
        place = Formula({x: x for x in self.variables}, self.variables, conditions)
        why = ("The function is constant here, and it is convex.",)
        yield Judged(place, Verdict("minimum", why, (0, 0, 2)), neat(function.f), self.known)

    def _on_lines(self) -> Iterator[Judged]:
        t = Symbol("t", real=True)
        x, y = self.variables
        for k, (a, b, c) in enumerate(self.lines):
            base = (-c * a / (a**2 + b**2), -c * b / (a**2 + b**2))
            path = {x: base[0] - b * t, y: base[1] + a * t}
            rest = [n for n in range(len(self.kinks)) if n != k]
            along = {n: self.kinks[n].xreplace(path).expand() for n in rest}
            if any(e == 0 for e in along.values()):
                raise UndecidableError("two kinks along one line")
            for signs in product((1, -1), repeat=len(rest)):
                domain = [s * along[n] for n, s in zip(rest, signs, strict=True)]
                if any(d.is_Rational and d < 0 for d in domain):
                    continue
                domain = [d for d in domain if not d.is_Rational]
                yield from self._on_segment(k, path, t, dict(zip(rest, signs, strict=True)), domain)

    def _on_segment(
        self, k: int, path: dict[Symbol, Expr], t: Symbol, signs: dict[int, int], domain: list[Expr]
    ) -> Iterator[Judged]:
        sides = [smooth_on(self.f, self._signs([signs.get(n, s) for n in range(len(self.kinks))])) for s in (1, -1)]
        line = Function(sides[0].xreplace(path).expand(), (t,))
        if (sides[0].xreplace(path) - sides[1].xreplace(path)).expand() != 0:
            raise UndecidableError("a jump along a line")
        if line.gradient[0] == 0:
            if any(all(diff(f, x) == 0 for x in self.variables) for f in sides):
                # The line bounds a cell in which the function is constant, which is listed with its boundary.
                return
            if self._beside(k, sides, path) is not None:
                raise UndecidableError("a line of critical points along a kink")
            return
        points = stationary(line, self.known, domain)
        self.whole = self.whole and points.whole
        for place in points.places:
            if isinstance(place, Enclosed) or place.free:
                raise UndecidableError("a point on a kink that has no formula")
            value = place.at[t]
            at = {x: neat(e.xreplace({t: value})) for x, e in path.items()}
            beside = self._beside(k, sides, at)
            if beside is None:
                continue
            along = verdict_at(line, place, self.known).kind
            kind: PointKind = "saddle"
            if beside > 0 and along in ("minimum", "undecided"):
                kind = along
            if beside < 0 and along in ("maximum", "undecided"):
                kind = along
            word = "grows" if beside > 0 else "falls"
            why = (f"The point lies on a kink: to both sides of it the function {word}, along it it has a {along}.",)
            yield Judged(Formula(at), Verdict(kind, why, (0, 0, 2)), neat(sides[0].xreplace(at)), self.known)

    def _beside(self, k: int, sides: Sequence[Expr], at: dict[Symbol, Expr]) -> int | None:
        """1 where the function grows to both sides of a line, -1 where it falls; None where it does neither."""
        a, b, _ = self.lines[k]
        x, y = self.variables
        out = [neat((a * diff(f, x) + b * diff(f, y)).xreplace(at)) for f in sides]
        signs = self.known.sign(out[0]), -self.known.sign(out[1])
        if 0 in signs:
            if self.convex and min(signs) >= 0:
                return 1
            raise UndecidableError("a slope of zero beside a kink")
        return signs[0] if signs[0] == signs[1] else None

    def _at_corners(self) -> Iterator[Judged]:
        x, y = self.variables
        seen: list[tuple[Expr, Expr]] = []
        for p, q in combinations(self.lines, 2):
            det = p[0] * q[1] - p[1] * q[0]
            if det == 0:
                continue
            at = ((p[1] * q[2] - q[1] * p[2]) / det, (q[0] * p[2] - p[0] * q[2]) / det)
            if at in seen:
                continue
            seen.append(at)
            here = {x: at[0], y: at[1]}
            found = self._corner(here)
            if found is not None:
                yield found

    def _corner(self, at: dict[Symbol, Expr]) -> Judged | None:
        values = [self.kinks[n].xreplace(at) for n in range(len(self.kinks))]
        through = [n for n, v in enumerate(values) if v == 0]
        rays = sorted(
            {_direction(s * -self.lines[n][1], s * self.lines[n][0]) for n in through for s in (1, -1)}, key=_angle
        )
        gradients: list[tuple[Expr, Expr]] = []
        slopes: list[int] = []
        for u, v in zip(rays, [*rays[1:], rays[0]], strict=True):
            middle = (u[0] + v[0], u[1] + v[1]) if len(rays) > 2 else (-u[1], u[0])
            signs = [
                sign_of_number(self.lines[n][0] * middle[0] + self.lines[n][1] * middle[1])
                if n in through
                else sign_of_number(values[n])
                for n in range(len(self.kinks))
            ]
            piece = smooth_on(self.f, self._signs(signs))
            g = tuple(neat(diff(piece, x).xreplace(at)) for x in self.variables)
            gradients.append((g[0], g[1]))
            slopes += [self.known.sign(neat(g[0] * r[0] + g[1] * r[1])) for r in (u, v)]
            value = neat(piece.xreplace(at))
        kind: PointKind
        if min(slopes) > 0 or (min(slopes) == 0 and self.convex):
            kind = "minimum"
        elif max(slopes) < 0:
            kind = "maximum"
        elif min(slopes) < 0 < max(slopes):
            if not self._surrounds(gradients):
                return None
            kind = "saddle"
        else:
            raise UndecidableError("a slope of zero at a corner")
        words = {
            "minimum": "grows in every direction",
            "maximum": "falls in every direction",
            "saddle": "grows in some directions and falls in others, and 0 is a mean of the gradients around it",
            "undecided": "",
        }
        if min(slopes) == 0 and kind == "minimum":
            words["minimum"] = "falls in no direction and is convex"
        why = (f"Kinks meet at the point; from there the function {words[kind]}.",)
        return Judged(Formula(at), Verdict(kind, why, (0, 0, 2)), value, self.known)

    def _surrounds(self, gradients: Sequence[tuple[Expr, Expr]]) -> bool:
        """Whether 0 is a convex combination of the vectors."""
        if any(g == (0, 0) for g in gradients):
            return True
        for g, h in combinations(gradients, 2):
            cross = self.known.sign(g[0] * h[1] - g[1] * h[0])
            if cross == 0 and self.known.sign(g[0] * h[0] + g[1] * h[1]) < 0:
                return True
        for g, h, k in combinations(gradients, 3):
            signs = {self.known.sign(a[0] * b[1] - a[1] * b[0]) for a, b in ((g, h), (h, k), (k, g))}
            if signs in ({1}, {-1}):
                return True
        return False

    @property
    def convex(self) -> bool:
        """Whether every piece is convex and every kink bends upward."""
        if self._convex is None:
            self._convex = self._is_convex()
        return self._convex

    def _is_convex(self) -> bool:
        x, y = self.variables
        for signs in self._feasible():
            function = Function(smooth_on(self.f, self._signs(signs)), self.variables)
            if any(not self.known.possible(e) <= {0, 1} for e in (*function.symmetric, function.hessian[0][0])):
                return False
            for k, s in enumerate(signs):
                other = (*signs[:k], -s, *signs[k + 1 :])
                neighbour = smooth_on(self.f, self._signs(other))
                gap = s * (function.f - neighbour)
                a, b, _ = self.lines[k]
                if not self.known.possible(tidy(a * diff(gap, x) + b * diff(gap, y))) <= {0, 1}:
                    return False
        return True


def _turned(line: Inequality, sign: int) -> Inequality:
    return (sign * line[0], sign * line[1], sign * line[2])


def _is_feasible(inequalities: Sequence[Inequality]) -> bool:
    """Whether strict linear inequalities in two letters have a common solution, by eliminating one after the other."""
    below = [(-b / a, -c / a) for a, b, c in inequalities if a > 0]
    above = [(-b / a, -c / a) for a, b, c in inequalities if a < 0]
    rest = [(b, c) for a, b, c in inequalities if a == 0]
    rest += [(u[0] - low_[0], u[1] - low_[1]) for low_ in below for u in above]
    low: Expr | None = None
    high: Expr | None = None
    for b, c in rest:
        if b == 0:
            if c <= 0:
                return False
        elif b > 0:
            low = -c / b if low is None else max(low, -c / b)
        else:
            high = -c / b if high is None else min(high, -c / b)
    return low is None or high is None or bool(low < high)


def _direction(a: Expr, b: Expr) -> tuple[Expr, Expr]:
    scale = max(abs(a), abs(b))
    return (a / scale, b / scale)


def _angle(v: tuple[Expr, Expr]) -> tuple[int, Expr]:
    """A key that orders directions counterclockwise."""
    a, b = v
    size = abs(a) + abs(b)
    return (0, -a / size) if b > 0 or (b == 0 and a > 0) else (1, a / size)
