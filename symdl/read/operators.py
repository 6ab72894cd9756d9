"""Sums and products with their bounds, conditions, cases and derivatives."""

from __future__ import annotations

import re

from sympy import Add, Dummy, Expr, Indexed, Integer, Mul, S, Symbol, diff

from symdl.language import Applied, Cases, Chain, D, Delta, DPlus, Prod, Sigma, Step, is_index, is_quantity, put, scalar
from symdl.language.binders import free_symbols
from symdl.language.functions import ScalarFunction
from symdl.read.axes import Letter
from symdl.read.nodes import (
    Big,
    CaseRows,
    Derivative,
    Group,
    Indicator,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Scripted,
    Sum,
)
from symdl.read.pointwise import over_points
from symdl.read.scripts import (
    bound_by,
    inside_of,
    is_by_entries,
    names_in,
    spell,
    unprimed,
    with_children,
)
from symdl.read.squares import Squares
from symdl.read.values import Array, Value, entry_of

_MATRIX = 2
MAX_GAPS = 50
"""How many numbers a set of indices may leave out."""
GAP = "the cases may leave a gap"
"""The message where the conditions of a case split do not cover everything."""


def _over_values(node: Big) -> Node | None:
    r"""A sum or product over the values of a name, \sum_{s \in \{-1, 1\}} e^{h s}, written out; else None."""
    item = node.below[0] if len(node.below) == 1 and node.above is None else None
    name, values = item.sides if isinstance(item, Relation) and item.signs == ("in",) else (None, None)
    if not isinstance(name, Name) or not isinstance(values, Group) or values.bracket != r"\{" or values.bars:
        return None
    indices = {x for n in inside_of(node.body) if isinstance(n, Scripted) for sub in n.subs for x in names_in(sub)}
    if name.text in indices or not all(map(_is_number, values.items)) or len(values.items) > MAX_VALUES:
        return None
    terms = [Group(node.at, node.end, "(", (_put_in(node.body, name.text, v),)) for v in values.items]
    if node.kind == "sum":
        return Sum(node.at, node.end, tuple((1, t) for t in terms))
    return Product(node.at, node.end, tuple(("*" if n else "", t) for n, t in enumerate(terms)))


MAX_VALUES = 8
"""How many values a name may have over which a sum is written out."""


def _is_number(node: Node) -> bool:
    return isinstance(node, Number) or (isinstance(node, Sum) and len(node.terms) == 1 and _is_number(node.terms[0][1]))


def _put_in(node: Node, name: str, value: Node) -> Node:
    if isinstance(node, Name):
        return Group(node.at, node.end, "(", (value,)) if node.text == name else node
    return with_children(node, lambda inner: _put_in(inner, name, value))


class Operators(Squares):
    """Reads what binds a letter, splits into cases or differentiates."""

    def _caserows(self, node: CaseRows) -> Value:
        rows = [(self.value(v), None if c is None else self.conditions(c)) for v, c in node.rows]
        *branches, last = rows
        others = [c for _, c in branches]
        if any(c is None for c in others):
            raise self.error("a case after the remaining one", node)
        conditions = [c for c in others if c is not None]
        if last[1] is not None and not _exhausts([*conditions, last[1]]):
            raise self.error(GAP, node, r"end them with \text{otherwise}, or with the opposite condition")
        if any(isinstance(v, Array) for v, _ in rows):
            raise self.error("a vector in a case", node)
        parts: list[Expr] = []
        for value, condition in branches:
            assert isinstance(value, Expr) and condition is not None
            parts += [value, condition]
        assert isinstance(last[0], Expr)
        return Cases(*parts, last[0])

    def _indicator(self, node: Indicator) -> Value:
        if node.at_zero is not None:
            (first, *rest), value = node.conditions, self.scalar(node.at_zero)
            found = self.conditions((first,))
            if rest or not isinstance(found, Step) or value not in (0, 1, S.Half):
                raise self.error("an indicator of u > 0 with its value at 0 was expected", node)
            return Step(found.u, value)
        return self.indicated(node.conditions)

    def indicated(self, items: tuple[Node, ...]) -> Value:
        """The product of the indicators of all conditions; entry by entry where one compares a vector."""
        first = items[0] if len(items) == 1 else None
        if isinstance(first, Relation) and len(first.signs) == 1:
            a, b = (self.value(s) for s in first.sides)
            sign = first.signs[0]
            if isinstance(a, Array) and isinstance(b, Array):
                self.align(a, b)
            arrays = [v for v in (a, b) if isinstance(v, Array)]
            if arrays and first.sides[0] != first.sides[1]:
                compared = lambda *at: self.compared(entry_of(a, *at), sign, entry_of(b, *at), first)  # noqa: E731
                return Array(arrays[0].axes, compared)
        return self.conditions(items)

    def conditions(self, items: tuple[Node, ...]) -> Expr:
        """The product of the indicators of all conditions."""
        found: list[Expr] = []
        for item in items:
            if not isinstance(item, Relation):
                raise self.error("a condition such as x > 0 was expected", item)
            for left, sign, right in zip(item.sides, item.signs, item.sides[1:], strict=False):
                found.append(self.condition(left, sign, right))
        return Mul(*found)

    def condition(self, left: Node, sign: str, right: Node) -> Expr:
        a, b = self.scalar(left), self.scalar(right)
        if sign == "=" and b == 1 and not isinstance(a, (Symbol, Indexed)) and _is_truth(a):
            return a
        scope = self.scope()
        if a in scope and b in scope:
            scope[a].peers.append(scope[b])
            scope[b].peers.append(scope[a])
        return self.compared(a, sign, b, left)

    def compared(self, a: Expr, sign: str, b: Expr, node: Node) -> Expr:
        """The indicator of a relation between two numbers."""
        if sign in ("=", "!="):
            same = Delta(a, b) if (a - b).is_integer else (1 - Step(a - b, 0)) * (1 - Step(b - a, 0))
            return same if sign == "=" else 1 - same
        if sign == ">":
            return Step(a - b, 0)
        if sign == ">=":
            return Step(a - b, 1)
        if sign == "<":
            return Step(b - a, 0)
        if sign == "<=":
            return Step(b - a, 1)
        raise self.error("this sign does not make a condition", node)

    def _big(self, node: Big) -> Value:
        if self.session.tolerant and (listed := _over_values(node)) is not None:
            return self.value(listed)
        if (listed := over_points(node, self.names.learnt | self.names.defined)) is not None:
            return self.value(listed)
        layer, conditions = self.bounds(node)
        make: type[Sigma] | type[Prod] = Sigma if node.kind == "sum" else Prod
        with self.binding(layer):
            guard = Mul(*[self.condition(a, s, b) for a, s, b in conditions])
            body = self.value(node.body)
        if isinstance(body, Array) and make is Prod:
            return self.ordered(node, layer, body)
        letters = list(layer.values())

        def closed(term: Expr) -> Expr:
            if guard != 1:
                term = guard * term if make is Sigma else Cases(term, guard, S.One)
            for letter in reversed(letters):
                lo = letter.own_lo if letter.own_lo is not None else letter.lo_symbol
                hi = letter.own_hi if letter.own_hi is not None else letter.hi_symbol
                term = make.over(letter.symbol, lo, hi, term)
            return term

        if not isinstance(body, Array):
            return closed(body)
        inner = body.entry

        def entry(*at: Expr) -> Expr:
            # The letters of the entry may have the names of those that are bound here.
            stand_ins = [self.ranges.dummy() for _ in at]
            return put(closed(inner(*stand_ins)), dict(zip(stand_ins, at, strict=True)))

        return Array(body.axes, entry, body.row, body.gradient)

    def ordered(self, node: Big, layer: dict[str, Letter], body: Array) -> Array:
        r"""\prod_{t=T}^{k} [m_{ab}]_{a,b=1}^{n}: the product of matrices from t = T on the left down to t = k."""
        if not is_by_entries(node.body) or body.rank != _MATRIX or len(layer) != 1:
            raise self.error("a product of vectors or matrices: the order of its factors is not clear", node)
        (time,) = layer.values()
        lo, hi, n = time.own_hi, time.own_lo, body.axes[0].stated[0][0].hi
        if lo is None or hi is None or body.axes[0].stated[0][0].lo != 1:
            raise self.error("an ordered product needs its limits, and matrices numbered from 1", node)
        a, b = self.ranges.dummy(), self.ranges.dummy()
        factor = body.entry(a, b)
        # The limits run down: what is written below is the last factor's index.
        time.own_lo, time.own_hi = lo, hi
        return Array(body.axes, lambda i, j: Chain.over((time.symbol, a, b), lo, hi, n, factor, i, j))

    def bounds(self, node: Big) -> tuple[dict[str, Letter], list[tuple[Node, str, Node]]]:
        """The letters that the operator binds, and the conditions on them."""
        layer: dict[str, Letter] = {}
        conditions: list[tuple[Node, str, Node]] = []
        if not node.below:
            raise self.error("a sum or product without its index", node, r"write \sum_{i}")
        paired: dict[Symbol, Letter] = {}
        for item, first in zip(node.below, bound_by(node), strict=True):
            if not isinstance(item, Relation):
                for name in [n for _, n in first.parts] if isinstance(first, Product) else [first]:
                    self._bind(name, layer)
            elif not isinstance(first, Name) and layer and len(item.signs) == 1 and item.signs[0] != "in":
                # In \sum_{i : y_i = 1} the condition is on what the letter picks.
                conditions.append((first, item.signs[0], item.sides[1]))
            elif item.signs == ("in",):
                self._within(self._bind(first, layer), item, conditions)
            elif len(item.signs) == 2 and set(item.signs) <= {"<", "<="}:
                letter = self._bind(item.sides[1], layer)
                letter.own_lo = self.integer(first) + int(item.signs[0] == "<")
                letter.own_hi = self.integer(item.sides[2]) - int(item.signs[1] == "<")
            elif len(item.signs) != 1:
                raise self.error("this condition below a sum is not read here", item)
            elif self._is_pair(item, layer):
                low, high = self._pair(item, layer)
                paired[low.symbol] = high
            else:
                letter = self._bind(first, layer)
                self._limit(letter, item, conditions)
                for other in layer.values() if item.signs == ("=",) and node.above is not None else ():
                    # \sum_{i,j=1}^n begins with 1 for both.
                    other.own_lo = letter.own_lo if other.own_lo is None else other.own_lo
        if node.above is not None:
            self._end(node.above, layer)
        outer = self.scope()
        for letter in layer.values():
            above = paired.get(letter.symbol)
            letter.outer = outer if above is None else {**outer, above.symbol: above}
        return layer, conditions

    def _bind(self, name: Node, layer: dict[str, Letter]) -> Letter:
        """The letter of this name, bound here."""
        if not isinstance(name, Name):
            raise self.error("an index letter was expected", name)
        if name.text not in layer:
            layer[name.text] = self.ranges.letter(name.text, self.spot(name), "bound")
        return layer[name.text]

    def _is_pair(self, item: Relation, layer: dict[str, Letter]) -> bool:
        r"""Whether a condition binds two letters, one up to the other: \sum_{i < j}."""
        first, right = item.sides[:2]
        if item.signs[0] not in ("<", "<=") or not isinstance(first, Name) or not isinstance(right, Name):
            return False
        known = self.letters_in_force() | self.names.sizes | self.names.inputs
        return first.text not in layer and right.text not in known

    def _pair(self, item: Relation, layer: dict[str, Letter]) -> tuple[Letter, Letter]:
        """The two letters that a condition binds, the one that bounds the other first in the layer."""
        first, right = item.sides[:2]
        high = self._bind(right, layer)
        low = self._bind(first, layer)
        low.own_hi = high.symbol - int(item.signs[0] == "<")
        for name, letter in ((spell(right), high), (spell(first), low)):
            layer.pop(name)
            layer[name] = letter
        return low, high

    def _limit(self, letter: Letter, item: Relation, conditions: list[tuple[Node, str, Node]]) -> None:
        """Gives a letter the end that a condition states, or keeps the condition."""
        sign, right = item.signs[0], item.sides[1]
        if sign == "=":
            letter.own_lo = self.integer(right)
        elif sign == "!=":
            conditions.append((item.sides[0], sign, right))
        elif sign in (">", ">="):
            letter.own_lo = self.integer(right) + int(sign == ">")
        elif sign in ("<", "<="):
            letter.own_hi = self.integer(right) - int(sign == "<")

    def _end(self, above: Node, layer: dict[str, Letter]) -> None:
        """Gives the letters that have no end yet the one that stands above the operator."""
        open_letters = [x for x in layer.values() if x.own_hi is None]
        if not open_letters:
            raise self.error("an upper bound that belongs to no letter", above)
        if self.session.tolerant and self.names.is_width(above) and all(x.own_lo == 1 for x in open_letters):
            # All layers are taken to be as wide: the letter runs over what it stands at.
            for letter in open_letters:
                letter.own_lo = None
            return
        top = self.integer(above)
        for letter in open_letters:
            letter.own_hi = top
            if letter.own_lo is None and not self.session.tolerant:
                raise self.error("an upper bound without a lower one", above)
            if letter.own_lo is None:
                letter.own_lo = Integer(1)

    def _within(self, letter: Letter, item: Relation, conditions: list[tuple[Node, str, Node]]) -> None:
        r"""Bounds the letter of \sum_{i \in \{1, 3\}} and \sum_{i \in S}; x \in \mathcal{X} is all there is.

        Raises  `ReadError` for a set of which nothing is said.
        """
        first, within = item.sides
        name = within.text if isinstance(within, Name) else ""
        listed = self.names.sets.get(name)
        if listed is None and isinstance(within, Group) and within.bracket == r"\{":
            digits = [i.text for i in within.items if isinstance(i, Number) and i.text.isdigit()]
            listed = tuple(map(int, digits)) if digits and len(digits) == len(within.items) else None
        if listed is None:
            is_own = isinstance(first, Name) and name in (first.text.upper(), rf"\mathcal{{{first.text.upper()}}}")
            if not is_own or name in self.names.learnt | self.names.defined | self.names.sizes:
                raise self.error("this condition below a sum is not read here", item)
            return
        low, high = min(listed), max(listed)
        if high - low + 1 - len(set(listed)) > MAX_GAPS:
            raise self.error("a set with this many gaps", item)
        letter.own_lo, letter.own_hi = Integer(low), Integer(high)
        others = sorted(set(range(low, high)) - set(listed))
        conditions += [(first, "!=", Number(item.at, item.end, str(n))) for n in others]

    def _derivative(self, node: Derivative) -> Value:
        if node.kind in ("d", "partial"):
            self.session.spelling.setdefault("d", node.kind)
        make: type[D] = DPlus if node.kind == "plus" else D
        value = self._function_of(node) or self.value(_right_of(node.of))
        for variable, order in reversed(node.wrt):
            for _ in range(order):
                value = self.differentiated(value, variable, make)
        return value

    def _function_of(self, node: Derivative) -> Value | None:
        r"""\sigma in d\sigma/dz of a proof: the built-in function at what it is differentiated by."""
        o = self.names.occurrence(node.of)
        if self.session.tolerant and unprimed(node.of) in self.names.unknown:
            return self._unknown_of(node)
        record = self.names.is_function(o.key) if o is not None and not o.below else None
        is_known = o is not None and (o.key in self.names.learnt or o.key in self.names.defined)
        if not self.session.tolerant or is_known or not isinstance(record, ScalarFunction) or record.arity != 1:
            return None
        variable = self.value(node.wrt[-1][0])
        if isinstance(variable, Array):
            return None
        given = self.session.applied(record.head)
        name, by = (self.source.text[x.at : x.end].strip() for x in (node.of, node.wrt[-1][0]))
        here = rf"{re.escape(name)}\s*(?:\\left)?\s*\(\s*{re.escape(by)}\s*(?:\\right)?\)"
        if not given or variable in given or re.search(here, self.source.text):
            return record.head(variable)
        if len(given) > 1 or any(is_index(s) or not s.name for s in free_symbols(given[0])):
            raise self.error(f"at what {name} is taken here is not clear", node.of, rf"write {name}(…)")
        # In \partial\sigma/\partial w the function stands for its value \sigma(z).
        return record.head(given[0])

    def _unknown_of(self, node: Derivative) -> Value:
        """The f of df/dx, of which nothing is known, at what it is differentiated by or else taken at."""
        label = scalar(unprimed(node.of))
        primes = node.of.primes if isinstance(node.of, Scripted) else 0
        variable = self.value(node.wrt[-1][0])
        given = self.session.applied(label)
        if isinstance(variable, Array):
            raise self.error(f"nothing is known of the function {label}", node.of)
        if not given or variable in given:
            return Applied(label, primes, variable)
        if len(given) > 1 or any(is_index(s) or not s.name for s in free_symbols(given[0])):
            raise self.error(f"at what {label} is taken here is not clear", node.of, rf"write {label}(…)")
        return Applied(label, primes, given[0])

    def differentiated(self, value: Value, variable: Node, make: type[D]) -> Value:
        """The derivative of every entry of `value` by every entry of the variable; the value's axes come first."""
        by = self.value(variable)
        if not isinstance(by, Array):
            return self.elementwise(lambda f: self.by_scalar(f, by, variable, make), value)
        if not isinstance(value, Array):
            inner = by.entry
            return Array(by.axes, lambda *at: self.by_scalar(value, inner(*at), variable, make), gradient=by.rank == 1)
        n = value.rank
        outer, inner = value.entry, by.entry
        return Array(
            (*value.axes, *by.axes),
            lambda *at: self.by_scalar(outer(*at[:n]), inner(*at[n:]), variable, make),
            gradient=True,
        )

    def by_scalar(self, f: Expr, x: Expr, node: Node, make: type[D]) -> Expr:
        if isinstance(f, Applied) and f.argument == x:
            return Applied(f.label, f.order + 1, x)
        if is_quantity(x):
            return make(f, x)
        if isinstance(x, Symbol):
            raise self.error(f"a derivative by {x}, which is an index or a size", node)
        inside = [t for t in x.atoms(Symbol, Indexed) if isinstance(t, Indexed) or not t.is_integer]
        labels = {t.base.label for t in inside if isinstance(t, Indexed)}
        inside = [t for t in inside if t not in labels]
        if len(inside) != 1 or x.has(D, Sigma, Prod):
            raise self.error("a derivative by an expression of more than one quantity", node)
        t = Dummy(real=True)
        slope = put(diff(put(x, {inside[0]: t}), t), {t: inside[0]})
        if slope == 0:
            raise self.error("a derivative by a constant", node)
        return make(f, inside[0]) / slope


def _right_of(node: Node) -> Node:
    r"""The right side of what is differentiated as an equation, \frac{\partial (v = w u)}{\partial u}."""
    inner = node.items[0] if isinstance(node, Group) and len(node.items) == 1 else node
    return inner.sides[-1] if isinstance(inner, Relation) and inner.signs == ("=",) else node


def _exhausts(conditions: list[Expr]) -> bool:
    """Whether the conditions cover everything: one and its opposite, or above, at and below a point."""
    if len(conditions) == 2:
        a, b = conditions
        return bool(_opposite(a) == b or _opposite(b) == a)
    steps = [c for c in conditions if isinstance(c, Step)]
    if len(conditions) == 3 and len(steps) == 2:
        u = steps[0].u
        rest = next(c for c in conditions if c not in steps)
        return bool(steps[1].u == -u and rest == (1 - Step(u, 0)) * (1 - Step(-u, 0)))
    return False


def _is_truth(expr: Expr) -> bool:
    """Whether an expression is 0 or 1 by its form: indicators, their products and their opposites."""
    if isinstance(expr, (Step, Delta)):
        return not isinstance(expr, Step) or expr.at_zero in (0, 1)
    if isinstance(expr, Mul):
        return all(map(_is_truth, expr.args))
    return isinstance(expr, Add) and _is_truth(1 - expr) and not isinstance(1 - expr, Add)


def _opposite(condition: Expr) -> Expr:
    if isinstance(condition, Step):
        return Step(-condition.u, 1 - condition.at_zero)
    return 1 - condition
