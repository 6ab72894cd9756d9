"""Of what composed random quantities are made, and what comes later than they do."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Integer, Symbol

from symdl.language import free_symbols, indices_of, is_index, label_of, quantities
from symdl.problem import Definition, Givens, led_to
from symdl.read.moments import Moments


def made_of(givens: Givens) -> Callable[[Expr], Expr | None]:
    """What a quantity is made of by its definition; None where this leads back to it, or there is none."""
    uses = {d.label: frozenset[Symbol]() for d in givens.definitions}
    for d in givens.definitions:
        uses[d.label] |= free_symbols(d.body) & uses.keys()

    def found(quantity: Expr) -> Expr | None:
        label = label_of(quantity)
        is_circular = label in led_to(uses.__getitem__, uses.get(label, ()))
        return None if is_circular else givens.body_of(quantity, {})

    return found


def later_than(definition: Definition, moments: Moments) -> Callable[[Expr, Expr], bool]:
    """Whether a random quantity in the rule of a recurrence comes later than all of which its former member is made.

    In x_t = a x_{t-1} + b e_t the e_t does: x_{t-1} is made of e_{t-1} and of those before.
    """
    letters = [p for p in definition.pattern if is_index(p)]
    label, inside = definition.label, quantities(definition.body)
    others = [q for q in inside if label_of(q) != label and label_of(q).name in moments.random]
    if len(letters) != 1 or any(label_of(q).name in moments.composed for q in others):
        return lambda state, quantity: False
    (time,) = letters

    def lag(quantity: Expr) -> int | None:
        """How far before the letter of time a quantity lies; None where this is no number."""
        gaps = [time - i for i in indices_of(quantity) if time in free_symbols(i)]
        return int(gaps[0]) if len(gaps) == 1 and isinstance(gaps[0], Integer) else None

    def found(state: Expr, quantity: Expr) -> bool:
        back, here = lag(state), lag(quantity)
        lags = [lag(q) for q in others if label_of(q) == label_of(quantity)]
        if label_of(state) != label or back is None or back < 1 or here is None or not lags:
            return False
        return all(n is not None and here < back + n for n in lags)

    return found
