"""The records that flow between the layers: what is given, what is asked, what was derived, and what was judged.

They hold data and look-ups, no algebra.  All are immutable; expressions are closed terms of `symdl.language`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from sympy import Expr, Indexed, Integer, MatrixExpr, Symbol

from symdl.errors import Place, SymdlError
from symdl.language import Applied, D, Sigma, family, free_symbols, indices_of, is_index, label_of, put, subterms

Text = tuple["str | Expr | Relation", ...]
"""A sentence: words in plain text, with expressions and relations between them."""

Symbolic = Literal["=", "!=", ">", ">=", "<", "<=", "~"]
"""The relations that a fact or a line can state; `~` is approximate equality."""


@dataclass(frozen=True)
class Range:
    """The integers from `lo` to `hi`, both included."""

    lo: Expr
    hi: Expr

    @property
    def length(self) -> Expr:
        """How many they are."""
        return self.hi - self.lo + 1

    def at(self, settings: Mapping[Any, Expr]) -> Range:
        """The range with these expressions put for letters and quantities."""
        return Range(put(self.lo, settings), put(self.hi, settings))


Ranges = Mapping[Symbol, Range]
"""Where each free index letter of a formula runs."""


def summed(body: Expr, letters: Sequence[tuple[Symbol, Range]]) -> Expr:
    """The sum of `body` over index letters, the outermost first."""
    for letter, run in reversed(letters):
        body = Sigma.over(letter, run.lo, run.hi, body)
    return body


def led_to(direct: Callable[[Symbol], Iterable[Symbol]], starts: Iterable[Symbol]) -> frozenset[Symbol]:
    """All labels that lead on from these, these included, where `direct` names those that one label leads to."""
    found: set[Symbol] = set()
    pending = list(starts)
    while pending:
        label = pending.pop()
        if label not in found:
            found.add(label)
            pending += direct(label)
    return frozenset(found)


@dataclass(frozen=True)
class Relation:
    """Two sides and the sign between them."""

    lhs: Expr
    sign: Symbolic
    rhs: Expr

    @property
    def sides(self) -> tuple[Expr, Expr]:
        return self.lhs, self.rhs

    def at(self, settings: Mapping[Any, Expr]) -> Relation:
        """The relation with these expressions put for letters and quantities."""
        return Relation(put(self.lhs, settings), self.sign, put(self.rhs, settings))


@dataclass(frozen=True)
class Fact:
    """A relation that is given: it is assumed and cited, never verified.  Free index letters are universal."""

    relation: Relation
    ranges: Ranges
    source: str
    place: Place


@dataclass(frozen=True)
class Definition:
    """`label[pattern] = body`, for the integers in `pattern` exactly, for its letters throughout `ranges`.

    `pattern` is empty for a scalar.  A recurrence is a definition whose body mentions the family at an earlier index;
    its initial state, if given, is another definition with an integer in the pattern.  `ranges` has one entry per
    letter of the pattern.  The body of an opaque quantity is `language.Opaque`.
    """

    label: Symbol
    pattern: tuple[Expr, ...]
    body: Expr
    ranges: Ranges
    source: str
    place: Place

    @cached_property
    def head(self) -> Expr:
        return family(self.label, *self.pattern)


@dataclass(frozen=True)
class Value:
    """A number given for a free quantity (`w = -2`, one entry of a vector); derivatives are taken before it is put."""

    quantity: Expr
    number: Expr
    place: Place
    source: str = ""


@dataclass(frozen=True)
class Convention:
    """The value that the problem states for a function's derivative at a kink: ReLU'(0) = 0."""

    head: Any
    at: Expr
    value: Expr
    source: str
    place: Place


@dataclass(frozen=True)
class Givens:
    """All that a problem states, in the form in which every layer looks it up.

    `families` maps the label of each indexed quantity to the range of each of its index positions; `letters` maps a
    range to the index letters that the author uses over it, in order of appearance; `constants` are the quantities
    declared constant; `vectors` gives for each label how many trailing index positions the author leaves out in matrix
    notation (0 for a scalar, 1 for a vector, 2 for a matrix).  `spelling` says how the author writes what can be
    written in two ways: `log` ("log" or "ln"), `d` ("d" or "partial"), `sigma` ("sigma" or a word).  `positions` are
    the index letters that are inputs, such as the class y in p_y, with their ranges; `arguments` maps a quantity that
    is written as a function, f(x), to what stands in its brackets.
    """

    definitions: tuple[Definition, ...] = ()
    values: tuple[Value, ...] = ()
    facts: tuple[Fact, ...] = ()
    conventions: tuple[Convention, ...] = ()
    families: Mapping[Symbol, tuple[Range, ...]] = field(default_factory=dict)
    letters: Mapping[Range, tuple[str, ...]] = field(default_factory=dict)
    constants: frozenset[Expr] = frozenset()
    vectors: Mapping[Symbol, int] = field(default_factory=dict)
    spelling: Mapping[str, str] = field(default_factory=dict)
    positions: Ranges = field(default_factory=dict)
    arguments: Mapping[Symbol, tuple[Expr, ...]] = field(default_factory=dict)

    def said(self, word: str) -> dict[str, str]:
        """What the spelling says under a word, by name."""
        return {k.removeprefix(f"{word} "): v for k, v in self.spelling.items() if k.startswith(f"{word} ")}

    @cached_property
    def stated(self) -> dict[Expr, Expr]:
        """The numbers that are given, by the quantity that has one."""
        return {v.quantity: v.number for v in self.values}

    @cached_property
    def valued(self) -> frozenset[Symbol]:
        """The labels of the quantities of which a number is given."""
        return frozenset(map(label_of, self.stated))

    @cached_property
    def sizes(self) -> dict[Symbol, Expr]:
        """The numbers of the sizes that have one."""
        stated = ((s, n) for s, n in self.stated.items() if isinstance(s, Symbol))
        return {s: n for s, n in stated if s.is_integer and s.is_positive}

    @cached_property
    def sized(self) -> Givens:
        """The givens with the number of each size that has one put for it, except where it is said."""
        sizes = self.sizes
        if not sizes:
            return self

        def runs(ranges: Ranges) -> dict[Symbol, Range]:
            return {letter: run.at(sizes) for letter, run in ranges.items()}

        def entries(pattern: Sequence[Expr]) -> tuple[Expr, ...]:
            return tuple(put(p, sizes) for p in pattern)

        def numbered(value: Value) -> Value:
            return replace(value, quantity=put(value.quantity, sizes), number=put(value.number, sizes))

        letters: dict[Range, tuple[str, ...]] = {}
        for over, names in self.letters.items():
            known = letters.get(over.at(sizes), ())
            letters[over.at(sizes)] = (*known, *(x for x in names if x not in known))
        return replace(
            self,
            definitions=tuple(
                replace(d, pattern=entries(d.pattern), body=put(d.body, sizes), ranges=runs(d.ranges))
                for d in self.definitions
            ),
            values=tuple(v if v.quantity in sizes else numbered(v) for v in self.values),
            facts=tuple(replace(f, relation=f.relation.at(sizes), ranges=runs(f.ranges)) for f in self.facts),
            families={label: tuple(run.at(sizes) for run in every) for label, every in self.families.items()},
            letters=letters,
            positions=runs(self.positions),
        )

    def definitions_of(self, label: Symbol) -> tuple[Definition, ...]:
        """The definitions of this label, those of single members first."""
        return self._by_label.get(label, ())

    @cached_property
    def _by_label(self) -> dict[Symbol, tuple[Definition, ...]]:
        found: dict[Symbol, list[Definition]] = {}
        for d in self.definitions:
            found.setdefault(d.label, []).append(d)
        general: dict[Symbol, tuple[Definition, ...]] = {}
        for label, ds in found.items():
            general[label] = tuple(sorted(ds, key=lambda d: any(is_index(p) for p in d.pattern)))
        return general

    @cached_property
    def numbers(self) -> dict[tuple[Symbol, tuple[int, ...]], Expr]:
        """The numbers that are given, by the label and the indices of what they are given for."""
        given = ((label_of(v.quantity), indices_of(v.quantity), v.number) for v in self.values)
        return {(label, tuple(map(int, at))): n for label, at, n in given if all(i.is_Integer for i in at)}

    @cached_property
    def symbols(self) -> frozenset[Symbol]:
        """All symbols in what is given, without the index letters that a definition or fact speaks of in general."""
        found: set[Symbol] = set()
        for d in self.definitions:
            found |= free_symbols(d.body) - {p for p in d.pattern if is_index(p)}
        for f in self.facts:
            found |= (free_symbols(f.relation.lhs) | free_symbols(f.relation.rhs)) - set(f.ranges)
        runs = [r for d in self.definitions for r in d.ranges.values()]
        for r in (*runs, *(r for ranges in self.families.values() for r in ranges)):
            found |= free_symbols(r.lo) | free_symbols(r.hi)
        return frozenset(found)

    @cached_property
    def slopes(self) -> dict[Symbol, tuple[Symbol, Expr]]:
        """The functions of which the derivative alone is defined: each with its derivative f'(x), and the x of that.

        Not where f(0) has a value as a name of its own.
        """
        found: dict[Symbol, tuple[Symbol, Expr]] = {}
        named = [label_of(v.quantity).name for v in self.values]
        for d in self.definitions:
            label, at = Symbol(d.label.name.removesuffix("'"), real=True), self.arguments.get(d.label, ())
            if label == d.label or label.name.endswith("'") or d.pattern or len(at) != 1 or label in self._by_label:
                continue
            if any(name.startswith(f"{label.name}(") for name in named):
                continue
            names = led_to(lambda s: [x for o in self.definitions_of(s) for x in free_symbols(o.body)], (d.label,))
            inside = (t for s in names for o in self.definitions_of(s) for t in subterms(o.body))
            # A derivative by which a derivative is written leads to nothing that is known.
            if not any(isinstance(t, D) or (isinstance(t, Applied) and t.label == label and t.order) for t in inside):
                found[label] = d.label, at[0]
        return found

    def is_defined(self, quantity: Expr) -> bool:
        """Whether the label of `quantity` has any definition."""
        return label_of(quantity) in self._by_label

    def body_of(self, quantity: Expr, ranges: Ranges) -> Expr | None:
        """The body that defines `quantity`, put for its indices; None where it is free or its case is not known.

        `ranges` says where the free index letters of `quantity` run: h_{t-1} has no body while t - 1 may be the
        initial state.
        """
        at = indices_of(quantity)
        for definition in self.definitions_of(label_of(quantity)):
            if len(definition.pattern) != len(at):
                continue
            letters: dict[Expr, Expr] = {}
            fits = True
            for formal, actual in zip(definition.pattern, at, strict=True):
                if is_index(formal):
                    letters[formal] = actual
                    fits = fits and self._lies_in(actual, definition.ranges[formal], definition, ranges)
                else:
                    fits = fits and actual == formal
            if fits:
                return put(definition.body, letters)
        return None

    def _lies_in(self, actual: Expr, inside: Range, definition: Definition, ranges: Ranges) -> bool:
        position = next(n for n, p in enumerate(definition.pattern) if definition.ranges.get(p) == inside)
        whole = self.families.get(definition.label)
        if whole is None or whole[position] == inside:
            return True
        if isinstance(actual, Integer) and not isinstance(inside.hi, Integer):
            return at_least(actual, inside.lo, ranges)
        return at_least(actual, inside.lo, ranges) and at_least(inside.hi, actual, ranges)

    def range_at(self, quantity: Indexed, position: int) -> Range | None:
        """The range of the `position`-th index of a family member."""
        ranges = self.families.get(label_of(quantity))
        return ranges[position] if ranges else None


def at_least(a: Expr, b: Expr, ranges: Ranges) -> bool:
    """Whether `a >= b` follows from where the index letters run; sizes are at least 1."""
    gap = a - b
    if not gap.is_integer:
        return bool(gap.is_Rational and gap >= 0)
    for _ in range(8):
        if gap.is_nonnegative:
            return True
        letter = next((s for s in sorted(free_symbols(gap), key=str) if s in ranges), None)
        slope = gap.coeff(letter, 1) if letter is not None else None
        if letter is None or not isinstance(slope, Integer) or letter in free_symbols(gap - slope * letter):
            return False
        gap = put(gap, {letter: ranges[letter].lo if slope > 0 else ranges[letter].hi})
    return False


TaskKind = Literal["find", "show", "evaluate", "solve", "classify"]


@dataclass(frozen=True)
class Task:
    """One thing that is asked.

    `goal` is the expression to find or evaluate, or the left side to show or solve, and `relation` the whole relation
    where there is one.  `indices` are the free index letters in the order in which the task names them, then those
    that stand for the axes of a vector or matrix written without indices; they are the axes of the result.
    `unknowns` are what to solve for, and the variables of a function to classify, a label for a whole family.  `point`
    are the coordinates asked about, each with its variable where that is named.  `source` is the LaTeX as written.
    """

    kind: TaskKind
    goal: Expr
    indices: tuple[tuple[Symbol, Range], ...]
    source: str
    place: Place
    relation: Relation | None = None
    unknowns: tuple[Expr, ...] = ()
    point: tuple[tuple[Expr | None, Expr], ...] = ()

    @property
    def ranges(self) -> Ranges:
        return dict(self.indices)

    def at(self, settings: Mapping[Any, Expr]) -> Task:
        """The task with these expressions put for letters and quantities."""
        indices = tuple((letter, run.at(settings)) for letter, run in self.indices)
        relation = self.relation.at(settings) if self.relation is not None else None
        return replace(self, goal=put(self.goal, settings), indices=indices, relation=relation)


@dataclass(frozen=True)
class Block:
    """A stretch of the source: a paragraph of words, or one display with the delimiters taken off.

    `place` is where `text` begins.
    """

    kind: Literal["words", "display"]
    text: str
    place: Place


@dataclass(frozen=True)
class Problem:
    """One worked problem: what is given, what is asked, and the proof that is there, if any.

    `unread` are the givens of a proof document that could not be read, each with the reason.
    """

    title: str
    givens: Givens
    tasks: tuple[Task, ...]
    given_blocks: tuple[Block, ...]
    task_blocks: tuple[tuple[str, tuple[Block, ...]], ...]
    proof: tuple[Block, ...] | None
    path: str = ""
    name: str = ""
    matter: Mapping[str, Any] = field(default_factory=dict)
    intro: tuple[Block, ...] = ()
    place: Place | None = None
    unread: tuple[tuple[Block, SymdlError], ...] = ()

    def solve(self) -> list[Derivation]:
        """One derivation per expression asked, in source order."""
        return list(_upper("symdl.solve").solve(self))


Answer = Literal["proved", "agrees", "refuted", "unknown"]


@dataclass(frozen=True)
class Decision:
    """What the judge says of one relation.

    `assumes` are the side conditions it used, in words and LaTeX; `instance` is the exact point at which the two sides
    were separated, as text by name; `reason` says why, or what was tried.  `agrees` means equal at every instance
    tried and not proved: it never counts as passed.
    """

    answer: Answer
    reason: str = ""
    assumes: tuple[str, ...] = ()
    instance: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One law used at one place: the whole line before and after it.

    `law` is the id of a law, or `definition`, `fold`, `fact`, `lemma`, `given`, followed by a colon and a name.
    """

    law: str
    before: Expr
    after: Expr
    ranges: Ranges
    decision: Decision | None = None


@dataclass(frozen=True)
class Line:
    """One displayed line: the right side reached, the reason at the margin, and the steps that lead to it."""

    expr: Expr
    reason: Text = ()
    steps: tuple[Step, ...] = ()
    sign: Symbolic = "="
    decision: Decision | None = None


@dataclass(frozen=True)
class Display:
    """One displayed chain `lhs = line = line = …`, with the words before it.

    `ranges` holds the free index letters; `conditions` are local to the chain (a case: u > 0, i = k).
    """

    lhs: Expr
    lines: tuple[Line, ...]
    ranges: Ranges
    intro: Text = ()
    conditions: tuple[Relation, ...] = ()

    @property
    def end(self) -> Expr:
        return self.lines[-1].expr if self.lines else self.lhs


@dataclass(frozen=True)
class Lemma:
    """A numbered statement `lhs = rhs`, proved once and cited afterwards; `ranges` bind its letters universally.

    `induction` is the letter over which it is proved by induction, and the end of its range at which that starts.
    """

    number: int
    title: Text
    lhs: Expr
    rhs: Expr
    ranges: Ranges
    displays: tuple[Display, ...]
    closing: Text = ()
    induction: tuple[Symbol, Expr] | None = None


@dataclass(frozen=True)
class MatrixForm:
    """The result in matrix notation, as SymPy matrix expressions of the labels, with the shape in words and LaTeX."""

    lhs_of: Expr
    lhs_wrt: Expr | None
    value: MatrixExpr | Expr
    shape: tuple[Expr, ...]
    convention: str = ""


PointKind = Literal["minimum", "maximum", "saddle", "undecided"]


@dataclass(frozen=True)
class CriticalPoint:
    """A critical point of a function, or a family of them where a free letter stands in `at`.

    `at` maps the names of the variables to their values; `kind` is local, `saddle` being neither of the two, an
    inflection point included; `conditions` say for which parameters it is one and of this kind.
    """

    at: Mapping[str, Expr]
    kind: PointKind
    value: Expr
    conditions: tuple[Relation, ...] = ()


@dataclass(frozen=True)
class Derivation:
    """A finished task: the proof, the result, and all that the page shows with it.

    The result of a task to classify is a list of `CriticalPoint`, of any other an expression.  `withheld` are facts of
    the question that its lines may not use: a constraint, where every line holds without it.
    """

    problem: Problem
    task: Task
    result: Any
    displays: tuple[Display, ...]
    plan: Text = ()
    lemmas: tuple[Lemma, ...] = ()
    general: Expr | None = None
    matrix: MatrixForm | None = None
    cases: tuple[tuple[Relation, Expr], ...] = ()
    checks: tuple[Text, ...] = ()
    remarks: tuple[Text, ...] = ()
    assumes: tuple[Text, ...] = ()
    solutions: tuple[Relation, ...] = ()
    withheld: tuple[Fact, ...] = ()

    def latex(self) -> str:
        """The proof as LaTeX for the body of a document that loads amsmath."""
        return str(_upper("symdl.write").latex(self))

    def html(self) -> str:
        """The proof as one self-contained fragment of HTML with MathML."""
        return str(_upper("symdl.write").html(self))

    def text(self) -> str:
        """The proof as plain text with Unicode mathematics, for a terminal."""
        return str(_upper("symdl.write").text(self))

    def function(self, target: str = "numpy", *, along: bool = False, value: bool = False) -> Any:
        """The result as a function of the free inputs, by keyword; see `symdl.numeric`.

        `along` is its product with a direction v, `value` puts the quantity that is differentiated before it.
        """
        return _upper("symdl.numeric").function(self, target, along=along, value=value)

    def source(self, target: str = "numpy", *, along: bool = False, value: bool = False) -> str:
        """The source of a module with that function."""
        return str(_upper("symdl.numeric").source(self, target, along=along, value=value))

    def plot(self) -> Any:
        """The figures of this derivation, as matplotlib figures by name."""
        return _upper("symdl.plot").figures(self)

    def _repr_latex_(self) -> str:
        return str(_upper("symdl.write").notebook_latex(self))

    def _repr_html_(self) -> str:
        return self.html()

    def __str__(self) -> str:
        return self.text()


def catalogue() -> Path:
    """The folder of the built-in worked problems: the packaged one, or the checkout's."""
    here = Path(__file__).parent
    packaged = here / "derivations"
    return packaged if packaged.is_dir() else here.parent / "derivations"


def _upper(module: str) -> Any:
    """The layer of this name above; by name, because a record knows no layer above it when it is made."""
    return import_module(module)
