"""Names with their indices, and the arithmetic of vectors and matrices."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection
from math import log10

from sympy import Abs, AccumBounds, Add, Expr, Integer, Mul, Pow, S, exp, log, pi, sqrt

from symdl.errors import LayoutError, ShapeError
from symdl.language import D, Delta, Maximum, Sigma, Step, family, put, scalar, size
from symdl.problem import Range
from symdl.read.axes import Axis, Letter
from symdl.read.labels import CIRCLE
from symdl.read.letters import Letters
from symdl.read.names import BOLD_IDENTITIES
from symdl.read.nodes import Bars, Call, Fraction, Group, Mark, Matrix, Name, Node, Number, Relation, Root, Scripted
from symdl.read.own import own_letter
from symdl.read.scripts import Occurrence, head_text, script_items, spell
from symdl.read.values import Array, Value, entry_of, member_of, rank_of

_MATRIX = 2
_SPACE = 3
MAX_LISTED = 50
"""The most entries of which the greatest is written out."""
INFINITE = frozenset((S.Infinity, S.NegativeInfinity))
MAX_POWER = 10_000
"""The largest exponent of a number, and the most digits of a result."""


class Arrays(Letters):
    """Reads names, and calculates with vectors and matrices entry by entry."""

    def quantity(self, o: Occurrence, node: Node) -> Value:
        """A name with its indices, without powers."""
        names = self.names
        force = self.letters_in_force()
        above, below, key = names.parts(o, force)
        indices = ([above] if above is not None else []) + list(below)
        if not indices and (alone := self._alone(key, node, force)) is not None:
            return alone
        is_pair = above is None and len(indices) == 2
        if key in names.deltas and is_pair and key not in names.defined and key not in names.fixed:
            first, second = (self.integer(i) for i in indices)
            scope = self.scope()
            if first in scope and second in scope:
                # The k of \delta_{ik} runs over the same as i.
                scope[first].peers.append(scope[second])
                scope[second].peers.append(scope[first])
            return Delta(first, second)
        lone = o.below[0] if len(o.below) == 1 else None
        is_vector = isinstance(lone, Name) and lone.text in names.labels and not indices and o.key in names.families
        # W_h beside a matrix W is a name of its own, if it is declared or defined as such.
        if is_vector and isinstance(lone, Name) and key not in names.fixed | names.defined:
            raise names.conflict(self.source, lone.at, lone.text)
        partial = self._partial(o, key)
        if partial is not None:
            return partial
        self.session.used.setdefault(key, self.spot(node))
        labels = {n: self._label(i) for n, i in enumerate(indices) if names.points(i)}
        at = tuple(labels[n][0] if n in labels else self.integer(i) for n, i in enumerate(indices))
        arity = max(names.arity.get(key, 0), len(at))
        if arity < len(at) or (names.fixed and key in names.fixed and len(at) > names.arity.get(key, 0)):
            raise self.error(f"{key} has {names.arity.get(key, 0)} indices, not {len(at)}", node)
        scope = self.scope()
        for position, i in enumerate(at):
            self.ranges.place(i, self.ranges.axis(key, position), scope)
        rest = arity - len(at)
        picked = [(axis, *labels[n]) for n in labels if (axis := self.ranges.axis(key, n)) and labels[n][1] is not None]
        if picked:
            axes = tuple(self.ranges.axis(key, len(at) + n) for n in range(rest))
            if not rest:
                return self._picked(key, at, picked)
            return Array(axes, lambda *more: self._picked(key, at, picked, *more))
        if rest == 0:
            return member_of(key, *at)
        axes = tuple(self.ranges.axis(key, len(at) + n) for n in range(rest))
        is_row = rest == 1 and key in names.rows
        return Array(axes, lambda *more: member_of(key, *at, *more), given_row=is_row)

    def _alone(self, key: str, node: Node, force: Collection[str]) -> Value | None:
        """What a name without indices is that is no quantity: a letter, a size, a number of its own, an identity."""
        names = self.names
        if key in self.dummies:
            return self.dummies[key]
        if key in force and (any(key in x for x in self.stack) or key not in names.sizes):
            return self.letter(key, node).symbol
        if key in names.inputs:
            return self.letter(key, node).symbol
        if key in names.letters and key not in names.quantities and key not in names.sizes:
            return self.letter(key, node).symbol
        if key in names.sizes:
            return size(key)
        if key == "e" and not self._is_own(key):
            return exp(1)
        if key == CIRCLE or (key == r"\pi" and not self._is_own(key) and not names.has_kin(key)):
            return pi
        is_free = not self._is_own(key) and key not in names.families
        if key in names.matrices or (key in BOLD_IDENTITIES and is_free):
            return self.identity()
        if key in names.unknown or (names.is_function(key) and key not in names.mapped):
            raise self.error(f"{key} is a function here and needs its argument", node)
        return None

    def _label(self, node: Node) -> tuple[Expr, Expr | None]:
        """The index that a label y_i is: its number, or else a letter for it and what that is equal to.

        Raises  `ReadError` where labels are counted from 0, so that from which number the entries are is not said.
        """
        assert isinstance(node, Scripted)
        given = self.names.pointers[head_text(node.core) or ""]
        if 0 in given.values():
            raise self.error("a label that is 0: from which number they count is not said", node)
        number = given.get(spell(node.subs[0]))
        if number is not None:
            return Integer(number), None
        value = self.scalar(node)
        return self.ranges.dummy(), value

    def _picked(self, key: str, at: tuple[Expr, ...], picked: list[tuple[Axis, Expr, Expr]], *more: Expr) -> Expr:
        """The member at the labels: the sum over all members of the one that has them."""
        found = member_of(key, *at, *more)
        for axis, letter, label in picked:
            is_it = (1 - Step(letter - label, 0)) * (1 - Step(label - letter, 0))
            found = Sigma.over(letter, axis.lo_symbol, axis.hi_symbol, is_it * found)
        return found

    def _partial(self, o: Occurrence, key: str) -> Expr | None:
        """f_x and f_{xy} of a proof: derivatives of a given function by its arguments."""
        parameters = self.names.functions.get(o.key, ())
        letters = [n.text for n in o.below if isinstance(n, Name)]
        is_free = key not in self.names.learnt and self.kind == "task" and self.session.tolerant
        if not letters or len(letters) != len(o.below) or o.above is not None or not is_free:
            return None
        by = [x if x in parameters else own_letter(x) for x in letters]
        if not all(x in parameters and not self.names.arity.get(x, 0) for x in by) or self.names.arity.get(o.key, 0):
            return None
        result: Expr = family(o.key)
        for x in by:
            result = D(result, scalar(x))
        return result

    def _is_own(self, key: str) -> bool:
        """Whether a name that is usually a constant is a quantity of this problem."""
        names = self.names
        is_family = key == "e" and bool(names.arity.get(key, 0))
        return is_family or key in names.defined or key in names.fixed or key in names.quantities

    def identity(self, n: Expr | None = None) -> Array:
        axis = self.ranges.anonymous("the identity matrix")
        return Array((axis, axis), lambda i, j: Delta(i, j))

    def member(self, value: Value, node: Scripted) -> Value:
        """(W x)_i: the entry of a bracketed array."""
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

    @abstractmethod
    def determinant(self, value: Value, node: Node) -> Expr:
        """The determinant of a matrix."""

    @abstractmethod
    def raised(self, value: Value, power: Node, node: Node) -> Value:
        """A power or a transposition."""

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
        elif base in INFINITE and exponent == 0:
            raise self.error("a power of infinity that has no value", node)
        elif (exponent.is_Rational and abs(exponent) > MAX_POWER) or (base.is_number and _is_beyond(exponent)):
            raise self.error(f"an exponent beyond {MAX_POWER:,}", node)
        return self.checked(Pow(base, exponent), node)

    def exponential(self, exponent: Expr, node: Node) -> Expr:
        """e ** exponent; where that is a power of a number, as of e^{n log 2}, one beyond the cap is refused."""
        if _is_beyond(exponent):
            raise self.error(f"an exponent beyond {MAX_POWER:,}", node)
        return self.checked(exp(exponent), node)

    def checked(self, value: Expr, node: Node) -> Expr:
        """The value, unless it holds a number with too many digits or has none."""
        lead = value.as_coeff_Mul()[0] if value.is_Mul else value
        if lead.is_Rational and max(lead.p.bit_length(), lead.q.bit_length()) > MAX_POWER / log10(2):
            raise self.error(f"a number of more than {MAX_POWER:,} digits", node)
        if value.has(S.ComplexInfinity, S.NaN, AccumBounds):
            raise self.error("this has no value" if self.session.tolerant else "a division by zero", node)
        if not self.session.tolerant and value.has(*INFINITE):
            raise self.error("infinity is not a number here", node)
        if value.has(S.ImaginaryUnit):
            raise self.error("a value that is not real", node)
        return value

    def elementwise(self, function: Callable[[Expr], Expr], value: Value) -> Value:
        if isinstance(value, Array):
            entry = value.entry
            return Array(value.axes, lambda *at: function(entry(*at)), value.row, value.gradient)
        return function(value)

    def added(self, terms: list[tuple[int, Value, Node]]) -> Value:
        arrays = [(v, n) for _, v, n in terms if isinstance(v, Array)]
        if not arrays:
            return self.checked(Add(*[s * entry_of(v) for s, v, _ in terms]), terms[0][2])
        first = max((v for v, _ in arrays), key=lambda v: v.rank)
        terms = [(s, self.spread(first, v) if isinstance(v, Array) else v, n) for s, v, n in terms]
        arrays = [(v, n) for _, v, n in terms if isinstance(v, Array)]
        first = arrays[0][0]
        terms = [(s, self.matched(first, v) if isinstance(v, Array) else v, n) for s, v, n in terms]
        arrays = [(v, n) for _, v, n in terms if isinstance(v, Array)]
        row = any(v.row for v, _ in arrays)
        for other, node in arrays[1:]:
            if other.rank != first.rank:
                raise self.error(f"a term of rank {other.rank} beside one of rank {first.rank}", node)
            self.align(first, other, node.at)
        names = self.names
        for _, v, n in terms:
            if not isinstance(v, Array) and not v.is_number and not (isinstance(n, Name) and n.text in names.scalars):
                raise self.error(
                    "a scalar is added to a vector or matrix", n, r"write it times \mathbf{1}, or declare its shape"
                )
        parts = [(s, v) for s, v, _ in terms]
        return Array(first.axes, lambda *at: Add(*[s * entry_of(v, *at) for s, v in parts]), row, first.gradient)

    def spread(self, a: Array, b: Array) -> Array:
        """The vector b as a matrix with this row wherever the matrix a has one, if words say so."""
        is_row = a.rank == _MATRIX and b.rank == 1 and not b.row and self.session.by_rows
        if not is_row or self._apart(a.axes[-1], b.axes[0]):
            return b
        self.ranges.same(a.axes[-1], b.axes[0])
        entry = b.entry
        return Array(a.axes, lambda i, j: entry(j))

    def _apart(self, x: Axis, y: Axis) -> bool:
        """Whether two axes are known to differ in length."""
        lengths = self.ranges.length(x), self.ranges.length(y)
        return None not in lengths and lengths[0] != lengths[1]

    def matched(self, a: Array, b: Array) -> Array:
        """The array b with its entries numbered as those of a, where both are numbered but from another number."""
        if a.rank != b.rank or not self.session.tolerant:
            return b
        by = [_offset(x, y) for x, y in zip(a.axes, b.axes, strict=True)]
        if not any(by):
            return b
        entry = b.entry
        axes = tuple(y if d == 0 else x for x, y, d in zip(a.axes, b.axes, by, strict=True))
        return Array(axes, lambda *at: entry(*[i + d for i, d in zip(at, by, strict=True)]), b.row, b.gradient)

    def align(self, a: Array, b: Array, at: int | None = None) -> None:
        """Makes the axes of the two the same, one by one.

        Raises  `ShapeError` in a proof, where the givens state other shapes.
        """
        # Where rows and columns exchanged do not fit either, no layout makes the sides equal.
        is_turned = a.rank != _MATRIX or all(map(self._may_fit, a.axes, reversed(b.axes)))
        is_jacobian = (a.is_jacobian or b.is_jacobian) and is_turned
        for x, y in zip(a.axes, b.axes, strict=True):
            if at is not None:
                self._fit(x, y, "the two sides differ in shape", at, is_jacobian)
            self.ranges.same(x, y)

    def _fit(self, x: Axis, y: Axis, message: str, at: int, is_jacobian: bool) -> None:
        if not self.session.tolerant or self.kind != "task" or self._may_fit(x, y):
            return
        if is_jacobian:
            raise self.source.error("a difference of convention: the layout of a Jacobian", at, of=LayoutError)
        lengths = f"{self.ranges.stated_length(x)} and {self.ranges.stated_length(y)}"
        raise self.source.error(f"{message}: {lengths}", at, of=ShapeError)

    def multiplied(self, factors: list[tuple[str, Value, Node]], node: Node) -> Value:
        """The product from left to right; scalars are gathered so that a long product costs linear time."""
        scalars: list[Expr] = []
        array: Array | None = None
        bars = [n for _, value, n in factors if isinstance(n, Bars) and n.kind == "|" and not isinstance(value, Array)]
        if bars and any(sign == "odot" for sign, *_ in factors):
            raise self.error("bars beside an entrywise sign: the length, or that of every entry", bars[0])
        for k, (sign, value, item) in enumerate(factors):
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
            elif sign == "odot" and array.rank != value.rank and k + 1 < len(factors):
                # x \odot W h: the product after the sign comes first.
                rest = self.multiplied([("", value, item), *factors[k + 1 :]], node)
                if not isinstance(rest, Array):
                    raise self.error("an entrywise product of different shapes", item)
                found = self.times(array, rest, sign, item)
                array = found if isinstance(found, Array) else array
                break
            else:
                before = factors[k - 1][2]
                if not sign and isinstance(before, Matrix) and isinstance(item, Matrix):
                    self._check_columns(before, item)
                is_list = isinstance(before, Matrix) and isinstance(item, Group)
                if not sign and is_list and value.rank == array.rank == 1:
                    # A list of numbers behind a column that is written out is a row.
                    value = Array(value.axes, value.entry, not array.row)
                found = self.times(array, value, sign, item)
                if isinstance(found, Array):
                    array = found
                else:
                    scalars.append(found)
                    array = None
        logs = [v for _, v, n in factors if v == S.NegativeInfinity and isinstance(n, Call)]
        if logs and S.Zero in scalars and len(logs) == sum(v in INFINITE for v in scalars):
            # 0 \log 0 is what x \log x tends to.
            scalars = [S.Zero]
        factor = self.checked(Mul(*scalars), node)
        if array is None:
            return factor
        if factor == 1:
            return array
        entry = array.entry
        return Array(array.axes, lambda *at: factor * entry(*at), array.row, array.gradient)

    def _check_columns(self, *columns: Matrix) -> None:
        """Refuses two columns that are written out side by side: such a product does not exist, whatever is meant."""
        is_column = all(len(m.rows) > 1 and all(len(row) == 1 for row in m.rows) for m in columns)
        if is_column and self.session.tolerant and self.kind == "task":
            shapes = " and ".join(f"{len(m.rows)} x 1" for m in columns)
            raise self.source.error(f"the shapes in a product do not fit: {shapes}", columns[-1].at, of=ShapeError)

    def times(self, a: Array, b: Array, sign: str, node: Node) -> Value:
        """Two arrays: entrywise for a Hadamard sign, else the product of matrices."""
        if sign in ("odot", "*", "times") and {a.rank, b.rank} == {1, _MATRIX}:
            matrix, vector = (a, b) if a.rank > b.rank else (b, a)
            rows = self.spread(matrix, vector)
            a, b = (a, rows) if matrix is a else (rows, b)
            sign = "odot" if rows is not vector else sign
        left, right = a.entry, b.entry
        if sign == "odot":
            if a.rank != b.rank:
                raise self.error("an entrywise product of different shapes", node)
            self.align(a, b, node.at)
            return Array(a.axes, lambda *at: left(*at) * right(*at), a.row)
        if sign == "times" and a.rank == b.rank == 1 and a.row == b.row:
            return self._crossed(a, b, node)
        if a.rank == 1 and b.rank == 1:
            if a.row and not b.row:
                return self.contracted(a, b, node.at)
            if not a.row and b.row:
                return Array((a.axes[0], b.axes[0]), lambda i, j: left(i) * right(j))
            if (sign == "*" or (a.given_row and not b.given_row)) and not a.row:
                return self.contracted(a, b, node.at)
            raise self.error(
                "two vectors side by side", node, r"write x^\top y, x \odot y, or the product with indices"
            )
        if a.rank == 1 and b.rank == 2 and not (a.row or a.gradient or self.session.tolerant):
            raise self.error("a column vector before a matrix", node, r"write x^\top W")
        if a.rank == 2 and b.rank == 1 and b.row:
            raise self.error("a row vector after a matrix", node)
        if a.rank + b.rank > 4 or a.rank == 0 or b.rank == 0:
            raise self.error("a product of arrays of this rank", node)
        if sign in ("*", "times") and a.rank == b.rank == _MATRIX and not self._may_fit(a.axes[-1], b.axes[0]):
            raise self.error("a product of matrices that do not fit: a convolution is not read here", node)
        return self.contracted(a, b, node.at)

    def _crossed(self, a: Array, b: Array, node: Node) -> Array:
        """The cross product of two vectors of three entries.

        Raises  `ReadError` where that is not known of them: the sign may then mean any product.
        """
        if not all(self.ranges.length(x.axes[0]) == _SPACE for x in (a, b)):
            raise self.error("a cross between vectors that are not known to have three entries", node)
        self.align(a, b, node.at)
        low = a.axes[0].lo_symbol
        left, right = ([x.entry(low + n) for n in range(_SPACE)] for x in (a, b))
        turns = [(k, (k + 1) % _SPACE, (k + 2) % _SPACE) for k in range(_SPACE)]
        cells = [(low + k, left[i] * right[j] - left[j] * right[i]) for k, i, j in turns]
        return Array(a.axes, lambda at: Add(*[Delta(at, k) * c for k, c in cells]), a.row)

    def _may_fit(self, x: Axis, y: Axis) -> bool:
        lengths = self.ranges.stated_length(x), self.ranges.stated_length(y)
        return None in lengths or lengths[0] == lengths[1]

    def contracted(self, a: Array, b: Array, at: int) -> Value:
        """The last axis of a against the first of b."""
        axis, other = a.axes[-1], b.axes[0]
        self._fit(axis, other, "the shapes in a product do not fit", at, a.is_jacobian or b.is_jacobian)
        self.ranges.same(axis, other)
        left, right, n = a.entry, b.entry, a.rank - 1

        def entry(*at: Expr) -> Expr:
            j = self.ranges.dummy()
            return Sigma.over(j, axis.lo_symbol, axis.hi_symbol, left(*at[:n], j) * right(j, *at[n:]))

        axes = (*a.axes[:-1], *b.axes[1:])
        if not axes:
            return entry()
        return Array(axes, entry, row=a.rank == 1 and b.rank == 2, gradient=a.gradient and b.gradient)

    def diagonal(self, node: Call) -> Value:
        """The diagonal matrix of a vector, or of the numbers that are written out."""
        if len(node.arguments) > 1 and not any(isinstance(a, Mark) for a in node.arguments):
            entries = [self.scalar(a) for a in node.arguments]
            n = len(entries)
            return self.array_of([[entries[r] if r == c else S.Zero for c in range(n)] for r in range(n)], node)
        if len(node.arguments) != 1:
            raise self.error("diag takes one vector", node)
        value = self.value(node.arguments[0])
        if not isinstance(value, Array) or value.rank != 1:
            raise self.error("diag takes one vector", node, r"declare it: p \in \mathbb{R}^{K}")
        axis, entry = value.axes[0], value.entry
        return Array((axis, axis), lambda i, j: Delta(i, j) * entry(i))

    def _fraction(self, node: Fraction) -> Value:
        top, below = self.value(node.top), self.value(node.below)
        if isinstance(below, Array):
            below = self.spread(top, below) if isinstance(top, Array) else below
            if isinstance(top, Array) and top.rank == below.rank:
                self.align(top, below)
                left, right = top.entry, below.entry
                return Array(top.axes, lambda *at: left(*at) / right(*at), top.row)
            raise self.error("a division by a vector or matrix", node.below)
        if below == 0:
            raise self.error("a division by zero", node.below)
        return self.elementwise(lambda t: self.checked(t / below, node), top)

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
        if isinstance(body, Array) and body.rank == _MATRIX:
            return self.determinant(body, node)
        if isinstance(body, Array) and not self.session.tolerant:
            raise self.error("bars around a vector", node, r"write the norm as \|x\|")
        return self._norm(Scripted(node.at, node.end, node, (), (), 0)) if isinstance(body, Array) else Abs(body)

    def _norm(self, node: Scripted) -> Value:
        bars = node.core
        assert isinstance(bars, Bars)
        value = self.value(bars.body)
        kind = ",".join(s.text if isinstance(s, (Name, Number, Mark)) else "?" for s in node.subs) or "2"
        axes: tuple[Axis, ...] = value.axes if isinstance(value, Array) else ()
        at = [self.ranges.dummy() for _ in axes]
        value_ = entry_of(value, *at)
        count = self.ranges.length(axes[0]) if len(axes) == 1 else None
        if kind == "infty" and isinstance(value, Array) and isinstance(count, Integer) and 1 < count <= MAX_LISTED:
            greatest = Maximum(*[Abs(value.entry(axes[0].lo_symbol + n)) for n in range(int(count))])
            return self.raised(greatest, node.sups[0], node) if node.sups else greatest
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
        return self.array_of([[self.scalar(c) for c in row] for row in rows], node)

    def array_of(self, cells: list[list[Expr]], node: Node) -> Array:
        """A vector or matrix of these entries."""
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


def _offset(a: Axis, b: Axis) -> int:
    """By how much the numbers of b are greater, where both axes are settled and equally long."""
    a, b = a.root(), b.root()
    if not (a.known and b.known and a.stated and b.stated):
        return 0
    first, second = a.stated[0][0], b.stated[0][0]
    by, length = second.lo - first.lo, (second.hi - second.lo) - (first.hi - first.lo)
    return int(by) if isinstance(by, Integer) and length == 0 else 0


def _is_beyond(exponent: Expr) -> bool:
    """Whether SymPy would write out a power beyond the cap: of e^{n log 2}, and of 2^{n log 3 / log 2}."""
    factors = (term.as_coeff_Mul() for term in Add.make_args(exponent))
    return any(abs(factor) > MAX_POWER and rest.is_number and rest.has(log) for factor, rest in factors)
