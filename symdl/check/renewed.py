"""New names that say what they are: a derivative by its subscript, a value after a step along a derivative."""

from __future__ import annotations

import re

from sympy import Expr, Integer, Rational, Symbol

from symdl.check.demands import derivable
from symdl.check.question import Question
from symdl.check.running import Line
from symdl.language import D, label_of, put, quantities, scalar
from symdl.problem import Decision, Ranges, Relation

UPHILL = "it goes along the derivative of what is given, not against it: which rule is meant is not said"

SUBSCRIPT = "whether it is the derivative by its subscript is not said"

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
