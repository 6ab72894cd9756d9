"""What equations before a line say that quantities are, put in; and derivatives in the names that are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sympy import Expr, S, Symbol

from symdl.check.basis import Basis
from symdl.check.context import HERE, Context
from symdl.check.demands import Demand
from symdl.check.derived import FAILURES
from symdl.check.solving import LETTER
from symdl.check.systems import linear
from symdl.language import free_symbols, holds_derivative, indices_of, is_quantity, label_of, put, quantities, scalar
from symdl.problem import Definition, Givens, Problem, Ranges, Relation, Task
from symdl.write import latex_of_matrix


@dataclass(frozen=True, eq=False)
class Solved:
    """The context in which quantities are what equations say of them, and these by the labels of the quantities.

    `used` are the premises that say so, and `nonzero` is what they were divided by.
    """

    context: Context
    solutions: dict[Symbol, Relation]
    used: frozenset[Relation]
    nonzero: tuple[Expr, ...]

    def bears_on(self, claim: Relation) -> bool:
        """Whether a claim rests on one of the quantities, or on what stands with one in an equation that is given."""
        below = self.context.names(*claim.sides)
        facts = (self.context.names(*f.relation.sides) for f in self.context.facts if f.relation.sign == "=")
        return bool(below & self.solutions.keys()) or any(
            inside & self.solutions.keys() and inside & below for inside in facts
        )


def solved(basis: Basis, premises: Sequence[Demand]) -> Solved | None:
    """What premises say that free quantities are, the last ones first; None where they say nothing.

    None of the quantities leads back to itself.
    """
    context, found = basis.context, dict[Symbol, Relation]()
    new: list[Definition] = []
    used: list[Relation] = []
    nonzero: list[Expr] = []
    for d in reversed(premises):
        solution, divisor = _isolated(d, basis)
        name, value = solution.sides
        letters = indices_of(name) if is_quantity(name) else ()
        is_general = is_quantity(name) and len(set(letters)) == len(letters) and set(letters) == set(d.ranges)
        resting = set(context.names(value))
        for label in [*found] * len(found):
            resting |= context.names(found[label].rhs) if label in resting else set()
        if is_general and basis.is_free(name) and label_of(name) not in resting | found.keys():
            found[label_of(name)] = solution
            new.append(Definition(label_of(name), letters, value, d.ranges, "", HERE))
            used.append(d.relation)
            nonzero.append(divisor)
    if not new:
        return None
    givens = replace(context.givens, definitions=(*new, *context.givens.definitions))
    divisors = tuple(n for n in nonzero if not n.is_number)
    return Solved(Context(givens, context.own), found, frozenset(used), divisors)


def _isolated(demand: Demand, basis: Basis) -> tuple[Relation, Expr]:
    r"""An equation for all members of a family, \lambda w_i = c_i, solved for them where they alone can be meant.

    The divisor comes with it; else the equation as it stands and 1.
    """
    relation = demand.relation
    gap = relation.lhs - relation.rhs
    if is_quantity(relation.lhs) or not demand.ranges or relation.sign != "=" or holds_derivative(gap):
        return relation, S.One
    families = [q for q in sorted(quantities(gap), key=str) if set(indices_of(q)) == set(demand.ranges)]
    found = [(q, *parts) for q in families if basis.is_free(q) and (parts := _quotient(gap, q)) is not None]
    if len(found) != 1:
        return relation, S.One
    name, top, below = found[0]
    return Relation(name, "=", top / below), below


def _quotient(gap: Expr, unknown: Expr) -> tuple[Expr, Expr] | None:
    """The numerator and denominator of an unknown where a gap that is linear in it, or in one over it, is 0."""
    parts = linear(gap, [unknown])
    if parts is not None:
        return -parts.get(S.One, S.Zero), parts[unknown]
    letter = scalar(LETTER)
    parts = linear(put(gap, {unknown: 1 / letter}), [letter])
    return None if parts is None or not parts.get(S.One) else (-parts[letter], parts[S.One])


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
