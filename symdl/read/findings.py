"""What the givens together show of their names: indices, labels, layers, names that stand for two things."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from symdl.problem import Block
from symdl.read.arguments import arguments_as_indices, bracketed, has_brackets, outside, with_brackets
from symdl.read.drafts import literal_rank
from symdl.read.heads import indexed_behind, valued_slopes, with_index_inside, with_slopes
from symdl.read.hints import MAX_MEMBER, USUAL_INDICES, first_layer
from symdl.read.instances import instances
from symdl.read.items import Item, literal
from symdl.read.labels import labelled_members, names_circle, squared_names, with_circle, words_in_scripts
from symdl.read.nodes import (
    Big,
    Call,
    Group,
    Mark,
    Moment,
    Name,
    Node,
    Number,
    Product,
    Scripted,
    Sum,
    Word,
)
from symdl.read.nodes import Relation as RelationNode
from symdl.read.points import at_points, listed_points, open_rules, several_shapes, valued_heads
from symdl.read.positions import long_letters, numbered, pointers, renamed, with_sums
from symdl.read.scripts import children, head_text, inside_of, names_in, script_items, spell, with_children
from symdl.read.state import State
from symdl.read.steps import single_steps, with_step
from symdl.read.tokens import TEXTS
from symdl.read.unknown import applications


def _is_phrase(node: Node) -> bool:
    """Whether a node is words in brackets, as in h(\\text{initial}), which names a case and is no argument."""
    return isinstance(node, Word) and node.style in TEXTS


class Findings(State):
    """Finds out, from all statements together, what names are that none of them declares."""

    def _find_brackets(self) -> list[Node]:
        """Takes brackets after names for what they hold: an index, a point, or part of the name; the sides before."""
        nodes = [s for i in self.items for s in (*i.sides, *i.names)]
        if not any(map(has_brackets, [*nodes, *self.ranges.hints.sides])):
            return nodes
        ruled = self._put_points()
        nodes = [s for i in self.items for s in (*i.sides, *i.names)]
        applied = arguments_as_indices(nodes) | self.ranges.hints.applied
        equations = [i.sides for i in self.items if i.kind == "relation" and i.signs[0] == "="]
        shown = [*nodes, *self.ranges.hints.sides]
        applied |= listed_points(equations, shown)
        several = frozenset(k for k in several_shapes(shown) if not self._is_builtin_name(k))
        lettered = several & applied
        applied -= lettered
        at_numbers = valued_heads([*(s for e in equations for s in e), *self.ranges.hints.sides], equations) - applied
        at_numbers -= {x for node in shown for x in outside(node, scripts=False)} if at_numbers else set()
        found = bracketed(equations, self._is_builtin_name, ruled, several, at_numbers)
        members = frozenset(k.removeprefix("member ") for k in self.session.spelling if k.startswith("member "))
        brackets = replace(found, indexed=applied, members=members, lettered=lettered)
        for item in self.items:
            item.sides = tuple(with_brackets(s, brackets) for s in item.sides)
        for word, heads in (("lettered", lettered), ("applied", at_numbers & found.named), ("indexed", applied)):
            self.session.spelling.update({f"{word} {k}": k for k in sorted(heads)})
        return nodes

    def _find_positions_named(self) -> None:
        """Takes y' and y_i in subscripts for letters, and a letter that is given a number for that number."""
        nodes = self._find_brackets()
        self._take_sets()
        given = [i.sides for i in self.items if i.kind == "relation" and i.signs == ("=",)]
        self.names.pointers |= pointers(given, nodes)
        self.names.families |= self.names.pointers.keys()
        for key, numbers in self.names.pointers.items():
            self.session.spelling[f"pointer {key}"] = ",".join(f"{k}:{v}" for k, v in numbers.items())
        letters = long_letters(nodes) | self.ranges.hints.letters
        letters = frozenset(x for x in letters if x.split("_")[0] not in self.names.pointers)
        self.names.index_names |= letters
        for item in self.items:
            item.sides = tuple(renamed(s, letters, {}) for s in item.sides)
            item.names = tuple(renamed(n, letters, {}) for n in item.names)
        valued = [i for i in self.items if i.kind == "relation" and i.signs == ("=",) and len(i.sides) == 2]
        others = [s for i in self.items if i not in valued or not isinstance(i.sides[1], Number) for s in i.sides]
        whole = numbered((i.sides for i in valued), others)
        if not whole:
            return
        self.items = [i for i in self.items if not (i in valued and spell(i.sides[0]) in whole)]
        for item in self.items:
            item.sides = tuple(renamed(s, frozenset(), whole) for s in item.sides)
        self.session.spelling.update({f"number {k}": v for k, v in whole.items()})

    def _find_labels(self) -> None:
        """Finds scripts that are part of a name, and no indices or powers."""
        if not any("_" in i.text or "^" in i.text for i in self.items):
            return
        nodes = [*(s for i in self.items for s in (*i.sides, *i.names)), *self.ranges.hints.sides]
        if names_circle(nodes):
            for item in self.items:
                item.sides = tuple(map(with_circle, item.sides))
        self.names.words |= words_in_scripts(nodes, USUAL_INDICES)
        self.session.spelling.update({f"label {w}": w for w in sorted(self.names.words)})
        self.names.apart |= labelled_members(self.items, nodes)
        self.squared = squared_names(nodes)

    def _change(self, change: Callable[[Node], Node]) -> None:
        """Changes all formulas, and what the proof shows of names."""
        for item in self.items:
            item.sides, item.names = tuple(map(change, item.sides)), tuple(map(change, item.names))
        self.ranges.hints = self.ranges.hints.with_sides(change)

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

    def _find_steps(self) -> None:
        """Takes the letter of time for one time where the state before it is given as a number."""
        equations = [i.sides for i in self.items if i.kind == "relation" and i.signs == ("=",)]
        nodes = [*(s for i in self.items for s in i.sides), *self.ranges.hints.sides]
        letters = single_steps(equations, nodes)
        if letters:
            self._change(lambda node: with_step(node, letters))
        self.session.spelling.update({f"step {x}": x for x in sorted(letters)})

    def _put_instances(self) -> None:
        """Adds what rules for a letter, p_w = n_w / N, say at the labels of which all is given that they need."""
        items = [i for i in self.items if i.kind == "relation" and i.signs == ("=",)]
        shown = [*(s for i in self.items for s in i.sides), *self.ranges.hints.sides]
        self.items += [replace(items[n], sides=sides) for n, sides in instances([i.sides for i in items], shown)]

    def _put_letters_of_sums(self) -> None:
        r"""Takes \sum P \log P, of vectors that are written out or made of such, as \sum_i P_i \log P_i."""
        items = [i for i in self.items if i.kind == "relation" and i.signs == ("=",)]
        bare = [n for i in items for s in i.sides for n in inside_of(s) if isinstance(n, Big) and not n.below]
        if not bare:
            return
        rules = [(i.sides[0].text, i.sides[1]) for i in items if isinstance(i.sides[0], Name)]
        cells = {name: literal(body) for name, body in rules}
        vectors = {name for name, rows in cells.items() if rows is not None and literal_rank(rows) == 1}
        while new := {k for k, body in rules if k not in vectors and vectors & _alone(_without_sums(body))}:
            vectors |= new
        for item in items:
            item.sides = tuple(with_sums(s, vectors) for s in item.sides)

    def _find_own_letters(self) -> None:
        r"""Takes the letter in the brackets of a function of numbers, h(r) = r^2, for its own beside r = (1, 2)."""
        nodes = [*(s for i in self.items for s in i.sides), *self.ranges.hints.sides]
        applied = [a for node in nodes for inner in inside_of(node) for a in applications(inner)]
        if not applied:
            return
        relations = [i for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",)]
        rows = [(spell(i.sides[0]), literal(i.sides[1])) for i in relations]
        lists = {name for name, cells in rows if cells is not None and literal_rank(cells) == 1}
        of_numbers = {text for text, _, group in applied if _is_some_number(group.items[0], lists)}
        declared = {n.text for i in self.items if i.kind == "member" for n in i.names if isinstance(n, Name)}
        members = {n.core.text for node in nodes for n in _scripted(node) if n.subs and isinstance(n.core, Name)}
        for item in relations:
            head, arguments = self._applied_head(item.sides[0])
            letter = arguments[0] if arguments and len(arguments) == 1 else None
            if not isinstance(head, Name) or head.text not in of_numbers or not isinstance(letter, Name):
                continue
            if letter.text in lists:
                own = Name(letter.at, letter.end, rf"\mathit{{{letter.text}}}")
                item.sides = tuple(_with_own(s, letter.text, own) for s in item.sides)
                self.session.spelling[f"own {letter.text}"] = head.text
            elif letter.text in members - declared:
                self.names.twofold.add(letter.text)

    def _put_points(self) -> frozenset[str]:
        """Adds what rules say at the points of which anything speaks; the names that they are about."""
        if not any("(" in i.text for i in self.items):
            return frozenset()
        items = [i for i in self.items if i.kind == "relation" and set(i.signs) == {"="}]
        equations = [i.sides for i in items]
        opened = open_rules(equations)
        for item in [items[n] for n in opened.values()]:
            # Beside V(C) = 10, what V(s) = R(s) + V(s') says of a state is not known: which one s' is depends on s.
            error = item.source.error("a rule that leads to a point which it does not name", item.at)
            self.unread.append((Block("display", item.text, self.place_of(item)), error))
            self.items.remove(item)
        items = [i for i in items if i in self.items]
        equations = [i.sides for i in items]
        nodes = [*(s for i in self.items for s in i.sides), *self.ranges.hints.sides]
        ruled, made = at_points(equations, nodes, listed_points(equations, nodes))
        self.items += [replace(items[n], sides=sides) for n, sides in made]
        return ruled | opened.keys()

    def _take_sets(self) -> None:
        r"""Takes S = \{1, 3\} for a set of indices where sums run over it."""
        if not any(isinstance(s, Group) and s.bracket == r"\{" for i in self.items for s in i.sides[1:2]):
            return
        over = {
            spell(b.sides[1])
            for b in self._below()
            if isinstance(b, RelationNode) and b.signs == ("in",) and isinstance(b.sides[1], Name)
        }
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

    def _below(self) -> Iterator[Node]:
        """What stands below the sums of the givens and of the proof."""
        yield from self.ranges.hints.below
        for node in (n for i in self.items for s in i.sides for n in inside_of(s)):
            yield from node.below if isinstance(node, Big) else ()

    def _is_builtin_name(self, text: str) -> bool:
        return self.names.is_function(text) is not None

    def _find_indices(self) -> None:
        """Takes k for an index in p_k = e^{z_k} / (e^{z_1} + e^{z_2}), where numbers stand in its place elsewhere."""
        sides = [s for i in self.items for s in i.sides]
        numbered = {key for key, _ in self.ranges.hints.reach}
        for node in (n for s in sides for n in _scripted(s)):
            if (core := head_text(node.core)) is not None and any(isinstance(x, Number) for x in node.subs):
                numbered.add(core)
        plain = {x for s in sides for x in _alone(s)}
        for item in self.items:
            # The argument of a function in whose formula only its entries stand is a vector.
            head, arguments = self._applied_head(item.sides[0]) if item.kind == "relation" else (None, None)
            inside = {n for s in item.sides[1:] for n in _scripted(s)} if arguments else set()
            entries = {n.core.text for n in inside if isinstance(n.core, Name) and _is_numbered(n)}
            alone = {x for s in item.sides[1:] for x in _alone(s)}
            self.names.families |= {a.text for a in arguments or () if isinstance(a, Name)} & entries - alone
        crossed = self.ranges.hints.crossed
        if crossed and not {x for _, x in crossed} & plain:
            self.names.ranged |= {x for _, x in crossed}
            self.names.families |= {core for core, _ in crossed}
        heads = frozenset(spell(i.sides[0]) for i in self.items if i.kind == "relation")
        for item in self.items:
            if item.kind != "relation" or item.signs[0] != "=":
                continue
            # q_i is a rule as q_i(T) is.
            head = self._applied_head(item.sides[0])[0] or item.sides[0]
            core = head_text(head.core) if isinstance(head, Scripted) else None
            own = {core} if core is not None else set()
            for letter in _rule_letters(head):
                cores = {k for s in item.sides[1:] for k, at in _indexed(s) if at == letter}
                if cores and (cores | own) & numbered and letter not in plain:
                    self.names.ranged.add(letter)
                    self.names.families |= (cores | own) & numbered
                elif own and letter in _ends_of_sums(item):
                    # G_t = \sum_{k=t}^T r_k.
                    self.names.ranged.add(letter)
                    self.names.families |= own
                elif own & numbered and letter in self._counters(item, heads) | _starters(item, own):
                    # a_k = 3^k, of which a_2 is a member; x_t = 0.8 x_0 + 1.
                    self.names.ranged.add(letter)
                    self.names.families |= own

    def _counters(self, item: Item, heads: frozenset[str]) -> set[str]:
        """The letters that stand alone in a formula, of which nothing else says what they are."""
        return {x for s in item.sides[1:] for x in _alone(s)} & set(USUAL_INDICES) - heads - self.names.inputs

    def _find_layered(self) -> None:
        r"""Finds names with the layer as a superscript without brackets: z^l_j = \sum_k w^l_{jk} a^{l-1}_k."""
        heads = [i.sides[0] for i in self.items if i.kind == "relation" and i.signs[0] == "="]
        scripted = [n for i in self.items for s in i.sides for n in _scripted(s)]
        first = {sup.text for h in heads if isinstance(h, Scripted) for sup in h.sups if isinstance(sup, Name)}
        # v^{k+1} = 0.9 v^k steps on as v^k = 0.9 v^{k-1} does.
        first |= {x for i in self.items if i.signs[:1] == ("=",) for x in _stepped_above(i)}
        shifted = {
            n.text
            for node in scripted
            for sup in node.sups
            if isinstance(sup, Sum) and len(sup.terms) == 2 and isinstance(sup.terms[1][1], Number)
            for _, n in sup.terms
            if isinstance(n, Name)
        }
        for name in sorted(self.ranges.hints.first.union(*(first_layer(i.sides) for i in self.items))):
            self._note_layer(name, "1")
        for letter in sorted(first & shifted):
            self.names.ranged.add(letter)
            for node in scripted:
                if any(x.text == letter for sup in node.sups for x in (sup, *children(sup)) if isinstance(x, Name)):
                    core = head_text(node.core)
                    if core is not None:
                        self._note_layer(core, letter)

    def _find_stepped(self) -> None:
        """Finds numbers that go from layer to layer by a rule with the layer in brackets: n^{[l]} = n^{[l-1]} - 2."""
        for item in self.items:
            if item.kind != "relation" or item.signs != ("=",):
                continue
            head, right = item.sides[0], [n for s in item.sides[1:] for n in _scripted(s)]
            at = _layer_of(head)
            if at is None or not isinstance(head, Scripted) or head.subs:
                continue
            own = [_layer_of(n) for n in right if head_text(n.core) == head_text(head.core)]
            others = [x for x in own if x is not None and spell(x) != spell(at) and isinstance(x, (Name, Sum))]
            steps = sorted(set(names_in(at)) & {text for x in others for text in names_in(x)})
            if len(steps) != 1:
                continue
            self._layer(steps[0], (head, *right))

    def _note_layer(self, core: str, letter: str) -> None:
        """Notes that what stands in brackets above this name is a layer, and by which letter or number."""
        self.names.layered.add(core)
        self.names.raised.add(core)
        self.session.spelling[f"layer {core}"] = letter
        hints = self.ranges.hints
        if shown := hints.powers.get(core):
            # What stands above it is no power.
            hints.reach[core, 0] = max(hints.reach.get((core, 0), 0), *shown)
            hints.least[core, 0] = min(hints.least.get((core, 0), MAX_MEMBER), *shown)

    def _layer(self, letter: str, nodes: Iterable[Scripted]) -> None:
        """Notes that this letter, in brackets above a name, is the number of a layer."""
        self.names.ranged.add(letter)
        for node in nodes:
            core, at = head_text(node.core), _layer_of(node)
            if core is not None and at is not None and letter in {spell(x) for x in inside_of(at)}:
                self._note_layer(core, letter)

    def _find_twofold(self) -> None:
        r"""Finds names that are one thing alone and another with an index, as in L = \sum_t L_t.

        So is the argument w of a function whose iterates are w_t.
        """
        heads = [i for i in self.items if i.kind == "relation" and i.signs[0] == "=" and literal(i.sides[1]) is None]
        declared = {n.text for i in self.items if i.kind == "member" for n in i.names if isinstance(n, Name)}
        members = {k for i in self.items if i.kind == "member" for n in i.names for k, _ in _indexed(n)}
        # The vector x beside the vectors x_n.
        self.names.twofold |= declared & members
        stepped = {k for i in heads for k in _stepped(i)}
        for item in heads:
            head, arguments = self._applied_head(item.sides[0])
            indexed = {k for s in item.sides[1:] for k, _ in _indexed(s)}
            if isinstance(head, Name) and head.text in indexed - declared:
                self.names.twofold.add(head.text)
            right = item.sides[1]
            inner = item.sides[0]
            rule = head if isinstance(head, Scripted) and _rule_letters(head) and not head.sups else None
            if isinstance(inner, Moment) and isinstance(right, Name):
                # The mean g of the members g_t.
                own = {k for a in inner.arguments for k, _ in _indexed(a)}
                self.names.twofold |= {right.text} & own - declared
            if isinstance(right, Name) and rule is not None:
                # A family that is constant: g_t = g.
                self.names.twofold |= {right.text} & {head_text(rule.core)} - declared
            terms = [n for _, n in right.terms] if isinstance(right, Sum) else []
            factors = [n for t in terms for n in ([n for _, n in t.parts] if isinstance(t, Product) else [t])]
            if rule is not None:
                # A member that differs from the name alone: f_i = f + c i.
                alone = {n.text for n in factors if isinstance(n, Name)}
                self.names.twofold |= alone & {head_text(rule.core)} - declared
            # The w of f(w) = w_1^2 + w_2^2 is the vector of these.
            entries = {head_text(n.core) for s in item.sides[1:] for n in _scripted(s) if _is_numbered(n)}
            for name in (a.text for a in arguments or () if isinstance(a, Name)):
                others = [s for i in self.items if i is not item and not self._takes(i, name) for s in i.sides]
                is_local = (
                    name not in declared | indexed | entries
                    and any(k == name for s in others for k in _raised_or_indexed(s))
                    and not any(name in _alone(s) for s in others)
                )
                if name in stepped or is_local:
                    self.names.twofold.add(name)

    def _takes(self, item: Item, name: str) -> bool:
        """Whether an item defines a function of this name."""
        arguments = self._applied_head(item.sides[0])[1] if item.kind == "relation" else None
        return any(isinstance(a, Name) and a.text == name for a in arguments or ())

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
        if isinstance(node, Call) and node.power is None and node.base is None and not node.primes:  # noqa: SIM102
            if all(isinstance(i, (Name, Scripted)) for i in node.arguments):
                return Word(node.at, node.end, node.function, "operatorname"), node.arguments
        return None, None


def _ends_of_sums(item: Item) -> set[str]:
    """The letters in the bounds of sums and products."""
    sums = [n for s in item.sides[1:] for n in inside_of(s) if isinstance(n, Big)]
    ends = [e for n in sums for b in n.below if isinstance(b, RelationNode) and b.signs == ("=",) for e in b.sides[1:]]
    ends += [n.above for n in sums if n.above is not None]
    return {text for e in ends for text in names_in(e)}


def _starters(item: Item, own: set[str]) -> set[str]:
    """The usual letters of indices, where a formula holds a member with a number of what it is about."""
    members = [n for s in item.sides[1:] for n in _scripted(s) if isinstance(n.core, Name) and n.core.text in own]
    return set(USUAL_INDICES) if members and all(map(_is_numbered, members)) else set()


def _is_some_number(node: Node, lists: set[str]) -> bool:
    """Whether a node is a number other than 0, which may stand for a vector, or an entry of one of these lists."""
    if isinstance(node, Sum):
        return len(node.terms) == 1 and _is_some_number(node.terms[0][1], lists)
    if isinstance(node, Scripted):
        return len(node.subs) == 1 and not node.sups and spell(node.core) in lists
    return isinstance(node, Number) and node.text.strip("0.") != ""


def _with_own(node: Node, text: str, own: Name) -> Node:
    """The node with another name for this one, where it stands without an index."""
    if isinstance(node, Name):
        return own if node.text == text else node
    if isinstance(node, Scripted) and node.subs and isinstance(node.core, Name):
        return replace(node, sups=tuple(_with_own(s, text, own) for s in node.sups))
    return with_children(node, lambda inner: _with_own(inner, text, own))


def _layer_of(node: Node) -> Node | None:
    """The l of n^{[l]} and n^{(l)}."""
    sup = node.sups[0] if isinstance(node, Scripted) and len(node.sups) == 1 else None
    return sup.items[0] if isinstance(sup, Group) and sup.bracket in ("[", "(") and len(sup.items) == 1 else None


def _stepped_above(item: Item) -> Iterator[str]:
    """The letters k of a left side v^{k+1} whose name stands on the right side with k above it."""
    head = item.sides[0]
    sup = head.sups[0] if isinstance(head, Scripted) and len(head.sups) == 1 and not head.primes else None
    if isinstance(head, Scripted) and isinstance(sup, Sum):
        own = [n for s in item.sides[1:] for n in _scripted(s) if spell(n.core) == spell(head.core)]
        # y^{n+1} = y^n y is said of powers.
        own = [] if any(spell(head.core) in _alone(s) for s in item.sides[1:]) else own
        above = {x.text for n in own for x in n.sups if isinstance(x, Name)}
        yield from (x.text for _, x in sup.terms if isinstance(x, Name) and x.text in above)


def _is_numbered(node: Scripted) -> bool:
    return len(node.subs) == 1 and isinstance(node.subs[0], Number)


def _without_sums(node: Node) -> Node:
    return Mark(node.at, node.end, "") if isinstance(node, Big) else with_children(node, _without_sums)


def _are_names(items: tuple[Node, ...]) -> bool:
    return all(isinstance(i, (Name, Scripted, Word, Mark)) for i in items)


def _scripted(node: Node) -> list[Scripted]:
    return [n for n in inside_of(node) if isinstance(n, Scripted)]


def _rule_letters(head: Node) -> list[str]:
    r"""The index letters of the left side of a rule: k of p_k, and i, j of K_{ij}."""
    subs = script_items(head.subs) if isinstance(head, Scripted) else ()
    letters = [n.text for n in subs if isinstance(n, Name) and len(n.text) == 1 and n.text.islower()]
    is_several = len(subs) > 1 and not set(letters) <= set(USUAL_INDICES)
    return letters if len(set(letters)) == len(subs) and not is_several else []


def _indexed(node: Node) -> Iterator[tuple[str, str]]:
    """The names with an index that holds a letter, each with that index."""
    for inner in _scripted(node):
        core, sub = inner.core, inner.subs[0] if len(inner.subs) == 1 else None
        text = head_text(core)
        if sub is not None and text is not None and any(isinstance(n, Name) for n in (sub, *children(sub))):
            yield text, spell(sub)


def _raised_or_indexed(node: Node) -> Iterator[str]:
    """The names with an index below, or one in brackets above."""
    for inner in _scripted(node):
        is_sample = any(isinstance(s, Group) and s.bracket == "(" for s in inner.sups)
        if isinstance(inner.core, Name) and (inner.subs or is_sample):
            yield inner.core.text


def _alone(node: Node) -> set[str]:
    """The names that stand without scripts."""
    if isinstance(node, Name):
        return {node.text}
    parts = node.sups if isinstance(node, Scripted) and head_text(node.core) is not None else children(node)
    return {x for part in parts for x in _alone(part)}


def _stepped(item: Item) -> Iterator[str]:
    """The name that a recurrence steps on, w in w_{t+1} = w_t - ..."""
    for key, at in _indexed(item.sides[0]):
        yield from (k for s in item.sides[1:] for k, other in _indexed(s) if k == key and other != at)
