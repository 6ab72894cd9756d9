"""Statements of the givens to drafts: definitions, values, facts, conventions, sets."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Integer, Symbol, oo

from symdl.errors import GivensError, ReadError
from symdl.language import Sigma, fresh_index, size
from symdl.language.functions import ScalarFunction, by_spelling
from symdl.problem import Convention, Range
from symdl.read.axes import Axis, Spot
from symdl.read.commands import DEFINITE
from symdl.read.defining import Defining
from symdl.read.drafts import LETTERS, Draft
from symdl.read.elaborate import Elaborator
from symdl.read.heads import entering, without_inverse
from symdl.read.items import Item, dimensions_of, literal
from symdl.read.names import BOLD
from symdl.read.nodes import (
    Call,
    Derivative,
    Evaluated,
    Group,
    Mark,
    Nabla,
    Name,
    Node,
    Number,
    Product,
    Scripted,
    Word,
)
from symdl.read.nodes import Relation as RelationNode
from symdl.read.scripts import names_in, spell
from symdl.read.values import Array
from symdl.read.values import Value as Meaning

_SIDES = {"+": ">", "++": ">", "-": "<"}
r"""On which side of 0 the numbers of a set lie that bears a sign: \mathbb{R}_+."""


class Statements(Defining):
    """Reads what is given."""

    def _read_item(self, item: Item) -> None:
        if item.kind == "range":
            self._read_range(item)
        elif item.kind == "member":
            self._read_member(item)
        elif item.kind == "constant":
            reader = self.elaborator(item, "free")
            for node in item.names:
                self.constants.append((reader.value(node), self.place_of(item)))
        elif item.kind == "convention":
            self._read_convention(item)
        elif item.kind == "relation":
            self._read_relation(item)
        elif item.kind == "mention":
            self._read_mention(item)

    def _read_mention(self, item: Item) -> None:
        node = item.sides[0]
        if isinstance(node, Group) and len(node.items) == 1 and isinstance(node.items[0], Number):
            # The number of an equation.
            return
        o = self.names.occurrence(node)
        if o is not None and self.names.is_function(o.key) is not None and not o.below:
            return
        if o is not None and o.key == "e" and "e" not in self.names.quantities:
            return
        if o is not None:
            key = self.names.parts(o, self._force(item))[2]
            if (bold := BOLD.fullmatch(key)) and bold.group(1) in self.names.families and not self.names.arity.get(key):
                # The bold name of a family is that of the whole.
                return
            self.mentions.setdefault(key, Spot(item.source, item.at))
            return
        if not item.inline:
            raise item.source.error("an expression alone is not a given", item.at, "write name = expression")

    def _read_range(self, item: Item) -> None:
        assert item.lo is not None and item.hi is not None
        for node in item.names:
            if not isinstance(node, Name):
                continue
            names = self.names
            is_vector = node.text in names.labels & (names.quantities | names.families)
            if is_vector and node.text not in names.ties:
                raise names.conflict(item.source, node.at, node.text)

    def _bounds(self, item: Item) -> tuple[Expr, Expr]:
        reader = self.elaborator(item, "free")
        assert item.lo is not None and item.hi is not None
        return reader.integer(item.lo), reader.integer(item.hi)

    def _read_member(self, item: Item) -> None:
        reader = self.elaborator(item, "free")
        target = item.sides[1]
        core = target.core if isinstance(target, Scripted) else target
        if isinstance(core, Name) and core.text in (r"\mathbb{N}", r"\mathbb{Z}"):
            return
        dimensions = dimensions_of(target)
        if dimensions is None and not isinstance(core, Group):
            raise item.source.error(
                "this set is not read here", target.at, r"write \mathbb{R}, \mathbb{R}^{K} or \{1, \dots, K\}"
            )
        for node in item.names:
            if isinstance(node, Mark) and node.text == "ones":
                self._take_length(spell(dimensions[0]) if dimensions and len(dimensions) == 1 else "")
                continue
            value = reader.value(node)
            o = self.names.occurrence(node)
            assert o is not None
            if dimensions:
                above, below, key = self.names.parts(o, reader.letters_in_force())
                count = len(below) + (above is not None)
                for n, dimension in enumerate(dimensions):
                    is_open = self.tolerant and self.names.is_width(dimension)
                    if self.names.arity.get(key, 0) > count + n and not is_open:
                        run = Range(Integer(1), reader.integer(dimension))
                        self.ranges.axis(key, count + n).root().stated.append((run, Spot(item.source, dimension.at)))
            self._read_set(item, core, target, value, reader)

    def _take_length(self, length: str) -> None:
        """Takes a name or number for how many ones the vector of ones holds."""
        if length.isdigit() or length in self.names.sizes:
            self.ranges.ones = Integer(length) if length.isdigit() else size(length)
            self.session.spelling["length ones"] = length

    def _read_set(self, item: Item, core: Node, target: Node, value: Meaning, reader: Elaborator) -> None:
        """The facts that lie in x \\in \\{0, 1\\}, (0, 1), R_{>0}."""
        facts: list[tuple[Expr, str, Expr]] = []
        marked = isinstance(target, Scripted) and any(isinstance(x, Mark) for x in target.sups)
        says_more = isinstance(core, Group) or marked or (isinstance(target, Scripted) and bool(target.subs))
        if not says_more:
            return
        at: Expr = value
        if isinstance(value, Array):
            taken = frozenset(x.symbol for x in reader.free.values())
            symbols: list[Symbol] = []
            for axis in value.axes:
                symbol = fresh_index(LETTERS, taken)
                taken |= {symbol}
                symbols.append(symbol)
                letter = self.ranges.letter(symbol.name, Spot(item.source, item.at), "entry")
                letter.at.append((axis, 0))
                reader.free[symbol.name] = letter
            at = value.entry(*symbols)
        if isinstance(core, Group) and len(core.items) == 2:
            lo, hi = (reader.scalar(i) for i in core.items)
            if core.bracket == r"\{":
                if (lo, hi) == (0, 1):
                    facts.append((at**2, "=", at))
                else:
                    facts.append(((at - lo) * (at - hi), "=", Integer(0)))
            else:
                sign = ">" if core.bracket == "(" else ">="
                ends = ((sign, lo), ("<" if core.bracket == "(" else "<=", hi))
                facts += [(at, sign, end) for sign, end in ends if end not in (oo, -oo)]
        elif isinstance(core, Group):
            raise item.source.error("this set is not read here", target.at)
        elif isinstance(target, Scripted):
            signs = {s.text for s in (*target.sups, *target.subs) if isinstance(s, (Mark, Word))}
            facts += [(at, sign, Integer(0)) for sign in {_SIDES[s] for s in signs & _SIDES.keys()}]
            for sub in target.subs:
                if isinstance(sub, RelationNode) and sub.signs[0] in (">", ">=", "<", "<=", "!="):
                    facts.append((at, sub.signs[0], reader.scalar(sub.sides[1])))
        for lhs, sign, rhs in facts:
            self.drafts.append(
                Draft("fact", item, self.place_of(item), body=lhs, sign=sign, other=rhs, letters=dict(reader.free))
            )

    def _read_convention(self, item: Item) -> None:
        node = item.sides[0]
        reader = self.elaborator(item, "free")
        value = reader.scalar(item.sides[1])
        inner: Node = node
        at: Expr | None = None
        if isinstance(node, Evaluated):
            assert isinstance(node.body, Derivative)
            setting = node.settings[0]
            assert isinstance(setting, RelationNode)
            at = reader.scalar(setting.sides[-1])
            inner = node.body.of
            while isinstance(inner, Group):
                inner = inner.items[0]
        record: object = None
        if isinstance(inner, Call):
            record = by_spelling().get(inner.function)
            at = at if at is not None else reader.scalar(inner.arguments[0])
        elif isinstance(inner, Product):
            head, group = inner.parts[0][1], inner.parts[1][1]
            o = self.names.occurrence(head)
            record = self.names.is_function(o.key.rstrip("'")) if o else None
            assert isinstance(group, Group)
            at = at if at is not None else reader.scalar(group.items[0])
        if not isinstance(record, ScalarFunction):
            self._read_relation(item)
            return
        assert at is not None
        found = Convention(record.head, at, value, item.text, self.place_of(item))
        for other in self.conventions:
            if other.head == found.head and other.at == at and other.value != value:
                raise item.source.error("two conventions for the same point", item.at, of=GivensError)
        self.conventions.append(found)

    def _read_relation(self, item: Item) -> None:
        reader = self.elaborator(item, "free")
        sides = item.sides
        if any(isinstance(s, Mark) and s.text == "?" for s in sides):
            raise item.source.error("a question mark among the givens", item.at)
        k = 0
        if self._bounds_letter(item, reader):
            return
        if len(sides) > 2 and set(item.signs) == {"="} and self._all_equal(item, sides):
            return
        turned = without_inverse(*sides) if self.tolerant and item.signs == ("=",) and "-1" in item.text else None
        if turned is not None:
            try:
                reader.value(sides[1])
            except ReadError:
                # Of an inverse of which the entries are not known, what it solves is.
                self._fact(item, self.elaborator(item, "free"), turned[0], "=", turned[1])
                return
        if set(item.signs) == {"="} or item.signs[0] == "=":
            head, arguments = self._applied_head(sides[0])
            if head is not None and self._define(item, reader, head, arguments):
                k = 1
            elif isinstance(head, Scripted) and self.tolerant and self._is_of_arguments(arguments, sides[1]):
                raise item.source.error("a function with an index like this is not read here", head.at)
        for n in range(k, len(item.signs)):
            if item.signs[n] in ("=>", "in", "propto", *DEFINITE):
                raise item.source.error("this sign cannot stand among the givens", item.at)
            self._fact(item, reader, sides[n], item.signs[n], sides[n + 1])

    @staticmethod
    def _is_of_arguments(arguments: tuple[Node, ...] | None, right: Node) -> bool:
        r"""Whether a formula takes what stands in the brackets left of it, P_{2k}(t) = \sin t: it is no product."""
        inside = set(names_in(right)) if arguments else set()
        return any(isinstance(a, Name) and a.text in inside for a in arguments or ())

    def _bounds_letter(self, item: Item, reader: Elaborator) -> bool:
        r"""Takes t \geq 1 and 1 \leq t \leq T for where the index letter runs."""
        signs, sides = list(item.signs), list(item.sides)
        if set(signs) <= {">", ">="}:
            signs, sides = ["<" if s == ">" else "<=" for s in reversed(signs)], sides[::-1]
        if not set(signs) <= {"<", "<="} or self.known is not None:
            return False
        at = next((n for n, s in enumerate(sides) if isinstance(s, Name) and self._is_letter(s.text)), None)
        name = sides[at] if at is not None else None
        if (
            at is None
            or not isinstance(name, Name)
            or at > 1
            or at + 1 < len(sides) - 1
            or len(sides) != len(signs) + 1
        ):
            return False
        others = [s for n, s in enumerate(sides) if n != at]
        if any(isinstance(s, Name) and self._is_letter(s.text) for s in others):
            return False
        lo = reader.integer(sides[0]) + int(signs[0] == "<") if at else None
        hi = reader.integer(sides[at + 1]) - int(signs[at] == "<") if at + 1 < len(sides) else None
        self.bounds.append((item, name.text, lo, hi))
        return True

    def _all_equal(self, item: Item, sides: tuple[Node, ...]) -> bool:
        """h_0 = c_0 = 0 says the same of each name; False where not all sides but the last are names."""
        heads = [self._applied_head(s) for s in sides[:-1]]
        is_value = isinstance(sides[-1], (Number, Mark)) or literal(sides[-1]) is not None
        if not is_value or any(h is None or a is not None for h, a in heads):
            return False
        others = [s for i in self.items if i is not item for s in i.sides]
        entered = entering(sides[:-1], others) if self.tolerant else None
        for head in sides[:-1]:
            value = sides[-1] if entered is None or head is entered else entered
            self._read_relation(replace(item, sides=(head, value), signs=("=",)))
        return True

    def _fact(self, item: Item, reader: Elaborator, left: Node, sign: str, right: Node) -> None:
        a, b = reader.value(left), reader.value(right)
        one, other = (reader.free.get(v.name) if isinstance(v, Symbol) else None for v in (a, b))
        if one is not None and other is not None:
            # Two letters that are compared run over the same.
            one.peers.append(other)
            other.peers.append(one)
        axes: tuple[Axis, ...] = ()
        if isinstance(a, Array) or isinstance(b, Array):
            arrays = [v for v in (a, b) if isinstance(v, Array)]
            if len({v.rank for v in arrays}) != 1 or any(not isinstance(v, Array) and not v.is_number for v in (a, b)):
                raise item.source.error("the two sides differ in shape", right.at)
            if len(arrays) == 2:
                reader.align(arrays[0], arrays[1])
            axes = arrays[0].axes
            is_named = literal(left) is None and not isinstance(left, (Derivative, Nabla)) and sign != "!="
            rows = literal(right) if is_named else None
            if rows is not None and isinstance(a, Array):
                self._entries(item, reader, a, sign, rows)
                return
        letters = tuple(self.ranges.dummy() for _ in axes)
        lhs = a.entry(*letters) if isinstance(a, Array) else a
        rhs = b.entry(*letters) if isinstance(b, Array) else b
        if sign == "!=" and axes:
            # Two vectors differ where some entry does: the sum of the squares is not zero.
            lhs, rhs, sign = (lhs - rhs) ** 2, Integer(0), ">"
            for letter, axis in zip(reversed(letters), reversed(axes), strict=True):
                lhs = Sigma.over(letter, axis.lo_symbol, axis.hi_symbol, lhs)
            axes, letters = (), ()
        self.drafts.append(
            Draft(
                "fact", item, self.place_of(item), body=lhs, sign=sign, other=rhs, letters=dict(reader.free), axes=axes,
                extra=letters,
            )
        )  # fmt: skip

    def _entries(self, item: Item, reader: Elaborator, a: Array, sign: str, rows: list[list[Node]]) -> None:
        r"""Takes \sigma^2 = (1, 0.25) as one fact for each entry."""
        flat = len(a.axes) == 1
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                spots = (max(r, c),) if flat else (r, c)
                at = [axis.lo_symbol + n for axis, n in zip(a.axes, spots, strict=True)]
                self.drafts.append(
                    Draft(
                        "fact", item, self.place_of(item), body=a.entry(*at), sign=sign, other=reader.scalar(cell),
                        letters=dict(reader.free),
                    )
                )  # fmt: skip
