"""The computational graph of an expression: its values forward, and the derivatives of the result backward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sympy import Abs, Add, Expr, Mul, Pow, S, Symbol, diff, exp, log, tanh

from symdl.engine.curvature.places import neat
from symdl.language import Cases, Maximum, Minimum, Step
from symdl.language.functions import by_head
from symdl.plot.values import NoPictureError

SIGNS = {Add: "+", Mul: "×", exp: "exp", log: "log", tanh: "tanh", Abs: "| |", Maximum: "max", Minimum: "min"}


@dataclass(frozen=True)
class Gate:
    """One node: what it does, the nodes it takes, its value, and the derivative of the result by it."""

    sign: str
    inputs: tuple[int, ...]
    forward: Expr
    backward: Expr
    slopes: tuple[Expr, ...] = ()


@dataclass(frozen=True)
class Graph:
    """The nodes in an order in which each comes after its inputs; the last one is the result."""

    gates: tuple[Gate, ...]

    def text(self) -> str:
        """The two passes, line by line."""
        lines = ["forward"]
        for n, g in enumerate(self.gates):
            inputs = ", ".join(f"({k + 1})" for k in g.inputs)
            lines.append(f"  ({n + 1}) {g.sign}{' of ' + inputs if inputs else ''} = {shown(g.forward)}")
        lines.append("backward")
        for n in range(len(self.gates) - 1, -1, -1):
            uses = [
                f"{shown(h.backward)} · {shown(s)}"
                for h in self.gates
                for k, s in zip(h.inputs, h.slopes, strict=True)
                if k == n
            ]
            how = f" = {' + '.join(uses)}" if uses else ""
            lines.append(f"  ∂/∂({n + 1}){how} = {shown(self.gates[n].backward)}")
        return "\n".join(lines)


def shown(number: Expr) -> str:
    """A number as exams write it: exactly where that is short, else with four decimals."""
    text = str(number)
    return text if number.is_Rational and len(text) < 8 else f"{float(number.evalf(20)):.4f}"


def graph_of(expr: Expr, at: Mapping[Expr, Expr]) -> Graph:
    """The graph of `expr` with the letters at these numbers.

    Raises  `NoPictureError` where a letter has no number, or the value lies outside a domain.
    """
    nodes: list[tuple[str, tuple[int, ...], Expr, tuple[Expr, ...]]] = []
    places: dict[Expr, int] = {}

    def add(key: Expr, sign: str, inputs: tuple[int, ...], value: Expr, slopes: tuple[Expr, ...]) -> int:
        if key not in places:
            if not value.is_finite:
                raise NoPictureError(f"{key} has no value there")
            places[key] = len(nodes)
            nodes.append((sign, inputs, value, slopes))
        return places[key]

    def visit(term: Expr) -> int:
        if term in places:
            return places[term]
        if term in at:
            return add(term, str(term), (), at[term], ())
        if not term.args:
            if not term.is_number:
                raise NoPictureError(f"{term} has no value: give it a number")
            return add(term, str(term), (), term, ())
        sign, arguments, whole = _taken_apart(term)
        inputs = tuple(visit(a) for a in arguments)
        letters = tuple(Symbol(f"in_{n}", real=True) for n in range(len(arguments)))
        rule = whole(letters)
        here = dict(zip(letters, (nodes[k][2] for k in inputs), strict=True))
        slopes = tuple(neat(_slope(rule, x, here)) for x in letters)
        return add(term, sign, inputs, neat(_settled(rule, here)), slopes)

    visit(expr)
    backward: list[Expr] = [S.Zero] * len(nodes)
    backward[-1] = S.One
    for n in range(len(nodes) - 1, -1, -1):
        for k, s in zip(nodes[n][1], nodes[n][3], strict=True):
            backward[k] = neat(backward[k] + backward[n] * s)
    return Graph(tuple(Gate(s, i, v, b, d) for (s, i, v, d), b in zip(nodes, backward, strict=True)))


def _settled(rule: Expr, here: Mapping[Symbol, Expr]) -> Expr:
    """A rule at numbers; the constructors of case splits and steps choose the case themselves."""
    found = _rebuilt(rule, here)
    if found.has(Step):
        raise NoPictureError("a kink lies exactly at the numbers given")
    return found


def _rebuilt(rule: Expr, here: Mapping[Symbol, Expr]) -> Expr:
    if isinstance(rule, Symbol):
        return here.get(rule, rule)
    if not rule.args:
        return rule
    args = [_rebuilt(a, here) for a in rule.args]
    if isinstance(rule, Step) and args[0].is_number and not args[0].is_Rational:
        return S.One if args[0].evalf(30) > 0 else S.Zero
    return rule.func(*args)


def _slope(rule: Expr, x: Symbol, here: Mapping[Symbol, Expr]) -> Expr:
    """The derivative of a rule, in the case that holds at the numbers."""
    if any(_rebuilt(s.u, here) == 0 for s in rule.atoms(Step)):
        raise NoPictureError("a kink lies exactly at the numbers given")
    if isinstance(rule, Cases):
        for value, condition in rule.branches:
            if _settled(condition, here) == 1:
                return _slope(value, x, here)
        return _slope(rule.otherwise, x, here)
    return _settled(diff(rule, x), here)


def _taken_apart(term: Expr) -> tuple[str, tuple[Expr, ...], Callable[[tuple[Expr, ...]], Expr]]:
    """What a node does, its arguments, and the rule by which it does it."""
    if isinstance(term, Add):
        return "+", term.args, lambda v: Add(*v)
    if isinstance(term, Mul):
        c, rest = term.as_coeff_Mul()
        if c != 1 and c.is_Rational:
            return (f"×({c})" if c != -1 else "×(−1)"), (rest,), lambda v: c * v[0]
        below = [f for f in term.args if isinstance(f, Pow) and f.exp == -1]
        if len(below) == 1 and len(term.args) == 2:
            top = next(f for f in term.args if f is not below[0])
            return "÷", (top, below[0].base), lambda v: v[0] / v[1]
        return "×", term.args, lambda v: Mul(*v)
    if isinstance(term, Pow) and term.exp.is_number:
        k = term.exp
        sign = "1/x" if k == -1 else "√" if k == S.Half else f"x^{k}"
        return sign, (term.base,), lambda v: v[0] ** k
    if isinstance(term, exp):
        return "exp", (term.args[0],), lambda v: exp(v[0])
    record = by_head().get(type(term))
    if record is not None and record.definition is not None:
        definition = record.definition
        return record.name, term.args, lambda v: definition(*v)
    if type(term) in SIGNS:
        return SIGNS[type(term)], term.args, lambda v: term.func(*v)
    raise NoPictureError(f"no node is known for {term}")
