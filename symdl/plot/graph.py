"""The computational graph of an expression: its values forward, and the derivatives of the result backward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sympy import Abs, Add, Expr, Mul, Pow, S, Symbol, diff, exp, log, tanh

from symdl.engine.curvature.places import neat
from symdl.language import Cases, Maximum, Minimum, Step, indices_of, is_quantity, label_of
from symdl.language.functions import by_head
from symdl.plot.values import NoPictureError
from symdl.problem import Givens
from symdl.write import latex_of

SIGNS = {exp: "exp", log: "log", tanh: "tanh", Abs: "|·|", Maximum: "max", Minimum: "min"}


@dataclass(frozen=True)
class Gate:
    """One node: its label, the nodes it takes, its value, and the derivative of the result by it.

    `rule` is what it does in letters for its inputs, `rises` the derivatives of that, `slopes` their values.
    """

    label: str
    inputs: tuple[int, ...]
    forward: Expr
    backward: Expr
    rule: Expr
    rises: tuple[Expr | None, ...] = ()
    slopes: tuple[Expr, ...] = ()


@dataclass(frozen=True)
class Graph:
    """The nodes in an order in which each comes after its inputs; the last one is the result, called `name`."""

    gates: tuple[Gate, ...]
    name: str = "f"

    def lines(self, givens: Givens) -> list[str]:
        """The two passes node by node, as sentences with formulas in the manner of the givens between dollar signs."""
        letters = self._letters()
        names = [latex_of(x, givens) for x in letters]
        rules = [_put(g.rule, g, letters) for g in self.gates]
        steps = [
            f"${name} = {_chain(latex_of(rule, givens), gate.forward)}$"
            for name, rule, gate in zip(names, rules, self.gates, strict=True)
            if gate.inputs
        ]
        back = [
            rf"$\partial {self.name}/\partial {names[n]} = {_chain(self._returned(n, letters, givens), gate.backward)}$"
            for n, gate in reversed(list(enumerate(self.gates[:-1])))
            if self._depends(n)
        ]
        return [f"{way}: {', '.join(formulas)}." for way, formulas in (("Forward", steps), ("Backward", back))]

    def _depends(self, n: int) -> bool:
        """Whether a node is no constant."""
        gate = self.gates[n]
        return bool(gate.rule.free_symbols) if not gate.inputs else any(self._depends(k) for k in gate.inputs)

    def _letters(self) -> list[Expr]:
        """Inputs keep their letters, the result has its name, all else is numbered in order."""
        found: list[Expr] = []
        count = 0
        for gate in self.gates[:-1]:
            count += bool(gate.inputs)
            found.append(Symbol(f"v_{{{count}}}", real=True) if gate.inputs else gate.rule)
        return [*found, Symbol(self.name, real=True)]

    def _returned(self, n: int, letters: list[Expr], givens: Givens) -> str:
        """The sum over all uses of a node: what flows back to the use, times its derivative."""
        terms: list[str] = []
        for m, gate in enumerate(self.gates):
            for k, rise, slope in zip(gate.inputs, gate.rises, gate.slopes, strict=True):
                if k != n:
                    continue
                local = shown(slope) if rise is None else latex_of(_put(rise, gate, letters), givens)
                if m == len(self.gates) - 1:
                    terms.append(local)
                    continue
                whole = rf"\partial {self.name}/\partial {latex_of(letters[m], givens)}"
                if local[:1] == "-" or " + " in local or " - " in local:
                    local = rf"\left({local}\right)"
                terms.append(whole if local == "1" else rf"{whole} \cdot {local}")
        return " + ".join(terms)


def _put(expr: Expr, gate: Gate, letters: list[Expr]) -> Expr:
    """A rule of a node with what flows into it."""
    return expr.xreplace({_letter(n): letters[k] for n, k in enumerate(gate.inputs)})


def _chain(how: str, number: Expr) -> str:
    """How a number comes about, and the number, once where both are the same."""
    text = shown(number).replace("−", "-")
    if how.strip("()").removeprefix(r"\left(").removesuffix(r"\right)") == text:
        return text
    return rf"{how} \approx {text}" if "." in text else f"{how} = {text}"


def _letter(n: int) -> Symbol:
    return Symbol(f"in_{n}", real=True)


def shown(number: Expr) -> str:
    """A number as exams write it: exactly where that is short, else with four decimals."""
    text = str(number)
    text = text if number.is_Rational and len(text) < 8 else f"{float(number.evalf(20)):.4f}"
    return text.replace("-", "−")


def graph_of(expr: Expr, at: Mapping[Expr, Expr], name: str = "f") -> Graph:
    """The graph of `expr`, which is called `name`, with the letters at these numbers.

    Raises  `NoPictureError` where a letter has no number, or the value lies outside a domain.
    """
    nodes: list[Gate] = []
    places: dict[Expr, int] = {}

    def add(key: Expr, gate: Gate) -> int:
        if not gate.forward.is_finite:
            raise NoPictureError(f"{key} has no value there")
        places[key] = len(nodes)
        nodes.append(gate)
        return places[key]

    def visit(term: Expr) -> int:
        if term in places:
            return places[term]
        if term in at:
            return add(term, Gate(f"${_named(term)}$", (), at[term], S.Zero, Symbol(_named(term), real=True)))
        if not term.args or is_quantity(term):
            if not term.is_number:
                raise NoPictureError(f"{_named(term)} has no value: give it a number")
            return add(term, Gate(shown(term), (), term, S.Zero, term))
        label, arguments, whole, told = _taken_apart(term)
        inputs = tuple(visit(a) for a in arguments)
        letters = tuple(_letter(n) for n in range(len(arguments)))
        rule = whole(letters)
        here = dict(zip(letters, (nodes[k].forward for k in inputs), strict=True))
        slopes = tuple(neat(_slope(rule, x, here)) for x in letters)
        rises = tuple(None if rule.has(Step, Cases) else diff(rule, x) for x in letters)
        value = neat(_settled(rule, here))
        return add(term, Gate(label, inputs, value, S.Zero, told(letters), rises, slopes))

    visit(expr)
    backward: list[Expr] = [S.Zero] * len(nodes)
    backward[-1] = S.One
    for n in range(len(nodes) - 1, -1, -1):
        for k, s in zip(nodes[n].inputs, nodes[n].slopes, strict=True):
            backward[k] = neat(backward[k] + backward[n] * s)
    return Graph(tuple(replace(g, backward=b) for g, b in zip(nodes, backward, strict=True)), name)


def _named(quantity: Expr) -> str:
    """A letter or a member of a family as a formula."""
    below = ",".join(str(i) for i in indices_of(quantity)) if is_quantity(quantity) else ""
    return f"{label_of(quantity)}_{{{below}}}" if below else str(quantity)


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


Rule = Callable[[tuple[Expr, ...]], Expr]


def _taken_apart(term: Expr) -> tuple[str, tuple[Expr, ...], Rule, Rule]:
    """What a node is called, its arguments, the rule by which it works, and that rule as it is written."""
    label, arguments, rule = _by_form(term)
    record = by_head().get(type(term))
    if record is not None and record.definition is not None:
        return label, arguments, rule, lambda v: term.func(*v)
    return label, arguments, rule, rule


def _by_form(term: Expr) -> tuple[str, tuple[Expr, ...], Rule]:
    if isinstance(term, Add):
        c, rest = term.as_coeff_Add()
        if c.is_Rational and c != 0:
            return ("+" if c > 0 else "−") + f" {shown(abs(c))}", (rest,), lambda v: v[0] + c
        return "+", term.args, lambda v: Add(*v)
    if isinstance(term, Mul):
        c, rest = term.as_coeff_Mul()
        if c != 1 and c.is_Rational:
            return (f"× {shown(c)}" if c > 0 else f"× ({shown(c)})"), (rest,), lambda v: c * v[0]
        below = [f for f in term.args if isinstance(f, Pow) and f.exp == -1]
        if len(below) == 1 and len(term.args) == 2:
            top = next(f for f in term.args if f is not below[0])
            return "÷", (top, below[0].base), lambda v: v[0] / v[1]
        return "×", term.args, lambda v: Mul(*v)
    if isinstance(term, Pow) and term.exp.is_number:
        k = term.exp
        label = "1/·" if k == -1 else "√" if k == S.Half else rf"$(\cdot)^{{{k}}}$"
        return label, (term.base,), lambda v: v[0] ** k
    if isinstance(term, exp):
        return "exp", (term.args[0],), lambda v: exp(v[0])
    record = by_head().get(type(term))
    if record is not None and record.definition is not None:
        definition = record.definition
        return type(term).__name__, term.args, lambda v: definition(*v)
    if type(term) in SIGNS:
        return SIGNS[type(term)], term.args, lambda v: term.func(*v)
    raise NoPictureError(f"a graph has no node for {type(term).__name__}")
