"""Cases: an indicator that is left in a difference splits the goal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flint import fmpq
from sympy import Expr, Indexed, Integer, Symbol, latex

from symdl.judge.derivative import Derivatives, NotProvableError
from symdl.judge.field import RestartError
from symdl.judge.goals import Goal, Prove, Record, count_case
from symdl.judge.normal import Normal, own_slope
from symdl.judge.residues import Residue, everywhere, is_inner, vanishing
from symdl.judge.whole import Setting, linear
from symdl.language import D, Delta, Step, is_quantity, label_of, put, subterms


def equal_or_not(prove: Prove, goal: Goal, residue: Residue, record: Record, depth: int) -> bool | None:
    """Two cases for an indicator of free index letters; None where there is none."""
    for t in everywhere(residue):
        if not isinstance(t, Delta) or is_inner(t):
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
        count_case(record)
        run = goal.setting.ranges[letter]
        equal = goal.put({letter: value}).under(nonnegative=(value - run.lo, run.hi - value))
        return prove(goal.under(nonzero=(gap,)), record, depth) and prove(equal, record, depth)
    for t in everywhere(residue):
        if isinstance(t, Step) and not is_inner(t) and linear(t.u) is not None and t.at_zero == 1:
            count_case(record)
            above = goal.under(nonnegative=(t.u,))
            below = goal.under(nonnegative=(-t.u - 1,))
            return prove(above, record, depth) and prove(below, record, depth)
    return None


def positive_or_negative(prove: Prove, goal: Goal, residue: Residue, record: Record, depth: int) -> bool | None:
    """Three cases for an indicator of a free real expression; None where there is none."""
    keys = sorted(
        {t.u for t in everywhere(residue) if isinstance(t, Step) and not is_inner(t) and linear(t.u) is None},
        key=str,
    )
    done = {e for e, _ in goal.setting.signs}
    keys = [k for k in keys if k not in done and -k not in done]
    if not keys:
        return None
    key = keys[0]
    excluded = key in residue.normal.kinks or -key in residue.normal.kinks
    for sign in (1, -1):
        count_case(record)
        case = goal.under(signs=((key, sign),))
        if not _consistent(case, residue.normal):
            continue
        if not prove(case, record, depth):
            return False
    if excluded:
        return True
    if _at_kink(goal, key, residue, record):
        return True
    if not goal.setting.signs:
        record.trouble = f"proved except where ${latex(key)} = 0$"
    return False


def by_signs(prove: Prove, goal: Goal, residue: Residue, record: Record, depth: int) -> bool | None:
    """Three cases for the sign of what an indicator asks; None where there is no indicator."""
    done = {e for e, _ in goal.setting.signs}
    keys = {t.u for t in everywhere(residue) if isinstance(t, Step) and not is_inner(t) and linear(t.u) is None}
    open_keys = sorted((k for k in keys if k not in done and -k not in done), key=str)
    if not open_keys:
        return None
    for sign in (1, -1, 0):
        count_case(record)
        case = goal.under(signs=((open_keys[0], sign),))
        if (sign == 0 or _consistent(case, residue.normal)) and not prove(case, record, depth):
            return False
    return True


def _at_kink(goal: Goal, key: Expr, residue: Residue, record: Record) -> bool:
    """The case that the expression is zero: it is solved for a free quantity that occurs linearly."""
    f = residue.normal.form(key)
    degrees = f.num.degrees()
    for g, e in enumerate(degrees):
        quantity = residue.normal.generators[g] if e == 1 else None
        if not is_quantity(quantity):
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
        left = vanishing(put(plain, {quantity: value}), Integer(0), setting, kinks, record)
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
            for t in everywhere(left)
            if isinstance(t, Step) and not is_inner(t) and linear(t.u) is None and t.u not in done
        },
        key=str,
    )
    if not keys or not any(k in (keys[0], -keys[0]) for k in left.normal.kinks):
        return False
    for sign in (1, -1):
        count_case(record)
        case = replace(setting, signs=(*setting.signs, (keys[0], sign)))
        rest = vanishing(left.left, left.right, case, kinks, record)
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
        if is_quantity(t) and t != quantity and setting.reaches(label_of(t), label):
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
