"""Convex and concave functions of symbolic size: the Hessian's quadratic form, null space, constants, extrema."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sympy import Expr, Mul, Poly, Rational, S, Symbol, fraction, log, together
from sympy.polys.polyerrors import BasePolynomialError

from symdl.engine import algebra
from symdl.engine.cost import cost
from symdl.engine.curvature.knowledge import letters_of
from symdl.engine.curvature.members import generic, name_of, says, value_at, with_value
from symdl.engine.curvature.quadratic import Form, Square, form_of, is_constant, positive, quarter
from symdl.engine.curvature.sheet import listed
from symdl.engine.curvature.subject import with_definitions
from symdl.engine.derive import closed, unfolded
from symdl.engine.proof import Proof, finish, split_sums, use_known_sums
from symdl.engine.session import Session
from symdl.engine.solving import isolated
from symdl.engine.tidy import tidied
from symdl.errors import UnsolvedError
from symdl.language import (
    D,
    Sigma,
    family,
    free_symbols,
    indices_of,
    label_of,
    put,
    quantities,
    scalar,
    subterms,
)
from symdl.problem import CriticalPoint, Derivation, Display, Line, PointKind, Relation, Symbolic, Text


@dataclass(frozen=True)
class Way:
    """Which way a function bends: the sign of its Hessian, and the words for it."""

    sign: int
    bent: str
    end: PointKind
    definite: str
    never: str
    descent: str


CONVEX = Way(1, "convex", "minimum", "positive", "negative", "gradient descent gets lower")
CONCAVE = Way(-1, "concave", "maximum", "negative", "positive", "gradient ascent gets higher")


def bent(label: Symbol, session: Session) -> Derivation | None:
    """The derivation for a function with a Hessian that is semidefinite, of one sign everywhere; None for any other."""
    goal = session.task.goal
    first, rows = generic(label, session)
    displays, slope, _ = closed(D(goal, first), session)
    second, columns = generic(label, session)
    found, hessian, _ = closed(D(D(goal, first), second), session)
    way, form = CONVEX, form_of(hessian, tuple(rows), tuple(columns), session)
    if form is None:
        way, form = CONCAVE, form_of(-hessian, tuple(rows), tuple(columns), session)
    if form is None:
        return None
    displays += [d for d in found if all(d.lhs != o.lhs for o in displays)]
    quadratic = list(_quadratic(way, form, hessian, label, tuple(rows), tuple(columns), session))
    displays += quadratic
    remarks: list[Text] = [*_convexity(way, form, label, session), *_smoothness(way, form, label, session)]
    noted = list(session.obligations)
    points, words = _extrema(way, label, first, slope, session)
    session.obligations[:] = [r for r in noted if not _holds_anyway(r, session)]
    displays += words
    return Derivation(
        problem=session.problem,
        task=session.task,
        result=points,
        displays=tuple(displays),
        plan=("Work out the Hessian and write its quadratic form as a sum of squares.",)
        if rows
        else (f"Work out the second derivative; where it is never {way.never}, the function is {way.bent}.",),
        lemmas=tuple(session.lemmas),
        checks=tuple(_check(form)),
        remarks=tuple(remarks),
        assumes=tuple((r,) for r in session.obligations),
        solutions=(_telling(quadratic[0]),),
    )


def _telling(chain: Display) -> Relation:
    """Of what is shown of the form the most: its sum of squares, or a bound that is not 0."""
    told = [line for line in chain.lines if line.expr != 0] or list(chain.lines)
    return Relation(chain.lhs, told[-1].sign, told[-1].expr)


def _check(form: Form) -> Iterator[Text]:
    """A special case in which the form is known otherwise."""
    if form.has_mean:
        v, w, p, q = (scalar(n) for n in (r"v_1", r"v_2", r"p", r"q"))
        yield (
            "A variance over two values ", v, " and ", w, " with the weights ", p, " and ", q, " that add up to 1 is ",
            p * q * (v - w) ** 2, ": with two classes the form is zero only where both entries agree.",
        )  # fmt: skip


def _holds_anyway(relation: Relation, session: Session) -> bool:
    """Whether a side condition follows from the definitions."""
    return relation.sign == ">" and relation.rhs == 0 and positive(relation.lhs, session)


def _quadratic(
    way: Way,
    form: Form,
    hessian: Expr,
    label: Symbol,
    rows: Sequence[Symbol],
    columns: Sequence[Symbol],
    session: Session,
) -> Iterator[Display]:
    """The chain from the Hessian to its sum of squares."""
    v = scalar(next(x for x in ("v", "u", "s") if scalar(x) not in session.givens.families))
    outer = {k: r for k, r in session.ranges.items() if k not in {*rows, *columns}}
    above: Symbolic = ">=" if way is CONVEX else "<="
    end = Line(S.Zero, (f"no term is {way.never}",), sign=above)
    if not rows:
        strict = form.diagonal is not None and positive(form.diagonal.weight, session)
        why = "every factor is positive" if way is CONVEX else "every factor but the sign is positive"
        line = Line(S.Zero, (why,), sign=">" if way is CONVEX else "<") if strict else end
        yield Display(hessian, (line,), outer)
        return
    lhs = hessian * family(v, *rows) * family(v, *columns)
    for letter in (*reversed(columns), *reversed(rows)):
        run = session.ranges[letter]
        lhs = Sigma.over(letter, run.lo, run.hi, lhs)
    square = form.value(v, free_symbols(hessian) | set(session.ranges))
    why = "a variance in the sum over the weights that add up to 1" if form.has_mean else "collect the squares"
    least = _least(form, v, label, free_symbols(hessian) | set(session.ranges), session)
    lines = [Line(way.sign * square, (why,))]
    if least != square:
        rest = (f"no other term is {way.never}",) if least != 0 else end.reason
        lines.append(Line(way.sign * least, rest, sign=above))
    yield Display(lhs, tuple(lines), outer, ("As a quadratic form in any ", v, " the Hessian is"))
    yield says(f"No weight in this sum is negative, and every other factor is a square: the form is never {way.never}.")
    for a in dict.fromkeys(a for s in form.squares for a in Mul.make_args(s.weight) if _is_share(a, s.weight)):
        rise = Line(Rational(1, 4) - (a - S.Half) ** 2, ("complete the square",))
        own = {k: session.ranges[k] for k in sorted(free_symbols(a) & set(session.ranges), key=str)}
        yield Display(a * (1 - a), (rise, Line(Rational(1, 4), (), sign="<=")), own, ("Such a weight is at most 1/4:",))


def _least(form: Form, v: Symbol, label: Symbol, avoid: Collection[Symbol], session: Session) -> Expr:
    """The part of the form with a constant positive weight for every component; 0 where it has none."""
    own = form.diagonal
    if own is None or not positive(own.weight, session) or not is_constant(own.weight, label, session):
        return S.Zero
    return own.value(v, avoid)


def _is_share(a: Expr, weight: Expr) -> bool:
    """Whether a weight holds a factor, not one minus another, beside one minus it."""
    return not a.is_Add and any(algebra.equal(a + b, S.One) for b in Mul.make_args(weight))


def _convexity(way: Way, form: Form, label: Symbol, session: Session) -> Iterator[Text]:
    """What the form says: convex or concave, strictly or strongly, and where it vanishes."""
    diagonal = form.diagonal
    everywhere = f"every critical point is a global {way.end}"
    if diagonal is not None and positive(diagonal.weight, session):
        if is_constant(diagonal.weight, label, session) and not set(diagonal.own) & free_symbols(diagonal.weight):
            total = tidied(_all(diagonal), session)
            word = (
                "Every eigenvalue of the Hessian is"
                if len(form.squares) == 1
                else f"No eigenvalue of the Hessian is {'less' if way is CONVEX else 'greater'} than"
            )
            constant: Text = ("this constant",) if way is CONVEX else ("the constant ", total)
            yield (
                f"{word} ",
                way.sign * total,
                f": the function is strongly {way.bent} with ",
                *constant,
                f", and {everywhere}, the only one.",
            )
            return
        limit = (
            f" It is not strongly {way.bent}, for the weights come as close to zero as one likes."
            if quarter(diagonal.weight, session) is not None and len(form.squares) == 1
            else ""
        )
        yield (
            f"The form is zero for the zero vector only, so the Hessian is {way.definite} definite and the function "
            f"strictly {way.bent}: {everywhere}, and there is at most one.{limit}",
        )
        return
    yield (f"The Hessian is {way.definite} semidefinite, so the function is {way.bent}: {everywhere}.",)
    yield from _flat_directions(way, form, session)


def _flat_directions(way: Way, form: Form, session: Session) -> Iterator[Text]:
    """The directions in which each square of the form vanishes."""
    for s in form.squares:
        u = _inside(s)
        if s.mean is not None and not s.within:
            yield (
                "A variance with positive weights is zero for the vectors with equal entries, and only for them. So "
                "the null space of the Hessian is spanned by the vector of ones: along it the function is not strictly "
                f"{way.bent}.",
            )
        elif s.mean is not None:
            yield (
                "The form is zero for those directions in which ", u, " is the same for all ", s.mean,
                f", such as adding one vector to all rows: along them the function is not strictly {way.bent}.",
            )  # fmt: skip
        elif s.within:
            yield (
                "The form is zero for those directions in which ", u, " vanishes for all ",
                *listed([k for k in s.outer if k not in s.own]),
                f", and only for them: the function is strictly {way.bent} exactly if no direction but zero does "
                "that, that is, if the columns of this matrix are linearly independent."
                if positive(s.weight, session) else ".",
            )  # fmt: skip


def _all(square: Square) -> Expr:
    """The weight of a component, summed over what does not belong to it."""
    body = square.weight
    for k, run in square.outer.items():
        if k not in square.own:
            body = Sigma.over(k, run.lo, run.hi, body)
    return body


def _inside(square: Square) -> Expr:
    body = square.inner * family(scalar("v"), *square.own)
    for k, run in square.within.items():
        body = Sigma.over(k, run.lo, run.hi, body)
    return body


def _smoothness(way: Way, form: Form, label: Symbol, session: Session) -> Iterator[Text]:
    """A bound on the eigenvalues, and the learning rates that it allows."""
    total: Expr = S.Zero
    why: list[str] = []
    matrix: Expr | None = None
    scale: Expr = S.Zero
    for s in form.squares:
        factor = _factor(s, label, session)
        if factor is None:
            return
        c, reason = factor
        why += [reason] if reason and reason not in why else []
        rest = [k for k in s.outer if k not in s.own]
        if free_symbols(c) & {*s.outer}:
            return
        if not s.within:
            total += c * _all(Square(S.One, S.One, s.outer, {}, s.own))
            continue
        if matrix is not None or not rest:
            return
        columns = {k: _twin(k, session) for k in s.within}
        matrix = s.inner * put(s.inner, columns)
        for k in rest:
            matrix = Sigma.over(k, s.outer[k].lo, s.outer[k].hi, matrix)
        scale = c
    eta = scalar(r"\eta")
    of_them = "the eigenvalues" if way is CONVEX else "the absolute values of the eigenvalues"
    words: list[str | Expr | Relation] = [" ".join(why), " " if why else ""]
    if matrix is None:
        L = tidied(total, session)
        words += [
            f"So the smoothness constant, a bound on {of_them}, is ", L,
            f": {way.descent} in every step with any rate ", eta, " below ", tidied(2 / L, session),
            "; the usual choice is ", tidied(1 / L, session), ".",
        ]  # fmt: skip
    else:
        largest = scalar(r"\Lambda")
        L = tidied(scale * largest + total, session)
        words += [
            "With ", largest, " for the largest eigenvalue of the matrix with the entries ", tidied(matrix, session),
            f", the smoothness constant, a bound on {of_them} of the Hessian, is ", L,
            f": {way.descent} in every step with any rate ", eta, " below ", tidied(2 / L, session),
            "; the usual choice is ", tidied(1 / L, session), ".",
        ]  # fmt: skip
    yield tuple(words)


def _twin(k: Symbol, session: Session) -> Symbol:
    return next(s for s in session.ranges if s != k and session.ranges[s] == session.ranges[k])


def _factor(square: Square, label: Symbol, session: Session) -> tuple[Expr, str] | None:
    """How large the square is at most, as a multiple of the same square with weight one; and why."""
    if square.mean is not None:
        c = tidied(square.weight / square.share, session)
        if not is_constant(c, label, session):
            return None
        return c / 2, (
            "A variance of numbers that differ by at most r is at most r²/4, and the sum of their squares is at least "
            "r²/2, so the variance is at most half that sum."
        )
    rest = quarter(square.weight, session)
    if rest is not None and is_constant(rest, label, session):
        return rest / 4, ""
    if is_constant(square.weight, label, session):
        return square.weight, ""
    return None


# Extrema


def _extrema(
    way: Way, label: Symbol, member: Expr, slope: Expr, session: Session
) -> tuple[list[CriticalPoint], list[Display]]:
    """The points at which the gradient vanishes, where they have a formula, or what is known of them."""
    points = list(_equal_weights(way, label, member, slope, session)) if len(indices_of(member)) == 1 else []
    if points:
        return points, []
    if positive(slope, session) or positive(-slope, session):
        side = "positive" if positive(slope, session) else "negative"
        return [], [says(f"Every component of the gradient is {side}, so there is no critical point and no {way.end}.")]
    if _is_separate(slope, label, member):
        try:
            roots = isolated(split_sums(unfolded(slope, session), session), member, session)
        except UnsolvedError:
            roots = []
        if len(roots) == 1:
            return _one_root(way, label, member, tidied(roots[0], session), session)
    rest = (" for all ", *listed(indices_of(member))) if indices_of(member) else ()
    solved = says("The critical points are the solutions of ", Relation(slope, "=", S.Zero), *rest, ".")
    return [], [solved]


def _is_separate(slope: Expr, label: Symbol, member: Expr) -> bool:
    """Whether the derivative by a member holds no other members."""
    return {q for q in quantities(slope) if label_of(q) == label} <= {member}


def _one_root(
    way: Way, label: Symbol, member: Expr, root: Expr, session: Session
) -> tuple[list[CriticalPoint], list[Display]]:
    run = {k: session.ranges[k] for k in indices_of(member)}
    worth = value_at(session.task.goal, label, root, run, session)
    worth = min(worth, tidied(with_definitions(worth), session), key=cost)
    conditions = tuple(c for t in subterms(root) if isinstance(t, log) for c in _positive_argument(t.args[0]))
    for fact in session.givens.facts:
        r = fact.relation
        if label in {label_of(q) for q in quantities(r.lhs)} and r.sign in (">", "<"):
            conditions += (Relation(with_value(r.lhs, label, root, run), r.sign, with_value(r.rhs, label, root, run)),)
    conditions = tuple(c for c in conditions if not positive(c.lhs - c.rhs, session))
    name = name_of(member) if run else str(member)
    words = says("The gradient vanishes only where ", Relation(member, "=", root), ".")
    return [CriticalPoint({name: root}, way.end, worth, conditions)], [words]


def _positive_argument(u: Expr) -> Iterator[Relation]:
    """When a fraction is positive: for y/(1 - y), where 0 < y < 1."""
    top, below = fraction(together(u))
    inside = sorted(letters_of(top * below), key=str)
    if len(inside) == 1:
        try:
            p = Poly(top * below, inside[0], domain="QQ")
        except BasePolynomialError:
            p = None
        if p is not None and p.degree() == 2 and p.LC() < 0:
            roots = sorted(p.real_roots())
            if len(roots) == 2:
                yield Relation(inside[0], ">", roots[0])
                yield Relation(inside[0], "<", roots[1])
                return
    yield Relation(u, ">", S.Zero)


def _equal_weights(way: Way, label: Symbol, member: Expr, slope: Expr, session: Session) -> Iterator[CriticalPoint]:
    """Where the gradient is e^{z_i}/Σ e^z - y_i: the logits are the logarithms of the targets, up to a constant."""
    (i,) = indices_of(member)
    plain = unfolded(slope, session)
    sums = [t for t in subterms(plain) if isinstance(t, Sigma) and label in {label_of(q) for q in quantities(t)}]
    if len(set(sums)) != 1:
        return
    total = sums[0]
    with session.opened(total) as ((k,), body):
        own = put(body, {k: i})
    size = scalar("S")
    flat = plain.xreplace({total: size})
    try:
        roots = isolated(flat, member, session)
    except UnsolvedError:
        return
    if len(roots) != 1:
        return
    again = Sigma.over(i, total.lo, total.hi, with_value(own, label, roots[0], {i: session.ranges[i]}))
    proof = Proof(tidied(again, session), session)
    use_known_sums(proof)
    finish(proof, [])
    if tidied(proof.now - size, session) != 0:
        return
    c = scalar("c")
    logs = [t for t in subterms(roots[0]) if isinstance(t, log)]
    target = tidied(roots[0].xreplace({t: log(t.args[0] / size) for t in logs}), session) if len(logs) == 1 else None
    if target is None or size in letters_of(target):
        return
    at = {name_of(member): target + c}
    value = value_at(session.task.goal, label, target, {i: session.ranges[i]}, session)
    conditions = tuple(Relation(t.args[0], ">", S.Zero) for t in subterms(target) if isinstance(t, log))
    yield CriticalPoint(at, way.end, value, conditions)
