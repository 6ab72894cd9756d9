"""What the form of the statements says of names: sizes, heads, functions, ranks."""

from __future__ import annotations

from sympy import Expr

from symdl.errors import GivensError, ReadError
from symdl.language import is_index, scalar
from symdl.language.functions import FamilyFunction, ScalarFunction, by_spelling
from symdl.read import questions
from symdl.read.agreement import same_function
from symdl.read.axes import Spot
from symdl.read.drafts import label_or_scalar, literal_rank, names_in
from symdl.read.elaborate import Elaborator
from symdl.read.findings import Findings
from symdl.read.items import Item, dimensions_of, literal
from symdl.read.nodes import (
    Big,
    Call,
    Derivative,
    Indicator,
    Mark,
    Matrix,
    Name,
    Node,
    Number,
    Scripted,
)
from symdl.read.nodes import Relation as RelationNode
from symdl.read.scripts import Formula, bound_by, inside_of, script_items, spell, subscripted
from symdl.read.source import Source
from symdl.read.values import Array, Body, with_whole_list

_MATRIX = 2


class Shapes(Findings):
    """Learns from statements what the names in them are, before any is read."""

    def _sides(self, item: Item) -> tuple[Node, ...]:
        if item.kind in ("relation", "convention", "mention"):
            return tuple(s for s in item.sides if literal(s) is None or item.kind == "mention")
        return item.names if item.kind in ("member", "constant") else ()

    def _announce(self, item: Item) -> None:
        """What is known from the form alone: ranged letters, sizes, heads, declared functions."""
        names = self.names
        is_bound = item.kind == "relation" and bool(item.signs) and set(item.signs) <= {"<", ">", "<=", ">="}
        if self.tolerant and (is_bound or item.kind == "member"):
            # Of the number \pi no one says that it lies between 0 and 1.
            names.quantities |= {n.text for n in (*item.sides[:2], *item.names) if isinstance(n, Name)} & {r"\pi"}
        if item.kind == "range":
            for node in item.names:
                if isinstance(node, Name):
                    names.ranged.add(node.text)
                    names.letters |= {node.text} & names.index_names
            for bound in (item.lo, item.hi):
                if bound is not None:
                    names.upper(bound)
        elif item.kind == "member" and len(item.sides) == 2:
            for dimension in dimensions_of(item.sides[1]) or ():
                names.upper(dimension)
            if isinstance(item.sides[1], Name) and item.sides[1].text in (r"\mathbb{N}", r"\mathbb{Z}"):
                names.sizes |= {n.text for n in item.names if isinstance(n, Name)}
        elif item.kind == "relation" and item.signs[0] == "=":
            names.by_entry = names.by_entry or self._says_by_entry(item)
            head, arguments = self._applied_head(item.sides[0])
            o = names.occurrence(head) if head is not None else None
            if o is None or head is None:
                return
            if isinstance(head, Scripted) and names.power_of(head) and not self._is_square(item):
                return
            if arguments is not None and not self._is_builtin_identity(item, o.key, arguments):
                _, _, key = names.parts(o, None)
                parameters = tuple(p for p in (self._parameter(a) for a in arguments) if p)
                if len(parameters) == len(arguments) and not self._is_said_at(item, head, arguments):
                    names.functions[key] = parameters
                    names.defined.add(key)
            elif arguments is None:
                if not o.below and o.above is None:
                    names.defined.add(o.key)
                else:
                    names.labels.add(o.key)
                    if any(isinstance(b, Number) for b in o.below):
                        names.headed.add(o.key)
            right = item.sides[1]
            rhead, rarguments = self._applied_head(right)
            ro = names.occurrence(rhead) if rhead is not None and rarguments is not None else None
            if ro is not None and ro.key == o.key:
                _, _, key = names.parts(ro, None)
                names.functions[key] = tuple(p for p in map(self._parameter, rarguments or ()) if p)
                names.defined.add(key)
            if self._is_tie(right):
                names.ties |= {s.text for s in self._tie_letters(right)}

    def _announce_unread(self, item: Item) -> None:
        """Of a given that is left out, what is defined in it as a function is still one."""
        if item.kind != "relation" or item.signs[0] != "=":
            return
        head, arguments = self._applied_head(item.sides[0])
        o = self.names.occurrence(head) if head is not None else None
        parameters = tuple(p for p in map(self._parameter, arguments or ()) if p)
        if o is None or not arguments or len(parameters) != len(arguments) or o.below:
            return
        self.names.functions.setdefault(o.key, parameters)
        body = Body(tuple(map(scalar, parameters)))
        self.session.bodies.setdefault(o.key, lambda: body)
        self.arguments.setdefault(o.key, body.parameters)

    def _is_square(self, item: Item) -> bool:
        r"""Whether \sigma^2 = … says what \sigma is: in terms of other names, and nothing else says it.

        Of a number it says so only beside a proof, of a standard deviation: this is not negative.
        """
        if item.kind != "relation" or item.signs[0] != "=" or id(item) in self.squares:
            return id(item) in self.squares
        head, right = item.sides[0], item.sides[1]
        powers = self.names.power_of(head) if isinstance(head, Scripted) else ()
        if len(powers) != 1 or not isinstance(powers[0], Number) or powers[0].text != "2":
            return False
        o = self.names.occurrence(head)
        if o is None or not isinstance(head, Scripted) or o.key == "e":
            return False
        is_deviation = self._is_deviation(o.key, head)
        if literal(right) is not None and not is_deviation:
            return False
        inside = set(names_in(right, self.names))
        if (not inside and not is_deviation) or o.key in inside:
            return False
        for other in self.items:
            if other is item or other.kind != "relation":
                continue
            theirs = self.names.occurrence(other.sides[0])
            is_other = theirs is not None and o.below != () and all(isinstance(b, Number) for b in theirs.below)
            is_other = is_other and theirs is not None and list(map(spell, theirs.below)) != list(map(spell, o.below))
            if theirs is not None and theirs.key == o.key and other.signs[0] == "=" and not is_other:
                return False
        if self.known is not None and o.key in self.names.learnt:
            return False
        self.squares.add(id(item))
        return True

    def _is_deviation(self, key: str, head: Scripted) -> bool:
        """Whether a number may be the square of a name: of a standard deviation, or of what stands only squared."""
        if not self.tolerant:
            return False
        return key.startswith(r"\sigma") or subscripted(head) in self.squared or key in self.squared

    def _says_by_entry(self, item: Item) -> bool:
        r"""Whether an equation is \text{softmax}(z_i) = e^{z_i}/\sum_j e^{z_j}, in which z_i is a number."""
        left = item.sides[0]
        if not isinstance(left, Call) or not isinstance(by_spelling().get(left.function), FamilyFunction):
            return False
        argument = self.names.occurrence(left.arguments[0])
        if argument is None or len(argument.below) != 1:
            return False
        return any(k == argument.key for k in names_in(item.sides[1], self.names))

    def _is_tie(self, node: Node) -> bool:
        return bool(list(self._tie_letters(node)))

    @staticmethod
    def _tie_letters(node: Node) -> list[Name]:
        """The letters compared in an indicator or a Kronecker delta that is a whole side."""

        if isinstance(node, Indicator) and len(node.conditions) == 1 and isinstance(node.conditions[0], RelationNode):
            relation = node.conditions[0]
            return [s for s in relation.sides if isinstance(s, Name)] if relation.signs == ("=",) else []
        if isinstance(node, Scripted) and isinstance(node.core, Name) and node.core.text == r"\delta":
            return [s for s in script_items(node.subs) if isinstance(s, Name)]
        return []

    def _is_builtin_identity(self, item: Item, key: str, arguments: tuple[Node, ...]) -> bool:
        """Whether a formula states what a built-in function is, such as \\sigma(z) = 1/(1+e^{-z})."""
        word = key[1:] if key.startswith("\\") and key[1:].isalpha() else key[len(r"\mathrm{") : -1]
        record = by_spelling().get(word)
        if isinstance(record, ScalarFunction) and record.arity != len(arguments):
            return False
        if not isinstance(record, ScalarFunction):
            return record is not None
        if record.definition is None:
            return True
        probe = type(self)(self.lines)
        try:
            found = probe.expression_of(item.sides[-1], item.source)
        except ReadError:
            return False
        x = [scalar(p) for p in (probe._parameter(a) or "" for a in arguments)]
        return same_function(found, record.definition(*x))

    def expression_of(self, node: Node, source: Source) -> Expr:
        """A formula without any context."""
        self.names.survey([Formula(source, (node,), ())])
        value = Elaborator(self.session, source, set()).value(node)
        if isinstance(value, Array):
            raise source.error("a vector", node.at)
        return value

    def _settle_sizes(self) -> None:
        """A name in an upper bound is no size where it is an index letter or a head's subscript."""
        names = self.names
        heads: set[str] = set()
        for item in self.items:
            if item.kind == "relation" and isinstance(item.sides[0], Scripted):
                o = names.occurrence(item.sides[0])
                if o is not None:
                    heads |= {n.text for n in (*o.below, o.above) if isinstance(n, Name) and n.text.islower()}
        names.sizes -= names.ranged | heads
        for item in self.items:
            if item.kind == "relation":
                for side in item.sides:
                    self._drop_bound(side)

    def _drop_bound(self, node: Node) -> None:
        for first in (f for n in inside_of(node) if isinstance(n, Big) for f in bound_by(n)):
            if isinstance(first, Name):
                self.names.sizes.discard(first.text)

    def _check_sigma(self) -> None:
        names, key = self.names, r"\sigma"
        is_alone = key in names.plain or (key in names.defined and key not in names.families)
        is_vector = names.arity.get(key, 0) > names.least.get(key, names.arity.get(key, 0))
        is_declared = self.known is None and key in names.fixed
        if self.known is None and self.tolerant and self.ranges.hints.ask(questions.takes_deviations):
            names.mapped.add(key)
            self.session.spelling[f"deviation {key}"] = "said"
        if not (is_alone or is_vector or is_declared) or key in names.functions:
            return
        if key in names.defined or not any(_differentiates(s, key) for i in self.items for s in i.sides):
            names.mapped.add(key)

    def _foretell(self, item: Item) -> None:
        """Names that are declared or written out as vectors are families, whatever their subscripts elsewhere."""
        nodes: tuple[Node, ...] = ()
        if item.kind == "member" and dimensions_of(item.sides[1]):
            nodes = item.names
        elif item.kind == "relation" and any(literal(s) is not None for s in item.sides[1:]):
            head = self._applied_head(item.sides[0])[0]
            nodes = (item.sides[0] if head is None else head,)
        for node in nodes:
            o = self.names.occurrence(node)
            if o is not None and not o.below and (o.above is None or isinstance(o.above, Number)):
                self.names.families.add(self.names.base(o))

    def _declare(self, item: Item) -> None:
        """Shapes that are stated: z \\in R^K."""
        if item.kind != "member":
            return
        dimensions = dimensions_of(item.sides[1])
        if dimensions is None:
            return
        for node in item.names:
            o = self.names.occurrence(node)
            if o is None and isinstance(node, Mark) and node.text == "ones":
                continue
            if o is None:
                raise item.source.error("a name was expected before \\in", node.at)
            above, below, key = self.names.parts(o, self._force(item))
            count = len(below) + (above is not None)
            arity = count + len(dimensions)
            if len(dimensions) == 1 and isinstance(dimensions[0], Number) and dimensions[0].text == "1":
                arity = count
            if key in self.names.fixed and self.names.arity.get(key) != arity:
                raise item.source.error(f"{key} is declared with two shapes", node.at, of=GivensError)
            self.names.arity[key] = max(arity, self.names.explicit.get(key, 0))
            self.names.fixed.add(key)
            if arity:
                self.names.families.add(key)
            else:
                self.names.quantities.add(key)

    def _shape(self, item: Item) -> None:
        """Shapes that written-out values show: x = (1, 2)."""
        if item.kind != "relation" or item.signs[0] != "=":
            return
        rows = next((r for r in (literal(s) for s in item.sides[1:]) if r is not None), None)
        if rows is None:
            return
        head = self._applied_head(item.sides[0])[0]
        o = self.names.occurrence(item.sides[0] if head is None else head)
        if o is None:
            return
        above, below, key = self.names.parts(o, self._force(item))
        count = len(below) + (above is not None)
        if key in self.names.fixed:
            return
        rank = literal_rank(rows)
        if self.tolerant and isinstance(item.sides[1], Matrix) and rank == len(rows) == 1 and not count:
            self.names.rows.add(key)
            self.session.spelling[f"row {key}"] = key
        if self.names.arity.get(key, 0) >= count + rank:
            return
        self.names.arity[key] = count + rank
        self.names.families.add(key)
        self.names.fixed.add(key)

    def _note_size(self, item: Item) -> None:
        """Notes how many entries a matrix has that is written out: its inverse may stand in a given before it."""
        head = item.sides[0] if item.kind == "relation" and item.signs[:1] == ("=",) else None
        rows = literal(item.sides[1]) if isinstance(head, Name) else None
        if (
            not isinstance(head, Name)
            or rows is None
            or literal_rank(rows) != _MATRIX
            or self.names.arity.get(head.text) != _MATRIX
        ):
            return
        for n, count in enumerate((len(rows), len(rows[0]))):
            self.ranges.written(self.ranges.axis(head.text, n), count, None, Spot(item.source, head.at))

    def _functions(self, item: Item) -> None:
        """Makes the bodies of declared functions available on demand."""
        if item.kind != "relation" or item.signs[0] != "=":
            return
        head, arguments = self._applied_head(item.sides[0])
        o = self.names.occurrence(head) if head is not None and arguments is not None else None
        if o is None or head is None or arguments is None:
            return
        above, below, key = self.names.parts(o, self._force(item))
        if key not in self.names.functions or self._is_said_at(item, head, arguments):
            return
        indices = [i for i in (above, *below) if i is not None]
        state: dict[str, Body] = {}
        busy: list[bool] = []

        def make() -> Body:
            if key in state:
                return state[key]
            reader = Elaborator(self.session, item.source, self._force(item))
            parameters = tuple(label_or_scalar(reader.value(a)) for a in arguments)
            state[key] = Body(parameters)
            if busy:
                raise item.source.error(f"{key} is defined by itself", item.at, of=GivensError)
            busy.append(True)
            body = reader.value(item.sides[1])
            busy.pop()
            at = tuple(reader.integer(i) for i in indices)
            pattern = at if all(map(is_index, at)) else ()
            if isinstance(body, Array):
                state[key] = Body(parameters, None, pattern)
            else:
                state[key] = Body(with_whole_list(parameters, body), body, pattern)
            return state[key]

        self.session.bodies[key] = make

    def _keys_of_head(self, item: Item) -> set[str]:
        """The name that a given is about, with and without its labels."""
        head = self._applied_head(item.sides[0])[0] if item.sides else None
        o = self.names.occurrence(head) if head is not None else None
        return set() if o is None else {o.key, self.names.parts(o, None)[2]}


def _differentiates(node: Node, name: str) -> bool:
    """Whether a derivative by one variable is taken of this name: it is a function then, as in d\\sigma/da."""
    slopes = (n for n in inside_of(node) if isinstance(n, Derivative))
    return any(isinstance(n.of, Name) and n.of.text == name for n in slopes)
