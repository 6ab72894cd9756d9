r"""Whether an instance is one that a reader would accept: what names mean binds what may be drawn for them.

The givens need not say that a variance is not negative, that shares which sum to 1 are no debts, or that the class with
which an index is compared is one of its values.  Where a line fails only at instances that break this, it was read in
another way than it was meant.
"""

from __future__ import annotations

import re

from flint import arb, fmpq
from sympy import Symbol

from symdl.check.context import Context
from symdl.judge.balls import Value
from symdl.judge.satisfying import satisfies
from symdl.judge.world import Instance, Question
from symdl.language import free_symbols, is_index, label_of, scalar

_VARIANCE = re.compile(r"\\mathrm\{Var\}")
CHANCE = re.compile(r"(?:\\Pr|\\mathbb\{P\}|P)(?:\(|\[|\s*\\left)")
"""How the name of a probability begins."""
_DENSITY = re.compile(r"p(?:_\{?\w+\}?)?\(")
_MEAN = re.compile(r"\\mathbb\{E\}(?:_\{(?P<by>.+?)\})?\[(?P<of>.+)\]")


def is_fair(world: Instance, context: Context) -> bool:
    """Whether what was drawn is what its names may stand for, and all that is given of them holds."""
    # Of a function whose derivative has a definition of its own, nothing is free but the values.
    tied = (scalar(name) for name in world.opaque if scalar(f"{name}'") in context.uses)
    is_known = any(label not in context.givens.slopes for label in tied)
    if world.has_slopes and world.opaque:
        # An equation for an undefined function holds everywhere, and so of its slopes, not only where it is looked at;
        # a bound on it says nothing of these, nor does its value at numbers that are given.
        valued = {label_of(v.quantity).name for v in context.givens.values}
        equations = (f.relation for f in context.facts if f.relation.sign == "=")
        spoken = ({s.name for side in r.sides for s in free_symbols(side)} for r in equations)
        is_known = is_known or any(names & world.opaque and names - world.opaque - valued for names in spoken)
    # What divides the sum over a family is how many it has.
    pairs = ((world.chosen.get((letter, ())), world.integers.get(end)) for letter, end in context.counts)
    is_mean = all(a is None or b is None or a == b for a, b in pairs)
    is_meant = all(_may_be(label, value, context) for (label, _), value in world.chosen.items())
    sizes = [n for s, n in world.integers.items() if not is_index(s)]
    drawn = (value for (label, _), value in world.chosen.items() if label in context.classes)
    is_meant = is_meant and all(_lies(value, 1, min(sizes, default=None)) for value in drawn)
    if is_known or not is_mean or not is_meant or _is_doubled(world) or _coincide(world, context):
        return False
    return satisfies(Question((), world.givens, {}), world)


def _may_be(label: Symbol, value: Value, context: Context) -> bool:
    """Whether a value that was drawn for a name is one that it can have."""
    if label in context.shares or CHANCE.match(label.name):
        return _lies(value, 0, 1)
    if _VARIANCE.match(label.name) or _DENSITY.match(label.name):
        return _lies(value, 0, None)
    return label not in context.classes or (isinstance(value, fmpq) and value.q == 1)


def _is_doubled(world: Instance) -> bool:
    r"""Whether \mathbb{E}_{x \sim p}[x] and \mathbb{E}[x], of one x with one distribution, were drawn apart."""
    means: dict[str, dict[str, Value]] = {}
    for (label, at), value in world.chosen.items():
        found = _MEAN.fullmatch(label.name)
        if found is not None:
            means.setdefault(f"{found['of']} {at}", {})[found["by"] or ""] = value
    return any("" in said and len(said) == 2 and len(set(map(str, said.values()))) > 1 for said in means.values())


def _coincide(world: Instance, context: Context) -> bool:
    """Whether two letters of what is given, each of one member apart from all others, were drawn alike."""
    runs = context.givens.positions
    drawn = [(runs[letter], n) for letter, n in world.integers.items() if letter in runs]
    return len(set(drawn)) < len(drawn)


def _lies(value: Value, low: int, high: int | None) -> bool:
    """Whether a value may lie between these."""
    there = arb(value)
    return not there < low and not (high is not None and there > high)
