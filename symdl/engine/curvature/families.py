"""Functions of a symbolic number of variables: convexity by quadratic forms, multipliers, and sums term by term."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sympy import Abs, Add, Expr, Indexed, Integer, Mul, Pow, S, Symbol, diff, log

from symdl.engine import algebra
from symdl.engine.bounds import bounds
from symdl.engine.curvature.knowledge import knowledge_from, letters_of, split
from symdl.engine.curvature.merging import merged
from symdl.engine.curvature.page import in_words
from symdl.engine.curvature.pieces import in_pieces
from symdl.engine.curvature.places import neat
from symdl.engine.curvature.subject import with_definitions
from symdl.engine.derive import closed, unfolded
from symdl.engine.proof import Proof, finish, use_known_sums
from symdl.engine.session import Session
from symdl.engine.signs import is_positive
from symdl.engine.solving import isolated
from symdl.engine.tidy import tidied
from symdl.errors import UnsolvedError
from symdl.language import (
    D,
    Delta,
    Sigma,
    family,
    free_symbols,
    fresh_index,
    indices_of,
    is_index,
    label_of,
    put,
    quantities,
    scalar,
    subterms,
)
from symdl.problem import CriticalPoint, Derivation, Display, Fact, Line, Range, Relation, Text


@dataclass(frozen=True)
class Form:
    """A Hessian as a quadratic form: `square` equals vᵀHv and is a sum of squares with positive weights."""

    square: Expr
    kind: str
    strict: bool = False


def classify_family(session: Session) -> Derivation:
    """The derivation for a function of one family of variables of symbolic size.

    Fails  with `UnsolvedError` where it is neither a sum of functions of single members nor visibly convex.
    """
    label = _label(session)
    constraint = _constraint(label, session)
    if session.task.point:
        raise UnsolvedError("a point cannot be asked about where the number of variables is symbolic")
    if constraint is not None:
        return _on_constraint(label, constraint, session)
    terms = _terms(label, session)
    if terms is not None:
        return _term_by_term(label, terms, session)
    return _convex(label, session)


def _label(session: Session) -> Symbol:
    task, givens = session.task, session.givens
    body = unfolded(task.goal, session)
    free = {label_of(q) for q in quantities(body) if not givens.is_defined(q)}
    named = [label_of(u) for u in task.unknowns]
    constants = {label_of(c) for c in givens.constants} | {label_of(v.quantity) for v in givens.values}
    chosen = named or sorted((x for x in free if x not in constants), key=str)
    if len(chosen) != 1:
        listed = ", ".join(map(str, chosen))
        raise UnsolvedError(f"name the one family that varies, as in L(w): there are {listed}")
    if chosen[0] not in free:
        raise UnsolvedError(f"{task.goal} does not depend on {chosen[0]}")
    return chosen[0]


def _constraint(label: Symbol, session: Session) -> Relation | None:
    found = [
        f.relation
        for f in session.givens.facts
        if f.relation.sign == "=" and not f.ranges and label in {label_of(q) for q in quantities(f.relation.lhs)}
    ]
    if len(found) > 1:
        raise UnsolvedError("several constraints on a symbolic number of variables are not handled")
    return found[0] if found else None


def _generic(label: Symbol, session: Session) -> tuple[Expr, dict[Symbol, Range]]:
    member, new = session.generic(label, set(session.ranges))
    session.ranges.update(new)
    return member, new


def _says(*words: str | Expr | Relation) -> Display:
    return Display(S.Zero, (), {}, in_words(words))


# Lagrange multipliers


def _on_constraint(label: Symbol, constraint: Relation, session: Session) -> Derivation:
    goal = session.task.goal
    session = _free_of(constraint, label, session)
    taken = {s.name for s in free_symbols(unfolded(goal, session))}
    multiplier = scalar(next(x for x in (r"\lambda", r"\mu", r"\nu") if x not in taken))
    member, new = _generic(label, session)
    whole = goal - multiplier * (constraint.lhs - constraint.rhs)
    displays, slope, _ = closed(D(whole, member), session)
    if label in {label_of(q) for q in quantities(slope.xreplace({member: S.One}))}:
        raise UnsolvedError("the derivative by one variable contains the others")
    roots = isolated(slope, member, session)
    if len(roots) != 1:
        raise UnsolvedError(f"the condition {slope} = 0 has {len(roots)} solutions")
    value = tidied(roots[0], session)
    displays = [
        _says("With a multiplier ", multiplier, " for the constraint, the Lagrangian's derivative is:"),
        *displays,
        _says("It vanishes where ", Relation(member, "=", value), "."),
    ]
    total = _with_value(constraint.lhs, label, value, new)
    proof = Proof(total, session)
    use_known_sums(proof)
    finish(proof, [])
    if proof.lines:
        displays.append(proof.display("Put into the constraint:"))
    solved = isolated(proof.now - constraint.rhs, multiplier, session)
    if len(solved) != 1:
        raise UnsolvedError("the multiplier is not determined")
    result = tidied(put(value, {multiplier: solved[0]}), session)
    displays.append(
        _says(
            "The constraint therefore gives ",
            Relation(multiplier, "=", solved[0]),
            ", and with it ",
            Relation(member, "=", result),
            ".",
        )
    )
    second, _ = _generic(label, session)
    found, bend, _ = closed(D(D(goal, member), second), session)
    displays += [d for d in found if all(d.lhs != o.lhs for o in displays)]
    deltas = [d for d in bend.atoms(Delta) if set(d.args) == {*indices_of(member), *indices_of(second)}]
    diagonal = tidied(bend.xreplace(dict.fromkeys(deltas, S.One)), session) if deltas else S.Zero
    if not deltas or tidied(bend.xreplace(dict.fromkeys(deltas, S.Zero)), session) != 0:
        raise UnsolvedError("the second derivatives are not diagonal")
    side = 1 if is_positive(diagonal, session) else -1 if is_positive(-diagonal, session) else 0
    if not side:
        raise UnsolvedError(f"the sign of {diagonal}")
    kind = "minimum" if side > 0 else "maximum"
    word = "convex" if side > 0 else "concave"
    worth = _value_at(goal, label, result, new, session)
    remark: Text = (
        f"The Hessian is diagonal with entries that are {'positive' if side > 0 else 'negative'}, so the function is "
        f"strictly {word} and the constraint linear: the {kind} is global and the only one.",
    )
    at = {_name(member): result}
    return Derivation(
        problem=session.problem,
        task=session.task,
        result=[CriticalPoint(at, kind, worth)],  # type: ignore[arg-type]
        displays=tuple(displays),
        plan=("A Lagrange multiplier for the constraint; the Hessian says what the point is.",),
        lemmas=tuple(session.lemmas),
        remarks=(remark,),
        assumes=tuple((r,) for r in session.obligations),
    )


def _free_of(constraint: Relation, label: Symbol, session: Session) -> Session:
    """The session whose variables are not tied, and are positive where their logarithm is taken."""
    givens = session.givens
    kept = tuple(f for f in givens.facts if f.relation != constraint)
    body = unfolded(session.task.goal, session)
    runs = givens.families[label]
    letters = tuple(fresh_index("ijklmn", set(free_symbols(body))) for _ in runs)
    member = family(label, *letters)
    logs = any(isinstance(t, log) and label in {label_of(q) for q in quantities(t)} for t in subterms(body))
    positive = (
        Fact(Relation(member, ">", S.Zero), dict(zip(letters, runs, strict=True)), "domain", session.task.place),
    )
    problem = replace(session.problem, givens=replace(givens, facts=(*kept, *(positive if logs else ()))))
    return Session(problem, session.task, dict(session.ranges), session.table, session.prove_function)


def _with_value(expr: Expr, label: Symbol, value: Expr, new: dict[Symbol, Range]) -> Expr:
    """`expr` with every member of the family replaced by its value, inside sums too."""
    letters = tuple(new)

    def at(member: Expr) -> Expr:
        return put(value, dict(zip(letters, indices_of(member), strict=True)))

    if isinstance(expr, Sigma):
        i = fresh_index("ijklmn", free_symbols(expr) | free_symbols(value))
        return Sigma.over(i, expr.lo, expr.hi, _with_value(expr.open(i), label, value, new))
    if isinstance(expr, Indexed) and label_of(expr) == label:
        return at(expr)
    if not expr.args or isinstance(expr, Indexed):
        return expr
    return expr.func(*(_with_value(a, label, value, new) for a in expr.args))


def _value_at(goal: Expr, label: Symbol, value: Expr, new: dict[Symbol, Range], session: Session) -> Expr:
    proof = Proof(_with_value(unfolded(goal, session), label, value, new), session)
    use_known_sums(proof)
    finish(proof, [])
    return proof.now


def _name(member: Expr) -> str:
    below = ",".join(str(i) for i in indices_of(member))
    return f"{label_of(member)}_{below}" if len(below) == 1 else f"{label_of(member)}_{{{below}}}"


# Sums of functions of one member each


def _terms(label: Symbol, session: Session) -> tuple[Expr, Symbol, Range] | None:
    """The summand of a sum whose terms hold one member each, with its letter and range."""
    body = unfolded(session.task.goal, session)
    scale, rest = body.as_coeff_Mul()
    if not isinstance(rest, Sigma):
        return None
    i = fresh_index("ijklmn", free_symbols(body) | set(session.ranges))
    summand = scale * rest.open(i)
    members = {q for q in quantities(summand) if label_of(q) == label}
    if members != {family(label, i)} or any(isinstance(t, Sigma) for t in subterms(summand)):
        return None
    return summand, i, Range(rest.lo, rest.hi)


def _term_by_term(label: Symbol, terms: tuple[Expr, Symbol, Range], session: Session) -> Derivation:
    summand, i, run = terms
    session.ranges[i] = run
    every = sorted(quantities(summand), key=str)
    letters = {q: Symbol(_name(q) if isinstance(q, Indexed) else str(q), real=True) for q in every}
    back = {v: k for k, v in letters.items()}
    x = letters[family(label, i)]
    f = with_definitions(summand.xreplace(letters))
    facts: list[Relation] = []
    for fact in session.givens.facts:
        for q in every:
            r = fact.relation
            formal = tuple(fact.ranges)
            at = put(r.lhs, dict(zip(formal, indices_of(q), strict=False))) if formal else r.lhs
            if at == q:
                facts.append(Relation(letters[q], r.sign, r.rhs))
    known = knowledge_from(facts)
    cases = split(lambda k: in_pieces(f, x, k), known)
    found = merged([j for _, broken in cases for j in broken.found], known)
    displays: list[Display] = [
        _says(
            "The function is a sum of functions of one variable each; every ", family(label, i), " is found by itself."
        )
    ]
    for _, broken in cases:
        for piece in broken.pieces:
            # Each piece's slope is the same in every case; what differs is where it vanishes.
            slope = neat(diff(piece.f, x)).xreplace(back)
            where_ = tuple(Relation(c.lhs.xreplace(back), c.sign, c.rhs.xreplace(back)) for c in piece.conditions(x))
            if all(d.conditions != where_ for d in displays) and all(c.rhs.is_Rational for c in where_):
                displays.append(
                    Display(
                        D(session.task.goal, family(label, i)), (Line(slope, ("differentiate",)),), {i: run}, (), where_
                    )
                )
    points: list[CriticalPoint] = []
    for item in found:
        conditions = tuple(Relation(c.lhs.xreplace(back), c.sign, c.rhs.xreplace(back)) for c in item.conditions)
        where: list[str | Expr | Relation] = []
        for n, c in enumerate(conditions):
            where += [" and " if n else " if ", c]
        value = item.place.at[x].xreplace(back)
        why = tuple(w.xreplace(back) if isinstance(w, Expr) else w for w in item.judged.verdict.why)
        displays.append(
            _says("The term is least or stationary at ", Relation(family(label, i), "=", value), *where, ". ", *why)
        )
        points.append(
            CriticalPoint(
                {_name(family(label, i)): value}, item.judged.verdict.kind, item.judged.value.xreplace(back), conditions
            )
        )
    remarks: list[Text] = list(_thresholds(points, family(label, i)))
    return Derivation(
        problem=session.problem,
        task=session.task,
        result=points,
        displays=tuple(displays),
        plan=("Each term holds one variable: split at the kinks, and let the derivative vanish on each piece.",),
        remarks=tuple(remarks),
    )


def _thresholds(points: Sequence[CriticalPoint], member: Expr) -> Iterator[Text]:
    """From which size of a parameter on every variable is zero."""
    for point in points:
        if point.kind != "minimum" or any(v != 0 for v in point.at.values()) or not point.conditions:
            continue
        bounds_ = {(c.lhs, c.sign) for c in point.conditions}
        if len(bounds_) == 1 and next(iter(bounds_))[1] in (">", ">="):
            lhs = point.conditions[0].lhs
            rhs = [c.rhs for c in point.conditions]
            bound: Expr | None = rhs[0] if len(rhs) == 1 else Abs(rhs[0]) if (rhs[0] + rhs[1]).expand() == 0 else None
            if bound is not None:
                yield (
                    "All of them are zero as soon as ",
                    lhs,
                    " reaches the greatest of the values ",
                    bound,
                    " over all ",
                    *indices_of(member),
                    ".",
                )


# Convexity


def _convex(label: Symbol, session: Session) -> Derivation:
    goal = session.task.goal
    first, _ = _generic(label, session)
    displays, slope, _ = closed(D(goal, first), session)
    second, _ = _generic(label, session)
    found, hessian, _ = closed(D(D(goal, first), second), session)
    displays += [d for d in found if all(d.lhs != o.lhs for o in displays)]
    i, j = indices_of(first), indices_of(second)
    if len(i) != 1:
        raise UnsolvedError("the convexity in a matrix of variables is not examined")
    form = _form(hessian, i[0], j[0], session)
    if form is None:
        raise UnsolvedError(f"whether the Hessian {hessian} is positive semidefinite")
    v = scalar(next(x for x in ("v", "u", "s") if scalar(x) not in session.givens.families))
    run = session.ranges[i[0]]
    lhs = Sigma.over(
        i[0], run.lo, run.hi, Sigma.over(j[0], run.lo, run.hi, family(v, i[0]) * hessian * family(v, j[0]))
    )
    outer = {k: r for k, r in session.ranges.items() if k not in (i[0], j[0])}
    square = _with_vector(form, v)
    end = () if form.kind.startswith("the variance") else (Line(S.Zero, ("a sum of squares",), sign=">="),)
    displays.append(
        Display(
            lhs, (Line(square, (form.kind,)), *end), outer, ("As a quadratic form in any vector ", v, " the Hessian is")
        )
    )
    if not end:
        displays.append(_says("The weights are positive, so this is a sum of squares and not negative."))
    strict = "strictly " if form.strict else ""
    remarks: list[Text] = [
        (
            f"The Hessian is positive semidefinite, so the function is {strict}convex: every critical point is a "
            "global minimum.",
        )
    ]
    remarks += list(_null_space(form))
    noted = list(session.obligations)
    points = list(_equal_weights(label, first, slope, session))
    session.obligations[:] = noted
    if not points:
        displays.append(
            _says(
                "The critical points are the solutions of ",
                Relation(slope, "=", S.Zero),
                " for all ",
                i[0],
                "; they have no formula here.",
            )
        )
    return Derivation(
        problem=session.problem,
        task=session.task,
        result=points,
        displays=tuple(displays),
        plan=("Work out the Hessian and write its quadratic form as a sum of squares.",),
        lemmas=tuple(session.lemmas),
        remarks=tuple(remarks),
        assumes=tuple((r,) for r in session.obligations),
    )


_VECTOR = scalar("quadratic form")


def _with_vector(form: Form, v: Symbol) -> Expr:
    def change(term: Expr) -> Expr:
        if isinstance(term, Indexed):
            return family(v, *term.indices) if label_of(term) == _VECTOR else term
        if not term.args:
            return term
        return term.func(*(change(a) for a in term.args))

    return change(form.square)


def _form(hessian: Expr, i: Symbol, j: Symbol, session: Session) -> Form | None:
    """The quadratic form of a Hessian with the entry (i, j) as a weighted sum of squares."""
    run = session.ranges[i]
    flat = algebra.expanded(hessian)
    diagonal: Expr = S.Zero
    rest: list[Expr] = []
    for term in Add.make_args(flat):
        deltas = [d for d in Mul.make_args(term) if isinstance(d, Delta) and set(d.args) == {i, j}]
        if deltas:
            diagonal += put(term / deltas[0], {j: i})
        else:
            rest.append(term)
    diagonal = tidied(diagonal, session)
    if len(rest) == 1:
        variance = _variance(diagonal, rest[0], i, j, run, session)
        if variance is not None:
            return variance
    squares: Expr = S.Zero
    for term in rest:
        gram = _gram(term, i, j, run, session)
        if gram is None:
            return None
        squares += gram
    strict = False
    if diagonal != 0:
        if not is_positive(diagonal, session):
            return None
        strict = True
        squares += Sigma.over(i, run.lo, run.hi, diagonal * family(_VECTOR, i) ** 2)
    return Form(squares, "collect the squares", strict)


def _variance(diagonal: Expr, rest: Expr, i: Symbol, j: Symbol, run: Range, session: Session) -> Form | None:
    """w_i δ_ij - w_i w_j with weights that add up to one: the variance of the vector under them."""
    weight = diagonal
    product = weight * put(weight, {i: j})
    if not algebra.equal(rest + product, S.Zero):
        return None
    proof = Proof(Sigma.over(i, run.lo, run.hi, weight), session)
    use_known_sums(proof)
    finish(proof, [])
    if proof.now != 1 or not is_positive(weight, session):
        return None
    k = fresh_index("kmn", set(session.ranges) | free_symbols(weight))
    mean = Sigma.over(k, run.lo, run.hi, put(weight, {i: k}) * family(_VECTOR, k))
    return Form(Sigma.over(i, run.lo, run.hi, weight * (family(_VECTOR, i) - mean) ** 2), "the variance of the vector")


def _gram(term: Expr, i: Symbol, j: Symbol, run: Range, session: Session) -> Expr | None:
    """Σ_n s_n x_i x_j with weights that are not negative: a weighted sum of squares of Σ_i x_i v_i."""
    if isinstance(term, (Mul, Sigma)):
        c, inner = term.as_coeff_Mul()
        outside = [f for f in Mul.make_args(inner) if not isinstance(f, Sigma)]
        sums = [f for f in Mul.make_args(inner) if isinstance(f, Sigma)]
        if len(sums) == 1 and not any({i, j} & free_symbols(f) for f in outside):
            with session.opened(sums[0]) as ((n,), body):
                inside = _gram(Mul(c, *outside, body), i, j, run, session)
            return None if inside is None else Sigma.over(n, sums[0].lo, sums[0].hi, inside)
        if not sums:
            return _outer(Mul(c, *outside), i, j, run, session)
    return None


def _outer(term: Expr, i: Symbol, j: Symbol, run: Range, session: Session) -> Expr | None:
    left = Mul(*(f for f in Mul.make_args(term) if i in free_symbols(f)))
    right = Mul(*(f for f in Mul.make_args(term) if j in free_symbols(f)))
    weight = Mul(*(f for f in Mul.make_args(term) if not {i, j} & free_symbols(f)))
    if put(left, {i: j}) != right or not _is_not_negative(weight, session):
        return None
    return weight * Sigma.over(i, run.lo, run.hi, left * family(_VECTOR, i)) ** 2


def _is_not_negative(weight: Expr, session: Session) -> bool:
    if weight.is_Rational:
        return bool(weight >= 0)
    return (
        is_positive(weight, session)
        or (bounds(weight, session)[0] or -1) >= 0
        or all(
            (f.is_Rational and f > 0)
            or (isinstance(f, Pow) and f.exp == 2)
            or is_positive(f, session)
            or _between(f, session)
            for f in Mul.make_args(weight)
        )
    )


def _between(f: Expr, session: Session) -> bool:
    """Whether a factor, or one minus it, has a lower bound of zero by its definition."""
    low, _ = bounds(f, session)
    return low is not None and low >= 0


def _null_space(form: Form) -> Iterator[Text]:
    if form.kind.startswith("the variance"):
        yield (
            "The variance is zero for the vectors with equal entries, and only for them: along the vector of ones the "
            "function is not strictly convex. A variance of entries that differ by at most r is at most r²/4, and |v|² "
            "is "
            "at least r²/2, so no eigenvalue exceeds 1/2: gradient descent with a rate below 4 converges.",
        )
    elif form.strict:
        yield ("The diagonal part is positive, so the Hessian is positive definite: the function is strongly convex.",)
        return
    else:
        yield (
            "It is zero for the vectors that all these sums map to zero: strictly convex only if there are no others.",
        )
    for term in subterms(form.square):
        parts = Mul.make_args(term)
        if any((1 - a).expand() in parts for a in parts if not a.is_number):
            yield (
                "A product of a number and one minus it is at most 1/4, so the form is at most a quarter of the one "
                "without "
                "these weights: the smoothness constant is at most a quarter of the largest eigenvalue of that.",
            )
            return


def _equal_weights(label: Symbol, member: Expr, slope: Expr, session: Session) -> Iterator[CriticalPoint]:
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
    again = Sigma.over(i, total.lo, total.hi, _with_value(own, label, roots[0], {i: session.ranges[i]}))
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
    at = {_name(member): target + c}
    value = _value_at(session.task.goal, label, target, {i: session.ranges[i]}, session)
    conditions = tuple(Relation(t.args[0], ">", S.Zero) for t in subterms(target) if isinstance(t, log))
    yield CriticalPoint(at, "minimum", value, conditions)


def is_symbolic(session: Session) -> bool:
    """Whether the goal holds a sum over a symbolic range, or a member with a free index."""
    body = unfolded(session.task.goal, session)
    return any(isinstance(t, Sigma) and not isinstance(t.hi, Integer) for t in subterms(body)) or any(
        any(is_index(i) or (i.is_Symbol and i.is_positive) for i in indices_of(q)) for q in quantities(body)
    )
