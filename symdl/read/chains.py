"""The lines of a proof: displays to chains of relations, each side with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from sympy import Expr, Indexed, Symbol

from symdl.errors import RankError, ReadError, ShapeError
from symdl.language import fresh_index, index, label_of, put, quantities, scalar
from symdl.language.binders import free_symbols
from symdl.problem import Block, Givens, Range, Ranges
from symdl.read.arguments import applied_here, with_brackets, with_complements
from symdl.read.axes import Axis, Letter
from symdl.read.batches import batch_sizes, with_batches
from symdl.read.classes import with_classes
from symdl.read.decimals import is_doubtful
from symdl.read.densities import with_classed, with_densities, with_events
from symdl.read.drafts import LETTERS
from symdl.read.ends import integrated_by, with_ends
from symdl.read.greatest import greatest_noted, with_greatest
from symdl.read.heads import (
    with_index_inside,
    with_lists,
    with_normal_densities,
    with_partials,
    with_slopes,
    without_inverse,
)
from symdl.read.hints import USUAL_INDICES
from symdl.read.increments import divided
from symdl.read.items import Item
from symdl.read.joining import Raw, by_cases, is_number, joined
from symdl.read.known import Known, known_of
from symdl.read.labels import holds_ones, with_circle, with_euler, with_ones
from symdl.read.members import with_members
from symdl.read.moments import may_hold, with_moments, without_labels
from symdl.read.nodes import (
    Big,
    Fraction,
    Group,
    Name,
    Node,
    Number,
    Product,
    Scripted,
)
from symdl.read.operators import GAP
from symdl.read.own import own_letter
from symdl.read.positions import renamed, with_sums
from symdl.read.rates import with_rates
from symdl.read.reader import Reader
from symdl.read.scopes import rescoped
from symdl.read.scripts import (
    Formula,
    before_brackets,
    head_text,
    inside_of,
    names_in,
    spell,
    with_pairs,
)
from symdl.read.sides import Chain, Side, alternative, both_signs, is_near, one_sign
from symdl.read.source import Source
from symdl.read.spans import is_open
from symdl.read.steps import with_step
from symdl.read.syntax import parse_display
from symdl.read.units import drop_units, with_scales
from symdl.read.values import Array, Value

MAX_LINES = 500

MAX_SIDES = 12
"""How many sides a chain may have to be searched for the one at fault."""


def read_chains(block: Block, givens: Givens, ranges: Ranges | None = None) -> list[Chain]:
    r"""The chains of relations in a display, in order; reasons in the margin and words are passed over.

    A side that cannot be read holds its error; a display whose layout cannot be read is one chain with one such side.
    """
    source = Source(block.text, block.place, (), known_of(givens).words)
    above, below = (one_sign(block.text, sign) for sign in "+-")
    if above != below:
        readings = [read_chains(replace(block, text=text), givens, ranges) for text in (above, below)]
        return both_signs(readings[0], readings[1], source)
    try:
        statements = parse_display(source, lenient=True)
    except ReadError as error:
        return [Chain((Side(None, error, block.text, block.place),), (), {})]
    groups = joined(statements, source)
    if len(statements) > MAX_LINES:
        long = source.error(f"a display of more than {MAX_LINES} lines", 0)
        return [Chain((Side(None, long, block.text[:80], block.place),), (), {})]
    found: list[Chain] = []
    for group in groups:
        scaled = drop_units(group, source, givens)
        _refuse_commas(group, source)
        _refuse_floors(group, source)
        known = known_of(givens).names
        if "d" not in known.learnt | known.sizes | known.letters:
            group.sides = divided(group.sides, source, frozenset(d.label.name for d in givens.definitions))
        chain = with_scales(_read(group, source, givens, ranges), scaled, source)
        failed = chain.sides[-1].error
        other = alternative(found[-1], chain, source) if found else None
        if other is not None:
            found[-1] = other
            continue
        parts: list[Raw] = by_cases(group) if failed is not None and failed.message == GAP else []
        found += [_Lines(part, source, givens, ranges).read() for part in parts] or [chain]
    for sign, meant, message in _DOUBTFUL:
        if sign.search(block.text):
            pointed = read_chains(replace(block, text=sign.sub(meant, block.text)), givens, ranges)
            if len(found) == len(pointed):
                found = [_with_doubt(a, b, source, message) for a, b in zip(found, pointed, strict=True)]
    return found


def has_relation(block: Block, givens: Givens) -> bool:
    """Whether a display relates anything, so that a chain of it may have signs.

    Raises  `ReadError` where its layout cannot be read.
    """
    source = Source(block.text, block.place, (), known_of(givens).words)
    return any(statement.signs for statement in parse_display(source, lenient=True))


_DOUBTFUL: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"\{,\}"), ".", "a comma that may be a decimal sign or part thousands"),
    (
        re.compile(r"(?<![\d.,])([1-9]\d{0,2}),(\d{3})(?![\d.,])"),
        r"\1.\2",
        "a comma that may be a decimal sign or part thousands",
    ),
    (
        re.compile(r"(?<![\d.])([1-9]\d{0,2})\.(\d{3})(?![\d.])"),
        r"\1\2",
        "a point that may be a decimal sign or part thousands",
    ),
    (
        re.compile(r"(?<![\d.])(\d) \. (\d)(?![\d.])"),
        r"\1 \\cdot \2",
        "a full stop that may be a decimal point or multiply",
    ),
)
"""Signs in numbers that may mean something else, with this."""


def _with_doubt(chain: Chain, pointed: Chain, source: Source, message: str) -> Chain:
    """The chain, with errors for numbers that are equal only where a sign in them means something else."""
    if len(chain.sides) != len(pointed.sides):
        return chain
    sides = list(chain.sides)
    for n, (a, b) in enumerate(pairwise(zip(chain.sides, pointed.sides, strict=True))):
        is_true, is_meant = (is_near(x.expr, y.expr) for x, y in zip(a, b, strict=True))
        if is_meant and is_true is False:
            for k in (n, n + 1):
                sides[k] = replace(sides[k], expr=None, error=source.error(message, source.offset(sides[k].place)))
    return replace(chain, sides=tuple(sides))


def _refuse_commas(raw: Raw, source: Source) -> None:
    """Makes errors of the outer sides of 0,5 * 2 = 1,0, where a comma between digits may be a decimal sign."""
    text, start, end = source.text, raw.ats[0], raw.ends[-1]
    message = "a comma between digits that may be a decimal sign"
    if raw.signs and start > 1 and text[start - 1] == "," and _parts_digits(raw, text, start - 1):
        raw.sides[0] = source.error(message, start)
    if raw.signs and text[end : end + 1] == "," and _parts_digits(raw, text, end):
        raw.sides[-1] = source.error(message, end)


def _parts_digits(raw: Raw, text: str, comma: int) -> bool:
    """Whether a comma that is no list's stands between digits: k = 1,2 lists the values of a name."""
    is_named = isinstance(raw.sides[0], (Name, Scripted))
    is_between = text[comma - 1].isdigit() and text[comma + 1 : comma + 2].isdigit()
    return is_between and (not is_named or is_doubtful(text, comma))


def _refuse_floors(raw: Raw, source: Source) -> None:
    """Makes an error of [7/2] beside a number: square brackets around a number alone may round it down."""
    alone = [isinstance(s, Group) and s.bracket == "[" and len(s.items) == 1 for s in raw.sides]
    if any(alone) and not all(alone) and all(map(_is_quotient, raw.sides)):
        for k, is_alone in enumerate(alone):
            if is_alone:
                raw.sides[k] = source.error("square brackets around a number, which may round it", raw.ats[k])


def _is_quotient(side: object) -> bool:
    """Whether a side is made of numbers alone, with fractions and signs."""
    if isinstance(side, Fraction):
        return _is_quotient(side.top) and _is_quotient(side.below)
    return is_number(side)


def _read(raw: Raw, source: Source, givens: Givens, ranges: Ranges | None) -> Chain:
    """One chain; where indices stand at the wrong places, the first side at fault alone is an error."""
    chain = _Lines(raw, source, givens, ranges).read()
    if raw.signs == ["="] and chain.sides[-1].error is not None and "-1" in source.text:
        one, other = raw.sides
        turned = without_inverse(one, other) if isinstance(one, Node) and isinstance(other, Node) else None
        if turned is not None:
            # Of an inverse of which the entries are not known, what it solves is.
            again = _Lines(replace(raw, sides=list(turned)), source, givens, ranges).read()
            return again if not any(s.error for s in again.sides) else chain
    head = _new_head(raw.sides[0], givens) if raw.signs[:1] == ["="] and chain.sides[0].error is not None else None
    if head is not None:
        # What U is in U(w) = \nabla L(w), of which nothing else is known, is a vector.
        again = _Lines(replace(raw, sides=[head, *raw.sides[1:]]), source, givens, ranges).read()
        return again if again.sides[0].error is None else chain
    if not isinstance(chain.sides[0].error, ShapeError) or not 1 < len(raw.signs) < MAX_SIDES:
        return chain
    for n in range(1, len(raw.sides)):
        part = Raw(raw.sides[: n + 1], raw.signs[:n], raw.ats[: n + 1], raw.ends[: n + 1])
        error = _Lines(part, source, givens, ranges).read().sides[n].error
        if isinstance(error, ShapeError) and not isinstance(raw.sides[n], ReadError):
            sides = [*raw.sides[:n], error, *raw.sides[n + 1 :]]
            return _read(replace(raw, sides=sides), source, givens, ranges)
    return chain


def _new_head(side: Node | ReadError, givens: Givens) -> Name | None:
    """The name U of U(w), of which the givens say nothing."""
    for head, group in before_brackets(side) if isinstance(side, Product) and len(side.parts) == len(_APPLIED) else ():
        if isinstance(head, Name) and all(isinstance(i, Name) for i in group.items):
            label = scalar(head.text)
            is_known = label in givens.vectors or label in givens.families or givens.is_defined(label)
            return None if is_known else head
    return None


_APPLIED = ("name", "brackets")
_OF_I = re.compile(r"(?<![A-Za-z\\{])I\s*(?:\\left)?\(\s*\\?[A-Za-z]+\s*(?:\\right)?\)")


def _with_own_i(node: Node) -> Node:
    r"""The node with one name for each I(\beta), the information: no identity is taken at a name in brackets."""
    return with_pairs(node, _own_i)


def _own_i(head: Node, bracket: Node) -> tuple[Node, ...] | None:
    core = bracket.core if isinstance(bracket, Scripted) else bracket
    inside = core.items if isinstance(core, Group) and core.bracket == "(" else ()
    if not isinstance(head, Name) or head.text != "I" or [type(i) for i in inside] != [Name]:
        return None
    own = Name(head.at, core.end, own_letter(f"I({spell(inside[0])})"))
    return (replace(bracket, core=own) if isinstance(bracket, Scripted) else own,)


def _is_power(node: Node) -> bool:
    return isinstance(node, Scripted) and bool(node.sups) and all(isinstance(s, Number) for s in node.sups)


_COMPLEMENT = re.compile(r"\\bar|\^\{?c|\\neg")
"""What the complement of an event is written with."""


class _Lines:
    """Reads one chain: all its sides together, so that they share letters and ranges."""

    def __init__(self, raw: Raw, source: Source, givens: Givens, ranges: Ranges | None) -> None:
        self.raw = raw
        self.source = source
        self.givens = givens
        self.reader = Reader((), givens, ranges, tolerant=True)
        self.errors: dict[int, ReadError] = {k: s for k, s in enumerate(raw.sides) if isinstance(s, ReadError)}
        known = known_of(givens)
        keys = [k for k, s in enumerate(raw.sides) if not isinstance(s, ReadError)]
        nodes = self._rewritten([s for s in raw.sides if not isinstance(s, ReadError)], known)
        names = self.reader.names
        here = applied_here(nodes, lambda n: names.names_function(n) or self._is_formula(n))
        vectors = {k for k, n in names.arity.items() if n == 1 and not names.explicit.get(k, 0)}
        brackets = replace(known.brackets, named=known.brackets.named | here)
        found = [with_brackets(s, brackets) for s in nodes]
        if _COMPLEMENT.search(source.text):
            found = [with_complements(s, names.learnt) for s in found]
        found = [with_classes(s, known.classes) for s in found]
        if names.arity.get("e", 0) and names.arity["e"] == names.explicit.get("e"):
            found = list(map(with_euler, found))
        if r"\pi" in source.text and names.names_circle():
            found = list(map(with_circle, found))
        if any(isinstance(n, Big) for s in found for n in inside_of(s)):
            found = [with_sums(s, vectors) for s in found]
        renamed_ = (renamed(s, known.names.index_names, known.numbers) for s in found)
        scoped = rescoped(tuple(renamed_), by_hand=True, known=names.inputs | names.sizes)
        self.nodes: dict[int, Node] = dict(zip(keys, scoped, strict=True))
        self.found: dict[int, Expr] = {}
        self.ranges: dict[Symbol, Range] = {}
        self.families: dict[Symbol, tuple[Range, ...]] = {}
        self.lengths: dict[Expr, Expr] = {}

    def _rewritten(self, nodes: list[Node], known: Known) -> list[Node]:
        """The sides that can be read, with what is written in a way of its own in the words of the givens."""
        givens, source = self.givens, self.source
        nodes = [with_rates(with_step(s, known.steps), givens.spelling.get("rate", "")) for s in nodes]
        if sizes := batch_sizes(givens.spelling):
            nodes = [with_batches(s, sizes) for s in nodes]
        if highest := greatest_noted(givens.spelling):
            nodes = [with_greatest(s, highest) for s in nodes]
        if "N" in source.text:
            nodes = [with_normal_densities(s) for s in nodes]
        nodes = [with_slopes(with_index_inside(s, known.inside), known.slopes) for s in nodes]
        nodes = [with_classed(with_lists(s, known.listed), known.classed) for s in nodes]
        nodes = [with_events(with_densities(s, known.densities)) for s in nodes]
        if "_" in source.text and "^" in source.text:
            variables = integrated_by(nodes)
            nodes = [with_ends(s, variables) for s in nodes]
        formal = self.reader.names.functions
        nodes = list(with_members(nodes, known.members, lambda f: formal.get(f, ())))
        if "I" not in known.names.learnt | known.names.quantities and _OF_I.search(source.text):
            nodes = [_with_own_i(s) for s in nodes]
        if "'" in source.text:
            nodes = [with_partials(s, self._variables) for s in nodes]
        if holds_ones(source.text):
            nodes = [with_ones(s, said=bool(givens.said("ones"))) for s in nodes]
        if may_hold(source.text):
            plain = "E" not in known.names.learnt
            nodes = [without_labels(with_moments(s, plain), known.unlabelled) for s in nodes]
        return nodes

    def _variables(self, name: str) -> frozenset[str]:
        """The letters that one thing with a formula depends on; none where its derivatives have a name of their own."""
        names, session = self.reader.names, self.reader.session
        if names.arity.get(name, 0) or f"{name}'" in names.learnt | names.defined:
            return frozenset()
        reach = session.reach(name)
        return frozenset(names.functions.get(name, ())) | frozenset(reach.free if reach is not None else ())

    def _is_formula(self, head: Node) -> bool:
        """Whether a name is given by a formula, so that brackets after it say at what it is taken."""
        o = self.reader.names.occurrence(head)
        return o is not None and self.reader.session.reach(o.key) is not None

    def read(self) -> Chain:
        try:
            self._read()
        except ReadError as error:
            self.found, self.ranges = {}, {}
            for k in self.nodes:
                self.errors.setdefault(k, error)
        sides = []
        for k, (at, end) in enumerate(zip(self.raw.ats, self.raw.ends, strict=True)):
            place = self.source.place(at)
            assert place is not None
            sides.append(Side(self.found.get(k), self.errors.get(k), self.source.text[at:end].strip(), place))
        return Chain(tuple(sides), tuple(self.raw.signs), self.ranges, self.families)

    def _read(self) -> None:
        reader = self.reader
        formula = Formula(self.source, tuple(self.nodes.values()), tuple(self.raw.signs))
        reader.infer([formula], [True])
        item = Item("mention", self.source, self.raw.ats[0], self.raw.ends[-1], formula=formula)
        elaborator = reader.elaborator(item, "task")
        values: dict[int, Value] = {}
        for k, node in self.nodes.items():
            try:
                values[k] = elaborator.value(node)
            except ReadError as error:
                self.errors[k] = error
            except RecursionError:
                self.errors[k] = self.source.error("the formula is nested too deeply", self.raw.ats[k])
        arrays = [(k, v) for k, v in values.items() if isinstance(v, Array)]
        for k, v in arrays:
            if v.rank == 1 and len(arrays) < len(values) and _is_power(self.nodes[k]):
                message = "a power of a vector beside a number: entry by entry, or of its length"
                self.errors[k] = self.source.error(message, self.raw.ats[k])
        for k, v in arrays[1:]:
            if v.rank == arrays[0][1].rank:
                values[k] = v = elaborator.matched(arrays[0][1], v)
                try:
                    elaborator.align(arrays[0][1], v, self.raw.ats[k])
                except ReadError as error:
                    self.errors[k] = error
            else:
                message = "this side differs in shape from the others"
                self.errors[k] = self._misfit(message, k, (*arrays[0][1].axes, *v.axes))
        axes = arrays[0][1].axes if arrays else ()
        reader.solve([item])
        self.lengths = self._lengths()
        reader.letters_over = dict(self.givens.letters)
        letters: list[Symbol] = []
        # What a sum runs over stands for nothing else to whoever reads the line.
        written = {index(name) for node in self.nodes.values() for name in names_in(node)}
        taken = frozenset(x.symbol for x in elaborator.free.values()) | written
        for axis in axes:
            run = reader.axis_range(axis)
            letter = fresh_index("".join(x for x in reader.letters_over.get(run, ()) if len(x) == 1) + LETTERS, taken)
            taken |= {letter}
            letters.append(letter)
            self.ranges[letter] = run
        for k, v in values.items():
            if k not in self.errors:
                self._settle(k, v, letters, axes)
        for free in sorted(elaborator.free.values(), key=lambda x: x.spot.at):
            self._range(free)
        self._note_families()

    def _lengths(self) -> dict[Expr, Expr]:
        r"""The size of \sum_{i=1}^n x_i, of which nothing is said, as that of x where this was left open before."""
        names = known_of(self.givens).names
        spoken = names.learnt | names.sizes | names.quantities
        ends: dict[Expr, set[Expr]] = {}
        for letter in self.reader.ranges.letters:
            is_new = isinstance(letter.own_hi, Symbol) and letter.own_hi.name not in spoken
            for root in (axis.root() for axis, offset in letter.at if is_new and not offset):
                if root.hi is not None and root.hi != letter.own_hi and is_open(root.hi) and root.lo == letter.own_lo:
                    ends.setdefault(letter.own_hi, set()).add(root.hi)
        return {end: next(iter(sizes)) for end, sizes in ends.items() if len(sizes) == 1}

    def _note_families(self) -> None:
        """Notes the names with indices of which neither the givens nor the line say how far they run."""
        inside = {label_of(q) for e in self.found.values() for q in quantities(e) if isinstance(q, Indexed)}
        for label in sorted(inside - self.givens.families.keys(), key=str):
            arity = self.reader.names.arity.get(label.name, 0)
            runs = [self.reader.axis_range(self.reader.ranges.axis(label.name, n)) for n in range(arity)]
            if any(is_open(run.hi) for run in runs):
                self.families[label] = tuple(runs)

    def _misfit(self, message: str, k: int, axes: Sequence[Axis]) -> ReadError:
        """The error of a side of another shape: wrong where the givens write vectors and state their lengths."""
        ranks = {label.name: rank for label, rank in self.givens.vectors.items()}
        is_stated = all(
            self.reader.ranges.stated_length(axis) is not None and ranks.get(axis.root().name.split(" of ")[-1])
            for axis in axes
        )
        guessed = self.givens.said("guessed").keys()
        is_stated = is_stated and not any(guessed & set(names_in(node)) for node in self.nodes.values())
        is_stated = is_stated and not any(self._may_be_whole(n) for s in self.nodes.values() for n in inside_of(s))
        return self.source.error(message, self.raw.ats[k], of=RankError if is_stated else ReadError)

    def _may_be_whole(self, node: Node) -> bool:
        """Whether what is written as an entry may be a vector of its own: w_o and w_1 beside w."""
        if not isinstance(node, Scripted) or len(node.subs) != 1 or node.primes:
            return False
        core, sub, names = head_text(node.core) or "", node.subs[0], known_of(self.givens).names
        is_label = isinstance(sub, Number) or (isinstance(sub, Name) and sub.text not in USUAL_INDICES)
        return is_label and names.arity.get(core) == 1 and not names.explicit.get(core, 0)

    def _settle(self, k: int, value: Value, letters: list[Symbol], axes: Sequence[Axis]) -> None:
        try:
            expr = self.reader.settle(value.entry(*letters) if isinstance(value, Array) else value)
            expr = put(expr, known_of(self.givens).sizes | self.lengths)
            if letters and not isinstance(value, Array) and not expr.is_number:
                raise self._misfit("a scalar stands beside a vector or matrix", k, axes)
            self.found[k] = expr
        except ReadError as error:
            self.errors[k] = error

    def _range(self, letter: Letter) -> None:
        """Notes the range of a free letter; sides that need it are unreadable where nothing fixes it."""
        holders = [k for k, e in self.found.items() if letter.symbol in free_symbols(e)]
        if not holders:
            return
        try:
            self.ranges[letter.symbol] = self.reader.range_of(letter)
        except ReadError as error:
            for k in holders:
                self.errors[k] = error
                del self.found[k]
