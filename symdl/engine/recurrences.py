"""Derivatives of recurrent states: differentiate one step, unroll, and prove the unrolled form by induction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Add, Expr, Indexed, Integer, Mul, S, Symbol

from symdl.engine.algebra import equal, expanded
from symdl.engine.blocks import block_lemmas, block_of, next_in_block
from symdl.engine.differentiate import push
from symdl.engine.folding import names
from symdl.engine.matching import rewrite
from symdl.engine.proof import Proof, finish
from symdl.engine.session import Session
from symdl.engine.tidy import normal, tidied
from symdl.engine.unify import unify
from symdl.errors import UnsolvedError
from symdl.language import (
    Chain,
    D,
    Delta,
    Prod,
    Sigma,
    family,
    free_symbols,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    put,
    subterms,
)
from symdl.problem import Definition, Display, Lemma, Range, Relation


@dataclass(frozen=True)
class State:
    """A recurrent family: its step definition, which index position is time, and where it starts and ends.

    `ahead` is 1 where a state follows from the one before it, -1 where it follows from the one after; `start` is the
    time of the state that no step gives, `end` that of the last one reached.
    """

    step: Definition
    position: int
    start: Expr
    end: Expr
    ahead: int = 1

    @property
    def label(self) -> Symbol:
        return self.step.label

    @property
    def time(self) -> Symbol:
        return self.step.pattern[self.position]

    def run(self, start: Expr) -> Range:
        """The times from `start` to the end."""
        return Range(start, self.end) if self.ahead == 1 else Range(self.end, start)

    def reached(self, moment: Expr, start: Expr) -> Relation:
        """That a time is not before `start` in the order in which the states follow."""
        return Relation(moment, ">=" if self.ahead == 1 else "<=", start)

    def at(self, moment: Expr, units: tuple[Expr, ...]) -> Expr:
        """The state at a time, at these unit indices."""
        return family(self.label, *units[: self.position], moment, *units[self.position :])


def state_of(label: Symbol, session: Session) -> State | None:
    """The recurrence that defines `label`; None where it is only an intermediate quantity of one."""
    for definition in session.givens.definitions_of(label):
        for position, letter in enumerate(definition.pattern):
            if not is_index(letter):
                continue
            for inner in _inside_one_step(definition, session):
                if label_of(inner) != label:
                    continue
                run, back = definition.ranges[letter], letter - indices_of(inner)[position]
                if back.is_positive:
                    return State(definition, position, run.lo - 1, run.hi)
                if back == -1:
                    return State(definition, position, run.hi + 1, run.lo, ahead=-1)
    return None


def _inside_one_step(definition: Definition, session: Session) -> list[Expr]:
    """The family members in the body, with the intermediate quantities of the same time step looked through."""
    body = one_step(definition, session)
    return [t for t in subterms(body) if isinstance(t, Indexed)]


def one_step(definition: Definition, session: Session) -> Expr:
    """The body of a state with the intermediates between it and the earlier state put in."""
    label, body = definition.label, definition.body
    cycle = session.cycle(label)
    for _ in range(20):

        def visit(term: Expr) -> Expr | None:
            if isinstance(term, Indexed) and label_of(term) in cycle and label_of(term) != label:
                return session.givens.body_of(term, definition.ranges)
            return None

        new = rewrite(body, visit, session)
        if new == body:
            return body
        body = new
    return body


def is_single(state: State, session: Session) -> bool:
    """Whether the recurrence carries this one family from one step to the next, and nothing else."""
    cycle = session.cycle(state.label)
    carried = {
        (label_of(inner), definition.pattern[state.position] - indices_of(inner)[state.position])
        for member in cycle
        for definition in session.givens.definitions_of(member)
        if len(definition.pattern) > state.position and is_index(definition.pattern[state.position])
        for inner in subterms(definition.body)
        if isinstance(inner, Indexed) and label_of(inner) in cycle
    }
    return {c for c in carried if c[1] != 0} == {(state.label, Integer(state.ahead))}


def state_derivative(
    goal: D, session: Session, lemma_for: Callable[[D, Session], None]
) -> tuple[list[Display], Expr, Expr | None]:
    """The derivative of a recurrent state in closed form: the unrolling lemma at the state's time."""
    label = label_of(goal.of)
    state = state_of(label, session)
    if state is None:
        raise UnsolvedError("no recurrence was recognised in the definition of ", label)
    if goal.wrt == state.label:
        raise UnsolvedError(label, " is a sequence and the argument of a function: write that with another letter")
    if is_next(goal, session):
        return _next_state(goal, state, session, lemma_for)
    block = block_of(label, session)
    if block is not None and block.is_next(goal):
        following = next_in_block(goal, block, session, lemma_for)
        return [following.display()], following.now, None
    lemma = unrolling_lemma(state, goal.wrt, session, lemma_for)
    letter, moment = indices_of(lemma.lhs.of)[state.position], indices_of(goal.of)[state.position]
    if goal == lemma.lhs:
        return [], lemma.rhs, None
    proof = Proof(goal, session)
    units = dict(zip(indices_of(lemma.lhs.of), indices_of(goal.of), strict=True))
    proof.step("lemma", put(lemma.rhs, {k: v for k, v in units.items() if is_index(k)}))
    proof.line(f"Lemma {lemma.number} at ", Relation(letter, "=", moment))
    general = finish(proof, names(session))
    return [proof.display()], proof.now, general


def is_next(goal: D, session: Session) -> bool:
    """Whether a state is differentiated by the one before it."""
    state = state_of(label_of(goal.of), session) if isinstance(goal.of, Indexed) else None
    if state is None or label_of(goal.wrt) != state.label or not is_single(state, session):
        return False
    moments = [indices_of(q)[state.position] for q in (goal.of, goal.wrt)]
    return bool(moments[0] - moments[1] == state.ahead) and session.body(goal.of) is not None


def _next_state(
    goal: D, state: State, session: Session, lemma_for: Callable[[D, Session], None]
) -> tuple[list[Display], Expr, Expr | None]:
    """The derivative of a state by the one before it: one step differentiated, in which no other state moves."""
    proof = differentiated_step(state, goal.of, goal.wrt, session, lemma_for)
    moment = indices_of(goal.wrt)[state.position]

    def itself(term: Expr) -> Expr | None:
        if not isinstance(term, D) or label_of(term.of) != state.label or term.wrt != goal.wrt:
            return None
        if indices_of(term.of)[state.position] != moment:
            return None
        return Mul(*(Delta(a, b) for a, b in zip(indices_of(term.of), indices_of(goal.wrt), strict=True)))

    proof.step("variable", rewrite(proof.now, itself, session), "each unit by itself")
    proof.line()
    general = finish(proof, names(session))
    return [proof.display()], proof.now, general


def unrolling_lemma(state: State, x: Expr, session: Session, lemma_for: Callable[[D, Session], None]) -> Lemma:
    """The derivative of the state at a generic time, proved by induction over time."""
    found = next((m for m in session.lemmas if _is_about(m, state, x)), None)
    if found is not None:
        return found
    outer = dict(session.ranges)
    mine = {s: outer[s] for s in sorted(free_symbols(x), key=str) if s in outer}
    session.ranges.clear()
    session.ranges.update(mine)
    try:
        if is_single(state, session):
            session.lemmas.append(_prove(state, x, session, lemma_for))
            return session.lemmas[-1]
        block = block_of(state.label, session)
        if block is None:
            raise UnsolvedError("the recurrence of ", state.label, " has a shape that is not solved")
        block_lemmas(block, x, session, lemma_for)
    finally:
        session.ranges.clear()
        session.ranges.update(outer)
    return next(m for m in session.lemmas if _is_about(m, state, x))


def _is_about(lemma: Lemma, state: State, x: Expr) -> bool:
    return isinstance(lemma.lhs, D) and label_of(lemma.lhs.of) == state.label and lemma.lhs.wrt == x


def _prove(state: State, x: Expr, session: Session, lemma_for: Callable[[D, Session], None]) -> Lemma:
    taken = set(free_symbols(x)) | set(session.ranges)
    letters: list[Symbol] = []
    for p in state.step.pattern:
        name = p if p not in taken else session.index("tsrqn" if p == state.time else "ijkl", taken)
        taken.add(name)
        letters.append(name)
    t = letters[state.position]
    units = tuple(n for k, n in enumerate(letters) if k != state.position)
    unit_runs = [state.step.ranges[p] for k, p in enumerate(state.step.pattern) if k != state.position]
    cut = indices_of(x)[state.position] if label_of(x) == state.label else None
    first = (state.start if cut is None else cut) + state.ahead
    session.ranges.update(zip(units, unit_runs, strict=True))
    session.ranges[t] = state.run(first)

    head = state.at(t, units)
    one_step_on = differentiated_step(state, head, x, session, lemma_for)
    differentiated, reached = one_step_on.display(ONE_STEP), one_step_on.now
    b, c = linear_parts(reached, state, t, units, session)
    if cut is not None:
        initial: Expr = Mul(*(Delta(u, v) for u, v in zip(units, _units(x, state), strict=True)))
        base_time: Expr = cut
    else:
        initial, base_time = _initial(state, units, x, session), state.start

    closed = _closed_form(state, b, c, initial, t, units, unit_runs, base_time, session)
    session.ranges[t] = state.run(base_time)
    closed = tidied(closed, session)
    session.ranges[t] = state.run(first)
    claim = _Claim(state, t, units, lambda member: D(member, x), closed, base_time)
    displays = [differentiated, *_induction(claim, reached, initial, session)]
    ranges = {**session.ranges, t: state.run(base_time)}
    return Lemma(
        len(session.lemmas) + 1,
        ("derivative of ", state.label, " through time"),
        D(head, x),
        closed,
        ranges,
        tuple(displays),
        ("This is the claim for every ", state.reached(t, base_time), "."),
        (t, base_time),
    )


def unrolled_value(goal: Expr, session: Session) -> tuple[list[Display], Expr] | None:
    """A state of a linear recurrence in closed form, proved by induction; None where the recurrence is not linear."""
    state = state_of(label_of(goal), session)
    if state is None or not is_single(state, session) or len(state.step.pattern) != 1:
        return None
    outer = dict(session.ranges)
    taken = set(free_symbols(goal)) | set(session.ranges)
    t = state.time if state.time not in taken else session.index("tsrqn", taken)
    before = state.at(t - state.ahead, ())
    body = put(one_step(state.step, session), {state.time: t})
    b = rewrite(body, lambda term: S.Zero if term == before else None, session)
    c = normal(rewrite(body, lambda term: S.One if term == before else None, session) - b, session)
    if any(session.depends(part, before) for part in (b, c)) or not equal(body, b + c * before):
        return None
    session.ranges[t] = state.run(state.start)
    first = state.at(state.start, ())
    known = session.body(first)
    initial = first if known is None else known
    closed = tidied(_closed_form(state, b, lambda _: c, initial, t, (), [], state.start, session), session)
    session.ranges[t] = state.run(state.start + state.ahead)
    claim = _Claim(state, t, (), lambda member: member, closed, state.start)
    displays = _induction(claim, body, initial, session)
    session.ranges.clear()
    session.ranges.update(outer)
    proof = Proof(goal, session)
    proof.step("claim", put(closed, {t: indices_of(goal)[0]}), "the unrolled recurrence")
    proof.line("the unrolled recurrence, by induction")
    finish(proof, [])
    return [*displays, proof.display()], proof.now


@dataclass(frozen=True)
class _Claim:
    """What an induction over time proves: `of` a state at time t, at these units, is `closed`, from `base` on."""

    state: State
    t: Symbol
    units: tuple[Symbol, ...]
    of: Callable[[Expr], Expr]
    closed: Expr
    base: Expr


def _units(member: Expr, state: State) -> tuple[Expr, ...]:
    return tuple(i for k, i in enumerate(indices_of(member)) if k != state.position)


def differentiated_step(
    state: State, head: Expr, x: Expr, session: Session, lemma_for: Callable[[D, Session], None] | None = None
) -> Proof:
    """The recurrence differentiated: the derivative of one state in terms of that of the state before."""
    proof = Proof(D(head, x), session)
    body = put(state.step.body, dict(zip(state.step.pattern, indices_of(head), strict=True)))
    proof.step(f"definition:{head}", D(body, x), "definition")
    proof.line("definition of ", head)
    cycle = session.cycle(state.label)
    for _ in range(20):
        for move in push(proof.now, session):
            proof.step(move.law, move.after)
        proof.line()

        def visit(term: Expr) -> Expr | None:
            if not isinstance(term, D) or not is_quantity(term.of):
                return None
            label = label_of(term.of)
            if label == state.label:
                return term
            if label in cycle:
                inner = session.body(term.of)
                return D(inner, term.wrt) if inner is not None else None
            if lemma_for is not None:
                lemma_for(term, session)
            return session.known(term)

        after = rewrite(proof.now, visit, session)
        if after == proof.now:
            break
        proof.step("definition", after, "definitions of the same step")
        proof.line()
    finish(proof, names(session))
    return proof


ONE_STEP = "Differentiate one step of the recurrence."

Coefficient = Callable[[tuple[Expr, ...]], Expr]
"""The factor with which the earlier state's derivative at some units enters."""


def linear_parts(
    reached: Expr, state: State, t: Symbol, units: tuple[Symbol, ...], session: Session
) -> tuple[Expr, Coefficient]:
    """`reached` as b + sum over m of c(m) times the earlier state's derivative at m."""

    def earlier(at: tuple[Expr, ...]) -> Expr:
        return state.at(t - state.ahead, at)

    def is_earlier(term: Expr) -> bool:
        return isinstance(term, D) and label_of(term.of) == label_of(earlier(units))

    def without(e: Expr, value: Expr) -> Expr:
        return rewrite(e, lambda term: value if is_earlier(term) else None, session)

    b = normal(without(reached, S.Zero), session)
    for term in subterms(reached):
        if isinstance(term, D) and not is_earlier(term):
            raise UnsolvedError("the derivative ", term, " was not resolved while differentiating the recurrence")
        if is_earlier(term) and not units and term.of != earlier(()):
            raise UnsolvedError("the recurrence reaches further back than one step: ", term.of)
    if not units:
        c = normal(without(reached, S.One) - b, session)
        return b, lambda _: c

    def coefficient(at: tuple[Expr, ...]) -> Expr:
        total = S.Zero
        for part in Add.make_args(_spread(reached)):
            if not any(is_earlier(t) for t in subterms(part)):
                continue
            factors = Mul.make_args(part)
            direct = next((f for f in factors if is_earlier(f)), None)
            if direct is not None:
                deltas = Mul(*(Delta(u, v) for u, v in zip(_unit_indices(direct.of, earlier, units), at, strict=True)))
                total += part / direct * deltas
                continue
            inner = next(f for f in factors if isinstance(f, Sigma) and any(is_earlier(t) for t in subterms(f)))
            with session.opened(inner) as ((m,), body):
                d = next(t for t in subterms(body) if is_earlier(t))
                if _unit_indices(d.of, earlier, units) != (m,):
                    raise UnsolvedError("the recurrence couples the units in a way that is not a matrix product")
                total += part / inner * put(normal(body / d, session), {m: at[0]})
        return normal(total, session)

    return b, coefficient


def _spread(e: Expr) -> Expr:
    """`e` with a product over a sum multiplied out at the top, so that each term holds one earlier derivative."""
    nested = not isinstance(e, Add) or any(isinstance(f, Add) for a in e.args for f in Mul.make_args(a))
    return expanded(e) if nested else e


def _unit_indices(
    member: Expr, earlier: Callable[[tuple[Expr, ...]], Expr], units: tuple[Symbol, ...]
) -> tuple[Expr, ...]:
    pattern = indices_of(earlier(units))
    return tuple(i for i, p in zip(indices_of(member), pattern, strict=True) if p in units)


def _initial(state: State, units: tuple[Symbol, ...], x: Expr, session: Session) -> Expr:
    """The derivative of the initial state."""
    first = state.at(state.start, units)
    body = session.body(first)
    expr: Expr = D(body if body is not None else first, x)
    if body is None and label_of(x) == state.label:
        return Mul(*(Delta(a, b) for a, b in zip(indices_of(first), indices_of(x), strict=True)))
    if body is None:
        return S.Zero
    for move in push(expr, session):
        expr = move.after
    return normal(expr, session)


def _closed_form(
    state: State,
    b: Expr,
    c: Coefficient,
    initial: Expr,
    t: Symbol,
    units: tuple[Symbol, ...],
    runs: list[Range],
    base_time: Expr,
    session: Session,
) -> Expr:
    """The solution of s_t = b_t + c_t s_{t-1}: what each step adds, carried through the later ones, summed."""
    taken = free_symbols(b) | free_symbols(initial)
    letters = "".join(session.letters(Range(base_time + 1, t)))
    s = session.index("sr" + letters, taken)
    r = session.index("rqj" + letters, taken | {s})
    taken |= {s, r}
    columns = tuple(session.index(("mkl", "nlk", "qlk")[n % 3], taken) for n in range(len(units)))
    entry = c(columns)
    same = Mul(*(Delta(u, m) for u, m in zip(units, columns, strict=True)))
    alone = put(entry, dict(zip(columns, units, strict=True))) if _is_diagonal(entry, same, columns) else None
    if alone is None and len(units) > 1:
        raise UnsolvedError("the recurrence of a matrix state is not solved")

    def steps(after: Expr) -> tuple[Expr, Expr]:
        """The first and the last of the steps that follow the time `after`, up to t."""
        return (after + 1, t) if state.ahead == 1 else (t, after - 1)

    def carried(after: Expr, vector: Expr) -> Expr:
        """What the steps after a time make of a vector at that time."""
        lo, hi = steps(after)
        if vector == 0:
            return S.Zero
        if alone is not None:
            return vector * Prod.over(r, lo, hi, put(alone, {t: r}))
        (i,), (m,), n = units, columns, runs[0].hi
        a = session.index("kln", taken | {m})
        factor = put(entry, {t: r, i: a})
        if state.ahead == 1:
            chain = Chain.over((r, a, m), lo, hi, n, factor, i, m)
        else:
            # Backward in time the earliest matrix stands on the left: the transposed product has the usual order.
            chain = Chain.over((r, m, a), lo, hi, n, factor, m, i)
        return Sigma.over(m, runs[0].lo, n, chain * put(vector, {i: m}))

    total = Sigma.over(s, *steps(base_time), carried(s, put(b, {t: s}))) if b != 0 else S.Zero
    return total + carried(base_time, initial)


def _is_diagonal(entry: Expr, same: Expr, columns: tuple[Symbol, ...]) -> bool:
    """Whether each unit depends on its own earlier state only."""
    factors = Mul.make_args(entry)
    rest = entry / same
    return same == 1 or (not free_symbols(rest) & set(columns) and all(f in factors for f in Mul.make_args(same)))


def _induction(claim: _Claim, reached: Expr, initial: Expr, session: Session) -> list[Display]:
    """The base case and the step, as two chains."""
    state, t, units, closed, base_time = claim.state, claim.t, claim.units, claim.closed, claim.base
    run = session.ranges.pop(t)
    base = Proof(claim.of(state.at(base_time, units)), session)
    base.step("initial", initial, "the initial state")
    base.line("the state itself" if base_time != state.start else "initial state")
    base.step("claim", put(closed, {t: base_time}), "the claim there")
    base.line("the claim at ", Relation(t, "=", base_time))
    first = base.display("Base of the induction, at the time ", base_time, ".")
    session.ranges[t] = run

    step = Proof(claim.of(state.at(t, units)), session)
    step.step("recurrence", reached, "the recurrence")
    step.line("one step" if reached == state.step.body else "one step, as above")
    shape = claim.of(state.at(t, units))
    letters = frozenset(u for u in (t, *units))

    def hypothesis(term: Expr) -> Expr | None:
        if type(term) is not type(shape):
            return None
        found = unify(shape, term, letters)
        return None if found is None else put(closed, found)

    step.step("hypothesis", rewrite(step.now, hypothesis, session), "the claim one step earlier")
    step.line("the claim at ", state.reached(t - state.ahead, base_time))
    step.step("peel", closed, "take the last factor and the last term in")
    step.line("take the step into the product and the sum")
    second = step.display("Step of the induction, from ", t - state.ahead, " to ", t, ".")
    return [first, second] if base.lines else [second]
