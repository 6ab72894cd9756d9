"""From a result and the givens to a module: its parameters, its source and the function itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import Add, Expr, Indexed, Symbol

from symdl import store
from symdl.errors import NoFunctionError, not_installed
from symdl.language import D, Delta, Sigma, family, free_symbols, indices_of, label_of, put, scalar, subterms
from symdl.numeric import document, pairs, selftest
from symdl.numeric.inputs import Book, cut_labels
from symdl.numeric.lower import Input, Lowering
from symdl.numeric.names import Names, identifier
from symdl.numeric.program import Output, Parameter, Program, fixed_sizes, letter
from symdl.numeric.targets import reserved
from symdl.numeric.targets import target as find_target
from symdl.problem import Derivation, Givens, Range

MOST_TERMS = 200_000
"""How many subterms a result may have."""

MOST_SUMMED = 200
"""How many terms of a result are summed with a direction one by one."""

DIRECTIONS = ("v", "direction", *(f"direction_{n}" for n in range(1, 1000)))
"""What a direction is called: the first of these names that the problem does not use."""

Indices = Sequence[tuple[Symbol, Range]]
Asked = tuple[Expr, Indices]
"""A term, and the letters of its axes with their ranges."""


@dataclass(frozen=True)
class Module:
    """A generated module: its source, the name of the function in it, and the target."""

    source: str
    name: str
    target: str

    def function(self) -> Any:
        """The function itself."""
        return _loaded(self.source, self.name, self.target)


def function(derivation: Derivation, target: str = "numpy", *, along: bool = False, value: bool = False) -> Any:
    """The result of a derivation as a function of the free inputs, by keyword; see `asked_of`.

    Shapes  a scalar result has shape (); axes are in the order of the task's indices, after leading batch axes that
            all arguments may have and that broadcast.  The precision is that of the arguments.
    Fails   raises NoFunctionError where something is not defined or has no numeric form.
    """
    return _module(derivation, target, along, value).function()


def source(derivation: Derivation, target: str = "numpy", *, along: bool = False, value: bool = False) -> str:
    """The source of a module with that function; run as a program, it tests itself."""
    return library([derivation], target, along=along, value=value)


def library(
    derivations: Sequence[Derivation], target: str = "numpy", *, along: bool = False, value: bool = False
) -> str:
    """The source of one module with the functions of several derivations: `result`, `result_2`, and so on.

    Fails   raises NoFunctionError where one of them has no function, or there is none.
    """
    if not derivations:
        raise NoFunctionError("nothing that is asked has a number: a function needs a Find or an Evaluate")
    programs, samples = [], []
    for n, derivation in enumerate(derivations, 1):
        plain = None if along or value else selftest.sample(derivation, function(derivation))
        programs.append(_program(derivation, target, n, along, value, plain.units if plain else None))
        if plain:
            samples.append((programs[-1][0].name, plain))
    return _written(programs, target) + selftest.main(samples)


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
        [(result, tuple(indices))],
        givens,
        name=name,
        title=title,
        formula=formula,
        assumes=assumes,
        cut=cut,
        target=target,
    )
    return Module(_written([(program, text)], target), program.name, target)


def program_of(
    asked: Sequence[Asked],
    givens: Givens,
    *,
    name: str,
    title: str,
    formula: str,
    assumes: Sequence[str],
    cut: Iterable[Expr],
    target: str,
    units: float | None = None,
) -> tuple[Program, str]:
    """A function of the free inputs of what is asked as a program for a target, and its docstring.

    What is asked are terms with the letters of their axes in order; `cut` are defined quantities that count as
    arguments.  `title`, `formula` (one per line) and `assumes` are text for the docstring; `units` is the
    error that was measured, in units in the last place.
    """
    book = Book(givens, frozenset(label_of(q) for q in cut))
    writer = find_target(target)
    called = identifier(name, writer.reserved())
    names = Names({*reserved(), called})
    lettered = [_lettered(result, indices) for result, indices in asked]
    for result, _ in lettered:
        _check(result, book)
    lowering = Lowering(book, names, [(result, dict(env)) for result, env in lettered])
    outputs = []
    for result, env in lettered:
        node = pairs.settled(lowering.build, lowering.lower(result, env))
        shape = tuple(lowering.sized(r.length.expand()) for r in env.values())
        outputs.append(Output(node, shape, tuple(env)))
    arrays = [
        Parameter(key, i.name, i.kind, tuple(r.length.expand() for r in i.runs), _default(i, givens))
        for key, i in sorted(lowering.inputs.items())
    ]
    for p in arrays:
        for n in p.shape:
            lowering.sized(n)
    sizes = {s: names.quantity(s.name) for s in sorted(lowering.sizes, key=lambda s: str(s.name))}
    fixed = {s for s, _, _ in fixed_sizes(arrays, set())}
    free = [Parameter(sizes[s], s.name, "size", ()) for s in sizes if s not in fixed]
    parameters = (*arrays, *free)
    program = Program(called, parameters, sizes, tuple(outputs), names.auxiliary)
    text = document.text(
        title or "The result.",
        formula,
        parameters,
        sizes,
        [(o.shape, [i.name for i, _ in indices]) for o, (_, indices) in zip(outputs, asked, strict=True)],
        assumes,
        units,
    )
    return program, text


def _lettered(result: Expr, indices: Indices) -> tuple[Expr, dict[Symbol, Range]]:
    """A term in axis letters, and the ranges of these in order."""
    letters = tuple(letter(n) for n in range(len(indices)))
    renaming: dict[Expr, Expr] = {i: x for (i, _), x in zip(indices, letters, strict=True)}
    runs = tuple(r.at(renaming) for _, r in indices)
    if any(s in letters for r in runs for s in free_symbols(r.lo) | free_symbols(r.hi)):
        raise NoFunctionError("an index of the result whose range depends on another one has no numeric form")
    return put(result, renaming), dict(zip(letters, runs, strict=True))


def asked_of(derivation: Derivation, along: bool, value: bool) -> tuple[list[Asked], Givens]:
    """What a function gives back, and the givens it is worked out from.

    That is the result; before it, with `value`, the quantity that is differentiated.

    With `along` the result is its sum with a direction v over the indices of the last variable by which the task
    differentiates: the product of a Jacobian or a Hessian with a vector, without the matrix.

    Fails   raises NoFunctionError where the task asks for no derivative.
    """
    task, givens = derivation.task, derivation.problem.givens
    found: Asked = (derivation.result, tuple(task.indices))
    if not along and not value:
        return [found], givens
    if not isinstance(task.goal, D):
        raise NoFunctionError("only a derivative has a direction, and a value that is differentiated")
    inside: Expr = task.goal
    variables: list[Expr] = []
    while isinstance(inside, D):
        variables.append(inside.wrt)
        inside = inside.of
    if along:
        last = max(variables, key=lambda q: max((n for n, (i, _) in enumerate(task.indices) if i in free_symbols(q)),
                                                default=-1))  # fmt: skip
        found, givens = _directed(derivation, last, frozenset(free_symbols(inside)))
    letters = free_symbols(inside)
    before: list[Asked] = [(inside, tuple(x for x in task.indices if x[0] in letters))] if value else []
    return [*before, found], givens


def _directed(derivation: Derivation, variable: Expr, fixed: frozenset[Symbol]) -> tuple[Asked, Givens]:
    """The result summed with a direction over the indices of the variable, and the givens that hold the direction.

    `fixed` are the letters of what is differentiated, which are not summed over.
    """
    task, letters = derivation.task, free_symbols(variable)
    givens = derivation.problem.givens
    summed = [(i, r) for i, r in task.indices if i in letters and i not in fixed]
    kept = tuple((i, r) for i, r in task.indices if (i, r) not in summed)
    book = Book(givens, cut_labels_of(derivation))
    roots = [(derivation.result, dict(task.indices)), (task.goal, dict(task.indices))]
    taken = {s.name for e, _ in book.reachable(roots) for t in subterms(e) for s in free_symbols(t)}
    taken |= {label_of(t).name for e, _ in book.reachable(roots) for t in subterms(e) if isinstance(t, Indexed)}
    name = next(n for n in DIRECTIONS if n not in taken)
    direction = family(name, *(i for i, _ in summed))
    families = {**givens.families, scalar(name): tuple(r for _, r in summed)} if summed else givens.families
    # Apart, a term with a Kronecker delta costs one entry and not a sum; together, no digits are lost.
    terms = Add.make_args(derivation.result.expand()) if derivation.result.has(Delta) else (derivation.result,)
    terms = tuple(t * direction for t in (terms if len(terms) <= MOST_SUMMED else (derivation.result,)))
    for i, r in summed:
        terms = tuple(Sigma.over(i, r.lo, r.hi, t) for t in terms)
    return (Add(*terms), kept), replace(givens, families=families)


def _module(derivation: Derivation, target: str, along: bool, value: bool) -> Module:
    program, text = _program(derivation, target, 1, along, value)
    return Module(_written([(program, text)], target), program.name, target)


def _written(programs: Sequence[tuple[Program, str]], target: str) -> str:
    names = ", ".join(program.name for program, _ in programs)
    title = f"The function{'s' if len(programs) > 1 else ''} {names}, for {target}."
    return str(find_target(target).write(programs, title))


def _program(
    derivation: Derivation, target: str, number: int, along: bool, value: bool, units: float | None = None
) -> tuple[Program, str]:
    task = derivation.task
    givens = derivation.problem.givens
    name = "value" if task.kind == "evaluate" else "result"
    asked, givens = asked_of(derivation, along, value)
    return program_of(
        asked,
        givens,
        name=name if number == 1 else f"{name}_{number}",
        title=f"{derivation.problem.title}: {task.source}" if task.source else derivation.problem.title,
        formula="\n".join(dict.fromkeys(d.source for d in givens.definitions if d.source)),
        assumes=[*dict.fromkeys(f.source for f in givens.facts if f.source)],
        cut=cut_labels_of(derivation),
        target=target,
        units=units,
    )


def cut_labels_of(derivation: Derivation) -> frozenset[Symbol]:
    """The labels of the defined quantities that a function of the task takes as arguments."""
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
def _loaded(text: str, name: str, target: str) -> Any:
    scope: dict[str, Any] = {"__name__": f"symdl_{name}"}
    try:
        if getattr(find_target(target), "IS_COMPILED", False):
            return getattr(store.module(store.key_of(text, suffix="py"), text), name)
        exec(compile(text, f"<symdl {name}>", "exec"), scope)
    except ModuleNotFoundError as error:
        raise not_installed(error) from None
    return scope[name]
