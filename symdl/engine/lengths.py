"""What holds of the derivatives of a vector state through time: claims on sums of them, proved by induction.

A claim is an equation or a bound, as that a matrix with orthonormal columns keeps every length, or that the largest
singular value bounds the growth in one step.  One step of the recurrence is put in, and what is known of the sum over
one letter, the facts, the bounds of factors and the claim one step earlier lead back to the right side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr, Indexed, Integer, Mul, Pow, S, Symbol

from symdl.engine.bounds import bounds
from symdl.engine.nested import Nested, Rule, contractions, flat, fresh
from symdl.engine.proof import Proof, finish
from symdl.engine.recurrences import ONE_STEP, Coefficient, State, differentiated_step, linear_parts, state_of
from symdl.engine.session import Session
from symdl.engine.tidy import tidied
from symdl.engine.unify import unify
from symdl.errors import UnsolvedError
from symdl.language import (
    D,
    Delta,
    Sigma,
    free_symbols,
    holds_derivative,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    put,
    subterms,
)
from symdl.problem import Display, Fact, Lemma, Range, Relation, Symbolic, Text

MOVES = 12
"""No more moves than this lead from one step back to the claim."""


MIRRORED: dict[Symbolic, Symbolic] = {"=": "=", "<=": ">=", ">=": "<="}
"""The sign of a relation read from its right side."""


@dataclass(frozen=True)
class Claim:
    """A relation on the derivatives of a vector state at the time `now` by the state at the time `start`."""

    relation: Relation
    state: State
    now: Expr
    start: Expr

    def at(self, moment: Expr) -> Relation:
        return self.relation.at({self.now: moment})


def by_induction(relation: Relation, session: Session) -> list[Display] | None:
    """The displays of a proof by induction over time; None where the claim is not of that kind, or a step is missing.

    An equation becomes a lemma of the session.
    """
    claim = _claim(relation, session)
    if claim is None:
        return None
    state, outer = claim.state, dict(session.ranges)
    t = session.index("tsr", free_symbols(relation.lhs) | free_symbols(relation.rhs))
    try:
        session.ranges[t] = Range(claim.start + 1, state.end)
        unit = session.index("iabc")
        session.ranges[unit] = session.givens.families[state.label][1 - state.position]
        column = session.index("jmln")
        session.ranges[column] = session.ranges[unit]
        variable = state.at(claim.start, (column,))
        one_step = differentiated_step(state, state.at(t, (unit,)), variable, session).display(ONE_STEP)
        if not one_step.lines:
            return None
        b, coefficient = linear_parts(one_step.end, state, t, (unit,), session)
        session.ranges.pop(unit)
        session.ranges.pop(column)
        base, steps = _base(claim, t, session), _step(claim, t, unit, coefficient, session) if b == 0 else None
    except UnsolvedError:
        return None
    finally:
        session.ranges.clear()
        session.ranges.update(outer)
    if base is None or steps is None:
        return None
    if relation.sign != "=":
        return [one_step, base, *steps]
    there = claim.at(t)
    lemma = Lemma(
        len(session.lemmas) + 1,
        ("the claim through time",),
        there.lhs,
        there.rhs,
        {**outer, t: Range(claim.start, state.end)},
        (one_step, base, *steps),
        ("This is the claim for every ", state.reached(t, claim.start), "."),
        (t, claim.start),
    )
    session.lemmas.append(lemma)
    proof = Proof(relation.lhs, session)
    proof.step("lemma", relation.rhs)
    proof.line(f"Lemma {lemma.number} at ", Relation(t, "=", claim.now))
    return [proof.display()]


def meaning(relation: Relation, session: Session) -> Iterator[Text]:
    """What a claim on derivatives of a state through time says of distant times."""
    if not _spans(relation.lhs, session) and not _spans(relation.rhs, session):
        yield from _stretch(relation)
        return
    if not _spans(relation.lhs, session):
        relation = Relation(relation.rhs, MIRRORED.get(relation.sign, relation.sign), relation.lhs)
    spans = _spans(relation.lhs, session)
    if len(spans) != 1 or _spans(relation.rhs, session):
        return
    ((late, early),) = spans
    if late - early == 1:
        yield (
            "This is one step; over a longer distance in time such factors are multiplied, and gradients can vanish or "
            "explode.",
        )
    base = _power_of_distance(relation.rhs, late, early)
    if base is not None and relation.sign == "=":
        yield (
            "Where ", base, " is less than one in size, this shrinks geometrically with the distance in time; where "
            "it is greater than one, it grows so: gradients vanish or explode.",
        )  # fmt: skip
    elif base is not None and relation.sign == "<=":
        yield (
            "Where ", base, " is less than one in size, the bound shrinks geometrically with the distance in time, and "
            "the gradients vanish; where it is greater than one, they may explode.",
        )  # fmt: skip
    elif base is not None and relation.sign == ">=":
        yield (
            "Where ", base, " is greater than one in size, the bound grows geometrically with the distance in time, "
            "and the gradients explode; where it is less than one, they may vanish.",
        )  # fmt: skip
    elif relation.sign == "=" and late - early != 1 and not {late, early} & free_symbols(relation.rhs):
        yield ("The distance in time does not matter: such gradients neither vanish nor explode.",)


def _stretch(relation: Relation) -> Iterator[Text]:
    """What a bound on a squared length by a multiple of another says of many steps."""
    sums = [f for f in Mul.make_args(relation.rhs) if isinstance(f, Sigma)]
    if relation.sign not in ("<=", ">=") or len(sums) != 1 or not isinstance(relation.lhs, Sigma):
        return
    if not _is_square(sums[0].body) or relation.rhs == sums[0]:
        return
    factor, word, end = relation.rhs / sums[0], "at most", "where it is less than one, gradients through them vanish"
    if relation.sign == ">=":
        word, end = "at least", "where it is greater than one, gradients through them explode"
    yield (
        "In every step a squared length is multiplied by ", word, " ", factor, ", and in several steps by ", word,
        " a power of it: ", end, ".",
    )  # fmt: skip


def _power_of_distance(expr: Expr, late: Expr, early: Expr) -> Expr | None:
    """The base of the one factor that depends on two times, where it is a power that grows with their distance."""
    moving = [f for f in Mul.make_args(expr) if {late, early} & free_symbols(f)]
    if len(moving) != 1 or not isinstance(late, Symbol):
        return None
    base, exponent = moving[0].as_base_exp()
    speed = exponent.expand().coeff(late)
    shift = (exponent - speed * (late - early)).expand()
    return base if speed.is_positive and shift.is_Rational and not {late, early} & free_symbols(base) else None


def _spans(expr: Expr, session: Session) -> set[tuple[Expr, Expr]]:
    """The later and the earlier time of every derivative of a state by itself."""
    found: set[tuple[Expr, Expr]] = set()
    for t in subterms(expr):
        if isinstance(t, D) and is_quantity(t.of) and is_quantity(t.wrt) and label_of(t.of) == label_of(t.wrt):
            state = state_of(label_of(t.of), session)
            if state is not None:
                times = tuple(indices_of(e)[state.position] for e in (t.of, t.wrt))
                found.add((times[0], times[1]) if state.ahead == 1 else (times[1], times[0]))
    return found


def by_moves(relation: Relation, session: Session) -> list[Display] | None:
    """The display of a proof by the same moves without time; None where they do not lead to the right side."""
    if not isinstance(relation.lhs, Sigma) or holds_derivative(relation.lhs):
        return None
    proof = Proof(relation.lhs, session)
    rules = _rules(session)
    for _ in range(MOVES):
        if tidied(proof.now - relation.rhs, session) == 0 or not _moved(proof, rules, relation.sign, session):
            break
    if not proof.lines or tidied(proof.now - relation.rhs, session) != 0:
        return None
    proof.step("arithmetic", relation.rhs)
    proof.line()
    return [proof.display()]


def _moved(proof: Proof, rules: list[Rule], sign: Symbolic, session: Session) -> bool:
    """One use of a fact, of a bound or of a definition."""
    contracted = _contracted(proof, rules, None, None)
    return contracted or (sign != "=" and _bounded(proof, sign, session)) or _unfolded(proof, rules, session)


def _claim(relation: Relation, session: Session) -> Claim | None:
    inside = [t for t in subterms(relation.lhs) if isinstance(t, D)]
    if not inside or holds_derivative(relation.rhs) or not isinstance(relation.lhs, Sigma):
        return None
    if not all(isinstance(t.of, Indexed) and len(indices_of(t.of)) == 2 for t in inside):
        return None
    label = label_of(inside[0].of)
    state = state_of(label, session)
    if state is None or state.ahead != 1 or any({label_of(t.of), label_of(t.wrt)} != {label} for t in inside):
        return None
    moments = {(indices_of(t.of)[state.position], indices_of(t.wrt)[state.position]) for t in inside}
    if len(moments) != 1:
        return None
    ((now, start),) = moments
    return Claim(relation, state, now, start) if isinstance(now, Symbol) and now != start else None


def _base(claim: Claim, t: Symbol, session: Session) -> Display | None:
    there = claim.at(claim.start)
    proof = Proof(there.lhs, session)
    unit = 1 - claim.state.position

    def same(term: Expr) -> Expr:
        if isinstance(term, D):
            return Delta(indices_of(term.of)[unit], indices_of(term.wrt)[unit])
        return term.func(*map(same, term.args)) if term.args else term

    run = session.ranges.pop(t)
    proof.step("initial", same(there.lhs), "the state itself")
    proof.line("the state itself")
    finish(proof, [])
    display = proof.display("Base of the induction, at the time ", claim.start, ".")
    session.ranges[t] = run
    return display if tidied(proof.now - there.rhs, session) == 0 else None


def _step(claim: Claim, t: Symbol, unit: Symbol, coefficient: Coefficient, session: Session) -> list[Display] | None:
    """From one step of the recurrence to the claim; an inequality uses the claim before in a display of its own."""
    there, before = claim.at(t), claim.at(t - 1)
    proof = Proof(there.lhs, session)
    proof.step("recurrence", _one_step(flat(there.lhs, opens=True), claim, t, unit, coefficient).expr, "one step")
    proof.line("one step, as above")
    holes = frozenset(s for s in session.ranges if is_index(s) and s not in (t, claim.start))
    rules = _rules(session)
    earlier = Rule(before.lhs, before.rhs, holes) if isinstance(before.lhs, Sigma) else None
    known = f"the claim at {t - 1}"
    intro: Text = ("Step of the induction, from ", t - 1, " to ", t, ".")
    displays: list[Display] = []
    for _ in range(MOVES):
        if before.lhs in Mul.make_args(proof.now):
            if there.sign != "=":
                displays.append(proof.display(*intro))
                intro, proof = ("With the claim one step earlier:",), Proof(proof.now, session)
            proof.step("hypothesis", proof.now / before.lhs * before.rhs, known)
            proof.line("the claim at ", Relation(t - 1, ">=", claim.start), sign=there.sign)
            break
        since = Relation(t - 1, ">=", claim.start)
        if there.sign == "=" and earlier is not None and _contracted(proof, [earlier], earlier, since):
            continue
        if not _moved(proof, rules, there.sign, session):
            break
    if tidied(proof.now - there.rhs, session) != 0 and tidied(proof.now / there.rhs, session) != S.One:
        return None
    proof.step("arithmetic", there.rhs)
    proof.line("join the powers")
    return [*displays, proof.display(*intro, conditions=(before,) if displays else ())]


def _one_step(nested: Nested, claim: Claim, t: Symbol, unit: Symbol, coefficient: Coefficient) -> Nested:
    """Every derivative at time t as a sum over those one step earlier."""
    state = claim.state
    for factor in nested.factors:
        if not isinstance(factor, D):
            continue
        m = fresh(nested.taken)
        own = indices_of(factor.of)[1 - state.position]
        weight = put(coefficient((m,)), {unit: own})
        run = dict(nested.letters).get(own)
        if run is None:
            run = dict(nested.letters)[next(iter(dict(nested.letters)))]
        others = (*Mul.make_args(weight), D(state.at(t - 1, (m,)), factor.wrt))
        nested = nested.put(factor, others, (m, run))
    return nested


def _rules(session: Session) -> list[Rule]:
    """The facts that say what a sum is, either way round."""
    return [
        Rule(one, other, frozenset(fact.ranges))
        for fact in session.givens.facts
        if fact.relation.sign == "="
        for one, other in ((fact.relation.lhs, fact.relation.rhs), (fact.relation.rhs, fact.relation.lhs))
        if isinstance(one, Sigma)
    ]


def _contracted(proof: Proof, rules: list[Rule], earlier: Rule | None, since: Relation | None) -> bool:
    """One use of what is known of a sum, the exchange of the sums before it on a line of its own."""
    for rule, exchanged, after in contractions(flat(proof.now), rules):
        proof.step("sum-swap", exchanged, "exchange the sums")
        proof.line("exchange the sums")
        if rule is earlier and since is not None:
            proof.step("hypothesis", after.expr, "the claim one step earlier")
            proof.line("the claim at ", since)
        else:
            proof.step("fact", after.expr, "given")
            proof.line("since ", Relation(rule.left, "=", rule.right))
        return True
    return False


def _bounded(proof: Proof, sign: Symbolic, session: Session) -> bool:
    """Factors before squares replaced by their bounds: small ones left out, others by what the facts say."""
    for whole in Mul.make_args(proof.now):
        if not isinstance(whole, Sigma):
            continue
        with session.opened(whole) as ((s,), body):
            factors = Mul.make_args(body)
            if not all(_is_square(f) for f in factors if f.has(Sigma)):
                continue
            for f in factors:
                found = None if f.has(Sigma) else _bound(f, s, sign, session)
                if found is None:
                    continue
                value, why = found
                run = session.ranges[s]
                after = value * Sigma.over(s, run.lo, run.hi, body / f)
                proof.step("bound", proof.now / whole * after, "bound")
                proof.line(*why, sign=sign)
                return True
    return False


def _is_square(factor: Expr) -> bool:
    return isinstance(factor, Pow) and isinstance(factor.exp, Integer) and factor.exp % 2 == 0


def _bound(factor: Expr, s: Symbol, sign: Symbolic, session: Session) -> tuple[Expr, tuple[str | Relation, ...]] | None:
    """A bound of a factor that does not depend on the letter, and its reason."""
    base, power = factor.as_base_exp()
    if not (power.is_Integer and power > 0):
        return None
    low, high = bounds(base, session)
    if sign == "<=" and low is not None and high is not None and low >= -1 and high <= 1 and power % 2 == 0:
        return S.One, ("a factor of at most 1 dropped",)
    if not is_quantity(base):
        return None
    wanted = [(_turned(f, sign), f) for f in session.givens.facts]
    for relation, fact in wanted:
        if relation is None:
            continue
        found = unify(relation.lhs, base, frozenset(fact.ranges))
        if found is None:
            continue
        end = put(relation.rhs, found)
        least = end if sign == ">=" else base
        if end.is_number or s in free_symbols(end) or not _is_nonnegative(least, session):
            continue
        return end**power, ("since ", Relation(base, sign, end))
    return None


def _turned(fact: Fact, sign: Symbolic) -> Relation | None:
    """A fact with the quantity on the left that it bounds from this side."""
    r = fact.relation
    if r.sign == sign:
        return r
    return Relation(r.rhs, sign, r.lhs) if {r.sign, sign} == {"<=", ">="} else None


def _is_nonnegative(expr: Expr, session: Session, depth: int = 2) -> bool:
    """Whether the facts say so of the expression, or of a lower bound of it."""
    for fact in session.givens.facts:
        r = fact.relation
        if r.sign not in ("<", "<=", ">", ">="):
            continue
        upper, lower = (r.lhs, r.rhs) if r.sign in (">", ">=") else (r.rhs, r.lhs)
        found = unify(upper, expr, frozenset(fact.ranges))
        if found is not None and (lower == 0 or (depth and _is_nonnegative(put(lower, found), session, depth - 1))):
            return True
    return False


def _unfolded(proof: Proof, rules: list[Rule], session: Session) -> bool:
    """The definitions put in of what the facts speak of: a matrix by the product of others."""
    spoken = {label_of(t) for rule in rules for t in subterms(rule.left) if isinstance(t, Indexed)}
    after = nested = flat(proof.now)
    for f in nested.factors:
        body = session.body(f) if isinstance(f, Indexed) and not session.is_recurrent(label_of(f)) else None
        if isinstance(body, Sigma) and {label_of(q) for q in subterms(body) if isinstance(q, Indexed)} & spoken:
            inner = flat(body, after.taken)
            after = after.put(f, inner.factors, *inner.letters)
    if after is nested:
        return False
    proof.step("unfold", after.expr, "definition")
    proof.line("put the definition in")
    return True
