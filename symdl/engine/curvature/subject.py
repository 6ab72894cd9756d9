"""What is to be classified: a function of named variables, its parameters, its domain and its constraints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Abs, E, Expr, Indexed, Mul, Pow, Symbol, exp, log

from symdl.engine.curvature.knowledge import Knowledge, UndecidableError, knowledge_from, letters_of
from symdl.engine.curvature.pieces import kinks_of, smooth_on
from symdl.engine.derive import unfolded
from symdl.engine.meeting import written_out
from symdl.engine.session import Session
from symdl.errors import UnsolvedError
from symdl.language import (
    Binder,
    Cases,
    D,
    Maximum,
    Minimum,
    Sigma,
    Step,
    is_quantity,
    label_of,
    put,
    quantities,
    walk,
)
from symdl.language.functions import by_head
from symdl.problem import Relation

LARGEST_SUM = 40
"""No sum of more terms than this is written out."""


@dataclass(frozen=True)
class Subject:
    """The function `f` in plain letters; `original` maps the letters that stand for members of families to them.

    `known` holds what the facts say of the letters, `domain` what must be positive, `constraints` what must vanish, and
    `point` the point asked about, if any.
    """

    goal: Expr
    f: Expr
    variables: tuple[Symbol, ...]
    original: Mapping[Symbol, Expr]
    known: Knowledge
    domain: tuple[Expr, ...] = ()
    constraints: tuple[Expr, ...] = ()
    closed: tuple[Relation, ...] = ()
    point: Mapping[Symbol, Expr] | None = None

    def shown(self, expr: Expr) -> Expr:
        """An expression with the members of families as the author writes them."""
        return expr.xreplace({k: v for k, v in self.original.items() if k != v})

    def gap(self, relation: Relation) -> Expr:
        """The expression that an inequality says is not negative."""
        return _positive(relation)

    @property
    def parameters(self) -> frozenset[Expr]:
        return letters_of(self.f) - set(self.variables)


def subject_of(session: Session) -> Subject:
    """The function that the task asks about, all definitions put in.

    Fails  with `UnsolvedError` where it depends on nothing, or a sum has no fixed number of terms.
    """
    task, givens = session.task, session.givens
    goal = task.goal
    if isinstance(goal, D):
        raise UnsolvedError("a function is expected, not a derivative; classify the function itself")
    values = {v.quantity: v.number for v in givens.values}

    def numbered(expr: Expr) -> Expr:
        # A sum has to be written out before its terms are members that have numbers.
        return put(concrete(put(expr, values), session), values)

    body = numbered(unfolded(goal, session))
    original: dict[Symbol, Expr] = {}
    letters = {q: plain_letter(q, original) for q in sorted(quantities(body), key=str)}
    f = with_plain_kinks(with_definitions(body.xreplace(letters)))
    if f.has(D):
        raise UnsolvedError(goal, " is given by a derivative; work that out first, and classify the result")
    constants = {letters.get(c, c) for c in givens.constants} | {
        letters[q] for q in letters if isinstance(q, Indexed) and label_of(q) in {label_of(c) for c in givens.constants}
    }
    named = _named(task.unknowns, letters)
    variables = named or tuple(x for x in _in_order(letters, session) if x not in constants)
    variables = tuple(dict.fromkeys(variables))
    if not set(variables) & letters_of(f):
        listed = ", ".join(map(str, variables))
        raise UnsolvedError(
            f"{goal} does not depend on {listed}: it is constant, and every point is critical"
            if variables
            else f"{goal} does not depend on any variable: name the variables, as in f(x, y)"
        )
    relations = [
        Relation(r.lhs.xreplace(letters), r.sign, r.rhs.xreplace(letters))
        for r in (Relation(numbered(x.relation.lhs), x.relation.sign, numbered(x.relation.rhs)) for x in givens.facts)
        if not isinstance(r.lhs, Sigma)
    ]
    relations = [r for r in relations if letters_of(r.lhs - r.rhs)]
    about = [r for r in relations if letters_of(r.lhs - r.rhs) & set(variables)]
    constraints = tuple((r.lhs - r.rhs).expand() for r in about if r.sign == "=")
    closed = tuple(r for r in about if r.sign in (">=", "<="))
    known, domain = _known_on(knowledge_from(r for r in relations if r not in about), f, variables, about)
    return Subject(
        goal, f, variables, original, known, domain, constraints, closed, _point(session, variables, letters)
    )


def _known_on(
    known: Knowledge, f: Expr, variables: Sequence[Symbol], about: Sequence[Relation]
) -> tuple[Knowledge, tuple[Expr, ...]]:
    """What is known where a function is defined and what is given of its variables holds, and what is positive there.

    Fails  with `UnsolvedError` where that is nowhere.
    """
    domain = [_positive(r) for r in about if r.sign in (">", "<")]
    domain += [_positive(r) for r in about if r.sign in (">=", "<=")]
    domain += [d for d in _domain(f, set(variables)) if d not in domain]
    for d in domain:
        if _never_positive(known, d):
            raise UnsolvedError("the function is defined nowhere: ", d, " is never positive")
    signs = tuple((d, frozenset((1,))) for d in domain if isinstance(d, Symbol))
    known = replace(known, signs=(*signs, *known.signs))
    return known, tuple(d for d in domain if isinstance(d, Symbol) or _may_fail(known, d))


def plain_letter(quantity: Expr, original: dict[Symbol, Expr]) -> Symbol:
    """The letter that stands for a scalar or a member of a family with fixed indices."""
    if isinstance(quantity, Symbol):
        original[quantity] = quantity
        return quantity
    below = ",".join(str(i) for i in quantity.indices)
    name = f"{label_of(quantity)}_{below}" if len(below) == 1 else f"{label_of(quantity)}_{{{below}}}"
    letter = Symbol(name, real=True)
    original[letter] = quantity
    return letter


def _in_order(letters: Mapping[Expr, Symbol], session: Session) -> list[Symbol]:
    """The free letters in the order in which the givens name their families, then by name."""
    order = {label: n for n, label in enumerate(session.givens.vectors)}
    keyed = sorted(letters, key=lambda q: (order.get(label_of(q), 99), _indices(q)))
    return [letters[q] for q in keyed]


def _indices(quantity: Expr) -> tuple[tuple[int, str], ...]:
    return tuple((int(i) if i.is_Integer else 0, str(i)) for i in getattr(quantity, "indices", ()))


def _named(unknowns: tuple[Expr, ...], letters: Mapping[Expr, Symbol]) -> tuple[Symbol, ...]:
    found: list[Symbol] = []
    for unknown in unknowns:
        if unknown in letters:
            found.append(letters[unknown])
            continue
        members = [letters[q] for q in sorted(letters, key=lambda q: _indices(q)) if label_of(q) == unknown]
        found += members or ([unknown] if isinstance(unknown, Symbol) else [])
    return tuple(found)


def concrete(expr: Expr, session: Session) -> Expr:
    """`expr` with every sum and product over a fixed number of terms written out."""
    return unfolded(written_out(expr, session, LARGEST_SUM), session)


def is_concrete(expr: Expr) -> bool:
    """Whether no sum or product over a symbolic range is left, nor a member with a free index."""
    return not expr.has(Binder) and all(all(i.is_Integer for i in q.indices) for q in expr.atoms(Indexed))


def with_definitions(f: Expr) -> Expr:
    """Named smooth functions by their definitions; what has a kink as a case split."""

    def visit(term: Expr) -> Expr | None:
        if isinstance(term, (Maximum, Minimum)):
            return _extreme([with_definitions(a) for a in term.args], 1 if isinstance(term, Maximum) else -1)
        if isinstance(term, Pow) and letters_of(term.exp):
            base, power = with_definitions(term.base), with_definitions(term.exp)
            return exp(power) if base == E else exp(power * log(base))
        record = by_head().get(type(term))
        if record is None or record.definition is None:
            return None
        if isinstance(term, Abs) and not letters_of(term):
            return None
        return record.definition(*(with_definitions(a) for a in term.args))

    return walk(f, visit)


def with_plain_kinks(f: Expr) -> Expr:
    """`f` without kinks inside the conditions of others: on each side of the inner kink the outer one is plain."""

    def visit(term: Expr) -> Expr | None:
        if not isinstance(term, Step) or not term.u.has(Step):
            return None
        inner = kinks_of(term.u)[0]
        above, below = (with_plain_kinks(Step(smooth_on(term.u, {inner: s}), term.at_zero)) for s in (1, -1))
        return Step(inner) * above + (1 - Step(inner)) * below

    return walk(f, visit)


def _extreme(values: Sequence[Expr], side: int) -> Expr:
    """The largest or smallest of several values as a case split; of values that are split, in each of their cases."""
    for n, v in enumerate(values):
        if isinstance(v, Cases):
            rest = [*values[:n], *values[n + 1 :]]
            parts = [e for value, condition in v.branches for e in (_extreme([value, *rest], side), condition)]
            return Cases(*parts, _extreme([v.otherwise, *rest], side))
    parts = []
    for n, v in enumerate(values[:-1]):
        parts += [v, Mul(*(Step(side * (v - w)) for w in values[n + 1 :]))]
    return Cases(*parts, values[-1]) if parts else values[0]


def _positive(relation: Relation) -> Expr:
    gap = relation.lhs - relation.rhs
    return (gap if relation.sign in (">", ">=") else -gap).expand()


def _domain(f: Expr, variables: set[Symbol]) -> list[Expr]:
    """What must be positive for every logarithm and root in `f`."""
    inside = [a.args[0] for a in f.atoms(log)]
    inside += [a.base for a in f.atoms(Pow) if a.exp.is_Rational and not a.exp.is_Integer and a.exp.q % 2 == 0]
    return [u for u in sorted(inside, key=str) if letters_of(u) & variables and not u.has(Cases)]


def _never_positive(known: Knowledge, d: Expr) -> bool:
    try:
        return 1 not in known.possible(d)
    except UndecidableError:
        return False


def _may_fail(known: Knowledge, d: Expr) -> bool:
    try:
        return known.possible(d) != frozenset((1,))
    except UndecidableError:
        return True


def _point(
    session: Session, variables: tuple[Symbol, ...], letters: Mapping[Expr, Symbol]
) -> dict[Symbol, Expr] | None:
    asked = session.task.point
    if not asked:
        return None
    if all(x is None for x, _ in asked):
        arguments = (
            session.givens.arguments.get(label_of(session.task.goal)) if is_quantity(session.task.goal) else None
        )
        order = tuple(letters.get(a, a) for a in arguments) if arguments else tuple(variables)
        if len(asked) != len(order):
            raise UnsolvedError(f"the point has {_count(len(asked), 'coordinate')}, the function "
                                f"{_count(len(order), 'variable')}")  # fmt: skip
        return {x: value for x, (_, value) in zip(order, asked, strict=True)}
    found = {letters.get(x, x): value for x, value in asked if x is not None}
    if set(found) != set(variables):
        missing = ", ".join(str(x) for x in variables if x not in found)
        raise UnsolvedError(f"the point names no value for {missing}")
    return found


def _count(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
