"""Definitions and values among the givens: of a number, of the members of a family, of arrays that are written out."""

from __future__ import annotations

from sympy import Expr, Indexed, Integer, S, Symbol

from symdl.errors import GivensError
from symdl.language import Opaque, family, indices_of, is_index, kinds, label_of, quantities, scalar, size
from symdl.language.binders import free_symbols
from symdl.problem import Range
from symdl.read.axes import Axis, Spot
from symdl.read.drafts import Draft, cells_of, label_or_scalar, unshifted, whole_or_scalar
from symdl.read.elaborate import Elaborator
from symdl.read.hints import USUAL_INDICES
from symdl.read.items import Item, literal
from symdl.read.nodes import Mark, Name, Node, Scripted
from symdl.read.scripts import Occurrence, bound_in, head_text, scripted_in, spell
from symdl.read.shapes import Shapes
from symdl.read.unknown import applied_name
from symdl.read.values import Array
from symdl.read.values import Value as Meaning


class Defining(Shapes):
    """Takes equations that say what a name is."""

    def _define(self, item: Item, reader: Elaborator, head: Node, arguments: tuple[Node, ...] | None) -> bool:
        """Takes `head = …` as a definition or a value; False where it is a fact."""
        names = self.names
        o = names.occurrence(head)
        is_square = self._is_square(item)
        if o is None or (isinstance(head, Scripted) and names.power_of(head) and not is_square):
            return False
        above, below, key = names.parts(o, reader.letters_in_force())
        indices = ([above] if above is not None else []) + list(below)
        if not indices and (key in names.sizes or (key in names.ranged and key not in names.defined - names.ranged)):
            return self._size_value(item, reader, key) if key in names.sizes else False
        if arguments is not None and (key not in names.functions or self._is_said_at(item, head, arguments)):
            return False
        if key == r"\delta" and len(below) == 2 and names.is_function(key):
            return False
        numbered = names.numbered.keys() - names.ruled
        if self.tolerant and o.below and not indices and o.key in numbered and all(map(_is_usual, o.below)):
            message = f"a rule for members of which others have numbers: {o.key} is not known to be indexed"
            raise item.source.error(message, head.at)
        if indices and self._says_symmetry(o, item.sides[1]):
            return False
        value = reader.quantity(type(o)(o.key, o.above, o.below, o.node), head)
        pattern, shifts = unshifted(tuple(reader.integer(i) for i in indices))
        if not all(is_index(p) or isinstance(p, Integer) or _is_end(p) for p in pattern):
            return False
        if len(set(pattern)) != len(pattern) and any(map(is_index, pattern)):
            return False
        axes = value.axes if isinstance(value, Array) else ()
        rows = literal(item.sides[1])
        body = None if rows is not None and axes else self._body(item, reader, key, pattern, axes, is_square)
        if arguments is not None:
            self._refuse_index(item, arguments)
            self.arguments[key] = tuple(label_or_scalar(reader.value(a)) for a in arguments)
        if body is None:
            assert rows is not None
            self._literal(item, reader, key, pattern, axes, rows, item.sides[1], is_square=is_square)
            return True
        extra = tuple(self.ranges.dummy() for _ in axes)
        entry = self._entry(item, key, body, axes, extra)
        draft = Draft("definition", item, self.place_of(item), key, pattern, entry, axes, dict(reader.free), extra)
        draft.shifts = shifts
        if not axes and not free_symbols(entry) and Opaque not in kinds(entry):
            draft.kind = "value"
        self._heads(draft, reader)
        self.drafts.append(draft)
        if is_square:
            self.drafts.append(
                Draft(
                    "fact", item, self.place_of(item), body=family(key, *pattern, *extra), sign=">=", other=Integer(0),
                    letters=dict(reader.free), axes=axes, extra=extra,
                )
            )  # fmt: skip
        return True

    def _says_symmetry(self, o: Occurrence, right: Node) -> bool:
        """Whether w_{ij} = w_{ji} says of a matrix that it is symmetric."""
        other = self.names.occurrence(right)
        is_same = other is not None and other.key == o.key
        return other is not None and is_same and sorted(map(spell, other.below)) == sorted(map(spell, o.below))

    def _refuse_index(self, item: Item, arguments: tuple[Node, ...]) -> None:
        r"""Refuses \pi(a) = e^{\theta_a} / \sum_b e^{\theta_b}: the argument is an index, as b is."""
        right = item.sides[1]
        bound = bound_in(right)
        below = [(head_text(n.core), x.text) for n in scripted_in(right) for x in n.subs if isinstance(x, Name)]
        families = {core for core, x in below if x in bound}
        own = [a for a in arguments if isinstance(a, Name) and any((c, a.text) in below for c in families)]
        if own and not self.tolerant:
            hint = f"write {spell(item.sides[0]).partition('(')[0]}_{own[0].text}"
            raise item.source.error(f"the argument {own[0].text} is an index", own[0].at, hint)

    def _size_value(self, item: Item, reader: Elaborator, key: str) -> bool:
        number = reader.value(item.sides[1])
        if isinstance(number, Array) or not isinstance(number, Integer):
            return False
        known = self.ranges.sizes.setdefault(size(key), number)
        if known != number:
            raise item.source.error(f"{key} is {known} and {number}", item.at, of=GivensError)
        return True

    def _body(
        self, item: Item, reader: Elaborator, key: str, pattern: tuple[Expr, ...], axes: tuple[Axis, ...], squares: bool
    ) -> Meaning:
        """What the right side of a definition means; opaque where only the dependence is known."""
        right = item.sides[1]
        opaque = self._opaque(right, key, reader)
        value_of = applied_name(right, self.names)
        if opaque is not None:
            if axes:
                raise item.source.error("a vector of which only the dependence is known", item.at)
            self.arguments[key] = opaque
            return Opaque(scalar(key), len(pattern), *pattern, *opaque)
        if value_of is not None and value_of[0] in self.names.unknown and not self.tolerant:
            return Opaque(scalar(value_of[0]), 0, *map(reader.scalar, value_of[1]))
        if not axes and (found := self._of_some(reader, value_of)):
            return Opaque(scalar(key), len(pattern), *pattern, *found)
        self._refuse_product(item, value_of)
        body = reader.value(right)
        return reader.elementwise(lambda b: reader.power(b, S.Half, right), body) if squares else body

    def _opaque(self, node: Node, key: str, reader: Elaborator) -> tuple[Expr, ...] | None:
        """The arguments in the right side of \\ell_t = \\ell_t(h_t)."""
        head, arguments = self._applied_head(node)
        if head is None or arguments is None:
            return None
        o = self.names.occurrence(head)
        if o is None or self.names.parts(o, reader.letters_in_force())[2] != key:
            return None
        return tuple(whole_or_scalar(reader.value(a)) for a in arguments)

    def _of_some(self, reader: Elaborator, value_of: tuple[str, tuple[Node, ...]] | None) -> tuple[Expr, ...]:
        r"""The arguments of the \ell in L = \ell(a, y), of which nothing is known: several, or a vector; else none.

        Raises  `ReadError` for a member of a recurrence of vectors: what leads to it is too much for any function.
        """
        names = self.names
        if value_of is None or not self.tolerant or self.known is not None:
            return ()
        key, nodes = value_of
        if key in names.defined | names.functions.keys() | names.entrywise | names.families | names.bare:
            return ()
        values = [reader.value(a) for a in nodes] if names.is_function(key) is None else []
        found = tuple(map(whole_or_scalar, values))
        if not any(isinstance(v, Array) for v in values):
            return found if len(found) > 1 and all(isinstance(x, Symbol) for x in found) else ()
        if any(isinstance(x, Indexed) for x in found):
            raise reader.error(f"nothing is known of {key} but what it is taken at", nodes[0])
        return found

    def _refuse_product(self, item: Item, value_of: tuple[str, tuple[Node, ...]] | None) -> None:
        """Refuses a = m(x), where m stands nowhere else: it may be a product or a function."""
        if value_of is None or self.tolerant or self.known is not None:
            return
        key = value_of[0]
        names = self.names
        is_known = key in names.defined or key in names.functions or key in names.fixed or key in names.mapped
        if (
            is_known
            or key in self.uses.bare | self.uses.before
            or self.uses.applied.get(key) != 1
            or names.is_function(key) is not None
        ):
            return
        hint = f"say that {key} is a differentiable function, or write the product without brackets"
        raise item.source.error(f"it is not clear whether {key} is a factor or a function", item.sides[1].at, hint)

    def _entry(self, item: Item, key: str, body: Meaning, axes: tuple[Axis, ...], extra: tuple[Symbol, ...]) -> Expr:
        """The entry of what is defined, at the indices that its notation leaves out.

        Raises  `ReadError` where the ranks of the two sides differ.
        """
        right = item.sides[1]
        if isinstance(body, Array):
            if not axes:
                raise item.source.error(
                    "a vector or matrix is given to a scalar", right.at, f"declare the shape of {key}"
                )
            if body.rank != len(axes):
                raise item.source.error(f"a value of rank {body.rank} is given to a name of rank {len(axes)}", right.at)
            for a, b in zip(axes, body.axes, strict=True):
                self.ranges.same(a, b)
            return body.entry(*extra)
        if axes and not body.is_number:
            raise item.source.error("a number is given to a vector or matrix", right.at)
        return body

    def _heads(self, draft: Draft, reader: Elaborator) -> None:
        """Notes recurrences: a definition for a letter whose family is also needed at earlier or later members."""
        for position, p in enumerate(draft.pattern):
            if isinstance(p, Integer):
                self.ranges.axis(draft.label, position).root().told.append(p)
            elif is_index(p):
                axis = self.ranges.axis(draft.label, position).root()
                letter = reader.free.get(p.name)
                if letter is not None and axis.head is None:
                    axis.head = letter
                    axis.shift = draft.shifts.get(p, 0)
                if letter is not None and self.tolerant and self._starts(draft, position):
                    axis.lag = max(axis.lag, 1)

    @staticmethod
    def _starts(draft: Draft, position: int) -> bool:
        """Whether a rule for x_t leads back to its member x_0 alone, which is no case of the rule then."""
        inside = quantities(draft.body) if draft.body is not None else frozenset()
        own = [q for q in inside if label_of(q).name == draft.label and indices_of(q)]
        return bool(own) and all(isinstance(indices_of(q)[position], Integer) for q in own)

    def _literal(
        self,
        item: Item,
        reader: Elaborator,
        key: str,
        pattern: tuple[Expr, ...],
        axes: tuple[Axis, ...],
        rows: list[list[Node]],
        right: Node,
        *,
        is_square: bool,
    ) -> None:
        """A vector or matrix written out, or that of its squares: one value or definition for each entry."""
        if len(axes) == 1:
            cells = [row[0] for row in rows] if all(len(r) == 1 for r in rows) else rows[0] if len(rows) == 1 else None
            if cells is None:
                raise item.source.error("a matrix is given to a vector", right.at)
            if any(isinstance(c, Mark) and c.text == "dots" for c in cells):
                self._spread(item, reader, cells, axes[0])
                return
            grid: list[tuple[tuple[int, ...], Node]] = [((n,), c) for n, c in enumerate(cells)]
            shape = [len(cells)]
        elif len(axes) == 2:
            grid = [((r, c), cell) for r, row in enumerate(rows) for c, cell in enumerate(row)]
            shape = [len(rows), len(rows[0])]
        else:
            raise item.source.error("an array of this rank written out", right.at)
        head = item.source.text[item.sides[0].at : item.sides[0].end].strip()
        for axis, n in zip(axes, shape, strict=True):
            self.ranges.written(axis, n, self._first_of(head, key, n), Spot(item.source, right.at))
        if self._names_entries(item, cells_of(rows)):
            self._name_entries(item, reader, key, (pattern, axes), grid)
            return
        for at_, cell in grid:
            if isinstance(cell, Mark):
                continue
            body = reader.scalar(cell)
            body = reader.power(body, S.Half, cell) if is_square else body
            spot = (*pattern, *(axis.lo_symbol + n for axis, n in zip(axes, at_, strict=True)))
            kind = "definition" if free_symbols(body) else "value"
            place = item.source.place(cell.at) or self.place_of(item)
            self.drafts.append(Draft(kind, item, place, key, spot, body, (), dict(reader.free)))

    def _first_of(self, head: str, key: str, count: int) -> int | None:
        """Where the entries of a written-out name begin: what is said of it, or of all, or shown in the proof."""
        if head in self.first or "" in self.first:
            return self.first.get(head, self.first.get(""))
        spot = [(key, 0)]
        is_from_zero = self.tolerant and self.ranges.names_zero(spot) and not self.ranges.last_named(spot, count - 1)
        return 0 if is_from_zero else None

    def _names_entries(self, item: Item, cells: list[Node]) -> bool:
        r"""Whether p = (p_{1,0}, p_{1,1}) only names the entries of a vector that another given defines."""
        head = item.source.text[item.sides[0].at : item.sides[0].end]
        others = [i for i in self.items if i is not item and i.kind == "relation" and i.signs[0] == "="]
        is_defined = any(i.source.text[i.sides[0].at : i.sides[0].end] == head for i in others)
        return is_defined and all(self.names.occurrence(c) is not None for c in cells)

    def _name_entries(
        self,
        item: Item,
        reader: Elaborator,
        key: str,
        spots: tuple[tuple[Expr, ...], tuple[Axis, ...]],
        grid: list[tuple[tuple[int, ...], Node]],
    ) -> None:
        pattern, axes = spots
        for at, cell in grid:
            name = reader.scalar(cell)
            entry = family(key, *pattern, *(axis.lo_symbol + n for axis, n in zip(axes, at, strict=True)))
            if name != entry and isinstance(name, (Symbol, Indexed)):
                label, spot = label_of(name).name, indices_of(name)
                place = item.source.place(cell.at) or self.place_of(item)
                self.drafts.append(Draft("definition", item, place, label, spot, entry, (), dict(reader.free)))

    def _spread(self, item: Item, reader: Elaborator, cells: list[Node], axis: Axis) -> None:
        """x = (x_1, \\dots, x_n) says where x runs."""
        ends = [reader.scalar(c) for c in (cells[0], cells[-1])]
        at = [e.indices[-1] for e in ends if isinstance(e, Indexed)]
        if len(at) != 2:
            raise item.source.error("dots in a vector stand between its members", cells[0].at)
        axis.root().stated.append((Range(at[0], at[1]), Spot(item.source, cells[0].at)))


def _is_end(place: Expr) -> bool:
    """Whether an index is the last one or the one after it: T, or T + 1."""
    symbols = free_symbols(place)
    return len(symbols) == 1 and all(s.is_positive and isinstance(place - s, Integer) for s in symbols)


def _is_usual(node: Node) -> bool:
    """Whether a subscript is a usual letter for an index."""
    return isinstance(node, Name) and node.text in USUAL_INDICES
