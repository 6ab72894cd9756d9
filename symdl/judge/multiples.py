"""Whether an equation follows from another one: where the one difference vanishes, the other one does."""

from __future__ import annotations

from sympy import Expr

from symdl.judge.derivative import Derivatives, Kinks
from symdl.judge.elementary import Peels
from symdl.judge.field import Fraction
from symdl.judge.goals import Goal, Record
from symdl.judge.normal import Normal, own_slope
from symdl.judge.residues import normalised
from symdl.language import quantities

MAX_PEELED = 3
"""How often the terms are normalised anew, each time with what was split off before."""


def vanishes_with(before: Expr, goal: Goal, record: Record) -> bool:
    """Whether the difference of the goal's sides is 0 wherever `before` is and both are defined.

    Every irreducible factor of the numerator of `before` has to be one of the other numerator, or never 0, or one of
    its denominator, where the goal says nothing.

    Fails   with `NotProvableError` where a limit is reached or a term has no normal form.
    """
    kinks: Kinks = {}
    derivatives = Derivatives(goal.setting, kinks, record.fuel, own_slope)
    terms = (derivatives.plain(before), derivatives.plain(goal.lhs) - derivatives.plain(goal.rhs))
    peels = Peels()
    for _ in range(MAX_PEELED):
        normal, _, found = normalised(terms, goal.setting, kinks, peels, record.fuel, _covers)
        if found:
            record.grant(normal.assumes, kinks)
            return True
        if normal.seen.key() == peels.key():
            return False
        peels = normal.seen
    return False


def _covers(normal: Normal, one: Fraction, other: Fraction) -> bool:
    # What is never 0 demands what cannot be, and proves nothing.
    shared = False
    for factor, _ in [] if one.num.is_constant() else normal.factored(one.num)[1]:
        if normal.is_nonzero(factor):
            continue
        if divmod(other.num, factor)[1] == 0:
            # What is 0 at some index letters only, such as δ_{i2}, demands at the others what cannot be.
            shared = shared or bool(quantities(normal.poly_expr(factor)))
        elif divmod(other.den, factor)[1] != 0:
            return False
        else:
            normal.assume(normal.poly_expr(factor), "!= 0")
    return shared
