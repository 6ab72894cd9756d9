"""Evaluating a problem on numbers: the forward table of every quantity, and the backward pass of a derivative."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod

from sympy import Add, Expr, Float, Integer, Mul, Rational, Symbol

from symdl.engine.cost import cost
from symdl.engine.derive import closed
from symdl.engine.differentiate import push
from symdl.engine.matching import rewrite
from symdl.engine.matrices import numbers_form
from symdl.engine.meeting import by_definition, written_out
from symdl.engine.proof import Proof
from symdl.engine.session import Session
from symdl.engine.tidy import normal, tidied
from symdl.errors import UnsolvedError
from symdl.language import (
    At,
    Cases,
    D,
    Delta,
    DPlus,
    Maximum,
    Minimum,
    Prod,
    Sigma,
    Step,
    decimal,
    is_quantity,
    label_of,
    put,
    quantities,
    scalar,
    subterms,
)
from symdl.language.functions import by_head
from symdl.problem import Derivation, Display, Givens, Problem, Range, Relation, Symbolic, Task, Text

ENTRIES = 64
"""No vector or matrix of more entries than this is evaluated."""

GAP = Float("1e-20")
"""Two numbers whose decimals are closer than this are not told apart."""

CHAIN = 200
"""How many quantities are worked out at most one for another: a recurrence may have no end that is known."""

UNKNOWN_SIZE = ", which has no value: state it, or ask with Find"

STEP = Rational(1, 1000)
"""How far a check goes from the number at which a derivative was taken."""

DIGITS = 6
"""Significant digits of a decimal value."""

SHORT = 9
"""A number that costs a reader more than this is not put into others: its name stays there."""


@dataclass
class Table:
    """The numbers known so far, by quantity, the displays that worked them out, and how many are being worked out."""

    session: Session
    numbers: dict[Expr, Expr] = field(default_factory=dict)
    displays: list[Display] = field(default_factory=list)
    awaited: int = 0

    def number(self, quantity: Expr) -> Expr:
        """The number of a quantity; worked out and displayed when it is asked for the first time."""
        if quantity not in self.numbers and isinstance(quantity, D):
            return _backward(quantity, self)
        if quantity not in self.numbers:
            body = self.session.body(quantity)
            if body is None:
                raise UnsolvedError("no value is given for ", quantity)
            if self.awaited == CHAIN:
                raise UnsolvedError("no end is known of what ", quantity, " rests on")
            self.awaited += 1
            self.work_out(quantity, body, f"definition:{quantity}", "definition")
            self.awaited -= 1
        return self.numbers[quantity]

    def work_out(self, quantity: Expr, body: Expr, law: str, reason: str, intro: str = "") -> None:
        """One row of the table: the body, the numbers put in, the value."""
        proof = Proof(quantity, self.session)
        proof.step(law, written_out(body, self.session), reason)
        proof.line(reason)
        self.numbers[quantity] = self.put_in(proof)
        self.round_off(proof)
        if proof.lines:
            self.displays.append(proof.display(*([intro] if intro else [])))

    def put_in(self, proof: Proof) -> Expr:
        """Bring a chain without sums to its number, which is returned; long numbers stay there by their names.

        What it needs is worked out and displayed before.
        """
        body = self.in_letters(proof.now)
        proof.step("result", body, "insert the derivatives")
        proof.line("insert the derivatives")
        for inner in sorted(needed(body), key=str):
            self.number(inner)
        proof.step("values", put(body, self.short(body)), "the numbers")
        proof.line("the numbers put in")
        value = simplified(proof.now, self.session)
        proof.step("arithmetic", value)
        proof.line("arithmetic")
        return simplified(put(value, self.numbers), self.session)

    def short(self, body: Expr) -> dict[Expr, Expr]:
        """The numbers that are put into a body: all where they tell the side of a kink, else those that are short."""
        if body.has(Maximum, Minimum, Step, Cases):
            return self.numbers
        return {q: number for q, number in self.numbers.items() if _is_short(number)}

    def round_off(self, proof: Proof) -> None:
        """Say at the end of a chain what its number is about, where it is not the number itself."""
        number = self.numbers[proof.lhs]
        close = _in_decimals(number, self.session)
        if proof.lines and close is not None and proof.now != number:
            last = proof.lines[-1]
            proof.lines[-1] = replace(last, reason=(*last.reason, ", about ", close))

    def by_name(self, quantity: Expr) -> Expr:
        """The number of a quantity, or its name where that is shorter."""
        number = self.numbers[quantity]
        return number if _is_short(number) else quantity

    def in_letters(self, body: Expr) -> Expr:
        """A body with its derivatives at a point, and those of second order, in the closed form displayed first."""

        def visit(term: Expr) -> Expr | None:
            if isinstance(term, At) and isinstance(term.of, D):
                return put(self._closed(term.of), dict(term.settings))
            return self._closed(term) if isinstance(term, D) and isinstance(term.of, D) else None

        return rewrite(body, visit, self.session)

    def _closed(self, derivative: Expr) -> Expr:
        displays, end, _ = closed(derivative, self.session)
        self.displays += [d for d in displays if d not in self.displays]
        return end


def _is_short(number: Expr) -> bool:
    """Whether a number costs a reader no more than a name."""
    return cost(number) <= SHORT


def needed(expr: Expr) -> list[Expr]:
    """The quantities whose numbers `expr` needs; a derivative is needed as a whole.

    Fails  with `UnsolvedError` at a sum or product of them that could not be written out.
    """
    found: list[Expr] = []

    def collect(term: Expr) -> None:
        if isinstance(term, D) or is_quantity(term):
            if term not in found:
                found.append(term)
            return
        if isinstance(term, (Sigma, Prod)) and quantities(term.body):
            raise UnsolvedError("what is added or multiplied runs up to ", term.hi, UNKNOWN_SIZE)
        for a in term.args:
            collect(a)

    collect(expr)
    return found


def on_numbers(problem: Problem, task: Task) -> tuple[Problem, Task]:
    """The problem and the task with the number of each size that has one put for it."""
    sizes = problem.givens.sizes
    if not sizes:
        return problem, task
    return replace(problem, givens=problem.givens.sized), task.at(sizes)


def with_values(problem: Problem, task: Task) -> tuple[Problem, Task]:
    """The problem and a task that shows something, with the number of each scalar that has one put for it.

    What is set or moved, as the variable of a derivative, keeps its name: of a number there is no derivative.
    """
    sides = task.relation.sides if task.relation is not None else ()
    terms = [t for e in (task.goal, *sides, *(d.body for d in problem.givens.definitions)) for t in subterms(e)]
    moved = {x for t in terms if isinstance(t, D | At) for x in t.args[1::2]}
    values = {
        v.quantity: v.number
        for v in problem.givens.values
        if isinstance(v.quantity, Symbol) and v.quantity not in moved
    }
    definitions = tuple(replace(d, body=put(d.body, values)) for d in problem.givens.definitions)
    return on_numbers(replace(problem, givens=replace(problem.givens, definitions=definitions)), task.at(values))


def evaluate(session: Session, earlier: Sequence[Derivation]) -> Derivation:
    """The derivation of an `Evaluate`; what earlier ones worked out is not worked out again."""
    problem, task = session.problem, session.task
    table = Table(session, {v.quantity: v.number for v in problem.givens.values})
    for derivation in earlier:
        if derivation.task.kind == "evaluate" and not isinstance(derivation.task.goal, At):
            for display in derivation.displays:
                table.numbers[display.lhs] = simplified(put(display.end, table.numbers), session)
    entries = [(at, _entry(put(task.goal, at), table)) for at in _places(task.indices)]
    value = entries[0][1] if len(entries) == 1 and not entries[0][0] else _tabled(entries)
    quotient = tuple(_quotient(task.goal, value, session))
    way = _plan(task.goal, session) if table.displays else ()
    if not table.displays:
        proof = Proof(task.goal, session)
        proof.step("known", value, "computed above")
        proof.line("computed above")
        table.displays.append(proof.display())
    is_shown = any(d.end == value for d in table.displays) or len(entries) > 1
    close = None if is_shown else _in_decimals(value, session)
    return Derivation(
        problem=problem,
        task=task,
        result=value,
        displays=tuple(table.displays),
        lemmas=session.new_lemmas,
        plan=() if any(d.plan == way for d in earlier) else way,
        checks=(*(_decimals(task.goal, entries, session) if close is None else ()), *quotient),
        solutions=() if close is None else (Relation(task.goal, "~", close),),
        remarks=tuple(_meaning(task.goal, value)) if quotient else (),
        matrix=numbers_form(task, {tuple(at.values()): v for at, v in entries}, session),
        assumes=tuple((r,) for r in session.obligations),
    )


def on_both_sides(relation: Relation, session: Session) -> list[Display] | None:
    """The displays of an equation on numbers, one for each choice of its index letters.

    None where something in it has no number, or the numbers differ.
    """
    table = Table(session, {v.quantity: v.number for v in session.givens.values})
    if not table.numbers:
        return None
    ends: list[Display] = []
    try:
        for at in _places(session.task.indices):
            left, right = Proof(put(relation.lhs, at), session), Proof(put(relation.rhs, at), session)
            for side in (left, right):
                side.step("unfold", written_out(side.now, session), "written out")
                side.line("written out")
                value = table.put_in(side)
                side.step("values", value)
                side.line("the numbers put in")
            if left.now != right.now:
                return None
            left.read_back(right)
            ends.append(left.display())
    except UnsolvedError:
        return None
    return [*table.displays, *ends]


def _plan(goal: Expr, session: Session) -> Text:
    """How a number is come by: a derivative, a state of a recurrence, anything else."""
    while isinstance(goal, At):
        goal = goal.of
    if isinstance(goal, D):
        return (
            "Go forward with the numbers, then back from the output: the derivative by a quantity adds up what comes "
            "back from all that use it directly.",
        )
    if is_quantity(goal) and session.is_recurrent(label_of(goal)):
        return ("Put the numbers into one step of the recurrence after the other.",)
    return ("Put the numbers in, beginning with what the others are made of.",)


def _meaning(goal: Expr, value: Expr) -> Iterator[Text]:
    """What the number of a derivative says of a small change."""
    assert isinstance(goal, D)
    if value == 0:
        yield ("To first order, a small change of ", goal.wrt, " does not change ", goal.of, ".")
        return
    word = " raises " if value > 0 else " lowers "
    yield "A small increase of ", goal.wrt, word, goal.of, " by about ", abs(value), " times as much."


def _places(indices: Sequence[tuple[Symbol, Range]]) -> list[dict[Expr, Expr]]:
    """Every choice of numbers for the free index letters of a task.

    Fails  with `UnsolvedError` where a range is not numeric, or there are more than `ENTRIES` choices.
    """
    runs: list[list[Expr]] = []
    for letter, run in indices:
        if not run.lo.is_Integer or not run.hi.is_Integer:
            raise UnsolvedError(letter, " runs up to ", run.hi, UNKNOWN_SIZE)
        runs.append([Integer(n) for n in range(int(run.lo), int(run.hi) + 1)])
    if prod(len(r) for r in runs) > ENTRIES:
        raise UnsolvedError(f"more than {ENTRIES} entries are not evaluated one by one")
    return [dict(zip((s for s, _ in indices), numbers, strict=True)) for numbers in product(*runs)]


def _entry(goal: Expr, table: Table) -> Expr:
    """The number of one expression without free indices."""
    if goal in table.numbers:
        return table.numbers[goal]
    if isinstance(goal, At):
        inner = Table(table.session, {**table.numbers, **dict(goal.settings)})
        value = _entry(goal.of, inner)
        table.displays += [_at(d, goal) for d in inner.displays]
        return value
    if isinstance(goal, D):
        return _backward(goal, table)
    if is_quantity(goal):
        return table.number(goal)
    for part in needed(written_out(goal, table.session)):
        table.number(part)
    table.work_out(goal, goal, "unfold", "the expression asked")
    return table.numbers[goal]


def _at(display: Display, goal: At) -> Display:
    """A display of what was worked out at a place; one that ends in the letters of the place holds everywhere."""
    where = tuple(Relation(x, "=", number) for x, number in goal.settings if x not in quantities(display.end))
    return replace(display, conditions=(*where, *display.conditions))


def _tabled(entries: list[tuple[dict[Expr, Expr], Expr]]) -> Expr:
    """The entries of a vector or matrix as one expression in its index letters."""
    parts: list[Expr] = []
    for at, value in entries[:-1]:
        parts += [value, Mul(*(Delta(letter, number) for letter, number in at.items()))]
    return Cases(*parts, entries[-1][1])


def _backward(goal: D, table: Table) -> Expr:
    """The derivative on numbers: the forward table, then each quantity's share of the output from the end back."""
    if goal in table.numbers:
        return table.numbers[goal]
    session, of, x = table.session, goal.of, goal.wrt
    if isinstance(of, D):
        table.work_out(goal, goal, "unfold", "the expression asked")
        return table.numbers[goal]
    if not is_quantity(of):
        raise UnsolvedError("give the expression under the derivative a name: ", of)
    table.number(of)
    between = _between(of, x, session)
    for node in reversed(between[:-1]):
        share(of, node, between, table)
    return share(of, x, between, table)


def _between(of: Expr, x: Expr, session: Session) -> list[Expr]:
    """The quantities between `x` and `of`, each after all it depends on: `of` is last, `x` not among them."""
    order: list[Expr] = []
    state: dict[Expr, bool] = {}

    def visit(quantity: Expr) -> bool:
        if quantity == x:
            return True
        if quantity in state:
            return state[quantity]
        state[quantity] = False
        body = session.body(quantity)
        if body is None:
            return False
        reached = [visit(q) for q in sorted(quantities(written_out(body, session)), key=str)]
        state[quantity] = any(reached)
        if state[quantity]:
            order.append(quantity)
        return state[quantity]

    visit(of)
    return order


def share(of: Expr, node: Expr, between: list[Expr], table: Table) -> Expr:
    """The derivative of the output by one quantity: a sum over all that use it directly."""
    goal = D(of, node)
    if goal in table.numbers:
        return table.numbers[goal]
    session = table.session
    if not between:
        table.numbers[goal] = Integer(0)
        return table.numbers[goal]
    terms, values = [], []
    for user in between:
        body = session.body(user)
        written = written_out(body, session) if body is not None else Integer(0)
        if node not in quantities(written):
            continue
        own = immediate(written, node, session)
        for inner in needed(own):
            table.number(inner)
        local = DPlus(user, node)
        _local_row(local, own, table)
        factors = [local] if user == of else [D(of, user), local]
        terms.append(Mul(*factors))
        values.append(Mul(*(table.by_name(f) for f in factors)))
    proof = Proof(goal, session)
    proof.step("chain", Add(*terms), "chain rule")
    proof.line("all that depends on it directly")
    proof.step("values", Add(*values, evaluate=False), "the numbers")
    proof.line("the numbers put in")
    proof.step("arithmetic", simplified(Add(*values), session))
    proof.line("arithmetic")
    table.numbers[goal] = simplified(put(proof.now, table.numbers), session)
    table.round_off(proof)
    table.displays.append(proof.display())
    return table.numbers[goal]


def _local_row(local: Expr, own: Expr, table: Table) -> None:
    """The immediate derivative of one quantity by another, in letters and on numbers; with kinks on these alone."""
    if local in table.numbers:
        return
    proof = Proof(local, table.session)
    proof.step("differentiate", own, "differentiate")
    has_kinks = own.has(Cases, Step)
    if not has_kinks:
        proof.line("differentiate")
    proof.step("values", put(own, table.short(own)), "the numbers")
    if not has_kinks:
        proof.line("the numbers put in")
    proof.step("arithmetic", simplified(proof.now, table.session))
    proof.line("differentiate, on the side of each kink on which the numbers are" if has_kinks else "arithmetic")
    table.numbers[local] = simplified(put(proof.now, table.numbers), table.session)
    table.round_off(proof)
    table.displays.append(proof.display())


def immediate(body: Expr, node: Expr, session: Session) -> Expr:
    """The derivative of a body by a quantity that stands in it, every other quantity held."""
    held = {q: _held(n) for n, q in enumerate(sorted(quantities(body), key=str))}
    apart = replace(session.problem, givens=Givens(conventions=session.givens.conventions))
    inside = Session(apart, session.task, {}, session.table, session.prove_function)
    expr: Expr = D(put(body, held), held[node])
    for move in push(expr, inside):
        expr = move.after
    return tidied(put(expr, {v: k for k, v in held.items()}), session)


def _held(n: int) -> Expr:
    return scalar(f"q_{{{n}}}")


def simplified(expr: Expr, session: Session) -> Expr:
    """An expression in numbers as a single exact number, where the functions in it have one."""

    def visit(term: Expr) -> Expr | None:
        if isinstance(term, Maximum | Minimum | Step):
            return _decided(term.func(*(rewrite(a, visit, session) for a in term.args)), session)
        record = by_head().get(type(term))
        if record is None or record.definition is None:
            return None
        args = [rewrite(a, visit, session) for a in term.args]
        exact = record.definition(*args)
        return exact if exact.is_Rational else term.func(*args)

    return normal(rewrite(expr, visit, session), session)


def _decided(term: Expr, session: Session) -> Expr:
    """The larger or smaller of several numbers, or an indicator of one, where their decimals tell them apart."""
    if not isinstance(term, Maximum | Minimum | Step):
        return term
    values = [by_definition(a, session) for a in (term.args if not isinstance(term, Step) else (term.u,))]
    if not all(v.is_number for v in values):
        return term
    close = [v.evalf(30) for v in values]
    if isinstance(term, Step):
        return term if abs(close[0]) < GAP else Integer(1) if close[0] > 0 else Integer(0)
    chosen = (max if isinstance(term, Maximum) else min)(range(len(close)), key=lambda n: close[n])
    apart = all(
        n == chosen or values[n] == values[chosen] or abs(close[n] - close[chosen]) > GAP for n in range(len(close))
    )
    return term.args[chosen] if apart else term


def _quotient(goal: Expr, value: Expr, session: Session) -> Iterator[Text]:
    """A derivative on numbers beside the quotient of differences, where both values of the output are rational."""
    numbers = {v.quantity: v.number for v in session.givens.values}
    if not isinstance(goal, D) or not is_quantity(goal.of) or goal.wrt not in numbers or not value.is_Rational:
        return
    at = numbers[goal.wrt]
    if not at.is_Rational:
        return
    ends = [at + STEP, at - STEP]
    heights = [Table(session, {**numbers, goal.wrt: end}).number(goal.of) for end in ends]
    if not all(h.is_Rational for h in heights):
        return
    slope = (heights[0] - heights[1]) / (2 * STEP)
    if abs(slope - value) > STEP * (1 + abs(value)):
        return
    yield (
        "With ", goal.wrt, f" at {_plain(ends[0])} and {_plain(ends[1])} the output ", goal.of,
        f" is about {_plain(heights[0])} and {_plain(heights[1])}; the quotient of the differences, "
        f"about {_plain(slope)}, "
        "is close to the derivative.",
    )  # fmt: skip


def _plain(number: Expr) -> str:
    return f"{float(number):.8g}"


def _decimals(goal: Expr, entries: list[tuple[dict[Expr, Expr], Expr]], session: Session) -> Iterator[Text]:
    """The values to a few digits, of those numbers that are not whole."""
    words: list[str | Expr | Relation] = []
    for at, value in entries:
        short = _in_decimals(value, session)
        if short is None:
            continue
        sign: Symbolic = "=" if Rational(str(short)) == value else "~"
        words += [", " if words else "In decimals, ", Relation(put(goal, at), sign, short)]
    if words:
        yield (*words, ".")


def _in_decimals(value: Expr, session: Session) -> Expr | None:
    """A number to a few digits; None of a whole one, and of what is none."""
    close = by_definition(value, session).evalf(30)
    return decimal(close, DIGITS) if isinstance(close, Float) and not value.is_Integer else None
