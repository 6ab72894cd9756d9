r"""The value of any term at a concrete instance: exact rationals where they suffice, rigorous balls elsewhere.

Derivatives are taken in forward mode: `D(f, x)` is the coefficient of ε in f at x + ε, with ε² = 0 and one ε per level
of nesting.  Named functions are their definition.  A term is turned into nested functions once, and these are called at
every instance.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import Any

from flint import arb, fmpq
from sympy import Expr, Indexed, Integer, S, Symbol, ceiling, floor

from symdl.judge.interpretation import Key, World
from symdl.judge.jets import (
    BALLS,
    Jet,
    NoValueError,
    Value,
    base_of,
    elementary,
    is_zero,
    order_of,
    power,
    sign_of,
    whole_power,
)
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
from symdl.problem import Definition

__all__ = ["Evaluation", "Jet", "Key", "NoValueError", "Value", "World", "base_of"]

Scope = Mapping[Symbol, Any]
Stack = tuple[int, ...]

LEVELS = 8
"""The most derivatives that may be nested."""

BUDGET = 150_000
"""How many terms one evaluation may work out."""

LONGEST = 20_000
"""The longest range that is summed over."""


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
        self.integers = world.integers
        self.shift, self.setting, self.held = shift, setting, held
        self.level: int = max(parent.level if parent else 0, shift)
        self.budget: list[int] = parent.budget if parent else [BUDGET]
        self._patterns: dict[Symbol, list[_Pattern]] = parent._patterns if parent else {}
        self._values: dict[Key, Value] = {}
        self._terms: dict[object, Value] = {}
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
        patterns = self._patterns.get(key[0])
        if patterns is None:
            found = self.world.givens.definitions_of(key[0])
            patterns = self._patterns[key[0]] = [_Pattern(d) for d in found]
        for pattern in patterns:
            letters = pattern.letters(key[1], self)
            if letters is not None:
                return pattern.definition, letters
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

    def _integer(self, expr: Expr, scope: Scope, stack: Stack) -> int:
        return _whole(expr)(self, scope, stack)

    def _key(self, quantity: Expr, scope: Scope, stack: Stack) -> Key:
        return label_of(quantity), tuple(_whole(i)(self, scope, stack) for i in indices_of(quantity))

    def term(self, expr: Expr, scope: Scope | None = None, stack: Stack = ()) -> Value:
        """The value of a term; `scope` holds its local letters, `stack` the bound indices around it, innermost last."""
        return _run(expr)(self, {} if scope is None else scope, stack)

    def convention(self, head: Any, arguments: list[Value]) -> tuple[Expr, Expr] | None:
        """Where a function has its kink and what slope is stated there, if its first argument moves through it."""
        moved = arguments[0]
        if not isinstance(moved, Jet) or not moved.has_slope():
            return None
        for c in self.world.givens.conventions:
            if c.head is head and sign_of(moved - self.term(c.at)) == 0:
                return c.at, c.value
        return None

    def derivative(self, expr: Expr, scope: Scope, stack: Stack) -> Value:
        """The value of a derivative that is written."""
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

    def immediate(self, expr: Expr, scope: Scope, stack: Stack) -> Value:
        """The value of a quantity by one look into its definition, all other defined quantities held."""
        if isinstance(expr, Symbol | Indexed) and not (isinstance(expr, Symbol) and expr.is_integer):
            key = self._key(expr, scope, stack)
            definition, letters = self._definition(key)
            if definition is not None and key != self.key:
                if isinstance(definition.body, Opaque):
                    return self._opaque(definition.body, letters)
                return self.term(definition.body, letters)
        return self.term(expr, scope, stack)

    def at(self, expr: Expr, scope: Scope, stack: Stack) -> Value:
        """The value of a term behind an evaluation bar."""
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


class _Pattern:
    """A definition, ready to be asked whether it is that of a member."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.formals = [(p, None) if is_index(p) else (p, _whole(p)) for p in definition.pattern]
        inside = [(i, r) for i, r in definition.ranges.items() if i in definition.pattern]
        self.runs = [(i, _whole(r.lo), _whole(r.hi)) for i, r in inside]

    def letters(self, at: tuple[int, ...], evaluation: Evaluation) -> dict[Symbol, Any] | None:
        """The letters of the definition at these indices; None where it does not define this member."""
        if len(at) != len(self.formals):
            return None
        letters: dict[Symbol, Any] = {}
        for (formal, number), actual in zip(self.formals, at, strict=True):
            if number is None:
                if letters.setdefault(formal, actual) != actual:
                    return None
            elif number(evaluation, {}, ()) != actual:
                return None
        for i, low, high in self.runs:
            if not low(evaluation, letters, ()) <= letters[i] <= high(evaluation, letters, ()):
                return None
        return letters


# -- terms as functions -----------------------------------------------------------------------------------------------

Run = Callable[[Evaluation, Scope, Stack], Value]
"""The value of one term, in an evaluation, for its local letters and the bound indices around it."""

Whole = Callable[[Evaluation, Scope, Stack], int]


@lru_cache(maxsize=65536)
def _run(expr: Expr) -> Run:
    if isinstance(expr, Symbol):
        return _symbol(expr)
    if expr.is_Rational:
        value = fmpq(int(expr.p), int(expr.q))
        return lambda ev, scope, stack: value
    if isinstance(expr, Indexed):
        return _member(expr)
    if isinstance(expr, Bound):
        place = -1 - expr.depth
        return lambda ev, scope, stack: fmpq(stack[place])
    inner = _compound(expr)
    stays, shared = is_closed(expr), isinstance(expr, Sigma | Prod)
    # A key of its own is found faster than the term, whose hash is worked out in Python.
    mine, free = object(), free_symbols(expr)

    def run(ev: Evaluation, scope: Scope, stack: Stack) -> Value:
        ev.budget[0] -= 1
        if ev.budget[0] < 0:
            raise NoValueError("the instance is too large to evaluate")
        # A sum in a definition is mostly the same for all its members.
        if (stack and not stays) or (scope and not (shared and scope.keys().isdisjoint(free))):
            return inner(ev, scope, stack)
        found = ev._terms.get(mine)
        if found is None:
            found = ev._terms[mine] = inner(ev, scope, stack)
        return found

    return run


def _symbol(expr: Symbol) -> Run:
    key: Key = (expr, ())

    def run(ev: Evaluation, scope: Scope, stack: Stack) -> Value:
        found = scope.get(expr) if scope else None
        if found is None:
            found = ev.integers.get(expr)
        if found is None:
            return ev.quantity(key)
        return fmpq(found) if isinstance(found, int) else found

    return run


def _member(expr: Indexed) -> Run:
    label = label_of(expr)
    at = [_whole(i) for i in indices_of(expr)]
    if len(at) == 1:
        (one,) = at
        return lambda ev, scope, stack: ev.quantity((label, (one(ev, scope, stack),)))
    if len(at) == 2:
        one, other = at
        return lambda ev, scope, stack: ev.quantity((label, (one(ev, scope, stack), other(ev, scope, stack))))
    return lambda ev, scope, stack: ev.quantity((label, tuple([i(ev, scope, stack) for i in at])))


@lru_cache(maxsize=65536)
def _whole(expr: Expr) -> Whole:
    """The value of an index.

    Fails   with `NoValueError` where it is no whole number.
    """
    if isinstance(expr, Integer):
        number = int(expr)
        return lambda ev, scope, stack: number
    if isinstance(expr, Bound):
        place = -1 - expr.depth
        return lambda ev, scope, stack: stack[place]
    if expr.is_Add and all(
        isinstance(a, Integer | Bound) or (isinstance(a, Symbol) and a.is_integer) for a in expr.args
    ):
        parts = [_whole(a) for a in expr.args]
        return lambda ev, scope, stack: sum([part(ev, scope, stack) for part in parts])
    value = _run(expr)

    def run(ev: Evaluation, scope: Scope, stack: Stack) -> int:
        found = value(ev, scope, stack)
        if isinstance(found, fmpq) and found.q == 1:
            return int(found.p)
        raise NoValueError(f"{expr} is no integer")

    if not isinstance(expr, Symbol):
        return run

    def letter(ev: Evaluation, scope: Scope, stack: Stack) -> int:
        found = scope.get(expr) if scope else None
        if found is None:
            found = ev.integers.get(expr)
        return found if isinstance(found, int) else run(ev, scope, stack)

    return letter


def _compound(expr: Expr) -> Run:
    if expr.is_Add or expr.is_Mul:
        return _sum(expr) if expr.is_Add else _product(expr)
    if expr.is_Pow:
        below = _run(expr.base)
        if isinstance(expr.exp, Integer):
            n = int(expr.exp)
            return lambda ev, scope, stack: whole_power(below(ev, scope, stack), n)
        above = _run(expr.exp)
        return lambda ev, scope, stack: power(below(ev, scope, stack), above(ev, scope, stack))
    head: Any = type(expr)
    if head in BALLS:
        inside = _run(expr.args[0])
        return lambda ev, scope, stack: elementary(head, inside(ev, scope, stack))
    maker = _MAKERS.get(head)
    if maker is not None:
        return maker(expr)
    if head in by_head() and by_head()[head].definition is not None:
        return _named(expr)
    if expr is S.Exp1:
        return lambda ev, scope, stack: arb(1).exp()
    if expr is S.Pi:
        return lambda ev, scope, stack: arb.pi()
    if expr.is_Float:
        text = str(expr)
        return lambda ev, scope, stack: arb(text)
    reason, undefined = f"no value for {head.__name__}", expr is S.ComplexInfinity

    def fail(ev: Evaluation, scope: Scope, stack: Stack) -> Value:
        raise NoValueError(reason, undefined=undefined)

    return fail


def _sum(expr: Expr) -> Run:
    first, *rest = [_run(a) for a in expr.args]

    def run(ev: Evaluation, scope: Scope, stack: Stack) -> Value:
        total = first(ev, scope, stack)
        for term in rest:
            total = total + term(ev, scope, stack)
        return total

    return run


def _product(expr: Expr) -> Run:
    first, *rest = [_run(a) for a in expr.args]

    def run(ev: Evaluation, scope: Scope, stack: Stack) -> Value:
        product = first(ev, scope, stack)
        for factor in rest:
            product = product * factor(ev, scope, stack)
        return product

    return run


def _named(expr: Expr) -> Run:
    head: Any = expr.func
    arguments = [_run(a) for a in expr.args]
    letters, definition = _definition_of(head, len(expr.args))
    body = _run(definition)

    def run(ev: Evaluation, scope: Scope, stack: Stack) -> Value:
        values = [argument(ev, scope, stack) for argument in arguments]
        stated = ev.convention(head, values)
        if stated is None:
            return body(ev, dict(zip(letters, values, strict=True)), stack)
        kink, slope = stated
        moved = values[0]
        if order_of(moved) > 1 and len([m for m, x in moved.parts.items() if m and not is_zero(x)]) > 1:
            raise NoValueError("a second derivative at a kink")
        at_kink = ev.term(head(kink, *expr.args[1:]), scope, stack)
        return (moved - base_of(moved)) * ev.term(slope) + at_kink

    return run


def _span(expr: Expr) -> Callable[[Evaluation, Scope, Stack], range]:
    low, high = _whole(expr.lo), _whole(expr.hi)

    def span(ev: Evaluation, scope: Scope, stack: Stack) -> range:
        run = range(low(ev, scope, stack), high(ev, scope, stack) + 1)
        if len(run) > LONGEST:
            raise NoValueError("a range of more than 20,000")
        return run

    return span


def _sigma(expr: Expr) -> Run:
    span, body = _span(expr), _run(expr.body)

    def run(ev: Evaluation, scope: Scope, stack: Stack) -> Value:
        total: Value = fmpq(0)
        for i in span(ev, scope, stack):
            total = total + body(ev, scope, (*stack, i))
        return total

    return run


def _prod(expr: Expr) -> Run:
    span, body = _span(expr), _run(expr.body)

    def run(ev: Evaluation, scope: Scope, stack: Stack) -> Value:
        product: Value = fmpq(1)
        for i in span(ev, scope, stack):
            product = product * body(ev, scope, (*stack, i))
        return product

    return run


def _chain(expr: Expr) -> Run:
    span, body = _span(expr), _run(expr.body)
    size, row, column = _whole(expr.size), _whole(expr.row), _whole(expr.column)

    def run(ev: Evaluation, scope: Scope, stack: Stack) -> Value:
        n, i, j = size(ev, scope, stack), row(ev, scope, stack), column(ev, scope, stack)
        entries: list[Value] = [fmpq(int(a == j)) for a in range(1, n + 1)]
        if not 1 <= i <= n:
            raise NoValueError("a row outside the matrix")
        for t in span(ev, scope, stack):
            below, entries = entries, []
            for a in range(1, n + 1):
                total: Value = fmpq(0)
                for b in range(1, n + 1):
                    total = total + body(ev, scope, (*stack, t, a, b)) * below[b - 1]
                entries.append(total)
        return entries[i - 1]

    return run


def _delta(expr: Expr) -> Run:
    one, other = (_whole(a) for a in expr.args)
    return lambda ev, scope, stack: fmpq(int(one(ev, scope, stack) == other(ev, scope, stack)))


def _step(expr: Expr) -> Run:
    inside, at_zero = _run(expr.u), _run(expr.at_zero)

    def run(ev: Evaluation, scope: Scope, stack: Stack) -> Value:
        u = inside(ev, scope, stack)
        sign = sign_of(u)
        if sign == 0:
            if isinstance(u, Jet) and u.has_slope():
                raise NoValueError("a derivative at a kink")
            return at_zero(ev, scope, stack)
        return fmpq(int(sign > 0))

    return run


def _cases(expr: Expr) -> Run:
    branches = [(_run(value), _run(condition)) for value, condition in expr.branches]
    otherwise = _run(expr.otherwise)

    def run(ev: Evaluation, scope: Scope, stack: Stack) -> Value:
        for value, condition in branches:
            c = base_of(condition(ev, scope, stack))
            if not isinstance(c, fmpq) or c not in (0, 1):
                raise NoValueError("a condition that is neither 0 nor 1")
            if c == 1:
                return value(ev, scope, stack)
        return otherwise(ev, scope, stack)

    return run


def _extreme(expr: Expr) -> Run:
    wanted = 1 if isinstance(expr, Maximum) else -1
    arguments = [_run(a) for a in expr.args]

    def run(ev: Evaluation, scope: Scope, stack: Stack) -> Value:
        best, *others = [argument(ev, scope, stack) for argument in arguments]
        for other in others:
            gap = other - best
            sign = sign_of(gap)
            if sign == 0 and isinstance(gap, Jet) and gap.has_slope():
                raise NoValueError("a derivative where two arguments of a maximum or minimum are equal")
            if sign == wanted:
                best = other
        return best

    return run


def _rounded(expr: Expr) -> Run:
    """The next whole number below or above."""
    inside, is_floor = _run(expr.args[0]), expr.func is floor

    def run(ev: Evaluation, scope: Scope, stack: Stack) -> Value:
        found = inside(ev, scope, stack)
        if not ev.world.is_stated():
            # What is rounded counts something, so that no drawn number can stand for it.
            raise NoValueError("a drawn number that would be rounded")
        x = base_of(found)
        whole = (x.floor() if is_floor else x.ceil()) if isinstance(x, fmpq | arb) else None
        number = whole.unique_fmpz() if isinstance(whole, arb) else whole
        if number is None:
            raise NoValueError("a ball touches a whole number", vague=True)
        if isinstance(found, Jet) and found.has_slope() and sign_of(x - fmpq(number)) == 0:
            raise NoValueError("a derivative at a whole number")
        return fmpq(number)

    return run


_MAKERS: dict[Any, Callable[[Expr], Run]] = {
    floor: _rounded,
    ceiling: _rounded,
    Sigma: _sigma,
    Prod: _prod,
    Chain: _chain,
    Delta: _delta,
    Step: _step,
    Cases: _cases,
    Maximum: _extreme,
    Minimum: _extreme,
    D: lambda expr: lambda ev, scope, stack: ev.derivative(expr, scope, stack),
    DPlus: lambda expr: lambda ev, scope, stack: ev.derivative(expr, scope, stack),
    At: lambda expr: lambda ev, scope, stack: ev.at(expr, scope, stack),
}


@lru_cache(maxsize=256)
def _definition_of(head: Hashable, count: int) -> tuple[tuple[Symbol, ...], Expr]:
    definition = by_head()[head].definition
    assert definition is not None
    letters = tuple(scalar(f"argument {n}") for n in range(count))
    return letters, definition(*letters)
