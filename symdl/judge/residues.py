"""What is left of the difference of two terms in normal form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sympy import Expr

from symdl.judge.derivative import Derivatives, NotProvableError
from symdl.judge.elementary import Peels
from symdl.judge.field import Fraction, RestartError
from symdl.judge.goals import Goal, Record
from symdl.judge.normal import Normal, own_slope
from symdl.judge.whole import Setting
from symdl.language import free_symbols, is_closed, subterms

CAPACITIES = (16, 48, 160, 500, 1000)


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
        normal, (gap,), _ = normalised((plain,), setting, kinks, peels, record.fuel)
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


def normalised(
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


def everywhere(residue: Residue) -> Iterator[Expr]:
    for g in residue.generators():
        yield from subterms(g)


def is_inner(expr: Expr) -> bool:
    """Whether the expression refers to an index that is bound in the goal."""
    return not is_closed(expr) or any(s.name[0] in "§¤" for s in free_symbols(expr))
