"""Sums within sums as one sum over several letters: contracted by what is known of the sum over one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from sympy import Expr, Integer, Mul, Pow, S, Symbol

from symdl.engine.unify import Letters, unify
from symdl.language import D, Delta, Sigma, free_symbols, index, is_index, put
from symdl.problem import Range


@dataclass(frozen=True)
class Rule:
    """`left` is a sum that equals `right` for all values of `holes`."""

    left: Sigma
    right: Expr
    holes: Letters


@dataclass(frozen=True)
class Nested:
    """The sum of a product of factors over all letters in their ranges."""

    letters: tuple[tuple[Symbol, Range], ...]
    factors: tuple[Expr, ...]

    def put(self, factor: Expr, others: Sequence[Expr], *more: tuple[Symbol, Range]) -> Nested:
        """The same with one occurrence of a factor replaced by others, and further letters."""
        at = self.factors.index(factor)
        return Nested((*self.letters, *more), (*self.factors[:at], *others, *self.factors[at + 1 :]))

    @property
    def taken(self) -> set[Expr]:
        """All letters that stand in it."""
        return {*(s for s, _ in self.letters)}.union(*map(free_symbols, self.factors))

    @property
    def expr(self) -> Expr:
        """The sum written with the factors as far out as they go; equal parts become powers."""
        return _grouped(dict(self.letters), self.factors)


def flat(expr: Expr, taken: Iterable[Expr] = (), *, opens: bool = False) -> Nested:
    """A product of powers of nested sums as one sum over several letters, none of which is taken.

    A derivative along a direction, Σ_j q_j ∂h_i/∂x_j, stays one factor unless told so.
    """
    taken = {*taken, *free_symbols(expr)}
    letters: list[tuple[Symbol, Range]] = []
    factors: list[Expr] = []

    def take(term: Expr) -> None:
        if isinstance(term, Mul):
            for a in term.args:
                take(a)
        elif isinstance(term, Pow) and isinstance(term.exp, Integer) and term.exp > 0 and term.base.has(Sigma, D):
            for _ in range(int(term.exp)):
                take(term.base)
        elif isinstance(term, Sigma):
            letter = fresh({*taken, *(s for s, _ in letters)})
            body = term.open(letter)
            if not opens and _is_direction(body, letter):
                factors.append(term)
                return
            letters.append((letter, Range(term.lo, term.hi)))
            take(body)
        elif term != S.One:
            factors.append(term)

    take(expr)
    return Nested(tuple(letters), tuple(factors))


def _is_direction(body: Expr, letter: Symbol) -> bool:
    """Whether a summand is a derivative by a member at this letter, times factors that depend on no other index."""
    factors = Mul.make_args(body)
    derivatives = [f for f in factors if isinstance(f, D)]
    if len(derivatives) != 1 or letter not in free_symbols(derivatives[0].wrt):
        return False
    rest = free_symbols(Mul(*(f for f in factors if f is not derivatives[0])))
    return letter not in free_symbols(derivatives[0].of) and {s for s in rest if is_index(s)} <= {letter}


def fresh(taken: Collection[Expr]) -> Symbol:
    """A letter that is none of these; it is never shown, for a finished sum binds nameless letters."""
    return next(letter for n in count() if (letter := index(f"nested{n}")) not in taken)


def contractions(nested: Nested, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Expr, Nested]]:
    """Uses of a rule on the sum over one letter: the rule, the sum with that letter innermost, and what it becomes."""
    for rule in rules:
        for s, run in nested.letters:
            inside = [f for f in nested.factors if s in free_symbols(f)]
            made = Sigma.over(s, run.lo, run.hi, Mul(*inside))
            found = unify(rule.left, made, rule.holes)
            if found is None or rule.holes & free_symbols(rule.right) - found.keys():
                continue
            others = tuple((x, r) for x, r in nested.letters if x != s)
            rest = tuple(f for f in nested.factors if s not in free_symbols(f))
            exchanged = Nested(others, (*rest, made)).expr
            yield rule, exchanged, _sifted(Nested(others, (*rest, *Mul.make_args(put(rule.right, found)))))


def _sifted(nested: Nested) -> Nested:
    """A delta that holds a summed letter leaves one term of the sum over it."""
    for f in nested.factors:
        for own, other in (f.args, f.args[::-1]) if isinstance(f, Delta) else ():
            if own in dict(nested.letters):
                rest = tuple(put(g, {own: other}) for g in nested.factors if g is not f)
                return _sifted(Nested(tuple(p for p in nested.letters if p[0] != own), rest))
    return nested


def _grouped(letters: Mapping[Symbol, Range], factors: Sequence[Expr]) -> Expr:
    own = set(letters)
    result: Expr = Mul(*(f for f in factors if not free_symbols(f) & own))
    for group in _components(letters, factors):
        inside = [f for f in factors if free_symbols(f) & group]
        result *= _of_one({s: run for s, run in letters.items() if s in group}, inside)
    return result


def _of_one(letters: Mapping[Symbol, Range], factors: Sequence[Expr]) -> Expr:
    """A sum whose letters all hang together: outermost the letter without which it falls apart most, and evenly."""

    def without(s: Symbol) -> dict[Symbol, Range]:
        return {x: r for x, r in letters.items() if x != s}

    parts = {s: len(_components(without(s), factors)) for s in letters}
    most = [s for s in letters if parts[s] == max(parts.values())]
    inner = {s: _grouped(without(s), factors) for s in most}
    outer = min(most, key=lambda s: len({f for f in Mul.make_args(inner[s]) if f.has(Sigma)}))
    return Sigma.over(outer, letters[outer].lo, letters[outer].hi, inner[outer])


def _components(letters: Mapping[Symbol, Range], factors: Sequence[Expr]) -> list[set[Expr]]:
    """The letters in groups that share no factor."""
    groups: list[set[Expr]] = []
    for s in letters:
        joined: set[Expr] = {s}.union(*(free_symbols(f) & set(letters) for f in factors if s in free_symbols(f)))
        apart = [g for g in groups if not g & joined]
        groups = [*apart, joined.union(*(g for g in groups if g & joined))]
    return groups
