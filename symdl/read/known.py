"""What givens that were read before say to a reader; worked out once for each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from sympy import Add, Expr, Integer, Symbol

from symdl.language import Applied, Delta, index, indices_of, is_index, label_of, quantities, size, subterms
from symdl.language.functions import records
from symdl.problem import Givens, Range
from symdl.read.arguments import Brackets, head_of
from symdl.read.making import made_of
from symdl.read.moments import Moments
from symdl.read.values import Body, Reach, with_whole_list
from symdl.read.vocabulary import Vocabulary

_WORD = re.compile(r"\\mathrm\{([A-Za-z]{2,})\}")


@dataclass(frozen=True)
class Known:
    """The names, the range of each index position, the numbers of sizes, the bodies of functions, the usual letters.

    The vocabulary is shared: who adds to it takes a copy.
    """

    names: Vocabulary
    runs: dict[tuple[str, int], Range]
    sizes: dict[Symbol, Expr]
    bodies: dict[str, Callable[[], Body]]
    letters: dict[str, Range]
    log_base: int | None
    words: frozenset[str]
    numbers: dict[str, str]
    brackets: Brackets
    reach: Callable[[str], Reach | None]
    applied: Callable[[Any], tuple[Expr, ...]]
    moments: Moments
    steps: frozenset[str]
    """The letters of time of which one time is meant."""
    inside: frozenset[str]
    """The names with an index behind what they are taken at, s(z)_k."""
    slopes: frozenset[str]
    """The gradients that are given as numbers and are names."""
    unlabelled: frozenset[str]
    """The labels of moments that make no difference."""
    classes: dict[str, str]
    """The labels that are classes, each with the letter for its class."""
    members: dict[str, str]
    """The functions that are given at members of families, each with the letter of these."""
    starts: dict[tuple[str, int], Expr]
    """Where the rule for x_t begins that leads back to x_0 alone."""
    listed: frozenset[str]
    """The functions that are given with members of their arguments listed, J(c_1, …, c_d)."""
    classed: frozenset[str]
    """The functions that are given for every class, p(x \\mid Y), each with what it is taken at."""
    densities: dict[str, frozenset[str]]
    """The letters that several functions share, with what these are taken at."""


class _Same:
    """Givens as a key: the object itself, which the key keeps alive."""

    __slots__ = ("givens",)

    def __init__(self, givens: Givens) -> None:
        self.givens = givens

    def __hash__(self) -> int:
        return id(self.givens)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.givens is self.givens


def known_of(givens: Givens) -> Known:
    """What these givens say; the answer is kept for the givens asked about last."""
    return _known(_Same(givens))


@lru_cache(maxsize=16)
def _known(same: _Same) -> Known:
    givens = same.givens
    names = _names(givens)
    base = givens.spelling.get("base")
    return Known(
        names,
        {(label.name, n): run for label, runs in givens.families.items() for n, run in enumerate(runs)},
        {
            size(v.quantity.name): v.number
            for v in givens.values
            if isinstance(v.quantity, Symbol) and isinstance(v.number, Integer) and v.number.is_positive
        },
        {label.name: _body(givens, label, arguments) for label, arguments in givens.arguments.items()},
        _usual_letters(givens),
        int(base) if base else None,
        frozenset(m.group(1) for s in givens.vectors if (m := _WORD.match(s.name))) | frozenset(givens.said("word")),
        givens.said("number"),
        _brackets(givens, names),
        lru_cache(maxsize=256)(partial(_reach, givens)),
        lru_cache(maxsize=64)(partial(_applied, givens)),
        _moments(givens),
        frozenset(givens.said("step")),
        frozenset(givens.said("inside")),
        frozenset(givens.said("slope")),
        frozenset(givens.said("unlabelled")),
        givens.said("class"),
        givens.said("members"),
        _starts(givens),
        frozenset(givens.said("listed")),
        frozenset(givens.said("classed")),
        {head: frozenset(kinds.split(";")) for head, kinds in givens.said("density").items()},
    )


def _names(givens: Givens) -> Vocabulary:
    """What the givens and their spelling say of names."""
    names = Vocabulary()
    names.learn(givens)
    named = {k.split()[1]: v for k, v in givens.spelling.items() if k.startswith("function ")}
    for key, name in named.items():
        names.builtin[key] = records()[name]
    names.unknown |= givens.said("unknown").keys()
    names.entrywise |= givens.said("entrywise").keys()
    names.mapped |= givens.said("deviation").keys()
    names.rows |= givens.said("row").keys()
    names.words |= givens.said("label").keys()
    names.scalars |= givens.said("scalar").keys()
    names.deltas |= givens.said("delta").keys()
    names.sets |= {key: tuple(map(int, said.split(","))) for key, said in givens.said("set").items()}
    for key, said in givens.said("pointer").items():
        pairs = (pair.rsplit(":", 1) for pair in said.split(","))
        names.pointers[key] = {at: int(value) for at, value in pairs}
    names.moving |= givens.said("moving")
    names.index_names |= givens.said("last").keys()
    names.index_names |= {s.name for s in givens.positions if len(s.name) > 1 and not s.name.startswith("\\")}
    names.layered |= givens.said("layer").keys() - givens.said("sampled").keys()
    names.layers |= {*givens.said("layer").values()} - {"1"}
    names.raised |= givens.said("layer").keys()
    names.letters |= names.ranged
    return names


def _brackets(givens: Givens, names: Vocabulary) -> Brackets:
    """What the givens say of names with brackets behind them."""
    return Brackets(
        frozenset(givens.said("indexed")),
        frozenset(head for name in names.learnt | names.defined if (head := head_of(name)))
        | givens.said("applied").keys(),
        frozenset(names.learnt),
        formulas=_formulas(givens),
        members=frozenset(givens.said("member")),
        lettered=frozenset(givens.said("lettered")),
        signals=frozenset(givens.said("signal")),
        conditioned=frozenset(givens.said("conditioned")),
        counted={k: frozenset(map(int, v.split(",") if v else ())) for k, v in givens.said("counted").items()},
    )


def _starts(givens: Givens) -> dict[tuple[str, int], Expr]:
    found: dict[tuple[str, int], Expr] = {}
    for d in givens.definitions:
        own = [q for q in quantities(d.body) if label_of(q) == d.label] if d.pattern else []
        for n, p in enumerate(d.pattern):
            at = [indices_of(q)[n : n + 1] for q in own]
            if own and p in d.ranges and all(i and isinstance(i[0], Integer) for i in at):
                found[d.label.name, n] = d.ranges[p].lo
    return found


def _moments(givens: Givens) -> Moments:
    said = givens.said("random")
    composed = frozenset(k for k, v in said.items() if v == "composed")
    return Moments(frozenset(said), composed, "independent" in givens.spelling, made_of=made_of(givens))


def _body(givens: Givens, label: Symbol, arguments: tuple[Expr, ...]) -> Callable[[], Body]:
    parameters = tuple(a if _is_numbered(a) else label_of(a) for a in arguments)
    found = [d for d in givens.definitions if d.label == label]
    body = Body(parameters)
    if len(found) == 1 and all(map(is_index, found[0].pattern)):
        body = Body(with_whole_list(parameters, found[0].body), found[0].body, found[0].pattern)
    elif found and all(len(d.pattern) == 1 and isinstance(d.pattern[0], Integer) for d in found):
        # A vector written out: which of its entries is meant, the letter says.
        entries = [(d.pattern[0], d.body) for d in found]
        entries += [(indices_of(v.quantity)[0], v.number) for v in givens.values if label_of(v.quantity) == label]
        i = index("i")
        body = Body(parameters, Add(*[Delta(i, n) * entry for n, entry in entries]), (i,))
    return lambda: body


def _is_numbered(argument: Expr) -> bool:
    """Whether an argument is one of the members x_1, x_2 of a family."""
    return bool(indices_of(argument)) and all(isinstance(i, Integer) for i in indices_of(argument))


def _formulas(givens: Givens) -> dict[str, tuple[str, ...]]:
    """The names f(x) that a formula with x in it defines: the letters in their brackets, by the name before them."""
    found: dict[str, tuple[str, ...]] = {}
    for d in givens.definitions:
        head = head_of(d.label.name)
        letters = tuple(d.label.name[len(head) + 1 : -1].split(",")) if head and not d.pattern else ()
        reach = _reach(givens, d.label.name) if letters else None
        if reach is not None and set(letters) <= reach.names:
            found[head] = letters
    return found


def _applied(givens: Givens, head: Any) -> tuple[Expr, ...]:
    """The arguments at which the definitions take a function, in order."""
    terms = [t for d in givens.definitions for t in subterms(d.body)]
    if isinstance(head, Symbol):
        found = [t.argument for t in terms if isinstance(t, Applied) and t.label == head]
    else:
        found = [t.args[0] for t in terms if t.func is head]
    return tuple(dict.fromkeys(found))


def _reach(givens: Givens, key: str) -> Reach | None:
    start = next((d.label for d in givens.definitions if d.label.name == key), None)
    if start is None or not any(quantities(d.body) for d in givens.definitions if d.label == start):
        return None
    valued = givens.valued
    seen: set[Symbol] = set()
    free: list[str] = []
    pending = [start]
    while pending:
        label = pending.pop()
        bodies = [d.body for d in givens.definitions if d.label == label]
        if not bodies and label not in valued and not givens.families.get(label):
            free.append(label.name)
        for inner in (label_of(q) for body in bodies for q in quantities(body)):
            if inner not in seen:
                seen.add(inner)
                pending.append(inner)
    return Reach(frozenset(s.name for s in seen), tuple(sorted(free)))


def _usual_letters(givens: Givens) -> dict[str, Range]:
    """The index letters that the author uses over one range only."""
    found: dict[str, list[Range]] = {}
    for run, letters in givens.letters.items():
        for letter in letters:
            found.setdefault(letter, []).append(run)
    return {letter: runs[0] for letter, runs in found.items() if len(runs) == 1}
