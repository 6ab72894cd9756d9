"""New names that say what they are: a derivative by its subscript, a value after a step along a derivative."""

from __future__ import annotations

import re
from dataclasses import replace

from sympy import Expr, Integer, Rational, Symbol

from symdl.check.demands import derivable
from symdl.check.question import Question
from symdl.check.running import Line
from symdl.language import D, family, label_of, put, quantities, scalar
from symdl.problem import Decision, Ranges, Relation
from symdl.read.own import as_written, own_letter

STEP = "by which rule it is found from the value before is not said in a way that is read here"

UPHILL = "it goes along the derivative of what is given, not against it: which rule is meant is not said"

SUBSCRIPT = "whether it is the derivative by its subscript is not said"

DOWN = "a step against the derivative of what is given"

_NUMBERED = re.compile(r"(?P<bare>[^_^]+)_\{?(?P<n>[1-9])\}?")
_SUBSCRIPTED = re.compile(r"(?P<of>[^_^']+)_\{?(?P<by>[^_{}^']+)\}?")
_LATER = re.compile(r"(?P<bare>[^_^']+)(?:'|_\{?(?:\\\w+\s*\{)?(?:new|neu|next)\}*|\^\{\(\w\s*\+\s*1\)\}|\^\{?\+\}?)")


def by_subscript(name: Expr, value: Expr, question: Question) -> Line | None:
    """The line of a new name such as L_w where a given L rests on a given w; None for any other."""
    found = _SUBSCRIPTED.fullmatch(name.name) if isinstance(name, Symbol) else None
    if found is None:
        return None
    of, by = scalar(found["of"]), scalar(found["by"])
    if not question.context.givens.is_defined(of) or by not in question.context.names(of) or of == by:
        return None
    decision = question.ask(D(of, by), "=", value)
    if decision.answer == "proved":
        return Line("proved", decision, claim=True)
    return Line("undecided", Decision("unknown", SUBSCRIPT))


def step(name: Expr, value: Expr, question: Question) -> Line | None:
    """The line of x_1 beside given numbers x_0 and a rate, where a given function rests on x; None for any other."""
    found = _NUMBERED.fullmatch(name.name) if isinstance(name, Symbol) else None
    if found is None or quantities(value):
        return None
    numbers = question.context.givens.stated
    # The letter of f(x) has a name of its own beside x_0.
    before, ways = int(found["n"]) - 1, [scalar(name) for name in (found["bare"], own_letter(found["bare"]))]

    def at(q: Expr) -> Symbol:
        plain = as_written(label_of(q).name)
        return scalar(f"{plain}_{before}")

    if at(ways[0]) not in numbers:
        return None
    for s in (s for x in ways for s in derivable(Relation(x, "=", x), question.context, {})):
        below = [q for q in map(family, question.context.names(s.slope.of)) if at(q) in numbers]
        rates = [n for q, n in numbers.items() if q not in {at(b) for b in below} and isinstance(q, Symbol)]
        there = replace(question, conditions=tuple(Relation(q, "=", numbers[at(q)]) for q in below))
        for rate in rates:
            if there.ask(numbers[at(ways[0])] - rate * s.slope, "=", value).answer == "proved":
                return Line("proved", Decision("proved", DOWN), claim=True)
        if rates:
            return Line("undecided", Decision("unknown", STEP))
    return None


def uphill(name: Expr, value: Expr, question: Question, ranges: Ranges) -> Line | None:
    """The line of a new value for a free quantity that is a step up what is given; None for any other."""
    found = _LATER.fullmatch(name.name) if isinstance(name, Symbol) else None
    old = scalar(found["bare"]) if found is not None else name
    if old not in quantities(value):
        return None
    for s in derivable(Relation(old, "=", old), question.context, ranges):
        if s.slope.wrt != old:
            continue
        below = question.context.names(s.slope.of)
        # A rate of which nothing is given is positive.
        free = (q for q in quantities(value) if label_of(q) not in below and not question.context.givens.is_defined(q))
        rates: dict[Expr, Expr] = {q: Rational(1, 2) for q in free}
        step = put(value, rates) - old
        is_along = question.samples.is_constant(step / s.slope)
        if is_along and question.ask(step * s.slope, "<=", Integer(0)).answer == "refuted":
            return Line("undecided", Decision("unknown", UPHILL))
    return None
