"""What is left of the difference of two terms in normal form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sympy import Add, Expr

from symdl.judge.derivative import Derivatives, Kinks, NotProvableError
from symdl.judge.elementary import Peels
from symdl.judge.field import Fraction, FullError, RestartError
from symdl.judge.goals import Goal, Record
from symdl.judge.normal import Normal, own_slope
from symdl.judge.order import Order
from symdl.judge.whole import Setting
from symdl.language import free_symbols, is_closed, subterms

MAX_DIVIDED = 10_000
"""The product of the numbers of terms up to which one polynomial is divided by another."""

CAPACITIES = (12, 48, 160, 500, 1000)


@dataclass(frozen=True)
class Residue:
    """What is left of a difference that is not zero in normal form."""

    normal: Normal
    gap: Fraction
    left: Expr
    right: Expr

    @property
    def plain(self) -> Expr:
        """The difference as a term without derivatives."""
        return self.left - self.right

    def generators(self) -> list[Expr]:
        """The generators in the numerator."""
        if self.gap.num == 0:
            return []
        return [self.normal.generators[g] for g, e in enumerate(self.gap.num.degrees()) if e]


def difference(goal: Goal, record: Record) -> Residue | None:
    """What is left of lhs - rhs in normal form; None where that is zero."""
    kinks: Kinks = {}
    derivatives = Derivatives(goal.setting, kinks, record.fuel, own_slope)
    left, right = _without_common(derivatives.plain(goal.lhs), derivatives.plain(goal.rhs))
    record.could_divide = record.could_divide or derivatives.could_divide
    return vanishing(left, right, goal.setting, kinks, record)


def _without_common(left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """Two terms without the summands that both have: what these are does not matter."""
    ones, others = Add.make_args(left), Add.make_args(right)
    common = set(ones) & set(others)
    if not common:
        return left, right
    return Add(*(a for a in ones if a not in common)), Add(*(a for a in others if a not in common))


def vanishing(left: Expr, right: Expr, setting: Setting, kinks: Kinks, record: Record) -> Residue | None:
    """What is left of the difference of two terms without derivatives in normal form; None where that is zero."""
    peels = Peels()
    residue: Residue | None = None
    for _ in range(3):
        normal, (one, other), _ = normalised((left, right), setting, kinks, peels, record.fuel)
        # Most equations that hold have the same two sides now.
        is_same = one.num == other.num and one.den == other.den
        gap = Fraction(normal.zero, normal.one) if is_same else normal.less(one, other)
        if gap.num == 0 or follows(normal, gap.num):
            record.grant(_unproved(normal), _open(normal, kinks))
            return None
        residue = Residue(normal, gap, left, right)
        record.could_divide = record.could_divide or normal.could_divide or normal.derivatives.could_divide
        if normal.seen.key() == peels.key():
            break
        peels = normal.seen
    return residue


def _unproved(normal: Normal) -> list[tuple[Expr, str]]:
    """The side conditions that were used, without signs that can be proved."""
    left: list[tuple[Expr, str]] = []
    before, used = normal.fuel[0], dict(normal.assumes)
    for expr, said in used:
        try:
            f = normal.form(expr) if said != "!= 0" else None
            # Of a product everything is known that its factors tell.
            p = f.num * f.den if f is not None and len(f.num) > 1 else None
            is_known = p is not None and Order(normal, _never).is_nonnegative(p, strict=said == "> 0")
        except (NotProvableError, RestartError):
            is_known = False
        left += [] if is_known and normal.assumes == used else [(expr, said)]
        # What is looked up for the reader's sake costs the proof nothing, and adds nothing that it rests on.
        normal.fuel[0], normal.assumes = before, dict(used)
    return left


def _never(expr: Expr, sign: str, setting: Setting) -> bool:
    """No proof by another goal."""
    return False


def _open(normal: Normal, kinks: Iterable[Expr]) -> list[Expr]:
    """The kinks of which it is not known that they are not reached."""
    found = []
    for k in kinks:
        try:
            is_passed = normal.is_nonzero(normal.form(k).num)
        except (NotProvableError, RestartError):
            is_passed = False
        found += [] if is_passed else [k]
    return found


def follows(normal: Normal, num: Any) -> bool:
    """Whether a numerator is zero because it is a sum of multiples of what is known to be zero.

    Each equation is divided by those before it, so that linear ones are solved one after another.  Of logarithms that
    add up to zero the product is one.
    """
    known: list[Any] = []
    for equation in normal.equations():
        rest = _divided(equation, known)
        if rest != 0:
            known.append(rest)
    if not known:
        return False
    try:
        product = normal.without_logarithms(num)
    except (NotProvableError, RestartError):
        product = None
    return any(p is not None and _divided(p, known) == 0 for p in (num, product))


def _divided(p: Any, known: list[Any]) -> Any:
    """What polynomials leave of another one that is divided by each of them in turn."""
    for by in known:
        if len(p) * len(by) <= MAX_DIVIDED:
            p = divmod(p, by)[1]
    return p


def normalised(
    terms: tuple[Expr, ...],
    setting: Setting,
    kinks: Kinks,
    peels: Peels,
    fuel: list[int],
    then: Callable[..., bool] | None = None,
) -> tuple[Normal, tuple[Fraction, ...], bool]:
    """The normal forms of terms, in one normalisation, and what `then` says of them."""
    finest: dict[Expr, Any] = {}
    step = 0
    for _ in range(12):
        inner = Derivatives(setting, kinks, fuel, own_slope)
        normal = Normal(setting, CAPACITIES[step], finest, peels, inner, fuel)
        try:
            normal.exclude(kinks)
            forms = tuple(normal.form(t) for t in terms)
            found = then(normal, *forms) if then is not None else False
        except FullError:
            step += 1
            if step == len(CAPACITIES):
                raise NotProvableError("more than 1,000 generators") from None
            continue
        except RestartError:
            continue
        return normal, forms, found
    raise NotProvableError("exponentials in too many fractions")


def everywhere(residue: Residue) -> Iterator[Expr]:
    for g in residue.generators():
        yield from subterms(g)


def is_inner(expr: Expr) -> bool:
    """Whether the expression refers to an index that is bound in the goal."""
    return not is_closed(expr) or any(s.name[0] in "§¤" for s in free_symbols(expr))
