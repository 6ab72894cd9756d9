"""Whether a refutation by drawn values stands: an instance may say more of how a document is read than of a line.

What a person writes wrongly fails at every instance that the document can mean.  A line that fails only where a
quantity was drawn that the document fixes is not known to be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from flint import fmpq
from sympy import Expr, Indexed, Integer, Mul, Rational, Symbol, log

from symdl.check.asking import spans_of
from symdl.check.context import HERE, Context
from symdl.check.fair import is_fair
from symdl.check.letters import letters_of
from symdl.check.numbers import is_rounded
from symdl.check.opaque import ChainRule
from symdl.check.question import Question
from symdl.check.sides import Sides
from symdl.judge.instances import instances, separation, value_at
from symdl.judge.world import Instance
from symdl.judge.world import Question as World
from symdl.language import Applied, D, Sigma, free_symbols, fresh_index, indices_of, is_index, label_of, subterms
from symdl.problem import Fact, Range, Relation

DRAWN = "a value was drawn for a quantity of which something is given, but not this"
UNFAIR = "it fails only at values that what is given excludes, or what its names stand for"
NEAR = "the sides differ by no more than the rounding of the digits shown may explain"
CASE = "it fails only where two indices are equal, and running text may mean the other case"

LOOKS = 4
"""At how many instances it is looked."""

MANY = 24
"""At how many where the first ones do not say enough."""

CLOSE = Fraction(1, 100)
"""The largest relative difference that the rounding of numbers inside a formula is taken to explain."""

_SUMMED = re.compile(r"\\(?:sum|prod)_\{?\s*([A-Za-z])(?![A-Za-z])")
_DECIMAL = re.compile(r"\d\s*[.,]\s*\d")


def shaky(question: Question, sides: Sides) -> str:
    """Why a refutation of the two sides may not stand; nothing where it does."""
    for count in (LOOKS, MANY):
        (left, right), _, worlds = drawn(question, (sides.left, sides.right), count)
        apart = [w for w in worlds if separation(left, right, w)]
        fair = [w for w in apart if is_fair(w, question.context)]
        if fair:
            break
    if apart and (not fair or _is_loose(sides, fair[0]) or _is_between(question, sides)):
        return UNFAIR
    if fair and sides.sign not in ("=", "~") and _holds_of_shares(question, sides):
        return UNFAIR
    shown = any(map(_DECIMAL.search, (sides.left_source, sides.right_source))) or _shows_decimals(fair)
    if fair and shown and all(_is_near(left, right, w) for w in fair):
        return NEAR
    if not fair or any(w.is_stated() for w in fair):
        return ""
    if all(any(True for _ in _strange(w)) for w in fair):
        return DRAWN
    return CASE if question.is_running and all(map(_coincide, fair)) else ""


def _is_loose(sides: Sides, world: Instance) -> bool:
    """Whether a number was drawn for a letter that one side is written to sum over, and that the other one lacks."""
    inside = free_symbols(sides.left) | free_symbols(sides.right)
    letters = {s.name for s in world.integers if is_index(s) and s in inside}
    sources = (sides.left_source, sides.right_source)
    return any(
        letter in letters and letter not in letters_of(other)
        for one, other in (sources, sources[::-1])
        for letter in _SUMMED.findall(one)
    )


def _is_between(question: Question, sides: Sides) -> bool:
    """Whether a function of which the slope is given is taken at several places, between which that says more."""
    known = question.context.givens.slopes
    names = question.context.names(sides.left, sides.right) if known else frozenset[Symbol]()
    bodies = [d.body for d in question.context.givens.definitions if d.label in names]
    inside = (t for side in (sides.left, sides.right, *bodies) for t in subterms(side) if isinstance(t, Applied))
    taken = {(t.label, t.argument) for t in inside if t.label in known and not t.order}
    return len(taken) > len({label for label, _ in taken})


def _holds_of_shares(question: Question, sides: Sides) -> bool:
    """Whether a bound does not fail where the weights of logarithms, as in an entropy, add up to 1 as shares do."""
    shares = tuple(_shares(question, sides))
    if not shares:
        return False
    givens = question.context.givens
    context = Context(replace(givens, facts=(*givens.facts, *shares)), question.context.own)
    return replace(question, context=context).ask(sides.left, sides.sign, sides.right).answer != "refuted"


def _shares(question: Question, sides: Sides) -> Iterator[Fact]:
    """That free families in sums such as that of p_i log q_i are positive and add up to 1, where it is not given."""
    context = question.context
    names = context.names(sides.left, sides.right)
    bodies = [d.body for d in context.givens.definitions if d.label in names]
    known = {*context.uses, *context.shares}
    for total in (t for side in (sides.left, sides.right, *bodies) for t in subterms(side) if isinstance(t, Sigma)):
        letter = fresh_index("ijklmn", free_symbols(total))
        body = total.open(letter)
        if not any(isinstance(factor, log) for factor in Mul.make_args(body)):
            continue
        for member in (t for t in subterms(body) if isinstance(t, Indexed) and indices_of(t) == (letter,)):
            if label_of(member) not in known:
                known.add(label_of(member))
                whole = Sigma.over(letter, total.lo, total.hi, member)
                yield Fact(Relation(whole, "=", Integer(1)), {}, "", HERE)
                yield Fact(Relation(member, ">", Integer(0)), {letter: Range(total.lo, total.hi)}, "", HERE)


def _shows_decimals(worlds: Sequence[Instance]) -> bool:
    """Whether an equation that bears on what was drawn holds a number that may have been rounded."""
    sides = (side for w in worlds[:1] for f in w.givens.facts for side in f.relation.sides)
    return any(is_rounded(t) for side in sides for t in subterms(side) if isinstance(t, Rational))


def drawn(
    question: Question, terms: tuple[Expr, Expr], count: int
) -> tuple[tuple[Expr, ...], dict[D, Expr], Iterator[Instance]]:
    """Two terms without derivatives of undefined quantities, what these are, and instances of what bears on both."""
    chain = ChainRule(question.context, terms)
    reduced = chain.reduced()
    givens = question.context.about(reduced.sides)
    givens = replace(givens, families={**givens.families, **reduced.families})
    conditions = (*question.conditions, *question.told, *spans_of(*reduced.sides))
    world = World(reduced.sides, givens, question.ranges, conditions)
    return reduced.sides, chain.known, instances(world, count)


def _strange(world: Instance) -> Iterator[Symbol]:
    """The labels of which a member was drawn that neither begins nor ends its family, though others are given."""
    givens = world.givens
    valued = givens.valued
    for label, at in world.chosen.keys() - world.stated - world.fixed:
        if not at:
            continue
        if label in valued:
            yield label
        elif givens.definitions_of(label):
            runs = givens.families.get(label, ())
            ends = [(value_at(r.lo, world), value_at(r.hi, world)) for r in runs]
            if all(fmpq(i) not in end for i, end in zip(at, ends, strict=False)):
                yield label


def _coincide(world: Instance) -> bool:
    """Whether two index letters have the same value."""
    letters = [n for s, n in world.integers.items() if is_index(s)]
    return len(set(letters)) < len(letters)


def _is_near(left: Expr, right: Expr, world: Instance) -> bool:
    a, b = (value_at(side, world) for side in (left, right))
    if a is None or b is None:
        return False
    x, y = float(a), float(b)
    return abs(x - y) <= CLOSE * max(abs(x), abs(y))
