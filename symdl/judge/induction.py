"""Induction over time or over a size: the letter, the base, the step from the earlier statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sympy import Expr, Indexed, Integer, Symbol

from symdl.judge.derivative import Derivatives, Kinks, NotProvableError, OutOfFuelError, UndefinedError
from symdl.judge.elementary import Peels
from symdl.judge.goals import MAX_INDUCTIONS, Goal, Prove, Record, count_case, speaks_of, spelled_out
from symdl.judge.linear import linear, split_offset
from symdl.judge.normal import Normal, own_slope
from symdl.judge.parts import by_factors
from symdl.judge.residues import Residue, difference, everywhere, follows, is_inner, normalised
from symdl.judge.whole import Rule, Setting, universal
from symdl.language import (
    Binder,
    Bound,
    D,
    Opaque,
    Sigma,
    free_symbols,
    holds_derivative,
    indices_of,
    is_closed,
    is_index,
    label_of,
    put,
    quantities,
    subterms,
)
from symdl.problem import Definition, Range, Ranges, Relation

MAX_UNFOLDED = 6
"""How often definitions are put into a goal, one into another."""


def by_induction(prove: Prove, goal: Goal, residue: Residue, record: Record, depth: int) -> bool:
    if depth >= MAX_INDUCTIONS:
        return False
    for letter, offset, start in _candidates(goal, residue, depth)[:3]:
        trial = Record(cases=record.cases, work=record.work, fuel=record.fuel)
        try:
            proved = _induction(prove, goal, letter, offset, start, trial, depth)
        except OutOfFuelError:
            raise
        except NotProvableError as failure:
            record.trouble = str(failure)
            proved = False
        record.work = trial.work
        record.could_divide = record.could_divide or trial.could_divide
        if proved:
            record.grant(trial.assumes)
            record.cases = trial.cases
            record.inductions += [_plain_name(letter), *trial.inductions]
            return True
    return False


def _candidates(goal: Goal, residue: Residue, depth: int) -> list[tuple[Symbol, int, int]]:
    """Letters over which to lead an induction: (letter, largest offset of a state's index, first recurrent index)."""
    found: dict[Symbol, tuple[int, int]] = {}
    later: dict[Symbol, tuple[int, int]] = {}
    terms = [*everywhere(residue), *subterms(goal.lhs), *subterms(goal.rhs)]
    for t in terms:
        if isinstance(t, Indexed):
            definition = _recurrence(t, goal.setting)
            if definition is None:
                continue
            for position in goal.setting.lagging(label_of(t)):
                at = indices_of(t)[position]
                base, offset = split_offset(at)
                formal = definition.pattern[position]
                if isinstance(base, Symbol) and base.is_integer and formal in definition.ranges:
                    first = definition.ranges[formal].lo
                    start = int(first) if isinstance(first, Integer) else 1
                    before = found.get(base, (-99, start))
                    found[base] = (max(before[0], offset), start)
        elif isinstance(t, Binder):
            base, offset = split_offset(t.hi)
            if isinstance(base, Symbol) and base.is_integer:
                later.setdefault(base, (0, 1))
    if not found or depth == 0:
        for symbol, entry in later.items():
            found.setdefault(symbol, entry)
    plain = [
        (s, q, start)
        for s, (q, start) in found.items()
        if not is_inner(s) and not isinstance(s, Bound) and (s.is_positive or s in goal.setting.ranges)
    ]
    return sorted(plain, key=lambda c: (c[0] not in goal.setting.lowest, not c[0].is_positive, c[0].name))


def _recurrence(quantity: Expr, setting: Setting) -> Definition | None:
    """The definition by which a state refers to an earlier state of itself."""
    for definition in setting.givens.definitions_of(label_of(quantity)):
        if any(is_index(p) for p in definition.pattern) and setting.recurs(definition):
            return definition
    return None


def _plain_name(letter: Symbol) -> str:
    return str(letter.name.split("′")[0])


def _induction(prove: Prove, goal: Goal, letter: Symbol, offset: int, start: int, record: Record, depth: int) -> bool:
    if speaks_of(goal, letter):
        kinks: Kinks = {}
        derivatives = Derivatives(goal.setting, kinks, record.fuel, own_slope, keeps_states=True)
        goal = _written_out(replace(goal, lhs=derivatives.plain(goal.lhs), rhs=derivatives.plain(goal.rhs)), letter)
        record.grant((), kinks)
        if speaks_of(goal, letter):
            return False
    if letter in goal.setting.lowest:
        # What an enclosing induction assumes of this letter is not known at other values of it.
        kept = tuple(r for r in goal.setting.rules if letter not in free_symbols(r[0]) | free_symbols(r[1]))
        goal = replace(goal, setting=replace(goal.setting, rules=kept))
    setting = goal.setting
    run = setting.ranges.get(letter)
    lowest = run.lo if run is not None else Integer(setting.lowest.get(letter, 1))
    if not _holds_before(setting, letter):
        return False
    is_later = isinstance(lowest, Integer) and _is_undefined(goal.put({letter: lowest}), record)
    if is_later:
        # Where it says nothing at first the claim begins with the second one.
        record.grant([(letter - lowest, "> 0")])
        lowest = lowest + 1
    if not _base(prove, goal, letter, lowest, record, depth):
        return False
    m = _counter(goal, letter)
    if isinstance(lowest, Integer):
        now, before = m + 1 - offset, m - offset
        low = int(lowest) + offset if is_later else min(int(lowest) + offset, start - 1)
    else:
        now, before = m + lowest, m + lowest - 1
        low = 1
    current = goal.put({letter: now})
    known = {**current.setting.lowest, m: low}
    more = (run.hi - now,) if run is not None else ()
    current = replace(current, setting=replace(current.setting, lowest=known))
    current = current.under(nonnegative=more)
    earlier = Goal(put(goal.lhs, {letter: before}), put(goal.rhs, {letter: before}), current.setting, goal.sign)
    before_ranges = {i: r.at({letter: before}) for i, r in setting.ranges.items() if i != letter and not is_inner(i)}
    moving = [i for i, r in setting.ranges.items() if letter in free_symbols(r.hi) and not is_inner(i)]
    without_last = _without_last(prove, current, {i: before_ranges[i] for i in moving}, record, depth)
    if without_last is None:
        return False
    current = without_last
    fixed = {s for r in setting.told for e in r.sides for s in free_symbols(e)}
    fixed |= {s for e in setting.nonzero + setting.nonnegative for s in free_symbols(e)}
    letters = {i: r for i, r in before_ranges.items() if i not in fixed}
    earlier = replace(earlier, setting=replace(earlier.setting, ranges=current.setting.ranges))
    return _step(prove, current, earlier, letters, record, depth)


def _holds_before(setting: Setting, letter: Symbol) -> bool:
    """Whether what is known at an index is known at the one before it, too, and no other range begins with it."""
    for other, r in setting.ranges.items():
        if letter in free_symbols(r.lo) and other is not letter and not is_inner(other):
            return False
    is_apart = any(letter in free_symbols(e) for e in setting.nonzero)
    return not (is_apart or any(_grows(e, letter) for e in setting.nonnegative))


def _counter(goal: Goal, letter: Symbol) -> Symbol:
    """The letter of an induction with as many primes as make it a new one: it counts from where the claim begins."""
    taken = {s.name for s in free_symbols(goal.lhs) | free_symbols(goal.rhs)} | {s.name for s in goal.setting.ranges}
    taken |= {s.name for s in goal.setting.lowest}
    name = letter.name + "′"
    while name in taken:
        name += "′"
    return Symbol(name, integer=True, positive=True)


def _without_last(prove: Prove, goal: Goal, before: Ranges, record: Record, depth: int) -> Goal | None:
    """The goal where each of these letters runs as it did one step before, and what is new is proved apart.

    None where that is not proved, or a range has not grown by one.
    """
    for i, run in before.items():
        # The new member of the range is a case of its own; the hypothesis speaks of the others.
        last = goal.setting.ranges[i].hi
        if linear(last - run.hi) != linear(Integer(1)):
            return None
        count_case(record)
        if not prove(goal.put({i: last}), record, depth + 1):
            return None
        goal = replace(goal, setting=replace(goal.setting, ranges={**goal.setting.ranges, i: run}))
    return goal


def _written_out(goal: Goal, letter: Symbol) -> Goal:
    """The goal with definitions that speak of the letter put in, as far as they are no recurrences."""
    setting = goal.setting
    for _ in range(MAX_UNFOLDED):
        bodies: dict[Expr, Expr] = {}
        for quantity in (
            quantities(goal.lhs) | quantities(goal.rhs) if not any(map(holds_derivative, (goal.lhs, goal.rhs))) else ()
        ):
            found = setting.definition_of(quantity) if is_closed(quantity) else None
            if found is None or isinstance(found[0].body, Opaque) or setting.recurs(found[0]):
                continue
            if any(letter in free_symbols(d.body) for s in free_symbols(quantity) for d in _behind(s, setting)):
                bodies[quantity] = put(found[0].body, found[1])
        if not bodies:
            break
        goal = replace(goal, lhs=put(goal.lhs, bodies), rhs=put(goal.rhs, bodies))
    return goal


def _behind(label: Symbol, setting: Setting) -> Iterator[Definition]:
    """The definitions on which the quantities of a label may depend."""
    return (d for d in setting.givens.definitions if setting.reaches(label, d.label))


def _grows(expr: Expr, letter: Symbol) -> bool:
    """Whether an index expression may grow with the letter."""
    form = linear(expr)
    return letter in free_symbols(expr) and (form is None or dict(form[0]).get(letter, 0) > 0)


def _base(prove: Prove, goal: Goal, letter: Symbol, lowest: Expr, record: Record, depth: int) -> bool:
    base = goal.put({letter: lowest})
    letters = [i for i in base.setting.ranges if not is_inner(i)]
    return all(prove(case, record, depth + 1) for case in spelled_out(base, letters, 4))


def _is_undefined(goal: Goal, record: Record) -> bool:
    """Whether an equation in which no letter is open has a side without a value, whatever the quantities in it are."""
    if not all(map(is_inner, goal.setting.ranges)):
        return False
    try:
        difference(goal, Record(fuel=record.fuel))
    except UndefinedError:
        return True
    except OutOfFuelError:
        raise
    except NotProvableError:
        pass
    return False


def _step(
    prove: Prove, current: Goal, earlier: Goal, letters: Mapping[Symbol, Range], record: Record, depth: int
) -> bool:
    """The induction step: the goal at the later index from the goal at the earlier one."""
    if current.sign not in ("=", "~"):
        left, right, bound = universal((earlier.lhs, earlier.rhs, letters))
        return prove(current.under(orders=((Relation(left, current.sign, right), bound),)), record, depth + 1)
    for rule in _hypotheses(earlier, letters, record):
        if prove(current.under(rules=(universal(rule),)), record, depth + 1):
            return True
    return _reduces(prove, current, earlier, record, depth)


def _hypotheses(earlier: Goal, letters: Mapping[Symbol, Range], record: Record) -> Iterator[Rule]:
    """The earlier statement, solved for a derivative."""
    for one, other in ((earlier.lhs, earlier.rhs), (earlier.rhs, earlier.lhs)):
        if isinstance(one, D) and isinstance(one.of, Indexed) and not isinstance(one.of, D):
            mine = {i: r for i, r in letters.items() if i in free_symbols(one)}
            if one not in subterms(other):
                yield one, other, mine
                return
    residue = difference(earlier, Record(fuel=record.fuel))
    if residue is None:
        return
    num = residue.gap.num
    for g, e in enumerate(num.degrees()):
        expr = residue.normal.generators[g] if e == 1 else None
        if isinstance(expr, D) and not is_inner(expr):
            slope = num.derivative(g)
            if not residue.normal.is_nonzero(slope):
                continue
            rest = num - slope * residue.normal.polys[g]
            right = residue.normal.expr(residue.normal.reduced(rest * -1, slope))
            if expr in subterms(right):
                continue
            record.grant(residue.normal.assumes)
            yield expr, right, {i: r for i, r in letters.items() if i in free_symbols(expr)}
            return


def _reduces(prove: Prove, current: Goal, earlier: Goal, record: Record, depth: int) -> bool:
    """Whether the later difference is zero modulo the earlier one, which is zero by hypothesis."""
    kinks: Kinks = {}
    derivatives = Derivatives(current.setting, kinks, record.fuel, own_slope)
    now = derivatives.plain(current.lhs) - derivatives.plain(current.rhs)
    before = derivatives.plain(earlier.lhs) - derivatives.plain(earlier.rhs)
    peels = Peels()
    for _ in range(3):
        normal, (later, sooner), _ = normalised((now, before), current.setting, kinks, peels, record.fuel)
        if sooner.num == 0:
            return False
        rest = _modulo(normal, later.num, sooner.num)
        if rest is not None:
            if rest == 0 or follows(normal, rest):
                record.grant(normal.assumes, kinks)
                return True
            if normal.seen.key() == peels.key():
                if not by_factors(prove, current, normal, rest, record, depth):
                    return False
                record.grant(normal.assumes, kinks)
                return True
        elif normal.seen.key() == peels.key():
            return False
        peels = normal.seen
    return False


def _modulo(normal: Normal, later: Any, sooner: Any) -> Any:
    """The remainder of one polynomial by another that is zero; None where it cannot be used.

    Where the other is solved for a generator, a sum if possible, that generator is replaced.
    """
    degrees = sooner.degrees()
    linear_in = [g for g, e in enumerate(degrees) if e == 1 and sooner.derivative(g).is_constant()]
    kinds: tuple[Any, ...] = (Sigma, (D, Binder), (Indexed, Symbol))
    for kind in kinds:
        for g in linear_in:
            expr = normal.generators[g]
            if isinstance(expr, kind) and not (isinstance(expr, Symbol) and expr.is_integer):
                slope = sooner.derivative(g)
                value = (slope * normal.polys[g] - sooner) / slope.leading_coefficient()
                total = normal.zero
                for k, part in normal.by_degree(later, g).items():
                    if k > 4:
                        return None
                    total += part * value**k
                return total
    return divmod(later, sooner)[1]
