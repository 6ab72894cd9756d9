"""What the formulas of the givens are rewritten to: brackets, labels and letters as the indices or names they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from symdl.language.functions import FamilyFunction, ScalarFunction, by_spelling
from symdl.problem import Block
from symdl.read import questions
from symdl.read.arguments import (
    Brackets,
    arguments_as_indices,
    bracketed,
    outside,
    with_brackets,
)
from symdl.read.batches import batch_sizes, size_said, with_batches
from symdl.read.classes import index_of, said_of_classes, with_classes
from symdl.read.commands import MATRIX_FUNCTIONS, TEXTS
from symdl.read.densities import classed, densities, with_classed, with_densities, with_events
from symdl.read.dependent import dependent, without_brackets
from symdl.read.drafts import literal_rank
from symdl.read.greatest import greatest_noted, said_of, with_greatest
from symdl.read.heads import (
    indexed_behind,
    listed_arguments,
    valued_slopes,
    with_index_inside,
    with_lists,
    with_normal_densities,
    with_own_argument,
    with_slopes,
)
from symdl.read.hints import USUAL_INDICES
from symdl.read.items import Item, dimensions_of, literal
from symdl.read.labels import (
    holds_ones,
    length_of_ones,
    says_ones,
    with_ones,
)
from symdl.read.nodes import (
    Big,
    Call,
    Group,
    Mark,
    Name,
    Node,
    Number,
    Product,
    Scripted,
    Word,
)
from symdl.read.nodes import Relation as RelationNode
from symdl.read.own import own_letter
from symdl.read.points import open_rules, with_names
from symdl.read.positions import with_sums
from symdl.read.rates import time_of_dots, with_rates
from symdl.read.scripts import (
    children,
    head_text,
    inside_of,
    names_alone,
    names_in,
    scripted_in,
    spell,
    with_children,
)
from symdl.read.state import State
from symdl.read.steps import with_step

_DIGITS = re.compile(r"\d+")


class Rewritings(State):
    """Rewrites the statements, and what the proof shows, where brackets and letters stand for something else."""

    def _find_brackets(self) -> list[Node]:
        """Takes brackets after names for what they hold: an index, a point, or part of the name; the sides before."""
        if any("[" in i.text for i in self.items):
            self._find_signals()
        # The relations of the givens are one node each.
        whole = tuple(RelationNode(i.at, i.end, i.sides, i.signs) for i in self.items if i.kind == "relation")
        under, places, depends = self.ranges.hints.ask(questions.bars_or_indices, whole)
        each = dict(places)
        if under or each:
            self._change(lambda node: with_brackets(node, Brackets(conditioned=under, counted=each)))
            before = next((i for i in self.items if i.kind == "relation"), None)
            if before is not None:
                self.items += [replace(before, sides=sides, signs=("=",)) for sides in depends]
        ruled = self._put_points()
        nodes = [s for i in self.items for s in (*i.sides, *i.names)]
        equations = tuple(i.sides for i in self.items if i.kind == "relation" and i.signs[0] == "=")
        stands = self.ranges.hints.ask(questions.stands_before_brackets, tuple(nodes), equations)
        several = frozenset(k for k in stands.several if not self._is_builtin_name(k))
        lettered = several & stands.indexed
        applied = stands.indexed - lettered
        at_numbers = stands.valued - applied
        found = bracketed(equations, self._is_builtin_name, ruled, several, at_numbers)
        members = frozenset(k.removeprefix("member ") for k in self.session.spelling if k.startswith("member "))
        brackets = replace(found, indexed=applied, members=members, lettered=lettered)
        for item in self.items:
            item.sides = tuple(with_brackets(s, brackets) for s in item.sides)
        self.session.spelling.update({f"counted {k}": ",".join(map(str, sorted(v))) for k, v in each.items()})
        for word, heads in (
            ("conditioned", under),
            ("lettered", lettered),
            ("applied", at_numbers & found.named),
            ("indexed", applied),
        ):
            self.session.spelling.update({f"{word} {k}": k for k in sorted(heads)})
        return nodes

    def _find_signals(self) -> None:
        """Takes x[n-1] for the member x_{n-1} of a signal."""
        found = self.ranges.hints.ask(questions.signals_shown, self._sides_given())
        if found:
            self._change(lambda node: with_brackets(node, Brackets(signals=found)))
        self.session.spelling.update({f"signal {x}": x for x in sorted(found)})

    def _find_classes(self) -> None:
        """Takes the labels y_n of p_{n,y_n} for what they are among the classes."""
        if not any("_" in i.text for i in self.items):
            return
        labels = [(n, i) for i in self.items for n in i.names if i.kind == "range" and isinstance(n, Scripted)]
        ranged = {spell(n.core): i for n, i in labels}
        declared = frozenset((spell(n.core), at.text) for n, _ in labels if isinstance(at := index_of(n), Name))
        pairs, letter = self.ranges.hints.ask(questions.classes, self._sides_given(), declared)
        if not pairs:
            return
        self._change(lambda node: with_classes(node, dict.fromkeys(dict(pairs), letter)))
        for core, counter in sorted(pairs):
            item = ranged.get(core, self.items[0])
            self.items = [i for i in self.items if i is not ranged.get(core)]
            for left, right in said_of_classes(core, counter, letter, item.lo, item.hi, item.at):
                self.items.append(
                    replace(item, kind="relation", sides=(left, right), signs=("=",), names=(), lo=None, hi=None)
                )
            self.session.spelling[f"class {core}"] = letter

    def _equations(self) -> list[tuple[Node, ...]]:
        """The sides of what begins with an equation as they are by now."""
        return [i.sides for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",)]

    def _sides_given(self) -> tuple[Node, ...]:
        """The sides of all formulas of the givens as they are by now."""
        return tuple(s for i in self.items for s in i.sides)

    def _change(self, change: Callable[[Node], Node]) -> None:
        """Changes all formulas, and what the proof shows of names."""
        for item in self.items:
            item.sides, item.names = tuple(map(change, item.sides)), tuple(map(change, item.names))
        self.ranges.hints = self.ranges.hints.with_sides(change)

    def _find_dependent(self) -> None:
        r"""Takes \ell_t(h_t) within a formula for \ell_t, of which only the dependence is known, and adds that."""
        relations = [i for i in self.items if i.kind == "relation"]
        own = [i for i in relations if i.signs == ("=",) and spell(i.sides[1]).startswith(spell(i.sides[0]) + "(")]
        said = set(map(id, own))
        found = dependent(s for i in self.items if id(i) not in said for s in i.sides)
        if not found:
            return
        stated = [(i, i.sides) for i in own]
        self._change(lambda node: without_brackets(node, found))
        for item, sides in stated:
            item.sides = sides
        unsaid = found.keys() - {spell(i.sides[0]) for i in own}
        pairs = [(found[n].parts[0][1], found[n]) for n in sorted(unsaid)]
        self.items += [replace(relations[0], sides=pair, signs=("=",), names=()) for pair in pairs]

    def _find_functions_named(self) -> None:
        r"""Takes \phi = \tanh for what \phi is, and so f = \sigma where \sigma is no quantity and f is applied."""
        named: list[tuple[Item, str, ScalarFunction | FamilyFunction]] = []
        for item in self.items:
            left, right = item.sides if item.kind == "relation" and item.signs == ("=",) else (None, None)
            if isinstance(left, Name) and isinstance(right, (Name, Word)):
                record = by_spelling().get(right.text.removeprefix("\\"))
                if isinstance(record, FamilyFunction) or (record is not None and record.arity == 1):
                    named.append((item, left.text, record))
        if not named:
            return
        others = tuple(s for i in self.items if all(i is not x for x, *_ in named) for s in i.sides)
        applied = self.ranges.hints.ask(questions.applied_names, others)
        alone = {x for s in others for x in outside(s, scripts=False)}
        for item, name, record in named:
            right = item.sides[1]
            if isinstance(right, Word) or (name in applied and spell(right) not in alone):
                self.names.builtin[name] = record
                self.session.spelling[f"function {name}"] = record.name
                self.items = [i for i in self.items if i is not item]

    def _find_ones(self) -> None:
        r"""Takes the 1 of 1 1^\top for the vector of ones, and what words say of how long that is."""
        lengths = {length for block in self.paragraphs if (length := length_of_ones(block.text))}
        self.session.spelling.update({"length ones": lengths.pop()} if len(lengths) == 1 else {})
        if not any(holds_ones(i.text) for i in self.items):
            return
        said = any(says_ones(block.text) for block in self.paragraphs)
        self._change(lambda node: with_ones(node, said=said))
        self.session.spelling.update({"ones 1": "said"} if said else {})

    def _find_indices_behind(self) -> None:
        """Takes s(z)_k for s_k(z)."""
        items = [i for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",)]
        heads = frozenset(k for k in indexed_behind(i.sides[0] for i in items) if not self._is_builtin_name(k))
        if heads:
            self._change(lambda node: with_index_inside(node, heads))
        self.session.spelling.update({f"inside {x}": x for x in sorted(heads)})

    def _find_slopes(self) -> None:
        r"""Takes \nabla L(w) for a name where it is given as numbers and nothing says what L is."""
        slopes = valued_slopes(i.sides for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",))
        if slopes:
            self._change(lambda node: with_slopes(node, slopes))
        self.session.spelling.update({f"slope {x}": x for x in sorted(slopes)})

    def _find_rates(self) -> None:
        r"""Takes \dot{x} for dx/dt where an equation says of some name that this is what a dot is.

        What another equation defines is no time.
        """
        said = [(i, time) for i in self.items if i.kind == "relation" and (time := time_of_dots(i.sides))]
        times = {time for _, time in said}
        if len(times) == 1 and times.isdisjoint(spell(left) for left, *_ in self._equations()):
            time = times.pop()
            self.items = [i for i in self.items if all(i is not x for x, _ in said)]
            self._change(partial(with_rates, time=time))
            self.session.spelling["rate"] = time

    def _find_batches(self) -> None:
        r"""Takes \sum_{i \in B} for a sum up to |B| where nothing says what B holds, nor how far its members run."""
        if not any(r"\in" in i.text or "∈" in i.text for i in self.items):
            return
        counted = {of: (i, size) for i in self.items if i.kind == "relation" for of, size in size_said(i.sides)}
        sizes_said = frozenset(size for _, size in counted.values())
        found = self.ranges.hints.ask(questions.batches_shown, self._sides_given(), sizes_said)
        ranged = {spell(n) for i in self.items if i.kind == "range" for n in i.names}
        told = (i for i in self.items if i.kind != "mention")
        said = {spell(s) for i in told for s in (*i.sides[:1], *i.names)}
        given = (n for s in self._sides_given() for n in inside_of(s) if isinstance(n, Big))
        letters = {x for n in given for b in n.below if isinstance(b, RelationNode) for x in names_in(b.sides[0])}
        for of in sorted(found - said) if not letters & ranged else ():
            item, size = counted.get(of, (None, rf"|{of}|"))
            self.session.spelling[f"batch {of}"] = size
            self.items = [i for i in self.items if i is not item]
        if sizes := batch_sizes(self.session.spelling):
            self._change(partial(with_batches, sizes=sizes))

    def _find_moving(self) -> None:
        r"""Notes the functions E(w) that are differentiated by time: E(t) may be E at w(t)."""
        heads = (self._applied_head(left) for left, *_ in self._equations())
        taken = {(spell(f), spell(at[0])) for f, at in heads if f is not None and at is not None and len(at) == 1}
        found = self.ranges.hints.ask(questions.moving, self._sides_given(), frozenset(taken)) if taken else ()
        self.session.spelling.update({f"moving {f}": t for f, t in sorted(found)})

    def _find_greatest(self) -> None:
        r"""Takes \max_i z_i of a family of open length for a member of its own."""
        numbered = {spell(i.sides[0]) for i in self.items if len(i.sides) > 1 and isinstance(i.sides[1], Number)}
        listed = {spell(i.sides[0]) for i in self.items if len(i.sides) > 1 and literal(i.sides[1]) is not None}
        found = self.ranges.hints.ask(questions.greatest_shown, self._sides_given(), frozenset(numbered))
        found = frozenset(g for g in found if g.core not in listed)
        if not found or not self.items:
            return
        self.session.spelling.update({f"greatest {g.function}:{g.core}:{g.size}": g.key for g in sorted(found)})
        self._change(partial(with_greatest, known=greatest_noted(self.session.spelling)))
        self.names.inputs |= {g.place for g in found}
        for g in sorted(found):
            self.items += said_of(g, self.items[0])

    def _find_listed(self) -> None:
        r"""Takes J(c_1, \dots, c_d) for J(c)."""
        equations = (i for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",) and "dots" in i.text)
        found = listed_arguments(i.sides[0] for i in equations)
        if found:
            heads = frozenset(found)
            self._change(lambda node: with_lists(node, heads))
            self.names.families |= frozenset().union(*found.values())
        self.session.spelling.update({f"listed {x}": x for x in found})

    def _find_densities(self) -> None:
        r"""Takes p(x \mid \lambda) and p(\lambda) for two functions, and p(x \mid Y = k) for one of several.

        Equations say of each what it is.
        """
        if any("N" in i.text for i in self.items):
            for item in self.items:
                item.sides = with_own_argument(item.sides)
            self._change(with_normal_densities)
        kinds: frozenset[str] = frozenset()
        while new := classed(self._equations()) - kinds:
            kinds |= new
            self._change(partial(with_classed, kinds=kinds))
        self.session.spelling.update({f"classed {x}": x for x in sorted(kinds)})
        # Where a sum runs over x, p(x) and p(x, z) are members of families.
        summed = arguments_as_indices(self._sides_given()) | self.ranges.hints.ask(
            lambda shown: frozenset(shown.applied)
        )
        apart = {head: at for head, at in densities(self._equations()).items() if head not in summed}
        if apart:
            self._change(lambda node: with_densities(node, apart))
        self._change(with_events)
        self.session.spelling.update({f"density {x}": ";".join(sorted(kinds)) for x, kinds in apart.items()})

    def _find_steps(self) -> None:
        """Takes the letter of time for one time where the state before it is given as a number."""
        equations = tuple(i.sides for i in self.items if i.kind == "relation" and i.signs == ("=",))
        letters = self.ranges.hints.ask(questions.steps, equations, self._sides_given())
        if letters:
            self._change(lambda node: with_step(node, letters))
        self.session.spelling.update({f"step {x}": x for x in sorted(letters)})

    def _put_instances(self) -> None:
        """Adds what rules for a letter, p_w = n_w / N, say at the labels of which all is given that they need."""
        items = [i for i in self.items if i.kind == "relation" and i.signs == ("=",)]
        indices = frozenset(spell(n) for i in self.items if i.kind == "range" for n in i.names)
        equations = tuple(i.sides for i in items)
        found = self.ranges.hints.ask(questions.labels_met, equations, self._sides_given(), indices)
        self.items += [replace(items[n], sides=sides) for n, sides in found]
        ruled = {self.names.occurrence(items[n].sides[0]) for n, _ in found}
        self.names.ruled |= {o.key for o in ruled if o is not None}

    def _put_parameters(self) -> None:
        r"""Adds what a rule with its letter in its formula, F_\beta = (1 + \beta^2) P, says at numbers: F_2."""
        rules = [i for i in self.items if i.kind == "relation" and i.signs == ("=",)]
        heads = frozenset(spell(i.sides[0]) for i in rules)
        given = self._sides_given()
        for item in rules:
            head = self._applied_head(item.sides[0])[0]
            core, letter = next(indexed_in(head), ("", "")) if head is not None else ("", "")
            inside = {x for s in item.sides[1:] for x in names_in(s)}
            below = {x for s in item.sides[1:] for n in scripted_in(s) for sub in n.subs for x in names_in(sub)}
            if letter not in inside - below - heads or letter in USUAL_INDICES:
                continue
            for number in self.ranges.hints.ask(questions.numbers_below, given, core, heads):
                self.items.append(replace(item, sides=tuple(with_names(s, {letter: number}) for s in item.sides)))

    def _put_letters_of_sums(self) -> None:
        r"""Takes \sum P \log P, of vectors that are written out or made of such, as \sum_i P_i \log P_i."""
        items = [i for i in self.items if i.kind == "relation" and i.signs == ("=",)]
        bare = [n for i in items for s in i.sides for n in inside_of(s) if isinstance(n, Big) and not n.below]
        if not bare:
            return
        rules = [(i.sides[0].text, i.sides[1]) for i in items if isinstance(i.sides[0], Name)]
        cells = {name: literal(body) for name, body in rules}
        vectors = {name for name, rows in cells.items() if rows is not None and literal_rank(rows) == 1}
        while new := {k for k, body in rules if k not in vectors and vectors & names_alone(_without_sums(body))}:
            vectors |= new
        for item in items:
            item.sides = tuple(with_sums(s, vectors) for s in item.sides)

    def _find_own_letters(self) -> None:
        r"""Takes the letter in the brackets of a function of numbers, h(r) = r^2, for its own beside r = (1, 2)."""
        relations = [i for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",)]
        rows = [(spell(i.sides[0]), literal(i.sides[1])) for i in relations]
        lists = frozenset(name for name, cells in rows if cells is not None and literal_rank(cells) == 1)
        rules: list[tuple[Item, Name, Name]] = []
        for item in relations:
            head, arguments = self._applied_head(item.sides[0])
            letter = arguments[0] if arguments and len(arguments) == 1 else None
            if isinstance(head, Name) and isinstance(letter, Name):
                rules.append((item, head, letter))
        if not rules:
            return
        own_names = frozenset((head.text, letter.text) for _, head, letter in rules)
        of_numbers = self.ranges.hints.ask(questions.of_numbers, self._sides_given(), lists, own_names)
        declared = self._declared()
        for item, head, letter in rules:
            if (head.text, letter.text) not in of_numbers:
                continue
            if letter.text in lists:
                own = Name(letter.at, letter.end, own_letter(letter.text))
                item.sides = tuple(_with_own(s, letter.text, own) for s in item.sides)
                self.session.spelling[f"own {letter.text}"] = head.text
            elif letter.text not in declared:
                self.names.twofold.add(letter.text)

    def _put_points(self) -> frozenset[str]:
        """Adds what rules say at the points of which anything speaks; the names that they are about."""
        if not any("(" in i.text for i in self.items):
            return frozenset()
        items = [i for i in self.items if i.kind == "relation" and set(i.signs) == {"="}]
        opened = open_rules([i.sides for i in items])
        passed = [items[n] for n in dict.fromkeys(opened.values())]
        for item in passed:
            # Beside V(C) = 10, what V(s) = R(s) + V(s') says of a state is not known: which one s' is depends on s.
            error = item.source.error("a rule that leads to a point which it does not name", item.at)
            self.unread.append((Block("display", item.text, self.place_of(item)), error))
        left_out = set(map(id, passed))
        self.items, items = ([i for i in kept if id(i) not in left_out] for kept in (self.items, items))
        equations = tuple(i.sides for i in items)
        ruled, made = self.ranges.hints.ask(questions.points, equations, self._sides_given())
        self.items += [replace(items[n], sides=sides) for n, sides in made]
        return ruled | opened.keys()

    def _take_sets(self) -> None:
        r"""Takes S = \{1, 3\} for a set of indices where sums run over it."""
        if not any(isinstance(s, Group) and s.bracket == r"\{" for i in self.items for s in i.sides[1:2]):
            return
        over = set(questions.sets_below(b for n in self._sides_given() for b in questions.below_sums(n)))
        over |= self.ranges.hints.ask(lambda shown: frozenset(questions.sets_below(shown.below)))
        kept: list[Item] = []
        for item in self.items:
            head, group = item.sides[:2] if item.kind == "relation" and item.signs == ("=",) else (None, None)
            cells = group.items if isinstance(group, Group) and group.bracket == r"\{" else ()
            digits = [c.text for c in cells if isinstance(c, Number) and c.text.isdigit()]
            if isinstance(head, Name) and digits and len(digits) == len(cells) and head.text in over:
                self.names.sets[head.text] = tuple(map(int, digits))
                self.session.spelling[f"set {head.text}"] = ",".join(digits)
            else:
                kept.append(item)
        self.items = kept

    def _is_builtin_name(self, text: str) -> bool:
        return self.names.is_function(text) is not None

    def _is_said_at(self, item: Item, head: Node | None, arguments: tuple[Node, ...] | None) -> bool:
        """Whether f(p) = 0 is said of a function that another given defines, f(x) = w x + b.

        Of two givens, f(s_1) = a and f(s_2) = b, each is said at its point.
        """
        if head is None or not arguments:
            return False
        if self.tolerant and self._has_twin(item, spell(head), [spell(a) for a in arguments]):
            return True
        names = {a.text for a in arguments if isinstance(a, Name)}
        if any(names & set(names_in(s)) for s in item.sides[1:]):
            return False
        for other in self.items:
            if other is item or other.kind != "relation" or other.signs[:1] != ("=",):
                continue
            same, others = self._applied_head(other.sides[0])
            own = {a.text for a in others or () if isinstance(a, Name)} - names
            if same is not None and spell(same) == spell(head) and any(own & set(names_in(s)) for s in other.sides[1:]):
                return True
        return False

    def _has_twin(self, item: Item, head: str, arguments: list[str]) -> bool:
        """Whether another given says the same name what it is at arguments that differ by their numbers alone."""
        if not any(map(_DIGITS.search, arguments)):
            return False
        plain = [_DIGITS.sub("", a) for a in arguments]
        for other in self.items:
            if other is not item and other.kind == "relation" and other.signs[:1] == ("=",):
                same, at = self._applied_head(other.sides[0])
                found = [spell(a) for a in at or ()] if same is not None and spell(same) == head else []
                if found != arguments and [_DIGITS.sub("", a) for a in found] == plain:
                    return True
        return False

    @staticmethod
    def _is_shaped(item: Item) -> bool:
        """Whether an item declares vectors or matrices."""
        return item.kind == "member" and bool(dimensions_of(item.sides[1]))

    def _declared(self, *, shaped: bool = False) -> frozenset[str]:
        """The names that items declare to lie in a set; those of vectors and matrices only, where `shaped`."""
        members = (i for i in self.items if i.kind == "member" and (not shaped or dimensions_of(i.sides[1])))
        return frozenset(n.text for i in members for n in i.names if isinstance(n, Name))

    @staticmethod
    def _applied_head(node: Node) -> tuple[Node | None, tuple[Node, ...] | None]:
        """A name, or a name before brackets with only names in them."""
        if isinstance(node, (Name, Word, Scripted)):
            return node, None
        if isinstance(node, Product) and len(node.parts) == 2 and not node.parts[1][0]:
            head, group = node.parts[0][1], node.parts[1][1]
            if isinstance(head, (Name, Word, Scripted)) and isinstance(group, Group) and group.bracket in ("(", "["):
                items = group.items
                if any(isinstance(i, Mark) and i.text == "dots" for i in items) and _are_names(items):
                    # f(x_1, \dots, x_n) is f of all that its body says.
                    return head, None
                if items and all(isinstance(i, (Name, Scripted, Word)) and not _is_phrase(i) for i in items):
                    return head, items
        is_plain = isinstance(node, Call) and node.power is None and node.base is None and not node.primes
        # tr(A) = 1 says something of A: a trace and a determinant are nobody's to define.
        if isinstance(node, Call) and is_plain and node.function not in MATRIX_FUNCTIONS:
            if not all(isinstance(i, (Name, Scripted)) for i in node.arguments):
                return None, None
            return Word(node.at, node.end, node.function, "operatorname"), node.arguments
        return None, None


def _is_phrase(node: Node) -> bool:
    """Whether a node is words in brackets, as in h(\\text{initial}), which names a case and is no argument."""
    return isinstance(node, Word) and node.style in TEXTS


def _with_own(node: Node, text: str, own: Name) -> Node:
    """The node with another name for this one, where it stands without an index."""
    if isinstance(node, Name):
        return own if node.text == text else node
    if isinstance(node, Scripted) and node.subs and isinstance(node.core, Name):
        return replace(node, sups=tuple(_with_own(s, text, own) for s in node.sups))
    return with_children(node, lambda inner: _with_own(inner, text, own))


def _without_sums(node: Node) -> Node:
    return Mark(node.at, node.end, "") if isinstance(node, Big) else with_children(node, _without_sums)


def _are_names(items: tuple[Node, ...]) -> bool:
    return all(isinstance(i, (Name, Scripted, Word, Mark)) for i in items)


def indexed_in(node: Node) -> Iterator[tuple[str, str]]:
    """The names with an index that holds a letter, each with that index."""
    for inner in scripted_in(node):
        core, sub = inner.core, inner.subs[0] if len(inner.subs) == 1 else None
        text = head_text(core)
        if sub is not None and text is not None and any(isinstance(n, Name) for n in (sub, *children(sub))):
            yield text, spell(sub)
