"""From a result and the givens to a module: its parameters, its source and the function itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Expr, Indexed, Symbol

from symdl.errors import NoFunctionError
from symdl.language import D, free_symbols, indices_of, label_of, put, subterms
from symdl.numeric import document
from symdl.numeric.inputs import Book, cut_labels
from symdl.numeric.lower import Input, Lowering
from symdl.numeric.names import Names, identifier
from symdl.numeric.program import Parameter, Program, letter
from symdl.numeric.ranges import length
from symdl.numeric.targets import target as find_target
from symdl.problem import Derivation, Givens, Range

MOST_TERMS = 200_000
"""How many subterms a result may have."""


@dataclass(frozen=True)
class Module:
    """A generated module: its source, and the name of the function in it."""

    source: str
    name: str

    def function(self) -> Any:
        """The function itself."""
        return _compiled(self.source, self.name)


def function(derivation: Derivation, target: str = "numpy") -> Any:
    """The result of a derivation as a function of its free inputs, by keyword.

    Shapes  a scalar result has shape (); axes are in the order of the task's indices.
    Fails   raises NoFunctionError where something is not defined or has no numeric form.
    """
    return _module(derivation, target).function()


def source(derivation: Derivation, target: str = "numpy") -> str:
    """The source of a module with that function."""
    return _module(derivation, target).source


def library(derivations: Sequence[Derivation], target: str = "numpy") -> str:
    """The source of one module with the functions of several derivations: `result`, `result_2`, and so on.

    Fails   raises NoFunctionError where one of them has no function, or there is none.
    """
    if not derivations:
        raise NoFunctionError("nothing that is asked has a number: a function needs a Find or an Evaluate")
    programs = [_program(d, target, n) for n, d in enumerate(derivations, 1)]
    return str(find_target(target).write(programs))


def generate(
    result: Expr,
    indices: Sequence[tuple[Symbol, Range]],
    givens: Givens,
    *,
    name: str = "result",
    title: str = "",
    formula: str = "",
    assumes: Sequence[str] = (),
    cut: Iterable[Expr] = (),
    target: str = "numpy",
) -> Module:
    """A module with a function of the free inputs of `result`; see `program_of`."""
    program, text = program_of(
        result,
        indices,
        givens,
        name=name,
        title=title,
        formula=formula,
        assumes=assumes,
        cut=cut,
        target=target,
    )
    return Module(find_target(target).write([(program, text)]), program.name)


def program_of(
    result: Expr,
    indices: Sequence[tuple[Symbol, Range]],
    givens: Givens,
    *,
    name: str,
    title: str,
    formula: str,
    assumes: Sequence[str],
    cut: Iterable[Expr],
    target: str,
) -> tuple[Program, str]:
    """A function of the free inputs of `result` as a program for a target, and its docstring.

    `indices` are the letters of the result's axes in order; `cut` are defined quantities that count as arguments.
    `title`, `formula` (one per line) and `assumes` are text for the docstring.
    """
    book = Book(givens, frozenset(label_of(q) for q in cut))
    _check(result, book)
    writer = find_target(target)
    called = identifier(name, writer.reserved())
    names = Names({*writer.reserved(), called})
    letters = tuple(letter(n) for n in range(len(indices)))
    renaming: dict[Expr, Expr] = {i: x for (i, _), x in zip(indices, letters, strict=True)}
    runs = tuple(Range(put(r.lo, renaming), put(r.hi, renaming)) for _, r in indices)
    if any(s in letters for r in runs for s in free_symbols(r.lo) | free_symbols(r.hi)):
        raise NoFunctionError("an index of the result whose range depends on another one has no numeric form")
    result = put(result, renaming)
    env = dict(zip(letters, runs, strict=True))
    lowering = Lowering(book, names, [(result, env)])
    node = lowering.lower(result, env)
    shape = tuple(lowering.sized(length(r).expand()) for r in runs)
    arrays = [
        Parameter(key, i.name, i.kind, tuple(length(r).expand() for r in i.runs), _default(i, givens))
        for key, i in sorted(lowering.inputs.items())
    ]
    for p in arrays:
        for n in p.shape:
            lowering.sized(n)
    sizes = {s: names.quantity(s.name) for s in sorted(lowering.sizes, key=lambda s: str(s.name))}
    fixed = {s for s, _, _ in writer.fixed_sizes(arrays, set())}
    free = [Parameter(sizes[s], s.name, "size", ()) for s in sizes if s not in fixed]
    parameters = (*arrays, *free)
    program = Program(called, parameters, sizes, node, shape, letters, names.auxiliary)
    text = document.text(
        title or "The result.",
        formula,
        parameters,
        sizes,
        shape,
        [i.name for i, _ in indices],
        assumes,
    )
    return program, text


def _module(derivation: Derivation, target: str) -> Module:
    program, text = _program(derivation, target, 1)
    return Module(find_target(target).write([(program, text)]), program.name)


def _program(derivation: Derivation, target: str, number: int) -> tuple[Program, str]:
    task = derivation.task
    givens = derivation.problem.givens
    name = "value" if task.kind == "evaluate" else "result"
    return program_of(
        derivation.result,
        task.indices,
        givens,
        name=name if number == 1 else f"{name}_{number}",
        title=f"{derivation.problem.title}: {task.source}" if task.source else derivation.problem.title,
        formula="\n".join(dict.fromkeys(d.source for d in givens.definitions if d.source)),
        assumes=[f.source for f in givens.facts if f.source],
        cut=cut_labels_of(derivation),
        target=target,
    )


def cut_labels_of(derivation: Derivation) -> frozenset[Symbol]:
    """The labels of the defined quantities by which the task differentiates."""
    return cut_labels(derivation.task.goal, derivation.problem.givens)


def _check(result: Expr, book: Book) -> None:
    for count, term in enumerate(subterms(result)):
        if count > MOST_TERMS:
            raise NoFunctionError(f"the result has more than {MOST_TERMS} terms")
        if isinstance(term, D):
            raise NoFunctionError(_unfinished(term, book))


def _unfinished(term: D, book: Book) -> str:
    below = {label_of(t) for t in subterms(term.of) if isinstance(t, (Indexed, Symbol)) and book.of(label_of(t))}
    opaque = [d for label in sorted(below, key=str) for d in book.of(label) if type(d.body).__name__ == "Opaque"]
    if opaque:
        name = _quantity_text(opaque[0].head)
        return f"{name} is known only by what it depends on: add a definition such as {name} = …"
    if isinstance(term.of, (Indexed, Symbol)) and not book.of(label_of(term.of)):
        name = _quantity_text(term.of)
        return f"{name} is not defined: add a definition such as {name} = …"
    return f"the result still holds the derivative {term}, which is not worked out"


def _quantity_text(quantity: Expr) -> str:
    at = indices_of(quantity)
    inside = ",".join(str(i) for i in at)
    label = label_of(quantity).name
    return label if not at else f"{label}_{inside}" if len(inside) == 1 else f"{label}_{{{inside}}}"


def _default(wanted: Input, givens: Givens) -> Any:
    """The numbers given for an argument, nested along its dimensions; None where they do not cover it."""
    entries: dict[tuple[Expr, ...], float] = {}
    for value in givens.values:
        at = indices_of(value.quantity)
        if label_of(value.quantity) != wanted.label or not value.number.is_number:
            continue
        if wanted.fixed is not None:
            position, index = wanted.fixed
            if len(at) <= position or at[position] != index:
                continue
            at = at[:position] + at[position + 1 :]
        entries[at] = float(value.number)
    return _nested(wanted.runs, (), entries)


def _nested(runs: tuple[Range, ...], at: tuple[Expr, ...], entries: dict[tuple[Expr, ...], float]) -> Any:
    if not runs:
        return entries.get(at)
    lo, hi = runs[0].lo, runs[0].hi
    here = sorted({e[len(at)] for e in entries if e[: len(at)] == at and len(e) > len(at) and e[len(at)].is_Integer})
    if not here or here != [lo + n for n in range(len(here))] or (hi.is_Integer and hi != here[-1]):
        return None
    parts = [_nested(runs[1:], (*at, i), entries) for i in here]
    return None if any(p is None for p in parts) else tuple(parts)


@lru_cache(maxsize=256)
def _compiled(text: str, name: str) -> Any:
    scope: dict[str, Any] = {"__name__": f"symdl_{name}"}
    exec(compile(text, f"<symdl {name}>", "exec"), scope)
    return scope[name]
