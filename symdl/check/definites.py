"""Relations that say of a matrix that it is definite, judged by what they say of its quadratic form."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from symdl.check.question import Question
from symdl.judge.definite import as_form
from symdl.language import free_symbols, label_of, put, quantities
from symdl.problem import Decision

AXES = 2
"""How many index letters a matrix has."""

OPEN = "whether a matrix is definite could not be told"
MINOR = "one of its leading minors is not positive"
NOT_SYMMETRIC = "a matrix that is not known to be symmetric"


def definite(question: Question, left: Expr, sign: str, right: Expr) -> Decision | None:
    """Whether the difference of two matrices is as definite as a sign says; None where they are no matrices.

    One is definite only if it is symmetric.  Where its entries are no numbers a form that may be negative at some of
    their values refutes nothing.
    """
    matrix = left - right
    context = question.context
    letters = {s: question.ranges[s] for s in sorted(free_symbols(matrix), key=str) if s in question.ranges}
    form = as_form(matrix, sign, context.givens, letters) if len(letters) == AXES else None
    if form is None:
        return None
    i, j = letters
    if question.ask(matrix, "=", put(matrix, {i: j, j: i})).answer != "proved":
        return Decision("unknown", NOT_SYMMETRIC)
    others = {s: run for s, run in question.ranges.items() if s not in letters}
    told = replace(question, context=replace(context, givens=form.givens), ranges=others)
    decisions = [told.ask(r.lhs, r.sign, r.rhs) for r in form.relations]
    failed = [d for d in decisions if d.answer == "refuted"]
    if failed and _is_of_numbers(matrix, question):
        return failed[0] if failed[0].instance else replace(failed[0], reason=MINOR)
    return decisions[0] if all(d.answer == "proved" for d in decisions) else Decision("unknown", OPEN)


def _is_of_numbers(term: Expr, question: Question) -> bool:
    """Whether every quantity in a term has a number."""
    valued = {label_of(v.quantity) for v in question.context.givens.values if v.number.is_Rational}
    return all(label_of(q) in valued for q in quantities(term))
