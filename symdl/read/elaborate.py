r"""The surface tree to expressions: names to symbols, brackets to applications, matrix notation to indices.

A vector or matrix is an `Array`: its axes, and a function from indices to the entry.  Ranges that are not known yet
are placeholders, which `Ranges` answers once all formulas of the problem are read.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from math import factorial, log10
from typing import TypeAlias

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Indexed,
    Integer,
    Mul,
    Pow,
    Rational,
    S,
    Symbol,
    ceiling,
    diff,
    exp,
    floor,
    log,
    pi,
    sqrt,
)

from symdl.errors import GivensError, ReadError
from symdl.language import (
    At,
    Cases,
    Chain,
    D,
    Delta,
    DPlus,
    Maximum,
    Minimum,
    Prod,
    Sigma,
    Step,
    family,
    put,
    scalar,
    size,
)
from symdl.language.binders import free_symbols
from symdl.language.functions import FamilyFunction, ScalarFunction, by_spelling
from symdl.problem import Range
from symdl.read.names import Occurrence, Vocabulary, head_text, is_by_entries, spell
from symdl.read.ranges import Axis, Letter, Ranges, Spot
from symdl.read.syntax import (
    Bars,
    Big,
    Call,
    CaseRows,
    Derivative,
    Evaluated,
    Factorial,
    Fraction,
    Group,
    Indicator,
    Mark,
    Matrix,
    Nabla,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Root,
    Scripted,
    Sum,
    Word,
)
from symdl.read.tokens import TEXTS, Source

INDICATORS = ("1", "I", r"\mathbb{I}", r"\mathbf{I}", r"\mathcal{I}")
"""What makes an indicator of a condition in brackets after it."""
_MATRIX = 2
_LIST = 2
MAX_FACTORIAL = 1_000
MAX_POWER = 10_000
"""The largest exponent of a number, and the most digits of a result."""


@dataclass(eq=False, frozen=True)
class Array:
    """A vector or matrix: `entry` gives its member at indices along `axes`; a `row` is a transposed vector."""

    axes: tuple[Axis, ...]
    entry: Callable[..., Expr]
    row: bool = False
    gradient: bool = False

    @property
    def rank(self) -> int:
        return len(self.axes)


@lru_cache(maxsize=4096)
def _member(key: str, *at: Expr) -> Expr:
    """A member of a family; making one costs SymPy a hundred microseconds."""
    return family(key, *at)


Value: TypeAlias = Expr | Array


def rank_of(value: Value) -> int:
    return value.rank if isinstance(value, Array) else 0


def entry_of(value: Value, *at: Expr) -> Expr:
    """The member of a value; a scalar is the same everywhere."""
    return value.entry(*at) if isinstance(value, Array) else value


@dataclass
class Body:
    """A declared function: its parameters, and its body once it is read."""

    parameters: tuple[Expr, ...]
    body: Expr | None = None


class Session:
    """What all formulas of one problem share while they are read."""

    def __init__(self, vocabulary: Vocabulary, ranges: Ranges, tolerant: bool = False) -> None:
        self.vocabulary = vocabulary
        self.tolerant = tolerant
        self.ranges = ranges
        self.bodies: dict[str, Callable[[], Body]] = {}
        self.used: dict[str, Spot] = {}
        self.spelling: dict[str, str] = {}
        self.log_base: int | None = None
        self.primed: Callable[[str, int, Spot], Expr | None] = lambda key, primes, spot: None
        """What a name with primes is that only a task uses: a derivative by the one variable there is."""


class Elaborator:
    """Reads the trees of one formula."""

    def __init__(self, session: Session, source: Source, letters: set[str], kind: str = "free") -> None:
        self.session = session
        self.names = session.vocabulary
        self.ranges = session.ranges
        self.source = source
        self.kind = kind
        self.local = set(letters)
        self.free: dict[str, Letter] = {}
        self.stack: list[dict[str, Letter]] = []
        self.dummies: dict[str, Symbol] = {}

    # Errors

    def error(self, message: str, node: Node, hint: str = "") -> ReadError:
        return self.source.error(message, node.at, hint)

    def spot(self, node: Node) -> Spot:
        return Spot(self.source, node.at)

    # Letters

    def letters_in_force(self) -> set[str]:
        return self.local | {n for layer in self.stack for n in layer}

    def letter(self, name: str, node: Node) -> Letter:
        """The index letter of this name: bound here, or free in this formula."""
        for layer in reversed(self.stack):
            if name in layer:
                return layer[name]
        if name not in self.free:
            self.free[name] = self.ranges.letter(name, self.spot(node), self.kind)
        elif node.at < self.free[name].spot.at:
            self.free[name].spot = self.spot(node)
        return self.free[name]

    def scope(self) -> dict[Symbol, Letter]:
        found = {x.symbol: x for x in self.free.values()}
        for layer in self.stack:
            found.update({x.symbol: x for x in layer.values()})
        return found

    @contextmanager
    def binding(self, layer: dict[str, Letter]) -> Iterator[None]:
        self.stack.append(layer)
        try:
            yield
        finally:
            self.stack.pop()

    def integer(self, node: Node) -> Expr:
        """An index or bound as an integer expression."""
        if isinstance(node, Number):
            if not node.text.isdigit():
                raise self.error("an index is an integer", node)
            return Integer(node.text)
        if isinstance(node, Name):
            if node.text in self.letters_in_force() and not (
                node.text in self.names.sizes and not any(node.text in x for x in self.stack)
            ):
                return self.letter(node.text, node).symbol
            if node.text in self.names.sizes:
                return size(node.text)
            if len(node.text) == 1 and node.text.isupper():
                return size(node.text)
            return self.letter(node.text, node).symbol
        if isinstance(node, Sum):
            return Add(*[s * self.integer(n) for s, n in node.terms])
        if isinstance(node, Product) and all(s in ("", "*") for s, _ in node.parts):
            return Mul(*[self.integer(n) for _, n in node.parts])
        if isinstance(node, Group) and len(node.items) == 1 and node.bracket in ("", "("):
            return self.integer(node.items[0])
        raise self.error("an index is a letter, a number, or a sum of these", node)

    # Scalars and arrays

    def scalar(self, node: Node) -> Expr:
        """The expression of a node that must be a number."""
        value = self.value(node)
        if isinstance(value, Array):
            raise self.error(f"a {'vector' if value.rank == 1 else 'matrix'} where a number was expected", node)
        return value

    def value(self, node: Node) -> Value:
        """What the node means."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise self.error("this cannot stand here", node)
        found: Value = method(node)
        return found

    def _number(self, node: Number) -> Value:
        return Rational(node.text)

    def _name(self, node: Name) -> Value:
        return self.quantity(Occurrence(node.text, None, (), node), node)

    def _word(self, node: Word) -> Value:
        key = head_text(node) or node.text
        if key in self.names.functions or key in self.names.quantities or key in self.names.defined:
            return self.quantity(Occurrence(key, None, (), node), node)
        if node.text in by_spelling() or node.text in ("max", "min"):
            raise self.error(f"the argument of {node.text} is missing", node)
        if key in self.names.plain and node.style in ("mathrm", "operatorname", "text"):
            return self.quantity(Occurrence(key, None, (), node), node)
        raise self.unknown(node.text, node)

    def unknown(self, name: str, node: Node) -> ReadError:
        near = difflib.get_close_matches(name, sorted({*by_spelling(), *self.names.functions}), 1)
        return self.error(f"{name[:40]!r} is not a known function", node, f"did you mean {near[0]}?" if near else "")

    def _mark(self, node: Mark) -> Value:
        if node.text == "ones":
            return Array((self.ranges.anonymous("the vector of ones"),), lambda i: S.One)
        if node.text == "zeros":
            return S.Zero
        raise self.error("dots, a sign or a question mark where an expression was expected", node)

    def quantity(self, o: Occurrence, node: Node) -> Value:
        """A name with its indices, without powers."""
        names = self.names
        force = self.letters_in_force()
        above, below, key = names.parts(o, force)
        indices = ([above] if above is not None else []) + list(below)
        if not indices:
            if key in self.dummies:
                return self.dummies[key]
            if key in force and (any(key in x for x in self.stack) or key not in names.sizes):
                return self.letter(key, node).symbol
            if key in names.inputs:
                return self.letter(key, node).symbol
            if key in names.letters and key not in names.quantities | names.sizes:
                return self.letter(key, node).symbol
            if key in names.sizes:
                return size(key)
            if key == "e" and not self._is_own(key):
                return exp(1)
            if key == r"\pi" and not self._is_own(key):
                return pi
            if key == "I" and key in names.matrices:
                return self.identity()
            if key in names.unknown or (names.is_function(key) and key not in names.mapped):
                raise self.error(f"{key} is a function here and needs its argument", node)
        if key == r"\delta" and len(indices) == 2 and key not in names.defined and key not in names.fixed:
            return Delta(self.integer(indices[0]), self.integer(indices[1]))
        lone = o.below[0] if len(o.below) == 1 else None
        is_vector = isinstance(lone, Name) and lone.text in names.labels and not indices and o.key in names.families
        # W_h beside a matrix W is a name of its own, if it is declared or defined as such.
        if is_vector and isinstance(lone, Name) and key not in names.fixed | names.defined:
            raise names.conflict(self.source, lone.at, lone.text)
        self.session.used.setdefault(key, self.spot(node))
        at = tuple(self.integer(i) for i in indices)
        arity = max(names.arity.get(key, 0), len(at))
        if arity < len(at) or (names.fixed and key in names.fixed and len(at) > names.arity.get(key, 0)):
            raise self.error(f"{key} has {names.arity.get(key, 0)} indices, not {len(at)}", node)
        scope = self.scope()
        for position, i in enumerate(at):
            self.ranges.place(i, self.ranges.axis(key, position), scope)
        rest = arity - len(at)
        if rest == 0:
            return _member(key, *at)
        axes = tuple(self.ranges.axis(key, len(at) + n) for n in range(rest))
        return Array(axes, lambda *more: _member(key, *at, *more))

    def _is_own(self, key: str) -> bool:
        """Whether a name that is usually a constant is a quantity of this problem."""
        return key in self.names.defined or key in self.names.fixed or key in self.names.quantities

    def identity(self, n: Expr | None = None) -> Array:
        axis = self.ranges.anonymous("the identity matrix")
        return Array((axis, axis), lambda i, j: Delta(i, j))

    # Scripts

    def _scripted(self, node: Scripted) -> Value:
        core = node.core
        o = self.names.occurrence(node)
        if o is not None:
            powers = self.names.power_of(node)
            if o.key.startswith("e") and o.key == "e" and o.above is not None and not self._is_own("e"):
                return exp(self.scalar(o.above))
            slope = self._slope(o, node)
            is_of_function = o.key not in self.names.quantities and o.key.rstrip("'") in self.names.functions
            if node.primes and slope is None and is_of_function:
                raise self.error(f"{o.key} is the derivative of a function and needs its argument", node)
            is_power = o.key == "e" and not self._is_own("e") and len(powers) == 1 and not o.below
            if is_power or self.names.is_euler(node):
                return self.elementwise(exp, self.value(powers[0]))
            if o.key == "I" and o.below and not self._is_own("I") and isinstance(o.below[0], (Name, Number)):
                found = self.identity()
                n = self.integer(o.below[0])
                found.axes[0].root().stated.append((Range(Integer(1), n), self.spot(node)))
                return found
            value = self.quantity(o, node) if slope is None else slope
            for power in powers:
                value = self.raised(value, power, node)
            return value
        if node.primes:
            raise self.error("a prime stands at a name", node)
        if isinstance(core, Bars) and core.kind == "||":
            return self._norm(node)
        if is_by_entries(node):
            return self.by_entries(node)
        value = self.value(core)
        if node.subs:
            value = self.member(value, node)
        for power in node.sups:
            value = self.raised(value, power, node)
        return value

    def _slope(self, o: Occurrence, node: Scripted) -> Expr | None:
        """L' without an argument, in a task."""
        if not node.primes or o.below or o.above is not None or "^" in o.key:
            return None
        return self.session.primed(o.key, node.primes, self.spot(node))

    def member(self, value: Value, node: Scripted) -> Value:
        """(W x)_i: the entry of a bracketed array."""
        from symdl.read.names import script_items

        items = script_items(node.subs)
        if not isinstance(value, Array) or len(items) != value.rank:
            raise self.error(f"a subscript with {len(items)} indices at a value with {rank_of(value)}", node)
        at = [self.integer(i) for i in items]
        scope = self.scope()
        for i, axis in zip(at, value.axes, strict=True):
            self.ranges.place(i, axis, scope)
        return value.entry(*at)

    def by_entries(self, node: Scripted) -> Array:
        """[m_{ab}]_{a,b=1}^{n}: the matrix with these entries."""
        run = node.subs[-1]
        assert isinstance(run, Relation)
        lo, hi = self.integer(run.sides[1]), self.integer(node.sups[0])
        layer: dict[str, Letter] = {}
        axes: list[Axis] = []
        for name in (*node.subs[:-1], run.sides[0]):
            assert isinstance(name, Name)
            letter = self.ranges.letter(name.text, self.spot(name), "bound")
            letter.own_lo, letter.own_hi, letter.outer = lo, hi, self.scope()
            layer[name.text] = letter
            axes.append(self.ranges.anonymous("a vector or matrix given by its entries"))
            axes[-1].stated.append((Range(lo, hi), self.spot(name)))
        with self.binding(layer):
            body = self.scalar(node.core)
        letters = [x.symbol for x in layer.values()]
        if len(letters) != len(axes):
            raise self.error("two indices of the same name", node)
        return Array(tuple(axes), lambda *at: put(body, dict(zip(letters, at, strict=True))))

    def raised(self, value: Value, power: Node, node: Node) -> Value:
        """A power, entry by entry at an array, or a transposition."""
        if isinstance(power, Mark) and power.text == "top":
            return self.transposed(value)
        if isinstance(power, Name) and power.text == "T" and (isinstance(value, Array) or "T" not in self.names.sizes):
            if not isinstance(value, Array) and "T" in self.names.plain | self.names.quantities:
                return self.power(value, self.scalar(power), node)
            return self.transposed(value)
        if isinstance(power, Mark):
            raise self.error(f"the superscript {power.text!r} stands at a name only", power)
        exponent = self.scalar(power)
        if isinstance(value, Array) and value.rank == 2 and exponent.is_negative:
            raise self.error("the inverse of a matrix is not read here", power)
        return self.elementwise(lambda b: self.power(b, exponent, node), value)

    def transposed(self, value: Value) -> Value:
        if not isinstance(value, Array):
            return value
        if value.rank == 1:
            return Array(value.axes, value.entry, not value.row)
        if value.rank == 2:
            entry = value.entry
            return Array(value.axes[::-1], lambda i, j: entry(j, i))
        return value

    def power(self, base: Expr, exponent: Expr, node: Node) -> Expr:
        """base ** exponent; a number that would grow beyond the cap is refused."""
        if base.is_Rational and exponent.is_Rational:
            if abs(exponent) > MAX_POWER:
                raise self.error(f"an exponent beyond {MAX_POWER:,}", node)
            digits = max(len(str(abs(base.p))), len(str(base.q)))
            if digits > 1 and digits * abs(exponent) > 2 * MAX_POWER:
                raise self.error(f"a power of more than {MAX_POWER:,} digits", node)
            if base == 0 and exponent <= 0:
                raise self.error("a power of zero that has no value", node)
        elif exponent.is_Rational and abs(exponent) > MAX_POWER:
            raise self.error(f"an exponent beyond {MAX_POWER:,}", node)
        return self.checked(Pow(base, exponent), node)

    def checked(self, value: Expr, node: Node) -> Expr:
        """The value, unless it holds a number with too many digits or has none."""
        lead = value.as_coeff_Mul()[0] if value.is_Mul else value
        if lead.is_Rational and max(lead.p.bit_length(), lead.q.bit_length()) > MAX_POWER / log10(2):
            raise self.error(f"a number of more than {MAX_POWER:,} digits", node)
        if value.has(S.ComplexInfinity, S.NaN, S.Infinity, S.NegativeInfinity):
            raise self.error("a division by zero", node)
        if value.has(S.ImaginaryUnit):
            raise self.error("a value that is not real", node)
        return value

    def elementwise(self, function: Callable[[Expr], Expr], value: Value) -> Value:
        if isinstance(value, Array):
            entry = value.entry
            return Array(value.axes, lambda *at: function(entry(*at)), value.row, value.gradient)
        return function(value)

    # Sums and products

    def _sum(self, node: Sum) -> Value:
        if any(isinstance(n, Mark) and n.text == "dots" for _, n in node.terms):
            return self._dotted_sum(node)
        return self.added([(s, self.value(n), n) for s, n in node.terms])

    def added(self, terms: list[tuple[int, Value, Node]]) -> Value:
        arrays = [(v, n) for _, v, n in terms if isinstance(v, Array)]
        if not arrays:
            return self.checked(Add(*[s * entry_of(v) for s, v, _ in terms]), terms[0][2])
        first = arrays[0][0]
        row = any(v.row for v, _ in arrays)
        for other, node in arrays[1:]:
            if other.rank != first.rank:
                raise self.error(f"a term of rank {other.rank} beside one of rank {first.rank}", node)
            self.align(first, other)
        for _, v, n in terms:
            if not isinstance(v, Array) and not v.is_number:
                raise self.error(
                    "a scalar is added to a vector or matrix", n, r"write it times \mathbf{1}, or declare its shape"
                )
        parts = [(s, v) for s, v, _ in terms]
        return Array(first.axes, lambda *at: Add(*[s * entry_of(v, *at) for s, v in parts]), row, first.gradient)

    def align(self, a: Array, b: Array) -> None:
        for x, y in zip(a.axes, b.axes, strict=True):
            self.ranges.same(x, y)

    def _dotted_sum(self, node: Sum) -> Value:
        terms = list(node.terms)
        at = next(k for k, (_, n) in enumerate(terms) if isinstance(n, Mark) and n.text == "dots")
        if at == 0 or at != len(terms) - 2:
            raise self.error("dots stand before the last term of a sum: z_1 + \\dots + z_K", terms[at][1])
        sign = terms[-1][0]
        start, found = self._run([n for s, n in terms[:at] if s == sign], terms[-1][1], terms[at][1])
        rest = [(s, self.value(n), n) for s, n in terms[: at - start]]
        total = sign * found(Sigma)
        return self.added([*rest, (1, total, node)]) if rest else total

    def _run(
        self, before: list[Node], last: Node, dots: Node
    ) -> tuple[int, Callable[[type[Sigma] | type[Prod]], Expr]]:
        """The terms of a run with dots: how many are written out before them, and what makes the whole."""
        end = self.scalar(last)
        firsts = [self.scalar(n) for n in before]
        j = self.ranges.dummy()
        tops = sorted((s for s in free_symbols(end) if s.is_integer), key=str)
        for top in tops:
            body = put(end, {top: j})
            for start in range(min(len(firsts), 4), 0, -1):
                run = firsts[-start:]
                for low in (1, 0):
                    if all(put(body, {j: Integer(low + k)}) == f for k, f in enumerate(run)):
                        return start, lambda make, b=body, t=top, lo=low: make.over(j, Integer(lo), t, b)
        raise self.error(
            "the rule behind the dots is not clear", dots, "write the sum or product with its sign and bounds"
        )

    def _product(self, node: Product) -> Value:
        parts = list(node.parts)
        if any(isinstance(n, Mark) and n.text == "dots" for _, n in parts):
            at = next(k for k, (_, n) in enumerate(parts) if isinstance(n, Mark) and n.text == "dots")
            if at == 0 or at != len(parts) - 2:
                raise self.error("dots stand before the last factor of a product", parts[at][1])
            start, found = self._run([n for _, n in parts[:at]], parts[-1][1], parts[at][1])
            rest = [self.scalar(n) for _, n in parts[: at - start]]
            return Mul(*rest, found(Prod))
        self._check_slash(parts)
        factors: list[tuple[str, Value, Node]] = []
        k = 0
        while k < len(parts):
            sign, item = parts[k]
            following = parts[k + 1] if k + 1 < len(parts) else None
            if factors and _is_remark(item) and not sign and isinstance(parts[k - 1][1], Number):
                k += 1
                continue
            value, used = self._maybe_applied(item, following)
            factors.append((sign, value, item))
            k += 2 if used else 1
        return self.multiplied(factors, node)

    def _check_slash(self, parts: list[tuple[str, Node]]) -> None:
        """Refuses a / b c, which may mean a c / b or a / (b c)."""
        for k in range(1, len(parts) - 1):
            (sign, below), (after, following) = parts[k], parts[k + 1]
            core = below.core if isinstance(below, Scripted) else below
            if sign != "/" or after or isinstance(core, (Group, Call, Derivative)) or isinstance(following, Big):
                continue
            is_fraction = k == 1 and isinstance(parts[0][1], Number) and isinstance(below, Number)
            if is_fraction and not (isinstance(following, Name) and following.text == r"\pi"):
                continue
            group = following.core if isinstance(following, Scripted) else following
            if isinstance(group, Group) and self.applied(below, group) is not None:
                continue
            raise self.error("it is not clear what stands below the slash", below, "bracket it: a / (b c) or (a / b) c")

    def multiplied(self, factors: list[tuple[str, Value, Node]], node: Node) -> Value:
        """The product from left to right; scalars are gathered so that a long product costs linear time."""
        scalars: list[Expr] = []
        array: Array | None = None
        for sign, value, item in factors:
            if sign == "/":
                if isinstance(value, Array):
                    raise self.error("a division by a vector or matrix", item)
                if value == 0:
                    raise self.error("a division by zero", item)
                scalars.append(self.power(value, S.NegativeOne, item))
            elif not isinstance(value, Array):
                scalars.append(value)
            elif array is None:
                array = value
            else:
                found = self.times(array, value, sign, item)
                if isinstance(found, Array):
                    array = found
                else:
                    scalars.append(found)
                    array = None
        factor = self.checked(Mul(*scalars), node)
        if array is None:
            return factor
        if factor == 1:
            return array
        entry = array.entry
        return Array(array.axes, lambda *at: factor * entry(*at), array.row, array.gradient)

    def times(self, a: Array, b: Array, sign: str, node: Node) -> Value:
        """Two arrays: entrywise for a Hadamard sign, else the product of matrices."""
        left, right = a.entry, b.entry
        if sign == "odot":
            if a.rank != b.rank:
                raise self.error("an entrywise product of different shapes", node)
            self.align(a, b)
            return Array(a.axes, lambda *at: left(*at) * right(*at), a.row)
        if a.rank == 1 and b.rank == 1:
            if a.row and not b.row:
                return self.contracted(a, b)
            if not a.row and b.row:
                return Array((a.axes[0], b.axes[0]), lambda i, j: left(i) * right(j))
            if sign == "*" and not a.row:
                return self.contracted(a, b)
            raise self.error(
                "two vectors side by side", node, r"write x^\top y, x \odot y, or the product with indices"
            )
        if a.rank == 1 and b.rank == 2 and not (a.row or a.gradient or self.session.tolerant):
            raise self.error("a column vector before a matrix", node, r"write x^\top W")
        if a.rank == 2 and b.rank == 1 and b.row:
            raise self.error("a row vector after a matrix", node)
        if a.rank + b.rank > 4 or a.rank == 0 or b.rank == 0:
            raise self.error("a product of arrays of this rank", node)
        return self.contracted(a, b)

    def contracted(self, a: Array, b: Array) -> Value:
        """The last axis of a against the first of b."""
        axis, other = a.axes[-1], b.axes[0]
        self.ranges.same(axis, other)
        left, right, n = a.entry, b.entry, a.rank - 1

        def entry(*at: Expr) -> Expr:
            j = self.ranges.dummy()
            return Sigma.over(j, axis.lo_symbol, axis.hi_symbol, left(*at[:n], j) * right(j, *at[n:]))

        axes = (*a.axes[:-1], *b.axes[1:])
        if not axes:
            return entry()
        return Array(axes, entry, row=a.rank == 1 and b.rank == 2, gradient=a.gradient and b.gradient)

    # Application

    def _maybe_applied(self, head: Node, following: tuple[str, Node] | None) -> tuple[Value, bool]:
        """A factor, applied to the bracket that touches it where it is a function; whether the bracket was used."""
        if following is None or following[0] != "":
            return self.value(head), False
        bracket = following[1]
        core = bracket.core if isinstance(bracket, Scripted) else bracket
        if isinstance(head, Word) and isinstance(core, Matrix) and head_text(head) not in self.names.defined:
            raise self.unknown(head.text, head)
        if not isinstance(core, Group) or core.bracket not in ("(", "[", r"\{"):
            return self.value(head), False
        if core.bracket == r"\{" and not (_is_one(head) and all(isinstance(i, Relation) for i in core.items)):
            return self.value(head), False
        applied = self._evaluated_slope(head, core) if isinstance(head, Derivative) else self.applied(head, core)
        if applied is None:
            opaque = self._opaque(head, core)
            if opaque is not None:
                return opaque, True
            if isinstance(head, (Name, Word, Scripted)) and (core.bars or len(core.items) != 1):
                raise self.error("a list in brackets where one expression was expected", core)
            return self.value(head), False
        if isinstance(bracket, Scripted):
            if bracket.subs:
                applied = self.member(applied, bracket)
            for power in bracket.sups:
                applied = self.raised(applied, power, bracket)
        return applied, True

    def _evaluated_slope(self, head: Derivative, group: Group) -> Value | None:
        r"""\frac{\partial f}{\partial x}(x, y) of a declared function f; None where the bracket is a factor."""
        o = self.names.occurrence(head.of)
        parameters = self.names.functions.get(o.key, ()) if o is not None and not o.below else ()
        maker = self.session.bodies.get(o.key) if o is not None and parameters else None
        if maker is None or group.bracket != "(" or len(parameters) != len(group.items):
            if len(group.items) > 1:
                raise self.error("a list in brackets where one expression was expected", group)
            return None
        is_number = all(isinstance(i, Number) for i in group.items)
        given = [self.value(i) for i in group.items]
        formal = maker().parameters
        if all(_is_parameter(a, p) for a, p in zip(given, formal, strict=True)):
            return self.value(head)
        if len(given) == 1 and not is_number:
            return None
        slope = self.value(head)
        if isinstance(slope, Array) or any(isinstance(a, Array) for a in given):
            raise self.error("a derivative at another vector", group)
        pairs = [x for p, a in zip(formal, given, strict=True) for x in (p, a)]
        return At(slope, *[x for x in pairs if isinstance(x, Expr)])

    def _opaque(self, head: Node, group: Group) -> Expr | None:
        """H(g, p) in a proof, where nothing says what H is: a quantity of which only the name is known."""
        o = self.names.occurrence(head)
        named = all(self.names.occurrence(i) is not None for i in group.items)
        is_word = len(group.items) == 1 and isinstance(group.items[0], Word) and len(group.items[0].text) > 1
        if not self.session.tolerant or o is None or o.below or not named:
            return None
        if len(group.items) < _LIST and not (is_word and head_text(group.items[0]) not in self.names.defined):
            return None
        bar = r"\|" if group.bars else ","
        key = f"{o.key}({bar.join(map(spell, group.items))})"
        self.session.used.setdefault(key, self.spot(head))
        return scalar(key)

    def applied(self, head: Node, group: Group) -> Value | None:
        """head(arguments), where head is a function; None where the two are factors."""
        if group.items and all(isinstance(i, Relation) for i in group.items) and _is_one(head):
            return self.conditions(group.items)
        if not isinstance(head, (Name, Word, Scripted)):
            return None
        o = self.names.occurrence(head)
        if o is None:
            return None
        above, below, key = self.names.parts(o, self.letters_in_force())
        bare = key.rstrip("'")
        primes = len(key) - len(bare)
        powers = self.names.power_of(head) if isinstance(head, Scripted) else ()
        record = self.names.is_function(bare)
        if record is not None and above is None and not below:
            value = self.called(record, primes, group.items, group)
        elif bare in self.names.unknown and above is None and not below:
            hint = f"name its value in a given of its own, such as a = {bare}(z)"
            raise self.error(f"nothing is known of the function {bare}", head, hint)
        elif key in self.names.functions:
            value = self.declared(o, head, key, group)
        elif primes and bare in self.names.functions:
            value = self.derived(bare, primes, group, head)
        elif primes and key not in self.names.quantities and bare in self.names.defined and len(group.items) == 1:
            inner = self.scalar(group.items[0])
            if not isinstance(inner, (Symbol, Indexed)):
                return None
            value = family(bare)
            for _ in range(primes):
                value = D(value, inner)
        elif isinstance(head, Word) and head.text in ("floor", "ceil") and len(group.items) == 1:
            return self._group(Group(group.at, group.end, rf"\l{head.text}", group.items))
        elif isinstance(head, Word) or (isinstance(head, Scripted) and isinstance(head.core, Word)):
            word = head if isinstance(head, Word) else head.core
            assert isinstance(word, Word)
            if head_text(word) in self.names.defined:
                return None
            if self.session.tolerant and (len(group.items) >= _LIST or any(isinstance(i, Word) for i in group.items)):
                return None
            raise self.unknown(word.text, head)
        elif head_text(head.core if isinstance(head, Scripted) else head) in (
            r"\mathbb{E}",
            r"\mathbb{P}",
            r"\mathbb{V}",
        ):
            raise self.error("an expectation or a probability is not read here", head)
        else:
            return None
        for power in powers:
            value = self.raised(value, power, head)
        return value

    def declared(self, o: Occurrence, head: Node, key: str, group: Group) -> Value:
        """A function of the problem at its own arguments, or at others, which are put into its body."""
        target = self.quantity(Occurrence(o.key, o.above, o.below, o.node), head)
        maker = self.session.bodies.get(key)
        given = [self.value(i) for i in group.items]
        if maker is None:
            return target
        found = maker()
        if len(found.parameters) != len(given):
            raise self.error(f"{key} has {len(found.parameters)} arguments, not {len(given)}", group)
        put_in: dict[Expr, Expr] = {}
        for parameter, argument in zip(found.parameters, given, strict=True):
            if isinstance(argument, Array):
                is_scalar = isinstance(parameter, Symbol) and parameter.name not in self.names.families
                if is_scalar and len(given) == 1 and isinstance(found.body, Expr):
                    return self.elementwise(_with_argument(found.body, parameter), argument)
                if argument.rank and not _is_whole(argument, parameter):
                    raise self.error(f"{key} at another vector than its own argument", group)
            elif argument != parameter and not _same_family(argument, parameter):
                put_in[parameter] = argument
        if not put_in:
            return target
        if found.body is None:
            raise self.error(f"{key} is known at its own argument only", group)
        return put(found.body, put_in)

    def derived(self, bare: str, primes: int, group: Group, head: Node) -> Value:
        """f'(x) of a declared function."""
        found = self.session.bodies[bare]() if bare in self.session.bodies else None
        if found is None or len(found.parameters) != 1 or len(group.items) != 1:
            raise self.error("a prime stands at a function of one argument", head)
        x = found.parameters[0]
        result: Expr = family(bare)
        for _ in range(primes):
            result = D(result, x)
        argument = self.scalar(group.items[0])
        return result if argument == x else At(result, x, argument)

    def called(
        self, record: ScalarFunction | FamilyFunction, primes: int, items: tuple[Node, ...], node: Node
    ) -> Value:
        """A built-in function at its arguments."""
        if isinstance(record, FamilyFunction):
            return self.of_family(record, items, node, primes)
        if len(items) != record.arity:
            raise self.error(
                f"{record.name} takes {record.arity} argument{'s' * (record.arity > 1)}, not {len(items)}", node
            )
        first, *others = [self.value(i) for i in items]
        extra: list[Expr] = []
        for value, item in zip(others, items[1:], strict=True):
            if isinstance(value, Array):
                raise self.error("a vector where a number was expected", item)
            extra.append(value)
        if primes:
            return self.elementwise(lambda u: self._primed(record, u, tuple(extra), primes), first)
        return self.elementwise(lambda u: self.checked(record.head(u, *extra), node), first)

    def _primed(self, record: ScalarFunction, u: Expr, extra: tuple[Expr, ...], primes: int) -> Expr:
        plain = isinstance(u, Indexed) or (isinstance(u, Symbol) and not u.is_integer)
        x = u if plain else scalar(self._unused("u"))
        result: Expr = record.head(x, *extra)
        for _ in range(primes):
            result = D(result, x)
        return result if plain else At(result, x, u)

    def _unused(self, name: str) -> str:
        taken = self.names.quantities | self.names.plain | self.names.families
        while name in taken:
            name += "'"
        return name

    def of_family(self, record: FamilyFunction, items: tuple[Node, ...], node: Node, primes: int) -> Value:
        if primes or len(items) != 1:
            raise self.error(f"{record.name} takes one vector", node)
        value = self.value(items[0])
        if self.session.tolerant and isinstance(value, Indexed) and not record.is_total:
            label, (*first, last) = value.base.label, value.indices
            axis = self.ranges.axis(label.name, len(first))
            return record.component(lambda i: family(label, *first, i), axis.lo_symbol, axis.hi_symbol, last)
        if not isinstance(value, Array) or value.rank < 1:
            raise self.error(f"{record.name} takes a vector", items[0], r"declare it: z \in \mathbb{R}^{K}")
        axis = value.axes[-1]
        entry = value.entry
        if record.is_total:
            if value.rank == 1:
                return record.component(lambda i: entry(i), axis.lo_symbol, axis.hi_symbol, None)
            return Array(
                value.axes[:-1],
                lambda *at: record.component(lambda i: entry(*at, i), axis.lo_symbol, axis.hi_symbol, None),
            )
        return Array(
            value.axes,
            lambda *at: record.component(lambda i: entry(*at[:-1], i), axis.lo_symbol, axis.hi_symbol, at[-1]),
        )

    def _call(self, node: Call) -> Value:
        name, items = node.function, node.arguments
        if rf"\mathrm{{{name}}}" in self.names.functions and node.base is None and not node.primes:
            return self._own_call(node)
        if node.bare and isinstance(items[0], Product):
            self._check_bare(name, items[0])
        if name in ("max", "min"):
            if node.base or node.power or node.primes:
                raise self.error(rf"\{name} takes its arguments in brackets", node)
            values = [self.value(i) for i in items]
            if len(values) < 2:
                raise self.error(rf"\{name} takes two arguments or more", node)
            head = Maximum if name == "max" else Minimum
            arrays = [v for v in values if isinstance(v, Array)]
            if not arrays:
                return head(*values)
            for other in arrays[1:]:
                self.align(arrays[0], other)
            return Array(arrays[0].axes, lambda *at: head(*[entry_of(v, *at) for v in values]))
        if name == "diag":
            return self.diagonal(node)
        if name in ("tr", "Tr", "trace"):
            value = self.value(items[0])
            if not isinstance(value, Array) or value.rank != 2:
                raise self.error("the trace of a matrix", node)
            self.ranges.same(value.axes[0], value.axes[1])
            j = self.ranges.dummy()
            return Sigma.over(j, value.axes[0].lo_symbol, value.axes[0].hi_symbol, value.entry(j, j))
        if name in ("log", "ln", "lg"):
            self.session.spelling.setdefault("log", "ln" if name == "ln" else "log")
        record = by_spelling().get("log" if name == "lg" else name)
        if record is None:
            raise self.unknown(name, node)
        value = self._log(node, record) if record.name == "log" else self.called(record, node.primes, items, node)
        if node.power is not None:
            if isinstance(node.power, Sum) or (isinstance(node.power, Number) and node.power.text.startswith("-")):
                exponent = self.scalar(node.power)
                if exponent.is_negative:
                    raise self.error("a negative power at a function may mean its inverse", node, "bracket the value")
            value = self.raised(value, node.power, node)
        return value

    def _own_call(self, node: Call) -> Value:
        """A function of the problem that has the name of a built-in one."""
        head = Word(node.at, node.end, node.function, "operatorname")
        key = rf"\mathrm{{{node.function}}}"
        group = Group(node.at, node.end, "(", node.arguments)
        value = self.declared(Occurrence(key, None, (), head), head, key, group)
        return value if node.power is None else self.raised(value, node.power, node)

    def _check_bare(self, name: str, argument: Product) -> None:
        """Refuses a bracket in an argument without brackets, unless it belongs to a function: \\log a (b + c)."""
        for (_, head), (_, following) in zip(argument.parts, argument.parts[1:], strict=False):
            core = following.core if isinstance(following, Scripted) else following
            if isinstance(core, Group) and core.bracket and self.applied(head, core) is None:
                message = f"it is not clear whether this bracket belongs to the argument of {name}"
                raise self.error(message, core, f"bracket the argument: {name}(…)")

    def _log(self, node: Call, record: ScalarFunction | FamilyFunction) -> Value:
        value = self.called(record, node.primes, node.arguments, node)
        base: Expr | None = Integer(10) if node.function == "lg" else None
        if node.function == "log" and self.session.log_base is not None:
            base = Integer(self.session.log_base)
        if node.base is not None:
            base = self.scalar(node.base)
        if base is None or base == exp(1):
            return value
        if node.function == "ln":
            raise self.error(r"\ln with another base", node)
        below = log(base)
        if below == 0:
            raise self.error("the logarithm to the base 1", node)
        return self.elementwise(lambda u: u / below, value)

    def diagonal(self, node: Call) -> Value:
        if len(node.arguments) != 1:
            raise self.error("diag takes one vector", node)
        value = self.value(node.arguments[0])
        if not isinstance(value, Array) or value.rank != 1:
            raise self.error("diag takes one vector", node, r"declare it: p \in \mathbb{R}^{K}")
        axis, entry = value.axes[0], value.entry
        return Array((axis, axis), lambda i, j: Delta(i, j) * entry(i))

    # The other nodes

    def _group(self, node: Group) -> Value:
        if node.bracket in (r"\lfloor", r"\lceil"):
            inside = self.scalar(node.items[0]) if len(node.items) == 1 else None
            if inside is None or not inside.is_Rational:
                raise self.error("only a number is rounded here", node)
            return floor(inside) if node.bracket == r"\lfloor" else ceiling(inside)
        if node.bracket == "[" and node.items and all(isinstance(i, Relation) for i in node.items):
            return self.conditions(node.items)
        if len(node.items) != 1 or node.bars:
            if not node.items:
                raise self.error("empty brackets", node)
            if node.bracket in ("(", "[") and not node.bars and not any(isinstance(i, Mark) for i in node.items):
                return self.written_out(tuple((i,) for i in node.items), node)
            raise self.error("a list where one expression was expected", node)
        if isinstance(node.items[0], Relation):
            raise self.error("a relation where an expression was expected", node.items[0])
        return self.value(node.items[0])

    def _fraction(self, node: Fraction) -> Value:
        top, below = self.value(node.top), self.value(node.below)
        if isinstance(below, Array):
            if isinstance(top, Array) and top.rank == below.rank:
                self.align(top, below)
                left, right = top.entry, below.entry
                return Array(top.axes, lambda *at: left(*at) / right(*at), top.row)
            raise self.error("a division by a vector or matrix", node.below)
        if below == 0:
            raise self.error("a division by zero", node.below)
        return self.elementwise(lambda t: self.checked(t / below, node), top)

    def _factorial(self, node: Factorial) -> Value:
        r"""n! = \prod_{k=1}^n k; of a whole number the number itself."""
        try:
            n = self.integer(node.body)
        except ReadError:
            hint = r"of a quantity, say that it is in \mathbb{N}"
            raise self.error("a factorial stands at a number, a size or an index", node, hint) from None
        if isinstance(n, Integer):
            if n > MAX_FACTORIAL:
                raise self.error(f"a factorial beyond {MAX_FACTORIAL}!", node)
            return Integer(factorial(int(n)))
        whole = self.names.sizes | self.names.inputs | self.letters_in_force()
        if any(s.name not in whole for s in free_symbols(n)):
            raise self.error(
                "a factorial stands at a number, a size or an index", node, r"say that it is in \mathbb{N}"
            )
        k = self.ranges.dummy()
        return Prod.over(k, Integer(1), n, k)

    def _root(self, node: Root) -> Value:
        body = self.value(node.body)
        degree = self.scalar(node.degree) if node.degree is not None else Integer(2)
        if degree == 0 or degree.is_negative:
            raise self.error("a root of this degree", node)
        return self.elementwise(lambda b: self.power(b, 1 / degree, node), body)

    def _bars(self, node: Bars) -> Value:
        if node.kind == "||":
            return self._norm(Scripted(node.at, node.end, node, (), (), 0))
        body = self.value(node.body)
        if isinstance(body, Array):
            raise self.error("bars around a vector", node, r"write the norm as \|x\|")
        return Abs(body)

    def _norm(self, node: Scripted) -> Value:
        bars = node.core
        assert isinstance(bars, Bars)
        value = self.value(bars.body)
        kind = ",".join(s.text if isinstance(s, (Name, Number)) else "?" for s in node.subs) or "2"
        axes: tuple[Axis, ...] = value.axes if isinstance(value, Array) else ()
        at = [self.ranges.dummy() for _ in axes]
        value_ = entry_of(value, *at)
        if (
            kind not in ("1", "2", "F")
            or (kind == "2" and node.subs and len(axes) == 2)
            or (kind == "1" and len(axes) == 2)
        ):
            raise self.error("this norm is not read here", node, r"write \|x\|_2, \|x\|_1 or \|W\|_F")
        total = Abs(value_) if kind == "1" else value_**2
        for letter, axis in zip(reversed(at), reversed(axes), strict=True):
            total = Sigma.over(letter, axis.lo_symbol, axis.hi_symbol, total)
        if kind == "1":
            result: Expr = total
            powers = node.sups
        elif node.sups and isinstance(node.sups[0], Number) and node.sups[0].text == "2":
            result, powers = total, node.sups[1:]
        else:
            result, powers = sqrt(total) if axes else Abs(value_), node.sups
        raised: Value = result
        for power in powers:
            raised = self.raised(raised, power, node)
        return raised

    def _matrix(self, node: Matrix) -> Value:
        return self.written_out(node.rows, node)

    def written_out(self, rows: tuple[tuple[Node, ...], ...], node: Node) -> Value:
        """A vector or matrix whose entries stand in the formula; one column or one row is a vector."""
        cells = [[self.scalar(c) for c in row] for row in rows]
        shape = (len(cells), len(cells[0]))
        is_vector = 1 in shape
        axes = []
        for n in [max(shape)] if is_vector else shape:
            axis = self.ranges.anonymous("a vector or matrix written out")
            axis.count = (n, self.spot(node))
            axes.append(axis)
        first = [a.lo_symbol for a in axes]
        flat = [c for row in cells for c in row]
        if is_vector:
            return Array(
                tuple(axes), lambda i: Add(*[Delta(i, first[0] + n) * c for n, c in enumerate(flat)]), shape[0] == 1
            )
        return Array(
            tuple(axes),
            lambda i, j: Add(
                *[
                    Delta(i, first[0] + r) * Delta(j, first[1] + c) * x
                    for r, row in enumerate(cells)
                    for c, x in enumerate(row)
                ]
            ),
        )

    def _evaluated(self, node: Evaluated) -> Value:
        kept = self.dummies
        self.dummies = {**kept, **self._placeholders(node)}
        try:
            return self._at(node)
        finally:
            self.dummies = kept

    def _placeholders(self, node: Evaluated) -> dict[str, Symbol]:
        """The names at an evaluation bar that are vectors elsewhere: there they only hold a place for a number."""
        found: dict[str, Symbol] = {}
        for item in node.settings:
            if not isinstance(item, Relation) or item.signs != ("=",):
                continue
            first = item.sides[0]
            if not isinstance(first, Name) or first.text in self.letters_in_force():
                continue
            if self.names.arity.get(first.text, 0) and not isinstance(self.value(item.sides[-1]), Array):
                found[first.text] = scalar(self._unused("u"))
        return found

    def _at(self, node: Evaluated) -> Value:
        body = self.value(node.body)
        pairs: list[Expr] = []
        for item in node.settings:
            if not isinstance(item, Relation) or item.signs != ("=",):
                raise self.error("a setting such as x=1 was expected", item)
            x, v = self.scalar(item.sides[0]), self.scalar(item.sides[1])
            if not isinstance(x, (Symbol, Indexed)):
                raise self.error("a name was expected before the equals sign", item)
            pairs += [x, v]
        return self.elementwise(lambda b: At(b, *pairs), body)

    def _caserows(self, node: CaseRows) -> Value:
        rows = [(self.value(v), None if c is None else self.conditions(c)) for v, c in node.rows]
        *branches, last = rows
        others = [c for _, c in branches]
        if any(c is None for c in others):
            raise self.error("a case after the remaining one", node)
        conditions = [c for c in others if c is not None]
        if last[1] is not None and not _exhausts([*conditions, last[1]]):
            raise self.error(
                "the cases may leave a gap", node, r"end them with \text{otherwise}, or with the opposite condition"
            )
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
        return self.conditions(node.conditions)

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
        raise self.error("this sign does not make a condition", left)

    # Big operators

    def _big(self, node: Big) -> Value:
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

        def bind(name: Node) -> Letter:
            if not isinstance(name, Name):
                raise self.error("an index letter was expected", name)
            if name.text in layer:
                return layer[name.text]
            letter = self.ranges.letter(name.text, self.spot(name), "bound")
            layer[name.text] = letter
            return letter

        pending = [i.sides[0] if isinstance(i, Relation) else i for i in node.below]
        for item, first in zip(node.below, pending, strict=True):
            if not isinstance(item, Relation):
                names = [n for _, n in first.parts] if isinstance(first, Product) else [first]
                for name in names:
                    bind(name)
                continue
            if item.signs == ("=",):
                bind(first).own_lo = self.integer(item.sides[1])
                continue
            if len(item.signs) == 2 and item.signs[0] in ("<", "<=") and item.signs[1] in ("<", "<="):
                letter = bind(item.sides[1])
                letter.own_lo = self.integer(first) + int(item.signs[0] == "<")
                letter.own_hi = self.integer(item.sides[2]) - int(item.signs[1] == "<")
                continue
            if len(item.signs) != 1 or item.signs[0] == "in":
                raise self.error("this condition below a sum is not read here", item)
            sign, right = item.signs[0], item.sides[1]
            if (
                isinstance(first, Name)
                and first.text not in layer
                and isinstance(right, Name)
                and (
                    right.text not in self.letters_in_force()
                    and right.text not in self.names.sizes | self.names.inputs
                    and sign in ("<", "<=")
                )
            ):
                high = bind(right)
                low = bind(first)
                paired[low.symbol] = high
                low.own_hi = high.symbol - int(sign == "<")
                layer.pop(right.text)
                layer.pop(first.text)
                layer[right.text], layer[first.text] = high, low
                continue
            letter = bind(first)
            if sign == "!=":
                conditions.append((first, sign, right))
            elif sign in (">", ">="):
                letter.own_lo = self.integer(right) + int(sign == ">")
            elif sign in ("<", "<="):
                letter.own_hi = self.integer(right) - int(sign == "<")
        if node.above is not None:
            open_letters = [x for x in layer.values() if x.own_hi is None]
            if not open_letters:
                raise self.error("an upper bound that belongs to no letter", node.above)
            top = self.integer(node.above)
            for letter in open_letters:
                letter.own_hi = top
                if letter.own_lo is None:
                    raise self.error("an upper bound without a lower one", node.above)
        outer = self.scope()
        for letter in layer.values():
            above = paired.get(letter.symbol)
            letter.outer = outer if above is None else {**outer, above.symbol: above}
        return layer, conditions

    # Derivatives

    def _derivative(self, node: Derivative) -> Value:
        if node.kind in ("d", "partial"):
            self.session.spelling.setdefault("d", node.kind)
        make: type[D] = DPlus if node.kind == "plus" else D
        value = self.value(node.of)
        for variable, order in reversed(node.wrt):
            for _ in range(order):
                value = self.differentiated(value, variable, make)
        return value

    def _nabla(self, node: Nabla) -> Value:
        variable = self.names.gradient_variable(node)
        if variable is None:
            raise self.error(r"\nabla needs its variable", node, r"write \nabla_x L, or \frac{\partial L}{\partial x}")
        value = self.value(node.of)
        for _ in range(node.order):
            value = self.differentiated(value, variable, D)
        return value

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
        if isinstance(x, Indexed) or (isinstance(x, Symbol) and not x.is_integer):
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


def _is_remark(node: Node) -> bool:
    """Words in brackets, as in 5 (bias)."""
    words = node.items if isinstance(node, Group) and node.bracket == "(" else ()
    return bool(words) and all(isinstance(w, Word) and w.style in TEXTS for w in words)


def _with_argument(body: Expr, parameter: Expr) -> Callable[[Expr], Expr]:
    return lambda u: put(body, {parameter: u})


def _is_one(head: Node) -> bool:
    """Whether brackets after this sign make an indicator of the condition in them."""
    if isinstance(head, (Number, Name, Word)):
        return head.text in INDICATORS
    return False


def _is_parameter(argument: Value, parameter: Expr) -> bool:
    return _is_whole(argument, parameter) if isinstance(argument, Array) else argument == parameter


def _is_whole(argument: Array, parameter: Expr) -> bool:
    """Whether the argument is the family itself that the parameter stands for."""
    probe = argument.entry(*[Symbol(f"?p{n}", integer=True) for n in range(argument.rank)])
    return _same_family(probe, parameter)


def _same_family(a: Expr, b: Expr) -> bool:
    label_a = a.base.label if isinstance(a, Indexed) else a
    label_b = b.base.label if isinstance(b, Indexed) else b
    return bool(label_a == label_b)


def settled(expr: Expr, session: Session, answers: Mapping[Expr, Expr]) -> Expr:
    """`expr` with its ranges put in.

    Raises  `GivensError` where nothing fixes one of them.
    """
    open_ = [s for s in free_symbols(expr) if s.name.startswith("?")]
    if not open_:
        return expr
    missing = sorted((s for s in open_ if s not in answers), key=lambda s: (len(s.name), s.name))
    if missing:
        owner = session.ranges.owner(missing[0])
        if owner is None:
            raise GivensError("nothing fixes the range of an index")
        spot = None
        if isinstance(owner, Axis):
            label = owner.name.split(" of ")[-1]
            spot = session.used.get(label)
        session.ranges.range_of(owner, spot)
    return put(expr, answers)
