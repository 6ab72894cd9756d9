"""What a slip of the pen does to a formula at one place, undone: the formulas that may have been meant.

A slip is local, so that every candidate differs from the formula at one place: a sign, a factor, a power, an index.
The candidates at the top come before those further inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, product

from sympy import Add, Expr, Function, Indexed, Integer, Mul, Pow, Symbol, log

from symdl.language import Cases, D, Delta, Prod, Sigma, Step, free_symbols, indices_of, is_index, label_of, open_fresh
from symdl.language import family as member
from symdl.problem import Range, Ranges, Text

LEFT_OUT = ", left out"
OUT_OF_PLACE = ", which does not belong there"
"""How the name of a slip ends that may as well be another quantity, with a term or factor more or less."""

MAX_DEPTH = 8
MAX_ARGUMENTS = 8
MAX_MEMBERS = 4


@dataclass(frozen=True)
class Words:
    """What formulas are made of at a place: the labels in reach with their index ranges, sizes, and usual letters.

    `logs` are the logarithms of numbers in reach, which tell the base of others.
    """

    labels: Mapping[Symbol, tuple[Range, ...]]
    sizes: tuple[Symbol, ...]
    logs: tuple[Expr, ...]
    usual: Mapping[Range, tuple[str, ...]]

    def members(self, letters: Mapping[Symbol, Range]) -> Iterator[Expr]:
        """The quantities that the index letters at hand can make, those of few indices first."""
        for label, runs in sorted(self.labels.items(), key=lambda pair: (len(pair[1]), pair[0].name)):
            fitting = [[i for i, at in letters.items() if at.hi == run.hi] for run in runs]
            yield from (member(label, *at) for at in islice(product(*fitting), MAX_MEMBERS))


@dataclass(frozen=True)
class Slip:
    """The name of a slip, and the right side without it.

    `is_bare` says that a sign or a factor 2 is all that was wrong: with it a line holds only where what it stands at is
    0, and nobody writes that down.
    """

    name: Text
    right: Expr
    is_bare: bool = False

    @property
    def is_sign(self) -> bool:
        """Whether a sign is all that was wrong."""
        return self.is_bare and str(self.name[0]).startswith(("a sign", "the sign of "))


@dataclass(frozen=True)
class _Place:
    """A subterm, how deep it lies, the index letters at hand there, and the whole formula with something else there."""

    term: Expr
    depth: int
    letters: Mapping[Symbol, Range]
    put: Callable[[Expr], Expr]


def undone(formula: Expr, ranges: Ranges, words: Words) -> Iterator[Slip]:
    """The formulas that differ from this one by a slip at one place, the usual slips first, nearest the top first."""
    letters = {i: run for i, run in sorted(ranges.items(), key=lambda pair: str(pair[0])) if is_index(i)}
    places = sorted(_places(_Place(formula, 0, letters, lambda new: new), words), key=lambda p: p.depth)
    yield Slip(("a sign",), -formula, is_bare=True)
    yield Slip(("a factor 2",), 2 * formula, is_bare=True)
    yield Slip(("a factor 2",), formula / 2, is_bare=True)
    if formula != 0:
        yield Slip(("a fraction upside down",), 1 / formula)
    kinds = (_signs, _factors, _powers, _indices, _functions, _cases)
    for _, group in groupby(places, key=lambda p: p.depth):
        level = list(group)
        for kind in kinds:
            for p in level:
                yield from kind(p)
    for more in (_bases, _left_out, _taken_for, _bounds, _sizes):
        for p in places:
            yield from more(p, words)


def _places(here: _Place, words: Words) -> Iterator[_Place]:
    yield here
    term, deeper = here.term, here.depth + 1
    if deeper > MAX_DEPTH or isinstance(term, D | Indexed) or len(term.args) > MAX_ARGUMENTS:
        return
    if isinstance(term, Sigma | Prod):
        kind, lo, hi = type(term), term.lo, term.hi
        names = (*words.usual.get(Range(lo, hi), ()), *"ijkmn")
        (letter,), body = open_fresh(term, names, frozenset(here.letters))
        letters = {**here.letters, letter: Range(lo, hi)}
        yield from _places(_Place(body, deeper, letters, lambda new: here.put(kind.over(letter, lo, hi, new))), words)
    elif isinstance(term, Add | Mul | Function | Cases):
        for n in range(len(term.args)):
            yield from _places(_Place(term.args[n], deeper, here.letters, _beside(here, n)), words)
    elif isinstance(term, Pow):
        for n in range(1 if term.exp.is_Number else 2):
            yield from _places(_Place(term.args[n], deeper, here.letters, _beside(here, n)), words)


def _beside(here: _Place, n: int) -> Callable[[Expr], Expr]:
    """The whole formula with something else as the n-th argument of the term here."""
    term = here.term
    return lambda new: here.put(term.func(*term.args[:n], new, *term.args[n + 1 :]))


def _signs(here: _Place) -> Iterator[Slip]:
    if isinstance(here.term, Add):
        for t in here.term.args:
            yield Slip(("the sign of ", abs_of(t)), here.put(here.term - 2 * t), is_bare=True)


def abs_of(term: Expr) -> Expr:
    """A term without its minus sign."""
    return -term if term.could_extract_minus_sign() else term


def _factors(here: _Place) -> Iterator[Slip]:
    term = here.term
    if isinstance(term, Add):
        for t in term.args:
            if t.is_Number:
                yield Slip((t, OUT_OF_PLACE), here.put(term - t))
            elif here.depth or len(term.args) > 2:
                yield Slip(("a factor 2 at ", t), here.put(term + t), is_bare=True)
                yield Slip(("a factor 2 at ", t), here.put(term - t / 2), is_bare=True)
                yield Slip(("the term ", t, " too many"), here.put(term - t))
    elif isinstance(term, Mul):
        for f in term.args:
            if not f.is_Number and not places_entry(f):
                yield Slip(("the factor ", f, " too many"), here.put(term / f))


def places_entry(factor: Expr) -> bool:
    """Whether a factor only says at which index an entry of a written array stands."""
    return isinstance(factor, Delta) and any(a.is_Integer for a in factor.args)


def _powers(here: _Place) -> Iterator[Slip]:
    term = here.term
    if isinstance(term, Pow) and term.exp.is_Number:
        base, n = term.args
        if n == 2:
            yield Slip(("a square of ", base, " too many"), here.put(base))
        elif n == Integer(1) / 2:
            yield Slip(("a square root of ", base, " too many"), here.put(base))
        elif n.is_Integer:
            yield Slip(("the power of ", base), here.put(base ** (n + 1)))
            yield Slip(("the power of ", base), here.put(base ** (n - 1)))
        yield Slip((base, " above or below the fraction line"), here.put(base**-n))
    elif isinstance(term, Symbol | Indexed | Function | Add) and not is_index(term):
        yield Slip(("a square of ", term, " that was lost"), here.put(term**2))


def _indices(here: _Place) -> Iterator[Slip]:
    term = here.term
    if not isinstance(term, Indexed):
        return
    at = indices_of(term)
    if len(at) == 2 and at[0] != at[1]:
        yield Slip(("a transposed ", label_of(term)), here.put(member(label_of(term), at[1], at[0])))
    for n, i in enumerate(at):
        inside = sorted(free_symbols(i), key=str)
        others = [j for j in here.letters if j not in inside] if i.is_Symbol else []
        for new in (*others, i - 1, i + 1):
            if inside:
                right = member(label_of(term), *at[:n], new, *at[n + 1 :])
                yield Slip(("the index ", i, " for ", new), here.put(right))


def _functions(here: _Place) -> Iterator[Slip]:
    term = here.term
    if isinstance(term, log):
        for base in (Integer(10), Integer(2)):
            yield Slip((f"a logarithm to base {base} for the natural one",), here.put(term / log(base)))
    if isinstance(term, Function) and len(term.args) == 1:
        yield Slip(("the sign of ", abs_of(term.args[0])), here.put(term.func(-term.args[0])))


def _cases(here: _Place) -> Iterator[Slip]:
    term = here.term
    if isinstance(term, Step):
        yield Slip(("the wrong case",), here.put(1 - term))
    elif isinstance(term, Cases) and len(term.branches) == 1:
        [(value, condition)] = term.branches
        yield Slip(("the cases exchanged",), here.put(Cases(term.otherwise, condition, value)))


def _bases(here: _Place, words: Words) -> Iterator[Slip]:
    """A factor that is missing because a logarithm has another base than the natural one."""
    if isinstance(here.term, Add) or not here.depth or _is_body(here):
        for slip in _without(here, [f for n in words.logs for f in (1 / n, n)]):
            yield Slip(("the base of the logarithm: ", *slip.name), slip.right)


def _left_out(here: _Place, words: Words) -> Iterator[Slip]:
    """A factor that is missing: of the whole, of a summand, or of what a sum runs over."""
    if isinstance(here.term, Add) or not here.depth or _is_body(here):
        factors = [f for q in words.members(here.letters) for f in (q, 1 - q, 1 / q)]
        yield from _without(here, factors)


def _without(here: _Place, factors: Sequence[Expr]) -> Iterator[Slip]:
    """Each factor, missing at the whole, or at each summand."""
    for t in dict.fromkeys((here.term, *Add.make_args(here.term))):
        for factor in factors:
            yield Slip(("the factor ", factor, LEFT_OUT), here.put(here.term - t + t * factor))


def _is_body(here: _Place) -> bool:
    return any(isinstance(i, Symbol) and i in free_symbols(here.term) for i in here.letters)


def _taken_for(here: _Place, words: Words) -> Iterator[Slip]:
    """One quantity written for another one."""
    if isinstance(here.term, Symbol | Indexed) and not is_index(here.term):
        for q in words.members(here.letters):
            if q != here.term:
                yield Slip((here.term, " for ", q), here.put(q))


def _bounds(here: _Place, words: Words) -> Iterator[Slip]:
    """A sum or product that begins or ends one index too early or too late."""
    term = here.term
    if isinstance(term, Sigma | Prod):
        for lo, hi in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            yield Slip(
                ("where a sum or product begins or ends",), here.put(type(term)(term.lo + lo, term.hi + hi, term.body))
            )


def _sizes(here: _Place, words: Words) -> Iterator[Slip]:
    """A size that is missing, too many, or off by one."""
    if isinstance(here.term, Symbol) and here.term in words.sizes:
        for by in (1, -1):
            yield Slip((here.term, " for ", here.term + by), here.put(here.term + by))
    if isinstance(here.term, Add) or not here.depth:
        yield from _without(here, [f for n in words.sizes for f in (n, 1 / n)])
