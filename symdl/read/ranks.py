r"""How many indices each name has: read off its subscripts and declarations, or inferred from matrix notation.

A name without any declaration is a scalar unless a formula needs it to be more: `W x` with a vector x and a capital W
is a matrix times a vector, `w^\top x` a product of two vectors, softmax takes a vector.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from symdl.language.functions import FamilyFunction, by_spelling
from symdl.read.arguments import holds_itself
from symdl.read.labels import CIRCLE
from symdl.read.names import BOLD_IDENTITIES
from symdl.read.nodes import (
    Bars,
    Big,
    Binomial,
    Call,
    Derivative,
    Evaluated,
    Factorial,
    Fraction,
    Group,
    Mark,
    Matrix,
    Moment,
    Nabla,
    Name,
    Node,
    Number,
    Product,
    Root,
    Scripted,
    Sum,
    Word,
)
from symdl.read.scripts import (
    Formula,
    Occurrence,
    head_text,
    inside_of,
    is_by_entries,
    scripted_in,
    slice_items,
    spell,
    unprimed,
)
from symdl.read.vocabulary import Vocabulary

MAX_PASSES = 6
_MATRIX = 2


class Ranks:
    """Infers ranks over all formulas; what it finds goes into the vocabulary's `arity`.

    `by_rows` says that a vector beside a matrix is applied to every row of it.
    """

    def __init__(self, names: Vocabulary, by_rows: bool = False) -> None:
        self.names = names
        self.by_rows = by_rows
        self.force: set[str] = set()
        self.changed = False
        self.found = False
        self.kept: dict[tuple[int, int | None], int | None] = {}
        """The ranks of the sums and products of the formula at hand, until a name gets another rank: each is asked for
        from several places, and so is what is in it."""

    def infer(self, formulas: list[Formula], definitions: list[bool]) -> None:
        """Runs over the formulas until nothing changes; `definitions` tells which of them equate two sides."""
        for _ in range(MAX_PASSES):
            self.changed = False
            for formula, equates in zip(formulas, definitions, strict=True):
                self.force, self.kept = formula.letters, {}
                found = [self.rank(s, None) for s in formula.sides]
                if equates:
                    known = [r for r in (*found, formula.shape) if r is not None]
                    if known and max(known) > 0:
                        for side in formula.sides:
                            self.rank(side, max(known))
            self.found = self.found or self.changed
            if not self.changed:
                break

    def take_transposed(self, nodes: Iterable[Node], formulas: list[Formula], definitions: list[bool]) -> None:
        r"""Takes what a proof transposes for vectors and, with a capital, matrices, where the formulas leave it open.

        What is equal to a number is one: of w = 2 a w^\top is the number too.
        """
        pairs = zip(formulas, definitions, strict=True)
        numbers = {spell(s) for f, d in pairs if d and 0 in [self.rank(s, None) for s in f.sides] for s in f.sides}
        self.force = set(self.names.ranged)
        for node in nodes:
            if spell(node) not in numbers and self.rank(node, None) is None:
                self.rank(node, _MATRIX if _is_capital(node) else 1)
        if self.changed:
            self.found = True
            self.infer(formulas, definitions)

    def take_vectors(self, nodes: Iterable[Node], formulas: list[Formula], definitions: list[bool]) -> None:
        """Takes names for vectors where the formulas leave it open."""
        self.force = set(self.names.ranged)
        for node in nodes:
            if self.rank(node, None) is None:
                self.rank(node, 1)
        if self.changed:
            self.found = True
            self.infer(formulas, definitions)

    def _name(self, o: Occurrence, expected: int | None) -> int | None:
        above, below, key = self.names.parts(o, None)
        count = len(below) + (above is not None)
        if o.below or o.above is not None:
            force_above, force_below, force_key = self.names.parts(o, self.force)
            if force_key != key:
                key, count = force_key, len(force_below) + (force_above is not None)
        if key in self.names.sizes and not count:
            return 0
        if key in self.names.fixed or self.names.arity.get(key, 0) > count:
            return max(0, self.names.arity.get(key, 0) - count)
        if key == "I" and not count and expected == _MATRIX and "I" not in self.names.matrices:
            self.names.matrices.add("I")
            self._learn()
        if key == "I" and not count and "I" in self.names.matrices:
            return _MATRIX
        if expected == _MATRIX and self.names.is_unit(o):
            return _MATRIX
        if key in BOLD_IDENTITIES and not count and key not in self.names.defined | self.names.families:
            return _MATRIX
        if key in self.force or (key == "e" and not self.names.has_error) or key in (r"\pi", CIRCLE):
            return 0
        if expected:
            self.names.arity[key] = count + expected
            self.names.families.add(key)
            self.names.fixed.add(key)
            self._learn()
            return expected
        return None

    def _learn(self) -> None:
        self.changed, self.kept = True, {}

    def rank(self, node: Node, expected: int | None) -> int | None:
        """The rank of a node, None where it is open; `expected` is what stands around it."""
        o = self.names.occurrence(node)
        if o is not None:
            return self._occurring(node, o, expected)
        match node:
            case Sum() | Product():
                # Where a name gets a rank meanwhile, others are kept from then on.
                kept, at = self.kept, (id(node), expected)
                if at not in kept:
                    kept[at] = self._sum(node, expected) if isinstance(node, Sum) else self._product(node, expected)
                return kept[at]
            case Scripted():
                return self._scripted(node, expected)
            case Group():
                several = 1 if node.bracket in ("(", "[") else None
                return self.rank(node.items[0], expected) if len(node.items) == 1 else several
            case Fraction():
                self.rank(node.below, None)
                return self.rank(node.top, expected)
            case Root() | Big() | Evaluated():
                return self.rank(node.body, expected)
            case Call():
                return self._call(node, expected)
            case Derivative():
                return self._derivative(node, expected)
            case Nabla():
                return self._gradient(node)
            case Matrix():
                return 1 if len(node.rows) == 1 or len(node.rows[0]) == 1 else _MATRIX
            case Mark():
                return 1 if node.text == "ones" else 0
            case Moment():
                for argument in node.arguments:
                    self.rank(argument, None)
                return 0
            case Bars():
                self.rank(node.body, 1 if node.kind == "||" else None)
                return 0
            case Number() | Factorial() | Binomial():
                return 0
        return None

    def _occurring(self, node: Node, o: Occurrence, expected: int | None) -> int | None:
        """The rank of a name; what stands above it as a power is looked through for names."""
        if not isinstance(node, Scripted):
            return self._name(o, expected)
        if o.key == "e" and self.names.is_euler(node):
            return self.rank(self.names.power_of(node)[0], None) or 0
        value = self._name(o, expected)
        for power in self.names.power_of(node):
            if not isinstance(power, Mark):
                self.rank(power, None)
        return value

    def _scripted(self, node: Scripted, expected: int | None) -> int | None:
        """The rank of what has scripts and is no name: a slice, a matrix by its entries, a norm, an entry."""
        if items := slice_items(node):
            self.rank(node.core, len(items))
            return sum(isinstance(i, Mark) for i in items)
        if is_by_entries(node):
            self.rank(node.core, None)
            return len(node.subs)
        if isinstance(node.core, Bars) and [spell(s) for s in node.subs] == ["F"]:
            self.rank(node.core.body, _MATRIX)
            return 0
        inner = self.rank(node.core, None if node.subs else expected)
        return 0 if node.subs or isinstance(node.core, Bars) else inner

    def _derivative(self, node: Derivative, expected: int | None) -> int:
        top = self.rank(node.of, None)
        if expected == _MATRIX and top is None and _is_bold(node.of) and len(node.wrt) == 1:
            return self._both(node)
        alone = len(node.wrt) == 1 and node.wrt[0][1] == 1
        rest = (expected - (top or 0) if expected and alone else 0) or None
        ranks = [top, *(self.rank(v, rest) for v, n in node.wrt for _ in range(n))]
        return sum(r or 0 for r in ranks)

    def _gradient(self, node: Nabla) -> int:
        variable = self.names.gradient_variable(node)
        of, by = self.rank(node.of, None), self.rank(variable, None) if variable is not None else None
        return (of or 0) + node.order * (by or 0)

    def _both(self, node: Derivative) -> int:
        """A Jacobian: a vector by a vector."""
        return (self.rank(node.of, 1) or 0) + (self.rank(node.wrt[0][0], 1) or 0)

    def _sum(self, node: Sum, expected: int | None) -> int | None:
        ranks = [self.rank(n, expected) for _, n in node.terms]
        known = [r for r in ranks if r]
        if known and expected is None:
            for (_, n), rank in zip(node.terms, ranks, strict=True):
                if not self._is_number(n):
                    self.rank(n, known[0])
                if rank is None and isinstance(n, Name):
                    self.names.guessed.add(n.text)
            return known[0]
        if known:
            return known[0]
        return None if any(r is None for r in ranks) else 0

    @staticmethod
    def _is_number(node: Node) -> bool:
        return isinstance(node, Number)

    def _call(self, node: Call, expected: int | None) -> int | None:
        if node.function == "diag":
            for argument in node.arguments:
                self.rank(argument, 1 if len(node.arguments) == 1 else None)
            return _MATRIX
        if node.function in ("tr", "Tr", "trace", "det"):
            self.rank(node.arguments[0], _MATRIX)
            return 0
        record = by_spelling().get(node.function)
        if isinstance(record, FamilyFunction) and self.names.by_entry and isinstance(node.arguments[0], Scripted):
            return self.rank(node.arguments[0], None)
        if isinstance(record, FamilyFunction):
            inner = self.rank(node.arguments[0], 1)
            return max(0, (inner or 1) - 1) if record.is_total else inner
        found = [self.rank(a, expected) for a in node.arguments]
        known = [r for r in found if r]
        return known[0] if known else (None if None in found else 0)

    def _factors(self, node: Product) -> list[tuple[str, Node]]:
        """The factors, with the bracket of an application left as the operand."""
        found: list[tuple[str, Node]] = []
        parts = list(node.parts)
        k = 0
        while k < len(parts):
            sign, item = parts[k]
            following = parts[k + 1] if k + 1 < len(parts) else None
            after = following[1] if following is not None and not following[0] else None
            core = after.core if isinstance(after, Scripted) else after
            applied = self._applied(item, core) if isinstance(core, Group) else None
            found.append((sign, item if applied is None else applied))
            k += 1 if applied is None else 2
        return found

    def _applied(self, item: Node, core: Group) -> Node | None:
        """What has the rank of a name with a bracket behind it that is applied to this; None where it is a factor."""
        o = self.names.occurrence(item)
        if o is None or core.bracket not in ("(", "["):
            return None
        if core.bracket == "(" and unprimed(item) in self.names.entrywise:
            return core
        number = Number(item.at, item.end, "1")
        _, below, key = self.names.parts(o, self.force)
        if self._is_of_vector(item, core, key):
            return number
        if not below and self.names.is_function(key.rstrip("'")):
            return core
        if key in self.names.unknown:
            self.rank(core, None)
            return number
        if key not in self.names.functions:
            # h(\text{initial}) is a number of its own.
            return number if any(isinstance(i, Word) for i in core.items) else None
        if holds_itself(item, core):
            return None
        parameters = self.names.functions[key]
        if len(core.items) == 1 and self._is_of_number(key, parameters) and self.rank(core, None):
            # A function of a number acts on a vector entry by entry.
            return core
        for n, inner in enumerate(core.items):
            taken = parameters[n] if len(parameters) == len(core.items) else ""
            is_own = self.names.occurrence(inner) is not None and taken in self.names.twofold_names
            is_own = is_own or (self.names.guesses and self._is_new(inner))
            self.rank(inner, (self.names.arity.get(taken) or None) if is_own else None)
        return item

    def _is_new(self, node: Node) -> bool:
        """Whether a proof brings in a name as the argument of a function: it is of the kind that the function takes."""
        names = self.names
        known = names.learnt | names.defined | names.sizes | names.inputs | names.ranged | names.functions.keys()
        return bool(names.learnt) and isinstance(node, Name) and node.text not in known

    def _is_of_vector(self, head: Node, group: Group, key: str) -> bool:
        """Whether a proof speaks of H(p), of which nothing is known but this, where p is a vector."""
        names = self.names
        is_plain = names.guesses and isinstance(head, Name) and group.bracket == "(" and len(group.items) == 1
        if not is_plain or not isinstance(group.items[0], Name) or self.rank(group.items[0], None) != 1:
            return False
        known = names.learnt | names.defined | names.families | names.fixed | names.sizes | names.inputs | names.mapped
        return key not in known | names.bare | names.functions.keys() and names.is_function(key) is None

    def _is_of_number(self, key: str, parameters: tuple[str, ...]) -> bool:
        """Whether a declared function takes one number to a number."""
        arity = self.names.arity
        is_plain = not any(arity.get(x, 0) or x in self.names.families for x in (key, *parameters))
        return len(parameters) == 1 and is_plain and key in self.names.defined

    def _product(self, node: Product, expected: int | None) -> int | None:
        factors = self._factors(node)
        if any(s == "odot" for s, _ in factors):
            runs: list[list[tuple[str, Node]]] = []
            for sign, n in factors:
                if sign == "odot" or not runs:
                    runs.append([])
                runs[-1].append(("" if sign == "odot" else sign, n))
            found = [self._juxtaposed(run, None) for run in runs]
            known = next((r for r in (expected, *found) if r), None)
            for run in runs:
                self._juxtaposed(run, known)
            return known
        return self._juxtaposed(factors, expected)

    def _juxtaposed(self, factors: list[tuple[str, Node]], expected: int | None) -> int | None:
        """The rank of a product without entrywise signs."""
        if len(factors) == 1:
            return self.rank(factors[0][1], expected)
        for sign, n in factors:
            if sign == "/":
                self.rank(n, None)
        factors = [f for f in factors if f[0] != "/"]
        ranks = [self.rank(n, None) for _, n in factors]
        open_ = [k for k, r in enumerate(ranks) if r is None]
        if open_:
            self._settle(factors, ranks, expected)
            ranks = [self.rank(n, None) for _, n in factors]
        live = [(sign, n, r) for (sign, n), r in zip(factors, ranks, strict=True) if r]
        if any(r is None for r in ranks) and not live:
            return None
        return self._result(live)

    def _result(self, live: list[tuple[str, Node, int]]) -> int:
        rank = 0
        row = False
        for sign, node, r in live:
            top = _is_transposed(node)
            if rank == 0:
                rank, row = r, top and r == 1
            elif self.by_rows and {rank, r} == {1, _MATRIX}:
                rank, row = _MATRIX, False
            elif sign == "times" and rank == r == 1 and row == top:
                rank, row = 1, row
            elif rank == 1 and r == 1:
                rank, row = (0, False) if row else (_MATRIX, False) if top else (0, False)
            else:
                row = rank == 1 and r == _MATRIX
                rank = rank + r - 2
        return rank

    def _settle(self, factors: list[tuple[str, Node]], ranks: list[int | None], expected: int | None) -> None:
        """Gives ranks to open names beside known ones."""
        nodes = [n for _, n in factors]
        for k in range(len(nodes) - 1):
            # A dot between bold names with one vector known is the inner product of two.
            is_inner = factors[k + 1][0] == "*" and all(map(_is_small_bold, nodes[k : k + 2]))
            if is_inner and {ranks[k], ranks[k + 1]} == {None, 1}:
                ranks[k], ranks[k + 1] = self.rank(nodes[k], 1), self.rank(nodes[k + 1], 1)
        for k, node in enumerate(nodes):
            following = nodes[k + 1] if k + 1 < len(nodes) else None
            after = ranks[k + 1] if following is not None else None
            if ranks[k] is None and _is_transposed(node) and following is not None:
                is_matrix = _is_capital(node)
                ranks[k] = self.rank(node, _MATRIX if is_matrix else 1)
                if after is None:
                    # No row stands behind a matrix: A in B^\top A^\top is one too.
                    is_next = _is_capital(following) and (not is_matrix or _is_transposed(following))
                    ranks[k + 1] = self.rank(following, _MATRIX if is_next else 1)
            elif ranks[k] is None and _is_capital(node) and after == 1 and following is not None:
                ranks[k] = self.rank(node, 1 if _is_transposed(following) else _MATRIX)
            elif ranks[k] is None and _is_capital(node) and after == _MATRIX:
                ranks[k] = self.rank(node, _MATRIX)
            elif ranks[k] is None and following is not None and _is_transposed(following) and k == len(nodes) - 2:
                ranks[k] = self.rank(node, 1)
                if after is None:
                    ranks[k + 1] = self.rank(following, 1)
            elif (
                ranks[k] is not None
                and ranks[k] == 1
                and _is_transposed(node)
                and after is None
                and following is not None
            ) or (ranks[k] == _MATRIX and after is None and following is not None and k == len(nodes) - 2):
                ranks[k + 1] = self.rank(following, _MATRIX if _is_capital(following) else 1)
        open_ = [k for k, r in enumerate(ranks) if r is None]
        if expected == 1 and open_ and not any(ranks):
            last = open_[-1]
            if len(open_) > 1 and _is_capital(nodes[open_[-2]]) and last == open_[-2] + 1:
                self.rank(nodes[open_[-2]], _MATRIX)
            self.rank(nodes[last], 1)
        elif expected == _MATRIX and not any(ranks) and isinstance(nodes[-1], Name) and nodes[-1].text == "I":
            # \lambda I beside a matrix.
            self.rank(nodes[-1], _MATRIX)
        elif expected == _MATRIX and len(open_) == 1 and not any(ranks):
            self.rank(nodes[open_[0]], _MATRIX)


def transposed_in(shown: Iterable[Node], given: Iterable[Node]) -> Iterator[Node]:
    r"""The names that a proof shows transposed, W^\top and (W^{(l)})^\top; where T stands elsewhere, it is a power."""
    shown = tuple(shown)
    raised = [n for s in shown for n in scripted_in(s) if any(map(_is_top, n.sups))]
    if not raised:
        return
    every = [n for s in (*shown, *given) for n in inside_of(s)]
    above = sum(isinstance(s, Name) and s.text == "T" for n in every if isinstance(n, Scripted) for s in n.sups)
    is_number = sum(isinstance(n, Name) and n.text == "T" for n in every) > above
    for node in raised:
        marks = [s for s in node.sups if _is_top(s) and not (is_number and isinstance(s, Name))]
        whole = node.core.items[0] if isinstance(node.core, Group) and len(node.core.items) == 1 else node.core
        if whole is node.core and (node.subs or len(node.sups) > len(marks)):
            whole = replace(node, sups=tuple(s for s in node.sups if s not in marks))
        if marks and head_text(whole.core if isinstance(whole, Scripted) else whole) is not None:
            yield whole


def _is_top(above: Node) -> bool:
    return (isinstance(above, Mark) and above.text == "top") or (isinstance(above, Name) and above.text == "T")


def _is_transposed(node: Node) -> bool:
    if not isinstance(node, Scripted):
        return False
    return any(map(_is_top, node.sups))


def _is_bold(node: Node) -> bool:
    core = node.core if isinstance(node, Scripted) else node
    return isinstance(core, Name) and core.text.startswith((r"\mathbf", r"\boldsymbol", r"\vec"))


def _is_small_bold(node: Node) -> bool:
    return _is_bold(node) and not _is_capital(node)


def _is_capital(node: Node) -> bool:
    core = node.core if isinstance(node, Scripted) else node
    if isinstance(core, (Name, Word)):
        letters = core.text.split("{")[-1].rstrip("}").lstrip("\\")
        return letters[:1].isupper()
    return False
