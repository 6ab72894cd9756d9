"""Where the gradient of a smooth function vanishes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import lcm

from sympy import (
    Add,
    Expr,
    Integer,
    Mul,
    Pow,
    Rational,
    S,
    Symbol,
    cos,
    cosh,
    exp,
    expand_trig,
    fraction,
    log,
    pi,
    sin,
    sinh,
    tanh,
)

from symdl.engine.curvature.boxes import points_in_box, zero_by_newton
from symdl.engine.curvature.gram import ridges_of
from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, letters_of
from symdl.engine.curvature.local import Function
from symdl.engine.curvature.places import (
    Enclosed,
    Formula,
    Framed,
    Implicit,
    Place,
    Repeated,
    Roots,
    neat,
    numerator,
    with_root_letters,
)
from symdl.engine.curvature.systems import Solutions, solutions
from symdl.language import index, subterms

ROOTS = 3
"""Of more different roots than this no letters are made."""


@dataclass(frozen=True)
class Frame:
    """Other letters for the variables: x = log t, which makes e^x a letter."""

    back: Mapping[Symbol, Expr]
    letters: tuple[Symbol, ...]
    positive: tuple[Symbol, ...]


def stationary(function: Function, known: Knowledge, domain: Sequence[Expr] = ()) -> Solutions:
    """The points of the domain at which the gradient vanishes.

    Raises  `OpenSignError` where a sign decides, `UndecidableError` where they are not found.
    """
    if len(function.blocks) > 1 and not function.f.is_polynomial(*function.variables):
        return _by_blocks(function, known, domain)
    convex = _is_plainly_convex(function, known) and not domain
    try:
        found = vanishing(function.gradient, function.variables, known, domain, in_box=not convex)
        if not found.whole and len(found.places) == 1 and _is_strictly_convex(function, known):
            return Solutions(found.places, True)
        return found
    except UndecidableError:
        zero = zero_by_newton(function.gradient, function.variables) if convex else None
        if zero is not None:
            return Solutions((zero,), True)
        if not domain and (_is_unique(function, known) or _is_strongly_convex(function, known)):
            return Solutions((Implicit(function.variables),), True)
        along = _along_one_direction(function, known) if not domain else None
        if along is not None:
            return along
        raise


def _is_unique(function: Function, known: Knowledge) -> bool:
    """Whether the derivative is strictly monotone and changes its sign: it then vanishes exactly once."""
    if len(function.variables) > 1:
        return False
    (x,) = function.variables
    if known.possible(function.hessian[0][0]) not in (frozenset((1,)), frozenset((-1,))):
        return False
    letters = sorted(letters_of(function.f) - {x}, key=str)
    points = [Integer(0), *(Integer(s * k) for k in (1, 2, 5) for s in (1, -1))]
    points += [s * k * p**e for p in letters for e in (1, -1) for k in (1, 2) for s in (1, -1)]
    signs = {next(iter(may)) for p in points if len(may := known.possible(function.gradient[0].xreplace({x: p}))) == 1}
    return {1, -1} <= signs


def _along_one_direction(function: Function, known: Knowledge) -> Solutions | None:
    """The critical points of a function of one linear form, as planes on which this form has a value; else None."""
    x, *others = function.variables
    first = function.gradient[0]
    if not others or first == 0:
        return None
    ratios = {y: neat(g / first) for y, g in zip(others, function.gradient[1:], strict=True)}
    if not all(c.is_Rational for c in ratios.values()):
        return None
    found = stationary(Function(function.f.xreplace(dict.fromkeys(others, S.Zero)), (x,)), known)
    rest = Add(*(c * y for y, c in ratios.items()))
    places: list[Place] = []
    for place in found.places:
        inner = place.inner if isinstance(place, Repeated) else place
        if not isinstance(inner, Formula) or inner.free:
            return None
        plane = Formula({x: inner.at[x] - rest, **{y: y for y in others}}, tuple(others))
        places.append(Repeated(plane, place.steps) if isinstance(place, Repeated) else plane)
    return Solutions(tuple(places), found.whole)


def _is_plainly_convex(function: Function, known: Knowledge) -> bool:
    """Whether a function of several variables without other letters is visibly a sum of convex functions of forms."""
    several = len(function.variables) > 1 and letters_of(function.f) <= set(function.variables)
    return several and ridges_of(function.f, function.variables) is not None and _is_strictly_convex(function, known)


def _is_strictly_convex(function: Function, known: Knowledge) -> bool:
    """Whether the Hessian is visibly definite everywhere, so that there is one critical point at most."""
    try:
        signs = [known.possible(e) for e in function.symmetric]
    except UndecidableError:
        return False
    return any(all(may == {side if side > 0 else (-1) ** k} for k, may in enumerate(signs, 1)) for side in (1, -1))


def _is_strongly_convex(function: Function, known: Knowledge) -> bool:
    """Whether the Hessian less a positive constant times the identity is nowhere negative, or so for -f.

    Such a function has exactly one critical point.
    """
    own = set(function.variables)
    positive = sorted((p for p in letters_of(function.f) - own if known.possible(p) == {1}), key=str)
    square = Add(*(x**2 for x in function.variables))
    for side, c in product((1, -1), (*positive, Integer(1))):
        rest = Function(side * function.f - c * square / 2, function.variables)
        try:
            if all(known.possible(e) <= {0, 1} for e in rest.symmetric):
                return True
        except UndecidableError:
            continue
    return False


def vanishing(
    equations: Sequence[Expr],
    variables: Sequence[Symbol],
    known: Knowledge,
    domain: Sequence[Expr] = (),
    *,
    in_box: bool = True,
) -> Solutions:
    """The points of the domain at which all equations hold; where they are not found exactly, those in the box."""
    equations = [known.put(e) for e in equations]
    if all(numerator(e)[0].is_polynomial(*variables) for e in equations):
        return solutions(equations, variables, known, domain)
    rooted = _without_roots(equations, variables, known, domain)
    if rooted is not None:
        return rooted
    plain = [
        _without_two_exponentials(without_positive_factors(in_exponentials(e)), variables, known) for e in equations
    ]
    if all(e.is_polynomial(*variables) for e in plain):
        return solutions(plain, variables, known, domain)
    frame = _frame(plain, variables, known)
    if frame is not None:
        framed = [numerator(e.xreplace(dict(frame.back)).expand())[0] for e in plain]
        if all(e.is_polynomial(*frame.letters) for e in framed):
            inside = (*frame.positive, *(d.xreplace(dict(frame.back)) for d in domain))
            try:
                found = solutions(framed, frame.letters, _positive(known, frame), inside)
            except UndecidableError:
                if not in_box:
                    raise
                return _boxed(plain, equations, variables, domain)
            return Solutions(tuple(Framed(p, frame.back, {}) for p in found.places), found.whole)
    turned = _turned(plain, variables, known, domain)
    if turned is not None:
        return turned
    try:
        return solutions(plain, variables, known, domain)
    except UndecidableError:
        if not in_box:
            raise
        return _boxed(plain, equations, variables, domain)


def _boxed(
    plain: Sequence[Expr], equations: Sequence[Expr], variables: Sequence[Symbol], domain: Sequence[Expr]
) -> Solutions:
    """The solutions in the box, where the equations hold no other letters.

    Without denominators they may be steep where the equations themselves are not.
    """
    if frozenset().union(*map(letters_of, plain)) - set(variables):
        raise UndecidableError("the equations " + ", ".join(f"{e} = 0" for e in plain))
    try:
        places = points_in_box(plain, tuple(variables), domain)
    except UndecidableError:
        places = points_in_box([in_exponentials(e) for e in equations], tuple(variables), domain)
    return Solutions(tuple(places), False)


def _turned(
    equations: Sequence[Expr], variables: Sequence[Symbol], known: Knowledge, domain: Sequence[Expr]
) -> Solutions | None:
    """Variables that stand only in sines and cosines of whole multiples: their cosine and sine are the letters."""
    inside = {x: {a for e in equations for a in e.atoms(sin, cos) if x in letters_of(a)} for x in variables}
    turning = [x for x, heads in inside.items() if heads]
    if not turning or len(variables) < 2:
        return None
    for x in turning:
        if not all((a.args[0].coeff(x, 1)).is_Integer and a.args[0].is_polynomial(x) for a in inside[x]):
            return None
    circles = {x: (Symbol(f"c_{n}", real=True), Symbol(f"s_{n}", real=True)) for n, x in enumerate(turning, 1)}
    flat: list[Expr] = []
    for e in equations:
        plain = expand_trig(e.expand())
        for x, (c, s) in circles.items():
            plain = plain.xreplace({cos(x): c, sin(x): s})
        if letters_of(plain) & set(turning) or plain.has(sin, cos):
            return None
        flat.append(plain.expand())
    letters = tuple(x for x in variables if x not in circles) + tuple(a for pair in circles.values() for a in pair)
    flat += [c**2 + s**2 - 1 for c, s in circles.values()]
    if not all(e.is_polynomial(*letters) for e in flat) or domain:
        return None
    found = solutions(flat, letters, known)
    back = {x: x for x in variables if x not in circles}
    steps = {x: 2 * pi * index("kmn"[n % 3]) for n, x in enumerate(turning)}
    return Solutions(tuple(Repeated(Framed(p, back, circles), steps) for p in found.places), found.whole)


def _positive(known: Knowledge, frame: Frame) -> Knowledge:
    signs = tuple((t, frozenset((1,))) for t in frame.positive)
    return Knowledge((*signs, *known.signs), known.values, known.assumed, known.splits)


def _by_blocks(function: Function, known: Knowledge, domain: Sequence[Expr]) -> Solutions:
    """Variables that do not occur together are solved for apart."""
    parts: list[Solutions] = []
    for block in function.blocks:
        own = [g for g, x in zip(function.gradient, function.variables, strict=True) if x in block]
        inside = [d for d in domain if letters_of(d) & set(block)]
        if any(not letters_of(d) & set(function.variables) <= set(block) for d in inside):
            raise UndecidableError("a domain that ties variables together")
        parts.append(vanishing(own, block, known, inside))
    places = tuple(_together(combination) for combination in product(*(p.places for p in parts)))
    return Solutions(places, all(p.whole for p in parts))


def _together(places: Sequence[Place]) -> Place:
    """One point from those of its blocks."""
    steps: dict[Symbol, Expr] = {}
    counters = iter("kmnrs")
    boxes: dict[Symbol, tuple[Rational, Rational]] = {}
    exact: dict[Symbol, Expr] = {}
    free: tuple[Symbol, ...] = ()
    for place in places:
        if isinstance(place, Repeated):
            # Each block counts its periods with a letter of its own.
            for x, step in place.steps.items():
                (k,) = letters_of(step)
                steps[x] = step.xreplace({k: index(next(counters))})
            place = place.inner
        if isinstance(place, Enclosed):
            boxes |= place.boxes
            exact |= place.derived
        else:
            exact |= place.at
        free += place.free
    whole: Place = Enclosed(boxes, exact, free) if boxes else Formula(exact, free)
    return Repeated(whole, steps) if steps else whole


def without_positive_factors(expr: Expr) -> Expr:
    """The numerator, without factors that are exponentials."""
    top = numerator(expr)[0]
    kept = [f for f in Mul.make_args(top.factor() if top.count_ops() < 400 else top) if not _is_exponential(f)]
    return Mul(*kept)


def _without_roots(
    equations: Sequence[Expr], variables: Sequence[Symbol], known: Knowledge, domain: Sequence[Expr]
) -> Solutions | None:
    """The solutions with a letter r > 0 for every root, where r^q = u is polynomial; None where that finds none."""
    own = set(variables)
    found = sorted(
        {a for e in equations for a in e.atoms(Pow) if not a.exp.is_Integer and letters_of(a.base) & own}, key=str
    )
    if not found or not all(a.exp.is_Rational and a.base.is_polynomial(*variables) for a in found):
        return None
    orders: dict[Expr, int] = {}
    for a in found:
        orders[a.base] = lcm(orders.get(a.base, 1), int(a.exp.q))
    roots = tuple((u, q, Symbol(f"r_{n}", real=True)) for n, (u, q) in enumerate(orders.items(), 1))
    letters = tuple(r for *_, r in roots)
    if len(letters) > ROOTS:
        return None
    flat = [numerator(with_root_letters(e, roots))[0] for e in equations] + [r**q - u for u, q, r in roots]
    if not all(e.is_polynomial(*variables, *letters) for e in flat):
        return None
    try:
        inner = solutions(flat, (*variables, *letters), known, (*letters, *domain))
    except UndecidableError:
        return None
    back = {x: x for x in variables}
    return Solutions(tuple(_rooted(p, back, roots) for p in inner.places), inner.whole)


def _rooted(place: Place, back: Mapping[Symbol, Expr], roots: Roots) -> Place:
    if isinstance(place, Formula):
        free = tuple(x for x in place.free if x in back)
        return Formula({x: place.at[x] for x in back}, free, place.conditions, path=place.path)
    return Framed(place, back, {}, roots)


def _without_two_exponentials(e: Expr, variables: Sequence[Symbol], known: Knowledge) -> Expr:
    """Where letters are in it, a e^u + b e^v = 0 as u - v = log |b| - log |a|; it has no solution where a b > 0.

    Raises  `OpenSignError` where a sign decides.
    """
    own = set(variables)
    terms = Add.make_args(e.expand(power_exp=True))
    if len(terms) != 2 or not letters_of(e) - own:
        return e
    exponents: list[Expr] = []
    outside: list[Expr] = []
    for term in terms:
        powers = [f for f in Mul.make_args(term) if _is_exponential(f)]
        outside.append(Mul(*(f for f in Mul.make_args(term) if f not in powers)))
        exponents.append(Add(*((f.args[0] if isinstance(f, exp) else f.base.args[0] * f.exp) for f in powers)))
    gap = (exponents[0] - exponents[1]).expand()
    if any(letters_of(c) & own for c in outside) or not letters_of(gap) & own or gap.has(exp, log):
        return e
    ratio = neat(-outside[1] / outside[0])
    sign = known.sign(ratio)
    if sign <= 0:
        return S.One if sign else e
    top, below = fraction(ratio)
    side = known.sign(top)
    return gap - log(side * top) + log(side * below)


def _is_exponential(f: Expr) -> bool:
    return isinstance(f, exp) or (isinstance(f, Pow) and isinstance(f.base, exp))


def in_exponentials(expr: Expr) -> Expr:
    """Hyperbolic functions by their definitions."""
    return (
        expr.replace(tanh, lambda u: (exp(u) - exp(-u)) / (exp(u) + exp(-u)))
        .replace(sinh, lambda u: (exp(u) - exp(-u)) / 2)
        .replace(cosh, lambda u: (exp(u) + exp(-u)) / 2)
    )


def _frame(equations: Sequence[Expr], variables: Sequence[Symbol], known: Knowledge) -> Frame | None:
    """Letters for exponentials of variables that occur nowhere else, and for logarithms that stand alone.

    Raises  `OpenSignError` where the rate of an exponential may vanish.
    """
    back: dict[Symbol, Expr] = {}
    positive: list[Symbol] = []
    for n, x in enumerate(variables, 1):
        heads = [t for e in equations for t in subterms(e.expand(power_exp=True)) if _holds(t, x)]
        rates = [r for t in heads for r in _rates(t, x)]
        letter = Symbol(f"t_{n}", real=True)
        hidden = [
            e.expand(power_exp=True).replace(exp, lambda u, x=x: Symbol("hidden") if x in letters_of(u) else exp(u))
            for e in equations
        ]
        unit = _unit(rates, variables) if heads and not any(x in letters_of(e) for e in hidden) else None
        if unit is not None and (not letters_of(unit) or known.sign(unit) != 0):
            back[x] = log(letter) / unit
            positive.append(letter)
            continue
        logs = [t for e in equations for t in e.atoms(log) if x in letters_of(t)]
        bare = [e.replace(log, lambda u, x=x: Symbol("hidden") if u == x else log(u)) for e in equations]
        if logs and all(t == log(x) for t in logs) and not any(x in letters_of(e) for e in bare):
            back[x] = exp(letter)
            continue
        back[x] = letter
    letters = tuple(Symbol(f"t_{n}", real=True) for n in range(1, len(variables) + 1))
    return Frame(back, letters, tuple(positive)) if any(not e.is_Symbol for e in back.values()) else None


def _holds(term: Expr, x: Symbol) -> bool:
    return isinstance(term, exp) and x in letters_of(term)


def _rates(term: Expr, x: Symbol) -> Iterator[Expr]:
    for part in Add.make_args(term.args[0].expand()):
        if x in letters_of(part):
            yield part / x


def _unit(rates: Sequence[Expr], variables: Sequence[Symbol]) -> Expr | None:
    """The rate of which all others are whole multiples; None where they hold a variable, or there is none such."""
    first = rates[0]
    shares = [r / first for r in rates]
    if not all(c.is_Rational for c in shares) or letters_of(first) & set(variables):
        return None
    if first.is_Rational:
        shares, first = list(rates), S.One
    q = 1
    for c in shares:
        q *= int(c.q)
    return first / q
