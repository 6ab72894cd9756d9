"""Bounds of differences by the mean value theorem: |f(x) - f(y)| <= C |x - y| wherever |f'| <= C.

What is between the bars is looked at as a function of x that is zero where x is y.  It needs no slope where it has a
kink, as long as it is continuous: it has one almost everywhere, and is the integral of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sympy import Abs, Expr, Indexed, Integer, Mul, S, Symbol, log

from symdl.judge.derivative import Derivatives, Kinks, NotProvableError
from symdl.judge.goals import FUEL, Goal, Holds
from symdl.judge.integrals import by_definition
from symdl.judge.normal import own_slope
from symdl.judge.slopes import ENTIRE, freed, gaps_at
from symdl.judge.whole import Setting
from symdl.language import Cases, Maximum, Minimum, Step, free_symbols, label_of, put
from symdl.problem import Relation, Symbolic


def by_mean_value(goal: Goal, holds: Holds) -> bool:
    """Whether an inequality between a difference and a multiple of |x - y| follows from the slope of the difference."""
    if goal.sign not in ("<=", ">="):
        return False
    small, large = (goal.lhs, goal.rhs) if goal.sign == "<=" else (goal.rhs, goal.lhs)
    made = Mul(*(f.args[0] if isinstance(f, Abs) else f for f in Mul.make_args(small)))
    return any(
        _is_bounded(by_definition(made, label_of(x)), large / bars, x, y, goal, holds) for bars, x, y in _gaps(large)
    )


def _gaps(large: Expr) -> Iterator[tuple[Expr, Expr, Expr]]:
    """The factors |x - y| of a term, with the one quantity and the other, both ways."""
    for factor in Mul.make_args(large):
        inside = factor.args[0] if isinstance(factor, Abs) else None
        if inside is None or not inside.is_Add or len(inside.args) != 2:
            continue
        for x, y in (inside.args, inside.args[::-1]):
            x, y = (-x, y) if isinstance(-x, Symbol | Indexed) else (x, -y)
            if all(isinstance(q, Symbol | Indexed) and not q.is_integer for q in (x, y)):
                yield factor, x, y


def _is_bounded(made: Expr, most: Expr, x: Expr, y: Expr, goal: Goal, holds: Holds) -> bool:
    """Whether |made| <= most |x - y|: it is zero where x is y, and the size of its slope by x at most `most`."""
    setting = freed(goal.setting, x)
    label = label_of(x)
    givens = goal.setting.givens
    if setting is None or givens.definitions_of(label) or any(not s.is_integer for s in free_symbols(x) - {label}):
        return False
    if any(goal.setting.reaches(s, label) for s in free_symbols(most) | free_symbols(y)):
        return False

    def proves(left: Expr, sign: Symbolic, right: Expr = S.Zero) -> bool:
        return holds(Goal(left, right, setting, sign))

    def is_met(left: Expr, right: Expr, crossed: Expr) -> bool:
        told = (*setting.told, Relation(crossed, "=", Integer(0)))
        return holds(Goal(left, right, replace(setting, told=told)))

    if not _Continuous(x, setting, lambda u: proves(u, ">"), is_met).is_so(made):
        return False
    if not all(proves(gap, sign) for gap, sign in gaps_at(setting, x, y)) or not proves(put(made, {x: y}), "="):
        return False
    kinks: Kinks = {}
    try:
        slope = Derivatives(setting, kinks, [FUEL], own_slope).total(made, x)
    except NotProvableError:
        return False
    return proves(slope, "<=", most) and proves(-slope, "<=", most)


@dataclass(frozen=True)
class _Continuous:
    """Whether terms are continuous functions of a quantity, smooth but for kinks, wherever the setting allows.

    `is_positive` is asked of what must be so, and `is_met` whether two terms are equal where a third one is zero.
    """

    x: Expr
    setting: Setting
    is_positive: Callable[[Expr], bool]
    is_met: Callable[[Expr, Expr, Expr], bool]

    def is_so(self, term: Expr) -> bool:
        """Whether it is known of this term."""
        label = label_of(self.x)
        if term == self.x or not any(self.setting.reaches(s, label) for s in free_symbols(term)):
            return True
        if isinstance(term, Cases):
            return self._is_joined(term)
        if label not in free_symbols(term) or not all(map(self.is_so, term.args)):
            return False
        if term.is_Add or term.is_Mul or isinstance(term, Abs | Maximum | Minimum) or type(term) in ENTIRE:
            return True
        if term.is_Pow:
            is_plain = isinstance(term.exp, Integer) and term.exp > 0
            return is_plain or (not self._moves(term.exp) and self.is_positive(term.base))
        return isinstance(term, log) and self.is_positive(term.args[0])

    def _moves(self, term: Expr) -> bool:
        return any(self.setting.reaches(s, label_of(self.x)) for s in free_symbols(term))

    def _is_joined(self, term: Cases) -> bool:
        """Whether the two sides of one kink are continuous and meet at it."""
        if len(term.args) != 3 or not isinstance(term.args[1], Step):
            return False
        above, turn, below = term.args
        return all(map(self.is_so, (above, turn.u, below))) and self.is_met(above, below, turn.u)
