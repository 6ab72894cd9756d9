"""What equations before a line say that quantities are, put in; and derivatives in the names that are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Symbol

from symdl.check.basis import Basis
from symdl.check.context import HERE, Context
from symdl.check.demands import Demand
from symdl.check.derived import FAILURES
from symdl.language import free_symbols, holds_derivative, indices_of, is_quantity, label_of
from symdl.problem import Definition, Givens, Problem, Ranges, Relation, Task
from symdl.write import latex_of_matrix


@dataclass(frozen=True, eq=False)
class Solved:
    """The context in which quantities are what equations say of them, and these by the labels of the quantities."""

    context: Context
    solutions: dict[Symbol, Relation]


def solved(basis: Basis, premises: Sequence[Demand]) -> Solved | None:
    """What premises say that free quantities are, none of which leads back to itself; None where they say nothing."""
    context, found = basis.context, dict[Symbol, Relation]()
    new: list[Definition] = []
    for d in premises:
        name, value = d.relation.lhs, d.relation.rhs
        letters = indices_of(name) if is_quantity(name) else ()
        is_general = is_quantity(name) and len(set(letters)) == len(letters) and set(letters) == set(d.ranges)
        resting = set(context.names(value))
        for label in [*found] * len(found):
            resting |= context.names(found[label].rhs) if label in resting else set()
        if is_general and basis.is_free(name) and label_of(name) not in resting | found.keys():
            found[label_of(name)] = d.relation
            new.append(Definition(label_of(name), letters, value, d.ranges, "", HERE))
    if not new:
        return None
    givens = replace(context.givens, definitions=(*new, *context.givens.definitions))
    return Solved(Context(givens, context.own), found)


def unvalued(context: Context) -> Context:
    """The context without the numbers that are given for what is defined as well."""
    givens = context.givens
    facts = tuple(f for f in givens.facts if not f.relation.rhs.is_number)
    values = tuple(v for v in givens.values if not context.uses.get(label_of(v.quantity)))
    return Context(replace(givens, facts=facts, values=values), context.own)


def in_names(term: Expr, context: Context, ranges: Ranges) -> Expr | None:
    """What the engine makes of a term with derivatives; None where one is left."""
    found = context.derived(posed(ranges, term)).result
    return found if found is not None and not holds_derivative(found) else None


def root_of(relation: Relation, unknown: Expr, context: Context, ranges: Ranges) -> Expr | None:
    """What the engine finds for an unknown of an equation; None where it cannot isolate it."""
    task = posed(ranges, *relation.sides)
    return context.derived(replace(task, kind="solve", relation=relation, unknowns=(unknown,))).result


def in_matrices(term: Expr, givens: Givens, ranges: Ranges) -> str | None:
    """A term along one or two letters as a vector or matrix, in LaTeX; None where the engine knows no form of it."""
    from symdl.engine import matrix_notation

    try:
        found = matrix_notation(Problem("", givens, (), (), (), None), posed(ranges, term))
    except FAILURES:
        return None
    return None if found is None else latex_of_matrix(found, givens)


def posed(ranges: Ranges, *terms: Expr) -> Task:
    """The task of finding what the first of some terms is, at the letters that stand in any of them."""
    letters = tuple((i, run) for i, run in ranges.items() if any(i in free_symbols(term) for term in terms))
    return Task("find", terms[0], letters, "", HERE)
