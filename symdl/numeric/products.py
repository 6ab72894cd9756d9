"""Products and powers, and terms that are 0 or 1."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, cast

from sympy import Add, Expr, Integer, Mul, Rational, S, exp, log, tanh

from symdl.language import Delta, Step
from symdl.language.functions.sigmoid import Sigmoid
from symdl.numeric import norms
from symdl.numeric.laws import right
from symdl.numeric.program import Node
from symdl.numeric.ranges import Env
from symdl.numeric.stable import Rewriter
from symdl.numeric.terms import ExpGap, Log1p, LogProduct, LogRatio, Rest, Sech, Sech2, Share

if TYPE_CHECKING:
    from symdl.numeric.lower import Lowering

HIGHEST = 4
"""The highest power of a quotient that is no less accurate than a quotient of powers."""

_ZERO_TIMES: dict[Any, str] = {log: "xlogy", Log1p: "xlog1py", LogRatio: "xlog_ratio", LogProduct: "times_log"}
"""Logarithms, and the function that gives 0 for 0 times each of them at its pole."""


def factors(low: Lowering, expr: Expr, env: Env) -> list[tuple[Expr, Expr]]:
    """The factors of a term in their stable form; one bracket only where it had to be multiplied out."""
    rewriter = low.rewriter(env)
    found: list[tuple[Expr, Expr]] = []
    for base, power in rewriter.product(expr):
        stable = base
        if isinstance(base, log) and power == 1:
            stable = rewriter.logarithm(base)
        elif isinstance(base, Add) and power.is_Integer and power > 0:
            stable = rewriter.total(base)
        if isinstance(base, Add) and not isinstance(stable, Add):
            found += [(b, n * power) for b, n in (f.as_base_exp() for f in Mul.make_args(stable))]
        else:
            found.append((stable, power))
    found = _with_slopes(found, rewriter)
    for base, power in found:
        if power == 1 and isinstance(base, Add) and len(found) > 1 and any(_has_log(t) for t in base.args):
            rest = Mul(*(b**n for b, n in found if b is not base))
            return [(Add(*(t * rest for t in base.args)), S.One)]
    return found


def combine(low: Lowering, factors: list[tuple[Expr, Expr]], env: Env, more: tuple[Node, ...] = ()) -> Node:
    """The product of some factors, entry by entry, and of `more` nodes."""
    masks: list[Node] = []
    logs: list[tuple[str, list[Node]]] = []
    sigmoids: list[Node] = []
    plain: list[tuple[Expr, Expr]] = []
    may_vanish = len([b for b, _ in factors if not b.is_number]) > 1
    grows = any(not _is_bounded(b) or (n.is_Rational and n < 0) for b, n in factors)
    for base, power in factors:
        mask = indicator(low, base, env) if power.is_Integer and power > 0 else None
        if mask is not None:
            masks.append(mask)
        elif type(base) in _ZERO_TIMES and power == 1 and may_vanish:
            parts = (base,) if isinstance(base, LogProduct) else base.args
            logs.append((_ZERO_TIMES[type(base)], [low.lower(a, env) for a in parts]))
        elif isinstance(base, Sigmoid) and power.is_Integer and power > 0 and grows:
            sigmoids += [low.lower(base.args[0], env)] * int(power)
        else:
            plain.append((base, power))
    found = _multiplied(low, plain, env, more, _is_scaled(factors) or bool(more))
    for inside in sigmoids:
        found = low.build.join("call", (found, inside), ("times_sigmoid", ""))
    for name, args in logs:
        found = low.build.join("call", (found, *args), (name, ""))
    if sum(_is_negative(b, n) for b, n in plain) % 2:
        found = low.apply("neg", found)
    if masks:
        condition = masks[0] if len(masks) == 1 else low.apply("and", *masks)
        found = low.where(condition, found, low.number(S.Zero))
    return found


def _multiplied(
    low: Lowering, factors: list[tuple[Expr, Expr]], env: Env, more: tuple[Node, ...], is_scaled: bool
) -> Node:
    """The product of some factors, of numbers the sizes, and of `more` nodes; exponentials come last if it is scaled.

    Powers are then shared between two halves, each of which the root of the exponential is multiplied by.
    """
    exponents = [b.args[0] for b, n in factors if is_scaled and isinstance(b, exp) and n == 1]
    halves: tuple[tuple[list[Node], list[Node]], ...] = (([], []), ([], []))
    quotients, factors = ([], factors) if exponents else _quotients(factors)
    for one, other, count in quotients:
        quotient = low.apply("div", low.lower(one, env), low.lower(other, env))
        halves[0][0].append(low.apply("pow", quotient, low.number(count)))
    for base, power in factors:
        if is_scaled and isinstance(base, exp) and power == 1:
            continue
        if base.is_Rational and power == 1:
            halves[0][0].extend([low.number(Integer(abs(base.p)))] if abs(base.p) != 1 else [])
            halves[0][1].extend([low.number(Integer(base.q))] if base.q != 1 else [])
            continue
        for (above, below), n in zip(halves, _shared(power, 2 if exponents else 1), strict=False):
            is_below = n.is_Rational and n < 0
            (below if is_below else above).append(raised(low, base, -n if is_below else n, env))
    halves[0][0].extend(more)
    found = _ratio(low, *halves[0])
    if not exponents:
        return found
    other = [_ratio(low, *halves[1])] if any(halves[1]) else []
    return low.build.join("call", (low.lower(Add(*exponents), env), found, *other), ("times_exp", ""))


def _quotients(factors: list[tuple[Expr, Expr]]) -> tuple[list[tuple[Expr, Expr, Integer]], list[tuple[Expr, Expr]]]:
    """Powers over powers as those of quotients, which are in range where these are; and the factors that are left.

    Such a power has no more roundings than the two powers have, if it is a low one.
    """
    found: list[tuple[Expr, Expr, Integer]] = []
    left: dict[Expr, Expr] = {}
    for base, power in factors:
        left[base] = left.get(base, S.Zero) + power
    whole = [b for b, n in left.items() if n.is_Integer and not b.is_number]
    for one, other in product(whole, repeat=2):
        count = min(left[one], -left[other])
        if 2 <= count <= HIGHEST:
            found.append((one, other, Integer(count)))
            left[one], left[other] = left[one] - count, left[other] + count
    return found, [(b, n) for b, n in left.items() if n != 0] if found else factors


def _is_negative(base: Expr, power: Expr) -> bool:
    return bool(base.is_Rational and power == 1 and base < 0)


def _is_scaled(factors: list[tuple[Expr, Expr]]) -> bool:
    """Whether a product may be far smaller than one of its factors: none is a number alone that is at least 1."""
    return any(abs(b**n) < 1 if b.is_number and n.is_number else not isinstance(b, exp) for b, n in factors)


def _shared(power: Expr, count: int) -> list[Expr]:
    """A power as one of the first half of the factors, and one of the second half where it is a whole one."""
    if count < 2 or not power.is_Integer or abs(power) < 2:
        return [power]
    half = Integer(int(power / 2))
    return [power - half, half]


def _ratio(low: Lowering, above: list[Node], below: list[Node]) -> Node:
    top = low.apply("mul", *above) if len(above) > 1 else above[0] if above else low.number(S.One)
    if not below:
        return top
    return low.apply("div", top, low.apply("mul", *below) if len(below) > 1 else below[0])


def raised(low: Lowering, base: Expr, exponent: Expr, env: Env) -> Node:
    """A base to an exponent that is not negative, or is not a number."""
    if isinstance(base, exp):
        node = low.build.join("call", (low.lower(base.args[0], env),), ("exp", "np.exp"))
        return node if exponent == 1 else low.apply("pow", node, low.lower(exponent, env))
    length = norms.root(low, base, env) if exponent.is_Rational and exponent.q == 2 else None
    if length is not None:
        return length if exponent.p == 1 else low.apply("pow", length, low.number(Integer(exponent.p)))
    node = low.lower(base, env)
    if exponent == 1:
        return node
    if exponent == Rational(1, 2):
        return low.build.join("call", (node,), ("sqrt", "np.sqrt"))
    return low.apply("pow", node, low.lower(exponent, env))


def indicator(low: Lowering, expr: Expr, env: Env) -> Node | None:
    """A term with the values 0 and 1 only, as a truth value; None for any other term."""
    if isinstance(expr, Delta):
        a, b = (low.index_value(x, env) for x in expr.args)
        return low.apply("eq", a, b)
    if isinstance(expr, Step) and expr.at_zero in (0, 1):
        zero = low.number(S.Zero)
        return low.apply("gt" if expr.at_zero == 0 else "ge", low.lower(expr.u, env), zero)
    if isinstance(expr, Add):
        constant, rest = expr.as_coeff_Add()
        scale, body = rest.as_coeff_Mul()
        inside = indicator(low, body, env) if constant == 1 and scale == -1 and not body.is_Add else None
        return None if inside is None else low.apply("not", inside)
    if isinstance(expr, Mul):
        parts = [indicator(low, a, env) for a in expr.args]
        return None if any(p is None for p in parts) else low.apply("and", *cast("list[Node]", parts))
    return None


def _has_log(term: Expr) -> bool:
    body = term.as_coeff_Mul()[1]
    return type(body) in _ZERO_TIMES and not body.is_number


def _with_slopes(factors: list[tuple[Expr, Expr]], rewriter: Rewriter) -> list[tuple[Expr, Expr]]:
    """The factors with a sigmoid times its complement as one function, where nothing unbounded is beside them."""
    if not all(_is_bounded(rewriter.resolved(b)) and n.is_Integer and n > 0 for b, n in factors):
        return factors
    at = {rewriter.resolved(b).args[0]: b for b, _ in factors if isinstance(rewriter.resolved(b), Sigmoid)}
    powers = dict(factors)
    for u in at:
        one, other = at[u], at.get(-u)
        if other is not None and powers[one] > 0 and powers[other] > 0:
            count = min(powers[one], powers[other])
            slope = right("sigma-slope", u=u)
            powers[one], powers[other] = powers[one] - count, powers[other] - count
            for base, n in slope.as_powers_dict().items():
                powers[base] = powers.get(base, S.Zero) + n * count
    return [(b**n, S.One) if b.is_Rational else (b, n) for b, n in powers.items() if n != 0]


def _is_bounded(base: Expr) -> bool:
    """Whether a factor is a number, or lies between -1 and 1 by its form."""
    if isinstance(base, Add):
        constant, rest = base.as_coeff_Add()
        return bool(constant == 1 and isinstance(-rest, (Delta, Step)))
    return base.is_number or isinstance(base, (Sigmoid, tanh, Sech, Sech2, ExpGap, Share, Rest, Delta, Step))
