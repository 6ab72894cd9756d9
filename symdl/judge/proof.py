"""Proofs: a difference with normal form zero, split into cases and led by induction where that is needed.

A proof never rests on examples.  What it rests on besides is collected as side conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from flint import fmpq
from sympy import Expr, Indexed, Integer, Symbol, latex

from symdl.judge.derivative import Derivatives, NotProvableError, OutOfFuelError
from symdl.judge.elementary import Peels
from symdl.judge.field import Fraction, RestartError
from symdl.judge.normal import Normal, own_slope
from symdl.judge.order import Order
from symdl.judge.whole import Rule, Setting, linear, moved_range, split_offset, universal
from symdl.language import (
    Binder,
    Bound,
    D,
    Delta,
    Sigma,
    Step,
    free_symbols,
    fresh_index,
    indices_of,
    is_closed,
    is_index,
    label_of,
    put,
    subterms,
)
from symdl.problem import Definition, Givens, Range, Relation, Symbolic

MAX_CASES = 64
MAX_INDUCTIONS = 3
FUEL = 15_000
"""Steps of one search: terms brought into normal form, and terms of polynomials by fours."""

CAPACITIES = (32, 96, 320, 1000)


@dataclass
class Record:
    """What one proof used: side conditions, the letters of its inductions, the number of its cases."""

    assumes: dict[tuple[Expr, str], None] = field(default_factory=dict)
    inductions: list[str] = field(default_factory=list)
    cases: int = 0
    work: int = 0
    trouble: str = ""
    could_divide: bool = False
    fuel: list[int] = field(default_factory=lambda: [FUEL])


@dataclass(frozen=True)
class Goal:
    """`lhs = rhs`, or another relation between the two, under a setting."""

    lhs: Expr
    rhs: Expr
    setting: Setting
    sign: Symbolic = "="

    def put(self, replacements: Mapping[Expr, Expr]) -> Goal:
        """The goal with letters replaced, in its setting, too."""
        s = self.setting
        ranges = {
            i: Range(put(r.lo, replacements), put(r.hi, replacements))
            for i, r in s.ranges.items()
            if i not in replacements
        }
        lowest = {k: v for k, v in s.lowest.items() if k not in replacements}
        rules = tuple(
            (put(a, replacements), put(b, replacements), {i: moved_range(run, replacements) for i, run in r.items()})
            for a, b, r in s.rules
        )
        orders = tuple(
            (
                Relation(put(r.lhs, replacements), r.sign, put(r.rhs, replacements)),
                {i: moved_range(run, replacements) for i, run in letters.items()},
            )
            for r, letters in s.orders
        )
        told = tuple(Relation(put(r.lhs, replacements), r.sign, put(r.rhs, replacements)) for r in s.told)
        setting = replace(
            s,
            ranges=ranges,
            lowest=lowest,
            nonnegative=tuple(put(e, replacements) for e in s.nonnegative),
            nonzero=tuple(put(e, replacements) for e in s.nonzero),
            told=told,
            rules=rules,
            orders=orders,
            givens=_moved(s.givens, replacements),
        )
        return Goal(put(self.lhs, replacements), put(self.rhs, replacements), setting, self.sign)

    def under(self, **changes: Any) -> Goal:
        """The goal with more known; each change is added to what the setting holds."""
        added: dict[str, Any] = {name: (*getattr(self.setting, name), *more) for name, more in changes.items()}
        return replace(self, setting=replace(self.setting, **added))


@dataclass(frozen=True)
class Residue:
    """What is left of a difference that is not zero in normal form."""

    normal: Normal
    gap: Fraction
    plain: Expr

    def generators(self) -> list[Expr]:
        """The generators in the numerator."""
        if self.gap.num == 0:
            return []
        return [self.normal.generators[g] for g, e in enumerate(self.gap.num.degrees()) if e]


def _moved(givens: Givens, replacements: Mapping[Expr, Expr]) -> Givens:
    """The givens with sizes replaced in the ranges of definitions, families and facts."""
    if not any(isinstance(s, Symbol) and s.is_positive for s in replacements):
        return givens

    def ranges(given: Mapping[Symbol, Range]) -> dict[Symbol, Range]:
        return {i: moved_range(r, replacements) for i, r in given.items()}

    return replace(
        givens,
        definitions=tuple(replace(d, ranges=ranges(d.ranges)) for d in givens.definitions),
        facts=tuple(replace(f, ranges=ranges(f.ranges)) for f in givens.facts),
        families={label: tuple(moved_range(r, replacements) for r in rs) for label, rs in givens.families.items()},
    )


def _speaks_of(goal: Goal, letter: Symbol) -> bool:
    """Whether what is given mentions the letter otherwise than as the end of a range."""
    givens = goal.setting.givens
    labels = free_symbols(goal.lhs) | free_symbols(goal.rhs)
    for d in givens.definitions:
        if letter in free_symbols(d.body) - set(d.pattern) and any(goal.setting.reaches(s, d.label) for s in labels):
            return True
    if any(letter in free_symbols(p) and not is_index(p) for d in givens.definitions for p in d.pattern):
        return True
    relations = [*[f.relation for f in givens.facts], *goal.setting.told]
    return any(letter in (free_symbols(r.lhs) | free_symbols(r.rhs)) for r in relations)


def prove(goal: Goal, record: Record, depth: int = 0) -> bool:
    """Whether the goal is proved; what it rests on is added to `record`.

    Fails   with `NotProvableError` where a limit is reached or a term has no normal form.
    """
    if goal.sign not in ("=", "~"):
        return _ordered(goal, record, depth)
    residue = difference(goal, record)
    return residue is None or _by_parts(goal, residue, record, depth)


def _by_parts(goal: Goal, residue: Residue, record: Record, depth: int) -> bool:
    record.work += 1
    if record.work > 4 * MAX_CASES:
        raise NotProvableError("more than 64 cases")
    stuck = any(isinstance(t, D) for t in _everywhere(residue))
    if stuck and (_by_one_factor(goal, residue, record, depth) or _term_by_term(goal, residue, record, depth)):
        return True
    if stuck and _by_induction(goal, residue, record, depth):
        return True
    for split in (_equal_or_not, _signs):
        found = split(goal, residue, record, depth)
        if found is not None:
            return found
    return not stuck and _by_induction(goal, residue, record, depth)


def _ordered(goal: Goal, record: Record, depth: int) -> bool:
    """Whether the one side is at least, or more than, the other, or differs from it."""
    record.work += 1
    if record.work > 4 * MAX_CASES or depth > 2 * MAX_INDUCTIONS:
        raise NotProvableError("more than 64 cases")
    kinks: dict[Expr, None] = {}
    derivatives = Derivatives(goal.setting, kinks, record.fuel, own_slope)
    plain = derivatives.plain(goal.lhs) - derivatives.plain(goal.rhs)
    peels = Peels()
    residue: Residue | None = None

    def subgoal(expr: Expr, strict: bool, letters: Mapping[Symbol, Range]) -> bool:
        setting = goal.setting.with_ranges(letters)
        return prove(Goal(expr, Integer(0), setting, ">" if strict else ">="), record, depth + 1)

    def signed(is_last: bool, normal: Normal, gap: Fraction) -> bool:
        below = normal.sign(gap.den)
        num = gap.num * below if below is not None else gap.num * gap.den
        order = Order(normal, subgoal)
        order.prepare()
        if not is_last and normal.seen.key() != peels.key():
            return False
        if goal.sign == "!=":
            return normal.is_nonzero(num) or any(order.is_nonnegative(num * side, strict=True) for side in (1, -1))
        side = 1 if goal.sign[0] == ">" else -1
        return order.is_nonnegative(num * side, strict=len(goal.sign) == 1)

    for is_last in (False, False, True):
        then = partial(signed, is_last)
        normal, (gap,), found = _normal((plain,), goal.setting, kinks, peels, record.fuel, then)
        if found:
            record.assumes.update(normal.assumes)
            record.assumes.update({(k, "!= 0"): None for k in kinks})
            return True
        residue = Residue(normal, gap, plain)
        if normal.seen.key() == peels.key():
            break
        peels = normal.seen
    assert residue is not None
    stuck = any(isinstance(t, D) for t in _everywhere(residue))
    if stuck and _by_induction(goal, residue, record, depth):
        return True
    for cases in (_equal_or_not, _by_signs):
        split = cases(goal, residue, record, depth)
        if split is not None:
            return split
    return not stuck and _by_induction(goal, residue, record, depth)


def _by_signs(goal: Goal, residue: Residue, record: Record, depth: int) -> bool | None:
    """Three cases for the sign of what an indicator asks; None where there is no indicator."""
    done = {e for e, _ in goal.setting.signs}
    keys = {t.u for t in _everywhere(residue) if isinstance(t, Step) and not _is_inner(t) and linear(t.u) is None}
    open_keys = sorted((k for k in keys if k not in done and -k not in done), key=str)
    if not open_keys:
        return None
    for sign in (1, -1, 0):
        _count(record)
        case = goal.under(signs=((open_keys[0], sign),))
        if (sign == 0 or _consistent(case, residue.normal)) and not prove(case, record, depth):
            return False
    return True


def difference(goal: Goal, record: Record) -> Residue | None:
    """What is left of lhs - rhs in normal form; None where that is zero."""
    kinks: dict[Expr, None] = {}
    derivatives = Derivatives(goal.setting, kinks, record.fuel, own_slope)
    plain = derivatives.plain(goal.lhs) - derivatives.plain(goal.rhs)
    return vanishing(plain, goal.setting, kinks, record)


def vanishing(plain: Expr, setting: Setting, kinks: dict[Expr, None], record: Record) -> Residue | None:
    """What is left of a term without derivatives in normal form; None where that is zero."""
    peels = Peels()
    residue: Residue | None = None
    for _ in range(3):
        normal, (gap,), _ = _normal((plain,), setting, kinks, peels, record.fuel)
        if gap.num == 0:
            record.assumes.update(normal.assumes)
            for k in kinks:
                record.assumes[k, "!= 0"] = None
            return None
        residue = Residue(normal, gap, plain)
        record.could_divide = record.could_divide or normal.could_divide
        if normal.seen.key() == peels.key():
            break
        peels = normal.seen
    return residue


def _normal(
    terms: tuple[Expr, ...],
    setting: Setting,
    kinks: dict[Expr, None],
    peels: Peels,
    fuel: list[int],
    then: Callable[..., bool] | None = None,
) -> tuple[Normal, tuple[Fraction, ...], bool]:
    """The normal forms of terms, in one normalisation, and what `then` says of them."""
    finest: dict[Expr, int] = {}
    step = 0
    for _ in range(12):
        inner = Derivatives(setting, kinks, fuel, own_slope)
        normal = Normal(setting, CAPACITIES[step], finest, peels, inner, fuel)
        known = dict(finest)
        try:
            normal.exclude(kinks)
            forms = tuple(normal.form(t) for t in terms)
            found = then(normal, *forms) if then is not None else False
        except RestartError:
            if finest == known:
                step += 1
                if step == len(CAPACITIES):
                    raise NotProvableError("more than 1,000 generators") from None
            continue
        return normal, forms, found
    raise NotProvableError("exponentials in too many fractions")


# -- cases ------------------------------------------------------------------------------------------------------------


def _everywhere(residue: Residue) -> Iterator[Expr]:
    for g in residue.generators():
        yield from subterms(g)


def _is_inner(expr: Expr) -> bool:
    """Whether the expression refers to an index that is bound in the goal."""
    return not is_closed(expr) or any(s.name[0] in "§¤" for s in free_symbols(expr))


def _equal_or_not(goal: Goal, residue: Residue, record: Record, depth: int) -> bool | None:
    """Two cases for an indicator of free index letters; None where there is none."""
    for t in _everywhere(residue):
        if not isinstance(t, Delta) or _is_inner(t):
            continue
        form = linear(t.args[0] - t.args[1])
        if form is None:
            continue
        letter = next((s for s, c in form[0] if abs(c) == 1 and s in goal.setting.ranges), None)
        if letter is None:
            continue
        gap = t.args[0] - t.args[1]
        c = dict(form[0])[letter]
        value = letter - c * gap
        _count(record)
        run = goal.setting.ranges[letter]
        equal = goal.put({letter: value}).under(nonnegative=(value - run.lo, run.hi - value))
        return prove(goal.under(nonzero=(gap,)), record, depth) and prove(equal, record, depth)
    for t in _everywhere(residue):
        if isinstance(t, Step) and not _is_inner(t) and linear(t.u) is not None and t.at_zero == 1:
            _count(record)
            above = goal.under(nonnegative=(t.u,))
            below = goal.under(nonnegative=(-t.u - 1,))
            return prove(above, record, depth) and prove(below, record, depth)
    return None


def _count(record: Record) -> None:
    record.cases += 1
    if record.cases > MAX_CASES:
        raise NotProvableError("more than 64 cases")


def _signs(goal: Goal, residue: Residue, record: Record, depth: int) -> bool | None:
    """Three cases for an indicator of a free real expression; None where there is none."""
    keys = sorted(
        {t.u for t in _everywhere(residue) if isinstance(t, Step) and not _is_inner(t) and linear(t.u) is None},
        key=str,
    )
    done = {e for e, _ in goal.setting.signs}
    keys = [k for k in keys if k not in done and -k not in done]
    if not keys:
        return None
    key = keys[0]
    excluded = key in residue.normal.kinks or -key in residue.normal.kinks
    for sign in (1, -1):
        _count(record)
        case = goal.under(signs=((key, sign),))
        if not _consistent(case, residue.normal):
            continue
        if not prove(case, record, depth):
            return False
    if excluded:
        return True
    if _at_kink(goal, key, residue, record, depth):
        return True
    if not goal.setting.signs:
        record.trouble = f"proved except where ${latex(key)} = 0$"
    return False


def _at_kink(goal: Goal, key: Expr, residue: Residue, record: Record, depth: int) -> bool:
    """The case that the expression is zero: it is solved for a free quantity that occurs linearly."""
    f = residue.normal.form(key)
    degrees = f.num.degrees()
    for g, e in enumerate(degrees):
        quantity = residue.normal.generators[g] if e == 1 else None
        if not isinstance(quantity, Symbol | Indexed) or (isinstance(quantity, Symbol) and quantity.is_integer):
            continue
        slope = f.num.derivative(g)
        if not slope.is_constant() or label_of(quantity) in _shared(key, quantity):
            continue
        rest = f.num - slope * residue.normal.polys[g]
        value = residue.normal.expr(residue.normal.reduced(rest * -1, slope))
        kinks: dict[Expr, None] = {}
        derivatives = Derivatives(goal.setting, kinks, record.fuel, own_slope)
        plain = derivatives.plain(goal.lhs) - derivatives.plain(goal.rhs)
        if any(k in (key, -key) for k in kinks):
            return True
        if not _only_plain(plain, quantity, goal.setting):
            return False
        setting = replace(goal.setting, signs=(*goal.setting.signs, (key, 0)))
        kinks = {put(k, {quantity: value}): None for k in kinks}
        if any(k == 0 for k in kinks):
            return True
        left = vanishing(put(plain, {quantity: value}), setting, kinks, record)
        if left is None:
            return True
        return _rest_of_signs(left, setting, kinks, record)
    return False


def _rest_of_signs(left: Residue, setting: Setting, kinks: dict[Expr, None], record: Record) -> bool:
    """Further sign cases of a term without derivatives."""
    done = {e for e, _ in setting.signs}
    keys = sorted(
        {
            t.u
            for t in _everywhere(left)
            if isinstance(t, Step) and not _is_inner(t) and linear(t.u) is None and t.u not in done
        },
        key=str,
    )
    if not keys or not any(k in (keys[0], -keys[0]) for k in left.normal.kinks):
        return False
    for sign in (1, -1):
        _count(record)
        case = replace(setting, signs=(*setting.signs, (keys[0], sign)))
        rest = vanishing(left.plain, case, kinks, record)
        if rest is not None and not _rest_of_signs(rest, case, kinks, record):
            return False
    return True


def _shared(key: Expr, quantity: Expr) -> set[Symbol]:
    """The labels of the other members in the expression, for which a replacement would have to be split."""
    return {label_of(t) for t in subterms(key) if isinstance(t, Indexed) and t != quantity}


def _only_plain(plain: Expr, quantity: Expr, setting: Setting) -> bool:
    """Whether putting a value for the quantity in the term reaches all that depends on it."""
    label = label_of(quantity)
    for t in subterms(plain):
        if isinstance(t, D):
            return False
        is_quantity = isinstance(t, Indexed) or (isinstance(t, Symbol) and not t.is_integer)
        if is_quantity and t != quantity and setting.reaches(label_of(t), label):
            return False
    return True


def _consistent(goal: Goal, normal: Normal) -> bool:
    """Whether the signs assumed do not contradict each other by linear reasoning over monomials."""
    rows: list[dict[tuple[int, ...], Any]] = []
    for key, sign in goal.setting.signs:
        if sign == 0:
            continue
        try:
            f = normal.form(key)
        except (NotProvableError, RestartError):
            continue
        if f.den.is_one():
            rows.append({tuple(int(e) for e in m): fmpq(c) * sign for m, c in f.num.to_dict().items()})
    return not _contradict(rows)


def _contradict(rows: list[dict[tuple[int, ...], Any]]) -> bool:
    """Whether positive forms `row > 0` have no common solution, by elimination of one monomial after another."""
    for _ in range(12):
        monomials = sorted({m for r in rows for m in r if any(m)})
        for r in rows:
            if not any(any(m) for m in r) and not any(c > 0 for c in r.values()):
                return True
        if not monomials:
            return False
        m = monomials[0]
        up = [r for r in rows if r.get(m, 0) > 0]
        down = [r for r in rows if r.get(m, 0) < 0]
        rows = [r for r in rows if not r.get(m, 0)]
        if len(up) * len(down) > 60:
            return False
        for a in up:
            for b in down:
                joined = {k: v / a[m] for k, v in a.items()}
                for k, v in b.items():
                    joined[k] = joined.get(k, fmpq(0)) - v / b[m]
                rows.append({k: v for k, v in joined.items() if v != 0})
    return False


# -- induction --------------------------------------------------------------------------------------------------------


def _recurrence(quantity: Expr, setting: Setting) -> Definition | None:
    """The definition by which a state refers to an earlier state of itself."""
    for definition in setting.givens.definitions_of(label_of(quantity)):
        if any(is_index(p) for p in definition.pattern) and setting.recurs(definition):
            return definition
    return None


def _candidates(goal: Goal, residue: Residue, depth: int) -> list[tuple[Symbol, int, int]]:
    """Letters over which to lead an induction: (letter, largest offset of a state's index, first recurrent index)."""
    found: dict[Symbol, tuple[int, int]] = {}
    later: dict[Symbol, tuple[int, int]] = {}
    terms = [*_everywhere(residue), *subterms(goal.lhs), *subterms(goal.rhs)]
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
        if not _is_inner(s) and not isinstance(s, Bound) and (s.is_positive or s in goal.setting.ranges)
    ]
    return sorted(plain, key=lambda c: (c[0] not in goal.setting.lowest, not c[0].is_positive, c[0].name))


def _by_induction(goal: Goal, residue: Residue, record: Record, depth: int) -> bool:
    if depth >= MAX_INDUCTIONS:
        return False
    for letter, offset, start in _candidates(goal, residue, depth)[:3]:
        trial = Record(cases=record.cases, work=record.work, fuel=record.fuel)
        try:
            proved = _induction(goal, letter, offset, start, trial, depth)
        except OutOfFuelError:
            raise
        except NotProvableError as failure:
            record.trouble = str(failure)
            proved = False
        record.work = trial.work
        record.could_divide = record.could_divide or trial.could_divide
        if proved:
            record.assumes.update(trial.assumes)
            record.cases = trial.cases
            record.inductions += [_plain_name(letter), *trial.inductions]
            return True
    return False


def _plain_name(letter: Symbol) -> str:
    return str(letter.name.split("′")[0])


def _by_factors(goal: Goal, normal: Normal, num: Any, record: Record, depth: int) -> bool:
    """One factor of what is left, if it concerns a state, is zero by an induction of its own."""
    if depth >= MAX_INDUCTIONS or len(num) > 200:
        return False
    for factor, _ in normal.factored(num)[1]:
        expr = normal.poly_expr(factor)
        if any(isinstance(t, D) for t in subterms(expr)) and prove(
            Goal(expr, Integer(0), goal.setting), record, depth + 1
        ):
            return True
    return False


def _by_one_factor(goal: Goal, residue: Residue, record: Record, depth: int) -> bool:
    """Whether a proper factor of what is left is zero."""
    num = residue.gap.num
    if depth >= MAX_INDUCTIONS or len(num) > 60 or len(residue.normal.factored(num)[1]) < 2:
        return False
    if not _by_factors(goal, residue.normal, num, record, depth - 1):
        return False
    record.assumes.update(residue.normal.assumes)
    return True


def _term_by_term(goal: Goal, residue: Residue, record: Record, depth: int) -> bool:
    """Whether what is left is a sum of sums over one range whose summands add up to zero."""
    normal, num = residue.normal, residue.gap.num
    if depth >= MAX_INDUCTIONS or len(num) > 60:
        return False
    sums = [g for g, e in enumerate(num.degrees()) if e and isinstance(normal.generators[g], Sigma)]
    runs = {(normal.generators[g].lo, normal.generators[g].hi) for g in sums}
    if len(sums) < 2 or len(runs) != 1:
        return False
    (lo, hi) = runs.pop()
    taken = free_symbols(goal.lhs) | free_symbols(goal.rhs) | free_symbols(residue.plain) | set(goal.setting.ranges)
    letter = fresh_index("lrvxy", frozenset(taken | set(goal.setting.lowest)))
    total: Expr = Integer(0)
    rest = num
    for g in sums:
        part = normal.by_degree(rest, g)
        if set(part) - {0, 1} or any(part[1].degrees()[o] for o in sums):
            return False
        total += normal.poly_expr(part[1]) * normal.generators[g].open(letter)
        rest = part.get(0, normal.zero)
    if rest != 0:
        return False
    setting = goal.setting.with_ranges({letter: Range(lo, hi)})
    if not prove(Goal(total, Integer(0), setting), record, depth):
        return False
    record.assumes.update(normal.assumes)
    return True


def _induction(goal: Goal, letter: Symbol, offset: int, start: int, record: Record, depth: int) -> bool:
    if _speaks_of(goal, letter):
        kinks: dict[Expr, None] = {}
        derivatives = Derivatives(goal.setting, kinks, record.fuel, own_slope, keeps_states=True)
        goal = replace(goal, lhs=derivatives.plain(goal.lhs), rhs=derivatives.plain(goal.rhs))
        record.assumes.update({(k, "!= 0"): None for k in kinks})
        if _speaks_of(goal, letter):
            return False
    if letter in goal.setting.lowest:
        # What an enclosing induction assumes of this letter is not known at other values of it.
        kept = tuple(r for r in goal.setting.rules if letter not in free_symbols(r[0]) | free_symbols(r[1]))
        goal = replace(goal, setting=replace(goal.setting, rules=kept))
    setting = goal.setting
    run = setting.ranges.get(letter)
    lowest = run.lo if run is not None else Integer(setting.lowest.get(letter, 1))
    for other, r in setting.ranges.items():
        if letter in free_symbols(r.lo) and other is not letter and not _is_inner(other):
            return False
    if any(letter in free_symbols(e) for e in setting.nonzero):
        return False
    # What is known at the later index has to hold at the earlier one, too.
    if any(_grows(e, letter) for e in setting.nonnegative):
        return False
    if not _base(goal, letter, lowest, record, depth):
        return False
    taken = {s.name for s in free_symbols(goal.lhs) | free_symbols(goal.rhs)} | {s.name for s in setting.ranges}
    name = letter.name + "′"
    while name in taken or any(s.name == name for s in setting.lowest):
        name += "′"
    m = Symbol(name, integer=True, positive=True)
    if isinstance(lowest, Integer):
        now, before = m + 1 - offset, m - offset
        low = min(int(lowest) + offset, start - 1)
    else:
        now, before = m + lowest, m + lowest - 1
        low = 1
    current = goal.put({letter: now})
    known = {**current.setting.lowest, m: low}
    more = (run.hi - now,) if run is not None else ()
    current = replace(current, setting=replace(current.setting, lowest=known))
    current = current.under(nonnegative=more)
    earlier = Goal(put(goal.lhs, {letter: before}), put(goal.rhs, {letter: before}), current.setting, goal.sign)
    before_ranges = {
        i: Range(put(r.lo, {letter: before}), put(r.hi, {letter: before}))
        for i, r in setting.ranges.items()
        if i != letter and not _is_inner(i)
    }
    moving = [i for i, r in setting.ranges.items() if letter in free_symbols(r.hi) and not _is_inner(i)]
    for i in moving:
        # The new member of the range is a case of its own; the hypothesis speaks of the others.
        last = current.setting.ranges[i].hi
        if linear(last - before_ranges[i].hi) != linear(Integer(1)):
            return False
        _count(record)
        if not prove(current.put({i: last}), record, depth + 1):
            return False
        current = replace(
            current,
            setting=replace(current.setting, ranges={**current.setting.ranges, i: before_ranges[i]}),
        )
    fixed = {s for r in setting.told for e in (r.lhs, r.rhs) for s in free_symbols(e)}
    fixed |= {s for e in setting.nonzero + setting.nonnegative for s in free_symbols(e)}
    letters = {i: r for i, r in before_ranges.items() if i not in fixed}
    earlier = replace(earlier, setting=replace(earlier.setting, ranges=current.setting.ranges))
    return _step(current, earlier, letters, record, depth)


def _grows(expr: Expr, letter: Symbol) -> bool:
    """Whether an index expression may grow with the letter."""
    form = linear(expr)
    return letter in free_symbols(expr) and (form is None or dict(form[0]).get(letter, 0) > 0)


def _base(goal: Goal, letter: Symbol, lowest: Expr, record: Record, depth: int) -> bool:
    base = goal.put({letter: lowest})
    return _small(base, [i for i in base.setting.ranges if not _is_inner(i)], record, depth + 1)


def _small(goal: Goal, letters: Sequence[Symbol], record: Record, depth: int) -> bool:
    """The goal with every letter whose range has at most four known members set to each of them."""
    for n, i in enumerate(letters):
        run = goal.setting.ranges[i]
        gap = linear(run.hi - run.lo)
        if gap is not None and not gap[0] and gap[1] < 4:
            return all(_small(goal.put({i: run.lo + j}), letters[n + 1 :], record, depth) for j in range(gap[1] + 1))
    return prove(goal, record, depth)


def _step(current: Goal, earlier: Goal, letters: Mapping[Symbol, Range], record: Record, depth: int) -> bool:
    """The induction step: the goal at the later index from the goal at the earlier one."""
    if current.sign not in ("=", "~"):
        left, right, bound = universal((earlier.lhs, earlier.rhs, letters))
        return prove(current.under(orders=((Relation(left, current.sign, right), bound),)), record, depth + 1)
    for rule in _hypotheses(earlier, letters, record):
        if prove(current.under(rules=(universal(rule),)), record, depth + 1):
            return True
    return _reduces(current, earlier, record, depth)


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
        if isinstance(expr, D) and not _is_inner(expr):
            slope = num.derivative(g)
            if not residue.normal.is_nonzero(slope):
                continue
            rest = num - slope * residue.normal.polys[g]
            right = residue.normal.expr(residue.normal.reduced(rest * -1, slope))
            if expr in subterms(right):
                continue
            record.assumes.update(residue.normal.assumes)
            yield expr, right, {i: r for i, r in letters.items() if i in free_symbols(expr)}
            return


def _reduces(current: Goal, earlier: Goal, record: Record, depth: int) -> bool:
    """Whether the later difference is zero modulo the earlier one, which is zero by hypothesis."""
    kinks: dict[Expr, None] = {}
    derivatives = Derivatives(current.setting, kinks, record.fuel, own_slope)
    now = derivatives.plain(current.lhs) - derivatives.plain(current.rhs)
    before = derivatives.plain(earlier.lhs) - derivatives.plain(earlier.rhs)
    peels = Peels()
    for _ in range(3):
        normal, (later, sooner), _ = _normal((now, before), current.setting, kinks, peels, record.fuel)
        if sooner.num == 0:
            return False
        rest = _modulo(normal, later.num, sooner.num)
        if rest is not None:
            if rest == 0:
                record.assumes.update(normal.assumes)
                record.assumes.update({(k, "!= 0"): None for k in kinks})
                return True
            if normal.seen.key() == peels.key():
                if not _by_factors(current, normal, rest, record, depth):
                    return False
                record.assumes.update(normal.assumes)
                record.assumes.update({(k, "!= 0"): None for k in kinks})
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
