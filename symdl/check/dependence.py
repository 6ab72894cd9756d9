"""Derivatives by a quantity that what is differentiated does not name, though both rest on the same inputs.

With f = (x + y)z and q = x + y, or with p = σ(x), the derivatives ∂f/∂q and dx/dp are 0 only to who reads each
definition by itself.  Their author mostly means f = qz, and the inverse function.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, permutations

from sympy import Add, Expr, Indexed, Mul, Symbol

from symdl.check.context import HERE, LETTERS, Context
from symdl.language import (
    D,
    DPlus,
    Opaque,
    Prod,
    Sigma,
    family,
    free_symbols,
    holds_derivative,
    index,
    indices_of,
    is_closed,
    is_index,
    is_quantity,
    label_of,
    open_fresh,
    put,
    quantities,
    scalar,
    subterms,
    walk,
)
from symdl.problem import Definition, Ranges
from symdl.read.own import as_written, of_own_letter

_AT_NODE = re.compile(r"\b(?:immediate|direct|local|explicit|treat\w*|constant|fixed|held|hold\w*)\b", re.IGNORECASE)
MAX_PLACES = 24
"""In how many ways the indices of a quantity are sought in another one's definition."""


def loose(context: Context, *terms: Expr) -> tuple[D, ...]:
    """The derivatives among the subterms of which what is given does not say that they are 0, nor what else."""
    found = [t for term in terms if holds_derivative(term) for t in subterms(term) if isinstance(t, D)]
    return tuple(dict.fromkeys(t for t in found if not isinstance(t, DPlus) and _is_loose(context, t)))


def folded(context: Context, slopes: tuple[D, ...]) -> Context:
    """The context with the quantities that the derivatives are taken by put for what they stand for elsewhere."""
    for slope in slopes:
        named = context.givens.definitions_of(label_of(slope.wrt))
        if len(named) != 1 or not all(map(is_index, named[0].pattern)):
            continue
        above = context.names(slope.of) - context.names(slope.wrt)
        kept = tuple(_with(d, named[0], context) if d.label in above else d for d in context.givens.definitions)
        if any(a is not b for a, b in zip(kept, context.givens.definitions, strict=True)):
            context = Context(replace(context.givens, definitions=kept))
    borne = {s: label_of(t.wrt) for t in slopes if is_quantity(t.wrt) for s in _borne_by(context, t)}
    if borne:
        made = tuple(_depending(label, by, context) for label, by in borne.items())
        context = Context(replace(context.givens, definitions=(*context.givens.definitions, *made)), context.own)
    return context


def _borne_by(context: Context, slope: D) -> list[Symbol]:
    """The free names in what is differentiated that bear the name that it is differentiated by."""
    inside, by = context.names(slope.of), label_of(slope.wrt)
    found = [s for s in inside if _is_named_by(s, by) and not context.givens.definitions_of(s)]
    return found if by not in inside else []


def _depending(label: Symbol, by: Symbol, context: Context) -> Definition:
    """That of a name no more is known than that it depends on another one."""
    runs = context.givens.families.get(label, ())
    letters = tuple(index(x) for x, _ in zip(LETTERS, runs, strict=False))
    body = Opaque(label, len(letters), *letters, by)
    return Definition(label, letters, body, dict(zip(letters, runs, strict=False)), "", HERE)


def along(context: Context, term: Expr, ranges: Ranges) -> Expr | None:
    """The term with its loose derivatives taken along the one input; None where one rests on several."""
    failed = False

    def visit(t: Expr) -> Expr | None:
        nonlocal failed
        if not isinstance(t, D) or isinstance(t, DPlus) or not _is_loose(context, t):
            return None
        quotient = _quotient(context, t, ranges) if is_closed(t) else None
        failed = failed or quotient is None
        return quotient if quotient is not None else t

    found = walk(term, visit)
    return None if failed else found


def settled(context: Context) -> Context:
    """The context with the loose derivatives in its definitions taken as a line would mean them.

    Of a quantity in which one cannot be taken only the dependence is known.
    """
    for definition in context.givens.definitions:
        slopes = loose(context, definition.body)
        is_idle = any(_is_idle(context, t) for t in subterms(definition.body))
        if not slopes and not is_idle:
            continue
        context = folded(context, slopes)
        body = None if is_idle else along(context, definition.body, definition.ranges)
        if body is None:
            # Of members under a sum it is the whole family on which it rests.
            inside = sorted({q if is_closed(q) else label_of(q) for q in quantities(definition.body)}, key=str)
            body = Opaque(definition.label, len(definition.pattern), *definition.pattern, *inside)
            context = context.leaving_open(definition.label)
        kept = tuple(replace(d, body=body) if d is definition else d for d in context.givens.definitions)
        context = Context(replace(context.givens, definitions=kept), context.own)
    return context


def is_at_node(slope: D, texts: Iterable[str]) -> bool:
    """Whether a document speaks of derivatives at single nodes, in words or by a sum of products over members.

    In ∂L/∂h_1 ∂h_1/∂w + ∂L/∂h_2 ∂h_2/∂w each ∂h_t/∂w is the part that w has in h_t alone.
    """
    of, wrt = (re.escape(label_of(q).name) for q in (slope.of, slope.wrt))
    member = rf"\\partial\s*{of}_(?:\w|\{{[^{{}}]*\}})\s*\}}"
    product = re.compile(
        rf"{member}(?:\s|\\cdot|\\times|[()])*\\[dt]?frac\s*\{{\s*{member}\s*\{{\s*\\partial\s*{wrt}\b"
    )
    found = ((t, len(product.findall(t))) for t in texts)
    return any(_AT_NODE.search(t) or n > 1 or (n > 0 and r"\sum" in t) for t, n in found)


def _is_loose(context: Context, slope: D) -> bool:
    of, wrt = slope.of, slope.wrt
    if not is_quantity(wrt) or isinstance(of, D):
        return False
    by, inside = label_of(wrt), context.names(of)
    if inside & context.own and not _inputs(context, of):
        # A number that a proof has worked out for a quantity says nothing of how it rests on others.
        return True
    if _borne_by(context, slope):
        return True
    if by in inside or not context.givens.is_defined(wrt) or context.is_opaque(by):
        return False
    if any(context.is_opaque(s) for s in inside if context.givens.definitions_of(s)):
        return False
    return bool(_inputs(context, wrt) & inside)


def _is_named_by(label: Symbol, by: Symbol) -> bool:
    r"""Whether a name bears another one as that of what it depends on, as p_\theta does \theta."""
    return re.search(rf"_\{{?(?:[^{{}}]*[,;]\s*)?{re.escape(by.name)}\s*(?:[,;}}]|\Z)", label.name) is not None


def _is_idle(context: Context, term: Expr) -> bool:
    """Whether a term is the slope of a function by another place than that at which its formula is written."""
    if type(term) is not D or not is_quantity(term.wrt) or label_of(term.wrt) in context.names(term.of):
        return False
    name = label_of(term.wrt).name
    formal = {label_of(a).name for at in context.givens.arguments.values() for a in at if is_quantity(a)}
    if name in formal and of_own_letter(name) is not None:
        return True
    places = map(as_written, formal)
    return any(name.startswith((f"{place}^", f"{place}_")) for place in places)


def _inputs(context: Context, *terms: Expr) -> frozenset[Symbol]:
    """The labels on which terms rest and that nothing defines."""
    return frozenset(s for s in context.names(*terms) if s not in context.uses)


def _quotient(context: Context, slope: D, ranges: Ranges) -> Expr | None:
    """The derivative of the inverse function, or the quotient of those by the only input."""
    of, wrt = slope.of, slope.wrt
    body = context.givens.body_of(wrt, ranges)
    if body is not None and is_quantity(of):
        beside = {q for q in quantities(body) if q != of}
        if of in quantities(body) and label_of(of) not in context.names(*beside):
            return 1 / D(wrt, of)
    inputs = _inputs(context, wrt)
    if indices_of(wrt) or len(inputs) != 1 or inputs.isdisjoint(context.names(of)):
        return None
    [only] = inputs
    if only in context.givens.families:
        return None
    return 1 / D(wrt, of) if of == only else D(of, only) / D(wrt, only)


def _with(definition: Definition, named: Definition, context: Context) -> Definition:
    """The definition with the other one's name put for its body, where that leaves nothing of what is in it.

    What it leaves may be the bodies of further quantities, as in f = (x + y) max(y, z) with a = x + y, b = max(y, z).
    """
    if isinstance(definition.body, Opaque) or definition.label in context.names(definition.body):
        return definition
    letters = tuple(sorted((s for s in free_symbols(definition.body) if is_index(s)), key=str))
    body = _named_in(definition.body, named, letters)
    if body == definition.body:
        return definition
    inside = context.names(named.body)
    for other in context.givens.definitions if _holds(body, inside) else ():
        if other.label not in (definition.label, named.label) and definition.label not in context.names(other.body):
            body = _named_in(body, other, letters)
    return definition if _holds(body, inside) else replace(definition, body=body)


def _holds(term: Expr, labels: Collection[Symbol]) -> bool:
    """Whether a term holds a quantity with one of these labels."""
    return not {label_of(q) for q in quantities(term)}.isdisjoint(labels)


def _named_in(term: Expr, named: Definition, letters: tuple[Symbol, ...]) -> Expr:
    found = list(islice(_members(named, letters), MAX_PLACES))

    def visit(t: Expr) -> Expr | None:
        if isinstance(t, (Sigma, Prod)) and is_closed(t):
            if t in (body for body, _ in found):
                return next(member for body, member in found if body == t)
            (letter,), inside = open_fresh(t, "tsrqlkji", free_symbols(t) | set(letters))
            again = _named_in(inside, named, (*letters, letter))
            return t if again == inside else type(t).over(letter, t.lo, t.hi, again)
        for body, member in found:
            whole = _put(t, body, member)
            if whole is not None:
                return walk(whole, visit) if whole != member else whole
        return None

    return walk(term, visit)


def _members(named: Definition, letters: tuple[Symbol, ...]) -> Iterator[tuple[Expr, Expr]]:
    """The bodies and the names of the members of a defined family at the letters."""
    for chosen in permutations(letters, len(named.pattern)):
        at: dict[Expr, Expr] = dict(zip(named.pattern, chosen, strict=True))
        yield put(named.body, at), put(named.head, at)


def _put(term: Expr, body: Expr, name: Expr) -> Expr | None:
    """The term with the name for the body, which it is, or of which it holds all terms or factors; else None."""
    if term == body:
        return name
    for kind in (Add, Mul):
        if isinstance(term, kind) and isinstance(body, kind):
            for sign in (1, -1) if kind is Add else (1,):
                parts = {sign * a for a in body.args}
                if parts < set(term.args):
                    return kind(sign * name, *(a for a in term.args if a not in parts))
    return None


def one_step(context: Context, of: Expr, *terms: Expr) -> tuple[Context, tuple[Expr, ...]] | None:
    """The context and terms in which states before that of a recurrence at hand are held; None where it is none."""
    recurring = frozenset(s for s in context.uses if context.recurs(s))
    if not recurring & {label_of(of), *context.names(of)} or not indices_of(of):
        return None

    def held(term: Expr, now: Sequence[Expr]) -> Expr:
        def visit(t: Expr) -> Expr | None:
            if not isinstance(t, Indexed) or label_of(t) not in recurring:
                return None
            is_before = any((i - n).is_Integer and (i - n) < 0 for i in indices_of(t) for n in now)
            return family(_before(label_of(t)), *indices_of(t)) if is_before else None

        return walk(term, visit)

    givens = context.givens
    definitions = tuple(
        replace(d, body=held(d.body, d.pattern)) if d.label in recurring and not isinstance(d.body, Opaque) else d
        for d in givens.definitions
    )
    families = {**givens.families, **{_before(s): runs for s, runs in givens.families.items() if s in recurring}}
    there = Context(replace(givens, definitions=definitions, families=families), context.own)
    return there, tuple(held(term, indices_of(of)) for term in terms)


def _before(label: Symbol) -> Symbol:
    """The name of a state that is held."""
    return scalar(rf"\underline{{{label.name}}}")
