"""Proofs: a difference with normal form zero, split into cases and led by induction where that is needed.

A proof never rests on examples.  What it rests on besides is collected as side conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from sympy import Expr, Integer

from symdl.judge.cases import by_signs, equal_or_not, positive_or_negative
from symdl.judge.derivative import Derivatives, Kinks, NotProvableError, OutOfFuelError
from symdl.judge.elementary import Peels
from symdl.judge.field import Fraction
from symdl.judge.goals import MAX_CASES, MAX_INDUCTIONS, Goal, Prove, Record
from symdl.judge.induction import by_induction
from symdl.judge.normal import Normal, own_slope
from symdl.judge.order import Order
from symdl.judge.parts import by_one_factor, term_by_term
from symdl.judge.residues import Residue, difference, everywhere, normalised
from symdl.judge.whole import Setting
from symdl.language import D
from symdl.problem import Symbolic

Way = Callable[[Prove, Goal, Residue, Record, int], bool]
"""Whether a difference goes away, with `prove` for what is left to be proved."""

Cases = Callable[[Prove, Goal, Residue, Record, int], bool | None]
"""Whether it does in each of some cases; None where there are none."""


def prove(goal: Goal, record: Record, depth: int = 0, residue: Residue | None = None) -> bool:
    """Whether the goal is proved; what it rests on is added to `record`, what is left of an equation may be known.

    Fails   with `NotProvableError` where a limit is reached or a term has no normal form.
    """
    if goal.sign not in ("=", "~"):
        return _ordered(goal, record, depth)
    residue = residue or difference(goal, record)
    return residue is None or _by_parts(goal, residue, record, depth)


def _by_parts(goal: Goal, residue: Residue, record: Record, depth: int) -> bool:
    record.work += 1
    if record.work > 4 * MAX_CASES:
        raise NotProvableError("more than 64 cases")
    ways = (by_one_factor, term_by_term, by_induction)
    return _split(goal, residue, record, depth, ways, (equal_or_not, positive_or_negative))


def _split(
    goal: Goal, residue: Residue, record: Record, depth: int, ways: Sequence[Way], cases: Sequence[Cases]
) -> bool:
    """Whether what is left goes away: where a derivative is stuck in it by one of these ways, else in cases."""
    stuck = any(isinstance(t, D) for t in everywhere(residue))
    for way in ways if stuck else ():
        if way(prove, goal, residue, record, depth):
            return True
    for split in cases:
        found = split(prove, goal, residue, record, depth)
        if found is not None:
            return found
    return not stuck and by_induction(prove, goal, residue, record, depth)


def _ordered(goal: Goal, record: Record, depth: int) -> bool:
    """Whether the one side is at least, or more than, the other, or differs from it."""
    record.work += 1
    if record.work > 4 * MAX_CASES or depth > 2 * MAX_INDUCTIONS:
        raise NotProvableError("more than 64 cases")
    kinks: Kinks = {}
    derivatives = Derivatives(goal.setting, kinks, record.fuel, own_slope)
    plain = derivatives.plain(goal.lhs) - derivatives.plain(goal.rhs)
    peels = Peels()
    residue: Residue | None = None

    def proves(expr: Expr, sign: Symbolic, setting: Setting) -> bool:
        try:
            return prove(Goal(expr, Integer(0), setting, sign), record, depth + 1)
        except OutOfFuelError:
            raise
        except NotProvableError:
            return False

    def signed(is_last: bool, normal: Normal, gap: Fraction) -> bool:
        below = normal.sign(gap.den)
        num = gap.num * below if below is not None else gap.num * gap.den
        order = Order(normal, proves)
        order.prepare()
        if not is_last and normal.seen.key() != peels.key():
            return False
        if goal.sign == "!=":
            return normal.is_nonzero(num) or any(order.is_nonnegative(num * side, strict=True) for side in (1, -1))
        side = 1 if goal.sign[0] == ">" else -1
        # As they are written sums of squares show their sign, multiplied out they do not.
        whole = normal.enclosures.of(side * (goal.lhs - goal.rhs))
        if whole.is_nonnegative() and (len(goal.sign) == 2 or whole.excludes_zero()):
            return True
        if below is None and order.is_more_than_given(Fraction(gap.num * side, gap.den), len(goal.sign) == 1):
            return True
        # Where the difference has a value its denominator is not zero.
        is_strict = len(goal.sign) == 1 and not (below is None and normal.is_nonzero(gap.num))
        return order.is_nonnegative(num * side, strict=is_strict)

    for is_last in (False, False, True):
        then = partial(signed, is_last)
        normal, (gap,), found = normalised((plain,), goal.setting, kinks, peels, record.fuel, then)
        if found:
            record.grant(normal.assumes, kinks)
            return True
        residue = Residue(normal, gap, plain, Integer(0))
        if normal.seen.key() == peels.key():
            break
        peels = normal.seen
    assert residue is not None
    return _split(goal, residue, record, depth, (by_induction,), (equal_or_not, by_signs))
