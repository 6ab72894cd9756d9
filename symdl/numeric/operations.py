"""What single operations, functions and sums of exponentials are worked out by."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from sympy import Abs, Add, Expr, Indexed, Mul, Pow, S, Symbol, log

from symdl.errors import NoFunctionError
from symdl.language import Cases, Maximum, Prod, Sigma, Step
from symdl.language.functions.sigmoid import Sigmoid
from symdl.language.functions.softplus import Softplus
from symdl.numeric import products, reduce
from symdl.numeric.entries import entry_index
from symdl.numeric.program import Node, next_letters, ordered
from symdl.numeric.ranges import Env
from symdl.numeric.terms import (
    Apart,
    ExpExcess,
    ExpGap,
    Expm1,
    Log1p,
    LogAddExp,
    LogCosh,
    LogExcess,
    LogGap,
    LogRatio,
    LogRest,
    LogShare,
    Lse,
    OverSum,
    Rest,
    RootGap,
    Sech,
    Sech2,
    Share,
    ShareOf,
    Weighted,
)

if TYPE_CHECKING:
    from symdl.numeric.lower import Lowering

PRIMITIVES = {
    Expm1: ("expm1", "np.expm1"),
    ExpExcess: ("exp_excess", ""),
    Log1p: ("log1p", "np.log1p"),
    LogRatio: ("log_ratio", ""),
    LogExcess: ("log_excess", ""),
    RootGap: ("root_gap", ""),
    Apart: ("gap_between", ""),
    ExpGap: ("exp_gap", ""),
    LogGap: ("log_gap", ""),
    LogCosh: ("log_cosh", ""),
    Sech: ("sech", ""),
    Sech2: ("sech2", ""),
    LogAddExp: ("log_add_exp", ""),
    ShareOf: ("exp_over_terms", ""),
}
"""Functions of the pass, the name of each and its NumPy function; without one it is a helper."""

_SHARES = {Share: "softmax", LogShare: "log_softmax", Rest: "softmax_rest", LogRest: "log_softmax_rest"}


def lower_add(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of a sum in its stable form; what is subtracted is added up first."""
    stable = low.rewriter(env).total(expr)
    if not isinstance(stable, Add):
        return low.lower(stable, env)
    plus: list[Expr] = []
    minus: list[Expr] = []
    terms = list(stable.args)
    found = _less_label(low, terms, env)
    if found is not None:
        return found
    means: list[Node] = []
    for kind, made in ((Sigmoid, _sigmoid_mean), (Softplus, _softplus_mean)):
        pairs, terms = _pairs(low, terms, env, kind)
        means += [made(low, *pair, env) for pair in pairs]
    for term in terms:
        negative = term.could_extract_minus_sign() and (term.is_number or term.as_coeff_Mul()[0] < 0)
        (minus if negative else plus).append(-term if negative else term)
    nodes = means + [low.lower(t, env) for t in plus]
    found = low.apply("add", *nodes) if len(nodes) > 1 else nodes[0] if nodes else None
    if not minus:
        assert found is not None
        return found
    taken = [low.lower(t, env) for t in minus]
    total = low.apply("add", *taken) if len(taken) > 1 else taken[0]
    return low.apply("neg", total) if found is None else low.apply("sub", found, total)


def _less_label(low: Lowering, terms: list[Expr], env: Env) -> Node | None:
    """p (1 - y) - (1 - p) y, for a share or sigmoid p and a label y, as p - y, or (1 - y) - (1 - p) for a large label.

    One difference rounds less than two products, and none of the two forms cancels what the other one keeps.
    """
    if len(terms) != 2:
        return None
    rewriter = low.rewriter(env)
    for one, other in (terms, terms[::-1]):
        for share, rest in product(Mul.make_args(one), Mul.make_args(other)):
            known, less = (rewriter.resolved(rewriter.total(x) if x.is_Add else x) for x in (share, rest))
            y = -other / rest
            if y.could_extract_minus_sign() or one / share != 1 - y or products.indicator(low, y, env) is not None:
                continue
            if isinstance(known, Sigmoid) and less == Sigmoid(-known.args[0]):
                return low.build.join("call", (low.lower(known.args[0], env), low.lower(y, env)), ("sigmoid_less", ""))
            if isinstance(known, Share) and isinstance(less, Rest) and known.args == less.args:
                label, p, others = (low.lower(x, env) for x in (y, share, rest))
                near = low.apply("sub", low.lower(1 - y, env), others)
                is_large = low.apply("gt", label, low.number(S.Half))
                return low.where(is_large, near, low.apply("sub", p, label))
    return None


def _pairs(
    low: Lowering, terms: list[Expr], env: Env, kind: type[Expr]
) -> tuple[list[tuple[Expr, Expr, Expr]], list[Expr]]:
    """Pairs of terms a f(u) + b f(-u) as (a, b, u), and the other terms."""
    rewriter = low.rewriter(env)
    seen: dict[Expr, tuple[int, Expr]] = {}
    pairs: list[tuple[Expr, Expr, Expr]] = []
    left = dict(enumerate(terms))
    for n, term in enumerate(terms):
        for base in Mul.make_args(term):
            scale, known = S.One, rewriter.resolved(rewriter.total(base) if base.is_Add else base)
            if isinstance(known, log):
                scale, known = rewriter.logarithm(known).as_coeff_Mul()
            rest = scale * term / base
            if not isinstance(known, kind) or not _is_polynomial(rest):
                continue
            u = known.args[0]
            if -u in seen and seen[-u][0] in left:
                other, weight = seen[-u]
                pairs.append((weight, rest, -u))
                del left[n], left[other]
            else:
                seen[u] = n, rest
            break
    return pairs, list(left.values())


def _sigmoid_mean(low: Lowering, a: Expr, b: Expr, u: Expr, env: Env) -> Node:
    """a σ(u) + b σ(-u), which takes one exponential."""
    return low.build.join("call", tuple(low.lower(x, env) for x in (a, b, u)), ("sigmoid_mean", ""))


def _softplus_mean(low: Lowering, a: Expr, b: Expr, u: Expr, env: Env) -> Node:
    """a log(1 + e^u) + b log(1 + e^-u), of which the sum of the weights is worked out before they are rounded."""
    total = (a + b).expand()
    args = tuple(low.lower(x, env) for x in (a, b, a + b if total.is_Add else total, u))
    return low.build.join("call", args, ("softplus_mean", ""))


def lower_softplus_mean(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of a `SoftplusMean`."""
    a, b, u = expr.args
    return _softplus_mean(low, a, b, u, env)


def _is_polynomial(expr: Expr) -> bool:
    """Whether a term is made of numbers, letters and members of families by addition and multiplication."""
    if isinstance(expr, (Add, Mul)):
        return all(_is_polynomial(a) for a in expr.args)
    if isinstance(expr, Pow):
        return bool(expr.exp.is_Integer and expr.exp > 0) and _is_polynomial(expr.base)
    return isinstance(expr, (Symbol, Indexed)) or bool(expr.is_Rational)


def lower_bracket(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of a `Bracket`."""
    return low.lower(expr.args[0], env)


def lower_indicator(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of a term that is 0 or 1, or is a step with another value at 0."""
    mask = products.indicator(low, expr, env)
    if mask is not None:
        return low.where(mask, low.number(S.One), low.number(S.Zero))
    assert isinstance(expr, Step)
    return low.build.join("call", (low.lower(expr.u, env), low.lower(expr.at_zero, env)), ("step", "np.heaviside"))


def lower_cases(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of a case split."""
    assert isinstance(expr, Cases)
    found = low.lower(expr.otherwise, env)
    for value, condition in reversed(expr.branches):
        mask = products.indicator(low, condition, env)
        if mask is None:
            mask = low.apply("ne", low.lower(condition, env), low.number(S.Zero))
        found = low.where(mask, low.lower(value, env), found)
    return found


def lower_log(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of a logarithm."""
    stable = low.rewriter(env).logarithm(expr)
    if stable != expr:
        return low.lower(stable, env)
    return low.build.join("call", (low.lower(expr.args[0], env),), ("log", "np.log"))


def lower_log_product(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of a `LogProduct`: of the factors one by one where the product is very large or small."""
    above, below = expr.args
    terms = [low.lower(x, env) for x in expr.args if x != 1]
    if len(terms) == 2:
        whole = low.build.join("call", tuple(terms), ("log_ratio", ""))
    else:
        whole = low.build.join("call", (terms[0],), ("log", "np.log"))
        whole = whole if below == 1 else low.apply("neg", whole)
    sound, negative = (
        [low.build.join("call", (t,), (name, "")) for t in terms] for name in ("is_moderate", "is_below")
    )
    parts = low.lower(Add(*_logarithms(above), *(-t for t in _logarithms(below))), env)
    has_none = low.apply("and", _joined(low, "ne", negative), low.apply("gt", parts, low.number(S.NegativeInfinity)))
    return low.where(_joined(low, "and", sound), whole, low.where(has_none, low.number(S.NaN), parts))


def _joined(low: Lowering, op: str, nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else low.apply(op, *nodes)


def _logarithms(product: Expr) -> list[Expr]:
    """The logarithms of the sizes of the factors."""
    inside = product.args[0] if isinstance(product, Abs) else product
    found: list[Expr] = []
    for base, power in inside.as_powers_dict().items():
        if isinstance(base, Prod):
            (j,) = next_letters(base, 1)
            found.append(power * Sigma.over(j, base.lo, base.hi, log(Abs(base.open(j)))))
        elif base != 1:
            found.append(power * log(Abs(base)))
    return found


def lower_extremum(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of a maximum or minimum."""
    op = "max" if isinstance(expr, Maximum) else "min"
    return low.apply(op, *(low.lower(a, env) for a in expr.args))


def lower_primitive(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of a function of the pass."""
    name, source = PRIMITIVES[type(expr)]
    return low.build.join("call", tuple(low.lower(a, env) for a in expr.args), (name, source))


def _exponents(low: Lowering, lse: Lse, env: Env, avoid: Expr = S.Zero) -> tuple[Node, Node | None, Symbol, Env]:
    """The exponents and the weights (None where all are 1) of a sum of exponentials along a new letter."""
    j, body, _, inner, mask = reduce.opened(low, lse, env, avoid)
    assert isinstance(body, Weighted)
    weight, exponent = body.args
    factors = [(weight, S.One)] if not isinstance(weight, Mul) else [(a, S.One) for a in weight.args]
    rest = []
    for base, _ in factors:
        found = products.indicator(low, base, inner)
        if found is None:
            rest.append(base)
        else:
            mask = found if mask is None else low.apply("and", mask, found)
    node = low.lower(exponent, inner)
    if mask is not None:
        node = low.where(mask, node, low.number(S.NegativeInfinity))
    left = Mul(*rest)
    scale = None if left == 1 else low.lower(left, inner)
    wanted = ordered({*node.axes, j})
    if wanted != node.axes:
        node = low.expanded(node, wanted, tuple(inner[x] for x in wanted))
    return node, scale, j, inner


def lower_less_mean(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of an entry less the mean: what rounding takes from the differences is the mean of what they leave."""
    at, sigma = expr.args
    assert isinstance(sigma, Sigma)
    j, body, run, inner, _ = reduce.opened(low, sigma, env, at)
    v = low.lower(body, inner)
    count = low.integer(run.length)
    mean = low.apply("div", reduce.reduced(low, "sum", v, j), count)
    apart = low.apply("sub", v, mean)
    lost = low.build.join("call", (v, low.apply("neg", mean)), ("lost_by", ""))
    left = low.apply("add", *(reduce.reduced(low, "sum", n, j) for n in (apart, lost)))
    whole = low.build.join("call", (apart, lost, low.apply("div", left, count)), ("less_rest", ""))
    indices = tuple(at if x == j else x for x in whole.axes)
    return low.index_into(whole, tuple(inner[x] for x in whole.axes), indices, env)


def lower_lse(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of an `Lse`."""
    assert isinstance(expr, Lse)
    node, scale, j, _ = _exponents(low, expr, env)
    args = (node,) if scale is None else (node, scale)
    return low.build.make("logsumexp", args, (j,), ordered({a for n in args for a in n.axes} - {j}))


def lower_share(low: Lowering, expr: Expr, env: Env) -> Node:
    """The node of a share, its logarithm, or what is missing of it to 1."""
    a, lse = expr.args
    at = entry_index(a, lse) if lse.body.args[0] == 1 else None
    if at is not None:
        node, _, j, inner = _exponents(low, lse, env)
        whole = low.build.make(_SHARES[type(expr)], (node,), (j,), node.axes)
        indices = tuple(at if x == j else x for x in node.axes)
        runs = tuple(inner[x] for x in node.axes)
        return low.index_into(whole, runs, indices, env)
    if not isinstance(expr, (OverSum, LogShare)):
        raise NoFunctionError(f"{expr} has no numeric form")
    node, scale, j, _ = _exponents(low, lse, env, a)
    top = low.lower(a, env)
    args = (top, node) if scale is None else (top, node, scale)
    axes = ordered({x for n in args for x in n.axes} - {j})
    return low.build.make("share" if isinstance(expr, OverSum) else "log_share", args, (j,), axes)
