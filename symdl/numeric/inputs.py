"""What a function is given: how the definitions hang together, which quantities are free, and what fixes the sizes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from sympy import Add, Expr, Indexed, Integer, Symbol

from symdl.errors import NoFunctionError
from symdl.language import (
    Binder,
    D,
    Delta,
    Opaque,
    family,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    put,
    subterms,
)
from symdl.numeric.program import letter, next_letters
from symdl.problem import Definition, Givens, Range, Ranges, led_to


class Book:
    """The definitions that a function works with.

    `cut` are the labels of defined quantities that count as independent: their definitions are left out.
    """

    def __init__(self, givens: Givens, cut: frozenset[Symbol]) -> None:
        self.givens = givens
        self._of: dict[Symbol, tuple[Definition, ...]] = {}
        for d in givens.definitions:
            if d.label not in cut and d.label not in self._of:
                self._of[d.label] = givens.definitions_of(d.label)

    def of(self, label: Symbol) -> tuple[Definition, ...]:
        """The definitions of a label, those of single members first."""
        return self._of.get(label, ())

    @cached_property
    def _reach(self) -> dict[Symbol, frozenset[Symbol]]:
        """The labels that each label's rules, definitions with letters, lead to."""
        direct = {
            label: frozenset(
                label_of(q)
                for d in ds
                if _is_rule(d) or not d.pattern
                for q in _quantities(d.body)
                if label_of(q) in self._of
            )
            for label, ds in self._of.items()
        }
        return {start: led_to(direct.__getitem__, inner) for start, inner in direct.items()}

    def cycle(self, label: Symbol) -> tuple[Symbol, ...]:
        """The labels that are defined in a circle with this one, in source order; empty where it is not recurrent."""
        reach = self._reach
        if label not in reach.get(label, frozenset()):
            return ()
        return tuple(m for m in self._of if m in reach[label] and label in reach[m])

    def ranges_of(self, label: Symbol, rank: int) -> tuple[Range, ...]:
        """The range of each index position of a family; from its definitions where none is declared."""
        declared = self.givens.families.get(label)
        if declared is not None and len(declared) == rank:
            return tuple(declared)
        for d in self._of.get(label, ()):
            if len(d.pattern) == rank and all(p in d.ranges for p in d.pattern):
                return tuple(d.ranges[p] for p in d.pattern)
        raise NoFunctionError(f"the range of {label.name} is not known: say for which indices it is given")

    def pattern(self, label: Symbol) -> Expr | None:
        """The body of a label with one definition for all its indices, which are axis letters; None for any other."""
        d = self._sole(label)
        return None if d is None else put(d.body, {p: letter(n) for n, p in enumerate(d.pattern)})

    def look(self, quantity: Expr) -> Expr | None:
        """The body that may be put in the place of a quantity; None where it is free, recurrent or defined by parts."""
        d = self._sole(label_of(quantity))
        at = indices_of(quantity)
        if d is None or len(d.pattern) != len(at):
            return None
        return put(d.body, dict(zip(d.pattern, at, strict=True)))

    def _sole(self, label: Symbol) -> Definition | None:
        found = self._of.get(label, ())
        if len(found) != 1 or self.cycle(label) or isinstance(found[0].body, Opaque):
            return None
        d = found[0]
        if any(not is_index(p) for p in d.pattern) or len(set(d.pattern)) != len(d.pattern):
            return None
        declared = self.givens.families.get(label)
        return d if declared is None or tuple(d.ranges[p] for p in d.pattern) == tuple(declared) else None

    def reachable(self, roots: Iterable[tuple[Expr, Ranges]]) -> Iterator[tuple[Expr, Ranges]]:
        """The roots, and the bodies of all definitions that they lead to, each with the ranges of its letters."""
        seen: set[Symbol] = set()
        stack = list(roots)
        while stack:
            expr, ranges = stack.pop()
            yield expr, ranges
            for q in _quantities(expr):
                label = label_of(q)
                if label not in seen:
                    seen.add(label)
                    stack += [(d.body, d.ranges) for d in self._of.get(label, ())]


def _is_rule(d: Definition) -> bool:
    return any(is_index(p) for p in d.pattern)


def _quantities(expr: Expr) -> list[Expr]:
    """The scalars and family members of an expression, in a fixed order, those inside indices too."""
    parts = (*expr.indices, *expr.arguments) if isinstance(expr, Opaque) else (expr,)
    return [t for t in dict.fromkeys(t for part in parts for t in subterms(part)) if is_quantity(t)]


def cut_labels(goal: Expr, givens: Givens) -> frozenset[Symbol]:
    """The labels of the defined quantities by which `goal` is differentiated; states of a recurrence stay defined.

    The slope of an undefined loss, G = ∂L/∂Y, counts as independent as well: it is what comes in from above.
    """
    book = Book(givens, frozenset())
    found = {label_of(t.wrt) for t in subterms(goal) if isinstance(t, D) and (t.wrt.is_Symbol or t.wrt.is_Indexed)}
    cut = {s for s in found if book.of(s) and not book.cycle(s)}
    opaque = {d.label for d in givens.definitions if isinstance(d.body, Opaque)}
    cut |= {d.label for d in givens.definitions if isinstance(d.body, D) and label_of(d.body.of) in opaque}
    return frozenset(cut)


def label_ranges(roots: Sequence[tuple[Expr, Ranges]], book: Book) -> dict[Symbol, Range | None]:
    """The labels of quantities and the index letters that stand as an index themselves, with the range they index.

    A class label y in p_y is a position in p, and in a Kronecker delta with k it is one where k runs; where neither
    says so, the range is None.  `roots` are terms with the ranges of their letters.
    """
    known = {r for runs in book.givens.families.values() for r in runs} | {r for _, env in roots for r in env.values()}
    found: dict[Symbol, Range | None] = {}
    for expr, ranges in book.reachable(roots):
        for term, env in _opened(expr, ranges):
            if isinstance(term, Indexed):
                pairs = list(enumerate(term.indices))
                runs = {
                    n: book.ranges_of(label_of(term), len(term.indices))[n] for n, at in pairs if _is_label(at, env)
                }
                for n, run in runs.items():
                    if found.get(label_of(term.indices[n])) is None:
                        found[label_of(term.indices[n])] = run
            else:
                for at, other in (term.args, term.args[::-1]):
                    if _is_label(at, env) and found.get(label_of(at)) is None:
                        along = env.get(other)
                        found[label_of(at)] = along if along in known else None
    return found


def _opened(expr: Expr, env: Ranges) -> Iterator[tuple[Expr, Ranges]]:
    """The family members and Kronecker deltas of a term, with the ranges of all letters in them."""
    if isinstance(expr, Binder):
        letters = next_letters(Add(expr, *env), expr.binds)
        inner = {**env, letters[0]: Range(expr.lo, expr.hi)}
        for extra in letters[1:]:
            inner[extra] = Range(Integer(1), expr.args[2])
        yield from _opened(expr.open(*letters), inner)
        for n, a in enumerate(expr.args):
            if n != expr.body_at:
                yield from _opened(a, env)
        return
    if isinstance(expr, (Indexed, Delta)):
        yield expr, env
    for a in expr.indices if isinstance(expr, Indexed) else expr.args:
        yield from _opened(a, env)


def _is_label(at: Expr, env: Ranges) -> bool:
    return isinstance(at, Indexed) or (isinstance(at, Symbol) and not at.is_positive and at not in env)


def missing_text(label: Symbol, indices: tuple[Expr, ...]) -> str:
    """The sentence that says which definition is missing."""
    name = str(family(label, *indices)) if not indices else f"{label.name}_{{{','.join(map(str, indices))}}}"
    return f"{name} is not defined: add a definition such as {name} = …"
