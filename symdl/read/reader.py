"""From sorted statements to `Givens` and tasks: one `Reader` per problem reads all its formulas together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from symdl.errors import Place, ReadError
from symdl.language import size
from symdl.problem import Block
from symdl.read import questions
from symdl.read.agreement import ClashError
from symdl.read.arguments import spelled_head
from symdl.read.averages import MAX_LISTED, spoken_averages
from symdl.read.chosen import with_rules
from symdl.read.dependent import is_sloped, says_what_it_is, spoken_dependences, spoken_slopes
from symdl.read.drafts import literal_rank
from symdl.read.every import spoken_rules
from symdl.read.gathering import Gathering
from symdl.read.heads import drawn, of_list, one_each, valued_each, without_logarithms
from symdl.read.hints import varies
from symdl.read.items import Item, literal
from symdl.read.layout import is_quantified
from symdl.read.members import at_members, labelled_heads, of_member, open_members
from symdl.read.moments import (
    Moments,
    is_energy,
    may_hold,
    outside_moments,
    random_names,
    with_moments,
    without_labels,
)
from symdl.read.nodes import Group, Mark, Moment, Name, Node, Number, Product, Scripted, Sum
from symdl.read.ranks import Ranks
from symdl.read.scopes import rescoped
from symdl.read.scripts import Formula, head_text, inside_of, names_in, scripted_in, spell, unscripted
from symdl.read.unknown import USUAL, at_numbers, by_itself, uses, with_head, with_own
from symdl.read.vocabulary import Vocabulary


def _names_of(node: Node) -> Iterator[str]:
    return (spell(n) for n in inside_of(node) if isinstance(n, (Name, Scripted)))


class Reader(Gathering):
    """Reads the formulas of one problem.

    `strays` are members that turn out to be names of their own; a second reader is told so by `apart`.  A `tolerant`
    one serves a proof: a given whose layout cannot be read is passed over and noted in `unread`, the givens at the
    places in `leave` are not looked at, and a family whose range nothing fixes gets a size of its own.
    One that `listens` takes what words say of a name, "the matrix $A$ is symmetric", as givens, which are
    `heard`, but for the formulas to which it is `deaf`.
    """

    def _settle_chosen(self) -> None:
        r"""Takes t_c = 1 for what it says of the one class c, where the other members are 0."""
        if not (self.elsewhere or self.one_hot):
            return
        self.items, left = with_rules(self.items, self.elsewhere, self.one_hot)
        for rule in left:
            place = rule.source.place(rule.head.at)
            block = Block("display", rule.source.text[rule.head.at :].strip(), place or Place("formula", 1, 1))
            self.unread.append((block, rule.source.error("a condition at a given is not read here", rule.head.at)))

    def _find_random(self) -> None:
        """Finds what is random: of what moments are taken, and what a formula makes of it."""
        shown = self.ranges.hints.ask(lambda shown: frozenset(shown.random))
        is_shown = self.ranges.hints.ask(lambda shown: shown.moments)
        if not (is_shown or any(may_hold(i.text) or "sim" in i.text for i in self.items)):
            return
        plain = not any(i.kind == "relation" and i.signs[:1] == ("=",) and is_energy(i.sides) for i in self.items)
        for item in self.items:
            item.sides = tuple(with_moments(s, plain) for s in item.sides)
        labels = self.ranges.hints.ask(questions.unlabelled, self._sides_given(), plain)
        for item in self.items if labels else ():
            item.sides = tuple(without_labels(s, labels) for s in item.sides)
        self.session.spelling.update({f"unlabelled {x}": x for x in sorted(labels)})
        self.session.labels = self.ranges.hints.ask(questions.labels_of_moments, self._sides_given(), plain) - labels
        self.items = [x for i in self.items for x in drawn(i)]
        random = set(random_names(s for i in self.items for s in i.sides))
        if random and shown - random:
            # Of \mathbb{E}[\mu^2] = \mu^2 the number is no random one.
            shown -= self.ranges.hints.ask(questions.constants, shown - random, plain)
        random |= shown
        if not random:
            return
        # Where a moment of e is taken, it is no Euler's number.
        self.names.quantities |= {"e"} & random
        rules: list[tuple[str, set[str]]] = []
        for item in self.items:
            if item.kind == "relation" and item.signs[0] == "=" and not isinstance(item.sides[0], Moment):
                head = item.sides[0].core if isinstance(item.sides[0], Scripted) else item.sides[0]
                inside = [n for s in item.sides[1:] for n in outside_moments(s)]
                names = {spell(n) for n in inside if isinstance(n, (Name, Scripted))}
                whole = spelled_head(item.sides[0].parts[0][1]) if isinstance(item.sides[0], Product) else ""
                primes = "'" * (item.sides[0].primes if isinstance(item.sides[0], Scripted) else 0)
                rules += [(text, names) for text in {(head_text(head) or "") + primes, spell(item.sides[0]), whole}]
        composed: set[str] = set()
        while new := {h for h, names in rules if h and h not in composed and names & (random | composed)}:
            composed |= new
        is_apart = self.says_independent or self.ranges.hints.ask(lambda shown: shown.independent)
        self.session.moments = Moments(frozenset(random | composed), frozenset(composed), is_apart)
        self.session.spelling.update({f"random {x}": "free" for x in sorted(random - composed)})
        self.session.spelling.update({f"random {x}": "composed" for x in sorted(composed)})
        if is_apart:
            self.session.spelling["independent"] = "said"

    def _hear_labels(self) -> None:
        r"""Takes sums over i : y_i = 1 and over i : y_i = 0 for saying that a label is one of the two."""
        found: dict[str, set[str]] = {}
        labels = self.ranges.hints.ask(lambda shown: frozenset(questions.labels_below(shown.below)))
        own = (x for n in self._sides_given() for x in questions.labels_below(questions.below_sums(n)))
        for name, value in (*labels, *own):
            found.setdefault(name, set()).add(value)
        place = next((self.place_of(i) for i in self.items), None)
        for name, values in sorted(found.items()):
            if len(values) == len(("one", "other")) and place is not None and self.listens:
                self._hear(rf"{name} \in \{{{', '.join(sorted(values))}\}}", Block("display", "", place))

    def _hear_ends(self) -> None:
        r"""Takes sums of the proof over x_1 to x_n for saying how far the numbers x run, which no given names."""
        stated = [i for i in self.items if i.kind != "mention"]
        sides = [s for i in stated for s in (*i.sides, *i.names)]
        indexed = {head_text(n.core) for s in sides for n in scripted_in(s) if n.subs}
        # The x of a density f(x) is any number.
        own = {x for *_, x in self._own_arguments()} - indexed - self._declared(shaped=True)
        known = frozenset(x for s in sides for x in names_in(s)) - own
        place = next((self.place_of(i) for i in self.items), None)
        for core, lo, hi in sorted(self.ranges.hints.ask(questions.own_numbers, known)):
            if place is not None and self.listens:
                said = rf"{core}_{{{lo}}}, \dots, {core}_{{{hi}}} \in \mathbb{{R}}"
                self._hear(said, Block("display", "", place))

    def _hear_rules(self) -> None:
        r"""Takes what words say of every quantity, \overline{v} = \partial L/\partial v, for what it says of each."""
        rules = [(block, at, rule) for block in self.paragraphs for at, rule in spoken_rules(block.text)]
        if not rules:
            return
        of_rules = {id(i): {rule for *_, rule in rules if _same(i.text, rule.text)} for i in self.items}
        related = [i for i in self.items if i.kind != "mention" and not of_rules[id(i)]]
        own = {x for i in related for s in i.sides for x in _names_of(s)}
        rules = [found for found in rules if found[-1].is_general or found[-1].letter not in own]
        kept = {rule for *_, rule in rules}
        self.items = [i for i in self.items if not of_rules[id(i)] & kept]
        heads = {spell(i.sides[0]) for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",)}
        known = frozenset(x for s in self._sides_given() for x in _names_of(s))
        for block, at, rule in rules:
            names = self.ranges.hints.ask(questions.ruled, self._sides_given(), rule, known)
            for said in (rule.at(name) for name in sorted(names)):
                items = self._add_gently(Block("display", said, block.place.behind(block.text[:at])), inline=True)
                self.items = [i for i in self.items if i not in items or spell(i.sides[0]) not in heads]

    def _hear_dependences(self) -> None:
        """Takes what words say to depend on what, or to be its derivative, where no formula says more of it."""
        relations = [i for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",)]
        for block in self.paragraphs:
            for at, head, said in spoken_dependences(block.text):
                if not any(says_what_it_is(i.sides[0], head) or is_sloped(i.sides, head) for i in relations):
                    self._add_gently(Block("display", said, block.place.behind(block.text[:at])), inline=True)
            for at, head, said in spoken_slopes(block.text):
                if not any(says_what_it_is(i.sides[0], head) for i in relations):
                    self._add_gently(Block("display", said, block.place.behind(block.text[:at])), inline=True)

    def _hear_averages(self) -> None:
        """Takes what words say of the mean and the variance of a list, where no formula says what these are."""
        relations = [i for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",)]
        rows = [(spell(i.sides[0]), literal(i.sides[1])) for i in relations if isinstance(i.sides[0], Name)]
        lists = {name: len(cells) for name, cells in rows if cells and literal_rank(cells) == 1 < len(cells)}
        lists = {name: count for name, count in lists.items() if count <= MAX_LISTED}
        heads = {spell(i.sides[0]) for i in relations}
        for block in self.paragraphs if lists and not self.first else ():
            for at, said in spoken_averages(block.text, lists):
                if said.partition(" =")[0] not in heads:
                    self._add_gently(Block("display", said, block.place.behind(block.text[:at])), inline=True)

    def culprits(self, error: ReadError) -> list[Item]:
        """The givens to leave out so that the rest can be read."""
        if self.clashing:
            return [i for i in self.items if self.clashing in self._keys_of_head(i)]
        if isinstance(error, ClashError):
            return [i for i in self.items if self.place_of(i) in error.places]
        at = error.place
        for item in self.items:
            start, end = item.source.place(item.at), item.source.place(item.end)
            if not (at and start and end):
                continue
            if (start.line, start.column) <= (at.line, at.column) <= (end.line, end.column):
                return self._with_quantified(item)
        return [x for i in self.items if i is self.current for x in self._with_quantified(i)]

    def _with_quantified(self, item: Item) -> list[Item]:
        """An item, and the one before it where it says of what that is said."""
        before = [i for i in self.items if i.source is item.source and i.at < item.at]
        return [item, *before[-1:]] if is_quantified(item.source.text, item.at) else [item]

    def read(self) -> None:
        """Understands all formulas: names, ranks, expressions, ranges.

        Raises  `ReadError` or `GivensError`.
        """
        self._settle_conditions()
        self._settle_chosen()
        finds = self.tolerant and self.known is None
        if finds:
            self.items = list(valued_each(self.items))
        self._find_by_words(finds)
        self.items = one_each(self.items)
        if self.tolerant and self.session.log_base is None:
            self.items = list(without_logarithms(self.items))
        if finds:
            self._find_random()
        self._find_members()
        self._take_heard()
        self._find_by_places(finds)
        self._understand()

    def _find_by_words(self, finds: bool) -> None:
        """Takes what words say of names, and what single givens show by how they are written.

        `finds` says that nothing was read before, and that what is not said may be guessed.
        """
        if finds:
            self._hear_dependences()
        if self.known is None:
            self._find_dependent()
            self._find_functions_named()
        if finds:
            self._hear_labels()
            self._hear_ends()
            self._hear_averages()
            self._hear_rules()
            self._find_ones()
            self._find_indices_behind()
            self._find_slopes()
            self._find_rates()
            self._find_numbering()
            self._find_batches()
            self._find_greatest()
            self._find_moving()
            self._find_listed()
            self._find_densities()

    def _find_by_places(self, finds: bool) -> None:
        """Finds out which letters are indices, labels, samples, steps or layers, by where they stand in all givens."""
        if finds:
            self._find_steps()
            self._find_ranges()
        if self.known is None:
            self._find_circle()
        if finds:
            self._find_labels()
            self._put_instances()
            self._put_parameters()
            self._put_letters_of_sums()
        if self.known is None:
            self._find_own_letters()
        if finds:
            self._find_positions_named()
            self._find_indices()
            self._find_samples()
            self._find_sampled()
            self._find_layered()
            self._find_stepped()
            self._find_twofold()
            self._shape_samples()

    def _understand(self) -> None:
        """Infers names and ranks from all formulas together, then reads these, and settles where indices run."""
        tasks = [i for _, i in self.task_items]
        self._announce_all()
        self._find_unknown_functions(self.items + tasks)
        every = self.items + tasks
        formulas = [f for f in map(self._formula, every) if f is not None]
        self._settle_sizes()
        for item in self.items:
            self._foretell(item)
        self.infer(formulas, [bool(f.signs) and set(f.signs) <= {"=", "~"} for f in formulas])
        self._take_excluded()
        for item in self.items:
            self._functions(item)
        for item in self.items if self.tolerant and any("-1" in i.text or "det" in i.text for i in self.items) else ():
            self._note_size(item)
        self._read_items()
        self.solve(every)

    def _find_members(self) -> None:
        r"""Takes equations of members for what they say, and \pi for a quantity where it varies."""
        labelled = labelled_heads(self.items)
        for item in self.items:
            if item.kind == "relation" and item.signs[0] == "=":
                if self.tolerant and (own := of_list(item.sides)) is not None:
                    item.sides, core = own
                    self.names.families.add(core)
                if self._is_said_at(item, *self._applied_head(item.sides[0])):
                    continue
                found, at = of_member(item.sides, labelled), at_members(item.sides[0])
                if not isinstance(found, str):
                    if at is not None and found is not item.sides and self.tolerant:
                        self.session.spelling[f"members {at[0]}"] = at[1]
                    item.sides = found
                elif self.tolerant:
                    self.session.spelling[f"member {found}"] = found
        if self.tolerant and self.known is None:
            heads = [self._applied_head(i.sides[0])[0] or i.sides[0] for i in self.items if i.sides]
            known = {head_text(unscripted(head)) for head in heads}
            is_function = self.names.is_function
            spoken = open_members(self._sides_given(), lambda name: name in known or is_function(name) is not None)
            self.session.spelling.update({f"member {name}": name for name in sorted(spoken)})
        differences = [
            i for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",) and isinstance(i.sides[1], Sum)
        ]
        self.names.has_error = self.tolerant and any(spell(i.sides[0]) == "e" for i in differences)
        pi = [s for i in self.items if r"\pi" in i.text for s in i.sides] if self.tolerant else []
        if self.tolerant and (any(varies(s, r"\pi") for s in pi) or self.ranges.hints.ask(lambda shown: shown.varies)):
            self.names.quantities.add(r"\pi")

    def _take_heard(self) -> None:
        """Adds what words say, but nothing of what a formula defines, and not that a function is a number."""
        heads = {spell(i.sides[0]) for i in self.items if i.kind == "relation" and i.signs[0] == "="}
        heads |= self.said_functions.keys() if self.tolerant else set()
        self.items += [i for i in self.heard if not any(x in heads for s in i.sides for x in _names_of(s))]

    def _announce_all(self) -> None:
        for item in self.items:
            self._announce(item)
        for _, item in self.task_items:
            if item.kind != "relation":
                self._announce(item)
        for item in self.left:
            self._announce_unread(item)

    def _formula(self, item: Item) -> Formula | None:
        """What of an item shows what its names are, which is kept with it."""
        item.formula = None
        if item.kind == "relation":
            fixed = self.names.inputs | self.names.sizes
            item.sides = rescoped(item.sides, by_hand=self.tolerant, known=fixed)
        sides = self._sides(item)
        is_spoken_of = item.kind == "mention" and item.inline and isinstance(item.sides[0], Name)
        if not sides or is_spoken_of:
            # A letter alone in a sentence shows nothing: "example $i$" speaks of an index.
            return None
        rows = [r for r in (literal(s) for s in item.sides if item.signs) if r is not None]
        cells = tuple(c for r in rows for row in r for c in row if not isinstance(c, (Number, Mark)))
        shape = max(map(literal_rank, rows), default=0)
        found = Formula(item.source, sides, item.signs, set(), cells, shape)
        item.formula = found
        return found

    def _take_excluded(self) -> None:
        r"""Takes the names of i \neq k for letters of that formula."""
        ranged = {n.text for i in self.items if i.kind == "range" for n in i.names if isinstance(n, Name)}
        for item in self.items:
            named = {s.text for s in item.sides if isinstance(s, Name)}
            is_of_indices = bool(named & self.names.index_names) or (len(named) > 1 and named <= ranged)
            if item.signs == ("!=",) and isinstance(item.formula, Formula) and is_of_indices:
                item.formula.letters |= named

    def _read_items(self) -> None:
        for item in self.items:
            self.current = item
            self._read_item(item)
        self.current = None
        for key, spot in self.mentions.items():
            self.session.used.setdefault(key, spot)
        self.given_names = set(self.session.used)
        if self.items and not self.tolerant:
            self.session.primed = self._primed
        for kind, item in self.task_items:
            if item.kind != "range":
                self._read_task(kind, item)

    def _find_unknown_functions(self, every: list[Item]) -> None:
        """Finds the names that are functions although no given says what they are."""
        if self.known is not None:
            return
        names = self.names
        if self.tolerant:
            # A name alone in a sentence is spoken of, not used.
            every = [i for i in every if not (i.inline and i.kind in ("mention", "function", "constant"))]
            is_applied = self.said_functions or any("(" in i.text for i in every)
            if not (is_applied or self.ranges.hints.ask(lambda shown: shown.is_primed)):
                return
        sides = (s for i in every for s in (*i.sides, *(n for n in i.names if n not in i.sides)))
        self.uses = uses(
            sides, names, primes=self.tolerant and any("'" in i.text or r"\prime" in i.text for i in every)
        )
        if self.tolerant:
            self._find_unknown_in_proof()
            return
        usual = {key for key in USUAL if key not in self.uses.bare | self.uses.before}
        for key in sorted(set(self.uses.applied) & (self.said_functions.keys() | usual)):
            if key not in names.defined and key not in names.functions and names.is_function(key) is None:
                names.unknown.add(key)

    def _find_unknown_in_proof(self) -> None:
        """The same beside a proof, which shows by primes what is a function.

        What a proof says more of than that, or words may name, is open: it is not any function.
        """
        names, given = self.names, self.uses
        heads = {k for i in self.items if i.signs[:1] == ("=",) for s in i.sides[1:] for k in with_head(i.sides[0], s)}
        equations = [i.sides for i in self.items if i.signs[:1] == ("=",)]
        ruled = {k for sides in equations for k in by_itself(sides)}
        heads |= ruled
        own = set(with_own(equations))
        vectors = self._declared(shaped=True)
        taken = names.defined | names.functions.keys() | names.families | given.bare.keys()
        known = frozenset(
            k for k in (given.applied.keys() | given.primed | heads | own) - taken if names.is_function(k) is None
        )
        sides = tuple(s for e in equations for s in e) if vectors else ()
        said = frozenset(self.said_functions) - taken
        proof = self.ranges.hints.ask(questions.functions, known, said, frozenset(taken), sides, vectors)
        primed = given.primed | proof.primed
        usual = {k for k in USUAL & given.applied.keys() if k not in given.before.keys() | proof.plain}
        # What stands before names in brackets and nowhere else is no factor.
        plain = given.before.keys() | given.bare.keys() | proof.plain
        heads |= own - plain
        lonely = {k for k in given.applied if k not in plain}
        numbered = frozenset(at_numbers(s for e in equations for s in e) - given.bare.keys())
        if numbered:
            lonely |= numbered - self.ranges.hints.ask(questions.factors, numbered)
        shown = given.applied.keys() | given.before.keys() | heads
        applied = shown | proof.applied
        of_vector = dict(proof.of_vector)
        for key in sorted((self.said_functions.keys() & applied) | usual | primed | heads | lonely):
            # p_1 is one of the p_k that have a rule.
            is_taken = key in taken or key in proof.families or names.is_function(key) is not None
            is_taken = is_taken or key.partition("_")[0] in names.functions.keys() & names.families
            if is_taken or (key in proof.told and key not in shown):
                continue
            if key in of_vector:
                self._take_opaque(key, of_vector[key])
                continue
            names.unknown.add(key)
            is_shown = key in ((primed | heads) - ruled) & shown and not (self.names_functions or key in proof.told)
            is_any = self.said_functions.get(key, is_shown)
            self.session.spelling[f"unknown {key}"] = "any" if is_any else "open"
            if key in primed:
                names.entrywise.add(key)
                self.session.spelling[f"entrywise {key}"] = "each"

    def _take_opaque(self, key: str, vector: Name) -> None:
        """Takes a function of a vector of which nothing is known for what it is: it depends on the vector."""
        before = next(i for i in self.items if i.kind == "relation")
        head, group = Name(before.at, before.at, key), Group(before.at, before.at, "(", (vector,))
        product = Product(before.at, before.at, (("", head), ("", group)))
        item = replace(before, sides=(head, product), signs=("=",), names=())
        self._announce(item)
        self.items.insert(0, item)

    def infer(self, formulas: list[Formula], equates: list[bool]) -> None:
        """Finds out what the names are; `equates` tells which formulas have sides of one shape."""
        shown = uses((s for f in formulas for s in (*f.sides, *f.cells)), self.names, primes=False)
        self.names.bare |= shown.bare.keys() | shown.before.keys()
        # What ranks show (x is a vector, because W x is one) makes a subscript elsewhere (x_j) an index.
        known: tuple[Vocabulary, list[set[str]]] | None = None
        for _ in range(2):
            self.names.survey(formulas)
            if self.names.find_apart():
                self.names.survey(formulas)
            self._check_sigma()
            for item in self.items:
                self._declare(item)
                self._shape(item)
            if known == (self.names, [f.letters for f in formulas]):
                # The ranks follow from what was known before.
                break
            ranks = Ranks(self.names, self.session.by_rows)
            ranks.infer(formulas, equates)
            if self.tolerant and self.items:
                ranks.take_transposed(
                    self.ranges.hints.ask(questions.transposed, self._sides_given()), formulas, equates
                )
                ranks.take_vectors(self.ranges.hints.ask(questions.diagonals), formulas, equates)
            if not self.items and not ranks.found:
                break
            if not ranks.changed:
                known = self.names.copy(), [set(f.letters) for f in formulas]
        if self.names.find_aliases():
            self.names.survey(formulas)

    def solve(self, every: list[Item]) -> None:
        """Settles all ranges."""
        self._link_letters(every)
        self.ranges.solve()
        if self.tolerant:
            self.ranges.open_up()
        elif self.ranges.unended():
            used = set(re.findall(r"[A-Za-z]", " ".join(i.text for i in every)))
            self.ranges.end_at(size(next((x for x in "TNMS" if x not in used), "T_0")))
        self.strays = [f"{x}_0" for x in self.ranges.strays() if self.names.arity.get(x) == 1]
        self.answers = self.ranges.answers()


def _same(one: str, other: str) -> bool:
    """Whether two formulas are written alike but for blanks."""
    return re.sub(r"\s", "", one) == re.sub(r"\s", "", other)
