"""What the givens together show of their names: indices, labels, layers, names that stand for two things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

from symdl.problem import Block
from symdl.read import questions
from symdl.read.hints import USUAL_INDICES, first_layer, lettered_in
from symdl.read.items import Item, literal
from symdl.read.labels import (
    with_circle,
)
from symdl.read.names import BOLD
from symdl.read.nodes import (
    Big,
    Group,
    Moment,
    Name,
    Node,
    Number,
    Product,
    Scripted,
    Sum,
)
from symdl.read.nodes import Relation as RelationNode
from symdl.read.positions import long_letters, numbered, pointers, renamed
from symdl.read.rewriting import Rewritings, indexed_in
from symdl.read.scopes import script_letters
from symdl.read.scripts import (
    bound_in,
    head_text,
    inside_of,
    is_numbered,
    layer_of,
    names_alone,
    names_in,
    script_items,
    scripted_in,
    spell,
    without_bounds,
)

_ORDERS = frozenset(("<", ">", "<=", ">="))


class Findings(Rewritings):
    """Finds out, from all statements together, what names are that none of them declares."""

    def _find_numbering(self) -> None:
        r"""Takes i \neq k of two letters that number members for a condition of the lines that speak of both.

        A given with both letters holds under it alone, and is not read.  One of them alone, for all $i$, says nothing.
        """
        compared = [i for i in self.items if _are_indices(i) and (i.kind == "mention" or i.signs == ("!=",))]
        nodes = tuple(s for i in self.items for s in i.sides)
        numbering = self.ranges.hints.ask(questions.numbering, nodes) if compared else frozenset()
        taken = [i for i in compared if set(_named_in(i)) <= numbering]
        apart = {frozenset(_named_in(i)): i.text for i in taken if i.kind != "mention"}
        self.session.spelling.update({f"apart {','.join(sorted(pair))}": text for pair, text in apart.items()})
        gone = set(map(id, taken))
        for item in self.items if apart else ():
            letters = {x for s in item.sides for x in script_letters(s, frozenset())}
            if id(item) not in gone and any(pair <= letters for pair in apart):
                error = item.source.error("a condition on two indices at a given is not read here", item.at)
                self.unread.append((Block("display", item.text, self.place_of(item)), error))
                gone.add(id(item))
        self.items = [i for i in self.items if id(i) not in gone]

    def _find_positions_named(self) -> None:
        """Takes y' and y_i in subscripts for letters, and a letter that is given a number for that number."""
        nodes = self._find_brackets()
        self._take_sets()
        self._find_classes()
        given = [i.sides for i in self.items if i.kind == "relation" and i.signs == ("=",)]
        self.names.pointers |= pointers(given, nodes)
        self.names.families |= self.names.pointers.keys()
        for key, numbers in self.names.pointers.items():
            self.session.spelling[f"pointer {key}"] = ",".join(f"{k}:{v}" for k, v in numbers.items())
        letters = long_letters(nodes) | self.ranges.hints.ask(lambda shown: frozenset(shown.letters))
        letters = frozenset(x for x in letters if x.split("_")[0] not in self.names.pointers)
        lasts = self.ranges.hints.ask(questions.last_ones, tuple(nodes))
        self.session.spelling.update({f"last {x}": x for x in sorted(lasts)})
        self.names.sizes |= lasts
        letters |= lasts
        self.names.index_names |= letters
        for item in self.items:
            item.sides = tuple(renamed(s, letters, {}) for s in item.sides)
            item.names = tuple(renamed(n, letters, {}) for n in item.names)
            item.lo = renamed(item.lo, letters, {}) if item.lo is not None else None
            item.hi = renamed(item.hi, letters, {}) if item.hi is not None else None
        valued = [i for i in self.items if i.kind == "relation" and i.signs == ("=",) and len(i.sides) == 2]
        settled = {id(i) for i in valued if isinstance(i.sides[1], Number)}
        others = [s for i in self.items if id(i) not in settled for s in i.sides]
        whole = numbered((i.sides for i in valued), others)
        if not whole:
            return
        passed = {id(i) for i in valued if spell(i.sides[0]) in whole}
        self.items = [i for i in self.items if id(i) not in passed]
        for item in self.items:
            item.sides = tuple(renamed(s, frozenset(), whole) for s in item.sides)
        self.session.spelling.update({f"number {k}": v for k, v in whole.items()})

    def _find_ranges(self) -> None:
        r"""Takes k \in \{0, 1\} for where k runs, if k stands below names and nowhere else."""
        sides = [s for i in self.items if i.kind == "relation" for s in i.sides]
        plain = {x for s in sides for x in names_alone(s)}
        below = {x for s in sides for n in scripted_in(s) for sub in n.subs for x in names_in(sub)} - plain
        for n, item in enumerate(self.items):
            ends = _consecutive(item.sides[1]) if item.kind == "member" else None
            if ends is not None and all(isinstance(x, Name) and x.text in below for x in item.names):
                self.items[n] = replace(item, kind="range", sides=(), lo=ends[0], hi=ends[1])

    def _find_circle(self) -> None:
        r"""Takes the \pi of \sqrt{2 \pi} for the number beside \pi_k."""
        if not any(r"\pi" in i.text for i in self.items):
            return
        nodes = tuple(s for i in self.items for s in (*i.sides, *i.names))
        if self.ranges.hints.ask(questions.has_circle, nodes):
            for item in self.items:
                item.sides = tuple(map(with_circle, item.sides))

    def _find_labels(self) -> None:
        """Finds scripts that are part of a name, and no indices or powers."""
        if not any("_" in i.text or "^" in i.text for i in self.items):
            return
        nodes = tuple(s for i in self.items for s in (*i.sides, *i.names))
        equations = tuple(i.sides for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",))
        vectors = self._declared(shaped=True) if not self.first else frozenset()
        found = self.ranges.hints.ask(questions.labels, nodes, equations, vectors)
        self.names.words |= found.words
        self.session.spelling.update({f"label {w}": w for w in sorted(self.names.words)})
        self.names.apart |= found.apart
        self.squared = found.squared

    def _find_indices(self) -> None:
        """Takes k for an index in p_k = e^{z_k} / (e^{z_1} + e^{z_2}), where numbers stand in its place elsewhere."""
        sides = [s for i in self.items for s in i.sides]
        plain = {x for s in sides for x in names_alone(s)}
        for item in self.items:
            self._find_entries(item, plain)
        lasts = self._lasts()
        usual = {n.text for i in self.items if i.kind == "range" for n in i.names if isinstance(n, Name)}
        usual |= set(USUAL_INDICES)
        crossed = {(k, x) for k, x in self.ranges.hints.ask(lambda shown: frozenset(shown.crossed)) if x not in lasts}
        if crossed and not {x for _, x in crossed} & plain:
            self.names.ranged |= {x for _, x in crossed}
            self.names.families |= {core for core, _ in crossed}
        heads = frozenset(spell(i.sides[0]) for i in self.items if i.kind == "relation")
        # The i of \sum_{i=1} says of no other i that it is a number.
        loose = {x for s in sides for x in names_alone(without_bounds(s))}
        self._take_other_letters(loose)
        self._take_shared_letters(plain)
        scripted = [n for s in sides for n in scripted_in(s) if any(isinstance(x, Number) for x in n.subs)]
        numbered = frozenset(core for n in scripted if (core := head_text(n.core)) is not None)
        for item in self.items:
            if item.kind != "relation" or item.signs[0] != "=":
                continue
            # q_i is a rule as q_i(T) is.
            applied, arguments = self._applied_head(item.sides[0])
            head = applied or item.sides[0]
            core = head_text(head.core) if isinstance(head, Scripted) else None
            own = frozenset(() if core is None else (core,))
            for letter in _rule_letters(head):
                cores = frozenset(k for s in item.sides[1:] for k, at in indexed_in(s) if at == letter)
                is_counter = letter in self._counters(item, heads) | _starters(item, own)
                open_ = (cores | own if cores and letter not in plain else own if is_counter else own - own) - numbered
                shown = self.ranges.hints.ask(questions.numbered, open_) if open_ else open_
                counted = (cores | own) & numbered | shown
                # S_i(x) = e^{x_i} / \sum_j e^{x_j} is the entry i of a function.
                is_entry = cores and own and arguments and letter in usual and letter not in loose
                if cores and counted and letter not in plain:
                    self.names.ranged.add(letter)
                    # g_k(x) = a_k f_k(x) is a member where f_1(x) is one.
                    self.names.families |= counted | (own if arguments else frozenset())
                elif is_entry or (own and letter in _ends_of_sums(item)) or (own & counted and is_counter):
                    # G_t = \sum_{k=t}^T r_k; a_k = 3^k, of which a_2 is a member; x_t = 0.8 x_0 + 1.
                    self.names.ranged.add(letter)
                    self.names.families |= own

    def _find_entries(self, item: Item, plain: Set[str]) -> None:
        """Takes the argument of a function in whose formula only its entries stand for a vector."""
        _, arguments = self._applied_head(item.sides[0]) if item.kind == "relation" else (None, None)
        inside = {n for s in item.sides[1:] for n in scripted_in(s)} if arguments else set()
        entries = {n.core.text for n in inside if isinstance(n.core, Name) and is_numbered(n)}
        alone = {x for s in item.sides[1:] for x in names_alone(s)}
        self.names.families |= {a.text for a in arguments or () if isinstance(a, Name)} & entries - alone
        members = {k for n in inside for k, _ in indexed_in(n)} - alone
        for bold in (a.text for a in arguments or () if isinstance(a, Name) and BOLD.fullmatch(a.text)):
            if BOLD.sub(r"\1", bold) in members - plain and not self.names.arity.get(bold):
                # Of S(\mathbf{x}) = \sum_i x_i the x_i are the entries.
                self.names.families.add(bold)
                self.names.fixed.add(bold)
                self.names.arity[bold] = 1

    def _find_samples(self) -> None:
        r"""Takes i for an index in y^{(i)} \in \{0, 1\}, and in y^{(i)} = 2 x^{(i)} beside y^{(1)}."""
        for item in self.items:
            is_set = item.kind == "member" and isinstance(item.sides[1], Group)
            for name in (n for n in item.names if is_set and isinstance(n, Scripted)):
                at, core = layer_of(name), head_text(name.core)
                if core is not None and isinstance(at, Name) and at.text in USUAL_INDICES and not name.subs:
                    self.names.ranged.add(at.text)
                    self.names.raised.add(core)
                    self.names.families.add(core)
        rules = [i for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",)]
        rules = [i for i in rules if i.source.text.find("^") >= 0]
        for item in rules:
            head = self._applied_head(item.sides[0])[0] or item.sides[0]
            at = layer_of(head)
            if not isinstance(head, Scripted) or not isinstance(at, Name) or at.text not in USUAL_INDICES:
                continue
            same = [head, *(n for s in item.sides[1:] for n in scripted_in(s) if _is_at(n, at.text))]
            cores = frozenset(text for n in same if (text := head_text(n.core)) is not None)
            if len(same) > 1 and self.ranges.hints.ask(questions.numbers_samples, self._sides_given(), cores):
                self.names.ranged.add(at.text)
                self.names.raised |= cores

    def _take_other_letters(self, loose: set[str]) -> None:
        """Takes i for an index in s_i = w x_i beside s_j, of which nothing else is said: the rule is one of every s."""
        rules = [i for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",)]
        ruled = frozenset(spelled for i in rules for spelled in lettered_in(i.sides[0]))
        lasts = self._lasts()
        for item in rules:
            core, own = next(lettered_in(item.sides[0]), ("", ()))
            inside = {k for s in item.sides[1:] for n in inside_of(s) for k, _ in lettered_in(n)}
            if len(set(own)) < max(len(own), 1) or core in inside or loose & {*own}:
                continue
            others = self.ranges.hints.ask(questions.other_members, self._sides_given(), core, len(own), ruled)
            others = frozenset(at for at in others if lasts.isdisjoint(at))
            letters = {*own, *(x for at in others for x in at)}
            if others and not letters & loose:
                self.names.ranged |= letters
                self.names.families.add(core)

    def _take_shared_letters(self, plain: Set[str]) -> None:
        r"""Takes k for an index in y_k = \delta_{ck} beside p_k = e^{z_k} / \sum_j e^{z_j}, where it is one."""
        rules = [i for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",)]
        heads = [(i, self._applied_head(i.sides[0])[0] or i.sides[0]) for i in rules]
        shared = {letter for i, head in heads for letter in _rule_letters(head) if _is_summed_too(i, letter)} - plain
        for item, head in heads:
            core = head_text(head.core) if isinstance(head, Scripted) else None
            for letter in shared.intersection(_rule_letters(head)) if core is not None else ():
                self.names.ranged.add(letter)
                inside = {k for s in item.sides[1:] for k, at in indexed_in(s) if at == letter}
                self.names.families |= {str(core), *inside}

    def _lasts(self) -> set[str]:
        """The letters that end a range: they are sizes, and h_n is the last member."""
        return {x for i in self.items if i.kind == "range" and i.hi is not None for x in names_in(i.hi)}

    def _counters(self, item: Item, heads: frozenset[str]) -> set[str]:
        """The letters that stand alone in a formula, of which nothing else says what they are."""
        return {x for s in item.sides[1:] for x in names_alone(s)} & set(USUAL_INDICES) - heads - self.names.inputs

    def _find_layered(self) -> None:
        r"""Finds names with the layer as a superscript: z^l_j = \sum_k w^l_{jk} a^{l-1}_k, z^{(l)} = W a^{(l-1)}."""
        heads = [i.sides[0] for i in self.items if i.kind == "relation" and i.signs[0] == "="]
        scripted = [n for i in self.items for s in i.sides for n in scripted_in(s)]
        first = {x.text for h in heads if isinstance(h, Scripted) for x in questions.above(h) if isinstance(x, Name)}
        # v^{k+1} = 0.9 v^k steps on as v^k = 0.9 v^{k-1} does.
        first |= {x for i in self.items if i.signs[:1] == ("=",) for x in _stepped_above(i)}
        shifted = {
            n.text
            for node in scripted
            for sup in questions.above(node)
            if isinstance(sup, Sum) and len(sup.terms) == 2 and isinstance(sup.terms[1][1], Number)
            for _, n in sup.terms
            if isinstance(n, Name)
        }
        first_ones = self.ranges.hints.ask(lambda shown: frozenset(shown.first))
        for name in sorted(first_ones.union(*(first_layer(i.sides) for i in self.items))):
            self._note_layer(name, "1")
        for letter in sorted(first & shifted):
            self.names.ranged.add(letter)
            for node in scripted:
                if (core := head_text(node.core)) is not None and questions.has_above(node, letter):
                    self._note_layer(core, letter)
            known = frozenset(head_text(n) for i in self.items for s in i.sides for n in inside_of(s))
            for core in sorted(self.ranges.hints.ask(questions.brought_in, known, letter)):
                self._note_layer(core, letter)

    def _find_stepped(self) -> None:
        """Finds numbers that go from layer to layer by a rule with the layer in brackets: n^{[l]} = n^{[l-1]} - 2."""
        for item in self.items:
            if item.kind != "relation" or item.signs != ("=",):
                continue
            head, right = item.sides[0], [n for s in item.sides[1:] for n in scripted_in(s)]
            at = layer_of(head)
            if at is None or not isinstance(head, Scripted) or head.subs:
                continue
            own = [layer_of(n) for n in right if head_text(n.core) == head_text(head.core)]
            others = [x for x in own if x is not None and spell(x) != spell(at) and isinstance(x, (Name, Sum))]
            steps = sorted(set(names_in(at)) & {text for x in others for text in names_in(x)})
            if len(steps) != 1:
                continue
            self._layer(steps[0], (head, *right))

    def _note_layer(self, core: str, letter: str) -> None:
        """Notes that what stands in brackets above this name is a layer, and by which letter or number."""
        if core not in self.names.sampled:
            # Of w beside w^{(k)} the square is w^2.
            self.names.layered.add(core)
        self.names.raised.add(core)
        self.names.layers |= {letter} - {"1"}
        self.session.spelling[f"layer {core}"] = letter
        # What stands above it is no power.
        self.ranges.layers[core] = self.ranges.hints.ask(questions.powers, core)

    def _layer(self, letter: str, nodes: Iterable[Scripted]) -> None:
        """Notes that this letter, in brackets above a name, is the number of a layer."""
        self.names.ranged.add(letter)
        for node in nodes:
            core, at = head_text(node.core), layer_of(node)
            if core is not None and at is not None and letter in {spell(x) for x in inside_of(at)}:
                self._note_layer(core, letter)

    def _find_twofold(self) -> None:
        r"""Finds names that are one thing alone and another with an index, as in L = \sum_t L_t.

        So is the argument w of a function whose iterates are w_t.
        """
        heads = [i for i in self.items if i.kind == "relation" and i.signs[0] == "=" and literal(i.sides[1]) is None]
        declared = self._declared()
        members = {k for i in self.items if i.kind == "member" for n in i.names for k, _ in indexed_in(n)}
        # The vector x beside the vectors x_n.
        self.names.twofold |= declared & members
        stepped = {k for i in heads for k in _stepped(i)}
        for item in heads:
            head, arguments = self._applied_head(item.sides[0])
            indexed = {k for s in item.sides[1:] for k, _ in indexed_in(s)}
            entries = {head_text(n.core) for s in item.sides[1:] for n in scripted_in(s) if is_numbered(n)}
            if isinstance(head, Name) and head.text in (indexed | (entries if arguments is None else set())) - declared:
                self.names.twofold.add(head.text)
            right = item.sides[1]
            inner = item.sides[0]
            rule = head if isinstance(head, Scripted) and _rule_letters(head) and not head.sups else None
            if isinstance(inner, Moment) and isinstance(right, Name):
                # The mean g of the members g_t.
                own = {k for a in inner.arguments for k, _ in indexed_in(a)}
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
            for name in (a.text for a in arguments or () if isinstance(a, Name)):
                others = [s for i in self.items if i is not item and not self._takes(i, name) for s in i.sides]
                is_local = (
                    name not in declared | indexed | entries
                    and any(k == name for s in others for k in _raised_or_indexed(s))
                    and not any(name in names_alone(s) for s in others)
                )
                if name in stepped or is_local:
                    self.names.twofold.add(name)

    def _find_sampled(self) -> None:
        r"""Finds the arguments of functions h(x) of which samples x^{(i)} or x_n are spoken: x alone is any of them."""
        places = frozenset(self._own_arguments())
        if not places:
            return
        shaped = set(self._declared(shaped=True))
        sorts = [i for i in self.items if (i.kind == "member" and not self._is_shaped(i)) or {*i.signs} & _ORDERS]
        numbers = frozenset(s.text for i in sorts for s in i.sides if isinstance(s, Name))
        letters = frozenset(x for *_, x in places)
        below = frozenset(place for place in places if place[-1] not in shaped)
        found = self.ranges.hints.ask(questions.sampled, self._sides_given(), letters, below, numbers)
        self.names.sampled |= found.above
        self.names.twofold |= found.above | found.below
        self.session.spelling.update({f"sampled {x}": x for x in sorted(found.above)})

    def _shape_samples(self) -> None:
        """Says of an argument, the x of h(x), that it has the shape of every sample of it, x_i or x^{(i)}."""
        letters = {x for *_, x in self._own_arguments()}
        shaped = set(self._declared(shaped=True))
        for item in list(filter(self._is_shaped, self.items)) if letters else ():
            for node in item.names:
                is_layered = isinstance(node, Scripted) and layer_of(node) is not None
                core = node.core if isinstance(node, Scripted) and bool(node.subs) != is_layered else None
                sampled = self.names.sampled if is_layered else self.names.twofold & letters
                if isinstance(core, Name) and core.text in sampled - shaped:
                    self.items.append(replace(item, names=(core,)))
                    shaped.add(core.text)

    def _own_arguments(self) -> Iterator[tuple[str, int, str]]:
        """The functions that are defined, with the places and the letters of arguments that have no members there."""
        for item in self.items:
            is_rule = item.kind == "relation" and item.signs[:1] == ("=",)
            head, arguments = self._applied_head(item.sides[0]) if is_rule else (None, None)
            scripted = (n for s in item.sides[1:] for n in scripted_in(s) if n.subs or layer_of(n) is not None)
            members = {head_text(n.core) for n in scripted} if arguments else set()
            for n, letter in enumerate(arguments or ()):
                if head is not None and isinstance(letter, Name) and letter.text not in members:
                    yield spell(head), n, letter.text

    def _takes(self, item: Item, name: str) -> bool:
        """Whether an item defines a function of this name."""
        arguments = self._applied_head(item.sides[0])[1] if item.kind == "relation" else None
        return any(isinstance(a, Name) and a.text == name for a in arguments or ())


def _consecutive(node: Node) -> tuple[Number, Number] | None:
    r"""The first and the last of the numbers in \{0, 1, 2\}; None of any other set."""
    numbers = [i for i in node.items if isinstance(i, Number)] if isinstance(node, Group) else []
    if (
        not isinstance(node, Group)
        or node.bracket != r"\{"
        or len(numbers) != len(node.items)
        or len(numbers) < len("01")
    ):
        return None
    steps = [int(n.text) if n.text.isdigit() and len(n.text) < len("1000") else -1 for n in numbers]
    return (numbers[0], numbers[-1]) if steps == list(range(max(steps[0], 0), steps[0] + len(steps))) else None


def _is_summed_too(item: Item, letter: str) -> bool:
    """Whether a rule holds a name at this letter of its left side, and the same name under a sum over another one."""
    found = [pair for s in item.sides[1:] for pair in indexed_in(s)]
    bound = {x for s in item.sides[1:] for x in bound_in(s)} - {letter}
    return bool({k for k, at in found if at == letter} & {k for k, at in found if at in bound})


def _ends_of_sums(item: Item) -> set[str]:
    """The letters in the bounds of sums and products."""
    sums = [n for s in item.sides[1:] for n in inside_of(s) if isinstance(n, Big)]
    ends = [e for n in sums for b in n.below if isinstance(b, RelationNode) and b.signs == ("=",) for e in b.sides[1:]]
    ends += [n.above for n in sums if n.above is not None]
    return {text for e in ends for text in names_in(e)}


def _starters(item: Item, own: Set[str]) -> set[str]:
    """The usual letters of indices, where a formula holds a member with a number of what it is about."""
    members = [n for s in item.sides[1:] for n in scripted_in(s) if isinstance(n.core, Name) and n.core.text in own]
    return set(USUAL_INDICES) if members and all(map(is_numbered, members)) else set()


def _is_at(node: Scripted, letter: str) -> bool:
    """Whether a name has this letter in brackets above it, and nothing else."""
    at = layer_of(node)
    return isinstance(at, Name) and at.text == letter


def _stepped_above(item: Item) -> Iterator[str]:
    r"""The letters k of a left side v^{k+1} whose name stands on the right side with k above it.

    In brackets k is no power: z^{(k+1)} steps on whatever name has the k.
    """
    head = item.sides[0]
    sup = questions.above(head)[0] if isinstance(head, Scripted) and len(head.sups) == 1 and not head.primes else None
    if isinstance(head, Scripted) and isinstance(sup, Sum):
        right = [n for s in item.sides[1:] for n in scripted_in(s)]
        own = [n for n in right if layer_of(head) is not None or spell(n.core) == spell(head.core)]
        # y^{n+1} = y^n y is said of powers.
        own = [] if any(spell(head.core) in names_alone(s) for s in item.sides[1:]) else own
        above = {x.text for n in own for x in questions.above(n) if isinstance(x, Name)}
        yield from (x.text for _, x in sup.terms if isinstance(x, Name) and x.text in above)


def _are_indices(item: Item) -> bool:
    """Whether the sides of an item are usual index letters, and nothing else."""
    return all(isinstance(s, Name) and s.text in USUAL_INDICES for s in item.sides)


def _named_in(item: Item) -> list[str]:
    """The names that are sides of an item."""
    return [s.text for s in item.sides if isinstance(s, Name)]


def _rule_letters(head: Node) -> list[str]:
    r"""The index letters of the left side of a rule: k of p_k, and i, j of K_{ij}."""
    subs = script_items(head.subs) if isinstance(head, Scripted) else ()
    letters = [n.text for n in subs if isinstance(n, Name) and len(n.text) == 1 and n.text.islower()]
    is_several = len(subs) > 1 and not set(letters) <= set(USUAL_INDICES)
    return letters if len(set(letters)) == len(subs) and not is_several else []


def _raised_or_indexed(node: Node) -> Iterator[str]:
    """The names with an index below, or one in brackets above."""
    for inner in scripted_in(node):
        is_sample = any(isinstance(s, Group) and s.bracket == "(" for s in inner.sups)
        if isinstance(inner.core, Name) and (inner.subs or is_sample):
            yield inner.core.text


def _stepped(item: Item) -> Iterator[str]:
    """The name that a recurrence steps on, w in w_{t+1} = w_t - ..."""
    for key, at in indexed_in(item.sides[0]):
        yield from (k for s in item.sides[1:] for k, other in indexed_in(s) if k == key and other != at)
