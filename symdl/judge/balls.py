r"""The value of any term at a concrete instance: exact rationals where they suffice, rigorous balls elsewhere.

Derivatives are taken in forward mode: `D(f, x)` is the coefficient of ε in f at x + ε, with ε² = 0 and one ε per level
of nesting.  Nothing here knows a rule for the derivative of a named function but the power series of the elementary
ones; the others are their definition.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import Any, Protocol

from flint import arb, arb_series, fmpq
from sympy import Expr, Indexed, Integer, S, Symbol, atan, cos, cosh, erf, exp, log, sin, sinh, tan, tanh

from symdl.language import (
    At,
    Bound,
    Cases,
    Chain,
    D,
    Delta,
    DPlus,
    Maximum,
    Minimum,
    Opaque,
    Prod,
    Sigma,
    Step,
    free_symbols,
    indices_of,
    is_closed,
    is_index,
    label_of,
    scalar,
)
from symdl.language.functions import by_head
from symdl.problem import Definition, Givens

Key = tuple[Symbol, tuple[int, ...]]
"""A quantity at an instance: its label and its indices."""

Value = Any
"""An `fmpq`, an `arb`, or a `Jet` over them."""

LEVELS = 8
"""The most derivatives that may be nested."""


class NoValueError(Exception):
    """The term has no value here that could be enclosed: outside the domain, at a kink, or too large.

    `vague` says that a higher precision may help, `undefined` that no number can be the value.
    """

    def __init__(self, reason: str, vague: bool = False, undefined: bool = False) -> None:
        super().__init__(reason)
        self.vague, self.undefined = vague, undefined


class Jet:
    """A number with nilpotent parts: `parts[m]` belongs to the product of the ε whose bits are set in m."""

    __slots__ = ("parts",)

    def __init__(self, parts: dict[int, Value]) -> None:
        self.parts = parts

    @property
    def base(self) -> Value:
        return self.parts.get(0, fmpq(0))

    def __add__(self, other: Value) -> Jet:
        parts = dict(self.parts)
        for mask, x in (other.parts if isinstance(other, Jet) else {0: other}).items():
            parts[mask] = parts[mask] + x if mask in parts else x
        return Jet(parts)

    __radd__ = __add__

    def __mul__(self, other: Value) -> Jet:
        if not isinstance(other, Jet):
            return Jet({m: x * other for m, x in self.parts.items()})
        parts: dict[int, Value] = {}
        for m, x in self.parts.items():
            for n, y in other.parts.items():
                if not m & n:
                    parts[m | n] = parts[m | n] + x * y if m | n in parts else x * y
        return Jet(parts)

    __rmul__ = __mul__

    def __neg__(self) -> Jet:
        return Jet({m: -x for m, x in self.parts.items()})

    def __sub__(self, other: Value) -> Jet:
        result: Jet = self + (-other)
        return result

    def __rsub__(self, other: Value) -> Jet:
        result: Jet = -self + other
        return result

    def has_slope(self) -> bool:
        """Whether any nilpotent part may differ from zero."""
        return any(m and not is_zero(x) for m, x in self.parts.items())


def is_zero(x: Value) -> bool:
    """Whether a number is known to be exactly zero."""
    return bool(x == 0) if isinstance(x, fmpq) else bool(x.is_zero())


def base_of(x: Value) -> Value:
    """The number without its nilpotent parts."""
    return x.base if isinstance(x, Jet) else x


def sign_of(x: Value) -> int:
    """-1, 0 or 1.

    Fails   with `NoValueError` where the ball touches zero without being it.
    """
    x = base_of(x)
    if is_zero(x):
        return 0
    if x > 0:
        return 1
    if x < 0:
        return -1
    raise NoValueError("a ball touches a kink or the edge of a domain", vague=True)


_SERIES: dict[Any, Callable[[Any], Any]] = {
    exp: lambda s: s.exp(),
    log: lambda s: s.log(),
    sin: lambda s: s.sin(),
    cos: lambda s: s.cos(),
    tan: lambda s: s.tan(),
    atan: lambda s: s.atan(),
    erf: lambda s: s.erf(),
    sinh: lambda s: (s.exp() - (-s).exp()) / 2,
    cosh: lambda s: (s.exp() + (-s).exp()) / 2,
    tanh: lambda s: 1 - 2 / ((2 * s).exp() + 1),
}
_BALL: dict[Any, Callable[[Any], Any]] = {
    exp: lambda x: x.exp(),
    log: lambda x: x.log(),
    sin: lambda x: x.sin(),
    cos: lambda x: x.cos(),
    tan: lambda x: x.tan(),
    atan: lambda x: x.atan(),
    erf: lambda x: x.erf(),
    sinh: lambda x: x.sinh(),
    cosh: lambda x: x.cosh(),
    tanh: lambda x: x.tanh(),
}
_AT_ZERO = {exp: 1, sin: 0, cos: 1, tan: 0, atan: 0, erf: 0, sinh: 0, cosh: 1, tanh: 0}


def _checked(x: Value) -> Value:
    if isinstance(x, arb) and not x.is_finite():
        raise NoValueError("a ball is unbounded", vague=True)
    return x


def _elementary(head: Any, x: Value) -> Value:
    base = base_of(x)
    if head is log and sign_of(base) <= 0:
        # At 0 a limit may be meant, as in 0 log 0.
        raise NoValueError("log of a number that is not positive", undefined=sign_of(base) < 0)
    if not isinstance(x, Jet):
        if isinstance(base, fmpq):
            if base == 0:
                return fmpq(_AT_ZERO[head])
            if head is log and base == 1:
                return fmpq(0)
        return _checked(_BALL[head](arb(base)))
    order = _order(x)
    return _compose(x, [_checked(c) for c in _taylor(_SERIES[head], base, order)])


def _order(x: Jet) -> int:
    mask = 0
    for m in x.parts:
        mask |= m
    return mask.bit_count()


def _taylor(function: Callable[[Any], Any], base: Value, order: int) -> list[Value]:
    found = function(arb_series([arb(base), 1], order + 1)).coeffs()
    return [*found, *[arb(0)] * (order + 1 - len(found))]


def _compose(x: Jet, coefficients: list[Value]) -> Value:
    small = Jet({m: v for m, v in x.parts.items() if m})
    result: Value = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        result = small * result + c
    return result


def _power(b: Value, e: Value) -> Value:
    """b to the power e.  Domain: integer e; else b > 0, or b = 0 with a positive rational e."""
    exponent = base_of(e)
    if isinstance(e, Jet) and e.has_slope():
        return _elementary(exp, e * _elementary(log, b))
    if isinstance(exponent, fmpq) and exponent.q == 1:
        n = int(exponent.p)
        if n < 0:
            return _inverse(_positive_power(b, -n))
        return _positive_power(b, n)
    if sign_of(b) < 0:
        raise NoValueError("a fractional power of a negative number", undefined=True)
    if sign_of(b) == 0:
        if isinstance(b, Jet) and b.has_slope():
            raise NoValueError("a fractional power at zero has no derivative")
        if sign_of(exponent) > 0:
            return fmpq(0)
        raise NoValueError("a negative power of zero", undefined=True)
    if not isinstance(b, Jet):
        if isinstance(exponent, fmpq) and exponent.q == 2:
            if isinstance(b, fmpq) and b.p.is_square() and b.q.is_square():
                return fmpq(b.p.isqrt(), b.q.isqrt()) ** int(exponent.p)
            return _checked(arb(b).sqrt() ** int(exponent.p))
        return _checked(arb(b) ** arb(exponent))
    base, order = arb(base_of(b)), _order(b)
    coefficients: list[Value] = []
    factor: Value = fmpq(1)
    for k in range(order + 1):
        coefficients.append(_checked(factor * base ** arb(exponent - k)))
        factor = factor * (exponent - k) / (k + 1)
    return _compose(b, coefficients)


def _positive_power(b: Value, n: int) -> Value:
    if n > 10_000:
        raise NoValueError("a power above 10,000")
    if not isinstance(b, Jet):
        if isinstance(b, fmpq) and (int(b.p).bit_length() + int(b.q).bit_length()) * n > 20_000:
            b = arb(b)
        return b**n
    result: Value = fmpq(1)
    while n:
        if n & 1:
            result = b * result
        b, n = b * b, n >> 1
    return result


def _inverse(x: Value) -> Value:
    base = base_of(x)
    if is_zero(base):
        raise NoValueError("division by zero", undefined=True)
    if isinstance(base, arb) and base.contains(0):
        raise NoValueError("division by a ball that touches zero", vague=True)
    if not isinstance(x, Jet):
        return 1 / base
    order, inverse = _order(x), 1 / base
    return _compose(x, [(-1) ** k * inverse ** (k + 1) for k in range(order + 1)])


class World(Protocol):
    """What an instance offers to the evaluation."""

    integers: Mapping[Symbol, int]
    givens: Givens

    def draw(self, key: Key) -> Value:
        """The value of a free quantity."""

    def coefficient(self, name: str) -> Any:
        """A coefficient of the polynomial that stands for an opaque function."""


class Evaluation:
    """Values of terms in one world, with one quantity set to another value or moved by an ε.

    Without `parent` it is the plain world.  With `shift` the quantity `key` is moved by ε at that level; with
    `setting` it has this value.  With `held` all other defined quantities keep the value that they have in `parent`.
    """

    def __init__(
        self,
        world: World,
        parent: Evaluation | None = None,
        key: Key | None = None,
        shift: int = 0,
        setting: Value = None,
        held: bool = False,
    ) -> None:
        self.world, self.parent, self.key = world, parent, key
        self.shift, self.setting, self.held = shift, setting, held
        self.level: int = max(parent.level if parent else 0, shift)
        self.budget: list[int] = parent.budget if parent else [150_000]
        self._values: dict[Key, Value] = {}
        self._terms: dict[Expr, Value] = {}
        self._children: dict[tuple[Key, bool], Evaluation] = {}
        self._active: set[Key] = set()

    def quantity(self, key: Key) -> Value:
        """The value of a quantity: as set, by its definition, or as drawn."""
        if key == self.key and self.parent is not None:
            if self.shift:
                return Jet({1 << (self.shift - 1): fmpq(1)}) + self.parent.quantity(key)
            return self.setting
        found = self._values.get(key)
        if found is None:
            found = self._quantity(key)
            self._values[key] = found
        return found

    def _quantity(self, key: Key) -> Value:
        definition, letters = self._definition(key)
        if definition is None or (self.held and self.parent is not None):
            return self.parent.quantity(key) if self.parent else self.world.draw(key)
        if key in self._active:
            raise NoValueError("a definition that refers to itself at the same index")
        for position, at in enumerate(key[1]):
            # A long recurrence is walked from its start, so that the recursion stays shallow.
            for earlier in range(0, at - 12, 12) if at > 24 else ():
                before = (key[0], (*key[1][:position], earlier, *key[1][position + 1 :]))
                if before not in self._values and self._definition(before)[0] is definition:
                    self.quantity(before)
        self._active.add(key)
        try:
            if isinstance(definition.body, Opaque):
                return self._opaque(definition.body, letters)
            return self.term(definition.body, letters)
        finally:
            self._active.discard(key)

    def _definition(self, key: Key) -> tuple[Definition | None, dict[Symbol, Any]]:
        for definition in self.world.givens.definitions_of(key[0]):
            if len(definition.pattern) != len(key[1]):
                continue
            letters: dict[Symbol, Any] = {}
            for formal, actual in zip(definition.pattern, key[1], strict=True):
                if is_index(formal):
                    if letters.setdefault(formal, actual) != actual:
                        break
                elif self._integer(formal, {}, ()) != actual:
                    break
            else:
                if all(
                    self._integer(r.lo, letters, ()) <= letters[i] <= self._integer(r.hi, letters, ())
                    for i, r in definition.ranges.items()
                    if i in letters
                ):
                    return definition, letters
        return None, {}

    def _opaque(self, body: Opaque, letters: dict[Symbol, Any]) -> Value:
        at = ",".join(str(self._integer(i, letters, ())) for i in body.indices)
        values: list[Value] = []
        for argument in body.arguments:
            values += self._members(argument, letters)
        name = f"{body.label.name}[{at}]"
        total: Value = self.world.coefficient(name)
        for j, x in enumerate(values):
            inner: Value = self.world.coefficient(f"{name}{j}")
            inner = inner + self.world.coefficient(f"{name}{j}^3") * x * x
            for k, y in enumerate(values[j:], j):
                inner = inner + self.world.coefficient(f"{name}{j}.{k}") * y
            total = total + inner * x
        return total

    def _members(self, argument: Expr, letters: dict[Symbol, Any]) -> list[Value]:
        """The scalars that an argument of an opaque quantity stands for: all members of a vector."""
        label = label_of(argument)
        ranges = self.world.givens.families.get(label, ()) if isinstance(label, Symbol) else ()
        at = tuple(self._integer(i, letters, ()) for i in indices_of(argument))
        if len(ranges) <= len(at):
            return [self.term(argument, letters)]
        keys = [at]
        for r in ranges[len(at) :]:
            run = range(self._integer(r.lo, letters, ()), self._integer(r.hi, letters, ()) + 1)
            keys = [(*k, i) for k in keys for i in run]
        return [self.quantity((label, k)) for k in keys]

    def _integer(self, expr: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> int:
        if isinstance(expr, Integer):
            return int(expr)
        if isinstance(expr, Symbol):
            found = scope.get(expr, self.world.integers.get(expr))
            if isinstance(found, int):
                return found
        value = self.term(expr, scope, stack)
        if isinstance(value, fmpq) and value.q == 1:
            return int(value.p)
        raise NoValueError(f"{expr} is no integer")

    def _key(self, quantity: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> Key:
        return label_of(quantity), tuple(self._integer(i, scope, stack) for i in indices_of(quantity))

    def term(self, expr: Expr, scope: Mapping[Symbol, Any] | None = None, stack: tuple[int, ...] = ()) -> Value:
        """The value of a term; `scope` holds its local letters, `stack` the bound indices around it, innermost last."""
        if scope is None:
            scope = {}
        if isinstance(expr, Symbol):
            found = scope.get(expr)
            if found is None:
                found = self.world.integers.get(expr)
            if found is None:
                return self.quantity((expr, ()))
            return fmpq(found) if isinstance(found, int) else found
        if expr.is_Rational:
            return fmpq(int(expr.p), int(expr.q))
        if isinstance(expr, Indexed):
            return self.quantity(self._key(expr, scope, stack))
        if isinstance(expr, Bound):
            return fmpq(stack[-1 - expr.depth])
        self.budget[0] -= 1
        if self.budget[0] < 0:
            raise NoValueError("the instance is too large to evaluate")
        plain = not stack or is_closed(expr)
        if plain and scope:
            # A sum in a definition is mostly the same for all its members.
            plain = isinstance(expr, Sigma | Prod) and scope.keys().isdisjoint(free_symbols(expr))
        if plain and expr in self._terms:
            return self._terms[expr]
        value = self._compound(expr, scope, stack)
        if plain:
            self._terms[expr] = value
        return value

    def _compound(self, expr: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> Value:
        if expr.is_Add:
            total: Value = fmpq(0)
            for a in expr.args:
                total = total + self.term(a, scope, stack)
            return total
        if expr.is_Mul:
            product: Value = fmpq(1)
            for a in expr.args:
                product = product * self.term(a, scope, stack)
            return product
        if expr.is_Pow:
            return _power(self.term(expr.base, scope, stack), self.term(expr.exp, scope, stack))
        head = type(expr)
        if head in _BALL:
            return _elementary(head, self.term(expr.args[0], scope, stack))
        handler = _HANDLERS.get(head)
        if handler is not None:
            return handler(self, expr, scope, stack)
        if head in by_head() and by_head()[head].definition is not None:
            return self._named(expr, scope, stack)
        if expr is S.Exp1:
            return arb(1).exp()
        if expr is S.Pi:
            return arb.pi()
        if expr.is_Float:
            return arb(str(expr))
        raise NoValueError(f"no value for {head.__name__}", undefined=expr is S.ComplexInfinity)

    def _named(self, expr: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> Value:
        arguments = [self.term(a, scope, stack) for a in expr.args]
        stated = self._convention(type(expr), arguments)
        if stated is not None:
            kink, slope = stated
            moved = arguments[0]
            if _order(moved) > 1 and len([m for m, x in moved.parts.items() if m and not is_zero(x)]) > 1:
                raise NoValueError("a second derivative at a kink")
            at_kink = self.term(type(expr)(kink, *expr.args[1:]), scope, stack)
            return (moved - base_of(moved)) * self.term(slope) + at_kink
        head: Any = expr.func
        letters, definition = _definition_of(head, len(expr.args))
        return self.term(definition, dict(zip(letters, arguments, strict=True)))

    def _convention(self, head: Any, arguments: list[Value]) -> tuple[Expr, Expr] | None:
        moved = arguments[0]
        if not isinstance(moved, Jet) or not moved.has_slope():
            return None
        for c in self.world.givens.conventions:
            if c.head is head and sign_of(moved - self.term(c.at)) == 0:
                return c.at, c.value
        return None

    def _sigma(self, expr: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> Value:
        total: Value = fmpq(0)
        for i in self._run(expr, scope, stack):
            total = total + self.term(expr.body, scope, (*stack, i))
        return total

    def _prod(self, expr: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> Value:
        product: Value = fmpq(1)
        for i in self._run(expr, scope, stack):
            product = product * self.term(expr.body, scope, (*stack, i))
        return product

    def _run(self, expr: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> range:
        run = range(self._integer(expr.lo, scope, stack), self._integer(expr.hi, scope, stack) + 1)
        if len(run) > 20_000:
            raise NoValueError("a range of more than 20,000")
        return run

    def _chain(self, expr: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> Value:
        n = self._integer(expr.size, scope, stack)
        row, column = self._integer(expr.row, scope, stack), self._integer(expr.column, scope, stack)
        entries = [fmpq(int(a == column)) for a in range(1, n + 1)]
        if not 1 <= row <= n:
            raise NoValueError("a row outside the matrix")
        for t in self._run(expr, scope, stack):
            below, entries = entries, []
            for a in range(1, n + 1):
                total: Value = fmpq(0)
                for b in range(1, n + 1):
                    total = total + self.term(expr.body, scope, (*stack, t, a, b)) * below[b - 1]
                entries.append(total)
        return entries[row - 1]

    def _delta(self, expr: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> Value:
        a, b = (self._integer(x, scope, stack) for x in expr.args)
        return fmpq(int(a == b))

    def _step(self, expr: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> Value:
        u = self.term(expr.u, scope, stack)
        sign = sign_of(u)
        if sign == 0:
            if isinstance(u, Jet) and u.has_slope():
                raise NoValueError("a derivative at a kink")
            return self.term(expr.at_zero, scope, stack)
        return fmpq(int(sign > 0))

    def _cases(self, expr: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> Value:
        for value, condition in expr.branches:
            c = base_of(self.term(condition, scope, stack))
            if not isinstance(c, fmpq) or c not in (0, 1):
                raise NoValueError("a condition that is neither 0 nor 1")
            if c == 1:
                return self.term(value, scope, stack)
        return self.term(expr.otherwise, scope, stack)

    def _extreme(self, expr: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> Value:
        wanted = 1 if isinstance(expr, Maximum) else -1
        best, *others = [self.term(a, scope, stack) for a in expr.args]
        for other in others:
            gap = other - best
            sign = sign_of(gap)
            if sign == 0 and isinstance(gap, Jet) and gap.has_slope():
                raise NoValueError("a derivative where two arguments of a maximum or minimum are equal")
            if sign == wanted:
                best = other
        return best

    def _derivative(self, expr: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> Value:
        x = expr.wrt
        if isinstance(x, Symbol) and (x in scope or x.is_integer):
            raise NoValueError(f"no derivative by {x}")
        key = self._key(x, scope, stack)
        held = isinstance(expr, DPlus)
        child = self._children.get((key, held))
        if child is None:
            if self.level >= LEVELS:
                raise NoValueError("too many nested derivatives")
            child = Evaluation(self.world, self, key, shift=self.level + 1, held=held)
            self._children[key, held] = child
        bit = 1 << (child.shift - 1)
        value = child.immediate(expr.of, scope, stack) if held else child.term(expr.of, scope, stack)
        if not isinstance(value, Jet):
            return fmpq(0)
        parts = {m & ~bit: v for m, v in value.parts.items() if m & bit}
        return parts.get(0, fmpq(0)) if set(parts) <= {0} else Jet(parts)

    def immediate(self, expr: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> Value:
        """The value of a quantity by one look into its definition, all other defined quantities held."""
        if isinstance(expr, Symbol | Indexed) and not (isinstance(expr, Symbol) and expr.is_integer):
            key = self._key(expr, scope, stack)
            definition, letters = self._definition(key)
            if definition is not None and key != self.key:
                if isinstance(definition.body, Opaque):
                    return self._opaque(definition.body, letters)
                return self.term(definition.body, letters)
        return self.term(expr, scope, stack)

    def _at(self, expr: Expr, scope: Mapping[Symbol, Any], stack: tuple[int, ...]) -> Value:
        child, letters = self, dict(scope)
        values = [(x, self.term(v, scope, stack)) for x, v in expr.settings]
        for x, value in values:
            if isinstance(x, Symbol) and x.is_integer:
                if not isinstance(value, fmpq) or value.q != 1:
                    raise NoValueError(f"{x} is set to no integer")
                letters[x] = int(value.p)
                continue
            child = Evaluation(self.world, child, self._key(x, scope, stack), setting=value)
        return child.term(expr.of, letters, stack)


_HANDLERS: dict[Any, Callable[..., Value]] = {
    Sigma: Evaluation._sigma,
    Prod: Evaluation._prod,
    Chain: Evaluation._chain,
    Delta: Evaluation._delta,
    Step: Evaluation._step,
    Cases: Evaluation._cases,
    Maximum: Evaluation._extreme,
    Minimum: Evaluation._extreme,
    D: Evaluation._derivative,
    DPlus: Evaluation._derivative,
    At: Evaluation._at,
}


@lru_cache(maxsize=256)
def _definition_of(head: Hashable, count: int) -> tuple[tuple[Symbol, ...], Expr]:
    definition = by_head()[head].definition
    assert definition is not None
    letters = tuple(scalar(f"argument {n}") for n in range(count))
    return letters, definition(*letters)
