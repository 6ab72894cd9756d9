"""Numbers, members of families with their indices, and powers as layout trees."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Self

from sympy import Abs, E, Expr, Float, Indexed, Integer, Pow, Rational, S, Symbol, exp, log, pi

from symdl.language import indices_of, label_of
from symdl.problem import Ranges
from symdl.write.order import Manner
from symdl.write.source import layout_of_name
from symdl.write.tree import Accent, Digits, Fence, Frac, Letter, Name, Node, Root, Script, Sign, Styled, Words, row


class Members(ABC):
    """Lays out what stands in scripts, and what bears them; `ranges` are the index letters that are free around it."""

    def __init__(self, manner: Manner, ranges: Ranges) -> None:
        self.manner = manner
        self.ranges = ranges
        self.taken = manner.taken | {s.name for s in ranges}
        self.depth = 0

    @abstractmethod
    def whole(self, expr: Expr) -> Node:
        """The tree of an expression where it needs no brackets."""

    @abstractmethod
    def _atom(self, expr: Expr) -> Node:
        """The tree of an expression as one piece, in brackets where it needs them."""

    @abstractmethod
    def _product(self, expr: Expr) -> Node:
        """The tree of a product without a minus before it."""

    def _within(self, names: set[str], ranges: Ranges | None = None) -> Self:
        inner = type(self)(self.manner, {**self.ranges, **(ranges or {})})
        inner.taken = self.taken | names
        inner.depth = self.depth
        return inner

    def _bracket(self, expr: Expr) -> Node:
        return Fence("(", self.whole(expr), ")")

    def _number(self, expr: Expr) -> Node:
        if expr == E:
            return Letter("e")
        if expr == pi:
            return Letter(r"\pi")
        if isinstance(expr, Integer):
            return Digits(str(abs(int(expr)))) if expr >= 0 else row(Sign("-", "prefix"), Digits(str(-int(expr))))
        if isinstance(expr, Rational):
            bar = Frac(Digits(str(abs(expr.p))), Digits(str(expr.q)))
            return bar if expr > 0 else row(Sign("-", "prefix"), bar)
        if expr in (S.Infinity, S.NegativeInfinity):
            return Letter(r"\infty") if expr == S.Infinity else row(Sign("-", "prefix"), Letter(r"\infty"))
        if isinstance(expr, Float):
            text = format(float(abs(expr)), ".15g")
            mantissa, _, power = text.partition("e")
            node: Node = Digits(mantissa)
            if power:
                node = row(node, Sign(r"\times"), Script(Digits("10"), None, self._number(Integer(power))))
            return node if expr >= 0 else row(Sign("-", "prefix"), node)
        return Words(str(expr))

    def member(self, expr: Indexed) -> Node:
        """A member of a family, with the index places as the author writes them."""
        label, at = label_of(expr), indices_of(expr)
        name = layout_of_name(label.name)
        inner = name.shape
        if label.name in self.manner.superscripts:
            above = Fence("(", self._subscript(at[:1], comma=False), ")")
            return Script(name, self._subscript(at[1:], comma=False) if at[1:] else None, above)
        rank = self.manner.vectors.get(label, 0)
        below = self._subscript(at, comma=0 < rank < len(at))
        if isinstance(inner, Script) and inner.sub is not None:
            return Script(Fence("[", name, "]"), below)
        return Script(name, below)

    def _subscript(self, at: Sequence[Expr], comma: bool) -> Node:
        nodes = [self._small(i) for i in at]
        comma = comma or not all(isinstance(i, Symbol) and _is_one_letter(n) for i, n in zip(at, nodes, strict=True))
        parts: list[Node] = []
        for n, node in enumerate(nodes):
            if n and comma:
                parts.append(Sign(",", "punctuation"))
            parts.append(node)
        return row(*parts)

    def _small(self, expr: Expr) -> Node:
        """An expression in a script, where a number's fraction is written with a slash."""
        if isinstance(expr, Rational) and not isinstance(expr, Integer):
            slash = row(Digits(str(abs(expr.p))), Sign("/", "ordinary"), Digits(str(expr.q)))
            return slash if expr > 0 else row(Sign("-", "prefix"), slash)
        return self.whole(expr)

    def _power(self, expr: Expr) -> Node:
        base, power = expr.base, expr.exp
        if power == Rational(1, 2):
            return Root(self.whole(base))
        if is_below(expr):
            return self._product(expr)
        above = self._small(power)
        if isinstance(base, Symbol | Indexed):
            inner = self._atom(base)
            if isinstance(inner, Name):
                shape = inner.shape
                if isinstance(shape, Letter | Accent | Styled) or (isinstance(shape, Script) and shape.sup is None):
                    return Script(inner, None, above)
            elif isinstance(inner, Script) and inner.sup is None and not _has_superscript(inner.base):
                return Script(inner.base, inner.sub, above)
            return Script(Fence("(", inner, ")"), None, above)
        if (isinstance(base, Integer) and base >= 0) or isinstance(base, Abs):
            return Script(self._atom(base), None, above)
        if base in (E, pi):
            return Script(self._atom(base), None, above)
        if base.is_Function and not isinstance(base, exp | log):
            return Script(self._atom(base), None, above)
        return Script(self._bracket(base), None, above)


def is_below(expr: Expr) -> bool:
    """Whether a factor belongs under the bar of a fraction."""
    return isinstance(expr, Pow) and bool(expr.exp.is_Rational) and bool(expr.exp < 0)


def _has_superscript(node: Node) -> bool:
    return isinstance(node, Name) and isinstance(node.shape, Script) and node.shape.sup is not None


def _is_one_letter(node: Node) -> bool:
    return isinstance(node, Name) and isinstance(node.shape, Letter)
