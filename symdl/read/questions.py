r"""What a reader of givens asks about the proof beside them.

Every question is one as `Hints.ask` takes it, a function of what the proof shows and of what is known by then.  Its
answer holds no more than what the reader goes by: the less it says, the more proofs have it in common.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from symdl.read.arguments import arguments_as_indices, has_brackets, outside, ruled_by_index
from symdl.read.batches import batches
from symdl.read.classes import LETTERS, own_classes
from symdl.read.counting import conditioned, counted, dependences, signals
from symdl.read.every import Rule, names_under
from symdl.read.greatest import Greatest, open_greatest
from symdl.read.hints import USUAL_INDICES, Shown, lettered_in
from symdl.read.instances import instances
from symdl.read.labels import labelled_members, names_circle, squared_names, words_in_scripts
from symdl.read.moments import outside_moments, same_labels, with_moments
from symdl.read.names import BOLD
from symdl.read.nodes import Big, Call, Derivative, Group, Moment, Name, Node, Number, Product, Relation, Scripted, Sum
from symdl.read.points import at_points, listed_points, several_shapes, valued_heads
from symdl.read.positions import last_layers
from symdl.read.ranks import transposed_in
from symdl.read.scopes import script_letters
from symdl.read.scripts import (
    bound_in,
    brackets_in,
    children,
    head_text,
    inside_of,
    is_numbered,
    layer_of,
    names_alone,
    names_in,
    script_items,
    scripted_in,
    spell,
    subscripted,
    unscripted,
    with_children,
    without_bounds,
)
from symdl.read.steps import single_steps
from symdl.read.unknown import applications_in, of_vectors

Nodes: TypeAlias = tuple[Node, ...]
Equations: TypeAlias = tuple[Nodes, ...]


class Bracketed(NamedTuple):
    """The names with an index before a bar in brackets, those with one before brackets, and on what these depend."""

    conditioned: frozenset[str]
    counted: tuple[tuple[str, frozenset[int]], ...]
    dependences: tuple[tuple[Node, Node], ...]


def numbering(shown: Shown, given: Nodes) -> frozenset[str]:
    """The letters that number members, here or in a proof, and stand for nothing else."""
    nodes = (*given, *shown.sides)
    alone = {x for n in nodes if not isinstance(n, Name) for x in names_alone(without_bounds(n))}
    return frozenset(x for n in nodes for x in script_letters(n, frozenset())) - alone


def signals_shown(shown: Shown, given: Nodes) -> frozenset[str]:
    """The names whose time stands in square brackets."""
    return signals([*given, *shown.sides])


def bars_or_indices(shown: Shown, equations: Nodes) -> Bracketed:
    """What brackets say that hold an index before a bar, or stand behind one; equations are one node each."""
    nodes = [*equations, *shown.sides]
    if not any(map(has_brackets, nodes)):
        return Bracketed(frozenset(), (), ())
    each = counted(nodes)
    return Bracketed(conditioned(nodes), tuple(each.items()), tuple(dependences(nodes, each)))


class Stands(NamedTuple):
    """The names before brackets that hold an index, that have several forms, or that hold numbers everywhere."""

    indexed: frozenset[str]
    several: frozenset[str]
    valued: frozenset[str]


def stands_before_brackets(shown: Shown, given: Nodes, equations: Equations) -> Stands:
    """What the brackets after names hold."""
    nodes = [*given, *shown.sides]
    if not any(map(has_brackets, nodes)):
        return Stands(frozenset(), frozenset(), frozenset())
    indexed = arguments_as_indices(given) | shown.applied | ruled_by_index(equations, _bound(nodes))
    valued = valued_heads([*(s for e in equations for s in e), *shown.sides], equations)
    valued -= {x for node in nodes for x in outside(node, scripts=False)} if valued else set()
    return Stands(indexed | listed_points(equations, nodes), several_shapes(nodes), valued)


def applied_names(shown: Shown, given: Nodes) -> frozenset[str]:
    """The names before brackets, with primes or without."""
    heads = (unscripted(head) for node in (*given, *shown.sides) for head, _ in brackets_in(node))
    return frozenset(h.text for h in heads if isinstance(h, Name))


def last_ones(shown: Shown, given: Nodes) -> frozenset[str]:
    """The names of a last layer."""
    return last_layers([*given, *shown.sides])


def batches_shown(shown: Shown, given: Nodes, sizes: frozenset[str]) -> frozenset[str]:
    """The sets of which nothing but their size counts."""
    return batches([*given, *shown.sides], sizes)


def greatest_shown(shown: Shown, given: Nodes, numbered: frozenset[str]) -> frozenset[Greatest]:
    """The greatest and least members of families of open length; the sizes that are `numbered` are not open."""
    return open_greatest([*given, *shown.sides], numbered)


def moving(shown: Shown, given: Nodes, functions: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """The functions E(w) of which something takes the derivative by time, dE/dt, each with the letter of time."""
    slopes = [n for node in (*given, *shown.sides) for n in inside_of(node) if isinstance(n, Derivative)]
    by = {(spell(n.of), spell(n.wrt[0][0])) for n in slopes if n.kind == "d" and len(n.wrt) == 1}
    return frozenset((f, t) for f, letter in functions for of, t in by if of == f and t != letter)


def points(shown: Shown, equations: Equations, given: Nodes) -> tuple[frozenset[str], tuple[tuple[int, Nodes], ...]]:
    """The names of rules, and what these say at the points of which anything speaks."""
    nodes = [*given, *shown.sides]
    ruled, made = at_points(equations, nodes, listed_points(equations, nodes))
    return ruled, tuple(made)


def classes(shown: Shown, given: Nodes, declared: frozenset[tuple[str, str]]) -> tuple[frozenset[tuple[str, str]], str]:
    """The names that are labels of classes, each with the letter of its index, and a letter for a class alone."""
    nodes = [*given, *shown.sides]
    found = frozenset(own_classes(nodes, dict(declared)).items())
    taken = {x for node in nodes for x in names_in(node)} if found else set()
    return found, next((x for x in LETTERS if x not in taken), LETTERS[0])


def steps(shown: Shown, equations: Equations, given: Nodes) -> frozenset[str]:
    """The letters of which one time is meant."""
    return single_steps(equations, [*given, *shown.sides])


def labels_met(
    shown: Shown, equations: Equations, given: Nodes, indices: frozenset[str]
) -> tuple[tuple[int, Nodes], ...]:
    """What rules say at the labels of which all is given that they need; `indices` are letters that are no labels."""
    nodes = [*given, *shown.sides]
    return tuple(instances(equations, nodes, indices | _bound(nodes)))


def numbers_below(shown: Shown, given: Nodes, core: str, heads: frozenset[str]) -> Nodes:
    """The numbers below a name, but those with which it is the left side of an equation."""
    scripted = (n for node in (*given, *shown.sides) for n in scripted_in(node))
    members = [n for n in scripted if head_text(n.core) == core and is_numbered(n)]
    return tuple({spell(n.subs[0]): n.subs[0] for n in members if subscripted(n) not in heads}.values())


def of_numbers(
    shown: Shown, given: Nodes, lists: frozenset[str], rules: frozenset[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    """The functions h of a letter r that are applied to a number, beside an r that is a list or has an index.

    A state of a sequence, x_t beside x_{t+1}, is a number here, and so is a member r_i of the letter's own family.
    """
    nodes = [*given, *shown.sides]
    applied = [a for node in nodes for a in applications_in(node)] if rules else []
    indexed = [n for node in nodes for n in scripted_in(node) if n.subs] if applied else []
    scripted = [n for n in indexed if isinstance(n.core, Name)]
    numbers = lists | {spell(n.core) for n in scripted if _is_step(n.subs[0])}
    heads = {text for text, _, group in applied if _is_some_number(group.items[0], numbers)}
    vectors = lists | {spell(n.core) for n in scripted}
    own = {(text, spell(n.core)) for text, _, group in applied if isinstance(n := group.items[0], Scripted) and n.subs}
    return frozenset((head, x) for head, x in rules if x in vectors and (head in heads or (head, x) in own))


def _is_step(node: Node) -> bool:
    """Whether an index is a letter and a number more or less, t + 1."""
    if not isinstance(node, Sum) or len(node.terms) != 2:
        return False
    (_, letter), (_, step) = node.terms
    return isinstance(letter, Name) and isinstance(step, Number)


def _is_some_number(node: Node, lists: Set[str]) -> bool:
    """Whether a node is a number other than 0, which may stand for a vector, or an entry of one of these lists."""
    if isinstance(node, Sum):
        return len(node.terms) == 1 and _is_some_number(node.terms[0][1], lists)
    if isinstance(node, Scripted):
        return len(node.subs) == 1 and not node.sups and spell(node.core) in lists
    return isinstance(node, Number) and node.text.strip("0.") != ""


def has_circle(shown: Shown, given: Nodes) -> bool:
    r"""Whether a \pi behind a number is the number, for \pi_k is another one."""
    return names_circle([*given, *shown.sides])


class Labels(NamedTuple):
    """The words in scripts, the members that are names of their own, what stands squared."""

    words: frozenset[str]
    apart: frozenset[str]
    squared: frozenset[str]


def labels(shown: Shown, given: Nodes, equations: Equations, vectors: frozenset[str]) -> Labels:
    """What is part of a name, and no index or power; the `vectors` have entries that are numbered from 1."""
    nodes = [*given, *shown.sides]
    apart = labelled_members(equations, nodes)
    apart |= _start_members(nodes, vectors)
    return Labels(words_in_scripts(nodes, USUAL_INDICES), apart, squared_names(nodes))


def _start_members(nodes: list[Node], vectors: frozenset[str]) -> set[str]:
    r"""The names w_0 beside a vector w \in \mathbb{R}^n whose entries are numbered from 1: another vector."""
    below = [b for n in nodes for b in below_sums(n) if isinstance(b, Relation) and b.signs == ("=",)]
    if any(isinstance(b.sides[1], Number) and b.sides[1].text == "0" for b in below):
        return set()
    scripted = [x for n in nodes for x in inside_of(n) if isinstance(x, Scripted)]
    zero = {spell(x.core) for x in scripted if [spell(s) for s in x.subs] == ["0"]}
    sums = (s for n in nodes for s in inside_of(n) if isinstance(s, Sum)) if zero else ()
    beside = {x for s in sums for x in _beside_product(s)}
    return {f"{x}_0" for x in (vectors | beside) & zero}


def _beside_product(node: Sum) -> Iterator[str]:
    r"""The w of \mathbf{w}^\top x + w_0: the number added to a product with a vector is none of its entries."""
    terms = [term for _, term in node.terms]
    factors = {spell(unscripted(p)) for t in terms if isinstance(t, Product) for _, p in t.parts if not _has_index(p)}
    whole = {BOLD.sub(r"\1", x) for x in factors}
    numbered = (t for t in terms if isinstance(t, Scripted) and [spell(s) for s in t.subs] == ["0"])
    yield from (x for x in (spell(t.core) for t in numbered) if x in whole)


def _has_index(node: Node) -> bool:
    return isinstance(node, Scripted) and bool(node.subs)


def numbered(shown: Shown, cores: frozenset[str]) -> frozenset[str]:
    """Those of these names that stand with a number for an index."""
    return frozenset(key for key, _ in shown.reach if key in cores)


def own_numbers(shown: Shown, known: frozenset[str]) -> frozenset[tuple[str, int, str]]:
    """The families of numbers that only the proof speaks of, with the first and last index of its sums over them.

    No equation says what a member of them is.
    """
    ends = {core: end for (core, at), end in shown.ends.items() if end is not None and at == 0 and core not in known}
    scripted = [n for s in shown.sides for n in scripted_in(s)] if ends else []
    others = {head_text(n.core) for n in scripted if not _is_power_of_member(n)}
    return frozenset((core, *end) for core, end in ends.items() if core not in others | shown.headed)


def _is_power_of_member(node: Scripted) -> bool:
    """Whether a name has one index below, x_i, and nothing but a number above."""
    return len(script_items(node.subs)) == 1 and all(isinstance(s, Number) for s in node.sups)


def ruled(shown: Shown, given: Nodes, rule: Rule, known: frozenset[str]) -> frozenset[str]:
    """The names of which a rule for every quantity is spoken."""
    return names_under([*given, *shown.sides], rule, known)


def numbers_samples(shown: Shown, given: Nodes, cores: frozenset[str]) -> bool:
    """Whether a number stands in brackets above one of these names, and none of them stands alone."""
    nodes = [*given, *shown.sides]
    scripted = (n for s in nodes for n in scripted_in(s))
    has_number = any(head_text(n.core) in cores and isinstance(layer_of(n), Number) for n in scripted)
    return has_number and not any(cores & names_alone(s) for s in nodes)


class Sampled(NamedTuple):
    """The letters with the number of a sample in brackets above them, and those with one below."""

    above: frozenset[str]
    below: frozenset[str]


def sampled(
    shown: Shown,
    given: Nodes,
    letters: frozenset[str],
    places: frozenset[tuple[str, int, str]],
    numbers: frozenset[str],
) -> Sampled:
    """Of which of these arguments of functions samples are spoken.

    The `places` say at which place of which function a letter stands; x_n is a sample of x where it stands there, or
    where x is one of the `numbers`, and has no entries.
    """
    nodes = [*given, *shown.sides]
    scripted = [n for s in nodes for n in scripted_in(s)]
    above = {head_text(n.core) for n in scripted if isinstance(layer_of(n), (Number, Sum, Name))}
    # y_0 and \theta_{MAP} are names: a sample has the letter of an index.
    below = {core for n in scripted for core, _ in lettered_in(n)} & {x for *_, x in places}
    applied = [a for node in nodes for a in brackets_in(node)] if below else []
    met = {
        (spell(head), n, item.core.text)
        for head, group in applied
        for n, item in enumerate(group.items)
        if isinstance(item, Scripted) and item.subs and isinstance(item.core, Name)
    }
    return Sampled(frozenset(letters & above), frozenset(below & ({x for *_, x in places & met} | numbers)))


def other_members(
    shown: Shown, given: Nodes, core: str, count: int, ruled: frozenset[tuple[str, tuple[str, ...]]]
) -> frozenset[tuple[str, ...]]:
    """With which usual letters, so many, a name stands for which no rule is given."""
    members = {x for side in (*given, *shown.sides) for n in scripted_in(side) for x in lettered_in(n)}
    return frozenset(at for name, at in members - ruled if name == core and len(at) == count)


def powers(shown: Shown, core: str) -> frozenset[int]:
    """The whole numbers that stand above a name."""
    return frozenset(shown.powers.get(core, ()))


def brought_in(shown: Shown, known: frozenset[str | None], letter: str) -> frozenset[str]:
    r"""The names with this letter above them that only the proof speaks of, and never alone: \delta^l."""
    alone = {x for s in shown.sides for x in names_alone(s)}
    return frozenset(
        core
        for s in shown.sides
        for n in scripted_in(s)
        if (core := head_text(n.core)) is not None and core not in known | alone and has_above(n, letter)
    )


def has_above(node: Scripted, letter: str) -> bool:
    """Whether a letter stands above a name, alone or in a sum, with or without brackets."""
    return any(x.text == letter for a in above(node) for x in (a, *children(a)) if isinstance(x, Name))


def above(node: Scripted) -> Nodes:
    """What stands above a name, without the brackets around the number of a layer or a sample."""
    at = layer_of(node)
    return node.sups if at is None else (at,)


def labels_below(below: Iterable[Node]) -> Iterator[tuple[str, str]]:
    """The members y_i that stand below sums with a number that they are."""
    for b in below:
        first, value = b.sides[:2] if isinstance(b, Relation) and b.signs == ("=",) else (None, None)
        is_member = isinstance(first, Scripted) and len(first.subs) == 1 and isinstance(first.subs[0], Name)
        if isinstance(first, Scripted) and is_member and isinstance(value, (Number, Sum)):
            yield spell(first), spell(value)


def sets_below(below: Iterable[Node]) -> Iterator[str]:
    """The names of sets over which sums run."""
    for b in below:
        if isinstance(b, Relation) and b.signs == ("in",) and isinstance(b.sides[1], Name):
            yield b.sides[1].text


def below_sums(node: Node) -> Iterator[Node]:
    """What stands below the sums of a formula."""
    return (b for n in inside_of(node) if isinstance(n, Big) for b in n.below)


def _bound(nodes: Iterable[Node]) -> set[str]:
    """The letters that sums bind."""
    return set().union(*map(bound_in, nodes))


def unlabelled(shown: Shown, given: Nodes, plain: bool) -> frozenset[str]:
    """The labels of moments that make no difference."""
    return same_labels([*given, *(with_moments(s, plain) for s in shown.sides if shown.moments)])


def factors(shown: Shown, names: frozenset[str]) -> frozenset[str]:
    """Those of these names that stand without brackets, too."""
    return names.intersection(shown.functions.bare)


def constants(shown: Shown, names: frozenset[str], plain: bool) -> frozenset[str]:
    """Those of the names that stand beside a moment of others in the proof, not being in one there."""
    found: set[str] = set()
    for node in (with_moments(s, plain) for s in shown.sides if shown.moments):
        within = {x for n in inside_of(node) if isinstance(n, Moment) for a in n.arguments for x in names_in(a)}
        found |= {n.text for n in outside_moments(node) if isinstance(n, Name)} - within if within else set()
    return names & found


def labels_of_moments(shown: Shown, given: Nodes, plain: bool) -> frozenset[str]:
    """The labels under which moments are taken."""
    nodes = [*given, *(with_moments(s, plain) for s in shown.sides if shown.moments)]
    return frozenset(n.label for node in nodes for n in inside_of(node) if isinstance(n, Moment))


class Functions(NamedTuple):
    """Names of functions: those with primes in the proof, of those named by words the ones before brackets, and more.

    The `plain` names stand otherwise than before a quantity in brackets, of the `told` ones an equation says what they
    are there, `families` have indices over which sums run; with names before a vector in brackets comes that vector.
    """

    primed: frozenset[str]
    applied: frozenset[str]
    plain: frozenset[str]
    told: frozenset[str]
    families: frozenset[str]
    of_vector: tuple[tuple[str, Name], ...]


def functions(
    shown: Shown,
    known: frozenset[str],
    said: frozenset[str],
    taken: frozenset[str],
    given: Nodes,
    vectors: frozenset[str],
) -> Functions:
    """How names stand before brackets: the `known` ones, those `said` to be functions, and all that are not `taken`."""
    proof = shown.functions
    primed = frozenset(proof.primed) - taken
    names = known | said | primed
    before = of_vectors([*given, *shown.sides], vectors) if vectors else {}
    return Functions(
        primed,
        said & (proof.applied.keys() | proof.before.keys()),
        known & (proof.bare.keys() | proof.before.keys()),
        names & shown.told,
        names & shown.families,
        tuple((k, v) for k, v in before.items() if k in names),
    )


def transposed(shown: Shown, given: Nodes) -> Nodes:
    """The names that the proof transposes, each once, as they would stand nowhere."""
    return tuple({spell(n): _nowhere(n) for n in transposed_in(shown.sides, given)}.values())


def diagonals(shown: Shown) -> Nodes:
    """The names of which the proof makes diagonal matrices, each once, as they would stand nowhere."""
    calls = [n for s in shown.sides for n in inside_of(s) if isinstance(n, Call) and n.function == "diag"]
    arguments = [x for call in calls if len(call.arguments) == 1 for x in _entrywise(call.arguments[0])]
    return tuple({spell(n): _nowhere(n) for n in arguments}.values())


def _entrywise(node: Node) -> Iterator[Node]:
    """The names that have to be vectors where a node is one that is made of them entry by entry."""
    if isinstance(node, (Name, Scripted)):
        yield node
    elif isinstance(node, Group) and len(node.items) == 1:
        yield from _entrywise(node.items[0])
    elif isinstance(node, Call) and len(node.arguments) == 1:
        yield from _entrywise(node.arguments[0])
    elif isinstance(node, Sum):
        for _, term in node.terms:
            yield from _entrywise(term)
    elif isinstance(node, Product) and all(sign == "odot" for sign, _ in node.parts[1:]):
        for _, part in node.parts:
            yield from _entrywise(part)


def _nowhere(node: Node) -> Node:
    return replace(with_children(node, _nowhere), at=0, end=0)


def takes_deviations(shown: Shown) -> bool:
    r"""Whether the \sigma(z) of a document is a standard deviation: of these its words speak, and of no sigmoid."""
    text = "\n".join(shown.lines).lower()
    return "standard deviation" in text and not any(word in text for word in ("sigmoid", "logistic", "activation"))


def updates(shown: Shown) -> bool:
    """Whether the document speaks of new values."""
    return _UPDATES.search("\n".join(shown.lines)) is not None


_UPDATES = re.compile(
    r"\b(?:iterat|updat|step|start|initial|epoch|sweep|assign|repeat|round|sample|batch|momentum|average|memory|decay"
    r"|perceptron|descent|moving|alternat)|\\(?:leftarrow|gets)\b|←|:=",
    re.IGNORECASE,
)
"""Words and signs of documents in which an equation may give a new value to what stands on both sides of it."""


def solved_or_computed(shown: Shown, labels: frozenset[str]) -> tuple[bool, bool]:
    """Whether a side has one of these names as a factor, and whether one is a number."""
    is_solved = any(isinstance(s, Product) and any(spell(n) in labels for _, n in s.parts) for s in shown.sides)
    return is_solved, any(not any(names_in(s)) for s in shown.sides)
