"""Functions of one variable with kinks: their smooth pieces, the knots between them, and Fermat's rule at both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

from sympy import Add, Expr, Integer, Rational, S, Symbol, diff

from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, letters_of
from symdl.engine.curvature.lines import BOX
from symdl.engine.curvature.local import Function, Judged, Verdict, specialised, tidy, verdict_at
from symdl.engine.curvature.places import Enclosed, Formula, Place, Repeated, neat
from symdl.engine.curvature.stationary import stationary, vanishing
from symdl.language import Cases, Step, walk
from symdl.problem import PointKind, Relation, Symbolic, Text

ORDER = 10

OPEN = 6
"""Of more expressions without a known sign the cases are not told apart."""


@dataclass(frozen=True)
class Piece:
    """A smooth piece between two knots; None where it is unbounded."""

    f: Expr
    lo: Expr | None
    hi: Expr | None

    def domain(self, x: Symbol) -> tuple[Expr, ...]:
        return tuple(
            e
            for e in (None if self.lo is None else x - self.lo, None if self.hi is None else self.hi - x)
            if e is not None
        )

    def conditions(self, x: Symbol) -> tuple[Relation, ...]:
        lower = () if self.lo is None else (Relation(x, ">", self.lo),)
        upper = () if self.hi is None else (Relation(x, "<", self.hi),)
        return (*lower, *upper)


@dataclass(frozen=True)
class Broken:
    """A function of one variable in pieces, with what was found of it in one case."""

    x: Symbol
    pieces: tuple[Piece, ...]
    found: tuple[Judged, ...]
    slopes: tuple[tuple[Expr, Expr, Expr], ...]
    whole: bool = True

    def is_convex(self, known: Knowledge) -> bool:
        """Whether no piece bends down, and the slope jumps down at no knot."""
        bends = [tidy(diff(p.f, self.x, 2)) for p in self.pieces]
        jumps = [right - left for _, left, right in self.slopes]
        try:
            return all(known.possible(e) <= {0, 1} for e in (*bends, *jumps))
        except UndecidableError:
            return False


def separated(f: Expr, variables: Sequence[Symbol]) -> dict[Symbol, Expr] | None:
    """`f` as a sum of functions of one variable each; None where it is not one."""
    parts: dict[Symbol, Expr] = dict.fromkeys(variables, S.Zero)
    rest: Expr = S.Zero
    for term in Add.make_args(spread(f)):
        own = [x for x in variables if x in letters_of(term)]
        if len(own) > 1:
            return None
        if own:
            parts[own[0]] += term
        else:
            rest += term
    parts[variables[0]] += rest
    return parts


def spread(f: Expr) -> Expr:
    """`f` multiplied out, case splits left whole."""
    whole = {c: Symbol(f"case{n}") for n, c in enumerate(sorted(_outermost(f), key=str))}
    return f.xreplace(whole).expand().xreplace({s: c for c, s in whole.items()})


def _outermost(f: Expr) -> set[Expr]:
    if isinstance(f, (Cases, Step)):
        return {f}
    return set().union(*(_outermost(a) for a in f.args))


def kinks_of(f: Expr) -> list[Expr]:
    """The expressions at whose zeros the function has its kinks, each up to its sign."""
    found: list[Expr] = []
    for s in sorted(f.atoms(Step), key=str):
        if s.u not in found and -s.u not in found and (-s.u).expand() not in found:
            found.append(s.u)
    return found


def smooth_on(f: Expr, signs: dict[Expr, int]) -> Expr:
    """`f` where the kink expressions have these signs."""

    def visit(term: Expr) -> Expr | None:
        if isinstance(term, Step):
            for u, s in signs.items():
                for side in (1, -1):
                    if (term.u - side * u).expand() == 0:
                        return term.at_zero if s == 0 else S.One if s * side > 0 else S.Zero
        return None

    return _settled(walk(f, visit))


def _settled(f: Expr) -> Expr:
    def visit(term: Expr) -> Expr | None:
        if isinstance(term, Cases):
            for value, condition in term.branches:
                flat = condition.expand()
                if flat == 1:
                    return _settled(value)
                if flat != 0:
                    return None
            return _settled(term.otherwise)
        return None

    return walk(f, visit)


def in_pieces(f: Expr, x: Symbol, known: Knowledge, domain: Sequence[Expr] = ()) -> Broken:
    """The critical points of a function of one variable with kinks, in one case.

    Raises  `OpenSignError` where a sign decides, `UndecidableError`.
    """
    f = known.put(f)
    kinks = [u for u in kinks_of(f) if x in letters_of(u)]
    constant = [u for u in kinks_of(f) if x not in letters_of(u)]
    if sum(len(known.possible(u)) > 1 for u in constant) > OPEN:
        raise UndecidableError("so many expressions of unknown sign decide what the function is")
    fixed = {u: known.sign(u) for u in constant}
    knots, whole = _knots(kinks, x, known)
    if not whole:
        domain = (*domain, x + BOX, BOX - x)
    inside = [k for k in _in_order(knots, known) if all(_allowed(known, d, x, k) for d in domain)]
    pieces = tuple(_joined([_piece(f, x, kinks, fixed, lo, hi, known) for lo, hi in _intervals(inside)]))
    found: list[Judged] = []
    slopes: list[tuple[Expr, Expr, Expr]] = []
    for n, piece in enumerate(pieces):
        sides = [
            _after(pieces[n - 1], x, piece.lo, -1, known) if n else None,
            _after(pieces[n + 1], x, piece.hi, 1, known) if n + 1 < len(pieces) else None,
        ]
        some, complete = _of_piece(piece, x, known, domain, sides)
        found += some
        whole = whole and complete
        if piece.hi is not None:
            left, right = piece, pieces[n + 1]
            slopes.append((piece.hi, _slope(left, x, piece.hi, -1), _slope(right, x, piece.hi, 1)))
            at_knot = _of_knot(left, right, x, piece.hi, known)
            if at_knot is not None:
                found.append(at_knot)
    return Broken(x, pieces, tuple(_closed(found, x)), tuple(slopes), whole)


def _knots(kinks: Sequence[Expr], x: Symbol, known: Knowledge) -> tuple[list[Expr], bool]:
    """Where any of these expressions vanishes, and whether these are all such places."""
    knots: list[Expr] = []
    whole = True
    for u in kinks:
        zeros = vanishing([u], [x], known)
        whole = whole and zeros.whole
        for place in zeros.places:
            if isinstance(place, Enclosed) or place.free:
                raise UndecidableError("where ", u, " vanishes")
            values = [place.at[x]]
            if isinstance(place, Repeated):
                whole, values = False, [v for v in _repetitions(place, x) if abs(v.evalf(20)) < BOX]
            knots += [v for v in values if not any(neat(v - k) == 0 for k in knots)]
    return knots, whole


def _in_order(knots: Sequence[Expr], known: Knowledge) -> list[Expr]:
    """Numbers from the least to the greatest, each of them once."""
    for n in range(len(knots)):
        for m in range(n):
            known.sign(knots[n] - knots[m])
    distinct: list[Expr] = []
    for k in sorted(knots, key=lambda k: sum(known.sign(k - other) for other in knots)):
        if not distinct or known.sign(k - distinct[-1]) != 0:
            distinct.append(k)
    return distinct


def ends(part: Broken, gaps: Sequence[Expr], known: Knowledge) -> list[Judged]:
    """The ends of a closed interval, `gaps` being the linear expressions that are not negative on it.

    Raises  `OpenSignError`, `UndecidableError`, also where a gap is not linear.
    """
    x, found = part.x, []
    for g in gaps:
        slope = diff(g, x)
        if not slope.is_Rational or slope == 0:
            raise UndecidableError("the end of the domain at which ", g, " = 0")
        end = neat(x - g / slope)
        if any(known.sign(neat(o.xreplace({x: end}))) < 0 for o in gaps if o != g):
            continue
        side = 1 if slope > 0 else -1
        near = part.pieces
        near = tuple(p for p in near if p.lo is None or known.sign(end - p.lo) >= (0 if side > 0 else 1))
        near = tuple(p for p in near if p.hi is None or known.sign(p.hi - end) >= (0 if side < 0 else 1))
        piece = near[0]
        inward = _after(piece, x, end, side, known) * side
        if inward == 0:
            raise UndecidableError("the end of a part that is constant, ", x, " = ", end)
        kind: PointKind = "minimum" if inward > 0 else "maximum"
        why: Text = (
            f"It is an end of the domain, from which the function {'grows' if inward > 0 else 'falls'} inward.",
        )
        value = neat(piece.f.xreplace({x: end}))
        found.append(Judged(Formula({x: end}), Verdict(kind, why, (0, 0, 1)), value, known))
    return found


def _repetitions(place: Repeated, x: Symbol) -> list[Expr]:
    """The values of a point that repeats, for the numbers around zero."""
    step = place.steps[x]
    (k,) = letters_of(step)
    return [neat(place.inner.at[x] + step.xreplace({k: Integer(n)})) for n in range(-40, 41)]


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours on which the function is the same as one piece."""
    found: list[Piece] = []
    for piece in pieces:
        if found and (found[-1].f - piece.f).expand() == 0:
            found[-1] = replace(found[-1], hi=piece.hi)
        else:
            found.append(piece)
    return found


def _allowed(known: Knowledge, d: Expr, x: Symbol, k: Expr) -> bool:
    return known.sign(d.xreplace({x: k})) > 0


def _intervals(knots: Sequence[Expr]) -> list[tuple[Expr | None, Expr | None]]:
    ends: list[Expr | None] = [None, *knots, None]
    return list(pairwise(ends))


def _piece(
    f: Expr,
    x: Symbol,
    kinks: Sequence[Expr],
    fixed: dict[Expr, int],
    lo: Expr | None,
    hi: Expr | None,
    known: Knowledge,
) -> Piece:
    sample = _inside(lo, hi)
    signs = {u: known.sign(neat(u.xreplace({x: sample}))) for u in kinks}
    return Piece(smooth_on(f, {**signs, **fixed}), lo, hi)


def _inside(lo: Expr | None, hi: Expr | None) -> Expr:
    if lo is None:
        return S.Zero if hi is None else hi - 1
    return lo + 1 if hi is None else (lo + hi) / 2


def _slope(piece: Piece, x: Symbol, at: Expr, side: int) -> Expr:
    """The slope at an end of a piece, which lies to this side of it; of a root its limit."""
    value = neat(diff(piece.f, x).xreplace({x: at}))
    if value is not S.NaN:
        return value
    t = Symbol("t", positive=True)
    return neat(diff(piece.f, x).xreplace({x: at + side * t}).expand().xreplace({t: S.Zero}))


def _after(piece: Piece, x: Symbol, at: Expr | None, side: int, known: Knowledge) -> int:
    """The sign of the derivative just beside a knot, inside a piece; 0 where the piece is constant."""
    assert at is not None
    derivative = tidy(diff(piece.f, x))
    if derivative == 0:
        return 0
    for k in range(ORDER):
        value = neat(derivative.xreplace({x: at}))
        if value is S.NaN or (not value.is_finite and not letters_of(value)):
            return _close_by(tidy(diff(piece.f, x)), x, at, side, known)
        sign = known.sign(value)
        if sign:
            return sign * (side if k % 2 else 1)
        derivative = tidy(diff(derivative, x))
        if derivative == 0:
            return 0
    raise UndecidableError("the sign of the derivative beside a knot")


def _close_by(slope: Expr, x: Symbol, at: Expr, side: int, known: Knowledge) -> int:
    """The sign of a derivative beside a knot at which a higher one is infinite, where it is visible."""
    t = Symbol("t", real=True)
    lowest = _lowest_power(slope.xreplace({x: at + side * t}).expand(), t)
    if lowest is not None:
        return known.sign(lowest)
    near = replace(known, signs=((t, frozenset((1,))), *known.signs))
    may = near.possible(slope.xreplace({x: at + side * t}))
    if len(may) != 1:
        raise UndecidableError("the sign of the derivative beside a knot")
    return next(iter(may))


def _lowest_power(expr: Expr, t: Symbol) -> Expr | None:
    """The coefficient of the lowest power in a sum of powers of a letter; None where it is none."""
    found: dict[Expr, Expr] = {}
    for term in Add.make_args(expr):
        c, power = term.as_independent(t)
        base, exponent = power.as_base_exp()
        if power == 1:
            exponent = S.Zero
        elif base != t or not exponent.is_Rational:
            return None
        found[exponent] = found.get(exponent, S.Zero) + c
    found = {e: c for e, c in found.items() if c != 0}
    return found[min(found)] if found else None


def _of_piece(
    piece: Piece, x: Symbol, known: Knowledge, domain: Sequence[Expr], sides: Sequence[int | None]
) -> tuple[list[Judged], bool]:
    slope = tidy(diff(piece.f, x))
    if slope == 0:
        left, right = (None if s is None else s for s in sides)
        low = (left is None or left <= 0) and (right is None or right >= 0)
        high = (left is None or left >= 0) and (right is None or right <= 0)
        kind: PointKind = "minimum" if low else "maximum" if high else "saddle"
        flat = Formula({x: x}, (x,), piece.conditions(x))
        if kind == "saddle":
            kind = "minimum"
        why = "The function is constant here: every point is a local minimum and a local maximum at once."
        return [Judged(flat, Verdict(kind, (why,), (0, 0, 1)), neat(piece.f), known)], True
    function = Function(piece.f, (x,))
    points = stationary(function, known, (*piece.domain(x), *domain))
    found: list[Judged] = []
    for place in points.places:
        own = specialised(place, known)
        found.append(Judged(own, verdict_at(function, own, known), own.value(piece.f), known))
    return found, points.whole


def _of_knot(left: Piece, right: Piece, x: Symbol, at: Expr, known: Knowledge) -> Judged | None:
    """Fermat's rule: 0 must lie between the two slopes; the signs of the derivative on both sides say the rest."""
    values = [neat(p.f.xreplace({x: at})) for p in (left, right)]
    if known.sign(neat(values[0] - values[1])) != 0:
        raise UndecidableError("the function jumps at ", x, " = ", at)
    slopes = [_slope(left, x, at, -1), _slope(right, x, at, 1)]
    before, after = _after(left, x, at, -1, known), _after(right, x, at, 1, known)
    steep = any(s.has(S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.NaN) for s in slopes)
    signs = [before, after] if steep else [known.sign(s) for s in slopes]
    if signs[0] * signs[1] > 0:
        return None
    place = Formula({x: at})
    kind: PointKind = "saddle"
    if before <= 0 <= after:
        kind = "minimum"
    elif before >= 0 >= after:
        kind = "maximum"
    why: Text = (
        "The slope is ",
        slopes[0],
        " from the left and ",
        slopes[1],
        " from the right, and 0 lies between them, so Fermat's rule holds.",
    )
    if steep:
        words = {1: "positive", 0: "zero", -1: "negative"}
        why = (f"Next to the point the slope is {words[before]} on the left and {words[after]} on the right.",)
    return Judged(place, Verdict(kind, why, (0, 0, 1)), values[0], known)


def _closed(found: Sequence[Judged], x: Symbol) -> list[Judged]:
    """Intervals on which the function is constant, with the knots at their ends where those are of the same kind."""
    flats = [j for j in found if j.place.free]
    kept: list[Judged] = []
    taken: list[Judged] = []
    for flat in flats:
        place = flat.place
        assert isinstance(place, Formula)
        conditions: list[Relation] = []
        for c in place.conditions:
            end = next(
                (
                    j
                    for j in found
                    if not j.place.free and j.place.at == {x: c.rhs} and j.verdict.kind == flat.verdict.kind
                ),
                None,
            )
            if end is None:
                conditions.append(c)
                continue
            taken.append(end)
            conditions.append(Relation(c.lhs, ">=" if c.sign == ">" else "<=", c.rhs))
        kept.append(replace(flat, place=replace(place, conditions=tuple(conditions))))
    return [*(j for j in found if not j.place.free and j not in taken), *kept]


_OPEN: dict[Symbolic, Symbolic] = {">=": ">", "<=": "<"}


def _is_flat(j: Judged) -> bool:
    """Whether the function is constant about the point, so that it is a minimum and a maximum at once."""
    return bool(j.place.free)


def combined(parts: Sequence[Broken], known: Knowledge) -> list[Judged]:
    """The critical points of a sum of functions of different variables: one point of each."""
    found: list[Judged] = []
    for chosen in product(*(p.found for p in parts)):
        at: dict[Symbol, Expr] = {}
        boxes: dict[Symbol, tuple[Rational, Rational]] = {}
        free: tuple[Symbol, ...] = ()
        conditions: tuple[Relation, ...] = ()
        for j in chosen:
            if isinstance(j.place, Enclosed):
                boxes |= j.place.boxes
            else:
                at |= j.place.at
                free += j.place.free
                conditions += j.place.conditions if isinstance(j.place, Formula) else ()
        kinds = {j.verdict.kind for j in chosen if not _is_flat(j)} or {chosen[0].verdict.kind}
        ends: list[Relation] = []
        if any(_is_flat(j) and j.verdict.kind not in kinds for j in chosen):
            # Inside the flat part the other variables decide; its ends are extreme to one side only.
            ends = [c for c in conditions if c.sign in _OPEN]
            conditions = tuple(Relation(c.lhs, _OPEN.get(c.sign, c.sign), c.rhs) for c in conditions)
        place: Place = Enclosed(boxes, at, free) if boxes else Formula(at, free, conditions)
        kind: PointKind = next(iter(kinds)) if len(kinds) == 1 else "saddle"
        if "undecided" in kinds:
            kind = "saddle" if "saddle" in kinds or {"minimum", "maximum"} <= kinds else "undecided"
        why = tuple(w for p, j in zip(parts, chosen, strict=True) for w in ("In ", p.x, ": ", *j.verdict.why, " "))
        value = Add(*(j.value for j in chosen))
        found.append(Judged(place, Verdict(kind, why, (0, 0, len(chosen))), neat(value), known))
        for c in ends:
            if not boxes and isinstance(c.lhs, Symbol):
                rest = tuple(x for x in free if x != c.lhs)
                end = Formula({**at, c.lhs: c.rhs}, rest, tuple(o for o in conditions if o.lhs != c.lhs))
                words: Text = ("Here the part that is constant on one side of ", c, " bends.")
                found.append(Judged(end, Verdict("saddle", words, (0, 0, len(chosen))), neat(value), known))
    return found
