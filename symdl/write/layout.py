r"""From an expression to its layout tree, in textbook order, such that the reader finds the same expression in it."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Abs, Add, E, Expr, Indexed, Integer, Mul, Pow, S, Symbol, exp, log, pi

from symdl.errors import SymdlError
from symdl.language import (
    Applied,
    At,
    Binder,
    Bound,
    Cases,
    D,
    Delta,
    Integral,
    Maximum,
    Minimum,
    Opaque,
    Prod,
    Sigma,
    Step,
    free_symbols,
)
from symdl.language.functions import by_head
from symdl.problem import Givens, Ranges, Relation
from symdl.write.glyphs import FUNCTION_WORDS, LETTERS
from symdl.write.members import is_below
from symdl.write.operators import Operators
from symdl.write.order import LOGARITHM, Manner, factor_class, is_negative, manner_of, sorted_factors, sorted_terms
from symdl.write.radicals import joined
from symdl.write.source import layout_of_name
from symdl.write.tree import APPLY, TIMES, Digits, Fence, Frac, Function, Letter, Node, Row, Script, Sign, Upright, row

_DEPTH = 150

SIGNS_OF_RELATIONS = {"=": "=", "!=": r"\neq", ">": ">", ">=": r"\geq", "<": "<", "<=": r"\leq", "~": r"\approx"}


class TooDeepError(SymdlError):
    """An expression nested too deeply to be printed."""


def layout_of(expr: Expr | Relation, givens: Givens | Manner, ranges: Ranges | None = None) -> Node:
    """The layout tree of an expression or relation; `ranges` are its free index letters.

    Fails   `TooDeepError` where it is nested more than 150 deep.
    """
    manner = givens if isinstance(givens, Manner) else manner_of(givens)
    return Typesetter(manner, ranges or {}).formula(expr)


def relation_sign(sign: str) -> Sign:
    """The sign of a relation."""
    return Sign(SIGNS_OF_RELATIONS[sign], "relation")


class Typesetter(Operators):
    """Lays out the expressions of one problem."""

    def formula(self, expr: Expr | Relation) -> Node:
        """The tree of a whole expression or relation."""
        if isinstance(expr, Relation):
            names = {s.name for side in expr.sides for s in free_symbols(side)}
            inner = self._within(names)
            return row(inner.whole(expr.lhs), relation_sign(expr.sign), inner.whole(expr.rhs))
        return self._within({s.name for s in free_symbols(expr)}).whole(expr)

    # ---- sums and products

    def whole(self, expr: Expr) -> Node:
        """The tree of an expression where it needs no brackets."""
        self.depth += 1
        if self.depth > _DEPTH:
            raise TooDeepError("this expression is nested too deeply to be written")
        found = self._sum(expr) if isinstance(expr, Add) else self._term(expr)
        self.depth -= 1
        return found

    def _sum(self, expr: Expr) -> Node:
        terms = sorted_terms(expr, self.manner)
        parts = [self._term(terms[0])]
        for term in terms[1:]:
            negative = is_negative(term)
            body = self._product(-term if negative else term)
            parts += [Sign("-" if negative else "+"), body]
        return row(*parts)

    def _term(self, expr: Expr) -> Node:
        if is_negative(expr):
            return row(Sign("-", "prefix"), self._product(-expr))
        return self._product(expr)

    def _product(self, expr: Expr) -> Node:
        """A product without a minus before it; anything else as its one factor."""
        if not isinstance(expr, Mul) and not is_below(expr):
            return self._atom(expr)
        above: list[Expr] = []
        below: list[Expr] = []
        for part in joined(Mul.make_args(expr)):
            if part.is_Rational:
                above += [Integer(part.p)] if part.p != 1 else []
                below += [Integer(part.q)] if part.q != 1 else []
            elif is_below(part):
                below.append(Pow(part.base, -part.exp))
            else:
                above.append(part)
        above, below = sorted_factors(above, self.manner), sorted_factors(below, self.manner)
        if not below:
            return self._factors(above)
        return self._fraction(above, below)

    def _fraction(self, above: list[Expr], below: list[Expr]) -> Node:
        plain = all(f.is_Integer for f in below)
        numbers = [f for f in above if f.is_Integer]
        outside: list[Expr] = []
        inside: list[Expr] = []
        for factor in above:
            small = isinstance(factor, Symbol | Indexed | exp) or _is_plain_power(factor)
            fits = factor.is_Integer or (small if plain else factor_class(factor) <= LOGARITHM and not factor.has(D))
            (inside if fits else outside).append(factor)
        if plain and (outside or len([f for f in inside if not f.is_Integer]) > 1):
            outside = [f for f in above if not f.is_Integer]
            inside = numbers
        lead: list[Node] = []
        # A number times one bracket is read as a sum of products, so the two do not share a bar.
        if len(below) == 2 and below[0].is_Integer and isinstance(below[1], Add):
            lead = [Frac(self._factors(numbers), self._atom(below[0])), TIMES]
            below, inside = below[1:], [f for f in inside if not f.is_Integer]
        elif len(inside) == 2 and inside[0].is_Integer and isinstance(inside[1], Add):
            lead = [self._atom(inside[0]), TIMES]
            inside = inside[1:]
        top = self._factors(inside)
        bar = Frac(top, self._factors(below))
        if not outside:
            return row(*lead, bar)
        return row(*lead, bar, TIMES, self._factors(outside, alone=False))

    def _factors(self, factors: Sequence[Expr], alone: bool = True) -> Node:
        """The factors side by side; `alone` says that nothing stands beside them, so that one sum needs no brackets."""
        if not factors:
            return Digits("1")
        if len(factors) == 1 and alone:
            return self.whole(factors[0])
        parts: list[Node] = []
        for n, factor in enumerate(factors):
            node = self._factor(factor, last=n == len(factors) - 1)
            if n:
                dotted = _starts_with_digit(node) or (_starts_with_bracket(node) and self._could_apply(factors[n - 1]))
                parts.append(Sign(r"\cdot") if dotted else TIMES)
            parts.append(node)
        return row(*parts)

    def _could_apply(self, before: Expr) -> bool:
        """Whether a bracket after this factor could be read as its argument."""
        return isinstance(before, Symbol) and before.name in self.manner.functions

    def _factor(self, expr: Expr, last: bool) -> Node:
        if isinstance(expr, Add) or is_negative(expr):
            return self._bracket(expr)
        if not last and (
            isinstance(expr, Sigma | Prod | Cases) or (isinstance(expr, log) and not self._needs_fence(expr))
        ):
            if isinstance(expr, log):
                return self._applied(self._log(), expr.args)
            return self._bracket(expr)
        if isinstance(expr, Cases | At):
            return self._bracket(expr)
        return self._atom(expr)

    # ---- single nodes

    def _atom(self, expr: Expr) -> Node:
        """A node that is no sum and no product."""
        self.depth += 1
        if self.depth > _DEPTH:
            raise TooDeepError("this expression is nested too deeply to be written")
        found = self._atom_of(expr)
        self.depth -= 1
        return found

    def _atom_of(self, expr: Expr) -> Node:
        if isinstance(expr, Symbol):
            return layout_of_name(expr.name)
        if isinstance(expr, Indexed):
            return self.member(expr)
        if expr.is_Number or expr in (E, pi, S.Infinity, S.NegativeInfinity):
            return self._number(expr)
        if isinstance(expr, Add):
            return self._bracket(expr)
        if isinstance(expr, Mul):
            return self._term(expr)
        if isinstance(expr, Pow):
            return self._power(expr)
        if isinstance(expr, Binder):
            return self._binder(expr)
        if isinstance(expr, D):
            return self._derivative(expr)
        if isinstance(expr, Integral):
            return self._integral(expr)
        if isinstance(expr, Delta):
            return self._delta(expr)
        if isinstance(expr, Step):
            return self._indicator(expr)
        if isinstance(expr, Cases):
            return self._cases(expr)
        if isinstance(expr, At):
            return self._bar(expr)
        if isinstance(expr, Opaque):
            head: Node = layout_of_name(expr.label.name)
            if expr.indices:
                head = Script(head, self._subscript(expr.indices, comma=False))
            return row(head, self._arguments(expr.arguments))
        if isinstance(expr, Applied):
            name: Node = layout_of_name(expr.label.name)
            if expr.order:
                name = Script(name, None, row(*[Sign("'", "ordinary")] * expr.order))
            return row(name, self._arguments((expr.argument,)))
        if isinstance(expr, Bound):
            raise ValueError("a loose bound index cannot be written")
        return self._application(expr)

    # ---- functions

    def _application(self, expr: Expr) -> Node:
        if isinstance(expr, exp):
            if "e" in self.manner.taken:
                return self._applied(Function(r"\exp", Upright("exp")), expr.args)
            return Script(Letter("e"), None, self._small(expr.args[0]))
        if isinstance(expr, Abs):
            return Fence("|", self.whole(expr.args[0]), "|")
        if isinstance(expr, log):
            argument = expr.args[0]
            if self._needs_fence(expr):
                return self._applied(self._log(), expr.args)
            return row(self._log(), APPLY, self._atom(argument))
        if isinstance(expr, Maximum | Minimum):
            word = "max" if isinstance(expr, Maximum) else "min"
            return self._applied(Function(rf"\{word}", Upright(word)), expr.args)
        return self._applied(self._head(expr), expr.args)

    def _head(self, expr: Expr) -> Function:
        record = by_head().get(expr.func)
        if record is None:
            name = str(expr.func)
            return Function(rf"\operatorname{{{name}}}", Upright(name))
        if record.latex in LETTERS:
            if record.latex in self.manner.taken:
                return Function(rf"\operatorname{{{record.name}}}", Upright(record.name))
            return Function(record.latex, Letter(record.latex))
        if record.latex in FUNCTION_WORDS:
            return Function(record.latex, Upright(record.latex[1:]))
        word = record.latex.removeprefix(r"\operatorname{").removesuffix("}")
        return Function(record.latex, Upright(word))

    def _log(self) -> Function:
        return Function(self.manner.log, Upright(self.manner.log[1:]))

    def _needs_fence(self, expr: Expr) -> bool:
        """Whether the argument of a logarithm stands in brackets even at the end of a product."""
        argument = expr.args[0]
        if isinstance(argument, Symbol | Indexed | Sigma) or (isinstance(argument, Integer) and argument >= 0):
            return False
        if isinstance(argument, Pow) and isinstance(argument.base, Symbol | Indexed):
            return not (isinstance(argument.exp, Integer) and argument.exp > 0)
        if isinstance(argument, Mul) and not is_negative(argument):
            return not isinstance(self._product(argument), Frac)
        return True

    def _applied(self, head: Function, arguments: Sequence[Expr]) -> Node:
        return row(head, APPLY, self._arguments(arguments))

    def _arguments(self, arguments: Sequence[Expr]) -> Node:
        parts: list[Node] = []
        for n, argument in enumerate(arguments):
            parts += [Sign(",", "punctuation")] if n else []
            parts.append(self.whole(argument))
        return Fence("(", row(*parts), ")")


def _is_plain_power(expr: Expr) -> bool:
    return isinstance(expr, Pow) and isinstance(expr.base, Symbol | Indexed) and bool(expr.exp.is_Integer)


def _first(node: Node) -> Node:
    while True:
        if isinstance(node, Row) and node.parts:
            node = node.parts[0]
        elif isinstance(node, Script):
            node = node.base
        else:
            return node


def _starts_with_digit(node: Node) -> bool:
    return isinstance(_first(node), Digits)


def _starts_with_bracket(node: Node) -> bool:
    first = _first(node)
    return isinstance(first, Fence) and first.left in ("(", "[")
