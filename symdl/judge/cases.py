"""Cases: an indicator that is left in a difference splits the goal."""

from __future__ import annotations

from typing import Any

from flint import fmpq
from sympy import Expr, Integer, latex

from symdl.judge.derivative import Derivatives, Kinks, NotProvableError
from symdl.judge.field import RestartError
from symdl.judge.goals import Goal, Prove, Record, count_case
from symdl.judge.linear import linear
from symdl.judge.normal import Normal, own_slope
from symdl.judge.residues import Residue, everywhere, is_inner
from symdl.language import Delta, Step
from symdl.problem import Relation

_Row = tuple[dict[tuple[int, ...], Any], bool]
"""A linear form in monomials that is not negative, and whether it is positive."""


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
    excluded = residue.normal.is_excluded(key)
    for sign in (1, -1):
        count_case(record)
        case = goal.under(signs=((key, sign),))
        if not _consistent(case, residue.normal):
            continue
        if not prove(case, record, depth):
            return False
    if excluded:
        return True
    count_case(record)
    if _at_kink(prove, goal, key, record, depth):
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
        case = _at_zero(goal, open_keys[0]) if sign == 0 else goal.under(signs=((open_keys[0], sign),))
        if (sign == 0 or _consistent(case, residue.normal)) and not prove(case, record, depth):
            return False
    return True


def _at_kink(prove: Prove, goal: Goal, key: Expr, record: Record, depth: int) -> bool:
    """The case that the expression is zero, unless a derivative that is passed does not exist there."""
    kinks: Kinks = {}
    derivatives = Derivatives(goal.setting, kinks, record.fuel, own_slope)
    for side in (goal.lhs, goal.rhs):
        derivatives.plain(side)
    if any(k in (key, -key) for k in kinks):
        return True
    return prove(_at_zero(goal, key), record, depth)


def _at_zero(goal: Goal, key: Expr) -> Goal:
    """The case of a goal in which an expression is zero."""
    return goal.under(signs=((key, 0),), told=(Relation(key, "=", Integer(0)),))


def _consistent(goal: Goal, normal: Normal) -> bool:
    """Whether the signs assumed contradict neither each other nor what is given, by linear reasoning over monomials."""
    rows: list[_Row] = []
    given = [(o.greater - o.less, o.slack == 1) for o in normal.inequalities() if not o.letters]
    for expr, is_strict in (*((key * sign, True) for key, sign in goal.setting.signs if sign), *given):
        try:
            f = normal.form(expr)
        except (NotProvableError, RestartError):
            continue
        if f.den.is_one():
            rows.append(({tuple(int(e) for e in m): fmpq(c) for m, c in f.num.to_dict().items()}, is_strict))
    return not _contradict(rows)


def _contradict(rows: list[_Row]) -> bool:
    """Whether the rows have no common solution, by elimination of one monomial after another."""
    for _ in range(12):
        monomials = sorted({m for r, _ in rows for m in r if any(m)})
        for r, is_strict in rows:
            least = max(r.values(), default=fmpq(0))
            if not any(any(m) for m in r) and (least < 0 or (is_strict and least == 0)):
                return True
        if not monomials:
            return False
        m = monomials[0]
        up = [(r, is_strict) for r, is_strict in rows if r.get(m, 0) > 0]
        down = [(r, is_strict) for r, is_strict in rows if r.get(m, 0) < 0]
        rows = [(r, is_strict) for r, is_strict in rows if not r.get(m, 0)]
        if len(up) * len(down) > 60:
            return False
        for a, is_above in up:
            for b, is_below in down:
                joined = {k: v / a[m] for k, v in a.items()}
                for k, v in b.items():
                    joined[k] = joined.get(k, fmpq(0)) - v / b[m]
                rows.append(({k: v for k, v in joined.items() if v != 0}, is_above or is_below))
    return False
