"""Arithmetic that keeps what each step rounds away, for formulas of so many steps that it would add up.

A value is worked out as a pair: what any machine gets, and what that lacks.  A product or a sum knows the latter
exactly, and so do a few functions; in the end both are added.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import S

from symdl.numeric.program import Builder, Node, is_number

ROUNDINGS = 4
"""How many roundings may add up before they are looked after: as many units in the last place are promised."""

STEPS = 40
"""How many steps a formula may have whose roundings are looked after."""

FUNCTIONS = {"sech2": 3, "sigmoid": 2, "times_sigmoid": 2, "log_excess": 3}
"""The functions that know what they lack, by `NAME_tail`, and how many roundings they have; a tanh counts as one."""

EXPONENTIALS = {"exp": 1, "times_exp": 3}
"""Exponentials of the first argument, times further ones, and how many roundings they have."""

_STEPS = frozenset({"add", "sub", "mul", "div", "neg", "where", "named", "pow"})


@dataclass(frozen=True)
class Pair:
    """A value and what it lacks; None where that is not known or nothing."""

    value: Node
    lost: Node | None = None


def settled(build: Builder, node: Node) -> Node:
    """The node, worked out in pairs where it is short and more roundings than allowed would add up."""
    steps = _steps(node)
    if steps is None or _roundings(node, {}) <= ROUNDINGS:
        return node
    found = _Pairs(build).pair(node)
    if found.lost is None:
        return node
    return build.join("call", (found.value, found.lost), ("with_tail", ""))


def _is_step(node: Node) -> bool:
    if node.kind == "pow":
        _, power = node.args
        return power.kind == "number" and power.data[0] in (2, 3, 4)
    return node.kind in _STEPS or (node.kind == "call" and node.data[0] in (*FUNCTIONS, *EXPONENTIALS))


def _steps(node: Node) -> int | None:
    """How many steps lead to a node; None where there are too many, or some lie in a loop."""
    seen: set[Node] = set()
    stack = [node]
    while stack:
        at = stack.pop()
        if at in seen or not _is_step(at):
            continue
        seen.add(at)
        if len(seen) > STEPS or at.inside is not None:
            return None
        stack += at.args
    return len(seen)


def _roundings(node: Node, known: dict[Node, int]) -> int:
    """How many roundings may add up in a node, where nothing cancels."""
    if node not in known:
        known[node] = _counted(node, known)
    return known[node]


def _counted(node: Node, known: dict[Node, int]) -> int:
    if not _is_step(node):
        return 1 if node.kind == "call" and node.data[0] == "tanh" else 0
    below = [_roundings(a, known) for a in node.args]
    if node.kind in ("neg", "named"):
        return below[0]
    if node.kind == "where":
        return max(below[1:])
    if node.kind in ("add", "sub"):
        return max(below) + sum(1 for a in node.args[1:] if not is_number(a, 0))
    if node.kind == "pow":
        power = int(node.args[1].data[0])
        return power * below[0] + power - 1
    if node.kind == "call" and node.data[0] in EXPONENTIALS:
        exponent, *factors = below
        return EXPONENTIALS[node.data[0]] + sum(factors) + (ROUNDINGS if exponent else 0)
    if node.kind == "call":
        # The roundings of an inner argument do not add up.
        return FUNCTIONS[node.data[0]] + (below[0] if node.data[0] in ("times_sigmoid", "log_excess") else 0)
    return sum(below) + sum(1 for a in node.args[1:] if not _is_scale(a)) - (_is_scale(node.args[0]))


def _is_scale(node: Node) -> bool:
    """Whether a node is a power of two, by which nothing is rounded."""
    if node.kind != "number" or not node.data[0].is_Rational or node.data[0] == 0:
        return False
    p, q = abs(int(node.data[0].p)), int(node.data[0].q)
    return p & (p - 1) == 0 and q & (q - 1) == 0


class _Pairs:
    def __init__(self, build: Builder) -> None:
        self._build = build
        self._made: dict[Node, Pair] = {}

    def pair(self, node: Node) -> Pair:
        if node not in self._made:
            self._made[node] = self._pair(node)
        return self._made[node]

    def _pair(self, node: Node) -> Pair:
        if not _is_step(node):
            return Pair(node)
        if node.kind == "call":
            return self._function(node)
        if node.kind == "pow":
            return self._power(self.pair(node.args[0]), int(node.args[1].data[0]))
        if node.kind == "where":
            condition, *values = node.args
            parts = [self.pair(v) for v in values]
            value = self._join("where", condition, *(p.value for p in parts))
            if all(p.lost is None for p in parts):
                return Pair(value)
            zero = self._build.make("number", (), (S.Zero,), ())
            return Pair(value, self._join("where", condition, *(p.lost or zero for p in parts)))
        first, *rest = (self.pair(a) for a in node.args)
        if node.kind == "neg":
            return Pair(self._join("neg", first.value), first.lost and self._join("neg", first.lost))
        if node.kind == "named":
            return first
        for other in rest:
            if node.kind == "mul":
                first = self._product(first, other)
            elif node.kind == "div":
                first = self._quotient(first, other)
            else:
                first = self._total(node.kind, first, other)
        return first

    def _join(self, kind: str, *args: Node) -> Node:
        return self._build.join(kind, args)

    def _call(self, name: str, *args: Node) -> Node:
        return self._build.join("call", args, (name, ""))

    def _sum(self, *parts: Node | None) -> Node | None:
        held = [p for p in parts if p is not None]
        return held[0] if len(held) == 1 else self._join("add", *held) if held else None

    def _function(self, node: Node) -> Pair:
        """A function of numbers; `times_sigmoid` is a product, and so is a sigmoid with 1."""
        name, *_ = node.data
        if name in EXPONENTIALS:
            return self._exponential(node)
        if name == "sech2":
            return Pair(node, self._call("sech2_tail", *node.args, node))
        if name == "sigmoid":
            one = self._build.make("number", (), (S.One,), ())
            return Pair(node, self._call("times_sigmoid_tail", one, *node.args, node))
        x, u = self.pair(node.args[0]), node.args[1]
        if name == "log_excess":
            value = self._call(name, x.value, u)
            return Pair(value, None if x.lost is None else self._call("log_excess_tail", x.value, x.lost))
        value = self._call(name, x.value, u)
        more = None if x.lost is None else self._call(name, x.lost, u)
        return Pair(value, self._sum(self._call("times_sigmoid_tail", x.value, u, value), more))

    def _exponential(self, node: Node) -> Pair:
        """An exponential: what its argument lacks is a factor of it."""
        exponent, *factors = (self.pair(a) for a in node.args)
        values = [p.value for p in factors]
        value = self._build.join("call", (exponent.value, *values), node.data)
        more = [
            self._build.join("call", (exponent.value, *values[:n], p.lost, *values[n + 1 :]), node.data)
            for n, p in enumerate(factors)
            if p.lost
        ]
        return Pair(value, self._sum(self._scaled("mul", exponent.lost, value), *more))

    def _scaled(self, kind: str, a: Node | None, b: Node) -> Node | None:
        return None if a is None else self._join(kind, a, b)

    def _power(self, base: Pair, power: int) -> Pair:
        if power == 1:
            return base
        half = self._power(base, power // 2)
        square = self._product(half, half)
        return self._product(square, base) if power % 2 else square

    def _product(self, a: Pair, b: Pair) -> Pair:
        if _is_scale(a.value):
            a, b = b, a
        if _is_scale(b.value):
            return Pair(self._join("mul", a.value, b.value), self._scaled("mul", a.lost, b.value))
        value = self._call("product", a.value, b.value)
        halves = self._call("upper", a.value), self._call("upper", b.value)
        tail = self._call("product_tail", a.value, b.value, value, *halves)
        return Pair(value, self._sum(tail, self._scaled("mul", a.lost, b.value), self._scaled("mul", b.lost, a.value)))

    def _quotient(self, a: Pair, b: Pair) -> Pair:
        value = self._join("div", a.value, b.value)
        if _is_scale(b.value):
            return Pair(value, self._scaled("div", a.lost, b.value))
        back = self._product(Pair(value), b)
        left = self._join("sub", a.value, back.value)
        assert back.lost is not None
        return Pair(value, self._join("div", self._join("sub", self._sum(left, a.lost) or left, back.lost), b.value))

    def _total(self, kind: str, a: Pair, b: Pair) -> Pair:
        if is_number(b.value, 0):
            return a
        value = self._join(kind, a.value, b.value)
        if kind == "sub":
            b = Pair(self._join("neg", b.value), b.lost and self._join("neg", b.lost))
        if is_number(a.value, 0):
            return Pair(value, b.lost)
        return Pair(value, self._sum(self._call("lost_by", a.value, b.value), a.lost, b.lost))
