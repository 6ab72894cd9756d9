"""How many units in the last place a function errs at a point, measured against Arb balls."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import flint
from flint import arb, fmpq
from sympy import Expr, Symbol

from symdl.errors import NoFunctionError
from symdl.judge.balls import Evaluation, Key, NoValueError, Value, base_of
from symdl.judge.repairs import holds
from symdl.language import label_of, put
from symdl.numeric.inputs import Book, cut_labels
from symdl.numeric.lower import Input, Lowering
from symdl.numeric.names import Names
from symdl.numeric.program import letter
from symdl.numeric.targets import reserved
from symdl.problem import Derivation, Givens, Range

PRECISIONS = (128, 384, 1216, 4096, 20_480)
"""Bits at which a value is enclosed, one after the other, until the ball is narrow enough."""

SLACK = 10
"""Bits beyond the last place to which a value has to be known."""

MOST_NEIGHBOURS = 64
"""The most numbers of one argument that are moved to see how sensitive a value is."""

Arguments = Mapping[str, Any]
"""The arguments of a function by name: numbers, or lists of them nested along the axes."""


class TooVagueError(Exception):
    """No precision that is tried makes a ball narrow enough."""


class AbsentError(NoValueError):
    """A quantity is asked for that is no argument."""


@dataclass(frozen=True)
class Format:
    """A kind of floating-point number: the bits of its significand, and its smallest and largest exponents."""

    digits: int
    smallest: int
    largest: int

    def unit(self, value: arb) -> arb:
        """The gap between the numbers of this format around the middle of a ball."""
        significand, power = value.mid().man_exp()
        exponent = int(power) + abs(int(significand)).bit_length() - 1 if significand else self.smallest
        return arb(2) ** (max(exponent, self.smallest) - self.digits + 1)


FORMATS = {"float64": Format(53, -1022, 1023), "float32": Format(24, -126, 127)}
"""Name -> format."""


@dataclass(frozen=True)
class Errs:
    """The error of one entry of a function's value, in units in the last place of the exact value, or of `scale`."""

    ulps: float
    entry: tuple[int, ...]
    found: float
    exact: str
    arguments: Arguments


@dataclass(frozen=True)
class Subject:
    """A result with the axes of its value and the free inputs that it is a function of, by their names.

    `labelled` are the ranges in which labels are positions.
    """

    result: Expr
    indices: tuple[tuple[Symbol, Range], ...]
    givens: Givens
    inputs: Mapping[str, Input]
    sizes: tuple[Symbol, ...]
    labelled: Mapping[str, Range]


def subject_of(derivation: Derivation) -> Subject:
    """What the function of a derivation computes."""
    givens = derivation.problem.givens
    cut = cut_labels(derivation.task.goal, givens)
    book = Book(givens, cut)
    letters = tuple(letter(n) for n in range(len(derivation.task.indices)))
    renaming: dict[Expr, Expr] = {i: x for (i, _), x in zip(derivation.task.indices, letters, strict=True)}
    result = put(derivation.result, renaming)
    runs = {i: r.at(renaming) for i, r in derivation.task.indices}
    env = {x: runs[i] for i, x in renaming.items()}
    lowering = Lowering(book, Names(reserved()), [(result, env)])
    lowering.lower(result, env)
    for _, run in derivation.task.indices:
        lowering.sized(run.length)
    labelled = {
        name: found
        for name, i in lowering.inputs.items()
        if i.kind == "label" and (found := lowering.labels.get(label_of(i.label))) is not None
    }
    kept = tuple(d for d in givens.definitions if d.label not in cut)
    return Subject(
        derivation.result,
        tuple(derivation.task.indices),
        replace(givens, definitions=kept),
        dict(sorted(lowering.inputs.items())),
        tuple(sorted(lowering.sizes, key=lambda s: str(s.name))),
        labelled,
    )


def shape_of(subject: Subject, i: Input, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The lengths of the axes of an argument."""
    point = Evaluation(Point(subject, {}, sizes))
    return tuple(len(_span(point, r)) for r in i.runs)


def positions_of(subject: Subject, name: str, sizes: Mapping[str, int]) -> int:
    """How many positions a label may take; 1 where nothing says it."""
    run = subject.labelled.get(name)
    return 1 if run is None else len(_span(Evaluation(Point(subject, {}, sizes)), run))


class Point:
    """The exact numbers of some arguments, as the world in which a term is evaluated."""

    def __init__(self, subject: Subject, arguments: Arguments, sizes: Mapping[str, int]) -> None:
        self.givens = subject.givens
        whole: dict[Symbol, int] = {s: sizes[str(s.name)] for s in subject.sizes}
        self.integers: Mapping[Symbol, int] = whole
        self.patterns: dict[Symbol, list[Any]] = {}
        self._of: dict[Symbol, list[tuple[Input, Any, int]]] = {}
        self._los: dict[int, tuple[int, ...]] = {}
        plain = Evaluation(self)
        for name, i in ((n, i) for n, i in subject.inputs.items() if n in arguments):
            offset = 0
            if i.kind == "label":
                offset = int(subject.labelled[name].lo) if name in subject.labelled else 1
            if isinstance(i.label, Symbol) and i.label.is_integer:
                whole[i.label] = int(arguments[name]) + offset
                continue
            self._of.setdefault(label_of(i.label), []).append((i, arguments[name], offset))
            self._los[id(i)] = tuple(int(plain.term(r.lo).p) for r in i.runs)

    def is_stated(self) -> bool:
        """Whether every value is given: nothing is drawn here."""
        return True

    def draw(self, key: Key) -> Value:
        """The value of a free quantity."""
        for i, values, offset in self._of.get(key[0], ()):
            at = key[1]
            if i.fixed is not None:
                position, index = i.fixed
                if len(at) <= position or at[position] != int(Evaluation(self).term(index).p):
                    continue
                at = at[:position] + at[position + 1 :]
            found = values
            for n, lo in zip(at, self._los[id(i)], strict=True):
                found = found[n - lo]
            return fmpq(int(found) + offset) if i.kind == "label" else arb(float(found))
        raise AbsentError(f"{key[0].name} is no argument")

    def coefficient(self, name: str) -> Any:
        """No quantity of a function is opaque."""
        raise NoValueError(f"{name} is not defined")


def satisfies(subject: Subject, arguments: Arguments, sizes: Mapping[str, int]) -> bool:
    """Whether the arguments are known to meet all facts about them, exactly."""
    with flint.ctx.workprec(PRECISIONS[1]):
        point = Point(subject, arguments, sizes)
        evaluation = Evaluation(point)
        for fact in subject.givens.facts:
            letters = list(fact.ranges)
            runs = [_span(evaluation, fact.ranges[i]) for i in letters]
            for at in product(*runs):
                try:
                    if holds(fact.relation, evaluation, dict(zip(letters, at, strict=True))) is False:
                        return False
                except AbsentError:
                    continue
                except NoValueError:
                    return False
    return True


def exact_values(subject: Subject, arguments: Arguments, sizes: Mapping[str, int]) -> Iterator[tuple[Any, Any]]:
    """The entries of the value at some arguments, each with its indices counted from 0 and a narrow ball.

    Fails   raises NoValueError outside the domain, TooVagueError where no precision is enough.
    """
    point = Point(subject, arguments, sizes)
    runs = [_span(Evaluation(point), r) for _, r in subject.indices]
    letters = [i for i, _ in subject.indices]
    worlds: dict[int, Evaluation] = {}
    for at in product(*runs):
        entry = tuple(n - run[0] for n, run in zip(at, runs, strict=True))
        yield entry, _enclosed(subject.result, point, dict(zip(letters, at, strict=True)), worlds)


def _enclosed(term: Expr, point: Point, scope: dict[Symbol, int], worlds: dict[int, Evaluation]) -> arb:
    for precision in PRECISIONS:
        with flint.ctx.workprec(precision):
            evaluation = worlds.setdefault(precision, Evaluation(point))
            evaluation.budget[0] = 400_000
            try:
                found = arb(base_of(evaluation.term(term, scope)))
            except NoValueError as reason:
                if reason.vague:
                    continue
                raise
            if found.is_finite() and found.rad() <= FORMATS["float64"].unit(found) / 2**SLACK:
                return found
    raise TooVagueError(f"no enclosure with {PRECISIONS[-1]} bits is narrow enough")


def errors(
    subject: Subject,
    function: Any,
    arguments: Arguments,
    sizes: Mapping[str, int],
    form: str = "float64",
    scale: float | Mapping[tuple[int, ...], float] = 0.0,
) -> list[Errs]:
    """How far each entry of a function's value is from the exact value at some arguments, rounded to the format.

    The unit is that in the last place of the exact value or of `scale` (for all entries, or by entry) if it is larger.
    """
    import numpy as np

    given = {}
    for name, i in subject.inputs.items():
        given[name] = np.asarray(arguments[name], dtype=int if i.kind == "label" else form)
    needed = {p: sizes[p] for p in inspect.signature(function).parameters if p in sizes and p not in given}
    rounded = {name: a.tolist() for name, a in given.items()}
    # Numbers of Python are what a caller has; they are float64.
    plain = {n: rounded[n] for n, a in given.items() if a.ndim == 0 and a.dtype != np.float32}
    values = np.asarray(function(**{**given, **plain}, **needed))
    found: list[Errs] = []
    for entry, exact in exact_values(subject, rounded, sizes):
        value = float(values[entry])
        unit = scale if isinstance(scale, float) else scale[entry]
        found.append(Errs(ulps(value, exact, form, unit), entry, value, exact.str(20, radius=False), rounded))
    return found


def sensitivity(subject: Subject, at: Errs, sizes: Mapping[str, int], form: str = "float64") -> float:
    """How many units the exact value moves where one number of the arguments moves by one unit of its own, at most.

    It is 0 where there is no such number, infinite where a neighbour lies outside the domain.
    """
    import numpy as np

    def value(arguments: Arguments) -> arb:
        return next(ball for entry, ball in exact_values(subject, arguments, sizes) if entry == at.entry)

    here, largest = value(at.arguments), 0.0
    for name, i in subject.inputs.items():
        numbers = np.asarray(at.arguments[name], dtype=form)
        for n in range(0 if i.kind == "label" else min(numbers.size, MOST_NEIGHBOURS)):
            moved = numbers.copy()
            moved.flat[n] = np.nextafter(moved.flat[n], np.asarray(np.inf, form))
            try:
                there = value({**at.arguments, name: moved.tolist()})
            except NoValueError:
                return math.inf
            with flint.ctx.workprec(PRECISIONS[1]):
                largest = max(largest, float((abs(there - here) / FORMATS[form].unit(here)).mid()))
    return largest


def ulps(value: float, exact: arb, form: str = "float64", scale: float = 0.0) -> float:
    """The distance of a float from an exact value in units in the last place of this value, or of `scale` if larger."""
    kind = FORMATS[form]
    with flint.ctx.workprec(256):
        if abs(exact) >= arb(2) ** (kind.largest + 1) * (1 - arb(2) ** -(kind.digits + 1)):
            return 0.0 if value == math.copysign(math.inf, float(exact.mid())) else math.inf
        if not math.isfinite(value):
            return math.inf
        unit = max(kind.unit(exact), kind.unit(arb(scale)))
        return float((abs(arb(value) - exact) / unit).mid())


def _span(evaluation: Evaluation, run: Range) -> range:
    ends = [base_of(evaluation.term(e)) for e in (run.lo, run.hi)]
    if any(not isinstance(e, fmpq) or e.q != 1 for e in ends):
        raise NoFunctionError("a range has no whole-numbered ends")
    return range(int(ends[0].p), int(ends[1].p) + 1)


def worst(found: Sequence[Errs]) -> Errs | None:
    """The largest error; the first of several equal ones."""
    return max(found, key=lambda e: e.ulps, default=None)
