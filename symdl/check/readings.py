"""The readings of a relation that its author can have meant besides the plainest one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Expr, Symbol

from symdl.check.basis import Basis
from symdl.check.context import Context
from symdl.errors import Place
from symdl.language import (
    At,
    D,
    DPlus,
    Sigma,
    free_symbols,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    subterms,
    walk,
)
from symdl.problem import Definition, Ranges, Relation
from symdl.read.own import as_written


def readings(left: Expr, right: Expr, context: Context, ranges: Ranges) -> Iterator[tuple[Expr, Expr, str]]:
    """The sides in each other reading, with how it is read."""
    givens = context.givens
    immediate = _immediate(right, context)
    if immediate != right:
        yield left, immediate, "with the derivatives in the product read as immediate ones"
    if type(left) is D and _is_gate(left.of, context) and not givens.is_defined(left.wrt):
        yield DPlus(left.of, left.wrt), immediate, "with the derivative read as the immediate one"
    starting = _at_the_start(left, right)
    if starting is not None:
        yield left, starting, "with the derivative taken where the step begins"
    gathered = _gathered(right, left, ranges)
    if gathered is not None:
        yield left, gathered, "with the sum read as reaching to the end of the line"


def for_all(conditions: Sequence[Relation], basis: Basis, *sides: Expr) -> tuple[Context, tuple[Relation, ...]] | None:
    """The context in which p_i = 1/n holds for all i, and the other conditions, where no side has an i of its own.

    None where there is no such condition on a family that nothing else defines.
    """
    givens, kept = basis.context.givens, []
    definitions: list[Definition] = []
    for c in conditions:
        at, runs = indices_of(c.lhs), givens.families.get(label_of(c.lhs), ()) if is_quantity(c.lhs) else ()
        is_general = bool(at) and all(map(is_index, at)) and len(set(at)) == len(at) == len(runs)
        is_general = is_general and label_of(c.lhs) not in basis.context.names(c.rhs) and basis.is_free(c.lhs)
        if c.sign == "=" and is_general and not any(set(at) & free_symbols(side) for side in sides):
            ranges = dict(zip((i for i in at if isinstance(i, Symbol)), runs, strict=True))
            definitions.append(Definition(label_of(c.lhs), at, c.rhs, ranges, "", Place("", 1, 1)))
        else:
            kept.append(c)
    if not definitions:
        return None
    return Context(replace(givens, definitions=(*definitions, *givens.definitions)), basis.context.own), tuple(kept)


def _is_gate(quantity: Expr, context: Context) -> bool:
    """Whether a quantity leads back to itself only through others, as a gate does through the state."""
    label, uses = label_of(quantity), context.uses
    return label in uses and label not in uses[label] and context.recurs(label)


def _immediate(side: Expr, context: Context) -> Expr:
    """A chain-rule product with every derivative by an undefined quantity read as immediate, where it is written in it.

    An immediate derivative by what a definition does not mention is 0, and none means that.
    """

    def visit(term: Expr) -> Expr | None:
        if type(term) is D and is_quantity(term.of) and not context.givens.is_defined(term.wrt):
            direct = context.uses.get(label_of(term.of), frozenset())
            return DPlus(term.of, term.wrt) if label_of(term.wrt) in direct else term
        return term if type(term) is D else None

    return side if isinstance(side, D) else walk(side, visit)


def _at_the_start(left: Expr, right: Expr) -> Expr | None:
    """The right side of w_1 = w_0 - c dL/dw with the derivative taken at w_0, as a step means it; else None."""
    if not is_quantity(left) or not right.is_Add:
        return None
    bases = {d.wrt for d in subterms(right) if type(d) is D and is_quantity(d.wrt) and not indices_of(d.wrt)}
    starts = [(w, t) for w in bases for t in right.args if t != left and is_quantity(t) and _is_step_of(t, w)]
    if len(starts) != 1 or not _is_step_of(left, starts[0][0]):
        return None
    [(base, start)] = starts
    return walk(right, lambda t: At(t, base, start) if type(t) is D and t.wrt == base else None)


def _is_step_of(quantity: Expr, base: Expr) -> bool:
    """Whether a quantity is w at a step: w_0 or w^{(1)} beside w."""
    name, whole = as_written(label_of(base).name), label_of(quantity).name
    return (name == whole and bool(indices_of(quantity))) or whole.startswith((f"{name}_", f"{name}^"))


def _gathered(right: Expr, left: Expr, ranges: Ranges) -> Expr | None:
    r"""c \sum_i A_i + B_i read as c \sum_i (A_i + B_i), where the i of B_i would be free otherwise."""
    letters = [i for i in ranges if is_index(i) and i in free_symbols(right) and i not in free_symbols(left)]
    if len(letters) != 1 or not right.is_Add:
        return None
    [letter] = letters
    run = ranges[letter]
    sums = [t for t in right.args if _sum_in(t, run.lo, run.hi) is not None]
    if len(sums) != 1:
        return None
    total = _sum_in(sums[0], run.lo, run.hi)
    assert total is not None
    factor = sums[0] / total
    body = total.open(letter)
    return factor * Sigma.over(letter, run.lo, run.hi, body + right - sums[0])


def _sum_in(term: Expr, lo: Expr, hi: Expr) -> Sigma | None:
    found = [f for f in (term.args if term.is_Mul else (term,)) if isinstance(f, Sigma)]
    return found[0] if len(found) == 1 and (found[0].lo, found[0].hi) == (lo, hi) else None
