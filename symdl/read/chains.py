"""The lines of a proof: displays to chains of relations, each side with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sympy import Add, Expr, Mul, NumberSymbol, Pow, Rational, Symbol, exp, log

from symdl.errors import RankError, ReadError, ShapeError
from symdl.language import fresh_index, index, put
from symdl.language.binders import free_symbols
from symdl.problem import Block, Givens, Range, Ranges
from symdl.read.arguments import INDICATORS, applied_here, with_brackets, with_complements
from symdl.read.axes import Axis, Letter
from symdl.read.classes import with_classes
from symdl.read.commands import TEXTS
from symdl.read.decimals import is_doubtful
from symdl.read.drafts import LETTERS
from symdl.read.heads import with_index_inside, with_partials, with_slopes, without_inverse
from symdl.read.increments import divided
from symdl.read.items import Item
from symdl.read.known import known_of
from symdl.read.labels import holds_ones, with_circle, with_euler, with_ones
from symdl.read.moments import may_hold, with_moments, without_labels
from symdl.read.nodes import (
    Big,
    CaseRows,
    Derivative,
    Evaluated,
    Fraction,
    Group,
    Mark,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Scripted,
    Statement,
    Sum,
    Word,
)
from symdl.read.operators import GAP
from symdl.read.positions import renamed, with_sums
from symdl.read.reader import Reader
from symdl.read.remarks import rounded_sides
from symdl.read.scopes import rescoped
from symdl.read.scripts import Formula, head_text, inside_of, names_in
from symdl.read.sides import Chain, Side, alternative, both_signs, one_sign
from symdl.read.steps import with_step
from symdl.read.syntax import parse_display
from symdl.read.tokens import Source
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
    groups = _chains(statements, source)
    if len(statements) > MAX_LINES:
        long = source.error(f"a display of more than {MAX_LINES} lines", 0)
        return [Chain((Side(None, long, block.text[:80], block.place),), (), {})]
    found: list[Chain] = []
    for group in groups:
        _drop_units(group, source, givens)
        _refuse_commas(group, source)
        _refuse_floors(group, source)
        known = known_of(givens).names
        if "d" not in known.learnt | known.sizes | known.letters:
            group.sides = divided(group.sides, source, frozenset(d.label.name for d in givens.definitions))
        chain = _read(group, source, givens, ranges)
        failed = chain.sides[-1].error
        other = alternative(found[-1], chain, source) if found else None
        if other is not None:
            found[-1] = other
            continue
        parts: list[_Raw] = _by_cases(group) if failed is not None and failed.message == GAP else []
        found += [_Lines(part, source, givens, ranges).read() for part in parts] or [chain]
    for sign, meant, message in _DOUBTFUL:
        if sign.search(block.text):
            pointed = read_chains(replace(block, text=sign.sub(meant, block.text)), givens, ranges)
            if len(found) == len(pointed):
                found = [_with_doubt(a, b, source, message) for a, b in zip(found, pointed, strict=True)]
    return found


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
        is_true, is_meant = (_is_near(x.expr, y.expr) for x, y in zip(a, b, strict=True))
        if is_meant and is_true is False:
            for k in (n, n + 1):
                sides[k] = replace(sides[k], expr=None, error=source.error(message, source.offset(sides[k].place)))
    return replace(chain, sides=tuple(sides))


def _is_near(a: Expr | None, b: Expr | None) -> bool | None:
    """Whether two numbers are equal but for rounding; None where they are no numbers that a float can hold."""
    try:
        x, y = _as_float(a), _as_float(b)
        return abs(x - y) * _NEAR <= abs(y)
    except (TypeError, ValueError, ArithmeticError):
        return None


def _as_float(expr: Expr | None) -> float:
    """A number made of fractions, powers, exponentials and logarithms.

    Raises  `TypeError` for anything else, `ArithmeticError` or `ValueError` where no float holds it.
    """
    if expr is None or not isinstance(expr, (Rational, Add, Mul, Pow, exp, log, NumberSymbol)):
        raise TypeError
    if isinstance(expr, (Rational, NumberSymbol)):
        return float(expr)
    values = [_as_float(x) for x in expr.args]
    if isinstance(expr, Add):
        return math.fsum(values)
    if isinstance(expr, Mul):
        return math.prod(values)
    return math.pow(*values) if isinstance(expr, Pow) else getattr(math, expr.func.__name__)(*values)


_NEAR = 50
"""Two numbers less than one in so many apart may be the same, rounded."""


def _by_cases(raw: _Raw) -> list[_Raw]:
    """A chain that ends with cases which leave a gap, as one chain for each case with its condition after it."""
    split = raw.sides[-1]
    if not isinstance(split, CaseRows) or len(raw.sides) < 2:
        return []
    found: list[_Raw] = []
    for n, (value, conditions) in enumerate(split.rows):
        if conditions is None or not all(isinstance(c, Relation) for c in conditions):
            return []
        kept = slice(0, -1) if n == 0 else slice(-2, -1)
        signs = raw.signs if n == 0 else raw.signs[-1:]
        found.append(
            _Raw([*raw.sides[kept], value], list(signs), [*raw.ats[kept], value.at], [*raw.ends[kept], value.end])
        )
        relations = [c for c in conditions if isinstance(c, Relation)]
        found += [
            _Raw(list(c.sides), list(c.signs), [s.at for s in c.sides], [s.end for s in c.sides]) for c in relations
        ]
    return found


def _drop_units(raw: _Raw, source: Source, givens: Givens) -> None:
    """Takes the units off the numbers of a chain; sides in two different units are not compared."""
    units: list[str] = []
    bare: list[int] = []
    for k, side in enumerate(raw.sides):
        kept, end = _without_unit(side, raw.ends[k], givens)
        if kept is side:
            bare.append(k)
            continue
        units.append(source.text[end : raw.ends[k]].strip())
        raw.sides[k], raw.ends[k] = kept, end
        if units[0] != units[-1]:
            raw.sides[k] = source.error("a number in another unit", raw.ats[k])
    if units and _SCALED.search(units[0]):
        for k in bare:
            raw.sides[k] = source.error("a number in another unit", raw.ats[k])


def _refuse_commas(raw: _Raw, source: Source) -> None:
    """Makes errors of the outer sides of 0,5 * 2 = 1,0, where a comma between digits may be a decimal sign."""
    text, start, end = source.text, raw.ats[0], raw.ends[-1]
    message = "a comma between digits that may be a decimal sign"
    if raw.signs and start > 1 and text[start - 1] == "," and _parts_digits(raw, text, start - 1):
        raw.sides[0] = source.error(message, start)
    if raw.signs and text[end : end + 1] == "," and _parts_digits(raw, text, end):
        raw.sides[-1] = source.error(message, end)


def _parts_digits(raw: _Raw, text: str, comma: int) -> bool:
    """Whether a comma that is no list's stands between digits: k = 1,2 lists the values of a name."""
    is_named = isinstance(raw.sides[0], (Name, Scripted))
    is_between = text[comma - 1].isdigit() and text[comma + 1 : comma + 2].isdigit()
    return is_between and (not is_named or is_doubtful(text, comma))


def _refuse_floors(raw: _Raw, source: Source) -> None:
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
    return _is_number(side)


_SCALED = re.compile(
    r"\{\s*(?:[kKMGBT]|[kMGT]i?B|dB|thousand|million|billion|trillion|hundred|dozen|Mio|Mrd|Tsd|Millionen|Milliarden|Tausend|"
    r"percent|per cent|Prozent|degrees?|min|minutes?|hours?)\b",
)
"""Words after a number that scale it."""


def _without_unit(side: Node | ReadError, end: int, givens: Givens) -> tuple[Node | ReadError, int]:
    r"""A number without the unit after it, 1.5 \text{ bits}, and where it ends."""
    if not isinstance(side, Product) or side.parts[-1][0]:
        return side, end
    *parts, (_, unit) = side.parts
    known = known_of(givens).names
    is_unit = isinstance(unit, Word) and unit.style in TEXTS and head_text(unit) not in known.learnt
    if not is_unit or not all(_is_number(n) for _, n in parts):
        return side, end
    kept = parts[0][1] if len(parts) == 1 else replace(side, parts=tuple(parts), end=parts[-1][1].end)
    return kept, kept.end


@dataclass
class _Raw:
    sides: list[Node | ReadError]
    signs: list[str]
    ats: list[int]
    ends: list[int]


def _chains(statements: list[Statement], source: Source) -> list[_Raw]:
    """Joins statements that begin with a sign to the one before, and splits at implications."""
    found: list[_Raw] = []
    words = ""
    for s in _with_rows(statements, source):
        sides, signs = list(s.sides), list(s.signs)
        if found and _AT.search(words) and (point := _setting(s)) is not None:
            found[-1:] = _evaluated(found[-1], point)
            continue
        words = s.words
        ats, ends = list(s.ats), list(s.ends)
        if len(signs) == len(sides):
            if signs[0] != "=>" and found:
                last = found[-1]
                last.signs.append(signs.pop(0))
                last.sides.append(sides.pop(0))
                last.ats.append(ats.pop(0))
                last.ends.append(ends.pop(0))
                if not sides:
                    continue
                current = last
            else:
                if signs[0] != "=>":
                    sides.insert(0, source.error("a relation without a left side", ats[0]))
                    ats.insert(0, ats[0])
                    ends.insert(0, ats[0])
                else:
                    signs.pop(0)
                current = _Raw([sides.pop(0)], [], [ats.pop(0)], [ends.pop(0)])
                found.append(current)
        else:
            current = _Raw([sides.pop(0)], [], [ats.pop(0)], [ends.pop(0)])
            found.append(current)
        for sign, side, at, end in zip(signs, sides, ats, ends, strict=True):
            if sign == "=>":
                current = _Raw([side], [], [at], [end])
                found.append(current)
            else:
                current.signs.append(sign)
                current.sides.append(side)
                current.ats.append(at)
                current.ends.append(end)
        if words:
            current.sides = rounded_sides(current.sides, words, source)
    kept = [c for c in found if not (len(c.sides) == 1 and isinstance(c.sides[0], Mark))]
    return [part for c in kept for whole in _without_slope(c) for part in _without_remark(whole)]


_AT = re.compile(r"\b(?:at|for|when|if|where|with)$", re.IGNORECASE)


def _setting(statement: Statement) -> Relation | None:
    """x = 3, where a statement says no more than this."""
    if statement.signs != ("=",) or len(statement.sides) != len(_PAIR):
        return None
    name, value = statement.sides
    is_name = isinstance(name, Name) or (isinstance(name, Scripted) and not name.sups and not name.primes)
    if not isinstance(name, Node) or not isinstance(value, Node) or not is_name or not _is_number(value):
        return None
    return Relation(statement.ats[0], statement.ends[-1], (name, value), statement.signs)


_PAIR = ("name", "value")

_REMARK = ("relation", "condition")
"""What brackets hold at most that stand apart from a formula: d(e^{z_i})/dz_y = 0 \\text{ if } i \\neq y."""


def _evaluated(raw: _Raw, point: Relation) -> list[_Raw]:
    r"""A chain y' = 2x = 6 \text{ at } x = 3 as y' = 2x and its last relation, at that point."""
    if not raw.signs:
        return [raw]
    last: list[Node | ReadError] = []
    for side in raw.sides[-2:]:
        if isinstance(side, Evaluated):
            last.append(replace(side, settings=(*side.settings, point)))
        else:
            last.append(Evaluated(side.at, side.end, side, (point,)) if isinstance(side, Node) else side)
    end = _Raw(last, raw.signs[-1:], raw.ats[-2:], raw.ends[-2:])
    if len(raw.signs) == 1:
        return [end]
    return [_Raw(raw.sides[:-1], raw.signs[:-1], raw.ats[:-1], raw.ends[:-1]), end]


def _without_slope(raw: _Raw) -> list[_Raw]:
    r"""A chain p = a x \frac{\partial p}{\partial a} = x, two equations that nothing parts, as these two."""
    head = raw.sides[0]
    for n, side in enumerate(raw.sides[1:-1], 1):
        kept, slope = _split(side) if isinstance(side, Node) else (None, None)
        if kept is None or not isinstance(slope, Derivative) or not isinstance(head, Name):
            continue
        if isinstance(slope.of, Name) and slope.of.text == head.text:
            first = _Raw([*raw.sides[:n], kept], raw.signs[:n], raw.ats[: n + 1], [*raw.ends[:n], kept.end])
            ats, ends = [slope.at, *raw.ats[n + 1 :]], [slope.end, *raw.ends[n + 1 :]]
            return [first, _Raw([slope, *raw.sides[n + 1 :]], raw.signs[n:], ats, ends)]
    return [raw]


def _with_rows(statements: list[Statement], source: Source) -> list[Statement]:
    r"""Numbers side by side at the end of a chain, = 0 \quad -1 \quad 1, as one row."""
    found: list[Statement] = []
    for s in statements:
        last = found[-1] if found else None
        if last is not None and last.signs and len(s.sides) == 1 and not s.signs and _is_spaced(last, s, source):
            before, cell = last.sides[-1], s.sides[0]
            assert isinstance(before, Node) and isinstance(cell, Node)
            cells = before.items if isinstance(before, Group) else (before,)
            row = Group(before.at, cell.end, "(", (*cells, cell))
            found[-1] = replace(last, sides=(*last.sides[:-1], row), ends=(*last.ends[:-1], s.ends[-1]))
        else:
            found.append(s)
    return found


def _is_spaced(first: Statement, second: Statement, source: Source) -> bool:
    """Whether numbers end the first and are the second statement, with nothing but a wide space between them."""
    before, cell = first.sides[-1], second.sides[0]
    row = before.items if isinstance(before, Group) and before.bracket == "(" else (before,)
    gap = source.text[first.ends[-1] : second.ats[0]]
    return "quad" in gap and not re.sub(r"\\q?quad|\\[,; ]|\s", "", gap) and all(map(_is_number, (*row, cell)))


def _is_number(side: object) -> bool:
    if isinstance(side, Sum):
        return len(side.terms) == 1 and _is_number(side.terms[0][1])
    if isinstance(side, Group):
        return len(side.items) == 1 and _is_number(side.items[0])
    if isinstance(side, Scripted):
        return _is_number(side.core) and not side.subs and all(map(_is_number, side.sups))
    if isinstance(side, Product):
        return all(_is_number(n) for _, n in side.parts)
    return isinstance(side, Number)


def _without_remark(raw: _Raw) -> list[_Raw]:
    r"""A chain without the condition in brackets after it, -p_i p_k (i \neq k), which is a chain of its own."""
    last = raw.sides[-1]
    kept: Node | None = None
    remark: Node | None = None
    if len(raw.sides) == 1 and isinstance(last, Group):
        remark = last
    elif isinstance(last, Node):
        kept, remark = _split(last)
    else:
        return [raw]
    if not (isinstance(remark, Group) and remark.bracket == "(" and 0 < len(remark.items) <= len(_REMARK)):
        return [raw]
    said: list[_Raw] = []
    for relation in remark.items:
        if not isinstance(relation, Relation):
            return [raw]
        ats, ends = [s.at for s in relation.sides], [s.end for s in relation.sides]
        said.append(_Raw(list(relation.sides), list(relation.signs), ats, ends))
    if kept is None:
        return said
    raw.sides[-1], raw.ends[-1] = kept, kept.end
    return [raw, *said]


def _split(node: Node) -> tuple[Node, Node | None]:
    """A side without the last factor of its last term, and that factor; an indicator keeps its condition."""
    if isinstance(node, Sum):
        *first, (sign, term) = node.terms
        kept, remark = _split(term)
        return (node, None) if remark is None else (replace(node, terms=(*first, (sign, kept)), end=kept.end), remark)
    if not isinstance(node, Product) or node.parts[-1][0]:
        return node, None
    *parts, (_, remark) = node.parts
    head = parts[-1][1]
    if isinstance(head, (Number, Name, Word)) and head.text in INDICATORS:
        return node, None
    kept = parts[0][1] if len(parts) == 1 else replace(node, parts=tuple(parts), end=head.end)
    return kept, remark


def _read(raw: _Raw, source: Source, givens: Givens, ranges: Ranges | None) -> Chain:
    """One chain; where indices stand at the wrong places, the first side at fault alone is an error."""
    chain = _Lines(raw, source, givens, ranges).read()
    if raw.signs == ["="] and chain.sides[-1].error is not None and "-1" in source.text:
        one, other = raw.sides
        turned = without_inverse(one, other) if isinstance(one, Node) and isinstance(other, Node) else None
        if turned is not None:
            # Of an inverse of which the entries are not known, what it solves is.
            again = _Lines(replace(raw, sides=list(turned)), source, givens, ranges).read()
            return again if not any(s.error for s in again.sides) else chain
    if not isinstance(chain.sides[0].error, ShapeError) or not len(_PAIR) < len(raw.sides) <= MAX_SIDES:
        return chain
    for n in range(1, len(raw.sides)):
        part = _Raw(raw.sides[: n + 1], raw.signs[:n], raw.ats[: n + 1], raw.ends[: n + 1])
        error = _Lines(part, source, givens, ranges).read().sides[n].error
        if isinstance(error, ShapeError):
            sides = [*raw.sides[:n], error, *raw.sides[n + 1 :]]
            return _read(replace(raw, sides=sides), source, givens, ranges)
    return chain


def _is_power(node: Node) -> bool:
    return isinstance(node, Scripted) and bool(node.sups) and all(isinstance(s, Number) for s in node.sups)


_COMPLEMENT = re.compile(r"\\bar|\^\{?c|\\neg")
"""What the complement of an event is written with."""


class _Lines:
    """Reads one chain: all its sides together, so that they share letters and ranges."""

    def __init__(self, raw: _Raw, source: Source, givens: Givens, ranges: Ranges | None) -> None:
        self.raw = raw
        self.source = source
        self.givens = givens
        self.reader = Reader((), givens, ranges, tolerant=True)
        self.errors: dict[int, ReadError] = {k: s for k, s in enumerate(raw.sides) if isinstance(s, ReadError)}
        known = known_of(givens)
        plain = "E" not in known.names.learnt
        good = [(k, with_step(s, known.steps)) for k, s in enumerate(raw.sides) if not isinstance(s, ReadError)]
        good = [(k, with_slopes(with_index_inside(s, known.inside), known.slopes)) for k, s in good]
        if "'" in source.text:
            good = [(k, with_partials(s, self._variables)) for k, s in good]
        if holds_ones(source.text):
            good = [(k, with_ones(s, said=bool(givens.said("ones")))) for k, s in good]
        if may_hold(source.text):
            good = [(k, without_labels(with_moments(s, plain), known.unlabelled)) for k, s in good]
        names = self.reader.names
        here = applied_here((s for _, s in good), lambda n: names.names_function(n) or self._is_formula(n))
        vectors = {k for k, n in names.arity.items() if n == 1 and not names.explicit.get(k, 0)}
        brackets = replace(known.brackets, named=known.brackets.named | here)
        found = [with_brackets(s, brackets) for _, s in good]
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
        scoped = rescoped(tuple(renamed_), by_hand=True)
        self.nodes: dict[int, Node] = dict(zip((k for k, _ in good), scoped, strict=True))
        self.found: dict[int, Expr] = {}
        self.ranges: dict[Symbol, Range] = {}

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
        return Chain(tuple(sides), tuple(self.raw.signs), self.ranges)

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

    def _misfit(self, message: str, k: int, axes: Sequence[Axis]) -> ReadError:
        """The error of a side of another shape: wrong where the givens write vectors and state their lengths."""
        ranks = {label.name: rank for label, rank in self.givens.vectors.items()}
        is_stated = all(
            self.reader.ranges.stated_length(axis) is not None and ranks.get(axis.root().name.split(" of ")[-1])
            for axis in axes
        )
        guessed = self.givens.said("guessed").keys()
        is_stated = is_stated and not any(guessed & set(names_in(node)) for node in self.nodes.values())
        return self.source.error(message, self.raw.ats[k], of=RankError if is_stated else ReadError)

    def _settle(self, k: int, value: Value, letters: list[Symbol], axes: Sequence[Axis]) -> None:
        try:
            expr = self.reader.settle(value.entry(*letters) if isinstance(value, Array) else value)
            expr = put(expr, known_of(self.givens).sizes)
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
