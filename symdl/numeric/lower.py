"""From a term and the definitions behind it to an array program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from sympy import Add, Expr, Float, Indexed, Mul, NumberSymbol, Pow, S, Symbol, exp, log

from symdl.errors import NoFunctionError
from symdl.language import (
    At,
    Cases,
    Chain,
    D,
    Delta,
    Maximum,
    Minimum,
    Opaque,
    Prod,
    Sigma,
    Step,
    free_symbols,
    indices_of,
    label_of,
    put,
)
from symdl.language.functions import by_head
from symdl.numeric import operations, products, reduce
from symdl.numeric.inputs import Book, label_ranges, missing_text
from symdl.numeric.names import Names
from symdl.numeric.program import (
    Assignment,
    Builder,
    Counter,
    Fixed,
    Node,
    Place,
    Scan,
    Span,
    Whole,
    axis_letters,
    counter,
    is_axis,
    letter,
    ordered,
)
from symdl.numeric.ranges import Env, at_least, is_within, slope
from symdl.numeric.stable import Rewriter
from symdl.numeric.terms import (
    Bracket,
    LessMean,
    LogProduct,
    LogRest,
    LogShare,
    Lse,
    OverSum,
    Rest,
    Share,
    SoftplusMean,
)
from symdl.problem import Definition, Range

DEPTH = 120
"""How deep terms and definitions may be nested."""


@dataclass(frozen=True)
class Input:
    """A free quantity: what it is called, the kind of its numbers, its ranges, and the family it is a member of.

    `fixed` is the position and value of the index at which a single member, such as an initial state, is taken.
    """

    name: str
    kind: str
    runs: tuple[Range, ...]
    label: Symbol
    fixed: tuple[int, Expr] | None = None


class Lowering:
    """Works out the nodes of one function; `inputs` collects the free quantities that it meets.

    Fails   raises NoFunctionError where a term has no numeric meaning, and names what is missing.
    """

    def __init__(self, book: Book, names: Names, roots: list[tuple[Expr, Env]]) -> None:
        self.book = book
        self.names = names
        self.build = Builder()
        self._raw: dict[Symbol, bool] = {}
        self.inputs: dict[str, Input] = {}
        self.sizes: dict[Symbol, None] = {}
        self.labels = label_ranges(roots, book)
        self._cache: dict[Any, Node] = {}
        self._arrays: dict[Symbol, tuple[Node, tuple[Range, ...]]] = {}
        self._partial: dict[Symbol, tuple[Node, tuple[Range, ...]]] = {}
        self._open: list[Any] = []

    # Terms

    def lower(self, expr: Expr, env: Env) -> Node:
        """The node of a term whose letters run through `env`."""
        letters = sorted((s for s in free_symbols(expr) if s in env), key=str)
        key = (expr, tuple((s, env[s]) for s in letters))
        found = self._cache.get(key)
        if found is None:
            if len(self._open) >= DEPTH:
                raise NoFunctionError(f"the result is nested more than {DEPTH} deep")
            self._open.append(None)
            found = self._cache[key] = self._lower(expr, env)
            self._open.pop()
        return found

    def _lower(self, expr: Expr, env: Env) -> Node:
        if expr.is_Rational or isinstance(expr, (NumberSymbol, Float)):
            return self.number(expr)
        if isinstance(expr, Symbol) and expr.is_integer:
            return self._integer_symbol(expr, env)
        if isinstance(expr, (Symbol, Indexed)):
            return self.quantity(expr, env)
        for kind, method in _METHODS.items():
            if isinstance(expr, kind):
                return method(self, expr, env)
        record = by_head().get(expr.func)
        if record is not None:
            args = tuple(self.lower(a, env) for a in expr.args)
            return self.build.join("call", args, (record.name, record.numpy))
        if isinstance(expr, (D, At)):
            raise NoFunctionError(f"the result still holds a derivative that is not worked out: {expr}")
        if isinstance(expr, Opaque):
            raise NoFunctionError(missing_text(expr.label, expr.indices))
        raise NoFunctionError(f"{type(expr).__name__} has no numeric form: {expr}")

    def rewriter(self, env: Env) -> Rewriter:
        """What finds stable forms of terms whose letters run through `env`."""
        return Rewriter(self.book, env, self.labels, self._raw)

    def number(self, value: Expr) -> Node:
        """A constant."""
        return self.build.make("number", (), (value,), ())

    def apply(self, op: str, *args: Node) -> Node:
        """An operation that works entry by entry."""
        if op == "neg" and args[0].kind == "neg":
            return args[0].args[0]
        if op == "sub" and _is_split(*args):
            # Of two terms that exclude one another, one is chosen.
            (condition, value, zero), (_, other, _) = (n.args for n in args)
            return self.where(condition, value, self.apply("sub", zero, other))
        return self.build.join(op, args)

    def where(self, condition: Node, value: Node, other: Node) -> Node:
        """`value` where the condition holds, else `other`."""
        return self.apply("where", condition, value, other)

    def _integer_symbol(self, expr: Symbol, env: Env) -> Node:
        if is_axis(expr):
            run = env[expr]
            return self.build.make("arange", (), (self.sized(run.lo), self.sized(run.hi + 1), "float"), (expr,))
        if expr in env or expr.is_positive:
            return self.integer(expr)
        return self._label_value(expr, env)

    def integer(self, expr: Expr) -> Node:
        """A whole number made of sizes and loop counters."""
        return self.build.make("integer", (), (self.sized(expr),), ())

    def sized(self, expr: Expr) -> Expr:
        """The index expression itself; its sizes are noted as used."""
        for s in free_symbols(expr):
            if s.is_positive:
                self.sizes[s] = None
        return expr

    def _label_offset(self, quantity: Expr) -> Expr:
        run = self.labels.get(label_of(quantity))
        return S.One if run is None else run.lo

    def _label(self, expr: Expr, env: Env) -> Node:
        """A label as a position counted from 0: of a free index letter, or of a quantity that is used as an index."""
        name = self.names.quantity(label_of(expr).name)
        if isinstance(expr, Symbol) and expr.is_integer:
            self.inputs.setdefault(name, Input(expr.name, "label", (), expr))
            node = self.build.make("label", (), (name,), ())
        else:
            node = self.quantity(expr, env)
        run = self.labels.get(label_of(expr))
        if run is None:
            return node
        return self.build.join("position", (node, self.integer(run.length)), (name,))

    def _label_value(self, expr: Expr, env: Env) -> Node:
        """The index that a label stands for."""
        return self.apply("add", self._label(expr, env), self.integer(self._label_offset(expr)))

    def index_value(self, expr: Expr, env: Env) -> Node:
        """An index expression as a number, or as whole numbers along its letters."""
        if self._is_label_index(expr, env):
            return self._label_value(expr, env)
        if is_axis_symbol(expr):
            run = env[expr]
            return self.build.make("arange", (), (self.sized(run.lo), self.sized(run.hi + 1), "int"), (expr,))
        if not any(s not in env or is_axis(s) for s in free_symbols(expr) if not s.is_positive):
            return self.integer(expr)
        if isinstance(expr, Add):
            letters = [a for a in expr.args if not self._is_plain(a, env)]
            rest = Add(*(a for a in expr.args if self._is_plain(a, env)))
            parts = [self.index_value(a, env) for a in letters]
            return self.apply("add", *parts, *([self.integer(rest)] if rest != 0 else []))
        if isinstance(expr, Mul):
            return self.apply("mul", *(self.index_value(a, env) for a in expr.args))
        if isinstance(expr, (Maximum, Minimum)):
            op = "max" if isinstance(expr, Maximum) else "min"
            return self.apply(op, *(self.index_value(a, env) for a in expr.args))
        raise NoFunctionError(f"{expr} is not an index that can be counted")

    def _is_plain(self, expr: Expr, env: Env) -> bool:
        return all(s.is_positive or (s in env and not is_axis(s)) for s in free_symbols(expr))

    # Quantities

    def quantity(self, expr: Expr, env: Env) -> Node:
        """A scalar or a member of a family: worked out from its definition, or an argument."""
        label, at = label_of(expr), indices_of(expr)
        definitions = self.book.of(label)
        for d in definitions:
            if len(d.pattern) != len(at):
                raise NoFunctionError(f"{label.name} is used with {len(at)} indices and defined with {len(d.pattern)}")
            fixed = [(p, a) for p, a in zip(d.pattern, at, strict=True) if p not in d.ranges]
            if fixed and all(p == a for p, a in fixed):
                body = _put_pattern(d, at)
                with self._once((label, *at)):
                    return self.lower(body, env)
        if not definitions:
            return self._index(self._input(expr, label, len(at)), at, env, label.name)
        member = self._initial_member(label, at, definitions)
        if member is not None:
            return member(env)
        return self._index(self._array(label, len(at)), at, env, label.name)

    @contextmanager
    def _once(self, key: tuple[Any, ...]) -> Iterator[None]:
        """While a definition is put in; the same one met again inside is a circle."""
        if key in self._open:
            raise NoFunctionError(f"{key[0].name} is defined in a circle")
        self._open.append(key)
        yield
        self._open.remove(key)

    def _input(self, expr: Expr, label: Symbol, rank: int) -> tuple[Node, tuple[Range, ...]]:
        runs = self.book.ranges_of(label, rank) if rank else ()
        kind = "label" if label in self.labels else "array"
        name = self.names.quantity(label.name)
        for run in runs:
            self.sized(run.length)
        self.inputs.setdefault(name, Input(label.name, kind, runs, label))
        if len(self.inputs[name].runs) != rank:
            raise NoFunctionError(f"{label.name} is used with and without indices")
        return self.build.make("input", (), (name, kind), _dimensions(rank)), runs

    def _initial_member(
        self, label: Symbol, at: tuple[Expr, ...], definitions: tuple[Definition, ...]
    ) -> Callable[[Env], Node] | None:
        """What gives a member that no definition covers, such as a free initial state."""
        runs = self.book.ranges_of(label, len(at))
        for position, index in enumerate(at):
            if free_symbols(index) and any(not s.is_positive for s in free_symbols(index)):
                continue
            if not _is_beyond(index, position, definitions):
                continue
            rest = at[:position] + at[position + 1 :]
            base = self._member_input(label, position, index, runs)
            return lambda env: self._index(base, rest, env, label.name)
        return None

    def _member_input(
        self, label: Symbol, position: int, index: Expr, runs: tuple[Range, ...]
    ) -> tuple[Node, tuple[Range, ...]]:
        name = self.names.member(label.name, str(index))
        rest = runs[:position] + runs[position + 1 :]
        for run in rest:
            self.sized(run.length)
        self.inputs.setdefault(name, Input(f"{label.name}_{{{index}}}", "array", rest, label, (position, index)))
        return self.build.make("input", (), (name, "array"), _dimensions(len(rest))), rest

    def _array(self, label: Symbol, rank: int) -> tuple[Node, tuple[Range, ...]]:
        """The array of all members of a defined family, or the value of a defined scalar."""
        found = self._partial.get(label) or self._arrays.get(label)
        if found is None:
            with self._once((label,)):
                found = self._filled(label, rank, self.book.cycle(label))
            self._arrays[label] = found
        return found

    def _filled(self, label: Symbol, rank: int, cycle: tuple[Symbol, ...]) -> tuple[Node, tuple[Range, ...]]:
        if cycle:
            self._scan(cycle)
            return self._arrays[label]
        runs = self.book.ranges_of(label, rank) if rank else ()
        body = self.book.pattern(label)
        definitions = self.book.of(label)
        if isinstance(definitions[0].body, Opaque):
            raise NoFunctionError(missing_text(label, definitions[0].pattern))
        name = self.names.quantity(label.name)
        letters = tuple(letter(n) for n in range(rank))
        if body is not None:
            value = self.expanded(self.lower(body, dict(zip(letters, runs, strict=True))), letters, runs)
            return self.build.make("named", (value,), (name,), _dimensions(rank)), runs
        scan = Scan((), ((name, tuple(self.sized(r.length) for r in runs)),))
        rules = tuple(d for d in definitions if any(p in d.ranges for p in d.pattern))
        self._fill_members(scan, label, name, runs, rules)
        scan.first += [self._assignment(d, name, runs, {}, {}) for d in rules]
        return self.build.make("state", (), (name, scan), _dimensions(rank)), runs

    def expanded(self, node: Node, letters: tuple[Symbol, ...], runs: tuple[Range, ...]) -> Node:
        """The node with all of these axes, repeated along those that it lacks."""
        if node.axes == letters:
            return node
        lengths = tuple(self.sized(r.length) for r in runs)
        return self.build.make("expand", (node,), (letters, lengths), letters)

    def _fill_members(
        self, scan: Scan, label: Symbol, name: str, runs: tuple[Range, ...], rules: tuple[Definition, ...]
    ) -> None:
        """Put what the rules do not define into the array: members with a definition of their own, and arguments."""
        definitions = self.book.of(label)
        rules = tuple(d for d in rules if d.label == label)
        scan.first += [self._assignment(d, name, runs, {}, {}) for d in definitions if d not in rules]
        given = {p for d in definitions for p in d.pattern if p not in d.ranges}
        for position, run in enumerate(runs):
            covers = [d.ranges[d.pattern[position]] for d in rules if d.pattern[position] in d.ranges]
            if not covers:
                continue
            for index in _uncovered(run, covers, label):
                if index in given:
                    continue
                base, rest = self._member_input(label, position, index, runs)
                letters = tuple(letter(n) for n in range(len(rest)))
                value = self.build.make("entry", (base,), tuple(Whole(x) for x in letters), letters)
                places: list[Place] = [Whole(x) for x in letters]
                places.insert(position, Fixed(self.sized(index - run.lo), run.length, False, label.name))
                scan.first.append(Assignment(name, tuple(places), value))

    def _assignment(
        self,
        d: Definition,
        name: str,
        runs: tuple[Range, ...],
        counters: Mapping[int, Symbol],
        loops: Env,
    ) -> Assignment:
        """What a definition puts into the array of its family; positions in `counters` are looped over."""
        letters: dict[Expr, Expr] = {}
        env: dict[Symbol, Range] = dict(loops)
        places: list[Place] = []
        axes: list[Symbol] = []
        for position, p in enumerate(d.pattern):
            run = runs[position]
            if p not in d.ranges or position in counters:
                at = counters[position] if p in d.ranges else p
                if p in d.ranges:
                    letters[p] = at
                places.append(Fixed(self.sized(at - run.lo), run.length, False, name))
                continue
            axis = letter(len(axes))
            axes.append(axis)
            letters[p] = axis
            env[axis] = d.ranges[p]
            places.append(self._span(axis, d.ranges[p], run))
        value = self.lower(put(d.body, letters), env)
        if isinstance(d.body, Opaque):
            raise NoFunctionError(missing_text(d.label, d.pattern))
        return Assignment(name, tuple(places), value)

    def _span(self, axis: Symbol, part: Range, run: Range) -> Place:
        start, stop = part.lo - run.lo, part.hi - run.lo + 1
        if start == 0 and (stop - run.length).expand() == 0:
            return Whole(axis)
        return Span(axis, self.sized(start), at_least(self.sized(stop), S.Zero))

    # Recurrences

    def _scan(self, cycle: tuple[Symbol, ...]) -> None:
        """Fill the arrays of families that are defined by one another, in one loop."""
        plan = reduce.order(self.book, cycle)
        scan = Scan((), ())
        counters: dict[int, Symbol] = {}
        loops: dict[Symbol, Range] = {}
        made = []
        for position, run, down in plan.loops:
            symbol = counter(len(self.build.scans))
            self.build.scans[symbol] = scan
            counters[position] = symbol
            loops[symbol] = run
            made.append(Counter(symbol, self.names.auxiliary("t"), self.sized(run.lo), self.sized(run.hi), down))
        scan.counters = tuple(made)
        arrays = []
        outer = self._partial
        self._partial = dict(outer)
        finished: dict[Symbol, tuple[Node, tuple[Range, ...]]] = {}
        for label in cycle:
            rank = len(self.book.of(label)[0].pattern)
            runs = self.book.ranges_of(label, rank)
            name = self.names.quantity(label.name)
            arrays.append((name, tuple(self.sized(r.length) for r in runs)))
            axes = _dimensions(rank)
            partial = self.build.make("partial", (), (name, *counters.values()), axes)
            self._partial[label] = (partial, runs)
            finished[label] = (self.build.make("state", (), (name, scan), axes), runs)
        scan.arrays = tuple(arrays)
        cache, self._cache = self._cache, {}
        for label in cycle:
            name = self.names.quantity(label.name)
            self._fill_members(scan, label, name, finished[label][1], plan.rules)
        for d in plan.rules:
            name = self.names.quantity(d.label.name)
            scan.each.append(self._assignment(d, name, finished[d.label][1], counters, loops))
        self._cache = cache
        self._partial = outer
        self._arrays.update(finished)

    # Indexing

    def _index(self, array: tuple[Node, tuple[Range, ...]], at: tuple[Expr, ...], env: Env, name: str) -> Node:
        base, runs = array
        if not at:
            return base
        places = [self.place(i, run, env, name) for i, run in zip(at, runs, strict=True)]
        return self.entry(base, places, at, runs, env)

    def index_into(self, whole: Node, runs: tuple[Range, ...], at: tuple[Expr, ...], env: Env) -> Node:
        """The entries of a node's array at these indices, where its dimensions hold these ranges."""
        return self._index((whole, runs), at, env, "index")

    def place(self, at: Expr, run: Range, env: Env, name: str) -> Place | None:
        """What an index expression takes of a dimension; None where it is no stretch of it."""
        axes = axis_letters(at)
        if any(isinstance(t, Indexed) or not (t.is_integer or is_axis(t)) for t in _atoms(at)):
            return None
        if not axes:
            if any(not s.is_positive and s not in env for s in free_symbols(at)):
                return None
            sure = is_within(at, run, env)
            return Fixed(self.sized((at - run.lo).expand()), self.sized(run.length), not sure, name)
        change = slope(at, axes[0]) if len(axes) == 1 else None
        if change not in (1, -1) or not is_within(at, run, env):
            return None
        ends = [put(at, {axes[0]: x}) - run.lo for x in (env[axes[0]].lo, env[axes[0]].hi)]
        start, stop = ends if change == 1 else ends[::-1]
        start, stop = start.expand(), (stop + 1).expand()
        if change == 1 and start == 0 and (stop - run.length).expand() == 0:
            return Whole(axes[0])
        return Span(axes[0], self.sized(start), at_least(self.sized(stop), S.Zero), int(change))

    def entry(
        self, base: Node, places: list[Place | None], at: tuple[Expr, ...], runs: tuple[Range, ...], env: Env
    ) -> Node:
        """The part of an array at these places; where one is not a stretch, entry by entry."""
        letters = [p.letter for p in places if isinstance(p, (Span, Whole))]
        if all(p is not None for p in places) and len(set(letters)) == len(letters):
            kept = cast("list[Place]", places)
            return self.build.make("entry", (base,), tuple(kept), ordered(letters))
        indices: list[Node] = []
        masks: list[Node] = []
        for index, run, place in zip(at, runs, places, strict=True):
            n = self.integer(run.length)
            is_label = self._is_label_index(index, env)
            value = self._position(index, run, env)
            if is_label:
                if self.labels.get(label_of(index)) != run:
                    value = self.build.join("position", (value, n), (self.names.quantity(label_of(index).name),))
            elif isinstance(place, Fixed) and place.checked:
                value = self.build.join("position", (value, n), (place.name,))
            elif place is None and not is_within(index, run, env):
                inside = self.apply("and", self.apply("ge", value, self.integer(S.Zero)), self.apply("lt", value, n))
                masks.append(inside)
                value = self.where(inside, value, self.integer(S.Zero))
            indices.append(value)
        found = self.build.make("gather", (base, *indices), (), ordered(a for n in indices for a in n.axes))
        for mask in masks:
            found = self.where(mask, found, self.number(S.NaN))
        return found

    def _position(self, index: Expr, run: Range, env: Env) -> Node:
        if self._is_label_index(index, env):
            node = self._label(index, env)
            gap = self._label_offset(index) - run.lo
            return node if gap == 0 else self.apply("add", node, self.integer(gap))
        return self.index_value((index - run.lo).expand(), env)

    def _is_label_index(self, index: Expr, env: Env) -> bool:
        return isinstance(index, Indexed) or (isinstance(index, Symbol) and index not in env and not index.is_positive)

    # Operations

    def _product(self, expr: Expr, env: Env) -> Node:
        return products.combine(self, products.factors(self, expr, env), env)


def _is_split(a: Node, b: Node) -> bool:
    """Whether each of two nodes is 0 where the other one is not."""
    if not all(n.kind == "where" and n.args[2].kind == "number" and n.args[2].data[0] == 0 for n in (a, b)):
        return False
    return any(x.kind == "not" and x.args[0] is y for x, y in ((a.args[0], b.args[0]), (b.args[0], a.args[0])))


def is_axis_symbol(expr: Expr) -> bool:
    """Whether a term is an axis letter."""
    return isinstance(expr, Symbol) and is_axis(expr)


def _atoms(expr: Expr) -> list[Expr]:
    if isinstance(expr, (Symbol, Indexed)):
        return [expr]
    return [t for a in expr.args for t in _atoms(a)]


def _dimensions(rank: int) -> tuple[Symbol, ...]:
    return tuple(letter(n) for n in range(rank))


def _put_pattern(d: Definition, at: tuple[Expr, ...]) -> Expr:
    if isinstance(d.body, Opaque):
        raise NoFunctionError(missing_text(d.label, d.pattern))
    return put(d.body, {p: a for p, a in zip(d.pattern, at, strict=True) if p in d.ranges})


def _is_beyond(index: Expr, position: int, definitions: tuple[Definition, ...]) -> bool:
    """Whether a fixed index lies outside every definition's range."""
    for d in definitions:
        p = d.pattern[position]
        if p not in d.ranges:
            if p == index:
                return False
            continue
        run = d.ranges[p]
        if not ((run.lo - index).is_positive or (index - run.hi).is_positive):
            return False
    return True


def _uncovered(run: Range, covers: list[Range], label: Symbol) -> list[Expr]:
    """The members of a range before and after the part that rules define."""
    lows = [(c.lo - run.lo).expand() for c in covers]
    highs = [(run.hi - c.hi).expand() for c in covers]
    before = min((g for g in lows if g.is_Integer), default=None)
    after = min((g for g in highs if g.is_Integer), default=None)
    if before is None or after is None:
        raise NoFunctionError(f"the definitions of {label.name} leave open where it starts")
    first = [run.lo + n for n in range(max(int(before), 0))]
    last = [run.hi - n for n in reversed(range(max(int(after), 0)))]
    if len(first) + len(last) > 16:
        raise NoFunctionError(f"too many members of {label.name} are not defined")
    return [x.expand() for x in first + last]


_METHODS: dict[Any, Any] = {
    Add: operations.lower_add,
    (Mul, Pow, exp): Lowering._product,
    log: operations.lower_log,
    (Delta, Step): operations.lower_indicator,
    Cases: operations.lower_cases,
    (Maximum, Minimum): operations.lower_extremum,
    tuple(operations.PRIMITIVES): operations.lower_primitive,
    Bracket: operations.lower_bracket,
    LessMean: operations.lower_less_mean,
    SoftplusMean: operations.lower_softplus_mean,
    LogProduct: operations.lower_log_product,
    Lse: operations.lower_lse,
    (Share, OverSum, LogShare, Rest, LogRest): operations.lower_share,
    Sigma: reduce.lower_sum,
    Prod: reduce.lower_product,
    Chain: reduce.lower_chain,
}
"""Kinds of term and how each is worked out; a term of any other kind is a named function."""
