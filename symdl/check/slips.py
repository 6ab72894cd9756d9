"""What a wrong line may have meant: the right side changed in one place, such that it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, permutations

from flint import fmpq
from sympy import Add, Expr, Integer, Symbol, floor, log

from symdl.check.dependence import loose
from symdl.check.digits import digits_of
from symdl.check.enclosures import decimal, enclosed, within
from symdl.check.question import Question
from symdl.check.sides import Sides
from symdl.errors import Place, SymdlError
from symdl.language import D, free_symbols, is_closed, is_index, label_of, put, quantities, subterms, walk
from symdl.problem import Problem, Task

MAX_TRIES = 24
MAX_TERMS = 6


@dataclass(frozen=True)
class Slip:
    """The name of a slip, and the right side without it."""

    name: str
    right: Expr


def slip(question: Question, sides: Sides) -> Slip | None:
    """The first slip that explains a wrong line, or None."""
    if sides.sign != "=":
        return None
    tried = set()
    for found in islice(_slips(question, sides), MAX_TRIES):
        if found.right in tried or found.right == sides.right:
            continue
        tried.add(found.right)
        if _is_right(question, sides.left, found.right):
            return found
    return None


def corrected(problem: Problem, question: Question, sides: Sides) -> Expr | None:
    """What the engine finds for a left side that is a derivative of something defined; None where it finds nothing."""
    from symdl.engine import derive

    left = sides.left
    if not isinstance(left, D) or isinstance(left.of, D) or not question.context.givens.is_defined(left.of):
        return None
    if loose(question.context, left):
        return None
    if question.conditions or question.told:
        return None
    letters = [(i, run) for i, run in question.ranges.items() if i in free_symbols(left)]
    place = problem.place or Place(problem.path, 1, 1)
    try:
        found = derive(problem, Task("find", left, tuple(letters), sides.left_source, place)).result
    except (SymdlError, RecursionError, MemoryError):
        return None
    return found if isinstance(found, Expr) and _is_right(question, left, found) else None


@dataclass(frozen=True)
class NumberSlip:
    """The name of a slip in a number, if it has one, and the number that is right, to as many places."""

    name: str
    number: str


def number_slip(question: Question, sides: Sides) -> NumberSlip | None:
    """What is wrong with a number on the right; None where it is none, or the givens do not determine the left side."""
    shown = digits_of(sides.right_source)
    value = None if shown is None else enclosed(sides.left, question.context.givens)
    if shown is None or value is None:
        return None
    places = -int(floor(log(shown.unit, 10))) if shown.unit < 1 else 0
    name = ""
    for word, number in (("a sign", -shown.value), ("a factor 2", 2 * shown.value), ("a factor 2", shown.value / 2)):
        if within(value, number - shown.unit, number + shown.unit):
            name = word
            break
    is_plain = isinstance(value, fmpq) and not quantities(sides.left)
    return NumberSlip(name or ("an error of arithmetic" if is_plain else ""), decimal(value, places))


def _is_right(question: Question, left: Expr, right: Expr) -> bool:
    if question.is_vacuous(left, right):
        return False
    return question.ask(left, "=", right).answer == "proved"


def _slips(question: Question, sides: Sides) -> Iterator[Slip]:
    left, right = sides.left, sides.right
    yield Slip("a sign", -right)
    yield Slip("a factor 2", 2 * right)
    yield Slip("a factor 2", right / 2)
    terms = Add.make_args(right)
    if 1 < len(terms) <= MAX_TERMS:
        for term in terms:
            yield Slip("the sign of one term", right - 2 * term)
    yield from _indices(question, right)
    yield from _activations(question, right)
    yield from _chain_factors(question, left, right)
    if any(isinstance(t, log) for t in subterms(right)):
        for base, words in ((Integer(10), "10"), (Integer(2), "2")):
            yield Slip(f"a logarithm to base {words} for the natural one", _natural(right, base))


def _natural(right: Expr, base: Expr) -> Expr:
    def visit(term: Expr) -> Expr | None:
        return walk(term.args[0], visit) / log(base) if isinstance(term, log) else None

    return walk(right, visit)


def _indices(question: Question, right: Expr) -> Iterator[Slip]:
    letters = [i for i in question.ranges if is_index(i)]
    inside = free_symbols(right)
    for i, j in permutations(letters, 2):
        if question.ranges[i] != question.ranges[j]:
            continue
        if i in inside and j in inside:
            yield Slip(f"the indices {i} and {j} exchanged", put(right, {i: j, j: i}))
        if i in inside:
            yield Slip(f"the index {i} for {j}", put(right, {i: j}))


def _activations(question: Question, right: Expr) -> Iterator[Slip]:
    """A derivative of an activation, wrong in a usual way: σ' = σ, tanh' = 1 - tanh, a square that was lost."""
    for q in _closed(right)[:MAX_TERMS]:
        if question.context.givens.is_defined(q):
            yield Slip(f"a derivative that lost the factor 1 - {q}", put(right, {q: q * (1 - q)}))
            yield Slip(f"1 - {q} for 1 - {q}²", put(right, {1 - q: 1 - q**2}))
        yield Slip(f"a square of {q} that was lost", put(right, {q: q**2}))
        yield Slip(f"a square of {q} too many", put(right, {q**2: q}))


def _chain_factors(question: Question, left: Expr, right: Expr) -> Iterator[Slip]:
    """A factor of the chain rule that was left out."""
    if not isinstance(left, D) or isinstance(left.of, D):
        return
    context, start = question.context, label_of(left.wrt)
    between = context.below(start) & context.names(left.of)
    for label in sorted(between, key=lambda s: s.name)[:MAX_TERMS]:
        if isinstance(label, Symbol) and label not in context.givens.families:
            yield Slip(f"the factor ∂{label}/∂{left.wrt}, left out", right * D(label, left.wrt))
    for q in _closed(left + right)[:MAX_TERMS]:
        if q not in (left.of, left.wrt) and not context.givens.is_defined(q):
            yield Slip(f"the factor {q}, left out", right * q)


def _closed(term: Expr) -> list[Expr]:
    """The quantities of a term that stand outside its sums."""
    return sorted((q for q in quantities(term) if is_closed(q)), key=str)
