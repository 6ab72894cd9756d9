"""Recurrences of several states, or over several steps: one linear recurrence of a vector of derivatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, Indexed, Integer, S, Symbol

from symdl.engine.differentiate import push
from symdl.engine.folding import names
from symdl.engine.matching import rewrite
from symdl.engine.proof import Proof, finish
from symdl.engine.session import Session
from symdl.engine.tidy import normal, tidied
from symdl.errors import UnsolvedError
from symdl.language import (
    Chain,
    D,
    Delta,
    Sigma,
    family,
    free_symbols,
    fresh_index,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    put,
    subterms,
)
from symdl.problem import Definition, Display, Lemma, Range, Relation

LAGS = 6
"""A recurrence that reaches further back than this many steps is not solved."""


@dataclass(frozen=True)
class Block:
    """The states of a recurrence: pairs of a label and how many steps back, with their common time."""

    components: tuple[tuple[Symbol, int], ...]
    time: Symbol
    start: Expr
    end: Expr

    def member(self, row: int, moment: Expr) -> Expr:
        """The state in this row at a time."""
        label, lag = self.components[row]
        return family(label, moment - lag)

    def row_of(self, label: Symbol, lag: int = 0) -> int | None:
        return self.components.index((label, lag)) if (label, lag) in self.components else None

    def is_next(self, goal: D) -> bool:
        """Whether one of several states, which reach back one step, is differentiated by one of the step before."""
        at = [indices_of(q)[0] for q in (goal.of, goal.wrt) if self.row_of(label_of(q)) is not None]
        return len(at) == 2 and bool(at[0] - at[1] == 1) and all(lag == 0 for _, lag in self.components)


def block_of(label: Symbol, session: Session) -> Block | None:
    """The states that the recurrence around `label` carries from step to step; None where it has none of its own."""
    cycle = session.cycle(label)
    lags: dict[Symbol, int] = {}
    steps: dict[Symbol, Definition] = {}
    for member in cycle:
        for definition in session.givens.definitions_of(member):
            if len(definition.pattern) != 1 or not is_index(definition.pattern[0]):
                continue
            steps[member] = definition
            for inner in subterms(definition.body):
                if isinstance(inner, Indexed) and label_of(inner) in cycle:
                    back = definition.pattern[0] - indices_of(inner)[0]
                    if not isinstance(back, Integer) or back < 0 or back > LAGS:
                        return None
                    if back > 0:
                        lags[label_of(inner)] = max(lags.get(label_of(inner), 0), int(back))
    if label not in lags or len(steps) != len(cycle):
        return None
    rows = [(x, lag) for x in sorted(lags, key=lambda s: (s != label, str(s))) for lag in range(lags[x])]
    step = steps[label]
    run = step.ranges[step.pattern[0]]
    return Block(tuple(rows), step.pattern[0], run.lo - 1, run.hi)


def block_lemmas(block: Block, x: Expr, session: Session, lemma_for: Callable[[D, Session], None]) -> list[Lemma]:
    """For each state its derivative at a generic time, in closed form, proved together by induction."""
    taken = set(free_symbols(x)) | set(session.ranges)
    t = block.time if block.time not in taken else session.index("tsrqn", taken)
    labels = [label for label, lag in block.components if lag == 0]
    cut = indices_of(x)[0] if label_of(x) in labels else None
    base = block.start if cut is None else cut
    session.ranges[t] = Range(base + 1, block.end)
    chains, rows, constants = [], [], []
    for label, lag in block.components:
        if lag:
            source = block.row_of(label, lag - 1)
            rows.append([S.One if n == source else S.Zero for n in range(len(block.components))])
            constants.append(S.Zero)
            continue
        proof = _one_step(label, t, x, session, lemma_for)
        display = proof.display("Differentiate one step of ", family(label, t), ".")
        chains.append(display)
        b, row = _row(block, display.end, t, session)
        rows.append(row)
        constants.append(b)
    initial = [_initial(block, n, base, x, cut is not None, session) for n in range(len(block.components))]
    closed = [_closed(n, rows, constants, initial, t, base, session) for n in range(len(block.components))]
    lemmas: list[Lemma] = []
    for n, (label, lag) in enumerate(block.components):
        if lag:
            continue
        session.ranges[t] = Range(base + 1, block.end)
        displays = [
            *(chains if not lemmas else []),
            *_induction(block, n, t, x, chains, closed, initial, base, session),
        ]
        ranges = {**session.ranges, t: Range(base, block.end)}
        head = D(family(label, t), x)
        number = len(session.lemmas) + 1
        title = ("derivative of ", label, " through time")
        # A claim two steps back may lie before the start, where it says nothing.
        induction = (t, base) if all(lag == 0 for _, lag in block.components) else None
        lemmas.append(Lemma(number, title, head, closed[n], ranges, tuple(displays), (), induction))
        session.lemmas.append(lemmas[-1])
    return lemmas


def next_in_block(goal: D, block: Block, session: Session, lemma_for: Callable[[D, Session], None]) -> Proof:
    """The derivative of a state by one of the step before: what of that step follows from it moves along."""
    moment = indices_of(goal.wrt)[0]
    proof = _one_step(label_of(goal.of), moment + 1, goal.wrt, session, lemma_for)

    def before(term: Expr) -> Expr | None:
        row = block.row_of(label_of(term.of)) if isinstance(term, D) and is_quantity(term.of) else None
        return None if row is None else _initial(block, row, moment, goal.wrt, True, session)

    proof.step("initial", rewrite(proof.now, before, session), "the states of the step before")
    proof.line("the states of the step before")
    finish(proof, names(session))
    return proof


def _one_step(label: Symbol, t: Expr, x: Expr, session: Session, lemma_for: Callable[[D, Session], None]) -> Proof:
    """One state differentiated, down to the derivatives of the states of earlier steps."""
    head = family(label, t)
    cycle = session.cycle(label)
    proof = Proof(D(head, x), session)
    body = session.body(head)
    if body is None:
        raise UnsolvedError(head, " has no definition at a generic time")
    proof.step(f"definition:{head}", D(body, x), "definition")
    proof.line("definition of ", head)

    def visit(term: Expr) -> Expr | None:
        if not isinstance(term, D) or not is_quantity(term.of):
            return None
        if label_of(term.of) in cycle:
            if indices_of(term.of)[0] != t:
                return term
            inner = session.body(term.of)
            return D(inner, term.wrt) if inner is not None else None
        lemma_for(term, session)
        return session.known(term)

    for _ in range(30):
        for move in push(proof.now, session):
            proof.step(move.law, move.after)
        proof.line()
        after = rewrite(proof.now, visit, session)
        if after == proof.now:
            break
        proof.step("definition", after, "definitions of the same step")
        proof.line("definitions of the same step")
    finish(proof, names(session))
    return proof


def _row(block: Block, reached: Expr, t: Symbol, session: Session) -> tuple[Expr, list[Expr]]:
    """`reached` as a constant and the coefficients of the earlier states' derivatives."""

    def kept(row: int | None) -> Expr:
        def visit(term: Expr) -> Expr | None:
            if not isinstance(term, D) or not is_quantity(term.of):
                return None
            back = t - indices_of(term.of)[0]
            here = block.row_of(label_of(term.of), int(back) - 1)
            if here is None:
                raise UnsolvedError("the derivative ", term, " was not resolved while differentiating the recurrence")
            return S.One if here == row else S.Zero

        return rewrite(reached, visit, session)

    b = normal(kept(None), session)
    return b, [normal(kept(n) - b, session) for n in range(len(block.components))]


def _initial(block: Block, row: int, base: Expr, x: Expr, is_cut: bool, session: Session) -> Expr:
    """The derivative of one state where the unrolling begins."""
    member = block.member(row, base)
    if member == x:
        return S.One
    body = session.body(member)
    if body is not None:
        return _slope_at(body, base, x, is_cut, session)
    # A cut at a letter may lie at the start, where the other states are free, or later, where they follow from it.
    own = {i: run for i, run in session.ranges.items() if i in free_symbols(base)}
    later = {i: Range(run.lo + 1, run.hi) for i, run in own.items()}
    with session.running(later):
        body = session.body(member) if is_cut else None
        slope = S.Zero if body is None else _slope_at(body, base, x, is_cut, session)
    if slope != 0:
        words = (" and is free where ", base, " = ", block.start, ": ask for the later ones alone")
        raise UnsolvedError(member, " follows from ", x, *words)
    return S.Zero


def _slope_at(body: Expr, base: Expr, x: Expr, is_cut: bool, session: Session) -> Expr:
    """The derivative of a state with this body at the time where the unrolling begins."""
    expr: Expr = D(body, x)
    for _ in range(20):
        for move in push(expr, session):
            expr = move.after

        def visit(term: Expr) -> Expr | None:
            if not isinstance(term, D) or not is_quantity(term.of):
                return None
            if term.of == x:
                return S.One
            moment = indices_of(term.of)[0] if indices_of(term.of) else None
            if moment == base:
                inner = session.body(term.of)
                return D(inner, term.wrt) if inner is not None else S.Zero
            return S.Zero if is_cut else None

        after = rewrite(expr, visit, session)
        if after == expr:
            break
        expr = after
    return tidied(expr, session)


def _closed(
    row: int,
    rows: list[list[Expr]],
    constants: list[Expr],
    initial: list[Expr],
    t: Symbol,
    base: Expr,
    session: Session,
) -> Expr:
    """Row `row` of the solution: what each step adds, carried by the ordered product of the later steps' matrices."""
    size = Integer(len(rows))
    taken = set(session.ranges) | {s for r in rows for e in r for s in free_symbols(e)}
    s, r, a, c = _letters(("sr", "rq", "ij", "jk"), taken)
    entry = S.Zero
    for n, coefficients in enumerate(rows):
        for m, coefficient in enumerate(coefficients):
            entry += Delta(a, n + 1) * Delta(c, m + 1) * put(coefficient, {t: r})

    def carried(lo: Expr, column: int) -> Expr:
        return Chain.over((r, a, c), lo, t, size, entry, Integer(row + 1), Integer(column + 1))

    total = S.Zero
    for m, b in enumerate(constants):
        if b != 0:
            total += Sigma.over(s, base + 1, t, carried(s + 1, m) * put(b, {t: s}))
        if initial[m] != 0:
            total += carried(base + 1, m) * initial[m]
    return total


def _letters(choices: tuple[str, ...], taken: set[Symbol]) -> list[Symbol]:
    found: list[Symbol] = []
    for letters in choices:
        found.append(fresh_index(letters, taken | set(found)))
    return found


def _induction(
    block: Block,
    row: int,
    t: Symbol,
    x: Expr,
    chains: list[Display],
    closed: list[Expr],
    initial: list[Expr],
    base: Expr,
    session: Session,
) -> list[Display]:
    """Base and step of the induction for one state; the claim is used for all states one step earlier."""
    run = session.ranges.pop(t)
    first = Proof(D(block.member(row, base), x), session)
    first.step("initial", initial[row], "the initial state")
    first.line("initial state")
    first.step("claim", put(closed[row], {t: base}), "the claim there")
    first.line("the claim at ", Relation(t, "=", base))
    shown = first.display("Base of the induction, at the time ", base, ".")
    session.ranges[t] = run

    head = D(block.member(row, t), x)
    reached = next(d.end for d in chains if d.lhs == head)
    step = Proof(head, session)
    step.step("recurrence", reached, "one step")
    step.line("one step, as above")

    def hypothesis(term: Expr) -> Expr | None:
        if not isinstance(term, D) or not is_quantity(term.of):
            return None
        here = block.row_of(label_of(term.of))
        return None if here is None else put(closed[here], {t: indices_of(term.of)[0]})

    step.step("hypothesis", rewrite(step.now, hypothesis, session), "the claim one step earlier")
    step.line("the claim one step earlier")
    step.step("peel", closed[row], "take the step in")
    step.line("take the step into the product and the sum")
    return [shown, step.display("Step of the induction, from ", t - 1, " to ", t, ".")]
